/*
 * vintage - the newest line of each key
 *
 * Holds one copy of a line for every key. Life cycle: vintage_new, vintage_put in the order of the tape, vintage_sort,
 * vintage_line, vintage_free.
 */
#ifndef LODE_VINTAGE_H
#define LODE_VINTAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "str.h"

struct vintage;

/* Errors: LODE_ENOMEM. */
int vintage_new(struct vintage **vintage, size_t max_keys, struct err *err);
void vintage_free(struct vintage *vintage); /* takes NULL */

/*
 * line replaces what key had. Both are copied.
 * Errors: LODE_ENOMEM, also "more than N keys: raise --max-keys" when max_keys are held and key is another.
 */
int vintage_put(struct vintage *vintage, struct str key, struct str line, struct err *err);

/* What key has; false when it has nothing. Valid until the next vintage_put(). */
bool vintage_get(const struct vintage *vintage, struct str key, struct str *line);

size_t vintage_count(const struct vintage *vintage);

/* Puts the lines into the order in which they came. No vintage_put() after it. */
void vintage_sort(struct vintage *vintage);
struct str vintage_line(const struct vintage *vintage, size_t i); /* i < vintage_count() */

#endif
