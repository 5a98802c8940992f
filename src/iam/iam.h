/*
 * iam/ - what a function's role allows: policy documents, the role's effective policy, containment in a reference.
 *
 * It must not know which function is a sandbox (audit/ does), nor how findings are shown.  A rule passes only when the
 * effective policy, rounded up, is contained in the reference, rounded down, over *all* requests; it fails only with a
 * request that an independent evaluator has confirmed; everything else is unproven.
 */
#ifndef SG_IAM_H
#define SG_IAM_H

#include "model/model.h"

/* Decides IAM001 to IAM008 and IAM010 for one judged AWS::Lambda::Function, in the worlds of `judged`: findings and
 * verdicts go to m->findings, under the function's logical id.  Never fails; work is bounded (a budget that is used up
 * makes the rule unproven). */
void sg_iam_check(const struct sg_model *m, const struct sg_resource *function, sg_guard judged);

/* Decides IAM009, the form of every identity and trust policy of the template.  Once per template. */
void sg_iam_check_template(const struct sg_model *m);

/* What the permission rules do not claim, one sentence per entry, for reports and `explain`; ends with NULL. */
extern const char *const sg_iam_limits[];

#endif
