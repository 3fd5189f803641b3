/*
 * article - one news article as text, whatever it came as
 */
#ifndef LODE_ARTICLE_H
#define LODE_ARTICLE_H

#include <stdint.h>

#include "str.h"

struct article {
	struct str title;
	struct str text;      /* UTF-8 without markup; paragraphs end with \n */
	struct str published; /* RFC 3339 UTC, or empty when nobody says */
	struct str url, publisher, language;
	uint64_t line;        /* where it begins in the input, from 1 */
};

#endif
