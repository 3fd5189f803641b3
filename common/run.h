/*
 * run - the loop of every filter, written once
 *
 * The order is the correctness of the toolkit: read a record; on the first, check the header, write and flush the output's
 * header at once; hand each record to the filter; a record the filter calls bad goes to the rejects with its
 * own bytes, place and reason, or ends the run; forward control lines in order and flush behind them; flush whenever the input would block;
 * at the end call finish, flush, close everything with checks, say on stderr in one line what was not used.
 * SIGTERM and SIGINT end the run with whole lines and without finish, and the program then dies of that signal; in a stream with checkpoints
 * (stream.h) the second one does: the first is for the source, which then ends the stream. One that comes two seconds or more behind that one ends the
 * program where it is.
 *
 * A filter's main: options_parse, run_open, run_tape or run_inputs with run_rows_of (parse.h), run_end.
 */
#ifndef LODE_RUN_H
#define LODE_RUN_H

#include "option.h"
#include "rejects.h"
#include "state.h"
#include "tape.h"

struct run_options {
	const char *rejects; /* path, or NULL: stop at the first bad record */
	bool allow_rejects;  /* status 0 although records were rejected */
	size_t max_record;   /* bytes; set by RUN_DEFAULTS */
	const char *name;    /* what to call the input in refs and messages, or NULL */
	const char *state;   /* what to call the state in a stream; NULL: as the program */
};

#define RUN_DEFAULTS { .max_record = 1 << 20 }

/* The options every filter has; `type` is the filter's struct of options, `member` its struct run_options. */
#define RUN_OPTIONS(type, member) \
	{ 0, "rejects", "FILE", OPTION_TEXT, offsetof(type, member.rejects), "write bad records to FILE and go on" }, \
	{ 0, "allow-rejects", NULL, OPTION_FLAG, offsetof(type, member.allow_rejects), "end with status 0 in spite of rejects" }, \
	{ 0, "max-record", "BYTES", OPTION_SIZE, offsetof(type, member.max_record), "longest record, 1M by default" }, \
	{ 0, "name", "NAME", OPTION_TEXT, offsetof(type, member.name), "call the input NAME in refs and messages" }

/* And those that keep state in a stream with checkpoints. */
#define RUN_STATE_OPTION(type, member) \
	{ 0, "state", "NAME", OPTION_TEXT, offsetof(type, member.state), "name of the state in a stream, the program's by default" }

enum { RUN_MAX_RULES = 16 };

struct stream;

struct run {
	const struct program *program;
	const struct run_options *options;
	struct sink out;
	struct rejects rejects;
	uint64_t n_records, n_kept, n_rejected;
	struct {
		const char *name;
		uint64_t n;
		bool note;
	} rule[RUN_MAX_RULES];
	unsigned n_rules;
	const char *source; /* name of the input in hand */
	struct str header;  /* its header line, p NULL when it has none */
	bool header_written;
	struct state *state;   /* for state_put() and state_drop(); NULL outside a stream with checkpoints */
	struct str state_form; /* the options without which that state means something else, as text: the filter's; p NULL: none */
	struct stream *stream; /* of the loop that runs */
};

/* Opens output and rejects, takes the signals. Errors: LODE_EIO, LODE_ENOMEM. Call run_end() whatever it returns. */
int run_open(struct run *run, const struct program *program, const struct run_options *options, struct err *err);

/*
 * Flushes and closes, prints err or the counts, and returns the exit status for main. rc is what the run returned
 * (LODE_DONE counts as LODE_OK).
 */
int run_end(struct run *run, int rc, struct err *err);

/*
 * Counts a record that a rule leaves out on purpose; name is a constant that the manual explains ("partner-world").
 * Such a record is neither output nor reject; the summary names it. A filter has at most RUN_MAX_RULES rules and notes together.
 */
void run_count_rule(struct run *run, const char *name);

/*
 * Counts records that an earlier run of the stream read and whose fate this one decides: rules may count them too, so the summary names them.
 * Called while state is restored.
 */
void run_count_kept(struct run *run, uint64_t n);

/*
 * Counts something about a record that was used ("no-fraction": passed on, but nothing was derived from it); the summary names it behind the
 * rejects, masked, since a name may be made of what a table says. name is valid until run_end().
 */
void run_count_note(struct run *run, const char *name);

/*
 * A bad record: err says why. Puts the place on err; writes the reject and returns LODE_OK, or returns err->code when
 * the run must stop (no --rejects, or the code is not LODE_EDATA).
 */
int run_reject(struct run *run, uint64_t line, struct str record, struct err *err);

/*
 * Calls each() for every operand, or for standard input when there is none, with the input open. each() does the reading;
 * LODE_DONE from it goes on to the next input; what else it returns ends the run.
 */
typedef int run_each(void *state, struct source *source, struct run *run, struct err *err);
int run_inputs(struct run *run, char *const *operands, run_each *each, void *state, struct err *err);

/* A filter that reads foreign delimited text. */
struct rows_filter {
	char separator, quote;
	bool no_header; /* the first record is data */
	unsigned skip, skip_after; /* records ahead of the header, as in titles, and between it and the data, as in units; rule "skipped" */
	/*
	 * Looks the columns up. LODE_EUSAGE (with the place put on by the loop) when they do not fit. The filter writes its output's header
	 * here by run_write_header(); the loop flushes. NULL with no_header.
	 */
	int (*on_header)(void *state, const struct header *header, struct run *run, struct err *err);
	/*
	 * Ahead of on_record, where most records are of no interest: one or two fields tell. False counts the record under the rule "not-selected". The
	 * reader is sparse then (rows.h). May be NULL.
	 */
	bool (*may_select)(void *state, const struct record *record);
	/* One record. LODE_OK; LODE_EDATA rejects it; LODE_DONE ends this input; others end the run. */
	int (*on_record)(void *state, const struct record *record, struct run *run, struct err *err);
	void *state;
};

/*
 * All records of one open input through the filter; an input of 0 bytes is LODE_EUSAGE "no header line: the input is empty", one that ends
 * among the records to skip "no header line: the input ends at record 2 of the 4 to skip".
 */
int run_rows_of(struct run *run, const struct rows_filter *filter, rows_read *read, void *from, struct err *err);

/* A filter from tape to tape. */
struct tape_filter {
	/* Checks the options against the header and writes the output's header. NULL: the same header. */
	int (*on_header)(void *state, const struct header *header, struct run *run, struct err *err);
	/* As above; LODE_DONE ends the whole run well (nothing further is read). */
	int (*on_record)(void *state, const struct record *record, struct run *run, struct err *err);
	/* After the last record of the last input; in a stream with checkpoints at #WM ts=inf, behind which more may come. May be NULL. */
	int (*on_finish)(void *state, struct run *run, struct err *err);
	/*
	 * A line whose `known` is no time is bad; one whose `known` is before that of the line ahead of it, in the same or an
	 * earlier input, ends the run with LODE_EDATA naming both.
	 */
	bool ordered;
	void *state;
	/*
	 * For streams with checkpoints (lode-common(7)), which a filter refuses when it says neither: nothing is held from one line to the next; or what
	 * is held goes into run->state whenever it changes, and comes back here, entry by entry in order, before the first record.
	 */
	bool stateless;
	int (*on_restore)(void *state, const struct state_entry *entry, struct run *run, struct err *err);
	/* A barrier behind at least one record: the last moment for state_put() and state_drop(). May be NULL. */
	int (*on_checkpoint)(void *state, struct run *run, struct err *err);
};

/*
 * From on_restore: the line as a record to on_record; what that writes or counts is dropped. Errors: LODE_EDATA "'LINE' is no state", for one that has
 * not as many fields as the header; those of on_record.
 */
int run_feed(struct run *run, struct str line, struct err *err);

/* Operands one after the other, standard input when there is none. All must have the same columns in the same order. */
int run_tape(struct run *run, char *const *operands, const struct tape_filter *filter, struct err *err);

/* The header of a filter that parses: eleven columns and the extra names; only the first call writes. */
void run_write_header(struct run *run, const char *const *extra, size_t n_extra);

/* One more SIGTERM or SIGINT than before is passed over. */
void run_outlives_signal(void);

/* What source_options need so that output is flushed before a read that blocks; for filters that open tapes themselves. */
struct source_options run_source_options(struct run *run);

#endif
