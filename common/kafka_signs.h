/*
 * kafka_signs - signs of life of source and sink: their figures for Prometheus, /healthz, systemd's watchdog
 *
 * Both call it wherever they come by, often: what is told goes out every KAFKA_SIGNS_MS and costs next to nothing in between. A program that stands
 * still no longer calls, and so is neither healthy nor kept by the watchdog, which is the source's: it alone stands at the head of the pipeline.
 * Life cycle: run set by the caller, kafka_signs_open, then _of_source or _of_sink and _of_commit, kafka_signs_close.
 */
#ifndef LODE_KAFKA_SIGNS_H
#define LODE_KAFKA_SIGNS_H

#include "kafka_commit.h"
#include "kafka_epochs.h"
#include "kafka_options.h"
#include "run.h"

enum { KAFKA_SIGNS_MS = 500, KAFKA_SIGNS_HEALTHY_S = 30 };

enum kafka_side { KAFKA_SOURCE, KAFKA_SINK };

struct kafka_signs {
	const struct run *run;
	struct metrics *metrics; /* owned; NULL: nobody wants figures */
	int64_t told_ms;
	uint64_t n_dead, n_state, n_state_bytes; /* counted by the sink */
};

/* The figures of that side, when they are wanted. Errors: those of kafka_options_metrics(). */
int kafka_signs_open(struct kafka_signs *signs, enum kafka_side side, const struct kafka_options *options, const struct metrics_options *wanted,
    struct err *err);
void kafka_signs_close(struct kafka_signs *signs); /* takes a zeroed one */

/* Tells, when it is time or at_once. Without a job, epochs needs its reader alone. */
void kafka_signs_of_source(struct kafka_signs *signs, const struct kafka_epochs *epochs, bool at_once);
void kafka_signs_of_sink(struct kafka_signs *signs, bool at_once);

/* What a commit changes, at each. */
void kafka_signs_of_commit(const struct kafka_signs *signs, const struct kafka_commit *commit);

#endif
