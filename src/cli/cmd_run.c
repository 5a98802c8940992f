/*
 * `sandboxgen run SCRIPT`: a script in the same executor that a deployed function has, on this machine.
 *
 * Theory of operation: two lives, as in bootstrap/.  The first reads the files, finds the interpreter, gives up root,
 * and executes the program again with an empty environment; configuration and request are in sealed memory files.  The
 * second supervises one run.  It is recognised by the argument SEALED together with the sealed files, so that
 * there is no option that a user could meet.
 *
 * Nothing of the caller's is touched: the run has its own pid, mount, ipc and network namespaces, which the kernel
 * tears down with everything in them when this process ends, however it ends.  Where they are refused, so is the
 * run, unless the caller says that the machine is disposable.
 */
#include "cli/cli_priv.h"
#include "supervise/supervise.h"
#include "json/json.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SEALED ":sealed"

enum { CONFIG_FD = 3, REQUEST_FD = 4, MAGIC = 0x53475255 };
enum { MEMORY_MIN = 64, MEMORY_MAX = 10240, TIMEOUT_MAX_S = 900, NOBODY = 65534 };

struct config {
	uint32_t magic, size;
	uint64_t request_size;
	bool json;
	struct sg_supervise_config supervise;
};

/* ---------------------------------------------------------------------------------------------- the first life */

/* The value of --input as JSON text; false after a diagnostic. */
static bool load_input(struct sg_cli *cli, struct sg_str *input)
{
	const char *value = sg_cli_value(cli, "input");
	struct sg_status st;
	size_t at;
	if (!value)
		return true;
	*input = sg_str(value);
	if (value[0] == '@' && !sg_file_read(cli->arena, value + 1, SG_MAX_REQUEST, input, &st))
		return !sg_cli_error(cli, NULL, "%s", st.text);
	const char *error = sg_scan_value(*input, SG_MAX_INPUT_DEPTH, SG_SCAN_LONE_SURROGATES, &at);
	return !error ||
	       !sg_cli_error(cli, "give JSON, or @FILE with JSON in it", "--input: %s, at byte %zu", error, at + 1);
}

static bool load_script(struct sg_cli *cli, struct sg_str *script)
{
	struct sg_status st;
	if (!sg_file_read(cli->arena, cli->args[0], SG_MAX_REQUEST, script, &st))
		return !sg_cli_error(cli, NULL, "%s", st.text);
	size_t bad = sg_utf8_invalid_at(*script);
	if (bad == SIZE_MAX)
		return true;
	sg_cli_error(cli, "save the script as UTF-8 text", "%s: byte %zu is not UTF-8", cli->args[0], bad + 1);
	return false;
}

static bool parse_number(struct sg_cli *cli, const char *name, double least, double most, double *out)
{
	const char *value = sg_cli_value(cli, name);
	double number;
	if (!value)
		return true;
	if (!sg_parse_double(sg_str(value), &number) || !(number >= least && number <= most)) {
		sg_cli_error(cli, NULL, "--%s: '%s' is not a number from %g to %g", name, value, least, most);
		return false;
	}
	*out = number;
	return true;
}

static struct sg_str make_request(struct sg_cli *cli, struct sg_str script, struct sg_str input)
{
	struct sg_json w;
	struct sg_buf b = {0};
	sg_buf_adds(&b, "{\"script\":");
	sg_json_init(&w, &b, 0);
	sg_json_str(&w, script);
	if (input.n) {
		sg_buf_adds(&b, ",\"input\":");
		sg_buf_str(&b, input);
	}
	sg_buf_addc(&b, '}');
	return sg_buf_take(&b, cli->arena);
}

static bool make_config(struct sg_cli *cli, struct config *c)
{
	double seconds = 30, megabytes = 256;
	struct sg_status st;
	if (!parse_number(cli, "timeout", 0.001, TIMEOUT_MAX_S, &seconds) ||
	    !parse_number(cli, "memory", MEMORY_MIN, MEMORY_MAX, &megabytes))
		return false;
	struct sg_supervise_config *s = &c->supervise;
	c->magic = MAGIC;
	c->size = sizeof(*c);
	c->json = sg_cli_flag(cli, "json");
	s->memory = (uint64_t)megabytes << 20;
	s->timeout_ms = (int64_t)(seconds * 1000);
	s->disposable = sg_cli_flag(cli, "disposable");
	s->need_namespaces = !s->disposable;
	if (getuid() == 0 && !sg_sys_drop_root(NOBODY, NOBODY, &st))
		return !sg_cli_error(cli, NULL, "%s", st.text);
	const char *path = getenv("PATH");
	if (!sg_engine_find_python(sg_cli_value(cli, "python"), path && *path ? path : "/usr/local/bin:/usr/bin:/bin",
				   &s->engine.python, &st))
		return !sg_cli_error(cli, NULL, "%s", st.text);
	return true;
}

static int live_again(struct sg_cli *cli, const struct config *c, struct sg_str request)
{
	struct sg_status st;
	int config = sg_sys_sealed(c, sizeof(*c), &st);
	int sealed = config < 0 ? -1 : sg_sys_sealed(request.p, request.n, &st);
	char name[] = "sandboxgen", command[] = "run", mark[] = SEALED;
	char *argv[] = {name, command, mark, NULL};
	/* the request goes first to where nothing is, for one of the two may have the other's number */
	if (sealed >= 0 && sg_sys_move_fd(sealed, 10, &st) && sg_sys_move_fd(config, CONFIG_FD, &st) &&
	    sg_sys_move_fd(10, REQUEST_FD, &st))
		sg_sandbox_reexec(argv, &st);
	return sg_cli_error(cli, NULL, "%s", st.text);
}

static int first_life(struct sg_cli *cli)
{
	struct config *c = SG_NEW(cli->arena, struct config);
	struct sg_str script, input = {0};
	if (!load_input(cli, &input) || !load_script(cli, &script))
		return SG_EXIT_ERROR;
	struct sg_str request = make_request(cli, script, input);
	if (request.n > SG_MAX_REQUEST)
		return sg_cli_error(cli, NULL,
				    "script and input are larger than 6 MB, which no deployed function takes");
	c->request_size = request.n;
	if (!make_config(cli, c))
		return SG_EXIT_ERROR;
	return live_again(cli, c, request);
}

/* ---------------------------------------------------------------------------------------------- the second life */

struct buf_sink {
	struct sg_sink sink;
	struct sg_buf *buf;
};

static bool to_buf(struct sg_sink *sink, const char *p, size_t n)
{
	sg_buf_add(((struct buf_sink *)sink)->buf, p, n);
	return true;
}

/* What is not the result goes to standard error. */
static void show_streams(const struct sg_answer *a)
{
	if (!a->result_is_stdout)
		sg_write_all(STDERR_FILENO, a->out);
	sg_write_all(STDERR_FILENO, a->err);
}

static void show_error(const struct sg_answer *a)
{
	struct sg_buf b = {0};
	if (a->traceback.n) {
		sg_buf_str(&b, a->traceback);
		sg_buf_addc(&b, '\n');
	}
	sg_buf_addf(&b, "sandboxgen run: %s: ", sg_kind_name(a->kind));
	if (a->type.n)
		sg_buf_addf(&b, "%.*s: ", SG_FMT(a->type));
	sg_buf_str(&b, a->message);
	sg_buf_addc(&b, '\n');
	sg_write_all(STDERR_FILENO, sg_buf_view(&b));
	sg_buf_free(&b);
}

static int show(struct sg_cli *cli, const struct sg_answer *a, bool json)
{
	struct buf_sink sink = {{to_buf}, &cli->out};
	bool ours = a->kind == SG_KIND_INTERNAL || a->kind == SG_KIND_BAD_REQUEST;
	bool says_something = a->result_is_stdout || strcmp(a->source, "none") != 0;
	cli->print_anyway = true;
	if (json)
		sg_answer_write_body(a, &sink.sink);
	else
		show_streams(a);
	if (!json && a->kind != SG_KIND_NONE)
		show_error(a);
	else if (!json && says_something)
		sg_answer_write_result(a, &sink.sink);
	if (cli->out.n || (!json && a->kind == SG_KIND_NONE && says_something))
		sg_buf_addc(&cli->out, '\n');
	return a->kind == SG_KIND_NONE ? SG_EXIT_YES : ours ? SG_EXIT_ERROR : SG_EXIT_NO;
}

static bool take_request(const struct config *c, struct sg_region *request, struct sg_status *st)
{
	if (c->request_size > SG_MAX_REQUEST || !sg_region_map(request, SG_MAX_REQUEST, st))
		return sg_fail(st, 0, "cannot hold the request");
	request->n = c->request_size;
	return sg_sys_read_sealed(REQUEST_FD, request->p, request->n, st);
}

static int second_life(struct sg_cli *cli, const struct config *c)
{
	static struct sg_supervisor supervisor;
	struct sg_region request = {0};
	struct sg_status st = {0};
	struct sg_answer answer;
	int code;
	/* the interpreter's process must not inherit what was asked: it is started before the request is read */
	if (!sg_supervise_start(&supervisor, &c->supervise, &st) || !take_request(c, &request, &st)) {
		code = sg_cli_error(cli, NULL, "%s", st.text);
	} else {
		sg_supervise_run(&supervisor, &request, 0, &answer);
		code = show(cli, &answer, c->json);
	}
	sg_supervise_stop(&supervisor);
	return code;
}

static bool is_second(const struct sg_cli *cli, struct config *c)
{
	return !strcmp(cli->args[0], SEALED) && !environ[0] && sg_sys_read_sealed(CONFIG_FD, c, sizeof(*c), NULL) &&
	       c->magic == MAGIC && c->size == sizeof(*c);
}

static int run(struct sg_cli *cli)
{
	struct config *c = SG_NEW(cli->arena, struct config);
	return is_second(cli, c) ? second_life(cli, c) : first_life(cli);
}

static const struct sg_option options[] = {
	{"input", 'i', "JSON", false, "what the script finds as input_data; @FILE reads it from a file", NULL},
	{"timeout", 't', "SECONDS", false, "kill the script after this time (default 30)", NULL},
	{"memory", 'm', "MB", false, "memory of the function, interpreter included (default 256)", NULL},
	{"python", 'p', "PATH", false, "the interpreter; by default the newest that is found", NULL},
	{"json", 'j', NULL, false, "print the whole answer, as the function's body has it", NULL},
	{"disposable", 0, NULL, false,
	 "run without namespaces of its own: /tmp, queues and keyrings of this user are emptied", NULL},
	{0},
};

const struct sg_command sg_cmd_run = {
	.name = "run",
	.usage = "SCRIPT",
	.summary = "runs a script in the executor, on this machine",
	.details = "The script runs as it would in the deployed function: in a process of its own, without network, "
		   "files or\n"
		   "environment.  Its result goes to standard output, all else to standard error.  `-` reads the "
		   "script from\n"
		   "standard input.  Exit code 0: it succeeded; 1: the script failed; 2: it could not be run.",
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.run = run,
};
