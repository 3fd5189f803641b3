#include "newsjson.h"

#include <jansson.h>
#include <stdlib.h>

#include "encoding.h"
#include "jsoncut.h"

enum { MAX_NAMES = 7 };

static const char *const names[ARTICLE_PARTS][MAX_NAMES + 1] = {
	[ARTICLE_TITLE] = { "title", "headline" },
	[ARTICLE_SUMMARY] = { "description", "summary" },
	[ARTICLE_BODY] = { "content", "text", "body" },
	[ARTICLE_PUBLISHED] = { "publishedAt", "published_at", "published", "pub_date", "pubDate", "seendate", "date" },
	[ARTICLE_UPDATED] = { NULL },
	[ARTICLE_URL] = { "url", "link" },
	[ARTICLE_PUBLISHER] = { "source", "publisher", "domain" },
	[ARTICLE_LANGUAGE] = { "language", "lang", "source_lang" },
};

struct newsjson {
	struct jsoncut *cut;
	json_t *object; /* the article in hand */
};

int
newsjson_new(struct newsjson **json, size_t max_record, rows_read *read, void *from, struct err *err)
{
	const struct jsoncut_options options = { '{', "articles", max_record };
	struct newsjson *made = calloc(1, sizeof *made);

	if (made == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	if (jsoncut_new(&made->cut, &options, read, from, err) != LODE_OK) {
		free(made);
		return err->code;
	}
	*json = made;
	return LODE_OK;
}

void
newsjson_free(struct newsjson *json)
{
	if (json == NULL)
		return;
	json_decref(json->object);
	jsoncut_free(json->cut);
	free(json);
}

static int
get_part(const struct newsjson *json, enum article_part part, struct str *text, struct err *err)
{
	const char *const *name = names[part];
	json_t *value;

	for (*text = STR(""); *name != NULL && text->n == 0; name++) {
		value = json_object_get(json->object, *name);
		if (part == ARTICLE_PUBLISHER && json_is_object(value))
			value = json_object_get(value, "name");
		if (value == NULL || json_is_null(value))
			continue;
		if (!json_is_string(value)) {
			err_set(err, LODE_EDATA, "not a string");
			return err_column(err, 0, *name);
		}
		*text = (struct str){ json_string_value(value), json_string_length(value) };
	}
	return LODE_OK;
}

static int
read_object(struct newsjson *json, struct article_parts *parts, struct err *err)
{
	json_error_t reason;
	size_t at;
	int part;

	json_decref(json->object);
	json->object = NULL;
	if (!utf8_valid(parts->raw, &at))
		return err_set(err, LODE_EDATA, "not valid UTF-8 at byte %zu", at);
	if ((json->object = json_loadb(parts->raw.p, parts->raw.n, 0, &reason)) == NULL)
		return err_set(err, LODE_EDATA, "not valid JSON: %s", reason.text);
	for (part = 0; part < ARTICLE_PARTS; part++)
		if (get_part(json, (enum article_part)part, &parts->part[part], err) != LODE_OK)
			return err->code;
	return LODE_OK;
}

int
newsjson_next(struct newsjson *json, struct article_parts *parts, struct err *err)
{
	struct jsonpiece piece;
	int rc = jsoncut_next(json->cut, &piece, err);

	*parts = (struct article_parts){ .raw = piece.raw, .line = piece.line, .final = piece.final };
	if (rc != LODE_OK)
		return rc;
	if ((rc = read_object(json, parts, err)) != LODE_OK)
		err_line(err, NULL, parts->line);
	return rc;
}
