/*
 * make bench: rules TEMPLATE.  What the built-in rules add to an audit: parsing them and running them over every function
 * of the template, beside reading the template (both readers of YAML, and the tree).  Medians of processor time; exits
 * with 1 past RATIO_MAX.
 */
#include "audit/rules_priv.h"
#include "yaml/yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { TURNS = 101 };
#define RATIO_MAX 1.0

static double cpu_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static size_t run_all(const struct sg_model *m, struct sg_diags *d)
{
	static const struct check_row *const families[] = {audit_fun, audit_lim, audit_out, audit_log};
	struct sg_audit_options o = {.bounds = SG_BOUNDS_DEFAULT};
	struct audit_rules *rules = audit_rules_new(m->arena, d, &o);
	size_t functions = 0;
	const struct sg_resource *fn;
	for (size_t i = 0; (fn = sg_model_next(m, "AWS::Lambda::Function", &i)); functions++) {
		struct check k = {.m = m, .o = &o, .fn = fn, .in = fn->exists, .ours = true, .rules = rules};
		k.subjects = audit_subjects(&k);
		for (size_t f = 0; f < sizeof(families) / sizeof(*families); f++)
			for (const struct check_row *row = families[f]; row->rule; row++) {
				k.rule = row->rule;
				audit_run_rule(&k);
			}
	}
	audit_rules_free(rules);
	return functions;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* The template read, then its rules run: how long each took.  False where there is no function in it. */
static bool turn(struct sg_str text, double *reading, double *rules)
{
	struct sg_arena *a = sg_arena_new();
	struct sg_sources *s = sg_sources_new(a);
	struct sg_diags *d = sg_diags_new(a, s);
	struct sg_findings f = {.arena = a};
	struct sg_yaml_notes notes = {0};
	uint32_t id = sg_source_add(s, SG_LIT("t.yaml"), text);
	double t0 = cpu_ms();
	const struct sg_node *root = sg_yaml_load(a, d, id, NULL, &notes);
	double t1 = cpu_ms();
	root = root ? sg_cfn_canonical(a, d, root) : NULL;
	const struct sg_model *m = root ? sg_model_new(a, d, &f, root, NULL) : NULL;
	double t2 = cpu_ms();
	size_t functions = m ? run_all(m, d) : 0;
	*reading = t1 - t0;
	*rules = cpu_ms() - t2;
	sg_arena_free(a);
	return functions > 0;
}

int main(int argc, char **argv)
{
	double reading[TURNS], rules[TURNS];
	struct sg_arena *a = sg_arena_new();
	struct sg_str text;
	if (argc != 2 || !sg_file_read(a, argv[1], (size_t)64 << 20, &text, NULL)) {
		fputs("usage: rules TEMPLATE\n", stderr);
		return 2;
	}
	for (int i = -3; i < TURNS; i++)
		if (!turn(text, &reading[i < 0 ? 0 : i], &rules[i < 0 ? 0 : i])) {
			fputs("bench: no function to judge\n", stderr);
			return 2;
		}
	qsort(reading, TURNS, sizeof(*reading), compare);
	qsort(rules, TURNS, sizeof(*rules), compare);
	double ratio = rules[TURNS / 2] / reading[TURNS / 2];
	printf("built-in rules, parsed and run         %7.2f ms, reading the template %.2f ms\n"
	       "ratio (at most %.1f)                     %7.2f\n",
	       rules[TURNS / 2], reading[TURNS / 2], RATIO_MAX, ratio);
	sg_arena_free(a);
	return ratio > RATIO_MAX;
}
