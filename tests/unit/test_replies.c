/* replies: whatever a command writes in whatever pieces, it is one tape or an error */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "replies.h"

/* What comes of bytes that are written in pieces of n, under the columns a and b; what is said of them, or what is in the sink. */
static const char *
replied(struct replies *replies, const char *bytes, size_t n)
{
	static char out[200];
	struct err err = ERR_INIT;
	struct str rest = str_of(bytes);
	struct sink sink;
	int rc = LODE_OK;

	assert_int_equal(sink_open(&sink, "/dev/null", &err), LODE_OK);
	replies->sink = &sink;
	replies->name = "x";
	replies->max_line = 20;
	replies_begin(replies);
	while (rc == LODE_OK && rest.n > 0) {
		struct str piece = { rest.p, rest.n < n ? rest.n : n };

		rc = replies_add(replies, piece, &err);
		rest = (struct str){ rest.p + piece.n, rest.n - piece.n };
	}
	if (rc == LODE_OK)
		rc = replies_end(replies, &err);
	snprintf(out, sizeof out, "%.*s", rc == LODE_OK ? (int)sink.n : (int)sizeof err.message, rc == LODE_OK ? sink.buffer : err.message);
	sink.n = 0;
	assert_int_equal(sink_close(&sink, &err), LODE_OK);
	return out;
}

static void
pieces_do_not_matter(void **state)
{
	(void)state;
	for (size_t n = 1; n < 20; n++) {
		struct replies replies = { .no_header = false };

		replies.asking = true;
		assert_string_equal(replied(&replies, "a\tb\n9\t9\n", n), "");
		replies.asking = false;
		assert_int_equal(replies.n_columns, 2);
		assert_string_equal(replied(&replies, "a\tb\n1\t2\n\n3\t4", n), "1\t2\n3\t4\n");
		assert_string_equal(replied(&replies, "", n), "");
		assert_string_equal(replied(&replies, "a\tc\n", n), "the header line of 'x' is another: 'a\tc'");
		assert_string_equal(replied(&replies, "1\t2\n", n), "the header line of 'x' is another: '1\t2'");
		assert_string_equal(replied(&replies, "a\tb\n1\n", n), "line 2 of 'x' has 1 fields, not 2");
		assert_string_equal(replied(&replies, "a\tb\n1\t2\n#idle\n", n), "'x' writes a control line, '#idle'");
		assert_string_equal(replied(&replies, "a\tb\n#", n), "'x' writes a control line, '#'");
		assert_string_equal(replied(&replies, "a\tb\n1\t2345678901234567890\n", n), "a line of 'x' is longer than 20 bytes");
		assert_string_equal(replied(&replies, "a\tb\n1\t234567890123456789", n), "1\t234567890123456789\n");
		replies.no_header = true;
		assert_string_equal(replied(&replies, "a\tb\n1\t2\n", n), "a\tb\n1\t2\n");
		replies_release(&replies);
	}
}

static void
a_tape_has_eleven_columns(void **state)
{
	struct replies replies = { .name = "x" };
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(replies_columns(&replies, STR("ref\tknown\tperiod\tarea\tpartner\tcommodity\tindicator\tvalue\tunit\tstatus\tsource"), &err), LODE_OK);
	assert_int_equal(replies_check_tape(&replies, &err), LODE_OK);
	assert_int_equal(replies_columns(&replies, STR("ref\tknown\tperiod\tarea\tpartner\tcommodity\tindicator\tvalues\tunit\tstatus\tsource"), &err), LODE_OK);
	assert_int_equal(replies_check_tape(&replies, &err), LODE_EUSAGE);
	assert_string_equal(err.message, "'x' writes no tape: no column 'value' in its header");
	replies_release(&replies);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_do_not_matter),
		cmocka_unit_test(a_tape_has_eleven_columns),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
