#include "table.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "dec.h"
#include "source.h"

enum { MAX_ROWS = 1000000 };

static int
check_columns(const struct table *table, const char *const *columns, struct err *err)
{
	unsigned column;

	for (; *columns != NULL; columns++)
		if (header_need(&table->header, *columns, &column, err) != LODE_OK)
			return err->code;
	return LODE_OK;
}

/* Appends a record's fields; cells and lines grow by doubling within the arena of the header, old copies stay unused. */
static int
add_row(struct table *table, const struct record *record, size_t *room, struct err *err)
{
	struct arena *arena = table->header.arena;
	size_t width = table->header.n, k, more;
	struct str *cell;
	uint64_t *line;

	if (record->n != width)
		return err_set(err, LODE_EUSAGE, "%u fields, the header has %zu", record->n, width);
	if (table->n == MAX_ROWS)
		return err_set(err, LODE_EUSAGE, "more than %d rows", MAX_ROWS);
	if (table->n == *room) {
		more = *room == 0 ? 64 : *room * 2;
		cell = arena_alloc(arena, more * width * sizeof *cell);
		line = arena_alloc(arena, more * sizeof *line);
		if (cell == NULL || line == NULL)
			return err_set(err, LODE_ENOMEM, "out of memory");
		if (table->n > 0) {
			memcpy(cell, table->cell, table->n * width * sizeof *cell);
			memcpy(line, table->line, table->n * sizeof *line);
		}
		table->cell = cell;
		table->line = line;
		*room = more;
	}
	for (k = 0; k < width; k++)
		if ((table->cell[table->n * width + k] = arena_dup(arena, record_get(record, (unsigned)k))).p == NULL)
			return err_set(err, LODE_ENOMEM, "out of memory");
	table->line[table->n++] = record->line;
	return LODE_OK;
}

int
table_load(struct table *table, const char *path, const char *const *columns, struct err *err)
{
	const struct rows_options options = { .separator = '\t', .quote = '\0', .max_record = 1 << 20 };
	const struct source_options plain = { 0 };
	struct source *source = NULL;
	struct rows *rows = NULL;
	struct record record = { 0 };
	struct err ignored;
	size_t room = 0;
	int rc;

	*table = (struct table){ .path = path };
	if ((rc = source_open(&source, path, &plain, err)) != LODE_OK ||
	    (rc = rows_new(&rows, &options, source_read_rows, source, err)) != LODE_OK)
		goto end;
	if ((rc = rows_next(rows, &record, err)) == LODE_DONE)
		rc = err_set(err, LODE_EUSAGE, "no header line: the input is empty");
	if (rc == LODE_OK)
		rc = header_init(&table->header, &record, err);
	if (rc == LODE_OK)
		rc = check_columns(table, columns, err);
	while (rc == LODE_OK && (rc = rows_next(rows, &record, err)) == LODE_OK)
		rc = add_row(table, &record, &room, err);
	if (rc == LODE_DONE)
		rc = LODE_OK;
	if (rc == LODE_EDATA)
		rc = err->code = LODE_EUSAGE;
	if (rc != LODE_OK && rc != LODE_EIO)
		err_line(err, path, record.line == 0 ? 1 : record.line);
end:
	rows_free(rows);
	source_close(source, &ignored);
	if (rc != LODE_OK)
		table_release(table);
	return rc;
}

void
table_release(struct table *table)
{
	header_release(&table->header);
	*table = (struct table){ 0 };
}

struct str
table_get(const struct table *table, size_t row, const char *column)
{
	int k = header_find(&table->header, str_of(column));

	assert(k >= 0 && row < table->n);
	return table->cell[row * table->header.n + (size_t)k];
}

int
table_double(const struct table *table, size_t row, const char *column, double *value, struct err *err)
{
	struct str text = table_get(table, row, column);
	double number;

	if (text.n == 0) {
		*value = NAN;
		return LODE_OK;
	}
	/* cells are terminated; strtod reads what dec_valid accepts; the locale is "C" */
	if (!dec_valid(text) || !isfinite(number = strtod(text.p, NULL))) {
		err_set(err, LODE_EUSAGE, "cannot read '%.*s' as a decimal", STR_ARG(text));
		return table_blame(table, row, column, err);
	}
	*value = number;
	return LODE_OK;
}

int
table_blame(const struct table *table, size_t row, const char *column, struct err *err)
{
	err_column(err, (unsigned)header_find(&table->header, str_of(column)) + 1, column);
	err_line(err, table->path, table->line[row]);
	return err->code = LODE_EUSAGE;
}
