/*
 * The pages of policies/, as the help of rules: what is checked, why, how to put it right; not the examples, which fill
 * a page and belong to `sandboxgen explain`.
 */
#include "report/report_priv.h"

#include <string.h>

struct sg_str sg_report_page(const struct sg_report *r, const struct sg_rule *rule)
{
	struct sg_buf name = {0};
	struct sg_str page = {NULL, 0};
	sg_buf_addf(&name, "policies/%s.md", rule->id);
	for (const struct sg_embedded *e = r->pages; e && e->name; e++)
		if (sg_rule_builtin(rule) && !strcmp(e->name, name.p))
			page = (struct sg_str){e->data, e->size};
	sg_buf_free(&name);
	size_t from = sg_str_find(page, "\n## ", 0), to = sg_str_find(page, "\n## Fails", 0);
	if (from == SIZE_MAX)
		return sg_str("");
	return sg_str_trim(sg_str_sub(page, from, (to == SIZE_MAX ? page.n : to) - from));
}

void sg_report_summary_of(struct sg_buf *out, struct sg_str page)
{
	size_t from = sg_str_find(page, "\n\n", 0);
	if (from == SIZE_MAX)
		return;
	size_t to = sg_str_find(page, "\n\n", from + 2);
	struct sg_str text = sg_str_trim(sg_str_sub(page, from, (to == SIZE_MAX ? page.n : to) - from));
	for (size_t i = 0; i < text.n; i++)
		sg_buf_addc(out, text.p[i] == '\n' ? ' ' : text.p[i]);
}
