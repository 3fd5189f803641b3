/*
 * kafka_call - a call of librdkafka that may never come back, with an end to the waiting
 *
 * rd_kafka_send_offsets_to_transaction waits for a coordinator that is gone whatever time it is given (issue 5456, 1.4 to 2.14 at least), and its sisters rest on
 * the same queue; rd_kafka_destroy and rd_kafka_consume_stop wait for librdkafka's own threads, and take no time at all. So such a call has a thread of its
 * own. Whoever does not want to wait any longer leaves that thread behind, for good: then nothing that it was given may be touched or freed again, the
 * handle included.
 */
#ifndef LODE_KAFKA_CALL_H
#define LODE_KAFKA_CALL_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>

#include "err.h"

struct kafka_call;

typedef rd_kafka_error_t *kafka_call_function(void *argument);

/* Begins function(argument). Errors: LODE_ENOMEM "cannot make a thread: reason". */
int kafka_call_begin(struct kafka_call **call, kafka_call_function *function, void *argument, struct err *err);

/* Waits for at most so long. LODE_OK: it is over, *error is what it returned, the call is freed; LODE_AGAIN: not yet. */
int kafka_call_wait(struct kafka_call *call, int timeout_ms, rd_kafka_error_t **error);

/* Both, for a function that returns NULL. True: it is over; false: not within the time, and it is left behind. */
bool kafka_call_within(kafka_call_function *function, void *argument, int timeout_ms);

#endif
