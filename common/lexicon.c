#include "lexicon_data.h"

#include <stdio.h>
#include <stdlib.h>

void *
lexicon_grow(void *array, size_t n, size_t *room, size_t size)
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

bool
lexicon_is_letter(char c)
{
	return char_is_letter(c) || char_is_digit(c);
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

static bool
is_searched(unsigned set)
{
	return set <= SET_GRAMMAR_LAST || set >= SET_COUNT;
}

/* Members by literal, those of sets that are searched first; patterns by act, and which literals are searched where. */
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
		lexicon->literals[lexicon->links[i].literal].n_all++;
	for (i = 0; i < lexicon->n_literals; i++) {
		lexicon->literals[i].member = at;
		at += lexicon->literals[i].n_all;
		lexicon->literals[i].n_all = 0;
	}
	for (i = 0; i < 2 * lexicon->n_links; i++) {
		const struct link *link = &lexicon->links[i % lexicon->n_links];
		struct literal *literal = &lexicon->literals[link->literal];

		set = link->member.set;
		if (is_searched(link->member.set) != (i < lexicon->n_links))
			continue;
		lexicon->members[literal->member + literal->n_all++] = link->member;
		literal->n_members += i < lexicon->n_links;
		literal->in[LEXICON_TEXT] |= set <= SET_TEXT_LAST || set >= SET_COUNT;
		literal->in[LEXICON_GRAMMAR] |= (set > SET_TEXT_LAST && set <= SET_GRAMMAR_LAST) || set == SET_NEUTRAL;
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
	if ((lexicon->arena = arena_new()) == NULL || (lexicon->by_text = map_new()) == NULL || (lexicon->by_set = map_new()) == NULL ||
	    (lexicon->by_element = map_new()) == NULL)
		return out_of_memory(err);
	if (chinese_new(&lexicon->chinese, err) != LODE_OK)
		return err->code;
	return lexicon_name_sets(lexicon, err);
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
			rc = lexicon_read_rows(lexicon, &table[i], files[i].set, err);
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
	chinese_free(lexicon->chinese);
	buf_release(&lexicon->form);
	arena_free(lexicon->arena);
	free(lexicon);
}

int
lexicon_simplify(const struct lexicon *lexicon, struct str text, struct buf *buffer, struct str *simplified, struct err *err)
{
	return chinese_simplify(lexicon->chinese, text, buffer, simplified, err);
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
	if ((literal->left && begin > 0 && lexicon_is_letter(scan->text.p[begin - 1])) ||
	    (literal->right && end < scan->text.n && lexicon_is_letter(scan->text.p[end])) || (literal->cased && !case_fits(literal, scan->text.p + begin)))
		return 0;
	if ((more = lexicon_grow(hits->hit, hits->n, &hits->room, sizeof *more)) == NULL) {
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

static const struct entry *
find_word(const struct lexicon *lexicon, unsigned set, struct str word)
{
	const struct map_entry *known = map_get(lexicon->by_text, word);
	const struct literal *literal;
	const struct member *member;
	size_t i;

	if (known == NULL || known->value.number == 0)
		return NULL;
	literal = &lexicon->literals[known->value.number - 1];
	member = lexicon->members + literal->member;
	for (i = 0; i < literal->n_all; i++)
		if (member[i].set == set)
			return &lexicon->entries[member[i].entry];
	return NULL;
}

const struct entry *
lexicon_word(const struct lexicon *lexicon, unsigned set, struct str word)
{
	const struct entry *entry;
	char small[LEXICON_LENGTH];
	bool capital = false;
	size_t i;

	if (word.n > lexicon->longest[set] || word.n > sizeof small)
		return NULL;
	entry = find_word(lexicon, set, word);
	/* Small letters of a table match capitals. */
	for (i = 0; entry == NULL && i < word.n; i++) {
		small[i] = word.p[i] >= 'A' && word.p[i] <= 'Z' ? (char)(word.p[i] | 0x20) : word.p[i];
		capital |= small[i] != word.p[i];
	}
	return capital ? find_word(lexicon, set, (struct str){ small, word.n }) : entry;
}

size_t
lexicon_entries(const struct lexicon *lexicon)
{
	return lexicon->n_entries;
}
