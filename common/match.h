/*
 * match - which patterns of the lexicon are complete in a sentence
 *
 * The parts of a pattern stand within some words of its act, and no word that starts another main clause lies between. Of two that share words the one
 * with more of them counts ("lifted the export ban" is no export ban), and an act goes with the nearest of two objects that "and" does not join.
 */
#ifndef LODE_MATCH_H
#define LODE_MATCH_H

#include "sentence.h"

enum { MATCH_MAX = 32 }; /* of one sentence */

struct match {
	const struct pattern *pattern;
	const struct mark *part[LEXICON_ELEMENTS]; /* part[0] is the act */
	uint32_t start, end;                       /* of all parts */
	unsigned words;                            /* of distance, commas counted as two */
};

/* Which sets are there: bit s of sets[s / 64]. */
struct presence {
	uint64_t sets[LEXICON_SETS / 64];
};

static inline void
presence_set(struct presence *presence, unsigned set)
{
	presence->sets[set / 64] |= (uint64_t)1 << set % 64;
}

static inline bool
presence_has(const struct presence *presence, unsigned set)
{
	return presence->sets[set / 64] >> set % 64 & 1;
}

/* Whether what a row requires is there, and what it forbids is not. */
bool match_allows(const struct entry *entry, const struct presence *here, const struct presence *article);

/* A quick test without positions: all parts are there, and what the rows ask for. */
bool match_may(const struct lexicon *lexicon, const struct pattern *pattern, const struct presence *here, const struct presence *article);

/* In order of the acts' positions; returns how many. */
size_t match_find(const struct sentence *sentence, const struct presence *here, const struct presence *article,
    struct match match[MATCH_MAX]);

#endif
