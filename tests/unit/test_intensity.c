/*
 * intensity: what is said is the sum written out (feed_intensity), a longer tape only says more, the order within a moment changes nothing
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "feed_regressors.h"
#include "instant.h"
#include "intensity.h"
#include "random.h"

enum { DAY = 86400, LINES = 150, GROUPS = 3, FIRST_DAY = 19500, RESULTS = 20000 };

struct line {
	int64_t known_s;
	char group[2], key[8], ref[8];
	int32_t day;
	double weight;
	size_t group_number, event;
};

struct heard {
	struct {
		char known[INSTANT_MAX], group[32], ref[8];
		int32_t period;
		double value;
	} result[RESULTS];
	size_t n;
};

static struct heard heard[2];

static void
on_result(void *argument, const struct intensity_result *result)
{
	struct heard *to = argument;
	size_t i = to->n++;

	assert_true(i < RESULTS);
	memset(&to->result[i], 0, sizeof to->result[i]);
	memcpy(to->result[i].known, result->known.p, result->known.n);
	memcpy(to->result[i].group, result->group.p, result->group.n);
	memcpy(to->result[i].ref, result->ref.p, result->ref.n);
	to->result[i].period = result->period.first;
	to->result[i].value = dec_double(result->value);
}

/* Events of three groups that become known up to 100 days late, many at one moment; some are said anew or withdrawn. */
static void
invent(struct line *line, uint32_t world)
{
	int64_t now = (int64_t)FIRST_DAY * DAY + 7 * 3600;

	for (uint32_t i = 0; i < LINES; i++) {
		uint32_t of = i;

		if (random_uniform(5, world, i, 0) < 0.5) /* now and then to the minute a day begins */
			now += random_uniform(5, world, i, 1) < 0.2 ? DAY - now % DAY : (int64_t)(random_uniform(5, world, i, 2) * 8 * DAY);
		while (of == i && i > 0 && random_uniform(5, world, i, 3) < 0.2) /* an event that was there */
			of = (uint32_t)(random_uniform(5, world, i, 4) * i);
		line[i] = (struct line){ .known_s = now, .event = line[of].event, .weight = 0.1 + random_uniform(5, world, i, 5) };
		if (of == i) {
			line[i].event = i;
			line[i].day = (int32_t)(now / DAY) - (int32_t)(pow(random_uniform(5, world, i, 6), 4) * 100);
			if (random_uniform(5, world, i, 7) < 0.03)
				line[i].day += 140; /* announced */
			line[i].group_number = (size_t)(random_uniform(5, world, i, 8) * GROUPS);
		} else {
			line[i].day = line[of].day;
			line[i].group_number = line[of].group_number;
			if (random_uniform(5, world, i, 9) < 0.5)
				line[i].weight = 0;
		}
		snprintf(line[i].group, sizeof line[i].group, "%c", 'a' + (char)line[i].group_number);
		snprintf(line[i].key, sizeof line[i].key, "%zu", line[i].event);
		snprintf(line[i].ref, sizeof line[i].ref, "r%u", i);
	}
}

static struct intensity *
start(const struct intensity_rules *rules, struct heard *to)
{
	struct intensity *set;
	struct err err = ERR_INIT;

	to->n = 0;
	assert_int_equal(intensity_new(&set, rules, on_result, to, &err), LODE_OK);
	return set;
}

static int
add(struct intensity *set, const struct line *l, double rate, bool *late, struct err *err)
{
	struct intensity_line line = { str_of(l->group), str_of(l->key), str_of(l->ref), l->day, l->weight, rate };

	assert_int_equal(intensity_advance(set, l->known_s, err), LODE_OK);
	return intensity_add(set, &line, late, err);
}

static void
hear(const struct intensity_rules *rules, const struct line *line, size_t n, double rate, struct heard *to)
{
	struct intensity *set = start(rules, to);
	struct err err = ERR_INIT;
	bool late;

	for (size_t i = 0; i < n; i++)
		assert_int_equal(add(set, &line[i], rate, &late, &err), LODE_OK);
	assert_int_equal(intensity_finish(set, INT64_MIN, &err), LODE_OK);
	intensity_free(set);
}

/* The newest weight of each event, of one moment the greatest. */
static size_t
vintage(const struct line *line, size_t n, struct feed_event *events)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		double weight = line[i].weight;
		bool later = false;

		for (size_t j = 0; j < n; j++)
			if (line[j].event == line[i].event && line[j].known_s == line[i].known_s && j != i) {
				later |= j > i;
				weight = fmax(weight, line[j].weight);
			} else if (line[j].event == line[i].event && line[j].known_s > line[i].known_s)
				later = true;
		if (!later && weight > 0)
			events[kept++] = (struct feed_event){ line[i].group_number, STR("X"), line[i].day, weight, 0 };
	}
	return kept;
}

static double
direct(const struct feed_event *events, size_t n, size_t group, double rate, int32_t period, bool by_day)
{
	double sum = 0;

	if (!by_day)
		return feed_intensity(events, n, group, rate * DECAY_DAYS_PER_MONTH, period);
	for (size_t i = 0; i < n; i++)
		if (events[i].effect == group && events[i].day <= period)
			sum += events[i].weight * exp(-rate * (period - events[i].day));
	return sum;
}

/* The value last said of a group and period by a moment; NAN: none. */
static double
last_said(const struct heard *h, char group, int32_t period, const char *moment)
{
	for (size_t i = h->n; i-- > 0;)
		if (h->result[i].period == period && h->result[i].group[0] == group && strcmp(h->result[i].known, moment) <= 0)
			return h->result[i].value;
	return NAN;
}

static int32_t
period_of(int32_t day, bool by_day)
{
	return by_day ? day : period_first_month((struct period){ PERIOD_DAY, day, day });
}

static void
every_moment_says_the_sum_written_out(void **state)
{
	static const double rates[] = { 0, 0.003, 0.05, 0.7 };
	struct feed_event events[LINES];
	struct line line[LINES];

	(void)state;
	for (uint32_t world = 0; world < 16; world++) {
		struct intensity_rules rules = { world % 2 == 1, 4, (int64_t)3650 * DAY, 1000 };
		double rate = rates[world / 2 % 4];

		invent(line, world);
		hear(&rules, line, LINES, rate, &heard[0]);
		for (size_t i = 0; i < LINES; i++) {
			int32_t today = (int32_t)(line[i].known_s / DAY), running = period_of(today, rules.by_day);
			char moment[INSTANT_MAX];
			size_t n;

			if (i + 1 < LINES && line[i + 1].known_s == line[i].known_s)
				continue; /* the moment goes on */
			instant_format(line[i].known_s, moment);
			n = vintage(line, i + 1, events);
			for (size_t g = 0; g < GROUPS; g++)
				for (int32_t p = period_of(FIRST_DAY - 100, rules.by_day); p <= running; p++) {
					double want = direct(events, n, g, rate, p, rules.by_day) * 1e4;
					double said = last_said(&heard[0], 'a' + (char)g, p, moment);

					if (isnan(said) && p < running)
						assert_true(want <= 0.5 + 1e-6); /* nothing said is 0 */
					else if (!isnan(said))
						assert_true(fabs(said * 1e4 - want) <= 0.5 + 1e-6);
				}
		}
	}
}

static void
a_longer_tape_only_says_more(void **state)
{
	struct line line[LINES];

	(void)state;
	for (uint32_t world = 20; world < 26; world++) {
		const struct intensity_rules rules = { world % 2 == 1, 4, (int64_t)(world < 24 ? 3650 : 40) * DAY, 1000 };

		invent(line, world);
		hear(&rules, line, LINES, 0.05, &heard[0]);
		for (size_t i = 0; i < LINES; i++) {
			if (i + 1 < LINES && line[i + 1].known_s == line[i].known_s)
				continue;
			hear(&rules, line, i + 1, 0.05, &heard[1]);
			assert_true(heard[1].n <= heard[0].n);
			assert_memory_equal(heard[0].result, heard[1].result, heard[1].n * sizeof *heard[1].result);
		}
		assert_int_equal(heard[1].n, heard[0].n);
	}
}

static void
the_order_within_a_moment_changes_nothing(void **state)
{
	struct line line[LINES], turned[LINES];

	(void)state;
	for (uint32_t world = 30; world < 36; world++) {
		const struct intensity_rules rules = { world % 2 == 1, 4, (int64_t)3650 * DAY, 1000 };

		invent(line, world);
		hear(&rules, line, LINES, 0.05, &heard[0]);
		for (size_t from = 0, to; from < LINES; from = to) {
			for (to = from; to < LINES && line[to].known_s == line[from].known_s;)
				to++;
			for (size_t i = from; i < to; i++)
				turned[i] = line[from + to - 1 - i];
		}
		hear(&rules, turned, LINES, 0.05, &heard[1]);
		assert_int_equal(heard[1].n, heard[0].n);
		assert_memory_equal(heard[0].result, heard[1].result, heard[0].n * sizeof *heard[0].result);
	}
}

static void
nothing_is_said_twice_or_backwards(void **state)
{
	const struct intensity_rules rules = { false, 4, (int64_t)3650 * DAY, 1000 };
	struct line line[LINES];

	(void)state;
	invent(line, 40);
	hear(&rules, line, LINES, 0.05, &heard[0]);
	assert_true(heard[0].n > 100);
	for (size_t i = 1; i < heard[0].n; i++) {
		assert_true(strcmp(heard[0].result[i - 1].known, heard[0].result[i].known) <= 0);
		for (size_t j = i; j-- > 0;)
			if (heard[0].result[j].period == heard[0].result[i].period && heard[0].result[j].group[0] == heard[0].result[i].group[0]) {
				assert_true(heard[0].result[j].value != heard[0].result[i].value);
				assert_true(strcmp(heard[0].result[j].known, heard[0].result[i].known) < 0);
				break;
			}
	}
}

static void
what_has_faded_says_0_once(void **state)
{
	const struct intensity_rules rules = { true, 2, (int64_t)3650 * DAY, 10 };
	const struct line line = { (int64_t)100 * DAY + 60, "a", "1", "r", 100, 1, 0, 0 };
	struct intensity *set = start(&rules, &heard[0]);
	struct err err = ERR_INIT;
	bool late;

	(void)state;
	assert_int_equal(add(set, &line, log(2), &late, &err), LODE_OK);
	assert_int_equal(intensity_finish(set, (int64_t)200 * DAY, &err), LODE_OK);
	intensity_free(set);
	assert_int_equal(heard[0].n, 9); /* 1 0.5 0.25 0.12 0.06 0.03 0.02 0.01 0 */
	assert_true(heard[0].result[7].value == 0.01 && heard[0].result[8].value == 0);
	assert_string_equal(heard[0].result[8].known, "1970-04-20T00:00:00Z");
}

static void
what_is_behind_keep_is_forgotten(void **state)
{
	const struct intensity_rules rules = { false, 6, (int64_t)60 * DAY, 100 }, all = { false, 6, (int64_t)3650 * DAY, 10000 };
	struct intensity *set = start(&rules, &heard[0]), *whole = start(&all, &heard[1]);
	struct err err = ERR_INIT;
	bool late;

	(void)state;
	for (int32_t i = 0; i < 2000; i++) { /* twenty times as many events as may be held */
		struct line line = { (int64_t)(20000 + i) * DAY, "a", "", "r", 20000 + i, 1, 0, 0 };

		snprintf(line.key, sizeof line.key, "%d", i);
		assert_int_equal(add(set, &line, 0.001, &late, &err), LODE_OK);
		assert_false(late);
		assert_int_equal(add(whole, &line, 0.001, &late, &err), LODE_OK);
		line.day -= 61;
		snprintf(line.key, sizeof line.key, "x%d", i);
		assert_int_equal(add(set, &line, 0.001, &late, &err), LODE_OK);
		assert_true(late);
	}
	assert_int_equal(intensity_finish(set, INT64_MIN, &err), LODE_OK);
	assert_int_equal(intensity_finish(whole, INT64_MIN, &err), LODE_OK);
	assert_true(intensity_at(set, 0)->sum.n < 300);
	intensity_free(set);
	intensity_free(whole);
	assert_int_equal(heard[0].n, heard[1].n); /* and still counts */
	for (size_t i = 0; i < heard[0].n; i++)
		assert_true(fabs(heard[0].result[i].value - heard[1].result[i].value) < 1.1e-6);
}

static void
limits_are_kept(void **state)
{
	const struct intensity_rules rules = { false, 6, (int64_t)60 * DAY, 1 };
	struct intensity *set = start(&rules, &heard[0]);
	struct line line = { (int64_t)20000 * DAY, "a", "1", "r", 20367, 1, 0, 0 };
	struct err err = ERR_INIT;
	bool late;

	(void)state;
	assert_int_equal(add(set, &line, 0, &late, &err), LODE_EDATA);
	assert_string_equal(err.message, "the event is more than 366 days ahead of the time when it became known");
	line.day = 20000;
	assert_int_equal(add(set, &line, 0, &late, &err), LODE_OK);
	line.weight = 2; /* said anew is none more */
	assert_int_equal(add(set, &line, 0, &late, &err), LODE_OK);
	line.key[0] = '2';
	assert_int_equal(add(set, &line, 0, &late, &err), LODE_ENOMEM);
	assert_string_equal(err.message, "more than 1 events to hold (--max-keys)");
	intensity_free(set);
	intensity_free(NULL);
}

static void
a_fit_is_of_the_days_of_events(void **state)
{
	static const char *const names[INTENSITY_FIGURES] = { "mu", "alpha", "beta", "branching", "loglik", "ks", "rate" };
	const struct intensity_rules rules = { false, 6, (int64_t)3650 * DAY, 1000 };
	struct intensity *set = start(&rules, &heard[0]);
	struct intensity_figure figure[INTENSITY_FIGURES];
	struct err err = ERR_INIT;
	const int64_t end = (int64_t)20100 * DAY; /* 2025-01-12 */
	size_t n;
	bool late;

	(void)state;
	for (int32_t i = 0; i < 10; i++) { /* two each on five days, 2024-10-04 and then every 15th */
		struct line line = { (int64_t)20100 * DAY, "a", "", "r", 20000 + 15 * (i / 2), 0.5, 0, 0 };

		snprintf(line.key, sizeof line.key, "%d", i);
		assert_int_equal(add(set, &line, 0.1, &late, &err), LODE_OK);
	}
	assert_int_equal(intensity_finish(set, end, &err), LODE_OK);
	assert_int_equal(intensity_fit(set, 0, INT64_MIN, end, true, figure, &n, &err), LODE_OK);
	assert_int_equal(n, INTENSITY_FIGURES);
	for (size_t i = 0; i < n; i++)
		assert_memory_equal(figure[i].name + strlen("hawkes."), names[i], strlen(names[i]));
	assert_true(fabs(figure[0].value - 5 / (100 / DECAY_DAYS_PER_MONTH)) < 1e-12); /* five days are too few for more */
	assert_true(figure[1].value == 0 && isnan(figure[2].value));
	assert_string_equal(figure[2].status, "O");
	assert_true(fabs(figure[6].value - figure[0].value * 28 / DECAY_DAYS_PER_MONTH) < 1e-12);
	assert_true(figure[6].period.first == period_of(20120, false) && figure[0].period.first == period_of(20000, false));
	/* from another day on, without an event, and without any time */
	assert_int_equal(intensity_fit(set, 0, (int64_t)20020 * DAY, end, false, figure, &n, &err), LODE_OK);
	assert_true(fabs(figure[0].value - 3 / (80 / DECAY_DAYS_PER_MONTH)) < 1e-12);
	assert_int_equal(intensity_fit(set, 0, (int64_t)20080 * DAY, end, false, figure, &n, &err), LODE_OK);
	assert_true(n == INTENSITY_FIGURES && figure[0].value == 0 && isnan(figure[5].value));
	assert_int_equal(intensity_fit(set, 0, (int64_t)20101 * DAY, end, false, figure, &n, &err), LODE_OK);
	assert_int_equal(n, 0);
	assert_int_equal(intensity_fit(set, 0, INT64_MIN, (int64_t)20000 * DAY, false, figure, &n, &err), LODE_OK);
	assert_int_equal(n, 0);
	intensity_free(set);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_moment_says_the_sum_written_out),
		cmocka_unit_test(a_longer_tape_only_says_more),
		cmocka_unit_test(the_order_within_a_moment_changes_nothing),
		cmocka_unit_test(nothing_is_said_twice_or_backwards),
		cmocka_unit_test(what_has_faded_says_0_once),
		cmocka_unit_test(what_is_behind_keep_is_forgotten),
		cmocka_unit_test(limits_are_kept),
		cmocka_unit_test(a_fit_is_of_the_days_of_events),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("intensity", tests, NULL, NULL);
}
