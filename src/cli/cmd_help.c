/*
 * `sandboxgen help [COMMAND]`: what --help says, for those who look for it as a command.
 */
#include "cli/cli_priv.h"

static int run(struct sg_cli *cli)
{
	const struct sg_command *about = cli->n_args ? sg_command_find(cli->args[0]) : NULL;
	if (cli->n_args && !about)
		return sg_cli_unknown_command(cli, cli->args[0]);
	if (about)
		sg_help_command(&cli->out, about);
	else
		sg_help_program(&cli->out);
	return SG_EXIT_YES;
}

const struct sg_command sg_cmd_help = {
	.name = "help",
	.usage = "[COMMAND]",
	.summary = "the commands, or the options of COMMAND",
	.min_args = 0,
	.max_args = 1,
	.run = run,
};
