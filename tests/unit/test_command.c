/* command: what waits for a program that is slow */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "command.h"

/* Reads just n bytes. */
static void
take(int fd, size_t n)
{
	char bytes[4096];
	ssize_t got;

	for (; n > 0; n -= (size_t)got) {
		got = read(fd, bytes, n < sizeof bytes ? n : sizeof bytes);
		assert_true(got > 0);
	}
}

static void
one_who_is_always_a_little_behind_costs_no_memory(void **state)
{
	static char text[4096];
	struct command command = { .from = -1, .pid = 1 };
	struct err err = ERR_INIT;
	int to[2], ready[2];

	(void)state;
	assert_int_equal(pipe(to) | pipe(ready), 0);
	assert_int_equal(fcntl(to[1], F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(write(ready[1], "", 1), 1);
	command.to = to[1];
	memset(text, 'x', sizeof text);
	for (int i = 0; i < 20; i++) /* more than a pipe has room for */
		assert_int_equal(command_write(&command, (struct str){ text, sizeof text }, &err), LODE_OK);
	for (int i = 0; i < 2000; i++) {
		assert_int_equal(command_hear(&command, ready[0], &err), LODE_OK);
		assert_true(command.unsent.n > 0);
		take(to[0], sizeof text);
		assert_int_equal(command_write(&command, (struct str){ text, sizeof text }, &err), LODE_OK);
	}
	assert_true(command.unsent.n < 1024 * 1024);
	for (int i = 0; i < 2; i++) {
		(void)close(to[i]);
		(void)close(ready[i]);
	}
	command_release(&command);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_who_is_always_a_little_behind_costs_no_memory),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
