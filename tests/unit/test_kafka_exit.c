#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kafka_exit.h"

static void
only_what_is_kafkas_is_kept(void **state)
{
	static const int others[] = { LODE_OK, LODE_EUSAGE, LODE_ENOMEM, LODE_DONE, LODE_AGAIN };
	int status = 0;
	size_t i;

	(void)state;
	assert_int_equal(kafka_exit_keep(&status, LODE_EDATA, KAFKA_EXIT_STALE), LODE_EDATA);
	assert_int_equal(status, KAFKA_EXIT_STALE);
	for (i = 0; i < sizeof others / sizeof others[0]; i++) {
		assert_int_equal(kafka_exit_keep(&status, others[i], KAFKA_EXIT_FOREIGN), others[i]);
		assert_int_equal(status, KAFKA_EXIT_STALE);
	}
	assert_int_equal(kafka_exit_keep(&status, LODE_EIO, KAFKA_EXIT_FOREIGN), LODE_EIO);
	assert_int_equal(status, KAFKA_EXIT_BROKER);
	assert_int_equal(kafka_exit_keep(&status, LODE_EDATA, 0), LODE_EDATA);
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(only_what_is_kafkas_is_kept) };

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
