/* What only the files of cli/ share. */
#ifndef SG_CLI_PRIV_H
#define SG_CLI_PRIV_H

#include "cfn/cfn.h"
#include "cli/cli.h"

/* The commands in the order of --help; ends with NULL. */
extern const struct sg_command *const sg_commands[];
const struct sg_command *sg_command_find(const char *name); /* NULL where there is none */
/* Says that there is no such command (or option), and the nearest that is one.  Returns SG_EXIT_ERROR. */
int sg_cli_unknown_command(struct sg_cli *cli, const char *word);

/* What may stand in place of a command: --help, --version, --bootstrap-path.  Ends with {0}. */
extern const struct sg_option sg_global_options[];

/* Every command has these beside its own.  Ends with {0}. */
extern const struct sg_option sg_common_options[];

/* The whole program but for the end of the process: an exit code, results in cli->out. */
int sg_cli_main(struct sg_cli *cli, int argc, char *const *argv);

/* Parses what follows the command's name by cli->command's table, into cli->args and cli->values; false with a
 * diagnostic where it does not fit. */
bool sg_options_parse(struct sg_cli *cli, int argc, char *const *argv);

/* The word of `words` that was probably meant, or NULL: `words` ends with NULL. */
const char *sg_nearest(const char *word, const char *const *words);

void sg_help_program(struct sg_buf *out);
void sg_help_command(struct sg_buf *out, const struct sg_command *command);

struct sg_spec;
/* Reads and judges a specification ("-": standard input); false with diagnostics. */
bool sg_cli_spec(struct sg_cli *cli, const char *path, struct sg_spec *out);

/* The tree of a source, YAML or JSON; NULL with diagnostics. */
const struct sg_node *sg_cli_tree(struct sg_cli *cli, uint32_t source);

/* Parameter values, in order; a later one wins. */
struct sg_overrides {
	struct sg_override *v;
	size_t n, cap;
};
/* Adds the values of a parameter file (CloudFormation's, CodePipeline's or SAM's form); false with diagnostics. */
bool sg_cli_parameters(struct sg_cli *cli, const char *path, struct sg_overrides *out);
/* Where samconfig is: `named` from the current folder, else from the template's; NULL: the one that sam-cli finds for this
 * template.  It need not exist. */
const char *sg_cli_samconfig_path(struct sg_cli *cli, const char *named, const char *template);
/* Adds the overrides that `sam deploy --config-env ENVIRONMENT` (NULL: default) takes from this samconfig; false with
 * diagnostics. */
bool sg_cli_samconfig(struct sg_cli *cli, const char *path, const char *environment, struct sg_overrides *out);
/* All that the command line says about parameters: --parameter-overrides over --parameters; as with sam deploy, samconfig
 * counts only where it has neither, and only where `samconfig` says so; false with diagnostics. */
bool sg_cli_deployment(struct sg_cli *cli, bool samconfig, struct sg_overrides *out);
/* The source of the file that a template names, relative to its folder; 0 where it is not at hand, or (with a diagnostic)
 * where it may not be followed. */
uint32_t sg_cli_included(struct sg_cli *cli, struct sg_str path, const struct sg_node *at);
/* A loader for sg_cfn_options: `context` is the struct sg_cli. */
const struct sg_node *sg_cli_include(void *context, struct sg_str path, const struct sg_node *at);

struct sg_iam_options;
/* A policy document, YAML or JSON, canonical; NULL with diagnostics. */
const struct sg_node *sg_cli_policy(struct sg_cli *cli, const char *path);
/* What --managed-policies and (where the command has it) --reference name; false with diagnostics. */
bool sg_cli_iam_options(struct sg_cli *cli, bool reference, struct sg_iam_options *out);
struct sg_audit_options;
struct sg_bounds;
/* Judges the template that is this source, YAML or JSON; NULL, with errors among the diagnostics, where it cannot be
 * judged.  `options` without differences: those are found here. */
struct sg_findings *sg_cli_judge(struct sg_cli *cli, uint32_t source, const struct sg_audit_options *options);
/* The options of commands that judge: --function, and --assume, which is false with diagnostics. */
void sg_cli_functions(struct sg_cli *cli, struct sg_audit_options *o);
bool sg_cli_assumptions(struct sg_cli *cli, struct sg_audit_options *o);
/* What a sandbox of this specification is held to. */
void sg_cli_bounds(struct sg_cli *cli, const struct sg_spec *spec, struct sg_bounds *out);

/* ---------------------------------------------------------------------------------------------- output */

/* All of it, or an errno. */
int sg_write_all(int fd, struct sg_str text);
/* Whether escape sequences may go there: a terminal that is not dumb, and NO_COLOR empty or unset. */
bool sg_wants_colour(int fd);

#endif
