/*
 * `sandboxgen payload SCRIPT`: the event for `aws lambda invoke`, correct for every script.  The usual recipes of
 * printf, sed and tr join lines and break on backslashes.
 */
#include "cli/cli_priv.h"
#include "json/json.h"

#include <string.h>

#define SCRIPT_MAX ((size_t)16 << 20)
#define INVOKE_MAX ((size_t)6 << 20) /* Lambda's quota for a synchronous request */
#define TIMEOUT_MAX 900000           /* Lambda's longest run, in ms; the executor clamps to the deployed timeout */

/* A Python file may start with a byte order mark; the text of a script in JSON must not. */
static struct sg_str without_bom(struct sg_str s)
{
	return sg_str_starts(s, "\xef\xbb\xbf") ? sg_str_sub(s, 3, s.n) : s;
}

static bool check_script(struct sg_cli *cli, uint32_t source)
{
	struct sg_str text = sg_source_text(cli->sources, source);
	size_t bad = sg_utf8_invalid_at(text);
	const char *nul = text.n ? memchr(text.p, 0, text.n) : NULL;
	const char *what = "this byte is not UTF-8, and JSON can carry nothing else";
	if (nul && (size_t)(nul - text.p) < bad) {
		bad = (size_t)(nul - text.p);
		what = "a script cannot contain a NUL byte";
	}
	if (bad == SIZE_MAX)
		return true;
	sg_diag(cli->diags, SG_ERROR, (struct sg_span){source, (uint32_t)bad, (uint32_t)bad + 1},
		"save the script as UTF-8 text", "%s", what);
	return false;
}

/* The value of --input: JSON, or @FILE with JSON in it; false after a diagnostic. */
static bool load_input(struct sg_cli *cli, const struct sg_node **input)
{
	const char *value = sg_cli_value(cli, "input");
	if (!value)
		return true;
	uint32_t source = value[0] == '@' ? sg_cli_source(cli, value + 1, SCRIPT_MAX)
					  : sg_source_add(cli->sources, SG_LIT("--input"), sg_str(value));
	*input = source ? sg_json_load(cli->arena, source, NULL, cli->diags) : NULL;
	return *input != NULL;
}

static bool parse_timeout(struct sg_cli *cli, int64_t *ms)
{
	const char *value = sg_cli_value(cli, "timeout-ms");
	if (!value || (sg_parse_i64(sg_str(value), ms) && *ms >= 1 && *ms <= TIMEOUT_MAX))
		return true;
	sg_cli_error(cli, NULL, "--timeout-ms: '%s' is not a number of milliseconds from 1 to %d", value, TIMEOUT_MAX);
	return false;
}

static void write_event(struct sg_cli *cli, struct sg_str script, const struct sg_node *input, int64_t ms)
{
	struct sg_json w;
	sg_json_init(&w, &cli->out, 0);
	sg_json_object(&w);
	sg_json_key(&w, "script");
	sg_json_str(&w, script);
	if (input) {
		sg_json_key(&w, "input");
		sg_json_node(&w, input);
	}
	if (ms) {
		sg_json_key(&w, "timeout_ms");
		sg_json_int(&w, ms);
	}
	sg_json_end(&w);
	sg_buf_addc(&cli->out, '\n');
}

static int run(struct sg_cli *cli)
{
	const struct sg_node *input = NULL;
	int64_t ms = 0;
	uint32_t source = sg_cli_source(cli, cli->args[0], SCRIPT_MAX);
	if (!source || !check_script(cli, source) || !load_input(cli, &input) || !parse_timeout(cli, &ms))
		return SG_EXIT_ERROR;
	write_event(cli, without_bom(sg_source_text(cli->sources, source)), input, ms);
	if (cli->out.n > INVOKE_MAX)
		sg_diag_file(cli->diags, SG_WARNING, sg_str(cli->args[0]), "Lambda refuses a request of more than 6 MB",
			     "the event has %zu bytes", cli->out.n);
	return SG_EXIT_YES;
}

static const struct sg_option options[] = {
	{"input", 'i', "JSON|@FILE", false, "what the script finds in input_data", NULL},
	{"timeout-ms", 't', "MS", false, "stop the script after so many milliseconds", NULL},
	{0},
};

const struct sg_command sg_cmd_payload = {
	.name = "payload",
	.usage = "SCRIPT",
	.summary = "prints the event for `aws lambda invoke` that runs a script",
	.details = "SCRIPT is a Python file, or - for standard input.  The event goes to standard output:\n\n"
		   "  sandboxgen payload my_script.py > payload.json\n"
		   "  aws lambda invoke --function-name workflow-python-executor \\\n"
		   "      --cli-binary-format raw-in-base64-out --payload file://payload.json response.json",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.run = run,
};
