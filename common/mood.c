#include "mood.h"

enum {
	NEAR = 4,      /* words that may stand between a negation or an auxiliary and its verb */
	CLAUSE = 9,    /* ... between a modal word and its verb */
	SENTENCE = 45, /* ... between a denial, a threat or a condition and what it is about */
};

static bool
between(const struct sentence *s, unsigned set, size_t a, size_t b)
{
	return sentence_first(s, set, a, b) != NULL;
}

/* The act is within reach of a word before it. commas: how many may stand between, if no "and" follows one. */
static bool
reaches(const struct sentence *s, const struct mark *cue, size_t act, unsigned words, unsigned commas)
{
	unsigned passed;

	if (cue->end > act || sentence_words(s, cue->end, act) > words || between(s, SET_BREAK, cue->end, act) ||
	    between(s, SET_SUBORDINATE, cue->end, act) || between(s, SET_RELATIVE, cue->end, act))
		return false;
	passed = sentence_commas(s, cue->end, act);
	return passed == 0 || (passed <= commas && !between(s, SET_AND, cue->end, act));
}

static bool
is_class(const struct sentence *s, const struct mark *mark, const char *class)
{
	return str_is(lexicon_entry(s->lexicon, mark->entry)->name, class);
}

/* Did not; no; never; denied that: before the act, between it and its object ("closed no gates"), or after ("the closure did not happen"). */
static bool
is_denied(const struct sentence *s, const struct mark *act, size_t start, size_t end)
{
	const struct mark *m, *next;

	for (m = s->marks; m < s->marks + s->n; m++) {
		if (m->set == SET_NEGATION) {
			/* "fail to" is about the verb that follows it. */
			if (reaches(s, m, act->start, is_class(s, m, "verb") ? 1 : is_class(s, m, "end") ? 2 : NEAR - 1, 0) && !between(s, SET_AND, m->end, act->start))
				return true;
			/* "No mine was closed": the negation stands before what the act is about. */
			if (start < act->start && m->end <= start && sentence_words(s, m->end, start) <= 2 && sentence_commas(s, m->end, act->start) == 0 &&
			    !between(s, SET_AND, m->end, start) && !is_class(s, m, "end"))
				return true;
			if (m->start >= act->end && m->end <= end && sentence_words(s, m->end, end) <= 2 && !is_class(s, m, "verb") && !is_class(s, m, "end"))
				return true;
			if (m->start >= end && sentence_words(s, end, m->start) < NEAR && sentence_commas(s, end, m->start) == 0 &&
			    (next = sentence_first(s, SET_OCCUR, m->end, s->end)) != NULL && sentence_words(s, m->end, next->start) <= 2)
				return true;
		}
		if (m->set == SET_DENIAL) {
			if (reaches(s, m, act->start, SENTENCE, 2) && !(m->start >= start && m->end <= act->start))
				return true;
			/* "Reports that the gate was shut are untrue." */
			for (next = s->marks; next < s->marks + s->n; next++)
				if (next->set == SET_HEARSAY && is_class(s, next, "claim") && !between(s, SET_BREAK, end, m->start))
					return true;
			if (m->start >= end && sentence_words(s, end, m->start) <= NEAR && !between(s, SET_AND, end, m->start) &&
			    !between(s, SET_BREAK, end, m->start))
				return true;
		}
	}
	return false;
}

/* The condition stands right at the beginning of the sentence, or of what somebody said. */
static bool
leads(const struct sentence *s, const struct mark *cue)
{
	const struct mark *said = sentence_last(s, SET_SAID, s->start, cue->start);

	return sentence_words(s, s->start, cue->start) <= 1 || (said != NULL && sentence_words(s, said->end, cue->start) <= 1);
}

static bool
is_conditional(const struct sentence *s, const struct mark *act, size_t end)
{
	const struct mark *m, *k;

	for (m = s->marks; m < s->marks + s->n; m++) {
		if (m->set != SET_CONDITION)
			continue;
		if (m->end <= act->start && !between(s, SET_BREAK, m->end, act->start) && sentence_words(s, m->end, act->start) <= SENTENCE &&
		    (sentence_commas(s, m->end, act->start) == 0 || (leads(s, m) && !is_class(s, m, "forward"))))
			return true;
		if (m->start < act->end || is_class(s, m, "forward") || between(s, SET_BREAK, act->end, m->start))
			continue;
		/* "will close the gate if": the act waits for what follows, unless it is told as done. */
		if (sentence_words(s, end, m->start) <= SENTENCE)
			for (k = s->marks; k < s->marks + s->n && k->start < act->start; k++)
				if ((k->set == SET_WILL || k->set == SET_WOULD || k->set == SET_POSSIBLE) && reaches(s, k, act->start, NEAR, 0))
					return true;
	}
	return false;
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/*
 * "To close", where nobody is said to have begun, ordered or forced it, is somebody's purpose; a headline's "to close" is the future. Only the verb
 * itself: what ends in -ing or -ed after "to" is something else.
 */
static bool
is_purpose(const struct sentence *s, const struct mark *act)
{
	const struct mark *to = sentence_last(s, SET_TO, s->start, act->start), *make;
	const char *last = s->text.p + act->end - 1;

	if (s->headline || to == NULL || sentence_words(s, to->end, act->start) > 0 || sentence_commas(s, to->end, act->start) > 0 ||
	    !is_letter(s->text.p[act->start]) || *last == 'g' || *last == 's' || (*last == 'd' && act->end - act->start > 4))
		return false;
	make = sentence_last(s, SET_MAKE, s->start, to->start);
	return make == NULL || sentence_words(s, make->end, to->start) > CLAUSE || between(s, SET_BREAK, make->end, to->start) ||
	    sentence_commas(s, make->end, to->start) > 0;
}

static bool
is_possible(const struct sentence *s, const struct mark *act, size_t end)
{
	const struct mark *m, *next;

	if (s->question || is_purpose(s, act))
		return true;
	for (m = s->marks; m < s->marks + s->n; m++) {
		if ((m->set == SET_POSSIBLE || m->set == SET_DOUBTFUL) && reaches(s, m, act->start, CLAUSE, 0))
			return true;
		/* "Leave, or the mines will be shut." */
		if ((m->set == SET_WILL || m->set == SET_WOULD) && reaches(s, m, act->start, NEAR, 0) && (next = sentence_last(s, SET_AND, s->start, m->start)) != NULL &&
		    s->text.p[next->start] == 'o' && sentence_words(s, next->end, m->start) <= NEAR)
			return true;
		/* "A closure would hit supplies." */
		if (act->set != SET_THREAT && (m->set == SET_WOULD || (m->set == SET_POSSIBLE && is_class(s, m, "modal"))) && m->start >= end && sentence_words(s, end, m->start) <= 1 &&
		    sentence_commas(s, end, m->start) == 0 && !between(s, SET_AND, end, m->start))
			return true;
		if (m->set == SET_DOUBTFUL && m->start >= end && sentence_words(s, end, m->start) < NEAR && sentence_commas(s, end, m->start) == 0)
			return true;
		if (m->set == SET_POSSIBLE && m->start >= end && sentence_words(s, end, m->start) < NEAR && sentence_commas(s, end, m->start) == 0 &&
		    (next = sentence_first(s, SET_OCCUR, m->end, s->end)) != NULL && sentence_words(s, m->end, next->start) <= 2)
			return true;
	}
	return false;
}

/* Who said that it would close the gate announced it; that prices would rise is what somebody thinks. */
static bool
is_only_thought(const struct sentence *s, const struct mark *act, double *factor)
{
	const struct mark *m, *said;

	for (m = s->marks; m < s->marks + s->n; m++) {
		if (m->set != SET_WOULD || !reaches(s, m, act->start, NEAR, 0))
			continue;
		said = sentence_last(s, SET_SAID, s->start, m->start);
		if (said == NULL || between(s, SET_RELATIVE, said->end, m->start) || (!is_class(s, m, "self") && !is_class(s, said, "decided")))
			return true;
		*factor *= 0.85;
	}
	return false;
}

/* Had closed, unless that is how somebody's words are told. */
static bool
is_past(const struct sentence *s, const struct mark *act, size_t start, size_t end, double *factor)
{
	const struct mark *m, *said;

	for (m = s->marks; m < s->marks + s->n; m++) {
		/* "Usually": what happens every year is no news. */
		if (m->set == SET_PAST && is_class(s, m, "habit") && !between(s, SET_BREAK, m->end < act->start ? m->end : act->end, m->end < act->start ? act->start : m->start))
			return true;
		if (m->set == SET_PAST && ((m->end <= act->start && sentence_words(s, m->end, act->start) < NEAR &&
		    sentence_commas(s, m->end, act->start) == 0) || (m->start >= start && m->end <= end) ||
		    (m->start >= end && sentence_words(s, end, m->start) <= 1 && sentence_commas(s, end, m->start) == 0)))
			return true;
		if (m->set != SET_HAD || !reaches(s, m, act->start, NEAR - 1, 0))
			continue;
		said = sentence_last(s, SET_SAID, s->start, m->start);
		if (said != NULL && !between(s, SET_RELATIVE, said->end, m->start) && !between(s, SET_SUBORDINATE, said->end, m->start)) {
			*factor *= 0.9;
			continue;
		}
		said = sentence_first(s, SET_SAID, act->end, s->end);
		if (said == NULL || between(s, SET_RELATIVE, s->start, act->start) || sentence_commas(s, act->end, said->start) == 0)
			return true;
		*factor *= 0.85;
	}
	return false;
}

/* The act stands in a clause with "if" that began after `from`. */
static bool
is_in_condition(const struct sentence *s, size_t from, size_t act)
{
	const struct mark *condition = sentence_last(s, SET_CONDITION, from, act);

	return condition != NULL && sentence_commas(s, condition->end, act) == 0;
}

/*
 * "Told the group that it will stop buying unless", "warned that it would": somebody's own will, told to another. The modal word; NULL when there
 * is none. Whoever is told or warned may be told that something could happen too.
 */
static const struct mark *
terms(const struct sentence *s, const struct mark *act)
{
	const struct mark *m, *said;

	for (m = s->marks; m < s->marks + s->n; m++) {
		if (!(m->set == SET_WILL || m->set == SET_WOULD || (m->set == SET_POSSIBLE && is_class(s, m, "modal"))) || !reaches(s, m, act->start, NEAR, 0))
			continue;
		said = sentence_last(s, SET_SAID, s->start, m->start);
		if (said == NULL && (said = sentence_last(s, SET_SAID, act->end, s->end)) != NULL && is_class(s, said, "tell"))
			return m;
		if (said != NULL && !between(s, SET_RELATIVE, said->end, m->start) &&
		    (m->set == SET_WILL || (m->set == SET_WOULD && is_class(s, m, "self")) || is_class(s, said, "tell")))
			return m;
	}
	return NULL;
}

/* Will, or would, do it. */
static bool
is_to_come(const struct sentence *s, const struct mark *act)
{
	const struct mark *m;

	for (m = s->marks; m < s->marks + s->n && m->start < act->start; m++)
		if ((m->set == SET_WILL || m->set == SET_WOULD) && reaches(s, m, act->start, NEAR, 0))
			return true;
	return false;
}

struct telling
mood_of(const struct sentence *s, const struct mark *act, size_t start, size_t end, bool forecast)
{
	struct telling telling = { MOOD_TOLD, 1, false, NULL };
	const struct mark *m, *threat = NULL;

	if (is_denied(s, act, start, end)) {
		telling.mood = MOOD_DENIED;
		return telling;
	}
	for (m = s->marks; act->set != SET_THREAT && m < s->marks + s->n; m++) {
		if (m->set != SET_THREAT)
			continue;
		/* "We will close every mine, he warned": after the act too. */
		if (m->start >= end ? is_to_come(s, act) && !between(s, SET_BREAK, end, m->start) && (!is_class(s, m, "weak") || terms(s, act) != NULL) :
		    (!is_class(s, m, "weak") || terms(s, act) != NULL) && reaches(s, m, act->start, SENTENCE, 3) && !is_in_condition(s, m->end, act->start))
			threat = m;
	}
	if (threat != NULL && !forecast) {
		telling = mood_of(s, threat, threat->start, threat->end, false);
		if (telling.mood == MOOD_TOLD) {
			telling.mood = MOOD_THREATENED;
			telling.cue = threat;
		}
		return telling;
	}
	if (is_conditional(s, act, end)) {
		telling.mood = MOOD_CONDITIONAL;
		if (!forecast && (telling.cue = terms(s, act)) != NULL) {
			telling.mood = MOOD_THREATENED;
			telling.factor = 0.8;
		}
		return telling;
	}
	if (!forecast && (is_possible(s, act, end) || is_only_thought(s, act, &telling.factor)))
		telling.mood = MOOD_POSSIBLE;
	else if (is_past(s, act, start, end, &telling.factor))
		telling.mood = MOOD_PAST;
	telling.to_come = is_to_come(s, act);
	/* "After the group seized the town" tells what is known already as often as what is new. */
	m = sentence_last(s, SET_SUBORDINATE, s->start, act->start);
	if (m != NULL && sentence_words(s, m->end, act->start) <= CLAUSE && sentence_commas(s, m->end, act->start) == 0)
		telling.factor *= 0.7;
	if (sentence_first(s, SET_HEARSAY, s->start, s->end) != NULL)
		telling.factor *= 0.85;
	return telling;
}
