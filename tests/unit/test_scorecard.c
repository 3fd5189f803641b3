/* scorecard: what is said of forecasts are the scores of scores.h on what was joined, by nothing that was known later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "book_world.h"
#include "random.h"
#include "scorecard.h"
#include "scores.h"

struct said {
	struct {
		char what[32], source[16], unit[8];
		size_t bin, n;
		int32_t horizon;
		double value, said, low, high;
	} score[512];
	size_t n;
	struct scorebook_left left;
};

static void
note(void *argument, const struct scorecard_score *score)
{
	struct said *said = argument;

	assert_true(said->n < 512);
	snprintf(said->score[said->n].what, sizeof said->score[0].what, "%s", score->what);
	snprintf(said->score[said->n].source, sizeof said->score[0].source, "%.*s", STR_ARG(score->source));
	snprintf(said->score[said->n].unit, sizeof said->score[0].unit, "%.*s", STR_ARG(score->unit));
	said->score[said->n].bin = score->bin;
	said->score[said->n].n = score->n;
	said->score[said->n].horizon = score->horizon;
	said->score[said->n].value = score->value;
	said->score[said->n].said = score->said;
	said->score[said->n].low = score->low;
	said->score[said->n++].high = score->high;
}

static const struct scorecard_rules plain = { .bins = 10, .conformal = NAN, .alarm = NAN, .before = 6, .after = 1 };

static struct said *
finish(struct scorebook *book, const struct scorecard_rules *rules)
{
	static struct said said;
	struct scorebook_joined joined;
	struct err err = ERR_INIT;

	said.n = 0;
	assert_int_equal(scorebook_join(book, &joined, &err), LODE_OK);
	said.left = joined.left;
	assert_int_equal(scorecard_say(book, &joined, rules, note, &said, &err), LODE_OK);
	scorebook_free(book);
	return &said;
}

static size_t
find(const struct said *said, const char *what, size_t bin, const char *source)
{
	for (size_t i = 0; i < said->n; i++)
		if (strcmp(said->score[i].what, what) == 0 && said->score[i].bin == bin && (source == NULL || strcmp(said->score[i].source, source) == 0))
			return i;
	print_error("no %s %zu\n", what, bin);
	fail();
	return 0;
}

static double
value(const struct said *said, const char *what)
{
	return said->score[find(said, what, 0, NULL)].value;
}

static const double probability[12] = { .1, .1, .2, .3, .3, .4, .6, .7, .8, .9, .9, .2 };
static const double happened[12] = { 0, 0, 0, 1, 0, 0, 1, 1, 1, 1, 0, 1 };

/* Made a month ahead each; what came of them is known the month after. */
static void
add_twelve(struct scorebook *book, const char *source, double shift)
{
	char made[16], period[16], known[16];

	for (int i = 0; i < 12; i++) {
		snprintf(made, sizeof made, "2024-%02d-28", i + 1);
		snprintf(period, sizeof period, i < 11 ? "2024-%02d" : "2025-01", i + 2);
		snprintf(known, sizeof known, i < 10 ? "2024-%02d-20" : "2025-%02d-20", i < 10 ? i + 3 : i - 9);
		add(book, made, period, "x.probability", fmin(1, probability[i] + shift), "F", source);
		if (shift == 0)
			add(book, known, period, "x", happened[i], "E", "seen");
	}
}

static void
probabilities_have_the_scores_of_the_table(void **state)
{
	struct scorebook_rules rules = rules_for(SCOREBOOK_PROBABILITY, "x.probability", "x");
	struct scorebook *book = begin(&rules);
	struct said *said;
	size_t bin;

	(void)state;
	add_twelve(book, "lode", 0);
	said = finish(book, &plain);
	WITHIN(value(said, "brier"), 0.2125, 1e-12);
	WITHIN(value(said, "brier.reliability"), 0.0875, 1e-12);
	WITHIN(value(said, "brier.resolution"), 0.125, 1e-12);
	WITHIN(value(said, "brier.uncertainty"), 0.25, 1e-12);
	WITHIN(value(said, "brier.within"), 0, 1e-12);
	WITHIN(value(said, "brier.skill"), 0.15, 1e-12);
	WITHIN(value(said, "log"), 0.634447133, 5e-10);
	WITHIN(value(said, "auc"), 0.736111, 5e-7);
	WITHIN(value(said, "frequency"), 0.5, 0);
	bin = find(said, "frequency.bin", 10, NULL); /* .9 twice, once it happened */
	assert_true(said->score[bin].n == 2 && said->score[bin].value == 0.5 && said->score[bin].horizon == 1);
	WITHIN(said->score[bin].said, 0.9, 1e-12);
	bin = find(said, "brier", 0, NULL);
	assert_true(said->score[bin].n == 12 && said->score[bin].low < 0.2125 && said->score[bin].high > 0.2125);
}

static void
quantiles_are_scored_by_their_loss(void **state)
{
	struct scorebook_rules rules = rules_for(SCOREBOOK_QUANTILES, "feed.mass", "feed.mass");
	const double p[3] = { 0.05, 0.5, 0.95 };
	double crps = 0, mae = 0;
	struct said *said;
	size_t at, inside = 0, low = 0;

	(void)state;
	for (int log_scale = 0; log_scale < 2; log_scale++) {
		struct scorebook *book;

		rules.log = log_scale;
		book = begin(&rules);
		crps = mae = 0;
		inside = low = 0;
		for (uint32_t i = 0; i < 40; i++) {
			double y = exp(random_normal(1, 0, i, 0)), q[3] = { 0.2, 1, 5 };
			char made[16], period[16];

			snprintf(made, sizeof made, "20%02u-%02u-28", 10 + i / 12, i % 12 + 1);
			snprintf(period, sizeof period, "20%02u-%02u", 10 + (i + 2) / 12, (i + 2) % 12 + 1);
			add(book, made, period, "feed.mass.p95", q[2], "F", "lode");
			add(book, made, period, "feed.mass.p05", q[0], "F", "lode");
			add(book, made, period, "feed.mass.median", q[1], "F", "lode");
			add(book, "2020-01-01", period, "feed.mass", y, "A", "gacc");
			inside += y > 0.2 && y <= 5;
			low += y <= 0.2;
			for (size_t k = 0; k < 3 && log_scale; k++)
				q[k] = log(q[k]);
			y = log_scale ? log(y) : y;
			crps += score_quantiles(y, q, p, 3) / 40;
			mae += fabs(y - q[1]) / 40;
		}
		add(book, "2020-01-01", "2020-02", "feed.mass.p05", 1, "F", "lode");
		said = finish(book, &plain);
		WITHIN(value(said, "crps"), crps, 1e-9);
		WITHIN(value(said, "mae"), mae, 1e-9);
		at = find(said, "coverage", 0, NULL);
		WITHIN(said->score[at].value, (double)inside / 40, 1e-12);
		WITHIN(said->score[at].said, 0.9, 1e-12);
		at = find(said, "pit.bin", 1, NULL);
		WITHIN(said->score[at].value, (double)low / 40, 1e-12);
		WITHIN(said->score[at].said, 0.05, 1e-12);
		assert_string_equal(said->score[find(said, "crps", 0, NULL)].unit, log_scale ? "1" : "t");
		assert_int_equal(said->score[at].horizon, 2);
		assert_int_equal(said->left.pending, 1);
	}
}

/* Made at a month's end for the next one, known on the 20th behind it: errors of all but the last two. */
static void
conformal_intervals_know_no_later_errors(void **state)
{
	static const double off[] = { 4, -2, 1, -3, 5 };
	static const char *const day[] = { "2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31" };
	struct scorebook_rules rules = rules_for(SCOREBOOK_QUANTILES, "feed.mass", "feed.mass");
	struct scorecard_rules card = plain;
	struct scorebook *book;
	struct said *said;
	char period[16], known[16];
	size_t at;

	(void)state;
	card.conformal = 0.5;
	book = begin(&rules);
	for (int i = 0; i < 5; i++) {
		snprintf(period, sizeof period, "2024-%02d", i + 2);
		snprintf(known, sizeof known, "2024-%02d-20", i + 3);
		add(book, day[i], period, "feed.mass.median", 10, "F", "lode");
		add(book, known, period, "feed.mass", 10 + off[i], "A", "gacc");
	}
	said = finish(book, &card);
	/* 1 within 4 (of 4), 3 within 4 (of 4 2), 5 not within 2 (of 4 2 1); then the third of 1 2 3 4 5 */
	at = find(said, "conformal.coverage", 0, NULL);
	WITHIN(said->score[at].value, 2.0 / 3, 1e-12);
	WITHIN(said->score[at].said, 0.5, 1e-12);
	assert_int_equal(said->score[at].n, 3);
	at = find(said, "conformal.halfwidth", 0, NULL);
	WITHIN(said->score[at].value, 3, 1e-9);
	assert_int_equal(said->score[at].n, 5);
	assert_string_equal(said->score[at].unit, "t");
	WITHIN(value(said, "adaptive.coverage"), 2.0 / 3, 1e-12);
	card.conformal = 0.1; /* five are too few */
	book = begin(&rules);
	add(book, day[0], "2024-02", "feed.mass.median", 10, "F", "lode");
	add(book, "2024-03-20", "2024-02", "feed.mass", 12, "A", "gacc");
	said = finish(book, &card);
	assert_int_equal(said->score[find(said, "conformal.coverage", 0, NULL)].n, 0);
	assert_true(isinf(value(said, "conformal.halfwidth")));
}

/* 46 forecasts of 0.3 and 0.7 in turn, each known two months after it was made: the last five have 40 and more before them. */
static void
forecasts_are_recalibrated_by_what_was_known_when_they_were_made(void **state)
{
	struct scorebook_rules rules = rules_for(SCOREBOOK_PROBABILITY, "chance", "fact");
	struct scorecard_rules card = plain;
	struct said *said;
	double was[2] = { 0 }, want[2] = { 0 };

	(void)state;
	card.recalibrate = true;
	for (int other = 0; other < 2; other++) {
		struct scorebook *book = begin(&rules);
		char made[16], period[16], known[16];

		for (int i = 0; i < 48; i++) {
			if (i < 46) {
				snprintf(made, sizeof made, "%d-%02d-25", 2010 + i / 12, i % 12 + 1);
				snprintf(period, sizeof period, "%d-%02d", 2010 + (i + 1) / 12, (i + 1) % 12 + 1);
				add(book, made, period, "chance", i % 2 == 0 ? 0.3 : 0.7, "F", "lode");
			}
			if (i < 2)
				continue;
			/* Of each five of either kind one; the last two, too late for any forecast, in another world otherwise. */
			snprintf(period, sizeof period, "%d-%02d", 2010 + (i - 1) / 12, (i - 1) % 12 + 1);
			snprintf(known, sizeof known, "%d-%02d-20", 2010 + i / 12, i % 12 + 1);
			add(book, known, period, "fact", (i - 2) % 10 / 2 == 4 || (other && i >= 46), "A", "gacc");
		}
		said = finish(book, &card);
		assert_int_equal(said->score[find(said, "brier", 0, NULL)].n, 46);
		for (int method = 0; method < 2; method++) {
			const char *difference = method == 0 ? "isotonic.difference" : "platt.difference";
			const char *brier = method == 0 ? "isotonic.brier" : "platt.brier", *bin = method == 0 ? "isotonic.bin" : "platt.bin";
			size_t at = find(said, brier, 0, NULL);

			assert_int_equal(said->score[at].n, 5);
			/* Outcomes of the last two count in the score and nowhere else: what forecasts were made to say is the same. */
			if (other == 0)
				was[method] = said->score[at].value;
			else
				assert_true(said->score[at].value - was[method] > 0);
			WITHIN(said->score[at].value - value(said, difference), (3 * 0.49 + 2 * 0.09) / 5, 1e-12);
			at = find(said, bin, 1, NULL);
			assert_int_equal(said->score[at].n, 46);
			WITHIN(said->score[at].said, 0.05, 1e-12);
		}
		/* 4 of 20, then of 21 and 22 of its kind happened. */
		for (int i = 0; i < 5; i++)
			want[other] += pow(4.0 / (20 + (i + 1) / 2) - (other && i >= 3), 2) / 5;
		WITHIN(value(said, "isotonic.brier"), want[other], 1e-12);
	}
}

static void
lognormal_forecasts_are_scored_by_their_crps(void **state)
{
	struct scorebook_rules rules = rules_for(SCOREBOOK_LOGNORMAL, "feed.mass", "feed.mass");
	struct scorebook *book = begin(&rules);
	struct said *said;

	(void)state;
	add(book, "2024-01-31", "2024-02", "feed.mass", exp(0.5), "F", "lode");
	add(book, "2024-01-31", "2024-02", "feed.mass.sd-log", 0.4, "F", "lode");
	add(book, "2024-01-31", "2024-03", "feed.mass", 4, "F", "lode"); /* without its sd */
	add(book, "2024-03-20", "2024-02", "feed.mass", 3, "A", "gacc");
	said = finish(book, &plain);
	WITHIN(value(said, "crps"), 0.8999744506, 5e-10);
	assert_int_equal(said->left.incomplete, 1);
	rules.log = true;
	book = begin(&rules);
	add(book, "2024-01-31", "2024-02", "feed.mass", exp(0.5), "F", "lode");
	add(book, "2024-01-31", "2024-02", "feed.mass.sd-log", 0.4, "F", "lode");
	add(book, "2024-01-31", "2024-03", "feed.mass", 1, "F", "lode");
	add(book, "2024-01-31", "2024-03", "feed.mass.sd-log", 0.4, "F", "lode");
	add(book, "2024-03-20", "2024-02", "feed.mass", 3, "A", "gacc");
	add(book, "2024-04-20", "2024-03", "feed.mass", 0, "A", "gacc");
	said = finish(book, &plain);
	WITHIN(value(said, "crps"), score_crps_normal(log(3), 0.5, 0.4), 1e-9);
	assert_int_equal(said->left.no_log, 1);
	/* In another unit nothing is compared. */
	book = begin(&(struct scorebook_rules){ .n_pairs = 1, .pair = { { SCOREBOOK_LOGNORMAL, STR("x"), STR("feed.mass") } },
		.max_keys = 10 });
	add(book, "2024-01-31", "2024-02", "x", 3, "F", "lode");
	add(book, "2024-01-31", "2024-02", "x.sd-log", 0.4, "F", "lode");
	add(book, "2024-03-20", "2024-02", "feed.mass", 3, "A", "gacc");
	said = finish(book, &plain);
	assert_true(said->n == 0 && said->left.other_unit == 1);
}

static void
two_sources_are_compared_on_the_same_outcomes(void **state)
{
	struct scorebook_rules rules = rules_for(SCOREBOOK_PROBABILITY, "x.probability", "x");
	struct scorecard_rules card = plain;
	struct scorebook *book;
	struct score_compared want;
	struct said *said;
	struct err err = ERR_INIT;
	double a[12], b[12];
	size_t at;

	(void)state;
	card.against = STR("naive");
	book = begin(&rules);
	add_twelve(book, "lode", 0);
	add_twelve(book, "naive", 0.05);
	add(book, "2024-06-15", "2024-07", "x.probability", 0.1, "F", "lode"); /* the other made none then */
	for (size_t i = 0; i < 12; i++) {
		double shifted = fmin(1, probability[i] + 0.05);

		a[i] = (probability[i] - happened[i]) * (probability[i] - happened[i]);
		b[i] = (shifted - happened[i]) * (shifted - happened[i]);
	}
	assert_int_equal(score_compare(a, b, 12, 1, &want, &err), LODE_OK);
	said = finish(book, &card);
	at = find(said, "compared.dm", 0, "lode");
	WITHIN(said->score[at].value, want.statistic, 1e-9);
	assert_int_equal(said->score[at].n, 12);
	WITHIN(said->score[find(said, "compared.difference", 0, "lode")].value, want.difference, 1e-12);
	WITHIN(said->score[find(said, "compared.hln.p", 0, "lode")].value, want.p_corrected, 1e-9);
	for (size_t i = 0; i < said->n; i++)
		assert_true(strcmp(said->score[i].source, "naive") != 0 || strncmp(said->score[i].what, "compared", 8) != 0);
}

static void
alarms_meet_episodes(void **state)
{
	struct scorebook_rules rules = rules_for(SCOREBOOK_PROBABILITY, "x.probability", "x");
	struct scorecard_rules card = plain;
	struct scorebook *book;
	struct said *said;
	char made[16], period[16], known[16];
	size_t at;

	(void)state;
	card.alarm = 0.5;
	card.before = 3;
	book = begin(&rules);
	/* Months 0 to 35 from 2020-01: it happens in 10 to 12 and 25; alarms rise in 8, 18 and 34. */
	for (int i = 0; i < 36; i++) {
		double p = i == 8 || i == 9 || i == 18 || i == 34 ? 0.6 : 0.1;

		snprintf(made, sizeof made, "20%02d-%02d-28", 20 + i / 12, i % 12 + 1);
		snprintf(period, sizeof period, "20%02d-%02d", 20 + (i + 1) / 12, (i + 1) % 12 + 1);
		add(book, made, period, "x.probability", p, "F", "lode");
		snprintf(period, sizeof period, "20%02d-%02d", 20 + i / 12, i % 12 + 1);
		snprintf(known, sizeof known, "20%02d-%02d-20", 20 + (i + 1) / 12, (i + 1) % 12 + 1);
		add(book, known, period, "x", (i >= 10 && i <= 12) || i == 25, "A", "seen");
	}
	said = finish(book, &card);
	assert_true(value(said, "alarm.episodes") == 2 && value(said, "alarm.hits") == 1 && value(said, "alarm.misses") == 1);
	assert_true(value(said, "alarm.raised") == 2 && value(said, "alarm.false") == 1 && value(said, "alarm.late") == 0);
	at = find(said, "alarm.lead", 0, NULL);
	assert_true(said->score[at].value == 2 && said->score[at].low == 2 && said->score[at].n == 1);
	/* Judged are the as-ofs up to 3 months before the last month known. */
	at = find(said, "alarm.false-per-year", 0, NULL);
	assert_int_equal(said->score[at].n, 33);
	WITHIN(said->score[at].value, 12.0 / 33, 1e-12);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(probabilities_have_the_scores_of_the_table),
		cmocka_unit_test(quantiles_are_scored_by_their_loss),
		cmocka_unit_test(conformal_intervals_know_no_later_errors),
		cmocka_unit_test(forecasts_are_recalibrated_by_what_was_known_when_they_were_made),
		cmocka_unit_test(lognormal_forecasts_are_scored_by_their_crps),
		cmocka_unit_test(two_sources_are_compared_on_the_same_outcomes),
		cmocka_unit_test(alarms_meet_episodes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("scorecard", tests, NULL, NULL);
}
