#include "articles.h"

#include <stdlib.h>
#include <strings.h>

#include "newsjson.h"
#include "newstext.h"
#include "newsxml.h"
#include "peek.h"

enum { XML, JSON, PLAIN, HTML, N_FORMATS };

static const char *const formats[N_FORMATS] = { "xml", "json", "text", "html" };

/* One of the readers is there. */
struct articles {
	struct newsxml *xml;
	struct newsjson *json;
	struct newstext *text;
	struct peek peek;
};

static int
format_of(const char *name)
{
	int format = 0;

	while (format < N_FORMATS && strcmp(formats[format], name) != 0)
		format++;
	return format;
}

int
articles_check(const struct articles_options *options, struct err *err)
{
	if (options->format == NULL || format_of(options->format) < N_FORMATS)
		return LODE_OK;
	return err_set(err, LODE_EUSAGE, "'%s' is not a format: xml, json, text or html", options->format);
}

/* Whether what is peeked at begins a page of HTML. LODE_DONE as far as can be seen. */
static int
see_page(struct peek *peek, bool *page, struct err *err)
{
	static const char *const begins[] = { "<!doctype html", "<html" };
	size_t at = 0, i, n;
	bool more = true;
	int rc;

	*page = false;
	while (at < peek->n && peek->block[at] != '<')
		at++;
	while (!*page && more) {
		more = false;
		for (i = 0; i < 2; i++) {
			n = strlen(begins[i]) < peek->n - at ? strlen(begins[i]) : peek->n - at;
			if (strncasecmp(peek->block + at, begins[i], n) == 0) {
				*page = n == strlen(begins[i]);
				more = more || !*page;
			}
		}
		if (!*page && more && (rc = peek_more(peek, err)) != LODE_OK)
			return rc == LODE_DONE && source_stop == 0 ? LODE_OK : rc;
	}
	return LODE_OK;
}

/* The format by the first bytes. */
static int
see_format(struct peek *peek, int *format, struct err *err)
{
	char first;
	bool page;
	int rc = peek_first(peek, &first, err);

	if (rc != LODE_OK)
		return rc;
	*format = first == '{' || first == '[' ? JSON : first == '<' ? XML : PLAIN;
	if (peek->n == 0)
		return err_set(err, LODE_EUSAGE, "no article: the input is empty");
	if (*format == XML && (rc = see_page(peek, &page, err)) == LODE_OK && page)
		*format = HTML;
	return rc;
}

int
articles_open(struct articles **articles, struct source *source, const struct articles_options *options, struct err *err)
{
	struct articles *made = calloc(1, sizeof *made);
	struct newstext_options text = { .separator = options->separator, .max_record = options->max_record };
	int rc, format = N_FORMATS;

	if (made == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	peek_init(&made->peek, source);
	rc = see_format(&made->peek, &format, err);
	if (rc == LODE_OK && options->format != NULL)
		format = format_of(options->format);
	else if (rc == LODE_OK && format == HTML)
		rc = err_set(err, LODE_EDATA, "this is a web page, not a feed: --format html reads it as an article");
	text.html = format == HTML;
	if (rc == LODE_EDATA || rc == LODE_EUSAGE)
		err_line(err, source_name(source), 1);
	else if (rc == LODE_OK && format == XML)
		rc = newsxml_new(&made->xml, options->max_record, peek_read, &made->peek, err);
	else if (rc == LODE_OK && format == JSON)
		rc = newsjson_new(&made->json, options->max_record, peek_read, &made->peek, err);
	else if (rc == LODE_OK)
		rc = newstext_new(&made->text, &text, peek_read, &made->peek, err);
	if (rc != LODE_OK) {
		articles_close(made);
		return rc;
	}
	*articles = made;
	return LODE_OK;
}

void
articles_close(struct articles *articles)
{
	if (articles == NULL)
		return;
	newsxml_free(articles->xml);
	newsjson_free(articles->json);
	newstext_free(articles->text);
	free(articles);
}

int
articles_next(struct articles *articles, struct article_parts *parts, struct err *err)
{
	if (articles->xml != NULL)
		return newsxml_next(articles->xml, parts, err);
	if (articles->json != NULL)
		return newsjson_next(articles->json, parts, err);
	return newstext_next(articles->text, parts, err);
}

struct str
articles_head(const struct articles *articles)
{
	return articles->xml == NULL ? (struct str){ NULL, 0 } : newsxml_declaration(articles->xml);
}
