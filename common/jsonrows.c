#include "jsonrows.h"

#include <jansson.h>
#include <stdlib.h>

#include "jsoncut.h"

struct jsonrows {
	struct jsoncut *cut;
	struct str *field; /* owned, room of them */
	size_t room;
	json_t *array;
};

int
jsonrows_new(struct jsonrows **rows, size_t max_record, rows_read *read, void *from, struct err *err)
{
	const struct jsoncut_options options = { .open = '[', .max_record = max_record };
	struct jsonrows *made = calloc(1, sizeof *made);

	if (made == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	if (jsoncut_new(&made->cut, &options, read, from, err) != LODE_OK) {
		free(made);
		return err->code;
	}
	*rows = made;
	return LODE_OK;
}

void
jsonrows_free(struct jsonrows *rows)
{
	if (rows == NULL)
		return;
	json_decref(rows->array);
	jsoncut_free(rows->cut);
	free(rows->field);
	free(rows);
}

/* The fields of the row's bytes. */
static int
read_fields(struct jsonrows *rows, struct jsonrow *row, struct err *err)
{
	json_error_t reason;
	struct str *field;
	size_t i, n;
	json_t *item;

	json_decref(rows->array);
	if ((rows->array = json_loadb(row->raw.p, row->raw.n, 0, &reason)) == NULL) {
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

int
jsonrows_next(struct jsonrows *rows, struct jsonrow *row, struct err *err)
{
	struct jsonpiece piece;
	int rc = jsoncut_next(rows->cut, &piece, err);

	*row = (struct jsonrow){ .line = piece.line, .raw = piece.raw, .final = piece.final };
	return rc == LODE_OK ? read_fields(rows, row, err) : rc;
}
