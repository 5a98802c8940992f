/*
 * Letters, and how a text of a policy becomes a glob: wildcards, policy variables, and the rounding of what nobody
 * knows.  It must not know templates beyond their symbols, nor how globs are compared.
 */
#include "iam/iam_priv.h"

#include <string.h>

void iam_init(struct iam *i, const struct sg_model *m, struct sg_arena *a)
{
	*i = (struct iam){.m = m, .a = a, .budget = IAM_BUDGET, .nicety = IAM_NICETY, .atoms = sg_map_new(a)};
}

/* ---------------------------------------------------------------------------------------------- letters */

/* cfn/ interns symbols, but names that are looked for here are made here: what has a name is compared by it. */
static bool same_symbol(const struct iam_letter *l, const struct sg_symbol *s)
{
	if (l->variable)
		return false;
	if (l->symbol.kind != s->kind)
		return false;
	if (s->kind == SG_SYM_OTHER || s->kind == SG_SYM_IMPORT || s->kind == SG_SYM_DYNAMIC)
		return l->origin == s;
	return sg_str_eq(l->symbol.name, s->name) && sg_str_eq(l->symbol.attribute, s->attribute);
}

/* What identifies resources whose names cannot hold a wildcard: "Ref", then attributes.  Each type's page says what
 * Ref and GetAtt return, each service's API what a name may hold:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-template-resource-type-ref.html */
static const struct shape {
	const char *type, *names, *arns; /* separated by blanks */
} shapes[] = {
	{"AWS::S3::Bucket", "Ref", "Arn"},
	{"AWS::SQS::Queue", "QueueName", "Arn"},
	{"AWS::SNS::Topic", "TopicName", "Ref TopicArn"},
	{"AWS::DynamoDB::Table", "Ref", "Arn StreamArn"},
	{"AWS::Lambda::Function", "Ref", "Arn"},
	{"AWS::KMS::Key", "Ref KeyId", "Arn"},
	{"AWS::SecretsManager::Secret", "", "Ref Id"},
	{"AWS::StepFunctions::StateMachine", "Name", "Ref Arn"},
	{"AWS::Kinesis::Stream", "Ref", "Arn"},
	{"AWS::Events::EventBus", "Ref Name", "Arn"},
	{"AWS::IAM::Role", "Ref RoleId", "Arn"},
	{"AWS::IAM::User", "Ref", "Arn"},
	{"AWS::ECR::Repository", "Ref", "Arn"},
	{"AWS::Cognito::UserPool", "Ref", "Arn"},
	{"AWS::EC2::VPC", "Ref VpcId", ""},
	{"AWS::EC2::Subnet", "Ref SubnetId", ""},
	{"AWS::EC2::SecurityGroup", "GroupId", ""},
	{"AWS::EFS::FileSystem", "Ref FileSystemId", "Arn"},
};

static bool in_words(const char *words, struct sg_str word)
{
	for (const char *w = words; *w; w += strcspn(w, " "), w += strspn(w, " "))
		if (sg_str_eq((struct sg_str){w, strcspn(w, " ")}, word))
			return true;
	return false;
}

static void find_shape(const struct iam *i, struct iam_letter *l)
{
	const struct sg_resource *r = i->m ? sg_model_find(i->m, l->symbol.name) : NULL;
	struct sg_str what = l->symbol.kind == SG_SYM_RESOURCE ? SG_LIT("Ref") : l->symbol.attribute;
	for (size_t k = 0; r && k < sizeof(shapes) / sizeof(*shapes); k++)
		if (sg_str_is(r->type, shapes[k].type)) {
			l->arn = in_words(shapes[k].arns, what);
			l->plain = l->arn || in_words(shapes[k].names, what);
		}
}

iam_tok iam_letter_of(struct iam *i, const struct sg_symbol *s)
{
	for (size_t k = 0; k < i->letters.n; k++)
		if (same_symbol(&i->letters.v[k], s))
			return IAM_LETTER + (iam_tok)k;
	/* No pseudo parameter can hold a wildcard; for everything else somebody must show it. */
	struct iam_letter l = {.symbol = *s, .origin = s, .plain = s->kind == SG_SYM_PSEUDO};
	if (s->kind == SG_SYM_RESOURCE || s->kind == SG_SYM_ATTRIBUTE)
		find_shape(i, &l);
	SG_PUSH(i->a, &i->letters, l);
	return IAM_LETTER + (iam_tok)(i->letters.n - 1);
}

iam_tok iam_letter_named(struct iam *i, enum sg_symbol_kind kind, const char *name, const char *attribute)
{
	struct sg_symbol s = {.kind = kind, .name = sg_str(name), .attribute = sg_str(attribute)};
	return iam_letter_of(i, &s);
}

/* Variables have no case; a default is a part of the text that is compared. */
static iam_tok letter_of_variable(struct iam *i, struct iam_raw text)
{
	struct sg_str name = iam_raw_show(i, text);
	char *lower = sg_alloc(i->a, name.n + 1);
	for (size_t k = 0; k < name.n; k++)
		lower[k] = (char)(name.p[k] >= 'A' && name.p[k] <= 'Z' ? name.p[k] | 0x20 : name.p[k]);
	struct iam_letter l = {.variable = true, .symbol = {.kind = SG_SYM_OTHER, .name = {lower, name.n}}};
	for (size_t k = 0; k < i->letters.n; k++)
		if (i->letters.v[k].variable && sg_str_eq(i->letters.v[k].symbol.name, l.symbol.name))
			return IAM_LETTER + (iam_tok)k;
	SG_PUSH(i->a, &i->letters, l);
	return IAM_LETTER + (iam_tok)(i->letters.n - 1);
}

static const struct iam_letter *letter(const struct iam *i, iam_tok t)
{
	SG_ASSERT(t - IAM_LETTER < i->letters.n);
	return &i->letters.v[t - IAM_LETTER];
}

bool iam_letter_is_arn(const struct iam *i, iam_tok t)
{
	return t - IAM_LETTER < i->letters.n && letter(i, t)->arn;
}

/* A symbol whose value need not be an ordinary string that differs from every other. */
static bool is_vague(const struct iam *i, iam_tok t, enum iam_mode mode)
{
	const struct iam_letter *l = letter(i, t);
	if (l->plain)
		return false;
	enum sg_symbol_kind k = l->symbol.kind;
	if (mode == IAM_MAY)
		return !i->keep_letters;
	return k == SG_SYM_OTHER || k == SG_SYM_IMPORT || k == SG_SYM_DYNAMIC;
}

bool iam_raw_plain(const struct iam *i, struct iam_raw r)
{
	for (size_t k = 0; k < r.n; k++)
		if (iam_is_letter(r.t[k]) && !letter(i, r.t[k])->plain)
			return false;
	return true;
}

bool iam_raw_generic(const struct iam *i, struct iam_raw r)
{
	for (size_t k = 0; k < r.n; k++)
		if (iam_is_letter(r.t[k]) && is_vague(i, r.t[k], IAM_MUST))
			return false;
	return true;
}

/* Can the value of the letter be a `*`?  Names and ARNs that AWS makes cannot; what a user puts in, or what custom
 * resources, other stacks and parameters give back, can. */
static bool may_be_star(const struct iam *i, iam_tok t)
{
	const struct iam_letter *l = letter(i, t);
	bool made = l->symbol.kind == SG_SYM_RESOURCE || l->symbol.kind == SG_SYM_ATTRIBUTE;
	const struct sg_resource *r = made && i->m ? sg_model_find(i->m, l->symbol.name) : NULL;
	if (l->plain)
		return false;
	return !r || !sg_str_starts(r->type, "AWS::") || sg_str_starts(r->type, "AWS::CloudFormation::") ||
	       sg_str_starts(r->type, "AWS::SSM::");
}

struct iam_raw iam_raw_widest(struct iam *i, struct iam_raw r)
{
	iam_tok *t = SG_NEW_ARRAY(i->a, r.n ? r.n : 1, iam_tok);
	for (size_t k = 0; k < r.n; k++)
		t[k] = iam_is_letter(r.t[k]) && may_be_star(i, r.t[k]) ? '*' : r.t[k];
	return (struct iam_raw){t, r.n};
}

void iam_raw_mark_plain(struct iam *i, struct iam_raw r)
{
	for (size_t k = 0; k < r.n; k++)
		if (iam_is_letter(r.t[k]))
			i->letters.v[r.t[k] - IAM_LETTER].plain = true;
}

/* ---------------------------------------------------------------------------------------------- texts */

/* Room for `more` at once: texts are many and short. */
static void make_room(struct iam *i, iam_toks *out, size_t more)
{
	if (out->n + more <= out->cap)
		return;
	iam_tok *t = SG_NEW_ARRAY(i->a, out->n + more, iam_tok);
	if (out->n)
		memcpy(t, out->v, out->n * sizeof(*t));
	out->v = t;
	out->cap = out->n + more;
}

void iam_toks_str(struct iam *i, iam_toks *out, struct sg_str s)
{
	make_room(i, out, s.n);
	for (; s.n && (unsigned char)s.p[0] < 128; s = sg_str_sub(s, 1, s.n))
		out->v[out->n++] = (unsigned char)s.p[0];
	while (s.n) {
		uint32_t cp = 0;
		size_t n = sg_utf8_decode(s, &cp);
		if (!n) { /* refused when the file was read; a surrogate stands for the byte all the same */
			cp = 0xdc00u + (unsigned char)s.p[0];
			n = 1;
		}
		SG_PUSH(i->a, out, cp);
		s = sg_str_sub(s, n, s.n);
	}
}

struct iam_raw iam_raw_str(struct iam *i, const char *s)
{
	iam_toks t = {0};
	iam_toks_str(i, &t, sg_str(s));
	return (struct iam_raw){t.v, t.n};
}

bool iam_raw_eq(struct iam_raw a, struct iam_raw b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.t, b.t, a.n * sizeof(*a.t)) == 0);
}

bool iam_raw_has_letter(struct iam_raw r)
{
	for (size_t k = 0; k < r.n; k++)
		if (iam_is_letter(r.t[k]))
			return true;
	return false;
}

static void show_letter(struct sg_buf *b, const struct iam_letter *l)
{
	if (l->symbol.name.n == 0) {
		sg_buf_adds(b, "${?}");
		return;
	}
	sg_buf_adds(b, "${");
	sg_buf_str(b, l->symbol.name);
	if (l->symbol.attribute.n) {
		sg_buf_addc(b, '.');
		sg_buf_str(b, l->symbol.attribute);
	}
	sg_buf_addc(b, '}');
}

struct sg_str iam_raw_show(const struct iam *i, struct iam_raw r)
{
	struct sg_buf b = {0};
	for (size_t k = 0; k < r.n; k++) {
		char utf8[4];
		if (iam_is_letter(r.t[k]))
			show_letter(&b, letter(i, r.t[k]));
		else if (iam_is_star(r.t[k]) || iam_is_any(r.t[k]))
			sg_buf_addc(&b, iam_is_star(r.t[k]) ? '*' : '?');
		else
			sg_buf_add(&b, utf8, sg_utf8_encode(r.t[k], utf8));
	}
	return sg_buf_take(&b, i->a);
}

/* ---------------------------------------------------------------------------------------------- compiling */

struct compiling {
	struct iam *i;
	struct iam_rounding how;
	struct iam_raw raw;
	size_t at;
	iam_toks out;
	bool dropped; /* rounded down to nothing */
	bool unknown; /* a star of it stands for what nobody knows, colons among it */
};

static void emit(struct compiling *c, iam_tok t)
{
	if (t == IAM_STAR && c->out.n && c->out.v[c->out.n - 1] == IAM_STAR)
		return;
	SG_PUSH(c->i->a, &c->out, t);
}

/* Something whose text is not known: anything, or nothing. */
static void emit_unknown(struct compiling *c)
{
	c->unknown = true;
	if (c->how.up)
		emit(c, IAM_STAR);
	else
		c->dropped = true;
}

/* Offset of the '}' that ends the variable that starts at c->at, or SIZE_MAX. */
static size_t variable_end(const struct compiling *c)
{
	for (size_t k = c->at + 2; k < c->raw.n; k++)
		if (c->raw.t[k] == '}')
			return k;
	return SIZE_MAX;
}

/* ${*}, ${?} and ${$} are the characters themselves; other variables have a value that only the request knows. */
static void compile_variable(struct compiling *c)
{
	size_t end = variable_end(c);
	if (end == SIZE_MAX) { /* a variable cut off by the end: the engine may reject the text, or take it literally */
		emit_unknown(c);
		c->at = c->raw.n;
		return;
	}
	iam_tok inner = c->raw.t[c->at + 2];
	if (!c->how.open && end == c->at + 3 && (inner == '*' || inner == '?' || inner == '$'))
		emit(c, inner);
	else if (c->how.letters && c->how.mode == IAM_MAY)
		emit(c, letter_of_variable(c->i, (struct iam_raw){c->raw.t + c->at + 2, end - c->at - 2}));
	else
		emit_unknown(c);
	c->at = end + 1;
}

static iam_tok fold(iam_tok t)
{
	return t >= 'A' && t <= 'Z' ? t + ('a' - 'A') : t;
}

static void compile_one(struct compiling *c)
{
	iam_tok t = c->raw.t[c->at];
	if (c->how.variables && t == '$' && c->at + 1 < c->raw.n && c->raw.t[c->at + 1] == '{') {
		compile_variable(c);
		return;
	}
	c->at++;
	if (t == '*')
		emit(c, IAM_STAR);
	else if (t == '?')
		emit(c, IAM_ANY);
	else if (iam_is_letter(t) && is_vague(c->i, t, c->how.mode))
		emit_unknown(c);
	else
		emit(c, c->how.action ? fold(t) : t);
}

bool iam_pat_is_star(struct iam_pat p)
{
	return p.n == 1 && p.t[0] == IAM_STAR;
}

/* AWS documents a lone `*` and `service:…` with a literal service; what else may match is rounded away. */
static bool agreed_action(struct iam_pat p)
{
	if (iam_pat_is_star(p))
		return true;
	for (size_t k = 0; k < p.n && p.t[k] != IAM_STAR && p.t[k] != IAM_ANY; k++)
		if (p.t[k] == ':')
			return true;
	return false;
}

/* All readings are the same where the first five segments have no wildcard. */
static bool agreed_resource(const struct iam *i, struct iam_pat p)
{
	unsigned colons = 0;
	if (iam_pat_is_star(p))
		return true;
	for (size_t k = 0; k < p.n && colons < 5; k++) {
		if (iam_is_star(p.t[k]) || iam_is_any(p.t[k]))
			return false;
		colons += p.t[k] == ':' ? 1 : iam_is_letter(p.t[k]) && iam_letter_is_arn(i, p.t[k]) ? 5 : 0;
	}
	return colons >= 5 || (p.n == 1 && iam_is_letter(p.t[0])); /* or a whole ARN by its symbol */
}

/* Which wildcards stay within their segment.  Under SEGMENTS and TAILS a text of fewer than six segments reaches
 * beyond its last one only by a `*` at its end. */
static void read_segments(struct iam *i, iam_tok *t, size_t n, enum iam_reading reading)
{
	unsigned colons = 0;
	if (n == 1 && t[0] == IAM_STAR)
		return;
	for (size_t k = 0; k < n && colons < 5; k++) {
		bool tail = k + 1 == n || (reading == IAM_TAILS && t[k + 1] == ':');
		if (t[k] == IAM_ANY)
			t[k] = IAM_ANY_IN;
		else if (t[k] == IAM_STAR && !tail)
			t[k] = IAM_STAR_IN;
		colons += t[k] == ':' ? 1 : iam_is_letter(t[k]) && iam_letter_is_arn(i, t[k]) ? 5 : 0;
	}
}

/* What the reading makes of it; false where it matches nothing, or nobody can say. */
static bool read_as(struct compiling *c)
{
	struct iam *i = c->i;
	struct iam_rounding how = c->how;
	struct iam_pat p = {.t = c->out.v, .n = c->out.n};
	if (i->reading == IAM_ROUNDED) {
		bool agreed = how.up || (how.action ? agreed_action(p) : agreed_resource(i, p));
		i->dropped |= !agreed;
		return agreed;
	}
	if (how.action)
		return !i->strict_actions || agreed_action(p);
	if (i->reading != IAM_WHOLE && !c->unknown)
		read_segments(i, c->out.v, c->out.n, i->reading);
	return true;
}

bool iam_compile(struct iam *i, struct iam_raw r, struct iam_rounding how, struct iam_pat *out)
{
	struct compiling c = {.i = i, .how = how, .raw = r};
	while (c.at < r.n && !c.dropped)
		compile_one(&c);
	if (c.dropped || (how.mode == IAM_MAY && !read_as(&c)))
		return false;
	*out = (struct iam_pat){.t = c.out.v, .n = c.out.n};
	return true;
}
