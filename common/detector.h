/*
 * detector - many series watched for changes, each value as it becomes known
 *
 * A chart (control_chart.h) or the posterior over run lengths (changepoint.h) looks at standardised values (standard.h), in order of period,
 * once: it rests on what was said first. Breaks (breaks.h) look back over the last values and use the newest figure of each period.
 * A chart begins anew after an alarm. The posterior alarms when P(r <= recent) reaches enough, and may do so again once it has
 * fallen below. A break is said again when its interval changes, and withdrawn when it is not found any more, unless the window left it behind.
 *
 * Held for a series: its key and about 200 bytes; the first values while a level is learned; max_runs times 32 bytes; or
 * window times 56 bytes.
 * Life cycle: detector_new, detector_add for each line, detector_free.
 */
#ifndef LODE_DETECTOR_H
#define LODE_DETECTOR_H

#include "changepoint.h"
#include "control_chart.h"
#include "period.h"
#include "standard.h"
#include "str.h"

enum detector_method { DETECTOR_CHART, DETECTOR_RUNS, DETECTOR_BREAKS };

struct detector_rules {
	enum detector_method method;
	bool log;     /* of the values first */
	bool relearn; /* after an alarm the standardisation begins anew too */
	struct standard_rules standard;   /* not of breaks */
	struct chart_rules chart;
	struct changepoint_rules runs;
	size_t recent;                    /* values */
	double enough;                    /* 0 to 1 */
	size_t window, shortest, most;    /* of breaks: values looked back over, least segment, most breaks */
	double confidence;                /* of the interval of a break */
	size_t max_keys;                  /* series held */
};

/* What is said of a line, in the order of this list. */
enum detector_name {
	DETECTOR_STATISTIC, /* of a chart as chart_statistic(); P(r <= recent); largest F of one break, empty where it explains all */
	DETECTOR_RUN,       /* most probable number of values since the last change */
	DETECTOR_ALARM,     /* 1 up, -1 down, of runs 1; of breaks 0 where one is withdrawn */
	DETECTOR_SHIFT,     /* of breaks: the mean after less the mean before */
	DETECTOR_EARLIEST,  /* of breaks: the interval, in values from the break on: 0 or below; may lie outside of the window */
	DETECTOR_LATEST,    /* 0 or above */
};

struct detector_result {
	enum detector_name name;
	struct period period; /* that of the line; of a break the first period after it */
	double value;         /* NAN: does not exist */
};

struct detector_line {
	struct str series;
	struct period period;
	double value; /* NAN: missing */
};

enum detector_fate {
	DETECTOR_TAKEN,
	DETECTOR_LEARNING, /* it serves to learn what is usual */
	DETECTOR_MISSING,
	DETECTOR_NO_LOG,   /* 0 or below */
	DETECTOR_REVISED,  /* the newest period is not before it; of breaks: the period has left the window, or never was in it */
};

struct detector;

/* Errors: LODE_EUSAGE of chart_check() and changepoint_new(), "a window of 10 values does not hold 2 segments of 8"; LODE_ENOMEM. */
int detector_new(struct detector **detector, const struct detector_rules *rules, void (*on_result)(void *, const struct detector_result *),
    void *argument, struct err *err);
void detector_free(struct detector *detector); /* takes NULL */

/*
 * detector_add - take a line
 *
 * Shape    periods of one length belong to a series: others are another one
 * Errors   LODE_EDATA  the value is too large
 *          LODE_ENOMEM, also "more than 1000 series to hold (--max-keys)"
 */
int detector_add(struct detector *detector, const struct detector_line *line, enum detector_fate *fate, struct err *err);

#endif
