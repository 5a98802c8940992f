/*
 * What the files of sam/ share.
 *
 * Theory of operation: the canonical tree is read into *values* that can be changed (struct val), because SAM is
 * defined by what the translator does to one document in place: an event writes into a bucket, a function into an API,
 * a connector into another resource's DependsOn.  Each SAM resource is expanded in its own try: sam_fail() leaves it,
 * records the finding and goes on with the next resource.  At the end values become nodes again; what was not touched
 * becomes the very node that it was read from.
 */
#ifndef SG_SAM_PRIV_H
#define SG_SAM_PRIV_H

#include <setjmp.h>

#include "sam/sam.h"

/* ------------------------------------------------------------------------------------------------ values (tree.c) */

struct val;

struct entry {
	struct sg_str key;
	const struct sg_node *key_node; /* NULL for a made key */
	struct val *value;
};

/* A JSON-like value.  Lists and maps are shared by reference: who changes one changes it for all that hold it. */
struct val {
	enum sg_type type;
	bool boolean;
	bool made;                  /* a scalar that is not `node` as it was written */
	int64_t integer;            /* SG_T_INT that fits */
	struct sg_str text;         /* of a string, or a number as it is written */
	const struct sg_node *node; /* what it was read from, or what it was made for: never NULL */
	union {
		struct val **items;
		struct entry *entries;
	};
	size_t n, cap;
	struct sg_map *index; /* of a large map */
};

struct sam;

struct val *val_read(struct sam *s, const struct sg_node *n);
const struct sg_node *val_write(struct sam *s, struct val *v);
struct val *val_copy(struct sam *s, const struct val *v); /* deep */
struct val *val_shallow(struct sam *s, const struct val *v);

struct val *val_str(struct sam *s, const struct sg_node *from, struct sg_str text);
struct val *val_text(struct sam *s, const struct sg_node *from, const char *text);
struct val *val_bool(struct sam *s, const struct sg_node *from, bool b);
struct val *val_null(struct sam *s, const struct sg_node *from);
struct val *val_int(struct sam *s, const struct sg_node *from, int64_t i);
struct val *val_map(struct sam *s, const struct sg_node *from);
struct val *val_list(struct sam *s, const struct sg_node *from);

/* Members: `get` is NULL for null, too; `raw` tells null from absent.  All take anything, also NULL. */
struct val *get(const struct val *map, const char *key);
struct val *get_str(const struct val *map, struct sg_str key);
struct val *raw(const struct val *map, const char *key);
bool has(const struct val *map, const char *key);
bool has_str(const struct val *map, struct sg_str key);
struct val *get_path(const struct val *map, const char *dotted);
void set(struct sam *s, struct val *map, const char *key, struct val *v); /* NULL: nothing happens */
void set_key(struct sam *s, struct val *map, struct sg_str key, const struct sg_node *key_node, struct val *v);
void del(struct val *map, struct sg_str key);
void push(struct sam *s, struct val *list, struct val *v); /* NULL: nothing happens */

bool is_map(const struct val *v);
bool is_list(const struct val *v);
bool is_str(const struct val *v);
bool is_int(const struct val *v); /* a Boolean is one, too, as in the translator */
bool is_bool(const struct val *v);
bool is(const struct val *v, const char *text); /* a string of this text */
bool truthy(const struct val *v);
bool is_true(const struct val *v); /* the Boolean */
bool equal(const struct val *a, const struct val *b);
bool contains(const struct val *list, const struct val *v);
bool is_one_of(const struct val *v, const char *const *words); /* words end with NULL */
const char *cstr(struct sam *s, const struct val *v);          /* of a string; "" otherwise */

/* Intrinsics: a map of one member named Ref, Condition or Fn::*. */
bool is_intrinsic(const struct val *v);
bool is_fn(const struct val *v, const char *name); /* an intrinsic of this name */
bool is_no_value(const struct val *v);
struct sg_str logical_id_of(const struct val *v); /* of Ref or GetAtt; empty otherwise */

/* ------------------------------------------------------------------------------------------------ making (make.c) */

/* A value from JSON text, in which strings are in single or double quotes, %v outside of them stands for a struct val *
 * (NULL leaves the member or item out), %s inside of them for a const char *, %d outside for an int.
 *   make(s, from, "{'Fn::GetAtt':['%s','Arn']}", id) */
struct val *make(struct sam *s, const struct sg_node *from, const char *format, ...);
struct val *make_if(struct sam *s, const struct sg_node *from, const char *condition, struct val *yes, struct val *no);
const char *fmt(struct sam *s, const char *format, ...) SG_PRINTF(2, 3); /* in the arena */
struct sg_str taken(struct sam *s, struct sg_buf *b);                    /* the buffer's text, moved into the arena */
/* Key-value tags as the list of {Key, Value} that CloudFormation takes; never NULL. */
struct val *tag_list(struct sam *s, const struct sg_node *from, const struct val *tags);
void append(struct sam *s, struct val *list, const struct val *more);

/* ------------------------------------------------------------------------------------------------ text (hash.c) */

/* The JSON text that the translator hashes: sorted keys, ASCII alone; indent 0 for the compact form. */
struct sg_str json_text(struct sam *s, const struct val *v, unsigned indent);
/* `prefix` and the first ten digits of the SHA-1 of the text (of the JSON text of a value that is no string);
 * the prefix alone for what is empty. */
const char *hashed_id(struct sam *s, const char *prefix, const struct val *v);
const char *hashed_text(struct sam *s, const char *prefix, struct sg_str text);
const char *sha1_text(struct sam *s, struct sg_str text); /* 40 digits */
bool alnum(struct sg_str text);                           /* not empty, ASCII letters and digits alone */

/* ------------------------------------------------------------------------------------------------ context */

/* A CloudFormation resource under construction. */
struct res {
	const char *id, *type;
	const struct sg_node *from;
	struct val *props;
	struct val *attributes; /* Condition, DeletionPolicy, … */
	struct val *depends_on; /* or NULL */
};

typedef SG_VEC(struct res *) res_list;

/* A SAM resource under expansion, Globals merged in. */
struct macro {
	const char *id;
	const struct sg_node *key; /* its logical id in the template: where made things point at */
	struct val *dict;          /* the resource */
	struct val *props;         /* never NULL */
	struct val *attributes;    /* what its own CloudFormation resource keeps */
	struct val *passed;        /* what everything made of it gets: Condition, DeletionPolicy, UpdateReplacePolicy */
	struct val *depends_on;
	const char *renamed; /* the logical id that references must be changed to, or NULL */
	res_list made;
};

struct failure {
	jmp_buf back;
	struct sg_str resource, message;
	struct sg_span span;
	enum sg_verdict status;
};

struct preference; /* deployment.c */

struct sam {
	struct sg_arena *arena;
	struct sg_findings *findings;
	const struct sg_sam_options *options;
	const char *partition;  /* "aws", … */
	struct val *root;       /* the template, changed in place */
	struct val *resources;  /* its Resources, as the translator's plugins leave them */
	struct val *out;        /* Resources as they will be written */
	struct sg_map *owner;   /* made id → id of the resource that made it first */
	struct val *parameters; /* values that decide */
	struct val *names;      /* values that only name: defaults too */
	struct val *mappings;
	const char *current;      /* the resource being expanded */
	const struct sg_node *at; /* its key */
	struct failure *failure;
	size_t failures;
	struct val *referable; /* SAM id → property → made id */
	struct val *renamed;   /* SAM id → new id */
	SG_VEC(struct preference *) preferences;
	struct val *record_sets; /* id of a record set group → its RecordSets */
	struct {
		struct val *depends_on, *api_stages, *stage_keys, *conditions;
		bool unconditional;
		struct val *deletion, *replace;
	} shared_plan;                             /* what APIs with CreateUsagePlan: SHARED have together */
	SG_VEC(struct val *) dependents;           /* of `out`: resources with a DependsOn, */
	SG_VEC(struct val *) readers;              /* and event source mappings */
	struct val *policy_templates, *connectors; /* data, read when first asked for */
	struct sg_map *managed;                    /* name of a policy → its line */
};

/* ---- sam.c */
/* Leaves the expansion of the current resource.  `id` is the resource or the made resource that is wrong. */
SG_NORETURN void sam_fail(struct sam *s, const char *id, const struct val *at, const char *format, ...) SG_PRINTF(4, 5);
SG_NORETURN void sam_fail_event(struct sam *s, const char *event, const struct val *at, const char *format, ...)
	SG_PRINTF(4, 5);
/* The same for what may be right but is not known offline: unproven. */
SG_NORETURN void sam_unknown(struct sam *s, const struct val *at, const char *format, ...) SG_PRINTF(3, 4);
/* A failure that the expansion can go on behind. */
void sam_note(struct sam *s, const struct val *at, const char *format, ...) SG_PRINTF(3, 4);
/* Runs `step` and records its failure; false where it failed. */
bool sam_try(struct sam *s, void (*step)(struct sam *s, void *arg), void *arg);
/* The value must be a map, …; `name` is what the user calls it.  Returns it. */
struct val *want_map(struct sam *s, const char *id, struct val *v, const char *name);
struct val *want_list(struct sam *s, const char *id, struct val *v, const char *name);
struct val *want_str(struct sam *s, const char *id, struct val *v, const char *name);
struct val *want(struct sam *s, const char *id, struct val *v, const struct val *at, const char *name);

/* ---- res.c: resources */
struct res *res_new(struct sam *s, struct macro *m, const char *id, const char *type, const struct sg_node *from);
/* The same with all the attributes and DependsOn of the SAM resource. */
struct res *res_main(struct sam *s, struct macro *m, const char *type);
struct res *res_bare(struct sam *s, const char *id, const char *type, const struct sg_node *from);
void res_set(struct sam *s, struct res *r, const char *name, struct val *v); /* NULL: left out */
void res_attribute(struct sam *s, struct res *r, const char *name, struct val *v);
void res_depends(struct sam *s, struct res *r, const char *id);
struct val *res_dict(struct sam *s, struct res *r);
struct val *ref_to(struct sam *s, const struct sg_node *from, const char *id);
struct val *att_of(struct sam *s, const struct sg_node *from, const char *id, const char *attribute);
/* PropagateTags: the tags replace those of all made resources that have tags. */
void propagate_tags(struct sam *s, struct macro *m, struct val *tags, struct val *flag);
/* Adds to the made ones; the later of equal ids wins. */
void made(struct sam *s, struct macro *m, struct res *r);
void combine_tags(struct sam *s, struct macro *m, struct val *tags, struct val *flag);
struct val *require_tags(struct sam *s, struct macro *m, const char *key, const char *value, struct val *extra,
			 struct val *tags);

/* ---- props.c: which properties a SAM resource or an event has */
enum {
	T_ANY = 0,
	T_STR = 1,
	T_MAP = 2,
	T_LIST = 4,
	T_BOOL = 8,
	T_INT = 16,
	T_TYPES = 31,
	T_REQUIRED = 32,
	T_NO_INTRINSIC = 64, /* an intrinsic does not stand for the value */
	T_OF_STR = 128,      /* a list's items, or a map's values, are strings */
	T_OF_MAP = 256,      /* … or maps */
	T_OF_INT = 512,
};

struct prop {
	const char *name;
	unsigned type;
};

void check_props(struct sam *s, const char *id, const char *type, struct val *props, const struct prop *table);

/* ---- shape.c: properties that are read by a schema */
enum shape_kind {
	SHAPE_ANY,
	SHAPE_MAP,            /* names and anything */
	SHAPE_FIELDS,         /* the fields of `inner` */
	SHAPE_FIELDS_OR_BOOL, /* the same, or a Boolean */
	SHAPE_EACH,           /* names, and for each of them what `inner` is */
	SHAPE_LIST,           /* a list of what `inner` is */
	SHAPE_SOME_LIST,      /* SOME: or a map, for an intrinsic */
	SHAPE_STR,
	SHAPE_SOME_STR,
	SHAPE_BOOL,
	SHAPE_SOME_INT,
	SHAPE_SOME_FLOAT,
	SHAPE_SOME_NUMBER, /* an integer where it can be made one */
	SHAPE_WORD,        /* one of `words` */
	SHAPE_SOME_WORD,
};

struct shape {
	const char *name; /* of the field, behind '!' where it is required; NULL ends the fields */
	enum shape_kind kind;
	const struct shape *inner;
	const char *const *words; /* end with NULL */
};

/* The value as the translator's schema leaves it, in new maps: without what is null, converted, each key known and each
 * required one there.  Fails for `id` otherwise. */
struct val *shaped(struct sam *s, const char *id, struct val *v, const struct shape *fields, const char *name);

/* ---- resolve.c */
/* Refs and Subs of parameters with a known value replaced, in place; the value for a Ref at the top. */
struct val *resolve(struct sam *s, struct val *v);
/* The same for what only names things: works on a copy, where defaults decide nothing. */
struct val *resolve_name(struct sam *s, struct val *v);
struct val *resolve_with(struct sam *s, struct val *v, struct val *values, bool subs);
struct val *resolve_maps(struct sam *s, struct val *v); /* Fn::FindInMap of literal keys, in place */
void resolve_references(struct sam *s, struct val *v);  /* at the end: Ref: Function.Alias, renamed resources */

/* ---- globals.c, plan.c: before the resources */
bool globals_merge(struct sam *s);
bool plan_definitions(struct sam *s);
bool plan_implicit_apis(struct sam *s);
void globals_openapi(struct sam *s);

/* ---- roles and policies: role.c, policies.c, data.c */
struct role_spec {
	struct val *trust;    /* AssumeRolePolicyDocument */
	struct val *managed;  /* a list, or NULL */
	struct val *inlined;  /* a list, or NULL */
	struct val *policies; /* the user's, or NULL */
	struct val *path, *boundary, *tags;
};

struct res *role_make(struct sam *s, struct macro *m, const struct role_spec *spec);
struct val *trust_policy(struct sam *s, const struct sg_node *from, const char *service);
struct val *managed_policy(struct sam *s, const struct sg_node *from, const char *path);
const char *xray_policy(const struct sam *s);
struct val *inline_policy(struct sam *s, const struct sg_node *from, const char *name, const char *action,
			  struct val *resource);
struct val *s3_policy(struct sam *s, const struct sg_node *from, const char *id, struct val *arn);
void policy_templates(struct sam *s, struct macro *m);
struct val *data_policy_template(struct sam *s, struct sg_str name);
struct val *data_connectors(struct sam *s);
struct val *data_managed_policy(struct sam *s, struct sg_str name); /* its ARN, or NULL */

/* ---- function.c and what stands around a function */
struct target {                 /* what events invoke: the function, its alias, a state machine */
	const char *id;         /* of the function or state machine */
	const char *own_id;     /* of the alias, where there is one */
	struct val *name, *arn; /* as it is named and addressed */
	struct val *attributes; /* of the resource */
	struct val *passed;
	struct res *role; /* the made role, or NULL */
	bool alias;
};

void sam_function(struct sam *s, struct macro *m);
void function_code(struct sam *s, struct macro *m, struct res *function);
struct res *function_version(struct sam *s, struct macro *m, struct res *function, struct val *sha);
struct res *function_alias(struct sam *s, struct macro *m, const char *name, struct res *version);
void function_url(struct sam *s, struct macro *m, struct res *alias);
struct val *function_invoke_config(struct sam *s, struct macro *m, const char *alias_name, struct res *alias);
void deployment_add(struct sam *s, struct macro *m, struct res *alias);
void deployment_finish(struct sam *s);
void conditions_put(struct sam *s, const char *name, struct val *condition);
struct val *s3_location(struct sam *s, const char *id, struct val *uri, const char *property, const char *const *names);
extern const char *const lambda_code_names[], *const body_names[];
void combined_condition(struct sam *s, const struct sg_node *from, const char *name, struct val *list);

/* ---- events */
struct event {
	struct macro *macro;
	struct target *target;
	const char *name; /* the key in Events */
	const char *id;   /* macro's id and name */
	const struct sg_node *from;
	struct val *dict, *props;
};

typedef void (*event_fn)(struct sam *s, struct event *e);

struct event_kind {
	const char *type;
	const struct prop *props;
	event_fn link; /* checks what it refers to, before anything is made; may be NULL */
	event_fn expand;
};

void function_events(struct sam *s, struct macro *m, struct target *t);
void machine_events(struct sam *s, struct macro *m, struct target *t);
void link_events(struct sam *s, struct macro *m, const struct event_kind *kinds);
extern const struct event_kind function_event_kinds[], machine_event_kinds[];
struct res *event_permission(struct sam *s, struct event *e, const char *principal, const char *suffix,
			     struct val *source_arn);
/* The dead letter queue of a rule: its ARN; makes queue and policy where the user gave no ARN. */
struct val *event_dlq(struct sam *s, struct event *e, bool policy, struct val *rule_arn);
struct res *event_role(struct sam *s, struct event *e, const char *principal);
void event_rule_state(struct sam *s, struct event *e, struct res *rule);
struct val *event_target(struct sam *s, struct event *e, const char *suffix, const char *const *copied, struct val *dlq,
			 struct val *role);
void event_schedule(struct sam *s, struct event *e);
void event_rule(struct sam *s, struct event *e);
void event_s3(struct sam *s, struct event *e);
void event_s3_link(struct sam *s, struct event *e);
void event_sns(struct sam *s, struct event *e);
void event_api(struct sam *s, struct event *e);
void event_api_link(struct sam *s, struct event *e);
void event_alexa(struct sam *s, struct event *e);
void event_iot(struct sam *s, struct event *e);
void event_cognito(struct sam *s, struct event *e);
void event_cognito_link(struct sam *s, struct event *e);
void event_http_api(struct sam *s, struct event *e);
void event_http_api_link(struct sam *s, struct event *e);
void event_logs(struct sam *s, struct event *e);
void event_scheduler(struct sam *s, struct event *e);
void event_pull(struct sam *s, struct event *e);
void event_machine_schedule(struct sam *s, struct event *e);
void event_machine_rule(struct sam *s, struct event *e);
void event_machine_api(struct sam *s, struct event *e);
void event_mapping(struct sam *s, struct event *e, const char *id, const char *type, struct val *source,
		   struct val *props);
/* The statements that reading a source needs: pull_policies.c; a list of inline policies, or NULL */
struct val *pull_policies(struct sam *s, struct event *e, const char *type);

/* ---- APIs */
/* An OpenAPI document being edited in place.  `rest`: Swagger or OpenAPI of API Gateway's REST APIs; else HTTP APIs'. */
struct editor {
	bool rest;
	const char *id; /* of the API, for complaints */
	struct val *doc, *paths;
};

bool definition_valid(const struct val *doc, bool rest);
bool is_openapi3(const struct val *version);
struct editor edit(struct sam *s, const char *id, struct val *doc, bool rest);
void edit_check_paths(struct sam *s, struct editor *d);
struct val *skeleton(struct sam *s, const struct sg_node *from, bool rest);
const char *upper(struct sam *s, struct sg_str text);
struct sg_str method_name(struct sam *s, struct sg_str method); /* in lower case, with ANY's long name */
void edit_add_path(struct sam *s, struct editor *d, struct sg_str path, struct sg_str method);
bool edit_has_integration(struct sam *s, struct editor *d, struct sg_str path, struct sg_str method);
struct val *alternatives(struct sam *s, struct val *v); /* a value, or the branches of an If: a list */
struct val *path_items(struct sam *s, struct editor *d, struct sg_str path);
/* The definitions of a method, whatever condition each hangs on: a list.  `all`: also those without integration. */
struct val *edit_methods(struct sam *s, struct editor *d, struct sg_str path, struct sg_str method, bool all);
struct val *path_methods(struct sam *s, struct editor *d, struct sg_str path); /* [name, definition] with integration */
struct integration {
	struct sg_str path, method;
	struct val *uri, *method_auth, *api_auth;
	const char *condition; /* or NULL */
	bool stream;
};
void edit_lambda(struct sam *s, struct editor *d, const struct integration *i);
void edit_machine(struct sam *s, struct editor *d, const struct integration *i, struct val *role, struct val *request);
void edit_set(struct sam *s, struct editor *d, struct sg_str path, struct sg_str method, const char *key, struct val *v,
	      bool integration);
/* editor_auth.c */
void edit_method_auth(struct sam *s, struct editor *d, struct sg_str path, struct sg_str method, struct val *auth,
		      struct val *api);
void edit_default_auth(struct sam *s, struct editor *d, struct sg_str path, struct val *name, struct val *authorizers,
		       bool preflight);
void edit_default_api_key(struct sam *s, struct editor *d, struct sg_str path, bool preflight);
void edit_security_scheme(struct sam *s, struct editor *d, struct sg_str name, struct val *scheme, bool keep);
/* editor_policy.c */
void edit_resource_policy(struct sam *s, struct editor *d, struct val *policy, struct sg_str path, struct val *stage);
void edit_policy_statements(struct sam *s, struct editor *d, struct val *statements);
void edit_cors(struct sam *s, struct editor *d, struct sg_str path, struct val *cors);
void event_api_auth(struct sam *s, struct event *e, struct val *api, const char *api_id, struct editor *d,
		    struct sg_str method, struct sg_str path, struct val *stage);
void event_http_auth(struct sam *s, struct event *e, struct val *api, const char *api_id, struct editor *d,
		     struct sg_str method, struct sg_str path);
void event_request(struct sam *s, struct event *e, struct val *api, struct editor *d, struct sg_str method,
		   struct sg_str path);
struct val *api_permission_arn(struct sam *s, const struct sg_node *from, const char *partition, const char *resource,
			       struct val *api, struct val *stage);
const char *path_pattern(struct sam *s, struct sg_str path, bool rest); /* with * for {parameters} */

struct api { /* of either kind, under expansion */
	struct macro *macro;
	struct val *props, *body, *auth, *domain;
	struct res *api;
	bool rest;
};

void sam_api(struct sam *s, struct macro *m);
void sam_http_api(struct sam *s, struct macro *m);
void sam_websocket_api(struct sam *s, struct macro *m);
void api_auth(struct sam *s, struct api *a);
void api_gateway_responses(struct sam *s, struct api *a);
void api_postprocess(struct sam *s, struct api *a);
void api_domain(struct sam *s, struct api *a);
void api_domain_private(struct sam *s, struct api *a);
void api_authorizer_permissions(struct sam *s, struct api *a);
void api_usage_plan(struct sam *s, struct api *a, const char *stage);
struct val *authorizer_rest(struct sam *s, const char *api, struct sg_str name, struct val *authorizer);
void authorizer_rest_check(struct sam *s, const char *api, struct sg_str name, struct val *authorizer);
struct val *authorizer_http(struct sam *s, const char *api, struct sg_str name, struct val *authorizer);
void authorizer_http_check(struct sam *s, const char *api, struct sg_str name, struct val *authorizer);
void authorizer_permission(struct sam *s, struct macro *m, const char *id, const char *partition, struct val *function,
			   const struct sg_node *from);
void http_domain(struct sam *s, struct macro *m, struct val *domain, const char *created_by, struct val *groups);
/* `groups`: id of a group → its RecordSets, for APIs that share one. */
void record_set_group(struct sam *s, struct macro *m, struct val *domain, const char *domain_id, bool http,
		      struct val *groups);
const char *stage_id(struct sam *s, const char *api, struct val *name);

/* ---- the other types */
void sam_state_machine(struct sam *s, struct macro *m);
void sam_layer(struct sam *s, struct macro *m);
void sam_table(struct sam *s, struct macro *m);
void sam_application(struct sam *s, struct macro *m);
void sam_connector(struct sam *s, struct macro *m);
void connector_expand(struct sam *s, struct macro *m);
void connectors_embedded(struct sam *s);
void sam_graphql(struct sam *s, struct macro *m);
void sam_capacity_provider(struct sam *s, struct macro *m);
void sam_network_connector(struct sam *s, struct macro *m);
void sam_microvm_image(struct sam *s, struct macro *m);
void sam_web_function(struct sam *s, struct macro *m);

struct sam_kind {
	const char *type; /* "AWS::Serverless::Function" */
	unsigned phase;   /* functions first, connectors last */
	const struct prop *props;
	void (*expand)(struct sam *s, struct macro *m);
	/* what `Ref: Id.Property` refers to: property, made type, …, NULL */
	const char *const *referable;
};

extern const struct sam_kind sam_kinds[];
const struct sam_kind *sam_kind_of(const struct val *resource);
extern const struct prop props_connector[];

#endif
