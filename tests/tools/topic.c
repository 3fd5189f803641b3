/*
 * topic - makes a topic, or tells what a group has committed, for tests that want no Java for it
 *
 *   topic BROKERS NAME PARTITIONS [KEY=VALUE ...]
 *   topic BROKERS --committed GROUP NAME PARTITIONS    a line for each partition: number, offset, metadata
 */
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIMEOUT_MS = 120000 }; /* longer than a transaction may hide an offset whose writer was killed */

static int
fail(const char *text)
{
	fprintf(stderr, "topic: %s\n", text);
	return 1;
}

static int
committed(rd_kafka_t *rk, const char *name, int partitions)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(partitions);
	rd_kafka_resp_err_t rc;
	int i;

	for (i = 0; i < partitions; i++)
		rd_kafka_topic_partition_list_add(list, name, i);
	rc = rd_kafka_committed(rk, list, TIMEOUT_MS);
	for (i = 0; rc == RD_KAFKA_RESP_ERR_NO_ERROR && i < list->cnt; i++)
		printf("%d\t%lld\t%.*s\n", list->elems[i].partition, (long long)list->elems[i].offset, (int)list->elems[i].metadata_size,
		    list->elems[i].metadata == NULL ? "" : (const char *)list->elems[i].metadata);
	rd_kafka_topic_partition_list_destroy(list);
	return rc == RD_KAFKA_RESP_ERR_NO_ERROR ? 0 : fail(rd_kafka_err2str(rc));
}

static int
create(rd_kafka_t *rk, char **argv)
{
	char why[512];
	rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(argv[2], (int)strtol(argv[3], NULL, 10), -1, why, sizeof why);
	rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
	const rd_kafka_topic_result_t **results;
	rd_kafka_event_t *event;
	size_t n;
	int i, rc = 1;

	if (topic == NULL)
		return fail(why);
	for (i = 4; argv[i] != NULL; i++) {
		char *value = strchr(argv[i], '=');

		if (value == NULL)
			return fail("KEY=VALUE");
		*value++ = '\0';
		rd_kafka_NewTopic_set_config(topic, argv[i], value);
	}
	rd_kafka_CreateTopics(rk, &topic, 1, NULL, queue);
	event = rd_kafka_queue_poll(queue, TIMEOUT_MS);
	if (event == NULL || rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) {
		fail(event == NULL ? "no answer" : rd_kafka_event_error_string(event));
	} else {
		results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &n);
		rc = rd_kafka_topic_result_error(results[0]) == RD_KAFKA_RESP_ERR_NO_ERROR ? 0 : fail(rd_kafka_topic_result_error_string(results[0]));
	}
	rd_kafka_event_destroy(event);
	rd_kafka_NewTopic_destroy(topic);
	rd_kafka_queue_destroy(queue);
	return rc;
}

int
main(int argc, char **argv)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_t *rk;
	char why[512];
	int is_group = argc == 6 && strcmp(argv[2], "--committed") == 0, rc;

	if (argc < 4)
		return fail("BROKERS NAME PARTITIONS [KEY=VALUE ...], or BROKERS --committed GROUP NAME PARTITIONS");
	rd_kafka_conf_set(conf, "bootstrap.servers", argv[1], why, sizeof why);
	if (is_group)
		rd_kafka_conf_set(conf, "group.id", argv[3], why, sizeof why);
	if ((rk = rd_kafka_new(is_group ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER, conf, why, sizeof why)) == NULL)
		return fail(why);
	rc = is_group ? committed(rk, argv[4], (int)strtol(argv[5], NULL, 10)) : create(rk, argv);
	rd_kafka_destroy_flags(rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE); /* to leave a group one would wait for its coordinator */
	return rc;
}
