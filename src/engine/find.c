/*
 * Where an interpreter and its libpython are, by looking at files alone.
 */
#include "engine/engine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OLDEST = 10, NEWEST = 14 }; /* sys.stdlib_module_names came with 3.10 */

static bool is_program(const char *path)
{
	struct stat sb;
	char magic[4] = {0};
	FILE *f = stat(path, &sb) == 0 && S_ISREG(sb.st_mode) && access(path, X_OK) == 0 ? fopen(path, "re") : NULL;
	if (!f)
		return false;
	size_t n = fread(magic, 1, sizeof(magic), f);
	fclose(f);
	return n == sizeof(magic) && !memcmp(magic, "\177ELF", 4); /* pyenv's python3 is a shell script */
}

/* The N of a name that ends in python3.N, or -1. */
static int minor_of(const char *path)
{
	const char *name = strrchr(path, '/');
	int minor, end = 0;
	name = name ? name + 1 : path;
	return sscanf(name, "python3.%2d%n", &minor, &end) == 1 && !name[end] ? minor : -1;
}

static bool join(char *out, const char *dir, const char *rest)
{
	return (size_t)snprintf(out, PATH_MAX, "%s/%s", dir, rest) < PATH_MAX;
}

static bool find_library(struct sg_python *py)
{
	static const char *const dirs[] = {
		"%p/lib",     "%p/lib64", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu",
		"/usr/lib64", "/usr/lib",
	};
	char names[2][64], dir[PATH_MAX];
	snprintf(names[0], sizeof(names[0]), "libpython3.%d.so.1.0", py->minor);
	snprintf(names[1], sizeof(names[1]), "libpython3.%d.so",
		 py->minor); /* of an installation that drops the versions */
	for (size_t k = 0; k < 2 * sizeof(dirs) / sizeof(*dirs); k++) {
		size_t i = k / 2;
		bool own = !strncmp(dirs[i], "%p/", 3);
		if (own && !join(dir, py->prefix, dirs[i] + 3))
			continue;
		/* the system's libpython is another build than an interpreter of its own under /opt */
		if (!own && strcmp(py->prefix, "/usr") != 0)
			continue;
		if (join(py->library, own ? dir : dirs[i], names[k % 2]) && access(py->library, R_OK) == 0)
			return true;
	}
	return false;
}

static bool complete(struct sg_python *py, struct sg_status *st)
{
	memcpy(py->prefix, py->interpreter, sizeof(py->prefix));
	for (int up = 0; up < 2; up++) {
		char *slash = strrchr(py->prefix, '/');
		if (!slash)
			return sg_fail(st, 0, "%s has no installation around it", py->interpreter);
		*slash = 0;
	}
	if (!py->prefix[0])
		memcpy(py->prefix, "/usr", 5); /* /bin/python3.N of a system whose /bin is no link */
	py->minor = minor_of(py->interpreter);
	for (int minor = NEWEST; py->minor < 0 && minor >= OLDEST; minor--) {
		char path[PATH_MAX + 64];
		snprintf(path, sizeof(path), "%s/lib/python3.%d/os.py", py->prefix, minor);
		if (access(path, R_OK) == 0)
			py->minor = minor;
	}
	if (py->minor < OLDEST)
		return sg_fail(st, 0, "%s is not a Python 3.%d or newer", py->interpreter, OLDEST);
	return find_library(py) ||
	       sg_fail(st, 0,
		       "libpython3.%d.so.1.0 of %s was not found: install the package libpython3.%d "
		       "(apt-get install libpython3.%d)",
		       py->minor, py->interpreter, py->minor, py->minor);
}

static bool consider(const char *path, struct sg_python *py, struct sg_status *st)
{
	char real[PATH_MAX];
	if (!realpath(path, real))
		return sg_fail(st, errno, "cannot find the interpreter %s", path);
	const char *name = strrchr(real, '/') + 1; /* realpath gives an absolute path */
	if (strncmp(name, "python", 6) != 0 || !is_program(real))
		return sg_fail(st, 0, "%s is not a Python interpreter", real);
	memcpy(py->interpreter, real, sizeof(real));
	return complete(py, st);
}

/* The newest of DIR/python3.N, then DIR/python3.  `why` keeps the most telling refusal. */
static bool search_dir(const char *dir, struct sg_python *py, struct sg_status *why)
{
	char path[PATH_MAX], name[32];
	for (int minor = NEWEST + 1; minor >= OLDEST; minor--) {
		snprintf(name, sizeof(name), minor > NEWEST ? "python3" : "python3.%d", minor);
		if (join(path, dir, name) && access(path, X_OK) == 0 && consider(path, py, why))
			return true;
	}
	return false;
}

bool sg_engine_find_python(const char *wanted, const char *search, struct sg_python *out, struct sg_status *st)
{
	struct sg_python py = {.minor = -1};
	struct sg_status why = {0};
	bool found = wanted ? consider(wanted, &py, &why) : search_dir("/var/lang/bin", &py, &why);
	for (const char *p = search; !wanted && !found && p && *p;) {
		size_t n = strcspn(p, ":");
		char dir[PATH_MAX];
		if (*p == '/' && n < sizeof(dir)) { /* a relative directory of PATH is whoever's */
			snprintf(dir, sizeof(dir), "%.*s", (int)n, p);
			found = search_dir(dir, &py, &why);
		}
		p += n + (p[n] == ':');
	}
	if (found) {
		*out = py;
		return true;
	}
	if (why.text[0])
		return sg_fail(st, 0, "%s", why.text);
	return sg_fail(st, 0,
		       "no Python 3.%d to 3.%d was found in /var/lang/bin or %s: install the packages python3 and "
		       "libpython3 (apt-get install python3 libpython3-dev)",
		       OLDEST, NEWEST, search && *search ? search : "PATH");
}
