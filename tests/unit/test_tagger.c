/* tagger: what is told as news, and what is denied, threatened, supposed, recalled or meant otherwise; dates, quantities, offsets, bounds */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "buf.h"
#include "tagger.h"
#include "temp.h"

#define HEADER "phrase\tlanguage\trole\tclass\tsign\trequires\tforbids\tsource\n"

static const char phrases[] = HEADER
    "closed\ten\tclass\tbridge-closure\t-1\t\tcard\tt\n"
    "sold no more\ten\tclass-by\tsale-halt\t-1\t\t\tt\n"
    "threat\ten\tclass\tthreat\t-1\t\t\tt\n"
    "threat of the purse\ten\tclass-by\tsale-halt-threat\t-1\t\t\tt\n"
    "hail\ten\toutcome\thail\t-1\t\t\tt\n"
    "clos(e|es|ed|ing)\ten\tset\tclose\t\t\t\tt\n"
    "关闭\tzh\tset\tclose\t\t\t\tt\n"
    "bridge(s|)\ten\tset\tbridge\t\t\t\tt\n"
    "桥\tzh\tset\tbridge\t\t\t\tt\n"
    "bridge (club|tournament)\ten\tset\tcard\t\t\t\tt\n"
    "(halt|halts|halted)\ten\tset\thalt\t\t\t\tt\n"
    "(sales|selling)\ten\tset\tsale\t\t\t\tt\n"
    "{close} + {bridge}\ten\tevent\tbridge-closure\t\t\t\tt\n"
    "{close} + {bridge}\tzh\tevent\tbridge-closure\t\t\t\tt\n"
    "{halt} ++ {sale}\ten\tevent\tsale-halt\t\t\t\tt\n"
    "hail\ten\tforecast\thail\t\t@bridge\t\tt\n"
    "bridge loan\ten\tneutral\t\t\t\t\tt\n"
    "not\ten\tnegation\t\t\t\t\tt\n"
    "no\ten\tnegation\t\t\t\t\tt\n"
    "没有\tzh\tnegation\t\t\t\t\tt\n"
    "den(y|ies|ied)\ten\tdenial\t\t\t\t\tt\n"
    "threaten(s|ed|) to\ten\tthreat\t\t\t\t\tt\n"
    "threat(s|)\ten\tthreat\tnoun\t\t\t\tt\n"
    "(if|unless)\ten\tcondition\tif\t\t\t\tt\n"
    "whoever\ten\tcondition\tparty\t\t\t\tt\n"
    "若\tzh\tcondition\t\t\t\t\tt\n"
    "将\tzh\twill\t\t\t\t\tt\n"
    "may\ten\tpossible\tmodal\t\t\t\tt\n"
    "plans to\ten\tpossible\t\t\t\t\tt\n"
    "(fears|weighs|idea) (that|of|)\ten\tpossible\t\t\t\t\tt\n"
    "any\ten\tpossible\tnear\t\t\t\tt\n"
    "options include\ten\tpossible\tall\t\t\t\tt\n"
    "(fears|plan)\ten\tdoubtful\tnoun\t\t\t\tt\n"
    "(reckons|analysts)\ten\thearsay\topinion\t\t\t\tt\n"
    "had\ten\thad\t\t\t\t\tt\n"
    "will\ten\twill\t\t\t\t\tt\n"
    "it would\ten\twould\tself\t\t\t\tt\n"
    "would\ten\twould\t\t\t\t\tt\n"
    "said\ten\tsaid\t\t\t\t\tt\n"
    "announced\ten\tsaid\tdecided\t\t\t\tt\n"
    "but\ten\tbreak\t\t\t\t\tt\n"
    "after\ten\tsubordinate\tafter\t\t\t\tt\n"
    "(when|before)\ten\tsubordinate\t\t\t\t\tt\n"
    "which\ten\trelative\t\t\t\t\tt\n"
    "(and|or)\ten\tand\t\t\t\t\tt\n"
    "by\ten\tby\t\t\t\t\tt\n"
    "to\ten\tto\t\t\t\t\tt\n"
    "(from|than)\ten\tfrom\t\t\t\t\tt\n"
    "Feb(|ruary)\ten\tmonth\t2\t\t\t\tt\n"
    "May\ten\tmonth\t5\t\t\t\tt\n"
    "July\ten\tmonth\t7\t\t\t\tt\n"
    "Oct(|ober)\ten\tmonth\t10\t\t\t\tt\n"
    "the next day\ten\tpast\tthen\t\t\t\tt\n"
    "说\tzh\tsaid\t\t\t\t\tt\n"
    "Tuesday\ten\tweekday\t2\t\t\t\tt\n"
    "yesterday\ten\tday\t-1\t\t\t\tt\n"
    "day(s|)\ten\tspan\tday\t\t\t\tt\n"
    "week(s|)\ten\tspan\tweek\t\t\t\tt\n"
    "month(s|)\ten\tspan\tmonth\t\t\t\tt\n"
    "year(s|)\ten\tspan\tyear\t\t\t\tt\n"
    "last\ten\tlast\t\t\t\t\tt\n"
    "this\ten\tthis\t\t\t\t\tt\n"
    "去年\tzh\tlast\tyear\t\t\t\tt\n"
    "ago\ten\tago\t\t\t\t\tt\n"
    "first\ten\tfirst\t1\t\t\t\tt\n"
    "five\ten\tnumber\t5\t\t\t\tt\n"
    "three\ten\tnumber\t3\t\t\t\tt\n"
    "(thousand)\ten\tscale\t1000\t\t\t\tt\n"
    "万\tzh\tscale\t10000\t\t\t\tt\n"
    "(tonnes|t)\ten\tunit\tt\t\t\t\tt\n"
    "吨\tzh\tunit\tt\t\t\t\tt\n"
    "kg\ten\tunit\tkg\t\t\t\tt\n"
    "yuan\ten\tcurrency\tCNY\t\t\t\tt\n"
    "$\tzh\tcurrency\tUSD\t\t\t\tt\n"
    "/\tzh\tper\t\t\t\t\tt\n"
    "(a|per)\ten\tper\t\t\t\t\tt\n"
    "%\tzh\tpercent\t\t\t\t\tt\n"
    "pc\ten\tpercent\t\t\t\t\tt\n"
    "(up|rose)\ten\tup\t\t\t\t\tt\n"
    "(down|fell)\ten\tdown\t\t\t\t\tt\n"
    "more\ten\tup\tbound\t\t\t\tt\n"
    "less\ten\tdown\tbound\t\t\t\tt\n"
    "border with\ten\tbeside\t\t\t\t\tt\n"
    "border\ten\tbeside\tbehind\t\t\t\tt\n"
    "it\ten\tpronoun\t\t\t\t\tt\n"
    "respectively\ten\trespectively\t\t\t\t\tt\n"
    "half\ten\tfactor\t50\t\t\t\tt\n"
    "doubled\ten\tfactor\t+100\t\t\t\tt\n"
    "(border|buyers)\ten\tprivate\t\t\t\t\tt\n"
    "商人\tzh\tprivate\t\t\t\t\tt\n"
    "(被)\tzh\tby\t\t\t\t\tt\n"
    "bridge besieged\ten\tforce\tsiege\t-1\t\t\tt\n"
    "(siege|besieging)\ten\tset\tbesiege\t\t\t\tt\n"
    "{besiege} + {bridge}\ten\tevent\tsiege\t\t\t\tt\n"
    "(taken|took)\ten\tset\ttake\t\t\t\tt\n"
    "攻占\tzh\tset\ttake\t\t\t\tt\n"
    "lost\ten\tset\ttake\t\t\t\tt\n"
    "bridge taken\ten\tforce\tseizure\t-1\t\t\tt\n"
    "{take} + {bridge}\ten\tevent\tseizure\t\t\t\tt\n"
    "{take} + {bridge}\tzh\tevent\tseizure\t\t\t\tt\n"
    "(dropped)\ten\tnegation\tend\t\t\t\tt\n"
    "dropped\ten\tdown\t\t\t\t\tt\n"
    "(one|a) third\ten\tfactor\t33.3\t\t\t\tt\n"
    "tax\ten\tmeasure\ttax\t\t\t\tt\n"
    "个月\tzh\tspan\tmonth\t\t\t\tt\n"
    "前\tzh\tfirst\t1\t\t\t\tt\n"
    "imports\ten\tmeasure\timport\t\t\t\tt\n"
    "进口\tzh\tmeasure\timport\t\t\t\tt\n"
    "between\ten\tbetween\t\t\t\t\tt\n"
    "(a|an|the)\ten\tarticle\t\t\t\t\tt\n"
    "(the|this|his|its)\ten\tdefinite\t\t\t\t\tt\n"
    "(in|since|by|until|early|late|from|to|of|for|during|and|last|this|next|through|between|before|after)\ten\tin\t\t\t\t\tt\n"
    "(of|the)\ten\tof\t\t\t\t\tt\n"
    "to\ten\trange\t\t\t\t\tt\n"
    "(至|到)\tzh\trange\t\t\t\t\tt\n"
    "and\ten\trange\tbetween\t\t\t\tt\n"
    "through\ten\trange\tmonth\t\t\t\tt\n"
    "(by|until|till)\ten\tdeadline\t\t\t\t\tt\n"
    "(前|底前|末前)\tzh\tdeadline\tbehind\t\t\t\tt\n"
    "(第|〕|］)\tzh\tnotice\t\t\t\t\tt\n"
    "(公告|通告|通知|令|文)\tzh\tnotice\tbehind\t\t\t\tt\n"
    "(Mr|No)\ten\tabbreviation\t\t\t\t\tt\n";
static const char places[] = "name\tkind\tiso\trequires\tsource\nFreedonia\tcountry\tFR\t\tt\nFreedonian\tdemonym\tFR\t\tt\nSylvania\tcountry\tSY\t\tt\n"
    "Lakeside\ttown\tFR-01\t\tt\nHilltop\ttown\tFR-02\t\tt\n湖边\ttown\tFR-01\t\tt\n";
static const char actors[] = "name\tactor\tarea\trequires\tsource\nFirefly Guard\tGUARD\tFR-01\t\tt\n流萤\tGUARD\tFR-01\t\tt\nHill Guard\tHILL\tFR-02\t\tt\nFreedonia\tFR-GOV\tFR\t\tt\nSylvania\tSY-GOV\tSY\t\tt\nrebels\t*\tFR\t\tt\nMEN\tMEN\tSY\t@bridge\tt\n";
static const char commodities[] = "name\tcommodity\trequires\tsource\ngranite\tGRA\t\tt\nslate\tSLA\t\tt\n花岗岩\tGRA\t\tt\n";

struct world {
	char path[4][32];
	struct tagger *tagger;
	struct buf out;
	bool sentences; /* asks for the sentence in place of the day */
	const char *text;
};

static int
open_world(struct world *world, const char *words, struct err *err)
{
	const char *const text[] = { words, places, actors, commodities };
	struct tagger_tables tables = { world->path[0], world->path[1], world->path[2], world->path[3] };
	size_t i;
	int rc;

	*world = (struct world){ .out = BUF_INIT };
	for (i = 0; i < 4; i++) {
		snprintf(world->path[i], sizeof world->path[i], "/tmp/test_tagger.XXXXXX");
		temp_make(world->path[i], text[i], strlen(text[i]));
	}
	rc = tagger_new(&world->tagger, &tables, err);
	for (i = 0; i < 4; i++)
		unlink(world->path[i]);
	return rc;
}

static int
setup(void **state)
{
	struct world *world = malloc(sizeof *world);
	struct err err = ERR_INIT;

	*state = world;
	if (open_world(world, phrases, &err) == LODE_OK)
		return 0;
	fprintf(stderr, "%llu: %s\n", (unsigned long long)err.line, err.message);
	return 1;
}

static int
teardown(void **state)
{
	struct world *world = *state;

	tagger_free(world->tagger);
	buf_release(&world->out);
	free(world);
	return 0;
}

static void
on_tag(void *arg, const struct tagged *tag)
{
	struct world *world = arg;
	char period[PERIOD_MAX] = "-", value[DEC_MAX];

	assert_true(tag->confidence > 0 && tag->confidence <= 1);
	assert_true(tag->start < tag->end);
	assert_false(tag->is_quantity && tag->partner.n > 0 && str_eq(tag->place, tag->partner)); /* nobody trades with himself */
	if (tag->has_period)
		period_format(tag->period, period);
	if (tag->is_quantity) {
		dec_format(tag->value, value);
		buf_printf(&world->out, "%.*s %s %.*s %s%s\n", STR_ARG(tag->indicator), value, STR_ARG(tag->unit), period, str_is(tag->commodity, "SLA") ? " slate" : "");
	} else if (world->sentences)
		buf_printf(&world->out, "%.*s\n", (int)(tag->end - tag->start), world->text + tag->start);
	else
		buf_printf(&world->out, "%.*s@%.*s %d %s%s%.*s\n", STR_ARG(tag->event_class), STR_ARG(tag->place), tag->sign, period, tag->actor.n > 0 ? " " : "", STR_ARG(tag->actor));
}

static const char *
run(struct world *world, struct article article)
{
	struct err err = ERR_INIT;

	world->out.n = 0;
	assert_int_equal(tagger_run(world->tagger, &article, on_tag, world, &err), LODE_OK);
	assert_int_equal(buf_add(&world->out, "", 1), LODE_OK);
	return world->out.p;
}

/* What a text of 10 June 2025, a Tuesday, tells. */
static const char *
tell(void **state, const char *text)
{
	return run(*state, (struct article){ .title = STR(""), .text = str_of(text), .published = STR("2025-06-10T08:00:00Z") });
}

static void
what_is_told_is_reported_in_either_voice(void **state)
{
	assert_string_equal(tell(state, "The Firefly Guard closed the bridge at Lakeside."), "bridge-closure@FR-01 -1 2025-06-10 GUARD\n");
	assert_string_equal(tell(state, "Two bridges in Lakeside were closed by the Firefly Guard."), "bridge-closure@FR-01 -1 2025-06-10 GUARD\n");
	assert_string_equal(tell(state, "The town announced that it would close the bridge in Hilltop."), "bridge-closure@FR-02 -1 2025-06-10\n");
	assert_string_equal(tell(state, "The Guard said it would close the bridge."), "bridge-closure@ -1 2025-06-10\n");
	assert_string_equal(tell(state, "湖边桥关闭。"), "bridge-closure@FR-01 -1 2025-06-10\n");
}

static void
a_text_in_traditional_characters_tells_the_same(void **state)
{
	assert_string_equal(tell(state, "湖邊橋關閉。"), "bridge-closure@FR-01 -1 2025-06-10\n");
	assert_string_equal(tell(state, "沒有關閉橋。"), "");
	assert_string_equal(run(*state, (struct article){ .title = STR("湖邊橋關閉"), .text = STR("No news."), .published = STR("2025-06-10T08:00:00Z") }),
	    "bridge-closure@FR-01 -1 2025-06-10\n");
}

/* A title's "to" is the future, but behind a verb a purpose. */
static void
a_title_tells_what_is_to_come(void **state)
{
	struct article article = { .text = STR("Boats wait."), .published = STR("2025-06-10T08:00:00Z") };

	article.title = STR("Firefly Guard to close bridge");
	assert_string_equal(run(*state, article), "bridge-closure@FR-01 -1 2025-06-10 GUARD\n");
	article.title = STR("Firefly Guard hired boats to close bridge");
	assert_string_equal(run(*state, article), "");
}

static void
what_is_not_told_is_not_reported(void **state)
{
	static const char *const texts[] = {
		"The bridge was not closed.", "No bridge was closed in Lakeside.", "The Guard denied that it closed the bridge.", "The bridge company denied that it closed.", "If they close the bridge, ships wait.",
		"It may close the bridge.", "The Guard plans to close the bridge.", "Was the bridge closed?", "They came to close the bridge.",
		"The Guard, which had closed the bridge, left.", "Clerks would close the bridge.", "They will close the bridge unless it is mended.",
		"The Guard denied a note which tells that the bridge was closed.", "A year ago this week the Guard closed the bridge.",
		"The Guard closed the bridge in October 2023. The next day it closed the bridge at Hilltop.", "They fished before it closed the bridge.",
		"The bridge was closed in October 2023.", "The bridge was closed last October.", "The bridge was closed last year.", "没有关闭桥。",
		"Disclosed: bridgehead.", "" };
	size_t i;

	for (i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_string_equal(tell(state, texts[i]), "");
}

static void
a_threat_is_a_threat_and_no_act(void **state)
{
	assert_string_equal(tell(state, "The Firefly Guard threatened to close the bridge."), "threat@FR-01 -1 2025-06-10 GUARD\n");
	assert_string_equal(tell(state, "Sylvania threatens to halt sales."), "sale-halt-threat@SY -1 2025-06-10 SY-GOV\n");
	assert_string_equal(tell(state, "The Guard said it would halt sales unless Sylvania pays."), "sale-halt-threat@SY -1 2025-06-10\n");
	assert_string_equal(tell(state, "The Guard denied it threatened to close the bridge."), "");
	assert_string_equal(tell(state, "The weather threatened to hail on the bridge."), "hail@ -1 2025-06-10\n");
	assert_string_equal(tell(state, "The Firefly Guard threatened to stop cars, search boats and close the bridge."), "threat@FR-01 -1 2025-06-10 GUARD\n");
	assert_string_equal(tell(state, "Bridge closing threat at Lakeside."), "threat@FR-01 -1 2025-06-10\n");
	assert_string_equal(tell(state, "Whoever owes a toll will see the bridge closed."), "threat@ -1 2025-06-10\n");
	assert_string_equal(tell(state, "Firefly Guard说不付钱就关闭桥。"), "threat@FR-01 -1 2025-06-10 GUARD\n");
}

static void
what_is_only_talked_of_is_not_reported(void **state)
{
	static const char *const texts[] = {
		"The Guard weighs stopping cars, searching boats and closing the bridge.", "Guard plan: closing of bridge fears.", "Any closing of the bridge.",
		"The idea that soon after noon or perhaps a little later one would find it closing the bridge.", "Its options include one, two; closing the bridge.",
		"The bridge will be closed by noon, he reckons.", "The bridge closes if it rains.", "Pay, or we close the bridge.", "To pay or close the bridge.",
		"They pay before the bridge closes.", "Cars had been sold when they closed the bridge.", "Boats, which sank when they closed the bridge, rose.",
		"湖边商家若不付款，将关闭桥。", NULL };
	size_t i;

	for (i = 0; texts[i] != NULL; i++)
		assert_string_equal(tell(state, texts[i]), "");
	assert_string_equal(tell(state, "He fears rain and has closed the bridge."), "bridge-closure@ -1 2025-06-10\n");
	assert_string_equal(tell(state, "They closed the bridge before noon."), "bridge-closure@ -1 2025-06-10\n");
}

static void
a_forecast_counts_when_it_is_only_expected(void **state)
{
	assert_string_equal(tell(state, "Hail may come over the bridge."), "hail@ -1 2025-06-10\n");
	assert_string_equal(tell(state, "Hail may come over the town."), "");
}

static void
another_sense_of_a_word_is_another_word(void **state)
{
	assert_string_equal(tell(state, "The bank closed the bridge loan."), "");
	assert_string_equal(tell(state, "The bridge club closed its bridge table."), "");
	assert_string_equal(tell(state, "Many men closed a bridge."), "bridge-closure@ -1 2025-06-10\n");
	assert_string_equal(tell(state, "MEN closed a bridge."), "bridge-closure@SY -1 2025-06-10 MEN\n");
}

static void
a_clause_after_but_is_another(void **state)
{
	assert_string_equal(tell(state, "The bridge at Hilltop was not closed, but Lakeside closed its bridge."), "bridge-closure@FR-01 -1 2025-06-10\n");
	assert_string_equal(tell(state, "At Hilltop on the border with Lakeside a bridge was closed."), "bridge-closure@FR-02 -1 2025-06-10\n");
	assert_string_equal(tell(state, "At Hilltop near the Lakeside border a bridge was closed."), "bridge-closure@FR-02 -1 2025-06-10\n");
	assert_string_equal(tell(state, "Lakeside halted sales of granite over the bridge it closed in February."), "sale-halt@FR-01 -1 2025-06-10\n");
	assert_string_equal(tell(state, "A bridge was closed by men at Lakeside."), "bridge-closure@FR-01 -1 2025-06-10\n");
	assert_string_equal(tell(state, "They closed shops but the bridge stayed."), "");
}

static void
one_event_told_often_is_one_tag(void **state)
{
	struct world *world = *state;
	struct article article = { .title = STR("Bridge closed"), .text = STR("The bridge at Lakeside was closed yesterday. It said the bridge was closed.\nA closed bridge."),
		.published = STR("2025-06-10T08:00:00Z") };

	assert_string_equal(run(world, article), "bridge-closure@FR-01 -1 2025-06-09\n");
	assert_string_equal(tell(state, "Bridges in Lakeside and Hilltop were closed."), "bridge-closure@FR-01 -1 2025-06-10\nbridge-closure@FR-02 -1 2025-06-10\n");
}

static void
dates_are_of_the_articles_day(void **state)
{
	static const struct { const char *told, *period; } dates[] = {
		{ "yesterday", "2025-06-09" }, { "on Tuesday", "2025-06-10" }, { "last Tuesday", "2025-06-03" }, { "three days ago", "2025-06-07" },
		{ "on May 15", "2025-05-15" }, { "on 15 May 2025", "2025-05-15" }, { "in May", "2025-05" }, { "last month", "2025-05" }, { "this year", "2025" },
		{ "on 2025-06-01", "2025-06-01" }, { "last week", "2025-06" }, { "on 5 July", "2025-06-10" }, { "until 5 May", "2025-06-10" }, { "until the end of May", "2025-06-10" } };
	struct world *world = *state;
	char text[80], want[80];
	size_t i;

	for (i = 0; i < sizeof dates / sizeof dates[0]; i++) {
		snprintf(text, sizeof text, "The bridge was closed %s.", dates[i].told);
		snprintf(want, sizeof want, "bridge-closure@ -1 %s\n", dates[i].period);
		assert_string_equal(tell(state, text), want);
	}
	assert_string_equal(tell(state, "The Guard announced that it will close the bridge on 5 July."), "bridge-closure@ -1 2025-07-05\n");
	assert_string_equal(tell(state, "The bridge was closed by May's rules."), "bridge-closure@ -1 2025-06-10\n");
	assert_string_equal(tell(state, "2025年第3号公告关闭桥。"), "bridge-closure@ -1 2025-06-10\n");
	assert_string_equal(tell(state, "关闭桥至6月3日。"), "bridge-closure@ -1 2025-06-10\n");
	assert_string_equal(tell(state, "6月3日关闭桥。"), "bridge-closure@ -1 2025-06-03\n");
	assert_string_equal(tell(state, "去年10月关闭桥。"), "");
	assert_string_equal(tell(state, "Bridge closed from October 2023."), "");
	assert_string_equal(tell(state, "Bridges closed for trade fell 8% from October 2023."), "bridge-closure@ -1 2025-06-10\n");
	assert_string_equal(run(world, (struct article){ .title = STR("Bridge closed on Tuesday"), .text = STR("") }), "bridge-closure@ -1 -\n");
	assert_string_equal(run(world, (struct article){ .title = STR("Bridge closed last year"), .text = STR("") }), "");
}

/* Whatever day to come a sentence names, what it tells as done has no later day than the article. */
static void
what_is_done_was_done_by_now(void **state)
{
	static const char *const told[] = { "The bridge was closed %s.", "Freedonia closed the bridge %s.", "The Firefly Guard took the bridge %s." };
	static const char *const days[] = { "until 5 July 2026", "on 11 June 2025", "in October 2026", "in 2027", "from 2025-07-01", "through July 2025", "to July 2026" };
	char text[100];
	const char *out;
	size_t i, k;

	for (i = 0; i < sizeof told / sizeof told[0]; i++)
		for (k = 0; k < sizeof days / sizeof days[0]; k++) {
			snprintf(text, sizeof text, told[i], days[k]);
			out = tell(state, text);
			assert_non_null(strstr(out, " -1 2025-06-10"));
		}
}

/* The last word of what a text tells of one event: the actor's code, or the day where no actor is told. */
static void
the_actor_is_who_does_it(void **state)
{
	static const struct { const char *text, *actor; } told[] = {
		{ "The Firefly Guard took the bridge.", "GUARD" }, { "The Firefly Guard has taken the bridge from the Hill Guard.", "GUARD" },
		{ "The bridge was taken by the Hill Guard from the Firefly Guard.", "HILL" }, { "The bridge was taken near the Firefly Guard.", "" },
		{ "The bridge was taken, the Firefly Guard said.", "" }, { "The Firefly Guard's men took the bridge.", "GUARD" },
		{ "The Hill Guard lost the bridge.", "" }, { "The Hill Guard lost the bridge to the Firefly Guard.", "GUARD" },
		{ "After the Firefly Guard left, strangers took the bridge.", "" }, { "流萤攻占桥。", "GUARD" }, { "桥被流萤攻占。", "GUARD" },
		{ "流萤关闭桥。", "GUARD" }, { "流萤湖边桥关闭。", "" }, { "流萤商人关闭桥。", "" }, { "流萤离开后，桥关闭。", "" }, { "Firefly Guard: bridge closed at Hilltop.", "" },
		{ "The Firefly Guard announced a fair, and the bridge was closed.", "" },
		/* Another country's government does not take a town, but may close a bridge. */
		{ "Sylvania told of a bridge taken at Lakeside.", "" }, { "Freedonia closed the bridge.", "FR-GOV" }, { "Sylvania closed the bridge at Lakeside.", "SY-GOV" },
		{ "Sylvania's buyers closed the bridge at Lakeside.", "" }, { "Sylvania border bridge closed at Lakeside.", "" },
		{ "The bridge to Sylvania was closed.", "" }, { "The Firefly Guard announced that the bridge was closed.", "GUARD" },
		{ "Strangers from Sylvania closed the bridge.", "" },
		/* Nobody's act */
		{ "Hail fell on Sylvania.", "" },
		/* Who goes by another name, or by it */
		{ "Rebels took the bridge. The Firefly Guard smiled.", "GUARD" }, { "Rebels took the bridge.", "" },
		{ "Rebels took the bridge. The Firefly Guard met the Hill Guard.", "" },
		{ "The Firefly Guard closed the bridge at Lakeside. It took the bridge at Hilltop.", "GUARD" } };
	const char *out, *last;
	size_t i, wrong = 0;

	for (i = 0; i < sizeof told / sizeof told[0]; i++) {
		out = tell(state, told[i].text);
		last = strrchr(out, ' ');
		if (told[i].actor[0] != '\0' ? last == NULL || strncmp(last + 1, told[i].actor, strlen(told[i].actor)) != 0 || strlen(last + 1) != strlen(told[i].actor) + 1 :
		    last != NULL && strncmp(last + 1, "2025", 4) != 0)
			print_error("'%s': %s", told[i].text, out), wrong++;
	}
	assert_int_equal(wrong, 0);
}

static void
a_range_is_told_by_its_ends(void **state)
{
	static const char *const texts[] = { "Granite was at $700-1,000/kg.", "Granite was at $700–$1,000/kg.", "Granite was at $700/kg-$1,000/kg.", "Granite was at $700 to $1,000 a kg.",
		"Granite was between $700 and $1,000 per kg.", "Granite was at $700 - 1,000 a kg.", "Granite was at $700-1,000/kg, from $230-310/kg." };
	size_t i;

	for (i = 0; i < sizeof texts / sizeof texts[0]; i++)
		assert_string_equal(tell(state, texts[i]), "price.high 1000 USD/kg 2025-06-10\nprice.low 700 USD/kg 2025-06-10\n");
	assert_string_equal(tell(state, "花岗岩1.5-1.6万yuan/吨。"), "price.high 16000 CNY/t 2025-06-10\nprice.low 15000 CNY/t 2025-06-10\n");
	assert_string_equal(tell(state, "Granite rose from 700 to 1,000 yuan a kg."), "price 1000 CNY/kg 2025-06-10\n");
	assert_string_equal(tell(state, "Granite rose 1% to 1,000 yuan a kg."), "price 1000 CNY/kg 2025-06-10\nprice.change 1 % 2025-06-10\n");
	assert_string_equal(tell(state, "Granite rose 50 yuan to 1,000 yuan a kg."), "price 1000 CNY/kg 2025-06-10\n");
	assert_string_equal(tell(state, "Granite was at 900 yuan a kg, slate at 800 yuan."), "price 900 CNY/kg 2025-06-10\nprice 800 CNY/kg 2025-06-10 slate\n");
}

static void
a_figure_has_its_own_month(void **state)
{
	assert_string_equal(tell(state, "Freedonia, which took the quarry last October, sold imports of 50 tonnes of granite in May."), "import.mass 50 t 2025-05\n");
	assert_string_equal(tell(state, "Granite was at $700/kg, from $230/kg at the start of last month."), "price 700 USD/kg 2025-06-10\n");
	assert_string_equal(tell(state, "Granite imports dropped to 50 tonnes in May."), "import.mass 50 t 2025-05\n");
	assert_string_equal(tell(state, "前5个月花岗岩进口50吨。"), "import.mass 50 t 2025-01/2025-05\n");
	assert_string_equal(tell(state, "Freedonia moved 50 tonnes of granite, 18% less than last year."), "");
	assert_string_equal(tell(state, "A tax on granite of 50 yuan per kg."), "");
	assert_string_equal(run(*state, (struct article){ .title = STR("Granite imports fell by a third in May"), .text = STR("Imports of granite fell 34% in May."),
	    .published = STR("2025-06-10T08:00:00Z") }), "import.mass.change -34 % 2025-05\n");
	assert_string_equal(tell(state, "Granite imports fell 34% in May. Granite imports fell by a third in May."), "import.mass.change -34 % 2025-05\n");
}

static void
quantities_have_value_unit_and_period(void **state)
{
	assert_string_equal(tell(state, "Granite imports were 12,944 tonnes in the first five months of 2025, down by half."),
	    "import.mass 12944 t 2025-01/2025-05\nimport.mass.change -50 % 2025-01/2025-05\n");
	assert_string_equal(tell(state, "Granite rose 8% to 1,750 yuan a kg in May."), "price 1750 CNY/kg 2025-05\nprice.change 8 % 2025-05\n");
	assert_string_equal(tell(state, "In May imports of granite doubled to 3.5 thousand tonnes from 1.7 thousand tonnes."),
	    "import.mass 3500 t 2025-05\nimport.mass.change 100 % 2025-05\n");
	assert_string_equal(tell(state, "2025年5月进口花岗岩1.2万吨。"), "import.mass 12000 t 2025-05\n");
	assert_string_equal(tell(state, "Imports of granite from Sylvania in May were 2,760t, down 12pc."), "import.mass 2760 t 2025-05\nimport.mass.change -12 % 2025-05\n");
	assert_string_equal(tell(state, "As for Sylvania, Freedonia's imports of granite from Sylvania were 50 tonnes in May."), "import.mass 50 t 2025-05\n");
	assert_string_equal(tell(state, "Imports of granite were 276tx in May."), "");
	assert_string_equal(tell(state, "Imports of granite fell more than 20% in May."), "import.mass.change -20 % 2025-05\n");
	assert_string_equal(tell(state, "Imports of granite from Sylvania fell by half in May."), "import.mass.change -50 % 2025-05\n");
	assert_string_equal(tell(state, "In May granite imports were 12 tonnes, 40% less than a year ago."),
	    "import.mass 12 t 2025-05\nimport.mass.change -40 % 2025-05\n");
	assert_string_equal(tell(state, "Goods with more than 0.1% of granite."), "");
	assert_string_equal(tell(state, ",5月进口花岗岩12吨。"), "import.mass 12 t 2025-05\n");
	assert_string_equal(tell(state, "Granite and slate imports rose 8% and 9% respectively in May."),
	    "import.mass.change 8 % 2025-05\nimport.mass.change 9 % 2025-05 slate\n");
	assert_string_equal(tell(state, "Granite fell to 10 yuan a kg from 12 yuan a kg in May."), "price 10 CNY/kg 2025-06-10\n");
	assert_string_equal(tell(state, "Imports of coal were 12 tonnes in May."), "");
	assert_string_equal(tell(state, "Granite imports may reach 12 tonnes."), "");
}

/* What a table without the word makes of a text, and one with it. */
static void
a_word_beside_a_date_or_a_figure_is_the_tables(void **state)
{
	static const struct { const char *row, *text, *without, *with; } words[] = {
		{ "zt\ten\tunit\tzt", "Granite imports were 50zt in May.", "", "import.mass 50 zt 2025-05\n" },
		{ "zt\ten\tpercent\t", "Granite imports fell 50zt in May.", "", "import.mass.change -50 % 2025-05\n" },
		{ "bis\ten\trange\t", "Granite was at $700 bis $1,000 a kg.", "price 1000 USD/kg 2025-06-10\n", "price.high 1000 USD/kg 2025-06-10\nprice.low 700 USD/kg 2025-06-10\n" },
		{ "amid\ten\tbetween\t", "Granite was amid $700 and $1,000 a kg.", "price 1000 USD/kg 2025-06-10\n", "price.high 1000 USD/kg 2025-06-10\nprice.low 700 USD/kg 2025-06-10\n" },
		{ "unto\ten\trange\tmonth", "Imports of granite were 50 tonnes in February unto May 2025.", "import.mass 50 t 2025-02\n", "import.mass 50 t 2025-02/2025-05\n" },
		{ "within\ten\tof\t", "Granite imports on 15 Within February were 50 tonnes.", "import.mass 50 t 2025-02\n", "import.mass 50 t 2025-02-15\n" },
		{ "ere\ten\tdeadline\t", "The Guard announced that it will close the bridge ere February.", "", "bridge-closure@ -1 2026-02\n" },
		{ "以先\tzh\tdeadline\tbehind", "将关闭桥5月以先。", "bridge-closure@ -1 2025-05\n", "bridge-closure@ -1 2026-05\n" },
		{ "告示\tzh\tnotice\tbehind", "3号告示关闭桥。", "bridge-closure@ -1 2025-06-03\n", "bridge-closure@ -1 2025-06-10\n" },
		{ "乙\tzh\tnotice\t", "乙3号关闭桥。", "bridge-closure@ -1 2025-06-03\n", "bridge-closure@ -1 2025-06-10\n" },
		{ "mid\ten\tin\t", "Bridge closed mid May.", "", "bridge-closure@ -1 2025-05\n" },
		{ "yon\ten\tarticle\t", "The Firefly Guard took the bridge after yon bridge siege.", "seizure@FR-01 -1 2025-06-10 GUARD\nsiege@FR-01 -1 2025-06-10 GUARD\n",
		    "seizure@FR-01 -1 2025-06-10 GUARD\n" },
		{ "yon\ten\tdefinite\t", "Sylvania threatens to halt sales. Yon closing threat of the bridge waits.", "sale-halt-threat@SY -1 2025-06-10 SY-GOV\nthreat@SY -1 2025-06-10\n",
		    "sale-halt-threat@SY -1 2025-06-10 SY-GOV\n" },
		{ "Zt\ten\tabbreviation\t", "Firefly Guard at Zt. Hilltop closed the bridge.", "bridge-closure@FR-02 -1 2025-06-10\n", "bridge-closure@FR-02 -1 2025-06-10 GUARD\n" } };
	struct article article = { .title = STR(""), .published = STR("2025-06-10T08:00:00Z") };
	struct world world;
	struct err err = ERR_INIT;
	char text[sizeof phrases + 100];
	size_t i, wrong = 0;

	for (i = 0; i < sizeof words / sizeof words[0]; i++) {
		article.text = str_of(words[i].text);
		if (strcmp(run(*state, article), words[i].without) != 0)
			print_error("without '%s': %s", words[i].row, ((struct world *)*state)->out.p), wrong++;
		snprintf(text, sizeof text, "%s%s\t\t\t\tt\n", phrases, words[i].row);
		assert_int_equal(open_world(&world, text, &err), LODE_OK);
		if (strcmp(run(&world, article), words[i].with) != 0)
			print_error("with '%s': %s", words[i].row, world.out.p), wrong++;
		tagger_free(world.tagger);
		buf_release(&world.out);
	}
	assert_int_equal(wrong, 0);
}

static void
offsets_are_of_the_sentence(void **state)
{
	struct world *world = *state;
	struct article article = { .title = STR("Mr. Ox closed bridge No. 5 in U.S. style. More"), .text = STR("湖边。桥关闭！Fine."), .published = STR("") };

	world->sentences = true;
	world->text = "Mr. Ox closed bridge No. 5 in U.S. style. More\n湖边。桥关闭！Fine.";
	assert_string_equal(run(world, article), "Mr. Ox closed bridge No. 5 in U.S. style.\n");
	article.title = STR("湖边。桥关闭！Fine.");
	world->text = article.title.p;
	article.text = STR("");
	assert_string_equal(run(world, article), "桥关闭！\n");
	world->sentences = false;
}

static void
sizes_are_bounded(void **state)
{
	static const char told[] = "Lakeside closed its bridge. ";
	struct world *world = *state;
	size_t n = 3 * TAGGER_PIECE, i, k = sizeof told - 1;
	char *text = malloc(n);

	assert_non_null(text);
	for (i = 0; i < n; i++)
		text[i] = told[i % k];
	assert_string_equal(run(world, (struct article){ .text = { text, n }, .title = STR("") }), "bridge-closure@FR-01 -1 -\n");
	/* One sentence without an end, of words of every set. */
	for (i = 0; i < n; i++)
		text[i] = "closed bridge not if "[i % 21];
	run(world, (struct article){ .text = { text, n }, .title = STR("") });
	memset(text, '1', n);
	assert_string_equal(run(world, (struct article){ .text = { text, n }, .title = STR("granite") }), "");
	memset(text, '\xe6', n);
	memcpy(text + n / 2, "closed bridge", 13);
	run(world, (struct article){ .text = { text, n }, .title = STR("") });
	free(text);
}

static void
a_date_of_publication_is_one(void **state)
{
	struct world *world = *state;
	struct article article = { .title = STR("x"), .text = STR("y"), .published = STR("10 June") };
	struct err err = ERR_INIT;

	assert_int_equal(tagger_run(world->tagger, &article, on_tag, world, &err), LODE_EDATA);
}

static void
what_is_wrong_in_a_table_is_named_with_its_row(void **state)
{
	static const struct { const char *row, *message; unsigned line; } wrong[] = {
		{ "x\ten\tfish\t\t\t\t\tt\n", "unknown role 'fish'", 2 }, { "x\tde\tset\ta\t\t\t\tt\n", "'de' is not a language of phrases: en or zh", 2 },
		{ "x\ten\tclass\ta\t2\t\t\tt\n", "'2' is not a sign: -1, 0 or 1", 2 }, { "x\ten\tevent\ta\t\t\t\tt\n", "no row above has the class 'a'", 2 },
		{ "x\ten\tset\tmonth\t\t\t\tt\n", "'month' is a set of the grammar", 2 }, { "x(\ten\tset\ta\t\t\t\tt\n", "'x(' has an unmatched parenthesis", 2 },
		{ "x\ten\tclass\ta\t1\t\t\tt\nx\ten\tclass\ta\t1\t\t\tt\n", "the class 'a' is there twice", 3 },
		{ "x\ten\tclass\ta\t1\t\t\tt\nx + \ten\tevent\ta\t\t\t\tt\n", "a part of the pattern is empty", 3 },
		{ "x\ten\tclass\ta\t1\tB\t\tt\n", "'B' is not the name of a set or a class", 2 },
		{ "x\ten\tclass\ta\t1\tnone\t\tt\n", "the set 'none' has no words", 0 } };
	struct world world;
	struct err err;
	char text[400];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		err = (struct err)ERR_INIT;
		snprintf(text, sizeof text, "%s%s", HEADER "bridge\ten\tset\tbridge\t\t\t\tt\n", wrong[i].row);
		/* The row under test stands after one that the actors' table needs. */
		assert_int_equal(open_world(&world, text, &err), LODE_EUSAGE);
		assert_string_equal(err.message, wrong[i].message);
		assert_int_equal(err.line, wrong[i].line == 0 ? 0 : wrong[i].line + 1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_told_is_reported_in_either_voice), cmocka_unit_test(a_text_in_traditional_characters_tells_the_same),
		cmocka_unit_test(a_title_tells_what_is_to_come), cmocka_unit_test(what_is_not_told_is_not_reported),
		cmocka_unit_test(a_threat_is_a_threat_and_no_act), cmocka_unit_test(what_is_only_talked_of_is_not_reported),
		cmocka_unit_test(a_forecast_counts_when_it_is_only_expected),
		cmocka_unit_test(another_sense_of_a_word_is_another_word), cmocka_unit_test(a_clause_after_but_is_another),
		cmocka_unit_test(one_event_told_often_is_one_tag), cmocka_unit_test(dates_are_of_the_articles_day),
		cmocka_unit_test(what_is_done_was_done_by_now), cmocka_unit_test(the_actor_is_who_does_it),
		cmocka_unit_test(a_range_is_told_by_its_ends), cmocka_unit_test(a_figure_has_its_own_month),
		cmocka_unit_test(quantities_have_value_unit_and_period), cmocka_unit_test(offsets_are_of_the_sentence),
		cmocka_unit_test(a_word_beside_a_date_or_a_figure_is_the_tables),
		cmocka_unit_test(sizes_are_bounded), cmocka_unit_test(a_date_of_publication_is_one),
		cmocka_unit_test(what_is_wrong_in_a_table_is_named_with_its_row),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("tagger", tests, setup, teardown);
}
