/*
 * yaml/ - YAML text in, YAML text out: the only room that names libfyaml or libyaml.
 *
 * The tree is what PyYAML reads, because SAM CLI reads with it and CloudFormation reads the same: libyaml, PyYAML's
 * parser in C, with PyYAML's further refusals.  libfyaml reads each text a second time, event by event; what it sees
 * otherwise is noted for the caller to judge.  (Not the other way round: libfyaml 0.7.12 misreads quotes, ends silently
 * at some bytes, and takes `!Sub |` on a line of its own, common in templates, for an empty string.)  This room must
 * not know what a template or a spec is.
 */
#ifndef SG_YAML_H
#define SG_YAML_H

#include "value/value.h"

/* ---------------------------------------------------------------------------------------------- reading */

/* What one text may cost.  0 stands for the default. */
struct sg_yaml_limits {
	size_t bytes;      /* of the text: 16 MiB */
	size_t depth;      /* of nested lists and maps: 200 */
	size_t nodes;      /* written in the text: 1,000,000 */
	uint64_t expanded; /* with every alias expanded: 1,000,000 */
};

extern const struct sg_yaml_limits sg_yaml_limits_default;

/* A key that is there again: PyYAML, SAM and CloudFormation silently take the last one.  Keys are compared as PyYAML
 * compares them, so that `Yes` and `on`, or 10 and 012, are duplicates. */
struct sg_yaml_duplicate {
	const struct sg_node *first, *again; /* the key nodes */
};

/* A scalar whose text the two libraries read differently.  The tree holds libyaml's.  Known: libfyaml 0.7.12 misreads
 * two or more escaped single quotes in a row; U+0085, U+2028 and U+2029 are line breaks in YAML 1.1 only. */
struct sg_yaml_difference {
	const struct sg_node *node;
	struct sg_str libfyaml, libyaml;
};

/* What a caller may want to judge.  Start with {0}. */
struct sg_yaml_notes {
	SG_VEC(struct sg_yaml_duplicate) duplicates;   /* in the order of the second key; at most 1000 are kept */
	SG_VEC(struct sg_yaml_difference) differences; /* in the order of the text; at most 1000 are kept */
	/* Where libfyaml gave up, or saw another structure, and why; an empty message: it read the text to its end.
	 * Behind this place nothing was compared. */
	struct sg_span parted;
	struct sg_str parted_why;
};

/* The one document of a source (of sg_diags_sources(d)), or NULL after at least one error in `d` with its place.
 *
 * Refused, each with a hint: malformed UTF-8, NUL and other control characters, tabs outside of quotes, block scalars
 * and comments, an empty text, a second document, lists, maps and !Tagged values as keys, undefined and recursive
 * aliases, an anchor given twice, keys that run over lines or 1024 characters, more than `limits` (NULL: the defaults).
 * A BOM at the start and CRLF are accepted.
 *
 * The tree and `notes` (may be NULL) are in `a`; scalars may point into the source's text, which must live as long.
 * Aliases become nodes (SG_WHY_ALIAS) that share the children of the anchored one; `<<` stays a member like others.
 * Tags are resolved: "!Ref", "tag:yaml.org,2002:str"; empty where there is none, "!" for the non-specific one. */
const struct sg_node *sg_yaml_load(struct sg_arena *a, struct sg_diags *d, uint32_t source,
				   const struct sg_yaml_limits *limits, struct sg_yaml_notes *notes);

/* The same with the default limits, where a second document is no error: the first of several, and where the second
 * begins (source 0: there is none).  What stands behind is not even looked at. */
const struct sg_node *sg_yaml_load_first(struct sg_arena *a, struct sg_diags *d, uint32_t source,
					 struct sg_span *second);

/* Says each duplicate key as an error at its second place. */
void sg_yaml_report_duplicates(struct sg_diags *d, const struct sg_yaml_notes *notes);
/* Says whatever the two libraries do not agree on as errors: for texts where the intersection is wanted (the spec). */
void sg_yaml_report_differences(struct sg_diags *d, const struct sg_yaml_notes *notes);

/* Which library's word to take, for tests that compare readers: sg_yaml_load takes libyaml's.  With libfyaml, a text
 * where the two part is an error. */
enum sg_yaml_reader { SG_YAML_LIBYAML, SG_YAML_LIBFYAML };
const struct sg_node *sg_yaml_load_by(enum sg_yaml_reader reader, struct sg_arena *a, struct sg_diags *d,
				      uint32_t source, const struct sg_yaml_limits *limits,
				      struct sg_yaml_notes *notes);

/* ---------------------------------------------------------------------------------------------- writing */

/* The spelling of a string on one line that every reader takes for this string: plain where nothing can mistake it,
 * else in single quotes, else (line breaks, control characters, two single quotes in a row, anything beyond the basic
 * plane) in double quotes.  `text` must be well-formed UTF-8 without NUL; U+FFFE and U+FFFF cannot be spelt: false, and
 * nothing is written. */
bool sg_yaml_scalar(struct sg_buf *out, struct sg_str text);

/* The tree as a block-style document without anchors, comments or line folding; `indent` blanks before each line.
 * Strings as sg_yaml_scalar spells them; plain scalars as their yaml11 reading in canonical spelling (012 becomes 10,
 * `on` becomes true); local tags (!Ref) are kept, others are resolved into their value.  False, and nothing is written,
 * where a scalar has no reading (SG_T_BAD), or a string or tag cannot be spelt. */
bool sg_yaml_emit(struct sg_buf *out, const struct sg_node *tree, size_t indent);

#endif
