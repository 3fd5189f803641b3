#include "epoch.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/wait.h>

/* Says with which lines the command failed. */
static int
blame(const struct epoch *epoch, int rc, struct err *err)
{
	struct str behind = buf_str(&epoch->behind);
	char what[sizeof err->message];

	if (rc != LODE_EDATA && rc != LODE_EIO)
		return rc;
	memcpy(what, err->message, sizeof what);
	if (epoch->replies.asking)
		err_set(err, rc, "%.250s, given the header line alone", what);
	else if (behind.n > 0)
		err_set(err, rc, "%.250s, given lines %" PRIu64 " to %" PRIu64 " behind checkpoint %.*s", what, epoch->first, epoch->last, STR_ARG(behind));
	else
		err_set(err, rc, "%.250s, given lines %" PRIu64 " to %" PRIu64, what, epoch->first, epoch->last);
	return err_line(err, epoch->run->source, 0);
}

static int
on_output(void *argument, struct str bytes, struct err *err)
{
	struct epoch *epoch = argument;
	int rc = replies_add(&epoch->replies, bytes, err);

	return rc == LODE_OK ? sink_flush(&epoch->run->out, err) : rc;
}

/* Of a command that has ended, or of none. */
static int
check_status(const struct epoch *epoch, struct err *err)
{
	const struct option_list *accept = epoch->accept;
	int status = epoch->command.status;
	char code[16];

	if (!epoch->command.gone || status == 0)
		return LODE_OK;
	if (WIFSIGNALED(status))
		return err_set(err, LODE_EIO, "'%.100s' was ended by signal %d", epoch->command.name, WTERMSIG(status));
	snprintf(code, sizeof code, "%d", WEXITSTATUS(status));
	if (accept->n > 0 && option_list_has(accept, str_of(code)))
		return LODE_OK;
	return err_set(err, LODE_EIO, "'%.100s' ended with status %s", epoch->command.name, code);
}

static int
give(struct epoch *epoch, struct str line, struct err *err)
{
	int rc = command_write(&epoch->command, line, err);

	return rc == LODE_OK ? command_write(&epoch->command, STR("\n"), err) : rc;
}

static int
begin(struct epoch *epoch, uint64_t line, struct err *err)
{
	int rc;

	epoch->first = epoch->last = line;
	replies_begin(&epoch->replies);
	rc = command_start(&epoch->command, epoch->argv, epoch->shielded, err);
	return rc == LODE_OK && !epoch->bare ? give(epoch, epoch->header, err) : rc;
}

/* What the command writes when nothing more comes for it. */
static int
finish(struct epoch *epoch, struct err *err)
{
	int rc = command_end(&epoch->command, err);

	if (rc == LODE_OK && (rc = check_status(epoch, err)) == LODE_OK)
		rc = replies_end(&epoch->replies, err);
	return rc;
}

/* A command that writes them itself is asked. */
int
epoch_ask(struct epoch *epoch, struct err *err)
{
	const struct option_list *columns = epoch->columns;
	struct replies *replies = &epoch->replies;
	struct buf line = BUF_INIT;
	size_t i;
	int rc = LODE_OK;

	for (i = 0; i < columns->n && rc == LODE_OK; i++)
		if ((i > 0 && buf_add(&line, "\t", 1) != LODE_OK) || buf_add_str(&line, columns->item[i]) != LODE_OK)
			rc = err_set(err, LODE_ENOMEM, "out of memory");
	if (rc == LODE_OK && (columns->n > 0 || epoch->replies.no_header))
		rc = replies_columns(replies, columns->n > 0 ? buf_str(&line) : epoch->header, err);
	buf_release(&line);
	if (rc == LODE_OK && replies->n_columns == 0) {
		replies->asking = true;
		if ((rc = begin(epoch, 1, err)) == LODE_OK && (rc = finish(epoch, err)) == LODE_OK && replies->n_columns == 0)
			rc = err_set(err, LODE_EUSAGE, "'%.100s' writes no header line: give --columns or --no-header", epoch->argv[0]);
		rc = blame(epoch, rc, err);
		replies->asking = false;
	}
	return rc == LODE_OK && !epoch->is_table ? replies_check_tape(replies, err) : rc;
}

int
epoch_give(struct epoch *epoch, uint64_t number, struct str line, struct err *err)
{
	int rc = epoch_is_open(epoch) ? LODE_OK : begin(epoch, number, err);

	epoch->last = number;
	if (rc == LODE_OK && (rc = give(epoch, line, err)) == LODE_OK)
		rc = check_status(epoch, err);
	return blame(epoch, rc, err);
}

int
epoch_hear(struct epoch *epoch, int descriptor, struct err *err)
{
	int rc = epoch_is_open(epoch) ? command_hear(&epoch->command, descriptor, err) : LODE_OK;

	return blame(epoch, rc == LODE_OK ? check_status(epoch, err) : rc, err);
}

int
epoch_end(struct epoch *epoch, struct err *err)
{
	return epoch_is_open(epoch) ? blame(epoch, finish(epoch, err), err) : LODE_OK;
}

int
epoch_behind(struct epoch *epoch, struct str checkpoint, struct err *err)
{
	epoch->behind.n = 0;
	return buf_add_str(&epoch->behind, checkpoint) == LODE_OK ? LODE_OK : err_set(err, LODE_ENOMEM, "out of memory");
}

void
epoch_init(struct epoch *epoch, struct run *run, char *const *argv, bool no_header)
{
	epoch->run = run;
	epoch->argv = argv;
	epoch->command = (struct command){ .on_output = on_output, .argument = epoch, .to = -1, .from = -1 };
	epoch->replies = (struct replies){ .sink = &run->out, .name = argv[0], .max_line = run->options->max_record, .no_header = no_header };
}

void
epoch_release(struct epoch *epoch, int signal_number)
{
	command_stop(&epoch->command, signal_number);
	command_release(&epoch->command);
	replies_release(&epoch->replies);
	buf_release(&epoch->behind);
}
