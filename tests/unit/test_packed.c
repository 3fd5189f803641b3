/* packed: a number stands for exactly one text, and numbers are ordered as the texts are */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "packed.h"

static const char *const refs[] = { "a:1", "a:2", "a:10", "a:19", "a:100", "a:999999999", "a:1000000000", "a:0", "a:01", "a:", "a", "", ":", ":7", "7", "b:1", "b:10",
	"a:1:2", "a:1 .. a:9 (3)", "a#b:3", "long name of a file.csv:123456789", "long name of a file.csv:12345678", "a:1x", "a b:5" };
enum { N = sizeof refs / sizeof *refs };

static void
texts_come_back_and_compare_as_they_do(void **state)
{
	struct packed packed = { 0 };
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	uint64_t number[N];
	struct str text;
	int order, i, k;

	(void)state;
	for (i = 0; i < N; i++)
		assert_int_equal(packed_put(&packed, str_of(refs[i]), &number[i], &err), LODE_OK);
	for (i = 0; i < N; i++) {
		assert_int_equal(packed_text(&packed, number[i], &out, &text, &err), LODE_OK);
		assert_true(str_is(text, refs[i]));
		for (k = 0; k < N; k++) {
			assert_int_equal(packed_compare(&packed, number[i], number[k], &order, &err), LODE_OK);
			assert_int_equal((order > 0) - (order < 0), (strcmp(refs[i], refs[k]) > 0) - (strcmp(refs[i], refs[k]) < 0));
		}
	}
	assert_true(packed.has_texts);
	for (i = 0; i < N; i++)
		packed_drop(number[i]);
	buf_release(&out);
	packed_release(&packed);
}

static void
more_files_than_have_numbers(void **state)
{
	enum { FILES = 5000 };
	static uint64_t number[FILES];
	struct packed packed = { 0 };
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	struct str text;
	char ref[32];
	int i;

	(void)state;
	for (i = 0; i < FILES; i++) {
		snprintf(ref, sizeof ref, "file-%d:%d", i, i + 1);
		assert_int_equal(packed_put(&packed, str_of(ref), &number[i], &err), LODE_OK);
		assert_int_equal(packed.has_texts, i >= 4096);
	}
	for (i = 0; i < FILES; i++) {
		snprintf(ref, sizeof ref, "file-%d:%d", i, i + 1);
		assert_int_equal(packed_text(&packed, number[i], &out, &text, &err), LODE_OK);
		assert_true(str_is(text, ref));
		packed_drop(number[i]);
	}
	buf_release(&out);
	packed_release(&packed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_come_back_and_compare_as_they_do),
		cmocka_unit_test(more_files_than_have_numbers),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("packed", tests, NULL, NULL);
}
