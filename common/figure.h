/*
 * figure - a computed number as text: plain digits, as many as mean something
 */
#ifndef LODE_FIGURE_H
#define LODE_FIGURE_H

#include "str.h"

enum { FIGURE_MAX = 352 };

/*
 * So many significant digits, no exponent, no zeros at the end behind the point, never "-0"; what is smaller than 1e-12 is "0".
 *
 * Shape    digits 1 to 17
 * Missing  NAN and infinities: the empty text
 */
struct str figure_format(double value, int digits, char out[FIGURE_MAX]);

#endif
