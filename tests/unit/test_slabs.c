/* slabs: what is taken belongs to one alone until it is given back */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "slabs.h"

static void
blocks_do_not_overlap(void **state)
{
	enum { N = 60, STEPS = 600 };
	struct {
		unsigned char *p;
		int size;
	} held[N] = { { NULL, 0 } };
	struct slabs slabs = { 0 };
	uint32_t seed = 5;
	size_t n_slabs = 0, i;

	(void)state;
	for (unsigned step = 0; step < STEPS; step++) {
		unsigned at = ((seed = seed * 1664525u + 1013904223u) >> 8) % N;
		size_t n;

		if (held[at].p == NULL) {
			held[at].size = (int)(seed >> 16 & 0xff) % SLABS_SIZES;
			held[at].p = slabs_take(&slabs, held[at].size);
			assert_non_null(held[at].p);
			assert_int_equal((uintptr_t)held[at].p % SLABS_BLOCK, 0);
			memset(held[at].p, (int)at + 1, (size_t)SLABS_BLOCK << held[at].size);
			continue;
		}
		n = (size_t)SLABS_BLOCK << held[at].size;
		for (i = 0; i < n; i++)
			assert_int_equal(held[at].p[i], at + 1);
		slabs_give(&slabs, held[at].p, held[at].size);
		held[at].p = NULL;
	}
	n_slabs = slabs.n;
	for (i = 0; i < N; i++) /* what was given back is enough */
		if (held[i].p != NULL) {
			slabs_give(&slabs, held[i].p, held[i].size);
			held[i].p = slabs_take(&slabs, held[i].size);
		}
	assert_int_equal(slabs.n, n_slabs);
	slabs_release(&slabs);
}

static void
sizes_are_exact(void **state)
{
	(void)state;
	assert_int_equal(slabs_size(SLABS_BLOCK), 0);
	assert_int_equal(slabs_size(4 * SLABS_BLOCK), 2);
	assert_int_equal(slabs_size((size_t)SLABS_BLOCK << SLABS_SIZES), -1);
	assert_int_equal(slabs_size(SLABS_BLOCK - 1), -1);
	assert_int_equal(slabs_size(0), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_do_not_overlap),
		cmocka_unit_test(sizes_are_exact),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("slabs", tests, NULL, NULL);
}
