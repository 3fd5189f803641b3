#include "flow.h"

#include <assert.h>

int
flow_open(struct flow *flow, const struct flow_options *options, const char *source, const char *partners, const char *flows,
    size_t n_extra, struct run *run, struct err *err)
{
	struct str rest, name;
	size_t i;
	bool known;
	int rc;

	*flow = (struct flow){ .options = options, .run = run, .n_extra = n_extra };
	for (i = 0; i < options->only.n; i++) {
		known = false;
		for (rest = str_of(flows); str_split(&rest, ' ', &name);)
			known = known || str_eq(name, options->only.item[i]);
		if (!known)
			return err_set(err, LODE_EUSAGE, "--flow '%.*s' is not one of: %s", STR_ARG(options->only.item[i]), flows);
	}
	if ((rc = parse_open_lists(&flow->parse, &options->parse, source, partners, err)) != LODE_OK)
		return rc;
	flow->obs.f[OBS_STATUS] = STR("A");
	flow->obs.f[OBS_SOURCE] = str_of(source);
	return collate_new(&flow->collate, &run->out, options->parse.calendar != NULL, options->max_held, err);
}

void
flow_release(struct flow *flow)
{
	collate_free(flow->collate);
	parse_release(&flow->parse);
	ref_release(&flow->ref);
	buf_release(&flow->commodity);
	*flow = (struct flow){ 0 };
}

int
flow_input(struct flow *flow, struct err *err)
{
	return ref_source(&flow->ref, flow->run->source, err);
}

int
flow_rows(struct flow *flow, char *const *operands, const struct rows_filter *filter, struct err *err)
{
	int rc = parse_inputs(flow->run, operands, filter, &flow->ref, err);

	return rc == LODE_OK ? flow_finish(flow, err) : rc;
}

int
flow_area(const struct flow *flow, const char *what, struct str code, struct str *area, struct err *err)
{
	*area = codes_get(flow->parse.partners, code);
	if (area->p == NULL)
		return err_set(err, LODE_EDATA, "unknown %s code '%.*s'", what, STR_ARG(code));
	return LODE_OK;
}

bool
flow_wants_name(const struct flow *flow, const char *name)
{
	return flow->options->only.n == 0 || option_list_has(&flow->options->only, str_of(name));
}

bool
flow_wants_commodity(const struct flow *flow, struct str code)
{
	return option_list_prefix(&flow->options->parse.commodity, code);
}

bool
flow_wants_partner(const struct flow *flow, struct str area)
{
	return option_list_has(&flow->options->parse.partner, area);
}

int
flow_start(struct flow *flow, const char *name, struct str area, struct str partner, const char *prefix, struct str code, struct err *err)
{
	flow->n = 0;
	flow->name = name;
	flow->commodity.n = 0;
	if (buf_add_str(&flow->commodity, str_of(prefix)) != LODE_OK || buf_add_str(&flow->commodity, code) != LODE_OK)
		return err_set(err, LODE_ENOMEM, "out of memory");
	flow->obs.f[OBS_AREA] = area;
	flow->obs.f[OBS_PARTNER] = partner;
	flow->obs.f[OBS_COMMODITY] = buf_str(&flow->commodity);
	flow->obs.f[OBS_STATUS] = STR("A");
	return LODE_OK;
}

int
flow_period(struct flow *flow, struct period period, struct err *err)
{
	struct str known;
	int rc = parse_known(&flow->parse, period, &known, err);

	if (rc != LODE_OK)
		return rc;
	memcpy(flow->known, known.p, INSTANT_LENGTH);
	period_format(period, flow->period);
	return LODE_OK;
}

/* NAME.MEASURE; both are constants of the filters, far shorter than the room. */
static void
set_indicator(char out[FLOW_INDICATOR], const char *name, const char *measure)
{
	size_t n = strlen(name), m = strlen(measure);

	assert(n + m + 2 <= FLOW_INDICATOR);
	memcpy(out, name, n);
	out[n] = '.';
	memcpy(out + n + 1, measure, m + 1);
}

int
flow_add(struct flow *flow, const char *measure, struct str value, struct dec factor, struct str unit, struct err *err)
{
	struct flow_figure *figure = &flow->figure[flow->n];
	struct dec number;
	int rc;

	if (value.n == 0)
		return LODE_OK;
	if (flow->n == FLOW_MAX)
		return err_set(err, LODE_EDATA, "more than %d figures in one record", FLOW_MAX);
	figure->value = value;
	if (dec_cmp(factor, dec_of(1)) != 0) {
		if ((rc = dec_parse(value, &number, err)) != LODE_OK || (rc = dec_mul(number, factor, &number, err)) != LODE_OK)
			return rc;
		figure->value = (struct str){ figure->text, dec_format(number, figure->text) };
	} else if (!dec_valid(value)) {
		return err_set(err, LODE_EDATA, "cannot read '%.*s' as a decimal", STR_ARG(value));
	}
	figure->unit = unit;
	memcpy(figure->known, flow->known, sizeof figure->known);
	memcpy(figure->period, flow->period, sizeof figure->period);
	set_indicator(figure->indicator, flow->name, measure);
	flow->n++;
	return LODE_OK;
}

bool
flow_is_zero(struct str value)
{
	struct dec number;
	struct err ignored;

	if (value.n == 0 || str_is(value, "0"))
		return true;
	/* a figure that begins with another digit is not zero; most of a file is told apart by one byte */
	return (value.p[0] < '1' || value.p[0] > '9') && dec_parse(value, &number, &ignored) == LODE_OK && number.mantissa == 0;
}

static bool
no_unit(struct str unit)
{
	return unit.n == 0 || str_is(unit, "-") || str_is(unit, "X") || str_is(unit, "NO_SU");
}

static bool
mass_unit(struct str unit, struct dec *kg)
{
	if (str_is(unit, "KG"))
		*kg = dec_of(1);
	else if (str_is(unit, "MT") || str_is(unit, "T"))
		*kg = dec_of(1000);
	else if (str_is(unit, "G") || str_is(unit, "GR"))
		*kg = (struct dec){ 1, 3 };
	else
		return false;
	return true;
}

int
flow_add_quantities(struct flow *flow, const struct str value[2], const struct str unit[2], int *bad, struct err *err)
{
	const char *counted = "quantity";
	struct dec kg;
	int i, mass = -1, rc = LODE_OK;

	for (i = 0; i < 2; i++)
		if (mass_unit(unit[i], &kg) && value[i].n > 0)
			mass = i;
	for (i = 0; i < 2 && rc == LODE_OK; i++) {
		*bad = i;
		if (no_unit(unit[i])) {
			if (!flow_is_zero(value[i]))
				rc = err_set(err, LODE_EDATA, "quantity '%.*s' without a unit", STR_ARG(value[i]));
		} else if (i == mass && mass_unit(unit[i], &kg)) {
			rc = flow_add(flow, "mass", value[i], kg, STR("kg"), err);
		} else {
			rc = flow_add(flow, counted, value[i], dec_of(1), unit[i], err);
			counted = "quantity.second";
		}
	}
	return rc;
}

int
flow_write(struct flow *flow, uint64_t line, struct err *err)
{
	struct obs *obs = &flow->obs;
	size_t i;
	int rc = LODE_OK;

	obs->f[OBS_REF] = ref_line(&flow->ref, line);
	for (i = 0; i < flow->n && rc == LODE_OK; i++) {
		const struct flow_figure *figure = &flow->figure[i];

		obs->f[OBS_KNOWN] = (struct str){ figure->known, INSTANT_LENGTH };
		obs->f[OBS_PERIOD] = str_of(figure->period);
		obs->f[OBS_INDICATOR] = str_of(figure->indicator);
		obs->f[OBS_VALUE] = figure->value;
		obs->f[OBS_UNIT] = figure->unit;
		rc = collate_add(flow->collate, obs, flow->extra, flow->n_extra, err);
	}
	return rc;
}

int
flow_finish(struct flow *flow, struct err *err)
{
	return collate_finish(flow->collate, err);
}
