/*
 * Folders of files: which of them are meant, in an order that depends on their names alone.
 */
#include "cli/policies_priv.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_FILES 100000
#define MAX_DEPTH 64

static size_t name_at(struct sg_str path)
{
	size_t at = path.n;
	while (at && path.p[at - 1] != '/')
		at--;
	return at;
}

struct sg_str sg_path_folder(struct sg_str path)
{
	size_t at = name_at(path);
	return at ? sg_str_sub(path, 0, at > 1 ? at - 1 : 1) : SG_LIT(".");
}

struct sg_str sg_path_name(struct sg_str path)
{
	return sg_str_sub(path, name_at(path), SIZE_MAX);
}

struct sg_str sg_path_stem(struct sg_str path)
{
	struct sg_str name = sg_path_name(path);
	size_t dot = name.n;
	while (dot && name.p[dot - 1] != '.')
		dot--;
	return dot > 1 ? sg_str_sub(name, 0, dot - 1) : name;
}

static bool ends_in(struct sg_str path, const char *const *endings)
{
	for (; *endings; endings++)
		if (sg_str_ends(path, *endings))
			return true;
	return false;
}

static int by_path(const void *a, const void *b)
{
	return sg_str_cmp(*(const struct sg_str *)a, *(const struct sg_str *)b);
}

static bool walk(struct sg_cli *cli, const char *folder, const char *const *endings, struct sg_paths *out, int depth);

static bool entry(struct sg_cli *cli, const char *path, unsigned char type, const char *const *endings,
		  struct sg_paths *out, int depth)
{
	struct stat sb;
	if (type == DT_REG && !ends_in(sg_str(path), endings))
		return true;
	if (type == DT_REG) {
		SG_PUSH(cli->arena, &out->list, sg_str(path));
		return true;
	}
	if (type == DT_DIR)
		return walk(cli, path, endings, out, depth + 1);
	if (lstat(path, &sb) < 0)
		return true; /* gone meanwhile */
	if (S_ISDIR(sb.st_mode))
		return walk(cli, path, endings, out, depth + 1);
	if (S_ISLNK(sb.st_mode) && (stat(path, &sb) < 0 || !S_ISREG(sb.st_mode)))
		return true;
	if (S_ISREG(sb.st_mode) && ends_in(sg_str(path), endings))
		SG_PUSH(cli->arena, &out->list, sg_str(path));
	return true;
}

static bool walk(struct sg_cli *cli, const char *folder, const char *const *endings, struct sg_paths *out, int depth)
{
	if (depth > MAX_DEPTH || out->list.n > MAX_FILES) {
		sg_cli_error(cli, NULL, "%s: more files or folders than are looked at", folder);
		return false;
	}
	DIR *dir = opendir(folder);
	if (!dir) {
		sg_cli_error(cli, NULL, "cannot read the folder %s: %s", folder, strerror(errno));
		return false;
	}
	bool ok = true;
	const char *slash = sg_str_ends(sg_str(folder), "/") ? "" : "/";
	for (struct dirent *e = readdir(dir); e && ok; e = readdir(dir))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			ok = entry(cli, sg_strf(cli->arena, "%s%s%s", folder, slash, e->d_name).p, e->d_type, endings,
				   out, depth);
	closedir(dir);
	return ok;
}

bool sg_cli_walk(struct sg_cli *cli, const char *path, const char *const *endings, struct sg_paths *out)
{
	struct stat sb;
	size_t from = out->list.n;
	if (stat(path, &sb) < 0 || !S_ISDIR(sb.st_mode)) {
		SG_PUSH(cli->arena, &out->list, sg_str(path));
		return true;
	}
	if (!walk(cli, path, endings, out, 0))
		return false;
	if (out->list.n > from)
		qsort(out->list.v + from, out->list.n - from, sizeof(*out->list.v), by_path);
	return true;
}
