#include "replies.h"

#include <inttypes.h>

#include "obs.h"

void
replies_release(struct replies *replies)
{
	buf_release(&replies->header);
	buf_release(&replies->part);
}

int
replies_columns(struct replies *replies, struct str line, struct err *err)
{
	replies->header.n = 0;
	if (buf_add_str(&replies->header, line) != LODE_OK)
		return err_set(err, LODE_ENOMEM, "out of memory");
	replies->n_columns = str_fields(line);
	return LODE_OK;
}

int
replies_check_tape(const struct replies *replies, struct err *err)
{
	struct str rest, name;
	bool found;
	int i;

	for (i = 0; i < OBS_N; i++) {
		for (rest = buf_str(&replies->header), found = false; !found && str_split(&rest, '\t', &name);)
			found = str_is(name, obs_names[i]);
		if (!found)
			return err_set(err, LODE_EUSAGE, "'%.100s' writes no tape: no column '%s' in its header", replies->name, obs_names[i]);
	}
	return LODE_OK;
}

static int
take_line(struct replies *replies, struct str line, struct err *err)
{
	size_t n;

	replies->n_lines++;
	if (line.n > 0 && line.p[0] == '#')
		return err_set(err, LODE_EDATA, "'%.100s' writes a control line, '%.*s'", replies->name, STR_ARG(line));
	if (replies->n_lines == 1 && !replies->no_header) {
		if (replies->n_columns == 0)
			return replies_columns(replies, line, err);
		if (str_eq(line, buf_str(&replies->header)))
			return LODE_OK;
		return err_set(err, LODE_EDATA, "the header line of '%.100s' is another: '%.*s'", replies->name, STR_ARG(line));
	}
	if (replies->asking || line.n == 0) /* no reader of tapes makes anything of an empty line */
		return LODE_OK;
	if ((n = str_fields(line)) != replies->n_columns)
		return err_set(err, LODE_EDATA, "line %" PRIu64 " of '%.100s' has %zu fields, not %zu", replies->n_lines, replies->name, n,
		    replies->n_columns);
	sink_str(replies->sink, line);
	sink_byte(replies->sink, '\n');
	return LODE_OK;
}

int
replies_add(struct replies *replies, struct str bytes, struct err *err)
{
	struct str line;
	int rc = LODE_OK;

	while (rc == LODE_OK && str_split(&bytes, '\n', &line)) {
		if (replies->part.n + line.n > replies->max_line)
			return err_set(err, LODE_EDATA, "a line of '%.100s' is longer than %zu bytes", replies->name, replies->max_line);
		if (bytes.p != NULL && replies->part.n == 0) {
			rc = take_line(replies, line, err);
			continue;
		}
		if (buf_add_str(&replies->part, line) != LODE_OK)
			return err_set(err, LODE_ENOMEM, "out of memory");
		if (bytes.p != NULL)
			rc = replies_end(replies, err);
	}
	return rc;
}

int
replies_end(struct replies *replies, struct err *err)
{
	int rc = replies->part.n > 0 ? take_line(replies, buf_str(&replies->part), err) : LODE_OK;

	replies->part.n = 0;
	return rc;
}
