/*
 * What can be talked to in the VPCs of the template: databases, instances, load balancers, file systems, endpoints.
 * The interfaces of Lambda functions take no connections and are not among them.
 */
#include "net/walk_priv.h"

#include <string.h>

/* A type that has interfaces: where it names its subnets and groups.  `through`: the property that names a group of
 * subnets, which has them in `subnets`. */
static const struct kind {
	const char *type, *what, *through, *subnets, *groups;
} kinds[] = {
	{"AWS::EC2::Instance", "instance", NULL, "SubnetId", "SecurityGroupIds"},
	{"AWS::EC2::NetworkInterface", "network interface", NULL, "SubnetId", "GroupSet"},
	{"AWS::EC2::VPCEndpoint", "endpoint", NULL, "SubnetIds", "SecurityGroupIds"},
	{"AWS::EC2::InstanceConnectEndpoint", "endpoint", NULL, "SubnetId", "SecurityGroupIds"},
	{"AWS::EFS::MountTarget", "file system", NULL, "SubnetId", "SecurityGroups"},
	{"AWS::RDS::DBInstance", "database", "DBSubnetGroupName", "SubnetIds", "VPCSecurityGroups"},
	{"AWS::RDS::DBCluster", "database", "DBSubnetGroupName", "SubnetIds", "VpcSecurityGroupIds"},
	{"AWS::RDS::DBProxy", "database proxy", NULL, "VpcSubnetIds", "VpcSecurityGroupIds"},
	{"AWS::DocDB::DBCluster", "database", "DBSubnetGroupName", "SubnetIds", "VpcSecurityGroupIds"},
	{"AWS::Neptune::DBCluster", "database", "DBSubnetGroupName", "SubnetIds", "VpcSecurityGroupIds"},
	{"AWS::Redshift::Cluster", "database", "ClusterSubnetGroupName", "SubnetIds", "VpcSecurityGroupIds"},
	{"AWS::ElastiCache::CacheCluster", "cache", "CacheSubnetGroupName", "SubnetIds", "VpcSecurityGroupIds"},
	{"AWS::ElastiCache::ReplicationGroup", "cache", "CacheSubnetGroupName", "SubnetIds", "SecurityGroupIds"},
	{"AWS::ElastiCache::ServerlessCache", "cache", NULL, "SubnetIds", "SecurityGroupIds"},
	{"AWS::ElasticLoadBalancingV2::LoadBalancer", "load balancer", NULL, "Subnets", "SecurityGroups"},
	{"AWS::ElasticLoadBalancing::LoadBalancer", "load balancer", NULL, "Subnets", "SecurityGroups"},
	{"AWS::OpenSearchService::Domain", "search domain", NULL, "VPCOptions.SubnetIds",
	 "VPCOptions.SecurityGroupIds"},
	{"AWS::Elasticsearch::Domain", "search domain", NULL, "VPCOptions.SubnetIds", "VPCOptions.SecurityGroupIds"},
	{"AWS::MSK::Cluster", "message broker", NULL, "BrokerNodeGroupInfo.ClientSubnets",
	 "BrokerNodeGroupInfo.SecurityGroups"},
	{"AWS::AmazonMQ::Broker", "message broker", NULL, "SubnetIds", "SecurityGroups"},
	{"AWS::ECS::Service", "service", NULL, "NetworkConfiguration.AwsvpcConfiguration.Subnets",
	 "NetworkConfiguration.AwsvpcConfiguration.SecurityGroups"},
	{"AWS::DAX::Cluster", "cache", "SubnetGroupName", "SubnetIds", "SecurityGroupIds"},
	{"AWS::Route53Resolver::ResolverEndpoint", "resolver endpoint", NULL, "IpAddresses", "SecurityGroupIds"},
};

/* ---------------------------------------------------------------------------------------------- groups */

static void add_group(struct net_ctx *x, struct net_iface *i, const struct sg_val *v, sg_guard guard)
{
	struct net_group g = {.guard = guard, .val = *v};
	const struct sg_resource *r = sg_model_target(x->m, v);
	g.res = r && sg_str_is(r->type, "AWS::EC2::SecurityGroup") ? r : NULL;
	g.default_of = sg_model_attribute(x->m, v, "DefaultSecurityGroup");
	SG_PUSH(x->arena, &i->groups, g);
	net_rules_read(x, &g, false, &i->ingress);
}

/* A network load balancer without groups takes everything; anything else has the VPC's default group then. */
static void no_groups(struct net_ctx *x, struct net_iface *i, sg_guard guard)
{
	if (sg_str_is(i->res->type, "AWS::ElasticLoadBalancingV2::LoadBalancer")) {
		struct sg_alts types = sg_net_prop(x->m, i->res, "Type", guard);
		for (size_t j = 0; j < types.n; j++)
			i->open = i->open || sg_val_is(&types.v[j].val, "network") ||
				  (!net_absent(&types.v[j].val) && !net_literal(&types.v[j].val));
		if (i->open)
			return;
	}
	struct net_group g = {.default_of = i->place->vpc, .guard = guard};
	SG_PUSH(x->arena, &i->groups, g);
	net_rules_read(x, &g, false, &i->ingress);
}

static void read_groups(struct net_ctx *x, struct net_iface *i, const struct kind *kind)
{
	struct sg_items items = sg_alts_items(x->m->cfn, sg_net_prop(x->m, i->res, kind->groups, i->when.may), true);
	sg_guard rest = i->when.may;
	for (size_t j = 0; j < items.n; j++) {
		rest = sg_guard_minus(x->w, rest, items.v[j].guard);
		add_group(x, i, &items.v[j].val, items.v[j].guard);
	}
	if (sg_guard_possible(x->w, rest))
		no_groups(x, i, rest);
}

/* ---------------------------------------------------------------------------------------------- subnets */

static void address(struct net_ctx *x, struct net_iface *i)
{
	i->address = i->place->range4;
	struct sg_alts alts = sg_net_prop(x->m, i->res, "PrivateIpAddress", i->when.may);
	struct sg_str text;
	if (alts.n != 1 || !sg_val_text(x->arena, &alts.v[0].val, &text))
		return;
	struct sg_part part = {.literal = sg_strf(x->arena, "%.*s/32", SG_FMT(text))};
	struct sg_val v = {.kind = SG_V_STRING, .parts = &part, .n_parts = 1};
	struct net_range r = net_range_of(x->arena, &v);
	if (r.known)
		i->address.range = r;
}

static void in_subnet(struct net_ctx *x, const struct sg_resource *r, const struct kind *kind,
		      const struct sg_alt *subnet, struct net_ifaces *out)
{
	struct net_iface i = {.res = r, .what = kind->what, .when = {subnet->guard, subnet->guard}};
	const struct sg_resource *s = sg_model_target(x->m, &subnet->val);
	i.endpoint = sg_str_is(r->type, "AWS::EC2::VPCEndpoint");
	if (s && sg_str_is(s->type, "AWS::EC2::Subnet")) {
		i.place = net_place_of(x, s);
		address(x, &i);
		read_groups(x, &i, kind);
	} else {
		i.when.must = SG_NEVER;
	}
	SG_PUSH(x->arena, &out->vec, i);
}

static void named_subnets(struct net_ctx *x, const struct sg_resource *r, const struct kind *kind, struct sg_alts alts,
			  struct net_ifaces *out)
{
	struct sg_items items = sg_alts_items(x->m->cfn, alts, true);
	for (size_t i = 0; i < items.n; i++) {
		if (net_absent(&items.v[i].val))
			continue;
		if (items.v[i].val.kind != SG_V_MAP) {
			in_subnet(x, r, kind, &items.v[i], out);
			continue;
		}
		struct sg_alts in = sg_val_get(x->m->cfn, &items.v[i].val, "SubnetId", items.v[i].guard);
		for (size_t j = 0; j < in.n; j++)
			if (!net_absent(&in.v[j].val))
				in_subnet(x, r, kind, &in.v[j], out);
	}
}

/* The instance's interfaces written out, which have groups of their own. */
static void written_out(struct net_ctx *x, const struct sg_resource *r, struct net_ifaces *out)
{
	static const struct kind own = {NULL, "instance", NULL, "SubnetId", "NetworkInterfaces.GroupSet"};
	struct sg_items items = sg_alts_items(x->m->cfn, sg_net_prop(x->m, r, "NetworkInterfaces", SG_ALWAYS), true);
	for (size_t i = 0; i < items.n; i++) {
		if (items.v[i].val.kind != SG_V_MAP)
			continue;
		struct sg_alts in = sg_val_get(x->m->cfn, &items.v[i].val, "SubnetId", items.v[i].guard);
		for (size_t j = 0; j < in.n; j++) {
			const struct sg_resource *s = sg_model_target(x->m, &in.v[j].val);
			if (!s || !sg_str_is(s->type, "AWS::EC2::Subnet"))
				continue;
			struct net_iface f = {.res = r, .what = own.what, .when = {in.v[j].guard, in.v[j].guard}};
			f.place = net_place_of(x, s);
			f.address = f.place->range4;
			struct sg_items groups = sg_alts_items(
				x->m->cfn, sg_val_get(x->m->cfn, &items.v[i].val, "GroupSet", in.v[j].guard), true);
			for (size_t k = 0; k < groups.n; k++)
				add_group(x, &f, &groups.v[k].val, groups.v[k].guard);
			if (!groups.n)
				no_groups(x, &f, in.v[j].guard);
			SG_PUSH(x->arena, &out->vec, f);
		}
	}
}

static void of_kind(struct net_ctx *x, const struct kind *kind, const struct sg_resource *r, struct net_ifaces *out)
{
	if (!kind->through) {
		named_subnets(x, r, kind, sg_net_prop(x->m, r, kind->subnets, SG_ALWAYS), out);
		if (sg_str_is(r->type, "AWS::EC2::Instance"))
			written_out(x, r, out);
		return;
	}
	struct sg_alts ids = sg_net_prop(x->m, r, kind->through, SG_ALWAYS);
	for (size_t i = 0; i < ids.n; i++) {
		const struct sg_resource *group = sg_model_target(x->m, &ids.v[i].val);
		if (group)
			named_subnets(x, r, kind, sg_net_prop(x->m, group, kind->subnets, ids.v[i].guard), out);
		else if (!net_absent(&ids.v[i].val))
			in_subnet(x, r, kind, &ids.v[i], out);
	}
}

bool net_has_interface(struct sg_str type)
{
	for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++)
		if (sg_str_is(type, kinds[k].type))
			return true;
	return false;
}

/* Types that act as a role, and can start a container or a machine in a subnet that they name. */
static bool starts_machines(struct sg_str type)
{
	static const char *const starters[] = {"AWS::Events::Rule",
					       "AWS::Scheduler::Schedule",
					       "AWS::Pipes::Pipe",
					       "AWS::StepFunctions::StateMachine",
					       "AWS::KinesisFirehose::DeliveryStream",
					       "AWS::Batch::JobDefinition",
					       "AWS::Bedrock::Agent",
					       "AWS::CodePipeline::Pipeline",
					       "AWS::Glue::Job",
					       "AWS::SSM::Document"};
	for (size_t i = 0; i < sizeof(starters) / sizeof(*starters); i++)
		if (sg_str_is(type, starters[i]))
			return true;
	return false;
}

/* Nobody knows what a resource of another type does with a subnet or group that it names. */
static void others(struct net_ctx *x, struct net_ifaces *out)
{
	for (size_t i = 0; i < x->m->n; i++) {
		const struct sg_resource *r = &x->m->resources[i];
		if ((r->info->class_ != SG_TYPE_UNKNOWN && !starts_machines(r->type)) || net_has_interface(r->type) ||
		    !net_names_network(x, r))
			continue;
		struct net_iface f = {.res = r, .what = "resource", .when = {SG_NEVER, r->exists}};
		SG_PUSH(x->arena, &out->vec, f);
	}
}

void net_ifaces_find(struct net_ctx *x, struct net_ifaces *out)
{
	const struct sg_resource *r;
	for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++)
		for (size_t i = 0; (r = sg_model_next(x->m, kinds[k].type, &i));)
			of_kind(x, &kinds[k], r, out);
	others(x, out);
}
