#include "tagger.h"

#include <stdio.h>
#include <stdlib.h>

#include "buf.h"
#include "instant.h"
#include "map.h"
#include "match.h"
#include "mood.h"
#include "scene.h"
#include "stated.h"

enum {
	TITLE = 3,        /* how many mentions a mention in the title counts as */
	PRONOUN = 4,      /* words between "it" and what it does */
};

struct tagger {
	struct lexicon *lexicon;
	struct sentence *sentence;
	struct scene scene;            /* count and seen are owned here */
	struct buf simplified[2];      /* title and text, where they are in Traditional characters */
	struct map *texts;             /* indicators and units, so that a tag's texts stay */
	struct hit *title;             /* hits in the title */
	size_t n_title, room_title;
	struct tags tags;              /* found so far */
	struct class_set threatened, possible; /* of the article; of the sentence */
	const struct entry *last_actor; /* of the sentences before; NULL before any */
	/* of the sentence */
	size_t offset;
	const struct mark *cues[MATCH_MAX]; /* threats whose act is reported already */
	size_t n_cues;
	bool denied_next;              /* the sentence behind it says that this is not so */
	bool the_threat;               /* "the ultimatum" and no other threat of no class */
	bool has_threat;               /* an ultimatum or a threat of no class was told */
	bool was_past;                 /* the sentence before told only of days long past */
	bool supposed;                 /* the title says that all of it is a scenario, a draft, a drill */
	bool recalled;                 /* ... a look back */
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
	    (t->scene.count = calloc(lexicon_entries(t->lexicon) + 1, sizeof *t->scene.count)) == NULL ||
	    (t->scene.seen = calloc(lexicon_entries(t->lexicon) + 1, sizeof *t->scene.seen)) == NULL))
		rc = err_set(err, LODE_ENOMEM, "out of memory");
	t->scene.lexicon = t->lexicon;
	t->scene.sentence = t->sentence;
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
	buf_release(&t->simplified[0]);
	buf_release(&t->simplified[1]);
	free(t->sentence);
	free(t->scene.count);
	free(t->scene.seen);
	free(t->title);
	free(t);
}

static struct str
keep(struct tagger *t, const char *text)
{
	const struct map_entry *entry = map_put(t->texts, str_of(text));

	return entry == NULL ? STR("") : entry->key;
}

static void
set_day(const struct tagger *t, const struct when *when, struct tagged *tag)
{
	tag->has_period = when != NULL ? when->known : t->scene.today.known;
	if (when != NULL && when->known)
		tag->period = when->period;
	else if (tag->has_period)
		tag->period = (struct period){ PERIOD_DAY, t->scene.today.day, t->scene.today.day };
}

/* Further places that a list names after the first: "in Hpakant, Kyaukme and a hamlet in Sagaing". */
static void
add_listed(struct tagger *t, const struct tagged *first, const struct mark *place, struct mention mention)
{
	const struct sentence *s = t->sentence;
	const struct mark *m, *last = place, *other;
	struct tagged tag = *first;

	for (m = place + 1; m < s->marks + s->n; m++) {
		if (m->set != SET_PLACE || m->start < last->end || scene_entry(&t->scene, m)->name.n == 2 || !scene_allows(&t->scene, m->entry))
			continue;
		/* "and Muse was calm": the list is over where something else is said. */
		if (sentence_words(s, last->end, m->start) > 6 || sentence_first(s, SET_BREAK, last->end, m->start) != NULL ||
		    ((other = sentence_first(s, SET_DOUBTFUL, m->end, s->end)) != NULL && sentence_words(s, m->end, other->start) <= 6))
			return;
		if (!str_eq(scene_entry(&t->scene, m)->name, scene_entry(&t->scene, last)->name)) {
			if (sentence_first(s, SET_AND, last->end, m->start) == NULL &&
			    (sentence_commas(s, last->end, m->start) == 0 || sentence_words(s, last->end, m->start) > 0))
				return;
			tag.place = scene_entry(&t->scene, m)->name;
			tag.confidence = first->confidence * 0.9;
			tags_add_event(&t->tags, &tag, mention);
		}
		last = m;
	}
}

static bool
is_definite(const struct sentence *s, const struct mark *mark)
{
	size_t before;

	return sentence_word_before(s, SET_DEFINITE, mark->start, &before) != NULL;
}

static bool
is_threat(const struct match *match)
{
	return str_is(match->pattern->event_class, "threat");
}

static bool
is_any_threat(struct str class)
{
	return class.n >= 6 && memcmp(class.p + class.n - 6, "threat", 6) == 0;
}

/* "It closed the gate": who does it is named in a sentence before. */
static bool
has_pronoun(const struct sentence *s, const struct match *match)
{
	const struct mark *pronoun = sentence_last(s, SET_PRONOUN, s->start, match->part[0]->start);

	return pronoun != NULL && !match->pattern->outcome && sentence_words(s, pronoun->end, match->start) <= PRONOUN && sentence_commas(s, pronoun->end, match->start) == 0 &&
	    sentence_first(s, SET_BREAK, pronoun->end, match->start) == NULL;
}

static void
report(struct tagger *t, const struct match *match, struct str class, int sign, bool by_actor, double factor, const struct when *when)
{
	const struct sentence *s = t->sentence;
	const struct mark *actor = scene_doer(&t->scene, match->part[0], false), *place = NULL, *m;
	const struct entry *agent;
	struct tagged tag = { .event_class = class, .sign = sign, .start = t->offset + s->start, .end = t->offset + s->end, .partner = STR(""),
	    .row = match->pattern->line };
	struct mention mention = { .dated = when != NULL && when->known, .in_text = t->offset > 0 };

	tag.confidence = 0.95 * factor * (match->words > 6 ? 0.93 : 1);
	tag.actor = STR("");
	tag.commodity = scene_commodity(&t->scene, match->start, match->end);
	if (by_actor && (agent = scene_agent(&t->scene, match, is_any_threat(class), STR(""))) != NULL && agent->area.n > 0)
		tag.place = agent->area;
	else if (by_actor && (m = scene_doer(&t->scene, match->part[0], true)) != NULL)
		tag.place = m->set == SET_ACTOR ? scene_entry(&t->scene, m)->area : scene_entry(&t->scene, m)->name;
	else if (!by_actor && (place = scene_site(&t->scene, match)) != NULL)
		tag.place = scene_entry(&t->scene, place)->name;
	if (place != NULL && str_is(scene_entry(&t->scene, place)->area, "demonym") && scene_most_named(&t->scene, SET_PLACE, false).n > 0) {
		tag.place = scene_most_named(&t->scene, SET_PLACE, false);
		place = NULL;
	} else if (place != NULL && str_is(scene_entry(&t->scene, place)->area, "demonym") && actor != NULL && scene_entry(&t->scene, actor)->area.n > 2) {
		/* "The KIO raised its tax, two Chinese firms said" */
		tag.place = scene_entry(&t->scene, actor)->area;
		place = NULL;
	} else if (tag.place.n > 0)
		mention.place = place != NULL && scene_entry(&t->scene, place)->name.n > 2 ? 2 : 1;
	if (tag.place.n == 0 && match->pattern->nation)
		tag.place = scene_market(&t->scene);
	if (tag.place.n == 0 && match->pattern->nation && actor != NULL)
		tag.place = scene_entry(&t->scene, actor)->area;
	if (tag.place.n == 0 && match->pattern->nation)
		tag.place = scene_most_named(&t->scene, SET_PLACE, true);
	if (tag.place.n == 0 && !by_actor)
		tag.place = scene_most_named(&t->scene, SET_PLACE, false);
	if (tag.place.n == 0 && actor != NULL)
		tag.place = scene_entry(&t->scene, actor)->area;
	if (tag.place.n == 0)
		tag.place = scene_most_named(&t->scene, SET_PLACE, true);
	if (match->pattern->nation)
		tag.place = scene_country(tag.place);
	tag.confidence *= mention.place > 0 ? 1 : tag.place.n > 0 ? 0.95 : 0.85;
	tag.partner = scene_other_side(&t->scene, tag.place);
	/* "Tengchong customs halts Myanmar ore": an authority stands for its side. */
	if (tag.partner.n == 0 && actor != NULL && scene_entry(&t->scene, actor)->area.n > 0 && !scene_same_country(scene_entry(&t->scene, actor)->area, tag.place))
		tag.partner = scene_country(scene_entry(&t->scene, actor)->area);
	set_day(t, when, &tag);
	if ((agent = scene_agent(&t->scene, match, is_any_threat(class), tag.place)) != NULL)
		tag.actor = agent->name;
	else if (has_pronoun(s, match) && t->last_actor != NULL && scene_can(t->last_actor, match, tag.place))
		tag.actor = t->last_actor->name;
	mention.told = agent != NULL;
	tags_add_event(&t->tags, &tag, mention);
	if (str_is(class, "threat"))
		t->the_threat &= is_definite(s, match->part[0]) || (s->headline && is_threat(match));
	if (place != NULL && mention.place == 2)
		add_listed(t, &tag, place, mention);
}

/* "Will be closed by force", "told that it faces closure if": a threat, whatever it hangs on, unless it is itself supposed. */
static bool
is_own_will(const struct sentence *s, const struct match *match)
{
	const struct mark *act = match->part[0], *condition = sentence_last(s, SET_CONDITION, s->start, act->start);

	/* "Anyone who sells fuel risks losing his licence", "if it goes on, miners face expulsion" */
	return is_threat(match) && (condition == NULL || str_is(lexicon_entry(s->lexicon, condition->entry)->name, "party") ||
	    sentence_commas(s, condition->end, act->start) > 0 || sentence_first(s, SET_WILL, act->start, act->end) != NULL ||
	    sentence_first(s, SET_WOULD, act->start, act->end) != NULL);
}

/* "The next day", "weeks later": counted from the sentence before, which told of what is long past. */
static bool
is_then(const struct tagger *t)
{
	const struct sentence *s = t->sentence;
	const struct mark *m;

	for (m = s->marks; t->was_past && m < s->marks + s->n; m++)
		if (m->set == SET_PAST && str_is(scene_entry(&t->scene, m)->name, "then"))
			return true;
	return false;
}

/* The threat or warning in whose clause the act stands; NULL without one. */
static const struct mark *
warning_before(const struct sentence *s, const struct match *match)
{
	const struct mark *threat = sentence_last(s, SET_THREAT, s->start, match->part[0]->start);

	return threat != NULL && sentence_first(s, SET_BREAK, threat->end, match->part[0]->start) == NULL && !is_threat(match) ? threat : NULL;
}

static void
judge(struct tagger *t, const struct match *match)
{
	const struct pattern *pattern = match->pattern;
	const struct when *when = scene_day(&t->scene, match);
	struct telling telling = mood_of(t->sentence, match->part[0], match->start, match->end, pattern->forecast, pattern->outcome);
	struct str class;
	size_t i;
	int sign;
	bool by_actor;

	if (telling.mood == MOOD_TOLD && t->denied_next && !pattern->forecast) {
		tags_note_class(&t->tags.only_talked_of, pattern->event_class);
		telling.mood = MOOD_DENIED;
	}
	if (telling.mood == MOOD_DENIED && (t->denied_next || sentence_first(t->sentence, SET_DENIAL, 0, t->sentence->end) != NULL))
		tags_note_class(&t->tags.denied, pattern->event_class);
	if (scene_is_background(&t->scene, match, when) || t->supposed || is_then(t))
		return;
	/* In a look back what has no day of its own is told of the days before. */
	if (t->recalled && when == NULL && !pattern->forecast)
		return;
	/* What is told as done was done by now, and a threat is made before what it threatens. */
	if (when != NULL && when->known && t->scene.today.known && period_start(when->period) > t->scene.today.day && !(telling.mood == MOOD_TOLD && telling.to_come))
		when = NULL;
	if (telling.mood == MOOD_CONDITIONAL && is_own_will(t->sentence, match))
		telling.mood = MOOD_TOLD;
	/* After an ultimatum, or a threat to do it, what will be done is that threat. */
	if (telling.mood == MOOD_TOLD && telling.to_come && (pattern->force || (pattern->sign < 0 && (t->has_threat || tags_has_class(&t->threatened, pattern->event_class)))))
		telling.mood = MOOD_THREATENED;
	/* "Warned on Friday that permits of firms which hoard ore will be withdrawn": what a warning tells as to come. */
	if (telling.mood == MOOD_TOLD && telling.to_come && pattern->sign < 0 && !pattern->forecast && (telling.cue = warning_before(t->sentence, match)) != NULL)
		telling.mood = MOOD_THREATENED;
	/* In an article about a threat to do it, what is told without a day is as a rule what that would be like, or how it was before. */
	if (telling.mood == MOOD_TOLD && pattern->sign < 0 && when == NULL && t->offset > 0 && tags_has_class(&t->threatened, pattern->event_class))
		return;
	if (telling.mood == MOOD_THREATENED)
		tags_note_class(&t->threatened, pattern->event_class);
	else if (telling.mood == MOOD_CONDITIONAL || telling.mood == MOOD_POSSIBLE)
		tags_note_class(&t->possible, pattern->event_class);
	/* "Leave or face air raids": the threat is of what could happen. */
	for (i = 0; telling.mood == MOOD_TOLD && is_threat(match) && i < t->possible.n; i++)
		tags_note_class(&t->threatened, t->possible.class[i]);
	if (t->offset > 0 && ((telling.mood == MOOD_THREATENED && pattern->sign <= 0) || telling.mood == MOOD_CONDITIONAL || telling.mood == MOOD_POSSIBLE))
		tags_note_class(&t->tags.only_talked_of, pattern->event_class);
	if (telling.mood == MOOD_THREATENED && pattern->sign <= 0) {
		class = lexicon_threat_class(t->lexicon, pattern->event_class, &sign, &by_actor);
		if (class.n > 0 && telling.cue != NULL && t->n_cues < MATCH_MAX)
			t->cues[t->n_cues++] = telling.cue;
		if (class.n > 0)
			report(t, match, class, sign, by_actor || pattern->by_actor, telling.factor, when);
	} else if (telling.mood == MOOD_TOLD) {
		t->has_threat |= is_threat(match);
		report(t, match, pattern->event_class, pattern->sign, pattern->by_actor, telling.factor, when);
	}
}

/* "Overran the base after a siege of nine days": what led to another act of force, told in the same sentence. */
static bool
is_prelude(const struct sentence *s, const struct match *match, const struct match *all, size_t n)
{
	const struct mark *act = match->part[0], *after = sentence_last(s, SET_SUBORDINATE, s->start, act->start);
	size_t i;

	if (!match->pattern->force || after == NULL || sentence_words(s, after->end, act->start) > 3 || sentence_commas(s, after->end, act->start) > 0 ||
	    !str_is(lexicon_entry(s->lexicon, after->entry)->name, "after"))
		return false;
	/* "After the siege", "after weeks of siege", not "after besieging" */
	if (!sentence_has_word(s, SET_ARTICLE, after->end, act->start) && sentence_first(s, SET_SPAN, after->end, act->start) == NULL)
		return false;
	for (i = 0; i < n; i++)
		if (all[i].pattern->force && !str_eq(all[i].pattern->event_class, match->pattern->event_class) &&
		    (all[i].part[0]->end <= after->start || all[i].part[0]->start > act->end))
			return true;
	return false;
}

/* "Attack to retake the base seized by the rebels": what is told of a thing that another act is done to. */
static bool
is_attribute(const struct sentence *s, const struct match *match, const struct match *all, size_t n)
{
	const struct mark *act = match->part[0], *by = sentence_first(s, SET_BY, act->start, s->end);
	size_t i;

	if (match->pattern->n < 2 || match->part[1]->end > act->start || sentence_words(s, match->part[1]->end, act->start) > 0 ||
	    by == NULL || (by->end != act->end && (by->start < act->end || sentence_words(s, act->end, by->start) > 0)))
		return false;
	for (i = 0; i < n; i++)
		if (!str_eq(all[i].pattern->event_class, match->pattern->event_class) && all[i].part[0]->end <= match->part[1]->start &&
		    sentence_commas(s, all[i].part[0]->end, act->start) == 0)
			return true;
	return false;
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

/* Right behind a word of that set, an article aside: "from Myanmar", "to the United States". */
static bool
is_behind(const struct sentence *s, unsigned set, const struct mark *place)
{
	const struct mark *before = sentence_last(s, set, s->start, place->start);
	unsigned words = before == NULL ? 2 : sentence_words(s, before->end, place->start);

	return words == 0 || (words == 1 && sentence_has_word(s, SET_ARTICLE, before->end, place->start));
}

/* The first place that is (or is not) behind a word of that set and lies outside a country, which may be empty; NULL without one. */
static const struct mark *
side(const struct tagger *t, unsigned set, bool behind, struct str outside)
{
	const struct sentence *s = t->sentence;
	const struct mark *m;

	for (m = s->marks; m < s->marks + s->n; m++)
		if (m->set == SET_PLACE && scene_allows(&t->scene, m->entry) && !scene_same_country(scene_entry(&t->scene, m)->name, outside) &&
		    is_behind(s, set, m) == behind)
			return m;
	return NULL;
}

/* Whose imports, and from where: "China's imports from Myanmar", "as for Myanmar, China's imports from there", "exports to Japan". */
static void
set_sides(const struct tagger *t, const struct stated *stated, struct tagged *tag)
{
	const struct sentence *s = t->sentence;
	unsigned toward = str_is(stated->measure, "export") ? SET_TO : SET_FROM;
	const struct tagged *before;
	const struct mark *m;

	if ((m = side(t, toward, true, STR(""))) != NULL)
		tag->partner = scene_country(scene_entry(&t->scene, m)->name);
	if ((m = side(t, toward, false, tag->partner)) != NULL)
		tag->place = scene_entry(&t->scene, m)->name;
	if (str_is(stated->measure, "price")) {
		if (tag->place.n == 0 || scene_market(&t->scene).n > 0)
			tag->place = scene_market(&t->scene);
		return;
	}
	/* "In December alone imports were": those that the article told of before. */
	if (tag->place.n == 0 && tag->partner.n == 0 && (before = tags_with_side(&t->tags, stated->measure)) != NULL) {
		tag->place = before->place;
		tag->partner = before->partner;
	}
	/* "Chinese customs said" */
	for (m = s->marks; m < s->marks + s->n && tag->place.n == 0; m++)
		if (m->set == SET_ACTOR && scene_allows(&t->scene, m->entry) && scene_entry(&t->scene, m)->area.n == 2 && !scene_same_country(scene_entry(&t->scene, m)->area, tag->partner))
			tag->place = scene_entry(&t->scene, m)->area;
	if (tag->place.n == 0 && !scene_same_country(scene_most_named(&t->scene, SET_PLACE, true), tag->partner))
		tag->place = scene_most_named(&t->scene, SET_PLACE, true);
}

/* "Dysprosium and terbium rose 6% and 9% respectively": the first of the one, the second of the other. */
static struct str
commodity_of(const struct tagger *t, const struct stated *all, size_t n, const struct stated *stated)
{
	const struct sentence *s = t->sentence;
	const struct mark *m;
	struct str names[STATED_MAX];
	size_t i, first = 0, n_alike = 0, at = 0, n_names = 0;

	if (sentence_first(s, SET_RESPECTIVELY, s->start, s->end) == NULL)
		return scene_commodity(&t->scene, stated->start, stated->end);
	for (i = 0; i < n; i++) {
		if (all[i].kind != stated->kind)
			continue;
		at = &all[i] == stated ? n_alike : at;
		first = n_alike++ == 0 ? all[i].start : first;
	}
	for (m = s->marks; m < s->marks + s->n && m->end <= first && n_names < STATED_MAX; m++)
		if (m->set == SET_COMMODITY && scene_allows(&t->scene, m->entry) && (n_names == 0 || !str_eq(names[n_names - 1], scene_entry(&t->scene, m)->name)))
			names[n_names++] = scene_entry(&t->scene, m)->name;
	return n_names == n_alike ? names[at] : scene_commodity(&t->scene, stated->start, stated->end);
}

static void
state(struct tagger *t, const struct stated *stated, struct str commodity)
{
	static const char *const endings[] = { ".mass", ".value", "", ".mass.change" }, *const bounds[] = { ".low", "", ".high" };
	const struct sentence *s = t->sentence;
	struct tagged tag = { .is_quantity = true, .start = t->offset + s->start, .end = t->offset + s->end, .event_class = STR(""),
	    .place = STR(""), .partner = STR(""), .actor = STR(""), .value = stated->value, .confidence = 0.9 };
	char indicator[80];

	snprintf(indicator, sizeof indicator, "%.*s%s%s", STR_ARG(stated->measure),
	    str_is(stated->measure, "price") && stated->kind == STATED_CHANGE ? ".change" : endings[stated->kind], bounds[stated->bound + 1]);
	tag.indicator = keep(t, indicator);
	tag.unit = keep(t, stated->unit);
	tag.commodity = commodity;
	if (commodity.n == 0)
		return;
	set_sides(t, stated, &tag);
	if (stated->when != NULL || str_is(stated->measure, "price"))
		set_day(t, stated->when, &tag);
	else
		tag.confidence = 0.6;
	tags_add_quantity(&t->tags, &tag, stated->vague);
}

/* Whether anything in the sentence is complete, before its grammar is looked for. */
static bool
is_worth(struct tagger *t, const struct hit *hits, size_t n, bool *has_event)
{
	const struct pattern *patterns;
	const struct member *members;
	size_t i, k, p, n_members, n_patterns;

	memset(&t->scene.here, 0, sizeof t->scene.here);
	*has_event = false;
	for (i = 0; i < n; i++) {
		members = lexicon_members(t->lexicon, hits[i].literal, &n_members);
		for (k = 0; k < n_members; k++)
			presence_set(&t->scene.here, members[k].set);
	}
	for (i = 0; i < n && !*has_event; i++) {
		members = lexicon_members(t->lexicon, hits[i].literal, &n_members);
		for (k = 0; k < n_members; k++) {
			patterns = lexicon_patterns(t->lexicon, members[k].set, &n_patterns);
			for (p = 0; p < n_patterns && !*has_event; p++)
				*has_event = match_may(t->lexicon, &patterns[p], &t->scene.here, &t->scene.article);
		}
	}
	return *has_event || ((presence_has(&t->scene.here, SET_MEASURE) || presence_has(&t->scene.here, SET_COMMODITY)) &&
	    presence_has(&t->scene.article, SET_COMMODITY));
}

/* The sets in which a text has words of that class. */
static int
find_class(const struct tagger *t, struct str text, const char *class, bool found[SET_COUNT], struct err *err)
{
	const struct member *members;
	struct hit *hits;
	size_t i, k, n, n_members;

	memset(found, 0, SET_COUNT * sizeof *found);
	if (lexicon_scan(t->lexicon, LEXICON_GRAMMAR, text, &hits, &n, err) != LODE_OK)
		return err->code;
	for (i = 0; i < n; i++) {
		members = lexicon_members(t->lexicon, hits[i].literal, &n_members);
		for (k = 0; k < n_members; k++)
			if (members[k].set < SET_COUNT && str_is(lexicon_entry(t->lexicon, members[k].entry)->name, class))
				found[members[k].set] = true;
	}
	return LODE_OK;
}

/* "Campaigners say that mines were shut. The group denied it.": a denial of what somebody was said to have told in the sentence before. */
static int
is_denied_next(const struct tagger *t, bool *denied, struct err *err)
{
	const struct sentence *s = t->sentence;
	bool found[SET_COUNT];
	size_t start, end, at = s->end;

	*denied = false;
	while (at < s->text.n && s->text.p[at] == ' ')
		at++;
	if (at >= s->text.n || (sentence_first(s, SET_SAID, s->start, s->end) == NULL && sentence_first(s, SET_HEARSAY, s->start, s->end) == NULL))
		return LODE_OK;
	sentence_bounds(t->lexicon, s->text, at, &start, &end);
	if (find_class(t, (struct str){ s->text.p + start, end - start }, "that", found, err) != LODE_OK)
		return err->code;
	*denied = found[SET_DENIAL];
	return LODE_OK;
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
		presence_set(&t->scene.here, s->marks[i].set);
	t->scene.n_when = when_find(s, t->scene.today, t->scene.when);
	if (has_event) {
		found = match_find(s, &t->scene.here, &t->scene.article, match);
		if (found > 0 && is_denied_next(t, &t->denied_next, err) != LODE_OK)
			return err->code;
		t->n_cues = t->possible.n = 0;
		/* A threat goes by what it threatens, and is a threat of its own only where that is not known. */
		for (i = 0; i < found; i++)
			if (!is_threat(&match[i]) && !is_prelude(s, &match[i], match, found) && !is_attribute(s, &match[i], match, found))
				judge(t, &match[i]);
		for (i = 0; i < found; i++)
			if (is_threat(&match[i]) && !is_told_already(t, &match[i]))
				judge(t, &match[i]);
	}
	if (presence_has(&t->scene.article, SET_COMMODITY)) {
		found = stated_find(s, t->scene.when, t->scene.n_when, stated);
		for (i = 0; i < found; i++)
			state(t, &stated[i], commodity_of(t, stated, found, &stated[i]));
	}
	t->was_past = t->scene.n_when > 0 ? t->scene.when[0].background : t->was_past && is_then(t);
	for (i = 1; i < t->scene.n_when; i++)
		t->was_past &= t->scene.when[i].background;
	for (actor = s->marks; actor < s->marks + s->n; actor++)
		if (actor->set == SET_ACTOR && scene_allows(&t->scene, actor->entry) && !scene_is_nameless(scene_entry(&t->scene, actor)))
			t->last_actor = scene_entry(&t->scene, actor);
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
	struct hit *hits, *kept;
	bool found[SET_COUNT];
	size_t n;

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
	scene_note(&t->scene, t->title, n, TITLE);
	if (find_class(t, title, "article", found, err) != LODE_OK)
		return err->code;
	t->supposed |= found[SET_CONDITION];
	t->recalled |= found[SET_PAST];
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

static void
begin(struct tagger *t)
{
	size_t i;

	for (i = 0; i < t->scene.n_seen; i++)
		t->scene.count[t->scene.seen[i]] = 0;
	memset(&t->scene.article, 0, sizeof t->scene.article);
	memset(&t->scene.here, 0, sizeof t->scene.here);
	t->scene.n_seen = t->n_title = t->threatened.n = 0;
	tags_clear(&t->tags);
	t->last_actor = NULL;
	t->scene.today.known = t->supposed = t->recalled = t->has_threat = t->was_past = false;
	t->the_threat = true;
}

int
tagger_run(struct tagger *t, const struct article *article, void (*on_tag)(void *arg, const struct tagged *tag), void *arg, struct err *err)
{
	struct str title, rest, piece;
	struct hit *hits;
	size_t i, n, offset = article->title.n + 1;
	int64_t published;
	bool first = true;

	begin(t);
	if (article->published.n > 0) {
		if (instant_parse(article->published, &published, err) != LODE_OK)
			return err->code;
		t->scene.today = (struct today){ true, (int32_t)((published - (published % 86400 + 86400) % 86400) / 86400) };
	}
	if (lexicon_simplify(t->lexicon, article->title, &t->simplified[0], &title, err) != LODE_OK ||
	    lexicon_simplify(t->lexicon, article->text, &t->simplified[1], &rest, err) != LODE_OK || keep_title(t, title, err) != LODE_OK)
		return err->code;
	while (first || rest.n > 0) {
		piece = (struct str){ rest.p, piece_end(rest) };
		if (lexicon_scan(t->lexicon, LEXICON_TEXT, piece, &hits, &n, err) != LODE_OK)
			return err->code;
		scene_note(&t->scene, hits, n, 1);
		if ((first && read_piece(t, title, 0, t->title, t->n_title, err) != LODE_OK) ||
		    read_piece(t, piece, offset, hits, n, err) != LODE_OK)
			return err->code;
		first = false;
		offset += piece.n;
		rest.p += piece.n;
		rest.n -= piece.n;
	}
	tags_settle(&t->tags, t->the_threat);
	for (i = 0; i < t->tags.n; i++)
		on_tag(arg, &t->tags.tag[i]);
	return LODE_OK;
}
