/*
 * materials - from a customs code to a basket and the oxides in it
 *
 * Two tables of a mineral: materials.tsv (hs basket reo_low reo_mid reo_high carries) says which codes hold what part of rare
 * earth oxide, assays.tsv (partner share_dy share_tb sd_log) what part of that is each oxide, by the country it comes from.
 */
#ifndef LODE_MATERIALS_H
#define LODE_MATERIALS_H

#include "dec.h"
#include "table.h"

/* What is told apart: all rare earth oxides together, and single ones among them. */
enum { MATERIALS_REO, MATERIALS_FIRST_OXIDE, MATERIALS_PARTS = MATERIALS_FIRST_OXIDE + 2 };

/* Their names: REO, Dy2O3, Tb4O7. */
extern const char *const materials_part[MATERIALS_PARTS];

/* What a code carries. */
enum material_kind {
	MATERIAL_NONE,  /* no heavy rare earth, or a trace */
	MATERIAL_MIXED, /* all oxides, by the partner's assay */
	MATERIAL_SINGLE /* one oxide and no other */
};

struct material {
	struct str basket; /* a view into the table */
	enum material_kind kind;
	unsigned oxide;    /* MATERIAL_SINGLE: which part */
	bool has_fraction;
	struct dec fraction; /* kg of oxide in 1 kg, middle of its range */
};

struct materials;

/* The columns each table must have, NULL at the end: for table_load(). */
extern const char *const materials_columns[], *const materials_assay_columns[];

/*
 * Both tables stay with the caller and live as long.
 * Errors: LODE_EUSAGE with the place in the table: "hs '28x' is not digits", "hs '2846' is there twice", "carries 'x' is not one of
 * yes, no, trace, Dy, Tb", a fraction or share that is no decimal from 0 up, "no row for partner '*'"; LODE_ENOMEM.
 */
int materials_new(struct materials **materials, const struct table *codes, const struct table *assays, struct err *err);
void materials_free(struct materials *materials); /* takes NULL */

/*
 * The row whose hs is the longest beginning of the code (digits only) that is at most max_digits long; NULL when none is.
 * Rows of more than six digits are lines of one country's tariff: pass 6 for another country's codes.
 */
const struct material *materials_find(const struct materials *materials, struct str code, size_t max_digits);

/* True when some row's hs begins with the code's first four digits, its heading. */
bool materials_near(const struct materials *materials, struct str code);

/* What part of REO each part is, MATERIALS_PARTS of them, the first is 1: by the row of that partner, or of `*`. */
const struct dec *materials_shares(const struct materials *materials, struct str partner);

#endif
