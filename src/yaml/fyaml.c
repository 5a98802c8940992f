/*
 * libfyaml's events, to compare with.  Its document interface is slow and shallow, so only events are used, and only on
 * texts that libyaml has read within the limits: libfyaml keeps a whole line's tokens in memory.
 */
#include "yaml/yaml_priv.h"

#include <libfyaml.h>

struct sg_yaml_fy {
	size_t size; /* of the text */
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
	fy->size = in->text.n;
	fy->diag = fy_diag_create(&quiet);
	if (!fy->diag)
		sg_oom();
	fy_diag_set_collect_errors(fy->diag, true);
	struct fy_parse_cfg cfg = {
		.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_DISABLE_DEPTH_LIMIT | FYPCF_JSON_NONE |
			 FYPCF_SLOPPY_FLOW_INDENTATION, /* as YAML 1.1 has it */
		.diag = fy->diag,
	};
	fy->parser = fy_parser_create(&cfg);
	if (!fy->parser || fy_parser_set_string(fy->parser, in->text.n ? in->text.p : "", in->text.n))
		sg_oom();
	return fy;
}

void sg_yaml_fy_close(struct sg_yaml_fy *fy)
{
	if (!fy)
		return;
	fy_parser_event_free(fy->parser, fy->event);
	fy_parser_destroy(fy->parser);
	fy_diag_destroy(fy->diag);
}

static bool parser_failed(struct sg_yaml_fy *fy, size_t *at, struct sg_str *why)
{
	void *state = NULL;
	struct fy_diag_error *e = fy_diag_errors_iterate(fy->diag, &state);
	const struct fy_mark *mark = e && e->fyt ? fy_token_start_mark(e->fyt) : NULL;
	*at = mark ? mark->input_pos : 0;
	*why = e && e->msg ? sg_str(e->msg) : SG_LIT("it gives no reason");
	return false;
}

static struct sg_str token_text(struct fy_token *token)
{
	struct sg_str s = {NULL, 0};
	s.p = token ? fy_token_get_text(token, &s.n) : NULL;
	return s.p ? s : SG_LIT("");
}

/* False for the events that the log has no place for. */
static bool take_event(struct fy_event *e, struct sg_yaml_fy_event *ev)
{
	switch (e->type) {
	case FYET_SCALAR:
		ev->kind = SG_YAML_SCALAR;
		ev->text = token_text(e->scalar.value);
		ev->plain = !e->scalar.value || fy_token_scalar_style(e->scalar.value) == FYSS_PLAIN;
		ev->tag = token_text(e->scalar.tag);
		ev->anchor = token_text(e->scalar.anchor);
		return true;
	case FYET_ALIAS:
		ev->kind = SG_YAML_ALIAS;
		ev->anchor = token_text(e->alias.anchor);
		return true;
	case FYET_SEQUENCE_START:
		ev->kind = SG_YAML_SEQ;
		ev->tag = token_text(e->sequence_start.tag);
		ev->anchor = token_text(e->sequence_start.anchor);
		return true;
	case FYET_MAPPING_START:
		ev->kind = SG_YAML_MAP;
		ev->tag = token_text(e->mapping_start.tag);
		ev->anchor = token_text(e->mapping_start.anchor);
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
static bool ends_at_the_end(struct sg_yaml_fy *fy, size_t *at, struct sg_str *why)
{
	const struct fy_mark *mark = fy_event_end_mark(fy->event);
	*at = mark ? mark->input_pos : 0;
	*why = SG_LIT("it stops reading before the end of the file");
	return *at == fy->size;
}

bool sg_yaml_fy_next(struct sg_yaml_fy *fy, struct sg_yaml_fy_event *ev, size_t *at, struct sg_str *why)
{
	do {
		fy_parser_event_free(fy->parser, fy->event);
		fy->event = fy_parser_parse(fy->parser);
		if (!fy->event || fy_parser_get_stream_error(fy->parser))
			return parser_failed(fy, at, why);
		*ev = (struct sg_yaml_fy_event){.text = SG_LIT("")};
	} while (!take_event(fy->event, ev));
	return ev->kind != SG_YAML_END || ends_at_the_end(fy, at, why);
}
