/*
 * EventInvokeConfig: what happens behind an asynchronous call; destinations without an ARN are made.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-eventinvokeconfiguration.html
 */
#include "sam/sam_priv.h"

struct destination {
	struct macro *macro;
	const char *id;   /* of the configuration */
	const char *name; /* OnSuccess, OnFailure */
	struct val *config, *type;
	struct val *value;     /* the ARN that comes of it */
	const char *condition; /* under which the made one exists, or NULL */
	struct val *other;     /* the ARN where the condition does not hold */
};

static const char *condition_id(struct sam *s, const char *name, const char *hashed)
{
	const char *id = hashed_text(s, name, sg_str(hashed));
	return sg_cstr(s->arena, sg_str_sub(sg_str(id), 0, 255)); /* CloudFormation's limit */
}

/* Destination: !If [C, !Ref AWS::NoValue, arn] makes one where C holds. */
static void read_condition(struct sam *s, struct destination *d)
{
	struct val *own = get(d->config, "Destination"), *arg = is_fn(own, "Fn::If") ? own->entries[0].value : NULL;
	if (!arg)
		return;
	if (!is_list(arg) || arg->n != 3)
		sam_fail(s, d->id, own, "the Fn::If of 'Destination' takes three values");
	bool yes = is_no_value(arg->items[1]), no = is_no_value(arg->items[2]);
	if (yes == no)
		return;
	const char *name = cstr(s, want_str(s, d->macro->id, arg->items[0], "the condition of Destination"));
	if (yes) {
		d->condition = name;
		d->other = arg->items[2];
		return;
	}
	d->condition = condition_id(s, fmt(s, "NOT%s", name), d->id);
	d->other = arg->items[1];
	conditions_put(s, d->condition, make(s, own->node, "{'Fn::Not':[{'Condition':'%s'}]}", name));
}

static struct val *combined(struct sam *s, struct destination *d)
{
	struct val *own = get(d->macro->passed, "Condition");
	if (!d->condition)
		return own;
	if (!own)
		return val_text(s, d->config->node, d->condition);
	const char *id = condition_id(s, fmt(s, "%sAND%s", cstr(s, own), d->condition), d->macro->id);
	conditions_put(s, id,
		       make(s, d->config->node,
			    "{'Fn::And':[{'Condition':{'Condition':%v}},{'Condition':{'Condition':'%s'}}]}", own,
			    d->condition));
	return val_text(s, d->config->node, id);
}

static void make_destination(struct sam *s, struct destination *d)
{
	bool queue = is(d->type, "SQS");
	if (!queue && !is(d->type, "SNS"))
		sam_fail(s, d->macro->id, d->config, "Destination is required for this type");
	const char *id = fmt(s, "%s%s%s", d->id, d->name, queue ? "Queue" : "Topic");
	struct res *r = res_new(s, d->macro, id, queue ? "AWS::SQS::Queue" : "AWS::SNS::Topic", d->config->node);
	struct val *condition = combined(s, d);
	if (truthy(condition))
		res_attribute(s, r, "Condition", condition);
	struct val *arn = queue ? att_of(s, d->config->node, id, "Arn") : ref_to(s, d->config->node, id);
	d->value = d->condition ? make_if(s, d->config->node, d->condition, arn, d->other) : arn;
	made(s, d->macro, r);
}

static struct val *destination_policy(struct sam *s, struct destination *d)
{
	static const char *const rows[][3] = {
		{"SQS", "SQSPolicy", "sqs:SendMessage"},
		{"SNS", "SNSPolicy", "sns:publish"},
		{"EventBridge", "EventBridgePolicy", "events:PutEvents"},
		{"Lambda", "LambdaPolicy", "lambda:InvokeFunction"},
	};
	const char *id = fmt(s, "%s%s", d->id, d->name);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (is(d->type, rows[i][0]))
			return inline_policy(s, d->config->node, fmt(s, "%s%s", id, rows[i][1]), rows[i][2], d->value);
	return s3_policy(s, d->config->node, id, d->value);
}

static void destination(struct sam *s, struct destination *d, struct val *into, struct val *policies)
{
	static const char *const types[] = {"SQS", "SNS", "EventBridge", "Lambda", "S3Bucket", NULL};
	want_map(s, d->macro->id, d->config, fmt(s, "EventInvokeConfig.DestinationConfig.%s", d->name));
	d->type = get(d->config, "Type");
	d->value = get(d->config, "Destination");
	if (!is_one_of(d->type, types))
		sam_fail(s, d->macro->id, d->config,
			 "the Type of a destination must be SQS, SNS, EventBridge, Lambda or "
			 "S3Bucket");
	bool given = d->value != NULL;
	read_condition(s, d);
	if (!given || d->condition)
		make_destination(s, d);
	push(s, policies, destination_policy(s, d));
	set(s, into, d->name, make(s, d->config->node, "{'Destination':%v}", d->value));
	if (s->options->use_defaults) /* as in the translator, where Globals are shared by reference */
		set(s, d->config, "Destination", d->value);
}

struct val *function_invoke_config(struct sam *s, struct macro *m, const char *alias_name, struct res *alias)
{
	static const char *const names[] = {"OnSuccess", "OnFailure"};
	struct val *config = get(m->props, "EventInvokeConfig");
	if (!truthy(config))
		return NULL;
	config = resolve(s, config);
	struct val *destinations = val_map(s, config->node), *policies = val_list(s, config->node);
	struct val *own = get(config, "DestinationConfig");
	const char *id = fmt(s, "%sEventInvokeConfig", m->id);
	if (truthy(own))
		want_map(s, m->id, own, "EventInvokeConfig.DestinationConfig");
	for (size_t i = 0; i < 2; i++) {
		struct destination d = {.macro = m, .id = id, .name = names[i], .config = get(own, names[i])};
		if (d.config)
			destination(s, &d, destinations, policies);
	}
	struct res *r = res_new(s, m, id, "AWS::Lambda::EventInvokeConfig", config->node);
	r->attributes = val_shallow(s, m->attributes);
	if (alias)
		res_depends(s, r, alias->id);
	res_set(s, r, "FunctionName", ref_to(s, config->node, m->id));
	res_set(s, r, "Qualifier", val_text(s, config->node, alias_name ? alias_name : "$LATEST"));
	res_set(s, r, "DestinationConfig", destinations);
	res_set(s, r, "MaximumEventAgeInSeconds", get(config, "MaximumEventAgeInSeconds"));
	res_set(s, r, "MaximumRetryAttempts", get(config, "MaximumRetryAttempts"));
	made(s, m, r);
	return policies;
}
