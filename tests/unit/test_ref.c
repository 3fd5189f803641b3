/* ref: a name and a line as one word of a tape */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ref.h"

static void
is_line(struct ref *ref, const char *name, uint64_t line, const char *want)
{
	struct err err = ERR_INIT;
	struct str got;

	assert_int_equal(ref_source(ref, name, &err), LODE_OK);
	got = ref_line(ref, line);
	assert_int_equal(got.n, strlen(want));
	assert_memory_equal(got.p, want, got.n);
}

static void
is_place(struct ref *ref, const char *place, const char *want)
{
	struct str got = ref_place(ref, place);

	assert_int_equal(got.n, strlen(want));
	assert_memory_equal(got.p, want, got.n);
}

static void
line_and_place_take_turns(void **state)
{
	struct ref ref = { 0 };

	(void)state;
	is_line(&ref, "imports.csv", 2, "imports.csv:2");
	is_place(&ref, "/metals/0", "imports.csv#/metals/0");
	assert_true(str_is(ref_line(&ref, UINT64_MAX), "imports.csv:18446744073709551615"));
	is_line(&ref, "-", 0, "-:0");
	ref_release(&ref);
}

static void
is_one_word_whatever_the_name(void **state)
{
	struct ref ref = { 0 };

	(void)state;
	is_line(&ref, "my imports.csv", 2, "my%20imports.csv:2");
	is_line(&ref, "100%\t\n\x1b\x7f", 1, "100%25%09%0A%1B%7F:1");
	is_line(&ref, "进口 2025.csv", 3, "进口%202025.csv:3");
	is_line(&ref, "\xbd\xf8.csv", 3, "%BD%F8.csv:3"); /* GB18030 */
	is_line(&ref, "a:b#c\\d", 3, "a:b#c\\d:3");
	is_place(&ref, "/a b/0", "a:b#c\\d#/a%20b/0");
	ref_release(&ref);
}

static int
unhex(char c)
{
	return c <= '9' ? c - '0' : c - 'A' + 10;
}

/* Undone, it is the name again: two names never have one ref. */
static void
law_every_byte_comes_back(void **state)
{
	struct ref ref = { 0 };
	struct err err = ERR_INIT;
	char name[3] = "x", back[3];
	int c;

	(void)state;
	for (c = 1; c < 256; c++) {
		size_t i, n = 0;
		struct str got;

		name[1] = (char)c;
		assert_int_equal(ref_source(&ref, name, &err), LODE_OK);
		got = ref_line(&ref, 7);
		for (i = 0; i + 2 < got.n; n++, i++)
			if (got.p[i] == '%')
				back[n] = (char)(unhex(got.p[i + 1]) * 16 + unhex(got.p[i + 2])), i += 2;
			else
				back[n] = got.p[i];
		back[n] = '\0';
		assert_string_equal(back, name);
	}
	ref_release(&ref);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_and_place_take_turns),
		cmocka_unit_test(is_one_word_whatever_the_name),
		cmocka_unit_test(law_every_byte_comes_back),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
