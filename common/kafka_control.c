#include "kafka_control.h"

#include <inttypes.h>
#include <stdio.h>

enum { RUN_DIGITS = 16 };

static int
no_memory(struct err *err)
{
	return err_set(err, LODE_ENOMEM, "out of memory");
}

bool
control_parse(struct str line, struct control *control)
{
	struct str rest = line;

	if (line.n < 2 || line.p[0] != '#' || !((line.p[1] >= 'A' && line.p[1] <= 'Z') || (line.p[1] >= 'a' && line.p[1] <= 'z')))
		return false;
	str_split(&rest, '\t', &control->type);
	control->type.p++;
	control->type.n--;
	control->fields = rest;
	return true;
}

struct str
control_get(const struct control *control, const char *name)
{
	struct str rest = control->fields, field, wanted = str_of(name);

	while (str_split(&rest, '\t', &field))
		if (field.n > wanted.n && field.p[wanted.n] == '=' && str_starts(field, wanted))
			return (struct str){ field.p + wanted.n + 1, field.n - wanted.n - 1 };
	return (struct str){ NULL, 0 };
}

int
control_need(const struct control *control, const char *name, struct str *value, struct err *err)
{
	*value = control_get(control, name);
	if (value->p == NULL)
		return err_set(err, LODE_EDATA, "#%.*s without %s=", STR_ARG(control->type), name);
	return LODE_OK;
}

int
control_unescape(struct str text, struct buf *out, struct err *err)
{
	size_t i;
	char c;

	if (buf_reserve(out, text.n) != LODE_OK)
		return no_memory(err);
	for (i = 0; i < text.n; i++) {
		c = text.p[i];
		if (c == '\\' && i + 1 < text.n) {
			c = text.p[++i];
			c = c == 't' ? '\t' : c == 'n' ? '\n' : c;
		}
		out->p[out->n++] = c;
	}
	return LODE_OK;
}

int
control_begin(struct buf *line, const char *type, struct err *err)
{
	return buf_printf(line, "#%s", type) == LODE_OK ? LODE_OK : no_memory(err);
}

int
control_add(struct buf *line, const char *name, struct str value, struct err *err)
{
	size_t i;
	char c;

	if (buf_printf(line, "\t%s=", name) != LODE_OK || buf_reserve(line, 2 * value.n) != LODE_OK)
		return no_memory(err);
	for (i = 0; i < value.n; i++) {
		c = value.p[i];
		if (c == '\t' || c == '\n' || c == '\\') {
			line->p[line->n++] = '\\';
			c = c == '\t' ? 't' : c == '\n' ? 'n' : '\\';
		}
		line->p[line->n++] = c;
	}
	return LODE_OK;
}

int
control_add_raw(struct buf *line, const char *name, struct str value, struct err *err)
{
	return buf_printf(line, "\t%s=", name) == LODE_OK && buf_add_str(line, value) == LODE_OK ? LODE_OK : no_memory(err);
}

int
control_end(struct buf *line, struct err *err)
{
	return buf_add(line, "\n", 1) == LODE_OK ? LODE_OK : no_memory(err);
}

/* Digits that fit. */
static bool
read_number(struct str text, uint64_t *number)
{
	size_t i;

	if (!str_is_digits(text) || text.n > 18)
		return false;
	for (*number = 0, i = 0; i < text.n; i++)
		*number = *number * 10 + (uint64_t)(text.p[i] - '0');
	return true;
}

static bool
is_run(struct str text)
{
	size_t i;

	if (str_is(text, "-"))
		return true;
	for (i = 0; i < text.n; i++)
		if (!(char_is_digit(text.p[i]) || (text.p[i] >= 'a' && text.p[i] <= 'f')))
			return false;
	return text.n == RUN_DIGITS;
}

int
checkpoint_parse(struct str text, struct checkpoint *checkpoint, struct err *err)
{
	struct str run = text, number;
	uint64_t value;

	str_split(&run, ':', &number);
	if (run.p == NULL || !read_number(number, &value) || !is_run(run))
		return err_set(err, LODE_EDATA, "'%.*s' is not a checkpoint like 7:0123456789abcdef", STR_ARG(text));
	*checkpoint = (struct checkpoint){ .number = value };
	memcpy(checkpoint->run, run.p, run.n);
	return LODE_OK;
}

void
checkpoint_text(const struct checkpoint *checkpoint, char out[40])
{
	snprintf(out, 40, "%" PRIu64 ":%s", checkpoint->number, checkpoint->run);
}

bool
checkpoint_eq(const struct checkpoint *a, const struct checkpoint *b)
{
	return a->number == b->number && strcmp(a->run, b->run) == 0;
}

int
position_next(struct str *rest, struct position *position, struct err *err)
{
	struct str text, topic = { NULL, 0 }, partition, offset;
	uint64_t number = 0, at = 0;

	if (rest->n == 0)
		*rest = (struct str){ NULL, 0 };
	if (!str_split(rest, ',', &text))
		return LODE_DONE;
	partition = text;
	str_split(&partition, '/', &topic);
	offset = partition;
	if (partition.p != NULL)
		str_split(&offset, ':', &partition);
	if (topic.n == 0 || offset.p == NULL || !read_number(partition, &number) || number > INT32_MAX ||
	    !(str_is(offset, "-1") || read_number(offset, &at)))
		return err_set(err, LODE_EDATA, "'%.*s' is not a position like tape/0:42", STR_ARG(text));
	*position = (struct position){ topic, (int32_t)number, str_is(offset, "-1") ? -1 : (int64_t)at };
	return LODE_OK;
}

int
position_add(struct buf *list, const struct position *position, struct err *err)
{
	if (buf_printf(list, "%s%.*s/%" PRId32 ":%" PRId64, list->n == 0 ? "" : ",", (int)position->topic.n, position->topic.p, position->partition,
		position->offset) != LODE_OK)
		return no_memory(err);
	return LODE_OK;
}
