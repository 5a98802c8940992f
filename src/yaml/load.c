/*
 * From events to the tree.  It is built from libyaml's log; libfyaml's events go beside it as long as they are the
 * same.  Spans, aliases and ceilings are decided here; what keys mean is not.
 */
#include "yaml/yaml_priv.h"

#include <string.h>

#define KEPT_MAX 1000

/* libfyaml 0.7.12 needs time with the square of the blank lines in a row of one scalar: 17 s for 100,000.  This much
 * (in lines squared) it may spend in one text, a fraction of a second. */
#define BLANK_LINES_MAX 50000000

const struct sg_yaml_limits sg_yaml_limits_default = {
	.bytes = (size_t)16 << 20,
	.depth = 200,
	.nodes = 1000000,
	.expanded = 1000000,
};

struct anchor {
	const struct sg_node *node; /* NULL while it is open */
};

/* A collection that is open. */
struct frame {
	const struct sg_yaml_event *event;
	struct anchor *anchor;
	size_t from; /* its first child in `pending` */
	size_t start;
	struct sg_span tag_span;
};

struct loader {
	struct sg_yaml_input in;
	enum sg_yaml_reader reader;
	struct sg_yaml_notes *notes;
	struct sg_map *anchors;
	SG_VEC(struct frame) open;
	SG_VEC(const struct sg_node *) pending; /* children of all open collections, innermost last */
	uint64_t expanded;
	size_t checked; /* up to here the text between scalars was looked at */
	const struct sg_node *root;
	struct sg_yaml_fy *fy;                /* NULL once the two have parted */
	const struct sg_yaml_fy_event *other; /* libfyaml's event for the present one, or NULL */
	uint64_t blank_lines;                 /* what libfyaml had to spend on them, see BLANK_LINES_MAX */
	bool last_differs;                    /* the last scalar was read otherwise */
};

struct sg_span sg_yaml_span(const struct sg_yaml_input *in, size_t start, size_t end)
{
	if (end > in->text.n)
		end = in->text.n;
	if (start > end)
		start = end;
	return (struct sg_span){in->source, (uint32_t)(in->base + start), (uint32_t)(in->base + end)};
}

bool sg_yaml_error(struct sg_yaml_input *in, size_t start, size_t end, const char *hint, const char *fmt, ...)
{
	struct sg_buf message = {0};
	va_list ap;
	va_start(ap, fmt);
	sg_buf_vaddf(&message, fmt, ap);
	va_end(ap);
	sg_diag(in->diags, SG_ERROR, sg_yaml_span(in, start, end), hint, "%s", message.p);
	sg_buf_free(&message);
	return false;
}

/* ---------------------------------------------------------------------------------------------- places */

/* Where the value itself starts (libyaml's mark is at its first property), and its tag. */
static size_t value_start(const struct loader *l, const struct sg_yaml_event *ev, struct sg_span *tag)
{
	size_t start = 0, end = 0;
	*tag = (struct sg_span){0, 0, 0};
	if (!ev->tag.n && !ev->anchor.n)
		return ev->start;
	size_t behind = sg_yaml_skip_properties(&l->in, ev, &start, &end);
	if (ev->tag.n)
		*tag = sg_yaml_span(&l->in, start, end);
	if (ev->kind == SG_YAML_SCALAR && ev->style == SG_PLAIN && !ev->text.n)
		return behind;
	return sg_yaml_skip_blank(&l->in, behind);
}

static bool is_block_scalar(const struct sg_yaml_event *ev)
{
	return ev->style == SG_LITERAL || ev->style == SG_FOLDED;
}

/* The end of what was written: a block scalar's mark lies behind the blank lines that follow it. */
static size_t value_end(const struct loader *l, const struct sg_yaml_event *ev, size_t start)
{
	size_t end = ev->end;
	while (is_block_scalar(ev) && end > start && strchr(" \t\r\n", l->in.text.p[end - 1]))
		end--;
	return end > start ? end : start;
}

/* The text up to this scalar, and the scalar itself as far as it may hold no tab. */
static bool check_text(struct loader *l, const struct sg_yaml_event *ev, size_t start)
{
	size_t gap_end = start, end = ev->end > start ? ev->end : start;
	if (is_block_scalar(ev)) { /* its header may hold a comment */
		while (gap_end < end && l->in.text.p[gap_end] != '\n' && l->in.text.p[gap_end] != '\r')
			gap_end++;
		if (!sg_yaml_check_header(&l->in, start, gap_end))
			return false;
	}
	if (gap_end > l->checked && !sg_yaml_check_gap(&l->in, l->checked, gap_end))
		return false;
	if (end > l->checked)
		l->checked = end;
	return ev->style != SG_PLAIN || sg_yaml_check_plain(&l->in, start, end);
}

static bool in_brackets(const struct loader *l)
{
	return l->open.n && l->open.v[l->open.n - 1].event->style == SG_FLOW;
}

/* What PyYAML refuses and libyaml does not. */
static bool check_as_pyyaml(struct loader *l, const struct sg_yaml_event *ev, size_t start, struct sg_span tag)
{
	if (tag.source && !sg_yaml_check_tag(&l->in, tag.start - l->in.base, tag.end - l->in.base))
		return false;
	if (ev->kind != SG_YAML_SCALAR)
		return true;
	if (ev->style == SG_PLAIN && in_brackets(l) && !sg_yaml_check_flow_plain(&l->in, start, ev->end))
		return false;
	return check_text(l, ev, start);
}

/* ---------------------------------------------------------------------------------------------- building */

static bool is_key_next(const struct loader *l)
{
	if (!l->open.n)
		return false;
	const struct frame *f = &l->open.v[l->open.n - 1];
	return f->event->kind == SG_YAML_MAP && (l->pending.n - f->from) % 2 == 0;
}

static bool check_key(struct loader *l, const struct sg_node *key)
{
	size_t start = key->span.start - l->in.base, end = key->span.end - l->in.base;
	if (key->kind != SG_SCALAR)
		return sg_yaml_error(&l->in, start, end, "use a string as the key", "a list or map cannot be a key");
	if (sg_node_tag(key).n > 1 && sg_node_tag(key).p[0] == '!')
		return sg_yaml_error(&l->in, start, end, "use a string as the key", "%.*s cannot be a key",
				     SG_FMT(sg_node_tag(key)));
	return true;
}

/* Hands a finished node to the collection it belongs to. */
static bool deliver(struct loader *l, const struct sg_node *n)
{
	if (is_key_next(l) && !check_key(l, n))
		return false;
	if (l->open.n)
		SG_PUSH(l->in.scratch, &l->pending, n);
	else
		l->root = n;
	return true;
}

static bool count_expanded(struct loader *l, const struct sg_yaml_event *ev, uint64_t weight)
{
	if (__builtin_add_overflow(l->expanded, weight, &l->expanded) || l->expanded > l->in.limits.expanded)
		return sg_yaml_error(&l->in, ev->start, ev->end, "write the values out instead of aliases of aliases",
				     "the aliases expand to more than %llu values",
				     (unsigned long long)l->in.limits.expanded);
	return true;
}

/* Makes the event's anchor known; *out stays NULL where it has none. */
static bool set_anchor(struct loader *l, const struct sg_yaml_event *ev, struct anchor **out)
{
	if (!ev->anchor.n)
		return true;
	if (sg_map_get(l->anchors, ev->anchor))
		return sg_yaml_error(&l->in, ev->start, ev->start + 1 + ev->anchor.n,
				     "give each anchor a name of its own", "the anchor '&%.*s' is there twice",
				     SG_FMT(ev->anchor));
	*out = SG_NEW(l->in.scratch, struct anchor);
	sg_map_put(l->anchors, ev->anchor, *out);
	return true;
}

static void note_difference(struct loader *l, const struct sg_node *n, struct sg_str libyaml)
{
	if (!l->notes || l->notes->differences.n >= KEPT_MAX)
		return;
	struct sg_yaml_difference d = {n, sg_str_dup(l->in.arena, l->other->text), libyaml};
	SG_PUSH(l->in.arena, &l->notes->differences, d);
}

static bool take_scalar(struct loader *l, const struct sg_yaml_event *ev)
{
	struct sg_span tag;
	size_t start = value_start(l, ev, &tag);
	struct anchor *anchor = NULL;
	if (!check_as_pyyaml(l, ev, start, tag) || !count_expanded(l, ev, 1) || !set_anchor(l, ev, &anchor))
		return false;
	bool same = !l->other || sg_str_eq(ev->text, l->other->text);
	bool theirs = !same && l->reader == SG_YAML_LIBFYAML;
	struct sg_str text = theirs ? sg_str_dup(l->in.arena, l->other->text) : ev->text;
	struct sg_node *n = sg_node_scalar(l->in.arena, text, ev->style, SG_WHY_SOURCE, NULL);
	sg_node_set_tag(l->in.arena, n, ev->tag, tag);
	n->span = sg_yaml_span(&l->in, start, value_end(l, ev, start));
	if (!same)
		note_difference(l, n, ev->text);
	l->last_differs = !same;
	if (anchor)
		anchor->node = n;
	return deliver(l, n);
}

static bool take_alias(struct loader *l, const struct sg_yaml_event *ev)
{
	const struct anchor *anchor = sg_map_get(l->anchors, ev->anchor);
	if (!anchor)
		return sg_yaml_error(&l->in, ev->start, ev->end, "an alias needs an anchor above it: &name",
				     "there is no anchor '&%.*s'", SG_FMT(ev->anchor));
	if (!anchor->node)
		return sg_yaml_error(&l->in, ev->start, ev->end, "write the value out",
				     "the alias '*%.*s' stands for a value that contains it", SG_FMT(ev->anchor));
	if (!count_expanded(l, ev, anchor->node->weight))
		return false;
	return deliver(l, sg_node_alias(l->in.arena, anchor->node, sg_yaml_span(&l->in, ev->start, ev->end)));
}

static bool open_collection(struct loader *l, const struct sg_yaml_event *ev)
{
	struct frame f = {.event = ev, .from = l->pending.n};
	f.start = value_start(l, ev, &f.tag_span);
	if (!check_as_pyyaml(l, ev, f.start, f.tag_span) || !count_expanded(l, ev, 1) || !set_anchor(l, ev, &f.anchor))
		return false;
	SG_PUSH(l->in.scratch, &l->open, f);
	return true;
}

static struct sg_node *make_seq(struct loader *l, const struct sg_node **children, size_t n)
{
	const struct sg_node **items = SG_NEW_ARRAY(l->in.arena, n, const struct sg_node *);
	if (n)
		memcpy(items, children, n * sizeof(*items));
	return sg_node_seq(l->in.arena, items, n, SG_WHY_SOURCE, NULL);
}

static struct sg_node *make_map(struct loader *l, const struct sg_node **children, size_t n)
{
	struct sg_member *members = SG_NEW_ARRAY(l->in.arena, n / 2, struct sg_member);
	for (size_t i = 0; i < n / 2; i++)
		members[i] = (struct sg_member){children[2 * i], children[2 * i + 1]};
	struct sg_node *map = sg_node_map(l->in.arena, members, n / 2, SG_WHY_SOURCE, NULL);
	if (l->notes)
		sg_yaml_note_duplicates(&l->in, map, l->notes);
	return map;
}

static bool close_collection(struct loader *l, const struct sg_yaml_event *ev)
{
	struct frame f = l->open.v[--l->open.n];
	const struct sg_node **children = l->pending.v ? l->pending.v + f.from : NULL;
	size_t n = l->pending.n - f.from;
	size_t end = ev->end;
	if (f.event->style == SG_BLOCK) /* its mark lies at the next token */
		end = n ? children[n - 1]->span.end - l->in.base : f.start;
	struct sg_node *node = (f.event->kind == SG_YAML_MAP ? make_map : make_seq)(l, children, n);
	l->pending.n = f.from;
	node->style = f.event->style;
	sg_node_set_tag(l->in.arena, node, f.event->tag, f.tag_span);
	node->span = sg_yaml_span(&l->in, f.start, end > f.start ? end : f.start);
	if (f.anchor)
		f.anchor->node = node;
	return deliver(l, node);
}

/* ---------------------------------------------------------------------------------------------- side by side */

static bool same_event(const struct sg_yaml_event *a, const struct sg_yaml_fy_event *b)
{
	return a->kind == b->kind && sg_str_eq(a->tag, b->tag) && sg_str_eq(a->anchor, b->anchor) &&
	       (a->kind != SG_YAML_SCALAR || (a->style == SG_PLAIN) == b->plain);
}

/* From here on libfyaml is not asked any more.  A difference in the scalar just before belongs to the same trouble. */
static void part(struct loader *l, size_t at, struct sg_str why)
{
	sg_yaml_fy_close(l->fy);
	l->fy = NULL;
	if (l->notes && !l->notes->parted_why.n) {
		l->notes->parted = sg_yaml_span(&l->in, at, at);
		l->notes->parted_why = why;
		if (l->last_differs && l->notes->differences.n)
			l->notes->differences.n--;
	}
}

/* Whether libfyaml can be asked for this scalar within its time. */
static bool is_affordable(struct loader *l, const struct sg_yaml_event *ev)
{
	uint64_t run = 0;
	for (size_t i = ev->start; ev->kind == SG_YAML_SCALAR && i < ev->end && i < l->in.text.n; i++) {
		char c = l->in.text.p[i];
		run = c == '\n' || c == '\r' ? run + 1 : c == ' ' || c == '\t' ? run : 0;
		if (c == '\n' || c == '\r')
			l->blank_lines += 2 * run; /* the sum of 2n is the square of the run */
	}
	return l->blank_lines < BLANK_LINES_MAX;
}

/* Puts libfyaml's event for this one into l->other, or parts. */
static bool compare(struct loader *l, const struct sg_yaml_event *ev, struct sg_yaml_fy_event *other)
{
	size_t at = ev->start;
	struct sg_str why = SG_LIT("it sees another structure");
	l->other = NULL;
	if (!l->fy)
		return true;
	if (!is_affordable(l, ev))
		why = SG_LIT("it is not asked about texts with so many blank lines");
	else if (sg_yaml_fy_next(l->fy, other, &at, &why) && same_event(ev, other)) {
		l->other = other;
		return true;
	}
	why = sg_str_dup(l->in.arena, why);
	part(l, at, why);
	if (l->reader == SG_YAML_LIBFYAML)
		return sg_yaml_error(&l->in, at, at, NULL, "libfyaml: %.*s", SG_FMT(why));
	return true;
}

static bool take_event(struct loader *l, const struct sg_yaml_event *ev)
{
	switch (ev->kind) {
	case SG_YAML_SCALAR:
		return take_scalar(l, ev);
	case SG_YAML_ALIAS:
		return take_alias(l, ev);
	case SG_YAML_CLOSE:
		return close_collection(l, ev);
	case SG_YAML_END:
		return sg_yaml_check_gap(&l->in, l->checked, l->in.text.n);
	default:
		return open_collection(l, ev);
	}
}

static bool load(struct loader *l)
{
	struct sg_yaml_log log = {{0}};
	if (!sg_yaml_check_text(&l->in) || !sg_yaml_log_fill(&l->in, &log))
		return false;
	if (l->notes || l->reader == SG_YAML_LIBFYAML) /* else nobody asks what it reads */
		l->fy = sg_yaml_fy_open(&l->in);
	bool good = true;
	for (size_t i = 0; i < log.events.n && good; i++) {
		struct sg_yaml_fy_event other;
		good = compare(l, &log.events.v[i], &other) && take_event(l, &log.events.v[i]);
	}
	sg_yaml_fy_close(l->fy);
	return good;
}

static struct sg_yaml_limits limits_of(const struct sg_yaml_limits *given)
{
	struct sg_yaml_limits l = given ? *given : (struct sg_yaml_limits){0};
	const struct sg_yaml_limits *d = &sg_yaml_limits_default;
	l.bytes = l.bytes ? l.bytes : d->bytes;
	l.depth = l.depth ? l.depth : d->depth;
	l.nodes = l.nodes ? l.nodes : d->nodes;
	l.expanded = l.expanded ? l.expanded : d->expanded;
	if (l.bytes > UINT32_MAX) /* what a span can point at */
		l.bytes = UINT32_MAX;
	return l;
}

static bool open_text(struct loader *l)
{
	struct sg_str text = sg_source_text(sg_diags_sources(l->in.diags), l->in.source);
	if (text.n > l->in.limits.bytes) {
		sg_diag(l->in.diags, SG_ERROR, (struct sg_span){l->in.source, 0, 0}, NULL,
			"the file is larger than %zu bytes", l->in.limits.bytes);
		return false;
	}
	l->in.base = sg_str_starts(text, "\xef\xbb\xbf") ? 3 : 0;
	l->in.text = sg_str_sub(text, l->in.base, SIZE_MAX);
	return true;
}

static const struct sg_node *run(struct loader *l)
{
	if (!open_text(l))
		return NULL;
	l->in.scratch = sg_arena_new();
	l->anchors = sg_map_new(l->in.scratch);
	bool good = load(l);
	sg_arena_free(l->in.scratch);
	return good ? l->root : NULL;
}

const struct sg_node *sg_yaml_load_by(enum sg_yaml_reader reader, struct sg_arena *a, struct sg_diags *d,
				      uint32_t source, const struct sg_yaml_limits *limits, struct sg_yaml_notes *notes)
{
	struct loader l = {
		.in = {.arena = a, .diags = d, .limits = limits_of(limits), .source = source},
		.reader = reader,
		.notes = notes,
	};
	return run(&l);
}

const struct sg_node *sg_yaml_load(struct sg_arena *a, struct sg_diags *d, uint32_t source,
				   const struct sg_yaml_limits *limits, struct sg_yaml_notes *notes)
{
	return sg_yaml_load_by(SG_YAML_LIBYAML, a, d, source, limits, notes);
}

const struct sg_node *sg_yaml_load_first(struct sg_arena *a, struct sg_diags *d, uint32_t source,
					 struct sg_span *second)
{
	struct loader l = {.in = {.arena = a, .diags = d, .limits = limits_of(NULL), .source = source, .first = true}};
	const struct sg_node *root = run(&l);
	uint32_t at = (uint32_t)(l.in.base + l.in.second); /* behind the end of what was read */
	*second = l.in.second ? (struct sg_span){source, at, at + 3} : (struct sg_span){0, 0, 0};
	return root;
}
