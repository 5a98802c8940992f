"""moto's IAM enforcement, of two roles:  import it before moto serves, with the handlers of drivers/handlers.py.

Requests: moto's own check (POST /moto-api/reset-auth switches it on) of signature, credentials and actions.  It takes "*" for the
resource of every call but S3's, and any condition for one that is not met; so that a policy for named resources would allow
nothing.  Here what moto cannot compare is left out: an Allow counts by its actions (S3: and resources), a Deny only without
a condition.  test_roles.py has resources and conditions compared by iam-simulate.

Stacks: CloudFormation's calls are none of HTTP here.  Instead, before a change set is carried out or a stack deleted, each action
that a handler needs (by the resource providers' schemas) is asked of the role that the stack is given.
"""
import json

import handlers
from moto.cloudformation import models
from moto.core.exceptions import AccessDeniedError
from moto.iam import access_control
from moto.iam.models import iam_backends

Result = access_control.PermissionResult
OPERATION = {"Add": "create", "Modify": "update", "Remove": "delete"}


def by_actions(self, action, resource="*", principal=None, values=None):
    """In place of IAMPolicyStatement.is_action_permitted."""
    statement = self._statement
    concerned = (self._check_element_matches("Action", action) if "Action" in statement
                 else not self._check_element_matches("NotAction", action))
    if resource != "*":
        concerned = concerned and self._check_element_matches("Resource", resource)
    if not concerned:
        return Result.NEUTRAL
    if statement["Effect"] == "Allow":
        return Result.PERMITTED
    return Result.NEUTRAL if "Condition" in statement else Result.DENIED


def verdict(role_arn, action):
    backend = iam_backends[role_arn.split(":")[4]]["aws"]
    role = backend.get_role_by_arn(role_arn)
    found = {access_control.IAMPolicy(json.dumps(json.loads(text))).is_action_permitted(action) for text in role.policies.values()}
    return Result.PERMITTED if Result.PERMITTED in found and Result.DENIED not in found else Result.DENIED


def ask(role_arn, changes, not_needed, log):
    """Raises for the first action that the role may not carry out."""
    if changes and not role_arn:
        raise AccessDeniedError(user_arn="a stack without a service role", action="cloudformation:ExecuteChangeSet")
    for operation, kind in sorted(changes):
        needed = handlers.of_type(kind)
        for action in sorted({*needed[operation], *needed["read"]} - not_needed):
            with open(log, "a", encoding="utf-8") as out:
                out.write(f"{kind} {operation} {action}\n")
            if verdict(role_arn, action) != Result.PERMITTED:
                raise AccessDeniedError(user_arn=role_arn, action=action)


def enforce(not_needed, log):
    """`not_needed`: actions that a handler lists for what no rendered template has.  `log` gets each action that was asked for."""
    access_control.IAMPolicyStatement.is_action_permitted = by_actions
    apply, delete = models.ChangeSet.apply, models.Stack.delete

    def apply_as_role(self):
        ask(self.role_arn, {(OPERATION[change.action], change.resource_type) for change in self.changes}, not_needed, log)
        self.stack.role_arn = self.role_arn
        apply(self)

    def delete_as_role(self):
        ask(self.role_arn, {("delete", row["Type"]) for row in self.resource_map._resource_json_map.values()}, not_needed, log)
        delete(self)

    models.ChangeSet.apply, models.Stack.delete = apply_as_role, delete_as_role
