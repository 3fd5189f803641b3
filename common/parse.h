/*
 * parse - what the filters share that turn the files of others into observations
 *
 * Options that select early (--commodity, --partner, --since), the time a figure became known (--known or --calendar) and
 * the source's codes for countries (--partners); and the reading of delimited text whose lines become refs.
 */
#ifndef LODE_PARSE_H
#define LODE_PARSE_H

#include "calendar.h"
#include "codes.h"
#include "instant.h"
#include "option.h"
#include "ref.h"
#include "run.h"

struct parse_options {
	int64_t known;        /* PARSE_NEVER when not given */
	const char *calendar; /* path or NULL */
	const char *partners; /* path or NULL */
	const char *since;    /* a period or NULL */
	struct option_list commodity, partner;
};

#define PARSE_NEVER INT64_MIN
#define PARSE_DEFAULTS { .known = PARSE_NEVER }

#define PARSE_OPTIONS(type, member) \
	{ 'k', "known", "TIME", OPTION_INSTANT, offsetof(type, member.known), "when the figures became known (a date: its end)" }, \
	{ 0, "calendar", "FILE", OPTION_TEXT, offsetof(type, member.calendar), "table of release dates, instead of --known" }, \
	{ 0, "partners", "FILE", OPTION_TEXT, offsetof(type, member.partners), "table of country codes" }, \
	{ 'c', "commodity", "CODES", OPTION_LIST, offsetof(type, member.commodity), "only commodities that start with one of these" }, \
	{ 'p', "partner", "AREAS", OPTION_LIST, offsetof(type, member.partner), "only these partners, as in MM,LA" }, \
	{ 0, "since", "PERIOD", OPTION_TEXT, offsetof(type, member.since), "only periods from here on" }

struct parse {
	const struct parse_options *options;
	struct calendar *calendar;      /* NULL with --known */
	struct codes *partners;
	int32_t since;                  /* months since 1970-01, INT32_MIN for all */
	struct period known_period;     /* the last period asked for, and the answer */
	char known[INSTANT_MAX];
};

/*
 * Checks the options and loads the tables; list names the source in both tables ("gacc").
 * Errors: LODE_EUSAGE "--known or --calendar is needed", "--known and --calendar exclude each other",
 * "--partners is needed", what is wrong in a table; LODE_EIO.
 */
int parse_open(struct parse *parse, const struct parse_options *options, const char *list, struct err *err);

/* The same for a source that has a calendar of its own and the country codes of another. */
int parse_open_lists(struct parse *parse, const struct parse_options *options, const char *calendar_list, const char *partner_list,
    struct err *err);
void parse_release(struct parse *parse); /* takes a zeroed one */

/* False for a period that --since leaves out. */
bool parse_wants(const struct parse *parse, struct period period);

/*
 * When the figures of that period became known, as text in parse (until the next call).
 * Errors: LODE_EDATA "the calendar has no release of PERIOD".
 */
int parse_known(struct parse *parse, struct period period, struct str *known, struct err *err);

/* The codes for countries of one list of the table at path. Errors: LODE_EUSAGE what is wrong in the table; LODE_EIO, LODE_ENOMEM. */
int parse_load_partners(struct codes **partners, const char *path, const char *list, struct err *err);

/* The partner's area. Errors: LODE_EDATA "unknown partner code '999'". */
int parse_partner(const struct parse *parse, struct str code, struct str *area, struct err *err);

/*
 * One open input through a filter of delimited text, refused when it is no table (peek_table()); ref is set to its name.
 * Errors: those of run_rows_of(); LODE_EDATA "this is a web page, not a table" and the like.
 */
int parse_rows(struct run *run, const struct rows_filter *filter, struct source *source, struct ref *ref, struct err *err);

/* The same over all operands, or standard input. */
int parse_inputs(struct run *run, char *const *operands, const struct rows_filter *filter, struct ref *ref, struct err *err);

#endif
