/*
 * unit - units of mass and of price, written UCUM-like: `kg`, `t`, `CNY/kg`, `1`
 *
 * A price's unit is CURRENCY/MASS, with an optional whole multiple of the currency: `10000CNY/t`.
 */
#ifndef LODE_UNIT_H
#define LODE_UNIT_H

#include <stdbool.h>

#include "dec.h"

/*
 * Kilograms in one of this unit, exactly: mg g kg t kt Mt, lb, 100kg.
 * Errors: LODE_EDATA "'TEXT' is not a unit of mass".
 */
int unit_mass(struct str text, struct dec *kg, struct err *err);

struct unit_price {
	struct dec multiple; /* 1, 1000, 10000 ... */
	struct str currency; /* three capitals, a view into the text */
	struct str mass;     /* a view; unit_mass() accepts it */
};

/* Errors: LODE_EDATA "'TEXT' is not a price per mass like CNY/kg". */
int unit_price_parse(struct str text, struct unit_price *unit, struct err *err);

/* True for an ISO 4217 shape: three capitals. */
bool unit_is_currency(struct str text);

#endif
