/* str: order, splitting and joining, empty views without an address */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "buf.h"
#include "str.h"

static const char *const words[] = { "", "a", "b", "ab", "aa", "abc", " a", "a ", "\xc3\xa9", "\x01", "zz" };
enum { N_WORDS = sizeof words / sizeof words[0] };

static void
view_without_address_is_empty_text(void **state)
{
	const struct str none = { NULL, 0 }, empty = STR("");

	(void)state;
	assert_true(str_eq(none, empty));
	assert_true(str_is(none, ""));
	assert_false(str_is(none, "a"));
	assert_true(str_starts(none, none));
	assert_true(str_starts(STR("a"), none));
	assert_false(str_starts(none, STR("a")));
	assert_int_equal(str_cmp(none, empty), 0);
	assert_int_equal(str_trim(none).n, 0);
}

static void
order_is_that_of_strcmp(void **state)
{
	(void)state;
	for (int i = 0; i < N_WORDS; i++)
		for (int k = 0; k < N_WORDS; k++) {
			int want = strcmp(words[i], words[k]), got = str_cmp(str_of(words[i]), str_of(words[k]));

			assert_int_equal((want > 0) - (want < 0), (got > 0) - (got < 0));
			assert_int_equal(str_eq(str_of(words[i]), str_of(words[k])), want == 0);
			assert_int_equal(str_is(str_of(words[i]), words[k]), want == 0);
			assert_int_equal(str_starts(str_of(words[i]), str_of(words[k])),
			    strncmp(words[i], words[k], strlen(words[k])) == 0);
		}
}

static void
joining_the_parts_gives_the_whole(void **state)
{
	static const char *const texts[] = { "", ",", ",,", "a", "a,b", ",a", "a,", "a,,b", "one,two,three," };

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct buf joined = BUF_INIT;
		struct str rest = str_of(texts[i]), part;
		size_t parts = 0, commas = 0;

		while (str_split(&rest, ',', &part)) {
			if (parts++ > 0)
				assert_int_equal(buf_add(&joined, ",", 1), 0);
			assert_int_equal(buf_add_str(&joined, part), 0);
		}
		for (const char *p = texts[i]; *p != '\0'; p++)
			commas += *p == ',';
		assert_int_equal(parts, commas + 1);
		assert_true(str_is(buf_str(&joined), texts[i]));
		assert_false(str_split(&rest, ',', &part));
		buf_release(&joined);
	}
}

static void
trim_takes_blanks_and_tabs_at_the_ends_only(void **state)
{
	(void)state;
	assert_true(str_is(str_trim(STR(" \t a b\t ")), "a b"));
	assert_true(str_is(str_trim(STR(" \t ")), ""));
	assert_true(str_is(str_trim(STR("\na\r")), "\na\r"));
}

static void
argument_for_printf_is_cut_at_200(void **state)
{
	char long_text[300];
	struct buf buf = BUF_INIT;
	struct str text = { long_text, sizeof long_text };

	(void)state;
	memset(long_text, 'x', sizeof long_text);
	assert_int_equal(buf_printf(&buf, "%.*s", STR_ARG(text)), 0);
	assert_int_equal(buf.n, 200);
	text.n = 7;
	assert_int_equal(buf_printf(&buf, "%.*s", STR_ARG(text)), 0);
	assert_int_equal(buf.n, 207);
	buf_release(&buf);
}

static void
digits_are_digits_alone(void **state)
{
	(void)state;
	assert_true(str_is_digits(STR("0123456789")));
	assert_false(str_is_digits(STR("")));
	assert_false(str_is_digits(STR("12 ")));
	assert_false(str_is_digits(STR("-1")));
	assert_false(str_is_digits(STR("1:")));
	assert_false(str_is_digits(STR("1/")));
}

/* Every byte, against a list. */
static void
letters_and_digits_are_those_of_ascii(void **state)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", digits[] = "0123456789";

	(void)state;
	for (int byte = 0; byte < 256; byte++) {
		assert_int_equal(char_is_letter((char)byte), byte != 0 && strchr(letters, byte) != NULL);
		assert_int_equal(char_is_digit((char)byte), byte != 0 && strchr(digits, byte) != NULL);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digits_are_digits_alone),
		cmocka_unit_test(letters_and_digits_are_those_of_ascii),
		cmocka_unit_test(view_without_address_is_empty_text),
		cmocka_unit_test(order_is_that_of_strcmp),
		cmocka_unit_test(joining_the_parts_gives_the_whole),
		cmocka_unit_test(trim_takes_blanks_and_tabs_at_the_ends_only),
		cmocka_unit_test(argument_for_printf_is_cut_at_200),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
