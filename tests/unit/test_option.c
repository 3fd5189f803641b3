/* option: each type stored, each refusal with its message, the help made from the table */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "child.h"
#include "instant.h"
#include "option.h"

struct opts {
	bool flag;
	const char *text;
	struct option_list list;
	size_t size;
	double number;
	int64_t until, from;
};

static const struct option_spec specs[] = {
	{ 'f', "flag", NULL, OPTION_FLAG, offsetof(struct opts, flag), "a flag" },
	{ 't', "text", "TEXT", OPTION_TEXT, offsetof(struct opts, text), "a text" },
	{ 0, "list", "ITEMS", OPTION_LIST, offsetof(struct opts, list), "a list" },
	{ 0, "size", "BYTES", OPTION_SIZE, offsetof(struct opts, size), "a size" },
	{ 'n', "number", "N", OPTION_NUMBER, offsetof(struct opts, number), "a number" },
	{ 0, "until", "TIME", OPTION_INSTANT, offsetof(struct opts, until), "an instant" },
	{ 0, "from", "TIME", OPTION_START, offsetof(struct opts, from), "a start" },
	{ 0 },
};
static const struct program program = { "lode-x", "[FILE ...]", "does what a test needs", specs };

enum { MAX_WORDS = 90 };
struct line {
	const char *word[MAX_WORDS]; /* behind the program's name, NULL at the end */
};

/* Prints what was stored. */
static int
parse_and_print(void *argument)
{
	const struct line *line = argument;
	char *argv[MAX_WORDS + 2] = { (char *)(uintptr_t)"lode-x" }, **operand, from[INSTANT_MAX], until[INSTANT_MAX];
	struct opts opts = { .text = "-" };
	int argc = 1;

	for (; line->word[argc - 1] != NULL; argc++)
		argv[argc] = (char *)(uintptr_t)line->word[argc - 1];
	operand = options_parse(argc, argv, &program, &opts);
	instant_format(opts.from, from);
	instant_format(opts.until, until);
	printf("%d %s %zu %g %s %s", opts.flag, opts.text, opts.size, opts.number, from, until);
	for (size_t i = 0; i < opts.list.n; i++)
		printf(" [%.*s]", STR_ARG(opts.list.item[i]));
	for (; *operand != NULL; operand++)
		printf(" <%s>", *operand);
	printf("\n");
	return 0;
}

static void
gives(const struct line *line, int status, const char *out, const char *err)
{
	struct child child;

	child_run(&child, parse_and_print, (void *)(uintptr_t)line, "", 0);
	assert_string_equal(child.err, err);
	assert_string_equal(child.out, out);
	assert_int_equal(child.status, status);
	child_release(&child);
}

#define EPOCH "1970-01-01T00:00:00Z"

static void
every_type_is_stored(void **state)
{
	static const struct line lines[] = {
		{ { NULL } },
		{ { "-f", "--text", "a b", "--size=12K", "-n", "-1.5e3", "one", "-", NULL } },
		{ { "--list", "a,b", "one", "--list=c", "--flag", "--", "-t", NULL } },
		{ { "--until", "2025-06-20", "--from=2025-06-20", NULL } },
		{ { "--until", "2025-06-20T01:02:03Z", "--size", "0", "-ft", "x", NULL } },
		{ { "--size", "3G", "--text=", NULL } },
	};

	(void)state;
	gives(&lines[0], 0, "0 - 0 0 " EPOCH " " EPOCH "\n", "");
	gives(&lines[1], 0, "1 a b 12288 -1500 " EPOCH " " EPOCH " <one> <->\n", "");
	gives(&lines[2], 0, "1 - 0 0 " EPOCH " " EPOCH " [a] [b] [c] <one> <-t>\n", "");
	gives(&lines[3], 0, "0 - 0 0 2025-06-20T00:00:00Z 2025-06-20T23:59:59Z\n", "");
	gives(&lines[4], 0, "1 x 0 0 " EPOCH " 2025-06-20T01:02:03Z\n", "");
	gives(&lines[5], 0, "0  3221225472 0 " EPOCH " " EPOCH "\n", "");
}

static void
wrong_lines_are_refused_by_name(void **state)
{
	static const struct {
		struct line line;
		const char *message;
	} cases[] = {
		{ { { "--nosuch", NULL } }, "unknown or ambiguous option '--nosuch' (--help lists them)" },
		{ { { "--nosuch=3", NULL } }, "unknown or ambiguous option '--nosuch=3' (--help lists them)" },
		{ { { "--f", NULL } }, "unknown or ambiguous option '--f' (--help lists them)" },
		{ { { "-q", NULL } }, "unknown option '-q' (--help lists them)" },
		{ { { "-fq", "operand", NULL } }, "unknown option '-q' (--help lists them)" },
		{ { { "--flag=1", NULL } }, "option '--flag' takes no argument" },
		{ { { "--text", NULL } }, "option '--text' needs an argument" },
		{ { { "-ft", NULL } }, "option '--text' needs an argument" },
		{ { { "--list", "a,,b", NULL } }, "empty item in 'a,,b'" },
		{ { { "--list", "", NULL } }, "empty item in ''" },
		{ { { "--size", "-1", NULL } }, "--size: cannot read '-1' as a size" },
		{ { { "--size", "1T", NULL } }, "--size: cannot read '1T' as a size" },
		{ { { "--size", "1KK", NULL } }, "--size: cannot read '1KK' as a size" },
		{ { { "--size", "99999999999999999999", NULL } }, "--size: cannot read '99999999999999999999' as a size" },
		{ { { "--size", "99999999999G", NULL } }, "--size: cannot read '99999999999G' as a size" },
		{ { { "--number", "1,5", NULL } }, "--number: cannot read '1,5' as a decimal" },
		{ { { "--number", "nan", NULL } }, "--number: cannot read 'nan' as a decimal" },
		{ { { "--number", "1e999", NULL } }, "--number: cannot read '1e999' as a decimal" },
		{ { { "--until", "tomorrow", NULL } }, "--until: 'tomorrow' is not a date or a time like 2025-06-20T07:00:00Z" },
	};
	char line[300];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		snprintf(line, sizeof line, "lode-x: %s\n", cases[i].message);
		gives(&cases[i].line, 2, "", line);
	}
}

static void
list_holds_64_items(void **state)
{
	struct line line = { { NULL } };
	struct child child;

	(void)state;
	for (int i = 0; i < 64; i++)
		line.word[i] = "--list=a";
	child_run(&child, parse_and_print, &line, "", 0);
	assert_int_equal(child.status, 0);
	child_release(&child);
	line.word[64] = "--list=a";
	gives(&line, 2, "", "lode-x: more than 64 items\n");
}

static void
help_is_the_table(void **state)
{
	static const struct line lines[] = { { { "--nothing-else-matters", NULL } }, { { "one", "--help", "--nosuch", NULL } }, { { "-h", NULL } },
		{ { "--version", NULL } }, { { "-V", "-h", NULL } } };
	const char *help =
	    "usage: lode-x [option ...] [FILE ...]\n"
	    "does what a test needs\n"
	    "\n"
	    "  -f, --flag                   a flag\n"
	    "  -t, --text TEXT              a text\n"
	    "      --list ITEMS             a list\n"
	    "      --size BYTES             a size\n"
	    "  -n, --number N               a number\n"
	    "      --until TIME             an instant\n"
	    "      --from TIME              a start\n"
	    "  -h, --help                   print this and end\n"
	    "  -V, --version                print the version and end\n";

	(void)state;
	gives(&lines[1], 0, help, "");
	gives(&lines[2], 0, help, "");
	gives(&lines[3], 0, "lode-x " LODE_VERSION "\n", "");
	gives(&lines[4], 0, "lode-x " LODE_VERSION "\n", "");
}

static void
empty_list_lets_everything_through(void **state)
{
	struct option_list list = { 0 };

	(void)state;
	assert_true(option_list_has(&list, STR("x")));
	assert_true(option_list_prefix(&list, STR("x")));
	list.n = 2;
	list.item[0] = STR("2846");
	list.item[1] = STR("2805");
	assert_true(option_list_prefix(&list, STR("280530")));
	assert_false(option_list_prefix(&list, STR("280")));
	assert_false(option_list_prefix(&list, STR("12805")));
	assert_true(option_list_has(&list, STR("2805")));
	assert_false(option_list_has(&list, STR("280530")));
}

static void
options_are_written_as_they_are_said(void **state)
{
	struct opts opts = { .flag = true, .text = "a", .size = 7, .list = { 2, { STR("x"), STR("y") } } };
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(options_write(&program, &opts, "size,list,flag", &out, &err), LODE_OK);
	assert_true(str_is(buf_str(&out), "--flag --list x,y --size 7"));
	out.n = 0;
	opts = (struct opts){ 0 };
	assert_int_equal(options_write(&program, &opts, "list,flag,text", &out, &err), LODE_OK);
	assert_int_equal(out.n, 0);
	assert_int_equal(options_choose(&program, "text", "b", "a, b, c"), 1);
	buf_release(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_is_stored),
		cmocka_unit_test(wrong_lines_are_refused_by_name),
		cmocka_unit_test(list_holds_64_items),
		cmocka_unit_test(help_is_the_table),
		cmocka_unit_test(empty_list_lets_everything_through),
		cmocka_unit_test(options_are_written_as_they_are_said),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
