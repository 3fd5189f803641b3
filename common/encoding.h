/*
 * encoding - single fields from the encodings that files come in to UTF-8
 *
 * Encodings that keep ASCII bytes as they are (GB18030, Latin-1, Windows-1252, UTF-8) need no conversion before a file is cut
 * into fields, except that GB18030 has ASCII digits as second bytes; so bytes are kept until a field is used, and
 * a reject can show them unchanged. UTF-16 is the source's business (source.h).
 */
#ifndef LODE_ENCODING_H
#define LODE_ENCODING_H

#include <stdbool.h>

#include "buf.h"
#include "err.h"

struct encoding;

/* name as iconv knows it, in any case: "GB18030", "ISO-8859-1". Errors: LODE_EUSAGE "unknown encoding 'x'", LODE_ENOMEM. */
int encoding_new(struct encoding **encoding, const char *name, struct err *err);
void encoding_free(struct encoding *encoding); /* takes NULL */

/*
 * field as UTF-8: a view of field itself where nothing changes (ASCII only, or UTF-8 already), else of buffer, which is
 * emptied first. Errors: LODE_EDATA "not valid GB18030 at byte 3" (from 1), LODE_ENOMEM.
 */
int encoding_text(struct encoding *encoding, struct str field, struct buf *buffer, struct str *text, struct err *err);

/* True for well-formed UTF-8 (no surrogates, nothing above U+10FFFF, shortest forms); else *at, if not NULL, is the first bad byte, from 1. */
bool utf8_valid(struct str text, size_t *at);

/* The characters of well-formed UTF-8; of a part of it, those that begin there. */
size_t utf8_characters(struct str text);

bool ascii_only(struct str text);

#endif
