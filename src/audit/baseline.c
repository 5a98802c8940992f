/*
 * The baseline: today's findings by fingerprint, so that only new ones count.  What it holds stays in every report.
 *
 *   {"version": 1, "findings": [{"fingerprint": "…", "file": "template.yaml", "rule": "NET002", "message": "…"}]}
 *
 * A fingerprint is of what a finding says, witness and all: a second way out is never taken for the first.  One entry is
 * for one finding; of two alike the second is new.
 */
#include "audit/suppress_priv.h"
#include "json/json.h"

#include <string.h>

enum { MAX_ENTRIES = 100000 };

struct entry {
	struct sg_str fingerprint, file;
	bool used;
};

struct sg_baseline {
	struct sg_arena *arena;
	struct sg_str path;
	SG_VEC(struct entry) list;
	struct sg_map *by_key; /* "FILE\nFINGERPRINT" to a chain of entries */
};

struct chain {
	size_t entry;
	struct chain *next;
};

struct sg_str sg_path_plain(struct sg_str path)
{
	while (sg_str_starts(path, "./"))
		for (path = sg_str_sub(path, 2, path.n); sg_str_starts(path, "/");)
			path = sg_str_sub(path, 1, path.n);
	return path;
}

static struct sg_str key_of(struct sg_arena *a, struct sg_str file, struct sg_str fingerprint)
{
	file = sg_path_plain(file);
	return sg_strf(a, "%.*s\n%.*s", SG_FMT(file), SG_FMT(fingerprint));
}

/* ---------------------------------------------------------------------------------------------- reading */

static struct sg_str string_of(const struct sg_node *n, const char *key)
{
	const struct sg_node *v = sg_node_get(n, key);
	return v && v->kind == SG_SCALAR && v->style == SG_JSON_STRING ? v->text : sg_str("");
}

static bool well_formed(struct sg_str fingerprint)
{
	for (size_t i = 0; i < fingerprint.n; i++)
		if (!strchr("0123456789abcdef", fingerprint.p[i]))
			return false;
	return fingerprint.n == SG_FINGERPRINT;
}

static bool add(struct sg_baseline *b, struct sg_diags *d, const struct sg_node *item)
{
	struct entry e = {string_of(item, "fingerprint"), string_of(item, "file"), false};
	if (item->kind != SG_MAP || !well_formed(e.fingerprint) || !e.file.n) {
		sg_diag(d, SG_ERROR, sg_node_span(item), "write it with audit --write-baseline",
			"an entry of a baseline has a fingerprint of 32 digits and a file");
		return false;
	}
	struct chain *link = SG_NEW(b->arena, struct chain);
	struct sg_str key = key_of(b->arena, e.file, e.fingerprint);
	link->entry = b->list.n;
	link->next = sg_map_get(b->by_key, key);
	sg_map_put(b->by_key, key, link);
	SG_PUSH(b->arena, &b->list, e);
	return true;
}

struct sg_baseline *sg_baseline_read(struct sg_arena *a, struct sg_diags *d, const struct sg_node *root)
{
	const struct sg_node *list = root->kind == SG_MAP ? sg_node_get(root, "findings") : NULL;
	const struct sg_node *version = root->kind == SG_MAP ? sg_node_get(root, "version") : NULL;
	struct sg_baseline *b = SG_NEW(a, struct sg_baseline);
	bool ok = list && list->kind == SG_SEQ && list->n <= MAX_ENTRIES && version && sg_node_is(version, "1");
	if (!ok)
		sg_diag(d, SG_ERROR, root->span, "write it with audit --write-baseline",
			"this is no baseline of version 1");
	*b = (struct sg_baseline){.arena = a, .path = sg_source_path(sg_diags_sources(d), root->span.source)};
	b->by_key = sg_map_new(a);
	for (size_t i = 0; ok && i < list->n; i++)
		ok = add(b, d, list->items[i]);
	return ok ? b : NULL;
}

/* ---------------------------------------------------------------------------------------------- using */

static struct entry *unused(const struct sg_baseline *b, struct sg_str key)
{
	for (struct chain *link = sg_map_get(b->by_key, key); link; link = link->next)
		if (!b->list.v[link->entry].used)
			return &b->list.v[link->entry];
	return NULL;
}

void sg_baseline_use(struct sg_baseline *b, struct sg_findings *f, struct sg_str file)
{
	for (size_t i = 0; i < f->list.n; i++) {
		struct sg_finding *finding = f->list.v[i];
		char fingerprint[SG_FINGERPRINT + 1];
		if (finding->suppressed.n || !strcmp(finding->rule->id, "TPL006"))
			continue;
		sg_finding_fingerprint(finding, fingerprint);
		struct entry *e = unused(b, key_of(b->arena, file, sg_str(fingerprint)));
		if (!e)
			continue;
		e->used = true;
		finding->suppressed = sg_strf(b->arena, "it is in the baseline %.*s", SG_FMT(b->path));
		finding->suppressed_by = SG_BY_BASELINE;
	}
}

size_t sg_baseline_gone(const struct sg_baseline *b)
{
	size_t n = 0;
	for (size_t i = 0; i < b->list.n; i++)
		n += !b->list.v[i].used;
	return n;
}

/* ---------------------------------------------------------------------------------------------- writing */

static void member(struct sg_json *w, const char *key, struct sg_str value)
{
	sg_json_key(w, key);
	sg_json_str(w, value);
}

static void write_finding(struct sg_json *w, struct sg_str file, const struct sg_finding *finding)
{
	char fingerprint[SG_FINGERPRINT + 1];
	sg_finding_fingerprint(finding, fingerprint);
	sg_json_object(w);
	member(w, "fingerprint", sg_str(fingerprint));
	member(w, "file", sg_path_plain(file));
	member(w, "rule", sg_str(finding->rule->id));
	member(w, "status", sg_str(sg_verdict_name(finding->status)));
	member(w, "resource", finding->resource);
	member(w, "message", finding->message);
	sg_json_end(w);
}

void sg_baseline_begin(struct sg_json *w, struct sg_buf *out)
{
	sg_json_init(w, out, 2);
	sg_json_object(w);
	sg_json_key(w, "version");
	sg_json_int(w, 1);
	sg_json_key(w, "findings");
	sg_json_array(w);
}

void sg_baseline_add(struct sg_json *w, const struct sg_findings *f, struct sg_str file)
{
	for (size_t i = 0; i < f->list.n; i++) {
		const struct sg_finding *finding = f->list.v[i];
		bool accepted = finding->suppressed.n && finding->suppressed_by != SG_BY_BASELINE;
		if (!accepted && strcmp(finding->rule->id, "TPL006") != 0)
			write_finding(w, file, finding);
	}
}

void sg_baseline_end(struct sg_json *w)
{
	sg_json_end(w);
	sg_json_end(w);
	sg_buf_addc(w->out, '\n');
}
