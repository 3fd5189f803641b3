/* kafka_signs: when figures are told and to whom; what they are is in tests/kafka */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "kafka_signs.h"

struct side {
	struct run run;
	struct kafka_signs signs;
	char path[64];
};

static void
begin(struct side *side, enum kafka_side which)
{
	const struct kafka_options options = { .job = "j" };
	struct metrics_options wanted = { side->path, 0 };
	struct err err = ERR_INIT;

	*side = (struct side){ .run = { .n_records = 0 } };
	snprintf(side->path, sizeof side->path, "/tmp/test_kafka_signs.%d.prom", (int)getpid());
	side->signs.run = &side->run;
	assert_int_equal(kafka_signs_open(&side->signs, which, &options, &wanted, &err), LODE_OK);
	assert_non_null(side->signs.metrics);
}

static void
end(struct side *side)
{
	kafka_signs_close(&side->signs);
	assert_null(side->signs.metrics);
	unlink(side->path);
}

static bool
has(const struct side *side, const char *line)
{
	struct buf text = BUF_INIT;
	struct err err = ERR_INIT;
	bool is_there;

	assert_int_equal(metrics_text(side->signs.metrics, &text, &err), LODE_OK);
	is_there = memmem(text.p, text.n, line, strlen(line)) != NULL;
	buf_release(&text);
	return is_there;
}

static void
the_sink_tells_now_and_then_and_when_it_must(void **state)
{
	struct side side;

	(void)state;
	begin(&side, KAFKA_SINK);
	side.run.n_records = 1;
	side.run.n_rejected = 2;
	side.signs.n_dead = 3;
	side.signs.n_state = 4;
	side.signs.n_state_bytes = 5;
	kafka_signs_of_sink(&side.signs, false);
	assert_true(has(&side, "lode_sink_records_total{pipeline=\"j\",shard=\"0\"} 1\n"));
	assert_true(has(&side, "lode_sink_rejected_records_total{pipeline=\"j\",shard=\"0\"} 2\n"));
	assert_true(has(&side, "lode_sink_dead_letters_total{pipeline=\"j\",shard=\"0\"} 3\n"));
	assert_true(has(&side, "lode_sink_state_records_total{pipeline=\"j\",shard=\"0\"} 4\n"));
	assert_true(has(&side, "lode_sink_state_bytes_total{pipeline=\"j\",shard=\"0\"} 5\n"));
	side.run.n_records = 6;
	side.signs.told_ms = kafka_client_now_ms();
	kafka_signs_of_sink(&side.signs, false);
	assert_true(has(&side, "lode_sink_records_total{pipeline=\"j\",shard=\"0\"} 1\n"));
	kafka_signs_of_sink(&side.signs, true);
	assert_true(has(&side, "lode_sink_records_total{pipeline=\"j\",shard=\"0\"} 6\n"));
	end(&side);
}

static void
a_commit_is_told_at_once(void **state)
{
	struct kafka_writer writer = { .commit_ms = 1500 };
	struct kafka_commit commit = { .writer = &writer, .at = { 7, "0123456789abcdef" } };
	struct side side;

	(void)state;
	begin(&side, KAFKA_SINK);
	kafka_signs_of_commit(&side.signs, &commit);
	assert_true(has(&side, "lode_sink_checkpoint_number{pipeline=\"j\",shard=\"0\"} 7\n"));
	assert_true(has(&side, "lode_sink_commit_duration_seconds_sum{pipeline=\"j\",shard=\"0\"} 1.5\n"));
	assert_true(has(&side, "lode_sink_commit_duration_seconds_count{pipeline=\"j\",shard=\"0\"} 1\n"));
	end(&side);
}

static void
the_source_tells_of_checkpoints_where_there_are_any(void **state)
{
	struct kafka_partition done = { .name = "t", .number = 3, .is_done = true }, *partitions[] = { &done };
	struct kafka_reader reader = { .partition = partitions, .n = 1 };
	struct kafka_epochs epochs = { .reader = &reader, .now = { 7, "0123456789abcdef" }, .n_state = 8, .n_state_bytes = 9 };
	struct side side;

	(void)state;
	begin(&side, KAFKA_SOURCE);
	side.run.n_records = 1;
	kafka_signs_of_source(&side.signs, &epochs, true);
	assert_true(has(&side, "lode_source_records_total{pipeline=\"j\",shard=\"0\"} 1\n"));
	assert_true(has(&side, "lode_source_lag_records{pipeline=\"j\",shard=\"0\",topic=\"t\",partition=\"3\"} 0\n"));
	assert_false(has(&side, "lode_source_checkpoint_number{"));
	epochs.job = "j";
	kafka_signs_of_source(&side.signs, &epochs, true);
	assert_true(has(&side, "lode_source_checkpoint_number{pipeline=\"j\",shard=\"0\"} 7\n"));
	assert_true(has(&side, "lode_source_state_restored_records{pipeline=\"j\",shard=\"0\"} 8\n"));
	assert_true(has(&side, "lode_source_state_restored_bytes{pipeline=\"j\",shard=\"0\"} 9\n"));
	end(&side);
}

/* With figures or without; and never the sink's. */
static void
the_watchdog_is_the_sources(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct kafka_reader reader = { .n = 0 };
	struct kafka_epochs epochs = { .reader = &reader };
	struct run run = { .n_records = 0 };
	struct kafka_signs signs = { .run = &run };
	struct side side;
	char text[64];
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	(void)state;
	snprintf(address.sun_path, sizeof address.sun_path, "/tmp/test_kafka_signs.%d", (int)getpid());
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	begin(&side, KAFKA_SINK);
	kafka_signs_of_sink(&side.signs, true);
	kafka_signs_of_sink(&signs, true);
	assert_int_equal(recv(fd, text, sizeof text, MSG_DONTWAIT), -1);
	end(&side);
	kafka_signs_of_source(&signs, &epochs, true);
	kafka_signs_of_source(&signs, &epochs, false);
	assert_int_equal(recv(fd, text, sizeof text, MSG_DONTWAIT), strlen("WATCHDOG=1"));
	assert_memory_equal(text, "WATCHDOG=1", strlen("WATCHDOG=1"));
	assert_int_equal(recv(fd, text, sizeof text, MSG_DONTWAIT), -1);
	unsetenv("NOTIFY_SOCKET");
	close(fd);
	unlink(address.sun_path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sink_tells_now_and_then_and_when_it_must),
		cmocka_unit_test(a_commit_is_told_at_once),
		cmocka_unit_test(the_source_tells_of_checkpoints_where_there_are_any),
		cmocka_unit_test(the_watchdog_is_the_sources),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
