/*
 * scalar.c - one scalar of the file as the value of a key: its type, its bounds, its pattern.
 *
 * A scalar on which readers of YAML differ is refused instead of being guessed at.
 */
#include "spec/spec_priv.h"

#include <inttypes.h>
#include <regex.h>
#include <string.h>

enum { ENTRY_MAX = 200 }; /* characters of one entry of a list */

static const char *type_words(enum sg_type type)
{
	static const char *const words[] = {
		[SG_T_NULL] = "empty",     [SG_T_BOOL] = "true or false", [SG_T_INT] = "a number",
		[SG_T_FLOAT] = "a number", [SG_T_STRING] = "a string",    [SG_T_LIST] = "a list",
		[SG_T_MAP] = "a mapping",  [SG_T_BAD] = "unreadable",
	};
	return words[type];
}

static const char *wanted_words(const struct sg_key *key)
{
	switch (key->type) {
	case SG_KEY_INT:
		return "a whole number";
	case SG_KEY_BOOL:
		return "true or false";
	case SG_KEY_STRING:
		return "a string";
	default:
		SG_BUG("not a scalar");
	}
}

/* "256", "true", "a string" */
static struct sg_str reading_words(struct sg_arena *a, struct sg_reading r)
{
	if (r.type == SG_T_INT && !r.big)
		return sg_strf(a, "%" PRId64, r.integer);
	if (r.type == SG_T_BOOL)
		return r.boolean ? SG_LIT("true") : SG_LIT("false");
	return sg_str(type_words(r.type));
}

/* Whether every reader sees the same value, which is what the file must be written for. */
static bool one_reading(const char *what, const struct sg_node *node, struct sg_diags *d)
{
	if (sg_node_tag(node).n) {
		sg_diag(d, SG_ERROR, sg_node_tag_span(node), "remove the tag", "%s: tags mean nothing in a spec", what);
		return false;
	}
	if (node->kind != SG_SCALAR || sg_readings_agree(node))
		return true;
	struct sg_arena *a = sg_diags_arena(d);
	struct sg_str old = reading_words(a, sg_read_yaml11(node)), new = reading_words(a, sg_read_yaml12(node));
	sg_diag(d, SG_ERROR, node->span,
		"write a string in quotes, a number in plain decimal, a truth value as true or false",
		"%s: readers of YAML differ on '%.*s': %.*s in YAML 1.1, %.*s in YAML 1.2", what, SG_FMT(node->text),
		SG_FMT(old), SG_FMT(new));
	return false;
}

static bool wrong_type(const struct sg_key *key, const struct sg_node *node, enum sg_type type, struct sg_diags *d)
{
	const char *hint = NULL;
	struct sg_arena *a = sg_diags_arena(d);
	int64_t n;
	if (key->type == SG_KEY_STRING && (type == SG_T_INT || type == SG_T_FLOAT || type == SG_T_BOOL))
		hint = sg_strf(a, "write it in quotes: \"%.*s\"", SG_FMT(node->text)).p;
	else if (key->type == SG_KEY_INT && type == SG_T_STRING && sg_parse_i64(node->text, &n))
		hint = "write it without quotes";
	else if (type == SG_T_NULL)
		hint = sg_strf(a, "remove the line to take the default, %s", key->fallback).p;
	sg_diag(d, SG_ERROR, node->span, hint, "%s must be %s, but this is %s", key->path, wanted_words(key),
		type_words(type));
	return false;
}

struct sg_str sg_key_bounds(struct sg_arena *a, const struct sg_key *key)
{
	if (key->choices)
		return sg_choices_words(a, key->choices);
	const char *unit = key->unit ? key->unit : "";
	switch (key->type) {
	case SG_KEY_INT:
		if (key->max == SG_INT_MAX)
			return sg_strf(a, "%" PRId64 " or more", key->min);
		return sg_strf(a, "%" PRId64 " to %" PRId64 "%s%s", key->min, key->max, *unit ? " " : "", unit);
	case SG_KEY_BOOL:
		return SG_LIT("true or false");
	case SG_KEY_STRING:
		if (!key->pattern || key->check)
			return sg_str(key->form);
		return sg_strf(a, "%s, %" PRId64 " to %" PRId64 " characters", key->form, key->min, key->max);
	case SG_KEY_LIST:
	case SG_KEY_PAIRS:
	case SG_KEY_OVERLAYS:
		return sg_strf(a, "at most %" PRId64 "%s%s", key->max, key->form ? ", each " : "",
			       key->form ? key->form : "");
	default:
		return sg_str("");
	}
}

static bool out_of_bounds(const struct sg_key *key, const char *what, struct sg_span span, struct sg_diags *d)
{
	struct sg_str bounds = sg_key_bounds(sg_diags_arena(d), key);
	sg_diag(d, SG_ERROR, span, NULL, "%s is out of bounds: it can be %.*s", what, SG_FMT(bounds));
	return false;
}

static bool nearest(struct sg_str choice, void *data)
{
	struct sg_str *best = data; /* [0] the value, [1] the best so far */
	size_t limit = best[0].n < 6 ? 1 : 2;
	if (sg_str_distance(best[0], choice, limit) <= limit && !best[1].n)
		best[1] = choice;
	return false;
}

static bool no_choice(const struct sg_key *key, const char *what, struct sg_span span, struct sg_str text,
		      struct sg_diags *d)
{
	struct sg_arena *a = sg_diags_arena(d);
	struct sg_str words = sg_choices_words(a, key->choices), best[2] = {text, {0}};
	if (key->type == SG_KEY_STRING)
		sg_choices_each(key->choices, nearest, best);
	const char *hint = best[1].n ? sg_strf(a, "did you mean %.*s?", SG_FMT(best[1])).p : NULL;
	sg_diag(d, SG_ERROR, span, hint, "%s is out of bounds: it can be %.*s", what, SG_FMT(words));
	return false;
}

static bool matches(const char *pattern, struct sg_str text)
{
	regex_t re;
	if (memchr(text.n ? text.p : "", 0, text.n))
		return false;
	if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		SG_BUG(pattern);
	regmatch_t all = {.rm_so = 0, .rm_eo = (regoff_t)text.n};
	bool yes = regexec(&re, text.n ? text.p : "", 1, &all, REG_STARTEND) == 0;
	regfree(&re);
	return yes;
}

bool sg_string_judge(const struct sg_key *key, const char *what, struct sg_setting *value, struct sg_diags *d)
{
	bool scalar = key->type == SG_KEY_STRING;
	size_t n = sg_utf8_count(value->text);
	if (key->choices)
		return sg_choices_have(key->choices, value->text) || no_choice(key, what, value->span, value->text, d);
	if (scalar && (n < (size_t)key->min || n > (size_t)key->max))
		return out_of_bounds(key, what, value->span, d);
	if (n > ENTRY_MAX && key->type == SG_KEY_LIST) {
		sg_diag(d, SG_ERROR, value->span, NULL, "%s is longer than %d characters", what, ENTRY_MAX);
		return false;
	}
	if (key->pattern && !matches(key->pattern, value->text)) {
		sg_diag(d, SG_ERROR, value->span,
			key->example ? sg_strf(sg_diags_arena(d), "for example %s", key->example).p : NULL,
			"%s must be %s", what, key->form);
		return false;
	}
	return !key->check || key->check(d, value);
}

static bool judge_int(const struct sg_key *key, const struct sg_node *node, struct sg_reading r, struct sg_diags *d)
{
	if (r.big || r.integer < key->min || r.integer > key->max)
		return out_of_bounds(key, key->path, node->span, d);
	if (!key->choices)
		return true;
	struct sg_str plain = sg_strf(sg_diags_arena(d), "%" PRId64, r.integer);
	return sg_choices_have(key->choices, plain) || no_choice(key, key->path, node->span, plain, d);
}

bool sg_string_read(const char *what, const struct sg_node *node, struct sg_diags *d, struct sg_str *out)
{
	if (!one_reading(what, node, d))
		return false;
	struct sg_reading r = sg_read_yaml11(node);
	if (r.type != SG_T_STRING) {
		const char *hint =
			node->kind != SG_SCALAR || !node->text.n
				? NULL
				: sg_strf(sg_diags_arena(d), "write it in quotes: \"%.*s\"", SG_FMT(node->text)).p;
		sg_diag(d, SG_ERROR, node->span, hint, "%s must be a string, but this is %s", what, type_words(r.type));
		return false;
	}
	*out = r.text;
	return true;
}

bool sg_scalar_read(const struct sg_key *key, const struct sg_node *node, struct sg_diags *d, struct sg_setting *out)
{
	*out = (struct sg_setting){.set = true, .given = true, .span = node->span};
	if (!one_reading(key->path, node, d))
		return false;
	struct sg_reading r = sg_read_yaml11(node);
	if (r.type == SG_T_NULL && key->nullable) {
		out->set = false;
		return true;
	}
	out->text = r.text, out->integer = r.integer, out->boolean = r.boolean;
	if (key->type == SG_KEY_STRING && r.type == SG_T_STRING)
		return sg_string_judge(key, key->path, out, d);
	if (key->type == SG_KEY_INT && r.type == SG_T_INT)
		return judge_int(key, node, r, d);
	if (key->type == SG_KEY_BOOL && r.type == SG_T_BOOL)
		return true;
	return wrong_type(key, node, r.type, d);
}

void sg_setting_default(const struct sg_key *key, struct sg_setting *out)
{
	struct sg_str text = sg_str(key->fallback);
	*out = (struct sg_setting){.set = !sg_str_is(text, "null")};
	if (!out->set || sg_key_has_entries(key))
		return;
	if (key->type == SG_KEY_BOOL)
		out->boolean = sg_str_is(text, "true");
	else if (key->type == SG_KEY_INT)
		SG_ASSERT(sg_parse_i64(text, &out->integer));
	else
		out->text = text;
}
