/*
 * The actions that services have today, for people: to show a request that somebody knows, and to find a misspelt name.
 * Nothing is decided by it: a policy's wildcards also match actions of tomorrow.
 */
#ifndef SG_IAM_CATALOGUE_H
#define SG_IAM_CATALOGUE_H

#include "base/base.h"

struct iam_service {
	const char *name;    /* "s3" */
	const char *actions; /* "GetObject/r2,5 PutObject/w2 ": access (l, r, w, t, p), numbers of ARN forms; 0: none */
	const char *arns;    /* separated by '|', the first is number 1 */
};
extern const struct iam_service iam_services[]; /* sorted by name */
extern const size_t iam_services_count;

struct iam_known {
	const struct iam_service *service;
	struct sg_str action; /* "GetObject" */
	char access;
	const char *arns; /* numbers separated by commas, that of the form that it needs first; up to the next blank */
};

/* NULL where the service is not known. */
const struct iam_service *iam_service_find(struct sg_str name);
/* The action at *cursor (start with NULL); false behind the last. */
bool iam_service_next(const struct iam_service *s, const char **cursor, struct iam_known *out);
/* By its name in any case; false where there is none. */
bool iam_action_find(struct sg_str service, struct sg_str action, struct iam_known *out);
/* An ARN of the action's form number `n` (from 0), each ${Name} in it replaced by `with`, or (NULL) by an example; "*" for
 * n = 0 of an action that has none; an empty string where there are not so many. */
struct sg_str iam_known_arn(struct sg_arena *a, const struct iam_known *k, unsigned n, const char *with);
/* The action of the service whose name is nearest, if one is near; false where none is. */
bool iam_action_near(struct sg_str service, struct sg_str action, struct iam_known *out);

#endif
