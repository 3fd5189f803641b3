#include "price_json.h"

#include <jansson.h>

#include "buf.h"

const char *const price_json_columns[PRICE_JSON_N] = { "name", "grade", "unit", "description", "date", "value" };

/* The reading of one document. */
struct reading {
	price_json_each *each;
	void *state;
	struct err *err;
	struct buf place;
	struct price_json_point point;
};

static int
no_memory(struct err *err)
{
	return err_set(err, LODE_ENOMEM, "out of memory");
}

/* Numbers into strings: the parser would make doubles of them, and digits must stay as they were published. */
static int
quote_numbers(struct str text, struct buf *out, struct err *err)
{
	bool in_string = false, in_number = false;
	size_t i;
	int rc = buf_reserve(out, text.n + text.n / 4);

	for (i = 0; i < text.n && rc == LODE_OK; i++) {
		char c = text.p[i];
		bool digit = char_is_digit(c) || c == '-';

		if (in_number && !digit && c != '.' && c != '+' && c != 'e' && c != 'E') {
			in_number = false;
			rc = buf_add(out, "\"", 1);
		} else if (!in_number && !in_string && digit) {
			in_number = true;
			rc = buf_add(out, "\"", 1);
		}
		if (c == '"')
			in_string = !in_string;
		if (rc == LODE_OK)
			rc = buf_add(out, &c, 1);
		if (in_string && c == '\\' && i + 1 < text.n && rc == LODE_OK)
			rc = buf_add(out, &text.p[++i], 1);
	}
	if (rc == LODE_OK && in_number)
		rc = buf_add(out, "\"", 1);
	return rc == LODE_OK ? LODE_OK : no_memory(err);
}

static struct str
text_of(const json_t *value)
{
	return json_is_string(value) ? (struct str){ json_string_value(value), json_string_length(value) } : STR("");
}

static struct str
member(const json_t *object, const char *key)
{
	return text_of(json_object_get(object, key));
}

/* Hands a point on; item is what a reject shows. */
static int
hand_on(struct reading *r, const json_t *item, struct str date, struct str value)
{
	char *raw = json_dumps(item, JSON_COMPACT | JSON_ENCODE_ANY);
	int rc;

	if (raw == NULL)
		return no_memory(r->err);
	r->point.field[PRICE_JSON_DATE] = date;
	r->point.field[PRICE_JSON_VALUE] = value;
	r->point.place = r->place.p;
	r->point.raw = str_of(raw);
	rc = r->each(r->state, &r->point, r->err);
	free(raw);
	return rc;
}

/* Adds "/INDEX" to the place, terminated. */
static int
add_index(struct reading *r, size_t index)
{
	return buf_printf(&r->place, "/%zu", index) == LODE_OK ? LODE_OK : no_memory(r->err);
}

/* Adds "/KEY", with ~ and / as a JSON pointer wants them. */
static int
add_key(struct reading *r, const char *key)
{
	int rc = buf_add(&r->place, "/", 1);

	for (; *key != '\0' && rc == LODE_OK; key++)
		rc = *key == '~' ? buf_add(&r->place, "~0", 2) : *key == '/' ? buf_add(&r->place, "~1", 2) : buf_add(&r->place, key, 1);
	return rc == LODE_OK ? LODE_OK : no_memory(r->err);
}

/* [[date, value], ...] */
static int
read_pairs(struct reading *r, const json_t *list)
{
	size_t base = r->place.n, i;
	int rc = LODE_OK;

	for (i = 0; i < json_array_size(list) && rc == LODE_OK; i++) {
		const json_t *pair = json_array_get(list, i);

		r->place.n = base;
		if ((rc = add_index(r, i)) == LODE_OK)
			rc = hand_on(r, pair, text_of(json_array_get(pair, 0)), text_of(json_array_get(pair, 1)));
	}
	return rc;
}

/* [{"date", "value"}, ...] */
static int
read_history(struct reading *r, const json_t *list)
{
	size_t base = r->place.n, i;
	int rc = LODE_OK;

	for (i = 0; i < json_array_size(list) && rc == LODE_OK; i++) {
		const json_t *item = json_array_get(list, i);

		r->place.n = base;
		if ((rc = add_index(r, i)) == LODE_OK)
			rc = hand_on(r, item, member(item, "date"), member(item, "value"));
	}
	return rc;
}

/* The price of today, which the history usually has as its last. */
static int
read_today(struct reading *r, const json_t *today, const json_t *history)
{
	struct str date = member(today, "date");
	size_t i;
	int rc;

	for (i = json_array_size(history); i > 0 && !r->point.again; i--) {
		const json_t *item = json_array_get(history, i - 1);

		r->point.again = str_eq(member(item, "date"), date);
		r->point.history_value = member(item, "value");
	}
	rc = hand_on(r, today, date, member(today, "value"));
	r->point.again = false;
	return rc;
}

static int
read_metals(struct reading *r, const json_t *metals)
{
	size_t i, base;
	int rc = LODE_OK;

	for (i = 0; i < json_array_size(metals) && rc == LODE_OK; i++) {
		const json_t *metal = json_array_get(metals, i), *history = json_object_get(metal, "history"), *today = json_object_get(metal, "today");

		r->point.field[PRICE_JSON_NAME] = member(metal, "name");
		r->point.field[PRICE_JSON_GRADE] = member(metal, "grade");
		r->point.field[PRICE_JSON_UNIT] = member(today, "unit");
		r->place.n = 0;
		if ((rc = add_key(r, "metals")) != LODE_OK || (rc = add_index(r, i)) != LODE_OK)
			break;
		base = r->place.n;
		if ((rc = add_key(r, "history")) == LODE_OK)
			rc = read_history(r, history);
		r->place.n = base;
		if (rc == LODE_OK && today != NULL && (rc = buf_printf(&r->place, "/today")) == LODE_OK)
			rc = read_today(r, today, history);
	}
	return rc;
}

/* {"KEY": {"data": [...]}, "description": ...}; *found says whether there was a KEY. */
static int
read_series(struct reading *r, json_t *root, bool *found)
{
	const char *key;
	json_t *value;
	int rc;

	r->point.field[PRICE_JSON_DESCRIPTION] = member(root, "description");
	json_object_foreach(root, key, value) {
		const json_t *data = json_object_get(value, "data");

		if (!json_is_array(data))
			continue;
		*found = true;
		r->point.field[PRICE_JSON_NAME] = str_of(key);
		r->place.n = 0;
		if ((rc = add_key(r, key)) != LODE_OK || (rc = add_key(r, "data")) != LODE_OK || (rc = read_pairs(r, data)) != LODE_OK)
			return rc;
	}
	return LODE_OK;
}

int
price_json_read(struct str document, price_json_each *each, void *state, struct err *err)
{
	struct reading r = { .each = each, .state = state, .err = err };
	struct buf text = BUF_INIT;
	json_error_t why;
	json_t *root = NULL;
	bool found = false;
	int rc = quote_numbers(document, &text, err);

	if (rc == LODE_OK && (root = json_loadb(buf_str(&text).p, text.n, JSON_REJECT_DUPLICATES, &why)) == NULL) {
		rc = err_set(err, LODE_EDATA, "not valid JSON: %s", why.text);
		err->line = (uint64_t)(why.line > 0 ? why.line : 1);
	}
	if (rc == LODE_OK && json_is_array(json_object_get(root, "metals"))) {
		found = true;
		rc = read_metals(&r, json_object_get(root, "metals"));
	} else if (rc == LODE_OK && json_is_array(root)) {
		found = json_array_size(root) == 0 || json_is_array(json_array_get(root, 0));
		rc = found ? read_pairs(&r, root) : LODE_OK;
	} else if (rc == LODE_OK) {
		rc = read_series(&r, root, &found);
	}
	if (rc == LODE_OK && !found)
		rc = err_set(err, LODE_EDATA, "not a price document: neither metals nor data nor a list of pairs");
	json_decref(root);
	buf_release(&text);
	buf_release(&r.place);
	return rc;
}
