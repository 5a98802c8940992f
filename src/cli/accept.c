/*
 * What the user accepts: the suppressions of templates and of --suppress, the baseline.  What is accepted stays in the
 * report; this says only that it does not count.
 */
#include "audit/audit.h"
#include "cli/accept_priv.h"
#include "json/json.h"

#include <string.h>
#include <time.h>

enum { MAX_SUPPRESSIONS = 1 << 20, MAX_BASELINE = 64 << 20 };

/* In UTC, so that it ends everywhere at once. */
static struct sg_str today(struct sg_arena *a)
{
	time_t now = time(NULL);
	struct tm tm = {0};
	gmtime_r(&now, &tm);
	return sg_strf(a, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

static bool read_suppressions(struct sg_cli *cli, const char *path, struct sg_suppressions *s)
{
	uint32_t source = sg_cli_source(cli, path, MAX_SUPPRESSIONS);
	const struct sg_node *root = source ? sg_cli_tree(cli, source) : NULL;
	return root && sg_suppressions_file(s, cli->diags, root);
}

static struct sg_baseline *read_baseline(struct sg_cli *cli, const char *path)
{
	uint32_t source = sg_cli_source(cli, path, MAX_BASELINE);
	const struct sg_node *root = source ? sg_json_load(cli->arena, source, NULL, cli->diags) : NULL;
	return root ? sg_baseline_read(cli->arena, cli->diags, root) : NULL;
}

bool sg_accept_read(struct sg_cli *cli, struct sg_accept *out)
{
	const char *suppress = sg_cli_value(cli, "suppress"), *baseline = sg_cli_value(cli, "baseline");
	*out = (struct sg_accept){.today = today(cli->arena), .path = suppress, .baseline_path = baseline};
	out->all = !sg_cli_flag(cli, "function") && !sg_cli_flag(cli, "only-policies");
	out->file = sg_suppressions_new(cli->arena);
	if (suppress && !read_suppressions(cli, suppress, out->file))
		return false;
	out->baseline = baseline ? read_baseline(cli, baseline) : NULL;
	return !baseline || out->baseline;
}

void sg_accept_judge(struct sg_cli *cli, struct sg_accept *a, struct sg_suppressions *own, struct sg_findings *f,
		     const struct sg_report_file *file)
{
	for (size_t i = 0; i < file->n_rules; i++) {
		sg_suppressions_know(own, file->rules[i].name);
		sg_suppressions_know(a->file, file->rules[i].name);
	}
	sg_suppressions_use(own, f, cli->sources, file->path, a->today);
	sg_suppressions_use(a->file, f, cli->sources, file->path, a->today);
	sg_suppressions_leftover(own, f, a->today, a->all);
	if (a->baseline)
		sg_baseline_use(a->baseline, f, file->path);
	sg_findings_sort(f);
}

struct sg_report_file sg_accept_file(struct sg_cli *cli, const struct sg_accept *a)
{
	struct sg_findings *f = SG_NEW(cli->arena, struct sg_findings);
	f->arena = cli->arena;
	sg_judge(f, "TPL006", SG_LIT(""), SG_PASS); /* worse findings stand */
	sg_suppressions_leftover(a->file, f, a->today, a->all);
	sg_findings_sort(f);
	return (struct sg_report_file){.path = sg_str(a->path), .judged = true, .findings = f};
}

bool sg_accept_write(struct sg_cli *cli, const struct sg_report *r)
{
	const char *path = sg_cli_value(cli, "write-baseline");
	struct sg_json w;
	struct sg_buf text = {0};
	if (!path)
		return true;
	if (!strcmp(sg_report_verdict(r), "error")) {
		sg_cli_error(cli, "every file of the run has to be judged", "the baseline '%s' is not written", path);
		return true; /* the report says which was not */
	}
	sg_baseline_begin(&w, &text);
	for (size_t i = 0; i < r->n_files; i++)
		if (r->files[i].findings)
			sg_baseline_add(&w, r->files[i].findings, r->files[i].path);
	sg_baseline_end(&w);
	bool ok = sg_cli_write_file(cli, path, sg_buf_view(&text));
	sg_buf_free(&text);
	return ok;
}
