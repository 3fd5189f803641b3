/* A lexicon of some phrases, and one sentence read with it: what test_sentence and test_clause begin with. */
#ifndef SENTENCE_WORLD_H
#define SENTENCE_WORLD_H

#include "sentence.h"
#include "temp.h"

#define PHRASES "phrase\tlanguage\trole\tclass\tsign\trequires\tforbids\tsource\n"

static struct sentence sentence;

static inline int
open_lexicon(void **state, const char *phrases)
{
	const char *const text[] = { phrases, "name\tkind\tiso\trequires\tsource\n", "name\tactor\tarea\trequires\tsource\n", "name\tcommodity\trequires\tsource\n" };
	char path[4][32];
	struct lexicon_paths paths = { path[0], path[1], path[2], path[3] };
	struct lexicon *lexicon = NULL;
	struct err err = ERR_INIT;
	size_t i;
	int rc;

	for (i = 0; i < 4; i++) {
		snprintf(path[i], sizeof path[i], "/tmp/test_sentence.XXXXXX");
		temp_make(path[i], text[i], strlen(text[i]));
	}
	if ((rc = lexicon_new(&lexicon, &paths, &err)) != LODE_OK)
		fprintf(stderr, "%s\n", err.message);
	for (i = 0; i < 4; i++)
		unlink(path[i]);
	*state = lexicon;
	return rc;
}

static inline int
close_lexicon(void **state)
{
	lexicon_free(*state);
	return 0;
}

/* With marks of the grammar. */
static inline void
read_text(void **state, const char *text)
{
	struct hit *hits;
	struct err err = ERR_INIT;
	size_t n;

	sentence_init(&sentence, *state, str_of(text), 0, strlen(text));
	assert_int_equal(lexicon_scan(*state, LEXICON_GRAMMAR, sentence.text, &hits, &n, &err), LODE_OK);
	sentence_add(&sentence, hits, n, 0);
	sentence_arrange(&sentence);
}

#endif
