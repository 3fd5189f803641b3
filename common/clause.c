#include "clause.h"

bool
clause_after_comma(const struct sentence *s, size_t at)
{
	return sentence_ends(s, at, ", ") || sentence_ends(s, at, "，") || (sentence_ends(s, at, " ") && at < s->end && (unsigned char)s->text.p[at] >= 0xe3) ||
	    (sentence_ends(s, at, ",") && at < s->end && !char_is_letter(s->text.p[at]));
}

size_t
clause_word_end(const struct sentence *s, size_t at)
{
	while (at < s->end && char_is_letter(s->text.p[at]))
		at++;
	return at;
}

bool
clause_is_bare(const struct sentence *s, size_t act)
{
	size_t end = clause_word_end(s, act);

	return end > act && !sentence_ends(s, end, "ed") && !sentence_ends(s, end, "eld") && !sentence_ends(s, end, "s") && !sentence_ends(s, end, "ing");
}

bool
clause_reaches(const struct sentence *s, const struct mark *cue, size_t act, unsigned words, unsigned commas)
{
	const struct mark *and;
	unsigned passed;

	if (cue->end > act || sentence_words(s, cue->end, act) > words || sentence_has(s, SET_BREAK, cue->end, act) ||
	    sentence_has(s, SET_SUBORDINATE, cue->end, act) || sentence_has(s, SET_RELATIVE, cue->end, act))
		return false;
	passed = sentence_commas(s, cue->end, act);
	and = sentence_last(s, SET_AND, cue->end, act);
	if (and == NULL || passed == 0 || sentence_ends(s, and->end, "、"))
		return passed <= commas;
	return passed <= commas && sentence_words(s, and->end, act) == 0 && !sentence_ends(s, and->start, ", ") && clause_is_bare(s, act);
}

bool
clause_governs(const struct sentence *s, const struct mark *modal, const struct mark *act, size_t end)
{
	return clause_reaches(s, modal, act->start, CLAUSE_NEAR, 0) || (modal->start >= act->end && modal->end < end && sentence_commas(s, act->end, modal->start) == 0 &&
	    !sentence_has(s, SET_RELATIVE, act->end, modal->start) && !sentence_has(s, SET_SUBORDINATE, act->end, modal->start));
}

bool
clause_is_listed(const struct sentence *s, const struct mark *cue, size_t act)
{
	const struct mark *and = sentence_last(s, SET_AND, cue->end, act);
	size_t first = cue->end + (sentence_starts(s, cue->end, " ") ? 1 : 0);
	bool to = sentence_ends(s, cue->end, " to") || sentence_starts(s, first, "to ") || sentence_is_class(s, cue, "modal");

	if (!sentence_ends(s, act, ", ") && (and == NULL || sentence_words(s, and->end, act) > 0) && !sentence_ends(s, act, " to "))
		return false;
	return clause_reaches(s, cue, first > act ? act : first, CLAUSE_WORDS, 0) && !sentence_has(s, SET_BREAK, cue->end, act) && !sentence_has(s, SET_SUBORDINATE, cue->end, act) &&
	    !sentence_has(s, SET_RELATIVE, cue->end, act) && sentence_words(s, cue->end, act) <= CLAUSE_LIST &&
	    (to ? clause_is_bare(s, act) : sentence_ends(s, clause_word_end(s, first), "ing") && sentence_ends(s, clause_word_end(s, act), "ing"));
}

bool
clause_is_passive(const struct sentence *s, size_t act)
{
	static const char *const words[] = { " been ", " was ", " were ", " is ", " are ", " be " };
	size_t i;

	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if (sentence_ends(s, act, words[i]))
			return true;
	return false;
}

bool
clause_is_present(const struct sentence *s, const struct mark *act)
{
	static const char *const before[] = { "has ", "have ", "had ", "was ", "were ", "been ", "after ", "since " };
	bool past = sentence_ends(s, act->end, "ed");
	size_t i;

	if (!char_is_letter(s->text.p[act->start]))
		return false;
	if (past)
		return sentence_ends(s, act->start, " is ") || sentence_ends(s, act->start, " are ") || sentence_starts(s, act->start, "is ") || sentence_starts(s, act->start, "are ");
	for (i = 0; i < sizeof before / sizeof before[0]; i++)
		if (sentence_ends(s, act->start, before[i]))
			return false;
	return true;
}

bool
clause_shares_be(const struct sentence *s, const struct mark *modal, const struct mark *act, size_t start, size_t end)
{
	const struct mark *and = sentence_last(s, SET_AND, modal->end, act->start);
	size_t at = and != NULL ? and->end : modal->end;

	return sentence_starts(s, modal->end, " be ") && start < act->start && end == act->end && start >= modal->end && sentence_ends(s, act->end, "ed") && !clause_is_passive(s, act->start) &&
	    !sentence_ends(s, act->start, " has ") && !sentence_ends(s, act->start, " have ") && (and != NULL || sentence_commas(s, modal->end, act->start) > 0) &&
	    sentence_words(s, at, act->start) <= CLAUSE_WORDS && sentence_words(s, modal->end, act->start) <= CLAUSE_LIST && !sentence_has(s, SET_BREAK, modal->end, act->start) &&
	    !sentence_has(s, SET_SUBORDINATE, modal->end, act->start) && !sentence_has(s, SET_RELATIVE, modal->end, act->start);
}

/* "Used its largest bomb to attack", "launch an attack to retake": a verb stands before "to", which tells what for. */
static bool
has_verb_before(const struct sentence *s, size_t to)
{
	static const char *const verbs[] = { "launch", "launches", "use", "uses", "send", "sends", "deploy", "deploys", "mass", "masses", "step", "steps", "ramp", "ramps" };
	size_t at = to, start, i;

	while (at > s->start && sentence_commas(s, at - 1, to) == 0) {
		while (at > s->start && !char_is_letter(s->text.p[at - 1]))
			at--;
		for (start = at; start > s->start && char_is_letter(s->text.p[start - 1]);)
			start--;
		if (sentence_commas(s, start, to) > 0)
			break;
		if (at - start > 4 && sentence_ends(s, at, "ed"))
			return true;
		for (i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
			if (at - start == strlen(verbs[i]) && sentence_starts(s, start, verbs[i]))
				return true;
		if (start == at)
			break;
		at = start;
	}
	return false;
}

bool
clause_is_title_future(const struct sentence *s, const struct mark *act)
{
	bool passive = sentence_ends(s, act->start, " to be ");

	return s->headline && (passive || (sentence_ends(s, act->start, " to ") && clause_is_bare(s, act->start) && !sentence_ends(s, act->end, "s"))) &&
	    !has_verb_before(s, act->start - (passive ? 7 : 4));
}

bool
clause_is_to_come(const struct sentence *s, const struct mark *act, size_t start, size_t end)
{
	const struct mark *m, *next;

	if (clause_is_title_future(s, act))
		return true;
	for (m = s->marks; m < s->marks + s->n; m++)
		if (((m->set == SET_WILL || m->set == SET_WOULD) && clause_shares_be(s, m, act, start, end)) || ((m->set == SET_WILL || m->set == SET_WOULD) && (clause_governs(s, m, act, end) || (m->start >= end && sentence_words(s, end, m->start) <= 1 &&
		    sentence_commas(s, end, m->start) == 0 && (next = sentence_first(s, SET_OCCUR, m->end, s->end)) != NULL && sentence_words(s, m->end, next->start) <= 1))))
			return true;
	return false;
}

bool
clause_is_then(const struct sentence *s, size_t act)
{
	static const char *const words[] = { "就", "便", "即", "则" }, *const adverbs[] = { "随即", "立即", "当即", "旋即", "随后便", "于是便" };
	static const char *const next[] = { "对", "将", "从", "在", "把", "向" };
	size_t i, k, at;

	for (i = 0; i < sizeof adverbs / sizeof adverbs[0]; i++)
		if (sentence_ends(s, act, adverbs[i]))
			return false;
	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if (sentence_ends(s, act, words[i]))
			return true;
	/* 便对稀土实施 */
	for (at = act; at > s->start && sentence_words(s, at - 1, act) <= CLAUSE_NEAR && sentence_commas(s, at - 1, act) == 0; at--)
		for (i = 0; i < 2; i++)
			for (k = 0; k < sizeof next / sizeof next[0]; k++)
				if (sentence_starts(s, at - 1, words[i]) && sentence_starts(s, at + 2, next[k]))
					return true;
	return false;
}

bool
clause_is_noun_of(const struct sentence *s, const struct mark *noun, const struct mark *act, size_t end)
{
	if (!char_is_letter(s->text.p[act->start]))
		return noun->start == act->end || noun->start == end;
	return !sentence_ends(s, act->end, "ed") && noun->start >= act->end && (sentence_words(s, act->end, noun->start) == 0 ||
	    (noun->start >= end && sentence_words(s, end, noun->start) == 0)) && sentence_commas(s, act->end, noun->start) == 0;
}

bool
clause_is_within(const struct sentence *s, const struct mark *m, const struct mark *act, size_t end)
{
	if (m->start < act->end || m->end >= end || sentence_commas(s, act->end, m->start) > 0)
		return false;
	return sentence_ends(s, m->end, " of") || sentence_starts(s, m->end, " of ") || sentence_ends(s, m->end, " to") || sentence_ends(s, m->end, " for") || sentence_ends(s, m->end, " that") || sentence_starts(s, m->end, " to ") ||
	    (!sentence_ends(s, act->end, "ed") && !sentence_ends(s, m->end, "ed"));
}
