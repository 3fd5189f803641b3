#include "scan.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"

#if defined(__x86_64__)
#include <immintrin.h>
#define HAVE_AVX2 1
#endif

#define INLINE static inline __attribute__((always_inline))

enum { GROUP = 64, SLACK = GROUP + 8 };

struct masks {
	uint64_t separator, feed, carriage, quote;
};

void
scan_reset(struct scan *scan)
{
	scan->inside = scan->closed = scan->returned = 0;
	scan->line_quote = scan->line_doubled = 0;
	scan->may_open = 1;
	scan->n_entries = scan->n_lines = scan->n_inner = scan->groups.n = 0;
	scan->odd = false;
}

void
scan_release(struct scan *scan)
{
	free(scan->entry);
	free(scan->line);
	free(scan->inner);
	free(scan->groups.ends);
	free(scan->groups.before);
	free(scan->groups.at);
	free(scan->groups.feed);
	free(scan->groups.feed_group);
	scan->entry = scan->line = scan->inner = NULL;
	scan->groups = (struct scan_sparse){ 0 };
	scan->room_entries = scan->room_lines = 0;
}

static int
reserve(uint32_t **list, size_t room)
{
	uint32_t *larger = realloc(*list, room * sizeof **list);

	if (larger == NULL)
		return LODE_ENOMEM;
	*list = larger;
	return LODE_OK;
}

static int
reserve_groups(struct scan_sparse *groups, size_t room)
{
	uint64_t *ends = realloc(groups->ends, room * sizeof *ends);
	int32_t *before;

	if (ends != NULL)
		groups->ends = ends;
	before = ends == NULL ? NULL : realloc(groups->before, (room + SCAN_PAD) * sizeof *before);
	if (before == NULL)
		return LODE_ENOMEM;
	groups->before = before;
	return reserve(&groups->at, room);
}

/* Each byte could be an entry, a line, or a line feed inside quotes. */
static int
reserve_for(struct scan *scan, size_t n)
{
	size_t entries = scan->n_entries + n + SLACK;
	size_t lines = (scan->n_lines > scan->n_inner ? scan->n_lines : scan->n_inner) + n + SLACK;
	size_t groups = scan->groups.n + n / GROUP + 1;

	if (scan->sparse && groups > scan->groups.room) {
		groups += groups / 2;
		if (reserve_groups(&scan->groups, groups) != LODE_OK)
			return LODE_ENOMEM;
		scan->groups.room = groups;
	}
	if (!scan->sparse && entries > scan->room_entries) {
		entries += entries / 2;
		if (reserve(&scan->entry, entries) != LODE_OK)
			return LODE_ENOMEM;
		scan->room_entries = entries;
	}
	if (lines > scan->room_lines) {
		lines += lines / 2;
		if (reserve(&scan->line, lines) != LODE_OK || reserve(&scan->inner, lines) != LODE_OK ||
		    (scan->sparse && (reserve(&scan->groups.feed, lines) != LODE_OK || reserve(&scan->groups.feed_group, lines) != LODE_OK)))
			return LODE_ENOMEM;
		scan->room_lines = lines;
	}
	return LODE_OK;
}

/* Bit i of the result is the parity of bits 0..i. */
INLINE uint64_t
parity_portable(uint64_t bits)
{
	bits ^= bits << 1;
	bits ^= bits << 2;
	bits ^= bits << 4;
	bits ^= bits << 8;
	bits ^= bits << 16;
	return bits ^ bits << 32;
}

/* The number of the lowest bit; of no bit, any number. */
INLINE uint32_t
lowest(uint64_t bits, bool tzcnt)
{
#ifdef HAVE_AVX2
	uint64_t number;

	if (tzcnt) { /* defined for no bit too, unlike the builtin */
		__asm__("tzcnt %1, %0" : "=r"(number) : "r"(bits) : "cc");
		return (uint32_t)number;
	}
#endif
	(void)tzcnt;
	return (uint32_t)__builtin_ctzll(bits | UINT64_C(1) << 63);
}

/* Offsets of the bits. Writes four at a time, up to three more than there are: that costs less than to ask for each. */
INLINE uint32_t *
write_offsets(uint32_t *out, uint64_t bits, uint32_t at, bool tzcnt)
{
	uint32_t *end = out + __builtin_popcountll(bits);
	int i;

	while (out < end) {
#pragma GCC unroll 4
		for (i = 0; i < 4; i++) {
			out[i] = at + lowest(bits, tzcnt);
			bits &= bits - 1;
		}
		out += 4;
	}
	return end;
}

/* Most groups have neither quotes nor carriage returns, and are half the work if that is known. */
INLINE bool
calm(const struct scan *s, struct masks m)
{
	return (m.quote | m.carriage | s->closed | s->returned) == 0;
}

/*
 * The arithmetic for one group of length bytes at offset at: appends the lines and returns the bits of the entries, which the
 * caller appends. parity is that of masks.quote, of no use in a calm group. Sets odd where something odd lies in the
 * group; what comes before that counts.
 */
INLINE uint64_t
add_group(struct scan *s, struct masks m, uint64_t parity, uint32_t at, unsigned length, bool quoting, bool sparse)
{
	uint64_t inside = 0, open, close = 0, ends, feeds, inner, bare, odd = 0, doubled = 0, below, valid;

	if (!quoting) {
		ends = m.separator | m.feed;
	} else if (calm(s, m)) {
		inside = s->inside;
		ends = (m.separator | m.feed) & ~inside;
		s->may_open = ends >> (length - 1) & 1;
	} else {
		inside = parity ^ s->inside;
		s->inside = 0 - (inside >> 63);
		open = m.quote & inside;
		close = m.quote & ~inside;
		doubled = open & (close << 1 | s->closed);
		bare = m.carriage & ~inside;
		ends = (m.separator | m.feed) & ~inside;
		odd = open & ~((ends | close) << 1 | s->may_open);
		odd |= (close << 1 | s->closed) & ~(m.separator | m.feed | m.carriage | m.quote);
		odd |= (bare << 1 | s->returned) & ~m.feed;
		s->may_open = (ends | close) >> (length - 1) & 1;
		s->closed = close >> (length - 1) & 1;
		s->returned = bare >> (length - 1) & 1;
		if (__builtin_expect(length < GROUP, 0))
			odd &= (UINT64_C(1) << length) - 1;
	}
	feeds = m.feed & ends;
	inner = m.feed & inside;
	if (__builtin_expect(odd != 0, 0)) {
		valid = (odd & (0 - odd)) - 1;
		ends &= valid;
		feeds &= valid;
		inner &= valid;
		s->odd = true;
	}
	for (; feeds != 0; feeds &= feeds - 1) {
		below = feeds ^ (feeds - 1);
		s->line_quote |= m.quote & below;
		s->line_doubled |= doubled & below;
		if (sparse) {
			s->groups.feed[s->n_lines] = at + (uint32_t)__builtin_ctzll(feeds);
			s->groups.feed_group[s->n_lines] = (uint32_t)s->groups.n;
		}
		s->line[s->n_lines++] = (uint32_t)(s->n_entries + (size_t)__builtin_popcountll(ends & below) - 1) << SCAN_SHIFT |
		    (uint32_t)(s->line_quote != 0) | (uint32_t)(s->line_doubled != 0) << 1;
		s->line_quote = s->line_doubled = 0;
		m.quote &= ~below;
		doubled &= ~below;
	}
	s->line_quote |= m.quote;
	s->line_doubled |= doubled;
	for (; __builtin_expect(inner != 0, 0); inner &= inner - 1)
		s->inner[s->n_inner++] = at + (uint32_t)__builtin_ctzll(inner);
	return ends;
}

INLINE void
keep_group(struct scan *s, uint64_t ends, uint32_t at)
{
	struct scan_sparse *groups = &s->groups;

	groups->ends[groups->n] = ends;
	groups->before[groups->n] = (int32_t)s->n_entries;
	groups->at[groups->n++] = at;
	s->n_entries += (size_t)__builtin_popcountll(ends);
}

INLINE struct masks
cut(struct masks m, unsigned length)
{
	uint64_t valid = (UINT64_C(1) << length) - 1;

	return (struct masks){ m.separator & valid, m.feed & valid, m.carriage & valid, m.quote & valid };
}

/* Bit i: byte i of the eight in word is the one repeated in pattern. */
INLINE uint64_t
equal_word(uint64_t word, uint64_t pattern)
{
	const uint64_t low = UINT64_C(0x7f7f7f7f7f7f7f7f);
	uint64_t t = word ^ pattern;

	t = ~(((t & low) + low) | t | low); /* 0x80 in each byte that was zero, exactly */
	return (t >> 7) * UINT64_C(0x0102040810204080) >> 56;
}

INLINE struct masks
masks_portable(const char *p, const uint64_t pattern[4])
{
	struct masks m = { 0, 0, 0, 0 };
	uint64_t word;
	int i;

	for (i = 0; i < 8; i++) {
		memcpy(&word, p + 8 * i, sizeof word);
		word = le64toh(word);
		m.separator |= equal_word(word, pattern[0]) << 8 * i;
		m.feed |= equal_word(word, pattern[1]) << 8 * i;
		m.carriage |= equal_word(word, pattern[2]) << 8 * i;
		m.quote |= equal_word(word, pattern[3]) << 8 * i;
	}
	return m;
}

INLINE void
run_portable(struct scan *scan, const char *base, size_t from, size_t to, bool quoting, bool sparse)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	const uint64_t pattern[4] = { (unsigned char)scan->separator * ones, '\n' * ones, '\r' * ones,
	    (unsigned char)scan->quote * ones };
	struct masks m;
	struct scan s = *scan;
	uint64_t ends;
	unsigned length;

	for (; !s.odd && from < to; from += length) {
		length = to - from < GROUP ? (unsigned)(to - from) : GROUP;
		m = masks_portable(base + from, pattern);
		if (length < GROUP)
			m = cut(m, length);
		if (!quoting)
			m.quote = 0;
		ends = add_group(&s, m, parity_portable(m.quote), (uint32_t)from, length, quoting, sparse);
		if (sparse)
			keep_group(&s, ends, (uint32_t)from);
		else
			s.n_entries = (size_t)(write_offsets(s.entry + s.n_entries, ends, (uint32_t)from, false) - s.entry);
	}
	*scan = s;
}

#ifdef HAVE_AVX2

#define AVX2 __attribute__((target("avx2,bmi,popcnt,pclmul")))

INLINE AVX2 uint64_t
bits_avx2(__m256i a, __m256i b)
{
	return (uint32_t)_mm256_movemask_epi8(a) | (uint64_t)(uint32_t)_mm256_movemask_epi8(b) << 32;
}

INLINE AVX2 uint64_t
equal_avx2(__m256i a, __m256i b, __m256i pattern)
{
	return bits_avx2(_mm256_cmpeq_epi8(a, pattern), _mm256_cmpeq_epi8(b, pattern));
}

/* Quotes and carriage returns, of which most groups have none. */
INLINE AVX2 void
find_seldom_avx2(struct masks *m, __m256i a, __m256i b, __m256i carriage, __m256i quote)
{
	const __m256i carriage_a = _mm256_cmpeq_epi8(a, carriage), carriage_b = _mm256_cmpeq_epi8(b, carriage);
	const __m256i quote_a = _mm256_cmpeq_epi8(a, quote), quote_b = _mm256_cmpeq_epi8(b, quote);
	const __m256i any = _mm256_or_si256(_mm256_or_si256(carriage_a, carriage_b), _mm256_or_si256(quote_a, quote_b));

	m->carriage = m->quote = 0;
	if (!_mm256_testz_si256(any, any)) {
		m->carriage = bits_avx2(carriage_a, carriage_b);
		m->quote = bits_avx2(quote_a, quote_b);
	}
}

INLINE AVX2 uint64_t
parity_avx2(uint64_t bits)
{
	/* a product without carries by all ones */
	return (uint64_t)_mm_cvtsi128_si64(_mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)bits), _mm_set1_epi8(-1), 0));
}

/* Whole groups. */
INLINE AVX2 void
run_avx2(struct scan *scan, const char *base, size_t from, size_t to, bool quoting, bool sparse)
{
	const __m256i separator = _mm256_set1_epi8(scan->separator), feed = _mm256_set1_epi8('\n');
	const __m256i carriage = _mm256_set1_epi8('\r'), quote = _mm256_set1_epi8(scan->quote);
	struct masks m;
	struct scan s = *scan;
	uint64_t ends;
	__m256i a, b;

	for (; !s.odd && from < to; from += GROUP) {
		a = _mm256_loadu_si256((const __m256i *)(const void *)(base + from));
		b = _mm256_loadu_si256((const __m256i *)(const void *)(base + from + 32));
		m.separator = equal_avx2(a, b, separator);
		m.feed = equal_avx2(a, b, feed);
		if (quoting)
			find_seldom_avx2(&m, a, b, carriage, quote);
		else
			m.carriage = m.quote = 0;
		ends = add_group(&s, m, quoting && !calm(&s, m) ? parity_avx2(m.quote) : 0, (uint32_t)from, GROUP, quoting, sparse);
		if (sparse)
			keep_group(&s, ends, (uint32_t)from);
		else
			s.n_entries = (size_t)(write_offsets(s.entry + s.n_entries, ends, (uint32_t)from, true) - s.entry);
	}
	*scan = s;
}

static AVX2 void
index_avx2(struct scan *scan, const char *base, size_t from, size_t to)
{
	if (scan->sparse && scan->quote != '\0')
		run_avx2(scan, base, from, to, true, true);
	else if (scan->sparse)
		run_avx2(scan, base, from, to, false, true);
	else if (scan->quote != '\0')
		run_avx2(scan, base, from, to, true, false);
	else
		run_avx2(scan, base, from, to, false, false);
}

/* Eight groups at a time: a record is rarely longer. */
static __attribute__((target("avx2,bmi,bmi2"))) uint32_t
find_avx2(const struct scan_sparse *groups, size_t group, uint32_t n)
{
	const __m256i wanted = _mm256_set1_epi32((int)n);
	__m256i behind;
	unsigned beyond;

	for (;; group += 8) {
		behind = _mm256_loadu_si256((const __m256i *)(const void *)(groups->before + group + 1));
		beyond = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(behind, wanted)));
		if (__builtin_expect(beyond != 0, 1))
			break;
	}
	group += (size_t)__builtin_ctz(beyond);
	return groups->at[group] +
	    (uint32_t)__builtin_ctzll(_pdep_u64(UINT64_C(1) << ((int32_t)n - groups->before[group]), groups->ends[group]));
}

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vbmi2,avx2,bmi,popcnt,pclmul")))

/* The same as write_offsets(), sixteen at a time: the numbers of the bits are squeezed together and made wide. */
INLINE AVX512 uint32_t *
write_offsets_avx512(uint32_t *out, uint64_t bits, uint32_t at, __m512i numbers)
{
	const __m512i base = _mm512_set1_epi32((int)at), found = _mm512_maskz_compress_epi8(bits, numbers);
	const int n = __builtin_popcountll(bits);

	_mm512_storeu_si512(out, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(_mm512_castsi512_si128(found))));
	if (__builtin_expect(n > 16, 0)) {
		_mm512_storeu_si512(out + 16, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(found, 1))));
		if (n > 32) {
			_mm512_storeu_si512(out + 32, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(found, 2))));
			_mm512_storeu_si512(out + 48, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(found, 3))));
		}
	}
	return out + n;
}

/* Whole groups. */
INLINE AVX512 void
run_avx512(struct scan *scan, const char *base, size_t from, size_t to, bool quoting, bool sparse)
{
	const __m512i separator = _mm512_set1_epi8(scan->separator), feed = _mm512_set1_epi8('\n');
	const __m512i carriage = _mm512_set1_epi8('\r'), quote = _mm512_set1_epi8(scan->quote);
	char number[GROUP];
	__m512i numbers, text;
	struct masks m;
	struct scan s = *scan;
	uint64_t ends;
	unsigned i;

	for (i = 0; i < GROUP; i++)
		number[i] = (char)i;
	numbers = _mm512_loadu_si512(number);
	for (; !s.odd && from < to; from += GROUP) {
		text = _mm512_loadu_si512(base + from);
		m.separator = _mm512_cmpeq_epi8_mask(text, separator);
		m.feed = _mm512_cmpeq_epi8_mask(text, feed);
		m.carriage = quoting ? _mm512_cmpeq_epi8_mask(text, carriage) : 0;
		m.quote = quoting ? _mm512_cmpeq_epi8_mask(text, quote) : 0;
		ends = add_group(&s, m, quoting && !calm(&s, m) ? parity_avx2(m.quote) : 0, (uint32_t)from, GROUP, quoting, sparse);
		if (sparse)
			keep_group(&s, ends, (uint32_t)from);
		else
			s.n_entries = (size_t)(write_offsets_avx512(s.entry + s.n_entries, ends, (uint32_t)from, numbers) - s.entry);
	}
	*scan = s;
}

static AVX512 void
index_avx512(struct scan *scan, const char *base, size_t from, size_t to)
{
	if (scan->sparse && scan->quote != '\0')
		run_avx512(scan, base, from, to, true, true);
	else if (scan->sparse)
		run_avx512(scan, base, from, to, false, true);
	else if (scan->quote != '\0')
		run_avx512(scan, base, from, to, true, false);
	else
		run_avx512(scan, base, from, to, false, false);
}

enum scan_level
scan_best(void)
{
	if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("pclmul") || !__builtin_cpu_supports("bmi") ||
	    !__builtin_cpu_supports("popcnt"))
		return SCAN_PORTABLE;
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi2") ?
	    SCAN_AVX512 : SCAN_AVX2;
}

void
scan_use(struct scan *scan, enum scan_level level)
{
	scan->level = level;
	/* AMD's first two Zen have the instruction, but take a step for each bit */
	scan->quick = level != SCAN_PORTABLE && __builtin_cpu_supports("bmi2") && !__builtin_cpu_is("znver1") && !__builtin_cpu_is("znver2");
}

#else

enum scan_level
scan_best(void)
{
	return SCAN_PORTABLE;
}

void
scan_use(struct scan *scan, enum scan_level level)
{
	scan->level = level;
	scan->quick = false;
}

#endif

static void
pad(struct scan_sparse *groups)
{
	size_t i;

	for (i = 0; i < SCAN_PAD; i++)
		groups->before[groups->n + i] = INT32_MAX;
}

int
scan_run(struct scan *scan, const char *base, size_t from, size_t to)
{
	size_t whole = from;

	if (reserve_for(scan, to - from) != LODE_OK)
		return LODE_ENOMEM;
#ifdef HAVE_AVX2
	whole += scan->level == SCAN_PORTABLE ? 0 : (to - from) / GROUP * GROUP;
	if (scan->level == SCAN_AVX512)
		index_avx512(scan, base, from, whole);
	else if (scan->level == SCAN_AVX2)
		index_avx2(scan, base, from, whole);
#endif
	run_portable(scan, base, whole, to, scan->quote != '\0', scan->sparse); /* the last few bytes are not worth more code */
	if (scan->sparse)
		pad(&scan->groups);
	return LODE_OK;
}

uint32_t
scan_find(const struct scan *scan, size_t group, uint32_t n)
{
	const struct scan_sparse *groups = &scan->groups;
	uint64_t ends;
	int32_t skip;

#ifdef HAVE_AVX2
	if (scan->quick)
		return find_avx2(groups, group, n);
#endif
	while (groups->before[group + 1] <= (int32_t)n)
		group++;
	ends = groups->ends[group];
	for (skip = (int32_t)n - groups->before[group]; skip > 0; skip--)
		ends &= ends - 1;
	return groups->at[group] + (uint32_t)__builtin_ctzll(ends);
}

INLINE void
find_all(const struct scan *scan, size_t group, uint32_t first, uint32_t last, uint32_t *offset, bool tzcnt)
{
	const struct scan_sparse *groups = &scan->groups;
	uint32_t *end = offset + (last - first) + 1;
	uint64_t ends;
	int32_t skip;

	while (groups->before[group + 1] <= (int32_t)first)
		group++;
	ends = groups->ends[group];
	for (skip = (int32_t)first - groups->before[group]; skip > 0; skip--)
		ends &= ends - 1;
	for (;;) {
		offset = write_offsets(offset, ends, groups->at[group], tzcnt);
		if (offset >= end)
			break;
		ends = groups->ends[++group];
	}
}

#ifdef HAVE_AVX2
static AVX2 void
find_all_avx2(const struct scan *scan, size_t group, uint32_t first, uint32_t last, uint32_t *offset)
{
	find_all(scan, group, first, last, offset, true);
}
#endif

void
scan_find_all(const struct scan *scan, size_t group, uint32_t first, uint32_t last, uint32_t *offset)
{
#ifdef HAVE_AVX2
	if (scan->level != SCAN_PORTABLE) {
		find_all_avx2(scan, group, first, last, offset);
		return;
	}
#endif
	find_all(scan, group, first, last, offset, false);
}

void
scan_drop(struct scan *scan, size_t group, uint32_t n, uint32_t base)
{
	struct scan_sparse *groups = &scan->groups;
	size_t i;

	scan->n_entries -= n;
	groups->n -= group;
	for (i = 0; i < groups->n; i++) {
		groups->ends[i] = groups->ends[group + i];
		groups->before[i] = groups->before[group + i] - (int32_t)n; /* less than 0 for what went before in the same group */
		groups->at[i] = groups->at[group + i] - base;
	}
	if (groups->room > 0)
		pad(groups);
}
