#include "ssm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "linalg.h"
#include "ssm_step.h"

static bool
all_finite(const double *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isfinite(x[i]))
			return false;
	return true;
}

static int
list_nonzero(struct ssm_filter *f, struct err *err)
{
	const struct ssm_model *m = f->model;
	size_t n2 = m->n_states * m->n_states, lists = m->transition_step > 0 ? m->n_times : 1, count = 0;

	for (size_t t = 0; t < lists; t++)
		for (size_t i = 0; i < n2; i++)
			count += ssm_at(m->transition, m->transition_step, t)[i] != 0;
	f->nonzero = calloc(count + 1, sizeof *f->nonzero);
	f->nonzero_start = calloc(lists + 1, sizeof *f->nonzero_start);
	if (f->nonzero == NULL || f->nonzero_start == NULL)
		return err_set(err, LODE_ENOMEM, "no memory");
	count = 0;
	for (size_t t = 0; t < lists; t++) {
		f->nonzero_start[t] = count;
		for (size_t i = 0; i < n2; i++)
			if (ssm_at(m->transition, m->transition_step, t)[i] != 0)
				f->nonzero[count++] = i;
	}
	f->nonzero_start[lists] = count;
	return LODE_OK;
}

static int
filter_alloc(struct ssm_filter *f, struct err *err)
{
	const struct ssm_model *m = f->model;
	size_t n = m->n_states, times = m->n_times, data = m->n_data + 1;
	struct {
		double **to;
		size_t count;
	} wanted[] = {
		{ &f->a, (times + 1) * n }, { &f->p, (times + 1) * n * n }, { &f->p_inf, (times + 1) * n * n },
		{ &f->a_now, times * n }, { &f->p_now, times * n * n }, { &f->v, data }, { &f->f, data },
		{ &f->f_inf, data }, { &f->h, data }, { &f->z, data * n }, { &f->k, data * n }, { &f->k_inf, data * n },
		{ &f->root, n * n },
	};

	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		if ((*wanted[i].to = calloc(wanted[i].count, sizeof(double))) == NULL)
			return err_set(err, LODE_ENOMEM, "no memory");
	return list_nonzero(f, err);
}

static int
run(struct ssm_filter *f, double *work, struct err *err)
{
	const struct ssm_model *m = f->model;
	size_t n = m->n_states, i = 0, rank = 0;
	double *p_inf = work + n * n, *x = work + 2 * n * n;
	bool diffuse = m->cov_inf != NULL;
	int rc;

	memcpy(f->a, m->mean, n * sizeof *f->a);
	memcpy(f->p, m->cov, n * n * sizeof *f->p);
	if (diffuse) {
		memcpy(f->p_inf, m->cov_inf, n * n * sizeof *f->p_inf);
		for (size_t s = 0; s < n; s++)
			rank += m->cov_inf[s * n + s] != 0;
	}
	for (size_t t = 0; t < m->n_times; t++) {
		double *a = f->a_now + t * n, *p = f->p_now + t * n * n;

		memcpy(a, f->a + t * n, n * sizeof *a);
		memcpy(p, f->p + t * n * n, n * n * sizeof *p);
		memcpy(p_inf, f->p_inf + t * n * n, n * n * sizeof *p_inf);
		for (; i < m->n_data && m->data[i].time == t; i++) {
			struct ssm_step s = { .z = f->z + i * n, .k = f->k + i * n, .k_inf = f->k_inf + i * n };

			diffuse = diffuse && f->n_diffuse < rank; /* what is left then is rounding */
			if ((rc = ssm_step_update(m, i, a, p, diffuse ? p_inf : NULL, x, &s, err)) != LODE_OK)
				return rc;
			f->v[i] = s.v;
			f->f[i] = s.f;
			f->f_inf[i] = s.f_inf;
			f->h[i] = s.h;
			f->log_likelihood += ssm_step_log_likelihood(&s);
			f->n_inflated += s.inflated;
			f->n_used += isnan(s.v) ? 0 : 1;
			f->n_diffuse += s.f_inf > 0;
		}
		diffuse = diffuse && f->n_diffuse < rank;
		ssm_step_predict(m, t, a, p, diffuse ? p_inf : NULL, work, f->a + (t + 1) * n, f->p + (t + 1) * n * n,
		    f->p_inf + (t + 1) * n * n);
		if (!all_finite(f->a + (t + 1) * n, n) || !all_finite(f->p + (t + 1) * n * n, n * n))
			return err_set(err, LODE_EDATA, "the filter left the finite numbers at time %zu", t + 1);
	}
	return LODE_OK;
}

int
ssm_filter_new(const struct ssm_model *model, struct ssm_filter **filter, struct err *err)
{
	size_t n = model->n_states;
	struct ssm_filter *f;
	double *work = NULL;
	int rc;

	if ((rc = ssm_check(model, err)) != LODE_OK)
		return rc;
	if ((f = calloc(1, sizeof *f)) == NULL || (work = calloc(2 * n * n + n, sizeof *work)) == NULL) {
		free(f);
		return err_set(err, LODE_ENOMEM, "no memory");
	}
	f->model = model;
	if ((rc = filter_alloc(f, err)) == LODE_OK && (rc = linalg_factor(model->cov, n, f->root, err)) == LODE_OK)
		rc = run(f, work, err);
	free(work);
	if (rc == LODE_OK)
		*filter = f;
	else
		ssm_filter_free(f);
	return rc;
}

void
ssm_filter_free(struct ssm_filter *f)
{
	if (f == NULL)
		return;
	double *owned[] = { f->a, f->p, f->p_inf, f->a_now, f->p_now, f->v, f->f, f->f_inf, f->h, f->z, f->k, f->k_inf, f->root };

	for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
		free(owned[i]);
	free(f->nonzero);
	free(f->nonzero_start);
	free(f);
}

struct backward {
	size_t n;
	double *r0, *r1;           /* n */
	double *n0, *n1, *n2;      /* n * n; n1 is not symmetric */
	double *work, *next;       /* n * n each */
	bool diffuse;              /* a diffuse datum was passed: until then r1, n1 and n2 are 0 */
};

/* out += l1' m l2, where l = i - g z', or -g z' when not keep; work[2n] */
static void
add_product(const double *m, const double *g1, bool keep1, const double *g2, bool keep2, const double *z, size_t n, double *work,
    double *out)
{
	double *left = work, *right = work + n, both = 0;

	/* left = m' g1, right = m g2 */
	for (size_t s = 0; s < n; s++) {
		left[s] = 0;
		right[s] = linalg_dot(m + s * n, g2, n);
		for (size_t j = 0; j < n; j++)
			left[s] += m[j * n + s] * g1[j];
	}
	for (size_t s = 0; s < n; s++)
		both += g1[s] * right[s];
	for (size_t r = 0; r < n; r++)
		for (size_t c = 0; c < n; c++) {
			double sum = z[r] * both * z[c];

			if (keep1 && keep2)
				sum += m[r * n + c];
			if (keep1)
				sum -= right[r] * z[c];
			if (keep2)
				sum -= z[r] * left[c];
			out[r * n + c] += sum;
		}
}

static void
swap(double **x, double **y)
{
	double *keep = *x;

	*x = *y;
	*y = keep;
}

static void
transpose(double *m, size_t n)
{
	for (size_t r = 0; r < n; r++)
		for (size_t c = 0; c < r; c++) {
			double keep = m[r * n + c];

			m[r * n + c] = m[c * n + r];
			m[c * n + r] = keep;
		}
}

/* One datum backwards; the diffuse form works on the pair (r0, r1) and the block matrix [n0 n1'; n1 n2]. */
static void
back_datum(const struct ssm_filter *f, size_t i, struct backward *b)
{
	size_t n = b->n;
	const double *z = f->z + i * n, *k = f->k + i * n, *k_inf = f->k_inf + i * n;
	double f_inf = f->f_inf[i];

	if (f_inf > 0) {
		double along0 = linalg_dot(k, b->r0, n), along1 = linalg_dot(k_inf, b->r1, n), along = linalg_dot(k_inf, b->r0, n);

		for (size_t s = 0; s < n; s++) {
			b->r1[s] += z[s] * (f->v[i] / f_inf - along1 - along0);
			b->r0[s] -= z[s] * along;
		}
		/* n2: from n2, n1 and n0 as they were */
		memset(b->next, 0, n * n * sizeof *b->next);
		add_product(b->n2, k_inf, true, k_inf, true, z, n, b->work, b->next);
		add_product(b->n1, k_inf, true, k, false, z, n, b->work, b->next);
		transpose(b->n1, n);
		add_product(b->n1, k, false, k_inf, true, z, n, b->work, b->next);
		transpose(b->n1, n);
		add_product(b->n0, k, false, k, false, z, n, b->work, b->next);
		for (size_t r = 0; r < n; r++)
			for (size_t c = 0; c < n; c++)
				b->next[r * n + c] -= z[r] * z[c] * f->f[i] / (f_inf * f_inf);
		swap(&b->n2, &b->next);
		memset(b->next, 0, n * n * sizeof *b->next);
		add_product(b->n1, k_inf, true, k_inf, true, z, n, b->work, b->next);
		add_product(b->n0, k, false, k_inf, true, z, n, b->work, b->next);
		for (size_t r = 0; r < n; r++)
			for (size_t c = 0; c < n; c++)
				b->next[r * n + c] += z[r] * z[c] / f_inf;
		swap(&b->n1, &b->next);
		memset(b->next, 0, n * n * sizeof *b->next);
		add_product(b->n0, k_inf, true, k_inf, true, z, n, b->work, b->next);
		swap(&b->n0, &b->next);
		return;
	}
	double u = f->v[i] / f->f[i] - linalg_dot(k, b->r0, n);

	for (size_t s = 0; s < n; s++)
		b->r0[s] += z[s] * u;
	memset(b->next, 0, n * n * sizeof *b->next);
	add_product(b->n0, k, true, k, true, z, n, b->work, b->next);
	for (size_t r = 0; r < n; r++)
		for (size_t c = 0; c < n; c++)
			b->next[r * n + c] += z[r] * z[c] / f->f[i];
	swap(&b->n0, &b->next);
	if (!b->diffuse)
		return;
	/* p_inf z is zero here, so r1 and n2 act as before; n1 meets p on its right and takes the gain there */
	for (size_t r = 0; r < n; r++) {
		double along = linalg_dot(b->n1 + r * n, k, n);

		for (size_t c = 0; c < n; c++)
			b->n1[r * n + c] -= along * z[c];
	}
}

/* m = T' m T */
static void
back_matrix(const double *transition, double **m, struct backward *b)
{
	size_t n = b->n;

	memset(b->work, 0, n * n * sizeof *b->work);
	memset(b->next, 0, n * n * sizeof *b->next);
	for (size_t i = 0; i < n; i++)
		for (size_t r = 0; r < n; r++)
			if (transition[i * n + r] != 0)
				for (size_t c = 0; c < n; c++)
					b->work[r * n + c] += transition[i * n + r] * (*m)[i * n + c];
	for (size_t i = 0; i < n; i++)
		for (size_t c = 0; c < n; c++)
			if (transition[i * n + c] != 0)
				for (size_t r = 0; r < n; r++)
					b->next[r * n + c] += b->work[r * n + i] * transition[i * n + c];
	swap(m, &b->next);
}

static void
back_vector(const double *transition, double *x, size_t n, double *work)
{
	for (size_t c = 0; c < n; c++) {
		work[c] = 0;
		for (size_t r = 0; r < n; r++)
			work[c] += transition[r * n + c] * x[r];
	}
	memcpy(x, work, n * sizeof *x);
}

/* v = p - p n0 p - p n1' p_inf - p_inf n1 p - p_inf n2 p_inf; a = a + p r0 + p_inf r1 */
static void
smooth_state(const struct ssm_filter *f, size_t t, const struct backward *b, double *a, double *v)
{
	size_t n = b->n;
	const double *p = f->p + t * n * n, *p_inf = f->p_inf + t * n * n;
	double *cross = b->work, *own = b->next;

	/* cross = n0 p + n1' p_inf, own = n1 p + n2 p_inf */
	for (size_t r = 0; r < n; r++)
		for (size_t c = 0; c < n; c++) {
			double x = 0, y = 0;

			for (size_t j = 0; j < n; j++) {
				double left = b->n0[r * n + j] * p[c * n + j]; /* p is symmetric */

				if (!b->diffuse) {
					x += left;
					continue;
				}
				x += left + b->n1[j * n + r] * p_inf[c * n + j];
				y += b->n1[r * n + j] * p[c * n + j] + b->n2[r * n + j] * p_inf[c * n + j];
			}
			cross[c * n + r] = x;
			own[c * n + r] = y;
		}
	for (size_t r = 0; r < n; r++) {
		a[r] = f->a[t * n + r] + linalg_dot(p + r * n, b->r0, n) + linalg_dot(p_inf + r * n, b->r1, n);
		for (size_t c = 0; c <= r; c++) {
			double sum = p[r * n + c];

			for (size_t j = 0; j < n; j++)
				sum -= p[r * n + j] * cross[c * n + j] + (b->diffuse ? p_inf[r * n + j] * own[c * n + j] : 0);
			v[r * n + c] = v[c * n + r] = sum;
		}
	}
}

/* x' m x, where x moves on by step. */
static double
quadratic(const double *m, const double *x, size_t step, size_t n)
{
	double sum = 0;

	for (size_t r = 0; r < n; r++)
		for (size_t c = 0; c < n; c++)
			sum += x[r * step] * m[r * n + c] * x[c * step];
	return sum;
}

static void
smooth_run(const struct ssm_filter *f, struct backward *b, struct ssm_smooth *s)
{
	const struct ssm_model *m = f->model;
	size_t n = b->n, i = m->n_data, shocks = m->n_shocks;

	for (size_t t = m->n_times; t-- > 0;) {
		const double *loading = ssm_at(m->loading, m->loading_step, t), *q = ssm_at(m->shock, m->shock_step, t);
		const double *transition = ssm_at(m->transition, m->transition_step, t);

		memcpy(s->r + t * n, b->r0, n * sizeof *s->r);
		for (size_t j = 0; j < shocks; j++) {
			double sum = 0;

			for (size_t r = 0; r < n; r++)
				sum += loading[r * shocks + j] * b->r0[r];
			s->shock[t * shocks + j] = q[j] * sum;
			s->shock_v[t * shocks + j] = q[j] - q[j] * q[j] * quadratic(b->n0, loading + j, shocks, n);
		}
		back_vector(transition, b->r0, n, b->work);
		back_vector(transition, b->r1, n, b->work);
		back_matrix(transition, &b->n0, b);
		if (b->diffuse) {
			back_matrix(transition, &b->n1, b);
			back_matrix(transition, &b->n2, b);
		}
		for (; i > 0 && m->data[i - 1].time == t; i--) {
			const double *gain = (f->f_inf[i - 1] > 0 ? f->k_inf : f->k) + (i - 1) * n;
			double h = f->h[i - 1], sharp = 0, u = 0;

			s->error_v[i - 1] = m->data[i - 1].h;
			if (isnan(f->v[i - 1]))
				continue;
			if (f->f_inf[i - 1] == 0) {
				sharp = 1 / f->f[i - 1];
				u = f->v[i - 1] / f->f[i - 1];
			}
			s->error[i - 1] = h * (u - linalg_dot(gain, b->r0, n));
			s->error_v[i - 1] = h - h * h * (sharp + quadratic(b->n0, gain, 1, n));
			b->diffuse = b->diffuse || f->f_inf[i - 1] > 0;
			back_datum(f, i - 1, b);
		}
		smooth_state(f, t, b, s->a + t * n, s->v + t * n * n);
	}
}

int
ssm_smooth_new(const struct ssm_filter *filter, struct ssm_smooth **smooth, struct err *err)
{
	const struct ssm_model *m = filter->model;
	size_t n = m->n_states, need = n > 2 ? n : 2; /* add_product wants 2n of work */
	struct ssm_smooth *s = calloc(1, sizeof *s);
	double *room = calloc(2 * n + 5 * n * need, sizeof *room);
	int rc = LODE_OK;

	if (s != NULL) {
		s->a = calloc(m->n_times * n, sizeof *s->a);
		s->v = calloc(m->n_times * n * n, sizeof *s->v);
		s->r = calloc(m->n_times * n, sizeof *s->r);
		s->shock = calloc(m->n_times * m->n_shocks + 1, sizeof *s->shock);
		s->error = calloc(m->n_data + 1, sizeof *s->error);
		s->shock_v = calloc(m->n_times * m->n_shocks + 1, sizeof *s->shock_v);
		s->error_v = calloc(m->n_data + 1, sizeof *s->error_v);
	}
	if (s == NULL || room == NULL || s->a == NULL || s->v == NULL || s->r == NULL || s->shock == NULL || s->error == NULL ||
	    s->shock_v == NULL || s->error_v == NULL) {
		rc = err_set(err, LODE_ENOMEM, "no memory");
	} else {
		struct backward b = { .n = n, .r0 = room, .r1 = room + n };
		double **square[] = { &b.n0, &b.n1, &b.n2, &b.work, &b.next };

		for (size_t i = 0; i < 5; i++)
			*square[i] = room + 2 * n + i * n * need;
		smooth_run(filter, &b, s);
		*smooth = s;
	}
	free(room);
	if (rc != LODE_OK)
		ssm_smooth_free(s);
	return rc;
}

void
ssm_smooth_free(struct ssm_smooth *s)
{
	if (s == NULL)
		return;
	free(s->a);
	free(s->v);
	free(s->r);
	free(s->shock);
	free(s->error);
	free(s->shock_v);
	free(s->error_v);
	free(s);
}

size_t
ssm_simulate_normals(const struct ssm_model *m)
{
	return m->n_states + m->n_times * m->n_shocks + m->n_data;
}

size_t
ssm_simulate_scratch(const struct ssm_model *m)
{
	return m->n_data + m->n_times * m->n_states + 4 * m->n_states;
}

/* out = T x, or T' x */
static void
step(const struct ssm_filter *f, size_t t, bool transposed, const double *x, double *out)
{
	const struct ssm_model *m = f->model;
	const double *transition = ssm_at(m->transition, m->transition_step, t);
	size_t n = m->n_states, list = m->transition_step > 0 ? t : 0;

	memset(out, 0, n * sizeof *out);
	for (size_t j = f->nonzero_start[list]; j < f->nonzero_start[list + 1]; j++) {
		size_t row = f->nonzero[j] / n, column = f->nonzero[j] % n;

		if (transposed)
			out[column] += transition[f->nonzero[j]] * x[row];
		else
			out[row] += transition[f->nonzero[j]] * x[column];
	}
}

/* x += R s for the shocks s_j = sqrt(q_j) normal_j, or q_j (R' r)_j when normals is NULL */
static void
add_shocks(const struct ssm_model *m, size_t t, const double *normals, const double *r, double *x)
{
	size_t n = m->n_states, shocks = m->n_shocks;
	const double *loading = ssm_at(m->loading, m->loading_step, t), *q = ssm_at(m->shock, m->shock_step, t);

	for (size_t j = 0; j < shocks; j++) {
		double size = 0;

		if (q[j] == 0)
			continue;
		if (normals != NULL) {
			size = sqrt(q[j]) * normals[j];
		} else {
			for (size_t s = 0; s < n; s++)
				size += loading[s * shocks + j] * r[s];
			size *= q[j];
		}
		for (size_t s = 0; s < n; s++)
			x[s] += loading[s * shocks + j] * size;
	}
}

/*
 * From the innovations v that data have when they deviate from their means, the smoothed deviation of the states; states move by
 * mean + sign times that, mean NULL is zero. v and r_all, with what follows it, are the scratch of ssm_simulate().
 */
static void
spread(const struct ssm_filter *f, const double *v, double *r_all, const double *mean, double sign, double *states)
{
	const struct ssm_model *m = f->model;
	size_t n = m->n_states, i = m->n_data;
	double *a = r_all + m->n_times * n, *next = a + n, *r0 = next + n, *r1 = r0 + n;

	memset(r0, 0, 2 * n * sizeof *r0);
	for (size_t t = m->n_times; t-- > 0;) {
		memcpy(r_all + t * n, r0, n * sizeof *r0);
		step(f, t, true, r0, next);
		memcpy(r0, next, n * sizeof *r0);
		step(f, t, true, r1, next);
		memcpy(r1, next, n * sizeof *r1);
		for (; i > 0 && m->data[i - 1].time == t; i--) {
			const double *z = f->z + (i - 1) * n, *k = f->k + (i - 1) * n, *k_inf = f->k_inf + (i - 1) * n;
			double f_inf = f->f_inf[i - 1], u0, u1 = 0;

			if (isnan(f->v[i - 1]))
				continue;
			if (f_inf > 0) {
				u0 = -linalg_dot(k_inf, r0, n);
				u1 = v[i - 1] / f_inf - linalg_dot(k_inf, r1, n) - linalg_dot(k, r0, n);
			} else {
				u0 = v[i - 1] / f->f[i - 1] - linalg_dot(k, r0, n);
			}
			for (size_t s = 0; s < n; s++) {
				r0[s] += z[s] * u0;
				r1[s] += z[s] * u1;
			}
		}
	}
	/* a = smoothed deviation at the start, then forward by the smoothed shocks */
	for (size_t s = 0; s < n; s++)
		a[s] = linalg_dot(f->p + s * n, r0, n) + linalg_dot(f->p_inf + s * n, r1, n);
	for (size_t t = 0; t < m->n_times; t++) {
		for (size_t s = 0; s < n; s++)
			states[t * n + s] += (mean == NULL ? 0 : mean[t * n + s]) + sign * a[s];
		step(f, t, false, a, next);
		add_shocks(m, t, NULL, r_all + t * n, next);
		memcpy(a, next, n * sizeof *a);
	}
}

void
ssm_respond(const struct ssm_filter *f, const double *move, double *scratch, double *states)
{
	const struct ssm_model *m = f->model;
	size_t n = m->n_states, i = 0;
	double *v = scratch, *r_all = scratch + m->n_data, *a = r_all + m->n_times * n, *next = a + n;

	memset(a, 0, n * sizeof *a);
	memset(states, 0, m->n_times * n * sizeof *states);
	for (size_t t = 0; t < m->n_times; t++) {
		for (; i < m->n_data && m->data[i].time == t; i++) {
			const double *gain = (f->f_inf[i] > 0 ? f->k_inf : f->k) + i * n;

			if (isnan(f->v[i]))
				continue;
			v[i] = move[i] - linalg_dot(f->z + i * n, a, n);
			for (size_t s = 0; s < n; s++)
				a[s] += gain[s] * v[i];
		}
		step(f, t, false, a, next);
		memcpy(a, next, n * sizeof *a);
	}
	spread(f, v, r_all, NULL, 1, states);
}

/*
 * Deviations from the means only: a path x+ of the model with all means zero and no data, the data that it would give,
 * their smoothed mean x*; then smoothed mean + x+ - x* has the joint law of the states given the data.
 */
void
ssm_simulate(const struct ssm_filter *f, const struct ssm_smooth *smooth, const double *normals, double *scratch, double *states)
{
	const struct ssm_model *m = f->model;
	size_t n = m->n_states, i = 0;
	double *v = scratch, *r_all = scratch + m->n_data, *a = r_all + m->n_times * n, *next = a + n;
	const double *shocks = normals + n, *errors = shocks + m->n_times * m->n_shocks;

	for (size_t s = 0; s < n; s++) {
		states[s] = linalg_dot(f->root + s * n, normals, s + 1);
		a[s] = 0;
	}
	for (size_t t = 0; t < m->n_times; t++) {
		double *x = states + t * n;

		for (; i < m->n_data && m->data[i].time == t; i++) {
			const double *z = f->z + i * n, *gain = (f->f_inf[i] > 0 ? f->k_inf : f->k) + i * n;
			double sum = sqrt(f->h[i]) * errors[i];

			if (isnan(f->v[i]))
				continue;
			for (size_t s = 0; s < n; s++)
				sum += z[s] * (x[s] - a[s]);
			v[i] = sum;
			for (size_t s = 0; s < n; s++)
				a[s] += gain[s] * sum;
		}
		if (t + 1 == m->n_times)
			break;
		step(f, t, false, x, x + n);
		add_shocks(m, t, shocks + t * m->n_shocks, NULL, x + n);
		step(f, t, false, a, next);
		memcpy(a, next, n * sizeof *a);
	}
	spread(f, v, r_all, smooth->a, -1, states);
}
