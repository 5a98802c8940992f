/* schema: the JSON Schema of sandbox.yaml, the same bytes that render writes for editors. */
#include "cli/cli_priv.h"

#include "render/render.h"

static int run(struct sg_cli *cli)
{
	sg_buf_str(&cli->out, sg_render_schema(cli->arena).text);
	return SG_EXIT_YES;
}

static const struct sg_option options[] = {{0}};

const struct sg_command sg_cmd_schema = {
	.name = "schema",
	.usage = "",
	.summary = "the JSON Schema of sandbox.yaml",
	.details =
		"For editors: `render` writes it to sandbox.schema.json, and the first line of sandbox.yaml names it.",
	.options = options,
	.run = run,
};
