#include "kafka_call.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct kafka_call {
	kafka_call_function *function;
	void *argument;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t over;
	bool is_over;
	rd_kafka_error_t *error;
};

static void *
work(void *argument)
{
	struct kafka_call *call = argument;
	rd_kafka_error_t *error = call->function(call->argument);

	pthread_mutex_lock(&call->mutex);
	call->error = error;
	call->is_over = true;
	pthread_cond_signal(&call->over);
	pthread_mutex_unlock(&call->mutex);
	return NULL;
}

static void
release(struct kafka_call *call)
{
	pthread_cond_destroy(&call->over);
	pthread_mutex_destroy(&call->mutex);
	free(call);
}

int
kafka_call_begin(struct kafka_call **call, kafka_call_function *function, void *argument, struct err *err)
{
	struct kafka_call *new = calloc(1, sizeof *new);
	pthread_condattr_t clock;
	int code;

	if (new == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	new->function = function;
	new->argument = argument;
	pthread_mutex_init(&new->mutex, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&new->over, &clock);
	pthread_condattr_destroy(&clock);
	if ((code = pthread_create(&new->thread, NULL, work, new)) != 0) {
		release(new);
		return err_set(err, LODE_ENOMEM, "cannot make a thread: %s", strerror(code));
	}
	*call = new;
	return LODE_OK;
}

int
kafka_call_wait(struct kafka_call *call, int timeout_ms, rd_kafka_error_t **error)
{
	struct timespec until;
	bool is_over;
	int code = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += timeout_ms / 1000;
	until.tv_nsec += timeout_ms % 1000 * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000L;
	}
	pthread_mutex_lock(&call->mutex);
	while (!call->is_over && code == 0)
		code = pthread_cond_timedwait(&call->over, &call->mutex, &until);
	is_over = call->is_over;
	pthread_mutex_unlock(&call->mutex);
	if (!is_over)
		return LODE_AGAIN;
	pthread_join(call->thread, NULL);
	*error = call->error;
	release(call);
	return LODE_OK;
}

bool
kafka_call_within(kafka_call_function *function, void *argument, int timeout_ms)
{
	struct kafka_call *call;
	rd_kafka_error_t *error;
	struct err ignored;

	if (kafka_call_begin(&call, function, argument, &ignored) == LODE_OK)
		return kafka_call_wait(call, timeout_ms, &error) == LODE_OK;
	(void)function(argument); /* no thread is to be had */
	return true;
}
