#include "acled.h"

#include <stdio.h>
#include <strings.h>

#include "date.h"

static const char *const names[ACLED_N] = {
	"event_id_cnty", "event_date", "event_type", "sub_event_type", "actor1", "actor2", "iso", "admin1", "fatalities", "time_precision",
	"geo_precision", "timestamp", "inter1", "inter2",
};

const char *const acled_extra_names[ACLED_EXTRA] = {
	"id", "actor1", "inter1", "actor2", "inter2", "fatalities", "time_precision", "geo_precision",
};

/* As newer files write them, with or without a plural's s. */
static const char *const kinds[] = {
	"State force", "Rebel group", "Political militia", "Identity militia", "Rioter", "Protester", "Civilian", "External/Other force",
};

int
acled_columns(struct fields *fields, const struct header *header, struct err *err)
{
	return fields_find(fields, header, names, ACLED_N, ACLED_KIND_1, err);
}

int
acled_class(const struct fields *fields, const struct record *record, const struct classes *classes, struct str *class, struct str *severity,
    struct err *err)
{
	struct str type = fields_get(fields, record, ACLED_TYPE), subtype = fields_get(fields, record, ACLED_SUBTYPE);
	char code[128];
	int n = snprintf(code, sizeof code, "%.*s: %.*s", STR_ARG(type), STR_ARG(subtype));

	if ((n > 0 && (size_t)n < sizeof code && classes_get(classes, (struct str){ code, (size_t)n }, class, severity)) ||
	    classes_get(classes, type, class, severity))
		return LODE_OK;
	err_set(err, LODE_EDATA, "unknown event type '%.*s%s%.*s'", STR_ARG(type), subtype.n > 0 ? ": " : "", STR_ARG(subtype));
	return fields_blame(fields, subtype.n > 0 ? ACLED_SUBTYPE : ACLED_TYPE, err);
}

/* Up to 11 digits: more would be milliseconds. */
static int
get_seconds(struct str text, int64_t *seconds, struct err *err)
{
	size_t i;

	*seconds = 0;
	for (i = 0; i < text.n && i < 11 && char_is_digit(text.p[i]); i++)
		*seconds = *seconds * 10 + (text.p[i] - '0');
	if (i == 0 || i < text.n)
		return err_set(err, LODE_EDATA, "'%.*s' is not a time in seconds since 1970", STR_ARG(text));
	return LODE_OK;
}

int
acled_times(const struct fields *fields, const struct record *record, char known[INSTANT_MAX], char day[PERIOD_MAX], struct err *err)
{
	struct period period;
	int64_t seconds;

	if (get_seconds(fields_get(fields, record, ACLED_UPLOADED), &seconds, err) != LODE_OK)
		return fields_blame(fields, ACLED_UPLOADED, err);
	if (date_parse(fields_get(fields, record, ACLED_DATE), STR("YYYY-MM-DD|YYYYMMDD|D Month YYYY"), &period, err) != LODE_OK)
		return fields_blame(fields, ACLED_DATE, err);
	instant_format(seconds, known);
	period_format(period, day);
	if ((int64_t)period.first * 86400 > seconds) {
		err_set(err, LODE_EDATA, "the event's day %s is after %s, when it became known", day, known);
		return fields_blame(fields, ACLED_DATE, err);
	}
	return LODE_OK;
}

int
acled_kind(struct str text, struct str *kind, struct err *err)
{
	static const char digits[] = "12345678";
	size_t i, n;

	if (text.n == 0 || str_is(text, "0")) {
		*kind = STR("");
		return LODE_OK;
	}
	for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		n = text.n > 1 && (text.p[text.n - 1] | 0x20) == 's' ? text.n - 1 : text.n;
		if ((text.n == 1 && text.p[0] == digits[i]) || (n == strlen(kinds[i]) && strncasecmp(text.p, kinds[i], n) == 0)) {
			*kind = (struct str){ digits + i, 1 };
			return LODE_OK;
		}
	}
	return err_set(err, LODE_EDATA, "unknown kind of actor '%.*s'", STR_ARG(text));
}

static int
get_kind(const struct fields *fields, const struct record *record, enum acled_column column, struct str *kind, struct err *err)
{
	if (acled_kind(fields_get(fields, record, column), kind, err) != LODE_OK)
		return fields_blame(fields, column, err);
	return LODE_OK;
}

int
acled_extra(const struct fields *fields, const struct record *record, struct str extra[ACLED_EXTRA], struct err *err)
{
	if (fields_id(fields, record, ACLED_ID, &extra[0], err) != LODE_OK ||
	    fields_text(fields, record, ACLED_ACTOR_1, &extra[1], err) != LODE_OK ||
	    get_kind(fields, record, ACLED_KIND_1, &extra[2], err) != LODE_OK ||
	    fields_text(fields, record, ACLED_ACTOR_2, &extra[3], err) != LODE_OK ||
	    get_kind(fields, record, ACLED_KIND_2, &extra[4], err) != LODE_OK ||
	    fields_count(fields, record, ACLED_FATALITIES, &extra[5], err) != LODE_OK ||
	    fields_grade(fields, record, ACLED_TIME_PRECISION, '3', &extra[6], err) != LODE_OK ||
	    fields_grade(fields, record, ACLED_GEO_PRECISION, '3', &extra[7], err) != LODE_OK)
		return err->code;
	return LODE_OK;
}
