/* newsjson: the parts of an article whatever its members are called, and however the input is cut into reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "newsjson.h"

struct memory {
	struct str rest;
	size_t first;
};

static int
read_memory(void *from, char *out, size_t room, size_t *n, struct err *err)
{
	struct memory *memory = from;

	(void)err;
	*n = memory->first < memory->rest.n ? memory->first : memory->rest.n;
	*n = *n < room ? *n : room;
	if (*n > 0)
		memcpy(out, memory->rest.p, *n);
	memory->rest.p += *n;
	memory->rest.n -= *n;
	memory->first = room;
	return LODE_OK;
}

static void
show(struct str input, size_t first, struct buf *out)
{
	static const char letters[ARTICLE_PARTS] = "TSBPUApL";
	struct memory memory = { input, first };
	struct err err = ERR_INIT;
	struct article_parts parts;
	struct newsjson *json;
	int rc, i;

	out->n = 0;
	assert_int_equal(newsjson_new(&json, 1000, read_memory, &memory, &err), LODE_OK);
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
	struct buf out = BUF_INIT;
	size_t first;

	for (first = 1; first <= strlen(input) + 1; first++) {
		show(str_of(input), first, &out);
		buf_add(&out, "", 1);
		assert_string_equal(out.p, want);
	}
	buf_release(&out);
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
