/* What the unit tests of iam/ share: a template with a role, and what the rules say about it. */
#ifndef SG_TEST_IAM_ROLES_H
#define SG_TEST_IAM_ROLES_H

#include "iam/iam_priv.h"
#include "load.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

/* The rendered role, in pieces that a test can replace. */
#define TRUST_OK                                                   \
	"          - Effect: Allow\n"                              \
	"            Principal: {Service: lambda.amazonaws.com}\n" \
	"            Action: sts:AssumeRole\n"
#define LOGS_OK                                                               \
	"              - Effect: Allow\n"                                     \
	"                Action: [logs:CreateLogStream, logs:PutLogEvents]\n" \
	"                Resource: !GetAtt Logs.Arn\n"
#define READS_OK                                                                         \
	"              - Effect: Allow\n"                                                \
	"                Action: [ec2:DescribeNetworkInterfaces, ec2:DescribeSubnets]\n" \
	"                Resource: '*'\n"
#define CHANGES_OK                                                                          \
	"              - Effect: Allow\n"                                                   \
	"                Action: [ec2:CreateNetworkInterface, ec2:DeleteNetworkInterface, " \
	"ec2:AssignPrivateIpAddresses, ec2:UnassignPrivateIpAddresses]\n"                   \
	"                Resource: !Sub 'arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:*/*'\n"
#define DENY_OK                                                                  \
	"              - Effect: Deny\n"                                         \
	"                NotAction: [logs:CreateLogStream, logs:PutLogEvents]\n" \
	"                Resource: '*'\n"                                        \
	"                Condition: {'Null': {'lambda:SourceFunctionArn': 'false'}}\n"
#define ROLE_OK LOGS_OK READS_OK CHANGES_OK DENY_OK

struct judged {
	struct loaded l;
	struct sg_model *m;
};

/* The model keeps a pointer to the findings: a judged stays where it is. */
static inline struct judged *judged_new(void)
{
	static struct judged one;
	one = (struct judged){0};
	return &one;
}

/* A function with a role: `trust` and `statements` as YAML list items, `role_extra` more properties of the role,
 * `sections` other top-level text (Parameters, Conditions), `resources` more resources. */
static inline struct judged *judge_template(const char *trust, const char *statements, const char *role_extra,
					    const char *sections, const char *resources)
{
	struct judged *j = judged_new();
	static char text[1 << 16];
	snprintf(text, sizeof(text),
		 "%s"
		 "Resources:\n"
		 "  Fn:\n"
		 "    Type: AWS::Lambda::Function\n"
		 "    Properties:\n"
		 "      FunctionName: executor\n"
		 "      Role: !GetAtt Role.Arn\n"
		 "      LoggingConfig: {LogGroup: !Ref Logs}\n"
		 "      VpcConfig: {SubnetIds: [a], SecurityGroupIds: [b]}\n"
		 "  Logs:\n"
		 "    Type: AWS::Logs::LogGroup\n"
		 "    Properties: {LogGroupName: /sandboxgen/executor}\n"
		 "  Role:\n"
		 "    Type: AWS::IAM::Role\n"
		 "    Properties:\n"
		 "%s"
		 "      AssumeRolePolicyDocument:\n"
		 "        Version: '2012-10-17'\n"
		 "        Statement:\n"
		 "%s"
		 "      Policies:\n"
		 "        - PolicyName: all\n"
		 "          PolicyDocument:\n"
		 "            Version: '2012-10-17'\n"
		 "            Statement:\n"
		 "%s"
		 "%s",
		 sections ? sections : "", role_extra ? role_extra : "", trust, statements, resources ? resources : "");
	j->l = load_text(text);
	ck_assert_msg(j->l.root != NULL, "the template of the test cannot be read:\n%s", text);
	j->m = sg_model_new(j->l.arena, j->l.diags, &j->l.findings, j->l.root, NULL);
	ck_assert_msg(j->m != NULL, "no model of:\n%s", text);
	sg_iam_check_template(j->m);
	for (size_t at = 0; at < j->m->n; at++)
		if (sg_str_is(j->m->resources[at].type, "AWS::Lambda::Function"))
			sg_iam_check(j->m, &j->m->resources[at], SG_ALWAYS, NULL);
	return j;
}

static inline struct judged *judge(const char *statements)
{
	return judge_template(TRUST_OK, statements, NULL, NULL, NULL);
}

/* What was judged of Fn (of the template for IAM009), or SG_FAIL + 1 where nothing was. */
static inline int verdict(const struct judged *j, const char *rule)
{
	int worst = -1;
	for (size_t k = 0; k < j->l.findings.judged.n; k++)
		if (strcmp(j->l.findings.judged.v[k].rule->id, rule) == 0 &&
		    (int)j->l.findings.judged.v[k].verdict > worst)
			worst = (int)j->l.findings.judged.v[k].verdict;
	return worst < 0 ? SG_FAIL + 1 : worst;
}

static inline const struct sg_finding *finding(const struct judged *j, const char *rule)
{
	for (size_t k = 0; k < j->l.findings.list.n; k++)
		if (strcmp(j->l.findings.list.v[k]->rule->id, rule) == 0)
			return j->l.findings.list.v[k];
	return NULL;
}

static inline void show(const struct judged *j, struct sg_buf *b)
{
	for (size_t k = 0; k < j->l.findings.list.n; k++) {
		const struct sg_finding *f = j->l.findings.list.v[k];
		sg_buf_addf(b, "  %s %s line %u: %.*s\n", f->rule->id, sg_verdict_name(f->status),
			    (unsigned)sg_pos_start(j->l.sources, f->span).line, SG_FMT(f->message));
		for (size_t s = 0; s < f->witness.n; s++)
			sg_buf_addf(b, "      %u: %.*s\n",
				    (unsigned)sg_pos_start(j->l.sources, f->witness.v[s].span).line,
				    SG_FMT(f->witness.v[s].message));
	}
}

/* `want` is "IAM006:fail IAM002:pass …"; every rule not named is not looked at. */
static inline void expect(const struct judged *j, const char *name, const char *want)
{
	struct sg_buf b = {0};
	show(j, &b);
	for (const char *w = want; *w; w += strcspn(w, " "), w += strspn(w, " ")) {
		char rule[8] = "";
		size_t n = strcspn(w, ":");
		ck_assert_uint_lt(n, sizeof(rule));
		memcpy(rule, w, n);
		int v = verdict(j, rule);
		const char *got = v > SG_FAIL ? "not judged" : sg_verdict_name((enum sg_verdict)v);
		const char *wanted = w + n + 1;
		ck_assert_msg(strncmp(got, wanted, strcspn(wanted, " ")) == 0 && strlen(got) == strcspn(wanted, " "),
			      "%s: %s is %s, not %.*s\n%s", name, rule, got, (int)strcspn(wanted, " "), wanted,
			      b.n ? b.p : "");
	}
	sg_buf_free(&b);
}

#define IAM_ALL_PASS                                                                                                   \
	"IAM001:pass IAM002:pass IAM003:pass IAM004:pass IAM005:pass IAM006:pass IAM007:pass IAM008:pass IAM009:pass " \
	"IAM010:pass"

/* The tests of one file, for the program that runs them all. */
#define IAM_TESTS(name, ...)                                \
	size_t name(const TTest **out)                      \
	{                                                   \
		const TTest *const tests[] = {__VA_ARGS__}; \
		memcpy(out, tests, sizeof(tests));          \
		return sizeof(tests) / sizeof(*tests);      \
	}
size_t glob_tests(const TTest **out);
size_t point_tests(const TTest **out);
size_t role_tests(const TTest **out);
size_t random_tests(const TTest **out);
size_t document_tests(const TTest **out);
size_t pair_tests(const TTest **out);

#endif
