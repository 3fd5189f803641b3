#include "order.h"

#include <stdio.h>

static int
refuse(const struct order *order, struct str known, struct err *err)
{
	if (order->elsewhere)
		return err_set(err, LODE_EDATA, "known '%.*s' is before '%s' of %s:%llu: lode-merge puts tapes in order",
		    STR_ARG(known), order->known, order->source, (unsigned long long)order->line);
	return err_set(err, LODE_EDATA, "known '%.*s' is before '%s' of line %llu: sort the tape by known", STR_ARG(known),
	    order->known, (unsigned long long)order->line);
}

int
order_next(struct order *order, struct str known, const char *source, uint64_t line, struct err *err)
{
	if (memcmp(known.p, order->known, INSTANT_LENGTH) < 0)
		return refuse(order, known, err);
	if (order->elsewhere || order->line == 0)
		snprintf(order->source, sizeof order->source, "%s", source);
	order->elsewhere = false;
	memcpy(order->known, known.p, INSTANT_LENGTH); /* the terminator is there from the start */
	order->line = line;
	return LODE_OK;
}
