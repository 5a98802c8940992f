/*
 * libfyaml's events.  Its document interface is slow, shallow and loses positions, so only events are used, and only on
 * texts that libyaml has read within the limits: libfyaml keeps a whole line's tokens in memory.
 */
#include "yaml/yaml_priv.h"

#include <libfyaml.h>

struct sg_yaml_fy {
	struct sg_yaml_input *in;
	struct fy_diag *diag;
	struct fy_parser *parser;
	struct fy_event *event; /* the one handed out */
};

struct sg_yaml_fy *sg_yaml_fy_open(struct sg_yaml_input *in)
{
	struct sg_yaml_fy *fy = SG_NEW(in->scratch, struct sg_yaml_fy);
	struct fy_diag_cfg quiet;
	fy_diag_cfg_default(&quiet);
	quiet.fp = NULL;
	fy->in = in;
	fy->diag = fy_diag_create(&quiet);
	if (!fy->diag)
		sg_oom();
	fy_diag_set_collect_errors(fy->diag, true);
	struct fy_parse_cfg cfg = {
		.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_DISABLE_DEPTH_LIMIT | FYPCF_JSON_NONE,
		.diag = fy->diag,
	};
	fy->parser = fy_parser_create(&cfg);
	if (!fy->parser || fy_parser_set_string(fy->parser, in->text.n ? in->text.p : "", in->text.n))
		sg_oom();
	return fy;
}

void sg_yaml_fy_close(struct sg_yaml_fy *fy)
{
	fy_parser_event_free(fy->parser, fy->event);
	fy_parser_destroy(fy->parser);
	fy_diag_destroy(fy->diag);
}

static bool parser_failed(struct sg_yaml_fy *fy)
{
	void *state = NULL;
	struct fy_diag_error *e = fy_diag_errors_iterate(fy->diag, &state);
	const struct fy_mark *mark = e && e->fyt ? fy_token_start_mark(e->fyt) : NULL;
	size_t at = mark ? mark->input_pos : 0;
	return sg_yaml_error(fy->in, at, at, "write it so that every YAML reader takes it, for example in quotes", "%s",
			     e && e->msg ? e->msg : "libfyaml cannot read this file, though libyaml can");
}

static struct sg_str token_text(struct fy_token *token)
{
	struct sg_str s = {NULL, 0};
	s.p = token ? fy_token_get_text(token, &s.n) : NULL;
	return s.p ? s : SG_LIT("");
}

static size_t token_end(struct fy_token *token)
{
	const struct fy_mark *mark = token ? fy_token_end_mark(token) : NULL;
	return mark ? mark->input_pos : 0;
}

static void take_properties(struct sg_yaml_fy_event *ev, struct fy_token *tag, struct fy_token *anchor)
{
	const struct fy_mark *start = tag ? fy_token_start_mark(tag) : NULL;
	ev->tag = token_text(tag);
	ev->tag_start = start ? start->input_pos : 0;
	ev->tag_end = token_end(tag);
	ev->anchor = token_text(anchor);
	size_t behind = token_end(anchor);
	ev->properties_end = behind > ev->tag_end ? behind : ev->tag_end;
}

/* False for the events that the log has no place for. */
static bool take_event(struct fy_event *e, struct sg_yaml_fy_event *ev)
{
	switch (e->type) {
	case FYET_SCALAR:
		ev->kind = SG_YAML_SCALAR;
		ev->text = token_text(e->scalar.value);
		ev->plain = !e->scalar.value || fy_token_scalar_style(e->scalar.value) == FYSS_PLAIN;
		take_properties(ev, e->scalar.tag, e->scalar.anchor);
		return true;
	case FYET_ALIAS:
		ev->kind = SG_YAML_ALIAS;
		ev->anchor = token_text(e->alias.anchor);
		return true;
	case FYET_SEQUENCE_START:
		ev->kind = SG_YAML_SEQ;
		take_properties(ev, e->sequence_start.tag, e->sequence_start.anchor);
		return true;
	case FYET_MAPPING_START:
		ev->kind = SG_YAML_MAP;
		take_properties(ev, e->mapping_start.tag, e->mapping_start.anchor);
		return true;
	case FYET_SEQUENCE_END:
	case FYET_MAPPING_END:
		ev->kind = SG_YAML_CLOSE;
		return true;
	case FYET_STREAM_END:
		ev->kind = SG_YAML_END;
		return true;
	default:
		return false;
	}
}

/* A stream that ends before the text does has lost something silently. */
static bool ends_at_the_end(struct sg_yaml_fy *fy)
{
	const struct fy_mark *mark = fy_event_end_mark(fy->event);
	size_t at = mark ? mark->input_pos : 0;
	return at == fy->in->text.n ||
	       sg_yaml_error(fy->in, at, at, NULL, "libfyaml stops reading here, before the end of the file");
}

bool sg_yaml_fy_next(struct sg_yaml_fy *fy, struct sg_yaml_fy_event *ev)
{
	do {
		fy_parser_event_free(fy->parser, fy->event);
		fy->event = fy_parser_parse(fy->parser);
		if (!fy->event || fy_parser_get_stream_error(fy->parser))
			return parser_failed(fy);
		*ev = (struct sg_yaml_fy_event){.text = SG_LIT("")};
	} while (!take_event(fy->event, ev));
	return ev->kind != SG_YAML_END || ends_at_the_end(fy);
}
