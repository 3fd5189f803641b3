/*
 * share - figures divided by the total of their period and country, as both become known and are revised
 *
 * Figures and totals of one moment come in any order; then share_next() gives each figure whose share they may have changed, once.
 * Holds the newest line of each key, and each total.
 *
 * Life cycle: share_init; share_total and share_figure; at the end of each moment share_next until NULL; share_release.
 */
#ifndef LODE_SHARE_H
#define LODE_SHARE_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "dec.h"
#include "err.h"
#include "map.h"

/* A figure, or a total with the figures that are parts of it. */
struct share_part {
	struct share_part *whole;   /* NULL: this is a total */
	struct share_part *next;    /* of the same total; of a total its first part */
	struct share_part *changed; /* the next one that waits */
	struct buf line;            /* of a figure, the newest */
	struct buf value;
	struct share_part *touched; /* the next one that changed since share_touched() */
	struct str key;
	uint64_t n_lines;           /* that had no share yet */
	uint64_t rank;              /* among those that wait: later is greater */
	uint64_t order;             /* the caller's, 0 at first */
	bool waits, said, is_touched;
};

struct share {
	struct map *figures, *totals; /* owned: struct share_part, totals by period and country */
	struct share_part *first, *last;      /* that wait */
	struct share_part *touched, *touched_last;
	uint64_t rank;
	struct buf text;
	size_t max_keys;
};

/* Errors: LODE_ENOMEM. */
int share_init(struct share *share, size_t max_keys, struct err *err);
void share_release(struct share *share); /* takes a zeroed one */

/* MM of MM-11; X-CN and W0 as they are. */
struct str share_country(struct str area);

/* Values are decimals or empty. Errors: LODE_ENOMEM, also "more than N keys to hold (--max-keys)". */
int share_total(struct share *share, struct str period, struct str area, struct str value, struct err *err);
int share_figure(struct share *share, struct str key, struct str period, struct str area, struct str value, struct str line, struct err *err);

/*
 * The next figure with its line, and its share in *value: exact or rounded to RATIO_DIGITS, empty when it had one and has none any more.
 * Figures that never had one are passed over. NULL when none waits; valid until then.
 */
const struct share_part *share_next(struct share *share, char number[DEC_MAX], struct str *value);

/*
 * For who keeps the state elsewhere: a part that is not as it was when share_touched() last gave it, once, the first one first; NULL when there is none. whole is NULL for
 * a total.
 */
struct share_part *share_touched(struct share *share);

/*
 * Puts a figure back as it was, with what share_total and share_figure do not tell; figures in the order in which they first came. rank 0: it does not
 * wait. After the last one share_rewait() puts those that wait in order. Errors: those of share_figure; LODE_ENOMEM.
 */
int share_restore(struct share *share, struct str key, struct str period, struct str area, struct str value, struct str line,
    const struct share_part *as, struct err *err);
int share_rewait(struct share *share, struct err *err);

/* Lines of figures that never had a share. */
uint64_t share_without(const struct share *share);

#endif
