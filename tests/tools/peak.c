/*
 * peak - how much memory a command takes at most
 *
 * usage: peak FILE COMMAND [ARGUMENT ...]
 *
 * Runs the command and writes its greatest resident size in kilobytes to FILE; ends as the command did.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	struct rusage usage;
	int status;
	pid_t pid;
	FILE *file;

	if (argc < 3)
		return 2;
	if ((pid = fork()) == 0) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid || (file = fopen(argv[1], "w")) == NULL)
		return 3;
	fprintf(file, "%ld\n", usage.ru_maxrss);
	if (fclose(file) != 0)
		return 3;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
