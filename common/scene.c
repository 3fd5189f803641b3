#include "scene.h"

#include <limits.h>
#include <strings.h>

enum {
	DATE_REACH = 20, /* words between an act and its date */
	AGENT_REACH = 30,/* and who does it */
	OWNED = 4,       /* words between "China's" and what it imposes */
	SPEAKER = 3,     /* words between who speaks and the verb */
	NEAR_WORDS = 4,
	NAMES = 64,      /* places that an article's own are chosen from */
};

bool
scene_allows(const struct scene *scene, uint32_t entry)
{
	return match_allows(lexicon_entry(scene->lexicon, entry), &scene->here, &scene->article);
}

const struct entry *
scene_entry(const struct scene *scene, const struct mark *mark)
{
	return lexicon_entry(scene->lexicon, mark->entry);
}

void
scene_note(struct scene *scene, const struct hit *hits, size_t n, uint32_t weight)
{
	const struct member *members;
	size_t i, k, n_members;

	for (i = 0; i < n; i++) {
		members = lexicon_members(scene->lexicon, hits[i].literal, &n_members);
		for (k = 0; k < n_members; k++) {
			presence_set(&scene->article, members[k].set);
			if (members[k].set > SET_COMMODITY)
				continue;
			if (scene->count[members[k].entry] == 0)
				scene->seen[scene->n_seen++] = members[k].entry;
			scene->count[members[k].entry] += weight;
		}
	}
}

/* The name that the article mentions most, of one kind; what is within a country before the country. */
struct str
scene_most_named(const struct scene *scene, enum set kind, bool countries)
{
	struct { struct str name; uint32_t count; } names[NAMES];
	size_t i, k, n = 0, best = 0;

	for (i = 0; i < scene->n_seen; i++) {
		const struct entry *entry = lexicon_entry(scene->lexicon, scene->seen[i]);

		if (entry->kind != kind || !match_allows(entry, &scene->article, &scene->article) || (kind == SET_PLACE && countries != (entry->name.n == 2)))
			continue;
		for (k = 0; k < n && !str_eq(names[k].name, entry->name);)
			k++;
		if (k == NAMES)
			continue;
		if (k == n) {
			names[n].name = entry->name;
			names[n++].count = 0;
		}
		names[k].count += scene->count[scene->seen[i]];
	}
	for (i = 1; i < n; i++)
		if (names[i].count > names[best].count)
			best = i;
	return n == 0 ? STR("") : names[best].name;
}

/* Words between two spans of the sentence, with what stands between them as words. */
static unsigned
apart(const struct sentence *s, size_t a_start, size_t a_end, size_t b_start, size_t b_end)
{
	size_t low = a_end <= b_start ? a_end : b_end, high = a_end <= b_start ? b_start : a_start;

	if (low >= high)
		return 0;
	return sentence_words(s, low, high) + 2 * sentence_commas(s, low, high) + (sentence_first(s, SET_BREAK, low, high) != NULL ? 15 : 0) +
	    (sentence_first(s, SET_RELATIVE, low, high) != NULL ? 5 : 0);
}

/* "a trader in Tengchong said", "according to a miner in Pangwa": where somebody speaks is not where it happened. */
static bool
is_speaker(const struct sentence *s, const struct mark *place)
{
	const struct mark *after = sentence_first(s, SET_SAID, place->end, s->end), *before = sentence_last(s, SET_SAID, s->start, place->start);

	return (after != NULL && sentence_words(s, place->end, after->start) <= 1 && sentence_commas(s, place->end, after->start) == 0) ||
	    (before != NULL && sentence_words(s, before->end, place->start) <= 3 && sentence_commas(s, before->end, place->start) == 0);
}

/* "On the border with China", "near the China border": what a place is beside of is another; not so where the act is at the border itself. */
static bool
is_beside(const struct scene *scene, const struct mark *place, const struct match *match)
{
	const struct sentence *s = scene->sentence;
	const struct mark *m;
	bool behind;

	for (m = s->marks; m < s->marks + s->n; m++) {
		if (m->set != SET_BESIDE || (m->start < match->end && match->start < m->end))
			continue;
		behind = str_is(scene_entry(scene, m)->name, "behind");
		if (behind ? m->start >= place->end && sentence_words(s, place->end, m->start) == 0 && sentence_commas(s, place->end, m->start) == 0 :
		    m->end <= place->start && sentence_words(s, m->end, place->start) <= 1 && sentence_commas(s, m->end, place->start) == 0)
			return true;
	}
	return false;
}

/* 如果美方加征关税，中方将: who is in the condition is not who acts behind it. */
static bool
is_in_condition(const struct sentence *s, const struct mark *place, const struct match *match)
{
	const struct mark *condition = sentence_last(s, SET_CONDITION, s->start, place->start), *next = sentence_first(s, SET_CONDITION, place->end, match->start);

	/* 美方若 */
	if (next != NULL && sentence_words(s, place->end, next->start) == 0 && (unsigned char)s->text.p[next->start] >= 0x80)
		condition = next;
	return condition != NULL && place->end <= match->start && (condition == next || sentence_commas(s, condition->end, place->start) == 0) &&
	    sentence_commas(s, place->end, match->start) > 0;
}

/* Where it happens: the nearest place, a town before a country, after the act before in front of it. */
const struct mark *
scene_site(const struct scene *scene, const struct match *match)
{
	const struct sentence *s = scene->sentence;
	const struct mark *m, *best = NULL;
	unsigned words, least = 1000;

	for (m = s->marks; m < s->marks + s->n; m++) {
		if (m->set != SET_PLACE || !scene_allows(scene, m->entry) || is_beside(scene, m, match))
			continue;
		words = apart(s, match->start, match->end, m->start, m->end) + (m->end <= match->part[0]->start ? 2 : 0) + (is_speaker(s, m) ? 20 : 0);
		words += is_in_condition(s, m, match) ? 12 : 0;
		words += str_is(scene_entry(scene, m)->area, "demonym") ? 24 : scene_entry(scene, m)->name.n == 2 ? 8 : 0;
		if (words < least) {
			least = words;
			best = m;
		}
	}
	return best;
}

/* Who has to do with it most: what follows "by", else the nearest one in front of the act; NULL when nobody is named. */
const struct mark *
scene_doer(const struct scene *scene, const struct mark *act, bool places)
{
	const struct sentence *s = scene->sentence;
	const struct mark *m, *by, *best = NULL;
	unsigned words, least = 1000;

	for (m = s->marks; m < s->marks + s->n; m++) {
		if (!(m->set == SET_ACTOR || (places && m->set == SET_PLACE)) || !scene_allows(scene, m->entry) || scene_is_nameless(scene_entry(scene, m)) || (m->set == SET_ACTOR && places && scene_entry(scene, m)->area.n == 0))
			continue;
		words = apart(s, act->start, act->end, m->start, m->end) + (m->set == SET_PLACE && !str_is(scene_entry(scene, m)->area, "demonym") ? 2 : 0) +
		    (m->set == SET_PLACE && scene_entry(scene, m)->name.n > 2 ? 6 : 0);
		if (m->start >= act->end) {
			by = sentence_last(s, SET_BY, act->end, m->start);
			words = by != NULL && sentence_words(s, by->end, m->start) <= 1 ? words / 2 : words + 12;
		} else if ((by = sentence_last(s, SET_BY, s->start, act->start)) != NULL && by->start >= m->end && sentence_words(s, m->end, by->start) == 0 &&
		    s->text.p[by->start] >= 'a' && s->text.p[by->start] <= 'z')
			words += 4;
		if (words < least) {
			least = words;
			best = m;
		}
	}
	return best;
}

static bool
ends_with(const struct sentence *s, size_t end, const char *const words[], size_t n)
{
	size_t i, length;

	for (i = 0; i < n; i++) {
		length = strlen(words[i]);
		if (end >= s->start + length && strncasecmp(s->text.p + end - length, words[i], length) == 0 && (end == s->start + length ||
		    (unsigned char)words[i][0] >= 0x80 || !char_is_letter(s->text.p[end - length - 1])))
			return true;
	}
	return false;
}

/* "From China", "leans on the rebels", 对缅军: whom a preposition leads does not act. */
static bool
is_led(const struct sentence *s, const struct mark *actor)
{
	static const char *const articles[] = { "the " };
	static const char *const words[] = { "from ", "to ", "in ", "on ", "at ", "with ", "against ", "near ", "toward ", "towards ", "into ", "over ", "along ",
		"for ", "than ", "via ", "through ", "within ", "under ", "about ", "by ", "对", "向", "从", "自", "与", "在", "往", "至", "到", "较", "比" };
	size_t end = actor->start - (ends_with(s, actor->start, articles, 1) ? 4 : 0);
	const struct mark *place = sentence_last(s, SET_PLACE, s->start, actor->start);

	/* 向葡萄镇缅军 */
	if (place != NULL && (unsigned char)s->text.p[actor->start] >= 0x80 && sentence_words(s, place->end, actor->start) == 0 && sentence_commas(s, place->end, actor->start) == 0 &&
	    ends_with(s, place->start, words, sizeof words / sizeof words[0]))
		return true;
	return ends_with(s, end, words, sizeof words / sizeof words[0]);
}

/* "Told junta troops", 警告克钦独立军: who is spoken to. */
static bool
is_addressed(const struct sentence *s, const struct mark *actor)
{
	const struct mark *said = sentence_last(s, SET_SAID, s->start, actor->start), *threat = sentence_last(s, SET_THREAT, s->start, actor->start);

	return (said != NULL && str_is(lexicon_entry(s->lexicon, said->entry)->name, "tell") && sentence_words(s, said->end, actor->start) <= 1 &&
	    sentence_commas(s, said->end, actor->start) == 0) || (threat != NULL && sentence_words(s, threat->end, actor->start) == 0 && sentence_commas(s, threat->end, actor->start) == 0);
}

/* Whose threat it is: who says it, before the act or behind it; the words to the verb, more of them to one that only says. UINT_MAX of nobody's. */
static unsigned
from_threat(const struct sentence *s, const struct mark *actor)
{
	static const char *const colon[] = { "：" };
	const struct mark *threat = sentence_first(s, SET_THREAT, actor->end, s->end), *said = sentence_first(s, SET_SAID, actor->end, s->end);

	if (is_led(s, actor) || is_addressed(s, actor))
		return UINT_MAX;
	/* "KIA: leave or be shelled" */
	if (actor->start == s->start && actor->end + 3 < s->end && (s->text.p[actor->end] == ':' || ends_with(s, actor->end + 3, colon, 1)))
		return 0;
	if (threat != NULL && sentence_words(s, actor->end, threat->start) <= SPEAKER && sentence_commas(s, actor->end, threat->start) == 0)
		return sentence_words(s, actor->end, threat->start);
	if (said == NULL || sentence_words(s, actor->end, said->start) > SPEAKER || sentence_commas(s, actor->end, said->start) > 0)
		return UINT_MAX;
	return sentence_words(s, actor->end, said->start) + (str_is(lexicon_entry(s->lexicon, said->entry)->name, "tell") ? SPEAKER : 2 * SPEAKER);
}

/* "China's imports", "the junta-held town", 中国商人: the name says whose or which. */
static bool
is_attributive(const struct sentence *s, const struct mark *actor, const struct match *match)
{
	struct str rest = { s->text.p + actor->end, s->end - actor->end };
	const struct mark *noun = sentence_first(s, SET_PRIVATE, actor->end, s->end), *place = sentence_first(s, SET_PLACE, actor->end, s->end);
	/* The junta's jets are the junta. */
	bool owned = str_starts(rest, STR("'s ")) || str_starts(rest, STR("’s ")) || str_starts(rest, STR("的"));

	/* 中国滇滩口岸 */
	if (place != NULL && place->start == actor->end)
		return true;
	if (noun != NULL && sentence_words(s, actor->end, noun->start) == 0 && sentence_commas(s, actor->end, noun->start) == 0)
		return true;
	if (owned && !match->pattern->force)
		return actor->end > match->part[0]->start || sentence_words(s, actor->end, match->part[0]->start) > (match->pattern->by_actor ? OWNED : 2);
	return str_starts(rest, STR("-"));
}

/* "The KIA ordered the mines to stop": who decides or says it, of those in front of it. */
static bool
has_decided(const struct sentence *s, const struct mark *actor, size_t before)
{
	const struct mark *said = sentence_first(s, SET_SAID, actor->end, before);

	return said != NULL && sentence_words(s, actor->end, said->start) <= 2 && sentence_commas(s, said->end, before) == 0 && str_is(lexicon_entry(s->lexicon, said->entry)->name, "decided");
}

/* "After the KIA took Pangwa, the mines stopped", 占领板瓦后，口岸关闭: another clause, with a verb of its own. */
static bool
is_of_other_clause(const struct sentence *s, const struct mark *actor, const struct mark *act)
{
	const struct mark *after = sentence_last(s, SET_SUBORDINATE, s->start, actor->start);
	size_t at;

	for (at = actor->end; at + 6 <= act->start && (unsigned char)s->text.p[act->start] >= 0x80; at++)
		if (memcmp(s->text.p + at, "后，", 6) == 0 || memcmp(s->text.p + at, "后,", 4) == 0)
			return true;
	return sentence_first(s, SET_BREAK, actor->end, act->start) != NULL || (after != NULL && sentence_commas(s, after->end, actor->start) == 0 &&
	    sentence_commas(s, actor->end, act->start) > 0);
}

/* "The junta lost Bhamo", "Bhamo fell", 缅军失守: told from the side of those to whom it is done. */
static bool
is_loss(const struct sentence *s, const struct mark *act)
{
	static const char *const words[] = { "los", "fell", "fall", "失", "丢", "陷", "沦" };
	size_t i, n;

	for (i = 0; i < sizeof words / sizeof words[0]; i++) {
		n = strlen(words[i]);
		if (act->end - act->start >= n && strncasecmp(s->text.p + act->start, words[i], n) == 0)
			return true;
	}
	return false;
}

/* How far the actor is from being the subject of the act, or its agent behind "by", in words; UINT_MAX where it is neither. */
static unsigned
from_agent(const struct sentence *s, const struct mark *actor, const struct match *match)
{
	static const char *const led[] = { "by ", "by the ", "between ", "between the " }, *const to[] = { "to ", "to the " };
	static const char *const be[] = { "was ", "were ", "been ", "is ", "are ", "being " };
	static const char *const passive[] = { "被", "遭", "由", "遭到" };
	const struct mark *act = match->part[0], *object = match->pattern->n > 1 ? match->part[1] : act, *by;
	bool chinese = (unsigned char)s->text.p[act->start] >= 0x80;

	if (is_attributive(s, actor, match))
		return UINT_MAX;
	if (actor->start >= act->end) {
		by = sentence_last(s, SET_BY, act->start, actor->start);
		if (chinese || sentence_first(s, SET_BREAK, act->end, actor->start) != NULL)
			return UINT_MAX;
		if (is_loss(s, act) && ends_with(s, actor->start, to, sizeof to / sizeof to[0]))
			return apart(s, act->start, act->end, actor->start, actor->end) / 2;
		if ((by != NULL && sentence_words(s, by->end, actor->start) <= 3) || ends_with(s, actor->start, led, sizeof led / sizeof led[0]))
			return apart(s, act->start, act->end, actor->start, actor->end) / 2;
		return UINT_MAX;
	}
	if (chinese && ends_with(s, actor->start, passive, sizeof passive / sizeof passive[0]))
		return 0;
	if (is_loss(s, act) || is_led(s, actor) || is_addressed(s, actor) || is_of_other_clause(s, actor, act))
		return UINT_MAX;
	/* "The gate was closed": what it is done to stands in front, and no one who does it; of force that may be what it is done with ("jets bombed"). */
	if (!match->pattern->by_actor && (!match->pattern->force || ends_with(s, act->start, be, sizeof be / sizeof be[0])) && object->end <= act->start &&
	    actor->end <= object->start && !has_decided(s, actor, object->start) && (!chinese || sentence_commas(s, actor->end, act->start) > 0))
		return UINT_MAX;
	return apart(s, act->start, act->end, actor->start, actor->end);
}

/* "Rebels", "an armed group": the one of that country which the article names most; NULL where it names none, or two as often. */
static const struct entry *
most_named_group(const struct scene *scene, struct str place)
{
	const struct entry *best = NULL, *entry, *other;
	uint32_t count, most = 0;
	size_t i, k;

	for (i = 0; i < scene->n_seen; i++) {
		entry = lexicon_entry(scene->lexicon, scene->seen[i]);
		if (entry->kind != SET_ACTOR || entry->area.n <= 2 || !scene_same_country(entry->area, place) || !match_allows(entry, &scene->article, &scene->article))
			continue;
		for (k = 0, count = 0; k < scene->n_seen; k++) {
			other = lexicon_entry(scene->lexicon, scene->seen[k]);
			count += other->kind == SET_ACTOR && str_eq(other->name, entry->name) ? scene->count[scene->seen[k]] : 0;
		}
		if (count > most || (count == most && best != NULL && !str_eq(best->name, entry->name)))
			best = count > most ? entry : NULL;
		most = count > most ? count : most;
	}
	return best;
}

const struct entry *
scene_agent(const struct scene *scene, const struct match *match, bool threat, struct str place)
{
	const struct sentence *s = scene->sentence;
	const struct entry *entry, *best = NULL;
	const struct mark *m;
	unsigned words, least = AGENT_REACH + 1;

	if (match->pattern->outcome)
		return NULL;
	for (m = s->marks; m < s->marks + s->n; m++) {
		if (m->set != SET_ACTOR || !scene_allows(scene, m->entry))
			continue;
		entry = scene_entry(scene, m);
		if (!scene_can(entry, match, place))
			continue;
		words = from_agent(s, m, match);
		/* Behind all who say it, and not who stands behind the threat of another. */
		if (threat && words != UINT_MAX)
			words = m->start < match->part[0]->start && sentence_first(s, SET_THREAT, s->start, m->start) != NULL ? UINT_MAX : words / 2 + 2 * SPEAKER;
		if (threat && from_threat(s, m) != UINT_MAX)
			words = from_threat(s, m);
		if (words < least) {
			least = words;
			best = entry;
		}
	}
	return best != NULL && scene_is_nameless(best) ? most_named_group(scene, place.n > 0 ? place : best->area) : best;
}

/* 10月9日公布的措施, "October's curbs": the date of what is spoken of, not of what is done to it. */
static bool
is_attribute(const struct sentence *s, const struct when *when)
{
	const struct str rest = { s->text.p + when->end, s->end - when->end };

	if (when->period.kind != PERIOD_DAY && (str_starts(rest, STR("'s ")) || str_starts(rest, STR("’s "))))
		return true;
	return when->end + 9 <= s->end && (unsigned char)s->text.p[when->end] >= 0xe3 && memcmp(s->text.p + when->end + 6, "的", 3) == 0;
}

/* "The 2024 quotas", 2024年第一批: a year that something is called by. */
static bool
is_name_of_year(const struct sentence *s, const struct when *when, struct today today)
{
	static const char *const before[] = { "in ", "since ", "during ", "by ", "until ", "from ", "late ", "early ", "after ", "before ",
		"spring of ", "summer of ", "autumn of ", "winter of ", "fall of ", "start of ", "beginning of ", "middle of ", "end of " };
	size_t i, n, behind = when->start - s->start;

	if (when->period.kind != PERIOD_YEAR || !when->known || when->relative || (today.known && period_end(when->period) < today.day - 366))
		return false;
	if (when->end - when->start > 4)
		return when->end + 3 <= s->end && memcmp(s->text.p + when->end, "第", 3) == 0;
	for (i = 0; i < sizeof before / sizeof before[0]; i++) {
		n = strlen(before[i]);
		if (behind >= n && strncasecmp(s->text.p + when->start - n, before[i], n) == 0)
			return false;
	}
	return true;
}

/* "Until Nov. 10, 2026", 至年底, 10月前: up to when, not when. */
static bool
is_end(const struct sentence *s, const struct when *when)
{
	static const char *const before[] = { "until ", "till ", "til ", "until the end of ", "through ", "through the end of ", "by the end of ", "until at least ",
		"until the ", "as late as ", "expire on ", "expires on ", "expire in ", "valid until ", "直到", "直至", "至", "到", "截至", "截止" };
	static const char *const after[] = { "之前", "以前", "为止", "底前", "末前", "止" };
	size_t i;

	for (i = 0; i < sizeof after / sizeof after[0]; i++)
		if (str_starts((struct str){ s->text.p + when->end, s->end - when->end }, str_of(after[i])))
			return true;
	return ends_with(s, when->start, before, sizeof before / sizeof before[0]);
}

/* What stands between a date and an act begins another clause; "since" just before the date is its preposition. */
static bool
is_other_clause(const struct sentence *s, size_t low, size_t high, size_t date)
{
	const struct mark *after = sentence_last(s, SET_SUBORDINATE, low, high);

	return sentence_first(s, SET_BREAK, low, high) != NULL || sentence_first(s, SET_RELATIVE, low, high) != NULL ||
	    (high == date && sentence_first(s, SET_HAD, low, high) != NULL) || (high == date && sentence_first(s, SET_PRONOUN, low, high) != NULL) ||
	    (after != NULL && !(high == date && sentence_words(s, after->end, date) == 0));
}

/* "A day later": counted from the date before it. */
static bool
is_later(const struct sentence *s, size_t at)
{
	static const char later[] = " later";
	const char *found = memmem(s->text.p + at, s->end - at, later, sizeof later - 1);

	return found != NULL && sentence_words(s, at, (size_t)(found - s->text.p)) <= NEAR_WORDS;
}

/* "Have been fighting since December": it goes on; a gate that is shut since then was shut then. */
static bool
is_going_on(const struct sentence *s, const struct match *match, const struct when *day)
{
	static const char *const words[] = { " has ", " have " };
	const struct mark *since = sentence_last(s, SET_SUBORDINATE, match->start, day->start);
	size_t i, at;

	if (!match->pattern->force || since == NULL || since->end - since->start != 5 || memcmp(s->text.p + since->start, "since", 5) != 0 || sentence_words(s, since->end, day->start) > 1)
		return false;
	for (at = match->start; at > s->start && sentence_words(s, at - 1, match->part[0]->start) <= NEAR_WORDS && sentence_commas(s, at - 1, match->start) == 0; at--)
		for (i = 0; i < sizeof words / sizeof words[0]; i++)
			if (at - 1 + strlen(words[i]) <= s->end && memcmp(s->text.p + at - 1, words[i], strlen(words[i])) == 0)
				return true;
	return false;
}

/* "October 2024: the group takes the town; the gate is shut": a date ahead of a colon is that of all behind it. */
static bool
is_heading(const struct sentence *s, const struct when *when)
{
	struct str rest = { s->text.p + when->end, s->end - when->end };

	return sentence_words(s, s->start, when->start) == 0 && (str_starts(rest, STR(":")) || str_starts(rest, STR("：")));
}

/* Long past by the date of its own clause, or by that of the clause that it hangs on ("in 2021 they closed after ..."). */
bool
scene_is_background(const struct scene *scene, const struct match *match, const struct when *day)
{
	const struct sentence *s = scene->sentence;
	const struct when *w;
	const struct mark *after = sentence_last(s, SET_SUBORDINATE, s->start, match->start), *which = sentence_last(s, SET_RELATIVE, s->start, match->start);

	if (day != NULL)
		return day->background && !is_going_on(s, match, day);
	for (w = scene->when; w < scene->when + scene->n_when; w++)
		if (w->background && (is_heading(s, w) || (w->end <= match->start && is_later(s, match->end)) || (sentence_first(s, SET_BREAK, w->end, match->start) == NULL &&
		    ((after != NULL && w->end <= after->start) || (which != NULL && w->end <= which->start)))))
			return true;
	return false;
}

static bool
is_figure(const struct sentence *s, size_t at)
{
	return at < s->end && (char_is_digit(s->text.p[at]) || s->text.p[at] == '$');
}

/* "Up 5% from a year earlier", "compared with 2023": a date long past that something is measured against, not "shut from 2023". */
static bool
is_compared(const struct scene *scene, const struct when *when)
{
	const struct sentence *s = scene->sentence;
	const struct mark *from = sentence_last(s, SET_FROM, s->start, when->start), *m;

	/* "From $300 a kg in April" */
	if (from != NULL && is_figure(s, from->end + 1) && from->end + 1 < when->start && sentence_commas(s, from->end, when->start) == 0)
		return true;
	if (!when->background)
		from = NULL;
	if (from == NULL || sentence_words(s, from->end, when->start) > 1 || sentence_commas(s, from->end, when->start) > 0)
		return false;
	if (str_is(scene_entry(scene, from)->name, "base"))
		return true;
	for (m = s->marks; m < from; m++)
		if ((m->set == SET_PERCENT || m->set == SET_UP || m->set == SET_DOWN) && sentence_words(s, m->end, from->start) == 0)
			return true;
	return false;
}

/* The date of the act: the nearest one of its own clause. */
const struct when *
scene_day(const struct scene *scene, const struct match *match)
{
	const struct sentence *s = scene->sentence;
	const struct when *best = NULL;
	unsigned words, least = DATE_REACH + 1;
	size_t i, low, high;

	for (i = 0; i < scene->n_when; i++) {
		const struct when *w = &scene->when[i];

		low = w->end <= match->start ? w->end : match->end;
		high = w->end <= match->start ? match->start : w->start;
		if ((low < high && is_other_clause(s, low, high, w->start)) || is_name_of_year(s, w, scene->today) || is_attribute(s, w) || is_compared(scene, w) || is_end(s, w))
			continue;
		words = low >= high ? 0 : sentence_words(s, low, high) + 2 * sentence_commas(s, low, high);
		if (words < least) {
			least = words;
			best = w;
		}
	}
	return best;
}

struct str
scene_market(const struct scene *scene)
{
	const struct mark *money = sentence_first(scene->sentence, SET_CURRENCY, scene->sentence->start, scene->sentence->end);

	return money == NULL || str_is(scene_entry(scene, money)->name, "USD") ? STR("") : scene_country(scene_entry(scene, money)->name);
}

/* The other country of the sentence, or of the article. */
struct str
scene_other_side(const struct scene *scene, struct str place)
{
	const struct sentence *s = scene->sentence;
	const struct mark *m;

	for (m = s->marks; m < s->marks + s->n; m++)
		if (m->set == SET_PLACE && scene_allows(scene, m->entry) && !scene_same_country(scene_entry(scene, m)->name, place))
			return scene_country(scene_entry(scene, m)->name);
	return STR("");
}

struct str
scene_commodity(const struct scene *scene, size_t start, size_t end)
{
	const struct sentence *s = scene->sentence;
	const struct mark *m, *best = NULL;
	unsigned words, least = 1000;

	for (m = s->marks; m < s->marks + s->n; m++) {
		if (m->set != SET_COMMODITY || !scene_allows(scene, m->entry))
			continue;
		words = apart(s, start, end, m->start, m->end);
		if (words < least) {
			least = words;
			best = m;
		}
	}
	return best != NULL ? scene_entry(scene, best)->name : scene_most_named(scene, SET_COMMODITY, false);
}
