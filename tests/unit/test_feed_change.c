/* feed_change: what came is told by what it came with, parts add up, and what did not change is no change */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "facts_world.h"
#include "feed_change.h"

#define SINCE "2024-03-01T00:00:00Z"

/* Three years of figures of two series, 2021-01 on, each known on the 20th of the month after. */
static void
start_years(struct world *w)
{
	char line[128];

	start(w, SINCE);
	add_effect(w);
	w->model.feed.phi = 0.84;
	w->model.feed.sd_access = 0.3;
	w->model.feed.sd_level = 0.05;
	w->model.feed.sd_idiosyncratic = 0.1;
	w->model.feed.sd_observation = 0.05;
	w->model.feed.sd_seasonal = 0.01;
	w->model.feed.seasonal_prior_sd = 0.3;
	for (int i = 0; i < 36; i++)
		for (int s = 0; s < 2; s++) {
			snprintf(line, sizeof line, "%d-%02d-20T07:00:00Z %d-%02d CN %s REO feed.mass %.3f t oxide", 2021 + (i + 1) / 12, (i + 1) % 12 + 1,
			    2021 + i / 12, i % 12 + 1, s == 0 ? "MM" : "LA", (s == 0 ? 3000 : 500) * exp(0.1 * cos(7.0 * (i + s))));
			say(w, line, true);
		}
}

static struct feed_change
find(struct world *w)
{
	struct feed_change change = { 0 };
	struct err err = ERR_INIT;

	if (feed_change_find(&change, w->facts, &w->model, month("2024-04"), month("2024-10"), &err) != LODE_OK)
		fail_msg("%s", err.message);
	return change;
}

/* Sums are rounded. */
static bool
is_none(double x)
{
	return fabs(x) < 1e-9;
}

static double
impacts(const struct feed_change *change)
{
	double sum = 0;

	for (size_t i = 0; i < change->news->n; i++)
		sum += change->news->surprises[i].impact;
	return sum;
}

static void
nothing_new_is_no_change(void **state)
{
	struct feed_change change;
	struct world w;

	(void)state;
	start_years(&w);
	change = find(&w);
	assert_non_null(change.news);
	assert_int_equal(change.news->n, 0);
	assert_true(is_none(change.total) && is_none(change.events) && is_none(change.other));
	feed_change_release(&change);
	assert_null(change.news);
	stop(&w);
}

/* A closure that was told of since then: no figure, all of it the event's, and less is expected. */
static void
an_event_alone_is_all_of_the_change(void **state)
{
	struct feed_change change;
	struct world w;

	(void)state;
	start_years(&w);
	say(&w, "2024-04-12T07:00:00Z 2024-04-11 MM-11 - - event.border-closure 1 1 -", true);
	change = find(&w);
	assert_int_equal(change.news->n, 0);
	assert_true(change.events < -0.5 && is_none(change.total - change.events) && is_none(change.other));
	feed_change_release(&change);
	stop(&w);
}

static void
figures_alone_leave_nothing_to_events(void **state)
{
	struct feed_change change;
	struct world w;

	(void)state;
	start_years(&w);
	say(&w, "2024-03-20T07:00:00Z 2024-01 CN MM REO feed.mass 6000 t oxide", true); /* twice what was expected */
	change = find(&w);
	assert_int_equal(change.news->n, 1);
	assert_true(change.news->surprises[0].kind == NEWS_RELEASED && change.news->surprises[0].series == 0);
	assert_true(change.news->surprises[0].first == month("2024-01"));
	assert_true(is_none(change.events) && change.total > 0);
	assert_true(is_none(impacts(&change) + change.other - change.total));
	feed_change_release(&change);
	stop(&w);
}

/* Released, revised, taken back, and an event: whatever order they come in, all parts add up. */
static void
all_parts_add_up(void **state)
{
	static const char *const lines[] = {
		"2024-03-20T07:00:00Z 2024-01 CN MM REO feed.mass 2500 t oxide", "2024-03-20T07:00:00Z 2023-11 CN MM REO feed.mass 3600 t oxide",
		"2024-03-20T07:00:00Z 2023-10 CN LA REO feed.mass - t oxide", "2024-04-12T07:00:00Z 2024-04-11 MM-11 - - event.border-closure 1 1 -" };
	struct feed_change change, other;
	struct world w;

	(void)state;
	start_years(&w);
	w.model.absent_is_zero = false;
	w.model.feed.learn = 12;
	for (size_t i = 0; i < 4; i++)
		say(&w, lines[i], true);
	change = find(&w);
	assert_int_equal(change.news->n, 3);
	assert_true(change.events < 0 && fabs(change.other) > 1e-6);
	assert_true(is_none(impacts(&change) + change.events + change.other - change.total));
	stop(&w);
	start_years(&w);
	w.model.absent_is_zero = false;
	w.model.feed.learn = 12;
	for (size_t i = 4; i-- > 0;)
		say(&w, lines[i], true);
	other = find(&w);
	assert_true(other.news->n == 3 && is_none(other.total - change.total) && is_none(other.events - change.events));
	feed_change_release(&change);
	feed_change_release(&other);
	stop(&w);
}

static void
without_figures_then_there_is_none(void **state)
{
	struct feed_change change;
	struct world w;

	(void)state;
	start(&w, SINCE);
	add_effect(&w);
	say(&w, "2024-03-20T07:00:00Z 2024-01 CN MM REO feed.mass 2500 t oxide", true);
	change = find(&w);
	assert_null(change.news);
	assert_true(change.total == 0 && change.events == 0 && change.other == 0);
	feed_change_release(&change);
	stop(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_new_is_no_change),
		cmocka_unit_test(an_event_alone_is_all_of_the_change),
		cmocka_unit_test(figures_alone_leave_nothing_to_events),
		cmocka_unit_test(all_parts_add_up),
		cmocka_unit_test(without_figures_then_there_is_none),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("feed_change", tests, NULL, NULL);
}
