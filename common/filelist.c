#include "filelist.h"

#include <errno.h>
#include <inttypes.h>
#include <md5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rows.h"

enum { BLOCK = 256 * 1024 };

struct listed {
	uint64_t size;
	char md5[MD5_DIGEST_STRING_LENGTH];
};

static struct str
last_part(struct str path)
{
	const char *slash = path.n == 0 ? NULL : memrchr(path.p, '/', path.n);

	return slash == NULL ? path : (struct str){ slash + 1, path.n - (size_t)(slash + 1 - path.p) };
}

static bool
parse_line(struct str line, struct listed *listed, struct str *name)
{
	struct str part[3];
	size_t i;

	for (i = 0; i < 3; i++)
		if (!str_split(&line, ' ', &part[i]))
			return false;
	*name = last_part(part[2]);
	if (line.p != NULL || !str_is_digits(part[0]) || part[0].n > 18 || part[1].n != sizeof listed->md5 - 1 || name->n == 0)
		return false;
	for (listed->size = i = 0; i < part[0].n; i++)
		listed->size = listed->size * 10 + (uint64_t)(part[0].p[i] - '0');
	for (i = 0; i < part[1].n; i++) {
		char c = part[1].p[i];

		listed->md5[i] = c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c;
		if (memchr("0123456789abcdef", listed->md5[i], 16) == NULL)
			return false;
	}
	listed->md5[i] = '\0';
	return listed->size > 0;
}

static int
no_memory(struct err *err)
{
	return err_set(err, LODE_ENOMEM, "out of memory");
}

/* A later line about the same file replaces an earlier one. */
static int
add(struct filelist *list, const struct listed *listed, struct map_entry *entry, struct err *err)
{
	struct listed *copy = entry == NULL ? NULL : arena_alloc(list->arena, sizeof *copy);

	if (copy == NULL)
		return no_memory(err);
	*copy = *listed;
	entry->value.pointer = copy;
	return LODE_OK;
}

static int
read_lines(struct filelist *list, struct rows *rows, bool all, struct err *err)
{
	struct record record = { 0 };
	struct listed listed;
	struct map_entry *entry;
	struct str name;
	bool any = false;
	int rc;

	while ((rc = rows_next(rows, &record, err)) == LODE_OK) {
		if (!parse_line(record.raw, &listed, &name)) {
			list->n_broken++;
			continue;
		}
		any = true;
		entry = all ? map_put(list->by_name, name) : map_get(list->by_name, name);
		if ((all || entry != NULL) && (rc = add(list, &listed, entry, err)) != LODE_OK)
			return rc;
	}
	if (rc == LODE_DONE && source_stop == 0)
		rc = any ? LODE_OK : err_set(err, LODE_EUSAGE, "not a list of files: no line has a size, an MD5 and a URL");
	return rc;
}

int
filelist_load(struct filelist *list, const char *path, char *const *paths, struct err *err)
{
	const struct rows_options options = { .separator = '\t', .quote = '\0', .max_record = 1 << 20 };
	const struct source_options plain = { 0 };
	struct source *source = NULL;
	struct rows *rows = NULL;
	struct err ignored;
	size_t i;
	int rc = LODE_OK;

	*list = (struct filelist){ .path = path, .by_name = map_new(), .arena = arena_new() };
	if (list->by_name == NULL || list->arena == NULL)
		return no_memory(err);
	for (i = 0; paths[i] != NULL; i++)
		if (map_put(list->by_name, last_part(str_of(paths[i]))) == NULL)
			return no_memory(err);
	if ((rc = source_open(&source, path, &plain, err)) == LODE_OK && (rc = rows_new(&rows, &options, source_read_rows, source, err)) == LODE_OK)
		rc = read_lines(list, rows, i == 0, err);
	if (rc != LODE_OK && rc != LODE_EIO)
		err_line(err, path, 0);
	rows_free(rows);
	(void)source_close(source, &ignored);
	return rc;
}

void
filelist_release(struct filelist *list)
{
	map_free(list->by_name);
	arena_free(list->arena);
	*list = (struct filelist){ 0 };
}

char **
filelist_paths(struct filelist *list, bool (*wants)(const void *argument, struct str name), const void *argument)
{
	struct str path = str_of(list->path), name;
	size_t directory = path.n - last_part(path).n, i, n = 0;
	char **paths = arena_alloc(list->arena, (map_count(list->by_name) + 1) * sizeof *paths);

	if (paths == NULL)
		return NULL;
	for (i = 0; i < map_count(list->by_name); i++) {
		name = map_at(list->by_name, i)->key;
		if (!wants(argument, name))
			continue;
		if ((paths[n] = arena_alloc(list->arena, directory + name.n + 1)) == NULL)
			return NULL;
		memcpy(paths[n], path.p, directory);
		memcpy(paths[n] + directory, name.p, name.n);
		paths[n++][directory + name.n] = '\0';
	}
	paths[n] = NULL;
	return paths;
}

/* pread leaves the place at which the reader will begin. */
static int
digest(int fd, char md5[MD5_DIGEST_STRING_LENGTH], struct err *err)
{
	uint8_t *block = malloc(BLOCK);
	off_t at = 0;
	ssize_t got;
	MD5_CTX context;

	if (block == NULL)
		return no_memory(err);
	MD5Init(&context);
	while ((got = pread(fd, block, BLOCK, at)) > 0 || (got < 0 && errno == EINTR)) {
		if (got < 0)
			continue;
		MD5Update(&context, block, (size_t)got);
		at += got;
	}
	free(block);
	if (got < 0)
		return err_set(err, LODE_EIO, "cannot read: %s", strerror(errno));
	MD5End(&context, md5);
	return LODE_OK;
}

int
filelist_verify(const struct filelist *list, const char *path, int fd, struct err *err)
{
	const struct map_entry *entry = map_get(list->by_name, last_part(str_of(path)));
	const struct listed *listed = entry == NULL ? NULL : entry->value.pointer;
	char md5[MD5_DIGEST_STRING_LENGTH];
	struct stat status;

	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
		return err_set(err, LODE_EDATA, "only a file can be verified by a list");
	if (listed == NULL)
		return err_set(err, LODE_EDATA, "is not in the list '%s'", list->path);
	if ((uint64_t)status.st_size != listed->size)
		return err_set(err, LODE_EDATA, "has %jd bytes, the list says %" PRIu64, (intmax_t)status.st_size, listed->size);
	if (digest(fd, md5, err) != LODE_OK)
		return err->code;
	if (memcmp(md5, listed->md5, sizeof md5) != 0)
		return err_set(err, LODE_EDATA, "its MD5 is %s, the list says %s", md5, listed->md5);
	return LODE_OK;
}
