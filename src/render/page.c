/*
 * page.c - SANDBOX.md: for reviewers, what is guaranteed, and by which line of the template.
 *
 * It is told what the audit found and decides nothing itself.
 */
#include "render/render_priv.h"

#include <string.h>

struct page {
	struct sg_arena *arena;
	const struct sg_page_input *in;
	struct sg_buf out;
};

/* ---------------------------------------------------------------------------------------------- places */

static bool names(const char *pattern, struct sg_str id)
{
	size_t n = strlen(pattern);
	if (pattern[n - 1] != '*')
		return sg_str_is(id, pattern);
	return id.n >= n - 1 && !memcmp(id.p, pattern, n - 1);
}

/* The key (or the item) at "Policies/0/PolicyDocument" below `node`; NULL where it is not there. */
static const struct sg_node *at_path(struct sg_arena *a, const struct sg_node *node, const char *path)
{
	const struct sg_node *found = NULL;
	while (node && *path) {
		size_t n = strcspn(path, "/");
		const char *word = sg_cstr(a, (struct sg_str){path, n});
		int64_t index;
		if (node->kind == SG_SEQ) {
			bool there = sg_parse_i64(sg_str(word), &index) && index >= 0 && (size_t)index < node->n;
			found = node = there ? node->items[index] : NULL;
		} else {
			found = sg_node_key(node, word);
			node = sg_node_get(node, word);
		}
		path += n + (path[n] == '/');
	}
	return node ? found : NULL;
}

/* The line without the blanks around it and the dash of a list; only its key where the rest could not stand in a
 * table. */
static struct sg_str line_text(struct page *p, struct sg_span span)
{
	struct sg_str text = sg_source_text(p->in->sources, span.source);
	size_t start = span.start, end = sg_str_find(text, "\n", span.start);
	while (start && text.p[start - 1] != '\n')
		start--;
	struct sg_str line = sg_str_trim(sg_str_sub(text, start, end == SIZE_MAX ? SIZE_MAX : end - start));
	if (sg_str_starts(line, "- "))
		line = sg_str_trim(sg_str_sub(line, 2, SIZE_MAX));
	bool plain = sg_str_find(line, "|", 0) == SIZE_MAX && sg_str_find(line, "`", 0) == SIZE_MAX;
	return plain ? line : sg_str_sub(line, 0, sg_str_find(line, ":", 0));
}

/* ---------------------------------------------------------------------------------------------- rows */

static void add_line(struct page *p, struct sg_str id, const struct sg_node *at, bool *any)
{
	struct sg_pos pos = sg_pos_start(p->in->sources, at->span);
	const char *file = p->in->template->path;
	sg_buf_addf(&p->out, "%s[line %u](%s#L%u) `%.*s`", *any ? "<br>" : "", pos.line, file, pos.line, SG_FMT(id));
	struct sg_str text = line_text(p, at->span);
	if (!sg_str_starts(text, sg_cstr(p->arena, sg_strf(p->arena, "%.*s:", SG_FMT(id)))))
		sg_buf_addf(&p->out, " `%.*s`", SG_FMT(text));
	*any = true;
}

static bool add_lines(struct page *p, const struct sg_evidence *e, bool *any)
{
	const struct sg_node *resources = sg_node_get(p->in->root, "Resources");
	bool found = false;
	for (size_t i = 0; resources && i < resources->n; i++) {
		const struct sg_member *m = &resources->members[i];
		if (!names(e->resource, m->key->text))
			continue;
		const struct sg_node *at = m->key;
		if (e->path)
			at = at_path(p->arena, sg_node_get(m->value, "Properties"), e->path);
		if (at)
			add_line(p, m->key->text, at, any);
		found = found || at;
	}
	return found;
}

static void add_row(struct page *p, const struct sg_judged *j)
{
	bool any = false;
	sg_buf_addf(&p->out, "| %s | %s | ", j->rule->id, j->rule->title);
	for (const struct sg_evidence *e = sg_evidence; e->rule; e++) {
		if (strcmp(e->rule, j->rule->id) || (e->resource && add_lines(p, e, &any)) || !e->note)
			continue;
		sg_buf_addf(&p->out, "%s%s", any ? "<br>" : "", e->note);
		any = true;
	}
	if (!any)
		SG_BUG("a rule that passes has no row in the table of evidence");
	sg_buf_adds(&p->out, " |\n");
}

/* ---------------------------------------------------------------------------------------------- sections */

static const struct {
	const char *family, *title;
} sections[] = {
	{"NET", "What the code can reach"},
	{"IAM", "What the role allows"},
	{"LIM", "What a script can use"},
	{"FUN", "What runs, and who may call it"},
	{"OUT", "Data that leaves without a packet"},
	{"LOG", "What is logged"},
	{"TPL", "The template itself"},
};

static void add_section(struct page *p, const char *family, const char *title)
{
	bool any = false;
	for (size_t i = 0; i < p->in->findings->judged.n; i++) {
		const struct sg_judged *j = &p->in->findings->judged.v[i];
		if (strcmp(j->rule->family, family) || j->verdict != SG_PASS)
			continue;
		if (!any)
			sg_buf_addf(&p->out, "\n## %s\n\n| rule | what holds | because of |\n|---|---|---|\n", title);
		any = true;
		add_row(p, j);
	}
}

static void add_unproven(struct page *p)
{
	const struct sg_findings *f = p->in->findings;
	for (size_t i = 0; i < f->list.n; i++)
		sg_buf_addf(&p->out, "%s- %s, %s: %.*s\n", i ? "" : "\n## What is not proved\n\n",
			    f->list.v[i]->rule->id, sg_verdict_name(f->list.v[i]->status),
			    SG_FMT(f->list.v[i]->message));
}

static void add_limits(struct page *p)
{
	sg_buf_adds(&p->out, "\n## What this does not claim\n\n");
	for (size_t i = 0; p->in->limits[i]; i++)
		sg_buf_addf(&p->out, "- %s\n", p->in->limits[i]);
}

/* "prod" of template.prod.yaml; empty of template.yaml */
static struct sg_str environment_of(const struct sg_file *template)
{
	struct sg_str middle = sg_str_sub(sg_str(template->path), sizeof("template.") - 1, SIZE_MAX);
	return middle.n > 4 ? sg_str_sub(middle, 0, middle.n - (sizeof(".yaml") - 1)) : (struct sg_str){0};
}

static void add_head(struct page *p)
{
	const char *file = p->in->template->path;
	struct sg_str environment = environment_of(p->in->template);
	sg_buf_addf(&p->out, "\n# Sandbox %.*s: what is guaranteed, and by which line\n\n",
		    SG_FMT(p->in->template->spec->name.text));
	sg_buf_addf(&p->out,
		    "For reviewers. The audit judged [%s](%s) before it was written: every row below holds for every\n"
		    "deployment of that file. Without any one of the lines that are named (of a limit: with a larger\n"
		    "value) its rule passes no longer. To ask again:\n\n",
		    file, file);
	sg_buf_addf(&p->out, "    sandboxgen audit --no-inline --spec sandbox.yaml%s%.*s %s\n",
		    environment.n ? " --config-env " : "", SG_FMT(environment), file);
	sg_buf_adds(&p->out, "    sandboxgen render --check    # does this page still fit?\n"
			     "    sandboxgen explain RULE      # what a rule checks, and why\n");
	sg_buf_adds(&p->out, "\n## The walls\n\n```mermaid\n");
	sg_buf_str(&p->out, p->in->graph);
	sg_buf_adds(&p->out, "```\n");
}

struct sg_file sg_render_page(struct sg_arena *a, const struct sg_page_input *in)
{
	struct page p = {.arena = a, .in = in};
	struct sg_str environment = environment_of(in->template);
	const char *path = sg_cstr(a, sg_strf(a, "SANDBOX%s%.*s.md", environment.n ? "." : "", SG_FMT(environment)));
	add_head(&p);
	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++)
		add_section(&p, sections[i].family, sections[i].title);
	add_unproven(&p);
	add_limits(&p);
	struct sg_str text = sg_buf_take(&p.out, a);
	return (struct sg_file){path, SG_MATCH_BYTES, sg_render_sign(a, SG_FORMAT_MARKDOWN, text), NULL};
}
