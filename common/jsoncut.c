#include "jsoncut.h"

#include <stdlib.h>

#include "buf.h"

/* What may come next, apart from blanks. */
enum where {
	START,    /* the first bracket */
	OPENED,   /* behind that of the list: a record, or its end; with arrays, what is in the first record */
	BETWEEN,  /* a record; the list has begun */
	BEHIND,   /* a comma or the end of the list */
	SEQUENCE, /* a record, or the end of the input; records stand alone */
	CLOSED,   /* nothing */
	IN_RECORD,
	TAIL,     /* what is left of the object whose member was the list */
	JUNK,     /* the rest of a line that is no object */
	FINAL,    /* an error ended it */
};

enum { BLOCK = 1 << 16, SHOWN = 60 };

struct jsoncut {
	struct jsoncut_options options;
	rows_read *read;
	void *from;
	size_t at, n;
	uint64_t line, opened_line, record_line;
	enum where where;
	bool outer, member; /* records are in a list; in one that is a member */
	bool in_string, escaped, ended;
	bool too_long;      /* of the record in hand no more is kept */
	bool line_begins;   /* nothing but blanks since the last line end */
	char last;          /* the last byte outside strings that was not blank; '"' for a string */
	unsigned depth;
	size_t key;         /* where the last string at depth 1 begins in raw */
	bool list_follows;  /* the key of the list was just read */
	struct buf raw;
	char block[BLOCK];
};

int
jsoncut_new(struct jsoncut **cut, const struct jsoncut_options *options, rows_read *read, void *from, struct err *err)
{
	struct jsoncut *made = calloc(1, sizeof *made);

	if (made == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	made->options = *options;
	made->read = read;
	made->from = from;
	made->line = 1;
	*cut = made;
	return LODE_OK;
}

void
jsoncut_free(struct jsoncut *cut)
{
	if (cut == NULL)
		return;
	buf_release(&cut->raw);
	free(cut);
}

/* The next byte, or LODE_DONE. */
static inline int
next_byte(struct jsoncut *cut, char *c, struct err *err)
{
	int rc;

	if (cut->at == cut->n) {
		cut->at = 0;
		if ((rc = cut->read(cut->from, cut->block, BLOCK, &cut->n, err)) != LODE_OK)
			return rc;
		if (cut->n == 0) {
			cut->ended = true;
			return LODE_DONE;
		}
	}
	*c = cut->block[cut->at++];
	cut->line += *c == '\n';
	return LODE_OK;
}

/* Within a string of a record, takes what lies before the next byte that can mean something in one piece. */
static int
take_span(struct jsoncut *cut, struct err *err)
{
	const char *from = cut->block + cut->at;
	size_t n = 0, most = cut->n - cut->at, room = cut->options.max_record - cut->raw.n;

	if (!cut->in_string || cut->escaped || cut->where != IN_RECORD)
		return LODE_OK;
	most = most < room ? most : room;
	while (n < most && from[n] != '"' && from[n] != '\\' && from[n] != '\n')
		n++;
	if (buf_add(&cut->raw, from, n) != LODE_OK)
		return err_set(err, LODE_ENOMEM, "out of memory");
	cut->at += n;
	if (n > 0)
		cut->line_begins = false;
	return LODE_OK;
}

/* Hands out the bytes in question with the error that was set. */
static int
fault(struct jsoncut *cut, struct jsonpiece *piece, uint64_t line, bool final, struct err *err)
{
	if (final)
		cut->where = FINAL;
	*piece = (struct jsonpiece){ buf_str(&cut->raw), line, final };
	return err_line(err, NULL, line);
}

/* Text where a bracket belongs: shows its first line. */
static int
refuse(struct jsoncut *cut, struct jsonpiece *piece, char c, struct err *err)
{
	uint64_t line = cut->line;
	struct str shown;
	int rc = LODE_OK;

	cut->raw.n = 0;
	while (rc == LODE_OK && c != '\n' && c != '\r' && cut->raw.n < SHOWN) {
		if (buf_add(&cut->raw, &c, 1) != LODE_OK)
			return err_set(err, LODE_ENOMEM, "out of memory");
		rc = next_byte(cut, &c, err);
	}
	if (rc != LODE_OK && !cut->ended)
		return rc;
	shown = buf_str(&cut->raw);
	err_set(err, LODE_EDATA, "not a JSON array of %s: '%.*s'", cut->options.open == '[' ? "arrays" : "objects", STR_ARG(shown));
	return fault(cut, piece, line, true, err);
}

static int
truncated(struct jsoncut *cut, struct jsonpiece *piece, struct err *err)
{
	err_set(err, LODE_EDATA, "truncated JSON: a bracket is not closed");
	if (cut->where != IN_RECORD)
		cut->raw.n = 0;
	return fault(cut, piece, cut->where == IN_RECORD ? cut->record_line : cut->line, true, err);
}

static int
too_long(struct jsoncut *cut, struct jsonpiece *piece, bool final, struct err *err)
{
	err_set(err, LODE_EDATA, "record is longer than %zu bytes", cut->options.max_record);
	return fault(cut, piece, cut->record_line, final, err);
}

static int
begin_record(struct jsoncut *cut, uint64_t line, char c, struct err *err)
{
	cut->raw.n = 0;
	cut->record_line = line;
	cut->depth = 1;
	cut->in_string = cut->escaped = cut->too_long = cut->list_follows = cut->line_begins = false;
	cut->where = IN_RECORD;
	cut->last = c;
	if (buf_add(&cut->raw, &c, 1) != LODE_OK)
		return err_set(err, LODE_ENOMEM, "out of memory");
	return LODE_OK;
}

/* Looks at a byte within a record; true when it closes the record. */
static inline bool
closes(struct jsoncut *cut, char c)
{
	if (cut->in_string) {
		if (cut->escaped)
			cut->escaped = false;
		else if (c == '\\')
			cut->escaped = true;
		else if (c == '"')
			cut->in_string = false;
		return false;
	}
	if (c == '"')
		cut->in_string = true;
	else if (c == '[' || c == '{')
		cut->depth++;
	else if (c == ']' || c == '}')
		return --cut->depth == 0;
	return false;
}

/*
 * The same byte, seen for the member that is a list: true when c opens that list. To be called before closes(), and before c is added to raw.
 */
static bool
opens_list(struct jsoncut *cut, char c)
{
	size_t n;

	if (cut->in_string || cut->depth != 1 || cut->options.member == NULL)
		return false;
	if (c == '[' && cut->list_follows)
		return true;
	if (c == '"') {
		cut->key = cut->raw.n + 1;
	} else if (c == ':') {
		n = strlen(cut->options.member);
		cut->list_follows = cut->last == '"' && cut->raw.n > cut->key + n && memcmp(cut->raw.p + cut->key, cut->options.member, n) == 0 &&
		    cut->raw.p[cut->key + n] == '"';
	} else if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
		cut->list_follows = false;
	}
	return false;
}

/* For objects one after the other: what is wrong with the record that c goes on with, or NULL. */
static const char *
breaks_off(struct jsoncut *cut, char c)
{
	if (cut->options.open != '{' || cut->outer)
		return NULL;
	if (c == '\n' && cut->in_string)
		return "a line end within a string";
	if (c == '{' && !cut->in_string && cut->line_begins && strchr(",:[", cut->last) == NULL)
		return "a bracket is not closed";
	return NULL;
}

/* A record ends, whole or not. */
static void
leave(struct jsoncut *cut)
{
	cut->where = cut->outer ? BEHIND : SEQUENCE;
}

/* The list ends. */
static void
close_list(struct jsoncut *cut)
{
	if (cut->member) {
		cut->where = TAIL;
		cut->depth = 1;
		cut->in_string = cut->escaped = false;
	} else {
		cut->where = cut->options.open == '{' ? SEQUENCE : CLOSED;
	}
	cut->outer = cut->member = false;
}

/* A byte outside the records that is not blank. */
static int
step(struct jsoncut *cut, struct jsonpiece *piece, char c, struct err *err)
{
	bool objects = cut->options.open == '{';

	switch (cut->where) {
	case START:
	case SEQUENCE:
		if (c == '[' && (objects || cut->where == START)) {
			cut->outer = objects;
			cut->where = OPENED;
			cut->opened_line = cut->line;
			return LODE_OK;
		}
		if (c == cut->options.open)
			return begin_record(cut, cut->line, c, err);
		if (!objects)
			break;
		cut->where = JUNK;
		cut->record_line = cut->line;
		cut->raw.n = 0;
		return buf_add(&cut->raw, &c, 1) == LODE_OK ? LODE_OK : err_set(err, LODE_ENOMEM, "out of memory");
	case OPENED:
		if (c == ']') {
			close_list(cut);
			return LODE_OK;
		}
		if (objects && c != '{')
			break;
		cut->outer = objects || c == '[';
		if (cut->outer)
			return begin_record(cut, cut->line, c, err);
		if (begin_record(cut, cut->opened_line, '[', err) != LODE_OK || buf_add(&cut->raw, &c, 1) != LODE_OK)
			return err_set(err, LODE_ENOMEM, "out of memory");
		closes(cut, c);
		return LODE_OK;
	case BETWEEN:
		if (c == cut->options.open)
			return begin_record(cut, cut->line, c, err);
		break;
	case BEHIND:
		if (c == ']') {
			close_list(cut);
			return LODE_OK;
		}
		if (c != ',')
			break;
		cut->where = BETWEEN;
		return LODE_OK;
	case TAIL:
		if (closes(cut, c))
			cut->where = SEQUENCE;
		return LODE_OK;
	default:
		break;
	}
	return refuse(cut, piece, c, err);
}

/* A byte of the record in hand. LODE_DONE: it goes on; LODE_OK: it is whole; else what is wrong with it. */
static int
in_record(struct jsoncut *cut, struct jsonpiece *piece, char c, struct err *err)
{
	const char *reason = breaks_off(cut, c);
	uint64_t line = cut->record_line;
	bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n', whole;

	if (reason != NULL) {
		leave(cut);
		if (c == '{') /* the next record: the bytes of this one are handed out first */
			cut->at--;
		err_set(err, LODE_EDATA, "%s", reason);
		return cut->too_long ? too_long(cut, piece, false, err) : fault(cut, piece, line, false, err);
	}
	if (opens_list(cut, c)) {
		cut->outer = cut->member = true;
		cut->where = OPENED;
		return LODE_DONE;
	}
	if (!cut->too_long && cut->raw.n == cut->options.max_record) {
		if (cut->options.open == '[')
			return too_long(cut, piece, true, err);
		cut->too_long = true;
	}
	if (!cut->too_long && buf_add(&cut->raw, &c, 1) != LODE_OK)
		return err_set(err, LODE_ENOMEM, "out of memory");
	whole = closes(cut, c);
	cut->line_begins = c == '\n' || (cut->line_begins && blank);
	if (!blank)
		cut->last = cut->in_string ? '"' : c;
	if (!whole)
		return LODE_DONE;
	leave(cut);
	if (cut->too_long)
		return too_long(cut, piece, false, err);
	*piece = (struct jsonpiece){ buf_str(&cut->raw), line, false };
	return LODE_OK;
}

/* The line that is no object has ended. */
static int
junk(struct jsoncut *cut, struct jsonpiece *piece, struct err *err)
{
	struct str shown;

	cut->where = SEQUENCE;
	if (cut->raw.n > 0 && cut->raw.p[cut->raw.n - 1] == '\r')
		cut->raw.n--;
	shown = buf_str(&cut->raw);
	shown.n = shown.n > SHOWN ? SHOWN : shown.n;
	err_set(err, LODE_EDATA, "not a JSON object: '%.*s'", STR_ARG(shown));
	return fault(cut, piece, cut->record_line, false, err);
}

int
jsoncut_next(struct jsoncut *cut, struct jsonpiece *piece, struct err *err)
{
	int rc;
	char c;

	*piece = (struct jsonpiece){ .final = true }; /* for an error of read() */
	if (cut->where == FINAL)
		return LODE_DONE;
	while ((rc = next_byte(cut, &c, err)) == LODE_OK) {
		if (cut->where == IN_RECORD) {
			if ((rc = in_record(cut, piece, c, err)) != LODE_DONE || (rc = take_span(cut, err)) != LODE_OK)
				return rc;
		} else if (cut->where == JUNK) {
			if (c == '\n')
				return junk(cut, piece, err);
			if (cut->raw.n < cut->options.max_record && buf_add(&cut->raw, &c, 1) != LODE_OK)
				return err_set(err, LODE_ENOMEM, "out of memory");
		} else if (c != ' ' && c != '\t' && c != '\r' && c != '\n' && (rc = step(cut, piece, c, err)) != LODE_OK) {
			return rc;
		}
	}
	if (rc == LODE_DONE && cut->ended && cut->where == JUNK)
		return junk(cut, piece, err);
	if (rc == LODE_DONE && cut->ended && cut->where != START && cut->where != SEQUENCE && cut->where != CLOSED)
		return truncated(cut, piece, err);
	return rc;
}
