#include "packed.h"

#include <stdlib.h>

enum { DIGITS = 9, DIGITS_BITS = 4, LINE_BITS = 30, PREFIX_SHIFT = 1 + DIGITS_BITS + LINE_BITS, MAX_PREFIXES = 4096 };

static const uint32_t power_of_ten[DIGITS + 1] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000 };

struct text {
	size_t n;
	char p[];
};

static int
out_of_memory(struct err *err)
{
	return err_set(err, LODE_ENOMEM, "out of memory");
}

void
packed_release(struct packed *packed)
{
	map_free(packed->prefixes);
	buf_release(&packed->one);
	buf_release(&packed->other);
	*packed = (struct packed){ 0 };
}

static bool
is_text(uint64_t number)
{
	return (number & 1) == 0;
}

static struct text *
text_of(uint64_t number)
{
	return (struct text *)(uintptr_t)number;
}

/* The entry of "FILE:", whose number is its place + 1. NULL for one too many, and without memory. */
static const struct map_entry *
find_prefix(struct packed *packed, struct str prefix)
{
	struct map_entry *entry;

	if (packed->last != NULL && str_eq(packed->last->key, prefix))
		return packed->last;
	if (packed->prefixes == NULL && (packed->prefixes = map_new()) == NULL)
		return NULL;
	entry = map_count(packed->prefixes) < MAX_PREFIXES ? map_put(packed->prefixes, prefix) : map_get(packed->prefixes, prefix);
	if (entry != NULL && entry->value.number == 0)
		entry->value.number = map_count(packed->prefixes); /* of the last one, which it is */
	return packed->last = entry;
}

int
packed_put(struct packed *packed, struct str ref, uint64_t *number, struct err *err)
{
	const struct map_entry *prefix;
	uint64_t line = 0;
	struct text *text;
	size_t n = 0;

	for (; n < ref.n && n <= DIGITS && char_is_digit(ref.p[ref.n - 1 - n]); n++)
		line += (uint64_t)(ref.p[ref.n - 1 - n] - '0') * power_of_ten[n];
	if (n >= 1 && n <= DIGITS && n < ref.n && ref.p[ref.n - n] != '0' && ref.p[ref.n - n - 1] == ':' &&
	    (prefix = find_prefix(packed, (struct str){ ref.p, ref.n - n })) != NULL) {
		line *= power_of_ten[DIGITS - n]; /* to the left, so that numbers are in the order of texts */
		*number = (uint64_t)(prefix->value.number - 1) << PREFIX_SHIFT | line << (DIGITS_BITS + 1) | n << 1 | 1;
		return LODE_OK;
	}
	if ((text = malloc(sizeof *text + ref.n)) == NULL)
		return out_of_memory(err);
	text->n = ref.n;
	if (ref.n > 0)
		memcpy(text->p, ref.p, ref.n);
	*number = (uint64_t)(uintptr_t)text;
	packed->has_texts = true;
	return LODE_OK;
}

void
packed_drop(uint64_t number)
{
	if (is_text(number))
		free(text_of(number));
}

int
packed_text(const struct packed *packed, uint64_t number, struct buf *out, struct str *text, struct err *err)
{
	uint32_t line, n, i;
	struct str prefix;
	char *digits;

	if (is_text(number)) {
		*text = (struct str){ text_of(number)->p, text_of(number)->n };
		return LODE_OK;
	}
	line = (uint32_t)(number >> (DIGITS_BITS + 1)) & ((1u << LINE_BITS) - 1);
	n = (uint32_t)(number >> 1) & ((1u << DIGITS_BITS) - 1);
	prefix = map_at(packed->prefixes, number >> PREFIX_SHIFT)->key;
	out->n = 0;
	if (buf_reserve(out, prefix.n + DIGITS) != LODE_OK)
		return out_of_memory(err);
	memcpy(out->p, prefix.p, prefix.n);
	digits = out->p + prefix.n;
	line /= power_of_ten[DIGITS - n];
	for (i = n; i-- > 0; line /= 10)
		digits[i] = (char)('0' + line % 10);
	out->n = prefix.n + n;
	*text = buf_str(out);
	return LODE_OK;
}

int
packed_compare(struct packed *packed, uint64_t a, uint64_t b, int *order, struct err *err)
{
	struct str x, y;

	*order = (a > b) - (a < b);
	if (a == b || (!is_text(a) && !is_text(b) && a >> PREFIX_SHIFT == b >> PREFIX_SHIFT))
		return LODE_OK;
	if (packed_text(packed, a, &packed->one, &x, err) != LODE_OK || packed_text(packed, b, &packed->other, &y, err) != LODE_OK)
		return err->code;
	*order = str_cmp(x, y);
	return LODE_OK;
}
