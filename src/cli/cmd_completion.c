/*
 * `sandboxgen completion SHELL`: a completion script, from the same tables that parsing and --help use.
 */
#include "cli/cli_priv.h"

#include <string.h>

/* `s` with the characters of `special` behind a backslash; a single quote as '\'' for the shells' quoting. */
static void add_escaped(struct sg_buf *out, const char *s, const char *special)
{
	for (; *s; s++) {
		if (*s == '\'')
			sg_buf_adds(out, "'\\''");
		else if (strchr(special, *s))
			sg_buf_addf(out, "\\%c", *s);
		else
			sg_buf_addc(out, *s);
	}
}

/* "text|json" as "text json". */
static void add_choices(struct sg_buf *out, const char *choices)
{
	for (; *choices; choices++)
		sg_buf_addc(out, *choices == '|' ? ' ' : *choices);
}

static const struct sg_option *option_at(const struct sg_command *c, size_t i)
{
	for (const struct sg_option *o = c->options; o && o->name; o++)
		if (!i--)
			return o;
	for (const struct sg_option *o = sg_common_options; o->name; o++)
		if (!i--)
			return o;
	return NULL;
}

/* ------------------------------------------------------------------------------------------------ bash */

static void bash_words(struct sg_buf *out, const struct sg_command *c)
{
	const struct sg_option *o;
	sg_buf_addf(out, "\t%s) words='", c->name);
	for (size_t i = 0; (o = option_at(c, i)); i++)
		sg_buf_addf(out, "%s--%s", i ? " " : "", o->name);
	sg_buf_adds(out, "' ;;\n");
}

static void bash_values(struct sg_buf *out, const struct sg_command *c)
{
	const struct sg_option *o;
	for (size_t i = 0; (o = option_at(c, i)); i++) {
		if (!o->choices)
			continue;
		sg_buf_addf(out, "\t'%s --%s') words='", c->name, o->name);
		add_choices(out, o->choices);
		sg_buf_adds(out, "' ;;\n");
	}
}

static void bash(struct sg_buf *out)
{
	sg_buf_adds(
		out,
		"# bash completion for sandboxgen\n_sandboxgen()\n{\n"
		"\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=''\n"
		"\tCOMPREPLY=()\n\tif [ \"$COMP_CWORD\" -eq 1 ] || [ \"${COMP_WORDS[1]} $COMP_CWORD\" = 'help 2' ]; then\n\t\twords='");
	for (size_t i = 0; sg_commands[i]; i++)
		sg_buf_addf(out, "%s ", sg_commands[i]->name);
	for (const struct sg_option *o = sg_global_options; o->name; o++)
		sg_buf_addf(out, "--%s%s", o->name, o[1].name ? " " : "");
	sg_buf_adds(out, "'\n\tfi\n\tcase \"${COMP_WORDS[1]} $prev\" in\n");
	for (size_t i = 0; sg_commands[i]; i++)
		bash_values(out, sg_commands[i]);
	sg_buf_adds(out, "\tesac\n\tif [ -z \"$words\" ] && [ \"${cur#-}\" != \"$cur\" ]; then\n"
			 "\tcase ${COMP_WORDS[1]} in\n");
	for (size_t i = 0; sg_commands[i]; i++)
		bash_words(out, sg_commands[i]);
	sg_buf_adds(
		out,
		"\tesac\n\tfi\n"
		"\tif [ -n \"$words\" ]; then\n"
		"\t\twhile IFS= read -r word; do COMPREPLY+=(\"$word\"); done < <(compgen -W \"$words\" -- \"$cur\")\n"
		"\tfi\n}\ncomplete -o default -F _sandboxgen sandboxgen\n");
}

/* ------------------------------------------------------------------------------------------------ zsh */

static void zsh_option(struct sg_buf *out, const struct sg_option *o)
{
	sg_buf_addf(out, " \\\n\t\t'%s--%s[", o->many ? "*" : "", o->name);
	add_escaped(out, o->help, "[]:\\");
	sg_buf_addc(out, ']');
	if (o->value) {
		sg_buf_addc(out, ':');
		add_escaped(out, o->value, ":\\");
		sg_buf_addc(out, ':');
		if (o->choices) {
			sg_buf_addc(out, '(');
			add_choices(out, o->choices);
			sg_buf_addc(out, ')');
		} else {
			sg_buf_adds(out, "_files");
		}
	}
	sg_buf_addc(out, '\'');
}

static void zsh(struct sg_buf *out)
{
	const struct sg_option *o;
	sg_buf_adds(out, "#compdef sandboxgen\n_sandboxgen() {\n\tlocal -a commands\n\tcommands=(\n");
	for (size_t i = 0; sg_commands[i]; i++) {
		sg_buf_addf(out, "\t\t'%s:", sg_commands[i]->name);
		add_escaped(out, sg_commands[i]->summary, ":\\");
		sg_buf_adds(out, "'\n");
	}
	sg_buf_adds(
		out,
		"\t)\n\tif (( CURRENT == 2 )) || [[ $CURRENT == 3 && $words[2] == help ]]; then\n\t\t_describe command commands\n\t\treturn\n\tfi\n"
		"\tlocal command=$words[2]\n\tshift words\n\t(( CURRENT-- ))\n\tcase $command in\n");
	for (size_t i = 0; sg_commands[i]; i++) {
		sg_buf_addf(out, "\t%s) _arguments", sg_commands[i]->name);
		for (size_t k = 0; (o = option_at(sg_commands[i], k)); k++)
			zsh_option(out, o);
		sg_buf_adds(out, " \\\n\t\t'*:file:_files' ;;\n");
	}
	sg_buf_adds(out, "\tesac\n}\n_sandboxgen \"$@\"\n");
}

/* ------------------------------------------------------------------------------------------------ fish */

static void fish_option(struct sg_buf *out, const struct sg_command *c, const struct sg_option *o)
{
	sg_buf_addf(out, "complete -c sandboxgen -n '__fish_seen_subcommand_from %s' -l %s", c->name, o->name);
	if (o->letter)
		sg_buf_addf(out, " -s %c", o->letter);
	if (o->choices) {
		sg_buf_adds(out, " -x -a '");
		add_choices(out, o->choices);
		sg_buf_addc(out, '\'');
	} else if (o->value) {
		sg_buf_adds(out, " -r");
	}
	sg_buf_adds(out, " -d '");
	add_escaped(out, o->help, "\\");
	sg_buf_adds(out, "'\n");
}

static void fish(struct sg_buf *out)
{
	const struct sg_option *o;
	sg_buf_adds(out, "# fish completion for sandboxgen\n");
	for (size_t i = 0; sg_commands[i]; i++) {
		sg_buf_addf(out, "complete -c sandboxgen -f -n __fish_use_subcommand -a %s -d '", sg_commands[i]->name);
		add_escaped(out, sg_commands[i]->summary, "\\");
		sg_buf_adds(out, "'\n");
	}
	sg_buf_adds(out, "complete -c sandboxgen -f -n '__fish_seen_subcommand_from help' -a '");
	for (size_t i = 0; sg_commands[i]; i++)
		sg_buf_addf(out, "%s%s", i ? " " : "", sg_commands[i]->name);
	sg_buf_adds(out, "'\n");
	for (size_t i = 0; sg_commands[i]; i++)
		for (size_t k = 0; (o = option_at(sg_commands[i], k)); k++)
			fish_option(out, sg_commands[i], o);
}

static int run(struct sg_cli *cli)
{
	static const struct {
		const char *shell;
		void (*write)(struct sg_buf *out);
	} shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};
	for (size_t i = 0; i < sizeof(shells) / sizeof(*shells); i++) {
		if (strcmp(cli->args[0], shells[i].shell))
			continue;
		shells[i].write(&cli->out);
		return SG_EXIT_YES;
	}
	return sg_cli_error(cli, "choose one of bash, zsh, fish", "completion: unknown shell '%s'", cli->args[0]);
}

const struct sg_command sg_cmd_completion = {
	.name = "completion",
	.usage = "SHELL",
	.summary = "prints a completion script for bash, zsh or fish",
	.details = "For this session of bash:  . <(sandboxgen completion bash)",
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
