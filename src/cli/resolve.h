/* Intrinsics replaced by their values, wherever those are known and the same for all deployments. */
#ifndef SG_CLI_RESOLVE_H
#define SG_CLI_RESOLVE_H

#include "cfn/cfn.h"

/* `n`, or what it is: a value that is the same in every deployment stands for its intrinsic, at any depth; what hangs on
 * a parameter or is not known stays an intrinsic, with what is known inside of it replaced.  NULL: there is nothing
 * (AWS::NoValue), and an item or member that is nothing is left out.  New nodes live in `arena`; they lead back to `n`. */
const struct sg_node *sg_resolve(struct sg_arena *arena, struct sg_cfn *cfn, const struct sg_node *n);
/* The same for what is no value itself, a section or a resource: what stands in it is resolved.  Never NULL. */
const struct sg_node *sg_resolve_inside(struct sg_arena *arena, struct sg_cfn *cfn, const struct sg_node *n);

#endif
