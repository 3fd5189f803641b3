/* clause: how far a word reaches, and the forms of a verb */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "clause.h"
#include "sentence_world.h"

static const char phrases[] = PHRASES "will\ten\twill\t\t\t\t\tt\n" "may\ten\tpossible\tmodal\t\t\t\tt\n" "weighs\ten\tpossible\t\t\t\t\tt\n" "plan\ten\tdoubtful\tnoun\t\t\t\tt\n"
    "(and|or)\ten\tand\t\t\t\t\tt\n" "but\ten\tbreak\t\t\t\t\tt\n" "(after|when)\ten\tsubordinate\t\t\t\t\tt\n" "which\ten\trelative\t\t\t\t\tt\n" "follow\ten\toccur\t\t\t\t\tt\n"
    "将\tzh\twill\t\t\t\t\tt\n";

static int
setup(void **state)
{
	return open_lexicon(state, phrases);
}

/* The last place of a word in the sentence. */
static struct mark
mark_of(const char *word)
{
	const char *at = NULL, *next = sentence.text.p;

	while ((next = strstr(next, word)) != NULL)
		at = next++;
	assert_non_null(at);
	return (struct mark){ (uint32_t)(at - sentence.text.p), (uint32_t)(at - sentence.text.p + (ptrdiff_t)strlen(word)), 0, SET_COUNT };
}

static const struct mark *
cue(unsigned set)
{
	const struct mark *mark = sentence_first(&sentence, set, 0, sentence.end);

	assert_non_null(mark);
	return mark;
}

/* "Will" and the act with n words between, and m commas. */
static void
a_word_reaches_as_many_words_and_commas_as_are_allowed(void **state)
{
	char text[200];
	unsigned n, m, words, commas, i;

	for (n = 0; n < 6; n++)
		for (m = 0; m <= n; m++) {
			snprintf(text, sizeof text, "They will");
			for (i = 0; i < n; i++)
				snprintf(text + strlen(text), sizeof text - strlen(text), " so%s", i < m ? "," : "");
			snprintf(text + strlen(text), sizeof text - strlen(text), " close it");
			read_text(state, text);
			for (words = 0; words < 7; words++)
				for (commas = 0; commas < 7; commas++)
					assert_int_equal(clause_reaches(&sentence, cue(SET_WILL), mark_of("close").start, words, commas), n <= words && m <= commas);
		}
}

static void
another_clause_is_out_of_reach(void **state)
{
	static const struct { const char *text; bool reached; } told[] = {
		{ "It will now close", true }, { "It will but close", false }, { "It will when they close", false }, { "It will which they close", false }, { "Close will it close", true },
		/* Only to the last of a list */
		{ "It will stop trade, cut power and close", true }, { "It will stop trade, cut power and closed", false }, { "It will stop trade, and close", false },
		{ "It will stop trade, cut power and now close", false } };
	size_t i;

	for (i = 0; i < sizeof told / sizeof told[0]; i++) {
		read_text(state, told[i].text);
		assert_int_equal(clause_reaches(&sentence, cue(SET_WILL), mark_of("close").start, 20, 2), told[i].reached);
	}
	read_text(state, "Close it will");
	assert_false(clause_reaches(&sentence, cue(SET_WILL), 0, 20, 2));
}

static void
forms_of_a_verb_are_told_by_ending_and_by_what_is_before(void **state)
{
	static const struct { const char *text, *act; bool bare, passive, present; } told[] = {
		{ "They close it", "close", true, false, true }, { "It closes it", "closes", false, false, true }, { "They closed it", "closed", false, false, false },
		{ "They are closing it", "closing", false, true, true }, { "It is closed", "closed", false, true, true }, { "It was closed", "closed", false, true, false },
		{ "It had held it", "held", false, false, false }, { "It has close", "close", true, false, false }, { "它关闭", "关闭", false, false, false } };
	struct mark act;
	size_t i;

	for (i = 0; i < sizeof told / sizeof told[0]; i++) {
		read_text(state, told[i].text);
		act = mark_of(told[i].act);
		assert_int_equal(clause_is_bare(&sentence, act.start), told[i].bare);
		assert_int_equal(clause_is_passive(&sentence, act.start), told[i].passive);
		assert_int_equal(clause_is_present(&sentence, &act), told[i].present);
	}
}

static void
what_is_to_come_is_told_by_will_or_by_a_titles_to(void **state)
{
	static const struct { const char *text; bool headline, to_come; } told[] = {
		{ "They will close it", false, true }, { "They close it", false, false }, { "Which will follow, close", false, false }, { "To close will follow", false, true },
		{ "Guard to close gate", true, true }, { "Guard to close gate", false, false }, { "Gate to be close", true, true }, { "Guard hired men to close gate", true, false },
		{ "Guard sends men to close gate", true, false } };
	struct mark act;
	size_t i;

	for (i = 0; i < sizeof told / sizeof told[0]; i++) {
		read_text(state, told[i].text);
		sentence.headline = told[i].headline;
		act = mark_of("close");
		assert_int_equal(clause_is_to_come(&sentence, &act, act.start, act.end), told[i].to_come);
		assert_true(told[i].to_come || !clause_is_title_future(&sentence, &act));
	}
	read_text(state, "It will be barred and the gate closed");
	act = mark_of("closed");
	assert_true(clause_shares_be(&sentence, cue(SET_WILL), &act, mark_of("gate").start, act.end));
	read_text(state, "It will be barred and the gate was closed");
	act = mark_of("closed");
	assert_false(clause_shares_be(&sentence, cue(SET_WILL), &act, mark_of("gate").start, act.end));
}

static void
a_list_has_one_form(void **state)
{
	read_text(state, "It weighs closing gates, halting trade and raising tolls");
	assert_true(clause_is_listed(&sentence, cue(SET_POSSIBLE), mark_of("halting").start));
	assert_true(clause_is_listed(&sentence, cue(SET_POSSIBLE), mark_of("raising").start));
	assert_false(clause_is_listed(&sentence, cue(SET_POSSIBLE), mark_of("tolls").start));
	read_text(state, "It may close gates, halt trade and raised tolls");
	assert_true(clause_is_listed(&sentence, cue(SET_POSSIBLE), mark_of("halt").start));
	assert_false(clause_is_listed(&sentence, cue(SET_POSSIBLE), mark_of("raised").start));
}

static void
a_noun_stands_right_behind_or_within(void **state)
{
	struct mark act;

	read_text(state, "A closure plan for the gate");
	act = mark_of("closure");
	assert_true(clause_is_noun_of(&sentence, cue(SET_DOUBTFUL), &act, act.end));
	assert_true(clause_is_within(&sentence, cue(SET_DOUBTFUL), &act, sentence.end));
	assert_false(clause_is_within(&sentence, cue(SET_DOUBTFUL), &act, act.end));
	read_text(state, "They closed, plan at hand");
	act = mark_of("closed");
	assert_false(clause_is_noun_of(&sentence, cue(SET_DOUBTFUL), &act, act.end));
	assert_false(clause_is_within(&sentence, cue(SET_DOUBTFUL), &act, sentence.end));
}

static void
then_and_commas_are_of_either_script(void **state)
{
	read_text(state, "若不退，就关闭，立即关闭");
	assert_true(clause_is_then(&sentence, strlen("若不退，就")));
	assert_false(clause_is_then(&sentence, strlen("若不退，就关闭，立即")));
	assert_true(clause_after_comma(&sentence, strlen("若不退，")));
	assert_false(clause_after_comma(&sentence, strlen("若不退")));
	read_text(state, "one, two,three");
	assert_true(clause_after_comma(&sentence, 5));
	assert_false(clause_after_comma(&sentence, 9));
	assert_int_equal(clause_word_end(&sentence, 5), 8);
	assert_int_equal(clause_word_end(&sentence, 3), 3);
	assert_int_equal(clause_word_end(&sentence, 9), sentence.end);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_word_reaches_as_many_words_and_commas_as_are_allowed), cmocka_unit_test(another_clause_is_out_of_reach),
		cmocka_unit_test(forms_of_a_verb_are_told_by_ending_and_by_what_is_before), cmocka_unit_test(what_is_to_come_is_told_by_will_or_by_a_titles_to),
		cmocka_unit_test(a_list_has_one_form), cmocka_unit_test(a_noun_stands_right_behind_or_within), cmocka_unit_test(then_and_commas_are_of_either_script),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("clause", tests, setup, close_lexicon);
}
