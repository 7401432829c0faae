#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""Checks recorded traffic (holdfast-print-server --record FILE) against the OpenAPI document.

usage: validate_record.py [--openapi FILE] [--requests-only] RECORD.ndjson...

Prints each line that breaks the document and a count for each operation. Exit code 0: all is well,
1: something is not, 2: the record can't be read or is empty.
"""

import argparse
import collections
import json
import sys

from contract import DEFAULT_DOCUMENT, Contract


def complaints(contract, line, requests_only):
    found = ['request: ' + text for text in contract.check_request(
        line['method'], line['target'], line['headers'], line['body'], line['body_bytes'])]
    if not requests_only:
        answer = line['response']
        found += ['response: ' + text for text in contract.check_response(
            line['method'], line['path'], answer['status'], answer['headers'], answer['body'])]
    return found


def main():
    parser = argparse.ArgumentParser(description='Checks recorded traffic against the document.')
    parser.add_argument('--openapi', default=DEFAULT_DOCUMENT)
    parser.add_argument('--requests-only', action='store_true',
                        help='for records of a server that was told to misbehave')
    parser.add_argument('records', nargs='+')
    arguments = parser.parse_args()
    contract = Contract(arguments.openapi)
    seen = collections.Counter()
    bad = 0
    for path in arguments.records:
        try:
            with open(path, encoding='utf-8') as file:
                lines = file.read().splitlines()
        except OSError as error:
            print(f'cannot read {path}: {error.strerror}', file=sys.stderr)
            return 2
        for number, text in enumerate(lines, 1):
            try:
                line = json.loads(text)
                found = complaints(contract, line, arguments.requests_only)
            except (ValueError, KeyError, TypeError) as error:
                print(f'{path}:{number}: is not a recorded line: {error!r}', file=sys.stderr)
                return 2
            seen[line['operation']] += 1
            bad += bool(found)
            for complaint in found:
                print(f'{path}:{number}: {line["method"]} {line["path"]}'
                      f' ({line["response"]["status"]}): {complaint}')
    for operation, count in sorted(seen.items()):
        print(f'{operation}: {count}')
    if not seen:
        print('the record is empty', file=sys.stderr)
        return 2
    print(f'{sum(seen.values())} requests, {bad} break the document')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
