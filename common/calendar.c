#include "calendar.h"

#include <stdlib.h>

#include "instant.h"

const char *const calendar_columns[] = { "list", "first", "last", "month", "lag", "day", "time", "source", NULL };

struct rule {
	int32_t first, last; /* months since 1970-01, of the period's last month */
	int month;           /* 1-12, 0 for any */
	int lag, day;
	int seconds;         /* of the day */
};

struct calendar {
	size_t n;
	struct rule rule[];
};

/* A whole number between low and high. */
static int
cell_number(const struct table *table, size_t row, const char *column, int low, int high, int *number, struct err *err)
{
	double value;
	int rc = table_double(table, row, column, &value, err);

	if (rc != LODE_OK)
		return rc;
	if (!(value >= low && value <= high)) {
		err_set(err, LODE_EUSAGE, "not a number from %d to %d", low, high);
		return table_blame(table, row, column, err);
	}
	*number = (int)value;
	return LODE_OK;
}

static int
cell_month(const struct table *table, size_t row, const char *column, int32_t *month, struct err *err)
{
	struct period period;

	if (period_parse(table_get(table, row, column), &period, err) != LODE_OK)
		return table_blame(table, row, column, err);
	*month = period_last_month(period);
	return LODE_OK;
}

static int
read_rule(const struct table *table, size_t row, struct rule *rule, struct err *err)
{
	struct str time = table_get(table, row, "time");
	char instant[INSTANT_MAX] = "1970-01-01T";
	int64_t seconds;
	int rc;

	rule->last = INT32_MAX;
	if ((rc = cell_month(table, row, "first", &rule->first, err)) != LODE_OK ||
	    (table_get(table, row, "last").n > 0 && (rc = cell_month(table, row, "last", &rule->last, err)) != LODE_OK) ||
	    (!str_is(table_get(table, row, "month"), "*") && (rc = cell_number(table, row, "month", 1, 12, &rule->month, err)) != LODE_OK) ||
	    (rc = cell_number(table, row, "lag", 0, 36, &rule->lag, err)) != LODE_OK ||
	    (rc = cell_number(table, row, "day", 1, 31, &rule->day, err)) != LODE_OK)
		return rc;
	if (time.n == 9)
		memcpy(instant + 11, time.p, 9);
	if (time.n != 9 || instant_parse((struct str){ instant, INSTANT_LENGTH }, &seconds, err) != LODE_OK) {
		err_set(err, LODE_EUSAGE, "'%.*s' is not a time of day like 07:00:00Z", STR_ARG(time));
		return table_blame(table, row, "time", err);
	}
	rule->seconds = (int)seconds;
	return LODE_OK;
}

int
calendar_new(struct calendar **calendar, const struct table *table, const char *list, struct err *err)
{
	struct calendar *made = calloc(1, sizeof *made + table->n * sizeof made->rule[0]);
	size_t row;
	int rc = LODE_OK;

	if (made == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	for (row = 0; row < table->n && rc == LODE_OK; row++)
		if (str_is(table_get(table, row, "list"), list))
			rc = read_rule(table, row, &made->rule[made->n++], err);
	if (rc == LODE_OK && made->n == 0) {
		rc = err_set(err, LODE_EUSAGE, "no rows for the list '%s'", list);
		err_line(err, table->path, 0);
	}
	if (rc != LODE_OK) {
		free(made);
		return rc;
	}
	*calendar = made;
	return LODE_OK;
}

void
calendar_free(struct calendar *calendar)
{
	free(calendar);
}

int
calendar_known(const struct calendar *calendar, struct period period, int64_t *known, struct err *err)
{
	int32_t last = period_last_month(period), month;
	char text[PERIOD_MAX];
	size_t i;
	int day, in_month;

	for (i = calendar->n; i > 0; i--) {
		const struct rule *rule = &calendar->rule[i - 1];

		if (last < rule->first || last > rule->last || (rule->month != 0 && rule->month != month_of_year(last)))
			continue;
		month = last + rule->lag;
		in_month = days_in_month(month_year(month), month_of_year(month));
		day = rule->day < in_month ? rule->day : in_month;
		*known = (int64_t)(month_first_day(month) + day - 1) * 86400 + rule->seconds;
		return LODE_OK;
	}
	period_format(period, text);
	return err_set(err, LODE_EDATA, "the calendar has no release of %s", text);
}
