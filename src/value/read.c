/*
 * Readings: which type and value a scalar has.  A schema is a table of what plain scalars and what the tags of
 * yaml.org mean; it must not know what any value is for.
 */
#include "value/number_priv.h"

#include <math.h>
#include <string.h>

#define YAML_TAG "tag:yaml.org,2002:"

static bool as_null(struct sg_str text, struct sg_reading *r)
{
	(void)text;
	r->type = SG_T_NULL;
	return true;
}

static bool as_string(struct sg_str text, struct sg_reading *r)
{
	(void)text;
	r->type = SG_T_STRING;
	return true;
}

/* Most scalars are none of the few words: their length or first letter says so. */
static bool starts_with_one_of(struct sg_str text, size_t most, const char *letters)
{
	return text.n <= most && (!text.n || strchr(letters, text.p[0]));
}

static bool null_word(struct sg_str text, struct sg_reading *r)
{
	if (!starts_with_one_of(text, 4, "~nN"))
		return false;
	static const char *const words[] = {"", "~", "null", "Null", "NULL"};
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (sg_str_is(text, words[i]))
			return as_null(text, r);
	return false;
}

struct bool_word {
	const char *lower, *title, *upper;
	bool value, in12;
};

static const struct bool_word bool_words[] = {
	{"true", "True", "TRUE", true, true}, {"false", "False", "FALSE", false, true},
	{"yes", "Yes", "YES", true, false},   {"no", "No", "NO", false, false},
	{"on", "On", "ON", true, false},      {"off", "Off", "OFF", false, false},
};

#define N_BOOL_WORDS (sizeof(bool_words) / sizeof(*bool_words))

static bool bool_is(struct sg_reading *r, bool value)
{
	r->type = SG_T_BOOL;
	r->boolean = value;
	return true;
}

static bool bool_word(struct sg_str text, struct sg_reading *r, bool only12)
{
	if (!starts_with_one_of(text, 5, "tTfFyYnNoO"))
		return false;
	for (size_t i = 0; i < N_BOOL_WORDS; i++) {
		const struct bool_word *w = &bool_words[i];
		if ((w->in12 || !only12) &&
		    (sg_str_is(text, w->lower) || sg_str_is(text, w->title) || sg_str_is(text, w->upper)))
			return bool_is(r, w->value);
	}
	return false;
}

static bool bool11(struct sg_str text, struct sg_reading *r)
{
	return bool_word(text, r, false);
}

static bool bool12(struct sg_str text, struct sg_reading *r)
{
	return bool_word(text, r, true);
}

/* With !!bool PyYAML takes the words in any case. */
static bool bool11_tagged(struct sg_str text, struct sg_reading *r)
{
	for (size_t i = 0; i < N_BOOL_WORDS; i++)
		if (sg_str_is_nocase(text, bool_words[i].lower))
			return bool_is(r, bool_words[i].value);
	return false;
}

/* What PyYAML gives a tag of its own that no constructor knows: the value key and, as a value, the merge key. */
static bool refused11(struct sg_str text, struct sg_reading *r)
{
	if (!sg_str_is(text, "=") && !sg_str_is(text, "<<"))
		return false;
	r->type = SG_T_BAD;
	return true;
}

struct tagged {
	const char *tag; /* behind YAML_TAG */
	sg_matcher *read;
};

struct schema {
	sg_matcher *const *plain;  /* tried in this order; none: a string */
	const struct tagged *tags; /* explicit ones */
	bool bang_resolves;        /* "! 12": PyYAML and libyaml treat the non-specific tag like none, even quoted */
};

static sg_matcher *const plain11[] = {null_word, bool11, sg_number_float11, sg_number_int11, refused11, NULL};
static sg_matcher *const plain12[] = {null_word, bool12, sg_number_int12, sg_number_float12, NULL};
static const struct tagged tags11[] = {
	{"str", as_string}, {"timestamp", as_string}, /* SAM CLI's constructor */
	{"null", as_null},  {"bool", bool11_tagged},  {"int", sg_number_int11}, {"float", sg_number_float11_tagged},
	{NULL, NULL},
};
static const struct tagged tags12[] = {
	{"str", as_string},       {"null", null_word},          {"bool", bool12},
	{"int", sg_number_int12}, {"float", sg_number_float12}, {NULL, NULL},
};
static const struct schema yaml11 = {plain11, tags11, true};
static const struct schema yaml12 = {plain12, tags12, false};

/* Numbers begin with a digit, a sign or a dot, and the few words are short: most text needs no closer look. */
static bool is_plain_text(struct sg_str text)
{
	char c = text.n ? text.p[0] : '~';
	bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
	return letter && (text.n > 5 || !strchr("tTfFyYnNoO", c));
}

static void read_plain(struct sg_str text, const struct schema *schema, struct sg_reading *r)
{
	if (is_plain_text(text)) {
		as_string(text, r);
		return;
	}
	for (sg_matcher *const *m = schema->plain; *m; m++)
		if ((*m)(text, r))
			return;
	as_string(text, r);
}

static void read_tagged(const struct sg_node *n, const struct schema *schema, struct sg_reading *r)
{
	if (!sg_str_starts(sg_node_tag(n), YAML_TAG))
		return;
	struct sg_str name = sg_str_sub(sg_node_tag(n), sizeof(YAML_TAG) - 1, SIZE_MAX);
	for (const struct tagged *t = schema->tags; t->tag; t++)
		if (sg_str_is(name, t->tag))
			t->read(n->text, r); /* where it does not match, the reading stays SG_T_BAD */
}

static void read_json_word(struct sg_str text, struct sg_reading *r)
{
	if (sg_str_is(text, "null"))
		as_null(text, r);
	else if (sg_str_is(text, "true") || sg_str_is(text, "false"))
		bool_is(r, text.p[0] == 't');
	else
		sg_number_json(text, r);
}

static void read_scalar(const struct sg_node *n, const struct schema *schema, struct sg_reading *r)
{
	bool bang = sg_str_is(sg_node_tag(n), "!");
	r->text = n->text;
	if (n->style == SG_JSON_WORD)
		read_json_word(n->text, r);
	else if (sg_node_tag(n).n && !bang)
		read_tagged(n, schema, r);
	else if (bang ? schema->bang_resolves : n->style == SG_PLAIN)
		read_plain(n->text, schema, r);
	else
		as_string(n->text, r);
}

static void read_collection(const struct sg_node *n, struct sg_reading *r)
{
	bool map = n->kind == SG_MAP;
	if (!sg_node_tag(n).n || sg_str_is(sg_node_tag(n), "!") ||
	    sg_str_is(sg_node_tag(n), map ? YAML_TAG "map" : YAML_TAG "seq"))
		r->type = map ? SG_T_MAP : SG_T_LIST;
}

static struct sg_reading read_node(const struct sg_node *n, const struct schema *schema)
{
	struct sg_reading r = {.type = SG_T_BAD};
	if (n && n->kind == SG_SCALAR)
		read_scalar(n, schema, &r);
	else if (n)
		read_collection(n, &r);
	return r;
}

struct sg_reading sg_read_yaml11(const struct sg_node *n)
{
	return read_node(n, &yaml11);
}

struct sg_reading sg_read_yaml12(const struct sg_node *n)
{
	return read_node(n, &yaml12);
}

static bool same_int(const struct sg_reading *a, const struct sg_reading *b)
{
	if (a->big || b->big) /* two infinite estimates say nothing */
		return a->big == b->big && a->number == b->number && isfinite(a->number);
	return a->integer == b->integer;
}

bool sg_readings_agree(const struct sg_node *n)
{
	struct sg_reading a = sg_read_yaml11(n), b = sg_read_yaml12(n);
	if (a.type != b.type)
		return false;
	switch (a.type) {
	case SG_T_BOOL:
		return a.boolean == b.boolean;
	case SG_T_INT:
		return same_int(&a, &b);
	case SG_T_FLOAT:
		return a.number == b.number || (isnan(a.number) && isnan(b.number));
	default:
		return true; /* the text is the same one */
	}
}

/* A big integer's digits, where its spelling is decimal. */
static bool big_string(struct sg_str text, struct sg_buf *out)
{
	size_t sign = text.n && (text.p[0] == '-' || text.p[0] == '+');
	if (sg_str_starts(sg_str_sub(text, sign, 1), "0"))
		return false; /* octal, binary, hexadecimal */
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == ':')
			return false; /* base 60 */
		if (text.p[i] != '_' && text.p[i] != '+')
			sg_buf_addc(out, text.p[i]);
	}
	return true;
}

struct sg_str sg_read_string(struct sg_arena *a, const struct sg_node *n, bool *ok)
{
	struct sg_reading r = sg_read_yaml11(n);
	struct sg_buf out = {0};
	bool good = true;
	if (r.type == SG_T_STRING)
		sg_buf_str(&out, r.text);
	else if (r.type == SG_T_BOOL)
		sg_buf_adds(&out, r.boolean ? "true" : "false");
	else if (r.type == SG_T_INT && r.big)
		good = big_string(r.text, &out);
	else if (r.type == SG_T_INT)
		sg_buf_addf(&out, "%lld", (long long)r.integer);
	else if (r.type == SG_T_FLOAT)
		good = sg_number_format(&out, r.number);
	else
		good = false;
	*ok = good;
	struct sg_str text = sg_buf_take(&out, a);
	if (!good)
		return (struct sg_str){NULL, 0};
	return text.p ? text : SG_LIT("");
}
