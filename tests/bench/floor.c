/*
 * What an audit cannot do without: a process with the same libraries that reads the file and lets both readers of YAML go
 * through it once.  `make bench` measures the audit against it.
 */
#include "base/base.h"

#include <libfyaml.h>
#include <stdio.h>
#include <yajl/yajl_parse.h>
#include <yaml.h>

static bool by_libyaml(struct sg_str text)
{
	yaml_parser_t parser;
	yaml_event_t event;
	bool more = yaml_parser_initialize(&parser);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text.p, text.n);
	while (more) {
		if (!yaml_parser_parse(&parser, &event))
			break;
		more = event.type != YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	return !more;
}

static bool by_libfyaml(struct sg_str text)
{
	struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET};
	struct fy_parser *parser = fy_parser_create(&cfg);
	struct fy_event *event = NULL;
	bool ended = false;
	fy_parser_set_string(parser, text.p, text.n);
	while (!ended && (event = fy_parser_parse(parser))) {
		ended = event->type == FYET_STREAM_END;
		fy_parser_event_free(parser, event);
	}
	fy_parser_destroy(parser);
	return ended;
}

int main(int argc, char **argv)
{
	struct sg_arena *a = sg_arena_new();
	struct sg_str text;
	struct sg_status st;
	if (argc != 2 || !sg_file_read(a, argv[1], (size_t)64 << 20, &text, &st))
		return 2;
	yajl_handle json = yajl_alloc(NULL, NULL, NULL); /* linked, as the audit links it */
	bool ok = by_libyaml(text) && by_libfyaml(text);
	yajl_free(json);
	sg_arena_free(a);
	return ok ? puts("read") == EOF : 1;
}
