/*
 * Runs many rule files over many documents in one process and writes each rule's status: what the tests in this folder
 * compare with cfn-guard's.
 *
 *   verdicts < LIST     each line: RULES <tab> DATA, two paths
 *
 * and one line each on standard output: {"status": "FAIL", "rules": {"name": "FAIL", …}}, or {"error": "…"}, where
 * rules of one name have the worst status (FAIL, PASS, SKIP).  Rule files and documents are read once.
 */
#include "guard/guard.h"
#include "yaml/yaml.h"
#include "json/json.h"

#include <stdio.h>
#include <string.h>

struct loaded {
	const struct sg_node *tree;
	struct sg_guard_doc *doc;
	struct sg_guard *guard;
	struct sg_str error;
};

struct all {
	struct sg_arena *arena;
	struct sg_sources *sources;
	struct sg_map *rules, *data;
};

static struct sg_str first_error(struct all *all, const struct sg_diags *d)
{
	return sg_diags_count(d) ? sg_diags_at(d, 0)->message : sg_str_dup(all->arena, SG_LIT("cannot be read"));
}

static uint32_t source(struct all *all, struct sg_str path, struct loaded *l)
{
	struct sg_str text;
	struct sg_status st = {0};
	if (sg_file_read(all->arena, sg_cstr(all->arena, path), (size_t)64 << 20, &text, &st))
		return sg_source_add(all->sources, sg_str_dup(all->arena, path), text);
	l->error = SG_LIT("cannot be opened");
	return 0;
}

static struct loaded *rules(struct all *all, struct sg_str path)
{
	struct loaded *l = sg_map_get(all->rules, path);
	if (l)
		return l;
	l = SG_NEW(all->arena, struct loaded);
	struct sg_diags *d = sg_diags_new(all->arena, all->sources);
	uint32_t id = source(all, path, l);
	l->guard = id ? sg_guard_load(all->arena, d, id, NULL) : NULL;
	if (id && !l->guard)
		l->error = first_error(all, d);
	sg_map_put(all->rules, sg_str_dup(all->arena, path), l);
	return l;
}

static struct loaded *document(struct all *all, struct sg_str path)
{
	struct loaded *l = sg_map_get(all->data, path);
	if (l)
		return l;
	l = SG_NEW(all->arena, struct loaded);
	struct sg_diags *d = sg_diags_new(all->arena, all->sources);
	struct sg_span second;
	uint32_t id = source(all, path, l);
	if (id && sg_str_ends(path, ".json"))
		l->tree = sg_json_load(all->arena, id, NULL, d);
	if (id && !l->tree)
		l->tree = sg_yaml_load_first(all->arena, d, id, &second);
	if (l->tree && sg_guard_doc_readable(d, l->tree))
		l->doc = sg_guard_doc(all->arena, l->tree, SG_GUARD_VALIDATE);
	else if (id)
		l->error = first_error(all, d);
	sg_map_put(all->data, sg_str_dup(all->arena, path), l);
	return l;
}

static const struct sg_node *parse(void *context, struct sg_arena *a, struct sg_str text)
{
	struct all *all = context;
	struct sg_diags *d = sg_diags_new(a, all->sources);
	return sg_yaml_load(a, d, sg_source_add(all->sources, SG_LIT("text"), text), NULL, NULL);
}

static void write_rules(struct all *all, struct sg_json *w, const struct sg_guard *g, const struct sg_guard_run *run)
{
	struct sg_map *worst = sg_map_new(all->arena);
	for (size_t i = 0; i < sg_guard_rules(g); i++) {
		uintptr_t status = run->rules[i].status + 1u;
		if (status > (uintptr_t)sg_map_get(worst, sg_guard_rule_name(g, i)))
			sg_map_put(worst, sg_guard_rule_name(g, i), (void *)status);
	}
	sg_json_key(w, "rules");
	sg_json_object(w);
	for (size_t i = 0; i < sg_map_size(worst); i++) {
		sg_json_key_str(w, sg_map_key(worst, i));
		sg_json_cstr(w, sg_guard_status_name((enum sg_guard_status)((uintptr_t)sg_map_value(worst, i) - 1)));
	}
	sg_json_end(w);
}

static void judge(struct all *all, struct sg_json *w, struct sg_str rule_path, struct sg_str data_path)
{
	struct loaded *r = rules(all, rule_path), *d = document(all, data_path);
	struct sg_str error = r->error.n ? r->error : d->error;
	struct sg_guard_run run = {0};
	struct sg_guard_options options = {.now = 1750000000, .parse = parse, .context = all};
	if (!error.n)
		run = sg_guard_run(all->arena, r->guard, d->doc, &options);
	sg_json_object(w);
	if (error.n || run.status == SG_GUARD_ERROR) {
		sg_json_key(w, "error");
		sg_json_str(w, error.n ? error : run.error);
	} else {
		sg_json_key(w, "status");
		sg_json_cstr(w, sg_guard_status_name(run.status));
		write_rules(all, w, r->guard, &run);
	}
	sg_json_end(w);
}

int main(void)
{
	struct all all = {.arena = sg_arena_new()};
	all.sources = sg_sources_new(all.arena);
	all.rules = sg_map_new(all.arena);
	all.data = sg_map_new(all.arena);
	char line[8192];
	while (fgets(line, sizeof(line), stdin)) {
		char *tab = strchr(line, '\t'), *end = strchr(line, '\n');
		if (!tab || !end)
			return 2;
		struct sg_buf out = {0};
		struct sg_json w;
		sg_json_init(&w, &out, 0);
		judge(&all, &w, (struct sg_str){line, (size_t)(tab - line)},
		      (struct sg_str){tab + 1, (size_t)(end - tab - 1)});
		sg_buf_addc(&out, '\n');
		fwrite(out.p, 1, out.n, stdout);
		sg_buf_free(&out);
		fflush(stdout);
	}
	for (size_t i = 0; i < sg_map_size(all.rules); i++)
		sg_guard_free(((struct loaded *)sg_map_value(all.rules, i))->guard);
	sg_arena_free(all.arena);
	return 0;
}
