/*
 * gather - a line of a tape as windows take it: which group it belongs to, and which figure it is
 *
 * The group is what is aggregated together: the columns the user names. The figure is the key of an observation without its
 * period, further columns that the user names, and the group: lines of one figure and one period replace each other.
 * A weight belongs to the figure that differs from it in indicator and unit alone.
 */
#ifndef LODE_GATHER_H
#define LODE_GATHER_H

#include "columns.h"
#include "instant.h"
#include "window.h"

struct gather {
	struct columns group, figure, weighed_by, weight; /* the latter two without indicator and unit */
	struct header columns; /* where those of an observation stand, without names */
	struct arena *names;
	const char *more[COLUMNS_MAX + 1]; /* columns of the group that are not of an observation, owned by names */
	size_t n_more;
	enum obs_column place[COLUMNS_MAX]; /* of each column of the group; OBS_N: one of more[] */
	/* what the line before had, which most lines have as well */
	char last_known[INSTANT_MAX], last_period[PERIOD_MAX];
	int64_t known_s;
	struct period period;
};

/*
 * by[n_by]: the columns of the group; none: area, partner, commodity, indicator, source, unit. more[n_more]: further columns of the key.
 * At most 64 each. by_period: lines may be grouped by their period.
 * Errors: LODE_EUSAGE "no column 'basket' in the header", "--by: a window has no one 'value'"; LODE_ENOMEM.
 */
int gather_init(struct gather *gather, const struct header *header, const struct str *by, size_t n_by, const struct str *more,
    size_t n_more, bool by_period, struct err *err);
void gather_release(struct gather *gather); /* takes a zeroed one */

/* True when lines are grouped by that column. */
bool gather_by(const struct gather *gather, enum obs_column column);

/*
 * Fills line, which is zeroed before the first call; its texts are valid until the next call or the end of the record. A line is a weight when its indicator is weight (p NULL: none is).
 * all: every line counts, so no series are needed and they stay empty.
 * Errors: LODE_EDATA with the column for a known, period or value that cannot be read (the value may be empty); LODE_ENOMEM.
 */
int gather_line(struct gather *gather, const struct record *record, struct str weight, bool all, struct window_line *line, struct err *err);

/*
 * The observation that a group stands for: the columns it is grouped by, as views into group, the others empty; more[] the values of
 * gather->more.
 */
void gather_group(const struct gather *gather, struct str group, struct obs *obs, struct str *more);

#endif
