/* vintage: the last line of each key, in the order in which these lines came */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "vintage.h"

static void
put(struct vintage *vintage, const char *key, const char *line)
{
	struct err err = ERR_INIT;

	assert_int_equal(vintage_put(vintage, str_of(key), str_of(line), &err), LODE_OK);
}

static void
the_last_line_stays(void **state)
{
	struct vintage *vintage;
	struct err err;

	(void)state;
	assert_int_equal(vintage_new(&vintage, 10, &err), LODE_OK);
	put(vintage, "a", "one");
	put(vintage, "b", "two");
	put(vintage, "a", "a longer three");
	put(vintage, "c", "");
	put(vintage, "b", "4");
	vintage_sort(vintage);
	assert_int_equal(vintage_count(vintage), 3);
	assert_true(str_is(vintage_line(vintage, 0), "a longer three"));
	assert_true(str_is(vintage_line(vintage, 1), ""));
	assert_true(str_is(vintage_line(vintage, 2), "4"));
	vintage_free(vintage);
}

static void
what_a_key_has_can_be_asked(void **state)
{
	struct vintage *vintage;
	struct str line;
	struct err err;

	(void)state;
	assert_int_equal(vintage_new(&vintage, 10, &err), LODE_OK);
	assert_false(vintage_get(vintage, STR("a"), &line));
	put(vintage, "a", "one");
	put(vintage, "b", "");
	put(vintage, "a", "two");
	assert_true(vintage_get(vintage, STR("a"), &line));
	assert_true(str_is(line, "two"));
	assert_true(vintage_get(vintage, STR("b"), &line));
	assert_int_equal(line.n, 0);
	vintage_free(vintage);
}

/* Against a list that is searched from the back. */
static void
agrees_with_the_whole_history(void **state)
{
	enum { LINES = 3000, KEYS = 250 };
	static unsigned history[LINES];
	struct vintage *vintage;
	char key[16], line[16];
	uint32_t seed = 5;
	size_t i, k, n = 0;
	struct err err;

	(void)state;
	assert_int_equal(vintage_new(&vintage, KEYS, &err), LODE_OK);
	for (i = 0; i < LINES; i++) {
		seed = seed * 1664525u + 1013904223u;
		history[i] = (seed >> 8) % KEYS;
		snprintf(key, sizeof key, "%u", history[i]);
		snprintf(line, sizeof line, "%zu", i);
		put(vintage, key, line);
	}
	vintage_sort(vintage);
	for (i = 0; i < LINES; i++) {
		for (k = i + 1; k < LINES && history[k] != history[i];)
			k++;
		if (k < LINES)
			continue;
		snprintf(line, sizeof line, "%zu", i);
		assert_true(n < vintage_count(vintage) && str_is(vintage_line(vintage, n), line));
		n++;
	}
	assert_int_equal(n, vintage_count(vintage));
	vintage_free(vintage);
}

static void
keys_have_a_limit(void **state)
{
	struct vintage *vintage;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(vintage_new(&vintage, 2, &err), LODE_OK);
	put(vintage, "a", "1");
	put(vintage, "b", "2");
	put(vintage, "a", "3");
	assert_int_equal(vintage_put(vintage, STR("c"), STR("4"), &err), LODE_ENOMEM);
	assert_string_equal(err.message, "more than 2 keys: raise --max-keys");
	put(vintage, "b", "5");
	vintage_sort(vintage);
	assert_true(str_is(vintage_line(vintage, 0), "3"));
	vintage_free(vintage);
	vintage_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_line_stays),
		cmocka_unit_test(what_a_key_has_can_be_asked),
		cmocka_unit_test(agrees_with_the_whole_history),
		cmocka_unit_test(keys_have_a_limit),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
