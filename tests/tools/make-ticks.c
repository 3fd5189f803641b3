/*
 * make-ticks - a tape of trades or of prices, for measuring joins and merges
 *
 * usage: make-ticks trades|prices LINES [SYMBOLS [SEED]]
 *
 * Lines at random moments of one year, in order of `known`, as evenly as chance has them; the same arguments give the same bytes.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "instant.h"

enum { YEAR_S = 365 * 86400 };

static const int64_t start_s = 1704067200; /* 2024-01-01 */

static uint64_t
next(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

int
main(int argc, char **argv)
{
	unsigned long long n = argc > 2 ? strtoull(argv[2], NULL, 10) : 0, symbols = argc > 3 ? strtoull(argv[3], NULL, 10) : 16, i;
	uint64_t state = argc > 4 ? strtoull(argv[4], NULL, 10) : 1, r;
	char known[INSTANT_MAX];
	int is_prices;

	if (n == 0 || symbols == 0 || (strcmp(argv[1], "trades") != 0 && strcmp(argv[1], "prices") != 0)) {
		fputs("usage: make-ticks trades|prices LINES [SYMBOLS [SEED]]\n", stderr);
		return 2;
	}
	is_prices = strcmp(argv[1], "prices") == 0;
	state = state * 2 + (uint64_t)is_prices;
	puts("known\tperiod\tarea\tpartner\tcommodity\tindicator\tvalue\tunit\tstatus\tsource\tref");
	for (i = 0; i < n; i++) {
		r = next(&state);
		instant_format(start_s + (int64_t)((double)i / (double)n * YEAR_S), known);
		printf("%s\t%.10s\tCN\t\tS%02llu\t%s\t%" PRIu64 ".%02" PRIu64 "\t%s\tA\tbench\t%s:%llu\n", known, known,
		    (unsigned long long)(r >> 40) % symbols, is_prices ? "price.exw.avg" : "trade.mass", 100 + (r & 1023), (r >> 10) % 100,
		    is_prices ? "CNY/kg" : "kg", is_prices ? "p" : "t", i + 2);
	}
	return fflush(stdout) == 0 ? 0 : 3;
}
