#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "notify.h"

static int
socket_at(const char *name, size_t n)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	memcpy(address.sun_path, name, n);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)), 0);
	return fd;
}

static void
assert_told(int fd, const char *want)
{
	char text[64] = "";
	ssize_t n = recv(fd, text, sizeof text - 1, MSG_DONTWAIT);

	assert_int_equal(n, strlen(want));
	assert_string_equal(text, want);
}

static void
both_kinds_of_sockets(void **state)
{
	char name[64];
	int fd;

	(void)state;
	snprintf(name, sizeof name, "/tmp/test_notify.%d", (int)getpid());
	fd = socket_at(name, strlen(name));
	setenv("NOTIFY_SOCKET", name, 1);
	notify_send("READY=1");
	assert_told(fd, "READY=1");
	close(fd);
	unlink(name);
	/* gone: nothing happens */
	notify_send("READY=1");

	name[0] = '\0';
	fd = socket_at(name, strlen(name + 1) + 1);
	name[0] = '@';
	setenv("NOTIFY_SOCKET", name, 1);
	notify_send("WATCHDOG=1\nSTATUS=7");
	assert_told(fd, "WATCHDOG=1\nSTATUS=7");
	close(fd);
}

static void
what_is_no_socket_is_passed_over(void **state)
{
	char longest[300];

	(void)state;
	memset(longest, '/', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	setenv("NOTIFY_SOCKET", longest, 1);
	notify_send("READY=1");
	setenv("NOTIFY_SOCKET", "", 1);
	notify_send("READY=1");
	setenv("NOTIFY_SOCKET", "relative", 1);
	notify_send("READY=1");
	unsetenv("NOTIFY_SOCKET");
	notify_send("READY=1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_kinds_of_sockets),
		cmocka_unit_test(what_is_no_socket_is_passed_over),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
