#include "spill.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	BLOCK = 64 * 1024,
	FILE_SIZE = 64 * 1024 * 1024, /* then another is begun, so that space is given back */
	HEAD = 2 * sizeof(uint64_t),  /* ahead of a line: its number, its length */
};

struct spill_file {
	int fd;
	off_t size;
	size_t n_blocks; /* that are still needed */
};

struct spill_block {
	struct spill_block *next;
	char *bytes;             /* NULL: on disk */
	size_t n, room;
	struct spill_file *file;
	off_t at;
};

void
spill_room_init(struct spill_room *room, const char *folder, size_t memory, size_t disk)
{
	const char *usual = getenv("TMPDIR");

	if (folder == NULL)
		folder = usual != NULL && usual[0] != '\0' ? usual : "/tmp";
	*room = (struct spill_room){ .folder = folder, .memory = memory, .disk = disk };
}

static void
close_file(struct spill_file *file)
{
	if (file != NULL) {
		(void)close(file->fd);
		free(file);
	}
}

void
spill_room_release(struct spill_room *room)
{
	close_file(room->file);
	room->file = NULL;
}

void
spill_init(struct spill *spill, struct spill_room *room)
{
	*spill = (struct spill){ .room = room };
}

static void
free_block(struct spill_room *room, struct spill_block *block)
{
	if (block->bytes != NULL) {
		room->in_memory -= block->room;
	} else {
		room->on_disk -= block->n;
		if (--block->file->n_blocks == 0 && block->file != room->file)
			close_file(block->file);
	}
	free(block->bytes);
	free(block);
}

void
spill_release(struct spill *spill)
{
	struct spill_block *block, *next;

	for (block = spill->first; block != NULL; block = next) {
		next = block->next;
		free_block(spill->room, block);
	}
	spill->first = spill->last = NULL;
}

void
spill_at_release(struct spill_at *at)
{
	buf_release(&at->loaded);
	at->is_loaded = NULL;
}

/* The file to write to; the one before stays as long as a block is in it. */
static int
find_file(struct spill_room *room, struct err *err)
{
	char path[4096];
	struct spill_file *file = room->file;

	if (file != NULL && file->n_blocks == 0 && file->size > 0 && ftruncate(file->fd, 0) == 0)
		file->size = 0;
	if (file != NULL && file->size < FILE_SIZE)
		return LODE_OK;
	if ((file = calloc(1, sizeof *file)) == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	snprintf(path, sizeof path, "%s/lode-XXXXXX", room->folder);
	if ((file->fd = mkstemp(path)) < 0) {
		free(file);
		return err_set(err, LODE_EIO, "cannot make a temporary file in '%.200s': %s", room->folder, strerror(errno));
	}
	(void)unlink(path);
	if (room->file != NULL && room->file->n_blocks == 0)
		close_file(room->file);
	room->file = file;
	return LODE_OK;
}

/* A full block to disk. */
static int
put_out(struct spill_room *room, struct spill_block *block, struct err *err)
{
	size_t done = 0;
	ssize_t n;

	if (room->on_disk + block->n > room->disk)
		return err_set(err, LODE_EIO, "more than %zu bytes wait in memory and %zu in a temporary file: raise --memory or --spill", room->memory, room->disk);
	if (find_file(room, err) != LODE_OK)
		return err->code;
	while (done < block->n) {
		n = pwrite(room->file->fd, block->bytes + done, block->n - done, room->file->size + (off_t)done);
		if (n < 0 && errno != EINTR)
			return err_set(err, LODE_EIO, "cannot write a temporary file in '%.200s': %s", room->folder, strerror(errno));
		done += n < 0 ? 0 : (size_t)n;
	}
	block->file = room->file;
	block->at = room->file->size;
	room->file->size += (off_t)block->n;
	room->file->n_blocks++;
	room->on_disk += block->n;
	room->in_memory -= block->room;
	free(block->bytes);
	block->bytes = NULL;
	return LODE_OK;
}

static int
add_block(struct spill *spill, size_t needed, struct err *err)
{
	struct spill_room *room = spill->room;
	struct spill_block *block;

	if (spill->last != NULL && room->in_memory >= room->memory && put_out(room, spill->last, err) != LODE_OK)
		return err->code;
	if ((block = calloc(1, sizeof *block)) == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	block->room = needed > BLOCK ? needed : BLOCK;
	if ((block->bytes = malloc(block->room)) == NULL) {
		free(block);
		return err_set(err, LODE_ENOMEM, "out of memory");
	}
	room->in_memory += block->room;
	if (spill->last != NULL)
		spill->last->next = block;
	else
		spill->first = block;
	spill->last = block;
	return LODE_OK;
}

int
spill_add(struct spill *spill, uint64_t number, struct str line, struct err *err)
{
	const uint64_t head[2] = { number, line.n };
	struct spill_block *last = spill->last;

	if ((last == NULL || last->room - last->n < HEAD + line.n) && add_block(spill, HEAD + line.n, err) != LODE_OK)
		return err->code;
	last = spill->last;
	memcpy(last->bytes + last->n, head, HEAD);
	if (line.n > 0)
		memcpy(last->bytes + last->n + HEAD, line.p, line.n);
	last->n += HEAD + line.n;
	spill->n++;
	return LODE_OK;
}

static int
load(struct spill_at *at, struct err *err)
{
	const struct spill_block *block = at->block;
	size_t done = 0;
	ssize_t n;

	at->is_loaded = NULL;
	at->loaded.n = 0;
	if (buf_reserve(&at->loaded, block->n) != LODE_OK)
		return err_set(err, LODE_ENOMEM, "out of memory");
	while (done < block->n) {
		n = pread(block->file->fd, at->loaded.p + done, block->n - done, block->at + (off_t)done);
		if (n == 0 || (n < 0 && errno != EINTR))
			return err_set(err, LODE_EIO, "cannot read a temporary file: %s", n == 0 ? "it is cut" : strerror(errno));
		done += n < 0 ? 0 : (size_t)n;
	}
	at->is_loaded = block;
	return LODE_OK;
}

int
spill_read(struct spill *spill, struct spill_at *at, uint64_t *number, struct str *line, struct err *err)
{
	const char *bytes;
	uint64_t head[2];

	if (at->block == NULL)
		at->block = spill->first;
	if (at->block != NULL && at->offset == at->block->n && at->block->next != NULL) {
		at->block = at->block->next;
		at->offset = 0;
		at->is_loaded = NULL; /* another block may come to lie where that one did */
	}
	if (at->block == NULL || at->offset == at->block->n)
		return LODE_DONE;
	if (at->block->bytes == NULL && at->is_loaded != at->block && load(at, err) != LODE_OK)
		return err->code;
	bytes = (at->block->bytes != NULL ? at->block->bytes : at->loaded.p) + at->offset;
	memcpy(head, bytes, HEAD);
	*number = head[0];
	*line = (struct str){ bytes + HEAD, (size_t)head[1] };
	at->step = HEAD + line->n;
	return LODE_OK;
}

void
spill_drop(struct spill *spill, const struct spill_at *front)
{
	struct spill_block *next;

	while (front->block != NULL && spill->first != front->block) {
		next = spill->first->next;
		free_block(spill->room, spill->first);
		spill->first = next;
	}
}
