/*
 * make bench: net.  What following packets through a network of 500 resources (200 subnets, 100 route tables, 50 security
 * groups) costs beside reading its template: the text is read and the model made, then the function's network is judged.
 * Once closed, once with everything open but the routes, once with the routes too.  Medians of processor time; exits with 1
 * where judging takes more than RATIO_MAX times reading.
 */
#include "net/net.h"
#include "yaml/yaml.h"
#include "json/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { TURNS = 21, SUBNETS = 200, TABLES = 100, GROUPS = 50, ROUTES = 30, USED_SUBNETS = 16, USED_GROUPS = 5 };
#define RATIO_MAX 1.0

enum variant { CLOSED, NO_ROUTE, OPEN, VARIANTS };

static const char *const names[] = {"closed", "open but for the routes", "open"};

static double cpu_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* ------------------------------------------------------------------------------------------------ the network */

static void subnets(struct sg_buf *b)
{
	for (int i = 0; i < SUBNETS; i++)
		sg_buf_addf(b,
			    "  Subnet%d:\n    Type: AWS::EC2::Subnet\n    Properties:\n      VpcId: !Ref Vpc\n"
			    "      CidrBlock: 10.0.%d.0/24\n      AvailabilityZone: !Select [%d, !GetAZs '']\n"
			    "      Tags:\n        - {Key: Name, Value: !Sub '${AWS::StackName}-%d'}\n",
			    i, i, i % 3, i);
}

static void tables(struct sg_buf *b, enum variant v)
{
	for (int i = 0; i < TABLES; i++)
		sg_buf_addf(b,
			    "  Table%d:\n    Type: AWS::EC2::RouteTable\n    Properties:\n      VpcId: !Ref Vpc\n"
			    "  OfTable%d:\n    Type: AWS::EC2::SubnetRouteTableAssociation\n    Properties:\n"
			    "      SubnetId: !Ref Subnet%d\n      RouteTableId: !Ref Table%d\n",
			    i, i, i, i);
	/* the function's subnets have the first tables */
	for (int i = 0; i < ROUTES; i++)
		sg_buf_addf(b,
			    "  Route%d:\n    Type: AWS::EC2::Route\n    Properties:\n      RouteTableId: !Ref Table%d\n"
			    "      DestinationCidrBlock: 0.0.0.0/0\n      GatewayId: !Ref Igw\n",
			    i, v == OPEN ? i : TABLES - 1 - i);
}

static void groups(struct sg_buf *b, enum variant v)
{
	for (int i = 0; i < GROUPS; i++)
		sg_buf_addf(
			b,
			"  Group%d:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      GroupDescription: g\n"
			"      VpcId: !Ref Vpc\n      SecurityGroupIngress:\n"
			"        - {IpProtocol: tcp, FromPort: %d, ToPort: %d, CidrIp: 10.0.%d.0/24}\n"
			"      SecurityGroupEgress:\n"
			"        - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: %s}\n",
			i, 1000 + i, 2000 + i, i, v == CLOSED ? "127.0.0.1/32" : "0.0.0.0/0");
}

/* 500 resources: 200 subnets, 100 tables, 100 associations, 50 groups, 30 routes, 7 entries, 8 associations and 5. */
static struct sg_str make(struct sg_arena *a, enum variant v)
{
	struct sg_buf b = {0};
	sg_buf_adds(&b, "Resources:\n  Vpc:\n    Type: AWS::EC2::VPC\n    Properties:\n      CidrBlock: 10.0.0.0/16\n"
			"      EnableDnsSupport: false\n"
			"  Igw: {Type: AWS::EC2::InternetGateway}\n"
			"  Attached:\n    Type: AWS::EC2::VPCGatewayAttachment\n    Properties: {VpcId: !Ref Vpc, "
			"InternetGatewayId: !Ref Igw}\n"
			"  Acl:\n    Type: AWS::EC2::NetworkAcl\n    Properties: {VpcId: !Ref Vpc}\n");
	subnets(&b);
	tables(&b, v);
	groups(&b, v);
	for (int i = 0; i < 7; i++)
		sg_buf_addf(&b,
			    "  Entry%d:\n    Type: AWS::EC2::NetworkAclEntry\n    Properties: {NetworkAclId: !Ref Acl, "
			    "RuleNumber: %d, Protocol: 6, Egress: true, RuleAction: %s, CidrBlock: 10.%d.0.0/16, "
			    "PortRange: {From: 0, To: 65535}}\n",
			    i, i + 1, v == CLOSED ? "deny" : "allow", i);
	for (int i = 0; i < 8; i++)
		sg_buf_addf(
			&b,
			"  OfAcl%d:\n    Type: AWS::EC2::SubnetNetworkAclAssociation\n    Properties: {SubnetId: !Ref "
			"Subnet%d, NetworkAclId: !Ref Acl}\n",
			i, i);
	sg_buf_adds(&b,
		    "  F:\n    Type: AWS::Lambda::Function\n    Properties:\n      VpcConfig:\n        SubnetIds:\n");
	for (int i = 0; i < USED_SUBNETS; i++)
		sg_buf_addf(&b, "          - !Ref Subnet%d\n", i);
	sg_buf_adds(&b, "        SecurityGroupIds:\n");
	for (int i = 0; i < USED_GROUPS; i++)
		sg_buf_addf(&b, "          - !Ref Group%d\n", i);
	return sg_buf_take(&b, a);
}

/* ------------------------------------------------------------------------------------------------ measuring */

struct cost {
	double reading, judging; /* ms */
	size_t resources;
	enum sg_verdict path; /* of NET008 */
};

static struct cost once(struct sg_str text, bool json)
{
	struct cost c = {0};
	struct sg_arena *a = sg_arena_new();
	struct sg_sources *s = sg_sources_new(a);
	struct sg_diags *d = sg_diags_new(a, s);
	struct sg_findings f = {.arena = a};
	struct sg_yaml_notes notes = {0};
	double t0 = cpu_ms();
	uint32_t id = sg_source_add(s, SG_LIT("template"), text);
	const struct sg_node *root = json ? sg_json_load(a, id, NULL, d) : sg_yaml_load(a, d, id, NULL, &notes);
	double t1 = cpu_ms();
	root = root ? sg_cfn_canonical(a, d, root) : NULL;
	const struct sg_model *m = root ? sg_model_new(a, d, &f, root, NULL) : NULL;
	const struct sg_resource *function = m ? sg_model_find(m, SG_LIT("F")) : NULL;
	if (!function) {
		fputs("bench: no function\n", stderr);
		exit(2);
	}
	double t2 = cpu_ms();
	sg_net_check(m, function, SG_ALWAYS, NULL);
	c = (struct cost){t1 - t0, cpu_ms() - t2, m->n, SG_PASS};
	for (size_t i = 0; i < f.judged.n; i++)
		if (sg_str_is(sg_str(f.judged.v[i].rule->id), "NET008"))
			c.path = f.judged.v[i].verdict;
	sg_arena_free(a);
	return c;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* The same as JSON, in the long form of the intrinsics. */
static struct sg_str as_json(struct sg_arena *a, struct sg_str yaml)
{
	struct sg_sources *s = sg_sources_new(a);
	struct sg_diags *d = sg_diags_new(a, s);
	const struct sg_node *root = sg_yaml_load(a, d, sg_source_add(s, SG_LIT("t.yaml"), yaml), NULL, NULL);
	struct sg_buf out = {0};
	struct sg_json w;
	sg_json_init(&w, &out, 2);
	sg_json_node(&w, sg_cfn_canonical(a, d, root));
	return sg_buf_take(&out, a);
}

static bool measure(struct sg_arena *a, enum variant v, bool json)
{
	double reading[TURNS], judging[TURNS];
	struct sg_str text = json ? as_json(a, make(a, v)) : make(a, v);
	struct cost c = once(text, json); /* warms up */
	for (int i = 0; i < TURNS; i++) {
		c = once(text, json);
		reading[i] = c.reading, judging[i] = c.judging;
	}
	qsort(reading, TURNS, sizeof(*reading), compare);
	qsort(judging, TURNS, sizeof(*judging), compare);
	double ratio = judging[TURNS / 2] / reading[TURNS / 2];
	printf("network of %zu resources in %s, %-24s %7.2f ms to read, %6.2f ms to judge (NET008 %s), ratio (at most %.1f) "
	       "%5.2f\n",
	       c.resources, json ? "JSON" : "YAML", names[v], reading[TURNS / 2], judging[TURNS / 2],
	       sg_verdict_name(c.path), RATIO_MAX, ratio);
	if (c.path != (v == OPEN ? SG_FAIL : SG_PASS) || c.resources != 500)
		fputs("bench: this is not the network that was meant\n", stderr), exit(2);
	return ratio <= RATIO_MAX;
}

int main(void)
{
	struct sg_arena *a = sg_arena_new();
	bool fine = true;
	for (enum variant v = CLOSED; v < VARIANTS; v++)
		fine = measure(a, v, false) & measure(a, v, true) & fine;
	sg_arena_free(a);
	return !fine;
}
