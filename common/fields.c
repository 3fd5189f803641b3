#include "fields.h"

#include <strings.h>

#include "encoding.h"

static int
find(const struct header *header, const char *name)
{
	size_t length = strlen(name);
	unsigned i;

	for (i = 0; i < header->n; i++)
		if (header->names[i].n == length && strncasecmp(header->names[i].p, name, length) == 0)
			return (int)i;
	return -1;
}

int
fields_find(struct fields *fields, const struct header *header, const char *const *names, unsigned n, unsigned n_needed, struct err *err)
{
	unsigned k;

	fields->names = names;
	fields->n = n;
	for (k = 0; k < n; k++) {
		fields->at[k] = find(header, names[k]);
		if (fields->at[k] < 0 && k < n_needed)
			return err_set(err, LODE_EUSAGE, "no column '%s' in the header", names[k]);
	}
	return LODE_OK;
}

struct str
fields_get(const struct fields *fields, const struct record *record, unsigned k)
{
	return fields->at[k] < 0 ? STR("") : str_trim(record_get(record, (unsigned)fields->at[k]));
}

int
fields_blame(const struct fields *fields, unsigned k, struct err *err)
{
	return err_column(err, (unsigned)fields->at[k] + 1, fields->names[k]);
}

/* Tab and newline are escaped when they are written; other control characters have no form in a tape. */
static bool
is_control(char c)
{
	return ((unsigned char)c < 0x20 && c != '\t' && c != '\n') || c == 0x7f;
}

int
fields_text(const struct fields *fields, const struct record *record, unsigned k, struct str *text, struct err *err)
{
	struct str got = fields_get(fields, record, k);
	size_t at;

	if (!utf8_valid(got, &at)) {
		err_set(err, LODE_EDATA, "not valid UTF-8 at byte %zu", at);
		return fields_blame(fields, k, err);
	}
	for (at = 0; at < got.n; at++) {
		if (is_control(got.p[at])) {
			err_set(err, LODE_EDATA, "control character at byte %zu", at + 1);
			return fields_blame(fields, k, err);
		}
	}
	*text = got;
	return LODE_OK;
}

int
fields_id(const struct fields *fields, const struct record *record, unsigned k, struct str *text, struct err *err)
{
	if (fields_get(fields, record, k).n > 0)
		return fields_text(fields, record, k, text, err);
	err_set(err, LODE_EDATA, "empty");
	return fields_blame(fields, k, err);
}

int
fields_count(const struct fields *fields, const struct record *record, unsigned k, struct str *text, struct err *err)
{
	struct str got = fields_get(fields, record, k);
	size_t i;

	for (i = 0; i < got.n && char_is_digit(got.p[i]);)
		i++;
	if (got.n == 0 || i < got.n) {
		err_set(err, LODE_EDATA, "cannot read '%.*s' as a count", STR_ARG(got));
		return fields_blame(fields, k, err);
	}
	*text = got;
	return LODE_OK;
}

int
fields_grade(const struct fields *fields, const struct record *record, unsigned k, char last, struct str *text, struct err *err)
{
	struct str got = fields_get(fields, record, k);

	if (got.n != 1 || got.p[0] < '1' || got.p[0] > last) {
		err_set(err, LODE_EDATA, "'%.*s' is not a grade of precision from 1 to %c", STR_ARG(got), last);
		return fields_blame(fields, k, err);
	}
	*text = got;
	return LODE_OK;
}
