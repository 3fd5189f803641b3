#include "gate.h"

#include <math.h>
#include <stdlib.h>

#include "random.h"

struct gate {
	const struct gate_setup *setup;
	double (*seen)[GATE_STATES]; /* by month first..now: P(state | figures up to there) */
};

/* P(state of the month = to | state of the month before = from). */
static double
move(const struct gate_setup *s, int32_t month, size_t from, size_t to)
{
	if (month >= s->forced_first && month <= s->forced_last)
		return to == GATE_SHUT;
	if (month <= s->open_until)
		return to == GATE_OPEN;
	for (size_t i = s->n_acts; i-- > 0;)
		if (s->acts[i].month == month)
			return s->acts[i].act[to];
	return s->move[from][to];
}

/* Up to a factor that the states share. */
static double
likelihood(const struct gate_setup *s, int32_t month, size_t state)
{
	double product = 1;

	for (size_t i = 0; i < s->n_figures; i++)
		if (s->figures[i].month == month) {
			const double *through = s->figures[i].through == NULL ? s->through : s->figures[i].through;
			double z = (log(fmax(s->figures[i].ratio, s->least)) - log(through[state])) / s->scale;

			product *= pow(1 + z * z / s->dof, -(s->dof + 1) / 2);
		}
	return product;
}

static int
check_row(const double *row, size_t n, struct err *err)
{
	double sum = 0;

	for (size_t k = 0; k < GATE_STATES; k++)
		sum += row[k] >= 0 ? row[k] : NAN;
	if (!(fabs(sum - 1) < 1e-9))
		return err_set(err, LODE_EUSAGE, "row %zu of the gate adds up to %g, not 1", n, sum);
	return LODE_OK;
}

static int
check_setup(const struct gate_setup *s, struct err *err)
{
	for (size_t k = 0; k < GATE_STATES; k++) {
		if (check_row(s->move[k], k + 1, err) != LODE_OK)
			return err->code;
		if (!(s->through[k] > 0 && isfinite(s->through[k])))
			return err_set(err, LODE_EUSAGE, "the gate lets %g through", s->through[k]);
	}
	for (size_t i = 0; i < s->n_acts; i++)
		if (check_row(s->acts[i].act, GATE_STATES + 1 + i, err) != LODE_OK)
			return err->code;
	if (!(s->scale > 0) || !(s->dof > 0) || !(s->least > 0) || s->now < s->first || s->last < s->now ||
	    s->open_until < s->first)
		return err_set(err, LODE_EUSAGE, "the gate's scale, degrees of freedom or months make no sense");
	return LODE_OK;
}

int
gate_new(struct gate **out, const struct gate_setup *s, struct err *err)
{
	size_t n = (size_t)(s->now - s->first) + 1;
	struct gate *gate;

	if (check_setup(s, err) != LODE_OK)
		return err->code;
	gate = calloc(1, sizeof *gate);
	if (gate == NULL || (gate->seen = calloc(n, sizeof *gate->seen)) == NULL) {
		free(gate);
		return err_set(err, LODE_ENOMEM, "no memory");
	}
	gate->setup = s;
	gate->seen[0][GATE_OPEN] = 1;
	for (size_t t = 1; t < n; t++) {
		int32_t month = s->first + (int32_t)t;
		double sum = 0;

		for (size_t k = 0; k < GATE_STATES; k++) {
			for (size_t j = 0; j < GATE_STATES; j++)
				gate->seen[t][k] += gate->seen[t - 1][j] * move(s, month, j, k);
			sum += gate->seen[t][k] *= likelihood(s, month, k);
		}
		for (size_t k = 0; k < GATE_STATES; k++)
			gate->seen[t][k] /= sum; /* never 0: no likelihood is */
	}
	*out = gate;
	return LODE_OK;
}

void
gate_free(struct gate *gate)
{
	if (gate == NULL)
		return;
	free(gate->seen);
	free(gate);
}

double
gate_probability(const struct gate *gate, enum gate_state state)
{
	return gate->seen[gate->setup->now - gate->setup->first][state];
}

/* The state that a uniform number picks by weights that need not add up to 1. */
static uint8_t
pick(const double weight[GATE_STATES], double u)
{
	double sum = 0, part = 0;
	size_t k = 0;

	for (size_t i = 0; i < GATE_STATES; i++)
		sum += weight[i];
	for (part = weight[0]; k + 1 < GATE_STATES && u * sum >= part;)
		part += weight[++k];
	return (uint8_t)k;
}

void
gate_draw(const struct gate *gate, uint64_t seed, uint32_t path, uint32_t stream, uint8_t *states)
{
	const struct gate_setup *s = gate->setup;
	size_t now = (size_t)(s->now - s->first), last = (size_t)(s->last - s->first);
	double weight[GATE_STATES];

	for (size_t t = now + 1; t-- > 0;) {
		for (size_t j = 0; j < GATE_STATES; j++)
			weight[j] = gate->seen[t][j] *
			    (t == now ? 1 : move(s, s->first + (int32_t)t + 1, j, states[t + 1]));
		states[t] = pick(weight, random_uniform(seed, path, (uint32_t)(s->first + (int32_t)t), stream));
	}
	for (size_t t = now + 1; t <= last; t++) {
		int32_t month = s->first + (int32_t)t;

		for (size_t k = 0; k < GATE_STATES; k++)
			weight[k] = move(s, month, states[t - 1], k);
		states[t] = pick(weight, random_uniform(seed, path, (uint32_t)month, stream));
	}
}
