#include "gather.h"

static void
add_without_measure(struct columns *to, const struct columns *from, const int *obs)
{
	unsigned i;

	for (i = 0; i < from->n; i++)
		if ((int)from->at[i] != obs[OBS_INDICATOR] && (int)from->at[i] != obs[OBS_UNIT])
			columns_add(to, from->at[i]);
}

/* The columns that the output has beside those of an observation; and none that a window cannot have. */
static int
check_group(struct gather *gather, const struct header *header, bool by_period, struct err *err)
{
	unsigned i;
	int k;

	for (i = 0; i < gather->group.n; i++) {
		unsigned at = gather->group.at[i];

		for (k = 0; k < OBS_N && header->obs[k] != (int)at;)
			k++;
		if (k == OBS_KNOWN || k == OBS_VALUE || k == OBS_STATUS || k == OBS_REF || (k == OBS_PERIOD && !by_period))
			return err_set(err, LODE_EUSAGE, "--by: a window has no one '%s'", obs_names[k]);
		gather->place[i] = (enum obs_column)k;
		if (k == OBS_N && (gather->more[gather->n_more++] = arena_dup(gather->names, header->names[at]).p) == NULL)
			return err_set(err, LODE_ENOMEM, "out of memory");
	}
	return LODE_OK;
}

int
gather_init(struct gather *gather, const struct header *header, const struct str *by, size_t n_by, const struct str *more,
    size_t n_more, bool by_period, struct err *err)
{
	static const enum obs_column key[] = { OBS_AREA, OBS_PARTNER, OBS_COMMODITY, OBS_INDICATOR, OBS_SOURCE, OBS_UNIT };
	const unsigned n_key = 5; /* the unit is not of the key */
	unsigned i;

	if ((gather->names = arena_new()) == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	for (i = 0; i < n_key; i++)
		columns_add(&gather->figure, (unsigned)header->obs[key[i]]);
	for (i = 0; n_by == 0 && i <= n_key; i++)
		columns_add(&gather->group, (unsigned)header->obs[key[i]]);
	if (columns_add_named(&gather->group, header, by, n_by, err) != LODE_OK ||
	    columns_add_named(&gather->figure, header, more, n_more, err) != LODE_OK || check_group(gather, header, by_period, err) != LODE_OK)
		return err->code;
	for (i = 0; i < gather->group.n; i++)
		columns_add(&gather->figure, gather->group.at[i]);
	add_without_measure(&gather->weighed_by, &gather->group, header->obs);
	add_without_measure(&gather->weight, &gather->figure, header->obs);
	gather->columns = *header;
	gather->columns.names = NULL; /* they go with the input */
	return LODE_OK;
}

void
gather_release(struct gather *gather)
{
	arena_free(gather->names);
	columns_release(&gather->group);
	columns_release(&gather->figure);
	columns_release(&gather->weighed_by);
	columns_release(&gather->weight);
}

bool
gather_by(const struct gather *gather, enum obs_column column)
{
	return columns_have(&gather->group, (unsigned)gather->columns.obs[column]);
}

static bool
is_last(struct str text, const char *last, size_t room)
{
	return text.n > 0 && text.n < room && memcmp(text.p, last, text.n) == 0 && last[text.n] == '\0';
}

/* known, period and value; most lines of a tape share the former two with the line before. */
static int
get_numbers(struct gather *gather, struct window_line *line, struct err *err)
{
	const int *at = gather->columns.obs;
	struct part *part = &line->part;

	if (part->known.n != INSTANT_LENGTH || !instant_same(part->known.p, gather->last_known) || gather->last_known[0] == '\0') {
		if (instant_parse(part->known, &gather->known_s, err) != LODE_OK)
			return err_column(err, (unsigned)at[OBS_KNOWN] + 1, "known");
		memcpy(gather->last_known, part->known.p, part->known.n); /* the terminator is there from the start */
	}
	if (!is_last(part->period, gather->last_period, sizeof gather->last_period)) {
		if (period_parse(part->period, &gather->period, err) != LODE_OK)
			return err_column(err, (unsigned)at[OBS_PERIOD] + 1, "period");
		memcpy(gather->last_period, part->period.p, part->period.n);
		gather->last_period[part->period.n] = '\0';
	}
	line->known_s = gather->known_s;
	line->period = gather->period;
	part->number = dec_of(0);
	if (part->value.n != 0 && dec_parse(part->value, &part->number, err) != LODE_OK)
		return err_column(err, (unsigned)at[OBS_VALUE] + 1, "value");
	return LODE_OK;
}

static struct str
field_of(const struct gather *gather, const struct record *record, enum obs_column column)
{
	return record_get(record, (unsigned)gather->columns.obs[column]);
}

int
gather_line(struct gather *gather, const struct record *record, struct str weight, bool all, struct window_line *line, struct err *err)
{
	struct part *part = &line->part;

	line->unit = field_of(gather, record, OBS_UNIT);
	part->series = (struct str){ 0 };
	part->period = field_of(gather, record, OBS_PERIOD);
	part->known = field_of(gather, record, OBS_KNOWN);
	part->value = field_of(gather, record, OBS_VALUE);
	part->ref = field_of(gather, record, OBS_REF);
	part->line = record->line;
	if (get_numbers(gather, line, err) != LODE_OK)
		return err->code;
	line->is_weight = weight.p != NULL && str_eq(field_of(gather, record, OBS_INDICATOR), weight);
	if (line->is_weight)
		return columns_join(&gather->weighed_by, record, &line->group, err) != LODE_OK ? err->code :
		    columns_join(&gather->weight, record, &part->series, err);
	if (columns_join(&gather->group, record, &line->group, err) != LODE_OK)
		return err->code;
	if (all)
		return LODE_OK;
	if (columns_join(&gather->figure, record, &part->series, err) != LODE_OK)
		return err->code;
	if (weight.p == NULL)
		return LODE_OK;
	return columns_join(&gather->weighed_by, record, &line->weighed_by, err) != LODE_OK ? err->code :
	    columns_join(&gather->weight, record, &line->weight_series, err);
}

void
gather_group(const struct gather *gather, struct str group, struct obs *obs, struct str *more)
{
	struct str field;
	const char *from = group.p, *p, *const end = group.p + group.n;
	size_t n_more = 0;
	unsigned i;
	int k;

	for (k = 0; k < OBS_N; k++)
		obs->f[k] = (struct str){ "", 0 };
	for (i = 0; i < gather->group.n; i++) {
		for (p = from; p < end && *p != '\t'; p++)
			;
		field = (struct str){ from, (size_t)(p - from) };
		from = p < end ? p + 1 : end;
		*(gather->place[i] < OBS_N ? &obs->f[gather->place[i]] : &more[n_more++]) = field;
	}
}
