#include "match.h"

enum { REACH = 14, NEAR = 4, JOINED = 6 }; /* words between a part and the act, and where it must be near; between two that "and" joins */

static bool
any_of(const struct need *need, const struct presence *here, const struct presence *article)
{
	const struct presence *where = need->in_article ? article : here;
	size_t i;

	for (i = 0; i < need->n; i++)
		if (presence_has(where, need->set[i]))
			return true;
	return false;
}

bool
match_allows(const struct entry *entry, const struct presence *here, const struct presence *article)
{
	size_t i;

	for (i = 0; i < entry->n_requires; i++)
		if (!any_of(&entry->requires[i], here, article))
			return false;
	return entry->forbids.n == 0 || !any_of(&entry->forbids, here, article);
}

bool
match_may(const struct lexicon *lexicon, const struct pattern *pattern, const struct presence *here, const struct presence *article)
{
	size_t i;

	for (i = 0; i < pattern->n; i++)
		if (!presence_has(here, pattern->set[i]))
			return false;
	return match_allows(lexicon_entry(lexicon, pattern->entry), here, article) &&
	    match_allows(lexicon_entry(lexicon, pattern->class_entry), here, article);
}

static bool
overlap(const struct mark *a, const struct mark *b)
{
	return a->start < b->end && b->start < a->end;
}

static bool
is_taken(const struct match *match, size_t n, const struct mark *mark)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (overlap(match->part[i], mark))
			return true;
	return false;
}

/* "Since October", "since last week": a date, not a clause. */
static bool
is_since_date(const struct sentence *s, const struct mark *since)
{
	static const char *const seasons[] = { "the autumn", "the spring", "the summer", "the winter", "autumn", "spring", "summer", "winter" };
	const struct mark *month = sentence_first(s, SET_MONTH, since->end, s->end), *last = sentence_first(s, SET_LAST, since->end, s->end);
	size_t i, at = since->end + 1;

	if (since->end - since->start != 5 || (s->text.p[since->start] != 's' && s->text.p[since->start] != 'S') || at >= s->end)
		return false;
	for (i = 0; i < sizeof seasons / sizeof seasons[0]; i++)
		if (at + strlen(seasons[i]) <= s->end && memcmp(s->text.p + at, seasons[i], strlen(seasons[i])) == 0)
			return true;
	return char_is_digit(s->text.p[at]) || (month != NULL && sentence_words(s, since->end, month->start) <= 1) ||
	    (last != NULL && sentence_words(s, since->end, last->start) == 0);
}

/* Words between two marks, and each comma as so many; UINT_MAX-like when a word that starts another main clause stands between. */
static unsigned
distance(const struct sentence *s, const struct mark *a, const struct mark *b, unsigned comma)
{
	const struct mark *first = a->start < b->start ? a : b, *second = first == a ? b : a, *clause;

	if (first->end > second->start)
		return 0;
	if (sentence_first(s, SET_BREAK, first->end, second->start) != NULL)
		return 1000;
	clause = sentence_first(s, SET_SUBORDINATE, first->end, second->start);
	return sentence_words(s, first->end, second->start) + comma * sentence_commas(s, first->end, second->start) +
	    (clause != NULL && !is_since_date(s, clause) ? 10 : 0);
}

/* "Export licences" is both a licence and an export. */
static bool
is_within(const struct match *match, size_t n, const struct mark *mark)
{
	size_t i;

	for (i = 1; i < n; i++)
		if (mark->start >= match->part[i]->start && mark->end <= match->part[i]->end &&
		    mark->end - mark->start < match->part[i]->end - match->part[i]->start)
			return true;
	return false;
}

/* The nearest mark for part k; what follows the act is preferred by a word. */
static bool
place_part(const struct sentence *s, struct match *match, size_t k)
{
	const struct pattern *pattern = match->pattern;
	const struct mark *act = match->part[0], *m, *best = NULL;
	unsigned words, least = (pattern->near[k] ? NEAR : REACH) + 1;
	char order = pattern->order[k];
	/* A comma ends more in Chinese, but not in 氧化镝报价160万元/吨，均价158万元/吨，较昨日下跌. */
	unsigned comma = pattern->outcome && pattern->chinese ? 1 : pattern->chinese ? 4 : 2;

	for (m = s->marks; m < s->marks + s->n; m++) {
		if (m->set != pattern->set[k] || (is_taken(match, k, m) && !is_within(match, k, m)) || (order == '>' && m->start < act->end) || (order == '<' && m->end > act->start))
			continue;
		words = distance(s, act, m, comma) + (m->start < act->start);
		if (words < least) {
			least = words;
			best = m;
		}
	}
	if (best == NULL)
		return false;
	match->part[k] = best;
	match->words += least;
	if (best->start < match->start)
		match->start = best->start;
	if (best->end > match->end)
		match->end = best->end;
	return true;
}

/* "A gate that China has shut": the thing stands before, and who did it between. */
static bool
is_told_of(const struct sentence *s, const struct match *match)
{
	static const char *const that[] = { " that ", " which " };
	const struct mark *act = match->part[0], *doer = sentence_last(s, SET_ACTOR, s->start, act->start), *place = sentence_last(s, SET_PLACE, s->start, act->start);
	size_t i, n;

	if (doer == NULL || (place != NULL && place->start > doer->start))
		doer = place;
	if (doer == NULL || match->pattern->n < 2 || match->part[1]->end >= doer->start || sentence_words(s, doer->end, act->start) > 1)
		return false;
	for (i = 0; i < sizeof that / sizeof that[0]; i++) {
		n = strlen(that[i]);
		if (doer->start == match->part[1]->end + n && memcmp(s->text.p + match->part[1]->end, that[i], n) == 0)
			return true;
	}
	return false;
}

/* "Hold licences that were granted": the thing stands before, and what was done to it tells which it is. */
static bool
is_which(const struct sentence *s, const struct match *match)
{
	static const char *const that[] = { " that was ", " that were ", " which was ", " which were ", " that had been ", " which had been " };
	size_t i, n, at = match->pattern->n < 2 ? s->end : match->part[1]->end;

	for (i = 0; i < sizeof that / sizeof that[0]; i++) {
		n = strlen(that[i]);
		if (at + n == match->part[0]->start && memcmp(s->text.p + at, that[i], n) == 0)
			return true;
	}
	return false;
}

/* "The controls it announced", "controls on ore that it announced": what is told of the thing, not news. */
static bool
is_attribute(const struct sentence *s, const struct match *match)
{
	const struct mark *act = match->part[0], *pronoun = sentence_last(s, SET_PRONOUN, s->start, act->start);
	size_t k;

	if (is_told_of(s, match) || is_which(s, match))
		return true;
	if (pronoun == NULL || sentence_words(s, pronoun->end, act->start) > 0)
		return false;
	for (k = 1; k < match->pattern->n; k++)
		if (match->part[k]->end <= pronoun->start && sentence_commas(s, match->part[k]->end, act->start) == 0 &&
		    (sentence_words(s, match->part[k]->end, pronoun->start) == 0 || sentence_first(s, SET_RELATIVE, match->part[k]->end, pronoun->start) != NULL ||
		    (pronoun->start >= s->start + 6 && memcmp(s->text.p + pronoun->start - 6, " that ", 6) == 0)))
			return true;
	return false;
}

static bool
complete(const struct sentence *s, const struct pattern *pattern, const struct mark *act, struct match *match)
{
	size_t k;

	*match = (struct match){ .pattern = pattern, .part = { act }, .start = act->start, .end = act->end };
	for (k = 1; k < pattern->n; k++)
		if (!place_part(s, match, k))
			return false;
	return !is_attribute(s, match);
}

static size_t
weight(const struct match *match)
{
	size_t i, n = 0;

	for (i = 0; i < match->pattern->n; i++)
		n += match->part[i]->end - match->part[i]->start;
	return n;
}

/* Every word of a belongs to b as well, which has more. */
static bool
is_part_of(const struct match *a, const struct match *b)
{
	size_t i;

	/* "Rain has halted leaching" is both. */
	if (b->pattern->outcome && !a->pattern->outcome)
		return false;
	for (i = 0; i < a->pattern->n; i++)
		if (!is_taken(b, b->pattern->n, a->part[i]))
			return false;
	return weight(b) > weight(a);
}

static bool
joined(const struct sentence *s, const struct mark *a, const struct mark *b)
{
	const struct mark *first = a->start < b->start ? a : b, *second = first == a ? b : a;

	return first->end > second->start || (sentence_words(s, first->end, second->start) <= JOINED &&
	    (sentence_first(s, SET_AND, first->end, second->start) != NULL || sentence_commas(s, first->end, second->start) > 0));
}

/*
 * The same act with a nearer object, or the same object with a nearer act, says more likely what was meant; what is joined is both, but
 * "doubled the duty on ore, rare earths included" is no price.
 */
static bool
is_farther(const struct sentence *s, const struct match *a, const struct match *b)
{
	if (a->pattern->n < 2 || b->pattern->n < 2 || str_eq(a->pattern->event_class, b->pattern->event_class) || a->words <= b->words)
		return false;
	if (overlap(a->part[0], b->part[0]))
		return (a->pattern->outcome || !joined(s, a->part[1], b->part[1])) && !overlap(a->part[1], b->part[1]);
	return overlap(a->part[1], b->part[1]) && !joined(s, a->part[0], b->part[0]);
}

size_t
match_find(const struct sentence *s, const struct presence *here, const struct presence *article, struct match match[MATCH_MAX])
{
	const struct pattern *patterns;
	bool out[MATCH_MAX] = { false };
	size_t i, k, n = 0, kept = 0, n_patterns;

	for (i = 0; i < s->n; i++) {
		patterns = lexicon_patterns(s->lexicon, s->marks[i].set, &n_patterns);
		for (k = 0; k < n_patterns && n < MATCH_MAX; k++)
			if (patterns[k].chinese == ((unsigned char)s->text.p[s->marks[i].start] >= 0x80) && match_may(s->lexicon, &patterns[k], here, article) && complete(s, &patterns[k], &s->marks[i], &match[n]))
				n++;
	}
	for (i = 0; i < n; i++)
		for (k = 0; k < n && !out[i]; k++)
			out[i] = k != i && (is_part_of(&match[i], &match[k]) || (!out[k] && is_farther(s, &match[i], &match[k])));
	for (i = 0; i < n; i++)
		if (!out[i])
			match[kept++] = match[i];
	return kept;
}
