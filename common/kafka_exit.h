/*
 * kafka_exit - exit statuses of programs that speak to Kafka, beyond those of all filters
 *
 * An error's code says what kind it is, not who is to blame: bad data in a record is one thing, in what a job has committed another. So who calls
 * a function of Kafka's keeps beside its code the status with which the program ends, 0: the one that all filters have for that code.
 */
#ifndef LODE_KAFKA_EXIT_H
#define LODE_KAFKA_EXIT_H

#include "err.h"

enum kafka_exit {
	KAFKA_EXIT_STALE = 4,   /* another run was quicker, or a line breaks the protocol: start again */
	KAFKA_EXIT_FOREIGN = 5, /* the group's offsets are somebody else's */
	KAFKA_EXIT_STATE = 6,   /* nothing is committed any more, or state is missing */
	KAFKA_EXIT_BROKER = 7,  /* what a broker says: start again */
	KAFKA_EXIT_BARRIER = 8, /* no barrier comes through */
};

/* Keeps in *status what rc means: KAFKA_EXIT_BROKER for LODE_EIO, on_data (may be 0) for LODE_EDATA; other codes leave it. Returns rc. */
static inline int
kafka_exit_keep(int *status, int rc, int on_data)
{
	if (rc == LODE_EIO || rc == LODE_EDATA)
		*status = rc == LODE_EIO ? KAFKA_EXIT_BROKER : on_data;
	return rc;
}

#endif
