# SPDX-License-Identifier: Apache-2.0
"""Validates YAML texts against JSON Schemas with Debian's python3-jsonschema and python3-yaml.

Reads from standard input {"schema": {...}, "cases": [{"name": "...", "text": "...", "schema": {...}}]}
and writes {"metaschema": [...], "cases": [[message, ...], ...]}: what is wrong with the schema itself,
then with each text; a case without a schema of its own is held against the common one.
"""

import json
import re
import sys

import yaml
from jsonschema import Draft202012Validator


class CoreLoader(yaml.CSafeLoader):
    """YAML 1.2's core schema, as editors have it; PyYAML's own is that of YAML 1.1."""

    yaml_implicit_resolvers = {}

    def construct_mapping(self, node, deep=False):
        self.flatten_mapping(node)
        for key, _ in node.value:
            # In JSON, a key is a text whatever it looks like.
            if isinstance(key, yaml.ScalarNode):
                key.tag = "tag:yaml.org,2002:str"
        return super().construct_mapping(node, deep)


def resolve(tag, expression, first):
    CoreLoader.add_implicit_resolver(
        "tag:yaml.org,2002:" + tag, re.compile("^(?:" + expression + ")$"), first)


resolve("null", r"~|null|Null|NULL|", ["~", "n", "N", ""])
resolve("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF"))
resolve("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789"))
resolve(
    "float",
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
    list("-+.0123456789"))
resolve("merge", "<<", ["<"])


def integer(loader, node):
    text = loader.construct_scalar(node)
    base = 8 if text.startswith("0o") else 16 if text.startswith("0x") else 10
    return int(text, base)


CoreLoader.add_constructor("tag:yaml.org,2002:int", integer)
CoreLoader.add_constructor(
    "tag:yaml.org,2002:float",
    lambda loader, node: float(loader.construct_scalar(node).replace(".inf", "inf").replace(".nan", "nan")))


def messages(validator, text):
    try:
        value = yaml.load(text, Loader=CoreLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return ["not read: " + str(error)]
    return [
        "/".join(map(str, error.absolute_path)) + ": " + error.message[:200]
        for error in validator.iter_errors(value)]


def main():
    task = json.load(sys.stdin)
    metaschema = Draft202012Validator(Draft202012Validator.META_SCHEMA)
    common = Draft202012Validator(task["schema"])
    validators = {}
    results = []
    for case in task["cases"]:
        validator = common
        if "schema" in case:
            key = json.dumps(case["schema"])
            validator = validators.setdefault(key, Draft202012Validator(case["schema"]))
        results.append(messages(validator, case["text"]))
    json.dump(
        {"metaschema": [error.message for error in metaschema.iter_errors(task["schema"])],
         "cases": results}, sys.stdout)


main()
