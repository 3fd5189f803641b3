/*
 * option - a program's command line as a table, which also writes its --help
 *
 * Every program has --help and --version without saying so. An option stands once in the table: letter (or 0), long name,
 * name of its argument, type, where to store it, one line of help.
 */
#ifndef LODE_OPTION_H
#define LODE_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"
#include "list.h"

enum option_type {
	OPTION_FLAG,    /* bool */
	OPTION_TEXT,    /* const char * */
	OPTION_LIST,    /* struct option_list: comma-separated, may be given again */
	OPTION_ITEMS,   /* struct option_list: one item each time it is given, commas and all */
	OPTION_SIZE,    /* size_t, with K M G (powers of 1024) */
	OPTION_NUMBER,  /* double, finite */
	OPTION_INSTANT, /* int64_t seconds; a date alone is the end of that day */
	OPTION_START,   /* int64_t seconds; a date alone is the start of that day */
};

struct option_spec {
	char letter;
	const char *name, *argument; /* argument NULL for OPTION_FLAG */
	enum option_type type;
	size_t offset; /* in the struct of options */
	const char *help;
};

struct program {
	const char *name;     /* lode-x */
	const char *operands; /* as in the synopsis: "[FILE ...]" */
	const char *summary;  /* one line, no full stop */
	const struct option_spec *options; /* ends with an entry whose name is NULL */
};

/*
 * Stores what the user said into *options, which holds the defaults; values point into argv. Returns the operands, NULL at
 * the end. Ends the program: status 0 after --help or --version, 2 with a message after a wrong command line.
 */
char **options_parse(int argc, char **argv, const struct program *program, void *options);

/* Ends the program with status 2 and "PROGRAM: message" for what no table can check. */
_Noreturn void options_refuse(const struct program *program, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Which of some words, "a, b, c", the text is, from 0; else it is refused: "--OPTION: 'text' is not one of a, b, c". */
int options_choose(const struct program *program, const char *option, const char *text, const char *words);

/*
 * Appends some options as the user might say them, "--by area,unit --all": those of these names, "all,by", that are set, in the order of the
 * table; flags, texts, lists and sizes alone. Errors: LODE_ENOMEM.
 */
int options_write(const struct program *program, const void *options, const char *names, struct buf *out, struct err *err);

#endif
