#include "columns.h"

#include <assert.h>

void
columns_release(struct columns *columns)
{
	buf_release(&columns->text);
}

bool
columns_have(const struct columns *columns, unsigned at)
{
	unsigned i;

	for (i = 0; i < columns->n && columns->at[i] != at;)
		i++;
	return i < columns->n;
}

void
columns_add(struct columns *columns, unsigned at)
{
	if (columns_have(columns, at))
		return;
	assert(columns->n < COLUMNS_MAX);
	columns->at[columns->n++] = at;
}

int
columns_add_named(struct columns *columns, const struct header *header, const struct str *name, size_t n, struct err *err)
{
	size_t i;
	int at;

	for (i = 0; i < n; i++) {
		if ((at = header_find(header, name[i])) < 0)
			return err_set(err, LODE_EUSAGE, "no column '%.*s' in the header", STR_ARG(name[i]));
		columns_add(columns, (unsigned)at);
	}
	return LODE_OK;
}

int
columns_join(struct columns *columns, const struct record *record, struct str *text, struct err *err)
{
	struct buf *out = &columns->text;
	struct str field;
	unsigned i;

	out->n = 0;
	if (buf_reserve(out, record->raw.n + columns->n) != LODE_OK) /* no column is there twice */
		return err_set(err, LODE_ENOMEM, "out of memory");
	for (i = 0; i < columns->n; i++) {
		field = record_get(record, columns->at[i]);
		if (i > 0)
			out->p[out->n++] = '\t';
		if (field.n > 0)
			memcpy(out->p + out->n, field.p, field.n);
		out->n += field.n;
	}
	*text = buf_str(out);
	return LODE_OK;
}
