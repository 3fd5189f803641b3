/*
 * clause - whether a word of a sentence is about an act: how far "will", "no" or "to" reach, and in which form the verb stands
 *
 * An act is a mark, or the byte where it starts; `end` is where all that belongs to it ends. What is counted are words and commas, and the words that
 * start another clause; forms of verbs are told by their endings and by what stands right beside them. Nothing is kept.
 */
#ifndef LODE_CLAUSE_H
#define LODE_CLAUSE_H

#include "sentence.h"

enum {
	CLAUSE_NEAR = 4,      /* words that may stand between a negation or an auxiliary and its verb */
	CLAUSE_WORDS = 9,     /* ... between a modal word and its verb */
	CLAUSE_LIST = 25,     /* ... when the verb stands in a list */
	CLAUSE_SENTENCE = 45, /* ... between a denial, a threat or a condition and what it is about */
};

/*
 * The act is within reach of a word before it. commas: how many may stand between; where "and" follows one, only to the last of a list, as
 * in "to close the gate, stop trade and cut power".
 */
bool clause_reaches(const struct sentence *sentence, const struct mark *cue, size_t act, unsigned words, unsigned commas);

/* Will, would, may, of the act: just before it, or between a noun and the verb that goes with it ("operations will be halted"). */
bool clause_governs(const struct sentence *sentence, const struct mark *modal, const struct mark *act, size_t end);

/* "Would be barred and the gate closed": a participle that shares the "be" of a modal word before it. */
bool clause_shares_be(const struct sentence *sentence, const struct mark *modal, const struct mark *act, size_t start, size_t end);

/* "Considers closing gates, halting trade and raising tolls": an act in the form that the word before asks for, in a list. */
bool clause_is_listed(const struct sentence *sentence, const struct mark *cue, size_t act);

/* "Closure fears", "an attack plan": the noun follows an act that is a noun itself. */
bool clause_is_noun_of(const struct sentence *sentence, const struct mark *noun, const struct mark *act, size_t end);

/* "Drops the idea of a ban", "mines face a halt": the word stands between the act and what belongs to it; not so "imposed a planned ban". */
bool clause_is_within(const struct sentence *sentence, const struct mark *word, const struct mark *act, size_t end);

/* Will, or would, do it; "air strikes will follow"; in a title also "mines to be shut", "KIO to shut mines". */
bool clause_is_to_come(const struct sentence *sentence, const struct mark *act, size_t start, size_t end);
bool clause_is_title_future(const struct sentence *sentence, const struct mark *act);

/* The form of the verb. Bare: "close", neither closes nor closed nor withheld. Passive: behind "was". Present: "closes", "is closed", not "has closed"; only in English. */
bool clause_is_bare(const struct sentence *sentence, size_t act);
bool clause_is_passive(const struct sentence *sentence, size_t act);
bool clause_is_present(const struct sentence *sentence, const struct mark *act);

/* 就停止, 即发动: what follows from a condition; 随即 and 立即 tell when. */
bool clause_is_then(const struct sentence *sentence, size_t act);

/* Right behind a comma, which in Chinese may be narrow, or a blank. */
bool clause_after_comma(const struct sentence *sentence, size_t at);

/* The end of the word in ASCII letters that begins at that byte; the byte itself where there is none. */
size_t clause_word_end(const struct sentence *sentence, size_t at);

#endif
