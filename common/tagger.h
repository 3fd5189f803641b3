/*
 * tagger - what an article reports: events of known classes with place, day and actor, and the quantities that it states
 *
 * Phrases are found in one pass; only sentences with a complete phrase are looked at again. What is denied, only threatened, conditional,
 * merely possible or told of as long past is not reported. Words stand in tables (lode-tables(7)), grammar in code.
 * Life cycle: tagger_new(), tagger_run() for each article, tagger_free().
 */
#ifndef LODE_TAGGER_H
#define LODE_TAGGER_H

#include <stdbool.h>

#include "article.h"
#include "err.h"
#include "tags.h"

struct tagger;

/* Paths of tables. */
struct tagger_tables {
	const char *phrases;     /* phrase language role class sign requires forbids source */
	const char *places;      /* a gazetteer: name kind iso source, and requires if it has one */
	const char *actors;      /* name actor area requires source */
	const char *commodities; /* name commodity requires source */
};

enum { TAGGER_PIECE = 1 << 20 }; /* a text longer than this is read in pieces that end with paragraphs */

/*
 * Errors: those of table_load(); LODE_EUSAGE with the row's place for what is wrong in a table (an unknown role, set or class, a phrase
 * that is too long or that has too many forms); LODE_ENOMEM.
 */
int tagger_new(struct tagger **tagger, const struct tagger_tables *tables, struct err *err);
void tagger_free(struct tagger *tagger); /* takes NULL */

/*
 * Calls on_tag for each event (one for each class and place, at its most confident mention, the earlier of two), then for each
 * quantity, both in order of their position. Texts in a tag are the tagger's and constant.
 * Missing  an article without a date: dates without a year, and relative ones, are unknown
 * Errors   LODE_EDATA for a date of publication that is none; LODE_ENOMEM
 */
int tagger_run(struct tagger *tagger, const struct article *article, void (*on_tag)(void *arg, const struct tagged *tag), void *arg,
    struct err *err);

#endif
