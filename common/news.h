/*
 * news - why an expectation moved from one vintage of the data to the next (no news articles here)
 *
 * Two vintages of data on the states of ssm.h, each datum with a key that names it in both. The change of E[z' a_t | data] is split:
 *
 *	model      the old figures under the new model and rows, less what was expected before
 *	withdrawn  figures that are no longer there: what the others let expect in their place, less what they were
 *	revised    figures that changed: new less old
 *	released   figures that are new: what they are, less what the others, revised, let expect
 *	rest       0, but where logged sums and outliers make the answer bend: then what the weights, taken at the end of each
 *	           step, leave
 *
 * Each datum's part is a weight times its surprise. Weights are those of the linear smoother: of released data jointly, so that
 * the parts add up to the change whatever their order. A datum with y NAN is not there.
 *
 * Source: Banbura and Modugno (2014), Maximum likelihood estimation of factor models on datasets with arbitrary pattern of missing
 * data, section 2.3. We differ: the weights come from the smoother's answer to a datum that moves by 1, not from covariances of states
 * far apart, which would need them all.
 */
#ifndef LODE_NEWS_H
#define LODE_NEWS_H

#include "ssm.h"
#include "str.h"

struct news_vintage {
	const struct ssm_model *model;
	const struct str *keys; /* n_data, no two alike */
};

/* What is asked: z' a_time. */
struct news_target {
	size_t time;
	const double *z; /* n_states */
};

enum news_kind { NEWS_WITHDRAWN, NEWS_REVISED, NEWS_RELEASED };

struct news_item {
	enum news_kind kind;
	size_t before, after; /* place among the old and the new data; SIZE_MAX: not there */
	double expected;      /* withdrawn: by the others; revised: the old figure; released: by the others, revised */
	double surprise;      /* withdrawn: expected - old; else new - expected */
};

struct news {
	size_t n_items, n_targets;
	struct news_item *items;       /* withdrawn, then revised and released in the order of the new data */
	double *weight;                /* n_items * n_targets: impact = weight * surprise */
	double *before, *after;        /* n_targets: the two expectations */
	double *model, *rest;          /* n_targets: parts of the change that are no datum's */
};

/*
 * news_new - split the change
 *
 * Shape    the vintages have the same states, and times with the same numbers; targets[n_targets], at a time that both have
 * Units    of the targets
 * Missing  y NAN is not there; an unchanged figure is no item
 * Errors   LODE_EUSAGE  states differ in number, a target's time is past the end, two data have one key
 *          else as ssm_filter_new()
 * Owner    *news belongs to the caller and keeps nothing
 * Cost     five filters and smoothers at most, and O(n_times nnz(T) + n_data n) an item
 */
int news_new(const struct news_vintage *before, const struct news_vintage *after, const struct news_target *targets, size_t n_targets,
    struct news **news, struct err *err);
void news_free(struct news *news); /* takes NULL */

/* What item moved target by. */
double news_impact(const struct news *news, size_t item, size_t target);

#endif
