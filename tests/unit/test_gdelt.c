/* gdelt: layouts, lists of files, times, places and what is asked for */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gdelt.h"
#include "instant.h"
#include "temp.h"

static void
a_list_of_files_is_known_by_its_form(void **state)
{
	(void)state;
	assert_true(gdelt_is_list(STR("180505 3a478f464cb1e80db45270c6fe1787e2 http://x/1.zip")));
	assert_false(gdelt_is_list(STR("180505 3a478f464cb1e80db45270c6fe1787e http://x/1.zip")));
	assert_false(gdelt_is_list(STR("x80505 3a478f464cb1e80db45270c6fe1787e2 http://x/1.zip")));
	assert_false(gdelt_is_list(STR("180505 3a478f464cb1e80db45270c6fe1787e2 ftp")));
	assert_false(gdelt_is_list(STR("180505 3a478f464cb1e80db45270c6fe1787e2")));
	assert_false(gdelt_is_list(STR("")));
}

static void
time_is_that_of_publication(void **state)
{
	struct err err = ERR_INIT;
	char text[INSTANT_MAX];
	int64_t known;

	(void)state;
	assert_int_equal(gdelt_known(false, STR("20241020071500"), &known, &err), LODE_OK);
	instant_format(known, text);
	assert_string_equal(text, "2024-10-20T07:15:00Z");
	assert_int_equal(gdelt_known(true, STR("20241231"), &known, &err), LODE_OK);
	instant_format(known, text);
	assert_string_equal(text, "2025-01-01T11:00:00Z");
	assert_int_equal(gdelt_known(false, STR("20241020"), &known, &err), LODE_EDATA);
	assert_int_equal(gdelt_known(false, STR("20241020076000"), &known, &err), LODE_EDATA);
	assert_int_equal(gdelt_known(true, STR("20241020071500"), &known, &err), LODE_EDATA);
	assert_null(gdelt_layout(60));
}

static int
kind_of(unsigned n, const char *raw)
{
	struct record record = { .n = n, .raw = str_of(raw) };
	enum gdelt_kind kind;
	struct err err = ERR_INIT;

	return gdelt_kind(&record, &kind, &err) == LODE_OK ? (int)kind : -1;
}

static void
the_number_of_columns_is_the_kind(void **state)
{
	(void)state;
	assert_int_equal(kind_of(61, ""), GDELT_KIND_EVENTS);
	assert_int_equal(kind_of(58, ""), GDELT_KIND_EVENTS);
	assert_int_equal(kind_of(57, ""), GDELT_KIND_EVENTS);
	assert_int_equal(kind_of(16, ""), GDELT_KIND_MENTIONS);
	assert_int_equal(kind_of(27, ""), GDELT_KIND_GKG);
	assert_int_equal(kind_of(11, ""), GDELT_KIND_GKG);
	assert_int_equal(kind_of(15, ""), GDELT_KIND_COUNTS);
	assert_int_equal(kind_of(1, "20241018,BM,70"), GDELT_KIND_TOTALS);
	assert_int_equal(kind_of(1, "x0241018,BM,70"), -1);
	assert_int_equal(kind_of(1, "180505 3a478f464cb1e80db45270c6fe1787e2 http://x/1,2.zip"), -1);
	assert_int_equal(kind_of(60, ""), -1);
}

static void
the_names_of_indicators_are_words(void **state)
{
	static struct gdelt gdelt;
	struct gdelt_line line;
	struct err err = ERR_INIT;
	char longest[100];

	(void)state;
	gdelt_line_init(&line);
	assert_int_equal(gdelt_set_indicator(&gdelt, &line, "count", STR("CRISISLEX_T03_DEAD"), &err), LODE_OK);
	assert_true(str_is(line.obs.f[OBS_INDICATOR], "count.crisislex-t03-dead"));
	assert_int_equal(gdelt_set_indicator(&gdelt, &line, "count", STR("A B"), &err), LODE_EDATA);
	assert_string_equal(err.message, "cannot read 'A B' as the name of a count");
	assert_int_equal(gdelt_set_indicator(&gdelt, &line, "count", STR(""), &err), LODE_EDATA);
	memset(longest, 'a', sizeof longest);
	assert_int_equal(gdelt_set_indicator(&gdelt, &line, "event", (struct str){ longest, sizeof gdelt.indicator - 6 }, &err), LODE_OK);
	assert_int_equal(gdelt_set_indicator(&gdelt, &line, "event", (struct str){ longest, sizeof gdelt.indicator - 5 }, &err), LODE_EDATA);
}

static const char *
rule_of(struct gdelt_places *places, const char *country, const char *adm1, struct str *area)
{
	struct err err = ERR_INIT;
	const char *rule;

	*area = STR("");
	if (gdelt_place(places, str_of(country), str_of(adm1), area, &rule, &err) != LODE_OK)
		return "error";
	return rule == NULL ? "" : rule;
}

static void
places_are_narrowed_by_what_is_asked_for(void **state)
{
	static const char table[] = "fips\tiso\tsource\nBM\tMM\tt\nBM04\tMM-11\tt\nCH\tCN\tt\nCH29\tCN-YN\tt\nUS\tUS\tt\n";
	static struct gdelt_places places;
	struct option_list area = { 0 };
	char path[] = "/tmp/test_gdelt.XXXXXX";
	struct err err = ERR_INIT;
	struct str got;

	(void)state;
	temp_make(path, table, sizeof table - 1);
	assert_int_equal(gdelt_places_init(&places, path, &area, &err), LODE_OK);
	assert_string_equal(rule_of(&places, "BM", "BM04", &got), "");
	assert_true(str_is(got, "MM-11"));
	assert_string_equal(rule_of(&places, "BM", "BM99", &got), "");
	assert_true(str_is(got, "MM"));
	assert_string_equal(rule_of(&places, "BM", "CH29", &got), "");
	assert_true(str_is(got, "MM"));
	assert_string_equal(rule_of(&places, "", "", &got), "no-place");
	assert_string_equal(rule_of(&places, "ZZ", "", &got), "error");
	assert_string_equal(rule_of(&places, "B", "", &got), "error");
	assert_true(str_is(gdelt_country(&places, STR("CH")), "CN"));
	assert_int_equal(gdelt_country(&places, STR("ZZ")).n, 0);
	gdelt_places_release(&places);

	memset(places.seen, 0, sizeof places.seen);
	area = (struct option_list){ .n = 2, .item = { STR("MM-11"), STR("CN") } };
	assert_int_equal(gdelt_places_init(&places, path, &area, &err), LODE_OK);
	assert_string_equal(rule_of(&places, "BM", "BM04", &got), "");
	assert_string_equal(rule_of(&places, "BM", "BM", &got), "other-place");
	assert_string_equal(rule_of(&places, "CH", "CH29", &got), "");
	assert_string_equal(rule_of(&places, "US", "USTX", &got), "other-place");
	assert_string_equal(rule_of(&places, "ZZ", "", &got), "error");
	gdelt_places_release(&places);
	unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_of_files_is_known_by_its_form),
		cmocka_unit_test(time_is_that_of_publication),
		cmocka_unit_test(the_number_of_columns_is_the_kind),
		cmocka_unit_test(the_names_of_indicators_are_words),
		cmocka_unit_test(places_are_narrowed_by_what_is_asked_for),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
