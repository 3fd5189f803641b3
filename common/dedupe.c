#include "dedupe.h"

#include <inttypes.h>

#include "duration.h"

struct said {
	struct keyed_entry entry;
	int64_t known_s;
	struct str statement; /* owned: behind the struct */
};

int
dedupe_init(struct dedupe *dedupe, int64_t within_s, size_t max_keys, struct err *err)
{
	*dedupe = (struct dedupe){ .entries = keyed_new(), .within_s = within_s, .apart_s = within_s, .max_keys = max_keys };
	return dedupe->entries != NULL ? LODE_OK : err_set(err, LODE_ENOMEM, "out of memory");
}

void
dedupe_release(struct dedupe *dedupe)
{
	keyed_free(dedupe->entries);
	buf_release(&dedupe->text);
	*dedupe = (struct dedupe){ 0 };
}

/* A new entry with a copy of two texts behind its struct. */
static void *
add(struct dedupe *dedupe, struct str key, size_t size, struct str *one, struct str *two, struct err *err)
{
	void *entry;
	char *copy;

	if (keyed_count(dedupe->entries) >= dedupe->max_keys) {
		err_set(err, LODE_ENOMEM, "more than %zu keys to hold (--max-keys)", dedupe->max_keys);
		return NULL;
	}
	if ((entry = keyed_add(dedupe->entries, key, size + one->n + two->n)) == NULL) {
		err_set(err, LODE_ENOMEM, "out of memory");
		return NULL;
	}
	copy = (char *)entry + size;
	if (one->n != 0)
		memcpy(copy, one->p, one->n);
	if (two->n != 0)
		memcpy(copy + one->n, two->p, two->n);
	one->p = copy;
	two->p = copy + one->n;
	return entry;
}

/* A key as state: of a line its columns, of a digest hexadecimal digits, of an episode also the days of its first row. */
static int
name_of(struct dedupe *dedupe, struct str key, const struct episode *episode, struct str *name, struct err *err)
{
	int rc = LODE_OK;
	size_t i;

	dedupe->text.n = 0;
	for (i = 0; dedupe->digest && i < key.n && rc == LODE_OK; i++)
		rc = buf_printf(&dedupe->text, "%02x", (unsigned)(unsigned char)key.p[i]);
	if (rc == LODE_OK && !dedupe->digest)
		rc = buf_add_str(&dedupe->text, key);
	if (rc == LODE_OK && episode != NULL)
		rc = buf_printf(&dedupe->text, "\t%" PRId32 "\t%" PRId32, episode->day, episode->last_day);
	*name = buf_str(&dedupe->text);
	return rc == LODE_OK ? LODE_OK : err_set(err, LODE_ENOMEM, "out of memory");
}

/* A statement as state: the line it came in, or NULL when it is forgotten. */
static int
keep(struct dedupe *dedupe, struct str key, const struct str *line, struct err *err)
{
	struct str name;

	if (!state_is_kept(dedupe->state))
		return LODE_OK;
	if (name_of(dedupe, key, NULL, &name, err) != LODE_OK)
		return err->code;
	return line == NULL ? state_drop_as(dedupe->state, "line", name, err) : state_put_as(dedupe->state, "line", name, *line, NULL, err);
}

int
dedupe_seen(struct dedupe *dedupe, struct str key, struct str statement, struct str line, int64_t known_s, bool *news, struct err *err)
{
	struct said *said;
	struct str none = { "", 0 };
	uint64_t digest[2];

	while (dedupe->within_s >= 0 && (said = keyed_oldest(dedupe->entries)) != NULL && known_s - said->known_s > dedupe->within_s) {
		if (keep(dedupe, said->entry.key, NULL, err) != LODE_OK)
			return err->code;
		keyed_remove(dedupe->entries, said);
	}
	if (dedupe->digest) {
		keyed_digest(key, digest);
		key = (struct str){ (const char *)digest, sizeof digest };
	}
	said = keyed_find(dedupe->entries, key);
	*news = said == NULL || !str_eq(said->statement, statement);
	if (!*news)
		return LODE_OK;
	if (said != NULL)
		keyed_remove(dedupe->entries, said);
	if ((said = add(dedupe, key, sizeof *said, &statement, &none, err)) == NULL)
		return err->code;
	said->known_s = known_s;
	said->statement = statement;
	return keep(dedupe, key, &line, err);
}

struct episode *
dedupe_closed(const struct dedupe *dedupe, int64_t known_s)
{
	struct episode *oldest = keyed_oldest(dedupe->entries);

	return oldest != NULL && known_s - dedupe->within_s > oldest->known_s ? oldest : NULL;
}

int
dedupe_forget(struct dedupe *dedupe, struct episode *episode, struct err *err)
{
	struct str name;

	if (state_is_kept(dedupe->state) && (name_of(dedupe, episode->entry.key, episode, &name, err) != LODE_OK ||
	    state_drop_as(dedupe->state, "event", name, err) != LODE_OK))
		return err->code;
	keyed_remove(dedupe->entries, episode);
	return LODE_OK;
}

/* COUNT SAID LINES, and the line of the first row. */
int
dedupe_keep(struct dedupe *dedupe, struct episode *episode, struct err *err)
{
	struct buf value = BUF_INIT;
	struct str name;
	int rc;

	if (!state_is_kept(dedupe->state))
		return LODE_OK;
	if (name_of(dedupe, episode->entry.key, episode, &name, err) != LODE_OK)
		return err->code;
	rc = buf_printf(&value, "%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t", episode->count, episode->said, episode->n_lines);
	if (rc == LODE_OK)
		rc = buf_add_str(&value, episode->line);
	if (rc == LODE_OK)
		rc = state_put_as(dedupe->state, "event", name, buf_str(&value), &episode->order, err);
	else
		err_set(err, LODE_ENOMEM, "out of memory");
	buf_release(&value);
	return rc;
}

int
dedupe_read_kept(const struct state_entry *entry, struct episode *numbers, struct str *line, struct err *err)
{
	uint64_t *const to[] = { &numbers->count, &numbers->said, &numbers->n_lines };
	struct str number;

	*line = entry->value;
	numbers->order = entry->order;
	for (size_t i = 0; i < 3; i++) {
		if (!str_split(line, '\t', &number) || line->p == NULL)
			return err_set(err, LODE_EDATA, "'%.*s' is no state", STR_ARG(entry->value));
		if (str_is(number, "0"))
			*to[i] = 0;
		else if (dedupe_read_count(number, to[i], err) != LODE_OK)
			return err->code;
	}
	return LODE_OK;
}

/* Of two spans; 0 when they have a day in common. */
static int64_t
days_between(int32_t first, int32_t last, int32_t other_first, int32_t other_last)
{
	int64_t after = (int64_t)first - other_last, before = (int64_t)other_first - last;

	return after > 0 ? after : before > 0 ? before : 0;
}

int
dedupe_event(struct dedupe *dedupe, const struct event_row *row, struct episode **episode, struct err *err)
{
	struct str line = row->line, mark = row->mark;
	struct episode *at = keyed_find(dedupe->entries, row->key);

	while (at != NULL && days_between(row->day, row->last_day, at->day, at->last_day) * DURATION_DAY > dedupe->apart_s)
		at = keyed_find_before(at);
	if (at == NULL) {
		if ((at = add(dedupe, row->key, sizeof *at, &line, &mark, err)) == NULL)
			return err->code;
		at->known_s = row->known_s;
		at->day = row->day;
		at->last_day = row->last_day;
		at->line = line;
		at->mark = mark;
	}
	at->count = mark.n != 0 && str_eq(mark, at->mark) ? row->count : at->count + row->count;
	at->n_lines++;
	*episode = at;
	return LODE_OK;
}

int
dedupe_read_count(struct str text, uint64_t *count, struct err *err)
{
	uint64_t number = text.n == 0;
	size_t i;

	for (i = 0; i < text.n && text.n <= 18 && char_is_digit(text.p[i]); i++)
		number = number * 10 + (uint64_t)(text.p[i] - '0');
	if (i < text.n || number == 0)
		return err_set(err, LODE_EDATA, "cannot read '%.*s' as a number of rows", STR_ARG(text));
	*count = number;
	return LODE_OK;
}
