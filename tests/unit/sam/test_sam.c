/* Unit tests of sam/: what conformance cannot see - origins, the audit's view, and each kind of refusal. */
#include "load.h"
#include "sam/sam.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

#define FUNCTION "Type: AWS::Serverless::Function, Properties: {Runtime: python3.12, Handler: a.b"
#define GRAPHQL "Type: AWS::Serverless::GraphQLApi, Properties: {SchemaInline: s, Auth: "

static struct loaded expand(const char *text, const struct sg_sam_options *options)
{
	struct loaded l = load_text(text);
	ck_assert_ptr_nonnull(l.root);
	l.root = sg_sam_expand(l.arena, &l.findings, l.root, options);
	return l;
}

/* "Resources.F.Properties.Timeout" */
static const struct sg_node *at(const struct sg_node *n, const char *dotted)
{
	struct sg_str rest = sg_str(dotted);
	while (n && rest.n) {
		size_t dot = sg_str_find(rest, ".", 0);
		struct sg_str key = sg_str_sub(rest, 0, dot);
		int64_t i;
		if (n->kind == SG_SEQ)
			n = sg_parse_i64(key, &i) && (size_t)i < n->n ? n->items[i] : NULL;
		else
			n = sg_node_get_str(n, key);
		rest = dot == SIZE_MAX ? SG_LIT("") : sg_str_sub(rest, dot + 1, SIZE_MAX);
	}
	return n;
}

static void is_text(const struct loaded *l, const char *path, const char *text)
{
	const struct sg_node *n = at(l->root, path);
	ck_assert_msg(n && sg_node_is(n, text), "%s is %.*s", path, SG_FMT(n ? n->text : SG_LIT("nothing")));
}

static const struct sg_node *made_of(const struct loaded *l, const char *type)
{
	const struct sg_node *resources = sg_node_get(l->root, "Resources");
	for (size_t i = 0; i < resources->n; i++)
		if (sg_node_is(sg_node_get(resources->members[i].value, "Type"), type))
			return resources->members[i].value;
	return NULL;
}

/* ------------------------------------------------------------------------------------------------ origins */

START_TEST(what_is_not_sam_stays_the_same_node)
{
	struct loaded l = load_text("Resources:\n"
				    "  V: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16}}\n"
				    "  F: {" FUNCTION "}}\n");
	const struct sg_node *before = at(l.root, "Resources.V");
	const struct sg_node *after = sg_sam_expand(l.arena, &l.findings, l.root, NULL);
	ck_assert_ptr_eq(at(after, "Resources.V"), before);
	ck_assert_ptr_ne(at(after, "Resources.F"), at(l.root, "Resources.F"));
	ck_assert_ptr_eq(sg_sam_expand(l.arena, &l.findings, at(l.root, "Resources.V"), NULL), before);
	sg_arena_free(l.arena);
}
END_TEST

START_TEST(what_is_made_points_at_the_users_line)
{
	struct loaded l = expand("Resources:\n"
				 "  F:\n"
				 "    Type: AWS::Serverless::Function\n"
				 "    Properties:\n"
				 "      Runtime: python3.12\n"
				 "      Handler: a.b\n"
				 "      Timeout: 9\n"
				 "      Policies:\n"
				 "      - SQSPollerPolicy: {QueueName: !Ref Q}\n"
				 "      Events:\n"
				 "        Often:\n"
				 "          Type: Schedule\n"
				 "          Properties: {Schedule: rate(1 minute)}\n",
				 NULL);
	static const struct {
		const char *path;
		uint32_t line;
	} rows[] = {
		{"Resources.F", 2},
		{"Resources.F.Properties.Timeout", 7},
		{"Resources.FRole.Properties.Policies.0.PolicyDocument.Statement.0.Action.0", 9},
		{"Resources.FOften", 12},
		{"Resources.FOftenPermission.Properties.Principal", 12},
		{"Resources.FOften.Properties.ScheduleExpression", 13},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct sg_node *n = at(l.root, rows[i].path);
		ck_assert_msg(n != NULL, "no %s", rows[i].path);
		uint32_t line = sg_pos_start(l.sources, n->span).line;
		ck_assert_msg(line == rows[i].line, "%s is at line %u", rows[i].path, line);
	}
	ck_assert_uint_eq(l.findings.list.n, 0);
	sg_arena_free(l.arena);
}
END_TEST

/* ------------------------------------------------------------------------------------------------ options */

START_TEST(defaults_only_name_things_for_the_audit)
{
	static const char text[] =
		"Parameters: {T: {Type: String, Default: Disabled}, A: {Type: String, Default: live}}\n"
		"Resources:\n"
		"  F: {" FUNCTION ", CodeUri: {Bucket: !Ref A, Key: k}, Tracing: !Ref T,"
		" AutoPublishAlias: !Ref A}}\n";
	struct loaded audit = expand(text, NULL);
	ck_assert_ptr_nonnull(at(audit.root, "Resources.F.Properties.TracingConfig.Mode.Ref"));
	ck_assert_ptr_nonnull(at(audit.root, "Resources.FAliaslive.Properties.Name.Ref"));
	ck_assert_ptr_nonnull(at(audit.root, "Resources.F.Properties.Code.S3Bucket.Ref"));
	struct loaded expanded = expand(text, &(struct sg_sam_options){.use_defaults = true});
	ck_assert_ptr_null(at(expanded.root, "Resources.F.Properties.TracingConfig"));
	is_text(&expanded, "Resources.FAliaslive.Properties.Name", "live");
	is_text(&expanded, "Resources.F.Properties.Code.S3Bucket", "live");
	struct sg_override o = {SG_LIT("T"), SG_LIT("Disabled")};
	struct loaded fixed = expand(text, &(struct sg_sam_options){.overrides = &o, .n_overrides = 1});
	ck_assert_ptr_null(at(fixed.root, "Resources.F.Properties.TracingConfig"));
	sg_arena_free(audit.arena);
	sg_arena_free(expanded.arena);
	sg_arena_free(fixed.arena);
}
END_TEST

START_TEST(the_partition_is_that_of_the_region)
{
	static const struct {
		struct sg_sam_options options;
		const char *arn;
	} rows[] = {
		{{0}, "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"},
		{{.region = "eu-central-1"}, "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"},
		{{.region = "cn-north-1"}, "arn:aws-cn:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"},
		{{.region = "us-gov-west-1"},
		 "arn:aws-us-gov:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct loaded l = expand("Resources: {F: {" FUNCTION "}}}\n", &rows[i].options);
		is_text(&l, "Resources.FRole.Properties.ManagedPolicyArns.0", rows[i].arn);
		sg_arena_free(l.arena);
	}
	struct loaded l =
		expand("Resources: {F: {" FUNCTION "}}}\n", &(struct sg_sam_options){.pseudo_partition = true});
	is_text(&l, "Resources.FRole.Properties.ManagedPolicyArns.0.Fn::Sub",
		"arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole");
	sg_arena_free(l.arena);
}
END_TEST

START_TEST(local_paths_are_taken_where_nothing_is_packaged_yet)
{
	static const char text[] = "Resources: {F: {" FUNCTION ", CodeUri: src/}}}\n";
	struct loaded local = expand(text, NULL);
	is_text(&local, "Resources.F.Properties.Code.CodeUri", "src/");
	struct loaded packaged = expand(text, &(struct sg_sam_options){.packaged = true});
	is_text(&packaged, "Resources.F.Type", "AWS::Serverless::Function");
	ck_assert_uint_eq(packaged.findings.list.n, 1);
	sg_arena_free(local.arena);
	sg_arena_free(packaged.arena);
}
END_TEST

/* ------------------------------------------------------------------------------------------------ ids */

START_TEST(ids_of_hashes_are_the_translators)
{
	/* SHA-1 of {"S3Bucket":"b","S3Key":"k"} and of the layer, as the translator makes them */
	struct loaded l =
		expand("Resources:\n"
		       "  F: {" FUNCTION ", CodeUri: 's3://b/k', AutoPublishAlias: live}}\n"
		       "  L: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: 's3://b/k'}}\n"
		       "Outputs: {O: {Value: !Ref L}, V: {Value: !Ref F.Version}, S: {Value: !Sub '${F.Alias}'}}\n",
		       NULL);
	ck_assert_ptr_nonnull(at(l.root, "Resources.FVersion03ba323aca"));
	ck_assert_ptr_nonnull(at(l.root, "Resources.L0fe3d22673"));
	is_text(&l, "Outputs.O.Value.Ref", "L0fe3d22673");
	is_text(&l, "Outputs.V.Value.Ref", "FVersion03ba323aca");
	is_text(&l, "Outputs.S.Value.Fn::Sub", "${FAliaslive}");
	sg_arena_free(l.arena);
}
END_TEST

START_TEST(long_texts_are_hashed_over_blocks)
{
	/* 55, 56 and 64 bytes of a bucket's name: the padding of SHA-1 takes one block or two */
	static const struct {
		int n;
		const char *id;
	} rows[] = {{1, "RecordSetGroup86f7e437fa"},
		    {55, "RecordSetGroupc1c8bbdc22"},
		    {56, "RecordSetGroupc2db330f60"},
		    {64, "RecordSetGroup0098ba824b"}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char zone[65] = {0}, text[512];
		memset(zone, 'a', (size_t)rows[i].n);
		snprintf(text, sizeof(text),
			 "Resources: {A: {Type: AWS::Serverless::HttpApi, Properties: {Domain: {DomainName: d, "
			 "CertificateArn: c, Route53: {HostedZoneId: %s}}}}}\n",
			 zone);
		struct loaded l = expand(text, NULL);
		ck_assert_msg(sg_node_get(sg_node_get(l.root, "Resources"), rows[i].id) != NULL, "no %s", rows[i].id);
		sg_arena_free(l.arena);
	}
}
END_TEST

/* ------------------------------------------------------------------------------------------------ refusals */

START_TEST(what_is_wrong_is_said_of_the_resource_and_stays)
{
	static const char *const bodies[] = {
		FUNCTION ", Nonsense: 1}",
		FUNCTION ", Policies: [{NoSuchPolicy: {}}]}",
		FUNCTION ", Policies: [{SQSPollerPolicy: {}}]}",
		FUNCTION ", Policies: [!If [C, AdministratorAccess, {Statement: []}]]}",
		FUNCTION ", Policies: 7}",
		FUNCTION ", Events: {E: {Type: Nothing}}}",
		FUNCTION ", Events: {E: {Type: SQS, Properties: {}}}}",
		FUNCTION ", Events: {E: {Type: S3, Properties: {Bucket: !Ref NoBucket, Events: x}}}}",
		FUNCTION ", Events: {E-F: {Type: AlexaSkill}}}",
		FUNCTION ", FunctionUrlConfig: {AuthType: SOME}}",
		FUNCTION ", DeploymentPreference: {Type: AllAtOnce}}",
		FUNCTION ", AutoPublishAlias: 'a*b'}",
		FUNCTION ", DeadLetterQueue: {Type: Kafka, TargetArn: a}}",
		FUNCTION ", CodeUri: {Bucket: b}}",
		"Type: AWS::Serverless::Api, Properties: {}",
		"Type: AWS::Serverless::Api, Properties: {StageName: s, Auth: text}",
		"Type: AWS::Serverless::HttpApi, Properties: {CorsConfiguration: true, DefinitionBody: {openapi: 3.0.1}}",
		"Type: AWS::Serverless::StateMachine, Properties: {}",
		"Type: AWS::Serverless::SimpleTable, Properties: {PrimaryKey: {Name: n, Type: Other}}",
		"Type: AWS::Serverless::Connector, Properties: {Source: {Id: X}, Destination: {Id: Y}, Permissions: [Read]}",
		"Type: AWS::Serverless::CapacityProvider, Properties: {VpcConfig: {SubnetIds: s}}",
		"Type: AWS::Serverless::CapacityProvider, Properties: {VpcConfig: {SubnetIds: [s], SecurityGroupIds: [[x]]}}",
		"Type: AWS::Serverless::CapacityProvider, "
		"Properties: {VpcConfig: {SubnetIds: [s]}, InstanceRequirements: {AllowedTypes: [null]}}",
		"Type: AWS::Serverless::Function, Properties: []",
		"Type: AWS::Serverless::NetworkConnector, Properties: {VpcConfig: {SubnetIds: [s]}}",
		FUNCTION ", CapacityProviderConfig: {Arn: [a]}}",
		FUNCTION ", CapacityProviderConfig: {Arn: a, PerExecutionEnvironmentMaxConcurrency: '2.5'}}",
		GRAPHQL "{Type: API_KEY, LambdaAuthorizer: {AuthorizerUri: null}}}",
		GRAPHQL "{Type: API_KEY}, Functions: {F: {DataSource: none, Name: !Ref N}}}",
		GRAPHQL "{Type: API_KEY}, DataSources: {DynamoDb: {D: {TableName: t, Permissions: [Own]}}}}",
	};
	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
		char text[512];
		snprintf(text, sizeof(text), "Resources: {R: {%s}, T: {Type: AWS::Serverless::SimpleTable}}\n",
			 bodies[i]);
		/* before `sam package` it may still be rewritten */
		struct sg_sam_options packaged = {.packaged = i % 2 == 0};
		struct loaded l = expand(text, &packaged);
		ck_assert_msg(l.findings.list.n == 1, "%s: %zu findings", bodies[i], l.findings.list.n);
		const struct sg_finding *f = l.findings.list.v[0];
		ck_assert_str_eq(f->rule->id, "TPL005");
		ck_assert_int_eq(f->status, packaged.packaged ? SG_FAIL : SG_UNPROVEN);
		ck_assert_msg(sg_str_is(f->resource, "R"), "%s: %.*s", bodies[i], SG_FMT(f->resource));
		const struct sg_node *type = at(l.root, "Resources.R.Type");
		ck_assert_msg(sg_str_starts(type->text, "AWS::Serverless::"), "%s", bodies[i]);
		sg_arena_free(l.arena);
	}
}
END_TEST

/* As the translator's schemas read: what is null is not there, and scalars become what they stand for. */
START_TEST(a_schema_drops_nulls_and_converts)
{
	struct loaded l = expand(
		"Resources:\n"
		"  C:\n"
		"    Type: AWS::Serverless::CapacityProvider\n"
		"    Properties:\n"
		"      VpcConfig: {SubnetIds: ['', 7, true, subnet], SecurityGroupIds: null}\n"
		"      CapacityProviderName: ''\n"
		"      KmsKeyArn: ''\n"
		"      LoggingConfig: {}\n"
		"      InstanceRequirements: {Architectures: null}\n"
		"      ScalingConfig: {MaxVCpuCount: '30'}\n"
		"      ManagedResourceTags: {}\n"
		"  G: {" GRAPHQL "{Type: AWS_LAMBDA, LambdaAuthorizer: {AuthorizerUri: u, "
		"AuthorizerResultTtlInSeconds: null}, UserPool: null}, Logging: false, "
		"ApiKeys: {K: {Description: null}}, Functions: {F: {DataSource: none, Name: 7, InlineCode: x, CodeUri: '', "
		"Runtime: {Name: n, Version: v}, Sync: {ConflictDetection: VERSION, ConflictHandler: null}}}}}\n"
		"  F: {" FUNCTION ", CapacityProviderConfig: {Arn: a, ExecutionEnvironmentMemoryGiBPerVCpu: 2.5}}}\n",
		NULL);
	static const char *const absent[] = {"C.Properties.CapacityProviderName",
					     "C.Properties.KmsKeyArn",
					     "C.Properties.TelemetryConfig",
					     "C.Properties.InstanceRequirements",
					     "C.Properties.PropagateTags",
					     "C.Properties.VpcConfig.SecurityGroupIds",
					     "G.Properties.LambdaAuthorizerConfig.AuthorizerResultTtlInSeconds",
					     "GK.Properties.Description",
					     "GF.Properties.SyncConfig.ConflictHandler",
					     "GF.Properties.CodeS3Location"};
	ck_assert_uint_eq(l.findings.list.n, 0);
	for (size_t i = 0; i < sizeof(absent) / sizeof(*absent); i++) {
		char path[128];
		snprintf(path, sizeof(path), "Resources.%s", absent[i]);
		ck_assert_msg(!at(l.root, path), "%s", absent[i]);
	}
	ck_assert_int_eq(at(l.root, "Resources.C.Properties.VpcConfig.SubnetIds.0")->kind, SG_MAP);
	is_text(&l, "Resources.C.Properties.VpcConfig.SubnetIds.1", "7");
	is_text(&l, "Resources.C.Properties.VpcConfig.SubnetIds.2", "True");
	is_text(&l, "Resources.C.Properties.CapacityProviderScalingConfig.MaxVCpuCount", "30");
	is_text(&l, "Resources.G.Properties.LambdaAuthorizerConfig.AuthorizerUri", "u");
	is_text(&l, "Resources.GF.Properties.Name", "7");
	is_text(&l,
		"Resources.F.Properties.CapacityProviderConfig.LambdaManagedInstancesCapacityProviderConfig."
		"ExecutionEnvironmentMemoryGiBPerVCpu",
		"2");
	sg_arena_free(l.arena);
}
END_TEST

START_TEST(one_wrong_resource_does_not_hide_another)
{
	struct loaded l = expand("Resources:\n"
				 "  A: {" FUNCTION ", Nonsense: 1}}\n"
				 "  B: {" FUNCTION "}}\n",
				 NULL);
	is_text(&l, "Resources.A.Type", "AWS::Serverless::Function");
	is_text(&l, "Resources.B.Type", "AWS::Lambda::Function");
	sg_arena_free(l.arena);
}
END_TEST

START_TEST(an_unknown_of_the_audit_is_no_failure)
{
	struct loaded l = expand("Resources: {F: {" FUNCTION ", Events: !If [C, {}, {}]}}}\n", NULL);
	ck_assert_uint_eq(l.findings.list.n, 1);
	ck_assert_int_eq(l.findings.list.v[0]->status, SG_UNPROVEN);
	is_text(&l, "Resources.F.Type", "AWS::Serverless::Function");
	sg_arena_free(l.arena);
}
END_TEST

START_TEST(an_id_that_is_taken_is_not_overwritten)
{
	struct loaded l = expand("Resources:\n"
				 "  F: {" FUNCTION "}}\n"
				 "  FRole: {Type: 'AWS::IAM::Role', Properties: {Path: /mine/}}\n",
				 NULL);
	ck_assert_uint_eq(l.findings.list.n, 1);
	is_text(&l, "Resources.FRole.Properties.Path", "/mine/");
	sg_arena_free(l.arena);
}
END_TEST

/* ------------------------------------------------------------------------------------------------ what is shared */

START_TEST(a_bucket_waits_for_the_permission)
{
	struct loaded l =
		expand("Resources:\n"
		       "  F: {" FUNCTION ", Events: {E: {Type: S3, Properties: {Bucket: !Ref B, Events: e}}}}}\n"
		       "  B: {Type: 'AWS::S3::Bucket'}\n",
		       NULL);
	is_text(&l, "Resources.B.DependsOn.0", "FEPermission");
	is_text(&l, "Resources.B.Properties.NotificationConfiguration.LambdaConfigurations.0.Event", "e");
	sg_arena_free(l.arena);
}
END_TEST

START_TEST(an_implicit_api_hangs_on_the_conditions_of_all)
{
	struct loaded l = expand(
		"Conditions: {X: !Equals [a, b], Y: !Equals [c, d]}\n"
		"Resources:\n"
		"  F: {Condition: X, " FUNCTION ", Events: {E: {Type: Api, Properties: {Path: /, Method: get}}}}}\n"
		"  G: {Condition: Y, " FUNCTION ", Events: {E: {Type: Api, Properties: {Path: /, Method: put}}}}}\n",
		NULL);
	is_text(&l, "Resources.ServerlessRestApi.Condition", "ServerlessRestApiCondition");
	is_text(&l, "Conditions.ServerlessRestApiCondition.Fn::Or.1.Condition", "Y");
	ck_assert_ptr_nonnull(at(l.root, "Conditions.ServerlessRestApiSLASHPathCondition"));
	ck_assert_ptr_null(made_of(&l, "AWS::Serverless::HttpApi"));
	sg_arena_free(l.arena);
}
END_TEST

START_TEST(more_than_ten_conditions_are_combined_in_steps)
{
	struct sg_buf b = {0};
	sg_buf_adds(&b, "Conditions: {A: !Equals [a, b]}\nResources:\n");
	for (int i = 0; i < 21; i++)
		sg_buf_addf(&b,
			    "  F%02d: {Condition: C%02d, " FUNCTION ", Events: {E: {Type: HttpApi, "
			    "Properties: {Path: /%d, Method: get}}}}}\n",
			    i, i, i);
	struct loaded l = expand(b.p, NULL);
	ck_assert_uint_eq(at(l.root, "Conditions.ServerlessHttpApiCondition2.Fn::Or")->n, 10);
	ck_assert_uint_eq(at(l.root, "Conditions.ServerlessHttpApiCondition1.Fn::Or")->n, 10);
	is_text(&l, "Conditions.ServerlessHttpApiCondition.Fn::Or.2.Condition", "ServerlessHttpApiCondition1");
	sg_buf_free(&b);
	sg_arena_free(l.arena);
}
END_TEST

START_TEST(globals_are_shared_but_not_between_what_they_make)
{
	struct loaded l =
		expand("Globals: {Function: {Runtime: r, Handler: h, Tags: {g: 1}, Layers: [a],"
		       " Environment: {Variables: {X: 1, Y: 1}}, Architectures: [arm64]}}\n"
		       "Resources:\n"
		       "  F: {Type: AWS::Serverless::Function, Properties: {Layers: [b], Architectures: [x86_64],"
		       " Environment: {Variables: {Y: 2}}}}\n"
		       "  G: {Type: AWS::Serverless::Function, IgnoreGlobals: [Tags]}\n",
		       NULL);
	is_text(&l, "Resources.F.Properties.Layers.1", "b");
	ck_assert_uint_eq(at(l.root, "Resources.F.Properties.Architectures")->n, 1);
	is_text(&l, "Resources.F.Properties.Environment.Variables.X", "1");
	is_text(&l, "Resources.F.Properties.Environment.Variables.Y", "2");
	is_text(&l, "Resources.G.Properties.Environment.Variables.Y", "1");
	ck_assert_uint_eq(at(l.root, "Resources.F.Properties.Tags")->n, 2);
	ck_assert_uint_eq(at(l.root, "Resources.G.Properties.Tags")->n, 1);
	ck_assert_ptr_null(at(l.root, "Globals"));
	sg_arena_free(l.arena);
}
END_TEST

START_TEST(an_embedded_connector_makes_the_policy)
{
	struct loaded l = expand(
		"Resources:\n"
		"  F: {Connectors: {C: {Properties: {Destination: {Id: T}, Permissions: [Write]}}}, " FUNCTION "}}\n"
		"  T: {Type: AWS::Serverless::SimpleTable}\n",
		NULL);
	is_text(&l, "Resources.FCPolicy.Type", "AWS::IAM::ManagedPolicy");
	is_text(&l, "Resources.FCPolicy.Properties.Roles.0.Ref", "FRole");
	ck_assert_ptr_null(at(l.root, "Resources.F.Connectors"));
	sg_arena_free(l.arena);
}
END_TEST

START_TEST(a_private_domain_without_its_endpoint_has_nulls_as_the_translator_writes)
{
	struct loaded l =
		expand("Resources: {A: {Type: AWS::Serverless::Api, Properties: {StageName: s, Domain: {DomainName: d,"
		       " CertificateArn: c, EndpointConfiguration: PRIVATE, Route53: {HostedZoneId: z,"
		       " VpcEndpointDomainName: v}}}}}\n",
		       NULL);
	const struct sg_node *group = made_of(&l, "AWS::Route53::RecordSetGroup");
	ck_assert_ptr_nonnull(group);
	const struct sg_node *target = at(group, "Properties.RecordSets.0.AliasTarget");
	ck_assert(sg_node_is(at(target, "DNSName"), "v"));
	const struct sg_node *zone = at(target, "HostedZoneId");
	ck_assert_msg(zone && sg_read_yaml11(zone).type == SG_T_NULL, "the zone is no null");
	sg_arena_free(l.arena);
}
END_TEST

UNIT_MAIN("sam", what_is_not_sam_stays_the_same_node, what_is_made_points_at_the_users_line,
	  defaults_only_name_things_for_the_audit, the_partition_is_that_of_the_region,
	  local_paths_are_taken_where_nothing_is_packaged_yet, ids_of_hashes_are_the_translators,
	  long_texts_are_hashed_over_blocks, what_is_wrong_is_said_of_the_resource_and_stays,
	  a_schema_drops_nulls_and_converts, one_wrong_resource_does_not_hide_another,
	  an_unknown_of_the_audit_is_no_failure, an_id_that_is_taken_is_not_overwritten,
	  a_bucket_waits_for_the_permission, an_implicit_api_hangs_on_the_conditions_of_all,
	  more_than_ten_conditions_are_combined_in_steps, globals_are_shared_but_not_between_what_they_make,
	  an_embedded_connector_makes_the_policy,
	  a_private_domain_without_its_endpoint_has_nulls_as_the_translator_writes)
