/* regions: codes first, names only within their country */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "regions.h"
#include "temp.h"

static const char countries_text[] = "code\tiso\tsource\n104\tMM\tt\n156\tCN\tt\n";

struct world {
	struct codes *countries;
	struct option_list area;
	struct regions regions;
};

static int
open_world(struct world *world, const char *places, struct err *err)
{
	static const char *const columns[] = { "code", "iso", "source", NULL };
	char path[] = "/tmp/test_regions.XXXXXX", codes_path[] = "/tmp/test_regions.XXXXXX";
	struct table table;
	int rc;

	temp_make(codes_path, countries_text, sizeof countries_text - 1);
	temp_make(path, places, strlen(places));
	assert_int_equal(table_load(&table, codes_path, columns, err), LODE_OK);
	assert_int_equal(codes_new(&world->countries, &table, NULL, NULL, "code", "iso", err), LODE_OK);
	table_release(&table);
	rc = regions_init(&world->regions, world->countries, path, &world->area, err);
	unlink(path);
	unlink(codes_path);
	return rc;
}

static void
close_world(struct world *world)
{
	regions_release(&world->regions);
	codes_free(world->countries);
}

/* The area, with a ! behind it when it is not asked for; "?" for an unknown country. */
static const char *
area_of(struct world *world, const char *code, const char *unit)
{
	static char text[16];
	struct err err = ERR_INIT;
	struct str area;
	bool wanted;

	if (regions_area(&world->regions, str_of(code), str_of(unit), &area, &wanted, &err) != LODE_OK) {
		assert_int_equal(err.code, LODE_EDATA);
		return "?";
	}
	snprintf(text, sizeof text, "%.*s%s", (int)area.n, area.p, wanted ? "" : "!");
	return text;
}

static const char places[] = "name\tkind\tiso\tsource\nKachin\tregion\tMM-11\tt\nkachin\tregion\tMM-11\tt\nMon\tregion\tMM-15\tt\n"
    "Mon\tregion\tCN-YN\tt\nBhamo\ttown\tMM-11\tt\n\xe5\x85\x8b\xe9\x92\xa6\xe9\x82\xa6\tregion\tMM-11\tt\n";

static void
a_name_counts_in_its_country(void **state)
{
	struct world world = { 0 };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(open_world(&world, places, &err), LODE_OK);
	assert_string_equal(area_of(&world, "104", "Kachin"), "MM-11");
	assert_string_equal(area_of(&world, "104", "KACHIN"), "MM-11");
	assert_string_equal(area_of(&world, "104", "\xe5\x85\x8b\xe9\x92\xa6\xe9\x82\xa6"), "MM-11");
	assert_string_equal(area_of(&world, "104", "Mon"), "MM-15");
	assert_string_equal(area_of(&world, "156", "Mon"), "CN-YN");
	assert_string_equal(area_of(&world, "156", "Kachin"), "CN");
	assert_string_equal(area_of(&world, "104", "Bhamo"), "MM");
	assert_string_equal(area_of(&world, "104", ""), "MM");
	assert_string_equal(area_of(&world, "4", "Kachin"), "?");
	assert_string_equal(area_of(&world, "", ""), "?");
	close_world(&world);
}

static void
some_areas_may_be_asked_for(void **state)
{
	struct world world = { .area = { .n = 2, .item = { STR("MM-11"), STR("CN") } } };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(open_world(&world, places, &err), LODE_OK);
	assert_string_equal(area_of(&world, "104", "Kachin"), "MM-11");
	assert_string_equal(area_of(&world, "104", ""), "MM!");
	assert_string_equal(area_of(&world, "104", "Mon"), "MM-15!");
	assert_string_equal(area_of(&world, "156", "Mon"), "CN-YN");
	close_world(&world);
}

static void
tables_are_checked(void **state)
{
	static const struct {
		const char *table, *message;
		uint64_t line;
	} faults[] = {
		{ "name\tkind\tiso\tsource\nMon\tregion\tMM\tt\n", "'MM' is not a subdivision like MM-11", 2 },
		{ "name\tkind\tiso\tsource\nMon\tregion\tMMR11\tt\n", "'MMR11' is not a subdivision like MM-11", 2 },
		{ "name\tkind\tiso\tsource\nMon\tregion\tMM-11\tt\nmon\tregion\tMM-12\tt\n", "'mon' of MM is there twice", 3 },
		{ "name\tiso\tsource\nMon\tMM-11\tt\n", "no column 'kind' in the header", 1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		struct world world = { 0 };
		struct err err = ERR_INIT;

		assert_int_equal(open_world(&world, faults[i].table, &err), LODE_EUSAGE);
		assert_string_equal(err.message, faults[i].message);
		assert_int_equal(err.line, faults[i].line);
		close_world(&world);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_counts_in_its_country),
		cmocka_unit_test(some_areas_may_be_asked_for),
		cmocka_unit_test(tables_are_checked),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
