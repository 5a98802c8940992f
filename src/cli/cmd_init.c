/*
 * init: a commented sandbox.yaml.
 *
 * Theory of operation: on a terminal the keys that the table marks are asked for, each answer judged by the table as
 * the file's value would be; then the file is written, unless there is one.
 */
#include "cli/cli_priv.h"

#include "render/render.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ANSWER_MAX = 1024 };

static const struct sg_option options[] = {
	{"yes", 'y', NULL, false, "ask nothing, take the defaults", NULL},
	{0},
};

static struct sg_str shown_default(struct sg_cli *cli, const struct sg_key *key, const struct sg_spec *spec)
{
	const struct sg_setting *value = sg_spec_get(spec, key);
	return key->type == SG_KEY_INT ? sg_strf(cli->arena, "%" PRId64, value->integer) : value->text;
}

/* A line from the terminal without its end; false at the end of the input. */
static bool read_line(struct sg_cli *cli, struct sg_str *out)
{
	char line[ANSWER_MAX];
	if (!fgets(line, sizeof(line), stdin))
		return false;
	*out = sg_str_trim(sg_str_dup(cli->arena, sg_str(line)));
	return true;
}

/* Asks until the answer is one; false at the end of the input. */
static bool ask(struct sg_cli *cli, const struct sg_key *key, struct sg_spec *spec)
{
	struct sg_str now = shown_default(cli, key, spec), bounds = sg_key_bounds(cli->arena, key), answer, why;
	fprintf(stderr, "%s\n", key->help);
	for (;;) {
		fprintf(stderr, "  %s (%.*s) [%.*s]: ", key->path, SG_FMT(bounds), SG_FMT(now));
		fflush(stderr);
		if (!read_line(cli, &answer))
			return false;
		if (!answer.n || sg_key_answer(cli->arena, key, answer, spec, &why))
			return true;
		struct sg_buf text = {0};
		sg_buf_printable(&text, why);
		fprintf(stderr, "  %s\n", text.p);
		sg_buf_free(&text);
	}
}

static bool ask_all(struct sg_cli *cli, struct sg_spec *spec)
{
	for (size_t i = 0; i < sg_keys_count; i++)
		if (sg_keys[i].ask && !ask(cli, &sg_keys[i], spec))
			return false;
	return true;
}

static int write_files(struct sg_cli *cli, struct sg_place *place, const char *dir, const struct sg_file_set *set)
{
	struct sg_status st;
	struct sg_found *found;
	if (!sg_place_claim(place, set, &st) || !sg_place_compare(place, set, &found, &st))
		return sg_cli_error(cli, NULL, "%s", st.text);
	if (found[0].presence != SG_ABSENT)
		return sg_cli_error(cli, "change it by hand, or remove it first",
				    "there is a sandbox.yaml in '%s' already", dir);
	if (found[1].presence == SG_EDITED || found[1].presence == SG_FOREIGN)
		found[1].presence = SG_CURRENT; /* somebody's own: render will say so */
	if (!sg_place_write(place, found, set->n, &st))
		return sg_cli_error(cli, NULL, "%s", st.text);
	const char *slash = strcmp(dir, ".") ? sg_strf(cli->arena, "%s/", dir).p : "";
	sg_buf_addf(&cli->out, "wrote %ssandbox.yaml\n", slash);
	return SG_EXIT_YES;
}

static int run(struct sg_cli *cli)
{
	const char *dir = cli->n_args ? cli->args[0] : ".";
	struct sg_spec spec;
	struct sg_status st;
	sg_spec_defaults(cli->arena, &spec);
	if (!sg_cli_flag(cli, "yes") && isatty(STDIN_FILENO) && isatty(STDERR_FILENO) && !ask_all(cli, &spec))
		return sg_cli_error(cli, "--yes takes the defaults", "no answer: nothing was written");
	struct sg_file files[2] = {
		{"sandbox.yaml", SG_MATCH_BYTES, sg_spec_commented(cli->arena, &spec, sg_render_quote), NULL},
		sg_render_schema(cli->arena),
	};
	struct sg_file_set set = {files, 2};
	struct sg_place *place = sg_place_open(cli->arena, dir, true, &st);
	if (!place)
		return sg_cli_error(cli, NULL, "%s", st.text);
	int code = write_files(cli, place, dir, &set);
	sg_place_close(place);
	return code;
}

const struct sg_command sg_cmd_init = {
	.name = "init",
	.usage = "[DIR]",
	.summary = "writes a commented sandbox.yaml",
	.details = "Asks for the main values on a terminal; elsewhere, and with --yes, takes the defaults. Never "
		   "replaces a\n"
		   "sandbox.yaml. Writes sandbox.schema.json beside it, for editors.",
	.max_args = 1,
	.options = options,
	.run = run,
};
