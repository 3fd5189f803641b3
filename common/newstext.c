#include "newstext.h"

#include <stdlib.h>
#include <strings.h>

#include "encoding.h"
#include "html.h"

enum { BLOCK = 1 << 16 };

struct newstext {
	struct newstext_options options;
	rows_read *read;
	void *from;
	size_t at, n;
	uint64_t line, record_line;
	size_t line_from; /* where the line in hand begins in raw */
	bool too_long, ended, begun;
	struct buf raw, ending; /* ending: the beginning of the line in hand where raw takes no more */
	char block[BLOCK];
};

int
newstext_new(struct newstext **text, const struct newstext_options *options, rows_read *read, void *from, struct err *err)
{
	struct newstext *made = calloc(1, sizeof *made);

	if (made == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	made->options = *options;
	made->read = read;
	made->from = from;
	made->line = made->record_line = 1;
	*text = made;
	return LODE_OK;
}

void
newstext_free(struct newstext *text)
{
	if (text == NULL)
		return;
	buf_release(&text->raw);
	buf_release(&text->ending);
	free(text);
}

static struct str
without_return(struct str line)
{
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

static bool
is_blank(struct str text)
{
	while (text.n > 0 && strchr(" \t\r\n", *text.p) != NULL && *text.p != '\0')
		text.p++, text.n--;
	return text.n == 0;
}

/* A line of the head: which part it is, or -1, and its value. */
static int
head_part(struct str line, struct str *value)
{
	static const struct {
		const char *name;
		int part;
	} heads[] = {
		{ "title", ARTICLE_TITLE }, { "date", ARTICLE_PUBLISHED }, { "url", ARTICLE_URL }, { "link", ARTICLE_URL },
		{ "source", ARTICLE_PUBLISHER }, { "language", ARTICLE_LANGUAGE },
	};
	const char *colon = line.n == 0 ? NULL : memchr(line.p, ':', line.n);
	size_t i, n = colon == NULL ? 0 : (size_t)(colon - line.p);

	for (i = 0; i < sizeof heads / sizeof heads[0]; i++)
		if (n == strlen(heads[i].name) && strncasecmp(heads[i].name, line.p, n) == 0) {
			*value = str_trim((struct str){ colon + 1, line.n - n - 1 });
			return heads[i].part;
		}
	return -1;
}

static int
read_article(struct newstext *text, struct str article, struct article_parts *parts, struct err *err)
{
	struct str rest = article, line, value, body = rest;
	size_t at;
	int part;

	if (!utf8_valid(article, &at))
		return err_set(err, LODE_EDATA, "not valid UTF-8 at byte %zu", at);
	while (str_split(&rest, '\n', &line)) {
		if ((part = head_part(without_return(line), &value)) < 0 && !is_blank(line))
			break;
		if (part >= 0)
			parts->part[part] = value;
		body = rest.p == NULL ? STR("") : rest;
	}
	if (text->options.html && parts->part[ARTICLE_TITLE].n == 0) {
		parts->part[ARTICLE_TITLE] = html_title(body);
	} else {
		for (part = 0; part < ARTICLE_PARTS; part++)
			parts->plain[part] = !text->options.html;
		if (parts->part[ARTICLE_TITLE].n == 0) { /* blank lines are behind us */
			rest = body;
			if (str_split(&rest, '\n', &line))
				parts->part[ARTICLE_TITLE] = line;
			body = rest.p == NULL ? STR("") : rest;
		}
	}
	parts->part[ARTICLE_BODY] = body;
	return LODE_OK;
}

/* The article is n bytes of raw; a separator is behind them, and belongs to what a reject shows. */
static int
hand_out(struct newstext *text, size_t n, struct article_parts *parts, struct err *err)
{
	int rc;

	*parts = (struct article_parts){ .raw = buf_str(&text->raw), .line = text->record_line };
	if (text->too_long)
		rc = err_set(err, LODE_EDATA, "record is longer than %zu bytes", text->options.max_record);
	else
		rc = read_article(text, (struct str){ text->raw.p, n }, parts, err);
	text->begun = false;
	return rc == LODE_OK ? LODE_OK : err_line(err, NULL, parts->line);
}

static void
begin(struct newstext *text)
{
	text->raw.n = text->ending.n = text->line_from = 0;
	text->too_long = false;
	text->begun = true;
	text->record_line = text->line;
}

/* Whether the line that ends here is a separator. */
static bool
is_separator(const struct newstext *text)
{
	struct str line = { buf_str(&text->raw).p + text->line_from, text->raw.n - text->line_from };

	if (text->too_long)
		line = buf_str(&text->ending);
	return text->options.separator != NULL && str_is(without_return(line), text->options.separator);
}

static int
add(struct newstext *text, const char *bytes, size_t n, struct err *err)
{
	size_t room = text->options.max_record - text->raw.n, most = text->options.separator == NULL ? 0 : strlen(text->options.separator) + 2;
	size_t here = n < room ? n : room;

	if (buf_add(&text->raw, bytes, here) != LODE_OK)
		return err_set(err, LODE_ENOMEM, "out of memory");
	if (here == n)
		return LODE_OK;
	if (!text->too_long && buf_add_str(&text->ending, (struct str){ text->raw.p + text->line_from,
	    text->raw.n - text->line_from < most ? text->raw.n - text->line_from : most }) != LODE_OK)
		return err_set(err, LODE_ENOMEM, "out of memory");
	text->too_long = true;
	n -= here;
	n = n < most - text->ending.n ? n : most - text->ending.n;
	return buf_add(&text->ending, bytes + here, n) == LODE_OK ? LODE_OK : err_set(err, LODE_ENOMEM, "out of memory");
}

/* Up to the end of a line. *whole: it ended. LODE_DONE at the end of the input. */
static int
read_line(struct newstext *text, bool *whole, struct err *err)
{
	const char *end;
	size_t n;
	int rc;

	if (text->at == text->n) {
		text->at = 0;
		if ((rc = text->read(text->from, text->block, BLOCK, &text->n, err)) != LODE_OK)
			return rc;
		if (text->n == 0) {
			text->ended = true;
			return LODE_DONE;
		}
	}
	end = memchr(text->block + text->at, '\n', text->n - text->at);
	*whole = end != NULL;
	n = *whole ? (size_t)(end - text->block) - text->at : text->n - text->at;
	rc = add(text, text->block + text->at, n, err);
	text->at += n + *whole;
	return rc;
}

int
newstext_next(struct newstext *text, struct article_parts *parts, struct err *err)
{
	size_t n;
	bool whole;
	int rc;

	*parts = (struct article_parts){ .final = true }; /* for an error of read() */
	if (text->ended)
		return LODE_DONE;
	if (!text->begun)
		begin(text);
	while ((rc = read_line(text, &whole, err)) == LODE_OK) {
		if (!whole)
			continue;
		text->line++;
		if (is_separator(text)) {
			n = text->too_long ? text->raw.n : text->line_from;
			if (text->too_long || !is_blank((struct str){ text->raw.p, n }))
				return hand_out(text, n, parts, err);
			begin(text);
			continue;
		}
		if ((rc = add(text, "\n", 1, err)) != LODE_OK)
			return rc;
		text->line_from = text->raw.n;
		text->ending.n = 0;
	}
	if (rc != LODE_DONE || !text->ended)
		return rc;
	n = is_separator(text) && !text->too_long ? text->line_from : text->raw.n;
	if (!text->too_long && is_blank((struct str){ buf_str(&text->raw).p, n }))
		return LODE_DONE;
	return hand_out(text, n, parts, err);
}
