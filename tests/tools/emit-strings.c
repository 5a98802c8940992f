/*
 * Strings on standard input, each ended by a NUL: out comes a YAML list of them, spelt by sg_yaml_scalar.  With --tree
 * the list is written by sg_yaml_emit.  For tests that read it back with other libraries.
 */
#include "yaml/yaml.h"

#include <stdio.h>
#include <string.h>

static struct sg_str read_all(struct sg_buf *in)
{
	char block[65536];
	size_t n;
	while ((n = fread(block, 1, sizeof(block), stdin)) > 0)
		sg_buf_add(in, block, n);
	return sg_buf_view(in);
}

int main(int argc, char **argv)
{
	bool tree = argc > 1 && !strcmp(argv[1], "--tree"), good = true;
	struct sg_arena *a = sg_arena_new();
	struct sg_buf in = {0}, out = {0};
	struct sg_str text = read_all(&in);
	SG_VEC(const struct sg_node *) items = {0};
	for (size_t at = 0, end; at < text.n; at = end + 1) {
		const char *nul = memchr(text.p + at, '\0', text.n - at);
		end = nul ? (size_t)(nul - text.p) : text.n;
		struct sg_str s = sg_str_sub(text, at, end - at);
		if (tree) {
			SG_PUSH(a, &items, sg_node_scalar(a, s, SG_SINGLE, SG_WHY_SOURCE, NULL));
			continue;
		}
		sg_buf_adds(&out, "- ");
		good = sg_yaml_scalar(&out, s) && good;
		sg_buf_addc(&out, '\n');
	}
	if (tree)
		good = sg_yaml_emit(&out, sg_node_seq(a, items.v, items.n, SG_WHY_SOURCE, NULL), 0);
	fwrite(out.n ? out.p : "", 1, out.n, stdout);
	sg_buf_free(&in);
	sg_buf_free(&out);
	sg_arena_free(a);
	return good ? 0 : 1;
}
