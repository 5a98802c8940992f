/*
 * `sandboxgen graph TEMPLATE`: what the audit found about the network, drawn.
 */
#include "audit/audit.h"
#include "cli/cli_priv.h"
#include "draw/draw.h"
#include "yaml/yaml.h"

#include <string.h>

static const struct sg_option options[] = {
	{"format", 'f', "FORMAT", false, "how it is drawn (default: mermaid)", "mermaid|dot|svg"},
	{"output", 'o', "FILE", false, "write the picture into FILE", NULL},
	{"function", 0, "LOGICAL_ID", true, "draw these functions alone", NULL},
	{"parameter-overrides", 'p', "K=V", true, "parameter values that the deployment passes", NULL},
	{"parameters", 0, "FILE", false, "parameter values in a file of CloudFormation's, CodePipeline's or SAM's form",
	 NULL},
	{"config-file", 0, "FILE", false, "take the parameter values that sam deploy has in this samconfig", NULL},
	{"config-env", 0, "NAME", false, "the environment of that samconfig", NULL},
	{"assume", 0, "FILE", false, "what is known about subnets, groups and VPCs outside of the template", NULL},
	{"no-inline", 0, NULL, false, "ignore what the template says about itself", NULL},
	{0},
};

static enum sg_draw_format format_of(const struct sg_cli *cli)
{
	const char *name = sg_cli_value(cli, "format");
	if (name && !strcmp(name, "svg"))
		return SG_DRAW_SVG;
	return name && !strcmp(name, "dot") ? SG_DRAW_DOT : SG_DRAW_MERMAID;
}

static bool read_options(struct sg_cli *cli, struct sg_audit_options *o)
{
	struct sg_overrides all = {0};
	bool samconfig = sg_cli_flag(cli, "config-file") || sg_cli_flag(cli, "config-env");
	*o = (struct sg_audit_options){.bounds = SG_BOUNDS_DEFAULT, .no_inline = sg_cli_flag(cli, "no-inline")};
	if (!sg_cli_deployment(cli, samconfig, &all) || !sg_cli_assumptions(cli, o))
		return false;
	sg_cli_functions(cli, o);
	o->overrides = all.v;
	o->n_overrides = all.n;
	o->load = sg_cli_include;
	o->load_context = cli;
	return true;
}

static int run(struct sg_cli *cli)
{
	struct sg_audit_options o;
	const char *path = cli->n_args ? cli->args[0] : "template.yaml", *output = sg_cli_value(cli, "output");
	if (!read_options(cli, &o))
		return SG_EXIT_ERROR;
	uint32_t source = sg_cli_source(cli, path, sg_yaml_limits_default.bytes);
	struct sg_findings *findings = source ? sg_cli_judge(cli, source, &o) : NULL;
	if (!findings)
		return SG_EXIT_ERROR;
	sg_draw(&cli->out, cli->sources, findings, format_of(cli));
	if (!output)
		return SG_EXIT_YES;
	bool ok = sg_cli_write_file(cli, output, sg_buf_view(&cli->out));
	cli->out.n = 0;
	return ok ? SG_EXIT_YES : SG_EXIT_ERROR;
}

const struct sg_command sg_cmd_graph = {
	.name = "graph",
	.usage = "[TEMPLATE]",
	.summary = "draw the sandbox, its walls, and every way out in red",
	.details =
		"TEMPLATE is template.yaml by default, in YAML or JSON; - is standard input.  Green is a wall that holds for\n"
		"every deployment, yellow one that nobody can prove, red one that is open, with the way through it hop by hop.\n"
		"The exit code says only whether it could be drawn: the gate is audit.",
	.min_args = 0,
	.max_args = 1,
	.options = options,
	.run = run,
};
