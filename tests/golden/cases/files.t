Parameter files in each form that AWS's tools read narrow the deployments.

  $ mkdir sub && cat > template.yaml <<'END'
  > Parameters: {T: {Type: Number}}
  > Resources:
  >   F: {Type: AWS::Lambda::Function, Properties: {Timeout: !Ref T, Handler: x, Runtime: python3.12}}
  >   S: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: sub/nested.yaml, Parameters: {M: 999}}}
  > END
  $ cat > sub/nested.yaml <<'END'
  > Parameters: {M: {Type: Number}}
  > Resources: {G: {Type: AWS::Lambda::Function, Properties: {MemorySize: !Ref M, Runtime: python3.12}}}
  > END
  $ echo '[{"ParameterKey": "T", "ParameterValue": "31"}]' > cloudformation.json
  $ echo '{"Parameters": {"T": 31}, "Tags": {}}' > codepipeline.json
  $ echo 'T: 31' > sam.yaml
  $ echo '["T=31"]' > words.json
  $ for f in cloudformation.json codepipeline.json sam.yaml words.json; do
  >   sandboxgen audit --parameters $f | grep ' fail LIM'
  > done
  template.yaml:3:58: fail LIM002 medium: the timeout of F is 31 s, more than 30
  template.yaml:4:100: fail LIM001 medium: memory of S/G is 999 MB, more than 256
  template.yaml:3:58: fail LIM002 medium: the timeout of F is 31 s, more than 30
  template.yaml:4:100: fail LIM001 medium: memory of S/G is 999 MB, more than 256
  template.yaml:3:58: fail LIM002 medium: the timeout of F is 31 s, more than 30
  template.yaml:4:100: fail LIM001 medium: memory of S/G is 999 MB, more than 256
  template.yaml:3:58: fail LIM002 medium: the timeout of F is 31 s, more than 30
  template.yaml:4:100: fail LIM001 medium: memory of S/G is 999 MB, more than 256
  $ sandboxgen audit --parameters sam.yaml --parameter-overrides T=30 | grep ' LIM'
  template.yaml:4:100: fail LIM001 medium: memory of S/G is 999 MB, more than 256
    LIM  pass 001-004
    LIM  fail 001  pass 002-004
  $ sandboxgen audit | grep ' LIM'
  template.yaml:3:58: unproven LIM002 medium: the timeout of F is not bounded: ${T}
  template.yaml:4:100: fail LIM001 medium: memory of S/G is 999 MB, more than 256
    LIM  unproven 002  pass 001 003 004
    LIM  fail 001  pass 002-004
  $ echo '[{"ParameterKey": "T"}]' > bad.json
  $ sandboxgen audit --parameters bad.json
  bad.json:1:2: error: a parameter without ParameterKey or ParameterValue
      1 | [{"ParameterKey": "T"}]
        |  ^~~~~~~~~~~~~~~~~~~~~
        = write [{"ParameterKey": "K", "ParameterValue": "V"}] or {"Parameters": {"K": "V"}}
  [2]

The values that sam deploy has in its samconfig: of an environment, the command's over the global ones.

  $ cat > samconfig.toml <<'END'
  > version = 0.1
  > [default.global.parameters]
  > parameter_overrides = "T=31"
  > [prod.deploy.parameters]
  > parameter_overrides = [{T = 32}, "ParameterKey=U,ParameterValue='a b'"]
  > [quiet.deploy.parameters]
  > END
  $ sandboxgen audit --config-file samconfig.toml | grep ' LIM002'
  template.yaml:3:58: fail LIM002 medium: the timeout of F is 31 s, more than 30
  $ sandboxgen audit --config-env prod | grep ' LIM002'
  template.yaml:3:58: fail LIM002 medium: the timeout of F is 32 s, more than 30
  $ sandboxgen audit --config-env quiet | grep ' LIM002'
  template.yaml:3:58: unproven LIM002 medium: the timeout of F is not bounded: ${T}
  $ sandboxgen audit --config-env prdo | grep ' LIM002'
  samconfig.toml:1:1: warning: no section 'prdo' here: sam-cli passes no parameters then
      1 | version = 0.1
        | ^
  template.yaml:3:58: unproven LIM002 medium: the timeout of F is not bounded: ${T}
  $ sandboxgen audit --config-env prod --parameter-overrides T=33 | grep ' LIM002'
  template.yaml:3:58: fail LIM002 medium: the timeout of F is 33 s, more than 30
  $ mkdir -p .aws-sam/build && cp template.yaml .aws-sam/build
  $ sandboxgen audit --config-env prod .aws-sam/build/template.yaml | grep ' LIM002'
  .aws-sam/build/template.yaml:3:58: fail LIM002 medium: the timeout of F is 32 s, more than 30
  $ cd sub && sandboxgen audit --config-env prod ../template.yaml | grep ' LIM002'; cd ..
  ../template.yaml:3:58: fail LIM002 medium: the timeout of F is 32 s, more than 30
  $ printf 'version: 0.1\ndefault: {deploy: {parameters: {parameter_overrides: {T: 34}}}}\n' > sam.config.yaml
  $ sandboxgen audit --config-file sam.config.yaml | grep ' LIM002'
  template.yaml:3:58: fail LIM002 medium: the timeout of F is 34 s, more than 30
  $ sandboxgen expand --config-env prod --resolve | grep Timeout
        Timeout: '32'
  $ printf '[default.deploy.parameters]\nparameter_overrides = "T=31"\n' > old.toml
  $ sandboxgen audit --config-file old.toml
  old.toml:1:1: error: sam-cli refuses a samconfig without its version
      1 | [default.deploy.parameters]
        | ^
        = write version = 0.1 at the top (in YAML, version: 0.1)
  [2]
  $ printf 'version = 0.1\n[default.deploy.parameters]\nparameter_overrides = "T 31"\n' > words.toml
  $ sandboxgen audit --config-file words.toml
  words.toml:3:23: error: this is no parameter's name and value
      3 | parameter_overrides = "T 31"
        |                       ^~~~~~
        = write "Name=value Name='some words'"
  [2]
  $ printf 'version = 0.1\n[default.deploy.parameters]\nparameter_overrides = T=31\n' > plain.toml
  $ sandboxgen expand --config-file plain.toml
  plain.toml:3:23: error: this is no value of TOML
      3 | parameter_overrides = T=31
        |                       ^
        = put strings in quotes
  [2]
  $ sandboxgen audit --config-file samconfig.json
  sandboxgen: error: sam-cli does not read 'samconfig.json'
      = name a file *.toml, *.yaml or *.yml
  [2]
  $ rm samconfig.toml; sandboxgen audit --config-env prod
  sandboxgen: error: cannot read 'samconfig.toml': No such file or directory
  [2]

A nested template or an include must be a regular file in the folder of the template.

  $ ln -s /etc/hostname sub/link.yaml; mkfifo sub/fifo
  $ for name in /etc/hostname ../x.yaml sub/../../x.yaml sub/link.yaml sub/fifo; do
  >   printf 'Resources:\n  Fn::Transform: {Name: AWS::Include, Parameters: {Location: %s}}\n' "$name" > include.yaml
  >   sandboxgen audit include.yaml 2>&1 > /dev/null | head -n 1
  > done
  include.yaml:2:62: error: '/etc/hostname' is an absolute path
  include.yaml:2:62: error: '../x.yaml' leaves the folder of the template
  include.yaml:2:62: error: 'sub/../../x.yaml' leaves the folder of the template
  include.yaml:2:62: error: 'sub/link.yaml' leads out of the folder of the template
  include.yaml:2:62: error: 'sub/fifo' is no regular file

One that includes itself ends.

  $ printf 'Resources:\n  Fn::Transform: {Name: AWS::Include, Parameters: {Location: loop.yaml}}\n' > loop.yaml
  $ sandboxgen audit loop.yaml 2>&1 > /dev/null | head -n 1
  loop.yaml:2:62: error: more than 200 includes, or more than 8 deep

The executor is found beside the program, and where `make install` puts both, wherever that was moved to.

  $ real=$(command -v sandboxgen)
  $ mkdir -p moved/bin moved/libexec/sandboxgen && cp "$real" moved/bin && : > moved/libexec/sandboxgen/bootstrap
  $ chmod +x moved/libexec/sandboxgen/bootstrap
  $ moved/bin/sandboxgen --bootstrap-path | sed "s|$PWD/||"
  moved/bin/../libexec/sandboxgen/bootstrap
  $ cp moved/libexec/sandboxgen/bootstrap moved/bin && moved/bin/sandboxgen --bootstrap-path | sed "s|$PWD/||"
  moved/bin/bootstrap
  $ rm -r moved/libexec moved/bin/bootstrap && moved/bin/sandboxgen --bootstrap-path | sed 's|.*/libexec/|LIBEXEC/|'
  LIBEXEC/sandboxgen/bootstrap

A file that the template includes is read like the template: where readers part, it is said.

  $ cat > outer.yaml <<'END'
  > Resources:
  >   S: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: inner.yaml}}
  >   Fn::Transform: {Name: AWS::Include, Parameters: {Location: part.yaml}}
  > END
  $ echo "Resources: {V: {Type: AWS::SQS::Queue, Properties: {DelaySeconds: 010, QueueName: 'a''''b'}}}" > inner.yaml
  $ echo "W: {Type: AWS::SQS::Queue, Properties: {DelaySeconds: 1:30}}" > part.yaml
  $ sandboxgen audit outer.yaml | grep 'TPL001 high'
  part.yaml:1:55: fail TPL001 high: readers differ: 1:30 is the number 90 in YAML 1.1, the text "1:30" in YAML 1.2
  inner.yaml:1:67: fail TPL001 high: readers differ: 010 is the number 8 in YAML 1.1, the number 10 in YAML 1.2
  inner.yaml:1:83: fail TPL001 high: libyaml reads "a''b", libfyaml "a'''"
