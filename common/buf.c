#include "buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void
buf_release(struct buf *buf)
{
	free(buf->p);
	*buf = (struct buf)BUF_INIT;
}

int
buf_grow(struct buf *buf, size_t more)
{
	size_t room = buf->room == 0 ? 256 : buf->room;
	char *p;

	while (room - buf->n < more) {
		if (room > SIZE_MAX / 2)
			return LODE_ENOMEM;
		room *= 2;
	}
	if ((p = realloc(buf->p, room)) == NULL)
		return LODE_ENOMEM;
	buf->p = p;
	buf->room = room;
	return LODE_OK;
}

int
buf_printf(struct buf *buf, const char *format, ...)
{
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (n < 0 || buf_reserve(buf, (size_t)n + 1) != LODE_OK)
		return LODE_ENOMEM;
	va_start(arguments, format);
	vsnprintf(buf->p + buf->n, (size_t)n + 1, format, arguments);
	va_end(arguments);
	buf->n += (size_t)n;
	return LODE_OK;
}
