#include "figure.h"

#include <math.h>
#include <stdio.h>

struct str
figure_format(double value, int digits, char out[FIGURE_MAX])
{
	int behind;
	size_t n;

	out[0] = '\0';
	if (!isfinite(value))
		return (struct str){ out, 0 };
	if (fabs(value) < 1e-12)
		value = 0;
	behind = value == 0 ? 0 : digits - 1 - (int)floor(log10(fabs(value)));
	n = (size_t)snprintf(out, FIGURE_MAX, "%.*f", behind < 0 ? 0 : behind, value);
	if (behind > 0) {
		while (out[n - 1] == '0')
			n--;
		if (out[n - 1] == '.')
			n--;
	}
	out[n] = '\0';
	return (struct str){ out, n };
}
