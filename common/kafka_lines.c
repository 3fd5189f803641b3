#include "kafka_lines.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "instant.h"
#include "tape.h"

enum { KEY_FIELDS = 6, MAX_FIELDS = 512 };

const char kafka_lines_eleven[] = "known\tperiod\tarea\tpartner\tcommodity\tindicator\tvalue\tunit\tstatus\tsource\tref";

/* In the order of a record's key. */
static const unsigned key_columns[KEY_FIELDS] = { OBS_PERIOD, OBS_AREA, OBS_PARTNER, OBS_COMMODITY, OBS_INDICATOR, OBS_SOURCE };

static int
find(const struct kafka_lines *lines, struct str name)
{
	unsigned i;

	for (i = 0; i < lines->n_values; i++)
		if (str_eq(lines->names[i], name))
			return (int)i;
	return -1;
}

static int
read_names(struct kafka_lines *lines, struct err *err)
{
	struct str rest = lines->value_line, name;
	unsigned n = 1, i;

	for (i = 0; i < lines->value_line.n; i++)
		n += lines->value_line.p[i] == '\t';
	if (n > MAX_FIELDS)
		return err_set(err, LODE_EUSAGE, "more than %d columns", MAX_FIELDS);
	lines->names = arena_alloc(lines->arena, n * sizeof *lines->names);
	lines->from = calloc(n, sizeof *lines->from);
	if (lines->names == NULL || lines->from == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	while (str_split(&rest, '\t', &name)) {
		if (name.n > 0 && find(lines, name) >= 0)
			return err_set(err, LODE_EUSAGE, "column '%.*s' is there twice", STR_ARG(name));
		lines->names[lines->n_values++] = name;
	}
	for (i = 0; i < OBS_N; i++)
		if (find(lines, str_of(obs_names[i])) < 0)
			return err_set(err, LODE_EUSAGE, "not a tape: no column '%s' in the header", obs_names[i]);
	lines->known = (unsigned)find(lines, str_of(obs_names[OBS_KNOWN]));
	return LODE_OK;
}

int
kafka_lines_init(struct kafka_lines *lines, struct str value_line, struct str implied, const struct option_list *more, struct err *err)
{
	struct buf line = BUF_INIT;
	size_t i;
	int rc;

	*lines = (struct kafka_lines){ .arena = arena_new(), .more = more };
	if (lines->arena == NULL || (lines->value_line = arena_dup(lines->arena, value_line)).p == NULL ||
	    (lines->implied = arena_dup(lines->arena, implied)).p == NULL || buf_add_str(&line, value_line) != LODE_OK)
		return err_set(err, LODE_ENOMEM, "out of memory");
	if ((rc = read_names(lines, err)) != LODE_OK) {
		buf_release(&line);
		return rc;
	}
	for (i = 0; more != NULL && i < more->n && rc == LODE_OK; i++) {
		if (find(lines, more->item[i]) >= 0)
			rc = err_set(err, LODE_EUSAGE, "column '%.*s' is there twice", STR_ARG(more->item[i]));
		else if (buf_add(&line, "\t", 1) != LODE_OK || buf_add_str(&line, more->item[i]) != LODE_OK)
			rc = err_set(err, LODE_ENOMEM, "out of memory");
	}
	if (rc == LODE_OK && (lines->line = arena_dup(lines->arena, buf_str(&line))).p == NULL)
		rc = err_set(err, LODE_ENOMEM, "out of memory");
	buf_release(&line);
	return rc;
}

void
kafka_lines_release(struct kafka_lines *lines)
{
	free(lines->from);
	buf_release(&lines->seen);
	arena_free(lines->arena);
	*lines = (struct kafka_lines){ 0 };
}

struct str
kafka_lines_header(const rd_kafka_message_t *message, const char *name)
{
	rd_kafka_headers_t *headers;
	const void *value;
	size_t n;

	if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
	    rd_kafka_header_get_last(headers, name, &value, &n) != RD_KAFKA_RESP_ERR_NO_ERROR || value == NULL)
		return (struct str){ NULL, 0 };
	return (struct str){ value, n };
}

/* Where the output's columns are in a record with these. */
static int
map_columns(struct kafka_lines *lines, struct str columns, struct err *err)
{
	struct str rest = columns, name;
	unsigned i;
	int at;

	lines->seen.n = 0;
	lines->n_seen = 0;
	lines->is_same = str_eq(columns, lines->value_line);
	for (i = 0; i < lines->n_values; i++)
		lines->from[i] = -1;
	while (str_split(&rest, '\t', &name)) {
		if ((at = find(lines, name)) < 0)
			return err_set(err, LODE_EDATA, "column '%.*s' is not among the output's: name it by --columns", STR_ARG(name));
		if (lines->n_seen == MAX_FIELDS)
			return err_set(err, LODE_EDATA, "more than %d columns", MAX_FIELDS);
		lines->from[at] = (int)lines->n_seen++;
	}
	return buf_add_str(&lines->seen, columns) == LODE_OK ? LODE_OK : err_set(err, LODE_ENOMEM, "out of memory");
}

static int
know_columns(struct kafka_lines *lines, const rd_kafka_message_t *message, struct err *err)
{
	struct str columns = kafka_lines_header(message, "columns");

	if (columns.p == NULL)
		columns = lines->implied;
	return lines->seen.n > 0 && str_eq(columns, buf_str(&lines->seen)) ? LODE_OK : map_columns(lines, columns, err);
}

static struct str
field_of(struct str text, unsigned k)
{
	struct str field;

	while (str_split(&text, '\t', &field))
		if (k-- == 0)
			return field;
	return (struct str){ "", 0 };
}

static struct str
known_of_tombstone(const rd_kafka_message_t *message, char text[24])
{
	rd_kafka_timestamp_type_t type;
	int64_t ms = rd_kafka_message_timestamp(message, &type);

	if (ms < 0)
		ms = 0;
	instant_format(ms / 1000, text);
	return str_of(text);
}

struct str
kafka_lines_known(void *argument, const rd_kafka_message_t *message, struct kafka_partition *partition)
{
	struct kafka_lines *lines = argument;
	struct err ignored = ERR_INIT;
	int at;

	if (message->payload == NULL)
		return known_of_tombstone(message, partition->text);
	if (know_columns(lines, message, &ignored) != LODE_OK || (at = lines->from[lines->known]) < 0)
		return (struct str){ "", 0 };
	return field_of((struct str){ message->payload, message->len }, (unsigned)at);
}

static void
write_more(const struct kafka_lines *lines, const rd_kafka_message_t *message, const struct kafka_partition *partition, struct sink *out)
{
	rd_kafka_timestamp_type_t type;
	char name[256], number[32];
	struct str value;
	size_t i;

	for (i = 0; lines->more != NULL && i < lines->more->n; i++) {
		snprintf(name, sizeof name, "%.*s", STR_ARG(lines->more->item[i]));
		number[0] = '\0';
		value = (struct str){ NULL, 0 };
		if (strcmp(name, "kafka.topic") == 0)
			value = str_of(partition->name);
		else if (strcmp(name, "kafka.key") == 0)
			value = (struct str){ message->key, message->key_len };
		else if (strcmp(name, "kafka.partition") == 0)
			snprintf(number, sizeof number, "%" PRId32, message->partition);
		else if (strcmp(name, "kafka.offset") == 0)
			snprintf(number, sizeof number, "%" PRId64, message->offset);
		else if (strcmp(name, "kafka.timestamp") == 0)
			snprintf(number, sizeof number, "%" PRId64, rd_kafka_message_timestamp(message, &type));
		else
			value = kafka_lines_header(message, name);
		sink_byte(out, '\t');
		tape_text(out, number[0] != '\0' ? str_of(number) : value);
	}
	sink_byte(out, '\n');
}

/* The observation that is no more. */
static int
write_tombstone(const struct kafka_lines *lines, const rd_kafka_message_t *message, const struct kafka_partition *partition, struct sink *out,
    struct err *err)
{
	struct str rest = { message->key, message->key_len }, field, value[OBS_N] = { { "", 0 } };
	char known[24], ref[300];
	unsigned i, k;
	int at;

	if (!lines->tombstones)
		return err_set(err, LODE_EDATA, "no value; with --tombstones it would take a figure back");
	for (i = 0; i < KEY_FIELDS && str_split(&rest, '\t', &field); i++)
		value[key_columns[i]] = field;
	if (i < KEY_FIELDS)
		return err_set(err, LODE_EDATA, "no value, and the key has %u fields, not %d", message->key_len == 0 ? 0 : i, KEY_FIELDS);
	if (memchr(message->key, '\n', message->key_len) != NULL)
		return err_set(err, LODE_EDATA, "a line feed in the key");
	value[OBS_KNOWN] = known_of_tombstone(message, known);
	value[OBS_UNIT] = STR("1");
	value[OBS_STATUS] = STR("O");
	snprintf(ref, sizeof ref, "%.200s/%" PRId32 ":%" PRId64, partition->name, message->partition, message->offset);
	value[OBS_REF] = str_of(ref);
	for (i = 0; i < lines->n_values; i++) {
		for (at = -1, k = 0; k < OBS_N && at < 0; k++)
			at = str_is(lines->names[i], obs_names[k]) ? (int)k : -1;
		if (i > 0)
			sink_byte(out, '\t');
		if (at >= 0)
			sink_str(out, value[at]);
	}
	write_more(lines, message, partition, out);
	return LODE_OK;
}

/* Fields into their places; false when there are not as many as columns. */
static int
write_mapped(const struct kafka_lines *lines, struct str text, struct sink *out, struct err *err)
{
	struct str field[MAX_FIELDS], rest = text;
	unsigned n = 0, i;

	while (n < MAX_FIELDS && str_split(&rest, '\t', &field[n]))
		n++;
	if (n != lines->n_seen || rest.p != NULL)
		return err_set(err, LODE_EDATA, "%u fields, its columns are %u", n, lines->n_seen);
	for (i = 0; i < lines->n_values; i++) {
		if (i > 0)
			sink_byte(out, '\t');
		if (lines->from[i] >= 0)
			sink_str(out, field[lines->from[i]]);
	}
	return LODE_OK;
}

int
kafka_lines_write(struct kafka_lines *lines, const rd_kafka_message_t *message, const struct kafka_partition *partition, struct sink *out, struct err *err)
{
	struct str text = { message->payload, message->len };
	const char *at, *end = text.p + text.n;
	unsigned n = 1;
	int rc;

	if (text.p == NULL)
		return write_tombstone(lines, message, partition, out, err);
	if (text.n == 0)
		return err_set(err, LODE_EDATA, "the value is empty");
	if (text.p[0] == '#')
		return err_set(err, LODE_EDATA, "begins with #, as control lines do");
	if (memchr(text.p, '\n', text.n) != NULL)
		return err_set(err, LODE_EDATA, "a line feed in the value");
	if (text.p[text.n - 1] == '\r')
		return err_set(err, LODE_EDATA, "a carriage return at the end of the value");
	if ((rc = know_columns(lines, message, err)) != LODE_OK)
		return rc;
	if (lines->is_same) {
		for (at = text.p; at < end && (at = memchr(at, '\t', (size_t)(end - at))) != NULL; at++)
			n++;
		if (n != lines->n_values)
			return err_set(err, LODE_EDATA, "%u fields, the columns are %u", n, lines->n_values);
		sink_str(out, text);
	} else if ((rc = write_mapped(lines, text, out, err)) != LODE_OK) {
		return rc;
	}
	if (lines->more == NULL || lines->more->n == 0)
		sink_byte(out, '\n');
	else
		write_more(lines, message, partition, out);
	return LODE_OK;
}
