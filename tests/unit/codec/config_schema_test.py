# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""docs/config.schema.json, the library's list of fields and its reader must agree.

The schema may be laxer than the library where JSON Schema can't say a rule (such samples carry
"schema": false), never stricter.
The examples of docs/configuration.md are samples, too.
usage: config_schema_test.py SCHEMA GUIDE SAMPLES_DIRECTORY CONFIG_CHECK...
"""
import copy
import json
import pathlib
import re
import subprocess
import sys

import jsonschema

FACTS = ("type", "default", "minimum", "maximum", "enum", "maxItems")


def schema_fields(schema, path=""):
    """(path, its schema, required) of every leaf."""
    for name, field in schema["properties"].items():
        here = f"{path}/{name}"
        if field["type"] == "object":
            yield from schema_fields(field, here)
        elif field["type"] == "array" and field["items"]["type"] == "object":
            yield from schema_fields(field["items"], here + "[]")
        else:
            yield here, field, name in schema.get("required", ())


def compare_fields(schema, library):
    """Differences between the schema's leaves and the library's list, and fields without words."""
    found = []
    ours = {path: (field, required) for path, field, required in schema_fields(schema)}
    theirs = {field["path"]: field for field in library}
    for path in sorted(ours.keys() ^ theirs.keys()):
        found.append(f"{path}: only in the {'schema' if path in ours else 'library'}")
    for path in ours.keys() & theirs.keys():
        field, required = ours[path]
        if not field.get("description", "").endswith("."):
            found.append(f"{path}: no description")
        for fact in FACTS:
            expected = theirs[path].get(fact)
            if fact == "default" and required:
                expected = None
            if field.get(fact) != expected:
                found.append(f"{path}: {fact} {field.get(fact)}, but {expected} in the library")
        if required != theirs[path].get("required", False):
            found.append(f"{path}: required in one of the two")
    return found


def parent_of(document, pointer):
    tokens = [t.replace("~1", "/").replace("~0", "~") for t in pointer.split("/")[1:]]
    for token in tokens[:-1]:
        document = document[int(token) if isinstance(document, list) else token]
    return document, int(tokens[-1]) if isinstance(document, list) else tokens[-1]


def made(base, sample):
    """The base configuration with what the sample sets and removes."""
    config = copy.deepcopy(base)
    for pointer, value in sample.get("set", {}).items():
        parent, token = parent_of(config, pointer)
        parent[token] = value
    for pointer in sample.get("remove", ()):
        parent, token = parent_of(config, pointer)
        del parent[token]
    return config


def judge(validator, sample, config, errors):
    """What is wrong with the library's and the schema's view of one sample."""
    name, expected = sample["name"], sample.get("errors", [])
    fields = [error["field"] for error in errors]
    if sorted(fields) != sorted(expected):
        yield f"{name}: library finds {fields}, expected {expected}"
    seen = not validator.is_valid(config)
    if seen != (bool(expected) and sample.get("schema", True)):
        yield f"{name}: schema {'refuses' if seen else 'accepts'} it"
    for error in errors:
        if sample.get("never_shown", "\0") in error["text"]:
            yield f"{name}: a secret is shown: {error['text']}"
        if not error["text"].startswith(error["field"] + ": ") or "; use " not in error["text"]:
            yield f"{name}: unclear words: {error['text']}"


def main():
    schema_file, guide, folder, *tool = sys.argv[1:]
    schema = json.loads(pathlib.Path(schema_file).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)

    output = subprocess.run([*tool, "fields"], check=True, capture_output=True, text=True).stdout
    found = compare_fields(schema, [json.loads(line) for line in output.splitlines()])

    folder = pathlib.Path(folder)
    base = json.loads((folder / "base.json").read_text())
    samples = [sample for name in ("valid.json", "invalid.json")
               for sample in json.loads((folder / name).read_text())]
    configs = [made(base, sample) for sample in samples]
    examples = re.findall(r"```json\n(.*?)```", pathlib.Path(guide).read_text(), re.S)
    if len(examples) < 2:
        found.append("the guide has lost its examples")
    samples += [{"name": f"example {i}"} for i in range(len(examples))]
    configs += map(json.loads, examples)
    lines = "".join(json.dumps(config) + "\n" for config in configs)
    output = subprocess.run([*tool, "check"], input=lines, check=True, capture_output=True,
                            text=True).stdout.splitlines()
    if len(output) != len(samples):
        found.append(f"{len(samples)} samples, {len(output)} answers")
    for sample, config, line in zip(samples, configs, output):
        found += judge(validator, sample, config, json.loads(line))
    for line in found:
        print(line)
    print(f"{len(samples)} samples, {len(found)} differences")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
