#include "key.h"

#include <assert.h>

/* from: 1 leaves the period out, KEY_COLUMNS all of them. */
static int
init(struct key *key, size_t from, const struct header *header, const struct str *more, size_t n_more, struct err *err)
{
	static const enum obs_column columns[KEY_COLUMNS] = { OBS_PERIOD, OBS_AREA, OBS_PARTNER, OBS_COMMODITY, OBS_INDICATOR,
		OBS_SOURCE };
	size_t i;
	int found;

	assert(n_more <= KEY_MAX - KEY_COLUMNS);
	key->n = 0;
	for (i = from; i < KEY_COLUMNS; i++)
		key->column[key->n++] = (unsigned)header->obs[columns[i]];
	for (i = 0; i < n_more; i++) {
		if ((found = header_find(header, more[i])) < 0)
			return err_set(err, LODE_EUSAGE, "no column '%.*s' in the header", STR_ARG(more[i]));
		key->column[key->n++] = (unsigned)found;
	}
	return LODE_OK;
}

int
key_init(struct key *key, const struct header *header, const struct str *more, size_t n_more, struct err *err)
{
	return init(key, 0, header, more, n_more, err);
}

int
key_init_series(struct key *key, const struct header *header, const struct str *more, size_t n_more, struct err *err)
{
	return init(key, 1, header, more, n_more, err);
}

int
key_init_columns(struct key *key, const struct header *header, const struct str *more, size_t n_more, struct err *err)
{
	return init(key, KEY_COLUMNS, header, more, n_more, err);
}

void
key_release(struct key *key)
{
	buf_release(&key->bytes);
}

int
key_of(struct key *key, const struct record *record, struct str *bytes, struct err *err)
{
	unsigned i;

	key->bytes.n = 0;
	for (i = 0; i < key->n; i++) {
		struct str field = record_get(record, key->column[i]);

		if (buf_reserve(&key->bytes, field.n + 1) != LODE_OK)
			return err_set(err, LODE_ENOMEM, "out of memory");
		if (field.n > 0)
			memcpy(key->bytes.p + key->bytes.n, field.p, field.n);
		key->bytes.n += field.n;
		key->bytes.p[key->bytes.n++] = '\t';
	}
	*bytes = buf_str(&key->bytes);
	return LODE_OK;
}
