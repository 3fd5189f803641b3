#include "lexicon_data.h"

#include "phrase.h"

static const char *const roles[SET_COUNT] = {
	"place", "actor", "commodity", "neutral", "measure", "negation", "denial", "threat", "condition", "possible", "doubtful", "had",
	"would", "will", "past", "said", "hearsay", "occur", "make", "break", "subordinate", "relative", "and", "by", "beside", "pronoun", "private", "month", "weekday",
	"day", "span", "last", "this", "next", "ago", "first", "number", "scale", "unit", "currency", "per", "percent", "up", "down",
	"factor", "from", "to", "respectively", "between", "abbreviation", "article", "definite", "in", "of", "range",
	"deadline", "notice" };

struct loading { /* one row that is being read */
	struct lexicon *lexicon;
	const struct table *table;
	size_t row;
	uint16_t set;
	uint32_t entry;
	bool bounded;
};

static int
out_of_memory(struct err *err)
{
	return err_set(err, LODE_ENOMEM, "out of memory");
}

static int
add_entry(struct lexicon *lexicon, struct entry entry, uint32_t *index, struct err *err)
{
	struct entry *entries = lexicon_grow(lexicon->entries, lexicon->n_entries, &lexicon->room_entries, sizeof *entries);

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
	struct literal *literals = lexicon_grow(lexicon->literals, lexicon->n_literals, &lexicon->room_literals, sizeof *literals);
	size_t i;

	if (literals == NULL)
		return out_of_memory(err);
	lexicon->literals = literals;
	if (lexicon->n_literals == LEXICON_LITERALS)
		return err_set(err, LODE_EUSAGE, "more than %d variants of phrases", LEXICON_LITERALS);
	literals[lexicon->n_literals] = (struct literal){ .text = known->key, .table = loading->table, .row = loading->row };
	literals += lexicon->n_literals;
	literals->left = loading->bounded && lexicon_is_letter(form.p[0]);
	literals->right = loading->bounded && lexicon_is_letter(form.p[form.n - 1]);
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
	struct map_entry *known;
	struct link *links = lexicon_grow(lexicon->links, lexicon->n_links, &lexicon->room_links, sizeof *links);

	if (links == NULL)
		return out_of_memory(err);
	lexicon->links = links;
	if (chinese_simplify(lexicon->chinese, form, &lexicon->form, &form, err) != LODE_OK)
		return err->code;
	if ((known = map_put(lexicon->by_text, form)) == NULL)
		return out_of_memory(err);
	if (known->value.number == 0 && new_literal(loading, form, known, err) != LODE_OK)
		return err->code;
	links[lexicon->n_links++] = (struct link){ (uint32_t)known->value.number - 1, { loading->set, loading->entry } };
	lexicon->n_words[loading->set]++;
	if (form.n > lexicon->longest[loading->set])
		lexicon->longest[loading->set] = form.n;
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
		if (!((name.p[i] >= 'a' && name.p[i] <= 'z') || char_is_digit(name.p[i]) || name.p[i] == '-'))
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
	struct pattern *patterns = lexicon_grow(lexicon->patterns, lexicon->n_patterns, &lexicon->room_patterns, sizeof *patterns);
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
	pattern.outcome = lexicon->classes[set].outcome;
	pattern.by_actor = lexicon->classes[set].by_actor;
	pattern.nation = lexicon->classes[set].nation;
	pattern.force = lexicon->classes[set].force;
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
	    .force = str_is(role, "force"),
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
 * nobody does, `force` of what is a threat as long as it is to come. */
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
	    str_is(role, "nation") || str_is(role, "force"))
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

int
lexicon_read_rows(struct lexicon *lexicon, const struct table *table, unsigned set, struct err *err)
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
				rc = entity_row(&loading, (uint16_t)set, "iso", "kind", err);
		} else
			rc = set == SET_ACTOR ? entity_row(&loading, (uint16_t)set, "actor", "area", err) : entity_row(&loading, (uint16_t)set, "commodity", NULL, err);
		if (rc == LODE_EUSAGE)
			return table_blame(table, loading.row, column, err);
	}
	return rc;
}

int
lexicon_name_sets(struct lexicon *lexicon, struct err *err)
{
	uint16_t set;
	size_t i;

	for (i = 0; i < SET_COUNT; i++)
		if (find_set(lexicon, str_of(roles[i]), &set, err) != LODE_OK)
			return err->code;
	return LODE_OK;
}
