/*
 * Events that are rules or schedules of EventBridge: Schedule, CloudWatchEvent, EventBridgeRule, ScheduleV2.
 */
#include "sam/sam_priv.h"

#define EVENTS "events.amazonaws.com"

static const char *const schedule_target[] = {"Input", "RetryPolicy", NULL};
static const char *const rule_target[] = {"Input", "InputPath", "RetryPolicy", "InputTransformer", NULL};

static struct res *schedule_rule(struct sam *s, struct event *e)
{
	struct res *r = res_new(s, e->macro, e->id, "AWS::Events::Rule", e->from);
	res_set(s, r, "ScheduleExpression", get(e->props, "Schedule"));
	event_rule_state(s, e, r);
	res_set(s, r, "Name", get(e->props, "Name"));
	res_set(s, r, "Description", get(e->props, "Description"));
	made(s, e->macro, r);
	return r;
}

static struct res *pattern_rule(struct sam *s, struct event *e)
{
	struct res *r = res_new(s, e->macro, e->id, "AWS::Events::Rule", e->from);
	res_set(s, r, "EventBusName", get(e->props, "EventBusName"));
	res_set(s, r, "EventPattern", get(e->props, "Pattern"));
	res_set(s, r, "Name", get(e->props, "RuleName"));
	event_rule_state(s, e, r);
	made(s, e->macro, r);
	return r;
}

static void targets(struct sam *s, struct event *e, struct res *rule, const char *suffix, const char *const *copied,
		    struct val *role)
{
	struct val *dlq = event_dlq(s, e, true, att_of(s, e->from, rule->id, "Arn"));
	res_set(s, rule, "Targets", make(s, e->from, "[%v]", event_target(s, e, suffix, copied, dlq, role)));
}

static void invoke(struct sam *s, struct event *e, struct res *rule, const char *const *copied)
{
	targets(s, e, rule, "LambdaTarget", copied, NULL);
	made(s, e->macro, event_permission(s, e, EVENTS, "", att_of(s, e->from, rule->id, "Arn")));
}

void event_schedule(struct sam *s, struct event *e)
{
	invoke(s, e, schedule_rule(s, e), schedule_target);
}

void event_rule(struct sam *s, struct event *e)
{
	invoke(s, e, pattern_rule(s, e), rule_target);
}

void event_machine_schedule(struct sam *s, struct event *e)
{
	struct res *rule = schedule_rule(s, e);
	struct val *role = get(e->props, "RoleArn");
	if (!role)
		role = att_of(s, e->from, event_role(s, e, EVENTS)->id, "Arn");
	targets(s, e, rule, "StepFunctionsTarget", schedule_target, role);
}

void event_machine_rule(struct sam *s, struct event *e)
{
	struct res *rule = pattern_rule(s, e);
	struct val *role = att_of(s, e->from, event_role(s, e, EVENTS)->id, "Arn");
	targets(s, e, rule, "StepFunctionsTarget", rule_target, role);
}

/* ------------------------------------------------------------------------------------------------ the scheduler */

static void scheduler_name(struct sam *s, struct event *e, struct res *r)
{
	struct val *name = get(e->props, "Name");
	if (!truthy(get(e->props, "OmitName")))
		res_set(s, r, "Name", truthy(name) ? name : val_text(s, e->from, e->id));
	else if (truthy(name))
		sam_fail_event(s, e->id, name, "Name cannot be set where OmitName is true");
}

static struct val *scheduler_role(struct sam *s, struct event *e, struct val *dlq)
{
	bool function = e->target->name != NULL;
	struct res *r = res_new(s, e->macro, fmt(s, "%sRole", e->id), "AWS::IAM::Role", e->from);
	struct val *boundary = get(e->props, "PermissionsBoundary"), *policies = val_list(s, e->from);
	push(s, policies,
	     inline_policy(s, e->from, fmt(s, "%s%s", e->id, function ? "LambdaPolicy" : "StartExecutionPolicy"),
			   function ? "lambda:InvokeFunction" : "states:StartExecution", e->target->arn));
	if (truthy(dlq))
		push(s, policies, inline_policy(s, e->from, fmt(s, "%sSQSPolicy", e->id), "sqs:SendMessage", dlq));
	res_set(s, r, "AssumeRolePolicyDocument", trust_policy(s, e->from, "scheduler.amazonaws.com"));
	res_set(s, r, "Policies", policies);
	res_set(s, r, "PermissionsBoundary", truthy(boundary) ? boundary : NULL);
	made(s, e->macro, r);
	return att_of(s, e->from, r->id, "Arn");
}

void event_scheduler(struct sam *s, struct event *e)
{
	static const char *const copied[] = {"Description", "StartDate", "EndDate", "ScheduleExpressionTimezone",
					     "GroupName",   "KmsKeyArn"};
	struct res *r = res_new(s, e->macro, e->id, "AWS::Scheduler::Schedule", e->from);
	struct val *window = get(e->props, "FlexibleTimeWindow"), *role = get(e->props, "RoleArn");
	res_set(s, r, "ScheduleExpression", get(e->props, "ScheduleExpression"));
	res_set(s, r, "State", truthy(get(e->props, "State")) ? get(e->props, "State") : NULL);
	scheduler_name(s, e, r);
	for (size_t i = 0; i < sizeof(copied) / sizeof(*copied); i++)
		res_set(s, r, copied[i], get(e->props, copied[i]));
	res_set(s, r, "FlexibleTimeWindow", truthy(window) ? window : make(s, e->from, "{'Mode':'OFF'}"));
	made(s, e->macro, r);
	struct val *dlq = event_dlq(s, e, false, NULL);
	if (!truthy(role))
		role = scheduler_role(s, e, dlq);
	res_set(s, r, "Target",
		make(s, e->from, "{'Arn':%v,'RoleArn':%v,'Input':%v,'DeadLetterConfig':%v,'RetryPolicy':%v}",
		     e->target->arn, role, get(e->props, "Input"), dlq ? make(s, e->from, "{'Arn':%v}", dlq) : NULL,
		     get(e->props, "RetryPolicy")));
}
