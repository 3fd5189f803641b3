#include "ssm_likelihood.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ssm_step.h"

#define LOG_2PI 1.8378770664093454836

/* A row of numbers, most of them zero. */
struct sparse {
	size_t n;
	size_t *at;
	double *value;
};

/* A datum's place among those of its time: its form, and what the filter did with it last. */
struct slot {
	const double *z;
	double h, f, log_f; /* log_f with log 2 pi */
	struct sparse row;
	double *k;
};

/* Columns that go on as they are, next to each other before and after. */
struct stretch {
	size_t to, from, n;
};

/* The second part of the run. */
struct fast {
	const struct ssm_model *m;
	size_t n;
	struct sparse *rows;            /* of T */
	size_t *copied, n_copied;       /* rows of T that pass one state on as it is, and ... */
	size_t *from;                   /* ... which, by row */
	size_t *sums, n_sums;           /* the other rows */
	struct stretch *stretches;      /* of the copied rows */
	size_t n_stretches;
	struct sparse noise;            /* R Q R' */
	double *a, *a_next;             /* n */
	double *p, *p_next, *before;    /* n * n */
	double *work;                   /* n * n: the sums' rows of T P */
	double *root;                   /* n: what the last datum takes from p is root root' */
	struct slot *slots;
	size_t n_slots;                 /* of the time before; 0: its form is not known */
	double *room;
	size_t *places;
};

struct tally {
	struct ssm_likelihood *out;
	double logs, squares;
};

static void
set_sparse(struct sparse *row, const double *x, size_t n)
{
	row->n = 0;
	for (size_t i = 0; i < n; i++)
		if (x[i] != 0) {
			row->at[row->n] = i;
			row->value[row->n++] = x[i];
		}
}

static double
sparse_dot(const struct sparse *row, const double *x)
{
	double even = 0, odd = 0; /* two, as each addition waits for the one before */
	size_t i = 0;

	for (; i + 2 <= row->n; i += 2) {
		even += row->value[i] * x[row->at[i]];
		odd += row->value[i + 1] * x[row->at[i + 1]];
	}
	if (i < row->n)
		even += row->value[i] * x[row->at[i]];
	return even + odd;
}

/* Two numbers at a time: rows are short, and what the compiler makes of a loop over one is longer than the loop. */
struct pair {
	double x __attribute__((vector_size(16)));
} __attribute__((packed, aligned(8), may_alias));

/* out = in - x y; out may be in */
static inline void
take_off(double *out, const double *in, double x, const double *y, size_t n)
{
	size_t i = 0;

	for (; i + 2 <= n; i += 2)
		((struct pair *)(out + i))->x = ((const struct pair *)(in + i))->x - x * ((const struct pair *)(y + i))->x;
	if (i < n)
		out[i] = in[i] - x * y[i];
}

/* out = row times a symmetric matrix, four columns at a time: the sums stay in registers */
static void
times(const struct sparse *row, const double *p, size_t n, double *out)
{
	size_t c = 0;

	for (; c + 4 <= n; c += 4) {
		struct pair low = { { 0 } }, high = { { 0 } };

		for (size_t i = 0; i < row->n; i++) {
			const double *from = p + row->at[i] * n + c;

			low.x += row->value[i] * ((const struct pair *)from)->x;
			high.x += row->value[i] * ((const struct pair *)(from + 2))->x;
		}
		*(struct pair *)(out + c) = low;
		*(struct pair *)(out + c + 2) = high;
	}
	for (; c < n; c++) {
		out[c] = 0;
		for (size_t i = 0; i < row->n; i++)
			out[c] += row->value[i] * p[row->at[i] * n + c];
	}
}

static size_t
most_of_a_time(const struct ssm_model *m)
{
	size_t most = 1, run = 0;

	for (size_t i = 0; i < m->n_data; i++) {
		run = i > 0 && m->data[i].time == m->data[i - 1].time ? run + 1 : 1;
		most = run > most ? run : most;
	}
	return most;
}

static void
set_transition(struct fast *f)
{
	const struct ssm_model *m = f->m;
	size_t n = f->n;

	for (size_t r = 0; r < n; r++) {
		struct stretch *last = f->n_stretches > 0 ? &f->stretches[f->n_stretches - 1] : NULL;

		set_sparse(&f->rows[r], m->transition + r * n, n);
		if (f->rows[r].n != 1 || f->rows[r].value[0] != 1) {
			f->sums[f->n_sums++] = r;
			continue;
		}
		f->copied[f->n_copied++] = r;
		f->from[r] = f->rows[r].at[0];
		if (last != NULL && last->to + last->n == r && last->from + last->n == f->from[r])
			last->n++;
		else
			f->stretches[f->n_stretches++] = (struct stretch){ r, f->from[r], 1 };
	}
	memset(f->work, 0, n * n * sizeof *f->work);
	for (size_t r = 0; r < n; r++)
		for (size_t c = 0; c < n; c++)
			for (size_t j = 0; j < m->n_shocks; j++)
				f->work[r * n + c] += m->loading[r * m->n_shocks + j] * m->shock[j] * m->loading[c * m->n_shocks + j];
	set_sparse(&f->noise, f->work, n * n);
}

static void
fast_free(struct fast *f)
{
	if (f == NULL)
		return;
	free(f->rows);
	free(f->stretches);
	free(f->slots);
	free(f->room);
	free(f->places);
	free(f);
}

static struct fast *
fast_new(const struct ssm_model *m)
{
	size_t n = m->n_states, most = most_of_a_time(m);
	struct fast *f = calloc(1, sizeof *f);
	double *next;
	size_t *place;

	if (f == NULL)
		return NULL;
	f->m = m;
	f->n = n;
	f->rows = calloc(n, sizeof *f->rows);
	f->stretches = calloc(n, sizeof *f->stretches);
	f->slots = calloc(most, sizeof *f->slots);
	f->room = next = calloc(3 * n + 6 * n * n + 2 * most * n, sizeof *next);
	f->places = place = calloc(3 * n + 2 * n * n + most * n, sizeof *place);
	if (f->rows == NULL || f->stretches == NULL || f->slots == NULL || next == NULL || place == NULL) {
		fast_free(f);
		return NULL;
	}
	f->a = next, next += n;
	f->a_next = next, next += n;
	f->root = next, next += n;
	f->p = next, next += n * n;
	f->p_next = next, next += n * n;
	f->before = next, next += n * n;
	f->work = next, next += n * n;
	f->noise.value = next, next += n * n;
	f->copied = place, place += n;
	f->from = place, place += n;
	f->sums = place, place += n;
	f->noise.at = place, place += n * n;
	for (size_t r = 0; r < n; r++) {
		f->rows[r].value = next, next += n;
		f->rows[r].at = place, place += n;
	}
	for (size_t j = 0; j < most; j++) {
		f->slots[j].k = next, next += n;
		f->slots[j].row.value = next, next += n;
		f->slots[j].row.at = place, place += n;
	}
	set_transition(f);
	return f;
}

/* Whether a datum has the form of the slot, which takes it on if not. */
static bool
same_form(const struct fast *f, struct slot *slot, const struct ssm_datum *d)
{
	bool same = slot->z != NULL && slot->h == d->h &&
	    (slot->z == d->z || memcmp(slot->z, d->z, f->n * sizeof *d->z) == 0);

	if (!same)
		set_sparse(&slot->row, d->z, f->n);
	slot->z = d->z;
	slot->h = d->h;
	return same;
}

static void
take_in(struct fast *f, struct slot *slot, const struct ssm_datum *d, struct tally *tally)
{
	size_t n = f->n;
	double v = d->y - sparse_dot(&slot->row, f->a) - (d->d == NULL ? 0 : d->d[0]);

	for (size_t r = 0; r < n; r++)
		f->a[r] += slot->k[r] * v;
	tally->squares += v * v / slot->f;
	tally->logs += slot->log_f;
	tally->out->n_used++;
}

/* Gain and variance of a slot at the covariance as it is; root then. False: the datum says nothing. */
static bool
set_gain(struct fast *f, struct slot *slot)
{
	double *k = slot->k, sharp, scale;

	times(&slot->row, f->p, f->n, k);
	slot->f = sparse_dot(&slot->row, k) + slot->h;
	if (!(slot->f > 0))
		return false;
	slot->log_f = LOG_2PI + log(slot->f);
	sharp = 1 / slot->f;
	scale = sqrt(sharp);
	for (size_t r = 0; r < f->n; r++) {
		f->root[r] = k[r] * scale;
		k[r] *= sharp;
	}
	return true;
}

static void
take_out_root(struct fast *f)
{
	for (size_t r = 0; r < f->n; r++)
		take_off(f->p + r * f->n, f->p + r * f->n, f->root[r], f->root, f->n);
	memset(f->root, 0, f->n * sizeof *f->root);
}

static void
predict_mean(struct fast *f, size_t t)
{
	const double *c = ssm_at(f->m->intercept, f->m->intercept_step, t);
	double *keep = f->a;

	for (size_t i = 0; i < f->n_copied; i++)
		f->a_next[f->copied[i]] = f->a[f->from[f->copied[i]]];
	for (size_t i = 0; i < f->n_sums; i++)
		f->a_next[f->sums[i]] = sparse_dot(&f->rows[f->sums[i]], f->a);
	for (size_t r = 0; c != NULL && r < f->n; r++)
		f->a_next[r] += c[r];
	f->a = f->a_next;
	f->a_next = keep;
}

/* p_next = T (p - root root') T' + R Q R', which takes the place of p. */
static void
predict_covariance(struct fast *f)
{
	size_t n = f->n;
	double *p = f->p, *next = f->p_next;

	for (size_t j = 0; j < f->n_stretches; j++) {
		const struct stretch *s = &f->stretches[j];

		for (size_t i = 0; i < f->n_copied; i++) {
			size_t r = f->copied[i], from = f->from[r];

			take_off(next + r * n + s->to, p + from * n + s->from, f->root[from], f->root + s->from, s->n);
		}
	}
	for (size_t i = 0; i < f->n_sums; i++) {
		size_t r = f->sums[i];
		double *w = f->work + r * n;

		times(&f->rows[r], p, n, w);
		take_off(w, w, sparse_dot(&f->rows[r], f->root), f->root, n);
		for (size_t j = 0; j < f->n_copied; j++)
			next[r * n + f->copied[j]] = next[f->copied[j] * n + r] = w[f->from[f->copied[j]]];
		for (size_t j = 0; j <= i; j++)
			next[r * n + f->sums[j]] = next[f->sums[j] * n + r] = sparse_dot(&f->rows[f->sums[j]], w);
	}
	for (size_t i = 0; i < f->noise.n; i++)
		next[f->noise.at[i]] += f->noise.value[i];
	f->p = next;
	f->p_next = p;
}

/* In the steady state, with one datum of the same form a time: as many times as that lasts. Returns the time after. */
static size_t
glide(struct fast *f, size_t t, size_t *i, struct tally *tally)
{
	const struct ssm_model *m = f->m;
	const struct slot *slot = &f->slots[0];
	size_t n = f->n, start = t;
	double squares = 0, *gain = f->root;

	for (size_t r = 0; r < n; r++)
		gain[r] = sparse_dot(&f->rows[r], slot->k);
	for (; t < m->n_times && *i < m->n_data; t++, (*i)++) {
		const struct ssm_datum *d = &m->data[*i];
		const double *c = ssm_at(m->intercept, m->intercept_step, t), *a = f->a;
		double v, *next = f->a_next;

		if (d->time != t || isnan(d->y) || d->z != slot->z || d->h != slot->h || (*i + 1 < m->n_data && d[1].time == t))
			break;
		v = d->y - sparse_dot(&slot->row, a) - (d->d == NULL ? 0 : d->d[0]);
		squares += v * v;
		for (size_t j = 0; j < f->n_stretches; j++) {
			const struct stretch *s = &f->stretches[j];

			for (size_t k = 0; k < s->n; k++)
				next[s->to + k] = a[s->from + k] + gain[s->to + k] * v;
		}
		for (size_t j = 0; j < f->n_sums; j++)
			next[f->sums[j]] = sparse_dot(&f->rows[f->sums[j]], a) + gain[f->sums[j]] * v;
		for (size_t r = 0; c != NULL && r < n; r++)
			next[r] += c[r];
		f->a_next = f->a;
		f->a = next;
	}
	tally->squares += squares / slot->f;
	tally->logs += slot->log_f * (double)(t - start);
	tally->out->n_used += t - start;
	tally->out->n_steady += t - start;
	return t;
}

static bool
stands(const struct fast *f, double tolerance)
{
	const double *p = f->p;
	size_t n = f->n;

	for (size_t r = 0; r < n; r++)
		for (size_t c = 0; c <= r; c++)
			if (!(fabs(p[r * n + c] - f->before[r * n + c]) <= tolerance * sqrt(fabs(p[r * n + r] * p[c * n + c]))))
				return false;
	return true;
}

/* The data from first to last, all of one time, with new gains. Whether their variances are those of the time before. */
static bool
take_in_all(struct fast *f, size_t first, size_t last, double tolerance, struct tally *tally)
{
	bool still = true;

	memset(f->root, 0, f->n * sizeof *f->root);
	for (size_t j = first, s = 0; j < last; j++) {
		const struct ssm_datum *d = &f->m->data[j];
		struct slot *slot = &f->slots[s];
		double was = slot->f;

		if (isnan(d->y))
			continue;
		if (s++ > 0)
			take_out_root(f);
		if (set_gain(f, slot)) {
			take_in(f, slot, d, tally);
			still = still && fabs(slot->f - was) <= tolerance * was;
		}
	}
	return still;
}

/* From time t, with datum i the first of it, to the end. The mean and the full covariance are those predicted for t. */
static int
run_fast(const struct ssm_model *m, size_t t, size_t i, const double *a, const double *p, double tolerance, struct tally *tally,
    struct err *err)
{
	struct fast *f = fast_new(m);
	bool steady = false, near = false;
	int rc = LODE_OK;

	if (f == NULL)
		return err_set(err, LODE_ENOMEM, "no memory");
	memcpy(f->a, a, f->n * sizeof *a);
	memcpy(f->p, p, f->n * f->n * sizeof *p);
	for (;; t++) {
		size_t used = 0, first = i, first_used = tally->out->n_used;
		bool same = true, still;

		if (steady && f->n_slots == 1) {
			t = glide(f, t, &i, tally);
			first = i;
			first_used = tally->out->n_used;
		}
		if (t == m->n_times)
			break;
		for (; i < m->n_data && m->data[i].time == t; i++)
			if (!isnan(m->data[i].y))
				same = same_form(f, &f->slots[used++], &m->data[i]) && same;
		same = same && used == f->n_slots;
		if (steady && same) {
			for (size_t j = first, s = 0; j < i; j++)
				if (!isnan(m->data[j].y))
					take_in(f, &f->slots[s++], &m->data[j], tally);
			predict_mean(f, t);
			tally->out->n_steady++;
			continue;
		}
		steady = false;
		if (near && same)
			memcpy(f->before, f->p, f->n * f->n * sizeof *f->before);
		still = take_in_all(f, first, i, tolerance, tally);
		predict_mean(f, t);
		predict_covariance(f);
		f->n_slots = used;
		same = same && tolerance > 0 && tally->out->n_used == first_used + used;
		/* The variances are asked first, which costs nothing; the covariance once they stand still. */
		steady = same && near && stands(f, tolerance);
		near = same && still;
		if (!isfinite(tally->squares))
			break;
	}
	if (!isfinite(tally->squares))
		rc = err_set(err, LODE_EDATA, "the filter left the finite numbers at time %zu", t + 1);
	fast_free(f);
	return rc;
}

/* The steps of the filter, to the end or to where the fast run takes over. */
static int
run(const struct ssm_model *m, bool fast, double tolerance, double *room, struct tally *tally, struct err *err)
{
	size_t n = m->n_states, n2 = n * n, i = 0, rank = 0, t = 0;
	double *a = room, *a_next = a + n, *x = a_next + n, *p = x + n, *p_inf = p + n2, *p_next = p_inf + n2, *p_inf_next = p_next + n2,
	    *work = p_inf_next + n2;
	struct ssm_step s = { .z = work + n2, .k = work + n2 + n, .k_inf = work + n2 + 2 * n };
	bool diffuse = false;
	int rc;

	memcpy(a, m->mean, n * sizeof *a);
	memcpy(p, m->cov, n2 * sizeof *p);
	if (m->cov_inf != NULL)
		memcpy(p_inf, m->cov_inf, n2 * sizeof *p_inf);
	for (size_t r = 0; m->cov_inf != NULL && r < n; r++)
		rank += m->cov_inf[r * n + r] != 0;
	diffuse = rank > 0;
	for (; t < m->n_times && (diffuse || !fast); t++) {
		for (; i < m->n_data && m->data[i].time == t; i++) {
			if ((rc = ssm_step_update(m, i, a, p, diffuse ? p_inf : NULL, x, &s, err)) != LODE_OK)
				return rc;
			tally->out->log_likelihood += ssm_step_log_likelihood(&s);
			tally->out->n_used += isnan(s.v) ? 0 : 1;
			tally->out->n_diffuse += s.f_inf > 0 && !isnan(s.v);
			diffuse = diffuse && tally->out->n_diffuse < rank; /* what is left then is rounding */
		}
		ssm_step_predict(m, t, a, p, diffuse ? p_inf : NULL, work, a_next, p_next, p_inf_next);
		memcpy(a, a_next, n * sizeof *a);
		memcpy(p, p_next, n2 * sizeof *p);
		memcpy(p_inf, p_inf_next, n2 * sizeof *p_inf);
		if (!isfinite(tally->out->log_likelihood))
			return err_set(err, LODE_EDATA, "the filter left the finite numbers at time %zu", t + 1);
	}
	return t < m->n_times ? run_fast(m, t, i, a, p, tolerance, tally, err) : LODE_OK;
}

int
ssm_log_likelihood(const struct ssm_model *m, double tolerance, struct ssm_likelihood *out, struct err *err)
{
	struct ssm_likelihood found = { 0 };
	struct tally tally = { .out = &found };
	size_t n = m->n_states;
	bool fast = m->transition_step == 0 && m->loading_step == 0 && m->shock_step == 0 && !(m->outlier_z > 0);
	double *room;
	int rc;

	if ((rc = ssm_check(m, err)) != LODE_OK)
		return rc;
	for (size_t i = 0; fast && i < m->n_data; i++)
		fast = m->data[i].n_terms == 1;
	if ((room = calloc(6 * n + 5 * n * n, sizeof *room)) == NULL)
		return err_set(err, LODE_ENOMEM, "no memory");
	if ((rc = run(m, fast, tolerance, room, &tally, err)) == LODE_OK) {
		found.log_likelihood -= 0.5 * (tally.logs + tally.squares);
		*out = found;
	}
	free(room);
	return rc;
}
