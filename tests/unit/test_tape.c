/* tape: what was written is what is read; controls before the header; places of what is wrong */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "buf.h"
#include "tape.h"
#include "temp.h"

#define HEADER "known\tperiod\tarea\tpartner\tcommodity\tindicator\tvalue\tunit\tstatus\tsource\tref"
#define LINE "2025-06-20T07:00:00Z\t2025-05\tCN\tMM\ths:28469019\timport.mass\t111.920\tkg\tA\tgacc\tx.csv:2"

static int
open_text(struct tape *tape, char *path, const char *text, const struct tape_options *options, struct err *err)
{
	memcpy(path, "/tmp/test_tape.XXXXXX", 22);
	temp_make(path, text, strlen(text));
	return tape_open(tape, path, options, err);
}

static void
fields_come_back_as_they_were_written(void **state)
{
	static const char *const extra[] = { "url", "note" };
	char path[] = "/tmp/test_tape.XXXXXX";
	struct tape tape;
	struct sink sink;
	struct err err = ERR_INIT;
	struct record record;
	struct str more[2];
	struct obs obs, back;
	int k, i;

	(void)state;
	temp_make(path, "", 0);
	assert_int_equal(sink_open(&sink, path, &err), LODE_OK);
	tape_write_header(&sink, extra, 2);
	for (i = 0; i < 1000; i++) {
		char text[40];

		for (k = 0; k < OBS_N; k++)
			obs.f[k] = k == i % OBS_N ? STR("") : (struct str){ text, (size_t)snprintf(text, sizeof text, "%d", i) };
		more[0] = STR("a\tb\nc\\d");
		more[1] = (struct str){ "", 0 };
		tape_write(&sink, &obs, more, 2);
	}
	assert_int_equal(sink_close(&sink, &err), LODE_OK);
	assert_int_equal(tape_open(&tape, path, &(struct tape_options){ 0 }, &err), LODE_OK);
	assert_string_equal(tape.header_line.p, HEADER "\turl\tnote");
	for (i = 0; i < 1000; i++) {
		char text[40];

		assert_int_equal(tape_next(&tape, &record, &err), LODE_OK);
		assert_int_equal(record.line, i + 2);
		obs_of_record(&tape.header, &record, &back);
		snprintf(text, sizeof text, "%d", i);
		for (k = 0; k < OBS_N; k++)
			assert_true(str_is(back.f[k], k == i % OBS_N ? "" : text));
		assert_true(str_is(record_get(&record, 11), "a\\tb\\nc\\\\d"));
		assert_true(str_is(record_get(&record, 12), ""));
	}
	assert_int_equal(tape_next(&tape, &record, &err), LODE_DONE);
	tape_close(&tape);
	tape_close(&tape);
	unlink(path);
}

static void
quotes_mean_nothing_in_a_tape(void **state)
{
	char path[32];
	struct tape tape;
	struct record record;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(open_text(&tape, path, HEADER "\tnote\n" LINE "\t\"open\n" LINE "\t\"\"\n", &(struct tape_options){ 0 }, &err), LODE_OK);
	assert_int_equal(tape_next(&tape, &record, &err), LODE_OK);
	assert_true(str_is(record_get(&record, 11), "\"open"));
	assert_int_equal(tape_next(&tape, &record, &err), LODE_OK);
	assert_true(str_is(record_get(&record, 11), "\"\""));
	assert_int_equal(tape_next(&tape, &record, &err), LODE_DONE);
	tape_close(&tape);
	unlink(path);
}

static int
collect(void *argument, const struct record *record, struct err *err)
{
	(void)err;
	return buf_printf(argument, "<%.*s>", STR_ARG(record->raw));
}

static void
controls_may_stand_before_the_header(void **state)
{
	char path[32];
	struct buf seen = BUF_INIT;
	struct tape_options options = { .on_control = collect, .argument = &seen };
	struct tape tape;
	struct record record;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(open_text(&tape, path, "#one\ttwo\n#\n" HEADER "\n" LINE "\n#barrier 7\n", &options, &err), LODE_OK);
	assert_true(str_is(buf_str(&seen), "<#one\ttwo><#>"));
	assert_int_equal(tape_next(&tape, &record, &err), LODE_OK);
	assert_false(obs_is_control(&record));
	assert_int_equal(tape_next(&tape, &record, &err), LODE_OK);
	assert_true(obs_is_control(&record));
	assert_int_equal(record.line, 5);
	tape_close(&tape);
	unlink(path);
	assert_int_equal(open_text(&tape, path, "#one\n" HEADER "\n", &(struct tape_options){ 0 }, &err), LODE_OK);
	tape_close(&tape);
	unlink(path);
	buf_release(&seen);
}

static void
wrong_width_has_its_place_and_reading_goes_on(void **state)
{
	char path[32], line[200], want[200];
	struct tape tape;
	struct record record;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(open_text(&tape, path, HEADER "\na\tb\n" LINE "\n" LINE "\t\n", &(struct tape_options){ 0 }, &err), LODE_OK);
	assert_int_equal(tape_next(&tape, &record, &err), LODE_EDATA);
	err_format(&err, "p", line, sizeof line);
	snprintf(want, sizeof want, "p: %s:2: 2 fields, the header has 11\n", path);
	assert_string_equal(line, want);
	assert_true(str_is(record.raw, "a\tb"));
	assert_int_equal(tape_next(&tape, &record, &err), LODE_OK);
	assert_int_equal(tape_next(&tape, &record, &err), LODE_EDATA);
	assert_string_equal(err.message, "12 fields, the header has 11");
	assert_int_equal(tape_next(&tape, &record, &err), LODE_DONE);
	tape_close(&tape);
	unlink(path);
}

static void
open_fails(const char *text, int code, const char *message)
{
	char path[32], line[300], want[300];
	struct tape_options options = { .max_record = 200 };
	struct tape tape;
	struct err err = ERR_INIT;

	assert_int_equal(open_text(&tape, path, text, &options, &err), code);
	err_format(&err, "p", line, sizeof line);
	snprintf(want, sizeof want, "p: %s:%s\n", path, message);
	assert_string_equal(line, want);
	tape_close(&tape);
	unlink(path);
}

static void
what_is_no_tape_is_refused(void **state)
{
	char wide[400];
	struct tape tape;
	struct err err = ERR_INIT;

	(void)state;
	memset(wide, 'x', sizeof wide);
	wide[sizeof wide - 1] = '\0';
	open_fails("", LODE_EUSAGE, "1: no header line: the input is empty");
	open_fails("#only\n", LODE_EUSAGE, "1: no header line: the input is empty");
	open_fails("a\tb\n", LODE_EUSAGE, "1: not a tape: no column 'known' in the header");
	open_fails("#one\n#two\na\tb\n", LODE_EUSAGE, "3: not a tape: no column 'known' in the header");
	open_fails(HEADER "\tunit\n", LODE_EUSAGE, "1: column 'unit' is there twice");
	open_fails(wide, LODE_EDATA, "1: record is longer than 200 bytes");
	assert_int_equal(tape_open(&tape, "/nowhere/t", &(struct tape_options){ 0 }, &err), LODE_EIO);
	assert_string_equal(err.message, "cannot open '/nowhere/t': No such file or directory");
	tape_close(&tape);
}

static void
replaced_fields_only_are_replaced(void **state)
{
	char path[32], out[] = "/tmp/test_tape.XXXXXX", *bytes;
	struct str replaced[11] = { 0 };
	struct tape tape;
	struct record record;
	struct sink sink;
	struct err err = ERR_INIT;
	size_t n;

	(void)state;
	temp_make(out, "", 0);
	assert_int_equal(sink_open(&sink, out, &err), LODE_OK);
	assert_int_equal(open_text(&tape, path, HEADER "\r\n" LINE "\r\n", &(struct tape_options){ 0 }, &err), LODE_OK);
	tape_write_names(&sink, &tape.header);
	assert_int_equal(tape_next(&tape, &record, &err), LODE_OK);
	tape_write_record(&sink, &record);
	replaced[OBS_VALUE] = STR("0.11192");
	replaced[OBS_UNIT] = STR("t");
	replaced[OBS_PARTNER] = STR("");
	tape_write_replaced(&sink, &record, replaced);
	assert_int_equal(sink_close(&sink, &err), LODE_OK);
	bytes = temp_read(out, &n);
	assert_string_equal(bytes, HEADER "\n" LINE "\n"
	    "2025-06-20T07:00:00Z\t2025-05\tCN\t\ths:28469019\timport.mass\t0.11192\tt\tA\tgacc\tx.csv:2\n");
	free(bytes);
	tape_close(&tape);
	unlink(path);
	unlink(out);
}

static uint32_t
random_below(uint64_t *random, uint32_t limit)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return (uint32_t)(*random >> 32) % limit;
}

/* A text of that length at the most, by itself in memory so that a byte too much is noticed; now and then a byte that is written in another way. */
static struct str
random_text(uint64_t *random, uint32_t most)
{
	static const char plain[] = "0123456789.:-abcxyzNW", other[] = "\\\t\n\r\x01\x1f\x7f\xe9";
	size_t n = random_below(random, most + 1), i;
	char *text = malloc(n == 0 ? 1 : n);
	bool odd = random_below(random, 40) == 0;

	assert_non_null(text);
	for (i = 0; i < n; i++)
		text[i] = odd && random_below(random, 4) == 0 ? other[random_below(random, sizeof other - 1)] :
		    plain[random_below(random, sizeof plain - 1)];
	return (struct str){ text, n };
}

static void
figures_written_at_once_are_the_lines_written_one_by_one(void **state)
{
	char striped[256 * 16]; /* as many in each sixteenth byte as a byte cannot count */
	char path[] = "/tmp/test_tape.XXXXXX", one_by_one[] = "/tmp/test_tape.XXXXXX", *bytes, *want;
	struct sink sink, lines;
	struct err err = ERR_INIT;
	struct tape_figure figure[5];
	struct str text[OBS_N + 3 + 4 * 5];
	struct obs obs;
	uint64_t random = 42;
	size_t round, i, n_text, n_figures, n_extra, n, n_want;

	(void)state;
	temp_make(path, "", 0);
	temp_make(one_by_one, "", 0);
	assert_int_equal(sink_open(&sink, path, &err), LODE_OK);
	assert_int_equal(sink_open(&lines, one_by_one, &err), LODE_OK);
	memset(striped, 'x', sizeof striped);
	for (i = 0; i < sizeof striped; i += 16)
		striped[i] = '\t';
	for (round = 0; round < 1500; round++) {
		for (n_text = 0; n_text < sizeof text / sizeof *text; n_text++)
			text[n_text] = random_text(&random, round % 300 == 7 && n_text < 2 ? 20000 : round % 10 == 3 ? 40 : 9);
		n_extra = random_below(&random, 4);
		n_figures = random_below(&random, 6);
		memcpy(obs.f, text, sizeof obs.f);
		if (round % 300 == 9)
			obs.f[round % OBS_N] = (struct str){ striped, sizeof striped };
		for (i = 0; i < n_figures; i++)
			memcpy(&figure[i], text + OBS_N + 3 + 4 * i, sizeof *figure);
		tape_write_figures(&sink, &obs, text + OBS_N, n_extra, figure, n_figures);
		for (i = 0; i < n_figures; i++) {
			memcpy(&obs.f[OBS_INDICATOR], &figure[i], sizeof *figure);
			tape_write(&lines, &obs, text + OBS_N, n_extra);
		}
		for (i = 0; i < n_text; i++)
			free((char *)(uintptr_t)text[i].p);
	}
	assert_int_equal(sink_close(&sink, &err), LODE_OK);
	assert_int_equal(sink_close(&lines, &err), LODE_OK);
	bytes = temp_read(path, &n);
	want = temp_read(one_by_one, &n_want);
	assert_in_range(n_want, 200000, 1000000);
	assert_int_equal(n, n_want);
	assert_memory_equal(bytes, want, n);
	free(bytes);
	free(want);
	unlink(path);
	unlink(one_by_one);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_come_back_as_they_were_written),
		cmocka_unit_test(quotes_mean_nothing_in_a_tape),
		cmocka_unit_test(controls_may_stand_before_the_header),
		cmocka_unit_test(wrong_width_has_its_place_and_reading_goes_on),
		cmocka_unit_test(what_is_no_tape_is_refused),
		cmocka_unit_test(replaced_fields_only_are_replaced),
		cmocka_unit_test(figures_written_at_once_are_the_lines_written_one_by_one),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
