/* facts: the newest line of a key, what was known before, what is looked at, and the same facts out of what was kept */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <math.h>

#include <cmocka.h>

#include "facts_world.h"

static const bool now[FACTS_DRIVERS], then[FACTS_DRIVERS] = { true, true, true, true, true };

/* Figures as "series month months=tonnes;". */
static void
expect_figures(const struct world *w, const char *want)
{
	struct feed_figure *figures;
	struct buf got = BUF_INIT;
	int32_t first = INT32_MAX, latest = INT32_MIN;
	struct err err = ERR_INIT;
	size_t n;

	assert_int_equal(facts_figures(w->facts, &figures, &n, &first, &latest, &err), LODE_OK);
	for (size_t i = 0; i < n; i++)
		buf_printf(&got, "%zu %d %d=%g;", figures[i].series, figures[i].first - month("2024-01"), figures[i].last - figures[i].first + 1,
		    figures[i].mass);
	if (!str_is(buf_str(&got), want))
		fail_msg("figures %.*s, not %s", STR_ARG(buf_str(&got)), want);
	buf_release(&got);
	free(figures);
}

static void
the_newest_figure_of_a_key_counts(void **state)
{
	struct world w;

	(void)state;
	start(&w, NULL);
	say(&w, "2024-02-20T07:00:00Z 2024-01 CN MM REO feed.mass 1500 kg oxide", true);
	say(&w, "2024-02-20T07:00:00Z 2024-01 CN MM REO feed.mass 1 t ore", true);   /* another basket: they add up */
	say(&w, "2024-02-20T07:00:00Z 2024-01 CN LA REO feed.mass 7 t oxide", true); /* the other series */
	say(&w, "2024-02-20T07:00:00Z 2024-01 CN W0 REO feed.mass 9 t oxide", false);
	say(&w, "2024-02-20T07:00:00Z 2024-01/2024-03 CN MM REO feed.mass 9 t oxide", false);
	say(&w, "2024-02-20T07:00:00Z 2024-01 CN MM Dy2O3 feed.mass 9 t oxide", false);
	say(&w, "2024-02-20T07:00:00Z 2024-01 JP MM REO feed.mass 9 t oxide", false);
	say(&w, "2024-03-20T07:00:00Z 2024-01 CN MM REO feed.mass 2 t oxide", true);  /* a revision */
	say(&w, "2024-03-20T07:00:00Z 2024-02 CN MM REO feed.mass 4 t oxide", true);  /* LA had nothing, then */
	facts_look(w.facts, month("2024-06"), now);
	expect_figures(&w, "0 0 1=3;1 0 1=7;0 1 1=4;1 1 1=0;");
	say(&w, "2024-04-20T07:00:00Z 2024-02 CN MM REO feed.mass - t oxide", true); /* taken back */
	expect_figures(&w, "0 0 1=3;1 0 1=7;");
	facts_look(w.facts, month("2023-12"), now);
	expect_figures(&w, "");
	stop(&w);
}

static void
a_series_is_made_of_what_brought_most(void **state)
{
	const struct fact *material[BALANCE_SERIES];
	struct err err = ERR_INIT;
	struct world w;

	(void)state;
	start(&w, NULL);
	say(&w, "2024-02-20T07:00:00Z 2024-01 CN LA REO feed.mass 5 t oxide", true);
	say(&w, "2024-03-20T07:00:00Z 2024-02 CN VN REO feed.mass 3 t ore", true);
	say(&w, "2024-04-20T07:00:00Z 2024-03 CN VN REO feed.mass 3 t ore", true);
	facts_look(w.facts, month("2024-06"), now);
	assert_int_equal(facts_materials(w.facts, material, &err), LODE_OK);
	assert_null(material[0]);
	assert_true(str_is(material[1]->partner, "VN") && str_is(material[1]->basket, "ore"));
	facts_look(w.facts, month("2024-02"), now); /* the third is of a month to come */
	assert_int_equal(facts_materials(w.facts, material, &err), LODE_OK);
	assert_true(str_is(material[1]->partner, "LA") && str_is(material[1]->basket, "oxide"));
	stop(&w);
}

static void
what_was_known_before_stays(void **state)
{
	struct world w;

	(void)state;
	start(&w, "2024-03-31T23:59:59Z");
	say(&w, "2024-02-20T07:00:00Z 2024-01 CN MM REO feed.mass 1 t oxide", true);
	say(&w, "2024-03-20T07:00:00Z 2024-01 CN MM REO feed.mass 2 t oxide", true);
	assert_false(facts_came(w.facts, FACTS_CUSTOMS));
	say(&w, "2024-04-20T07:00:00Z 2024-01 CN MM REO feed.mass 3 t oxide", true);
	say(&w, "2024-04-20T07:00:00Z 2024-02 CN MM REO feed.mass 5 t oxide", true);
	say(&w, "2024-05-20T07:00:00Z 2024-01 CN MM REO feed.mass 4 t oxide", true);
	assert_true(facts_came(w.facts, FACTS_CUSTOMS));
	assert_false(facts_came(w.facts, FACTS_PRICE));
	facts_look(w.facts, month("2024-06"), then);
	expect_figures(&w, "0 0 1=2;");
	facts_look(w.facts, month("2024-06"), now);
	expect_figures(&w, "0 0 1=4;0 1 1=5;");
	stop(&w);
}

static void
exports_and_prices_of_a_month(void **state)
{
	struct world w;
	double value;

	(void)state;
	start(&w, NULL);
	say(&w, "2024-02-20T07:00:00Z 2024-01 CN JP Dy2O3 outflow.mass 2000 kg -", true);
	say(&w, "2024-02-20T07:00:00Z 2024-01 CN US Dy2O3 outflow.mass 1 t -", true);
	say(&w, "2024-03-20T07:00:00Z 2024-02 CN JP hs:2846 export.mass 9 t -", true); /* released, and no dysprosium in it */
	say(&w, "2024-03-20T07:00:00Z 2024-02 CN US hs:2846 export.mass 9 t -", false);
	say(&w, "2024-03-20T07:00:00Z 2024-02 CN JP hs:8505 export.mass 1500 kg -", true); /* tells where the gate is */
	say(&w, "2024-03-20T07:00:00Z 2024-02 CN US hs:8505 export.mass 2 t -", true);
	say(&w, "2024-03-20T07:00:00Z 2024-02 CN W0 hs:8505 export.mass 9 t -", false);
	say(&w, "2024-02-01T07:00:00Z 2024-01 CN - Dy2O3 price.exw.low 100 CNY/kg -", true);
	say(&w, "2024-02-01T07:00:00Z 2024-01 CN - Dy2O3 price.exw.high 400 CNY/kg -", true);
	say(&w, "2024-02-01T07:00:00Z 2024-01 EU - Dy2O3 price.exw.low 1 CNY/kg -", false);
	say(&w, "2024-02-01T07:00:00Z 2024-01 EU - Dy2O3 price.premium.fob 2 1 -", true);
	facts_look(w.facts, month("2024-06"), now);
	assert_true(facts_export(w.facts, 0, month("2024-01")) == 3);
	assert_true(facts_export(w.facts, 0, month("2024-02")) == 0);
	assert_true(isnan(facts_export(w.facts, 0, month("2024-03"))));
	assert_true(facts_flow(w.facts, 0, month("2024-02")) == 3.5);
	assert_true(isnan(facts_flow(w.facts, 0, month("2024-01")))); /* no row of it says nothing */
	assert_true(fabs(exp(facts_price(w.facts, FACT_IS_PRICE, 0, month("2024-01"))) - 200) < 1e-9);
	assert_true(fabs(exp(facts_price(w.facts, FACT_IS_PREMIUM, 0, month("2024-01"))) - 2) < 1e-12);
	assert_true(isnan(facts_price(w.facts, FACT_IS_PRICE, 0, month("2024-02"))));
	say(&w, "2024-04-04T10:00:00Z 2024-04-04 CN - - event.export-control 0.5 1 -", true);
	say(&w, "2024-04-05T10:00:00Z 2024-04-04 CN - - event.export-control 0.3 1 -", false); /* told again */
	assert_non_null(facts_get(w.facts, facts_count(w.facts) - 1, &value));
	assert_true(value == 0.5);
	stop(&w);
}

static void
what_cannot_be_read_is_named(void **state)
{
	static const struct {
		const char *line, *column;
	} bad[] = {
		{ "yesterday 2024-01 CN MM REO feed.mass 1 t oxide", "known" },
		{ "2024-02-20T07:00:00Z 2024-1 CN MM REO feed.mass 1 t oxide", "period" },
		{ "2024-02-20T07:00:00Z 2024-01 CN MM REO feed.mass 1,5 t oxide", "value" },
		{ "2024-02-20T07:00:00Z 2024-01 CN MM REO feed.mass 1 day oxide", "unit" },
		{ "2024-02-20T07:00:00Z 2024-01 CN LA REO feed.mass 2 t oxide", "value" }, /* 1 at the same time */
	};
	struct world w;
	bool used;

	(void)state;
	start(&w, NULL);
	say(&w, "2024-02-20T07:00:00Z 2024-01 CN LA REO feed.mass 1 t oxide", true);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct err err = ERR_INIT;

		assert_int_equal(take(&w, bad[i].line, &used, &err), LODE_EDATA);
		assert_string_equal(err.column_name, bad[i].column);
	}
	stop(&w);
}

static void
the_newest_are_cited_first(void **state)
{
	struct fact_ref list[2];
	struct world w;

	(void)state;
	start(&w, NULL);
	say(&w, "2024-02-20T07:00:00Z 2024-01 CN MM REO feed.mass 1 t oxide", true);
	say(&w, "2024-03-20T07:00:00Z 2024-02 CN MM REO feed.mass 2 t oxide", true);
	say(&w, "2024-04-20T07:00:00Z 2024-03 CN LA REO feed.mass 3 t oxide", true);
	facts_look(w.facts, month("2024-06"), now);
	assert_int_equal(facts_newest(w.facts, FACT_IS_FIGURE, SIZE_MAX, INT64_MIN, 9, list, 0, 2), 2);
	assert_true(str_starts(list[0].ref, STR("2024-04")) && str_starts(list[1].ref, STR("2024-03")));
	assert_int_equal(facts_newest(w.facts, FACT_IS_FIGURE, 0, INT64_MIN, 1, list, 0, 2), 1);
	assert_true(str_starts(list[0].ref, STR("2024-03")));
	assert_int_equal(facts_behind(w.facts, 0, month("2024-01"), month("2024-01"), list, 0, 2), 1);
	assert_true(str_starts(list[0].ref, STR("2024-02")));
	assert_int_equal(facts_behind(w.facts, 1, month("2024-01"), month("2024-01"), list, 0, 2), 0);
	assert_int_equal(facts_behind(w.facts, 0, month("2024-01"), month("2024-02"), list, 0, 2), 0);
	assert_int_equal(facts_newest(w.facts, FACT_IS_PRICE, SIZE_MAX, INT64_MIN, 9, list, 1, 2), 1);
	stop(&w);
}

static void
facts_come_back_from_what_was_kept(void **state)
{
	static const char *const bad[] = { "", "9\t0\t1\t1\t0\t0\t0\t0x1p+0\t\t\t\tref\tkey", "0\t2\t1\t1\t0\t0\t0\t0x1p+0\tMM\toxide\t\tref\tkey",
		"0\t0\t-2147483648\t1\t0\t0\t0\t0x1p+0\tMM\toxide\t\tref\tkey", "0\t0\t2\t1\t0\t0\t0\t0x1p+0\tMM\toxide\t\tref\tkey",
		"0\t0\t1\t1\tx\t0\t0\t0x1p+0\tMM\toxide\t\tref\tkey", "0\t0\t1\t1\t0\t0\t-1\t0x1p+0\tMM\toxide\t\tref\tkey",
		"0\t0\t1\t1\t0\t0\t0\tinf\tMM\toxide\t\tref\tkey" };
	struct world w, again;
	struct buf text = BUF_INIT;
	struct err err = ERR_INIT;
	uint64_t number;
	size_t n = 0;

	(void)state;
	start(&w, NULL);
	start(&again, NULL);
	say(&w, "2024-02-20T07:00:00Z 2024-01 CN MM REO feed.mass 1.1 t oxide", true);
	say(&w, "2024-03-20T07:00:00Z 2024-02 CN LA REO feed.mass 2.2 t oxide", true);
	say(&w, "2024-03-20T07:00:00Z 2024-01 CN MM REO feed.mass 1.3 t oxide", true);
	for (; facts_touched(w.facts, &number, &text, &err) == LODE_OK; n++) {
		assert_int_equal(number, n + 1);
		assert_int_equal(facts_restore(again.facts, number, buf_str(&text), &err), LODE_OK);
	}
	assert_int_equal(n, 2);
	assert_int_equal(facts_touched(again.facts, &number, &text, &err), LODE_DONE);
	facts_look(w.facts, month("2024-06"), now);
	facts_look(again.facts, month("2024-06"), now);
	expect_figures(&w, "0 0 1=1.3;1 1 1=2.2;0 1 1=0;");
	expect_figures(&again, "0 0 1=1.3;1 1 1=2.2;0 1 1=0;");
	say(&again, "2024-04-20T07:00:00Z 2024-01 CN MM REO feed.mass 5 t oxide", true); /* the same fact */
	assert_int_equal(facts_count(again.facts), 2);
	assert_int_equal(facts_touched(again.facts, &number, &text, &err), LODE_OK);
	assert_int_equal(number, 1);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(facts_restore(again.facts, 3, str_of(bad[i]), &err), LODE_EDATA);
	buf_release(&text);
	stop(&w);
	stop(&again);
}

/* Events of effects, as episodes: what is told again within a month is one, of the greatest weight, and what came since is not known then. */
static void
events_are_episodes(void **state)
{
	struct err err = ERR_INIT;
	struct feed_event *events;
	struct world w;
	size_t n;

	(void)state;
	start(&w, "2024-03-01T00:00:00Z");
	add_effect(&w);
	say(&w, "2024-02-12T07:00:00Z 2024-02-11 MM-11 - - event.border-closure 0.75 1 -", true);
	say(&w, "2024-02-11T07:00:00Z 2024-02-10 MM - - event.border-closure 0.5 1 -", true);
	say(&w, "2024-02-12T07:00:00Z 2024-02-11 JP - - event.border-closure 1 1 -", false);
	say(&w, "2024-04-12T07:00:00Z 2024-04-11 MM-11 - - event.border-closure 1 1 -", true);
	say(&w, "2024-04-12T07:00:00Z 2024-04-11 CN - - event.export-control 1 1 -", true); /* an act: no effect */
	facts_look(w.facts, month("2024-06"), now);
	assert_int_equal(facts_events(w.facts, &events, &n, &err), LODE_OK);
	assert_int_equal(n, 2);
	assert_true(events[0].day == month_first_day(month("2024-02")) + 9 && events[0].weight == 0.75 && events[0].effect == 0);
	assert_true(events[1].day == month_first_day(month("2024-04")) + 10 && events[1].weight == 1);
	free(events);
	facts_look(w.facts, month("2024-06"), then);
	assert_int_equal(facts_events(w.facts, &events, &n, &err), LODE_OK);
	assert_int_equal(n, 1);
	free(events);
	stop(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_newest_figure_of_a_key_counts),
		cmocka_unit_test(a_series_is_made_of_what_brought_most),
		cmocka_unit_test(what_was_known_before_stays),
		cmocka_unit_test(exports_and_prices_of_a_month),
		cmocka_unit_test(what_cannot_be_read_is_named),
		cmocka_unit_test(the_newest_are_cited_first),
		cmocka_unit_test(events_are_episodes),
		cmocka_unit_test(facts_come_back_from_what_was_kept),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
