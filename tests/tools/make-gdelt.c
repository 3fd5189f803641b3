/*
 * make-gdelt - a large file in the shape of GDELT's 2.0 exports, always the same for the same size
 *
 * usage: make-gdelt MEGABYTES > FILE
 *
 * 61 columns, about 395 bytes a row as in a real file: an actor 2 in two rows of three, few types, geography in most rows, a URL. 1500 rows a
 * quarter of an hour; one row in 40 has no place, one in 500 is in Myanmar, half of these in Kachin or Shan.
 */
#include <inttypes.h>
#include <time.h>

#include "make.h"

enum { ROWS_A_QUARTER = 1500 };

static const struct {
	const char *code, *name, *fips, *adm1, *place, *latitude, *longitude, *feature;
	unsigned weight; /* rows of 1000 */
} countries[] = {
	{ "USA", "UNITED STATES", "US", "USTX", "Austin, Texas, United States", "30.2672", "-97.7431", "1384879", 400 },
	{ "GBR", "UNITED KINGDOM", "UK", "UKH9", "London, London, City of, United Kingdom", "51.5", "-0.116667", "-2601889", 150 },
	{ "CHN", "BEIJING", "CH", "CH29", "Kunming, Yunnan, China", "25.0389", "102.718", "-1911783", 100 },
	{ "IND", "INDIA", "IN", "IN07", "New Delhi, Delhi, India", "28.6", "77.2", "-2106102", 100 },
	{ "RUS", "RUSSIA", "RS", "RS48", "Moscow, Moskva, Russia", "55.7522", "37.6156", "-2960561", 100 },
	{ "NGA", "NIGERIA", "NI", "NI11", "Abuja, Abuja Federal Capital Territory, Nigeria", "9.08333", "7.53333", "-1997328", 98 },
	{ "AUS", "AUSTRALIA", "AS", "AS02", "Sydney, New South Wales, Australia", "-33.8833", "151.217", "-1603135", 50 },
	{ "MMR", "MYANMAR", "BM", "BM04", "Myitkyina, Kachin State, Myanmar", "25.3833", "97.4", "-3709990", 1 },
	{ "MMR", "MYANMAR", "BM", "BM08", "Mandalay, Mandalay, Myanmar", "22", "96.0833", "-234387", 1 },
};

static const char *const codes[] = { "010", "020", "036", "040", "042", "043", "051", "0811", "0872", "100", "110", "112", "120", "130", "141",
	"160", "172", "173", "190", "191", "192", "193", "195", "1951" };

static const char *const words[] = { "talks", "border", "minister", "police", "village", "market", "mine", "army", "school", "trade" };

static unsigned
country(void)
{
	uint32_t at = below(1000), i = 0;

	for (; at >= countries[i].weight; i++)
		at -= countries[i].weight;
	return i;
}

static int
actor(char *out, size_t room, unsigned at)
{
	if (below(6) == 0)
		return snprintf(out, room, "COP\tPOLICE\t\t\t\t\t\tCOP\t\t\t");
	return snprintf(out, room, "%s%s\t%s\t%s\t\t\t\t\t%s\t\t\t", countries[at].code, at % 2 ? "GOV" : "", countries[at].name, countries[at].code,
	    at % 2 ? "GOV" : "");
}

static int
place(char *out, size_t room, unsigned at, unsigned one_in)
{
	if (one_in != 0 && below(one_in) == 0)
		return snprintf(out, room, "0\t\t\t\t\t\t\t\t");
	if (below(4) == 0)
		return snprintf(out, room, "1\t%s\t%s\t%s\t\t%s\t%s\t%s\t", countries[at].name, countries[at].fips, countries[at].fips, countries[at].latitude,
		    countries[at].longitude, countries[at].fips);
	return snprintf(out, room, "4\t%s\t%s\t%s\t%u\t%s\t%s\t%s\t", countries[at].place, countries[at].fips, countries[at].adm1, 5000 + at,
	    countries[at].latitude, countries[at].longitude, countries[at].feature);
}

static int
record(char *out, size_t room, uint64_t number)
{
	const time_t start = 1704067200, added = start + (time_t)(number / ROWS_A_QUARTER) * 900;
	unsigned at = country(), other = country();
	const char *code = codes[below(sizeof codes / sizeof *codes)];
	char time_text[15], day[9];
	struct tm tm;
	int n;

	gmtime_r(&added, &tm);
	strftime(time_text, sizeof time_text, "%Y%m%d%H%M%S", &tm);
	memcpy(day, time_text, 8);
	day[8] = '\0';
	n = snprintf(out, room, "%" PRIu64 "\t%s\t%.6s\t%.4s\t%.4s.%04u\t", 1150000000 + number, day, day, day, day, below(10000));
	n += actor(out + n, room - (size_t)n, at);
	n += below(3) == 0 ? snprintf(out + n, room - (size_t)n, "\t\t\t\t\t\t\t\t\t\t") : actor(out + n, room - (size_t)n, other);
	n += snprintf(out + n, room - (size_t)n, "%u\t%s\t%.3s\t%.2s\t%u\t%d.%u\t%u\t1\t%u\t%d.%014u\t", below(2), code, code, code, 1 + below(4),
	    (int)below(20) - 10, below(10), 1 + below(20), 1 + below(20), (int)below(20) - 10, below(1000000000));
	n += place(out + n, room - (size_t)n, at, 8);
	n += place(out + n, room - (size_t)n, other, 3);
	n += place(out + n, room - (size_t)n, at, 40);
	n += snprintf(out + n, room - (size_t)n, "%s\thttps://www.example.org/news/world/%s/%s-%s-and-%s-%u\n", time_text, day, words[below(10)], words[below(10)],
	    words[below(10)], below(10000000));
	return n;
}

int
main(int argc, char **argv)
{
	return make_file(argc, argv, "", record);
}
