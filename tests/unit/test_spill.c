/* spill: what goes in comes out, whatever lies on disk; limits; space given back */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "spill.h"

enum { N = 200000 };

static size_t
make(char *out, size_t room, uint64_t i)
{
	return (size_t)snprintf(out, room, "%llu %.*s", (unsigned long long)i, (int)(i * 7919 % 90), "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
}

static void
add(struct spill *spill, uint64_t i)
{
	struct err err = ERR_INIT;
	char text[200];

	assert_int_equal(spill_add(spill, i, (struct str){ text, make(text, sizeof text, i) }, &err), LODE_OK);
}

static void
expect(struct spill *spill, struct spill_at *at, uint64_t i)
{
	struct err err = ERR_INIT;
	uint64_t number;
	char text[200];
	struct str line;

	assert_int_equal(at->index, i);
	assert_int_equal(spill_read(spill, at, &number, &line, &err), LODE_OK);
	assert_int_equal(number, i);
	assert_true(str_eq(line, (struct str){ text, make(text, sizeof text, i) }));
	spill_step(at);
}

static void
a_queue_is_what_it_was(void **state)
{
	static const size_t memory[] = { 0, 1 << 20, 1 << 30 };
	struct err err = ERR_INIT;
	uint64_t number;
	struct str line;

	(void)state;
	for (size_t k = 0; k < sizeof memory / sizeof memory[0]; k++) {
		struct spill_room room;
		struct spill one, two;
		struct spill_at front = { 0 }, ahead = { 0 }, other = { 0 };

		spill_room_init(&room, NULL, memory[k], (size_t)1 << 30);
		spill_init(&one, &room);
		spill_init(&two, &room);
		assert_int_equal(spill_read(&one, &front, &number, &line, &err), LODE_DONE);
		for (uint64_t i = 0; i < N; i++) {
			add(&one, i);
			if (i % 3 == 0)
				add(&two, i / 3);
			if (i % 2 == 0)
				expect(&one, &ahead, i / 2);
			if (i % 5 == 0) {
				expect(&one, &front, i / 5);
				spill_drop(&one, &front);
			}
		}
		assert_int_equal(room.on_disk > 0, k < 2);
		for (uint64_t i = N / 2; i < N; i++)
			expect(&one, &ahead, i);
		assert_int_equal(spill_read(&one, &ahead, &number, &line, &err), LODE_DONE);
		for (uint64_t i = N / 5; i < N; i++)
			expect(&one, &front, i);
		spill_drop(&one, &front);
		for (uint64_t i = 0; i <= (N - 1) / 3; i++)
			expect(&two, &other, i);
		assert_int_equal(spill_read(&two, &other, &number, &line, &err), LODE_DONE);
		spill_drop(&two, &other);
		assert_int_equal(room.on_disk, 0);
		assert_true(room.in_memory <= 2 * 65536);
		spill_release(&one);
		spill_release(&two);
		assert_int_equal(room.in_memory, 0);
		spill_at_release(&front);
		spill_at_release(&ahead);
		spill_at_release(&other);
		spill_room_release(&room);
	}
}

static void
limits_are_kept_and_named(void **state)
{
	struct spill_room room;
	struct spill spill;
	struct spill_at front = { 0 };
	struct err err = ERR_INIT;
	char text[200];
	uint64_t i = 0, added = 0;

	(void)state;
	spill_room_init(&room, NULL, 1 << 18, 1 << 20);
	spill_init(&spill, &room);
	for (int round = 0; round < 3; round++) { /* what was read makes room */
		while (spill_add(&spill, added, (struct str){ text, make(text, sizeof text, added) }, &err) == LODE_OK)
			added++;
		assert_int_equal(err.code, LODE_EIO);
		assert_string_equal(err.message, "more than 262144 bytes wait in memory and 1048576 in a temporary file: raise --memory or --spill");
		assert_true(added - i > 5000);
		for (; i < added; i++)
			expect(&spill, &front, i);
		spill_drop(&spill, &front);
	}
	spill_release(&spill);
	spill_at_release(&front);
	spill_room_release(&room);
	spill_room_init(&room, "/no/such/folder", 0, 1 << 20);
	spill_init(&spill, &room);
	while (spill_add(&spill, 0, STR("a line of the queue"), &err) == LODE_OK)
		;
	assert_string_equal(err.message, "cannot make a temporary file in '/no/such/folder': No such file or directory");
	spill_release(&spill);
	spill_room_release(&room);
}

static void
a_long_line_is_a_block_of_its_own(void **state)
{
	static char big[300000];
	struct spill_room room;
	struct spill spill;
	struct spill_at front = { 0 };
	struct err err = ERR_INIT;
	uint64_t number;
	struct str line;

	(void)state;
	memset(big, 'x', sizeof big);
	spill_room_init(&room, NULL, 0, 1 << 20);
	spill_init(&spill, &room);
	add(&spill, 0);
	assert_int_equal(spill_add(&spill, 1, (struct str){ big, sizeof big }, &err), LODE_OK);
	add(&spill, 2);
	add(&spill, 3);
	expect(&spill, &front, 0);
	assert_int_equal(spill_read(&spill, &front, &number, &line, &err), LODE_OK);
	assert_true(str_eq(line, (struct str){ big, sizeof big }));
	spill_step(&front);
	expect(&spill, &front, 2);
	expect(&spill, &front, 3);
	spill_release(&spill);
	spill_at_release(&front);
	spill_room_release(&room);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_queue_is_what_it_was),
		cmocka_unit_test(limits_are_kept_and_named),
		cmocka_unit_test(a_long_line_is_a_block_of_its_own),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
