#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <math.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#include "metrics.h"
#include "temp.h"

enum { RECORDS, LAG, COMMIT };

static const struct metric_spec specs[] = {
	{ "lode_records_total", METRIC_COUNTER, { NULL, NULL }, "Records." },
	{ "lode_lag_records", METRIC_GAUGE, { "topic", "partition" }, "Records behind\nthe \\end." },
	{ "lode_commit_seconds", METRIC_SUMMARY, { NULL, NULL }, "Time of a commit." },
	{ NULL, METRIC_GAUGE, { NULL, NULL }, NULL },
};

static struct metrics *
new_metrics(void)
{
	struct err err = ERR_INIT;
	struct metrics *m = NULL;

	assert_int_equal(metrics_new(&m, specs, &err), LODE_OK);
	return m;
}

/* The page without the program's own lines at its head. */
static char *
page(struct metrics *m)
{
	struct err err = ERR_INIT;
	struct buf buf = BUF_INIT;
	char *text, *own;

	assert_int_equal(metrics_text(m, &buf, &err), LODE_OK);
	assert_int_equal(buf_add(&buf, "", 1), LODE_OK);
	own = strstr(buf.p, "lode_metrics_unwritten_total");
	assert_non_null(own);
	while ((text = strstr(own + 1, "lode_metrics_unwritten_total")) != NULL)
		own = text;
	text = strdup(strchr(own, '\n') + 1);
	buf_release(&buf);
	return text;
}

static void
assert_page(struct metrics *m, const char *want)
{
	char *text = page(m);

	assert_string_equal(text, want);
	free(text);
}

static void
what_was_never_set_is_not_there(void **state)
{
	struct metrics *m = new_metrics();

	(void)state;
	assert_page(m, "");
	metrics_free(m);
}

static void
counters_gauges_and_summaries(void **state)
{
	struct metrics *m = new_metrics();

	(void)state;
	metrics_add(m, RECORDS, NULL, NULL, 3);
	metrics_add(m, RECORDS, NULL, NULL, 4);
	metrics_set(m, LAG, "tape", "0", 10);
	metrics_set(m, LAG, "tape", "1", 0.1);
	metrics_set(m, LAG, "tape", "0", 12345678901);
	metrics_observe(m, COMMIT, NULL, NULL, 0.25);
	metrics_observe(m, COMMIT, NULL, NULL, 0.5);
	assert_page(m,
	    "# HELP lode_records_total Records.\n# TYPE lode_records_total counter\nlode_records_total 7\n"
	    "# HELP lode_lag_records Records behind\\nthe \\\\end.\n# TYPE lode_lag_records gauge\n"
	    "lode_lag_records{topic=\"tape\",partition=\"0\"} 12345678901\nlode_lag_records{topic=\"tape\",partition=\"1\"} 0.1\n"
	    "# HELP lode_commit_seconds Time of a commit.\n# TYPE lode_commit_seconds summary\nlode_commit_seconds_sum 0.75\nlode_commit_seconds_count 2\n");
	metrics_free(m);
}

static void
labels_of_all_and_escapes(void **state)
{
	struct err err = ERR_INIT;
	struct metrics *m = new_metrics();

	(void)state;
	assert_int_equal(metrics_label(m, "pipeline", "a\"b\\c", &err), LODE_OK);
	assert_int_equal(metrics_label(m, "shard", "0", &err), LODE_OK);
	metrics_set(m, RECORDS, NULL, NULL, INFINITY);
	metrics_set(m, LAG, "x\ny\xff", "0", NAN);
	assert_page(m,
	    "# HELP lode_records_total Records.\n# TYPE lode_records_total counter\nlode_records_total{pipeline=\"a\\\"b\\\\c\",shard=\"0\"} +Inf\n"
	    "# HELP lode_lag_records Records behind\\nthe \\\\end.\n# TYPE lode_lag_records gauge\n"
	    "lode_lag_records{pipeline=\"a\\\"b\\\\c\",shard=\"0\",topic=\"x\\\\x0Ay\\\\xFF\",partition=\"0\"} NaN\n");
	metrics_free(m);
}

static void
series_are_bounded(void **state)
{
	struct metrics *m = new_metrics();
	struct err err = ERR_INIT;
	struct buf buf = BUF_INIT;
	char partition[20];

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < METRICS_SERIES; i++) {
			snprintf(partition, sizeof partition, "%d", i);
			metrics_set(m, LAG, "t", partition, i);
		}
	}
	metrics_set(m, LAG, "t", "one more", 1);
	metrics_set(m, LAG, "t", "and one", 1);
	assert_int_equal(metrics_text(m, &buf, &err), LODE_OK);
	assert_int_equal(buf_add(&buf, "", 1), LODE_OK);
	assert_non_null(strstr(buf.p, "\nlode_metrics_dropped_total 2\n"));
	assert_null(strstr(buf.p, "one more"));
	assert_non_null(strstr(buf.p, "{topic=\"t\",partition=\"4095\"} 4095\n"));
	buf_release(&buf);
	metrics_free(m);
}

static void
nothing_is_needed(void **state)
{
	struct err err = ERR_INIT;
	struct metrics_options options = { "/nowhere/x.prom", 1 };

	(void)state;
	metrics_set(NULL, LAG, "t", "0", 1);
	metrics_healthy(NULL, 1);
	assert_int_equal(metrics_label(NULL, "a", "b", &err), LODE_OK);
	assert_int_equal(metrics_serve(NULL, &options, &err), LODE_OK);
	metrics_free(NULL);
}

static void
file_is_there_at_once_and_last_at_the_end(void **state)
{
	char path[] = "/tmp/test_metrics.XXXXXX", temporary[64], *text;
	struct metrics_options options = { path, 0 };
	struct err err = ERR_INIT;
	struct metrics *m = new_metrics();
	struct stat file;
	size_t n;

	(void)state;
	temp_make(path, "old", 3);
	snprintf(temporary, sizeof temporary, "%s.tmp", path);
	assert_int_equal(metrics_serve(m, &options, &err), LODE_OK);
	text = temp_read(path, &n);
	assert_non_null(strstr(text, "\nlode_build_info{version=\"" LODE_VERSION "\"} 1\n"));
	free(text);
	metrics_set(m, RECORDS, NULL, NULL, 5);
	metrics_free(m);
	text = temp_read(path, &n);
	assert_non_null(strstr(text, "\nlode_records_total 5\n"));
	free(text);
	assert_int_equal(stat(temporary, &file), -1);
	unlink(path);
}

static void
errors(void **state)
{
	struct metrics_options no_file = { "/nowhere/x.prom", 0 }, no_port = { NULL, 70000 };
	struct metrics *m = new_metrics(), *other = new_metrics();
	struct err err = ERR_INIT;
	char want[64];
	unsigned port, got;

	(void)state;
	assert_int_equal(metrics_serve(m, &no_file, &err), LODE_EIO);
	assert_string_equal(err.message, "cannot write '/nowhere/x.prom': No such file or directory");
	assert_int_equal(metrics_serve(m, &no_port, &err), LODE_EUSAGE);
	assert_string_equal(err.message, "'70000' is not a port");
	assert_int_equal(metrics_listen(m, 0, &port, &err), LODE_OK);
	assert_int_equal(metrics_listen(other, port, &got, &err), LODE_EIO);
	snprintf(want, sizeof want, "cannot listen on 127.0.0.1:%u: Address already in use", port);
	assert_string_equal(err.message, want);
	metrics_free(m);
	metrics_free(other);
}

/* HTTP */

static int
to(unsigned port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval patience = { .tv_sec = 10 };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
	return fd;
}

/* Everything up to the end of the connection, in a static buffer. */
static const char *
all_of(int fd)
{
	static char text[1 << 20];
	size_t n = 0;
	ssize_t got;

	while (n < sizeof text - 1 && (got = recv(fd, text + n, sizeof text - 1 - n, 0)) > 0)
		n += (size_t)got;
	text[n] = '\0';
	close(fd);
	return text;
}

static const char *
ask(unsigned port, const char *request, size_t n)
{
	int fd = to(port);

	/* the other side may have answered and gone before all is sent */
	for (ssize_t sent; n > 0 && (sent = send(fd, request, n, MSG_NOSIGNAL)) > 0; n -= (size_t)sent)
		request += sent;
	return all_of(fd);
}

static bool
begins(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

#define ASK(text) ask(port, text, sizeof text - 1)
#define assert_status(request, status) assert_true(begins(ASK(request), "HTTP/1.1 " status))

static void
metrics_over_http(void **state)
{
	struct metrics *m = new_metrics();
	struct err err = ERR_INIT;
	const char *answer;
	unsigned port;

	(void)state;
	metrics_set(m, RECORDS, NULL, NULL, 5);
	assert_int_equal(metrics_listen(m, 0, &port, &err), LODE_OK);
	answer = ASK("GET /metrics HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n");
	assert_true(begins(answer, "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: "));
	assert_non_null(strstr(answer, "\r\n\r\n# HELP lode_build_info"));
	assert_non_null(strstr(answer, "\nlode_records_total 5\n"));
	assert_status("GET /metrics?x=y HTTP/1.0\n\n", "200 ");
	answer = ASK("HEAD /metrics HTTP/1.1\r\n\r\n");
	assert_true(begins(answer, "HTTP/1.1 200 "));
	assert_string_equal(strstr(answer, "\r\n\r\n"), "\r\n\r\n");
	assert_status("GET /healthz HTTP/1.1\r\n\r\n", "503 ");
	metrics_healthy(m, 60);
	assert_status("GET /healthz HTTP/1.1\r\n\r\n", "200 ");
	metrics_healthy(m, -1);
	assert_status("GET /healthz HTTP/1.1\r\n\r\n", "503 ");
	metrics_free(m);
}

static void
hostile_requests(void **state)
{
	static char large[METRICS_REQUEST_BYTES * 8];
	struct metrics *m = new_metrics();
	struct err err = ERR_INIT;
	struct timespec begin, end;
	unsigned port;
	int silent, gone;

	(void)state;
	assert_int_equal(metrics_listen(m, 0, &port, &err), LODE_OK);
	assert_status("GET / HTTP/1.1\r\n\r\n", "404 ");
	assert_status("GET /metrics/../etc/passwd HTTP/1.1\r\n\r\n", "404 ");
	assert_status("POST /metrics HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", "405 ");
	assert_non_null(strstr(ASK("DELETE /metrics HTTP/1.1\r\n\r\n"), "\r\nAllow: GET, HEAD\r\n"));
	assert_status("GET /metrics\r\n\r\n", "400 ");
	assert_status("GET  HTTP/1.1\r\n\r\n", "404 ");
	assert_status("\r\n\r\n", "400 ");
	assert_status("GET /metrics HTTP/1.1\0\r\n\r\n", "400 ");
	assert_status("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400 ");
	assert_status("\x16\x03\x01\x02\0\x01\xfc", "400 ");
	memset(large, 'a', sizeof large);
	memcpy(large, "GET /", 5);
	assert_true(begins(ask(port, large, sizeof large), "HTTP/1.1 431 "));
	memcpy(large, "GET /metrics HTTP/1.1\r\nX: ", 26);
	assert_true(begins(ask(port, large, METRICS_REQUEST_BYTES), "HTTP/1.1 431 "));

	/* one that says nothing, and one that goes at once, hold others up for a bounded time only */
	silent = to(port);
	gone = to(port);
	close(gone);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	assert_status("GET /metrics HTTP/1.1\r\n\r\n", "200 ");
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_true(end.tv_sec - begin.tv_sec <= 2 * METRICS_HTTP_MS / 1000 + 1);
	assert_true(begins(all_of(silent), "HTTP/1.1 408 "));

	/* nor does one that is connected keep the end waiting */
	silent = to(port);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	metrics_free(m);
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_true(end.tv_sec - begin.tv_sec <= 1);
	close(silent);
}

static void
reader_that_does_not_read(void **state)
{
	struct metrics *m = new_metrics();
	struct err err = ERR_INIT;
	char partition[256];
	unsigned port;
	int fd, small = 1024;

	(void)state;
	for (int i = 0; i < METRICS_SERIES; i++) {
		snprintf(partition, sizeof partition, "%0240d", i);
		metrics_set(m, LAG, partition, partition, i);
	}
	assert_int_equal(metrics_listen(m, 0, &port, &err), LODE_OK);
	fd = to(port);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small), 0);
	assert_int_equal(send(fd, "GET /metrics HTTP/1.1\r\n\r\n", 25, 0), 25);
	/* it is given up after its time, and the next is served */
	assert_status("GET /nothing HTTP/1.1\r\n\r\n", "404 ");
	close(fd);
	metrics_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_never_set_is_not_there),
		cmocka_unit_test(counters_gauges_and_summaries),
		cmocka_unit_test(labels_of_all_and_escapes),
		cmocka_unit_test(series_are_bounded),
		cmocka_unit_test(nothing_is_needed),
		cmocka_unit_test(file_is_there_at_once_and_last_at_the_end),
		cmocka_unit_test(errors),
		cmocka_unit_test(metrics_over_http),
		cmocka_unit_test(hostile_requests),
		cmocka_unit_test(reader_that_does_not_read),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
