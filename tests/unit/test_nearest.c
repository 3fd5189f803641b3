/* nearest: the period that contains, the shortest first; else the last one before */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "nearest.h"

static struct nearest *
nearest_of(const char *wanted, size_t max)
{
	struct nearest *nearest;
	struct period period;
	struct err err;

	assert_int_equal(period_parse(str_of(wanted), &period, &err), LODE_OK);
	assert_int_equal(nearest_new(&nearest, period, max, &err), LODE_OK);
	return nearest;
}

/* Which of the periods answers for wanted; they come in this order and in the other. */
static const char *
answer(const char *wanted, const char *const *periods, size_t n)
{
	static char found[2][PERIOD_MAX];
	size_t order, i, k;

	for (order = 0; order < 2; order++) {
		struct nearest *nearest = nearest_of(wanted, 10);
		struct err err;
		bool taken;

		for (i = 0; i < n; i++) {
			k = order == 0 ? i : n - 1 - i;
			assert_int_equal(nearest_put(nearest, STR("s"), str_of(periods[k]), str_of(periods[k]), &taken, &err), LODE_OK);
		}
		found[order][0] = '\0';
		if (nearest_sort(nearest) == 1) {
			memcpy(found[order], nearest_line(nearest, 0).p, nearest_line(nearest, 0).n);
			found[order][nearest_line(nearest, 0).n] = '\0';
		}
		nearest_free(nearest);
	}
	assert_string_equal(found[0], found[1]);
	return found[0];
}

static void
order_of_coming_does_not_matter(void **state)
{
	const char *const all[] = { "2025", "2025-Q1", "2025-01/2025-02", "2025-02", "2025-02-10", "2025-04", "2024-12-31", "2024" };
	const size_t n = sizeof all / sizeof *all;

	(void)state;
	assert_string_equal(answer("2025-02", all, n), "2025-02");
	assert_string_equal(answer("2025-02-10", all, n), "2025-02-10");
	assert_string_equal(answer("2025-02-11", all, n), "2025-02");
	assert_string_equal(answer("2025-01", all, n), "2025-01/2025-02");
	assert_string_equal(answer("2025-03-31", all, n), "2025-Q1");
	assert_string_equal(answer("2025-Q2", all, n), "2025");
	assert_string_equal(answer("2025-Q2", all + 1, n - 1), "2025-04");
	assert_string_equal(answer("2026", all, n), "2025");
	assert_string_equal(answer("2025-01-15", all + 3, n - 3), "2024-12-31"); /* the shorter of two that end together */
	assert_string_equal(answer("2024-12-30", all, n), "2024");
	assert_string_equal(answer("2023", all, n), "");
}

static void
a_later_line_of_the_period_replaces(void **state)
{
	struct nearest *nearest = nearest_of("2025-02", 2);
	struct err err = ERR_INIT;
	bool taken;

	(void)state;
	assert_int_equal(nearest_put(nearest, STR("s"), STR("2025-Q1"), STR("one"), &taken, &err), LODE_OK);
	assert_int_equal(nearest_put(nearest, STR("t"), STR("2025-01"), STR("two"), &taken, &err), LODE_OK);
	assert_int_equal(nearest_put(nearest, STR("s"), STR("2025-01/2025-03"), STR("three"), &taken, &err), LODE_OK);
	assert_true(taken);
	assert_int_equal(nearest_put(nearest, STR("u"), STR("2025-03"), STR("never an answer, so it needs no room"), &taken, &err), LODE_OK);
	assert_false(taken);
	assert_int_equal(nearest_put(nearest, STR("u"), STR("2025-01"), STR("four"), &taken, &err), LODE_ENOMEM);
	assert_string_equal(err.message, "more than 2 keys: raise --max-keys");
	assert_int_equal(nearest_put(nearest, STR("u"), STR("January"), STR("five"), &taken, &err), LODE_EDATA);
	assert_int_equal(nearest_sort(nearest), 2);
	assert_true(str_is(nearest_line(nearest, 0), "two"));
	assert_true(str_is(nearest_line(nearest, 1), "three"));
	nearest_free(nearest);
	nearest_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_of_coming_does_not_matter),
		cmocka_unit_test(a_later_line_of_the_period_replaces),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
