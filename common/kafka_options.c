#include "kafka_options.h"

#include <stdio.h>
#include <stdlib.h>

#include "duration.h"

enum { MAX_NAME = 200, MAX_SHARDS = 100000, TIMEOUT_S = 60, MAX_TIMEOUT_S = 86400 };

static bool
is_name(const char *text)
{
	size_t n = strlen(text);

	return n > 0 && n <= MAX_NAME &&
	    strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == n;
}

static int
read_shard(struct kafka_options *options, struct err *err)
{
	struct str n = str_of(options->shard), i;

	str_split(&n, '/', &i);
	if (n.p == NULL || !str_is_digits(i) || !str_is_digits(n) || i.n > 6 || n.n > 6)
		return err_set(err, LODE_EUSAGE, "--shard: '%.40s' is not like 0/4", options->shard);
	options->shard_number = (unsigned)strtoul(i.p, NULL, 10);
	options->n_shards = (unsigned)strtoul(n.p, NULL, 10);
	if (options->n_shards == 0 || options->shard_number >= options->n_shards || options->n_shards > MAX_SHARDS)
		return err_set(err, LODE_EUSAGE, "--shard: '%.40s' is not like 0/4", options->shard);
	return LODE_OK;
}

static int
read_names(struct kafka_options *options, struct err *err)
{
	int64_t seconds = TIMEOUT_S;
	struct err why = ERR_INIT;

	options->n_shards = 1;
	if (options->shard != NULL && read_shard(options, err) != LODE_OK)
		return err->code;
	if (options->job != NULL && !is_name(options->job))
		return err_set(err, LODE_EUSAGE, "--job: a name has letters, digits, '.', '_' and '-', at most %d of them", MAX_NAME);
	if (options->job != NULL)
		snprintf(options->id, sizeof options->id, "%s.%u", options->job, options->shard_number);
	if (options->timeout != NULL && duration_parse(str_of(options->timeout), &seconds, &why) != LODE_OK)
		return err_set(err, LODE_EUSAGE, "--timeout: %s", why.message);
	if (seconds > MAX_TIMEOUT_S)
		return err_set(err, LODE_EUSAGE, "--timeout: a day at most");
	options->timeout_ms = (int)seconds * 1000;
	return LODE_OK;
}

int
kafka_options_read(struct kafka_options *options, const char *environment_file, struct err *err)
{
	struct kafka_config *config = &options->config;
	char brokers[4096];
	size_t i;
	int rc;

	if ((rc = read_names(options, err)) != LODE_OK || (rc = kafka_config_init(config, options->job != NULL, err)) != LODE_OK)
		return rc;
	if (environment_file != NULL && environment_file[0] != '\0')
		rc = kafka_config_file(config, environment_file, err);
	if (rc == LODE_OK && options->file != NULL)
		rc = kafka_config_file(config, options->file, err);
	for (i = 0; i < options->set.n && rc == LODE_OK; i++)
		rc = kafka_config_set(config, options->set.item[i].p, err);
	if (rc == LODE_OK && options->brokers != NULL) {
		if ((size_t)snprintf(brokers, sizeof brokers, "bootstrap.servers=%s", options->brokers) >= sizeof brokers)
			return err_set(err, LODE_EUSAGE, "--brokers: too long");
		rc = kafka_config_set(config, brokers, err);
	}
	if (rc == LODE_OK && !kafka_config_has(config, "bootstrap.servers") && !kafka_config_has(config, "metadata.broker.list"))
		rc = err_set(err, LODE_EUSAGE, "no brokers: give -b HOST:PORT");
	return rc;
}

void
kafka_options_release(struct kafka_options *options)
{
	kafka_config_release(&options->config);
}

int
kafka_options_metrics(const struct kafka_options *options, const struct metrics_options *wanted, const struct metric_spec *figures, struct metrics **metrics,
    struct err *err)
{
	char shard[16];
	int rc = LODE_OK;

	if ((wanted->file == NULL && wanted->port == 0) || (rc = metrics_new(metrics, figures, err)) != LODE_OK)
		return rc;
	snprintf(shard, sizeof shard, "%u", options->shard_number);
	if (options->job != NULL && ((rc = metrics_label(*metrics, "pipeline", options->job, err)) != LODE_OK ||
		(rc = metrics_label(*metrics, "shard", shard, err)) != LODE_OK))
		return rc;
	return metrics_serve(*metrics, wanted, err);
}
