/*
 * Facts about what is outside of the template, as somebody says they are (--assume): read, looked up, and told apart
 * from what was proved.  A fact about a resource of the template itself is never asked for.
 *
 *   Assumptions:
 *     - Subnet: ${SubnetId}      # as the template names it: an id, ${Parameter}, ${Import:name}, or '*'
 *       Routes: none
 *       Reason: stack net-prod, reviewed in May
 */
#include "net/net_priv.h"

#include <string.h>

/* Kind of thing, what is said of it, the one word that can be said, and the facts that this is. */
static const struct row {
	const char *kind, *key, *word;
	enum net_fact fact;
} rows[] = {
	{"Subnet", "Routes", "none", NET_FACT_SUBNET_ROUTES},
	{"Subnet", "Table", "own", NET_FACT_SUBNET_TABLE},
	{"Subnet", "Acl", "closed", NET_FACT_SUBNET_ACL},
	{"Subnet", "Addresses", "private", NET_FACT_SUBNET_PRIVATE},
	{"RouteTable", "Routes", "none", NET_FACT_TABLE_ROUTES},
	{"NetworkAcl", "Entries", "none", NET_FACT_ACL},
	{"SecurityGroup", "Egress", "none", NET_FACT_EGRESS},
	{"Vpc", "MainRoutes", "none", NET_FACT_MAIN_ROUTES},
	{"Vpc", "DefaultAcl", "closed", NET_FACT_DEFAULT_ACL},
	{"Vpc", "DefaultGroup", "closed", NET_FACT_DEFAULT_GROUP},
	{"Vpc", "Dns", "disabled", NET_FACT_DNS},
	{"Vpc", "Endpoints", "none", NET_FACT_ENDPOINTS},
	{"Vpc", "Neighbours", "none", NET_FACT_NEIGHBOURS},
};
enum { N_ROWS = sizeof(rows) / sizeof(*rows), MAX_FACTS = 1000 };

struct fact {
	struct sg_str about;
	const struct row *row;
	struct sg_assumption *said;
};

struct sg_net_facts {
	SG_VEC(struct fact) vec;
	struct sg_assumptions said;
};

/* ---------------------------------------------------------------------------------------------- reading */

static bool is_kind(struct sg_str key)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (sg_str_is(key, rows[i].kind))
			return true;
	return false;
}

static const struct row *row_of(const char *kind, struct sg_str key)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (!strcmp(rows[i].kind, kind) && sg_str_is(key, rows[i].key))
			return &rows[i];
	return NULL;
}

static struct sg_str keys_of(struct sg_arena *a, const char *kind)
{
	struct sg_buf b = {0};
	for (size_t i = 0; i < N_ROWS; i++)
		if (!kind || !strcmp(rows[i].kind, kind))
			sg_buf_addf(&b, "%s%s: %s", b.n ? ", " : "", rows[i].key, rows[i].word);
	return sg_buf_take(&b, a);
}

struct reader {
	struct sg_arena *arena;
	struct sg_diags *d;
	struct sg_net_facts *facts;
};

static bool read_fact(struct reader *r, const char *kind, struct sg_str about, const struct sg_member *m,
		      const struct sg_node *reason)
{
	const struct row *row = m->key->kind == SG_SCALAR ? row_of(kind, m->key->text) : NULL;
	const char *can = sg_cstr(
		r->arena, sg_strf(r->arena, "of a %s can be said: %.*s", kind, SG_FMT(keys_of(r->arena, kind))));
	if (!row) {
		sg_diag(r->d, SG_ERROR, m->key->span, can, "unknown key '%.*s'", SG_FMT(m->key->text));
		return false;
	}
	if (m->value->kind != SG_SCALAR || !sg_str_is(m->value->text, row->word)) {
		sg_diag(r->d, SG_ERROR, m->value->span, can, "%s can only be '%s'", row->key, row->word);
		return false;
	}
	struct sg_assumption *said = SG_NEW(r->arena, struct sg_assumption);
	said->text = sg_strf(r->arena, "%s %.*s: %s %s", kind, SG_FMT(about), row->key, row->word);
	said->reason = reason ? reason->text : SG_LIT("");
	said->span = m->key->span;
	SG_PUSH(r->arena, &r->facts->said, said);
	SG_PUSH(r->arena, &r->facts->vec, ((struct fact){about, row, said}));
	return true;
}

static bool read_item(struct reader *r, const struct sg_node *item)
{
	static const char hint[] = "each item names a Subnet, RouteTable, NetworkAcl, SecurityGroup or Vpc";
	const char *kind = NULL;
	struct sg_str about = {0};
	if (item->kind != SG_MAP) {
		sg_diag(r->d, SG_ERROR, item->span, hint, "an assumption is a map");
		return false;
	}
	for (size_t i = 0; i < item->n; i++) {
		const struct sg_member *m = &item->members[i];
		if (m->key->kind != SG_SCALAR || !is_kind(m->key->text))
			continue;
		if (kind || m->value->kind != SG_SCALAR || !m->value->text.n) {
			sg_diag(r->d, SG_ERROR, m->key->span,
				"one item for each thing; '*' is all that are not in the template",
				kind ? "an assumption is about one thing" : "what it is about is a text");
			return false;
		}
		kind = sg_cstr(r->arena, m->key->text);
		about = m->value->text;
	}
	const struct sg_node *reason = sg_node_get(item, "Reason");
	if (!kind || !reason || reason->kind != SG_SCALAR || !sg_str_trim(reason->text).n) {
		sg_diag(r->d, SG_ERROR, item->span, kind ? "Reason: how you know" : hint,
			kind ? "an assumption has a reason" : "an assumption is about something");
		return false;
	}
	bool ok = item->n > 2;
	if (!ok)
		sg_diag(r->d, SG_ERROR, item->span,
			sg_cstr(r->arena,
				sg_strf(r->arena, "of a %s can be said: %.*s", kind, SG_FMT(keys_of(r->arena, kind)))),
			"nothing is said about the %s", kind);
	for (size_t i = 0; i < item->n; i++)
		if (!sg_str_is(item->members[i].key->text, kind) && !sg_str_is(item->members[i].key->text, "Reason"))
			ok = read_fact(r, kind, about, &item->members[i], reason) && ok;
	return ok;
}

const struct sg_net_facts *sg_net_facts_read(struct sg_arena *a, struct sg_diags *d, const struct sg_node *root)
{
	struct reader r = {a, d, SG_NEW(a, struct sg_net_facts)};
	const struct sg_node *list = root->kind == SG_MAP ? sg_node_get(root, "Assumptions") : NULL;
	if (!list || list->kind != SG_SEQ || root->n != 1 || list->n > MAX_FACTS) {
		sg_diag(d, SG_ERROR, root->span, "Assumptions: a list of at most 1000 items, and nothing beside it",
			"this is no file of assumptions");
		return NULL;
	}
	bool ok = true;
	for (size_t i = 0; i < list->n; i++)
		ok = read_item(&r, list->items[i]) && ok;
	return ok ? r.facts : NULL;
}

struct sg_assumptions sg_net_facts_said(const struct sg_net_facts *facts)
{
	return facts ? facts->said : (struct sg_assumptions){0};
}

/* ---------------------------------------------------------------------------------------------- asking */

/* cfn/ describes an import in words, "the imported value 'x'". */
static struct sg_str between_quotes(struct sg_str name)
{
	size_t from = sg_str_find(name, "'", 0);
	if (from == SIZE_MAX || !sg_str_ends(name, "'") || from + 2 > name.n)
		return name;
	return sg_str_sub(name, from + 1, name.n - from - 2);
}

/* As the template names it; empty where it has no name. */
static struct sg_str name_of(struct net_ctx *x, const struct sg_val *v)
{
	struct sg_str text;
	const struct sg_symbol *s = sg_val_symbol(v);
	if (v->kind == SG_V_STRING && sg_val_text(x->arena, v, &text))
		return text;
	if (!s)
		s = v->symbol;
	if (!s || s->kind == SG_SYM_OTHER)
		return SG_LIT("");
	if (s->kind == SG_SYM_IMPORT)
		return sg_strf(x->arena, "${Import:%.*s}", SG_FMT(between_quotes(s->name)));
	if (s->kind == SG_SYM_DYNAMIC)
		return sg_strf(x->arena, "{{%.*s}}", SG_FMT(s->name));
	if (s->attribute.n)
		return sg_strf(x->arena, "${%.*s.%.*s}", SG_FMT(s->name), SG_FMT(s->attribute));
	return sg_strf(x->arena, "${%.*s}", SG_FMT(s->name));
}

bool net_assumed(struct net_ctx *x, enum net_fact fact, const struct sg_val *val)
{
	struct sg_str name = name_of(x, val);
	bool found = false;
	for (size_t i = 0; x->facts && i < x->facts->vec.n; i++) {
		const struct fact *f = &x->facts->vec.v[i];
		if (f->row->fact != fact || !(sg_str_is(f->about, "*") || (name.n && sg_str_eq(f->about, name))))
			continue;
		f->said->used = true;
		found = true;
	}
	return found;
}

bool net_assumed_vpc(struct net_ctx *x, enum net_fact fact, const struct sg_resource *member)
{
	struct sg_alts alts = net_vpc_alts(x, member, "VpcId", SG_ALWAYS);
	for (size_t i = 0; i < alts.n; i++)
		if (!net_assumed(x, fact, &alts.v[i].val))
			return false;
	return alts.n > 0;
}

void net_assumable(struct net_ctx *x, struct sg_finding *f, const char *kind, const struct sg_val *val,
		   const char *fact)
{
	struct sg_str name = name_of(x, val);
	if (f->status != SG_UNPROVEN)
		return;
	sg_finding_settle(x->m->findings, f,
			  "define it in this template and refer to it with Ref: an id says nothing about what is "
			  "behind it; or say what you know with --assume, {%s: '%.*s', %s}",
			  kind, SG_FMT(name.n ? name : SG_LIT("*")), fact);
}
