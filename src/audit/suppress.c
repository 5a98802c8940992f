/*
 * Suppressions: findings that somebody answers for, with a reason and a day on which that ends.  A suppressed finding stays in
 * every report and does not count; a suppression that is expired, of an unknown rule, incomplete or without effect is a
 * finding itself (TPL006), which nothing suppresses.
 *
 *   Metadata:                      # of a resource: what is said of it; of the template: of all of it, or of a Resource
 *     Sandboxgen:
 *       Suppress:
 *         - {Rule: NET002, Reason: the gateway of the office, Expires: 2027-01-31}
 *
 * The file of a security team has the same items below Suppressions, each with Resource and File where it is narrower.
 */
#include "audit/suppress_priv.h"

#include <string.h>

enum { MAX_ITEMS = 1000 };

static const char *const keys[] = {"Rule", "Reason", "Expires", "Resource", "File", NULL};

/* ---------------------------------------------------------------------------------------------- saying it */

static void say(struct sg_findings *f, struct sg_span span, struct sg_str resource, const char *settle, const char *fmt,
		...) SG_PRINTF(5, 6);

static void say(struct sg_findings *f, struct sg_span span, struct sg_str resource, const char *settle, const char *fmt,
		...)
{
	va_list ap;
	struct sg_buf b = {0};
	va_start(ap, fmt);
	sg_buf_vaddf(&b, fmt, ap);
	va_end(ap);
	struct sg_finding *finding = sg_finding_add(f, "TPL006", SG_FAIL, span, resource, "%s", b.p);
	sg_finding_settle(f, finding, "%s", settle);
	sg_buf_free(&b);
}

/* ---------------------------------------------------------------------------------------------- reading */

static bool digits(struct sg_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > 0;
}

/* A day that there is, YYYY-MM-DD, so that days compare as texts. */
static bool is_day(struct sg_str s)
{
	static const int length[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int64_t month = 0, day = 0;
	return s.n == 10 && s.p[4] == '-' && s.p[7] == '-' && digits(sg_str_sub(s, 0, 4)) &&
	       digits(sg_str_sub(s, 5, 2)) && digits(sg_str_sub(s, 8, 2)) &&
	       sg_parse_i64(sg_str_sub(s, 5, 2), &month) && sg_parse_i64(sg_str_sub(s, 8, 2), &day) && month >= 1 &&
	       month <= 12 && day >= 1 && day <= length[month - 1];
}

static bool key_allowed(struct sg_str key, bool resource, bool file)
{
	for (size_t i = 0; keys[i]; i++)
		if (sg_str_is(key, keys[i]))
			return (resource || strcmp(keys[i], "Resource") != 0) && (file || strcmp(keys[i], "File") != 0);
	return false;
}

static struct sg_str text_of(const struct sg_node *item, const char *key)
{
	const struct sg_node *n = sg_node_get(item, key);
	return n && n->kind == SG_SCALAR ? sg_str_trim(n->text) : sg_str("");
}

/* What is wrong with an item, and where; NULL: nothing. */
static const char *fault_of(const struct sg_node *item, bool resource, bool file, struct sg_span *at)
{
	*at = sg_node_span(item);
	if (item->kind != SG_MAP)
		return "a suppression is a map of Rule, Reason and Expires";
	for (size_t i = 0; i < item->n; i++) {
		const struct sg_member *m = &item->members[i];
		*at = sg_node_span(m->key);
		if (m->key->kind != SG_SCALAR || !key_allowed(m->key->text, resource, file))
			return "a suppression has no such key";
		*at = sg_node_span(m->value);
		if (m->value->kind != SG_SCALAR || !sg_str_trim(m->value->text).n)
			return "each key of a suppression has a text";
	}
	*at = sg_node_span(item);
	if (!text_of(item, "Rule").n)
		return "a suppression names a Rule";
	if (!text_of(item, "Reason").n)
		return "a suppression has a Reason";
	if (!text_of(item, "Expires").n)
		return "a suppression Expires on a day";
	*at = sg_node_span(sg_node_get(item, "Expires"));
	return is_day(text_of(item, "Expires")) ? NULL : "the day on which a suppression Expires is written YYYY-MM-DD";
}

static void add(struct sg_suppressions *s, const struct sg_node *item, struct sg_str resource, bool inline_)
{
	struct suppression *new = SG_NEW(s->arena, struct suppression);
	new->rule = text_of(item, "Rule");
	new->reason = text_of(item, "Reason");
	new->expires = text_of(item, "Expires");
	new->resource = resource.n ? resource : text_of(item, "Resource");
	new->file = text_of(item, "File");
	new->span = sg_node_span(item);
	new->in_template = inline_;
	SG_PUSH(s->arena, &s->list, new);
}

static const char settle_item[] = "{Rule: NET002, Reason: why, Expires: 2027-01-31}, or take it away";

static void read_inline(struct sg_suppressions *s, struct sg_findings *f, const struct sg_node *list,
			struct sg_str resource)
{
	struct sg_span at = sg_node_span(list);
	if (list->kind != SG_SEQ)
		say(f, at, resource, settle_item, "Suppress is a list");
	for (size_t i = 0; list->kind == SG_SEQ && i < list->n; i++) {
		const char *fault = fault_of(list->items[i], !resource.n, false, &at);
		if (fault)
			say(f, at, resource, settle_item, "%s: it suppresses nothing", fault);
		else
			add(s, list->items[i], resource, true);
	}
}

/* A misspelt key would be a suppression that nobody sees: what is near to Suppress is one. */
static void read_metadata(struct sg_suppressions *s, struct sg_findings *f, const struct sg_node *of,
			  struct sg_str resource)
{
	const struct sg_node *own = sg_node_get(sg_node_get(of, "Metadata"), "Sandboxgen");
	for (size_t i = 0; own && own->kind == SG_MAP && i < own->n; i++) {
		const struct sg_node *key = own->members[i].key;
		if (sg_node_is(key, "Suppress"))
			read_inline(s, f, own->members[i].value, resource);
		else if (key->kind == SG_SCALAR && sg_str_distance(key->text, SG_LIT("Suppress"), 4) <= 4)
			say(f, sg_node_span(key), resource, "write Suppress",
			    "'%.*s' is not read: it suppresses nothing", SG_FMT(key->text));
	}
}

struct sg_suppressions *sg_suppressions_new(struct sg_arena *a)
{
	struct sg_suppressions *s = SG_NEW(a, struct sg_suppressions);
	s->arena = a;
	return s;
}

void sg_suppressions_template(struct sg_suppressions *s, struct sg_findings *f, const struct sg_node *root)
{
	const struct sg_node *resources = sg_node_get(root, "Resources");
	read_metadata(s, f, root, sg_str(""));
	for (size_t i = 0; resources && resources->kind == SG_MAP && i < resources->n; i++)
		if (resources->members[i].key->kind == SG_SCALAR)
			read_metadata(s, f, resources->members[i].value, resources->members[i].key->text);
}

bool sg_suppressions_file(struct sg_suppressions *s, struct sg_diags *d, const struct sg_node *root)
{
	const struct sg_node *list = root->kind == SG_MAP ? sg_node_get(root, "Suppressions") : NULL;
	bool ok = true;
	if (!list || list->kind != SG_SEQ || root->n != 1 || list->n > MAX_ITEMS) {
		sg_diag(d, SG_ERROR, root->span, "Suppressions: a list of at most 1000 items, and nothing beside it",
			"this is no file of suppressions");
		return false;
	}
	for (size_t i = 0; i < list->n; i++) {
		struct sg_span at;
		const char *fault = fault_of(list->items[i], true, true, &at);
		if (fault)
			sg_diag(d, SG_ERROR, at,
				"Rule, Reason, Expires: YYYY-MM-DD, and if it is narrower Resource, File", "%s", fault);
		else
			add(s, list->items[i], sg_str(""), false);
		ok = ok && !fault;
	}
	return ok;
}

/* ---------------------------------------------------------------------------------------------- using */

/* "/Resources/ID", or below it. */
static bool within(struct sg_str path, struct sg_str resource)
{
	static const char head[] = "/Resources/";
	size_t n = sizeof(head) - 1;
	return sg_str_starts(path, head) && sg_str_eq(sg_str_sub(path, n, resource.n), resource) &&
	       (path.n == n + resource.n || path.p[n + resource.n] == '/');
}

static bool covers(const struct suppression *s, const struct sg_finding *finding, struct sg_str file)
{
	return sg_str_is(s->rule, finding->rule->id) && strcmp(finding->rule->id, "TPL006") != 0 &&
	       (!s->file.n || sg_str_eq(sg_path_plain(s->file), sg_path_plain(file))) &&
	       (!s->resource.n || sg_str_eq(s->resource, finding->resource) || within(finding->path, s->resource));
}

static void use(struct sg_suppressions *s, struct suppression *with, struct sg_finding *finding,
		const struct sg_sources *sources)
{
	struct sg_pos pos = sg_pos_start(sources, with->span);
	with->used = true;
	if (finding->suppressed.n)
		return;
	finding->suppressed =
		sg_strf(s->arena, "%.*s (until %.*s, by %.*s:%u)", SG_FMT(with->reason), SG_FMT(with->expires),
			SG_FMT(sg_source_path(sources, with->span.source)), pos.line);
	finding->suppressed_by = with->in_template ? SG_BY_TEMPLATE : SG_BY_FILE;
}

static bool expired(const struct suppression *s, struct sg_str today)
{
	return sg_str_cmp(s->expires, today) < 0;
}

void sg_suppressions_use(struct sg_suppressions *s, struct sg_findings *f, const struct sg_sources *sources,
			 struct sg_str file, struct sg_str today)
{
	for (size_t k = 0; k < s->list.n; k++)
		for (size_t i = 0; i < f->judged.n && !s->list.v[k]->judged; i++)
			s->list.v[k]->judged = sg_str_is(s->list.v[k]->rule, f->judged.v[i].rule->id);
	for (size_t i = 0; i < f->list.n; i++)
		for (size_t k = 0; k < s->list.n; k++)
			if (!expired(s->list.v[k], today) && covers(s->list.v[k], f->list.v[i], file))
				use(s, s->list.v[k], f->list.v[i], sources);
}

/* Is it a rule of somebody's own, which only a run with --policies could know? */
static bool elsewhere(const struct sg_suppressions *s, struct sg_str rule)
{
	for (size_t i = 0; i < sg_rules_count; i++)
		if (sg_str_distance(rule, sg_str(sg_rules[i].id), 2) <= 2 || sg_str_is_nocase(rule, sg_rules[i].id))
			return false;
	return !s->others.n;
}

/* Built-in rules are known; of others only the ones that ran. */
static bool known(const struct sg_suppressions *s, struct sg_str rule)
{
	for (size_t i = 0; i < s->others.n; i++)
		if (sg_str_eq(s->others.v[i], rule))
			return true;
	return sg_rule_find(rule) != NULL;
}

void sg_suppressions_know(struct sg_suppressions *s, struct sg_str rule)
{
	SG_PUSH(s->arena, &s->others, rule);
}

void sg_suppressions_leftover(const struct sg_suppressions *s, struct sg_findings *f, struct sg_str today, bool all)
{
	for (size_t i = 0; i < s->list.n; i++) {
		const struct suppression *x = s->list.v[i];
		struct sg_str resource = x->in_template ? x->resource : sg_str("");
		if (elsewhere(s, x->rule))
			continue;
		if (sg_str_is(x->rule, "TPL006"))
			say(f, x->span, resource, "take it away", "no suppression suppresses TPL006");
		else if (!known(s, x->rule))
			say(f, x->span, resource,
			    "sandboxgen explain lists the rules; rules of your own come with --policies",
			    "'%.*s' is no rule of this run: it suppresses nothing", SG_FMT(x->rule));
		else if (expired(x, today))
			say(f, x->span, resource, "put right what it suppresses, or decide about it anew",
			    "the suppression of %.*s expired on %.*s", SG_FMT(x->rule), SG_FMT(x->expires));
		else if (!x->used && x->judged && all)
			say(f, x->span, resource, "take it away", "the suppression of %.*s suppresses nothing",
			    SG_FMT(x->rule));
	}
}

/* ---------------------------------------------------------------------------------------------- other tools' own */

/* Where each keeps its list in a resource's or the template's metadata, and which key names the rule. */
static const struct {
	const char *tool, *list, *id;
} others[] = {{"cfn_nag", "rules_to_suppress", "id"}, {"checkov", "skip", "id"}, {"guard", "SuppressedRules", NULL}};

static void note_other(struct sg_findings *f, size_t which, const struct sg_node *list, struct sg_str resource)
{
	for (size_t i = 0; list && list->kind == SG_SEQ && i < list->n; i++) {
		const struct sg_node *item = list->items[i];
		struct sg_str rule = others[which].id          ? text_of(item, others[which].id)
				     : item->kind == SG_SCALAR ? item->text
							       : sg_str("");
		SG_PUSH(f->arena, &f->not_obeyed,
			((struct sg_not_obeyed){sg_str(others[which].tool), rule, resource, sg_node_span(item)}));
	}
}

static void other_tools(struct sg_findings *f, const struct sg_node *of, struct sg_str resource)
{
	const struct sg_node *metadata = sg_node_get(of, "Metadata");
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		note_other(f, i, sg_node_get(sg_node_get(metadata, others[i].tool), others[i].list), resource);
}

void sg_suppressions_of_others(struct sg_findings *f, const struct sg_node *root)
{
	const struct sg_node *resources = sg_node_get(root, "Resources");
	other_tools(f, root, sg_str(""));
	for (size_t i = 0; resources && resources->kind == SG_MAP && i < resources->n; i++)
		if (resources->members[i].key->kind == SG_SCALAR)
			other_tools(f, resources->members[i].value, resources->members[i].key->text);
}
