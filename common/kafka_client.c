#include "kafka_client.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "kafka_call.h"
#include "source.h"

enum { SLICE_MS = 200 }; /* a signal and a failure are seen so soon */

int64_t
kafka_client_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
fail(struct kafka_client *client, const char *what, const char *why)
{
	if (client->failure.code == LODE_OK) /* the first is the cause */
		err_set(&client->failure, LODE_EIO, "%s%s%.300s", what, what[0] == '\0' ? "" : ": ", why);
}

static void
on_error(rd_kafka_t *rk, int code, const char *reason, void *argument)
{
	struct kafka_client *client = argument;
	char text[300];

	switch (code) {
	case RD_KAFKA_RESP_ERR__TRANSPORT:
	case RD_KAFKA_RESP_ERR__TIMED_OUT:
	case RD_KAFKA_RESP_ERR__RESOLVE:
		client->n_disconnects++;
		snprintf(client->last, sizeof client->last, "%s", reason);
		break;
	case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
		client->n_disconnects++;
		if (client->last[0] == '\0')
			snprintf(client->last, sizeof client->last, "%s", reason);
		break;
	case RD_KAFKA_RESP_ERR__FATAL:
		code = rd_kafka_fatal_error(rk, text, sizeof text);
		fail(client, rd_kafka_err2name(code), text);
		break;
	case RD_KAFKA_RESP_ERR__AUTHENTICATION:
	case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
		fail(client, "authentication failed", reason);
		break;
	case RD_KAFKA_RESP_ERR__SSL:
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
		fail(client, "", reason);
		break;
	default:
		snprintf(client->last, sizeof client->last, "%s", reason);
		break;
	}
}

static void
on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *message, void *argument)
{
	struct kafka_client *client = argument;
	char what[300];

	(void)rk;
	/* what an abort throws away is told by the abort's cause */
	if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR || message->err == RD_KAFKA_RESP_ERR__PURGE_QUEUE || message->err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT)
		return;
	client->n_failed++;
	if (client->failure.code != LODE_OK && client->largest > 0 && message->len > client->largest)
		client->failure.code = LODE_OK; /* a batch fails as a whole, and its largest record is the likely cause */
	client->largest = message->len > client->largest ? message->len : client->largest;
	snprintf(what, sizeof what, "a record of %zu bytes to topic '%.200s'", message->len, rd_kafka_topic_name(message->rkt));
	fail(client, what, rd_kafka_err2str(message->err));
}

int
kafka_client_open(struct kafka_client *client, const struct kafka_config *config, rd_kafka_type_t type, const struct kafka_setting *settings,
    struct err *err)
{
	rd_kafka_conf_t *conf;
	char why[400];

	if (!kafka_config_has(config, "bootstrap.servers") && !kafka_config_has(config, "metadata.broker.list"))
		return err_set(err, LODE_EUSAGE, "no brokers: give -b HOST:PORT");
	if ((conf = kafka_config_conf(config)) == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	client->failure = (struct err)ERR_INIT;
	client->last[0] = '\0';
	client->n_disconnects = 0;
	client->largest = 0;
	for (; settings->name != NULL; settings++) {
		if (rd_kafka_conf_set(conf, settings->name, settings->value, why, sizeof why) != RD_KAFKA_CONF_OK) {
			rd_kafka_conf_destroy(conf);
			return err_set(err, LODE_EUSAGE, "%s", why);
		}
	}
	rd_kafka_conf_set_opaque(conf, client);
	rd_kafka_conf_set_error_cb(conf, on_error);
	rd_kafka_conf_set_log_cb(conf, NULL);
	if (type == RD_KAFKA_PRODUCER)
		rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
	if ((client->rk = rd_kafka_new(type, conf, why, sizeof why)) == NULL) {
		rd_kafka_conf_destroy(conf);
		return err_set(err, LODE_EUSAGE, "%s", why);
	}
	return LODE_OK;
}

static rd_kafka_error_t *
destroy(void *rk)
{
	rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT); /* an error for a consumer, of no consequence */
	rd_kafka_destroy_flags(rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
	return NULL;
}

void
kafka_client_close(struct kafka_client *client)
{
	if (client->rk != NULL)
		(void)kafka_call_within(destroy, client->rk, KAFKA_CLOSE_MS);
	client->rk = NULL;
}

int
kafka_client_poll(struct kafka_client *client, int timeout_ms, struct err *err)
{
	rd_kafka_poll(client->rk, timeout_ms);
	if (client->failure.code == LODE_OK)
		return LODE_OK;
	*err = client->failure;
	return err->code;
}

bool
kafka_client_is_passing(rd_kafka_resp_err_t code)
{
	switch (code) {
	case RD_KAFKA_RESP_ERR__TRANSPORT:
	case RD_KAFKA_RESP_ERR__TIMED_OUT:
	case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
	case RD_KAFKA_RESP_ERR__WAIT_COORD:
	case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
	case RD_KAFKA_RESP_ERR__RESOLVE:
	case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
	case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
	case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
	case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
	case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
	case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
	case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
	case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
	case RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT:
		return true;
	default:
		return false;
	}
}

/* One question asked until it is answered: each() is called with slices of the time. */
static int
ask(struct kafka_client *client, rd_kafka_resp_err_t (*each)(struct kafka_client *, void *, int), void *argument, int timeout_ms, const char *what,
    struct err *err)
{
	int64_t until = kafka_client_now_ms() + timeout_ms;
	rd_kafka_resp_err_t code;
	int rc;

	for (;;) {
		code = each(client, argument, SLICE_MS);
		if ((rc = kafka_client_poll(client, 0, err)) != LODE_OK || code == RD_KAFKA_RESP_ERR_NO_ERROR)
			return rc;
		if (source_stop != 0)
			return LODE_DONE;
		if (!kafka_client_is_passing(code))
			return err_set(err, LODE_EIO, "%s: %s", what, rd_kafka_err2str(code));
		if (kafka_client_now_ms() >= until)
			return err_set(err, LODE_EIO, "no broker answers after %d s (%s): %s", timeout_ms / 1000, what,
			    client->last[0] != '\0' ? client->last : rd_kafka_err2str(code));
		if (code != RD_KAFKA_RESP_ERR__TIMED_OUT && (rc = kafka_client_poll(client, SLICE_MS, err)) != LODE_OK)
			return rc;
	}
}

struct topic_question {
	rd_kafka_topic_t *topic;
	int32_t n;
	rd_kafka_resp_err_t code;
};

static rd_kafka_resp_err_t
ask_partitions(struct kafka_client *client, void *argument, int slice_ms)
{
	struct topic_question *question = argument;
	const struct rd_kafka_metadata *metadata;
	rd_kafka_resp_err_t code = rd_kafka_metadata(client->rk, 0, question->topic, &metadata, slice_ms);

	if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
		return code;
	question->code = metadata->topics[0].err;
	question->n = metadata->topics[0].partition_cnt;
	rd_kafka_metadata_destroy(metadata);
	return kafka_client_is_passing(question->code) ? question->code : RD_KAFKA_RESP_ERR_NO_ERROR;
}

int
kafka_client_partitions(struct kafka_client *client, rd_kafka_topic_t *topic, int timeout_ms, int32_t *n, struct err *err)
{
	struct topic_question question = { .topic = topic };
	const char *name = rd_kafka_topic_name(topic);
	char what[300];
	int rc;

	snprintf(what, sizeof what, "topic '%s'", name);
	if ((rc = ask(client, ask_partitions, &question, timeout_ms, what, err)) != LODE_OK)
		return rc;
	if (question.code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
		return err_set(err, LODE_EIO, "no topic '%s'", name);
	if (question.code != RD_KAFKA_RESP_ERR_NO_ERROR)
		return err_set(err, LODE_EIO, "%s: %s", what, rd_kafka_err2str(question.code));
	*n = question.n;
	return LODE_OK;
}

static rd_kafka_resp_err_t
ask_committed(struct kafka_client *client, void *argument, int slice_ms)
{
	return rd_kafka_committed(client->rk, argument, slice_ms);
}

int
kafka_client_committed(struct kafka_client *client, rd_kafka_topic_partition_list_t *list, int timeout_ms, struct err *err)
{
	int i, rc = ask(client, ask_committed, list, timeout_ms, "committed offsets", err);

	for (i = 0; rc == LODE_OK && i < list->cnt; i++)
		if (list->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR)
			rc = err_set(err, LODE_EIO, "committed offset of %s/%d: %s", list->elems[i].topic, (int)list->elems[i].partition,
			    rd_kafka_err2str(list->elems[i].err));
	return rc;
}

struct watermark_question {
	const char *topic;
	int32_t partition;
	int64_t low, high;
};

/* By offsets_for_times with the times that mean the ends, since rd_kafka_query_watermark_offsets (2.0.2) may wait for ever for a leader that is gone. */
static rd_kafka_resp_err_t
ask_watermarks(struct kafka_client *client, void *argument, int slice_ms)
{
	struct watermark_question *question = argument;
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_topic_partition_t *at = rd_kafka_topic_partition_list_add(list, question->topic, question->partition);
	const struct rd_kafka_metadata *metadata;
	rd_kafka_resp_err_t code;

	at->offset = RD_KAFKA_OFFSET_BEGINNING;
	if ((code = rd_kafka_offsets_for_times(client->rk, list, slice_ms)) == RD_KAFKA_RESP_ERR_NO_ERROR && (code = at->err) == RD_KAFKA_RESP_ERR_NO_ERROR) {
		question->low = at->offset;
		at->offset = RD_KAFKA_OFFSET_END;
		if ((code = rd_kafka_offsets_for_times(client->rk, list, slice_ms)) == RD_KAFKA_RESP_ERR_NO_ERROR && (code = at->err) == RD_KAFKA_RESP_ERR_NO_ERROR)
			question->high = at->offset;
	}
	if (code == RD_KAFKA_RESP_ERR_NO_ERROR && (question->low < 0 || question->high < 0))
		code = RD_KAFKA_RESP_ERR__TIMED_OUT;
	/* the leader may have moved, and only new metadata tells where to */
	if (code != RD_KAFKA_RESP_ERR_NO_ERROR && rd_kafka_metadata(client->rk, 1, NULL, &metadata, slice_ms) == RD_KAFKA_RESP_ERR_NO_ERROR)
		rd_kafka_metadata_destroy(metadata);
	rd_kafka_topic_partition_list_destroy(list);
	return code;
}

int
kafka_client_watermarks(struct kafka_client *client, const char *topic, int32_t partition, int timeout_ms, int64_t *low, int64_t *high, struct err *err)
{
	struct watermark_question question = { topic, partition, 0, 0 };
	char what[300];
	int rc;

	snprintf(what, sizeof what, "offsets of %.200s/%d", topic, (int)partition);
	if ((rc = ask(client, ask_watermarks, &question, timeout_ms, what, err)) != LODE_OK)
		return rc;
	*low = question.low;
	*high = question.high;
	return LODE_OK;
}
