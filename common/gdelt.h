/*
 * gdelt - the kinds of GDELT's files, their times and their places as ours
 *
 * Columns count from 0. The number of columns tells the kind: events of version 2.0 have 61; those of 1.0 have no ADM2 columns, days
 * instead of times, and 58 columns, or 57 (without SOURCEURL) before April 2013. What a row of a kind says is in gdelt_rows.h and gkg.h.
 */
#ifndef LODE_GDELT_H
#define LODE_GDELT_H

#include "classes.h"
#include "codes.h"
#include "instant.h"
#include "list.h"
#include "obs.h"
#include "period.h"

enum { GDELT_DAY = 1, GDELT_CODE = 26, GDELT_MENTIONS = 31 };

enum gdelt_kind { GDELT_KIND_EVENTS, GDELT_KIND_MENTIONS, GDELT_KIND_GKG, GDELT_KIND_COUNTS, GDELT_KIND_TOTALS, GDELT_KINDS };

extern const char *const gdelt_kind_names[GDELT_KINDS]; /* events, mentions, gkg, counts, totals */

struct gdelt_layout {
	unsigned n;
	unsigned actor_country[2]; /* FIPS */
	unsigned country;          /* FIPS, of the action; the next column is its ADM1 */
	unsigned added;            /* DATEADDED: 14 digits, in 1.0 8 */
	unsigned url;              /* 0: none */
};

/* By the number of columns; NULL when no event file has so many. */
const struct gdelt_layout *gdelt_layout(unsigned n);

/*
 * The kind of a row. Errors: LODE_EDATA "3 fields with blanks between them: a list of files (--list)", "60 fields: events have 61 (1.0: 57,
 * 58), mentions 16, a GKG 27 (1.0: 11), counts 15".
 */
int gdelt_kind(const struct record *record, enum gdelt_kind *kind, struct err *err);

/* True for a line "SIZE MD5 URL" of GDELT's lists of files. */
bool gdelt_is_list(struct str line);

/* Errors: LODE_EDATA "'x' is not a date like YYYYMMDD". */
int gdelt_day(struct str text, struct period *day, struct err *err);

/* 11:00 on the day after that one, when the files of version 1.0 come out: seconds since 1970, UTC. */
int64_t gdelt_known_of_day(int32_t day);

/* Errors: LODE_EDATA "'x' is not a time like YYYYMMDDHHMMSS". */
int gdelt_time(struct str text, int64_t *seconds, struct err *err);

/*
 * When a row was published: a time; in version 1.0 a day, whose file comes out on the next one.
 * Errors: LODE_EDATA "'x' is not a time like YYYYMMDDHHMMSS", "'x' is not a date like YYYYMMDD".
 */
int gdelt_known(bool is_day, struct str text, int64_t *known, struct err *err);

/* FIPS codes of countries and ADM1 units to ISO 3166, and which of them are asked for. */
struct gdelt_places {
	struct codes *codes;            /* owned */
	const struct option_list *area;
	unsigned char seen[1 << 16];    /* by the two bytes of a country: what is known about it */
};

/* The table has the columns fips, iso; area lasts as long as places. Errors: those of table_load and codes_new. */
int gdelt_places_init(struct gdelt_places *places, const char *path, const struct option_list *area, struct err *err);
void gdelt_places_release(struct gdelt_places *places); /* takes a zeroed one */

/*
 * The place of an action, of its ADM1 unit where the table has it. *rule is NULL, or the rule that leaves it out: "no-place",
 * "other-place". Errors: LODE_EDATA "unknown FIPS code 'x'".
 */
int gdelt_place(struct gdelt_places *places, struct str country, struct str adm1, struct str *area, const char **rule, struct err *err);

/* ISO code of a country; empty for an unknown one. */
struct str gdelt_country(const struct gdelt_places *places, struct str country);

/* Columns of the tape beyond those of any. */
enum gdelt_extra { GDELT_X_URL, GDELT_X_CAMEO, GDELT_X_MENTIONS, GDELT_X_EVENT, GDELT_X_CONFIDENCE, GDELT_N_EXTRA };

extern const char *const gdelt_extra_names[GDELT_N_EXTRA];

/* A line of the tape; all but its ref. */
struct gdelt_line {
	struct obs obs;
	struct str extra[GDELT_N_EXTRA];
};

/* What rows are read by; the same for all kinds. */
struct gdelt {
	struct gdelt_places places;
	struct classes classes;      /* by CAMEO code */
	struct classes themes;       /* by theme of the GKG; class NULL: themes are not looked at */
	struct table events;         /* a tape: what mentions are about; path NULL: none */
	struct map *by_event;        /* number of its row and 1, by GLOBALEVENTID */
	bool all;                    /* every event counts, for its country and whatever its class */
	double confidence;           /* the least, 0 to 1 */
	void (*write)(void *argument, const struct gdelt_line *line);
	void *argument;
	char newest[INSTANT_MAX];    /* known of the last line written */
	/* what the line in hand points to */
	char known[INSTANT_MAX], period[PERIOD_MAX], indicator[96], number[16];
};

/* A line of source gdelt with value 1; the rest is empty. */
void gdelt_line_init(struct gdelt_line *line);

/*
 * Sets known and period of a line, which is about a period that has begun by then, and is no earlier than the last line. column and name:
 * where known comes from. Errors: LODE_EDATA "the event's day 2024-10-21 is after 2024-10-20T07:15:00Z, when it became known"; with the column "known ... is
 * before ... of a line above it: put the files in order".
 */
int gdelt_set_times(struct gdelt *gdelt, struct gdelt_line *line, int64_t known_s, struct period period, unsigned column, const char *name,
    struct err *err);

/* Sets the indicator PREFIX.NAME, NAME in small letters, with - for _. Errors: LODE_EDATA "cannot read 'x' as the name of a ...". */
int gdelt_set_indicator(struct gdelt *gdelt, struct gdelt_line *line, const char *prefix, struct str name, struct err *err);

/* Puts the place on an error; column counts from 0. Returns err->code. */
int gdelt_blame(unsigned column, const char *name, struct err *err);

/* Errors: LODE_EDATA with the column "not valid UTF-8 at byte 21". */
int gdelt_check_url(struct str url, unsigned column, const char *name, struct err *err);

/* Errors: LODE_EDATA with the column "cannot read 'many' as a decimal". */
int gdelt_check_number(struct str number, unsigned column, const char *name, struct err *err);

void gdelt_release(struct gdelt *gdelt); /* takes a zeroed one */

#endif
