/*
 * chop - the first K bytes of a file, and the rest only when the reader has taken them
 *
 * usage: chop K[,K...] [FILE]
 *
 * Writes to standard output, a pipe, up to each of the rising offsets K and waits there until the pipe is empty, so that the
 * reader sees two reads cut exactly there. What a filter says must not depend on K.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static _Noreturn void
fail(const char *what)
{
	perror(what);
	exit(3);
}

static void
write_all(const char *p, size_t n)
{
	ssize_t done;

	while (n > 0) {
		if ((done = write(STDOUT_FILENO, p, n)) < 0 && errno != EINTR)
			fail("chop: write");
		if (done > 0) {
			p += done;
			n -= (size_t)done;
		}
	}
}

static void
wait_until_taken(void)
{
	const struct timespec moment = { 0, 50000 };
	struct pollfd reader = { STDOUT_FILENO, 0, 0 };
	int waiting = 0;

	for (;;) {
		if (ioctl(STDOUT_FILENO, FIONREAD, &waiting) != 0)
			fail("chop: standard output must be a pipe");
		if (waiting == 0)
			return;
		if (poll(&reader, 1, 0) > 0 && (reader.revents & POLLERR) != 0)
			exit(0); /* the reader has left without them */
		nanosleep(&moment, NULL);
	}
}

/* Passes on up to n bytes; false at the end of the file. */
static bool
copy(int fd, size_t n)
{
	static char block[1 << 16];
	ssize_t got;

	while (n > 0) {
		if ((got = read(fd, block, n < sizeof block ? n : sizeof block)) < 0 && errno != EINTR)
			fail("chop: read");
		if (got == 0)
			return false;
		if (got > 0) {
			write_all(block, (size_t)got);
			n -= (size_t)got;
		}
	}
	return true;
}

int
main(int argc, char **argv)
{
	size_t at = 0, k;
	char *end;
	int fd;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: chop K[,K...] [FILE]\n");
		return 2;
	}
	fd = argc == 3 ? open(argv[2], O_RDONLY) : STDIN_FILENO;
	if (fd < 0)
		fail(argv[2]);
	for (end = argv[1]; *end != '\0'; end += *end == ',') {
		k = strtoul(end, &end, 10);
		if ((*end != ',' && *end != '\0') || k < at) {
			fprintf(stderr, "chop: '%s' is not a list of rising numbers\n", argv[1]);
			return 2;
		}
		if (!copy(fd, k - at))
			return 0;
		wait_until_taken();
		at = k;
	}
	copy(fd, (size_t)-1);
	return 0;
}
