/*
 * model/ - the one resolved model of a template: its resources, what their types mean for a sandbox, what refers to
 * what, and in which worlds each exists.  The analyses (net, iam, audit) see templates through this and cfn.h alone.
 */
#ifndef SG_MODEL_H
#define SG_MODEL_H

#include "sam/sam.h"

enum sg_type_class {
	SG_TYPE_UNKNOWN,  /* not in the table: nobody can say what it does to a wall */
	SG_TYPE_INERT,    /* cannot open a wall of the sandbox */
	SG_TYPE_MODELLED, /* an analysis reads it */
};

/* A row of types.def. */
struct sg_type_info {
	const char *name; /* "AWS::EC2::Subnet" */
	enum sg_type_class class_;
	const char *identity; /* attributes that GetAtt gives and that identify the resource, "SubnetId,…"; Ref
				      always does */
};

struct sg_resource {
	struct sg_str id, type;
	const struct sg_type_info *info; /* never NULL; unknown types share one row */
	const struct sg_node *key;       /* its logical id in the template: what a finding on the resource points at */
	const struct sg_node *node;      /* the resource */
	const struct sg_node *props;     /* Properties, or NULL */
	sg_guard exists;                 /* worlds in which its Condition holds; always possible */
	struct sg_str pointer;           /* "/Resources/Id" */
};

struct sg_model {
	struct sg_arena *arena;
	struct sg_cfn *cfn;
	struct sg_worlds *worlds;
	struct sg_findings *findings;
	const struct sg_node *raw;      /* canonical, before SAM */
	const struct sg_node *expanded; /* what CloudFormation gets; nested stacks at hand joined as Stack/Resource */
	struct sg_resource *resources;  /* in the template's order, made ones behind their origin */
	size_t n;
	struct sg_map *by_id;
	struct sg_map *followed; /* logical ids of nested stacks that were followed, as a set */
};

/* Builds the model: expands SAM, evaluates conditions, classifies types.  `root` is canonical.  What the template lacks
 * (no Resources) is an error in `d`, and NULL.  Unknown types become TPL002 findings (unproven). */
struct sg_model *sg_model_new(struct sg_arena *a, struct sg_diags *d, struct sg_findings *f, const struct sg_node *root,
			      const struct sg_cfn_options *options);

const struct sg_resource *sg_model_find(const struct sg_model *m, struct sg_str id);
/* Iterates over the resources of a type: start with *i == 0; NULL at the end. */
const struct sg_resource *sg_model_next(const struct sg_model *m, const char *type, size_t *i);
/* The resource that a value identifies: Ref of it, or an identity attribute of its type.  NULL otherwise. */
const struct sg_resource *sg_model_target(const struct sg_model *m, const struct sg_val *v);
/* Is the value `attribute` of this type of resource (GetAtt Vpc.DefaultSecurityGroup)?  The resource, or NULL. */
const struct sg_resource *sg_model_attribute(const struct sg_model *m, const struct sg_val *v, const char *attribute);

/* A property of a resource in the worlds in which it exists and `in` holds. */
struct sg_alts sg_prop(const struct sg_model *m, const struct sg_resource *r, const char *dotted, sg_guard in);
struct sg_items sg_prop_items(const struct sg_model *m, const struct sg_resource *r, const char *dotted, sg_guard in);
/* Where to point at for a property: its value's node, else the resource's logical id. */
struct sg_span sg_prop_span(const struct sg_resource *r, const struct sg_val *v);

/* A finding on a resource's property (dotted, may be NULL), with `when` filled in from the guard where it is not
 * certain. */
struct sg_finding *sg_model_finding(const struct sg_model *m, const char *rule, enum sg_verdict status,
				    const struct sg_resource *r, const char *dotted, sg_guard guard,
				    struct sg_span span, const char *fmt, ...) SG_PRINTF(8, 9);

const struct sg_type_info *sg_type_find(struct sg_str name); /* the shared unknown row where not in the table */

#endif
