#include "kafka_commit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static int
protocol(enum kafka_commit_fault *fault, int rc)
{
	if (rc == LODE_EDATA)
		*fault = KAFKA_FAULT_PROTOCOL;
	return rc;
}

static int
set_text(struct buf *buf, struct str text, struct err *err)
{
	buf->n = 0;
	return buf_add_str(buf, text) == LODE_OK ? LODE_OK : err_set(err, LODE_ENOMEM, "out of memory");
}

/* What the group has, against what we build on. */
static int
compare(const struct kafka_commit *commit, rd_kafka_topic_partition_list_t *list, struct kafka_committed *found, struct err *err)
{
	struct buf positions = BUF_INIT;
	char have[40], want[40];
	int rc = kafka_positions_text(list, &positions, err);

	if (rc == LODE_OK &&
	    (!checkpoint_eq(&found->checkpoint, &commit->at) || !str_eq(buf_str(&positions), buf_str(&commit->positions)))) {
		checkpoint_text(&found->checkpoint, have);
		checkpoint_text(&commit->at, want);
		rc = err_set(err, LODE_EDATA, "stale start: this stream begins at checkpoint %s, but job '%.100s' is at %s", want, commit->job, have);
	}
	buf_release(&positions);
	return rc;
}

static int
apply_rule(struct kafka_commit *commit, bool adopt, enum kafka_commit_fault *fault, struct err *err)
{
	const struct kafka_setting settings[] = {
		{ "group.id", commit->job }, { "isolation.level", "read_committed" }, { "enable.auto.commit", "false" }, { NULL, NULL } };
	struct kafka_client client = { .rk = NULL };
	struct kafka_committed found = { .any = false };
	rd_kafka_topic_partition_list_t *list = kafka_positions_list(buf_str(&commit->positions), STR(""), err);
	int rc = list == NULL ? err->code : kafka_client_open(&client, commit->writer->config, RD_KAFKA_CONSUMER, settings, err);

	if (rc != LODE_OK)
		protocol(fault, rc);
	else if ((rc = kafka_committed_read(&client, commit->job, commit->shard, list, adopt, commit->timeout_ms, &found, err)) != LODE_OK)
		*fault = rc == LODE_EDATA ? KAFKA_FAULT_FOREIGN : KAFKA_FAULT_BROKER;
	else if ((rc = compare(commit, list, &found, err)) == LODE_EDATA)
		*fault = KAFKA_FAULT_STALE;
	if (list != NULL)
		rd_kafka_topic_partition_list_destroy(list);
	kafka_client_close(&client);
	kafka_committed_release(&found);
	return rc;
}

int
kafka_commit_start(struct kafka_commit *commit, const struct control *start, enum kafka_commit_fault *fault, struct err *err)
{
	struct str version, id, shard, run, checkpoint, positions, columns = control_get(start, "columns");
	int rc;

	*fault = KAFKA_FAULT_NONE;
	if (commit->started)
		return protocol(fault, err_set(err, LODE_EDATA, "a second #START"));
	if ((rc = control_need(start, "v", &version, err)) != LODE_OK || (rc = control_need(start, "txn", &id, err)) != LODE_OK ||
	    (rc = control_need(start, "shard", &shard, err)) != LODE_OK || (rc = control_need(start, "run", &run, err)) != LODE_OK || (rc = control_need(start, "ck", &checkpoint, err)) != LODE_OK ||
	    (rc = control_need(start, "off", &positions, err)) != LODE_OK || (rc = checkpoint_parse(checkpoint, &commit->at, err)) != LODE_OK)
		return protocol(fault, rc);
	if (!str_is(version, "1"))
		return protocol(fault, err_set(err, LODE_EDATA, "the stream's protocol is '%.*s', not 1", STR_ARG(version)));
	if (!str_is(id, commit->id))
		return protocol(fault, err_set(err, LODE_EDATA, "#START is of transactions '%.*s', not '%.200s': --job and --shard must be the source's", STR_ARG(id),
			commit->id));
	if (run.n != sizeof commit->run - 1)
		return protocol(fault, err_set(err, LODE_EDATA, "'%.*s' is not the name of a run", STR_ARG(run)));
	memcpy(commit->run, run.p, run.n);
	snprintf(commit->shard, sizeof commit->shard, "%.*s", STR_ARG(shard));
	if ((rc = set_text(&commit->positions, positions, err)) != LODE_OK ||
	    (rc = set_text(&commit->columns, columns.p == NULL ? STR("") : columns, err)) != LODE_OK)
		return rc;
	commit->started = true;
	return apply_rule(commit, control_get(start, "adopt").p != NULL, fault, err);
}

static int
metadata_of(const struct kafka_commit *commit, const struct checkpoint *checkpoint, struct buf *metadata, struct err *err)
{
	char text[40];

	checkpoint_text(checkpoint, text);
	if (buf_printf(metadata, "%s %s%s", text, commit->shard, commit->columns.n > 0 ? " " : "") != LODE_OK || buf_add_str(metadata, buf_str(&commit->columns)) != LODE_OK)
		return err_set(err, LODE_ENOMEM, "out of memory");
	return LODE_OK;
}

int
kafka_commit_barrier(struct kafka_commit *commit, const struct control *barrier, enum kafka_commit_fault *fault, struct err *err)
{
	rd_kafka_topic_partition_list_t *list = NULL;
	struct buf metadata = BUF_INIT;
	struct checkpoint next;
	struct str name, positions, end;
	int rc;

	*fault = KAFKA_FAULT_NONE;
	/* who writes it may be killed in the middle, and 12 of 1234 is an offset too */
	if ((rc = control_need(barrier, "end", &end, err)) != LODE_OK || (!str_is(end, "1") && (rc = err_set(err, LODE_EDATA, "#BARRIER is cut off")) != LODE_OK))
		return protocol(fault, rc);
	if ((rc = control_need(barrier, "ck", &name, err)) != LODE_OK || (rc = control_need(barrier, "off", &positions, err)) != LODE_OK ||
	    (rc = checkpoint_parse(name, &next, err)) != LODE_OK)
		return protocol(fault, rc);
	if (strcmp(next.run, commit->run) != 0 || next.number != commit->at.number + 1)
		return protocol(fault, err_set(err, LODE_EDATA, "#BARRIER %.*s does not follow %" PRIu64 ":%s", STR_ARG(name), commit->at.number, commit->at.run));
	if ((rc = metadata_of(commit, &next, &metadata, err)) == LODE_OK &&
	    (list = kafka_positions_list(positions, buf_str(&metadata), err)) == NULL)
		rc = protocol(fault, err->code);
	if (rc == LODE_OK && (rc = kafka_writer_commit(commit->writer, commit->job, list, err)) != LODE_OK)
		*fault = KAFKA_FAULT_BROKER;
	buf_release(&metadata);
	if (list != NULL)
		rd_kafka_topic_partition_list_destroy(list);
	if (rc != LODE_OK || (rc = set_text(&commit->positions, positions, err)) != LODE_OK)
		return rc;
	commit->at = next;
	if (!commit->writer->is_doubtful && !commit->paranoid)
		return LODE_OK;
	if ((rc = kafka_writer_renew(commit->writer, err)) != LODE_OK) {
		*fault = KAFKA_FAULT_BROKER;
		return rc;
	}
	return apply_rule(commit, false, fault, err);
}

void
kafka_commit_release(struct kafka_commit *commit)
{
	buf_release(&commit->positions);
	buf_release(&commit->columns);
}
