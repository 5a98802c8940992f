/* Unit tests of audit/: what is judged, what is said about it, and the helpers of its checks.  tests/golden/audit has
 * each rule in both directions. */
#include "audit/audit_priv.h"
#include "load.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

struct result {
	struct loaded l;
	enum sg_verdict verdict;
};

static struct result audit_with(const char *text, const struct sg_audit_options *options)
{
	struct result r = {.l = {.arena = sg_arena_new()}};
	r.l.sources = sg_sources_new(r.l.arena);
	r.l.diags = sg_diags_new(r.l.arena, r.l.sources);
	r.l.findings.arena = r.l.arena;
	uint32_t id = sg_source_add(r.l.sources, SG_LIT("t.yaml"), sg_str(text));
	r.l.root = sg_yaml_load(r.l.arena, r.l.diags, id, NULL, NULL);
	ck_assert_ptr_nonnull(r.l.root);
	r.verdict = sg_audit_template(r.l.arena, r.l.diags, &r.l.findings, r.l.root, options);
	return r;
}

static struct result audit(const char *text)
{
	struct sg_audit_options o = {.bounds = SG_BOUNDS_DEFAULT};
	return audit_with(text, &o);
}

/* The verdict of a rule for a function; -1 where it was not judged. */
static int verdict(const struct result *r, const char *rule, const char *resource)
{
	for (size_t i = 0; i < r->l.findings.judged.n; i++) {
		const struct sg_judged *j = &r->l.findings.judged.v[i];
		if (!strcmp(j->rule->id, rule) && sg_str_is(j->resource, resource))
			return (int)j->verdict;
	}
	return -1;
}

#define FUNCTION(id, properties) "  " id ": {Type: AWS::Lambda::Function, Properties: {" properties "}}\n"

/* ---------------------------------------------------------------------------------------------- what is judged */

static bool is_in_a_pack(const char *rule)
{
	struct sg_str name;
	for (size_t i = 0; sg_audit_pack(i, &name); i++)
		if (sg_audit_in_pack(i, sg_str(rule)))
			return true;
	return false;
}

START_TEST(every_rule_is_judged_for_every_function)
{
	struct result r = audit("Resources:\n" FUNCTION("A", "VpcConfig: {SubnetIds: [a], SecurityGroupIds: [b]}")
					FUNCTION("B", "VpcConfig: {SubnetIds: [a], SecurityGroupIds: [b]}"));
	for (size_t i = 0; i < sg_rules_count; i++) {
		const char *rule = sg_rules[i].id, *family = sg_rules[i].family;
		bool whole = !strcmp(family, "TPL") || !strcmp(rule, "IAM009");
		/* one needs a reference of the user's, the other ones a workflow file, or to be asked for */
		if (!strcmp(rule, "IAM011") || !strcmp(family, "CI") || is_in_a_pack(rule)) {
			ck_assert_msg(verdict(&r, rule, "A") < 0, "%s", rule);
			continue;
		}
		if (whole) {
			ck_assert_msg(verdict(&r, rule, "") >= 0, "%s", rule);
			continue;
		}
		ck_assert_msg(verdict(&r, rule, "A") >= 0, "%s of A", rule);
		ck_assert_msg(verdict(&r, rule, "B") >= 0, "%s of B", rule);
	}
	sg_arena_free(r.l.arena);
}
END_TEST

START_TEST(other_functions_are_not_judged)
{
	static const char text[] = "Resources:\n" FUNCTION(
		"A", "Timeout: 900") "  B: {Type: AWS::Lambda::Function, Metadata: {Sandboxgen: {Role: "
				     "other}}, Properties: {Timeout: 900}}\n";
	struct result r = audit(text);
	ck_assert_int_eq(verdict(&r, "LIM002", "A"), SG_FAIL);
	ck_assert_int_eq(verdict(&r, "LIM002", "B"), -1);
	ck_assert_uint_eq(sg_diags_errors(r.l.diags), 0);
	ck_assert_uint_eq(r.l.findings.not_judged.n, 1);
	ck_assert(sg_str_is(r.l.findings.not_judged.v[0], "B"));
	sg_arena_free(r.l.arena);

	struct sg_str names[] = {SG_LIT("B")};
	struct sg_audit_options o = {.bounds = SG_BOUNDS_DEFAULT, .functions = names, .n_functions = 1};
	r = audit_with(text, &o);
	ck_assert_int_eq(verdict(&r, "LIM002", "A"), -1);
	ck_assert_int_eq(verdict(&r, "LIM002", "B"), SG_FAIL);
	sg_arena_free(r.l.arena);

	o = (struct sg_audit_options){.bounds = SG_BOUNDS_DEFAULT, .no_inline = true};
	r = audit_with(text, &o);
	ck_assert_int_eq(verdict(&r, "LIM002", "B"), SG_FAIL);
	sg_arena_free(r.l.arena);
}
END_TEST

START_TEST(a_template_without_a_judged_function_is_unproven)
{
	struct result r = audit("Resources:\n  B: {Type: AWS::S3::Bucket}\n");
	ck_assert_int_eq(r.verdict, SG_UNPROVEN);
	ck_assert_int_eq(verdict(&r, "TPL004", ""), SG_UNPROVEN);
	sg_arena_free(r.l.arena);
}
END_TEST

START_TEST(what_is_not_there_is_an_error)
{
	struct sg_str names[] = {SG_LIT("Nobody")};
	struct sg_audit_options o = {.bounds = SG_BOUNDS_DEFAULT, .functions = names, .n_functions = 1};
	struct result r = audit_with("Resources:\n" FUNCTION("A", "Timeout: 3"), &o);
	ck_assert_int_eq(r.verdict, SG_FAIL);
	ck_assert_uint_eq(sg_diags_errors(r.l.diags), 1);
	sg_arena_free(r.l.arena);
	r = audit("Nothing: 1\n");
	ck_assert_int_eq(r.verdict, SG_FAIL);
	ck_assert_uint_eq(sg_diags_errors(r.l.diags), 1);
	sg_arena_free(r.l.arena);
}
END_TEST

START_TEST(a_rule_of_the_template_is_as_bad_as_its_findings)
{
	struct result r = audit("Resources:\n  C: {Type: Custom::X}\n" FUNCTION("A", "Timeout: 010"));
	ck_assert_int_eq(verdict(&r, "TPL001", ""), SG_FAIL);
	ck_assert_int_eq(verdict(&r, "TPL002", ""), SG_UNPROVEN);
	ck_assert_int_eq(verdict(&r, "TPL004", ""), SG_PASS);
	sg_arena_free(r.l.arena);
	r = audit("Resources:\n" FUNCTION("A", "Timeout: 3"));
	ck_assert_int_eq(verdict(&r, "TPL002", ""), SG_PASS);
	sg_arena_free(r.l.arena);
	/* a section of templates, of which the audit does not know what it makes */
	r = audit("Hooks: {H: {Type: 'AWS::CodeDeploy::BlueGreen'}}\nResources:\n" FUNCTION("A", "Timeout: 3"));
	ck_assert_int_eq(verdict(&r, "TPL002", ""), SG_UNPROVEN);
	ck_assert_int_eq(verdict(&r, "TPL005", ""), SG_PASS);
	sg_arena_free(r.l.arena);
}
END_TEST

/* ---------------------------------------------------------------------------------------------- bounds */

START_TEST(bounds_come_from_the_caller)
{
	static const char text[] = "Resources:\n" FUNCTION(
		"A", "Timeout: 60, MemorySize: 512, EphemeralStorage: {Size: 1024}, "
		     "ReservedConcurrentExecutions: 11, TenancyConfig: {TenantIsolationMode: PER_TENANT}");
	static const struct {
		struct sg_bounds bounds;
		int lim[4], fun001, fun012;
	} rows[] = {
		{{60, 60, 1024, -1, false, false}, {SG_FAIL, SG_PASS, SG_PASS, SG_PASS}, SG_FAIL, SG_PASS},
		{{512, 59, 1024, 11, true, true}, {SG_PASS, SG_FAIL, SG_PASS, SG_PASS}, SG_FAIL, SG_PASS},
		{{512, 60, 1023, 10, true, true}, {SG_PASS, SG_PASS, SG_FAIL, SG_FAIL}, SG_FAIL, SG_PASS},
	};
	static const char *const rules[] = {"LIM001", "LIM002", "LIM003", "LIM004"};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct sg_audit_options o = {.bounds = rows[i].bounds};
		struct result r = audit_with(text, &o);
		for (size_t j = 0; j < 4; j++)
			ck_assert_msg(verdict(&r, rules[j], "A") == rows[i].lim[j], "row %zu: %s", i, rules[j]);
		ck_assert_int_eq(verdict(&r, "FUN001", "A"), rows[i].fun001);
		ck_assert_int_eq(verdict(&r, "FUN012", "A"), rows[i].fun012);
		sg_arena_free(r.l.arena);
	}
}
END_TEST

START_TEST(what_the_specification_asks_for_and_is_not_there)
{
	struct sg_audit_options o = {.bounds = {256, 30, 512, 10, true, true}};
	struct result r = audit_with("Resources:\n" FUNCTION("A", "Timeout: 3"), &o);
	ck_assert_int_eq(verdict(&r, "LIM001", "A"), SG_PASS); /* Lambda's default */
	ck_assert_int_eq(verdict(&r, "LIM004", "A"), SG_FAIL);
	ck_assert_int_eq(verdict(&r, "FUN012", "A"), SG_FAIL);
	sg_arena_free(r.l.arena);
}
END_TEST

/* ---------------------------------------------------------------------------------------------- findings */

START_TEST(the_missing_executor_is_a_note_unless_it_is_expected)
{
	static const char text[] = "Resources:\n" FUNCTION("A", "Timeout: 3");
	for (int ours = 0; ours < 2; ours++) {
		struct sg_audit_options o = {.bounds = SG_BOUNDS_DEFAULT};
		o.bounds.executor = ours;
		struct result r = audit_with(text, &o);
		for (size_t i = 0; i < r.l.findings.list.n; i++) {
			const struct sg_finding *f = r.l.findings.list.v[i];
			if (!strcmp(f->rule->id, "FUN001"))
				ck_assert_int_eq(f->severity, ours ? SG_HIGH : SG_LOW);
		}
		ck_assert_int_eq(verdict(&r, "FUN001", "A"), SG_FAIL);
		sg_arena_free(r.l.arena);
	}
}
END_TEST

START_TEST(findings_say_where_and_what_to_do)
{
	struct result r = audit(
		"Parameters: {P: {Type: String}}\nResources:\n"
		"  U: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !Ref P, AuthType: !Ref P}}\n"
		"  Q: {Type: AWS::Lambda::Permission, Properties: {FunctionName: !Ref P, Principal: !Ref P}}\n"
		"  I: {Type: AWS::Lambda::EventInvokeConfig, Properties: {FunctionName: !Ref A, Qualifier: "
		"$LATEST, "
		"MaximumRetryAttempts: !Ref P}}\n"
		"  S: {Type: AWS::Logs::SubscriptionFilter, Properties: {LogGroupName: !ImportValue "
		"x}}\n" FUNCTION("A",
				 "VpcConfig: !Ref P, Timeout: !Ref P, MemorySize: !Ref P, Runtime: !Ref P, Handler: "
				 "!Ref P, "
				 "PackageType: !Ref P, FileSystemConfigs: !Ref P, Layers: !Ref P, Environment: !Ref P, "
				 "SnapStart: !Ref P, RecursiveLoop: !Ref P, TracingConfig: {Mode: !Ref P}, "
				 "DeadLetterConfig: !Ref P, LoggingConfig: {LogGroup: !Ref P}, Novelty: 1"));
	static const char *const unproven[] = {"LIM001", "LIM002", "FUN002", "FUN003", "FUN004", "FUN005",
					       "FUN006", "FUN007", "FUN009", "FUN010", "FUN011", "FUN013",
					       "OUT001", "OUT002", "OUT003", "LOG001"};
	for (size_t i = 0; i < sizeof(unproven) / sizeof(*unproven); i++)
		ck_assert_msg(verdict(&r, unproven[i], "A") == SG_UNPROVEN, "%s is %d", unproven[i],
			      verdict(&r, unproven[i], "A"));
	for (size_t i = 0; i < r.l.findings.list.n; i++) {
		const struct sg_finding *f = r.l.findings.list.v[i];
		ck_assert_msg(f->settle.n > 0, "%s: %.*s", f->rule->id, SG_FMT(f->message));
		ck_assert_msg(f->span.source > 0, "%s: %.*s", f->rule->id, SG_FMT(f->message));
	}
	sg_arena_free(r.l.arena);
}
END_TEST

static const struct sg_node *load_child(void *context, struct sg_str path, const struct sg_node *at)
{
	(void)path, (void)at;
	return context;
}

static struct result audit_parent(const struct loaded *child, const char *parent)
{
	struct sg_audit_options o = {
		.bounds = SG_BOUNDS_DEFAULT, .load = load_child, .load_context = (void *)(uintptr_t)child->root};
	return audit_with(parent, &o);
}

static struct sg_str settling(const struct result *r, const char *rule, const char *resource)
{
	for (size_t i = 0; i < r->l.findings.list.n; i++) {
		const struct sg_finding *f = r->l.findings.list.v[i];
		if (!strcmp(f->rule->id, rule) && sg_str_is(f->resource, resource))
			return f->settle;
	}
	return (struct sg_str){0};
}

START_TEST(what_settles_a_parameter_is_who_passes_it)
{
	static const struct {
		const char *property, *says;
	} rows[] = {
		{"!Ref Own", "pass the parameter Own from the parent, in the Parameters of S"},
		{"!Ref Stored", "what the store holds is read at each deployment: a parameter Stored of type String"},
		{"!Ref AWS::StackName", "a value that does not depend on AWS::StackName of S"},
		{"!Ref Given", "MaxValue of at most 30 on the Number parameter Top, or --parameter-overrides Top="},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char child[600];
		snprintf(child, sizeof(child),
			 "Parameters: {Own: {Type: Number, Default: 3}, Given: {Type: Number}, Stored: {Type: "
			 "'AWS::SSM::Parameter::Value<String>', Default: /t}}\nResources:\n" FUNCTION("A",
												      "Timeout: %s"),
			 rows[i].property);
		struct loaded c = load_text(child);
		struct result r = audit_parent(
			&c, "Parameters: {Top: {Type: Number}}\nResources:\n  S: {Type: AWS::CloudFormation::Stack, "
			    "Properties: {TemplateURL: c.yaml, Parameters: {Given: !Ref Top}}}\n");
		struct sg_str says = settling(&r, "LIM002", "S/A");
		ck_assert_msg(sg_str_starts(says, rows[i].says), "%s: %.*s", rows[i].property, SG_FMT(says));
		sg_arena_free(r.l.arena);
		sg_arena_free(c.arena);
	}
	struct loaded c = load_text(
		"Parameters: {Own: {Type: Number, Default: 3}}\nResources:\n" FUNCTION("A", "Timeout: !Ref Own"));
	struct result r =
		audit_parent(&c, "Resources: {S: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: "
				 "c.yaml, Parameters: {Own: 4}}}}\n");
	ck_assert_int_eq(verdict(&r, "LIM002", "S/A"), SG_PASS);
	sg_arena_free(r.l.arena);
	sg_arena_free(c.arena);
}
END_TEST

START_TEST(differences_that_the_reader_found_are_findings)
{
	struct sg_difference d = {{1, 0, 9}, SG_LIT("one reads this, one that")};
	struct sg_audit_options o = {.bounds = SG_BOUNDS_DEFAULT, .differences = &(struct sg_differences){{&d, 1, 1}}};
	struct result r = audit_with("Resources:\n" FUNCTION("A", "Timeout: 3"), &o);
	ck_assert_int_eq(verdict(&r, "TPL001", ""), SG_FAIL);
	sg_arena_free(r.l.arena);
}
END_TEST

/* ---------------------------------------------------------------------------------------------- secrets */

START_TEST(what_looks_like_a_secret)
{
	static const struct {
		const char *name, *value;
		int want;
	} rows[] = {
		{"A", "AKIAIOSFODNN7EXAMPLE", SG_FAIL},
		{"A", "id=AKIAIOSFODNN7EXAMPLE;", SG_FAIL},
		{"A", "AKIASHORT", SG_PASS},
		{"A", "XAKIAIOSFODNN7EXAMPLE", SG_PASS},
		{"A", "'-----BEGIN RSA PRIVATE KEY-----'", SG_FAIL},
		{"A", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", SG_FAIL},
		{"A", "https://example.org/some/path/with/an/e-mail@example.org", SG_PASS},
		{"A", "redis://:hunter2@cache:6379/0", SG_FAIL},
		{"A", "debug", SG_PASS},
		{"DB_PASSWORD", "x", SG_FAIL},
		{"db_password", "x", SG_FAIL},
		{"DB_PASSWORD", "''", SG_PASS},
		{"API_TOKEN_URL", "https://example.org", SG_PASS},
		{"AWS_ACCESS_KEY_ID", "x", SG_FAIL},
		{"SecretArn", "'arn:aws:secretsmanager:eu-west-1:111122223333:secret:x'", SG_PASS},
		{"PIN_TOKEN", "1234", SG_FAIL},
		{"A", "'{{resolve:secretsmanager:x}}'", SG_FAIL},
		{"A", "'{{resolve:ssm-secure:x:1}}'", SG_FAIL},
		{"A", "'{{resolve:ssm:x:1}}'", SG_UNPROVEN},
		{"A", "!Ref Bucket", SG_PASS},
		{"A", "!Ref AWS::Region", SG_PASS},
		{"A", "!GetAtt Magic.Value", SG_UNPROVEN},
		{"A", "!Ref Hidden", SG_FAIL},
		{"A", "!Ref Shown", SG_UNPROVEN},
		{"A", "!Ref Chosen", SG_PASS},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct sg_buf text = {0};
		sg_buf_addf(&text,
			    "Parameters: {Hidden: {Type: String, NoEcho: true}, Shown: {Type: String}, Chosen: "
			    "{Type: String, "
			    "AllowedValues: [a, b]}}\nResources:\n  Bucket: {Type: AWS::S3::Bucket}\n  Magic: "
			    "{Type: Custom::X}\n"
			    "  A:\n    Type: AWS::Lambda::Function\n    Properties:\n      Environment:\n      "
			    "  Variables:\n"
			    "          %s: %s\n",
			    rows[i].name, rows[i].value);
		struct result r = audit(text.p);
		ck_assert_msg(verdict(&r, "FUN006", "A") == rows[i].want, "%s: %s is %d", rows[i].name, rows[i].value,
			      verdict(&r, "FUN006", "A"));
		sg_arena_free(r.l.arena);
		sg_buf_free(&text);
	}
}
END_TEST

/* ---------------------------------------------------------------------------------------------- names */

START_TEST(which_values_name_the_function)
{
	static const struct {
		const char *value;
		enum sg_same want;
	} rows[] = {
		{"!Ref A", SG_SAME},
		{"!GetAtt A.Arn", SG_SAME},
		{"!Ref Live", SG_SAME},
		{"!Ref B", SG_OTHER},
		{"!GetAtt B.Arn", SG_OTHER},
		{"runner", SG_SAME},
		{"runner:live", SG_SAME},
		{"'111122223333:function:runner'", SG_SAME},
		{"arn:aws:lambda:eu-west-1:111122223333:function:runner", SG_SAME},
		{"arn:aws:lambda:eu-west-1:111122223333:function:runner:7", SG_SAME},
		{"other", SG_OTHER},
		{"arn:aws:lambda:eu-west-1:111122223333:function:runners", SG_OTHER},
		{"!Sub '${A}:live'", SG_SAME},
		{"!Sub 'arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:runner'", SG_SAME},
		{"!Sub 'arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:other'", SG_OTHER},
		{"!Sub 'arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:${P}'", SG_MAYBE},
		{"!Sub '${AWS::StackName}-runner'", SG_MAYBE},
		{"!Ref P", SG_MAYBE},
		{"!ImportValue x", SG_MAYBE},
		{"!GetAtt Magic.Name", SG_MAYBE},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct sg_buf text = {0};
		sg_buf_addf(&text,
			    "Parameters: {P: {Type: String}}\nResources:\n"
			    "  A: {Type: AWS::Lambda::Function, Properties: {FunctionName: runner}}\n"
			    "  B: {Type: AWS::Lambda::Function, Properties: {FunctionName: other}}\n"
			    "  Live: {Type: AWS::Lambda::Alias, Properties: {FunctionName: !Ref A}}\n"
			    "  Magic: {Type: Custom::X}\n"
			    "  U:\n    Type: AWS::Lambda::Url\n    Properties:\n      TargetFunctionArn: %s\n",
			    rows[i].value);
		struct loaded l = load_text(text.p);
		struct sg_model *m = sg_model_new(l.arena, l.diags, &l.findings, l.root, NULL);
		ck_assert_ptr_nonnull(m);
		struct sg_audit_options o = {.bounds = SG_BOUNDS_DEFAULT};
		struct check k = {.m = m, .o = &o, .fn = sg_model_find(m, SG_LIT("A")), .in = SG_ALWAYS};
		struct sg_alts alts = sg_net_prop(m, sg_model_find(m, SG_LIT("U")), "TargetFunctionArn", SG_ALWAYS);
		ck_assert_uint_eq(alts.n, 1);
		enum sg_same got = audit_names_function(&k, &alts.v[0].val, SG_ALWAYS);
		ck_assert_msg(got == rows[i].want, "%s is %d", rows[i].value, (int)got);
		sg_arena_free(l.arena);
		sg_buf_free(&text);
	}
}
END_TEST

START_TEST(too_much_is_unproven_and_ends)
{
	struct sg_buf text = {0};
	sg_buf_adds(&text, "Resources:\n");
	for (int i = 0; i < 3000; i++)
		sg_buf_addf(&text, "  F%d: {Type: AWS::Lambda::Function}\n", i);
	struct result r = audit(text.p);
	ck_assert_int_eq(verdict(&r, "TPL003", ""), SG_UNPROVEN);
	ck_assert_int_eq(r.verdict, SG_UNPROVEN);
	sg_arena_free(r.l.arena);
	sg_buf_free(&text);
}
END_TEST

/* Which of three findings are suppressed by a template's metadata on a day: letters a, b, c; and TPL006's number. */
static const char *accepted(const char *template, const char *today)
{
	static char out[16];
	struct sg_arena *a = sg_arena_new();
	struct sg_sources *sources = sg_sources_new(a);
	uint32_t id = sg_source_add(sources, SG_LIT("t.yaml"), sg_str(template));
	const struct sg_node *root = sg_yaml_load(a, sg_diags_new(a, sources), id, NULL, NULL);
	struct sg_findings f = {.arena = a};
	struct sg_suppressions *s = sg_suppressions_new(a);
	size_t n = 0;
	sg_finding_add(&f, "NET002", SG_FAIL, (struct sg_span){0, 0, 0}, SG_LIT("F"), "a")->path =
		SG_LIT("/Resources/Route/Properties/GatewayId");
	sg_finding_add(&f, "NET002", SG_UNPROVEN, (struct sg_span){0, 0, 0}, SG_LIT("Function"), "b")->path =
		SG_LIT("/Resources/RouteTable");
	sg_finding_add(&f, "NET003", SG_FAIL, (struct sg_span){0, 0, 0}, SG_LIT("F"), "c")->path =
		SG_LIT("/Resources/F");
	sg_suppressions_template(s, &f, root);
	sg_suppressions_use(s, &f, sources, SG_LIT("t.yaml"), sg_str(today));
	sg_suppressions_leftover(s, &f, sg_str(today), true);
	for (size_t i = 0; i < f.list.n; i++)
		if (f.list.v[i]->suppressed.n)
			out[n++] = f.list.v[i]->message.p[0];
	snprintf(out + n, sizeof(out) - n, "%zu", f.list.n - 3);
	sg_arena_free(a);
	return out;
}

START_TEST(suppressions_cover_what_they_name)
{
	static const struct {
		const char *of, *item, *today, *expected;
	} cases[] = {
		{"F", "{Rule: NET002, Reason: r, Expires: 2026-11-23}", "2026-11-23", "a0"}, /* the last day */
		{"F", "{Rule: NET002, Reason: r, Expires: 2026-11-23}", "2026-11-24", "1"},
		{"Route", "{Rule: NET002, Reason: r, Expires: 2026-11-23}", "2026-11-23", "a0"}, /* by its path */
		{"Function", "{Rule: NET002, Reason: r, Expires: 2027-01-01}", "2026-11-23", "b0"},
		{"Functio", "{Rule: NET002, Reason: r, Expires: 2027-01-01}", "2026-11-23", "1"},
		{"RouteTabl", "{Rule: NET002, Reason: r, Expires: 2027-01-01}", "2026-11-23", "1"},
		{"F", "{Rule: NET003, Reason: r, Expires: 2027-01-01}", "2026-11-23", "c0"},
		{"F", "{Rule: net003, Reason: r, Expires: 2027-01-01}", "2026-11-23", "1"},
		{"F", "{Rule: NET003, Reason: ' ', Expires: 2027-01-01}", "2026-11-23", "1"},
		{"F", "{Rule: NET003, Reason: r, Expires: 2027-1-1}", "2026-11-23", "1"},
		{"F", "{Rule: NET003, Reason: r, Expires: [2027-01-01]}", "2026-11-23", "1"},
		{"F", "{Rule: NET003, Reason: !Ref R, Expires: 2027-01-01}", "2026-11-23", "c0"},
		{"F", "{Rule: own_rule, Reason: r, Expires: 2027-01-01}", "2026-11-23", "0"},
		{NULL, "{Rule: NET002, Reason: r, Expires: 2027-01-01}", "2026-11-23", "ab0"},
		{NULL, "{Rule: NET002, Resource: RouteTable, Reason: r, Expires: 2027-01-01}", "2026-11-23", "b0"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char template[400];
		if (cases[i].of)
			snprintf(template, sizeof(template),
				 "Resources: {%s: {Metadata: {Sandboxgen: {Suppress: [%s]}}}}", cases[i].of,
				 cases[i].item);
		else
			snprintf(template, sizeof(template), "Metadata: {Sandboxgen: {Suppress: [%s]}}\nResources: {}",
				 cases[i].item);
		const char *got = accepted(template, cases[i].today);
		ck_assert_msg(!strcmp(got, cases[i].expected), "case %zu: %s is not %s", i, got, cases[i].expected);
	}
}
END_TEST

UNIT_MAIN("audit", suppressions_cover_what_they_name, every_rule_is_judged_for_every_function,
	  other_functions_are_not_judged, a_template_without_a_judged_function_is_unproven,
	  what_is_not_there_is_an_error, a_rule_of_the_template_is_as_bad_as_its_findings, bounds_come_from_the_caller,
	  what_the_specification_asks_for_and_is_not_there, the_missing_executor_is_a_note_unless_it_is_expected,
	  findings_say_where_and_what_to_do, what_settles_a_parameter_is_who_passes_it,
	  differences_that_the_reader_found_are_findings, what_looks_like_a_secret, which_values_name_the_function,
	  too_much_is_unproven_and_ends)
