#include "comext.h"

#include <strings.h>

#include "date.h"

static const char *const names[COMEXT_N][2] = {
	[COMEXT_REPORTER] = { "REPORTER", "DECLARANT" },
	[COMEXT_PARTNER] = { "PARTNER" },
	[COMEXT_PRODUCT] = { "PRODUCT_NC", "PRODUCT" },
	[COMEXT_FLOW] = { "FLOW" },
	[COMEXT_PERIOD] = { "PERIOD", "TIME_PERIOD" },
	[COMEXT_REPORTER_ISO] = { "DECLARANT_ISO" },
	[COMEXT_PARTNER_ISO] = { "PARTNER_ISO" },
	[COMEXT_TRADE] = { "TRADE_TYPE" },
	[COMEXT_PROCEDURE] = { "STAT_PROCEDURE", "STAT_REGIME" },
	[COMEXT_EUR] = { "VALUE_EUR", "VALUE_IN_EUROS" },
	[COMEXT_KG] = { "QUANTITY_KG", "QUANTITY_IN_KG" },
	[COMEXT_TONS] = { "QUANTITY_IN_TONS" },
	[COMEXT_SUPPL] = { "QUANTITY_SUPPL_UNIT", "SUP_QUANTITY" },
	[COMEXT_SUPPL_UNIT] = { "SUPPL_UNIT", "SUPP_UNIT" },
	[COMEXT_INDICATOR] = { "INDICATORS" },
	[COMEXT_FIGURE] = { "OBS_VALUE" },
	[COMEXT_FLAG] = { "OBS_FLAG" },
};

static bool
same_name(struct str name, const char *ours)
{
	return ours != NULL && name.n == strlen(ours) && strncasecmp(name.p, ours, name.n) == 0;
}

int
comext_columns(struct comext *comext, const struct header *header, struct err *err)
{
	int *at = comext->at, c;
	unsigned i;

	for (c = 0; c < COMEXT_N; c++) {
		at[c] = -1;
		for (i = 0; i < header->n; i++) {
			if (!same_name(header->names[i], names[c][0]) && !same_name(header->names[i], names[c][1]))
				continue;
			if (at[c] >= 0)
				return err_set(err, LODE_EUSAGE, "columns %d and %u are both '%s'", at[c] + 1, i + 1, names[c][0]);
			at[c] = (int)i;
		}
	}
	for (c = COMEXT_REPORTER; c <= COMEXT_PERIOD; c++)
		if (at[c] < 0)
			return err_set(err, LODE_EUSAGE, "no column '%s' in the header", names[c][0]);
	if ((at[COMEXT_INDICATOR] < 0) != (at[COMEXT_FIGURE] < 0))
		return err_set(err, LODE_EUSAGE, "no column '%s' in the header", names[at[COMEXT_FIGURE] < 0 ? COMEXT_FIGURE : COMEXT_INDICATOR][0]);
	if (at[COMEXT_FIGURE] < 0 && at[COMEXT_EUR] < 0 && at[COMEXT_KG] < 0 && at[COMEXT_TONS] < 0)
		return err_set(err, LODE_EUSAGE, "no column of figures in the header: 'VALUE_EUR', 'QUANTITY_KG' or 'OBS_VALUE'");
	if (at[COMEXT_KG] >= 0 && at[COMEXT_TONS] >= 0)
		return err_set(err, LODE_EUSAGE, "both '%s' and '%s' in the header: one mass a file", names[COMEXT_KG][1], names[COMEXT_TONS][0]);
	return LODE_OK;
}

struct str
comext_get(const struct comext *comext, const struct record *record, enum comext_column column)
{
	return comext->at[column] < 0 ? STR("") : str_trim(record_get(record, (unsigned)comext->at[column]));
}

int
comext_blame(const struct comext *comext, enum comext_column column, struct err *err)
{
	return err_column(err, (unsigned)comext->at[column] + 1, names[column][0]);
}

struct str
comext_country(struct comext *comext, const struct record *record, enum comext_column column, enum comext_column *used)
{
	enum comext_column iso = column == COMEXT_REPORTER ? COMEXT_REPORTER_ISO : COMEXT_PARTNER_ISO;
	struct str code = comext_get(comext, record, iso);

	*used = iso;
	if (code.n > 0)
		return code;
	*used = column;
	code = comext_get(comext, record, column);
	if (code.n != 3 || !str_is_digits(code))
		return code;
	comext->country[0] = '0';
	memcpy(comext->country + 1, code.p, 3);
	return (struct str){ comext->country, 4 };
}

int
comext_period(struct str text, struct period *period, struct err *err)
{
	if (text.n != 6 || !str_is_digits(text))
		return period_parse(text, period, err);
	if (memcmp(text.p + 4, "52", 2) == 0)
		return date_parse((struct str){ text.p, 4 }, STR("YYYY"), period, err);
	return date_parse(text, STR("YYYYMM"), period, err);
}
