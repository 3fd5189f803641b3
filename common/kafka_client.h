/*
 * kafka_client - a connection to Kafka: one handle of librdkafka, what its callbacks learned, and questions that are asked at the start
 *
 * Callbacks run in kafka_client_poll() only and just note what they hear: a failure that no patience mends (authentication, authorization,
 * a fenced producer) is kept until kafka_client_poll() returns it, losses of connections are counted. librdkafka's log goes nowhere.
 * Life cycle: kafka_client_open, then anything, kafka_client_close. What was made from the handle ends before it.
 */
#ifndef LODE_KAFKA_CLIENT_H
#define LODE_KAFKA_CLIENT_H

#include "kafka_config.h"

enum { KAFKA_CLOSE_MS = 10000 };

struct kafka_client {
	rd_kafka_t *rk;
	struct err failure;      /* code LODE_OK: none */
	char last[256];          /* what librdkafka complained about last, for messages of timeouts */
	unsigned n_disconnects;  /* lost connections and timeouts */
	uint64_t n_failed;       /* records that a producer could not deliver */
	size_t largest;          /* bytes of the largest of them */
};

/* Name and value of properties that the caller decides; ends with a name of NULL. */
struct kafka_setting {
	const char *name, *value;
};

/*
 * Opens a handle with the user's properties and then `settings`. client must stay where it is.
 * Errors: LODE_EUSAGE what librdkafka says against the properties, "no brokers: give -b HOST:PORT"; LODE_ENOMEM.
 */
int kafka_client_open(struct kafka_client *client, const struct kafka_config *config, rd_kafka_type_t type,
    const struct kafka_setting *settings, struct err *err);
/* Takes a zeroed one; drops what a producer still holds. What does not go within KAFKA_CLOSE_MS is left behind. */
void kafka_client_close(struct kafka_client *client);

/* Serves callbacks for at most so long. Errors: the failure noted now or before (LODE_EIO). */
int kafka_client_poll(struct kafka_client *client, int timeout_ms, struct err *err);

/*
 * The number of a topic's partitions. Waits while brokers do not answer.
 * Errors: LODE_EIO "no broker answers after 60 s: reason", "no topic 'x'", "topic 'x': reason", a noted failure; LODE_DONE when source_stop is set.
 */
int kafka_client_partitions(struct kafka_client *client, rd_kafka_topic_t *topic, int timeout_ms, int32_t *n, struct err *err);

/* rd_kafka_committed() with patience: stable offsets only (read_committed), retried until the time is over. Errors: LODE_EIO, LODE_DONE. */
int kafka_client_committed(struct kafka_client *client, rd_kafka_topic_partition_list_t *list, int timeout_ms, struct err *err);

/* First offset and the one behind the last that a handle of that isolation level may read. Errors: as above. */
int kafka_client_watermarks(struct kafka_client *client, const char *topic, int32_t partition, int timeout_ms, int64_t *low, int64_t *high,
    struct err *err);

/* True for what is worth another try: timeouts, coordinators that move or load. */
bool kafka_client_is_passing(rd_kafka_resp_err_t code);

/* Milliseconds of the clock that only goes forward. */
int64_t kafka_client_now_ms(void);

#endif
