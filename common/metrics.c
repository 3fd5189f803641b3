#include "metrics.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BACKLOG = 16, DRAIN_BYTES = 1 << 16, DRAIN_MS = 100, LABEL_BYTES = 256 };

struct series {
	char *first, *second; /* values of its labels, or NULL */
	double value;
	uint64_t n; /* values of a summary */
};

struct family {
	struct series *series;
	size_t n, room, hint; /* hint: behind the one that was found last, since callers go through partitions in turn */
};

struct metrics {
	const struct metric_spec *specs;
	struct family *family; /* one for each of specs */
	unsigned n;
	struct buf labels; /* name="value",... of all lines */
	double dropped, unwritten, started, healthy_until;
	pthread_mutex_t lock;
	pthread_t thread;
	bool runs;
	int listener, stop; /* -1: none */
	const char *file;
	struct buf temporary; /* name of the file that becomes `file` */
};

static double
now_s(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int64_t
now_ms(void)
{
	return (int64_t)(now_s(CLOCK_MONOTONIC) * 1000);
}

/* Text */

static int
add_escaped(struct buf *out, const char *text, bool is_quoted)
{
	int rc = LODE_OK;

	for (; rc == LODE_OK && *text != '\0'; text++) {
		if (*text == '\\' || (is_quoted && *text == '"'))
			rc = buf_printf(out, "\\%c", *text);
		else if (*text == '\n')
			rc = buf_add(out, "\\n", 2);
		else
			rc = buf_add(out, text, 1);
	}
	return rc;
}

static int
add_label(struct buf *out, const char *name, const char *value)
{
	char masked[LABEL_BYTES];
	int rc;

	/* what is no UTF-8 would make the whole page unreadable */
	err_masked(value, masked, sizeof masked);
	if ((rc = buf_printf(out, "%s%s=\"", out->n > 0 && out->p[out->n - 1] != '{' ? "," : "", name)) == LODE_OK &&
	    (rc = add_escaped(out, masked, true)) == LODE_OK)
		rc = buf_add(out, "\"", 1);
	return rc;
}

static int
add_number(struct buf *out, double value)
{
	char text[40];

	if (isnan(value))
		return buf_add(out, "NaN\n", 4);
	if (isinf(value))
		return buf_printf(out, "%s\n", value > 0 ? "+Inf" : "-Inf");
	snprintf(text, sizeof text, "%.15g", value);
	if (strtod(text, NULL) != value)
		snprintf(text, sizeof text, "%.17g", value);
	return buf_printf(out, "%s\n", text);
}

static int
add_line(const struct metrics *m, struct buf *out, const struct metric_spec *spec, const char *suffix, const struct series *series, double value)
{
	bool bare = m->labels.n == 0 && series->first == NULL && series->second == NULL;
	int rc;

	if ((rc = buf_printf(out, "%s%s%s", spec->name, suffix, bare ? "" : "{")) != LODE_OK ||
	    (rc = buf_add_str(out, buf_str(&m->labels))) != LODE_OK ||
	    (series->first != NULL && (rc = add_label(out, spec->labels[0], series->first)) != LODE_OK) ||
	    (series->second != NULL && (rc = add_label(out, spec->labels[1], series->second)) != LODE_OK) ||
	    (rc = buf_printf(out, "%s ", bare ? "" : "}")) != LODE_OK)
		return rc;
	return add_number(out, value);
}

static int
add_head(struct buf *out, const struct metric_spec *spec)
{
	static const char *const kinds[] = { "counter", "gauge", "summary" };
	int rc;

	if ((rc = buf_printf(out, "# HELP %s ", spec->name)) != LODE_OK || (rc = add_escaped(out, spec->help, false)) != LODE_OK)
		return rc;
	return buf_printf(out, "\n# TYPE %s %s\n", spec->name, kinds[spec->kind]);
}

static int
add_own(const struct metrics *m, struct buf *out)
{
	static const struct metric_spec info = { "lode_build_info", METRIC_GAUGE, { "version", NULL }, "Always 1." },
		start = { "lode_start_time_seconds", METRIC_GAUGE, { NULL, NULL }, "When the program started, seconds since 1970." },
		dropped = { "lode_metrics_dropped_total", METRIC_COUNTER, { NULL, NULL }, "Updates of series that were too many." },
		unwritten = { "lode_metrics_unwritten_total", METRIC_COUNTER, { NULL, NULL }, "Times the metrics file could not be written." };
	char version[] = LODE_VERSION;
	struct series named = { .first = version }, none = { 0 };
	int rc;

	if ((rc = add_head(out, &info)) != LODE_OK || (rc = add_line(m, out, &info, "", &named, 1)) != LODE_OK ||
	    (rc = add_head(out, &start)) != LODE_OK || (rc = add_line(m, out, &start, "", &none, m->started)) != LODE_OK ||
	    (rc = add_head(out, &dropped)) != LODE_OK || (rc = add_line(m, out, &dropped, "", &none, m->dropped)) != LODE_OK ||
	    (rc = add_head(out, &unwritten)) != LODE_OK)
		return rc;
	return add_line(m, out, &unwritten, "", &none, m->unwritten);
}

static int
add_family(const struct metrics *m, struct buf *out, unsigned n)
{
	const struct metric_spec *spec = &m->specs[n];
	const struct family *family = &m->family[n];
	int rc = family->n == 0 ? LODE_OK : add_head(out, spec);

	for (size_t i = 0; rc == LODE_OK && i < family->n; i++) {
		const struct series *series = &family->series[i];

		if (spec->kind != METRIC_SUMMARY)
			rc = add_line(m, out, spec, "", series, series->value);
		else if ((rc = add_line(m, out, spec, "_sum", series, series->value)) == LODE_OK)
			rc = add_line(m, out, spec, "_count", series, (double)series->n);
	}
	return rc;
}

int
metrics_text(struct metrics *m, struct buf *out, struct err *err)
{
	size_t n = out->n;
	int rc;

	if (m == NULL)
		return LODE_OK;
	pthread_mutex_lock(&m->lock);
	rc = add_own(m, out);
	for (unsigned i = 0; rc == LODE_OK && i < m->n; i++)
		rc = add_family(m, out, i);
	pthread_mutex_unlock(&m->lock);
	if (rc == LODE_OK)
		return LODE_OK;
	out->n = n;
	return err_set(err, rc, "no memory");
}

/* Figures */

static bool
same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static char *
copy_of(const char *text, bool *failed)
{
	char *copy = text == NULL ? NULL : strdup(text);

	*failed |= text != NULL && copy == NULL;
	return copy;
}

static struct series *
new_series(struct family *family, const char *first, const char *second)
{
	struct series series = { 0 }, *grown;
	bool failed = false;

	if (family->n == METRICS_SERIES)
		return NULL;
	if (family->n == family->room) {
		size_t room = family->room == 0 ? 4 : 2 * family->room;

		if ((grown = realloc(family->series, room * sizeof *grown)) == NULL)
			return NULL;
		family->series = grown;
		family->room = room;
	}
	series.first = copy_of(first, &failed);
	series.second = copy_of(second, &failed);
	if (failed) {
		free(series.first);
		free(series.second);
		return NULL;
	}
	family->series[family->n] = series;
	return &family->series[family->n++];
}

static struct series *
find_series(struct family *family, const char *first, const char *second)
{
	for (size_t i = 0, at = family->hint; i < family->n; i++, at++) {
		if (at >= family->n)
			at = 0;
		if (same(family->series[at].first, first) && same(family->series[at].second, second)) {
			family->hint = at + 1;
			return &family->series[at];
		}
	}
	family->hint = family->n + 1;
	return new_series(family, first, second);
}

enum action { SET, ADD, OBSERVE };

static void
update(struct metrics *m, unsigned n, const char *first, const char *second, double value, enum action action)
{
	struct series *series;

	if (m == NULL)
		return;
	pthread_mutex_lock(&m->lock);
	if ((series = find_series(&m->family[n], first, second)) == NULL) {
		m->dropped++;
	} else {
		series->value = action == SET ? value : series->value + value;
		series->n++;
	}
	pthread_mutex_unlock(&m->lock);
}

void
metrics_set(struct metrics *m, unsigned n, const char *first, const char *second, double value)
{
	update(m, n, first, second, value, SET);
}

void
metrics_add(struct metrics *m, unsigned n, const char *first, const char *second, double value)
{
	update(m, n, first, second, value, ADD);
}

void
metrics_observe(struct metrics *m, unsigned n, const char *first, const char *second, double value)
{
	update(m, n, first, second, value, OBSERVE);
}

void
metrics_healthy(struct metrics *m, double seconds)
{
	if (m == NULL)
		return;
	pthread_mutex_lock(&m->lock);
	m->healthy_until = now_s(CLOCK_MONOTONIC) + seconds;
	pthread_mutex_unlock(&m->lock);
}

int
metrics_label(struct metrics *m, const char *name, const char *value, struct err *err)
{
	if (m == NULL)
		return LODE_OK;
	return add_label(&m->labels, name, value) == LODE_OK ? LODE_OK : err_set(err, LODE_ENOMEM, "no memory");
}

/* The file */

static int
write_all(int fd, struct str bytes)
{
	while (bytes.n > 0) {
		ssize_t n = write(fd, bytes.p, bytes.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		bytes.p += n;
		bytes.n -= (size_t)n;
	}
	return 0;
}

static int
write_file(struct metrics *m, struct err *err)
{
	struct buf text = BUF_INIT;
	int fd, rc = metrics_text(m, &text, err), failed = 0;

	if (rc != LODE_OK)
		return rc;
	/* not synced: after a crash of the machine nobody wants old figures */
	if ((fd = open(m->temporary.p, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) < 0 || write_all(fd, buf_str(&text)) != 0)
		failed = errno;
	if (fd >= 0 && close(fd) != 0 && failed == 0)
		failed = errno;
	if (failed == 0 && rename(m->temporary.p, m->file) != 0)
		failed = errno;
	buf_release(&text);
	if (failed == 0)
		return LODE_OK;
	if (fd >= 0)
		unlink(m->temporary.p);
	return err_set(err, LODE_EIO, "cannot write '%s': %s", m->file, strerror(failed));
}

/* HTTP */

/* Waits for fd. False when the time is over or the thread is to end. */
static bool
wait_for(const struct metrics *m, int fd, short events, int64_t until_ms)
{
	struct pollfd fds[2] = { { fd, events, 0 }, { m->stop, POLLIN, 0 } };

	for (;;) {
		int64_t left = until_ms - now_ms();
		int n = left <= 0 ? 0 : poll(fds, 2, (int)left);

		if (n < 0 && errno == EINTR)
			continue;
		return n > 0 && fds[1].revents == 0;
	}
}

static void
send_all(const struct metrics *m, int fd, struct str bytes)
{
	int64_t until = now_ms() + METRICS_HTTP_MS;

	while (bytes.n > 0 && wait_for(m, fd, POLLOUT, until)) {
		ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return;
		bytes.p += n;
		bytes.n -= (size_t)n;
	}
}

/* What the peer still sends is read for a moment: closing over it would reset the connection, and the answer might not arrive. */
static void
drain(const struct metrics *m, int fd)
{
	char bytes[1024];
	size_t total = 0;
	int64_t until = now_ms() + DRAIN_MS;
	ssize_t n;

	shutdown(fd, SHUT_WR);
	while (total < DRAIN_BYTES && wait_for(m, fd, POLLIN, until) && (n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
		total += (size_t)n;
}

static void
answer(const struct metrics *m, int fd, const char *status, const char *more, struct str body, bool is_head)
{
	struct buf out = BUF_INIT;

	if (buf_printf(&out, "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n", status, more, body.n) == LODE_OK &&
	    (is_head || buf_add_str(&out, body) == LODE_OK))
		send_all(m, fd, buf_str(&out));
	buf_release(&out);
	drain(m, fd);
}

static void
answer_text(const struct metrics *m, int fd, const char *status, bool is_head)
{
	struct buf body = BUF_INIT;

	if (buf_printf(&body, "%s\n", status) == LODE_OK)
		answer(m, fd, status, strncmp(status, "405", 3) == 0 ? "Allow: GET, HEAD\r\nContent-Type: text/plain\r\n" : "Content-Type: text/plain\r\n",
		    buf_str(&body), is_head);
	buf_release(&body);
}

static void
answer_metrics(struct metrics *m, int fd, bool is_head)
{
	struct buf body = BUF_INIT;
	struct err err = ERR_INIT;

	if (metrics_text(m, &body, &err) == LODE_OK)
		answer(m, fd, "200 OK", "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n", buf_str(&body), is_head);
	else
		answer_text(m, fd, "500 Internal Server Error", is_head);
	buf_release(&body);
}

static void
answer_health(struct metrics *m, int fd, bool is_head)
{
	bool well;

	pthread_mutex_lock(&m->lock);
	well = now_s(CLOCK_MONOTONIC) < m->healthy_until;
	pthread_mutex_unlock(&m->lock);
	answer_text(m, fd, well ? "200 OK" : "503 Service Unavailable", is_head);
}

/* Reads up to the empty line. Returns the status that ends it, or NULL. */
static const char *
read_request(const struct metrics *m, int fd, char request[METRICS_REQUEST_BYTES + 1], bool *is_gone)
{
	int64_t until = now_ms() + METRICS_HTTP_MS;
	size_t n = 0;

	*is_gone = false;
	for (;;) {
		ssize_t got;

		if (!wait_for(m, fd, POLLIN, until))
			return "408 Request Timeout";
		got = recv(fd, request + n, METRICS_REQUEST_BYTES - n, MSG_DONTWAIT);
		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		*is_gone = got <= 0;
		if (got <= 0)
			return "400 Bad Request";
		if (memchr(request + n, '\0', (size_t)got) != NULL)
			return "400 Bad Request";
		n += (size_t)got;
		request[n] = '\0';
		if (strstr(request, "\r\n\r\n") != NULL || strstr(request, "\n\n") != NULL)
			return NULL;
		if (n == METRICS_REQUEST_BYTES)
			return "431 Request Header Fields Too Large";
	}
}

static void
serve_one(struct metrics *m, int fd)
{
	char request[METRICS_REQUEST_BYTES + 1], *target, *version, *end;
	bool is_gone, is_head;
	const char *failed = read_request(m, fd, request, &is_gone);

	if (is_gone)
		return;
	if (failed != NULL) {
		answer_text(m, fd, failed, false);
		return;
	}
	/* METHOD SP TARGET SP VERSION */
	request[strcspn(request, "\r\n")] = '\0';
	if ((target = strchr(request, ' ')) == NULL || (version = strchr(target + 1, ' ')) == NULL || strncmp(version + 1, "HTTP/1.", 7) != 0) {
		answer_text(m, fd, "400 Bad Request", false);
		return;
	}
	*target++ = '\0';
	*version = '\0';
	if ((end = strchr(target, '?')) != NULL)
		*end = '\0';
	is_head = strcmp(request, "HEAD") == 0;
	if (!is_head && strcmp(request, "GET") != 0)
		answer_text(m, fd, "405 Method Not Allowed", false);
	else if (strcmp(target, "/metrics") == 0)
		answer_metrics(m, fd, is_head);
	else if (strcmp(target, "/healthz") == 0)
		answer_health(m, fd, is_head);
	else
		answer_text(m, fd, "404 Not Found", is_head);
}

static void *
work(void *argument)
{
	struct metrics *m = argument;
	struct pollfd fds[2] = { { m->stop, POLLIN, 0 }, { m->listener, POLLIN, 0 } };
	int64_t next_ms = now_ms() + METRICS_FILE_S * 1000;

	for (;;) {
		int64_t left = next_ms - now_ms();

		if (poll(fds, m->listener < 0 ? 1 : 2, m->file == NULL ? -1 : left < 0 ? 0 : (int)left) < 0 && errno != EINTR)
			return NULL;
		if (fds[0].revents != 0)
			return NULL;
		if (m->listener >= 0 && fds[1].revents != 0) {
			int fd = accept4(m->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

			if (fd >= 0) {
				serve_one(m, fd);
				close(fd);
			} else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
				/* as when descriptors ran out: not at once again */
				wait_for(m, m->stop, POLLIN, now_ms() + DRAIN_MS);
			}
		}
		if (m->file != NULL && now_ms() >= next_ms) {
			struct err err = ERR_INIT;

			if (write_file(m, &err) != LODE_OK) {
				pthread_mutex_lock(&m->lock);
				m->unwritten++;
				pthread_mutex_unlock(&m->lock);
			}
			next_ms = now_ms() + METRICS_FILE_S * 1000;
		}
	}
}

static int
start(struct metrics *m, struct err *err)
{
	sigset_t all, old;
	int rc;

	if (m->runs)
		return LODE_OK;
	if ((m->stop = eventfd(0, EFD_CLOEXEC)) < 0)
		return err_set(err, LODE_EIO, "cannot make an eventfd: %s", strerror(errno));
	/* signals are the main thread's */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&m->thread, NULL, work, m);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc != 0)
		return err_set(err, LODE_EIO, "cannot start a thread: %s", strerror(rc));
	m->runs = true;
	return LODE_OK;
}

static int
bind_to(struct metrics *m, unsigned port, struct err *err)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int yes = 1;

	if ((m->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) < 0 ||
	    setsockopt(m->listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
	    bind(m->listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(m->listener, BACKLOG) != 0)
		return err_set(err, LODE_EIO, "cannot listen on 127.0.0.1:%u: %s", port, strerror(errno));
	return LODE_OK;
}

int
metrics_listen(struct metrics *m, unsigned port, unsigned *got, struct err *err)
{
	struct sockaddr_in address;
	socklen_t n = sizeof address;
	int rc;

	if ((rc = bind_to(m, port, err)) != LODE_OK)
		return rc;
	if (getsockname(m->listener, (struct sockaddr *)&address, &n) != 0)
		return err_set(err, LODE_EIO, "cannot listen on 127.0.0.1:%u: %s", port, strerror(errno));
	*got = ntohs(address.sin_port);
	return start(m, err);
}

int
metrics_serve(struct metrics *m, const struct metrics_options *options, struct err *err)
{
	int rc;

	if (m == NULL || (options->file == NULL && options->port == 0))
		return LODE_OK;
	if (options->port > 65535)
		return err_set(err, LODE_EUSAGE, "'%zu' is not a port", options->port);
	if (options->file != NULL) {
		if (buf_printf(&m->temporary, "%s.tmp", options->file) != LODE_OK)
			return err_set(err, LODE_ENOMEM, "no memory");
		m->file = options->file;
		if ((rc = write_file(m, err)) != LODE_OK) {
			m->file = NULL;
			return rc;
		}
	}
	if (options->port != 0 && (rc = bind_to(m, (unsigned)options->port, err)) != LODE_OK)
		return rc;
	return start(m, err);
}

/* Life */

int
metrics_new(struct metrics **metrics, const struct metric_spec *specs, struct err *err)
{
	struct metrics *m = calloc(1, sizeof *m);

	if (m == NULL)
		return err_set(err, LODE_ENOMEM, "no memory");
	while (specs[m->n].name != NULL)
		m->n++;
	if ((m->family = calloc(m->n + 1, sizeof *m->family)) == NULL) {
		free(m);
		return err_set(err, LODE_ENOMEM, "no memory");
	}
	m->specs = specs;
	m->listener = m->stop = -1;
	m->started = floor(now_s(CLOCK_REALTIME));
	m->healthy_until = -1;
	pthread_mutex_init(&m->lock, NULL);
	*metrics = m;
	return LODE_OK;
}

void
metrics_free(struct metrics *m)
{
	struct err ignored = ERR_INIT;

	if (m == NULL)
		return;
	if (m->runs) {
		eventfd_write(m->stop, 1);
		pthread_join(m->thread, NULL);
	}
	if (m->file != NULL)
		write_file(m, &ignored);
	if (m->listener >= 0)
		close(m->listener);
	if (m->stop >= 0)
		close(m->stop);
	for (unsigned i = 0; i < m->n; i++) {
		for (size_t j = 0; j < m->family[i].n; j++) {
			free(m->family[i].series[j].first);
			free(m->family[i].series[j].second);
		}
		free(m->family[i].series);
	}
	free(m->family);
	buf_release(&m->labels);
	buf_release(&m->temporary);
	pthread_mutex_destroy(&m->lock);
	free(m);
}
