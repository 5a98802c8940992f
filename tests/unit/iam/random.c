/* Unit tests of iam/: random pairs of whole policies.  Every request of a small world is tried: none may break out of
 * what was proved contained, and every witness must be one. */
#include "roles.h"

static uint32_t seed = 2026;

static uint32_t below(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 10) % n;
}

static const char *const actions[] = {"a:x", "a:y", "a:xy", "b:x", "b:z", "a:*", "b:*", "a:x*", "a:?", "*"};
static const char *const tails[] = {"", "x", "y", "xy", "x*", "*y", "*", "x?", "?", "x*y", "?y*"};
#define COUNT(list) (sizeof(list) / sizeof(*list))

/* Only forms that both readings of a resource agree about, so that nothing is rounded and the truth is plain. */
static struct iam_raw resource(struct iam *i)
{
	if (below(4) == 0)
		return iam_raw_str(i, "*");
	return iam_raw_str(i, sg_cstr(i->a, sg_strf(i->a, "arn:p:s:r:1:%s", tails[below(COUNT(tails))])));
}

static void push(struct iam *i, iam_elements *list, struct iam_raw raw)
{
	struct iam_element e = {.raw = raw, .guard = SG_ALWAYS};
	SG_PUSH(i->a, list, e);
}

static void random_condition(struct iam *i, struct iam_cond *c)
{
	static const struct {
		const char *op, *value;
	} rows[] = {{"Null", "true"},      {"Null", "false"},        {"StringEquals", "a"},
		    {"StringEquals", "b"}, {"StringNotEquals", "a"}, {"StringEqualsIfExists", "a"}};
	struct iam_atom a = {.key = below(2) ? SG_LIT("k") : SG_LIT("j")};
	size_t row = below(COUNT(rows));
	ck_assert(iam_operator(sg_str(rows[row].op), &a));
	SG_PUSH(i->a, &a.values, iam_raw_str(i, rows[row].value));
	iam_atom_intern(i, &a, true);
	SG_PUSH(i->a, &c->atoms, a);
}

static struct iam_stmt random_stmt(struct iam *i, bool may_deny)
{
	struct iam_stmt s = {.guard = SG_ALWAYS, .variables = true};
	s.effect = may_deny && below(2) ? IAM_DENY : IAM_ALLOW;
	s.not_action = below(5) == 0;
	s.not_resource = below(5) == 0;
	for (size_t n = 1 + below(2); n; n--)
		push(i, &s.actions, iam_raw_str(i, actions[below(COUNT(actions))]));
	for (size_t n = 1 + below(2); n; n--)
		push(i, &s.resources, resource(i));
	for (size_t n = below(3); n; n--)
		random_condition(i, &s.cond);
	return s;
}

static void random_policy(struct iam *i, iam_stmts *out, bool may_deny)
{
	for (size_t n = 1 + below(3); n; n--) {
		struct iam_stmt s = random_stmt(i, may_deny);
		SG_PUSH(i->a, out, s);
	}
}

struct truth {
	struct iam_policy candidate, reference;
	bool broken;
	char why[200];
};

/* Allow and Deny as they are written: the direction in which nothing is dropped. */
static void exact(struct iam *i, const iam_stmts *candidate, const iam_stmts *reference, struct truth *t)
{
	struct iam_policy other;
	iam_policy_compile(i, candidate, SG_ALWAYS, IAM_MAY, true, &t->candidate);
	iam_policy_compile(i, candidate, SG_ALWAYS, IAM_MUST, true, &other);
	t->candidate.denies = other.denies;
	iam_policy_compile(i, reference, SG_ALWAYS, IAM_MUST, false, &t->reference);
}

static void set_key(struct iam *i, struct iam_request *rq, const char *key, size_t value)
{
	static const char *const values[] = {NULL, "a", "b", "c"};
	struct iam_value v = {sg_str(key), values[value] != NULL, {0}, NULL, 0};
	if (v.present)
		v.value = iam_raw_str(i, values[value]);
	SG_PUSH(i->a, &rq->context, v);
}

static void try_contexts(struct iam *i, struct truth *t, struct iam_request *rq)
{
	for (size_t c = 0; c < 16 && !t->broken; c++) {
		rq->context.n = 0;
		set_key(i, rq, "k", c % 4);
		set_key(i, rq, "j", c / 4);
		t->broken = iam_point_allowed(&t->candidate, rq) == IAM_YES &&
			    iam_point_allowed(&t->reference, rq) == IAM_NO;
		if (t->broken)
			snprintf(t->why, sizeof(t->why), "%s", sg_cstr(i->a, iam_request_show(i, rq, NULL)));
	}
}

static void try_requests(struct iam *i, struct truth *t)
{
	static const char *const words[] = {"a:x", "a:y", "a:z", "a:xy", "a:xx", "a:zz", "b:x", "b:z", "c:x"};
	static const char *const rest[] = {"", "x", "y", "z", "xx", "xy", "yx", "zy", "xzy", "zyz", "xyz", "zz"};
	for (size_t k = 0; k < COUNT(words) && !t->broken; k++) {
		struct iam_request rq = {.action = iam_raw_str(i, words[k]), .resource = iam_raw_str(i, "*")};
		try_contexts(i, t, &rq);
		for (size_t r = 0; r < COUNT(rest) && !t->broken; r++) {
			rq.resource = iam_raw_str(i, sg_cstr(i->a, sg_strf(i->a, "arn:p:s:r:1:%s", rest[r])));
			try_contexts(i, t, &rq);
		}
	}
}

START_TEST(random_policies_agree_with_their_points)
{
	struct judged *j = judged_new();
	j->l = load_text("Resources: {T: {Type: AWS::SNS::Topic}}\n");
	j->m = sg_model_new(j->l.arena, j->l.diags, &j->l.findings, j->l.root, NULL);
	size_t contained = 0, beyond = 0, undecided = 0, rounds = 3000;
	for (size_t round = 0; round < rounds; round++) {
		struct sg_arena *a = sg_arena_new();
		struct iam i;
		iam_stmts candidate = {0}, reference = {0};
		struct iam_problem p;
		struct truth t = {0};
		bool all = true;
		iam_init(&i, j->m, a);
		random_policy(&i, &candidate, true);
		random_policy(&i, &reference, false);
		iam_problem_init(&p, &i, &candidate, NULL, &reference, SG_ALWAYS);
		for (size_t k = 0; k < p.candidate[IAM_MAY].allows.n; k++) {
			struct iam_answer answer;
			iam_contained(&p, k, &answer);
			all &= answer.verdict == IAM_CONTAINED;
			beyond += answer.verdict == IAM_BEYOND;
			undecided += answer.verdict == IAM_UNDECIDED;
			if (answer.verdict == IAM_BEYOND)
				ck_assert(iam_is_witness(&p, &answer.witness));
		}
		exact(&i, &candidate, &reference, &t);
		if (all)
			try_requests(&i, &t);
		ck_assert_msg(!t.broken, "round %zu: %s breaks out", round, t.why);
		contained += all;
		sg_arena_free(a);
	}
	/* Worth something only where each answer is common, and what stays open is not. */
	ck_assert_uint_gt(contained, rounds / 10);
	ck_assert_uint_gt(beyond, rounds / 10);
	ck_assert_uint_lt(undecided, beyond / 10);
	sg_arena_free(j->l.arena);
}
END_TEST

IAM_TESTS(random_tests, random_policies_agree_with_their_points)
