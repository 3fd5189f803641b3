#include "vat.h"

#include <stdlib.h>

#include "period.h"

const char *const vat_columns[] = { "area", "first", "last", "rate", NULL };

struct row {
	struct str area; /* of the table */
	int32_t first, last;
	struct dec rate;
};

struct vat {
	size_t n;
	struct row row[];
};

/* The first or the last day of a period. */
static int
read_day(const struct table *table, size_t row, const char *column, bool last, int32_t *day, struct err *err)
{
	struct period period;

	if (period_parse(table_get(table, row, column), &period, err) != LODE_OK)
		return table_blame(table, row, column, err);
	*day = last ? period_end(period) - 1 : period_start(period);
	return LODE_OK;
}

static int
read_row(const struct table *table, size_t i, struct row *row, struct err *err)
{
	struct str rate = table_get(table, i, "rate");

	*row = (struct row){ .area = table_get(table, i, "area"), .last = INT32_MAX };
	if (read_day(table, i, "first", false, &row->first, err) != LODE_OK ||
	    (table_get(table, i, "last").n > 0 && read_day(table, i, "last", true, &row->last, err) != LODE_OK))
		return err->code;
	if (dec_parse(rate, &row->rate, err) != LODE_OK)
		return table_blame(table, i, "rate", err);
	if (row->rate.mantissa < 0 || dec_cmp(row->rate, dec_of(1)) >= 0) {
		err_set(err, LODE_EUSAGE, "'%.*s' is not a rate below 1 like 0.13", STR_ARG(rate));
		return table_blame(table, i, "rate", err);
	}
	return LODE_OK;
}

int
vat_new(struct vat **vat, const struct table *table, struct err *err)
{
	struct vat *made = malloc(sizeof *made + table->n * sizeof made->row[0]);
	size_t i;

	if (made == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	for (i = 0, made->n = table->n; i < table->n; i++)
		if (read_row(table, i, &made->row[i], err) != LODE_OK) {
			free(made);
			return err->code;
		}
	*vat = made;
	return LODE_OK;
}

void
vat_free(struct vat *vat)
{
	free(vat);
}

static const struct row *
find(const struct vat *vat, struct str area, int32_t day)
{
	size_t i;

	for (i = 0; i < vat->n; i++)
		if (str_eq(vat->row[i].area, area) && vat->row[i].first <= day && day <= vat->row[i].last)
			return &vat->row[i];
	return NULL;
}

int
vat_rate(const struct vat *vat, struct str area, int32_t first, int32_t last, struct dec *rate, struct err *err)
{
	const struct row *a = find(vat, area, first), *b = find(vat, area, last);
	char from[PERIOD_MAX], to[PERIOD_MAX];

	period_format((struct period){ PERIOD_DAY, first, first }, from);
	period_format((struct period){ PERIOD_DAY, last, last }, to);
	if (a == NULL || b == NULL)
		return err_set(err, LODE_EDATA, "no value added tax of %.*s for %s is in the table", STR_ARG(area), a == NULL ? from : to);
	if (a != b && dec_cmp(a->rate, b->rate) != 0)
		return err_set(err, LODE_EDATA, "the value added tax of %.*s changed between %s and %s", STR_ARG(area), from, to);
	*rate = a->rate;
	return LODE_OK;
}
