What is accepted stays in the report, with who says so, why and until when; it does not count.

  $ cat > template.yaml <<'END'
  > Parameters:
  >   RoleArn: {Type: String}
  > Metadata:
  >   Sandboxgen:
  >     Suppress:
  >       - {Rule: FUN009, Resource: Function, Reason: nobody calls it asynchronously, Expires: 2999-12-31}
  > Resources:
  >   Function:
  >     Type: AWS::Lambda::Function
  >     Metadata:
  >       checkov: {skip: [{id: CKV_AWS_116, comment: no queue}, {id: CKV_AWS_115}]}
  >       cfn_nag: {rules_to_suppress: [{id: W89, reason: none}]}
  >       guard: {SuppressedRules: [LAMBDA_INSIDE_VPC]}
  >       Sandboxgen:
  >         Suppress:
  >           - {Rule: IAM001, Reason: the platform team keeps the role, Expires: 2999-12-31}
  >           - {Rule: NET001, Reason: it has no network, Expires: 2999-12-31}
  >           - {Rule: LOG001, Reason: logs go elsewhere, Expires: 2999-12-31}
  >           - {Rule: LOG002, Reason: logs go elsewhere, Expires: 2999-12-31}
  >     Properties:
  >       Runtime: python3.12
  >       Handler: lambda_function.lambda_handler
  >       Code: {S3Bucket: artifacts, S3Key: function.zip}
  >       Role: !Ref RoleArn
  > END
  $ sandboxgen audit > report
  $ sed -n '1p;/IAM001/,/suppressed/p;/not obeyed/p;/TPL/p' report
  template.yaml: pass (1 fail, 0 unproven, 5 suppressed)
  template.yaml:24:13: unproven IAM001 high: the execution role is ${RoleArn}: nobody can see here what it allows
      24 |       Role: !Ref RoleArn
         |             ^~~~~~~~~~~~
      should hold: the execution role is known and defined in the template
      for Function, at /Resources/Function
      to settle it: define the role in this template as AWS::IAM::Role and use !GetAtt ROLE.Arn
      suppressed: the platform team keeps the role (until 2999-12-31, by template.yaml:16)
    TPL  pass 001-006
  not obeyed: what cfn_nag is told to skip: W89 of Function
  not obeyed: what checkov is told to skip: CKV_AWS_116 of Function, CKV_AWS_115 of Function
  not obeyed: what guard is told to skip: LAMBDA_INSIDE_VPC of Function
  $ sandboxgen audit --format json | grep '"suppressed\|"verdict": "[pf]\|"fingerprint'
    "verdict": "pass",
        "verdict": "pass"
        "suppressed": "it has no network (until 2999-12-31, by template.yaml:17)",
        "suppressedBy": "template",
        "fingerprint": "edbec6801083c1633c9ff6d8397bda21"
        "suppressed": null,
        "suppressedBy": null,
        "fingerprint": "3fff2553e4e77d4100473b25bbc053f4"
        "suppressed": "nobody calls it asynchronously (until 2999-12-31, by template.yaml:6)",
        "suppressedBy": "template",
        "fingerprint": "458b1f6114d45234624a25dd9eaee40f"
        "suppressed": "logs go elsewhere (until 2999-12-31, by template.yaml:18)",
        "suppressedBy": "template",
        "fingerprint": "49633667d7d7950cd3d0bdaab7beb03d"
        "suppressed": "logs go elsewhere (until 2999-12-31, by template.yaml:19)",
        "suppressedBy": "template",
        "fingerprint": "b07fa1419587a01aad99b2a2d87c65e8"
        "suppressed": "the platform team keeps the role (until 2999-12-31, by template.yaml:16)",
        "suppressedBy": "template",
        "fingerprint": "9a2fc26bc1629997717850e11c8229e8"
        "verdict": "fail"
        "verdict": "pass"
        "verdict": "pass"
        "verdict": "pass"
        "verdict": "pass"
        "verdict": "pass"
        "verdict": "fail"
        "verdict": "pass"
        "verdict": "pass"
        "verdict": "pass"
        "verdict": "pass"
        "verdict": "pass"
        "verdict": "pass"
        "verdict": "pass"
        "verdict": "fail"
        "verdict": "pass"
        "verdict": "pass"
        "verdict": "pass"
        "verdict": "pass"
        "verdict": "pass"
        "verdict": "pass"
        "verdict": "pass"
        "verdict": "fail"
        "verdict": "pass"
        "verdict": "pass"
        "verdict": "pass"
        "verdict": "pass"
        "verdict": "pass"
        "verdict": "pass"
      "suppressed": 5
  $ sandboxgen audit --format sarif | grep -A 6 -m 2 '"suppressions": .$'
            "suppressions": [
              {
                "kind": "inSource",
                "status": "accepted",
                "justification": "it has no network (until 2999-12-31, by template.yaml:17)"
              }
            ],
  --
            "suppressions": [
              {
                "kind": "inSource",
                "status": "accepted",
                "justification": "nobody calls it asynchronously (until 2999-12-31, by template.yaml:6)"
              }
            ],
  $ sandboxgen audit --format github | cut -c 1-150
  ::notice title=sandboxgen pass::template.yaml: pass (1 fail, 0 unproven, 5 suppressed)
  ::warning file=template.yaml,line=8,endLine=8,col=3,endColumn=11,title=FUN001 fail low::nothing says that Function runs the executor of sandboxgen%0AT
  ::notice file=template.yaml,line=8,endLine=8,col=3,endColumn=11,title=NET001 fail critical::Function has no VpcConfig: its code reaches the whole inte
  ::notice file=template.yaml,line=24,endLine=24,col=13,endColumn=25,title=IAM001 unproven high::the execution role is ${RoleArn}: nobody can see here w
  ::notice file=template.yaml,line=8,endLine=8,col=3,endColumn=11,title=FUN009 fail medium::Function has no EventInvokeConfig: Lambda runs a script up t
  ::notice file=template.yaml,line=8,endLine=8,col=3,endColumn=11,title=LOG001 fail medium::Function has no log group of its own in the template: Lambda
  ::notice file=template.yaml,line=8,endLine=8,col=3,endColumn=11,title=LOG002 unproven medium::how long the logs of Function are kept is not in the tem
  $ sandboxgen audit --format junit | grep -B 1 '<skipped'
      <testcase classname="template.yaml" name="NET001 Function: the function runs inside a VPC in every deployment" time="0">
        <skipped type="fail" message="it has no network (until 2999-12-31, by template.yaml:17)">template.yaml:8:3: fail critical: Function has no VpcConfig: its code reaches the whole internet
  --
      <testcase classname="template.yaml" name="IAM001 Function: the execution role is known and defined in the template" time="0">
        <skipped type="unproven" message="the platform team keeps the role (until 2999-12-31, by template.yaml:16)">template.yaml:24:13: unproven high: the execution role is ${RoleArn}: nobody can see here what it allows
  --
      <testcase classname="template.yaml" name="FUN001 Function: our executor is what runs" time="0">
        <skipped type="fail" message="nothing says that Function runs the executor of sandboxgen">template.yaml:8:3: fail low: nothing says that Function runs the executor of sandboxgen
  --
      <testcase classname="template.yaml" name="FUN009 Function: an asynchronous call runs a script once: no retries" time="0">
        <skipped type="fail" message="nobody calls it asynchronously (until 2999-12-31, by template.yaml:6)">template.yaml:8:3: fail medium: Function has no EventInvokeConfig: Lambda runs a script up to three times when an asynchronous call fails
  --
      <testcase classname="template.yaml" name="LOG001 Function: the function has a log group of its own in the template" time="0">
        <skipped type="fail" message="logs go elsewhere (until 2999-12-31, by template.yaml:18)">template.yaml:8:3: fail medium: Function has no log group of its own in the template: Lambda makes one that never expires
  --
      <testcase classname="template.yaml" name="LOG002 Function: the log group has a retention" time="0">
        <skipped type="unproven" message="logs go elsewhere (until 2999-12-31, by template.yaml:19)">template.yaml:8:3: unproven medium: how long the logs of Function are kept is not in the template

Whoever does not trust the template ignores what it says about itself.

  $ sandboxgen audit --no-inline | sed -n '1p;/TPL006/p'
  template.yaml: fail (4 fail, 2 unproven)

Nothing about a suppression is silent.

  $ cat > wrong.yaml <<'END'
  > Resources:
  >   Function:
  >     Type: AWS::Lambda::Function
  >     Metadata:
  >       Sandboxgen:
  >         Supress: [{Rule: NET001, Reason: a misspelt key, Expires: 2999-12-31}]
  >         Suppress:
  >           - {Rule: NET001, Reason: a day that is over, Expires: 2000-01-01}
  >           - {Rule: NET01, Reason: no such rule, Expires: 2999-12-31}
  >           - {Rule: OUT001, Reason: nothing to suppress, Expires: 2999-12-31}
  >           - {Rule: TPL006, Reason: itself, Expires: 2999-12-31}
  >           - {Rule: NET001, Expires: 2999-12-31}
  >           - {Rule: NET001, Reason: no end}
  >           - {Rule: NET001, Reason: no day, Expires: 2999-02-30}
  >           - {Rule: NET001, Reason: a key too many, Expires: 2999-12-31, File: wrong.yaml}
  >           - NET001
  >     Properties: {Runtime: python3.12, Handler: a.b, Code: {S3Bucket: b, S3Key: k}, Role: !GetAtt Role.Arn}
  >   Role:
  >     Type: AWS::IAM::Role
  >     Metadata: {Sandboxgen: {Suppress: NET001}}
  >     Properties: {AssumeRolePolicyDocument: {Version: 2012-10-17, Statement: []}}
  > END
  $ sandboxgen audit wrong.yaml > report
  [1]
  $ grep -A 2 'TPL006 medium' report; grep -c 'fail NET001' report; sed -n 1p report
  wrong.yaml:6:9: fail TPL006 medium: 'Supress' is not read: it suppresses nothing
      6 |         Supress: [{Rule: NET001, Reason: a misspelt key, Expires: 2999-12-31}]
        |         ^~~~~~~
  --
  wrong.yaml:8:13: fail TPL006 medium: the suppression of NET001 expired on 2000-01-01
      8 |           - {Rule: NET001, Reason: a day that is over, Expires: 2000-01-01}
        |             ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
  --
  wrong.yaml:9:13: fail TPL006 medium: 'NET01' is no rule of this run: it suppresses nothing
      9 |           - {Rule: NET01, Reason: no such rule, Expires: 2999-12-31}
        |             ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
  --
  wrong.yaml:10:13: fail TPL006 medium: the suppression of OUT001 suppresses nothing
      10 |           - {Rule: OUT001, Reason: nothing to suppress, Expires: 2999-12-31}
         |             ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
  --
  wrong.yaml:11:13: fail TPL006 medium: no suppression suppresses TPL006
      11 |           - {Rule: TPL006, Reason: itself, Expires: 2999-12-31}
         |             ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
  --
  wrong.yaml:12:13: fail TPL006 medium: a suppression has a Reason: it suppresses nothing
      12 |           - {Rule: NET001, Expires: 2999-12-31}
         |             ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
  --
  wrong.yaml:13:13: fail TPL006 medium: a suppression Expires on a day: it suppresses nothing
      13 |           - {Rule: NET001, Reason: no end}
         |             ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
  --
  wrong.yaml:14:53: fail TPL006 medium: the day on which a suppression Expires is written YYYY-MM-DD: it suppresses nothing
      14 |           - {Rule: NET001, Reason: no day, Expires: 2999-02-30}
         |                                                     ^~~~~~~~~~
  --
  wrong.yaml:15:73: fail TPL006 medium: a suppression has no such key: it suppresses nothing
      15 |           - {Rule: NET001, Reason: a key too many, Expires: 2999-12-31, File: wrong.yaml}
         |                                                                         ^~~~
  --
  wrong.yaml:16:13: fail TPL006 medium: a suppression is a map of Rule, Reason and Expires: it suppresses nothing
      16 |           - NET001
         |             ^~~~~~
  --
  wrong.yaml:20:39: fail TPL006 medium: Suppress is a list
      20 |     Metadata: {Sandboxgen: {Suppress: NET001}}
         |                                       ^~~~~~
  1
  wrong.yaml: fail (17 fail, 1 unproven)

A security team has a file of its own, for any template.

  $ cat > accepted.yaml <<'END'
  > Suppressions:
  >   - {Rule: NET001, Reason: reviewed, Expires: 2999-12-31}
  >   - {Rule: FUN001, File: ./template.yaml, Resource: Function, Reason: not ours, Expires: 2999-12-31}
  >   - {Rule: FUN009, File: other.yaml, Reason: not this file, Expires: 2999-12-31}
  > END
  $ sandboxgen audit --no-inline --suppress accepted.yaml --fail-on high > report
  [1]
  $ sed -n '1p;/suppressed:/p;/TPL006/,/^$/p' report; tail -n 1 report
  template.yaml: unproven (2 fail, 2 unproven, 2 suppressed; what is below high does not count)
      suppressed: reviewed (until 2999-12-31, by accepted.yaml:2)
      suppressed: not ours (until 2999-12-31, by accepted.yaml:3)
  accepted.yaml:4:5: fail TPL006 medium: the suppression of FUN009 suppresses nothing
      4 |   - {Rule: FUN009, File: other.yaml, Reason: not this file, Expires: 2999-12-31}
        |     ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
      should hold: every suppression is complete, not expired, and suppresses something
      to put it right: take it away
  
  sandboxgen explain TPL006 tells more.
  
  2 files: unproven
  $ printf 'Suppressions:\n  - {Rule: NET001, Reasn: x, Expires: 2999-12-31}\n  - {Rule: NET001, Reason: x, Expires: soon}\n' > bad.yaml
  $ sandboxgen audit --suppress bad.yaml
  bad.yaml:2:20: error: a suppression has no such key
      2 |   - {Rule: NET001, Reasn: x, Expires: 2999-12-31}
        |                    ^~~~~
        = Rule, Reason, Expires: YYYY-MM-DD, and if it is narrower Resource, File
  bad.yaml:3:40: error: the day on which a suppression Expires is written YYYY-MM-DD
      3 |   - {Rule: NET001, Reason: x, Expires: soon}
        |                                        ^~~~
        = Rule, Reason, Expires: YYYY-MM-DD, and if it is narrower Resource, File
  [2]
  $ printf '[]\n' > bad.yaml; sandboxgen audit --suppress bad.yaml
  bad.yaml:1:1: error: this is no file of suppressions
      1 | []
        | ^~
        = Suppressions: a list of at most 1000 items, and nothing beside it
  [2]
  $ sandboxgen audit --suppress none.yaml
  sandboxgen: error: cannot read 'none.yaml': No such file or directory
  [2]

A baseline: what is there today is reported and does not count, what is new does.

  $ sandboxgen audit --no-inline --fail-on low --write-baseline today.json > report; echo $?; sed -n 1p report
  1
  template.yaml: fail (4 fail, 2 unproven)
  $ cat today.json
  {
    "version": 1,
    "findings": [
      {
        "fingerprint": "edbec6801083c1633c9ff6d8397bda21",
        "file": "template.yaml",
        "rule": "NET001",
        "status": "fail",
        "resource": "Function",
        "message": "Function has no VpcConfig: its code reaches the whole internet"
      },
      {
        "fingerprint": "3fff2553e4e77d4100473b25bbc053f4",
        "file": "template.yaml",
        "rule": "FUN001",
        "status": "fail",
        "resource": "Function",
        "message": "nothing says that Function runs the executor of sandboxgen"
      },
      {
        "fingerprint": "458b1f6114d45234624a25dd9eaee40f",
        "file": "template.yaml",
        "rule": "FUN009",
        "status": "fail",
        "resource": "Function",
        "message": "Function has no EventInvokeConfig: Lambda runs a script up to three times when an asynchronous call fails"
      },
      {
        "fingerprint": "49633667d7d7950cd3d0bdaab7beb03d",
        "file": "template.yaml",
        "rule": "LOG001",
        "status": "fail",
        "resource": "Function",
        "message": "Function has no log group of its own in the template: Lambda makes one that never expires"
      },
      {
        "fingerprint": "b07fa1419587a01aad99b2a2d87c65e8",
        "file": "template.yaml",
        "rule": "LOG002",
        "status": "unproven",
        "resource": "Function",
        "message": "how long the logs of Function are kept is not in the template"
      },
      {
        "fingerprint": "9a2fc26bc1629997717850e11c8229e8",
        "file": "template.yaml",
        "rule": "IAM001",
        "status": "unproven",
        "resource": "Function",
        "message": "the execution role is ${RoleArn}: nobody can see here what it allows"
      }
    ]
  }
  $ sandboxgen audit ./template.yaml --no-inline --fail-on low --baseline today.json > report; echo $?; sed -n '1p;/suppressed:/p' report | sort -u
  0
      suppressed: it is in the baseline today.json
  ./template.yaml: pass (0 fail, 0 unproven, 6 suppressed)
  $ sed -i 's/RoleArn$/Other/; s/RoleArn:/Other:/' template.yaml
  $ sandboxgen audit --no-inline --baseline today.json > report; echo $?; sed -n '1p;/IAM001/,/^$/p;$p' report
  1
  template.yaml: unproven (0 fail, 1 unproven, 5 suppressed)
  template.yaml:24:13: unproven IAM001 high: the execution role is ${Other}: nobody can see here what it allows
      24 |       Role: !Ref Other
         |             ^~~~~~~~~~
      should hold: the execution role is known and defined in the template
      for Function, at /Resources/Function
      to settle it: define the role in this template as AWS::IAM::Role and use !GetAtt ROLE.Arn
  
  gone: 1 of the findings in today.json; --write-baseline writes it without them
  $ sandboxgen audit --no-inline --baseline today.json --format sarif | grep baselineState | sort | uniq -c
        1           "baselineState": "new",
        5           "baselineState": "unchanged",
  $ sandboxgen audit --no-inline --baseline today.json --format json | grep -A 3 '"baseline": {'
    "baseline": {
      "path": "today.json",
      "gone": 1
    },
  $ cp template.yaml other.yaml; sandboxgen audit other.yaml --no-inline --baseline today.json | sed -n 1p
  other.yaml: fail (4 fail, 2 unproven)
  $ printf '{"version": 2, "findings": []}' > bad.json; sandboxgen audit --baseline bad.json
  bad.json:1:1: error: this is no baseline of version 1
      1 | {"version": 2, "findings": []}
        | ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
        = write it with audit --write-baseline
  [2]
  $ printf '{"version": 1, "findings": [{"fingerprint": "12", "file": "template.yaml"}]}' > bad.json; sandboxgen audit --baseline bad.json
  bad.json:1:29: error: an entry of a baseline has a fingerprint of 32 digits and a file
      1 | {"version": 1, "findings": [{"fingerprint": "12", "file": "template.yaml"}]}
        |                             ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
        = write it with audit --write-baseline
  [2]
  $ sandboxgen audit --write-baseline none/today.json
  sandboxgen: error: cannot write 'none/today.json': No such file or directory
  [2]
