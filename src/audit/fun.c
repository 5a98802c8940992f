/*
 * FUN: the configuration of the function: that our executor is what runs, that nothing persists or is shared, that
 * nobody outside gets in.  Who may invoke is in.c, secrets are env.c.
 */
#include "audit/audit_priv.h"

#include <string.h>

#define WRAPPER "AWS_LAMBDA_EXEC_WRAPPER"
#define WRAPPER_PATH "/var/task/bootstrap"
/* The handler that `render` writes, which refuses to run anything: without the wrapper no script ever runs. */
#define HANDLER "lambda_function.lambda_handler"

static void fail(struct check *k, const char *dotted, const struct sg_alt *alt, const char *settle, const char *what)
{
	struct sg_finding *f =
		audit_say(k, SG_FAIL, k->fn, dotted, alt->guard, &alt->val, "%.*s: %s", SG_FMT(k->fn->id), what);
	if (f->status == SG_FAIL)
		audit_settle(k, f, settle);
}

static void unproven(struct check *k, const char *dotted, const struct sg_alt *alt, const char *what)
{
	audit_say(k, SG_UNPROVEN, k->fn, dotted, alt->guard, &alt->val, "%.*s: %s", SG_FMT(k->fn->id), what);
}

static bool literal(struct check *k, const struct sg_val *v)
{
	struct sg_str text;
	return v->kind != SG_V_UNKNOWN && (v->kind != SG_V_STRING || audit_text(k, v, &text));
}

/* ---------------------------------------------------------------------------------------------- FUN001 */

static void must_be(struct check *k, const char *dotted, const char *text, const char *what)
{
	struct sg_alts alts = audit_prop(k, dotted);
	for (size_t i = 0; i < alts.n; i++) {
		if (sg_val_is(&alts.v[i].val, text))
			continue;
		if (audit_absent(&alts.v[i].val) || literal(k, &alts.v[i].val))
			fail(k, dotted, &alts.v[i], text, what);
		else
			unproven(k, dotted, &alts.v[i], what);
	}
}

/* Variables that make another program, or other code in ours, run. */
static bool hijacks(struct sg_str name)
{
	static const char *const prefixes[] = {"LD_", "PYTHON", "GLIBC_", "MALLOC_", "BASH_", "GCONV_", "_"};
	static const char *const names[] = {"ENV",     "PATH",    "IFS",    "PS4", "SHELLOPTS",
					    "LOCPATH", "NLSPATH", "TMPDIR", "HOME"};
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (sg_str_starts(name, prefixes[i]))
			return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (sg_str_is(name, names[i]))
			return true;
	return false;
}

static void variables(struct check *k, const struct sg_alt *alt)
{
	if (alt->val.kind != SG_V_MAP) {
		if (!audit_absent(&alt->val))
			unproven(k, "Environment.Variables", alt, "its environment variables are not known");
		return;
	}
	for (size_t i = 0; i < alt->val.node->n; i++) {
		const struct sg_member *m = &alt->val.node->members[i];
		if (m->key->kind != SG_SCALAR || !hijacks(m->key->text))
			continue;
		struct sg_finding *f = audit_say(k, SG_FAIL, k->fn, "Environment.Variables", alt->guard, NULL,
						 "%.*s: the variable %.*s can make other code run than the executor",
						 SG_FMT(k->fn->id), SG_FMT(m->key->text));
		f->span = m->key->span;
		audit_settle(k, f, "take the variable away");
	}
}

/* A local path in CodeUri: the expansion cannot know where it will be uploaded to, only that it is a zip file. */
static bool is_uploaded_code(const struct sg_val *v)
{
	const struct sg_node *n = v->kind == SG_V_UNKNOWN ? v->node : NULL;
	return n && n->why == SG_WHY_SAM && sg_node_get(n, "Fn::Transform");
}

static void executor(struct check *k)
{
	if (!k->ours) {
		struct sg_finding *f =
			audit_say(k, SG_FAIL, k->fn, NULL, k->in, NULL,
				  "nothing says that %.*s runs the executor of sandboxgen", SG_FMT(k->fn->id));
		f->severity = SG_LOW;
		audit_settle(k, f, "--spec, or Metadata: {Sandboxgen: {Role: executor}}, if it should");
		return;
	}
	must_be(k, "Environment.Variables." WRAPPER, WRAPPER_PATH, "the executor is not what Lambda starts");
	must_be(k, "Handler", HANDLER, "the handler is not the one that refuses to run scripts by itself");
	struct sg_alts env = audit_prop(k, "Environment.Variables");
	for (size_t i = 0; i < env.n; i++)
		variables(k, &env.v[i]);
	struct sg_alts inlined = audit_prop(k, "Code.ZipFile");
	for (size_t i = 0; i < inlined.n; i++)
		if (inlined.v[i].val.kind == SG_V_UNKNOWN && !is_uploaded_code(&inlined.v[i].val))
			unproven(k, "Code", &inlined.v[i], "whether it has inline code is not known");
		else if (!audit_absent(&inlined.v[i].val) && inlined.v[i].val.kind != SG_V_UNKNOWN)
			fail(k, "Code", &inlined.v[i], "deploy the bundle that `make` builds",
			     "inline code brings no executor");
}

/* ---------------------------------------------------------------------------------------------- FUN002 */

/* Deprecation dates of runtimes, as AWS had announced them on the date below; the audit says the same on any day.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html */
#define RUNTIMES_AS_OF 20261123

static const struct {
	const char *name;
	int deprecated; /* year, month, day; 0: long ago */
} runtimes[] = {
	{"python3.14", 20290630},
	{"python3.13", 20290630},
	{"python3.12", 20281031},
	{"python3.11", 20270630},
	{"python3.10", 20261031},
	{"python3.9", 20251215},
	{"python3.8", 20241014},
	{"python3.7", 20231204},
	{"python3.6", 0},
	{"python2.7", 0},
	{"nodejs24.x", 20280430},
	{"nodejs22.x", 20270430},
	{"nodejs20.x", 20260430},
	{"nodejs18.x", 20250901},
	{"nodejs16.x", 0},
	{"nodejs14.x", 0},
	{"nodejs12.x", 0},
	{"nodejs10.x", 0},
	{"nodejs8.10", 0},
	{"nodejs6.10", 0},
	{"nodejs4.3", 0},
	{"nodejs4.3-edge", 0},
	{"nodejs", 0},
	{"java25", 20290630},
	{"java21", 20290630},
	{"java17", 20270630},
	{"java11", 20270630},
	{"java8.al2", 20270630},
	{"java8", 0},
	{"dotnet10", 20281114},
	{"dotnet8", 20261110},
	{"dotnet7", 0},
	{"dotnet6", 20241220},
	{"dotnet5.0", 0},
	{"dotnetcore3.1", 0},
	{"dotnetcore2.1", 0},
	{"dotnetcore2.0", 0},
	{"dotnetcore1.0", 0},
	{"ruby3.4", 20280331},
	{"ruby3.3", 20270331},
	{"ruby3.2", 20260331},
	{"ruby2.7", 0},
	{"ruby2.5", 0},
	{"go1.x", 0},
	{"provided.al2023", 20290630},
	{"provided.al2", 20260731},
	{"provided", 0},
};

static int deprecation(struct sg_str name)
{
	for (size_t i = 0; i < sizeof(runtimes) / sizeof(*runtimes); i++)
		if (sg_str_is(name, runtimes[i].name))
			return runtimes[i].deprecated;
	return -1;
}

/* Security fixes come by themselves, unless the version of the runtime is held. */
static void runtime_updates(struct check *k)
{
	struct sg_alts alts = audit_prop(k, "RuntimeManagementConfig.UpdateRuntimeOn");
	for (size_t i = 0; i < alts.n; i++) {
		const struct sg_val *v = &alts.v[i].val;
		if (audit_absent(v) || sg_val_is(v, "Auto") || sg_val_is(v, "FunctionUpdate"))
			continue;
		struct sg_finding *f =
			audit_say(k, SG_UNPROVEN, k->fn, "RuntimeManagementConfig.UpdateRuntimeOn", alts.v[i].guard, v,
				  "%.*s: its runtime is held at one version", SG_FMT(k->fn->id));
		audit_settle(k, f, "UpdateRuntimeOn: Auto would settle it");
	}
}

static void runtime(struct check *k)
{
	runtime_updates(k);
	struct sg_alts alts = audit_prop(k, "Runtime");
	for (size_t i = 0; i < alts.n; i++) {
		struct sg_str name;
		if (audit_absent(&alts.v[i].val)) {
			/* an image, which FUN003 refuses; a zip without a runtime cannot be deployed */
			if (k->ours)
				fail(k, NULL, &alts.v[i], "Runtime: python3.12",
				     "it has no runtime to start the executor in");
			continue;
		}
		if (!audit_text(k, &alts.v[i].val, &name)) {
			unproven(k, "Runtime", &alts.v[i], "its runtime is not known");
			continue;
		}
		int date = deprecation(name);
		if (date < 0)
			unproven(k, "Runtime", &alts.v[i], "its runtime is none that this audit knows");
		else if (date <= RUNTIMES_AS_OF)
			fail(k, "Runtime", &alts.v[i], "a runtime that is supported, such as python3.12",
			     "its runtime is deprecated: it gets no security fixes");
		else if (k->ours && !sg_str_starts(name, "python3."))
			fail(k, "Runtime", &alts.v[i], "python3.12",
			     "Lambda starts the executor's wrapper only with a Python runtime");
	}
}

/* ---------------------------------------------------------------------------------------------- not there */

/* A property that must be absent, or have one of the harmless values. */
struct forbidden {
	const char *dotted, *harmless; /* harmless may be NULL */
	const char *what, *settle;
};

static bool is_empty(const struct sg_val *v)
{
	return audit_absent(v) || ((v->kind == SG_V_LIST || v->kind == SG_V_MAP) && !v->node->n);
}

static void must_be_absent(struct check *k, const struct forbidden *p)
{
	struct sg_alts alts = audit_prop(k, p->dotted);
	for (size_t i = 0; i < alts.n; i++) {
		const struct sg_val *v = &alts.v[i].val;
		if (is_empty(v) || (p->harmless && sg_val_is(v, p->harmless)))
			continue;
		if (!strncmp(p->dotted, "Code.", 5) && is_uploaded_code(v))
			continue;
		if (v->kind == SG_V_UNKNOWN || (p->harmless && !literal(k, v)))
			unproven(k, p->dotted, &alts.v[i], p->what);
		else
			fail(k, p->dotted, &alts.v[i], p->settle, p->what);
	}
}

/* A list must be without elements in every world, also where each of them is conditional. */
static void must_be_empty(struct check *k, const struct forbidden *p)
{
	struct sg_items items = sg_alts_items(k->m->cfn, audit_prop(k, p->dotted), false);
	for (size_t i = 0; i < items.n; i++) {
		if (items.v[i].val.kind == SG_V_UNKNOWN)
			unproven(k, p->dotted, &items.v[i], p->what);
		else
			fail(k, p->dotted, &items.v[i], p->settle, p->what);
	}
}

static void package(struct check *k)
{
	static const struct forbidden rows[] = {
		{"PackageType", "Zip", "it is a container image, whose contents decide what runs", "PackageType: Zip"},
		{"ImageConfig", NULL, "an image configuration decides what runs", "take ImageConfig away"},
		{"Code.ImageUri", NULL, "its code is a container image", "a zip package"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		must_be_absent(k, &rows[i]);
}

static void file_systems(struct check *k)
{
	must_be_empty(k, &(struct forbidden){"FileSystemConfigs", NULL,
					     "a file system is mounted: what a script writes there outlives it",
					     "take FileSystemConfigs away"});
}

static void shared_environments(struct check *k)
{
	static const struct forbidden rows[] = {
		{"CapacityProviderConfig", NULL, "managed instances run its environments, and are no security boundary",
		 "take CapacityProviderConfig away"},
		{"SnapStart.ApplyOn", "None", "SnapStart starts many environments from one memory image",
		 "SnapStart: {ApplyOn: None}"},
		{"DurableConfig", NULL, "durable execution keeps state between runs", "take DurableConfig away"},
		{"FunctionScalingConfig", NULL, "managed instances run its environments, and are no security boundary",
		 "take FunctionScalingConfig away"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		must_be_absent(k, &rows[i]);
}

static void recursion(struct check *k)
{
	must_be_absent(k, &(struct forbidden){"RecursiveLoop", "Terminate",
					      "Lambda does not stop it when it calls itself in a loop",
					      "RecursiveLoop: Terminate"});
}

/* ---------------------------------------------------------------------------------------------- FUN007 layers */

/* arn:aws:lambda:REGION:ACCOUNT:layer:NAME:VERSION */
static bool pinned(struct sg_str arn)
{
	size_t at = sg_str_find(arn, ":layer:", 0);
	size_t colon = at == SIZE_MAX ? SIZE_MAX : sg_str_find(arn, ":", at + 7);
	int64_t version;
	return colon != SIZE_MAX && sg_parse_i64(sg_str_sub(arn, colon + 1, SIZE_MAX), &version) && version > 0;
}

static bool made_here(struct check *k, const struct sg_val *v)
{
	const struct sg_resource *r = sg_model_target(k->m, v);
	return r &&
	       (sg_str_is(r->type, "AWS::Lambda::LayerVersion") || sg_str_is(r->type, "AWS::Serverless::LayerVersion"));
}

/* The last literal stretch of a string with symbols carries name and version. */
static bool tail_pinned(const struct sg_val *v)
{
	return v->kind == SG_V_STRING && v->n_parts && !v->parts[v->n_parts - 1].symbol &&
	       pinned(v->parts[v->n_parts - 1].literal);
}

static void layers(struct check *k)
{
	struct sg_items items = sg_alts_items(k->m->cfn, audit_prop(k, "Layers"), false);
	for (size_t i = 0; i < items.n; i++) {
		const struct sg_alt *alt = &items.v[i];
		bool known = made_here(k, &alt->val) || tail_pinned(&alt->val);
		if (!known && literal(k, &alt->val))
			fail(k, "Layers", alt, "a layer version's ARN, ending in :NAME:NUMBER",
			     "a layer is not pinned to a version");
		else if (!known)
			unproven(k, "Layers", alt, "which layer version it gets is not known");
		else if (k->ours)
			unproven(k, "Layers", alt, "a layer may bring extensions, which run beside the executor");
	}
}

/* ---------------------------------------------------------------------------------------------- FUN008, FUN009 */

static void published(struct check *k, const struct sg_resource *r, sg_guard in, bool maybe)
{
	struct sg_finding *f = audit_say(k, SG_UNPROVEN, r, NULL, in, NULL,
					 "%.*s %s a version of %.*s: earlier versions stay invokable as they were",
					 SG_FMT(r->id), maybe ? "may publish" : "publishes", SG_FMT(k->fn->id));
	audit_settle(k, f, "no versions and no aliases: callers name the function itself");
}

static void versions(struct check *k)
{
	audit_each_attached(k, "AWS::Lambda::Version", "FunctionName", published);
	audit_each_attached(k, "AWS::Lambda::Alias", "FunctionName", published);
	must_be_absent(k, &(struct forbidden){"PublishToLatestPublished", NULL, "each update publishes a version",
					      "take PublishToLatestPublished away"});
}

/* Worlds in which an EventInvokeConfig sets no retries for the function itself. */
static sg_guard without_retries(struct check *k, const struct sg_resource *r)
{
	struct sg_worlds *w = k->m->worlds;
	sg_guard named = SG_NEVER, latest = SG_NEVER, none = SG_NEVER;
	struct sg_alts ids = sg_net_prop(k->m, r, "FunctionName", k->in);
	for (size_t i = 0; i < ids.n; i++)
		if (audit_names_function(k, &ids.v[i].val, ids.v[i].guard) == SG_SAME)
			named = sg_guard_or(w, named, ids.v[i].guard);
	struct sg_alts qualifier = sg_net_prop(k->m, r, "Qualifier", named);
	for (size_t i = 0; i < qualifier.n; i++)
		if (sg_val_is(&qualifier.v[i].val, "$LATEST"))
			latest = sg_guard_or(w, latest, qualifier.v[i].guard);
	struct sg_alts retries = sg_net_prop(k->m, r, "MaximumRetryAttempts", latest);
	for (size_t i = 0; i < retries.n; i++) {
		int64_t n = -1;
		if (sg_val_integer(&retries.v[i].val, &n) && n == 0) {
			none = sg_guard_or(w, none, retries.v[i].guard);
			continue;
		}
		bool known = n > 0 || audit_absent(&retries.v[i].val);
		struct sg_finding *f = audit_say(k, known ? SG_FAIL : SG_UNPROVEN, r, "MaximumRetryAttempts",
						 retries.v[i].guard, &retries.v[i].val,
						 "Lambda runs a script again when an asynchronous call of %.*s fails",
						 SG_FMT(k->fn->id));
		if (known)
			audit_settle(k, f, "MaximumRetryAttempts: 0");
		none = sg_guard_or(w, none, retries.v[i].guard); /* said */
	}
	return none;
}

static void retries(struct check *k)
{
	sg_guard rest = k->in;
	const struct sg_resource *r;
	for (size_t i = 0; (r = sg_model_next(k->m, "AWS::Lambda::EventInvokeConfig", &i));)
		rest = sg_guard_minus(k->m->worlds, rest, without_retries(k, r));
	if (!sg_guard_possible(k->m->worlds, rest))
		return;
	struct sg_finding *f =
		audit_say(k, SG_FAIL, k->fn, NULL, rest, NULL,
			  "%.*s has no EventInvokeConfig: Lambda runs a script up to three times when an "
			  "asynchronous call fails",
			  SG_FMT(k->fn->id));
	audit_settle(k, f, "EventInvokeConfig with MaximumRetryAttempts: 0 for $LATEST");
}

/* ---------------------------------------------------------------------------------------------- FUN012, FUN013 */

/* A template that asks for it in one deployment is held to it in all. */
static bool asks_for_tenancy(struct check *k)
{
	struct sg_alts alts = audit_prop(k, "TenancyConfig.TenantIsolationMode");
	for (size_t i = 0; i < alts.n; i++)
		if (!audit_absent(&alts.v[i].val))
			return true;
	return false;
}

static void tenancy(struct check *k)
{
	if (k->o->bounds.per_tenant || asks_for_tenancy(k))
		must_be(k, "TenancyConfig.TenantIsolationMode", "PER_TENANT",
			"one environment per tenant is asked for");
}

/* Properties of AWS::Lambda::Function that are read above, or that change nothing here.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html */
static const char *const properties[] = {
	"Architectures",
	"CapacityProviderConfig",
	"Code",
	"CodeSigningConfigArn",
	"DeadLetterConfig",
	"Description",
	"DurableConfig",
	"Environment",
	"EphemeralStorage",
	"FileSystemConfigs",
	"FunctionName",
	"FunctionScalingConfig",
	"Handler",
	"ImageConfig",
	"KmsKeyArn",
	"Layers",
	"LoggingConfig",
	"MemorySize",
	"PackageType",
	"PublishToLatestPublished",
	"RecursiveLoop",
	"ReservedConcurrentExecutions",
	"Role",
	"Runtime",
	"RuntimeManagementConfig",
	"SnapStart",
	"Tags",
	"TenancyConfig",
	"Timeout",
	"TracingConfig",
	"VpcConfig",
};

static bool is_known(const struct sg_node *key)
{
	for (size_t i = 0; key->kind == SG_SCALAR && i < sizeof(properties) / sizeof(*properties); i++)
		if (sg_str_is(key->text, properties[i]))
			return true;
	return false;
}

static void unknown_property(struct check *k, struct sg_span span, struct sg_str name)
{
	struct sg_finding *f =
		audit_say(k, SG_UNPROVEN, k->fn, NULL, k->in, NULL,
			  "what the property '%.*s' does to %.*s is not known", SG_FMT(name), SG_FMT(k->fn->id));
	f->span = span;
	audit_settle(k, f,
		     "a version of sandboxgen that knows the property, or a template without it, would settle it");
}

static void known_properties(struct check *k)
{
	const struct sg_node *props = k->fn->props;
	if (!props || props->kind != SG_MAP)
		return;
	for (size_t i = 0; i < props->n; i++)
		if (!is_known(props->members[i].key))
			unknown_property(k, props->members[i].key->span, props->members[i].key->text);
}

const struct check_row audit_fun[] = {
	{"FUN001", executor},
	{"FUN002", runtime},
	{"FUN003", package},
	{"FUN004", file_systems},
	{"FUN005", audit_check_invokers},
	{"FUN006", audit_check_secrets},
	{"FUN007", layers},
	{"FUN008", versions},
	{"FUN009", retries},
	{"FUN010", shared_environments},
	{"FUN011", recursion},
	{"FUN012", tenancy},
	{"FUN013", known_properties},
	{NULL, NULL},
};
