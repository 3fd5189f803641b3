#include "groups_order.h"

#include <stdlib.h>

enum { SMALL = 48 }; /* groups that are sorted without ado */

static int
by_text(const void *a, const void *b)
{
	const struct groups_sorted *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return str_cmp(group_text(x->group), group_text(y->group));
}

/* Where the beginnings of a window's texts are different: up to 64 bits in all, from the first byte on. */
struct squeeze {
	unsigned n, bits;
	struct {
		uint8_t word, shift, width;
	} byte[8 * GROUPS_HEAD];
};

static void
squeeze_init(struct squeeze *squeeze, const uint64_t differ[GROUPS_HEAD])
{
	unsigned i, shift, byte, width, low;

	*squeeze = (struct squeeze){ 0 };
	for (i = 0; i < 8 * GROUPS_HEAD; i++) {
		shift = 56 - i % 8 * 8;
		if ((byte = differ[i / 8] >> shift & 0xff) == 0)
			continue;
		low = (unsigned)__builtin_ctz(byte);
		width = 32 - (unsigned)__builtin_clz(byte) - low;
		if (squeeze->bits + width > 64)
			return;
		squeeze->byte[squeeze->n].word = (uint8_t)(i / 8);
		squeeze->byte[squeeze->n].shift = (uint8_t)(shift + low);
		squeeze->byte[squeeze->n++].width = (uint8_t)width;
		squeeze->bits += width;
	}
}

static uint64_t
squeeze_key(const struct squeeze *squeeze, struct str text)
{
	uint64_t word[GROUPS_HEAD], key = 0;
	unsigned i;

	for (i = 0; i < GROUPS_HEAD; i++)
		word[i] = groups_word(text, 8 * i);
	for (i = 0; i < squeeze->n; i++)
		key = key << squeeze->byte[i].width | (word[squeeze->byte[i].word] >> squeeze->byte[i].shift & ((1u << squeeze->byte[i].width) - 1));
	return key;
}

static bool
reserve(struct groups_order *order, size_t n)
{
	struct groups_sorted *larger;

	if (n <= order->room)
		return true;
	n += n / 2;
	if ((larger = realloc(order->sorted, n * sizeof *larger)) == NULL)
		return false;
	order->sorted = larger;
	if ((larger = realloc(order->other, n * sizeof *larger)) == NULL)
		return false;
	order->other = larger;
	order->room = n;
	return true;
}

bool
groups_order_begin(struct groups_order *order, size_t n)
{
	order->n = 0;
	return reserve(order, n);
}

/* Byte by byte of the keys from the last; then what is alike in these. */
static void
sort_keys(struct groups_order *order, unsigned bits)
{
	struct groups_sorted *from = order->sorted, *to = order->other, *swap;
	const size_t n = order->n;
	size_t count[256], sum, i, k, run;
	unsigned shift;

	if (n <= SMALL) {
		if (n > 1)
			qsort(from, n, sizeof *from, by_text);
		return;
	}
	for (shift = 0; shift < bits; shift += 8) {
		memset(count, 0, sizeof count);
		for (i = 0; i < n; i++)
			count[from[i].key >> shift & 0xff]++;
		for (sum = 0, k = 0; k < 256; k++) {
			sum += count[k];
			count[k] = sum - count[k];
		}
		for (i = 0; i < n; i++)
			to[count[from[i].key >> shift & 0xff]++] = from[i];
		swap = from;
		from = to;
		to = swap;
	}
	for (i = 0; i < n; i = run) {
		for (run = i + 1; run < n && from[run].key == from[i].key;)
			run++;
		if (run > i + 1)
			qsort(from + i, run - i, sizeof *from, by_text);
	}
	order->sorted = from;
	order->other = to;
}

void
groups_order_sort(struct groups_order *order, const struct groups *groups)
{
	struct squeeze squeeze;
	size_t i;

	squeeze_init(&squeeze, groups->differ);
	order->n_text = 0;
	for (i = 0; i < order->n; i++) {
		order->sorted[i].key = squeeze_key(&squeeze, group_text(order->sorted[i].group));
		order->n_text += group_text(order->sorted[i].group).n;
	}
	sort_keys(order, squeeze.bits);
}

void
groups_order_release(struct groups_order *order)
{
	free(order->sorted);
	free(order->other);
}
