/*
 * convert - one observation in another unit of mass, currency or tax
 *
 * Masses (`*.mass`), values in a currency (`*.value`) and prices per mass (`price.*` but for `price.premium.*`); rates are
 * observations too (`fx.rate`, commodity BASE/QUOTE, unit QUOTE/BASE), to be offered in the order of their tape. Everything else
 * is left alone.
 */
#ifndef LODE_CONVERT_H
#define LODE_CONVERT_H

#include "list.h"
#include "obs.h"
#include "rates.h"
#include "vat.h"

/* What to convert to; p NULL leaves it as it is. */
struct convert_rules {
	struct str mass;       /* unit of *.mass */
	struct str price_mass; /* unit of mass in a price; the currency's multiple becomes 1 */
	struct str currency;   /* of price.* and *.value */
	struct str tax;        /* of price.*: `incl` or `excl` */
	struct dec vat;        /* rate, with tax: 0 or more */
	const struct vat *vats; /* rates by area and day instead, or NULL; the caller's */
	struct option_list rates; /* sources of the rates to use; empty: all */
	int32_t max_age;       /* days of a rate */
};

struct convert {
	struct convert_rules rules; /* the views are the caller's */
	struct dec mass_kg, price_kg;
	struct rates *rates; /* owned */
};

enum { CONVERT_UNIT_MAX = 64 };

/* What became of an observation; p NULL: as it was. Valid until the next convert_obs(). */
struct converted {
	struct str value, unit, tax;
	bool is_rate; /* it was one, and is kept */
	char value_bytes[DEC_MAX], unit_bytes[CONVERT_UNIT_MAX];
};

/* Errors: LODE_EDATA "'x' is not a unit of mass" for a rule that names none; LODE_ENOMEM. */
int convert_init(struct convert *convert, const struct convert_rules *rules, struct err *err);
void convert_release(struct convert *convert); /* takes a zeroed one */

/*
 * convert_obs - takes an observation, keeps it when it is a rate, says what it becomes
 *
 * Missing  an empty value stays empty, in the new unit, and needs no rate
 * Rounding exact; where a division does not end, RATIO_DIGITS significant digits, half to even. A value that stays what it
 *          is keeps its digits as they are
 * Rate     the newest one given so far whose day is not after the observation's: the last of its period, or that of
 *          `known` when that is earlier
 * Tax      the rate of all days of the period up to `known`, of the observation's area
 * Errors   LODE_EDATA with the name of the column, whose number is that of the canonical order (0 for tax):
 *          "'x' is not a price per mass like CNY/kg", "'x' is not a unit of mass", "'x' is not a currency like USD",
 *          "it is not known whether tax is in the price", "'x' is not incl or excl", "'x' is not a pair of currencies like
 *          EUR/CNY", "a rate of EUR/CNY is in CNY/EUR, not in 'x'", and those of dec_parse, rates_put, rates_convert and vat_rate;
 *          LODE_ENOMEM
 */
int convert_obs(struct convert *convert, const struct obs *obs, struct str tax, struct converted *converted, struct err *err);

#endif
