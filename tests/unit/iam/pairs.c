/* Unit tests of iam/: one document within another.  Each unsound shortcut that other tools take has a row. */
#include "roles.h"

#define ALLOW(rest) "{Effect: Allow, " rest "}"
#define DENY(rest) "{Effect: Deny, " rest "}"
#define TWENTY "????????????????????"
#define IF(condition) ALLOW("Action: 's3:*', Resource: '*', Condition: {" condition "}")
#define MINE(condition) \
	ALLOW("Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/${aws:username}', Condition: {" condition "}")
#define S3(resource) ALLOW("Action: 's3:GetObject', Resource: '" resource "'")

static const struct pair {
	const char *name, *candidate, *reference; /* statements, as YAML flow */
	enum sg_verdict want;
} pairs[] = {
	{"itself", S3("arn:aws:s3:::b/*"), S3("arn:aws:s3:::b/*"), SG_PASS},
	{"within a star", S3("arn:aws:s3:::b/*"), S3("arn:aws:s3:::*"), SG_PASS},
	{"beyond", S3("arn:aws:s3:::*"), S3("arn:aws:s3:::b/*"), SG_FAIL},
	{"two cover one together", ALLOW("Action: 's3:?et*', Resource: '*'"),
	 ALLOW("Action: ['s3:get*', 's3:aet*', 's3:?et*'], Resource: '*'"), SG_PASS},
	{"a ? in the text is no wildcard of the other", S3("arn:aws:s3:::b?x"), S3("arn:aws:s3:::bax"), SG_FAIL},
	{"a ? is one character", S3("arn:aws:s3:::b*"), S3("arn:aws:s3:::b?*"), SG_FAIL},
	{"actions that no catalogue knows", ALLOW("Action: 'deepracer:*', Resource: '*'"),
	 ALLOW("Action: 's3:*', Resource: '*'"), SG_FAIL},

	{"what is left is an action that no catalogue knows",
	 ALLOW("Action: '*', Resource: '*'") ", " DENY("NotAction: 'deepracer:*', Resource: '*'"),
	 ALLOW("Action: 's3:*', Resource: '*'"), SG_FAIL},
	{"a star is more than one character", S3("arn:aws:s3:::b*"), S3("arn:aws:s3:::b?"), SG_FAIL},
	{"what takes more than the budget is not within", S3("arn:aws:s3:::*a" TWENTY TWENTY),
	 S3("arn:aws:s3:::*a" TWENTY "*b" TWENTY
	    "*") ", " ALLOW("Action: 's3:GetObject', NotResource: 'arn:aws:s3:::*a" TWENTY "*b" TWENTY "*'"),
	 SG_UNPROVEN},

	/* wildcards and colons */
	{"a star before the last colon", S3("arn:aws:s3:*:*:b"), S3("arn:aws:s3:*:*:b"), SG_PASS},
	{"one that crosses by one reading alone", S3("arn:aws:s3:::b"), S3("arn:aws:s3:*:b"), SG_UNPROVEN},
	{"segments within fewer", S3("arn:aws:s3:*:1:b"), S3("arn:aws:s3:*"), SG_PASS},
	{"a service of its own reading", ALLOW("Action: 's*:Get*', Resource: '*'"),
	 ALLOW("Action: 's*:*', Resource: '*'"), SG_PASS},

	/* Deny on either side */
	{"all but what is denied", ALLOW("Action: 's3:*', Resource: '*'") ", " DENY("Action: 's3:Put*', Resource: '*'"),
	 ALLOW("NotAction: 's3:Put*', Resource: '*'"), SG_PASS},
	{"a Deny of one resource takes no action away",
	 ALLOW("Action: 's3:*', Resource: '*'") ", " DENY("Action: 's3:Put*', Resource: 'arn:aws:s3:::b'"),
	 ALLOW("NotAction: 's3:Put*', Resource: '*'"), SG_FAIL},
	{"a Deny under a condition takes nothing away",
	 ALLOW("Action: 's3:*', Resource: '*'") ", " DENY(
		 "Action: 's3:Put*', Resource: '*', Condition: {Bool: {'aws:MultiFactorAuthPresent': 'false'}}"),
	 ALLOW("NotAction: 's3:Put*', Resource: '*'"), SG_FAIL},
	{"a Deny whose condition nobody can read takes nothing away",
	 ALLOW("Action: 's3:*', Resource: '*'") ", " DENY(
		 "Action: 's3:Put*', Resource: '*', Condition: {StringEquals: !If [C, {'aws:a': x}, {'aws:a': y}]}"),
	 ALLOW("NotAction: 's3:Put*', Resource: '*'"), SG_UNPROVEN},
	{"a Deny whose operator has no keys",
	 ALLOW("Action: 's3:*', Resource: '*'") ", " DENY(
		 "Action: 's3:Put*', Resource: '*', Condition: {StringEquals: {}}"),
	 ALLOW("NotAction: 's3:Put*', Resource: '*'"), SG_UNPROVEN},
	{"a Deny of a list without values",
	 ALLOW("Action: 's3:*', Resource: '*'") ", " DENY(
		 "Action: 's3:Put*', Resource: '*', Condition: {StringNotEquals: {'aws:RequestedRegion': []}}"),
	 ALLOW("NotAction: 's3:Put*', Resource: '*'"), SG_UNPROVEN},
	{"a reference that denies it", S3("arn:aws:s3:::b/*"),
	 S3("arn:aws:s3:::*") ", " DENY("Action: 's3:*', Resource: 'arn:aws:s3:::b/secret/*'"), SG_FAIL},
	{"a reference that denies something else", S3("arn:aws:s3:::b/*"),
	 S3("arn:aws:s3:::*") ", " DENY("Action: 's3:*', Resource: 'arn:aws:s3:::c/*'"), SG_PASS},
	{"what the reference denies is denied",
	 S3("arn:aws:s3:::*") ", " DENY("Action: 's3:*', Resource: 'arn:aws:s3:::b*'"),
	 S3("arn:aws:s3:::*") ", " DENY("Action: 's3:*', Resource: 'arn:aws:s3:::b/secret/*'"), SG_PASS},
	{"an unconditional Deny of the reference under a condition of the candidate",
	 S3("arn:aws:s3:::*") ", " DENY(
		 "Action: 's3:*', Resource: 'arn:aws:s3:::b*', Condition: {StringEquals: {'aws:RequestedRegion': x}}"),
	 S3("arn:aws:s3:::*") ", " DENY("Action: 's3:*', Resource: 'arn:aws:s3:::b*'"), SG_FAIL},
	{"conditions that exclude each other",
	 ALLOW("Action: 's3:*', Resource: '*', Condition: {StringEquals: {'aws:RequestedRegion': eu}}"),
	 ALLOW("Action: 's3:*', Resource: '*'") ", " DENY(
		 "Action: 's3:*', Resource: '*', Condition: {StringEquals: {'aws:RequestedRegion': us}}"),
	 SG_PASS},

	/* conditions */
	{"a condition is no wall",
	 ALLOW("Action: 's3:*', Resource: '*', Condition: {StringLike: {'aws:SourceArn': '*'}}"),
	 ALLOW("Action: 's3:*', Resource: '*', Condition: {StringEquals: {'aws:SourceArn': x}}"), SG_FAIL},
	{"IfExists holds without the key",
	 ALLOW("Action: 's3:*', Resource: '*', Condition: {StringEqualsIfExists: {'aws:SourceArn': x}}"),
	 ALLOW("Action: 's3:*', Resource: '*', Condition: {StringEquals: {'aws:SourceArn': x}}"), SG_FAIL},
	{"ForAllValues holds without the key",
	 ALLOW("Action: 's3:*', Resource: '*', Condition: {'ForAllValues:StringEquals': {'aws:TagKeys': x}}"),
	 ALLOW("Action: 's3:*', Resource: '*', Condition: {'ForAnyValue:StringEquals': {'aws:TagKeys': x}}"), SG_FAIL},
	{"a negation holds without the key",
	 ALLOW("Action: 's3:*', Resource: '*', Condition: {StringNotEquals: {'aws:SourceArn': x}}"),
	 ALLOW("Action: 's3:*', Resource: '*', Condition: {'Null': {'aws:SourceArn': 'false'}}"), SG_FAIL},
	{"addresses", ALLOW("Action: 's3:*', Resource: '*', Condition: {IpAddress: {'aws:SourceIp': 10.1.0.0/16}}"),
	 ALLOW("Action: 's3:*', Resource: '*', Condition: {IpAddress: {'aws:SourceIp': 10.0.0.0/8}}"), SG_PASS},
	{"dates", ALLOW("Action: 's3:*', Resource: '*', Condition: {DateLessThan: {'aws:CurrentTime': 2030-01-01}}"),
	 ALLOW("Action: 's3:*', Resource: '*', Condition: {DateLessThan: {'aws:CurrentTime': 2029-01-01}}"), SG_FAIL},

	{"a list without values", IF("StringEquals: {k: []}"), S3("arn:aws:s3:::b"), SG_UNPROVEN},
	{"one key twice, in two cases", IF("StringEquals: {'aws:a': x, 'AWS:A': y}"), S3("arn:aws:s3:::b"),
	 SG_UNPROVEN},
	{"one operator twice, in two cases", IF("StringEquals: {'aws:a': x}, stringequals: {'aws:a': y}"),
	 S3("arn:aws:s3:::b"), SG_UNPROVEN},
	{"one key in two operators", IF("StringEquals: {'aws:a': x}, StringLike: {'AWS:A': y}"), S3("arn:aws:s3:::b"),
	 SG_PASS},
	{"a star that is a character", IF("StringLike: {'aws:a': '*'}"), IF("StringEquals: {'aws:a': '*'}"), SG_FAIL},
	{"keys and operators have no case", IF("StringEquals: {'aws:a': x}"), IF("stringequals: {'AWS:A': x}"),
	 SG_PASS},
	{"values have", IF("StringEquals: {'aws:a': x}"), IF("StringEquals: {'aws:a': X}"), SG_FAIL},
	{"some value against all", IF("'ForAnyValue:StringNotEquals': {'aws:a': x}"),
	 IF("'ForAllValues:StringNotEquals': {'aws:a': x}"), SG_FAIL},
	{"all values against some", IF("'ForAllValues:StringEquals': {'aws:a': x}, 'Null': {'aws:a': 'false'}"),
	 IF("'ForAnyValue:StringEquals': {'aws:a': x}"), SG_UNPROVEN}, /* a key that is there may have no value */
	{"between two numbers", IF("NumericLessThan: {'s3:max-keys': 10}"),
	 IF("NumericLessThanEquals: {'s3:max-keys': 9}"), SG_FAIL},
	{"the same number", IF("NumericEquals: {'s3:max-keys': '10'}"), IF("NumericEquals: {'s3:max-keys': '10.0'}"),
	 SG_PASS},
	{"addresses of the other family", IF("IpAddress: {'aws:SourceIp': '::/0'}"),
	 IF("IpAddress: {'aws:SourceIp': 0.0.0.0/0}"), SG_FAIL},
	{"halves of all addresses", IF("IpAddress: {'aws:SourceIp': 0.0.0.0/0}"),
	 IF("IpAddress: {'aws:SourceIp': [0.0.0.0/1, 128.0.0.0/1]}"), SG_PASS},
	{"an address written in IPv6", IF("IpAddress: {'aws:SourceIp': '::ffff:10.0.0.1'}"),
	 IF("IpAddress: {'aws:SourceIp': 10.0.0.0/8}"), SG_FAIL},
	{"a day that no month has", IF("DateLessThan: {'aws:CurrentTime': '2030-02-31'}"),
	 IF("DateLessThan: {'aws:CurrentTime': '2030-03-04'}"), SG_UNPROVEN},
	{"a year, or seconds", IF("DateLessThan: {'aws:CurrentTime': '2030'}"),
	 IF("DateLessThan: {'aws:CurrentTime': '2031-01-01'}"), SG_UNPROVEN},
	{"what is no Boolean", IF("Bool: {'aws:a': 'yes'}"), IF("Bool: {'aws:a': ['true', 'false']}"), SG_FAIL},
	{"a partition by a star", S3("arn:*:s3:::b"), S3("arn:aws:s3:::b") ", " S3("arn:aws-cn:s3:::b"), SG_FAIL},

	/* policy variables, principals */
	{"an escaped star is a character", S3("arn:aws:s3:::b/*"), S3("arn:aws:s3:::b/${*}"), SG_FAIL},
	{"and within a star", S3("arn:aws:s3:::b/${*}"), S3("arn:aws:s3:::b/*"), SG_PASS},
	{"an escaped dollar", S3("arn:aws:s3:::b/${$}{aws:username}"), S3("arn:aws:s3:::b/${aws:username}"), SG_FAIL},
	{"variables cancel", S3("arn:aws:s3:::b/${aws:username}/x"), S3("arn:aws:s3:::b/${AWS:UserName}/*"), SG_PASS},
	{"another variable", S3("arn:aws:s3:::b/${aws:username}/x"), S3("arn:aws:s3:::b/${aws:userid}/*"), SG_FAIL},
	{"a variable denies nobody else",
	 S3("arn:aws:s3:::*") ", " DENY("Action: '*', Resource: 'arn:aws:s3:::${aws:username}'"),
	 ALLOW("Action: 's3:*', NotResource: 'arn:aws:s3:::b'"), SG_FAIL},
	{"a variable has some value", S3("arn:aws:s3:::b/${aws:username}/*"), S3("arn:aws:s3:::c/*"), SG_FAIL},
	{"and the same one each time", S3("arn:aws:s3:::b/${aws:username}/${aws:username}"),
	 S3("arn:aws:s3:::b/${AWS:Username}/*"), SG_PASS},
	{"whatever its value", S3("arn:aws:s3:::b/${aws:username}/x"), S3("arn:aws:s3:::b/*/x"), SG_PASS},
	{"a value for each of two keys", S3("arn:aws:s3:::${aws:PrincipalTag/team}/${aws:username}"),
	 S3("arn:aws:s3:::${aws:PrincipalTag/team}/${aws:PrincipalTag/team}"), SG_FAIL},
	{"a default is for those who have none", S3("arn:aws:s3:::b/${aws:PrincipalTag/team, ''x''}"),
	 S3("arn:aws:s3:::b/x"), SG_FAIL},
	{"a key that no request has", S3("arn:aws:s3:::b/${team}"), S3("arn:aws:s3:::c/*"), SG_UNPROVEN},
	{"a key whose value has colons", S3("arn:aws:s3:::b/${aws:CurrentTime}"), S3("arn:aws:s3:::c/*"), SG_UNPROVEN},
	{"a key of several values is no variable", S3("arn:aws:s3:::b/${aws:TagKeys}"), S3("arn:aws:s3:::c/*"),
	 SG_UNPROVEN},
	{"nor is one of a service's", S3("arn:aws:s3:::b/${dynamodb:LeadingKeys}"), S3("arn:aws:s3:::c/*"),
	 SG_UNPROVEN},
	{"one of one value is", S3("arn:aws:s3:::b/${saml:sub}"), S3("arn:aws:s3:::c/*"), SG_FAIL},
	{"a value that a condition asks for", MINE("StringLike: {'aws:username': 'dev-*'}"), S3("arn:aws:s3:::c/*"),
	 SG_FAIL},
	{"the one value that a condition leaves is within", MINE("StringEquals: {'aws:username': x}"),
	 S3("arn:aws:s3:::b/x"), SG_UNPROVEN},
	{"a condition that wants the key to be absent", MINE("'Null': {'aws:username': 'true'}"),
	 S3("arn:aws:s3:::c/*"), SG_UNPROVEN},
	{"a condition that leaves the key no value", MINE("StringEquals: {'aws:username': ''}"), S3("arn:aws:s3:::c/*"),
	 SG_UNPROVEN},
	{"a variable among the values of a condition",
	 IF("StringEquals: {'s3:ExistingObjectTag/owner': '${aws:username}'}"), S3("arn:aws:s3:::c/*"), SG_FAIL},
	{"two keys that a condition wants to be equal",
	 MINE("StringEquals: {'aws:username': '${aws:PrincipalTag/name}'}"), S3("arn:aws:s3:::c/*"), SG_FAIL},
	{"an escaped star beside a variable", IF("StringLike: {'aws:a': '${aws:username}${*}'}"),
	 S3("arn:aws:s3:::c/*"), SG_UNPROVEN},
	{"a number is no variable", IF("NumericEquals: {'s3:max-keys': '${aws:username}'}"), S3("arn:aws:s3:::c/*"),
	 SG_UNPROVEN},
	{"a Deny that takes each value back",
	 S3("arn:aws:s3:::b/${aws:username}") ", " DENY("Action: '*', Resource: 'arn:aws:s3:::b/${aws:username}'"),
	 S3("arn:aws:s3:::c/*"), SG_PASS},
	{"no variable counts before the fifth colon", S3("arn:aws:s3::${aws:PrincipalAccount}:b"),
	 S3("arn:aws:s3:::c/*"), SG_UNPROVEN},
	{"nor in a NotResource", S3("arn:aws:s3::111122223333:b"),
	 ALLOW("Action: 's3:*', NotResource: 'arn:aws:s3::${aws:PrincipalAccount}:b'"), SG_UNPROVEN},
	{"a Deny of all who have the key",
	 S3("arn:aws:s3:::b/${aws:username}") ", " DENY(
		 "Action: '*', Resource: '*', Condition: {'Null': {'aws:username': 'false'}}"),
	 S3("arn:aws:s3:::c/*"), SG_UNPROVEN},
	{"a Deny of another variable",
	 S3("arn:aws:s3:::b/${aws:username}") ", " DENY("Action: '*', Resource: 'arn:aws:s3:::b/${aws:userid}'"),
	 S3("arn:aws:s3:::c/*"), SG_FAIL},
	{"a Deny of the reference with a variable", S3("arn:aws:s3:::b/*"),
	 S3("arn:aws:s3:::*") ", " DENY("Action: '*', Resource: 'arn:aws:s3:::b/${aws:username}'"), SG_FAIL},
	{"a variable of the reference alone", S3("arn:aws:s3:::b/x"), S3("arn:aws:s3:::b/${aws:username}"), SG_FAIL},
	{"a NotResource with a variable may be no statement at all", S3("arn:aws:s3:::b/x"),
	 ALLOW("Action: 's3:*', NotResource: 'arn:aws:s3:::c/${aws:username}'"), SG_UNPROVEN},
	{"a NotResource whose variable has a value leaves that out", S3("arn:aws:s3:::c/${aws:username}"),
	 ALLOW("Action: 's3:*', NotResource: 'arn:aws:s3:::c/${aws:username}'"), SG_FAIL},
	{"several cover one that none covers alone", S3("arn:aws:s3:::b*"),
	 S3("arn:aws:s3:::b") ", " S3("arn:aws:s3:::b?*"), SG_PASS},
	{"a pattern whose text another matches, and that says more", S3("arn:aws:s3:::b?"), S3("arn:aws:s3:::b\\?"),
	 SG_FAIL},
	{"each branch of an If counts", ALLOW("Action: 's3:GetObject', Resource: !If [C, 'arn:aws:s3:::b/x', '*']"),
	 S3("arn:aws:s3:::b/x"), SG_FAIL},
	{"a letter may be the text that a NotResource leaves out",
	 ALLOW("Action: 's3:*', Resource: !Sub 'arn:aws:s3:::${AWS::AccountId}'"),
	 ALLOW("Action: 's3:*', NotResource: 'arn:aws:s3:::111122223333'"), SG_UNPROVEN},
	{"or that a Deny of the reference names",
	 ALLOW("Action: 's3:*', Resource: !Sub 'arn:aws:s3:::${AWS::AccountId}'"),
	 ALLOW("Action: 's3:*', Resource: '*'") ", " DENY("Action: 's3:*', Resource: 'arn:aws:s3:::111122223333'"),
	 SG_UNPROVEN},
	{"the same symbol", ALLOW("Action: 's3:*', Resource: !Sub 'arn:aws:s3:::${P}/*'"),
	 ALLOW("Action: 's3:*', Resource: !Sub 'arn:aws:s3:::${P}*'"), SG_PASS},
	{"a symbol that may be a star", ALLOW("Action: 's3:*', Resource: !Ref P"),
	 ALLOW("Action: 's3:*', Resource: 'arn:aws:s3:::*'"), SG_FAIL},
	{"the same principal", ALLOW("Principal: {AWS: '*'}, Action: 's3:*', Resource: '*'"),
	 ALLOW("Principal: {AWS: '*'}, Action: 's3:*', Resource: '*'"), SG_PASS},
	{"another principal", ALLOW("Principal: {AWS: '*'}, Action: 's3:*', Resource: '*'"),
	 ALLOW("Principal: {AWS: '111122223333'}, Action: 's3:*', Resource: '*'"), SG_UNPROVEN},
};

static const struct sg_node *loaded_document(struct judged *j, const char *text)
{
	uint32_t id = sg_source_add(j->l.sources, SG_LIT("p.yaml"), sg_str_dup(j->l.arena, sg_str(text)));
	const struct sg_node *raw = sg_yaml_load(j->l.arena, j->l.diags, id, NULL, NULL);
	ck_assert_msg(raw != NULL, "%s", text);
	return sg_cfn_canonical(j->l.arena, j->l.diags, raw);
}

static const struct sg_node *document(struct judged *j, const char *statements)
{
	static char text[4096];
	snprintf(text, sizeof(text), "{Version: '2012-10-17', Statement: [%s]}", statements);
	return loaded_document(j, text);
}

static struct judged *template(const char *text)
{
	struct judged *j = judged_new();
	j->l = load_text(text);
	j->m = sg_model_new(j->l.arena, j->l.diags, &j->l.findings, j->l.root, NULL);
	ck_assert(j->m != NULL);
	return j;
}

START_TEST(one_document_within_another)
{
	for (size_t k = 0; k < sizeof(pairs) / sizeof(*pairs); k++) {
		struct judged *j = template(
			"Parameters: {P: {Type: String}}\nConditions: {C: !Equals [!Ref P, x]}\nResources: {T: {Type: AWS::SNS::Topic}}\n");
		const struct sg_iam_side a = {.document = document(j, pairs[k].candidate), .name = SG_LIT("a")};
		const struct sg_iam_side b = {.document = document(j, pairs[k].reference), .name = SG_LIT("b")};
		enum sg_verdict v = sg_iam_contains(j->m, j->l.diags, &a, &b, NULL);
		ck_assert_msg(sg_diags_errors(j->l.diags) == 0, "%s is malformed", pairs[k].name);
		ck_assert_msg(v == pairs[k].want, "%s: %s", pairs[k].name, sg_verdict_name(v));
		sg_arena_free(j->l.arena);
	}
}
END_TEST

/* Only 2012-10-17 has variables; without a Version there are none. */
START_TEST(versions_say_whether_there_are_variables)
{
	static const char *const versions[] = {"2012-10-17", "2008-10-17", "!Ref P",
					       "!If [C, '2012-10-17', '2008-10-17']"};
	static const struct {
		int of_candidate, of_reference;
		const char *candidate, *reference;
		enum sg_verdict want;
	} rows[] = {
		{0, 0, "b/${aws:username}", "b/${aws:username}", SG_PASS},
		{1, 1, "b/${aws:username}", "b/${aws:username}", SG_PASS},
		{1, 0, "b/${aws:username}", "b/${aws:username}", SG_FAIL},
		{0, 1, "b/${aws:username}", "b/${aws:username}", SG_FAIL},
		{1, 1, "b/${aws:username}", "c/*", SG_FAIL},
		{1, 1, "b/${aws:username}", "b/$*", SG_PASS},
		{0, 1, "b/${aws:username}", "b/$*", SG_FAIL},
		{2, 0, "b/${aws:username}", "c/*", SG_UNPROVEN},
		{2, 0, "b/${aws:username}", "b/${aws:username}", SG_UNPROVEN},
		{0, 2, "b/${aws:username}", "b/${aws:username}", SG_UNPROVEN},
		{3, 0, "b/${aws:username}", "b/${aws:username}", SG_UNPROVEN},
		{2, 0, "b/${*}", "b/${*}", SG_UNPROVEN},
		{1, 0, "b/${*}", "b/${*}", SG_FAIL},
		{2, 0, "b/${*}", "b/*", SG_PASS},
		{2, 2, "b/x", "b/x", SG_PASS},
	};
	for (size_t k = 0; k < sizeof(rows) / sizeof(*rows); k++) {
		struct judged *j = template(
			"Parameters: {P: {Type: String}}\nConditions: {C: !Equals [!Ref P, x]}\nResources: {T: {Type: AWS::SNS::Topic}}\n");
		char text[2][512];
		for (int side = 0; side < 2; side++)
			snprintf(
				text[side], sizeof(text[side]),
				"{Version: %s, Statement: [{Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::%s'}]}",
				versions[side ? rows[k].of_reference : rows[k].of_candidate],
				side ? rows[k].reference : rows[k].candidate);
		const struct sg_iam_side a = {.document = loaded_document(j, text[0]), .name = SG_LIT("a")};
		const struct sg_iam_side b = {.document = loaded_document(j, text[1]), .name = SG_LIT("b")};
		enum sg_verdict v = sg_iam_contains(j->m, j->l.diags, &a, &b, NULL);
		ck_assert_uint_eq(sg_diags_errors(j->l.diags), 0);
		ck_assert_msg(v == rows[k].want, "row %zu: %s", k, sg_verdict_name(v));
		sg_arena_free(j->l.arena);
	}
}
END_TEST

/* ---------------------------------------------------------------------------------------------- boundaries */

#define ROLE(boundary)                                                                                                   \
	"Parameters: {P: {Type: String}}\n"                                                                              \
	"Resources:\n"                                                                                                   \
	"  Edge: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: {Version: '2012-10-17', Statement: "       \
	"[{Effect: Allow, Action: 'logs:*', Resource: '*'}, {Effect: Deny, Action: 'logs:Delete*', Resource: '*'}]}}}\n" \
	"  R: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {}, " boundary                               \
	"Policies: [{PolicyName: p, PolicyDocument: {Version: '2012-10-17', Statement: "                                 \
	"[{Effect: Allow, Action: '*:*', Resource: '*'}]}}]}}\n"

START_TEST(a_boundary_bounds)
{
	static const struct {
		const char *text, *reference;
		enum sg_verdict want;
	} rows[] = {
		{ROLE("PermissionsBoundary: !Ref Edge, "), ALLOW("Action: 'logs:*', Resource: '*'"), SG_PASS},
		{ROLE("PermissionsBoundary: !Ref Edge, "),
		 ALLOW("Action: 'logs:*', Resource: '*'") ", " DENY("Action: 'logs:Delete*', Resource: '*'"), SG_PASS},
		{ROLE("PermissionsBoundary: !Ref Edge, "), ALLOW("Action: 'logs:Put*', Resource: '*'"), SG_FAIL},
		{ROLE("PermissionsBoundary: !Ref P, "), ALLOW("Action: 'logs:*', Resource: '*'"), SG_UNPROVEN},
		{ROLE(""), ALLOW("Action: 'logs:*', Resource: '*'"), SG_FAIL},
	};
	for (size_t k = 0; k < sizeof(rows) / sizeof(*rows); k++) {
		struct judged *j = template(rows[k].text);
		const struct sg_iam_side a = {
			.m = j->m, .holder = sg_model_find(j->m, SG_LIT("R")), .name = SG_LIT("R")};
		const struct sg_iam_side b = {.document = document(j, rows[k].reference), .name = SG_LIT("b")};
		enum sg_verdict v = sg_iam_contains(j->m, j->l.diags, &a, &b, NULL);
		ck_assert_msg(v == rows[k].want, "row %zu: %s", k, sg_verdict_name(v));
		sg_arena_free(j->l.arena);
	}
}
END_TEST

IAM_TESTS(pair_tests, one_document_within_another, versions_say_whether_there_are_variables, a_boundary_bounds)
