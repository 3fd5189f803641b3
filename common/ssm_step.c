#include "ssm_step.h"

#include <math.h>
#include <string.h>

#include "linalg.h"

#define LOG_2PI 1.8378770664093454836

const double *
ssm_at(const double *base, size_t step, size_t t)
{
	return base == NULL ? NULL : base + step * t;
}

static bool
all_finite(const double *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isfinite(x[i]))
			return false;
	return true;
}

int
ssm_check(const struct ssm_model *m, struct err *err)
{
	size_t n = m->n_states, last = m->n_times - 1;
	const double *seen = NULL; /* rows are often one and the same */

	if (n == 0 || m->n_times == 0)
		return err_set(err, LODE_EUSAGE, "state space without states or times");
	if (!all_finite(m->mean, n) || !all_finite(m->cov, n * n) ||
	    !all_finite(m->transition, m->transition_step * last + n * n) ||
	    (m->intercept != NULL && !all_finite(m->intercept, m->intercept_step * last + n)) ||
	    (m->n_shocks > 0 && !all_finite(m->loading, m->loading_step * last + n * m->n_shocks)))
		return err_set(err, LODE_EDATA, "state space has a number that is not finite");
	for (size_t t = 0; t < (m->shock_step > 0 ? m->n_times : 1); t++)
		for (size_t j = 0; j < m->n_shocks; j++)
			if (!(ssm_at(m->shock, m->shock_step, t)[j] >= 0 && isfinite(ssm_at(m->shock, m->shock_step, t)[j])))
				return err_set(err, LODE_EDATA, "shock %zu has no variance", j + 1);
	for (size_t i = 0; i < m->n_data; i++) {
		const struct ssm_datum *d = &m->data[i];

		if (d->time >= m->n_times || d->n_terms == 0 || (i > 0 && d->time < m->data[i - 1].time))
			return err_set(err, LODE_EUSAGE, "observation %zu is out of order or of range", i + 1);
		if (isnan(d->y))
			continue;
		if (!isfinite(d->y) || !(d->h >= 0) || !isfinite(d->h) ||
		    ((d->z != seen || d->n_terms > 1) && !all_finite(d->z, d->n_terms * n)) ||
		    (d->d != NULL && !all_finite(d->d, d->n_terms)))
			return err_set(err, LODE_EDATA, "observation %zu is not finite", i + 1);
		seen = d->z;
	}
	return LODE_OK;
}

/* The row z and the innovation of datum when it is linearised at x, for a state predicted as a. */
static double
linearise(const struct ssm_datum *datum, size_t n, const double *x, const double *a, double *z)
{
	double top = -INFINITY, sum = 0, innovation;

	if (datum->n_terms == 1) {
		memcpy(z, datum->z, n * sizeof *z);
		return datum->y - linalg_dot(z, a, n) - (datum->d == NULL ? 0 : datum->d[0]);
	}
	for (size_t j = 0; j < datum->n_terms; j++) {
		double term = linalg_dot(datum->z + j * n, x, n) + (datum->d == NULL ? 0 : datum->d[j]);

		top = term > top ? term : top;
	}
	memset(z, 0, n * sizeof *z);
	for (size_t j = 0; j < datum->n_terms; j++) {
		double term = linalg_dot(datum->z + j * n, x, n) + (datum->d == NULL ? 0 : datum->d[j]);
		double weight = exp(term - top);

		sum += weight;
		for (size_t s = 0; s < n; s++)
			z[s] += weight * datum->z[j * n + s];
	}
	innovation = datum->y - top - log(sum);
	for (size_t s = 0; s < n; s++) {
		z[s] /= sum;
		innovation += z[s] * (x[s] - a[s]);
	}
	return innovation;
}

/* out = m x for a square m; returns x' m x. */
static double
quadratic(const double *m, const double *x, size_t n, double *out)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		out[i] = linalg_dot(m + i * n, x, n);
		sum += out[i] * x[i];
	}
	return sum;
}

/* Diffuse variance below this share of what the row could have is rounding. */
static bool
is_diffuse(double f_inf, const double *z, size_t n)
{
	return f_inf > 1e-9 * linalg_dot(z, z, n);
}

/* Row, innovation, variances and gains of a datum at the prediction (a, p, p_inf). */
static void
gains(const struct ssm_datum *datum, size_t n, const double *x, const double *a, const double *p, const double *p_inf, struct ssm_step *s)
{
	s->v = linearise(datum, n, x, a, s->z);
	s->f = quadratic(p, s->z, n, s->k) + s->h;
	s->f_inf = p_inf == NULL ? 0 : quadratic(p_inf, s->z, n, s->k_inf);
	if (p_inf == NULL || !is_diffuse(s->f_inf, s->z, n)) {
		s->f_inf = 0;
		for (size_t r = 0; r < n; r++) {
			s->k[r] = s->f > 0 ? s->k[r] / s->f : 0;
			s->k_inf[r] = 0;
		}
		return;
	}
	for (size_t r = 0; r < n; r++) {
		s->k_inf[r] /= s->f_inf;
		s->k[r] = (s->k[r] - s->k_inf[r] * s->f) / s->f_inf;
	}
}

/* Gauss-Newton to the posterior mode for a logged sum; the step is halved once it has failed to settle for a while. */
static int
iterate(const struct ssm_model *m, size_t i, const double *a, const double *p, const double *p_inf, double *x, struct ssm_step *s,
    struct err *err)
{
	size_t n = m->n_states;

	memcpy(x, a, n * sizeof *x);
	for (int round = 0; round < 200; round++) {
		const double *gain;
		double change = 0, size = 1;

		gains(&m->data[i], n, x, a, p, p_inf, s);
		if (m->data[i].n_terms == 1)
			return LODE_OK;
		gain = s->f_inf > 0 ? s->k_inf : s->k;
		for (size_t r = 0; r < n; r++) {
			double to = a[r] + gain[r] * s->v, step = to - x[r];

			if (round >= 20)
				step /= 2;
			x[r] += step;
			change = fmax(change, fabs(step));
			size = fmax(size, fabs(x[r]));
		}
		if (change <= 1e-13 * size)
			return LODE_OK;
	}
	return err_set(err, LODE_EDATA, "the update with the logged total %zu does not settle", i + 1);
}

int
ssm_step_update(const struct ssm_model *m, size_t i, double *a, double *p, double *p_inf, double *x, struct ssm_step *s, struct err *err)
{
	size_t n = m->n_states;
	int rc;

	s->inflated = false;
	s->v = NAN;
	if (isnan(m->data[i].y))
		return LODE_OK;
	s->h = m->data[i].h;
	if ((rc = iterate(m, i, a, p, p_inf, x, s, err)) != LODE_OK)
		return rc;
	if (m->outlier_z > 0 && s->f_inf == 0 && s->v * s->v > m->outlier_z * m->outlier_z * s->f) {
		s->h *= m->outlier_factor;
		s->inflated = true;
		if ((rc = iterate(m, i, a, p, p_inf, x, s, err)) != LODE_OK)
			return rc;
	}
	if (s->f_inf > 0) {
		for (size_t r = 0; r < n; r++) {
			a[r] += s->k_inf[r] * s->v;
			for (size_t c = 0; c < n; c++) {
				/* m = p z = k f_inf + k_inf f, so p - k_inf m' - m k_inf' + k_inf k_inf' f is this: */
				p[r * n + c] -= s->f_inf * (s->k_inf[r] * s->k[c] + s->k[r] * s->k_inf[c]) + s->k_inf[r] * s->k_inf[c] * s->f;
				p_inf[r * n + c] -= s->k_inf[r] * s->k_inf[c] * s->f_inf;
			}
		}
		return LODE_OK;
	}
	if (!(s->f > 0)) {
		s->v = NAN;
		return LODE_OK;
	}
	for (size_t r = 0; r < n; r++) {
		a[r] += s->k[r] * s->v;
		for (size_t c = 0; c < n; c++)
			p[r * n + c] -= s->k[r] * s->k[c] * s->f;
	}
	return LODE_OK;
}

double
ssm_step_log_likelihood(const struct ssm_step *s)
{
	if (isnan(s->v))
		return 0;
	return s->f_inf > 0 ? -0.5 * (LOG_2PI + log(s->f_inf)) : -0.5 * (LOG_2PI + log(s->f) + s->v * s->v / s->f);
}

/* out = T in T', made symmetric; work[n*n]. Most of T is zero. */
static void
sandwich(const double *t, const double *in, size_t n, double *work, double *out)
{
	memset(work, 0, n * n * sizeof *work);
	memset(out, 0, n * n * sizeof *out);
	for (size_t r = 0; r < n; r++)
		for (size_t j = 0; j < n; j++)
			if (t[r * n + j] != 0)
				for (size_t c = 0; c < n; c++)
					work[r * n + c] += t[r * n + j] * in[j * n + c];
	for (size_t c = 0; c < n; c++)
		for (size_t j = 0; j < n; j++)
			if (t[c * n + j] != 0)
				for (size_t r = c; r < n; r++)
					out[r * n + c] += work[r * n + j] * t[c * n + j];
	for (size_t r = 0; r < n; r++)
		for (size_t c = 0; c < r; c++)
			out[c * n + r] = out[r * n + c];
}

void
ssm_step_predict(const struct ssm_model *m, size_t t, const double *a, const double *p, const double *p_inf, double *work,
    double *a_next, double *p_next, double *p_inf_next)
{
	size_t n = m->n_states, shocks = m->n_shocks;
	const double *transition = ssm_at(m->transition, m->transition_step, t);
	const double *c = ssm_at(m->intercept, m->intercept_step, t);
	const double *loading = ssm_at(m->loading, m->loading_step, t), *q = ssm_at(m->shock, m->shock_step, t);

	for (size_t r = 0; r < n; r++)
		a_next[r] = linalg_dot(transition + r * n, a, n) + (c == NULL ? 0 : c[r]);
	sandwich(transition, p, n, work, p_next);
	for (size_t j = 0; j < shocks; j++)
		for (size_t r = 0; r < n; r++)
			if (loading[r * shocks + j] != 0)
				for (size_t s = 0; s < n; s++)
					p_next[r * n + s] += loading[r * shocks + j] * q[j] * loading[s * shocks + j];
	if (p_inf != NULL)
		sandwich(transition, p_inf, n, work, p_inf_next);
}
