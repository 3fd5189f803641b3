#include "state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "keyed.h"

struct change {
	struct keyed_entry entry;
	uint64_t order;
	struct buf value;
	bool dropped;
};

struct state {
	const char *name;
	struct keyed *changes, *taken; /* owned */
	struct buf key;
	uint64_t order; /* the last one given */
	bool muted;
};

static int
no_memory(struct err *err)
{
	return err_set(err, LODE_ENOMEM, "out of memory");
}

int
state_new(struct state **out, const char *name, struct err *err)
{
	struct state *state = calloc(1, sizeof *state);

	if (state == NULL)
		return no_memory(err);
	state->name = name;
	state->changes = keyed_new();
	state->taken = keyed_new();
	if (state->changes == NULL || state->taken == NULL) {
		state_free(state);
		return no_memory(err);
	}
	*out = state;
	return LODE_OK;
}

static void
clear(struct keyed *set)
{
	struct change *change;

	while (set != NULL && (change = keyed_oldest(set)) != NULL) {
		buf_release(&change->value);
		keyed_remove(set, change);
	}
}

void
state_free(struct state *state)
{
	if (state == NULL)
		return;
	clear(state->changes);
	clear(state->taken);
	keyed_free(state->changes);
	keyed_free(state->taken);
	buf_release(&state->key);
	free(state);
}

bool
state_is_kept(const struct state *state)
{
	return state != NULL && !state->muted;
}

void
state_mute(struct state *state, bool muted)
{
	if (state != NULL)
		state->muted = muted;
}

static int
set_change(struct keyed *set, struct str key, struct str value, bool dropped, struct change **out, struct err *err)
{
	struct change *change = keyed_find(set, key);

	if (change == NULL && (change = keyed_add(set, key, sizeof *change)) == NULL)
		return no_memory(err);
	change->dropped = dropped;
	change->value.n = 0;
	*out = change;
	return buf_add_str(&change->value, value) == LODE_OK ? LODE_OK : no_memory(err);
}

int
state_put(struct state *state, struct str key, struct str value, uint64_t *order, struct err *err)
{
	struct change *change;

	if (!state_is_kept(state))
		return LODE_OK;
	if (set_change(state->changes, key, value, false, &change, err) != LODE_OK)
		return err->code;
	if (order == NULL || *order == 0)
		change->order = ++state->order;
	else
		change->order = *order;
	if (order != NULL)
		*order = change->order;
	return LODE_OK;
}

int
state_drop(struct state *state, struct str key, struct err *err)
{
	struct change *change;

	if (!state_is_kept(state))
		return LODE_OK;
	return set_change(state->changes, key, STR(""), true, &change, err);
}

static int
make_key(struct state *state, const char *word, struct str text, struct err *err)
{
	state->key.n = 0;
	if (buf_add_str(&state->key, str_of(word)) != LODE_OK || buf_add(&state->key, "\t", 1) != LODE_OK ||
	    buf_add_str(&state->key, text) != LODE_OK)
		return no_memory(err);
	return LODE_OK;
}

int
state_put_as(struct state *state, const char *word, struct str text, struct str value, uint64_t *order, struct err *err)
{
	if (!state_is_kept(state))
		return LODE_OK;
	if (make_key(state, word, text, err) != LODE_OK)
		return err->code;
	return state_put(state, buf_str(&state->key), value, order, err);
}

int
state_drop_as(struct state *state, const char *word, struct str text, struct err *err)
{
	if (!state_is_kept(state))
		return LODE_OK;
	if (make_key(state, word, text, err) != LODE_OK)
		return err->code;
	return state_drop(state, buf_str(&state->key), err);
}

static int
write_change(const struct state *state, const struct change *change, struct buf *lines, struct err *err)
{
	struct buf value = BUF_INIT;
	int rc = LODE_OK;

	if (control_begin(lines, "state", err) != LODE_OK || control_add(lines, "name", str_of(state->name), err) != LODE_OK ||
	    control_add(lines, "key", change->entry.key, err) != LODE_OK)
		return err->code;
	if (!change->dropped) {
		if (buf_printf(&value, "%" PRIu64 " ", change->order) != LODE_OK || buf_add_str(&value, buf_str(&change->value)) != LODE_OK)
			rc = no_memory(err);
		else
			rc = control_add(lines, "value", buf_str(&value), err);
		buf_release(&value);
	}
	return rc == LODE_OK ? control_end(lines, err) : rc;
}

int
state_write(struct state *state, struct buf *lines, struct err *err)
{
	const struct change *change;

	if (state == NULL)
		return LODE_OK;
	for (change = keyed_oldest(state->changes); change != NULL; change = (const struct change *)change->entry.newer)
		if (write_change(state, change, lines, err) != LODE_OK)
			return err->code;
	clear(state->changes);
	return LODE_OK;
}

/* "12 VALUE" */
static bool
read_order(struct str *value, uint64_t *order)
{
	size_t i;

	*order = 0;
	for (i = 0; i < value->n && i < 19 && char_is_digit(value->p[i]); i++)
		*order = *order * 10 + (uint64_t)(value->p[i] - '0');
	if (i == 0 || i == value->n || value->p[i] != ' ')
		return false;
	*value = (struct str){ value->p + i + 1, value->n - i - 1 };
	return true;
}

int
state_take(struct state *state, const struct control *control, bool *mine, struct err *err)
{
	struct str name, key, value = control_get(control, "value");
	struct buf text = BUF_INIT;
	struct change *change;
	uint64_t order = 0;
	int rc;

	if (control_need(control, "name", &name, err) != LODE_OK || control_need(control, "key", &key, err) != LODE_OK)
		return err->code;
	state->key.n = 0; /* names come as they are written: escaped */
	if ((rc = control_unescape(name, &state->key, err)) != LODE_OK)
		return rc;
	if (!(*mine = str_is(buf_str(&state->key), state->name)))
		return LODE_OK;
	state->key.n = 0;
	if ((rc = control_unescape(key, &state->key, err)) != LODE_OK)
		return rc;
	if (value.p == NULL) {
		if ((change = keyed_find(state->taken, buf_str(&state->key))) != NULL) {
			buf_release(&change->value);
			keyed_remove(state->taken, change);
		}
		return LODE_OK;
	}
	if (control_unescape(value, &text, err) != LODE_OK) {
		rc = err->code;
	} else {
		struct str rest = buf_str(&text);

		if (!read_order(&rest, &order))
			rc = err_set(err, LODE_EDATA, "'%.*s' is no state", STR_ARG(value));
		else if ((rc = set_change(state->taken, buf_str(&state->key), rest, false, &change, err)) == LODE_OK)
			change->order = order;
	}
	buf_release(&text);
	return rc;
}

static int
by_order(const void *a, const void *b)
{
	const struct change *x = *(const struct change *const *)a, *y = *(const struct change *const *)b;

	return x->order != y->order ? (x->order > y->order) - (x->order < y->order) : str_cmp(x->entry.key, y->entry.key);
}

int
state_restore(struct state *state, int (*each)(void *argument, const struct state_entry *entry, struct err *err), void *argument,
    struct err *err)
{
	size_t n = keyed_count(state->taken), i = 0;
	const struct change **sorted = malloc((n + 1) * sizeof *sorted), *change;
	int rc = LODE_OK;

	if (sorted == NULL)
		return no_memory(err);
	for (change = keyed_oldest(state->taken); change != NULL; change = (const struct change *)change->entry.newer)
		sorted[i++] = change;
	if (n > 1)
		qsort(sorted, n, sizeof *sorted, by_order);
	for (i = 0; i < n && rc == LODE_OK; i++) {
		const struct state_entry entry = { sorted[i]->entry.key, buf_str(&sorted[i]->value), sorted[i]->order };

		state->order = entry.order > state->order ? entry.order : state->order;
		rc = each(argument, &entry, err);
	}
	free(sorted);
	clear(state->taken);
	return rc;
}

bool
state_is(const struct state_entry *entry, const char *word, struct str *text)
{
	size_t n = strlen(word);

	if (entry->key.n <= n || memcmp(entry->key.p, word, n) != 0 || entry->key.p[n] != '\t')
		return false;
	*text = (struct str){ entry->key.p + n + 1, entry->key.n - n - 1 };
	return true;
}

static int
moment_key(char out[32], uint64_t number)
{
	return snprintf(out, 32, "moment\t%" PRIu64, number);
}

int
state_moment_add(struct state *state, struct state_moment *moment, struct str line, struct err *err)
{
	char key[32];

	if (!state_is_kept(state))
		return LODE_OK;
	return state_put(state, (struct str){ key, (size_t)moment_key(key, moment->n++) }, line, NULL, err);
}

int
state_moment_over(struct state *state, struct state_moment *moment, struct err *err)
{
	char key[32];

	if (!state_is_kept(state))
		return LODE_OK;
	for (; moment->n > 0; moment->n--)
		if (state_drop(state, (struct str){ key, (size_t)moment_key(key, moment->n - 1) }, err) != LODE_OK)
			return err->code;
	return LODE_OK;
}

bool
state_moment_restored(struct state_moment *moment, const struct state_entry *entry)
{
	struct str number;

	if (!state_is(entry, "moment", &number))
		return false;
	moment->n++;
	return true;
}

int
state_add_text(struct buf *value, struct str text, struct err *err)
{
	if (buf_printf(value, "%zu:", text.n) != LODE_OK || buf_add_str(value, text) != LODE_OK || buf_add(value, " ", 1) != LODE_OK)
		return no_memory(err);
	return LODE_OK;
}

int
state_add_number(struct buf *value, int64_t number, struct err *err)
{
	return buf_printf(value, "%" PRId64 " ", number) == LODE_OK ? LODE_OK : no_memory(err);
}

int
state_add_double(struct buf *value, double number, struct err *err)
{
	return buf_printf(value, "%a ", number) == LODE_OK ? LODE_OK : no_memory(err);
}

/* What stands ahead of a byte; *rest is what is behind it. */
static bool
next_word(struct str *rest, char behind, struct str *word)
{
	const char *end = rest->n == 0 ? NULL : memchr(rest->p, behind, rest->n);

	if (end == NULL)
		return false;
	*word = (struct str){ rest->p, (size_t)(end - rest->p) };
	*rest = (struct str){ end + 1, rest->n - word->n - 1 };
	return true;
}

bool
state_read_number(struct str word, int64_t *number)
{
	const size_t sign = word.n > 0 && word.p[0] == '-';
	uint64_t size = 0;

	if (word.n == sign || word.n > sign + 19 || !str_is_digits((struct str){ word.p + sign, word.n - sign }))
		return false;
	for (size_t i = sign; i < word.n; i++)
		size = size * 10 + (uint64_t)(word.p[i] - '0');
	if (size > (uint64_t)INT64_MAX + sign)
		return false;
	*number = sign && size > 0 ? -(int64_t)(size - 1) - 1 : (int64_t)size;
	return true;
}

bool
state_next_number(struct str *rest, int64_t *number)
{
	struct str word;

	return next_word(rest, ' ', &word) && state_read_number(word, number);
}

bool
state_next_text(struct str *rest, struct str *text)
{
	struct str word;
	int64_t n;

	if (!next_word(rest, ':', &word) || !state_read_number(word, &n) || n < 0 || (size_t)n >= rest->n || rest->p[n] != ' ')
		return false;
	*text = (struct str){ rest->p, (size_t)n };
	*rest = (struct str){ rest->p + n + 1, rest->n - (size_t)n - 1 };
	return true;
}

bool
state_next_double(struct str *rest, double *number)
{
	char text[64], *end;
	struct str word;

	if (!next_word(rest, ' ', &word) || word.n == 0 || word.n >= sizeof text)
		return false;
	memcpy(text, word.p, word.n);
	text[word.n] = '\0';
	*number = strtod(text, &end);
	return *end == '\0';
}

int
state_refuse(const struct state_entry *entry, struct err *err)
{
	return err_set(err, LODE_EDATA, "'%.*s' is no state", STR_ARG(entry->key));
}
