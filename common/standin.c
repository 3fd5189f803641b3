#include "standin.h"

#include <math.h>

const char *const standin_names[STANDINS] = {
	[STANDIN_FEED] = "feed", [STANDIN_PRICE] = "price", [STANDIN_PREMIUM] = "premium", [STANDIN_EXPORT] = "export",
};

static enum standin_answer
under(double value, double limit)
{
	return isnan(value) || isnan(limit) ? STANDIN_UNKNOWN : value < limit ? STANDIN_YES : STANDIN_NO;
}

static double
mean(const double *value, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += value[i];
	return sum / (double)n;
}

enum standin_answer
standin_feed(const double *feed)
{
	return under(mean(feed + STANDIN_FEED_MONTHS - 3, 3), 0.7 * mean(feed, STANDIN_FEED_MONTHS));
}

enum standin_answer
standin_price(const double *price)
{
	return under(1.2 * price[0], price[STANDIN_PRICE_MONTHS - 1]);
}

enum standin_answer
standin_premium(double ratio)
{
	return under(1.5, ratio);
}

enum standin_answer
standin_export(const double *export)
{
	return under(export[STANDIN_EXPORT_MONTHS - 1], 0.25 * mean(export, STANDIN_EXPORT_MONTHS - 1));
}
