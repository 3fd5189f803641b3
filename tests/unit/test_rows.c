/* rows: the index by AVX-512, by AVX2, the portable index and libcsv, dense and sparse, agree on every input, however it is cut into reads. */
#include <csv.h>
#include <malloc.h>

#include "cuts.h"
#include "rows.h"

/* Everything a reader can see, as text. */
static void
show(struct str input, struct rows_options options, enum rows_engine engine, size_t first, size_t step, struct buf *out)
{
	struct memory memory = { input, first, step };
	struct err err = ERR_INIT;
	struct record record;
	struct rows *rows;
	unsigned k;
	int rc;

	out->n = 0;
	assert_int_equal(rows_new(&rows, &options, memory_read, &memory, &err), LODE_OK);
	rows_use(rows, engine);
	while ((rc = rows_next(rows, &record, &err)) == LODE_OK) {
		buf_printf(out, "%d(%d):", (int)record.line, record.has_quote);
		buf_add_str(out, record.raw);
		for (k = 0; k < record.n; k++) {
			buf_add(out, "|", 1);
			buf_add_str(out, record_get(&record, k));
		}
		buf_add(out, ";", 1);
		if (record.line % 2 == 0) /* of no effect unless sparse */
			assert_int_equal(record_open(&record, &err), LODE_OK);
		for (k = record.n; k-- > 0;) /* any order, any number of times */
			buf_add_str(out, record_get(&record, k));
		buf_add(out, ".", 1);
	}
	if (rc != LODE_DONE) {
		buf_printf(out, "%d %d %s:", rc, (int)err.line, err.message);
		buf_add_str(out, record.raw);
		assert_int_equal(rows_next(rows, &record, &err), LODE_DONE);
	}
	rows_free(rows);
}

static const struct rows_options csv = { .separator = ',', .quote = '"', .max_record = 1 << 20 };

static void
check_same(struct str input, struct rows_options options, const struct buf *want, enum rows_engine engine, size_t first,
    size_t step)
{
	struct buf got = BUF_INIT;

	show(input, options, engine, first, step, &got);
	if (str_eq(buf_str(&got), buf_str(want))) {
		options.sparse = true;
		show(input, options, engine, first, step, &got);
	}
	if (!str_eq(buf_str(&got), buf_str(want)))
		fail_msg("engine %d, sparse %d, reads of %zu and %zu bytes: '%.*s' gives '%.*s', not '%.*s'", engine, options.sparse, first,
		    step, STR_ARG(input), STR_ARG(buf_str(&got)), STR_ARG(buf_str(want)));
	buf_release(&got);
}

/* libcsv alone over all of the input: the oracle for fields and records. */
struct oracle {
	struct buf text;
};

static void
oracle_field(void *field, size_t n, void *argument)
{
	struct oracle *oracle = argument;

	buf_add(&oracle->text, "|", 1);
	if (n > 0)
		buf_add(&oracle->text, field, n);
}

static void
oracle_row(int c, void *argument)
{
	struct oracle *oracle = argument;

	(void)c;
	buf_add(&oracle->text, ";", 1);
}

static int
no_space(unsigned char c)
{
	(void)c;
	return 0;
}

static void
check_oracle(struct str input)
{
	struct oracle want = { BUF_INIT };
	struct buf got = BUF_INIT;
	struct memory memory = { input, input.n, input.n };
	struct err err = ERR_INIT;
	struct csv_parser parser;
	struct record record;
	struct rows *rows;
	unsigned k;
	int rc;

	assert_int_equal(csv_init(&parser, 0), 0);
	csv_set_space_func(&parser, no_space);
	assert_int_equal(csv_parse(&parser, input.p, input.n, oracle_field, oracle_row, &want), input.n);
	csv_set_opts(&parser, CSV_STRICT | CSV_STRICT_FINI);
	if (csv_fini(&parser, oracle_field, oracle_row, &want) != 0)
		buf_add(&want.text, "open", 4);
	csv_free(&parser);
	assert_int_equal(rows_new(&rows, &csv, memory_read, &memory, &err), LODE_OK);
	while ((rc = rows_next(rows, &record, &err)) == LODE_OK) {
		for (k = 0; k < record.n; k++) {
			buf_add(&got, "|", 1);
			buf_add_str(&got, record_get(&record, k));
		}
		buf_add(&got, ";", 1);
	}
	if (rc == LODE_EDATA) {
		assert_string_equal(err.message, "quote is never closed");
		while (want.text.n > 0 && want.text.p[want.text.n - 1] != ';' && got.n < want.text.n) /* fields of the open record */
			want.text.n--;
		assert_int_equal(memcmp(got.p == NULL ? "" : got.p, want.text.p == NULL ? "" : want.text.p, got.n), 0);
	} else if (!str_eq(buf_str(&got), buf_str(&want.text))) {
		fail_msg("'%.*s' gives '%.*s', libcsv '%.*s'", STR_ARG(input), STR_ARG(buf_str(&got)), STR_ARG(buf_str(&want.text)));
	}
	rows_free(rows);
	buf_release(&got);
	buf_release(&want.text);
}

static void
check_all_engines(struct str input, struct rows_options options, size_t first, size_t step)
{
	struct buf want = BUF_INIT;

	show(input, options, ROWS_LIBCSV, input.n, input.n, &want);
	check_same(input, options, &want, ROWS_BEST, first, step);
	check_same(input, options, &want, ROWS_AVX2, first, step);
	check_same(input, options, &want, ROWS_PORTABLE, first, step);
	buf_release(&want);
}

/* Each run makes a reader with its blocks, which costs 50 times as much under the address sanitizer. */
#ifdef __SANITIZE_ADDRESS__
enum { SHORT = 5 };
#else
enum { SHORT = 7 };
#endif

static const char alphabet[] = "a,\"\r\n ";

/* The number-th string of n letters. */
static void
spell(char *out, size_t n, unsigned number)
{
	size_t i;

	for (i = 0; i < n; i++, number /= 6)
		out[i] = alphabet[number % 6];
}

static unsigned
count_of(size_t n)
{
	return n == 0 ? 1 : 6 * count_of(n - 1);
}

static void
engines_agree_on_all_short_strings(void **state)
{
	char text[8];
	unsigned i;
	size_t n;

	(void)state;
	for (n = 0; n <= SHORT; n++)
		for (i = 0; i < count_of(n); i++) {
			spell(text, n, i);
			check_oracle((struct str){ text, n });
			if (n < SHORT)
				check_all_engines((struct str){ text, n }, csv, n, n);
			if (n < SHORT - 1)
				check_all_engines((struct str){ text, n }, csv, 1, 1);
		}
}

/* The same around the edge of two groups of 64 bytes, and with a limit on the record's length. */
static void
engines_agree_around_a_group_edge(void **state)
{
	struct rows_options narrow = { .separator = ',', .quote = '"', .max_record = 3 };
	char text[80];
	size_t n, at;
	unsigned i;

	(void)state;
	memset(text, 'x', sizeof text);
	for (at = 8; at < 60; at += 10)
		text[at] = at % 4 == 0 ? '\n' : ',';
	for (n = 1; n <= SHORT / 2 + 1; n++)
		for (i = 0; i < count_of(n); i++) {
			for (at = 64 - n; at <= 64; at++) {
				memset(text + 59, '\n', sizeof text - 59);
				spell(text + at, n, i);
				check_all_engines((struct str){ text, at + n }, csv, 80, 80);
				check_all_engines((struct str){ text, at + n + 3 }, csv, at, 80);
			}
			spell(text + 70, n, i);
			check_all_engines((struct str){ text + 70, n + 4 }, narrow, 1, 1);
			check_all_engines((struct str){ text + 70, n + 4 }, narrow, 80, 80);
		}
}

static uint64_t
next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void
engines_agree_on_random_text_cut_anywhere(void **state)
{
	static const char *const pieces[] = { "a", "b,c", ",", "\n", "\r\n", "\"q\"", ",\"d,\"\"d\n\",", "\"\"", "long field here",
		"\n\"", "\"\n", "\"", "\r", " ", "1.5,2.5,3.5,4.5,5.5", "\n\n", "\xe9", "\0x" };
	uint64_t random = 88172645463325252u;
	struct buf text = BUF_INIT, want = BUF_INIT;
	const char *piece;
	size_t i, k, odd;

	(void)state;
	for (i = 0; i < 3000; i++) {
		odd = i % 3 == 0 ? 18 : i % 3 == 1 ? 9 : 11; /* with all, with balanced quotes, with quotes that may stay open */
		for (text.n = 0; text.n < i % 700;) {
			piece = pieces[next_random(&random) % odd];
			buf_add(&text, piece, *piece == '\0' ? 2 : strlen(piece));
		}
		check_oracle(buf_str(&text));
		show(buf_str(&text), csv, ROWS_LIBCSV, text.n, text.n, &want);
		check_same(buf_str(&text), csv, &want, ROWS_LIBCSV, 1, 1);
		check_same(buf_str(&text), csv, &want, ROWS_PORTABLE, text.n, 1);
		check_same(buf_str(&text), csv, &want, ROWS_AVX2, text.n, 1);
		check_same(buf_str(&text), csv, &want, ROWS_BEST, text.n, 1);
		check_same(buf_str(&text), csv, &want, ROWS_BEST, 1, 1);
		if (i % 100 == 50)
			for (k = 1; k < text.n; k++) {
				check_same(buf_str(&text), csv, &want, ROWS_BEST, k, text.n);
				check_same(buf_str(&text), csv, &want, ROWS_PORTABLE, k, text.n);
			}
	}
	buf_release(&text);
	buf_release(&want);
}

/* Blocks, chunks of the scan, and records longer than both. */
static void
engines_agree_on_long_input(void **state)
{
	struct rows_options wide = { .separator = ',', .quote = '"', .max_record = 4 << 20 };
	struct buf text = BUF_INIT;
	uint64_t random = 7;
	size_t i, n;

	(void)state;
	for (i = 0; text.n < 3000000; i++) {
		n = next_random(&random) % 40;
		buf_printf(&text, "%zu,%.*s,\"say \"\"%zu\"\"\",\"two\nlines\"%s", i, (int)n,
		    "................................................", n, i % 2 == 0 ? "\r\n" : "\n");
		if (i % 1000 == 77)
			buf_printf(&text, "12\" pipe,\"a\"b,%zu\r", i);
		if (i % 10000 == 5000) {
			buf_reserve(&text, 700000);
			text.p[text.n] = '"';
			memset(text.p + text.n + 1, i % 20000 == 5000 ? '\n' : ',', 650000);
			text.n += 650001;
			buf_printf(&text, "\",end\n");
		}
		if (i % 10000 == 7000) {
			buf_reserve(&text, 500000);
			memset(text.p + text.n, ',', 450000);
			text.n += 450000;
			buf_printf(&text, "\n");
		}
	}
	check_oracle(buf_str(&text));
	check_all_engines(buf_str(&text), wide, text.n, text.n);
	check_all_engines(buf_str(&text), wide, 100, 1000);
	buf_release(&text);
}

static void
check_shows(const char *input, struct rows_options options, const char *want)
{
	struct buf out = BUF_INIT;
	int sparse;

	for (sparse = 0; sparse < 2; sparse++) {
		options.sparse = sparse;
		show(str_of(input), options, ROWS_BEST, 1, 1, &out);
		assert_true(buf_add(&out, "", 1) == LODE_OK);
		assert_string_equal(out.p, want);
		show(str_of(input), options, ROWS_PORTABLE, 1000, 1000, &out);
		assert_true(buf_add(&out, "", 1) == LODE_OK);
		assert_string_equal(out.p, want);
	}
	buf_release(&out);
}

static void
fields_and_lines_are_as_expected(void **state)
{
	(void)state;
	check_shows("", csv, "");
	check_shows("a", csv, "1(0):a|a;a.");
	check_shows("a,b\n\n\r\nc", csv, "1(0):a,b|a|b;ba.4(0):c|c;c.");
	check_shows("\"x\ny\",2\n3", csv, "1(1):\"x\ny\",2|x\ny|2;2x\ny.3(0):3|3;3.");
	check_shows("\"a\"\"b\",\"\"\n", csv, "1(1):\"a\"\"b\",\"\"|a\"b|;a\"b.");
	check_shows("5\" pipe, x \n", csv, "1(1):5\" pipe, x |5\" pipe| x ; x 5\" pipe.");
	check_shows("a\nb,\"c\nd\n", csv, "1(0):a|a;a.1 2 quote is never closed:b,\"c\nd\n");
}

static void
a_long_record_is_an_error_with_its_line(void **state)
{
	struct rows_options narrow = { .separator = ',', .quote = '"', .max_record = 4 };

	(void)state;
	check_shows("abcd\r\n\nabcde\nx\n", narrow, "1(0):abcd|abcd;abcd.1 3 record is longer than 4 bytes:abcd");
	check_shows("\"abcdefgh", narrow, "1 1 record is longer than 4 bytes:\"abc");
}

static void
without_quotes_every_byte_counts(void **state)
{
	struct rows_options tsv = { .separator = '\t', .quote = '\0', .max_record = 100 };

	(void)state;
	check_shows("\"a\tb\"\n\"\n", tsv, "1(0):\"a\tb\"|\"a|b\";b\"\"a.2(0):\"|\";\".");
	check_shows("a\rb\tc\r\nd\r", tsv, "1(0):a\rb\tc|a\rb|c;ca\rb.2(0):d\r|d\r;d\r.");
}

/* A reader that fails, and one that asks to stop, are passed on. */
static int
read_stop(void *from, char *out, size_t room, size_t *n, struct err *err)
{
	int *calls = from;

	(void)room;
	if ((*calls)++ > 0)
		return err_set(err, LODE_EIO, "gone");
	memcpy(out, "a\nb", 3);
	*n = 3;
	return LODE_OK;
}

static void
a_failed_read_is_passed_on(void **state)
{
	struct err err = ERR_INIT;
	struct record record;
	struct rows *rows;
	int calls = 0;

	(void)state;
	assert_int_equal(rows_new(&rows, &csv, read_stop, &calls, &err), LODE_OK);
	assert_int_equal(rows_next(rows, &record, &err), LODE_OK);
	assert_true(str_is(record.raw, "a"));
	assert_int_equal(rows_next(rows, &record, &err), LODE_EIO);
	assert_string_equal(err.message, "gone");
	assert_int_equal(rows_next(rows, &record, &err), LODE_DONE);
	rows_free(rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_and_lines_are_as_expected),
		cmocka_unit_test(a_long_record_is_an_error_with_its_line),
		cmocka_unit_test(without_quotes_every_byte_counts),
		cmocka_unit_test(a_failed_read_is_passed_on),
		cmocka_unit_test(engines_agree_on_all_short_strings),
		cmocka_unit_test(engines_agree_around_a_group_edge),
		cmocka_unit_test(engines_agree_on_random_text_cut_anywhere),
		cmocka_unit_test(engines_agree_on_long_input),
	};

	mallopt(M_MMAP_THRESHOLD, 1 << 24); /* a reader for each of a million short strings: not a mapping each time */
	mallopt(M_TRIM_THRESHOLD, 1 << 26);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
