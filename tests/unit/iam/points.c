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
		{"IpAddress", "10.0.0.0/8", "10.1.2.3", IAM_MAYBE},
		{"IpAddress", "10.0.0.0/8", NULL, IAM_NO},
		{"DateLessThan", "2030-01-01T00:00:00Z", NULL, IAM_NO},
	};
	for (size_t k = 0; k < sizeof(rows) / sizeof(*rows); k++) {
		struct iam i = start();
		struct iam_atom a = atom(&i, rows[k].op, "aws:Key", rows[k].value);
		struct iam_request rq = {0};
		struct iam_value v = {SG_LIT("AWS:key"), true, {0}};
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

START_TEST(conditions_that_can_fail_together)
{
	static const struct {
		const char *yes;
		const char *no[3];
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
		{"IpAddress k 10.0.0.0/8", {"StringEquals j a"}, true, false},
		{"NumericLessThan k 10", {"NumericLessThan k 5"}, true, true},
		{"StringEquals k a", {"StringLike k *"}, true, false}, /* different atoms: not decided */
	};
	for (size_t k = 0; k < sizeof(rows) / sizeof(*rows); k++) {
		struct iam i = start();
		struct iam_cond yes = {0}, no[3] = {{{0}}};
		const struct iam_cond *pointers[3];
		struct iam_request rq = {0};
		size_t n = 0;
		parse_atoms(&i, rows[k].yes, &yes);
		for (; n < 3 && rows[k].no[n]; n++) {
			parse_atoms(&i, rows[k].no[n], &no[n]);
			pointers[n] = &no[n];
		}
		ck_assert_msg(iam_cond_possible(&i, &yes, pointers, n) == rows[k].possible, "possible, row %zu", k);
		ck_assert_msg(iam_context_find(&i, &yes, pointers, n, &rq) == rows[k].found, "found, row %zu", k);
		sg_arena_free(arena);
	}
}
END_TEST

START_TEST(an_unconditional_cover_leaves_nothing)
{
	struct iam i = start();
	const struct iam_cond *none[1] = {NULL};
	struct iam_request rq = {0};
	ck_assert(!iam_cond_possible(&i, NULL, none, 1));
	ck_assert(!iam_context_find(&i, NULL, none, 1, &rq));
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
