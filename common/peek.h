/*
 * peek - a source whose first byte that is not blank can be seen before anything is read
 *
 * It tells a web page or a JSON document from a table, and needs no more of the input than that. A function rows_read.
 */
#ifndef LODE_PEEK_H
#define LODE_PEEK_H

#include "source.h"

struct peek {
	struct source *source;
	size_t at, n;
	char block[4096];
};

static inline void
peek_init(struct peek *peek, struct source *source)
{
	peek->source = source;
	peek->at = peek->n = 0;
}

/*
 * Reads more into block, for a caller that needs to see further; before the first peek_read(). LODE_DONE when the input ends or
 * the block is full. Errors: those of source_read().
 */
int peek_more(struct peek *peek, struct err *err);

/*
 * The first byte behind blanks and line ends, which stays unread; '\0' when there is none in the whole input or in its first 4 KiB.
 * To be called before the first peek_read(). Errors: those of source_read().
 */
int peek_first(struct peek *peek, char *first, struct err *err);

/*
 * The same, and refuses what is no text of a table: an input whose first such byte is '<', or that begins like an archive, a spreadsheet,
 * a PDF or a script. Errors: also LODE_EDATA "this is a web page, not a table", "this is a spreadsheet, not a table: save it as CSV",
 * and the like, at line 1.
 */
int peek_table(struct peek *peek, char *first, struct err *err);

/* source_read() with what was peeked at in front of it. */
int peek_read(void *peek, char *out, size_t room, size_t *n, struct err *err);

#endif
