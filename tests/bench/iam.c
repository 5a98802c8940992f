/*
 * make bench: iam [FOLDER].  What it costs to decide whether a policy is within what an executor's role may do, beside
 * parsing the same document as JSON: both in one process, the median of TURNS each.  FOLDER has policies, *.json at any
 * depth; without it, or where it is not there, policies are made here.  Prints the quantiles over all documents and exits
 * with 1 past MEDIAN_MAX or P99_MAX; a pattern that cannot be decided has to give up within PATHOLOGICAL_MAX.
 */
#include "iam/iam_priv.h"
#include "json/json.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { TURNS = 11, MAX_FILES = 5000 };
#define MEDIAN_MAX 5.0
#define P99_MAX 100.0
#define PATHOLOGICAL_MAX 1.0 /* s */
#define MEMORY_MAX 64.0      /* MB */

static const char reference[] =
	"{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Action\": [\"logs:CreateLogStream\","
	"\"logs:PutLogEvents\"], \"Resource\": \"arn:aws:logs:us-east-1:111122223333:log-group:/sandboxgen/x:*\"},"
	"{\"Effect\": \"Allow\", \"Action\": [\"ec2:CreateNetworkInterface\", \"ec2:DeleteNetworkInterface\"], \"Resource\":"
	"\"arn:aws:ec2:us-east-1:111122223333:*/*\", \"Condition\": {\"Null\": {\"lambda:SourceFunctionArn\": \"true\"}}}]}";

struct paths {
	char *v[MAX_FILES];
	size_t n;
};

static double now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list(const char *folder, struct paths *out)
{
	DIR *d = opendir(folder);
	for (struct dirent *e; d && (e = readdir(d)) && out->n < MAX_FILES;) {
		char path[4096];
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		if (sg_str_ends(sg_str(path), ".json"))
			out->v[out->n++] = strdup(path);
		else if (e->d_type == DT_DIR)
			list(path, out);
	}
	if (d)
		closedir(d);
}

/* ------------------------------------------------------------------------------------------------ one document */

struct timing {
	double parse, read, decide; /* ms */
	bool good;
	enum iam_verdict worst;
};

static const struct sg_node *load(struct sg_arena *a, struct sg_diags *d, struct sg_str text)
{
	const struct sg_node *n = sg_json_load(a, sg_source_add(sg_diags_sources(d), SG_LIT("p.json"), text), NULL, d);
	return n ? sg_cfn_canonical(a, d, n) : NULL;
}

/* Every Allow of the policy, with a request for each that goes beyond. */
static void decide(struct iam *i, const iam_stmts *candidate, const iam_stmts *within, struct timing *t)
{
	struct iam_problem p;
	iam_problem_init(&p, i, candidate, NULL, within, SG_ALWAYS);
	for (size_t k = 0; k < p.candidate[IAM_MAY].allows.n; k++) {
		struct iam_answer a;
		iam_contained(&p, k, &a);
		t->worst = a.verdict > t->worst ? a.verdict : t->worst;
	}
}

/* What a document costs apart: as JSON; as statements (with the names of its intrinsics, which a template would have
 * declared); the decision. */
static struct timing once(struct sg_str text, const char *within_text)
{
	struct sg_arena *a = sg_arena_new();
	struct sg_diags *d = sg_diags_new(a, sg_sources_new(a));
	struct sg_findings f = {.arena = a};
	struct timing t = {0};
	struct iam i;
	iam_stmts candidate = {0}, within = {0};
	double start = now_ms();
	sg_json_load(a, sg_source_add(sg_diags_sources(d), SG_LIT("p.json"), text), NULL, d);
	t.parse = now_ms() - start;
	const struct sg_node *n = load(a, d, text), *r = load(a, d, sg_str(within_text)), *documents[] = {n, r};
	if (n) {
		iam_init(&i, sg_iam_no_template(a, d, &f, documents, 2), a);
		iam_free_document(&i, r, SG_LIT("reference"), d, SG_ALWAYS, &within);
		start = now_ms();
		iam_free_document(&i, n, SG_LIT("policy"), d, SG_ALWAYS, &candidate);
		t.read = now_ms() - start;
		start = now_ms();
		decide(&i, &candidate, &within, &t);
		t.decide = now_ms() - start;
	}
	t.good = sg_diags_errors(d) == 0;
	sg_arena_free(a);
	return t;
}

/* Medians; the first turn warms up. */
static struct timing measure(struct sg_str text)
{
	double parse[TURNS], read[TURNS], decide[TURNS];
	struct timing t = once(text, reference);
	for (int k = 0; k < TURNS; k++) {
		t = once(text, reference);
		parse[k] = t.parse;
		read[k] = t.read;
		decide[k] = t.decide;
	}
	qsort(parse, TURNS, sizeof(*parse), compare);
	qsort(decide, TURNS, sizeof(*decide), compare);
	t.parse = parse[TURNS / 2];
	qsort(read, TURNS, sizeof(*read), compare);
	t.read = read[TURNS / 2];
	t.decide = decide[TURNS / 2];
	return t;
}

/* ------------------------------------------------------------------------------------------------ documents */

/* From one statement to twelve, with some of what policies have. */
static struct sg_str make(struct sg_arena *a, unsigned number)
{
	static const struct {
		const char *actions, *resource;
	} rows[] = {
		{"[\"s3:GetObject\", \"s3:PutObject\"]", "arn:aws:s3:::bucket%u/*"},
		{"[\"sqs:SendMessage\"]", "arn:aws:sqs:us-east-1:111122223333:queue%u"},
		{"[\"dynamodb:GetItem\", \"dynamodb:Query\"]", "arn:aws:dynamodb:*:111122223333:table/t%u"},
		{"[\"logs:CreateLogStream\", \"logs:PutLogEvents\"]",
		 "arn:aws:logs:us-east-1:111122223333:log-group:g%u:*"},
		{"[\"ec2:DescribeInstances\"]", "*"},
		{"[\"lambda:InvokeFunction\"]", "arn:aws:lambda:us-east-1:111122223333:function:f%u"},
	};
	struct sg_buf b = {0};
	sg_buf_adds(&b, "{\"Version\": \"2012-10-17\", \"Statement\": [");
	for (unsigned k = 0; k <= number % 12; k++) {
		sg_buf_addf(&b, "%s{\"Effect\": \"%s\", \"Action\": %s, \"Resource\": \"", k ? "," : "",
			    k % 7 == 6 ? "Deny" : "Allow", rows[(number + k) % 6].actions);
		sg_buf_addf(&b, rows[(number + k) % 6].resource, k);
		sg_buf_adds(&b, "\"");
		if (k % 3 == 2)
			sg_buf_addf(&b,
				    ", \"Condition\": {\"StringLike\": {\"aws:PrincipalTag/t\": [\"a%u\", \"b*\"]}}",
				    k);
		sg_buf_adds(&b, "}");
	}
	sg_buf_adds(&b, "]}");
	return sg_buf_take(&b, a);
}

struct ratios {
	double ratio[MAX_FILES], ms[MAX_FILES], read[MAX_FILES];
	size_t n, of[3];
};

static void add(struct ratios *all, const char *name, struct sg_str text)
{
	struct timing t = measure(text);
	if (!t.good)
		return; /* refused as malformed */
	all->of[t.worst]++;
	all->ms[all->n] = t.decide;
	all->read[all->n] = t.read / t.parse;
	all->ratio[all->n++] = t.decide / t.parse;
	if (getenv("IAM_BENCH_SLOW") && t.decide / t.parse > 20)
		fprintf(stderr, "%8.1f %8.3f ms %s\n", t.decide / t.parse, t.decide, name);
}

/* Words that a NotResource leaves out end in an "a" and forty characters more: each set of places of "a" is a state. */
static bool pathological(void)
{
	static const char candidate[] = "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"s3:*\", \"Resource\": "
					"\"arn:aws:s3:::*\"}]}";
	static const char within[] = "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"s3:*\", \"NotResource\": "
				     "\"arn:aws:s3:::*a????????????????????????????????????????\"}]}";
	struct rusage used;
	struct timing t = once(sg_str(candidate), within);
	getrusage(RUSAGE_SELF, &used);
	double megabytes = (double)used.ru_maxrss / 1024;
	printf("a pattern past the budget              %7.2f s (at most %.0f), %s, %.0f MB (at most %.0f)\n",
	       t.decide / 1e3, PATHOLOGICAL_MAX, t.worst == IAM_UNDECIDED ? "undecided" : "decided", megabytes,
	       MEMORY_MAX);
	return t.worst == IAM_UNDECIDED && t.decide / 1e3 <= PATHOLOGICAL_MAX && megabytes <= MEMORY_MAX;
}

int main(int argc, char **argv)
{
	static struct paths files;
	static struct ratios all;
	struct sg_arena *a = sg_arena_new();
	bool good = pathological();
	if (argc > 1)
		list(argv[1], &files);
	qsort(files.v, files.n, sizeof(*files.v), by_name);
	for (size_t k = 0; k < files.n; k++) {
		struct sg_str text;
		if (sg_file_read(a, files.v[k], (size_t)4 << 20, &text, NULL))
			add(&all, files.v[k], text);
		free(files.v[k]);
	}
	for (unsigned k = 0; !files.n && k < 100; k++)
		add(&all, "made", make(a, k));
	sg_arena_free(a);
	if (!all.n)
		return 2;
	qsort(all.ratio, all.n, sizeof(*all.ratio), compare);
	qsort(all.read, all.n, sizeof(*all.read), compare);
	qsort(all.ms, all.n, sizeof(*all.ms), compare);
	double median = all.ratio[all.n / 2], p99 = all.ratio[all.n * 99 / 100];
	printf("policies within an executor's reference %6zu: %zu contained, %zu beyond, %zu undecided; median %.3f ms, most "
	       "%.2f ms\n"
	       "deciding beside parsing as JSON        median %.2f (at most %.0f), p99 %.1f (at most %.0f), most %.1f\n"
	       "reading the statements beside it       median %.2f\n",
	       all.n, all.of[IAM_CONTAINED], all.of[IAM_BEYOND], all.of[IAM_UNDECIDED], all.ms[all.n / 2],
	       all.ms[all.n - 1], median, MEDIAN_MAX, p99, P99_MAX, all.ratio[all.n - 1], all.read[all.n / 2]);
	/* What is made here has a finding in every line: its median is none of other people's policies. */
	return !(good && (median <= MEDIAN_MAX || !files.n) && p99 <= P99_MAX);
}
