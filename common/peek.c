#include "peek.h"

#include <stdbool.h>
#include <string.h>

int
peek_more(struct peek *peek, struct err *err)
{
	size_t n;
	int rc;

	if (sizeof peek->block - peek->n < 4)
		return LODE_DONE;
	if ((rc = source_read(peek->source, peek->block + peek->n, sizeof peek->block - peek->n, &n, err)) != LODE_OK)
		return rc;
	peek->n += n;
	return n == 0 ? LODE_DONE : LODE_OK;
}

int
peek_first(struct peek *peek, char *first, struct err *err)
{
	size_t seen = 0;
	int rc;

	*first = '\0';
	for (;;) {
		for (; seen < peek->n; seen++)
			if (strchr(" \t\r\n", peek->block[seen]) == NULL || peek->block[seen] == '\0') {
				*first = peek->block[seen];
				return LODE_OK;
			}
		if ((rc = peek_more(peek, err)) != LODE_OK)
			return rc == LODE_DONE && source_stop == 0 ? LODE_OK : rc;
	}
}

/* What else people hand in, by its first bytes. */
static const struct {
	const char *bytes, *what;
} strangers[] = {
	{ "7z\xbc\xaf", "a 7z archive, not a table: unpack it first" },
	{ "\xfd" "7zXZ", "packed by xz, which is not read: unpack it first" },
	{ "BZh", "packed by bzip2, which is not read: unpack it first" },
	{ "\x28\xb5\x2f\xfd", "packed by zstd, which is not read: unpack it first" },
	{ "\xd0\xcf\x11\xe0", "a spreadsheet, not a table: save it as CSV" },
	{ "application/vnd.oasis.", "a spreadsheet, not a table: save it as CSV" },
	{ "%PDF", "a PDF, not a table" },
	{ "var ", "a script, not a table: cut the list out of it" },
};

/* True when the input begins so; reads no further than it has to. */
static int
begins(struct peek *peek, const char *bytes, bool *yes, struct err *err)
{
	size_t n = strlen(bytes);
	int rc = LODE_OK;

	while (rc == LODE_OK && peek->n < n && memcmp(peek->block, bytes, peek->n) == 0)
		rc = peek_more(peek, err);
	*yes = peek->n >= n && memcmp(peek->block, bytes, n) == 0;
	return rc == LODE_DONE && source_stop == 0 ? LODE_OK : rc;
}

static bool
holds(const struct peek *peek, const char *text)
{
	size_t n = strlen(text), i;

	for (i = 0; i + n <= peek->n; i++)
		if (memcmp(peek->block + i, text, n) == 0)
			return true;
	return false;
}

/* An unzipped .xlsx begins with the list of its parts. */
static const char *
markup(struct peek *peek)
{
	struct err ignored;
	bool xml;

	while (peek->n < 1024 && peek_more(peek, &ignored) == LODE_OK)
		;
	if (holds(peek, "openxmlformats.org"))
		return "a spreadsheet, not a table: save it as CSV";
	return begins(peek, "<?xml", &xml, &ignored) == LODE_OK && xml && !holds(peek, "<html") ? "XML, not a table" : "a web page, not a table";
}

int
peek_table(struct peek *peek, char *first, struct err *err)
{
	const char *what = NULL;
	bool yes;
	size_t i;
	int rc = peek_first(peek, first, err);

	for (i = 0; i < sizeof strangers / sizeof *strangers && rc == LODE_OK && what == NULL; i++)
		if ((rc = begins(peek, strangers[i].bytes, &yes, err)) == LODE_OK && yes)
			what = strangers[i].what;
	if (rc != LODE_OK)
		return rc;
	if (*first == '<')
		what = markup(peek);
	if (what == NULL)
		return LODE_OK;
	err_set(err, LODE_EDATA, "this is %s", what);
	return err_line(err, source_name(peek->source), 1);
}

int
peek_read(void *from, char *out, size_t room, size_t *n, struct err *err)
{
	struct peek *peek = from;

	if (peek->at == peek->n)
		return source_read(peek->source, out, room, n, err);
	*n = peek->n - peek->at < room ? peek->n - peek->at : room;
	memcpy(out, peek->block + peek->at, *n);
	peek->at += *n;
	return LODE_OK;
}
