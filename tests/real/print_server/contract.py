# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""The OpenAPI document as something that requests and answers can be checked against."""

import os
import re
from urllib.parse import parse_qsl, urlsplit

import jsonschema
import yaml

DEFAULT_DOCUMENT = os.path.normpath(
    os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../../docs/protocol/openapi.yaml'))
PREFIX = '/holdfast'
GATEWAY_STATUSES = {'502', '504'}


def _inlined(value, root):
    """The document without references. None of its schemas is recursive."""
    if isinstance(value, list):
        return [_inlined(item, root) for item in value]
    if not isinstance(value, dict):
        return value
    if '$ref' not in value:
        return {key: _inlined(item, root) for key, item in value.items()}
    target = root
    for part in value['$ref'][2:].split('/'):
        target = target[part]
    target = _inlined(target, root)
    beside = {key: _inlined(item, root) for key, item in value.items()
              if key not in ('$ref', 'description')}
    return {'allOf': [target, beside]} if beside else target


def _number(text):
    return int(text) if re.fullmatch(r'-?[0-9]+', text) else text


class Operation:
    def __init__(self, method, template, description):
        self.method = method
        self.template = template
        self.id = description['operationId']
        self.description = description
        pattern = re.sub(r'\\{(\w+)\\}', r'(?P<\1>[^/]+)', re.escape(PREFIX + template))
        self.pattern = re.compile(pattern + r'\Z')
        self.secured = description.get('security') != []


class Contract:
    """Each check returns a list of complaints; an empty one means that all is well."""

    def __init__(self, path=DEFAULT_DOCUMENT):
        with open(path, encoding='utf-8') as file:
            raw = yaml.safe_load(file)
        document = _inlined(raw, raw)
        self.schemas = document['components']['schemas']
        self.operations = []
        for template, methods in document['paths'].items():
            for method, description in methods.items():
                self.operations.append(Operation(method.upper(), template, description))
        self._validators = {}

    def find(self, method, path):
        for operation in self.operations:
            match = operation.pattern.match(path)
            if match and operation.method == method:
                return operation, match.groupdict()
        return None, {}

    def check_schema(self, schema, value, where):
        key = id(schema)
        if key not in self._validators:
            self._validators[key] = jsonschema.Draft202012Validator(schema)
        found = []
        for error in self._validators[key].iter_errors(value):
            place = '/'.join(str(part) for part in error.absolute_path)
            found.append(f'{where}/{place}: {error.message[:300]}')
        return found

    def check_request(self, method, target, headers, body, body_bytes):
        """body is the parsed JSON or None; body_bytes counts what was sent."""
        parts = urlsplit(target)
        operation, path_values = self.find(method, parts.path)
        if operation is None:
            return [f'{method} {parts.path} is not in the document']
        given = {name.lower(): value for name, value in headers.items()}
        sources = {'header': given, 'path': path_values,
                   'query': dict(parse_qsl(parts.query, keep_blank_values=True))}
        found = []
        for parameter in operation.description.get('parameters', []):
            name = parameter['name']
            values = sources[parameter['in']]
            key = name.lower() if parameter['in'] == 'header' else name
            if key not in values:
                if parameter.get('required'):
                    found.append(f'{parameter["in"]} {name} is missing')
                continue
            value = values[key]
            if parameter['schema'].get('type') == 'integer':
                value = _number(value)
            found += self.check_schema(parameter['schema'], value, f'{parameter["in"]} {name}')
        for name in sources['query']:
            known = [p['name'] for p in operation.description.get('parameters', [])]
            if name not in known:
                found.append(f'query {name} is not in the document')
        if operation.secured and not given.get('authorization', '').startswith('Bearer '):
            found.append('header Authorization is not a bearer token')
        if operation.id in ('listJobs', 'submitJob', 'claimJob'):
            if 'holdfast-receipt' not in given and 'holdfast-user' not in given:
                found.append('neither Holdfast-Receipt nor Holdfast-User is sent')
        return found + self._check_request_body(operation, given, body, body_bytes)

    def _check_request_body(self, operation, given, body, body_bytes):
        declared = operation.description.get('requestBody')
        if declared is None:
            return ['a body is sent where none is meant'] if body_bytes else []
        if not body_bytes:
            return ['the body is missing']
        content = declared['content']
        if '*/*' in content:
            return [] if given.get('content-type') else ['header Content-Type is missing']
        media = given.get('content-type', '').split(';')[0].strip()
        if media not in content:
            return [f'Content-Type {media!r} is not one of {sorted(content)}']
        if body is None:
            return ['the body is not JSON']
        return self.check_schema(content[media]['schema'], body, 'request')

    def check_response(self, method, path, status, headers, body):
        """body is the parsed JSON, or None for an answer that is no JSON."""
        operation, _ = self.find(method, path)
        if operation is None:
            return [f'{method} {path} is not in the document']
        declared = operation.description['responses'].get(str(status))
        if declared is None:
            return [] if str(status) in GATEWAY_STATUSES else [
                f'{operation.id}: status {status} is not documented']
        given = {name.lower(): value for name, value in headers.items()}
        found = []
        for name, header in declared.get('headers', {}).items():
            if name.lower() not in given:
                if header.get('required'):
                    found.append(f'{operation.id} {status}: header {name} is missing')
                continue
            value = given[name.lower()]
            if header['schema'].get('type') == 'integer':
                value = _number(value)
            found += self.check_schema(header['schema'], value, f'{operation.id} header {name}')
        content = declared.get('content')
        if content is None or '*/*' in content:
            return found
        media = given.get('content-type', '').split(';')[0].strip()
        if media not in content:
            return found + [f'{operation.id} {status}: Content-Type {media!r} is not documented']
        if media == 'application/x-ndjson':
            return found
        found += self.check_schema(content[media]['schema'], body, f'{operation.id} {status}')
        if media == 'application/problem+json' and isinstance(body, dict):
            if body.get('status') != status:
                found.append(f'{operation.id}: the problem says status {body.get("status")}')
        return found
