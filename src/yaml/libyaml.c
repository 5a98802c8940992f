/*
 * libyaml's events.  It is the reader that goes first: it needs no more memory than depth asks for, refuses what PyYAML
 * refuses with few exceptions (those are text.c's), and reads scalars as PyYAML does.
 */
#include "yaml/yaml_priv.h"

#include <string.h>
#include <yaml.h>

/* libyaml counts characters; a text is walked through once, mostly forwards. */
struct cursor {
	size_t characters, bytes;
};

struct reader {
	struct sg_yaml_input *in;
	struct sg_yaml_log *log;
	struct cursor cursor;
	size_t depth, nodes, documents;
};

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static size_t byte_of(struct reader *r, yaml_mark_t mark)
{
	struct sg_str text = r->in->text;
	struct cursor c = r->cursor;
	while (c.characters < mark.index && c.bytes < text.n) {
		do
			c.bytes++;
		while (c.bytes < text.n && is_continuation(text.p[c.bytes]));
		c.characters++;
	}
	while (c.characters > mark.index && c.bytes > 0) {
		do
			c.bytes--;
		while (c.bytes > 0 && is_continuation(text.p[c.bytes]));
		c.characters--;
	}
	r->cursor = c;
	return c.bytes;
}

/* ---------------------------------------------------------------------------------------------- errors */

static const struct {
	const char *problem, *hint;
} hints[] = {
	{"mapping values are not allowed", "put the text in quotes, or start the nested key on a line of its own"},
	{"cannot start any token", "put the text in quotes; indent with blanks, not tabs"},
	{"could not find expected ':'", "a key needs ': ' behind it; a text over several lines needs quotes or '|'"},
	{"did not find expected key", "check the indentation here, and the quotes above"},
	{"did not find expected '-' indicator", "check the indentation here"},
	{"did not find expected ',' or", "a list in [] or a map in {} is not closed, or a ',' is missing"},
	{"tab character", "indent with blanks"},
	{"unexpected end of stream", "close the quotes"},
	{"block sequence entries are not allowed", "start the list on a line of its own"},
	{"incompatible YAML document", "remove the %YAML line: 1.1 and 1.2 alone are known"},
	{"undefined tag handle", "write the tag without a handle, as in !Ref"},
	{"unknown escape character", "use single quotes, or write the backslash twice"},
};

static const char *hint_for(const char *problem)
{
	for (size_t i = 0; i < sizeof(hints) / sizeof(*hints); i++)
		if (strstr(problem, hints[i].problem))
			return hints[i].hint;
	return NULL;
}

static bool parser_failed(struct reader *r, const yaml_parser_t *parser)
{
	if (parser->error == YAML_MEMORY_ERROR)
		sg_oom();
	const char *problem = parser->problem ? parser->problem : "this is not YAML";
	/* of quotes that are not closed, the start says more than the end of the file */
	bool unclosed = strstr(problem, "end of stream") && parser->context;
	size_t at = byte_of(r, unclosed ? parser->context_mark : parser->problem_mark), end = at;
	while (end < r->in->text.n && r->in->text.p[end] != '\n' && r->in->text.p[end] != ' ' && end - at < 40)
		end++;
	if (parser->context && *parser->context)
		return sg_yaml_error(r->in, at, end, hint_for(problem), "%s %s", problem, parser->context);
	return sg_yaml_error(r->in, at, end, hint_for(problem), "%s", problem);
}

/* ---------------------------------------------------------------------------------------------- events */

static struct sg_str copy(struct reader *r, const yaml_char_t *s, size_t n)
{
	return sg_str_dup(r->in->arena, (struct sg_str){(const char *)s, n});
}

static struct sg_str name(struct reader *r, const yaml_char_t *s)
{
	return s && *s ? copy(r, s, strlen((const char *)s)) : SG_LIT("");
}

/* Most scalars stand in the source as they are: those are views of it. */
static struct sg_str scalar_text(struct reader *r, const yaml_event_t *e, size_t start, size_t end)
{
	size_t n = e->data.scalar.length, quote = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	const char *p = r->in->text.p + start + quote;
	if (end - start == n + 2 * quote && (!n || !memcmp(p, e->data.scalar.value, n)))
		return (struct sg_str){p, n};
	return copy(r, e->data.scalar.value, n);
}

static enum sg_style scalar_style(yaml_scalar_style_t style)
{
	switch (style) {
	case YAML_SINGLE_QUOTED_SCALAR_STYLE:
		return SG_SINGLE;
	case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
		return SG_DOUBLE;
	case YAML_LITERAL_SCALAR_STYLE:
		return SG_LITERAL;
	case YAML_FOLDED_SCALAR_STYLE:
		return SG_FOLDED;
	default:
		return SG_PLAIN;
	}
}

static void take_scalar(struct reader *r, const yaml_event_t *e, struct sg_yaml_event *ev)
{
	ev->style = scalar_style(e->data.scalar.style);
	ev->tag = name(r, e->data.scalar.tag);
	ev->anchor = name(r, e->data.scalar.anchor);
	ev->text = scalar_text(r, e, ev->start, ev->end);
}

static bool open_collection(struct reader *r, struct sg_yaml_event *ev, bool flow)
{
	ev->style = flow ? SG_FLOW : SG_BLOCK;
	if (++r->depth > r->in->limits.depth)
		return sg_yaml_error(r->in, ev->start, ev->start + 1, NULL, "nested deeper than %zu levels",
				     r->in->limits.depth);
	return true;
}

static bool count_node(struct reader *r, const struct sg_yaml_event *ev)
{
	if (++r->nodes > r->in->limits.nodes)
		return sg_yaml_error(r->in, ev->start, ev->start, NULL, "more than %zu values in one file",
				     r->in->limits.nodes);
	return true;
}

static bool start_document(struct reader *r, const yaml_event_t *e)
{
	size_t at = byte_of(r, e->start_mark);
	if (!r->documents++)
		return true;
	if (r->in->first) {
		r->in->second = at;
		r->in->text.n = at;
		SG_PUSH(r->in->scratch, &r->log->events, ((struct sg_yaml_event){.kind = SG_YAML_END}));
		return true;
	}
	return sg_yaml_error(r->in, at, at + 3, "split the file", "a second YAML document in one file");
}

/* Appends the event to the log. */
static bool take_event(struct reader *r, const yaml_event_t *e)
{
	struct sg_yaml_event ev = {.start = byte_of(r, e->start_mark)};
	bool good = true, node = true;
	ev.end = byte_of(r, e->end_mark);
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		take_scalar(r, e, &ev);
		break;
	case YAML_ALIAS_EVENT:
		ev.kind = SG_YAML_ALIAS;
		ev.anchor = name(r, e->data.alias.anchor);
		break;
	case YAML_SEQUENCE_START_EVENT:
		ev.kind = SG_YAML_SEQ;
		ev.tag = name(r, e->data.sequence_start.tag);
		ev.anchor = name(r, e->data.sequence_start.anchor);
		good = open_collection(r, &ev, e->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE);
		break;
	case YAML_MAPPING_START_EVENT:
		ev.kind = SG_YAML_MAP;
		ev.tag = name(r, e->data.mapping_start.tag);
		ev.anchor = name(r, e->data.mapping_start.anchor);
		good = open_collection(r, &ev, e->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE);
		break;
	case YAML_DOCUMENT_START_EVENT:
		return start_document(r, e);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		ev.kind = SG_YAML_CLOSE;
		r->depth--;
		node = false;
		break;
	case YAML_STREAM_END_EVENT:
		ev.kind = SG_YAML_END;
		node = false;
		break;
	default:
		return true;
	}
	SG_PUSH(r->in->scratch, &r->log->events, ev);
	return good && (!node || count_node(r, &ev));
}

static bool run(struct reader *r, yaml_parser_t *parser)
{
	for (bool end = false; !end;) {
		yaml_event_t e;
		if (!yaml_parser_parse(parser, &e))
			return parser_failed(r, parser);
		bool good = take_event(r, &e);
		end = e.type == YAML_STREAM_END_EVENT || r->in->second;
		yaml_event_delete(&e);
		if (!good)
			return false;
	}
	if (!r->documents)
		return sg_yaml_error(r->in, 0, 0, "{} is a file that says nothing", "the file is empty");
	return true;
}

bool sg_yaml_log_fill(struct sg_yaml_input *in, struct sg_yaml_log *log)
{
	struct reader r = {.in = in, .log = log};
	yaml_parser_t parser;
	if (!yaml_parser_initialize(&parser))
		sg_oom();
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)in->text.p, in->text.n);
	bool good = run(&r, &parser);
	yaml_parser_delete(&parser);
	return good;
}
