/* price_json: the three shapes, digits as published, what is no price document */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "buf.h"
#include "price_json.h"

static int
note(void *state, const struct price_json_point *point, struct err *err)
{
	int i;

	(void)err;
	buf_printf(state, "%s", point->place);
	for (i = 0; i < PRICE_JSON_N; i++)
		buf_printf(state, "|%.*s", STR_ARG(point->field[i]));
	buf_printf(state, "%s\n", point->again ? " again" : "");
	return LODE_OK;
}

static void
gives(const char *document, const char *want)
{
	struct buf got = BUF_INIT;
	struct err err = ERR_INIT;

	assert_int_equal(price_json_read(str_of(document), note, &got, &err), LODE_OK);
	buf_add(&got, "", 1);
	assert_string_equal(got.p, want);
	buf_release(&got);
}

static void
fails(const char *document, const char *want)
{
	struct buf got = BUF_INIT;
	struct err err = ERR_INIT;

	assert_int_equal(price_json_read(str_of(document), note, &got, &err), LODE_EDATA);
	assert_int_equal(strncmp(err.message, want, strlen(want)), 0);
	buf_release(&got);
}

static void
all_shapes_are_read(void **state)
{
	(void)state;
	gives("[]", "");
	gives("[[\"2024-10-08\",255.50],[\"2024-10-09\",1e2]]", "/0|||||2024-10-08|255.50\n/1|||||2024-10-09|1e2\n");
	gives("{\"a/b~\":{\"data\":[[\"d\",-1]]},\"description\":\"x \\\" 12\",\"other\":{\"data\":7}}", "/a~1b~0/data/0|a/b~|||x \" 12|d|-1\n");
	gives("{\"metals\":[{\"name\":\"n\",\"grade\":\"g\",\"today\":{\"date\":\"2\",\"value\":3.0,\"unit\":\"u\"},"
	      "\"history\":[{\"date\":\"1\",\"value\":2},{\"date\":\"2\",\"value\":3.0}]}]}",
	    "/metals/0/history/0|n|g|u||1|2\n/metals/0/history/1|n|g|u||2|3.0\n/metals/0/today|n|g|u||2|3.0 again\n");
	gives("{\"metals\":[{\"name\":\"n\",\"today\":{\"date\":\"2\",\"value\":3}}]}", "/metals/0/today|n||||2|3\n");
	gives("[[\"d\",null],7]", "/0|||||d|\n/1||||||\n");
}

static void
the_rest_is_refused(void **state)
{
	(void)state;
	fails("", "not valid JSON: ");
	fails("{\"a\":", "not valid JSON: ");
	fails("{\"a\":1,\"a\":2}", "not valid JSON: ");
	fails("{\"error\":\"x\"}", "not a price document: ");
	fails("[1,2]", "not a price document: ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_shapes_are_read),
		cmocka_unit_test(the_rest_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
