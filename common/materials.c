#include "materials.h"

#include <stdlib.h>

#include "map.h"

const char *const materials_part[MATERIALS_PARTS] = { "REO", "Dy2O3", "Tb4O7" };
const char *const materials_columns[] = { "hs", "basket", "reo_mid", "carries", NULL };
const char *const materials_assay_columns[] = { "partner", "share_dy", "share_tb", NULL };

static const char *const share_column[MATERIALS_PARTS] = { NULL, "share_dy", "share_tb" };
static const char *const element[MATERIALS_PARTS] = { NULL, "Dy", "Tb" };

enum { HEADING = 4 }; /* digits of a heading of the Harmonized System */

struct shares {
	struct dec of[MATERIALS_PARTS];
};

struct materials {
	struct map *codes;  /* hs to the number of a material */
	struct map *headings; /* the first four digits of those */
	struct map *assays; /* partner to the number of its shares */
	struct material *material;
	struct shares *shares;
	const struct dec *others; /* of partner `*` */
};

void
materials_free(struct materials *materials)
{
	if (materials == NULL)
		return;
	map_free(materials->codes);
	map_free(materials->headings);
	map_free(materials->assays);
	free(materials->material);
	free(materials->shares);
	free(materials);
}

/* A cell as a part from 0 up; empty gives false in *there. */
static int
read_part(const struct table *table, size_t row, const char *column, struct dec *part, bool *there, struct err *err)
{
	struct str text = table_get(table, row, column);

	*there = text.n > 0;
	if (!*there)
		return LODE_OK;
	if (dec_parse(text, part, err) != LODE_OK)
		return table_blame(table, row, column, err);
	if (part->mantissa < 0) {
		err_set(err, LODE_EUSAGE, "'%.*s' is below zero", STR_ARG(text));
		return table_blame(table, row, column, err);
	}
	return LODE_OK;
}

static int
read_carries(struct str text, struct material *material, struct err *err)
{
	unsigned i;

	material->kind = str_is(text, "yes") ? MATERIAL_MIXED : MATERIAL_NONE;
	if (str_is(text, "yes") || str_is(text, "no") || str_is(text, "trace"))
		return LODE_OK;
	for (i = MATERIALS_FIRST_OXIDE; i < MATERIALS_PARTS; i++)
		if (str_is(text, element[i])) {
			material->kind = MATERIAL_SINGLE;
			material->oxide = i;
			return LODE_OK;
		}
	return err_set(err, LODE_EUSAGE, "'%.*s' is not one of yes, no, trace, Dy, Tb", STR_ARG(text));
}

/* Maps a cell to its row, unless it was there already. */
static int
enter(struct map *map, const struct table *table, size_t row, const char *column, struct err *err)
{
	struct str text = table_get(table, row, column);
	struct map_entry *entry = map_get(map, text);

	if (entry != NULL) {
		err_set(err, LODE_EUSAGE, "'%.*s' is there twice", STR_ARG(text));
		return table_blame(table, row, column, err);
	}
	if ((entry = map_put(map, text)) == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	entry->value.number = row;
	return LODE_OK;
}

static int
read_codes(struct materials *materials, const struct table *table, struct err *err)
{
	size_t i;

	for (i = 0; i < table->n; i++) {
		struct material *material = &materials->material[i];
		struct str hs = table_get(table, i, "hs");

		if (!str_is_digits(hs)) {
			err_set(err, LODE_EUSAGE, "'%.*s' is not digits", STR_ARG(hs));
			return table_blame(table, i, "hs", err);
		}
		material->basket = table_get(table, i, "basket");
		if (read_carries(table_get(table, i, "carries"), material, err) != LODE_OK)
			return table_blame(table, i, "carries", err);
		if (read_part(table, i, "reo_mid", &material->fraction, &material->has_fraction, err) != LODE_OK ||
		    enter(materials->codes, table, i, "hs", err) != LODE_OK)
			return err->code;
		if (hs.n >= HEADING && map_put(materials->headings, (struct str){ hs.p, HEADING }) == NULL)
			return err_set(err, LODE_ENOMEM, "out of memory");
	}
	return LODE_OK;
}

static int
read_assays(struct materials *materials, const struct table *table, struct err *err)
{
	struct map_entry *others;
	bool there;
	size_t i;
	unsigned k;

	for (i = 0; i < table->n; i++) {
		materials->shares[i].of[MATERIALS_REO] = dec_of(1);
		for (k = MATERIALS_FIRST_OXIDE; k < MATERIALS_PARTS; k++) {
			if (read_part(table, i, share_column[k], &materials->shares[i].of[k], &there, err) != LODE_OK)
				return err->code;
			if (!there) {
				err_set(err, LODE_EUSAGE, "empty");
				return table_blame(table, i, share_column[k], err);
			}
		}
		if (enter(materials->assays, table, i, "partner", err) != LODE_OK)
			return err->code;
	}
	if ((others = map_get(materials->assays, STR("*"))) == NULL) {
		err_set(err, LODE_EUSAGE, "no row for partner '*'");
		return err_line(err, table->path, 1);
	}
	materials->others = materials->shares[others->value.number].of;
	return LODE_OK;
}

int
materials_new(struct materials **materials, const struct table *codes, const struct table *assays, struct err *err)
{
	struct materials *made = calloc(1, sizeof *made);
	int rc = LODE_OK;

	if (made == NULL || (made->codes = map_new()) == NULL || (made->headings = map_new()) == NULL || (made->assays = map_new()) == NULL ||
	    (made->material = calloc(codes->n + 1, sizeof *made->material)) == NULL ||
	    (made->shares = calloc(assays->n + 1, sizeof *made->shares)) == NULL)
		rc = err_set(err, LODE_ENOMEM, "out of memory");
	if (rc == LODE_OK && (rc = read_codes(made, codes, err)) == LODE_OK)
		rc = read_assays(made, assays, err);
	if (rc == LODE_OK)
		*materials = made;
	else
		materials_free(made);
	return rc;
}

const struct material *
materials_find(const struct materials *materials, struct str code, size_t max_digits)
{
	struct str prefix = { code.p, code.n < max_digits ? code.n : max_digits };
	const struct map_entry *entry;

	for (; prefix.n > 0; prefix.n--)
		if ((entry = map_get(materials->codes, prefix)) != NULL)
			return &materials->material[entry->value.number];
	return NULL;
}

bool
materials_near(const struct materials *materials, struct str code)
{
	return code.n >= HEADING && map_get(materials->headings, (struct str){ code.p, HEADING }) != NULL;
}

const struct dec *
materials_shares(const struct materials *materials, struct str partner)
{
	const struct map_entry *entry = map_get(materials->assays, partner);

	return entry == NULL ? materials->others : materials->shares[entry->value.number].of;
}
