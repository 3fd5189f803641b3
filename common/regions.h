/*
 * regions - a source's code of a country, and the name of a first order unit in it, as an area
 *
 * Codes come first: the country is found by its code, and a name counts only among the units of that country, so that one name may be used in two.
 * Names are rows of a gazetteer, columns name, kind (`region` here; towns and others are skipped), iso, source; they are compared
 * without regard to the case of ASCII letters.
 */
#ifndef LODE_REGIONS_H
#define LODE_REGIONS_H

#include "buf.h"
#include "codes.h"
#include "list.h"

struct regions {
	const struct codes *countries;  /* the caller's */
	const struct option_list *area; /* the caller's: only areas that start with one of these */
	struct map *units;              /* owned; value.pointer: a terminated area in texts */
	struct arena *texts;
	struct buf key;
};

/*
 * Errors: those of table_load(); LODE_EUSAGE with the row's place "'MMR-11' is not a subdivision like MM-11", "'Mon' of MM is there twice" (as two
 * subdivisions); LODE_ENOMEM.
 */
int regions_init(struct regions *regions, const struct codes *countries, const char *path, const struct option_list *area,
    struct err *err);
void regions_release(struct regions *regions); /* takes a zeroed one */

/*
 * The area of that unit where the gazetteer has it, else of its country, owned by the tables; *wanted is false for one that is not asked for.
 * Errors: LODE_EDATA "unknown country code 'x'"; LODE_ENOMEM.
 */
int regions_area(struct regions *regions, struct str code, struct str unit, struct str *area, bool *wanted, struct err *err);

#endif
