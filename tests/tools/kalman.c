/*
 * kalman - a series of level, seasons and noise, and how long its log-likelihood takes
 *
 * usage: kalman series N           N numbers, a line each; the same N gives the same bytes
 *        kalman time FILE ROUNDS   a line a model: its name, the log-likelihood, milliseconds of CPU an evaluation (least of the rounds),
 *                                  times passed in the steady state
 *
 * The models, at irregular 1, level 0.25, seasonal 0.01 (and slope 0.0001), start mean 0 and covariance 100 I:
 * `12` level and 12 seasons, 12 states; `13` with a slope; `12-full` and `13-full` the same without the steady state.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "random.h"
#include "ssm_likelihood.h"
#include "structural.h"

enum { SEASONS = 12, MOST = 1000000 };

static void
print_series(size_t n)
{
	double level = 0, season[SEASONS - 1] = { 0 };

	for (size_t t = 0; t < n; t++) {
		uint32_t path = (uint32_t)t;
		double next = 0.1 * random_normal(1, path, 0, 0);

		printf("%.17g\n", level + season[0] + random_normal(1, path, 1, 0));
		level += 0.5 * random_normal(1, path, 2, 0);
		for (size_t j = 0; j < SEASONS - 1; j++)
			next -= season[j];
		memmove(season + 1, season, sizeof season - sizeof *season);
		season[0] = next;
	}
}

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int
time_model(const double *y, size_t n, bool slope, double tolerance, size_t rounds, const char *name)
{
	const struct structural_parts parts = { .slope = slope, .seasons = SEASONS };
	double least = INFINITY;
	struct ssm_likelihood found = { 0 };
	struct structural *s = NULL;
	struct err err = ERR_INIT;

	if (structural_new(&parts, y, n, n, &s, &err) != LODE_OK)
		return 3;
	structural_set(s, &(struct structural_variances){ 1, 0.25, 1e-4, 0.01 });
	s->model.cov_inf = NULL;
	for (size_t j = 0; j < s->model.n_states; j++)
		s->cov[j * s->model.n_states + j] = 100;
	for (size_t r = 0; r < rounds; r++) {
		double start = now_ms();

		if (ssm_log_likelihood(&s->model, tolerance, &found, &err) != LODE_OK)
			fprintf(stderr, "kalman: %s\n", err.message);
		least = fmin(least, now_ms() - start);
	}
	printf("%s %.9f %.6f %zu\n", name, found.log_likelihood, least, found.n_steady);
	structural_free(s);
	return 0;
}

static int
time_all(const char *path, size_t rounds)
{
	FILE *file = fopen(path, "r");
	double *y = calloc(MOST, sizeof *y);
	size_t n = 0;
	char line[64];
	int rc = 3;

	if (file != NULL && y != NULL) {
		while (n < MOST && fgets(line, sizeof line, file) != NULL)
			y[n++] = strtod(line, NULL);
		rc = time_model(y, n, false, SSM_STEADY, rounds, "12");
		rc = rc != 0 ? rc : time_model(y, n, false, 0, rounds, "12-full");
		rc = rc != 0 ? rc : time_model(y, n, true, SSM_STEADY, rounds, "13");
		rc = rc != 0 ? rc : time_model(y, n, true, 0, rounds, "13-full");
	}
	if (file != NULL)
		fclose(file);
	free(y);
	return rc;
}

int
main(int argc, char **argv)
{
	unsigned long long count = argc > 2 ? strtoull(argv[argc - 1], NULL, 10) : 0;

	if (argc == 3 && strcmp(argv[1], "series") == 0 && count > 0 && count <= MOST) {
		print_series((size_t)count);
		return fflush(stdout) == 0 ? 0 : 3;
	}
	if (argc == 4 && strcmp(argv[1], "time") == 0 && count > 0)
		return time_all(argv[2], (size_t)count);
	fputs("usage: kalman series N | kalman time FILE ROUNDS\n", stderr);
	return 2;
}
