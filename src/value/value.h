/*
 * value/ - the immutable tree that every format becomes, and its readings.
 *
 * A node keeps what the source said: text, scalar style, tag, duplicate keys, spans.  What type a scalar has is a
 * *reading*, because readers differ: `yaml11` is what SAM CLI and CloudFormation see.  It must not know what
 * CloudFormation is; nodes never change after loading.
 */
#ifndef SG_VALUE_H
#define SG_VALUE_H

#include "diag/diag.h"

enum sg_kind { SG_SCALAR, SG_SEQ, SG_MAP };

enum sg_style {
	SG_PLAIN,
	SG_SINGLE,
	SG_DOUBLE,
	SG_LITERAL,
	SG_FOLDED,
	SG_JSON_STRING, /* a JSON string */
	SG_JSON_WORD,   /* a JSON number, true, false or null: text as in the source */
	SG_FLOW,        /* a collection in [] or {} */
	SG_BLOCK,       /* a collection by indentation */
};

/* Why a node is not simply what the user wrote at its place. */
enum sg_why {
	SG_WHY_SOURCE, /* it is; `from` is NULL */
	SG_WHY_ALIAS,
	SG_WHY_MERGE,
	SG_WHY_INCLUDE,
	SG_WHY_FOREACH,
	SG_WHY_SAM,
	SG_WHY_PARAMETER,
	SG_WHY_MAPPING,
	SG_WHY_CONDITION,
	SG_WHY_INTRINSIC,
};

struct sg_node;

struct sg_member {
	const struct sg_node *key; /* mostly a scalar; YAML allows any */
	const struct sg_node *value;
};

/* What was written as a tag, in a table of its own because few nodes have one. */
struct sg_tag {
	struct sg_str text;  /* "!Ref", "tag:yaml.org,2002:str" */
	struct sg_span span; /* or nowhere */
};

/* Templates have many of these: 64 bytes each. */
struct sg_node {
	enum sg_kind kind : 8;
	enum sg_style style : 8;
	enum sg_why why : 8;
	bool short_form : 1; /* {"Fn::X": …} that was written !X */
	bool tag_taken : 1;  /* what the tag says stands elsewhere: it is only a place now */
	uint32_t n;          /* of items or members */
	uint32_t weight;     /* nodes of the tree with aliases expanded, saturating; counts itself */
	struct sg_span span; /* of the value with its quotes; a block collection ends with its last child */
	struct sg_str text;  /* SG_SCALAR: the content, escapes resolved */
	union {
		const struct sg_node **items;    /* SG_SEQ */
		const struct sg_member *members; /* SG_MAP, in the order of the source, duplicates kept */
	};
	const struct sg_tag *tag;   /* NULL where none was written; see sg_node_tag() */
	const struct sg_node *from; /* what it came from, see `why` */
};

/* ---------------------------------------------------------------------------------------------- building */

/* Constructors for rooms that make nodes: arrays are taken over, not copied.  `from` may be NULL; with it, the span
 * of the new node is that of `from`, and so a finding on a made node points at what the user wrote. */
struct sg_node *sg_node_scalar(struct sg_arena *a, struct sg_str text, enum sg_style style, enum sg_why why,
			       const struct sg_node *from);
struct sg_node *sg_node_seq(struct sg_arena *a, const struct sg_node **items, size_t n, enum sg_why why,
			    const struct sg_node *from);
struct sg_node *sg_node_map(struct sg_arena *a, const struct sg_member *members, size_t n, enum sg_why why,
			    const struct sg_node *from);
/* {key: value} with the origin of `value`. */
struct sg_node *sg_node_single(struct sg_arena *a, const char *key, const struct sg_node *value);
/* A shallow copy of an anchored node for an alias at `at`. */
struct sg_node *sg_node_alias(struct sg_arena *a, const struct sg_node *anchored, struct sg_span at);

/* A map under construction; later puts of a key replace earlier ones, in place. */
struct sg_mapper {
	struct sg_arena *arena;
	SG_VEC(struct sg_member) members;
	struct sg_map *index; /* the mapper's own: leave it NULL */
};

void sg_mapper_put(struct sg_mapper *m, const struct sg_node *key, const struct sg_node *value);
void sg_mapper_put_str(struct sg_mapper *m, const char *key, const struct sg_node *value);
struct sg_node *sg_mapper_done(struct sg_mapper *m, enum sg_why why, const struct sg_node *from);

/* Gives a node a tag; an empty text is none. */
void sg_node_set_tag(struct sg_arena *a, struct sg_node *n, struct sg_str text, struct sg_span span);

/* ---------------------------------------------------------------------------------------------- looking */

/* The tag as it was written and resolved, empty where there is none; and where it stands, or nowhere. */
struct sg_str sg_node_tag(const struct sg_node *n);
struct sg_span sg_node_tag_span(const struct sg_node *n);

/* The value of a member with this scalar key; the *last* one where the key is there twice, because that is what
 * PyYAML, SAM and CloudFormation take.  NULL where absent or where `map` is NULL or no map. */
const struct sg_node *sg_node_get(const struct sg_node *map, const char *key);
const struct sg_node *sg_node_get_str(const struct sg_node *map, struct sg_str key);
/* The key's node of the same member, for its span. */
const struct sg_node *sg_node_key(const struct sg_node *map, const char *key);
bool sg_node_is(const struct sg_node *scalar, const char *text); /* a scalar with this text, whatever its style */
struct sg_span sg_node_span(const struct sg_node *n);            /* nowhere for NULL */
/* "/Resources/F/Properties/Timeout": `base` with one more segment, escaped as RFC 6901 says. */
struct sg_str sg_pointer_add(struct sg_arena *a, struct sg_str base, struct sg_str segment);
struct sg_str sg_pointer_index(struct sg_arena *a, struct sg_str base, size_t index);

/* ---------------------------------------------------------------------------------------------- readings */

enum sg_type { SG_T_NULL, SG_T_BOOL, SG_T_INT, SG_T_FLOAT, SG_T_STRING, SG_T_LIST, SG_T_MAP, SG_T_BAD };

struct sg_reading {
	enum sg_type type;
	bool boolean;       /* SG_T_BOOL */
	bool big;           /* SG_T_INT that does not fit; then only `text` tells */
	int64_t integer;    /* SG_T_INT */
	double number;      /* SG_T_FLOAT; SG_T_INT too */
	struct sg_str text; /* SG_T_STRING: the string; else the scalar as it was written */
};

/* As PyYAML's SafeLoader with SAM CLI's constructors reads it (YAML 1.1; timestamps stay strings): `on` is true,
 * 012 is ten, 1:30 is ninety, 1_000 a thousand.  SG_T_BAD: PyYAML refuses it (`=`, a plain `<<` as a value, `!!int x`),
 * a tag of yaml.org that CloudFormation does not know (!!binary, !!omap, !!pairs, !!set), a float of more than 4096
 * bytes, NULL - and any `!Tag`: cfn/ rewrites the ones it knows, what is left is nobody's. */
struct sg_reading sg_read_yaml11(const struct sg_node *n);
/* As YAML 1.2's core schema reads it. */
struct sg_reading sg_read_yaml12(const struct sg_node *n);
/* As cfn-guard 3.2.1's `validate` reads it: `True` is a string and `y` a Boolean, 010 is ten, 1e3 and `inf` are floats, an
 * empty value is the empty string; never SG_T_BAD but for NULL.  A list or map has its kind whatever its tag. */
struct sg_reading sg_read_guard321(const struct sg_node *n);
/* "Fn::Sub" where 3.2.1 makes {"Fn::Sub": …} of the tagged node (of !GetAtt A.B, too, whose value stays one string);
 * NULL where it drops the tag: of a map, of one that it does not know. */
const char *sg_guard321_intrinsic(const struct sg_node *n);
/* The same two for the inputs of `cfn-guard test`, which has another reader: YAML 1.2, but digits with a leading zero are
 * a string; known tags count on any kind of node. */
struct sg_reading sg_read_guard321_test(const struct sg_node *n);
const char *sg_guard321_test_intrinsic(const struct sg_node *n);
/* Whether both readings are the same value: where not, two readers of one file see two templates.  About this node
 * alone: of a list or map it compares the kind, not the children. */
bool sg_readings_agree(const struct sg_node *n);
/* The yaml11 reading as CloudFormation uses it in a string's place: 10 for 012, "true" for `on`; NULL text and
 * *ok false for null, lists, maps, SG_T_BAD, infinities, NaN and big integers that are not written in decimal.  A float
 * is spelt as shortly as reads back (1.10 is "1.1"). */
struct sg_str sg_read_string(struct sg_arena *a, const struct sg_node *n, bool *ok);

#endif
