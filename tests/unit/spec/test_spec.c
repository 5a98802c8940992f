/* Unit tests of spec/.  Trees are made by hand here; the files' goldens are tests/golden/errors/spec. */
#include "spec/spec.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static struct sg_arena *arena;
static struct sg_diags *diags;

static void fresh(void)
{
	sg_arena_free(arena); /* of the round before */
	arena = sg_arena_new();
	diags = sg_diags_new(arena, sg_sources_new(arena));
}

static struct sg_node *scalar(const char *text, enum sg_style style)
{
	return sg_node_scalar(arena, sg_str(text), style, SG_WHY_SOURCE, NULL);
}

/* {path: value} with "a.b" as {a: {b: value}} */
static const struct sg_node *nested(const char *path, const struct sg_node *value)
{
	const char *dot = strchr(path, '.');
	if (dot)
		return sg_node_single(arena, sg_strf(arena, "%.*s", (int)(dot - path), path).p, nested(dot + 1, value));
	return sg_node_single(arena, path, value);
}

/* How many errors the spec {path: text} has. */
static size_t errors_of(const char *path, const char *text, enum sg_style style)
{
	struct sg_spec spec;
	diags = sg_diags_new(arena, sg_sources_new(arena));
	bool ok = sg_spec_read(nested(path, scalar(text, style)), 0, diags, &spec);
	ck_assert_int_eq(ok, sg_diags_errors(diags) == 0);
	return sg_diags_errors(diags);
}

/* ---------------------------------------------------------------------------------------------- the table */

START_TEST(table_is_sound)
{
	fresh();
	for (size_t i = 0; i < sg_keys_count; i++) {
		const struct sg_key *key = &sg_keys[i];
		const char *dot = strchr(key->path, '.');
		ck_assert_ptr_eq(sg_key_find(sg_str(key->path)), key);
		ck_assert_msg(strlen(key->help) > 10, "%s", key->path);
		ck_assert_msg(!strchr(key->help, '\n'), "%s", key->path);
		if (dot)
			ck_assert_ptr_nonnull(sg_key_find((struct sg_str){key->path, (size_t)(dot - key->path)}));
		if (key->type == SG_KEY_INT)
			ck_assert_msg(key->min <= key->max, "%s", key->path);
		if (key->type == SG_KEY_STRING)
			ck_assert_msg(key->pattern || key->choices, "%s: any string would do", key->path);
	}
	ck_assert_ptr_null(sg_key_find(SG_LIT("network.cidrs")));
}
END_TEST

/* A default that its own key refuses could never be written down. */
START_TEST(defaults_are_valid)
{
	fresh();
	for (size_t i = 0; i < sg_keys_count; i++) {
		const struct sg_key *key = &sg_keys[i];
		if (key->type == SG_KEY_SECTION || key->type == SG_KEY_LIST || key->type == SG_KEY_PAIRS ||
		    key->type == SG_KEY_OVERLAYS)
			continue;
		bool quoted = key->type == SG_KEY_STRING && strcmp(key->fallback, "null") != 0;
		ck_assert_msg(errors_of(key->path, key->fallback, quoted ? SG_DOUBLE : SG_PLAIN) == 0, "%s", key->path);
	}
}
END_TEST

START_TEST(defaults_are_the_seeds)
{
	struct sg_spec s;
	fresh();
	sg_spec_defaults(arena, &s);
	ck_assert(sg_str_is(s.name.text, "workflow-python-executor"));
	ck_assert(sg_str_is(s.stack.text, "secure-python-executor-stack"));
	ck_assert(sg_str_is(s.region.text, "ap-south-1"));
	ck_assert(sg_str_is(s.python.text, "3.12"));
	ck_assert_int_eq(s.memory.integer, 256);
	ck_assert_int_eq(s.timeout.integer, 30);
	ck_assert_int_eq(s.zones.integer, 2);
	ck_assert_int_eq(s.retention.integer, 30);
	ck_assert(!s.concurrency.set && !s.kms_key.set && !s.repository.set && !s.permissions_boundary.set);
	ck_assert(!s.flow_logs.boolean && s.packages.list.n == 0 && s.tags.list.n == 0);
	ck_assert(sg_str_is(s.tenancy.text, "shared") && sg_str_is(s.engine.text, "native"));
	ck_assert(sg_str_is(s.floor.text, "lockdown") && sg_str_is(s.branch.text, "main"));
}
END_TEST

/* ---------------------------------------------------------------------------------------------- values */

static const struct bound {
	const char *path, *text;
	enum sg_style style;
	size_t errors;
} bounds[] = {
	{"memory", "128", SG_PLAIN, 0},
	{"memory", "127", SG_PLAIN, 1},
	{"memory", "10240", SG_PLAIN, 0},
	{"memory", "10241", SG_PLAIN, 1},
	{"memory", "+512", SG_PLAIN, 0},
	{"memory", "0x200", SG_PLAIN, 0},
	{"memory", "01000", SG_PLAIN, 1},
	{"memory", "512.0", SG_PLAIN, 1},
	{"memory", "512", SG_SINGLE, 1},
	{"memory", "true", SG_PLAIN, 1},
	{"timeout", "1", SG_PLAIN, 0},
	{"timeout", "900", SG_PLAIN, 0},
	{"timeout", "901", SG_PLAIN, 1},
	{"timeout", "-1", SG_PLAIN, 1},
	{"concurrency", "~", SG_PLAIN, 0},
	{"concurrency", "null", SG_PLAIN, 0},
	{"concurrency", "null", SG_DOUBLE, 1},
	{"name", "a_B-9", SG_PLAIN, 0},
	{"name", "", SG_DOUBLE, 1},
	{"name", "a.b", SG_PLAIN, 1},
	{"name", "naïve", SG_PLAIN, 1},
	{"name", "true", SG_PLAIN, 1},
	{"name", "true", SG_DOUBLE, 0},
	{"name", "123", SG_PLAIN, 1},
	{"name", "a\n", SG_DOUBLE, 1},
	{"stack", "A-1", SG_PLAIN, 0},
	{"stack", "-a", SG_PLAIN, 1},
	{"stack", "a_b", SG_PLAIN, 1},
	{"region", "us-gov-west-1", SG_PLAIN, 0},
	{"region", "eusc-de-east-1", SG_PLAIN, 0},
	{"region", "us-east", SG_PLAIN, 1},
	{"region", "US-EAST-1", SG_PLAIN, 1},
	{"python", "3.13", SG_DOUBLE, 0},
	{"python", "3.13", SG_PLAIN, 1},
	{"python", "3.10", SG_DOUBLE, 1},
	{"network.zones", "4", SG_PLAIN, 0},
	{"network.zones", "0", SG_PLAIN, 1},
	{"network.cidr", "10.0.0.0/16", SG_PLAIN, 0},
	{"network.cidr", "10.0.0.0/15", SG_PLAIN, 1},
	{"network.cidr", "192.168.1.0/27", SG_PLAIN, 0},
	{"network.cidr", "192.168.1.0/28", SG_PLAIN, 1}, /* no room for two */
	{"network.cidr", "172.32.0.0/16", SG_PLAIN, 1},
	{"network.flow_logs", "false", SG_PLAIN, 0},
	{"network.flow_logs", "true", SG_PLAIN, 0},
	{"network.flow_logs", "no", SG_PLAIN, 1},
	{"logs.retention", "7", SG_PLAIN, 0},
	{"logs.retention", "8", SG_PLAIN, 1},
	{"sandbox.floor", "full", SG_PLAIN, 0},
	{"sandbox.floor", "none", SG_PLAIN, 1},
	{"deploy.branch", "release/1.x", SG_PLAIN, 0},
	{"deploy.branch", "a.lock", SG_PLAIN, 1},
	{"deploy.branch", "a//b", SG_PLAIN, 1},
	{"deploy.branch", "a/.b", SG_PLAIN, 1},
	{"deploy.branch", "-a", SG_DOUBLE, 1},
	{"deploy.repository", "acme/site.io", SG_PLAIN, 0},
	{"deploy.repository", "acme", SG_PLAIN, 1},
	{"deploy.repository_id", "9007199254740991", SG_PLAIN, 0},
	{"deploy.repository_id", "9007199254740992", SG_PLAIN, 1},
	{"deploy.environment", "a'b", SG_DOUBLE, 1},
	{"tenancy", "shared", SG_PLAIN, 0},
	{"tenancy", "per-tenant", SG_PLAIN, 0},
	{"tenancy", "per tenant", SG_PLAIN, 1},
	{"engine", "wasm", SG_PLAIN, 1},
	{"logs.kms_key", "null", SG_PLAIN, 0},
	{"logs.kms_key", "arn:aws:kms:ap-south-1:111122223333:key/a-1", SG_PLAIN, 0},
	{"logs.kms_key", "arn:aws:kms:eu-west-1:111122223333:key/a-1", SG_PLAIN, 1},
	{"logs.kms_key", "arn:aws:kms:ap-south-1:111122223333:alias/a", SG_PLAIN, 1},
	{"alarms.topic", "arn:aws:sns:ap-south-1:111122223333:t.fifo", SG_PLAIN, 0},
	{"alarms.topic", "arn:aws:sqs:ap-south-1:111122223333:t", SG_PLAIN, 1},
	{"permissions_boundary", "arn:aws:iam::aws:policy/ReadOnlyAccess", SG_PLAIN, 0},
	{"permissions_boundary", "arn:aws:iam::111122223333:role/x", SG_PLAIN, 1},
	{"deploy.account", "011122223333", SG_DOUBLE, 0},
	{"deploy.account", "11112222333", SG_DOUBLE, 1},
	{"deploy.account", "111122223333", SG_PLAIN, 1},
	{"environments", "", SG_PLAIN, 0},
	{"environments", "prod", SG_PLAIN, 1},
	{"tags", "", SG_PLAIN, 0},
	{"network", "", SG_PLAIN, 0},
	{"network", "x", SG_PLAIN, 1},
	{"unknown", "x", SG_PLAIN, 1},
	{"network.unknown", "x", SG_PLAIN, 1},
	{"", "x", SG_PLAIN, 1},
};

START_TEST(bounds_hold)
{
	fresh();
	for (size_t i = 0; i < COUNT(bounds); i++) {
		const struct bound *b = &bounds[i];
		size_t n = errors_of(b->path, b->text, b->style);
		ck_assert_msg(n == b->errors, "%s: '%s' has %zu errors", b->path, b->text, n);
	}
}
END_TEST

/* A NUL in a string must not end it for the pattern alone. */
START_TEST(nul_is_refused)
{
	struct sg_spec spec;
	fresh();
	struct sg_node *value = sg_node_scalar(arena, (struct sg_str){"a\0b", 3}, SG_DOUBLE, SG_WHY_SOURCE, NULL);
	ck_assert(!sg_spec_read(nested("name", value), 0, diags, &spec));
	ck_assert_uint_eq(sg_diags_errors(diags), 1);
}
END_TEST

START_TEST(packages_are_pinned)
{
	static const struct {
		const char *text;
		bool ok;
	} rows[] = {
		{"numpy==2.1.3", true},       {"a==1", true},       {"a-b.c_d==1!2.0.post1.dev3", true},
		{"a==1.0rc1", true},          {"a[x]==1", true},    {"a[x,y-z]==1", true},
		{"numpy>=2", false},          {"numpy", false},     {"numpy==", false},
		{"numpy==2.*", false},        {"-numpy==1", false}, {"numpy==1 --hash=x", false},
		{"numpy==1; os_name", false}, {"numpy ==1", false}, {"a==1+local", false},
		{"a==1\nb==2", false},        {"a[]==1", false},    {"", false},
	};
	fresh();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sg_spec spec;
		const struct sg_node **items = SG_NEW_ARRAY(arena, 1, const struct sg_node *);
		items[0] = scalar(rows[i].text, SG_DOUBLE);
		struct sg_node *list = sg_node_seq(arena, items, 1, SG_WHY_SOURCE, NULL);
		ck_assert_msg(sg_spec_read(nested("packages", list), 0, diags, &spec) == rows[i].ok, "'%s'",
			      rows[i].text);
	}
}
END_TEST

START_TEST(package_names_are_normal)
{
	struct sg_str name, version;
	fresh();
	sg_package_split(arena, SG_LIT("Foo.-_Bar[extra]==1.0"), &name, &version);
	ck_assert(sg_str_is(name, "foo-bar"));
	ck_assert(sg_str_is(version, "1.0"));
}
END_TEST

START_TEST(tags_are_awss)
{
	static const struct {
		const char *name, *value;
		bool ok;
	} rows[] = {
		{"a", "", true},
		{"größe", "日本", true},
		{"_.:/=+-@ 9", "x", true},
		{"", "x", false},
		{"AWS:x", "", false},
		{"x", "aws:y", false},
		{"a\tb", "", false},
		{"a", "b\n", false},
		{"a", "\"", false},
		{"a", "#", false},
		{"a", "\xe2\x80\xae", false},
		{"a", "\xef\xbb\xbf", false},
		{"a", "\xf0\x9f\x98\x80", false},
	};
	fresh();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sg_spec spec;
		struct sg_mapper m = {.arena = arena};
		sg_mapper_put(&m, scalar(rows[i].name, SG_DOUBLE), scalar(rows[i].value, SG_DOUBLE));
		struct sg_node *tags = sg_mapper_done(&m, SG_WHY_SOURCE, NULL);
		ck_assert_msg(sg_spec_read(nested("tags", tags), 0, diags, &spec) == rows[i].ok, "row %zu", i);
	}
}
END_TEST

/* Exactly 128 characters, whatever they take in bytes. */
START_TEST(tag_lengths_are_characters)
{
	for (size_t n = 127; n <= 129; n++) {
		struct sg_buf name = {0};
		struct sg_spec spec;
		fresh();
		for (size_t i = 0; i < n; i++)
			sg_buf_adds(&name, "ä");
		struct sg_mapper m = {.arena = arena};
		sg_mapper_put(&m, scalar(name.p, SG_DOUBLE), scalar("x", SG_PLAIN));
		struct sg_node *tags = sg_mapper_done(&m, SG_WHY_SOURCE, NULL);
		ck_assert_int_eq(sg_spec_read(nested("tags", tags), 0, diags, &spec), n <= 128);
		sg_buf_free(&name);
	}
}
END_TEST

/* ---------------------------------------------------------------------------------------------- networks */

START_TEST(networks_parse)
{
	static const struct {
		const char *text;
		bool ok;
	} rows[] = {
		{"10.99.0.0/24", true},       {"0.0.0.0/0", true},
		{"255.255.255.255/32", true}, {"10.99.0.0/024", false},
		{"10.99.0/24", false},        {"10.99.0.0.0/24", false},
		{"256.0.0.0/8", false},       {"10.0.0.0/33", false},
		{"10.0.0.1/24", false},       {"10.0.0.0/", false},
		{"10.0.0.0", false},          {" 10.0.0.0/8", false},
		{"10.0.0.0/8 ", false},       {"010.0.0.0/8", false},
		{"-1.0.0.0/8", false},        {"", false},
	};
	struct sg_network n;
	for (size_t i = 0; i < COUNT(rows); i++)
		ck_assert_msg(sg_network_parse(sg_str(rows[i].text), &n) == rows[i].ok, "'%s'", rows[i].text);
}
END_TEST

START_TEST(subnets_are_quarters)
{
	static const struct {
		const char *cidr;
		size_t index;
		const char *subnet; /* NULL: no room */
	} rows[] = {
		{"10.99.0.0/24", 0, "10.99.0.0/26"},
		{"10.99.0.0/24", 3, "10.99.0.192/26"},
		{"10.0.0.0/16", 1, "10.0.64.0/18"},
		{"10.0.0.0/27", 1, "10.0.0.16/28"},
		{"10.0.0.0/27", 2, NULL},
		{"10.0.0.0/28", 0, "10.0.0.0/28"},
		{"10.0.0.0/28", 1, NULL},
		{"10.99.0.0/24", 4, NULL},
		{"192.168.255.224/27", 1, "192.168.255.240/28"},
	};
	fresh();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sg_spec spec;
		struct sg_network n;
		sg_spec_defaults(arena, &spec);
		spec.cidr.text = sg_str(rows[i].cidr);
		bool ok = sg_spec_subnet(&spec, rows[i].index, &n);
		ck_assert_int_eq(ok, rows[i].subnet != NULL);
		if (ok)
			ck_assert_str_eq(sg_network_text(arena, n).p, rows[i].subnet);
	}
}
END_TEST

/* ---------------------------------------------------------------------------------------------- made from the table */

START_TEST(schema_has_every_key)
{
	fresh();
	const struct sg_node *schema = sg_spec_schema(arena);
	for (size_t i = 0; i < sg_keys_count; i++) {
		const struct sg_node *at = schema;
		for (const char *p = sg_keys[i].path; p; p = strchr(p, '.') ? strchr(p, '.') + 1 : NULL) {
			at = sg_node_get(at, "properties");
			at = sg_node_get_str(at, (struct sg_str){p, strcspn(p, ".")});
		}
		ck_assert_msg(at && sg_node_get(at, "description"), "%s", sg_keys[i].path);
		ck_assert_int_eq(sg_node_get(at, "const") != NULL, sg_keys[i].later != NULL);
	}
}
END_TEST

static struct sg_str no_quotes(struct sg_arena *a, struct sg_str text)
{
	(void)a;
	return text;
}

START_TEST(commented_file_has_every_key)
{
	struct sg_spec spec;
	fresh();
	sg_spec_defaults(arena, &spec);
	struct sg_str text = sg_spec_commented(arena, &spec, no_quotes);
	for (size_t i = 0; i < sg_keys_count; i++) {
		const char *dot = strrchr(sg_keys[i].path, '.'), *last = dot ? dot + 1 : sg_keys[i].path;
		bool live = sg_keys[i].ask || sg_keys[i].type == SG_KEY_SECTION;
		struct sg_str line = sg_strf(arena, "\n%s%s%s:", dot ? "  " : "", live ? "" : "# ", last);
		ck_assert_msg(sg_str_find(text, line.p, 0) != SIZE_MAX, "%s", sg_keys[i].path);
	}
	for (size_t at = 0; at < text.n;) {
		size_t end = sg_str_find(text, "\n", at);
		ck_assert_uint_le(end - at, 100);
		at = end + 1;
	}
}
END_TEST

START_TEST(answers_are_judged)
{
	struct sg_spec spec;
	struct sg_str why = {0};
	fresh();
	sg_spec_defaults(arena, &spec);
	const struct sg_key *memory = sg_key_find(SG_LIT("memory")), *name = sg_key_find(SG_LIT("name"));
	ck_assert(!sg_key_answer(arena, memory, SG_LIT("lots"), &spec, &why) && why.n);
	ck_assert(!sg_key_answer(arena, memory, SG_LIT("64"), &spec, &why));
	ck_assert(!sg_key_answer(arena, name, SG_LIT("a\xff"), &spec, &why));
	ck_assert_int_eq(spec.memory.integer, 256);
	ck_assert(sg_key_answer(arena, memory, SG_LIT("512"), &spec, &why));
	ck_assert_int_eq(spec.memory.integer, 512);
	ck_assert(sg_key_answer(arena, name, SG_LIT("123"), &spec, &why));
	ck_assert(sg_str_is(spec.name.text, "123"));
}
END_TEST

UNIT_MAIN("spec", table_is_sound, defaults_are_valid, defaults_are_the_seeds, bounds_hold, nul_is_refused,
	  packages_are_pinned, package_names_are_normal, tags_are_awss, tag_lengths_are_characters, networks_parse,
	  subnets_are_quarters, schema_has_every_key, commented_file_has_every_key, answers_are_judged)
