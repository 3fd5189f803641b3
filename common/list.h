/*
 * list - a few words that the user gave, as in --partner MM,LA
 */
#ifndef LODE_LIST_H
#define LODE_LIST_H

#include "str.h"

struct option_list {
	size_t n;
	struct str item[64];
};

/* True when the list is empty or text starts with one of its items. */
static inline bool
option_list_prefix(const struct option_list *list, struct str text)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (str_starts(text, list->item[i]))
			return true;
	return list->n == 0;
}

/* True when the list is empty or text is one of its items. */
static inline bool
option_list_has(const struct option_list *list, struct str text)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (str_eq(text, list->item[i]))
			return true;
	return list->n == 0;
}

#endif
