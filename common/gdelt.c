#include "gdelt.h"

#include "date.h"
#include "instant.h"

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
	for (i = 0; i < part[0].n && part[0].p[i] >= '0' && part[0].p[i] <= '9';)
		i++;
	return i == part[0].n;
}

int
gdelt_day(struct str text, struct period *day, struct err *err)
{
	return date_parse(text, STR("YYYYMMDD"), day, err);
}

int
gdelt_known(const struct gdelt_layout *layout, struct str text, int64_t *known, struct err *err)
{
	char time[INSTANT_MAX] = "0000-00-00T00:00:00Z";
	static const unsigned char to[14] = { 0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18 };
	struct period day;
	size_t i;

	if (layout->n != 61) {
		if (gdelt_day(text, &day, err) != LODE_OK)
			return err->code;
		*known = ((int64_t)day.first + 1) * 86400 + 11 * 3600;
		return LODE_OK;
	}
	for (i = 0; i < text.n && i < sizeof to; i++)
		time[to[i]] = text.p[i];
	if (text.n != sizeof to || instant_parse(str_of(time), known, err) != LODE_OK)
		return err_set(err, LODE_EDATA, "'%.*s' is not a time like YYYYMMDDHHMMSS", STR_ARG(text));
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
