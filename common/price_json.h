/*
 * price_json - the points of a KOMIS price document, one after the other
 *
 * Three shapes: {"metals": [{"name", "grade", "today": {"date", "value", "unit"}, "history": [{"date", "value"}, ...]}, ...]};
 * {"KEY": {"data": [["2024-10-08", 255.52], ...]}, "description": ...}; and such a list of pairs alone.
 * Numbers come as the text that is in the document.
 */
#ifndef LODE_PRICE_JSON_H
#define LODE_PRICE_JSON_H

#include "err.h"
#include "str.h"

enum price_json_column { PRICE_JSON_NAME, PRICE_JSON_GRADE, PRICE_JSON_UNIT, PRICE_JSON_DESCRIPTION, PRICE_JSON_DATE, PRICE_JSON_VALUE, PRICE_JSON_N };

extern const char *const price_json_columns[PRICE_JSON_N];

struct price_json_point {
	struct str field[PRICE_JSON_N]; /* what the document does not have is empty */
	const char *place;              /* JSON pointer */
	struct str raw;                 /* the point as JSON, its numbers as strings */
	bool again;                     /* `today`, which the history has as well */
	struct str history_value;       /* then: the value there */
};

/* LODE_OK goes on; anything else ends the reading with that result. */
typedef int price_json_each(void *state, const struct price_json_point *point, struct err *err);

/*
 * Calls each() for every point; its views end with the call. Errors: LODE_EDATA "not valid JSON: ..." (with the line),
 * "not a price document: neither metals nor data nor a list of pairs"; LODE_ENOMEM.
 */
int price_json_read(struct str document, price_json_each *each, void *state, struct err *err);

#endif
