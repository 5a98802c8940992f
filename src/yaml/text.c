/*
 * The text before any parser sees it, and the places where PyYAML takes no tab.  libfyaml ends a document silently at a
 * NUL or at malformed UTF-8; nothing of that kind reaches it.  It must not know how events
 * follow each other.
 */
#include "yaml/yaml_priv.h"

#include <string.h>

/* PyYAML 6.0, reader.py, NON_PRINTABLE. */
static bool is_allowed(uint32_t cp)
{
	return (cp >= 0x20 && cp < 0x7f) || cp == '\n' || cp == '\r' || cp == '\t' || cp == 0x85 ||
	       (cp >= 0xa0 && cp <= 0xd7ff) || (cp >= 0xe000 && cp <= 0xfffd) || cp >= 0x10000;
}

static bool refuse_bytes(struct sg_yaml_input *in, size_t at)
{
	return sg_yaml_error(in, at, at + 1, "save the file as UTF-8", "malformed UTF-8 (byte 0x%02x)",
			     (unsigned char)in->text.p[at]);
}

static bool refuse_character(struct sg_yaml_input *in, size_t at, size_t n, uint32_t cp)
{
	if (!cp)
		return sg_yaml_error(in, at, at + 1, "this does not look like a text file", "a NUL byte");
	return sg_yaml_error(in, at, at + n, "remove it, or write it as an escape in double quotes",
			     "character U+%04X is not allowed in YAML", cp);
}

bool sg_yaml_check_text(struct sg_yaml_input *in)
{
	for (size_t i = 0; i < in->text.n;) {
		unsigned char c = (unsigned char)in->text.p[i];
		uint32_t cp = c;
		size_t n = c < 0x80 ? 1 : sg_utf8_decode(sg_str_sub(in->text, i, 4), &cp);
		if (!n)
			return refuse_bytes(in, i);
		if (!is_allowed(cp))
			return refuse_character(in, i, n, cp);
		i += n;
	}
	if (sg_str_starts(in->text, "\xef\xbb\xbf"))
		return sg_yaml_error(in, 0, 3, "remove it", "a second byte order mark");
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t line_end(const struct sg_yaml_input *in, size_t at)
{
	while (at < in->text.n && in->text.p[at] != '\n' && in->text.p[at] != '\r')
		at++;
	return at;
}

static bool starts_comment(const struct sg_yaml_input *in, size_t from, size_t at)
{
	return in->text.p[at] == '#' && (at == from || is_blank(in->text.p[at - 1]));
}

size_t sg_yaml_skip_blank(const struct sg_yaml_input *in, size_t at)
{
	size_t from = at;
	while (at < in->text.n && (is_blank(in->text.p[at]) || starts_comment(in, from, at)))
		at = in->text.p[at] == '#' ? line_end(in, at) : at + 1;
	return at;
}

/* In a list or map by brackets a tag ends at their signs, unless it is written !<…>. */
static size_t tag_end(const struct sg_yaml_input *in, size_t at)
{
	if (at + 1 < in->text.n && in->text.p[at + 1] == '<') {
		size_t end = sg_str_find(in->text, ">", at);
		return end == SIZE_MAX ? in->text.n : end + 1;
	}
	while (at < in->text.n && !strchr(" \t\r\n,[]{}", in->text.p[at]))
		at++;
	return at;
}

static size_t anchor_end(const struct sg_yaml_input *in, size_t at)
{
	while (at < in->text.n && !strchr(" \t\r\n,[]{}:?%@`", in->text.p[at]))
		at++;
	return at;
}

size_t sg_yaml_skip_properties(const struct sg_yaml_input *in, const struct sg_yaml_event *ev, size_t *start, size_t *end)
{
	size_t left = (ev->tag.n > 0) + (ev->anchor.n > 0), at = ev->start;
	for (; left; left--) {
		size_t from = sg_yaml_skip_blank(in, at);
		if (from < in->text.n && in->text.p[from] == '!') {
			*start = from;
			*end = at = tag_end(in, from);
		} else if (from < in->text.n && in->text.p[from] == '&') {
			at = anchor_end(in, from + 1);
		}
	}
	return at;
}

static bool refuse_tab(struct sg_yaml_input *in, size_t at)
{
	return sg_yaml_error(in, at, at + 1, "use blanks: SAM CLI's reader refuses the file",
			     "a tab outside of quotes, block scalars and comments");
}

bool sg_yaml_check_gap(struct sg_yaml_input *in, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		if (in->text.p[i] == '\t')
			return refuse_tab(in, i);
		if (starts_comment(in, from, i))
			i = line_end(in, i);
	}
	return true;
}

bool sg_yaml_check_plain(struct sg_yaml_input *in, size_t from, size_t to)
{
	const char *tab = to > from ? memchr(in->text.p + from, '\t', to - from) : NULL;
	return !tab || refuse_tab(in, (size_t)(tab - in->text.p));
}
