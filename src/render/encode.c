/*
 * encode.c - a value as a string of the format it goes into.  This is why no value of a spec can change a structure.
 */
#include "render/render_priv.h"

#include "yaml/yaml.h"
#include "json/json.h"

#include <string.h>

/* TOML's basic string. */
static bool encode_toml(struct sg_buf *out, struct sg_str s)
{
	sg_buf_addc(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c == '"' || c == '\\')
			sg_buf_addc(out, '\\');
		if (c < 0x20 || c == 0x7f)
			sg_buf_addf(out, "\\u%04X", c);
		else
			sg_buf_addc(out, (char)c);
	}
	sg_buf_addc(out, '"');
	return true;
}

static bool encode_json(struct sg_buf *out, struct sg_str s)
{
	struct sg_json w;
	sg_json_init(&w, out, 0);
	sg_json_str(&w, s);
	return true;
}

/* In a recipe both make and a shell read the word: only what neither knows may be in it. */
static bool encode_make(struct sg_buf *out, struct sg_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
			     (c && strchr("._/+-", c));
		if (!plain)
			return false;
	}
	sg_buf_str(out, s);
	return s.n > 0;
}

bool sg_encode(enum sg_format format, struct sg_buf *out, struct sg_str text)
{
	static bool (*const encoders[])(struct sg_buf *, struct sg_str) = {
		[SG_FORMAT_YAML] = sg_yaml_scalar,
		[SG_FORMAT_TOML] = encode_toml,
		[SG_FORMAT_JSON] = encode_json,
		[SG_FORMAT_MAKE] = encode_make,
	};
	if (format == SG_FORMAT_NONE || sg_utf8_invalid_at(text) != SIZE_MAX || memchr(text.n ? text.p : "", 0, text.n))
		return false;
	return encoders[format](out, text);
}

/* Stands bare in a YAML block, so that besides the expression's quote everything that ends a line or an expression is
 * refused. */
bool sg_encode_expr(struct sg_buf *out, struct sg_str text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] < 0x20 || (unsigned char)text.p[i] > 0x7e || strchr("{}#\\", text.p[i]))
			return false;
	sg_buf_addc(out, '\'');
	for (size_t i = 0; i < text.n; i++)
		sg_buf_adds(out, text.p[i] == '\'' ? "''" : (char[]){text.p[i], 0});
	sg_buf_addc(out, '\'');
	return true;
}

struct sg_str sg_render_quote(struct sg_arena *a, struct sg_str text)
{
	struct sg_buf out = {0};
	if (!sg_yaml_scalar(&out, text))
		sg_buf_adds(&out, "''");
	return sg_buf_take(&out, a);
}
