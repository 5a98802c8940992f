/*
 * left.c - files that an earlier specification had: of an environment that is gone, or bootstrap.yaml of a repository that
 * no longer deploys.  They would still be deployed by whoever names them.
 *
 * It must not remove any: what is on disk may be what is deployed.
 */
#include "render/render_priv.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SG_TEMPLATE "template.yaml"

enum { NAME_MOST = 32 /* letters and digits of an environment's name (spec/keys.c) */ };

/* Whether `name` is `base`, or "template.NAME.yaml" where `base` is "template.yaml". */
static bool is_of(const char *name, const char *base)
{
	const char *dot = strrchr(base, '.');
	size_t stem = (size_t)(dot - base), tail = strlen(dot), n = strlen(name);
	if (!strcmp(name, base))
		return true;
	if (n < stem + tail + 2 || strncmp(name, base, stem) || name[stem] != '.' || strcmp(name + n - tail, dot))
		return false;
	struct sg_str middle = {name + stem + 1, n - tail - stem - 1};
	for (size_t i = 0; i < middle.n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", middle.p[i]))
			return false;
	return middle.n <= NAME_MOST;
}

static bool is_file(int dir, const char *name)
{
	struct stat sb;
	return fstatat(dir, name, &sb, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(sb.st_mode);
}

/* Adds what lies in the directory of `path`, is named like it, and is not in the set. */
static void add_named(struct sg_place *p, struct sg_arena *a, const char *path, const struct sg_file_set *set,
		      struct sg_candidates *out)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	int fd = sg_place_parent(p, path);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		if (fd >= 0)
			close(fd);
		return;
	}
	for (const struct dirent *e = readdir(dir); e; e = readdir(dir)) {
		const char *there = sg_strf(a, "%.*s%s", (int)(base - path), path, e->d_name).p;
		if (is_of(e->d_name, base) && is_file(fd, e->d_name) && !sg_file_find(set, there))
			SG_PUSH(a, &out->v, ((struct sg_file){.path = there, .match = SG_MATCH_BYTES}));
	}
	closedir(dir);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct sg_file *)a)->path, ((const struct sg_file *)b)->path);
}

bool sg_place_left(struct sg_place *p, struct sg_arena *a, const struct sg_file_set *set, struct sg_file_set *out,
		   struct sg_status *st)
{
	struct sg_candidates named = {0};
	struct sg_found *found;
	for (size_t i = 0; sg_render_each(i); i++)
		add_named(p, a, sg_render_each(i), set, &named);
	if (named.v.n)
		qsort(named.v.v, named.v.n, sizeof(*named.v.v), by_path);
	*out = (struct sg_file_set){named.v.v, named.v.n};
	if (!sg_place_compare(p, out, &found, st))
		return false;
	out->n = 0;
	for (size_t i = 0; i < named.v.n; i++)
		if (found[i].presence == SG_STALE || found[i].presence == SG_EDITED)
			out->files[out->n++] = named.v.v[i];
	return true;
}

static bool has_path(const struct sg_file_set *set, const char *path)
{
	for (size_t i = 0; i < set->n; i++)
		if (!strcmp(set->files[i].path, path))
			return true;
	return false;
}

/* The templates that a samconfig.toml deploys and that are of no use any more: they are left, or gone. */
static void add_deployed(struct sg_place *p, struct sg_arena *a, struct sg_str samconfig, const struct sg_file_set *set,
			 const struct sg_file_set *left, struct sg_candidates *out)
{
	struct sg_str value;
	int fd = sg_place_parent(p, SG_TEMPLATE);
	while (sg_toml_next(&samconfig, "template_file", &value)) {
		const char *path = sg_strf(a, "%.*s", SG_FMT(value)).p;
		struct sg_file_set so_far = {out->v.v, out->v.n};
		if (is_of(path, SG_TEMPLATE) && !sg_file_find(set, path) && !has_path(&so_far, path) &&
		    (has_path(left, path) || (fd >= 0 && faccessat(fd, path, F_OK, AT_SYMLINK_NOFOLLOW) != 0)))
			SG_PUSH(a, &out->v, ((struct sg_file){.path = path, .match = SG_MATCH_BYTES}));
	}
	if (fd >= 0)
		close(fd);
}

struct sg_file_set sg_place_left_sections(struct sg_place *p, struct sg_arena *a, const struct sg_file_set *set,
					  const struct sg_found *found, const struct sg_file_set *left)
{
	struct sg_candidates out = {0};
	for (size_t i = 0; i < set->n; i++)
		if (set->files[i].match == SG_MATCH_KEYS && found[i].presence != SG_ABSENT &&
		    found[i].presence != SG_STALE)
			add_deployed(p, a, found[i].text, set, left, &out);
	return (struct sg_file_set){out.v.v, out.v.n};
}
