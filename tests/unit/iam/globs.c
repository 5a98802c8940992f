/* Unit tests of iam/: the product automaton against brute force, and what a text compiles to. */
#include "roles.h"

static struct iam new_iam(struct sg_arena **a)
{
	struct iam i;
	*a = sg_arena_new();
	iam_init(&i, NULL, *a);
	return i;
}

/* ---------------------------------------------------------------------------------------------- brute force */

static uint32_t seed = 12345;

static uint32_t next_random(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 10) % below;
}

/* The letter of index 0 is written L here. */
static iam_tok token(char c)
{
	return c == '*' ? IAM_STAR : c == '?' ? IAM_ANY : c == 'L' ? IAM_LETTER : (iam_tok)(unsigned char)c;
}

static struct iam_pat pattern(struct sg_arena *a, const char *s)
{
	size_t n = strlen(s), out = 0;
	iam_tok *t = SG_NEW_ARRAY(a, n ? n : 1, iam_tok);
	for (size_t k = 0; k < n; k++)
		if (!(s[k] == '*' && out && t[out - 1] == IAM_STAR))
			t[out++] = token(s[k]);
	return (struct iam_pat){.t = t, .n = out};
}

/* The definition, by recursion. */
static bool matches(struct iam_pat p, const iam_tok *w, size_t n)
{
	if (p.n == 0)
		return n == 0;
	struct iam_pat rest = {.t = p.t + 1, .n = p.n - 1};
	if (p.t[0] == IAM_STAR)
		return matches(rest, w, n) || (n && matches(p, w + 1, n - 1));
	if (n == 0 || (p.t[0] == IAM_ANY ? iam_is_letter(w[0]) : p.t[0] != w[0]))
		return false;
	return matches(rest, w + 1, n - 1);
}

static void random_text(char *out, const char *alphabet, size_t max)
{
	size_t n = next_random((uint32_t)max + 1);
	for (size_t k = 0; k < n; k++)
		out[k] = alphabet[next_random((uint32_t)strlen(alphabet))];
	out[n] = '\0';
}

struct found {
	bool any;
	size_t n;
	const struct iam_pat *others;
	struct iam_pat main;
};

/* Looks for a word that no other glob matches; checks what it is told on the way. */
static bool uncovered(void *ctx, const bool *m, struct iam_raw word)
{
	struct found *f = ctx;
	bool covered = false;
	ck_assert(matches(f->main, word.t, word.n));
	for (size_t k = 0; k < f->n; k++) {
		ck_assert(m[k] == matches(f->others[k], word.t, word.n));
		covered |= m[k];
	}
	f->any |= !covered;
	return f->any;
}

/* Is there a word of at most `max` letters over a, b and L that only the main glob matches? */
static bool brute(const struct found *f, iam_tok *word, size_t n, size_t max)
{
	static const iam_tok alphabet[] = {'a', 'b', 'z', IAM_LETTER};
	if (matches(f->main, word, n)) {
		bool covered = false;
		for (size_t k = 0; k < f->n; k++)
			covered |= matches(f->others[k], word, n);
		if (!covered)
			return true;
	}
	for (size_t c = 0; n < max && c < 4; c++) {
		word[n] = alphabet[c];
		if (brute(f, word, n + 1, max))
			return true;
	}
	return false;
}

/* Words of up to 6 decide these sizes: a shortest uncovered word is no longer than the tokens of all globs allow. */
START_TEST(exploration_agrees_with_brute_force)
{
	size_t contained = 0, pairs = 4000;
	for (size_t round = 0; round < pairs; round++) {
		struct sg_arena *a;
		struct iam i = new_iam(&a);
		char text[4][8];
		struct iam_pat others[3];
		iam_tok word[8];
		random_text(text[0], "ab*?L", 4);
		size_t n = 1 + next_random(3);
		for (size_t k = 0; k < n; k++) {
			random_text(text[k + 1], "ab**?L", 4);
			others[k] = pattern(a, text[k + 1]);
		}
		struct found f = {.n = n, .others = others, .main = pattern(a, text[0])};
		bool letters = strchr(text[0], 'L') != NULL;
		enum iam_explored e = iam_explore(&i, f.main, others, NULL, n, IAM_DOMAIN_ANY, uncovered, &f);
		ck_assert(e == (f.any ? IAM_STOPPED : IAM_EXPLORED));
		/* The same, with nothing followed that is covered for good. */
		static const bool covers[3] = {true, true, true};
		ck_assert(iam_explore(&i, f.main, others, covers, n, IAM_DOMAIN_ANY, uncovered, &f) == e);
		bool truth = brute(&f, word, 0, 6);
		/* Words with letters stand for others, and a glob without letters is asked about those alone. */
		ck_assert_msg(f.any == truth || (!letters && truth), "%s in %s %s %s: %d, brute force %d", text[0],
			      text[1], n > 1 ? text[2] : "", n > 2 ? text[3] : "", f.any, truth);
		contained += !f.any;
		sg_arena_free(a);
	}
	/* The test is worth something only if both answers are common. */
	ck_assert_uint_gt(contained, pairs / 10);
	ck_assert_uint_lt(contained, pairs * 9 / 10);
}
END_TEST

/* Every set of matches that a word can have is visited, and none that no word has. */
static bool count_visits(void *ctx, const bool *m, struct iam_raw word)
{
	size_t *seen = ctx;
	(void)word;
	seen[m[0] + 2 * m[1]]++;
	return false;
}

START_TEST(each_set_of_matches_is_visited_once)
{
	struct sg_arena *a;
	struct iam i = new_iam(&a);
	struct iam_pat others[2] = {pattern(a, "a*"), pattern(a, "*b")};
	size_t seen[4] = {0};
	ck_assert(iam_explore(&i, pattern(a, "*"), others, NULL, 2, IAM_DOMAIN_ANY, count_visits, seen) ==
		  IAM_EXPLORED);
	for (size_t k = 0; k < 4; k++)
		ck_assert_uint_eq(seen[k], 1);
	memset(seen, 0, sizeof(seen));
	ck_assert(iam_explore(&i, pattern(a, "a*b"), others, NULL, 2, IAM_DOMAIN_ANY, count_visits, seen) ==
		  IAM_EXPLORED);
	ck_assert(seen[0] == 0 && seen[1] == 0 && seen[2] == 0 && seen[3] == 1);
	sg_arena_free(a);
}
END_TEST

static bool never(void *ctx, const bool *m, struct iam_raw word)
{
	(void)ctx, (void)m, (void)word;
	return false;
}

START_TEST(a_pathological_glob_ends_over_budget)
{
	struct sg_arena *a;
	struct iam i = new_iam(&a);
	struct iam_pat others[2] = {pattern(a, "*a????????????????????????????????"),
				    pattern(a, "*b?????????????????????????????")};
	i.budget = 5000;
	ck_assert(iam_explore(&i, pattern(a, "*"), others, NULL, 2, IAM_DOMAIN_ANY, never, NULL) == IAM_OVER_BUDGET);
	sg_arena_free(a);
}
END_TEST

static bool keep_word(void *ctx, const bool *m, struct iam_raw word)
{
	struct iam_raw *out = ctx;
	(void)m;
	*out = word;
	return true;
}

START_TEST(words_are_requests)
{
	static const struct {
		const char *glob;
		enum iam_domain domain;
		const char *word;
	} rows[] = {
		{"*", IAM_DOMAIN_ACTION, "x:x"},
		{"s3:*", IAM_DOMAIN_ACTION, "s3:x"},
		{"s3:*", IAM_DOMAIN_RESOURCE, NULL},
		{"*", IAM_DOMAIN_RESOURCE, "*"},
		{"arn:*", IAM_DOMAIN_RESOURCE, "arn:::::"},
		{"s3", IAM_DOMAIN_ACTION, NULL},
		{"a:b:c", IAM_DOMAIN_ACTION, NULL},
		{"arn:aws:s3:::?", IAM_DOMAIN_RESOURCE, "arn:aws:s3:::x"},
	};
	for (size_t k = 0; k < sizeof(rows) / sizeof(*rows); k++) {
		struct sg_arena *a;
		struct iam i = new_iam(&a);
		struct iam_raw word = {0};
		enum iam_explored e =
			iam_explore(&i, pattern(a, rows[k].glob), NULL, NULL, 0, rows[k].domain, keep_word, &word);
		ck_assert_msg((e == IAM_STOPPED) == (rows[k].word != NULL), "%s", rows[k].glob);
		if (rows[k].word)
			ck_assert_str_eq(sg_cstr(a, iam_raw_show(&i, word)), rows[k].word);
		sg_arena_free(a);
	}
}
END_TEST

/* ---------------------------------------------------------------------------------------------- compiling */

START_TEST(texts_are_rounded)
{
	static const struct {
		const char *text;
		bool up, action, variables;
		const char *want; /* NULL: dropped */
	} rows[] = {
		{"s3:Get*", true, true, false, "s3:get*"},
		{"a**b", true, false, false, "a*b"},
		{"arn:aws:s3:::${aws:username}/x", true, false, true, "arn:aws:s3:::*/x"},
		{"arn:aws:s3:::${aws:username}/x", false, false, true, NULL},
		{"arn:aws:s3:::${aws:username}/x", false, false, false, "arn:aws:s3:::${aws:username}/x"},
		{"arn:aws:s3:::a${$}b", false, false, true, "arn:aws:s3:::a$b"},
		{"arn:aws:s3:::${open", true, false, true, "arn:aws:s3:::*"},
		{"arn:aws:s3:::${open", false, false, true, NULL},
		{"arn:aws:s3*", true, false, false, "arn:aws:s3*"},
		{"arn:aws:s3*", false, false, false, NULL}, /* two readings */
		{"arn:*:s3:::b", false, false, false, NULL},
		{"arn:aws:s3:::b*", false, false, false, "arn:aws:s3:::b*"},
		{"*", false, false, false, "*"},
		{"*:*", false, true, false, NULL},
		{"*", false, true, false, "*"},
		{"e*:Get", false, true, false, NULL},
		{"e*:Get", true, true, false, "e*:get"},
	};
	for (size_t k = 0; k < sizeof(rows) / sizeof(*rows); k++) {
		struct sg_arena *a;
		struct iam i = new_iam(&a);
		struct iam_rounding how = {IAM_MAY, rows[k].up, rows[k].action, rows[k].variables};
		struct iam_pat p;
		bool kept = iam_compile(&i, iam_raw_str(&i, rows[k].text), how, &p);
		ck_assert_msg(kept == (rows[k].want != NULL), "%s", rows[k].text);
		if (kept)
			ck_assert_str_eq(sg_cstr(a, iam_raw_show(&i, (struct iam_raw){p.t, p.n})), rows[k].want);
		sg_arena_free(a);
	}
}
END_TEST

/* A parameter may hold a star: on the left it is one, on the right it matches nothing; a pseudo parameter is itself. */
START_TEST(symbols_are_rounded)
{
	struct sg_arena *a;
	struct iam i = new_iam(&a);
	iam_tok parameter = iam_letter_named(&i, SG_SYM_PARAMETER, "P", NULL);
	iam_tok region = iam_letter_named(&i, SG_SYM_PSEUDO, "AWS::Region", NULL);
	struct iam_pat p;
	ck_assert(iam_letter_named(&i, SG_SYM_PARAMETER, "P", NULL) == parameter);
	ck_assert(iam_compile(&i, (struct iam_raw){&parameter, 1},
			      (struct iam_rounding){IAM_MAY, true, false, true, false}, &p));
	ck_assert(iam_pat_is_star(p));
	ck_assert(!iam_compile(&i, (struct iam_raw){&parameter, 1},
			       (struct iam_rounding){IAM_MAY, false, false, true, false}, &p));
	ck_assert(iam_compile(&i, (struct iam_raw){&region, 1},
			      (struct iam_rounding){IAM_MAY, true, false, true, false}, &p));
	ck_assert(p.n == 1 && p.t[0] == region);
	iam_raw_mark_plain(&i, (struct iam_raw){&parameter, 1});
	ck_assert(iam_compile(&i, (struct iam_raw){&parameter, 1},
			      (struct iam_rounding){IAM_MAY, false, false, true, false}, &p));
	sg_arena_free(a);
}
END_TEST

IAM_TESTS(glob_tests, exploration_agrees_with_brute_force, each_set_of_matches_is_visited_once,
	  a_pathological_glob_ends_over_budget, words_are_requests, texts_are_rounded, symbols_are_rounded)
