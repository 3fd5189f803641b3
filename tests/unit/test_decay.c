/* decay: the sum written out, whatever the order in which the events come, go and are forgotten */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decay.h"
#include "feed_regressors.h"
#include "period.h"
#include "random.h"
#include "temp.h"

enum { EVENTS = 60 };

static double
mean(struct decay *decay, int32_t from, int32_t to)
{
	struct err err = ERR_INIT;
	double value;

	assert_int_equal(decay_mean(decay, from, to, &value, &err), LODE_OK);
	return value;
}

static void
add(struct decay *decay, int32_t day, double weight)
{
	struct err err = ERR_INIT;

	assert_int_equal(decay_add(decay, day, weight, &err), LODE_OK);
}

/* Events of one class, days 20000 to 20400, in any order. */
static void
invent(struct feed_event *events, uint32_t world)
{
	for (uint32_t i = 0; i < EVENTS; i++)
		events[i] = (struct feed_event){ 0, STR("MM-11"), 20000 + (int32_t)(400 * random_uniform(3, world, i, 0)),
			0.1 + random_uniform(3, world, i, 1), 0 };
}

static void
it_is_the_sum_written_out(void **state)
{
	struct feed_event events[EVENTS];

	(void)state;
	for (uint32_t world = 0; world < 20; world++) {
		double rate = world * 0.1; /* per month, 0 too */
		struct decay decay;

		invent(events, world);
		decay_init(&decay, rate / DECAY_DAYS_PER_MONTH);
		for (size_t i = 0; i < EVENTS; i++) {
			add(&decay, events[i].day, events[i].weight);
			for (int32_t month = 656; month < 675; month += 6) {
				double want = feed_intensity(events, i + 1, 0, rate, month);

				assert_true(fabs(mean(&decay, month_first_day(month), month_first_day(month + 1)) - want) < 1e-12 * (1 + want));
			}
		}
		decay_release(&decay);
	}
}

static void
half_is_left_after_the_half_life(void **state)
{
	struct decay decay;

	(void)state;
	decay_init(&decay, log(2) / 10);
	assert_true(mean(&decay, 0, 40) == 0);
	add(&decay, 20, 4);
	assert_true(mean(&decay, 19, 20) == 0);
	assert_true(mean(&decay, 20, 21) == 4);
	assert_true(fabs(mean(&decay, 40, 41) - 1) < 1e-14);
	decay_release(&decay);
}

static void
what_is_taken_away_was_never_there(void **state)
{
	struct feed_event events[EVENTS];
	struct decay decay;

	(void)state;
	invent(events, 1);
	decay_init(&decay, 0.01);
	for (size_t i = 0; i < EVENTS; i++)
		add(&decay, events[i].day, events[i].weight);
	mean(&decay, 20000, 20400);
	for (size_t i = 0; i < EVENTS; i++)
		add(&decay, events[i].day, -events[i].weight);
	assert_true(mean(&decay, 20000, 20400) == 0);
	decay_release(&decay);
}

static void
forgetting_changes_no_later_day(void **state)
{
	struct feed_event events[EVENTS];
	struct decay all, some;

	(void)state;
	invent(events, 2);
	decay_init(&all, 0.02);
	decay_init(&some, 0.02);
	decay_forget(&some, 19990); /* nothing to forget yet */
	for (size_t i = 0; i < EVENTS; i++) {
		add(&all, events[i].day, events[i].weight);
		add(&some, events[i].day, events[i].weight);
	}
	for (int32_t day = 20100; day <= 20700; day += 150) {
		decay_forget(&some, day);
		decay_forget(&some, day - 10); /* gone already */
		assert_true(fabs(mean(&some, day, day + 31) - mean(&all, day, day + 31)) < 1e-12);
		add(&all, day + 5, 1); /* and it goes on */
		add(&some, day + 5, 1);
		assert_true(fabs(mean(&some, day + 4, day + 9) - mean(&all, day + 4, day + 9)) < 1e-12);
	}
	assert_true(some.n < 40);
	decay_release(&all);
	decay_release(&some);
}

static int
load(struct table *table, const char *text, struct err *err)
{
	char path[] = "/tmp/test_decay.XXXXXX";
	int rc;

	temp_make(path, text, strlen(text));
	rc = decay_table_load(table, path, err);
	unlink(path);
	return rc;
}

static void
a_table_gives_rates_by_class(void **state)
{
	static const struct {
		const char *text, *message;
		uint64_t line;
	} bad[] = {
		{ "class\tdecay_per_month\tsource\na\t-1\tx\n", "decay_per_month '-1' is not from 0 up", 2 },
		{ "class\tdecay_per_month\tsource\na\t\tx\n", "decay_per_month '' is not from 0 up", 2 },
		{ "class\tdecay_per_month\tsource\na\tx\tx\n", "cannot read 'x' as a decimal", 2 },
		{ "class\tdecay_per_month\tsource\na\t1\tx\nb\t1\tx\na\t1\tx\n", "class 'a' is there twice", 4 },
		{ "class\tsource\na\tx\n", "no column 'decay_per_month' in the header", 1 },
	};
	struct err err = ERR_INIT;
	struct table table = { 0 };

	(void)state;
	assert_int_equal(load(&table, "class\tdecay_per_month\tsource\nseizure\t0.5\tx\nclosure\t0\tx\n", &err), LODE_OK);
	assert_true(decay_table_rate(&table, STR("seizure"), NAN) == 0.5 / DECAY_DAYS_PER_MONTH);
	assert_true(decay_table_rate(&table, STR("closure"), NAN) == 0);
	assert_true(decay_table_rate(&table, STR("flood"), 7) == 7);
	table_release(&table);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(load(&table, bad[i].text, &err), LODE_EUSAGE);
		assert_string_equal(err.message, bad[i].message);
		assert_int_equal(err.line, bad[i].line);
		table_release(&table);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_the_sum_written_out),
		cmocka_unit_test(half_is_left_after_the_half_life),
		cmocka_unit_test(what_is_taken_away_was_never_there),
		cmocka_unit_test(forgetting_changes_no_later_day),
		cmocka_unit_test(a_table_gives_rates_by_class),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("decay", tests, NULL, NULL);
}
