/*
 * Writing YAML that every reader takes for the same values: libyaml's emitter, told which style to use for each scalar.
 * The rule for styles was tried on PyYAML, ruamel, libfyaml and libyaml (tests/conformance); what is asked for is
 * never left to the emitter's own taste.
 */
#include "yaml/yaml_priv.h"

#include <string.h>
#include <yaml.h>

/* ---------------------------------------------------------------------------------------------- the rule */

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_plain_character(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || (c && strchr("_./:-", c));
}

/* Words that some YAML 1.1 or 1.2 reader takes for a bool or null. */
static bool is_reserved(struct sg_str s)
{
	static const char *const words[] = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"};
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (sg_str_is_nocase(s, words[i]))
			return true;
	return false;
}

/* A letter, then letters, digits and _ . / : - in such a way that nothing can mistake it. */
static bool may_be_plain(struct sg_str s)
{
	if (!s.n || s.n > 128 || !is_letter(s.p[0]) || s.p[s.n - 1] == ':' || is_reserved(s))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_plain_character(s.p[i]))
			return false;
	return true;
}

/* Printable, no line break (of YAML 1.1 either), no byte order mark, and within the basic plane. */
static bool is_simple(uint32_t cp)
{
	return (cp >= 0x20 && cp < 0x7f) || (cp >= 0xa0 && cp <= 0xd7ff && cp != 0x2028 && cp != 0x2029) ||
	       (cp >= 0xe000 && cp <= 0xfffd && cp != 0xfeff);
}

/* libfyaml 0.7.12 misreads n escaped quotes in a row (n > 1) as 2n-1. */
static bool may_be_single(struct sg_str s)
{
	for (size_t i = 0; i < s.n;) {
		uint32_t cp = 0;
		size_t n = sg_utf8_decode(sg_str_sub(s, i, 4), &cp);
		if (!n || !is_simple(cp) || (cp == '\'' && i && s.p[i - 1] == '\''))
			return false;
		i += n;
	}
	return true;
}

static bool may_be_written(struct sg_str s)
{
	for (size_t i = 0; i < s.n;) {
		uint32_t cp = 0;
		size_t n = sg_utf8_decode(sg_str_sub(s, i, 4), &cp);
		if (!n || !cp || cp == 0xfffe || cp == 0xffff)
			return false;
		i += n;
	}
	return true;
}

static yaml_scalar_style_t style_for(struct sg_str s)
{
	return may_be_plain(s)    ? YAML_PLAIN_SCALAR_STYLE
	       : may_be_single(s) ? YAML_SINGLE_QUOTED_SCALAR_STYLE
				  : YAML_DOUBLE_QUOTED_SCALAR_STYLE;
}

/* ---------------------------------------------------------------------------------------------- the emitter */

struct writer {
	yaml_emitter_t emitter;
	struct sg_buf out;
	struct sg_arena *scratch;
};

static int write_bytes(void *data, unsigned char *bytes, size_t n)
{
	sg_buf_add(data, bytes, n);
	return 1;
}

static void send(struct writer *w, yaml_event_t *event, int made)
{
	if (!made || !yaml_emitter_emit(&w->emitter, event)) {
		if (!made || w->emitter.error == YAML_MEMORY_ERROR)
			sg_oom();
		SG_BUG("libyaml refuses an event");
	}
}

static void begin(struct writer *w)
{
	yaml_event_t e;
	*w = (struct writer){.scratch = sg_arena_new()};
	if (!yaml_emitter_initialize(&w->emitter))
		sg_oom();
	yaml_emitter_set_output(&w->emitter, write_bytes, &w->out);
	yaml_emitter_set_width(&w->emitter, -1);
	yaml_emitter_set_unicode(&w->emitter, 1);
	send(w, &e, yaml_stream_start_event_initialize(&e, YAML_UTF8_ENCODING));
	send(w, &e, yaml_document_start_event_initialize(&e, NULL, NULL, NULL, 1));
}

static void finish(struct writer *w)
{
	yaml_event_t e;
	send(w, &e, yaml_document_end_event_initialize(&e, 1));
	send(w, &e, yaml_stream_end_event_initialize(&e));
}

static void done(struct writer *w)
{
	yaml_emitter_delete(&w->emitter);
	sg_arena_free(w->scratch);
	sg_buf_free(&w->out);
}

/* libyaml wants C strings for tags; NULL where there is none. */
static yaml_char_t *tag_of(struct writer *w, struct sg_str tag)
{
	return tag.n ? (yaml_char_t *)(uintptr_t)sg_cstr(w->scratch, tag) : NULL;
}

static void put_scalar(struct writer *w, struct sg_str text, struct sg_str tag, yaml_scalar_style_t style)
{
	yaml_event_t e;
	const char *p = text.n ? text.p : "";
	if (text.n > INT32_MAX)
		sg_oom();
	send(w, &e,
	     yaml_scalar_event_initialize(&e, NULL, tag_of(w, tag), (const yaml_char_t *)p, (int)text.n, !tag.n, !tag.n,
					  style));
}

/* ---------------------------------------------------------------------------------------------- trees */

static bool is_local(struct sg_str tag)
{
	return tag.n > 1 && tag.p[0] == '!';
}

/* YAML 1.1 wants a '.' and a signed exponent: 1e+16 would be a string. */
static struct sg_str float_text(struct writer *w, const struct sg_reading *r, struct sg_str text)
{
	if (!text.p)
		return r->number > 0 ? SG_LIT(".inf") : r->number < 0 ? SG_LIT("-.inf") : SG_LIT(".nan");
	size_t e = sg_str_find(text, "e", 0);
	if (e == SIZE_MAX || sg_str_find(text, ".", 0) != SIZE_MAX)
		return text;
	return sg_strf(w->scratch, "%.*s.0%.*s", (int)e, text.p, SG_FMT(sg_str_sub(text, e, SIZE_MAX)));
}

static bool put_string(struct writer *w, struct sg_str text, struct sg_str tag)
{
	if (!may_be_written(text))
		return false;
	put_scalar(w, text, tag, style_for(text));
	return true;
}

/* The yaml11 reading in its canonical spelling. */
static bool put_reading(struct writer *w, const struct sg_node *n)
{
	struct sg_reading r = sg_read_yaml11(n);
	bool ok;
	struct sg_str text = sg_read_string(w->scratch, n, &ok);
	if (r.type == SG_T_STRING)
		return put_string(w, r.text, SG_LIT(""));
	if (r.type == SG_T_NULL)
		text = SG_LIT("null");
	else if (r.type == SG_T_FLOAT)
		text = float_text(w, &r, text);
	else if (!ok)
		return false;
	put_scalar(w, text, SG_LIT(""), YAML_PLAIN_SCALAR_STYLE);
	return true;
}

static bool put_node(struct writer *w, const struct sg_node *n);

static bool put_seq(struct writer *w, const struct sg_node *n, struct sg_str tag)
{
	yaml_event_t e;
	send(w, &e,
	     yaml_sequence_start_event_initialize(&e, NULL, tag_of(w, tag), !tag.n,
						  n->n ? YAML_BLOCK_SEQUENCE_STYLE : YAML_FLOW_SEQUENCE_STYLE));
	for (size_t i = 0; i < n->n; i++)
		if (!put_node(w, n->items[i]))
			return false;
	send(w, &e, yaml_sequence_end_event_initialize(&e));
	return true;
}

static bool put_map(struct writer *w, const struct sg_node *n, struct sg_str tag)
{
	yaml_event_t e;
	send(w, &e,
	     yaml_mapping_start_event_initialize(&e, NULL, tag_of(w, tag), !tag.n,
						 n->n ? YAML_BLOCK_MAPPING_STYLE : YAML_FLOW_MAPPING_STYLE));
	for (size_t i = 0; i < n->n; i++)
		if (!put_node(w, n->members[i].key) || !put_node(w, n->members[i].value))
			return false;
	send(w, &e, yaml_mapping_end_event_initialize(&e));
	return true;
}

/* A %TAG directive can make tags that need one to be written. */
static bool can_be_spelt(struct sg_str tag)
{
	for (size_t i = 1; i < tag.n; i++)
		if (!is_plain_character(tag.p[i]))
			return false;
	return true;
}

static bool put_node(struct writer *w, const struct sg_node *n)
{
	struct sg_str tag = is_local(sg_node_tag(n)) ? sg_node_tag(n) : SG_LIT("");
	if (!can_be_spelt(tag))
		return false;
	if (n->kind == SG_SCALAR)
		return tag.n ? put_string(w, n->text, tag) : put_reading(w, n);
	if (!tag.n && sg_read_yaml11(n).type == SG_T_BAD)
		return false;
	return (n->kind == SG_SEQ ? put_seq : put_map)(w, n, tag);
}

/* ---------------------------------------------------------------------------------------------- the interface */

bool sg_yaml_scalar(struct sg_buf *out, struct sg_str text)
{
	struct writer w;
	yaml_event_t e;
	if (may_be_plain(text)) {
		sg_buf_str(out, text);
		return true;
	}
	if (!may_be_written(text))
		return false;
	/* as the item of a list, "- 'text'\n": at the top of a document the emitter has rules of its own */
	begin(&w);
	send(&w, &e, yaml_sequence_start_event_initialize(&e, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE));
	put_scalar(&w, text, SG_LIT(""), style_for(text));
	send(&w, &e, yaml_sequence_end_event_initialize(&e));
	finish(&w);
	SG_ASSERT(w.out.n > 3 && !memcmp(w.out.p, "- ", 2) && w.out.p[w.out.n - 1] == '\n');
	sg_buf_add(out, w.out.p + 2, w.out.n - 3);
	done(&w);
	return true;
}

static void add_indented(struct sg_buf *out, struct sg_str text, size_t indent)
{
	for (size_t at = 0, end; at < text.n; at = end) {
		end = sg_str_find(text, "\n", at);
		end = end == SIZE_MAX ? text.n : end + 1;
		sg_buf_fill(out, ' ', indent);
		sg_buf_str(out, sg_str_sub(text, at, end - at));
	}
}

bool sg_yaml_emit(struct sg_buf *out, const struct sg_node *tree, size_t indent)
{
	struct writer w;
	begin(&w);
	bool good = put_node(&w, tree);
	if (good) {
		finish(&w);
		add_indented(out, sg_buf_view(&w.out), indent);
	}
	done(&w);
	return good;
}
