#include "jsonrows.h"

#include <jansson.h>
#include <stdlib.h>

#include "buf.h"

/* What may come next, apart from blanks. */
enum where {
	START,     /* the first bracket */
	OPENED,    /* behind it: another bracket, or what is in the first row */
	BETWEEN,   /* a row or the end; the outer bracket was there */
	BEHIND,    /* a comma or the end; the outer bracket was there */
	SEQUENCE,  /* a row or the end of the input; rows stand alone */
	CLOSED,    /* nothing */
	IN_ROW,
	FINAL,     /* an error ended it */
};

enum { BLOCK = 1 << 16, SHOWN = 60 };

struct jsonrows {
	rows_read *read;
	void *from;
	size_t max_record, at, n;
	uint64_t line, opened_line, row_line;
	enum where where;
	bool outer, in_string, escaped, ended;
	unsigned depth;
	struct buf raw;
	struct str *field; /* owned, room of them */
	size_t room;
	json_t *array;
	char block[BLOCK];
};

int
jsonrows_new(struct jsonrows **rows, size_t max_record, rows_read *read, void *from, struct err *err)
{
	struct jsonrows *made = calloc(1, sizeof *made);

	if (made == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	made->read = read;
	made->from = from;
	made->max_record = max_record;
	made->line = 1;
	*rows = made;
	return LODE_OK;
}

void
jsonrows_free(struct jsonrows *rows)
{
	if (rows == NULL)
		return;
	json_decref(rows->array);
	buf_release(&rows->raw);
	free(rows->field);
	free(rows);
}

/* The next byte, or LODE_DONE. */
static inline int
next_byte(struct jsonrows *rows, char *c, struct err *err)
{
	int rc;

	if (rows->at == rows->n) {
		rows->at = 0;
		if ((rc = rows->read(rows->from, rows->block, BLOCK, &rows->n, err)) != LODE_OK)
			return rc;
		if (rows->n == 0) {
			rows->ended = true;
			return LODE_DONE;
		}
	}
	*c = rows->block[rows->at++];
	rows->line += *c == '\n';
	return LODE_OK;
}

static int
end_with(struct jsonrows *rows, struct jsonrow *row, uint64_t line)
{
	rows->where = FINAL;
	*row = (struct jsonrow){ .line = line, .raw = buf_str(&rows->raw), .final = true };
	return LODE_EDATA;
}

/* Text where a bracket belongs: shows its first line. */
static int
refuse(struct jsonrows *rows, struct jsonrow *row, char c, struct err *err)
{
	uint64_t line = rows->line;
	struct str shown;
	int rc = LODE_OK;

	rows->raw.n = 0;
	while (rc == LODE_OK && c != '\n' && c != '\r' && rows->raw.n < SHOWN) {
		if (buf_add(&rows->raw, &c, 1) != LODE_OK)
			return err_set(err, LODE_ENOMEM, "out of memory");
		rc = next_byte(rows, &c, err);
	}
	if (rc != LODE_OK && !rows->ended)
		return rc;
	shown = buf_str(&rows->raw);
	err_set(err, LODE_EDATA, "not a JSON array of arrays: '%.*s'", STR_ARG(shown));
	err_line(err, NULL, line);
	return end_with(rows, row, line);
}

static int
truncated(struct jsonrows *rows, struct jsonrow *row, struct err *err)
{
	uint64_t line = rows->where == IN_ROW ? rows->row_line : rows->line;

	err_set(err, LODE_EDATA, "truncated JSON: a bracket is not closed");
	err_line(err, NULL, line);
	return end_with(rows, row, line);
}

static int
begin_row(struct jsonrows *rows, uint64_t line, const char *text, struct err *err)
{
	rows->raw.n = 0;
	rows->row_line = line;
	rows->depth = 1;
	rows->in_string = rows->escaped = false;
	rows->where = IN_ROW;
	if (buf_add(&rows->raw, text, strlen(text)) != LODE_OK)
		return err_set(err, LODE_ENOMEM, "out of memory");
	return LODE_OK;
}

/* Looks at a byte within a row; true when it closes the row. */
static bool
closes(struct jsonrows *rows, char c)
{
	if (rows->in_string) {
		if (rows->escaped)
			rows->escaped = false;
		else if (c == '\\')
			rows->escaped = true;
		else if (c == '"')
			rows->in_string = false;
		return false;
	}
	if (c == '"')
		rows->in_string = true;
	else if (c == '[' || c == '{')
		rows->depth++;
	else if (c == ']' || c == '}')
		return --rows->depth == 0;
	return false;
}

/* The fields of the row in raw. */
static int
read_fields(struct jsonrows *rows, struct jsonrow *row, struct err *err)
{
	json_error_t reason;
	struct str *field;
	size_t i, n;
	json_t *item;

	*row = (struct jsonrow){ .line = rows->row_line, .raw = buf_str(&rows->raw) };
	json_decref(rows->array);
	if ((rows->array = json_loadb(rows->raw.p, rows->raw.n, 0, &reason)) == NULL) {
		err_set(err, LODE_EDATA, "not a JSON array: %s", reason.text);
		return err_line(err, NULL, row->line);
	}
	n = json_array_size(rows->array);
	if (n > rows->room) {
		if ((field = realloc(rows->field, n * sizeof *field)) == NULL)
			return err_set(err, LODE_ENOMEM, "out of memory");
		rows->field = field;
		rows->room = n;
	}
	for (i = 0; i < n; i++) {
		item = json_array_get(rows->array, i);
		if (!json_is_string(item) && !json_is_null(item)) {
			err_set(err, LODE_EDATA, "item %zu is not a string", i + 1);
			return err_line(err, NULL, row->line);
		}
		rows->field[i] = json_is_null(item) ? (struct str){ NULL, 0 } :
		    (struct str){ json_string_value(item), json_string_length(item) };
	}
	row->n = (unsigned)n;
	row->field = rows->field;
	return LODE_OK;
}

/* A byte outside the rows that is not blank. */
static int
step(struct jsonrows *rows, struct jsonrow *row, char c, struct err *err)
{
	switch (rows->where) {
	case START:
		if (c != '[')
			break;
		rows->where = OPENED;
		rows->opened_line = rows->line;
		return LODE_OK;
	case OPENED:
		rows->outer = c == '[';
		if (c == '[')
			return begin_row(rows, rows->line, "[", err);
		if (c == ']') {
			rows->where = CLOSED;
			return LODE_OK;
		}
		if (begin_row(rows, rows->opened_line, "[", err) != LODE_OK || buf_add(&rows->raw, &c, 1) != LODE_OK)
			return err_set(err, LODE_ENOMEM, "out of memory");
		closes(rows, c);
		return LODE_OK;
	case BETWEEN:
	case SEQUENCE:
		if (c == '[')
			return begin_row(rows, rows->line, "[", err);
		break;
	case BEHIND:
		if (c != ',' && c != ']')
			break;
		rows->where = c == ',' ? BETWEEN : CLOSED;
		return LODE_OK;
	default:
		break;
	}
	return refuse(rows, row, c, err);
}

int
jsonrows_next(struct jsonrows *rows, struct jsonrow *row, struct err *err)
{
	int rc;
	char c;

	*row = (struct jsonrow){ .final = true }; /* for an error of read() */
	if (rows->where == FINAL)
		return LODE_DONE;
	while ((rc = next_byte(rows, &c, err)) == LODE_OK) {
		if (rows->where != IN_ROW) {
			if (c != ' ' && c != '\t' && c != '\r' && c != '\n' && (rc = step(rows, row, c, err)) != LODE_OK)
				return rc;
			continue;
		}
		if (rows->raw.n == rows->max_record) {
			err_set(err, LODE_EDATA, "record is longer than %zu bytes", rows->max_record);
			err_line(err, NULL, rows->row_line);
			return end_with(rows, row, rows->row_line);
		}
		if (buf_add(&rows->raw, &c, 1) != LODE_OK)
			return err_set(err, LODE_ENOMEM, "out of memory");
		if (closes(rows, c)) {
			rows->where = rows->outer ? BEHIND : SEQUENCE;
			return read_fields(rows, row, err);
		}
	}
	if (rc == LODE_DONE && rows->ended && rows->where != START && rows->where != SEQUENCE && rows->where != CLOSED)
		return truncated(rows, row, err);
	return rc;
}
