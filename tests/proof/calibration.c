/*
 * Simulation-based calibration of the estimator on many worlds; prints what was found. WORLDS and PATHS may be given as arguments, but the limits
 * are for 500 worlds or more.
 *
 * Limits: ranks uniform by chi-square with 20 bins, p > 0.01; reliability of the probabilities of a deficit under 0.005.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "worlds.h"

static int failed, tests;

static void
check(int holds, const char *what, double found)
{
	printf("%sok %d - %s: %.4g\n", holds ? "" : "not ", ++tests, what, found);
	failed |= !holds;
}

static void
print_ranks(const struct verdict *v, size_t n, enum rank rank)
{
	size_t count[10] = { 0 };

	for (size_t i = 0; i < n; i++)
		count[score_bin(v[i].rank[rank], 10)]++;
	printf("#");
	for (size_t j = 0; j < 10; j++)
		printf(" %zu", count[j]);
	printf("\n");
}

static void
print_reliability(const struct score_event *events, size_t n)
{
	for (size_t bin = 0; bin < 10; bin++) {
		double p = 0, rate = 0;
		size_t count = 0;

		for (size_t i = 0; i < n; i++)
			if (score_bin(events[i].p, 10) == bin) {
				p += events[i].p;
				rate += events[i].happened;
				count++;
			}
		if (count > 0)
			printf("# said %.3f, came true %.3f, of %zu\n", p / (double)count, rate / (double)count, count);
	}
}

int
main(int argc, char **argv)
{
	static struct world world;
	uint32_t worlds = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 500;
	uint32_t paths = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 2000;
	uint32_t from = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 0;
	struct verdict *verdicts = calloc(worlds, sizeof *verdicts);
	struct score_event *events = calloc((size_t)worlds * FORECASTS, sizeof *events);
	struct score_brier brier;
	struct err err = ERR_INIT;
	double effective = 0, bias, sureness;
	char what[128];

	if (verdicts == NULL || events == NULL || worlds == 0)
		return 3;
	for (uint32_t i = 0; i < worlds; i++) {
		make_world(&world, from + i);
		if (judge(&world, paths, 2, &verdicts[i], &err) != LODE_OK) {
			printf("Bail out! world %u: %s\n", (unsigned)i, err.message);
			return 1;
		}
		for (size_t q = 0; q < FORECASTS; q++)
			events[i * FORECASTS + q] = verdicts[i].forecast[q];
		effective += verdicts[i].effective / worlds / paths;
	}
	printf("# %u worlds, %u paths each, of which %.0f %% count\n", (unsigned)worlds, (unsigned)paths, 100 * effective);
	for (size_t k = 0; k < RANKS; k++) {
		double p = uniform_p(verdicts, worlds, (enum rank)k, 20);

		snprintf(what, sizeof what, "ranks of the %s are uniform, p", rank_names[k]);
		check(p > 0.01, what, p);
		print_ranks(verdicts, worlds, (enum rank)k);
	}
	forecast_z(verdicts, worlds, &bias, &sureness);
	score_brier(events, (size_t)worlds * FORECASTS, 10, 0, &brier);
	snprintf(what, sizeof what, "reliability of %zu probabilities of a deficit", brier.n);
	check(brier.reliability < 0.005, what, brier.reliability);
	print_reliability(events, brier.n);
	printf("# Brier %.4f = %.4f - %.4f + %.4f + %.4f; happened %.4f, said %.4f\n", brier.brier, brier.reliability, brier.resolution,
	    brier.uncertainty, brier.within, brier.rate, brier.mean_p);
	check(fabs(bias) < 2.576, "what happens less what was said, in standard errors", bias);
	check(fabs(sureness) < 2.576, "how much too sure, in standard errors", sureness);
	printf("1..%d\n", tests);
	free(verdicts);
	free(events);
	return failed;
}
