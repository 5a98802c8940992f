/*
 * What iam/ decides, asked in bulk by one process: judge < LINES.  Each line is a JSON object, each answer one line.
 *
 *   {"candidate": POLICY, "reference": POLICY}      {"verdict": "pass" | "fail" | "unproven" | "error", "over_budget": …,
 *                                                    "requests": [{"action", "resource", "context"}], "seconds": …}
 *   {"policy": POLICY, "requests": [REQUEST]}       ["yes" | "no" | "maybe"], by the point evaluator alone
 *
 * A request of an answer is what breaks out, one for each Allow that goes beyond; a key of its context is a text, a list,
 * or null where it must be absent.  Nothing is decided here.
 */
#include "iam/iam_priv.h"
#include "json/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct job {
	struct sg_arena *a;
	struct sg_sources *sources;
	struct sg_diags *diags;
	struct sg_findings findings;
	const struct sg_model *m;
	struct iam i;
	struct sg_json w;
};

static const struct sg_node *canonical(struct job *j, const struct sg_node *n)
{
	return n ? sg_cfn_canonical(j->a, j->diags, n) : NULL;
}

/* After this line no document may be read: its names are not declared. */
static void make_model(struct job *j, const struct sg_node *one, const struct sg_node *other)
{
	const struct sg_node *documents[] = {one, other};
	j->m = sg_iam_no_template(j->a, j->diags, &j->findings, documents, 2);
	iam_init(&j->i, j->m, j->a);
}

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ------------------------------------------------------------------------------------------------ containment */

static void write_context(struct job *j, const struct iam_request *rq)
{
	sg_json_object(&j->w);
	for (size_t k = 0; k < rq->context.n; k++) {
		const struct iam_value *v = &rq->context.v[k];
		sg_json_key_str(&j->w, v->key);
		if (!v->present) {
			sg_json_null(&j->w);
			continue;
		}
		if (v->n_more)
			sg_json_array(&j->w);
		sg_json_str(&j->w, iam_raw_show(&j->i, v->value));
		for (size_t n = 0; n < v->n_more; n++)
			sg_json_str(&j->w, iam_raw_show(&j->i, v->more[n]));
		if (v->n_more)
			sg_json_end(&j->w);
	}
	sg_json_end(&j->w);
}

static void write_request(struct job *j, const struct iam_answer *a)
{
	sg_json_object(&j->w);
	sg_json_key(&j->w, "action");
	sg_json_str(&j->w, iam_action_show(&j->i, a->witness.action, NULL));
	sg_json_key(&j->w, "resource");
	sg_json_str(&j->w, iam_raw_show(&j->i, a->witness.resource));
	sg_json_key(&j->w, "context");
	write_context(j, &a->witness);
	sg_json_end(&j->w);
}

/* Each Allow of the candidate; what breaks out is written as it is found. */
static enum sg_verdict prove(struct job *j, const iam_stmts *candidate, const iam_stmts *reference, bool *over)
{
	enum sg_verdict worst = SG_PASS;
	struct iam_problem p;
	iam_problem_init(&p, &j->i, candidate, NULL, reference, SG_ALWAYS);
	for (size_t k = 0; k < p.candidate[IAM_MAY].allows.n; k++) {
		struct iam_answer a;
		iam_contained(&p, k, &a);
		enum sg_verdict v = a.verdict == IAM_CONTAINED ? SG_PASS
				    : a.verdict == IAM_BEYOND  ? SG_FAIL
							       : SG_UNPROVEN;
		worst = v > worst ? v : worst;
		*over |= a.over_budget;
		if (a.verdict == IAM_BEYOND)
			write_request(j, &a);
	}
	return worst;
}

static void contain(struct job *j, const struct sg_node *candidate, const struct sg_node *reference)
{
	iam_stmts c = {0}, r = {0};
	enum sg_verdict v = SG_PASS;
	bool over = false;
	double start = seconds();
	sg_json_object(&j->w);
	sg_json_key(&j->w, "requests");
	sg_json_array(&j->w);
	iam_free_document(&j->i, candidate, SG_LIT("candidate"), j->diags, SG_ALWAYS, &c);
	iam_free_document(&j->i, reference, SG_LIT("reference"), j->diags, SG_ALWAYS, &r);
	if (!sg_diags_errors(j->diags))
		v = prove(j, &c, &r, &over);
	sg_json_end(&j->w);
	sg_json_key(&j->w, "verdict");
	sg_json_cstr(&j->w, sg_diags_errors(j->diags) ? "error" : sg_verdict_name(v));
	sg_json_key(&j->w, "over_budget");
	sg_json_bool(&j->w, over);
	sg_json_key(&j->w, "seconds");
	sg_json_double(&j->w, seconds() - start);
	sg_json_end(&j->w);
}

/* ------------------------------------------------------------------------------------------------ points */

static struct iam_raw raw_of(struct job *j, const struct sg_node *n)
{
	return iam_raw_str(&j->i, sg_cstr(j->a, n->text));
}

static void add_key(struct job *j, const struct sg_member *m, struct iam_request *rq)
{
	struct iam_value v = {.key = m->key->text, .present = true};
	const struct sg_node *list = m->value->kind == SG_SEQ ? m->value : NULL;
	struct iam_raw *more = SG_NEW_ARRAY(j->a, list ? list->n + 1 : 1, struct iam_raw);
	if (!list) {
		v.value = raw_of(j, m->value);
	} else if (list->n) {
		v.value = raw_of(j, list->items[0]);
		for (size_t k = 1; k < list->n; k++)
			more[v.n_more++] = raw_of(j, list->items[k]);
		v.more = more;
	}
	SG_PUSH(j->a, &rq->context, v);
}

static enum iam_truth decide(struct job *j, const struct iam_policy policy[2], const struct sg_node *n)
{
	const struct sg_node *context = sg_node_get(n, "context");
	struct iam_request rq = {.action = iam_action_word(&j->i, sg_cstr(j->a, sg_node_get(n, "action")->text)),
				 .resource = raw_of(j, sg_node_get(n, "resource"))};
	for (size_t k = 0; context && k < context->n; k++)
		add_key(j, &context->members[k], &rq);
	enum iam_truth up = iam_point_allowed(&policy[IAM_MAY], &rq), down = iam_point_allowed(&policy[IAM_MUST], &rq);
	return up == IAM_NO ? IAM_NO : down == IAM_YES ? IAM_YES : IAM_MAYBE;
}

static void points(struct job *j, const struct sg_node *policy, const struct sg_node *requests)
{
	static const char *const names[] = {"no", "maybe", "yes"};
	struct iam_policy compiled[2];
	iam_stmts stmts = {0};
	/* Patterns as they stand: where the readings of a wildcard differ, the evaluator itself says maybe. */
	j->i.reading = IAM_WHOLE;
	iam_free_document(&j->i, policy, SG_LIT("policy"), j->diags, SG_ALWAYS, &stmts);
	iam_policy_compile(&j->i, &stmts, SG_ALWAYS, IAM_MAY, true, &compiled[IAM_MAY]);
	iam_policy_compile(&j->i, &stmts, SG_ALWAYS, IAM_MUST, true, &compiled[IAM_MUST]);
	sg_json_array(&j->w);
	for (size_t k = 0; k < requests->n; k++)
		sg_json_cstr(&j->w,
			     sg_diags_errors(j->diags) ? "error" : names[decide(j, compiled, requests->items[k])]);
	sg_json_end(&j->w);
}

/* ------------------------------------------------------------------------------------------------ lines */

static void one_line(struct sg_str line)
{
	struct job j = {.a = sg_arena_new()};
	struct sg_buf out = {0};
	j.sources = sg_sources_new(j.a);
	j.diags = sg_diags_new(j.a, j.sources);
	j.findings.arena = j.a;
	sg_json_init(&j.w, &out, 0);
	uint32_t id = sg_source_add(j.sources, SG_LIT("line"), line);
	const struct sg_node *n = sg_json_load(j.a, id, NULL, j.diags);
	if (!n) {
		fprintf(stderr, "judge: a line is no JSON: %.*s\n", (int)(line.n > 200 ? 200 : line.n), line.p);
		exit(2);
	}
	const struct sg_node *policy = canonical(&j, sg_node_get(n, "policy"));
	const struct sg_node *candidate = canonical(&j, sg_node_get(n, "candidate"));
	const struct sg_node *reference = canonical(&j, sg_node_get(n, "reference"));
	make_model(&j, policy ? policy : candidate, reference);
	if (policy)
		points(&j, policy, sg_node_get(n, "requests"));
	else
		contain(&j, candidate, reference);
	printf("%.*s\n", (int)out.n, out.p);
	fflush(stdout);
	sg_buf_free(&out);
	sg_arena_free(j.a);
}

int main(void)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	while ((n = getline(&line, &cap, stdin)) > 0)
		one_line((struct sg_str){line, (size_t)n});
	free(line);
	return 0;
}
