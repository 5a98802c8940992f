/*
 * make bench, first half: bench_audit SANDBOXGEN FLOOR TEMPLATE.  Runs the audit and the floor in turns, prints the medians
 * and their ratio, and exits with 1 when the audit takes more than RATIO_MAX times the floor.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TURNS = 101, WARM_UP = 5 };
#define RATIO_MAX 2.5

static double now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* How long the program takes from start to end; it must exit with 0. */
static double run(char *const argv[])
{
	char *none[] = {NULL};
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int status = 0;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	double start = now_ms();
	int error = posix_spawn(&pid, argv[0], &actions, NULL, argv, none);
	while (!error && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	double took = now_ms() - start;
	posix_spawn_file_actions_destroy(&actions);
	if (error || !WIFEXITED(status) || WEXITSTATUS(status)) {
		fprintf(stderr, "bench: %s did not exit with 0\n", argv[0]);
		exit(2);
	}
	return took;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *v)
{
	qsort(v, TURNS, sizeof(*v), compare);
	return v[TURNS / 2];
}

int main(int argc, char **argv)
{
	static double audits[TURNS], floors[TURNS];
	if (argc != 4) {
		fputs("usage: bench_audit SANDBOXGEN FLOOR TEMPLATE\n", stderr);
		return 2;
	}
	char command[] = "audit";
	char *audit[] = {argv[1], command, argv[3], NULL}, *under[] = {argv[2], argv[3], NULL};
	for (int i = -WARM_UP; i < TURNS; i++) {
		double a = run(audit), f = run(under);
		if (i >= 0)
			audits[i] = a, floors[i] = f;
	}
	double a = median(audits), f = median(floors);
	printf("audit of the rendered template  %7.2f ms\n"
	       "floor: same libraries, both readers %3.2f ms\n"
	       "ratio %.2f (at most %.1f)\n",
	       a, f, a / f, RATIO_MAX);
	return a / f > RATIO_MAX;
}
