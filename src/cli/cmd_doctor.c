/*
 * doctor: what this machine allows the executor.  As `run` it starts the program again with an empty environment and
 * without root's rights, because that is how a script would find it.
 */
#include "cli/cli_priv.h"
#include "supervise/supervise.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SEALED ":sealed"

enum { CONFIG_FD = 3, MAGIC = 0x53474443, NOBODY = 65534, MEMORY_MB = 256, TIMEOUT_MS = 30000 };

struct config {
	uint32_t magic, size;
	bool json;
	char no_python[512]; /* why there is none, "" where there is one */
	struct sg_supervise_config supervise;
};

/* ---------------------------------------------------------------------------------------------- the first life */

static int first_life(struct sg_cli *cli)
{
	struct config *c = SG_NEW(cli->arena, struct config);
	struct sg_supervise_config *s = &c->supervise;
	struct sg_status st = {0};
	const char *path = getenv("PATH"), *format = sg_cli_value(cli, "format");
	char name[] = "sandboxgen", command[] = "doctor", mark[] = SEALED;
	char *argv[] = {name, command, mark, NULL};
	*c = (struct config){.magic = MAGIC, .size = sizeof(*c), .json = format && !strcmp(format, "json")};
	s->memory = (uint64_t)MEMORY_MB << 20;
	s->timeout_ms = TIMEOUT_MS;
	s->need_namespaces = true; /* as `run` without --disposable: nothing is swept here */
	if (getuid() == 0 && !sg_sys_drop_root(NOBODY, NOBODY, &st))
		return sg_cli_error(cli, NULL, "%s", st.text);
	if (!sg_engine_find_python(sg_cli_value(cli, "python"), path && *path ? path : "/usr/local/bin:/usr/bin:/bin",
				   &s->engine.python, &st))
		memcpy(c->no_python, st.text, sizeof(c->no_python));
	int sealed = sg_sys_sealed(c, sizeof(*c), &st);
	if (sealed >= 0 && sg_sys_move_fd(sealed, CONFIG_FD, &st))
		sg_sandbox_reexec(argv, &st);
	return sg_cli_error(cli, NULL, "%s", st.text);
}

/* ---------------------------------------------------------------------------------------------- the second life */

static void show_facts(struct sg_buf *out, const struct sg_facts *f)
{
	sg_buf_addf(out, "Linux %s, %s, user %u\n", f->kernel, f->machine, f->uid);
	if (f->seccomp > 0)
		sg_buf_adds(out, "this process is already under a seccomp filter of somebody else's\n");
	if (f->landlock)
		sg_buf_addf(out, "Landlock: version %d\n", f->landlock);
	else
		sg_buf_adds(out, "Landlock: none, or refused\n");
}

static void show_text(struct sg_buf *out, const struct sg_probe *p)
{
	show_facts(out, &p->facts);
	sg_buf_addc(out, '\n');
	for (size_t i = 0; i < p->n_findings; i++) {
		const struct sg_layer_finding *f = &p->findings[i];
		bool used = p->runs && (p->layers & f->layer);
		sg_buf_addf(out, "  %-8s %-13s %s\n",
			    !f->holds ? "refused"
			    : used    ? "used"
				      : "allowed",
			    f->name, f->purpose);
		if (!f->holds)
			sg_buf_addf(out, "  %-8s %-13s %s\n", "", "", f->why);
	}
	if (p->runs)
		sg_buf_addf(out, "\nscripts run here, profile %s, Python %s, %llu MB of a function's %d for a script\n",
			    sg_sandbox_profile_name(p->profile), p->python,
			    (unsigned long long)(p->script_memory >> 20), MEMORY_MB);
	else
		sg_buf_addf(out, "\nno script is run here: %s\n", p->why);
}

static int second_life(struct sg_cli *cli, const struct config *c)
{
	static struct sg_probe probe;
	sg_supervise_probe(&c->supervise, &probe);
	if (c->no_python[0])
		memcpy(probe.why, c->no_python, sizeof(probe.why));
	if (c->json) {
		sg_probe_json(&probe, &cli->out);
		sg_buf_addc(&cli->out, '\n');
	} else {
		show_text(&cli->out, &probe);
	}
	return probe.runs ? SG_EXIT_YES : SG_EXIT_NO;
}

/* ---------------------------------------------------------------------------------------------- the calls */

static int show_calls(struct sg_cli *cli, const char *name)
{
	enum sg_profile profile = strcmp(name, "full") ? SG_PROFILE_LOCKDOWN : SG_PROFILE_FULL;
	struct sg_call_view v;
	for (size_t i = 0; sg_sandbox_call(i, profile, &v); i++)
		sg_buf_addf(&cli->out, "%-7s %-22s %s%s%s\n", v.action, v.call, v.condition, v.condition[0] ? ": " : "",
			    v.why);
	sg_buf_adds(&cli->out, "refuse  every other call\n");
	return SG_EXIT_YES;
}

static bool is_second(const struct sg_cli *cli, struct config *c)
{
	return cli->n_args && !strcmp(cli->args[0], SEALED) && !environ[0] &&
	       sg_sys_read_sealed(CONFIG_FD, c, sizeof(*c), NULL) && c->magic == MAGIC && c->size == sizeof(*c);
}

static int run(struct sg_cli *cli)
{
	struct config *c = SG_NEW(cli->arena, struct config);
	const char *calls = sg_cli_value(cli, "calls");
	if (calls)
		return show_calls(cli, calls);
	if (is_second(cli, c))
		return second_life(cli, c);
	if (cli->n_args)
		return sg_cli_error(cli, NULL, "doctor takes no arguments: '%s'", cli->args[0]);
	return first_life(cli);
}

static const struct sg_option options[] = {
	{"format", 'f', "FORMAT", false, "text, or json as `bootstrap --probe` prints it", "text|json"},
	{"python", 'p', "PATH", false, "the interpreter; by default the newest that is found", NULL},
	{"calls", 0, "PROFILE", false, "instead list the system calls of that profile, each with its reason",
	 "full|lockdown"},
	{0},
};

const struct sg_command sg_cmd_doctor = {
	.name = "doctor",
	.usage = "",
	.summary = "what this machine allows the executor, layer by layer",
	.details =
		"Tries each layer of the sandbox in a throw-away process and says which hold, which are used, and why "
		"others\n"
		"are refused.  No script is run.  Exit code 0: scripts run here; 1: they do not.",
	.max_args = 1,
	.options = options,
	.run = run,
};
