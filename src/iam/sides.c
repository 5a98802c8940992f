/*
 * What users hold roles to: documents of their own, and the permissions of one role against those of another, of the
 * same template or of two.
 */
#include "iam/iam_priv.h"

static const char settle[] = "take what the witness names from the statement, or add it to the reference";

/* What `aws iam get-policy-version` prints holds the document. */
static const struct sg_node *inner(const struct sg_node *n)
{
	const struct sg_node *version = sg_node_get(n, "PolicyVersion");
	const struct sg_node *document = sg_node_get(version ? version : n, "Document");
	return document ? document : n;
}

void iam_free_document(struct iam *i, const struct sg_node *n, struct sg_str name, struct sg_diags *d, sg_guard g,
		       iam_stmts *out)
{
	struct iam_origin o = {.name = name, .kind = IAM_FREE, .diags = d};
	iam_document(i, sg_eval(i->m->cfn, inner(n), g), g, &o, out);
}

void iam_check_reference(struct iam *i, const struct iam_subject *s)
{
	iam_stmts reference = {0};
	const struct iam_claim claim = {"IAM011", "the role", settle, &reference};
	iam_free_document(i, i->o->reference, SG_LIT("the reference"), i->o->diags, s->role->guard, &reference);
	iam_prove(i, s, &claim);
}

/* ---------------------------------------------------------------------------------------------- two sides */

static const struct {
	const char *type, *list; /* the property that holds policies; NULL: PolicyDocument */
} holders[] = {
	{"AWS::IAM::Role", NULL},        {"AWS::IAM::User", "Policies"},    {"AWS::IAM::Group", "Policies"},
	{"AWS::IAM::Policy", NULL},      {"AWS::IAM::ManagedPolicy", NULL}, {"AWS::IAM::UserPolicy", NULL},
	{"AWS::IAM::GroupPolicy", NULL}, {"AWS::IAM::RolePolicy", NULL},
};

static size_t holder_row(struct sg_str type)
{
	size_t k = 0;
	while (k < sizeof(holders) / sizeof(*holders) && !sg_str_is(type, holders[k].type))
		k++;
	return k;
}

bool sg_iam_is_holder(struct sg_str type)
{
	return holder_row(type) < sizeof(holders) / sizeof(*holders);
}

static void read_side(struct iam *i, const struct sg_iam_side *s, struct sg_diags *d, struct iam_role *out)
{
	*out = (struct iam_role){.resource = s->holder, .guard = s->holder ? s->holder->exists : SG_ALWAYS};
	out->bounded = SG_NEVER;
	if (!s->holder)
		iam_free_document(i, s->document, s->name, d, out->guard, &out->stmts);
	else if (sg_str_is(s->holder->type, "AWS::IAM::Role"))
		iam_role_read(i, s->holder, s->holder->exists, out);
	else
		iam_documents_of(i, s->holder, holders[holder_row(s->holder->type)].list, out->guard, &out->stmts);
}

/* ---------------------------------------------------------------------------------------------- two templates */

static bool only_pseudo(const struct iam *i, struct iam_raw r)
{
	for (size_t k = 0; k < r.n; k++)
		if (iam_is_letter(r.t[k]) && i->letters.v[r.t[k] - IAM_LETTER].symbol.kind != SG_SYM_PSEUDO)
			return false;
	return true;
}

static void import_elements(struct iam *i, iam_elements *list, sg_guard from)
{
	for (size_t k = 0; k < list->n; k++) {
		struct iam_element *e = &list->v[k];
		e->unknown |= !only_pseudo(i, e->raw) || e->guard.id != from.id;
		e->guard = SG_ALWAYS;
	}
}

static void import_conditions(struct iam *i, struct iam_cond *c)
{
	for (size_t k = 0; k < c->atoms.n; k++)
		for (size_t j = 0; j < c->atoms.v[k].values.n; j++)
			c->atoms.v[k].unique |= !only_pseudo(i, c->atoms.v[k].values.v[j]);
}

/* Statements of another template: of its symbols only those of the account and region mean the same here; what is
 * not in all of its deployments may be there or not. */
static void import(struct iam *i, struct iam_role *r, iam_stmts *stmts)
{
	for (size_t k = 0; k < stmts->n; k++) {
		struct iam_stmt *s = &stmts->v[k];
		s->doubtful |= s->guard.id != r->guard.id;
		import_elements(i, &s->actions, s->guard);
		import_elements(i, &s->resources, s->guard);
		import_conditions(i, &s->cond);
		s->guard = SG_ALWAYS;
	}
}

static void read_other(struct iam *i, const struct sg_iam_side *s, struct sg_diags *d, struct iam_role *out)
{
	struct iam other = *i;
	if (!s->m || s->m == i->m) {
		read_side(i, s, d, out);
		return;
	}
	other.m = s->m;
	read_side(&other, s, d, out);
	i->letters.v = other.letters.v;
	i->letters.n = other.letters.n;
	i->letters.cap = other.letters.cap;
	out->bounded = out->bounded.id == SG_NEVER.id ? SG_NEVER : SG_ALWAYS;
	import(i, out, &out->stmts);
	import(i, out, &out->boundary_stmts);
}

enum sg_verdict sg_iam_contains(const struct sg_model *m, struct sg_diags *d, const struct sg_iam_side *candidate,
				const struct sg_iam_side *reference, const struct sg_iam_options *options)
{
	struct iam i;
	struct iam_role role, within;
	struct sg_arena *scratch = sg_arena_new();
	struct iam_subject s = {.role = &role};
	struct iam_claim claim = {"IAM011", sg_cstr(m->arena, candidate->name), settle, &within.stmts};
	enum sg_verdict verdict = SG_PASS;
	iam_init(&i, m, scratch);
	i.o = options;
	read_side(&i, candidate, d, &role);
	read_other(&i, reference, d, &within);
	struct iam_claim bounds = claim;
	bounds.reference = &within.boundary_stmts;
	if (sg_diags_errors(d) == 0 && iam_prove(&i, &s, &claim) == 0 && sg_guard_possible(m->worlds, within.bounded))
		iam_prove(&i, &s, &bounds); /* what a bounded reference allows is what both allow */
	for (size_t k = 0; k < m->findings->list.n; k++) {
		const struct sg_finding *f = m->findings->list.v[k];
		if (sg_str_is(sg_str(f->rule->id), "IAM011") && f->status > verdict)
			verdict = f->status;
	}
	sg_arena_free(scratch);
	return verdict;
}
