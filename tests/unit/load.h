/* For unit tests of the rooms that read templates: a YAML text to its canonical tree. */
#ifndef SG_UNIT_LOAD_H
#define SG_UNIT_LOAD_H

#include "cfn/cfn.h"
#include "yaml/yaml.h"

struct loaded {
	struct sg_arena *arena;
	struct sg_sources *sources;
	struct sg_diags *diags;
	struct sg_findings findings;
	const struct sg_node *root; /* canonical; NULL after an error */
};

static inline struct loaded load_text(const char *text)
{
	struct loaded l = {.arena = sg_arena_new()};
	l.sources = sg_sources_new(l.arena);
	l.diags = sg_diags_new(l.arena, l.sources);
	l.findings.arena = l.arena;
	uint32_t id = sg_source_add(l.sources, SG_LIT("t.yaml"), sg_str(text));
	const struct sg_node *raw = sg_yaml_load(l.arena, l.diags, id, NULL, NULL);
	l.root = raw ? sg_cfn_canonical(l.arena, l.diags, raw) : NULL;
	return l;
}

#endif
