/*
 * make bench: audit SANDBOXGEN FLOOR TEMPLATE.  Runs the audit and the floor in turns, prints the medians of both and their
 * ratios, and exits with 1 when the audit takes more than RATIO_MAX times the floor's processor time.  The wall clock is
 * shown beside it: on a busy machine it says more about the neighbours.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TURNS = 101, WARM_UP = 5 };
#define RATIO_MAX 2.5

struct cost {
	double wall[TURNS], cpu[TURNS]; /* ms */
};

static double now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double ms(struct timeval t)
{
	return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

/* What the program takes from start to end; it must exit with 0.  turn < 0: not kept. */
static void run(char *const argv[], int turn, struct cost *cost)
{
	char *none[] = {NULL};
	posix_spawn_file_actions_t actions;
	struct rusage used = {0};
	pid_t pid;
	int status = 0;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	double start = now_ms();
	int error = posix_spawn(&pid, argv[0], &actions, NULL, argv, none);
	while (!error && wait4(pid, &status, 0, &used) < 0 && errno == EINTR)
		;
	double took = now_ms() - start;
	posix_spawn_file_actions_destroy(&actions);
	if (error || !WIFEXITED(status) || WEXITSTATUS(status)) {
		fprintf(stderr, "bench: %s did not exit with 0\n", argv[0]);
		exit(2);
	}
	if (turn < 0)
		return;
	cost->wall[turn] = took;
	cost->cpu[turn] = ms(used.ru_utime) + ms(used.ru_stime);
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
	static struct cost audit, floor;
	char command[] = "audit";
	if (argc != 4) {
		fputs("usage: audit SANDBOXGEN FLOOR TEMPLATE\n", stderr);
		return 2;
	}
	char *above[] = {argv[1], command, argv[3], NULL}, *under[] = {argv[2], argv[3], NULL};
	for (int turn = -WARM_UP; turn < TURNS; turn++) {
		run(above, turn, &audit);
		run(under, turn, &floor);
	}
	double cpu = median(audit.cpu), floor_cpu = median(floor.cpu);
	double wall = median(audit.wall), floor_wall = median(floor.wall);
	printf("                                       processor   wall clock\n"
	       "audit of the rendered template        %7.2f ms   %7.2f ms\n"
	       "floor: same libraries, both readers   %7.2f ms   %7.2f ms\n"
	       "ratio (processor: at most %.1f)        %7.2f      %7.2f\n",
	       cpu, wall, floor_cpu, floor_wall, RATIO_MAX, cpu / floor_cpu, wall / floor_wall);
	return cpu / floor_cpu > RATIO_MAX;
}
