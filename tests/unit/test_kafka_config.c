#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "kafka_config.h"

static void
refuses(struct kafka_config *config, const char *text, const char *message)
{
	struct err err = ERR_INIT;

	assert_int_equal(kafka_config_set(config, text, &err), LODE_EUSAGE);
	assert_string_equal(err.message, message);
}

static void
what_is_set_arrives(void **unused)
{
	struct kafka_config config;
	struct err err = ERR_INIT;
	rd_kafka_conf_t *conf;
	char value[64];
	size_t n = sizeof value;

	(void)unused;
	assert_int_equal(kafka_config_init(&config, false, &err), LODE_OK);
	assert_int_equal(kafka_config_set(&config, "bootstrap.servers=a:1,b:2", &err), LODE_OK);
	assert_int_equal(kafka_config_set(&config, " linger.ms = 7 ", &err), LODE_OK);
	assert_int_equal(kafka_config_set(&config, "topic.compression.codec=gzip", &err), LODE_OK);
	assert_int_equal(kafka_config_set(&config, "linger.ms=9", &err), LODE_OK); /* the last one counts */
	assert_true(kafka_config_has(&config, "linger.ms"));
	assert_false(kafka_config_has(&config, "group.id"));
	conf = kafka_config_conf(&config);
	assert_int_equal(rd_kafka_conf_get(conf, "linger.ms", value, &n), RD_KAFKA_CONF_OK);
	assert_true(strcmp(value, "9") == 0 || strcmp(value, "9.0") == 0);
	n = sizeof value;
	assert_int_equal(rd_kafka_conf_get(conf, "bootstrap.servers", value, &n), RD_KAFKA_CONF_OK);
	assert_string_equal(value, "a:1,b:2");
	rd_kafka_conf_destroy(conf);
	kafka_config_release(&config);
}

static void
what_the_protocol_needs_is_refused(void **unused)
{
	struct kafka_config config;
	struct err err = ERR_INIT;

	(void)unused;
	assert_int_equal(kafka_config_init(&config, true, &err), LODE_OK);
	refuses(&config, "transactional.id=x", "property 'transactional.id' cannot be set: it is made of --job and --shard");
	refuses(&config, "topic.acks=1", "property 'acks' cannot be set: all replicas must have a record");
	refuses(&config, "isolation.level=read_uncommitted", "property 'isolation.level' cannot be set: exactly once needs read_committed");
	refuses(&config, "sasl.password=sesame",
	    "'sasl.password' is secret, and arguments show in the list of processes: put it in a file and give that by -F");
	refuses(&config, "sesame", "-X needs property=value");
	kafka_config_release(&config);
	assert_int_equal(kafka_config_init(&config, false, &err), LODE_OK);
	assert_int_equal(kafka_config_set(&config, "isolation.level=read_uncommitted", &err), LODE_OK);
	kafka_config_release(&config);
}

static void
a_file_says_where(void **unused)
{
	char path[] = "/tmp/lode-kafka-config-XXXXXX";
	int fd = mkstemp(path);
	struct kafka_config config;
	struct err err = ERR_INIT;
	FILE *file = fdopen(fd, "w");

	(void)unused;
	assert_non_null(file);
	fputs("# a remark\n\n sasl.password = a=b # c \nlinger.ms=7\r\nacks=1\n", file);
	fclose(file);
	assert_int_equal(kafka_config_init(&config, false, &err), LODE_OK);
	assert_int_equal(kafka_config_file(&config, path, &err), LODE_EUSAGE);
	assert_string_equal(err.source, path);
	assert_int_equal(err.line, 5);
	assert_string_equal(config.first->name, "sasl.password");
	assert_string_equal(config.first->value, "a=b # c"); /* a password may have such */
	assert_string_equal(config.first->next->value, "7");
	unlink(path);
	assert_int_equal(kafka_config_file(&config, path, &err), LODE_EUSAGE);
	kafka_config_release(&config);
}

static void
secrets_are_known_by_their_names(void **unused)
{
	(void)unused;
	assert_true(kafka_config_is_secret("sasl.password"));
	assert_true(kafka_config_is_secret("ssl.keystore.password"));
	assert_true(kafka_config_is_secret("sasl.oauthbearer.client.secret"));
	assert_true(kafka_config_is_secret("ssl.key.pem"));
	assert_false(kafka_config_is_secret("sasl.username"));
	assert_false(kafka_config_is_secret("ssl.key.location"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_set_arrives),
		cmocka_unit_test(what_the_protocol_needs_is_refused),
		cmocka_unit_test(a_file_says_where),
		cmocka_unit_test(secrets_are_known_by_their_names),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
