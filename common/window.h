/*
 * window - lines of a tape gathered by windows of time, and the watermark that says when a window has spoken
 *
 * A window lies over what the lines are about (period) or over when they became known. It has a fixed length and starts
 * every so often, or it is a session: it lasts while lines of its group follow one another within a gap.
 * Within a window a later line with the same key replaces the one before, and a published total and its parts
 * are never both counted (aggregate.h); with rules.all every line counts.
 *
 * The clock. A moment is all lines with the same known. Over known, and over period by the clock of known, a window fires when a line
 * comes that was known at its end plus the lateness, or after, and says so at that very instant. Over period by the clock of
 * the periods it fires at the end of the moment in which some period ended at the window's end plus the lateness, or
 * after, and says so at that moment. Either way the order of lines within a moment changes nothing, and what is said
 * leaves in order of known.
 *
 * Lines must come in order of known. Nothing here does I/O; results leave through callbacks, their texts valid during the call.
 */
#ifndef LODE_WINDOW_H
#define LODE_WINDOW_H

#include "aggregate.h"
#include "ordered.h"
#include "span.h"

enum { WINDOW_MAX_DIGITS = 20, WINDOW_MAX_THREADS = ORDERED_MAX };

struct window_rules {
	bool over_known;  /* else over period */
	bool clock_known; /* the watermark is known, else the newest end of a period; always true over known */
	bool is_session;  /* gap in place of size and every */
	bool revise;      /* a window that has fired is kept and corrected; else lines for it are late */
	bool all;         /* every line counts */
	bool complete;    /* over period: only windows all of whose days are covered by what counts */
	bool weigh;       /* lines with is_weight are weights */
	bool same_unit;   /* the lines of a window must agree in their unit */
	struct span size, every; /* both in months, or both in seconds (over period: whole days) */
	int64_t gap, lateness;          /* seconds (over period: whole days) */
	int64_t keep;     /* with revise: seconds after its firing at which a window is forgotten; -1: never */
	size_t max_keys;  /* windows and lines held */
	int digits;       /* of means, at most WINDOW_MAX_DIGITS */
	unsigned n_threads; /* that write what tally.h has to say, from 1 to WINDOW_MAX_THREADS */
	enum aggregate_function function[AGGREGATE_N];
	size_t n_functions;
};

/*
 * Checks what no single option can. Errors: LODE_EUSAGE, as in "--every is longer than --size".
 */
int window_rules_check(const struct window_rules *rules, struct err *err);

bool window_asks_for(const struct window_rules *rules, enum aggregate_function function);

/* What a window has to say: one function of one group. */
struct window_result {
	struct str group, unit;
	enum aggregate_function function;
	struct str known;
	struct str value; /* empty: what was said before does not hold any more */
	struct str ref;
	struct str period; /* the window's own, or the shortest that covers it */
	struct str extent; /* START/END: over period first and last day; over known instants, END exclusive but for sessions */
};

enum window_rule {
	WINDOW_TOTAL,     /* a total whose parts are all there */
	WINDOW_MISMATCH,  /* the same, and they do not add up to it; only when sums are asked for */
	WINDOW_NO_WEIGHT, /* a line to be weighed for which there was no weight */
};

struct window_output {
	/*
	 * Appends what the output has of a result; several threads may do so at a time, so nothing else is changed.
	 * Errors: LODE_ENOMEM.
	 */
	int (*on_result)(void *argument, const struct window_result *result, struct buf *text, struct err *err);
	/* gets what was appended, in order, of one result or of many */
	void (*on_text)(void *argument, struct str text);
	/* a total was left out that its parts do not add up to: once per line, only when sums are asked for */
	void (*on_mismatch)(void *argument, const struct part *total);
	/* a line was not counted for that reason; at most once per line, when its last window ends */
	void (*on_rule)(void *argument, enum window_rule rule);
	void *argument;
};

struct window_set;

/* rules are the caller's and must stay. NULL without memory. */
struct window_set *window_set_new(const struct window_rules *rules, const struct window_output *output);
void window_set_free(struct window_set *set); /* takes NULL */

struct window_line {
	struct str group;  /* with is_weight: the group without indicator and unit */
	struct str weighed_by; /* of a line that is weighed: the group of its weights */
	struct str weight_series; /* and their series */
	bool is_weight;
	struct str unit;
	struct period period;
	int64_t known_s;
	struct part part;  /* series, period, known, value (may be empty), ref, number, line; the rest is filled here */
};

/*
 * Time goes on to known (of the next line, whichever it is): fires what is due.
 * Errors: LODE_ENOMEM, also for a result of more than 37 digits.
 */
int window_advance(struct window_set *set, struct str known, int64_t known_s, struct err *err);

enum window_fate { WINDOW_TAKEN, WINDOW_LATE, WINDOW_OUTSIDE };

/*
 * Takes a line of the moment that window_advance() began. *fate: in some window; late for all; or its period lies whole in none.
 * Errors: LODE_EDATA "unit 't' differs from 'kg' of the same window", "period 'X' overlaps 'Y' of line N",
 * "'5', but '6' at line N for the same key and time (--key?)", "weight '-1' is negative" (then nothing has changed); LODE_ENOMEM "more than N keys (--max-keys)".
 */
int window_add(struct window_set *set, const struct window_line *line, enum window_fate *fate, struct err *err);

/*
 * The end of the input: everything fires, at the newest known. A stream with checkpoints may go on behind it: then what may be revised is kept,
 * and lines of other windows that have fired are late. Errors as in window_advance.
 */
int window_finish(struct window_set *set, struct err *err);

/*
 * In a stream with checkpoints: said ahead of the first line and of window_set_restore(), with the caller's state, which must stay. From then on
 * window_set_checkpoint() puts there what has changed since the last one, and a new set takes it back entry by entry: each line that on_rule may still be called for once with *is_line.
 * Errors: LODE_ENOMEM; of window_set_restore() LODE_EDATA "'KEY' is no state".
 */
void window_set_keep(struct window_set *set, struct state *state);
int window_set_checkpoint(struct window_set *set, struct err *err);
int window_set_restore(struct window_set *set, const struct state_entry *entry, bool *is_line, struct err *err);

/* The names of functions, none twice; no name is sum. Errors: LODE_EUSAGE "--function: 'x' is not one of sum, mean, ...". */
int window_rules_functions(struct window_rules *rules, const struct option_list *names, struct err *err);

#endif
