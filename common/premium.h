/*
 * premium - what a substance costs outside China, against its price in China
 *
 * Three sides of a market are kept apart by area and term: China at home (area CN, term exw), China for export (CN, fob) and Europe
 * (area EU, any term but list). Each new quote of one side is compared with the newest one of the other: Europe, or f.o.b., over China
 * at home. Prices without tax alone count, and of equal units.
 *
 * The lines of a quote (low, high, avg) stand next to each other on a tape. Life cycle: premium_new; for each line, if
 * premium_continues() is false, premium_close() and what it gives; then premium_add(); at the end premium_close() again; premium_free.
 * Holds the newest quote of each commodity and side.
 */
#ifndef LODE_PREMIUM_H
#define LODE_PREMIUM_H

#include "buf.h"
#include "dec.h"
#include "obs.h"

struct premium;

/* max_days: how far apart the days of two quotes may be. Errors: LODE_ENOMEM. */
int premium_new(struct premium **premium, int32_t max_days, struct err *err);
void premium_free(struct premium *premium); /* takes NULL */

/* True when the line belongs to the quote in hand. */
bool premium_continues(const struct premium *premium, const struct obs *obs);

/*
 * Takes a line; what is no price of one of the three sides is passed over. obs is valid, as lode-check(1) would have it, or at least its
 * period and value are checked here.
 * Errors: LODE_EDATA with the column: those of period_parse and dec_parse, "a price of '0' is not above zero"; LODE_ENOMEM.
 */
int premium_add(struct premium *premium, const struct obs *obs, struct str tax, struct err *err);

enum { PREMIUM_MAX = 2 };

/* Observations of premiums; views valid until the next premium_add(). */
struct premium_lines {
	size_t n;
	struct obs obs[PREMIUM_MAX];
	char value[PREMIUM_MAX][DEC_MAX];
};

/*
 * Ends the quote in hand and compares it
 *
 * Shape    lines of price.premium.europe and price.premium.fob, unit 1: the price outside over the one at home, each the average, or else
 *          the middle of low and high; 6 digits behind the point, half to even
 *          known: that of the quote in hand; period and area: those of the newer period and of the side outside; status A when both quotes
 *          are A, else E; source lode; ref: that of the side outside and that of China at home, a blank between them
 * Missing  no line, with *rule the reason: "premium-tax" (tax is in it, or may be), "premium-no-level" (one of low and high alone),
 *          "premium-alone" (nothing to compare with yet), "premium-unit" (that is in another unit), "premium-too-far"; NULL when there is a line, or
 *          no quote in hand
 * Errors   LODE_ENOMEM; LODE_EDATA "number is too large"
 */
int premium_close(struct premium *premium, struct premium_lines *lines, const char **rule, struct err *err);

/*
 * What is held, kept elsewhere: premium_touched() gives each quote that is not the one it last gave, under a key of its own; LODE_DONE when there is none.
 * premium_hand() gives the quote in hand, empty without one. Errors: LODE_ENOMEM; of restoring LODE_EDATA "'x' is no state".
 */
int premium_touched(struct premium *premium, struct buf *key, struct buf *text, struct err *err);
int premium_hand(const struct premium *premium, struct buf *text, struct err *err);
int premium_restore(struct premium *premium, struct str key, struct str text, struct err *err);
int premium_restore_hand(struct premium *premium, struct str text, struct err *err);

#endif
