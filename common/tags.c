#include "tags.h"

#include <stdlib.h>

#include "scene.h"

void
tags_clear(struct tags *tags)
{
	tags->n = tags->denied.n = tags->only_talked_of.n = 0;
}

/* Two tags of one class that are one event: not of opposite signs, and at the same place, one within the other, none, or either side of one border. */
static bool
same_event(const struct tagged *a, const struct tagged *b)
{
	if (a->is_quantity || !str_eq(a->event_class, b->event_class) || (a->sign != b->sign && a->sign != 0 && b->sign != 0))
		return false;
	if (a->place.n == 0 || b->place.n == 0 || str_starts(a->place, b->place) || str_starts(b->place, a->place))
		return true;
	return (scene_same_country(a->place, b->partner) || scene_same_country(b->place, a->partner)) && (a->place.n == 2 || b->place.n == 2);
}

void
tags_add_event(struct tags *tags, const struct tagged *tag, struct mention mention)
{
	struct tagged *known;
	struct mention *sure;
	size_t i;

	for (i = 0; i < tags->n; i++) {
		known = &tags->tag[i];
		sure = &tags->sure[i];
		if (!same_event(known, tag))
			continue;
		sure->in_text |= mention.in_text;
		/* The most confident mention, with the closest place and day, and what any mention adds. */
		if (mention.place > sure->place || (mention.place == sure->place && tag->place.n > known->place.n && str_starts(tag->place, known->place))) {
			known->place = tag->place;
			known->partner = tag->partner;
			sure->place = mention.place;
		}
		if (known->actor.n == 0 || (mention.told && !sure->told)) {
			known->actor = tag->actor;
			sure->told = mention.told;
		}
		if (known->commodity.n == 0)
			known->commodity = tag->commodity;
		if (mention.dated && (!sure->dated || (tag->period.kind == PERIOD_DAY && known->period.kind != PERIOD_DAY))) {
			known->has_period = true;
			known->period = tag->period;
			sure->dated = true;
		}
		if (known->sign == 0)
			known->sign = tag->sign;
		if (tag->confidence > known->confidence) {
			known->confidence = tag->confidence;
			known->sign = tag->sign != 0 ? tag->sign : known->sign;
			known->start = tag->start;
			known->end = tag->end;
			known->row = tag->row;
		}
		return;
	}
	if (tags->n == TAGS_MAX)
		return;
	tags->sure[tags->n] = mention;
	tags->tag[tags->n++] = *tag;
}

/* Two changes of one thing: of the same indicator, commodity and, as far as both tell it, period, and in one direction. */
static bool
is_same_change(const struct tagged *a, const struct tagged *b)
{
	return a->is_quantity && str_eq(a->indicator, b->indicator) && str_eq(a->unit, b->unit) && str_eq(a->commodity, b->commodity) &&
	    (a->value.mantissa < 0) == (b->value.mantissa < 0) && (!a->has_period || !b->has_period ||
	    (a->period.kind == b->period.kind && a->period.first == b->period.first && a->period.last == b->period.last));
}

/* "By a third", where the other one is a number. */
static bool
is_vaguer(const struct tags *tags, size_t i, const struct tagged *tag, bool vague)
{
	return !vague && tags->vague[i] && is_same_change(&tags->tag[i], tag);
}

void
tags_add_quantity(struct tags *tags, const struct tagged *tag, bool vague)
{
	struct tagged *known;
	size_t i;

	for (i = 0; i < tags->n; i++) {
		known = &tags->tag[i];
		/* "Fell by a third" in the title, 34% in the text */
		if (is_vaguer(tags, i, tag, vague)) {
			*known = *tag;
			tags->vague[i] = false;
			return;
		}
		if (vague && !tags->vague[i] && is_same_change(known, tag))
			return;
		if (known->is_quantity && str_eq(known->indicator, tag->indicator) && str_eq(known->commodity, tag->commodity) &&
		    dec_cmp(known->value, tag->value) == 0 && str_eq(known->unit, tag->unit)) {
			if (!known->has_period && tag->has_period)
				*known = *tag;
			return;
		}
	}
	if (tags->n == TAGS_MAX)
		return;
	tags->vague[tags->n] = vague;
	tags->tag[tags->n++] = *tag;
}

const struct tagged *
tags_with_side(const struct tags *tags, struct str measure)
{
	const struct tagged *tag;

	for (tag = tags->tag; tag < tags->tag + tags->n; tag++)
		if (tag->is_quantity && str_starts(tag->indicator, measure) && (tag->place.n > 0 || tag->partner.n > 0))
			return tag;
	return NULL;
}

bool
tags_has_class(const struct class_set *classes, struct str class)
{
	size_t i;

	for (i = 0; i < classes->n; i++)
		if (str_eq(classes->class[i], class))
			return true;
	return false;
}

void
tags_note_class(struct class_set *classes, struct str class)
{
	if (!tags_has_class(classes, class) && classes->n < TAGS_CLASSES)
		classes->class[classes->n++] = class;
}

/* "The ultimatum" in an article that says what is threatened is that threat. */
static void
drop_general_threats(struct tags *tags)
{
	static const char ending[] = "-threat";
	struct tagged *tag, *other;
	size_t i, k, kept = 0, n = sizeof ending - 1;

	for (i = 0; i < tags->n; i++) {
		tag = &tags->tag[i];
		for (k = 0; k < tags->n && str_is(tag->event_class, "threat"); k++) {
			other = &tags->tag[k];
			if (other->event_class.n > n && memcmp(other->event_class.p + other->event_class.n - n, ending, n) == 0)
				break;
		}
		if (!str_is(tag->event_class, "threat") || k == tags->n)
			tags->tag[kept++] = *tag;
	}
	tags->n = kept;
}

static int
by_position(const void *a, const void *b)
{
	const struct tagged *p = a, *q = b;

	if (p->is_quantity != q->is_quantity)
		return p->is_quantity ? 1 : -1;
	if (p->start != q->start)
		return p->start < q->start ? -1 : 1;
	if (str_cmp(p->event_class, q->event_class) != 0)
		return str_cmp(p->event_class, q->event_class);
	return p->is_quantity ? str_cmp(p->indicator, q->indicator) : str_cmp(p->place, q->place);
}

void
tags_settle(struct tags *tags, bool drop_threats)
{
	const struct tagged *tag;
	size_t i, n = 0;

	for (i = 0; i < tags->n; i++) {
		tag = &tags->tag[i];
		/* A title is short for the text: what that only talks of has not happened. */
		if (!tag->is_quantity && !tags->sure[i].in_text && tags_has_class(&tags->only_talked_of, tag->event_class))
			continue;
		tags->tag[n] = *tag;
		if (!tag->is_quantity && tags_has_class(&tags->denied, tag->event_class))
			tags->tag[n].confidence *= 0.6;
		n++;
	}
	tags->n = n;
	if (drop_threats)
		drop_general_threats(tags);
	qsort(tags->tag, tags->n, sizeof *tags->tag, by_position);
}
