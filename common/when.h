/*
 * when - the dates that a sentence names, resolved against the day its article was published
 *
 * "on Tuesday" and "May 15" are the latest such days, a month without a year the latest one or, where the sentence looks
 * ahead, one of the three to come, "10月18日" the same. A week
 * has no period of its own: it is told as its month.
 */
#ifndef LODE_WHEN_H
#define LODE_WHEN_H

#include "period.h"
#include "sentence.h"

enum {
	WHEN_MAX = 24,        /* dates of one sentence; further ones are not looked at */
	WHEN_BACKGROUND = 62, /* days before the article from which on it is told of as past */
};

struct when {
	uint32_t start, end;  /* bytes of the text */
	bool known;           /* period counts; false for what is relative in an article without a date */
	bool background;      /* long past */
	bool relative;        /* to the article's date */
	struct period period;
};

struct today {
	bool known;
	int32_t day; /* since 1970-01-01 */
};

/* In order of their positions; returns how many. */
size_t when_find(const struct sentence *sentence, struct today today, struct when when[WHEN_MAX]);

#endif
