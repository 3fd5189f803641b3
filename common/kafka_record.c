#include "kafka_record.h"

#include <stdio.h>
#include <stdlib.h>

#include "instant.h"
#include "kafka_lines.h"

/* Which columns make key, value and headers. */
int
kafka_record_init(struct kafka_record *to, const struct header *header, const struct option_list *key, bool is_table,
    const struct option_list *headers, bool tombstones, struct err *err)
{
	unsigned i;
	int rc;

	*to = (struct kafka_record){ .header = header, .headers = headers, .tombstones = tombstones };
	if (header->n > KAFKA_RECORD_COLUMNS)
		return err_set(err, LODE_EUSAGE, "more than %d columns", KAFKA_RECORD_COLUMNS);
	for (i = 0; i < headers->n; i++)
		if (header_find(header, headers->item[i]) < 0)
			return err_set(err, LODE_EUSAGE, "no column '%.*s' in the header", STR_ARG(headers->item[i]));
	to->partition = headers->n == 0 ? -1 : header_find(header, STR("kafka.partition"));
	to->timestamp = headers->n == 0 ? -1 : header_find(header, STR("kafka.timestamp"));
	to->is_plain = true;
	for (i = 0; i < header->n; i++) {
		to->keeps[i] = headers->n == 0 || !option_list_has(headers, header->names[i]);
		to->is_plain = to->is_plain && to->keeps[i];
		if (to->keeps[i] && ((to->columns.n > 0 && buf_add(&to->columns, "\t", 1) != LODE_OK) ||
			buf_add_str(&to->columns, header->names[i]) != LODE_OK))
			return err_set(err, LODE_ENOMEM, "out of memory");
	}
	rc = (is_table ? key_init_columns : key_init)(&to->key, header, key->item, key->n, err);
	if (rc != LODE_OK)
		return rc;
	if (str_is(buf_str(&to->columns), kafka_lines_eleven)) /* what is implied is not said */
		to->columns.n = 0;
	return LODE_OK;
}

static rd_kafka_headers_t *
headers_of(struct kafka_record *to, const struct record *record)
{
	const struct header *header = to->header;
	struct buf *value = &to->scratch;
	rd_kafka_headers_t *headers;
	struct str field;
	struct err err;
	unsigned i;

	if (to->columns.n == 0 && to->is_plain)
		return NULL;
	headers = rd_kafka_headers_new(header->n + 1);
	if (to->columns.n > 0)
		rd_kafka_header_add(headers, "columns", -1, to->columns.p, (ssize_t)to->columns.n);
	for (i = 0; i < header->n; i++) {
		field = record_get(record, i);
		value->n = 0;
		if (!to->keeps[i] && field.n > 0 && !str_starts(header->names[i], STR("kafka.")) && control_unescape(field, value, &err) == LODE_OK)
			rd_kafka_header_add(headers, header->names[i].p, (ssize_t)header->names[i].n, value->p, (ssize_t)value->n);
	}
	return headers;
}

static int
join_value(struct kafka_record *to, const struct record *record, struct err *err)
{
	bool first = true;
	unsigned i;

	to->value.n = 0;
	for (i = 0; i < record->n; i++) {
		if (!to->keeps[i])
			continue;
		if ((!first && buf_add(&to->value, "\t", 1) != LODE_OK) || buf_add_str(&to->value, record_get(record, i)) != LODE_OK)
			return err_set(err, LODE_ENOMEM, "out of memory");
		first = false;
	}
	return LODE_OK;
}

/* A column of digits, or what is meant by none. */
static int64_t
number_of(const struct record *record, int column, int64_t otherwise)
{
	struct str field = column < 0 ? STR("") : record_get(record, (unsigned)column);

	return str_is_digits(field) && field.n < 18 ? strtoll(field.p, NULL, 10) : otherwise;
}

int
kafka_record_send(struct kafka_record *to, const struct record *record, struct kafka_writer *writer, unsigned t, struct err *err)
{
	const struct header *header = to->header;
	int64_t timestamp = number_of(record, to->timestamp, 0), known_s = 0;
	struct str key, value = record->raw;
	int rc;

	if ((rc = key_of(&to->key, record, &key, err)) != LODE_OK)
		return rc;
	if (to->key.n == 0)
		key = (struct str){ NULL, 0 };
	else
		key.n--; /* the tab behind the last */
	if (to->tombstones && record_get(record, (unsigned)header->obs[OBS_VALUE]).n == 0) {
		value = (struct str){ NULL, 0 };
		if (timestamp == 0 && instant_parse(record_get(record, (unsigned)header->obs[OBS_KNOWN]), &known_s, err) != LODE_OK)
			return err_column(err, (unsigned)header->obs[OBS_KNOWN] + 1, "known");
		timestamp = timestamp == 0 ? known_s * 1000 : timestamp;
	} else if (!to->is_plain) {
		if ((rc = join_value(to, record, err)) != LODE_OK)
			return rc;
		value = buf_str(&to->value);
	}
	return kafka_writer_send(writer, t, (int32_t)number_of(record, to->partition, RD_KAFKA_PARTITION_UA), key, value,
	    value.p == NULL ? NULL : headers_of(to, record), timestamp, err);
}

void
kafka_record_release(struct kafka_record *to)
{
	key_release(&to->key);
	buf_release(&to->columns);
	buf_release(&to->value);
	buf_release(&to->scratch);
}

int
kafka_record_send_state(const struct control *state, unsigned shard, struct kafka_writer *writer, unsigned t, struct buf *key, size_t *n,
    struct err *err)
{
	struct str name, own, value = control_get(state, "value");
	int rc;

	if ((rc = control_need(state, "name", &name, err)) != LODE_OK || (rc = control_need(state, "key", &own, err)) != LODE_OK)
		return rc;
	key->n = 0;
	if (buf_printf(key, "%u/", shard) != LODE_OK || buf_add_str(key, name) != LODE_OK || buf_add(key, "/", 1) != LODE_OK ||
	    buf_add_str(key, own) != LODE_OK)
		return err_set(err, LODE_ENOMEM, "out of memory");
	*n = key->n + value.n;
	return kafka_writer_send(writer, t, RD_KAFKA_PARTITION_UA, buf_str(key), value, NULL, 0, err);
}

/* Bytes of a field, escapes undone; p NULL when it is not there. */
static int
bytes_of(const struct control *control, const char *name, struct buf *buf, struct str *bytes, struct err *err)
{
	struct str field = control_get(control, name);
	int rc = field.p == NULL ? LODE_OK : control_unescape(field, buf, err);

	*bytes = field.p == NULL ? field : buf_str(buf);
	return rc;
}

int
kafka_record_send_dead_letter(const struct control *letter, const char *job, struct kafka_writer *writer, unsigned t, struct err *err)
{
	/* names that tools know */
	static const char *const names[][2] = { { "topic", "__connect.errors.topic" }, { "partition", "__connect.errors.partition" },
		{ "offset", "__connect.errors.offset" }, { "msg", "__connect.errors.exception.message" } };
	struct buf buf[3] = { BUF_INIT, BUF_INIT, BUF_INIT };
	rd_kafka_headers_t *headers = rd_kafka_headers_new(8);
	struct str key, value, field;
	size_t i;
	int rc;

	if ((rc = bytes_of(letter, "key", &buf[0], &key, err)) == LODE_OK)
		rc = bytes_of(letter, "value", &buf[1], &value, err);
	for (i = 0; rc == LODE_OK && i < sizeof names / sizeof *names; i++) {
		buf[2].n = 0;
		if ((rc = bytes_of(letter, names[i][0], &buf[2], &field, err)) == LODE_OK && field.p != NULL)
			rd_kafka_header_add(headers, names[i][1], -1, field.p, (ssize_t)field.n);
	}
	rd_kafka_header_add(headers, "__connect.errors.connector.name", -1, job, -1);
	rd_kafka_header_add(headers, "__connect.errors.stage", -1, "VALUE_CONVERTER", -1);
	if (rc == LODE_OK)
		rc = kafka_writer_send(writer, t, RD_KAFKA_PARTITION_UA, key, value, headers, 0, err); /* takes the headers */
	else
		rd_kafka_headers_destroy(headers);
	for (i = 0; i < 3; i++)
		buf_release(&buf[i]);
	return rc;
}
