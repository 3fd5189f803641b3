/*
 * obs - the observation, the one kind of record that filters exchange, and the header that names its columns
 *
 * The columns and their forms: lode-tape(7). Values hold tab, newline and backslash only as \t, \n and \\; nothing here
 * undoes that, because nothing needs to.
 */
#ifndef LODE_OBS_H
#define LODE_OBS_H

#include <stdbool.h>

#include "arena.h"
#include "rows.h"

enum obs_column {
	OBS_KNOWN,
	OBS_PERIOD,
	OBS_AREA,
	OBS_PARTNER,
	OBS_COMMODITY,
	OBS_INDICATOR,
	OBS_VALUE,
	OBS_UNIT,
	OBS_STATUS,
	OBS_SOURCE,
	OBS_REF,
	OBS_N
};

extern const char *const obs_names[OBS_N];

struct obs {
	struct str f[OBS_N];
};

/* What differs between the observations in one record of a source. */
struct tape_figure {
	struct str indicator, value, unit, status;
};

/* The names of a file's columns. */
struct header {
	unsigned n;
	struct str *names; /* owned by arena */
	int obs[OBS_N];    /* where each column of an observation stands, or -1 */
	struct arena *arena;
};

/*
 * Copies the names out of a header record. Errors: LODE_EUSAGE "column 'x' is there twice" (an empty name may
 * be there often), LODE_ENOMEM.
 */
int header_init(struct header *header, const struct record *record, struct err *err);
void header_release(struct header *header); /* takes a zeroed one */

/* The column of that name, or -1. */
int header_find(const struct header *header, struct str name);

/* The same; errors: LODE_EUSAGE "no column 'x' in the header". */
int header_need(const struct header *header, const char *name, unsigned *column, struct err *err);

/*
 * Checks that these are the columns of a tape: all eleven, in any order.
 * Errors: LODE_EUSAGE "not a tape: no column 'known' in the header".
 */
int header_check_tape(const struct header *header, struct err *err);

/* The observation in a record of a tape with that header. A column that the tape lacks is empty. */
void obs_of_record(const struct header *header, const struct record *record, struct obs *obs);

/*
 * Checks the form of all eleven columns. Errors: LODE_EDATA with the column's name in the place, as in
 * "'2025-13' is not a period like ...", "cannot read '12,5t' as a decimal", "'X' is not a status: A, P, E, F or O",
 * "'mm' is not an area like CN, MM-11, W0 or X-CN", "'x y' is not a dotted name like import.mass", "empty" (unit, source, ref),
 * "not valid UTF-8 at byte 3", "control character at byte 3", "a backslash that is not \t, \n or \\ at byte 3".
 */
int obs_check(const struct obs *obs, struct err *err);

/* Checks any column's text: valid UTF-8, no control characters, backslashes only as \t, \n and \\. Errors: LODE_EDATA without a place. */
int obs_check_text(struct str text, struct err *err);

/* True when a record of a tape is a control line. */
static inline bool
obs_is_control(const struct record *record)
{
	return record->raw.n > 0 && record->raw.p[0] == '#';
}

#endif
