"""ministack on 127.0.0.1, with the resource types that it refuses taken as done:  ministack_server.py PORT LOG

ministack answers a template that holds a type it does not know with an error, so that nothing of the template could be
tried.  Here each of ACCEPTED gets an id and no effect; LOG gets a line for each one, `TYPE LOGICAL-ID`, so that a test can
tell what was not emulated.
"""
import os
import sys

PORT, LOG = sys.argv[1:3]
os.environ.update(
    BIND_HOST="127.0.0.1", GATEWAY_PORT=PORT, LAMBDA_EXECUTOR="local", PERSIST_STATE="0", IOT_MTLS_ENABLED="0")
sys.argv[1:] = []

from ministack.app import main
from ministack.services.cloudformation import provisioners

ACCEPTED = (
    "AWS::EC2::NetworkAcl", "AWS::EC2::NetworkAclEntry", "AWS::EC2::SubnetNetworkAclAssociation",
    "AWS::EC2::SecurityGroupEgress", "AWS::EC2::FlowLog",
)


def accept(kind):
    def create(logical_id, properties, stack_name):
        with open(LOG, "a", encoding="utf-8") as log:
            log.write(f"{kind} {logical_id}\n")
        return f"{stack_name}-{logical_id}", {"Id": f"{stack_name}-{logical_id}"}

    return {"create": create, "delete": lambda physical_id, properties: None}


for name in ACCEPTED:
    provisioners._RESOURCE_HANDLERS.setdefault(name, accept(name))
main()
