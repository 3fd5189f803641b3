#include "unit.h"

static const struct {
	const char *name;
	const char *kg;
} masses[] = {
	{ "kg", "1" },
	{ "t", "1000" },
	{ "g", "0.001" },
	{ "mg", "0.000001" },
	{ "kt", "1000000" },
	{ "Mt", "1000000000" },
	{ "100kg", "100" },
	{ "lb", "0.45359237" }, /* international pound of 1959, exact */
};

int
unit_mass(struct str text, struct dec *kg, struct err *err)
{
	size_t i;

	for (i = 0; i < sizeof masses / sizeof masses[0]; i++)
		if (str_is(text, masses[i].name))
			return dec_parse(str_of(masses[i].kg), kg, err);
	return err_set(err, LODE_EDATA, "'%.*s' is not a unit of mass", STR_ARG(text));
}

bool
unit_is_currency(struct str text)
{
	size_t i;

	for (i = 0; i < text.n; i++)
		if (text.p[i] < 'A' || text.p[i] > 'Z')
			return false;
	return text.n == 3;
}

int
unit_price_parse(struct str text, struct unit_price *unit, struct err *err)
{
	struct str rest = text, money = { 0 };
	struct dec kg, multiple = dec_of(1);
	size_t digits = 0;

	if (!str_split(&rest, '/', &money) || rest.p == NULL || unit_mass(rest, &kg, err) != LODE_OK)
		goto bad;
	while (digits < money.n && char_is_digit(money.p[digits]))
		digits++;
	if (digits > 0 && dec_parse((struct str){ money.p, digits }, &multiple, err) != LODE_OK)
		goto bad;
	money = (struct str){ money.p + digits, money.n - digits };
	if (unit_is_currency(money) && multiple.mantissa > 0) {
		*unit = (struct unit_price){ multiple, money, rest };
		return LODE_OK;
	}
bad:
	return err_set(err, LODE_EDATA, "'%.*s' is not a price per mass like CNY/kg", STR_ARG(text));
}
