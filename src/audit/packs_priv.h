/* Packs: rules that are not about a sandbox, run over every resource of a template where they are asked for. */
#ifndef SG_AUDIT_PACKS_PRIV_H
#define SG_AUDIT_PACKS_PRIV_H

#include "audit/rules_priv.h"

/* packs.c: runs the packs of k->o over the model. */
void audit_packs(struct check *k);

/* packfacts.c: the resource with what its template knows of it, under "x-sandboxgen". */
const struct sg_node *audit_pack_subject(struct check *k, const struct sg_resource *r);

#endif
