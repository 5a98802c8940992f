"""A template after cfn-lint's own AWS::LanguageExtensions transform:  language_extensions.py < TEMPLATE (JSON)

Prints {"template": …} or {"error": …}.
"""
import json
import sys
import tempfile

from cfnlint.decode import decode
from cfnlint.template import Template
from cfnlint.template.transforms._language_extensions import language_extension

with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
    file.write(sys.stdin.read())
    file.flush()
    template, matches = decode(file.name)
    if matches:
        print(json.dumps({"error": str(matches)}))
    else:
        matches, result = language_extension(Template(file.name, template, ["us-east-1"]))
        print(json.dumps({"error": str(matches)} if matches else {"template": result}))
