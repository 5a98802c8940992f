/*
 * Policy variables with values.  The value of ${aws:username} comes with the request: where each key that variables name
 * is given one text, the policies say what they say with that text in the place of the variable, to every request whose
 * context has it.  So a request that is found there is one against the policies as they are written.  Nothing is proved
 * to be contained here: that would take every value.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
#include "iam/iam_priv.h"

#include <string.h>
#include <strings.h>

/* ROUNDS: every key a value of its own, and then one value for all, where conditions want two keys to be equal. */
enum { MAX_BOUND = 16, ROUNDS = 2 };

/* Steps for each round; what they leave of the budget is as it was, so that no later answer suffers. */
enum { BUDGET_OF_ROUND = 300000 };

struct binding {
	struct sg_str key;
	struct iam_raw value;
};

struct bindings {
	struct iam *i;
	const struct iam_stmt *src; /* the Allow that is to be shown: values fit what it asks of the keys */
	unsigned round;
	struct binding v[MAX_BOUND];
	size_t n;
};

/* ---------------------------------------------------------------------------------------------- values */

/* Keys whose values are not any text, and one that they have.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
static const struct {
	const char *key, *value; /* NULL: none without a colon; what wildcards do with that is not documented */
} typed[] = {
	{"aws:CurrentTime", NULL},
	{"aws:TokenIssueTime", NULL},
	{"aws:EpochTime", "1767225600"},
	{"aws:MultiFactorAuthAge", "60"},
	{"aws:MultiFactorAuthPresent", "true"},
	{"aws:SecureTransport", "true"},
	{"aws:ViaAWSService", "false"},
	{"aws:PrincipalIsAWSService", "false"},
	{"aws:AssumedRoot", "false"},
	{"aws:SourceIp", "203.0.113.1"},
	{"aws:VpcSourceIp", "10.0.0.1"},
	{"aws:PrincipalAccount", "111122223333"},
	{"aws:ResourceAccount", "111122223333"},
	{"aws:SourceAccount", "111122223333"},
	{"aws:PrincipalType", "User"},
	{"aws:RequestedRegion", "us-east-1"},
	{"s3:max-keys", "10"},
};

/* "You can't use a multivalued condition key as a variable": these of aws: are, and of the other services' only these
 * are not for certain.  https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html */
static const char *const several[] = {"aws:CalledVia",
				      "aws:PrincipalOrgPaths",
				      "aws:PrincipalServiceNamesList",
				      "aws:ResourceOrgPaths",
				      "aws:SourceOrgPaths",
				      "aws:TagKeys",
				      "aws:VpceOrgPaths",
				      NULL};
static const char *const single[] = {"cognito-identity.amazonaws.com:sub",
				     "cognito-identity.amazonaws.com:aud",
				     "graph.facebook.com:id",
				     "www.amazon.com:user_id",
				     "saml:sub",
				     "datazone:domainId",
				     "datazone:projectId",
				     "datazone:userId",
				     "deadline:PrincipalId",
				     "ec2:InstanceId",
				     "iot:ClientId",
				     "nimble:principalId",
				     "nimble:requesterPrincipalId",
				     "redshift:DbUser",
				     "s3:ExistingObjectTag/*",
				     "s3:prefix",
				     "s3:max-keys",
				     "sagemaker:DomainId",
				     "sagemaker:UserProfileName",
				     "transfer:UserName",
				     NULL};

/* A name that ends in a star stands for all that start like it. */
static bool is_among(struct sg_str key, const char *const *names)
{
	for (; *names; names++) {
		size_t n = strlen(*names);
		bool open = (*names)[n - 1] == '*';
		n -= open;
		if ((open ? key.n > n : key.n == n) && strncasecmp(key.p, *names, n) == 0)
			return true;
	}
	return false;
}

static bool is_single(struct sg_str key)
{
	bool global = key.n > 4 && strncasecmp(key.p, "aws:", 4) == 0;
	return global ? !is_among(key, several) : is_among(key, single);
}

/* Text in which nothing can be read as a wildcard, a variable or the end of a part of an ARN. */
static bool is_plain(struct iam_raw r)
{
	static const char punctuation[] = "-_./@+=,";
	for (size_t k = 0; k < r.n; k++) {
		iam_tok t = r.t[k];
		bool alnum = (t >= 'a' && t <= 'z') || (t >= 'A' && t <= 'Z') || (t >= '0' && t <= '9');
		if (!alnum && (t == 0 || t > 127 || !strchr(punctuation, (int)t)))
			return false;
	}
	return r.n > 0;
}

/* "a", "b", … for keys of any text; false where the key has no such value. */
static bool usual_value(const struct bindings *b, struct sg_str key, struct iam_raw *out)
{
	char text[] = {b->round ? 'q' : (char)('a' + b->n), '\0'};
	const char *value = text;
	if (!is_single(key) || (key.n >= 3 && strncasecmp(key.p + key.n - 3, "arn", 3) == 0))
		return false;
	for (size_t k = 0; k < sizeof(typed) / sizeof(*typed); k++)
		if (sg_str_is_nocase(key, typed[k].key))
			value = typed[k].value;
	if (!value)
		return false;
	*out = iam_raw_str(b->i, value);
	return true;
}

static bool same_key(struct sg_str a, struct sg_str b)
{
	return a.n == b.n && strncasecmp(a.p, b.p, a.n) == 0;
}

/* Does all that the Allow itself asks of the key hold for the value? */
static bool holds(const struct iam_fact *facts, size_t n, struct sg_str key, struct iam_raw value)
{
	struct iam_request rq = {0};
	struct iam_value v = {.key = key, .present = true, .value = value};
	struct sg_arena *a = sg_arena_new();
	bool all = true;
	SG_PUSH(a, &rq.context, v);
	for (size_t k = 0; k < n; k++)
		all &= iam_point_atom(facts[k].atom, &rq) == IAM_YES;
	sg_arena_free(a);
	return all;
}

/* The usual value, or one that the conditions of the Allow ask for. */
static bool value_for(const struct bindings *b, struct sg_str key, struct iam_raw *out)
{
	const struct iam_cond *c = &b->src->cond;
	struct iam_fact *facts = SG_NEW_ARRAY(b->i->a, c->atoms.n + 1, struct iam_fact);
	struct iam_value v = {.key = key};
	size_t n = 0;
	if (!usual_value(b, key, out))
		return false;
	for (size_t k = 0; k < c->atoms.n; k++)
		if (same_key(c->atoms.v[k].key, key) && !c->atoms.v[k].fuzzy && !c->atoms.v[k].unique)
			facts[n++] = (struct iam_fact){&c->atoms.v[k], true};
	if (holds(facts, n, key, *out))
		return true;
	if (!iam_key_possible(b->i, facts, n, &v) || !v.present || !is_plain(v.value))
		return false;
	*out = v.value;
	return true;
}

/* ---------------------------------------------------------------------------------------------- variables */

/* The variable that starts at `at`: its key, and where the text goes on behind it.  A default counts only where the key
 * is absent.  False where there is none that a request can have a value for. */
static bool variable_at(const struct iam *i, struct iam_raw r, size_t at, struct sg_str *key, size_t *end)
{
	size_t stop = at + 2, n = 0;
	bool service = false;
	if (at + 2 >= r.n || r.t[at] != '$' || r.t[at + 1] != '{')
		return false;
	for (; stop < r.n && r.t[stop] != '}'; stop++) {
		n += n == stop - at - 2 && r.t[stop] != ',';
		if (r.t[stop] > 126 || r.t[stop] < ' ' || strchr("${*?", (int)r.t[stop]))
			return false;
	}
	while (n && r.t[at + 2 + n - 1] == ' ')
		n--;
	for (size_t k = 0; k < n; k++)
		service |= k > 0 && r.t[at + 2 + k] == ':';
	*key = iam_raw_show(i, (struct iam_raw){r.t + at + 2, n});
	*end = stop + 1;
	return service && stop < r.n && r.t[at + 2] != ' ';
}

static const struct binding *find(const struct bindings *b, struct sg_str key)
{
	for (size_t k = 0; k < b->n; k++)
		if (same_key(b->v[k].key, key))
			return &b->v[k];
	return NULL;
}

static void bind_text(struct bindings *b, struct iam_raw r)
{
	for (size_t k = 0; k < r.n; k++) {
		struct binding one;
		size_t end;
		if (!variable_at(b->i, r, k, &one.key, &end) || find(b, one.key) || b->n == MAX_BOUND)
			continue;
		if (value_for(b, one.key, &one.value))
			b->v[b->n++] = one;
	}
}

/* Operators in whose values a variable counts, and where nothing in its place is more than its text. */
static bool takes_variables(const struct iam_atom *a)
{
	return !a->unique && a->fuzzy &&
	       (a->base == IAM_OP_STRING || a->base == IAM_OP_STRING_NOCASE || a->base == IAM_OP_LIKE ||
		a->base == IAM_OP_ARN);
}

static void bind_stmts(struct bindings *b, const iam_stmts *list)
{
	for (size_t k = 0; list && k < list->n; k++) {
		const struct iam_stmt *s = &list->v[k];
		if (!s->variables || s->version_open)
			continue;
		for (size_t j = 0; j < s->resources.n; j++)
			if (!s->resources.v[j].unknown)
				bind_text(b, s->resources.v[j].raw);
		for (size_t j = 0; j < s->cond.atoms.n; j++)
			for (size_t v = 0; takes_variables(&s->cond.atoms.v[j]) && v < s->cond.atoms.v[j].values.n; v++)
				bind_text(b, s->cond.atoms.v[j].values.v[v]);
	}
}

/* ---------------------------------------------------------------------------------------------- what they say then */

static bool has_dollar(struct iam_raw r)
{
	for (size_t k = 0; k + 1 < r.n; k++)
		if (r.t[k] == '$' && r.t[k + 1] == '{')
			return true;
	return false;
}

/* The text with values for the variables that have one; others, and what is escaped, stay.  So do those of a resource
 * before its fifth colon: AWS says that none counts there, and not what the text matches then. */
static struct iam_raw with_values(const struct bindings *b, struct iam_raw r, bool resource)
{
	iam_toks out = {0};
	unsigned colons = resource ? 0 : 5;
	for (size_t k = 0; k < r.n;) {
		struct sg_str key;
		size_t end;
		bool variable = variable_at(b->i, r, k, &key, &end);
		const struct binding *one = variable && colons >= 5 ? find(b, key) : NULL;
		end = variable ? end : k + 1;
		colons += !variable && r.t[k] == ':';
		for (size_t j = 0; one && j < one->value.n; j++)
			SG_PUSH(b->i->a, &out, one->value.t[j]);
		for (; !one && k < end; k++)
			SG_PUSH(b->i->a, &out, r.t[k]);
		k = end;
	}
	return (struct iam_raw){out.v, out.n};
}

static struct iam_atom atom_with_values(const struct bindings *b, const struct iam_atom *a)
{
	struct iam_atom out = *a;
	if (b->n == 0 || !takes_variables(a))
		return out;
	memset(&out.values, 0, sizeof(out.values));
	out.fuzzy = false;
	for (size_t k = 0; k < a->values.n; k++) {
		struct iam_raw v = with_values(b, a->values.v[k], false);
		out.fuzzy |= has_dollar(v) || !iam_raw_generic(b->i, v);
		SG_PUSH(b->i->a, &out.values, v);
	}
	iam_atom_intern(b->i, &out, true);
	return out;
}

/* That the variables of a NotResource have values is known where all of it is text. */
static bool is_settled(const struct bindings *b, const struct iam_atom *a)
{
	return a->base == IAM_OP_VARIABLE && a->values.n == 1 && !has_dollar(with_values(b, a->values.v[0], true));
}

/* That the request has the values. */
static void require(const struct bindings *b, struct iam_cond *c)
{
	for (size_t k = 0; k < b->n; k++) {
		struct iam_atom a = {.key = b->v[k].key, .span = c->span};
		SG_ASSERT(iam_operator(SG_LIT("StringEquals"), &a));
		SG_PUSH(b->i->a, &a.values, b->v[k].value);
		iam_atom_intern(b->i, &a, true);
		SG_PUSH(b->i->a, &c->atoms, a);
	}
}

static void stmt_with_values(const struct bindings *b, const struct iam_stmt *s, struct iam_stmt *out)
{
	memset(&out->resources, 0, sizeof(out->resources));
	memset(&out->cond.atoms, 0, sizeof(out->cond.atoms));
	for (size_t k = 0; k < s->resources.n; k++) {
		struct iam_element e = s->resources.v[k];
		e.raw = e.unknown ? e.raw : with_values(b, e.raw, true);
		SG_PUSH(b->i->a, &out->resources, e);
	}
	for (size_t k = 0; k < s->cond.atoms.n; k++) {
		struct iam_atom a = atom_with_values(b, &s->cond.atoms.v[k]);
		if (!is_settled(b, &a))
			SG_PUSH(b->i->a, &out->cond.atoms, a);
	}
}

/* `candidate`: its Allows are cut down to the requests that have the values. */
static const iam_stmts *stmts_with_values(const struct bindings *b, const iam_stmts *list, bool candidate)
{
	const struct bindings none = {.i = b->i};
	iam_stmts *out = SG_NEW(b->i->a, iam_stmts);
	for (size_t k = 0; k < list->n; k++) {
		struct iam_stmt s = list->v[k];
		bool literal = !s.variables || s.version_open;
		stmt_with_values(literal ? &none : b, &list->v[k], &s);
		if (candidate && s.effect != IAM_DENY)
			require(b, &s.cond);
		SG_PUSH(b->i->a, out, s);
	}
	return out;
}

/* ---------------------------------------------------------------------------------------------- the request */

static bool show_round(const struct iam_problem *p, struct bindings *b, struct iam_answer *out)
{
	bind_stmts(b, p->stmts);
	bind_stmts(b, p->bounds);
	bind_stmts(b, p->within);
	if (b->n == 0)
		return false;
	const iam_stmts *stmts = stmts_with_values(b, p->stmts, true),
			*bounds = p->bounds ? stmts_with_values(b, p->bounds, false) : NULL,
			*within = stmts_with_values(b, p->within, false);
	struct iam_problem *one = SG_NEW(b->i->a, struct iam_problem);
	*one = (struct iam_problem){.i = b->i, .stmts = stmts, .bounds = bounds, .within = within, .cell = p->cell};
	return iam_refuted(one, &stmts->v[b->src - p->stmts->v], out);
}

bool iam_shown_with_values(const struct iam_problem *p, const struct iam_stmt *src, struct iam_answer *out)
{
	size_t budget = p->i->budget;
	bool shown = false;
	for (unsigned round = 0; !shown && round < ROUNDS; round++) {
		struct bindings b = {.i = p->i, .src = src, .round = round};
		p->i->budget = BUDGET_OF_ROUND;
		shown = show_round(p, &b, out);
	}
	p->i->budget = budget;
	return shown;
}
