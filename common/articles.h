/*
 * articles - the articles of an input, whatever its format
 *
 * A feed (newsxml), JSON (newsjson), plain text or a page of HTML (newstext), told apart by the first bytes: `<` begins a feed, `{` and `[` JSON, and
 * everything else is text. A page of HTML is not taken for an article unless the caller says so.
 * Life cycle: articles_open, articles_next until LODE_DONE, articles_close. Holds the article in hand.
 */
#ifndef LODE_ARTICLES_H
#define LODE_ARTICLES_H

#include "article.h"
#include "source.h"

struct articles;

struct articles_options {
	const char *format;    /* "xml", "json", "text" or "html"; NULL: by the first bytes */
	const char *separator; /* of text and html: newstext.h */
	size_t max_record;     /* bytes of an article */
};

/* Errors: LODE_EUSAGE "'x' is not a format: xml, json, text or html". */
int articles_check(const struct articles_options *options, struct err *err);

/*
 * source and options outlive it.
 * Errors: LODE_EUSAGE "no article: the input is empty"; LODE_EDATA at line 1 "this is a web page, not a feed: --format html reads it as an article"; those of
 * source_read(); LODE_ENOMEM.
 */
int articles_open(struct articles **articles, struct source *source, const struct articles_options *options, struct err *err);
void articles_close(struct articles *articles); /* takes NULL */

/* The next article. Errors: those of the format's reader. */
int articles_next(struct articles *articles, struct article_parts *parts, struct err *err);

/* What must stand in front of an article's bytes for them to be read again; p NULL when nothing must. Valid until articles_close(). */
struct str articles_head(const struct articles *articles);

#endif
