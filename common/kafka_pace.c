#include "kafka_pace.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "kafka_exit.h"

enum { LOOK_EVERY = 256, SETTLE_MS = 20 };

void
kafka_pace_begin(struct kafka_pace *pace)
{
	pace->barrier_ms = pace->written_ms = pace->heard_ms = kafka_client_now_ms();
}

/* A program downstream may have died while nothing was written: the next one shows at once, one further down when something is sent through. */
static int
beat(struct kafka_pace *pace, struct err *err)
{
	struct pollfd out = { .fd = STDOUT_FILENO };

	if (poll(&out, 1, 0) > 0 && (out.revents & POLLERR) != 0)
		raise(SIGPIPE);
	if (pace->epochs->job != NULL && kafka_client_now_ms() - pace->written_ms >= KAFKA_PACE_HEARTBEAT_MS) {
		pace->written_ms = kafka_client_now_ms();
		sink_str(&pace->run->out, STR("#idle\n"));
	}
	return sink_flush(&pace->run->out, err);
}

static int
settle(struct kafka_pace *pace, struct err *err)
{
	return kafka_exit_keep(pace->status, kafka_epochs_settle(pace->epochs, err), KAFKA_EXIT_STALE);
}

static int
nothing_committed(struct kafka_pace *pace, struct err *err)
{
	*pace->status = KAFKA_EXIT_STATE;
	return err_set(err, LODE_EIO, "no checkpoint was committed for %lld s", (long long)pace->stuck_ms / 1000);
}

/* Waits until few enough checkpoints are on their way. A request to stop ends the waiting, since nothing comes behind. */
static int
wait_for_commits(struct kafka_pace *pace, struct err *err)
{
	int64_t since = kafka_client_now_ms();
	uint64_t done = pace->epochs->n_done;
	int rc = LODE_OK;

	while (rc == LODE_OK && source_stop == 0 && kafka_epochs_pending(pace->epochs) >= pace->max_pending) {
		if ((rc = settle(pace, err)) != LODE_OK)
			break;
		if (pace->epochs->n_done != done)
			since = kafka_client_now_ms();
		done = pace->epochs->n_done;
		kafka_signs_of_source(pace->signs, pace->epochs, false);
		if (kafka_epochs_pending(pace->epochs) < pace->max_pending || (rc = beat(pace, err)) != LODE_OK)
			break;
		if (kafka_client_now_ms() - since > pace->stuck_ms)
			rc = nothing_committed(pace, err);
		poll(NULL, 0, SETTLE_MS);
	}
	return rc;
}

static int
barrier(struct kafka_pace *pace, bool is_last, struct err *err)
{
	int rc = is_last ? LODE_OK : wait_for_commits(pace, err);

	if (rc != LODE_OK || (source_stop != 0 && !is_last))
		return rc;
	pace->n_lines = pace->n_bytes = 0;
	pace->barrier_ms = pace->written_ms = kafka_client_now_ms();
	if ((rc = kafka_epochs_barrier(pace->epochs, &pace->run->out, err)) != LODE_OK)
		return rc;
	return sink_flush(&pace->run->out, err);
}

/* The last checkpoints too must arrive, when nothing comes behind them: a program that stands still holds them for ever. */
static int
check_commits(struct kafka_pace *pace, struct err *err)
{
	int rc;

	if (kafka_epochs_pending(pace->epochs) == 0 || kafka_client_now_ms() - pace->barrier_ms <= pace->stuck_ms)
		return LODE_OK;
	if ((rc = settle(pace, err)) != LODE_OK)
		return rc;
	return pace->epochs->is_answered && kafka_epochs_pending(pace->epochs) > 0 ? nothing_committed(pace, err) : LODE_OK;
}

static int
look_at_clock(struct kafka_pace *pace, struct err *err)
{
	int64_t now = kafka_client_now_ms();
	int rc = kafka_exit_keep(pace->status, kafka_client_poll(&pace->epochs->reader->client, 0, err), 0);

	kafka_signs_of_source(pace->signs, pace->epochs, false);
	if (rc != LODE_OK || pace->epochs->job == NULL)
		return rc;
	if (pace->n_bytes >= pace->barrier_bytes || now - pace->barrier_ms >= KAFKA_PACE_RENEW_MS ||
	    (pace->n_lines > 0 && (double)(now - pace->barrier_ms) >= pace->interval_s * 1000))
		return barrier(pace, false, err);
	return check_commits(pace, err);
}

int
kafka_pace_record(struct kafka_pace *pace, size_t n_bytes, struct err *err)
{
	pace->n_lines++;
	pace->n_bytes += n_bytes;
	if (++pace->n_looked % LOOK_EVERY != 0 && (pace->epochs->job == NULL || pace->n_bytes < pace->barrier_bytes))
		return LODE_OK;
	return look_at_clock(pace, err);
}

int
kafka_pace_idle(struct kafka_pace *pace, struct err *err)
{
	int rc = look_at_clock(pace, err);

	return rc == LODE_OK ? beat(pace, err) : rc;
}

int
kafka_pace_silence(struct kafka_pace *pace, struct err *err)
{
	const struct kafka_client *client = &pace->epochs->reader->client;
	int64_t now = kafka_client_now_ms();

	if (!pace->is_bounded || pace->run->n_records != pace->n_heard) {
		pace->n_heard = pace->run->n_records;
		pace->heard_ms = now;
	}
	if (now - pace->heard_ms <= pace->stuck_ms)
		return LODE_OK;
	*pace->status = KAFKA_EXIT_BROKER;
	return err_set(err, LODE_EIO, "neither a record nor the end came for %lld s%s%s", (long long)pace->stuck_ms / 1000,
	    client->last[0] != '\0' ? ": " : "", client->last);
}

int
kafka_pace_end(struct kafka_pace *pace, bool at_end, struct err *err)
{
	int rc;

	if (pace->epochs->job == NULL)
		return LODE_OK;
	if (at_end)
		sink_str(&pace->run->out, STR("#WM\tts=inf\n"));
	source_stop = 0; /* a request to stop has been met, the status is 0 */
	if ((rc = barrier(pace, true, err)) != LODE_OK ||
	    (rc = kafka_epochs_end(pace->epochs, at_end ? "eof" : "stop", &pace->run->out, err)) != LODE_OK)
		return rc;
	return sink_flush(&pace->run->out, err); /* nobody has to wait until we have done with the brokers */
}
