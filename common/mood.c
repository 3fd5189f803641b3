#include "mood.h"

#include "clause.h"
#include "threat.h"

/* "Fear that gates will be closed and have sold": what follows "and" is told anew. */
static bool
is_told_anew(const struct sentence *s, const struct mark *and)
{
	static const char *const words[] = { "has ", "have ", "had ", "was ", "were ", "is ", "are ", "did " };
	size_t i, at = and->end + (sentence_starts(s, and->end, " ") ? 1 : 0);

	if (!sentence_ends(s, and->end, "and"))
		return false;
	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if (sentence_starts(s, at, words[i]))
			return true;
	return false;
}

/* "Dismissed as fabricated a notice which announced the closure": what a clause on the thing denied tells; one behind a comma tells of somebody. */
static bool
is_denied_account(const struct sentence *s, const struct mark *denial, size_t act)
{
	const struct mark *which = sentence_first(s, SET_RELATIVE, denial->end, act);

	return which != NULL && which == sentence_last(s, SET_RELATIVE, denial->end, act) && sentence_words(s, denial->end, act) <= CLAUSE_LIST &&
	    sentence_commas(s, denial->end, act) == 0 && !sentence_has(s, SET_BREAK, denial->end, act) && !sentence_has(s, SET_SUBORDINATE, denial->end, act);
}

/* "Dropped to 3,120 tonnes", "eased 5%": a figure's way, which ends nothing. */
static bool
is_of_figure(const struct sentence *s, const struct mark *end)
{
	static const char *const words[] = { " to ", " by ", " from ", " below ", " about ", " " };
	const char *text = s->text.p + end->end;
	size_t i, n;

	for (i = 0; i < sizeof words / sizeof words[0]; i++) {
		n = strlen(words[i]);
		if (sentence_starts(s, end->end, words[i]) && end->end + n < s->end && (char_is_digit(text[n]) || text[n] == '$'))
			return true;
	}
	return false;
}

/* Did not; no; never; denied that: before the act, between it and its object ("closed no gates"), or after ("the closure did not happen"). */
static bool
is_denied(const struct sentence *s, const struct mark *act, size_t start, size_t end)
{
	const struct mark *m, *next;

	/* "Give up the town or we close the gate": a clause of its own. */
	if (sentence_starts(s, act->start, "or ") || sentence_starts(s, act->start, "otherwise "))
		return false;
	for (m = s->marks; m < s->marks + s->n; m++) {
		if (m->set == SET_NEGATION && !(sentence_is_class(s, m, "end") && is_of_figure(s, m))) {
			/* "fail to" is about the verb that follows it. */
			if (clause_reaches(s, m, act->start, sentence_is_class(s, m, "verb") || (sentence_is_class(s, m, "end") && !char_is_letter(s->text.p[act->start])) ? 1 : sentence_is_class(s, m, "end") ? 2 : CLAUSE_NEAR - 1, 0) &&
			    !sentence_has(s, SET_AND, m->end, act->start))
				return true;
			/* "No general licence has been granted." */
			if (clause_is_passive(s, act->start) && (sentence_starts(s, m->start, "no ") || sentence_starts(s, m->start, "No ")) && clause_reaches(s, m, act->start, CLAUSE_WORDS, 0) && !sentence_has(s, SET_AND, m->end, act->start))
				return true;
			/* "No mine was closed": the negation stands before what the act is about. */
			if (start < act->start && m->end <= start && sentence_words(s, m->end, start) <= (sentence_ends(s, m->end, "one") ? CLAUSE_WORDS : 2) && sentence_commas(s, m->end, act->start) == 0 &&
			    !sentence_has(s, SET_AND, m->end, start) && !sentence_has(s, SET_SUBORDINATE, m->end, act->start) && !sentence_has(s, SET_BREAK, m->end, act->start) &&
			    !sentence_is_class(s, m, "end"))
				return true;
			if (m->start >= act->end && m->end <= end && sentence_words(s, m->end, end) <= 2 && !sentence_is_class(s, m, "verb") && !sentence_is_class(s, m, "end"))
				return true;
			if (m->start >= end && sentence_words(s, end, m->start) < CLAUSE_NEAR && sentence_commas(s, end, m->start) == 0 &&
			    (next = sentence_first(s, SET_OCCUR, m->end, s->end)) != NULL && sentence_words(s, m->end, next->start) <= 2)
				return true;
		}
		if (m->set == SET_DENIAL) {
			if (clause_reaches(s, m, act->start, CLAUSE_SENTENCE, 2) || is_denied_account(s, m, act->start))
				return true;
			/* "Reports that the gate was shut are untrue." */
			for (next = s->marks; next < s->marks + s->n; next++)
				if (next->set == SET_HEARSAY && sentence_is_class(s, next, "claim") && !sentence_has(s, SET_BREAK, end, m->start))
					return true;
			if (m->start >= end && sentence_words(s, end, m->start) <= CLAUSE_NEAR && !sentence_has(s, SET_AND, end, m->start) &&
			    !sentence_has(s, SET_BREAK, end, m->start))
				return true;
		}
	}
	return false;
}

/* The condition stands right at the beginning of the sentence, of a clause after a comma or "that", or of what somebody said. */
static bool
leads(const struct sentence *s, const struct mark *cue)
{
	const struct mark *said = sentence_last(s, SET_SAID, s->start, cue->start);

	return sentence_words(s, s->start, cue->start) <= 1 || clause_after_comma(s, cue->start) || sentence_ends(s, cue->start, " that ") || sentence_ends(s, cue->start, ": ") ||
	    sentence_ends(s, cue->start, "：") || (said != NULL && sentence_words(s, said->end, cue->start) <= 1);
}

/* 企业若不整改，将被责令停产; 美方如加税，中方也将: 将 after the comma, or after who will, begins what follows from the condition, wherever that stands. */
static bool
is_consequence(const struct sentence *s, const struct mark *condition, const struct mark *act)
{
	const struct mark *will = sentence_last(s, SET_WILL, condition->end, act->start), *who, *place;

	if (char_is_letter(s->text.p[act->start]) || will == NULL)
		return false;
	who = sentence_last(s, SET_ACTOR, condition->end, will->start);
	place = sentence_last(s, SET_PLACE, condition->end, will->start);
	if (who == NULL || (place != NULL && place->start > who->start))
		who = place;
	return clause_after_comma(s, will->start) || (who != NULL && clause_after_comma(s, who->start) && sentence_words(s, who->end, will->start) <= 1);
}

/* 继续交战便关闭, 不撤军就轰炸: the condition needs no other word. */
static bool
is_consequent(const struct sentence *s, size_t act)
{
	static const char *const words[] = { "不", "再", "继续", "仍", "逾期", "拒", "未", "敢", "谁" };
	size_t i, at;

	if (char_is_letter(s->text.p[act]) || !clause_is_then(s, act))
		return false;
	for (at = act; at > s->start && sentence_commas(s, at - 1, act) == 0; at--)
		for (i = 0; i < sizeof words / sizeof words[0]; i++)
			if (sentence_starts(s, at - 1, words[i]))
				return true;
	return false;
}

static bool
is_conditional(const struct sentence *s, const struct mark *act, size_t end, bool forecast)
{
	const struct mark *m, *k;

	if (act->set != SET_THREAT && (is_consequent(s, act->start) || (end + 3 < s->end && is_consequent(s, end + 3))))
		return true;
	/* "Once the town falls, the gate will be closed" */
	for (m = s->marks; m < s->marks + s->n && m->end <= act->start; m++)
		if (m->set == SET_SUBORDINATE && (sentence_ends(s, m->end, "nce") || sentence_ends(s, m->end, "soon as")) && leads(s, m) && sentence_commas(s, m->end, act->start) == 1 &&
		    clause_is_to_come(s, act, end, end))
			return true;
	/* "Malaysia to bar exports, minister says, once a law is drafted" */
	if (clause_is_title_future(s, act))
		for (m = s->marks; m < s->marks + s->n; m++)
			if (m->start >= end && ((m->set == SET_CONDITION && !sentence_is_class(s, m, "article")) ||
			    (m->set == SET_SUBORDINATE && (sentence_ends(s, m->end, "nce") || sentence_ends(s, m->end, "soon as")))))
				return true;
	/* "When gates close": advice, not news. */
	if (s->headline && sentence_starts(s, s->start, "When ") && clause_is_present(s, act))
		return true;
	for (m = s->marks; m < s->marks + s->n; m++) {
		/* "Those who do not pay are threatened with": a threat hangs on nothing but its own "if". */
		if (m->set != SET_CONDITION || (act->set == SET_THREAT && !sentence_is_class(s, m, "if")))
			continue;
		if (m->end <= act->start && !sentence_has(s, SET_BREAK, m->end, act->start) && sentence_words(s, m->end, act->start) <= CLAUSE_SENTENCE &&
		    (sentence_commas(s, m->end, act->start) == 0 || ((leads(s, m) || is_consequence(s, m, act)) && !sentence_is_class(s, m, "forward") && act->set != SET_THREAT)))
			return true;
		/* A shortage that is forecast "unless" is forecast. */
		if (forecast || m->start < act->end || sentence_is_class(s, m, "forward") || sentence_has(s, SET_BREAK, act->end, m->start))
			continue;
		/* "will close the gate if": the act waits for what follows, unless it is told as done. */
		if (sentence_is_class(s, m, "if") && act->set != SET_THREAT && sentence_words(s, end, m->start) <= CLAUSE_WORDS && sentence_commas(s, end, m->start) == 0 && clause_is_present(s, act))
			return true;
		if (sentence_words(s, end, m->start) <= CLAUSE_SENTENCE)
			for (k = s->marks; k < s->marks + s->n && k->start < end; k++)
				if ((k->set == SET_WILL || k->set == SET_WOULD || k->set == SET_POSSIBLE) && clause_governs(s, k, act, end))
					return true;
	}
	return false;
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

	if ((s->headline && clause_is_title_future(s, act)) || to == NULL || sentence_words(s, to->end, act->start) > 0 || sentence_commas(s, to->end, act->start) > 0 ||
	    !char_is_letter(s->text.p[act->start]) || *last == 'g' || *last == 's' || (sentence_ends(s, act->end, "ed") && act->end - act->start > 4) || sentence_ends(s, act->end, "eld"))
		return false;
	make = sentence_last(s, SET_MAKE, s->start, to->start);
	return make == NULL || sentence_words(s, make->end, to->start) > CLAUSE_WORDS || sentence_has(s, SET_BREAK, make->end, to->start) ||
	    sentence_commas(s, make->end, to->start) > 0;
}

/* "Before they are shut", "when the gate closes": what is told so in the present is to come; in a title the present is the past. */
static bool
is_awaited(const struct sentence *s, const struct mark *act)
{
	const struct mark *m = sentence_last(s, SET_SUBORDINATE, s->start, act->start);

	return m != NULL && !s->headline && (sentence_ends(s, m->end, "before") || sentence_ends(s, m->end, "hen") || sentence_ends(s, m->end, "nce") || sentence_ends(s, m->end, "soon as")) &&
	    sentence_words(s, m->end, act->start) <= CLAUSE_NEAR && sentence_words(s, m->end, act->start) > 0 && sentence_commas(s, m->end, act->start) == 0 &&
	    clause_is_present(s, act) && (sentence_ends(s, act->end, "s") || sentence_ends(s, act->start, " is ") || sentence_ends(s, act->start, " are "));
}

/* "By closing the gate it could": a means that somebody has. */
static bool
is_means(const struct sentence *s, const struct mark *act)
{
	const struct mark *m;

	if (!sentence_ends(s, act->end, "ing") || (!sentence_ends(s, act->start, "By ") && !sentence_ends(s, act->start, " by ")))
		return false;
	for (m = s->marks; m < s->marks + s->n; m++)
		if ((m->set == SET_WOULD || (m->set == SET_POSSIBLE && sentence_is_class(s, m, "modal"))) &&
		    !sentence_has(s, SET_BREAK, m->end < act->start ? m->end : act->end, m->end < act->start ? act->start : m->start))
			return true;
	return false;
}

/* "Warned over the siege", 因围攻发出最后通牒: what a threat is about is known, not news. */
static bool
is_topic(const struct sentence *s, const struct mark *act)
{
	static const char *const words[] = { " over ", "因", "就", "针对", "围绕" };
	const struct mark *threat = sentence_first(s, SET_THREAT, s->start, s->end);
	size_t i, at, low = s->start;

	if (threat == NULL)
		return false;
	if (char_is_letter(s->text.p[act->start]))
		low = threat->end;
	for (at = act->start; at > low && sentence_words(s, at - 1, act->start) <= CLAUSE_NEAR + 1 && sentence_commas(s, at - 1, act->start) == 0; at--)
		for (i = 0; i < sizeof words / sizeof words[0]; i++)
			if (sentence_starts(s, at - 1, words[i]))
				return true;
	return false;
}

/* "Warned miners of a closure", "warns mines of closure" */
static bool
is_warned_of(const struct sentence *s, const struct mark *warned, const struct mark *act, size_t end)
{
	size_t at;

	for (at = warned->end; at < end && sentence_words(s, warned->end, at) <= CLAUSE_WORDS && sentence_commas(s, warned->end, at) == 0; at++)
		if (sentence_starts(s, at, " of ") && (at >= act->end || (at < act->start && sentence_words(s, at + 4, act->start) <= 2)))
			return true;
	return false;
}

/* A word such as "might", "fears" or "plan to" governs the act; one that "that" follows does so to the end of its clause. */
static bool
is_governed(const struct sentence *s, const struct mark *m, size_t act)
{
	const struct mark *and = sentence_last(s, SET_AND, m->end, act);
	unsigned words = sentence_is_class(s, m, "near") ? 2 : sentence_ends(s, m->end, " that") || sentence_starts(s, m->end, " that ") ? CLAUSE_LIST : CLAUSE_WORDS;

	/* "Plants that face a lack of ore have cut output" */
	if (words == CLAUSE_WORDS && (sentence_ends(s, act, " has ") || (sentence_ends(s, act, " have ") && !sentence_ends(s, act, " to have "))) && !sentence_is_class(s, m, "modal") &&
	    sentence_words(s, m->end, act) > 1)
		return false;
	/* 考虑实施反制，限制出口: without another subject behind the comma it is what is considered too. */
	if (!char_is_letter(s->text.p[act]) && clause_after_comma(s, act) && (sentence_is_class(s, m, "plan") || sentence_is_class(s, m, "modal")) && clause_reaches(s, m, act, words, 1))
		return true;
	return (clause_reaches(s, m, act, words, 0) && (and == NULL || !is_told_anew(s, and))) || (m->set == SET_POSSIBLE && clause_is_listed(s, m, act));
}

/* 中方或关闭口岸, 价格或上涨: "or" is "perhaps" unless it stands behind another act, as in 停产或减产. */
static bool
is_perhaps(const struct sentence *s, size_t act)
{
	static const char or[] = "或";
	const struct pattern *patterns;
	const struct mark *m;
	size_t i, n, at = act - (sizeof or - 1);

	if (char_is_letter(s->text.p[act]) || !sentence_ends(s, act, or))
		return false;
	for (m = s->marks; m < s->marks + s->n && m->start < at; m++) {
		patterns = lexicon_patterns(s->lexicon, m->set, &n);
		for (i = 0; m->end == at && i < n; i++)
			if (patterns[i].chinese)
				return false;
	}
	return true;
}

static bool
is_possible(const struct sentence *s, const struct mark *act, size_t start, size_t end, bool outcome)
{
	const struct mark *m, *next;
	bool to_come = clause_is_to_come(s, act, start, end);
	size_t after;

	if (s->question || is_purpose(s, act) || threat_is_choice(s, act) || is_awaited(s, act) || is_topic(s, act) || is_means(s, act) || is_perhaps(s, act->start))
		return true;
	for (m = s->marks; m < s->marks + s->n; m++) {
		if (m->set == SET_DOUBTFUL && sentence_is_class(s, m, "noun")) {
			if (clause_is_noun_of(s, m, act, end))
				return true;
			continue;
		}
		/* "Stop work or be shot", "might be barred and the gate closed" */
		if (m->set == SET_POSSIBLE && ((sentence_starts(s, m->start, "or ") && m->start >= end && sentence_words(s, end, m->start) <= CLAUSE_NEAR &&
		    sentence_commas(s, end, m->start) == 0) || (sentence_is_class(s, m, "modal") && clause_shares_be(s, m, act, start, end))))
			return true;
		/* 要求停止进攻，并表示将: what is said next is told. */
		if (!char_is_letter(s->text.p[act->start]) && m->end <= act->start && sentence_has(s, SET_SAID, m->end, act->start))
			continue;
		/* "Fears of a ban lift prices": what nobody does is moved by it. */
		if (outcome && sentence_is_class(s, m, "feeling") && !sentence_starts(s, m->end, " that "))
			continue;
		if ((m->set == SET_POSSIBLE || m->set == SET_DOUBTFUL) && (is_governed(s, m, act->start) || (m->set == SET_POSSIBLE && clause_is_within(s, m, act, end))))
			return true;
		if (m->set == SET_POSSIBLE && sentence_is_class(s, m, "all") && !sentence_has(s, SET_BREAK, m->end < act->start ? m->end : end, m->end < act->start ? act->start : m->start))
			return true;
		if (m->set == SET_THREAT && sentence_is_class(s, m, "weak") && is_warned_of(s, m, act, end))
			return true;
		/* "Mines will stop, a supplier reckons." */
		if (to_come && m->set == SET_HEARSAY && sentence_is_class(s, m, "opinion"))
			return true;
		/* "Leave, or the mines will be shut." */
		if ((m->set == SET_WILL || m->set == SET_WOULD) && clause_governs(s, m, act, end) && (next = sentence_last(s, SET_AND, s->start, m->start)) != NULL &&
		    s->text.p[next->start] == 'o' && sentence_words(s, next->end, m->start) <= CLAUSE_NEAR)
			return true;
		/* "A closure would hit supplies." */
		if (act->set != SET_THREAT && (m->set == SET_WOULD || (m->set == SET_POSSIBLE && sentence_is_class(s, m, "modal"))) && m->start >= end &&
		    sentence_words(s, end, m->start) < (sentence_ends(s, act->end, "ed") || sentence_has(s, SET_RELATIVE, end, m->start) || sentence_has(s, SET_BREAK, end, m->start) ? CLAUSE_NEAR : CLAUSE_WORDS) &&
		    sentence_commas(s, end, m->start) == 0 && !sentence_has(s, SET_AND, end, m->start))
			return true;
		after = m->start < end ? act->end : end;
		if (m->set == SET_DOUBTFUL && m->start >= after && sentence_commas(s, after, m->start) <= sentence_is_class(s, m, "aside") &&
		    sentence_words(s, after, m->start) < (sentence_ends(s, act->end, "ed") || sentence_has(s, SET_RELATIVE, after, m->start) || sentence_has(s, SET_BREAK, after, m->start) ? CLAUSE_NEAR : CLAUSE_WORDS))
			return true;
		/* "Should stop" */
		if (m->set == SET_DOUBTFUL && sentence_is_class(s, m, "must") && m->start < act->start && m->end >= act->end)
			return true;
		if (m->set == SET_POSSIBLE && m->start >= end && sentence_words(s, end, m->start) < CLAUSE_NEAR && sentence_commas(s, end, m->start) == 0 &&
		    (next = sentence_first(s, SET_OCCUR, m->end, s->end)) != NULL && sentence_words(s, m->end, next->start) <= 2)
			return true;
	}
	return false;
}

/* Who said that it would close the gate announced it; that prices would rise is what somebody thinks. */
static bool
is_only_thought(const struct sentence *s, const struct mark *act, size_t start, size_t end, double *factor)
{
	const struct mark *m, *said;

	for (m = s->marks; m < s->marks + s->n; m++) {
		if (m->set != SET_WOULD || !(clause_governs(s, m, act, end) || clause_shares_be(s, m, act, start, end)))
			continue;
		said = sentence_last(s, SET_SAID, s->start, m->start);
		if (said == NULL || sentence_has(s, SET_RELATIVE, said->end, m->start) || (!sentence_is_class(s, m, "self") && !sentence_is_class(s, said, "decided")))
			return true;
		*factor *= 0.85;
	}
	return false;
}

/* "Ore that was stored when": what is told of something before. */
static bool
is_told_of_past(const struct sentence *s, size_t when)
{
	static const char *const words[] = { " that was ", " that were ", " which was ", " which were " };
	size_t i, at;

	for (at = when; at > s->start && sentence_words(s, at - 1, when) <= CLAUSE_WORDS && sentence_commas(s, at - 1, when) == 0; at--)
		for (i = 0; i < sizeof words / sizeof words[0]; i++)
			if (sentence_starts(s, at - 1, words[i]))
				return true;
	return false;
}

/* "Had imposed when it seized", "which changed hands when the militia lost": the act goes back to what is told as past, or known. */
static bool
is_recalled(const struct sentence *s, const struct mark *act)
{
	const struct mark *when = sentence_last(s, SET_SUBORDINATE, s->start, act->start), *before;

	if (s->headline || when == NULL || sentence_words(s, when->end, act->start) > CLAUSE_WORDS || sentence_commas(s, when->end, act->start) > 0 ||
	    sentence_has(s, SET_BREAK, when->end, act->start))
		return false;
	before = sentence_last(s, SET_HAD, s->start, when->start);
	if (before == NULL)
		before = sentence_last(s, SET_RELATIVE, s->start, when->start);
	if (before == NULL && sentence_ends(s, when->end, "hen") && is_told_of_past(s, when->start))
		return true;
	/* "Mined before it took the town" */
	if (sentence_ends(s, when->end, "before") && sentence_has(s, SET_PRONOUN, when->end, act->start) && !sentence_ends(s, clause_word_end(s, act->start), "s"))
		return true;
	return before != NULL && sentence_words(s, before->end, when->start) <= CLAUSE_WORDS && sentence_commas(s, before->end, when->start) == 0 &&
	    !sentence_has(s, SET_BREAK, before->end, when->start);
}

/* "Had risen 3% by Wednesday": up to a day of this week. */
static bool
is_up_to_now(const struct sentence *s, size_t end)
{
	const struct mark *day = sentence_first(s, SET_WEEKDAY, end, s->end), *by = sentence_first(s, SET_BY, end, s->end);

	return day != NULL && by != NULL && by->end < day->start && sentence_words(s, by->end, day->start) == 0 && sentence_words(s, end, by->start) <= CLAUSE_NEAR &&
	    sentence_commas(s, end, day->start) == 0;
}

/* "Has closed gates before to make its point": an earlier time, where nothing that "before" belongs to follows. */
static bool
is_before(const struct sentence *s, const struct mark *before, size_t end)
{
	static const char *const next[] = { " to ", " and ", " but ", ",", ".", ";" };
	size_t i;

	if (before->set != SET_SUBORDINATE || !sentence_ends(s, before->end, "before") || before->start < end || sentence_words(s, end, before->start) > 1)
		return false;
	for (i = 0; i < sizeof next / sizeof next[0]; i++)
		if (sentence_starts(s, before->end, next[i]))
			return true;
	return before->end == s->end;
}

/* Had closed, unless that is how somebody's words are told. */
static bool
is_past(const struct sentence *s, const struct mark *act, size_t start, size_t end, double *factor)
{
	const struct mark *m, *said;

	for (m = s->marks; m < s->marks + s->n; m++) {
		/* "The next day" counts from what was told before, and a title such as "Timeline" is about all of it: see the tagger. */
		if (m->set == SET_PAST && (sentence_is_class(s, m, "then") || sentence_is_class(s, m, "article")))
			continue;
		/* "Usually": what happens every year is no news. */
		if (m->set == SET_PAST && sentence_is_class(s, m, "habit") && !sentence_has(s, SET_BREAK, m->end < act->start ? m->end : act->end, m->end < act->start ? act->start : m->start))
			return true;
		if (is_before(s, m, end))
			return true;
		/* "Earlier this week" is no earlier time. */
		if (m->set == SET_PAST && sentence_ends(s, m->end, "arlier") && (sentence_starts(s, m->end, " this ") || sentence_starts(s, m->end, " on ") || sentence_starts(s, m->end, " today")))
			continue;
		if (m->set == SET_PAST && ((m->end <= act->start && sentence_words(s, m->end, act->start) < CLAUSE_NEAR &&
		    sentence_commas(s, m->end, act->start) == 0) || (m->start >= start && m->end <= end) ||
		    (m->start >= end && sentence_words(s, end, m->start) <= 1 && sentence_commas(s, end, m->start) == 0)))
			return true;
		/* "The tax that the group had imposed" */
		if (m->set == SET_HAD && m->start >= act->end && m->end < end && sentence_words(s, m->end, end) <= 2 && sentence_commas(s, act->end, m->start) == 0)
			return true;
		if (m->set != SET_HAD || !clause_reaches(s, m, act->start, CLAUSE_NEAR - 1, 0) || is_up_to_now(s, end))
			continue;
		said = sentence_last(s, SET_SAID, s->start, m->start);
		if (said != NULL && !sentence_has(s, SET_RELATIVE, said->end, m->start) && !sentence_has(s, SET_SUBORDINATE, said->end, m->start)) {
			*factor *= 0.9;
			continue;
		}
		said = sentence_first(s, SET_SAID, act->end, s->end);
		if (said == NULL || sentence_has(s, SET_RELATIVE, s->start, act->start) || sentence_commas(s, act->end, said->start) == 0)
			return true;
		*factor *= 0.85;
	}
	return false;
}

struct telling
mood_of(const struct sentence *s, const struct mark *act, size_t start, size_t end, bool forecast, bool outcome)
{
	struct telling telling = { MOOD_TOLD, 1, false, NULL };
	const struct mark *m, *threat;

	if (is_denied(s, act, start, end)) {
		telling.mood = MOOD_DENIED;
		return telling;
	}
	if (!forecast && act->set != SET_THREAT && (threat = threat_word(s, act, start, end)) != NULL) {
		telling = mood_of(s, threat, threat->start, threat->end, false, false);
		if (telling.mood == MOOD_TOLD) {
			telling.mood = MOOD_THREATENED;
			telling.cue = threat;
		}
		return telling;
	}
	if (act->set != SET_THREAT && !forecast && (telling.cue = threat_ultimatum(s, act)) != NULL) {
		telling.mood = MOOD_THREATENED;
		telling.factor = 0.8;
		return telling;
	}
	if (is_conditional(s, act, end, forecast)) {
		telling.mood = MOOD_CONDITIONAL;
		if (!forecast && (telling.cue = threat_terms(s, act, end)) != NULL) {
			telling.mood = MOOD_THREATENED;
			telling.factor = 0.8;
		}
		return telling;
	}
	if (!forecast && (is_possible(s, act, start, end, outcome) || is_only_thought(s, act, start, end, &telling.factor)))
		telling.mood = MOOD_POSSIBLE;
	else if (is_past(s, act, start, end, &telling.factor) || is_recalled(s, act))
		telling.mood = MOOD_PAST;
	telling.to_come = clause_is_to_come(s, act, start, end);
	/* "After the group seized the town" tells what is known already as often as what is new. */
	m = sentence_last(s, SET_SUBORDINATE, s->start, act->start);
	if (m != NULL && sentence_words(s, m->end, act->start) <= CLAUSE_WORDS && sentence_commas(s, m->end, act->start) == 0)
		telling.factor *= 0.7;
	if (sentence_first(s, SET_HEARSAY, s->start, s->end) != NULL)
		telling.factor *= 0.85;
	return telling;
}
