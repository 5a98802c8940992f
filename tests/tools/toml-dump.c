/*
 * toml-dump FILE...: what the TOML reader sees in each file, as a line of JSON in the spelling of
 * tests/conformance/drivers/sam_toml.py: scalars are strings, as Python's str() prints them; or "error".
 */
#include "toml/toml.h"

#include <stdio.h>

static void add_string(struct sg_buf *out, struct sg_str s)
{
	sg_buf_addc(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c < 0x20 || c == '"' || c == '\\' || c == 0x7f)
			sg_buf_addf(out, "\\u%04x", c);
		else
			sg_buf_addc(out, (char)c);
	}
	sg_buf_addc(out, '"');
}

/* Type and value. */
static void add_scalar(struct sg_buf *out, const struct sg_node *n)
{
	struct sg_reading r = sg_read_yaml12(n);
	if (r.type == SG_T_FLOAT)
		sg_buf_addf(out, "[\"float\", \"%a\"]", r.number);
	else if (r.type == SG_T_INT)
		sg_buf_addf(out, "[\"int\", \"%.*s\"]", SG_FMT(n->text));
	else if (r.type == SG_T_BOOL)
		sg_buf_adds(out, r.boolean ? "true" : "false");
	else
		add_string(out, r.text);
}

static void add_node(struct sg_buf *out, const struct sg_node *n)
{
	if (n->kind == SG_SCALAR) {
		add_scalar(out, n);
		return;
	}
	sg_buf_addc(out, n->kind == SG_MAP ? '{' : '[');
	for (size_t i = 0; i < n->n; i++) {
		sg_buf_adds(out, i ? ", " : "");
		if (n->kind == SG_MAP) {
			add_string(out, n->members[i].key->text);
			sg_buf_adds(out, ": ");
		}
		add_node(out, n->kind == SG_MAP ? n->members[i].value : n->items[i]);
	}
	sg_buf_addc(out, n->kind == SG_MAP ? '}' : ']');
}

static void dump(const char *path)
{
	struct sg_arena *arena = sg_arena_new();
	struct sg_sources *sources = sg_sources_new(arena);
	struct sg_diags *d = sg_diags_new(arena, sources);
	struct sg_buf out = {0};
	struct sg_str text;
	const struct sg_node *root = NULL;
	if (sg_file_read(arena, path, 1 << 24, &text, NULL))
		root = sg_toml_load(arena, sg_source_add(sources, sg_str(path), text), d);
	if (root)
		add_node(&out, root);
	else
		sg_buf_adds(&out, "\"error\"");
	printf("%.*s\n", SG_FMT(sg_buf_view(&out)));
	sg_buf_free(&out);
	sg_arena_free(arena);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		dump(argv[i]);
	return 0;
}
