/*
 * standin - four things that can be seen, in place of a cover that cannot
 *
 *	feed     the feed of three months is under 70 % of what three months were over the last 24
 *	price    the price is 20 % above what it was three months before
 *	premium  abroad the price is over 1.5 times that at home
 *	export   direct exports are under 25 % of the mean of the twelve months before
 *
 * Each is asked of one month. Source: MODEL, section 9.1, O1 to O4.
 */
#ifndef LODE_STANDIN_H
#define LODE_STANDIN_H

#include <stddef.h>

enum standin { STANDIN_FEED, STANDIN_PRICE, STANDIN_PREMIUM, STANDIN_EXPORT, STANDINS };

enum standin_answer { STANDIN_NO, STANDIN_YES, STANDIN_UNKNOWN };

enum { STANDIN_FEED_MONTHS = 24, STANDIN_PRICE_MONTHS = 4, STANDIN_EXPORT_MONTHS = 13 };

extern const char *const standin_names[STANDINS];

/*
 * Each takes the values of the months up to the one asked about, which is the last: feed[STANDIN_FEED_MONTHS],
 * price[STANDIN_PRICE_MONTHS], export[STANDIN_EXPORT_MONTHS]. One that is needed and NAN makes the answer unknown.
 */
enum standin_answer standin_feed(const double *feed);
enum standin_answer standin_price(const double *price);
enum standin_answer standin_premium(double ratio);
enum standin_answer standin_export(const double *export);

#endif
