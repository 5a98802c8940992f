/* Unit tests of toml/. */
#include "toml/toml.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

struct fixture {
	struct sg_arena *arena;
	struct sg_sources *sources;
	struct sg_diags *diags;
};

static struct fixture setup(void)
{
	struct fixture f = {.arena = sg_arena_new()};
	f.sources = sg_sources_new(f.arena);
	return f;
}

static const struct sg_node *load(struct fixture *f, struct sg_str text)
{
	f->diags = sg_diags_new(f->arena, f->sources);
	return sg_toml_load(f->arena, sg_source_add(f->sources, SG_LIT("f.toml"), text), f->diags);
}

static void spell(struct sg_buf *out, const struct sg_node *n)
{
	if (n->kind == SG_SCALAR) {
		sg_buf_addf(out, n->style == SG_PLAIN ? "%.*s" : "'%.*s'", SG_FMT(n->text));
		return;
	}
	sg_buf_addc(out, n->kind == SG_MAP ? '{' : '[');
	for (size_t i = 0; i < n->n; i++) {
		if (n->kind == SG_MAP)
			sg_buf_addf(out, "%s%.*s=", i ? "," : "", SG_FMT(n->members[i].key->text));
		else if (i)
			sg_buf_addc(out, ',');
		spell(out, n->kind == SG_MAP ? n->members[i].value : n->items[i]);
	}
	sg_buf_addc(out, n->kind == SG_MAP ? '}' : ']');
}

START_TEST(documents_of_the_specification)
{
	static const struct {
		const char *toml, *tree;
	} cases[] = {
		{"", "{}"},
		{"# only\r\n\n", "{}"},
		{"a = 1\nb = 'x' # more", "{a=1,b='x'}"},
		{"a.b.c = 1\na.b.d = 2", "{a={b={c=1,d=2}}}"},
		{"\"a.b\".'c d' = true", "{a.b={c d=true}}"},
		{"[a.b]\nx = 1\n[a]\ny = 2\n[c]", "{a={b={x=1},y=2},c={}}"},
		{"[[l]]\na = 1\n[[l]]\n[l.sub]\nb = 2", "{l=[{a=1},{sub={b=2}}]}"},
		{"fruit.apple.color = 1\n[fruit.apple.texture]\ns = 2", "{fruit={apple={color=1,texture={s=2}}}}"},
		{"a = [1, [2, # two\n 'x',\n], {b.c = 1, d = []}, ]", "{a=[1,[2,'x'],{b={c=1},d=[]}]}"},
		{"a = +1_000\nb = -0\nc = 0xFf\nd = 0o17\ne = 0b1_0\nf = 123456789012345678901234567890",
		 "{a=1000,b=0,c=255,d=15,e=2,f=123456789012345678901234567890}"},
		{"a = 1.5\nb = -1_0.0_1e+1_0\nc = inf\nd = -inf\ne = +nan\nf = 1E06",
		 "{a=1.5,b=-10.01e10,c=.inf,d=-.inf,e=.nan,f=1e06}"},
		{"a = 2024-02-29\nb = 1979-05-27T07:32:00Z\nc = 1979-05-27 00:32:00.5-07:00\nd = 07:32:00",
		 "{a='2024-02-29',b='1979-05-27 07:32:00+00:00',c='1979-05-27 00:32:00.500000-07:00',d='07:32:00'}"},
		{"a = \"\\b\\t\\n\\f\\r\\\"\\\\\\u00e9\\U0001F600\"\nb = 'C:\\x'",
		 "{a='\b\t\n\f\r\"\\\xc3\xa9\xf0\x9f\x98\x80',b='C:\\x'}"},
		{"a = \"\"\"\r\none\r\n two \\\n   \n\t three\"\"\"\nb = '''x''y'''\nc = \"\"\"\"q\"\"\"\"\"",
		 "{a='one\n two three',b='x''y',c='\"q\"\"'}"},
		{"a = {b = 1, # more\n c = \"\\e\\x41\",\n}\nd = 2024-01-01 07:32Z",
		 "{a={b=1,c='\x1b\x41'},d='2024-01-01 07:32:00+00:00'}"},
		{"1 = 1\n-x_ = 2", "{1=1,-x_=2}"},
	};
	struct fixture f = setup();
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct sg_buf out = {0};
		const struct sg_node *root = load(&f, sg_str(cases[i].toml));
		ck_assert_msg(root != NULL, "%s: %.*s", cases[i].toml,
			      SG_FMT(sg_diags_count(f.diags) ? sg_diags_at(f.diags, 0)->message : SG_LIT("?")));
		spell(&out, root);
		ck_assert_str_eq(out.p, cases[i].tree);
		sg_buf_free(&out);
	}
	sg_arena_free(f.arena);
}
END_TEST

START_TEST(what_is_not_toml_is_told_with_its_place)
{
	static const struct {
		const char *toml;
		unsigned line, column;
	} cases[] = {
		{"a", 1, 2},
		{"a =", 1, 4},
		{"a = x", 1, 5},
		{"a = 1 b = 2", 1, 7},
		{"\na = 012", 2, 5},
		{"a = 1__0", 1, 5},
		{"a = 1.", 1, 5},
		{"a = .5", 1, 5},
		{"a = 0x", 1, 5},
		{"a = +0x1", 1, 5},
		{"a = True", 1, 5},
		{"a = 2023-02-29", 1, 5},
		{"a = 25:00:00", 1, 5},
		{"a = 'x", 1, 5},
		{"a = 'x\ny'", 1, 7},
		{"a = \"\"\"x", 1, 5},
		{"a = \"\\q\"", 1, 6},
		{"a = \"\\ud800\"", 1, 6},
		{"a = 1\na = 2", 2, 1},
		{"a = 1\na.b = 2", 2, 1},
		{"[a]\n[a]", 2, 2},
		{"a = []\n[[a]]", 2, 3},
		{"[[a]]\n[a]", 2, 2},
		{"a = {}\n[a.b]", 2, 2},
		{"a = {b = 1}\na.c = 2", 2, 1},
		{"a.b = 1\n[a]", 2, 2},
		{"[a.b]\n[c]\n[a]\nb.x = 1", 4, 1},
		{"[a", 1, 1},
		{"[[a]", 1, 1},
		{"a = [1, 2", 1, 5},
		{"a = [1 2]", 1, 5},
		{"a = {b = 1,,}", 1, 12},
		{"a = {b = 1\nc = 2}", 1, 5},
		{"a = \"\\x1\"", 1, 6},
		{"a = 07:3", 1, 5},
		{"= 1", 1, 1},
		{"a..b = 1", 1, 3},
		{"\"\"\"a\"\"\" = 1", 1, 3},
		{"a = 1 # \x01", 1, 9},
		{"a = 1\rb = 2", 1, 6},
		{"\xef\xbb\xbf"
		 "a = 1",
		 1, 1},
		{"a = '\xff'", 1, 6},
	};
	struct fixture f = setup();
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		ck_assert_msg(!load(&f, sg_str(cases[i].toml)), "%s", cases[i].toml);
		ck_assert_uint_eq(sg_diags_count(f.diags), 1);
		struct sg_pos pos = sg_pos_start(f.sources, sg_diags_at(f.diags, 0)->span);
		ck_assert_msg(pos.line == cases[i].line && pos.column == cases[i].column, "%s: %u:%u", cases[i].toml,
			      pos.line, pos.column);
	}
	ck_assert(!load(&f, (struct sg_str){"a = '\0'", 8}));
	sg_arena_free(f.arena);
}
END_TEST

START_TEST(spans_are_exact)
{
	struct fixture f = setup();
	const struct sg_node *root = load(&f, SG_LIT("[default.deploy]\nx = [ 'a' ]\n"));
	const struct sg_node *deploy = sg_node_get(sg_node_get(root, "default"), "deploy"),
			     *x = sg_node_get(deploy, "x");
	ck_assert_uint_eq(deploy->span.start, 0);
	ck_assert_uint_eq(deploy->span.end, 16);
	ck_assert_uint_eq(x->span.start, 21);
	ck_assert_uint_eq(x->span.end, 28);
	ck_assert_uint_eq(x->items[0]->span.start, 23);
	ck_assert_uint_eq(x->items[0]->span.end, 26);
	ck_assert_uint_eq(sg_node_key(deploy, "x")->span.start, 17);
	sg_arena_free(f.arena);
}
END_TEST

/* Each of the three would take the stack or the memory of the machine. */
START_TEST(depth_and_size_have_ceilings)
{
	static const char *const pieces[] = {"[", "{a=", "a."};
	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++)
		for (size_t n = 90; n <= 200000; n += 199910) {
			struct fixture f = setup();
			struct sg_buf text = {0};
			sg_buf_adds(&text, i < 2 ? "x = " : "");
			for (size_t k = 0; k < n; k++)
				sg_buf_adds(&text, pieces[i]);
			if (i < 2)
				sg_buf_adds(&text, "1");
			else
				sg_buf_adds(&text, "a = 1");
			for (size_t k = 0; i < 2 && k < n; k++)
				sg_buf_addc(&text, "]}"[i]);
			ck_assert((load(&f, sg_buf_view(&text)) != NULL) == (n == 90));
			sg_buf_free(&text);
			sg_arena_free(f.arena);
		}
}
END_TEST

START_TEST(damaged_documents_are_told_about)
{
	static const char whole[] = "version = 0.1\n[default.deploy.parameters]\nx = \"\"\"a\\u00e9\"\"\"\n"
				    "y = [1, {a.b = 2024-01-01 07:00:00.5Z}, 'z']\n[[l]]\n\"q\" = 0x1f\n";
	for (size_t n = 0; n < sizeof(whole); n++)
		for (int c = 0; c < 256; c += n % 7 ? 51 : 1) {
			struct fixture f = setup();
			struct sg_str text = sg_str_dup(f.arena, (struct sg_str){whole, n});
			((char *)(uintptr_t)text.p)[n ? n / 2 : 0] = n ? (char)c : 0;
			const struct sg_node *root = load(&f, text);
			ck_assert((root == NULL) == (sg_diags_errors(f.diags) > 0));
			sg_arena_free(f.arena);
		}
}
END_TEST

UNIT_MAIN("toml", documents_of_the_specification, what_is_not_toml_is_told_with_its_place, spans_are_exact,
	  depth_and_size_have_ceilings, damaged_documents_are_told_about)
