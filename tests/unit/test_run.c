/* run: the loop in a small program of its own, by what goes in and what comes out */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "buf.h"
#include "child.h"
#include "parse.h"

#define HEADER "known\tperiod\tarea\tpartner\tcommodity\tindicator\tvalue\tunit\tstatus\tsource\tref"
#define REST "\t2025-05\tCN\tMM\ths:28469019\timport.mass\t111.920\tkg\tA\tgacc\tx.csv:2"

/* A filter of either kind: a record whose first field is "bad" is bad, "skip" is left out by a rule, "stop" is the end. */
struct test {
	struct run_options options;
	bool ordered, no_header;
	char separator, quote;
	unsigned skip, skip_after;
	char *operands[4];
	bool finish;
};

static const struct option_spec no_options[] = { { 0 } };
static const struct program program = { "lode-x", "[FILE ...]", "a filter", no_options };

static int
on_header(void *state, const struct header *header, struct run *run, struct err *err)
{
	(void)state;
	(void)err;
	if (header->n == 1)
		return err_set(err, LODE_EUSAGE, "one column is not enough");
	tape_write_names(&run->out, header);
	return LODE_OK;
}

static int
on_first_header(void *state, const struct header *header, struct run *run, struct err *err)
{
	unsigned column;

	(void)state;
	if (header_need(header, "a", &column, err) != LODE_OK)
		return err->code;
	run_write_header(run, NULL, 0);
	return LODE_OK;
}

static int
on_record(void *state, const struct record *record, struct run *run, struct err *err)
{
	struct str first = record_get(record, 0);

	(void)state;
	if (str_is(first, "bad")) {
		err_set(err, LODE_EDATA, "this is bad");
		return err_column(err, 1, "value");
	}
	if (str_is(first, "stop"))
		return LODE_DONE;
	if (str_is(first, "skip")) {
		run_count_rule(run, "skipped");
		return LODE_OK;
	}
	tape_write_record(&run->out, record);
	return LODE_OK;
}

static int
on_finish(void *state, struct run *run, struct err *err)
{
	(void)state;
	(void)err;
	sink_str(&run->out, STR("finished\n"));
	return LODE_OK;
}

static int
tape_program(void *argument)
{
	struct test *test = argument;
	struct tape_filter filter = { .on_record = on_record, .ordered = test->ordered, .on_finish = test->finish ? on_finish : NULL };
	struct err err = ERR_INIT;
	struct run run;
	int rc = run_open(&run, &program, &test->options, &err);

	if (rc == LODE_OK)
		rc = run_tape(&run, test->operands, &filter, &err);
	return run_end(&run, rc, &err);
}

static int
rows_program(void *argument)
{
	struct test *test = argument;
	struct rows_filter filter = { .separator = test->separator, .quote = test->quote, .no_header = test->no_header,
		.skip = test->skip, .skip_after = test->skip_after, .on_header = test->finish ? on_first_header : on_header, .on_record = on_record };
	struct err err = ERR_INIT;
	struct ref ref = { 0 };
	struct run run;
	int rc = run_open(&run, &program, &test->options, &err);

	if (rc == LODE_OK)
		rc = parse_inputs(&run, test->operands, &filter, &ref, &err);
	ref_release(&ref);
	return run_end(&run, rc, &err);
}

#define TEST { .options = RUN_DEFAULTS, .separator = ',', .quote = '"' }

static void
gives(int (*main_of)(void *), struct test *test, const char *input, int status, const char *out, const char *err)
{
	struct child child;

	child_run(&child, main_of, test, input, strlen(input));
	assert_string_equal(child.err, err);
	assert_string_equal(child.out, out);
	assert_int_equal(child.status, status);
	child_release(&child);
}

static void
lines_and_controls_pass_in_order(void **state)
{
	struct test test = TEST;

	(void)state;
	gives(tape_program, &test, "#0\n" HEADER "\n#1\na" REST "\n#2\tx\nb" REST "\n#3", 0,
	    "#0\n" HEADER "\n#1\na" REST "\n#2\tx\nb" REST "\n#3\n", "");
	gives(tape_program, &test, HEADER "\r\na" REST "\r\n", 0, HEADER "\na" REST "\n", "");
	gives(tape_program, &test, HEADER "\n", 0, HEADER "\n", "");
	gives(tape_program, &test, HEADER, 0, HEADER "\n", "");
	gives(tape_program, &test, "", 2, "", "lode-x: -:1: no header line: the input is empty\n");
	gives(rows_program, &test, "a,b\n1,2\n", 0, "a\tb\n1,2\n", "");
	gives(rows_program, &test, "", 2, "", "lode-x: -:1: no header line: the input is empty\n");
	gives(rows_program, &test, "a\n", 2, "", "lode-x: -:1: one column is not enough\n");
	test.no_header = true;
	gives(rows_program, &test, "1,2\n3\n", 0, "1,2\n3\n", "");
}

static void
bad_record_ends_the_run_by_default(void **state)
{
	struct test test = TEST;

	(void)state;
	gives(tape_program, &test, HEADER "\na" REST "\nskip" REST "\nbad" REST "\nb" REST "\n", 1, HEADER "\na" REST "\n",
	    "lode-x: -:4:7 (value): this is bad\nlode-x: 2 records: 1 used, 1 skipped, 0 rejected\n");
	gives(tape_program, &test, HEADER "\na" REST "\nb\n", 1, HEADER "\na" REST "\n", "lode-x: -:3: 1 fields, the header has 11\n");
	gives(rows_program, &test, "a,b\n1,2\nbad,\"x\ny\"\n3,4\n", 1, "a\tb\n1,2\n", "lode-x: -:3:1 (value): this is bad\n");
	gives(rows_program, &test, "a,b\n1,2,3\n", 1, "a\tb\n", "lode-x: -:2: 3 fields, the header has 2\n");
}

static void
column_is_where_this_header_has_it(void **state)
{
	struct test test = TEST;

	(void)state;
	test.options.name = "x";
	gives(tape_program, &test, "ref\tknown\tperiod\tarea\tpartner\tcommodity\tindicator\tunit\tstatus\tsource\tvalue\nbad" REST "\n", 1,
	    "ref\tknown\tperiod\tarea\tpartner\tcommodity\tindicator\tunit\tstatus\tsource\tvalue\n",
	    "lode-x: x:2:11 (value): this is bad\n");
}

static void
rejects_keep_what_does_not_pass(void **state)
{
	char path[] = "/tmp/test_run.XXXXXX", *bytes;
	struct test test = TEST;
	size_t n;

	(void)state;
	temp_make(path, "", 0);
	test.options.rejects = path;
	gives(tape_program, &test, HEADER "\na" REST "\nbad" REST "\nb" REST "\nc\n", 1, HEADER "\na" REST "\nb" REST "\n",
	    "lode-x: 4 records: 2 used, 2 rejected\n");
	bytes = temp_read(path, &n);
	assert_string_equal(bytes, "source\tline\tcolumn\treason\trecord\n"
	    "-\t1\t0\theader\tknown\\tperiod\\tarea\\tpartner\\tcommodity\\tindicator\\tvalue\\tunit\\tstatus\\tsource\\tref\n"
	    "-\t3\t7\tvalue: this is bad\tbad\\t2025-05\\tCN\\tMM\\ths:28469019\\timport.mass\\t111.920\\tkg\\tA\\tgacc\\tx.csv:2\n"
	    "-\t5\t0\t1 fields, the header has 11\tc\n");
	free(bytes);
	test.options.allow_rejects = true;
	test.options.name = "imports";
	gives(rows_program, &test, "a,b\nbad,\"x\ny\"\nskip,2\n3,4\n\"open,5\n", 0, "a\tb\n3,4\n",
	    "lode-x: 4 records: 1 used, 1 skipped, 2 rejected\n");
	bytes = temp_read(path, &n);
	assert_string_equal(bytes, "source\tline\tcolumn\treason\trecord\n"
	    "imports\t1\t0\theader\ta,b\nimports\t2\t1\tvalue: this is bad\tbad,\"x\\ny\"\n"
	    "imports\t6\t0\tquote is never closed\t\"open,5\\n\n");
	free(bytes);
	unlink(path);
}

static void
skipped_records_are_counted_and_kept_for_rejects(void **state)
{
	char path[] = "/tmp/test_run.XXXXXX", *bytes;
	struct test test = TEST;
	size_t n;

	(void)state;
	temp_make(path, "", 0);
	test.skip = 2;
	test.skip_after = 1;
	gives(rows_program, &test, "title\n\"of\nit\"\na,b\nkg,t\n1,2\n", 0, "a\tb\n1,2\n",
	    "lode-x: 4 records: 1 used, 3 skipped, 0 rejected\n");
	gives(rows_program, &test, "title\nof it\na,b\n", 0, "a\tb\n", "lode-x: 2 records: 0 used, 2 skipped, 0 rejected\n");
	gives(rows_program, &test, "", 2, "", "lode-x: -:1: no header line: the input is empty\n");
	gives(rows_program, &test, "title\n", 2, "", "lode-x: -:1: no header line: the input ends at record 1 of the 2 to skip\n"
	    "lode-x: 1 records: 0 used, 1 skipped, 0 rejected\n");
	test.options.rejects = path;
	gives(rows_program, &test, "title\nof it\na,b\nkg,t\n1\nbad,2\n", 1, "a\tb\n", "lode-x: 5 records: 0 used, 3 skipped, 2 rejected\n");
	bytes = temp_read(path, &n);
	assert_string_equal(bytes, "source\tline\tcolumn\treason\trecord\n-\t1\t0\theader\ttitle\\nof it\\na,b\\nkg,t\n"
	    "-\t5\t0\t1 fields, the header has 2\t1\n-\t6\t1\tvalue: this is bad\tbad,2\n");
	free(bytes);
	unlink(path);
}

static void
rejects_need_a_file_that_takes_them(void **state)
{
	struct test test = TEST;

	(void)state;
	test.options.rejects = "-";
	gives(tape_program, &test, HEADER "\n", 2, "", "lode-x: --rejects needs a file: standard output is for what passes\n");
	test.options.rejects = "/nowhere/r";
	gives(tape_program, &test, HEADER "\n", 3, "", "lode-x: cannot open '/nowhere/r': No such file or directory\n");
	test.options.rejects = "/dev/full";
	gives(tape_program, &test, HEADER "\n", 3, "", "lode-x: cannot write '/dev/full': No space left on device\n");
}

static void
longest_record_has_bounds(void **state)
{
	struct test test = TEST;
	char message[100];

	(void)state;
	snprintf(message, sizeof message, "lode-x: --max-record can be 1 to %zu\n", (size_t)ROWS_MAX_RECORD);
	test.options.max_record = 0;
	gives(tape_program, &test, HEADER "\n", 2, "", message);
	test.options.max_record = (size_t)ROWS_MAX_RECORD + 1;
	gives(rows_program, &test, "a,b\n", 2, "", message);
	test.options.max_record = ROWS_MAX_RECORD;
	gives(rows_program, &test, "a,b\n", 0, "a\tb\n", "");
}

static void
trailing_separators_make_no_columns(void **state)
{
	struct test test = TEST;

	(void)state;
	gives(rows_program, &test, "a,b,,\n1,2,,\n1,2,\n1,2\n", 0, "a\tb\n1,2,,\n1,2,\n1,2\n", "");
	gives(rows_program, &test, "a,b\n1,2,\n", 0, "a\tb\n1,2,\n", "");
	gives(rows_program, &test, "a,b,\n1,2,3\n", 1, "a\tb\n", "lode-x: -:2: 3 fields, the header has 2\n");
	gives(rows_program, &test, "a,b\n1,2,,\n", 1, "a\tb\n", "lode-x: -:2: 4 fields, the header has 2\n");
	gives(rows_program, &test, "a,b\n1\n", 1, "a\tb\n", "lode-x: -:2: 1 fields, the header has 2\n");
}

static void
too_long_a_record_is_never_hidden(void **state)
{
	char path[] = "/tmp/test_run.XXXXXX", *bytes;
	struct buf text = BUF_INIT;
	struct child child;
	struct test test = TEST;
	size_t n;

	(void)state;
	temp_make(path, "", 0);
	test.options.rejects = path;
	test.options.allow_rejects = true;
	test.options.max_record = 1000;
	for (int i = 0; i < 2; i++) {
		text.n = 0;
		assert_int_equal(buf_printf(&text, i == 0 ? HEADER "\na" REST "\n" : "a,b\n1,2\n"), LODE_OK);
		for (n = 0; n < 10000000; n += 10)
			assert_int_equal(buf_add(&text, "0123456789", 10), LODE_OK);
		assert_int_equal(buf_printf(&text, i == 0 ? "\nb" REST "\n" : "\n3,4\n"), LODE_OK);
		child_run(&child, i == 0 ? tape_program : rows_program, &test, text.p, text.n);
		assert_int_equal(child.status, 1);
		assert_string_equal(child.out, i == 0 ? HEADER "\na" REST "\n" : "a\tb\n1,2\n");
		assert_string_equal(child.err,
		    "lode-x: -:3: record is longer than 1000 bytes\nlode-x: 2 records: 1 used, 1 rejected\n");
		child_release(&child);
		bytes = temp_read(path, &n);
		assert_true(n > 1000 && n < 1500);
		assert_non_null(strstr(bytes, "record is longer than 1000 bytes\t0123456789"));
		free(bytes);
	}
	buf_release(&text);
	unlink(path);
}

static void
inputs_follow_one_another(void **state)
{
	char one[] = "/tmp/test_run.XXXXXX", two[] = "/tmp/test_run.XXXXXX", other[] = "/tmp/test_run.XXXXXX", message[300];
	struct test test = TEST;

	(void)state;
	temp_make(one, "#1\n" HEADER "\na" REST "\n", strlen("#1\n" HEADER "\na" REST "\n"));
	temp_make(two, HEADER "\n#2\nstop" REST "\nb" REST "\n", strlen(HEADER "\n#2\nstop" REST "\nb" REST "\n"));
	temp_make(other, HEADER "\turl\n", strlen(HEADER "\turl\n"));
	test.finish = true;
	test.operands[0] = one;
	gives(tape_program, &test, "", 0, "#1\n" HEADER "\na" REST "\nfinished\n", "");
	test.operands[1] = one;
	test.operands[2] = two;
	gives(tape_program, &test, "", 0, "#1\n" HEADER "\na" REST "\n#1\na" REST "\n#2\nfinished\n", "");
	test.operands[0] = two; /* enough is enough for the whole run */
	test.operands[2] = NULL;
	gives(tape_program, &test, "", 0, HEADER "\n#2\nfinished\n", "");
	test.operands[0] = one;
	test.operands[1] = other;
	snprintf(message, sizeof message, "lode-x: %s:1: the columns are not those of the first input\n", other);
	gives(tape_program, &test, "", 2, "#1\n" HEADER "\na" REST "\n", message);
	test.operands[1] = other + 1;
	snprintf(message, sizeof message, "lode-x: cannot open '%s': No such file or directory\n", other + 1);
	gives(tape_program, &test, "", 3, "#1\n" HEADER "\na" REST "\n", message);
	test.operands[0] = "-";
	test.operands[1] = one;
	gives(tape_program, &test, HEADER "\nin" REST "\n", 0, HEADER "\nin" REST "\n#1\na" REST "\nfinished\n", "");
	unlink(one);
	unlink(two);
	unlink(other);
}

static void
order_is_kept_within_and_across_inputs(void **state)
{
	char late[] = "/tmp/test_run.XXXXXX", message[400];
	struct test test = TEST;

	(void)state;
	test.ordered = true;
	gives(tape_program, &test, HEADER "\n2025-06-20T07:00:00Z" REST "\n2025-06-20T07:00:00Z" REST "\n2025-06-20T06:59:59Z" REST "\n", 1,
	    HEADER "\n2025-06-20T07:00:00Z" REST "\n2025-06-20T07:00:00Z" REST "\n",
	    "lode-x: -:4: known '2025-06-20T06:59:59Z' is before '2025-06-20T07:00:00Z' of line 3: sort the tape by known\n");
	temp_make(late, HEADER "\n2025-06-21T00:00:00Z" REST "\n", strlen(HEADER "\n2025-06-21T00:00:00Z" REST "\n"));
	test.operands[0] = late;
	test.operands[1] = "-";
	{
		struct child child;

		child_run(&child, tape_program, &test, HEADER "\n2025-06-20T07:00:00Z" REST "\n", strlen(HEADER "\n2025-06-20T07:00:00Z" REST "\n"));
		assert_int_equal(child.status, 1);
		snprintf(message, sizeof message, "lode-x: -:2: known '2025-06-20T07:00:00Z' is before '2025-06-21T00:00:00Z' of ");
		assert_memory_equal(child.err, message, strlen(message));
		assert_non_null(strstr(child.err, late));
		child_release(&child);
	}
	unlink(late);
}

static void
header_of_a_parser_is_written_once(void **state)
{
	char one[] = "/tmp/test_run.XXXXXX";
	struct test test = TEST;

	(void)state;
	temp_make(one, "a,b\n1,2\n", 8);
	test.finish = true; /* on_first_header */
	test.operands[0] = test.operands[1] = one;
	gives(rows_program, &test, "", 0, HEADER "\n1,2\n1,2\n", "");
	test.operands[0] = NULL;
	gives(rows_program, &test, "x,b\n", 2, "", "lode-x: -:1: no column 'a' in the header\n");
	unlink(one);
}

/* Runs with standard input from a pipe that stays open; the signal comes when the header is out. */
static int
signalled(void *argument)
{
	struct test *test = argument;
	int in[2], out[2], status;
	char bytes[400];
	ssize_t n;
	pid_t pid;

	if (pipe(in) != 0 || pipe(out) != 0)
		abort();
	if ((pid = fork()) == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		status = tape_program(test);
		_exit(status);
	}
	close(out[1]);
	n = (ssize_t)strlen(HEADER "\na" REST "\nb\t20");
	if (write(in[1], HEADER "\na" REST "\nb\t20", (size_t)n) != n)
		abort();
	/* the header at once, then the record because the input would block */
	for (size_t want = strlen(HEADER "\na" REST "\n"); want > 0; want -= (size_t)n)
		if ((n = read(out[0], bytes, sizeof bytes)) <= 0 || fwrite(bytes, 1, (size_t)n, stdout) == 0)
			abort();
	kill(pid, SIGTERM);
	while ((n = read(out[0], bytes, sizeof bytes)) > 0)
		fwrite(bytes, 1, (size_t)n, stdout);
	waitpid(pid, &status, 0);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void
signal_ends_with_whole_lines_and_no_finish(void **state)
{
	struct test test = TEST;

	(void)state;
	test.finish = true;
	gives(signalled, &test, "", 128 + SIGTERM, HEADER "\na" REST "\n", "");
}

/* The reader has gone and the parent ignored the signal: still no message. */
static int
without_reader(void *argument)
{
	int out[2];

	signal(SIGPIPE, SIG_IGN);
	if (pipe(out) != 0 || dup2(out[1], 1) != 1 || close(out[0]) != 0 || close(out[1]) != 0)
		abort();
	return tape_program(argument);
}

static void
reader_that_left_ends_it_silently(void **state)
{
	struct test test = TEST;

	(void)state;
	gives(without_reader, &test, HEADER "\na" REST "\n", 128 + SIGPIPE, "", "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_and_controls_pass_in_order),
		cmocka_unit_test(bad_record_ends_the_run_by_default),
		cmocka_unit_test(column_is_where_this_header_has_it),
		cmocka_unit_test(rejects_keep_what_does_not_pass),
		cmocka_unit_test(skipped_records_are_counted_and_kept_for_rejects),
		cmocka_unit_test(rejects_need_a_file_that_takes_them),
		cmocka_unit_test(longest_record_has_bounds),
		cmocka_unit_test(trailing_separators_make_no_columns),
		cmocka_unit_test(too_long_a_record_is_never_hidden),
		cmocka_unit_test(inputs_follow_one_another),
		cmocka_unit_test(order_is_kept_within_and_across_inputs),
		cmocka_unit_test(header_of_a_parser_is_written_once),
		cmocka_unit_test(signal_ends_with_whole_lines_and_no_finish),
		cmocka_unit_test(reader_that_left_ends_it_silently),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
