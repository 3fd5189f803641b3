#include "ref.h"

#include "encoding.h"

enum { MAX_DIGITS = 20 };

/* The name, with what a ref cannot hold as %HH. */
static int
add_name(struct buf *text, struct str name)
{
	bool utf8 = utf8_valid(name, NULL);
	size_t i;
	int rc = LODE_OK;

	for (i = 0; i < name.n && rc == LODE_OK; i++) {
		unsigned char c = (unsigned char)name.p[i];

		if (c <= ' ' || c == '%' || c == 0x7f || (c >= 0x80 && !utf8))
			rc = buf_printf(text, "%%%02X", c);
		else
			rc = buf_add(text, &name.p[i], 1);
	}
	return rc;
}

int
ref_source(struct ref *ref, const char *source, struct err *err)
{
	ref->text.n = 0;
	ref->line = 0;
	if (add_name(&ref->text, str_of(source)) != LODE_OK || buf_add(&ref->text, ":", 1) != LODE_OK ||
	    buf_reserve(&ref->text, MAX_DIGITS) != LODE_OK)
		return err_set(err, LODE_ENOMEM, "out of memory");
	ref->n_source = ref->text.n;
	return LODE_OK;
}

struct str
ref_line(struct ref *ref, uint64_t line)
{
	char digits[MAX_DIGITS], *at = digits + MAX_DIGITS;
	const bool is_next = ref->line != 0 && line == ref->line + 1;

	ref->line = line;
	if (is_next && ref->text.p[ref->text.n - 1] != '9') {
		ref->text.p[ref->text.n - 1]++;
		return buf_str(&ref->text);
	}
	do
		*--at = (char)('0' + line % 10);
	while ((line /= 10) > 0);
	ref->text.p[ref->n_source - 1] = ':'; /* a place may have been there before */
	ref->text.n = ref->n_source;
	memcpy(ref->text.p + ref->text.n, at, (size_t)(digits + MAX_DIGITS - at));
	ref->text.n += (size_t)(digits + MAX_DIGITS - at);
	return buf_str(&ref->text);
}

struct str
ref_place(struct ref *ref, const char *place)
{
	ref->text.n = ref->n_source - 1;
	ref->line = 0;
	if (buf_add(&ref->text, "#", 1) != LODE_OK || add_name(&ref->text, str_of(place)) != LODE_OK)
		return (struct str){ NULL, 0 };
	return buf_str(&ref->text);
}
