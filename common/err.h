/*
 * err - an error value that carries its place
 *
 * A function that can fail returns LODE_OK or one code of enum lode_status and fills the
 * struct err that it was handed; on success it leaves it alone. The lowest function that knows a part of
 * the place (source, line, column) adds it; callers add nothing that is there already.
 * The library never prints and never exits: err_format() makes the one line a program shows.
 */
#ifndef LODE_ERR_H
#define LODE_ERR_H

#include <stddef.h>
#include <stdint.h>

enum lode_status {
	LODE_OK = 0,
	LODE_EDATA = 1,  /* this record is bad */
	LODE_EUSAGE = 2, /* command line, configuration, table or header */
	LODE_EIO = 3,    /* file, pipe or broker */
	LODE_ENOMEM = 4, /* no memory; a program ends with status 3 */
	LODE_DONE = 5,   /* not an error: the end of the input, or enough of it */
	LODE_AGAIN = 6,  /* not an error: nothing to read yet, where the reader asked not to wait (source.h) */
};

struct err {
	int code;             /* enum lode_status */
	char source[256];     /* file name, empty when unknown */
	uint64_t line;        /* first line of the record, counted from 1; 0 when unknown */
	unsigned column;      /* field number, counted from 1; 0 when unknown */
	char column_name[64]; /* empty when unknown */
	char message[512];    /* no capital, no full stop, values in single quotes */
};

#define ERR_INIT { 0 }

/* Sets code and message, clears the place, and returns code, so that a caller can `return err_set(...)`. */
int err_set(struct err *err, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Adds the field's place unless one is there; column counts from 1, name may be NULL. Returns err->code. */
int err_column(struct err *err, unsigned column, const char *name);

/* Adds the line's place unless one is there; source may be NULL. Returns err->code. */
int err_line(struct err *err, const char *source, uint64_t line);

/*
 * Writes "PROGRAM: SOURCE:LINE:COLUMN (NAME): MESSAGE\n" with the parts that are known; control
 * characters, and bytes that are not UTF-8, as \xHH. out[size] is always terminated; the result is the length.
 */
size_t err_format(const struct err *err, const char *program, char *out, size_t size);

/* err_format without program and place's source and line: the reason column of a rejects file. */
size_t err_reason(const struct err *err, char *out, size_t size);

/* A text as messages show it, masked like theirs; cut where out[size] is full. The length. */
size_t err_masked(const char *text, char *out, size_t size);

/* The exit status of a program that ends with this code: 0, 1, 2 or 3. */
int err_exit_status(int code);

#endif
