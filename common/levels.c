#include "levels.h"

#include <stdio.h>
#include <stdlib.h>

#include "arena.h"
#include "instant.h"
#include "map.h"
#include "table.h"

enum { MAX_LEVELS = 16 };

/* The level a key had, and when; the one before that, for a time that is done again. */
struct memory {
	char as_of[INSTANT_MAX];
	size_t level, before;
};

struct levels {
	size_t n; /* 0 is "normal" */
	struct str name[MAX_LEVELS];
	double enter[MAX_LEVELS], leave[MAX_LEVELS];
	struct table table;
	struct map *memory; /* key to struct memory */
	struct arena *arena;
};

static int
no_memory(struct err *err)
{
	return err_set(err, LODE_ENOMEM, "out of memory");
}

static int
get_limit(const struct table *table, size_t row, const char *column, double *limit, struct err *err)
{
	struct str text = table_get(table, row, column);

	if (table_double(table, row, column, limit, err) != LODE_OK)
		return err->code;
	if (*limit > 0 && *limit <= 1)
		return LODE_OK;
	err_set(err, LODE_EUSAGE, "'%.*s' is not a probability above 0 and up to 1", STR_ARG(text));
	return table_blame(table, row, column, err);
}

static int
get_name(struct levels *l, size_t row, size_t k, struct err *err)
{
	l->name[k] = table_get(&l->table, row, "level");
	if (l->name[k].n == 0)
		err_set(err, LODE_EUSAGE, "a level without a name");
	else if (str_is(l->name[k], "normal"))
		err_set(err, LODE_EUSAGE, "'normal' is what is below all levels");
	else
		return LODE_OK;
	return table_blame(&l->table, row, "level", err);
}

static int
load(struct levels *l, const char *path, struct err *err)
{
	static const char *const columns[] = { "level", "enter", "leave", NULL };

	l->name[0] = STR("normal");
	l->n = 1;
	if (table_load(&l->table, path, columns, err) != LODE_OK)
		return err->code;
	for (size_t i = 0; i < l->table.n; i++) {
		size_t k = l->n++;

		if (k == MAX_LEVELS) {
			err_set(err, LODE_EUSAGE, "too many levels");
			return table_blame(&l->table, i, "level", err);
		}
		if (get_name(l, i, k, err) != LODE_OK || get_limit(&l->table, i, "enter", &l->enter[k], err) != LODE_OK ||
		    get_limit(&l->table, i, "leave", &l->leave[k], err) != LODE_OK)
			return err->code;
		for (size_t before = 1; before < k; before++)
			if (str_eq(l->name[before], l->name[k])) {
				err_set(err, LODE_EUSAGE, "level '%.*s' is there twice", STR_ARG(l->name[k]));
				return table_blame(&l->table, i, "level", err);
			}
		if (!(l->enter[k] > l->enter[k - 1] && l->leave[k] >= l->leave[k - 1] && l->leave[k] <= l->enter[k])) {
			err_set(err, LODE_EUSAGE, "levels do not rise, or one is left above where it is entered");
			return table_blame(&l->table, i, "enter", err);
		}
	}
	if (l->n == 1) {
		err_set(err, LODE_EUSAGE, "a table without levels");
		return err_line(err, path, 0);
	}
	return LODE_OK;
}

int
levels_new(struct levels **levels, const char *path, struct err *err)
{
	struct levels *l = calloc(1, sizeof *l);
	int rc;

	if (l == NULL || (l->memory = map_new()) == NULL || (l->arena = arena_new()) == NULL)
		rc = no_memory(err);
	else
		rc = load(l, path, err);
	if (rc == LODE_OK)
		*levels = l;
	else
		levels_free(l);
	return rc;
}

void
levels_free(struct levels *l)
{
	if (l == NULL)
		return;
	table_release(&l->table);
	map_free(l->memory);
	arena_free(l->arena);
	free(l);
}

struct str
levels_key(struct str region, struct str commodity, struct str horizon, char *out, size_t size)
{
	int n = snprintf(out, size, "%.*s\t%.*s\t%.*s", STR_ARG(region), STR_ARG(commodity), STR_ARG(horizon));

	return (struct str){ out, n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1 };
}

/* The memory of a key, made when it is not there. */
static int
recall(struct levels *l, struct str key, struct memory **memory, struct err *err)
{
	struct map_entry *entry = map_put(l->memory, key);

	if (entry == NULL)
		return no_memory(err);
	if (entry->value.pointer == NULL) {
		if ((entry->value.pointer = arena_alloc(l->arena, sizeof **memory)) == NULL)
			return no_memory(err);
		*(struct memory *)entry->value.pointer = (struct memory){ .level = 0 };
	}
	*memory = entry->value.pointer;
	return LODE_OK;
}

static int
remember(struct levels *l, const struct table *t, size_t row, struct err *err)
{
	struct str level = table_get(t, row, "level"), as_of = table_get(t, row, "as_of");
	struct memory *memory;
	char text[512];
	size_t k = 0;
	int rc;

	while (k < l->n && !str_eq(level, l->name[k]))
		k++;
	if (k == l->n) {
		err_set(err, LODE_EUSAGE, "'%.*s' is not a level", STR_ARG(level));
		return table_blame(t, row, "level", err);
	}
	if (!instant_valid(as_of)) {
		err_set(err, LODE_EUSAGE, "'%.*s' is not a time like 2025-06-20T07:00:00Z", STR_ARG(as_of));
		return table_blame(t, row, "as_of", err);
	}
	rc = recall(l, levels_key(table_get(t, row, "region"), table_get(t, row, "commodity"), table_get(t, row, "horizon"), text,
	    sizeof text), &memory, err);
	if (rc != LODE_OK)
		return rc;
	memcpy(memory->as_of, as_of.p, INSTANT_LENGTH);
	memory->level = k;
	return LODE_OK;
}

int
levels_previous(struct levels *l, const char *path, struct err *err)
{
	static const char *const columns[] = { "as_of", "region", "commodity", "horizon", "level", NULL };
	struct table t;
	int rc = table_load(&t, path, columns, err);

	if (rc != LODE_OK)
		return rc;
	for (size_t i = 0; rc == LODE_OK && i < t.n; i++)
		rc = remember(l, &t, i, err);
	table_release(&t);
	return rc;
}

int
levels_step(struct levels *l, struct str key, struct str as_of, double p, struct str *name, struct err *err)
{
	struct memory *memory;
	size_t level = 0;
	int order;

	if (recall(l, key, &memory, err) != LODE_OK)
		return err->code;
	order = str_cmp(str_of(memory->as_of), as_of);
	if (order < 0)
		memory->before = memory->level;
	else if (order > 0)
		memory->before = 0;
	for (size_t k = 1; k < l->n; k++)
		if (p >= l->enter[k] || (k <= memory->before && p >= l->leave[k]))
			level = k;
	memory->level = level;
	memcpy(memory->as_of, as_of.p, INSTANT_LENGTH);
	*name = l->name[level];
	return LODE_OK;
}

struct str
levels_text(const struct levels *l, struct str key, char out[LEVELS_TEXT])
{
	const struct map_entry *entry = map_get(l->memory, key);
	const struct memory *memory = entry == NULL ? NULL : entry->value.pointer;
	int n;

	if (memory == NULL)
		return STR("");
	n = snprintf(out, LEVELS_TEXT, "%s\t%.*s\t%.*s", memory->as_of, STR_ARG(l->name[memory->level]), STR_ARG(l->name[memory->before]));
	return (struct str){ out, (size_t)n };
}

int
levels_restore(struct levels *l, struct str key, struct str text, struct err *err)
{
	struct str rest = text, as_of, name[2];
	struct memory *memory;
	size_t level[2], i;

	if (!str_split(&rest, '\t', &as_of) || !instant_valid(as_of) || !str_split(&rest, '\t', &name[0]) || !str_split(&rest, '\t', &name[1]))
		return err_set(err, LODE_EDATA, "'%.*s' is no state", STR_ARG(text));
	for (i = 0; i < 2; i++) {
		for (level[i] = 0; level[i] < l->n && !str_eq(name[i], l->name[level[i]]);)
			level[i]++;
		if (level[i] == l->n)
			return err_set(err, LODE_EDATA, "'%.*s' is no state: the table has no level '%.*s'", STR_ARG(text), STR_ARG(name[i]));
	}
	if (recall(l, key, &memory, err) != LODE_OK)
		return err->code;
	memcpy(memory->as_of, as_of.p, INSTANT_LENGTH);
	memory->level = level[0];
	memory->before = level[1];
	return LODE_OK;
}
