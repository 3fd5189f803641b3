#include "span.h"

#include "duration.h"
#include "instant.h"

#define MONDAY (4 * DURATION_DAY)

int
span_parse(struct str text, struct span *span, struct err *err)
{
	static const struct {
		const char *name;
		int64_t months;
	} names[] = { { "month", 1 }, { "quarter", 3 }, { "year", 12 } };
	struct str rest = text, number;
	struct err ignored;
	int64_t seconds, months = 0;
	size_t i;

	for (i = 0; i < 3; i++)
		if (str_is(text, names[i].name)) {
			*span = (struct span){ true, i > 0, names[i].months };
			return LODE_OK;
		}
	if (duration_parse(text, &seconds, &ignored) == LODE_OK && seconds > 0) {
		*span = (struct span){ false, false, seconds };
		return LODE_OK;
	}
	if (str_split(&rest, '-', &number) && str_is(rest, "month") && number.n > 0 && number.n <= 4) {
		for (i = 0; i < number.n && char_is_digit(number.p[i]); i++)
			months = months * 10 + (number.p[i] - '0');
		if (i == number.n && months >= 1 && months <= 1200) {
			*span = (struct span){ true, false, months };
			return LODE_OK;
		}
	}
	return err_set(err, LODE_EUSAGE, "'%.*s' is not a length like month, quarter, year, 3-month, 7d or 12h", STR_ARG(text));
}

static struct period
day_of(int64_t second)
{
	int32_t day = (int32_t)(span_floor(second, DURATION_DAY) / DURATION_DAY);

	return (struct period){ PERIOD_DAY, day, day };
}

void
span_starts(const struct span *size, int64_t every, int64_t start, int64_t end, int64_t *low, int64_t *high)
{
	int64_t first = size->months ? period_first_month(day_of(start)) : start - MONDAY;
	int64_t last = size->months ? period_first_month(day_of(end - 1)) : end - 1 - MONDAY;

	*low = span_floor(last - size->length, every) + every;
	*high = span_floor(first, every);
}

bool
span_window(const struct span *size, int64_t at, int64_t *start, int64_t *end)
{
	*start = at + MONDAY;
	*end = *start + size->length;
	if (size->months) {
		if (at < month_number(1, 1) || at + size->length > month_number(9999, 12) + 1)
			return false;
		*start = month_first_day((int32_t)at) * DURATION_DAY;
		*end = month_first_day((int32_t)(at + size->length)) * DURATION_DAY;
	}
	return *start >= SPAN_START && *end <= SPAN_END;
}

struct period
span_period(const struct span *size, int64_t start, int64_t end)
{
	struct period first = day_of(start), last = day_of(end - 1);
	struct period months = { PERIOD_SPAN, period_first_month(first), period_first_month(last) };

	if (size != NULL && size->named)
		months.kind = size->length == 3 ? PERIOD_QUARTER : PERIOD_YEAR;
	else if (first.first == last.first)
		return first;
	else if (months.first == months.last)
		months.kind = PERIOD_MONTH;
	return months;
}

size_t
span_write_days(int64_t start, int64_t end, char out[SPAN_TEXT_MAX])
{
	size_t n = period_format(day_of(start), out);

	out[n++] = '/';
	return n + period_format(day_of(end - 1), out + n);
}

size_t
span_write_instants(int64_t start, int64_t end, char out[SPAN_TEXT_MAX])
{
	instant_format(start, out);
	out[INSTANT_LENGTH] = '/';
	instant_format(end < SPAN_END ? end : SPAN_END - 1, out + INSTANT_LENGTH + 1);
	return 2 * INSTANT_LENGTH + 1;
}
