/* Unit tests of cfn/: what a property can be, in which worlds. */
#include "cfn/cfn_priv.h"
#include "load.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

static const char prelude[] =
	"Transform: AWS::LanguageExtensions\n"
	"Parameters:\n"
	"  Env: {Type: String, AllowedValues: [dev, prod]}\n"
	"  Free: {Type: String, Default: dev}\n"
	"  Size: {Type: Number, MinValue: 1, MaxValue: 256, AllowedValues: [128, 256]}\n"
	"  Max: {Type: Number, MaxValue: 30}\n"
	"  Code: {Type: String, AllowedPattern: '[a-z]{2}(-[0-9]+)?', MinLength: 2, MaxLength: 5}\n"
	"  Stored: {Type: 'AWS::SSM::Parameter::Value<String>', AllowedValues: [/a]}\n"
	"  Secret: {Type: String, NoEcho: true}\n"
	"  List: {Type: CommaDelimitedList}\n"
	"Mappings:\n"
	"  M: {dev: {k: 1}, prod: {k: two}}\n"
	"Conditions:\n"
	"  IsProd: !Equals [!Ref Env, prod]\n"
	"  IsDev: !Equals [dev, !Ref Env]\n"
	"  FreeProd: !Equals [!Ref Free, prod]\n"
	"  FreeDev: !Equals [!Ref Free, dev]\n"
	"  Same: !Equals [!Ref Free, !Ref Max]\n"
	"  SameAgain: !Equals [!Ref Max, !Ref Free]\n"
	"  Both: !And [!Condition IsProd, !Not [!Condition IsDev]]\n"
	"  Never: !And [!Condition FreeProd, !Condition FreeDev]\n"
	"  Either: !Or [!Condition IsProd, !Condition IsDev]\n"
	"  MaxIs31: !Equals [!Ref Max, 31]\n"
	"  MaxIs30: !Equals [!Ref Max, '30']\n"
	"  MaxIsWord: !Equals [!Ref Max, none]\n"
	"  CodeIsLong: !Equals [!Ref Code, ab-123]\n"
	"  CodeIsWrong: !Equals [!Ref Code, '']\n"
	"  CodeIsAb: !Equals [ab-1, !Ref Code]\n"
	"  Loop: !Not [!Condition Loop]\n"
	"Resources:\n"
	"  Vpc: {Type: 'AWS::EC2::VPC'}\n"
	"  R:\n"
	"    Type: T\n"
	"    Properties:\n";

/* "value when name=value, …; value …" */
static struct sg_str dump(struct sg_cfn *c, struct sg_arena *a, struct sg_alts alts)
{
	struct sg_buf b = {0};
	for (size_t i = 0; i < alts.n; i++) {
		struct sg_finding f = {0};
		sg_guard_when(sg_cfn_worlds(c), alts.v[i].guard, a, &f);
		sg_buf_addf(&b, "%s%.*s", i ? "; " : "", SG_FMT(sg_val_describe(a, &alts.v[i].val)));
		for (size_t k = 0; k < f.when.n; k++)
			sg_buf_addf(&b, "%s%.*s=%.*s", k ? ", " : " when ", SG_FMT(f.when.v[k].name),
				    SG_FMT(f.when.v[k].value));
	}
	return sg_buf_take(&b, a);
}

static void check(const char *property, const char *want)
{
	char text[8192];
	snprintf(text, sizeof(text), "%s      P: %s\n", prelude, property);
	struct loaded l = load_text(text);
	ck_assert_msg(l.root != NULL, "%s: not loaded", property);
	struct sg_cfn *c = sg_cfn_new(l.arena, l.diags, &l.findings, l.root, NULL);
	const struct sg_node *props = sg_node_get(sg_node_get(sg_node_get(l.root, "Resources"), "R"), "Properties");
	struct sg_str got = dump(c, l.arena, sg_eval_path(c, props, "P", SG_ALWAYS));
	ck_assert_msg(sg_str_is(got, want), "%s:\n  got  %.*s\n  want %s", property, SG_FMT(got), want);
	sg_arena_free(l.arena);
}

START_TEST(scalars_read_as_yaml_1_1)
{
	check("on", "true");
	check("012", "10");
	check("'012'", "'012'");
	check("~", "null");
}
END_TEST

START_TEST(references)
{
	check("!Ref Vpc", "${Vpc}");
	check("!GetAtt Vpc.CidrBlock", "${Vpc.CidrBlock}");
	check("{'Fn::GetAtt': Vpc.Cidr.Block}", "${Vpc.Cidr.Block}");
	check("!Ref AWS::Region", "${AWS::Region}");
	check("!Ref AWS::NoValue", "nothing");
	check("!Ref Env", "'dev' when Env=dev; 'prod' when Env=prod");
	check("!Ref Free", "${Free}"); /* a default never narrows */
	check("!Ref List", "the list that parameter List will hold");
	check("!Ref Nowhere", "what 'Nowhere' refers to, which is not in the template");
}
END_TEST

START_TEST(conditions_are_decided_together)
{
	check("!If [IsProd, a, b]", "'a' when Env=prod; 'b' when Env=dev");
	check("!If [IsProd, !If [IsDev, a, b], c]", "'b' when Env=prod; 'c' when Env=dev");
	check("!If [IsProd, !Ref Env, x]", "'prod' when Env=prod; 'x' when Env=dev");
	check("!If [Either, a, b]", "'a'");
	check("!If [Never, a, b]", "'b'");
	check("!If [Both, a, b]", "'a' when Env=prod; 'b' when Env=dev");
	check("!If [FreeProd, !If [FreeDev, a, b], c]", "'b' when Free=prod; 'c' when Free=anything but prod");
	check("!If [Same, !If [SameAgain, a, b], c]",
	      "'a' when ${Free} == ${Max}=true; 'c' when ${Free} == ${Max}=anything but true");
}
END_TEST

START_TEST(a_condition_that_nobody_can_decide_leaves_both_branches)
{
	check("!If [Loop, a, b]", "'a'; 'b'");
	check("!If [Missing, a, b]", "'a'; 'b'");
}
END_TEST

START_TEST(declarations_exclude_values)
{
	check("!If [!Equals [!Ref Max, 31], a, b]",
	      "something that is malformed: Fn::If takes a condition's name and two values");
	check("!FindInMap [{dev: 1}, a, b]", "a mapping's entry under a key that is not known");
	check("!If [MaxIs31, a, !If [MaxIs30, b, c]]", "'b' when Max=30; 'c' when Max=anything but 30");
	check("!If [MaxIsWord, a, b]", "'b'");
	check("!If [CodeIsLong, a, b]", "'b'");
	check("!If [CodeIsWrong, a, b]", "'b'");
	check("!If [CodeIsAb, a, b]", "'a' when Code=ab-1; 'b' when Code=anything but ab-1");
	check("!Ref Stored", "${Stored}"); /* AllowedValues are of the name in the store */
	check("!Ref Secret", "${Secret}");
}
END_TEST

START_TEST(patterns_exclude_only_what_they_do_not_match)
{
	static const struct {
		const char *pattern, *text;
		bool excluded;
	} rows[] = {
		{"[a-z]*", "abc", false},
		{"[a-z]*", "aBc", true}, /* the whole value must match */
		{"^[a-z]+$", "", true},
		{"a|bc", "bc", false},
		{"a|bc", "ac", true},
		{"(ab)+c?", "ababc", false},
		{"(ab)+c?", "abac", true},
		{"(?:a|b){2,3}", "ab", false},
		{"(?:a|b){2,3}", "abab", true},
		{"a{0}b", "b", false},
		{"a{2,}", "aaaa", false},
		{"a{2,}", "a", true},
		{"\\d{1,3}\\.\\d", "10.0", false},
		{"\\d{1,3}\\.\\d", "10x0", true},
		{"[^\\s]+", "a b", true},
		{"[\\w-]+", "a-b_1", false},
		{"[+-/]", ".", false},
		{"(a*)*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", true},
		{"()*", "", false},
		{"a*?b", "aab", false},
		/* what is not read excludes nothing */
		{"(?!x).*", "x", false},
		{"(a)\\1", "b", false},
		{"a*+a", "b", false},
		{"[a-z&&[^b]]", "b", false},
		{"\\p{Lower}", "B", false},
		{"[]a]", "b", false},
		{"(a", "b", false},
		{"a)", "b", false},
		{"a{", "b", false},
		{"*", "b", false},
		{"a", "\xc3\xa4", false},
		{"(?i)A", "b", false},
		{"\\", "b", false},
		{"[a", "b", false},
		{"[", "b", false},
		{"a{99999}", "b", false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		ck_assert_msg(cfn_pattern_excludes(sg_str(rows[i].pattern), sg_str(rows[i].text)) == rows[i].excluded,
			      "%s on '%s'", rows[i].pattern, rows[i].text);
}
END_TEST

START_TEST(address_blocks)
{
	check("!Select [1, !Cidr [10.0.0.0/16, 3, 8]]", "'10.0.1.0/24'");
	check("!Select [255, !Cidr [10.1.2.3/16, 256, 8]]", "'10.1.255.0/24'");
	check("!Join [',', !Cidr ['192.168.0.0/24', '3', '5']]", "'192.168.0.0/27,192.168.0.32/27,192.168.0.64/27'");
	check("!Cidr [10.0.0.0/24, 2, 8]", "the address blocks computed from '10.0.0.0/24', 2, 8"); /* two do not fit */
	check("!Cidr [!GetAtt Vpc.CidrBlock, 2, 8]", "the address blocks computed from ${Vpc.CidrBlock}, 2, 8");
	check("!Cidr [10.0.0.0/24]",
	      "something that is malformed: Fn::Cidr takes a block, a count and a number of bits");
	check("!Select [0, !Cidr [!If [IsProd, 10.0.0.0/16, 10.9.0.0/16], 1, 8]]",
	      "'10.0.0.0/24' when Env=prod; '10.9.0.0/24' when Env=dev");
}
END_TEST

START_TEST(dynamic_references)
{
	check("'{{resolve:ssm:x:1}}'", "${resolve:ssm:x:1}");
	check("'a{{resolve:ssm:x}}b{{resolve:ssm:y}}'", "a${resolve:ssm:x}b${resolve:ssm:y}");
	check("!Sub '{{resolve:ssm:/${Vpc}/k}}!'", "${resolve:ssm:/${Vpc}/k}!");
	check("!Join ['', ['{{resolve:', 'ssm:x}}']]", "${resolve:ssm:x}");
	check("'{{resolve:open'", "'{{resolve:open'");
}
END_TEST

START_TEST(strings)
{
	check("{'Fn::Base64': hello}", "'aGVsbG8='");
	check("{'Fn::Base64': ''}", "''");
	check("{'Fn::Base64': !Ref Vpc}", "${Base64 of ${Vpc}}");
	check("!Ref {'Fn::Sub': 'V${P}'}", "a Ref whose name is computed");
	check("!Ref {'Fn::Sub': Vpc}", "${Vpc}");
	check("{'Fn::GetAtt': [{'Fn::Sub': Vpc}, Arn]}", "${Vpc.Arn}");
	check("{'Fn::Sub': {'Fn::Transform': {Name: M}}}", "what M makes of this");
	check("!Sub 'a-${Env}'", "'a-dev' when Env=dev; 'a-prod' when Env=prod");
	check("!Sub 'x${!Lit}${AWS::Region}:${Vpc.Arn}'", "x${Lit}${AWS::Region}:${Vpc.Arn}");
	check("!Sub ['${v}-${Env}', {v: !Ref Env}]", "'dev-dev' when Env=dev; 'prod-prod' when Env=prod");
	check("!Join ['-', [a, !Ref Env, !Ref 'AWS::NoValue', 1]]", "'a-dev-1' when Env=dev; 'a-prod-1' when Env=prod");
	check("!Join ['-', [a, !If [IsProd, b, !Ref 'AWS::NoValue'], c]]", "'a-b-c' when Env=prod; 'a-c' when Env=dev");
	check("!Join ['', [!If [IsProd, !Ref 'AWS::NoValue', b]]]", "'' when Env=prod; 'b' when Env=dev");
	check("!Select [1, !Split [',', 'a,b,c']]", "'b'");
	check("!Select [0, !GetAZs '']", "${element 0 of the availability zones of ''}");
	check("!Sub '${Free}'", "${Free}");
}
END_TEST

START_TEST(mappings)
{
	check("!FindInMap [M, dev, k]", "1");
	check("!FindInMap [M, !Ref Env, k]", "1 when Env=dev; 'two' when Env=prod");
	check("!FindInMap [M, !Ref Free, k]", "1 when Free=dev; 'two' when Free=prod");
	check("!If [FreeProd, !FindInMap [M, !Ref Free, k], x]",
	      "'two' when Free=prod; 'x' when Free=anything but prod");
	check("!FindInMap [M, nope, k]", "something that is malformed: Fn::FindInMap finds no such entry in Mappings");
}
END_TEST

START_TEST(language_extensions)
{
	check("!Length [a, !Ref 'AWS::NoValue', b]", "2");
	check("!Length {Ref: List}", "${Length of List}");
	check("!ToJsonString {a: [1, true, !Ref Vpc], 'q\"': 'x\\y'}",
	      "{\"a\":[1,true,\"${Vpc}\"],\"q\\\"\":\"x\\\\y\"}");
	check("!FindInMap [M, !Ref Free, k, {DefaultValue: d}]",
	      "1 when Free=dev; 'two' when Free=prod; 'd' when Free=anything but dev");
}
END_TEST

static struct sg_str unrolled(const char *text, const char *id, const char *dotted, struct loaded *l)
{
	*l = load_text(text);
	ck_assert_ptr_nonnull(l->root);
	const struct sg_node *root = sg_cfn_unroll(l->arena, l->diags, &l->findings, l->root, NULL);
	struct sg_cfn *c = sg_cfn_new(l->arena, l->diags, &l->findings, root, NULL);
	const struct sg_node *r = sg_node_get(sg_node_get(root, "Resources"), id);
	ck_assert_msg(r != NULL, "no resource %s", id);
	return dump(c, l->arena, sg_eval_path(c, sg_node_get(r, "Properties"), dotted, SG_ALWAYS));
}

START_TEST(for_each_is_unrolled)
{
	struct loaded l;
	const char *text = "Transform: AWS::LanguageExtensions\n"
			   "Mappings: {M: {a1: {k: x}, b-2: {k: y}}}\n"
			   "Resources:\n"
			   "  'Fn::ForEach::Outer':\n"
			   "  - Name\n"
			   "  - [a1, b-2]\n"
			   "  - 'R&{Name}':\n"
			   "      Type: T\n"
			   "      Properties:\n"
			   "        P: !Sub '${Name}!'\n"
			   "        Q: !FindInMap [M, !Ref Name, k]\n"
			   "        'Fn::ForEach::Inner':\n"
			   "        - I\n"
			   "        - !Split [',', 'u,v']\n"
			   "        - {'X${I}': '${Name}-${I}'}\n";
	ck_assert(sg_str_is(unrolled(text, "Ra1", "P", &l), "'a1!'"));
	sg_arena_free(l.arena);
	ck_assert(sg_str_is(unrolled(text, "Rb2", "Q", &l), "'y'"));
	sg_arena_free(l.arena);
	ck_assert(sg_str_is(unrolled(text, "Rb2", "Xv", &l), "'b-2-v'"));
	sg_arena_free(l.arena);
}
END_TEST

/* 200 values three loops deep are eight million copies. */
START_TEST(for_each_is_bounded)
{
	struct sg_buf list = {0}, b = {0};
	for (int i = 0; i < 200; i++)
		sg_buf_addf(&list, "%sv%d", i ? "," : "", i);
	sg_buf_addf(
		&b,
		"Transform: AWS::LanguageExtensions\nResources: {'Fn::ForEach::A': [A, [%s], {'Fn::ForEach::B': [B, "
		"[%s], {'Fn::ForEach::C': [C, [%s], {'R${A}${B}${C}': {Type: T}}]}]}]}\n",
		list.p, list.p, list.p);
	struct loaded l = load_text(b.p);
	ck_assert_ptr_nonnull(l.root);
	ck_assert_ptr_eq(sg_cfn_unroll(l.arena, l.diags, &l.findings, l.root, NULL), l.root);
	ck_assert_str_eq(l.findings.list.v[0]->rule->id, "TPL003");
	sg_buf_free(&b), sg_buf_free(&list);
	sg_arena_free(l.arena);
}
END_TEST

START_TEST(rules_narrow_the_worlds)
{
	struct loaded l;
	const char *text =
		"Parameters: {A: {Type: String}, C: {Type: String}, B: {Type: String, AllowedValues: [x, y]}}\n"
		"Rules:\n"
		"  R1: {Assertions: [{Assert: !Or [!Equals [!Ref B, x], !Equals [!Ref A, none]]}]}\n"
		"  R2: {RuleCondition: !Equals [!Ref B, x], Assertions: [{Assert: {'Fn::Contains': [[p, q], !Ref A]}}]}\n"
		"  R3: {Assertions: [{Assert: {'Fn::Unheard': []}}]}\n"
		"  R4: {Assertions: [{Assert: !EachMemberIn [[!Ref C], [p, q]]}, {Assert: {'Fn::EachMemberIn': "
		"[{'Fn::ValueOfAll': [x, y]}, [p]]}}]}\n"
		"Conditions: {IsNo: !Equals [!Ref A, none], IsX: !Equals [!Ref B, x], IsP: !Equals [!Ref A, p], IsW: !Equals [!Ref C, w]}\n"
		"Resources: {R: {Type: T, Properties: {P: !If [IsNo, !If [IsX, 1, 2], !If [IsP, 3, !If [IsW, 5, 4]]]}}}\n";
	struct sg_str got = unrolled(text, "R", "P", &l);
	ck_assert_msg(sg_str_is(got, "2 when A=none, B=y; 3 when A=p; 4 when A=anything but none, C=anything but w"),
		      "%.*s", SG_FMT(got));
	sg_arena_free(l.arena);
}
END_TEST

START_TEST(what_is_malformed_is_unknown_and_said)
{
	static const char *const bad[] = {"!Sub [a]",
					  "!Join [a]",
					  "!Select [9, [a]]",
					  "!If [IsProd, a]",
					  "{'Fn::Nope': 1}",
					  "!Select [a, [b]]",
					  "!ImportValue [a]",
					  "!ImportValue {'Fn::ImportValue': a}",
					  "!Base64 [a]",
					  "!Cidr [a]",
					  "!GetStackOutput {StackName: a, OutputName: b, Key: c}",
					  "!GetStackOutput a",
					  "{'Fn::Sub': a, b: c}",
					  "!Equals [a, b]"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		char text[8192];
		snprintf(text, sizeof(text), "%s      P: %s\n", prelude, bad[i]);
		struct loaded l = load_text(text);
		ck_assert_msg(l.root != NULL, "%s", bad[i]);
		struct sg_cfn *c = sg_cfn_new(l.arena, l.diags, &l.findings, l.root, NULL);
		const struct sg_node *props =
			sg_node_get(sg_node_get(sg_node_get(l.root, "Resources"), "R"), "Properties");
		struct sg_alts alts = sg_eval_path(c, props, "P", SG_ALWAYS);
		ck_assert_msg(alts.n == 1 && alts.v[0].val.kind == SG_V_UNKNOWN, "%s", bad[i]);
		ck_assert_msg(l.findings.list.n == 1, "%s: %zu findings", bad[i], l.findings.list.n);
		ck_assert_str_eq(l.findings.list.v[0]->rule->id, "TPL005");
		sg_arena_free(l.arena);
	}
}
END_TEST

START_TEST(items_know_when_a_list_is_empty_or_gone)
{
	char text[8192];
	snprintf(text, sizeof(text),
		 "%s      P: !If [IsProd, [!If [Same, x, !Ref 'AWS::NoValue']], !Ref 'AWS::NoValue']\n", prelude);
	struct loaded l = load_text(text);
	struct sg_cfn *c = sg_cfn_new(l.arena, l.diags, &l.findings, l.root, NULL);
	struct sg_worlds *w = sg_cfn_worlds(c);
	const struct sg_node *props = sg_node_get(sg_node_get(sg_node_get(l.root, "Resources"), "R"), "Properties");
	struct sg_items items = sg_eval_items(c, sg_node_get(props, "P"), false, SG_ALWAYS);
	sg_guard prod = sg_cfn_condition(c, SG_LIT("IsProd"), props);
	sg_guard same = sg_cfn_condition(c, SG_LIT("Same"), props);
	ck_assert_uint_eq(items.n, 1);
	ck_assert_uint_eq(items.v[0].guard.id, sg_guard_and(w, prod, same).id);
	ck_assert_uint_eq(items.empty.id, sg_guard_minus(w, prod, same).id);
	ck_assert(sg_guard_possible(w, items.absent) && !sg_guard_possible(w, sg_guard_and(w, items.absent, prod)));
	sg_arena_free(l.arena);
}
END_TEST

START_TEST(overrides_that_the_declaration_refuses_are_errors)
{
	static const char *const refused[] = {"N=31", "N=x", "A=c", "P=B"}, *const taken[] = {"N=30", "A=b", "P=b",
											      "S=c"};
	for (size_t i = 0; i < 8; i++) {
		struct loaded l = load_text(
			"Parameters: {N: {Type: Number, MaxValue: 30}, A: {Type: String, AllowedValues: [a, b]},\n"
			"  P: {Type: String, AllowedPattern: '[a-z]'},\n"
			"  S: {Type: 'AWS::SSM::Parameter::Value<String>', AllowedValues: [a]}}\n");
		const char *word = i < 4 ? refused[i] : taken[i - 4];
		struct sg_override o = {{word, 1}, sg_str(word + 2)};
		sg_cfn_new(l.arena, l.diags, &l.findings, l.root,
			   &(struct sg_cfn_options){.overrides = &o, .n_overrides = 1});
		ck_assert_msg(sg_diags_errors(l.diags) == (i < 4), "%s", word);
		sg_arena_free(l.arena);
	}
}
END_TEST

START_TEST(what_is_not_declared_is_a_mistake_once_all_is_expanded)
{
	static const struct {
		const char *text;
		enum sg_verdict verdict;
	} rows[] = {
		{"Resources: {R: {Type: T}}", SG_FAIL},
		{"Resources: {X: {Type: T}}", SG_PASS},
		{"Resources: {R: {Type: AWS::Serverless::Api}}", SG_UNPROVEN},
		{"Transform: [Own, AWS::LanguageExtensions]\nResources: {R: {Type: T}}", SG_UNPROVEN},
		{"Transform: AWS::LanguageExtensions\nResources: {R: {Type: T}}", SG_FAIL},
		{"Resources: {'Fn::Transform': {Name: M}}", SG_UNPROVEN},
		{"Resources: {M: {Type: Own::S3::Bucket::MODULE}}", SG_FAIL},
		{"Resources: {X_: {Type: T}, X: {Type: Own::S3::Bucket::MODULE}}", SG_PASS},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct loaded l = load_text(rows[i].text);
		struct sg_cfn *c = sg_cfn_new(l.arena, l.diags, &l.findings, l.root, NULL);
		ck_assert_msg(sg_cfn_declared(c, SG_LIT("X")) == rows[i].verdict, "%s", rows[i].text);
		sg_arena_free(l.arena);
	}
	struct loaded l = load_text("Resources: {M: {Type: Own::S3::Bucket::MODULE}}");
	struct sg_cfn *c = sg_cfn_new(l.arena, l.diags, &l.findings, l.root, NULL);
	ck_assert(sg_cfn_declared(c, SG_LIT("MBucket")) == SG_UNPROVEN);
	sg_arena_free(l.arena);
}
END_TEST

START_TEST(overrides_narrow)
{
	struct loaded l =
		load_text("Parameters: {E: {Type: String, AllowedValues: [a, b]}, L: {Type: CommaDelimitedList}}\n"
			  "Resources: {R: {Type: T, Properties: {P: !Ref E, Q: !Select [1, !Ref L]}}}\n");
	struct sg_override o[] = {
		{SG_LIT("E"), SG_LIT("b")}, {SG_LIT("L"), SG_LIT("x, y")}, {SG_LIT("No"), SG_LIT("z")}};
	struct sg_cfn *c = sg_cfn_new(l.arena, l.diags, &l.findings, l.root,
				      &(struct sg_cfn_options){.overrides = o, .n_overrides = 3});
	const struct sg_node *props = sg_node_get(sg_node_get(sg_node_get(l.root, "Resources"), "R"), "Properties");
	ck_assert(sg_str_is(dump(c, l.arena, sg_eval_path(c, props, "P", SG_ALWAYS)), "'b'"));
	ck_assert(sg_str_is(dump(c, l.arena, sg_eval_path(c, props, "Q", SG_ALWAYS)), "'y'"));
	ck_assert_uint_eq(sg_diags_errors(l.diags), 1); /* the name that is no parameter */
	sg_arena_free(l.arena);
}
END_TEST

START_TEST(canonical_merges_and_refuses)
{
	struct loaded l = load_text("b: &x {k: 1, j: 2}\na: {<<: *x, k: 9}\nc: !Ref X\n");
	ck_assert_ptr_nonnull(l.root);
	const struct sg_node *a = sg_node_get(l.root, "a");
	ck_assert(sg_node_is(sg_node_get(a, "k"), "9") && sg_node_is(sg_node_get(a, "j"), "2") && a->n == 2);
	ck_assert(sg_node_get(l.root, "c")->short_form);
	sg_arena_free(l.arena);
	static const char *const refused[] = {"a: 1\na: 2\n", "a: !Reff x\n", "a: {<<: 3}\n"};
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		l = load_text(refused[i]);
		ck_assert_msg(!l.root && sg_diags_errors(l.diags) == 1, "%s", refused[i]);
		sg_arena_free(l.arena);
	}
}
END_TEST

/* Twenty independent conditions have a million worlds: decided symbolically, at once. */
START_TEST(many_conditions_stay_bounded)
{
	struct sg_buf b = {0};
	sg_buf_adds(&b, "Parameters:\n");
	for (int i = 0; i < 20; i++)
		sg_buf_addf(&b, "  P%d: {Type: String, AllowedValues: [a, b]}\n", i);
	sg_buf_adds(&b, "Conditions:\n");
	for (int i = 0; i < 20; i++)
		sg_buf_addf(&b, "  C%d: !Equals [!Ref P%d, a]\n", i, i);
	sg_buf_adds(&b, "  All: !And [");
	for (int i = 0; i < 10; i++)
		sg_buf_addf(&b, "%s!Condition C%d", i ? ", " : "", i);
	sg_buf_adds(&b, "]\nResources: {R: {Type: T, Properties: {P: !If [All, x, y], Q: !Sub '");
	for (int i = 0; i < 20; i++)
		sg_buf_addf(&b, "${P%d}", i);
	sg_buf_adds(&b, "'}}}\n");
	struct loaded l = load_text(b.p);
	struct sg_cfn *c = sg_cfn_new(l.arena, l.diags, &l.findings, l.root, NULL);
	const struct sg_node *props = sg_node_get(sg_node_get(sg_node_get(l.root, "Resources"), "R"), "Properties");
	struct sg_alts p = sg_eval_path(c, props, "P", SG_ALWAYS), q = sg_eval_path(c, props, "Q", SG_ALWAYS);
	ck_assert_uint_eq(p.n, 2);
	ck_assert(q.n == 1 && q.v[0].val.kind == SG_V_UNKNOWN);
	ck_assert(l.findings.list.n == 1 && !strcmp(l.findings.list.v[0]->rule->id, "TPL003"));
	sg_buf_free(&b);
	sg_arena_free(l.arena);
}
END_TEST

UNIT_MAIN("cfn", scalars_read_as_yaml_1_1, references, conditions_are_decided_together,
	  a_condition_that_nobody_can_decide_leaves_both_branches, declarations_exclude_values,
	  patterns_exclude_only_what_they_do_not_match, address_blocks, dynamic_references,
	  overrides_that_the_declaration_refuses_are_errors, what_is_not_declared_is_a_mistake_once_all_is_expanded,
	  strings, mappings, language_extensions, for_each_is_unrolled, for_each_is_bounded, rules_narrow_the_worlds,
	  what_is_malformed_is_unknown_and_said, items_know_when_a_list_is_empty_or_gone, overrides_narrow,
	  canonical_merges_and_refuses, many_conditions_stay_bounded)
