#include "peek.h"

#include <string.h>

int
peek_more(struct peek *peek, struct err *err)
{
	size_t n;
	int rc;

	if (sizeof peek->block - peek->n < 4)
		return LODE_DONE;
	if ((rc = source_read(peek->source, peek->block + peek->n, sizeof peek->block - peek->n, &n, err)) != LODE_OK)
		return rc;
	peek->n += n;
	return n == 0 ? LODE_DONE : LODE_OK;
}

int
peek_first(struct peek *peek, char *first, struct err *err)
{
	size_t seen = 0;
	int rc;

	*first = '\0';
	for (;;) {
		for (; seen < peek->n; seen++)
			if (strchr(" \t\r\n", peek->block[seen]) == NULL || peek->block[seen] == '\0') {
				*first = peek->block[seen];
				return LODE_OK;
			}
		if ((rc = peek_more(peek, err)) != LODE_OK)
			return rc == LODE_DONE && source_stop == 0 ? LODE_OK : rc;
	}
}

int
peek_table(struct peek *peek, char *first, struct err *err)
{
	int rc = peek_first(peek, first, err);

	if (rc == LODE_OK && *first == '<') {
		err_set(err, LODE_EDATA, "this is a web page, not a table");
		return err_line(err, source_name(peek->source), 1);
	}
	return rc;
}

int
peek_read(void *from, char *out, size_t room, size_t *n, struct err *err)
{
	struct peek *peek = from;

	if (peek->at == peek->n)
		return source_read(peek->source, out, room, n, err);
	*n = peek->n - peek->at < room ? peek->n - peek->at : room;
	memcpy(out, peek->block + peek->at, *n);
	peek->at += *n;
	return LODE_OK;
}
