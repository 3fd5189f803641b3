#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "source.h"

enum {
	ROOM = 256 * 1024,    /* read at once; and how much may wait to be written */
	PIPE_SIZE = 1024 * 1024,
	WAKE_MS = 200,        /* how often a wait looks at source_stop, should the signal come just before the wait */
	NAP_MS = 1,           /* a program has closed its pipes and not yet ended */
	GRACE_MS = 1000,      /* between a signal and SIGKILL */
};

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
close_one(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

void
command_release(struct command *command)
{
	buf_release(&command->unsent);
	free(command->piece);
	command->piece = NULL;
}

/* In the new process. Comes back only as an errno in the pipe `failed`. */
static _Noreturn void
become(char *const *argv, pid_t parent, int in, int out, int failed, bool shielded)
{
	struct sigaction action = { .sa_handler = shielded ? SIG_IGN : SIG_DFL };
	ssize_t ignored;
	int reason;

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	signal(SIGPIPE, SIG_DFL);
	(void)setpgid(0, 0);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == parent && dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0)
		(void)execvp(argv[0], argv);
	reason = errno;
	ignored = write(failed, &reason, sizeof reason);
	(void)ignored;
	_exit(127);
}

/* One end is ours: it neither blocks nor is inherited. */
static int
make_pipe(int *ours, int *theirs, bool ours_writes)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) != 0)
		return -1;
	(void)fcntl(fd[1], F_SETPIPE_SZ, PIPE_SIZE); /* over the user's limit: goes on as it is */
	*ours = fd[ours_writes];
	*theirs = fd[!ours_writes];
	return fcntl(*ours, F_SETFL, O_NONBLOCK);
}

int
command_start(struct command *command, char *const *argv, bool shielded, struct err *err)
{
	int in = -1, out = -1, failed[2] = { -1, -1 }, reason = 0, code = LODE_EIO;
	pid_t parent = getpid();
	ssize_t n;

	command->name = argv[0];
	command->to = command->from = -1;
	command->unsent.n = command->sent = 0;
	command->gone = false;
	command->moved_ms = now_ms();
	if (command->piece == NULL && (command->piece = malloc(ROOM)) == NULL)
		return err_set(err, LODE_ENOMEM, "out of memory");
	if (make_pipe(&command->to, &in, true) != 0 || make_pipe(&command->from, &out, false) != 0 || pipe2(failed, O_CLOEXEC) != 0 ||
	    (command->pid = fork()) < 0) {
		reason = errno;
	} else if (command->pid == 0) {
		become(argv, parent, in, out, failed[1], shielded);
	} else {
		(void)setpgid(command->pid, command->pid); /* whoever of the two is first */
		close_one(&failed[1]);
		do
			n = read(failed[0], &reason, sizeof reason);
		while (n < 0 && errno == EINTR);
		if (n != (ssize_t)sizeof reason)
			reason = 0;
		else
			code = LODE_EUSAGE;
	}
	close_one(&in);
	close_one(&out);
	close_one(&failed[0]);
	close_one(&failed[1]);
	if (reason == 0)
		return LODE_OK;
	if (command->pid > 0)
		(void)waitpid(command->pid, &command->status, 0);
	command->pid = 0;
	close_one(&command->to);
	close_one(&command->from);
	return err_set(err, code, "cannot run '%.100s': %s", argv[0], strerror(reason));
}

/* write(2) to a pipe that may have no reader: then EPIPE, and no signal, which is for those who write standard output. */
static ssize_t
write_quietly(int fd, const char *p, size_t n)
{
	static const struct timespec at_once = { 0, 0 };
	sigset_t pipe, before;
	ssize_t done;
	int reason;

	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	sigprocmask(SIG_BLOCK, &pipe, &before);
	done = write(fd, p, n);
	reason = errno;
	if (done < 0 && reason == EPIPE)
		(void)sigtimedwait(&pipe, NULL, &at_once);
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = reason;
	return done;
}

static int
send_some(struct command *command, struct err *err)
{
	size_t n = command->unsent.n - command->sent;
	ssize_t done = n == 0 ? 0 : write_quietly(command->to, command->unsent.p + command->sent, n);

	if (done >= 0) {
		command->sent += (size_t)done;
		if (command->sent == command->unsent.n)
			command->unsent.n = command->sent = 0;
		command->moved_ms = now_ms();
	} else if (errno == EPIPE) {
		close_one(&command->to);
		command->unsent.n = command->sent = 0;
	} else if (errno != EAGAIN && errno != EINTR) {
		return err_set(err, LODE_EIO, "cannot write to '%.100s': %s", command->name, strerror(errno));
	}
	return LODE_OK;
}

static int
hear_some(struct command *command, struct err *err)
{
	ssize_t n = read(command->from, command->piece, ROOM);

	if (n > 0) {
		command->moved_ms = now_ms();
		return command->on_output(command->argument, (struct str){ command->piece, (size_t)n }, err);
	}
	if (n == 0)
		close_one(&command->from);
	else if (errno != EAGAIN && errno != EINTR)
		return err_set(err, LODE_EIO, "cannot read from '%.100s': %s", command->name, strerror(errno));
	return LODE_OK;
}

/* Whatever can go either way; *ready: there is something at the descriptor, which may be -1. */
static int
turn(struct command *command, int descriptor, bool *ready, struct err *err)
{
	short to_send = command->unsent.n > 0 ? POLLOUT : 0; /* without it only that nobody reads shows */
	struct pollfd fd[3] = { { command->to, to_send, 0 }, { command->from, POLLIN, 0 }, { descriptor, POLLIN, 0 } };
	bool closed = command->to < 0 && command->from < 0;
	int rc;

	if (!command->gone && closed && waitpid(command->pid, &command->status, WNOHANG) == command->pid) {
		command->gone = true;
		return LODE_OK;
	}
	if (poll(fd, 3, closed && descriptor < 0 ? NAP_MS : WAKE_MS) <= 0)
		return LODE_OK;
	*ready = fd[2].revents != 0;
	if ((fd[0].revents & POLLERR) != 0 && to_send == 0)
		close_one(&command->to);
	else if (fd[0].revents != 0 && (rc = send_some(command, err)) != LODE_OK)
		return rc;
	return fd[1].revents != 0 ? hear_some(command, err) : LODE_OK;
}

static int
check_patience(const struct command *command, struct err *err)
{
	if (source_stop != 0)
		return LODE_DONE;
	if (command->patience_ms > 0 && now_ms() - command->moved_ms >= command->patience_ms)
		return err_set(err, LODE_EIO, "'%.100s' has done nothing for %lld s", command->name, (long long)command->patience_ms / 1000);
	return LODE_OK;
}

int
command_write(struct command *command, struct str text, struct err *err)
{
	bool ignored;
	int rc = LODE_OK;

	if (command->to < 0)
		return LODE_OK;
	if (command->unsent.n == 0)
		command->moved_ms = now_ms();
	if (command->sent >= ROOM) { /* else a command that is always a little behind would have us keep all that it ever got */
		command->unsent.n -= command->sent;
		memmove(command->unsent.p, command->unsent.p + command->sent, command->unsent.n);
		command->sent = 0;
	}
	if (buf_add_str(&command->unsent, text) != LODE_OK)
		return err_set(err, LODE_ENOMEM, "out of memory");
	if (command->unsent.n - command->sent < ROOM)
		return LODE_OK;
	while (rc == LODE_OK && command->unsent.n > 0)
		if ((rc = turn(command, -1, &ignored, err)) == LODE_OK)
			rc = check_patience(command, err);
	return rc;
}

int
command_hear(struct command *command, int descriptor, struct err *err)
{
	bool ready = false;
	int rc = LODE_OK;

	while (rc == LODE_OK && !ready && !command->gone && source_stop == 0)
		rc = turn(command, descriptor, &ready, err);
	return rc;
}

int
command_end(struct command *command, struct err *err)
{
	bool ignored;
	int rc = LODE_OK;

	command->moved_ms = now_ms();
	while (rc == LODE_OK && !command->gone) {
		if (command->unsent.n == 0)
			close_one(&command->to);
		if ((rc = turn(command, -1, &ignored, err)) == LODE_OK && !command->gone)
			rc = check_patience(command, err);
	}
	if (command->gone)
		command->pid = 0;
	return rc;
}

void
command_stop(struct command *command, int signal_number)
{
	int64_t until = now_ms() + GRACE_MS;

	if (command->pid > 0 && !command->gone) {
		(void)kill(-command->pid, signal_number);
		while (waitpid(command->pid, &command->status, WNOHANG) == 0) {
			if (now_ms() > until)
				(void)kill(-command->pid, SIGKILL);
			(void)poll(NULL, 0, NAP_MS);
		}
	}
	command->pid = 0;
	close_one(&command->to);
	close_one(&command->from);
}
