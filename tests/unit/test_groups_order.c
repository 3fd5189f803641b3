/* groups_order: the order of texts byte by byte, whatever they have in common and however many there are */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "groups_order.h"

enum { MOST = 3000 };

static int
by_text(const void *a, const void *b)
{
	const struct group *const *x = a, *const *y = b;

	return str_cmp(group_text(*x), group_text(*y));
}

/* Texts of one of several kinds; different from one another by the number, which stands at the front, behind much that is alike, or scattered. */
static struct str
invent(char *text, size_t size, int kind, uint32_t i)
{
	const unsigned shuffled = i * 2654435761u;

	switch (kind) {
	case 0:
		return (struct str){ text, (size_t)snprintf(text, size, "%u\t28469%u", shuffled, i % 7) };
	case 1:
		return (struct str){ text, (size_t)snprintf(text, size, "the same forty bytes in front of them all %u", shuffled) };
	case 2:
		return (struct str){ text, (size_t)snprintf(text, size, "%c%cx%08x%.*s", (char)(i % 251 + 1), (char)(i % 13 + 200), shuffled,
		    (int)(i % 40), "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy") };
	default:
		return (struct str){ text, (size_t)snprintf(text, size, "%.*s", (int)i, "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz") };
	}
}

static void
groups_are_in_the_order_of_their_texts(void **state)
{
	static const uint32_t sizes[] = { 0, 1, 2, 48, 49, 80, MOST };
	static struct group *want[MOST];
	struct groups_amount before[MOST] = { 0 };
	struct groups_order order = { 0 };
	char text[128];

	(void)state;
	for (int kind = 0; kind < 4; kind++)
		for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
			const uint32_t n = kind == 3 && sizes[k] > 80 ? 80 : sizes[k];
			struct groups groups = { 0 };
			struct groups_memory memory = { 0 };
			size_t n_text = 0;

			assert_true(groups_grow(&groups, &memory));
			assert_true(groups_order_begin(&order, n));
			for (uint32_t i = 0; i < n; i++) {
				const struct str name = invent(text, sizeof text, kind, i);
				const uint32_t tag = groups_tag(name);
				uint32_t handle;

				want[i] = groups_add(&groups, &memory, groups_find(&groups, tag, name), tag, name, &handle);
				assert_non_null(want[i]);
				want[i]->n = i;
				n_text += name.n;
				groups_order_add(&order, want[i], i % 3 == 0 ? &before[i] : NULL);
			}
			qsort(want, n, sizeof *want, by_text);
			groups_order_sort(&order, &groups);
			assert_true(order.n == n && order.n_text == n_text);
			for (uint32_t i = 0; i < n; i++) {
				assert_ptr_equal(order.sorted[i].group, want[i]);
				assert_ptr_equal(order.sorted[i].before, want[i]->n % 3 == 0 ? &before[want[i]->n] : NULL);
				want[i]->n = 0;
			}
			groups_release(&groups, &memory);
			groups_memory_release(&memory);
		}
	groups_order_release(&order);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(groups_are_in_the_order_of_their_texts) };

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("groups_order", tests, NULL, NULL);
}
