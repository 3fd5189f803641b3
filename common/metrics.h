/*
 * metrics - figures of a running program for Prometheus: in its text form, as a file and over HTTP on loopback
 *
 * The program names its metrics once in a table and sets or adds to them by their place there; what is not asked for costs next to nothing:
 * all functions take NULL. One thread of its own writes the file (a new one in place of the old, every METRICS_FILE_S seconds and at the end) and
 * answers GET /metrics and GET /healthz, one connection after the other, each within METRICS_HTTP_MS. All functions may be called from any thread.
 * Add what an epoch counted, not every record: a call takes a lock.
 * Life cycle: metrics_new, metrics_label, metrics_serve, anything, metrics_free.
 */
#ifndef LODE_METRICS_H
#define LODE_METRICS_H

#include "buf.h"
#include "err.h"
#include "option.h"

enum {
	METRICS_FILE_S = 5,
	METRICS_HTTP_MS = 2000,        /* for a request, and again for its answer */
	METRICS_REQUEST_BYTES = 4096,  /* longest request */
	METRICS_SERIES = 4096,         /* of one metric; further ones are dropped and counted in lode_metrics_dropped_total */
};

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_SUMMARY /* sum and count */ };

struct metric_spec {
	const char *name; /* lode_..., base units, _total for a counter, _seconds, _bytes */
	enum metric_kind kind;
	const char *labels[2]; /* names of its own labels; NULL: fewer */
	const char *help;
};

struct metrics_options {
	const char *file; /* or NULL */
	size_t port;      /* or 0 */
};

/* Options of a program; `type` is its struct of options, `member` its struct metrics_options. */
#define METRICS_OPTIONS(type, member) \
	{ 0, "metrics-file", "FILE", OPTION_TEXT, offsetof(type, member.file), "write metrics to FILE, for Prometheus" }, \
	{ 0, "metrics-port", "PORT", OPTION_SIZE, offsetof(type, member.port), "serve metrics at http://127.0.0.1:PORT/metrics" }

struct metrics;

/* specs ends with an entry without name and outlives it. Errors: LODE_ENOMEM. */
int metrics_new(struct metrics **metrics, const struct metric_spec *specs, struct err *err);

/* Ends the thread, writes the file once more, frees; takes NULL. */
void metrics_free(struct metrics *metrics);

/* A label that all of its lines get, ahead of their own. Errors: LODE_ENOMEM. */
int metrics_label(struct metrics *metrics, const char *name, const char *value, struct err *err);

/*
 * Starts the thread when a file or a port is wanted. Errors: LODE_EUSAGE "'70000' is not a port", LODE_EIO "cannot write 'x': reason",
 * "cannot listen on 127.0.0.1:9464: reason", LODE_ENOMEM.
 */
int metrics_serve(struct metrics *metrics, const struct metrics_options *options, struct err *err);

/*
 * Sets, adds to a counter or gauge, or takes one more value of a summary. n is the metric's place in specs; first and second are the values of its labels, NULL for
 * those it has not. Where memory lacks, a new series is dropped and counted.
 */
void metrics_set(struct metrics *metrics, unsigned n, const char *first, const char *second, double value);
void metrics_add(struct metrics *metrics, unsigned n, const char *first, const char *second, double value);
void metrics_observe(struct metrics *metrics, unsigned n, const char *first, const char *second, double value);

/* All is well for so many seconds from now: until then /healthz answers 200, before the first call and afterwards 503. */
void metrics_healthy(struct metrics *metrics, double seconds);

/* The text form, appended. Errors: LODE_ENOMEM. */
int metrics_text(struct metrics *metrics, struct buf *out, struct err *err);

/* Listens on a port of loopback; 0: any that is free. metrics_serve() calls it; the port it got comes back. Errors: as metrics_serve(). */
int metrics_listen(struct metrics *metrics, unsigned port, unsigned *got, struct err *err);

#endif
