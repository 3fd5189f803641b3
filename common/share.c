#include "share.h"

#include <stdlib.h>

#include "ratio.h"

static int
no_memory(struct err *err)
{
	return err_set(err, LODE_ENOMEM, "out of memory");
}

int
share_init(struct share *share, size_t max_keys, struct err *err)
{
	*share = (struct share){ .figures = map_new(), .totals = map_new(), .max_keys = max_keys };
	return share->figures == NULL || share->totals == NULL ? no_memory(err) : LODE_OK;
}

static void
release_parts(struct map *map)
{
	struct share_part *part;
	size_t i;

	for (i = 0; map != NULL && i < map_count(map); i++) {
		if ((part = map_at(map, i)->value.pointer) == NULL)
			continue;
		buf_release(&part->line);
		buf_release(&part->value);
		free(part);
	}
	map_free(map);
}

void
share_release(struct share *share)
{
	release_parts(share->figures);
	release_parts(share->totals);
	buf_release(&share->text);
	*share = (struct share){ 0 };
}

struct str
share_country(struct str area)
{
	return area.n > 3 && area.p[2] == '-' ? (struct str){ area.p, 2 } : area;
}

/* The part of that key, made where there is none. */
static int
get_part(const struct share *share, struct map *map, struct str key, struct share_part **part, struct err *err)
{
	struct map_entry *entry = map_get(map, key);

	if (entry == NULL && map_count(share->figures) + map_count(share->totals) >= share->max_keys)
		return err_set(err, LODE_ENOMEM, "more than %zu keys to hold (--max-keys)", share->max_keys);
	if (entry == NULL && (entry = map_put(map, key)) != NULL)
		entry->value.pointer = calloc(1, sizeof **part);
	if (entry == NULL || entry->value.pointer == NULL)
		return no_memory(err);
	*part = entry->value.pointer;
	(*part)->key = entry->key;
	return LODE_OK;
}

static void
touch(struct share *share, struct share_part *part)
{
	if (part->is_touched)
		return;
	part->is_touched = true;
	part->touched = NULL;
	*(share->touched == NULL ? &share->touched : &share->touched_last->touched) = part;
	share->touched_last = part;
}

struct share_part *
share_touched(struct share *share)
{
	struct share_part *part = share->touched;

	if (part != NULL) {
		share->touched = part->touched;
		part->is_touched = false;
	}
	return part;
}

static int
get_total(struct share *share, struct str period, struct str area, struct share_part **total, struct err *err)
{
	share->text.n = 0;
	if (buf_add_str(&share->text, period) != LODE_OK || buf_add(&share->text, "\t", 1) != LODE_OK ||
	    buf_add_str(&share->text, share_country(area)) != LODE_OK)
		return no_memory(err);
	return get_part(share, share->totals, buf_str(&share->text), total, err);
}

static int
set_text(struct buf *buf, struct str text, struct err *err)
{
	buf->n = 0;
	return buf_add_str(buf, text) == LODE_OK ? LODE_OK : no_memory(err);
}

static void
change(struct share *share, struct share_part *part)
{
	touch(share, part);
	if (part->waits)
		return;
	part->waits = true;
	part->rank = ++share->rank;
	part->changed = NULL;
	if (share->first == NULL)
		share->first = part;
	else
		share->last->changed = part;
	share->last = part;
}

int
share_total(struct share *share, struct str period, struct str area, struct str value, struct err *err)
{
	struct share_part *total, *part;

	if (get_total(share, period, area, &total, err) != LODE_OK || set_text(&total->value, value, err) != LODE_OK)
		return err->code;
	touch(share, total);
	for (part = total->next; part != NULL; part = part->next)
		change(share, part);
	return LODE_OK;
}

int
share_figure(struct share *share, struct str key, struct str period, struct str area, struct str value, struct str line, struct err *err)
{
	struct share_part *total, *part;

	if (get_part(share, share->figures, key, &part, err) != LODE_OK || get_total(share, period, area, &total, err) != LODE_OK ||
	    set_text(&part->value, value, err) != LODE_OK || set_text(&part->line, line, err) != LODE_OK)
		return err->code;
	part->n_lines++;
	if (part->whole == NULL) {
		part->whole = total;
		part->next = total->next;
		total->next = part;
	}
	change(share, part);
	return LODE_OK;
}

/* Empty where there is none; both values have been read before. */
static struct str
divide(const struct share_part *part, char number[DEC_MAX])
{
	struct ratio ratio = RATIO_ONE;
	struct dec value, total, share;
	struct err err;

	if (part->value.n == 0 || part->whole->value.n == 0 || dec_parse(buf_str(&part->value), &value, &err) != LODE_OK ||
	    dec_parse(buf_str(&part->whole->value), &total, &err) != LODE_OK || total.mantissa == 0 ||
	    ratio_scale(&ratio, dec_of(1), total, &err) != LODE_OK || ratio_apply(&ratio, value, &share, &err) != LODE_OK)
		return STR("");
	return (struct str){ number, dec_format(share, number) };
}

const struct share_part *
share_next(struct share *share, char number[DEC_MAX], struct str *value)
{
	struct share_part *part;

	while ((part = share->first) != NULL) {
		share->first = part->changed;
		part->waits = false;
		touch(share, part);
		*value = divide(part, number);
		if (value->n == 0 && !part->said)
			continue;
		part->said = value->n > 0;
		part->n_lines = 0;
		return part;
	}
	return NULL;
}

int
share_restore(struct share *share, struct str key, struct str period, struct str area, struct str value, struct str line,
    const struct share_part *as, struct err *err)
{
	struct share_part *part;

	if (share_figure(share, key, period, area, value, line, err) != LODE_OK || get_part(share, share->figures, key, &part, err) != LODE_OK)
		return err->code;
	part->said = as->said;
	part->n_lines = as->n_lines;
	part->order = as->order;
	part->rank = as->rank;
	return LODE_OK;
}

static int
by_rank(const void *a, const void *b)
{
	const struct share_part *x = *(struct share_part *const *)a, *y = *(struct share_part *const *)b;

	return (x->rank > y->rank) - (x->rank < y->rank);
}

int
share_rewait(struct share *share, struct err *err)
{
	size_t n = map_count(share->figures), n_waiting = 0, i;
	struct share_part **waiting = malloc((n + 1) * sizeof *waiting), *part;

	if (waiting == NULL)
		return no_memory(err);
	for (i = 0; i < n; i++)
		if ((part = map_at(share->figures, i)->value.pointer) != NULL && part->rank > 0)
			waiting[n_waiting++] = part;
	while ((part = share->first) != NULL) {
		share->first = part->changed;
		part->waits = false;
	}
	if (n_waiting > 1)
		qsort(waiting, n_waiting, sizeof *waiting, by_rank);
	for (i = 0; i < n_waiting; i++) {
		share->rank = waiting[i]->rank - 1; /* it keeps its own */
		change(share, waiting[i]);
	}
	free(waiting);
	while (share_touched(share) != NULL)
		continue;
	return LODE_OK;
}

uint64_t
share_without(const struct share *share)
{
	const struct share_part *part;
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < map_count(share->figures); i++) {
		part = map_at(share->figures, i)->value.pointer;
		n += part == NULL ? 0 : part->n_lines;
	}
	return n;
}
