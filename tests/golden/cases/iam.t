One policy within another, for all requests: proved, or a request that breaks out.

  $ cat > a.json <<'EOF'
  > {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::b/*"}]}
  > EOF
  $ cat > b.json <<'EOF'
  > {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::*"}]}
  > EOF
  $ sandboxgen iam contains a.json b.json
  contained: what a.json allows, b.json allows too, for all requests
  the claim is about these policies alone:
    - sts:GetCallerIdentity works whatever a policy denies, and calls that need no credentials need no permission: only the network stops them
    - resource policies outside the template, and those that let everybody in, can allow the role more in the same account, but never what a Deny of the role denies
    - service control policies, resource control policies and session policies only take permissions away and are not looked at
    - somebody who may change roles in the account can change this one after the deployment
  $ sandboxgen iam contains b.json a.json
  not contained: what b.json allows goes beyond a.json
    b.json:1:71: b.json may call s3:GetObject on arn:aws:s3:::any-bucket/any-key
      b.json:1:71: b.json allows it
      b.json:1:71: no statement denies it
      to put it right: the narrowest edit of this statement that closes it, proved: Action s3:Get*; Resource arn:aws:s3:::b/*; or take what the witness names from the statement, or add it to the reference
  the claim is about these policies alone:
    - sts:GetCallerIdentity works whatever a policy denies, and calls that need no credentials need no permission: only the network stops them
    - resource policies outside the template, and those that let everybody in, can allow the role more in the same account, but never what a Deny of the role denies
    - service control policies, resource control policies and session policies only take permissions away and are not looked at
    - somebody who may change roles in the account can change this one after the deployment
  [1]
  $ sandboxgen iam contains b.json a.json --format json
  {
    "version": 1,
    "verdict": "fail",
    "findings": [
      {
        "status": "fail",
        "message": "b.json may call s3:GetObject on arn:aws:s3:::any-bucket/any-key",
        "file": "b.json",
        "line": 1,
        "column": 71,
        "settle": "the narrowest edit of this statement that closes it, proved: Action s3:Get*; Resource arn:aws:s3:::b/*; or take what the witness names from the statement, or add it to the reference",
        "witness": [
          {
            "message": "b.json allows it",
            "file": "b.json",
            "line": 1,
            "column": 71
          },
          {
            "message": "no statement denies it",
            "file": "b.json",
            "line": 1,
            "column": 71
          }
        ]
      }
    ],
    "limits": [
      "sts:GetCallerIdentity works whatever a policy denies, and calls that need no credentials need no permission: only the network stops them",
      "resource policies outside the template, and those that let everybody in, can allow the role more in the same account, but never what a Deny of the role denies",
      "service control policies, resource control policies and session policies only take permissions away and are not looked at",
      "somebody who may change roles in the account can change this one after the deployment"
    ]
  }
  [1]

What cannot be read is an error at its place.

  $ echo '{"Statement": [{"Effect": "Allow", "Action": 5, "Resource": ["x", {}]}]}' > bad.json
  $ sandboxgen iam contains bad.json a.json
  bad.json:1:46: error: '5' is no action: an action is written service:Name
      1 | {"Statement": [{"Effect": "Allow", "Action": 5, "Resource": ["x", {}]}]}
        |                                              ^
  bad.json:1:46: error: Action holds 5, not a string
      1 | {"Statement": [{"Effect": "Allow", "Action": 5, "Resource": ["x", {}]}]}
        |                                              ^
  bad.json:1:67: error: Resource holds a mapping, not a string
      1 | {"Statement": [{"Effect": "Allow", "Action": 5, "Resource": ["x", {}]}]}
        |                                                                   ^~
  [2]
  $ sandboxgen iam contains a.json
  sandboxgen: error: iam: an argument is missing
      = usage: sandboxgen iam [OPTIONS] contains CANDIDATE REFERENCE
  [2]
  $ sandboxgen iam includes a.json b.json
  sandboxgen: error: iam: unknown question 'includes'
      = usage: sandboxgen iam contains CANDIDATE REFERENCE
  [2]
  $ sandboxgen iam contains none.json a.json
  sandboxgen: error: cannot read 'none.json': No such file or directory
  [2]

A role of a template, or of two.

  $ cat > t.yaml <<'EOF'
  > Resources:
  >   Reader:
  >     Type: AWS::IAM::Role
  >     Properties:
  >       AssumeRolePolicyDocument: {Statement: {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}}
  >       Policies:
  >         - PolicyName: read
  >           PolicyDocument: {Statement: {Effect: Allow, Action: s3:GetObject, Resource: !Sub 'arn:${AWS::Partition}:s3:::b/x'}}
  > EOF
  $ cp t.yaml u.yaml
  $ sandboxgen iam contains t.yaml:Reader t.yaml:Reader | head -n 1
  contained: what t.yaml:Reader allows, t.yaml:Reader allows too, for all requests
  $ sandboxgen iam contains t.yaml:Reader u.yaml:Reader | head -n 1
  contained: what t.yaml:Reader allows, u.yaml:Reader allows too, for all requests
  $ sandboxgen iam contains t.yaml:Reader a.json | head -n 3
  not contained: what t.yaml:Reader allows goes beyond a.json
    t.yaml:8:63: t.yaml:Reader may call s3:GetObject on arn:${AWS::Partition}:s3:::b/x
      t.yaml:8:63: policy 'read' allows it
  $ sandboxgen iam contains t.yaml:Writer a.json
  sandboxgen: error: t.yaml has no role 'Writer'
      = name the logical id of a role, user, group or policy
  [2]

What takes more steps than there are is unproven, and the pattern is named; damaged files are errors.

  $ python3 - <<'EOF'
  > import json
  > for name, key, resource in (("p1", "Resource", "*"), ("p2", "NotResource", "*a" + "?" * 40)):
  >     statement = {"Effect": "Allow", "Action": "s3:*", key: "arn:aws:s3:::" + resource}
  >     json.dump({"Version": "2012-10-17", "Statement": [statement]}, open(name + ".json", "w"))
  > open("deep.json", "w").write('{"Statement":' + "[" * 3000 + "]" * 3000 + "}")
  > EOF
  $ sandboxgen iam contains p1.json p2.json | head -n 2
  unproven: what p1.json allows may go beyond p2.json
    p1.json:1:71: p1.json takes more steps to decide than the analysis has
  $ sandboxgen iam contains deep.json a.json 2>&1 | head -n 1 | cut -c -70
  deep.json:1:213: error: lists and objects are nested more than 200
  $ printf '{"Statement": [{"Effect": "Allow"' > cut.json
  $ sandboxgen iam contains cut.json a.json
  cut.json:1:16: error: this object has no '}'
      1 | {"Statement": [{"Effect": "Allow"
        |                ^
  [2]
  $ printf '{"Statement": {"Effect": "Allow", "Action": "s3:\377", "Resource": "*"}}' > bytes.json
  $ sandboxgen iam contains bytes.json a.json 2>&1 | head -n 1
  bytes.json:1:49: error: this byte is not UTF-8
  $ printf 'Statement: &s\n  - {Effect: Allow, Action: "s3:*", Resource: [*s]}\n' > cycle.yaml
  $ sandboxgen iam contains cycle.yaml a.json 2>&1 | head -n 1
  cycle.yaml:2:48: error: the alias '*s' stands for a value that contains it
  $ printf '{"Statement": {"Effect": "Allow", "Action": ["s3:GetObject", ["s3:*"], null], "Resource": "*"}}' > odd.json
  $ sandboxgen iam contains odd.json a.json 2>&1 | grep error
  odd.json:1:62: error: Action holds a list, not a string
  odd.json:1:72: error: Action holds null, not a string
  $ python3 -c 'import json; print(json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/%07d" % k} for k in range(13000)]}))' > long.json
  $ test $(wc -c < long.json) -gt 1000000 && sandboxgen iam contains long.json a.json | head -n 1
  contained: what long.json allows, a.json allows too, for all requests

A managed policy of AWS's that is not known leaves it open; its document settles it, either way.

  $ cat > m.yaml <<'EOF'
  > Resources:
  >   Reader:
  >     Type: AWS::IAM::Role
  >     Properties:
  >       AssumeRolePolicyDocument: {Statement: {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}}
  >       ManagedPolicyArns: ['arn:aws:iam::aws:policy/SomebodyElses']
  > EOF
  $ sandboxgen iam contains m.yaml:Reader b.json | head -n 1
  unproven: what m.yaml:Reader allows may go beyond b.json
  $ mkdir known
  $ cp a.json known/SomebodyElses.json
  $ sandboxgen iam contains m.yaml:Reader b.json --managed-policies known | head -n 1
  contained: what m.yaml:Reader allows, b.json allows too, for all requests
  $ echo '{"PolicyVersion": {"Document": {"Statement": {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}}}}' > known/SomebodyElses.json
  $ sandboxgen iam contains m.yaml:Reader b.json --managed-policies known | head -n 2
  not contained: what m.yaml:Reader allows goes beyond b.json
    known/SomebodyElses.json:1:76: m.yaml:Reader may call iam:PassRole on arn:aws:iam::111122223333:role/Admin
