#include "lexicon.h"

#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>

#include "arena.h"
#include "map.h"
#include "phrase.h"
#include "table.h"

static const char *const roles[SET_COUNT] = {
	"place", "actor", "commodity", "neutral", "measure", "negation", "denial", "threat", "condition", "possible", "doubtful", "had",
	"would", "will", "past", "said", "hearsay", "occur", "make", "break", "subordinate", "relative", "and", "by", "month", "weekday",
	"day",
	"span", "last", "this", "next", "ago", "first", "number", "scale", "unit", "currency", "per", "percent", "up", "down",
	"factor", "from", "to", "abbreviation" };

struct literal {
	struct str text;
	uint32_t member, n_members;
	bool in[2];        /* searched in that part */
	bool anchor;
	bool left, right;  /* a border of a word is asked for at that side */
	bool cased;        /* holds a capital */
	const struct table *table; /* of the row that it came from first, while tables are loaded */
	size_t row;
};

struct link { /* a member, and the literal that it belongs to */
	uint32_t literal;
	struct member member;
};

struct hits {
	struct hit *hit;
	size_t n, room;
	bool failed;
};

struct lexicon {
	struct arena *arena;
	struct map *by_text, *by_set, *by_element; /* literals; sets by name; sets that patterns write out */
	struct literal *literals;
	size_t n_literals, room_literals;
	struct link *links;
	size_t n_links, room_links;
	struct member *members;
	struct entry *entries;
	size_t n_entries, room_entries;
	struct pattern *patterns; /* by the set of the act */
	size_t n_patterns, room_patterns;
	uint32_t first_pattern[LEXICON_SETS + 1];
	size_t n_sets, n_words[LEXICON_SETS];
	struct class { bool there, by_actor, outcome, nation; int sign; uint32_t entry; } classes[LEXICON_SETS]; /* by the set of that name */
	struct str set_name[LEXICON_SETS];
	hs_database_t *database[2];
	hs_scratch_t *scratch;
	struct hits hits[2];
};

struct loading { /* one row that is being read */
	struct lexicon *lexicon;
	const struct table *table;
	size_t row;
	uint16_t set;
	uint32_t entry;
	bool bounded;
};

static void *
grow(void *array, size_t n, size_t *room, size_t size)
{
	size_t more = *room == 0 ? 64 : *room * 2;
	void *p;

	if (n < *room)
		return array;
	if ((p = realloc(array, more * size)) != NULL)
		*room = more;
	return p;
}

static int
out_of_memory(struct err *err)
{
	return err_set(err, LODE_ENOMEM, "out of memory");
}

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static int
add_entry(struct lexicon *lexicon, struct entry entry, uint32_t *index, struct err *err)
{
	struct entry *entries = grow(lexicon->entries, lexicon->n_entries, &lexicon->room_entries, sizeof *entries);

	if (entries == NULL)
		return out_of_memory(err);
	lexicon->entries = entries;
	entries[lexicon->n_entries] = entry;
	*index = (uint32_t)lexicon->n_entries++;
	return LODE_OK;
}

static int
new_literal(struct loading *loading, struct str form, struct map_entry *known, struct err *err)
{
	struct lexicon *lexicon = loading->lexicon;
	struct literal *literals = grow(lexicon->literals, lexicon->n_literals, &lexicon->room_literals, sizeof *literals);
	size_t i;

	if (literals == NULL)
		return out_of_memory(err);
	lexicon->literals = literals;
	if (lexicon->n_literals == LEXICON_LITERALS)
		return err_set(err, LODE_EUSAGE, "more than %d variants of phrases", LEXICON_LITERALS);
	literals[lexicon->n_literals] = (struct literal){ .text = known->key, .table = loading->table, .row = loading->row };
	literals += lexicon->n_literals;
	literals->left = loading->bounded && is_word(form.p[0]);
	literals->right = loading->bounded && is_word(form.p[form.n - 1]);
	for (i = 0; i < form.n; i++)
		literals->cased |= form.p[i] >= 'A' && form.p[i] <= 'Z';
	known->value.number = ++lexicon->n_literals;
	return LODE_OK;
}

static int
take_form(void *arg, struct str form, struct err *err)
{
	struct loading *loading = arg;
	struct lexicon *lexicon = loading->lexicon;
	struct map_entry *known = map_put(lexicon->by_text, form);
	struct link *links = grow(lexicon->links, lexicon->n_links, &lexicon->room_links, sizeof *links);

	if (links == NULL || known == NULL)
		return out_of_memory(err);
	lexicon->links = links;
	if (known->value.number == 0 && new_literal(loading, form, known, err) != LODE_OK)
		return err->code;
	links[lexicon->n_links++] = (struct link){ (uint32_t)known->value.number - 1, { loading->set, loading->entry } };
	lexicon->n_words[loading->set]++;
	return LODE_OK;
}

static int
add_words(struct loading *loading, struct str phrase, struct err *err)
{
	return phrase_forms(phrase, LEXICON_FORMS, LEXICON_LENGTH, take_form, loading, err);
}

/* The set of that name; a new one when nobody has used it before. */
static int
find_set(struct lexicon *lexicon, struct str name, uint16_t *set, struct err *err)
{
	struct map_entry *known;
	size_t i;

	for (i = 0; i < name.n; i++)
		if (!((name.p[i] >= 'a' && name.p[i] <= 'z') || (name.p[i] >= '0' && name.p[i] <= '9') || name.p[i] == '-'))
			break;
	if (name.n == 0 || i < name.n)
		return err_set(err, LODE_EUSAGE, "'%.*s' is not the name of a set or a class", STR_ARG(name));
	if ((known = map_put(lexicon->by_set, name)) == NULL)
		return out_of_memory(err);
	if (known->value.number == 0) {
		if (lexicon->n_sets == LEXICON_SETS)
			return err_set(err, LODE_EUSAGE, "more than %d sets", LEXICON_SETS);
		lexicon->set_name[lexicon->n_sets] = known->key;
		known->value.number = ++lexicon->n_sets;
	}
	*set = (uint16_t)(known->value.number - 1);
	return LODE_OK;
}

/* The same of a set that is looked for in whole texts. */
static int
find_text_set(struct lexicon *lexicon, struct str name, uint16_t *set, struct err *err)
{
	if (find_set(lexicon, name, set, err) != LODE_OK)
		return err->code;
	if (*set > SET_TEXT_LAST && *set < SET_COUNT)
		return err_set(err, LODE_EUSAGE, "'%.*s' is a set of the grammar", STR_ARG(name));
	return LODE_OK;
}

/* `a|b`, or `@a|b` for the whole article. */
static int
read_need(struct lexicon *lexicon, struct str text, struct need *need, struct err *err)
{
	struct str name;

	*need = (struct need){ 0 };
	if (text.n > 0 && text.p[0] == '@') {
		need->in_article = true;
		text.p++, text.n--;
	}
	while (str_split(&text, '|', &name)) {
		if (need->n == LEXICON_NEEDS)
			return err_set(err, LODE_EUSAGE, "more than %d sets in one requirement", LEXICON_NEEDS);
		if (find_text_set(lexicon, name, &need->set[need->n++], err) != LODE_OK)
			return err->code;
	}
	return LODE_OK;
}

static int
read_needs(struct lexicon *lexicon, struct str requires, struct str forbids, struct entry *entry, struct err *err)
{
	struct str text;

	while (requires.n > 0 && str_split(&requires, ' ', &text)) {
		if (entry->n_requires == LEXICON_NEEDS)
			return err_set(err, LODE_EUSAGE, "more than %d requirements", LEXICON_NEEDS);
		if (read_need(lexicon, text, &entry->requires[entry->n_requires++], err) != LODE_OK)
			return err->code;
	}
	return forbids.n == 0 ? LODE_OK : read_need(lexicon, forbids, &entry->forbids, err);
}

/* One part of a pattern: `{set}`, or words that become a set of their own. */
static int
read_element(struct loading *loading, struct str text, uint16_t *set, struct err *err)
{
	struct lexicon *lexicon = loading->lexicon;
	struct map_entry *known;

	if (text.n > 2 && text.p[0] == '{' && text.p[text.n - 1] == '}')
		return find_text_set(lexicon, (struct str){ text.p + 1, text.n - 2 }, set, err);
	if ((known = map_put(lexicon->by_element, text)) == NULL)
		return out_of_memory(err);
	if (known->value.number == 0) {
		if (lexicon->n_sets == LEXICON_SETS)
			return err_set(err, LODE_EUSAGE, "more than %d sets", LEXICON_SETS);
		lexicon->set_name[lexicon->n_sets] = known->key;
		known->value.number = ++lexicon->n_sets;
		loading->set = (uint16_t)(lexicon->n_sets - 1);
		if (add_words(loading, text, err) != LODE_OK)
			return err->code;
	}
	*set = (uint16_t)(known->value.number - 1);
	return LODE_OK;
}

/* + > < and ++ >> << */
static bool
is_order(struct str word)
{
	return (word.n == 1 || (word.n == 2 && word.p[0] == word.p[1])) && memchr("+<>", word.p[0], 3) != NULL;
}

static int
read_pattern(struct loading *loading, struct str phrase, struct pattern *pattern, struct err *err)
{
	struct str word = { NULL, 0 }, element = { phrase.p, 0 };
	char order = '+';
	bool more = true, near = false;

	while (more) {
		more = str_split(&phrase, ' ', &word);
		if (more && !is_order(word)) {
			element.n = (size_t)(word.p + word.n - element.p);
			continue;
		}
		if (pattern->n == LEXICON_ELEMENTS)
			return err_set(err, LODE_EUSAGE, "more than %d parts in a pattern", LEXICON_ELEMENTS);
		if ((element = str_trim(element)).n == 0)
			return err_set(err, LODE_EUSAGE, "a part of the pattern is empty");
		pattern->order[pattern->n] = order;
		pattern->near[pattern->n] = near;
		if (read_element(loading, element, &pattern->set[pattern->n++], err) != LODE_OK)
			return err->code;
		if (more) {
			order = word.p[0];
			near = word.n == 2;
			element = (struct str){ word.p + word.n, 0 };
		}
	}
	return LODE_OK;
}

static int
read_sign(struct str text, int *sign, struct err *err)
{
	static const char *const signs[] = { "-1", "0", "1" };
	size_t i;

	for (i = 0; i < 3; i++)
		if (str_is(text, signs[i])) {
			*sign = (int)i - 1;
			return LODE_OK;
		}
	return err_set(err, LODE_EUSAGE, "'%.*s' is not a sign: -1, 0 or 1", STR_ARG(text));
}

static int
add_pattern(struct loading *loading, struct str phrase, struct str class, struct str sign, bool forecast, struct err *err)
{
	struct lexicon *lexicon = loading->lexicon;
	struct pattern *patterns = grow(lexicon->patterns, lexicon->n_patterns, &lexicon->room_patterns, sizeof *patterns);
	struct pattern pattern = { .forecast = forecast, .entry = loading->entry, .line = loading->table->line[loading->row] };
	uint16_t set;

	if (patterns == NULL)
		return out_of_memory(err);
	lexicon->patterns = patterns;
	if (find_set(lexicon, class, &set, err) != LODE_OK)
		return err->code;
	if (!lexicon->classes[set].there)
		return err_set(err, LODE_EUSAGE, "no row above has the class '%.*s'", STR_ARG(class));
	pattern.sign = lexicon->classes[set].sign;
	pattern.by_actor = lexicon->classes[set].by_actor;
	pattern.nation = lexicon->classes[set].nation;
	pattern.chinese = !loading->bounded;
	pattern.class_entry = lexicon->classes[set].entry;
	pattern.event_class = lexicon->set_name[set];
	if ((sign.n > 0 && read_sign(sign, &pattern.sign, err) != LODE_OK) || read_pattern(loading, phrase, &pattern, err) != LODE_OK)
		return err->code;
	patterns[lexicon->n_patterns++] = pattern;
	return LODE_OK;
}

static int
add_class(struct loading *loading, struct str name, struct str sign, struct str role, struct err *err)
{
	struct lexicon *lexicon = loading->lexicon;
	struct class class = { .there = true, .by_actor = str_is(role, "class-by"), .outcome = str_starts(role, STR("outcome")),
	    .nation = str_is(role, "nation") || str_is(role, "outcome-nation"), .entry = loading->entry };
	uint16_t set;

	if (find_set(lexicon, name, &set, err) != LODE_OK || read_sign(sign, &class.sign, err) != LODE_OK)
		return err->code;
	if (lexicon->classes[set].there)
		return err_set(err, LODE_EUSAGE, "the class '%.*s' is there twice", STR_ARG(name));
	lexicon->classes[set] = class;
	lexicon->n_words[set]++;
	return LODE_OK;
}

/* roles: a set of the grammar; `set`; `event` and `forecast`; `class`, `class-by` where the place is the actor's, `nation` where it is a country, `outcome` of what
 * nobody does. */
static int
phrase_row(struct loading *loading, struct err *err)
{
	const struct table *table = loading->table;
	struct str role = table_get(table, loading->row, "role"), class = table_get(table, loading->row, "class");
	struct str phrase = table_get(table, loading->row, "phrase"), language = table_get(table, loading->row, "language");
	bool forecast = str_is(role, "forecast");
	struct entry entry = { .kind = SET_COUNT };
	size_t i;

	loading->bounded = !str_is(language, "zh");
	if (loading->bounded && !str_is(language, "en"))
		return err_set(err, LODE_EUSAGE, "'%.*s' is not a language of phrases: en or zh", STR_ARG(language));
	if ((entry.name = arena_dup(loading->lexicon->arena, class)).p == NULL)
		return out_of_memory(err);
	if (read_needs(loading->lexicon, table_get(table, loading->row, "requires"), table_get(table, loading->row, "forbids"), &entry,
	    err) != LODE_OK || add_entry(loading->lexicon, entry, &loading->entry, err) != LODE_OK)
		return err->code;
	if (str_is(role, "event") || forecast)
		return add_pattern(loading, phrase, class, table_get(table, loading->row, "sign"), forecast, err);
	if (str_is(role, "class") || str_is(role, "class-by") || str_is(role, "outcome") || str_is(role, "outcome-nation") ||
	    str_is(role, "nation"))
		return add_class(loading, class, table_get(table, loading->row, "sign"), role, err);
	if (str_is(role, "set")) {
		if (find_text_set(loading->lexicon, class, &loading->set, err) != LODE_OK)
			return err->code;
		return add_words(loading, phrase, err);
	}
	for (i = SET_NEUTRAL; i < SET_COUNT; i++)
		if (str_is(role, roles[i])) {
			loading->set = (uint16_t)i;
			return add_words(loading, phrase, err);
		}
	return err_set(err, LODE_EUSAGE, "unknown role '%.*s'", STR_ARG(role));
}

static int
entity_row(struct loading *loading, uint16_t set, const char *code, const char *area, struct err *err)
{
	const struct table *table = loading->table;
	struct lexicon *lexicon = loading->lexicon;
	bool has_requires = header_find(&table->header, STR("requires")) >= 0;
	struct entry entry = { .kind = set };

	entry.name = arena_dup(lexicon->arena, table_get(table, loading->row, code));
	entry.area = area == NULL ? STR("") : arena_dup(lexicon->arena, table_get(table, loading->row, area));
	if (entry.name.p == NULL || entry.area.p == NULL)
		return out_of_memory(err);
	if (has_requires && read_needs(lexicon, table_get(table, loading->row, "requires"), STR(""), &entry, err) != LODE_OK)
		return err->code;
	loading->set = set;
	loading->bounded = true;
	if (add_entry(lexicon, entry, &loading->entry, err) != LODE_OK)
		return err->code;
	return add_words(loading, table_get(table, loading->row, "name"), err);
}

static int
load_rows(struct lexicon *lexicon, const struct table *table, uint16_t set, struct err *err)
{
	struct loading loading = { .lexicon = lexicon, .table = table };
	const char *column = set == SET_COUNT ? "phrase" : "name";
	int rc = LODE_OK;

	for (; rc == LODE_OK && loading.row < table->n; loading.row++) {
		if (set == SET_COUNT)
			rc = phrase_row(&loading, err);
		else if (set == SET_PLACE) {
			/* Names in a gazetteer are names, not phrases: "Bago (East)" is no form of two. */
			if (memchr(table_get(table, loading.row, "name").p, '(', table_get(table, loading.row, "name").n) == NULL)
				rc = entity_row(&loading, set, "iso", "kind", err);
		} else
			rc = set == SET_ACTOR ? entity_row(&loading, set, "actor", "area", err) : entity_row(&loading, set, "commodity", NULL, err);
		if (rc == LODE_EUSAGE)
			return table_blame(table, loading.row, column, err);
	}
	return rc;
}

/* A set that is asked for and has no words would never be found, and its rows never say so. */
static int
check_sets(const struct lexicon *lexicon, const char *path, struct err *err)
{
	size_t i;

	for (i = SET_COUNT; i < lexicon->n_sets; i++)
		if (lexicon->n_words[i] == 0) {
			err_set(err, LODE_EUSAGE, "the set '%.*s' has no words", STR_ARG(lexicon->set_name[i]));
			return err_line(err, path, 0);
		}
	return LODE_OK;
}

static int
by_act(const void *a, const void *b)
{
	const struct pattern *p = a, *q = b;

	return p->set[0] != q->set[0] ? (p->set[0] > q->set[0]) - (p->set[0] < q->set[0]) : (p->line > q->line) - (p->line < q->line);
}

/* Members by literal, patterns by act, and which literals are searched where. */
static int
arrange(struct lexicon *lexicon, struct err *err)
{
	uint32_t at = 0;
	size_t i, set;

	if ((lexicon->members = calloc(lexicon->n_links + 1, sizeof *lexicon->members)) == NULL)
		return out_of_memory(err);
	if (lexicon->n_patterns > 0)
		qsort(lexicon->patterns, lexicon->n_patterns, sizeof *lexicon->patterns, by_act);
	for (i = 0, set = 0; set <= LEXICON_SETS; set++) {
		while (i < lexicon->n_patterns && lexicon->patterns[i].set[0] < set)
			i++;
		lexicon->first_pattern[set] = (uint32_t)i;
	}
	for (i = 0; i < lexicon->n_links; i++)
		lexicon->literals[lexicon->links[i].literal].n_members++;
	for (i = 0; i < lexicon->n_literals; i++) {
		lexicon->literals[i].member = at;
		at += lexicon->literals[i].n_members;
		lexicon->literals[i].n_members = 0;
	}
	for (i = 0; i < lexicon->n_links; i++) {
		struct literal *literal = &lexicon->literals[lexicon->links[i].literal];

		set = lexicon->links[i].member.set;
		lexicon->members[literal->member + literal->n_members++] = lexicon->links[i].member;
		literal->in[LEXICON_TEXT] |= set <= SET_TEXT_LAST || set >= SET_COUNT;
		literal->in[LEXICON_GRAMMAR] |= (set > SET_TEXT_LAST && set < SET_ABBREVIATION) || set == SET_NEUTRAL;
		literal->anchor |= set == SET_MEASURE || set == SET_COMMODITY || lexicon->first_pattern[set] < lexicon->first_pattern[set + 1];
	}
	return LODE_OK;
}

static int
blame_compiler(const struct lexicon *lexicon, const uint32_t *ids, const hs_compile_error_t *error, struct err *err)
{
	const struct literal *literal;

	if (error == NULL || error->expression < 0)
		return err_set(err, LODE_EUSAGE, "cannot compile the phrases: %s", error == NULL ? "no reason given" : error->message);
	literal = &lexicon->literals[ids[error->expression]];
	err_set(err, LODE_EUSAGE, "'%.*s': %s", STR_ARG(literal->text), error->message);
	return table_blame(literal->table, literal->row, header_find(&literal->table->header, STR("phrase")) >= 0 ? "phrase" : "name", err);
}

static int
compile(struct lexicon *lexicon, enum lexicon_part part, struct err *err)
{
	size_t n = lexicon->n_literals, i, used = 0;
	const char **text = calloc(n + 1, sizeof *text);
	size_t *length = calloc(n + 1, sizeof *length);
	unsigned *flags = calloc(n + 1, sizeof *flags), *ids = calloc(n + 1, sizeof *ids);
	hs_compile_error_t *error = NULL;
	hs_error_t failed;
	int rc = LODE_OK;

	if (text == NULL || length == NULL || flags == NULL || ids == NULL)
		rc = out_of_memory(err);
	for (i = 0; rc == LODE_OK && i < n; i++)
		if (lexicon->literals[i].in[part]) {
			text[used] = lexicon->literals[i].text.p;
			length[used] = lexicon->literals[i].text.n;
			flags[used] = HS_FLAG_CASELESS;
			ids[used++] = (unsigned)i;
		}
	if (rc == LODE_OK && used > 0) {
		failed = hs_compile_lit_multi(text, flags, ids, length, (unsigned)used, HS_MODE_BLOCK, NULL, &lexicon->database[part], &error);
		if (failed == HS_COMPILER_ERROR)
			rc = blame_compiler(lexicon, ids, error, err);
		else if (failed != HS_SUCCESS || hs_alloc_scratch(lexicon->database[part], &lexicon->scratch) != HS_SUCCESS)
			rc = out_of_memory(err);
	}
	hs_free_compile_error(error);
	free(text);
	free(length);
	free(flags);
	free(ids);
	return rc;
}

static int
start(struct lexicon *lexicon, struct err *err)
{
	uint16_t set;
	size_t i;

	if ((lexicon->arena = arena_new()) == NULL || (lexicon->by_text = map_new()) == NULL || (lexicon->by_set = map_new()) == NULL ||
	    (lexicon->by_element = map_new()) == NULL)
		return out_of_memory(err);
	for (i = 0; i < SET_COUNT; i++)
		if (find_set(lexicon, str_of(roles[i]), &set, err) != LODE_OK)
			return err->code;
	return LODE_OK;
}

int
lexicon_new(struct lexicon **result, const struct lexicon_paths *paths, struct err *err)
{
	static const char *const phrase[] = { "phrase", "language", "role", "class", "sign", "requires", "forbids", "source", NULL };
	static const char *const place[] = { "name", "kind", "iso", "source", NULL };
	static const char *const actor[] = { "name", "actor", "area", "requires", "source", NULL };
	static const char *const commodity[] = { "name", "commodity", "requires", "source", NULL };
	const struct { const char *path; const char *const *columns; uint16_t set; } files[] = {
		{ paths->phrases, phrase, SET_COUNT }, { paths->places, place, SET_PLACE }, { paths->actors, actor, SET_ACTOR },
		{ paths->commodities, commodity, SET_COMMODITY } };
	struct lexicon *lexicon = calloc(1, sizeof *lexicon);
	struct table table[4] = { { .path = NULL } };
	size_t i;
	int rc;

	if (lexicon == NULL)
		return out_of_memory(err);
	rc = start(lexicon, err);
	for (i = 0; rc == LODE_OK && i < 4; i++)
		if ((rc = table_load(&table[i], files[i].path, files[i].columns, err)) == LODE_OK)
			rc = load_rows(lexicon, &table[i], files[i].set, err);
	if (rc == LODE_OK)
		rc = check_sets(lexicon, paths->phrases, err);
	if (rc == LODE_OK)
		rc = arrange(lexicon, err);
	if (rc == LODE_OK)
		rc = compile(lexicon, LEXICON_TEXT, err);
	if (rc == LODE_OK)
		rc = compile(lexicon, LEXICON_GRAMMAR, err);
	for (i = 0; i < lexicon->n_literals; i++)
		lexicon->literals[i].table = NULL;
	for (i = 0; i < 4; i++)
		table_release(&table[i]);
	if (rc != LODE_OK)
		lexicon_free(lexicon);
	else
		*result = lexicon;
	return rc;
}

void
lexicon_free(struct lexicon *lexicon)
{
	size_t i;

	if (lexicon == NULL)
		return;
	for (i = 0; i < 2; i++) {
		hs_free_database(lexicon->database[i]);
		free(lexicon->hits[i].hit);
	}
	hs_free_scratch(lexicon->scratch);
	free(lexicon->literals);
	free(lexicon->links);
	free(lexicon->members);
	free(lexicon->entries);
	free(lexicon->patterns);
	map_free(lexicon->by_text);
	map_free(lexicon->by_set);
	map_free(lexicon->by_element);
	arena_free(lexicon->arena);
	free(lexicon);
}

struct scan {
	const struct literal *literals;
	struct str text;
	struct hits *hits;
};

static bool
case_fits(const struct literal *literal, const char *text)
{
	size_t i;

	for (i = 0; i < literal->text.n; i++)
		if (literal->text.p[i] >= 'A' && literal->text.p[i] <= 'Z' && literal->text.p[i] != text[i])
			return false;
	return true;
}

static int HS_CDECL
on_hit(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *arg)
{
	struct scan *scan = arg;
	const struct literal *literal = &scan->literals[id];
	struct hits *hits = scan->hits;
	size_t end = (size_t)to, begin = end - literal->text.n;
	struct hit *more;

	(void)from, (void)flags;
	if ((literal->left && begin > 0 && is_word(scan->text.p[begin - 1])) ||
	    (literal->right && end < scan->text.n && is_word(scan->text.p[end])) || (literal->cased && !case_fits(literal, scan->text.p + begin)))
		return 0;
	if ((more = grow(hits->hit, hits->n, &hits->room, sizeof *more)) == NULL) {
		hits->failed = true;
		return 1;
	}
	hits->hit = more;
	more[hits->n++] = (struct hit){ (uint32_t)begin, (uint32_t)end, id };
	return 0;
}

int
lexicon_scan(struct lexicon *lexicon, enum lexicon_part part, struct str text, struct hit **hits, size_t *n, struct err *err)
{
	struct scan scan = { lexicon->literals, text, &lexicon->hits[part] };

	scan.hits->n = 0;
	scan.hits->failed = false;
	if (lexicon->database[part] != NULL && text.n > 0)
		hs_scan(lexicon->database[part], text.p, (unsigned)text.n, 0, lexicon->scratch, on_hit, &scan);
	if (scan.hits->failed)
		return out_of_memory(err);
	*hits = scan.hits->hit;
	*n = scan.hits->n;
	return LODE_OK;
}

static int HS_CDECL
count_hit(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *arg)
{
	(void)id, (void)from, (void)to, (void)flags;
	++*(uint64_t *)arg;
	return 0;
}

uint64_t
lexicon_scan_bare(struct lexicon *lexicon, struct str text)
{
	uint64_t n = 0;

	if (lexicon->database[LEXICON_TEXT] != NULL && text.n > 0)
		hs_scan(lexicon->database[LEXICON_TEXT], text.p, (unsigned)text.n, 0, lexicon->scratch, count_hit, &n);
	return n;
}

const struct member *
lexicon_members(const struct lexicon *lexicon, uint32_t literal, size_t *n)
{
	*n = lexicon->literals[literal].n_members;
	return lexicon->members + lexicon->literals[literal].member;
}

bool
lexicon_is_anchor(const struct lexicon *lexicon, uint32_t literal)
{
	return lexicon->literals[literal].anchor;
}

const struct entry *
lexicon_entry(const struct lexicon *lexicon, uint32_t entry)
{
	return &lexicon->entries[entry];
}

const struct pattern *
lexicon_patterns(const struct lexicon *lexicon, uint16_t set, size_t *n)
{
	*n = lexicon->first_pattern[set + 1] - lexicon->first_pattern[set];
	return lexicon->patterns + lexicon->first_pattern[set];
}

struct str
lexicon_threat_class(const struct lexicon *lexicon, struct str event_class, int *sign, bool *by_actor)
{
	char name[LEXICON_LENGTH];
	int n = snprintf(name, sizeof name, "%.*s-threat", STR_ARG(event_class));
	const struct map_entry *known = map_get(lexicon->by_set, event_class);

	if (known != NULL && lexicon->classes[known->value.number - 1].outcome)
		return STR("");
	known = n < 0 || (size_t)n >= sizeof name ? NULL : map_get(lexicon->by_set, str_of(name));
	if (known == NULL || !lexicon->classes[known->value.number - 1].there)
		known = map_get(lexicon->by_set, STR("threat"));
	if (known == NULL || !lexicon->classes[known->value.number - 1].there)
		return STR("");
	*sign = lexicon->classes[known->value.number - 1].sign;
	*by_actor = lexicon->classes[known->value.number - 1].by_actor;
	return known->key;
}

bool
lexicon_is_abbreviation(const struct lexicon *lexicon, struct str word)
{
	const struct map_entry *known = map_get(lexicon->by_text, word);
	size_t i, n;
	const struct member *member;

	if (known == NULL || known->value.number == 0)
		return false;
	member = lexicon_members(lexicon, (uint32_t)known->value.number - 1, &n);
	for (i = 0; i < n; i++)
		if (member[i].set == SET_ABBREVIATION)
			return true;
	return false;
}

size_t
lexicon_entries(const struct lexicon *lexicon)
{
	return lexicon->n_entries;
}

size_t
lexicon_sets(const struct lexicon *lexicon)
{
	return lexicon->n_sets;
}

size_t
lexicon_literals(const struct lexicon *lexicon, enum lexicon_part part)
{
	size_t i, n = 0;

	for (i = 0; i < lexicon->n_literals; i++)
		n += lexicon->literals[i].in[part];
	return n;
}
