/*
 * kafka_options - what the command lines of the programs that speak to Kafka have in common
 *
 * Life cycle: options_parse, kafka_options_read, then config and job are there; kafka_options_release.
 */
#ifndef LODE_KAFKA_OPTIONS_H
#define LODE_KAFKA_OPTIONS_H

#include "kafka_config.h"
#include "metrics.h"
#include "option.h"

struct kafka_options {
	const char *brokers, *file;
	struct option_list set;
	const char *job, *shard, *timeout; /* as said */
	/* by kafka_options_read() */
	struct kafka_config config;
	unsigned shard_number, n_shards;
	int timeout_ms;
	char id[256]; /* transactional id, job.shard; empty without a job */
};

#define KAFKA_OPTIONS(type, member) \
	{ 'b', "brokers", "HOST:PORT,...", OPTION_TEXT, offsetof(type, member.brokers), "brokers to begin with" }, \
	{ 'X', "set", "PROPERTY=VALUE", OPTION_ITEMS, offsetof(type, member.set), "a property of librdkafka; may be given again" }, \
	{ 'F', "config", "FILE", OPTION_TEXT, offsetof(type, member.file), "properties from FILE, one a line; secrets belong there" }, \
	{ 'j', "job", "NAME", OPTION_TEXT, offsetof(type, member.job), "exactly once, under this name" }, \
	{ 0, "shard", "I/N", OPTION_TEXT, offsetof(type, member.shard), "shard I of N, 0/1 by default" }, \
	{ 0, "timeout", "DURATION", OPTION_TEXT, offsetof(type, member.timeout), "how long to wait for brokers at the start, 1min by default" }

/*
 * Reads environment_file (NULL: none), -F, -X and -b into config, in this order, and checks job, shard and timeout.
 * Errors: those of kafka_config; LODE_EUSAGE "--shard: '2/2' is not like 0/4", "--job: ...", "--timeout: ...".
 */
int kafka_options_read(struct kafka_options *options, const char *environment_file, struct err *err);
void kafka_options_release(struct kafka_options *options);

/* Metrics with the job and the shard as labels, when they are wanted; *metrics stays as it is otherwise. Errors: those of metrics_new, _label and _serve. */
int kafka_options_metrics(const struct kafka_options *options, const struct metrics_options *wanted, const struct metric_spec *figures,
    struct metrics **metrics, struct err *err);

#endif
