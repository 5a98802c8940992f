/*
 * --help, from the tables.
 */
#include "cli/cli_priv.h"

#include <string.h>

#define COLUMN 30 /* where the explanations start */

static void row(struct sg_buf *out, struct sg_str left, const char *right)
{
	sg_buf_addf(out, "  %.*s", SG_FMT(left));
	if (left.n + 4 > COLUMN)
		sg_buf_addf(out, "\n%*s", COLUMN, "");
	else
		sg_buf_fill(out, ' ', COLUMN - 2 - left.n);
	sg_buf_addf(out, "%s\n", right);
}

static void option_row(struct sg_buf *out, const struct sg_option *o)
{
	struct sg_buf left = {0}, right = {0};
	if (o->letter)
		sg_buf_addf(&left, "-%c, ", o->letter);
	sg_buf_addf(&left, "--%s", o->name);
	if (o->value)
		sg_buf_addf(&left, " %s%s", o->value, o->many ? "..." : "");
	sg_buf_adds(&right, o->help);
	if (o->choices)
		sg_buf_addf(&right, " (%s)", o->choices);
	row(out, sg_buf_view(&left), right.p);
	sg_buf_free(&left);
	sg_buf_free(&right);
}

static void option_rows(struct sg_buf *out, const struct sg_option *table)
{
	for (; table && table->name; table++)
		option_row(out, table);
}

void sg_help_program(struct sg_buf *out)
{
	sg_buf_adds(out, "usage: sandboxgen COMMAND [OPTIONS] [ARGUMENTS]\n\n"
			 "Makes, proves and runs a sandbox for untrusted Python scripts on AWS Lambda.\n\ncommands:\n");
	for (size_t i = 0; sg_commands[i]; i++)
		row(out, sg_str(sg_commands[i]->name), sg_commands[i]->summary);
	sg_buf_adds(out, "\noptions:\n");
	option_rows(out, sg_global_options);
	sg_buf_adds(out, "\nsandboxgen COMMAND --help tells more about a command.\n"
			 "Exit codes: 0 yes; 1 no (a finding, an unproven property, drift, a failed script); "
			 "2 it could not judge.\n");
}

void sg_help_command(struct sg_buf *out, const struct sg_command *command)
{
	sg_buf_addf(out, "usage: sandboxgen %s [OPTIONS]%s%s\n\n%s\n", command->name, *command->usage ? " " : "",
		    command->usage, command->summary);
	if (command->details)
		sg_buf_addf(out, "\n%s\n", command->details);
	sg_buf_adds(out, "\noptions:\n");
	option_rows(out, command->options);
	option_rows(out, sg_common_options);
}
