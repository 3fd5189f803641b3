#include "encoding.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

struct encoding {
	char name[40];
	iconv_t converter; /* (iconv_t)-1 for UTF-8 */
};

int
encoding_new(struct encoding **encoding, const char *name, struct err *err)
{
	struct encoding *e = calloc(1, sizeof *e);

	if (e == NULL)
		return err_set(err, LODE_ENOMEM, "no memory");
	snprintf(e->name, sizeof e->name, "%s", name);
	e->converter = (iconv_t)-1;
	if (strcasecmp(name, "UTF-8") != 0 && strcasecmp(name, "UTF8") != 0 &&
	    (e->converter = iconv_open("UTF-8", name)) == (iconv_t)-1) {
		free(e);
		return err_set(err, LODE_EUSAGE, "unknown encoding '%s'", name);
	}
	*encoding = e;
	return LODE_OK;
}

void
encoding_free(struct encoding *encoding)
{
	if (encoding == NULL)
		return;
	if (encoding->converter != (iconv_t)-1)
		iconv_close(encoding->converter);
	free(encoding);
}

/* The number of leading bytes below 0x80, or less by up to 7: enough to begin the exact walk from. */
static size_t
ascii_words(struct str text)
{
	uint64_t word;
	size_t i;

	for (i = 0; i + sizeof word <= text.n; i += sizeof word) {
		memcpy(&word, text.p + i, sizeof word);
		if ((word & UINT64_C(0x8080808080808080)) != 0)
			break;
	}
	return i;
}

bool
ascii_only(struct str text)
{
	size_t i = ascii_words(text);

	while (i < text.n && (unsigned char)text.p[i] < 0x80)
		i++;
	return i == text.n;
}

bool
utf8_valid(struct str text, size_t *at)
{
	const unsigned char *p = (const unsigned char *)text.p;
	size_t i = ascii_words(text), k, more;
	unsigned char low, high;

	for (; i < text.n; i += more + 1) {
		more = 0;
		if (p[i] < 0x80) {
			i += ascii_words((struct str){ text.p + i + 1, text.n - i - 1 });
			continue;
		}
		low = 0x80;
		high = 0xbf;
		if (p[i] >= 0xc2 && p[i] <= 0xdf) {
			more = 1;
		} else if (p[i] >= 0xe0 && p[i] <= 0xef) {
			more = 2;
			low = p[i] == 0xe0 ? 0xa0 : 0x80;
			high = p[i] == 0xed ? 0x9f : 0xbf;
		} else if (p[i] >= 0xf0 && p[i] <= 0xf4) {
			more = 3;
			low = p[i] == 0xf0 ? 0x90 : 0x80;
			high = p[i] == 0xf4 ? 0x8f : 0xbf;
		} else {
			break;
		}
		if (text.n - i <= more || p[i + 1] < low || p[i + 1] > high)
			break;
		for (k = 2; k <= more && p[i + k] >= 0x80 && p[i + k] <= 0xbf; k++)
			;
		if (k <= more)
			break;
	}
	if (i < text.n && at != NULL)
		*at = i + 1;
	return i >= text.n;
}

size_t
utf8_characters(struct str text)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t word;
	size_t n = 0, i;

	for (i = 0; i + sizeof word <= text.n; i += sizeof word) {
		memcpy(&word, text.p + i, sizeof word);
		n += sizeof word - ((word >> 7 & ~word >> 6 & ones) * ones >> 56); /* without the bytes 10xxxxxx, summed up by the product */
	}
	for (; i < text.n; i++)
		n += ((unsigned char)text.p[i] & 0xc0) != 0x80;
	return n;
}

int
encoding_text(struct encoding *encoding, struct str field, struct buf *buffer, struct str *text, struct err *err)
{
	char *from = (char *)(uintptr_t)field.p, *to;
	size_t n_from = field.n, n_to, at, done;

	*text = field;
	if (ascii_only(field))
		return LODE_OK;
	if (encoding->converter == (iconv_t)-1)
		return utf8_valid(field, &at) ? LODE_OK : err_set(err, LODE_EDATA, "not valid UTF-8 at byte %zu", at);
	buffer->n = 0;
	(void)iconv(encoding->converter, NULL, NULL, NULL, NULL);
	for (;;) {
		if (buf_reserve(buffer, 2 * n_from + 16) != LODE_OK)
			return err_set(err, LODE_ENOMEM, "no memory");
		to = buffer->p + buffer->n;
		n_to = buffer->room - buffer->n;
		done = iconv(encoding->converter, &from, &n_from, &to, &n_to);
		buffer->n = (size_t)(to - buffer->p);
		if (done != (size_t)-1)
			break;
		if (errno != E2BIG)
			return err_set(err, LODE_EDATA, "not valid %s at byte %zu", encoding->name, field.n - n_from + 1);
	}
	*text = buf_str(buffer);
	return LODE_OK;
}
