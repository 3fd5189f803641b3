#include "kafka_protocol.h"

#include "kafka_exit.h"
#include "kafka_record.h"
#include "notify.h"

static int
breach(const struct kafka_protocol *protocol, struct err *err, const char *what)
{
	*protocol->status = KAFKA_EXIT_STALE;
	return err_set(err, LODE_EDATA, "%s", what);
}

static int
fault(const struct kafka_protocol *protocol, int rc, enum kafka_commit_fault why)
{
	static const int status[] = { 0, KAFKA_EXIT_STALE, KAFKA_EXIT_STALE, KAFKA_EXIT_FOREIGN, KAFKA_EXIT_BROKER };

	*protocol->status = rc == LODE_OK ? 0 : status[why];
	return rc;
}

static int
start(struct kafka_protocol *protocol, const struct control *control, struct err *err)
{
	enum kafka_commit_fault why = KAFKA_FAULT_NONE;
	int rc = kafka_commit_start(&protocol->commit, control, &why, err);

	if (rc == LODE_OK)
		notify_send("READY=1");
	return fault(protocol, rc, why);
}

static int
commit(struct kafka_protocol *protocol, const struct control *control, struct err *err)
{
	enum kafka_commit_fault why = KAFKA_FAULT_NONE;
	int rc = kafka_commit_barrier(&protocol->commit, control, &why, err);

	if (rc == LODE_OK)
		kafka_signs_of_commit(protocol->signs, &protocol->commit);
	return fault(protocol, rc, why);
}

static int
take_state(struct kafka_protocol *protocol, const struct control *control, struct err *err)
{
	struct str name = control_get(control, "name");
	size_t n = 0;
	int rc;

	if (!protocol->restored) {
		*protocol->status = KAFKA_EXIT_STALE;
		return err_set(err, LODE_EDATA, "state of '%.*s' that no filter took", STR_ARG(name));
	}
	if (protocol->state < 0)
		return err_set(err, LODE_EUSAGE, "'%.*s' has state: give --state TOPIC, here and to the source", STR_ARG(name));
	rc = kafka_record_send_state(control, protocol->shard, protocol->commit.writer, (unsigned)protocol->state, &protocol->key, &n, err);
	protocol->signs->n_state++;
	protocol->signs->n_state_bytes += n;
	return kafka_exit_keep(protocol->status, rc, KAFKA_EXIT_STALE);
}

static int
take_dead_letter(struct kafka_protocol *protocol, const struct control *control, struct err *err)
{
	const struct kafka_commit *with = &protocol->commit;

	if (protocol->dead < 0)
		return err_set(err, LODE_EUSAGE, "a bad record from the source: give --dead-letter TOPIC");
	protocol->signs->n_dead++;
	return kafka_exit_keep(protocol->status, kafka_record_send_dead_letter(control, with->job, with->writer, (unsigned)protocol->dead, err), 0);
}

int
kafka_protocol_control(struct kafka_protocol *protocol, const struct control *control, struct err *err)
{
	if (protocol->ended)
		return breach(protocol, err, "a line behind #END");
	if (control_is(control, "START"))
		return start(protocol, control, err);
	if (!protocol->commit.started)
		return breach(protocol, err, "no #START ahead of other lines");
	if (control_is(control, "BARRIER"))
		return commit(protocol, control, err);
	if (control_is(control, "state"))
		return take_state(protocol, control, err);
	if (control_is(control, "dlq"))
		return take_dead_letter(protocol, control, err);
	if (control_is(control, "restored"))
		protocol->restored = true;
	else if (control_is(control, "END"))
		protocol->ended = true;
	else if (control_is_binding(control) && !control_is(control, "WM"))
		return breach(protocol, err, "a control line that it does not know");
	return LODE_OK;
}

int
kafka_protocol_data(const struct kafka_protocol *protocol, struct err *err)
{
	if (protocol->commit.started && !protocol->ended)
		return LODE_OK;
	return breach(protocol, err, protocol->ended ? "a line behind #END" : "no #START ahead of the data");
}

int
kafka_protocol_end(const struct kafka_protocol *protocol, struct err *err)
{
	if (!protocol->ended)
		return err_set(err, LODE_EIO, "the stream ends without #END: a program upstream has died");
	if (protocol->commit.writer->in_transaction)
		return err_set(err, LODE_EIO, "#END without a #BARRIER ahead of it: what came last is not committed");
	return LODE_OK;
}

void
kafka_protocol_release(struct kafka_protocol *protocol)
{
	kafka_commit_release(&protocol->commit);
	buf_release(&protocol->key);
}
