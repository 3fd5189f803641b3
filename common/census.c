#include "census.h"

static const char *const names[CENSUS_N] = {
	"time", "CTY_CODE", "I_COMMODITY", "E_COMMODITY", "UNIT_QY1", "UNIT_QY2",
	"GEN_VAL_MO", "GEN_QY1_MO", "GEN_QY2_MO", "CON_VAL_MO", "CON_QY1_MO", "CON_QY2_MO", "ALL_VAL_MO", "QTY_1_MO", "QTY_2_MO",
};

/* A quantity is worth nothing without its unit; false for a column that is none, or has one. */
static bool
lacks_unit(const struct census *census, int column, int *unit)
{
	int kind = (column - CENSUS_GENERAL) % 3;

	*unit = kind == 1 ? CENSUS_UNIT : CENSUS_UNIT_2;
	return kind != 0 && census->at[*unit] < 0;
}

int
census_columns(struct census *census, const struct jsonrow *header, struct err *err)
{
	int *at = census->at, c, unit, n_figures = 0;
	unsigned i;

	census->n = header->n;
	for (c = 0; c < CENSUS_N; c++) {
		at[c] = census->again[c] = -1;
		for (i = 0; i < header->n; i++)
			if (str_is(header->field[i], names[c]))
				*(at[c] < 0 ? &at[c] : &census->again[c]) = (int)i;
	}
	for (c = CENSUS_TIME; c <= CENSUS_PARTNER; c++)
		if (at[c] < 0)
			return err_set(err, LODE_EUSAGE, "no column '%s' in the header", names[c]);
	if ((at[CENSUS_IMPORT] < 0) == (at[CENSUS_EXPORT] < 0))
		return err_set(err, LODE_EUSAGE, at[CENSUS_IMPORT] < 0 ? "no column 'I_COMMODITY' or 'E_COMMODITY' in the header" :
		    "both 'I_COMMODITY' and 'E_COMMODITY' in the header");
	census->commodity = at[CENSUS_IMPORT] < 0 ? CENSUS_EXPORT : CENSUS_IMPORT;
	for (c = CENSUS_GENERAL; c < CENSUS_N; c++) {
		if (at[c] >= 0 && lacks_unit(census, c, &unit))
			return err_set(err, LODE_EUSAGE, "no column '%s' beside '%s': ask for it too", names[unit], names[c]);
		n_figures += at[c] >= 0;
	}
	if (n_figures == 0)
		return err_set(err, LODE_EUSAGE, "no column of figures in the header, as in 'GEN_VAL_MO' or 'ALL_VAL_MO'");
	return LODE_OK;
}

int
census_check(const struct census *census, const struct jsonrow *row, struct err *err)
{
	int c;

	if (row->n != census->n)
		return err_set(err, LODE_EDATA, "%u fields, the header has %u", row->n, census->n);
	for (c = 0; c < CENSUS_N; c++) {
		if (census->again[c] < 0 || str_eq(row->field[census->at[c]], row->field[census->again[c]]))
			continue;
		err_set(err, LODE_EDATA, "the column is there twice, with '%.*s' and '%.*s'", STR_ARG(row->field[census->at[c]]),
		    STR_ARG(row->field[census->again[c]]));
		return census_blame(census, (enum census_column)c, err);
	}
	return LODE_OK;
}

struct str
census_get(const struct census *census, const struct jsonrow *row, enum census_column column)
{
	int at = census->at[column];

	return at < 0 || row->field[at].p == NULL ? STR("") : str_trim(row->field[at]);
}

int
census_blame(const struct census *census, enum census_column column, struct err *err)
{
	return err_column(err, (unsigned)census->at[column] + 1, names[column]);
}
