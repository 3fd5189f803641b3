#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kafka_writer.h"

#include <librdkafka/rdkafka_mock.h>

/* librdkafka's own brokers: no exactly-once there, but errors at will. Broker 1 has transactions and the topic, broker 2 the group. */
struct brokers {
	rd_kafka_t *rk;
	rd_kafka_mock_cluster_t *cluster;
	struct kafka_config config;
};

static void
set(struct kafka_config *config, const char *name, const char *value)
{
	struct err err = ERR_INIT;
	char text[200];

	snprintf(text, sizeof text, "%s=%s", name, value);
	assert_int_equal(kafka_config_set(config, text, &err), LODE_OK);
}

static void
begin(struct brokers *brokers)
{
	struct err err = ERR_INIT;
	char why[200];

	brokers->rk = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), why, sizeof why);
	assert_non_null(brokers->rk);
	brokers->cluster = rd_kafka_mock_cluster_new(brokers->rk, 2);
	assert_non_null(brokers->cluster);
	rd_kafka_mock_topic_create(brokers->cluster, "t", 1, 1);
	rd_kafka_mock_partition_set_leader(brokers->cluster, "t", 0, 1);
	rd_kafka_mock_coordinator_set(brokers->cluster, "transaction", "id", 1);
	rd_kafka_mock_coordinator_set(brokers->cluster, "group", "g", 2);
	assert_int_equal(kafka_config_init(&brokers->config, true, &err), LODE_OK);
	set(&brokers->config, "bootstrap.servers", rd_kafka_mock_cluster_bootstraps(brokers->cluster));
	set(&brokers->config, "transaction.timeout.ms", "2000");
}

static void
end(struct brokers *brokers)
{
	rd_kafka_mock_cluster_destroy(brokers->cluster);
	rd_kafka_destroy(brokers->rk);
	kafka_config_release(&brokers->config);
}

static int
commit_one(struct kafka_writer *writer, struct err *err)
{
	rd_kafka_topic_partition_list_t *offsets = rd_kafka_topic_partition_list_new(1);
	int rc;

	rd_kafka_topic_partition_list_add(offsets, "in", 0)->offset = 7;
	assert_int_equal(kafka_writer_send(writer, 0, RD_KAFKA_PARTITION_UA, STR("k"), STR("v"), NULL, 0, err), LODE_OK);
	rc = kafka_writer_commit(writer, "g", offsets, err);
	rd_kafka_topic_partition_list_destroy(offsets);
	return rc;
}

/* rd_kafka_send_offsets_to_transaction alone would wait for ever. */
static void
a_coordinator_that_is_gone_is_waited_for_in_bounds(void **unused)
{
	static const char *const names[] = { "t" };
	struct kafka_writer writer = { .n_topics = 0 };
	struct brokers brokers;
	struct err err = ERR_INIT;
	int64_t from;

	(void)unused;
	begin(&brokers);
	assert_int_equal(kafka_writer_open(&writer, &brokers.config, "id", names, 1, 5000, &err), LODE_OK);
	assert_int_equal(commit_one(&writer, &err), LODE_OK);
	assert_false(writer.in_transaction);
	rd_kafka_mock_broker_set_down(brokers.cluster, 2);
	from = kafka_client_now_ms();
	assert_int_equal(commit_one(&writer, &err), LODE_EIO);
	assert_in_range(kafka_client_now_ms() - from, 1000, 8000);
	assert_non_null(strstr(err.message, "cannot put the offsets into the transaction: no broker answers after "));
	kafka_writer_close(&writer);
	assert_in_range(kafka_client_now_ms() - from, 1000, 15000);
	end(&brokers);
}

/* Whatever is open: a transaction with records on their way, the start, a flush. */
static void
all_brokers_gone_end_every_wait_in_bounds(void **unused)
{
	static const char *const names[] = { "t" };
	struct kafka_writer writer = { .n_topics = 0 }, late = { .n_topics = 0 }, plain = { .n_topics = 0 };
	struct brokers brokers;
	struct err err = ERR_INIT;
	int64_t from;

	(void)unused;
	begin(&brokers);
	set(&brokers.config, "message.timeout.ms", "1500");
	assert_int_equal(kafka_writer_open(&writer, &brokers.config, "id", names, 1, 5000, &err), LODE_OK);
	assert_int_equal(commit_one(&writer, &err), LODE_OK);
	assert_int_equal(kafka_writer_open(&plain, &brokers.config, NULL, names, 1, 5000, &err), LODE_OK);
	rd_kafka_mock_broker_set_down(brokers.cluster, 1);
	rd_kafka_mock_broker_set_down(brokers.cluster, 2);
	from = kafka_client_now_ms();
	assert_int_equal(kafka_writer_send(&writer, 0, RD_KAFKA_PARTITION_UA, STR("k"), STR("v"), NULL, 0, &err), LODE_OK);
	assert_true(writer.in_transaction);
	kafka_writer_close(&writer);
	assert_true(kafka_client_now_ms() - from < 20000);
	from = kafka_client_now_ms();
	assert_int_equal(kafka_writer_open(&late, &brokers.config, "id", names, 1, 2000, &err), LODE_EIO);
	kafka_writer_close(&late);
	assert_true(kafka_client_now_ms() - from < 20000);
	from = kafka_client_now_ms();
	assert_int_equal(kafka_writer_send(&plain, 0, RD_KAFKA_PARTITION_UA, STR("k"), STR("v"), NULL, 0, &err), LODE_OK);
	assert_int_equal(kafka_writer_flush(&plain, &err), LODE_EIO);
	kafka_writer_close(&plain);
	assert_true(kafka_client_now_ms() - from < 20000);
	end(&brokers);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_coordinator_that_is_gone_is_waited_for_in_bounds),
		cmocka_unit_test(all_brokers_gone_end_every_wait_in_bounds),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
