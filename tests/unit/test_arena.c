/* arena: pieces do not overlap, do not move, and are aligned for any type */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "arena.h"

static void
pieces_keep_their_bytes(void **state)
{
	enum { N = 3000 };
	static unsigned char *piece[N];
	struct arena *arena = arena_new();
	size_t i, k, size;

	(void)state;
	assert_non_null(arena);
	for (i = 0; i < N; i++) {
		size = i % 500 == 499 ? 200000 : i % 97;
		piece[i] = arena_alloc(arena, size);
		assert_non_null(piece[i]);
		assert_int_equal((uintptr_t)piece[i] % _Alignof(max_align_t), 0);
		memset(piece[i], (int)(i % 251), size);
	}
	for (i = 0; i < N; i++) {
		size = i % 500 == 499 ? 200000 : i % 97;
		for (k = 0; k < size; k++)
			assert_int_equal(piece[i][k], i % 251);
	}
	arena_free(arena);
}

static void
copy_is_terminated_and_its_own(void **state)
{
	struct arena *arena = arena_new();
	char text[] = "text";
	struct str copy = arena_dup(arena, (struct str){ text, 4 }), empty = arena_dup(arena, (struct str){ NULL, 0 });

	(void)state;
	text[0] = 'n';
	assert_string_equal(copy.p, "text");
	assert_int_equal(copy.n, 4);
	assert_string_equal(empty.p, "");
	arena_free(arena);
	arena_free(NULL);
}

static void
impossible_size_is_refused(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_null(arena_alloc(arena, SIZE_MAX));
	assert_null(arena_alloc(arena, SIZE_MAX - 15));
	assert_non_null(arena_alloc(arena, 1));
	arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_keep_their_bytes),
		cmocka_unit_test(copy_is_terminated_and_its_own),
		cmocka_unit_test(impossible_size_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
