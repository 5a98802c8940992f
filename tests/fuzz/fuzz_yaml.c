/*
 * Fuzzing the YAML room: whatever the bytes are, they become a tree or an error; a tree has spans inside of the text, a
 * weight within the ceiling, and, where it can be written, comes back the same.
 *
 * With clang: cc -fsanitize=fuzzer,address (FUZZ_LIBFUZZER defined).  Without: a program that takes files, each of them
 * tried whole, cut short and with single bytes changed.
 */
#include "yaml/yaml.h"

#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct sg_yaml_limits limits = {.bytes = 1 << 20, .depth = 60, .nodes = 20000, .expanded = 50000};

static void check_spans(const struct sg_node *n, size_t size)
{
	SG_ASSERT(n->span.start <= n->span.end && n->span.end <= size);
	SG_ASSERT(sg_node_tag_span(n).start <= sg_node_tag_span(n).end && sg_node_tag_span(n).end <= size);
	SG_ASSERT(n->weight <= limits.expanded);
	sg_readings_agree(n);
	for (size_t i = 0; i < n->n; i++) {
		if (n->kind == SG_MAP)
			check_spans(n->members[i].key, size);
		check_spans(n->kind == SG_MAP ? n->members[i].value : n->items[i], size);
	}
}

static bool same(const struct sg_node *a, const struct sg_node *b)
{
	if (a->kind != b->kind || a->n != b->n)
		return false;
	if (a->kind == SG_SCALAR) {
		struct sg_reading x = sg_read_yaml11(a), y = sg_read_yaml11(b);
		return x.type == y.type && x.boolean == y.boolean && x.big == y.big && x.integer == y.integer &&
		       (x.type != SG_T_STRING || sg_str_eq(x.text, y.text)) &&
		       (x.type != SG_T_FLOAT || x.number == y.number || x.number != x.number) &&
		       (x.type != SG_T_BAD ||
			(sg_str_eq(sg_node_tag(a), sg_node_tag(b)) && sg_str_eq(a->text, b->text)));
	}
	for (size_t i = 0; i < a->n; i++) {
		if (a->kind == SG_SEQ && !same(a->items[i], b->items[i]))
			return false;
		if (a->kind == SG_MAP &&
		    (!same(a->members[i].key, b->members[i].key) || !same(a->members[i].value, b->members[i].value)))
			return false;
	}
	return true;
}

static const struct sg_node *load(struct sg_arena *a, struct sg_diags *d, struct sg_str text,
				  struct sg_yaml_notes *notes)
{
	size_t errors = sg_diags_errors(d);
	const struct sg_node *root =
		sg_yaml_load(a, d, sg_source_add(sg_diags_sources(d), SG_LIT("t"), text), &limits, notes);
	SG_ASSERT((root != NULL) == (sg_diags_errors(d) == errors));
	return root;
}

static void check_writing(struct sg_arena *a, struct sg_diags *d, const struct sg_node *root)
{
	struct sg_buf out = {0};
	struct sg_yaml_notes notes = {{0}};
	if (sg_yaml_emit(&out, root, 0) && out.n < limits.bytes) {
		const struct sg_node *again = load(a, d, sg_buf_view(&out), &notes);
		SG_ASSERT(again && same(root, again));
		SG_ASSERT(!notes.differences.n && !notes.parted_why.n);
	}
	sg_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sg_arena *a = sg_arena_new();
	struct sg_sources *sources = sg_sources_new(a);
	struct sg_diags *d = sg_diags_new(a, sources);
	struct sg_yaml_notes notes = {{0}};
	/* a copy of exactly this size, so that reading behind it is seen */
	struct sg_buf text = {0}, shown = {0};
	sg_buf_add(&text, data, size);
	const struct sg_node *root = load(a, d, sg_buf_view(&text), &notes);
	if (root) {
		check_spans(root, size);
		sg_yaml_report_duplicates(d, &notes);
		sg_yaml_report_differences(d, &notes);
		check_writing(a, d, root);
	}
	sg_diags_print(d, &shown, false);
	sg_buf_free(&shown);
	sg_buf_free(&text);
	sg_arena_free(a);
	return 0;
}

#ifndef FUZZ_LIBFUZZER
static uint32_t next(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void try_changes(struct sg_str text, size_t rounds)
{
	static const char bytes[] = "\t\n :-?,[]{}#&*!|>'\"%@`~\\<=a1\xc2\x85\xe2\xff\r\0";
	struct sg_buf copy = {0};
	uint32_t seed = (uint32_t)text.n;
	for (size_t i = 0; text.n && i < rounds; i++) {
		copy.n = 0;
		sg_buf_str(&copy, text);
		for (uint32_t k = next(&seed) % 3 + 1; k--;)
			copy.p[next(&seed) % text.n] = bytes[next(&seed) % sizeof(bytes)];
		size_t n = next(&seed) % 4 ? text.n : next(&seed) % text.n;
		LLVMFuzzerTestOneInput((const uint8_t *)copy.p, n);
	}
	sg_buf_free(&copy);
}

int main(int argc, char **argv)
{
	int64_t rounds = 200;
	for (int i = 1; i < argc; i++) {
		struct sg_arena *a = sg_arena_new();
		struct sg_status st;
		struct sg_str text;
		if (sg_str_starts(sg_str(argv[i]), "--rounds=")) {
			sg_parse_i64(sg_str(argv[i] + 9), &rounds);
		} else if (sg_file_read(a, argv[i], limits.bytes, &text, &st)) {
			LLVMFuzzerTestOneInput((const uint8_t *)text.p, text.n);
			try_changes(text, rounds > 0 ? (size_t)rounds : 0);
		} else {
			fprintf(stderr, "fuzz_yaml: %s\n", st.text);
			return 2;
		}
		sg_arena_free(a);
	}
	return 0;
}
#endif
