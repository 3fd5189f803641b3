#include "tape.h"

enum {
	TAPE_AT_ONCE = 64 * 1024, /* what sink_reserve() gives */
	STEP = 32,
	N_OWN = OBS_STATUS - OBS_INDICATOR + 1, /* columns of a figure, in the order of struct tape_figure */
};

_Static_assert(sizeof(struct tape_figure) == N_OWN * sizeof(struct str), "a figure is so many fields of an observation");

static int
broken_off(struct err *err)
{
	return err_set(err, LODE_EIO, "the stream ends without #END: what writes it has died");
}

static int
read_header(struct tape *tape, const struct tape_options *options, struct err *err)
{
	struct record record = { 0 };
	int rc;

	while ((rc = rows_next(tape->rows, &record, err)) == LODE_OK && obs_is_control(&record)) {
		tape->is_stream = tape->is_stream || str_starts(record.raw, STR("#START\t"));
		if (options->on_control != NULL && (rc = options->on_control(options->argument, &record, err)) != LODE_OK)
			return rc;
	}
	if (tape->is_stream && source_stop == 0 && (rc == LODE_DONE || (rc == LODE_OK && rows_is_cut(tape->rows))))
		return broken_off(err);
	if (rc == LODE_DONE && source_stop == 0)
		rc = err_set(err, LODE_EUSAGE, "no header line: the input is empty");
	if (rc == LODE_OK)
		rc = header_init(&tape->header, &record, err);
	if (rc == LODE_OK && !options->is_table)
		rc = header_check_tape(&tape->header, err);
	if (rc == LODE_OK && (tape->header_line = arena_dup(tape->header.arena, record.raw)).p == NULL)
		rc = err_set(err, LODE_ENOMEM, "out of memory");
	if (rc == LODE_EUSAGE)
		err_line(err, source_name(tape->source), record.line == 0 ? 1 : record.line);
	return rc;
}

int
tape_open_source(struct tape *tape, struct source *source, const struct tape_options *options, struct err *err)
{
	struct rows_options rows = { .separator = '\t', .quote = '\0', .max_record = options->max_record == 0 ? 1 << 20 : options->max_record };
	int rc;

	*tape = (struct tape){ .source = source };
	if ((rc = rows_new(&tape->rows, &rows, source_read_rows, tape->source, err)) != LODE_OK ||
	    (rc = read_header(tape, options, err)) != LODE_OK) {
		if (rc != LODE_DONE)
			err_line(err, source_name(tape->source), err->line);
		tape_close(tape);
	}
	return rc;
}

int
tape_open(struct tape *tape, const char *path, const struct tape_options *options, struct err *err)
{
	struct source *source;
	int rc = source_open(&source, path, &options->source, err);

	*tape = (struct tape){ 0 };
	return rc == LODE_OK ? tape_open_source(tape, source, options, err) : rc;
}

int
tape_next(struct tape *tape, struct record *record, struct err *err)
{
	int rc = rows_next(tape->rows, record, err);

	if (rc == LODE_OK && tape->is_stream && rows_is_cut(tape->rows)) {
		rc = broken_off(err);
		err_line(err, source_name(tape->source), 0);
	} else if (rc == LODE_OK && record->n != tape->header.n && !obs_is_control(record)) {
		rc = err_set(err, LODE_EDATA, "%u fields, the header has %u", record->n, tape->header.n);
		err_line(err, source_name(tape->source), record->line);
	} else if (rc != LODE_OK && rc != LODE_DONE && rc != LODE_AGAIN) {
		err_line(err, source_name(tape->source), err->line);
	}
	return rc;
}

void
tape_close(struct tape *tape)
{
	struct err ignored;

	header_release(&tape->header);
	rows_free(tape->rows);
	source_close(tape->source, &ignored);
	*tape = (struct tape){ 0 };
}

/* Not 0 when one of eight bytes is a control character or a backslash. */
static inline uint64_t
special(uint64_t word)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
	uint64_t backslash = word ^ ones * '\\';

	return (((word - ones * 0x20) & ~word) | ((backslash - ones) & ~backslash)) & tops;
}

void
tape_text(struct sink *sink, struct str text)
{
	size_t i, from = 0;
	const char *escape;
	unsigned char c;
	uint64_t word;

	if (text.n == 0) /* which may be nowhere */
		return;
	for (i = 0; i < text.n; i++) {
		while (text.n - i > sizeof word) { /* one byte at least is left */
			memcpy(&word, text.p + i, sizeof word);
			if (special(word) != 0)
				break;
			i += sizeof word;
		}
		c = (unsigned char)text.p[i];
		if (c > '\n' && c != '\\')
			continue;
		escape = c == '\t' ? "\\t" : c == '\n' ? "\\n" : c == '\\' ? "\\\\" : NULL;
		if (escape == NULL)
			continue;
		sink_str(sink, (struct str){ text.p + from, i - from });
		sink_write(sink, escape, 2);
		from = i + 1;
	}
	sink_str(sink, (struct str){ text.p + from, text.n - from });
}

void
tape_write_header(struct sink *sink, const char *const *extra, size_t n_extra)
{
	size_t i;

	for (i = 0; i < OBS_N + n_extra; i++) {
		if (i > 0)
			sink_byte(sink, '\t');
		sink_str(sink, str_of(i < OBS_N ? obs_names[i] : extra[i - OBS_N]));
	}
	sink_byte(sink, '\n');
}

void
tape_write(struct sink *sink, const struct obs *obs, const struct str *extra, size_t n_extra)
{
	size_t i;

	for (i = 0; i < OBS_N + n_extra; i++) {
		if (i > 0)
			sink_byte(sink, '\t');
		tape_text(sink, i < OBS_N ? obs->f[i] : extra[i - OBS_N]);
	}
	sink_byte(sink, '\n');
}

/* A text and a byte into the room that is left, without a call for the short ones that most are. */
static inline char *
put(char *to, struct str text, char behind)
{
	if (text.n >= 8) {
		if (text.n <= 16) {
			memcpy(to, text.p, 8);
			memcpy(to + text.n - 8, text.p + text.n - 8, 8);
		} else if (text.n <= 32) {
			memcpy(to, text.p, 16);
			memcpy(to + text.n - 16, text.p + text.n - 16, 16);
		} else {
			memcpy(to, text.p, text.n);
		}
	} else if (text.n >= 4) {
		memcpy(to, text.p, 4);
		memcpy(to + text.n - 4, text.p + text.n - 4, 4);
	} else if (text.n > 0) {
		to[0] = text.p[0];
		to[text.n / 2] = text.p[text.n / 2];
		to[text.n - 1] = text.p[text.n - 1];
	}
	to[text.n] = behind;
	return to + text.n + 1;
}

/* What a line before has as well, step by step: writes up to STEP bytes more. */
static inline char *
repeat(char *to, const char *from, size_t n)
{
	size_t i;

	if (to - from < STEP)
		memcpy(to, from, n);
	else
		for (i = 0; i < n; i += STEP)
			memcpy(to + i, from + i, STEP);
	return to + n;
}

static inline char *
put_figure(char *to, const struct tape_figure *figure)
{
	to = put(to, figure->indicator, '\t');
	to = put(to, figure->value, '\t');
	to = put(to, figure->unit, '\t');
	return put(to, figure->status, '\t');
}

typedef unsigned char vector __attribute__((vector_size(16)));

_Static_assert(STEP == 2 * sizeof(vector), "a step is two vectors");

/* How many control characters and backslashes there are; STEP bytes behind the text are overwritten. */
static inline size_t
count_special(char *text, size_t n)
{
	enum { MOST = 127 * STEP }; /* a byte of counts holds no more */
	vector one, two, counts;
	uint64_t half[2];
	size_t i, stop, total = 0;

	memset(text + n, 0xff, STEP);
	for (i = 0; i < n;) {
		stop = n - i > MOST ? i + MOST : n;
		for (counts = (vector){ 0 }; i < stop; i += STEP) {
			memcpy(&one, text + i, sizeof one);
			memcpy(&two, text + i + sizeof one, sizeof two);
			counts -= (vector)((one < 0x20) | (one == '\\'));
			counts -= (vector)((two < 0x20) | (two == '\\'));
		}
		memcpy(half, &counts, sizeof half);
		half[0] = (half[0] & UINT64_C(0x00ff00ff00ff00ff)) + (half[0] >> 8 & UINT64_C(0x00ff00ff00ff00ff)) +
		    (half[1] & UINT64_C(0x00ff00ff00ff00ff)) + (half[1] >> 8 & UINT64_C(0x00ff00ff00ff00ff));
		total += half[0] * UINT64_C(0x0001000100010001) >> 48;
	}
	return total;
}

/* Lines that the sink has no room for at once. */
static void
write_long(struct sink *sink, const struct obs *obs, const struct str *extra, size_t n_extra, const struct tape_figure *figure, size_t n)
{
	struct obs line = *obs;

	for (; n > 0; n--, figure++) {
		memcpy(&line.f[OBS_INDICATOR], figure, sizeof *figure);
		tape_write(sink, &line, extra, n_extra);
	}
}

void
tape_write_figures(struct sink *sink, const struct obs *obs, const struct str *extra, size_t n_extra, const struct tape_figure *figure,
    size_t n)
{
	size_t shared = 0, own = 0, i, head, tail;
	char *start, *p, *first_tail;

	for (i = 0; i < OBS_INDICATOR; i++)
		shared += obs->f[i].n + 1;
	for (i = OBS_STATUS + 1; i < OBS_N; i++)
		shared += obs->f[i].n + 1;
	for (i = 0; i < n_extra; i++)
		shared += extra[i].n + 1;
	for (i = 0; i < n; i++)
		own += figure[i].indicator.n + figure[i].value.n + figure[i].unit.n + figure[i].status.n + N_OWN;
	if (n == 0 || n * shared + own + STEP > TAPE_AT_ONCE) {
		write_long(sink, obs, extra, n_extra, figure, n);
		return;
	}
	p = start = sink_reserve(sink, n * shared + own + STEP);
	for (i = 0; i < OBS_INDICATOR; i++)
		p = put(p, obs->f[i], '\t');
	head = (size_t)(p - start);
	first_tail = p = put_figure(p, figure);
	for (i = OBS_STATUS + 1; i < OBS_N; i++)
		p = put(p, obs->f[i], '\t');
	for (i = 0; i < n_extra; i++)
		p = put(p, extra[i], '\t');
	p[-1] = '\n';
	tail = (size_t)(p - first_tail);
	for (i = 1; i < n; i++) {
		p = put_figure(repeat(p, start, head), &figure[i]);
		p = repeat(p, first_tail, tail);
	}
	if (count_special(start, (size_t)(p - start)) == n * (OBS_N + n_extra)) /* what stands between the fields */
		sink_advance(sink, (size_t)(p - start));
	else
		write_long(sink, obs, extra, n_extra, figure, n);
}

/* A derived line that the sink has no room for at once. */
static void
write_long_derived(struct sink *sink, const struct obs *obs, struct str word, const struct str *extra, size_t n_extra)
{
	size_t i;

	for (i = 0; i < OBS_N + n_extra; i++) {
		sink_str(sink, i < OBS_N ? obs->f[i] : extra[i - OBS_N]);
		if (i == OBS_INDICATOR) {
			sink_byte(sink, '.');
			sink_str(sink, word);
		}
		sink_byte(sink, i + 1 < OBS_N + n_extra ? '\t' : '\n');
	}
}

static inline size_t
size_of_derived(const struct obs *obs, struct str word, const struct str *extra, size_t n_extra)
{
	size_t size = word.n + 1, i;

	for (i = 0; i < OBS_N; i++)
		size += obs->f[i].n + 1;
	for (i = 0; i < n_extra; i++)
		size += extra[i].n + 1;
	return size;
}

/* Into as much room as the line takes. */
static inline void
put_derived(char *p, const struct obs *obs, struct str word, const struct str *extra, size_t n_extra)
{
	size_t i;

	for (i = 0; i < OBS_N; i++) {
		p = put(p, obs->f[i], i == OBS_INDICATOR ? '.' : '\t');
		if (i == OBS_INDICATOR)
			p = put(p, word, '\t');
	}
	for (i = 0; i < n_extra; i++)
		p = put(p, extra[i], '\t');
	p[-1] = '\n';
}

void
tape_write_derived(struct sink *sink, const struct obs *obs, struct str word, const struct str *extra, size_t n_extra)
{
	const size_t size = size_of_derived(obs, word, extra, n_extra);

	if (size > TAPE_AT_ONCE) {
		write_long_derived(sink, obs, word, extra, n_extra);
		return;
	}
	put_derived(sink_reserve(sink, size), obs, word, extra, n_extra);
	sink_advance(sink, size);
}

int
tape_add_derived(struct buf *text, const struct obs *obs, struct str word, const struct str *extra, size_t n_extra, struct err *err)
{
	const size_t size = size_of_derived(obs, word, extra, n_extra);

	if (buf_reserve(text, size) != LODE_OK)
		return err_set(err, LODE_ENOMEM, "out of memory");
	put_derived(text->p + text->n, obs, word, extra, n_extra);
	text->n += size;
	return LODE_OK;
}

void
tape_write_names(struct sink *sink, const struct header *header)
{
	unsigned i;

	for (i = 0; i < header->n; i++) {
		if (i > 0)
			sink_byte(sink, '\t');
		sink_str(sink, header->names[i]);
	}
	sink_byte(sink, '\n');
}

void
tape_write_record(struct sink *sink, const struct record *record)
{
	sink_str(sink, record->raw);
	sink_byte(sink, '\n');
}

void
tape_write_replaced(struct sink *sink, const struct record *record, const struct str *replaced)
{
	unsigned i;

	for (i = 0; i < record->n; i++) {
		if (i > 0)
			sink_byte(sink, '\t');
		sink_str(sink, replaced[i].p != NULL ? replaced[i] : record_get(record, i));
	}
	sink_byte(sink, '\n');
}
