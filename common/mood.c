#include "mood.h"

enum {
	NEAR = 4,      /* words that may stand between a negation or an auxiliary and its verb */
	CLAUSE = 9,    /* ... between a modal word and its verb */
	LIST = 25,     /* ... when the verb stands in a list */
	SENTENCE = 45, /* ... between a denial, a threat or a condition and what it is about */
};

static bool
between(const struct sentence *s, unsigned set, size_t a, size_t b)
{
	return sentence_first(s, set, a, b) != NULL;
}

static bool
is_class(const struct sentence *s, const struct mark *mark, const char *class)
{
	return str_is(lexicon_entry(s->lexicon, mark->entry)->name, class);
}

static bool
starts(const struct sentence *s, size_t at, const char *text)
{
	size_t n = strlen(text);

	return at + n <= s->end && memcmp(s->text.p + at, text, n) == 0;
}

static bool
ends(const struct sentence *s, size_t end, const char *text)
{
	size_t n = strlen(text);

	return end >= s->start + n && memcmp(s->text.p + end - n, text, n) == 0;
}

/* Right behind a comma, which in Chinese may be narrow, or a blank. */
static bool
after_comma(const struct sentence *s, size_t at)
{
	return ends(s, at, ", ") || ends(s, at, "，") || (ends(s, at, " ") && at < s->end && (unsigned char)s->text.p[at] >= 0xe3) ||
	    (ends(s, at, ",") && at < s->end && !char_is_letter(s->text.p[at]));
}

/* The end of the word that begins at that byte. */
static size_t
word_end(const struct sentence *s, size_t at)
{
	while (at < s->end && char_is_letter(s->text.p[at]))
		at++;
	return at;
}

/* "Close", "suspend" after "to close the gate, stop trade and": neither closes nor closed nor withheld. */
static bool
is_bare(const struct sentence *s, size_t act)
{
	size_t end = word_end(s, act);

	return end > act && !ends(s, end, "ed") && !ends(s, end, "eld") && !ends(s, end, "s") && !ends(s, end, "ing");
}

/* "Fear that gates will be closed and have sold": what follows "and" is told anew. */
static bool
is_told_anew(const struct sentence *s, const struct mark *and)
{
	static const char *const words[] = { "has ", "have ", "had ", "was ", "were ", "is ", "are ", "did " };
	size_t i, at = and->end + (starts(s, and->end, " ") ? 1 : 0);

	if (!ends(s, and->end, "and"))
		return false;
	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if (starts(s, at, words[i]))
			return true;
	return false;
}

/*
 * The act is within reach of a word before it. commas: how many may stand between; where "and" follows one, only to the last of a list, as
 * in "to close the gate, stop trade and cut power".
 */
static bool
reaches(const struct sentence *s, const struct mark *cue, size_t act, unsigned words, unsigned commas)
{
	const struct mark *and;
	unsigned passed;

	if (cue->end > act || sentence_words(s, cue->end, act) > words || between(s, SET_BREAK, cue->end, act) ||
	    between(s, SET_SUBORDINATE, cue->end, act) || between(s, SET_RELATIVE, cue->end, act))
		return false;
	passed = sentence_commas(s, cue->end, act);
	and = sentence_last(s, SET_AND, cue->end, act);
	if (and == NULL || passed == 0 || ends(s, and->end, "、"))
		return passed <= commas;
	return passed <= commas && sentence_words(s, and->end, act) == 0 && !ends(s, and->start, ", ") && is_bare(s, act);
}

/* Will, would, may, of the act: just before it, or between a noun and the verb that goes with it ("operations will be halted"). */
static bool
governs(const struct sentence *s, const struct mark *modal, const struct mark *act, size_t end)
{
	return reaches(s, modal, act->start, NEAR, 0) || (modal->start >= act->end && modal->end < end && sentence_commas(s, act->end, modal->start) == 0 &&
	    !between(s, SET_RELATIVE, act->end, modal->start) && !between(s, SET_SUBORDINATE, act->end, modal->start));
}

/* "Considers closing gates, halting trade and raising tolls": an act in the form that the word before asks for, in a list. */
static bool
is_listed(const struct sentence *s, const struct mark *cue, size_t act)
{
	const struct mark *and = sentence_last(s, SET_AND, cue->end, act);
	size_t first = cue->end + (starts(s, cue->end, " ") ? 1 : 0);
	bool to = ends(s, cue->end, " to") || starts(s, first, "to ") || is_class(s, cue, "modal");

	if (!ends(s, act, ", ") && (and == NULL || sentence_words(s, and->end, act) > 0) && !ends(s, act, " to "))
		return false;
	return reaches(s, cue, first > act ? act : first, CLAUSE, 0) && !between(s, SET_BREAK, cue->end, act) && !between(s, SET_SUBORDINATE, cue->end, act) &&
	    !between(s, SET_RELATIVE, cue->end, act) && sentence_words(s, cue->end, act) <= LIST &&
	    (to ? is_bare(s, act) : ends(s, word_end(s, first), "ing") && ends(s, word_end(s, act), "ing"));
}

static bool
is_passive(const struct sentence *s, size_t act)
{
	static const char *const words[] = { " been ", " was ", " were ", " is ", " are ", " be " };
	size_t i;

	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if (ends(s, act, words[i]))
			return true;
	return false;
}

/* "Dismissed as fabricated a notice which announced the closure": what a clause on the thing denied tells; one behind a comma tells of somebody. */
static bool
is_denied_account(const struct sentence *s, const struct mark *denial, size_t act)
{
	const struct mark *which = sentence_first(s, SET_RELATIVE, denial->end, act);

	return which != NULL && which == sentence_last(s, SET_RELATIVE, denial->end, act) && sentence_words(s, denial->end, act) <= LIST &&
	    sentence_commas(s, denial->end, act) == 0 && !between(s, SET_BREAK, denial->end, act) && !between(s, SET_SUBORDINATE, denial->end, act);
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
		if (starts(s, end->end, words[i]) && end->end + n < s->end && (char_is_digit(text[n]) || text[n] == '$'))
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
	if (starts(s, act->start, "or ") || starts(s, act->start, "otherwise "))
		return false;
	for (m = s->marks; m < s->marks + s->n; m++) {
		if (m->set == SET_NEGATION && !(is_class(s, m, "end") && is_of_figure(s, m))) {
			/* "fail to" is about the verb that follows it. */
			if (reaches(s, m, act->start, is_class(s, m, "verb") || (is_class(s, m, "end") && !char_is_letter(s->text.p[act->start])) ? 1 : is_class(s, m, "end") ? 2 : NEAR - 1, 0) &&
			    !between(s, SET_AND, m->end, act->start))
				return true;
			/* "No general licence has been granted." */
			if (is_passive(s, act->start) && (starts(s, m->start, "no ") || starts(s, m->start, "No ")) && reaches(s, m, act->start, CLAUSE, 0) && !between(s, SET_AND, m->end, act->start))
				return true;
			/* "No mine was closed": the negation stands before what the act is about. */
			if (start < act->start && m->end <= start && sentence_words(s, m->end, start) <= (ends(s, m->end, "one") ? CLAUSE : 2) && sentence_commas(s, m->end, act->start) == 0 &&
			    !between(s, SET_AND, m->end, start) && !between(s, SET_SUBORDINATE, m->end, act->start) && !between(s, SET_BREAK, m->end, act->start) &&
			    !is_class(s, m, "end"))
				return true;
			if (m->start >= act->end && m->end <= end && sentence_words(s, m->end, end) <= 2 && !is_class(s, m, "verb") && !is_class(s, m, "end"))
				return true;
			if (m->start >= end && sentence_words(s, end, m->start) < NEAR && sentence_commas(s, end, m->start) == 0 &&
			    (next = sentence_first(s, SET_OCCUR, m->end, s->end)) != NULL && sentence_words(s, m->end, next->start) <= 2)
				return true;
		}
		if (m->set == SET_DENIAL) {
			if (reaches(s, m, act->start, SENTENCE, 2) || is_denied_account(s, m, act->start))
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

/* The condition stands right at the beginning of the sentence, of a clause after a comma or "that", or of what somebody said. */
static bool
leads(const struct sentence *s, const struct mark *cue)
{
	const struct mark *said = sentence_last(s, SET_SAID, s->start, cue->start);

	return sentence_words(s, s->start, cue->start) <= 1 || after_comma(s, cue->start) || ends(s, cue->start, " that ") || ends(s, cue->start, ": ") ||
	    ends(s, cue->start, "：") || (said != NULL && sentence_words(s, said->end, cue->start) <= 1);
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
	return after_comma(s, will->start) || (who != NULL && after_comma(s, who->start) && sentence_words(s, who->end, will->start) <= 1);
}

/* "Closes", "is closed", "are to close", not "closed" or "has closed". */
static bool
is_present(const struct sentence *s, const struct mark *act)
{
	static const char *const before[] = { "has ", "have ", "had ", "was ", "were ", "been ", "after ", "since " };
	bool past = ends(s, act->end, "ed");
	size_t i;

	if (!char_is_letter(s->text.p[act->start]))
		return false;
	if (past)
		return ends(s, act->start, " is ") || ends(s, act->start, " are ") || starts(s, act->start, "is ") || starts(s, act->start, "are ");
	for (i = 0; i < sizeof before / sizeof before[0]; i++)
		if (ends(s, act->start, before[i]))
			return false;
	return true;
}

/* "Would be barred and the gate closed": a participle that shares the "be" of a modal word before it. */
static bool
shares_be(const struct sentence *s, const struct mark *modal, const struct mark *act, size_t start, size_t end)
{
	const struct mark *and = sentence_last(s, SET_AND, modal->end, act->start);
	size_t at = and != NULL ? and->end : modal->end;

	return starts(s, modal->end, " be ") && start < act->start && end == act->end && start >= modal->end && ends(s, act->end, "ed") && !is_passive(s, act->start) &&
	    !ends(s, act->start, " has ") && !ends(s, act->start, " have ") && (and != NULL || sentence_commas(s, modal->end, act->start) > 0) &&
	    sentence_words(s, at, act->start) <= CLAUSE && sentence_words(s, modal->end, act->start) <= LIST && !between(s, SET_BREAK, modal->end, act->start) &&
	    !between(s, SET_SUBORDINATE, modal->end, act->start) && !between(s, SET_RELATIVE, modal->end, act->start);
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
		if (at - start > 4 && ends(s, at, "ed"))
			return true;
		for (i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
			if (at - start == strlen(verbs[i]) && starts(s, start, verbs[i]))
				return true;
		if (start == at)
			break;
		at = start;
	}
	return false;
}

/* "Mines to be shut", "KIO to shut mines", in a title. */
static bool
is_future_of_title(const struct sentence *s, const struct mark *act)
{
	bool passive = ends(s, act->start, " to be ");

	return s->headline && (passive || (ends(s, act->start, " to ") && is_bare(s, act->start) && !ends(s, act->end, "s"))) &&
	    !has_verb_before(s, act->start - (passive ? 7 : 4));
}

/* Will, or would, do it; "air strikes will follow". */
static bool
is_to_come(const struct sentence *s, const struct mark *act, size_t start, size_t end)
{
	const struct mark *m, *next;

	if (is_future_of_title(s, act))
		return true;
	for (m = s->marks; m < s->marks + s->n; m++)
		if (((m->set == SET_WILL || m->set == SET_WOULD) && shares_be(s, m, act, start, end)) || ((m->set == SET_WILL || m->set == SET_WOULD) && (governs(s, m, act, end) || (m->start >= end && sentence_words(s, end, m->start) <= 1 &&
		    sentence_commas(s, end, m->start) == 0 && (next = sentence_first(s, SET_OCCUR, m->end, s->end)) != NULL && sentence_words(s, m->end, next->start) <= 1))))
			return true;
	return false;
}

/* 就停止, 即发动: what follows from a condition; 随即 and 立即 tell when. */
static bool
is_then(const struct sentence *s, size_t act)
{
	static const char *const words[] = { "就", "便", "即", "则" }, *const adverbs[] = { "随即", "立即", "当即", "旋即", "随后便", "于是便" };
	static const char *const next[] = { "对", "将", "从", "在", "把", "向" };
	size_t i, k, at;

	for (i = 0; i < sizeof adverbs / sizeof adverbs[0]; i++)
		if (ends(s, act, adverbs[i]))
			return false;
	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if (ends(s, act, words[i]))
			return true;
	/* 便对稀土实施 */
	for (at = act; at > s->start && sentence_words(s, at - 1, act) <= NEAR && sentence_commas(s, at - 1, act) == 0; at--)
		for (i = 0; i < 2; i++)
			for (k = 0; k < sizeof next / sizeof next[0]; k++)
				if (starts(s, at - 1, words[i]) && starts(s, at + 2, next[k]))
					return true;
	return false;
}

/* 继续交战便关闭, 不撤军就轰炸: the condition needs no other word. */
static bool
is_consequent(const struct sentence *s, size_t act)
{
	static const char *const words[] = { "不", "再", "继续", "仍", "逾期", "拒", "未", "敢", "谁" };
	size_t i, at;

	if (char_is_letter(s->text.p[act]) || !is_then(s, act))
		return false;
	for (at = act; at > s->start && sentence_commas(s, at - 1, act) == 0; at--)
		for (i = 0; i < sizeof words / sizeof words[0]; i++)
			if (starts(s, at - 1, words[i]))
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
		if (m->set == SET_SUBORDINATE && (ends(s, m->end, "nce") || ends(s, m->end, "soon as")) && leads(s, m) && sentence_commas(s, m->end, act->start) == 1 &&
		    is_to_come(s, act, end, end))
			return true;
	/* "When gates close": advice, not news. */
	if (s->headline && starts(s, s->start, "When ") && is_present(s, act))
		return true;
	for (m = s->marks; m < s->marks + s->n; m++) {
		/* "Those who do not pay are threatened with": a threat hangs on nothing but its own "if". */
		if (m->set != SET_CONDITION || (act->set == SET_THREAT && !is_class(s, m, "if")))
			continue;
		if (m->end <= act->start && !between(s, SET_BREAK, m->end, act->start) && sentence_words(s, m->end, act->start) <= SENTENCE &&
		    (sentence_commas(s, m->end, act->start) == 0 || ((leads(s, m) || is_consequence(s, m, act)) && !is_class(s, m, "forward") && act->set != SET_THREAT)))
			return true;
		/* A shortage that is forecast "unless" is forecast. */
		if (forecast || m->start < act->end || is_class(s, m, "forward") || between(s, SET_BREAK, act->end, m->start))
			continue;
		/* "will close the gate if": the act waits for what follows, unless it is told as done. */
		if (is_class(s, m, "if") && act->set != SET_THREAT && sentence_words(s, end, m->start) <= CLAUSE && sentence_commas(s, end, m->start) == 0 && is_present(s, act))
			return true;
		if (sentence_words(s, end, m->start) <= SENTENCE)
			for (k = s->marks; k < s->marks + s->n && k->start < end; k++)
				if ((k->set == SET_WILL || k->set == SET_WOULD || k->set == SET_POSSIBLE) && governs(s, k, act, end))
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

	if ((s->headline && is_future_of_title(s, act)) || to == NULL || sentence_words(s, to->end, act->start) > 0 || sentence_commas(s, to->end, act->start) > 0 ||
	    !char_is_letter(s->text.p[act->start]) || *last == 'g' || *last == 's' || (ends(s, act->end, "ed") && act->end - act->start > 4) || ends(s, act->end, "eld"))
		return false;
	make = sentence_last(s, SET_MAKE, s->start, to->start);
	return make == NULL || sentence_words(s, make->end, to->start) > CLAUSE || between(s, SET_BREAK, make->end, to->start) ||
	    sentence_commas(s, make->end, to->start) > 0;
}

/* "Closure fears", "an attack plan": the noun follows an act that is a noun itself. */
static bool
is_noun_of(const struct sentence *s, const struct mark *noun, const struct mark *act, size_t end)
{
	if (!char_is_letter(s->text.p[act->start]))
		return noun->start == act->end || noun->start == end;
	return !ends(s, act->end, "ed") && noun->start >= act->end && (sentence_words(s, act->end, noun->start) == 0 ||
	    (noun->start >= end && sentence_words(s, end, noun->start) == 0)) && sentence_commas(s, act->end, noun->start) == 0;
}

/* "Before they are shut", "when the gate closes": what is told so in the present is to come; in a title the present is the past. */
static bool
is_awaited(const struct sentence *s, const struct mark *act)
{
	const struct mark *m = sentence_last(s, SET_SUBORDINATE, s->start, act->start);

	return m != NULL && !s->headline && (ends(s, m->end, "before") || ends(s, m->end, "hen") || ends(s, m->end, "nce") || ends(s, m->end, "soon as")) &&
	    sentence_words(s, m->end, act->start) <= NEAR && sentence_words(s, m->end, act->start) > 0 && sentence_commas(s, m->end, act->start) == 0 &&
	    is_present(s, act) && (ends(s, act->end, "s") || ends(s, act->start, " is ") || ends(s, act->start, " are "));
}

/* "Close the ponds or leave", "KIO to mines: close", "to register or close", "leave, or we close the gate". */
static bool
is_alternative(const struct sentence *s, const struct mark *act)
{
	static const char *const subjects[] = { "we ", "they ", "it ", "he ", "she ", "the ", "its ", "their ", "our ", "all ", "every " };
	const struct mark *or = sentence_last(s, SET_AND, s->start, act->start), *first, *said;
	size_t i;

	if ((sentence_words(s, s->start, act->start) == 0 || ends(s, act->start, ": ") || ends(s, act->start, " \"")) && is_bare(s, act->start) && (first = sentence_first(s, SET_AND, act->end, s->end)) != NULL && ends(s, first->end, "or"))
		return true;
	if (s->headline && ends(s, act->start, ": ") && is_bare(s, act->start) && between(s, SET_TO, s->start, act->start))
		return true;
	if (or != NULL && ends(s, or->end, "or") && sentence_words(s, or->end, act->start) == 0 && is_bare(s, act->start) && between(s, SET_TO, s->start, or->start))
		return true;
	if (or == NULL || !ends(s, or->end, "or") || sentence_words(s, or->end, act->start) > CLAUSE || sentence_commas(s, or->end, act->start) > 0 || !is_present(s, act))
		return false;
	/* "Withdraw or gates are closed, China told the group" */
	if ((ends(s, act->start, " are ") || ends(s, act->start, " is ") || starts(s, act->start, "are ") || starts(s, act->start, "is ") || is_bare(s, act->start)) &&
	    (said = sentence_first(s, SET_SAID, act->end, s->end)) != NULL && is_class(s, said, "tell") && !between(s, SET_SAID, s->start, or->start))
		return true;
	/* "A choice: leave, or gates are closed" */
	if ((ends(s, act->start, " are ") || ends(s, act->start, " is ") || starts(s, act->start, "are ") || starts(s, act->start, "is ") || is_bare(s, act->start)) &&
	    memmem(s->text.p + s->start, or->start - s->start, ": ", 2) != NULL)
		return true;
	if (sentence_words(s, or->end, act->start) > NEAR)
		return false;
	for (i = 0; i < sizeof subjects / sizeof subjects[0]; i++)
		if (starts(s, or->end + 1, subjects[i]))
			return true;
	/* "Pay or pits are shut" */
	return ends(s, act->start, " get ") || ends(s, act->start, " gets ") ||
	    ((ends(s, act->start, " are ") || ends(s, act->start, " is ")) && s->headline && memmem(s->text.p + s->start, or->start - s->start, ": ", 2) != NULL);
}

/* "By closing the gate it could": a means that somebody has. */
static bool
is_means(const struct sentence *s, const struct mark *act)
{
	const struct mark *m;

	if (!ends(s, act->end, "ing") || (!ends(s, act->start, "By ") && !ends(s, act->start, " by ")))
		return false;
	for (m = s->marks; m < s->marks + s->n; m++)
		if ((m->set == SET_WOULD || (m->set == SET_POSSIBLE && is_class(s, m, "modal"))) &&
		    !between(s, SET_BREAK, m->end < act->start ? m->end : act->end, m->end < act->start ? act->start : m->start))
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
	for (at = act->start; at > low && sentence_words(s, at - 1, act->start) <= NEAR + 1 && sentence_commas(s, at - 1, act->start) == 0; at--)
		for (i = 0; i < sizeof words / sizeof words[0]; i++)
			if (starts(s, at - 1, words[i]))
				return true;
	return false;
}

/* "Warned miners of a closure", "warns mines of closure" */
static bool
is_warned_of(const struct sentence *s, const struct mark *warned, const struct mark *act, size_t end)
{
	size_t at;

	for (at = warned->end; at < end && sentence_words(s, warned->end, at) <= CLAUSE && sentence_commas(s, warned->end, at) == 0; at++)
		if (starts(s, at, " of ") && (at >= act->end || (at < act->start && sentence_words(s, at + 4, act->start) <= 2)))
			return true;
	return false;
}

/* A word such as "might", "fears" or "plan to" governs the act; one that "that" follows does so to the end of its clause. */
static bool
is_governed(const struct sentence *s, const struct mark *m, size_t act)
{
	const struct mark *and = sentence_last(s, SET_AND, m->end, act);
	unsigned words = is_class(s, m, "near") ? 2 : ends(s, m->end, " that") || starts(s, m->end, " that ") ? LIST : CLAUSE;

	/* "Plants that face a lack of ore have cut output" */
	if (words == CLAUSE && (ends(s, act, " has ") || (ends(s, act, " have ") && !ends(s, act, " to have "))) && !is_class(s, m, "modal") &&
	    sentence_words(s, m->end, act) > 1)
		return false;
	/* 考虑实施反制，限制出口: without another subject behind the comma it is what is considered too. */
	if (!char_is_letter(s->text.p[act]) && after_comma(s, act) && (is_class(s, m, "plan") || is_class(s, m, "modal")) && reaches(s, m, act, words, 1))
		return true;
	return (reaches(s, m, act, words, 0) && (and == NULL || !is_told_anew(s, and))) || (m->set == SET_POSSIBLE && is_listed(s, m, act));
}

/* "Drops the idea of a ban", "mines face a halt": the word stands between the act and what belongs to it; not so "imposed a planned ban". */
static bool
is_within(const struct sentence *s, const struct mark *m, const struct mark *act, size_t end)
{
	if (m->start < act->end || m->end >= end || sentence_commas(s, act->end, m->start) > 0)
		return false;
	return ends(s, m->end, " of") || starts(s, m->end, " of ") || ends(s, m->end, " to") || ends(s, m->end, " for") || ends(s, m->end, " that") || starts(s, m->end, " to ") ||
	    (!ends(s, act->end, "ed") && !ends(s, m->end, "ed"));
}

/* 中方或关闭口岸, 价格或上涨: "or" is "perhaps" unless it stands behind another act, as in 停产或减产. */
static bool
is_perhaps(const struct sentence *s, size_t act)
{
	static const char or[] = "或";
	const struct pattern *patterns;
	const struct mark *m;
	size_t i, n, at = act - (sizeof or - 1);

	if (char_is_letter(s->text.p[act]) || !ends(s, act, or))
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
	bool to_come = is_to_come(s, act, start, end);
	size_t after;

	if (s->question || is_purpose(s, act) || is_alternative(s, act) || is_awaited(s, act) || is_topic(s, act) || is_means(s, act) || is_perhaps(s, act->start))
		return true;
	for (m = s->marks; m < s->marks + s->n; m++) {
		if (m->set == SET_DOUBTFUL && is_class(s, m, "noun")) {
			if (is_noun_of(s, m, act, end))
				return true;
			continue;
		}
		/* "Stop work or be shot", "might be barred and the gate closed" */
		if (m->set == SET_POSSIBLE && ((starts(s, m->start, "or ") && m->start >= end && sentence_words(s, end, m->start) <= NEAR &&
		    sentence_commas(s, end, m->start) == 0) || (is_class(s, m, "modal") && shares_be(s, m, act, start, end))))
			return true;
		/* 要求停止进攻，并表示将: what is said next is told. */
		if (!char_is_letter(s->text.p[act->start]) && m->end <= act->start && between(s, SET_SAID, m->end, act->start))
			continue;
		/* "Fears of a ban lift prices": what nobody does is moved by it. */
		if (outcome && is_class(s, m, "feeling") && !starts(s, m->end, " that "))
			continue;
		if ((m->set == SET_POSSIBLE || m->set == SET_DOUBTFUL) && (is_governed(s, m, act->start) || (m->set == SET_POSSIBLE && is_within(s, m, act, end))))
			return true;
		if (m->set == SET_POSSIBLE && is_class(s, m, "all") && !between(s, SET_BREAK, m->end < act->start ? m->end : end, m->end < act->start ? act->start : m->start))
			return true;
		if (m->set == SET_THREAT && is_class(s, m, "weak") && is_warned_of(s, m, act, end))
			return true;
		/* "Mines will stop, a supplier reckons." */
		if (to_come && m->set == SET_HEARSAY && is_class(s, m, "opinion"))
			return true;
		/* "Leave, or the mines will be shut." */
		if ((m->set == SET_WILL || m->set == SET_WOULD) && governs(s, m, act, end) && (next = sentence_last(s, SET_AND, s->start, m->start)) != NULL &&
		    s->text.p[next->start] == 'o' && sentence_words(s, next->end, m->start) <= NEAR)
			return true;
		/* "A closure would hit supplies." */
		if (act->set != SET_THREAT && (m->set == SET_WOULD || (m->set == SET_POSSIBLE && is_class(s, m, "modal"))) && m->start >= end &&
		    sentence_words(s, end, m->start) < (ends(s, act->end, "ed") || between(s, SET_RELATIVE, end, m->start) || between(s, SET_BREAK, end, m->start) ? NEAR : CLAUSE) &&
		    sentence_commas(s, end, m->start) == 0 && !between(s, SET_AND, end, m->start))
			return true;
		after = m->start < end ? act->end : end;
		if (m->set == SET_DOUBTFUL && m->start >= after && sentence_commas(s, after, m->start) == 0 &&
		    sentence_words(s, after, m->start) < (ends(s, act->end, "ed") || between(s, SET_RELATIVE, after, m->start) || between(s, SET_BREAK, after, m->start) ? NEAR : CLAUSE))
			return true;
		/* "Should stop" */
		if (m->set == SET_DOUBTFUL && is_class(s, m, "must") && m->start < act->start && m->end >= act->end)
			return true;
		if (m->set == SET_POSSIBLE && m->start >= end && sentence_words(s, end, m->start) < NEAR && sentence_commas(s, end, m->start) == 0 &&
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
		if (m->set != SET_WOULD || !(governs(s, m, act, end) || shares_be(s, m, act, start, end)))
			continue;
		said = sentence_last(s, SET_SAID, s->start, m->start);
		if (said == NULL || between(s, SET_RELATIVE, said->end, m->start) || (!is_class(s, m, "self") && !is_class(s, said, "decided")))
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

	for (at = when; at > s->start && sentence_words(s, at - 1, when) <= CLAUSE && sentence_commas(s, at - 1, when) == 0; at--)
		for (i = 0; i < sizeof words / sizeof words[0]; i++)
			if (starts(s, at - 1, words[i]))
				return true;
	return false;
}

/* "Had imposed when it seized", "which changed hands when the militia lost": the act goes back to what is told as past, or known. */
static bool
is_recalled(const struct sentence *s, const struct mark *act)
{
	const struct mark *when = sentence_last(s, SET_SUBORDINATE, s->start, act->start), *before;

	if (s->headline || when == NULL || sentence_words(s, when->end, act->start) > CLAUSE || sentence_commas(s, when->end, act->start) > 0 ||
	    between(s, SET_BREAK, when->end, act->start))
		return false;
	before = sentence_last(s, SET_HAD, s->start, when->start);
	if (before == NULL)
		before = sentence_last(s, SET_RELATIVE, s->start, when->start);
	if (before == NULL && ends(s, when->end, "hen") && is_told_of_past(s, when->start))
		return true;
	/* "Mined before it took the town" */
	if (ends(s, when->end, "before") && between(s, SET_PRONOUN, when->end, act->start) && !ends(s, word_end(s, act->start), "s"))
		return true;
	return before != NULL && sentence_words(s, before->end, when->start) <= CLAUSE && sentence_commas(s, before->end, when->start) == 0 &&
	    !between(s, SET_BREAK, before->end, when->start);
}

/* "Had risen 3% by Wednesday": up to a day of this week. */
static bool
is_up_to_now(const struct sentence *s, size_t end)
{
	const struct mark *day = sentence_first(s, SET_WEEKDAY, end, s->end), *by = sentence_first(s, SET_BY, end, s->end);

	return day != NULL && by != NULL && by->end < day->start && sentence_words(s, by->end, day->start) == 0 && sentence_words(s, end, by->start) <= NEAR &&
	    sentence_commas(s, end, day->start) == 0;
}

/* "Has closed gates before to make its point": an earlier time, where nothing that "before" belongs to follows. */
static bool
is_before(const struct sentence *s, const struct mark *before, size_t end)
{
	static const char *const next[] = { " to ", " and ", " but ", ",", ".", ";" };
	size_t i;

	if (before->set != SET_SUBORDINATE || !ends(s, before->end, "before") || before->start < end || sentence_words(s, end, before->start) > 1)
		return false;
	for (i = 0; i < sizeof next / sizeof next[0]; i++)
		if (starts(s, before->end, next[i]))
			return true;
	return before->end == s->end;
}

/* Had closed, unless that is how somebody's words are told. */
static bool
is_past(const struct sentence *s, const struct mark *act, size_t start, size_t end, double *factor)
{
	const struct mark *m, *said;

	for (m = s->marks; m < s->marks + s->n; m++) {
		/* "The next day" counts from what was told before, see the tagger. */
		if (m->set == SET_PAST && is_class(s, m, "then"))
			continue;
		/* "Usually": what happens every year is no news. */
		if (m->set == SET_PAST && is_class(s, m, "habit") && !between(s, SET_BREAK, m->end < act->start ? m->end : act->end, m->end < act->start ? act->start : m->start))
			return true;
		if (is_before(s, m, end))
			return true;
		/* "Earlier this week" is no earlier time. */
		if (m->set == SET_PAST && ends(s, m->end, "arlier") && (starts(s, m->end, " this ") || starts(s, m->end, " on ") || starts(s, m->end, " today")))
			continue;
		if (m->set == SET_PAST && ((m->end <= act->start && sentence_words(s, m->end, act->start) < NEAR &&
		    sentence_commas(s, m->end, act->start) == 0) || (m->start >= start && m->end <= end) ||
		    (m->start >= end && sentence_words(s, end, m->start) <= 1 && sentence_commas(s, end, m->start) == 0)))
			return true;
		/* "The tax that the group had imposed" */
		if (m->set == SET_HAD && m->start >= act->end && m->end < end && sentence_words(s, m->end, end) <= 2 && sentence_commas(s, act->end, m->start) == 0)
			return true;
		if (m->set != SET_HAD || !reaches(s, m, act->start, NEAR - 1, 0) || is_up_to_now(s, end))
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

/* 虽然缅军扬言轰炸，克钦独立军仍攻占: after the comma somebody else does what is told. */
static bool
is_other_actor(const struct sentence *s, size_t from, size_t act)
{
	const struct mark *actor = sentence_last(s, SET_ACTOR, from, act);

	return actor != NULL && !char_is_letter(s->text.p[act]) && after_comma(s, actor->start) && !between(s, SET_WILL, actor->end, act);
}

/* The act stands in a clause with "if" that began after `from`. */
static bool
is_in_condition(const struct sentence *s, size_t from, size_t act)
{
	const struct mark *condition = sentence_last(s, SET_CONDITION, from, act), *will = sentence_last(s, SET_WILL, from, act);

	/* "Warned that if they stay it will shell them", 若不撤出将轰炸, 不降价就停止采购: after "will" the condition is over. */
	return condition != NULL && sentence_commas(s, condition->end, act) == 0 && (will == NULL || will->start < condition->end) && !is_then(s, act);
}

/* 对克钦独立军表示: told to somebody. */
static bool
is_told_to(const struct sentence *s, const struct mark *said)
{
	const struct mark *to = sentence_last(s, SET_TO, s->start, said->start);

	if (is_class(s, said, "tell"))
		return true;
	return !char_is_letter(s->text.p[said->start]) && to != NULL && sentence_commas(s, to->end, said->start) == 0 &&
	    (between(s, SET_ACTOR, to->end, said->start) || between(s, SET_PLACE, to->end, said->start)) && (starts(s, to->start, "对") || starts(s, to->start, "向"));
}

/* Said by somebody whose opinion it is. */
static bool
is_opinion(const struct sentence *s)
{
	const struct mark *m;

	for (m = s->marks; m < s->marks + s->n; m++)
		if (m->set == SET_HEARSAY && is_class(s, m, "opinion"))
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

	return condition != NULL && is_class(s, condition, "else") && !is_opinion(s);
}

/*
 * "Told the group that it will stop buying unless", "warned that it would": somebody's own will, told to another. The modal word; NULL when there
 * is none. Whoever is told or warned may be told that something could happen too.
 */
static const struct mark *
terms(const struct sentence *s, const struct mark *act, size_t end)
{
	const struct mark *m, *said;

	/* "If they shut the gates, we shut the mines" */
	if ((ends(s, act->start, " we ") || ends(s, act->start, " We ")) && is_bare(s, act->start))
		return sentence_last(s, SET_PRONOUN, s->start, act->start);
	for (m = s->marks; is_future_of_title(s, act) && m < s->marks + s->n; m++)
		if (m->set == SET_SAID && is_class(s, m, "tell"))
			return m;
	for (m = s->marks; m < s->marks + s->n; m++) {
		if (!(m->set == SET_WILL || m->set == SET_WOULD || (m->set == SET_POSSIBLE && is_class(s, m, "modal"))) || !governs(s, m, act, end))
			continue;
		said = sentence_last(s, SET_SAID, s->start, m->start);
		if (said == NULL && (said = sentence_last(s, SET_SAID, act->end, s->end)) != NULL && is_class(s, said, "tell"))
			return m;
		if (said != NULL && (said->start >= m->end || is_told_that(s, said, m)) &&
		    (m->set == SET_WILL || (m->set == SET_WOULD && (is_class(s, m, "self") || is_or_else(s, m))) || is_told_to(s, said)))
			return m;
	}
	/* 称三日内不投降即发动总攻 */
	if (is_then(s, act->start) && !char_is_letter(s->text.p[act->start]) && (said = sentence_last(s, SET_SAID, s->start, act->start)) != NULL && !is_opinion(s) &&
	    between(s, SET_ACTOR, s->start, said->start))
		return said;
	return NULL;
}

/* "A halt of mining was threatened by the group" */
static bool
is_threatened_after(const struct sentence *s, const struct mark *threat, const struct mark *act, size_t end)
{
	static const char *const next[] = { " by ", " over ", " for ", " if ", " unless ", " should ", " in ", " on ", ".", "," };
	size_t i;

	if (!ends(s, threat->end, "hreatened") || threat->start < end || ends(s, act->end, "ed") || sentence_words(s, end, threat->start) >= NEAR ||
	    sentence_commas(s, end, threat->start) > 0 || between(s, SET_AND, end, threat->start) || between(s, SET_RELATIVE, end, threat->start))
		return false;
	for (i = 0; i < sizeof next / sizeof next[0]; i++)
		if (starts(s, threat->end, next[i]))
			return true;
	return threat->end == s->end;
}

/* "MNDAA: hand back the post or the road is blocked", "they told miners to pay or close": somebody's terms. The word "or"; NULL when it is none. */
static const struct mark *
ultimatum(const struct sentence *s, const struct mark *act)
{
	const struct mark *or = sentence_last(s, SET_AND, s->start, act->start), *m;

	if (or == NULL || !ends(s, or->end, "or") || !is_alternative(s, act) || is_opinion(s))
		return NULL;
	if (s->headline && memmem(s->text.p + s->start, or->start - s->start, ": ", 2) != NULL)
		return or;
	for (m = s->marks; m < s->marks + s->n; m++)
		if (m->set == SET_SAID && is_class(s, m, "tell"))
			return or;
	return NULL;
}

/* "Mines that have not registered will be closed": a threat to those. The modal word; NULL when it is none. */
static const struct mark *
threat_to_party(const struct sentence *s, const struct mark *act, size_t end)
{
	const struct mark *m, *party;

	for (m = s->marks; m < s->marks + s->n && m->start < end; m++)
		if (m->set == SET_WILL && governs(s, m, act, end))
			for (party = s->marks; party < s->marks + s->n; party++)
				if (party->set == SET_CONDITION && is_class(s, party, "party"))
					return m;
	return NULL;
}

struct telling
mood_of(const struct sentence *s, const struct mark *act, size_t start, size_t end, bool forecast, bool outcome)
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
		if (is_class(s, m, "noun")) {
			/* 以停止采购稀土相威胁: the object may stand between. */
			if (is_noun_of(s, m, act, end) || (!char_is_letter(s->text.p[act->start]) && m->start >= end && sentence_words(s, end, m->start) <= 2 &&
			    sentence_commas(s, end, m->start) == 0))
				threat = m;
			continue;
		}
		/* "We will close every mine, he warned": after the act too. */
		if ((is_within(s, m, act, end) && !is_class(s, m, "weak")) || is_threatened_after(s, m, act, end))
			threat = m;
		else if (m->start >= end ? is_to_come(s, act, start, end) && !between(s, SET_BREAK, end, m->start) && (!is_class(s, m, "weak") || terms(s, act, end) != NULL) :
		    (!is_class(s, m, "weak") || terms(s, act, end) != NULL) && (reaches(s, m, act->start, SENTENCE, 3) ||
		    (between(s, SET_RELATIVE, m->end, act->start) && !between(s, SET_SUBORDINATE, m->end, act->start) && !between(s, SET_BREAK, m->end, act->start) && is_told_that(s, m, act))) && !is_in_condition(s, m->end, act->start) &&
		    !is_other_actor(s, m->end, act->start))
			threat = m;
	}
	if (threat != NULL && !forecast) {
		telling = mood_of(s, threat, threat->start, threat->end, false, false);
		if (telling.mood == MOOD_TOLD) {
			telling.mood = MOOD_THREATENED;
			telling.cue = threat;
		}
		return telling;
	}
	if (act->set != SET_THREAT && !forecast && (telling.cue = ultimatum(s, act)) != NULL) {
		telling.mood = MOOD_THREATENED;
		telling.factor = 0.8;
		return telling;
	}
	if (is_conditional(s, act, end, forecast)) {
		telling.mood = MOOD_CONDITIONAL;
		if (!forecast && ((telling.cue = terms(s, act, end)) != NULL || (telling.cue = threat_to_party(s, act, end)) != NULL)) {
			telling.mood = MOOD_THREATENED;
			telling.factor = 0.8;
		}
		return telling;
	}
	if (!forecast && (is_possible(s, act, start, end, outcome) || is_only_thought(s, act, start, end, &telling.factor)))
		telling.mood = MOOD_POSSIBLE;
	else if (is_past(s, act, start, end, &telling.factor) || is_recalled(s, act))
		telling.mood = MOOD_PAST;
	telling.to_come = is_to_come(s, act, start, end);
	/* "After the group seized the town" tells what is known already as often as what is new. */
	m = sentence_last(s, SET_SUBORDINATE, s->start, act->start);
	if (m != NULL && sentence_words(s, m->end, act->start) <= CLAUSE && sentence_commas(s, m->end, act->start) == 0)
		telling.factor *= 0.7;
	if (sentence_first(s, SET_HEARSAY, s->start, s->end) != NULL)
		telling.factor *= 0.85;
	return telling;
}
