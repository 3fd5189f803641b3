/* groups: what was added is found and adds up, and no size of a text, sum or unit can be told from another */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "groups.h"

struct world {
	struct groups groups;
	struct groups_memory memory;
};

static void
stop(struct world *w)
{
	groups_release(&w->groups, &w->memory);
	groups_memory_release(&w->memory);
}

/* The group of a text, which is added when it is not there. */
static struct group *
get(struct world *w, struct str text, uint32_t *handle)
{
	const uint32_t tag = groups_tag(text);
	struct groups_slot *slot;

	if (w->groups.n_slots == 0)
		assert_true(groups_grow(&w->groups, &w->memory));
	slot = groups_find(&w->groups, tag, text);
	if (slot->handle != 0) {
		*handle = slot->handle - 1;
		return groups_at(&w->groups, *handle);
	}
	return groups_add(&w->groups, &w->memory, slot, tag, text, handle);
}

static void
add(struct world *w, struct group *group, int64_t mantissa, uint8_t scale)
{
	struct err err = ERR_INIT;

	assert_int_equal(group_add_number(group, &w->memory, (struct dec){ mantissa, scale }, &err), LODE_OK);
}

static void
handles_stay(void **state)
{
	enum { N = 20000 };
	static uint32_t handle[N];
	struct world w = { 0 };
	char text[32];

	(void)state;
	for (unsigned round = 0; round < 2; round++)
		for (unsigned i = 0; i < N; i++) {
			const struct str name = { text, (size_t)snprintf(text, sizeof text, "%u\t%0*u", i, (int)(i % 20), i) };
			uint32_t now;
			struct group *group = get(&w, name, &now);

			if (round == 0)
				handle[i] = now;
			assert_int_equal(now, handle[i]);
			assert_true(str_eq(group_text(group), name));
			assert_true(group_has_lines(group) == (round == 1));
			add(&w, group, i, 0);
		}
	assert_int_equal(w.groups.n, N);
	for (unsigned i = 0; i < N; i++) {
		const struct groups_amount amount = group_amount(groups_at(&w.groups, handle[i]));

		assert_true(amount.n == 2 && amount.sum.mantissa == 2 * i);
	}
	stop(&w);
}

/* A text that is longer than the group has bits for, one that is longer than a block, and none. */
static void
any_text_will_do(void **state)
{
	static const size_t sizes[] = { 0, 1, 17, UINT16_MAX, UINT16_MAX + 1, SLABS_BLOCK * 2 + 1 };
	static char text[SLABS_BLOCK * 2 + 1];
	struct world w = { 0 };
	uint32_t handle[6], again;

	(void)state;
	memset(text, 'x', sizeof text);
	for (size_t i = 0; i < 6; i++)
		assert_non_null(get(&w, (struct str){ text, sizes[i] }, &handle[i]));
	for (size_t i = 0; i < 6; i++) {
		assert_true(str_eq(group_text(get(&w, (struct str){ text, sizes[i] }, &again)), (struct str){ text, sizes[i] }));
		assert_int_equal(again, handle[i]);
	}
	assert_int_equal(w.groups.n, 6);
	stop(&w);
}

/* Of numbers and units that fit into the group's bits and of such that do not, in either order. */
static void
large_ones_add_up(void **state)
{
	struct err err = ERR_INIT;
	struct world w = { 0 };
	uint32_t handle;
	struct group *a = get(&w, STR("a"), &handle), *b = get(&w, STR("b"), &handle);
	struct groups_amount amount;

	(void)state;
	add(&w, a, 15, 1);
	add(&w, a, 25, 2);
	assert_false(a->is_large);
	amount = group_amount(a);
	assert_true(amount.n == 2 && amount.sum.mantissa == 175 && amount.sum.scale == 2);
	add(&w, a, INT64_MAX - 1, 0); /* has no room beside two digits */
	assert_true(a->is_large);
	amount = group_amount(a);
	assert_true(amount.n == 3 && amount.sum.scale == 2);
	assert_true(amount.sum.mantissa == (__int128)(INT64_MAX - 1) * 100 + 175);
	assert_true(str_is(group_text(a), "a"));
	assert_true(group_set_unit(b, &w.memory, 255) && group_unit(b) == 255 && !b->is_large);
	assert_true(group_set_unit(b, &w.memory, 256) && group_unit(b) == 256 && b->is_large);
	assert_true(group_set_unit(b, &w.memory, 3) && group_unit(b) == 3);
	assert_false(group_has_lines(b));
	add(&w, b, 1, 9); /* a scale that the group has no bits for */
	amount = group_amount(b);
	assert_true(amount.n == 1 && amount.sum.mantissa == 1 && amount.sum.scale == 9 && str_is(group_text(b), "b"));
	/* More digits than a decimal has. */
	struct dec number = { 9, 0 };
	struct group *c = get(&w, STR("c"), &handle);

	for (int digit = 0; digit < 36; digit++)
		number.mantissa *= 10;
	add(&w, c, 1, 0);
	for (int i = 0; i < 50 && err.code == LODE_OK; i++)
		group_add_number(c, &w.memory, number, &err);
	assert_int_equal(err.code, LODE_ENOMEM);
	assert_string_equal(err.message, "the figures of a window need more than 37 digits");
	stop(&w);
}

/* The first and the last of three lines, whatever order they come in; at one moment the refs decide, which may be numbers or texts. */
static void
order_of_lines_does_not_matter(void **state)
{
	static const int orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
	static const struct {
		uint64_t when;
		struct str ref;
	} lines[2][3] = { { { 1, STR("in:7") }, { 2, STR("in#1") }, { 3, STR("in:2") } }, { { 5, STR("in#1") }, { 5, STR("in:10") }, { 5, STR("in:9") } } };
	struct err err = ERR_INIT;

	(void)state;
	for (size_t kind = 0; kind < 2; kind++)
		for (size_t k = 0; k < 6; k++) {
			struct buf first = BUF_INIT, last = BUF_INIT;
			struct world w = { 0 };
			struct str from, to;
			uint32_t handle;
			struct group *group = get(&w, STR("a"), &handle);

			for (size_t i = 0; i < 3; i++) {
				const int line = orders[k][i];
				struct groups_edge edge = { .when = lines[kind][line].when };

				assert_int_equal(packed_put(&w.memory.refs, lines[kind][line].ref, &edge.ref, &err), LODE_OK);
				assert_int_equal(group_set_edges(group, &w.memory, &edge, &err), LODE_OK);
				add(&w, group, 1, 0);
			}
			assert_int_equal(packed_text(&w.memory.refs, group->first.ref, &first, &from, &err), LODE_OK);
			assert_int_equal(packed_text(&w.memory.refs, group->last.ref, &last, &to, &err), LODE_OK);
			assert_true(str_is(from, kind == 0 ? "in:7" : "in#1") && str_is(to, kind == 0 ? "in:2" : "in:9"));
			buf_release(&first);
			buf_release(&last);
			stop(&w);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(handles_stay),
		cmocka_unit_test(any_text_will_do),
		cmocka_unit_test(large_ones_add_up),
		cmocka_unit_test(order_of_lines_does_not_matter),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("groups", tests, NULL, NULL);
}
