/* outlook: which lines, with which units and digits; a stand-in's chance is drawn to its past; a series without figures is told once */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>

#include <cmocka.h>

#include "outlook.h"
#include "temp.h"

static struct balance_answer answers[1 + OUTLOOK_SCENARIOS];
static struct balance_forecast forecasts[1];
static struct estimate_past past[STANDINS];
static double change[FACTS_CAUSES], feed_t[2], feed_sd[2], observed[2 * ESTIMATE_OUTCOMES];
static const struct estimate_surprise surprises[] = {
	{ { NEWS_RELEASED, 0, 55 * 12 + 4, 55 * 12 + 4, 0, 1, 0.125 }, { "c:3", 3 } }, { { NEWS_REVISED, 0, 55 * 12 + 2, 55 * 12 + 3, 0, 1, -0.25 }, { "", 0 } },
};
static struct str commodity[1], series[2], partner[2];

/* One region, one commodity, one horizon (July 2025), two series of which the second has no figure. */
static struct estimate_result
result(void)
{
	struct estimate_result r = { .n_regions = 1, .n_commodities = 1, .n_scenarios = 1 + OUTLOOK_SCENARIOS, .n_horizons = 1, .n_series = 2,
		.as_of = 55 * 12 + 5, .latest = 55 * 12 + 5, .n_feed = 1, .commodity = commodity, .answers = answers, .forecasts = forecasts, .past = past,
		.change = change, .series = series, .partner = partner, .feed_t = feed_t, .feed_sd = feed_sd, .observed = observed };

	commodity[0] = STR("Dy2O3");
	series[0] = STR("near");
	series[1] = STR("far");
	partner[0] = STR("MM");
	partner[1] = STR("");
	for (size_t i = 0; i <= OUTLOOK_SCENARIOS; i++)
		answers[i] = (struct balance_answer){ .probability = 0.125 * (double)i, .deepest = NAN };
	for (size_t k = 0; k < STANDINS; k++)
		forecasts[0].probability[k] = NAN;
	forecasts[0].probability[STANDIN_FEED] = 0.9;
	past[STANDIN_FEED] = (struct estimate_past){ .months = 20, .yes = 2, .n = 1, .month = { 55 * 12 + 5 }, .was = { true } };
	change[FACTS_CUSTOMS] = 0.25;
	change[FACTS_TIME] = -0.05;
	r.feed_moved = true;
	r.feed_change = -0.5;
	r.feed_change_events = -0.375;
	r.surprises = surprises;
	r.n_surprises = 2;
	r.refs[BALANCE_HOME] = STR("a:1 b:2");
	r.driver_refs[FACTS_CUSTOMS] = STR("a:1");
	for (size_t i = 0; i < 2 * ESTIMATE_OUTCOMES; i++)
		observed[i] = NAN;
	observed[ESTIMATE_OUTCOMES - 1] = 12.5;
	feed_t[0] = 10.25;
	feed_sd[0] = 0.5;
	feed_t[1] = NAN;
	return r;
}

static void
lines_of_a_result(void **state)
{
	static const char *const want[] = {
		"2025-07\tCN\t\tDy2O3\tdeficit.probability\t0.00000\t1\tF\tlode\ta:1 b:2\t0123456789abcdef\tfedcba9876543210\n",
		"deficit.probability.stock-0.5\t0.12500\t1\tF\t", "deficit.probability.cover-2\t0.62500\t1\tF\t",
		"deficit.probability.change.customs\t0.25000\t1\tF\tlode\ta:1\t", "deficit.probability.change.time\t-0.05000\t1\tF\tlode\ta:1 b:2\t",
		"deficit.probability.change\t0.20000\t1\tF\t", "deficit.mass.median\t0.000\tt\tF\t", "deficit.deepest\t\tmo\tO\t",
		"2025-06\tCN\t\tDy2O3\tstandin.", "\t1\t1\tE\t",
		/* odds 9 and 2.5/18.5, half of each log: sqrt(9 * 2.5/18.5) = 1.1028 */
		".probability\t0.52445\t1\tF\t", ".probability.raw\t0.90000\t1\tF\t",
		"2025-06\tCN\tMM\tREO\tfeed.observed.near\t12.500\tt\tE\t", "2025-07\tCN\tMM\tREO\tfeed.mass.near\t10.250\tt\tF\t",
		"feed.mass.near.sd-log\t0.5000\t1\tF\t",
		"2025-07\tCN\t\tREO\tfeed.change\t-0.50000\t1\tF\tlode\ta:1 b:2\t", "\tfeed.change.event\t-0.37500\t1\tF\tlode\ta:1 b:2\t",
		"2025-05\tCN\tMM\tREO\tfeed.change.released.near\t0.12500\t1\tF\tlode\tc:3\t", "\tfeed.expected.near\t1.000\tt\tF\tlode\tc:3\t",
		"2025-03/2025-04\tCN\tMM\tREO\tfeed.change.revised.near\t-0.25000\t1\tF\tlode\ta:1\t",
	};
	static const char *const unwanted[] = { "far", "probability.change.event", "gate.", "nan", "X-CN" };
	char path[] = "/tmp/test_outlook.XXXXXX";
	struct outlook outlook = { .area = "CN", .known = "2025-06-30T23:59:59Z", .model = "0123456789abcdef0", .prefix = "fedcba98765432100" };
	struct run run = { 0 };
	struct err err = ERR_INIT;
	struct estimate_result r = result();
	char *text;
	size_t n;

	(void)state;
	temp_make(path, "", 0);
	assert_int_equal(sink_open(&run.out, path, &err), LODE_OK);
	outlook_write(&outlook, &run, &r);
	outlook_write(&outlook, &run, &r);
	assert_int_equal(sink_close(&run.out, &err), LODE_OK);
	text = temp_read(path, &n);
	for (size_t i = 0; i < sizeof want / sizeof *want; i++)
		if (strstr(text, want[i]) == NULL)
			fail_msg("%s is not in\n%s", want[i], text);
	for (size_t i = 0; i < sizeof unwanted / sizeof *unwanted; i++)
		if (strstr(text, unwanted[i]) != NULL)
			fail_msg("%s is in\n%s", unwanted[i], text);
	assert_int_equal(run.n_rules, 1);
	assert_int_equal(run.rule[0].n, 1);
	assert_string_equal(run.rule[0].name, "no figures of far");
	free(text);
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(lines_of_a_result) };

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
