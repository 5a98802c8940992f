/*
 * keys.c - the table itself, and looking things up in it.  It must not judge anything.
 *
 * Sources of the bounds: the Lambda, CloudFormation, VPC and CloudWatch Logs API references (FunctionName,
 * MemorySize, Timeout, StackName, CidrBlock, RetentionInDays, Tag), GitHub's documentation for repositories and
 * environments, PEP 440 and PEP 508 for packages.
 */
#include "spec/spec_priv.h"

#include <string.h>

#define AT(field) offsetof(struct sg_spec, field)

#define PEP508_NAME "[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?"
#define PEP440 "([0-9]+!)?[0-9]+([.][0-9]+)*((a|b|rc)[0-9]+)?([.]post[0-9]+)?([.]dev[0-9]+)?"
#define ARN "arn:aws[a-z-]*:"

const struct sg_key sg_keys[] = {
	{"name", SG_KEY_STRING, "workflow-python-executor", 1, 64, NULL, "^[A-Za-z0-9_-]+$",
	 "letters, digits, '-' and '_'", .ask = true, .offset = AT(name),
	 .help = "Name of the Lambda function, and of its log group, /sandboxgen/NAME. Changing it makes a new "
		 "function."},
	{"stack", SG_KEY_STRING, "secure-python-executor-stack", 1, 128, NULL, "^[A-Za-z][A-Za-z0-9-]*$",
	 "a letter, then letters, digits and '-'", .ask = true, .offset = AT(stack),
	 .help = "Name of the CloudFormation stack that `sam deploy` creates or updates."},
	{"region", SG_KEY_STRING, "ap-south-1", 1, 32, NULL, "^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$",
	 "an AWS region such as eu-central-1", .ask = true, .offset = AT(region), .example = "eu-central-1",
	 .help = "AWS region of the deployment."},
	/* python3.11 and older run on Amazon Linux 2, whose glibc 2.26 cannot start the executor (it needs 2.34)
         * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html */
	{"python", SG_KEY_STRING, "3.12", 1, 8, NULL, NULL, NULL, "3.12|3.13", .ask = true, .once = true,
	 .offset = AT(python),
	 .help = "Version of Python that runs the scripts: Lambda's managed runtime. Write it in quotes, because 3.10 "
		 "without them is the number 3.1."},
	{"memory", SG_KEY_INT, "256", 128, 10240, "MB", .ask = true, .offset = AT(memory),
	 .help = "Memory of one execution environment. Lambda gives processor time in proportion."},
	{"timeout", SG_KEY_INT, "30", 1, 900, "seconds", .ask = true, .offset = AT(timeout),
	 .help = "Longest run of a script, start-up of the environment included."},

	{"network", SG_KEY_SECTION, "{}", .help = "The VPC that the function is shut in. It has no way out."},
	{"network.cidr", SG_KEY_STRING, "10.99.0.0/24", 9, 18, NULL,
	 "^[0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3}/[0-9]{1,2}$",
	 "a private network (10/8, 172.16/12 or 192.168/16) of size /16 to /28", .check = sg_check_cidr,
	 .offset = AT(cidr), .example = "192.168.8.0/26",
	 .help = "Addresses of the VPC. Nothing outside it sees them."},
	{"network.zones", SG_KEY_INT, "2", 1, 4, "zones", .offset = AT(zones),
	 .help = "Availability zones, each with a subnet. Not every region gives an account more than two or three."},
	{"network.flow_logs", SG_KEY_BOOL, "false", .offset = AT(flow_logs),
	 .help = "Record what the network interfaces tried to send, in a log group of its own, /sandboxgen/NAME/flow."},

	{"packages", SG_KEY_LIST, "[]", 0, 100, NULL,
	 "^" PEP508_NAME "(\\[" PEP508_NAME "(," PEP508_NAME ")*\\])?==" PEP440 "$", "name==version", .once = true,
	 .offset = AT(packages), .example = "[numpy==2.1.3]",
	 .help = "Packages that scripts can import, each pinned to one version. They are installed into the bundle "
		 "from requirements.lock, where each needs its hashes."},
	{"concurrency", SG_KEY_INT, "null", 0, 100000, "executions", .nullable = true, .offset = AT(concurrency),
	 .example = "10",
	 .help = "Executions at once, reserved for this function and its upper limit; 0 stops it. Unset by default: an "
		 "account with the starting quota refuses any reservation."},
	{"tenancy", SG_KEY_STRING, "shared", 1, 16, NULL, NULL, NULL, "shared|per-tenant", .offset = AT(tenancy),
	 .help = "With shared, scripts of all callers follow one another in the same execution environments; with "
		 "per-tenant, each tenant id has its own. Lambda fixes it when a function is made: a change needs a "
		 "new name."},

	{"logs", SG_KEY_SECTION, "{}", .help = "The function's log group."},
	{"logs.retention", SG_KEY_INT, "30", 1, 3653, "days", NULL, NULL,
	 "1|3|5|7|14|30|60|90|120|150|180|365|400|545|731|1096|1827|2192|2557|2922|3288|3653", .offset = AT(retention),
	 .help = "Days that CloudWatch Logs keeps a log line."},
	{"logs.kms_key", SG_KEY_STRING, "null", 1, 256, NULL, "^" ARN "kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$",
	 "the ARN of a key", .nullable = true, .offset = AT(kms_key),
	 .example = "arn:aws:kms:ap-south-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
	 .help = "Key that encrypts the log groups; its policy must let CloudWatch Logs use it. Unset: CloudWatch "
		 "Logs' own."},
	{"alarms", SG_KEY_SECTION, "{}", .help = "CloudWatch alarms on the function."},
	{"alarms.enabled", SG_KEY_BOOL, "false", .offset = AT(alarms), .example = "true",
	 .help = "Alarms on errors, on throttles, and on execution environments that the executor gave up. Unset: where "
		 "there is a topic."},
	{"alarms.topic", SG_KEY_STRING, "null", 1, 256, NULL,
	 "^" ARN "sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}([.]fifo)?$", "the ARN of a topic", .nullable = true,
	 .offset = AT(alarm_topic), .example = "arn:aws:sns:ap-south-1:111122223333:on-call",
	 .help = "SNS topic that the alarms notify. Unset: they only change their state."},

	{"engine", SG_KEY_STRING, "native", 1, 16, NULL, NULL, NULL, "native|wasm|auto", .once = true,
	 .offset = AT(engine), .later = "an engine other than native",
	 .help = "What runs a script: native is CPython in a confined process, wasm CPython in WebAssembly."},
	{"sandbox", SG_KEY_SECTION, "{}", .help = "What the executor must find before it runs a script."},
	{"sandbox.floor", SG_KEY_STRING, "lockdown", 1, 16, NULL, NULL, NULL, "full|lockdown", .offset = AT(floor),
	 .help = "The weakest profile that may run scripts. full needs seccomp and a file layer from the kernel; "
		 "lockdown needs neither, and gives scripts no files and no threads."},

	{"invokers", SG_KEY_LIST, "[]", 0, 50, NULL, "^" ARN "iam::[0-9]{12}:(role|user)/[A-Za-z0-9+=,.@_/-]+$",
	 "the ARN of a role or user", .check = sg_check_invoker, .offset = AT(invokers),
	 .example = "[\"arn:aws:iam::111122223333:role/workflow-app\"]",
	 .help = "Roles and users that may call the function, also of other accounts: each gets lambda:InvokeFunction "
		 "on this function, and nothing else."},
	{"permissions_boundary", SG_KEY_STRING, "null", 1, 256, NULL,
	 "^" ARN "iam::([0-9]{12}|aws):policy/[A-Za-z0-9+=,.@_/-]+$", "the ARN of a policy", .nullable = true,
	 .offset = AT(permissions_boundary), .example = "arn:aws:iam::111122223333:policy/team-boundary",
	 .help = "Permissions boundary of the roles. Unset, and with deploy.repository: the one of bootstrap.yaml."},
	{"tags", SG_KEY_PAIRS, "{}", 0, 45,
	 .form = "letters, digits, spaces and _ . : / = + - @, at most 128 characters for the name and 256 for the "
		 "value, neither starting with aws:",
	 .check = sg_check_tag, .offset = AT(tags), .example = "{team: platform}",
	 .help = "Tags of every resource that can carry them."},

	{"deploy", SG_KEY_SECTION, "{}", .help = "From where GitHub Actions may deploy."},
	{"deploy.repository", SG_KEY_STRING, "null", 3, 140, NULL,
	 "^[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}$", "owner/name", .nullable = true, .once = true,
	 .offset = AT(repository), .example = "owner/name",
	 .help = "The repository that deploys; a fork never does. With it, bootstrap.yaml is rendered: the roles, the bucket "
		 "and the boundary that a deployment from GitHub has. Unset: the repository that the workflow is in."},
	{"deploy.repository_id", SG_KEY_INT, "null", 1, SG_INT_MAX, NULL, .nullable = true, .once = true,
	 .offset = AT(repository_id), .example = "123456789",
	 .help = "Its number at GitHub, which survives a change of name: `gh api repos/OWNER/NAME --jq .id`."},
	{"deploy.owner_id", SG_KEY_INT, "null", 1, SG_INT_MAX, NULL, .nullable = true, .once = true,
	 .offset = AT(owner_id), .example = "987654",
	 .help = "The number of its owner: `gh api repos/OWNER/NAME --jq .owner.id`."},
	{"deploy.branch", SG_KEY_STRING, "main", 1, 200, NULL, "^[A-Za-z0-9_][A-Za-z0-9._/-]*$",
	 "a branch of letters, digits and . _ / -", .check = sg_check_branch, .offset = AT(branch),
	 .help = "The branch whose pushes are deployed."},
	{"deploy.environment", SG_KEY_STRING, "production", 1, 100, NULL, "^[A-Za-z0-9][A-Za-z0-9._ -]*$",
	 "letters, digits, spaces and . _ -", .offset = AT(environment),
	 .help = "The GitHub environment of the deployment: its reviewers, and part of the subject that AWS is shown."},

	{"deploy.account", SG_KEY_STRING, "null", 12, 12, NULL, "^[0-9]{12}$", "the 12 digits of an AWS account",
	 .nullable = true, .offset = AT(account), .example = "\"111122223333\"",
	 .help = "AWS account of the deployment. With it samconfig.toml names the bucket and the role of bootstrap.yaml, "
		 "so that `sam deploy` by hand uses them too."},
	{"deploy.gate", SG_KEY_BOOL, "false", .once = true, .offset = AT(gate),
	 .help = "The workflow makes a change set, audits the template that CloudFormation "
		 "has processed, and only then executes it."},

	{"environments", SG_KEY_OVERLAYS, "{}", 0, 20, NULL, "^[A-Za-z][A-Za-z0-9]{0,31}$",
	 "letters and digits, a letter first", .check = sg_check_environment, .once = true, .offset = AT(environments),
	 .example = "{prod: {concurrency: 100}}",
	 .help = "Deployments beside the first one, by name: each has the keys above, but for those that it replaces. "
		 "It gets a template of its own, template.NAME.yaml, and a section of samconfig.toml."},
};

const size_t sg_keys_count = sizeof(sg_keys) / sizeof(*sg_keys);

const struct sg_key *sg_key_find(struct sg_str path)
{
	for (size_t i = 0; i < sg_keys_count; i++)
		if (sg_str_is(path, sg_keys[i].path))
			return &sg_keys[i];
	return NULL;
}

const char *sg_key_last(const struct sg_key *key)
{
	const char *dot = strrchr(key->path, '.');
	return dot ? dot + 1 : key->path;
}

bool sg_key_within(const struct sg_key *key, const struct sg_key *section)
{
	if (!section)
		return !strchr(key->path, '.');
	size_t n = strlen(section->path);
	return strncmp(key->path, section->path, n) == 0 && key->path[n] == '.';
}

bool sg_key_has_entries(const struct sg_key *key)
{
	return key->type == SG_KEY_LIST || key->type == SG_KEY_PAIRS || key->type == SG_KEY_OVERLAYS;
}

struct sg_setting *sg_spec_at(struct sg_spec *spec, const struct sg_key *key)
{
	SG_ASSERT(key->type != SG_KEY_SECTION);
	return (struct sg_setting *)(void *)((char *)spec + key->offset);
}

const struct sg_setting *sg_spec_get(const struct sg_spec *spec, const struct sg_key *key)
{
	SG_ASSERT(key->type != SG_KEY_SECTION);
	return (const struct sg_setting *)(const void *)((const char *)spec + key->offset);
}

bool sg_choices_each(const char *choices, bool (*fn)(struct sg_str choice, void *data), void *data)
{
	for (const char *p = choices; *p;) {
		size_t n = strcspn(p, "|");
		if (fn((struct sg_str){p, n}, data))
			return true;
		p += n + (p[n] == '|');
	}
	return false;
}

static bool same(struct sg_str choice, void *data)
{
	return sg_str_eq(choice, *(const struct sg_str *)data);
}

bool sg_choices_have(const char *choices, struct sg_str value)
{
	return sg_choices_each(choices, same, &value);
}

struct words {
	struct sg_buf buf;
	size_t left;
};

static bool add_word(struct sg_str choice, void *data)
{
	struct words *w = data;
	w->left--;
	sg_buf_str(&w->buf, choice);
	sg_buf_adds(&w->buf, w->left > 1 ? ", " : w->left == 1 ? " or " : "");
	return false;
}

struct sg_str sg_choices_words(struct sg_arena *a, const char *choices)
{
	struct words w = {.left = 1};
	for (const char *p = choices; *p; p++)
		w.left += *p == '|';
	sg_choices_each(choices, add_word, &w);
	return sg_buf_take(&w.buf, a);
}

bool sg_spec_per_tenant(const struct sg_spec *spec)
{
	return sg_str_is(spec->tenancy.text, "per-tenant");
}

bool sg_spec_has_alarms(const struct sg_spec *spec)
{
	return spec->alarms.given ? spec->alarms.boolean : spec->alarm_topic.set;
}
