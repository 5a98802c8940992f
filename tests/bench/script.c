/*
 * make bench: what a script costs in a running executor beside a bare fork, measured in turns in one process.
 * It only shows; how much is too much depends on the machine.
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

static double script(struct sg_supervisor *s)
{
	static struct sg_answer answer;
	double start = now_ms();
	if (!sg_supervise_run(s, SG_LIT("{\"script\":\"result = 1\"}"), 0, &answer) || answer.kind != SG_KIND_NONE) {
		fprintf(stderr, "bench: the script failed: %.*s\n", SG_FMT(answer.message));
		exit(2);
	}
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
	for (int i = -WARM_UP; i < TURNS; i++) {
		double f = bare_fork(), t = script(s);
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

/* For executor.py, which measures others in turns: a line on standard input is one script, its milliseconds and those of
 * processor time are the answer. */
static int serve(struct sg_supervisor *s)
{
	static struct sg_answer answer;
	printf("%s %d\n", sg_sandbox_profile_name(s->sandbox.profile), (int)getpid());
	fflush(stdout);
	while (getchar() != EOF) {
		double began = now_ms();
		if (!sg_supervise_run(s, SG_LIT("{\"script\":\"result = 1\"}"), 0, &answer) ||
		    answer.kind != SG_KIND_NONE)
			return 2;
		printf("%.4f %.4f\n", now_ms() - began, answer.cpu_ms);
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
