#include "ucdp.h"

#include "date.h"

static const char *const names[UCDP_N] = {
	"id", "type_of_violence", "side_a", "side_b", "where_prec", "adm_1", "country_id", "date_prec", "date_start", "date_end", "best", "high",
	"low", "code_status", "gwnoa", "gwnob",
};

const char *const ucdp_extra_names[UCDP_EXTRA] = {
	"id", "actor1", "actor2", "best", "high", "low", "where_prec", "date_prec",
};

int
ucdp_columns(struct fields *fields, const struct header *header, struct err *err)
{
	return fields_find(fields, header, names, UCDP_N, UCDP_STATUS, err);
}

int
ucdp_class(const struct fields *fields, const struct record *record, const struct classes *classes, struct str *class, struct str *severity,
    struct err *err)
{
	struct str type = fields_get(fields, record, UCDP_TYPE);

	if (classes_get(classes, type, class, severity))
		return LODE_OK;
	err_set(err, LODE_EDATA, "unknown type of violence '%.*s'", STR_ARG(type));
	return fields_blame(fields, UCDP_TYPE, err);
}

static int
get_day(const struct fields *fields, const struct record *record, enum ucdp_column column, struct period *day, struct err *err)
{
	if (date_parse(fields_get(fields, record, column), STR("YYYY-MM-DD|YYYY-MM-DD 00:00:00.000"), day, err) != LODE_OK)
		return fields_blame(fields, column, err);
	return LODE_OK;
}

int
ucdp_period(const struct fields *fields, const struct record *record, struct period *period, int32_t *last_day, struct err *err)
{
	struct period first, last;
	char text[PERIOD_MAX];
	struct str grade;

	if (get_day(fields, record, UCDP_START, &first, err) != LODE_OK || get_day(fields, record, UCDP_END, &last, err) != LODE_OK ||
	    fields_grade(fields, record, UCDP_DATE_PREC, '5', &grade, err) != LODE_OK)
		return err->code;
	if (last.first < first.first) {
		period_format(last, text);
		err_set(err, LODE_EDATA, "the event ends on %s, before it begins", text);
		return fields_blame(fields, UCDP_END, err);
	}
	*last_day = last.first;
	*period = first;
	if (grade.p[0] >= '4') {
		*period = period_of_month(period_first_month(first));
		period->last = period_last_month(last);
		if (period->last > period->first)
			period->kind = PERIOD_SPAN;
	}
	return LODE_OK;
}

int
ucdp_partner(const struct fields *fields, const struct record *record, const struct codes *countries, struct str area, struct str *partner,
    struct err *err)
{
	static const enum ucdp_column states[] = { UCDP_STATE_A, UCDP_STATE_B };
	struct str rest, code, country;
	size_t i;

	*partner = STR("");
	for (i = 0; i < 2; i++) {
		rest = fields_get(fields, record, states[i]);
		while (rest.n > 0 && str_split(&rest, ',', &code)) { /* allies stand with a comma between */
			if ((country = codes_get(countries, str_trim(code))).p == NULL) {
				err_set(err, LODE_EDATA, "unknown country code '%.*s'", STR_ARG(code));
				return fields_blame(fields, states[i], err);
			}
			if (partner->n == 0 && !str_starts(area, country))
				*partner = country;
		}
	}
	return LODE_OK;
}

struct str
ucdp_status(const struct fields *fields, const struct record *record)
{
	struct str status = fields_get(fields, record, UCDP_STATUS);

	return status.n == 0 || str_is(status, "Clear") ? STR("A") : STR("P");
}

int
ucdp_extra(const struct fields *fields, const struct record *record, struct str extra[UCDP_EXTRA], struct err *err)
{
	if (fields_id(fields, record, UCDP_ID, &extra[0], err) != LODE_OK ||
	    fields_text(fields, record, UCDP_SIDE_A, &extra[1], err) != LODE_OK ||
	    fields_text(fields, record, UCDP_SIDE_B, &extra[2], err) != LODE_OK ||
	    fields_count(fields, record, UCDP_BEST, &extra[3], err) != LODE_OK ||
	    fields_count(fields, record, UCDP_HIGH, &extra[4], err) != LODE_OK ||
	    fields_count(fields, record, UCDP_LOW, &extra[5], err) != LODE_OK ||
	    fields_grade(fields, record, UCDP_WHERE_PREC, '7', &extra[6], err) != LODE_OK ||
	    fields_grade(fields, record, UCDP_DATE_PREC, '5', &extra[7], err) != LODE_OK)
		return err->code;
	return LODE_OK;
}
