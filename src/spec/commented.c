/*
 * commented.c - sandbox.yaml as `init` writes it: every key with its help, made from the table.
 */
#include "spec/spec_priv.h"

#include <inttypes.h>
#include <string.h>

enum { WIDTH = 100 };

struct writer {
	struct sg_arena *a;
	struct sg_buf out;
	const struct sg_spec *spec;
	sg_quote *quote;
};

/* `text` as comment lines no wider than WIDTH. */
static void comment(struct sg_buf *out, const char *indent, struct sg_str text)
{
	size_t at = 0, room = WIDTH - strlen(indent) - 2;
	while (at < text.n) {
		size_t n = text.n - at;
		if (n > room)
			for (n = room; n > 1 && text.p[at + n] != ' ';)
				n--;
		sg_buf_addf(out, "%s# %.*s\n", indent, (int)n, text.p + at);
		at += n;
		while (at < text.n && text.p[at] == ' ')
			at++;
	}
}

static struct sg_str facts(struct sg_arena *a, const struct sg_key *key)
{
	struct sg_str bounds = sg_key_bounds(a, key);
	if (key->later)
		return sg_strf(a, "%s [in this version only %s]", key->help, key->fallback);
	if (!bounds.n || key->type == SG_KEY_BOOL)
		return sg_str(key->help);
	return sg_strf(a, "%s [%.*s]", key->help, SG_FMT(bounds));
}

static struct sg_str value_text(struct writer *w, const struct sg_key *key, const struct sg_setting *value)
{
	if (!value->set)
		return SG_LIT("null");
	switch (key->type) {
	case SG_KEY_INT:
		return sg_strf(w->a, "%" PRId64, value->integer);
	case SG_KEY_STRING:
		return w->quote(w->a, value->text);
	case SG_KEY_BOOL:
		return value->boolean ? SG_LIT("true") : SG_LIT("false");
	default:
		return sg_str(key->fallback);
	}
}

static void write_key(struct writer *w, const struct sg_key *key)
{
	const char *indent = strchr(key->path, '.') ? "  " : "";
	sg_buf_adds(&w->out, *indent ? "" : "\n");
	comment(&w->out, indent, facts(w->a, key));
	if (key->type == SG_KEY_SECTION) {
		sg_buf_addf(&w->out, "%s%s:\n", indent, key->path);
		return;
	}
	struct sg_str text = value_text(w, key, sg_spec_get(w->spec, key));
	if (!key->ask && key->example && !key->later)
		text = sg_str(key->example);
	sg_buf_addf(&w->out, "%s%s%s: %.*s\n", indent, key->ask ? "" : "# ", sg_key_last(key), SG_FMT(text));
}

struct sg_str sg_spec_commented(struct sg_arena *a, const struct sg_spec *spec, sg_quote *quote)
{
	struct writer w = {a, {0}, spec, quote};
	sg_buf_adds(&w.out,
		    "# yaml-language-server: $schema=./sandbox.schema.json\n"
		    "# What `sandboxgen render` makes the sandbox from. Every key may be left out; a line that is\n"
		    "# commented out shows a value that the key can have.\n");
	for (size_t i = 0; i < sg_keys_count; i++)
		write_key(&w, &sg_keys[i]);
	return sg_buf_take(&w.out, a);
}
