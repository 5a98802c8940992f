/*
 * Policy documents from files: those of --reference and --managed-policies.
 */
#include "cli/cli_priv.h"
#include "iam/iam.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FILES = 10000 };
#define POLICY_MAX ((size_t)4 << 20)

const struct sg_node *sg_cli_policy(struct sg_cli *cli, const char *path)
{
	uint32_t source = sg_cli_source(cli, path, POLICY_MAX);
	const struct sg_node *root = source ? sg_cli_tree(cli, source) : NULL;
	return root ? sg_cfn_canonical(cli->arena, cli->diags, root) : NULL;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

typedef SG_VEC(const char *) names;

static bool is_json(const char *name)
{
	size_t n = strlen(name);
	return n > 5 && name[0] != '.' && !strcmp(name + n - 5, ".json");
}

static bool list_folder(struct sg_cli *cli, const char *folder, names *out)
{
	DIR *d = opendir(folder);
	if (!d) {
		sg_cli_error(cli, NULL, "--managed-policies: %s is no folder that can be read", folder);
		return false;
	}
	for (struct dirent *e; (e = readdir(d)) && out->n <= MAX_FILES;)
		if (is_json(e->d_name)) {
			const char *name = sg_strf(cli->arena, "%s", e->d_name).p;
			SG_PUSH(cli->arena, out, name);
		}
	closedir(d);
	if (out->n > MAX_FILES) {
		sg_cli_error(cli, NULL, "--managed-policies: %s has more than %d documents", folder, MAX_FILES);
		return false;
	}
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), by_name);
	return true;
}

/* NAME.json, as `aws iam get-policy-version` prints it or the document alone. */
static bool read_managed(struct sg_cli *cli, const char *folder, struct sg_iam_options *out)
{
	names files = {0};
	if (!list_folder(cli, folder, &files))
		return false;
	struct sg_iam_managed *all = SG_NEW_ARRAY(cli->arena, files.n + 1, struct sg_iam_managed);
	for (size_t k = 0; k < files.n; k++) {
		struct sg_str name = sg_str(files.v[k]);
		all[k].name = sg_str_sub(name, 0, name.n - strlen(".json"));
		all[k].document = sg_cli_policy(cli, sg_strf(cli->arena, "%s/%s", folder, files.v[k]).p);
		if (!all[k].document)
			return false;
	}
	out->managed = all;
	out->n_managed = files.n;
	return true;
}

bool sg_cli_iam_options(struct sg_cli *cli, bool reference, struct sg_iam_options *out)
{
	const char *folder = sg_cli_value(cli, "managed-policies");
	const char *path = reference ? sg_cli_value(cli, "reference") : NULL;
	*out = (struct sg_iam_options){.diags = cli->diags};
	if (folder && !read_managed(cli, folder, out))
		return false;
	out->reference = path ? sg_cli_policy(cli, path) : NULL;
	return !path || out->reference;
}
