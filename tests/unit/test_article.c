/* article: one text from the parts, whatever format they came in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "article.h"

static struct article_maker maker;

static struct article_parts
parts_of(const char *title, const char *summary, const char *body)
{
	struct article_parts parts = { .line = 3 };
	int i;

	for (i = 0; i < ARTICLE_PARTS; i++)
		parts.part[i] = STR("");
	parts.part[ARTICLE_TITLE] = str_of(title);
	parts.part[ARTICLE_SUMMARY] = str_of(summary);
	parts.part[ARTICLE_BODY] = str_of(body);
	parts.part[ARTICLE_PUBLISHED] = STR("2025-04-04T12:00:00Z");
	return parts;
}

static struct article
make(const struct article_parts *parts)
{
	struct article article = { 0 };
	struct err err = ERR_INIT;

	if (article_make(&maker, parts, INT64_MIN, &article, &err) != LODE_OK)
		fail_msg("%s", err.message);
	return article;
}

static void
check_text(const char *title, const char *summary, const char *body, const char *want)
{
	struct article_parts parts = parts_of(title, summary, body);
	struct article article;

	parts.part[ARTICLE_PUBLISHER] = STR("Wire");
	article = make(&parts);
	assert_true(article.text.n == strlen(want));
	assert_memory_equal(article.text.p, want, article.text.n);
}

static void
text_of_summary_and_body(void **state)
{
	(void)state;
	check_text("T", "S.", "B.", "S.\nB.\n");
	check_text("T", "<p>It began&hellip;</p>", "<p>It began in May.</p><p>B.</p>", "It began in May.\nB.\n");
	check_text("T", "It began [...]", "It began in May.", "It began in May.\n");
	check_text("T", "", "Cut off\xe2\x80\xa6 [+123 chars]", "Cut off\xe2\x80\xa6\n");
	check_text("T", "", "[+123 chars]", "");
	check_text("T", "", "not cut [+ chars]", "not cut [+ chars]\n");
	check_text("Seized - Wire", "<a href='x'>Seized</a>&nbsp;&nbsp;<font>Wire</font>", "", "");
	check_text("Seized", "Seized by night", "", "Seized by night\n");
}

static void
the_publisher_is_cut_off(void **state)
{
	struct article_parts parts = parts_of("A - B &amp; C - P&amp;Q", "", "");

	(void)state;
	assert_true(str_is(make(&parts).title, "A - B & C - P&Q"));
	parts.part[ARTICLE_PUBLISHER] = STR("P&amp;Q");
	assert_true(str_is(make(&parts).title, "A - B & C"));
	assert_true(str_is(make(&parts).publisher, "P&Q"));
	parts.part[ARTICLE_PUBLISHER] = STR("Q");
	assert_true(str_is(make(&parts).title, "A - B & C - P&Q"));
	parts.part[ARTICLE_TITLE] = STR(" - Q");
	assert_true(str_is(make(&parts).title, "- Q"));
}

static void
times(void **state)
{
	struct article_parts parts = parts_of("T", "", "");
	struct article article;
	struct err err = ERR_INIT;

	(void)state;
	parts.part[ARTICLE_UPDATED] = STR("2025-04-05T12:00:00+08:00");
	assert_true(str_is(make(&parts).published, "2025-04-04T12:00:00Z"));
	assert_true(str_is(make(&parts).known, "2025-04-05T04:00:00Z"));
	parts.part[ARTICLE_UPDATED] = STR("2025-04-03");
	assert_true(str_is(make(&parts).known, "2025-04-04T12:00:00Z"));
	parts.part[ARTICLE_PUBLISHED] = STR("");
	assert_true(str_is(make(&parts).published, "2025-04-03T23:59:59Z"));
	parts.part[ARTICLE_UPDATED] = STR("");
	assert_int_equal(article_make(&maker, &parts, 0, &article, &err), LODE_OK);
	assert_true(str_is(article.published, "1970-01-01T00:00:00Z"));
	assert_int_equal(article_make(&maker, &parts, INT64_MIN, &article, &err), LODE_EDATA);
	assert_string_equal(err.message, "no time of publication");
	assert_string_equal(err.column_name, "published");
	parts.part[ARTICLE_UPDATED] = STR("soon");
	assert_int_equal(article_make(&maker, &parts, INT64_MIN, &article, &err), LODE_EDATA);
	assert_string_equal(err.column_name, "updated");
}

static void
addresses_and_languages(void **state)
{
	struct article_parts parts = parts_of("T", "", "");

	(void)state;
	parts.part[ARTICLE_URL] = STR(" http://x/a b\t\n?c=\xc3\xa9#part\n");
	parts.part[ARTICLE_LANGUAGE] = STR("EN-us");
	assert_true(str_is(make(&parts).url, "http://x/a%20b%09%0A?c=\xc3\xa9"));
	assert_true(str_is(make(&parts).language, "en-us"));
	parts.part[ARTICLE_LANGUAGE] = STR("Chinese");
	assert_true(str_is(make(&parts).language, "zh"));
	parts.part[ARTICLE_LANGUAGE] = STR("something that is no language");
	assert_true(str_is(make(&parts).language, ""));
}

static void
nothing_to_read(void **state)
{
	struct article_parts parts = parts_of("<b></b>", " ", "<p></p>");
	struct article article;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(article_make(&maker, &parts, INT64_MIN, &article, &err), LODE_EDATA);
	assert_string_equal(err.message, "no text");
	parts = parts_of("[Removed]", "", "");
	article = make(&parts);
	assert_true(article_is_removed(&article));
}

static void
plain_text_stays_plain(void **state)
{
	struct article_parts parts = parts_of("a <b> &amp;", "", "x\ny");
	struct article article;

	(void)state;
	parts.plain[ARTICLE_TITLE] = true;
	article = make(&parts);
	assert_true(str_is(article.title, "a <b> &amp;"));
	assert_true(str_is(article.text, "x\ny\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_of_summary_and_body),
		cmocka_unit_test(the_publisher_is_cut_off),
		cmocka_unit_test(times),
		cmocka_unit_test(addresses_and_languages),
		cmocka_unit_test(nothing_to_read),
		cmocka_unit_test(plain_text_stays_plain),
	};
	int failed;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	article_release(&maker);
	return failed;
}
