/*
 * scene - where, when, by whom and of what an act in a sentence is, and what its article is about
 *
 * The nearest place, date and commodity by words, commas and clauses; where the sentence has none, what the article names most. An actor only where he is told to act.
 * The members are the caller's to fill; nothing here is owned.
 */
#ifndef LODE_SCENE_H
#define LODE_SCENE_H

#include "match.h"
#include "when.h"

struct scene {
	const struct lexicon *lexicon;
	const struct sentence *sentence;
	uint32_t *count;               /* mentions in this article, by entry */
	uint32_t *seen;                /* entries with a count */
	size_t n_seen;
	struct presence article, here; /* sets that the article, and the sentence, have words of */
	struct today today;
	struct when when[WHEN_MAX];    /* of the sentence */
	size_t n_when;
};

/* Counts the article's hits, each as so many. */
void scene_note(struct scene *scene, const struct hit *hits, size_t n, uint32_t weight);

/* The name of that kind that the article mentions most; of places, a country's or one within a country. Empty without any. */
struct str scene_most_named(const struct scene *scene, enum set kind, bool countries);

/* Whether what the word's row requires is there. */
bool scene_allows(const struct scene *scene, uint32_t entry);
const struct entry *scene_entry(const struct scene *scene, const struct mark *mark);

/* Where it happens; NULL when the sentence names no place but those that it is beside of. */
const struct mark *scene_site(const struct scene *scene, const struct match *match);

/* Who has to do with it, to find its place by: an actor or, with places, a place that stands for one; NULL when nobody is named. */
const struct mark *scene_doer(const struct scene *scene, const struct mark *act, bool places);

/*
 * Who does it: the subject of the act or who is named behind "by", an actor of the place's country where only such a one can do it. NULL when none
 * is told, and for what is nobody's act. Of a threat: who makes it.
 */
const struct entry *scene_agent(const struct scene *scene, const struct match *match, bool threat, struct str place);

/* "Rebels": an actor who goes by what the article calls them elsewhere. */
static inline bool
scene_is_nameless(const struct entry *entry)
{
	return str_is(entry->name, "*");
}

/* Neither do others seize a country's towns, nor does another decide on its exports. */
static inline bool
scene_can(const struct entry *actor, const struct match *match, struct str place)
{
	return !(match->pattern->force || match->pattern->by_actor) || actor->area.n == 0 || place.n == 0 || (actor->area.n >= 2 && memcmp(actor->area.p, place.p, 2) == 0);
}

/* The act's date; NULL when its clause has none. */
const struct when *scene_day(const struct scene *scene, const struct match *match);

/* Whether it is told of as long past; day is its date or NULL. */
bool scene_is_background(const struct scene *scene, const struct match *match, const struct when *day);

/* The country of the money in the sentence, by the first two letters of its code (ISO 4217); empty without any, and of dollars, which are paid anywhere. */
struct str scene_market(const struct scene *scene);

/* The other country of the sentence; empty without one. */
struct str scene_other_side(const struct scene *scene, struct str place);

/* The code of the nearest commodity, or of the article's; empty without one. */
struct str scene_commodity(const struct scene *scene, size_t start, size_t end);

static inline struct str
scene_country(struct str place)
{
	return (struct str){ place.p, place.n < 2 ? place.n : 2 };
}

static inline bool
scene_same_country(struct str a, struct str b)
{
	return a.n >= 2 && b.n >= 2 && memcmp(a.p, b.p, 2) == 0;
}

#endif
