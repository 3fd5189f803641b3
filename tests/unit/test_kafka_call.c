#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "kafka_call.h"
#include "kafka_client.h"

static rd_kafka_error_t *
count(void *argument)
{
	++*(int *)argument;
	return NULL;
}

static rd_kafka_error_t *
never(void *argument)
{
	for (;;)
		pause();
	return argument;
}

static void
what_ends_is_over_once_and_its_error_comes_back(void **unused)
{
	struct kafka_call *call;
	struct err err = ERR_INIT;
	rd_kafka_error_t *error = NULL;
	int n = 0, rc;

	(void)unused;
	assert_int_equal(kafka_call_begin(&call, count, &n, &err), LODE_OK);
	while ((rc = kafka_call_wait(call, 1000, &error)) == LODE_AGAIN)
		;
	assert_int_equal(rc, LODE_OK);
	assert_null(error);
	assert_int_equal(n, 1);
	assert_true(kafka_call_within(count, &n, 60000));
	assert_int_equal(n, 2);
}

static void
what_does_not_end_is_left_behind_in_time(void **unused)
{
	struct kafka_call *call;
	struct err err = ERR_INIT;
	rd_kafka_error_t *error = NULL;
	int64_t from = kafka_client_now_ms();

	(void)unused;
	assert_int_equal(kafka_call_begin(&call, never, NULL, &err), LODE_OK);
	assert_int_equal(kafka_call_wait(call, 200, &error), LODE_AGAIN);
	assert_false(kafka_call_within(never, NULL, 300));
	assert_true(kafka_client_now_ms() - from >= 500);
	assert_true(kafka_client_now_ms() - from < 60000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_ends_is_over_once_and_its_error_comes_back),
		cmocka_unit_test(what_does_not_end_is_left_behind_in_time),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
