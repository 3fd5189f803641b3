#include "codes.h"

#include <stdlib.h>

struct codes {
	struct map *map; /* value.pointer: a terminated text in texts */
	struct arena *texts;
};

static int
add(struct codes *codes, const struct table *table, size_t row, const char *from, const char *to, struct err *err)
{
	struct str code = table_get(table, row, from), ours = table_get(table, row, to);
	struct map_entry *entry = map_get(codes->map, code);

	if (entry != NULL) {
		if (str_is(ours, entry->value.pointer))
			return LODE_OK;
		err_set(err, LODE_EUSAGE, "code '%.*s' is there twice", STR_ARG(code));
		return table_blame(table, row, from, err);
	}
	if ((ours = arena_dup(codes->texts, ours)).p == NULL || (entry = map_put(codes->map, code)) == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	entry->value.pointer = (void *)(uintptr_t)ours.p;
	return LODE_OK;
}

int
codes_new(struct codes **codes, const struct table *table, const char *list_column, const char *list, const char *from,
    const char *to, struct err *err)
{
	struct codes *made = calloc(1, sizeof *made);
	size_t row;
	int rc = LODE_OK;

	if (made == NULL || (made->map = map_new()) == NULL || (made->texts = arena_new()) == NULL)
		rc = err_set(err, LODE_ENOMEM, "out of memory");
	for (row = 0; row < table->n && rc == LODE_OK; row++)
		if (list == NULL || str_is(table_get(table, row, list_column), list))
			rc = add(made, table, row, from, to, err);
	if (rc == LODE_OK && map_count(made->map) == 0) {
		rc = err_set(err, LODE_EUSAGE, "no rows for the list '%s'", list == NULL ? "*" : list);
		err_line(err, table->path, 0);
	}
	if (rc != LODE_OK) {
		codes_free(made);
		return rc;
	}
	*codes = made;
	return LODE_OK;
}

void
codes_free(struct codes *codes)
{
	if (codes == NULL)
		return;
	map_free(codes->map);
	arena_free(codes->texts);
	free(codes);
}

struct str
codes_get(const struct codes *codes, struct str code)
{
	struct map_entry *entry = map_get(codes->map, code);

	return entry == NULL ? (struct str){ NULL, 0 } : str_of(entry->value.pointer);
}
