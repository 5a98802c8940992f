/* Unit tests of net/: ranges, identity, and each wall over small templates.  tests/golden/audit has the larger part. */
#include "load.h"
#include "net/net_priv.h"
#include "unit.h"

#include <string.h>

/* ---------------------------------------------------------------------------------------------- ranges */

static struct net_range range(struct sg_arena *a, const char *text)
{
	struct sg_part part = {.literal = sg_str(text)};
	struct sg_val v = {.kind = SG_V_STRING, .parts = &part, .n_parts = 1};
	return net_range_of(a, &v);
}

START_TEST(ranges_that_no_packet_has)
{
	static const struct {
		const char *text;
		bool known, nothing;
	} rows[] = {
		{"127.0.0.1/32", true, true},
		{"127.0.0.0/8", true, true},
		{"126.0.0.0/7", true, false}, /* reaches beyond loopback */
		{"255.255.255.255/32", true, true},
		{"255.255.255.254/31", true, false},
		{"0.0.0.0/0", true, false},
		{"10.0.0.0/8", true, false},
		{"::1/128", true, true},
		{"::1/127", true, false},
		{"::/0", true, false},
		{"10.0.0.0", false, false},
		{"10.0.0.0/33", false, false},
		{"::/129", false, false},
		{"127.0.0.1/-1", false, false},
		{"127.0.0.1/32 ", false, false},
		{"127.0.0.1/3a", false, false},
		{"0127.0.0.1/32", false, false},
		{"127.1/32", false, false},
		{"", false, false},
		{"/8", false, false},
	};
	struct sg_arena *a = sg_arena_new();
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct net_range r = range(a, rows[i].text);
		ck_assert_msg(r.known == rows[i].known, "%s is %sknown", rows[i].text, r.known ? "" : "not ");
		ck_assert_msg(net_range_void(&r) == rows[i].nothing, "%s", rows[i].text);
	}
	sg_arena_free(a);
}
END_TEST

START_TEST(a_nul_in_a_range_is_no_end_of_it)
{
	struct sg_arena *a = sg_arena_new();
	struct sg_part part = {.literal = {"127.0.0.1\0/32", 13}};
	struct sg_val v = {.kind = SG_V_STRING, .parts = &part, .n_parts = 1};
	ck_assert(!net_range_of(a, &v).known);
	sg_arena_free(a);
}
END_TEST

START_TEST(ranges_meet_unless_they_are_disjoint)
{
	static const struct {
		const char *a, *b;
		bool meet;
	} rows[] = {
		{"0.0.0.0/0", "10.1.2.3/32", true},
		{"10.0.0.0/8", "10.255.0.0/16", true},
		{"10.0.0.0/8", "11.0.0.0/8", false},
		{"0.0.0.0/1", "128.0.0.0/1", false},
		{"0.0.0.0/0", "::/0", false},
		{"2001:db8::/32", "2001:db8:1::/48", true},
		{"2001:db8::/32", "2001:db9::/32", false},
		{"10.0.0.0/8", "rubbish", true},
		{"192.168.0.0/17", "192.168.128.0/17", false},
	};
	struct sg_arena *a = sg_arena_new();
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct net_range x = range(a, rows[i].a), y = range(a, rows[i].b);
		ck_assert_msg(net_ranges_meet(&x, &y) == rows[i].meet, "%s %s", rows[i].a, rows[i].b);
		ck_assert(net_ranges_meet(&y, &x) == rows[i].meet);
	}
	sg_arena_free(a);
}
END_TEST

/* ---------------------------------------------------------------------------------------------- templates */

#define HEAD                                                                                                        \
	"Parameters:\n  P: {Type: String}\n  E: {Type: String, AllowedValues: [dev, prod]}\n"                       \
	"Conditions:\n  Dev: !Equals [!Ref E, dev]\n"                                                               \
	"Resources:\n"                                                                                              \
	"  F: {Type: AWS::Lambda::Function, Properties: {VpcConfig: {SubnetIds: [!Ref S], SecurityGroupIds: [!Ref " \
	"G]}}}\n"                                                                                                   \
	"  V: {Type: AWS::EC2::VPC, Properties: {EnableDnsSupport: false}}\n"                                       \
	"  S: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref V}}\n"                                              \
	"  D: {Type: AWS::EC2::SecurityGroupEgress, Properties: {GroupId: !GetAtt V.DefaultSecurityGroup, CidrIp: " \
	"127.0.0.1/32}}\n"
#define GROUP                                                                                              \
	"  G: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref V, SecurityGroupEgress: [{CidrIp: " \
	"127.0.0.1/32}]}}\n"
#define TABLE                                                              \
	"  T: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref V}}\n" \
	"  ST: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref S, RouteTableId: !Ref T}}\n"
#define ACL                                                                \
	"  A: {Type: AWS::EC2::NetworkAcl, Properties: {VpcId: !Ref V}}\n" \
	"  SA: {Type: AWS::EC2::SubnetNetworkAclAssociation, Properties: {SubnetId: !Ref S, NetworkAclId: !Ref A}}\n"

static struct sg_model *judge_with(struct loaded *l, const char *text, const struct sg_net_outside *outside)
{
	*l = load_text(text);
	ck_assert_ptr_nonnull(l->root);
	struct sg_model *m = sg_model_new(l->arena, l->diags, &l->findings, l->root, NULL);
	ck_assert_ptr_nonnull(m);
	const struct sg_resource *f = sg_model_find(m, SG_LIT("F"));
	sg_net_check(m, f, f->exists, outside);
	sg_findings_sort(&l->findings);
	return m;
}

static struct sg_model *judge(struct loaded *l, const char *text)
{
	return judge_with(l, text, NULL);
}

/* Every rule's verdict as letters: p, u, f, or '.' where it is not judged; NET001 first. */
static void verdicts(const struct sg_findings *f, char out[13])
{
	memset(out, '.', 12);
	out[12] = 0;
	for (size_t i = 0; i < f->judged.n; i++) {
		const struct sg_judged *j = &f->judged.v[i];
		if (strcmp(j->rule->family, "NET") || !sg_str_is(j->resource, "F"))
			continue;
		int64_t n = 0;
		sg_parse_i64(sg_str(j->rule->id + 4), &n);
		out[n - 1] = "puf"[j->verdict];
	}
}

START_TEST(each_wall_is_judged_alone)
{
	static const struct {
		const char *what, *text, *want; /* 001 002 003 … 012 */
	} rows[] = {
		{"closed", HEAD GROUP TABLE ACL, "pppppppppppp"},
		{"no association", HEAD GROUP ACL, "pppppfpppppp"},
		{"no ACL", HEAD GROUP TABLE, "ppppppfppppp"},
		{"no egress rule", HEAD TABLE ACL "  G: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref V}}\n",
		 "ppfppppppppp"},
		{"group from elsewhere", HEAD TABLE ACL "  G: {Type: AWS::SSM::Parameter}\n", "ppuppppppppp"},
		{"route",
		 HEAD GROUP TABLE ACL
		 "  R: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref T, GatewayId: igw-1}}\n",
		 "pfpppppppppp"},
		{"route in one world",
		 HEAD GROUP TABLE ACL "  R: {Type: AWS::EC2::Route, Condition: Dev, Properties: {RouteTableId: "
				      "!Ref T, NatGatewayId: nat-1}}\n",
		 "pfpppppppppp"},
		{"route in an unknown table",
		 HEAD GROUP TABLE ACL
		 "  R: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref P, NatGatewayId: nat-1}}\n",
		 "pupppppppppp"},
		{"path",
		 HEAD TABLE "  G: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref V}}\n"
			    "  R: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref T, NatGatewayId: nat-1,\n"
			    "    DestinationCidrBlock: 0.0.0.0/0}}\n",
		 "pffpppffpppp"},
		{"path through the main table of a VPC of elsewhere",
		 "Parameters: {P: {Type: String}}\nResources:\n"
		 "  F: {Type: AWS::Lambda::Function, Properties: {VpcConfig: {SubnetIds: [!Ref S], "
		 "SecurityGroupIds: [!Ref "
		 "G]}}}\n  S: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref P}}\n"
		 "  G: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref V}}\n",
		 "pufuufuuupup"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct loaded l;
		char got[13];
		judge(&l, rows[i].text);
		verdicts(&l.findings, got);
		ck_assert_msg(!strcmp(got, rows[i].want), "%s: %s, expected %s", rows[i].what, got, rows[i].want);
		sg_arena_free(l.arena);
	}
}
END_TEST

START_TEST(a_function_in_no_vpc_has_one_verdict)
{
	struct loaded l;
	char got[13];
	judge(&l, "Resources:\n  F: {Type: AWS::Lambda::Function, Properties: {Timeout: 3}}\n");
	verdicts(&l.findings, got);
	ck_assert_str_eq(got, "f...........");
	sg_arena_free(l.arena);
	judge(&l, "Resources:\n  F: {Type: AWS::Lambda::Function}\n");
	verdicts(&l.findings, got);
	ck_assert_str_eq(got, "f...........");
	sg_arena_free(l.arena);
}
END_TEST

START_TEST(a_route_has_its_whole_witness_and_world)
{
	struct loaded l;
	judge(&l, HEAD GROUP TABLE ACL "  R: {Type: AWS::EC2::Route, Condition: Dev, Properties: "
				       "{RouteTableId: !Ref T, NatGatewayId: nat-1, "
				       "DestinationCidrBlock: 0.0.0.0/0}}\n");
	ck_assert_uint_eq(l.findings.list.n, 1);
	const struct sg_finding *f = l.findings.list.v[0];
	ck_assert_str_eq(f->rule->id, "NET002");
	ck_assert(sg_str_is(f->resource, "F"));
	ck_assert(sg_str_is(f->path, "/Resources/R/Properties/NatGatewayId"));
	static const char *const steps[] = {
		"function F runs in subnet S",
		"association ST gives the subnet ${T}",
		"AWS::EC2::Route R is in that table",
		"route R sends '0.0.0.0/0' to NAT gateway 'nat-1'",
	};
	ck_assert_uint_eq(f->witness.n, 4);
	for (size_t i = 0; i < 4; i++) {
		ck_assert_msg(sg_str_is(f->witness.v[i].message, steps[i]), "%.*s", SG_FMT(f->witness.v[i].message));
		ck_assert_uint_ne(f->witness.v[i].span.source, 0);
	}
	ck_assert_uint_eq(f->when.n, 1);
	ck_assert(sg_str_is(f->when.v[0].name, "E") && sg_str_is(f->when.v[0].value, "dev"));
	sg_arena_free(l.arena);
}
END_TEST

/* Unproven findings always say what would settle them. */
START_TEST(what_is_unproven_can_be_settled)
{
	struct loaded l;
	judge(&l, "Parameters: {P: {Type: String}, L: {Type: 'List<AWS::EC2::Subnet::Id>'}}\nResources:\n"
		  "  F: {Type: AWS::Lambda::Function, Properties: {VpcConfig: {SubnetIds: !Ref L, "
		  "SecurityGroupIds: [!Ref P, "
		  "!ImportValue g, 'sg-1', !Ref AWS::Region]}}}\n");
	ck_assert_uint_gt(l.findings.list.n, 8);
	for (size_t i = 0; i < l.findings.list.n; i++) {
		const struct sg_finding *f = l.findings.list.v[i];
		ck_assert_int_eq(f->status, SG_UNPROVEN);
		ck_assert_msg(f->settle.n > 0, "%s: %.*s", f->rule->id, SG_FMT(f->message));
	}
	sg_arena_free(l.arena);
}
END_TEST

/* The room of permissions, here: the endpoint of that name is closed. */
static enum sg_verdict is_named(void *context, const struct sg_resource *endpoint, const struct sg_alt *document,
				struct sg_net_leak *leak)
{
	ck_assert_uint_eq(leak->request.n, 0);
	ck_assert_int_eq(leak->in.id, document->guard.id);
	ck_assert_int_eq(document->val.kind, SG_V_MAP);
	return sg_str_is(endpoint->id, context) ? SG_PASS : SG_UNPROVEN;
}

START_TEST(others_may_prove_an_endpoint_closed)
{
	static const char text[] = HEAD GROUP TABLE ACL
		"  B: {Type: AWS::EC2::VPCEndpoint, Properties: {VpcId: !Ref V, RouteTableIds: [!Ref T], ServiceName: "
		"com.amazonaws.eu-west-1.s3, PolicyDocument: {Statement: [{Effect: Allow, Principal: '*', Action: "
		"'s3:GetObject', Resource: '*'}]}}}\n";
	static struct {
		char closed[8];
		char want;
	} rows[] = {{"", 'u'}, {"B", 'p'}, {"other", 'u'}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct loaded l;
		char got[13];
		struct sg_net_outside outside = {.policy = rows[i].closed[0] ? is_named : NULL,
						 .context = rows[i].closed};
		judge_with(&l, text, &outside);
		verdicts(&l.findings, got);
		ck_assert_msg(got[4] == rows[i].want, "%s", got);
		sg_arena_free(l.arena);
	}
}
END_TEST

START_TEST(only_a_name_of_something_else_is_something_else)
{
	struct loaded l;
	struct sg_model *m =
		judge(&l, HEAD GROUP TABLE ACL
		      "  C: {Type: Custom::X}\n"
		      "  X: {Type: AWS::SSM::Parameter, Properties: {Same: !Ref T, Attribute: !GetAtt "
		      "T.RouteTableId, Other: !Ref S,\n"
		      "    Literal: rtb-1, Parameter: !Ref P, Import: !ImportValue t, Custom: !Ref C, "
		      "CustomAttribute: !GetAtt C.T,\n"
		      "    DefaultGroup: !GetAtt V.DefaultSecurityGroup, Number: 7, Mixed: !Sub '${T}x'}}\n");
	static const struct {
		const char *property;
		enum sg_same want;
	} rows[] = {
		{"Same", SG_SAME},          {"Attribute", SG_SAME}, {"Other", SG_OTHER},  {"Literal", SG_MAYBE},
		{"Parameter", SG_MAYBE},    {"Import", SG_MAYBE},   {"Custom", SG_MAYBE}, {"CustomAttribute", SG_MAYBE},
		{"DefaultGroup", SG_OTHER}, {"Number", SG_MAYBE},   {"Mixed", SG_MAYBE},  {"Absent", SG_MAYBE},
	};
	const struct sg_resource *x = sg_model_find(m, SG_LIT("X")), *t = sg_model_find(m, SG_LIT("T"));
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct sg_alts alts = sg_net_prop(m, x, rows[i].property, SG_ALWAYS);
		ck_assert_uint_eq(alts.n, 1);
		ck_assert_msg(sg_net_same(m, &alts.v[0].val, t) == rows[i].want, "%s", rows[i].property);
	}
	ck_assert_uint_eq(sg_net_prop(m, x, "Same", SG_NEVER).n, 0);
	sg_arena_free(l.arena);
}
END_TEST

UNIT_MAIN("net", ranges_that_no_packet_has, a_nul_in_a_range_is_no_end_of_it, ranges_meet_unless_they_are_disjoint,
	  each_wall_is_judged_alone, a_function_in_no_vpc_has_one_verdict, a_route_has_its_whole_witness_and_world,
	  what_is_unproven_can_be_settled, others_may_prove_an_endpoint_closed,
	  only_a_name_of_something_else_is_something_else)
