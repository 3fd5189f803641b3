/*
 * lode-assay - heavy rare earth oxides in the materials that cross a border
 *
 * in     a tape; its lines import.mass and export.mass of customs codes (hs:28469019, hs22:284690)
 * out    every line as it is, with one more column `basket`; behind a line of a known material the oxides in it: feed.mass
 *        for an import, outflow.mass for an export, of REO (all oxides together), Dy2O3 and Tb4O7, in kg, status E
 * state  two tables: materials.tsv and assays.tsv
 */
#include <stdio.h>
#include <stdlib.h>

#include "materials.h"
#include "run.h"
#include "unit.h"

struct opts {
	struct run_options run;
	const char *tables, *area;
};

struct state {
	const struct opts *opts;
	struct table codes, assays;  /* owned */
	char path[2][4096];          /* of them, for messages */
	struct materials *materials; /* owned */
	struct header columns;       /* where they stand, without their names */
	int basket;                  /* column; -1: not in the input */
	struct str *derived;         /* owned: by column, what a derived line has instead */
};

static const struct option_spec options[] = {
	{ 't', "tables", "DIR", OPTION_TEXT, offsetof(struct opts, tables), "folder of materials.tsv and assays.tsv (needed)" },
	{ 0, "area", "AREA", OPTION_TEXT, offsetof(struct opts, area), "whose tariff the codes of more than 6 digits are, CN by default" },
	RUN_OPTIONS(struct opts, run),
	{ 0 }
};

static const struct program program = { "lode-assay", "[FILE ...]", "heavy rare earth oxides in the materials that cross a border",
	options };

static int
load(struct table *table, const char *folder, const char *name, const char *const *columns, char path[4096], struct err *err)
{
	if (snprintf(path, 4096, "%s/%s", folder, name) >= 4096)
		return err_set(err, LODE_EUSAGE, "the name of the folder of tables is too long");
	return table_load(table, path, columns, err);
}

static int
load_tables(struct state *state, struct err *err)
{
	const char *folder = state->opts->tables;

	if (load(&state->codes, folder, "materials.tsv", materials_columns, state->path[0], err) != LODE_OK ||
	    load(&state->assays, folder, "assays.tsv", materials_assay_columns, state->path[1], err) != LODE_OK)
		return err->code;
	return materials_new(&state->materials, &state->codes, &state->assays, err);
}

static int
on_header(void *argument, const struct header *header, struct run *run, struct err *err)
{
	struct state *state = argument;

	if ((state->derived = calloc(header->n, sizeof *state->derived)) == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	state->basket = header_find(header, STR("basket"));
	state->columns = *header;
	state->columns.names = NULL; /* they go with the first input */
	sink_str(&run->out, run->header);
	sink_str(&run->out, state->basket < 0 ? STR("\tbasket\n") : STR("\n"));
	return LODE_OK;
}

/* Writes record's fields, or those of replaced where it is given, and the basket. */
static void
write_line(const struct state *state, const struct record *record, const struct str *replaced, struct str basket, struct sink *out)
{
	unsigned i;

	if (replaced == NULL) {
		sink_str(out, record->raw);
	} else {
		for (i = 0; i < record->n; i++) {
			if (i > 0)
				sink_byte(out, '\t');
			sink_str(out, replaced[i].p != NULL ? replaced[i] : record_get(record, i));
		}
	}
	if (state->basket < 0) {
		sink_byte(out, '\t');
		sink_str(out, basket);
	}
	sink_byte(out, '\n');
}

/* The material of a line that moves one, or NULL. */
/* The code of a mass in the Harmonized System; false for every other line. */
static bool
get_code(const struct obs *obs, struct str *code)
{
	struct str scheme;

	*code = obs->f[OBS_COMMODITY];
	if (!str_is(obs->f[OBS_INDICATOR], "import.mass") && !str_is(obs->f[OBS_INDICATOR], "export.mass"))
		return false;
	return str_split(code, ':', &scheme) && code->p != NULL && str_starts(scheme, STR("hs"));
}

/* The mass in kg, 0 when it is missing. */
static int
read_mass(const struct state *state, const struct obs *obs, struct dec *kg, struct err *err)
{
	struct dec unit;

	*kg = dec_of(0);
	if (unit_mass(obs->f[OBS_UNIT], &unit, err) != LODE_OK)
		return err_column(err, (unsigned)state->columns.obs[OBS_UNIT] + 1, "unit");
	if (obs->f[OBS_VALUE].n > 0 && (dec_parse(obs->f[OBS_VALUE], kg, err) != LODE_OK || dec_mul(*kg, unit, kg, err) != LODE_OK))
		return err_column(err, (unsigned)state->columns.obs[OBS_VALUE] + 1, "value");
	return LODE_OK;
}

/* The masses of REO and of the oxides in it; a material of one oxide is all that oxide. */
static int
assay(const struct state *state, const struct obs *obs, const struct material *material, struct dec kg[MATERIALS_PARTS], struct err *err)
{
	const struct dec *share = materials_shares(state->materials, obs->f[OBS_PARTNER]);
	struct dec oxide;
	unsigned i;

	if (read_mass(state, obs, &oxide, err) != LODE_OK || dec_mul(oxide, material->fraction, &oxide, err) != LODE_OK)
		return err->code;
	for (i = 0; i < MATERIALS_PARTS; i++)
		if (dec_mul(oxide, material->kind == MATERIAL_SINGLE ? dec_of(1) : share[i], &kg[i], err) != LODE_OK)
			return err->code;
	return LODE_OK;
}

/* One derived line. A missing mass has missing parts. */
static void
write_part(struct state *state, const struct record *record, const struct obs *obs, const struct material *material, unsigned part,
    struct dec kg, struct run *run)
{
	struct str *derived = state->derived;
	const int *column = state->columns.obs;
	bool missing = obs->f[OBS_VALUE].n == 0;
	char value[DEC_MAX];

	derived[column[OBS_COMMODITY]] = str_of(materials_part[part]);
	derived[column[OBS_INDICATOR]] = str_is(obs->f[OBS_INDICATOR], "import.mass") ? STR("feed.mass") : STR("outflow.mass");
	derived[column[OBS_VALUE]] = missing ? STR("") : (struct str){ value, dec_format(kg, value) };
	derived[column[OBS_UNIT]] = STR("kg");
	derived[column[OBS_STATUS]] = missing ? STR("O") : STR("E");
	derived[column[OBS_SOURCE]] = STR("lode");
	if (state->basket >= 0)
		derived[state->basket] = material->basket;
	write_line(state, record, derived, material->basket, &run->out);
}

static int
on_record(void *argument, const struct record *record, struct run *run, struct err *err)
{
	struct state *state = argument;
	const struct material *material = NULL;
	const char *left_out = NULL;
	struct str code;
	struct dec kg[MATERIALS_PARTS];
	struct obs obs;
	unsigned i;

	obs_of_record(&state->columns, record, &obs);
	if (get_code(&obs, &code)) {
		material = materials_find(state->materials, code, str_is(obs.f[OBS_AREA], state->opts->area) ? SIZE_MAX : 6);
		if (material == NULL && materials_near(state->materials, code))
			left_out = "no-row";
	}
	if (material != NULL && material->kind == MATERIAL_NONE)
		material = NULL;
	if (material != NULL && !material->has_fraction)
		left_out = "no-fraction";
	else if (material != NULL && str_is(obs.f[OBS_PARTNER], "W0"))
		left_out = "partner-world";
	else if (material != NULL && assay(state, &obs, material, kg, err) != LODE_OK)
		return err->code;
	write_line(state, record, NULL, STR(""), &run->out);
	if (left_out != NULL)
		run_count_note(run, left_out);
	else if (material != NULL && material->kind == MATERIAL_SINGLE)
		write_part(state, record, &obs, material, material->oxide, kg[material->oxide], run);
	else if (material != NULL)
		for (i = 0; i < MATERIALS_PARTS; i++)
			write_part(state, record, &obs, material, i, kg[i], run);
	return LODE_OK;
}

int
main(int argc, char **argv)
{
	struct opts opts = { .run = RUN_DEFAULTS, .area = "CN" };
	struct state state = { .opts = &opts };
	struct tape_filter filter = { .on_header = on_header, .on_record = on_record, .state = &state, .stateless = true };
	struct err err = ERR_INIT;
	struct run run;
	char **operands = options_parse(argc, argv, &program, &opts);
	int rc;

	if (opts.tables == NULL)
		options_refuse(&program, "--tables is needed: the folder of materials.tsv and assays.tsv");
	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK && (rc = load_tables(&state, &err)) == LODE_OK)
		rc = run_tape(&run, operands, &filter, &err);
	materials_free(state.materials);
	table_release(&state.codes);
	table_release(&state.assays);
	free(state.derived);
	return run_end(&run, rc, &err);
}
