#include "kafka_writer.h"

#include "kafka_call.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	SERVE_EVERY = 1000,  /* records between two looks at the callbacks */
	WAIT_MS = 100,
	ABORT_MS = 3000,
	SLOW_COMMIT_MS = 5000, /* longer, and requests may have been sent twice */
	GRACE_MS = 2000,     /* so that librdkafka's own timeouts speak first */
};

static int
of_error(rd_kafka_error_t *error, const char *what, struct err *err)
{
	err_set(err, LODE_EIO, "%s: %s", what, rd_kafka_error_string(error));
	rd_kafka_error_destroy(error);
	return err->code;
}

/* What calls in a thread of their own are given; not freed when they do not come back. */
struct work {
	rd_kafka_t *rk;
	const rd_kafka_topic_partition_list_t *offsets;
	const rd_kafka_consumer_group_metadata_t *metadata;
};

static rd_kafka_error_t *
do_offsets(void *argument)
{
	const struct work *work = argument;

	return rd_kafka_send_offsets_to_transaction(work->rk, work->offsets, work->metadata, WAIT_MS * 100);
}

static rd_kafka_error_t *
do_commit(void *argument)
{
	const struct work *work = argument;

	return rd_kafka_commit_transaction(work->rk, -1);
}

static rd_kafka_error_t *
do_abort(void *argument)
{
	const struct work *work = argument;

	return rd_kafka_abort_transaction(work->rk, ABORT_MS);
}

/*
 * The call to its end, or for `ms`, or until a failure shows that no patience mends. LODE_OK: *error is what it says. Otherwise it does not come back, and
 * the handle is lost to it. Callbacks are served here only if the call serves none: one thread has them at a time.
 */
static int
within(struct kafka_writer *writer, int64_t ms, kafka_call_function *function, struct work *work, const char *what, rd_kafka_error_t **error, struct err *err)
{
	int64_t until = kafka_client_now_ms() + ms;
	struct kafka_call *call;
	int rc = kafka_call_begin(&call, function, work, err);

	if (rc != LODE_OK)
		return rc;
	while ((rc = kafka_call_wait(call, WAIT_MS, error)) == LODE_AGAIN) {
		if (function == do_offsets && (rc = kafka_client_poll(&writer->client, 0, err)) != LODE_OK)
			break;
		if (kafka_client_now_ms() >= until) {
			rc = err_set(err, LODE_EIO, "%s: no broker answers after %lld s%s%s", what,
			    (long long)(kafka_client_now_ms() - writer->began_ms) / 1000, writer->client.last[0] != '\0' ? ": " : "",
			    writer->client.last);
			break;
		}
	}
	if (rc != LODE_OK)
		writer->client.rk = NULL;
	return rc;
}

/* init_transactions goes on where it was when it is called again. */
static int
fence(struct kafka_writer *writer, struct err *err)
{
	int64_t until = kafka_client_now_ms() + writer->timeout_ms;
	rd_kafka_error_t *error;
	char what[300];
	int rc;

	snprintf(what, sizeof what, "transactions of '%s'", writer->id);
	while ((error = rd_kafka_init_transactions(writer->client.rk, 1000)) != NULL) {
		if ((rc = kafka_client_poll(&writer->client, 0, err)) != LODE_OK) {
			rd_kafka_error_destroy(error);
			return rc;
		}
		if (!rd_kafka_error_is_retriable(error))
			return of_error(error, what, err);
		if (kafka_client_now_ms() >= until) {
			err_set(err, LODE_EIO, "no broker answers after %d s (%s): %s", writer->timeout_ms / 1000, what,
			    writer->client.last[0] != '\0' ? writer->client.last : rd_kafka_error_string(error));
			rd_kafka_error_destroy(error);
			return err->code;
		}
		rd_kafka_error_destroy(error);
	}
	return LODE_OK;
}

static void
read_transaction_timeout(struct kafka_writer *writer)
{
	char text[32] = "";
	size_t n = sizeof text;

	rd_kafka_conf_get(rd_kafka_conf(writer->client.rk), "transaction.timeout.ms", text, &n);
	writer->transaction_ms = strtol(text, NULL, 10);
}

static int
make_topics(struct kafka_writer *writer, struct err *err)
{
	int32_t n;
	unsigned i;
	int rc = LODE_OK;

	for (i = 0; i < writer->n_topics && rc == LODE_OK; i++) {
		if ((writer->topic[i] = rd_kafka_topic_new(writer->client.rk, writer->name[i], NULL)) == NULL)
			return err_set(err, LODE_EIO, "topic '%s': %s", writer->name[i], rd_kafka_err2str(rd_kafka_last_error()));
		rc = kafka_client_partitions(&writer->client, writer->topic[i], writer->timeout_ms, &n, err);
	}
	return rc;
}

static int
start(struct kafka_writer *writer, struct err *err)
{
	const struct kafka_setting settings[] = {
		{ "enable.idempotence", "true" },
		{ "acks", "all" },
		{ kafka_config_has(writer->config, "partitioner") ? "acks" : "partitioner", kafka_config_has(writer->config, "partitioner") ? "all" : "murmur2_random" },
		{ writer->id == NULL ? NULL : "transactional.id", writer->id },
		{ NULL, NULL },
	};
	int rc = kafka_client_open(&writer->client, writer->config, RD_KAFKA_PRODUCER, settings, err);

	if (rc != LODE_OK)
		return rc;
	writer->is_doubtful = false;
	read_transaction_timeout(writer);
	/* an unreachable broker or a missing topic is told better by a question than by the fence */
	if ((rc = make_topics(writer, err)) == LODE_OK && writer->id != NULL)
		rc = fence(writer, err);
	return rc;
}

static void
stop(struct kafka_writer *writer)
{
	unsigned i;

	for (i = 0; i < writer->n_topics; i++) {
		if (writer->topic[i] != NULL)
			rd_kafka_topic_destroy(writer->topic[i]);
		writer->topic[i] = NULL;
	}
	kafka_client_close(&writer->client);
	writer->in_transaction = false;
}

int
kafka_writer_open(struct kafka_writer *writer, const struct kafka_config *config, const char *id, const char *const *names, unsigned n, int timeout_ms,
    struct err *err)
{
	unsigned i;

	writer->config = config;
	writer->id = id;
	writer->timeout_ms = timeout_ms;
	writer->n_topics = n;
	for (i = 0; i < n; i++)
		writer->name[i] = names[i];
	return start(writer, err);
}

void
kafka_writer_close(struct kafka_writer *writer)
{
	rd_kafka_error_t *error = NULL;
	struct work *work;
	struct err ignored;

	if (writer->client.rk == NULL)
		return;
	/* so that readers do not wait for the transaction's timeout when nobody comes after us */
	if (writer->in_transaction && (work = calloc(1, sizeof *work)) != NULL) {
		work->rk = writer->client.rk;
		if (within(writer, ABORT_MS + GRACE_MS, do_abort, work, "cannot abort", &error, &ignored) != LODE_OK)
			return;
		free(work);
		if (error != NULL) {
			rd_kafka_error_destroy(error);
			/* librdkafka 2.0.2 may fail an assertion when a transaction is destroyed with requests on their way: the program ends anyway */
			writer->client.rk = NULL;
			return;
		}
	}
	stop(writer);
}

int
kafka_writer_renew(struct kafka_writer *writer, struct err *err)
{
	stop(writer);
	return start(writer, err);
}

static int
begin(struct kafka_writer *writer, struct err *err)
{
	rd_kafka_error_t *error = rd_kafka_begin_transaction(writer->client.rk);

	if (error != NULL)
		return of_error(error, "cannot begin a transaction", err);
	writer->in_transaction = true;
	writer->began_ms = kafka_client_now_ms();
	writer->n_disconnects = writer->client.n_disconnects;
	return LODE_OK;
}

static rd_kafka_resp_err_t
produce(struct kafka_writer *writer, unsigned t, int32_t partition, struct str key, struct str value, rd_kafka_headers_t *headers, int64_t timestamp)
{
	if (headers == NULL && timestamp == 0) /* the quicker way */
		return rd_kafka_produce(writer->topic[t], partition, RD_KAFKA_MSG_F_COPY, value.p == NULL ? NULL : (void *)(uintptr_t)value.p, value.n,
			   key.p, key.n, NULL) == 0 ? RD_KAFKA_RESP_ERR_NO_ERROR : rd_kafka_last_error();
	return rd_kafka_producev(writer->client.rk, RD_KAFKA_V_RKT(writer->topic[t]), RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
	    RD_KAFKA_V_VALUE((void *)(uintptr_t)value.p, value.n), RD_KAFKA_V_KEY(key.p, key.n), RD_KAFKA_V_HEADERS(headers),
	    RD_KAFKA_V_TIMESTAMP(timestamp), RD_KAFKA_V_END);
}

static int
too_large(const struct kafka_writer *writer, size_t n, struct err *err)
{
	char limit[32] = "";
	size_t room = sizeof limit;

	rd_kafka_conf_get(rd_kafka_conf(writer->client.rk), "message.max.bytes", limit, &room);
	return err_set(err, LODE_EDATA, "a record of %zu bytes is larger than message.max.bytes (%s) allows", n, limit);
}

int
kafka_writer_send(struct kafka_writer *writer, unsigned t, int32_t partition, struct str key, struct str value, rd_kafka_headers_t *headers,
    int64_t timestamp, struct err *err)
{
	rd_kafka_resp_err_t code;
	int rc = LODE_OK;

	if (writer->id != NULL && !writer->in_transaction)
		rc = begin(writer, err);
	while (rc == LODE_OK && (code = produce(writer, t, partition, key, value, headers, timestamp)) != RD_KAFKA_RESP_ERR_NO_ERROR) {
		if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL)
			rc = kafka_client_poll(&writer->client, WAIT_MS, err);
		else if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
			rc = too_large(writer, key.n + value.n, err);
		else if ((rc = kafka_client_poll(&writer->client, 0, err)) == LODE_OK)
			rc = err_set(err, LODE_EIO, "topic '%s': %s", writer->name[t], rd_kafka_err2str(code));
	}
	if (rc != LODE_OK && headers != NULL)
		rd_kafka_headers_destroy(headers);
	if (rc == LODE_OK && ++writer->n_sent >= SERVE_EVERY) {
		writer->n_sent = 0;
		rc = kafka_client_poll(&writer->client, 0, err);
	}
	return rc;
}

/* How long the open transaction may still take: what is older the broker has aborted. */
static int64_t
left_ms(const struct kafka_writer *writer)
{
	return writer->began_ms + writer->transaction_ms + GRACE_MS - kafka_client_now_ms();
}

/* What another try might mend, but for the time that is over; or what none does. */
static int
give_up(const struct kafka_writer *writer, rd_kafka_error_t *error, const char *what, struct err *err)
{
	if (!rd_kafka_error_is_retriable(error))
		return of_error(error, what, err);
	err_set(err, LODE_EIO, "%s: no broker answers after %lld s: %s", what, (long long)writer->transaction_ms / 1000, rd_kafka_error_string(error));
	rd_kafka_error_destroy(error);
	return err->code;
}

/* The offsets join the transaction; while the coordinator moves, the same call is made again. */
static int
send_offsets(struct kafka_writer *writer, struct work *work, struct err *err)
{
	static const char what[] = "cannot put the offsets into the transaction";
	rd_kafka_error_t *error = NULL;
	int rc;

	while ((rc = within(writer, left_ms(writer), do_offsets, work, what, &error, err)) == LODE_OK && error != NULL) {
		if (!rd_kafka_error_is_retriable(error) || left_ms(writer) < GRACE_MS)
			return give_up(writer, error, what, err);
		rd_kafka_error_destroy(error);
		if ((rc = kafka_client_poll(&writer->client, WAIT_MS, err)) != LODE_OK)
			return rc;
	}
	return rc;
}

static int
end_transaction(struct kafka_writer *writer, struct work *work, struct err *err)
{
	rd_kafka_error_t *error = NULL;
	int rc;

	while ((rc = within(writer, left_ms(writer), do_commit, work, "cannot commit", &error, err)) == LODE_OK && error != NULL) {
		if (!rd_kafka_error_is_retriable(error) || left_ms(writer) < GRACE_MS)
			return give_up(writer, error, "cannot commit", err);
		rd_kafka_error_destroy(error);
		writer->is_doubtful = true;
		if ((rc = kafka_client_poll(&writer->client, WAIT_MS, err)) != LODE_OK)
			return rc;
	}
	return rc;
}

/* Within the transaction. */
static int
commit(struct kafka_writer *writer, const char *group, const rd_kafka_topic_partition_list_t *offsets, struct err *err)
{
	rd_kafka_consumer_group_metadata_t *metadata = offsets == NULL ? NULL : rd_kafka_consumer_group_metadata_new(group);
	struct work *work = calloc(1, sizeof *work);
	int rc = (offsets != NULL && metadata == NULL) || work == NULL ? err_set(err, LODE_ENOMEM, "out of memory") : LODE_OK;

	if (rc == LODE_OK) {
		*work = (struct work){ writer->client.rk, offsets, metadata };
		if (offsets != NULL)
			rc = send_offsets(writer, work, err);
		if (rc == LODE_OK)
			rc = end_transaction(writer, work, err);
	}
	if (writer->client.rk == NULL)
		return rc;
	if (metadata != NULL)
		rd_kafka_consumer_group_metadata_destroy(metadata);
	free(work);
	return rc;
}

int
kafka_writer_commit(struct kafka_writer *writer, const char *group, const rd_kafka_topic_partition_list_t *offsets, struct err *err)
{
	int64_t from = kafka_client_now_ms();
	struct err why;
	int rc = writer->in_transaction ? LODE_OK : begin(writer, err);

	if (rc == LODE_OK)
		rc = commit(writer, group, offsets, err);
	if (writer->client.rk == NULL)
		return rc;
	/* a record that was refused, or a lost authorization, is the cause of what the commit says */
	if (rc != LODE_OK && kafka_client_poll(&writer->client, 0, &why) != LODE_OK)
		*err = why;
	else if (rc == LODE_OK)
		rc = kafka_client_poll(&writer->client, 0, err);
	writer->commit_ms = kafka_client_now_ms() - from;
	if (rc == LODE_OK) {
		writer->in_transaction = false;
		writer->is_doubtful = writer->is_doubtful || writer->client.n_disconnects != writer->n_disconnects || writer->commit_ms > SLOW_COMMIT_MS;
	}
	return rc;
}

int
kafka_writer_flush(struct kafka_writer *writer, struct err *err)
{
	int rc = LODE_OK;

	while (rc == LODE_OK && rd_kafka_outq_len(writer->client.rk) > 0) {
		rd_kafka_flush(writer->client.rk, WAIT_MS);
		rc = kafka_client_poll(&writer->client, 0, err);
	}
	return rc == LODE_OK ? kafka_client_poll(&writer->client, 0, err) : rc;
}
