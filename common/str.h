/*
 * str - a view of bytes: pointer and length, no terminator, no ownership
 *
 * A view lives as long as the bytes it points into. To keep bytes, copy them (arena_dup).
 */
#ifndef LODE_STR_H
#define LODE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
	const char *p;
	size_t n;
};

#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
/* For "%.*s"; a view longer than 200 bytes is cut, so that a message stays readable. */
#define STR_ARG(s) (int)((s).n > 200 ? 200 : (s).n), (s).p

static inline struct str
str_of(const char *text)
{
	return (struct str){ text, strlen(text) };
}

static inline bool
str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool
str_is(struct str a, const char *text)
{
	return a.n == strlen(text) && (a.n == 0 || memcmp(a.p, text, a.n) == 0);
}

static inline bool
str_starts(struct str a, struct str prefix)
{
	return a.n >= prefix.n && (prefix.n == 0 || memcmp(a.p, prefix.p, prefix.n) == 0);
}

/* Order of bytes, a shorter prefix first, as in memcmp: < 0, 0, > 0. */
static inline int
str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n == 0 ? 0 : memcmp(a.p, b.p, n);

	return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

/* ASCII, whatever the locale. */
static inline bool
char_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
char_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* One decimal digit or more, and nothing else. */
static inline bool
str_is_digits(struct str a)
{
	const uint64_t high = UINT64_C(0xf0f0f0f0f0f0f0f0), zeros = UINT64_C(0x3030303030303030), six = UINT64_C(0x0606060606060606);
	uint32_t half[2];
	uint64_t word;
	size_t i;

	if (a.n >= 4 && a.n <= 8) { /* as most codes have, without a loop */
		memcpy(&half[0], a.p, sizeof half[0]);
		memcpy(&half[1], a.p + a.n - sizeof half[1], sizeof half[1]);
		word = (uint64_t)half[1] << 32 | half[0];
		return (word & high) == zeros && ((word + six) & high) == zeros;
	}
	for (i = 0; i < a.n; i++)
		if (!char_is_digit(a.p[i]))
			return false;
	return a.n > 0;
}

/* Without blanks and tabs at either end. */
static inline struct str
str_trim(struct str a)
{
	while (a.n > 0 && (a.p[0] == ' ' || a.p[0] == '\t'))
		a.p++, a.n--;
	while (a.n > 0 && (a.p[a.n - 1] == ' ' || a.p[a.n - 1] == '\t'))
		a.n--;
	return a;
}

/*
 * Takes the part before the next sep off *rest and puts it into *part. Returns false when *rest was
 * used up (p NULL); "a,,b" gives three parts, "" gives one empty part.
 */
static inline bool
str_split(struct str *rest, char sep, struct str *part)
{
	const char *at;

	if (rest->p == NULL)
		return false;
	at = rest->n == 0 ? NULL : memchr(rest->p, sep, rest->n);
	if (at == NULL) {
		*part = *rest;
		*rest = (struct str){ NULL, 0 };
	} else {
		*part = (struct str){ rest->p, (size_t)(at - rest->p) };
		*rest = (struct str){ at + 1, rest->n - part->n - 1 };
	}
	return true;
}

/* How many fields a line has, with a tab between any two: 1 or more. */
static inline size_t
str_fields(struct str line)
{
	size_t n = 1, i;

	for (i = 0; i < line.n; i++)
		n += line.p[i] == '\t';
	return n;
}

#endif
