/* levels: entered at one limit, left at a lower one, and a day done again comes out the same */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "levels.h"

static char path[] = "/tmp/test_levels.XXXXXX";

static void
write_file(const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static struct levels *
table(void)
{
	struct levels *levels = NULL;
	struct err err = ERR_INIT;

	write_file("level\tenter\tleave\nwatch\t0.2\t0.15\nwarning\t0.4\t0.3\n");
	assert_int_equal(levels_new(&levels, path, &err), LODE_OK);
	return levels;
}

static void
expect(struct levels *levels, const char *as_of, double p, const char *want)
{
	struct err err = ERR_INIT;
	struct str name;

	assert_int_equal(levels_step(levels, STR("CN\tDy2O3\t12"), str_of(as_of), p, &name, &err), LODE_OK);
	if (!str_is(name, want))
		print_error("%s %g: got %.*s, want %s\n", as_of, p, STR_ARG(name), want);
	assert_true(str_is(name, want));
}

static void
a_level_is_kept_down_to_its_leave(void **state)
{
	struct levels *levels = table();

	(void)state;
	expect(levels, "2024-01-01T00:00:00Z", 0.19, "normal");
	expect(levels, "2024-01-02T00:00:00Z", 0.20, "watch");
	expect(levels, "2024-01-03T00:00:00Z", 0.16, "watch");
	expect(levels, "2024-01-04T00:00:00Z", 0.41, "warning");
	expect(levels, "2024-01-05T00:00:00Z", 0.31, "warning");
	expect(levels, "2024-01-06T00:00:00Z", 0.29, "watch"); /* not normal: watch is still held */
	expect(levels, "2024-01-07T00:00:00Z", 0.14, "normal");
	expect(levels, "2024-01-08T00:00:00Z", 0.19, "normal");
	levels_free(levels);
}

static void
a_fall_through_all_levels_is_one_step(void **state)
{
	struct levels *levels = table();

	(void)state;
	expect(levels, "2024-01-01T00:00:00Z", 0.9, "warning");
	expect(levels, "2024-01-02T00:00:00Z", 0.1, "normal");
	levels_free(levels);
}

static void
a_time_done_again_comes_out_the_same(void **state)
{
	struct levels *levels = table();

	(void)state;
	expect(levels, "2024-01-01T00:00:00Z", 0.25, "watch");
	expect(levels, "2024-01-02T00:00:00Z", 0.16, "watch");
	expect(levels, "2024-01-02T00:00:00Z", 0.16, "watch");
	expect(levels, "2024-01-02T00:00:00Z", 0.10, "normal");
	expect(levels, "2024-01-02T00:00:00Z", 0.16, "watch"); /* before it was watch, whatever was said since */
	levels_free(levels);
}

static void
keys_do_not_share_levels(void **state)
{
	struct levels *levels = table();
	struct err err = ERR_INIT;
	struct str name;

	(void)state;
	expect(levels, "2024-01-01T00:00:00Z", 0.25, "watch");
	assert_int_equal(levels_step(levels, STR("CN\tTb4O7\t12"), STR("2024-01-02T00:00:00Z"), 0.16, &name, &err), LODE_OK);
	assert_true(str_is(name, "normal"));
	levels_free(levels);
}

static void
an_earlier_file_is_the_state_before(void **state)
{
	struct levels *levels = table();
	struct err err = ERR_INIT;

	(void)state;
	write_file("as_of\tregion\tcommodity\thorizon\tlevel\n2024-01-01T00:00:00Z\tCN\tDy2O3\t12\twatch\n");
	assert_int_equal(levels_previous(levels, path, &err), LODE_OK);
	expect(levels, "2024-01-02T00:00:00Z", 0.16, "watch");
	levels_free(levels);
	levels = table(); /* rewrites path */
	write_file("as_of\tregion\tcommodity\thorizon\tlevel\n2024-01-03T00:00:00Z\tCN\tDy2O3\t12\twatch\n");
	assert_int_equal(levels_previous(levels, path, &err), LODE_OK);
	expect(levels, "2024-01-02T00:00:00Z", 0.16, "normal"); /* a later file says nothing about before */
	levels_free(levels);
}

static void
bad_tables_are_refused(void **state)
{
	struct levels *levels = NULL;
	struct err err = ERR_INIT;

	(void)state;
	write_file("level\tenter\tleave\nwatch\t0.2\t0.15\nwarning\t0.1\t0.1\n");
	assert_int_equal(levels_new(&levels, path, &err), LODE_EUSAGE);
	assert_string_equal(err.message, "levels do not rise, or one is left above where it is entered");
	assert_int_equal(err.line, 3);
	write_file("level\tenter\tleave\nwatch\t0.2\t0.25\n");
	assert_int_equal(levels_new(&levels, path, &err), LODE_EUSAGE);
	assert_null(levels);
	levels = table();
	write_file("as_of\tregion\tcommodity\thorizon\tlevel\n2024-01-03T00:00:00Z\tCN\tDy2O3\t12\tpanic\n");
	assert_int_equal(levels_previous(levels, path, &err), LODE_EUSAGE);
	assert_string_equal(err.message, "'panic' is not a level");
	levels_free(levels);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_level_is_kept_down_to_its_leave),
		cmocka_unit_test(a_fall_through_all_levels_is_one_step),
		cmocka_unit_test(a_time_done_again_comes_out_the_same),
		cmocka_unit_test(keys_do_not_share_levels),
		cmocka_unit_test(an_earlier_file_is_the_state_before),
		cmocka_unit_test(bad_tables_are_refused),
	};
	int fd = mkstemp(path), failed;

	if (fd < 0)
		return 1;
	close(fd);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	failed = cmocka_run_group_tests_name("levels", tests, NULL, NULL);
	unlink(path);
	return failed;
}
