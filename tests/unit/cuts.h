/* cuts - input from memory in reads of a chosen length, and the law that what is read does not depend on them */
#ifndef LODE_TEST_CUTS_H
#define LODE_TEST_CUTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "err.h"
#include "str.h"

struct memory {
	struct str rest;
	size_t first, step; /* bytes of the first read and of later ones at the most */
};

/* A read function, as source_read_function has it; from is a struct memory. */
static inline int
memory_read(void *from, char *out, size_t room, size_t *n, struct err *err)
{
	struct memory *memory = from;

	(void)err;
	*n = memory->first < memory->rest.n ? memory->first : memory->rest.n;
	*n = *n < room ? *n : room;
	if (*n > 0)
		memcpy(out, memory->rest.p, *n);
	memory->rest.p += *n;
	memory->rest.n -= *n;
	memory->first = memory->step;
	return LODE_OK;
}

/* show writes all that a reader can see of the memory's input into out, which it empties first; options are its own. Cut in two anywhere, and
   byte by byte, the input must show as want. */
static inline void
check_cuts(void (*show)(const void *options, struct memory memory, struct buf *out), const void *options, const char *input, const char *want)
{
	struct buf out = BUF_INIT;
	size_t first;

	for (first = 0; first <= strlen(input) + 1; first++) {
		show(options, (struct memory){ str_of(input), first > 0 ? first : 1, first > 0 ? SIZE_MAX : 1 }, &out);
		buf_add(&out, "", 1);
		assert_string_equal(out.p, want);
	}
	buf_release(&out);
}

#endif
