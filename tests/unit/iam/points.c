/* Unit tests of iam/: one request at a time, conditions, and the search for a context. */
#include "roles.h"

static struct sg_arena *arena;

static struct iam_atom atom(struct iam *i, const char *op, const char *key, const char *value)
{
	struct iam_atom a = {.key = sg_str(key)};
	ck_assert_msg(iam_operator(sg_str(op), &a), "%s", op);
	for (size_t n; *value; value += n + (value[n] == '|')) {
		n = strcspn(value, "|");
		SG_PUSH(i->a, &a.values, iam_raw_str(i, sg_cstr(i->a, (struct sg_str){value, n})));
	}
	iam_atom_intern(i, &a, true);
	return a;
}

static struct iam start(void)
{
	struct iam i;
	arena = sg_arena_new();
	iam_init(&i, NULL, arena);
	return i;
}

START_TEST(atoms_on_values)
{
	static const struct {
		const char *op, *value, *key_value; /* NULL: the key is absent */
		enum iam_truth want;
	} rows[] = {
		{"StringEquals", "a|b", "b", IAM_YES},
		{"StringEquals", "a*", "ab", IAM_NO},
		{"StringEquals", "a", NULL, IAM_NO},
		{"stringequals", "a", "A", IAM_NO},
		{"StringEqualsIgnoreCase", "a", "A", IAM_YES},
		{"StringNotEquals", "a", NULL, IAM_YES},
		{"StringNotEquals", "a|b", "b", IAM_NO},
		{"StringLike", "a*c?", "abbcd", IAM_YES},
		{"StringLike", "a*c?", "abbc", IAM_NO},
		{"StringNotLike", "a*", "b", IAM_YES},
		{"StringEqualsIfExists", "a", NULL, IAM_YES},
		{"StringEqualsIfExists", "a", "b", IAM_NO},
		{"ForAllValues:StringEquals", "a", NULL, IAM_YES},
		{"ForAnyValue:StringEquals", "a", NULL, IAM_NO},
		{"ForAnyValue:StringNotEquals", "a", NULL, IAM_NO},
		{"ForAnyValue:StringLike", "a*", "ab", IAM_YES},
		{"Bool", "true", "True", IAM_YES},
		{"Null", "true", NULL, IAM_YES},
		{"Null", "true", "x", IAM_NO},
		{"Null", "false", "x", IAM_YES},
		{"Null", "FALSE", NULL, IAM_NO},
		{"NumericLessThan", "10", "9", IAM_YES},
		{"NumericLessThan", "10", "10", IAM_NO},
		{"NumericLessThanEquals", "10", "10", IAM_YES},
		{"NumericGreaterThan", "10", "x", IAM_MAYBE},
		{"NumericNotEquals", "10", "10", IAM_NO},
		{"ArnLike", "arn:aws:lambda:*:*:function:f", "arn:aws:lambda:r:1:function:f", IAM_YES},
		{"ArnEquals", "arn:aws:lambda:*:1:function:f", "arn:aws:lambda:r:2:1:function:f", IAM_MAYBE},
		{"ArnNotEquals", "arn:aws:lambda:r:1:function:f", "arn:aws:lambda:r:1:function:g", IAM_YES},
		{"IpAddress", "10.0.0.0/8", "10.1.2.3", IAM_YES},
		{"IpAddress", "10.0.0.0/8", "11.1.2.3", IAM_NO},
		{"IpAddress", "10.0.0.0/8", "::a01:203", IAM_NO},
		{"IpAddress", "2001:db8::/33", "2001:db8:7fff::1", IAM_YES},
		{"IpAddress", "2001:db8::/33", "2001:db8:8000::1", IAM_NO},
		{"NotIpAddress", "10.0.0.1", "10.0.0.1", IAM_NO},
		{"IpAddress", "10.0.0.0/8", "here", IAM_MAYBE},
		{"DateLessThan", "2030-01-01T00:00:00Z", "2029-12-31T23:59:59Z", IAM_YES},
		{"DateLessThan", "2030-01-01T00:00:00Z", "2030-01-01T00:30:00+01:00", IAM_YES},
		{"DateGreaterThan", "2030-01-01", "1893456000", IAM_NO},
		{"DateGreaterThanEquals", "2030-01-01", "1893456000", IAM_YES},
		{"DateEquals", "2024-02-29", "2024-02-29T00:00:00Z", IAM_YES},
		{"DateNotEquals", "2024-02-29", "2024-03-01", IAM_YES},
		{"DateEquals", "2024-02-29", "someday", IAM_MAYBE},
		{"ArnLike", "*", "no-arn", IAM_MAYBE},
		{"IpAddress", "10.0.0.0/8", NULL, IAM_NO},
		{"DateLessThan", "2030-01-01T00:00:00Z", NULL, IAM_NO},
	};
	for (size_t k = 0; k < sizeof(rows) / sizeof(*rows); k++) {
		struct iam i = start();
		struct iam_atom a = atom(&i, rows[k].op, "aws:Key", rows[k].value);
		struct iam_request rq = {0};
		struct iam_value v = {SG_LIT("AWS:key"), true, {0}, NULL, 0};
		if (rows[k].key_value) {
			v.value = iam_raw_str(&i, rows[k].key_value);
			SG_PUSH(i.a, &rq.context, v);
		}
		ck_assert_msg(iam_point_atom(&a, &rq) == rows[k].want, "%s %s of %s", rows[k].op, rows[k].value,
			      rows[k].key_value ? rows[k].key_value : "nothing");
		sg_arena_free(arena);
	}
}
END_TEST

START_TEST(operators_that_are_none)
{
	static const char *const rows[] = {
		"", "StringEqual", "NullIfExists", "ForAnyValue:Null", "ForAllValues:", "IfExists"};
	for (size_t k = 0; k < sizeof(rows) / sizeof(*rows); k++) {
		struct iam_atom a = {0};
		ck_assert_msg(!iam_operator(sg_str(rows[k]), &a), "%s", rows[k]);
	}
}
END_TEST

/* Each row: must-hold atoms, then atoms of which (per ';' group) one must fail.  "op key value" separated by commas. */
static void parse_atoms(struct iam *i, const char *text, struct iam_cond *c)
{
	char op[64], key[64], value[64];
	for (size_t n; *text; text += n + (text[n] == ',')) {
		n = strcspn(text, ",");
		char one[200];
		snprintf(one, sizeof(one), "%.*s", (int)n, text);
		ck_assert_int_eq(sscanf(one, "%63s %63s %63s", op, key, value), 3);
		struct iam_atom a = atom(i, op, sg_cstr(i->a, sg_str(key)), sg_cstr(i->a, sg_str(value)));
		a.op = sg_str_dup(i->a, a.op);
		SG_PUSH(i->a, &c->atoms, a);
	}
}

/* Does the context show what the question asks for? */
static bool holds(const struct iam_question *q, const struct iam_request *rq)
{
	bool good = true;
	for (size_t k = 0; k < q->yes[0]->atoms.n; k++)
		good &= iam_point_atom(&q->yes[0]->atoms.v[k], rq) == IAM_YES;
	for (size_t k = 0; k < q->n_no; k++) {
		bool fails = false;
		for (size_t j = 0; j < q->no[k]->atoms.n; j++)
			fails |= iam_point_atom(&q->no[k]->atoms.v[j], rq) == IAM_NO;
		good &= fails;
	}
	return good;
}

START_TEST(conditions_that_can_fail_together)
{
	static const struct {
		const char *yes;
		const char *no[5];
		bool possible, found; /* the abstract answer; a concrete context */
	} rows[] = {
		{"", {"Null k false", "Null k true"}, false, false},
		{"", {"Null k false", "Null K true"}, false, false},
		{"", {"Null k false"}, true, true},
		{"Null k true", {"StringNotEquals k a"}, false, false},
		{"Null k true", {"StringEquals k a"}, true, true},
		{"StringEquals k a", {"StringEquals k a"}, false, false},
		{"StringEquals k a", {"stringequals K a"}, false, false},
		{"StringEquals k a", {"StringEquals k b"}, true, true},
		{"StringEquals k a", {"Null k false"}, false, false},
		{"StringEqualsIfExists k a", {"Null k false"}, true, true},
		{"ForAllValues:StringEquals k a", {"Null k false"}, true, true},
		{"", {"ArnEquals k arn:aws:lambda:r:1:function:f", "Null k true"}, true, true},
		{"", {"StringEquals k a,Null j false", "Null k true", "Null j true"}, true, true},
		{"IpAddress k 10.0.0.0/8", {"StringEquals j a"}, true, true},
		{"IpAddress k 10.0.0.0/8", {"IpAddress k 10.0.0.0/9|10.128.0.0/9"}, false, false},
		{"IpAddress k 10.0.0.0/8", {"IpAddress k 10.0.0.0/9|10.128.0.0/10"}, true, true},
		{"IpAddress k 10.0.0.0/16", {"IpAddress k 10.0.0.0/8"}, false, false},
		{"", {"IpAddress k 0.0.0.0/0", "NotIpAddress k 0.0.0.0/0", "Null k true"}, false, false},
		{"", {"IpAddress k 0.0.0.0/0", "Null k true"}, true, true},
		{"NumericLessThan k 10", {"NumericLessThan k 5"}, true, true},
		{"NumericLessThan k 5", {"NumericLessThan k 10"}, false, false},
		{"NumericLessThan k 5,NumericGreaterThan k 5", {NULL}, false, false},
		{"NumericGreaterThanEquals k 5", {"NumericEquals k 5", "NumericGreaterThan k 5"}, false, false},
		{"NumericGreaterThan k 1,NumericLessThan k 2", {NULL}, true, true},
		{"DateLessThan k 2030-01-01", {"DateLessThan k 2031-01-01"}, false, false},
		{"DateGreaterThan k 2030-01-01", {"DateGreaterThan k 2031-01-01"}, true, true},
		{"StringEquals k a", {"StringLike k *"}, false, false},
		{"StringLike k a*", {"StringLike k *"}, false, false},
		{"StringLike k a*",
		 {"StringLike k ab*", "StringLike k ac*", "StringLike k a?*", "StringEquals k a"},
		 false,
		 false},
		{"StringLike k a*", {"StringLike k ab*", "StringEquals k a"}, true, true},
		{"StringEquals k a,StringEquals k b", {NULL}, false, false},
		{"StringEqualsIgnoreCase k a", {"StringEquals k a"}, true, true},
		{"StringEqualsIgnoreCase k a", {"StringEquals k a|A"}, false, false},
		{"StringNotLike k a*", {"StringNotEquals k abc"}, false, false},
		{"StringNotEquals k abc", {"StringNotLike k a*"}, true, true},
		{"Bool k true", {"Bool k true|false"}, false, false},
		{"Bool k true", {"StringEquals k true"}, true, true},
		{"ArnEquals k arn:aws:sns:*:1:t", {"ArnLike k arn:aws:sns:*:*:t"}, false, false},
		{"ArnLike k arn:aws:sns:*:*:t", {"ArnEquals k arn:aws:sns:*:1:t"}, true, true},
		{"ArnLike k arn:aws:sns:*", {"StringLike k arn:aws:s*"}, false, false},
		{"StringLike k *", {"ArnLike k *"}, true, false}, /* what is no ARN */
		{"ForAnyValue:StringEquals k a,ForAnyValue:StringEquals k b", {NULL}, true, true},
		{"ForAnyValue:StringEquals k a,ForAllValues:StringEquals k b", {NULL}, false, false},
		{"ForAllValues:StringEquals k a", {"ForAllValues:StringLike k a*"}, false, false},
		{"ForAllValues:StringLike k a*", {"ForAllValues:StringEquals k a"}, true, true},
		{"ForAnyValue:StringEquals k a", {"ForAnyValue:StringLike k a*"}, false, false},
		{"ForAllValues:StringEquals k a", {"ForAnyValue:StringLike k a*"}, true, true},
		{"ForAllValues:StringEquals k a,Null k false",
		 {"ForAnyValue:StringLike k a*"},
		 true,
		 false}, /* no value */
	};
	for (size_t k = 0; k < sizeof(rows) / sizeof(*rows); k++) {
		struct iam i = start();
		struct iam_cond yes = {0}, no[5] = {{{0}}};
		const struct iam_cond *pointers[5];
		struct iam_request rq = {0};
		size_t n = 0;
		parse_atoms(&i, rows[k].yes, &yes);
		for (; n < 5 && rows[k].no[n]; n++) {
			parse_atoms(&i, rows[k].no[n], &no[n]);
			pointers[n] = &no[n];
		}
		const struct iam_cond *first = &yes;
		const struct iam_question q = {&first, pointers, 1, n};
		ck_assert_msg(iam_cond_possible(&i, &q, NULL) == rows[k].possible, "possible, row %zu", k);
		ck_assert_msg((iam_cond_possible(&i, &q, &rq) && holds(&q, &rq)) == rows[k].found, "found, row %zu", k);
		sg_arena_free(arena);
	}
}
END_TEST

START_TEST(an_unconditional_cover_leaves_nothing)
{
	struct iam i = start();
	const struct iam_cond *none[1] = {NULL};
	const struct iam_question q = {none, none, 1, 1};
	struct iam_request rq = {0};
	ck_assert(!iam_cond_possible(&i, &q, NULL));
	ck_assert(!iam_cond_possible(&i, &q, &rq));
	sg_arena_free(arena);
}
END_TEST

START_TEST(globs_of_arns_have_two_readings)
{
	static const struct {
		const char *glob, *arn;
		enum iam_truth want;
	} rows[] = {
		{"*", "arn:aws:s3:::b", IAM_YES},
		{"arn:aws:s3:::b", "arn:aws:s3:::b", IAM_YES},
		{"arn:aws:s3:::b*", "arn:aws:s3:::b:c", IAM_YES},
		{"arn:aws:s3*", "arn:aws:s3:::b", IAM_YES},
		{"arn:*:b", "arn:aws:s3:::b", IAM_MAYBE},
		{"arn:aws:*:*:*:b", "arn:aws:s3:::b", IAM_YES},
		{"arn:aws:s3:*:b", "arn:aws:s3:::b", IAM_MAYBE},
		{"arn:aws:s3:::B", "arn:aws:s3:::b", IAM_NO},
		{"*", "*", IAM_YES},
		{"arn:*", "*", IAM_NO},
	};
	for (size_t k = 0; k < sizeof(rows) / sizeof(*rows); k++) {
		struct iam i = start();
		struct iam_pat p;
		struct iam_rounding how = {.mode = IAM_MAY, .up = true};
		ck_assert(iam_compile(&i, iam_raw_str(&i, rows[k].glob), how, &p));
		ck_assert_msg(iam_point_glob(p, iam_raw_str(&i, rows[k].arn), true) == rows[k].want, "%s",
			      rows[k].glob);
		sg_arena_free(arena);
	}
}
END_TEST

IAM_TESTS(point_tests, atoms_on_values, operators_that_are_none, conditions_that_can_fail_together,
	  an_unconditional_cover_leaves_nothing, globs_of_arns_have_two_readings)
