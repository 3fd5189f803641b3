#include "aggregate.h"

#include <stdlib.h>

const char *const aggregate_names[AGGREGATE_N] = { "sum", "mean", "wmean", "last", "min", "max", "count" };

enum aggregate_function
aggregate_find(struct str name)
{
	int i;

	for (i = 0; i < AGGREGATE_N && !str_is(name, aggregate_names[i]);)
		i++;
	return (enum aggregate_function)i;
}

static int
out_of_memory(struct err *err)
{
	return err_set(err, LODE_ENOMEM, "out of memory");
}

static int
compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

bool
part_conflicts(const struct part *a, const struct part *b)
{
	bool apart = a->last < b->first || b->last < a->first;
	bool nested = (a->first <= b->first && b->last <= a->last) || (b->first <= a->first && a->last <= b->last);

	return !apart && !nested && str_eq(a->series, b->series);
}

/* A total right before its parts. */
static int
total_first(const void *a, const void *b)
{
	const struct part *x = *(struct part *const *)a, *y = *(struct part *const *)b;
	int order = str_cmp(x->series, y->series);

	if (order == 0 && (order = compare(x->first, y->first)) == 0 && (order = compare(y->last, x->last)) == 0)
		order = str_cmp(x->period, y->period);
	return order;
}

static bool
holds(const struct part *total, const struct part *part)
{
	return str_eq(total->series, part->series) && total->first <= part->first && part->last <= total->last;
}

static bool
is_whole(const struct part *total)
{
	return total->n_children > 0 && !total->gap && total->covered == total->last + 1;
}

/* All within part has been seen: says whether it is whole, and tells its parent what it amounts to. */
static int
close_part(struct part **all, struct part *part, struct err *err)
{
	struct part *parent = part->parent == SIZE_MAX ? NULL : all[part->parent];

	part->state = PART_COUNTS;
	if (is_whole(part))
		part->state = dec_cmp(part->below, part->number) == 0 ? PART_TOTAL : PART_MISMATCH;
	if (parent == NULL)
		return LODE_OK;
	parent->n_children++;
	parent->gap |= part->first != parent->covered;
	parent->covered = part->last + 1;
	return dec_add(parent->below, part->state == PART_COUNTS ? part->number : part->below, &parent->below, err);
}

int
aggregate_select(struct part **part, size_t n, struct err *err)
{
	size_t i, open = SIZE_MAX;

	qsort(part, n, sizeof part[0], total_first);
	for (i = 0; i <= n; i++) {
		/* the open parts, innermost first, are linked by parent */
		while (open != SIZE_MAX && (i == n || !holds(part[open], part[i]))) {
			if (close_part(part, part[open], err) != LODE_OK)
				return err->code;
			open = part[open]->parent;
		}
		if (i == n)
			break;
		part[i]->parent = open;
		part[i]->n_children = 0;
		part[i]->gap = false;
		part[i]->covered = part[i]->first;
		part[i]->below = dec_of(0);
		open = i;
	}
	for (i = 0; i < n; i++) {
		const struct part *parent = part[i]->parent == SIZE_MAX ? NULL : part[part[i]->parent];

		if (parent != NULL && (parent->state == PART_COUNTS || parent->state == PART_COVERED))
			part[i]->state = PART_COVERED;
	}
	return LODE_OK;
}

static int
by_day(const void *a, const void *b)
{
	return compare((*(struct part *const *)a)->first, (*(struct part *const *)b)->first);
}

bool
aggregate_covers(struct part **part, size_t n, int64_t first, int64_t last)
{
	size_t i;

	qsort(part, n, sizeof part[0], by_day);
	for (i = 0; i < n && part[i]->first <= first; i++)
		if (part[i]->state == PART_COUNTS && part[i]->last >= first)
			first = part[i]->last + 1;
	return first > last;
}

void
aggregate_release(struct aggregate *aggregate)
{
	buf_release(&aggregate->least.text);
	buf_release(&aggregate->largest.text);
	buf_release(&aggregate->first.text);
	buf_release(&aggregate->last.text);
	*aggregate = (struct aggregate){ .owns = aggregate->owns };
}

/* Earlier or later by what it is about and when it was known; content decides a tie, so that input order does not. */
static int
in_time(const struct part *a, const struct part *b)
{
	int order = compare(a->at, b->at);

	if (order == 0 && (order = str_cmp(a->known, b->known)) == 0 && (order = compare(a->first, b->first)) == 0 &&
	    (order = str_cmp(a->ref, b->ref)) == 0)
		order = str_cmp(a->value, b->value);
	return order;
}

static int
keep(struct aggregate_kept *kept, const struct part *part, bool own, struct err *err)
{
	struct str *const text[] = { &kept->part.known, &kept->part.value, &kept->part.ref };
	size_t i, at = 0;

	kept->part = *part;
	if (!own)
		return LODE_OK;
	kept->text.n = 0;
	for (i = 0; i < 3; i++)
		if (buf_add_str(&kept->text, *text[i]) != LODE_OK)
			return out_of_memory(err);
	for (i = 0; i < 3; at += text[i++]->n)
		text[i]->p = buf_str(&kept->text).p + at;
	kept->part.series = kept->part.period = (struct str){ 0 };
	return LODE_OK;
}

/* Least, largest, first and last, of a part that is new to them. */
static int
keep_extremes(struct aggregate *aggregate, const struct part *least, const struct part *largest, const struct part *first,
    const struct part *last, struct err *err)
{
	bool none = aggregate->n == 0;
	int small = none ? -1 : dec_cmp(least->number, aggregate->least.part.number);
	int large = none ? 1 : dec_cmp(largest->number, aggregate->largest.part.number);
	int rc = LODE_OK;

	if (small < 0 || (small == 0 && in_time(least, &aggregate->least.part) < 0))
		rc = keep(&aggregate->least, least, aggregate->owns, err);
	if (rc == LODE_OK && (large > 0 || (large == 0 && in_time(largest, &aggregate->largest.part) < 0)))
		rc = keep(&aggregate->largest, largest, aggregate->owns, err);
	if (rc == LODE_OK && (none || in_time(first, &aggregate->first.part) < 0))
		rc = keep(&aggregate->first, first, aggregate->owns, err);
	if (rc == LODE_OK && (none || in_time(last, &aggregate->last.part) > 0))
		rc = keep(&aggregate->last, last, aggregate->owns, err);
	return rc;
}

int
aggregate_add(struct aggregate *aggregate, const struct part *part, struct err *err)
{
	struct dec sum, product, weighted = aggregate->weighted, weights = aggregate->weights;
	int rc = dec_add(aggregate->sum, part->number, &sum, err);

	if (rc == LODE_OK && part->has_weight)
		if ((rc = dec_mul(part->number, part->weight, &product, err)) == LODE_OK &&
		    (rc = dec_add(weighted, product, &weighted, err)) == LODE_OK)
			rc = dec_add(weights, part->weight, &weights, err);
	if (rc == LODE_OK)
		rc = keep_extremes(aggregate, part, part, part, part, err);
	if (rc != LODE_OK)
		return rc;
	aggregate->sum = sum;
	aggregate->weighted = weighted;
	aggregate->weights = weights;
	aggregate->n_weighted += part->has_weight;
	aggregate->n++;
	return LODE_OK;
}

int
aggregate_merge(struct aggregate *into, const struct aggregate *from, struct err *err)
{
	int rc = LODE_OK;

	if (from->n == 0)
		return LODE_OK;
	if ((rc = dec_add(into->sum, from->sum, &into->sum, err)) != LODE_OK ||
	    (rc = dec_add(into->weighted, from->weighted, &into->weighted, err)) != LODE_OK ||
	    (rc = dec_add(into->weights, from->weights, &into->weights, err)) != LODE_OK)
		return rc;
	rc = keep_extremes(into, &from->least.part, &from->largest.part, &from->first.part, &from->last.part, err);
	into->n += from->n;
	into->n_weighted += from->n_weighted;
	return rc;
}

static int
add_text(struct buf *out, struct str text, struct err *err)
{
	return buf_add_str(out, text) == LODE_OK ? LODE_OK : out_of_memory(err);
}

int
aggregate_value(const struct aggregate *aggregate, enum aggregate_function function, int digits, struct buf *value, struct err *err)
{
	struct dec result = aggregate->sum;
	char text[DEC_MAX];
	int rc = LODE_OK;

	if (aggregate->n == 0)
		return LODE_OK;
	switch (function) {
	case AGGREGATE_LAST:
		return add_text(value, aggregate->last.part.value, err);
	case AGGREGATE_MIN:
		return add_text(value, aggregate->least.part.value, err);
	case AGGREGATE_MAX:
		return add_text(value, aggregate->largest.part.value, err);
	case AGGREGATE_COUNT:
		result = dec_of((long long)aggregate->n);
		break;
	case AGGREGATE_MEAN:
		rc = dec_div(aggregate->sum, dec_of((long long)aggregate->n), digits, &result, err);
		break;
	case AGGREGATE_WMEAN:
		if (dec_cmp(aggregate->weights, dec_of(0)) == 0)
			return LODE_OK;
		rc = dec_div(aggregate->weighted, aggregate->weights, digits, &result, err);
		break;
	case AGGREGATE_SUM:
	case AGGREGATE_N:
		break;
	}
	return rc == LODE_OK ? add_text(value, (struct str){ text, dec_format(result, text) }, err) : rc;
}

/* " (N)" */
static int
add_number(struct buf *out, uint64_t number)
{
	char text[24], *at = text + sizeof text;

	*--at = ')';
	do
		*--at = (char)('0' + number % 10);
	while ((number /= 10) != 0);
	*--at = '(';
	*--at = ' ';
	return buf_add(out, at, (size_t)(text + sizeof text - at));
}

int
aggregate_ref(const struct aggregate *aggregate, enum aggregate_function function, struct buf *ref, struct err *err)
{
	struct str first = aggregate->first.part.ref, last = aggregate->last.part.ref;
	int rc = LODE_OK;

	if (aggregate->n == 0)
		return LODE_OK;
	if (function == AGGREGATE_MIN || function == AGGREGATE_MAX)
		first = last = function == AGGREGATE_MIN ? aggregate->least.part.ref : aggregate->largest.part.ref;
	else if (function == AGGREGATE_LAST)
		first = last;
	rc = add_text(ref, first, err);
	if (rc == LODE_OK && !str_eq(first, last)) {
		rc = add_text(ref, aggregate->n > 2 ? STR(" .. ") : STR(" "), err);
		if (rc == LODE_OK)
			rc = add_text(ref, last, err);
	}
	if (rc == LODE_OK && aggregate->n > 2 && function != AGGREGATE_MIN && function != AGGREGATE_MAX && function != AGGREGATE_LAST &&
	    add_number(ref, aggregate->n) != LODE_OK)
		rc = out_of_memory(err);
	return rc;
}

static int
keep_part(const struct part *part, struct buf *value, struct err *err)
{
	if (state_add_number(value, part->at, err) != LODE_OK || state_add_number(value, part->first, err) != LODE_OK ||
	    state_add_number(value, part->last, err) != LODE_OK || state_add_text(value, part->known, err) != LODE_OK ||
	    state_add_text(value, part->value, err) != LODE_OK)
		return err->code;
	return state_add_text(value, part->ref, err);
}

int
aggregate_keep(const struct aggregate *aggregate, struct buf *value, struct err *err)
{
	const struct aggregate_kept *const kept[] = { &aggregate->least, &aggregate->largest, &aggregate->first, &aggregate->last };
	char sum[DEC_MAX];
	size_t i;

	if (state_add_number(value, (int64_t)aggregate->n, err) != LODE_OK)
		return err->code;
	if (aggregate->n == 0)
		return LODE_OK;
	if (state_add_text(value, (struct str){ sum, dec_format(aggregate->sum, sum) }, err) != LODE_OK)
		return err->code;
	for (i = 0; i < 4; i++)
		if (keep_part(&kept[i]->part, value, err) != LODE_OK)
			return err->code;
	return LODE_OK;
}

static bool
next_part(struct str *rest, struct part *part)
{
	struct err never;

	*part = (struct part){ 0 };
	return state_next_number(rest, &part->at) && state_next_number(rest, &part->first) && state_next_number(rest, &part->last) &&
	    state_next_text(rest, &part->known) && state_next_text(rest, &part->value) && state_next_text(rest, &part->ref) &&
	    dec_parse(part->value, &part->number, &never) == LODE_OK;
}

int
aggregate_restore(struct aggregate *aggregate, struct str *rest, struct err *err)
{
	struct aggregate_kept *const kept[] = { &aggregate->least, &aggregate->largest, &aggregate->first, &aggregate->last };
	struct dec sum;
	int64_t n;
	struct part part;
	struct str text;
	struct err never;
	size_t i;

	if (!state_next_number(rest, &n) || n < 0)
		return LODE_DONE;
	if (n == 0)
		return LODE_OK;
	if (!state_next_text(rest, &text) || dec_parse(text, &sum, &never) != LODE_OK)
		return LODE_DONE;
	for (i = 0; i < 4; i++) {
		if (!next_part(rest, &part))
			return LODE_DONE;
		if (keep(kept[i], &part, true, err) != LODE_OK)
			return err->code;
	}
	aggregate->n = (uint64_t)n;
	aggregate->sum = sum;
	return LODE_OK;
}
