/* aggregate: sums that are exact, ties that order does not decide, totals and their parts */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "aggregate.h"

static struct part
figure(const char *series, int64_t first, int64_t last, const char *value)
{
	struct part part = { .first = first, .last = last, .at = last, .series = str_of(series), .period = STR("p"), .known = STR("k"),
		.value = str_of(value), .ref = str_of(value) };
	struct err err = ERR_INIT;

	assert_int_equal(dec_parse(part.value, &part.number, &err), LODE_OK);
	return part;
}

static void
expect(const struct aggregate *aggregate, enum aggregate_function function, int digits, const char *value, const char *ref)
{
	struct buf text = BUF_INIT;
	struct err err = ERR_INIT;

	assert_int_equal(aggregate_value(aggregate, function, digits, &text, &err), LODE_OK);
	assert_true(str_is(buf_str(&text), value));
	text.n = 0;
	assert_int_equal(aggregate_ref(aggregate, function, &text, &err), LODE_OK);
	assert_true(str_is(buf_str(&text), ref));
	buf_release(&text);
}

static void
nothing_has_no_value(void **state)
{
	struct aggregate none = AGGREGATE_INIT;
	int function;

	(void)state;
	for (function = 0; function < AGGREGATE_N; function++) {
		expect(&none, (enum aggregate_function)function, 3, "", "");
		assert_int_equal(aggregate_find(str_of(aggregate_names[function])), function);
	}
	assert_int_equal(aggregate_find(STR("median")), AGGREGATE_N);
}

/* In any order, split anywhere, with and without texts of its own. */
static void
order_and_split_change_nothing(void **state)
{
	static const char *const values[] = { "0.10", "30", "0.2", "30.0", "-5", "-5.00" };
	struct err err = ERR_INIT;
	int shift, cut, i;

	(void)state;
	for (shift = 0; shift < 6; shift++) {
		for (cut = 0; cut <= 6; cut++) {
			struct aggregate half[2] = { { .owns = cut % 2 }, { .owns = cut % 2 } };

			for (i = 0; i < 6; i++) {
				struct part part = figure("s", 1, 9, values[(i + shift) % 6]);

				assert_int_equal(aggregate_add(&half[i < cut ? 0 : 1], &part, &err), LODE_OK);
			}
			assert_int_equal(aggregate_merge(&half[0], &half[1], &err), LODE_OK);
			aggregate_release(&half[1]);
			/* equal in time: the text decides */
			expect(&half[0], AGGREGATE_SUM, 0, "50.3", "-5 .. 30.0 (6)");
			expect(&half[0], AGGREGATE_MEAN, 4, "8.3833", "-5 .. 30.0 (6)");
			expect(&half[0], AGGREGATE_COUNT, 0, "6", "-5 .. 30.0 (6)");
			expect(&half[0], AGGREGATE_MIN, 0, "-5", "-5");
			expect(&half[0], AGGREGATE_MAX, 0, "30", "30");
			expect(&half[0], AGGREGATE_LAST, 0, "30.0", "30.0");
			expect(&half[0], AGGREGATE_WMEAN, 0, "", "-5 .. 30.0 (6)");
			aggregate_release(&half[0]);
		}
	}
}

static void
weights(void **state)
{
	struct part a = figure("s", 1, 1, "10"), b = figure("s", 2, 2, "20"), c = figure("s", 3, 3, "1000");
	struct aggregate aggregate = AGGREGATE_INIT;
	struct err err = ERR_INIT;

	(void)state;
	a.has_weight = b.has_weight = true;
	a.weight = dec_of(3);
	b.weight = dec_of(1);
	assert_int_equal(aggregate_add(&aggregate, &a, &err), LODE_OK);
	assert_int_equal(aggregate_add(&aggregate, &b, &err), LODE_OK);
	assert_int_equal(aggregate_add(&aggregate, &c, &err), LODE_OK);
	expect(&aggregate, AGGREGATE_WMEAN, 2, "12.5", "10 .. 1000 (3)");
	aggregate_release(&aggregate);
}

static void
too_large(void **state)
{
	struct part a = figure("s", 1, 1, "9999999999999999999999999999999999999"), b = figure("s", 2, 2, "0.5");
	struct aggregate aggregate = AGGREGATE_INIT;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(aggregate_add(&aggregate, &a, &err), LODE_OK);
	assert_int_equal(aggregate_add(&aggregate, &b, &err), LODE_EDATA);
	expect(&aggregate, AGGREGATE_COUNT, 0, "1", "9999999999999999999999999999999999999"); /* as it was */
	aggregate_release(&aggregate);
}

/* Whatever the figures: no day counts twice, and a total counts exactly when some day of it has no part. */
static void
no_day_counts_twice(void **state)
{
	enum { DAYS = 12, MOST = 20 };
	struct err err = ERR_INIT;
	uint32_t seed = 11;
	int round;

	(void)state;
	for (round = 0; round < 5000; round++) {
		struct part part[MOST], *order[MOST];
		int counted[DAYS] = { 0 }, held[DAYS] = { 0 };
		size_t n = 0, i, k;
		int day;

		while (n < MOST) {
			uint32_t r = (seed = seed * 1664525u + 1013904223u) >> 8;
			int64_t first = r % DAYS, last = first + (r >> 8) % 6;
			struct part new = figure("s", first, last < DAYS ? last : DAYS - 1, (r >> 16) % 2 ? "1" : "2");

			for (k = 0; k < n && !part_conflicts(&new, &part[k]) && !(new.first == part[k].first && new.last == part[k].last);)
				k++;
			if (k < n)
				break;
			part[n++] = new;
		}
		for (i = 0; i < n; i++)
			order[i] = &part[i];
		assert_int_equal(aggregate_select(order, n, &err), LODE_OK);
		for (i = 0; i < n; i++) {
			struct dec below = dec_of(0);
			int covered = 0;

			for (day = (int)part[i].first; day <= part[i].last; day++) {
				counted[day] += part[i].state == PART_COUNTS;
				held[day] = 1;
			}
			/* days of it that smaller figures hold */
			for (day = (int)part[i].first; day <= part[i].last; day++) {
				for (k = 0; k < n && !(k != i && part[k].first >= part[i].first && part[k].last <= part[i].last && part[k].first <= day &&
				    day <= part[k].last);)
					k++;
				covered += k < n;
			}
			if (part[i].state == PART_TOTAL || part[i].state == PART_MISMATCH) {
				assert_int_equal(covered, part[i].last - part[i].first + 1);
				for (k = 0; k < n; k++) /* what counts within it adds up to below */
					if (part[k].state == PART_COUNTS && part[k].first >= part[i].first && part[k].last <= part[i].last)
						assert_int_equal(dec_add(below, part[k].number, &below, &err), LODE_OK);
				assert_int_equal(dec_cmp(below, part[i].below), 0);
				assert_int_equal(part[i].state == PART_TOTAL, dec_cmp(below, part[i].number) == 0);
			} else if (part[i].state == PART_COUNTS) {
				assert_true(covered < part[i].last - part[i].first + 1);
			}
		}
		for (day = 0; day < DAYS; day++)
			assert_int_equal(counted[day], held[day]);
	}
}

static void
series_stay_apart(void **state)
{
	struct part total = figure("a", 1, 2, "3"), other = figure("b", 1, 1, "1"), late = figure("b", 2, 3, "9");
	struct part *order[] = { &total, &other, &late };
	struct err err = ERR_INIT;

	(void)state;
	assert_false(part_conflicts(&total, &late));
	late.series = total.series;
	assert_true(part_conflicts(&total, &late));
	late.series = other.series;
	assert_int_equal(aggregate_select(order, 3, &err), LODE_OK);
	assert_int_equal(total.state, PART_COUNTS);
	assert_int_equal(other.state, PART_COUNTS);
	assert_true(aggregate_covers(order, 3, 1, 3));
	assert_false(aggregate_covers(order, 3, 0, 3));
	assert_false(aggregate_covers(order, 3, 1, 4));
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(nothing_has_no_value), cmocka_unit_test(order_and_split_change_nothing),
		cmocka_unit_test(weights), cmocka_unit_test(too_large), cmocka_unit_test(no_day_counts_twice), cmocka_unit_test(series_stay_apart) };

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
