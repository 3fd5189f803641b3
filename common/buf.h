/*
 * buf - bytes that grow
 *
 * BUF_INIT is a valid empty buffer; buf_release() ends it and leaves it valid. p is NULL or owned;
 * what is appended may not point into the buffer itself.
 */
#ifndef LODE_BUF_H
#define LODE_BUF_H

#include "err.h"
#include "str.h"

struct buf {
	char *p;
	size_t n, room;
};

#define BUF_INIT { NULL, 0, 0 }

void buf_release(struct buf *buf);

/* Room for more bytes past n. Errors: LODE_ENOMEM, the buffer as it was. */
int buf_grow(struct buf *buf, size_t more);

static inline int
buf_reserve(struct buf *buf, size_t more)
{
	return buf->room - buf->n >= more ? LODE_OK : buf_grow(buf, more);
}

/* Errors of all three: LODE_ENOMEM, the buffer as it was. */
static inline int
buf_add(struct buf *buf, const void *bytes, size_t n)
{
	if (n == 0)
		return LODE_OK;
	if (buf_reserve(buf, n) != LODE_OK)
		return LODE_ENOMEM;
	memcpy(buf->p + buf->n, bytes, n);
	buf->n += n;
	return LODE_OK;
}

static inline int
buf_add_str(struct buf *buf, struct str text)
{
	return buf_add(buf, text.p, text.n);
}

int buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

static inline struct str
buf_str(const struct buf *buf)
{
	return (struct str){ buf->p == NULL ? "" : buf->p, buf->n };
}

#endif
