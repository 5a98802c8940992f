"""What a Python library reads in a YAML file, in the form of tests/tools/yaml-dump:  read_yaml.py pyyaml|ruamel FILE

A local tag is {"!Ref": value}; a key is the string that its reading is in JSON; order and duplicate keys are kept.
"""
import json
import sys


class Map(list):
    """Pairs, in the order of the file."""


def key_text(key):
    return key if isinstance(key, str) else json.dumps(key)


def spell(value):
    """The value as JSON text."""
    if isinstance(value, Map):
        return "{" + ", ".join(json.dumps(key_text(key)) + ": " + spell(member) for key, member in value) + "}"
    if isinstance(value, tuple):
        return "{" + json.dumps(value[0]) + ": " + spell(value[1]) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(spell, value)) + "]"
    if value is None or isinstance(value, (bool, int, float, str)):
        return json.dumps(value)
    raise SystemExit(f"a value of type {type(value).__name__}: {value!r}")


def with_constructors(loader, node_types):
    """Gives a loader class constructors for maps as pairs and for local tags as (tag, value)."""
    scalar_node, sequence_node, _ = node_types

    def construct_map(self, node):
        return Map((self.construct_object(key, deep=True), self.construct_object(value, deep=True)) for key, value in node.value)

    def construct_tagged(self, suffix, node):
        if isinstance(node, scalar_node):
            return "!" + suffix, node.value
        if isinstance(node, sequence_node):
            return "!" + suffix, [self.construct_object(item, deep=True) for item in node.value]
        return "!" + suffix, construct_map(self, node)

    loader.add_constructor("tag:yaml.org,2002:map", construct_map)
    loader.add_multi_constructor("!", construct_tagged)
    return loader


def by_pyyaml(path):
    import yaml

    class Loader(yaml.SafeLoader):
        pass

    # SAM CLI and CloudFormation have no dates: they stay what was written.
    Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda self, node: node.value)
    with open(path, encoding="utf-8") as stream:
        return yaml.load(stream, with_constructors(Loader, (yaml.ScalarNode, yaml.SequenceNode, yaml.MappingNode)))


def by_ruamel(path):
    from ruamel.yaml import YAML, nodes
    from ruamel.yaml.constructor import SafeConstructor

    class Constructor(SafeConstructor):
        pass

    Constructor.add_constructor("tag:yaml.org,2002:timestamp", lambda self, node: node.value)
    reader = YAML(typ="safe", pure=True)
    reader.Constructor = with_constructors(Constructor, (nodes.ScalarNode, nodes.SequenceNode, nodes.MappingNode))
    with open(path, encoding="utf-8") as stream:
        return reader.load(stream)


READERS = {"pyyaml": by_pyyaml, "ruamel": by_ruamel}
print(spell(READERS[sys.argv[1]](sys.argv[2])))
