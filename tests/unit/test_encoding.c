/* encoding: known texts, the place of what is not valid, and strict UTF-8 against iconv's own judgement */
#include <iconv.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "encoding.h"

static void
check(const char *name, struct str field, const char *want, const char *message)
{
	struct buf buffer = BUF_INIT;
	struct encoding *encoding;
	struct err err = ERR_INIT;
	struct str text;

	assert_int_equal(encoding_new(&encoding, name, &err), LODE_OK);
	assert_int_equal(encoding_text(encoding, STR("\x7e other bytes before it"), &buffer, &text, &err), LODE_OK);
	if (message == NULL) {
		assert_int_equal(encoding_text(encoding, field, &buffer, &text, &err), LODE_OK);
		assert_true(str_is(text, want));
	} else {
		assert_int_equal(encoding_text(encoding, field, &buffer, &text, &err), LODE_EDATA);
		assert_string_equal(err.message, message);
	}
	encoding_free(encoding);
	buf_release(&buffer);
}

static void
fields_become_utf8(void **state)
{
	(void)state;
	check("GB18030", STR("\xc3\xe5\xb5\xe9"), "缅甸", NULL);
	check("GB18030", STR("\x81\x30\x81\x30"), "\xc2\x80", NULL); /* four bytes, two of them digits */
	check("ISO-8859-1", STR("T\xfcrkiye"), "Türkiye", NULL);
	check("WINDOWS-1252", STR("C\xf4te d\x92Ivoire"), "Côte d’Ivoire", NULL);
	check("UTF-8", STR("Türkiye"), "Türkiye", NULL);
	check("GB18030", STR("2846"), "2846", NULL);
	check("GB18030", STR(""), "", NULL);
}

static void
what_is_not_valid_has_a_place(void **state)
{
	(void)state;
	check("GB18030", STR("ab\xff\x41"), NULL, "not valid GB18030 at byte 3");
	check("GB18030", STR("ab\xc3"), NULL, "not valid GB18030 at byte 3");
	check("UTF-8", STR("abcdefghij\xfc"), NULL, "not valid UTF-8 at byte 11");
	check("WINDOWS-1252", STR("\x81"), NULL, "not valid WINDOWS-1252 at byte 1");
}

static void
ascii_is_not_copied(void **state)
{
	struct buf buffer = BUF_INIT;
	struct encoding *encoding;
	struct err err = ERR_INIT;
	struct str field = STR("123456789 kg"), text;

	(void)state;
	assert_int_equal(encoding_new(&encoding, "GB18030", &err), LODE_OK);
	assert_int_equal(encoding_text(encoding, field, &buffer, &text, &err), LODE_OK);
	assert_ptr_equal(text.p, field.p);
	encoding_free(encoding);
}

static void
an_unknown_encoding_is_named(void **state)
{
	struct encoding *encoding;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(encoding_new(&encoding, "klingon", &err), LODE_EUSAGE);
	assert_string_equal(err.message, "unknown encoding 'klingon'");
}

/* Every sequence of up to three bytes from the edges of UTF-8's ranges, with a fourth where it could be one. */
static void
utf8_is_judged_as_iconv_judges_it(void **state)
{
	static const unsigned char edges[] = { 0x00, 'a', 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0,
		0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff };
	enum { N = sizeof edges };
	iconv_t judge = iconv_open("UTF-16LE", "UTF-8");
	char text[12] = "12345678", out[64], *from, *to;
	size_t i, n, n_from, n_to, at;
	bool want;

	(void)state;
	assert_true(judge != (iconv_t)-1);
	for (n = 1; n <= 4; n++)
		for (i = 0; i < (n == 1 ? N : n == 2 ? N * N : n == 3 ? N * N * N : N * N * N * N); i++) {
			text[8] = (char)edges[i % N];
			text[9] = (char)edges[i / N % N];
			text[10] = (char)edges[i / N / N % N];
			text[11] = (char)edges[i / N / N / N];
			from = text;
			n_from = 8 + n;
			to = out;
			n_to = sizeof out;
			(void)iconv(judge, NULL, NULL, NULL, NULL);
			want = iconv(judge, &from, &n_from, &to, &n_to) == 0;
			if (utf8_valid((struct str){ text, 8 + n }, &at) != want)
				fail_msg("%02x %02x %02x %02x, %zu bytes", (unsigned char)text[8], (unsigned char)text[9], (unsigned char)text[10],
				    (unsigned char)text[11], n);
			if (!want)
				assert_int_equal(at, 8 + n - n_from + 1);
		}
	iconv_close(judge);
}

/* ASCII is passed over in words, also behind a character that is none. */
static void
a_bad_byte_is_found_everywhere(void **state)
{
	static const char *const bad[] = { "\x80", "\xff", "\xc3", "\xe7\xa8", "\xc0\x80" };
	char text[64];
	size_t i, before, after, n, at;

	(void)state;
	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		for (before = 0; before < 24; before++)
			for (after = 0; after < 24; after++) {
				memset(text, 'a', sizeof text);
				memcpy(text, "\xc3\xa9", 2);
				n = 2 + before + strlen(bad[i]) + after;
				assert_true(utf8_valid((struct str){ text, n }, &at));
				memcpy(text + 2 + before, bad[i], strlen(bad[i]));
				assert_false(utf8_valid((struct str){ text, n }, &at));
				assert_int_equal(at, 2 + before + 1);
			}
}

static void
characters_are_counted(void **state)
{
	static const char text[] = "a\xc3\xa9\xe7\xa8\x80" "bcdefgh\xf0\x9f\x98\x80\xef\xbc\x8c\xe2\x80\x99 i\x7f\xc2\x80";
	size_t from, n, k, want;

	(void)state;
	assert_int_equal(utf8_characters((struct str){ text, sizeof text - 1 }), 17);
	for (from = 0; from < sizeof text; from++)
		for (n = 0; from + n < sizeof text; n++) {
			for (k = want = 0; k < n; k++)
				want += (unsigned char)text[from + k] < 0x80 || (unsigned char)text[from + k] >= 0xc0;
			assert_int_equal(utf8_characters((struct str){ text + from, n }), want);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_become_utf8),
		cmocka_unit_test(what_is_not_valid_has_a_place),
		cmocka_unit_test(ascii_is_not_copied),
		cmocka_unit_test(an_unknown_encoding_is_named),
		cmocka_unit_test(utf8_is_judged_as_iconv_judges_it),
		cmocka_unit_test(a_bad_byte_is_found_everywhere),
		cmocka_unit_test(characters_are_counted),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
