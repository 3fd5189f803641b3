#include "regions.h"

/* Country, tab and name in small letters, in regions->key. */
static bool
make_key(struct regions *regions, struct str country, struct str name)
{
	size_t i;

	regions->key.n = 0;
	if (buf_add_str(&regions->key, country) != LODE_OK || buf_add(&regions->key, "\t", 1) != LODE_OK ||
	    buf_add_str(&regions->key, name) != LODE_OK)
		return false;
	for (i = country.n; i < regions->key.n; i++)
		if (regions->key.p[i] >= 'A' && regions->key.p[i] <= 'Z')
			regions->key.p[i] = (char)(regions->key.p[i] | 0x20);
	return true;
}

static int
add(struct regions *regions, const struct table *table, size_t row, struct err *err)
{
	struct str name = table_get(table, row, "name"), area = table_get(table, row, "iso"), country = { area.p, 2 };
	struct map_entry *entry;

	if (area.n < 4 || area.n > 6 || area.p[2] != '-') {
		err_set(err, LODE_EUSAGE, "'%.*s' is not a subdivision like MM-11", STR_ARG(area));
		return table_blame(table, row, "iso", err);
	}
	if (!make_key(regions, country, name) || (entry = map_put(regions->units, buf_str(&regions->key))) == NULL ||
	    (area = arena_dup(regions->texts, area)).p == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	if (entry->value.pointer != NULL && !str_is(area, entry->value.pointer)) {
		err_set(err, LODE_EUSAGE, "'%.*s' of %.2s is there twice", STR_ARG(name), area.p);
		return table_blame(table, row, "name", err);
	}
	entry->value.pointer = (void *)(uintptr_t)area.p;
	return LODE_OK;
}

int
regions_init(struct regions *regions, const struct codes *countries, const char *path, const struct option_list *area, struct err *err)
{
	static const char *const columns[] = { "name", "kind", "iso", "source", NULL };
	struct table table = { 0 };
	size_t row;
	int rc;

	*regions = (struct regions){ .countries = countries, .area = area };
	if ((regions->units = map_new()) == NULL || (regions->texts = arena_new()) == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	rc = table_load(&table, path, columns, err);
	for (row = 0; rc == LODE_OK && row < table.n; row++)
		if (str_is(table_get(&table, row, "kind"), "region"))
			rc = add(regions, &table, row, err);
	table_release(&table);
	return rc;
}

void
regions_release(struct regions *regions)
{
	map_free(regions->units);
	arena_free(regions->texts);
	buf_release(&regions->key);
	*regions = (struct regions){ 0 };
}

int
regions_area(struct regions *regions, struct str code, struct str unit, struct str *area, bool *wanted, struct err *err)
{
	struct str country = codes_get(regions->countries, code);
	const struct map_entry *entry;

	if (country.p == NULL)
		return err_set(err, LODE_EDATA, "unknown country code '%.*s'", STR_ARG(code));
	if (!make_key(regions, country, unit))
		return err_set(err, LODE_ENOMEM, "out of memory");
	entry = map_get(regions->units, buf_str(&regions->key));
	*area = entry == NULL ? country : str_of(entry->value.pointer);
	*wanted = option_list_prefix(regions->area, *area);
	return LODE_OK;
}
