/*
 * newstext - articles as plain text or as pages of HTML, one an input or several with a line between them
 *
 * An article may begin with lines `Title: ...`, `Date: ...`, `URL: ...` (or Link), `Source: ...`, `Language: ...`, in any order and case; the first line that is none of
 * them ends these. Without a title the first line that is not empty is the title; of a page it is what the element `title` holds.
 * Holds the article in hand.
 */
#ifndef LODE_NEWSTEXT_H
#define LODE_NEWSTEXT_H

#include "article.h"
#include "rows.h"

struct newstext;

struct newstext_options {
	const char *separator; /* a line that is just this stands between two articles; NULL: one article an input */
	bool html;
	size_t max_record;     /* bytes of an article */
};

/* The separator outlives it. Errors: LODE_ENOMEM. */
int newstext_new(struct newstext **text, const struct newstext_options *options, rows_read *read, void *from, struct err *err);
void newstext_free(struct newstext *text); /* takes NULL */

/*
 * The next article; what holds blanks alone between two separators is none. LODE_DONE at the end, or what read() returned.
 * Errors: LODE_EDATA with err's line set and parts->raw the bytes in question: "not valid UTF-8 at byte 5", "record is longer than N bytes"; LODE_ENOMEM.
 */
int newstext_next(struct newstext *text, struct article_parts *parts, struct err *err);

#endif
