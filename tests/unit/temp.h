/* temp - files of a test, made and read back whole */
#ifndef LODE_TEST_TEMP_H
#define LODE_TEST_TEMP_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Makes a file with these bytes; path is a template for mkstemp. */
static inline void
temp_make(char *path, const void *bytes, size_t n)
{
	int fd = mkstemp(path);

	if (fd < 0 || write(fd, bytes, n) != (ssize_t)n || close(fd) != 0)
		abort();
}

/* All bytes of a file, terminated; the caller frees. */
static inline char *
temp_read(const char *path, size_t *n)
{
	FILE *file = fopen(path, "rb");
	char *bytes = malloc(1 << 20);

	if (file == NULL || bytes == NULL)
		abort();
	*n = fread(bytes, 1, (1 << 20) - 1, file);
	bytes[*n] = '\0';
	fclose(file);
	return bytes;
}

#endif
