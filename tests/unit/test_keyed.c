/* keyed: finds what a list would find, the newest first, and gives back what is removed */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "keyed.h"

struct thing {
	struct keyed_entry entry;
	unsigned number;
};

static void
agrees_with_a_list(void **state)
{
	enum { STEPS = 40000, KEYS = 300, MOST = 4000 };
	static struct {
		unsigned key, number;
		struct thing *thing;
	} list[MOST];
	struct keyed *keyed = keyed_new();
	struct keyed_entry *entry;
	unsigned n = 0, i, k;
	uint32_t seed = 3;

	(void)state;
	assert_non_null(keyed);
	for (unsigned step = 0; step < STEPS; step++) {
		unsigned number = ((seed = seed * 1664525u + 1013904223u) >> 8) % KEYS;
		char key[16];
		struct str text = { key, (size_t)snprintf(key, sizeof key, "%u", number) };
		struct thing *thing;

		if ((seed >> 28) < 9 && n < MOST) {
			thing = keyed_add(keyed, text, sizeof *thing);
			assert_non_null(thing);
			assert_int_equal(thing->number, 0);
			thing->number = step;
			list[n].key = number;
			list[n].thing = thing;
			list[n++].number = step;
		} else {
			/* all of that key, the newest first; then the newest goes */
			thing = keyed_find(keyed, text);
			for (i = n, k = n; i-- > 0;) {
				if (list[i].key != number)
					continue;
				k = k == n ? i : k;
				assert_ptr_equal(thing, list[i].thing);
				assert_int_equal(thing->number, list[i].number);
				thing = keyed_find_before(thing);
			}
			assert_null(thing);
			if (k < n) {
				keyed_remove(keyed, list[k].thing);
				memmove(&list[k], &list[k + 1], (--n - k) * sizeof list[0]);
			}
		}
		assert_int_equal(keyed_count(keyed), n);
	}
	for (i = 0, entry = keyed_oldest(keyed); entry != NULL; entry = entry->newer)
		assert_int_equal(((struct thing *)entry)->number, list[i++].number);
	assert_int_equal(i, n);
	keyed_free(keyed);
	keyed_free(NULL);
}

static void
digests_differ(void **state)
{
	char text[40] = { 0 };
	uint64_t a[2], b[2];
	size_t n;

	(void)state;
	for (n = 0; n < sizeof text; n++) { /* length counts, and every byte */
		keyed_digest((struct str){ text, n }, a);
		keyed_digest((struct str){ text, n + 1 }, b);
		assert_true(a[0] != b[0] && a[1] != b[1] && a[0] != a[1]);
		text[n] = 1;
		keyed_digest((struct str){ text, n + 1 }, a);
		text[n] = 0;
		assert_true(a[0] != b[0] && a[1] != b[1]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(agrees_with_a_list), cmocka_unit_test(digests_differ) };

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
