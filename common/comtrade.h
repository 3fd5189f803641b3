/*
 * comtrade - the columns, codes and figures of UN Comtrade's files
 *
 * Two sets of names: those since 2023 (web download, API, bulk files; 47 columns) and those before (35, 22 or fewer), found by the
 * header in any order and in any capitals; only columns that are used have to be there. Cells may carry blanks.
 */
#ifndef LODE_COMTRADE_H
#define LODE_COMTRADE_H

#include "codes.h"
#include "obs.h"
#include "period.h"

enum comtrade_column {
	COMTRADE_PERIOD,
	COMTRADE_REPORTER,
	COMTRADE_FLOW,
	COMTRADE_PARTNER,
	COMTRADE_CODE,
	COMTRADE_MASS,
	COMTRADE_VALUE,
	COMTRADE_NEEDED, /* those above */
	COMTRADE_EDITION = COMTRADE_NEEDED,
	COMTRADE_PARTNER2,
	COMTRADE_CUSTOMS,
	COMTRADE_TRANSPORT,
	COMTRADE_SUPPLY,
	COMTRADE_UNIT_CODE,
	COMTRADE_UNIT,
	COMTRADE_QUANTITY,
	COMTRADE_ALT_UNIT,
	COMTRADE_ALT_QUANTITY,
	COMTRADE_QUANTITY_ESTIMATED,
	COMTRADE_MASS_ESTIMATED,
	COMTRADE_FLAG,
	COMTRADE_N
};

enum comtrade_flow { COMTRADE_IMPORT, COMTRADE_EXPORT, COMTRADE_REEXPORT, COMTRADE_REIMPORT, COMTRADE_PART };

extern const char *const comtrade_flows[COMTRADE_PART]; /* "import", ... */

enum comtrade_kind { COMTRADE_KIND_MASS, COMTRADE_KIND_QUANTITY, COMTRADE_KIND_VALUE, COMTRADE_KINDS };

extern const struct str comtrade_indicators[COMTRADE_PART][COMTRADE_KINDS]; /* "import.mass", ... */

enum { COMTRADE_CODE_MAX = 16, COMTRADE_COMMODITY_MAX = COMTRADE_CODE_MAX + 8, COMTRADE_AREAS = 1000 };

struct comtrade {
	int at[COMTRADE_N]; /* column numbers, -1 for one that is not there */
	const struct codes *codes;
	struct str area[COMTRADE_AREAS]; /* by number, once looked up */
	struct header header;            /* the caller's, for messages; valid while its input is read */
	char last_period[8];             /* the last text read and what it meant */
	size_t n_last_period;
	struct period period;
	char period_text[PERIOD_MAX];
	size_t n_period_text;
};

/* What of a file is asked for, as far as it is decided before a record is read further. */
struct comtrade_choice {
	bool flow[COMTRADE_PART], figure[COMTRADE_PART][COMTRADE_KINDS];
	bool chapter[100]; /* codes with these first two digits: most of a big file is decided by them */
};

/* By name, or by what an indicator's name begins with; none is all. Errors: LODE_EUSAGE "--flow 'x' is not one of ...", "--indicator 'x': ...". */
int comtrade_choose(struct comtrade_choice *choice, const struct str *flow, size_t n_flows, const struct str *indicator, size_t n_indicators,
    struct err *err);

/* By what codes begin with; none is all. */
void comtrade_choose_chapters(struct comtrade_choice *choice, const struct str *code, size_t n);

/* The number of the first two digits, or -1. */
static inline int
comtrade_chapter(struct str code)
{
	unsigned tens, ones;

	if (code.n < 2)
		return -1;
	tens = (unsigned)(unsigned char)code.p[0] - '0';
	ones = (unsigned)(unsigned char)code.p[1] - '0';
	return tens < 10 && ones < 10 ? (int)(tens * 10 + ones) : -1;
}

/* False only for codes that begin with none of those chosen. */
static inline bool
comtrade_chooses_chapter(const struct comtrade_choice *choice, struct str code)
{
	int chapter = comtrade_chapter(code);

	return chapter < 0 || choice->chapter[chapter];
}

/* The separator of a file that begins like this: what comes first in it, a tab or a comma; '\0' when neither does yet. */
char comtrade_separator(struct str beginning);

/* Finds the columns. Errors: LODE_EUSAGE "no column 'netWgt' in the header". */
int comtrade_columns(struct comtrade *comtrade, const struct header *header, const struct codes *codes, struct err *err);

/*
 * Parts of a record; each puts its column on its errors, which are LODE_EDATA.
 *
 * comtrade_code: the commodity's code; a zero that a spreadsheet has cut off (one, three or five digits) is put back in out.
 * comtrade_commodity: "hs22:280530" by the edition's column, "hs:" without. "classification 'S4' is not of the Harmonized System"
 * comtrade_flow: COMTRADE_PART for the flows that are parts of imports and exports.
 * comtrade_area: the area of a reporter or partner by its number. "unknown partner code '999'"
 * comtrade_period: also as the tape writes it, in comtrade until the next call. "'202513' is not a year or a month like 2025 or 202505"
 * comtrade_part: the rule that leaves out a record which is a part of another one, "part-partner2", "part-customs",
 * "part-transport", "part-supply"; NULL for a total.
 * comtrade_figures: those wanted of that flow, without those that are empty or zero; columns of others are not looked at. "cannot read 'x' as a decimal", "'x' is not true or false",
 * "unknown unit of quantity 'x'".
 */
int comtrade_code(const struct comtrade *comtrade, const struct record *record, char out[COMTRADE_CODE_MAX], struct str *code, struct err *err);
int comtrade_commodity(const struct comtrade *comtrade, const struct record *record, struct str code, char out[COMTRADE_COMMODITY_MAX],
    struct str *commodity, struct err *err);
int comtrade_flow(const struct comtrade *comtrade, const struct record *record, enum comtrade_flow *flow, struct err *err);
int comtrade_area(struct comtrade *comtrade, const struct record *record, enum comtrade_column column, struct str *area, struct err *err);
int comtrade_period(struct comtrade *comtrade, const struct record *record, struct period *period, struct str *text, struct err *err);
const char *comtrade_part(const struct comtrade *comtrade, const struct record *record);
int comtrade_figures(const struct comtrade *comtrade, const struct record *record, enum comtrade_flow flow,
    const bool wanted[COMTRADE_KINDS], struct tape_figure figure[COMTRADE_KINDS], size_t *n, struct err *err);

#endif
