#include "rejects.h"

#include <stdio.h>

#include "tape.h"

int
rejects_open(struct rejects *rejects, const char *path, struct err *err)
{
	*rejects = (struct rejects){ 0 };
	if (sink_open(&rejects->sink, path, err) != LODE_OK)
		return err->code;
	rejects->open = true;
	sink_str(&rejects->sink, STR("source\tline\tcolumn\treason\trecord\n"));
	return sink_flush(&rejects->sink, err);
}

void
rejects_input(struct rejects *rejects)
{
	rejects->header_written = false;
}

static void
add_line(struct sink *sink, const struct err *err, unsigned long long line, unsigned column, struct str reason, struct str record)
{
	char number[32];

	tape_text(sink, str_of(err->source));
	snprintf(number, sizeof number, "\t%llu\t%u\t", line, column);
	sink_str(sink, str_of(number));
	tape_text(sink, reason);
	sink_byte(sink, '\t');
	tape_text(sink, record);
	sink_byte(sink, '\n');
}

void
rejects_add(struct rejects *rejects, const struct err *err, struct str header, struct str record)
{
	char reason[700];

	if (!rejects->header_written && header.p != NULL)
		add_line(&rejects->sink, err, 1, 0, STR("header"), header);
	rejects->header_written = true;
	err_reason(err, reason, sizeof reason);
	add_line(&rejects->sink, err, (unsigned long long)err->line, err->column, str_of(reason), record);
	rejects->n++;
}

int
rejects_close(struct rejects *rejects, struct err *err)
{
	if (!rejects->open)
		return LODE_OK;
	rejects->open = false;
	return sink_close(&rejects->sink, err);
}
