/*
 * lode-news - what news articles report, to a tape
 *
 * in     a feed (RSS, Atom), JSON (an answer of NewsAPI or of GDELT's DOC API, an array, JSON Lines), plain text or a page of HTML
 * out    event.CLASS for each event that an article reports, and each quantity it states; columns actor, confidence, sign, title
 * state  the article in hand; every line, to write them in order of publication, unless --ordered
 */
#include <stdio.h>

#include "articles.h"
#include "collate.h"
#include "encoding.h"
#include "order.h"
#include "ref.h"
#include "run.h"
#include "tagger.h"

enum { EXTRA = 4 };

struct opts {
	struct run_options run;
	struct tagger_tables tables;
	struct articles_options articles;
	struct option_list area, class, commodity, language;
	double min_confidence;
	int64_t published;
	bool ordered;
	size_t max_held;
};

struct state {
	const struct opts *opts;
	struct tagger *tagger;
	struct collate *collate;
	struct article_maker maker;
	struct order order;
	struct ref ref;
	/* the article in hand */
	struct article article;
	struct buf ref_text;          /* its address, or where it stands; and #char=FROM,TO */
	size_t counted, n_characters; /* bytes of title and text, and the characters in them */
	size_t n_tags, n_lines;
	struct err *err;              /* of the callback, whose code tells */
};

static const struct option_spec options[] = {
	{ 0, "places", "FILE", OPTION_TEXT, offsetof(struct opts, tables.places), "table of places: name kind iso" },
	{ 0, "actors", "FILE", OPTION_TEXT, offsetof(struct opts, tables.actors), "table of actors: name actor" },
	{ 0, "phrases", "FILE", OPTION_TEXT, offsetof(struct opts, tables.phrases), "table of phrases: phrase role class sign" },
	{ 0, "commodities", "FILE", OPTION_TEXT, offsetof(struct opts, tables.commodities), "table of commodities: name commodity" },
	{ 'a', "area", "AREAS", OPTION_LIST, offsetof(struct opts, area), "only places that start with one of these, as in MM,CN-53" },
	{ 0, "class", "CLASSES", OPTION_LIST, offsetof(struct opts, class), "only events of these classes, and no quantities" },
	{ 'c', "commodity", "NAMES", OPTION_LIST, offsetof(struct opts, commodity), "only these commodities, as in Dy2O3,REO" },
	{ 'l', "language", "CODES", OPTION_LIST, offsetof(struct opts, language), "only articles in these, as in en,zh, or that do not say" },
	{ 0, "min-confidence", "NUMBER", OPTION_NUMBER, offsetof(struct opts, min_confidence), "only what is at least as sure, 0 to 1" },
	{ 0, "published", "TIME", OPTION_INSTANT, offsetof(struct opts, published), "when articles that do not say were published" },
	{ 0, "format", "FORMAT", OPTION_TEXT, offsetof(struct opts, articles.format), "xml, json, text or html, instead of by the first bytes" },
	{ 0, "separator", "LINE", OPTION_TEXT, offsetof(struct opts, articles.separator), "the line between two articles of plain text" },
	{ 0, "ordered", NULL, OPTION_FLAG, offsetof(struct opts, ordered), "articles come in order of time: hold nothing" },
	COLLATE_OPTION(struct opts, max_held),
	RUN_OPTIONS(struct opts, run),
	{ 0 }
};

static const struct program program = { "lode-news", "[FILE ...]", "what news articles report, to a tape", options };

static bool
wanted(const struct opts *opts, const struct tagged *tag)
{
	return option_list_prefix(&opts->area, tag->place) && option_list_has(&opts->commodity, tag->commodity) &&
	    (opts->class.n == 0 || (!tag->is_quantity && option_list_has(&opts->class, tag->event_class))) &&
	    tag->confidence >= opts->min_confidence;
}

/* The characters in the first n bytes of title, line end and text. */
static size_t
characters(struct state *state, size_t n)
{
	const struct str title = state->article.title, text = state->article.text;
	struct str more;

	if (n < state->counted)
		state->counted = state->n_characters = 0;
	for (; state->counted < n; state->counted += more.n) {
		more = STR("\n");
		if (state->counted < title.n)
			more = (struct str){ title.p + state->counted, (n < title.n ? n : title.n) - state->counted };
		else if (state->counted > title.n)
			more = (struct str){ text.p + state->counted - title.n - 1, n - state->counted };
		state->n_characters += utf8_characters(more);
	}
	return state->n_characters;
}

/* One event or quantity of the article in hand. */
static void
on_tag(void *argument, const struct tagged *tag)
{
	static const char *const signs[] = { "-1", "0", "1" };
	struct state *state = argument;
	struct obs obs = { .f = { [OBS_UNIT] = STR("1"), [OBS_VALUE] = STR("1"), [OBS_STATUS] = STR("P"), [OBS_SOURCE] = STR("news") } };
	char indicator[80], period[PERIOD_MAX], value[DEC_MAX], confidence[16];
	size_t from, n = state->ref_text.n;
	struct str extra[EXTRA];

	state->n_tags++;
	if (state->err->code != LODE_OK || !wanted(state->opts, tag))
		return;
	state->n_lines++;
	snprintf(indicator, sizeof indicator, "event.%.*s", (int)tag->event_class.n, tag->event_class.p);
	snprintf(confidence, sizeof confidence, "%.2f", tag->confidence);
	from = characters(state, tag->start);
	if (buf_printf(&state->ref_text, "#char=%zu,%zu", from, characters(state, tag->end)) != LODE_OK) {
		err_set(state->err, LODE_ENOMEM, "out of memory");
		return;
	}
	obs.f[OBS_KNOWN] = state->article.known;
	obs.f[OBS_PERIOD] = tag->has_period ? (struct str){ period, period_format(tag->period, period) } : (struct str){ state->article.published.p, 10 };
	obs.f[OBS_AREA] = tag->place.n > 0 ? tag->place : STR("ZZ");
	obs.f[OBS_PARTNER] = tag->partner;
	obs.f[OBS_COMMODITY] = tag->commodity;
	obs.f[OBS_INDICATOR] = str_of(indicator);
	obs.f[OBS_REF] = buf_str(&state->ref_text);
	if (tag->is_quantity) {
		obs.f[OBS_INDICATOR] = tag->indicator;
		obs.f[OBS_VALUE] = (struct str){ value, dec_format(tag->value, value) };
		obs.f[OBS_UNIT] = tag->unit;
	}
	extra[0] = tag->actor;
	extra[1] = str_of(confidence);
	extra[2] = tag->is_quantity ? STR("") : str_of(signs[(tag->sign > 0) - (tag->sign < 0) + 1]);
	extra[3] = state->article.title;
	collate_add(state->collate, &obs, extra, EXTRA, state->err);
	state->ref_text.n = n;
}

/* An article that was read: its lines, or the rule that leaves it out. */
static int
take_article(struct state *state, const struct article_parts *parts, struct run *run, struct err *err)
{
	const struct opts *opts = state->opts;
	struct article *article = &state->article;
	struct err none = ERR_INIT;

	if (article_make(&state->maker, parts, opts->published, article, err) != LODE_OK)
		return err->code;
	if (article_is_removed(article) || (article->language.n > 0 && !option_list_prefix(&opts->language, article->language))) {
		run_count_rule(run, article_is_removed(article) ? "removed" : "other-language");
		return LODE_OK;
	}
	if (opts->ordered && order_next(&state->order, article->known, run->source, parts->line, err) != LODE_OK)
		return err->code;
	state->ref_text.n = state->counted = state->n_characters = state->n_tags = state->n_lines = 0;
	if (buf_add_str(&state->ref_text, article->url.n > 0 ? article->url : ref_line(&state->ref, parts->line)) != LODE_OK)
		return err_set(err, LODE_ENOMEM, "out of memory");
	state->err = &none;
	if (tagger_run(state->tagger, article, on_tag, state, err) != LODE_OK)
		return err->code;
	if (none.code != LODE_OK) {
		*err = none;
		return err->code;
	}
	if (state->n_lines == 0)
		run_count_rule(run, state->n_tags == 0 ? "no-event" : "not-selected");
	return LODE_OK;
}

static int
each_input(void *argument, struct source *source, struct run *run, struct err *err)
{
	static const char *const extra[EXTRA] = { "actor", "confidence", "sign", "title" };
	struct state *state = argument;
	struct articles *articles;
	struct article_parts parts;
	int rc;

	if ((rc = articles_open(&articles, source, &state->opts->articles, err)) != LODE_OK)
		return rc;
	order_input(&state->order);
	run_write_header(run, extra, EXTRA);
	if ((rc = sink_flush(&run->out, err)) == LODE_OK)
		rc = ref_source(&state->ref, run->source, err);
	while (rc == LODE_OK && (rc = articles_next(articles, &parts, err)) != LODE_DONE) {
		if (rc != LODE_OK && (rc != LODE_EDATA || parts.final))
			break; /* what an input has lost cannot be rejected */
		run->n_records++;
		run->header = articles_head(articles);
		if (rc == LODE_OK)
			rc = take_article(state, &parts, run, err);
		if (rc == LODE_EDATA)
			rc = run_reject(run, parts.line, parts.raw, err);
	}
	articles_close(articles);
	run->header = (struct str){ 0 };
	return rc;
}

int
main(int argc, char **argv)
{
	struct opts opts = { .run = RUN_DEFAULTS, .published = INT64_MIN, .max_held = COLLATE_DEFAULT };
	char **operands = options_parse(argc, argv, &program, &opts);
	struct state state = { .opts = &opts };
	struct err err = ERR_INIT;
	struct run run;
	int rc;

	if (opts.tables.places == NULL || opts.tables.actors == NULL || opts.tables.phrases == NULL || opts.tables.commodities == NULL)
		options_refuse(&program, "--places, --actors, --phrases and --commodities are needed");
	opts.articles.max_record = opts.run.max_record;
	if ((rc = run_open(&run, &program, &opts.run, &err)) == LODE_OK && (rc = articles_check(&opts.articles, &err)) == LODE_OK &&
	    (rc = tagger_new(&state.tagger, &opts.tables, &err)) == LODE_OK &&
	    (rc = collate_new(&state.collate, &run.out, !opts.ordered, opts.max_held, &err)) == LODE_OK &&
	    (rc = run_inputs(&run, operands, each_input, &state, &err)) == LODE_OK)
		rc = collate_finish(state.collate, &err);
	collate_free(state.collate);
	tagger_free(state.tagger);
	article_release(&state.maker);
	buf_release(&state.ref_text);
	ref_release(&state.ref);
	return run_end(&run, rc, &err);
}
