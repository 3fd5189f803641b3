/* ordered: however many threads make the texts, they come out as one would make them */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "ordered.h"

enum { PIECES = 300 };

static atomic_int threads_left = -1; /* how many more can be made; -1: no limit */
static atomic_int threads_made;

/* In place of the library's, which it calls. */
int
pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument)
{
	int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

	if (threads_left == 0)
		return EAGAIN;
	if (threads_left > 0)
		threads_left--;
	threads_made++;
	*(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
	return real(thread, attributes, start, argument);
}

struct job {
	size_t n, bad; /* pieces; the first that cannot be made, n for none */
	unsigned threads;
	atomic_uint made[PIECES];
	atomic_bool busy[ORDERED_MAX];
	atomic_size_t given;
	pthread_t caller;
	struct buf text, want;
};

static void
add_piece(struct buf *text, size_t piece)
{
	size_t i;

	for (i = 0; i < piece * 7 % 11; i++)
		if (buf_printf(text, "%zu.%zu ", piece, i) != LODE_OK)
			abort();
}

/* What is wrong in a thread of its own ends the test by abort(): cmocka's assertions are the main thread's. */
static void
must(bool is_so)
{
	if (!is_so)
		abort();
}

static int
make(void *argument, size_t piece, unsigned thread, struct buf *text, struct err *err)
{
	struct job *job = argument;
	size_t i;

	must(piece < job->n && thread < job->threads && text->n == 0);
	must((thread == 0) == (pthread_equal(pthread_self(), job->caller) != 0));
	must(!atomic_exchange(&job->busy[thread], true)); /* a number is never two threads' */
	must(job->made[piece]++ == 0);
	must(piece < job->given + 2 * (size_t)job->threads);
	for (i = 0; i < piece * 13 % 5; i++)
		sched_yield();
	add_piece(text, piece);
	job->busy[thread] = false;
	return piece >= job->bad ? err_set(err, LODE_EDATA, "piece %zu is bad", piece) : LODE_OK;
}

static void
give(void *argument, struct str text)
{
	struct job *job = argument;

	must(pthread_equal(pthread_self(), job->caller) != 0);
	job->given++;
	assert_int_equal(buf_add_str(&job->text, text), LODE_OK);
}

/* Of a job without text so far. */
static void
check_run(struct ordered *ordered, struct job *job)
{
	const struct ordered_work work = { .n = job->n, .threads = job->threads, .make = make, .give = give, .argument = job };
	const size_t given = job->bad < job->n ? job->bad + 1 : job->n;
	struct err err = ERR_INIT;
	char message[40];
	size_t i;

	job->caller = pthread_self();
	assert_int_equal(ordered_run(ordered, &work, &err), job->bad < job->n ? LODE_EDATA : LODE_OK);
	if (job->bad < job->n) {
		snprintf(message, sizeof message, "piece %zu is bad", job->bad);
		assert_string_equal(err.message, message);
	}
	assert_int_equal(job->given, given);
	for (i = 0; i < given; i++)
		add_piece(&job->want, i);
	assert_int_equal(job->text.n, job->want.n);
	assert_memory_equal(buf_str(&job->text).p, buf_str(&job->want).p, job->want.n);
	buf_release(&job->text);
	buf_release(&job->want);
}

static void
texts_come_in_order(void **unused)
{
	static const size_t numbers[] = { 0, 1, 2, 3, 7, 64, PIECES };
	static const unsigned threads[] = { 1, 2, 3, 8, ORDERED_MAX };
	struct ordered ordered = { 0 };
	size_t i, k;

	(void)unused;
	for (i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		for (k = 0; k < sizeof threads / sizeof *threads; k++) {
			struct job job = { .n = numbers[i], .bad = numbers[i], .threads = threads[k] };

			threads_made = 0;
			check_run(&ordered, &job);
			assert_int_equal(threads_made, numbers[i] == 0 ? 0 : (numbers[i] < threads[k] ? numbers[i] : threads[k]) - 1);
		}
	}
	ordered_release(&ordered);
}

/* The first in order is told, though others behind it may be met before. */
static void
nothing_comes_behind_an_error(void **unused)
{
	static const size_t bad[] = { 0, 1, 5, 40, PIECES - 1 };
	struct ordered ordered = { 0 };
	size_t i;
	unsigned threads;

	(void)unused;
	for (i = 0; i < sizeof bad / sizeof *bad; i++) {
		for (threads = 1; threads < 6; threads++) {
			struct job job = { .n = PIECES, .bad = bad[i], .threads = threads };

			check_run(&ordered, &job);
		}
	}
	ordered_release(&ordered);
}

static void
without_threads_the_caller_does_it(void **unused)
{
	struct ordered ordered = { 0 };
	int left;

	(void)unused;
	for (left = 0; left < 3; left++) {
		struct job job = { .n = PIECES, .bad = PIECES, .threads = 4 };

		threads_left = left;
		threads_made = 0;
		check_run(&ordered, &job);
		threads_left = -1;
		assert_int_equal(threads_made, left);
	}
	ordered_release(&ordered);
}

static pthread_t signalled;
static volatile sig_atomic_t n_signals;

static void
on_signal(int number)
{
	(void)number;
	signalled = pthread_self();
	n_signals++;
}

/* The caller does not end before the other thread has sent a signal to the program. */
static int
make_signal(void *argument, size_t piece, unsigned thread, struct buf *text, struct err *err)
{
	(void)text;
	(void)err;
	if (thread != 0 && atomic_exchange((atomic_bool *)argument, true) == false)
		must(kill(getpid(), SIGUSR1) == 0);
	while (piece == 0 && thread == 0 && n_signals == 0)
		usleep(100);
	return LODE_OK;
}

static void
take_nothing(void *argument, struct str text)
{
	(void)argument;
	(void)text;
}

static void
signals_are_the_callers(void **unused)
{
	struct sigaction action = { .sa_handler = on_signal }, old;
	struct ordered ordered = { 0 };
	atomic_bool is_sent = false;
	const struct ordered_work work = { .n = 2, .threads = 2, .make = make_signal, .give = take_nothing, .argument = &is_sent };
	sigset_t before, after;
	struct err err = ERR_INIT;

	(void)unused;
	pthread_sigmask(SIG_SETMASK, NULL, &before);
	sigaction(SIGUSR1, &action, &old);
	assert_int_equal(ordered_run(&ordered, &work, &err), LODE_OK);
	while (n_signals == 0)
		usleep(100);
	sigaction(SIGUSR1, &old, NULL);
	pthread_sigmask(SIG_SETMASK, NULL, &after);
	assert_true(pthread_equal(signalled, pthread_self()) != 0);
	assert_int_equal(sigismember(&before, SIGTERM), sigismember(&after, SIGTERM));
	assert_int_equal(sigismember(&after, SIGUSR1), 0);
	ordered_release(&ordered);
}

static void
processors_are_those_it_may_run_on(void **unused)
{
	cpu_set_t all, one;
	int first = 0;

	(void)unused;
	assert_int_equal(sched_getaffinity(0, sizeof all, &all), 0);
	assert_int_equal(ordered_processors(), CPU_COUNT(&all) < ORDERED_MAX ? CPU_COUNT(&all) : ORDERED_MAX);
	while (!CPU_ISSET((size_t)first, &all))
		first++;
	CPU_ZERO(&one);
	CPU_SET((size_t)first, &one);
	assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
	assert_int_equal(ordered_processors(), 1);
	assert_int_equal(sched_setaffinity(0, sizeof all, &all), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_come_in_order),
		cmocka_unit_test(nothing_comes_behind_an_error),
		cmocka_unit_test(without_threads_the_caller_does_it),
		cmocka_unit_test(signals_are_the_callers),
		cmocka_unit_test(processors_are_those_it_may_run_on),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("ordered", tests, NULL, NULL);
}
