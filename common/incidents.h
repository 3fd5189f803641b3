/*
 * incidents - what the filters share that turn lists of events, a row each, into observations
 *
 * An event's area by a code of its country and the name of a unit in it, its class by a table; those of another place or class are left out.
 * What a list has of its own comes as a struct incidents_format.
 *
 * Life cycle: incidents_open, incidents_run, incidents_release.
 */
#ifndef LODE_INCIDENTS_H
#define LODE_INCIDENTS_H

#include "classes.h"
#include "collate.h"
#include "fields.h"
#include "parse.h"
#include "regions.h"

struct incidents_options {
	struct option_list area;
	const char *places, *classes; /* paths */
	size_t max_held;
};

#define INCIDENTS_DEFAULTS { .max_held = COLLATE_DEFAULT }

#define INCIDENTS_OPTIONS(type, member) \
	{ 0, "places", "FILE", OPTION_TEXT, offsetof(type, member.places), "table of places: name kind iso" }, \
	{ 0, "classes", "FILE", OPTION_TEXT, offsetof(type, member.classes), "table of event classes: code class severity" }, \
	{ 'a', "area", "AREAS", OPTION_LIST, offsetof(type, member.area), "only places that start with one of these, as in MM,CN-YN" }, \
	COLLATE_OPTION(type, member.max_held)

struct incidents_format {
	int (*columns)(struct fields *fields, const struct header *header, struct err *err);
	unsigned country, unit; /* fields */
	int (*class)(const struct fields *fields, const struct record *record, const struct classes *classes, struct str *class,
	    struct str *severity, struct err *err);
	/* All of an event but its area, indicator, value, unit and ref. What obs and extra point to stays until the next call. */
	int (*fill)(void *argument, const struct fields *fields, const struct record *record, struct obs *obs, struct str *extra, struct err *err);
	void *argument; /* of fill() */
	const char *const *extra_names;
	size_t n_extra; /* at most COLLATE_MAX_EXTRA */
};

struct incidents {
	const struct incidents_format *format;
	struct fields fields;
	struct regions regions;
	struct classes classes;
	struct collate *collate;
	struct ref ref;
};

/* hold: lines come in another order than `known`. options, format and countries stay with the caller. Errors: of the tables; LODE_ENOMEM. */
int incidents_open(struct incidents *incidents, const struct incidents_options *options, const struct incidents_format *format,
    const struct codes *countries, bool hold, struct run *run, struct err *err);
void incidents_release(struct incidents *incidents); /* takes a zeroed one */

/* All operands, CSV with a header. Rules "other-place", "other-class". Errors: those of parse_inputs(), of the format, LODE_ENOMEM. */
int incidents_run(struct incidents *incidents, struct run *run, char *const *operands, struct err *err);

#endif
