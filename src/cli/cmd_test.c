/*
 * `sandboxgen test PATH...`: unit tests of rules, in cfn-guard's form: a list of cases, each with an input document and
 * what the rules must say about it.
 *
 *   - name: a queue without a key
 *     input: {Resources: {Q: {Type: AWS::SQS::Queue}}}
 *     expectations: {rules: {QUEUES_HAVE_KEYS: FAIL}}
 *
 * Theory of operation: of folders, every *.guard is a rule file, and every YAML or JSON file in a folder named tests or
 * with a name that ends in test or tests is a test file.  A test file belongs to the rule file in its folder, or the one
 * above, whose name its own begins with; else to one that has the rules it expects something of.
 */
#include "cli/policies_priv.h"
#include "yaml/yaml.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

struct rule_file {
	struct sg_policy *policy;
	bool *covered; /* by the rules' place */
	size_t tests;
};

struct testing {
	struct sg_cli *cli;
	struct sg_policies policies;
	struct rule_file *rules;
	struct sg_paths rule_paths, test_paths;
	struct sg_map *unknown; /* what was said about rules that are not there */
	size_t cases, expectations, failed, files;
};

/* ------------------------------------------------------------------------------------------------ which files */

static bool is_data(struct sg_str path)
{
	return sg_str_ends(path, ".yaml") || sg_str_ends(path, ".yml") || sg_str_ends(path, ".json") ||
	       sg_str_ends(path, ".jsn");
}

static bool is_test(struct sg_str path)
{
	struct sg_str folder = sg_path_name(sg_path_folder(path)), stem = sg_path_stem(path);
	return sg_str_is(folder, "tests") || sg_str_is(folder, "test") || sg_str_ends(stem, "test") ||
	       sg_str_ends(stem, "tests");
}

static bool sort_path(struct testing *t, const char *given)
{
	static const char *const endings[] = {".guard", ".yaml", ".yml", ".json", ".jsn", NULL};
	struct sg_paths found = {0};
	if (!sg_cli_walk(t->cli, given, endings, &found))
		return false;
	bool folder = found.list.n != 1 || !sg_str_is(found.list.v[0], given);
	for (size_t i = 0; i < found.list.n; i++) {
		struct sg_str path = found.list.v[i];
		if (!is_data(path))
			SG_PUSH(t->cli->arena, &t->rule_paths.list, path);
		else if (!folder || is_test(path))
			SG_PUSH(t->cli->arena, &t->test_paths.list, path);
	}
	return true;
}

static bool load_rules(struct testing *t)
{
	bool ok = true;
	for (size_t i = 0; i < t->rule_paths.list.n; i++)
		ok = sg_policies_load_file(t->cli, t->rule_paths.list.v[i], &t->policies) && ok;
	t->rules = SG_NEW_ARRAY(t->cli->arena, t->policies.files.n + 1, struct rule_file);
	for (size_t i = 0; i < t->policies.files.n; i++) {
		t->rules[i].policy = &t->policies.files.v[i];
		t->rules[i].covered = SG_NEW_ARRAY(t->cli->arena, sg_guard_rules(t->rules[i].policy->guard) + 1, bool);
	}
	return ok;
}

/* ------------------------------------------------------------------------------------------------ whose test */

static bool starts_with(struct sg_str s, struct sg_str prefix)
{
	return prefix.n && s.n >= prefix.n && !memcmp(s.p, prefix.p, prefix.n);
}

static bool beside(struct sg_str rules, struct sg_str test)
{
	struct sg_str folder = sg_path_folder(test), above = sg_path_folder(folder), own = sg_path_folder(rules);
	if (sg_str_is(above, ".") && sg_str_find(folder, "/", 0) == SIZE_MAX && !sg_str_is(folder, "."))
		above = SG_LIT(".");
	return sg_str_eq(own, folder) || sg_str_eq(own, above);
}

static const struct sg_node *expected_rules(const struct sg_node *test)
{
	return sg_node_get(sg_node_get(test, "expectations"), "rules");
}

static size_t rule_index(const struct sg_guard *g, struct sg_str name, size_t from)
{
	while (from < sg_guard_rules(g) && !sg_str_eq(sg_guard_rule_name(g, from), name))
		from++;
	return from;
}

/* How many of the rules that the tests expect something of the file has. */
static size_t known_rules(const struct sg_guard *g, const struct sg_node *tests)
{
	size_t known = 0;
	for (size_t i = 0; i < tests->n; i++) {
		const struct sg_node *rules = expected_rules(tests->items[i]);
		for (size_t k = 0; rules && rules->kind == SG_MAP && k < rules->n; k++)
			known += rule_index(g, rules->members[k].key->text, 0) < sg_guard_rules(g);
	}
	return known;
}

static struct rule_file *owner(struct testing *t, struct sg_str path, const struct sg_node *tests)
{
	struct rule_file *best = NULL;
	size_t best_score = 0;
	struct sg_str stem = sg_str_trim(sg_path_stem(path));
	if (t->policies.files.n == 1)
		return &t->rules[0];
	for (size_t i = 0; i < t->policies.files.n; i++) {
		struct sg_str rules = t->rules[i].policy->path, own = sg_path_stem(rules);
		size_t known = beside(rules, path) ? known_rules(t->rules[i].policy->guard, tests) : 0;
		if (!known)
			continue;
		size_t score = 1 + (starts_with(stem, own) ? own.n : 0);
		if (score > best_score) {
			best = &t->rules[i];
			best_score = score;
		}
	}
	return best;
}

/* ------------------------------------------------------------------------------------------------ one case */

static void not_as_expected(struct testing *t, struct sg_span span, const struct sg_node *test, struct sg_str rule,
			    struct sg_str expected, enum sg_guard_status got)
{
	struct sg_cli *cli = t->cli;
	struct sg_pos pos = sg_pos_start(cli->sources, span);
	const struct sg_node *name = sg_node_get(test, "name");
	sg_buf_printable(&cli->out, sg_source_path(cli->sources, span.source));
	sg_buf_addf(&cli->out, ":%u:%u: ", pos.line, pos.column);
	sg_buf_printable(&cli->out, rule);
	sg_buf_adds(&cli->out, " should be ");
	sg_buf_printable(&cli->out, expected);
	sg_buf_addf(&cli->out, ", is %s", sg_guard_status_name(got));
	if (name && name->kind == SG_SCALAR && name->text.n) {
		sg_buf_adds(&cli->out, " (");
		sg_buf_printable(&cli->out, name->text);
		sg_buf_addc(&cli->out, ')');
	}
	sg_buf_addc(&cli->out, '\n');
	t->failed++;
}

/* Of several rules of one name one must be as expected; all must skip where that is expected.  `got` is the one to show. */
static bool as_expected(struct rule_file *r, const struct sg_guard_run *run, struct sg_str name, struct sg_str expected,
			enum sg_guard_status *got)
{
	const struct sg_guard *g = r->policy->guard;
	size_t n = 0, equal = 0;
	for (size_t i = rule_index(g, name, 0); i < sg_guard_rules(g); i = rule_index(g, name, i + 1)) {
		r->covered[i] = true;
		*got = run->rules[i].status;
		equal += sg_str_is(expected, sg_guard_status_name(*got));
		n++;
	}
	return sg_str_is(expected, "SKIP") ? equal == n : equal > 0;
}

/* cfn-guard passes over such an expectation; here it is said, once per file. */
static void no_such_rule(struct testing *t, const struct rule_file *r, const struct sg_node *key)
{
	struct sg_str row = sg_strf(t->cli->arena, "%u/%.*s", key->span.source, SG_FMT(key->text));
	if (!sg_map_put(t->unknown, row, t))
		sg_diag(t->cli->diags, SG_WARNING, key->span, NULL, "%.*s has no rule %.*s", SG_FMT(r->policy->path),
			SG_FMT(key->text));
}

static void check_expectation(struct testing *t, struct rule_file *r, const struct sg_guard_run *run,
			      const struct sg_node *test, const struct sg_member *m)
{
	const struct sg_guard *g = r->policy->guard;
	struct sg_str name = m->key->text, expected = m->value->text;
	enum sg_guard_status got = SG_GUARD_SKIP;
	bool strict = sg_guard_is_strict(g);
	if (m->value->kind != SG_SCALAR || (!sg_str_is(expected, "PASS") && !sg_str_is(expected, "FAIL") &&
					    !sg_str_is(expected, strict ? "UNKNOWN" : "SKIP"))) {
		sg_diag(t->cli->diags, SG_ERROR, m->value->span, NULL,
			strict ? "a strict rule's status is PASS, FAIL or UNKNOWN"
			       : "a rule's status is PASS, FAIL or SKIP");
		return;
	}
	if (rule_index(g, name, 0) == sg_guard_rules(g)) {
		no_such_rule(t, r, m->key);
		return;
	}
	t->expectations++;
	if (!as_expected(r, run, name, expected, &got))
		not_as_expected(t, m->key->span, test, name, expected, got);
}

static void run_case(struct testing *t, struct rule_file *r, const struct sg_node *test)
{
	const struct sg_node *input = sg_node_get(test, "input"), *rules = expected_rules(test);
	if (!input || !rules || rules->kind != SG_MAP) {
		sg_diag(t->cli->diags, SG_ERROR, sg_node_span(test), "see sandboxgen test --help",
			"a case has an input and expectations with rules");
		return;
	}
	struct sg_guard_run run =
		sg_guard_is_strict(r->policy->guard)
			? sg_strict_run(t->cli, r->policy, input, sg_node_get(test, "sandbox"))
			: sg_policies_run(t->cli, r->policy, sg_guard_doc(t->cli->arena, input, SG_GUARD_TEST));
	t->cases++;
	for (size_t i = 0; run.status != SG_GUARD_ERROR && i < rules->n; i++)
		check_expectation(t, r, &run, test, &rules->members[i]);
}

static void run_file(struct testing *t, struct sg_str path)
{
	uint32_t source = sg_cli_source(t->cli, sg_cstr(t->cli->arena, path), sg_yaml_limits_default.bytes);
	const struct sg_node *tests = source ? sg_policies_tree(t->cli, source) : NULL;
	if (!tests)
		return;
	if (tests->kind != SG_SEQ) {
		sg_diag(t->cli->diags, SG_ERROR, tests->span, "see sandboxgen test --help",
			"a test file is a list of cases");
		return;
	}
	struct rule_file *r = owner(t, path, tests);
	if (!r) {
		sg_cli_error(t->cli, "name the rule file, too", "test: no rule file belongs to %.*s", SG_FMT(path));
		return;
	}
	r->tests++;
	t->files++;
	for (size_t i = 0; i < tests->n; i++)
		run_case(t, r, tests->items[i]);
}

/* ------------------------------------------------------------------------------------------------ the whole */

static void uncovered(struct testing *t)
{
	struct sg_buf *out = &t->cli->out;
	bool said = false;
	for (size_t i = 0; i < t->policies.files.n; i++) {
		const struct rule_file *r = &t->rules[i];
		for (size_t k = 0; k < sg_guard_rules(r->policy->guard); k++) {
			if (r->covered[k])
				continue;
			sg_buf_adds(out, said ? "" : "no test expects anything of:\n");
			said = true;
			sg_buf_adds(out, "  ");
			sg_buf_str(out, sg_guard_rule_name(r->policy->guard, k));
			sg_buf_adds(out, " (");
			sg_buf_printable(out, r->policy->path);
			sg_buf_adds(out, ")\n");
		}
	}
}

static void summary(struct testing *t)
{
	sg_buf_addf(&t->cli->out,
		    "%zu rule file%s, %zu test file%s, %zu case%s, %zu expectation%s: ", t->policies.files.n,
		    t->policies.files.n == 1 ? "" : "s", t->files, t->files == 1 ? "" : "s", t->cases,
		    t->cases == 1 ? "" : "s", t->expectations, t->expectations == 1 ? "" : "s");
	if (t->failed)
		sg_buf_addf(&t->cli->out, "%zu not met\n", t->failed);
	else
		sg_buf_adds(&t->cli->out, "all met\n");
}

/* What is not there is told as such, not as a folder without tests. */
static bool is_there(struct sg_cli *cli, const char *path)
{
	struct sg_status status;
	if (access(path, F_OK) == 0)
		return true;
	sg_fail(&status, errno, "cannot read '%.250s'", path);
	sg_cli_error(cli, NULL, "%s", status.text);
	return false;
}

static int run(struct sg_cli *cli)
{
	struct testing t = {.cli = cli, .unknown = sg_map_new(cli->arena)};
	for (size_t i = 0; i < cli->n_args; i++)
		if (!is_there(cli, cli->args[i]) || !sort_path(&t, cli->args[i]))
			return SG_EXIT_ERROR;
	if (!t.rule_paths.list.n)
		return sg_cli_error(cli, "name a rule file, or a folder of some", "test: there is no rule file");
	if (!t.test_paths.list.n)
		return sg_cli_error(cli, "name a test file, or a folder of some", "test: there is no test file");
	load_rules(&t);
	for (size_t i = 0; i < t.test_paths.list.n; i++)
		run_file(&t, t.test_paths.list.v[i]);
	uncovered(&t);
	summary(&t);
	sg_policies_free(&t.policies);
	cli->print_anyway = true;
	return sg_diags_errors(cli->diags) ? SG_EXIT_ERROR : t.failed ? SG_EXIT_NO : SG_EXIT_YES;
}

const struct sg_command sg_cmd_test = {
	.name = "test",
	.usage = "PATH...",
	.summary = "runs the unit tests of rules in the Guard language",
	.details =
		"PATH is a rule file (*.guard), a test file, or a folder of both; test files are in cfn-guard's form:\n"
		"  - name: a queue without a key\n"
		"    input: {Resources: {Q: {Type: AWS::SQS::Queue}}}\n"
		"    expectations: {rules: {QUEUES_HAVE_KEYS: FAIL}}\n"
		"Rules in strict mode are tested as the audit runs them: input is a template, a status may be UNKNOWN, and\n"
		"sandbox: {timeout: 5} gives bounds as a sandbox.yaml does.\n"
		"Says which expectations are not met and of which rules nothing is expected.  Exit code 0: all are met;\n"
		"1: not all; 2: a file could not be used.",
	.min_args = 1,
	.max_args = SIZE_MAX,
	.run = run,
};
