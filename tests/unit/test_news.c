/* news: the oracle's split, the sum on random vintages, weights against joint normal algebra, and what bends */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "news.h"
#include "numbers_ssm.h"
#include "within.h"
#include "world.h"

/* Keys `datum 0` to `datum 31`. */
static const struct str *
names(void)
{
	static char text[32][12];
	static struct str keys[32];

	for (int i = 0; i < 32; i++) {
		snprintf(text[i], sizeof text[i], "datum %d", i);
		keys[i] = str_of(text[i]);
	}
	return keys;
}

/* Random walk, months 1 and 2 seen as a sum, as numbers_ssm.h says. Old: month 9 is 89, until month 10. New: 86, and month 11. */
static void
the_split_of_two_vintages_agrees(void **state)
{
	enum { MONTHS = 12 };
	double transition[MONTHS * 4], mean[2] = { 100, 100 }, cov[4] = { 25, 25, 25, 25 }, loading[MONTHS * 2], shock = 4;
	static const double level[2] = { 1, 0 }, sum[2] = { 0, 1 };
	struct ssm_datum data[2][MONTHS];
	struct ssm_model model[2];
	const struct news_target target = { 11, level };
	struct news *news = NULL;
	struct err err = ERR_INIT;

	(void)state;
	for (size_t t = 0; t < MONTHS; t++) {
		memcpy(transition + 4 * t, (const double[4]){ 1, 0, 1, t == 0 ? 1 : 0 }, sizeof(double[4]));
		loading[2 * t] = loading[2 * t + 1] = 1;
	}
	for (size_t side = 0; side < 2; side++) {
		model[side] = (struct ssm_model){ .n_states = 2, .n_shocks = 1, .n_times = MONTHS, .transition = transition,
			.transition_step = 4, .loading = loading, .loading_step = 2, .shock = &shock, .mean = mean, .cov = cov,
			.data = data[side] };
		for (size_t t = 1; t < (side == 0 ? 10 : 11); t++) /* month 7 is missing: NAN */
			data[side][model[side].n_data++] = (struct ssm_datum){ .time = t, .n_terms = 1, .z = t == 1 ? sum : level,
				.y = t == 1 ? 197 : side == 0 && t == 8 ? 89 : aggregation[t][0], .h = t == 1 ? 18 : 9 };
	}
	assert_int_equal(news_new(&(struct news_vintage){ &model[0], names() }, &(struct news_vintage){ &model[1], names() }, &target, 1,
	    &news, &err), LODE_OK);
	WITHIN(news->before[0], 89.8476781243, 1e-10);
	WITHIN(news->after[0], 86.6246828212, 1e-10);
	assert_int_equal(news->n_items, 2);
	assert_int_equal(news->items[0].kind, NEWS_REVISED);
	assert_true(news->items[0].before == 7 && news->items[0].after == 7);
	assert_true(news->items[0].expected == 89 && news->items[0].surprise == -3);
	WITHIN(news_impact(news, 0, 0), -0.7777778999, 1e-10);
	assert_int_equal(news->items[1].kind, NEWS_RELEASED);
	assert_true(news->items[1].before == SIZE_MAX && news->items[1].after == 9);
	WITHIN(news->items[1].expected, 89.0699002244, 1e-10);
	WITHIN(news->items[1].surprise, -5.0699002244, 1e-10);
	WITHIN(news->weight[1], 0.4823008925, 1e-10);
	WITHIN(news_impact(news, 1, 0), -2.4452174032, 1e-10);
	WITHIN(news->model[0], 0, 1e-12);
	WITHIN(news->rest[0], 0, 1e-12);
	news_free(news);
}

/* The same world twice, with figures withdrawn, revised and released. */
struct pair {
	struct world before, after;
	struct str keys[2][DATA];
};

static void
make_pair(struct pair *p, uint32_t seed, bool with_diffuse)
{
	make_world(&p->before, seed, with_diffuse);
	make_world(&p->after, seed, with_diffuse);
	for (size_t i = 0; i < DATA; i++) {
		uint32_t kind = (seed + (uint32_t)i * 7) % 6;

		p->keys[0][i] = p->keys[1][i] = names()[i];
		if (isnan(p->before.data[i].y))
			continue;
		if (i >= DATA - 4 || kind == 0)
			p->before.data[i].y = NAN; /* not out yet */
		else if (kind == 1 && !with_diffuse)
			p->after.data[i].y = NAN; /* withdrawn */
		else if (kind == 2)
			p->after.data[i].y += random_normal(3, seed, (uint32_t)i, 0);
		else if (kind == 3)
			p->keys[1][i] = STR("another name"); /* withdrawn, and something else released */
		if (kind == 3)
			for (size_t j = 0; j < i; j++)
				if (str_eq(p->keys[1][j], p->keys[1][i]))
					p->keys[1][i] = names()[i];
	}
}

static void
the_parts_add_up_on_random_vintages(void **state)
{
	static struct pair p;
	size_t kinds[3] = { 0 };

	(void)state;
	for (uint32_t seed = 0; seed < 200; seed++) {
		double z[3][N];
		struct news_target targets[3] = { { 0, z[0] }, { TIMES / 2, z[1] }, { TIMES - 1, z[2] } };
		struct news *news = NULL;
		struct err err = ERR_INIT;

		for (size_t k = 0; k < 3; k++)
			for (size_t s = 0; s < N; s++)
				z[k][s] = random_normal(4, seed, (uint32_t)k, (uint32_t)s);
		make_pair(&p, seed, seed % 2 == 1);
		if (seed % 3 == 0) /* and the model is another */
			p.after.shock[0] *= 2;
		assert_int_equal(news_new(&(struct news_vintage){ &p.before.model, p.keys[0] },
		    &(struct news_vintage){ &p.after.model, p.keys[1] }, targets, 3, &news, &err), LODE_OK);
		assert_true(news->n_items > 0);
		for (size_t i = 0; i < news->n_items; i++)
			kinds[news->items[i].kind]++;
		for (size_t k = 0; k < 3; k++) {
			double sum = news->model[k];

			for (size_t i = 0; i < news->n_items; i++)
				sum += news_impact(news, i, k);
			WITHIN(sum, news->after[k] - news->before[k], 1e-9 * fmax(1, fabs(news->after[k]) + fabs(news->before[k])));
			if (seed % 3 != 0)
				WITHIN(news->model[k], 0, 1e-9 * fmax(1, fabs(news->before[k])));
		}
		news_free(news);
	}
	assert_true(kinds[NEWS_WITHDRAWN] > 100 && kinds[NEWS_REVISED] > 100 && kinds[NEWS_RELEASED] > 100);
}

/*
 * E[x | new] - E[x | old] = B I with B = Cov(x, I) Cov(I)^-1: from the law given the old figures, by elimination. What was expected of each
 * datum and what it did to the last state are compared.
 */
static void
weights_are_those_of_joint_normal_algebra(void **state)
{
	static struct world old, new;
	static double mean[TIMES * N], cov[TIMES * N * TIMES * N];

	(void)state;
	for (uint32_t seed = 0; seed < 200; seed++) {
		double z[N], c[DATA][DATA + 1], b[DATA], h;
		struct news_target target = { TIMES - 1, z };
		size_t fresh[DATA], n_fresh = 0, all;
		struct news *news = NULL;
		struct err err = ERR_INIT;

		make_world(&old, seed, false);
		make_world(&new, seed, false);
		for (size_t s = 0; s < N; s++)
			z[s] = random_normal(4, seed, 9, (uint32_t)s);
		for (size_t i = 0; i < DATA; i++)
			if (!isnan(old.data[i].y) && (i % 3 == 0 || i >= DATA - 3)) {
				old.data[i].y = NAN;
				fresh[n_fresh++] = i;
			}
		all = old.n_joint;
		condition(&old, mean, cov);
		/* rows: Cov(I) and Cov(I, x) */
		for (size_t i = 0; i < n_fresh; i++) {
			const struct ssm_datum *di = &new.data[fresh[i]];

			for (size_t j = 0; j <= n_fresh; j++) {
				const double *zj = j < n_fresh ? new.data[fresh[j]].z : z;
				size_t tj = j < n_fresh ? new.data[fresh[j]].time : target.time;

				c[i][j] = 0;
				for (size_t r = 0; r < N; r++)
					c[i][j] += di->z[r] * linalg_dot(cov + (di->time * N + r) * all + tj * N, zj, N);
			}
			h = di->h;
			c[i][i] += h;
		}
		for (size_t k = 0; k < n_fresh; k++) /* Gauss and Jordan; the covariance is definite */
			for (size_t i = 0; i < n_fresh; i++)
				if (i != k) {
					double share = c[i][k] / c[k][k];

					for (size_t j = 0; j <= n_fresh; j++)
						c[i][j] -= share * c[k][j];
				}
		for (size_t i = 0; i < n_fresh; i++)
			b[i] = c[i][n_fresh] / c[i][i];
		assert_int_equal(news_new(&(struct news_vintage){ &old.model, names() }, &(struct news_vintage){ &new.model, names() },
		    &target, 1, &news, &err), LODE_OK);
		assert_int_equal(news->n_items, n_fresh);
		for (size_t i = 0; i < n_fresh; i++) {
			const struct ssm_datum *d = &new.data[fresh[i]];

			assert_int_equal(news->items[i].after, fresh[i]);
			WITHIN(news->items[i].expected, linalg_dot(d->z, mean + d->time * N, N) + d->d[0], 1e-8 * fmax(1, fabs(d->y)));
			WITHIN(news->weight[i], b[i], 1e-8 * fmax(1, fabs(b[i])));
		}
		WITHIN(news->before[0], linalg_dot(z, mean + target.time * N, N), 1e-8 * fmax(1, fabs(news->before[0])));
		news_free(news);
	}
}

static void
nothing_new_is_nothing(void **state)
{
	static struct world w;
	static const double z[N] = { 1, 2, 3 };
	const struct news_target target = { 2, z };
	const struct news_vintage vintage = { &w.model, names() };
	struct news *news = NULL;
	struct err err = ERR_INIT;

	(void)state;
	make_world(&w, 5, true);
	assert_int_equal(news_new(&vintage, &vintage, &target, 1, &news, &err), LODE_OK);
	assert_int_equal(news->n_items, 0);
	assert_true(news->model[0] == 0 && news->rest[0] == 0 && news->before[0] == news->after[0]);
	news_free(news);
}

/* A logged total: its answer bends, so a part is left over, and small. */
static void
what_bends_is_the_rest(void **state)
{
	static const double transition[4] = { 1, 0, 1, 0 }, mean[2] = { 8, 0 }, cov[4] = { 0.25, 0, 0, 0 }, loading[2] = { 1, 0 };
	static const double z[4] = { 1, 0, 0, 1 }, intercept[2] = { -0.35, 0 }, shock = 0.16;
	struct ssm_datum data[2] = { { .time = 1, .n_terms = 1, .z = z, .y = 7.5, .h = 0.01 },
		{ .time = 1, .n_terms = 2, .z = z, .y = log(4163), .h = 0.0009 } };
	struct ssm_model old = { .n_states = 2, .n_shocks = 1, .n_times = 2, .n_data = 1, .transition = transition,
		.intercept = intercept, .loading = loading, .shock = &shock, .mean = mean, .cov = cov, .data = data }, new = old;
	const struct news_target target = { 1, z };
	struct news *news = NULL;
	struct err err = ERR_INIT;

	(void)state;
	new.n_data = 2;
	assert_int_equal(news_new(&(struct news_vintage){ &old, names() }, &(struct news_vintage){ &new, names() }, &target, 1, &news,
	    &err), LODE_OK);
	assert_int_equal(news->n_items, 1);
	assert_true(news->items[0].expected > log(2) + 7 && news->items[0].surprise < 0);
	assert_true(fabs(news->rest[0]) > 1e-9 && fabs(news->rest[0]) < 0.1 * fabs(news_impact(news, 0, 0)));
	WITHIN(news->before[0] + news->model[0] + news_impact(news, 0, 0) + news->rest[0], news->after[0], 1e-12);
	news_free(news);
}

static void
bad_vintages_are_refused(void **state)
{
	static struct pair p;
	static const double z[N] = { 1 };
	struct news_target target = { TIMES, z };
	struct news_vintage before = { &p.before.model, p.keys[0] }, after = { &p.after.model, p.keys[1] };
	struct news *news = NULL;
	struct err err = ERR_INIT;

	(void)state;
	make_pair(&p, 4, false);
	assert_int_equal(news_new(&before, &after, &target, 1, &news, &err), LODE_EUSAGE);
	assert_string_equal(err.message, "target 1 is past the end of a vintage");
	target.time = 0;
	p.keys[1][3] = p.keys[1][2];
	assert_int_equal(news_new(&before, &after, &target, 1, &news, &err), LODE_EUSAGE);
	assert_string_equal(err.message, "two observations have the key 'datum 2'");
	p.after.model.n_states = 2;
	assert_int_equal(news_new(&before, &after, &target, 1, &news, &err), LODE_EUSAGE);
	assert_string_equal(err.message, "the vintages have 3 and 2 states");
	make_pair(&p, 4, false);
	p.after.data[12].h = -1;
	p.after.data[12].y = 1;
	assert_int_equal(news_new(&before, &after, &target, 1, &news, &err), LODE_EDATA);
	assert_null(news);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_split_of_two_vintages_agrees),
		cmocka_unit_test(the_parts_add_up_on_random_vintages),
		cmocka_unit_test(weights_are_those_of_joint_normal_algebra),
		cmocka_unit_test(nothing_new_is_nothing),
		cmocka_unit_test(what_bends_is_the_rest),
		cmocka_unit_test(bad_vintages_are_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("news", tests, NULL, NULL);
}
