/*
 * gacc - the columns of an export of the query of China's customs, found by their Chinese names
 *
 * The file holds whatever columns its user chose, in the order chosen, in GB18030 (as the site writes it) or UTF-8 (resaved).
 * Life cycle: a zeroed struct, gacc_columns for each header, gacc_release.
 */
#ifndef LODE_GACC_H
#define LODE_GACC_H

#include "encoding.h"
#include "map.h"
#include "obs.h"

enum gacc_column {
	GACC_MONTH,
	GACC_CODE,
	GACC_PARTNER,
	GACC_MODE,
	GACC_PLACE,
	GACC_QUANTITY,
	GACC_UNIT,
	GACC_QUANTITY_2,
	GACC_UNIT_2,
	GACC_CNY,
	GACC_USD,
	GACC_N
};

enum gacc_kind { GACC_MASS, GACC_COUNT, GACC_COUNT_2, GACC_VALUE, GACC_N_KINDS };
enum { GACC_MAX_FIGURES = 3, GACC_NUMBER_MAX = 96 };

struct gacc {
	int at[GACC_N];            /* column of the record, or -1 */
	struct encoding *encoding; /* owned */
	struct map *units;         /* owned: the bytes of a unit's word -> our unit */
	struct buf text;           /* owned: a decoded field */
	struct {
		struct str word, unit; /* the last of each column of units; word.p NULL before */
	} last_unit[2];
	char number[GACC_MAX_FIGURES][GACC_NUMBER_MAX]; /* of the figures in hand, without commas */
};

/*
 * Looks the columns up; encoding NULL tries UTF-8 and GB18030. What could only be guessed is refused.
 * Errors: LODE_EUSAGE "no column of China's customs ...", a name of a product or partner without its code, a quantity without unit or
 * the reverse, neither quantity nor value, two currencies, an unknown encoding; LODE_ENOMEM.
 */
int gacc_columns(struct gacc *gacc, const struct header *header, const char *encoding, struct err *err);
void gacc_release(struct gacc *gacc); /* takes a zeroed one */

/* A field without blanks around it; at[column] must be there. */
struct str gacc_get(const struct gacc *gacc, const struct record *record, enum gacc_column column);

/* Puts the column on an error found in it; returns err->code. */
int gacc_blame(const struct gacc *gacc, enum gacc_column column, struct err *err);

/*
 * The code in a field; otherwise where the file has no such column. Errors: LODE_EDATA "'x' is not a code of digits" (1 to
 * GACC_CODE_MAX of them).
 */
enum { GACC_CODE_MAX = 10 };
int gacc_code(const struct gacc *gacc, const struct record *record, enum gacc_column column, struct str otherwise, struct str *code,
    struct err *err);

/*
 * The quantities and the value of a record
 *
 * Shape    figure[GACC_MAX_FIGURES] out, *n of them, each by the indicator of its kind; no two of one kind: the first quantity in kg is the
 *          mass, others are counts. Digits as in the file, without thousands separators, valid until the next call
 * Units    value: CNY or USD; mass: kg; count: see quantity.h
 * Missing  a quantity 0 with the unit "?" is none; an empty field is an error: the query leaves no cell empty
 * Errors   LODE_EDATA with the column: "cannot read 'TEXT' as a decimal", "unknown unit 'WORD'", "quantity N has no unit",
 *          "not valid GB18030 at byte 1"; LODE_ENOMEM
 */
int gacc_figures(struct gacc *gacc, const struct record *record, const struct str indicator[GACC_N_KINDS], struct tape_figure *figure, size_t *n,
    struct err *err);

#endif
