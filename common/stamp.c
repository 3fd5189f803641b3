#include "stamp.h"

#include <strings.h>

#include "date.h"
#include "instant.h"

enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

/* Minutes east of Greenwich. CST, EST and the like are those of RFC 822. */
static const struct {
	const char *name;
	int minutes;
} zones[] = {
	{ "Z", 0 }, { "GMT", 0 }, { "UT", 0 }, { "UTC", 0 }, { "WET", 0 }, { "EST", -300 }, { "EDT", -240 }, { "CST", -360 }, { "CDT", -300 },
	{ "MST", -420 }, { "MDT", -360 }, { "PST", -480 }, { "PDT", -420 }, { "CET", 60 }, { "CEST", 120 }, { "BST", 60 }, { "EET", 120 },
	{ "EEST", 180 }, { "MSK", 180 }, { "MMT", 390 }, { "ICT", 420 }, { "HKT", 480 }, { "SGT", 480 }, { "MYT", 480 }, { "JST", 540 },
	{ "KST", 540 }, { "AEST", 600 }, { "AEDT", 660 },
};

static void
take(struct str *text, size_t n)
{
	text->p += n;
	text->n -= n;
}

/* The n digits that text begins with, or -1. */
static int
digits(struct str text, size_t n)
{
	return text.n < n ? -1 : civil_digits(text.p, (int)n);
}

/* The date that text begins with, off it. */
static bool
take_date(struct str *text, int32_t *day)
{
	struct str date = *text;
	struct err ignored;
	struct period period;
	size_t words, i;

	if (digits(*text, 8) >= 0) {
		date.n = 8;
	} else if (text->n >= 10 && text->p[4] == '-') {
		date.n = 10;
	} else {
		for (i = words = 0; i < text->n && !(text->p[i] == ' ' && ++words == 3);)
			i++;
		date.n = i;
	}
	take(text, date.n);
	if (date_parse(date, STR("YYYY-MM-DD|YYYYMMDD|D Month YYYY"), &period, &ignored) != LODE_OK)
		return false;
	*day = period.first;
	return true;
}

/* HH:MM, HH:MM:SS, HH:MM:SS.F or HHMMSS off text, as seconds; 60 is a second that a leap has put in. */
static bool
take_time(struct str *text, int64_t *seconds)
{
	bool colon = text->n > 2 && text->p[2] == ':';
	int hour = digits(*text, 2), minute, second = 0;

	if (hour < 0 || hour > 23)
		return false;
	take(text, colon ? 3 : 2);
	if ((minute = digits(*text, 2)) < 0 || minute > 59)
		return false;
	take(text, 2);
	if (!colon || (text->n > 0 && text->p[0] == ':')) {
		take(text, colon ? 1 : 0);
		if ((second = digits(*text, 2)) < 0 || second > 60)
			return false;
		take(text, 2);
		if (text->n > 0 && (text->p[0] == '.' || text->p[0] == ','))
			do
				take(text, 1);
			while (text->n > 0 && char_is_digit(text->p[0]));
	}
	*seconds = hour * HOUR + minute * MINUTE + second;
	return true;
}

/* Z, a name, +HH:MM, +HHMM or +HH; nothing is UTC. */
static bool
read_zone(struct str zone, int64_t *seconds)
{
	int hour, minute = 0;
	size_t i;

	*seconds = 0;
	for (i = 0; i < sizeof zones / sizeof zones[0]; i++)
		if (strlen(zones[i].name) == zone.n && strncasecmp(zones[i].name, zone.p, zone.n) == 0) {
			*seconds = zones[i].minutes * MINUTE;
			return true;
		}
	if (zone.n == 0)
		return true;
	if ((zone.p[0] != '+' && zone.p[0] != '-') || (hour = digits((struct str){ zone.p + 1, zone.n - 1 }, 2)) < 0)
		return false;
	if (zone.n > 3) {
		i = zone.p[3] == ':' ? 4 : 3;
		if (zone.n != i + 2 || (minute = digits((struct str){ zone.p + i, 2 }, 2)) < 0)
			return false;
	}
	*seconds = (zone.p[0] == '-' ? -1 : 1) * (hour * HOUR + minute * MINUTE);
	return hour < 24 && minute < 60;
}

int
stamp_parse(struct str text, int64_t *seconds, struct err *err)
{
	struct str rest = str_trim(text);
	const char *comma = memchr(rest.p, ',', rest.n > 11 ? 11 : rest.n);
	int64_t time = DAY - 1, zone = 0;
	int32_t day;

	if (comma != NULL && rest.n > 0 && !char_is_digit(*rest.p)) { /* the day of the week */
		take(&rest, (size_t)(comma - rest.p) + 1);
		rest = str_trim(rest);
	}
	if (rest.n == 0 || !take_date(&rest, &day))
		goto bad;
	if (rest.n > 0) {
		if (rest.p[0] != 'T' && rest.p[0] != 't' && rest.p[0] != ' ')
			goto bad;
		take(&rest, 1);
		rest = str_trim(rest);
		if (!take_time(&rest, &time))
			goto bad;
		rest = str_trim(rest);
		if (!read_zone(rest, &zone))
			return err_set(err, LODE_EDATA, "unknown time zone '%.*s'", STR_ARG(rest));
	}
	*seconds = (int64_t)day * DAY + time - zone;
	if (*seconds < (int64_t)civil_to_days(1, 1, 1) * DAY || *seconds >= (int64_t)civil_to_days(9999, 12, 31) * DAY)
		goto bad;
	return LODE_OK;
bad:
	return err_set(err, LODE_EDATA, "'%.*s' is not a time of publication", STR_ARG(text));
}
