#include "collate.h"

#include <stdlib.h>

/* One observation: the lengths of its fields, then their bytes. */
struct held {
	size_t order;
	const uint32_t *length;
};

struct collate {
	struct sink *out;
	bool hold;
	size_t max_held, n_held; /* bytes */
	size_t n_fields, n, room;
	struct held *line; /* owned */
	struct arena *arena;
};

int
collate_new(struct collate **collate, struct sink *out, bool hold, size_t max_held, struct err *err)
{
	struct collate *made = calloc(1, sizeof *made);

	if (made == NULL || (made->arena = arena_new()) == NULL) {
		free(made);
		return err_set(err, LODE_ENOMEM, "out of memory");
	}
	made->out = out;
	made->hold = hold;
	made->max_held = max_held;
	*collate = made;
	return LODE_OK;
}

void
collate_free(struct collate *collate)
{
	if (collate == NULL)
		return;
	arena_free(collate->arena);
	free(collate->line);
	free(collate);
}

static bool
grow(struct collate *collate)
{
	size_t room = collate->room == 0 ? 1024 : 2 * collate->room;
	struct held *line = realloc(collate->line, room * sizeof *line);

	if (line == NULL)
		return false;
	collate->line = line;
	collate->room = room;
	return true;
}

static struct str
field_of(const struct obs *obs, const struct str *extra, size_t k)
{
	return k < OBS_N ? obs->f[k] : extra[k - OBS_N];
}

int
collate_add(struct collate *collate, const struct obs *obs, const struct str *extra, size_t n_extra, struct err *err)
{
	size_t n_fields = OBS_N + n_extra, size = n_fields * sizeof(uint32_t), k;
	uint32_t *length;
	char *to;

	if (!collate->hold) {
		tape_write(collate->out, obs, extra, n_extra);
		return LODE_OK;
	}
	for (k = 0; k < n_fields; k++)
		size += field_of(obs, extra, k).n;
	if (collate->n_held + size + sizeof *collate->line > collate->max_held)
		return err_set(err, LODE_ENOMEM, "more than %zu bytes to hold: select less or raise --max-held", collate->max_held);
	if ((collate->n == collate->room && !grow(collate)) || (length = arena_alloc(collate->arena, size)) == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	to = (char *)(length + n_fields);
	for (k = 0; k < n_fields; k++) {
		struct str field = field_of(obs, extra, k);

		length[k] = (uint32_t)field.n;
		if (field.n > 0)
			memcpy(to, field.p, field.n);
		to += field.n;
	}
	collate->n_fields = n_fields;
	collate->line[collate->n] = (struct held){ collate->n, length };
	collate->n++;
	collate->n_held += size + sizeof *collate->line;
	return LODE_OK;
}

int
collate_add_figures(struct collate *collate, const struct obs *obs, const struct str *extra, size_t n_extra,
    const struct tape_figure *figure, size_t n, struct err *err)
{
	struct obs copy;
	int rc = LODE_OK;

	if (!collate->hold) {
		tape_write_figures(collate->out, obs, extra, n_extra, figure, n);
		return LODE_OK;
	}
	for (copy = *obs; rc == LODE_OK && n > 0; n--, figure++) {
		copy.f[OBS_INDICATOR] = figure->indicator;
		copy.f[OBS_VALUE] = figure->value;
		copy.f[OBS_UNIT] = figure->unit;
		copy.f[OBS_STATUS] = figure->status;
		rc = collate_add(collate, &copy, extra, n_extra, err);
	}
	return rc;
}

static struct str
known_of(const struct held *line, size_t n_fields)
{
	return (struct str){ (const char *)(line->length + n_fields), line->length[OBS_KNOWN] };
}

static int
by_known(const void *a, const void *b, void *n_fields)
{
	const struct held *left = a, *right = b;
	int order = str_cmp(known_of(left, *(size_t *)n_fields), known_of(right, *(size_t *)n_fields));

	return order != 0 ? order : (left->order > right->order) - (left->order < right->order);
}

static void
write_line(struct collate *collate, const struct held *line)
{
	const char *from = (const char *)(line->length + collate->n_fields);
	struct str extra[COLLATE_MAX_EXTRA];
	struct obs obs;
	size_t k;

	for (k = 0; k < collate->n_fields; k++) {
		*(k < OBS_N ? &obs.f[k] : &extra[k - OBS_N]) = (struct str){ from, line->length[k] };
		from += line->length[k];
	}
	tape_write(collate->out, &obs, extra, collate->n_fields - OBS_N);
}

int
collate_finish(struct collate *collate, struct err *err)
{
	struct arena *arena;
	size_t i;

	if (collate->n == 0)
		return LODE_OK;
	qsort_r(collate->line, collate->n, sizeof *collate->line, by_known, &collate->n_fields);
	for (i = 0; i < collate->n; i++)
		write_line(collate, &collate->line[i]);
	if ((arena = arena_new()) == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	arena_free(collate->arena);
	collate->arena = arena;
	collate->n = collate->n_held = 0;
	return LODE_OK;
}
