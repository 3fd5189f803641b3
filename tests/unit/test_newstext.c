/* newstext: heads, separators and titles, however the input is cut into reads. */
#include "cuts.h"
#include "newstext.h"

static void
show(const void *options, struct memory memory, struct buf *out)
{
	static const char letters[ARTICLE_PARTS] = "TSBPUApL";
	struct err err = ERR_INIT;
	struct article_parts parts;
	struct newstext *text;
	int rc, i;

	out->n = 0;
	assert_int_equal(newstext_new(&text, options, memory_read, &memory, &err), LODE_OK);
	while ((rc = newstext_next(text, &parts, &err)) != LODE_DONE) {
		buf_printf(out, "%d:", (int)parts.line);
		for (i = 0; i < ARTICLE_PARTS && rc == LODE_OK; i++)
			if (parts.part[i].n > 0)
				buf_printf(out, "%c=%.*s|", letters[i], (int)parts.part[i].n, parts.part[i].p);
		if (rc != LODE_OK)
			buf_printf(out, "%s%s %.*s", err.message, parts.final ? "!" : "", (int)parts.raw.n, parts.raw.p);
		buf_printf(out, ";");
	}
	newstext_free(text);
}

static void
check(const char *separator, bool html, const char *input, const char *want)
{
	const struct newstext_options options = { separator, html, 40 };

	check_cuts(show, &options, input, want);
}

static void
one_article(void **state)
{
	(void)state;
	check(NULL, false, "A headline\n\nThe text.\nMore.\n", "1:T=A headline|B=\nThe text.\nMore.\n|;");
	check(NULL, false, "\n\nA headline", "1:T=A headline|;");
	check(NULL, false, "", "");
	check(NULL, false, " \n\r\n", "");
	check(NULL, false, "---\nx", "1:T=---|B=x|;");
}

static void
a_head(void **state)
{
	(void)state;
	check(NULL, false, "Title: T\r\nDATE:  D \r\nsource:S\r\n\r\nText\r\n", "1:T=T|B=Text\r\n|P=D|p=S|;");
	check(NULL, false, "URL: http://x\n\nHeadline\nText", "1:T=Headline|B=Text|A=http://x|;");
	check(NULL, false, "Language: zh\nNote: x\n", "1:T=Note: x|L=zh|;");
	check(NULL, false, "Link: a\nTitle: t", "1:T=t|A=a|;");
}

static void
several_articles(void **state)
{
	(void)state;
	check("--", false, "A\n1\n--\nB\n2\n--\n", "1:T=A|B=1\n|;4:T=B|B=2\n|;");
	check("--", false, "--\n--\nA\n---\n -- \n--\r\nB\n--", "3:T=A|B=---\n -- \n|;7:T=B|;");
	check("--", false, "A\xff\n--\nB", "1:not valid UTF-8 at byte 2 A\xff\n--;3:T=B|;");
	check("--", false, "0123456789012345678901234567890123456789x\n--\nB\n", "1:record is longer than 40 bytes 0123456789012345678901234567890123456789;3:T=B|;");
	check("--", false, "012345678901234567890123456789012345678\n--\nB\n", "1:record is longer than 40 bytes 012345678901234567890123456789012345678\n;3:T=B|;");
	check("--", false, "0123456789012345678901234567890123456\n--\nB\n", "1:T=0123456789012345678901234567890123456|;3:T=B|;");
	check("--", false, "012345678901234567890123456789012345678\n-\n--\n--", "1:record is longer than 40 bytes 012345678901234567890123456789012345678\n;");
}

static void
a_page(void **state)
{
	(void)state;
	check(NULL, true, "<html><title>T</title><p>x", "1:T=T|B=<html><title>T</title><p>x|;");
	check(NULL, true, "Date: D\n<p>x", "1:B=<p>x|P=D|;");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_article),
		cmocka_unit_test(a_head),
		cmocka_unit_test(several_articles),
		cmocka_unit_test(a_page),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
