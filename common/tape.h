/*
 * tape - reading and writing observations as lines
 *
 * The reader checks the header and the number of fields of every line and nothing else: lode-check does the rest.
 * Life cycle: tape_open, tape_next until LODE_DONE, tape_close.
 */
#ifndef LODE_TAPE_H
#define LODE_TAPE_H

#include "buf.h"
#include "obs.h"
#include "sink.h"
#include "source.h"

struct tape {
	struct source *source;
	struct rows *rows;
	struct header header;
	struct str header_line; /* as read; owned by header.arena */
	bool is_stream;         /* a line #START stood before the header */
};

struct tape_options {
	struct source_options source;
	size_t max_record; /* bytes; 0: 1 MiB */
	bool is_table;     /* any header line will do; columns of an observation may be missing */
	/* gets a control line that stands before the header; NULL: they are skipped */
	int (*on_control)(void *argument, const struct record *record, struct err *err);
	void *argument;
};

/*
 * Opens the input and reads its header. path "-" is standard input.
 * Errors: LODE_EIO, LODE_ENOMEM; LODE_EUSAGE "no header line: the input is empty", "not a tape: ...". Of a stream with checkpoints that ends before its header
 * LODE_EIO "the stream ends without #END: ...".
 */
int tape_open(struct tape *tape, const char *path, const struct tape_options *options, struct err *err);

/* The same with a source that is open, which it takes over, whatever it returns; of the options' source nothing is used. */
int tape_open_source(struct tape *tape, struct source *source, const struct tape_options *options, struct err *err);

/*
 * The next line, data or control (obs_is_control). LODE_DONE at the end; LODE_AGAIN when on_wait said so.
 * Errors, with their place: LODE_EIO "the stream ends without #END: ...", for a stream with checkpoints that ends in the middle of a line; LODE_EDATA "5 fields, the header has 11" (the next call goes on), and those of rows_next and source_read.
 */
int tape_next(struct tape *tape, struct record *record, struct err *err);

/* Safe on a zeroed tape. */
void tape_close(struct tape *tape);

/* Text with tab, newline and backslash as \t, \n, \\. */
void tape_text(struct sink *sink, struct str text);

/* The header line: the eleven columns and then the extra names (n may be 0). */
void tape_write_header(struct sink *sink, const char *const *extra, size_t n_extra);

/* One line; values are escaped where they need it. */
void tape_write(struct sink *sink, const struct obs *obs, const struct str *extra, size_t n_extra);

/* n lines that have all but these four columns in common; values are escaped where they need it. What every parser does, so it is quick. */
void tape_write_figures(struct sink *sink, const struct obs *obs, const struct str *extra, size_t n_extra, const struct tape_figure *figure,
    size_t n);

/* A line derived from others: fields as they were read, nothing to escape, and the indicator with a point and a further word behind it. Quick too. */
void tape_write_derived(struct sink *sink, const struct obs *obs, struct str word, const struct str *extra, size_t n_extra);

/* The same behind a text in memory, which the caller hands on. Errors: LODE_ENOMEM. */
int tape_add_derived(struct buf *text, const struct obs *obs, struct str word, const struct str *extra, size_t n_extra, struct err *err);

/* A header line, or a record's line, as it is; a record's fields with those of replaced[i].p != NULL instead. */
void tape_write_names(struct sink *sink, const struct header *header);
void tape_write_record(struct sink *sink, const struct record *record);
void tape_write_replaced(struct sink *sink, const struct record *record, const struct str *replaced);

#endif
