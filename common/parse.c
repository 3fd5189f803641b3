#include "parse.h"

#include "peek.h"

static const char *const partner_columns[] = { "source_list", "code", "iso", "source", NULL };

static int
load_calendar(struct parse *parse, const char *list, struct err *err)
{
	struct table table;
	int rc = table_load(&table, parse->options->calendar, calendar_columns, err);

	if (rc == LODE_OK)
		rc = calendar_new(&parse->calendar, &table, list, err);
	table_release(&table);
	return rc;
}

int
parse_load_partners(struct codes **partners, const char *path, const char *list, struct err *err)
{
	struct table table;
	int rc = table_load(&table, path, partner_columns, err);

	if (rc == LODE_OK)
		rc = codes_new(partners, &table, "source_list", list, "code", "iso", err);
	table_release(&table);
	return rc;
}

int
parse_open(struct parse *parse, const struct parse_options *options, const char *list, struct err *err)
{
	return parse_open_lists(parse, options, list, list, err);
}

int
parse_open_lists(struct parse *parse, const struct parse_options *options, const char *calendar_list, const char *partner_list,
    struct err *err)
{
	struct period since;
	int rc = LODE_OK;

	*parse = (struct parse){ .options = options, .since = INT32_MIN };
	if (options->since != NULL) {
		if (period_parse(str_of(options->since), &since, err) != LODE_OK)
			return err->code = LODE_EUSAGE;
		parse->since = period_first_month(since);
	}
	if (options->known == PARSE_NEVER && options->calendar == NULL)
		return err_set(err, LODE_EUSAGE, "--known or --calendar is needed");
	if (options->known != PARSE_NEVER && options->calendar != NULL)
		return err_set(err, LODE_EUSAGE, "--known and --calendar exclude each other");
	if (options->partners == NULL)
		return err_set(err, LODE_EUSAGE, "--partners is needed");
	if (options->known != PARSE_NEVER)
		instant_format(options->known, parse->known);
	else
		rc = load_calendar(parse, calendar_list, err);
	return rc == LODE_OK ? parse_load_partners(&parse->partners, options->partners, partner_list, err) : rc;
}

void
parse_release(struct parse *parse)
{
	calendar_free(parse->calendar);
	codes_free(parse->partners);
	*parse = (struct parse){ 0 };
}

bool
parse_wants(const struct parse *parse, struct period period)
{
	return period_first_month(period) >= parse->since;
}

int
parse_known(struct parse *parse, struct period period, struct str *known, struct err *err)
{
	struct period *last = &parse->known_period;
	int64_t seconds;

	if (parse->calendar != NULL && (parse->known[0] == '\0' || last->kind != period.kind || last->first != period.first || last->last != period.last)) {
		if (calendar_known(parse->calendar, period, &seconds, err) != LODE_OK)
			return err->code;
		instant_format(seconds, parse->known);
		*last = period;
	}
	*known = (struct str){ parse->known, INSTANT_LENGTH };
	return LODE_OK;
}

int
parse_partner(const struct parse *parse, struct str code, struct str *area, struct err *err)
{
	*area = codes_get(parse->partners, code);
	if (area->p == NULL)
		return err_set(err, LODE_EDATA, "unknown partner code '%.*s'", STR_ARG(code));
	return LODE_OK;
}

int
parse_rows(struct run *run, const struct rows_filter *filter, struct source *source, struct ref *ref, struct err *err)
{
	struct peek peek;
	char first;
	int rc;

	peek_init(&peek, source);
	if ((rc = peek_table(&peek, &first, err)) != LODE_OK || (rc = ref_source(ref, run->source, err)) != LODE_OK)
		return rc;
	return run_rows_of(run, filter, peek_read, &peek, err);
}

struct rows_inputs {
	const struct rows_filter *filter;
	struct ref *ref;
};

static int
rows_of_input(void *argument, struct source *source, struct run *run, struct err *err)
{
	const struct rows_inputs *inputs = argument;

	return parse_rows(run, inputs->filter, source, inputs->ref, err);
}

int
parse_inputs(struct run *run, char *const *operands, const struct rows_filter *filter, struct ref *ref, struct err *err)
{
	struct rows_inputs inputs = { filter, ref };

	return run_inputs(run, operands, rows_of_input, &inputs, err);
}
