/*
 * lexicon - the words of the tagger's tables as sets, patterns of sets, and two Vectorscan databases
 *
 * A row of phrases.tsv is a word of a set, or a pattern of sets that is an event. The first database holds what is looked for in every text (words of
 * patterns, places, actors, commodities, measures), the second the words of grammar, looked for only in sentences that the first
 * found worth it. All of it are literals: variants such as seiz(e|es|ed|ing) are written out when a table is loaded, so that a hit's
 * beginning is known without the cost of tracking it.
 * Letters: small ones in a table match any case, capitals only capitals ("KIA", "Wa"). A word that starts or ends with an ASCII letter or digit
 * is found only where the text has none beside it.
 * Chinese: words of the tables are kept in Simplified characters and found in texts that lexicon_simplify() went over.
 * Life cycle: lexicon_new(), lexicon_scan(), lexicon_free(). Not for two threads at once: the scratch space is one.
 */
#ifndef LODE_LEXICON_H
#define LODE_LEXICON_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"
#include "str.h"

/* Sets that the grammar knows; the role in phrases.tsv has the same name, and sets of the tables' own follow after SET_COUNT. */
enum set {
	SET_PLACE, SET_ACTOR, SET_COMMODITY, SET_NEUTRAL, SET_MEASURE,               /* found in the whole text */
	SET_NEGATION, SET_DENIAL, SET_THREAT, SET_CONDITION, SET_POSSIBLE, SET_DOUBTFUL, /* mood */
	SET_HAD, SET_WOULD, SET_WILL, SET_PAST, SET_SAID, SET_HEARSAY, SET_OCCUR, SET_MAKE,
	SET_BREAK, SET_SUBORDINATE, SET_RELATIVE, SET_AND, SET_BY, SET_BESIDE, SET_PRONOUN, SET_PRIVATE, /* clauses */
	SET_MONTH, SET_WEEKDAY, SET_DAY, SET_SPAN, SET_LAST, SET_THIS, SET_NEXT, SET_AGO, SET_FIRST, /* time */
	SET_NUMBER, SET_SCALE, SET_UNIT, SET_CURRENCY, SET_PER, SET_PERCENT, SET_UP, SET_DOWN, SET_FACTOR, SET_FROM, SET_TO, SET_RESPECTIVELY, SET_BETWEEN, /* numbers */
	SET_ABBREVIATION, SET_ARTICLE, SET_DEFINITE, SET_IN, SET_OF, SET_RANGE, SET_DEADLINE, SET_NOTICE, /* not searched, see lexicon_word() */
	SET_COUNT,
	SET_TEXT_LAST = SET_MEASURE,        /* sets up to here belong to the first database */
	SET_GRAMMAR_LAST = SET_BETWEEN,     /* ... to the second */
};

enum {
	LEXICON_FORMS = 2000,     /* at most so many variants of one phrase */
	LEXICON_LENGTH = 120,     /* bytes of one variant */
	LEXICON_LITERALS = 60000, /* variants of all tables */
	LEXICON_SETS = 2048,      /* sets, those that patterns write out included */
	LEXICON_ELEMENTS = 5,     /* parts of a pattern */
	LEXICON_NEEDS = 8,        /* requirements of a row */
};

/* What a row asks of the text around: one of the sets must be there (or, of forbids, none). */
struct need {
	uint16_t set[LEXICON_NEEDS];
	uint8_t n;
	bool in_article; /* anywhere in the article, not only in the sentence */
};

struct entry {              /* a row of any table, as a word means it */
	struct str name;    /* the class of a word in phrases.tsv; the code of a place, actor or commodity */
	struct str area;    /* of an actor; the kind of a place */
	struct need requires[LEXICON_NEEDS];
	struct need forbids;
	uint8_t n_requires;
	uint16_t kind;      /* SET_PLACE, SET_ACTOR, SET_COMMODITY, else SET_COUNT */
};

struct pattern {
	struct str event_class;
	int sign;
	bool forecast;      /* reported even if it is only expected */
	bool outcome;       /* nobody does it */
	bool by_actor;      /* its place is where the actor sits */
	bool nation;        /* its place is a country */
	bool force;         /* as long as it is to come, it is a threat */
	bool chinese;       /* its act is a word in Chinese script; else it is none */
	uint32_t class_entry; /* the requirements of its class */
	uint8_t n;          /* elements; the first is the act */
	uint16_t set[LEXICON_ELEMENTS];
	char order[LEXICON_ELEMENTS]; /* '+' anywhere, '>' after the act, '<' before it */
	bool near[LEXICON_ELEMENTS];  /* written twice: within a few words */
	uint32_t entry;     /* its requirements */
	uint64_t line;      /* in phrases.tsv */
};

struct member { /* a literal's place in a set */
	uint16_t set;
	uint32_t entry;
};

struct hit {
	uint32_t start, end; /* bytes */
	uint32_t literal;
};

struct lexicon;

struct lexicon_paths {
	const char *phrases, *places, *actors, *commodities;
};

/* Errors: as tagger_new(). */
int lexicon_new(struct lexicon **lexicon, const struct lexicon_paths *paths, struct err *err);
void lexicon_free(struct lexicon *lexicon); /* takes NULL */

/* As chinese_simplify(): the script that words are found in. */
int lexicon_simplify(const struct lexicon *lexicon, struct str text, struct buf *buffer, struct str *simplified, struct err *err);

enum lexicon_part { LEXICON_TEXT, LEXICON_GRAMMAR };

/*
 * All hits in text, in order of their ends; they belong to the lexicon and are valid until the next scan of the same part.
 * text is shorter than 4 GiB. Errors: LODE_ENOMEM.
 */
int lexicon_scan(struct lexicon *lexicon, enum lexicon_part part, struct str text, struct hit **hits, size_t *n, struct err *err);

const struct member *lexicon_members(const struct lexicon *lexicon, uint32_t literal, size_t *n); /* of sets that are searched */
bool lexicon_is_anchor(const struct lexicon *lexicon, uint32_t literal); /* may begin an event or a stated quantity */
const struct entry *lexicon_entry(const struct lexicon *lexicon, uint32_t entry);
const struct pattern *lexicon_patterns(const struct lexicon *lexicon, uint16_t set, size_t *n); /* whose act is of that set */
/*
 * The class of a threat to do what is of that class: CLASS-threat where there is such a class, else threat; empty without either, and for what
 * nobody does on purpose.
 */
struct str lexicon_threat_class(const struct lexicon *lexicon, struct str event_class, int *sign, bool *by_actor);
/*
 * The row that makes a word, as it is spelt or in small letters, one of a set; NULL when it is none. The set need not be one that is searched: words
 * that matter only right beside something are cheaper to look up there.
 */
const struct entry *lexicon_word(const struct lexicon *lexicon, unsigned set, struct str word);
size_t lexicon_entries(const struct lexicon *lexicon);

#endif
