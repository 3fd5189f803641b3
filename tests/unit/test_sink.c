/* sink: what goes in comes out in order, whatever the sizes, a failed write is not forgotten, and a stuck reader is found out where that is wanted */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "buf.h"
#include "sink.h"

static void
all_sizes_come_out_in_order(void **state)
{
	char path[] = "/tmp/test_sink.XXXXXX";
	struct buf want = BUF_INIT, got = BUF_INIT;
	struct err err = ERR_INIT;
	struct sink sink;
	int fd = mkstemp(path), i;
	size_t n;
	char *p;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(sink_open(&sink, path, &err), LODE_OK);
	for (i = 0; i < 2000; i++) {
		n = (size_t)i * 7919 % 60000;
		if (i == 1000)
			n = 300 * 1024; /* more than the buffer */
		assert_int_equal(buf_reserve(&want, n + 1), LODE_OK);
		memset(want.p + want.n, 'a' + i % 26, n);
		if (i % 3 == 0 && n <= 65536) {
			p = sink_reserve(&sink, n);
			memcpy(p, want.p + want.n, n);
			sink_advance(&sink, n);
		} else if (i % 3 == 1) {
			sink_str(&sink, (struct str){ want.p + want.n, n });
		} else {
			sink_write(&sink, want.p + want.n, n);
		}
		want.n += n;
		sink_byte(&sink, '\n');
		assert_int_equal(buf_add(&want, "\n", 1), LODE_OK);
		if (i % 500 == 0)
			assert_int_equal(sink_flush(&sink, &err), LODE_OK);
	}
	assert_int_equal(sink_close(&sink, &err), LODE_OK);
	assert_int_equal(buf_reserve(&got, want.n + 1), LODE_OK);
	while ((i = (int)read(fd, got.p + got.n, got.room - got.n)) > 0)
		got.n += (size_t)i;
	assert_true(str_eq(buf_str(&got), buf_str(&want)));
	close(fd);
	unlink(path);
	buf_release(&want);
	buf_release(&got);
}

static void
a_full_device_is_reported_until_the_end(void **state)
{
	struct err err = ERR_INIT;
	struct sink sink;
	int i;

	(void)state;
	assert_int_equal(sink_open(&sink, "/dev/full", &err), LODE_OK);
	for (i = 0; i < 100000; i++)
		sink_str(&sink, STR("a line of text\n"));
	assert_int_equal(sink_flush(&sink, &err), LODE_EIO);
	assert_string_equal(err.message, "cannot write '/dev/full': No space left on device");
	err.code = LODE_OK;
	assert_int_equal(sink_close(&sink, &err), LODE_EIO);
	assert_int_equal(err.code, LODE_EIO);
}

static void
a_path_that_cannot_be_is_an_error(void **state)
{
	struct err err = ERR_INIT;
	struct sink sink;

	(void)state;
	assert_int_equal(sink_open(&sink, "/nowhere/x", &err), LODE_EIO);
	assert_string_equal(err.message, "cannot open '/nowhere/x': No such file or directory");
	assert_int_equal(sink_close(&sink, &err), LODE_OK);
}

/* Only where it was asked for: a reader may be slow, and what reads it next still gets what was taken. */
static void
a_reader_that_takes_nothing_is_waited_for_so_long(void **state)
{
	char path[] = "/tmp/test_sink.XXXXXX", byte;
	struct err err = ERR_INIT;
	struct sink sink;
	int fd, i;

	(void)state;
	assert_non_null(mkdtemp(path));
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_true((fd = open(path, O_RDWR)) >= 0);
	assert_int_equal(sink_open(&sink, path, &err), LODE_OK);
	sink_wait_at_most(&sink, 1000);
	sink_str(&sink, STR("first\n"));
	assert_int_equal(sink_flush(&sink, &err), LODE_OK);
	assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, 0); /* what others have open is as it was */
	for (i = 0; i < 300000; i++)
		sink_str(&sink, STR("a line of text\n"));
	assert_int_equal(sink_flush(&sink, &err), LODE_EIO);
	assert_string_equal(err.message + strlen(path), " is stuck: nothing was taken from it for 1 s");
	assert_int_equal(read(fd, &byte, 1), 1);
	assert_int_equal(byte, 'f');
	assert_int_equal(sink_close(&sink, &err), LODE_EIO);
	close(fd);
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_sizes_come_out_in_order),
		cmocka_unit_test(a_full_device_is_reported_until_the_end),
		cmocka_unit_test(a_path_that_cannot_be_is_an_error),
		cmocka_unit_test(a_reader_that_takes_nothing_is_waited_for_so_long),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
