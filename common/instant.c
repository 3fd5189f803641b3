#include "instant.h"

#include <assert.h>

/* Days from civil and back: counting eras of 400 years from 1 March, where a leap day comes last. */
int32_t
civil_to_days(int year, int month, int day)
{
	int era, y = year - (month <= 2);
	int of_era, of_year;

	era = (y >= 0 ? y : y - 399) / 400;
	of_era = y - era * 400;
	of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void
civil_from_days(int32_t days, int *year, int *month, int *day)
{
	int era, of_era, year_of_era, of_year, shifted;

	days += 719468;
	era = (days >= 0 ? days : days - 146096) / 146097;
	of_era = days - era * 146097;
	year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	shifted = (5 * of_year + 2) / 153;
	*day = of_year - (153 * shifted + 2) / 5 + 1;
	*month = shifted + (shifted < 10 ? 3 : -9);
	*year = year_of_era + era * 400 + (*month <= 2);
}

int
days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

int
civil_digits(const char *p, int n)
{
	int value = 0;

	for (; n > 0; n--, p++) {
		if (!char_is_digit(*p))
			return -1;
		value = value * 10 + (*p - '0');
	}
	return value;
}

/* Days since 1970 of the ten bytes at p; false when they are not a date. */
static bool
date(const char *p, int32_t *days)
{
	int y = civil_digits(p, 4), m = civil_digits(p + 5, 2), d = civil_digits(p + 8, 2);

	if (p[4] != '-' || p[7] != '-' || y < 1 || m < 1 || m > 12 || d < 1 || d > days_in_month(y, m))
		return false;
	*days = civil_to_days(y, m, d);
	return true;
}

static bool
moment(struct str text, int64_t *seconds)
{
	int32_t days;
	int h, m, s;

	if (text.n != INSTANT_LENGTH || !date(text.p, &days))
		return false;
	h = civil_digits(text.p + 11, 2);
	m = civil_digits(text.p + 14, 2);
	s = civil_digits(text.p + 17, 2);
	if (text.p[10] != 'T' || text.p[13] != ':' || text.p[16] != ':' || text.p[19] != 'Z' ||
	    h < 0 || h > 23 || m < 0 || m > 59 || s < 0 || s > 59)
		return false;
	*seconds = (int64_t)days * 86400 + h * 3600 + m * 60 + s;
	return true;
}

bool
instant_valid(struct str text)
{
	int64_t seconds;

	return moment(text, &seconds);
}

int
instant_parse(struct str text, int64_t *seconds, struct err *err)
{
	if (!moment(text, seconds))
		return err_set(err, LODE_EDATA, "'%.*s' is not a time like 2025-06-20T07:00:00Z", STR_ARG(text));
	return LODE_OK;
}

int
instant_parse_loose(struct str text, bool end_of_day, int64_t *seconds, struct err *err)
{
	int32_t days;

	if (moment(text, seconds))
		return LODE_OK;
	if (text.n != 10 || !date(text.p, &days))
		return err_set(err, LODE_EDATA, "'%.*s' is not a date or a time like 2025-06-20T07:00:00Z", STR_ARG(text));
	*seconds = (int64_t)days * 86400 + (end_of_day ? 86399 : 0);
	return LODE_OK;
}

static void
put(char *p, int n, int value)
{
	for (; n > 0; n--, value /= 10)
		p[n - 1] = (char)('0' + value % 10);
}

void
instant_format(int64_t seconds, char out[INSTANT_MAX])
{
	int64_t days = seconds / 86400, rest = seconds % 86400;
	int y, m, d;

	if (rest < 0) {
		rest += 86400;
		days--;
	}
	civil_from_days((int32_t)days, &y, &m, &d);
	assert(y >= 1 && y <= 9999);
	memcpy(out, "0000-00-00T00:00:00Z", INSTANT_MAX);
	put(out, 4, y);
	put(out + 5, 2, m);
	put(out + 8, 2, d);
	put(out + 11, 2, (int)(rest / 3600));
	put(out + 14, 2, (int)(rest / 60 % 60));
	put(out + 17, 2, (int)(rest % 60));
}
