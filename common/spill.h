/*
 * spill - lines that wait, first in first out, in memory and beyond that on disk
 *
 * Several queues share one room: so much memory, and behind it so much of temporary files without a name. Lines lie in blocks of 64 KiB; while the
 * memory is used up, a block that is full goes to disk. A queue is read at places, of which the first one is what is still needed: spill_drop().
 * Life cycle: spill_room_init, spill_init for each queue, spill_add, spill_read and spill_step, spill_drop; spill_release, spill_room_release.
 */
#ifndef LODE_SPILL_H
#define LODE_SPILL_H

#include <sys/types.h>

#include "buf.h"
#include "err.h"

struct spill_file;
struct spill_block;

struct spill_room {
	const char *folder;        /* for temporary files; the caller's */
	size_t memory, disk;       /* bytes at most; of memory a block for each queue more */
	size_t in_memory, on_disk; /* bytes in use */
	struct spill_file *file;   /* the one that is written */
};

struct spill {
	struct spill_room *room;
	struct spill_block *first, *last;
	uint64_t n; /* lines that were ever added */
};

/* Where reading goes on; a zeroed one is the beginning. Each holds a block that it read from disk: spill_at_release(). */
struct spill_at {
	uint64_t index;            /* lines ahead of it, since the first */
	struct spill_block *block;
	size_t offset, step;       /* in the block; length of the line read last */
	struct buf loaded;         /* a block from disk */
	const struct spill_block *is_loaded;
};

/* folder NULL: that of the environment's TMPDIR, or /tmp. */
void spill_room_init(struct spill_room *room, const char *folder, size_t memory, size_t disk);
void spill_room_release(struct spill_room *room); /* behind its queues */

void spill_init(struct spill *spill, struct spill_room *room);
void spill_release(struct spill *spill); /* takes a zeroed one */
void spill_at_release(struct spill_at *at);

/*
 * Adds a line, with a number of the caller's. Errors: LODE_EIO "more than N bytes wait in memory and M in a temporary file: ...", "cannot write a temporary file in
 * 'x': reason"; LODE_ENOMEM.
 */
int spill_add(struct spill *spill, uint64_t number, struct str line, struct err *err);

/*
 * The line at a place, valid until the next call for the queue or the place; LODE_DONE when there is none yet. Errors: LODE_EIO "cannot read a
 * temporary file: reason", LODE_ENOMEM.
 */
int spill_read(struct spill *spill, struct spill_at *at, uint64_t *number, struct str *line, struct err *err);

/* Goes on behind the line that was read last. */
static inline void
spill_step(struct spill_at *at)
{
	at->offset += at->step;
	at->step = 0;
	at->index++;
}

/* The same place, to go on from by itself. */
static inline struct spill_at
spill_place(const struct spill_at *at)
{
	return (struct spill_at){ .index = at->index, .block = at->block, .offset = at->offset };
}

/* What is ahead of this place is needed no more, and no other place is ahead of it. */
void spill_drop(struct spill *spill, const struct spill_at *front);

#endif
