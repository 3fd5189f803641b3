/*
 * ordered - texts that several threads make, given on in order
 *
 * The work comes in pieces. Each thread, the caller's among them, makes the text of the next piece that none has begun; the caller's thread
 * alone gives the texts on, in the order of the pieces, so that nothing of the threads can be told from the outside. They
 * live as long as the call, leave signals to the others, and never run ahead by more than two pieces each. Where none can be
 * had, the caller does it all.
 */
#ifndef LODE_ORDERED_H
#define LODE_ORDERED_H

#include "buf.h"
#include "err.h"

enum { ORDERED_MAX = 64 };

struct ordered_work {
	size_t n;         /* pieces */
	unsigned threads; /* from 1, the caller's, to ORDERED_MAX */
	/*
	 * Appends the text of that piece to a buffer that is empty; thread is less than threads, for what each has for itself. On an error
	 * what was appended stays.
	 */
	int (*make)(void *argument, size_t piece, unsigned thread, struct buf *text, struct err *err);
	void (*give)(void *argument, struct str text); /* the text is valid during the call */
	void *argument;
};

/* Buffers that are used again. A zeroed one is ready. */
struct ordered {
	struct ordered_piece *piece; /* owned */
	size_t n;
};

/*
 * Errors: that of the first piece that has one, in order: the texts before it and what it appended are given on, nothing behind it.
 * LODE_ENOMEM, and nothing is.
 */
int ordered_run(struct ordered *ordered, const struct ordered_work *work, struct err *err);

void ordered_release(struct ordered *ordered);

/* The processors that this program may run on, at most ORDERED_MAX. */
unsigned ordered_processors(void);

#endif
