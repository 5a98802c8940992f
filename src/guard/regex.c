/*
 * Regular expressions: PCRE2, the only file of the program that names it.  Patterns are compiled when a rule file is
 * loaded, once per pattern of a file, and made into machine code when first used; memory comes from the file's arena.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "guard/dialect.h"
#include "guard/guard_priv.h"

#include <pcre2.h>

#include <string.h>

#define MAX_PATTERN 20000
#define HEAP_KIB 65536
#define JIT_STACK (1024 * 1024)
#define JIT_FROM 8 /* machine code costs more than a few matches */

struct guard_regex {
	struct guard_regexes *all;
	struct sg_str pattern, why;
	pcre2_code *code; /* NULL: why */
	pcre2_match_data *match;
	unsigned used; /* how often it was matched */
};

struct guard_regexes {
	struct sg_arena *arena;
	struct sg_map *by_pattern;
	pcre2_general_context *general;
	pcre2_compile_context *compile;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
};

static void *from_arena(PCRE2_SIZE n, void *arena)
{
	return sg_alloc(arena, n);
}

static void to_arena(void *p, void *arena)
{
	(void)p;
	(void)arena;
}

struct guard_regexes *guard_regexes_new(struct sg_arena *a)
{
	struct guard_regexes *r = SG_NEW(a, struct guard_regexes);
	r->arena = a;
	return r;
}

/* Most files have none. */
static void open_contexts(struct guard_regexes *r)
{
	r->by_pattern = sg_map_new(r->arena);
	r->general = pcre2_general_context_create(from_arena, to_arena, r->arena);
	r->compile = pcre2_compile_context_create(r->general);
	r->context = pcre2_match_context_create(r->general);
	pcre2_set_newline(r->compile, PCRE2_NEWLINE_LF);
	pcre2_set_heap_limit(r->context, HEAP_KIB);
}

void guard_regexes_free(struct guard_regexes *r)
{
	for (size_t i = 0; r->by_pattern && i < sg_map_size(r->by_pattern); i++) {
		struct guard_regex *regex = sg_map_value(r->by_pattern, i);
		pcre2_match_data_free(regex->match);
		pcre2_code_free(regex->code);
	}
	if (r->stack)
		pcre2_jit_stack_free(r->stack);
}

static void compile(struct guard_regex *r, struct sg_str text)
{
	int error;
	PCRE2_SIZE at;
	r->code = pcre2_compile((PCRE2_SPTR)text.p, text.n,
				PCRE2_UTF | PCRE2_UCP | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C, &error, &at,
				r->all->compile);
	if (r->code) {
		r->match = pcre2_match_data_create_from_pattern(r->code, r->all->general);
		return;
	}
	PCRE2_UCHAR message[200] = "";
	pcre2_get_error_message(error, message, sizeof(message));
	r->why = sg_strf(r->all->arena, "%s", (const char *)message);
}

struct guard_regex *guard_regex(struct guard_regexes *all, struct sg_str pattern, struct sg_str *why)
{
	if (!all->by_pattern)
		open_contexts(all);
	struct guard_regex *r = sg_map_get(all->by_pattern, pattern);
	if (!r) {
		r = SG_NEW(all->arena, struct guard_regex);
		r->all = all;
		r->pattern = sg_str_dup(all->arena, pattern);
		struct sg_buf text = {0};
		const char *refused = pattern.n > MAX_PATTERN ? "it is too long" : guard_dialect(pattern, &text);
		if (refused)
			r->why = sg_str(refused);
		else
			compile(r, sg_buf_view(&text));
		sg_buf_free(&text);
		sg_map_put(all->by_pattern, r->pattern, r);
	}
	*why = r->why;
	return r->code ? r : NULL;
}

struct sg_str guard_regex_pattern(const struct guard_regex *r)
{
	return r->pattern;
}

/* Machine code where it can be had; the interpreter gives the same answers. */
static void prepare(struct guard_regex *r)
{
	if (pcre2_jit_compile(r->code, PCRE2_JIT_COMPLETE) || r->all->stack)
		return;
	r->all->stack = pcre2_jit_stack_create(32 * 1024, JIT_STACK, r->all->general);
	pcre2_jit_stack_assign(r->all->context, NULL, r->all->stack);
}

static int match(struct guard_regex *r, struct sg_str text, size_t from, uint32_t flags, uint32_t limit)
{
	if (++r->used == JIT_FROM)
		prepare(r);
	PCRE2_SPTR p = (PCRE2_SPTR)(text.p ? text.p : "");
	pcre2_set_match_limit(r->all->context, limit);
	pcre2_set_depth_limit(r->all->context, limit);
	int rc = pcre2_match(r->code, p, text.n, from, PCRE2_NO_UTF_CHECK | flags, r->match, r->all->context);
	if (rc == PCRE2_ERROR_JIT_STACKLIMIT)
		rc = pcre2_match(r->code, p, text.n, from, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT | flags, r->match,
				 r->all->context);
	return rc;
}

int guard_regex_search(struct guard_regex *r, struct sg_str text, uint32_t limit)
{
	int rc = match(r, text, 0, 0, limit);
	return rc >= 0 ? 1 : rc == PCRE2_ERROR_NOMATCH ? 0 : -1;
}

/* ------------------------------------------------------------------------------------------------ expansion */

static void add_group(struct guard_regex *r, struct sg_str text, int group, struct sg_buf *out)
{
	const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(r->match);
	if (group < 0 || (uint32_t)group >= pcre2_get_ovector_count(r->match) || ends[2 * group] == PCRE2_UNSET)
		return;
	if (ends[2 * group + 1] >= ends[2 * group])
		sg_buf_add(out, text.p + ends[2 * group], ends[2 * group + 1] - ends[2 * group]);
}

/* A group by number or name; one that the pattern does not have is nothing. */
static int group_number(struct guard_regex *r, struct sg_str name)
{
	int64_t number;
	char copy[64];
	if (sg_parse_i64(name, &number))
		return number >= 0 && number < 65536 ? (int)number : -1;
	if (name.n >= sizeof(copy))
		return -1;
	memcpy(copy, name.p, name.n);
	copy[name.n] = 0;
	return pcre2_substring_number_from_name(r->code, (PCRE2_SPTR)copy);
}

static size_t word_length(struct sg_str s)
{
	size_t n = 0;
	while (n < s.n && (s.p[n] == '_' || (s.p[n] >= '0' && s.p[n] <= '9') || (s.p[n] >= 'a' && s.p[n] <= 'z') ||
			   (s.p[n] >= 'A' && s.p[n] <= 'Z')))
		n++;
	return n;
}

/* $1, $name, ${name}, $$; any other dollar is itself.  Returns the bytes of `with` that were used. */
static size_t expand_dollar(struct guard_regex *r, struct sg_str text, struct sg_str with, struct sg_buf *out)
{
	bool braces = with.n > 1 && with.p[1] == '{';
	struct sg_str rest = sg_str_sub(with, braces ? 2 : 1, SIZE_MAX);
	size_t n = word_length(rest);
	if (with.n > 1 && with.p[1] == '$') {
		sg_buf_addc(out, '$');
		return 2;
	}
	if (!n || (braces && (n >= rest.n || rest.p[n] != '}'))) {
		sg_buf_addc(out, '$');
		return 1;
	}
	add_group(r, text, group_number(r, sg_str_sub(rest, 0, n)), out);
	return n + (braces ? 3 : 1);
}

static void expand(struct guard_regex *r, struct sg_str text, struct sg_str with, struct sg_buf *out)
{
	for (size_t i = 0; i < with.n;) {
		if (with.p[i] == '$') {
			i += expand_dollar(r, text, sg_str_sub(with, i, SIZE_MAX), out);
		} else {
			sg_buf_addc(out, with.p[i]);
			i++;
		}
	}
}

#define MAX_EXPANDED (16 * 1024 * 1024)

bool guard_regex_expand(struct guard_regex *r, struct sg_str text, struct sg_str with, uint32_t limit,
			struct sg_buf *out)
{
	size_t last = SIZE_MAX; /* an empty match is not taken right behind another */
	for (size_t at = 0; at <= text.n;) {
		int rc = match(r, text, at, 0, limit);
		if (rc == PCRE2_ERROR_NOMATCH)
			return true;
		if (rc < 0 || out->n > MAX_EXPANDED)
			return false;
		const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(r->match);
		size_t end = ends[1] > ends[0] ? ends[1] : ends[0];
		bool empty = end == ends[0];
		if (!empty || end != last)
			expand(r, text, with, out);
		last = end;
		size_t step = empty && end < text.n ? sg_utf8_decode(sg_str_sub(text, end, SIZE_MAX), NULL) : empty;
		at = end + (empty && !step ? 1 : step);
	}
	return true;
}

/* ------------------------------------------------------------------------------------------------ letters */

static bool is_ascii(struct sg_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

static struct sg_str ascii_case(struct sg_arena *a, struct sg_str text, bool upper)
{
	struct sg_buf out = {0};
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		bool change = upper ? c >= 'a' && c <= 'z' : c >= 'A' && c <= 'Z';
		sg_buf_addc(&out, (char)(change ? c ^ 0x20 : c));
	}
	return sg_buf_take(&out, a);
}

struct sg_str guard_case(struct sg_arena *a, struct sg_str text, bool upper)
{
	if (is_ascii(text))
		return ascii_case(a, text, upper);
	int error;
	PCRE2_SIZE at, n = text.n * 3 + 1; /* no simple mapping makes a character longer than that */
	pcre2_code *all = pcre2_compile((PCRE2_SPTR) "(?s).+", PCRE2_ZERO_TERMINATED, PCRE2_UTF, &error, &at, NULL);
	char *out = sg_alloc(a, n);
	int rc = !all ? -1
		      : pcre2_substitute(all, (PCRE2_SPTR)text.p, text.n, 0, PCRE2_SUBSTITUTE_EXTENDED, NULL, NULL,
					 (PCRE2_SPTR)(upper ? "\\U$0" : "\\L$0"), PCRE2_ZERO_TERMINATED,
					 (PCRE2_UCHAR *)out, &n);
	pcre2_code_free(all);
	return rc < 0 ? text : (struct sg_str){out, n};
}

bool guard_is_alnum(uint32_t cp)
{
	static pcre2_code *letters; /* kept for the process */
	int error;
	PCRE2_SIZE at;
	char text[4];
	if (!letters)
		letters = pcre2_compile((PCRE2_SPTR) "[\\p{Alphabetic}\\p{N}]", PCRE2_ZERO_TERMINATED, PCRE2_UTF,
					&error, &at, NULL);
	size_t n = sg_utf8_encode(cp, text);
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	bool is = n && letters && pcre2_match(letters, (PCRE2_SPTR)text, n, 0, 0, data, NULL) > 0;
	pcre2_match_data_free(data);
	return is;
}
