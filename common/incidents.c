#include "incidents.h"

#include <stdio.h>

int
incidents_open(struct incidents *in, const struct incidents_options *options, const struct incidents_format *format,
    const struct codes *countries, bool hold, struct run *run, struct err *err)
{
	in->format = format;
	if (regions_init(&in->regions, countries, options->places, &options->area, err) != LODE_OK ||
	    classes_load(&in->classes, options->classes, err) != LODE_OK)
		return err->code;
	return collate_new(&in->collate, &run->out, hold, options->max_held, err);
}

void
incidents_release(struct incidents *in)
{
	collate_free(in->collate);
	classes_release(&in->classes);
	regions_release(&in->regions);
	ref_release(&in->ref);
}

static int
on_header(void *argument, const struct header *header, struct run *run, struct err *err)
{
	struct incidents *in = argument;

	if (in->format->columns(&in->fields, header, err) != LODE_OK)
		return err->code;
	run_write_header(run, in->format->extra_names, in->format->n_extra);
	return LODE_OK;
}

static int
on_record(void *argument, const struct record *record, struct run *run, struct err *err)
{
	struct incidents *in = argument;
	const struct incidents_format *format = in->format;
	const struct fields *fields = &in->fields;
	struct obs obs = { .f = { [OBS_UNIT] = STR("1") } };
	struct str class, extra[COLLATE_MAX_EXTRA];
	char indicator[80];
	bool wanted;
	int rc = regions_area(&in->regions, fields_get(fields, record, format->country), fields_get(fields, record, format->unit), &obs.f[OBS_AREA],
	    &wanted, err);

	if (rc == LODE_EDATA)
		return fields_blame(fields, format->country, err);
	if (rc != LODE_OK || format->class(fields, record, &in->classes, &class, &obs.f[OBS_VALUE], err) != LODE_OK)
		return err->code;
	if (!wanted || class.n == 0) {
		run_count_rule(run, wanted ? "other-class" : "other-place");
		return LODE_OK;
	}
	if (format->fill(format->argument, fields, record, &obs, extra, err) != LODE_OK)
		return err->code;
	snprintf(indicator, sizeof indicator, "event.%.*s", (int)class.n, class.p);
	obs.f[OBS_INDICATOR] = str_of(indicator);
	obs.f[OBS_REF] = ref_line(&in->ref, record->line);
	return collate_add(in->collate, &obs, extra, format->n_extra, err);
}

int
incidents_run(struct incidents *in, struct run *run, char *const *operands, struct err *err)
{
	const struct rows_filter filter = { .separator = ',', .quote = '"', .on_header = on_header, .on_record = on_record, .state = in };
	int rc = parse_inputs(run, operands, &filter, &in->ref, err);

	return rc == LODE_OK ? collate_finish(in->collate, err) : rc;
}
