/* newsxml: the articles of a feed are the same however it is cut into reads; a bad one takes no other with it. */
#include "cuts.h"
#include "newsxml.h"

enum { LIMIT = 400 };

static const bool with = true, without = false;

/* Everything a reader can see, as text; with what is rejected too, when with_raw is true. */
static void
show(const void *with_raw, struct memory memory, struct buf *out)
{
	static const char letters[ARTICLE_PARTS] = "TSBPUApL";
	struct err err = ERR_INIT;
	struct article_parts parts;
	struct newsxml *xml;
	int rc, i;

	out->n = 0;
	assert_int_equal(newsxml_new(&xml, LIMIT, memory_read, &memory, &err), LODE_OK);
	while ((rc = newsxml_next(xml, &parts, &err)) != LODE_DONE) {
		buf_printf(out, "%d:", (int)parts.line);
		for (i = 0; i < ARTICLE_PARTS && rc == LODE_OK; i++)
			if (parts.part[i].n > 0)
				buf_printf(out, "%c%s=%.*s|", letters[i], parts.plain[i] ? "" : "*", (int)parts.part[i].n, parts.part[i].p);
		if (rc != LODE_OK)
			buf_printf(out, "%s%s", err.message, parts.final ? "!" : "");
		if (*(const bool *)with_raw)
			buf_printf(out, " %.*s", (int)parts.raw.n, parts.raw.p);
		buf_printf(out, ";");
	}
	newsxml_free(xml);
}

static void
check_as(const char *input, const char *want, bool with_raw)
{
	check_cuts(show, &with_raw, input, want);
}

static void
check(const char *input, const char *want)
{
	check_as(input, want, false);
}

static void
rss(void **state)
{
	(void)state;
	check("<?xml version='1.0'?><rss version=\"2.0\" xmlns:media='x'><channel><title>F</title><language>en-us</language>\n"
	    "<item><title>A &amp; B - P</title><link>http://a/1</link><guid isPermaLink=\"false\">77</guid><pubDate>D1</pubDate>"
	    "<description>&lt;p&gt;x&amp;nbsp;y</description><source url=\"u\">P</source><media:title>no</media:title></item>\n"
	    "<item><guid>http://a/2</guid><title><![CDATA[T <item> ]]]></title><content:encoded><![CDATA[<p>b</p>]]></content:encoded></item>"
	    "</channel></rss>\n",
	    "2:T*=A & B - P|S*=<p>x&nbsp;y|P*=D1|A*=http://a/1|p*=P|L*=en-us|;3:T*=T <item> ]|B*=<p>b</p>|A*=http://a/2|L*=en-us|;");
	check("<rss><channel></channel></rss>", "");
	check("\n <?xml version='1.0'?><rss><item/></rss>", "2:;");
	check("<rss><item ><title a='>'>x</title></item\n></rss>", "1:T*=x|;");
}

static void
rdf(void **state)
{
	(void)state;
	check("<rdf:RDF xmlns='x'><channel><items><rdf:Seq/></items><dc:language>zh</dc:language></channel>"
	    "<item rdf:about='http://a/1'><title>t</title><dc:date>2025</dc:date></item></rdf:RDF>", "1:T*=t|P*=2025|A*=http://a/1|L*=zh|;");
}

static void
atom(void **state)
{
	(void)state;
	check("<feed xmlns='x' xml:lang='en'><title>F</title><entry><id>tag:1</id><title type='html'>a&lt;b></title>"
	    "<link rel='self' href='s'/><link href='h'/><link rel='alternate' href='i'/><published>P</published><updated>U</updated>"
	    "<summary>x &lt;b></summary><content type='xhtml'><div><p>k &amp; &lt;l</p></div></content>"
	    "<source><title>Pub</title></source><author><title>no</title></author></entry></feed>",
	    "1:T*=a<b>|S=x <b>|B*=<div><p>k &amp; &lt;l</p></div>|P=P|U=U|A*=h|p=Pub|L*=en|;");
	check("<atom:feed><atom:entry><atom:id>http://x</atom:id><atom:title>t</atom:title></atom:entry></atom:feed>", "1:T=t|A*=http://x|;");
}

static void
references(void **state)
{
	(void)state;
	check("<rss><item><title>a&nbsp;b&eacute;&#8217;&unknown;&lt;</title></item></rss>", "1:T*=a\xc2\xa0" "b\xc3\xa9\xe2\x80\x99&unknown;<|;");
	check("<!DOCTYPE rss PUBLIC \"-//N//DTD RSS 0.91//EN\" \"http://x/rss-0.91.dtd\"><rss><item><title>&eacute;</title></item></rss>",
	    "1:T*=\xc3\xa9|;");
}

static void
what_an_item_may_hold(void **state)
{
	(void)state;
	check("<rss><!-- <item>no</item> --><item><!-- </item> --><title>x</title><?p </item> ?></item></rss>", "1:T*=x|;");
	check("<rss><items><itemx/></items><item><description>a <b>c</b> d</description></item></rss>", "1:S*=a <b>c</b> d|;");
	check("<item><title>x</title></item>\n\n<item><title>y</title></item>\n", "1:T*=x|;3:T*=y|;");
	check("<rss><item><title></title><title>late</title></item></rss>", "1:T*=late|;");
}

static void
encodings(void **state)
{
	(void)state;
	check("<?xml version='1.0' encoding='gb2312'?><rss><channel><title>\xcf\xa1\xcd\xc1</title><item><title>\xcf\xa1\xcd\xc1\x84\x31</title></item><item><title>\xcf\xa1\xcd\xc1</title></item></channel></rss>",
	    "1:not valid GB18030 at byte 18;1:T*=\xe7\xa8\x80\xe5\x9c\x9f|;");
	check("<?xml version='1.0' encoding='ISO-8859-1'?><rss><item><title>\xe9\x92</title></item></rss>", "1:T*=\xc3\xa9\xe2\x80\x99|;");
	check("<?xml version='1.0' encoding='UTF-16'?><rss><item><title>\xc3\xa9</title></item></rss>", "1:T*=\xc3\xa9|;");
	check("<?xml version='1.0' encoding='no-such'?><rss><item/></rss>", "1:unknown encoding 'no-such'!;");
	check("<rss><item><title>\xff</title></item><item><title>y</title></item></rss>", "1:not valid UTF-8 at byte 14;1:T*=y|;");
}

static void
a_bad_article_stays_alone(void **state)
{
	(void)state;
	check_as("<rss><item><title>a & b</title></item><item><title>y</title></item></rss>",
	    "1:not well-formed XML: not well-formed (invalid token) <item><title>a & b</title></item>;1:T*=y| <item><title>y</title></item>;", true);
	check("<rss><item><title>x</item><item><title>y</title></item></rss>", "1:not well-formed XML: mismatched tag;1:T*=y|;");
	check_as("<rss><item>\n<title>x</title>\n<item><title>y</title></item></rss>",
	    "1:<item> is not closed <item>\n<title>x</title>\n;3:T*=y| <item><title>y</title></item>;", true);
	check("<rss><item><title a='x>x</title></item><item><title>y</title></item></rss>", "1:not well-formed XML: not well-formed (invalid token);1:T*=y|;");
	check("<rss><item><title>\x01</title></item><item><title>y</title></item></rss>", "1:not well-formed XML: not well-formed (invalid token);1:T*=y|;");
}

static void
too_long_or_too_deep(void **state)
{
	struct buf input = BUF_INIT, out = BUF_INIT;
	size_t i;

	(void)state;
	buf_printf(&input, "<rss><item><title>");
	for (i = 0; i < 100000; i++)
		buf_printf(&input, "long ");
	buf_printf(&input, "</title></item><item><title>y</title></item></rss>");
	show(&without, (struct memory){ buf_str(&input), 7, SIZE_MAX }, &out);
	buf_add(&out, "", 1);
	assert_string_equal(out.p, "1:record is longer than 400 bytes;1:T*=y|;");
	input.n = out.n = 0;
	buf_printf(&input, "<rss><a b='");
	for (i = 0; i < 100000; i++)
		buf_printf(&input, "long ");
	show(&without, (struct memory){ buf_str(&input), 7, SIZE_MAX }, &out);
	buf_add(&out, "", 1);
	assert_string_equal(out.p, "1:record is longer than 400 bytes!;");
	input.n = out.n = 0;
	for (i = 0; i < 100000; i++)
		buf_printf(&input, i == 0 ? "<rss>" : "<a>");
	show(&without, (struct memory){ buf_str(&input), 7, SIZE_MAX }, &out);
	buf_add(&out, "", 1);
	assert_string_equal(out.p, "1:elements are more than 200 deep!;");
	buf_release(&input);
	buf_release(&out);
}

static void
what_is_no_feed(void **state)
{
	(void)state;
	check("<html><body>x", "1:this is a web page, not a feed!;");
	check("<opml><a/></opml>", "1:not a feed: its root is <opml>!;");
	check("<rss><channel><item><title>x</title></item>", "1:T*=x|;1:truncated feed: <rss> is not closed!;");
	check("<rss><item><title>x</ti", "1:truncated feed: <item> is not closed!;");
	check("<rss>\n</channel></rss>", "2:not well-formed XML: mismatched tag!;");
	check("", "1:not well-formed XML: no element found!;");
}

static void
no_entity_is_expanded(void **state)
{
	(void)state;
	check("<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]><rss><item><title>&b;</title></item></rss>",
	    "1:a DOCTYPE with declarations!;");
	check("<!DOCTYPE rss SYSTEM 'x' [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><rss><item><title>&x;</title></item></rss>",
	    "1:a DOCTYPE with declarations!;");
	check("<rss><item><!DOCTYPE x [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><title>&x;</title></item></rss>", "1:a DOCTYPE with declarations!;");
	check("<!DOCTYPE rss SYSTEM 'file:///etc/passwd'><rss><item><title>&x;</title></item></rss>", "1:T*=&x;|;");
}

static void
any_bytes_are_survived(void **state)
{
	static const char *const pieces[] = { "<", ">", "/", "item", "<item>", "</item>", "<rss>", "</rss>", "<!", "--", "[CDATA[", "]]>", "<?", "?>", "<!DOCTYPE", "'", "\"",
		"=", " ", "\n", "\xc3\xa9", "<title>", "</title>", "&amp;", "&nbsp;", "entry", "<entry>", "</entry>", "x" };
	struct buf input = BUF_INIT, out = BUF_INIT, want = BUF_INIT;
	unsigned seed = 7, round, n;

	(void)state;
	for (round = 0; round < 4000; round++) {
		input.n = 0;
		if (round % 2 == 0)
			buf_add_str(&input, STR("<rss>"));
		for (n = 0; n < 14; n++) {
			seed = seed * 1103515245 + 12345;
			buf_add_str(&input, str_of(pieces[(seed >> 16) % (sizeof pieces / sizeof pieces[0])]));
		}
		show(&with, (struct memory){ buf_str(&input), input.n, 0 }, &want);
		show(&with, (struct memory){ buf_str(&input), 1, 1 }, &out);
		buf_add(&want, "", 1);
		buf_add(&out, "", 1);
		assert_string_equal(out.p, want.p);
	}
	buf_release(&input);
	buf_release(&out);
	buf_release(&want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rss),
		cmocka_unit_test(rdf),
		cmocka_unit_test(atom),
		cmocka_unit_test(references),
		cmocka_unit_test(what_an_item_may_hold),
		cmocka_unit_test(encodings),
		cmocka_unit_test(a_bad_article_stays_alone),
		cmocka_unit_test(too_long_or_too_deep),
		cmocka_unit_test(what_is_no_feed),
		cmocka_unit_test(no_entity_is_expanded),
		cmocka_unit_test(any_bytes_are_survived),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
