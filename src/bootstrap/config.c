/*
 * The first life: what the environment, the command line and the bundle say.  Knows the names that Lambda uses.
 */
#include "bootstrap/bootstrap.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool copy(char *out, size_t size, const char *text)
{
	size_t n = text ? strlen(text) : 0;
	if (n >= size)
		return false;
	memcpy(out, text ? text : "", n);
	out[n] = 0;
	return true;
}

/* A small regular file of the bundle.  -1 where there is none, -2 where it cannot be used. */
static ssize_t read_small(const char *dir, const char *name, char *buf, size_t size)
{
	char path[PATH_MAX];
	struct stat sb;
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, name) >= sizeof(path))
		return -2;
	SG_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return access(path, F_OK) < 0 ? -1 : -2;
	if (fstat(fd, &sb) < 0 || !S_ISREG(sb.st_mode) || sb.st_size >= (off_t)size)
		return -2;
	if (!sg_sys_read_all(fd, buf, (size_t)sb.st_size))
		return -2;
	buf[sb.st_size] = 0;
	return sb.st_size;
}

/* {"sandbox": {...}} is not wanted here: the members lie at top level. */
static bool read_sandbox_json(struct bs_config *c, const char *root, struct sg_status *st)
{
	enum { FLOOR, TIMEOUT, N };
	static const char *const names[N] = {"floor", "timeout"};
	struct sg_supervise_config *s = &c->supervise;
	struct sg_str v[N];
	char text[4096];
	ssize_t n = read_small(root, "sandbox.json", text, sizeof(text));
	if (n == -1)
		return true;
	if (n < 0)
		return sg_fail(st, 0, "sandbox.json of the bundle cannot be read");
	const char *error = sg_scan_members((struct sg_str){text, (size_t)n}, 16, names, v, N, NULL);
	if (error)
		return sg_fail(st, 0, "sandbox.json of the bundle: %s", error);
	if (v[FLOOR].p && sg_str_is(v[FLOOR], "\"full\""))
		s->floor = SG_PROFILE_FULL;
	else if (v[FLOOR].p && !sg_str_is(v[FLOOR], "\"lockdown\""))
		return sg_fail(st, 0, "sandbox.json of the bundle: \"floor\" must be \"full\" or \"lockdown\"");
	double seconds;
	if (!v[TIMEOUT].p)
		return true;
	if (!sg_parse_double(v[TIMEOUT], &seconds) || !(seconds > 0 && seconds <= 900))
		return sg_fail(st, 0, "sandbox.json of the bundle: \"timeout\" must be seconds, at most 900");
	s->timeout_ms = (int64_t)(seconds * 1000);
	return true;
}

static bool read_bundle(struct bs_config *c, const char *root, struct sg_status *st)
{
	struct sg_engine_config *e = &c->supervise.engine;
	struct stat sb;
	if (!read_sandbox_json(c, root, st))
		return false;
	if (read_small(root, "sandbox_packages.txt", e->preload, sizeof(e->preload)) == -2)
		return sg_fail(st, 0, "sandbox_packages.txt of the bundle cannot be read, or is longer than 8 kB");
	if ((size_t)snprintf(e->packages, sizeof(e->packages), "%s/python", root) >= sizeof(e->packages))
		return sg_fail(st, 0, "LAMBDA_TASK_ROOT is too long");
	if (stat(e->packages, &sb) < 0 || !S_ISDIR(sb.st_mode))
		e->packages[0] = 0;
	return true;
}

/* Lambda, and its container image, run a function from /var/task in a machine that is the function's own. */
static bool disposable(const char *root)
{
	const char *said = getenv("SANDBOXGEN_DISPOSABLE");
	return !strcmp(root, "/var/task") || (said && !strcmp(said, "1"));
}

static bool refused_modes(struct sg_status *st)
{
	const char *init = getenv("AWS_LAMBDA_INITIALIZATION_TYPE");
	if (getenv("AWS_LAMBDA_MAX_CONCURRENCY"))
		return sg_fail(st, 0,
			       "AWS_LAMBDA_MAX_CONCURRENCY is set: this executor runs one script at a time, each in an "
			       "environment of its own");
	if (init && !strcmp(init, "snap-start"))
		return sg_fail(
			st, 0,
			"SnapStart is not supported: a snapshot would give every script the same random numbers");
	return true;
}

static uint64_t memory_of_function(void)
{
	int64_t mb;
	const char *text = getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE");
	if (!text || !sg_parse_i64(sg_str(text), &mb) || mb < 128 || mb > 10240)
		mb = 256;
	return (uint64_t)mb << 20;
}

/* As an exec wrapper the program is given the managed runtime's interpreter; a custom runtime has a handler's name
 * there, or nothing. */
static const char *interpreter_of(int argc, char **argv)
{
	return argc > 1 && argv[1][0] == '/' ? argv[1] : NULL;
}

static bool fill(struct bs_config *c, int argc, char **argv, struct sg_status *st)
{
	struct sg_supervise_config *s = &c->supervise;
	const char *root = getenv("LAMBDA_TASK_ROOT");
	root = root && *root ? root : "/var/task";
	s->memory = memory_of_function();
	s->timeout_ms = 30000;
	s->floor = SG_PROFILE_LOCKDOWN;
	s->disposable = disposable(root);
	if (!refused_modes(st) || !read_bundle(c, root, st))
		return false;
	const char *path = getenv("PATH");
	if (getuid() == 0 && !sg_sys_drop_root(65534, 65534, st))
		return false;
	return sg_engine_find_python(interpreter_of(argc, argv), path && *path ? path : "/usr/local/bin:/usr/bin:/bin",
				     &s->engine.python, st);
}

bool bs_config_read(struct bs_config *c, int argc, char **argv, struct sg_status *st)
{
	const char *api = getenv("AWS_LAMBDA_RUNTIME_API");
	struct sg_status why = {0};
	memset(c, 0, sizeof(*c));
	c->magic = BS_MAGIC;
	c->size = sizeof(*c);
	const char *probe = getenv("SANDBOXGEN_PROBE");
	/* who deploys the function decides, never who calls it */
	c->probe = (argc > 1 && !strcmp(argv[1], "--probe")) || (probe && !strcmp(probe, "1"));
	if (!c->probe && (!api || !*api))
		return sg_fail(st, 0,
			       "AWS_LAMBDA_RUNTIME_API is not set: this program is started by Lambda "
			       "(`sandboxgen run SCRIPT` runs a script here)");
	if (api && !copy(c->api, sizeof(c->api), api))
		return sg_fail(st, 0, "AWS_LAMBDA_RUNTIME_API is too long");
	if (!fill(c, argc, argv, &why))
		memcpy(c->error, why.text, sizeof(why.text));
	/* root that could not be given up is refused by the sandbox itself, in the second life */
	c->expected = c->supervise.floor;
	return true;
}
