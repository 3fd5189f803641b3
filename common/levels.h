/*
 * levels - from a probability to a level of warning, with hysteresis
 *
 * A table (level enter leave) names the levels above "normal", rising. A level is entered at its `enter` and kept, from one
 * time to the next, down to its `leave`; so a probability that trembles around a limit does not raise an alarm each day.
 */
#ifndef LODE_LEVELS_H
#define LODE_LEVELS_H

#include "err.h"
#include "str.h"

struct levels;

/*
 * Errors: LODE_EIO; LODE_EUSAGE with the table's place, also "levels do not rise, or one is left above where it is entered" (nor may
 * what they are left at fall), "'1.5' is not a probability above 0 and up to 1", "level 'x' is there twice", "'normal' is what is below all
 * levels", "a level without a name", "a table without levels", "too many levels"; LODE_ENOMEM.
 */
int levels_new(struct levels **levels, const char *path, struct err *err);
void levels_free(struct levels *levels); /* takes NULL */

/*
 * Takes the levels of an earlier signal file as those before (columns as_of region commodity horizon level).
 * Errors: LODE_EIO; LODE_EUSAGE with the file's place, also "'x' is not a level", "... is not a time like ...".
 */
int levels_previous(struct levels *levels, const char *path, struct err *err);

/*
 * levels_step - the level of a key at a time
 *
 * Shape    key: any bytes; as_of in the form of instant.h, not before that of an earlier call
 * Missing  what was said of the same or a later time does not count as before: a day that is done again comes out the same
 * Errors   LODE_ENOMEM
 * Owner    *name is a view into levels
 */
int levels_step(struct levels *levels, struct str key, struct str as_of, double probability, struct str *name, struct err *err);

/*
 * What levels_step() said of a key as text, to be kept elsewhere, and back. Errors: LODE_EDATA "'x' is no state", also for a level that the table does not
 * have; LODE_ENOMEM.
 */
enum { LEVELS_TEXT = 512 };
struct str levels_text(const struct levels *levels, struct str key, char out[LEVELS_TEXT]);
int levels_restore(struct levels *levels, struct str key, struct str text, struct err *err);

/* The key of a row of a signal file, into out[size]; cut when it does not fit. */
struct str levels_key(struct str region, struct str commodity, struct str horizon, char *out, size_t size);

#endif
