#include "kafka_config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the protocol needs for itself, and why; `always` or only in a checkpointed stream. */
static const struct {
	const char *name, *why;
	bool always;
} refused[] = {
	{ "enable.auto.commit", "offsets are committed with the output, by lode-kafka-sink", true },
	{ "enable.auto.offset.store", "offsets are committed with the output, by lode-kafka-sink", true },
	{ "auto.commit.enable", "offsets are committed with the output, by lode-kafka-sink", true },
	{ "auto.offset.reset", "where to start is said by --from, and never guessed later", true },
	{ "enable.partition.eof", "the source needs to know where a partition ends", true },
	{ "group.id", "the group is named by --job", true },
	{ "group.instance.id", "partitions are assigned by --shard, without a group's protocol", true },
	{ "partition.assignment.strategy", "partitions are assigned by --shard, without a group's protocol", true },
	{ "transactional.id", "it is made of --job and --shard", true },
	{ "enable.idempotence", "it is always on", true },
	{ "acks", "all replicas must have a record", true },
	{ "request.required.acks", "all replicas must have a record", true },
	{ "isolation.level", "exactly once needs read_committed", false },
	{ "allow.auto.create.topics", "topics are made with the settings they need, not by chance", true },
	{ "plugin.library.paths", "it would load code", true },
};

bool
kafka_config_is_secret(const char *name)
{
	return strstr(name, "password") != NULL || strstr(name, "secret") != NULL || strstr(name, "key.pem") != NULL ||
	    strcmp(name, "sasl.oauthbearer.config") == 0;
}

int
kafka_config_init(struct kafka_config *config, bool is_checkpointed, struct err *err)
{
	*config = (struct kafka_config){ .is_checkpointed = is_checkpointed, .scratch = rd_kafka_conf_new() };
	config->last = &config->first;
	if (config->scratch == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	config->arena = arena_new();
	return config->arena == NULL ? err_set(err, LODE_ENOMEM, "out of memory") : LODE_OK;
}

void
kafka_config_release(struct kafka_config *config)
{
	if (config->scratch != NULL)
		rd_kafka_conf_destroy(config->scratch);
	arena_free(config->arena);
	*config = (struct kafka_config){ 0 };
}

/* The name as librdkafka has it: kcat's users may put "topic." before a topic's property. */
static const char *
plain_name(const char *name)
{
	return strncmp(name, "topic.", 6) == 0 && strncmp(name, "topic.metadata.", 15) != 0 && strncmp(name, "topic.blacklist", 15) != 0 ? name + 6 : name;
}

static int
check(const struct kafka_config *config, const char *name, const char *value, bool from_file, struct err *err)
{
	char why[256];
	size_t i;

	for (i = 0; i < sizeof refused / sizeof *refused; i++)
		if (strcmp(name, refused[i].name) == 0 && (refused[i].always || config->is_checkpointed))
			return err_set(err, LODE_EUSAGE, "property '%s' cannot be set: %s", name, refused[i].why);
	if (!from_file && kafka_config_is_secret(name))
		return err_set(err, LODE_EUSAGE, "'%s' is secret, and arguments show in the list of processes: put it in a file and give that by -F", name);
	switch (rd_kafka_conf_set(config->scratch, name, value, why, sizeof why)) {
	case RD_KAFKA_CONF_OK:
		return LODE_OK;
	case RD_KAFKA_CONF_UNKNOWN:
		return err_set(err, LODE_EUSAGE, "no property '%.100s' in librdkafka %s", name, rd_kafka_version_str());
	default:
		if (kafka_config_is_secret(name))
			return err_set(err, LODE_EUSAGE, "the value of '%s' is not right", name);
		return err_set(err, LODE_EUSAGE, "%s", why);
	}
}

static int
set(struct kafka_config *config, struct str text, bool from_file, struct err *err)
{
	struct kafka_property *property;
	struct str value = text, name, kept;
	int rc;

	str_split(&value, '=', &name);
	name = str_trim(name);
	if (value.p == NULL || name.n == 0) /* the text may be a secret whose name was forgotten */
		return err_set(err, LODE_EUSAGE, from_file ? "not property=value" : "-X needs property=value");
	value = str_trim(value);
	if (memchr(text.p, '\0', text.n) != NULL)
		return err_set(err, LODE_EUSAGE, "a byte of 0 in a property");
	if ((property = arena_alloc(config->arena, sizeof *property)) == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	*property = (struct kafka_property){ 0 };
	if ((kept = arena_dup(config->arena, name)).p == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	property->name = plain_name(kept.p);
	if ((kept = arena_dup(config->arena, value)).p == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	property->value = kept.p;
	if ((rc = check(config, property->name, property->value, from_file, err)) != LODE_OK)
		return rc;
	*config->last = property;
	config->last = &property->next;
	return LODE_OK;
}

int
kafka_config_set(struct kafka_config *config, const char *text, struct err *err)
{
	return set(config, str_of(text), false, err);
}

int
kafka_config_file(struct kafka_config *config, const char *path, struct err *err)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	uint64_t number = 0;
	struct str text;
	int rc = LODE_OK;

	if (file == NULL)
		return err_set(err, LODE_EUSAGE, "cannot open '%s': %s", path, strerror(errno));
	while (rc == LODE_OK && (n = getline(&line, &room, file)) >= 0) {
		number++;
		text = (struct str){ line, (size_t)n };
		while (text.n > 0 && (text.p[text.n - 1] == '\n' || text.p[text.n - 1] == '\r'))
			text.n--;
		text = str_trim(text);
		if (text.n > 0 && text.p[0] != '#' && (rc = set(config, text, true, err)) != LODE_OK)
			err_line(err, path, number);
	}
	if (rc == LODE_OK && ferror(file))
		rc = err_set(err, LODE_EUSAGE, "cannot read '%s': %s", path, strerror(errno));
	if (line != NULL)
		explicit_bzero(line, room);
	free(line);
	fclose(file);
	return rc;
}

bool
kafka_config_has(const struct kafka_config *config, const char *name)
{
	const struct kafka_property *property;

	for (property = config->first; property != NULL; property = property->next)
		if (strcmp(property->name, name) == 0)
			return true;
	return false;
}

rd_kafka_conf_t *
kafka_config_conf(const struct kafka_config *config)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	const struct kafka_property *property;
	char ignored[8];

	for (property = config->first; conf != NULL && property != NULL; property = property->next)
		rd_kafka_conf_set(conf, property->name, property->value, ignored, sizeof ignored); /* tried before */
	return conf;
}
