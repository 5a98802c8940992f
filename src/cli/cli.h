/*
 * cli/ - what the user types and sees.  One descriptor and one file per command; option tables from which parsing,
 * --help, completion and the man page's test are made.  The only room that prints; it composes the others.
 *
 * Theory of operation: main() finds the command, parses its options by its table, calls run().  The command writes
 * results into cli->out and says what is wrong through cli->diags; main() prints the diagnostics to standard error,
 * then the results to standard output, and turns a failed write into exit code 2.  A command with errors among
 * its diagnostics returns 2 and its `out` is not printed unless it set `print_anyway`.
 */
#ifndef SG_CLI_H
#define SG_CLI_H

#include "diag/diag.h"

enum { SG_EXIT_YES = 0, SG_EXIT_NO = 1, SG_EXIT_ERROR = 2 };

/* One option of a command.  The last row of a table is {0}. */
struct sg_option {
	const char *name;    /* "output-dir", without the dashes */
	char letter;         /* 'o', or 0 */
	const char *value;   /* what --help calls its value ("DIR"), NULL for a flag */
	bool many;           /* takes every following word up to the next option, and may be repeated */
	const char *help;    /* one line */
	const char *choices; /* "text|json", or NULL for any value */
};

struct sg_cli {
	struct sg_arena *arena;
	struct sg_sources *sources;
	struct sg_diags *diags;
	struct sg_buf out; /* standard output, printed at the end */
	bool print_anyway;
	const char *const *args; /* what is not an option */
	size_t n_args;
	bool colour_out, colour_err; /* a terminal, and no NO_COLOR */
	const struct sg_command *command;
	void *values; /* of options; through the functions below */
};

struct sg_command {
	const char *name;
	const char *usage;   /* "[SPEC]" */
	const char *summary; /* one line */
	const char *details; /* further paragraphs of --help, or NULL */
	size_t min_args, max_args;
	const struct sg_option *options;
	int (*run)(struct sg_cli *cli); /* an exit code */
};

/* Values of the options, as given; the last one where an option was repeated. */
bool sg_cli_flag(const struct sg_cli *cli, const char *name);
const char *sg_cli_value(const struct sg_cli *cli, const char *name); /* NULL where not given */
/* All values of a `many` option, in order. */
size_t sg_cli_values(const struct sg_cli *cli, const char *name, const char *const **values);

/* An error about the command line or the machine; always returns SG_EXIT_ERROR. */
int sg_cli_error(struct sg_cli *cli, const char *hint, const char *fmt, ...) SG_PRINTF(3, 4);

/* The commands, each in its own file; cli.c has the table. */
extern const struct sg_command sg_cmd_init, sg_cmd_render, sg_cmd_audit, sg_cmd_run, sg_cmd_payload, sg_cmd_explain,
	sg_cmd_doctor, sg_cmd_schema, sg_cmd_completion, sg_cmd_expand, sg_cmd_iam, sg_cmd_test, sg_cmd_graph,
	sg_cmd_help;

/* Reads a file of at most `max` bytes into a new source; on failure a diagnostic, and 0. */
uint32_t sg_cli_source(struct sg_cli *cli, const char *path, size_t max);

/* Writes a file as a whole or not at all: beside it first, then renamed; through a link into what it points at.  A
 * device or a pipe is written to as it is.  On failure an error among the diagnostics, and false. */
bool sg_cli_write_file(struct sg_cli *cli, const char *path, struct sg_str text);

/* Where the executor is: beside this program where it was built, else where `make install` puts it. */
const char *sg_cli_bootstrap_path(struct sg_cli *cli);

#endif
