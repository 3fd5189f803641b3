/* kafka_pace: what is written when, and when it gives up, with brokers that nobody can reach */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "kafka_exit.h"
#include "kafka_pace.h"

#define BARRIER(n) "#BARRIER\tck=" n ":0123456789abcdef\toff=t/0:7\tend=1\n"

struct source {
	struct kafka_config config;
	struct kafka_reader reader;
	struct kafka_epochs epochs;
	struct kafka_signs signs;
	struct kafka_pace pace;
	struct run run;
	int status, fd; /* fd: of what it writes, a file without a name */
	char text[512];
};

/* A source at offset 7 of a partition that makes a checkpoint for each 100 bytes. */
static void
begin(struct source *source, const char *job)
{
	struct kafka_partition *partition;
	struct err err = ERR_INIT;
	char path[] = "/tmp/test_kafka_pace.XXXXXX";

	*source = (struct source){ .fd = mkstemp(path) };
	assert_true(source->fd >= 0);
	assert_int_equal(sink_open(&source->run.out, path, &err), LODE_OK);
	unlink(path);
	assert_int_equal(kafka_config_init(&source->config, true, &err), LODE_OK);
	assert_int_equal(kafka_config_set(&source->config, "bootstrap.servers=127.0.0.1:1", &err), LODE_OK);
	assert_int_equal(kafka_reader_open(&source->reader, &source->config, "j", &err), LODE_OK);
	assert_int_equal(kafka_reader_add(&source->reader, rd_kafka_topic_new(source->reader.client.rk, "t", NULL), 0, &partition, &err), LODE_OK);
	partition->next = 7;
	source->epochs = (struct kafka_epochs){ &source->reader, job, "j.0", 0, 1, .now = { 0, "0123456789abcdef" } };
	source->signs.run = &source->run;
	source->pace = (struct kafka_pace){ &source->epochs, &source->signs, &source->run, &source->status, .interval_s = 1000, .barrier_bytes = 100,
		.max_pending = 2, .stuck_ms = 100000 };
	kafka_pace_begin(&source->pace);
}

/* What has been written so far. */
static const char *
written(struct source *source)
{
	struct err err = ERR_INIT;
	ssize_t n;

	assert_int_equal(sink_flush(&source->run.out, &err), LODE_OK);
	assert_true((n = pread(source->fd, source->text, sizeof source->text - 1, 0)) >= 0);
	source->text[n] = '\0';
	return source->text;
}

static void
end(struct source *source)
{
	struct err err = ERR_INIT;

	source_stop = 0;
	assert_int_equal(sink_close(&source->run.out, &err), LODE_OK);
	close(source->fd);
	kafka_reader_close(&source->reader);
	kafka_epochs_release(&source->epochs);
	kafka_config_release(&source->config);
}

static void
a_barrier_behind_so_many_bytes(void **state)
{
	struct source source;
	struct err err = ERR_INIT;

	(void)state;
	begin(&source, "j");
	assert_int_equal(kafka_pace_record(&source.pace, 99, &err), LODE_OK);
	assert_string_equal(written(&source), "");
	assert_int_equal(kafka_pace_record(&source.pace, 1, &err), LODE_OK);
	assert_string_equal(written(&source), BARRIER("1"));
	assert_int_equal(kafka_pace_record(&source.pace, 99, &err), LODE_OK);
	assert_string_equal(written(&source), BARRIER("1"));
	end(&source);
}

static void
a_barrier_behind_so_much_time_and_a_record(void **state)
{
	struct source source;
	struct err err = ERR_INIT;

	(void)state;
	begin(&source, "j");
	source.pace.interval_s = 0;
	assert_int_equal(kafka_pace_idle(&source.pace, &err), LODE_OK);
	assert_string_equal(written(&source), "");
	assert_int_equal(kafka_pace_record(&source.pace, 1, &err), LODE_OK);
	assert_int_equal(kafka_pace_idle(&source.pace, &err), LODE_OK);
	assert_string_equal(written(&source), BARRIER("1"));
	source.pace.barrier_ms -= KAFKA_PACE_RENEW_MS; /* offsets expire, records or not */
	source.pace.stuck_ms += KAFKA_PACE_RENEW_MS;
	assert_int_equal(kafka_pace_idle(&source.pace, &err), LODE_OK);
	assert_string_equal(written(&source), BARRIER("1") BARRIER("2"));
	end(&source);
}

static void
a_heartbeat_when_nothing_was_written_for_long(void **state)
{
	struct source source;
	struct err err = ERR_INIT;

	(void)state;
	begin(&source, "j");
	assert_int_equal(kafka_pace_idle(&source.pace, &err), LODE_OK);
	assert_string_equal(written(&source), "");
	source.pace.written_ms -= KAFKA_PACE_HEARTBEAT_MS;
	assert_int_equal(kafka_pace_idle(&source.pace, &err), LODE_OK);
	assert_int_equal(kafka_pace_idle(&source.pace, &err), LODE_OK);
	assert_string_equal(written(&source), "#idle\n");
	end(&source);
}

static void
no_more_than_so_many_checkpoints_are_on_their_way(void **state)
{
	struct source source;
	struct err err = ERR_INIT;

	(void)state;
	begin(&source, "j");
	assert_int_equal(kafka_pace_record(&source.pace, 100, &err), LODE_OK);
	assert_int_equal(kafka_pace_record(&source.pace, 100, &err), LODE_OK);
	assert_string_equal(written(&source), BARRIER("1") BARRIER("2"));
	source_stop = 1;
	assert_int_equal(kafka_pace_record(&source.pace, 100, &err), LODE_OK);
	source_stop = 0;
	source.pace.stuck_ms = 0;
	assert_int_equal(kafka_pace_record(&source.pace, 100, &err), LODE_EIO);
	assert_string_equal(err.message, "no checkpoint was committed for 0 s");
	assert_int_equal(source.status, KAFKA_EXIT_STATE);
	assert_string_equal(written(&source), BARRIER("1") BARRIER("2"));
	end(&source);
}

/* Brokers that do not answer are not taken for a pipeline that stands still. */
static void
what_brokers_do_not_tell_is_not_held_against_the_last_checkpoints(void **state)
{
	struct source source;
	struct err err = ERR_INIT;

	(void)state;
	begin(&source, "j");
	assert_int_equal(kafka_pace_record(&source.pace, 100, &err), LODE_OK);
	source.pace.stuck_ms = -1;
	assert_int_equal(kafka_pace_idle(&source.pace, &err), LODE_OK);
	assert_int_equal(source.status, 0);
	end(&source);
}

static void
the_end_says_why(void **state)
{
	struct source source;
	struct err err = ERR_INIT;

	(void)state;
	begin(&source, "j");
	source.pace.max_pending = 0; /* the last checkpoint waits for no other */
	assert_int_equal(kafka_pace_end(&source.pace, true, &err), LODE_OK);
	assert_string_equal(written(&source), "#WM\tts=inf\n" BARRIER("1") "#END\twhy=eof\n");
	end(&source);
	begin(&source, "j");
	source_stop = 1;
	assert_int_equal(kafka_pace_end(&source.pace, false, &err), LODE_OK);
	assert_int_equal(source_stop, 0);
	assert_string_equal(written(&source), BARRIER("1") "#END\twhy=stop\n");
	end(&source);
}

static void
without_a_job_there_are_no_control_lines(void **state)
{
	struct source source;
	struct err err = ERR_INIT;
	int i;

	(void)state;
	begin(&source, NULL);
	source.pace.interval_s = 0;
	source.pace.written_ms -= KAFKA_PACE_HEARTBEAT_MS;
	for (i = 0; i < 1000; i++)
		assert_int_equal(kafka_pace_record(&source.pace, 100, &err), LODE_OK);
	assert_int_equal(kafka_pace_idle(&source.pace, &err), LODE_OK);
	source_stop = 1;
	assert_int_equal(kafka_pace_end(&source.pace, true, &err), LODE_OK);
	assert_int_equal(source_stop, 1); /* the program dies of the signal */
	assert_string_equal(written(&source), "");
	end(&source);
}

static void
an_end_that_does_not_come_is_an_error_where_there_must_be_one(void **state)
{
	struct source source;
	struct err err = ERR_INIT;

	(void)state;
	begin(&source, NULL);
	source.pace.heard_ms -= 200000;
	assert_int_equal(kafka_pace_silence(&source.pace, &err), LODE_OK);
	source.pace.is_bounded = true;
	source.pace.heard_ms -= 200000;
	source.run.n_records++;
	assert_int_equal(kafka_pace_silence(&source.pace, &err), LODE_OK);
	assert_int_equal(source.status, 0);
	source.pace.heard_ms -= 200000;
	snprintf(source.reader.client.last, sizeof source.reader.client.last, "connection refused");
	assert_int_equal(kafka_pace_silence(&source.pace, &err), LODE_EIO);
	assert_string_equal(err.message, "neither a record nor the end came for 100 s: connection refused");
	assert_int_equal(source.status, KAFKA_EXIT_BROKER);
	end(&source);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_barrier_behind_so_many_bytes),
		cmocka_unit_test(a_barrier_behind_so_much_time_and_a_record),
		cmocka_unit_test(a_heartbeat_when_nothing_was_written_for_long),
		cmocka_unit_test(no_more_than_so_many_checkpoints_are_on_their_way),
		cmocka_unit_test(what_brokers_do_not_tell_is_not_held_against_the_last_checkpoints),
		cmocka_unit_test(the_end_says_why),
		cmocka_unit_test(without_a_job_there_are_no_control_lines),
		cmocka_unit_test(an_end_that_does_not_come_is_an_error_where_there_must_be_one),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
