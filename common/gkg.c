#include "gkg.h"

#include <stdlib.h>

#include "dec.h"

struct gkg_spot {
	struct str area; /* p NULL: not asked for */
	int64_t at;      /* in the article; 0 in version 1.0 */
	size_t number;   /* in the list */
};

struct gkg_said {
	bool is_count;
	struct str name; /* of the class, or the type of the count as it is written */
	struct str area, value;
};

/* Columns, and parts of the lists within them. */
struct layout {
	unsigned n;
	bool is_day, positions;
	unsigned date, url, articles, counts, themes, places, tone; /* 0: none */
	unsigned count_parts, place_parts;
	unsigned place_adm1;                                        /* part of a place; the country stands before it */
};

/* A count begins type, number, object, then a place of seven parts. */
enum { COUNT_TYPE, COUNT_NUMBER, COUNT_COUNTRY = 5, PARTS_MAX = 12 };

static const struct layout layouts[] = {
	{ 27, false, true, 1, 4, 0, 6, 8, 10, 15, 11, 9, 3 },
	{ 11, true, false, 0, 10, 1, 2, 3, 4, 7, 10, 7, 3 },
	{ 15, true, false, 0, 14, 1, 0, 0, 0, 0, 0, 0, 0 },
};

static int
no_memory(struct err *err)
{
	return err_set(err, LODE_ENOMEM, "out of memory");
}

/* The array, or a larger one, with room for one more than n things; NULL without memory, the array as it was. */
static void *
grown(void *array, size_t *room, size_t n, size_t size)
{
	size_t more = *room == 0 ? 64 : *room * 2;

	if (n < *room)
		return array;
	if ((array = realloc(array, more * size)) != NULL)
		*room = more;
	return array;
}

/* The next element of a `;` list that is not empty. */
static bool
next_element(struct str *list, struct str *element)
{
	while (str_split(list, ';', element))
		if (element->n > 0)
			return true;
	return false;
}

static int
split_parts(struct str element, unsigned n, struct str *part, const char *what, struct err *err)
{
	unsigned k = 0;

	while (k < PARTS_MAX && str_split(&element, '#', &part[k]))
		k++;
	if (k == n && element.p == NULL)
		return LODE_OK;
	return err_set(err, LODE_EDATA, "%u parts in a %s, not %u", k, what, n);
}

static int
read_position(struct str text, int64_t *at, struct err *err)
{
	int number = text.n >= 1 && text.n <= 9 ? civil_digits(text.p, (int)text.n) : -1;

	*at = number;
	return number >= 0 ? LODE_OK : err_set(err, LODE_EDATA, "'%.*s' is not a position in a text", STR_ARG(text));
}

static int
by_position(const void *a, const void *b)
{
	const struct gkg_spot *x = a, *y = b;

	return x->at != y->at ? (x->at > y->at) - (x->at < y->at) : (x->number > y->number) - (x->number < y->number);
}

/* The places of an article; *rule when none is asked for. */
static int
read_places(struct gkg *gkg, struct gdelt *gdelt, const struct layout *layout, struct str list, const char **rule, struct err *err)
{
	struct gkg_spot spot, *larger;
	struct str element, part[PARTS_MAX];
	bool wanted = false;

	gkg->n_spots = 0;
	while (next_element(&list, &element)) {
		spot = (struct gkg_spot){ 0 };
		if (split_parts(element, layout->place_parts, part, "place", err) != LODE_OK ||
		    gdelt_place(&gdelt->places, part[layout->place_adm1 - 1], part[layout->place_adm1], &spot.area, rule, err) != LODE_OK ||
		    (layout->positions && read_position(part[layout->place_parts - 1], &spot.at, err) != LODE_OK))
			return err->code;
		if ((larger = grown(gkg->spot, &gkg->room_spots, gkg->n_spots, sizeof *larger)) == NULL)
			return no_memory(err);
		gkg->spot = larger;
		if (*rule != NULL)
			spot.area = (struct str){ NULL, 0 };
		else
			wanted = true;
		spot.number = gkg->n_spots;
		gkg->spot[gkg->n_spots++] = spot;
	}
	*rule = wanted ? NULL : gkg->n_spots > 0 ? "other-place" : "no-place";
	if (wanted && layout->positions)
		qsort(gkg->spot, gkg->n_spots, sizeof *gkg->spot, by_position);
	return LODE_OK;
}

/* The place nearest to a position, the one before it of two, of several at one position the first in the list; there is one. */
static const struct gkg_spot *
nearest(const struct gkg *gkg, int64_t at)
{
	size_t from = 0, to = gkg->n_spots, middle;

	while (from < to) {
		middle = from + (to - from) / 2;
		if (gkg->spot[middle].at <= at)
			from = middle + 1;
		else
			to = middle;
	}
	if (from > 0 && (from == gkg->n_spots || gkg->spot[from].at - at >= at - gkg->spot[from - 1].at))
		for (from--; from > 0 && gkg->spot[from - 1].at == gkg->spot[from].at;)
			from--;
	return &gkg->spot[from];
}

/* Once for each name and place; of numbers the largest. */
static int
say(struct gkg *gkg, bool is_count, struct str name, struct str area, struct str value, struct err *err)
{
	struct gkg_said *larger;
	struct dec new, old;
	size_t i;

	for (i = 0; i < gkg->n_said; i++)
		if (gkg->said[i].is_count == is_count && str_eq(gkg->said[i].area, area) && str_eq(gkg->said[i].name, name))
			break;
	if (i < gkg->n_said && !is_count)
		return LODE_OK;
	if (is_count && dec_parse(value, &new, err) != LODE_OK)
		return err->code;
	if (i < gkg->n_said) {
		if (dec_parse(gkg->said[i].value, &old, err) == LODE_OK && dec_cmp(new, old) > 0)
			gkg->said[i].value = value;
		return LODE_OK;
	}
	if ((larger = grown(gkg->said, &gkg->room_said, gkg->n_said, sizeof *larger)) == NULL)
		return no_memory(err);
	gkg->said = larger;
	gkg->said[gkg->n_said++] = (struct gkg_said){ is_count, name, area, value };
	return LODE_OK;
}

static int
say_count(struct gkg *gkg, struct gdelt *gdelt, const struct str *part, const char **rule, struct err *err)
{
	struct str area;

	if (gdelt_place(&gdelt->places, part[COUNT_COUNTRY], part[COUNT_COUNTRY + 1], &area, rule, err) != LODE_OK)
		return err->code;
	return *rule != NULL ? LODE_OK : say(gkg, true, part[COUNT_TYPE], area, part[COUNT_NUMBER], err);
}

static int
read_counts(struct gkg *gkg, struct gdelt *gdelt, const struct layout *layout, struct str list, struct err *err)
{
	struct str element, part[PARTS_MAX];
	const char *rule;

	while (next_element(&list, &element))
		if (split_parts(element, layout->count_parts, part, "count", err) != LODE_OK || say_count(gkg, gdelt, part, &rule, err) != LODE_OK)
			return err->code;
	return LODE_OK;
}

/* A theme with a class, at the place nearest to its position; without one, at every place. */
static int
say_theme(struct gkg *gkg, const struct gdelt *gdelt, const struct layout *layout, struct str theme, struct str position, struct err *err)
{
	const struct gkg_spot *spot = gkg->spot, *end = gkg->spot + gkg->n_spots;
	struct str class, severity;
	int64_t at;

	if (!classes_get(&gdelt->themes, theme, &class, &severity) || class.n == 0)
		return LODE_OK;
	if (layout->positions) {
		if (read_position(position, &at, err) != LODE_OK)
			return err->code;
		spot = nearest(gkg, at);
		end = spot + 1;
	}
	for (; spot < end; spot++)
		if (spot->area.p != NULL && say(gkg, false, class, spot->area, severity, err) != LODE_OK)
			return err->code;
	return LODE_OK;
}

static int
read_themes(struct gkg *gkg, const struct gdelt *gdelt, const struct layout *layout, struct str list, struct err *err)
{
	struct str element, theme;

	while (gdelt->themes.class != NULL && next_element(&list, &element)) {
		theme = element;
		if (layout->positions)
			(void)str_split(&element, ',', &theme); /* leaves the position, or nothing */
		if (say_theme(gkg, gdelt, layout, theme, element, err) != LODE_OK)
			return err->code;
	}
	return LODE_OK;
}

/* All that the lists of an article say at the places asked for. */
static int
read_article(struct gkg *gkg, struct gdelt *gdelt, const struct layout *layout, const struct record *record, const char **rule, struct err *err)
{
	if (read_places(gkg, gdelt, layout, record_get(record, layout->places), rule, err) != LODE_OK)
		return gdelt_blame(layout->places, layout->positions ? "V2ENHANCEDLOCATIONS" : "LOCATIONS", err);
	if (*rule != NULL)
		return LODE_OK;
	if (read_counts(gkg, gdelt, layout, record_get(record, layout->counts), err) != LODE_OK)
		return gdelt_blame(layout->counts, layout->positions ? "V2.1COUNTS" : "COUNTS", err);
	if (read_themes(gkg, gdelt, layout, record_get(record, layout->themes), err) != LODE_OK)
		return gdelt_blame(layout->themes, layout->positions ? "V2ENHANCEDTHEMES" : "THEMES", err);
	if (gkg->n_said == 0)
		*rule = "other-class";
	return LODE_OK;
}

/* A row of the file of counts has the parts of one from its third column on. */
static int
read_count_row(struct gkg *gkg, struct gdelt *gdelt, const struct record *record, const char **rule, struct err *err)
{
	struct str part[PARTS_MAX];
	unsigned k;

	for (k = 0; k < 10; k++)
		part[k] = record_get(record, 2 + k);
	return say_count(gkg, gdelt, part, rule, err);
}

static struct str
before(struct str text, const char *mark)
{
	const char *at = text.n == 0 ? NULL : memmem(text.p, text.n, mark, strlen(mark));

	return at == NULL ? text : (struct str){ text.p, (size_t)(at - text.p) };
}

static int
write_said(const struct gkg *gkg, struct gdelt *gdelt, struct gdelt_line *line, struct str tone, struct err *err)
{
	const struct gkg_said *said;

	for (said = gkg->said; said < gkg->said + gkg->n_said; said++) {
		if (gdelt_set_indicator(gdelt, line, said->is_count ? "count" : "theme", said->name, err) != LODE_OK)
			return err->code;
		line->obs.f[OBS_AREA] = said->area;
		line->obs.f[OBS_VALUE] = said->value;
		line->obs.f[OBS_UNIT] = STR("1");
		gdelt->write(gdelt->argument, line);
		if (said->is_count || tone.n == 0 || gdelt_set_indicator(gdelt, line, "tone", said->name, err) != LODE_OK)
			continue;
		line->obs.f[OBS_VALUE] = tone;
		line->obs.f[OBS_UNIT] = STR("%");
		gdelt->write(gdelt->argument, line);
	}
	return LODE_OK;
}

/* What can be wrong with names, found before the first line is written. */
static int
check_names(const struct gkg *gkg, struct gdelt *gdelt, struct gdelt_line *line, const struct layout *layout, struct err *err)
{
	size_t i;

	for (i = 0; i < gkg->n_said; i++)
		if (gdelt_set_indicator(gdelt, line, "count", gkg->said[i].name, err) != LODE_OK)
			return gdelt_blame(layout->counts == 0 ? 2 : layout->counts, "COUNTS", err);
	return LODE_OK;
}

int
gkg_read(struct gkg *gkg, struct gdelt *gdelt, const struct record *record, const char **rule, struct err *err)
{
	const struct layout *layout = record->n == layouts[0].n ? &layouts[0] : record->n == layouts[1].n ? &layouts[1] : &layouts[2];
	struct gdelt_line line;
	struct str tone = STR("");
	struct period day;
	int64_t known;
	int rc;

	if (layout->is_day && str_is(record_get(record, 0), "DATE")) {
		*rule = "header";
		return LODE_OK;
	}
	gkg->n_said = 0;
	rc = layout->places == 0 ? read_count_row(gkg, gdelt, record, rule, err) : read_article(gkg, gdelt, layout, record, rule, err);
	if (rc != LODE_OK || *rule != NULL)
		return rc;
	gdelt_line_init(&line);
	line.extra[GDELT_X_URL] = before(record_get(record, layout->url), "<UDIV>");
	line.extra[GDELT_X_MENTIONS] = layout->articles == 0 ? STR("") : record_get(record, layout->articles);
	if (layout->tone != 0)
		tone = before(record_get(record, layout->tone), ",");
	if (tone.n > 0 && gdelt_check_number(tone, layout->tone, "TONE", err) != LODE_OK)
		return err->code;
	if (layout->articles != 0 && gdelt_check_number(line.extra[GDELT_X_MENTIONS], layout->articles, "NUMARTS", err) != LODE_OK)
		return err->code;
	if (gdelt_check_url(line.extra[GDELT_X_URL], layout->url, "URL", err) != LODE_OK || check_names(gkg, gdelt, &line, layout, err) != LODE_OK)
		return err->code;
	if (gdelt_known(layout->is_day, record_get(record, layout->date), &known, err) != LODE_OK)
		return gdelt_blame(layout->date, "DATE", err);
	day = (struct period){ PERIOD_DAY, (int32_t)(known / 86400) - layout->is_day, (int32_t)(known / 86400) - layout->is_day };
	if (gdelt_set_times(gdelt, &line, known, day, layout->date, "DATE", err) != LODE_OK)
		return err->code;
	return write_said(gkg, gdelt, &line, tone, err);
}

void
gkg_release(struct gkg *gkg)
{
	free(gkg->spot);
	free(gkg->said);
	*gkg = (struct gkg){ 0 };
}
