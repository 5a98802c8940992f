/* What suppress.c and baseline.c share. */
#ifndef SG_SUPPRESS_PRIV_H
#define SG_SUPPRESS_PRIV_H

#include "audit/audit.h"

struct suppression {
	struct sg_str rule, reason, expires;
	struct sg_str resource, file; /* empty: any */
	struct sg_span span;
	bool in_template, used;
	bool judged; /* its rule was, in this run */
};

struct sg_suppressions {
	struct sg_arena *arena;
	SG_VEC(struct suppression *) list;
	SG_VEC(struct sg_str) others; /* names of the user's rules that ran */
};

/* A path as two spellings of it agree: without "./" before it. */
struct sg_str sg_path_plain(struct sg_str path);

#endif
