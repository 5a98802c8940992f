/*
 * sam/ - AWS::Serverless-2016-10-31 expanded offline, as AWS's translator expands it.
 *
 * Works on nodes, before any evaluation, like the translator.  Every made node keeps the node it came from, so that a
 * finding on the expanded template points at the user's line.
 */
#ifndef SG_SAM_H
#define SG_SAM_H

#include "cfn/cfn.h"

/* Does the template ask for the transform (Transform as string or list), or use AWS::Serverless types? */
bool sg_sam_used(const struct sg_node *root);

/* The canonical tree with Globals merged and each AWS::Serverless::Function replaced by what it makes: function,
 * role, URL, permissions, event source mappings, versions and aliases.  Other AWS::Serverless types stay as they are
 * (the type table calls them inert or unknown).  What cannot be expanded offline becomes an Fn::Transform node, which
 * evaluates to unknown.  Malformed input becomes TPL005 findings. */
const struct sg_node *sg_sam_expand(struct sg_arena *a, struct sg_findings *f, const struct sg_node *root);

#endif
