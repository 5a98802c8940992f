/*
 * The Events of a function or state machine: which there are, and what several kinds of them make alike.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-eventsource.html
 */
#include "sam/sam_priv.h"

#include <stdlib.h>

/* ------------------------------------------------------------------------------------------------ dispatch */

static const struct event_kind *kind_of(struct sam *s, const char *name, const struct val *dict,
					const struct event_kind *kinds)
{
	const struct val *type = get(dict, "Type");
	for (const struct event_kind *k = kinds; k->type; k++)
		if (is(type, k->type))
			return k;
	sam_fail_event(s, name, type ? type : dict, "its type is none that SAM knows");
}

static struct event event_of(struct sam *s, struct macro *m, struct target *t, struct entry *e,
			     const struct event_kind *kinds, const struct event_kind **kind)
{
	struct event event = {.macro = m, .target = t, .dict = e->value, .from = e->value->node};
	event.name = sg_cstr(s->arena, e->key);
	event.id = fmt(s, "%s%s", m->id, event.name);
	*kind = kind_of(s, event.name, e->value, kinds);
	if (!alnum(sg_str(event.id)))
		sam_fail_event(s, event.name, e->value, "the logical id '%s' is not alphanumeric", event.id);
	event.props = raw(e->value, "Properties");
	if (!event.props)
		event.props = val_map(s, event.from);
	if (!is_map(event.props))
		sam_fail_event(s, event.name, event.props, "Properties should be a map");
	check_props(s, event.id, (*kind)->type, event.props, (*kind)->props);
	return event;
}

static struct val *events_of(struct sam *s, struct macro *m)
{
	struct val *events = get(m->props, "Events");
	if (is_intrinsic(events))
		sam_unknown(s, events, "the events are not known offline");
	return truthy(events) ? events : NULL;
}

void link_events(struct sam *s, struct macro *m, const struct event_kind *kinds)
{
	struct val *events = events_of(s, m);
	for (size_t i = 0; events && i < events->n; i++) {
		const struct event_kind *kind;
		struct event e = event_of(s, m, NULL, &events->entries[i], kinds, &kind);
		if (kind->link)
			kind->link(s, &e);
	}
}

static void expand_event(struct sam *s, struct macro *m, struct target *t, struct entry *entry,
			 const struct event_kind *kinds)
{
	const struct event_kind *kind;
	struct event e = event_of(s, m, t, entry, kinds, &kind);
	const struct sg_node *at = s->at;
	s->at = e.from;
	kind->expand(s, &e);
	s->at = at;
}

/* By path, so that $default comes before /: what it allows needs no second permission. */
static int by_path(const void *a, const void *b)
{
	const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;
	const struct val *p = get(get(x->value, "Properties"), "Path"), *q = get(get(y->value, "Properties"), "Path");
	int order = sg_str_cmp(is_str(p) ? p->text : x->key, is_str(q) ? q->text : y->key);
	return order ? order : (x > y) - (x < y);
}

void function_events(struct sam *s, struct macro *m, struct target *t)
{
	struct val *events = events_of(s, m);
	if (!events)
		return;
	struct entry **sorted = SG_NEW_ARRAY(s->arena, events->n, struct entry *);
	for (size_t i = 0; i < events->n; i++)
		sorted[i] = &events->entries[i];
	qsort(sorted, events->n, sizeof(*sorted), by_path); /* NOLINT: an array of pointers */
	for (size_t i = 0; i < events->n; i++)
		expand_event(s, m, t, sorted[i], function_event_kinds);
}

void machine_events(struct sam *s, struct macro *m, struct target *t)
{
	struct val *events = events_of(s, m);
	for (size_t i = 0; events && i < events->n; i++)
		expand_event(s, m, t, &events->entries[i], machine_event_kinds);
}

/* ------------------------------------------------------------------------------------------------ what they share */

struct res *event_permission(struct sam *s, struct event *e, const char *principal, const char *suffix,
			     struct val *source_arn)
{
	const char *prefix = fmt(s, "%sPermission", e->id);
	bool plain = alnum(sg_str(suffix));
	const char *id = plain ? fmt(s, "%s%s", prefix, suffix) : hashed_text(s, prefix, sg_str(suffix));
	struct res *p = res_new(s, e->macro, id, "AWS::Lambda::Permission", e->from);
	res_set(s, p, "Action", val_text(s, e->from, "lambda:InvokeFunction"));
	res_set(s, p, "FunctionName", e->target->name);
	res_set(s, p, "Principal", val_text(s, e->from, principal));
	res_set(s, p, "SourceArn", source_arn);
	return p;
}

static void check_dlq(struct sam *s, struct event *e, struct val *config)
{
	bool arn = has(config, "Arn"), type = has(config, "Type");
	if (arn && type)
		sam_fail_event(s, e->id, config, "DeadLetterConfig has either Arn or Type");
	if (type && !is(get(config, "Type"), "SQS"))
		sam_fail_event(s, e->id, config, "the only Type of a DeadLetterConfig is SQS");
	if (!arn && !type)
		sam_fail_event(s, e->id, config, "DeadLetterConfig needs Arn or Type");
}

static void queue_policy(struct sam *s, struct event *e, const char *queue, struct val *arn, struct val *rule_arn)
{
	struct res *p = res_new(s, e->macro, fmt(s, "%sQueuePolicy", e->id), "AWS::SQS::QueuePolicy", e->from);
	res_set(s, p, "PolicyDocument",
		make(s, e->from,
		     "{'Version':'2012-10-17','Statement':[{'Action':'sqs:SendMessage','Effect':'Allow','Principal':"
		     "{'Service':'events.amazonaws.com'},'Resource':%v,'Condition':{'ArnEquals':{'aws:SourceArn':%v}}}]}",
		     arn, rule_arn));
	res_set(s, p, "Queues", make(s, e->from, "[{'Ref':'%s'}]", queue));
	made(s, e->macro, p);
}

struct val *event_dlq(struct sam *s, struct event *e, bool policy, struct val *rule_arn)
{
	struct val *config = get(e->props, "DeadLetterConfig"), *name = get(config, "QueueLogicalId");
	if (!config)
		return NULL;
	check_dlq(s, e, config);
	if (get(config, "Arn"))
		return get(config, "Arn");
	if (name && !is_str(name))
		sam_fail_event(s, e->id, name, "QueueLogicalId must be a string");
	const char *id = truthy(name) ? cstr(s, name) : fmt(s, "%sQueue", e->id);
	made(s, e->macro, res_new(s, e->macro, id, "AWS::SQS::Queue", config->node));
	struct val *arn = att_of(s, config->node, id, "Arn");
	if (policy)
		queue_policy(s, e, id, arn, rule_arn);
	return arn;
}

/* The role with which a service starts the state machine. */
struct res *event_role(struct sam *s, struct event *e, const char *principal)
{
	struct res *r = res_new(s, e->macro, fmt(s, "%sRole", e->id), "AWS::IAM::Role", e->from);
	struct val *boundary = get(e->macro->props, "PermissionsBoundary");
	res_set(s, r, "AssumeRolePolicyDocument", trust_policy(s, e->from, principal));
	res_set(s, r, "Policies",
		make(s, e->from, "[%v]",
		     inline_policy(s, e->from, fmt(s, "%sStartExecutionPolicy", r->id), "states:StartExecution",
				   e->target->arn)));
	res_set(s, r, "PermissionsBoundary", truthy(boundary) ? boundary : NULL);
	made(s, e->macro, r);
	return r;
}

void event_rule_state(struct sam *s, struct event *e, struct res *rule)
{
	struct val *state = get(e->props, "State"), *on = get(e->props, "Enabled");
	if (truthy(state) && on)
		sam_fail_event(s, e->name, state, "State and Enabled cannot both be set");
	if (truthy(state))
		res_set(s, rule, "State", state);
	if (on)
		res_set(s, rule, "State", val_text(s, on->node, truthy(on) ? "ENABLED" : "DISABLED"));
}

struct val *event_target(struct sam *s, struct event *e, const char *suffix, const char *const *copied, struct val *dlq,
			 struct val *role)
{
	struct val *own = get(get(e->props, "Target"), "Id");
	size_t room = 64 - sg_str(suffix).n; /* Events' limit of a target's id */
	const char *id = fmt(s, "%.*s%s", SG_FMT(sg_str_sub(sg_str(e->id), 0, room)), suffix);
	struct val *t = make(s, e->from, "{'Arn':%v,'Id':%v,'RoleArn':%v}", e->target->arn,
			     own ? own : val_text(s, e->from, id), role);
	for (; *copied; copied++)
		set(s, t, *copied, get(e->props, *copied));
	if (dlq)
		set(s, t, "DeadLetterConfig", make(s, e->from, "{'Arn':%v}", dlq));
	return t;
}
