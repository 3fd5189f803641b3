/*
 * tally - sums and counts by group and window where every line counts
 *
 * What window.h does for tumbling windows over `period` in which no line replaces or holds another, for the functions that need
 * no more than a sum, a number, and where the first and the last line came from. Millions of groups (groups.h): lines are held back by the
 * dozen, so that what they will need is fetched meanwhile; what thousands of groups have to say is sorted (groups_order.h) and written by
 * several threads. Nothing of that can be told from the outside.
 *
 * Callbacks, order of output and errors are those of window.h. Nothing here does I/O.
 */
#ifndef LODE_TALLY_H
#define LODE_TALLY_H

#include "window.h"

struct tally;

/* Whether these rules can be followed here. */
bool tally_fits(const struct window_rules *rules);

/* rules are the caller's, must stay, and same_unit may still change before the first line. NULL without memory. */
struct tally *tally_new(const struct window_rules *rules, const struct window_output *output);
void tally_free(struct tally *tally); /* takes NULL */

/* As window_advance, window_add and window_finish. */
int tally_advance(struct tally *tally, struct str known, int64_t known_s, struct err *err);
int tally_add(struct tally *tally, const struct window_line *line, enum window_fate *fate, struct err *err);
int tally_finish(struct tally *tally, struct err *err);

#endif
