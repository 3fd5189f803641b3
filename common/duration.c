#include "duration.h"

static const struct {
	const char *name;
	int64_t seconds;
} units[] = { { "s", 1 }, { "min", 60 }, { "h", 3600 }, { "d", 86400 }, { "w", 7 * 86400 } };

int
duration_parse(struct str text, int64_t *seconds, struct err *err)
{
	const int64_t most = 3660000 * DURATION_DAY;
	struct str unit = text;
	int64_t number = 0;
	size_t i;

	for (; unit.n > 0 && char_is_digit(*unit.p) && number <= most; unit.p++, unit.n--)
		number = number * 10 + (*unit.p - '0');
	for (i = 0; unit.n < text.n && i < sizeof units / sizeof units[0]; i++) {
		if (!str_is(unit, units[i].name) || number > most / units[i].seconds)
			continue;
		*seconds = number * units[i].seconds;
		return LODE_OK;
	}
	return err_set(err, LODE_EUSAGE, "'%.*s' is not a duration like 90d, 12h, 15min or 90s", STR_ARG(text));
}
