/*
 * What else touches the function's network: addresses that its subnets give out (NET012), and resources that the other
 * files do not read (NET010).  The latter is default-deny: a resource of a networking type that is not known to be
 * harmless is unproven as soon as it mentions a wall of this function, or something that nobody knows.
 */
#include "net/net_priv.h"

#include <string.h>

/* Types whose resources can reach into a network; a name that ends in "::" stands for the whole namespace. */
static const char *const networking[] = {
	"AWS::EC2::",
	"AWS::Route53Resolver::",
	"AWS::Route53Profiles::",
	"AWS::Route53::HostedZone",
	"AWS::VpcLattice::",
	"AWS::NetworkManager::",
	"AWS::NetworkFirewall::",
	"AWS::RAM::",
	"AWS::ODB::",
	"AWS::Outposts::",
	"AWS::CloudFormation::",
	"AWS::ServiceCatalog::",
	"AWS::Serverless::Application",
	"Custom::",
};

/* Those that another file of this room reads, and those that open nothing for the function without one that is read:
 * a gateway without a route, a network interface of somebody else's machine. */
static const char *const harmless[] = {
	"AWS::EC2::VPC",
	"AWS::EC2::Subnet",
	"AWS::EC2::RouteTable",
	"AWS::EC2::Route",
	"AWS::EC2::SubnetRouteTableAssociation",
	"AWS::EC2::VPNGatewayRoutePropagation",
	"AWS::EC2::RouteServerPropagation",
	"AWS::EC2::SecurityGroup",
	"AWS::EC2::SecurityGroupEgress",
	"AWS::EC2::SecurityGroupIngress",
	"AWS::EC2::NetworkAcl",
	"AWS::EC2::NetworkAclEntry",
	"AWS::EC2::SubnetNetworkAclAssociation",
	"AWS::EC2::VPCEndpoint",
	"AWS::EC2::InternetGateway",
	"AWS::EC2::EgressOnlyInternetGateway",
	"AWS::EC2::VPCGatewayAttachment",
	"AWS::EC2::NatGateway",
	"AWS::EC2::EIP",
	"AWS::EC2::VPCPeeringConnection",
	"AWS::EC2::TransitGateway",
	"AWS::EC2::TransitGatewayAttachment",
	"AWS::EC2::TransitGatewayVpcAttachment",
	"AWS::EC2::CarrierGateway",
	"AWS::EC2::VPNGateway",
	"AWS::EC2::VPNConnection",
	"AWS::EC2::CustomerGateway",
	"AWS::EC2::Instance",
	"AWS::EC2::LaunchTemplate",
	"AWS::EC2::EC2Fleet",
	"AWS::EC2::SpotFleet",
	"AWS::EC2::PrefixList",
	"AWS::EC2::KeyPair",
	"AWS::EC2::Volume",
	"AWS::EC2::VPCBlockPublicAccessExclusion",
	"AWS::EC2::VPCBlockPublicAccessOptions",
	"AWS::EC2::EIPAssociation",
	"AWS::EC2::VPCCidrBlock",
	"AWS::EC2::SubnetCidrBlock",
	"AWS::EC2::SubnetCidrReservation",
	"AWS::EC2::GatewayRouteTableAssociation",
	"AWS::EC2::TransitGatewayRoute",
	"AWS::EC2::TransitGatewayRouteTable",
	"AWS::EC2::TransitGatewayRouteTableAssociation",
	"AWS::EC2::TransitGatewayRouteTablePropagation",
	"AWS::EC2::VPNConnectionRoute",
	"AWS::EC2::RouteServer",
	"AWS::EC2::RouteServerAssociation",
	"AWS::EC2::RouteServerEndpoint",
	"AWS::EC2::RouteServerPeer",
	"AWS::EC2::SecurityGroupVpcAssociation",
	"AWS::EC2::NetworkInterface",
	"AWS::EC2::NetworkInterfaceAttachment",
	"AWS::EC2::DHCPOptions",
	"AWS::EC2::VPCDHCPOptionsAssociation", /* other servers are asked over routes */
	"AWS::EC2::InstanceConnectEndpoint",
	"AWS::EC2::NetworkInsightsPath",
	"AWS::EC2::NetworkInsightsAnalysis",
	"AWS::EC2::NetworkInsightsAccessScope",
	"AWS::EC2::NetworkInsightsAccessScopeAnalysis",
	/* the resolver is judged whatever it does with a name: dns.c */
	"AWS::Route53Resolver::",
	"AWS::Route53Profiles::",
	"AWS::Route53::HostedZone",
	"AWS::VpcLattice::ServiceNetworkVpcAssociation", /* endpoint.c */
	"AWS::NetworkManager::VpcAttachment",            /* needs a route, as a transit gateway's does */
	"AWS::CloudFormation::WaitCondition",
	"AWS::CloudFormation::WaitConditionHandle",
};

static bool listed(struct sg_str type, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t length = strlen(list[i]);
		if (list[i][length - 1] == ':' ? sg_str_starts(type, list[i]) : sg_str_is(type, list[i]))
			return true;
	}
	return false;
}

#define LISTED(type, list) listed((type), (list), sizeof(list) / sizeof(*(list)))

/* ---------------------------------------------------------------------------------------------- mentions */

static bool is_wall(struct net_ctx *x, const struct sg_resource *r)
{
	if (r == x->function)
		return true;
	for (size_t i = 0; i < x->subnets.vec.n; i++)
		if (x->subnets.vec.v[i]->res == r)
			return true;
	for (size_t i = 0; i < x->vpcs.vec.n; i++)
		if (x->vpcs.vec.v[i]->res == r)
			return true;
	for (size_t i = 0; i < x->groups.vec.n; i++)
		if (x->groups.vec.v[i]->res == r || x->groups.vec.v[i]->default_of == r)
			return true;
	for (size_t i = 0; i < x->tables.vec.n; i++)
		if (x->tables.vec.v[i]->to == r)
			return true;
	for (size_t i = 0; i < x->acls.vec.n; i++)
		if (x->acls.vec.v[i]->to == r)
			return true;
	return false;
}

static bool is_network(const struct sg_resource *r)
{
	return sg_str_is(r->type, "AWS::EC2::VPC") || sg_str_is(r->type, "AWS::EC2::Subnet") ||
	       sg_str_is(r->type, "AWS::EC2::SecurityGroup");
}

static bool names_wall(struct net_ctx *x, struct sg_str id)
{
	const struct sg_resource *r = sg_model_find(x->m, id);
	return r && (x->any_network ? is_network(r) : is_wall(x, r));
}

/* "${Vpc}", "${Vpc.CidrBlock}" in the text of a Sub */
static bool sub_names_wall(struct net_ctx *x, struct sg_str text)
{
	for (size_t at = sg_str_find(text, "${", 0); at != SIZE_MAX; at = sg_str_find(text, "${", at + 2)) {
		size_t end = at + 2;
		while (end < text.n && text.p[end] != '.' && text.p[end] != '}')
			end++;
		if (names_wall(x, sg_str_trim(sg_str_sub(text, at + 2, end - at - 2))))
			return true;
	}
	return false;
}

static const struct sg_node *first_of(const struct sg_node *n)
{
	return n->kind == SG_SEQ && n->n ? n->items[0] : n;
}

static const struct sg_node *mention(struct net_ctx *x, const struct sg_node *n);

/* The intrinsic that a member is, if it names a wall. */
static bool member_names_wall(struct net_ctx *x, const struct sg_member *m)
{
	if (m->key->kind != SG_SCALAR)
		return false;
	const struct sg_node *arg = first_of(m->value);
	if (arg->kind != SG_SCALAR)
		return false;
	if (sg_str_is(m->key->text, "Fn::Sub"))
		return sub_names_wall(x, arg->text);
	if (!sg_str_is(m->key->text, "Ref") && !sg_str_is(m->key->text, "Fn::GetAtt"))
		return false;
	size_t dot = sg_str_find(arg->text, ".", 0);
	return names_wall(x, dot == SIZE_MAX ? arg->text : sg_str_sub(arg->text, 0, dot));
}

/* The first place in a tree that mentions a wall, in whatever branch of whatever condition. */
static const struct sg_node *mention(struct net_ctx *x, const struct sg_node *n)
{
	const struct sg_node *found = NULL;
	if (!n || n->kind == SG_SCALAR)
		return NULL;
	for (size_t i = 0; !found && n->kind == SG_SEQ && i < n->n; i++)
		found = mention(x, n->items[i]);
	for (size_t i = 0; !found && n->kind == SG_MAP && i < n->n; i++)
		found = member_names_wall(x, &n->members[i]) ? n->members[i].value : mention(x, n->members[i].value);
	return found;
}

bool net_names_network(struct net_ctx *x, const struct sg_resource *r)
{
	x->any_network = true;
	bool found = mention(x, r->props) != NULL;
	x->any_network = false;
	return found;
}

/* Top-level properties that say what the resource is attached to. */
static const char *const attached[] = {
	"VpcId",   "VpcIdentifier",      "VpcArn",           "SubnetId",   "SubnetIds",   "SubnetArns", "RouteTableId",
	"GroupId", "NetworkInterfaceId", "SecurityGroupIds", "ResourceId", "ResourceArn", "VPCId",
};

/* A value nobody knows in a place where a wall could be named. */
static bool attached_to_unknown(struct net_ctx *x, const struct sg_resource *r, sg_guard in, struct sg_alt *out)
{
	for (size_t p = 0; p < sizeof(attached) / sizeof(*attached); p++) {
		struct sg_items items = sg_alts_items(x->m->cfn, sg_net_prop(x->m, r, attached[p], in), true);
		for (size_t i = 0; i < items.n; i++)
			if (!net_literal(&items.v[i].val) && !sg_model_target(x->m, &items.v[i].val)) {
				*out = items.v[i];
				return true;
			}
	}
	return false;
}

/* A flow log tells which addresses the function tried to reach, and so carries what a script writes into them.  Into
 * a log group or bucket of this template it may. */
static bool is_own_flow_log(struct net_ctx *x, const struct sg_resource *r, sg_guard in)
{
	static const char *const props[] = {"LogDestination", "LogGroupName"};
	bool own = sg_str_is(r->type, "AWS::EC2::FlowLog");
	bool any = false;
	for (size_t p = 0; own && p < sizeof(props) / sizeof(*props); p++) {
		struct sg_alts alts = sg_net_prop(x->m, r, props[p], in);
		for (size_t i = 0; i < alts.n; i++) {
			if (net_absent(&alts.v[i].val))
				continue;
			const struct sg_resource *t = sg_model_target(x->m, &alts.v[i].val);
			any = true;
			own = own && t &&
			      (sg_str_is(t->type, "AWS::Logs::LogGroup") || sg_str_is(t->type, "AWS::S3::Bucket"));
		}
	}
	return own && any;
}

/* Is the literal `id` another one than what a use names?  Only of ids of one kind that can be told. */
static bool differs(struct net_ctx *x, const struct net_use *use, struct sg_str id, const char *kind)
{
	struct sg_str own;
	return sg_str_starts(id, kind) && net_literal(&use->val) && sg_val_text(x->arena, &use->val, &own) &&
	       !sg_str_eq(own, id);
}

/* May this id be that of a subnet or VPC of the function's that is not the template's, or of what is in one? */
static bool may_be_elsewhere(struct net_ctx *x, struct sg_str id)
{
	for (size_t i = 0; i < x->subnets.vec.n; i++)
		if (!x->subnets.vec.v[i]->res && !differs(x, x->subnets.vec.v[i], id, "subnet-"))
			return true;
	for (size_t i = 0; i < x->vpcs.vec.n; i++)
		if (!x->vpcs.vec.v[i]->res && !sg_str_starts(id, "subnet-") &&
		    !differs(x, x->vpcs.vec.v[i], id, "vpc-"))
			return true;
	return false;
}

/* A flow log of something that is named by its id, while the function is in a network that is not the template's. */
static bool flow_log_elsewhere(struct net_ctx *x, const struct sg_resource *r, sg_guard in, struct sg_alt *out)
{
	if (!sg_str_is(r->type, "AWS::EC2::FlowLog"))
		return false;
	struct sg_alts ids = sg_net_prop(x->m, r, "ResourceId", in);
	for (size_t i = 0; i < ids.n; i++) {
		struct sg_str id;
		*out = ids.v[i];
		if (net_literal(&out->val) && sg_val_text(x->arena, &out->val, &id) && may_be_elsewhere(x, id))
			return true;
	}
	return false;
}

static void other(struct net_ctx *x, const struct sg_resource *r)
{
	sg_guard in = sg_guard_and(x->w, r->exists, x->in_vpc);
	const struct sg_node *at = mention(x, r->props);
	struct sg_alt unknown;
	if (!sg_guard_possible(x->w, in) || is_own_flow_log(x, r, in))
		return;
	if (at) {
		struct sg_finding *f = sg_net_finding(
			x->m, "NET010", SG_UNPROVEN, x->function, r, NULL, in, sg_node_span(at),
			"%.*s %.*s is attached to the sandbox's network; what it does there is not known",
			SG_FMT(r->type), SG_FMT(r->id));
		net_settle(x, f, "a template without it, or with it attached to another network, would settle it");
	} else if (flow_log_elsewhere(x, r, in, &unknown)) {
		struct sg_finding *f = net_say(x, "NET010", SG_UNPROVEN, r, "ResourceId", unknown.guard, &unknown.val,
					       "%.*s may be a flow log of the sandbox's network", SG_FMT(r->id));
		net_settle(x, f, "a log group or bucket of this template as its destination would settle it");
	} else if (attached_to_unknown(x, r, in, &unknown)) {
		net_say(x, "NET010", SG_UNPROVEN, r, NULL, unknown.guard, &unknown.val,
			"%.*s %.*s may be attached to the sandbox's network", SG_FMT(r->type), SG_FMT(r->id));
	}
}

/* ---------------------------------------------------------------------------------------------- properties */

/* The properties of the walls' types, as the CloudFormation reference has them: one that is not here may open what the
 * audit takes for closed. */
static const struct {
	const char *type, *properties;
} walls[] = {
	{"AWS::EC2::VPC",
	 " CidrBlock EnableDnsHostnames EnableDnsSupport InstanceTenancy Ipv4IpamPoolId Ipv4NetmaskLength Tags "},
	{"AWS::EC2::Subnet",
	 " AssignIpv6AddressOnCreation AvailabilityZone AvailabilityZoneId CidrBlock EnableDns64 "
	 "EnableLniAtDeviceIndex "
	 "Ipv4IpamPoolId Ipv4NetmaskLength Ipv6CidrBlock Ipv6CidrBlocks Ipv6IpamPoolId Ipv6Native Ipv6NetmaskLength "
	 "MapPublicIpOnLaunch OutpostArn PrivateDnsNameOptionsOnLaunch Tags VpcId "},
	{"AWS::EC2::RouteTable", " Tags VpcId "},
	{"AWS::EC2::NetworkAcl", " Tags VpcId "},
	{"AWS::EC2::SecurityGroup", " GroupDescription GroupName SecurityGroupEgress SecurityGroupIngress Tags VpcId "},
};

static bool in_words(const char *words, struct sg_str name)
{
	size_t at = name.n ? sg_str_find(sg_str(words), " ", 0) : SIZE_MAX;
	for (; at != SIZE_MAX; at = sg_str_find(sg_str(words), " ", at + 1))
		if (sg_str_eq(sg_str_sub(sg_str(words), at + 1, name.n), name) && words[at + 1 + name.n] == ' ')
			return true;
	return false;
}

static void known_properties(struct net_ctx *x, const struct sg_resource *r)
{
	const char *words = NULL;
	for (size_t i = 0; i < sizeof(walls) / sizeof(*walls); i++)
		if (sg_str_is(r->type, walls[i].type))
			words = walls[i].properties;
	sg_guard in = sg_guard_and(x->w, r->exists, x->in_vpc);
	if (!words || !r->props || r->props->kind != SG_MAP || !sg_guard_possible(x->w, in))
		return;
	for (size_t i = 0; i < r->props->n; i++) {
		const struct sg_node *key = r->props->members[i].key;
		if (key->kind == SG_SCALAR && in_words(words, key->text))
			continue;
		struct sg_finding *f = sg_net_finding(x->m, "NET010", SG_UNPROVEN, x->function, r, NULL, in, key->span,
						      "what the property '%.*s' does to %.*s is not known",
						      SG_FMT(key->text), SG_FMT(r->id));
		net_settle(
			x, f,
			"a version of sandboxgen that knows the property, or a template without it, would settle it");
	}
}

/* ---------------------------------------------------------------------------------------------- addresses */

/* Any of them gives the subnet an IPv6 range. */
static const char *const ranges[] = {"Ipv6CidrBlock", "Ipv6CidrBlocks", "Ipv6IpamPoolId", "Ipv6NetmaskLength"};

static void ipv6_range(struct net_ctx *x, const struct net_use *subnet, const char *prop)
{
	struct sg_alts alts = sg_net_prop(x->m, subnet->res, prop, subnet->guard);
	for (size_t i = 0; i < alts.n; i++) {
		if (net_absent(&alts.v[i].val))
			continue;
		struct sg_finding *f = net_say(x, "NET012", SG_FAIL, subnet->res, prop, alts.v[i].guard, &alts.v[i].val,
					       "subnet %.*s has an IPv6 range", SG_FMT(subnet->res->id));
		net_settle(x, f, "a sandbox needs no IPv6: take the range away");
	}
}

static const char *const addresses[] = {"MapPublicIpOnLaunch", "AssignIpv6AddressOnCreation", "EnableDns64",
					"Ipv6Native"};

static void flag(struct net_ctx *x, const struct sg_resource *at, const char *dotted, sg_guard in, const char *what)
{
	struct sg_alts alts = sg_net_prop(x->m, at, dotted, in);
	for (size_t i = 0; i < alts.n; i++) {
		bool on = true, known = sg_val_bool(&alts.v[i].val, &on);
		if (net_absent(&alts.v[i].val) || (known && !on))
			continue;
		struct sg_finding *f =
			net_say(x, "NET012", known ? SG_FAIL : SG_UNPROVEN, at, dotted, alts.v[i].guard, &alts.v[i].val,
				"%.*s: %s is %s", SG_FMT(at->id), what, known ? "on" : "not known");
		if (known)
			net_settle(x, f, "a sandbox needs neither public nor IPv6 addresses: set it to false");
	}
}

/* IPv6 that a resource of its own gives to the subnet. */
static void added_range(struct net_ctx *x, const struct net_use *subnet)
{
	const struct sg_resource *r;
	for (size_t i = 0; (r = sg_model_next(x->m, "AWS::EC2::SubnetCidrBlock", &i));) {
		struct sg_alts ids = sg_net_prop(x->m, r, "SubnetId", subnet->guard);
		for (size_t j = 0; j < ids.n; j++) {
			enum sg_same same = sg_net_same(x->m, &ids.v[j].val, subnet->res);
			if (same != SG_OTHER)
				net_say(x, "NET012", same == SG_SAME ? SG_FAIL : SG_UNPROVEN, r, "SubnetId",
					ids.v[j].guard, &ids.v[j].val, "%.*s gives subnet %.*s an IPv6 range",
					SG_FMT(r->id), SG_FMT(subnet->res->id));
		}
	}
}

static void subnet_addresses(struct net_ctx *x, const struct net_use *subnet)
{
	if (!subnet->res) {
		if (!net_assumed(x, NET_FACT_SUBNET_PRIVATE, &subnet->val))
			net_assumable(x,
				      net_say(x, "NET012", SG_UNPROVEN, x->function, "VpcConfig.SubnetIds",
					      subnet->guard, &subnet->val,
					      "which addresses subnet %.*s gives out is not in this template",
					      SG_FMT(sg_val_describe(x->arena, &subnet->val))),
				      "Subnet", &subnet->val, "Addresses: private");
		return;
	}
	added_range(x, subnet);
	for (size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++)
		flag(x, subnet->res, addresses[i], subnet->guard, addresses[i]);
	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
		ipv6_range(x, subnet, ranges[i]);
}

void net_check_others(struct net_ctx *x)
{
	flag(x, x->function, "VpcConfig.Ipv6AllowedForDualStack", x->in_vpc, "Ipv6AllowedForDualStack");
	for (size_t i = 0; i < x->subnets.vec.n; i++)
		subnet_addresses(x, x->subnets.vec.v[i]);
	for (size_t i = 0; i < x->m->n; i++) {
		const struct sg_resource *r = &x->m->resources[i];
		if (is_wall(x, r))
			known_properties(x, r);
		if (sg_map_get(x->m->followed, r->id))
			continue; /* a nested stack, whose resources are judged themselves */
		bool unknown = r->info->class_ == SG_TYPE_UNKNOWN;
		if ((unknown || LISTED(r->type, networking)) && !LISTED(r->type, harmless) &&
		    !net_has_interface(r->type))
			other(x, r);
	}
}
