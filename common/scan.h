/*
 * scan - where fields and lines end in a block of delimited text
 *
 * Works on 64 bytes at a time: one bit mask for each of separator, line feed, carriage return and quote, then
 * arithmetic on the masks (the quote state is the running parity of the quotes). The masks come from AVX-512 or AVX2 where the
 * processor has it and from 64-bit words elsewhere; the arithmetic is the same code. State is carried from call to
 * call, so a block may be cut anywhere.
 *
 * What parity cannot decide is noticed, not guessed: a quote that opens behind anything but a separator, a line end or a
 * closing quote; a closing quote before anything but a separator, a line end or a quote; a carriage return outside
 * quotes without a line feed. The scan stops there with odd set.
 *
 * Dense, it writes down where each field ends. Sparse, it keeps the masks, half the work, and finds the fields that are asked for among their bits:
 * for tables of which few columns are read.
 */
#ifndef LODE_SCAN_H
#define LODE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bits of scan.line[], below the number of the entry. */
enum { SCAN_QUOTE = 1, SCAN_DOUBLED = 2, SCAN_SHIFT = 2 };

/* Instructions for it; none is used that the processor lacks. */
enum scan_level { SCAN_PORTABLE, SCAN_AVX2, SCAN_AVX512 };

/* Sparse: what was found, by groups of 64 bytes or fewer; all owned. */
struct scan_sparse {
	uint64_t *ends;  /* bit i: byte i is a separator or line feed outside quotes */
	int32_t *before; /* how many there are in the groups before; SCAN_PAD of INT32_MAX behind the last */
	uint32_t *at;    /* offset of byte 0 */
	uint32_t *feed, *feed_group; /* of each line: offset of its line feed, and the group where that is */
	size_t n, room;
};

enum { SCAN_PAD = 8, SCAN_SLACK = 68 };

struct scan {
	char separator;
	char quote;       /* '\0': no quoting, and a bare carriage return is a byte like any other */
	enum scan_level level;
	bool sparse;
	bool quick;       /* scan_find() by AVX2 and BMI2 */
	/* carried over; a mask, or one bit about the byte before */
	uint64_t inside;  /* all ones within quotes */
	uint64_t may_open, closed, returned;
	uint64_t line_quote, line_doubled; /* not 0: the line has had a quote, a doubled one */
	/* found; owned */
	uint32_t *entry;  /* offsets of separators and line feeds outside quotes; NULL when sparse */
	uint32_t *line;   /* for each line feed among them its number in entry[] << SCAN_SHIFT | SCAN_ bits of its line */
	uint32_t *inner;  /* offsets of line feeds inside quotes */
	size_t n_entries, n_lines, n_inner;
	size_t room_entries, room_lines;
	bool odd;
	struct scan_sparse groups; /* sparse: in place of entry[] */
};

/* Forgets all that was found and starts at the beginning of a line. */
void scan_reset(struct scan *scan);
void scan_release(struct scan *scan);

/*
 * Indexes base[from..to), which follows what came before; adds to entry[], line[] and inner[]. 63 bytes
 * behind to must be readable. Errors: LODE_ENOMEM (no err: the caller words it), the scan as it was.
 */
int scan_run(struct scan *scan, const char *base, size_t from, size_t to);

/* Sparse: the offset of entry number n, which is there, in that group or behind it. */
uint32_t scan_find(const struct scan *scan, size_t group, uint32_t n);

/*
 * Sparse: the offsets of the entries number first to last, all that are there, of which first lies in that group or behind it. Into room for
 * SCAN_SLACK more.
 */
void scan_find_all(const struct scan *scan, size_t group, uint32_t first, uint32_t last, uint32_t *offset);

/* Sparse: forgets the groups before that one and the first n entries, and counts offsets from base on. */
void scan_drop(struct scan *scan, size_t group, uint32_t n, uint32_t base);

/* The highest level that this processor has. */
enum scan_level scan_best(void);

/* Before the first scan_run(); not above scan_best(). */
void scan_use(struct scan *scan, enum scan_level level);

#endif
