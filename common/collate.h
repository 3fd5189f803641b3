/*
 * collate - observations written in order of `known`, whatever the order of the file
 *
 * A tape is in order of `known`; a file may list its months in any order or its days newest first. What is added is held and written,
 * sorted and otherwise in the order it came, by collate_finish(). When the caller says that all lines share one `known`, nothing is
 * held: they are written at once.
 *
 * Life cycle: collate_new, collate_add, collate_finish after the last input, collate_free.
 * Holds every observation added: its text and about 100 bytes more.
 */
#ifndef LODE_COLLATE_H
#define LODE_COLLATE_H

#include <stdbool.h>

#include "tape.h"

struct collate;

enum { COLLATE_MAX_EXTRA = 8, COLLATE_DEFAULT = 256 << 20 };

/* The option of every program that holds its output; `member` is a size_t, COLLATE_DEFAULT unless given. */
#define COLLATE_OPTION(type, member) \
	{ 0, "max-held", "BYTES", OPTION_SIZE, offsetof(type, member), "hold at most so much to sort it, 256M by default" }

/*
 * out outlives the collate. max_held: bytes that may be held; hold false: write at once.
 * Errors: LODE_ENOMEM.
 */
int collate_new(struct collate **collate, struct sink *out, bool hold, size_t max_held, struct err *err);
void collate_free(struct collate *collate); /* takes NULL */

/*
 * Copies obs and n_extra <= COLLATE_MAX_EXTRA further values, as many each time. Errors: LODE_ENOMEM, also "more than N bytes to hold: select
 * less or raise --max-held"; a failed write is the sink's to report.
 */
int collate_add(struct collate *collate, const struct obs *obs, const struct str *extra, size_t n_extra, struct err *err);

/* The same for several lines that have all but four columns in common. */
int collate_add_figures(struct collate *collate, const struct obs *obs, const struct str *extra, size_t n_extra,
    const struct tape_figure *figure, size_t n, struct err *err);

/* Writes what is held and forgets it. Errors: LODE_ENOMEM. */
int collate_finish(struct collate *collate, struct err *err);

#endif
