"""What sam-cli itself reads of a samconfig.toml:  sam_config.py DIRECTORY ENVIRONMENT... > {environment: {command: values}}"""
import json
import sys

from samcli.lib.config.samconfig import SamConfig

COMMANDS = ("build", "validate", "deploy")
config = SamConfig(sys.argv[1])
json.dump({name: {command: dict(config.get_all([command], "parameters", name)) for command in COMMANDS
                  if command != "build" or name != "default"} for name in sys.argv[2:]}, sys.stdout)
