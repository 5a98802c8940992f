/*
 * Events of services that call the function: S3, SNS, Cognito, IoT, CloudWatch Logs, Alexa.
 */
#include "sam/sam_priv.h"

/* What CloudFormation knows of a bucket and a user pool, as the translator knows it: others it refuses. */
static const struct prop props_bucket[] = {
	{"AccessControl", T_ANY},
	{"AccelerateConfiguration", T_ANY},
	{"AnalyticsConfigurations", T_ANY},
	{"BucketEncryption", T_ANY},
	{"BucketName", T_ANY},
	{"CorsConfiguration", T_ANY},
	{"IntelligentTieringConfigurations", T_ANY},
	{"InventoryConfigurations", T_ANY},
	{"LifecycleConfiguration", T_ANY},
	{"LoggingConfiguration", T_ANY},
	{"MetricsConfigurations", T_ANY},
	{"NotificationConfiguration", T_ANY},
	{"ObjectLockConfiguration", T_ANY},
	{"ObjectLockEnabled", T_ANY},
	{"OwnershipControls", T_ANY},
	{"PublicAccessBlockConfiguration", T_ANY},
	{"ReplicationConfiguration", T_ANY},
	{"Tags", T_ANY},
	{"VersioningConfiguration", T_ANY},
	{"WebsiteConfiguration", T_ANY},
	{NULL, 0},
};

static const struct prop props_user_pool[] = {
	{"AccountRecoverySetting", T_ANY},
	{"AdminCreateUserConfig", T_ANY},
	{"AliasAttributes", T_ANY},
	{"AutoVerifiedAttributes", T_ANY},
	{"DeletionProtection", T_ANY},
	{"DeviceConfiguration", T_ANY},
	{"EmailAuthenticationMessage", T_ANY},
	{"EmailAuthenticationSubject", T_ANY},
	{"EmailConfiguration", T_ANY},
	{"EmailVerificationMessage", T_ANY},
	{"EmailVerificationSubject", T_ANY},
	{"EnabledMfas", T_ANY},
	{"LambdaConfig", T_ANY},
	{"MfaConfiguration", T_ANY},
	{"Policies", T_ANY},
	{"Schema", T_ANY},
	{"SmsAuthenticationMessage", T_ANY},
	{"SmsConfiguration", T_ANY},
	{"SmsVerificationMessage", T_ANY},
	{"UserAttributeUpdateSettings", T_ANY},
	{"UsernameAttributes", T_ANY},
	{"UsernameConfiguration", T_ANY},
	{"UserPoolAddOns", T_ANY},
	{"UserPoolName", T_ANY},
	{"UserPoolTags", T_ANY},
	{"UserPoolTier", T_ANY},
	{"VerificationMessageTemplate", T_ANY},
	{"WebAuthnRelyingPartyID", T_ANY},
	{"WebAuthnUserVerification", T_ANY},
	{NULL, 0},
};

static void alone(struct sam *s, struct event *e, struct res *permission)
{
	made(s, e->macro, permission);
}

/* A resource of the template that an event writes into, as one that is made. */
static void rewritten(struct sam *s, struct event *e, const char *id, const char *type, const struct prop *known)
{
	static const char *const kept[] = {"DeletionPolicy", "UpdatePolicy", "Condition", "UpdateReplacePolicy",
					   "Metadata"};
	struct val *dict = get(s->resources, id);
	if (!is(get(dict, "Type"), type))
		sam_fail(s, id, dict, "it should be of type %s", type);
	struct res *r = res_bare(s, id, type, dict->node);
	r->props = get(dict, "Properties");
	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		res_attribute(s, r, kept[i], raw(dict, kept[i]));
	r->depends_on = get(dict, "DependsOn");
	check_props(s, id, type, r->props, known);
	made(s, e->macro, r);
}

/* The resource that {"Ref": Id} names. */
static const char *linked(struct sam *s, struct event *e, const char *property, const char *what)
{
	struct val *id = get(get(e->props, property), "Ref");
	if (id && !is_str(id))
		sam_fail_event(s, e->name, id, "the Ref of %s is no string", property);
	if (!id || !get_str(s->resources, id->text))
		sam_fail_event(s, e->name, get(e->props, property), "it must refer to %s of the same template", what);
	return cstr(s, id);
}

static struct val *props_of(struct sam *s, const char *id)
{
	struct val *dict = get(s->resources, id), *props = get(dict, "Properties");
	if (!props)
		set(s, dict, "Properties", props = val_map(s, dict->node));
	return want_map(s, id, props, "Properties");
}

/* A member of `map`, made where it is not there. */
static struct val *member(struct sam *s, struct val *map, const char *name, struct val *fresh)
{
	struct val *v = get(map, name);
	if (!v)
		set(s, map, name, v = fresh);
	return v;
}

/* ------------------------------------------------------------------------------------------------ S3 */

void event_s3_link(struct sam *s, struct event *e)
{
	linked(s, e, "Bucket", "a bucket");
}

/* The bucket checks that it may call the function: the permission must be there first. */
static void depend(struct sam *s, struct event *e, struct val *bucket, struct res *permission)
{
	struct val *own = raw(bucket, "DependsOn"), *list = val_list(s, e->from);
	struct val *id = val_text(s, e->from, permission->id);
	if (is_str(own))
		own = make(s, own->node, "[%v]", own);
	for (size_t i = 0; own && i < own->n; i++) {
		if (!is_list(own) || !is_str(own->items[i]))
			sam_fail(s, e->id, own, "DependsOn must be a string or a list of strings");
		if (!contains(list, own->items[i]))
			push(s, list, own->items[i]);
	}
	if (own && !is_list(own) && !is_map(own))
		sam_fail(s, e->id, own, "DependsOn must be a string or a list of strings");
	if (!contains(list, id))
		push(s, list, id);
	set(s, bucket, "DependsOn", list);
}

/* DependsOn cannot hang on a condition; a tag that refers to the permission can. */
static void depend_by_tag(struct sam *s, struct event *e, const char *bucket, struct res *permission)
{
	struct val *props = props_of(s, bucket), *tags = member(s, props, "Tags", val_list(s, e->from));
	want_list(s, bucket, tags, "Tags");
	struct val *all = val_list(s, tags->node);
	append(s, all, tags);
	push(s, all,
	     make(s, e->from,
		  "{'Key':'sam:ConditionalDependsOn:%s','Value':{'Fn::If':[%v,{'Ref':'%s'},'no dependency']}}",
		  permission->id, get(permission->attributes, "Condition"), permission->id));
	set(s, props, "Tags", all);
}

static void notify(struct sam *s, struct event *e, const char *bucket)
{
	struct val *props = props_of(s, bucket), *condition = get(e->target->attributes, "Condition");
	struct val *config = member(s, props, "NotificationConfiguration", val_map(s, e->from));
	want_map(s, bucket, config, "NotificationConfiguration");
	struct val *list = member(s, config, "LambdaConfigurations", val_list(s, e->from));
	want_list(s, bucket, list, "LambdaConfigurations");
	struct val *events = get(e->props, "Events");
	if (is_str(events))
		events = make(s, events->node, "[%v]", events);
	for (size_t i = 0; i < events->n; i++) {
		struct val *one = make(s, e->from, "{'Function':%v,'Filter':%v,'Event':%v}", e->target->arn,
				       get(e->props, "Filter"), events->items[i]);
		if (condition)
			one = make(s, e->from, "{'Fn::If':[%v,%v,{'Ref':'AWS::NoValue'}]}", condition, one);
		if (!contains(list, one))
			push(s, list, one);
	}
}

void event_s3(struct sam *s, struct event *e)
{
	const char *bucket = linked(s, e, "Bucket", "a bucket");
	struct res *permission = event_permission(s, e, "s3.amazonaws.com", "", NULL);
	res_set(s, permission, "SourceAccount", ref_to(s, e->from, "AWS::AccountId"));
	if (has(permission->attributes, "Condition"))
		depend_by_tag(s, e, bucket, permission);
	else
		depend(s, e, get(s->resources, bucket), permission);
	made(s, e->macro, permission);
	notify(s, e, bucket);
	rewritten(s, e, bucket, "AWS::S3::Bucket", props_bucket);
}

/* ------------------------------------------------------------------------------------------------ SNS */

static void subscription(struct sam *s, struct event *e, const char *protocol, struct val *endpoint)
{
	static const char *const copied[] = {"Region", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy"};
	struct res *r = res_new(s, e->macro, e->id, "AWS::SNS::Subscription", e->from);
	res_set(s, r, "Protocol", val_text(s, e->from, protocol));
	res_set(s, r, "Endpoint", endpoint);
	res_set(s, r, "TopicArn", get(e->props, "Topic"));
	for (size_t i = 0; i < sizeof(copied) / sizeof(*copied); i++)
		res_set(s, r, copied[i], get(e->props, copied[i]));
	made(s, e->macro, r);
}

static void topic_policy(struct sam *s, struct event *e, const char *id, struct val *arn, struct val *url)
{
	struct res *p = res_new(s, e->macro, id, "AWS::SQS::QueuePolicy", e->from);
	res_set(s, p, "PolicyDocument",
		make(s, e->from,
		     "{'Version':'2012-10-17','Statement':[{'Action':'sqs:SendMessage','Effect':'Allow','Principal':'*',"
		     "'Resource':%v,'Condition':{'ArnEquals':{'aws:SourceArn':%v}}}]}",
		     arn, get(e->props, "Topic")));
	res_set(s, p, "Queues", make(s, e->from, "[%v]", url));
	made(s, e->macro, p);
}

static void read_queue(struct sam *s, struct event *e, struct val *arn, struct val *batch)
{
	struct val *props =
		make(s, e->from, "{'BatchSize':%v,'Enabled':true}", truthy(batch) ? batch : val_int(s, e->from, 10));
	event_mapping(s, e, fmt(s, "%sEventSourceMapping", e->id), "SQS", arn, props);
}

static bool fifo(struct sam *s, struct event *e)
{
	struct sg_str topic = logical_id_of(get(e->props, "Topic"));
	struct val *flag = get(get(get_str(s->resources, topic), "Properties"), "FifoTopic");
	return topic.n && truthy(resolve(s, flag));
}

static void new_queue(struct sam *s, struct event *e)
{
	const char *id = fmt(s, "%sQueue", e->id);
	struct res *queue = res_new(s, e->macro, id, "AWS::SQS::Queue", e->from);
	struct val *arn = att_of(s, e->from, id, "Arn");
	if (fifo(s, e)) {
		struct sg_str topic = logical_id_of(get(e->props, "Topic"));
		res_set(s, queue, "FifoQueue",
			resolve(s, get(get(get_str(s->resources, topic), "Properties"), "FifoTopic")));
	}
	read_queue(s, e, arn, NULL);
	made(s, e->macro, queue);
	topic_policy(s, e, fmt(s, "%sQueuePolicy", e->id), arn, ref_to(s, e->from, id));
	subscription(s, e, "sqs", arn);
}

static void own_queue(struct sam *s, struct event *e, struct val *config)
{
	struct val *arn = get(config, "QueueArn"), *url = get(config, "QueueUrl");
	struct val *name = get(config, "QueuePolicyLogicalId");
	if (!is_map(config))
		sam_fail_event(s, e->name, config, "'SqsSubscription' should be a map");
	if (!truthy(arn) || !truthy(url))
		sam_fail_event(s, e->name, config, "SqsSubscription needs QueueArn and QueueUrl");
	read_queue(s, e, arn, get(config, "BatchSize"));
	topic_policy(s, e, truthy(name) ? cstr(s, name) : fmt(s, "%sQueuePolicy", e->id), arn, url);
	subscription(s, e, "sqs", arn);
}

void event_sns(struct sam *s, struct event *e)
{
	struct val *config = get(e->props, "SqsSubscription");
	if (!truthy(config)) {
		alone(s, e, event_permission(s, e, "sns.amazonaws.com", "", get(e->props, "Topic")));
		subscription(s, e, "lambda", e->target->arn);
	} else if (is_bool(config)) {
		new_queue(s, e);
	} else {
		own_queue(s, e, config);
	}
}

/* ------------------------------------------------------------------------------------------------ the others */

void event_alexa(struct sam *s, struct event *e)
{
	struct res *p = event_permission(s, e, "alexa-appkit.amazon.com", "", NULL);
	res_set(s, p, "EventSourceToken", get(e->props, "SkillId"));
	alone(s, e, p);
}

void event_iot(struct sam *s, struct event *e)
{
	struct val *arn = make(s, e->from,
			       "{'Fn::Sub':['arn:%s:iot:${AWS::Region}:${AWS::AccountId}:rule/${RuleName}',"
			       "{'RuleName':{'Ref':'%s'}}]}",
			       s->partition, e->id);
	struct res *p = event_permission(s, e, "iot.amazonaws.com", "", arn);
	res_set(s, p, "SourceAccount", make(s, e->from, "{'Fn::Sub':'${AWS::AccountId}'}"));
	made(s, e->macro, p);
	struct val *version = get(e->props, "AwsIotSqlVersion");
	struct res *rule = res_new(s, e->macro, e->id, "AWS::IoT::TopicRule", e->from);
	res_set(s, rule, "TopicRulePayload",
		make(s, e->from,
		     "{'Sql':%v,'RuleDisabled':false,'Actions':[{'Lambda':{'FunctionArn':%v}}],'AwsIotSqlVersion':%v}",
		     get(e->props, "Sql"), e->target->arn, truthy(version) ? version : NULL));
	made(s, e->macro, rule);
}

void event_logs(struct sam *s, struct event *e)
{
	struct val *group = get(e->props, "LogGroupName");
	struct val *arn = make(s, e->from,
			       "{'Fn::Sub':['arn:%s:logs:${AWS::Region}:${AWS::AccountId}:log-group:"
			       "${__LogGroupName__}:*',{'__LogGroupName__':%v}]}",
			       s->partition, group);
	struct res *p = event_permission(s, e, "logs.amazonaws.com", "", arn);
	made(s, e->macro, p);
	struct res *filter = res_new(s, e->macro, e->id, "AWS::Logs::SubscriptionFilter", e->from);
	res_depends(s, filter, p->id);
	res_set(s, filter, "LogGroupName", group);
	res_set(s, filter, "FilterPattern", get(e->props, "FilterPattern"));
	res_set(s, filter, "DestinationArn", e->target->arn);
	made(s, e->macro, filter);
}

void event_cognito_link(struct sam *s, struct event *e)
{
	linked(s, e, "UserPool", "a user pool");
}

void event_cognito(struct sam *s, struct event *e)
{
	const char *pool = linked(s, e, "UserPool", "a user pool");
	struct event named = *e; /* one permission for all triggers of the function */
	named.id = fmt(s, "%sCognito", e->target->own_id);
	made(s, e->macro,
	     event_permission(s, &named, "cognito-idp.amazonaws.com", "", att_of(s, e->from, pool, "Arn")));
	struct val *config = member(s, props_of(s, pool), "LambdaConfig", val_map(s, e->from));
	want_map(s, pool, config, "LambdaConfig");
	struct val *triggers = get(e->props, "Trigger");
	if (is_str(triggers))
		triggers = make(s, triggers->node, "[%v]", triggers);
	for (size_t i = 0; i < triggers->n; i++) {
		if (has_str(config, triggers->items[i]->text))
			sam_fail_event(s, e->name, triggers, "the Cognito trigger is defined several times");
		set_key(s, config, triggers->items[i]->text, NULL, e->target->arn);
	}
	rewritten(s, e, pool, "AWS::Cognito::UserPool", props_user_pool);
}
