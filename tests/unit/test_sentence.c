/* sentence: marks are found where they start; words that are looked up from either end, whole, and in no other set */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sentence_world.h"

static const char phrases[] = PHRASES
    "(of|ofsome)\ten\tof\t\t\t\t\tt\n" "(前|底前)\tzh\tof\tbehind\t\t\t\tt\n" "–\tzh\tof\t\t\t\t\tt\n" "Kg\ten\tof\t\t\t\t\tt\n" "to\ten\trange\t\t\t\t\tt\n"
    "(to|no)\ten\tto\t\t\t\t\tt\n" "to (a|)\ten\twill\t\t\t\t\tt\n" "a\ten\tper\t\t\t\t\tt\n" "no\ten\tnegation\t\t\t\t\tt\n" "no\ten\tnotice\t\t\t\t\tt\n";
static int
setup(void **state)
{
	return open_lexicon(state, phrases);
}

/* Each text has one word, at those bytes. */
static void
a_word_is_found_from_either_end(void **state)
{
	static const struct { const char *text; size_t start, end; } told[] = {
		{ "of", 0, 2 }, { "x of y", 2, 4 }, { "x Of y", 2, 4 }, { "x OF, y", 2, 4 }, { "ofsome", 0, 6 }, { "5月前", 4, 7 }, { "5月底前", 4, 10 }, { "5–7", 1, 4 }, { "5 – 7", 2, 5 } };
	size_t i, start, end;

	for (i = 0; i < sizeof told / sizeof told[0]; i++) {
		read_text(state, told[i].text);
		start = end = SIZE_MAX;
		assert_non_null(sentence_word_at(&sentence, SET_OF, told[i].start, &end));
		assert_int_equal(end, told[i].end);
		assert_non_null(sentence_word_before(&sentence, SET_OF, told[i].end, &start));
		assert_int_equal(start, told[i].start);
		/* Behind a blank, and before one */
		if (told[i].start > 0 && told[i].text[told[i].start - 1] == ' ')
			assert_non_null(sentence_word_at(&sentence, SET_OF, told[i].start - 1, &end));
		if (told[i].text[told[i].end] == ' ')
			assert_non_null(sentence_word_before(&sentence, SET_OF, told[i].end + 1, &start));
		assert_null(sentence_word_at(&sentence, SET_RANGE, told[i].start, &end));
		assert_null(sentence_word_before(&sentence, SET_RANGE, told[i].end, &start));
	}
}

static void
a_part_of_a_word_is_no_word(void **state)
{
	static const char *const texts[] = { "", " ", "off", "oft of", "of5", "  of", "某前", "kg", "KG" };
	size_t i, end = SIZE_MAX;

	for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		read_text(state, texts[i]);
		assert_null(sentence_word_at(&sentence, SET_OF, 0, &end));
	}
	read_text(state, "5of");
	assert_null(sentence_word_before(&sentence, SET_OF, 3, &end));
	assert_null(sentence_word_before(&sentence, SET_OF, 0, &end));
	assert_int_equal(end, SIZE_MAX);
	read_text(state, "Kg");
	assert_non_null(sentence_word_at(&sentence, SET_OF, 0, &end));
}

/* At every byte, of every set; words of sets that are not searched make no mark. */
static void
a_mark_is_found_where_it_starts(void **state)
{
	static const char text[] = "no a to no to a a no, to no no to a";
	const struct mark *m, *want;
	size_t at, marks = 0;
	unsigned set;

	read_text(state, text);
	for (at = 0; at < sentence.end; at++)
		for (set = 0; set < SET_COUNT; set++) {
			want = NULL;
			for (m = sentence.marks; m < sentence.marks + sentence.n && want == NULL; m++)
				want = m->start == at && m->set == set ? m : NULL;
			assert_ptr_equal(sentence_at(&sentence, set, at), want);
			marks += want != NULL;
			assert_true(want == NULL || set <= SET_GRAMMAR_LAST);
		}
	assert_true(marks >= 12);
}

static void
a_word_lies_within(void **state)
{
	read_text(state, "soft, of office");
	assert_true(sentence_has_word(&sentence, SET_OF, 0, 15));
	assert_true(sentence_has_word(&sentence, SET_OF, 6, 8));
	assert_false(sentence_has_word(&sentence, SET_OF, 0, 6));
	assert_false(sentence_has_word(&sentence, SET_OF, 8, 15));
	/* "of" of "office" and of "soft" */
	assert_false(sentence_has_word(&sentence, SET_OF, 9, 11));
	assert_false(sentence_has_word(&sentence, SET_OF, 1, 3));
	assert_false(sentence_has_word(&sentence, SET_RANGE, 0, 15));
	assert_false(sentence_has_word(&sentence, SET_OF, 7, 7));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_word_is_found_from_either_end),
		cmocka_unit_test(a_part_of_a_word_is_no_word),
		cmocka_unit_test(a_word_lies_within),
		cmocka_unit_test(a_mark_is_found_where_it_starts),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("sentence", tests, setup, close_lexicon);
}
