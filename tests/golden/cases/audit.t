The rendered sandbox is closed, in YAML and in JSON.

  $ printf '{}\n' > sandbox.yaml && sandboxgen render > rendered
  $ sandboxgen audit
  template.yaml: pass (0 fail, 0 unproven)
  
  judged: the template
    IAM  pass 009
    TPL  pass 001-006
  
  judged: ExecutorFunction
    NET  pass 001-012
    IAM  pass 001-008 010
    LIM  pass 001-004
    FUN  pass 001-013
    OUT  pass 001-003
    LOG  pass 001 002
  
  not obeyed: what checkov is told to skip: CKV_AWS_158 of ExecutorLogGroup, CKV_AWS_115 of ExecutorFunction, CKV_AWS_116 of ExecutorFunction, CKV_AWS_173 of ExecutorFunction
  
    not claimed of permissions: sts:GetCallerIdentity works whatever a policy denies, and calls that need no credentials need no permission: only the network stops them
    not claimed of permissions: resource policies outside the template, and those that let everybody in, can allow the role more in the same account, but never what a Deny of the role denies
    not claimed of permissions: service control policies, resource control policies and session policies only take permissions away and are not looked at
    not claimed of permissions: somebody who may change roles in the account can change this one after the deployment
  $ sandboxgen audit - < template.yaml | head -n 1
  <stdin>: pass (0 fail, 0 unproven)
  $ sandboxgen audit --spec sandbox.yaml template.yaml | head -n 1
  template.yaml: pass (0 fail, 0 unproven)

A way out is told hop by hop, with the values under which it is there.

  $ cat > open.yaml <<'END'
  > Parameters:
  >   Env: {Type: String, AllowedValues: [dev, prod]}
  >   RoleArn: {Type: String}
  > Conditions:
  >   IsDev: !Equals [!Ref Env, dev]
  > Resources:
  >   Function:
  >     Type: AWS::Lambda::Function
  >     Properties:
  >       Runtime: python3.12
  >       Handler: lambda_function.lambda_handler
  >       Code: {S3Bucket: artifacts, S3Key: function.zip}
  >       Role: !Ref RoleArn
  >       VpcConfig:
  >         SubnetIds: [!Ref Subnet]
  >         SecurityGroupIds: [!Ref Group]
  >   Vpc:
  >     Type: AWS::EC2::VPC
  >     Properties: {CidrBlock: 10.0.0.0/24, EnableDnsSupport: false}
  >   Subnet:
  >     Type: AWS::EC2::Subnet
  >     Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/26}
  >   Group:
  >     Type: AWS::EC2::SecurityGroup
  >     Properties: {GroupDescription: open, VpcId: !Ref Vpc}
  >   Table:
  >     Type: AWS::EC2::RouteTable
  >     Properties: {VpcId: !Ref Vpc}
  >   TableOfSubnet:
  >     Type: AWS::EC2::SubnetRouteTableAssociation
  >     Properties: {SubnetId: !Ref Subnet, RouteTableId: !Ref Table}
  >   Gateway:
  >     Type: AWS::EC2::InternetGateway
  >   Attachment:
  >     Type: AWS::EC2::VPCGatewayAttachment
  >     Properties: {VpcId: !Ref Vpc, InternetGatewayId: !Ref Gateway}
  >   Route:
  >     Type: AWS::EC2::Route
  >     Condition: IsDev
  >     Properties:
  >       RouteTableId: !Ref Table
  >       DestinationCidrBlock: 0.0.0.0/0
  >       GatewayId: !Ref Gateway
  > END
  $ sandboxgen audit open.yaml --fail-on critical > report
  [1]
  $ head -n 1 report; sed -n '/fail NET008/,/^$/p' report; tail -n 1 report
  open.yaml: fail (8 fail, 2 unproven; what is below critical does not count)
  open.yaml:43:18: fail NET008 critical: a path leads from Function out of the VPC, open end to end
      43 |       GatewayId: !Ref Gateway
         |                  ^~~~~~~~~~~~
      should hold: no path is open end to end: route, network ACL and security group together
      for Function, at /Resources/Function/Properties/VpcConfig
      witness: a script in function Function sends a tcp packet to 1.1.1.1, port 443 (open.yaml:7:3)
            -> it runs in subnet Subnet (open.yaml:20:3)
            -> security group Group has EC2's rule that lets everything out (open.yaml:23:3)
            -> the default network ACL lets everything out (open.yaml:20:3)
            -> association TableOfSubnet gives subnet Subnet ${Table} (open.yaml:29:3)
            -> route Route sends '0.0.0.0/0' to gateway ${Gateway} (open.yaml:43:18)
      when Env = dev
      to put it right: close the walls of this path: any one closes it, each is asked for
  
  sandboxgen explain NET002 tells more.
  $ sandboxgen audit open.yaml --fail-on critical --parameter-overrides Env=prod | head -n 1
  open.yaml: pass (6 fail, 2 unproven; what is below critical does not count)
  $ sandboxgen audit open.yaml --function Function -p Env=prod -- open.yaml | tail -n 1
  2 files: fail
  $ sandboxgen audit open.yaml --format json | python3 -c '
  > import json, sys
  > report = json.load(sys.stdin)
  > print(report["version"], report["verdict"], report["files"], report["summary"])
  > path = next(f for f in report["findings"] if f["rule"] == "NET008")
  > print(path["line"], path["column"], path["when"], len(path["witness"]))'
  1 fail [{'path': 'open.yaml', 'verdict': 'fail'}] {'fail': 8, 'unproven': 2, 'suppressed': 0}
  43 18 {'Env': 'dev'} 6

One file that cannot be judged does not hide the others, and is never a yes.

  $ printf 'Resources: [\n' > bad.yaml
  $ printf '{"Resources": {"A": 1,}' > bad.json
  $ printf '{Resources: {A: 1,}}' > flow.json
  $ printf 'on:\n' > other.yaml
  $ sandboxgen audit bad.yaml template.yaml none.yaml > report
  sandboxgen: error: cannot read 'none.yaml': No such file or directory
  bad.yaml:2:1: error: did not find expected node content while parsing a flow node
      2 | 
        | ^
  [2]
  $ grep -v '^  \|^$\|^judged' report
  bad.yaml: error (it could not be judged)
  template.yaml: pass (0 fail, 0 unproven)
  not obeyed: what checkov is told to skip: CKV_AWS_158 of ExecutorLogGroup, CKV_AWS_115 of ExecutorFunction, CKV_AWS_116 of ExecutorFunction, CKV_AWS_173 of ExecutorFunction
  none.yaml: error (it could not be judged)
  3 files: error
  $ sandboxgen audit bad.json
  bad.json:1:23: error: this is not JSON: invalid object key (must be a string)
      1 | {"Resources": {"A": 1,}
        |                       ^
        = JSON allows no comma before it
  bad.json: error (it could not be judged)
  [2]
  $ sandboxgen audit flow.json
  flow.json:1:14: error: resource 'A' has no Type
      1 | {Resources: {A: 1,}}
        |              ^
        = give it a Type
  flow.json: error (it could not be judged)
  [2]
  $ sandboxgen audit other.yaml
  other.yaml:1:1: error: no Resources section
      1 | on:
        | ^~
        = a template has a Resources section with its resources
  other.yaml: error (it could not be judged)
  [2]
  $ sandboxgen audit bad.yaml --format json
  bad.yaml:2:1: error: did not find expected node content while parsing a flow node
      2 | 
        | ^
  {
    "version": 1,
    "tool": {
      "name": "sandboxgen",
      "version": "0.1.0"
    },
    "verdict": "error",
    "files": [
      {
        "path": "bad.yaml",
        "verdict": "error"
      }
    ],
    "findings": [],
    "judged": [],
    "notJudged": [],
    "notObeyed": [],
    "baseline": null,
    "assumptions": [],
    "limits": [],
    "summary": {
      "fail": 0,
      "unproven": 0,
      "suppressed": 0
    }
  }
  [2]
  $ sandboxgen audit . /dev/zero > report
  sandboxgen: error: cannot read '.': it is a directory
  sandboxgen: error: cannot read '/dev/zero': it is a device, not a regular file
      = - is standard input
  [2]
  $ sandboxgen audit template.yaml --function Missing
  template.yaml: error: no function 'Missing' in this template
      = name the logical id of a function
  template.yaml: error (it could not be judged)
  [2]
  $ sandboxgen audit template.yaml -p Missing=1
  template.yaml: error: no parameter 'Missing' to override
      = name a parameter of its Parameters section
  template.yaml: error (it could not be judged)
  [2]

A report that could not be written is no answer; one that could is there as a whole.

  $ sandboxgen audit > /dev/full
  sandboxgen: cannot write to standard output: No space left on device
  [2]
  $ sandboxgen audit --output none/report.txt
  sandboxgen: error: cannot write 'none/report.txt': No such file or directory
  [2]
  $ sandboxgen audit --output report.json --format json && head -n 2 report.json
  {
    "version": 1,
  $ ln -s report.json link && sandboxgen audit -o link && head -n 1 report.json && ls -A | grep -c sandboxgen-
  template.yaml: pass (0 fail, 0 unproven)
  0
  [1]
  $ sandboxgen audit -o /dev/full
  sandboxgen: error: cannot write '/dev/full': No space left on device
  [2]

The same for code scanning, for test reports and as annotations of GitHub Actions; tests/golden/formats.py has the details.

  $ sandboxgen audit --format sarif | grep -c '"kind"'
  0
  [1]
  $ sandboxgen audit --format sarif bad.yaml | sed -n '/"invocations"/,/"columnKind"/p'
  bad.yaml:2:1: error: did not find expected node content while parsing a flow node
      2 | 
        | ^
        "invocations": [
          {
            "executionSuccessful": false,
            "exitCode": 2,
            "toolExecutionNotifications": [
              {
                "level": "error",
                "message": {
                  "text": "did not find expected node content while parsing a flow node"
                },
                "locations": [
                  {
                    "physicalLocation": {
                      "artifactLocation": {
                        "uri": "bad.yaml",
                        "uriBaseId": "%SRCROOT%"
                      },
                      "region": {
                        "startLine": 2,
                        "startColumn": 1,
                        "endLine": 2,
                        "endColumn": 1
                      }
                    }
                  }
                ]
              }
            ]
          }
        ],
        "columnKind": "utf16CodeUnits",
  $ sandboxgen audit --format junit bad.yaml template.yaml | sed -n '1,/NET002/p'
  bad.yaml:2:1: error: did not find expected node content while parsing a flow node
      2 | 
        | ^
  <?xml version="1.0" encoding="UTF-8"?>
  <testsuites name="sandboxgen audit" tests="51" failures="0" errors="1" time="0">
    <testsuite name="bad.yaml" tests="1" failures="0" errors="1" skipped="0" time="0">
      <testcase classname="bad.yaml" name="readable: the file can be judged" time="0">
        <error type="error" message="it could not be judged">bad.yaml:2:1: did not find expected node content while parsing a flow node</error>
      </testcase>
    </testsuite>
    <testsuite name="template.yaml" tests="50" failures="0" errors="0" skipped="0" time="0">
      <testcase classname="template.yaml" name="NET001 ExecutorFunction: the function runs inside a VPC in every deployment" time="0"/>
      <testcase classname="template.yaml" name="NET002 ExecutorFunction: no route leads from the function's subnets out of the VPC" time="0"/>
  $ sandboxgen audit --format github open.yaml bad.yaml -p Env=dev | cut -c 1-160
  bad.yaml:2:1: error: did not find expected node content while parsing a flow node
      2 | 
        | ^
  ::notice title=sandboxgen error::open.yaml: fail (8 fail, 2 unproven, 0 suppressed)%0Abad.yaml: error (0 fail, 0 unproven, 0 suppressed)
  ::error file=bad.yaml,line=2,endLine=2,col=1,endColumn=1,title=sandboxgen::did not find expected node content while parsing a flow node
  ::error file=open.yaml,line=43,endLine=43,col=18,endColumn=30,title=NET002 fail critical::route Route sends '0.0.0.0/0' to gateway ${Gateway}%0ATo put it right:
  ::error file=open.yaml,line=43,endLine=43,col=18,endColumn=30,title=NET008 fail critical::a path leads from Function out of the VPC, open end to end%0ATo put it
  ::error file=open.yaml,line=13,endLine=13,col=13,endColumn=25,title=IAM001 unproven high::the execution role is ${RoleArn}: nobody can see here what it allows%0
  ::error file=open.yaml,line=7,endLine=7,col=3,endColumn=11,title=FUN009 fail medium::Function has no EventInvokeConfig: Lambda runs a script up to three times w
  ::error file=open.yaml,line=7,endLine=7,col=3,endColumn=11,title=LOG001 fail medium::Function has no log group of its own in the template: Lambda makes one that
  ::error file=open.yaml,line=7,endLine=7,col=3,endColumn=11,title=LOG002 unproven medium::how long the logs of Function are kept is not in the template%0ATo sett
  ::error file=open.yaml,line=17,endLine=17,col=3,endColumn=6,title=NET011 fail medium::security group Vpc.DefaultSecurityGroup has no egress rule: EC2 then allow
  ::error file=open.yaml,line=20,endLine=20,col=3,endColumn=9,title=NET007 fail medium::subnet Subnet is associated with no network ACL: it uses the VPC's default
  ::error file=open.yaml,line=23,endLine=23,col=3,endColumn=8,title=NET003 fail medium::security group Group has no egress rule: EC2 then allows all egress%0ATo p
  ::warning file=open.yaml,line=7,endLine=7,col=3,endColumn=11,title=FUN001 fail low::nothing says that Function runs the executor of sandboxgen%0ATo put it right

Wrong usage says so.

  $ sandboxgen audit --format xml
  sandboxgen: error: --format: unknown value 'xml'
      = choose one of text|json|sarif|junit|github
  [2]
  $ sandboxgen audit -p Env
  sandboxgen: error: --parameter-overrides: 'Env' has no name and value
      = write Name=value; -- ends the values
  [2]
  $ sandboxgen audit --spec none.yaml
  sandboxgen: error: cannot read 'none.yaml': No such file or directory
  [2]
