#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""validate_record.py must find what is wrong: a recorded session is damaged in many ways."""

import copy
import json
import os
import subprocess
import sys

import print_server
from print_server import Device, Scratch, check, digest_of, same, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))


def validate(path, *options):
    done = subprocess.run([sys.executable, os.path.join(HERE, 'validate_record.py'), *options, path],
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def record_session(scratch):
    path = scratch.path('record.ndjson')
    server = scratch.server('a', '--record', path)
    device = Device(server)
    receipt = device.receipt()
    job = device.submit(receipt, b'%PDF x')
    device.jobs(receipt)
    device.claim(receipt, job, digest_of(b'%PDF x'))
    device.health()
    device.account('1' * 32, [1])
    wait_until(lambda: open(path, encoding='utf-8').read().count('\n') == 6, 'six lines', 2)
    same(server.stop(), 0)
    with open(path, encoding='utf-8') as file:
        lines = [json.loads(text) for text in file]
    return path, {line['operation']: line for line in lines}


def remove(*path):
    def damage(line):
        for part in path[:-1]:
            line = line[part]
        del line[path[-1]]
    return damage


def put(value, *path):
    def damage(line):
        for part in path[:-1]:
            line = line[part]
        line[path[-1]] = value
    return damage


DAMAGES = [
    ('login', remove('headers', 'Holdfast-Protocol'), 'Holdfast-Protocol'),
    ('login', put('2', 'headers', 'Holdfast-Protocol'), 'Holdfast-Protocol'),
    ('login', remove('headers', 'Holdfast-Device'), 'Holdfast-Device'),
    ('login', remove('headers', 'Authorization'), 'Authorization'),
    ('login', put('text/plain', 'headers', 'Content-Type'), 'Content-Type'),
    ('login', remove('body', 'attempt_id'), 'attempt_id'),
    ('login', put('PIN', 'body', 'kind'), 'kind'),
    ('login', put('password', 'body', 'kind'), 'user'),
    ('login', put(None, 'body'), 'not JSON'),
    ('login', put(418, 'response', 'status'), '418'),
    ('login', remove('response', 'body', 'receipt'), 'receipt'),
    ('login', put('maybe', 'response', 'body', 'verdict'), 'response'),
    ('login', put('text/html', 'response', 'headers', 'Content-Type'), 'text/html'),
    ('submitJob', remove('headers', 'Idempotency-Key'), 'Idempotency-Key'),
    ('submitJob', put('a b', 'headers', 'Holdfast-Job-Name'), 'Holdfast-Job-Name'),
    ('submitJob', put(0, 'body_bytes'), 'body is missing'),
    ('submitJob', remove('headers', 'Holdfast-Receipt'), 'Holdfast-User'),
    ('listJobs', put('/holdfast/v1/jobs?all=1', 'target'), 'all'),
    ('listJobs', put('A', 'response', 'body', 'jobs', 0, 'sha256'), 'sha256'),
    ('claimJob', put('/holdfast/v1/jobs/ABC/claim', 'target'), 'uuid'),
    ('getHealth', remove('response', 'body', 'server_epoch'), 'server_epoch'),
    ('getHealth', put('boss', 'response', 'body', 'role'), 'role'),
    ('getHealth', put(5, 'body_bytes'), 'none is meant'),
    ('getHealth', put('/holdfast/v1/helth', 'target'), 'not in the document'),
    ('addAccounting', put(0, 'body', 'entries', 0, 'sequence'), 'sequence'),
    ('addAccounting', put([], 'response', 'body', 'accepted', 0), 'accepted'),
]


def main():
    if len(sys.argv) != 2:
        print('usage: validate_record_test.py BINARY', file=sys.stderr)
        return 2
    print_server.BINARY = sys.argv[1]
    scratch = Scratch()
    try:
        path, lines = record_session(scratch)
        code, text = validate(path)
        same(code, 0, text)
        damaged_path = scratch.path('damaged.ndjson')
        for operation, damage, word in DAMAGES:
            line = copy.deepcopy(lines[operation])
            damage(line)
            with open(damaged_path, 'w', encoding='utf-8') as file:
                file.write(json.dumps(line) + '\n')
            code, text = validate(damaged_path)
            same(code, 1, f'{operation} {word}: {text}')
            check(word in text, f'{word!r} is not in {text!r}')
        line = copy.deepcopy(lines['login'])
        line['response']['status'] = 418
        with open(damaged_path, 'w', encoding='utf-8') as file:
            file.write(json.dumps(line) + '\n')
        same(validate(damaged_path, '--requests-only')[0], 0)
        for content in ('', 'not json\n', '{"operation": "x"}\n'):
            with open(damaged_path, 'w', encoding='utf-8') as file:
                file.write(content)
            same(validate(damaged_path)[0], 2, content)
        same(validate(scratch.path('absent'))[0], 2)
        print(f'{len(DAMAGES)} damages found')
        return 0
    finally:
        scratch.close()


if __name__ == '__main__':
    sys.exit(main())
