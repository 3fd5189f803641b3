#include "gdelt_rows.h"

#include <stdio.h>
#include <stdlib.h>

#include "date.h"

/* Actor1's or Actor2's country when it is not where the event was. */
static struct str
get_partner(const struct gdelt_places *places, const struct gdelt_layout *layout, const struct record *record, struct str area)
{
	struct str country;
	int i;

	for (i = 0; i < 2; i++) {
		country = gdelt_country(places, record_get(record, layout->actor_country[i]));
		if (country.n == 2 && !str_starts(area, country))
			return country;
	}
	return STR("");
}

static int
set_event_times(struct gdelt *gdelt, const struct gdelt_layout *layout, const struct record *record, struct gdelt_line *line, struct err *err)
{
	struct period day;
	int64_t known;

	if (gdelt_known(layout->n != 61, record_get(record, layout->added), &known, err) != LODE_OK)
		return gdelt_blame(layout->added, "DATEADDED", err);
	if (gdelt_day(record_get(record, GDELT_DAY), &day, err) != LODE_OK ||
	    gdelt_set_times(gdelt, line, known, day, layout->added, "DATEADDED", err) != LODE_OK)
		return gdelt_blame(GDELT_DAY, "SQLDATE", err);
	return LODE_OK;
}

static int
check_digits(struct str code, unsigned column, const char *name, struct err *err)
{
	if (str_is_digits(code))
		return LODE_OK;
	err_set(err, LODE_EDATA, "'%.*s' is not a number", STR_ARG(code));
	return gdelt_blame(column, name, err);
}

int
gdelt_read_event(struct gdelt *gdelt, const struct record *record, const char **rule, struct err *err)
{
	const struct gdelt_layout *layout = gdelt_layout(record->n);
	struct gdelt_line line;
	struct str area, class = STR("all"), severity = STR("1"), code;

	if (gdelt_place(&gdelt->places, record_get(record, layout->country), gdelt->all ? STR("") : record_get(record, layout->country + 1), &area,
	    rule, err) != LODE_OK)
		return gdelt_blame(layout->country, "ActionGeo_CountryCode", err);
	if (*rule != NULL)
		return LODE_OK;
	code = record_get(record, GDELT_CODE);
	if (!gdelt->all && (!classes_get_prefix(&gdelt->classes, code, &class, &severity) || class.n == 0)) {
		*rule = "other-class";
		return LODE_OK;
	}
	gdelt_line_init(&line);
	line.extra[GDELT_X_URL] = layout->url == 0 ? STR("") : record_get(record, layout->url);
	line.extra[GDELT_X_CAMEO] = code;
	line.extra[GDELT_X_MENTIONS] = record_get(record, GDELT_MENTIONS);
	line.extra[GDELT_X_EVENT] = record_get(record, 0);
	if (check_digits(line.extra[GDELT_X_EVENT], 0, "GLOBALEVENTID", err) != LODE_OK || check_digits(code, GDELT_CODE, "EventCode", err) != LODE_OK ||
	    gdelt_check_url(line.extra[GDELT_X_URL], layout->url, "SOURCEURL", err) != LODE_OK ||
	    gdelt_check_number(line.extra[GDELT_X_MENTIONS], GDELT_MENTIONS, "NumMentions", err) != LODE_OK ||
	    gdelt_set_indicator(gdelt, &line, "event", class, err) != LODE_OK ||
	    set_event_times(gdelt, layout, record, &line, err) != LODE_OK)
		return err->code;
	line.obs.f[OBS_AREA] = area;
	line.obs.f[OBS_PARTNER] = get_partner(&gdelt->places, layout, record, area);
	line.obs.f[OBS_VALUE] = severity;
	gdelt->write(gdelt->argument, &line);
	return LODE_OK;
}

int
gdelt_load_events(struct gdelt *gdelt, const char *path, struct err *err)
{
	static const char *const columns[] = { "period", "area", "partner", "indicator", "cameo", "event", NULL };
	struct map_entry *entry;
	struct str event;
	size_t row;

	if (table_load(&gdelt->events, path, columns, err) != LODE_OK) {
		gdelt->events.path = NULL;
		return err->code;
	}
	if ((gdelt->by_event = map_new()) == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	for (row = 0; row < gdelt->events.n; row++) {
		event = table_get(&gdelt->events, row, "event");
		if (event.n == 0 || !str_starts(table_get(&gdelt->events, row, "indicator"), STR("event.")))
			continue;
		if ((entry = map_put(gdelt->by_event, event)) == NULL)
			return err_set(err, LODE_ENOMEM, "out of memory");
		entry->value.number = row;
	}
	return LODE_OK;
}

enum { MENTION_TIME = 2, MENTION_URL = 5, MENTION_CONFIDENCE = 11 };

/* 10 to 100 as a fraction in text; errors: LODE_EDATA. */
static int
set_confidence(struct gdelt *gdelt, struct str percent, struct str *fraction, bool *enough, struct err *err)
{
	int number = percent.n >= 1 && percent.n <= 3 ? civil_digits(percent.p, (int)percent.n) : -1;

	if (number < 0 || number > 100) {
		err_set(err, LODE_EDATA, "'%.*s' is not a number from 0 to 100", STR_ARG(percent));
		return gdelt_blame(MENTION_CONFIDENCE, "Confidence", err);
	}
	*enough = number >= gdelt->confidence * 100 - 1e-9;
	*fraction = (struct str){ gdelt->number, (size_t)snprintf(gdelt->number, sizeof gdelt->number, "%g", number / 100.0) };
	return LODE_OK;
}

int
gdelt_read_mention(struct gdelt *gdelt, const struct record *record, const char **rule, struct err *err)
{
	const struct table *events = &gdelt->events;
	const struct map_entry *entry = gdelt->by_event == NULL ? NULL : map_get(gdelt->by_event, record_get(record, 0));
	struct gdelt_line line;
	struct period period;
	int64_t known;
	size_t row;
	bool enough = false;

	gdelt_line_init(&line);
	line.extra[GDELT_X_URL] = record_get(record, MENTION_URL);
	line.extra[GDELT_X_EVENT] = record_get(record, 0);
	if (check_digits(line.extra[GDELT_X_EVENT], 0, "GLOBALEVENTID", err) != LODE_OK)
		return err->code;
	if (gdelt_time(record_get(record, MENTION_TIME), &known, err) != LODE_OK)
		return gdelt_blame(MENTION_TIME, "MentionTimeDate", err);
	if (gdelt_check_url(line.extra[GDELT_X_URL], MENTION_URL, "MentionIdentifier", err) != LODE_OK ||
	    set_confidence(gdelt, record_get(record, MENTION_CONFIDENCE), &line.extra[GDELT_X_CONFIDENCE], &enough, err) != LODE_OK)
		return err->code;
	*rule = !enough ? "low-confidence" : entry == NULL ? "other-event" : NULL;
	if (*rule != NULL)
		return LODE_OK;
	row = (size_t)entry->value.number;
	line.obs.f[OBS_AREA] = table_get(events, row, "area");
	line.obs.f[OBS_PARTNER] = table_get(events, row, "partner");
	line.extra[GDELT_X_CAMEO] = table_get(events, row, "cameo");
	if (period_parse(table_get(events, row, "period"), &period, err) != LODE_OK)
		return table_blame(events, row, "period", err);
	if (gdelt_set_indicator(gdelt, &line, "mention", (struct str){ table_get(events, row, "indicator").p + 6, table_get(events, row, "indicator").n - 6 },
	    err) != LODE_OK)
		return table_blame(events, row, "indicator", err);
	if (gdelt_set_times(gdelt, &line, known, period, MENTION_TIME, "MentionTimeDate", err) != LODE_OK)
		return err->code;
	gdelt->write(gdelt->argument, &line);
	return LODE_OK;
}

/* 11:00 on 2013-04-01: the first day whose file came out on the next. */
#define FIRST_FILE_S ((int64_t)1364814000)

static int
set_total_times(struct gdelt *gdelt, struct str date, struct gdelt_line *line, struct err *err)
{
	struct period period;
	int64_t known;

	if (date_parse(date, date.n == 4 ? STR("YYYY") : date.n == 6 ? STR("YYYYMM") : STR("YYYYMMDD"), &period, err) != LODE_OK)
		return err->code;
	known = gdelt_known_of_day(period_end(period) - 1);
	return gdelt_set_times(gdelt, line, known < FIRST_FILE_S ? FIRST_FILE_S : known, period, 0, NULL, err);
}

int
gdelt_read_total(struct gdelt *gdelt, const struct record *record, const char **rule, struct err *err)
{
	struct gdelt_line line;
	struct str rest = record->raw, part[3];
	size_t n = 0;

	while (n < 3 && str_split(&rest, ',', &part[n]))
		n++;
	if (n < 2 || rest.p != NULL)
		return err_set(err, LODE_EDATA, "not DAY,COUNT or DAY,COUNTRY,COUNT");
	gdelt_line_init(&line);
	if (n == 2)
		line.obs.f[OBS_AREA] = STR("W0");
	if (n == 2 && !option_list_prefix(gdelt->places.area, STR("W0")))
		*rule = "other-place";
	if (n == 3 && gdelt_place(&gdelt->places, part[1], STR(""), &line.obs.f[OBS_AREA], rule, err) != LODE_OK)
		return err->code;
	if (*rule != NULL)
		return LODE_OK;
	line.obs.f[OBS_VALUE] = part[n - 1];
	if (!str_is_digits(part[n - 1]))
		return err_set(err, LODE_EDATA, "cannot read '%.*s' as a number of events", STR_ARG(part[n - 1]));
	if (gdelt_set_indicator(gdelt, &line, "event", STR("all"), err) != LODE_OK || set_total_times(gdelt, part[0], &line, err) != LODE_OK)
		return err->code;
	gdelt->write(gdelt->argument, &line);
	return LODE_OK;
}
