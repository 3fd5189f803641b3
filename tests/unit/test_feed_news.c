/* feed_news: surprises by hand, and that all parts add up to what moved */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "feed_news.h"
#include "feed_world.h"

/* The newest month of a series, told now: it was expected to be what the others let expect, and moves the months ahead by all that changed. */
static void
a_figure_moves_what_is_expected_by_its_surprise(void **state)
{
	static const double weight[SERIES] = { 0.8, 0.2 };
	struct world old, new;
	struct feed_news *news;
	struct err err = ERR_INIT;
	double sd, then = 0, now = 0;
	int32_t month;

	(void)state;
	make_world(&old);
	make_world(&new);
	month = new.setup.first + MONTHS - 1;
	old.setup.n_figures -= SERIES; /* neither series' last month */
	new.setup.n_figures--;         /* the first one's is told now */
	struct feed *before = build(&old.setup), *after = build(&new.setup);
	assert_int_equal(feed_news_new(before, after, month + 3, weight, &news, &err), LODE_OK);
	assert_int_equal(news->n, 1);
	assert_true(news->surprises[0].kind == NEWS_RELEASED && news->surprises[0].series == 0);
	assert_true(news->surprises[0].first == month && news->surprises[0].last == month);
	WITHIN(news->surprises[0].expected, feed_mean(before, 0, month, &sd), 1e-9);
	WITHIN(news->surprises[0].seen, log(new.figure[SERIES * (MONTHS - 1)].mass), 1e-12);
	for (size_t i = 0; i < SERIES; i++) {
		then += weight[i] * feed_mean(before, i, month + 3, &sd);
		now += weight[i] * feed_mean(after, i, month + 3, &sd);
	}
	WITHIN(news->before, then, 1e-12);
	WITHIN(news->after, now, 1e-12);
	WITHIN(news->surprises[0].impact, now - then, 1e-9);
	WITHIN(news->model, 0, 1e-12);
	WITHIN(news->rest, 0, 1e-9);
	feed_news_free(news);
	feed_free(before);
	feed_free(after);
}

/* Released, revised, withdrawn and a total, with spreads learned: every part is told and they add up. */
static void
all_that_changed_adds_up(void **state)
{
	static const double weight[SERIES] = { 0.7, 0.3 };
	struct world old, new;
	struct feed_news *news;
	struct err err = ERR_INIT;
	size_t count[3] = { 0 };
	double sum = 0;

	(void)state;
	make_world(&old);
	make_world(&new);
	old.setup.learn = new.setup.learn = 12;
	old.setup.n_figures -= 5;
	new.figure[10].mass *= 1.3;
	new.figure[21].mass *= 0.6;
	new.figure[30].mass = NAN;
	new.setup.n_figures -= SERIES;
	new.figure[new.setup.n_figures++] = (struct feed_figure){ 0, new.setup.first + MONTHS - 1, new.setup.first + MONTHS, 7000 };
	struct feed *before = build(&old.setup), *after = build(&new.setup);
	assert_int_equal(feed_news_new(before, after, new.setup.first + MONTHS + 2, weight, &news, &err), LODE_OK);
	for (size_t i = 0; i < news->n; i++) {
		const struct feed_surprise *s = &news->surprises[i];

		count[s->kind]++;
		sum += s->impact;
		if (s->kind == NEWS_WITHDRAWN)
			WITHIN(s->expected, log(old.figure[30].mass), 1e-12);
		if (s->last != s->first)
			WITHIN(s->seen, log(7000), 1e-12);
	}
	assert_true(count[NEWS_WITHDRAWN] == 1 && count[NEWS_REVISED] == 2 && count[NEWS_RELEASED] == 4);
	assert_true(fabs(news->model) > 1e-6);
	WITHIN(news->before + sum + news->model + news->rest, news->after, 1e-9);
	feed_news_free(news);
	feed_free(before);
	feed_free(after);
}

/* A series without figures then: its own are one surprise of which nothing was expected, and what is expected of it is not asked. */
static void
a_new_series_is_no_surprise(void **state)
{
	static const double weight[SERIES] = { 0.8, 0.2 };
	struct world old, new;
	struct feed_news *news;
	struct err err = ERR_INIT;
	double sd;
	size_t n = 0;

	(void)state;
	make_world(&old);
	make_world(&new);
	for (size_t i = 0; i < old.setup.n_figures; i++)
		if (old.figure[i].series == 1)
			old.figure[i].mass = NAN;
	for (size_t i = new.setup.n_figures - SERIES; i < new.setup.n_figures; i++)
		if (new.figure[i].series == 0)
			new.figure[i].mass = NAN;
	struct feed *before = build(&old.setup), *after = build(&new.setup);
	assert_int_equal(feed_news_new(before, after, new.setup.first + MONTHS, weight, &news, &err), LODE_OK);
	for (size_t i = 0; i < news->n; i++)
		if (news->surprises[i].series == 1) {
			n++;
			assert_true(isnan(news->surprises[i].expected) && isnan(news->surprises[i].seen));
			assert_true(news->surprises[i].first == new.setup.first && news->surprises[i].last == new.setup.first + MONTHS - 1);
		} else {
			assert_true(news->surprises[i].kind == NEWS_WITHDRAWN);
		}
	assert_true(n == 1 && news->n == 2);
	WITHIN(news->after, 0.8 * feed_mean(after, 0, new.setup.first + MONTHS, &sd), 1e-9);
	WITHIN(news->before + news->surprises[0].impact + news->surprises[1].impact + news->model + news->rest, news->after, 1e-9);
	feed_news_free(news);
	feed_free(before);
	feed_free(after);
	feed_news_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_figure_moves_what_is_expected_by_its_surprise),
		cmocka_unit_test(all_that_changed_adds_up),
		cmocka_unit_test(a_new_series_is_no_surprise),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("feed_news", tests, NULL, NULL);
}
