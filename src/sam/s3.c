/*
 * Where code, layers and definitions lie: an S3 URI or a map of bucket and key, as the property of CloudFormation.
 */
#include "sam/sam_priv.h"

/* The names of bucket, key, version and storage mode. */
const char *const lambda_code_names[] = {"S3Bucket", "S3Key", "S3ObjectVersion", "S3ObjectStorageMode"};
const char *const body_names[] = {"Bucket", "Key", "Version", NULL};

/* {{resolve:ssm:/a/path}}: the translator cannot tell its slashes from the URI's. */
static void refuse_dynamic(struct sam *s, const char *id, const struct val *uri, const char *property)
{
	static const char *const services[] = {"{{resolve:ssm:", "{{resolve:ssm-secure:", "{{resolve:secretsmanager:"};
	for (size_t i = 0; i < sizeof(services) / sizeof(*services); i++) {
		size_t at = sg_str_find(uri->text, services[i], 0);
		size_t end = at == SIZE_MAX ? at : sg_str_find(uri->text, "}}", at);
		if (end != SIZE_MAX && sg_str_find(sg_str_sub(uri->text, at, end - at), "/", 0) != SIZE_MAX)
			sam_fail(s, id, uri, "'%s' cannot be a dynamic reference with a path", property);
	}
}

static struct sg_str cut(struct sg_str *rest, const char *mark)
{
	size_t at = sg_str_find(*rest, mark, 0);
	struct sg_str behind = at == SIZE_MAX ? SG_LIT("") : sg_str_sub(*rest, at + 1, SIZE_MAX);
	*rest = sg_str_sub(*rest, 0, at);
	return behind;
}

static struct sg_str version_of(struct sg_str query)
{
	while (query.n) {
		struct sg_str more = cut(&query, "&");
		if (sg_str_starts(query, "versionId="))
			return sg_str_sub(query, sizeof("versionId=") - 1, SIZE_MAX);
		query = more;
	}
	return SG_LIT("");
}

/* s3://bucket/key?versionId=v */
static struct val *parse(struct sam *s, const struct val *uri, const char *const *names)
{
	struct sg_str rest = uri->text;
	if (!sg_str_starts(rest, "s3://") && !sg_str_starts(rest, "S3://"))
		return NULL;
	rest = sg_str_sub(rest, 5, SIZE_MAX);
	cut(&rest, "#");
	struct sg_str version = version_of(cut(&rest, "?")), bucket = rest;
	size_t slash = sg_str_find(rest, "/", 0);
	cut(&bucket, "/");
	if (!bucket.n || slash == SIZE_MAX)
		return NULL;
	struct sg_str key = sg_str_sub(rest, slash, SIZE_MAX);
	while (sg_str_starts(key, "/"))
		key = sg_str_sub(key, 1, SIZE_MAX);
	struct val *v = val_map(s, uri->node);
	set(s, v, names[0], val_str(s, uri->node, bucket));
	set(s, v, names[1], val_str(s, uri->node, key));
	if (version.n)
		set(s, v, names[2], val_str(s, uri->node, version));
	return v;
}

/* A path that `sam package` would upload stays, under the property's name, for all to see. */
static struct val *local(struct sam *s, struct val *uri, const char *property)
{
	if (s->options->packaged || sg_str_find(uri->text, "://", 0) != SIZE_MAX)
		return NULL;
	return make(s, uri->node, "{'%s':%v}", property, uri);
}

struct val *s3_location(struct sam *s, const char *id, struct val *uri, const char *property, const char *const *names)
{
	if (is_str(uri)) {
		refuse_dynamic(s, id, uri, property);
		struct val *v = parse(s, uri, names);
		if (!v)
			v = local(s, uri, property);
		if (!v)
			sam_fail(s, id, uri,
				 "'%s' is not an S3 URI, s3://bucket/key with an optional ?versionId=", property);
		return v;
	}
	if (!is_map(uri))
		sam_fail(s, id, uri, "'%s' must be a string or a map", property);
	if (!truthy(get(uri, "Bucket")) || !truthy(get(uri, "Key")))
		sam_fail(s, id, uri, "'%s' needs Bucket and Key", property);
	struct val *v = val_map(s, uri->node);
	set(s, v, names[0], get(uri, "Bucket"));
	set(s, v, names[1], get(uri, "Key"));
	set(s, v, names[2], raw(uri, "Version"));
	if (names[3])
		set(s, v, names[3], raw(uri, "StorageMode"));
	return v;
}
