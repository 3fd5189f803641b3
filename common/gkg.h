/*
 * gkg - articles of GDELT's Global Knowledge Graph: which themes they have at which places, their tone, and what they count
 *
 * Version 2.1 has 27 columns and says where in the article each theme and each place is: a theme is at the place nearest to it.
 * Version 1.0 has 11 columns, a line for articles that say the same, and a file of counts of its own with 15; without positions, each
 * theme is at each place. Lists within a column end with their separator or not; names may hold commas, so that `#` alone separates
 * the parts of a place.
 *
 * Life cycle: a zeroed struct gkg, gkg_read() for each row, gkg_release(). Holds what one article says.
 */
#ifndef LODE_GKG_H
#define LODE_GKG_H

#include "gdelt.h"

struct gkg {
	struct gkg_spot *spot;   /* places that are mentioned, in order of position; owned */
	struct gkg_said *said;   /* what has been found: one for each class or type, and place; owned */
	size_t n_spots, room_spots, n_said, room_said;
};

/*
 * A row of the GKG or of its counts, by the number of its columns. For each class of theme and each place theme.CLASS with
 * its severity, and tone.CLASS with the article's tone in percent; for each type of count and each place count.TYPE with the largest number. In the
 * order in which the article has them.
 * Rules: "header" (version 1.0), "no-place", "other-place", "other-class" (nothing of the table and no count at a place asked for).
 * Errors: LODE_EDATA with the column, "6 parts in a place, not 7", "6 parts in a count, not 10"; LODE_ENOMEM.
 */
int gkg_read(struct gkg *gkg, struct gdelt *gdelt, const struct record *record, const char **rule, struct err *err);
void gkg_release(struct gkg *gkg);

#endif
