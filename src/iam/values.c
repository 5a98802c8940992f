/*
 * Can a condition key have a value, several, or none, for which some operators hold and others do not?  Exact for texts
 * (the same product automaton as for resources), ARNs under each reading, numbers, dates, addresses, presence and set
 * operators; whatever else is left out, which makes more possible and never less.
 *
 * An operator without ForAnyValue or ForAllValues is read as one about a single value.
 */
#include "iam/iam_priv.h"

#include <arpa/inet.h>
#include <string.h>

/* An atom, and whether one of its values is to match: its negation is worked in. */
struct literal {
	const struct iam_atom *a;
	bool match;
};
typedef SG_VEC(struct literal) literals;

enum kind { TEXT, NUMBER, DATE, ADDRESS, OTHER };

static enum kind kind_of(const struct iam_atom *a)
{
	if (a->base >= IAM_OP_STRING && a->base <= IAM_OP_BOOL)
		return TEXT;
	if (a->base >= IAM_OP_NUM_EQ && a->base <= IAM_OP_NUM_GE)
		return NUMBER;
	if (a->base >= IAM_OP_DATE_EQ && a->base <= IAM_OP_DATE_GE)
		return DATE;
	return a->base == IAM_OP_IP ? ADDRESS : OTHER;
}

/* ---------------------------------------------------------------------------------------------- texts */

struct texts {
	struct iam *i;
	struct sg_arena *a;
	const literals *all;
	SG_VEC(struct iam_pat) globs; /* of all literals, in order */
	enum iam_reading reading;     /* of the ARN operators */
	bool never_arn;               /* they match nothing */
	bool found;
	struct iam_raw word;
};

/* `up`: what it may match in some deployment; else what it matches in each.  False: nothing. */
static bool value_glob(struct texts *t, const struct iam_atom *a, struct iam_raw value, bool up, struct iam_pat *out)
{
	bool globbing = a->base == IAM_OP_LIKE || a->base == IAM_OP_ARN;
	iam_toks v = {0};
	if (a->base == IAM_OP_ARN && t->never_arn)
		return false;
	if (globbing) {
		struct iam_rounding how = {.mode = IAM_MAY, .up = up};
		t->i->reading = a->base == IAM_OP_ARN ? t->reading : IAM_WHOLE;
		bool kept = iam_compile(t->i, value, how, out);
		t->i->reading = IAM_ROUNDED;
		return kept;
	}
	for (size_t k = 0; k < value.n; k++)
		SG_PUSH(t->a, &v, value.t[k]);
	*out = (struct iam_pat){.t = v.v, .n = v.n, .nocase = a->base != IAM_OP_STRING};
	return true;
}

/* Appends the globs of one literal: those that are to match are rounded up, those that are not down. */
static size_t literal_globs(struct texts *t, const struct literal *l)
{
	size_t from = t->globs.n;
	for (size_t k = 0; k < l->a->values.n; k++) {
		struct iam_pat p;
		if (!value_glob(t, l->a, l->a->values.v[k], l->match, &p))
			continue;
		p.loose = l->match;
		SG_PUSH(t->a, &t->globs, p);
	}
	return t->globs.n - from;
}

struct visit {
	struct texts *t;
	size_t *counts; /* globs of each literal */
};

static bool visit_word(void *ctx, const bool *matches, struct iam_raw word)
{
	struct visit *v = ctx;
	size_t at = 0;
	for (size_t k = 0; k < v->t->all->n; k++) {
		bool any = false;
		for (size_t j = 0; j < v->counts[k]; j++)
			any |= matches[at + j];
		if (any != v->t->all->v[k].match)
			return false;
		at += v->counts[k];
	}
	v->t->found = true;
	v->t->word = word;
	return true;
}

/* Words of one literal's globs, or (SIZE_MAX) all; true where one was found, or nobody knows. */
static bool explore_from(struct texts *t, size_t first, size_t *counts, enum iam_domain domain)
{
	static const iam_tok star[] = {IAM_STAR};
	struct visit v = {t, counts};
	struct iam_pat all = {.t = star, .n = 1};
	size_t from = 0, n = 1;
	for (size_t k = 0; first != SIZE_MAX && k < first; k++)
		from += counts[k];
	if (first != SIZE_MAX)
		n = counts[first];
	for (size_t k = 0; k < n; k++) {
		struct iam_pat main = first == SIZE_MAX ? all : t->globs.v[from + k];
		main.loose = false;
		if (iam_explore(t->i, main, t->globs.v, NULL, t->globs.n, domain, visit_word, &v) != IAM_EXPLORED)
			return true;
	}
	return false;
}

/* Letters are exact in the globs that words are made of: it is impossible where any way to make them says so. */
static bool text_in(struct texts *t, enum iam_domain domain)
{
	size_t *counts = SG_NEW_ARRAY(t->a, t->all->n + 1, size_t);
	bool tried = false;
	t->globs.n = 0;
	for (size_t k = 0; k < t->all->n; k++)
		counts[k] = literal_globs(t, &t->all->v[k]);
	for (size_t k = 0; k < t->all->n; k++) {
		if (!t->all->v[k].match)
			continue;
		tried = true;
		if (!explore_from(t, k, counts, domain))
			return false;
	}
	return tried || explore_from(t, SIZE_MAX, counts, domain);
}

static bool has_arn(const literals *all)
{
	for (size_t k = 0; k < all->n; k++)
		if (all->v[k].a->base == IAM_OP_ARN)
			return true;
	return false;
}

/* ARN operators compare six parts, each by itself; nobody says what they do with a text of fewer. */
static bool text_exists(struct iam *i, struct sg_arena *a, const literals *all, struct iam_raw *out)
{
	static const struct {
		enum iam_domain domain;
		enum iam_reading reading;
		bool never; /* match nothing */
	} rows[] = {{IAM_DOMAIN_ARN, IAM_SEGMENTS, false}, {IAM_DOMAIN_ARN, IAM_WHOLE, false},
		    {IAM_DOMAIN_ARN, IAM_TAILS, false},    {IAM_DOMAIN_NO_ARN, IAM_WHOLE, false},
		    {IAM_DOMAIN_NO_ARN, IAM_WHOLE, true},  {IAM_DOMAIN_SOME, IAM_WHOLE, false},
		    {IAM_DOMAIN_ANY, IAM_WHOLE, false}};
	bool arn = has_arn(all);
	for (size_t k = arn ? 0 : 5; k < (arn ? 5 : 7); k++) {
		struct texts t = {.i = i, .a = a, .all = all, .reading = rows[k].reading, .never_arn = rows[k].never};
		if (!text_in(&t, rows[k].domain))
			continue;
		*out = t.word;
		return true;
	}
	return false;
}

/* ---------------------------------------------------------------------------------------------- numbers, dates */

enum { MAX_CONSTANTS = 512 };

struct line {
	double v[MAX_CONSTANTS]; /* sorted, each once */
	struct iam_raw text[MAX_CONSTANTS];
	size_t n;
};

static bool read_constant(enum kind kind, struct iam_raw r, double *out)
{
	return kind == NUMBER ? iam_read_number(r, out) : iam_read_date(r, out);
}

static void insert(struct line *l, double v, struct iam_raw text)
{
	size_t at = l->n;
	for (size_t k = 0; k < l->n; k++)
		if (!(l->v[k] < v) && !(l->v[k] > v))
			return;
	for (; at > 0 && l->v[at - 1] > v; at--) {
		l->v[at] = l->v[at - 1];
		l->text[at] = l->text[at - 1];
	}
	l->v[at] = v;
	l->text[at] = text;
	l->n++;
}

/* Where a constant is among places: 2k is before the k-th constant, 2k + 1 is at it. */
static bool at_place(const struct iam_atom *a, double constant, const struct line *l, size_t place, enum kind kind)
{
	size_t k = 0;
	while (l->v[k] < constant)
		k++;
	size_t own = 2 * k + 1;
	switch (a->base - (kind == NUMBER ? IAM_OP_NUM_EQ : IAM_OP_DATE_EQ)) {
	case 0:
		return place == own;
	case 1:
		return place < own;
	case 2:
		return place <= own;
	case 3:
		return place > own;
	default:
		return place >= own;
	}
}

static bool all_at(const literals *all, const struct line *l, size_t place, enum kind kind)
{
	for (size_t k = 0; k < all->n; k++) {
		const struct iam_atom *a = all->v[k].a;
		bool any = false;
		for (size_t j = 0; place != SIZE_MAX && j < a->values.n; j++) {
			double c;
			any |= read_constant(kind, a->values.v[j], &c) && at_place(a, c, l, place, kind);
		}
		if (any != all->v[k].match)
			return false;
	}
	return true;
}

static struct iam_raw between(struct iam *i, const struct line *l, size_t place, enum kind kind)
{
	double v = 0;
	if (place % 2)
		return l->text[place / 2];
	if (l->n && place == 0)
		v = l->v[0] - 1;
	else if (l->n && place == 2 * l->n)
		v = l->v[l->n - 1] + 1;
	else if (l->n)
		v = l->v[place / 2 - 1] + (l->v[place / 2] - l->v[place / 2 - 1]) / 2;
	struct sg_str s = kind == DATE ? iam_date_show(i->a, v) : sg_strf(i->a, "%.15g", v);
	return iam_raw_str(i, sg_cstr(i->a, s));
}

/* All places on the line of the constants, and SIZE_MAX: a value that is no number. */
static bool number_exists(struct iam *i, struct sg_arena *scratch, const literals *all, enum kind kind,
			  struct iam_raw *out)
{
	struct line *l = SG_NEW(scratch, struct line);
	for (size_t k = 0; k < all->n; k++)
		for (size_t j = 0; j < all->v[k].a->values.n; j++) {
			double c;
			struct iam_raw r = all->v[k].a->values.v[j];
			if (!read_constant(kind, r, &c) || l->n == MAX_CONSTANTS)
				return true;
			insert(l, c, r);
		}
	for (size_t place = 0; place <= 2 * l->n; place++)
		if (all_at(all, l, place, kind)) {
			*out = between(i, l, place, kind);
			return true;
		}
	return all_at(all, l, SIZE_MAX, kind);
}

/* ---------------------------------------------------------------------------------------------- addresses */

static bool inside(const struct iam_atom *a, bool v6, const unsigned char ip[16])
{
	for (size_t k = 0; k < a->values.n; k++) {
		struct iam_range r;
		if (iam_read_range(a->values.v[k], &r) && r.v6 == v6 && memcmp(r.lo, ip, 16) <= 0 &&
		    memcmp(ip, r.hi, 16) <= 0)
			return true;
	}
	return false;
}

static bool address_fits(const literals *all, bool v6, const unsigned char ip[16])
{
	for (size_t k = 0; k < all->n; k++)
		if (inside(all->v[k].a, v6, ip) != all->v[k].match)
			return false;
	return true;
}

/* The address behind `ip`; false where there is none. */
static bool following(unsigned char ip[16], bool v6)
{
	for (int k = 15; k >= (v6 ? 0 : 12); k--)
		if (++ip[k])
			return true;
	return false;
}

static bool try_address(struct iam *i, const literals *all, bool v6, const unsigned char ip[16], struct iam_raw *out)
{
	char text[INET6_ADDRSTRLEN];
	if (!address_fits(all, v6, ip))
		return false;
	inet_ntop(v6 ? AF_INET6 : AF_INET, ip + (v6 ? 0 : 12), text, sizeof(text));
	*out = iam_raw_str(i, text);
	return true;
}

/* What holds changes only where a range begins and behind where one ends. */
static bool address_exists(struct iam *i, const literals *all, struct iam_raw *out)
{
	static const unsigned char zero[16];
	bool none = true;
	for (size_t k = 0; k < all->n; k++)
		for (size_t j = 0; j < all->v[k].a->values.n; j++) {
			struct iam_range r;
			if (!iam_read_range(all->v[k].a->values.v[j], &r))
				return true; /* nobody knows what it matches */
			if (try_address(i, all, r.v6, r.lo, out))
				return true;
			if (following(r.hi, r.v6) && try_address(i, all, r.v6, r.hi, out))
				return true;
		}
	if (try_address(i, all, false, zero, out) || try_address(i, all, true, zero, out))
		return true;
	for (size_t k = 0; k < all->n; k++)
		none &= !all->v[k].match;
	return none; /* a value that is no address */
}

/* ---------------------------------------------------------------------------------------------- one value */

static literals of_kind(struct sg_arena *a, const literals *all, enum kind kind)
{
	literals out = {0};
	for (size_t k = 0; k < all->n; k++)
		if (kind_of(all->v[k].a) == kind)
			SG_PUSH(a, &out, all->v[k]);
	return out;
}

/* A value for which every literal is as it should be.  Literals of different kinds are not weighed against each other. */
static bool value_exists(struct iam *i, const literals *all, struct iam_raw *out)
{
	struct sg_arena *scratch = sg_arena_new();
	literals texts = of_kind(scratch, all, TEXT), numbers = of_kind(scratch, all, NUMBER),
		 dates = of_kind(scratch, all, DATE), addresses = of_kind(scratch, all, ADDRESS);
	bool possible = true;
	*out = iam_raw_str(i, "x");
	if (texts.n)
		possible = text_exists(i, scratch, &texts, out);
	if (possible && numbers.n)
		possible = number_exists(i, scratch, &numbers, NUMBER, out);
	if (possible && dates.n)
		possible = number_exists(i, scratch, &dates, DATE, out);
	if (possible && addresses.n)
		possible = address_exists(i, &addresses, out);
	iam_tok *kept = SG_NEW_ARRAY(i->a, out->n + 1, iam_tok);
	if (out->n)
		memcpy(kept, out->t, out->n * sizeof(*kept));
	out->t = kept;
	sg_arena_free(scratch);
	return possible;
}

/* ---------------------------------------------------------------------------------------------- one key */

/* What the facts ask of the values of a key that is there. */
struct demands {
	literals single, each; /* of the one value; of every value */
	literals some;         /* each of some value */
};

static bool opaque(const struct iam_atom *a)
{
	return a->unique || a->fuzzy || kind_of(a) == OTHER;
}

static void sort_demands(struct sg_arena *a, const struct iam_fact *facts, size_t n, struct demands *d)
{
	for (size_t k = 0; k < n; k++) {
		const struct iam_atom *atom = facts[k].atom;
		struct literal l = {atom, facts[k].value != atom->negated};
		if (opaque(atom))
			continue;
		if (atom->set == IAM_SET_NONE)
			SG_PUSH(a, &d->single, l);
		else if ((atom->set == IAM_SET_ALL) == facts[k].value)
			SG_PUSH(a, &d->each, l);
		else
			SG_PUSH(a, &d->some, l);
	}
}

static void append(struct sg_arena *a, literals *out, const literals *more)
{
	for (size_t k = 0; k < more->n; k++)
		SG_PUSH(a, out, more->v[k]);
}

static bool one_value(struct iam *i, struct sg_arena *a, const struct demands *d, struct iam_value *out)
{
	literals all = {0};
	append(a, &all, &d->single);
	append(a, &all, &d->each);
	append(a, &all, &d->some);
	return value_exists(i, &all, &out->value);
}

/* A value for each demand of "some"; what asks for a single value is left out. */
static bool several_values(struct iam *i, struct sg_arena *a, const struct demands *d, struct iam_value *out)
{
	struct iam_raw *more = SG_NEW_ARRAY(i->a, d->some.n + 1, struct iam_raw);
	for (size_t k = 0; k < d->some.n; k++) {
		literals one = {0};
		append(a, &one, &d->each);
		SG_PUSH(a, &one, d->some.v[k]);
		if (!value_exists(i, &one, &more[k]))
			return false;
	}
	if (d->some.n == 0)
		return true; /* the key may have no value at all */
	out->value = more[0];
	out->more = more + 1;
	out->n_more = d->some.n - 1;
	return true;
}

static bool presence_fits(const struct iam_fact *facts, size_t n, bool present)
{
	bool absent;
	for (size_t k = 0; k < n; k++) {
		if (iam_atom_is_null(facts[k].atom, &absent)) {
			if (facts[k].value != (absent == !present))
				return false;
		} else if (!present && facts[k].atom->base != IAM_OP_NULL && facts[k].atom->base != IAM_OP_UNKNOWN &&
			   facts[k].atom->base != IAM_OP_PRINCIPAL &&
			   facts[k].value != iam_atom_when_absent(facts[k].atom)) {
			return false;
		}
	}
	return true;
}

static bool fits(struct iam *i, const struct iam_fact *facts, size_t n, struct iam_value v)
{
	struct iam_request rq = {0};
	SG_PUSH(i->a, &rq.context, v);
	for (size_t k = 0; k < n; k++)
		if (iam_point_atom(facts[k].atom, &rq) != (facts[k].value ? IAM_YES : IAM_NO))
			return false;
	return true;
}

/* The ARN of the function itself says most in a witness, or that of another: where they fit. */
static void prefer_known(struct iam *i, const struct iam_fact *facts, size_t n, struct iam_value *out)
{
	struct iam_value own = {.key = out->key, .present = true, .value = i->self}, other = own;
	if (!sg_str_is_nocase(out->key, "lambda:SourceFunctionArn"))
		return;
	other.value = iam_raw_str(i, "arn:aws:lambda:us-east-1:111122223333:function:another");
	if (i->self.n && fits(i, facts, n, own))
		*out = own;
	else if (out->present && fits(i, facts, n, other))
		*out = other;
}

bool iam_key_possible(struct iam *i, const struct iam_fact *facts, size_t n, struct iam_value *out)
{
	struct sg_arena *scratch = sg_arena_new();
	struct iam_value v = {0};
	struct demands d = {0};
	bool possible = presence_fits(facts, n, false);
	bool shown = true; /* a value that is shown is one of which everything is known */
	for (size_t k = 0; out && k < n; k++)
		shown &= facts[k].atom->base == IAM_OP_NULL || !opaque(facts[k].atom);
	if (!possible && shown && presence_fits(facts, n, true)) {
		v.present = true;
		sort_demands(scratch, facts, n, &d);
		possible =
			one_value(i, scratch, &d, &v) || ((d.each.n || d.some.n) && several_values(i, scratch, &d, &v));
	}
	if (possible && out) {
		out->present = v.present;
		out->value = v.value;
		out->more = v.more;
		out->n_more = v.n_more;
		prefer_known(i, facts, n, out);
	}
	sg_arena_free(scratch);
	return possible;
}
