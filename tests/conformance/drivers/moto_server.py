"""moto on 127.0.0.1, brought nearer to CloudFormation:  moto_server.py PORT [NOT-NEEDED LOG]

moto leaves out what a SAM template declares and still says that the stack was created; and a stack made by a change set,
which is how `sam deploy` makes it, has no outputs; and it does not show the template of a change set.  Here a template is
translated before moto sees it, outputs are worked out when a change set is carried out, and its template can be had.

With NOT-NEEDED, a JSON list, and LOG, roles count: see iam_enforced.py.
"""
import json
import os
import pathlib
import sys

os.environ.setdefault("AWS_DEFAULT_REGION", "ap-south-1")
sys.path.insert(0, str(pathlib.Path(__file__).parent))

import translate
from moto.cloudformation import models, parsing, responses
from moto.server import main as serve

SAM = "AWS::Serverless-2016-10-31"


def translated(template):
    declared = template.get("Transform", [])
    return translate.expand(template) if SAM in ([declared] if isinstance(declared, str) else declared) else template


def patch_stack(stack_class):
    read = stack_class.parse_template
    stack_class.parse_template = staticmethod(lambda text: translated(read(text)))


def patch_change_set(change_set_class):
    apply = change_set_class.apply

    def parse(self):
        self.template_dict = models.Stack.parse_template(self.template)

    def apply_with_outputs(self):
        apply(self)
        self.stack.template_dict = self.template_dict
        self.stack.output_map = parsing.OutputMap(self.stack.resource_map, self.template_dict, self.stack.stack_id)

    change_set_class._parse_template = parse
    change_set_class.apply = apply_with_outputs


def patch_get_template(response_class):
    """The processed template of a change set, which moto only has for stacks."""
    of_stack = response_class.get_template

    def get_template(self):
        change_set = self._get_param("ChangeSetName")
        if not change_set:
            return of_stack(self)
        found = self.cloudformation_backend.describe_change_set(change_set)
        return responses.ActionResult({"TemplateBody": json.dumps(models.Stack.parse_template(found.template))})

    response_class.get_template = get_template


patch_stack(models.Stack)
patch_change_set(models.ChangeSet)
patch_get_template(responses.CloudFormationResponse)
if len(sys.argv) > 2:
    import iam_enforced
    iam_enforced.enforce(set(json.loads(sys.argv[2])), sys.argv[3])
serve(["-H", "127.0.0.1", "-p", sys.argv[1]])
