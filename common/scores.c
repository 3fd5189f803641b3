#include "scores.h"

#include <math.h>
#include <stdlib.h>

static double
density(double z)
{
	return exp(-z * z / 2) / sqrt(2 * M_PI);
}

double
score_normal_below(double z)
{
	return erfc(-z / M_SQRT2) / 2;
}

double
score_crps_normal(double y, double mean, double sd)
{
	double z = (y - mean) / sd;

	return sd * (z * erf(z / M_SQRT2) + 2 * density(z) - 1 / sqrt(M_PI));
}

double
score_crps_lognormal(double y, double mean, double sd)
{
	double w = (log(y) - mean) / sd;

	if (!(y > 0))
		w = -INFINITY;
	return y * erf(w / M_SQRT2) - 2 * exp(mean + sd * sd / 2) * (score_normal_below(w - sd) + score_normal_below(sd / M_SQRT2) - 1);
}

static int
by_size(const void *x, const void *y)
{
	const double *a = x, *b = y;

	return (*a > *b) - (*a < *b);
}

double
score_crps_ensemble(double y, double *x, size_t n, bool fair)
{
	double off = 0, apart = 0, m = (double)n;

	qsort(x, n, sizeof *x, by_size);
	for (size_t i = 0; i < n; i++) {
		off += fabs(x[i] - y);
		apart += (2 * (double)i + 1 - m) * x[i]; /* sum over pairs of |xi - xj|, from sorted members */
	}
	return off / m - apart / (m * (fair ? m - 1 : m));
}

double
score_quantile(double y, double q, double p)
{
	return y > q ? 2 * (y - q) * p : 2 * (q - y) * (1 - p);
}

double
score_quantiles(double y, const double *q, const double *p, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += score_quantile(y, q[i], p[i]);
	return sum / (double)n;
}

double
score_log_normal(double y, double mean, double sd)
{
	double z = (y - mean) / sd;

	return log(sd) + 0.5 * log(2 * M_PI) + z * z / 2;
}

double
score_log_event(bool happened, double p)
{
	return -log(happened ? p : 1 - p);
}

double
score_pit_normal(double y, double mean, double sd)
{
	return score_normal_below((y - mean) / sd);
}

double
score_pit_ensemble(double y, const double *x, size_t n, double u)
{
	double under = 0, at = 0;

	for (size_t i = 0; i < n; i++) {
		under += x[i] < y;
		at += x[i] == y;
	}
	return (under + u * at) / (double)n;
}

/* Continued fraction of the incomplete beta function (Lentz), which converges where x is below (a + 1) / (a + b + 2). */
static double
beta_fraction(double a, double b, double x)
{
	double c = 1, d = 1 / (1 - (a + b) * x / (a + 1)), f = d;

	for (int m = 1; m < 10000; m++) {
		double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)), by;

		d = 1 / (1 + even * d);
		c = 1 + even / c;
		f *= c * d;
		d = 1 / (1 + odd * d);
		c = 1 + odd / c;
		by = c * d;
		f *= by;
		if (fabs(by - 1) < 1e-16)
			break;
	}
	return f;
}

static double
beta_below(double a, double b, double x, double rest)
{
	int sign;
	double front = exp(lgamma_r(a + b, &sign) - lgamma_r(a, &sign) - lgamma_r(b, &sign) + a * log(x) + b * log(rest));

	if (x <= 0 || rest <= 0)
		return x > 0;
	if (x < (a + 1) / (a + b + 2))
		return front * beta_fraction(a, b, x) / a;
	return 1 - front * beta_fraction(b, a, rest) / b;
}

double
score_student_above(double t, double df)
{
	double half = beta_below(df / 2, 0.5, df / (df + t * t), t * t / (df + t * t)) / 2;

	return t > 0 ? half : 1 - half;
}

static int
by_probability(const void *x, const void *y)
{
	const struct score_event *a = x, *b = y;

	return a->p != b->p ? (a->p > b->p) - (a->p < b->p) : (int)a->happened - (int)b->happened;
}

size_t
score_bin(double p, size_t bins)
{
	size_t bin = (size_t)(p * (double)bins);

	return bin < bins ? bin : bins - 1;
}

void
score_brier(struct score_event *e, size_t n, size_t bins, double clip, struct score_brier *out)
{
	struct score_brier b = { n, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN };
	double all = (double)n, squares = 0, happened = 0, said = 0, logs = 0;

	if (n > 0)
		qsort(e, n, sizeof *e, by_probability);
	for (size_t i = 0; i < n; i++) {
		double off = e[i].p - e[i].happened;

		squares += off * off;
		happened += e[i].happened;
		said += e[i].p;
		logs += score_log_event(e[i].happened, fmin(fmax(e[i].p, clip), 1 - clip));
	}
	if (n > 0) {
		b.brier = squares / all;
		b.rate = happened / all;
		b.mean_p = said / all;
		b.log_score = logs / all;
		b.reliability = b.resolution = 0;
	}
	for (size_t i = 0, end; i < n; i = end) {
		double p = 0, o = 0, count;

		for (end = i; end < n && (bins == 0 ? e[end].p == e[i].p : score_bin(e[end].p, bins) == score_bin(e[i].p, bins)); end++) {
			p += e[end].p;
			o += e[end].happened;
		}
		count = (double)(end - i);
		b.reliability += count / all * (p - o) / count * (p - o) / count;
		b.resolution += count / all * (o / count - b.rate) * (o / count - b.rate);
	}
	if (n > 0) {
		b.uncertainty = b.rate * (1 - b.rate);
		b.within = bins == 0 ? 0 : b.brier - (b.reliability - b.resolution + b.uncertainty);
		b.skill = b.uncertainty > 0 ? 1 - b.brier / b.uncertainty : NAN;
	}
	*out = b;
}

double
score_auc(struct score_event *e, size_t n)
{
	double won = 0, below = 0, yes = 0;

	if (n > 0)
		qsort(e, n, sizeof *e, by_probability);
	for (size_t i = 0, end; i < n; i = end) {
		double here_yes = 0, here_no = 0;

		for (end = i; end < n && e[end].p == e[i].p; end++)
			*(e[end].happened ? &here_yes : &here_no) += 1;
		won += here_yes * (below + here_no / 2);
		below += here_no;
		yes += here_yes;
	}
	return won / (yes * below);
}

void
score_binomial(size_t hits, size_t n, double z, double *low, double *high)
{
	double m = (double)n, p = n > 0 ? (double)hits / m : 0, by = z * z / m, middle, half;

	if (n == 0) {
		*low = 0;
		*high = 1;
		return;
	}
	middle = (p + by / 2) / (1 + by);
	half = z * sqrt(p * (1 - p) / m + by / (4 * m)) / (1 + by);
	*low = hits == 0 ? 0 : middle - half;
	*high = hits == n ? 1 : middle + half;
}

void
score_mean(const double *x, size_t n, size_t lag, double *mean, double *variance)
{
	double middle = 0, flat = 0, fading = 0, m = (double)n;

	for (size_t i = 0; i < n; i++)
		middle += (x[i] - middle) / (double)(i + 1);
	for (size_t k = 0; k <= lag && k < n; k++) {
		double sum = 0;

		for (size_t i = k; i < n; i++)
			sum += (x[i] - middle) * (x[i - k] - middle) / m;
		flat += k == 0 ? sum : 2 * sum;
		fading += k == 0 ? sum : 2 * sum * (1 - (double)k / (double)(lag + 1));
	}
	*mean = middle;
	*variance = fmax(0, flat > 0 ? flat : fading) / m;
}

int
score_compare(const double *a, const double *b, size_t n, size_t horizon, struct score_compared *out, struct err *err)
{
	struct score_compared c = { n, NAN, NAN, NAN, NAN, NAN, NAN };
	double *d = calloc(n + 1, sizeof *d), m = (double)n, h = (double)horizon, few, size = 0;

	if (d == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	for (size_t i = 0; i < n; i++) {
		d[i] = a[i] - b[i];
		size = fmax(size, fmax(fabs(a[i]), fabs(b[i])));
	}
	if (n > 0)
		score_mean(d, n, horizon - 1, &c.difference, &c.variance);
	/* What is left of equal differences is rounding. */
	if (n >= 2 && n >= horizon && c.variance * m > 1e-28 * size * size) {
		c.statistic = c.difference / sqrt(c.variance);
		c.p = erfc(fabs(c.statistic) / M_SQRT2);
		few = (m + 1 - 2 * h + h * (h - 1) / m) / m;
		if (few > 0) {
			c.corrected = c.statistic * sqrt(few);
			c.p_corrected = 2 * score_student_above(fabs(c.corrected), m - 1);
		}
	}
	free(d);
	*out = c;
	return LODE_OK;
}

void
score_alarms(const int32_t *alarm, size_t n, const struct score_episode *episode, size_t m, int32_t before, int32_t after, double *lead,
    struct score_alarms *out)
{
	struct score_alarms s = { .episodes = m, .alarms = n, .lead_median = NAN, .lead_least = NAN, .lead_most = NAN };

	for (size_t i = 0; i < m; i++)
		for (size_t k = 0; k < n; k++)
			if (alarm[k] >= episode[i].first - before && alarm[k] <= episode[i].first + after) {
				lead[s.hits++] = episode[i].first - alarm[k];
				break;
			}
	for (size_t k = 0; k < n; k++) {
		bool matched = false, inside = false;

		for (size_t i = 0; i < m; i++) {
			matched = matched || (alarm[k] >= episode[i].first - before && alarm[k] <= episode[i].first + after);
			inside = inside || (alarm[k] >= episode[i].first && alarm[k] <= episode[i].last);
		}
		s.matched += matched;
		s.late += !matched && inside;
	}
	s.misses = m - s.hits;
	s.wrong = n - s.matched - s.late;
	if (s.hits > 0) {
		qsort(lead, s.hits, sizeof *lead, by_size);
		s.lead_median = (lead[(s.hits - 1) / 2] + lead[s.hits / 2]) / 2;
		s.lead_least = lead[0];
		s.lead_most = lead[s.hits - 1];
	}
	score_binomial(s.hits, m, 1.959963984540054, &s.low, &s.high);
	*out = s;
}
