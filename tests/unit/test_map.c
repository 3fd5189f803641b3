/* map: the same answers as a list that is searched from the front, entries in the order in which they came */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "map.h"

static uint32_t
next_random(uint32_t *seed)
{
	return *seed = *seed * 1664525u + 1013904223u;
}

static void
agrees_with_a_linear_list(void **state)
{
	enum { STEPS = 20000, KEYS = 700 };
	static struct {
		char key[24];
		size_t length;
		uint64_t value;
	} list[KEYS];
	struct map *map = map_new();
	size_t n = 0, i, length;
	uint32_t seed = 1;
	char key[24];

	(void)state;
	assert_non_null(map);
	for (int step = 0; step < STEPS; step++) {
		uint32_t number = (next_random(&seed) >> 8) % KEYS;
		struct map_entry *entry;
		struct str text;

		length = (size_t)snprintf(key, sizeof key, "%u", number);
		key[length / 2] = number % 7 == 0 ? '\0' : key[length / 2]; /* keys are bytes, not C strings */
		text = (struct str){ key, number == 0 ? 0 : length };
		for (i = 0; i < n && !(list[i].length == text.n && memcmp(list[i].key, key, text.n) == 0);)
			i++;
		entry = map_get(map, text);
		assert_int_equal(entry != NULL, i < n);
		if (entry != NULL)
			assert_int_equal(entry->value.number, list[i].value);
		if (next_random(&seed) >> 31) {
			entry = map_put(map, text);
			assert_non_null(entry);
			if (i == n) {
				assert_int_equal(entry->value.number, 0);
				memcpy(list[n].key, key, sizeof key);
				list[n++].length = text.n;
			}
			list[i].value = entry->value.number += number + 1;
		}
		assert_int_equal(map_count(map), n);
	}
	assert_true(n > KEYS / 2);
	for (i = 0; i < n; i++) {
		struct map_entry *entry = map_at(map, i);

		assert_int_equal(entry->key.n, list[i].length);
		assert_memory_equal(entry->key.p, list[i].key, list[i].length);
		assert_int_equal(entry->key.p[entry->key.n], '\0');
		assert_int_equal(entry->value.number, list[i].value);
	}
	map_free(map);
	map_free(NULL);
}

static void
many_keys_are_all_found(void **state)
{
	enum { N = 100000 };
	struct map *map = map_new();
	char key[16];

	(void)state;
	for (uint64_t i = 0; i < N; i++) {
		snprintf(key, sizeof key, "%llx", (unsigned long long)i * 2654435761u);
		map_put(map, str_of(key))->value.number = i;
	}
	assert_int_equal(map_count(map), N);
	for (uint64_t i = 0; i < N; i++) {
		snprintf(key, sizeof key, "%llx", (unsigned long long)i * 2654435761u);
		assert_int_equal(map_get(map, str_of(key))->value.number, i);
	}
	assert_null(map_get(map, STR("nowhere")));
	map_free(map);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_a_linear_list),
		cmocka_unit_test(many_keys_are_all_found),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
