#include "join.h"

#include <stdlib.h>

#include "buf.h"
#include "instant.h"
#include "vintage.h"

enum { JOIN_MAX = sizeof ((struct option_list *)0)->item / sizeof(struct str) };

/* The columns that must agree, of one side. */
struct side {
	unsigned n, column[JOIN_MAX];
	bool adjacent; /* they stand side by side, so the bytes of the line serve as they are */
	unsigned known, indicator;
};

struct join {
	const struct join_rules *rules;
	struct side left, right;
	unsigned take[JOIN_MAX];
	struct vintage *vintage; /* by the columns that agree: with a tolerance the seconds of known, then the values */
	struct buf key, held, names;
	char tabs[JOIN_MAX];
};

int
join_new(struct join **join, const struct join_rules *rules, struct err *err)
{
	struct join *made = calloc(1, sizeof *made);

	if (made == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	if (vintage_new(&made->vintage, rules->max_keys, err) != LODE_OK) {
		free(made);
		return err->code;
	}
	made->rules = rules;
	memset(made->tabs, '\t', sizeof made->tabs);
	*join = made;
	return LODE_OK;
}

void
join_free(struct join *join)
{
	if (join == NULL)
		return;
	vintage_free(join->vintage);
	buf_release(&join->key);
	buf_release(&join->held);
	buf_release(&join->names);
	free(join);
}

static int
need(const struct header *header, struct str name, unsigned *column, struct err *err)
{
	int found = header_find(header, name);

	if (found < 0)
		return err_set(err, LODE_EUSAGE, "no column '%.*s' in the header", STR_ARG(name));
	*column = (unsigned)found;
	return LODE_OK;
}

static int
find_side(struct side *side, const struct join_rules *rules, bool is_right, const struct header *header, struct err *err)
{
	struct str rest, name;
	size_t i;

	*side = (struct side){ .n = (unsigned)rules->on.n, .adjacent = true };
	side->known = (unsigned)header->obs[OBS_KNOWN];
	side->indicator = (unsigned)header->obs[OBS_INDICATOR];
	for (i = 0; i < rules->on.n; i++) {
		name = rest = rules->on.item[i];
		if (str_split(&rest, '=', &name) && is_right && rest.p != NULL)
			name = rest;
		if (need(header, name, &side->column[i], err) != LODE_OK)
			return err->code;
		side->adjacent = side->adjacent && (i == 0 || side->column[i] == side->column[i - 1] + 1);
	}
	return LODE_OK;
}

/* Adds \tPREFIX_NAME, which may not be there already. */
static int
add_name(struct join *join, const struct header *left, size_t which, struct err *err)
{
	struct str name = join->rules->take.item[which], made;
	size_t from = join->names.n + 1, i;

	if (buf_printf(&join->names, "\t%s_", join->rules->prefix) != LODE_OK || buf_add_str(&join->names, name) != LODE_OK)
		return err_set(err, LODE_ENOMEM, "out of memory");
	made = (struct str){ join->names.p + from, join->names.n - from };
	for (i = 0; i < which && !str_eq(join->rules->take.item[i], name);)
		i++;
	if (i < which || header_find(left, made) >= 0)
		return err_set(err, LODE_EUSAGE, "column '%.*s' is there already: choose another --as", STR_ARG(made));
	return LODE_OK;
}

int
join_headers(struct join *join, const struct header *left, const struct header *right, bool *at_right, struct err *err)
{
	const struct join_rules *rules = join->rules;
	size_t i;

	join->names.n = 0;
	*at_right = true;
	if (find_side(&join->right, rules, true, right, err) != LODE_OK)
		return err->code;
	for (i = 0; i < rules->take.n; i++)
		if (need(right, rules->take.item[i], &join->take[i], err) != LODE_OK)
			return err->code;
	*at_right = false;
	if (find_side(&join->left, rules, false, left, err) != LODE_OK)
		return err->code;
	for (i = 0; i < rules->take.n; i++)
		if (add_name(join, left, i, err) != LODE_OK)
			return err->code;
	return LODE_OK;
}

struct str
join_names(const struct join *join)
{
	return buf_str(&join->names);
}

/* A tab and the text. */
static int
append(struct buf *buf, struct str text)
{
	if (buf_reserve(buf, text.n + 1) != LODE_OK)
		return LODE_ENOMEM;
	buf->p[buf->n++] = '\t';
	if (text.n > 0)
		memcpy(buf->p + buf->n, text.p, text.n);
	buf->n += text.n;
	return LODE_OK;
}

/* What must agree, with a tab between: the same bytes whether the columns are adjacent or not. */
static int
key_of(struct join *join, const struct side *side, const struct record *record, struct str *key, struct err *err)
{
	struct str first, last;
	unsigned i;

	if (side->n == 0) {
		*key = STR("");
		return LODE_OK;
	}
	if (side->adjacent) {
		first = record_get(record, side->column[0]);
		last = record_get(record, side->column[side->n - 1]);
		*key = (struct str){ first.p, (size_t)(last.p - first.p) + last.n };
		return LODE_OK;
	}
	join->key.n = 0;
	for (i = 0; i < side->n; i++)
		if (append(&join->key, record_get(record, side->column[i])) != LODE_OK)
			return err_set(err, LODE_ENOMEM, "out of memory");
	*key = (struct str){ join->key.p + 1, join->key.n - 1 };
	return LODE_OK;
}

int
join_put(struct join *join, const struct record *right, bool *counts, struct err *err)
{
	const struct join_rules *rules = join->rules;
	struct str key;
	int64_t known_s;
	size_t i;

	*counts = option_list_prefix(&rules->indicator, record_get(right, join->right.indicator));
	if (!*counts)
		return LODE_OK;
	if (key_of(join, &join->right, right, &key, err) != LODE_OK)
		return err->code;
	join->held.n = 0;
	if (rules->tolerance_s >= 0) {
		if (instant_parse(record_get(right, join->right.known), &known_s, err) != LODE_OK)
			return err->code;
		if (buf_add(&join->held, &known_s, sizeof known_s) != LODE_OK)
			return err_set(err, LODE_ENOMEM, "out of memory");
	}
	for (i = 0; i < rules->take.n; i++)
		if (append(&join->held, record_get(right, join->take[i])) != LODE_OK)
			return err_set(err, LODE_ENOMEM, "out of memory");
	return vintage_put(join->vintage, key, buf_str(&join->held), err);
}

int
join_find(struct join *join, const struct record *left, struct str *values, bool *found, struct err *err)
{
	const struct join_rules *rules = join->rules;
	int64_t left_s, right_s;
	struct str key;

	if (key_of(join, &join->left, left, &key, err) != LODE_OK)
		return err->code;
	*found = vintage_get(join->vintage, key, values);
	if (*found && rules->tolerance_s >= 0) {
		if (instant_parse(record_get(left, join->left.known), &left_s, err) != LODE_OK)
			return err->code;
		memcpy(&right_s, values->p, sizeof right_s);
		values->p += sizeof right_s;
		values->n -= sizeof right_s;
		*found = left_s - right_s <= rules->tolerance_s;
	}
	if (!*found)
		*values = (struct str){ join->tabs, rules->take.n };
	return LODE_OK;
}
