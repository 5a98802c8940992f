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

size_t sg_yaml_skip_properties(const struct sg_yaml_input *in, const struct sg_yaml_event *ev, size_t *start,
			       size_t *end)
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

static bool is_handle(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static bool refuse_tag(struct sg_yaml_input *in, size_t start, size_t end)
{
	return sg_yaml_error(in, start, end, "put a blank behind the tag",
			     "SAM CLI's reader does not see this tag end");
}

bool sg_yaml_check_tag(struct sg_yaml_input *in, size_t start, size_t end)
{
	bool handle = true;
	if (end < in->text.n && !is_blank(in->text.p[end]))
		return refuse_tag(in, start, end + 1);
	if (sg_str_starts(sg_str_sub(in->text, start, 2), "!<"))
		return true;
	for (size_t i = start + 1; i < end; i++) {
		if (in->text.p[i] == '!')
			return handle || refuse_tag(in, start, i + 1);
		handle = handle && is_handle(in->text.p[i]);
	}
	return true;
}

bool sg_yaml_check_flow_plain(struct sg_yaml_input *in, size_t from, size_t to)
{
	const char *mark = to > from ? memchr(in->text.p + from, '?', to - from) : NULL;
	return !mark ||
	       sg_yaml_error(in, (size_t)(mark - in->text.p), (size_t)(mark - in->text.p) + 1, "put the text in quotes",
			     "a '?' inside brackets, which SAM CLI's reader refuses outside of quotes");
}

static bool refuse_tab(struct sg_yaml_input *in, size_t at)
{
	return sg_yaml_error(in, at, at + 1, "use blanks: SAM CLI's reader refuses the file",
			     "a tab outside of quotes, block scalars and comments");
}

/* What looks like nothing and yet means something to some readers. */
static const struct {
	const char *bytes, *what;
} invisible[] = {
	{"\xef\xbb\xbf", "a byte order mark inside the text"},
	{"\xc2\x85", "the line break U+0085 outside of quotes"},
	{"\xe2\x80\xa8", "the line break U+2028 outside of quotes"},
	{"\xe2\x80\xa9", "the line break U+2029 outside of quotes"},
};

static bool check_invisible(struct sg_yaml_input *in, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		if ((unsigned char)in->text.p[i] < 0x80)
			continue;
		for (size_t k = 0; k < sizeof(invisible) / sizeof(*invisible); k++)
			if (sg_str_starts(sg_str_sub(in->text, i, to - i), invisible[k].bytes))
				return sg_yaml_error(in, i, i + 1, "remove it: readers do not agree on it", "%s",
						     invisible[k].what);
	}
	return true;
}

/* PyYAML wants a blank between a directive and a comment. */
static bool check_directive(struct sg_yaml_input *in, size_t at)
{
	size_t end = line_end(in, at);
	for (size_t i = at + 1; i < end; i++)
		if (in->text.p[i] == '#' && !is_blank(in->text.p[i - 1]))
			return sg_yaml_error(in, i, i + 1, "put a blank before the comment", "a '#' in a directive");
	return true;
}

static bool is_directive(const struct sg_yaml_input *in, size_t at)
{
	return in->text.p[at] == '%' && (!at || in->text.p[at - 1] == '\n' || in->text.p[at - 1] == '\r');
}

bool sg_yaml_check_gap(struct sg_yaml_input *in, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		if (in->text.p[i] == '\t')
			return refuse_tab(in, i);
		if (is_directive(in, i) && !check_directive(in, i))
			return false;
		if (starts_comment(in, from, i))
			i = line_end(in, i);
	}
	return check_invisible(in, from, to);
}

bool sg_yaml_check_header(struct sg_yaml_input *in, size_t from, size_t to)
{
	size_t i = from + 1;
	while (i < to && strchr("+-0123456789", in->text.p[i]))
		i++;
	if (i < to && in->text.p[i] == '#')
		return sg_yaml_error(in, i, i + 1, "put a blank before the comment",
				     "a '#' directly behind '|' or '>'");
	return true;
}

bool sg_yaml_check_plain(struct sg_yaml_input *in, size_t from, size_t to)
{
	const char *tab = to > from ? memchr(in->text.p + from, '\t', to - from) : NULL;
	return !tab || refuse_tab(in, (size_t)(tab - in->text.p));
}
