/* buf: what was added piece by piece is what is there; too much leaves it as it was */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "buf.h"
#include "err.h"

static void
pieces_add_up(void **state)
{
	enum { N = 100000 };
	char *want = malloc(N);
	struct buf buf = BUF_INIT;
	size_t at = 0, n;

	(void)state;
	assert_non_null(want);
	for (n = 0; n < N; n++)
		want[n] = (char)(n * 7 % 251);
	for (n = 0; at + n <= N; at += n++)
		assert_int_equal(buf_add(&buf, want + at, n), LODE_OK);
	assert_int_equal(buf.n, at);
	assert_memory_equal(buf.p, want, at);
	assert_true(buf.room >= buf.n);
	buf_release(&buf);
	free(want);
}

static void
released_buffer_is_empty_and_usable(void **state)
{
	struct buf buf = BUF_INIT;

	(void)state;
	buf_release(&buf);
	assert_string_equal(buf_str(&buf).p, "");
	assert_int_equal(buf_add_str(&buf, STR("again")), LODE_OK);
	buf_release(&buf);
	assert_int_equal(buf.n, 0);
	assert_null(buf.p);
	assert_int_equal(buf_add(&buf, NULL, 0), LODE_OK);
	assert_int_equal(buf_str(&buf).n, 0);
}

static void
printf_goes_behind_what_is_there(void **state)
{
	struct buf buf = BUF_INIT;
	int i;

	(void)state;
	for (i = 0; i < 300; i++)
		assert_int_equal(buf_printf(&buf, "%d", i % 10), LODE_OK);
	assert_int_equal(buf.n, 300);
	for (i = 0; i < 300; i++)
		assert_int_equal(buf.p[i], '0' + i % 10);
	buf_release(&buf);
}

static void
impossible_room_changes_nothing(void **state)
{
	struct buf buf = BUF_INIT;

	(void)state;
	assert_int_equal(buf_add_str(&buf, STR("kept")), LODE_OK);
	assert_int_equal(buf_reserve(&buf, SIZE_MAX - 1), LODE_ENOMEM);
	assert_int_equal(buf_reserve(&buf, SIZE_MAX / 2), LODE_ENOMEM);
	assert_true(str_is(buf_str(&buf), "kept"));
	buf_release(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_add_up),
		cmocka_unit_test(released_buffer_is_empty_and_usable),
		cmocka_unit_test(printf_goes_behind_what_is_there),
		cmocka_unit_test(impossible_room_changes_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
