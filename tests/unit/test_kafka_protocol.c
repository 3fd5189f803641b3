/* kafka_protocol: which lines may come when; what a START and a BARRIER do is in tests/kafka */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kafka_exit.h"
#include "kafka_protocol.h"

struct sink_side {
	struct kafka_writer writer;
	struct kafka_signs signs;
	struct kafka_protocol protocol;
	int status;
};

static void
begin(struct sink_side *side, bool started)
{
	*side = (struct sink_side){ .status = 0 };
	side->protocol = (struct kafka_protocol){ .commit = { &side->writer, "j", "j.0", .started = started }, .signs = &side->signs,
		.status = &side->status, .state = -1, .dead = -1 };
}

static void
assert_passes(struct sink_side *side, const char *line)
{
	struct control control;
	struct err err = ERR_INIT;

	assert_true(control_parse(str_of(line), &control));
	assert_int_equal(kafka_protocol_control(&side->protocol, &control, &err), LODE_OK);
	assert_int_equal(side->status, 0);
}

static void
assert_refuses(struct sink_side *side, const char *line, int code, int status, const char *message)
{
	struct control control;
	struct err err = ERR_INIT;

	assert_true(control_parse(str_of(line), &control));
	assert_int_equal(kafka_protocol_control(&side->protocol, &control, &err), code);
	assert_string_equal(err.message, message);
	assert_int_equal(side->status, status);
}

static void
nothing_comes_ahead_of_the_start(void **state)
{
	static const char *const lines[] = { "#BARRIER\tck=1:0123456789abcdef", "#state\tname=x\tkey=k\tvalue=v", "#dlq\tvalue=v", "#restored", "#END",
		"#WM\tts=inf", "#idle" };
	struct sink_side side;
	struct err err = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		begin(&side, false);
		assert_refuses(&side, lines[i], LODE_EDATA, KAFKA_EXIT_STALE, "no #START ahead of other lines");
	}
	begin(&side, false);
	assert_int_equal(kafka_protocol_data(&side.protocol, &err), LODE_EDATA);
	assert_string_equal(err.message, "no #START ahead of the data");
	assert_int_equal(side.status, KAFKA_EXIT_STALE);
}

static void
nothing_comes_behind_the_end(void **state)
{
	static const char *const lines[] = { "#START\tv=1", "#BARRIER\tck=1:0123456789abcdef", "#state\tname=x", "#dlq", "#restored", "#END", "#idle" };
	struct sink_side side;
	struct err err = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		begin(&side, true);
		assert_passes(&side, "#END\twhy=eof");
		assert_refuses(&side, lines[i], LODE_EDATA, KAFKA_EXIT_STALE, "a line behind #END");
	}
	begin(&side, true);
	assert_int_equal(kafka_protocol_data(&side.protocol, &err), LODE_OK);
	assert_passes(&side, "#END\twhy=eof");
	assert_int_equal(kafka_protocol_data(&side.protocol, &err), LODE_EDATA);
	assert_string_equal(err.message, "a line behind #END");
	assert_int_equal(side.status, KAFKA_EXIT_STALE);
}

static void
what_it_does_not_know_stops_it_only_when_it_must(void **state)
{
	struct sink_side side;

	(void)state;
	begin(&side, true);
	assert_passes(&side, "#idle");
	assert_passes(&side, "#note\ttext=x");
	assert_passes(&side, "#WM\tts=inf");
	assert_refuses(&side, "#Note\ttext=x", LODE_EDATA, KAFKA_EXIT_STALE, "a control line that it does not know");
}

static void
state_and_dead_letters_need_their_topics(void **state)
{
	struct sink_side side;

	(void)state;
	begin(&side, true);
	assert_refuses(&side, "#state\tname=x\tkey=k\tvalue=v", LODE_EDATA, KAFKA_EXIT_STALE, "state of 'x' that no filter took");
	begin(&side, true);
	assert_passes(&side, "#restored");
	assert_refuses(&side, "#state\tname=x\tkey=k\tvalue=v", LODE_EUSAGE, 0, "'x' has state: give --state TOPIC, here and to the source");
	assert_refuses(&side, "#dlq\tvalue=v", LODE_EUSAGE, 0, "a bad record from the source: give --dead-letter TOPIC");
	assert_int_equal(side.signs.n_state + side.signs.n_dead, 0);
	side.protocol.state = 1;
	assert_refuses(&side, "#state\tname=x", LODE_EDATA, KAFKA_EXIT_STALE, "#state without key=");
	kafka_protocol_release(&side.protocol);
}

static void
a_stream_ends_with_a_barrier_and_an_end(void **state)
{
	struct sink_side side;
	struct err err = ERR_INIT;

	(void)state;
	begin(&side, true);
	assert_int_equal(kafka_protocol_end(&side.protocol, &err), LODE_EIO);
	assert_string_equal(err.message, "the stream ends without #END: a program upstream has died");
	assert_passes(&side, "#END\twhy=eof");
	side.writer.in_transaction = true;
	assert_int_equal(kafka_protocol_end(&side.protocol, &err), LODE_EIO);
	assert_string_equal(err.message, "#END without a #BARRIER ahead of it: what came last is not committed");
	side.writer.in_transaction = false;
	assert_int_equal(kafka_protocol_end(&side.protocol, &err), LODE_OK);
	assert_int_equal(side.status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_comes_ahead_of_the_start),
		cmocka_unit_test(nothing_comes_behind_the_end),
		cmocka_unit_test(what_it_does_not_know_stops_it_only_when_it_must),
		cmocka_unit_test(state_and_dead_letters_need_their_topics),
		cmocka_unit_test(a_stream_ends_with_a_barrier_and_an_end),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
