/*
 * What the policy of a VPC endpoint lets through: net/ asks, iam/ answers.  It must not know which endpoint is in reach.
 */
#include "audit/audit_priv.h"
#include "iam/iam.h"

static bool is_about(const struct audit_endpoint *e, const struct sg_resource *endpoint, const struct sg_alt *document)
{
	return e->endpoint == endpoint && e->document && e->document == document->val.node &&
	       e->in.id == document->guard.id;
}

enum sg_verdict audit_endpoint_policy(void *context, const struct sg_resource *endpoint, const struct sg_alt *document,
				      struct sg_net_leak *leak)
{
	struct audit_endpoints *all = context;
	struct sg_iam_leak found;
	for (size_t k = 0; k < all->known.n; k++)
		if (is_about(&all->known.v[k], endpoint, document)) {
			*leak = all->known.v[k].leak;
			return all->known.v[k].verdict;
		}
	struct audit_endpoint e = {.endpoint = endpoint, .document = document->val.node, .in = document->guard};
	e.verdict = sg_iam_lets_nothing(all->m, endpoint, document, &found);
	e.leak = (struct sg_net_leak){found.request, found.reason, found.span, found.in};
	SG_PUSH(all->m->arena, &all->known, e);
	*leak = e.leak;
	return e.verdict;
}
