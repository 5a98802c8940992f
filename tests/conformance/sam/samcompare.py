"""Two expansions of a template, resource by resource.

What is compared: type, properties, conditions, dependencies and the other attributes of each resource.  Left out: the
bodies of APIs, and the hash in the ids and descriptions of deployments.  Lists count without order, but Layers.
"""
import json
import re

DEPLOYMENT = re.compile(r"(Deployment)[0-9a-f]{10}(?![0-9a-zA-Z])")
DESCRIPTION = re.compile(r"RestApi deployment id: [0-9a-f]*")
EXACT = ("AWS::Lambda::", "AWS::IAM::", "AWS::Events::", "AWS::Scheduler::", "AWS::SQS::", "AWS::SNS::", "AWS::DynamoDB::",
         "AWS::StepFunctions::")
BODY = ("AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api")


def normal(value, key=None):
    """With lists in one order."""
    if isinstance(value, dict):
        return {k: normal(v, k) for k, v in value.items()}
    if isinstance(value, list):
        items = [normal(v) for v in value]
        if key == "Layers":
            return items
        return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))
    return value


def resources(template):
    text = json.dumps(template.get("Resources") or {})
    text = DESCRIPTION.sub("RestApi deployment id", DEPLOYMENT.sub(r"\1", text))
    out = {}
    for name, resource in json.loads(text).items():
        resource = normal(resource)
        if isinstance(resource, dict) and resource.get("Type") in BODY:
            (resource.get("Properties") or {}).pop("Body", None)
        if isinstance(resource, dict) and isinstance(resource.get("DependsOn"), str):
            resource["DependsOn"] = [resource["DependsOn"]]
        out[name] = resource
    return out


def kind(resource):
    return str(resource.get("Type")) if isinstance(resource, dict) else "no resource"


def cause(ours, theirs):
    """Where two resources part, in a few words."""
    if kind(ours) != kind(theirs):
        return f"type {kind(ours)}"
    for name in sorted(set(ours) | set(theirs)):
        if name != "Properties" and ours.get(name) != theirs.get(name):
            return name
    mine, other = ours.get("Properties") or {}, theirs.get("Properties") or {}
    return ", ".join(name for name in sorted(set(mine) | set(other)) if mine.get(name) != other.get(name)) or "properties"


class Rates:
    """Counts of resources, by type: there, equal, found by id and type."""

    def __init__(self):
        self.types, self.misses = {}, []

    def add(self, name, ours, theirs):
        ours, theirs = resources(ours), resources(theirs)
        for logical_id, resource in theirs.items():
            row = self.types.setdefault(kind(resource), [0, 0, 0])
            row[0] += 1
            mine = ours.get(logical_id)
            row[2] += mine is not None and kind(mine) == kind(resource)
            if mine == resource:
                row[1] += 1
            else:
                why = "missing" if mine is None else cause(mine, resource)
                self.misses.append((kind(resource), why, f"{name}: {logical_id}"))
        for logical_id, resource in ours.items():
            if logical_id not in theirs:
                self.misses.append((kind(resource), "not in the other", f"{name}: {logical_id}"))
                self.types.setdefault(kind(resource), [0, 0, 0])[0] += 1

    def missing(self, name, theirs):
        """No expansion at all."""
        self.add(name, {}, theirs)

    def rate(self, column, exact_only):
        rows = [r for t, r in self.types.items() if not exact_only or t.startswith(EXACT)]
        whole = sum(r[0] for r in rows)
        return (sum(r[column] for r in rows) / whole if whole else 0.0), whole

    def lines(self):
        for name, (whole, equal, found) in sorted(self.types.items()):
            yield f"{name}: {equal} of {whole} equal, {found} by id and type"
        causes = {}
        for type_, why, where in self.misses:
            causes.setdefault((type_, why), []).append(where)
        for (type_, why), places in sorted(causes.items()):
            yield f"miss: {type_}: {why}: {len(places)}, as {places[0]}"


def part_of(name, template):
    """The GraphQL APIs that have a function or resolver of this name."""
    out = set()
    for api, resource in (template.get("Resources") or {}).items():
        properties = (resource or {}).get("Properties") or {}
        groups = [properties.get("Functions"), *((properties.get("Resolvers") or {}).values())]
        if any(isinstance(group, dict) and name in group for group in groups):
            out.add(api)
    return out


def owner(name, template):
    """The resource of the template that an id of an error belongs to: itself, or what it was made for."""
    if name in (template.get("Resources") or {}):
        return name
    longer = [r for r in (template.get("Resources") or {}) if name.startswith(r)]
    return max(longer, key=len) if longer else None


def event_owner(event, template):
    for name, resource in (template.get("Resources") or {}).items():
        events = ((resource or {}).get("Properties") or {}).get("Events")
        if isinstance(events, dict) and any(event in (key, name + key) for key in events):
            return name
    return None


def blamed(message, template):
    """The resources that the translator's message names."""
    names = re.findall(r"Resource with id \[([^\]]*)\]", message) + re.findall(r"Transforming resource with id \[([^\]]*)\]",
                                                                                message)
    out = set()
    for name in names:
        parts = part_of(name, template) if name not in (template.get("Resources") or {}) else set()
        out |= parts or {owner(name, template)}
    if not names:
        out = {event_owner(event, template) for event in re.findall(r"Event with id \[([^\]]*)\]", message)}
    return out - {None}
