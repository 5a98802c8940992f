/*
 * check.c - what no pattern can say: networks, tags, branch names, package names, and how values go together.
 */
#include "spec/spec_priv.h"

#include <inttypes.h>
#include <string.h>

/* ---------------------------------------------------------------------------------------------- networks */

enum { VPC_LARGEST = 16, SUBNET_SMALLEST = 28 }; /* CreateVpc, CreateSubnet */

/* One decimal number without leading zeros up to `max`, which `end` follows; *p moves behind that. */
static bool number(struct sg_str s, size_t *p, uint32_t max, int end, uint32_t *out)
{
	size_t start = *p;
	uint32_t n = 0;
	for (; *p < s.n && s.p[*p] >= '0' && s.p[*p] <= '9' && *p - start < 3; (*p)++)
		n = n * 10 + (uint32_t)(s.p[*p] - '0');
	size_t digits = *p - start;
	bool ends = end < 0 ? *p == s.n : *p < s.n && s.p[*p] == end;
	if (!digits || (digits > 1 && s.p[start] == '0') || n > max || !ends)
		return false;
	(*p)++;
	*out = n;
	return true;
}

static uint32_t host_bits(unsigned prefix)
{
	return prefix ? UINT32_MAX >> 1 >> (prefix - 1) : UINT32_MAX;
}

bool sg_network_parse(struct sg_str s, struct sg_network *out)
{
	uint32_t address = 0, part, prefix;
	size_t p = 0;
	for (int i = 0; i < 4; i++) {
		if (!number(s, &p, 255, i < 3 ? '.' : '/', &part))
			return false;
		address = address << 8 | part;
	}
	if (!number(s, &p, 32, -1, &prefix) || (address & host_bits(prefix)))
		return false;
	*out = (struct sg_network){address, prefix};
	return true;
}

struct sg_str sg_network_text(struct sg_arena *a, struct sg_network n)
{
	return sg_strf(a, "%u.%u.%u.%u/%u", n.address >> 24, n.address >> 16 & 255, n.address >> 8 & 255,
		       n.address & 255, n.prefix);
}

static bool is_private(struct sg_network n)
{
	static const struct sg_network rfc1918[] = {
		{UINT32_C(0x0a000000), 8}, {UINT32_C(0xac100000), 12}, {UINT32_C(0xc0a80000), 16}};
	for (size_t i = 0; i < sizeof(rfc1918) / sizeof(*rfc1918); i++)
		if (n.prefix >= rfc1918[i].prefix && (n.address & ~host_bits(rfc1918[i].prefix)) == rfc1918[i].address)
			return true;
	return false;
}

bool sg_check_cidr(struct sg_diags *d, const struct sg_setting *value)
{
	struct sg_network n;
	if (!sg_network_parse(value->text, &n)) {
		sg_diag(d, SG_ERROR, value->span, "the bits behind the prefix must be zero, as in 10.99.0.0/24",
			"network.cidr is not the address of a network");
		return false;
	}
	if (n.prefix < VPC_LARGEST || n.prefix > SUBNET_SMALLEST) {
		sg_diag(d, SG_ERROR, value->span, NULL, "network.cidr is out of bounds: a VPC can be /%d to /%d",
			VPC_LARGEST, SUBNET_SMALLEST);
		return false;
	}
	if (!is_private(n)) {
		sg_diag(d, SG_ERROR, value->span, NULL,
			"network.cidr is out of bounds: it can be within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16");
		return false;
	}
	return true;
}

bool sg_spec_subnet(const struct sg_spec *spec, size_t index, struct sg_network *out)
{
	struct sg_network n;
	if (!sg_network_parse(spec->cidr.text, &n))
		return false;
	unsigned prefix = n.prefix + 2 < SUBNET_SMALLEST ? n.prefix + 2 : SUBNET_SMALLEST;
	if (index >= (size_t)1 << (prefix - n.prefix))
		return false;
	*out = (struct sg_network){n.address + ((uint32_t)index << (32 - prefix)), prefix};
	return true;
}

/* ---------------------------------------------------------------------------------------------- tags */

enum { TAG_NAME_MAX = 128, TAG_VALUE_MAX = 256 };

/* AWS takes letters, digits and spaces of any script and _.:/=+-@ .  Of what is not ASCII only characters that no
 * script writes text with, and those beyond the basic plane, are refused here; AWS refuses more (symbols) when it is
 * deployed. */
static bool tag_character(uint32_t cp)
{
	if (cp < 0x80)
		return (cp >= '0' && cp <= '9') || (cp >= 'A' && cp <= 'Z') || (cp >= 'a' && cp <= 'z') ||
		       (cp && strchr(" _.:/=+-@", (int)cp));
	if (cp < 0xa0 || (cp >= 0x200b && cp <= 0x200f) || (cp >= 0x2028 && cp <= 0x202e) ||
	    (cp >= 0x2060 && cp <= 0x206f))
		return false;
	return cp < 0xe000 || (cp >= 0xf900 && cp < 0xfff0 && cp != 0xfeff && (cp < 0xfdd0 || cp > 0xfdef));
}

static bool tag_text(struct sg_str s, size_t min, size_t max)
{
	size_t n = sg_utf8_count(s);
	if (n < min || n > max || sg_str_is_nocase(sg_str_sub(s, 0, 4), "aws:"))
		return false;
	for (size_t i = 0; i < s.n;) {
		uint32_t cp;
		size_t len = sg_utf8_decode(sg_str_sub(s, i, SIZE_MAX), &cp);
		if (!len || !tag_character(cp))
			return false;
		i += len;
	}
	return true;
}

bool sg_check_tag(struct sg_diags *d, const struct sg_setting *value)
{
	const char *form = sg_key_find(SG_LIT("tags"))->form;
	bool name = tag_text(value->name, 1, TAG_NAME_MAX);
	if (name && tag_text(value->text, 0, TAG_VALUE_MAX))
		return true;
	sg_diag(d, SG_ERROR, name ? value->span : value->name_span, NULL, "AWS takes no such tag %s: %s",
		name ? "value" : "name", form);
	return false;
}

/* IAM takes two tags whose names differ in case for one. */
static void check_tag_names(const struct sg_spec *spec, struct sg_diags *d)
{
	for (size_t i = 0; i < spec->tags.list.n; i++)
		for (size_t k = 0; k < i; k++) {
			struct sg_setting *tag = &spec->tags.list.v[i], *before = &spec->tags.list.v[k];
			if (sg_str_eq(tag->name, before->name) ||
			    !sg_str_is_nocase(tag->name, sg_cstr(sg_diags_arena(d), before->name)))
				continue;
			sg_diag(d, SG_ERROR, tag->name_span, "IAM takes both for the same tag",
				"the tag names '%.*s' and '%.*s' differ only in case", SG_FMT(before->name),
				SG_FMT(tag->name));
		}
}

/* ---------------------------------------------------------------------------------------------- branches */

/* What git-check-ref-format(1) refuses beyond the pattern. */
bool sg_check_branch(struct sg_diags *d, const struct sg_setting *value)
{
	struct sg_str s = value->text;
	bool bad = sg_str_ends(s, "/") || sg_str_ends(s, ".");
	static const char *const never[] = {"..", "//", "/.", ".lock/"};
	for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++)
		bad |= sg_str_find(s, never[i], 0) != SIZE_MAX;
	if (!bad && !sg_str_ends(s, ".lock"))
		return true;
	sg_diag(d, SG_ERROR, value->span, NULL, "deploy.branch is not a name that git takes for a branch");
	return false;
}

/* ---------------------------------------------------------------------------------------------- ARNs */

/* The field of an ARN: 1 the partition, 3 the region, 4 the account. */
static struct sg_str arn_field(struct sg_str arn, int n)
{
	for (; n > 0; n--) {
		size_t colon = sg_str_find(arn, ":", 0);
		arn = sg_str_sub(arn, colon == SIZE_MAX ? arn.n : colon + 1, SIZE_MAX);
	}
	return sg_str_sub(arn, 0, sg_str_find(arn, ":", 0));
}

/* IAM's own paths have no empty part, and end in a name. */
bool sg_check_invoker(struct sg_diags *d, const struct sg_setting *value)
{
	if (!sg_str_ends(value->text, "/") && sg_str_find(value->text, "//", 0) == SIZE_MAX)
		return true;
	sg_diag(d, SG_ERROR, value->span, NULL, "an entry of invokers must be the ARN of a role or user");
	return false;
}

static void check_region(const struct sg_spec *spec, const char *path, const struct sg_setting *arn, struct sg_diags *d)
{
	struct sg_str region = arn_field(arn->text, 3);
	if (arn->set && !sg_str_eq(region, spec->region.text))
		sg_diag(d, SG_ERROR, arn->span, NULL, "%s is in the region %.*s, but the deployment in %.*s", path,
			SG_FMT(region), SG_FMT(spec->region.text));
}

static void check_invokers(const struct sg_spec *spec, struct sg_diags *d)
{
	struct sg_map *seen = sg_map_new(sg_diags_arena(d));
	for (size_t i = 0; i < spec->invokers.list.n; i++)
		if (sg_map_put(seen, spec->invokers.list.v[i].text, &spec->invokers.list.v[i]))
			sg_diag(d, SG_ERROR, spec->invokers.list.v[i].span, NULL, "this ARN is in invokers twice");
}

/* ---------------------------------------------------------------------------------------------- environments */

bool sg_check_environment(struct sg_diags *d, const struct sg_setting *value)
{
	if (!sg_str_is_nocase(value->text, "default"))
		return true;
	sg_diag(d, SG_ERROR, value->span, NULL, "the environment 'default' is the spec itself");
	return false;
}

/* Names become those of files, and some disks take two that differ in case for one. */
static void check_environments(const struct sg_spec *spec, struct sg_diags *d)
{
	for (size_t i = 0; i < spec->environments.list.n; i++) {
		const struct sg_setting *one = &spec->environments.list.v[i];
		for (size_t k = 0; k < i; k++)
			if (sg_str_is_nocase(one->name, sg_cstr(sg_diags_arena(d), spec->environments.list.v[k].name)))
				sg_diag(d, SG_ERROR, one->name_span, NULL,
					"the environments '%.*s' and '%.*s' differ only in case", SG_FMT(one->name),
					SG_FMT(spec->environments.list.v[k].name));
		sg_check_whole(one->spec, d);
	}
}

/* ---------------------------------------------------------------------------------------------- packages */

void sg_package_split(struct sg_arena *a, struct sg_str requirement, struct sg_str *name, struct sg_str *version)
{
	size_t equals = sg_str_find(requirement, "==", 0);
	if (equals == SIZE_MAX)
		equals = requirement.n;
	*version = sg_str_sub(requirement, equals + 2, SIZE_MAX);
	struct sg_buf out = {0};
	for (size_t i = 0; i < equals && requirement.p[i] != '['; i++) {
		char c = requirement.p[i];
		bool separator = c == '-' || c == '_' || c == '.';
		if (!separator)
			sg_buf_addc(&out, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
		else if (out.n && out.p[out.n - 1] != '-')
			sg_buf_addc(&out, '-');
	}
	*name = sg_buf_take(&out, a);
}

static void check_package_names(const struct sg_spec *spec, struct sg_diags *d)
{
	struct sg_arena *a = sg_diags_arena(d);
	struct sg_map *seen = sg_map_new(a);
	for (size_t i = 0; i < spec->packages.list.n; i++) {
		struct sg_setting *package = &spec->packages.list.v[i];
		struct sg_str name, version;
		sg_package_split(a, package->text, &name, &version);
		struct sg_setting *before = sg_map_put(seen, name, package);
		if (before)
			sg_diag(d, SG_ERROR, package->span, NULL,
				"the package %.*s is in the list twice: '%.*s' is the same", SG_FMT(name),
				SG_FMT(before->text));
	}
}

/* ---------------------------------------------------------------------------------------------- together */

static void check_room(const struct sg_spec *spec, struct sg_diags *d)
{
	struct sg_network net, subnet;
	if (!sg_network_parse(spec->cidr.text, &net) || sg_spec_subnet(spec, (size_t)spec->zones.integer - 1, &subnet))
		return;
	sg_diag(d, SG_ERROR, spec->zones.given ? spec->zones.span : spec->cidr.span,
		"the smallest subnet that AWS makes is a /28: take a larger network or fewer zones",
		"%.*s has no room for %" PRId64 " subnets", SG_FMT(spec->cidr.text), spec->zones.integer);
}

void sg_check_whole(const struct sg_spec *spec, struct sg_diags *d)
{
	size_t before = sg_diags_errors(d);
	check_room(spec, d);
	check_tag_names(spec, d);
	check_package_names(spec, d);
	check_region(spec, "logs.kms_key", &spec->kms_key, d);
	check_region(spec, "alarms.topic", &spec->alarm_topic, d);
	check_invokers(spec, d);
	if (sg_diags_errors(d) == before)
		check_environments(spec, d);
}
