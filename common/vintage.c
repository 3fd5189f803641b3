#include "vintage.h"

#include <stdlib.h>

#include "map.h"

struct held {
	uint64_t order; /* of the line, counted over all puts */
	char *bytes;    /* owned */
	size_t n, room;
};

struct vintage {
	struct map *keys;   /* to the number of the line held */
	struct held *held;
	size_t n, room, max;
	uint64_t n_puts;
};

struct str
vintage_line(const struct vintage *vintage, size_t i)
{
	const struct held *held = &vintage->held[i];

	return (struct str){ held->bytes == NULL ? "" : held->bytes, held->n };
}

int
vintage_new(struct vintage **vintage, size_t max_keys, struct err *err)
{
	struct vintage *made = calloc(1, sizeof *made);

	if (made == NULL || (made->keys = map_new()) == NULL) {
		free(made);
		return err_set(err, LODE_ENOMEM, "out of memory");
	}
	made->max = max_keys;
	*vintage = made;
	return LODE_OK;
}

void
vintage_free(struct vintage *vintage)
{
	size_t i;

	if (vintage == NULL)
		return;
	for (i = 0; i < vintage->n; i++)
		free(vintage->held[i].bytes);
	free(vintage->held);
	map_free(vintage->keys);
	free(vintage);
}

/* The place of a new key. */
static int
add(struct vintage *vintage, struct str key, struct held **held, struct err *err)
{
	size_t room = vintage->room == 0 ? 64 : vintage->room * 2;
	struct map_entry *entry;
	struct held *grown;

	if (vintage->n == vintage->max)
		return err_set(err, LODE_ENOMEM, "more than %zu keys: raise --max-keys", vintage->max);
	if (vintage->n == vintage->room) {
		if ((grown = realloc(vintage->held, room * sizeof *grown)) == NULL)
			return err_set(err, LODE_ENOMEM, "out of memory");
		vintage->held = grown;
		vintage->room = room;
	}
	if ((entry = map_put(vintage->keys, key)) == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	entry->value.number = vintage->n;
	*held = &vintage->held[vintage->n++];
	memset(*held, 0, sizeof **held);
	return LODE_OK;
}

int
vintage_put(struct vintage *vintage, struct str key, struct str line, struct err *err)
{
	struct map_entry *entry = map_get(vintage->keys, key);
	struct held *held = NULL;
	char *grown;

	if (entry != NULL)
		held = &vintage->held[entry->value.number];
	else if (add(vintage, key, &held, err) != LODE_OK)
		return err->code;
	if (line.n > held->room) {
		if ((grown = realloc(held->bytes, line.n)) == NULL)
			return err_set(err, LODE_ENOMEM, "out of memory");
		held->bytes = grown;
		held->room = line.n;
	}
	if (line.n > 0)
		memcpy(held->bytes, line.p, line.n);
	held->n = line.n;
	held->order = vintage->n_puts++;
	return LODE_OK;
}

bool
vintage_get(const struct vintage *vintage, struct str key, struct str *line)
{
	const struct map_entry *entry = map_get(vintage->keys, key);

	if (entry == NULL)
		return false;
	*line = vintage_line(vintage, entry->value.number);
	return true;
}

size_t
vintage_count(const struct vintage *vintage)
{
	return vintage->n;
}

static int
by_order(const void *a, const void *b)
{
	uint64_t x = ((const struct held *)a)->order, y = ((const struct held *)b)->order;

	return (x > y) - (x < y);
}

void
vintage_sort(struct vintage *vintage)
{
	if (vintage->n > 1)
		qsort(vintage->held, vintage->n, sizeof *vintage->held, by_order);
}

