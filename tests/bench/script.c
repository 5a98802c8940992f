/*
 * make bench: what a script costs in a running executor beside a bare fork, measured in turns in one process.
 * It only shows; how much is too much depends on the machine.  Linked with no_layers.c instead of sandbox/ it is
 * tests/bench/bare, the same executor without any layer.
 */
#include "supervise/supervise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TURNS = 101, WARM_UP = 5, NOBODY = 65534 };

static double now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
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

static double bare_fork(void)
{
	double start = now_ms();
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	if (pid < 0 || waitpid(pid, NULL, 0) < 0)
		exit(2);
	return now_ms() - start;
}

static double script(struct sg_supervisor *s, double *cpu)
{
	static struct sg_answer answer;
	char text[] = "{\"script\":\"result = 1\"}";
	double start = now_ms();
	struct sg_region request = {text, sizeof(text) - 1, 0}; /* no capacity: nothing is given back */
	if (!sg_supervise_run(s, &request, 0, &answer) || answer.kind != SG_KIND_NONE) {
		fprintf(stderr, "bench: the script failed: %.*s\n", SG_FMT(answer.message));
		exit(2);
	}
	*cpu = answer.cpu_ms;
	return now_ms() - start;
}

static bool start(struct sg_supervisor *s, struct sg_supervise_config *config, struct sg_status *st)
{
	config->memory = (uint64_t)256 << 20;
	config->timeout_ms = 30000;
	return sg_engine_find_python(NULL, "/usr/local/bin:/usr/bin:/bin", &config->engine.python, st) &&
	       (getuid() != 0 || sg_sys_drop_root(NOBODY, NOBODY, st)) && sg_supervise_start(s, config, st);
}

static int measure(struct sg_supervisor *s)
{
	static double forks[TURNS], scripts[TURNS];
	double cpu;
	for (int i = -WARM_UP; i < TURNS; i++) {
		double f = bare_fork(), t = script(s, &cpu);
		if (i >= 0)
			forks[i] = f, scripts[i] = t;
	}
	double f = median(forks), t = median(scripts);
	printf("a script, request to answer           %7.2f ms   (profile %s)\n"
	       "floor: a bare fork                    %7.2f ms\n"
	       "ratio                                 %7.1f\n\n",
	       t, sg_sandbox_profile_name(s->sandbox.profile), f, t / f);
	return 0;
}

/* The process for the next script, and time for it to come to where it waits. */
static void make_ready(struct sg_supervisor *s)
{
	sg_supervise_ready(s, NULL);
	nanosleep(&(struct timespec){.tv_nsec = 15000000}, NULL);
}

/* For executor.py, which measures others in turns.  A line on standard input is one script, whose process is made when it
 * comes or, behind `w`, waits for it already; its milliseconds and those of processor time are the answer. */
static int serve(struct sg_supervisor *s)
{
	char line[16];
	printf("%s %d\n", sg_sandbox_profile_name(s->sandbox.profile), (int)getpid());
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		double cpu;
		if (line[0] == 'w')
			make_ready(s);
		double ms = script(s, &cpu);
		printf("%.4f %.4f\n", ms, cpu);
		fflush(stdout);
	}
	return 0;
}

int main(int argc, char **argv)
{
	static struct sg_supervisor supervisor;
	static struct sg_supervise_config config;
	struct sg_status st = {0};
	if (environ[0] && !sg_sandbox_reexec(argv, &st)) {
		fprintf(stderr, "bench: %s\n", st.text);
		return 2;
	}
	int code = 2;
	if (start(&supervisor, &config, &st))
		code = argc > 1 ? serve(&supervisor) : measure(&supervisor);
	else
		fprintf(stderr, "bench: %s\n", st.text);
	sg_supervise_stop(&supervisor);
	return code;
}
