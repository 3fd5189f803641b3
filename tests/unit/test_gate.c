/* gate: the filter and the draws against all paths of a short chain, acts, scenarios */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gate.h"

enum { MONTHS = 6, NOW = 3, PATHS = 40000 };

static const double act[GATE_STATES] = { 0.1, 0.3, 0.6 }, other[GATE_STATES] = { 1, 0.85, 0.25 };

/* Months 0 to 5, of which 0 to 3 were seen; open in 0 and 1, an act in 2, exports in 2 and 3. */
static struct gate_setup
setup(struct gate_act acts[1], struct gate_figure figures[3])
{
	acts[0] = (struct gate_act){ 2, act };
	figures[0] = (struct gate_figure){ 2, 0.3, NULL };
	figures[1] = (struct gate_figure){ 3, 0, NULL };
	figures[2] = (struct gate_figure){ 3, 0.4, other }; /* of something else that passes */
	return (struct gate_setup){ .move = { { 0.9, 0.07, 0.03 }, { 0.1, 0.8, 0.1 }, { 0.05, 0.25, 0.7 } }, .through = { 1, 0.35, 0.02 },
		.scale = 0.5, .dof = 3, .least = 0.01, .first = 0, .now = NOW, .last = MONTHS - 1, .open_until = 1, .n_acts = 1, .n_figures = 3,
		.acts = acts, .figures = figures, .forced_last = -1 };
}

static double
t_density(double ratio, double through)
{
	double z = (log(fmax(ratio, 0.01)) - log(through)) / 0.5;

	return pow(1 + z * z / 3, -2);
}

/* P(path | seen) for every path of months 2 to 5, by brute force; returns P(state of a month). */
static void
by_enumeration(const struct gate_setup *s, double p[MONTHS][GATE_STATES])
{
	double sum = 0;

	for (size_t m = 0; m < MONTHS; m++)
		for (size_t k = 0; k < GATE_STATES; k++)
			p[m][k] = m < 2 && k == GATE_OPEN;
	for (size_t path = 0; path < 81; path++) {
		size_t state[MONTHS] = { 0, 0, path % 3, path / 3 % 3, path / 9 % 3, path / 27 };
		double weight = act[state[2]] * t_density(0.3, s->through[state[2]]) * s->move[state[2]][state[3]] *
		    t_density(0, s->through[state[3]]) * t_density(0.4, other[state[3]]) * s->move[state[3]][state[4]] *
		    s->move[state[4]][state[5]];

		sum += weight;
		for (size_t m = 2; m < MONTHS; m++)
			p[m][state[m]] += weight;
	}
	for (size_t m = 2; m < MONTHS; m++)
		for (size_t k = 0; k < GATE_STATES; k++)
			p[m][k] /= sum;
}

static void
the_filter_and_the_draws_are_those_of_all_paths(void **state)
{
	struct gate_act acts[1];
	struct gate_figure figures[3];
	struct gate_setup s = setup(acts, figures);
	struct gate *gate;
	struct err err = ERR_INIT;
	double p[MONTHS][GATE_STATES], hits[MONTHS][GATE_STATES] = { 0 };
	uint8_t states[MONTHS];

	(void)state;
	by_enumeration(&s, p);
	assert_int_equal(gate_new(&gate, &s, &err), LODE_OK);
	for (size_t k = 0; k < GATE_STATES; k++)
		assert_true(fabs(gate_probability(gate, (enum gate_state)k) - p[NOW][k]) < 1e-12);
	for (uint32_t path = 0; path < PATHS; path++) {
		gate_draw(gate, 1, path, 7, states);
		for (size_t m = 0; m < MONTHS; m++)
			hits[m][states[m]]++;
	}
	for (size_t m = 0; m < MONTHS; m++)
		for (size_t k = 0; k < GATE_STATES; k++)
			assert_true(fabs(hits[m][k] / PATHS - p[m][k]) < 4 * sqrt(p[m][k] * (1 - p[m][k]) / PATHS) + 1e-9);
	gate_free(gate);
}

static void
a_scenario_shuts_its_months(void **state)
{
	struct gate_act acts[1];
	struct gate_figure figures[3];
	struct gate_setup s = setup(acts, figures);
	struct gate *gate;
	struct err err = ERR_INIT;
	uint8_t states[MONTHS];
	size_t before = 0;

	(void)state;
	s.forced_first = 4;
	s.forced_last = 5;
	assert_int_equal(gate_new(&gate, &s, &err), LODE_OK);
	for (uint32_t path = 0; path < 500; path++) {
		gate_draw(gate, 1, path, 7, states);
		assert_true(states[4] == GATE_SHUT && states[5] == GATE_SHUT && states[0] == GATE_OPEN && states[1] == GATE_OPEN);
		before += states[3] != GATE_SHUT;
	}
	assert_true(before > 0);
	gate_free(gate);
}

static void
bad_setups_are_refused(void **state)
{
	struct gate_act acts[1];
	struct gate_figure figures[3];
	struct gate_setup s = setup(acts, figures);
	static const double wrong[GATE_STATES] = { 0.5, 0.5, 0.5 };
	struct gate *gate;
	struct err err = ERR_INIT;

	(void)state;
	acts[0].act = wrong;
	assert_int_equal(gate_new(&gate, &s, &err), LODE_EUSAGE);
	assert_string_equal(err.message, "row 4 of the gate adds up to 1.5, not 1");
	acts[0].act = act;
	s.through[2] = 0;
	assert_int_equal(gate_new(&gate, &s, &err), LODE_EUSAGE);
	s = setup(acts, figures);
	s.last = 2;
	assert_int_equal(gate_new(&gate, &s, &err), LODE_EUSAGE);
	s = setup(acts, figures);
	s.move[1][1] = -0.8;
	assert_int_equal(gate_new(&gate, &s, &err), LODE_EUSAGE);
	gate_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_filter_and_the_draws_are_those_of_all_paths),
		cmocka_unit_test(a_scenario_shuts_its_months),
		cmocka_unit_test(bad_setups_are_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("gate", tests, NULL, NULL);
}
