/* Unit tests of yaml/.  What trees and refusals are expected was checked against PyYAML 6.0.3. */
#include "unit.h"
#include "yaml/yaml.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

struct loaded {
	struct sg_arena *a;
	struct sg_sources *sources;
	struct sg_diags *d;
	struct sg_yaml_notes notes;
	const struct sg_node *root;
};

static struct loaded load_within(struct sg_str text, const struct sg_yaml_limits *limits)
{
	struct loaded l = {.a = sg_arena_new()};
	l.sources = sg_sources_new(l.a);
	l.d = sg_diags_new(l.a, l.sources);
	l.root = sg_yaml_load(l.a, l.d, sg_source_add(l.sources, SG_LIT("t"), text), limits, &l.notes);
	ck_assert_msg((l.root != NULL) == (sg_diags_errors(l.d) == 0), "a tree or an error, never both, never neither");
	return l;
}

static struct loaded load(const char *text)
{
	return load_within(sg_str(text), NULL);
}

/* "1:5 message" of the first error, or "". */
static struct sg_str first_error(const struct loaded *l)
{
	if (!sg_diags_count(l->d))
		return SG_LIT("");
	const struct sg_diag *d = sg_diags_at(l->d, 0);
	struct sg_pos p = sg_pos_start(l->sources, d->span);
	return sg_strf(l->a, "%u:%u %.*s", p.line, p.column, SG_FMT(d->message));
}

/* The tree in one line: strings in <>, other readings bare, tags and * for aliases before. */
static void show(struct sg_buf *out, struct sg_arena *a, const struct sg_node *n)
{
	bool ok, local = sg_node_tag(n).n > 1 && sg_node_tag(n).p[0] == '!';
	if (n->why == SG_WHY_ALIAS)
		sg_buf_addc(out, '*');
	if (local)
		sg_buf_addf(out, "%.*s ", SG_FMT(sg_node_tag(n)));
	if (n->kind == SG_SCALAR) {
		struct sg_reading r = sg_read_yaml11(n);
		struct sg_str s = sg_read_string(a, n, &ok);
		if (r.type == SG_T_STRING || local)
			sg_buf_addf(out, "<%.*s>", SG_FMT(n->text));
		else
			sg_buf_adds(out, r.type == SG_T_NULL ? "null" : ok ? sg_cstr(a, s) : "bad");
		return;
	}
	sg_buf_addc(out, n->kind == SG_MAP ? '{' : '[');
	for (size_t i = 0; i < n->n; i++) {
		sg_buf_adds(out, i ? ", " : "");
		if (n->kind == SG_MAP) {
			show(out, a, n->members[i].key);
			sg_buf_addc(out, ':');
		}
		show(out, a, n->kind == SG_MAP ? n->members[i].value : n->items[i]);
	}
	sg_buf_addc(out, n->kind == SG_MAP ? '}' : ']');
}

static struct sg_str shown(const struct loaded *l)
{
	struct sg_buf out = {0};
	if (l->root)
		show(&out, l->a, l->root);
	return sg_buf_take(&out, l->a);
}

static void expect_tree(const char *text, const char *want)
{
	struct loaded l = load(text);
	struct sg_str got = shown(&l), error = first_error(&l);
	ck_assert_msg(sg_str_is(got, want), "%s\ngot    %.*s %.*s\nwanted %s", text, SG_FMT(got), SG_FMT(error), want);
	sg_arena_free(l.a);
}

/* `want`: position and the beginning of the message. */
static void expect_error(struct sg_str text, const char *want)
{
	struct loaded l = load_within(text, NULL);
	struct sg_str error = first_error(&l), tree = shown(&l);
	ck_assert_msg(!l.root && sg_str_starts(error, want), "%.*s\ngot    %.*s %.*s\nwanted %s", SG_FMT(text),
		      SG_FMT(error), SG_FMT(tree), want);
	sg_arena_free(l.a);
}

START_TEST(texts_become_trees)
{
	static const struct {
		const char *text, *tree;
	} rows[] = {
		{"a: on", "{<a>:true}"},
		{"a: y", "{<a>:<y>}"},
		{"a: 012", "{<a>:10}"},
		{"a: 1:30", "{<a>:90}"},
		{"a: 2012-10-17", "{<a>:<2012-10-17>}"},
		{"a:", "{<a>:null}"},
		{"a: =", "{<a>:bad}"},
		{"b: &x {k: 1}\na:\n  <<: *x\n  j: 2", "{<b>:{<k>:1}, <a>:{bad:*{<k>:1}, <j>:2}}"},
		{"b: &x 5\na: *x", "{<b>:5, <a>:*5}"},
		{"&k a: 1\nb: *k", "{<a>:1, <b>:*<a>}"},
		{"a: 1\na: 2", "{<a>:1, <a>:2}"},
		{"a: !Ref X", "{<a>:!Ref <X>}"},
		{"a: !Ref 012", "{<a>:!Ref <012>}"},
		{"a: !Sub [\"${x}\", {x: 1}]", "{<a>:!Sub [<${x}>, {<x>:1}]}"},
		{"a: !GetAtt R.Arn", "{<a>:!GetAtt <R.Arn>}"},
		{"Fn::Base64:\n  !Sub |\n    yum update -y\n    x: y\n", "{<Fn::Base64>:!Sub <yum update -y\nx: y\n>}"},
		{"a: !!str 012", "{<a>:<012>}"},
		{"a: !!int \"12\"", "{<a>:12}"},
		{"a: !!python/name:os.system", "{<a>:bad}"},
		{"%YAML 1.1\n---\na: yes", "{<a>:true}"},
		{"%YAML 1.2\n---\na: yes", "{<a>:true}"},
		{"%TAG !e! tag:yaml.org,2002:\n---\na: !e!str 1", "{<a>:<1>}"},
		{"--- a\n...\n", "<a>"},
		{"\xef\xbb\xbf"
		 "a: 1",
		 "{<a>:1}"},
		{"a: 1\r\nb:\r\n  - c\r\n", "{<a>:1, <b>:[<c>]}"},
		{"a:\xc2\xa0"
		 "b",
		 "<a:\xc2\xa0"
		 "b>"},
		{"a: \"x\xc2\x85y\"", "{<a>:<x y>}"},
		{"a:1", "<a:1>"},
		{"{a:1}", "{<a:1>:null}"},
		{"{\"a\":1}", "{<a>:1}"},
		{"a: {x}", "{<a>:{<x>:null}}"},
		{"a: b#c", "{<a>:<b#c>}"},
		{"? a\n: b", "{<a>:<b>}"},
		{"1: a", "{1:<a>}"},
		{"on: push", "{true:<push>}"},
		{"a: >\n  x\n  y\n", "{<a>:<x y\n>}"},
		{"a: |+\n  x\n\n", "{<a>:<x\n\n>}"},
		{"a: |\n  x\ty\n", "{<a>:<x\ty\n>}"},
		{"a: | # c\td\n  x\n", "{<a>:<x\n>}"},
		{"a: \"x\ty\" # \t", "{<a>:<x\ty>}"},
		{"a: \"\\/\"", "{<a>:</>}"},
		{"a: \"\\x41\"", "{<a>:<A>}"},
		{"a: 'it''s'", "{<a>:<it's>}"},
		{"a: 'it''''s'", "{<a>:<it''s>}"}, /* libfyaml: three */
		{"a: '''''''x'", "{<a>:<'''x>}"},
		{"a: \xf0\x9f\x98\x80", "{<a>:<\xf0\x9f\x98\x80>}"},
		{"a: ! 12", "{<a>:12}"},
		{"a: !<tag:yaml.org,2002:str> 12", "{<a>:<12>}"},
		{"- - a\n  - b\n-\n  - c\n", "[[<a>, <b>], [<c>]]"},
		{"{a: [], b: {}}", "{<a>:[], <b>:{}}"},
		{"[a: b]", "[{<a>:<b>}]"},
	};
	for (size_t i = 0; i < COUNT(rows); i++)
		expect_tree(rows[i].text, rows[i].tree);
}
END_TEST

/* Of several documents the first, where that is asked for; what is behind it is not looked at. */
START_TEST(the_first_document_can_be_read_alone)
{
	static const struct {
		const char *text;
		uint32_t second;
	} rows[] = {{"a: 1\n", 0},
		    {"a: 1\n---\na: 2\n", 5},
		    {"---\na: 1\n...\n---\n\ta: 2\n", 13},
		    {"\xef\xbb\xbf"
		     "a: 1\n--- x\n--- y\n",
		     8}};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sg_arena *a = sg_arena_new();
		struct sg_sources *sources = sg_sources_new(a);
		struct sg_diags *d = sg_diags_new(a, sources);
		struct sg_span second;
		const struct sg_node *root = sg_yaml_load_first(
			a, d, sg_source_add(sources, SG_LIT("d.yaml"), sg_str(rows[i].text)), &second);
		ck_assert_msg(root && sg_node_is(sg_node_get(root, "a"), "1"), "%s", rows[i].text);
		ck_assert_uint_eq(second.source != 0, rows[i].second != 0);
		ck_assert_uint_eq(second.start, rows[i].second);
		sg_arena_free(a);
	}
}
END_TEST

START_TEST(what_pyyaml_refuses_is_refused_with_its_place)
{
	static const struct {
		const char *text, *error;
	} rows[] = {
		{"", "1:1 the file is empty"},
		{"# nothing\n\n", "1:1 the file is empty"},
		{"a: 1\n---\na: 2", "2:1 a second YAML document"},
		{"a:\n\tb: 1", "2:1 found character that cannot start any token"},
		{"a:\tb", "1:3 a tab outside of quotes"},
		{"a: b\tc", "1:5 a tab outside of quotes"},
		{"a: b\n\t\n", "2:1 "},
		{"a: b\n# c\n\t", "3:1 "},
		{"a: |\t\n  x\n", "1:5 a tab outside of quotes"},
		{"a: 1\n\t\nb: 2", "2:1 found a tab character that violates indentation"},
		{"%YAML 1.3\n---\na: yes", "1:1 found incompatible YAML document"},
		{"a: x\xe2\x80\xa8y", "1:7 could not find expected ':'"},
		{"a: 1 # \xe2\x80\xa8", "1:8 the line break U+2028"},
		{"a: 1\n\xef\xbb\xbf"
		 "b: 2",
		 "2:2 did not find expected key"},
		{"a:\n\xef\xbb\xbf - b: 2", "2:1 a byte order mark inside the text"},
		{"\xef\xbb\xbf\xef\xbb\xbf"
		 "a: 1",
		 "1:1 a second byte order mark"},
		{"a: b: c", "1:5 mapping values are not allowed"},
		{"[1,2]: 3", "1:1 a list or map cannot be a key"},
		{"a: {{x: 1}: 2}", "1:5 a list or map cannot be a key"},
		{"k: &x [1]\n*x : 3", "2:1 a list or map cannot be a key"},
		{"!Ref a: 1", "1:6 !Ref cannot be a key"},
		{"a: @x", "1:4 found character that cannot start any token"},
		{"a: `x", "1:4 found character that cannot start any token"},
		{"a: %x", "1:4 found character that cannot start any token"},
		{"a: - x", "1:4 block sequence entries are not allowed"},
		{"a: \xef\xbf\xbe", "1:4 character U+FFFE is not allowed"},
		{"a: \"\x07\"", "1:5 character U+0007 is not allowed"},
		{"a: \x7f", "1:4 character U+007F is not allowed"},
		{"a: \xc2\x80", "1:4 character U+0080 is not allowed"},
		{"a: \xff\nb: 1", "1:4 malformed UTF-8 (byte 0xff)"},
		{"a: \xed\xa0\x80", "1:4 malformed UTF-8 (byte 0xed)"},
		{"a: &x 1\nb: &x 2", "2:4 the anchor '&x' is there twice"},
		{"a: &x [*x]", "1:8 the alias '*x' stands for a value that contains it"},
		{"a: *x", "1:4 there is no anchor '&x'"},
		{"*a : b", "1:1 there is no anchor '&a'"},
		{"a: [b\n", "2:1 did not find expected ',' or ']'"},
		{"a: \"b", "1:4 found unexpected end of stream"},
		{"a: [x?y]", "1:6 a '?' inside brackets"},
		{"a: [!x,b]", "1:5 SAM CLI's reader does not see this tag end"},
		{"a: !b:!c d", "1:4 SAM CLI's reader does not see this tag end"},
		{"a: |# c\n  x\n", "1:5 a '#' directly behind"},
		{"%YAML 1.1#\n---\na: 1", "1:10 a '#' in a directive"},
		{"a: \"\\q\"", "1:5 found unknown escape character"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		expect_error(sg_str(rows[i].text), rows[i].error);
	}
	expect_error((struct sg_str){"a: 1\nb: \0x\nc: 2", 15}, "2:4 a NUL byte");
	expect_error((struct sg_str){"\x7f"
				     "ELF\x02\x01\x01\0\0\0",
				     10},
		     "1:1 character U+007F");
}
END_TEST

START_TEST(long_implicit_keys_are_refused)
{
	char text[1200];
	memset(text, 'k', sizeof(text));
	memcpy(text + 1100, ": 1", 4);
	struct loaded l = load(text);
	ck_assert(!l.root);
	sg_arena_free(l.a);
	memcpy(text + 1000, ": 1", 4);
	l = load(text);
	ck_assert(l.root && l.root->members[0].key->text.n == 1000);
	sg_arena_free(l.a);
}
END_TEST

/* ---------------------------------------------------------------------------------------------- spans */

static void spans(struct sg_buf *out, const struct loaded *l, const struct sg_node *n)
{
	struct sg_str text = sg_source_text(l->sources, n->span.source);
	if (sg_node_tag_span(n).source)
		sg_buf_addf(out, "(%.*s)",
			    SG_FMT(sg_str_sub(text, sg_node_tag_span(n).start,
					      sg_node_tag_span(n).end - sg_node_tag_span(n).start)));
	sg_buf_addf(out, "%u[%.*s]", n->span.start,
		    SG_FMT(sg_str_sub(text, n->span.start, n->span.end - n->span.start)));
	for (size_t i = 0; i < n->n && n->why != SG_WHY_ALIAS; i++) {
		if (n->kind == SG_MAP)
			spans(out, l, n->members[i].key);
		spans(out, l, n->kind == SG_MAP ? n->members[i].value : n->items[i]);
	}
}

START_TEST(spans_cover_what_was_written)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{"a: 'x' # c\n", "0[a: 'x']0[a]3['x']"},
		{"a: !Ref \"x\"\n", "0[a: !Ref \"x\"]0[a](!Ref)8[\"x\"]"},
		{"a: !!str &q b\n", "0[a: !!str &q b]0[a](!!str)12[b]"},
		{"a: &q !!str\n  b\n", "0[a: &q !!str\n  b]0[a](!!str)14[b]"},
		{"a: !<t:x> [b]\n", "0[a: !<t:x> [b]]0[a](!<t:x>)10[[b]]11[b]"},
		{"a:\nb: ''\n", "0[a:\nb: '']0[a]2[]3[b]6['']"},
		{"a: !x\nb: 1\n", "0[a: !x\nb: 1]0[a](!x)5[]6[b]9[1]"},
		{"a:\n- b\n\n\n# c\nd: e\n", "0[a:\n- b\n\n\n# c\nd: e]0[a]3[- b]5[b]13[d]16[e]"},
		{"a: |\n  x\n\n  y\n\nb: 1\n", "0[a: |\n  x\n\n  y\n\nb: 1]0[a]3[|\n  x\n\n  y]15[b]18[1]"},
		{"a: !Sub # c\n  - >- # d\n    x\n",
		 "0[a: !Sub # c\n  - >- # d\n    x]0[a](!Sub)14[- >- # d\n    x]16[>- # d\n    x]"},
		{"a: {b: [c, ]}  \n", "0[a: {b: [c, ]}]0[a]3[{b: [c, ]}]4[b]7[[c, ]]8[c]"},
		{"a: &x {}\nb: *x\n", "0[a: &x {}\nb: *x]0[a]6[{}]9[b]12[*x]"},
		{"\xef\xbb\xbf"
		 "a: \xc3\xa9\r\nb: 'c'\r\n",
		 "3[a: \xc3\xa9\r\nb: 'c']3[a]6[\xc3\xa9]10[b]13['c']"},
		{"- [!Ref a, !Ref b]\n", "0[- [!Ref a, !Ref b]]2[[!Ref a, !Ref b]](!Ref)8[a](!Ref)16[b]"},
		{"a: x\n  y\nb: \"q\n  r\"\n", "0[a: x\n  y\nb: \"q\n  r\"]0[a]3[x\n  y]9[b]12[\"q\n  r\"]"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct loaded l = load(rows[i].text);
		struct sg_buf out = {0};
		ck_assert(l.root);
		spans(&out, &l, l.root);
		const char *want = rows[i].want;
		ck_assert_msg(!strcmp(out.p, want), "%s\ngot    %s\nwanted %s", rows[i].text, out.p, want);
		sg_buf_free(&out);
		sg_arena_free(l.a);
	}
}
END_TEST

START_TEST(nodes_keep_style_and_tag)
{
	struct loaded l = load("[a, 'a', \"a\", {b: |\n  x\n, c: >\n  x\n}]");
	ck_assert(!l.root); /* block scalars have no place in brackets */
	sg_arena_free(l.a);
	l = load("- a\n- 'a'\n- \"a\"\n- |\n  a\n- >\n  a\n- [a]\n- {}\n- !!int 1\n- ! x\n");
	static const enum sg_style styles[] = {SG_PLAIN, SG_SINGLE, SG_DOUBLE, SG_LITERAL, SG_FOLDED,
					       SG_FLOW,  SG_FLOW,   SG_PLAIN,  SG_PLAIN};
	ck_assert(l.root && l.root->n == COUNT(styles) && l.root->style == SG_BLOCK);
	for (size_t i = 0; i < COUNT(styles); i++)
		ck_assert_int_eq(l.root->items[i]->style, styles[i]);
	ck_assert(sg_str_is(sg_node_tag(l.root->items[7]), "tag:yaml.org,2002:int") &&
		  sg_str_is(sg_node_tag(l.root->items[8]), "!"));
	ck_assert(!sg_node_tag(l.root->items[0]).n);
	sg_arena_free(l.a);
}
END_TEST

START_TEST(aliases_share_and_remember)
{
	struct loaded l = load("a: &x\n  k: [1, 2]\nb: *x\n");
	const struct sg_node *a = sg_node_get(l.root, "a"), *b = sg_node_get(l.root, "b");
	ck_assert(b->why == SG_WHY_ALIAS && b->from == a && b->members == a->members && b->weight == a->weight);
	ck_assert_uint_eq(sg_pos_start(l.sources, b->span).line, 3);
	ck_assert_uint_eq(l.root->weight, 1 + 2 + 2 * a->weight);
	sg_arena_free(l.a);
}
END_TEST

/* ---------------------------------------------------------------------------------------------- notes */

START_TEST(duplicates_are_noted_as_pyyaml_sees_them)
{
	static const struct {
		const char *text;
		size_t n;
	} rows[] = {
		{"a: 1\na: 2", 1},
		{"a: 1\n'a': 2\n\"a\": 3", 2},
		{"{k: 1, j: {q: 1, q: 2}}", 1},
		{"Yes: 1\nyes: 2", 1},
		{"on: 1\n1: 2\n1.0: 3", 2},
		{"012: 1\n10: 2", 1},
		{"012: 1\n12: 2", 0},
		{"'10': 1\n10: 2", 0},
		{"~: 1\nnull: 2", 1},
		{"null: 1\n'null': 2", 0},
		{"=: 1\n'=': 2", 1},
		{"a: &x a\n*x : 2", 1},
		{"<<: {}\n<<: {}", 1},
		{"Resources: 1\nOutputs: 2\nResources: 3", 1},
		{"Resources: 1\nOutputs: 2\nParameters: 3", 0},
		{".nan: 1\n99999999999999999999: 2\n99999999999999999999: 3", 1},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct loaded l = load(rows[i].text);
		ck_assert_msg(l.root && l.notes.duplicates.n == rows[i].n, "%s: %zu", rows[i].text,
			      l.notes.duplicates.n);
		sg_yaml_report_duplicates(l.d, &l.notes);
		ck_assert_uint_eq(sg_diags_errors(l.d), rows[i].n);
		sg_arena_free(l.a);
	}
	struct loaded l = load("x: 1\nfoo: 2\nfoo: 3\n");
	sg_yaml_report_duplicates(l.d, &l.notes);
	struct sg_str error = first_error(&l);
	ck_assert_msg(sg_str_is(error, "3:1 the key 'foo' is there twice (first on line 2)"), "%.*s", SG_FMT(error));
	sg_arena_free(l.a);
}
END_TEST

START_TEST(readers_that_differ_are_noted)
{
	struct loaded l = load("a: 'x'\nb: 'it''''s'\nc: \"x\xc2\x85y\"\n");
	ck_assert(l.root && !l.notes.parted_why.n);
	ck_assert_uint_eq(l.notes.differences.n, 2);
	ck_assert_uint_eq(sg_pos_start(l.sources, l.notes.differences.v[0].node->span).line, 2);
	ck_assert(sg_str_is(l.notes.differences.v[0].libyaml, "it''s"));
	ck_assert(!sg_str_is(l.notes.differences.v[0].libfyaml, "it''s"));
	sg_yaml_report_differences(l.d, &l.notes);
	ck_assert_uint_eq(sg_diags_errors(l.d), 2);
	sg_arena_free(l.a);

	l = load("Fn::Base64:\n  !Sub |\n    yum update -y\n"); /* for libfyaml an empty string, then trouble */
	ck_assert(l.root && l.notes.parted_why.n && !l.notes.differences.n);
	ck_assert_uint_eq(sg_pos_start(l.sources, l.notes.parted).line, 3);
	sg_yaml_report_differences(l.d, &l.notes);
	ck_assert_uint_eq(sg_diags_errors(l.d), 1);
	sg_arena_free(l.a);

	l = load("a: 'it''s'\nb: [1, {c: d}]\n");
	ck_assert(l.root && !l.notes.parted_why.n && !l.notes.differences.n);
	sg_arena_free(l.a);
}
END_TEST

START_TEST(libfyaml_can_be_asked_alone)
{
	struct sg_arena *a = sg_arena_new();
	struct sg_sources *s = sg_sources_new(a);
	struct sg_diags *d = sg_diags_new(a, s);
	uint32_t quotes = sg_source_add(s, SG_LIT("q"), SG_LIT("a: 'it''''s'\n"));
	uint32_t base64 = sg_source_add(s, SG_LIT("b"), SG_LIT("a:\n  !Sub |\n    x y\n"));
	const struct sg_node *root = sg_yaml_load_by(SG_YAML_LIBFYAML, a, d, quotes, NULL, NULL);
	ck_assert(root && !sg_node_is(sg_node_get(root, "a"), "it''s"));
	ck_assert_ptr_null(sg_yaml_load_by(SG_YAML_LIBFYAML, a, d, base64, NULL, NULL));
	ck_assert_uint_eq(sg_diags_errors(d), 1);
	ck_assert_ptr_nonnull(sg_yaml_load(a, d, base64, NULL, NULL));
	sg_arena_free(a);
}
END_TEST

/* ---------------------------------------------------------------------------------------------- ceilings */

static struct sg_str repeated(struct sg_arena *a, const char *head, const char *unit, size_t n, const char *tail)
{
	struct sg_buf b = {0};
	sg_buf_adds(&b, head);
	for (size_t i = 0; i < n; i++)
		sg_buf_adds(&b, unit);
	sg_buf_adds(&b, tail);
	return sg_buf_take(&b, a);
}

START_TEST(depth_has_a_ceiling)
{
	static const char *const units[] = {"[", "{a: ", "- ", "[\n", "? "};
	struct sg_arena *a = sg_arena_new();
	for (size_t i = 0; i < COUNT(units); i++) {
		struct loaded l = load_within(repeated(a, "", units[i], 100000, ""), NULL);
		ck_assert(!l.root);
		ck_assert_msg(sg_str_find(first_error(&l), "nested deeper than 200 levels", 0) != SIZE_MAX ||
				      !strcmp(units[i], "[\n"),
			      "%s: %.*s", units[i], SG_FMT(first_error(&l)));
		sg_arena_free(l.a);
	}
	struct sg_buf b = {0};
	struct sg_str open = repeated(a, "", "[", 200, "");
	sg_buf_str(&b, open);
	sg_buf_fill(&b, ']', 200);
	struct loaded l = load_within(sg_buf_view(&b), NULL);
	ck_assert(l.root != NULL);
	sg_arena_free(l.a);
	sg_buf_free(&b);
	sg_arena_free(a);
}
END_TEST

START_TEST(aliases_of_aliases_have_a_ceiling)
{
	struct sg_buf b = {0};
	sg_buf_adds(&b, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
	for (int i = 1; i < 40; i++) {
		sg_buf_addf(&b, "a%d: &a%d [", i, i);
		for (int k = 0; k < 10; k++)
			sg_buf_addf(&b, "%s*a%d", k ? ", " : "", i - 1);
		sg_buf_adds(&b, "]\n");
	}
	struct loaded l = load_within(sg_buf_view(&b), NULL);
	struct sg_str error = first_error(&l);
	ck_assert_msg(!l.root && sg_str_starts(error, "6:") &&
			      sg_str_find(error, "the aliases expand to more than 1000000 values", 0) != SIZE_MAX,
		      "%.*s", SG_FMT(error));
	sg_arena_free(l.a);
	sg_buf_free(&b);
}
END_TEST

START_TEST(nodes_and_bytes_have_a_ceiling)
{
	struct sg_yaml_limits few = {.nodes = 5};
	struct loaded l = load_within(SG_LIT("[1, 2, 3, 4]"), &few);
	ck_assert(l.root != NULL);
	sg_arena_free(l.a);
	l = load_within(SG_LIT("[1, 2, 3, 4,\n 5]"), &few);
	struct sg_str error = first_error(&l);
	ck_assert_msg(sg_str_is(error, "2:2 more than 5 values in one file"), "%.*s", SG_FMT(error));
	sg_arena_free(l.a);
	struct sg_yaml_limits small = {.bytes = 5};
	l = load_within(SG_LIT("a: 123"), &small);
	ck_assert(!l.root);
	sg_arena_free(l.a);
	l = load_within(SG_LIT("a: 12"), &small);
	ck_assert(l.root != NULL);
	sg_arena_free(l.a);
}
END_TEST

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double time_of_map(size_t members)
{
	struct sg_buf b = {0};
	for (size_t i = 0; i < members; i++)
		sg_buf_addf(&b, "%s%zu: v\n", i % 2 ? "key" : "", i);
	double from = seconds();
	struct loaded l = load_within(sg_buf_view(&b), NULL);
	double took = seconds() - from;
	ck_assert(l.root && l.root->n == members && !l.notes.duplicates.n);
	sg_arena_free(l.a);
	sg_buf_free(&b);
	return took;
}

START_TEST(large_maps_are_linear)
{
	time_of_map(1000);
	double small = time_of_map(12500), large = time_of_map(50000);
	ck_assert_msg(large < 12 * small + 0.05, "12,500 members: %.3f s; 50,000: %.3f s", small, large);
}
END_TEST

START_TEST(large_files_are_read)
{
	struct sg_arena *a = sg_arena_new();
	struct sg_str block =
		repeated(a, "", "- Type: AWS::Lambda::Function\n  Properties: {MemorySize: 128, Role: !GetAtt R.Arn}\n",
			 28000, "");
	ck_assert_uint_gt(block.n, 2300000);
	struct loaded l = load_within(block, NULL);
	ck_assert(l.root && l.root->n == 28000 && !l.notes.parted_why.n);
	sg_arena_free(l.a);
	struct sg_str line = repeated(a, "[", "{a: [b, 'c']},", 100000, "]"); /* libfyaml keeps all tokens of a line */
	l = load_within(line, NULL);
	ck_assert(l.root && l.root->n == 100000);
	sg_arena_free(l.a);
	sg_arena_free(a);
}
END_TEST

START_TEST(blank_lines_do_not_cost_more_than_they_are_worth)
{
	static const char *const rows[][2] = {
		{"a: >\n", "  x"}, {"a: |\n", "  x"}, {"a: \"", "x\""}, {"a: b\n", "  c"}};
	struct sg_arena *a = sg_arena_new();
	for (size_t i = 0; i < COUNT(rows); i++) {
		double from = seconds();
		struct loaded l = load_within(repeated(a, rows[i][0], "\n", 300000, rows[i][1]), NULL);
		ck_assert(l.root && l.notes.parted_why.n); /* libfyaml would need minutes for it */
		ck_assert(seconds() - from < 5);
		sg_arena_free(l.a);
		l = load_within(repeated(a, rows[i][0], "\n", 300, rows[i][1]), NULL);
		ck_assert(l.root && !l.notes.parted_why.n);
		sg_arena_free(l.a);
	}
	sg_arena_free(a);
}
END_TEST

/* ---------------------------------------------------------------------------------------------- writing */

START_TEST(scalars_are_spelt_so_that_nobody_errs)
{
	static const struct {
		struct sg_str text;
		const char *want; /* NULL: cannot be spelt */
	} rows[] = {
		{{"abc", 3}, "abc"},
		{{"AWS::Lambda::Function", 21}, "AWS::Lambda::Function"},
		{{"a/b.c_d-1", 9}, "a/b.c_d-1"},
		{{"a:", 2}, "'a:'"},
		{{"a: b", 4}, "'a: b'"},
		{{"", 0}, "''"},
		{{"yes", 3}, "'yes'"},
		{{"No", 2}, "'No'"},
		{{"Y", 1}, "'Y'"},
		{{"NULL", 4}, "'NULL'"},
		{{"tRUE", 4}, "'tRUE'"},
		{{"12", 2}, "'12'"},
		{{"012", 3}, "'012'"},
		{{"1e3", 3}, "'1e3'"},
		{{"2012-10-17", 10}, "'2012-10-17'"},
		{{"~", 1}, "'~'"},
		{{"=", 1}, "'='"},
		{{"<<", 2}, "'<<'"},
		{{"- a", 3}, "'- a'"},
		{{"it's", 4}, "'it''s'"},
		{{"it''s", 5}, "\"it''s\""},
		{{" a ", 3}, "' a '"},
		{{"a\nb", 3}, "\"a\\nb\""},
		{{"a\tb", 3}, "\"a\\tb\""},
		{{"a\0b", 3}, NULL},
		{{"\x7f", 1}, "\"\\x7F\""},
		{{"\xff", 1}, NULL},
		{{"\xef\xbf\xbe", 3}, NULL},
		{{"\xef\xbb\xbf"
		  "a",
		  4},
		 "\"\\uFEFFa\""},
		{{"\xc2\x85", 2}, "\"\\N\""},
		{{"\xe2\x80\xa8", 3}, "\"\\L\""},
		{{"\xc3\xa9", 2}, "'\xc3\xa9'"},
		{{"\xf0\x9f\x98\x80", 4}, "\"\\U0001F600\""},
		{{"x'\n- evil: yes", 14}, "\"x'\\n- evil: yes\""},
		{{"*a", 2}, "'*a'"},
		{{"!Ref a", 6}, "'!Ref a'"},
		{{"a #b", 4}, "'a #b'"},
		{{"{a}", 3}, "'{a}'"},
		{{"%a", 2}, "'%a'"},
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sg_buf out = {0};
		bool ok = sg_yaml_scalar(&out, rows[i].text);
		ck_assert_msg(ok == (rows[i].want != NULL), "row %zu", i);
		ck_assert_msg(ok ? !strcmp(out.p, rows[i].want) : !out.n, "row %zu: got %s, wanted %s", i, out.p,
			      rows[i].want);
		sg_buf_free(&out);
	}
}
END_TEST

START_TEST(long_scalars_stay_on_one_line)
{
	struct sg_arena *a = sg_arena_new();
	struct sg_str texts[] = {repeated(a, "", "word and ", 3000, ""), repeated(a, "x\n", "word\\ \" ", 3000, "")};
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct sg_buf out = {0};
		ck_assert(sg_yaml_scalar(&out, texts[i]));
		ck_assert_ptr_null(strchr(out.p, '\n'));
		struct loaded l = load_within(sg_buf_view(&out), NULL);
		ck_assert(l.root && sg_str_eq(l.root->text, texts[i]) && !l.notes.differences.n);
		sg_arena_free(l.a);
		sg_buf_free(&out);
	}
	sg_arena_free(a);
}
END_TEST

static void expect_emitted(const char *text, const char *want)
{
	struct loaded l = load(text);
	struct sg_buf out = {0};
	ck_assert_msg(l.root, "%s", text);
	bool ok = sg_yaml_emit(&out, l.root, 0);
	ck_assert_msg(ok == (want != NULL), "%s", text);
	ck_assert_msg(ok ? !strcmp(out.p, want) : !out.n, "%s\ngot    %s\nwanted %s", text, out.p, want);
	sg_buf_free(&out);
	sg_arena_free(l.a);
}

START_TEST(trees_are_written_in_canonical_form)
{
	expect_emitted("{a: on, b: [012, 1.50, 1.0e+16, ~, 'on'], c: {}, d: []}",
		       "a: true\nb:\n- 10\n- 1.5\n- 1.0e+16\n- null\n- 'on'\nc: {}\nd: []\n");
	expect_emitted("a: &x {k: v w}\nb: *x\n", "a:\n  k: 'v w'\nb:\n  k: 'v w'\n");
	expect_emitted("a: !Ref X\nb: !Sub ['${x}', {x: 1}]\nc: !GetAtt a.b\nd: !If [c, !Ref 012, !GetAZs '']\n",
		       "a: !Ref X\nb: !Sub\n- '${x}'\n- x: 1\nc: !GetAtt a.b\nd: !If\n- c\n- !Ref '012'\n- !GetAZs "
		       "''\n");
	expect_emitted("a: .inf\nb: .nan\n", "a: .inf\nb: .nan\n");
	expect_emitted("a: =", NULL);
	expect_emitted("a: !!binary x", NULL);
	expect_emitted("a: !!set {x}", NULL);
	expect_emitted("%TAG !e! !a,b\n---\na: !e!str 1", NULL); /* found by fuzzing */
}
END_TEST

START_TEST(indented_trees)
{
	struct loaded l = load("a: [b]\n");
	struct sg_buf out = {0};
	ck_assert(sg_yaml_emit(&out, l.root, 4));
	ck_assert_str_eq(out.p, "    a:\n    - b\n");
	sg_buf_free(&out);
	sg_arena_free(l.a);
}
END_TEST

START_TEST(random_strings_come_back)
{
	static const char *const bits[] = {"a",
					   "Z",
					   "0",
					   "9",
					   " ",
					   "'",
					   "''",
					   "\"",
					   "\\",
					   ":",
					   ": ",
					   "#",
					   " #",
					   "-",
					   "\n",
					   "\t",
					   "\r",
					   "!",
					   "&",
					   "*",
					   "{",
					   "}",
					   "[",
					   "]",
					   ",",
					   "?",
					   "|",
					   ">",
					   "%",
					   "@",
					   "`",
					   "=",
					   "~",
					   "<",
					   "on",
					   "null",
					   "\xc3\xa9",
					   "\xc2\x85",
					   "\xe2\x80\xa8",
					   "\xef\xbb\xbf",
					   "\xf0\x9f\x98\x80",
					   "\x01",
					   "\x7f",
					   "\xc2\xa0"};
	uint32_t seed = 7;
	for (int round = 0; round < 5000; round++) {
		struct sg_buf text = {0}, out = {0};
		seed = seed * 1664525u + 1013904223u;
		for (uint32_t n = (seed >> 24) % 9; n--;) {
			seed = seed * 1664525u + 1013904223u;
			sg_buf_adds(&text, bits[(seed >> 16) % COUNT(bits)]);
		}
		sg_buf_adds(&out, "k: ");
		ck_assert(sg_yaml_scalar(&out, sg_buf_view(&text)));
		struct loaded l = load_within(sg_buf_view(&out), NULL);
		const struct sg_node *v = sg_node_get(l.root, "k");
		ck_assert_msg(v && sg_read_yaml11(v).type == SG_T_STRING && sg_str_eq(v->text, sg_buf_view(&text)),
			      "%s", out.p);
		ck_assert_msg(!l.notes.differences.n && !l.notes.parted_why.n && sg_readings_agree(v), "%s", out.p);
		sg_arena_free(l.a);
		sg_buf_free(&text);
		sg_buf_free(&out);
	}
}
END_TEST

UNIT_MAIN("yaml", texts_become_trees, the_first_document_can_be_read_alone,
	  what_pyyaml_refuses_is_refused_with_its_place, long_implicit_keys_are_refused, spans_cover_what_was_written,
	  nodes_keep_style_and_tag, aliases_share_and_remember, duplicates_are_noted_as_pyyaml_sees_them,
	  readers_that_differ_are_noted, libfyaml_can_be_asked_alone, depth_has_a_ceiling,
	  aliases_of_aliases_have_a_ceiling, nodes_and_bytes_have_a_ceiling, large_maps_are_linear,
	  large_files_are_read, blank_lines_do_not_cost_more_than_they_are_worth, scalars_are_spelt_so_that_nobody_errs,
	  long_scalars_stay_on_one_line, trees_are_written_in_canonical_form, indented_trees, random_strings_come_back)
