/* Unit tests of iam/: policy documents in every form, and those that are none. */
#include "roles.h"

static struct judged *with_policy(const char *document)
{
	struct judged *j = judged_new();
	static char text[1 << 16];
	snprintf(text, sizeof(text),
		 "Parameters: {P: {Type: String}, L: {Type: CommaDelimitedList}}\n"
		 "Conditions: {C: !Equals [!Ref P, x]}\n"
		 "Resources:\n  M:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument: %s\n",
		 document);
	j->l = load_text(text);
	ck_assert_msg(j->l.root != NULL, "cannot be read: %s", text);
	j->m = sg_model_new(j->l.arena, j->l.diags, &j->l.findings, j->l.root, NULL);
	ck_assert_ptr_nonnull(j->m);
	return j;
}

/* The statements of M's document. */
static iam_stmts statements(struct judged *j, struct iam *i)
{
	iam_stmts out = {0};
	iam_init(i, j->m, j->l.arena);
	iam_documents_of(i, sg_model_find(j->m, SG_LIT("M")), NULL, SG_ALWAYS, &out);
	return out;
}

#define DOC(s) "{Version: '2012-10-17', Statement: " s "}"

START_TEST(documents_have_faults_at_their_lines)
{
	static const struct {
		const char *document;
		bool good;
	} rows[] = {
		{DOC("{Effect: Allow, Action: 's3:*', Resource: '*'}"), true},
		{DOC("[{Effect: Allow, Action: ['s3:*', '*'], Resource: ['*']}]"), true},
		{DOC("{Sid: x, Effect: Deny, NotAction: 'a:b', NotResource: '*', Condition: {Bool: {k: "
		     "true}}}"),
		 true},
		{DOC("{Effect: Allow, Action: !Ref P, Resource: !Ref L}"), true},
		{DOC("[!If [C, {Effect: Deny, Action: 'a:b', Resource: '*'}, !Ref AWS::NoValue]]"), true},
		{"'{\"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": \"Deny\", \"Action\": \"a:b\", "
		 "\"Resource\": "
		 "\"\\u002a\"}}'",
		 true},
		{"!Ref P", true},
		{"{Statement: {Effect: Deny, Action: 'a:b', Resource: '*'}}", true},
		{"'no JSON'", false},
		{"'[1, 2'", false},
		{"'{\"Statement\": {}} x'", false},
		{"'{\"Statement\": {\"Effect\": \"Allow\", \"Effect\": \"Deny\", \"Action\": \"a:b\", "
		 "\"Resource\": \"*\"}}'",
		 false},
		{"[]", false},
		{"5", false},
		{"{}", false},
		{"{Version: '2013-01-01', Statement: []}", false},
		{"{Version: '2012-10-17', Statements: []}", false},
		{DOC("x"), false},
		{DOC("[[]]"), false},
		{DOC("{Effect: allow, Action: 'a:b', Resource: '*'}"), false},
		{DOC("{Effect: [Allow], Action: 'a:b', Resource: '*'}"), false},
		{DOC("{Action: 'a:b', Resource: '*'}"), false},
		{DOC("{Effect: Allow, Resource: '*'}"), false},
		{DOC("{Effect: Allow, Action: 'a:b'}"), false},
		{DOC("{Effect: Allow, Action: [], Resource: '*'}"), false},
		{DOC("{Effect: Allow, Action: [5], Resource: '*'}"), false},
		{DOC("{Effect: Allow, Action: {a: b}, Resource: '*'}"), false},
		{DOC("{Sid: Abc09, Effect: Deny, Action: 'a:b', Resource: '*'}"), true},
		{DOC("{Sid: 'a b', Effect: Deny, Action: 'a:b', Resource: '*'}"), false},
		{DOC("{Effect: Allow, Action: s3, Resource: '*'}"), false},
		{DOC("{Effect: Allow, Action: 's3:', Resource: '*'}"), false},
		{DOC("{Effect: Allow, Action: 'a:b', NotAction: 'a:c', Resource: '*'}"), false},
		{DOC("{Effect: Allow, Action: 'a:b', Resource: '*', Principal: '*'}"), false},
		{DOC("{Effect: Allow, Action: 'a:b', Resource: '*', Conditions: {}}"), false},
		{DOC("{Effect: Allow, Action: 'a:b', Resource: '*', Condition: [x]}"), false},
		{DOC("{Effect: Allow, Action: 'a:b', Resource: '*', Condition: {Equals: {k: v}}}"), false},
		{DOC("{Effect: Allow, Action: 'a:b', Resource: '*', Condition: {Bool: x}}"), false},
	};
	for (size_t k = 0; k < sizeof(rows) / sizeof(*rows); k++) {
		struct judged *j = with_policy(rows[k].document);
		sg_iam_check_template(j->m);
		const struct sg_finding *f = finding(j, "IAM009");
		ck_assert_msg((f == NULL) == rows[k].good, "%s: %s", rows[k].document,
			      f ? sg_cstr(j->l.arena, f->message) : "no finding");
		if (f)
			ck_assert_msg(sg_pos_start(j->l.sources, f->span).line >= 4, "%s: at no place",
				      rows[k].document);
		expect(j, rows[k].document, rows[k].good ? "IAM009:pass" : "IAM009:fail");
		sg_arena_free(j->l.arena);
	}
}
END_TEST

/* Whatever is malformed must not make the policy look smaller: it is a statement that may be anything. */
START_TEST(malformed_statements_may_be_anything)
{
	static const char *const rows[] = {
		"'no JSON'",
		"5",
		"[]",
		"!Ref P",
		DOC("x"),
		DOC("[[]]"),
		DOC("{Effect: Allow, Resource: '*'}"),
		DOC("{Effect: Allow, Action: 'a:b', NotAction: 'a:c', Resource: '*'}"),
		DOC("{Effect: Allow, Action: 'a:b', Resource: '*', conditions: {}}"),
		DOC("{Effect: Allow, Action: !If [C, 'a:b', !Ref AWS::NoValue], Resource: '*'}"),
		"{Version: '2012-10-17', statement: [], Statement: []}",
	};
	for (size_t k = 0; k < sizeof(rows) / sizeof(*rows); k++) {
		struct judged *j = with_policy(rows[k]);
		struct iam i;
		iam_stmts s = statements(j, &i);
		struct iam_policy p;
		iam_policy_compile(&i, &s, SG_ALWAYS, IAM_MAY, true, &p);
		ck_assert_msg(p.allows.n > 0 && iam_pat_is_star(p.allows.v[0].actions.v[0]) &&
				      iam_pat_is_star(p.allows.v[0].resources.v[0]) && !p.allows.v[0].cond,
			      "%s", rows[k]);
		iam_policy_compile(&i, &s, SG_ALWAYS, IAM_MUST, true, &p);
		ck_assert_msg(p.allows.n == 0, "%s", rows[k]);
		sg_arena_free(j->l.arena);
	}
}
END_TEST

START_TEST(statements_split_where_worlds_differ)
{
	struct judged *j = with_policy(
		DOC("{Effect: !If [C, Allow, Deny], Action: [!If [C, 'a:b', 'a:c'], 'a:d'], Resource: '*'}"));
	struct iam i;
	iam_stmts s = statements(j, &i);
	ck_assert_uint_eq(s.n, 2);
	ck_assert(s.v[0].effect != s.v[1].effect);
	const iam_stmts *lists[] = {&s};
	iam_guards cells = {0};
	iam_cells(&i, SG_ALWAYS, lists, 1, &cells);
	ck_assert_uint_eq(cells.n, 2);
	for (size_t k = 0; k < 2; k++) {
		struct iam_policy p;
		iam_policy_compile(&i, &s, cells.v[k], IAM_MUST, true, &p);
		ck_assert_uint_eq(p.allows.n + p.denies.n, 1);
		ck_assert_uint_eq((p.allows.n ? p.allows.v : p.denies.v)[0].actions.n, 2);
	}
	sg_arena_free(j->l.arena);
}
END_TEST

START_TEST(json_in_a_string)
{
	static const struct {
		const char *text;
		bool good;
	} rows[] = {
		{"{}", true},
		{" [1, -2.5e3, true, null, \"\\ud83d\\ude00 \\n\"] ", true},
		{"{\"a\": {\"b\": []}}", true},
		{"", false},
		{"{", false},
		{"{\"a\"}", false},
		{"{\"a\": 1,}", false},
		{"[1,]", false},
		{"[1 2]", false},
		{"\"\\ud83d\"", false},
		{"\"\\x\"", false},
		{"\"a", false},
		{"nul", false},
		{"{} {}", false},
		{"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", false},
	};
	for (size_t k = 0; k < sizeof(rows) / sizeof(*rows); k++) {
		struct sg_arena *a = sg_arena_new();
		const char *why = NULL;
		const struct sg_node *n = iam_json(a, sg_str(rows[k].text), NULL, &why);
		ck_assert_msg((n != NULL) == rows[k].good && (why == NULL) == rows[k].good, "%s", rows[k].text);
		sg_arena_free(a);
	}
}
END_TEST

IAM_TESTS(document_tests, documents_have_faults_at_their_lines, malformed_statements_may_be_anything,
	  statements_split_where_worlds_differ, json_in_a_string)
