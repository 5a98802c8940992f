/* Unit tests of model/ and of the SAM expansion that it is built on. */
#include "load.h"
#include "model/model.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static struct sg_model *model(struct loaded *l, const char *text)
{
	*l = load_text(text);
	ck_assert_ptr_nonnull(l->root);
	return sg_model_new(l->arena, l->diags, &l->findings, l->root, NULL);
}

static struct sg_str prop(const struct sg_model *m, const char *id, const char *dotted)
{
	const struct sg_resource *r = sg_model_find(m, sg_str(id));
	ck_assert_msg(r != NULL, "no resource %s", id);
	struct sg_alts alts = sg_prop(m, r, dotted, SG_ALWAYS);
	return sg_val_describe(m->arena, &alts.v[0].val);
}

#define PROP(m, id, dotted, want) \
	ck_assert_msg(sg_str_is(prop(m, id, dotted), want), "%s.%s is %.*s", id, dotted, SG_FMT(prop(m, id, dotted)))

START_TEST(a_function_makes_what_sam_makes)
{
	struct loaded l;
	struct sg_model *m =
		model(&l, "Transform: AWS::Serverless-2016-10-31\n"
			  "Globals: {Function: {Timeout: 7, MemorySize: 128, VpcConfig: {SubnetIds: [a], "
			  "SecurityGroupIds: [g]}}}\n"
			  "Resources:\n"
			  "  F:\n"
			  "    Type: AWS::Serverless::Function\n"
			  "    Properties:\n"
			  "      Timeout: 9\n"
			  "      Runtime: python3.12\n"
			  "      Handler: f.h\n"
			  "      VpcConfig: {SubnetIds: [b]}\n"
			  "      Tracing: Active\n"
			  "      Policies: [AdministratorAccess, {S3CrudPolicy: {BucketName: x}}, "
			  "{Version: '2012-10-17', Statement: []}]\n"
			  "      FunctionUrlConfig: {AuthType: NONE}\n"
			  "      AutoPublishAlias: live\n"
			  "      EventInvokeConfig: {MaximumRetryAttempts: 0}\n"
			  "      Events: {Web: {Type: HttpApi}, Q: {Type: SQS, Properties: {Queue: q}}}\n");
	ck_assert_ptr_nonnull(m);
	PROP(m, "F", "Timeout", "9");
	PROP(m, "F", "MemorySize", "128");
	PROP(m, "F", "Role", "${FRole.Arn}");
	PROP(m, "F", "TracingConfig.Mode", "'Active'");
	struct sg_items subnets = sg_prop_items(m, sg_model_find(m, SG_LIT("F")), "VpcConfig.SubnetIds", SG_ALWAYS);
	ck_assert(subnets.n == 2 && sg_val_is(&subnets.v[0].val, "a") && sg_val_is(&subnets.v[1].val, "b"));
	struct sg_items managed = sg_prop_items(m, sg_model_find(m, SG_LIT("FRole")), "ManagedPolicyArns", SG_ALWAYS);
	ck_assert_uint_eq(managed.n, 5); /* basics, X-Ray, VPC, the own one, the queue's */
	ck_assert(sg_val_is(&managed.v[3].val, "arn:aws:iam::aws:policy/AdministratorAccess"));
	struct sg_items inlined = sg_prop_items(m, sg_model_find(m, SG_LIT("FRole")), "Policies", SG_ALWAYS);
	ck_assert_uint_eq(inlined.n, 2);
	PROP(m, "FUrl", "AuthType", "'NONE'");
	PROP(m, "FUrlPublicPermissions", "Principal", "'*'");
	PROP(m, "FEventInvokeConfig", "MaximumRetryAttempts", "0");
	size_t i = 0;
	const struct sg_resource *version = sg_model_next(m, "AWS::Lambda::Version", &i);
	ck_assert(version && sg_str_starts(version->id, "FVersion") && version->id.n == sizeof("FVersion") + 9);
	PROP(m, "FAliaslive", "Name", "'live'");
	PROP(m, "FWebPermission", "Principal", "'apigateway.amazonaws.com'");
	PROP(m, "FQ", "EventSourceArn", "'q'");
	/* a finding on what was made points at the user's line */
	const struct sg_resource *url = sg_model_find(m, SG_LIT("FUrl"));
	ck_assert_uint_eq(sg_pos_start(l.sources, url->key->span).line, 13);
	sg_arena_free(l.arena);
}
END_TEST

START_TEST(a_policy_of_if_keeps_its_guard_in_both_lists)
{
	struct loaded l;
	struct sg_model *m = model(&l, "Parameters: {E: {Type: String, AllowedValues: [a, b]}}\n"
				       "Conditions: {IsA: !Equals [!Ref E, a]}\n"
				       "Resources:\n"
				       "  F:\n"
				       "    Type: AWS::Serverless::Function\n"
				       "    Properties:\n"
				       "      Runtime: python3.12\n"
				       "      Handler: f.h\n"
				       "      Policies: [!If [IsA, AdministratorAccess, !Ref AWS::NoValue], "
				       "!If [IsA, !Ref AWS::NoValue, {Statement: []}]]\n");
	const struct sg_resource *role = sg_model_find(m, SG_LIT("FRole"));
	struct sg_items managed = sg_prop_items(m, role, "ManagedPolicyArns", SG_ALWAYS);
	struct sg_items inlined = sg_prop_items(m, role, "Policies", SG_ALWAYS);
	ck_assert(managed.n == 2 && inlined.n == 1);
	ck_assert(!sg_guard_possible(m->worlds, sg_guard_and(m->worlds, managed.v[1].guard, inlined.v[0].guard)));
	sg_arena_free(l.arena);
}
END_TEST

START_TEST(targets_are_found_by_ref_and_identity)
{
	struct loaded l;
	struct sg_model *m =
		model(&l, "Resources:\n"
			  "  G: {Type: 'AWS::EC2::SecurityGroup'}\n"
			  "  V: {Type: 'AWS::EC2::VPC'}\n"
			  "  X: {Type: T, Properties: {A: !Ref G, B: !GetAtt G.GroupId, C: !GetAtt G.VpcId, "
			  "D: !GetAtt V.DefaultSecurityGroup, E: g}}\n");
	const struct sg_resource *x = sg_model_find(m, SG_LIT("X"));
	const struct sg_resource *g = sg_model_find(m, SG_LIT("G")), *v = sg_model_find(m, SG_LIT("V"));
	ck_assert_ptr_eq(sg_model_target(m, &sg_prop(m, x, "A", SG_ALWAYS).v[0].val), g);
	ck_assert_ptr_eq(sg_model_target(m, &sg_prop(m, x, "B", SG_ALWAYS).v[0].val), g);
	ck_assert_ptr_null(sg_model_target(m, &sg_prop(m, x, "C", SG_ALWAYS).v[0].val));
	ck_assert_ptr_null(sg_model_target(m, &sg_prop(m, x, "D", SG_ALWAYS).v[0].val));
	ck_assert_ptr_null(sg_model_target(m, &sg_prop(m, x, "E", SG_ALWAYS).v[0].val));
	ck_assert_ptr_eq(sg_model_attribute(m, &sg_prop(m, x, "D", SG_ALWAYS).v[0].val, "DefaultSecurityGroup"), v);
	sg_arena_free(l.arena);
}
END_TEST

START_TEST(existence_follows_conditions)
{
	struct loaded l;
	struct sg_model *m = model(&l, "Parameters: {E: {Type: String, AllowedValues: [a, b]}}\n"
				       "Conditions: {IsA: !Equals [!Ref E, a], Never: !Equals [x, y]}\n"
				       "Resources:\n"
				       "  A: {Type: 'AWS::EC2::VPC', Condition: IsA}\n"
				       "  N: {Type: 'AWS::EC2::VPC', Condition: Never}\n");
	ck_assert_ptr_null(sg_model_find(m, SG_LIT("N")));
	const struct sg_resource *a = sg_model_find(m, SG_LIT("A"));
	ck_assert(!sg_guard_certain(m->worlds, a->exists) && sg_guard_possible(m->worlds, a->exists));
	size_t i = 0;
	ck_assert_ptr_eq(sg_model_next(m, "AWS::EC2::VPC", &i), a);
	ck_assert_ptr_null(sg_model_next(m, "AWS::EC2::VPC", &i));
	sg_arena_free(l.arena);
}
END_TEST

START_TEST(what_nobody_knows_is_unproven)
{
	static const char *const texts[] = {
		"Resources: {A: {Type: 'Custom::Thing'}}\n",
		"Transform: [AWS::Serverless-2016-10-31, MyMacro]\nResources: {}\n",
		"Transform: AWS::LanguageExtensions\nParameters: {L: {Type: CommaDelimitedList}}\n"
		"Resources: {'Fn::ForEach::X': [i, !Ref L, {'R${i}': {Type: T}}]}\n",
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct loaded l;
		ck_assert_ptr_nonnull(model(&l, texts[i]));
		ck_assert_msg(l.findings.list.n == 1, "%s", texts[i]);
		ck_assert_str_eq(l.findings.list.v[0]->rule->id, "TPL002");
		ck_assert_int_eq(l.findings.list.v[0]->status, SG_UNPROVEN);
		sg_arena_free(l.arena);
	}
}
END_TEST

static const char child_text[] =
	"Parameters: {Cidr: {Type: String}, Ids: {Type: CommaDelimitedList}, Free: {Type: String}}\n"
	"Conditions: {C: !Equals [!Ref Cidr, 10.0.0.0/8]}\n"
	"Resources:\n"
	"  V: {Type: 'AWS::EC2::VPC', Condition: C, Properties: {CidrBlock: !Ref Cidr, X: !Sub '${Cidr}-${Free}-${V.VpcId}', "
	"Y: !Select [1, !Ref Ids], Z: !Ref 'AWS::StackName'}}\n"
	"Outputs: {Out: {Value: !GetAtt V.VpcId}}\n";

static const char stored_text[] = "Parameters: {K: {Type: 'AWS::SSM::Parameter::Value<String>'}}\n"
				  "Resources: {Q: {Type: 'AWS::SQS::Queue', Properties: {Name: !Ref K}}}\n"
				  "Outputs: {Name: {Value: !Sub '${Q.QueueName}-x'}}\n";

/* "a.yaml" is one resource, "loop.yaml" includes itself, anything else is not at hand. */
static const struct sg_node *load_include(void *context, struct sg_str path, const struct sg_node *at)
{
	struct loaded *l = context;
	const char *text =
		sg_str_is(path, "a.yaml")        ? "V: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/8}}\n"
		: sg_str_is(path, "child.yaml")  ? child_text
		: sg_str_is(path, "stored.yaml") ? stored_text
		: sg_str_is(path, "macro.yaml")  ? "Transform: Own\nResources: {Q: {Type: 'AWS::SQS::Queue'}}\n"
		: sg_str_is(path, "self.yaml")
			? "Resources: {S: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: self.yaml}}}\n"
		: sg_str_is(path, "loop.yaml")
			? "Fn::Transform: {Name: 'AWS::Include', Parameters: {Location: loop.yaml}}\n"
			: NULL;
	(void)at;
	if (!text)
		return NULL;
	uint32_t id = sg_source_add(l->sources, path, sg_str(text));
	return sg_yaml_load(l->arena, l->diags, id, NULL, NULL);
}

static struct sg_model *including(struct loaded *l, const char *location)
{
	static char text[512]; /* scalars point into it */
	snprintf(text, sizeof(text),
		 "Resources:\n  X: {Type: 'AWS::SQS::Queue'}\n"
		 "  Fn::Transform: {Name: 'AWS::Include', Parameters: {Location: %s}}\n",
		 location);
	*l = load_text(text);
	ck_assert_ptr_nonnull(l->root);
	struct sg_cfn_options options = {.load = load_include, .load_context = l};
	return sg_model_new(l->arena, l->diags, &l->findings, l->root, &options);
}

START_TEST(includes_are_followed_or_unproven)
{
	struct loaded l;
	struct sg_model *m = including(&l, "a.yaml");
	ck_assert_ptr_nonnull(m);
	PROP(m, "V", "CidrBlock", "'10.0.0.0/8'");
	ck_assert_ptr_nonnull(sg_model_find(m, SG_LIT("X")));
	ck_assert_msg(!l.findings.list.n, "%.*s", SG_FMT(l.findings.list.v[0]->message));
	sg_arena_free(l.arena);

	m = including(&l, "s3://bucket/key");
	ck_assert(m && l.findings.list.n == 1 && !strcmp(l.findings.list.v[0]->rule->id, "TPL002"));
	sg_arena_free(l.arena);

	ck_assert_ptr_null(including(&l, "loop.yaml"));
	ck_assert_uint_eq(sg_diags_errors(l.diags), 1);
	sg_arena_free(l.arena);
}
END_TEST

static struct sg_model *nesting(struct loaded *l, const char *text)
{
	*l = load_text(text);
	ck_assert_ptr_nonnull(l->root);
	struct sg_cfn_options options = {.load = load_include, .load_context = l};
	return sg_model_new(l->arena, l->diags, &l->findings, l->root, &options);
}

START_TEST(nested_stacks_join)
{
	struct loaded l;
	struct sg_model *m = nesting(
		&l, "Parameters: {E: {Type: String, AllowedValues: [10.0.0.0/8, 10.1.0.0/16]}}\n"
		    "Conditions: {P: !Equals [!Ref E, 10.0.0.0/8]}\n"
		    "Resources:\n"
		    "  S: {Type: 'AWS::CloudFormation::Stack', Condition: P, Properties: {TemplateURL: child.yaml, "
		    "Parameters: {Cidr: !Ref E, Ids: 'a,b'}}}\n"
		    "  U: {Type: 'AWS::EC2::Subnet', Properties: {VpcId: !GetAtt S.Outputs.Out}}\n");
	ck_assert_ptr_nonnull(m);
	ck_assert_msg(!l.findings.list.n, "%.*s", SG_FMT(l.findings.list.v[0]->message));
	PROP(m, "S/V", "CidrBlock", "'10.0.0.0/8'");
	PROP(m, "S/V", "X", "10.0.0.0/8-${S/Free}-${S/V.VpcId}");
	PROP(m, "S/V", "Y", "'b'");
	PROP(m, "S/V", "Z", "${S/AWS::StackName}");
	const struct sg_resource *v = sg_model_find(m, SG_LIT("S/V"));
	ck_assert_uint_eq(v->exists.id, sg_cfn_condition(m->cfn, SG_LIT("P"), m->raw).id);
	ck_assert_ptr_eq(sg_model_target(m, &sg_prop(m, sg_model_find(m, SG_LIT("U")), "VpcId", SG_ALWAYS).v[0].val),
			 v);
	sg_arena_free(l.arena);
}
END_TEST

START_TEST(what_a_nested_stack_hands_up_and_is_given)
{
	struct loaded l;
	struct sg_model *m = nesting(
		&l,
		"Resources:\n"
		"  S: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: stored.yaml, Parameters: {K: /k}}}\n"
		"  U: {Type: 'AWS::SQS::Queue', Properties: {A: !Sub 'a-${S.Outputs.Name}', B: !Sub ['${v}-${S.Outputs.Name}',\n"
		"    {v: !GetAtt S.Outputs.Name}], C: !Sub '${S.Outputs.None}'}}\n");
	ck_assert_ptr_nonnull(m);
	PROP(m, "S/Q", "Name", "${S/K}"); /* what the store has, not the name that is passed */
	PROP(m, "U", "A", "a-${S/Q.QueueName}-x");
	PROP(m, "U", "B", "${S/Q.QueueName}-x-${S/Q.QueueName}-x");
	PROP(m, "U", "C", "${S.Outputs.None}");
	sg_arena_free(l.arena);
}
END_TEST

START_TEST(a_nested_stack_with_a_macro_is_not_known)
{
	struct loaded l;
	struct sg_model *m = nesting(
		&l, "Resources: {S: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: macro.yaml}}}\n");
	ck_assert_ptr_nonnull(m);
	ck_assert_ptr_null(sg_model_find(m, SG_LIT("S/Q")));
	ck_assert(l.findings.list.n == 1 && !strcmp(l.findings.list.v[0]->rule->id, "TPL002"));
	sg_arena_free(l.arena);
}
END_TEST

/* 30 resources; `per` 0: no condition, 1: each its own condition, 2: all feed one property of one. */
static struct sg_str thirty(struct sg_arena *a, int per)
{
	struct sg_buf b = {0};
	sg_buf_adds(&b, "Parameters:\n");
	for (int i = 0; i < 30; i++)
		sg_buf_addf(&b, "  P%d: {Type: String, AllowedValues: [a, b, c]}\n", i);
	sg_buf_adds(&b, "Conditions:\n");
	for (int i = 0; per && i < 30; i++)
		sg_buf_addf(&b, "  C%d: !Equals [!Ref P%d, a]\n", i, i);
	sg_buf_adds(&b, per ? "Resources:\n" : "  Unused: !Equals [1, 1]\nResources:\n");
	for (int i = 0; i < 30; i++) {
		sg_buf_addf(&b, "  R%d: {Type: 'AWS::SQS::Queue', %sProperties: {DelaySeconds: ", i,
			    per == 1 ? sg_strf(a, "Condition: C%d, ", i).p : "");
		sg_buf_addf(&b, per == 1 ? "!If [C%d, 1, 2]" : "%d", i);
		sg_buf_adds(&b, ", QueueName: !Sub '");
		for (int k = 0; per == 2 && i == 0 && k < 30; k++)
			sg_buf_addf(&b, "${V%d}", k);
		sg_buf_adds(&b, "x'}}\n");
	}
	struct sg_str text = sg_buf_take(&b, a);
	if (per != 2)
		return text;
	/* the variables of the one property */
	sg_buf_adds(&b, "[");
	size_t at = sg_str_find(text, "!Sub '", 0) + 5, end = sg_str_find(text, "'}}", at) + 1;
	sg_buf_str(&b, sg_str_sub(text, at, end - at));
	sg_buf_adds(&b, ", {");
	for (int k = 0; k < 30; k++)
		sg_buf_addf(&b, "%sV%d: !If [C%d, u, v]", k ? ", " : "", k, k);
	sg_buf_adds(&b, "}]");
	struct sg_str argument = sg_buf_take(&b, a);
	return sg_strf(a, "%.*s%.*s%.*s", SG_FMT(sg_str_sub(text, 0, at)), SG_FMT(argument),
		       SG_FMT(sg_str_sub(text, end, SIZE_MAX)));
}

static double processor_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* The least of five times to make the model and to look at each property. */
static double time_of(const char *text)
{
	double least = 1e9;
	for (int turn = 0; turn < 5; turn++) {
		struct loaded l;
		double start = processor_ms();
		const struct sg_model *m = model(&l, text);
		for (size_t i = 0; i < m->n; i++) {
			sg_prop(m, &m->resources[i], "DelaySeconds", SG_ALWAYS);
			sg_prop(m, &m->resources[i], "QueueName", SG_ALWAYS);
		}
		double took = processor_ms() - start;
		least = took < least ? took : least;
		sg_arena_free(l.arena);
	}
	return least;
}

START_TEST(thirty_conditions_are_decided_or_said_to_be_too_many)
{
	struct sg_arena *a = sg_arena_new();
	struct sg_str plain = thirty(a, 0), each = thirty(a, 1), one = thirty(a, 2);
	double base = time_of(plain.p), apart = time_of(each.p), together = time_of(one.p);
	ck_assert_msg(apart <= 20 * base && together <= 20 * base, "%.2f, %.2f and %.2f ms", base, apart, together);
	struct loaded l;
	struct sg_model *m = model(&l, each.p);
	for (size_t i = 0; i < m->n; i++) {
		struct sg_alts alts = sg_prop(m, &m->resources[i], "DelaySeconds", SG_ALWAYS);
		ck_assert(alts.n == 1 && alts.v[0].val.integer == 1); /* it exists only where its condition holds */
	}
	ck_assert(m->n == 30 && !l.findings.list.n);
	sg_arena_free(l.arena);
	m = model(&l, one.p);
	struct sg_alts alts = sg_prop(m, sg_model_find(m, SG_LIT("R0")), "QueueName", SG_ALWAYS);
	ck_assert(alts.n == 1 && alts.v[0].val.kind == SG_V_UNKNOWN);
	ck_assert(l.findings.list.n == 1 && !strcmp(l.findings.list.v[0]->rule->id, "TPL003"));
	sg_arena_free(l.arena);
	sg_arena_free(a);
}
END_TEST

START_TEST(sections_and_loops_are_checked)
{
	static const struct {
		const char *text;
		size_t mistakes;
	} rows[] = {
		{"Conditions: [a]\nResources: {}\n", 1},
		{"Outputs: a\nResources: {}\n", 1},
		{"Outputs: {'Fn::ForEach::A': [X, [a], {'O${X}': {Value: 1}}]}\nResources: {}\n", 1},
		{"Resources: {'Fn::ForEach::A': [X, [a], {'O${X}': {Type: 'AWS::SQS::Queue'}}]}\n", 1},
		{"Transform: AWS::LanguageExtensions\nResources: {'Fn::ForEach::A': [X, [a], {'O${X}': {Type: 'AWS::SQS::Queue'}}]}\n",
		 0},
		{"Conditions: {C: !And [!Equals [a, a]]}\nResources: {}\n", 1},
		{"Conditions: {C: !Equals [[a], a]}\nResources: {}\n", 1},
		{"Conditions: {C: !Equals [!ImportValue a, a]}\nResources: {}\n", 1},
		{"Parameters: {P: {Type: CommaDelimitedList}}\nConditions: {C: !Equals [!Ref P, a]}\nResources: {}\n",
		 1},
		{"Parameters: {P: {Type: String}}\nConditions: {C: !Equals [!Ref P, a]}\nResources: {}\n", 0},
		{"AWSTemplateFormatVersion: 2010-09-09\nResources: {}\n", 0},
		{"AWSTemplateFormatVersion: '2010-09-10'\nResources: {}\n", 1},
		{"AWSTemplateFormatVersion: null\nTransform: null\nResources: {}\n", 2},
		{"Transform: {key: M}\nResources: {}\n", 1},
		{"Transform: [{Name: M, Parameters: {}}, {Name: N}]\nResources: {}\n", 0},
		{"Mappings: {B.d: {a: {b: c}}}\nResources: {}\n", 1},
		{"Parameter: {}\nResources: {}\n", 1},
		{"Parameter: {}\nTransform: M\nResources: {}\n", 0},
		{"Resources: {}\nOutputs: {O: {Value: !Join [x, y]}}\n", 1},
		{"Resources: {}\nOutputs: {O: {Value: !Select [0, !Join [x, [y]]]}}\n", 1},
		{"Resources: {}\nOutputs: {O: {Value: !Select [0, !GetAZs us-east-1]}}\n", 0},
		{"Resources: {}\nOutputs: {O: {Value: !Select [0, !GetAZs us-east-1a]}}\n", 1},
		{"Resources: {}\nOutputs: {O: {Value: {'Fn::GetStackOutput': {StackName: a, OutputName: b, No: c}}}}\n",
		 1},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct loaded l;
		size_t mistakes = 0;
		ck_assert_ptr_nonnull(model(&l, rows[i].text));
		for (size_t k = 0; k < l.findings.list.n; k++)
			mistakes += !strcmp(l.findings.list.v[k]->rule->id, "TPL005");
		ck_assert_msg(mistakes == rows[i].mistakes, "%s: %zu", rows[i].text, mistakes);
		sg_arena_free(l.arena);
	}
}
END_TEST

START_TEST(attributes_of_resources_are_checked)
{
	static const struct {
		const char *attribute;
		size_t findings;
	} rows[] = {
		{"DependsOn: Q", 0},
		{"DependsOn: [Q, R]", 0},
		{"DependsOn: Nope", 1},
		{"DependsOn: [Q, Nope, No]", 2},
		{"DeletionPolicy: Retain", 0},
		{"DeletionPolicy: RetainExceptOnCreate, UpdateReplacePolicy: Snapshot", 0},
		{"DeletionPolicy: Keep", 1},
		{"DeletionPolicy: !If [C, Retain, Delete]", 0},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct loaded l;
		char text[300];
		snprintf(text, sizeof(text),
			 "Resources: {Q: {Type: 'AWS::SQS::Queue'}, R: {Type: 'AWS::SQS::Queue', %s}}\n",
			 rows[i].attribute);
		ck_assert_ptr_nonnull(model(&l, text));
		ck_assert_msg(l.findings.list.n == rows[i].findings, "%s", rows[i].attribute);
		for (size_t k = 0; k < l.findings.list.n; k++)
			ck_assert(!strcmp(l.findings.list.v[k]->rule->id, "TPL005") &&
				  l.findings.list.v[k]->status == SG_FAIL);
		sg_arena_free(l.arena);
	}
}
END_TEST

START_TEST(nested_stacks_that_are_not_at_hand_are_unproven_and_loops_end)
{
	struct loaded l;
	const char *one = "Resources: {S: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: %s}}}\n";
	static char text[200];
	snprintf(text, sizeof(text), one, "'https://s3.example/x'");
	struct sg_model *m = nesting(&l, text);
	ck_assert(m && l.findings.list.n == 1 && !strcmp(l.findings.list.v[0]->rule->id, "TPL002"));
	sg_arena_free(l.arena);
	snprintf(text, sizeof(text), one, "self.yaml");
	ck_assert_ptr_null(nesting(&l, text));
	sg_arena_free(l.arena);
}
END_TEST

START_TEST(mistakes_are_found_where_no_analysis_looks)
{
	static const char *const texts[] = {
		"Resources: {Q: {Type: 'AWS::SQS::Queue', Properties: {A: {B: [!Ref Nowhere]}}}}\n",
		"Resources: {}\nOutputs: {O: {Value: !GetAtt No.Where}}\n",
		"Resources: {}\nConditions: {C: !Equals [1]}\n",
		"Conditions: {C: !Equals [1, 2]}\nResources: {}\nOutputs: {O: {Value: !If [C, {'Fn::Nope': 1}, !Join [x]]}}\n",
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct loaded l;
		ck_assert_ptr_nonnull(model(&l, texts[i]));
		ck_assert_msg(l.findings.list.n == 1, "%s: %zu", texts[i], l.findings.list.n);
		ck_assert_str_eq(l.findings.list.v[0]->rule->id, "TPL005");
		sg_arena_free(l.arena);
	}
	struct loaded l; /* what is only unknown is no mistake */
	ck_assert_ptr_nonnull(model(&l, "Parameters: {P: {Type: CommaDelimitedList}}\n"
					"Resources: {Q: {Type: 'AWS::SQS::Queue', Properties: {A: !Select [1, !Ref P], "
					"B: {'Fn::Transform': {Name: M}}}}}\n"));
	ck_assert_uint_eq(l.findings.list.n, 0);
	sg_arena_free(l.arena);
}
END_TEST

START_TEST(what_is_no_template_is_refused)
{
	static const char *const texts[] = {"[]\n", "a: 1\n", "Resources: []\n", "Resources: {A: {}}\n",
					    "Resources: {A: 3}\n"};
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct loaded l;
		ck_assert_msg(!model(&l, texts[i]), "%s", texts[i]);
		ck_assert_uint_eq(sg_diags_errors(l.diags), 1);
		sg_arena_free(l.arena);
	}
}
END_TEST

UNIT_MAIN("model", a_function_makes_what_sam_makes, a_policy_of_if_keeps_its_guard_in_both_lists,
	  targets_are_found_by_ref_and_identity, existence_follows_conditions, what_nobody_knows_is_unproven,
	  includes_are_followed_or_unproven, nested_stacks_join, what_a_nested_stack_hands_up_and_is_given,
	  a_nested_stack_with_a_macro_is_not_known, attributes_of_resources_are_checked, sections_and_loops_are_checked,
	  thirty_conditions_are_decided_or_said_to_be_too_many,
	  nested_stacks_that_are_not_at_hand_are_unproven_and_loops_end, what_is_no_template_is_refused,
	  mistakes_are_found_where_no_analysis_looks)
