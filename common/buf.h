/*
 * buf - bytes that grow
 *
 * BUF_INIT is a valid empty buffer; buf_release() ends it and leaves it valid. p is NULL or owned;
 * what is appended may not point into the buffer itself.
 */
#ifndef LODE_BUF_H
#define LODE_BUF_H

#include "str.h"

struct buf {
	char *p;
	size_t n, room;
};

#define BUF_INIT { NULL, 0, 0 }

void buf_release(struct buf *buf);

/* Room for more bytes past n. Errors: LODE_ENOMEM, the buffer as it was. */
int buf_reserve(struct buf *buf, size_t more);

/* Errors of all three: LODE_ENOMEM, the buffer as it was. */
int buf_add(struct buf *buf, const void *bytes, size_t n);
int buf_add_str(struct buf *buf, struct str text);
int buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

static inline struct str
buf_str(const struct buf *buf)
{
	return (struct str){ buf->p == NULL ? "" : buf->p, buf->n };
}

#endif
