/* html: text as a reader sees it; what is broken still gives text, in linear time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "encoding.h"
#include "html.h"

static void
check_form(int (*convert)(struct str, enum html_form, struct buf *), enum html_form form, const char *markup, const char *want)
{
	struct buf out = BUF_INIT;

	assert_int_equal(convert(str_of(markup), form, &out), 0);
	buf_add(&out, "", 1);
	assert_string_equal(out.p, want);
	buf_release(&out);
}

static void
check(const char *markup, const char *want)
{
	check_form(html_text, HTML_PARAGRAPHS, markup, want);
}

static void
blocks_end_paragraphs(void **state)
{
	(void)state;
	check("<p>One.</p><p>Two <b>bo</b>ld.</p>", "One.\nTwo bold.\n");
	check("a<br>b<BR/>c<br />d", "a\nb\nc\nd\n");
	check("<ul><li>x</li>\n<li>y</li></ul>", "x\ny\n");
	check("<div><div><p></p></div></div>x", "x\n");
	check("<table><tr><td>1<td>2</tr></table>", "1 2\n");
	check("<a href='http://x/?a>b'>link</a> text", "link text\n");
	check("<p>no\nline\n\nends</p>", "no line ends\n");
}

static void
scripts_styles_and_comments_are_dropped(void **state)
{
	(void)state;
	check("a<script>if (a < b) x('</p>');</script>b", "ab\n");
	check("a<SCRIPT type=x>var y;</Script >b", "ab\n");
	check("a<style>p{}</style><!-- <p>seized</p> -->b", "ab\n");
	check("<p>a<script>never closed <p>b", "a\n");
	check("<p>a<!-- never closed <p>b", "a\n");
	check("<svg/><p>a", "a\n");
	check("<p><![CDATA[x < y <i>z</i>]]> w</p>", "x < y z w\n");
	check("<?php x ?><!DOCTYPE html><p>a", "a\n");
}

static void
references_become_characters(void **state)
{
	(void)state;
	check("A&amp;B &lt;x&gt; &quot;q&quot; &#8217; &#x2019; &#146; &eacute; &mdash;", "A&B <x> \"q\" \xe2\x80\x99 \xe2\x80\x99 \xe2\x80\x99 \xc3\xa9 \xe2\x80\x94\n");
	check("R&D at AT&T, &unknown; &; &#; &#x; &#1114112; &#xD800; &", "R&D at AT&T, &unknown; &; &#; &#x; &#1114112; &#xD800; &\n");
	check("&amp &nbsp&lt", "& <\n");
	check("caf&eacute, &ampersand", "caf&eacute, &ampersand\n");
	check("&#1;a&#0;", "a&#0;\n");
	check("&yuml;&nbsp;&Agrave;&frac34;", "\xc3\xbf \xc3\x80\xc2\xbe\n");
	assert_int_equal(html_entity(STR("nothing")).n, 0);
	assert_true(str_is(html_entity(STR("szlig")), "\xc3\x9f"));
}

static void
a_sign_that_begins_no_tag_is_text(void **state)
{
	(void)state;
	check("a < b > c", "a < b > c\n");
	check("<p>1 <2 and 3<", "1 <2 and 3<\n");
	check("x <b never closed", "x <b never closed\n");
	check("<p>x <b never closed", "x <b never closed\n");
	check("<a title=\"never closed>x</a>y", "xy\n");
	check("<", "<\n");
	check("<>", "<>\n");
	check("</>", "</>\n");
}

static void
blanks_run_together(void **state)
{
	(void)state;
	check(" a \t b\r\n", "a b\n");
	check("a\xc2\xa0\xc2\xa0" "b\xe3\x80\x80" "c\xe2\x80\x89" "d\xe2\x80\xa8" "e", "a b c d e\n");
	check("sei\xc2\xadzed\xe2\x80\x8b!\xef\xbb\xbf", "seized!\n");
	check("a\x01" "b\x7f" "c\xc2\x85" "d", "a b c d\n");
	check("\xe7\xa8\x80\xe5\x9c\x9f", "\xe7\xa8\x80\xe5\x9c\x9f\n");
	check("", "");
	check(" \n ", "");
	check("<p> </p>", "");
}

enum kind { VISIBLE, BLANK, NOTHING };

/* Appends a piece to text, and to want what is to come of it. */
static void
add_piece(struct buf *text, struct buf *want, bool *blank, const char *piece, enum kind kind)
{
	buf_add_str(text, str_of(piece));
	if (kind == VISIBLE) {
		buf_add_str(want, *blank && want->n > 0 ? STR(" ") : STR(""));
		buf_add_str(want, str_of(piece));
	}
	*blank = kind == BLANK || (*blank && kind == NOTHING);
}

/* Text is copied in runs: what is no text is found wherever it stands in one, and whatever stands beside it. */
static void
what_is_no_text_is_found_everywhere(void **state)
{
	static const struct {
		const char *text;
		enum kind kind;
	} pieces[] = { { "a", VISIBLE }, { "\xc3\xa9", VISIBLE }, { "\xc2\xa9", VISIBLE }, { "\xe2\x80\x99", VISIBLE }, { "\xe3\x80\x82", VISIBLE },
		{ "\xe7\xa8\x80", VISIBLE }, { "\xef\xbc\x8c", VISIBLE }, { "\xf0\x9f\x98\x80", VISIBLE }, { " ", BLANK }, { "\t", BLANK }, { "\x01", BLANK },
		{ "\x7f", BLANK }, { "\xc2\xa0", BLANK }, { "\xe2\x80\x89", BLANK }, { "\xe3\x80\x80", BLANK }, { "\xc2\xad", NOTHING },
		{ "\xe2\x80\x8b", NOTHING }, { "\xef\xbb\xbf", NOTHING } };
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";
	enum { N = sizeof pieces / sizeof *pieces, MOST = 36 };
	struct buf text = BUF_INIT, want = BUF_INIT, out = BUF_INIT;
	size_t i, first, last;
	bool blank;
	char *exact;

	(void)state;
	for (i = 0; i < N * N * MOST * MOST; i++) {
		first = i / (N * N) % MOST;
		last = i / (N * N * MOST);
		text.n = want.n = out.n = 0;
		blank = false;
		add_piece(&text, &want, &blank, letters + sizeof letters - 1 - first, first == 0 ? NOTHING : VISIBLE);
		add_piece(&text, &want, &blank, pieces[i % N].text, pieces[i % N].kind);
		add_piece(&text, &want, &blank, pieces[i / N % N].text, pieces[i / N % N].kind);
		add_piece(&text, &want, &blank, letters + sizeof letters - 1 - last, last == 0 ? NOTHING : VISIBLE);
		exact = malloc(text.n); /* so that a sanitizer sees a step beyond */
		memcpy(exact, text.p, text.n);
		assert_int_equal(html_plain((struct str){ exact, text.n }, HTML_LINE, &out), 0);
		if (!str_eq(buf_str(&out), buf_str(&want)))
			fail_msg("'%.*s' for '%.*s'", STR_ARG(buf_str(&out)), STR_ARG(buf_str(&text)));
		free(exact);
	}
	buf_release(&text);
	buf_release(&want);
	buf_release(&out);
}

static void
line_ends_count_without_markup(void **state)
{
	(void)state;
	check("one\r\ntwo", "one\ntwo\n");
	check("one\nline\n\ntwo\nlines\n\n", "one line\ntwo lines\n");
	check("\n\none\ntwo\n\n", "one\ntwo\n");
	check_form(html_text, HTML_LINE, "<b>one</b><br>two\n", "one two");
	check_form(html_plain, HTML_PARAGRAPHS, "a <b> &amp; c\nd", "a <b> &amp; c\nd\n");
	check_form(html_plain, HTML_LINE, "a\n\nb", "a b");
}

static void
the_title_of_a_page(void **state)
{
	(void)state;
	assert_true(str_is(html_title(STR("<html><head><TITLE lang=en>A &amp; B</Title>")), "A &amp; B"));
	assert_true(str_is(html_title(STR("<title>open")), "open"));
	assert_int_equal(html_title(STR("<titles>x</titles><title")).n, 0);
	assert_int_equal(html_title(STR("")).n, 0);
}

static double
seconds_for(const char *piece, size_t times)
{
	struct buf markup = BUF_INIT, out = BUF_INIT;
	struct timespec from, to;
	size_t i;

	buf_add(&markup, "<p>x", 4);
	for (i = 0; i < times; i++)
		buf_add(&markup, piece, strlen(piece));
	clock_gettime(CLOCK_MONOTONIC, &from);
	assert_int_equal(html_text(buf_str(&markup), HTML_PARAGRAPHS, &out), 0);
	html_title(buf_str(&markup));
	clock_gettime(CLOCK_MONOTONIC, &to);
	buf_release(&markup);
	buf_release(&out);
	return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

static void
time_is_linear(void **state)
{
	static const char *const pieces[] = { "<", "<<a", "<a \"", "<a x=\"", "<div>", "<script>", "</", "<!--", "<![CDATA[", "&", "&#", "&#x1", "]]>",
		"\n", " ", "<b>x</b>", "<title>", "]", "<a x='\"", "&amp" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof pieces / sizeof pieces[0]; i++)
		if (seconds_for(pieces[i], 400000) > 2.0)
			fail_msg("'%s' takes too long", pieces[i]);
}

static void
any_bytes_give_text(void **state)
{
	static const char *const pieces[] = { "<", ">", "/", "p", "script", "!", "--", "[CDATA[", "]]>", "&", "#", "x", ";", "amp", "\"", "'", "=", " ", "\n",
		"\xc3\xa9", "\xe2\x80\xa8", "9", "title", "<p>", "</p>" };
	struct buf markup = BUF_INIT, out = BUF_INIT;
	unsigned seed = 1, round, n;
	size_t at;

	(void)state;
	for (round = 0; round < 20000; round++) {
		char *exact;

		markup.n = out.n = 0;
		for (n = 0; n < 12; n++) {
			seed = seed * 1103515245 + 12345;
			buf_add_str(&markup, str_of(pieces[(seed >> 16) % (sizeof pieces / sizeof pieces[0])]));
		}
		exact = malloc(markup.n); /* so that a sanitizer sees a step beyond */
		memcpy(exact, markup.p, markup.n);
		assert_int_equal(html_text((struct str){ exact, markup.n }, HTML_PARAGRAPHS, &out), 0);
		html_title((struct str){ exact, markup.n });
		assert_true(utf8_valid(buf_str(&out), &at));
		assert_true(out.n == 0 || out.p[out.n - 1] == '\n');
		free(exact);
	}
	buf_release(&markup);
	buf_release(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_end_paragraphs),
		cmocka_unit_test(scripts_styles_and_comments_are_dropped),
		cmocka_unit_test(references_become_characters),
		cmocka_unit_test(a_sign_that_begins_no_tag_is_text),
		cmocka_unit_test(blanks_run_together),
		cmocka_unit_test(what_is_no_text_is_found_everywhere),
		cmocka_unit_test(line_ends_count_without_markup),
		cmocka_unit_test(the_title_of_a_page),
		cmocka_unit_test(time_is_linear),
		cmocka_unit_test(any_bytes_give_text),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
