/*
 * The whole pipeline of an audit over many files in one process: pipeline [-p] [-n CASES] [-t TRUNCATIONS] [-s SEED].
 * Paths come on standard input, one a line.
 *
 * Each file is read, expanded, modelled and audited as it is; then -t of its truncations are, at places drawn with the
 * seed.  With -n that many cases are drawn instead: a file, and where to cut it.  -p prints what is said about the whole
 * files: "path:line:column: RULE status: message".  A case that takes longer than ten seconds of the processor ends the
 * program; what a sanitizer has to say ends it, too.  The last line counts the cases.
 */
#include "audit/audit.h"
#include "yaml/yaml.h"
#include "json/json.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

enum { MAX_BYTES = 16 << 20, MAX_SECONDS = 10 };

struct paths {
	SG_VEC(const char *) v;
};

static uint64_t state = 1;
static bool print;
static unsigned long cases, read_well;
static char current[4200];

/* xorshift64* */
static uint64_t next_random(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1du;
}

static void too_long(int signal_number)
{
	static const char text[] = ": takes too long\n";
	(void)signal_number;
	if (write(STDERR_FILENO, current, strlen(current)) < 0 || write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(4);
	_exit(3);
}

static void set_clock(void)
{
	struct itimerval t = {.it_value = {.tv_sec = MAX_SECONDS}};
	setitimer(ITIMER_PROF, &t, NULL);
}

/* ------------------------------------------------------------------------------------------------ one text */

static bool starts_like_json(struct sg_str text)
{
	return sg_str_starts(sg_str_trim(text), "{");
}

static const struct sg_node *load(struct sg_arena *a, struct sg_diags *d, uint32_t id)
{
	if (starts_like_json(sg_source_text(sg_diags_sources(d), id))) {
		const struct sg_node *json = sg_json_load(a, id, NULL, sg_diags_new(a, sg_diags_sources(d)));
		if (json)
			return json;
	}
	struct sg_yaml_notes notes = {0};
	const struct sg_node *root = sg_yaml_load(a, d, id, NULL, &notes);
	sg_yaml_report_duplicates(d, &notes);
	return root;
}

static void print_at(const struct sg_sources *s, struct sg_span span, const char *rule, const char *status,
		     struct sg_str text)
{
	struct sg_pos p = sg_pos_start(s, span);
	printf("%s:%u:%u: %s %s: %.*s\n", current, p.line, p.column, rule, status, SG_FMT(text));
}

static void say(const struct sg_sources *s, const struct sg_diags *d, const struct sg_findings *f)
{
	for (size_t i = 0; i < sg_diags_count(d); i++)
		print_at(s, sg_diags_at(d, i)->span, "-", "error", sg_diags_at(d, i)->message);
	for (size_t i = 0; i < f->list.n; i++)
		print_at(s, f->list.v[i]->span, f->list.v[i]->rule->id, sg_verdict_name(f->list.v[i]->status),
			 f->list.v[i]->message);
}

static void one_text(struct sg_str text, bool whole)
{
	struct sg_arena *a = sg_arena_new();
	struct sg_sources *s = sg_sources_new(a);
	struct sg_diags *d = sg_diags_new(a, s);
	struct sg_findings f = {.arena = a};
	struct sg_audit_options o = {.bounds = SG_BOUNDS_DEFAULT};
	set_clock();
	uint32_t id = sg_source_add(s, sg_str(current), text);
	const struct sg_node *root = load(a, d, id);
	if (root && !sg_diags_errors(d))
		sg_audit_template(a, d, &f, root, &o);
	struct sg_buf out = {0};
	sg_diags_print(d, &out, false);
	sg_buf_free(&out);
	if (print && whole)
		say(s, d, &f);
	cases++;
	read_well += !sg_diags_errors(d);
	sg_arena_free(a);
}

/* ------------------------------------------------------------------------------------------------ the cases */

/* A copy of its own, so that a sanitizer sees a read behind the cut. */
static void cut_text(struct sg_str text, size_t n)
{
	char *copy = malloc(n + 1);
	if (!copy)
		sg_oom();
	memcpy(copy, text.p, n);
	copy[n] = '\0';
	one_text((struct sg_str){copy, n}, n == text.n);
	free(copy);
}

static void one_file(const char *path, unsigned long truncations, bool whole)
{
	struct sg_arena *a = sg_arena_new();
	struct sg_str text;
	struct sg_status st;
	snprintf(current, sizeof(current), "%s", path);
	if (!sg_file_read(a, path, MAX_BYTES, &text, &st)) {
		fprintf(stderr, "%s\n", st.text);
		exit(2);
	}
	if (whole)
		cut_text(text, text.n);
	for (unsigned long i = 0; i < truncations; i++)
		cut_text(text, text.n ? next_random() % text.n : 0);
	sg_arena_free(a);
}

static void read_paths(struct sg_arena *a, struct paths *paths)
{
	char line[4096];
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		SG_PUSH(a, &paths->v, sg_cstr(a, sg_str(line)));
	}
}

static void run(const struct paths *paths, unsigned long drawn, unsigned long truncations)
{
	for (size_t i = 0; !drawn && i < paths->v.n; i++)
		one_file(paths->v.v[i], truncations, true);
	for (unsigned long i = 0; i < drawn; i++) {
		bool whole = next_random() % 4 == 0;
		one_file(paths->v.v[next_random() % paths->v.n], !whole, whole);
	}
}

int main(int argc, char **argv)
{
	unsigned long drawn = 0, truncations = 0;
	struct paths paths = {0};
	for (int c; (c = getopt(argc, argv, "pn:t:s:")) != -1;) {
		if (c == 'p')
			print = true;
		else if (c == 'n')
			drawn = strtoul(optarg, NULL, 10);
		else if (c == 't')
			truncations = strtoul(optarg, NULL, 10);
		else if (c == 's')
			state = strtoul(optarg, NULL, 10) * 2 + 1;
		else
			return 2;
	}
	struct sg_arena *a = sg_arena_new();
	read_paths(a, &paths);
	signal(SIGPROF, too_long);
	if (paths.v.n)
		run(&paths, drawn, truncations);
	printf("# %zu files, %lu cases, %lu of them templates\n", paths.v.n, cases, read_well);
	sg_arena_free(a);
	return cases ? 0 : 2;
}
