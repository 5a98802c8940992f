/*
 * IAM002, IAM003, IAM004: what is already wrong in the form of a grant, whatever else denies it: wildcard actions,
 * every resource, managed policies.  A wall must stand on its own, because the next change may take the Deny away.
 */
#include "iam/iam_priv.h"

#include <string.h>

struct form {
	struct iam *i;
	const struct iam_subject *s;
	const struct iam_stmt *stmt;
};

static struct sg_finding *say(struct form *k, const char *rule, enum sg_verdict v, sg_guard g, struct sg_span span,
			      const char *what, struct sg_str text)
{
	g = iam_and(k->i, g, k->s->role->guard);
	if (v == SG_FAIL && (k->stmt->effect != IAM_ALLOW || k->stmt->doubtful || sg_guard_is_lost(k->i->m->worlds, g)))
		v = SG_UNPROVEN;
	return iam_say(k->i, k->s, rule, v, k->s->role->resource, g, span, "%.*s %s %.*s", SG_FMT(k->stmt->origin),
		       what, SG_FMT(text));
}

/* ---------------------------------------------------------------------------------------------- actions */

static bool has_wildcard(struct iam_raw r)
{
	for (size_t k = 0; k < r.n; k++)
		if (r.t[k] == '*' || r.t[k] == '?')
			return true;
	return false;
}

static void check_action(struct form *k, const struct iam_element *e)
{
	struct sg_findings *all = k->i->m->findings;
	struct sg_finding *f = NULL;
	sg_guard g = iam_and(k->i, k->stmt->guard, e->guard);
	struct sg_str text = e->unknown ? e->reason : iam_raw_show(k->i, e->raw);
	if (!iam_possible(k->i, g, k->s->role->guard))
		return;
	if (e->unknown || !iam_raw_plain(k->i, e->raw))
		f = say(k, "IAM002", SG_UNPROVEN, g, e->span, "allows an action that only a deployment knows:", text);
	else if (has_wildcard(e->raw))
		f = say(k, "IAM002", SG_FAIL, g, e->span, "allows a wildcard of actions:", text);
	if (f)
		sg_finding_settle(all, f, "name each action; a wildcard also allows what AWS adds later");
}

static void check_actions(struct form *k)
{
	if (k->stmt->not_action) {
		struct sg_finding *f = say(k, "IAM002", SG_FAIL, k->stmt->guard, k->stmt->span,
					   "allows every action but a few", SG_LIT("(NotAction)"));
		sg_finding_settle(k->i->m->findings, f, "list what is allowed as Action instead");
		return;
	}
	for (size_t j = 0; j < k->stmt->actions.n; j++)
		check_action(k, &k->stmt->actions.v[j]);
}

/* ---------------------------------------------------------------------------------------------- resources */

/* Nothing but wildcards and separators behind the account, or behind what there is of it. */
static bool is_every(struct iam_raw r)
{
	size_t at = 0;
	unsigned colons = 0;
	bool star = false;
	for (size_t k = 0; k < r.n && colons < 5; k++)
		if (r.t[k] == ':') {
			colons++;
			at = k + 1;
		}
	for (size_t k = at; k < r.n; k++) {
		if (r.t[k] != '*' && r.t[k] != '?' && r.t[k] != '/' && r.t[k] != ':')
			return false;
		star |= r.t[k] == '*';
	}
	return star;
}

static bool is_one_of(const struct iam *i, struct iam_raw action, const char *const *list)
{
	const char *text = sg_cstr(i->a, iam_raw_show(i, action));
	for (; *list; list++)
		if (sg_str_is_nocase(sg_str(*list), text))
			return true;
	return false;
}

/* SG_LOW: it must be so; SG_MEDIUM: Lambda's own calls, but wider than needed; SG_HIGH: anything else. */
static enum sg_severity worst_action(struct form *k, bool whole)
{
	enum sg_severity worst = SG_LOW;
	if (k->stmt->not_action)
		return SG_HIGH;
	for (size_t j = 0; j < k->stmt->actions.n; j++) {
		const struct iam_element *e = &k->stmt->actions.v[j];
		if (!e->unknown && is_one_of(k->i, e->raw, iam_interface_reads))
			continue;
		if (e->unknown || !is_one_of(k->i, e->raw, iam_interface_changes))
			return SG_HIGH;
		worst = whole ? SG_MEDIUM : worst;
	}
	return worst;
}

/* `arn:P:ec2:R:A:` and then anything is not every resource of every account. */
static bool names_account(struct iam_raw r)
{
	unsigned colons = 0;
	for (size_t k = 0; k < r.n && colons < 5; k++) {
		if (r.t[k] == '*' || r.t[k] == '?')
			return false;
		colons += r.t[k] == ':';
	}
	return colons == 5;
}

static void check_resource(struct form *k, const struct iam_element *e)
{
	sg_guard g = iam_and(k->i, k->stmt->guard, e->guard);
	bool every = !e->unknown && is_every(e->raw);
	struct iam_raw widest = e->unknown ? iam_raw_str(k->i, "*") : iam_raw_widest(k->i, e->raw);
	if (!iam_possible(k->i, g, k->s->role->guard) || !is_every(widest))
		return;
	enum sg_severity severity = worst_action(k, !names_account(widest));
	if (severity == SG_LOW)
		return;
	struct sg_finding *f;
	if (every)
		f = say(k, "IAM003", SG_FAIL, g, e->span,
			"allows its actions on every resource:", iam_raw_show(k->i, e->raw));
	else
		f = say(k, "IAM003", SG_UNPROVEN, g, e->span, "allows its actions on what may be every resource:",
			e->unknown ? e->reason : iam_raw_show(k->i, e->raw));
	f->severity = severity;
	sg_finding_settle(k->i->m->findings, f, "%s",
			  severity == SG_MEDIUM ? "use arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:*/*"
						: "name the resources by their ARNs");
}

static void check_resources(struct form *k)
{
	if (k->stmt->not_resource) {
		struct sg_finding *f = say(k, "IAM003", SG_FAIL, k->stmt->guard, k->stmt->span,
					   "allows every resource but a few", SG_LIT("(NotResource)"));
		sg_finding_settle(k->i->m->findings, f, "list what is allowed as Resource instead");
		return;
	}
	for (size_t j = 0; j < k->stmt->resources.n; j++)
		check_resource(k, &k->stmt->resources.v[j]);
}

/* ---------------------------------------------------------------------------------------------- managed policies */

static void check_managed(struct iam *i, const struct iam_subject *s, const struct iam_managed_use *u)
{
	enum sg_verdict v = u->certain && !sg_guard_is_lost(i->m->worlds, u->guard) ? SG_FAIL : SG_UNPROVEN;
	struct sg_finding *f = iam_say(i, s, "IAM004", v, s->role->resource, u->guard, u->span,
				       "a managed policy is attached to the role: %.*s", SG_FMT(u->arn));
	sg_finding_settle(i->m->findings, f,
			  "write the statements that the function needs into the role: whoever owns a "
			  "managed policy can change what it allows");
}

void iam_check_statements(struct iam *i, const struct iam_subject *s)
{
	for (size_t k = 0; k < s->role->stmts.n; k++) {
		struct form form = {i, s, &s->role->stmts.v[k]};
		if (form.stmt->effect == IAM_DENY)
			continue;
		if (form.stmt->vague) { /* what it is, IAM006 and IAM007 say */
			sg_judge(i->m->findings, "IAM002", s->function->id, SG_UNPROVEN);
			sg_judge(i->m->findings, "IAM003", s->function->id, SG_UNPROVEN);
			continue;
		}
		check_actions(&form);
		check_resources(&form);
	}
	for (size_t k = 0; k < s->role->managed.n; k++)
		check_managed(i, s, &s->role->managed.v[k]);
}
