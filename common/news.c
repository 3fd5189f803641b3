#include "news.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "linalg.h"
#include "map.h"

/* One run over one set of figures. */
struct reading {
	struct ssm_model model;
	struct ssm_filter *filter;
	struct ssm_smooth *smooth;
};

struct split {
	const struct news_vintage *before, *after;
	const struct news_target *targets;
	struct news *news;
	size_t *old_of; /* by new datum: the old one, SIZE_MAX: none */
	bool *kept;     /* by old datum: there in both */
	struct ssm_datum *data; /* old and common figures under the new rows */
	size_t *place;  /* by datum of it: the old one */
	double *move, *states, *scratch;
};

static bool
is_there(const struct ssm_datum *d)
{
	return !isnan(d->y);
}

static int
read_all(struct reading *r, const struct ssm_model *model, struct err *err)
{
	r->model = *model;
	if (ssm_filter_new(&r->model, &r->filter, err) != LODE_OK)
		return err->code;
	return ssm_smooth_new(r->filter, &r->smooth, err);
}

static void
reading_release(struct reading *r)
{
	ssm_smooth_free(r->smooth);
	ssm_filter_free(r->filter);
}

static double
asked(const struct reading *r, const struct news_target *target)
{
	size_t n = r->model.n_states;

	return linalg_dot(target->z, r->smooth->a + target->time * n, n);
}

/* What a reading lets expect of a datum that need not be in it. */
static double
expected(const struct reading *r, const struct ssm_datum *d)
{
	size_t n = r->model.n_states;
	const double *a = r->smooth->a + d->time * n;
	double top = -INFINITY, sum = 0;

	for (size_t j = 0; j < d->n_terms; j++)
		top = fmax(top, linalg_dot(d->z + j * n, a, n) + (d->d == NULL ? 0 : d->d[j]));
	if (d->n_terms == 1)
		return top;
	for (size_t j = 0; j < d->n_terms; j++)
		sum += exp(linalg_dot(d->z + j * n, a, n) + (d->d == NULL ? 0 : d->d[j]) - top);
	return top + log(sum);
}

static int
match(struct split *s, struct err *err)
{
	const struct ssm_model *old = s->before->model, *new = s->after->model;
	struct map *index[2] = { map_new(), map_new() };
	struct map_entry *entry;
	int rc = LODE_OK;

	for (int side = 0; side < 2; side++) {
		const struct news_vintage *v = side == 0 ? s->before : s->after;

		for (size_t i = 0; rc == LODE_OK && i < v->model->n_data; i++) {
			if (index[side] == NULL || (entry = map_put(index[side], v->keys[i])) == NULL)
				rc = err_set(err, LODE_ENOMEM, "no memory");
			else if (entry->value.number != 0)
				rc = err_set(err, LODE_EUSAGE, "two observations have the key '%.*s'", STR_ARG(v->keys[i]));
			else
				entry->value.number = i + 1;
		}
	}
	for (size_t i = 0; rc == LODE_OK && i < new->n_data; i++) {
		entry = map_get(index[0], s->after->keys[i]);
		s->old_of[i] = SIZE_MAX;
		if (entry == NULL || !is_there(&new->data[i]) || !is_there(&old->data[entry->value.number - 1]))
			continue;
		s->old_of[i] = (size_t)entry->value.number - 1;
		s->kept[s->old_of[i]] = true;
	}
	map_free(index[0]);
	map_free(index[1]);
	return rc;
}

/* The old figures under the new rows, with or without those withdrawn, in order of time; returns how many. */
static size_t
lay_out(struct split *s, bool withdrawn, bool new_values)
{
	const struct ssm_model *old = s->before->model, *new = s->after->model;
	size_t n = 0, next = 0;

	for (size_t i = 0; i <= new->n_data; i++) {
		for (; withdrawn && next < old->n_data && (i == new->n_data || old->data[next].time < new->data[i].time); next++)
			if (is_there(&old->data[next]) && !s->kept[next]) {
				s->data[n] = old->data[next];
				s->place[n++] = next;
			}
		if (i == new->n_data || s->old_of[i] == SIZE_MAX)
			continue;
		s->data[n] = new->data[i];
		if (!new_values)
			s->data[n].y = old->data[s->old_of[i]].y;
		s->place[n++] = s->old_of[i];
	}
	return n;
}

static void
add_item(struct split *s, enum news_kind kind, size_t before, size_t after, double expects, double surprise)
{
	s->news->items[s->news->n_items++] = (struct news_item){ kind, before, after, expects, surprise };
}

/* The weights of the newest item, which is datum i of the reading. */
static void
weigh(struct split *s, const struct reading *r, size_t i)
{
	size_t n = r->model.n_states, targets = s->news->n_targets;
	double *weight = s->news->weight + (s->news->n_items - 1) * targets;

	memset(s->move, 0, r->model.n_data * sizeof *s->move);
	s->move[i] = 1;
	ssm_respond(r->filter, s->move, s->scratch, s->states);
	for (size_t k = 0; k < targets; k++)
		weight[k] = linalg_dot(s->targets[k].z, s->states + s->targets[k].time * n, n);
}

/* New model, old figures; what they were expected to be is in news->before. */
static int
withdraw(struct split *s, struct err *err)
{
	const struct ssm_model *old = s->before->model;
	struct ssm_model model = *s->after->model;
	struct reading all = { 0 }, left = { 0 };
	size_t n_old = lay_out(s, false, false);
	int rc;

	model.data = s->data;
	model.n_data = n_old;
	for (size_t i = 0; i < old->n_data; i++)
		n_old += is_there(&old->data[i]) && !s->kept[i];
	if (n_old > model.n_data && (rc = read_all(&left, &model, err)) != LODE_OK)
		goto end;
	model.n_data = lay_out(s, true, false); /* nothing asks left's model again, whose data change here */
	if ((rc = read_all(&all, &model, err)) != LODE_OK)
		goto end;
	for (size_t k = 0; k < s->news->n_targets; k++)
		s->news->model[k] = asked(&all, &s->targets[k]) - s->news->before[k];
	for (size_t i = 0; i < model.n_data; i++)
		if (!s->kept[s->place[i]]) {
			const struct ssm_datum *d = &old->data[s->place[i]];
			double expects = expected(&left, d);

			add_item(s, NEWS_WITHDRAWN, s->place[i], SIZE_MAX, expects, expects - d->y);
			weigh(s, &all, i);
		}
end:
	reading_release(&all);
	reading_release(&left);
	return rc;
}

static int
revise_and_release(struct split *s, struct err *err)
{
	const struct ssm_model *old = s->before->model, *new = s->after->model;
	struct ssm_model model = *new;
	struct reading revised = { 0 }, now = { 0 };
	int rc;

	model.data = s->data;
	model.n_data = lay_out(s, false, true);
	if ((rc = read_all(&revised, &model, err)) != LODE_OK || (rc = read_all(&now, new, err)) != LODE_OK)
		goto end;
	for (size_t k = 0; k < s->news->n_targets; k++)
		s->news->after[k] = asked(&now, &s->targets[k]);
	for (size_t i = 0, common = 0; i < new->n_data; i++) {
		const struct ssm_datum *d = &new->data[i];

		if (s->old_of[i] != SIZE_MAX) {
			double was = old->data[s->old_of[i]].y;

			if (d->y != was) {
				add_item(s, NEWS_REVISED, s->old_of[i], i, was, d->y - was);
				weigh(s, &revised, common);
			}
			common++;
		} else if (is_there(d)) {
			double expects = expected(&revised, d);

			add_item(s, NEWS_RELEASED, SIZE_MAX, i, expects, d->y - expects);
			weigh(s, &now, i);
		}
	}
end:
	reading_release(&revised);
	reading_release(&now);
	return rc;
}

static int
check(const struct split *s, struct err *err)
{
	const struct ssm_model *old = s->before->model, *new = s->after->model;

	if (old->n_states != new->n_states)
		return err_set(err, LODE_EUSAGE, "the vintages have %zu and %zu states", old->n_states, new->n_states);
	for (size_t k = 0; k < s->news->n_targets; k++)
		if (s->targets[k].time >= old->n_times || s->targets[k].time >= new->n_times)
			return err_set(err, LODE_EUSAGE, "target %zu is past the end of a vintage", k + 1);
	return LODE_OK;
}

static int
split_alloc(struct split *s, struct err *err)
{
	size_t old = s->before->model->n_data, new = s->after->model->n_data, all = old + new, targets = s->news->n_targets;
	const struct ssm_model *m = s->after->model;
	struct ssm_model most = *m;
	struct news *news = s->news;

	most.n_data = all;
	s->old_of = calloc(new + 1, sizeof *s->old_of);
	s->kept = calloc(old + 1, sizeof *s->kept);
	s->data = calloc(all + 1, sizeof *s->data);
	s->place = calloc(all + 1, sizeof *s->place);
	s->move = calloc(all + 1, sizeof *s->move);
	s->states = calloc(m->n_times * m->n_states + 1, sizeof *s->states);
	s->scratch = calloc(ssm_simulate_scratch(&most) + 1, sizeof *s->scratch);
	news->items = calloc(all + 1, sizeof *news->items);
	news->weight = calloc(all * targets + 1, sizeof *news->weight);
	news->before = calloc(targets + 1, sizeof *news->before);
	news->after = calloc(targets + 1, sizeof *news->after);
	news->model = calloc(targets + 1, sizeof *news->model);
	news->rest = calloc(targets + 1, sizeof *news->rest);
	if (s->old_of == NULL || s->kept == NULL || s->data == NULL || s->place == NULL || s->move == NULL || s->states == NULL ||
	    s->scratch == NULL || news->items == NULL || news->weight == NULL || news->before == NULL || news->after == NULL ||
	    news->model == NULL || news->rest == NULL)
		return err_set(err, LODE_ENOMEM, "no memory");
	return LODE_OK;
}

static int
split_all(struct split *s, struct err *err)
{
	struct reading first = { 0 };
	struct news *news = s->news;
	int rc;

	if ((rc = check(s, err)) != LODE_OK || (rc = split_alloc(s, err)) != LODE_OK || (rc = match(s, err)) != LODE_OK)
		return rc;
	if ((rc = read_all(&first, s->before->model, err)) == LODE_OK)
		for (size_t k = 0; k < news->n_targets; k++)
			news->before[k] = asked(&first, &s->targets[k]);
	reading_release(&first);
	if (rc != LODE_OK || (rc = withdraw(s, err)) != LODE_OK || (rc = revise_and_release(s, err)) != LODE_OK)
		return rc;
	for (size_t k = 0; k < news->n_targets; k++) {
		double sum = news->model[k];

		for (size_t i = 0; i < news->n_items; i++)
			sum += news_impact(news, i, k);
		news->rest[k] = news->after[k] - news->before[k] - sum;
	}
	return LODE_OK;
}

int
news_new(const struct news_vintage *before, const struct news_vintage *after, const struct news_target *targets, size_t n_targets,
    struct news **out, struct err *err)
{
	struct split s = { .before = before, .after = after, .targets = targets };
	int rc;

	if ((s.news = calloc(1, sizeof *s.news)) == NULL)
		return err_set(err, LODE_ENOMEM, "no memory");
	s.news->n_targets = n_targets;
	rc = split_all(&s, err);
	free(s.old_of);
	free(s.kept);
	free(s.data);
	free(s.place);
	free(s.move);
	free(s.states);
	free(s.scratch);
	if (rc == LODE_OK)
		*out = s.news;
	else
		news_free(s.news);
	return rc;
}

void
news_free(struct news *news)
{
	if (news == NULL)
		return;
	free(news->items);
	free(news->weight);
	free(news->before);
	free(news->after);
	free(news->model);
	free(news->rest);
	free(news);
}

double
news_impact(const struct news *news, size_t item, size_t target)
{
	return news->weight[item * news->n_targets + target] * news->items[item].surprise;
}
