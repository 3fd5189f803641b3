/*
 * quantity - the words of China's customs for units of quantity, as units of ours
 *
 * Masses, lengths and the like have units of their own; what is counted (台 个 只 ...) has unit `1`, or its multiple where
 * the word has one: 千个 is `1000`; pairs are `{pair}`.
 */
#ifndef LODE_QUANTITY_H
#define LODE_QUANTITY_H

#include "err.h"
#include "str.h"

/*
 * word is UTF-8; *unit is a constant, empty for "?" (no such quantity). Errors: LODE_EDATA "unknown unit 'WORD'".
 */
int quantity_unit(struct str word, struct str *unit, struct err *err);

#endif
