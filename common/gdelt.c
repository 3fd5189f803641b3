#include "gdelt.h"

#include <stdio.h>

#include "date.h"
#include "dec.h"
#include "encoding.h"

const char *const gdelt_kind_names[GDELT_KINDS] = { "events", "mentions", "gkg", "counts", "totals" };

const char *const gdelt_extra_names[GDELT_N_EXTRA] = { "url", "cameo", "mentions", "event", "confidence" };

static const struct gdelt_layout layouts[] = {
	{ 61, { 37, 45 }, 53, 59, 60 },
	{ 58, { 37, 44 }, 51, 56, 57 },
	{ 57, { 37, 44 }, 51, 56, 0 },
};

enum seen { NOT_SEEN, WANTED, UNWANTED, UNKNOWN };

static const char *const place_columns[] = { "fips", "iso", "source", NULL };

const struct gdelt_layout *
gdelt_layout(unsigned n)
{
	size_t i;

	for (i = 0; i < sizeof layouts / sizeof layouts[0]; i++)
		if (layouts[i].n == n)
			return &layouts[i];
	return NULL;
}

/* 4 to 8 digits and a comma. */
static bool
is_total(struct str line)
{
	struct str date;

	return str_split(&line, ',', &date) && line.p != NULL && date.n >= 4 && date.n <= 8 && str_is_digits(date);
}

int
gdelt_kind(const struct record *record, enum gdelt_kind *kind, struct err *err)
{
	switch (record->n) {
	case 61:
	case 58:
	case 57:
		*kind = GDELT_KIND_EVENTS;
		return LODE_OK;
	case 27:
	case 11:
		*kind = GDELT_KIND_GKG;
		return LODE_OK;
	case 16:
		*kind = GDELT_KIND_MENTIONS;
		return LODE_OK;
	case 15:
		*kind = GDELT_KIND_COUNTS;
		return LODE_OK;
	case 1:
		if (is_total(record->raw)) {
			*kind = GDELT_KIND_TOTALS;
			return LODE_OK;
		}
	}
	if (gdelt_is_list(record->raw))
		return err_set(err, LODE_EDATA, "3 fields with blanks between them: a list of files (--list)");
	return err_set(err, LODE_EDATA, "%u fields: events have 61 (1.0: 57, 58), mentions 16, a GKG 27 (1.0: 11), counts 15", record->n);
}

bool
gdelt_is_list(struct str line)
{
	struct str part[3] = { { 0 } };
	size_t i;

	for (i = 0; i < 3; i++)
		if (!str_split(&line, ' ', &part[i]))
			return false;
	if (line.p != NULL || part[0].n == 0 || part[1].n != 32 || !str_starts(part[2], STR("http")))
		return false;
	for (i = 0; i < part[0].n && char_is_digit(part[0].p[i]);)
		i++;
	return i == part[0].n;
}

int
gdelt_day(struct str text, struct period *day, struct err *err)
{
	return date_parse(text, STR("YYYYMMDD"), day, err);
}

int64_t
gdelt_known_of_day(int32_t day)
{
	return ((int64_t)day + 1) * 86400 + 11 * 3600;
}

int
gdelt_time(struct str text, int64_t *seconds, struct err *err)
{
	char time[INSTANT_MAX] = "0000-00-00T00:00:00Z";
	static const unsigned char to[14] = { 0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18 };
	size_t i;

	for (i = 0; i < text.n && i < sizeof to; i++)
		time[to[i]] = text.p[i];
	if (text.n != sizeof to || instant_parse(str_of(time), seconds, err) != LODE_OK)
		return err_set(err, LODE_EDATA, "'%.*s' is not a time like YYYYMMDDHHMMSS", STR_ARG(text));
	return LODE_OK;
}

int
gdelt_known(bool is_day, struct str text, int64_t *known, struct err *err)
{
	struct period day;

	if (!is_day)
		return gdelt_time(text, known, err);
	if (gdelt_day(text, &day, err) != LODE_OK)
		return err->code;
	*known = gdelt_known_of_day(day.first);
	return LODE_OK;
}

int
gdelt_places_init(struct gdelt_places *places, const char *path, const struct option_list *area, struct err *err)
{
	struct table table;
	int rc = table_load(&table, path, place_columns, err);

	places->area = area;
	if (rc == LODE_OK)
		rc = codes_new(&places->codes, &table, NULL, NULL, "fips", "iso", err);
	table_release(&table);
	return rc;
}

void
gdelt_places_release(struct gdelt_places *places)
{
	codes_free(places->codes);
	places->codes = NULL;
}

struct str
gdelt_country(const struct gdelt_places *places, struct str country)
{
	struct str iso = country.n == 2 ? codes_get(places->codes, country) : STR("");

	return iso.p == NULL ? STR("") : iso;
}

/* Whether a country, or a part of it, is asked for. */
static enum seen
judge(const struct gdelt_places *places, struct str country)
{
	struct str iso = codes_get(places->codes, country);
	size_t i;

	if (iso.p == NULL)
		return UNKNOWN;
	for (i = 0; i < places->area->n; i++)
		if (str_starts(iso, places->area->item[i]) || str_starts(places->area->item[i], iso))
			return WANTED;
	return places->area->n == 0 ? WANTED : UNWANTED;
}

int
gdelt_place(struct gdelt_places *places, struct str country, struct str adm1, struct str *area, const char **rule, struct err *err)
{
	unsigned char *seen;

	*rule = NULL;
	if (country.n == 0) {
		*rule = "no-place";
		return LODE_OK;
	}
	if (country.n != 2)
		return err_set(err, LODE_EDATA, "unknown FIPS code '%.*s'", STR_ARG(country));
	seen = &places->seen[(unsigned char)country.p[0] << 8 | (unsigned char)country.p[1]];
	if (*seen == NOT_SEEN)
		*seen = (unsigned char)judge(places, country);
	if (*seen == UNKNOWN)
		return err_set(err, LODE_EDATA, "unknown FIPS code '%.*s'", STR_ARG(country));
	if (*seen == WANTED) {
		*area = adm1.n > 2 && str_starts(adm1, country) ? codes_get(places->codes, adm1) : (struct str){ NULL, 0 };
		if (area->p == NULL)
			*area = codes_get(places->codes, country);
		if (option_list_prefix(places->area, *area))
			return LODE_OK;
	}
	*rule = "other-place";
	return LODE_OK;
}

void
gdelt_line_init(struct gdelt_line *line)
{
	*line = (struct gdelt_line){
		.obs.f = { [OBS_VALUE] = STR("1"), [OBS_UNIT] = STR("1"), [OBS_STATUS] = STR("A"), [OBS_SOURCE] = STR("gdelt") }
	};
}

int
gdelt_blame(unsigned column, const char *name, struct err *err)
{
	return err_column(err, column + 1, name);
}

int
gdelt_set_times(struct gdelt *gdelt, struct gdelt_line *line, int64_t known_s, struct period period, unsigned column, const char *name,
    struct err *err)
{
	instant_format(known_s, gdelt->known);
	period_format(period, gdelt->period);
	if ((int64_t)period_start(period) * 86400 > known_s)
		return err_set(err, LODE_EDATA, "the event's day %s is after %s, when it became known", gdelt->period, gdelt->known);
	if (gdelt->newest[0] != '\0' && memcmp(gdelt->known, gdelt->newest, INSTANT_LENGTH) < 0) {
		err_set(err, LODE_EDATA, "known %s is before %s of a line above it: put the files in order", gdelt->known, gdelt->newest);
		return gdelt_blame(column, name, err);
	}
	memcpy(gdelt->newest, gdelt->known, sizeof gdelt->newest);
	line->obs.f[OBS_KNOWN] = (struct str){ gdelt->known, INSTANT_LENGTH };
	line->obs.f[OBS_PERIOD] = str_of(gdelt->period);
	return LODE_OK;
}

int
gdelt_set_indicator(struct gdelt *gdelt, struct gdelt_line *line, const char *prefix, struct str name, struct err *err)
{
	size_t n = strlen(prefix), i;
	char c;

	if (name.n == 0 || n + 1 + name.n > sizeof gdelt->indicator)
		goto bad;
	memcpy(gdelt->indicator, prefix, n);
	gdelt->indicator[n++] = '.';
	for (i = 0; i < name.n; i++) {
		c = name.p[i];
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		else if (c == '_')
			c = '-';
		else if (!((c >= 'a' && c <= 'z') || char_is_digit(c) || c == '-'))
			goto bad;
		gdelt->indicator[n++] = c;
	}
	line->obs.f[OBS_INDICATOR] = (struct str){ gdelt->indicator, n };
	return LODE_OK;
bad:
	return err_set(err, LODE_EDATA, "cannot read '%.*s' as the name of a %s", STR_ARG(name), prefix);
}

int
gdelt_check_url(struct str url, unsigned column, const char *name, struct err *err)
{
	size_t at;

	if (utf8_valid(url, &at))
		return LODE_OK;
	err_set(err, LODE_EDATA, "not valid UTF-8 at byte %zu", at);
	return gdelt_blame(column, name, err);
}

int
gdelt_check_number(struct str number, unsigned column, const char *name, struct err *err)
{
	if (dec_valid(number))
		return LODE_OK;
	err_set(err, LODE_EDATA, "cannot read '%.*s' as a decimal", STR_ARG(number));
	return gdelt_blame(column, name, err);
}

void
gdelt_release(struct gdelt *gdelt)
{
	map_free(gdelt->by_event);
	if (gdelt->events.path != NULL)
		table_release(&gdelt->events);
	classes_release(&gdelt->themes);
	classes_release(&gdelt->classes);
	gdelt_places_release(&gdelt->places);
	gdelt->by_event = NULL;
	gdelt->events = (struct table){ 0 };
}
