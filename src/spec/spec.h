/*
 * spec/ - the sandbox specification: one table of its keys, from which validation, defaults, the JSON Schema and the
 * commented file of `init` are all made.
 *
 * It must not know what is rendered from a spec, nor how YAML is parsed: it is given a node tree and judges it.
 * Bounds are AWS's own; each row of the table (keys.c) says where they come from.
 */
#ifndef SG_SPEC_H
#define SG_SPEC_H

#include "value/value.h"

/* ---------------------------------------------------------------------------------------------- the table */

enum sg_key_type {
	SG_KEY_SECTION, /* a mapping with keys of its own */
	SG_KEY_STRING,
	SG_KEY_INT,
	SG_KEY_BOOL,
	SG_KEY_LIST,     /* of strings */
	SG_KEY_PAIRS,    /* a mapping of strings that the user names */
	SG_KEY_OVERLAYS, /* a mapping of names to mappings of keys that replace the spec's own */
};

struct sg_setting;

/* What a pattern cannot say; adds a diagnostic and returns false where `value` (of a LIST: one entry) is wrong. */
typedef bool sg_key_check(struct sg_diags *d, const struct sg_setting *value);

struct sg_key {
	const char *path; /* "network.cidr" */
	enum sg_key_type type;
	const char *fallback; /* the default as YAML: "256", "null", "[]" */
	int64_t min, max;     /* INT: the value; STRING: characters; LIST, PAIRS: entries */
	const char *unit;     /* "MB", for messages, or NULL */
	const char *pattern;  /* POSIX extended and ECMA alike, for the whole string (LIST: each entry), or NULL */
	const char *form;     /* the pattern or the check in words */
	const char *choices;  /* "full|lockdown": then nothing else; for STRING and INT */
	const char *later;    /* what a value other than the default would do: not in this version yet.  Or NULL */
	sg_key_check *check;  /* or NULL */
	const char *example;  /* as YAML, for `init` and the schema, or NULL where the default is example enough */
	const char *help;     /* sentences, without a line break */
	bool nullable;        /* null is a value: "not set" */
	bool ask;             /* `init` asks for it on a terminal */
	bool once;            /* the same in every environment: an overlay cannot have it */
	size_t offset;        /* in struct sg_spec */
};

extern const struct sg_key sg_keys[]; /* a section comes before its keys */
extern const size_t sg_keys_count;

/* NULL where the table has no such path. */
const struct sg_key *sg_key_find(struct sg_str path);

/* ---------------------------------------------------------------------------------------------- a spec */

struct sg_spec;

/* A value: the field that its key's type names.  With `set` false it is null. */
struct sg_setting {
	bool set;
	bool given;          /* by the user, not the default */
	struct sg_span span; /* of the value; nowhere for a default */
	struct sg_str name;  /* PAIRS, OVERLAYS: the user's key */
	struct sg_span name_span;
	struct sg_str text;             /* STRING, LIST, PAIRS; OVERLAYS: the name */
	int64_t integer;                /* INT */
	bool boolean;                   /* BOOL */
	SG_VEC(struct sg_setting) list; /* LIST, PAIRS, OVERLAYS: in the order of the file */
	const struct sg_spec *spec;     /* an entry of OVERLAYS: the spec of that environment, complete */
};

struct sg_spec {
	struct sg_setting name, stack, region, python, memory, timeout;
	struct sg_setting cidr, zones, flow_logs;
	struct sg_setting packages, concurrency, tenancy;
	struct sg_setting retention, kms_key;
	struct sg_setting alarms, alarm_topic;
	struct sg_setting engine, floor;
	struct sg_setting invokers, permissions_boundary, tags;
	struct sg_setting repository, repository_id, owner_id, branch, environment, account, gate;
	struct sg_setting environments; /* none in the spec of an environment */
};

bool sg_spec_per_tenant(const struct sg_spec *spec);
/* Asked for, or notified of without a word on whether they are. */
bool sg_spec_has_alarms(const struct sg_spec *spec);

/* The spec that {} is. */
void sg_spec_defaults(struct sg_arena *a, struct sg_spec *out);

/* Judges a whole document (`root` may be NULL: an empty one).  Every error becomes a diagnostic; with one, the
 * result is false and `out` is not to be used.  `source` is where an error about the document as a whole is shown. */
bool sg_spec_read(const struct sg_node *root, uint32_t source, struct sg_diags *d, struct sg_spec *out);

/* The value of a key in a spec; `key` must not be a section. */
const struct sg_setting *sg_spec_get(const struct sg_spec *spec, const struct sg_key *key);

/* ---------------------------------------------------------------------------------------------- derived */

/* An IPv4 network. */
struct sg_network {
	uint32_t address; /* host byte order, host bits zero */
	unsigned prefix;
};

/* "10.99.0.0/24"; false where it is not a network in that form (host bits set, leading zeros, …). */
bool sg_network_parse(struct sg_str s, struct sg_network *out);
struct sg_str sg_network_text(struct sg_arena *a, struct sg_network n);

/* The index-th subnet of the spec's network: quarters of it, but no smaller than AWS's smallest (/28), so that a
 * change of `zones` moves no subnet that is there.  False where the network has no room for it. */
bool sg_spec_subnet(const struct sg_spec *spec, size_t index, struct sg_network *out);

/* "Some.Package[extra]==1.0" → "some-package" (PEP 503) and "1.0". */
void sg_package_split(struct sg_arena *a, struct sg_str requirement, struct sg_str *name, struct sg_str *version);

/* ---------------------------------------------------------------------------------------------- made from the table */

/* The JSON Schema (draft 7) of sandbox.yaml, as a tree: it accepts what sg_spec_read() accepts, but for what only a
 * `check` says. */
const struct sg_node *sg_spec_schema(struct sg_arena *a);

/* sandbox.yaml with every key, its help and its bounds: the keys of `ask` live with the values of `spec`, the others
 * as comments.  `quote` spells a string so that every YAML reader reads it alike. */
typedef struct sg_str sg_quote(struct sg_arena *a, struct sg_str text);
struct sg_str sg_spec_commented(struct sg_arena *a, const struct sg_spec *spec, sg_quote *quote);

/* What a key accepts, in words: "128 to 10240 MB". */
struct sg_str sg_key_bounds(struct sg_arena *a, const struct sg_key *key);

/* Judges one answer of a dialogue as if it were the scalar text of `key`; on failure `why` says what is wrong. */
bool sg_key_answer(struct sg_arena *a, const struct sg_key *key, struct sg_str answer, struct sg_spec *out,
		   struct sg_str *why);

#endif
