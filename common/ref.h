/*
 * ref - where an observation came from, as FILE:LINE
 */
#ifndef LODE_REF_H
#define LODE_REF_H

#include <stdint.h>

#include "buf.h"
#include "err.h"

struct ref {
	struct buf text;
	size_t n_source; /* bytes of the source's name and the colon */
};

/* The name of the input in hand. Errors: LODE_ENOMEM. */
int ref_source(struct ref *ref, const char *source, struct err *err);

/* "FILE:LINE", valid until the next call. */
struct str ref_line(struct ref *ref, uint64_t line);

static inline void
ref_release(struct ref *ref)
{
	buf_release(&ref->text);
}

#endif
