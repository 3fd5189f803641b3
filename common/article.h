/*
 * article - one news article as text, whatever it came as
 *
 * A reader of some format (newsxml, newsjson, newstext) finds the parts of an article and leaves them as they came; article_make() makes text of them, the
 * same way for every format.
 */
#ifndef LODE_ARTICLE_H
#define LODE_ARTICLE_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"
#include "instant.h"

struct article {
	struct str title;
	struct str text;      /* UTF-8 without markup; paragraphs end with \n */
	struct str published; /* RFC 3339 UTC, or empty when nobody says */
	struct str url, publisher, language;
	uint64_t line;        /* where it begins in the input, from 1 */
	struct str known;     /* when this text could be read: published, or when it was changed if that was later */
};

enum article_part {
	ARTICLE_TITLE,
	ARTICLE_SUMMARY,
	ARTICLE_BODY,
	ARTICLE_PUBLISHED,
	ARTICLE_UPDATED,
	ARTICLE_URL,
	ARTICLE_PUBLISHER,
	ARTICLE_LANGUAGE,
	ARTICLE_PARTS
};

/* What a reader found, in UTF-8; valid until its next article. */
struct article_parts {
	struct str part[ARTICLE_PARTS]; /* empty when it is not there */
	bool plain[ARTICLE_PARTS];      /* no markup, whatever it looks like */
	struct str raw;                 /* the article as it was read */
	uint64_t line;
	bool final;                     /* with an error: the input ends here */
};

/* Holds the text of the article in hand; a zeroed one is empty. */
struct article_maker {
	struct buf title, text, summary, url, publisher;
	char published[INSTANT_MAX], known[INSTANT_MAX];
};

void article_release(struct article_maker *maker);

/*
 * Makes an article, valid until the next call. The title loses ` - PUBLISHER` where it ends with just that.
 * The text is the summary and the body, each a paragraph or more; without the summary where the body begins with it or where it is the title again
 * (with or without the publisher), and without `[+123 chars]` at the end. In the URL blanks and control characters are percent-encoded and a fragment is dropped. language becomes small letters,
 * `English` en and `Chinese` zh. otherwise: seconds since 1970-01-01, when an article that does not say was published; INT64_MIN: then it is bad.
 * Errors: LODE_EDATA with the part's name as the column: "no time of publication", those of stamp_parse(), "no text" (neither title nor text);
 * LODE_ENOMEM.
 */
int article_make(struct article_maker *maker, const struct article_parts *parts, int64_t otherwise, struct article *article, struct err *err);

/* The rule of NewsAPI for an article that was taken back: its title is `[Removed]`. */
static inline bool
article_is_removed(const struct article *article)
{
	return str_is(article->title, "[Removed]");
}

#endif
