"""A template whose texts, file names and rules try to become commands, tags and links of every format of a report."""

HOSTILE = "a\nb,c:d%0A]]>&\"'é😀\x1b[31m.yaml"
COMMAND = "::error::x.yaml"
TEMPLATE = """Parameters:
  Env: {Type: String, AllowedValues: [dev, "::warning::x", "##[set-output name=verdict;]pass"]}
  RoleArn: {Type: String}
Conditions:
  IsDev: !Equals [!Ref Env, "::warning::x"]
Resources:
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Description: "[text](http://example.com) {0} ]]> %0A ##[error]x"
      Environment: {Variables: {"😀é": x, DB_PASSWORD: "]]>&<%0A\\n::error::😀\\e[31m ##[stop-commands]x"}}
      Runtime: python3.12
      Handler: lambda_function.lambda_handler
      Code: {S3Bucket: artifacts, S3Key: function.zip}
      Role: !Ref RoleArn
      VpcConfig: {"😀😀": a, SubnetIds: [!Ref Subnet], SecurityGroupIds: [!Ref Group]}
  Vpc:
    Type: AWS::EC2::VPC
    Properties: {CidrBlock: 10.0.0.0/24, EnableDnsSupport: false}
  Subnet:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/26}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties: {GroupDescription: open, VpcId: !Ref Vpc}
  Table:
    Type: AWS::EC2::RouteTable
    Properties: {VpcId: !Ref Vpc}
  TableOfSubnet:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: {SubnetId: !Ref Subnet, RouteTableId: !Ref Table}
  Gateway:
    Type: AWS::EC2::InternetGateway
  Route:
    Type: AWS::EC2::Route
    Condition: IsDev
    Properties: {"RouteTableId": !Ref Table, "DestinationCidrBlock": 0.0.0.0/0, "GatewayId": !Ref Gateway}
  Helper:
    Type: AWS::Lambda::Function
    Metadata: {Sandboxgen: {Role: other}}
    Properties: {Runtime: python3.12, Handler: a.b, Code: {ZipFile: ""}, Role: !Ref RoleArn}
"""
RULES = """rule own_rule when Resources exists {
  Resources.Function.Properties.Description == "x" <<::error::]]> [l](1) {0}>>
}
"""
