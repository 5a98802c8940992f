/*
 * net/ - what a function's code can reach: from its VpcConfig through subnets, route tables, gateways, endpoints,
 * security groups, network ACLs and the VPC's resolver.
 *
 * Two kinds of statement are made.  NET008 is the *path*: a way out that is open end to end, critical.  The other rules
 * are *walls*, each judged alone, because the next change may take the other walls away.  Everything is judged for
 * all worlds; what the template does not decide is unproven.
 *
 * What AWS documents and this room relies on:
 *  - a subnet without an association of its own uses the VPC's main route table
 *    (https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html);
 *  - a security group without egress rules in the template gets EC2's allow-all rule, also for an empty list
 *    (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html);
 *  - a subnet without an ACL association uses the VPC's default ACL, which allows everything; an ACL of the template
 *    denies what no entry allows (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html);
 *  - the VPC's resolver answers whatever groups, ACLs and routes say, unless EnableDnsSupport is false
 *    (https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html);
 *  - the default endpoint policy allows every action of every principal
 *    (https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html).
 */
#ifndef SG_NET_H
#define SG_NET_H

#include "model/model.h"

/* Something that somebody says about what is outside the template, and whether a verdict rests on it. */
struct sg_assumption {
	struct sg_str text, reason; /* "Subnet subnet-1: Routes none" */
	struct sg_span span;
	bool used;
};

struct sg_assumptions {
	struct sg_assumption **v;
	size_t n, cap;
};

struct sg_net_facts;

/* Reads a file of assumptions (assume.c says what it looks like); NULL with errors in `d`. */
const struct sg_net_facts *sg_net_facts_read(struct sg_arena *a, struct sg_diags *d, const struct sg_node *root);
/* What is said in it, in its order; none of NULL. */
struct sg_assumptions sg_net_facts_said(const struct sg_net_facts *facts);

/* A request that the policy of a VPC endpoint lets through, or may. */
struct sg_net_leak {
	struct sg_str request; /* "s3:GetObject on *"; empty where none can be named */
	struct sg_str reason;  /* why none can */
	struct sg_span span;
	sg_guard in; /* among the worlds of the document */
};

/* What the policy of a VPC endpoint lets through, in the worlds of `document` (a map, or a text): SG_PASS, proved,
 * nothing; SG_FAIL, the request in `leak`; SG_UNPROVEN, what `leak` says.  Permissions are not this room's: audit/ asks the
 * one whose they are. */
typedef enum sg_verdict sg_net_policy(void *context, const struct sg_resource *endpoint, const struct sg_alt *document,
				      struct sg_net_leak *leak);

/* What others know of what the network depends on. */
struct sg_net_outside {
	const struct sg_net_facts *facts; /* may be NULL */
	sg_net_policy *policy;            /* asked for each endpoint's policy that may be in reach; may be NULL */
	void *context;
};

/* Judges NET001 to NET012 for one AWS::Lambda::Function in the worlds of `judged`.  Findings and judgements go to
 * m->findings under the function's logical id; each rule that applies is judged.  Of a function that is in no VPC in
 * any world only NET001 is judged: the rest would speak of a network that it does not have.  `outside` may be NULL. */
void sg_net_check(const struct sg_model *m, const struct sg_resource *function, sg_guard judged,
		  const struct sg_net_outside *outside);

/* ------------------------------------------------------------------------------------- shared with audit/ */

/* A finding about `function` at a property (dotted, may be NULL) of `at`, which may be another resource; `when` is
 * filled in where the guard is not certain, and a fail in worlds past the ceiling becomes unproven. */
struct sg_finding *sg_net_finding(const struct sg_model *m, const char *rule, enum sg_verdict status,
				  const struct sg_resource *function, const struct sg_resource *at, const char *dotted,
				  sg_guard guard, struct sg_span span, const char *fmt, ...) SG_PRINTF(9, 10);

/* A property of a resource, like sg_prop(); no alternatives at all where no deployment is asked about. */
struct sg_alts sg_net_prop(const struct sg_model *m, const struct sg_resource *r, const char *dotted, sg_guard in);

/* What a value that nobody knows is, or is made of; NULL where that has no name. */
const struct sg_symbol *sg_net_symbol(const struct sg_val *unknown);

/* Is it a parameter that the deployment passes?  Not one of a nested stack, which its parent passes, nor one whose value a
 * store holds. */
bool sg_net_is_passed(const struct sg_model *m, const struct sg_symbol *s);

/* Says what would settle an unproven finding that a value nobody knows decides. */
void sg_net_settle(const struct sg_model *m, struct sg_finding *finding, const struct sg_val *unknown);

enum sg_same { SG_OTHER, SG_MAYBE, SG_SAME };

/* Does the value identify this resource?  SG_OTHER only where it certainly identifies nothing or something else of this
 * template: a literal id or a parameter may name a resource of the stack from its second deployment on, and what is not
 * there at all names whatever CloudFormation would take instead. */
enum sg_same sg_net_same(const struct sg_model *m, const struct sg_val *v, const struct sg_resource *r);

#endif
