/* collate: sorted and stable against a plain sort, nothing held when told so, the limit, use after a finish */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "collate.h"
#include "temp.h"

static struct obs
observation(const char *known, const char *value)
{
	struct obs obs = { { { 0 } } };
	int i;

	for (i = 0; i < OBS_N; i++)
		obs.f[i] = STR("");
	obs.f[OBS_KNOWN] = str_of(known);
	obs.f[OBS_VALUE] = str_of(value);
	return obs;
}

static void
order_is_by_known_and_then_as_added(void **state)
{
	char path[] = "/tmp/test_collate.XXXXXX", known[32], value[32], *got, *line;
	struct err err = ERR_INIT;
	struct collate *collate;
	struct sink sink;
	struct str extra = STR("a\tb");
	unsigned seed = 1;
	int last_hour = -1, last_value = -1, i, n = 0, hour, number;
	size_t size;

	(void)state;
	temp_make(path, "", 0);
	assert_int_equal(sink_open(&sink, path, &err), LODE_OK);
	assert_int_equal(collate_new(&collate, &sink, true, COLLATE_DEFAULT, &err), LODE_OK);
	for (i = 0; i < 5000; i++) {
		struct obs obs;

		seed = seed * 1103515245u + 12345u;
		snprintf(known, sizeof known, "2025-06-20T%02u:00:00Z", seed >> 16 & 15);
		snprintf(value, sizeof value, "%d", i);
		obs = observation(known, value);
		assert_int_equal(collate_add(collate, &obs, &extra, 1, &err), LODE_OK);
	}
	assert_int_equal(collate_finish(collate, &err), LODE_OK);
	collate_free(collate);
	assert_int_equal(sink_close(&sink, &err), LODE_OK);
	got = temp_read(path, &size);
	for (line = got; *line != '\0'; line = strchr(line, '\n') + 1, n++) {
		hour = (int)strtol(line + 11, NULL, 10);
		number = (int)strtol(line + 20 + 6, NULL, 10); /* six tabs to the value */
		assert_true(hour >= last_hour);
		assert_true(hour > last_hour || number > last_value);
		last_hour = hour;
		last_value = number;
	}
	assert_int_equal(n, 5000);
	assert_non_null(strstr(got, "\ta\\tb\n"));
	free(got);
	unlink(path);
}

static void
nothing_is_held_when_all_are_known_at_once(void **state)
{
	char path[] = "/tmp/test_collate.XXXXXX", *got;
	struct obs obs = observation("2025-06-20T00:00:00Z", "1");
	struct err err = ERR_INIT;
	struct collate *collate;
	struct sink sink;
	size_t size;

	(void)state;
	temp_make(path, "", 0);
	assert_int_equal(sink_open(&sink, path, &err), LODE_OK);
	assert_int_equal(collate_new(&collate, &sink, false, 0, &err), LODE_OK);
	assert_int_equal(collate_add(collate, &obs, NULL, 0, &err), LODE_OK);
	assert_int_equal(sink_flush(&sink, &err), LODE_OK);
	got = temp_read(path, &size);
	assert_string_equal(got, "2025-06-20T00:00:00Z\t\t\t\t\t\t1\t\t\t\t\n");
	assert_int_equal(collate_finish(collate, &err), LODE_OK);
	collate_free(collate);
	assert_int_equal(sink_close(&sink, &err), LODE_OK);
	free(got);
	unlink(path);
}

static void
the_limit_holds_and_a_finish_forgets(void **state)
{
	struct obs obs = observation("2025-06-20T00:00:00Z", "1");
	struct err err = ERR_INIT;
	struct collate *collate;
	struct sink sink;
	int round, i;

	(void)state;
	assert_int_equal(sink_open(&sink, "/dev/null", &err), LODE_OK);
	assert_int_equal(collate_new(&collate, &sink, true, 1000, &err), LODE_OK);
	for (round = 0; round < 3; round++) {
		for (i = 0; collate_add(collate, &obs, NULL, 0, &err) == LODE_OK; i++)
			assert_true(i < 20);
		assert_int_equal(err.code, LODE_ENOMEM);
		assert_string_equal(err.message, "more than 1000 bytes to hold: select less or raise --max-held");
		assert_int_equal(i, 1000 / (44 + 21 + 16)); /* lengths, bytes, entry */
		assert_int_equal(collate_finish(collate, &err), LODE_OK);
	}
	collate_free(collate);
	collate_free(NULL);
	assert_int_equal(sink_close(&sink, &err), LODE_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_is_by_known_and_then_as_added),
		cmocka_unit_test(nothing_is_held_when_all_are_known_at_once),
		cmocka_unit_test(the_limit_holds_and_a_finish_forgets),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
