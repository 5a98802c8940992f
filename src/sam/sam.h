/*
 * sam/ - AWS::Serverless-2016-10-31 expanded offline, as AWS's translator expands it.
 *
 * Works on nodes, before any evaluation, like the translator: intrinsics stay intrinsics.  Every made node keeps the
 * node it came from, so that a finding on the expanded template points at the user's line.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html
 */
#ifndef SG_SAM_H
#define SG_SAM_H

#include "cfn/cfn.h"

/* What the expansion may take for granted.  {0} is the audit's: nothing is known of the deployment, so that whatever
 * hangs on a parameter's value or the region stays an intrinsic. */
struct sg_sam_options {
	const char *region;                  /* NULL: not known; managed policies are spelt with the partition "aws" */
	const struct sg_override *overrides; /* values of parameters */
	size_t n_overrides;
	/* As the translator does: a parameter without an override has its default wherever the translator looks at the
	 * value.  False: defaults only name resources (an alias, the hash of a version), they decide nothing else. */
	bool use_defaults;
	/* Code, layers and definitions must lie in S3 (or an image registry) already, as they do behind `sam package`.
	 * False: a local path stands for what will be uploaded, and stays as it is. */
	bool packaged;
	/* Without a region: write ${AWS::Partition} into the ARNs of managed policies instead of "aws". */
	bool pseudo_partition;
	/* Copy a resource's Metadata to what is made of it, too. */
	bool metadata;
};

/* Does the template ask for the transform (Transform as string or list), or use AWS::Serverless types? */
bool sg_sam_used(const struct sg_node *root);

/* The canonical tree with Globals merged and each AWS::Serverless resource replaced by what it makes.  `options` may
 * be NULL.  What the translator refuses becomes a TPL005 finding for the resource (where it is `packaged` a
 * failure, else unproven), which then stays as it was written;
 * what cannot be expanded offline becomes an Fn::Transform node, which evaluates to unknown.  Never NULL. */
const struct sg_node *sg_sam_expand(struct sg_arena *a, struct sg_findings *f, const struct sg_node *root,
				    const struct sg_sam_options *options);

#endif
