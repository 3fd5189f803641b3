#include "period.h"

#include <stdio.h>

#include "instant.h"

/* Everything but a span. */
static bool
simple(struct str text, struct period *period)
{
	int year, month, day;

	if ((text.n != 4 && text.n != 7 && text.n != 10) || (year = civil_digits(text.p, 4)) < 1)
		return false;
	if (text.n == 4) {
		*period = (struct period){ PERIOD_YEAR, month_number(year, 1), month_number(year, 12) };
		return true;
	}
	if (text.p[4] != '-')
		return false;
	if (text.n == 7 && text.p[5] == 'Q') {
		if (text.p[6] < '1' || text.p[6] > '4')
			return false;
		month = (text.p[6] - '1') * 3 + 1;
		*period = (struct period){ PERIOD_QUARTER, month_number(year, month), month_number(year, month + 2) };
		return true;
	}
	month = civil_digits(text.p + 5, 2);
	if (month < 1 || month > 12)
		return false;
	if (text.n == 7) {
		*period = period_of_month(month_number(year, month));
		return true;
	}
	day = civil_digits(text.p + 8, 2);
	if (text.p[7] != '-' || day < 1 || day > days_in_month(year, month))
		return false;
	*period = (struct period){ PERIOD_DAY, civil_to_days(year, month, day), civil_to_days(year, month, day) };
	return true;
}

int
period_parse(struct str text, struct period *period, struct err *err)
{
	struct period from, to;

	if (simple(text, period))
		return LODE_OK;
	if (text.n == 15 && text.p[7] == '/' && simple((struct str){ text.p, 7 }, &from) &&
	    simple((struct str){ text.p + 8, 7 }, &to) && from.kind == PERIOD_MONTH && to.kind == PERIOD_MONTH && from.first < to.first) {
		*period = (struct period){ PERIOD_SPAN, from.first, to.first };
		return LODE_OK;
	}
	return err_set(err, LODE_EDATA, "'%.*s' is not a period like 2025, 2025-Q2, 2025-05, 2025-05-14 or 2025-01/2025-02",
	    STR_ARG(text));
}

size_t
period_format(struct period period, char out[PERIOD_MAX])
{
	int year, month, day, n = 0;

	switch (period.kind) {
	case PERIOD_DAY:
		civil_from_days(period.first, &year, &month, &day);
		n = snprintf(out, PERIOD_MAX, "%04d-%02d-%02d", year, month, day);
		break;
	case PERIOD_MONTH:
		n = snprintf(out, PERIOD_MAX, "%04d-%02d", month_year(period.first), month_of_year(period.first));
		break;
	case PERIOD_QUARTER:
		n = snprintf(out, PERIOD_MAX, "%04d-Q%d", month_year(period.first), (month_of_year(period.first) + 2) / 3);
		break;
	case PERIOD_YEAR:
		n = snprintf(out, PERIOD_MAX, "%04d", month_year(period.first));
		break;
	case PERIOD_SPAN:
		n = snprintf(out, PERIOD_MAX, "%04d-%02d/%04d-%02d", month_year(period.first), month_of_year(period.first),
		    month_year(period.last), month_of_year(period.last));
		break;
	}
	return (size_t)n;
}

int32_t
month_of_day(int32_t days)
{
	int year, month, day;

	civil_from_days(days, &year, &month, &day);
	return month_number(year, month);
}

int32_t
period_first_month(struct period period)
{
	return period.kind == PERIOD_DAY ? month_of_day(period.first) : period.first;
}

int32_t
period_last_month(struct period period)
{
	return period.kind == PERIOD_DAY ? month_of_day(period.last) : period.last;
}

int32_t
month_first_day(int32_t number)
{
	return civil_to_days(month_year(number), month_of_year(number), 1);
}

int32_t
period_start(struct period period)
{
	return period.kind == PERIOD_DAY ? period.first : month_first_day(period.first);
}

int32_t
period_end(struct period period)
{
	return period.kind == PERIOD_DAY ? period.last + 1 : month_first_day(period.last + 1);
}
