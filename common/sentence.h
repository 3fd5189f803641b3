/*
 * sentence - one sentence of a text, with the words of the lexicon marked in it and distances counted in words
 *
 * English and Chinese: a sentence ends with a line, with 。！？；, or with . ! ? before a blank and a beginning, unless an abbreviation ends
 * there. Two Chinese characters count as one word of distance.
 */
#ifndef LODE_SENTENCE_H
#define LODE_SENTENCE_H

#include "lexicon.h"

enum {
	SENTENCE_LENGTH = 3000, /* bytes; what is longer is cut into several */
	SENTENCE_MARKS = 600,   /* the rest of a sentence with more of them is not looked at */
};

struct mark {
	uint32_t start, end; /* bytes of the text, as in hits */
	uint32_t entry;
	uint16_t set;
};

struct sentence {
	const struct lexicon *lexicon;
	struct str text;      /* the whole text that positions count in */
	size_t start, end;
	size_t n;
	struct mark marks[SENTENCE_MARKS];         /* by start, the longer first */
	uint16_t halves[SENTENCE_LENGTH + 1];      /* half words before that byte */
	uint16_t commas[SENTENCE_LENGTH + 1];      /* commas, colons, brackets and dashes before that byte */
	bool question, headline;
};

/* The sentence around byte at of text (at < text.n). */
void sentence_bounds(const struct lexicon *lexicon, struct str text, size_t at, size_t *start, size_t *end);

/* Starts a sentence over text[start..end), without marks. */
void sentence_init(struct sentence *sentence, const struct lexicon *lexicon, struct str text, size_t start, size_t end);

/* Marks for hits whose positions count from byte `offset` of the text. */
void sentence_add(struct sentence *sentence, const struct hit *hits, size_t n, size_t offset);

/* Sorts the marks, and takes out what a longer mark covers: of the same kind, or anything in a neutral one. Then distances hold. */
void sentence_arrange(struct sentence *sentence);

/* Words between two bytes of the sentence, a <= b. */
unsigned sentence_words(const struct sentence *sentence, size_t a, size_t b);
unsigned sentence_commas(const struct sentence *sentence, size_t a, size_t b);

/* The first, or last, mark of a set that lies within [a, b); NULL when there is none. */
const struct mark *sentence_first(const struct sentence *sentence, unsigned set, size_t a, size_t b);
const struct mark *sentence_last(const struct sentence *sentence, unsigned set, size_t a, size_t b);

/* The first mark of a set that starts at a byte; NULL when there is none. */
const struct mark *sentence_at(const struct sentence *sentence, unsigned set, size_t at);

/*
 * Words that are looked up, see lexicon_word(): the row of the one that begins at byte `at` or behind one blank there, with the byte after it, and of the
 * one that ends at byte `at` or before one blank there, with its first byte. One word of letters, or up to four other characters, the longest; NULL when
 * there is none, and the byte is not set.
 */
const struct entry *sentence_word_at(const struct sentence *sentence, unsigned set, size_t at, size_t *end);
const struct entry *sentence_word_before(const struct sentence *sentence, unsigned set, size_t at, size_t *start);

/* Whether a word of that set, of letters, lies within [a, b). */
bool sentence_has_word(const struct sentence *sentence, unsigned set, size_t a, size_t b);

static inline bool
sentence_has(const struct sentence *sentence, unsigned set, size_t a, size_t b)
{
	return sentence_first(sentence, set, a, b) != NULL;
}

/* The class of a mark's row, or its code. */
static inline struct str
sentence_class(const struct sentence *sentence, const struct mark *mark)
{
	return lexicon_entry(sentence->lexicon, mark->entry)->name;
}

static inline bool
sentence_is_class(const struct sentence *sentence, const struct mark *mark, const char *class)
{
	return str_is(sentence_class(sentence, mark), class);
}

/* Whether text stands in the sentence from byte `at` on, or up to byte `end`. */
static inline bool
sentence_starts(const struct sentence *sentence, size_t at, const char *text)
{
	size_t n = strlen(text);

	return at + n <= sentence->end && memcmp(sentence->text.p + at, text, n) == 0;
}

static inline bool
sentence_ends(const struct sentence *sentence, size_t end, const char *text)
{
	size_t n = strlen(text);

	return end >= sentence->start + n && memcmp(sentence->text.p + end - n, text, n) == 0;
}

static inline struct str
sentence_mark_text(const struct sentence *sentence, const struct mark *mark)
{
	return (struct str){ sentence->text.p + mark->start, mark->end - mark->start };
}

#endif
