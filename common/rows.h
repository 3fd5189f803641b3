/*
 * rows - records and fields of delimited text, scanned in blocks
 *
 * CSV (separator ',', quote '"') and TSV (separator tab, no quote) come through the same reader. A block is indexed once
 * (scan.h: positions of the separators and line ends outside quotes, 64 bytes at a time); a record is a slice of that
 * index and a field is a view into the block: nothing is copied or allocated for a field, unless it holds a doubled
 * quote.
 *
 * The grammar of CSV is libcsv's (RFC 4180, lenient about quotes in the middle of a field, blanks kept, a bare carriage
 * return ends a record too); records end with LF or CR LF, empty lines are skipped. What the index cannot decide by itself (a
 * quote that neither opens nor closes a field, a bare carriage return) goes through libcsv, so both ways agree on every
 * input; a quote that is never closed is an error. Without a quote character there is no grammar: separators and LF
 * or CR LF split, every other byte is part of a field. Lines are counted by line feeds, those inside quotes too.
 *
 * Invariant: a record and its fields stay valid until the next rows_next().
 * Holds a block, or two to four times the longest record if that is more, and its index.
 */
#ifndef LODE_ROWS_H
#define LODE_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "str.h"

struct rows;

struct rows_options {
	char separator;
	char quote;        /* '"', or '\0': no quoting at all */
	size_t max_record; /* bytes, at most ROWS_MAX_RECORD; a longer record ends the reading with LODE_EDATA */
	size_t block;      /* bytes read at a time, 0 for 256 KiB */
	bool sparse;       /* of most records one or two fields are looked at: each is found when it is asked for, and none before */
};

#define ROWS_MAX_RECORD ((size_t)256 << 20)

/*
 * Where bytes come from: source_read's shape. At least one byte unless at the end; what it returns
 * other than LODE_OK is passed on by rows_next, which reads on after LODE_AGAIN (without a quote character).
 */
typedef int rows_read(void *from, char *out, size_t room, size_t *n, struct err *err);

struct record {
	unsigned n;               /* fields, 1 or more */
	bool has_quote;           /* a quote character lies somewhere in it */
	bool has_doubled;         /* and somewhere two in a row inside quotes */
	bool is_simple;           /* fields are views by end[], in the quotes that follow or none */
	unsigned short quote;     /* the quote character, or what no byte is when there is none in the record */
	uint64_t line;            /* first line, counted from 1 */
	struct str raw;           /* as read, without the line end */
	const char *base;         /* what start and end[] count from */
	const uint32_t *end;      /* end[k]: offset of the byte behind field k; NULL when sparse and not opened */
	uint32_t start;           /* offset of field 0 */
	uint32_t stop;            /* offset of the byte behind the last field */
	uint32_t first;           /* sparse: number of the entry in the index that ends field 0, and the group in which to look for it */
	uint32_t group;
	const struct str *cooked; /* fields from libcsv, or NULL */
	struct rows *rows;
};

/* Errors: LODE_ENOMEM. */
int rows_new(struct rows **rows, const struct rows_options *options, rows_read *read, void *from, struct err *err);
void rows_free(struct rows *rows); /* takes NULL */

/*
 * The next record. LODE_DONE at the end, or what read() returned.
 * Errors: LODE_EDATA with err's line set and record->raw the bytes in question (no more than max_record, no fields):
 *   "quote is never closed" (at the end of the input), "record is longer than N bytes" (both final: the next call
 *   gives LODE_DONE); LODE_ENOMEM.
 */
int rows_next(struct rows *rows, struct record *record, struct err *err);

/*
 * The fields of a line that does not come out of a reader, between tabs; *end, with room for *room of them, grows as needed and is the caller's.
 * Errors: LODE_ENOMEM.
 */
int record_of_line(struct record *record, struct str line, uint32_t **end, unsigned *room, struct err *err);

/* True when the last record of the input has been read and has no line end. */
bool rows_is_cut(const struct rows *rows);

/* Finds all fields of a sparse record at once, which costs less than three of them one by one. Errors: LODE_ENOMEM. */
int record_open(struct record *record, struct err *err);

/* What is not so simple of record_get(). */
struct str record_get_slow(const struct record *record, unsigned k);

/* Field k < n without its quotes, as a view. */
static inline struct str
record_get(const struct record *record, unsigned k)
{
	struct str field;
	uint32_t start;

	if (!record->is_simple)
		return record_get_slow(record, k);
	start = k == 0 ? record->start : record->end[k - 1] + 1;
	field.p = record->base + start;
	field.n = record->end[k] - start;
	if ((unsigned char)*field.p == record->quote) { /* it is closed: the scan saw to that; behind an empty one is a separator or a line's end */
		field.p++;
		field.n -= 2;
	}
	return field;
}

/*
 * A test may ask for the index by AVX2 even where there is AVX-512, for the portable one, or for libcsv throughout (needs a quote character).
 * Before the first rows_next().
 */
enum rows_engine { ROWS_BEST, ROWS_AVX2, ROWS_PORTABLE, ROWS_LIBCSV };
void rows_use(struct rows *rows, enum rows_engine engine);

#endif
