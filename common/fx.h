/*
 * fx - the columns of a file of exchange rates: of the ECB, of FRED (Federal Reserve), of SAFE or of CFETS (China's central parity)
 *
 * ECB    Date, then currencies by their ISO code: units of it for one EUR
 * FRED   DATE or observation_date, then series named DEX, price currency, base currency (two letters each)
 * SAFE   日期, then currencies by their Chinese name: CNY for 100 units, or, of those that are quoted the other way, units for 100 CNY
 * CFETS  Date or 日期, then pairs as USD/CNY, CNY/MYR, 100JPY/CNY: the second for one (or 100) of the first
 *
 * Whatever the source, what comes out is the price of one unit: pair BASE/QUOTE, unit QUOTE/BASE.
 */
#ifndef LODE_FX_H
#define LODE_FX_H

#include "dec.h"
#include "list.h"
#include "obs.h"
#include "period.h"

enum fx_kind { FX_ECB, FX_FRED, FX_SAFE, FX_CFETS, FX_N_KINDS };

enum { FX_MAX_RATES = 128 };

struct fx_rate {
	unsigned column;    /* of the record */
	char name[16];      /* of the column, for messages, in UTF-8 */
	char commodity[8];  /* "EUR/CNY": one EUR */
	char unit[8];       /* "CNY/EUR" */
	int shift;          /* the file's figure is for 10^shift of the base */
};

struct fx {
	enum fx_kind kind;
	unsigned date;      /* column of the days */
	const char *form;   /* of dates, once the first line has shown it; else NULL */
	unsigned n;
	struct fx_rate rate[FX_MAX_RATES]; /* in the order of their pairs, whatever that of the columns */
};

/* area and source of the observations, by kind. */
extern const struct fx_origin {
	const char *area, *source;
} fx_origins[FX_N_KINDS];

/*
 * Looks up the columns of the currencies asked for (empty: all); other columns do not count. A pair goes by the currency that is not the
 * source's own (EUR, USD, CNY). A header that is not UTF-8 is read as GB18030. Errors: LODE_EUSAGE "no column of dates ...",
 * "no column of rates ...", "no column of the currency 'x' in the header", "more than 128 columns of rates"; LODE_ENOMEM.
 */
int fx_columns(struct fx *fx, const struct header *header, const struct option_list *currency, struct err *err);

/*
 * The day of a record. Which of the forms below the file has, the first date shows that can be read; from then on it is the only one.
 * Forms    YYYY-MM-DD, YYYYMMDD, D Month YYYY, YYYY/M/D, M/D/YYYY
 * Errors   LODE_EDATA with the column: "'x' is not a date like ..."; and, because none of these sources has rates of a weekend, "'8/6/2024', month first,
 *          is a Saturday or Sunday: is it day first?"
 */
int fx_day(struct fx *fx, struct str text, struct period *day, struct err *err);

/*
 * When the rates of a day were published, seconds since 1970 UTC: ECB that day at 15:00; FRED with the weekly release, the Monday after at
 * 21:15 (16:15 in New York in winter); China's parity that day at 01:15 (9:15 in Beijing).
 */
int64_t fx_known(const struct fx *fx, struct period day);

/*
 * A rate without blanks, for one unit of the base; a view of text where the file's figure is that already, else of bytes.
 * Missing: *value is empty for N/A, ND, "." , "-" and an empty field.
 * Errors: LODE_EDATA "cannot read 'x' as a decimal", "rate 'x' is not above 0"; of China's parity also "one USD at 0.071778 CNY: is the figure for
 * another number of them?" (of the currencies that are quoted most, at a tenth or ten times of what they ever were).
 */
int fx_value(const struct fx *fx, const struct fx_rate *rate, struct str text, char bytes[DEC_MAX], struct str *value, struct err *err);

#endif
