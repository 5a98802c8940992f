/*
 * FUN006: secrets in the environment.  Whatever is there, a script can try to read, and everybody who may read the
 * function's configuration or the template does.
 */
#include "audit/audit_priv.h"

#include <string.h>

/* Beginnings of values that are secrets whatever their variable is called, and how many letters or digits follow. */
static const struct {
	const char *prefix;
	size_t more;
	const char *what;
} shapes[] = {
	{"AKIA", 16, "an AWS access key"},
	{"ASIA", 16, "a temporary AWS access key"},
	{"-----BEGIN", 0, "a private key or certificate"},
	{"ghp_", 20, "a GitHub token"},
	{"gho_", 20, "a GitHub token"},
	{"ghs_", 20, "a GitHub token"},
	{"github_pat_", 20, "a GitHub token"},
	{"glpat-", 16, "a GitLab token"},
	{"xoxb-", 10, "a Slack token"},
	{"xoxp-", 10, "a Slack token"},
	{"sk_live_", 10, "a Stripe key"},
	{"sk-", 20, "an API key"},
	{"AIza", 30, "a Google API key"},
	{"eyJ", 20, "a JSON web token"},
};

/* Words in a variable's name that say what its value is. */
static const char *const words[] = {"SECRET",  "PASSWORD",   "PASSWD",      "PASSPHRASE", "TOKEN", "APIKEY",
				    "API_KEY", "ACCESS_KEY", "PRIVATE_KEY", "CREDENTIAL", "PWD",   "AUTH_KEY"};

static bool is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static size_t run_length(struct sg_str s, size_t at)
{
	size_t n = 0;
	while (at + n < s.n && is_word_char(s.p[at + n]))
		n++;
	return n;
}

/* 40 characters of base64 with capitals, small letters and digits: how AWS secret access keys look. */
static bool looks_random(struct sg_str s)
{
	bool upper = false, lower = false, digit = false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		upper |= c >= 'A' && c <= 'Z';
		lower |= c >= 'a' && c <= 'z';
		digit |= c >= '0' && c <= '9';
		if (!is_word_char(c) && c != '/' && c != '+')
			return false;
	}
	return s.n == 40 && upper && lower && digit;
}

/* "scheme://user:password@host" */
static bool has_password(struct sg_str s)
{
	size_t at = sg_str_find(s, "://", 0);
	size_t user = at == SIZE_MAX ? SIZE_MAX : sg_str_find(s, "@", at);
	size_t colon = user == SIZE_MAX ? SIZE_MAX : sg_str_find(s, ":", at + 3);
	size_t slash = user == SIZE_MAX ? SIZE_MAX : sg_str_find(s, "/", at + 3);
	return user != SIZE_MAX && colon < user && user < slash;
}

static const char *secret_shape(struct sg_str text)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		size_t length = strlen(shapes[i].prefix);
		for (size_t at = sg_str_find(text, shapes[i].prefix, 0); at != SIZE_MAX;
		     at = sg_str_find(text, shapes[i].prefix, at + 1))
			if ((!at || !is_word_char(text.p[at - 1])) && run_length(text, at + length) >= shapes[i].more)
				return shapes[i].what;
	}
	if (looks_random(text))
		return "40 random characters, like an AWS secret key";
	return has_password(text) ? "an address with a password" : NULL;
}

static bool secret_name(struct sg_arena *a, struct sg_str name)
{
	struct sg_buf b = {0};
	for (size_t i = 0; i < name.n; i++)
		sg_buf_addc(&b, name.p[i] >= 'a' && name.p[i] <= 'z' ? (char)(name.p[i] - 'a' + 'A') : name.p[i]);
	struct sg_str upper = sg_buf_take(&b, a);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (sg_str_find(upper, words[i], 0) != SIZE_MAX)
			return true;
	return false;
}

/* A name like TOKEN_URL or SECRET_ARN says where a secret is, not what it is. */
static bool names_a_place(struct sg_str name)
{
	static const char *const ends[] = {"_ARN",   "_NAME", "_ID",  "_URL", "_PATH",
					   "_TABLE", "Arn",   "Name", "Id",   "Url"};
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (sg_str_ends(name, ends[i]))
			return !sg_str_ends(name, "KEY_ID");
	return false;
}

/* ---------------------------------------------------------------------------------------------- one variable */

struct variable {
	struct sg_str name;
	const struct sg_alt *alt;
	bool suspicious; /* its name says that it is a secret */
};

static void say(struct check *k, const struct variable *v, enum sg_verdict status, const char *what)
{
	struct sg_finding *f =
		audit_say(k, status, k->fn, NULL, v->alt->guard, &v->alt->val,
			  "the environment variable %.*s of %.*s holds %s", SG_FMT(v->name), SG_FMT(k->fn->id), what);
	f->path = sg_pointer_add(k->m->arena,
				 sg_strf(k->m->arena, "%.*s/Properties/Environment/Variables", SG_FMT(k->fn->pointer)),
				 v->name);
	if (f->status == SG_FAIL)
		audit_settle(k, f, "a sandbox needs no secret: take the variable away");
}

static bool no_echo(struct check *k, struct sg_str name)
{
	const struct sg_node *p = sg_node_get_str(sg_node_get(sg_cfn_root(k->m->cfn), "Parameters"), name);
	const struct sg_node *flag = sg_node_get(p, "NoEcho");
	struct sg_reading r = {0};
	if (flag)
		r = sg_read_yaml11(flag);
	return (r.type == SG_T_BOOL && r.boolean) ||
	       (flag && flag->kind == SG_SCALAR && sg_str_is_nocase(flag->text, "true"));
}

static void symbol(struct check *k, const struct variable *v, const struct sg_symbol *s)
{
	const struct sg_resource *r = NULL;
	switch (s->kind) {
	case SG_SYM_PARAMETER:
		if (no_echo(k, s->name))
			say(k, v, SG_FAIL, "a parameter that the template keeps secret (NoEcho)");
		else
			say(k, v, SG_UNPROVEN, "a parameter that may be a secret");
		break;
	case SG_SYM_DYNAMIC:
		if (sg_str_starts(s->name, "resolve:ssm:") && !v->suspicious)
			say(k, v, SG_UNPROVEN, "a parameter of the parameter store that may be a secret");
		else
			say(k, v, SG_FAIL, "a secret that is resolved at deployment");
		break;
	case SG_SYM_ATTRIBUTE:
		r = sg_model_find(k->m, s->name);
		if (sg_str_find(s->attribute, "Secret", 0) != SIZE_MAX && !sg_str_ends(s->attribute, "Arn"))
			say(k, v, SG_FAIL, "a secret of another resource");
		else if (!r || r->info->class_ == SG_TYPE_UNKNOWN)
			say(k, v, SG_UNPROVEN, "an attribute that may be a secret");
		break;
	case SG_SYM_IMPORT:
	case SG_SYM_OTHER:
		say(k, v, SG_UNPROVEN, "a value that may be a secret");
		break;
	case SG_SYM_RESOURCE:
	case SG_SYM_PSEUDO:
		break; /* a name, an id, an ARN */
	}
}

static void string(struct check *k, const struct variable *v)
{
	struct sg_str whole;
	if (audit_text(k, &v->alt->val, &whole)) {
		const char *what = secret_shape(whole);
		if (what)
			say(k, v, SG_FAIL, what);
		else if (v->suspicious && whole.n && !names_a_place(v->name))
			say(k, v, SG_FAIL, "what its name says is a secret");
		return;
	}
	for (size_t i = 0; i < v->alt->val.n_parts; i++) {
		const struct sg_part *p = &v->alt->val.parts[i];
		if (p->symbol)
			symbol(k, v, p->symbol);
		else if (secret_shape(p->literal))
			say(k, v, SG_FAIL, secret_shape(p->literal));
	}
}

/* The Ref of a parameter that the template keeps secret: also where --parameter-overrides made it a plain value. */
static bool is_hidden(struct check *k, const struct sg_node *value)
{
	const struct sg_node *name = value->kind == SG_MAP && value->n == 1 ? sg_node_get(value, "Ref") : NULL;
	return name && name->kind == SG_SCALAR && no_echo(k, name->text);
}

static void variable(struct check *k, const struct sg_member *m, sg_guard in)
{
	struct sg_alts alts = sg_eval(k->m->cfn, m->value, in);
	for (size_t i = 0; i < alts.n; i++) {
		struct variable v = {m->key->text, &alts.v[i], secret_name(k->m->arena, m->key->text)};
		if (is_hidden(k, m->value) && !sg_val_symbol(&alts.v[i].val))
			say(k, &v, SG_FAIL, "a parameter that the template keeps secret (NoEcho)");
		else if (alts.v[i].val.kind == SG_V_UNKNOWN)
			say(k, &v, SG_UNPROVEN, "a value that may be a secret");
		else if (alts.v[i].val.kind == SG_V_STRING)
			string(k, &v);
		else if (!audit_absent(&alts.v[i].val) && v.suspicious && alts.v[i].val.kind == SG_V_INT)
			say(k, &v, SG_FAIL, "what its name says is a secret");
	}
}

void audit_check_secrets(struct check *k)
{
	struct sg_alts alts = audit_prop(k, "Environment.Variables");
	for (size_t i = 0; i < alts.n; i++) {
		const struct sg_alt *alt = &alts.v[i];
		if (alt->val.kind == SG_V_MAP)
			for (size_t j = 0; j < alt->val.node->n; j++)
				variable(k, &alt->val.node->members[j], alt->guard);
		else if (!audit_absent(&alt->val))
			audit_say(k, SG_UNPROVEN, k->fn, "Environment.Variables", alt->guard, &alt->val,
				  "what is in the environment of %.*s is not known", SG_FMT(k->fn->id));
	}
}
