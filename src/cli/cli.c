/*
 * The table of commands, and the way from argv to one of them.
 */
#include "cli/cli_priv.h"

#include <string.h>
#include <unistd.h>

#include "config.h"

const struct sg_command *const sg_commands[] = {
	&sg_cmd_init,    &sg_cmd_render, &sg_cmd_audit,      &sg_cmd_expand, &sg_cmd_test,
	&sg_cmd_iam,     &sg_cmd_run,    &sg_cmd_graph,      &sg_cmd_doctor, &sg_cmd_payload,
	&sg_cmd_explain, &sg_cmd_schema, &sg_cmd_completion, &sg_cmd_help,   NULL,
};

const struct sg_option sg_common_options[] = {
	{"help", 'h', NULL, false, "this text", NULL},
	{0},
};

const struct sg_option sg_global_options[] = {
	{"help", 'h', NULL, false, "this text", NULL},
	{"version", 'V', NULL, false, "the version", NULL},
	{"bootstrap-path", 0, NULL, false, "where the executor is, to be put into a bundle", NULL},
	{0},
};

int sg_cli_error(struct sg_cli *cli, const char *hint, const char *fmt, ...)
{
	struct sg_buf b = {0};
	va_list ap;
	va_start(ap, fmt);
	sg_buf_vaddf(&b, fmt, ap);
	va_end(ap);
	sg_diag_file(cli->diags, SG_ERROR, sg_str(""), hint, "%s", b.p ? b.p : "");
	sg_buf_free(&b);
	return SG_EXIT_ERROR;
}

#define SOURCE_MAX ((size_t)1 << 30) /* what the 32 bits of a span can address, with room to spare */

uint32_t sg_cli_source(struct sg_cli *cli, const char *path, size_t max)
{
	struct sg_status st;
	struct sg_str text;
	if (!sg_file_read(cli->arena, path, max < SOURCE_MAX ? max : SOURCE_MAX, &text, &st)) {
		bool stream = strstr(st.text, ", not a regular file") != NULL;
		sg_cli_error(cli, stream ? "- is standard input" : NULL, "%s", st.text);
		return 0;
	}
	return sg_source_add(cli->sources, sg_str(strcmp(path, "-") ? path : "<stdin>"), text);
}

const char *sg_cli_bootstrap_path(struct sg_cli *cli)
{
	/* from the folder of this program: built in the tree; installed, wherever the whole was moved to */
	static const char *const places[] = {"bootstrap", "../libexec/sandboxgen/bootstrap"};
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	self[n > 0 ? n : 0] = '\0';
	char *slash = strrchr(self, '/');
	for (size_t i = 0; slash && i < sizeof(places) / sizeof(*places); i++) {
		const char *path = sg_strf(cli->arena, "%.*s/%s", (int)(slash - self), self, places[i]).p;
		if (access(path, X_OK) == 0)
			return path;
	}
	return SG_PKGLIBEXECDIR "/bootstrap";
}

const struct sg_command *sg_command_find(const char *name)
{
	for (size_t i = 0; sg_commands[i]; i++)
		if (!strcmp(sg_commands[i]->name, name))
			return sg_commands[i];
	return NULL;
}

int sg_cli_unknown_command(struct sg_cli *cli, const char *word)
{
	SG_VEC(const char *) names = {0};
	for (size_t i = 0; sg_commands[i]; i++)
		SG_PUSH(cli->arena, &names, sg_commands[i]->name);
	for (const struct sg_option *o = sg_global_options; o->name; o++)
		SG_PUSH(cli->arena, &names, sg_strf(cli->arena, "--%s", o->name).p);
	SG_PUSH(cli->arena, &names, NULL);
	const char *near = sg_nearest(word, names.v);
	const char *hint = near ? sg_strf(cli->arena, "did you mean '%s'?", near).p : "sandboxgen --help lists them";
	return sg_cli_error(cli, hint, "unknown %s '%s'", word[0] == '-' ? "option" : "command", word);
}

static int global_option(struct sg_cli *cli, const char *word)
{
	if (!strcmp(word, "--help") || !strcmp(word, "-h"))
		sg_help_program(&cli->out);
	else if (!strcmp(word, "--version") || !strcmp(word, "-V"))
		sg_buf_adds(&cli->out, "sandboxgen " PACKAGE_VERSION "\n");
	else if (!strcmp(word, "--bootstrap-path"))
		sg_buf_addf(&cli->out, "%s\n", sg_cli_bootstrap_path(cli));
	else
		return sg_cli_unknown_command(cli, word);
	return SG_EXIT_YES;
}

int sg_cli_main(struct sg_cli *cli, int argc, char *const *argv)
{
	if (argc < 2)
		return sg_cli_error(cli, "sandboxgen --help lists the commands", "a command is missing");
	cli->command = sg_command_find(argv[1]);
	if (!cli->command)
		return global_option(cli, argv[1]);
	if (!sg_options_parse(cli, argc - 2, argv + 2))
		return SG_EXIT_ERROR;
	if (sg_cli_flag(cli, "help")) {
		sg_help_command(&cli->out, cli->command);
		return SG_EXIT_YES;
	}
	return cli->command->run(cli);
}
