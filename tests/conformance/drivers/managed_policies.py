"""AWS's managed policies as moto ships them: prints [[name, document], …] by name."""
import json
import sys

from moto.iam.aws_managed_policies import aws_managed_policies_data

policies = json.loads(aws_managed_policies_data)
json.dump([[name, policies[name]["Document"]] for name in sorted(policies)], sys.stdout)
