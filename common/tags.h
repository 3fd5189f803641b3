/*
 * tags - what an article was found to report: each event and each quantity once, whatever its sentences tell of it
 *
 * Events of one class and sign are one unless their places differ; what one mention does not tell another one adds. A figure told twice is one, and a rough one
 * ("by a third") gives way to the number.
 * Nothing is owned: texts in a tag must stay as long as the tags do. Life cycle: tags_clear(), tags_add_event() and tags_add_quantity() in the order of the text,
 * tags_settle().
 */
#ifndef LODE_TAGS_H
#define LODE_TAGS_H

#include <stdbool.h>

#include "dec.h"
#include "period.h"
#include "str.h"

enum {
	TAGS_MAX = 256,    /* at most so many tags an article, the earliest */
	TAGS_CLASSES = 32, /* classes that an article denies, or only talks of; more are not noted */
};

struct tagged {
	struct str event_class;                /* empty for a quantity */
	int sign;                              /* effect on supply for buyers: -1 less, 0 open, 1 more */
	struct str place, partner;             /* ISO 3166, empty when not told */
	struct str actor, commodity;           /* codes of the tables, empty when not told */
	bool has_period;                       /* false: nothing told, and the article has no date */
	struct period period;
	double confidence;                     /* 0 to 1: how likely it is that a reader would report the same */
	size_t start, end;                     /* the sentence: bytes in title + "\n" + text */
	bool is_quantity;                      /* then indicator, value and unit count */
	struct str indicator;                  /* as in import.mass or import.mass.change */
	struct dec value;
	struct str unit;
	uint64_t row;                          /* line in phrases.tsv of the pattern that an event was found by */
};

/* How sure what a mention tells is: a place named with the act 2, in its sentence 1, elsewhere 0; that it has a day; that the actor is told; that it is of the text, not the title. */
struct mention {
	uint8_t place;
	bool dated, told, in_text;
};

struct class_set { struct str class[TAGS_CLASSES]; size_t n; };

struct tags {
	struct tagged tag[TAGS_MAX];
	struct mention sure[TAGS_MAX]; /* of events: the best of their mentions */
	bool vague[TAGS_MAX];          /* of quantities */
	size_t n;
	struct class_set denied, only_talked_of;
};

void tags_clear(struct tags *tags);

/* The most confident mention counts, the earlier of two, with the closest place, day and actor of all. Those beyond TAGS_MAX are left out. */
void tags_add_event(struct tags *tags, const struct tagged *tag, struct mention mention);

/* vague: a part, as in "by a third", which an exact figure of the same change is better than. */
void tags_add_quantity(struct tags *tags, const struct tagged *tag, bool vague);

/* The first quantity of that measure ("import") that has a place or a partner; NULL when there is none. */
const struct tagged *tags_with_side(const struct tags *tags, struct str measure);

bool tags_has_class(const struct class_set *classes, struct str class);
void tags_note_class(struct class_set *classes, struct str class);

/*
 * Takes out events that only the title tells of a class that the text only talks of and, with drop_threats, those of class threat where another says
 * what is threatened; lowers confidence in what is denied elsewhere; and puts events, then quantities, in order of their position.
 */
void tags_settle(struct tags *tags, bool drop_threats);

#endif
