/*
 * The product automaton over globs.  A state is, for each glob, the set of positions that its reading of the word so
 * far can be at; words are tried in breadth, so the first that shows something is a shortest one.  Exact for `*`, `?`
 * and letters over all strings of the domain; it must not know what the globs mean.
 *
 * After a `*` has been reached, what earlier positions could still accept is accepted from the `*` too: they are
 * dropped, and a glob without `?` has as many states as tokens.  `?` behind `*` costs 2^n: hence the budget.
 */
#include "iam/iam_priv.h"

#include <string.h>

/* The arrays double, and the arena keeps what they were: of MAX_BYTES in use there are twice as many. */
enum { DEAD = -1, MAX_BYTES = 16 << 20 };

struct pattern {
	const iam_tok *t;
	size_t n;
	bool loose, nocase;
	size_t index;     /* among the others, as the caller counts them */
	size_t at, words; /* where its position set lies in a state */
	/* Sets of positions, a row for each token of the alphabet: those that read it and move on, and those that stay. */
	uint64_t *moves, *stays;
	uint64_t *stars; /* one row: all stars */
	size_t *only;    /* of each position: the number of the one token that it reads, or SIZE_MAX */
	bool swallows; /* ends in `*`, and the caller wants no word that it matches: what gets there is not followed */
};

struct link {
	size_t parent;
	iam_tok tok;
	int domain;
};

struct product {
	const struct iam *i;
	struct sg_arena *a; /* lives as long as the exploration */
	struct pattern *p;  /* p[0] is the main one; of the others those that can meet it */
	size_t n;
	size_t n_others; /* all of them */
	enum iam_domain kind;
	iam_toks alphabet;
	uint32_t ascii[128]; /* numbers of the characters that it has */
	size_t width;        /* words per state */
	uint64_t *states;    /* count × width */
	struct link *links;
	size_t count, cap;
	uint32_t *table; /* open addressing: index + 1 */
	size_t table_size;
	bool seen_none;      /* a word that none of the others matches was visited: no more of them */
	bool *matches;       /* of the state that is looked at, by the caller's numbers */
	struct sg_map *seen; /* sets of matches that were visited */
};

/* ---------------------------------------------------------------------------------------------- domains */

/* Actions are service:Name; what holds a letter may be anything. */
static int step_action(int state, iam_tok t)
{
	enum { START, SERVICE, COLON, NAME, ANYTHING };
	if (state == ANYTHING || iam_is_letter(t))
		return ANYTHING;
	if (t == ':')
		return state == SERVICE ? COLON : DEAD;
	return state == START ? SERVICE : state == COLON ? NAME : state;
}

static bool accepts_action(int state)
{
	return state >= 3;
}

/* Resources are a lone `*` (calls that know no resource) or arn: with five more colons; or hold a letter. */
static int step_resource(int state, iam_tok t)
{
	enum { START, A, R, N, SEGMENTS = 4, REST = 8, LONE = 9, ANYTHING = 10 };
	if (state == ANYTHING || iam_is_letter(t))
		return ANYTHING;
	if (state == REST)
		return REST;
	if (state >= SEGMENTS && state < REST)
		return t == ':' ? state + 1 : state;
	if (state == START)
		return t == 'a' ? A : t == '*' ? LONE : DEAD;
	if (state == A)
		return t == 'r' ? R : DEAD;
	if (state == R)
		return t == 'n' ? N : DEAD;
	return state == N && t == ':' ? SEGMENTS : DEAD;
}

static bool accepts_resource(int state)
{
	return state >= 8;
}

/* Everything but ARNs: the same steps, where a dead end is what is wanted. */
static int step_no_arn(int state, iam_tok t)
{
	enum { FREE = 11 };
	int next = state == FREE ? FREE : step_resource(state, t);
	return next == DEAD ? FREE : next;
}

static int step_domain(enum iam_domain kind, int state, iam_tok t)
{
	switch (kind) {
	case IAM_DOMAIN_ACTION:
		return step_action(state, t);
	case IAM_DOMAIN_RESOURCE:
	case IAM_DOMAIN_ARN:
		return step_resource(state, t);
	case IAM_DOMAIN_NO_ARN:
		return step_no_arn(state, t);
	case IAM_DOMAIN_SOME:
		return 1;
	default:
		return 0;
	}
}

static bool accepts_domain(enum iam_domain kind, int state)
{
	switch (kind) {
	case IAM_DOMAIN_ACTION:
		return accepts_action(state);
	case IAM_DOMAIN_RESOURCE:
		return accepts_resource(state);
	case IAM_DOMAIN_ARN:
		return accepts_resource(state) && state != 9;
	case IAM_DOMAIN_NO_ARN:
		return state != 8;
	case IAM_DOMAIN_SOME:
		return state == 1;
	default:
		return true;
	}
}

/* ---------------------------------------------------------------------------------------------- position sets */

static bool has(const uint64_t *set, size_t k)
{
	return set[k / 64] >> (k % 64) & 1;
}

static void put(uint64_t *set, size_t k)
{
	set[k / 64] |= UINT64_C(1) << (k % 64);
}

/* Adds the positions behind stars: those need no character. */
static void close_over(const struct pattern *p, uint64_t *set)
{
	bool more = true;
	while (more) { /* twice, unless stars stand side by side */
		uint64_t carry = 0;
		more = false;
		for (size_t w = 0; w < p->words; w++) {
			uint64_t from = set[w] & p->stars[w], to = set[w] | from << 1 | carry;
			carry = from >> 63;
			more |= to != set[w];
			set[w] = to;
		}
	}
}

static iam_tok fold(iam_tok t)
{
	return t >= 'A' && t <= 'Z' ? t + ('a' - 'A') : t;
}

/* The first position that a star at `k` makes pointless: all before it, or for one that stays in its segment those of
 * the segment. */
static size_t covered_from(const struct pattern *p, size_t k)
{
	if (p->t[k] == IAM_STAR)
		return 0;
	while (k > 0 && p->t[k - 1] != ':' && !iam_is_letter(p->t[k - 1]))
		k--;
	return k;
}

/* Positions from `from` up to, but without, `to`. */
static void clear(uint64_t *set, size_t from, size_t to)
{
	for (size_t w = from / 64; w <= to / 64; w++) {
		uint64_t low = w == from / 64 ? (UINT64_C(1) << from % 64) - 1 : 0;
		uint64_t high = w == to / 64 ? ~((UINT64_C(1) << to % 64) - 1) : 0;
		set[w] &= low | high;
	}
}

static void drop_before_last_star(const struct pattern *p, uint64_t *set)
{
	for (size_t w = p->words; w-- > 0;) {
		uint64_t stars = set[w] & p->stars[w];
		if (!stars)
			continue;
		size_t k = w * 64 + 63 - (size_t)__builtin_clzll(stars);
		clear(set, covered_from(p, k), k);
		return;
	}
}

/* Does the position's token take this one, without moving on (a star) or moving on by one? */
static bool takes(const struct product *g, const struct pattern *p, iam_tok want, iam_tok t)
{
	if (want == IAM_STAR)
		return true;
	if (want == IAM_STAR_IN)
		return t != ':' && !(iam_is_letter(t) && iam_letter_is_arn(g->i, t));
	if (iam_is_any(want))
		return !iam_is_letter(t) && !(want == IAM_ANY_IN && t == ':');
	return want == t || (p->nocase && fold(want) == fold(t));
}

static void mark_stars(struct sg_arena *a, struct pattern *p)
{
	p->stars = SG_NEW_ARRAY(a, p->words, uint64_t);
	for (size_t k = 0; k < p->n; k++)
		if (iam_is_star(p->t[k]))
			put(p->stars, k);
}

/* Which tokens position k reads; how many, and the last of them. */
static size_t tabulate_position(struct product *g, struct pattern *p, size_t k, size_t *last)
{
	iam_tok want = p->t[k];
	uint64_t *rows = iam_is_star(want) ? p->stays : p->moves;
	size_t taken = 0;
	bool plain = want < 128 && !p->nocase; /* one character: its number is known */
	for (size_t c = plain ? g->ascii[want] : 0; c < (plain ? g->ascii[want] + 1u : g->alphabet.n); c++) {
		if (!plain && !takes(g, p, want, g->alphabet.v[c]))
			continue;
		put(rows + c * p->words, k);
		*last = c;
		taken++;
	}
	return taken;
}

static void tabulate(struct product *g, struct pattern *p)
{
	p->moves = SG_NEW_ARRAY(g->a, g->alphabet.n * p->words, uint64_t);
	p->stays = SG_NEW_ARRAY(g->a, g->alphabet.n * p->words, uint64_t);
	p->only = SG_NEW_ARRAY(g->a, p->n + 1, size_t);
	mark_stars(g->a, p);
	for (size_t k = 0; k < p->n; k++) {
		size_t last = SIZE_MAX;
		bool one = tabulate_position(g, p, k, &last) == 1 && !iam_is_star(p->t[k]);
		p->only[k] = one ? last : SIZE_MAX;
	}
}

/* A loose glob reads a letter as any text: it may be anywhere behind the first position after it. */
static bool step_loosely(const struct pattern *p, const uint64_t *from, uint64_t *to)
{
	size_t k = 0;
	while (k <= p->n && !has(from, k))
		k++;
	for (size_t j = k; j <= p->n; j++)
		put(to, j);
	if (k <= p->n)
		drop_before_last_star(p, to);
	return k <= p->n;
}

/* Writes the positions after one more token, the alphabet's number c; false where there is none. */
static bool step(const struct product *g, const struct pattern *p, const uint64_t *from, uint64_t *to, size_t c)
{
	const uint64_t *moves = p->moves + c * p->words, *stays = p->stays + c * p->words;
	uint64_t carry = 0, any = 0;
	if (p->loose && iam_is_letter(g->alphabet.v[c]))
		return step_loosely(p, from, to);
	for (size_t w = 0; w < p->words; w++) {
		uint64_t moved = from[w] & moves[w];
		to[w] = moved << 1 | carry | (from[w] & stays[w]);
		carry = moved >> 63;
		any |= to[w];
	}
	if (!any)
		return false;
	close_over(p, to);
	drop_before_last_star(p, to);
	return true;
}

/* ---------------------------------------------------------------------------------------------- states */

static uint64_t hash_state(const uint64_t *s, size_t n, int domain)
{
	uint64_t h = UINT64_C(0x9e3779b97f4a7c15) ^ (uint64_t)(unsigned)domain;
	for (size_t k = 0; k < n; k++) {
		h ^= s[k];
		h *= UINT64_C(0xff51afd7ed558ccd);
		h ^= h >> 32;
	}
	return h;
}

static bool same_state(const struct product *g, size_t index, const uint64_t *s, int domain)
{
	return g->links[index].domain == domain && memcmp(g->states + index * g->width, s, g->width * sizeof(*s)) == 0;
}

static void rehash(struct product *g)
{
	g->table_size = g->table_size ? g->table_size * 2 : 256;
	g->table = SG_NEW_ARRAY(g->a, g->table_size, uint32_t);
	for (size_t k = 0; k < g->count; k++) {
		size_t slot = hash_state(g->states + k * g->width, g->width, g->links[k].domain) & (g->table_size - 1);
		while (g->table[slot])
			slot = (slot + 1) & (g->table_size - 1);
		g->table[slot] = (uint32_t)k + 1;
	}
}

static void reserve(struct product *g)
{
	if (g->count < g->cap)
		return;
	size_t cap = g->cap ? g->cap * 2 : 64;
	uint64_t *states = SG_NEW_ARRAY(g->a, cap * g->width, uint64_t);
	struct link *links = SG_NEW_ARRAY(g->a, cap, struct link);
	if (g->count) {
		memcpy(states, g->states, g->count * g->width * sizeof(*states));
		memcpy(links, g->links, g->count * sizeof(*links));
	}
	g->states = states;
	g->links = links;
	g->cap = cap;
}

/* Adds the state unless it is there; false where it is. */
static bool add_state(struct product *g, const uint64_t *s, struct link l)
{
	if (2 * (g->count + 1) > g->table_size)
		rehash(g);
	size_t slot = hash_state(s, g->width, l.domain) & (g->table_size - 1);
	for (; g->table[slot]; slot = (slot + 1) & (g->table_size - 1))
		if (same_state(g, g->table[slot] - 1, s, l.domain))
			return false;
	reserve(g);
	memcpy(g->states + g->count * g->width, s, g->width * sizeof(*s));
	g->links[g->count] = l;
	g->table[slot] = (uint32_t)++g->count;
	return true;
}

/* ---------------------------------------------------------------------------------------------- set-up */

static bool in_alphabet(const iam_toks *v, iam_tok t)
{
	for (size_t k = 0; k < v->n; k++)
		if (v->v[k] == t)
			return true;
	return false;
}

/* One character that no glob names stands for all of them. */
static iam_tok fresh_character(const iam_toks *named)
{
	static const char nice[] = "xyzabcdefghijklmnopqrstuvw0123456789-_.";
	for (const char *c = nice; *c; c++)
		if (!in_alphabet(named, (iam_tok)*c))
			return (iam_tok)*c;
	iam_tok t = 0xa1;
	while (in_alphabet(named, t))
		t++;
	return t;
}

static bool has_inner_wildcard(const struct product *g)
{
	for (size_t k = 0; k < g->n; k++)
		for (size_t j = 0; j < g->p[k].n; j++)
			if (g->p[k].t[j] == IAM_STAR_IN || g->p[k].t[j] == IAM_ANY_IN)
				return true;
	return false;
}

static void name_character(struct product *g, iam_toks *named, iam_tok t)
{
	if (!in_alphabet(named, t))
		SG_PUSH(g->a, named, t);
}

static void make_alphabet(struct product *g)
{
	iam_toks named = {0};
	for (size_t k = 0; k < g->n; k++)
		for (size_t j = 0; j < g->p[k].n; j++) {
			iam_tok t = g->p[k].t[j];
			if (iam_is_star(t) || iam_is_any(t) || (iam_is_letter(t) && k > 0))
				continue; /* words have only the letters of the main glob */
			name_character(g, &named, t);
			if (g->p[k].nocase && t >= 'a' && t <= 'z')
				name_character(g, &named, t - ('a' - 'A'));
			if (g->p[k].nocase)
				name_character(g, &named, fold(t));
		}
	static const char domain_chars[] = "arn:*";
	bool open = g->kind == IAM_DOMAIN_ANY || g->kind == IAM_DOMAIN_SOME;
	for (const char *c = g->kind == IAM_DOMAIN_ACTION ? ":" : domain_chars; !open && *c; c++)
		name_character(g, &named, (iam_tok)*c);
	if (has_inner_wildcard(g))
		name_character(g, &named, ':');
	iam_tok fresh = fresh_character(&named);
	SG_PUSH(g->a, &g->alphabet, fresh);
	for (size_t k = 0; k < named.n; k++)
		SG_PUSH(g->a, &g->alphabet, named.v[k]);
	for (size_t k = 0; k < g->alphabet.n; k++)
		if (g->alphabet.v[k] < 128)
			g->ascii[g->alphabet.v[k]] = (uint32_t)k;
}

/* Two globs whose texts differ before either has a wildcard share no word. */
static bool can_meet(struct iam_pat a, struct iam_pat b)
{
	for (size_t k = 0; k < a.n && k < b.n; k++) {
		if (iam_is_star(a.t[k]) || iam_is_star(b.t[k]) || iam_is_any(a.t[k]) || iam_is_any(b.t[k]))
			return true;
		if ((a.loose || b.loose) && (iam_is_letter(a.t[k]) || iam_is_letter(b.t[k])))
			return true;
		if (a.t[k] != b.t[k] && !((a.nocase || b.nocase) && fold(a.t[k]) == fold(b.t[k])))
			return false;
	}
	return true;
}

/* The letters of a loose glob are any text. */
static struct iam_pat loosened(struct sg_arena *a, struct iam_pat p)
{
	if (!p.loose)
		return p;
	iam_tok *t = SG_NEW_ARRAY(a, p.n + 1, iam_tok);
	for (size_t k = 0; k < p.n; k++)
		t[k] = iam_is_letter(p.t[k]) ? IAM_STAR : p.t[k];
	p.t = t;
	return p;
}

static void lay_out_one(struct product *g, struct iam_pat p, size_t index)
{
	p = loosened(g->a, p);
	g->p[g->n] = (struct pattern){
		.t = p.t, .n = p.n, .loose = p.loose, .nocase = p.nocase, .index = index, .at = g->width};
	g->p[g->n].words = p.n / 64 + 1;
	g->width += g->p[g->n++].words;
}

static void lay_out(struct product *g, struct iam_pat main, const struct iam_pat *others, const bool *covers, size_t n)
{
	g->n_others = n;
	g->matches = SG_NEW_ARRAY(g->a, n + 1, bool);
	g->p = SG_NEW_ARRAY(g->a, n + 1, struct pattern);
	lay_out_one(g, main, 0);
	for (size_t k = 0; k < n; k++)
		if (can_meet(main, others[k])) {
			lay_out_one(g, others[k], k);
			struct pattern *p = &g->p[g->n - 1];
			p->swallows = covers && covers[k] && p->n && p->t[p->n - 1] == IAM_STAR;
		}
}

static void add_start(struct product *g)
{
	uint64_t *s = SG_NEW_ARRAY(g->a, g->width, uint64_t);
	for (size_t k = 0; k < g->n; k++) {
		struct pattern *p = &g->p[k];
		tabulate(g, p);
		put(s + p->at, 0);
		close_over(p, s + p->at);
		drop_before_last_star(p, s + p->at);
	}
	add_state(g, s, (struct link){0, 0, 0});
}

/* ---------------------------------------------------------------------------------------------- exploring */

static struct iam_raw word_of(struct sg_arena *a, const struct product *g, size_t index)
{
	size_t n = 0;
	for (size_t k = index; k; k = g->links[k].parent)
		n++;
	iam_tok *t = SG_NEW_ARRAY(a, n ? n : 1, iam_tok);
	struct iam_raw r = {t, n};
	for (size_t k = index; k; k = g->links[k].parent)
		t[--n] = g->links[k].tok;
	return r;
}

/* Will a glob that swallows match this state's word and all that begin with it? */
static bool swallowed(const struct product *g, const uint64_t *s)
{
	for (size_t k = 1; k < g->n; k++)
		if (g->p[k].swallows && has(s + g->p[k].at, g->p[k].n))
			return true;
	return false;
}

/* Tells `visit` about an accepting state whose matches are new. */
static bool accepted(struct iam *i, struct product *g, size_t index, iam_visit visit, void *ctx)
{
	const uint64_t *s = g->states + index * g->width;
	if (!has(s + g->p[0].at, g->p[0].n) || !accepts_domain(g->kind, g->links[index].domain))
		return false;
	bool none = true;
	for (size_t k = 1; k < g->n; k++) {
		g->matches[g->p[k].index] = has(s + g->p[k].at, g->p[k].n);
		none &= !g->matches[g->p[k].index];
	}
	g->seen_none |= none;
	struct sg_str key = {(const char *)g->matches, (g->n_others + 1) * sizeof(bool)};
	if (sg_map_get(g->seen, key))
		return false;
	sg_map_put(g->seen, sg_str_dup(g->a, key), g);
	return visit(ctx, g->matches, word_of(i->a, g, index));
}

/* The only token that the main glob can read here, or SIZE_MAX: in a stretch without wildcards there is one. */
static size_t forced(const struct product *g, const uint64_t *s)
{
	const struct pattern *p = &g->p[0];
	const uint64_t *set = s + p->at;
	size_t at = SIZE_MAX;
	for (size_t w = 0; w < p->words; w++) {
		if (!set[w])
			continue;
		if (at != SIZE_MAX || (set[w] & (set[w] - 1)))
			return SIZE_MAX;
		at = w * 64 + (size_t)__builtin_ctzll(set[w]);
	}
	return at < p->n ? p->only[at] : SIZE_MAX;
}

/* One successor of a state. */
static void follow(struct product *g, size_t index, uint64_t *next, size_t c)
{
	iam_tok t = g->alphabet.v[c];
	int domain = step_domain(g->kind, g->links[index].domain, t);
	if (domain == DEAD)
		return;
	memset(next, 0, g->width * sizeof(*next));
	const uint64_t *s = g->states + index * g->width;
	if (!step(g, &g->p[0], s + g->p[0].at, next + g->p[0].at, c))
		return;
	bool alive = false;
	for (size_t k = 1; k < g->n; k++)
		alive |= step(g, &g->p[k], s + g->p[k].at, next + g->p[k].at, c);
	if ((alive || !g->seen_none) && !swallowed(g, next))
		add_state(g, next, (struct link){index, t, domain});
}

static void expand(struct product *g, size_t index, uint64_t *next)
{
	size_t c = forced(g, g->states + index * g->width);
	if (c != SIZE_MAX) {
		follow(g, index, next, c);
		return;
	}
	for (c = 0; c < g->alphabet.n; c++)
		follow(g, index, next, c);
}

static bool spend(struct iam *i, size_t steps)
{
	if (i->budget < steps) {
		i->budget = 0;
		return false;
	}
	i->budget -= steps;
	return true;
}

static size_t state_bytes(const struct product *g)
{
	return g->width * sizeof(*g->states) + sizeof(*g->links) + 2 * sizeof(*g->table);
}

static enum iam_explored run(struct iam *i, struct product *g, iam_visit visit, void *ctx)
{
	uint64_t *next = SG_NEW_ARRAY(g->a, g->width, uint64_t);
	for (size_t k = 0; k < g->count; k++) {
		if (accepted(i, g, k, visit, ctx))
			return IAM_STOPPED;
		if (!spend(i, g->alphabet.n * g->width) || g->count * state_bytes(g) > MAX_BYTES)
			return IAM_OVER_BUDGET;
		expand(g, k, next);
	}
	return IAM_EXPLORED;
}

/* ---------------------------------------------------------------------------------------------- a single word */

static bool is_word(struct iam_pat p)
{
	for (size_t k = 0; k < p.n; k++)
		if (iam_is_star(p.t[k]) || iam_is_any(p.t[k]))
			return false;
	return !p.nocase;
}

static bool word_in_domain(struct iam_pat w, enum iam_domain domain)
{
	int state = 0;
	for (size_t k = 0; k < w.n && state != DEAD; k++)
		state = step_domain(domain, state, w.t[k]);
	return state != DEAD && accepts_domain(domain, state);
}

/* One token of a word that is read once: no table pays for it. */
static bool read_token(const struct product *g, const struct pattern *p, const uint64_t *from, uint64_t *to, iam_tok t)
{
	bool any = false;
	if (p->loose && iam_is_letter(t))
		return step_loosely(p, from, to);
	for (size_t w = 0; w < p->words; w++) {
		for (uint64_t bits = from[w]; bits; bits &= bits - 1) {
			size_t k = w * 64 + (size_t)__builtin_ctzll(bits);
			if (k >= p->n || !takes(g, p, p->t[k], t))
				continue;
			put(to, iam_is_star(p->t[k]) ? k : k + 1);
			any = true;
		}
	}
	if (any)
		close_over(p, to);
	return any;
}

bool iam_in_domain(struct iam_raw w, enum iam_domain domain)
{
	return word_in_domain((struct iam_pat){.t = w.t, .n = w.n}, domain);
}

static bool accepts_word(const struct iam *i, struct sg_arena *a, struct iam_pat p, struct iam_pat w)
{
	const struct product g = {.i = i};
	p = loosened(a, p);
	struct pattern one = {.t = p.t, .n = p.n, .loose = p.loose, .nocase = p.nocase, .words = p.n / 64 + 1};
	uint64_t *now = SG_NEW_ARRAY(a, one.words, uint64_t), *next = SG_NEW_ARRAY(a, one.words, uint64_t);
	mark_stars(a, &one);
	put(now, 0);
	close_over(&one, now);
	for (size_t k = 0; k < w.n; k++) {
		memset(next, 0, one.words * sizeof(*next));
		if (!read_token(&g, &one, now, next, w.t[k]))
			return false;
		uint64_t *swap = now;
		now = next;
		next = swap;
	}
	return has(now, p.n);
}

/* A main glob without wildcards has one word: no states are needed. */
static enum iam_explored visit_word(struct iam *i, struct sg_arena *a, struct iam_pat w, const struct iam_pat *others,
				    size_t n, iam_visit visit, void *ctx)
{
	bool *m = SG_NEW_ARRAY(a, n + 1, bool);
	if (!spend(i, n + 1))
		return IAM_OVER_BUDGET;
	for (size_t k = 0; k < n; k++)
		m[k] = can_meet(w, others[k]) && accepts_word(i, a, others[k], w);
	return visit(ctx, m, (struct iam_raw){w.t, w.n}) ? IAM_STOPPED : IAM_EXPLORED;
}

enum iam_explored iam_explore(struct iam *i, struct iam_pat main, const struct iam_pat *others, const bool *covers,
			      size_t n, enum iam_domain domain, iam_visit visit, void *ctx)
{
	struct product g = {.i = i, .a = sg_arena_new(), .kind = domain};
	if (is_word(main)) {
		enum iam_explored one = IAM_EXPLORED;
		if (word_in_domain(main, domain))
			one = visit_word(i, g.a, main, others, n, visit, ctx);
		sg_arena_free(g.a);
		return one;
	}
	g.seen = sg_map_new(g.a);
	lay_out(&g, main, others, covers, n);
	make_alphabet(&g);
	add_start(&g);
	enum iam_explored e = run(i, &g, visit, ctx);
	sg_arena_free(g.a);
	return e;
}
