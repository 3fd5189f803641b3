/*
 * html - what a reader sees of markup
 *
 * For articles: tags, comments, scripts and styles are dropped, character references become characters, blanks run together, and an element
 * of its own block (p, div, li, h1, br ...) ends a paragraph. Markup need not be right: what is not closed ends with the text, a `<` that begins
 * no tag is text, an unknown reference stays as it stands. Linear in the length of the text, however it is nested.
 */
#ifndef LODE_HTML_H
#define LODE_HTML_H

#include <stdbool.h>

#include "buf.h"

enum html_form {
	HTML_PARAGRAPHS, /* each paragraph ends with a line feed */
	HTML_LINE,       /* one line without its end, as of a title */
};

/*
 * Appends the text of markup, which must be UTF-8. Without a single tag in it line ends count: an empty line ends a paragraph, a
 * line end alone is a blank; where no line is empty every line is a paragraph. Control characters are blanks.
 * Errors: LODE_ENOMEM.
 */
int html_text(struct str markup, enum html_form form, struct buf *out);

/* The same of text that is no markup: `<` and `&` stand for themselves. */
int html_plain(struct str text, enum html_form form, struct buf *out);

/* The contents of the first element `title`; empty when there is none. */
struct str html_title(struct str page);

/* The character that `&NAME;` stands for, as UTF-8; empty when the name is unknown. */
struct str html_entity(struct str name);

#endif
