/*
 * What the unit tests of guard/ share: an arena with its sources and diagnostics, and a document in it.
 */
#ifndef SG_TEST_GUARD_FIXTURE_H
#define SG_TEST_GUARD_FIXTURE_H

#include "guard/guard.h"
#include "unit.h"
#include "json/json.h"

struct fixture {
	struct sg_arena *arena;
	struct sg_sources *sources;
	struct sg_diags *diags;
};

static struct fixture setup(void)
{
	struct fixture f = {.arena = sg_arena_new()};
	f.sources = sg_sources_new(f.arena);
	f.diags = sg_diags_new(f.arena, f.sources);
	return f;
}

static const struct sg_node *tree(struct fixture *f, const char *json)
{
	struct sg_diags *d = sg_diags_new(f->arena, f->sources);
	const struct sg_node *n =
		sg_json_load(f->arena, sg_source_add(f->sources, SG_LIT("d.json"), sg_str(json)), NULL, d);
	ck_assert_msg(n, "%s", json);
	return n;
}

#endif
