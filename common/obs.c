#include "obs.h"

#include "dec.h"
#include "instant.h"
#include "map.h"
#include "period.h"

const char *const obs_names[OBS_N] = {
	"known", "period", "area", "partner", "commodity", "indicator", "value", "unit", "status", "source", "ref",
};

/* By a map, not each name with each: a line of commas can hold a hundred thousand of them. */
static int
check_names(const struct header *header, struct err *err)
{
	struct map *seen = map_new();
	struct map_entry *entry = NULL;
	unsigned i;

	for (i = 0; seen != NULL && i < header->n; i++) {
		if (header->names[i].n == 0)
			continue;
		if ((entry = map_put(seen, header->names[i])) == NULL || entry->value.number++ > 0)
			break;
	}
	map_free(seen);
	if (seen == NULL || (i < header->n && entry == NULL))
		return err_set(err, LODE_ENOMEM, "out of memory");
	if (i < header->n)
		return err_set(err, LODE_EUSAGE, "column '%.*s' is there twice", STR_ARG(header->names[i]));
	return LODE_OK;
}

int
header_init(struct header *header, const struct record *record, struct err *err)
{
	unsigned i;

	*header = (struct header){ .n = record->n };
	header->arena = arena_new();
	if (header->arena == NULL || (header->names = arena_alloc(header->arena, record->n * sizeof *header->names)) == NULL)
		goto no_memory;
	for (i = 0; i < record->n; i++)
		if ((header->names[i] = arena_dup(header->arena, str_trim(record_get(record, i)))).p == NULL)
			goto no_memory;
	if (check_names(header, err) != LODE_OK) {
		header_release(header);
		return err->code;
	}
	for (i = 0; i < OBS_N; i++)
		header->obs[i] = header_find(header, str_of(obs_names[i]));
	return LODE_OK;
no_memory:
	header_release(header);
	return err_set(err, LODE_ENOMEM, "out of memory");
}

void
header_release(struct header *header)
{
	arena_free(header->arena);
	*header = (struct header){ 0 };
}

int
header_find(const struct header *header, struct str name)
{
	unsigned i;

	for (i = 0; i < header->n; i++)
		if (str_eq(header->names[i], name))
			return (int)i;
	return -1;
}

int
header_need(const struct header *header, const char *name, unsigned *column, struct err *err)
{
	int found = header_find(header, str_of(name));

	if (found < 0)
		return err_set(err, LODE_EUSAGE, "no column '%s' in the header", name);
	*column = (unsigned)found;
	return LODE_OK;
}

int
header_check_tape(const struct header *header, struct err *err)
{
	int i;

	for (i = 0; i < OBS_N; i++)
		if (header->obs[i] < 0)
			return err_set(err, LODE_EUSAGE, "not a tape: no column '%s' in the header", obs_names[i]);
	return LODE_OK;
}

void
obs_of_record(const struct header *header, const struct record *record, struct obs *obs)
{
	int i;

	for (i = 0; i < OBS_N; i++)
		obs->f[i] = header->obs[i] < 0 ? (struct str){ "", 0 } : record_get(record, (unsigned)header->obs[i]);
}

static bool
is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
is_word(char c)
{
	return is_upper(c) || (c >= 'a' && c <= 'z') || char_is_digit(c) || c == '-' || c == '_';
}

/* `CN`, `MM-11`, `W0`, `X-CN`. */
static bool
area_valid(struct str text)
{
	size_t i;

	if (str_is(text, "W0"))
		return true;
	if (text.n == 4 && text.p[0] == 'X' && text.p[1] == '-')
		return is_upper(text.p[2]) && is_upper(text.p[3]);
	if (text.n < 2 || !is_upper(text.p[0]) || !is_upper(text.p[1]))
		return false;
	if (text.n == 2)
		return true;
	for (i = 3; i < text.n; i++)
		if (!is_upper(text.p[i]) && !char_is_digit(text.p[i]))
			return false;
	return text.p[2] == '-' && text.n >= 4 && text.n <= 6;
}

static bool
dotted_valid(struct str text)
{
	struct str part;
	size_t i;

	if (text.n == 0)
		return false;
	for (; str_split(&text, '.', &part);) {
		if (part.n == 0)
			return false;
		for (i = 0; i < part.n; i++)
			if (!is_word(part.p[i]))
				return false;
	}
	return true;
}

int
obs_check_text(struct str text, struct err *err)
{
	size_t i, k, more;

	for (i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c == '\\' && (++i == text.n || memchr("tn\\", text.p[i], 3) == NULL))
			return err_set(err, LODE_EDATA, "a backslash that is not \\t, \\n or \\\\ at byte %zu", i);
		if (c < 0x20 || c == 0x7f)
			return err_set(err, LODE_EDATA, "control character at byte %zu", i + 1);
		if (c < 0x80)
			continue;
		more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
		if (c < 0xc2 || c > 0xf4 || text.n - i <= more)
			goto bad;
		for (k = 1; k <= more; k++)
			if (((unsigned char)text.p[i + k] & 0xc0) != 0x80)
				goto bad;
		if ((c == 0xe0 && (unsigned char)text.p[i + 1] < 0xa0) || (c == 0xed && (unsigned char)text.p[i + 1] > 0x9f) ||
		    (c == 0xf0 && (unsigned char)text.p[i + 1] < 0x90) || (c == 0xf4 && (unsigned char)text.p[i + 1] > 0x8f))
			goto bad;
		i += more;
	}
	return LODE_OK;
bad:
	return err_set(err, LODE_EDATA, "not valid UTF-8 at byte %zu", i + 1);
}

static int
check_column(enum obs_column column, struct str text, struct err *err)
{
	struct period period;
	int64_t seconds;

	switch (column) {
	case OBS_KNOWN:
		return instant_parse(text, &seconds, err);
	case OBS_PERIOD:
		return period_parse(text, &period, err);
	case OBS_PARTNER:
		if (text.n == 0)
			return LODE_OK;
		/* fall through */
	case OBS_AREA:
		if (!area_valid(text))
			return err_set(err, LODE_EDATA, "'%.*s' is not an area like CN, MM-11, W0 or X-CN", STR_ARG(text));
		return LODE_OK;
	case OBS_INDICATOR:
		if (!dotted_valid(text))
			return err_set(err, LODE_EDATA, "'%.*s' is not a dotted name like import.mass", STR_ARG(text));
		return LODE_OK;
	case OBS_VALUE:
		if (text.n > 0 && !dec_valid(text))
			return err_set(err, LODE_EDATA, "cannot read '%.*s' as a decimal", STR_ARG(text));
		return LODE_OK;
	case OBS_STATUS:
		if (text.n != 1 || memchr("APEFO", text.p[0], 5) == NULL)
			return err_set(err, LODE_EDATA, "'%.*s' is not a status: A, P, E, F or O", STR_ARG(text));
		return LODE_OK;
	case OBS_SOURCE:
	case OBS_REF:
	case OBS_UNIT:
		if (text.n == 0)
			return err_set(err, LODE_EDATA, "empty");
		/* fall through */
	default:
		return obs_check_text(text, err);
	}
}

int
obs_check(const struct obs *obs, struct err *err)
{
	int i;

	for (i = 0; i < OBS_N; i++)
		if (check_column((enum obs_column)i, obs->f[i], err) != LODE_OK)
			return err_column(err, (unsigned)i + 1, obs_names[i]);
	return LODE_OK;
}
