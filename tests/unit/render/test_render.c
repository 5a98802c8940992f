/* Unit tests of render/: encoders, skeletons, stamps, differences.  Files as wholes are in tests/golden/render. */
#include "render/render_priv.h"
#include "unit.h"

#include "yaml/yaml.h"

#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static struct sg_arena *arena;

static struct sg_scope *scope_of(const char *name, const char *value)
{
	struct sg_spec spec;
	sg_spec_defaults(arena, &spec);
	struct sg_setting tag = {.set = true, .name = sg_str(name), .text = sg_str(value)};
	SG_PUSH(arena, &spec.tags.list, tag);
	return sg_scope_new(arena, &spec, SG_LIT(""));
}

/* The skeleton filled with the tag name: value, or "(refused NAME)". */
static const char *filled(const char *skeleton, enum sg_format format, const char *name, const char *value)
{
	struct sg_buf out = {0};
	struct sg_str bad = {0};
	if (!sg_skeleton_fill(arena, skeleton, format, scope_of(name, value), &out, &bad)) {
		sg_buf_free(&out);
		return sg_strf(arena, "(refused %.*s)", SG_FMT(bad)).p;
	}
	return sg_buf_take(&out, arena).p;
}

START_TEST(skeletons_fill)
{
	static const struct {
		const char *skeleton;
		enum sg_format format;
		const char *value, *wanted;
	} rows[] = {
		{"a: 'b' # it's\n", SG_FORMAT_YAML, "", "a: 'b' # it's\n"},
		{"a: '@{memory}'\n", SG_FORMAT_YAML, "", "a: 256\n"},
		{"a: 'x@{memory}'\n", SG_FORMAT_YAML, "", "a: x256\n"},
		{"a = \"@{memory}\"\n", SG_FORMAT_TOML, "", "a = 256\n"},
		{"[!Select ['@{memory}', '@{name}']]\n", SG_FORMAT_YAML, "",
		 "[!Select [256, workflow-python-executor]]\n"},
		{"#@if concurrency.set\nx\n#@end\ny\n", SG_FORMAT_YAML, "", "y\n"},
		{"  #@unless concurrency.set\n  x\n  #@end\ny\n", SG_FORMAT_YAML, "", "  x\ny\n"},
		{"#@for t in tags\n#@if name\n- '@{t.name}=@{t.value}'\n#@end\n#@end\n", SG_FORMAT_YAML, "v",
		 "- 'n=v'\n"},
		{"#@for t in packages\nx\n#@end\n", SG_FORMAT_YAML, "", ""},
		{"#@for t in tags\na: '@{t.value}'\n#@end\n", SG_FORMAT_YAML, "x\nb: 1", "a: \"x\\nb: 1\"\n"},
		{"#@for t in tags\na: '@{t.value}'\n#@end\n", SG_FORMAT_YAML, "#@end", "a: '#@end'\n"},
		{"#@for t in tags\na: '@{t.value}'\n#@end\n", SG_FORMAT_YAML, "@{name}", "a: '@{name}'\n"},
		{"#@for t in tags\na: '@{t.value}'\n#@end\n", SG_FORMAT_YAML, "12", "a: '12'\n"},
		{"#@for t in tags\na: !Sub '${A}@{t.value}'\n#@end\n", SG_FORMAT_YAML, "${B}", "a: !Sub '${A}${!B}'\n"},
		{"#@for t in tags\na = \"@{t.value}\"\n#@end\n", SG_FORMAT_TOML, "\"\n\\\x7f'",
		 "a = \"\\\"\\u000A\\\\\\u007F'\"\n"},
		{"#@for t in tags\n{\"a\": \"@{t.value}\"}\n#@end\n", SG_FORMAT_JSON, "\"\n\\",
		 "{\"a\": \"\\\"\\n\\\\\"}\n"},
		{"#@for t in tags\n\tx --y @{t.value} $(Z)\n#@end\n", SG_FORMAT_MAKE, "3.12", "\tx --y 3.12 $(Z)\n"},
		{"#@for t in tags\n\tx @{t.value}\n#@end\n", SG_FORMAT_MAKE, "$(shell id)", "(refused t.value)"},
		{"#@for t in tags\n\tx @{t.value}\n#@end\n", SG_FORMAT_MAKE, "a b", "(refused t.value)"},
		{"#@for t in tags\n\tx @{t.value}\n#@end\n", SG_FORMAT_MAKE, "", "(refused t.value)"},
		{"#@for t in tags\nif: a == @{t.value|expr}\n#@end\n", SG_FORMAT_YAML, "it's", "if: a == 'it''s'\n"},
		{"#@for t in tags\nif: a == @{t.value|expr}\n#@end\n", SG_FORMAT_YAML, "x\ny", "(refused t.value)"},
		{"#@for t in tags\nif: a == @{t.value|expr}\n#@end\n", SG_FORMAT_YAML, "}}", "(refused t.value)"},
		{"#@for t in tags\na: '@{t.value}'\n#@end\n", SG_FORMAT_YAML, "\xff", "(refused t.value)"},
	};
	arena = sg_arena_new();
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *got = filled(rows[i].skeleton, rows[i].format, "n", rows[i].value);
		ck_assert_msg(!strcmp(got, rows[i].wanted), "row %zu: '%s'", i, got);
	}
	sg_arena_free(arena);
}
END_TEST

/* Whatever is in a value: the line it is in stays one line, and a reader sees that value. */
START_TEST(no_value_changes_the_structure)
{
	static const char *const parts[] = {
		"'",  "\"", "\n", "#",  "${", "}",   "!Ref ", ": ",       "- ",           "{", "[", "\\", "\t",
		"@{", "#@", "&a", "*a", "%",  "---", "\r",    "\xc2\x85", "\xe2\x80\xa8", " "};
	uint32_t seed = 7;
	for (int round = 0; round < 2000; round++) {
		struct sg_buf value = {0};
		arena = sg_arena_new();
		for (int k = 0; k < 6; k++) {
			seed = seed * 1664525u + 1013904223u;
			sg_buf_adds(&value, parts[(seed >> 16) % COUNT(parts)]);
		}
		struct sg_str wanted = sg_str_dup(arena, sg_buf_view(&value));
		sg_buf_free(&value);
		const char *skeleton = "#@for t in tags\na: '@{t.value}'\n'@{t.value}': b\n#@end\nc: d\n";
		struct sg_str text = sg_str(filled(skeleton, SG_FORMAT_YAML, "n", wanted.p));
		struct sg_sources *sources = sg_sources_new(arena);
		struct sg_diags *d = sg_diags_new(arena, sources);
		const struct sg_node *root =
			sg_yaml_load(arena, d, sg_source_add(sources, sg_str("x"), text), NULL, NULL);
		ck_assert_msg(root && root->n == 3, "'%s' in\n%s", wanted.p, text.p);
		ck_assert_msg(sg_str_eq(sg_read_yaml11(root->members[0].value).text, wanted), "'%s' in\n%s", wanted.p,
			      text.p);
		ck_assert_msg(sg_str_eq(root->members[1].key->text, wanted), "'%s' in\n%s", wanted.p, text.p);
		sg_arena_free(arena);
	}
}
END_TEST

START_TEST(stamps_tell_edits)
{
	struct sg_spec spec;
	struct sg_file_set set;
	arena = sg_arena_new();
	sg_spec_defaults(arena, &spec);
	ck_assert(sg_render(arena, &spec, sg_diags_new(arena, sg_sources_new(arena)), &set));
	ck_assert_uint_eq(set.n, 8);
	for (size_t i = 0; i < set.n; i++) {
		bool intact = false;
		struct sg_str text = set.files[i].text;
		ck_assert(sg_stamp_find(text, &intact) && intact);
		ck_assert_int_eq(sg_compare(&set.files[i], text), SG_CURRENT);
		struct sg_file other = {set.files[i].path, SG_MATCH_BYTES, SG_LIT("other")};
		ck_assert_int_eq(sg_compare(&other, text), SG_STALE);
		ck_assert_int_eq(sg_compare(&other, sg_strf(arena, "%.*s ", SG_FMT(text))), SG_EDITED);
		char *changed = strdup(text.p);
		changed[text.n - 2] ^= 1;
		ck_assert_int_eq(sg_compare(&other, sg_str(changed)), SG_EDITED);
		ck_assert_int_eq(sg_compare(&other, sg_str_sub(text, 150, SIZE_MAX)), SG_FOREIGN);
		ck_assert_int_eq(sg_compare(&other, sg_str_sub(text, 0, 100)) == SG_STALE, 0);
		free(changed);
	}
	sg_arena_free(arena);
}
END_TEST

START_TEST(samconfig_keys)
{
	static const char ours[] = "[default.global.parameters]\nstack_name = \"s\"\n[default.deploy.parameters]\n"
				   "capabilities = \"C\"\nresolve_s3 = true\n";
	static const struct {
		const char *theirs;
		enum sg_presence presence;
	} rows[] = {
		{"[default.global.parameters]\nstack_name = \"s\"\n[default.deploy.parameters]\ncapabilities = "
		 "\"C\"\n",
		 SG_CURRENT},
		{"[default.deploy.parameters]\nstack_name='s' # x\ncapabilities = \"C\"\nresolve_s3 = false\n",
		 SG_CURRENT},
		{"[default.global.parameters]\nstack_name = \"s\"\n", SG_FOREIGN},
		{"[default.global.parameters]\nstack_name = \"t\"\n[default.deploy.parameters]\ncapabilities = "
		 "\"C\"\n",
		 SG_FOREIGN},
		{"[default.global.parameters]\nstack_name = \"s\"\n[default.deploy.parameters]\nstack_name = "
		 "\"t\"\ncapabilities = \"C\"\n",
		 SG_FOREIGN},
		{"[prod.global.parameters]\nstack_name = \"s\"\n[default.deploy.parameters]\ncapabilities = "
		 "\"C\"\n",
		 SG_FOREIGN},
		{"x = \"\"\"\n[default.global.parameters]\nstack_name = "
		 "\"s\"\n[default.deploy.parameters]\ncapabilities = \"C\"\n\"\"\"\n",
		 SG_FOREIGN},
		{"#stack_name = \"s\"\n", SG_FOREIGN},
		{"", SG_FOREIGN},
	};
	struct sg_file file = {"samconfig.toml", SG_MATCH_KEYS, sg_str(ours)};
	for (size_t i = 0; i < COUNT(rows); i++)
		ck_assert_msg(sg_compare(&file, sg_str(rows[i].theirs)) == rows[i].presence, "row %zu", i);
}
END_TEST

static const char *diff_of(const char *old, const char *new)
{
	struct sg_buf out = {0};
	sg_diff(&out, "a", "b", sg_str(old), sg_str(new));
	return out.p ? sg_buf_take(&out, arena).p : "";
}

START_TEST(differences)
{
	arena = sg_arena_new();
	ck_assert_str_eq(diff_of("x\n", "x\n"), "");
	ck_assert_str_eq(diff_of("", "x\n"), "--- a\n+++ b\n@@ -0,0 +1,1 @@\n+x\n");
	ck_assert_str_eq(diff_of("x\n", ""), "--- a\n+++ b\n@@ -1,1 +0,0 @@\n-x\n");
	ck_assert_str_eq(diff_of("x", "x\n"), "--- a\n+++ b\n@@ -1,1 +1,1 @@\n-x\n\\ No newline at end of file\n+x\n");
	ck_assert_str_eq(diff_of("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"),
			 "--- a\n+++ b\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
	ck_assert_str_eq(diff_of("a\nb\nc\n", "a\nc\nd\n"), "--- a\n+++ b\n@@ -1,3 +1,3 @@\n a\n-b\n c\n+d\n");
	ck_assert_str_eq(diff_of("\x1b[2J\n", ""), "--- a\n+++ b\n@@ -1,1 +0,0 @@\n-\\x1b[2J\n");
	ck_assert_str_eq(diff_of("0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n", "x\n1\n2\n3\n4\n5\n6\n7\n8\ny\n"),
			 "--- a\n+++ b\n@@ -1,4 +1,4 @@\n-0\n+x\n 1\n 2\n 3\n@@ -7,4 +7,4 @@\n 6\n 7\n 8\n-9\n+y\n");
	sg_arena_free(arena);
}
END_TEST

/* Too many lines for the table: still right, if long. */
START_TEST(large_differences_are_bounded)
{
	struct sg_buf old = {0}, new = {0};
	arena = sg_arena_new();
	for (int i = 0; i < 60000; i++) {
		sg_buf_addf(&old, "%d\n", i);
		sg_buf_addf(&new, "%d\n", i * 2 + 1);
	}
	ck_assert_uint_gt(strlen(diff_of(old.p, new.p)), old.n + new.n);
	sg_buf_free(&old);
	sg_buf_free(&new);
	sg_arena_free(arena);
}
END_TEST

UNIT_MAIN("render", skeletons_fill, no_value_changes_the_structure, stamps_tell_edits, samconfig_keys, differences,
	  large_differences_are_bounded)
