/* phrase: the variants of a phrase in their order, and what is no phrase */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "buf.h"
#include "phrase.h"

static int
take(void *arg, struct str form, struct err *err)
{
	struct buf *forms = arg;

	(void)err;
	assert_int_equal(buf_add_str(forms, form), LODE_OK);
	return buf_add(forms, ".", 1);
}

/* The variants with a full stop behind each, or the error. */
static const char *
forms_of(const char *phrase)
{
	static char text[600];
	struct buf forms = BUF_INIT;
	struct err err = ERR_INIT;

	if (phrase_forms(str_of(phrase), 6, 20, take, &forms, &err) == LODE_OK)
		snprintf(text, sizeof text, "%.*s", (int)forms.n, forms.p);
	else {
		assert_int_equal(err.code, LODE_EUSAGE);
		snprintf(text, sizeof text, "%s", err.message);
	}
	buf_release(&forms);
	return text;
}

static void
a_group_stands_for_each_of_its_parts(void **state)
{
	(void)state;
	assert_string_equal(forms_of("weir"), "weir.");
	assert_string_equal(forms_of("dam(s|med)"), "dams.dammed.");
	assert_string_equal(forms_of("(old |)mill(s|)"), "old mills.old mill.mills.mill.");
	assert_string_equal(forms_of("a(b(c|d)|e)f"), "abcf.abdf.aef.");
	assert_string_equal(forms_of("停(产|工)"), "停产.停工.");
}

static void
what_is_no_phrase_is_refused(void **state)
{
	(void)state;
	assert_string_equal(forms_of("mill(s"), "'mill(s' has an unmatched parenthesis");
	assert_string_equal(forms_of("mill)s"), "'mill)s' has an unmatched parenthesis");
	assert_string_equal(forms_of("(a(b|c)d"), "'(a(b|c)d' has an unmatched parenthesis");
	assert_string_equal(forms_of("(a|)"), "'(a|)' has an empty variant");
	assert_string_equal(forms_of("(a|b)(c|d)(e|f)"), "'(a|b)(c|d)(e|f)' stands for too many variants");
	assert_string_equal(forms_of("a phrase with more than twenty bytes"), "'a phrase with more than twenty bytes' has a variant that is too long");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_group_stands_for_each_of_its_parts),
		cmocka_unit_test(what_is_no_phrase_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("phrase", tests, NULL, NULL);
}
