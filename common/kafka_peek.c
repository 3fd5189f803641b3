#include "kafka_peek.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "kafka_control.h"
#include "kafka_lines.h"
#include "source.h"

static int
no_memory(struct err *err)
{
	return err_set(err, LODE_ENOMEM, "out of memory");
}

static bool
has(const struct buf *line, struct str name)
{
	struct str rest = buf_str(line), one;

	while (str_split(&rest, '\t', &one))
		if (str_eq(one, name))
			return true;
	return false;
}

static int
add_new(struct buf *line, struct str columns, struct err *err)
{
	struct str name;

	while (str_split(&columns, '\t', &name))
		if (!has(line, name) && (buf_add(line, "\t", 1) != LODE_OK || buf_add_str(line, name) != LODE_OK))
			return no_memory(err);
	return LODE_OK;
}

/* One record of each partition that has one. columns: by partition. */
static int
read_first(struct kafka_reader *ahead, struct buf *columns, int timeout_ms, struct err *err)
{
	int64_t until = kafka_client_now_ms() + timeout_ms;
	struct kafka_partition *partition;
	const rd_kafka_message_t *message;
	struct str found;
	size_t n_open = ahead->n, i;
	int rc;

	while (n_open > 0) {
		if ((rc = kafka_reader_next(ahead, 200, &message, &partition, err)) == LODE_DONE)
			break;
		if (rc == LODE_AGAIN && source_stop == 0 && kafka_client_now_ms() < until)
			continue;
		if (rc != LODE_OK)
			return rc == LODE_AGAIN ? LODE_OK : rc;
		for (i = 0; ahead->partition[i] != partition;)
			i++;
		if (columns[i].p != NULL)
			continue;
		n_open--;
		found = kafka_lines_header(message, "columns");
		if (buf_add_str(&columns[i], found.p == NULL ? str_of(kafka_lines_eleven) : found) != LODE_OK)
			return no_memory(err);
	}
	return LODE_OK;
}

static int
read_ahead(const struct kafka_reader *reader, const struct kafka_config *config, int timeout_ms, struct buf *line, struct err *err)
{
	struct buf *columns = calloc(reader->n, sizeof *columns);
	struct kafka_reader ahead = { 0 };
	struct kafka_partition *partition;
	size_t i;
	int rc = columns == NULL ? no_memory(err) : kafka_reader_open(&ahead, config, NULL, err);

	for (i = 0; i < reader->n && rc == LODE_OK; i++) {
		rc = kafka_reader_add(&ahead, rd_kafka_topic_new(ahead.client.rk, reader->partition[i]->name, NULL), reader->partition[i]->number, &partition, err);
		if (rc == LODE_OK)
			partition->next = reader->partition[i]->next;
	}
	if (rc == LODE_OK && (rc = kafka_reader_bounds(&ahead, config, true, timeout_ms, err)) == LODE_OK &&
	    (rc = kafka_reader_start(&ahead, err)) == LODE_OK)
		rc = read_first(&ahead, columns, timeout_ms, err);
	for (i = 0; i < reader->n && columns != NULL; i++) {
		if (rc == LODE_OK && columns[i].n > 0)
			rc = add_new(line, buf_str(&columns[i]), err);
		buf_release(&columns[i]);
	}
	free(columns);
	kafka_reader_close(&ahead);
	return rc;
}

int
kafka_peek_columns(const struct kafka_reader *reader, const struct kafka_config *config, const struct option_list *named, const struct buf *committed,
    int timeout_ms, struct buf *line, struct err *err)
{
	size_t i;

	if (named->n == 0 && committed != NULL && committed->n > 0)
		return control_unescape(buf_str(committed), line, err);
	if (buf_add_str(line, str_of(kafka_lines_eleven)) != LODE_OK)
		return no_memory(err);
	for (i = 0; i < named->n; i++)
		if (buf_add(line, "\t", 1) != LODE_OK || buf_add_str(line, named->item[i]) != LODE_OK)
			return no_memory(err);
	return named->n > 0 || committed != NULL ? LODE_OK : read_ahead(reader, config, timeout_ms, line, err);
}

int
kafka_peek_dead_letter(const rd_kafka_message_t *message, const struct kafka_partition *partition, struct buf *line, struct sink *out, struct err *err)
{
	char number[32], reason[600];
	struct err why = *err;
	int rc;

	err_reason(&why, reason, sizeof reason);
	line->n = 0;
	if ((rc = control_begin(line, "dlq", err)) != LODE_OK || (rc = control_add(line, "topic", str_of(partition->name), err)) != LODE_OK)
		return rc;
	snprintf(number, sizeof number, "%" PRId32, message->partition);
	if ((rc = control_add(line, "partition", str_of(number), err)) != LODE_OK)
		return rc;
	snprintf(number, sizeof number, "%" PRId64, message->offset);
	if ((rc = control_add(line, "offset", str_of(number), err)) != LODE_OK)
		return rc;
	if (message->key != NULL && (rc = control_add(line, "key", (struct str){ message->key, message->key_len }, err)) != LODE_OK)
		return rc;
	if (message->payload != NULL && (rc = control_add(line, "value", (struct str){ message->payload, message->len }, err)) != LODE_OK)
		return rc;
	if ((rc = control_add(line, "msg", str_of(reason), err)) != LODE_OK || (rc = control_end(line, err)) != LODE_OK)
		return rc;
	sink_str(out, buf_str(line));
	return LODE_OK;
}
