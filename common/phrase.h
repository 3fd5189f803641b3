/*
 * phrase - the variants that a phrase of a table stands for
 *
 * `clos(e|es|ed|ing) (|down )the gate`: one of the parts in parentheses each, which may be empty and may hold
 * parentheses themselves. Blanks are one each; nothing is escaped, since no word holds ( | or ).
 */
#ifndef LODE_PHRASE_H
#define LODE_PHRASE_H

#include "err.h"
#include "str.h"

/*
 * Calls take for each variant, left parts first, at most max variants of at most size bytes; form is valid during the call, and what take
 * returns other than LODE_OK ends the work and is the result.
 * Errors: LODE_EUSAGE "'PHRASE' has an unmatched parenthesis", "... stands for too many variants", "... has
 * a variant that is too long", "... has an empty variant", "... is too long".
 */
int phrase_forms(struct str phrase, size_t max, size_t size, int (*take)(void *arg, struct str form, struct err *err), void *arg,
    struct err *err);

#endif
