/*
 * render: sandbox.yaml → the files of a deployment.
 *
 * Theory of operation: read and judge the spec; make every file's bytes; have the template pass the program's own
 * audit, and write the page for reviewers of what it found; then compare with what is on disk, and write all of it or nothing.
 */
#include "audit/audit.h"
#include "cli/cli_priv.h"
#include "draw/draw.h"
#include "render/render.h"
#include "yaml/yaml.h"

#include <string.h>

enum { SPEC_MAX = 1 << 20, LOCK_MAX = 16 << 20 };

static const struct sg_option options[] = {
	{"output-dir", 'o', "DIR", false, "write into DIR, which is made if need be; default: beside the spec", NULL},
	{"check", 0, NULL, false, "write nothing; exit 1 with a diff where files on disk differ", NULL},
	{"stdout", 0, NULL, false, "print template.yaml and write nothing", NULL},
	{"force", 'f', NULL, false, "replace files too that were edited, or are not sandboxgen's", NULL},
	{0},
};

/* ---------------------------------------------------------------------------------------------- the spec */

bool sg_cli_spec(struct sg_cli *cli, const char *path, struct sg_spec *out)
{
	struct sg_yaml_limits limits = {.bytes = SPEC_MAX, .depth = 20, .nodes = 20000, .expanded = 20000};
	uint32_t source = sg_cli_source(cli, path, SPEC_MAX);
	if (!source)
		return false;
	size_t before = sg_diags_errors(cli->diags);
	const struct sg_node *root = sg_yaml_load(cli->arena, cli->diags, source, &limits, NULL);
	return sg_diags_errors(cli->diags) == before && sg_spec_read(root, source, cli->diags, out);
}

/* "dir" of "dir/sandbox.yaml" */
static const char *directory_of(struct sg_cli *cli, const char *path)
{
	const char *slash = strrchr(path, '/');
	if (!slash)
		return ".";
	return slash == path ? "/" : sg_strf(cli->arena, "%.*s", (int)(slash - path), path).p;
}

/* Packages are installed from the lock that is where the Makefile will be. */
static bool lock_fits(struct sg_cli *cli, const struct sg_spec *spec, const char *dir)
{
	struct sg_str text;
	struct sg_status st;
	if (!spec->packages.list.n)
		return true;
	const char *path = strcmp(dir, ".") ? sg_strf(cli->arena, "%s/" SG_LOCK_NAME, dir).p : SG_LOCK_NAME;
	uint32_t source = 0;
	if (sg_file_read(cli->arena, path, LOCK_MAX, &text, &st))
		source = sg_source_add(cli->sources, sg_str(path), text);
	return sg_render_lock(spec, source, cli->diags);
}

/* ---------------------------------------------------------------------------------------------- the audit */

static void our_fault(struct sg_cli *cli, const struct sg_findings *findings)
{
	for (size_t i = 0; findings && i < findings->list.n; i++) {
		const struct sg_finding *f = findings->list.v[i];
		sg_diag(cli->diags, SG_ERROR, f->span, NULL, "%s %s: %.*s", f->rule->id, sg_verdict_name(f->status),
			SG_FMT(f->message));
	}
	sg_cli_error(
		cli,
		"this is a fault of sandboxgen, not of the specification: please report it, with the specification",
		"the template that was rendered does not pass the audit; nothing was written");
}

/* What a boundary that is not in the template leaves of the role's own needs is not proved, and is not asked: a role
 * that is allowed too little fails when it is deployed, and lets nothing out. */
static bool of_the_boundary(const struct sg_spec *spec, const struct sg_finding *f)
{
	bool bounded = spec->permissions_boundary.set || spec->repository.set;
	return bounded && f->status == SG_UNPROVEN && f->severity == SG_LOW && !strcmp(f->rule->id, "IAM010");
}

static bool all_proved(const struct sg_spec *spec, const struct sg_findings *findings)
{
	for (size_t i = 0; i < findings->list.n; i++)
		if (!of_the_boundary(spec, findings->list.v[i]))
			return false;
	return sg_findings_verdict(findings, SG_MEDIUM) == SG_PASS;
}

/* SANDBOX.md, of what the audit found. */
static struct sg_file page(struct sg_cli *cli, const struct sg_file *template, uint32_t source,
			   const struct sg_findings *findings)
{
	struct sg_page_input in = {.template = template,
				   .root = sg_cli_tree(cli, source),
				   .sources = cli->sources,
				   .findings = findings,
				   .limits = sg_iam_limits};
	struct sg_buf graph = {0};
	sg_draw(&graph, cli->sources, findings, SG_DRAW_MERMAID);
	in.graph = sg_buf_take(&graph, cli->arena);
	return sg_render_page(cli->arena, &in);
}

/* What is rendered is judged like anybody's template, from its bytes, by what the specification asks for; here even
 * a low finding is one too many. */
static bool passes_audit(struct sg_cli *cli, const struct sg_file *template, struct sg_file *page_of)
{
	struct sg_audit_options o = {.no_inline = true};
	sg_cli_bounds(cli, template->spec, &o.bounds);
	uint32_t source =
		sg_source_add(cli->sources, sg_strf(cli->arena, "%s (rendered)", template->path), template->text);
	const struct sg_findings *findings = sg_cli_judge(cli, source, &o);
	if (findings && all_proved(template->spec, findings)) {
		*page_of = page(cli, template, source, findings);
		return true;
	}
	our_fault(cli, findings);
	return false;
}

/* Judges each template, and adds its page to the set. */
static bool all_pass_audit(struct sg_cli *cli, struct sg_file_set *set)
{
	size_t n = set->n;
	for (size_t i = 0; i < n; i++) {
		if (!set->files[i].spec)
			continue;
		if (!passes_audit(cli, &set->files[i], &set->files[set->n]))
			return false;
		set->n++;
	}
	return true;
}

static const char *in_dir(struct sg_cli *cli, const char *dir, const char *path)
{
	return strcmp(dir, ".") ? sg_strf(cli->arena, "%s/%s", dir, path).p : path;
}

/* ---------------------------------------------------------------------------------------------- tenancy */

/* The function of that name in a template that is on disk; NULL where there is none, or no way to tell. */
static const struct sg_node *function_on_disk(struct sg_cli *cli, const struct sg_found *found)
{
	struct sg_diags *aside = sg_diags_new(cli->arena, cli->sources);
	uint32_t source = sg_source_add(cli->sources, sg_str(found->file->path), found->text);
	const struct sg_node *root = sg_yaml_load(cli->arena, aside, source, NULL, NULL);
	const struct sg_node *resources = root && !sg_diags_errors(aside) ? sg_node_get(root, "Resources") : NULL;
	for (size_t i = 0; resources && resources->kind == SG_MAP && i < resources->n; i++) {
		const struct sg_node *props = sg_node_get(resources->members[i].value, "Properties");
		const struct sg_node *name = props ? sg_node_get(props, "FunctionName") : NULL;
		if (name && name->kind == SG_SCALAR && sg_str_eq(name->text, found->file->spec->name.text))
			return props;
	}
	return NULL;
}

/* Lambda fixes the tenancy of a function when it is made; CloudFormation would make another of the same name, which
 * cannot be (TenancyConfig: Update requires Replacement). */
static size_t name_tenancy(struct sg_cli *cli, const char *dir, const struct sg_found *found, size_t n)
{
	size_t changes = 0;
	for (size_t i = 0; i < n; i++) {
		const struct sg_spec *spec = found[i].file->spec;
		const struct sg_node *there = spec && found[i].text.n ? function_on_disk(cli, &found[i]) : NULL;
		const struct sg_node *tenancy = there ? sg_node_get(there, "TenancyConfig") : NULL;
		if (!there || (tenancy != NULL) == sg_spec_per_tenant(spec))
			continue;
		changes++;
		sg_diag_file(cli->diags, SG_WARNING, sg_str(in_dir(cli, dir, found[i].file->path)),
			     "give the function a new name, or --force if it was never deployed",
			     "the tenancy of the function %.*s cannot change: Lambda fixes it when a function is made",
			     SG_FMT(spec->name.text));
	}
	return changes;
}

/* ---------------------------------------------------------------------------------------------- the disk */

static bool must_ask(enum sg_presence presence)
{
	return presence == SG_EDITED || presence == SG_FOREIGN;
}

/* The files that only --force may replace; how many there are. */
static size_t name_conflicts(struct sg_cli *cli, const char *dir, const struct sg_found *found, size_t n)
{
	size_t conflicts = 0;
	for (size_t i = 0; i < n; i++) {
		if (!must_ask(found[i].presence))
			continue;
		conflicts++;
		sg_diag_file(cli->diags, SG_WARNING, sg_str(in_dir(cli, dir, found[i].file->path)),
			     found[i].file->match == SG_MATCH_LINES
				     ? "add the line /.aws-sam/ to it, or --force replaces it"
				     : "--force replaces it; render --check shows the difference",
			     found[i].presence == SG_EDITED
				     ? "it was edited since sandboxgen wrote it; nothing was written"
				     : "it is not sandboxgen's; nothing was written");
	}
	return conflicts;
}

static void say_written(struct sg_cli *cli, const char *dir, const struct sg_found *found, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sg_buf_addf(&cli->out, "%s %s\n", found[i].presence == SG_CURRENT ? "unchanged" : "wrote",
			    in_dir(cli, dir, found[i].file->path));
}

static int check(struct sg_cli *cli, const char *dir, const struct sg_found *found, size_t n)
{
	int code = SG_EXIT_YES;
	for (size_t i = 0; i < n; i++) {
		const char *path = in_dir(cli, dir, found[i].file->path);
		if (found[i].presence == SG_CURRENT)
			continue;
		code = SG_EXIT_NO;
		sg_diff(&cli->out, found[i].presence == SG_ABSENT ? "/dev/null" : path, path, found[i].text,
			found[i].file->text);
	}
	return code;
}

/* Says which files an earlier specification left; how many. */
static size_t name_left(struct sg_cli *cli, const char *dir, const struct sg_file_set *left)
{
	for (size_t i = 0; i < left->n; i++)
		sg_diag_file(cli->diags, SG_WARNING, sg_str(in_dir(cli, dir, left->files[i].path)),
			     "delete what it deployed, if it did, and then the file",
			     "sandboxgen wrote it, and the specification has nothing that it is for any more");
	return left->n;
}

/* The same of sections of samconfig.toml, which is the user's too, so that they are never taken out of it. */
static size_t name_left_sections(struct sg_cli *cli, const char *dir, struct sg_file_set sections)
{
	for (size_t i = 0; i < sections.n; i++)
		sg_diag_file(cli->diags, SG_WARNING, sg_str(in_dir(cli, dir, "samconfig.toml")),
			     "delete what it deployed, if it did, and then the section",
			     "it has a section for %s, which is of no environment of the specification any more",
			     sections.files[i].path);
	return sections.n;
}

static int use_place(struct sg_cli *cli, struct sg_place *place, const char *dir, const struct sg_file_set *set)
{
	struct sg_status st;
	struct sg_found *found;
	struct sg_file_set left;
	bool checks = sg_cli_flag(cli, "check");
	if (!checks && !sg_place_claim(place, set, &st))
		return sg_cli_error(cli, NULL, "%s", st.text);
	if (!sg_place_compare(place, set, &found, &st))
		return sg_cli_error(cli, NULL, "%s", st.text);
	if (!sg_place_left(place, cli->arena, set, &left, &st))
		return sg_cli_error(cli, NULL, "%s", st.text);
	size_t more = name_left(cli, dir, &left);
	more += name_left_sections(cli, dir, sg_place_left_sections(place, cli->arena, set, found, &left));
	bool force = sg_cli_flag(cli, "force");
	size_t against = force ? 0 : name_tenancy(cli, dir, found, set->n);
	if (checks)
		return check(cli, dir, found, set->n) == SG_EXIT_YES && !more ? SG_EXIT_YES : SG_EXIT_NO;
	if (!force && name_conflicts(cli, dir, found, set->n) + against)
		return SG_EXIT_NO;
	if (!sg_place_write(place, found, set->n, &st))
		return sg_cli_error(cli, "the files are as they were before", "%s", st.text);
	say_written(cli, dir, found, set->n);
	return SG_EXIT_YES;
}

static int to_disk(struct sg_cli *cli, const char *dir, const struct sg_file_set *set)
{
	struct sg_status st;
	struct sg_place *place = sg_place_open(cli->arena, dir, !sg_cli_flag(cli, "check"), &st);
	if (!place)
		return sg_cli_error(cli, NULL, "%s", st.text);
	int code = use_place(cli, place, dir, set);
	sg_place_close(place);
	return code;
}

/* ---------------------------------------------------------------------------------------------- */

static int run(struct sg_cli *cli)
{
	const char *path = cli->n_args ? cli->args[0] : "sandbox.yaml", *dir = sg_cli_value(cli, "output-dir");
	bool prints = sg_cli_flag(cli, "stdout");
	struct sg_spec spec;
	struct sg_file_set set;
	if (prints && (sg_cli_flag(cli, "check") || dir))
		return sg_cli_error(cli, NULL, "--stdout goes with neither --check nor --output-dir");
	if (!dir)
		dir = directory_of(cli, path);
	if (!sg_cli_spec(cli, path, &spec) || (!prints && !lock_fits(cli, &spec, dir)))
		return SG_EXIT_ERROR;
	if (!sg_render(cli->arena, &spec, cli->diags, &set) || !all_pass_audit(cli, &set))
		return SG_EXIT_ERROR;
	if (prints) {
		sg_buf_str(&cli->out, sg_file_find(&set, "template.yaml")->text);
		return SG_EXIT_YES;
	}
	return to_disk(cli, dir, &set);
}

const struct sg_command sg_cmd_render = {
	.name = "render",
	.usage = "[SPEC]",
	.summary = "sandbox.yaml into template.yaml and what deploying it needs",
	.details = "SPEC is sandbox.yaml by default; - is standard input, and then the files go into the current "
		   "directory.\n"
		   "Nothing is written when the spec has an error, or when a file would be lost that somebody edited "
		   "(exit 1;\n"
		   "--force replaces it). All files are written, or none. Of samconfig.toml only the keys that are "
		   "sandboxgen's\n"
		   "are compared, of .gitignore only its lines. After a kill in the midst of writing, the next render "
		   "puts the\n"
		   "old files (.NAME.sandboxgen-old) back before it starts.",
	.max_args = 1,
	.options = options,
	.run = run,
};
