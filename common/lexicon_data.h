/*
 * lexicon_data - what a lexicon is made of, for the two modules that make it: lexicon_rows reads the tables, lexicon searches
 */
#ifndef LODE_LEXICON_DATA_H
#define LODE_LEXICON_DATA_H

#include <hs/hs.h>

#include "arena.h"
#include "chinese.h"
#include "lexicon.h"
#include "map.h"
#include "table.h"

struct literal {
	struct str text;
	uint32_t member, n_all, n_members; /* n_members: the first ones, of sets that are searched */
	bool in[2];        /* searched in that part */
	bool anchor;
	bool left, right;  /* a border of a word is asked for at that side */
	bool cased;        /* holds a capital */
	const struct table *table; /* of the row that it came from first, while tables are loaded */
	size_t row;
};

struct link { /* a member, and the literal that it belongs to */
	uint32_t literal;
	struct member member;
};

struct hits {
	struct hit *hit;
	size_t n, room;
	bool failed;
};

struct lexicon {
	struct arena *arena;
	struct chinese *chinese;
	struct buf form;   /* of a phrase, in Simplified characters */
	struct map *by_text, *by_set, *by_element; /* literals; sets by name; sets that patterns write out */
	struct literal *literals;
	size_t n_literals, room_literals;
	struct link *links;
	size_t n_links, room_links;
	struct member *members;
	struct entry *entries;
	size_t n_entries, room_entries;
	struct pattern *patterns; /* by the set of the act */
	size_t n_patterns, room_patterns;
	uint32_t first_pattern[LEXICON_SETS + 1];
	size_t n_sets, n_words[LEXICON_SETS], longest[LEXICON_SETS]; /* bytes of the longest word */
	struct class { bool there, by_actor, outcome, nation, force; int sign; uint32_t entry; } classes[LEXICON_SETS]; /* by the set of that name */
	struct str set_name[LEXICON_SETS];
	hs_database_t *database[2];
	hs_scratch_t *scratch;
	struct hits hits[2];
};

/* Room for one more of n; NULL without memory, the array as it was. */
void *lexicon_grow(void *array, size_t n, size_t *room, size_t size);

bool lexicon_is_letter(char c); /* an ASCII letter or a digit: what a word may not have beside it */

/* The sets of the grammar by their names. Errors: LODE_ENOMEM. */
int lexicon_name_sets(struct lexicon *lexicon, struct err *err);

/*
 * Reads a table whose words are of that set, SET_COUNT for phrases.tsv; the table stays as long as the lexicon is being made.
 * Errors: LODE_EUSAGE with the row's place, LODE_ENOMEM.
 */
int lexicon_read_rows(struct lexicon *lexicon, const struct table *table, unsigned set, struct err *err);

#endif
