/*
 * chinese - Traditional characters as the Simplified ones, so that a text in either script is found by the same words
 *
 * Character by character, of those that one table knows: the 1,900 Traditional characters in common use that are written otherwise in Simplified
 * script. What is written so in both (后, 干, 里) stays as it is, so a text in Simplified characters is not changed, and neither is anything else.
 * Both have three bytes in UTF-8: positions hold.
 * Life cycle: chinese_new(), chinese_free().
 */
#ifndef LODE_CHINESE_H
#define LODE_CHINESE_H

#include <stdbool.h>

#include "buf.h"
#include "err.h"

struct chinese;

int chinese_new(struct chinese **chinese, struct err *err); /* LODE_ENOMEM */
void chinese_free(struct chinese *chinese);                 /* takes NULL */

/*
 * text in Simplified characters, as many bytes: a view of text itself where nothing changes, else of buffer, which is emptied first.
 * Bytes that are not UTF-8 stay. Errors: LODE_ENOMEM.
 */
int chinese_simplify(const struct chinese *chinese, struct str text, struct buf *buffer, struct str *simplified, struct err *err);

#endif
