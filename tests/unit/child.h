/* child - runs a function in a child with its standard streams in files, for what ends the program */
#ifndef LODE_TEST_CHILD_H
#define LODE_TEST_CHILD_H

#include <fcntl.h>
#include <sys/wait.h>

#include "temp.h"

struct child {
	int status;       /* exit status, or 128 + signal */
	char *out, *err;  /* what it wrote; owned */
	size_t n_out, n_err;
};

static inline void
child_run(struct child *child, int (*main_of)(void *argument), void *argument, const char *input, size_t n_input)
{
	char in[] = "/tmp/test_child.XXXXXX", out[] = "/tmp/test_child.XXXXXX", error[] = "/tmp/test_child.XXXXXX";
	int status, fd[3];
	pid_t pid;

	temp_make(in, input, n_input);
	temp_make(out, "", 0);
	temp_make(error, "", 0);
	fflush(NULL);
	if ((pid = fork()) == 0) {
		fd[0] = open(in, O_RDONLY);
		fd[1] = open(out, O_WRONLY);
		fd[2] = open(error, O_WRONLY | O_APPEND);
		for (int i = 0; i < 3; i++)
			if (fd[i] < 0 || dup2(fd[i], i) < 0)
				abort();
		status = main_of(argument);
		fflush(NULL);
		_exit(status);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		abort();
	child->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	child->out = temp_read(out, &child->n_out);
	child->err = temp_read(error, &child->n_err);
	unlink(in);
	unlink(out);
	unlink(error);
}

static inline void
child_release(struct child *child)
{
	free(child->out);
	free(child->err);
}

#endif
