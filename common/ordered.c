#include "ordered.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>

struct ordered_piece {
	struct buf text;
	struct err err;
	int rc;
	bool is_made;
};

struct crew {
	const struct ordered_work *work;
	struct ordered_piece *slot; /* of piece i: i % n_slots */
	size_t n_slots;
	pthread_mutex_t mutex; /* of what follows, and of is_made */
	pthread_cond_t made, given;
	size_t next, first; /* the next piece to be made, and to be given on */
	bool is_over;
};

struct member {
	struct crew *crew;
	unsigned number;
	pthread_t thread;
};

static bool
has_piece(const struct crew *crew)
{
	return crew->next < crew->work->n && crew->next - crew->first < crew->n_slots;
}

/* With the mutex held, which is not while the piece is made. */
static void
make_piece(struct crew *crew, unsigned thread)
{
	const struct ordered_work *work = crew->work;
	const size_t piece = crew->next++;
	struct ordered_piece *slot = &crew->slot[piece % crew->n_slots];

	pthread_mutex_unlock(&crew->mutex);
	slot->text.n = 0;
	slot->rc = work->make(work->argument, piece, thread, &slot->text, &slot->err);
	pthread_mutex_lock(&crew->mutex);
	slot->is_made = true;
	pthread_cond_signal(&crew->made);
}

static void *
help(void *argument)
{
	const struct member *member = argument;
	struct crew *crew = member->crew;

	pthread_mutex_lock(&crew->mutex);
	while (!crew->is_over && crew->next < crew->work->n) {
		if (has_piece(crew))
			make_piece(crew, member->number);
		else
			pthread_cond_wait(&crew->given, &crew->mutex);
	}
	pthread_mutex_unlock(&crew->mutex);
	return NULL;
}

/* Gives on what is made, and makes what is not. */
static int
lead(struct crew *crew, struct err *err)
{
	const struct ordered_work *work = crew->work;
	struct ordered_piece *slot;
	int rc = LODE_OK;

	pthread_mutex_lock(&crew->mutex);
	while (rc == LODE_OK && crew->first < work->n) {
		slot = &crew->slot[crew->first % crew->n_slots];
		if (slot->is_made) {
			pthread_mutex_unlock(&crew->mutex);
			work->give(work->argument, buf_str(&slot->text));
			if ((rc = slot->rc) != LODE_OK)
				*err = slot->err;
			pthread_mutex_lock(&crew->mutex);
			slot->is_made = false;
			crew->first++;
			pthread_cond_broadcast(&crew->given);
		} else if (has_piece(crew)) {
			make_piece(crew, 0);
		} else {
			pthread_cond_wait(&crew->made, &crew->mutex);
		}
	}
	crew->is_over = true;
	pthread_cond_broadcast(&crew->given);
	pthread_mutex_unlock(&crew->mutex);
	return rc;
}

static bool
reserve_slots(struct ordered *ordered, size_t n)
{
	struct ordered_piece *larger;

	if (n > ordered->n) {
		if ((larger = realloc(ordered->piece, n * sizeof *larger)) == NULL)
			return false;
		ordered->piece = larger;
		for (; ordered->n < n; ordered->n++)
			larger[ordered->n].text = (struct buf)BUF_INIT;
	}
	for (n = 0; n < ordered->n; n++)
		ordered->piece[n].is_made = false;
	return true;
}

int
ordered_run(struct ordered *ordered, const struct ordered_work *work, struct err *err)
{
	const unsigned n = work->n < work->threads ? (unsigned)work->n : work->threads;
	struct crew crew = { .work = work, .n_slots = n > 1 ? 2 * (size_t)n : 1, .mutex = PTHREAD_MUTEX_INITIALIZER,
		.made = PTHREAD_COND_INITIALIZER, .given = PTHREAD_COND_INITIALIZER };
	struct member member[ORDERED_MAX];
	sigset_t all, old;
	unsigned i, started = 1;
	int rc;

	if (!reserve_slots(ordered, crew.n_slots))
		return err_set(err, LODE_ENOMEM, "out of memory");
	crew.slot = ordered->piece;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	for (; started < n; started++) {
		member[started] = (struct member){ .crew = &crew, .number = started };
		if (pthread_create(&member[started].thread, NULL, help, &member[started]) != 0)
			break; /* so it takes longer */
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	rc = lead(&crew, err);
	for (i = 1; i < started; i++)
		pthread_join(member[i].thread, NULL);
	pthread_cond_destroy(&crew.made);
	pthread_cond_destroy(&crew.given);
	pthread_mutex_destroy(&crew.mutex);
	return rc;
}

void
ordered_release(struct ordered *ordered)
{
	size_t i;

	for (i = 0; i < ordered->n; i++)
		buf_release(&ordered->piece[i].text);
	free(ordered->piece);
	*ordered = (struct ordered){ 0 };
}

unsigned
ordered_processors(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;

	return n > ORDERED_MAX ? ORDERED_MAX : (unsigned)n;
}
