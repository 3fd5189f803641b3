#include "err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int
err_set(struct err *err, int code, const char *format, ...)
{
	va_list arguments;

	memset(err, 0, sizeof *err);
	err->code = code;
	va_start(arguments, format);
	vsnprintf(err->message, sizeof err->message, format, arguments);
	va_end(arguments);
	return code;
}

int
err_column(struct err *err, unsigned column, const char *name)
{
	if (err->column == 0) {
		err->column = column;
		if (name != NULL)
			snprintf(err->column_name, sizeof err->column_name, "%s", name);
	}
	return err->code;
}

int
err_line(struct err *err, const char *source, uint64_t line)
{
	if (err->source[0] == '\0' && source != NULL)
		snprintf(err->source, sizeof err->source, "%s", source);
	if (err->line == 0)
		err->line = line;
	return err->code;
}

/* Bytes of the printable character at text; 0 for a control character (C1 too) or what is not UTF-8. */
static size_t
printable(const unsigned char *text)
{
	size_t n = text[0] < 0x80 ? 1 : text[0] < 0xc2 ? 0 : text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : text[0] < 0xf5 ? 4 : 0, i;

	for (i = 1; i < n; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	return text[0] < 0x20 || text[0] == 0x7f || (text[0] == 0xc2 && text[1] < 0xa0) ? 0 : n;
}

/* Appends text at *at, what is not printable as \xHH, so that it cannot drive a terminal; stops where out is full. */
static void
append_masked(char *out, size_t size, size_t *at, const char *text)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t n;

	for (; *text != '\0' && *at + 5 < size; text += n) {
		unsigned char c = (unsigned char)*text;

		if ((n = printable((const unsigned char *)text)) > 0) {
			memcpy(out + *at, text, n);
			*at += n;
			continue;
		}
		n = 1;
		out[(*at)++] = '\\';
		out[(*at)++] = 'x';
		out[(*at)++] = hex[c >> 4];
		out[(*at)++] = hex[c & 15];
	}
	out[*at] = '\0';
}

static void
append_number(char *out, size_t size, size_t *at, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof text, ":%llu", (unsigned long long)number);
	append_masked(out, size, at, text);
}

size_t
err_reason(const struct err *err, char *out, size_t size)
{
	size_t at = 0;

	out[0] = '\0';
	if (err->column_name[0] != '\0') {
		append_masked(out, size, &at, err->column_name);
		append_masked(out, size, &at, ": ");
	}
	append_masked(out, size, &at, err->message);
	return at;
}

size_t
err_masked(const char *text, char *out, size_t size)
{
	size_t at = 0;

	append_masked(out, size, &at, text);
	return at;
}

size_t
err_format(const struct err *err, const char *program, char *out, size_t size)
{
	size_t at = 0;

	append_masked(out, size, &at, program);
	append_masked(out, size, &at, ": ");
	if (err->source[0] != '\0') {
		append_masked(out, size, &at, err->source);
		if (err->line != 0)
			append_number(out, size, &at, err->line);
		if (err->line != 0 && err->column != 0)
			append_number(out, size, &at, err->column);
		if (err->column_name[0] != '\0') {
			append_masked(out, size, &at, " (");
			append_masked(out, size, &at, err->column_name);
			append_masked(out, size, &at, ")");
		}
		append_masked(out, size, &at, ": ");
	}
	append_masked(out, size, &at, err->message);
	if (at + 1 < size) {
		out[at++] = '\n';
		out[at] = '\0';
	}
	return at;
}

int
err_exit_status(int code)
{
	switch (code) {
	case LODE_OK:
	case LODE_DONE:
		return 0;
	case LODE_EDATA:
		return 1;
	case LODE_EUSAGE:
		return 2;
	default:
		return 3;
	}
}
