/*
 * filelist - GDELT's lists of files, lines "SIZE MD5 URL", and whether the files are what they say
 *
 * A file is known by the last part of its URL. Some lines of the list of all files are short or give no size: they are counted, and
 * say nothing. Holds a line for each file that is asked for.
 */
#ifndef LODE_FILELIST_H
#define LODE_FILELIST_H

#include "arena.h"
#include "map.h"
#include "source.h"

struct filelist {
	const char *path;    /* the caller's, for messages */
	struct map *by_name; /* owned: struct listed */
	struct arena *arena; /* owned */
	uint64_t n_broken;
};

/*
 * Reads the list; of the files only those that paths names (NULL at the end), unless there is none.
 * Errors: LODE_EIO, LODE_ENOMEM; LODE_EUSAGE "not a list of files: no line has a size, an MD5 and a URL".
 */
int filelist_load(struct filelist *list, const char *path, char *const *paths, struct err *err);
void filelist_release(struct filelist *list); /* takes a zeroed one */

/*
 * The listed files in the order of the list, in the list's own directory, NULL at the end; owned by list. wants() chooses by name.
 * NULL without memory.
 */
char **filelist_paths(struct filelist *list, bool (*wants)(const void *argument, struct str name), const void *argument);

/*
 * Whether an open file, of which nothing has been read, is as the list says; reads all of it, and leaves it where it was.
 * Errors: LODE_EDATA "is not in the list 'x'", "has 100 bytes, the list says 99", "its MD5 is ..., the list says ...", "only a file can be verified
 * by a list"; LODE_EIO.
 */
int filelist_verify(const struct filelist *list, const char *path, int fd, struct err *err);

#endif
