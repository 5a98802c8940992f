/*
 * Custom domains of APIs: the domain, its mappings, and the records of Route 53.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-domainconfiguration.html
 */
#include "sam/sam_priv.h"

/* ------------------------------------------------------------------------------------------------ records */

/* The translator writes null for what a private domain should have and has not: CloudFormation then refuses the template,
 * which a record without the member would hide. */
static struct val *or_null(struct sam *s, struct val *route53, const char *key)
{
	struct val *v = raw(route53, key);
	return v ? v : val_null(s, route53->node);
}

static struct val *alias_target(struct sam *s, struct macro *m, struct val *domain, const char *id, struct val *route53,
				bool http)
{
	struct val *kind = get(domain, "EndpointConfiguration"), *zone, *name;
	if (is(kind, "REGIONAL")) {
		zone = att_of(s, route53->node, id, "RegionalHostedZoneId");
		name = att_of(s, route53->node, id, "RegionalDomainName");
	} else if (http) {
		sam_fail(s, m->id, domain, "HTTP APIs have REGIONAL endpoints alone");
	} else if (is(kind, "EDGE")) {
		zone = val_text(s, route53->node, "Z2FDTNDATAQYW2");
		name = get(route53, "DistributionDomainName");
		if (!name)
			name = att_of(s, route53->node, id, "DistributionDomainName");
	} else {
		zone = or_null(s, route53, "VpcEndpointHostedZoneId");
		name = or_null(s, route53, "VpcEndpointDomainName");
	}
	return make(s, route53->node, "{'EvaluateTargetHealth':%v,'HostedZoneId':%v,'DNSName':%v}",
		    get(route53, "EvaluateTargetHealth"), zone, name);
}

static void add_records(struct sam *s, struct macro *m, struct val *list, struct val *domain, const char *id, bool http)
{
	struct val *route53 = get(domain, "Route53");
	bool both = is_true(get(route53, "IpV6"));
	for (int i = 0; i < 1 + both; i++)
		push(s, list,
		     make(s, route53->node, "{'Name':%v,'Type':'%s','AliasTarget':%v,'Region':%v,'SetIdentifier':%v}",
			  get(domain, "DomainName"), i ? "AAAA" : "A", alias_target(s, m, domain, id, route53, http),
			  get(route53, "Region"), get(route53, "SetIdentifier")));
}

static struct res *group(struct sam *s, struct macro *m, const char *id, struct val *route53, bool only_truthy)
{
	struct res *r = res_new(s, m, id, "AWS::Route53::RecordSetGroup", route53->node);
	struct val *zone = get(route53, "HostedZoneId"), *name = get(route53, "HostedZoneName");
	res_set(s, r, "HostedZoneId", !only_truthy || truthy(zone) ? zone : NULL);
	res_set(s, r, "HostedZoneName", !only_truthy || truthy(name) ? name : NULL);
	res_set(s, r, "RecordSets", val_list(s, route53->node));
	return r;
}

static struct val *zone_of(struct val *route53)
{
	struct val *zone = get(route53, "HostedZoneId");
	return truthy(zone) ? zone : get(route53, "HostedZoneName");
}

void record_set_group(struct sam *s, struct macro *m, struct val *domain, const char *domain_id, bool http,
		      struct val *groups)
{
	struct val *route53 = get(domain, "Route53");
	if (!route53)
		return;
	want_map(s, m->id, route53, "Domain.Route53");
	if (!get(route53, "HostedZoneId") && !get(route53, "HostedZoneName"))
		sam_fail(s, m->id, route53, "Route53 needs HostedZoneId or HostedZoneName");
	struct val *separate = get(route53, "SeparateRecordSetGroup");
	if (!http && truthy(separate)) {
		if (!is_bool(separate))
			sam_fail(s, m->id, separate, "'SeparateRecordSetGroup' should be true or false");
		struct val *hashed = make(s, route53->node, "[%v,%v]", zone_of(route53), get(domain, "DomainName"));
		struct res *own = group(s, m, hashed_id(s, "RecordSetGroup", hashed), route53, true);
		add_records(s, m, get(own->props, "RecordSets"), domain, domain_id, http);
		made(s, m, own);
		return;
	}
	/* one group for all APIs of a zone: the later ones add to the first one's records */
	const char *id = hashed_id(s, "RecordSetGroup", zone_of(route53));
	struct val *there = get(groups, id);
	struct res *shared = there ? NULL : group(s, m, id, route53, false);
	if (!there) {
		if (http && get(route53, "HostedZoneId"))
			del(shared->props, SG_LIT("HostedZoneName"));
		made(s, m, shared);
		set(s, groups, id, there = get(shared->props, "RecordSets"));
	}
	add_records(s, m, there, domain, domain_id, http);
}

/* ------------------------------------------------------------------------------------------------ REST */

static struct val *mutual_tls(struct sam *s, const char *id, struct val *domain)
{
	static const char *const known[] = {"TruststoreUri", "TruststoreVersion", NULL};
	struct val *own = get(domain, "MutualTlsAuthentication");
	if (!truthy(own))
		return NULL;
	want_map(s, id, own, "Domain.MutualTlsAuthentication");
	for (size_t i = 0; i < own->n; i++)
		if (!is_one_of(val_str(s, own->node, own->entries[i].key), known))
			sam_fail(s, id, own, "MutualTlsAuthentication has TruststoreUri and TruststoreVersion alone");
	struct val *uri = get(own, "TruststoreUri"), *version = get(own, "TruststoreVersion");
	return make(s, own->node, "{'TruststoreUri':%v,'TruststoreVersion':%v}", truthy(uri) ? uri : NULL,
		    truthy(version) ? version : NULL);
}

static struct val *base_paths(struct sam *s, struct api *a)
{
	struct val *v = get(a->domain, "BasePath");
	if (!truthy(v) || (!is_str(v) && !is_list(v)))
		return NULL;
	if (is_str(v))
		return make(s, v->node, "[%v]", v);
	for (size_t i = 0; i < v->n; i++)
		want_str(s, a->macro->id, v->items[i], "Domain.BasePath");
	return v;
}

static struct sg_str letters(struct sam *s, struct sg_str text)
{
	char *p = sg_alloc(s->arena, text.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < text.n; i++)
		if (alnum(sg_str_sub(text, i, 1)))
			p[n++] = text.p[i];
	return (struct sg_str){p, n};
}

static void mapping(struct sam *s, struct api *a, const char *id, const char *domain, struct val *path, bool private_)
{
	struct res *r = res_new(s, a->macro, id,
				private_ ? "AWS::ApiGateway::BasePathMappingV2" : "AWS::ApiGateway::BasePathMapping",
				a->domain->node);
	res_set(s, r, private_ ? "DomainNameArn" : "DomainName", ref_to(s, a->domain->node, domain));
	res_set(s, r, "RestApiId", ref_to(s, a->domain->node, a->macro->id));
	res_set(s, r, "Stage", ref_to(s, a->domain->node, fmt(s, "%s.Stage", a->macro->id)));
	res_set(s, r, "BasePath", path);
	made(s, a->macro, r);
}

static void mappings(struct sam *s, struct api *a, const char *domain, bool private_)
{
	struct val *paths = base_paths(s, a), *flag = raw(a->domain, "NormalizeBasePath");
	if (!paths)
		mapping(s, a, fmt(s, "%sBasePathMapping", a->macro->id), domain, NULL, private_);
	for (size_t i = 0; paths && i < paths->n; i++) {
		struct sg_str plain = letters(s, paths->items[i]->text);
		struct val *path = !flag || truthy(flag) ? val_str(s, paths->node, plain) : paths->items[i];
		mapping(s, a, fmt(s, "%s%.*sBasePathMapping", a->macro->id, SG_FMT(plain)), domain, path, private_);
	}
}

/* What both kinds of domain have: name, certificate, endpoint. */
static struct res *domain_resource(struct sam *s, struct api *a, const char *prefix, const char *type)
{
	static const char *const kinds[] = {"EDGE", "REGIONAL", "PRIVATE", NULL};
	static const char *const copied[] = {"SecurityPolicy", "EndpointAccessMode", "Policy",
					     "OwnershipVerificationCertificateArn"};
	struct val *d = want_map(s, a->macro->id, a->domain, "Domain");
	struct val *name = want(s, a->macro->id, get(d, "DomainName"), d, "Domain.DomainName");
	want(s, a->macro->id, get(d, "CertificateArn"), d, "Domain.CertificateArn");
	struct res *r = res_new(s, a->macro, hashed_id(s, prefix, name), type, d->node);
	struct val *kind = get(d, "EndpointConfiguration");
	if (!kind)
		set(s, d, "EndpointConfiguration", kind = val_text(s, d->node, "REGIONAL"));
	if (!is_one_of(kind, kinds))
		sam_fail(s, a->macro->id, kind, "the EndpointConfiguration of a domain is EDGE, REGIONAL or PRIVATE");
	struct val *ip = get(d, "IpAddressType");
	res_set(s, r, "DomainName", name);
	res_set(s, r, "EndpointConfiguration",
		make(s, d->node, "{'Types':[%v],'IpAddressType':%v}", kind, truthy(ip) ? ip : NULL));
	for (size_t i = 0; i < sizeof(copied) / sizeof(*copied); i++)
		if (truthy(get(d, copied[i])))
			res_set(s, r, copied[i], get(d, copied[i]));
	made(s, a->macro, r);
	return r;
}

void api_domain(struct sam *s, struct api *a)
{
	if (!a->domain)
		return;
	struct res *r = domain_resource(s, a, "ApiGatewayDomainName", "AWS::ApiGateway::DomainName");
	bool regional = is(get(a->domain, "EndpointConfiguration"), "REGIONAL");
	if (get(r->props, "Policy"))
		sam_fail(s, a->macro->id, a->domain, "only a domain with a PRIVATE endpoint has a Policy");
	res_set(s, r, regional ? "RegionalCertificateArn" : "CertificateArn", get(a->domain, "CertificateArn"));
	res_set(s, r, "MutualTlsAuthentication", mutual_tls(s, a->macro->id, a->domain));
	mappings(s, a, r->id, false);
	record_set_group(s, a->macro, a->domain, r->id, false, s->record_sets);
}

static void access_association(struct sam *s, struct api *a, const char *domain)
{
	struct val *own = get(a->domain, "AccessAssociation");
	if (!own)
		return;
	struct val *endpoint = get(want_map(s, a->macro->id, own, "Domain.AccessAssociation"), "VpcEndpointId");
	struct val *hashed = make(s, own->node, "[%v,'%s']", endpoint, domain);
	struct res *r = res_new(s, a->macro, hashed_id(s, "DomainNameAccessAssociation", hashed),
				"AWS::ApiGateway::DomainNameAccessAssociation", own->node);
	res_set(s, r, "DomainNameArn", ref_to(s, own->node, domain));
	res_set(s, r, "AccessAssociationSourceType", val_text(s, own->node, "VPCE"));
	res_set(s, r, "AccessAssociationSource", endpoint);
	made(s, a->macro, r);
}

void api_domain_private(struct sam *s, struct api *a)
{
	struct res *r = domain_resource(s, a, "ApiGatewayDomainNameV2", "AWS::ApiGateway::DomainNameV2");
	if (get(r->props, "OwnershipVerificationCertificateArn"))
		sam_fail(s, a->macro->id, a->domain, "a domain with a PRIVATE endpoint has no ownership certificate");
	res_set(s, r, "CertificateArn", get(a->domain, "CertificateArn"));
	mappings(s, a, r->id, true);
	access_association(s, a, r->id);
	record_set_group(s, a->macro, a->domain, r->id, false, s->record_sets);
}

/* ------------------------------------------------------------------------------------------------ HTTP, WebSocket */

static void http_mapping(struct sam *s, struct macro *m, const char *id, const char *domain, struct val *path,
			 const struct sg_node *from)
{
	struct res *r = res_new(s, m, id, "AWS::ApiGatewayV2::ApiMapping", from);
	res_set(s, r, "DomainName", ref_to(s, from, domain));
	res_set(s, r, "ApiId", ref_to(s, from, m->id));
	res_set(s, r, "Stage", ref_to(s, from, fmt(s, "%s.Stage", m->id)));
	res_set(s, r, "ApiMappingKey", path);
	made(s, m, r);
}

static void http_path(struct sam *s, struct macro *m, const char *domain, struct val *path)
{
	if (!is_str(path))
		sam_fail(s, m->id, path, "a BasePath must be a string");
	struct sg_str t = path->text;
	for (size_t i = 0; i < t.n; i++)
		if (!alnum(sg_str_sub(t, i, 1)) && t.p[i] != '/' && t.p[i] != '-' && t.p[i] != '_')
			sam_fail(s, m->id, path, "a BasePath has letters, digits, '/', '-' and '_' alone");
	while (sg_str_starts(t, "/"))
		t = sg_str_sub(t, 1, SIZE_MAX);
	while (sg_str_ends(t, "/"))
		t = sg_str_sub(t, 0, t.n - 1);
	http_mapping(s, m, fmt(s, "%s%.*sApiMapping", m->id, SG_FMT(letters(s, t))), domain, val_str(s, path->node, t),
		     path->node);
}

void http_domain(struct sam *s, struct macro *m, struct val *d, const char *created_by, struct val *groups)
{
	if (!d)
		return;
	struct val *name = get(d, "DomainName"), *certificate = get(d, "CertificateArn");
	struct val *kind = get(d, "EndpointConfiguration"), *owner = get(d, "OwnershipVerificationCertificateArn");
	struct val *policy = get(d, "SecurityPolicy"), *paths = get(d, "BasePath");
	if (!name || !certificate)
		sam_fail(s, m->id, d, "a custom domain needs DomainName and CertificateArn");
	if (!kind)
		set(s, d, "EndpointConfiguration", kind = val_text(s, d->node, "REGIONAL"));
	if (!is(kind, "REGIONAL"))
		sam_fail(s, m->id, kind, "the EndpointConfiguration of the domain must be REGIONAL");
	struct res *r =
		res_new(s, m, hashed_id(s, "ApiGatewayDomainNameV2", name), "AWS::ApiGatewayV2::DomainName", d->node);
	res_set(s, r, "DomainName", name);
	res_set(s, r, "DomainNameConfigurations",
		make(s, d->node,
		     "[{'CertificateArn':%v,'EndpointType':%v,'OwnershipVerificationCertificateArn':%v,"
		     "'SecurityPolicy':%v}]",
		     certificate, kind, truthy(owner) ? owner : NULL, truthy(policy) ? policy : NULL));
	res_set(s, r, "MutualTlsAuthentication", mutual_tls(s, m->id, d));
	res_set(s, r, "Tags", make(s, d->node, "{'%s':'SAM'}", created_by));
	made(s, m, r);
	if (is_str(paths) && paths->text.n)
		http_path(s, m, r->id, paths);
	else if (is_list(paths) && paths->n)
		for (size_t i = 0; i < paths->n; i++)
			http_path(s, m, r->id, paths->items[i]);
	else
		http_mapping(s, m, fmt(s, "%sApiMapping", m->id), r->id, NULL, d->node);
	record_set_group(s, m, d, r->id, true, groups);
}
