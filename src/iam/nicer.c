/*
 * Requests that people know.  A shortest word such as s3:x proves as much as s3:GetObject but says less; the table is
 * only ever used to replace words of a witness that was found without it, and each replacement is checked again.
 */
#include "iam/catalogue.h"
#include "iam/iam_priv.h"

#include <string.h>

/* Ordered: what hurts most comes first. */
static const struct {
	const char *action, *resource;
} known[] = {
	{"iam:PassRole", "arn:aws:iam::111122223333:role/Admin"},
	{"iam:PutRolePolicy", "arn:aws:iam::111122223333:role/Admin"},
	{"iam:CreateAccessKey", "arn:aws:iam::111122223333:user/admin"},
	{"sts:AssumeRole", "arn:aws:iam::111122223333:role/Admin"},
	{"secretsmanager:GetSecretValue", "arn:aws:secretsmanager:us-east-1:111122223333:secret:db-AbCdEf"},
	{"ssm:GetParameter", "arn:aws:ssm:us-east-1:111122223333:parameter/db"},
	{"kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"},
	{"s3:GetObject", "arn:aws:s3:::any-bucket/any-key"},
	{"s3:PutObject", "arn:aws:s3:::any-bucket/any-key"},
	{"s3:ListBucket", "arn:aws:s3:::any-bucket"},
	{"dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:111122223333:table/any"},
	{"dynamodb:PutItem", "arn:aws:dynamodb:us-east-1:111122223333:table/any"},
	{"lambda:InvokeFunction", "arn:aws:lambda:us-east-1:111122223333:function:any"},
	{"lambda:UpdateFunctionCode", "arn:aws:lambda:us-east-1:111122223333:function:any"},
	{"sqs:SendMessage", "arn:aws:sqs:us-east-1:111122223333:any"},
	{"sns:Publish", "arn:aws:sns:us-east-1:111122223333:any"},
	{"events:PutEvents", "arn:aws:events:us-east-1:111122223333:event-bus/default"},
	{"ec2:RunInstances", "arn:aws:ec2:us-east-1:111122223333:instance/i-0"},
	{"ec2:CreateNetworkInterface", "arn:aws:ec2:us-east-1:111122223333:network-interface/any"},
	{"logs:CreateLogGroup", "arn:aws:logs:us-east-1:111122223333:log-group:any"},
	{"logs:PutLogEvents", "arn:aws:logs:us-east-1:111122223333:log-group:any:log-stream:any"},
	{"logs:GetLogEvents", "arn:aws:logs:us-east-1:111122223333:log-group:any:log-stream:any"},
	{"logs:FilterLogEvents", "arn:aws:logs:us-east-1:111122223333:log-group:any"},
	{"xray:PutTraceSegments", "*"},
	{"bedrock:InvokeModel", "arn:aws:bedrock:us-east-1::foundation-model/any"},
	{"cloudformation:UpdateStack", "arn:aws:cloudformation:us-east-1:111122223333:stack/any/any"},
};

/* The action in lower case, as globs of actions are compiled. */
struct iam_raw iam_action_word(struct iam *i, const char *s)
{
	struct iam_raw r = iam_raw_str(i, s);
	iam_tok *t = SG_NEW_ARRAY(i->a, r.n, iam_tok);
	for (size_t k = 0; k < r.n; k++)
		t[k] = r.t[k] >= 'A' && r.t[k] <= 'Z' ? r.t[k] + 32 : r.t[k];
	return (struct iam_raw){t, r.n};
}

/* A text that the glob matches, with what people expect where it has wildcards. */
static struct iam_raw example_of(struct iam *i, struct iam_pat p, bool resource)
{
	static const char *const segments[] = {"arn", "aws", "s3", "us-east-1", "111122223333", "any"};
	iam_toks out = {0};
	unsigned colons = 0;
	for (size_t k = 0; k < p.n; k++) {
		colons += p.t[k] == ':' && colons < 5;
		if (iam_is_star(p.t[k]))
			iam_toks_str(i, &out, sg_str(resource ? segments[colons] : "x"));
		else
			SG_PUSH(i->a, &out, iam_is_any(p.t[k]) ? (iam_tok)'x' : p.t[k]);
	}
	return (struct iam_raw){out.v, out.n};
}

/* Conditions of the statements that would take the request away; false where one has none. */
static bool conditions_on(const iam_cstmts *list, const struct iam_request *rq, const struct iam_cond **out, size_t *n)
{
	for (size_t k = 0; k < list->n; k++) {
		const struct iam_cstmt *s = &list->v[k];
		if (iam_point_side(&s->actions, rq->action, false) == IAM_NO ||
		    iam_point_side(&s->resources, rq->resource, true) == IAM_NO)
			continue;
		if (!s->cond)
			return false;
		out[(*n)++] = s->cond;
	}
	return true;
}

/* A context in which the Allow holds, and nothing that is about the request takes it away. */
static bool example_context(const struct iam_problem *p, const struct iam_cstmt *allow, struct iam_request *rq)
{
	const iam_cstmts *covers[] = {&p->candidate[IAM_MUST].denies, &p->boundary[IAM_MUST].denies,
				      &p->reference[IAM_MUST].allows};
	const struct iam_cond *yes[] = {allow->cond};
	struct iam_question q = {yes, NULL, 1, 0};
	const struct iam_cond **no =
		SG_NEW_ARRAY(p->i->a, covers[0]->n + covers[1]->n + covers[2]->n + 1, const struct iam_cond *);
	for (size_t k = 0; k < 3; k++)
		if (!conditions_on(covers[k], rq, no, &q.n_no))
			return false;
	q.no = no;
	return iam_cond_possible(p->i, &q, rq);
}

/* The words of the Allow's globs number `a` and `r`; false where they are no request. */
static bool example_words(const struct iam_problem *p, const struct iam_cstmt *allow, size_t a, size_t r,
			  struct iam_request *out)
{
	struct iam *i = p->i;
	*out = (struct iam_request){.action = example_of(i, allow->actions.v[a], false)};
	out->resource = example_of(i, allow->resources.v[r], true);
	if (iam_pat_is_star(allow->actions.v[a]))
		out->action = iam_action_word(i, "s3:getobject");
	if (iam_pat_is_star(allow->resources.v[r]))
		out->resource = iam_raw_str(i, "arn:aws:s3:::any-bucket/any-key");
	return !iam_raw_has_letter(out->action) && iam_in_domain(out->action, IAM_DOMAIN_ACTION) &&
	       iam_in_domain(out->resource, IAM_DOMAIN_RESOURCE) && example_context(p, allow, out);
}

enum { MAX_EXAMPLES = 4 };

bool iam_example(const struct iam_problem *p, const struct iam_cstmt *allow, struct iam_request *out,
		 struct sg_span *element)
{
	if (allow->actions.negated || allow->resources.negated)
		return false;
	for (size_t a = 0; a < allow->actions.n && a < MAX_EXAMPLES; a++)
		for (size_t r = 0; r < allow->resources.n && r < MAX_EXAMPLES; r++)
			if (example_words(p, allow, a, r, out) && iam_is_witness(p, out)) {
				*element = allow->actions.spans[a];
				return true;
			}
	return false;
}

static bool try_words(const struct iam_problem *p, const struct iam_cstmt *allow, struct iam_request *w,
		      struct iam_raw action, struct iam_raw resource)
{
	struct iam_request rq = *w;
	rq.action = action;
	rq.resource = resource;
	if (iam_point_stmt(allow, &rq) != IAM_YES || !iam_is_witness(p, &rq))
		return false;
	*w = rq;
	return true;
}

/* Is the word one that the policy spells out? */
static bool spelt_out(const struct iam_cstmt *allow, struct iam_raw word)
{
	for (size_t k = 0; !allow->actions.negated && k < allow->actions.n; k++)
		if (iam_raw_eq((struct iam_raw){allow->actions.v[k].t, allow->actions.v[k].n}, word))
			return true;
	return false;
}

/* Can an action of the service match?  `service` ends at a colon or at its end. */
static bool may_be_of(const struct iam_cstmt *allow, const char *service)
{
	size_t n = strcspn(service, ":");
	for (size_t k = 0; !allow->actions.negated && k < allow->actions.n; k++) {
		struct iam_pat p = allow->actions.v[k];
		size_t j = 0;
		while (j < p.n && j < n && p.t[j] == (iam_tok)(unsigned char)service[j])
			j++;
		if (j < p.n &&
		    (j == n ? p.t[j] == ':' || iam_is_star(p.t[j]) : iam_is_star(p.t[j]) || iam_is_any(p.t[j])))
			return true;
	}
	return allow->actions.negated;
}

/* Is "service:Action" like some glob up to that one's first wildcard?  Cheap, and never wrong about a no. */
static bool may_be(const struct iam_cstmt *allow, const struct iam_known *one)
{
	size_t n = strlen(one->service->name);
	for (size_t k = 0; !allow->actions.negated && k < allow->actions.n; k++) {
		struct iam_pat p = allow->actions.v[k];
		size_t j = 0;
		for (; j < p.n && j < n + 1 + one->action.n; j++) {
			char c = j < n ? one->service->name[j] : j == n ? ':' : one->action.p[j - n - 1];
			if (p.t[j] != (iam_tok)(c >= 'A' && c <= 'Z' ? c | 0x20 : c))
				break;
		}
		if (j == p.n || iam_is_star(p.t[j]) || iam_is_any(p.t[j]))
			return true;
	}
	return allow->actions.negated;
}

/* ---------------------------------------------------------------------------------------------- resources */

/* The n-th form of the action's ARNs as a glob under a reading; false where there is none. */
static bool form_of(struct iam *i, const struct iam_known *k, unsigned n, enum iam_reading reading, struct iam_pat *out)
{
	const struct iam_rounding how = {.mode = IAM_MAY, .up = true};
	struct sg_str text = iam_known_arn(i->a, k, n, "?*");
	if (text.n < 2) /* "*", or nothing */
		return false;
	i->reading = reading;
	bool kept = iam_compile(i, iam_raw_str(i, sg_cstr(i->a, text)), how, out);
	i->reading = IAM_ROUNDED;
	return kept;
}

/* Has the action no resource of its own? */
static bool wants_star(struct iam *i, const struct iam_known *k)
{
	return sg_str_is(iam_known_arn(i->a, k, 0, NULL), "*");
}

static bool has_form(struct iam *i, const struct iam_known *k, struct iam_raw resource)
{
	struct iam_pat form;
	for (unsigned n = 0; form_of(i, k, n, IAM_ROUNDED, &form); n++)
		if (iam_point_glob(form, resource, true) == IAM_YES)
			return true;
	return wants_star(i, k) && resource.n == 1 && resource.t[0] == '*';
}

struct shaping {
	const struct iam_problem *p;
	const struct iam_cstmt *allow;
	struct iam_request *w;
	struct iam_raw action;
};

static bool visit_shape(void *ctx, const bool *matches, struct iam_raw word)
{
	struct shaping *s = ctx;
	bool own = false;
	for (size_t k = 0; k < s->allow->resources.n; k++)
		own |= matches[k];
	return own != s->allow->resources.negated && try_words(s->p, s->allow, s->w, s->action, word);
}

static size_t append_globs(struct iam_pat *out, size_t at, const iam_cstmts *list)
{
	for (size_t k = 0; k < list->n; k++)
		for (size_t j = 0; j < list->v[k].resources.n; j++)
			out[at++] = list->v[k].resources.v[j];
	return at;
}

static size_t count_globs(const iam_cstmts *list)
{
	size_t n = 0;
	for (size_t k = 0; k < list->n; k++)
		n += list->v[k].resources.n;
	return n;
}

enum { MAX_AROUND = 6 };

/* What can meet a word: the resources of the Allow first, then all else that decides about it. */
static struct iam_pat *globs_around(const struct iam_problem *p, const struct iam_cstmt *allow, size_t *n)
{
	const struct iam_policy *c = &p->candidate[IAM_MUST], *r = &p->reference[IAM_MUST];
	size_t all = allow->resources.n + count_globs(&c->denies) + count_globs(&r->allows);
	struct iam_pat *out = SG_NEW_ARRAY(p->i->a, all + 1, struct iam_pat);
	for (size_t j = 0; j < allow->resources.n; j++)
		out[j] = allow->resources.v[j];
	*n = allow->resources.n;
	if (all > MAX_AROUND) /* the words of the Allow alone: some are witnesses, mostly */
		return out;
	*n = append_globs(out, *n, &c->denies);
	*n = append_globs(out, *n, &r->allows);
	return out;
}

/* A resource of a form that the action's resources have, where the request with it is still a witness. */
static bool reshape(const struct iam_problem *p, const struct iam_cstmt *allow, struct iam_request *w,
		    struct iam_raw action, const struct iam_known *k)
{
	struct shaping s = {p, allow, w, action};
	size_t n, budget = p->i->budget;
	bool found = false;
	struct iam_pat form, *others = globs_around(p, allow, &n);
	if (wants_star(p->i, k))
		return try_words(p, allow, w, action, iam_raw_str(p->i, "*"));
	p->i->budget = p->i->nicety;
	for (unsigned at = 0; !found && p->i->budget && form_of(p->i, k, at, IAM_SEGMENTS, &form); at++)
		found = iam_explore(p->i, form, others, NULL, n, IAM_DOMAIN_RESOURCE, visit_shape, &s) == IAM_STOPPED;
	p->i->nicety = p->i->budget;
	p->i->budget = budget;
	return found;
}

/* The word with its segment number `at` replaced, where that is one character: it stands for any. */
static struct iam_raw filled(struct iam *i, struct iam_raw word, unsigned at, const char *text)
{
	iam_toks out = {0};
	unsigned colons = 0;
	for (size_t k = 0; k < word.n; k++) {
		bool alone = colons == at && k > 0 && k + 1 < word.n && word.t[k] < 128 && word.t[k] != ':' &&
			     word.t[k - 1] == ':' && word.t[k + 1] == ':';
		colons += word.t[k] == ':' && colons < 5;
		if (alone)
			iam_toks_str(i, &out, sg_str(text));
		else
			SG_PUSH(i->a, &out, word.t[k]);
	}
	return (struct iam_raw){out.v, out.n};
}

/* A region and an account such as there are. */
static void fill(const struct iam_problem *p, const struct iam_cstmt *allow, struct iam_request *w)
{
	static const struct {
		unsigned segment;
		const char *text;
	} rows[] = {{1, "aws"}, {3, "us-east-1"}, {4, "111122223333"}, {4, "444455556666"}};
	for (size_t k = 0; k < sizeof(rows) / sizeof(*rows); k++) {
		struct iam_raw word = filled(p->i, w->resource, rows[k].segment, rows[k].text);
		if (!iam_raw_eq(word, w->resource))
			try_words(p, allow, w, w->action, word);
	}
}

/* The cheap way to a resource of the action's form: one of the Allow's own globs, filled in. */
static bool fill_in(const struct iam_problem *p, const struct iam_cstmt *allow, struct iam_request *w,
		    const struct iam_known *one)
{
	const struct iam_side *own = &allow->resources;
	for (size_t k = 0; !own->negated && k < own->n && k < 8; k++) {
		struct iam_raw word = example_of(p->i, own->v[k], true);
		if (has_form(p->i, one, word) && try_words(p, allow, w, w->action, word))
			return true;
	}
	return false;
}

/* ---------------------------------------------------------------------------------------------- the catalogue */

enum { MAX_TRIES = 6000, MAX_SHAPES = 40, STEPS_OF_TRY = 20 };

/* What is tried as the resource of an action: an example, or the witness's own where it has the form; one that is made
 * for it; at last the witness's own whatever it is. */
enum resource_of { EXAMPLE, MADE, OWN };

static bool try_known(const struct iam_problem *p, const struct iam_cstmt *allow, struct iam_request *w,
		      const struct iam_known *one, enum resource_of how)
{
	struct iam *i = p->i;
	struct sg_str name = sg_strf(i->a, "%s:%.*s", one->service->name, SG_FMT(one->action));
	struct iam_raw action = iam_action_word(i, sg_cstr(i->a, name));
	if (how == MADE)
		return reshape(p, allow, w, action, one);
	if (how == OWN)
		return try_words(p, allow, w, action, w->resource);
	return (has_form(i, one, w->resource) && try_words(p, allow, w, action, w->resource)) ||
	       try_words(p, allow, w, action, iam_raw_str(i, sg_cstr(i->a, iam_known_arn(i->a, one, 0, NULL))));
}

/* An action of today with this access. */
static bool try_catalogue(const struct iam_problem *p, const struct iam_cstmt *allow, struct iam_request *w,
			  char access, enum resource_of how, size_t *tries)
{
	for (size_t s = 0; s < iam_services_count && *tries && p->i->nicety; s++) {
		struct iam_known one;
		if (!may_be_of(allow, iam_services[s].name))
			continue;
		for (const char *at = NULL; iam_service_next(&iam_services[s], &at, &one) && *tries && p->i->nicety;) {
			if (one.access != access || !may_be(allow, &one))
				continue;
			struct sg_str name = sg_strf(p->i->a, "%s:%.*s", one.service->name, SG_FMT(one.action));
			struct iam_raw word = iam_action_word(p->i, sg_cstr(p->i->a, name));
			if (iam_point_side(&allow->actions, word, false) != IAM_YES)
				continue;
			--*tries;
			p->i->nicety -= p->i->nicety < STEPS_OF_TRY ? p->i->nicety : STEPS_OF_TRY;
			if (try_known(p, allow, w, &one, how))
				return true;
		}
	}
	return false;
}

/* What changes permissions rather than what writes, that rather than what reads. */
static bool try_actions(const struct iam_problem *p, const struct iam_cstmt *allow, struct iam_request *w)
{
	for (enum resource_of how = EXAMPLE; how <= OWN; how++) {
		size_t tries = how == MADE ? MAX_SHAPES : MAX_TRIES;
		for (const char *access = "pwrlt"; *access; access++)
			if (try_catalogue(p, allow, w, *access, how, &tries))
				return true;
	}
	return false;
}

static bool is_word(struct iam_raw r, const char *action)
{
	size_t k = 0;
	while (k < r.n && action[k] &&
	       r.t[k] == (iam_tok)(action[k] >= 'A' && action[k] <= 'Z' ? action[k] | 0x20 : action[k]))
		k++;
	return k == r.n && !action[k];
}

/* One of the actions that people know best. */
static bool try_famous(const struct iam_problem *p, const struct iam_cstmt *allow, struct iam_request *w, bool spelt)
{
	for (size_t k = 0; k < sizeof(known) / sizeof(*known); k++) {
		if (spelt ? !is_word(w->action, known[k].action) : !may_be_of(allow, known[k].action))
			continue;
		struct iam_raw action = iam_action_word(p->i, known[k].action);
		if (iam_point_side(&allow->actions, action, false) != IAM_YES)
			continue;
		if (try_words(p, allow, w, action, iam_raw_str(p->i, known[k].resource)) ||
		    try_words(p, allow, w, action, w->resource))
			return true;
	}
	return false;
}

static bool find_known(struct iam *i, struct iam_raw action, struct iam_known *out)
{
	struct sg_str text = iam_raw_show(i, action);
	size_t colon = sg_str_find(text, ":", 0);
	return colon != SIZE_MAX &&
	       iam_action_find(sg_str_sub(text, 0, colon), sg_str_sub(text, colon + 1, text.n), out);
}

void iam_nicer(const struct iam_problem *p, const struct iam_cstmt *allow, struct iam_request *w)
{
	bool spelt = spelt_out(allow, w->action);
	struct iam_known one;
	if (!try_famous(p, allow, w, spelt) && !spelt)
		try_actions(p, allow, w);
	if (find_known(p->i, w->action, &one) && !has_form(p->i, &one, w->resource) && !fill_in(p, allow, w, &one))
		reshape(p, allow, w, w->action, &one);
	fill(p, allow, w);
}

/* As the catalogue spells it. */
static bool spell(const struct iam *i, struct sg_str text, struct sg_str *out)
{
	struct iam_known one;
	size_t colon = sg_str_find(text, ":", 0);
	if (colon == SIZE_MAX ||
	    !iam_action_find(sg_str_sub(text, 0, colon), sg_str_sub(text, colon + 1, text.n), &one))
		return false;
	*out = sg_strf(i->a, "%s:%.*s", one.service->name, SG_FMT(one.action));
	return true;
}

/* The action as AWS writes it: as in the table or in the policy where they have it. */
struct sg_str iam_action_show(const struct iam *i, struct iam_raw action, const struct iam_stmt *s)
{
	struct sg_str text = iam_raw_show(i, action);
	const char *lower = sg_cstr(i->a, text);
	for (size_t k = 0; k < sizeof(known) / sizeof(*known); k++)
		if (sg_str_is_nocase(sg_str(known[k].action), lower))
			return sg_str(known[k].action);
	for (size_t k = 0; s && k < s->actions.n; k++) {
		struct sg_str written = iam_raw_show(i, s->actions.v[k].raw);
		if (!s->actions.v[k].unknown && sg_str_is_nocase(written, lower))
			return written;
	}
	spell(i, text, &text);
	return text;
}
