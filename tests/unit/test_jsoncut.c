/* jsoncut: records are the same however the input is cut into reads, and a broken one takes no other with it. */
#include "cuts.h"
#include "jsoncut.h"

/* Everything a reader can see, as text. */
static void
show(const void *options, struct memory memory, struct buf *out)
{
	static const struct jsoncut_options objects = { '{', "articles", 30 };
	struct err err = ERR_INIT;
	struct jsonpiece piece;
	struct jsoncut *cut;
	int rc;

	(void)options;
	out->n = 0;
	assert_int_equal(jsoncut_new(&cut, &objects, memory_read, &memory, &err), LODE_OK);
	while ((rc = jsoncut_next(cut, &piece, &err)) != LODE_DONE) {
		buf_printf(out, "%d:%.*s", (int)piece.line, (int)piece.raw.n, piece.raw.p);
		if (rc != LODE_OK)
			buf_printf(out, " %s%s", err.message, piece.final ? "!" : "");
		buf_printf(out, ";");
	}
	jsoncut_free(cut);
}

static void
check(const char *input, const char *want)
{
	check_cuts(show, NULL, input, want);
}

static void
objects_of_an_array(void **state)
{
	(void)state;
	check("[{\"a\":1},\n{\"b\":{\"c\":[]}}]", "1:{\"a\":1};2:{\"b\":{\"c\":[]}};");
	check("[]", "");
	check(" [\n] ", "");
	check("[{\"a\":\"]}\\\"{\"}]", "1:{\"a\":\"]}\\\"{\"};");
}

static void
objects_one_after_the_other(void **state)
{
	(void)state;
	check("{\"a\":1}\n{\"a\":2}\r\n\n{}", "1:{\"a\":1};2:{\"a\":2};4:{};");
	check("{\"a\":1}{\"a\":2}", "1:{\"a\":1};1:{\"a\":2};");
	check("{\n \"a\":\n {\"b\": 1\n }\n}\n", "1:{\n \"a\":\n {\"b\": 1\n }\n};");
	check("[{}][{}]", "1:{};1:{};");
}

static void
a_member_that_is_the_list(void **state)
{
	(void)state;
	check("{\"n\":2,\"articles\":[{\"a\":1},{\"a\":2}],\"x\":[{}]}", "1:{\"a\":1};1:{\"a\":2};");
	check("{ \"articles\" :\n [ {\"a\":1} ] }\n{\"a\":3}", "2:{\"a\":1};3:{\"a\":3};");
	check("{\"articles\":[]}", "");
	check("{\"articles\":[{}]}\n{\"articles\":[{}]}\n", "1:{};2:{};");
	check("{\"articles\":1,\"a\":[{}]}", "1:{\"articles\":1,\"a\":[{}]};");
	check("{\"a\":\"articles\",\"b\":[1]}", "1:{\"a\":\"articles\",\"b\":[1]};");
	check("{\"a\":{\"articles\":[{}]}}", "1:{\"a\":{\"articles\":[{}]}};");
	check("{\"my articles\":[{}]}", "1:{\"my articles\":[{}]};");
}

static void
a_broken_line_stays_alone(void **state)
{
	(void)state;
	check("{\"a\":\"x\n{\"a\":2}\n", "1:{\"a\":\"x a line end within a string;2:{\"a\":2};");
	check("{\"a\":1\n{\"a\":2}\n", "1:{\"a\":1\n a bracket is not closed;2:{\"a\":2};");
	check("damaged\n{\"a\":2}\noops", "1:damaged not a JSON object: 'damaged';2:{\"a\":2};3:oops not a JSON object: 'oops';");
	check("{\"a\":2} x\r\n{}", "1:{\"a\":2};1:x not a JSON object: 'x';2:{};");
	check("{\"a\":\"0123456789012345678901234567890\"}\n{}", "1:{\"a\":\"012345678901234567890123 record is longer than 30 bytes;2:{};");
	check("[{\"a\":\"0123456789012345678901234567890\"},{}]", "1:{\"a\":\"012345678901234567890123 record is longer than 30 bytes;1:{};");
	check("{\"a\":\"0123456789012345678901234567890\n{}", "1:{\"a\":\"012345678901234567890123 record is longer than 30 bytes;2:{};");
}

static void
a_broken_list_ends_the_input(void **state)
{
	(void)state;
	check("[{}\n{}]", "1:{};2:{}] not a JSON array of objects: '{}]'!;");
	check("[{},]", "1:{};1:] not a JSON array of objects: ']'!;");
	check("[1,{}]", "1:1,{}] not a JSON array of objects: '1,{}]'!;");
	check("[{},\n{\"b", "1:{};2:{\"b truncated JSON: a bracket is not closed!;");
	check("{\"articles\":[{}", "1:{};1: truncated JSON: a bracket is not closed!;");
	check("{\"articles\":[{}]", "1:{};1: truncated JSON: a bracket is not closed!;");
	check("{\"a\":1", "1:{\"a\":1 truncated JSON: a bracket is not closed!;");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_of_an_array),
		cmocka_unit_test(objects_one_after_the_other),
		cmocka_unit_test(a_member_that_is_the_list),
		cmocka_unit_test(a_broken_line_stays_alone),
		cmocka_unit_test(a_broken_list_ends_the_input),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
