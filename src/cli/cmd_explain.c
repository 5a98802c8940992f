/*
 * `sandboxgen explain [RULE]`: the pages of policies/, which are compiled in, and the list of the rules.
 */
#include "cli/cli_priv.h"

#include <ctype.h>
#include <string.h>

extern const struct sg_embedded sg_embedded_policies[];

static const struct sg_embedded *page_of(struct sg_cli *cli, const struct sg_rule *rule)
{
	const char *name = sg_strf(cli->arena, "policies/%s.md", rule->id).p;
	for (const struct sg_embedded *e = sg_embedded_policies; e->name; e++)
		if (!strcmp(e->name, name))
			return e;
	SG_BUG("a rule without a page in policies/");
}

static void list(struct sg_buf *out)
{
	for (size_t i = 0; i < sg_rules_count; i++) {
		const struct sg_rule *r = &sg_rules[i];
		if (i && strcmp(r->family, sg_rules[i - 1].family))
			sg_buf_addc(out, '\n');
		sg_buf_addf(out, "%s  %-8s  %s\n", r->id, sg_severity_name(r->severity), r->title);
	}
}

static const char *upper(struct sg_cli *cli, const char *word)
{
	size_t n = strlen(word);
	char *copy = sg_alloc(cli->arena, n + 1);
	for (size_t i = 0; i < n; i++)
		copy[i] = (char)toupper((unsigned char)word[i]);
	return copy;
}

static int unknown(struct sg_cli *cli, const char *word)
{
	const char **ids = SG_NEW_ARRAY(cli->arena, sg_rules_count + 1, const char *);
	for (size_t i = 0; i < sg_rules_count; i++)
		ids[i] = sg_rules[i].id;
	const char *near = sg_nearest(upper(cli, word), ids);
	const char *hint =
		near ? sg_strf(cli->arena, "did you mean %s?", near).p : "sandboxgen explain lists the rules";
	return sg_cli_error(cli, hint, "explain: unknown rule '%s'", word);
}

static int run(struct sg_cli *cli)
{
	if (!cli->n_args) {
		list(&cli->out);
		return SG_EXIT_YES;
	}
	const struct sg_rule *rule = sg_rule_find(sg_str(upper(cli, cli->args[0])));
	if (!rule)
		return unknown(cli, cli->args[0]);
	const struct sg_embedded *page = page_of(cli, rule);
	sg_buf_add(&cli->out, page->data, page->size);
	return SG_EXIT_YES;
}

const struct sg_command sg_cmd_explain = {
	.name = "explain",
	.usage = "[RULE]",
	.summary = "what a rule checks, why, how to put it right, an example each way; without RULE, the list",
	.min_args = 0,
	.max_args = 1,
	.run = run,
};
