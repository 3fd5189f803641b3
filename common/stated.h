/*
 * stated - the quantities that a sentence states: tonnes moved or made, prices, and by how much they changed
 *
 * "imports of 12,944 tonnes, down by half" -> import, mass 12944 t, change -50 %. A number goes with the nearest measure (a word such as "imports"); a
 * price by weight needs none, and a measure whose class is empty is one whose figures are not wanted; of the class tax not even such a price is. Numbers
 * are in English form (1,234.5) with scales (million, 万) and small numbers in words. A price between two is stated twice, by its ends. What a
 * change is counted from ("from 7%", "compared with") is no quantity of its own.
 */
#ifndef LODE_STATED_H
#define LODE_STATED_H

#include "dec.h"
#include "mood.h"
#include "when.h"

enum { STATED_MAX = 24, STATED_UNIT = 24 };

enum stated_kind { STATED_MASS, STATED_MONEY, STATED_PRICE, STATED_CHANGE };

struct stated {
	enum stated_kind kind;
	struct str measure;      /* the measure's class, as in `import`; "price" where none is named */
	struct dec value;
	int bound;               /* of a price told as a range: -1 its low end, 1 its high end; 0 of a number alone */
	bool vague;              /* "by a third": gives way to a number */
	char unit[STATED_UNIT];  /* t, kg, CNY, CNY/kg, % */
	uint32_t start, end;     /* bytes of the text */
	const struct when *when; /* the period, NULL when none is told */
};

/* Returns how many; in order of their positions. */
size_t stated_find(const struct sentence *sentence, const struct when *when, size_t n_when, struct stated stated[STATED_MAX]);

#endif
