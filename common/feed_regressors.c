#include "feed_regressors.h"

#include <math.h>
#include <stdlib.h>

#include "decay.h"
#include "instant.h"
#include "period.h"

enum { EPISODE_DAYS = 30 };

double
feed_intensity(const struct feed_event *events, size_t n, size_t effect, double decay, int32_t month)
{
	int32_t from = month_first_day(month), to = month_first_day(month + 1);
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		if (events[i].effect == effect)
			for (int32_t day = from; day < to; day++)
				if (day >= events[i].day)
					sum += events[i].weight * exp(-decay * (day - events[i].day) / DECAY_DAYS_PER_MONTH);
	return sum / (to - from);
}

/* Share of the window around one New Year's day that lies in a month. */
static double
window_share(int32_t new_year, int before, int after, int32_t month)
{
	int32_t from = new_year - before, to = new_year + after + 1;
	int32_t start = month_first_day(month), end = month_first_day(month + 1);
	int32_t inside = (to < end ? to : end) - (from > start ? from : start);

	return inside > 0 ? (double)inside / (to - from) : 0;
}

double
feed_lunar(const int32_t *lunar, size_t n, int before, int after, int32_t month)
{
	int of_year = month_of_year(month);
	double mean = 0, own = NAN;

	if (of_year > 2 || n == 0)
		return 0;
	for (size_t i = 0; i < n; i++) {
		int year, m, d;
		double share;

		civil_from_days(lunar[i], &year, &m, &d);
		share = window_share(lunar[i], before, after, month_number(year, of_year));
		mean += share / (double)n;
		if (year == month_year(month))
			own = share;
	}
	return isnan(own) ? 0 : own - mean;
}

static int
by_day(const void *x, const void *y)
{
	const struct feed_event *a = x, *b = y;

	if (a->day != b->day)
		return a->day < b->day ? -1 : 1;
	if (a->effect != b->effect)
		return a->effect < b->effect ? -1 : 1;
	return str_cmp(a->place, b->place);
}

/* MM holds MM-11. */
static bool
same_place(struct str a, struct str b)
{
	struct str outer = a.n < b.n ? a : b, inner = a.n < b.n ? b : a;

	return str_starts(inner, outer) && (inner.n == outer.n || inner.p[outer.n] == '-');
}

/* Was a state that began in an episode ended before an event tells of it again? Events up to there are still in front of it. */
static bool
ended(const struct feed_event *events, size_t kept, const struct feed_event *episode, size_t ended_by)
{
	for (size_t i = 0; i < kept; i++)
		if (events[i].effect == ended_by && events[i].day >= episode->last && same_place(events[i].place, episode->place))
			return true;
	return false;
}

size_t
feed_episodes(struct feed_event *events, size_t n, const struct feed_effect *effects)
{
	size_t kept = 0;

	qsort(events, n, sizeof *events, by_day);
	for (size_t i = 0; i < n; i++) {
		struct feed_event now = events[i];
		const struct feed_effect *effect = &effects[now.effect];
		size_t j = kept;

		now.last = now.day;
		while (j-- > 0 && (effect->lasts || now.day - events[j].day <= EPISODE_DAYS))
			if (events[j].effect == now.effect && same_place(events[j].place, now.place) &&
			    now.day - (effect->lasts ? events[j].last : events[j].day) <= EPISODE_DAYS &&
			    !(effect->lasts && ended(events, kept, &events[j], effect->ended_by)))
				break;
		if (j == SIZE_MAX || (!effect->lasts && now.day - events[j].day > EPISODE_DAYS)) {
			events[kept++] = now;
			continue;
		}
		events[j].last = now.day;
		if (now.weight > events[j].weight)
			events[j].weight = now.weight;
	}
	return kept;
}
