#include "sentence.h"

#include <stdlib.h>

/* Three bytes of UTF-8 at p. */
static bool
is_wide(struct str text, size_t at, const char *character)
{
	return at + 3 <= text.n && memcmp(text.p + at, character, 3) == 0;
}

/* A full stop that ends no sentence: after an abbreviation, or after one capital as in U.S. or J. */
static bool
is_short(const struct lexicon *lexicon, struct str text, size_t dot)
{
	size_t first = dot;

	while (first > 0 && (char_is_letter(text.p[first - 1]) || text.p[first - 1] == '.'))
		first--;
	if (dot - first == 1 || (dot - first >= 3 && text.p[dot - 2] == '.'))
		return text.p[dot - 1] >= 'A' && text.p[dot - 1] <= 'Z';
	return lexicon_word(lexicon, SET_ABBREVIATION, (struct str){ text.p + first, dot - first }) != NULL;
}

/* The byte after the end of a sentence that ends with the character at byte `at`; 0 when none does. */
static size_t
end_at(const struct lexicon *lexicon, struct str text, size_t at)
{
	char c = text.p[at];
	size_t next = at + 1;

	if (c == '\n')
		return next;
	if (c == '\xe3' || c == '\xef')
		return is_wide(text, at, "。") || is_wide(text, at, "！") || is_wide(text, at, "？") || is_wide(text, at, "；") ? at + 3 : 0;
	if (c != '.' && c != '!' && c != '?')
		return 0;
	while (next < text.n && (text.p[next] == '"' || text.p[next] == '\'' || text.p[next] == ')' || is_wide(text, next, "”")))
		next += text.p[next] == '\xe2' ? 3 : 1;
	if (next < text.n && text.p[next] != ' ' && text.p[next] != '\n' && !((unsigned char)text.p[next] >= 0xe3))
		return 0;
	if (next + 1 < text.n && text.p[next] == ' ' && text.p[next + 1] >= 'a' && text.p[next + 1] <= 'z')
		return 0;
	return c == '.' && is_short(lexicon, text, at) ? 0 : next;
}

static bool
may_end(char c)
{
	return c == '\n' || c == '.' || c == '!' || c == '?' || c == '\xe3' || c == '\xef';
}

static bool
inside_character(struct str text, size_t at)
{
	return at < text.n && ((unsigned char)text.p[at] & 0xc0) == 0x80;
}

void
sentence_bounds(const struct lexicon *lexicon, struct str text, size_t at, size_t *start, size_t *end)
{
	size_t low = at > SENTENCE_LENGTH / 2 ? at - SENTENCE_LENGTH / 2 : 0, i, after;
	size_t high;

	while (inside_character(text, low))
		low++;
	*start = low;
	for (i = at; i > low; i--)
		if (may_end(text.p[i - 1]) && (after = end_at(lexicon, text, i - 1)) != 0 && after <= at) {
			*start = after;
			break;
		}
	while (*start < at && text.p[*start] == ' ')
		++*start;
	high = text.n - *start > SENTENCE_LENGTH ? *start + SENTENCE_LENGTH : text.n;
	while (high > at && inside_character(text, high))
		high--;
	*end = high;
	for (i = at; i < high; i++)
		if (may_end(text.p[i]) && (after = end_at(lexicon, text, i)) != 0) {
			*end = after < high ? after : high;
			break;
		}
	while (*end > at + 1 && (text.p[*end - 1] == '\n' || text.p[*end - 1] == ' '))
		--*end;
}

void
sentence_init(struct sentence *sentence, const struct lexicon *lexicon, struct str text, size_t start, size_t end)
{
	sentence->lexicon = lexicon;
	sentence->text = text;
	sentence->start = start;
	sentence->end = end;
	sentence->n = 0;
	sentence->question = sentence->headline = false;
}

void
sentence_add(struct sentence *sentence, const struct hit *hits, size_t n, size_t offset)
{
	const struct member *members;
	size_t i, k, n_members;

	for (i = 0; i < n; i++) {
		members = lexicon_members(sentence->lexicon, hits[i].literal, &n_members);
		for (k = 0; k < n_members && sentence->n < SENTENCE_MARKS; k++)
			sentence->marks[sentence->n++] = (struct mark){ hits[i].start + (uint32_t)offset, hits[i].end + (uint32_t)offset,
			    members[k].entry, members[k].set };
	}
}

static int
by_place(const void *a, const void *b)
{
	const struct mark *p = a, *q = b;

	if (p->start != q->start)
		return p->start < q->start ? -1 : 1;
	if (p->end != q->end)
		return p->end > q->end ? -1 : 1;
	if (p->set != q->set)
		return p->set < q->set ? -1 : 1;
	return (p->entry > q->entry) - (p->entry < q->entry);
}

/* Characters that are no letters of ASCII, in one word that is looked up. */
enum { CHARACTERS = 4 };

static size_t
next_character(const struct sentence *sentence, size_t at)
{
	while (++at < sentence->end && ((unsigned char)sentence->text.p[at] & 0xc0) == 0x80)
		;
	return at;
}

static const struct entry *
look_up(const struct sentence *sentence, unsigned set, size_t start, size_t end)
{
	return lexicon_word(sentence->lexicon, set, (struct str){ sentence->text.p + start, end - start });
}

const struct entry *
sentence_word_at(const struct sentence *sentence, unsigned set, size_t at, size_t *end)
{
	const char *text = sentence->text.p;
	const struct entry *entry = NULL;
	size_t ends[CHARACTERS], n = 0, high;

	at += at < sentence->end && text[at] == ' ';
	if (at < sentence->end && char_is_letter(text[at])) {
		for (high = at; high < sentence->end && char_is_letter(text[high]);)
			high++;
		ends[n++] = high;
		if (high < sentence->end && char_is_digit(text[high]))
			return NULL;
	}
	for (high = at; high < sentence->end && !char_is_letter(text[at]) && n < CHARACTERS; n++)
		ends[n] = high = next_character(sentence, high);
	while (entry == NULL && n > 0)
		entry = look_up(sentence, set, at, ends[--n]);
	if (entry != NULL)
		*end = ends[n];
	return entry;
}

const struct entry *
sentence_word_before(const struct sentence *sentence, unsigned set, size_t at, size_t *start)
{
	const char *text = sentence->text.p;
	const struct entry *entry = NULL;
	size_t starts[CHARACTERS], n = 0, low;

	at -= at > sentence->start && text[at - 1] == ' ';
	if (at > sentence->start && char_is_letter(text[at - 1])) {
		for (low = at; low > sentence->start && char_is_letter(text[low - 1]);)
			low--;
		starts[n++] = low;
		if (low > sentence->start && char_is_digit(text[low - 1]))
			return NULL;
	}
	for (low = at; low > sentence->start && !char_is_letter(text[at - 1]) && n < CHARACTERS; n++) {
		while (--low > sentence->start && ((unsigned char)text[low] & 0xc0) == 0x80)
			;
		starts[n] = low;
	}
	while (entry == NULL && n > 0)
		entry = look_up(sentence, set, starts[--n], at);
	if (entry != NULL)
		*start = starts[n];
	return entry;
}

bool
sentence_has_word(const struct sentence *sentence, unsigned set, size_t a, size_t b)
{
	const char *text = sentence->text.p;
	size_t end;

	while (a < b && a > sentence->start && char_is_letter(text[a - 1]) && char_is_letter(text[a]))
		a++;
	for (; a < b; a = end) {
		for (end = a; end < sentence->end && char_is_letter(text[end]);)
			end++;
		if (end > a && end <= b && look_up(sentence, set, a, end) != NULL)
			return true;
		end += end == a;
	}
	return false;
}

enum kind { NAME, GRAMMAR, OWN };

static enum kind
kind_of(unsigned set)
{
	if (set <= SET_COMMODITY)
		return NAME;
	return set >= SET_COUNT || set == SET_MEASURE || set == SET_NEUTRAL ? OWN : GRAMMAR;
}

/* Whether the longer (or neutral) mark a leaves no sense to b, which lies in it. */
static bool
covers(const struct mark *a, const struct mark *b)
{
	if (a->start > b->start || a->end < b->end)
		return false;
	/* "no longer" denies nothing, but may be a word of a pattern. */
	if (a->end - a->start == b->end - b->start)
		return a->set == SET_NEUTRAL && kind_of(b->set) == GRAMMAR;
	if (a->set == SET_NEUTRAL || a->set == b->set)
		return true;
	return kind_of(a->set) == kind_of(b->set) && kind_of(a->set) != OWN;
}

/* "May" is a month after a word such as "in" and before a number, else it is what may happen. */
static bool
is_month(const struct sentence *sentence, size_t start, size_t end)
{
	struct str text = sentence->text;
	size_t before;

	while (end < text.n && text.p[end] == ' ')
		end++;
	if (end < text.n && (char_is_digit(text.p[end]) || text.p[end] == '-'))
		return true;
	if (start > sentence->start + 1 && text.p[start - 1] == ' ' && char_is_digit(text.p[start - 2]))
		return true;
	return start > sentence->start && (text.p[start - 1] == '-' || sentence_word_before(sentence, SET_IN, start, &before) != NULL);
}

/* Two senses of one word in one place, of which the other is meant. */
static bool
is_other_sense(const struct sentence *sentence, const struct mark *mark)
{
	const struct mark *m = mark;
	bool both = false, month;

	if ((mark->set != SET_MONTH && mark->set != SET_POSSIBLE) || sentence->text.p[mark->start] != 'M')
		return false;
	while (m > sentence->marks && m[-1].start == mark->start)
		m--;
	for (; m < sentence->marks + sentence->n && m->start == mark->start; m++)
		both |= m->end == mark->end && m->set == (mark->set == SET_MONTH ? SET_POSSIBLE : SET_MONTH);
	month = both && is_month(sentence, mark->start, mark->end);
	return both && month != (mark->set == SET_MONTH);
}

static void
measure(struct sentence *sentence)
{
	struct str text = sentence->text;
	uint16_t halves = 0, commas = 0;
	bool in_word = false;
	size_t i, n = sentence->end - sentence->start;

	for (i = 0; i < n; i++) {
		size_t at = sentence->start + i;
		unsigned char c = (unsigned char)text.p[at];

		sentence->halves[i] = halves;
		sentence->commas[i] = commas;
		if (c < 0x80) {
			bool word = char_is_letter((char)c) || char_is_digit((char)c) || (in_word && (c == '\'' || c == '-' || c == '.' || c == ','));

			if (word && !in_word)
				halves = (uint16_t)(halves + 2);
			in_word = word && !(c == ',' && i + 1 < n && !char_is_digit(text.p[at + 1]));
			if (((c == ',' || c == ':') && (i + 1 == n || !char_is_digit(text.p[at + 1]))) || c == '(' || c == ')' ||
			    c == ';' || (c == '-' && i > 0 && text.p[at - 1] == ' ' && i + 1 < n && text.p[at + 1] == ' '))
				commas++;
			/* 要么撤军 要么断贸: in a Chinese title a blank is a comma. */
			if (c == ' ' && i > 0 && (unsigned char)text.p[at - 1] >= 0x80 && i + 1 < n && (unsigned char)text.p[at + 1] >= 0xe3)
				commas++;
		} else if (c >= 0xc0) {
			in_word = in_word && is_wide(text, at, "’");
			/* ，并: what follows hangs on the same words as what is before. */
			if ((is_wide(text, at, "，") && !is_wide(text, at + 3, "并")) || is_wide(text, at, "：") || is_wide(text, at, "（") || is_wide(text, at, "）") ||
			    is_wide(text, at, "—") || is_wide(text, at, "–"))
				commas++;
			else if (c >= 0xe3)
				halves++;
		}
	}
	sentence->halves[n] = halves;
	sentence->commas[n] = commas;
}

void
sentence_arrange(struct sentence *sentence)
{
	struct mark *marks = sentence->marks;
	size_t i, k, kept = 0;
	bool covered;

	qsort(marks, sentence->n, sizeof *marks, by_place);
	for (i = 0; i < sentence->n; i++) {
		/* Some words are found by both scans. */
		covered = (i > 0 && by_place(&marks[i - 1], &marks[i]) == 0) || is_other_sense(sentence, &marks[i]);
		/* What covers starts no later, so it stands before, or has the same bounds. */
		for (k = i; k-- > 0 && !covered;)
			covered = covers(&marks[k], &marks[i]);
		for (k = i + 1; k < sentence->n && marks[k].start == marks[i].start && !covered; k++)
			covered = covers(&marks[k], &marks[i]);
		if (covered)
			marks[i].entry = UINT32_MAX;
	}
	for (i = 0; i < sentence->n; i++)
		if (marks[i].entry != UINT32_MAX)
			marks[kept++] = marks[i];
	sentence->n = kept;
	sentence->question = sentence->end - sentence->start >= 3 && (sentence->text.p[sentence->end - 1] == '?' ||
	    is_wide(sentence->text, sentence->end - 3, "？"));
	measure(sentence);
}

unsigned
sentence_words(const struct sentence *sentence, size_t a, size_t b)
{
	/* A word that begins before b counts from its beginning, so what lies between two marks is the count at b less the count at a. */
	return a >= b ? 0 : (unsigned)(sentence->halves[b - sentence->start] - sentence->halves[a - sentence->start]) / 2;
}

unsigned
sentence_commas(const struct sentence *sentence, size_t a, size_t b)
{
	return a >= b ? 0 : (unsigned)(sentence->commas[b - sentence->start] - sentence->commas[a - sentence->start]);
}

const struct mark *
sentence_first(const struct sentence *sentence, unsigned set, size_t a, size_t b)
{
	size_t i;

	for (i = 0; i < sentence->n && sentence->marks[i].start < b; i++)
		if (sentence->marks[i].set == set && sentence->marks[i].start >= a && sentence->marks[i].end <= b)
			return &sentence->marks[i];
	return NULL;
}

const struct mark *
sentence_at(const struct sentence *sentence, unsigned set, size_t at)
{
	size_t i = 0, high = sentence->n, middle;

	/* Asked for at every number and mark of the sentence, so by halves. */
	while (i < high) {
		middle = (i + high) / 2;
		if (sentence->marks[middle].start < at)
			i = middle + 1;
		else
			high = middle;
	}
	for (; i < sentence->n && sentence->marks[i].start == at; i++)
		if (sentence->marks[i].set == set)
			return &sentence->marks[i];
	return NULL;
}

const struct mark *
sentence_last(const struct sentence *sentence, unsigned set, size_t a, size_t b)
{
	const struct mark *last = NULL;
	size_t i;

	for (i = 0; i < sentence->n && sentence->marks[i].start < b; i++)
		if (sentence->marks[i].set == set && sentence->marks[i].start >= a && sentence->marks[i].end <= b)
			last = &sentence->marks[i];
	return last;
}
