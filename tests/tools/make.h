/* make - what the generators of large files share: numbers by chance, always the same, and records until there are enough bytes */
#ifndef LODE_TOOLS_MAKE_H
#define LODE_TOOLS_MAKE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Less than n; xorshift of 64 bits (Marsaglia 2003, 13-7-17). */
static inline uint32_t
below(uint32_t n)
{
	static uint64_t state = 88172645463325252u;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(((state >> 32) * n) >> 32);
}

/* All of main(): header and records, written by record() and counted from 0, up to at least argv[1] megabytes. Exit status. */
static inline int
make_file(int argc, char **argv, const char *header, int (*record)(char *out, size_t room, uint64_t number))
{
	static char line[4096];
	uint64_t size, written, number;
	char *end;
	int n;

	if (argc != 2 || (size = strtoull(argv[1], &end, 10)) == 0 || *end != '\0') {
		fprintf(stderr, "usage: %s MEGABYTES > FILE\n", argv[0]);
		return 2;
	}
	fputs(header, stdout);
	for (written = strlen(header), number = 0; written < size * 1000000; number++) {
		n = record(line, sizeof line, number);
		if (fwrite(line, 1, (size_t)n, stdout) != (size_t)n)
			return 3;
		written += (uint64_t)n;
	}
	return fflush(stdout) == 0 ? 0 : 3;
}

#endif
