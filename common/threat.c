#include "threat.h"

#include "clause.h"

bool
threat_is_choice(const struct sentence *s, const struct mark *act)
{
	static const char *const subjects[] = { "we ", "they ", "it ", "he ", "she ", "the ", "its ", "their ", "our ", "all ", "every " };
	const struct mark *or = sentence_last(s, SET_AND, s->start, act->start), *first, *said;
	size_t i;

	if ((sentence_words(s, s->start, act->start) == 0 || sentence_ends(s, act->start, ": ") || sentence_ends(s, act->start, " \"")) && clause_is_bare(s, act->start) && (first = sentence_first(s, SET_AND, act->end, s->end)) != NULL && sentence_ends(s, first->end, "or"))
		return true;
	if (s->headline && sentence_ends(s, act->start, ": ") && clause_is_bare(s, act->start) && sentence_has(s, SET_TO, s->start, act->start))
		return true;
	if (or != NULL && sentence_ends(s, or->end, "or") && sentence_words(s, or->end, act->start) == 0 && clause_is_bare(s, act->start) && sentence_has(s, SET_TO, s->start, or->start))
		return true;
	if (or == NULL || !sentence_ends(s, or->end, "or") || sentence_words(s, or->end, act->start) > CLAUSE_WORDS || sentence_commas(s, or->end, act->start) > 0 || !clause_is_present(s, act))
		return false;
	/* "Withdraw or gates are closed, China told the group" */
	if ((sentence_ends(s, act->start, " are ") || sentence_ends(s, act->start, " is ") || sentence_starts(s, act->start, "are ") || sentence_starts(s, act->start, "is ") || clause_is_bare(s, act->start)) &&
	    (said = sentence_first(s, SET_SAID, act->end, s->end)) != NULL && sentence_is_class(s, said, "tell") && !sentence_has(s, SET_SAID, s->start, or->start))
		return true;
	/* "A choice: leave, or gates are closed" */
	if ((sentence_ends(s, act->start, " are ") || sentence_ends(s, act->start, " is ") || sentence_starts(s, act->start, "are ") || sentence_starts(s, act->start, "is ") || clause_is_bare(s, act->start)) &&
	    memmem(s->text.p + s->start, or->start - s->start, ": ", 2) != NULL)
		return true;
	if (sentence_words(s, or->end, act->start) > CLAUSE_NEAR)
		return false;
	for (i = 0; i < sizeof subjects / sizeof subjects[0]; i++)
		if (sentence_starts(s, or->end + 1, subjects[i]))
			return true;
	/* "Pay or pits are shut" */
	return sentence_ends(s, act->start, " get ") || sentence_ends(s, act->start, " gets ") ||
	    ((sentence_ends(s, act->start, " are ") || sentence_ends(s, act->start, " is ")) && s->headline && memmem(s->text.p + s->start, or->start - s->start, ": ", 2) != NULL);
}

/* 虽然缅军扬言轰炸，克钦独立军仍攻占: after the comma somebody else does what is told. */
static bool
is_other_actor(const struct sentence *s, size_t from, size_t act)
{
	const struct mark *actor = sentence_last(s, SET_ACTOR, from, act);

	return actor != NULL && !char_is_letter(s->text.p[act]) && clause_after_comma(s, actor->start) && !sentence_has(s, SET_WILL, actor->end, act);
}

/* The act stands in a clause with "if" that began after `from`. */
static bool
is_in_condition(const struct sentence *s, size_t from, size_t act)
{
	const struct mark *condition = sentence_last(s, SET_CONDITION, from, act), *will = sentence_last(s, SET_WILL, from, act);

	/* "Warned that if they stay it will shell them", 若不撤出将轰炸, 不降价就停止采购: after "will" the condition is over. */
	return condition != NULL && sentence_commas(s, condition->end, act) == 0 && (will == NULL || will->start < condition->end) && !clause_is_then(s, act);
}

/* 对克钦独立军表示: told to somebody. */
static bool
is_told_to(const struct sentence *s, const struct mark *said)
{
	const struct mark *to = sentence_last(s, SET_TO, s->start, said->start);

	if (sentence_is_class(s, said, "tell"))
		return true;
	return !char_is_letter(s->text.p[said->start]) && to != NULL && sentence_commas(s, to->end, said->start) == 0 &&
	    (sentence_has(s, SET_ACTOR, to->end, said->start) || sentence_has(s, SET_PLACE, to->end, said->start)) && (sentence_starts(s, to->start, "对") || sentence_starts(s, to->start, "向"));
}

/* Said by somebody whose opinion it is. */
static bool
is_opinion(const struct sentence *s)
{
	const struct mark *m;

	for (m = s->marks; m < s->marks + s->n; m++)
		if (m->set == SET_HEARSAY && sentence_is_class(s, m, "opinion"))
			return true;
	return false;
}

/* "Told miners on Friday that pits which leak will be shut": a relative clause in what is told, not one that holds the act. */
static bool
is_told_that(const struct sentence *s, const struct mark *said, const struct mark *modal)
{
	const struct mark *which = sentence_first(s, SET_RELATIVE, said->end, modal->start);
	static const char that[] = " that ";

	return which == NULL || (which->start >= said->end + 6 && memmem(s->text.p + said->end, which->start - said->end, that, sizeof that - 1) != NULL &&
	    sentence_commas(s, said->end, modal->start) == 0);
}

/* "Otherwise the gate will be shut": whoever says so means it. */
static bool
is_or_else(const struct sentence *s, const struct mark *modal)
{
	const struct mark *condition = sentence_last(s, SET_CONDITION, s->start, modal->start);

	return condition != NULL && sentence_is_class(s, condition, "else") && !is_opinion(s);
}

/* Somebody's own will, told to another. */
static const struct mark *
own_will(const struct sentence *s, const struct mark *act, size_t end)
{
	const struct mark *m, *said;

	/* "If they shut the gates, we shut the mines" */
	if ((sentence_ends(s, act->start, " we ") || sentence_ends(s, act->start, " We ")) && clause_is_bare(s, act->start))
		return sentence_last(s, SET_PRONOUN, s->start, act->start);
	for (m = s->marks; clause_is_title_future(s, act) && m < s->marks + s->n; m++)
		if (m->set == SET_SAID && sentence_is_class(s, m, "tell"))
			return m;
	for (m = s->marks; m < s->marks + s->n; m++) {
		if (!(m->set == SET_WILL || m->set == SET_WOULD || (m->set == SET_POSSIBLE && sentence_is_class(s, m, "modal"))) || !clause_governs(s, m, act, end))
			continue;
		said = sentence_last(s, SET_SAID, s->start, m->start);
		if (said == NULL && (said = sentence_last(s, SET_SAID, act->end, s->end)) != NULL && sentence_is_class(s, said, "tell"))
			return m;
		if (said != NULL && (said->start >= m->end || is_told_that(s, said, m)) &&
		    (m->set == SET_WILL || (m->set == SET_WOULD && (sentence_is_class(s, m, "self") || is_or_else(s, m))) || is_told_to(s, said)))
			return m;
	}
	/* 称三日内不投降即发动总攻 */
	if (clause_is_then(s, act->start) && !char_is_letter(s->text.p[act->start]) && (said = sentence_last(s, SET_SAID, s->start, act->start)) != NULL && !is_opinion(s) &&
	    sentence_has(s, SET_ACTOR, s->start, said->start))
		return said;
	return NULL;
}

/* "A halt of mining was threatened by the group" */
static bool
is_threatened_after(const struct sentence *s, const struct mark *threat, const struct mark *act, size_t end)
{
	static const char *const next[] = { " by ", " over ", " for ", " if ", " unless ", " should ", " in ", " on ", ".", "," };
	size_t i;

	if (!sentence_ends(s, threat->end, "hreatened") || threat->start < end || sentence_ends(s, act->end, "ed") || sentence_words(s, end, threat->start) >= CLAUSE_NEAR ||
	    sentence_commas(s, end, threat->start) > 0 || sentence_has(s, SET_AND, end, threat->start) || sentence_has(s, SET_RELATIVE, end, threat->start))
		return false;
	for (i = 0; i < sizeof next / sizeof next[0]; i++)
		if (sentence_starts(s, threat->end, next[i]))
			return true;
	return threat->end == s->end;
}

const struct mark *
threat_ultimatum(const struct sentence *s, const struct mark *act)
{
	const struct mark *or = sentence_last(s, SET_AND, s->start, act->start), *m;

	if (or == NULL || !sentence_ends(s, or->end, "or") || !threat_is_choice(s, act) || is_opinion(s))
		return NULL;
	if (s->headline && memmem(s->text.p + s->start, or->start - s->start, ": ", 2) != NULL)
		return or;
	for (m = s->marks; m < s->marks + s->n; m++)
		if (m->set == SET_SAID && sentence_is_class(s, m, "tell"))
			return or;
	return NULL;
}

/* What will be done to those who do, or have not done, something. */
static const struct mark *
to_party(const struct sentence *s, const struct mark *act, size_t end)
{
	const struct mark *m, *party;

	for (m = s->marks; m < s->marks + s->n && m->start < end; m++)
		if (m->set == SET_WILL && clause_governs(s, m, act, end))
			for (party = s->marks; party < s->marks + s->n; party++)
				if (party->set == SET_CONDITION && sentence_is_class(s, party, "party"))
					return m;
	return NULL;
}

const struct mark *
threat_terms(const struct sentence *s, const struct mark *act, size_t end)
{
	const struct mark *will = own_will(s, act, end);

	return will != NULL ? will : to_party(s, act, end);
}

const struct mark *
threat_word(const struct sentence *s, const struct mark *act, size_t start, size_t end)
{
	const struct mark *m, *threat = NULL;

	for (m = s->marks; m < s->marks + s->n; m++) {
		if (m->set != SET_THREAT)
			continue;
		if (sentence_is_class(s, m, "noun")) {
			/* 以停止采购稀土相威胁: the object may stand between. */
			if (clause_is_noun_of(s, m, act, end) || (!char_is_letter(s->text.p[act->start]) && m->start >= end && sentence_words(s, end, m->start) <= 2 &&
			    sentence_commas(s, end, m->start) == 0))
				threat = m;
			continue;
		}
		/* "We will close every mine, he warned": after the act too. */
		if ((clause_is_within(s, m, act, end) && !sentence_is_class(s, m, "weak")) || is_threatened_after(s, m, act, end))
			threat = m;
		else if (m->start >= end ? clause_is_to_come(s, act, start, end) && !sentence_has(s, SET_BREAK, end, m->start) && (!sentence_is_class(s, m, "weak") || own_will(s, act, end) != NULL) :
		    (!sentence_is_class(s, m, "weak") || own_will(s, act, end) != NULL) && (clause_reaches(s, m, act->start, CLAUSE_SENTENCE, 3) ||
		    (sentence_has(s, SET_RELATIVE, m->end, act->start) && !sentence_has(s, SET_SUBORDINATE, m->end, act->start) && !sentence_has(s, SET_BREAK, m->end, act->start) && is_told_that(s, m, act))) && !is_in_condition(s, m->end, act->start) &&
		    !is_other_actor(s, m->end, act->start))
			threat = m;
	}
	return threat;
}
