/*
 * make-news - a large text of the nature of news and the phrases to look for in it, always the same for the same size
 *
 * usage: make-news MEGABYTES [PLANTED] > FILE      articles in plain text, a line of two hyphens between them; how many phrases are in it and
 *                                                  how many articles there are goes into PLANTED
 *        make-news phrases > FILE                  the 2,000 phrases, one a line
 *
 * Words come as often as in a language: the n-th of 20,000 with a weight of 1/n, first those that bind a sentence, then those of the
 * trade (the words of the phrases among them, so that beginnings and ends of phrases are common), then made-up ones of two to five
 * syllables. Sentences have 8 to 30 words, paragraphs two to five sentences, articles three to twelve paragraphs. One article in ten
 * has a phrase, in a sentence of its own; none comes by chance, as no verb is followed by an article otherwise.
 */
#include <inttypes.h>
#include <stdbool.h>

#include "make.h"

enum { WORDS = 20000, VERBS = 50, OBJECTS = 40, DRAWS = 1 << 20, ARTICLE = 1 << 16 };

static const char *const common[] = { "the", "of", "to", "and", "a", "in", "that", "for", "is", "on", "said", "with", "was", "as", "it", "by", "at", "from",
	"has", "are", "have", "be", "its", "an", "were", "their", "this", "will", "they", "which", "not", "but", "he", "more", "had", "been", "who", "or", "than", "after",
	"would", "one", "about", "also", "other", "up", "there", "out", "some", "people", "year", "when", "two", "over", "his", "new", "last", "could", "since", "into",
	"between", "most", "no", "first", "if", "under", "only", "her", "time", "because", "while", "so", "before", "years", "such", "through", "many", "down", "any", "may" };

/* A phrase is a verb, the article, and an object. */
static const char *const verbs[VERBS] = { "captured", "seized", "closed", "reopened", "attacked", "shelled", "bombed", "halted", "suspended", "resumed", "banned",
	"restricted", "taxed", "flooded", "blocked", "overran", "stormed", "raided", "occupied", "retook", "abandoned", "surrendered", "besieged", "encircled", "shut",
	"sealed", "entered", "lifted", "relaxed", "tightened", "widened", "imposed", "raised", "lowered", "cut", "stopped", "restarted", "delayed", "refused", "granted",
	"released", "stored", "shipped", "burned", "mined", "struck", "hit", "evacuated", "fortified", "handed over" };
static const char *const objects[OBJECTS] = { "border gate", "northern crossing", "town centre", "army base", "artillery camp", "mining district", "ore depot",
	"separation plant", "smelter", "customs post", "trade route", "mountain road", "river port", "airfield", "garrison", "police station", "militia headquarters", "leaching ponds",
	"rare earth mines", "export licences", "import quota", "oxide shipments", "magnet factory", "supply depot", "checkpoint", "highway bridge", "frontier town", "hill station",
	"railway yard", "warehouse", "concentrate stocks", "tax office", "toll gate", "ferry landing", "convoy", "power station", "fuel depot", "command post", "training camp", "jade market" };

static const char *const syllables[] = { "ba", "con", "der", "en", "fi", "gra", "hu", "in", "ka", "len", "mo", "ner", "or", "pre", "qui", "ra", "sta", "ter", "un", "ver",
	"wen", "al", "tion", "ing", "ed", "ment", "ly", "ous", "pan", "chi", "lo", "mer", "si", "tra", "vo", "ex", "dis", "re", "sho", "able" };

static char words[WORDS][24];
static size_t n_known;        /* those that are not made up */
static uint16_t draws[DRAWS]; /* a word, as often as its weight says */

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof *(array)))

static size_t
add_words(size_t n, const char *text)
{
	while (*text != '\0') {
		size_t end = strcspn(text, " ");

		snprintf(words[n++], sizeof words[0], "%.*s", (int)end, text);
		text += end + (text[end] == ' ');
	}
	return n;
}

static void
make_words(void)
{
	double weights = 0, passed = 0;
	size_t n = 0, i, draw = 0;

	for (i = 0; i < COUNT(common); i++)
		n = add_words(n, common[i]);
	/* verbs and objects by turns, so that neither is much rarer than the other */
	for (i = 0; i < VERBS; i++) {
		n = add_words(n, verbs[i]);
		if (i < OBJECTS)
			n = add_words(n, objects[i]);
	}
	n_known = n;
	for (; n < WORDS; n++) {
		uint32_t parts = 2 + below(4);
		size_t at = 0;

		while (parts-- > 0 && at < sizeof words[0] - 6)
			at += (size_t)snprintf(words[n] + at, sizeof words[0] - at, "%s", syllables[below(COUNT(syllables))]);
		if (below(12) == 0)
			words[n][0] = (char)(words[n][0] - 'a' + 'A');
	}
	for (i = 1; i <= WORDS; i++)
		weights += 1 / (double)i;
	for (i = 0; i < WORDS; i++) {
		passed += 1 / (double)(i + 1) / weights;
		while (draw < DRAWS && (double)draw < passed * DRAWS)
			draws[draw++] = (uint16_t)i;
	}
	while (draw < DRAWS)
		draws[draw++] = 0;
}

/* Text in hand; an article never fills it. */
static char out[ARTICLE];
static size_t length;

static void
put(const char *text)
{
	size_t n = strlen(text);

	memcpy(out + length, text, n);
	length += n;
}

static void
sentence(void)
{
	uint32_t left = 8 + below(23);
	size_t start = length;
	bool after_verb = false;

	while (left-- > 0) {
		size_t word = draws[below(DRAWS)];

		/* "closed the" begins a phrase */
		put(word == 0 && after_verb ? "a" : words[word]);
		after_verb = word >= COUNT(common) && word < n_known;
		if (below(60) == 0)
			length += (size_t)snprintf(out + length, 16, " %u", 1 + below(3000));
		put(left == 0 ? ". " : below(14) == 0 ? ", " : " ");
	}
	if (out[start] >= 'a' && out[start] <= 'z')
		out[start] = (char)(out[start] - 'a' + 'A');
}

static void
article(uint64_t number, uint64_t *planted)
{
	uint32_t paragraphs = 3 + below(10), at = below(10) == 0 ? below(paragraphs) : UINT32_MAX;
	unsigned hour = (unsigned)(number / 16); /* so many articles an hour, months of 28 days */

	length = (size_t)snprintf(out, sizeof out, "%sDate: %u-%02u-%02uT%02u:00:00Z\nURL: n/%" PRIu64 "\nTitle: ", number > 1 ? "--\n" : "",
	    2025 + hour / 8064, 1 + hour / 672 % 12, 1 + hour / 24 % 28, hour % 24, number);
	sentence();
	put("\n");
	for (uint32_t i = 0; i < paragraphs; i++) {
		for (uint32_t sentences = 2 + below(4); sentences > 0; sentences--)
			sentence();
		if (i == at) {
			put("Soldiers ");
			put(verbs[below(VERBS)]);
			put(" the ");
			put(objects[below(OBJECTS)]);
			put(". ");
			++*planted;
		}
		put("\n");
	}
}

int
main(int argc, char **argv)
{
	uint64_t size, written = 0, number = 0, planted = 0;
	FILE *file;

	if (argc < 2)
		return 2;
	if (strcmp(argv[1], "phrases") == 0) {
		for (size_t i = 0; i < VERBS * OBJECTS; i++)
			printf("%s the %s\n", verbs[i / OBJECTS], objects[i % OBJECTS]);
		return fflush(stdout) == 0 ? 0 : 1;
	}
	size = strtoull(argv[1], NULL, 10) * 1000000;
	make_words();
	while (written < size) {
		article(++number, &planted);
		if (fwrite(out, 1, length, stdout) != length)
			return 1;
		written += length;
	}
	if (argc > 2) {
		if ((file = fopen(argv[2], "w")) == NULL)
			return 1;
		fprintf(file, "%" PRIu64 " %" PRIu64 "\n", planted, number);
		if (fclose(file) != 0)
			return 1;
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
