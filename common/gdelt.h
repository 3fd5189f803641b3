/*
 * gdelt - the columns of GDELT's event files, and its places as ours
 *
 * Columns count from 0. Version 2.0 has 61 columns; 1.0 has no ADM2 columns, days instead of times, and 58 columns, or 57
 * (without SOURCEURL) before April 2013.
 */
#ifndef LODE_GDELT_H
#define LODE_GDELT_H

#include "codes.h"
#include "list.h"
#include "period.h"

enum { GDELT_DAY = 1, GDELT_CODE = 26, GDELT_MENTIONS = 31 };

struct gdelt_layout {
	unsigned n;
	unsigned actor_country[2]; /* FIPS */
	unsigned country;          /* FIPS, of the action; the next column is its ADM1 */
	unsigned added;            /* DATEADDED: 14 digits, in 1.0 8 */
	unsigned url;              /* 0: none */
};

/* By the number of columns; NULL when no event file has so many. */
const struct gdelt_layout *gdelt_layout(unsigned n);

/* True for a line "SIZE MD5 URL" of GDELT's lists of files. */
bool gdelt_is_list(struct str line);

/* Errors: LODE_EDATA "'x' is not a date like YYYYMMDD". */
int gdelt_day(struct str text, struct period *day, struct err *err);

/*
 * When a row was published: seconds since 1970, UTC. 2.0: DATEADDED. 1.0: 11:00 on the day after it, when the day's file comes out.
 * Errors: LODE_EDATA "'x' is not a time like YYYYMMDDHHMMSS", "'x' is not a date like YYYYMMDD".
 */
int gdelt_known(const struct gdelt_layout *layout, struct str text, int64_t *known, struct err *err);

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

#endif
