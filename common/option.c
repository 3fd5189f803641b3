#include "option.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "dec.h"
#include "instant.h"

enum { MAX_OPTIONS = 64, LONG_ONLY = 1000 };

static const struct option_spec standard[] = {
	{ 'h', "help", NULL, OPTION_FLAG, 0, "print this and end" },
	{ 'V', "version", NULL, OPTION_FLAG, 0, "print the version and end" },
};

void
options_refuse(const struct program *program, const char *format, ...)
{
	struct err err;
	char message[512], line[700];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof message, format, arguments);
	va_end(arguments);
	err_set(&err, LODE_EUSAGE, "%s", message);
	err_format(&err, program->name, line, sizeof line);
	fputs(line, stderr);
	exit(err_exit_status(LODE_EUSAGE));
}

int
options_choose(const struct program *program, const char *option, const char *text, const char *words)
{
	struct str rest = str_of(words), word;
	int i;

	for (i = 0; str_split(&rest, ',', &word); i++)
		if (str_is(str_trim(word), text))
			return i;
	options_refuse(program, "--%s: '%s' is not one of %s", option, text, words);
}

/* What the user said for an option, each word behind a separator. */
static int
write_value(const struct option_spec *option, const void *at, struct buf *out)
{
	const struct option_list *list = at;
	size_t i;
	int rc = LODE_OK;

	if (option->type == OPTION_TEXT)
		return buf_printf(out, " %s", *(const char *const *)at);
	if (option->type == OPTION_SIZE)
		return buf_printf(out, " %zu", *(const size_t *)at);
	for (i = 0; option->type == OPTION_LIST && i < list->n && rc == LODE_OK; i++)
		rc = buf_printf(out, "%c%.*s", i == 0 ? ' ' : ',', STR_ARG(list->item[i]));
	return rc;
}

static bool
is_set(const struct option_spec *option, const void *at)
{
	if (option->type == OPTION_TEXT)
		return *(const char *const *)at != NULL;
	if (option->type == OPTION_LIST)
		return ((const struct option_list *)at)->n > 0;
	return option->type == OPTION_SIZE || *(const bool *)at;
}

int
options_write(const struct program *program, const void *options, const char *names, struct buf *out, struct err *err)
{
	const struct option_spec *option;
	struct str rest, name;

	for (option = program->options; option->name != NULL; option++) {
		const void *at = (const char *)options + option->offset;

		for (rest = str_of(names); str_split(&rest, ',', &name);)
			if (str_is(name, option->name) && is_set(option, at) &&
			    (buf_printf(out, "%s--%s", out->n > 0 ? " " : "", option->name) != LODE_OK || write_value(option, at, out) != LODE_OK))
				return err_set(err, LODE_ENOMEM, "out of memory");
	}
	return LODE_OK;
}

static void
print_option(const struct option_spec *option)
{
	char left[64];
	int n;

	if (option->letter != 0)
		n = snprintf(left, sizeof left, "-%c, --%s", option->letter, option->name);
	else
		n = snprintf(left, sizeof left, "    --%s", option->name);
	if (option->argument != NULL)
		snprintf(left + n, sizeof left - (size_t)n, " %s", option->argument);
	printf("  %-28s %s\n", left, option->help);
}

_Noreturn static void
print_help(const struct program *program)
{
	const struct option_spec *option;

	printf("usage: %s [option ...]%s%s\n%s\n\n", program->name, program->operands[0] == '\0' ? "" : " ", program->operands,
	    program->summary);
	for (option = program->options; option->name != NULL; option++)
		print_option(option);
	print_option(&standard[0]);
	print_option(&standard[1]);
	exit(fflush(stdout) == 0 && ferror(stdout) == 0 ? 0 : 3);
}

_Noreturn static void
print_version(const struct program *program)
{
	printf("%s %s\n", program->name, LODE_VERSION);
	exit(fflush(stdout) == 0 && ferror(stdout) == 0 ? 0 : 3);
}

static bool
read_size(const char *text, size_t *size)
{
	unsigned long long value;
	char *end;
	int shift = 0;

	if (!char_is_digit(text[0]))
		return false;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (*end == 'K' || *end == 'M' || *end == 'G')
		shift = *end == 'K' ? 10 : *end == 'M' ? 20 : 30, end++;
	if (*end != '\0' || errno != 0 || value > (SIZE_MAX >> shift))
		return false;
	*size = (size_t)value << shift;
	return true;
}

static void
add_item(const struct program *program, struct option_list *list, struct str item)
{
	if (list->n == sizeof list->item / sizeof list->item[0])
		options_refuse(program, "more than %zu items", list->n);
	list->item[list->n++] = item;
}

static void
add_items(const struct program *program, struct option_list *list, const char *text)
{
	struct str rest = str_of(text), item;

	while (str_split(&rest, ',', &item)) {
		if (item.n == 0)
			options_refuse(program, "empty item in '%s'", text);
		add_item(program, list, item);
	}
}

static void
store(const struct program *program, const struct option_spec *option, const char *text, void *options)
{
	void *at = (char *)options + option->offset;
	struct err err;

	switch (option->type) {
	case OPTION_FLAG:
		*(bool *)at = true;
		break;
	case OPTION_TEXT:
		*(const char **)at = text;
		break;
	case OPTION_LIST:
		add_items(program, at, text);
		break;
	case OPTION_ITEMS:
		add_item(program, at, str_of(text));
		break;
	case OPTION_SIZE:
		if (!read_size(text, at))
			options_refuse(program, "--%s: cannot read '%s' as a size", option->name, text);
		break;
	case OPTION_NUMBER:
		if (!dec_valid(str_of(text)) || !isfinite(*(double *)at = strtod(text, NULL)))
			options_refuse(program, "--%s: cannot read '%s' as a decimal", option->name, text);
		break;
	case OPTION_INSTANT:
	case OPTION_START:
		if (instant_parse_loose(str_of(text), option->type == OPTION_INSTANT, at, &err) != LODE_OK)
			options_refuse(program, "--%s: %s", option->name, err.message);
		break;
	}
}

char **
options_parse(int argc, char **argv, const struct program *program, void *options)
{
	struct option longs[MAX_OPTIONS + 1] = { { 0 } };
	char letters[2 * MAX_OPTIONS + 2] = ":";
	const struct option_spec *spec[MAX_OPTIONS];
	int n = 0, i, c, wanted;
	size_t at = 1;

	while (program->options[n].name != NULL) {
		assert(n < MAX_OPTIONS - 2);
		spec[n] = &program->options[n];
		n++;
	}
	spec[n++] = &standard[0];
	spec[n++] = &standard[1];
	for (i = 0; i < n; i++) {
		longs[i] = (struct option){ spec[i]->name, spec[i]->argument != NULL, NULL, LONG_ONLY + i };
		if (spec[i]->letter != 0)
			letters[at++] = spec[i]->letter;
		if (spec[i]->letter != 0 && spec[i]->argument != NULL)
			letters[at++] = ':';
	}
	opterr = 0;
	while ((c = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (c == '?' && optopt >= LONG_ONLY)
			options_refuse(program, "option '--%s' takes no argument", spec[optopt - LONG_ONLY]->name);
		if (c == '?' && optopt != 0)
			options_refuse(program, "unknown option '-%c' (--help lists them)", optopt);
		if (c == '?')
			options_refuse(program, "unknown or ambiguous option '%s' (--help lists them)", argv[optind - 1]);
		wanted = c == ':' ? optopt : c;
		for (i = 0; i < n && wanted != LONG_ONLY + i && wanted != spec[i]->letter;)
			i++;
		if (c == ':')
			options_refuse(program, "option '--%s' needs an argument", spec[i]->name);
		if (spec[i] == &standard[0])
			print_help(program);
		if (spec[i] == &standard[1])
			print_version(program);
		store(program, spec[i], optarg, options);
	}
	return argv + optind;
}
