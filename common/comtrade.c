#include "comtrade.h"

#include <stdio.h>
#include <strings.h>

#include "dec.h"

enum { N_NAMES = 4 };

#define TEXT(literal) { literal, sizeof literal - 1 } /* STR() for static tables */

const char *const comtrade_flows[COMTRADE_PART] = { "import", "export", "reexport", "reimport" };

const struct str comtrade_indicators[COMTRADE_PART][COMTRADE_KINDS] = {
	{ TEXT("import.mass"), TEXT("import.quantity"), TEXT("import.value") },
	{ TEXT("export.mass"), TEXT("export.quantity"), TEXT("export.value") },
	{ TEXT("reexport.mass"), TEXT("reexport.quantity"), TEXT("reexport.value") },
	{ TEXT("reimport.mass"), TEXT("reimport.quantity"), TEXT("reimport.value") },
};

/* Each column's names, newer ones first; NULL where a set has none. The first is the one that an error names. */
static const char *const names[COMTRADE_N][N_NAMES] = {
	[COMTRADE_PERIOD] = { "period", "Year" },
	[COMTRADE_REPORTER] = { "reporterCode", "Reporter Code" },
	[COMTRADE_FLOW] = { "flowCode", "Trade Flow Code", "Trade Flow" },
	[COMTRADE_PARTNER] = { "partnerCode", "Partner Code" },
	[COMTRADE_CODE] = { "cmdCode", "Commodity Code" },
	[COMTRADE_MASS] = { "netWgt", "Netweight (kg)" },
	[COMTRADE_VALUE] = { "primaryValue", "Trade Value (US$)" },
	[COMTRADE_EDITION] = { "classificationCode", "Classification" },
	[COMTRADE_PARTNER2] = { "partner2Code", "2nd Partner Code" },
	[COMTRADE_CUSTOMS] = { "customsCode", "Customs Proc. Code" },
	[COMTRADE_TRANSPORT] = { "motCode", "Mode of Transport Code" },
	[COMTRADE_SUPPLY] = { "mosCode" },
	[COMTRADE_UNIT_CODE] = { "qtyUnitCode", "Qty Unit Code" },
	[COMTRADE_UNIT] = { "qtyUnitAbbr", "Qty Unit" },
	[COMTRADE_QUANTITY] = { "qty" },
	[COMTRADE_ALT_UNIT] = { "Alt Qty Unit" },
	[COMTRADE_ALT_QUANTITY] = { "Alt Qty", "altQty" },
	[COMTRADE_QUANTITY_ESTIMATED] = { "isQtyEstimated" },
	[COMTRADE_MASS_ESTIMATED] = { "isNetWgtEstimated" },
	[COMTRADE_FLAG] = { "legacyEstimationFlag", "Flag" },
};

/* The units by number: in the newer files their short names, in the older ones long names or nothing. "" is no unit. */
static const struct {
	struct str code, name, long_name, unit;
} units[] = {
	{ TEXT("8"), TEXT("kg"), TEXT("Weight in kilograms"), TEXT("kg") },
	{ TEXT("-1"), TEXT("N/A"), TEXT("N/A"), TEXT("") },
	{ TEXT("5"), TEXT("u"), TEXT("Number of items"), TEXT("u") },
	{ TEXT("0"), TEXT(""), TEXT(""), TEXT("") },
	{ TEXT("1"), TEXT("No Quantity"), TEXT("No Quantity"), TEXT("") },
	{ TEXT("2"), TEXT("m²"), TEXT("Area in square metres"), TEXT("m2") },
	{ TEXT("3"), TEXT("1000 kWh"), TEXT("Electrical energy in thousands of kilowatt-hours"), TEXT("1000kWh") },
	{ TEXT("4"), TEXT("m"), TEXT("Length in metres"), TEXT("m") },
	{ TEXT("6"), TEXT("2u"), TEXT("Number of pairs"), TEXT("2u") },
	{ TEXT("7"), TEXT("l"), TEXT("Volume in litres"), TEXT("l") },
	{ TEXT("9"), TEXT("1000u"), TEXT("Thousands of items"), TEXT("1000u") },
	{ TEXT("10"), TEXT("U (jeu/pack)"), TEXT("Number of packages"), TEXT("pack") },
	{ TEXT("11"), TEXT("12u"), TEXT("Dozen of items"), TEXT("12u") },
	{ TEXT("12"), TEXT("m³"), TEXT("Volume in cubic metres"), TEXT("m3") },
	{ TEXT("13"), TEXT("carat"), TEXT("Weight in carats"), TEXT("carat") },
};

/* Seventeen times a record, so never a call. */
static inline __attribute__((always_inline)) struct str
get(const struct comtrade *comtrade, const struct record *record, enum comtrade_column column)
{
	struct str field;

	if (comtrade->at[column] < 0)
		return (struct str){ "", 0 };
	field = record_get(record, (unsigned)comtrade->at[column]);
	if (field.n > 0 && ((unsigned char)field.p[0] <= ' ' || (unsigned char)field.p[field.n - 1] <= ' '))
		field = str_trim(field);
	return field;
}

static int
blame(const struct comtrade *comtrade, enum comtrade_column column, struct err *err)
{
	struct str name = comtrade->header.names[comtrade->at[column]];

	return err_column(err, (unsigned)comtrade->at[column] + 1, name.p); /* header_init() terminates names */
}

int
comtrade_choose(struct comtrade_choice *choice, const struct str *flow, size_t n_flows, const struct str *indicator, size_t n_indicators,
    struct err *err)
{
	size_t i, k, kind;
	bool any;

	*choice = (struct comtrade_choice){ 0 };
	for (i = 0; i < n_flows; i++) {
		for (k = 0; k < COMTRADE_PART && !str_is(flow[i], comtrade_flows[k]);)
			k++;
		if (k == COMTRADE_PART)
			return err_set(err, LODE_EUSAGE, "--flow '%.*s' is not one of import, export, reimport, reexport", STR_ARG(flow[i]));
		choice->flow[k] = true;
	}
	for (i = 0; i < n_indicators; i++) {
		for (any = false, k = 0; k < COMTRADE_PART; k++)
			for (kind = 0; kind < COMTRADE_KINDS; kind++)
				if (str_starts(comtrade_indicators[k][kind], indicator[i]))
					any = choice->figure[k][kind] = true;
		if (!any)
			return err_set(err, LODE_EUSAGE, "--indicator '%.*s': none starts so, like import.mass, export.value",
			    STR_ARG(indicator[i]));
	}
	for (k = 0; k < COMTRADE_PART; k++) {
		for (any = false, kind = 0; kind < COMTRADE_KINDS; kind++)
			any |= choice->figure[k][kind] |= n_indicators == 0;
		choice->flow[k] = (choice->flow[k] || n_flows == 0) && any;
	}
	return LODE_OK;
}

void
comtrade_choose_chapters(struct comtrade_choice *choice, const struct str *code, size_t n)
{
	size_t i;
	int chapter, k;

	for (k = 0; k < 100; k++)
		choice->chapter[k] = n == 0;
	for (i = 0; i < n; i++) {
		chapter = comtrade_chapter(code[i]);
		for (k = 0; k < 100; k++) /* less than two digits may begin any */
			choice->chapter[k] |= chapter < 0 || chapter == k;
	}
}

char
comtrade_separator(struct str beginning)
{
	size_t i;

	for (i = 0; i < beginning.n; i++)
		if (beginning.p[i] == ',' || beginning.p[i] == '\t' || beginning.p[i] == '\n')
			return beginning.p[i] == '\t' ? '\t' : ',';
	return '\0';
}

static int
find(const struct header *header, const char *name)
{
	unsigned i;

	for (i = 0; i < header->n; i++)
		if (header->names[i].n == strlen(name) && strncasecmp(header->names[i].p, name, header->names[i].n) == 0)
			return (int)i;
	return -1;
}

int
comtrade_columns(struct comtrade *comtrade, const struct header *header, const struct codes *codes, struct err *err)
{
	bool older = find(header, "cmdCode") < 0 && find(header, "Commodity Code") >= 0;
	unsigned column, i;

	memset(comtrade, 0, sizeof *comtrade);
	comtrade->codes = codes;
	comtrade->header = *header;
	for (column = 0; column < COMTRADE_N; column++) {
		comtrade->at[column] = -1;
		for (i = 0; i < N_NAMES && names[column][i] != NULL && comtrade->at[column] < 0; i++)
			comtrade->at[column] = find(header, names[column][i]);
		if (column < COMTRADE_NEEDED && comtrade->at[column] < 0)
			return err_set(err, LODE_EUSAGE, "no column '%s' in the header", names[column][older && column != COMTRADE_PERIOD]);
	}
	return LODE_OK;
}

int
comtrade_code(const struct comtrade *comtrade, const struct record *record, char out[COMTRADE_CODE_MAX], struct str *code, struct err *err)
{
	*code = get(comtrade, record, COMTRADE_CODE);
	if (code->n >= COMTRADE_CODE_MAX || !str_is_digits(*code)) {
		if (str_is(*code, "TOTAL"))
			return LODE_OK;
		err_set(err, LODE_EDATA, "'%.*s' is not a commodity code", STR_ARG(*code));
		return blame(comtrade, COMTRADE_CODE, err);
	}
	if (code->n % 2 == 1 && code->n < 6) { /* longer ones are of a country's own tariff: Japan's have nine digits */
		out[0] = '0';
		memcpy(out + 1, code->p, code->n);
		*code = (struct str){ out, code->n + 1 };
	}
	return LODE_OK;
}

int
comtrade_commodity(const struct comtrade *comtrade, const struct record *record, struct str code, char out[COMTRADE_COMMODITY_MAX],
    struct str *commodity, struct err *err)
{
	static const char years[] = "92960207121722";
	struct str edition = get(comtrade, record, COMTRADE_EDITION);
	size_t n = 0;

	out[n++] = 'h';
	out[n++] = 's';
	if (edition.n == 2 && edition.p[0] == 'H' && edition.p[1] >= '0' && edition.p[1] <= '6') {
		out[n++] = years[2 * (edition.p[1] - '0')];
		out[n++] = years[2 * (edition.p[1] - '0') + 1];
	} else if (edition.n != 0 && !str_is(edition, "HS")) {
		err_set(err, LODE_EDATA, "classification '%.*s' is not of the Harmonized System", STR_ARG(edition));
		return blame(comtrade, COMTRADE_EDITION, err);
	}
	out[n++] = ':';
	memcpy(out + n, code.p, code.n);
	*commodity = (struct str){ out, n + code.n };
	return LODE_OK;
}

int
comtrade_flow(const struct comtrade *comtrade, const struct record *record, enum comtrade_flow *flow, struct err *err)
{
	static const struct {
		struct str text[4];
		enum comtrade_flow flow;
	} flows[] = {
		{ { TEXT("M"), TEXT("1"), TEXT("Import"), TEXT("Imports") }, COMTRADE_IMPORT },
		{ { TEXT("X"), TEXT("2"), TEXT("Export"), TEXT("Exports") }, COMTRADE_EXPORT },
		{ { TEXT("RX"), TEXT("3"), TEXT("Re-export"), TEXT("Re-exports") }, COMTRADE_REEXPORT },
		{ { TEXT("RM"), TEXT("4"), TEXT("Re-import"), TEXT("Re-imports") }, COMTRADE_REIMPORT },
		{ { TEXT("DX"), TEXT("FM"), TEXT("Domestic export"), TEXT("Foreign import") }, COMTRADE_PART },
		{ { TEXT("MIP"), TEXT("XIP"), TEXT("MOP"), TEXT("XOP") }, COMTRADE_PART }, /* inward and outward processing */
	};
	struct str text = get(comtrade, record, COMTRADE_FLOW);
	size_t i, k;

	if (text.n == 1 && (*text.p == 'M' || *text.p == 'X')) { /* nearly all */
		*flow = *text.p == 'M' ? COMTRADE_IMPORT : COMTRADE_EXPORT;
		return LODE_OK;
	}
	for (i = 0; i < sizeof flows / sizeof *flows; i++)
		for (k = 0; k < 4; k++)
			if (text.n == flows[i].text[k].n && strncasecmp(text.p, flows[i].text[k].p, text.n) == 0) {
				*flow = flows[i].flow;
				return LODE_OK;
			}
	err_set(err, LODE_EDATA, "'%.*s' is not a flow like M, X, RM or RX", STR_ARG(text));
	return blame(comtrade, COMTRADE_FLOW, err);
}

int
comtrade_area(struct comtrade *comtrade, const struct record *record, enum comtrade_column column, struct str *area, struct err *err)
{
	struct str text = get(comtrade, record, column);
	char digits[12];
	unsigned number = 0;
	size_t i;

	for (i = 0; i < text.n && i < 4 && char_is_digit(text.p[i]); i++)
		number = number * 10 + (unsigned)(text.p[i] - '0');
	if (i == text.n && i > 0 && number < COMTRADE_AREAS) {
		*area = comtrade->area[number];
		if (area->p != NULL)
			return LODE_OK;
		*area = codes_get(comtrade->codes, (struct str){ digits, (size_t)snprintf(digits, sizeof digits, "%u", number) });
		comtrade->area[number] = *area;
		if (area->p != NULL)
			return LODE_OK;
	}
	err_set(err, LODE_EDATA, "unknown %s code '%.*s'", column == COMTRADE_REPORTER ? "reporter" : "partner", STR_ARG(text));
	return blame(comtrade, column, err);
}

int
comtrade_period(struct comtrade *comtrade, const struct record *record, struct period *period, struct str *shown, struct err *err)
{
	struct str text = get(comtrade, record, COMTRADE_PERIOD);
	int number = 0, month;
	size_t i;

	*shown = (struct str){ comtrade->period_text, comtrade->n_period_text };
	*period = comtrade->period;
	if (text.n == comtrade->n_last_period && text.n > 0 && memcmp(text.p, comtrade->last_period, text.n) == 0)
		return LODE_OK;
	for (i = 0; i < text.n && i < 6 && char_is_digit(text.p[i]); i++)
		number = number * 10 + (text.p[i] - '0');
	month = text.n == 6 ? number % 100 : 1;
	if (text.n == 6)
		number /= 100;
	if (i != text.n || (i != 4 && i != 6) || number < 1 || month < 1 || month > 12) {
		err_set(err, LODE_EDATA, "'%.*s' is not a year or a month like 2025 or 202505", STR_ARG(text));
		return blame(comtrade, COMTRADE_PERIOD, err);
	}
	*period = text.n == 6 ? period_of_month(month_number(number, month)) :
	    (struct period){ PERIOD_YEAR, month_number(number, 1), month_number(number, 12) };
	memcpy(comtrade->last_period, text.p, text.n);
	comtrade->n_last_period = text.n;
	comtrade->period = *period;
	comtrade->n_period_text = period_format(*period, comtrade->period_text);
	shown->n = comtrade->n_period_text;
	return LODE_OK;
}

const char *
comtrade_part(const struct comtrade *comtrade, const struct record *record)
{
	struct str code;

	code = get(comtrade, record, COMTRADE_PARTNER2);
	if (code.n != 0 && !str_is(code, "0"))
		return "part-partner2";
	code = get(comtrade, record, COMTRADE_CUSTOMS);
	if (code.n != 0 && !str_is(code, "C00"))
		return "part-customs";
	code = get(comtrade, record, COMTRADE_TRANSPORT);
	if (code.n != 0 && !str_is(code, "0"))
		return "part-transport";
	code = get(comtrade, record, COMTRADE_SUPPLY);
	if (code.n != 0 && !str_is(code, "0") && !str_is(code, "-1"))
		return "part-supply";
	return NULL;
}

static bool
is_word(struct str text, const char *word, size_t n)
{
	size_t i;

	for (i = 0; i < n && text.n == n && (text.p[i] | 0x20) == word[i]; i++)
		;
	return i == n;
}

/* A figure as published; n is 0 for one that is empty, zero or NaN. */
static int
get_figure(const struct comtrade *comtrade, const struct record *record, enum comtrade_column column, struct str *value, struct err *err)
{
	struct str text = get(comtrade, record, column);
	unsigned digits = 0, any = 0, other = 0;
	size_t i;

	*value = (struct str){ "", 0 };
	for (i = 0; i < text.n; i++) {
		unsigned digit = (unsigned)(unsigned char)text.p[i] - '0';

		digits += digit <= 9;
		any |= digit <= 9 ? digit : 0;
		other |= digit <= 9 ? 0 : digit;
	}
	if ((digits != text.n && !(digits + 1 == text.n && other == (unsigned)'.' - '0')) || digits == 0) {
		if (text.n == 0 || is_word(text, "nan", 3))
			return LODE_OK;
		if (!dec_valid(text)) {
			err_set(err, LODE_EDATA, "cannot read '%.*s' as a decimal", STR_ARG(text));
			return blame(comtrade, column, err);
		}
	}
	if (any != 0)
		*value = text;
	return LODE_OK;
}

/* By the figure's own column where the file has it, else by the old flag, whose bits 2 and 4 mean quantity and mass. */
static int
get_status(const struct comtrade *comtrade, const struct record *record, enum comtrade_column column, char bit, struct str *status,
    struct err *err)
{
	struct str text;
	bool estimated = false;

	*status = STR("A");
	if (comtrade->at[column] < 0) {
		text = get(comtrade, record, COMTRADE_FLAG);
		if (text.n > 2 && str_is((struct str){ text.p + 1, text.n - 1 }, ".0"))
			text.n = 1;
		if (text.n == 1 && (*text.p == '0' || *text.p == '2' || *text.p == '4' || *text.p == '6'))
			estimated = (*text.p & bit) != 0;
		else if (text.n != 0) {
			err_set(err, LODE_EDATA, "'%.*s' is not an estimation flag like 0, 2, 4 or 6", STR_ARG(text));
			return blame(comtrade, COMTRADE_FLAG, err);
		}
	} else {
		text = get(comtrade, record, column);
		estimated = is_word(text, "true", 4) || (text.n == 1 && *text.p == '1');
		if (!estimated && text.n != 0 && !is_word(text, "false", 5) && !(text.n == 1 && *text.p == '0')) {
			err_set(err, LODE_EDATA, "'%.*s' is not true or false", STR_ARG(text));
			return blame(comtrade, column, err);
		}
	}
	if (estimated)
		*status = STR("E");
	return LODE_OK;
}

/* The unit by its number, or by its name in a file that was trimmed; empty for none. */
static int
get_unit(const struct comtrade *comtrade, const struct record *record, struct str *unit, struct err *err)
{
	struct str code = get(comtrade, record, COMTRADE_UNIT_CODE), name = get(comtrade, record, COMTRADE_UNIT);
	enum comtrade_column column = code.n > 0 ? COMTRADE_UNIT_CODE : COMTRADE_UNIT;
	size_t i;

	for (i = 0; i < sizeof units / sizeof *units; i++)
		if (code.n > 0 ? str_eq(code, units[i].code) : str_eq(name, units[i].name) || str_eq(name, units[i].long_name)) {
			*unit = units[i].unit;
			return LODE_OK;
		}
	err_set(err, LODE_EDATA, "unknown unit of quantity '%.*s'", STR_ARG(code.n > 0 ? code : name));
	return comtrade->at[column] < 0 ? err->code : blame(comtrade, column, err);
}

/*
 * The quantity, unless it is the mass again or has no unit. Some yearly files of the older kind have it in the column of the alternative unit's
 * name, with its own column and that of the alternative quantity empty.
 */
static int
get_quantity(const struct comtrade *comtrade, const struct record *record, struct str *value, struct str *unit, struct err *err)
{
	struct str elsewhere;

	if (get_figure(comtrade, record, COMTRADE_QUANTITY, value, err) != LODE_OK)
		return err->code;
	if (value->n == 0 && comtrade->at[COMTRADE_ALT_UNIT] >= 0 && get(comtrade, record, COMTRADE_QUANTITY).n == 0 &&
	    get(comtrade, record, COMTRADE_ALT_QUANTITY).n == 0) {
		elsewhere = get(comtrade, record, COMTRADE_ALT_UNIT);
		if (dec_valid(elsewhere) && get_figure(comtrade, record, COMTRADE_ALT_UNIT, value, err) != LODE_OK)
			return err->code;
	}
	if (value->n == 0)
		return LODE_OK;
	if (get_unit(comtrade, record, unit, err) != LODE_OK)
		return err->code;
	if (unit->n == 0 || str_is(*unit, "kg"))
		value->n = 0;
	return LODE_OK;
}

int
comtrade_figures(const struct comtrade *comtrade, const struct record *record, enum comtrade_flow flow,
    const bool wanted[COMTRADE_KINDS], struct tape_figure figure[COMTRADE_KINDS], size_t *n, struct err *err)
{
	const struct str *indicators = comtrade_indicators[flow];
	struct tape_figure *next = figure;

	next->value.n = 0;
	if (wanted[COMTRADE_KIND_MASS] && get_figure(comtrade, record, COMTRADE_MASS, &next->value, err) != LODE_OK)
		return err->code;
	if (next->value.n != 0) {
		next->indicator = indicators[COMTRADE_KIND_MASS];
		next->unit = STR("kg");
		if (get_status(comtrade, record, COMTRADE_MASS_ESTIMATED, 4, &next->status, err) != LODE_OK)
			return err->code;
		next++;
	}
	next->value.n = 0;
	if (wanted[COMTRADE_KIND_QUANTITY] && get_quantity(comtrade, record, &next->value, &next->unit, err) != LODE_OK)
		return err->code;
	if (next->value.n != 0) {
		next->indicator = indicators[COMTRADE_KIND_QUANTITY];
		if (get_status(comtrade, record, COMTRADE_QUANTITY_ESTIMATED, 2, &next->status, err) != LODE_OK)
			return err->code;
		next++;
	}
	next->value.n = 0;
	if (wanted[COMTRADE_KIND_VALUE] && get_figure(comtrade, record, COMTRADE_VALUE, &next->value, err) != LODE_OK)
		return err->code;
	if (next->value.n != 0) {
		next->indicator = indicators[COMTRADE_KIND_VALUE];
		next->unit = STR("USD");
		next->status = STR("A");
		next++;
	}
	*n = (size_t)(next - figure);
	return LODE_OK;
}
