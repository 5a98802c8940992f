/*
 * make bench: model [TEMPLATE].  What the resolved model of a template costs beside its two parsers: one process reads the
 * text with both readers alone (the floor), then reads it, makes the model and evaluates every value of it.  Medians of
 * processor time; exits with 1 past RATIO_MAX, past MEMORY_MAX times the file's size, or where the time grows faster than
 * the number of resources to the power EXPONENT_MAX between 50 and 5,000.
 *
 * Without TEMPLATE, or where it is not there, the 500 resources are made here like the others.
 */
#include "model/model.h"
#include "yaml/yaml.h"

#include <libfyaml.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <yaml.h>

enum { TURNS = 21 };
#define RATIO_MAX 2.5
#define MEMORY_MAX 20.0
#define EXPONENT_MAX 1.1

static double cpu_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* ------------------------------------------------------------------------------------------------ the floor */

static void by_libyaml(struct sg_str text)
{
	yaml_parser_t parser;
	yaml_event_t event;
	bool more = yaml_parser_initialize(&parser);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text.p, text.n);
	while (more && yaml_parser_parse(&parser, &event)) {
		more = event.type != YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
}

static void by_libfyaml(struct sg_str text)
{
	struct fy_parse_cfg cfg = {.flags = FYPCF_QUIET};
	struct fy_parser *parser = fy_parser_create(&cfg);
	struct fy_event *event;
	bool ended = false;
	fy_parser_set_string(parser, text.p, text.n);
	while (!ended && (event = fy_parser_parse(parser))) {
		ended = event->type == FYET_STREAM_END;
		fy_parser_event_free(parser, event);
	}
	fy_parser_destroy(parser);
}

/* ------------------------------------------------------------------------------------------------ the model */

/* Bytes of the arena with text, tree and model; 0 where there is no model. */
static size_t by_us(struct sg_str text)
{
	struct sg_arena *a = sg_arena_new();
	struct sg_sources *s = sg_sources_new(a);
	struct sg_diags *d = sg_diags_new(a, s);
	struct sg_findings f = {.arena = a};
	uint32_t id = sg_source_add(s, SG_LIT("t.yaml"), text);
	struct sg_yaml_notes notes = {0};
	const struct sg_node *root = sg_yaml_load(a, d, id, NULL, &notes);
	root = root ? sg_cfn_canonical(a, d, root) : NULL;
	const struct sg_model *m = root ? sg_model_new(a, d, &f, root, NULL) : NULL;
	size_t used = m && m->n ? sg_arena_used(a) : 0;
	sg_arena_free(a);
	return used;
}

/* Buckets with tags, roles with policies, functions and rules that refer to each other, some under conditions. */
static struct sg_str make(struct sg_arena *a, int resources)
{
	struct sg_buf b = {0};
	sg_buf_adds(&b, "Parameters:\n  Env: {Type: String, AllowedValues: [dev, test, prod]}\n"
			"Conditions:\n  IsProd: !Equals [!Ref Env, prod]\nResources:\n");
	for (int i = 0; i < resources / 4; i++) {
		sg_buf_addf(&b,
			    "  Bucket%d:\n    Type: AWS::S3::Bucket\n    Properties:\n"
			    "      BucketName: !Sub 'b-${AWS::AccountId}-%d'\n      Tags:\n",
			    i, i);
		for (int k = 0; k < 10; k++)
			sg_buf_addf(&b, "      - Key: k%d\n        Value: !If [IsProd, v%d, w]\n", k, i);
		sg_buf_addf(&b,
			    "  Role%d:\n    Type: AWS::IAM::Role\n    DependsOn: Bucket%d\n    Properties:\n"
			    "      AssumeRolePolicyDocument:\n        Version: '2012-10-17'\n        Statement:\n"
			    "        - Effect: Allow\n          Principal: {Service: lambda.amazonaws.com}\n"
			    "          Action: sts:AssumeRole\n      Policies:\n",
			    i, i);
		for (int k = 0; k < 6; k++)
			sg_buf_addf(
				&b,
				"      - PolicyName: p%d\n        PolicyDocument:\n          Version: '2012-10-17'\n"
				"          Statement:\n          - Effect: Allow\n            Action: ['s3:Get*', 's3:List*']\n"
				"            Resource: !GetAtt Bucket%d.Arn\n",
				k, i);
		sg_buf_addf(
			&b,
			"  Function%d:\n    Type: AWS::Lambda::Function\n    Properties:\n      Runtime: python3.12\n"
			"      Handler: a.b\n      MemorySize: 128\n      Role: !GetAtt Role%d.Arn\n"
			"      Environment:\n        Variables:\n          BUCKET: !Ref Bucket%d\n"
			"          NAME: !Join ['-', [!Ref 'AWS::StackName', !Ref Env, '%d']]\n",
			i, i, i, i);
		sg_buf_addf(&b,
			    "  Rule%d:\n    Type: AWS::Events::Rule\n    Condition: IsProd\n    Properties:\n"
			    "      ScheduleExpression: rate(1 day)\n      Targets:\n      - Id: t\n"
			    "        Arn: !GetAtt Function%d.Arn\n",
			    i, i);
	}
	return sg_buf_take(&b, a);
}

/* ------------------------------------------------------------------------------------------------ measuring */

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

struct cost {
	double model, floor; /* ms */
	size_t bytes;
};

static struct cost measure(struct sg_str text, int turns)
{
	double model[TURNS], floor[TURNS];
	struct cost c = {0};
	for (int i = -1; i < turns; i++) {
		double t0 = cpu_ms();
		by_libyaml(text);
		by_libfyaml(text);
		double t1 = cpu_ms();
		c.bytes = by_us(text);
		double t2 = cpu_ms();
		if (!c.bytes) {
			fputs("bench: no model\n", stderr);
			exit(2);
		}
		if (i >= 0) /* the first warms up */
			floor[i] = t1 - t0, model[i] = t2 - t1;
	}
	qsort(model, (size_t)turns, sizeof(*model), compare);
	qsort(floor, (size_t)turns, sizeof(*floor), compare);
	c.model = model[turns / 2], c.floor = floor[turns / 2];
	return c;
}

int main(int argc, char **argv)
{
	static const int sizes[] = {50, 500, 5000};
	struct sg_arena *a = sg_arena_new();
	struct sg_str text;
	struct cost grown[3];
	if (argc < 2 || !sg_file_read(a, argv[1], (size_t)64 << 20, &text, NULL))
		text = make(a, 500);
	struct cost c = measure(text, TURNS);
	for (int i = 0; i < 3; i++)
		grown[i] = measure(make(a, sizes[i]), sizes[i] > 1000 ? 5 : TURNS);
	double ratio = c.model / c.floor, memory = (double)c.bytes / (double)text.n;
	double exponent = log(grown[2].model / grown[0].model) / log((double)sizes[2] / sizes[0]);
	printf("resolved model of %zu bytes            %7.2f ms, floor: both parsers %.2f ms\n"
	       "ratio (at most %.1f)                     %7.2f\n"
	       "memory beside the file (at most %.0f)     %7.2f\n"
	       "50, 500, 5,000 resources               %7.2f ms, %.2f ms, %.2f ms\n"
	       "exponent (at most %.1f)                  %7.2f\n",
	       text.n, c.model, c.floor, RATIO_MAX, ratio, MEMORY_MAX, memory, grown[0].model, grown[1].model,
	       grown[2].model, EXPONENT_MAX, exponent);
	sg_arena_free(a);
	return ratio > RATIO_MAX || memory > MEMORY_MAX || exponent > EXPONENT_MAX;
}
