/*
 * ref - where an observation came from, as FILE:LINE or FILE#PLACE
 *
 * A computed line names several refs with blanks between. So a blank, a control character and a % of a name or a place are written %HH, as
 * is every byte above 0x7F of one that is not UTF-8.
 */
#ifndef LODE_REF_H
#define LODE_REF_H

#include <stdint.h>

#include "buf.h"
#include "err.h"

struct ref {
	struct buf text;
	size_t n_source; /* bytes of the source's name and the colon */
	uint64_t line;   /* that the text ends with, 0 for none */
};

/* The name of the input in hand. Errors: LODE_ENOMEM. */
int ref_source(struct ref *ref, const char *source, struct err *err);

/* "FILE:LINE", valid until the next call. */
struct str ref_line(struct ref *ref, uint64_t line);

/* "FILE#PLACE", for a place in a document; the same. p is NULL without memory. */
struct str ref_place(struct ref *ref, const char *place);

static inline void
ref_release(struct ref *ref)
{
	buf_release(&ref->text);
}

#endif
