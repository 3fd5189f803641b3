/*
 * scan - Vectorscan alone over a file: what any search for phrases takes at least
 *
 * usage: scan PHRASES FILE
 *
 * PHRASES has one a line. The file is one block in memory; letters of either case match. Prints how many matches there are.
 */
#include <fcntl.h>
#include <hs/hs.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PHRASES = 100000 };

static char *
map(const char *path, size_t *length)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *bytes;

	if (fd < 0 || fstat(fd, &status) != 0 || status.st_size <= 0 || status.st_size >= UINT32_MAX)
		return NULL;
	*length = (size_t)status.st_size;
	bytes = mmap(NULL, *length, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	close(fd);
	return bytes == MAP_FAILED ? NULL : bytes;
}

static int
count(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *context)
{
	(void)id, (void)from, (void)to, (void)flags;
	++*(uint64_t *)context;
	return 0;
}

int
main(int argc, char **argv)
{
	static const char *phrases[PHRASES];
	static size_t lengths[PHRASES];
	static unsigned flags[PHRASES], ids[PHRASES];
	hs_database_t *database;
	hs_compile_error_t *error;
	hs_scratch_t *scratch = NULL;
	size_t list_length, length;
	const char *list, *text, *at;
	uint64_t matches = 0;
	unsigned n = 0;

	if (argc != 3 || (list = map(argv[1], &list_length)) == NULL || (text = map(argv[2], &length)) == NULL)
		return 2;
	for (at = list; at < list + list_length && n < PHRASES; n++) {
		const char *end = memchr(at, '\n', (size_t)(list + list_length - at));

		if (end == NULL)
			return 2;
		phrases[n] = at;
		lengths[n] = (size_t)(end - at);
		flags[n] = HS_FLAG_CASELESS;
		ids[n] = n;
		at = end + 1;
	}
	if (hs_compile_lit_multi(phrases, flags, ids, lengths, n, HS_MODE_BLOCK, NULL, &database, &error) != HS_SUCCESS) {
		fprintf(stderr, "scan: %s\n", error->message);
		return 3;
	}
	if (hs_alloc_scratch(database, &scratch) != HS_SUCCESS || hs_scan(database, text, (unsigned)length, 0, scratch, count, &matches) != HS_SUCCESS)
		return 3;
	printf("%" PRIu64 "\n", matches);
	hs_free_scratch(scratch);
	hs_free_database(database);
	return 0;
}
