#include "structural.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void
set_matrices(struct structural *s, const struct structural_parts *parts, size_t seasonal)
{
	size_t n = s->model.n_states, shocks = s->model.n_shocks, season = s->first_season;

	s->transition[0] = s->loading[0] = 1;
	if (parts->slope) {
		s->transition[1] = s->transition[n + 1] = 1;
		s->loading[shocks + 1] = 1;
	}
	for (size_t j = 0; j < seasonal; j++) {
		s->transition[season * n + season + j] = -1;
		if (j > 0)
			s->transition[(season + j) * n + season + j - 1] = 1;
	}
	if (seasonal > 0)
		s->loading[season * shocks + shocks - 1] = 1;
	for (size_t j = s->first_regressor; j < n; j++)
		s->transition[j * n + j] = 1;
	for (size_t j = 0; j < n; j++)
		s->cov_inf[j * n + j] = 1;
}

int
structural_new(const struct structural_parts *parts, const double *y, size_t n, size_t n_times, struct structural **out, struct err *err)
{
	size_t seasonal = parts->seasons > 1 ? parts->seasons - 1 : 0, n_states = 1 + parts->slope + seasonal + parts->n_regressors;
	size_t n_shocks = 1 + (size_t)parts->slope + (seasonal > 0), n_rows = parts->n_regressors > 0 ? n_times : 1;
	struct structural *s = calloc(1, sizeof *s);

	if (s == NULL)
		return err_set(err, LODE_ENOMEM, "no memory");
	s->first_season = 1 + (size_t)parts->slope;
	s->first_regressor = s->first_season + seasonal;
	s->transition = calloc(n_states * n_states, sizeof *s->transition);
	s->loading = calloc(n_states * n_shocks, sizeof *s->loading);
	s->shock = calloc(n_shocks, sizeof *s->shock);
	s->mean = calloc(n_states, sizeof *s->mean);
	s->cov = calloc(n_states * n_states, sizeof *s->cov);
	s->cov_inf = calloc(n_states * n_states, sizeof *s->cov_inf);
	s->rows = calloc(n_rows * n_states, sizeof *s->rows);
	s->data = calloc(n_times, sizeof *s->data);
	if (s->transition == NULL || s->loading == NULL || s->shock == NULL || s->mean == NULL || s->cov == NULL || s->cov_inf == NULL ||
	    s->rows == NULL || s->data == NULL) {
		structural_free(s);
		return err_set(err, LODE_ENOMEM, "no memory");
	}
	s->model = (struct ssm_model){ .n_states = n_states, .n_shocks = n_shocks, .n_times = n_times, .n_data = n_times,
		.transition = s->transition, .loading = s->loading, .shock = s->shock, .mean = s->mean, .cov = s->cov,
		.cov_inf = s->cov_inf, .data = s->data };
	set_matrices(s, parts, seasonal);
	for (size_t t = 0; t < n_rows; t++) {
		s->rows[t * n_states] = 1;
		if (seasonal > 0)
			s->rows[t * n_states + s->first_season] = 1;
		for (size_t j = 0; j < parts->n_regressors; j++)
			s->rows[t * n_states + s->first_regressor + j] = parts->regressors[t * parts->n_regressors + j];
	}
	for (size_t t = 0; t < n_times; t++)
		s->data[t] = (struct ssm_datum){ .time = t, .n_terms = 1, .z = s->rows + (n_rows > 1 ? t * n_states : 0),
			.y = t < n ? y[t] : NAN };
	*out = s;
	return LODE_OK;
}

void
structural_free(struct structural *s)
{
	if (s == NULL)
		return;
	free(s->transition);
	free(s->loading);
	free(s->shock);
	free(s->mean);
	free(s->cov);
	free(s->cov_inf);
	free(s->rows);
	free(s->data);
	free(s);
}

void
structural_set(struct structural *s, const struct structural_variances *v)
{
	size_t last = s->model.n_shocks - 1;

	s->shock[0] = v->level;
	if (s->first_season > 1)
		s->shock[1] = v->slope;
	if (s->first_regressor > s->first_season)
		s->shock[last] = v->seasonal;
	for (size_t i = 0; i < s->model.n_data; i++)
		s->data[i].h = v->irregular;
}
