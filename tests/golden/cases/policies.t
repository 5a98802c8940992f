Rules of the user's own: files or folders, alone or beside the audit, on any document.

  $ mkdir -p rules/tests
  $ cat > rules/queues.guard <<'END'
  > let queues = Resources.*[ Type == 'AWS::SQS::Queue' ]
  > 
  > rule QUEUES_HAVE_KEYS when %queues !empty {
  >   %queues.Properties.KmsMasterKeyId exists <<set KmsMasterKeyId>>
  > }
  > rule QUEUES_KEEP_MESSAGES when %queues !empty {
  >   %queues.Properties.MessageRetentionPeriod >= 3600
  > }
  > rule NO_TOPICS { Resources.*[ Type == 'AWS::SNS::Topic' ] empty }
  > rule TOPICS when Resources.*[ Type == 'AWS::SNS::Topic' ] !empty { Resources exists }
  > END
  $ cat > t.yaml <<'END'
  > Resources:
  >   Jobs:
  >     Type: AWS::SQS::Queue
  >     Properties:
  >       MessageRetentionPeriod: 60
  > END
  $ sandboxgen audit --only-policies --policies rules -- t.yaml
  t.yaml: fail (2 fail, 0 unproven)
  
  t.yaml:5:7: fail QUEUES_HAVE_KEYS medium: KmsMasterKeyId is missing
      5 |       MessageRetentionPeriod: 60
        |       ^~~~~~~~~~~~~~~~~~~~~~~~~~
      should hold: what the rule QUEUES_HAVE_KEYS of rules/queues.guard asks for
      for Jobs, at /Resources/Jobs/Properties/KmsMasterKeyId
      witness: the clause (rules/queues.guard:4:3)
      to put it right: set KmsMasterKeyId
  
  t.yaml:5:31: fail QUEUES_KEEP_MESSAGES medium: %queues.Properties.MessageRetentionPeriod, 60, is less than 3600
      5 |       MessageRetentionPeriod: 60
        |                               ^~
      should hold: what the rule QUEUES_KEEP_MESSAGES of rules/queues.guard asks for
      for Jobs, at /Resources/Jobs/Properties/MessageRetentionPeriod
      witness: the clause (rules/queues.guard:7:3)
  
  judged: the template
    rules  pass NO_TOPICS
  
  judged: Jobs
    rules  fail QUEUES_HAVE_KEYS QUEUES_KEEP_MESSAGES
  [1]
  $ sandboxgen audit --only-policies --format json --policies rules/queues.guard -- t.yaml | sed -n '/"guard"/,/"findings"/p'
        "guard": {
          "name": "t.yaml",
          "metadata": {},
          "status": "FAIL",
          "not_compliant": [
            {
              "Rule": {
                "name": "QUEUES_HAVE_KEYS",
                "metadata": {},
                "checks": [
                  {
                    "Clause": {
                      "path": "/Resources/Jobs/Properties/KmsMasterKeyId",
                      "messages": {
                        "custom_message": "set KmsMasterKeyId",
                        "error_message": "KmsMasterKeyId is missing",
                        "location": {
                          "line": 4,
                          "col": 6
                        }
                      }
                    }
                  }
                ]
              }
            },
            {
              "Rule": {
                "name": "QUEUES_KEEP_MESSAGES",
                "metadata": {},
                "checks": [
                  {
                    "Clause": {
                      "path": "/Resources/Jobs/Properties/MessageRetentionPeriod",
                      "messages": {
                        "custom_message": null,
                        "error_message": "%queues.Properties.MessageRetentionPeriod, 60, is less than 3600",
                        "location": {
                          "line": 4,
                          "col": 30
                        }
                      }
                    }
                  }
                ]
              }
            }
          ],
          "not_applicable": [
            "TOPICS"
          ],
          "compliant": [
            "NO_TOPICS"
          ]
        }
      }
    ],
    "findings": [
  $ printf '{"queues": [1, 2]}' > any.json
  $ printf 'rule FEW { queues[*] < 2 <<too many>> }\n' > few.guard
  $ sandboxgen audit --only-policies --policies few.guard -- - < any.json | head -n 1
  <stdin>: fail (1 fail, 0 unproven)
  $ printf 'rule ONE { queues exists }\n' > one.guard
  $ sandboxgen audit --only-policies --policies one.guard -- any.json
  any.json: pass (0 fail, 0 unproven)
  
  judged: the template
    rules  pass ONE
  $ sandboxgen audit --policies one.guard -- t.yaml | grep -c 'fail ONE'
  2

What SAM makes is seen in the expanded view, and values in the resolved one.

  $ cat > sam.yaml <<'END'
  > Transform: AWS::Serverless-2016-10-31
  > Parameters: {Name: {Type: String}}
  > Mappings: {M: {a: {size: 512}}}
  > Resources:
  >   F:
  >     Type: AWS::Serverless::Function
  >     Properties: {Runtime: python3.12, Handler: a.b, CodeUri: s3://b/k, MemorySize: !FindInMap [M, a, size]}
  > END
  $ printf 'AWS::Lambda::Function Properties.MemorySize <= 256\n' > memory.guard
  $ for view in raw expanded resolved; do
  >   sandboxgen audit --only-policies --view $view --policies memory.guard -- sam.yaml | sed -n '1p;3p'
  > done
  sam.yaml: pass (0 fail, 0 unproven)
  sam.yaml: fail (1 fail, 0 unproven)
  sam.yaml:7:84: fail default medium: Properties.MemorySize, {"Fn::FindInMap": …}, cannot be compared with 256
  sam.yaml: fail (1 fail, 0 unproven)
  sam.yaml:3:26: fail default medium: Properties.MemorySize, 512, is greater than 256
  $ (echo '# sandboxgen: view=resolved'; cat memory.guard) > own.guard
  $ sandboxgen audit --only-policies --policies own.guard -- sam.yaml | sed -n 3p
  sam.yaml:3:26: fail default medium: Properties.MemorySize, 512, is greater than 256
  $ sandboxgen audit --only-policies --view expanded --policies one.guard -- any.json
  any.json:1:1: error: this is no template: it has no expanded or resolved view
      1 | {"queues": [1, 2]}
        | ^~~~~~~~~~~~~~~~~~
        = use --view raw
  any.json: error (it could not be judged)
  [2]

What cfn-guard cannot read is told, and other documents are judged; of several documents in a file the first is.

  $ printf 'queues: [3]\n---\nqueues: [1]\n' > two.yaml
  $ printf 'queues: {true: 1}\n' > key.yaml
  $ sandboxgen audit --only-policies --policies one.guard -- key.yaml two.yaml any.json
  key.yaml:1:10: error: the key true is no string
      1 | queues: {true: 1}
        |          ^~~~
        = put the key in quotes
  two.yaml:2:1: warning: the rules judge the first document of a file alone; this one is not judged
      2 | ---
        | ^~~
        = split the file
  key.yaml: error (it could not be judged)
  
  two.yaml: pass (0 fail, 0 unproven)
  
  judged: the template
    rules  pass ONE
  
  any.json: pass (0 fail, 0 unproven)
  
  judged: the template
    rules  pass ONE
  
  3 files: error
  [2]

Packs are rules that are not about a sandbox, over every resource, where they are asked for.

  $ sandboxgen audit --pack list | sed -n '1,3p;/^lambda/,+2p'
  iam
    PRM001  high      no policy allows every action
    PRM002  medium    no policy allows its actions on every resource
  lambda
    LMB001  low       every function is in a VPC
    LMB002  low       every function has its own concurrency
  $ cat > queue.yaml <<'END'
  > Parameters:
  >   Open: {Type: String, AllowedValues: ['yes', 'no']}
  >   Range: {Type: String}
  > Conditions:
  >   IsOpen: !Equals [!Ref Open, 'yes']
  > Resources:
  >   Group:
  >     Type: AWS::EC2::SecurityGroup
  >     Properties:
  >       GroupDescription: of nothing
  >       VpcId: vpc-0a1b2c3d
  >       SecurityGroupIngress:
  >         - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: !If [IsOpen, 0.0.0.0/0, 10.0.0.1/32], Description: a}
  >         - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: !Ref Range, Description: b}
  >       SecurityGroupEgress:
  >         - {IpProtocol: tcp, FromPort: 443, ToPort: 443, DestinationPrefixListId: pl-0a1b2c3d, Description: c}
  > END
  $ sandboxgen audit --only-policies --pack network -- queue.yaml
  queue.yaml: fail (2 fail, 3 unproven)
  
  queue.yaml:13:78: fail SGN005 medium: every address is let in
      13 |         - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: !If [IsOpen, 0.0.0.0/0, 10.0.0.1/32], Description: a}
         |                                                                              ^~~~~~~~~
      should hold: no group lets every address in
      for Group, at /Resources/Group/Properties/SecurityGroupIngress/0/CidrIp
      when Open = yes
  
  queue.yaml:13:78: fail SGN007 low: more than one address is let in: '0.0.0.0/0'
      13 |         - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: !If [IsOpen, 0.0.0.0/0, 10.0.0.1/32], Description: a}
         |                                                                              ^~~~~~~~~
      should hold: incoming packets come from one address
      for Group, at /Resources/Group/Properties/SecurityGroupIngress/0/CidrIp
      when Open = yes
  
  queue.yaml:14:65: unproven SGN005 medium: it is not known whether every address is let in
      14 |         - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: !Ref Range, Description: b}
         |                                                                 ^~~~~~~~~~
      should hold: no group lets every address in
      for Group, at /Resources/Group/Properties/SecurityGroupIngress/1/CidrIp
      to settle it: AllowedValues on the parameter Range, or --parameter-overrides Range=…, would settle it
  
  queue.yaml:14:65: unproven SGN007 low: it is not known whether more than one address is let in: ${Range}
      14 |         - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: !Ref Range, Description: b}
         |                                                                 ^~~~~~~~~~
      should hold: incoming packets come from one address
      for Group, at /Resources/Group/Properties/SecurityGroupIngress/1/CidrIp
      to settle it: AllowedValues on the parameter Range, or --parameter-overrides Range=…, would settle it
  
  queue.yaml:14:65: unproven SGN011 medium: it is not known whether the rule names the instance metadata
      14 |         - {IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: !Ref Range, Description: b}
         |                                                                 ^~~~~~~~~~
      should hold: no rule names the address of the instance metadata
      for Group, at /Resources/Group/Properties/SecurityGroupIngress/1/CidrIp
      to settle it: AllowedValues on the parameter Range, or --parameter-overrides Range=…, would settle it
  
  judged: Group
    SGN  fail 005 007  unproven 011  pass 001-004 006 008-010 012
  
  sandboxgen explain SGN005 tells more.
  [1]
  $ sandboxgen audit --only-policies --pack network --parameter-overrides Open=no Range=10.0.0.1/32 -- queue.yaml
  queue.yaml: pass (0 fail, 0 unproven)
  
  judged: Group
    SGN  pass 001-012
  $ sandboxgen audit --only-policies --pack network queue.yaml --parameter-overrides Open=no Range=10.0.0.1/32
  queue.yaml: pass (0 fail, 0 unproven)
  
  judged: Group
    SGN  pass 001-012
  $ sandboxgen audit --policies own.guard queue.yaml
  sandboxgen: error: queue.yaml: a template, among the rules
      = write -- in front of the templates: -- queue.yaml
  [2]
  $ sandboxgen audit --pack networks -- queue.yaml
  sandboxgen: error: --pack: unknown value 'networks'
      = choose one of iam|lambda|logs|network|all|list
  [2]

Wrong rules are told their place before anything is judged.

  $ printf 'rule r {\n  a == /(/\n  other\n}\n' > wrong.guard
  $ sandboxgen audit --policies wrong.guard -- t.yaml
  wrong.guard:2:8: error: the regular expression cannot be used: missing closing parenthesis
      2 |   a == /(/
        |        ^~~
  [2]
  $ printf 'rule r {\n  other\n  %%none exists\n}\n' > wrong.guard
  $ sandboxgen audit --policies wrong.guard -- t.yaml
  wrong.guard:2:3: error: there is no rule other
      2 |   other
        |   ^~~~~
  wrong.guard:3:3: error: there is no variable %none here
      3 |   %none exists
        |   ^~~~~
  [2]
  $ sandboxgen audit --only-policies t.yaml
  sandboxgen: error: audit: --only-policies goes with --policies
  [2]
  $ mkdir none && sandboxgen audit --policies none -- t.yaml
  sandboxgen: error: none: there is no rule file (*.guard) in this folder
  [2]

Unit tests of rules.

  $ cat > rules/tests/queues_tests.yaml <<'END'
  > - name: a queue without a key
  >   input: {Resources: {Q: {Type: AWS::SQS::Queue, Properties: {MessageRetentionPeriod: 3600}}}}
  >   expectations:
  >     rules:
  >       QUEUES_HAVE_KEYS: FAIL
  >       QUEUES_KEEP_MESSAGES: PASS
  > - name: none
  >   input: {Resources: {}}
  >   expectations:
  >     rules: {QUEUES_HAVE_KEYS: SKIP}
  > END
  $ sandboxgen test rules
  no test expects anything of:
    NO_TOPICS (rules/queues.guard)
    TOPICS (rules/queues.guard)
  1 rule file, 1 test file, 2 cases, 3 expectations: all met
  $ sed -i 's/SKIP/PASS/' rules/tests/queues_tests.yaml
  $ sandboxgen test rules/queues.guard rules/tests/queues_tests.yaml
  rules/tests/queues_tests.yaml:10:13: QUEUES_HAVE_KEYS should be PASS, is SKIP (none)
  no test expects anything of:
    NO_TOPICS (rules/queues.guard)
    TOPICS (rules/queues.guard)
  1 rule file, 1 test file, 2 cases, 3 expectations: 1 not met
  [1]
  $ printf -- '- input: {}\n' > rules/tests/queues_tests.yaml
  $ sandboxgen test rules
  rules/tests/queues_tests.yaml:1:3: error: a case has an input and expectations with rules
      1 | - input: {}
        |   ^~~~~~~~~
        = see sandboxgen test --help
  no test expects anything of:
    QUEUES_HAVE_KEYS (rules/queues.guard)
    QUEUES_KEEP_MESSAGES (rules/queues.guard)
    NO_TOPICS (rules/queues.guard)
    TOPICS (rules/queues.guard)
  1 rule file, 1 test file, 0 cases, 0 expectations: all met
  [2]
  $ sandboxgen test t.yaml
  sandboxgen: error: test: there is no rule file
      = name a rule file, or a folder of some
  [2]

Workflow files are judged by rules that are compiled in.

  $ mkdir set && cd set && printf '{}\n' > sandbox.yaml && sandboxgen render > rendered
  $ sandboxgen audit .github/workflows/deploy.yml
  .github/workflows/deploy.yml: pass (0 fail, 0 unproven)
  
  judged: the template
    CI  pass 001-006
  $ sed -i 's/sandboxgen audit \(.*\)$/sandboxgen audit \1 || true/; s/@[0-9a-f]\{40\}/@v1/' .github/workflows/deploy.yml
  $ sandboxgen audit .github/workflows/deploy.yml | grep -A 4 ': fail CI004'
  .github/workflows/deploy.yml:128:5: fail CI004 high: no job that this one needs audits what is deployed, or its verdict does not count
      128 |     name: 'Deploy default'
          |     ^~~~~~~~~~~~~~~~~~~~~~
      should hold: what is deployed was audited by a job that the deploying one needs
      at /jobs/deploy
  $ sandboxgen audit .github/workflows/deploy.yml | tail -n 6
      at /jobs/deploy/steps/3/uses
  
  judged: the template
    CI  fail 003 004  pass 001 002 005 006
  
  sandboxgen explain CI003 tells more.

What the audit found out is there for rules, under a reserved key of the resolved view.

  $ cat > facts.guard <<'RULES'
  > # sandboxgen: view=resolved
  > rule CLOSED {
  >   Resources.*[ Type == 'AWS::Lambda::Function' ] {
  >     this.'x-sandboxgen'.Judged == true
  >     this.'x-sandboxgen'.Network == 'closed' <<it is not closed>>
  >     this.'x-sandboxgen'.Permissions == 'proven'
  >     this.'x-sandboxgen'.Verdicts.LIM001 == 'pass'
  >     this.'x-sandboxgen'.Findings[ Rule == 'LIM002' ].Status == 'fail'
  >     this.'x-sandboxgen'.Bounds.Timeout == 30
  >   }
  > }
  > RULES
  $ printf 'Resources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties: {Timeout: 60, Role: r, Code: {}}\n' > f.yaml
  $ sandboxgen audit --policies facts.guard -- f.yaml | grep CLOSED
  f.yaml:2:3: fail CLOSED medium: this.x-sandboxgen.Network, "open", is not "closed"
      should hold: what the rule CLOSED of facts.guard asks for
  f.yaml:2:3: fail CLOSED medium: this.x-sandboxgen.Permissions, "unproven", is not "proven"
      should hold: what the rule CLOSED of facts.guard asks for
    rules  fail CLOSED
  $ printf '# sandboxgen: view=resolved\nrule FORGED { Resources.*."x-sandboxgen".Network == "closed" }\n' > forged.guard
  $ printf 'Resources:\n  T: {Type: AWS::SNS::Topic, x-sandboxgen: {Network: closed}}\n' > forged.yaml
  $ sandboxgen audit --policies forged.guard -- forged.yaml | grep FORGED
  forged.yaml:2:6: fail FORGED medium: x-sandboxgen.Network is missing
      should hold: what the rule FORGED of forged.guard asks for
    rules  fail FORGED

A rule in strict mode takes the place of a built-in one, and is told what nobody can know; it has the name of one.

  $ cat > own.guard <<'RULES'
  > # sandboxgen: strict
  > rule LIM002 {
  >   AWS::Lambda::Function {
  >     Properties.Timeout <= 60 <<
  >       Violation: {id} runs for {value} seconds, more than {limit}
  >       Unknown: how long {id} runs is not known
  >       Fix: less
  >     >>
  >   }
  > }
  > RULES
  $ sandboxgen audit --policies own.guard -- f.yaml | grep -c LIM002
  own.guard:2:6: note: this takes the place of the built-in rule
      2 | rule LIM002 {
        |      ^~~~~~
  0
  [1]
  $ printf 'Parameters: {T: {Type: Number}}\nResources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties: {Timeout: !Ref T, Role: r, Code: {}}\n' > g.yaml
  $ sandboxgen audit --policies own.guard -- g.yaml | grep -A5 LIM002
  own.guard:2:6: note: this takes the place of the built-in rule
      2 | rule LIM002 {
        |      ^~~~~~
  g.yaml:5:27: unproven LIM002 medium: how long F runs is not known
      5 |     Properties: {Timeout: !Ref T, Role: r, Code: {}}
        |                           ^~~~~~
      should hold: the timeout is bounded
      for F, at /Resources/F/Properties/Timeout
      to settle it: AllowedValues on the parameter T, or --parameter-overrides T=…, would settle it
  $ sandboxgen audit --policies own.guard --parameter-overrides T=61 -- g.yaml 2>&1 | grep -A5 LIM002
      2 | rule LIM002 {
        |      ^~~~~~
  g.yaml: fail (5 fail, 2 unproven)
  
  g.yaml:3:3: fail NET001 critical: F has no VpcConfig: its code reaches the whole internet
      3 |   F:
  --
  g.yaml:5:27: fail LIM002 medium: F runs for 61 seconds, more than 60
      5 |     Properties: {Timeout: !Ref T, Role: r, Code: {}}
        |                           ^~~~~~
      should hold: the timeout is bounded
      for F, at /Resources/F/Properties/Timeout
      to put it right: less
  $ sandboxgen audit --only-policies --policies own.guard -- g.yaml
  sandboxgen: error: audit: rules in strict mode take the place of built-in ones
      = leave --only-policies out
  [2]
  $ sed s/LIM002/MINE/ own.guard > mine.guard
  $ sandboxgen audit --policies mine.guard -- g.yaml
  mine.guard:2:6: error: a strict rule takes the place of a built-in one, and none is named MINE
      2 | rule MINE {
        |      ^~~~
        = name a rule of policies/*.guard that it takes the place of, or take the comment `# sandboxgen: strict` away
  [2]
  $ printf -- '- {name: a, input: {Resources: {F: {Type: AWS::Lambda::Function, Properties: {Timeout: 61}}}}, expectations: {rules: {LIM002: PASS}}}\n' > own_tests.yaml
  $ sandboxgen test own.guard own_tests.yaml
  own_tests.yaml:1:119: LIM002 should be PASS, is FAIL (a)
  1 rule file, 1 test file, 1 case, 1 expectation: 1 not met
  [1]
  $ sed -i s/PASS/SKIP/ own_tests.yaml
  $ sandboxgen test own.guard own_tests.yaml
  own_tests.yaml:1:127: error: a strict rule's status is PASS, FAIL or UNKNOWN
      1 | - {name: a, input: {Resources: {F: {Type: AWS::Lambda::Function, Properties: {Timeout: 61}}}}, expectations: {rules: {LIM002: SKIP}}}
        |                                                                                                                               ^~~~
  no test expects anything of:
    LIM002 (own.guard)
  1 rule file, 1 test file, 1 case, 0 expectations: all met
  [2]

A rule is run for each way in which what it looks at comes out, and past a ceiling its verdict is unproven.

  $ worlds() {
  >   echo Parameters:; seq $1 | sed 's/.*/  P&: {Type: String, AllowedValues: [a, b]}/'
  >   echo Conditions:; seq $1 | sed 's/.*/  C&: !Equals [!Ref P&, a]/'
  >   printf 'Resources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties:\n      Role: r\n      Code: {}\n      DurableConfig:\n'
  >   seq $1 | sed 's/.*/        K&: !If [C&, !Ref AWS::NoValue, !Ref AWS::NoValue]/'
  > }
  $ worlds 12 > w.yaml; sandboxgen audit w.yaml | grep FUN010
  [1]
  $ worlds 13 > w.yaml; sandboxgen audit w.yaml | grep -A6 FUN010
  w.yaml:30:3: unproven FUN010 high: F: its properties can come out in more ways than are looked at
      30 |   F:
         |   ^
      should hold: no capacity provider, SnapStart or durable execution shares an environment
      for F, at /Resources/F
      when P1 = b
      to settle it: fewer conditions around its properties, or --parameter-overrides, would settle it
