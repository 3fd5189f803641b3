/* newsjson: the parts of an article whatever its members are called, and however the input is cut into reads. */
#include "cuts.h"
#include "newsjson.h"

static void
show(const void *options, struct memory memory, struct buf *out)
{
	static const char letters[ARTICLE_PARTS] = "TSBPUApL";
	struct err err = ERR_INIT;
	struct article_parts parts;
	struct newsjson *json;
	int rc, i;

	(void)options;
	out->n = 0;
	assert_int_equal(newsjson_new(&json, 1000, memory_read, &memory, &err), LODE_OK);
	while ((rc = newsjson_next(json, &parts, &err)) != LODE_DONE) {
		buf_printf(out, "%d:", (int)parts.line);
		for (i = 0; i < ARTICLE_PARTS && rc == LODE_OK; i++)
			if (parts.part[i].n > 0)
				buf_printf(out, "%c=%.*s|", letters[i], (int)parts.part[i].n, parts.part[i].p);
		if (rc != LODE_OK)
			buf_printf(out, "%s%s%s%s", err.column_name, err.column_name[0] == '\0' ? "" : " ", err.message, parts.final ? "!" : "");
		buf_printf(out, ";");
	}
	newsjson_free(json);
}

static void
check(const char *input, const char *want)
{
	check_cuts(show, NULL, input, want);
}

static void
an_answer_of_newsapi(void **state)
{
	(void)state;
	check("{\"status\":\"ok\",\"totalResults\":1,\"articles\":[{\"source\":{\"id\":null,\"name\":\"Wire\"},\"author\":null,\"title\":\"T - Wire\","
	    "\"description\":\"D\",\"url\":\"http://x\",\"urlToImage\":null,\"publishedAt\":\"2025-04-04T12:00:00Z\",\"content\":\"C\"}]}",
	    "1:T=T - Wire|S=D|B=C|P=2025-04-04T12:00:00Z|A=http://x|p=Wire|;");
}

static void
an_answer_of_gdelt(void **state)
{
	(void)state;
	check("{\"articles\": [ {\"url\": \"http://x\", \"url_mobile\": \"\", \"title\": \"T\", \"seendate\": \"20250404T120000Z\", \"domain\": \"x\","
	    " \"language\": \"Chinese\", \"sourcecountry\": \"China\"} ] }", "1:T=T|P=20250404T120000Z|A=http://x|p=x|L=Chinese|;");
}

static void
names_in_their_order(void **state)
{
	(void)state;
	check("[{\"headline\":\"H\",\"body\":\"B\",\"link\":\"L\",\"date\":\"D\",\"publisher\":\"P\",\"lang\":\"en\"},\n"
	    "{\"title\":\"\",\"headline\":\"H\",\"text\":\"X\",\"pub_date\":\"p\",\"date\":\"D\",\"source\":\"S\",\"source_lang\":\"ko\"}]",
	    "1:T=H|B=B|P=D|A=L|p=P|L=en|;2:T=H|B=X|P=p|p=S|L=ko|;");
	check("{\"title\":\"A\",\"text\":null,\"source\":{\"name\":null},\"publisher\":\"P\"}\n{\"title\":\"B\"}\n", "1:T=A|p=P|;2:T=B|;");
}

static void
what_is_bad(void **state)
{
	(void)state;
	check("{\"title\":1}\n{\"title\":\"B\"}\n", "1:title not a string;2:T=B|;");
	check("{\"title\":\"A\",\"date\":17}\n", "1:date not a string;");
	check("{\"title\":\"\xff\"}\n{\"title\":\"B\"}\n", "1:not valid UTF-8 at byte 11;2:T=B|;");
	check("{\"title\" \"x\"}\n{\"title\":\"B\"}\n", "1:not valid JSON: ':' expected near '\"x\"';2:T=B|;");
	check("[{\"title\":\"B\"}", "1:T=B|;1:truncated JSON: a bracket is not closed!;");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_of_newsapi),
		cmocka_unit_test(an_answer_of_gdelt),
		cmocka_unit_test(names_in_their_order),
		cmocka_unit_test(what_is_bad),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
