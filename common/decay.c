#include "decay.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void
decay_init(struct decay *decay, double rate)
{
	*decay = (struct decay){ .left = exp(-rate) };
}

void
decay_release(struct decay *decay)
{
	free(decay->weight);
	free(decay->sum);
	*decay = (struct decay){ 0 };
}

/* Holds the days from..to - 1 besides those it has. */
static int
cover(struct decay *decay, int32_t from, int32_t to, struct err *err)
{
	size_t ahead = 0, behind = 0, need, room = decay->room;
	double **const arrays[] = { &decay->weight, &decay->sum };

	if (decay->n == 0 && decay->before == 0)
		decay->first = from;
	if (from < decay->first)
		ahead = (size_t)((int64_t)decay->first - from);
	if (to > decay->first + (int64_t)decay->n)
		behind = (size_t)(to - decay->first - (int64_t)decay->n);
	need = ahead + decay->n + behind;
	if (need > room) {
		room = need + need / 2 + 31;
		for (size_t i = 0; i < 2; i++) {
			double *grown = realloc(*arrays[i], room * sizeof *grown);

			if (grown == NULL)
				return err_set(err, LODE_ENOMEM, "out of memory");
			*arrays[i] = grown;
		}
		decay->room = room;
	}
	if (ahead > 0) {
		memmove(decay->weight + ahead, decay->weight, decay->n * sizeof *decay->weight);
		memset(decay->weight, 0, ahead * sizeof *decay->weight);
		decay->first = from;
		decay->stale = 0;
	}
	memset(decay->weight + ahead + decay->n, 0, behind * sizeof *decay->weight);
	decay->n = need;
	return LODE_OK;
}

int
decay_add(struct decay *decay, int32_t day, double weight, struct err *err)
{
	size_t at;

	if (cover(decay, day, day + 1, err) != LODE_OK)
		return err->code;
	at = (size_t)(day - decay->first);
	decay->weight[at] += weight;
	if (decay->weight[at] < 1e-9) /* rounding, when all has been taken away */
		decay->weight[at] = 0;
	if (at < decay->stale)
		decay->stale = at;
	return LODE_OK;
}

int
decay_mean(struct decay *decay, int32_t from, int32_t to, double *mean, struct err *err)
{
	double total = 0;

	if (cover(decay, from, to, err) != LODE_OK)
		return err->code;
	for (; decay->stale < decay->n; decay->stale++)
		decay->sum[decay->stale] = decay->weight[decay->stale] +
		    decay->left * (decay->stale == 0 ? decay->before : decay->sum[decay->stale - 1]);
	for (int32_t day = from; day < to; day++)
		total += decay->sum[day - decay->first];
	*mean = total / (to - from);
	return LODE_OK;
}

void
decay_forget(struct decay *decay, int32_t before)
{
	size_t gone = decay->n;

	if (before <= decay->first)
		return;
	if (before < decay->first + (int64_t)decay->n)
		gone = (size_t)(before - decay->first);
	for (size_t i = 0; i < gone; i++)
		decay->before = decay->weight[i] + decay->left * decay->before;
	decay->before *= pow(decay->left, before - decay->first - (double)gone);
	decay->first = before;
	decay->n -= gone;
	decay->stale -= gone < decay->stale ? gone : decay->stale;
	if (decay->n == 0)
		return;
	memmove(decay->weight, decay->weight + gone, decay->n * sizeof *decay->weight);
	memmove(decay->sum, decay->sum + gone, decay->n * sizeof *decay->sum);
}

int
decay_restore(struct decay *decay, double left, double before, int32_t first, size_t n, struct err *err)
{
	if (n > 0 && cover(decay, first, first + (int32_t)n, err) != LODE_OK)
		return err->code;
	decay->left = left;
	decay->before = before;
	decay->first = first;
	return LODE_OK;
}

int
decay_table_load(struct table *table, const char *path, struct err *err)
{
	static const char *const columns[] = { "class", "decay_per_month", NULL };
	double rate;

	if (table_load(table, path, columns, err) != LODE_OK)
		return err->code;
	for (size_t i = 0; i < table->n; i++) {
		struct str class = table_get(table, i, "class");

		if (table_double(table, i, "decay_per_month", &rate, err) != LODE_OK)
			return err->code;
		if (!(rate >= 0)) {
			err_set(err, LODE_EUSAGE, "decay_per_month '%.*s' is not from 0 up", STR_ARG(table_get(table, i, "decay_per_month")));
			return table_blame(table, i, "decay_per_month", err);
		}
		for (size_t j = 0; j < i; j++)
			if (str_eq(class, table_get(table, j, "class"))) {
				err_set(err, LODE_EUSAGE, "class '%.*s' is there twice", STR_ARG(class));
				return table_blame(table, i, "class", err);
			}
	}
	return LODE_OK;
}

double
decay_table_rate(const struct table *table, struct str class, double otherwise)
{
	struct err never;
	double rate = otherwise;

	for (size_t i = 0; i < table->n; i++)
		if (str_eq(class, table_get(table, i, "class"))) {
			table_double(table, i, "decay_per_month", &rate, &never);
			return rate / DECAY_DAYS_PER_MONTH;
		}
	return rate;
}
