#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kafka_control.h"

static void
a_line_comes_apart(void **unused)
{
	struct control control;
	struct err err = ERR_INIT;
	struct str value;

	(void)unused;
	assert_true(control_parse(STR("#START\tv=1\tjob=daily\toff="), &control));
	assert_true(control_is(&control, "START"));
	assert_true(control_is_binding(&control));
	assert_true(str_is(control_get(&control, "job"), "daily"));
	assert_true(str_is(control_get(&control, "off"), ""));
	assert_non_null(control_get(&control, "off").p);
	assert_null(control_get(&control, "jo").p);
	assert_null(control_get(&control, "jobs").p);
	assert_int_equal(control_need(&control, "ck", &value, &err), LODE_EDATA);
	assert_string_equal(err.message, "#START without ck=");
	assert_true(control_parse(STR("#restored"), &control));
	assert_false(control_is_binding(&control));
	assert_null(control_get(&control, "x").p);
	assert_false(control_parse(STR("2025-06-20T07:00:00Z"), &control));
	assert_false(control_parse(STR("#"), &control));
	assert_false(control_parse(STR("# a remark"), &control));
	assert_false(control_parse(STR(""), &control));
}

static void
what_is_written_is_read(void **unused)
{
	static const char bytes[] = "a\tb\nc\\d=#\x01\xff";
	struct buf line = BUF_INIT, back = BUF_INIT;
	struct control control;
	struct err err = ERR_INIT;

	(void)unused;
	assert_int_equal(control_begin(&line, "state", &err), LODE_OK);
	assert_int_equal(control_add(&line, "key", (struct str){ bytes, sizeof bytes }, &err), LODE_OK);
	assert_int_equal(control_add(&line, "value", STR(""), &err), LODE_OK);
	assert_int_equal(control_add_raw(&line, "raw", STR("x\\ty"), &err), LODE_OK);
	assert_int_equal(control_end(&line, &err), LODE_OK);
	assert_int_equal(line.p[--line.n], '\n');
	assert_null(memchr(line.p, '\n', line.n));
	assert_true(control_parse(buf_str(&line), &control));
	assert_int_equal(control_unescape(control_get(&control, "key"), &back, &err), LODE_OK);
	assert_int_equal(back.n, sizeof bytes);
	assert_memory_equal(back.p, bytes, sizeof bytes);
	assert_true(str_is(control_get(&control, "value"), ""));
	assert_true(str_is(control_get(&control, "raw"), "x\\ty"));
	buf_release(&line);
	buf_release(&back);
}

static void
checkpoints_keep_their_names(void **unused)
{
	static const char *const bad[] = { "", "7", "7:", ":0123456789abcdef", "x:0123456789abcdef", "7:0123456789abcde", "7:0123456789abcdeg",
		"7:0123456789abcdef0", "-1:-", "99999999999999999999:-" };
	struct checkpoint one = CHECKPOINT_NONE, two;
	struct err err = ERR_INIT;
	char text[40];
	size_t i;

	(void)unused;
	checkpoint_text(&one, text);
	assert_string_equal(text, "0:-");
	assert_int_equal(checkpoint_parse(str_of(text), &two, &err), LODE_OK);
	assert_true(checkpoint_eq(&one, &two));
	assert_int_equal(checkpoint_parse(STR("7:0123456789abcdef"), &one, &err), LODE_OK);
	checkpoint_text(&one, text);
	assert_string_equal(text, "7:0123456789abcdef");
	assert_false(checkpoint_eq(&one, &two));
	assert_int_equal(checkpoint_parse(STR("7:0123456789abcdee"), &two, &err), LODE_OK);
	assert_false(checkpoint_eq(&one, &two)); /* same number, another run */
	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(checkpoint_parse(str_of(bad[i]), &two, &err), LODE_EDATA);
	assert_string_equal(err.message, "'99999999999999999999:-' is not a checkpoint like 7:0123456789abcdef");
}

static void
positions_make_a_list(void **unused)
{
	static const char *const bad[] = { "tape", "tape/0", "/0:1", "tape/x:1", "tape/0:", "tape/0:-2", "tape/99999999999:1" };
	struct buf list = BUF_INIT;
	struct err err = ERR_INIT;
	struct position at;
	struct str rest;
	size_t i;
	int rc;

	(void)unused;
	rest = STR("");
	assert_int_equal(position_next(&rest, &at, &err), LODE_DONE);
	assert_int_equal(position_add(&list, &(struct position){ STR("tape"), 0, 42 }, &err), LODE_OK);
	assert_int_equal(position_add(&list, &(struct position){ STR("a.b-c_d"), 17, -1 }, &err), LODE_OK);
	assert_true(str_is(buf_str(&list), "tape/0:42,a.b-c_d/17:-1"));
	rest = buf_str(&list);
	assert_int_equal(position_next(&rest, &at, &err), LODE_OK);
	assert_true(str_is(at.topic, "tape") && at.partition == 0 && at.offset == 42);
	assert_int_equal(position_next(&rest, &at, &err), LODE_OK);
	assert_true(str_is(at.topic, "a.b-c_d") && at.partition == 17 && at.offset == -1);
	assert_int_equal(position_next(&rest, &at, &err), LODE_DONE);
	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		rest = str_of(bad[i]);
		while ((rc = position_next(&rest, &at, &err)) == LODE_OK)
			;
		assert_int_equal(rc, LODE_EDATA);
	}
	buf_release(&list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_comes_apart),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(checkpoints_keep_their_names),
		cmocka_unit_test(positions_make_a_list),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
