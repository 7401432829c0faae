# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""The library's requests and readers against docs/protocol/openapi.yaml.

Each request must be what the document allows. Each sample answer is taken; then every member of it
is removed and replaced in turn, and reader and schema must be of one mind about the result.
usage: protocol_openapi_test.py OPENAPI PROTOCOL_CHECK...
"""
import base64
import copy
import json
import pathlib
import re
import subprocess
import sys

import jsonschema
import yaml

UUID = "f47ac10b-58cc-4372-a567-0e02b2c3d479"
TIME = "2026-03-01T08:00:00Z"
JOB = {"uuid": UUID, "user_uid": "u1", "name": "Report.pdf", "mime": "application/pdf",
       "bytes": 4711, "sha256": "a" * 64, "pages": 0, "state": "pending", "submitted_at": TIME}
SERVER_LIST = {"version": 1, "device": "*", "not_after": TIME, "servers": [
    {"name": "extra", "url": "https://extra.example", "cluster_id": "hq"}]}
# (operation or schema, answer)
SAMPLES = [
    ("getHealth", {"protocol_versions": [1], "cluster_id": "hq", "instance_id": "i",
                   "incarnation_id": "n", "server_epoch": 3, "role": "active", "accepting": True,
                   "users_version": 1,
                   "servers_version": 1, "spread_s": 0, "probe_s": 10, "server_time": TIME,
                   "journal": []}),
    ("login", {"verdict": "granted", "receipt": "a.b", "receipt_expires": TIME, "user": {
        "user_uid": "u1", "name": "ada", "display_name": "Ada", "rights": ["print"],
        "offline_pages": 120}}),
    ("login", {"verdict": "denied", "reason": "locked", "retry_after_s": 30}),
    ("listJobs", {"more": True, "jobs": [
        JOB, dict(JOB, uuid=UUID[:-1] + "0", state="processing", claimed_by="d")]}),
    ("listJobs", {"jobs": []}),
    ("claimJob", {"lease_id": "l", "fencing_token": 1, "lease_s": 60}),
    ("reportJobStatus", {"accepted": [UUID]}),
    ("getServers", {"payload": base64.b64encode(b"{}").decode(), "key_id": "k",
                    "signature": base64.b64encode(bytes(64)).decode()}),
    ("ServerList", SERVER_LIST),
]
REPLACEMENTS = [None, True, -1, 0, 1.5, 2**63, "", "a\nb", "\u0007", "x" * 5000, [], {}, [7]]
# Where the reader is right to differ. Laxer: what the library doesn't use, and a denial whose
# reason is new, which stays a denial. Stricter: forms that the document leaves to words.
LAXER = [r"listJobs/more", r"listJobs/jobs/\d+/claimed_by", r"login/user/rights/\d+",
         r"login/reason", r"getHealth/journal(/\d+)?"]
STRICTER = [r"getServers/(payload|signature)", r"listJobs/jobs/\d+/mime",
            r"ServerList/servers/\d+/url", r"ServerList/device",
            r"getHealth/protocol_versions(/\d+)?"]


class Document:
    def __init__(self, path):
        self.root = yaml.safe_load(pathlib.Path(path).read_text())
        self.operations = {}
        for template, item in self.root["paths"].items():
            for method, operation in item.items():
                self.operations[operation["operationId"]] = (template, method.upper(), operation)

    def resolve(self, node):
        while "$ref" in node:
            target = self.root
            for token in node["$ref"].lstrip("#/").split("/"):
                target = target[token]
            node = target
        return node

    def validator(self, schema):
        return jsonschema.Draft202012Validator(dict(schema, components=self.root["components"]))

    def answer_schema(self, name):
        if name not in self.operations:
            return {"$ref": "#/components/schemas/" + name}
        responses = self.operations[name][2]["responses"]
        return self.resolve(responses["200"])["content"]["application/json"]["schema"]


def as_value(text, schema):
    """A header's text as the type that its schema names."""
    return int(text) if schema.get("type") == "integer" and re.fullmatch(r"[0-9]+", text) else text


def check_request(document, request):
    """What the document doesn't allow of one request."""
    template, method, operation = document.operations[request["operation"]]
    pattern = re.escape("/holdfast" + template).replace(r"\{uuid\}", "[0-9a-f-]{36}")
    if not re.fullmatch(pattern, request["target"]) or request["method"] != method:
        yield f"{request['method']} {request['target']} isn't {method} {template}"
    headers = {name.lower(): value for name, value in request["headers"].items()}
    known = {"authorization", "content-type"}
    for parameter in map(document.resolve, operation["parameters"]):
        if parameter["in"] != "header":
            continue
        name = parameter["name"].lower()
        known.add(name)
        schema = document.resolve(parameter["schema"])
        if name not in headers:
            if parameter["required"]:
                yield f"no {parameter['name']}"
        elif not document.validator(schema).is_valid(as_value(headers[name], schema)):
            yield f"{parameter['name']}: {headers[name]}"
    for name in headers.keys() - known:
        yield f"{name} isn't in the document"
    if headers.get("authorization") != "Bearer dGVzdA":
        yield "no token"
    body = operation.get("requestBody")
    if body is None:
        if request["body"]:
            yield "a body"
        return
    if headers.get("content-type") != "application/json":
        yield "no Content-Type"
    schema = body["content"]["application/json"]["schema"]
    for error in document.validator(schema).iter_errors(json.loads(request["body"])):
        yield f"body: {error.message}"


def places(value, path=()):
    """Paths of all members and elements."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, child in list(pairs):
        yield path + (key,)
        if isinstance(child, (dict, list)):
            yield from places(child, path + (key,))


def changed(sample, path):
    """The sample with the value at path removed, and replaced by each of REPLACEMENTS."""
    for replacement in ["remove"] + REPLACEMENTS:
        answer = copy.deepcopy(sample)
        parent = answer
        for key in path[:-1]:
            parent = parent[key]
        if replacement == "remove":
            if isinstance(parent, list):
                continue
            del parent[path[-1]]
        else:
            parent[path[-1]] = replacement
        yield answer


def candidates():
    """(operation, where it was changed, answer)"""
    for operation, sample in SAMPLES:
        yield operation, "as it is", sample
        for path in places(sample):
            for answer in changed(sample, path):
                yield operation, "/".join([operation, *map(str, path)]), answer


def compare(document, tool):
    cases = list(candidates())
    lines = "".join(f"{operation}\t{json.dumps(answer)}\n" for operation, _, answer in cases)
    verdicts = subprocess.run([*tool, "read"], input=lines, check=True, capture_output=True,
                              text=True).stdout.splitlines()
    if len(verdicts) != len(cases):
        yield f"{len(cases)} answers, {len(verdicts)} verdicts"
    for (operation, where, answer), verdict in zip(cases, verdicts):
        valid = document.validator(document.answer_schema(operation)).is_valid(answer)
        taken = verdict == "ok"
        allowed = LAXER if taken else STRICTER
        # A whole number beyond 63 bits is an integer to JSON Schema.
        too_big = not taken and str(2**63) in json.dumps(answer)
        if valid != taken and not too_big and not any(re.fullmatch(p, where) for p in allowed):
            view = "accepts" if valid else "refuses"
            yield f"{where}: schema {view} it, reader says {verdict}: {answer}"[:300]


def main():
    document = Document(sys.argv[1])
    tool = sys.argv[2:]
    output = subprocess.run([*tool, "requests"], check=True, capture_output=True, text=True).stdout
    requests = [json.loads(line) for line in output.splitlines()]
    found = [f"{request['operation']}: {text}" for request in requests
             for text in check_request(document, request)]
    found += compare(document, tool)
    for line in found:
        print(line)
    print(f"{len(requests)} requests, {len(list(candidates()))} answers, {len(found)} differences")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
