#include "tagger.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "instant.h"
#include "map.h"
#include "match.h"
#include "mood.h"
#include "stated.h"
#include "when.h"

enum {
	TITLE = 3,        /* how many mentions a mention in the title counts as */
	DATE_REACH = 20,  /* words between an act and its date */
	NAMES = 64,       /* places that an article's own are chosen from */
	KEPT_CLASSES = 32,/* classes that an article denies */
};

struct tagger {
	struct lexicon *lexicon;
	struct sentence *sentence;
	struct map *texts;             /* indicators and units, so that a tag's texts stay */
	uint32_t *count;               /* mentions in this article, by entry */
	uint32_t *seen;                /* entries with a count */
	size_t n_seen;
	struct presence article;
	struct today today;
	struct hit *title;             /* hits in the title */
	size_t n_title, room_title;
	struct str denied[KEPT_CLASSES];
	size_t n_denied;
	struct tagged tags[TAGGER_TAGS];
	struct { uint8_t place; bool dated; } sure[TAGGER_TAGS]; /* place: 2 named with the act, 1 in the sentence, 0 elsewhere; a day is told */
	size_t n_tags;
	struct str last_actor;         /* of the sentences before */
	/* of the sentence */
	size_t offset;
	struct presence here;
	struct when when[WHEN_MAX];
	size_t n_when;
	const struct mark *cues[MATCH_MAX]; /* threats whose act is reported already */
	size_t n_cues;
	bool supposed;                 /* the title says that all of it is a scenario */
};

int
tagger_new(struct tagger **result, const struct tagger_tables *tables, struct err *err)
{
	const struct lexicon_paths paths = { tables->phrases, tables->places, tables->actors, tables->commodities };
	struct tagger *t = calloc(1, sizeof *t);
	int rc;

	if (t == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	rc = lexicon_new(&t->lexicon, &paths, err);
	if (rc == LODE_OK && ((t->sentence = calloc(1, sizeof *t->sentence)) == NULL || (t->texts = map_new()) == NULL ||
	    (t->count = calloc(lexicon_entries(t->lexicon) + 1, sizeof *t->count)) == NULL ||
	    (t->seen = calloc(lexicon_entries(t->lexicon) + 1, sizeof *t->seen)) == NULL))
		rc = err_set(err, LODE_ENOMEM, "out of memory");
	if (rc != LODE_OK)
		tagger_free(t);
	else
		*result = t;
	return rc;
}

void
tagger_free(struct tagger *t)
{
	if (t == NULL)
		return;
	lexicon_free(t->lexicon);
	map_free(t->texts);
	free(t->sentence);
	free(t->count);
	free(t->seen);
	free(t->title);
	free(t);
}

static struct str
keep(struct tagger *t, const char *text)
{
	const struct map_entry *entry = map_put(t->texts, str_of(text));

	return entry == NULL ? STR("") : entry->key;
}

static bool
allowed(const struct tagger *t, uint32_t entry)
{
	return match_allows(lexicon_entry(t->lexicon, entry), &t->here, &t->article);
}

static bool
same_country(struct str a, struct str b)
{
	return a.n >= 2 && b.n >= 2 && memcmp(a.p, b.p, 2) == 0;
}

static struct str
country_of(struct str place)
{
	return (struct str){ place.p, place.n < 2 ? place.n : 2 };
}

static const struct entry *
entry_of(const struct tagger *t, const struct mark *mark)
{
	return lexicon_entry(t->lexicon, mark->entry);
}

static void
note(struct tagger *t, const struct hit *hits, size_t n, uint32_t weight)
{
	const struct member *members;
	size_t i, k, n_members;

	for (i = 0; i < n; i++) {
		members = lexicon_members(t->lexicon, hits[i].literal, &n_members);
		for (k = 0; k < n_members; k++) {
			presence_set(&t->article, members[k].set);
			if (members[k].set > SET_COMMODITY)
				continue;
			if (t->count[members[k].entry] == 0)
				t->seen[t->n_seen++] = members[k].entry;
			t->count[members[k].entry] += weight;
		}
	}
}

/* The name that the article mentions most, of one kind; what is within a country before the country. */
static struct str
most_named(const struct tagger *t, enum set kind, bool countries)
{
	struct { struct str name; uint32_t count; } names[NAMES];
	size_t i, k, n = 0, best = 0;

	for (i = 0; i < t->n_seen; i++) {
		const struct entry *entry = lexicon_entry(t->lexicon, t->seen[i]);

		if (entry->kind != kind || !match_allows(entry, &t->article, &t->article) || (kind == SET_PLACE && countries != (entry->name.n == 2)))
			continue;
		for (k = 0; k < n && !str_eq(names[k].name, entry->name);)
			k++;
		if (k == NAMES)
			continue;
		if (k == n) {
			names[n].name = entry->name;
			names[n++].count = 0;
		}
		names[k].count += t->count[t->seen[i]];
	}
	for (i = 1; i < n; i++)
		if (names[i].count > names[best].count)
			best = i;
	return n == 0 ? STR("") : names[best].name;
}

/* Words between two spans of the sentence, with what stands between them as words. */
static unsigned
apart(const struct sentence *s, size_t a_start, size_t a_end, size_t b_start, size_t b_end)
{
	size_t low = a_end <= b_start ? a_end : b_end, high = a_end <= b_start ? b_start : a_start;

	if (low >= high)
		return 0;
	return sentence_words(s, low, high) + 2 * sentence_commas(s, low, high) + (sentence_first(s, SET_BREAK, low, high) != NULL ? 15 : 0) +
	    (sentence_first(s, SET_RELATIVE, low, high) != NULL ? 5 : 0);
}

/* "a trader in Tengchong said", "according to a miner in Pangwa": where somebody speaks is not where it happened. */
static bool
is_speaker(const struct sentence *s, const struct mark *place)
{
	const struct mark *after = sentence_first(s, SET_SAID, place->end, s->end), *before = sentence_last(s, SET_SAID, s->start, place->start);

	return (after != NULL && sentence_words(s, place->end, after->start) <= 1 && sentence_commas(s, place->end, after->start) == 0) ||
	    (before != NULL && sentence_words(s, before->end, place->start) <= 3 && sentence_commas(s, before->end, place->start) == 0);
}

/* Where it happens: the nearest place, a town before a country, after the act before in front of it. */
static const struct mark *
site(const struct tagger *t, const struct match *match)
{
	const struct sentence *s = t->sentence;
	const struct mark *m, *best = NULL;
	unsigned words, least = 1000;

	for (m = s->marks; m < s->marks + s->n; m++) {
		if (m->set != SET_PLACE || !allowed(t, m->entry))
			continue;
		words = apart(s, match->start, match->end, m->start, m->end) + (m->end <= match->part[0]->start ? 2 : 0) + (is_speaker(s, m) ? 10 : 0);
		words += str_is(entry_of(t, m)->area, "demonym") ? 24 : entry_of(t, m)->name.n == 2 ? 8 : 0;
		if (words < least) {
			least = words;
			best = m;
		}
	}
	return best;
}

/* Who did it: what follows "by", else the nearest one in front of the act; NULL when nobody is named. */
static const struct mark *
doer(const struct tagger *t, const struct mark *act, bool places)
{
	const struct sentence *s = t->sentence;
	const struct mark *m, *by, *best = NULL;
	unsigned words, least = 1000;

	for (m = s->marks; m < s->marks + s->n; m++) {
		if (!(m->set == SET_ACTOR || (places && m->set == SET_PLACE)) || !allowed(t, m->entry) || (m->set == SET_ACTOR && places && entry_of(t, m)->area.n == 0))
			continue;
		words = apart(s, act->start, act->end, m->start, m->end) + (m->set == SET_PLACE && !str_is(entry_of(t, m)->area, "demonym") ? 2 : 0) +
		    (m->set == SET_PLACE && entry_of(t, m)->name.n > 2 ? 6 : 0);
		if (m->start >= act->end) {
			by = sentence_last(s, SET_BY, act->end, m->start);
			words = by != NULL && sentence_words(s, by->end, m->start) <= 1 ? words / 2 : words + 12;
		} else if ((by = sentence_last(s, SET_BY, s->start, act->start)) != NULL && by->start >= m->end && sentence_words(s, m->end, by->start) == 0 &&
		    s->text.p[by->start] >= 'a' && s->text.p[by->start] <= 'z')
			words += 4;
		if (words < least) {
			least = words;
			best = m;
		}
	}
	return best;
}

/* "The 2024 quotas", 2024年第一批: a year that something is called by. */
static bool
is_name_of_year(const struct sentence *s, const struct when *when)
{
	static const char *const before[] = { "in ", "since ", "during ", "by ", "until ", "from ", "late ", "early ", "after ", "before " };
	size_t i, n, behind = when->start - s->start;

	if (when->period.kind != PERIOD_YEAR || !when->known || when->relative)
		return false;
	if (when->end - when->start > 4)
		return when->end + 3 <= s->end && memcmp(s->text.p + when->end, "第", 3) == 0;
	for (i = 0; i < sizeof before / sizeof before[0]; i++) {
		n = strlen(before[i]);
		if (behind >= n && strncasecmp(s->text.p + when->start - n, before[i], n) == 0)
			return false;
	}
	return true;
}

/* What stands between a date and an act begins another clause; "since" just before the date is its preposition. */
static bool
is_other_clause(const struct sentence *s, size_t low, size_t high, size_t date)
{
	const struct mark *after = sentence_last(s, SET_SUBORDINATE, low, high);

	return sentence_first(s, SET_BREAK, low, high) != NULL || sentence_first(s, SET_RELATIVE, low, high) != NULL ||
	    (after != NULL && !(high == date && sentence_words(s, after->end, date) == 0));
}

/* Long past by the date of its own clause, or by that of the clause that it is subordinate to ("in 2021 they closed after ..."). */
static bool
is_background(const struct tagger *t, const struct match *match, const struct when *day)
{
	const struct sentence *s = t->sentence;
	const struct when *w;
	const struct mark *after = sentence_last(s, SET_SUBORDINATE, s->start, match->start);

	if (day != NULL)
		return day->background;
	for (w = t->when; w < t->when + t->n_when; w++)
		if (w->background && after != NULL && w->end <= after->start && sentence_first(s, SET_BREAK, w->end, match->start) == NULL)
			return true;
	return false;
}

/* The date of the act: the nearest one of its own clause. */
static const struct when *
day_of(const struct tagger *t, const struct match *match)
{
	const struct sentence *s = t->sentence;
	const struct when *best = NULL;
	unsigned words, least = DATE_REACH + 1;
	size_t i, low, high;

	for (i = 0; i < t->n_when; i++) {
		const struct when *w = &t->when[i];

		low = w->end <= match->start ? w->end : match->end;
		high = w->end <= match->start ? match->start : w->start;
		if ((low < high && is_other_clause(s, low, high, w->start)) || is_name_of_year(s, w))
			continue;
		words = low >= high ? 0 : sentence_words(s, low, high) + 2 * sentence_commas(s, low, high);
		if (words < least) {
			least = words;
			best = w;
		}
	}
	return best;
}

/* The other country of the sentence, or of the article. */
static struct str
other_side(const struct tagger *t, struct str place)
{
	const struct sentence *s = t->sentence;
	const struct mark *m;

	for (m = s->marks; m < s->marks + s->n; m++)
		if (m->set == SET_PLACE && allowed(t, m->entry) && !same_country(entry_of(t, m)->name, place))
			return country_of(entry_of(t, m)->name);
	return STR("");
}

/* Two tags of one class that are one event: the same place, one within the other, none, or either side of one border. */
static bool
same_event(const struct tagged *a, const struct tagged *b)
{
	if (a->is_quantity || !str_eq(a->event_class, b->event_class))
		return false;
	if (a->place.n == 0 || b->place.n == 0 || str_starts(a->place, b->place) || str_starts(b->place, a->place))
		return true;
	return (same_country(a->place, b->partner) || same_country(b->place, a->partner)) && (a->place.n == 2 || b->place.n == 2);
}

static void
add_event(struct tagger *t, const struct tagged *tag, uint8_t sureness, bool dated)
{
	struct tagged *known;
	size_t i;

	for (i = 0; i < t->n_tags; i++) {
		known = &t->tags[i];
		if (!same_event(known, tag))
			continue;
		/* The most confident mention, with the closest place and day, and what any mention adds. */
		if (sureness > t->sure[i].place || (sureness == t->sure[i].place && tag->place.n > known->place.n && str_starts(tag->place, known->place))) {
			known->place = tag->place;
			known->partner = tag->partner;
			t->sure[i].place = sureness;
		}
		if (known->actor.n == 0)
			known->actor = tag->actor;
		if (known->commodity.n == 0)
			known->commodity = tag->commodity;
		if (dated && (!t->sure[i].dated || (tag->period.kind == PERIOD_DAY && known->period.kind != PERIOD_DAY))) {
			known->has_period = true;
			known->period = tag->period;
			t->sure[i].dated = true;
		}
		if (tag->confidence > known->confidence) {
			known->confidence = tag->confidence;
			known->sign = tag->sign;
			known->start = tag->start;
			known->end = tag->end;
			known->row = tag->row;
		}
		return;
	}
	if (t->n_tags == TAGGER_TAGS)
		return;
	t->sure[t->n_tags].place = sureness;
	t->sure[t->n_tags].dated = dated;
	t->tags[t->n_tags++] = *tag;
}

static struct str
commodity_near(const struct tagger *t, size_t start, size_t end)
{
	const struct sentence *s = t->sentence;
	const struct mark *m, *best = NULL;
	unsigned words, least = 1000;

	for (m = s->marks; m < s->marks + s->n; m++) {
		if (m->set != SET_COMMODITY || !allowed(t, m->entry))
			continue;
		words = apart(s, start, end, m->start, m->end);
		if (words < least) {
			least = words;
			best = m;
		}
	}
	return best != NULL ? entry_of(t, best)->name : most_named(t, SET_COMMODITY, false);
}

static void
set_day(const struct tagger *t, const struct when *when, struct tagged *tag)
{
	tag->has_period = when != NULL ? when->known : t->today.known;
	if (when != NULL && when->known)
		tag->period = when->period;
	else if (tag->has_period)
		tag->period = (struct period){ PERIOD_DAY, t->today.day, t->today.day };
}

/* Further places that a list names after the first: "in Hpakant, Kyaukme and a hamlet in Sagaing". */
static void
add_listed(struct tagger *t, const struct tagged *first, const struct mark *place, bool dated)
{
	const struct sentence *s = t->sentence;
	const struct mark *m, *last = place;
	struct tagged tag = *first;

	for (m = place + 1; m < s->marks + s->n; m++) {
		if (m->set != SET_PLACE || m->start < last->end || entry_of(t, m)->name.n == 2 || !allowed(t, m->entry))
			continue;
		if (sentence_words(s, last->end, m->start) > 6 || sentence_first(s, SET_BREAK, last->end, m->start) != NULL)
			return;
		if (!str_eq(entry_of(t, m)->name, entry_of(t, last)->name)) {
			if (sentence_first(s, SET_AND, last->end, m->start) == NULL &&
			    (sentence_commas(s, last->end, m->start) == 0 || sentence_words(s, last->end, m->start) > 0))
				return;
			tag.place = entry_of(t, m)->name;
			tag.confidence = first->confidence * 0.9;
			add_event(t, &tag, 2, dated);
		}
		last = m;
	}
}

static void
report(struct tagger *t, const struct match *match, struct str class, int sign, bool by_actor, double factor, const struct when *when)
{
	const struct sentence *s = t->sentence;
	const struct mark *actor = doer(t, match->part[0], false), *place = NULL, *m;
	struct tagged tag = { .event_class = class, .sign = sign, .start = t->offset + s->start, .end = t->offset + s->end, .partner = STR(""),
	    .row = match->pattern->line };
	uint8_t sureness = 0;

	tag.confidence = 0.95 * factor * (match->words > 6 ? 0.93 : 1);
	tag.actor = actor != NULL ? entry_of(t, actor)->name : t->last_actor;
	tag.commodity = commodity_near(t, match->start, match->end);
	if (by_actor && (m = doer(t, match->part[0], true)) != NULL)
		tag.place = m->set == SET_ACTOR ? entry_of(t, m)->area : entry_of(t, m)->name;
	else if (!by_actor && (place = site(t, match)) != NULL)
		tag.place = entry_of(t, place)->name;
	if (place != NULL && str_is(entry_of(t, place)->area, "demonym") && most_named(t, SET_PLACE, false).n > 0 && actor == NULL) {
		tag.place = most_named(t, SET_PLACE, false);
		place = NULL;
	} else if (tag.place.n > 0)
		sureness = place != NULL && entry_of(t, place)->name.n > 2 ? 2 : 1;
	if (tag.place.n == 0 && match->pattern->nation)
		tag.place = most_named(t, SET_PLACE, true);
	if (tag.place.n == 0 && !by_actor)
		tag.place = most_named(t, SET_PLACE, false);
	if (tag.place.n == 0 && actor != NULL)
		tag.place = entry_of(t, actor)->area;
	if (tag.place.n == 0)
		tag.place = most_named(t, SET_PLACE, true);
	if (match->pattern->nation)
		tag.place = country_of(tag.place);
	tag.confidence *= sureness > 0 ? 1 : tag.place.n > 0 ? 0.95 : 0.85;
	tag.partner = other_side(t, tag.place);
	set_day(t, when, &tag);
	add_event(t, &tag, sureness, when != NULL && when->known);
	if (place != NULL && sureness == 2)
		add_listed(t, &tag, place, when != NULL && when->known);
}

static void
deny(struct tagger *t, struct str class)
{
	size_t i;

	for (i = 0; i < t->n_denied; i++)
		if (str_eq(t->denied[i], class))
			return;
	if (t->n_denied < KEPT_CLASSES)
		t->denied[t->n_denied++] = class;
}

static void
judge(struct tagger *t, const struct match *match)
{
	const struct pattern *pattern = match->pattern;
	const struct when *when = day_of(t, match);
	struct telling telling = mood_of(t->sentence, match->part[0], match->start, match->end, pattern->forecast);
	struct str class;
	int sign;
	bool by_actor;

	if (telling.mood == MOOD_DENIED)
		deny(t, pattern->event_class);
	if (is_background(t, match, when) || t->supposed)
		return;
	if (telling.mood == MOOD_THREATENED && pattern->sign <= 0) {
		class = lexicon_threat_class(t->lexicon, pattern->event_class, &sign, &by_actor);
		if (class.n > 0 && t->n_cues < MATCH_MAX)
			t->cues[t->n_cues++] = telling.cue;
		if (class.n > 0)
			report(t, match, class, sign, by_actor, telling.factor, when);
	} else if (telling.mood == MOOD_TOLD)
		report(t, match, pattern->event_class, pattern->sign, pattern->by_actor, telling.factor, when);
}

static bool
is_threat(const struct match *match)
{
	return str_is(match->pattern->event_class, "threat");
}

static bool
is_told_already(const struct tagger *t, const struct match *match)
{
	size_t i;

	for (i = 0; i < t->n_cues; i++)
		if (t->cues[i]->start < match->part[0]->end && match->part[0]->start < t->cues[i]->end)
			return true;
	return false;
}

/* Whose imports, and from where: "China's imports from Myanmar", "exports to Japan". */
static void
set_sides(const struct tagger *t, const struct stated *stated, struct tagged *tag)
{
	const struct sentence *s = t->sentence;
	const struct mark *m, *before;
	unsigned toward = str_is(stated->measure, "export") ? SET_TO : SET_FROM;

	for (m = s->marks; m < s->marks + s->n; m++) {
		if (m->set != SET_PLACE || !allowed(t, m->entry))
			continue;
		before = sentence_last(s, toward, s->start, m->start);
		if (before != NULL && sentence_words(s, before->end, m->start) == 0) {
			if (tag->partner.n == 0)
				tag->partner = country_of(entry_of(t, m)->name);
		} else if (tag->place.n == 0)
			tag->place = entry_of(t, m)->name;
	}
	if (tag->place.n == 0 && !same_country(most_named(t, SET_PLACE, true), tag->partner))
		tag->place = most_named(t, SET_PLACE, true);
}

static void
state(struct tagger *t, const struct stated *stated)
{
	static const char *const endings[] = { ".mass", ".value", "", ".mass.change" };
	const struct sentence *s = t->sentence;
	struct tagged tag = { .is_quantity = true, .start = t->offset + s->start, .end = t->offset + s->end, .event_class = STR(""),
	    .place = STR(""), .partner = STR(""), .actor = STR(""), .value = stated->value, .confidence = 0.9 };
	char indicator[80];
	size_t i;

	snprintf(indicator, sizeof indicator, "%.*s%s", STR_ARG(stated->measure),
	    str_is(stated->measure, "price") && stated->kind == STATED_CHANGE ? ".change" : endings[stated->kind]);
	tag.indicator = keep(t, indicator);
	tag.unit = keep(t, stated->unit);
	tag.commodity = commodity_near(t, stated->start, stated->end);
	if (tag.commodity.n == 0)
		return;
	set_sides(t, stated, &tag);
	if (stated->when != NULL || str_is(stated->measure, "price"))
		set_day(t, stated->when, &tag);
	else
		tag.confidence = 0.6;
	for (i = 0; i < t->n_tags; i++)
		if (t->tags[i].is_quantity && str_eq(t->tags[i].indicator, tag.indicator) && str_eq(t->tags[i].commodity, tag.commodity) &&
		    dec_cmp(t->tags[i].value, tag.value) == 0 && str_eq(t->tags[i].unit, tag.unit)) {
			if (!t->tags[i].has_period && tag.has_period)
				t->tags[i] = tag;
			return;
		}
	if (t->n_tags < TAGGER_TAGS) {
		t->tags[t->n_tags++] = tag;
	}
}

/* Whether anything in the sentence is complete, before its grammar is looked for. */
static bool
is_worth(struct tagger *t, const struct hit *hits, size_t n, bool *has_event)
{
	const struct pattern *patterns;
	const struct member *members;
	size_t i, k, p, n_members, n_patterns;

	memset(&t->here, 0, sizeof t->here);
	*has_event = false;
	for (i = 0; i < n; i++) {
		members = lexicon_members(t->lexicon, hits[i].literal, &n_members);
		for (k = 0; k < n_members; k++)
			presence_set(&t->here, members[k].set);
	}
	for (i = 0; i < n && !*has_event; i++) {
		members = lexicon_members(t->lexicon, hits[i].literal, &n_members);
		for (k = 0; k < n_members; k++) {
			patterns = lexicon_patterns(t->lexicon, members[k].set, &n_patterns);
			for (p = 0; p < n_patterns && !*has_event; p++)
				*has_event = match_may(t->lexicon, &patterns[p], &t->here, &t->article);
		}
	}
	return *has_event || ((presence_has(&t->here, SET_MEASURE) || presence_has(&t->here, SET_COMMODITY)) &&
	    presence_has(&t->article, SET_COMMODITY));
}

static int
read_sentence(struct tagger *t, struct str text, size_t start, size_t end, const struct hit *hits, size_t n, struct err *err)
{
	struct sentence *s = t->sentence;
	struct stated stated[STATED_MAX];
	struct match match[MATCH_MAX];
	struct hit *grammar;
	const struct mark *actor;
	size_t i, found, n_grammar;
	bool has_event;

	if (!is_worth(t, hits, n, &has_event))
		return LODE_OK;
	if (lexicon_scan(t->lexicon, LEXICON_GRAMMAR, (struct str){ text.p + start, end - start }, &grammar, &n_grammar, err) != LODE_OK)
		return err->code;
	sentence_init(s, t->lexicon, text, start, end);
	s->headline = t->offset == 0;
	sentence_add(s, hits, n, 0);
	sentence_add(s, grammar, n_grammar, start);
	sentence_arrange(s);
	for (i = 0; i < s->n; i++)
		presence_set(&t->here, s->marks[i].set);
	t->n_when = when_find(s, t->today, t->when);
	if (has_event) {
		found = match_find(s, &t->here, &t->article, match);
		t->n_cues = 0;
		/* A threat goes by what it threatens, and is a threat of its own only where that is not known. */
		for (i = 0; i < found; i++)
			if (!is_threat(&match[i]))
				judge(t, &match[i]);
		for (i = 0; i < found; i++)
			if (is_threat(&match[i]) && !is_told_already(t, &match[i]))
				judge(t, &match[i]);
	}
	if (presence_has(&t->article, SET_COMMODITY)) {
		found = stated_find(s, t->when, t->n_when, stated);
		for (i = 0; i < found; i++)
			state(t, &stated[i]);
	}
	for (actor = s->marks; actor < s->marks + s->n; actor++)
		if (actor->set == SET_ACTOR && allowed(t, actor->entry))
			t->last_actor = entry_of(t, actor)->name;
	return LODE_OK;
}

static int
read_piece(struct tagger *t, struct str text, size_t offset, const struct hit *hits, size_t n, struct err *err)
{
	size_t i, low, high, start, end = 0;

	t->offset = offset;
	for (i = 0; i < n; i++) {
		if (hits[i].start < end || !lexicon_is_anchor(t->lexicon, hits[i].literal))
			continue;
		sentence_bounds(t->lexicon, text, hits[i].start, &start, &end);
		for (low = i; low > 0 && hits[low - 1].end > start; low--)
			;
		while (low < i && hits[low].start < start)
			low++;
		for (high = i; high < n && hits[high].end <= end; high++)
			;
		if (high > i && read_sentence(t, text, start, end, hits + low, high - low, err) != LODE_OK)
			return err->code;
	}
	return LODE_OK;
}

static int
keep_title(struct tagger *t, struct str title, struct err *err)
{
	const struct member *members;
	struct hit *hits, *kept;
	size_t i, k, n, n_members;

	if (lexicon_scan(t->lexicon, LEXICON_TEXT, title, &hits, &n, err) != LODE_OK)
		return err->code;
	if (n > t->room_title) {
		if ((kept = realloc(t->title, n * sizeof *kept)) == NULL)
			return err_set(err, LODE_ENOMEM, "out of memory");
		t->title = kept;
		t->room_title = n;
	}
	if (n > 0)
		memcpy(t->title, hits, n * sizeof *hits);
	t->n_title = n;
	note(t, t->title, n, TITLE);
	if (lexicon_scan(t->lexicon, LEXICON_GRAMMAR, title, &hits, &n, err) != LODE_OK)
		return err->code;
	for (i = 0; i < n; i++) {
		members = lexicon_members(t->lexicon, hits[i].literal, &n_members);
		for (k = 0; k < n_members; k++)
			t->supposed |= members[k].set == SET_CONDITION && str_is(lexicon_entry(t->lexicon, members[k].entry)->name, "article");
	}
	return LODE_OK;
}

/* The next piece of a text: all of it, or up to the end of a paragraph, a blank or a character. */
static size_t
piece_end(struct str text)
{
	const char *line;
	size_t n = TAGGER_PIECE;

	if (text.n <= n)
		return text.n;
	if ((line = memrchr(text.p, '\n', n)) != NULL || (line = memrchr(text.p, ' ', n)) != NULL)
		return (size_t)(line - text.p) + 1;
	while (n > 1 && ((unsigned char)text.p[n] & 0xc0) == 0x80)
		n--;
	return n;
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

static void
begin(struct tagger *t)
{
	size_t i;

	for (i = 0; i < t->n_seen; i++)
		t->count[t->seen[i]] = 0;
	memset(&t->article, 0, sizeof t->article);
	memset(&t->here, 0, sizeof t->here);
	t->n_seen = t->n_title = t->n_denied = t->n_tags = 0;
	t->last_actor = STR("");
	t->today.known = t->supposed = false;
}

int
tagger_run(struct tagger *t, const struct article *article, void (*on_tag)(void *arg, const struct tagged *tag), void *arg, struct err *err)
{
	struct str rest = article->text, piece;
	struct hit *hits;
	size_t i, k, n, offset = article->title.n + 1;
	int64_t published;
	bool first = true;

	begin(t);
	if (article->published.n > 0) {
		if (instant_parse(article->published, &published, err) != LODE_OK)
			return err->code;
		t->today = (struct today){ true, (int32_t)((published - (published % 86400 + 86400) % 86400) / 86400) };
	}
	if (keep_title(t, article->title, err) != LODE_OK)
		return err->code;
	while (first || rest.n > 0) {
		piece = (struct str){ rest.p, piece_end(rest) };
		if (lexicon_scan(t->lexicon, LEXICON_TEXT, piece, &hits, &n, err) != LODE_OK)
			return err->code;
		note(t, hits, n, 1);
		if ((first && read_piece(t, article->title, 0, t->title, t->n_title, err) != LODE_OK) ||
		    read_piece(t, piece, offset, hits, n, err) != LODE_OK)
			return err->code;
		first = false;
		offset += piece.n;
		rest.p += piece.n;
		rest.n -= piece.n;
	}
	for (i = 0; i < t->n_tags; i++)
		for (k = 0; k < t->n_denied; k++)
			if (!t->tags[i].is_quantity && str_eq(t->tags[i].event_class, t->denied[k]))
				t->tags[i].confidence *= 0.6;
	qsort(t->tags, t->n_tags, sizeof *t->tags, by_position);
	for (i = 0; i < t->n_tags; i++)
		on_tag(arg, &t->tags[i]);
	return LODE_OK;
}
