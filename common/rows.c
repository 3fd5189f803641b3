#include "rows.h"

#include <assert.h>
#include <csv.h>
#include <stdlib.h>

#include "scan.h"

enum {
	BLOCK = 256 * 1024,    /* if no other is asked for */
	SLACK = 64,            /* bytes the scan may read behind the block */
	CHUNK = 16 * 1024,     /* scanned at a time, so that text and index stay in the first cache */
	FIRST_CHUNK = 256,     /* after a record that went through libcsv: more may follow, and what was scanned ahead is lost */
	LEAST_READ = 4,        /* as source_read asks for */
	NO_BYTE = 256,
};

struct rows {
	struct rows_options options;
	rows_read *read;
	void *from;
	enum rows_engine engine;
	/* the block: records handed out, records to come, the beginning of the unfinished one, free room */
	char *block, *scratch;      /* both room + SLACK bytes; scratch holds fields that differ from their bytes */
	size_t room, n;
	size_t start;               /* of the next record */
	size_t scanned;             /* the index covers the block up to here */
	size_t chunk;
	uint64_t line;              /* of the next record */
	bool end, done;
	struct scan scan;
	size_t next_line, next_inner, first, group; /* what of the index has been used: lines, inner line feeds, entries, groups */
	uint64_t inner_feeds;       /* line feeds inside the quotes of the unfinished record, no longer in the index */
	uint32_t *opened;           /* where the fields end of the sparse record that was opened */
	size_t room_opened;
	/* libcsv */
	struct csv_parser parser;
	bool parser_open, row_ended, no_memory;
	struct str *cooked;
	size_t n_cooked, room_cooked, n_scratch;
};

static int
keep_blanks(unsigned char c)
{
	(void)c;
	return 0;
}

int
rows_new(struct rows **rows, const struct rows_options *options, rows_read *read, void *from, struct err *err)
{
	struct rows *r = calloc(1, sizeof *r);

	assert(options->quote == '"' || options->quote == '\0');
	assert(options->max_record <= ROWS_MAX_RECORD && (options->block == 0 || options->block >= LEAST_READ));
	if (r == NULL)
		return err_set(err, LODE_ENOMEM, "no memory");
	r->options = *options;
	r->read = read;
	r->from = from;
	r->room = options->block == 0 ? BLOCK : options->block;
	r->line = 1;
	r->chunk = CHUNK;
	r->block = malloc(r->room + SLACK);
	r->scratch = malloc(r->room + SLACK);
	r->scan.separator = options->separator;
	r->scan.quote = options->quote;
	r->scan.sparse = options->sparse;
	scan_use(&r->scan, scan_best());
	scan_reset(&r->scan);
	if (r->block == NULL || r->scratch == NULL) {
		rows_free(r);
		return err_set(err, LODE_ENOMEM, "no memory");
	}
	if (options->quote != '\0') {
		r->parser_open = csv_init(&r->parser, 0) == 0;
		csv_set_delim(&r->parser, (unsigned char)options->separator);
		csv_set_space_func(&r->parser, keep_blanks);
	}
	*rows = r;
	return LODE_OK;
}

void
rows_free(struct rows *rows)
{
	if (rows == NULL)
		return;
	if (rows->parser_open)
		csv_free(&rows->parser);
	scan_release(&rows->scan);
	free(rows->cooked);
	free(rows->opened);
	free(rows->scratch);
	free(rows->block);
	free(rows);
}

void
rows_use(struct rows *rows, enum rows_engine engine)
{
	assert(engine != ROWS_LIBCSV || rows->options.quote != '\0');
	rows->engine = engine;
	if (engine == ROWS_AVX2)
		scan_use(&rows->scan, scan_best() < SCAN_AVX2 ? scan_best() : SCAN_AVX2);
	else
		scan_use(&rows->scan, engine == ROWS_BEST ? scan_best() : SCAN_PORTABLE);
}

/* Of a sparse record: where field k < n lies. */
static void
find_field(const struct record *record, unsigned k, uint32_t *start, uint32_t *end)
{
	const struct scan *scan = &record->rows->scan;

	*start = k == 0 ? record->start : scan_find(scan, record->group, record->first + k - 1) + 1;
	*end = k + 1 == record->n ? record->stop : scan_find(scan, record->group, record->first + k);
}

int
record_open(struct record *record, struct err *err)
{
	struct rows *rows = record->rows;
	size_t room = record->n + SCAN_SLACK;
	uint32_t *larger;

	if (record->end != NULL || record->cooked != NULL)
		return LODE_OK;
	if (room > rows->room_opened) {
		room += room / 2;
		if ((larger = realloc(rows->opened, room * sizeof *larger)) == NULL)
			return err_set(err, LODE_ENOMEM, "no memory");
		rows->opened = larger;
		rows->room_opened = room;
	}
	if (record->n > 1)
		scan_find_all(&rows->scan, record->group, record->first, record->first + record->n - 2, rows->opened);
	rows->opened[record->n - 1] = record->stop;
	record->end = rows->opened;
	record->is_simple = !record->has_doubled;
	return LODE_OK;
}

/* A field that lies in quotes and may hold doubled ones, without the former and with the latter made single. */
static struct str
undouble(const struct record *record, struct str field)
{
	/* Each field has its own place in the scratch block, so it may be asked for any number of times. */
	char *to = record->rows->scratch + (field.p - record->base), *out = to;
	const char *p = field.p + 1, *end = field.p + field.n - 1, *quote;

	if (memchr(p, '"', (size_t)(end - p)) == NULL)
		return (struct str){ p, (size_t)(end - p) };
	while ((quote = memchr(p, '"', (size_t)(end - p))) != NULL) {
		memcpy(out, p, (size_t)(quote + 1 - p));
		out += quote + 1 - p;
		p = quote + 2;
		if (p >= end)
			return (struct str){ to, (size_t)(out - to) };
	}
	memcpy(out, p, (size_t)(end - p));
	return (struct str){ to, (size_t)(out + (end - p) - to) };
}

struct str
record_get_slow(const struct record *record, unsigned k)
{
	struct str field;
	uint32_t start, end;

	if (record->cooked != NULL)
		return record->cooked[k];
	if (record->end == NULL) {
		find_field(record, k, &start, &end);
	} else {
		start = k == 0 ? record->start : record->end[k - 1] + 1;
		end = record->end[k];
	}
	field.p = record->base + start;
	field.n = end - start;
	if (record->has_quote && field.n > 0 && *field.p == '"') {
		if (record->has_doubled)
			return undouble(record, field);
		field.p++;
		field.n -= 2;
	}
	return field;
}

static int
grow(struct rows *rows, struct err *err)
{
	size_t room = rows->room * 2;
	char *block = realloc(rows->block, room + SLACK), *scratch;

	if (block != NULL)
		rows->block = block;
	scratch = block == NULL ? NULL : realloc(rows->scratch, room + SLACK);
	if (scratch == NULL)
		return err_set(err, LODE_ENOMEM, "no memory for a record of %zu bytes", rows->n);
	rows->scratch = scratch;
	rows->room = room;
	return LODE_OK;
}

/* Forgets the part of the index that has been used, and counts offsets from base on; what remains belongs to the unfinished record. */
static void
drop_used_index(struct rows *rows, size_t base)
{
	struct scan *scan = &rows->scan;
	size_t i;

	rows->inner_feeds += scan->n_inner - rows->next_inner;
	if (scan->sparse) {
		scan_drop(scan, rows->group, (uint32_t)rows->first, (uint32_t)base);
	} else {
		scan->n_entries -= rows->first;
		for (i = 0; i < scan->n_entries; i++)
			scan->entry[i] = scan->entry[rows->first + i] - (uint32_t)base;
	}
	scan->n_lines = scan->n_inner = 0;
	rows->first = rows->group = rows->next_line = rows->next_inner = 0;
}

/* Moves the unfinished record to the front of the block. */
static void
drop_used_bytes(struct rows *rows)
{
	drop_used_index(rows, rows->start);
	if (rows->start == 0)
		return;
	memmove(rows->block, rows->block + rows->start, rows->n - rows->start);
	rows->n -= rows->start;
	rows->scanned -= rows->start;
	rows->start = 0;
}

/* The end of all reading: raw is too long, or else what message says. */
static int
fail(struct rows *rows, struct record *record, struct str raw, uint64_t line, const char *message, struct err *err)
{
	size_t max = rows->options.max_record;

	rows->done = true;
	rows->next_line = rows->scan.n_lines;
	memset(record, 0, sizeof *record);
	record->line = line;
	record->raw = (struct str){ raw.p, raw.n > max ? max : raw.n };
	if (raw.n > max)
		err_set(err, LODE_EDATA, "record is longer than %zu bytes", max);
	else
		err_set(err, LODE_EDATA, "%s", message);
	err->line = line;
	return LODE_EDATA;
}

static inline struct str
unfinished(const struct rows *rows)
{
	return (struct str){ rows->block + rows->start, rows->n - rows->start };
}

/* Makes room and reads into it, once. Sets rows->end at the end of the input. */
static int
refill(struct rows *rows, struct record *record, struct err *err)
{
	size_t got = 0;
	int rc;

	/* one byte more could be the carriage return of the line end */
	if (rows->n - rows->start > rows->options.max_record + 1)
		return fail(rows, record, unfinished(rows), rows->line, "", err);
	drop_used_bytes(rows);
	if (rows->n > rows->room / 2 && (rc = grow(rows, err)) != LODE_OK)
		return rc;
	assert(rows->room - rows->n >= LEAST_READ);
	rc = rows->read(rows->from, rows->block + rows->n, rows->room - rows->n, &got, err);
	rows->n += got;
	rows->end = rc == LODE_OK && got == 0;
	rows->done = rc != LODE_OK && rc != LODE_AGAIN;
	return rc;
}

/* Makes a record of the next fields of the index, the last of which ends at feed; false for an empty line. */
static inline bool
take(struct rows *rows, struct record *record, uint32_t line_entry, size_t feed)
{
	uint32_t *end = rows->scan.sparse ? NULL : rows->scan.entry + rows->first, last = line_entry >> SCAN_SHIFT;
	size_t stop = feed;
	bool full;

	if (stop > rows->start && rows->block[stop - 1] == '\r' && (rows->options.quote != '\0' || feed < rows->n))
		stop--;
	record->n = (unsigned)(last - rows->first) + 1;
	if (end != NULL)
		end[record->n - 1] = (uint32_t)stop;
	record->has_quote = line_entry & SCAN_QUOTE;
	record->has_doubled = line_entry & SCAN_DOUBLED;
	record->is_simple = end != NULL && !record->has_doubled;
	record->quote = record->has_quote ? '"' : NO_BYTE;
	record->line = rows->line;
	record->raw = (struct str){ rows->block + rows->start, stop - rows->start };
	record->base = rows->block;
	record->end = end;
	record->start = (uint32_t)rows->start;
	record->stop = (uint32_t)stop;
	record->first = (uint32_t)rows->first;
	record->group = (uint32_t)rows->group;
	record->cooked = NULL;
	record->rows = rows;
	full = stop > rows->start;
	rows->first = (size_t)last + 1;
	rows->start = feed + 1;
	rows->line++;
	if (rows->inner_feeds != 0) {
		rows->line += rows->inner_feeds;
		rows->inner_feeds = 0;
	}
	while (rows->next_inner < rows->scan.n_inner && rows->scan.inner[rows->next_inner] < feed) {
		rows->next_inner++;
		rows->line++;
	}
	return full;
}

/* The end of the input is the end of the last record too. LODE_DONE when there is none. */
static int
take_last(struct rows *rows, struct record *record, struct err *err)
{
	struct scan *scan = &rows->scan;
	uint32_t line_entry;

	rows->done = true;
	if (rows->start == rows->n)
		return LODE_DONE;
	if (scan->inside != 0)
		return fail(rows, record, unfinished(rows), rows->line, "quote is never closed", err);
	rows->block[rows->n] = '\n'; /* within the slack: a record's last field may be empty */
	if (!scan->sparse)
		scan->entry[scan->n_entries] = (uint32_t)rows->n; /* the scan left room behind its entries */
	line_entry = (uint32_t)scan->n_entries++ << SCAN_SHIFT | (scan->line_quote != 0 ? SCAN_QUOTE : 0) |
	    (scan->line_doubled != 0 ? SCAN_DOUBLED : 0);
	return take(rows, record, line_entry, rows->n) ? LODE_OK : LODE_DONE;
}

bool
rows_is_cut(const struct rows *rows)
{
	return rows->done;
}

static void
on_field(void *field, size_t n, void *argument)
{
	struct rows *rows = argument;
	struct str *larger;
	size_t room;

	if (rows->n_cooked == rows->room_cooked) {
		room = rows->room_cooked == 0 ? 64 : rows->room_cooked * 2;
		if ((larger = realloc(rows->cooked, room * sizeof *larger)) == NULL) {
			rows->no_memory = true;
			return;
		}
		rows->cooked = larger;
		rows->room_cooked = room;
	}
	rows->cooked[rows->n_cooked++] = (struct str){ NULL, n };
	if (n > 0)
		memcpy(rows->scratch + rows->n_scratch, field, n); /* never more than the record has bytes */
	rows->n_scratch += n;
}

static void
on_row(int c, void *argument)
{
	struct rows *rows = argument;

	(void)c;
	rows->row_ended = true;
}

/* Begins anew at rows->start, with an index of nothing. */
static void
restart(struct rows *rows, size_t feeds)
{
	rows->line += feeds;
	rows->scanned = rows->start;
	rows->first = rows->group = rows->next_line = rows->next_inner = 0;
	rows->inner_feeds = 0;
	scan_reset(&rows->scan);
	rows->chunk = FIRST_CHUNK;
}

static int
cook(struct rows *rows, struct record *record, size_t length, size_t next, size_t feeds, struct err *err)
{
	const char *p = rows->scratch;
	size_t i;
	struct str raw = { rows->block + rows->start, length };

	if (rows->no_memory)
		return err_set(err, LODE_ENOMEM, "no memory");
	for (i = 0; i < rows->n_cooked; i++) {
		rows->cooked[i].p = p;
		p += rows->cooked[i].n;
	}
	memset(record, 0, sizeof *record);
	record->n = (unsigned)rows->n_cooked;
	record->raw = raw;
	record->has_quote = memchr(raw.p, '"', raw.n) != NULL;
	record->has_doubled = record->has_quote;
	record->line = rows->line;
	record->base = rows->block;
	record->start = (uint32_t)rows->start;
	record->cooked = rows->cooked;
	record->rows = rows;
	rows->start = next;
	restart(rows, feeds);
	return LODE_OK;
}

/*
 * The next record by libcsv, byte by byte from rows->start. LODE_OK with record->n == 0 for an empty line.
 * libcsv cannot be stopped, so it is fed up to each byte that may end a record.
 */
static int
next_by_libcsv(struct rows *rows, struct record *record, struct err *err)
{
	size_t fed = 0, stop, feeds = 0; /* fed and stop count from rows->start, which refill() moves */
	const char *p;
	int rc;

	record->n = 0;
	rows->n_cooked = rows->n_scratch = 0;
	rows->row_ended = false;
	restart(rows, 0); /* the index of the record's beginning has no use any more */
	for (;;) {
		if (rows->start + fed == rows->n) {
			if (!rows->end && (rc = refill(rows, record, err)) != LODE_OK)
				return rc;
			if (rows->end)
				break;
			continue;
		}
		p = rows->block + rows->start;
		for (stop = fed; rows->start + stop < rows->n && p[stop] != '\n' && p[stop] != '\r'; stop++)
			;
		if (rows->start + stop < rows->n)
			feeds += p[stop++] == '\n';
		if (csv_parse(&rows->parser, p + fed, stop - fed, on_field, on_row, rows) != stop - fed)
			return err_set(err, LODE_ENOMEM, "no memory");
		fed = stop;
		if (rows->row_ended)
			return cook(rows, record, stop - 1, rows->start + stop, feeds, err);
		if (stop == 1 && (*p == '\n' || *p == '\r')) {
			rows->start++;
			restart(rows, feeds);
			return LODE_OK;
		}
	}
	rows->done = true;
	if (fed == 0)
		return LODE_DONE;
	csv_set_opts(&rows->parser, CSV_STRICT | CSV_STRICT_FINI); /* strict about nothing but a quote that is not closed */
	if (csv_fini(&rows->parser, on_field, on_row, rows) != 0)
		return fail(rows, record, unfinished(rows), rows->line, "quote is never closed", err);
	return cook(rows, record, fed, rows->n, feeds, err);
}

/* Indexes or reads more. LODE_OK: look again; with record->n > 0: record is the next one. */
static int
more(struct rows *rows, struct record *record, struct err *err)
{
	size_t to;
	int rc;

	record->n = 0;
	if (rows->done)
		return LODE_DONE;
	if (rows->engine == ROWS_LIBCSV || rows->scan.odd)
		return next_by_libcsv(rows, record, err);
	if (rows->scanned == rows->n) {
		if (!rows->end && (rc = refill(rows, record, err)) != LODE_OK)
			return rc;
		if (rows->end)
			return take_last(rows, record, err);
	}
	drop_used_index(rows, 0);
	to = rows->n - rows->scanned > rows->chunk ? rows->scanned + rows->chunk : rows->n;
	if (scan_run(&rows->scan, rows->block, rows->scanned, to) != LODE_OK)
		return err_set(err, LODE_ENOMEM, "no memory");
	rows->scanned = to;
	rows->chunk = rows->chunk * 2 > CHUNK ? CHUNK : rows->chunk * 2;
	return LODE_OK;
}

int
rows_next(struct rows *rows, struct record *record, struct err *err)
{
	const struct scan *scan = &rows->scan;
	uint32_t line_entry, feed;
	size_t line;
	bool full;
	int rc;

	for (;;) {
		while (rows->next_line < scan->n_lines) {
			line = rows->next_line++;
			line_entry = scan->line[line];
			feed = scan->sparse ? scan->groups.feed[line] : scan->entry[line_entry >> SCAN_SHIFT];
			full = take(rows, record, line_entry, feed);
			if (scan->sparse)
				rows->group = scan->groups.feed_group[line];
			if (!full)
				continue;
			if (record->raw.n > rows->options.max_record)
				return fail(rows, record, record->raw, record->line, "", err);
			return LODE_OK;
		}
		if ((rc = more(rows, record, err)) != LODE_OK)
			return rc;
		if (record->n > 0)
			break;
	}
	if (record->raw.n > rows->options.max_record)
		return fail(rows, record, record->raw, record->line, "", err);
	return LODE_OK;
}

int
record_of_line(struct record *record, struct str line, uint32_t **end, unsigned *room, struct err *err)
{
	unsigned n = 1, wanted;
	uint32_t *grown;
	size_t i;

	*record = (struct record){ .raw = line, .base = line.p };
	for (i = 0; i < line.n; i++)
		n += line.p[i] == '\t';
	if (n > *room) {
		wanted = n + 16;
		if ((grown = realloc(*end, wanted * sizeof *grown)) == NULL)
			return err_set(err, LODE_ENOMEM, "out of memory");
		*end = grown;
		*room = wanted;
	}
	for (i = 0; i < line.n; i++)
		if (line.p[i] == '\t')
			(*end)[record->n++] = (uint32_t)i;
	(*end)[record->n++] = (uint32_t)line.n;
	record->end = *end;
	return LODE_OK;
}
