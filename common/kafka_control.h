/*
 * kafka_control - control lines of a checkpointed stream, read and written
 *
 * A control line is `#TYPE`, then fields `name=value`, a tab before each. Values hold tab, newline and backslash as \t, \n and \\.
 * Types whose first letter is upper case must be understood by who reads them; others are passed on by who does not know them.
 * What the lines mean: lode-kafka(7).
 */
#ifndef LODE_KAFKA_CONTROL_H
#define LODE_KAFKA_CONTROL_H

#include "buf.h"
#include "err.h"
#include "list.h"

struct control {
	struct str type;   /* without the # */
	struct str fields; /* all behind the type's tab; p NULL when there are none */
};

/* Takes a line apart, without its end. False when it is no control line: not `#` and a letter. Views into the line. */
bool control_parse(struct str line, struct control *control);

static inline bool
control_is(const struct control *control, const char *type)
{
	return str_is(control->type, type);
}

/* True when whoever does not know this type must stop. */
static inline bool
control_is_binding(const struct control *control)
{
	return control->type.p[0] >= 'A' && control->type.p[0] <= 'Z';
}

/* The value of a field as it stands, escapes and all; p NULL when the field is not there. */
struct str control_get(const struct control *control, const char *name);

/* The same; errors: LODE_EDATA "#START without job=". */
int control_need(const struct control *control, const char *name, struct str *value, struct err *err);

/* Appends text with \t, \n and \\ made bytes again. Errors: LODE_ENOMEM. */
int control_unescape(struct str text, struct buf *out, struct err *err);

/*
 * Writing: control_begin, control_add or control_add_raw for each field, control_end puts the line feed. Errors: LODE_ENOMEM.
 * _add escapes the value, _add_raw takes what is escaped or needs none.
 */
int control_begin(struct buf *line, const char *type, struct err *err);
int control_add(struct buf *line, const char *name, struct str value, struct err *err);
int control_add_raw(struct buf *line, const char *name, struct str value, struct err *err);
int control_end(struct buf *line, struct err *err);

/* A checkpoint's name: a number that rises, and which start of the source made it. "0:-" is the one before the first. */
struct checkpoint {
	uint64_t number;
	char run[17]; /* 16 hexadecimal digits, or "-" */
};

#define CHECKPOINT_NONE { 0, "-" }

/* Errors: LODE_EDATA "'x' is not a checkpoint like 7:0123456789abcdef". */
int checkpoint_parse(struct str text, struct checkpoint *checkpoint, struct err *err);
/* As text, at most 40 bytes with the terminator. */
void checkpoint_text(const struct checkpoint *checkpoint, char out[40]);
bool checkpoint_eq(const struct checkpoint *a, const struct checkpoint *b);

/* `topic/partition:offset`; -1 where nothing has been committed. */
struct position {
	struct str topic;
	int32_t partition;
	int64_t offset;
};

/*
 * Takes the next one off a list separated by commas, *rest, whose p is NULL when it is used up (an empty list: at once). LODE_DONE at the end.
 * Errors: LODE_EDATA "'x' is not a position like tape/0:42".
 */
int position_next(struct str *rest, struct position *position, struct err *err);
/* Appends one, with a comma before it unless list is empty. Errors: LODE_ENOMEM. */
int position_add(struct buf *list, const struct position *position, struct err *err);

#endif
