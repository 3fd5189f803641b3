#include "tape.h"

/* rows_read over a source. */
static int
read_source(void *from, char *out, size_t room, size_t *n, struct err *err)
{
	return source_read(from, out, room, n, err);
}

static int
read_header(struct tape *tape, const struct tape_options *options, struct err *err)
{
	struct record record = { 0 };
	int rc;

	while ((rc = rows_next(tape->rows, &record, err)) == LODE_OK && obs_is_control(&record))
		if (options->on_control != NULL && (rc = options->on_control(options->argument, &record, err)) != LODE_OK)
			return rc;
	if (rc == LODE_DONE && source_stop == 0)
		rc = err_set(err, LODE_EUSAGE, "no header line: the input is empty");
	if (rc == LODE_OK)
		rc = header_init(&tape->header, &record, err);
	if (rc == LODE_OK)
		rc = header_check_tape(&tape->header, err);
	if (rc == LODE_OK && (tape->header_line = arena_dup(tape->header.arena, record.raw)).p == NULL)
		rc = err_set(err, LODE_ENOMEM, "out of memory");
	if (rc == LODE_EUSAGE)
		err_line(err, source_name(tape->source), record.line == 0 ? 1 : record.line);
	return rc;
}

int
tape_open(struct tape *tape, const char *path, const struct tape_options *options, struct err *err)
{
	struct rows_options rows = { '\t', '\0', options->max_record == 0 ? 1 << 20 : options->max_record };
	int rc;

	*tape = (struct tape){ 0 };
	if ((rc = source_open(&tape->source, path, &options->source, err)) != LODE_OK)
		return rc;
	if ((rc = rows_new(&tape->rows, &rows, read_source, tape->source, err)) != LODE_OK ||
	    (rc = read_header(tape, options, err)) != LODE_OK) {
		if (rc != LODE_DONE)
			err_line(err, source_name(tape->source), err->line);
		tape_close(tape);
	}
	return rc;
}

int
tape_next(struct tape *tape, struct record *record, struct err *err)
{
	int rc = rows_next(tape->rows, record, err);

	if (rc == LODE_OK && record->n != tape->header.n && !obs_is_control(record)) {
		rc = err_set(err, LODE_EDATA, "%u fields, the header has %u", record->n, tape->header.n);
		err_line(err, source_name(tape->source), record->line);
	} else if (rc != LODE_OK && rc != LODE_DONE) {
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

void
tape_text(struct sink *sink, struct str text)
{
	size_t i, from = 0;
	const char *escape;

	for (i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

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
