/*
 * kafka_config - properties of librdkafka from files and the command line, checked before anything is connected
 *
 * A file has a line `property=value` each, blanks around both ignored, lines that begin with # are remarks. What comes later wins: the file
 * of the environment, that of -F, each -X, -b. Unknown properties, values that librdkafka refuses, and properties that the protocol needs for itself are errors with their
 * place. What is secret may stand in a file only: an argument shows in the list of processes.
 * Life cycle: kafka_config_init, kafka_config_file and kafka_config_set in order, kafka_config_conf as often as wanted, kafka_config_release.
 */
#ifndef LODE_KAFKA_CONFIG_H
#define LODE_KAFKA_CONFIG_H

#include <librdkafka/rdkafka.h>

#include "arena.h"
#include "err.h"
#include "str.h"

struct kafka_property {
	const char *name, *value; /* owned by arena */
	struct kafka_property *next;
};

struct kafka_config {
	struct arena *arena;
	struct kafka_property *first, **last;
	rd_kafka_conf_t *scratch; /* where values are tried */
	bool is_checkpointed;     /* with a job: some more properties are the protocol's */
};

/* Errors: LODE_ENOMEM. */
int kafka_config_init(struct kafka_config *config, bool is_checkpointed, struct err *err);
void kafka_config_release(struct kafka_config *config); /* takes a zeroed one */

/*
 * One `property=value` of the command line. Errors, without a place: LODE_EUSAGE "'x' is not property=value", "no property 'x'",
 * "property 'x' cannot be set: reason", "'sasl.password' is secret: put it in a file and give that by -F", what librdkafka says of a value; LODE_ENOMEM.
 */
int kafka_config_set(struct kafka_config *config, const char *text, struct err *err);

/* All lines of a file. Errors: as above with file and line, but secrets may stand there; LODE_EUSAGE "cannot open 'x': reason". */
int kafka_config_file(struct kafka_config *config, const char *path, struct err *err);

/* True when the property has been set. */
bool kafka_config_has(const struct kafka_config *config, const char *name);

/* A new configuration with all properties, for rd_kafka_new(). Owned by the caller. NULL: no memory. */
rd_kafka_conf_t *kafka_config_conf(const struct kafka_config *config);

/* True for a property whose value no message may show. */
bool kafka_config_is_secret(const char *name);

#endif
