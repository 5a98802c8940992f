/*
 * yaml-dump --reader fyaml|libyaml FILE...: the yaml11 reading of each file as one line of JSON, or "error: …" and
 * the first diagnostic.  For tests that compare readers.  What JSON cannot say:
 *   {"!Tag": value}   a node with a local tag; its scalar is a string
 *   {"$bad": text}    no reading
 *   {"$float": "inf"} infinities and NaN
 * Keys are their string reading; a merge key stays "<<".
 */
#include "yaml/yaml.h"

#include <stdio.h>
#include <string.h>

static struct sg_arena *arena;

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

static void add_single(struct sg_buf *out, const char *name, struct sg_str value)
{
	sg_buf_addf(out, "{\"%s\": ", name);
	add_string(out, value);
	sg_buf_addc(out, '}');
}

static void add_scalar(struct sg_buf *out, const struct sg_node *n)
{
	struct sg_reading r = sg_read_yaml11(n);
	bool ok;
	struct sg_str text = sg_read_string(arena, n, &ok);
	if (r.type == SG_T_STRING)
		add_string(out, r.text);
	else if (r.type == SG_T_NULL)
		sg_buf_adds(out, "null");
	else if (r.type == SG_T_FLOAT && !ok)
		add_single(out, "$float", r.number > 0 ? SG_LIT("inf") : r.number < 0 ? SG_LIT("-inf") : SG_LIT("nan"));
	else if (ok)
		sg_buf_str(out, text);
	else
		add_single(out, "$bad", n->text);
}

static void add_node(struct sg_buf *out, const struct sg_node *n);

static void add_key(struct sg_buf *out, const struct sg_node *key)
{
	bool ok;
	struct sg_str text = sg_read_string(arena, key, &ok);
	add_string(out, ok ? text : sg_read_yaml11(key).type == SG_T_NULL ? SG_LIT("null") : key->text);
}

static void add_collection(struct sg_buf *out, const struct sg_node *n)
{
	sg_buf_addc(out, n->kind == SG_MAP ? '{' : '[');
	for (size_t i = 0; i < n->n; i++) {
		sg_buf_adds(out, i ? ", " : "");
		if (n->kind == SG_MAP) {
			add_key(out, n->members[i].key);
			sg_buf_adds(out, ": ");
		}
		add_node(out, n->kind == SG_MAP ? n->members[i].value : n->items[i]);
	}
	sg_buf_addc(out, n->kind == SG_MAP ? '}' : ']');
}

static void add_node(struct sg_buf *out, const struct sg_node *n)
{
	bool local = sg_node_tag(n).n > 1 && sg_node_tag(n).p[0] == '!';
	if (local) {
		sg_buf_addc(out, '{');
		add_string(out, sg_node_tag(n));
		sg_buf_adds(out, ": ");
	}
	if (n->kind == SG_SCALAR && local)
		add_string(out, n->text);
	else if (n->kind == SG_SCALAR)
		add_scalar(out, n);
	else if (!local && sg_read_yaml11(n).type == SG_T_BAD)
		add_single(out, "$bad", sg_node_tag(n));
	else
		add_collection(out, n);
	if (local)
		sg_buf_addc(out, '}');
}

static bool dump(enum sg_yaml_reader reader, const char *path)
{
	struct sg_status st;
	struct sg_str text;
	struct sg_buf out = {0};
	arena = sg_arena_new();
	struct sg_sources *sources = sg_sources_new(arena);
	struct sg_diags *d = sg_diags_new(arena, sources);
	const struct sg_node *root = NULL;
	if (!sg_file_read(arena, path, (size_t)64 << 20, &text, &st)) {
		printf("error: %s\n", st.text);
	} else {
		root = sg_yaml_load_by(reader, arena, d, sg_source_add(sources, sg_str(path), text), NULL, NULL);
		if (root)
			add_node(&out, root);
		else
			sg_buf_addf(&out, "error: %.*s", SG_FMT(sg_diags_at(d, 0)->message));
		printf("%.*s\n", SG_FMT(sg_buf_view(&out)));
	}
	sg_buf_free(&out);
	sg_arena_free(arena);
	return root != NULL;
}

int main(int argc, char **argv)
{
	if (argc < 3 || strcmp(argv[1], "--reader") != 0) {
		fputs("usage: yaml-dump --reader fyaml|libyaml FILE...\n", stderr);
		return 2;
	}
	enum sg_yaml_reader reader = strcmp(argv[2], "fyaml") ? SG_YAML_LIBYAML : SG_YAML_LIBFYAML;
	bool good = true;
	for (int i = 3; i < argc; i++)
		good = dump(reader, argv[i]) && good;
	return good ? 0 : 1;
}
