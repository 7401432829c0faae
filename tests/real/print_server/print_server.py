# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""Real print servers on loopback, and a device that checks each answer against the document."""

import hashlib
import http.client
import json
import os
import shutil
import signal
import ssl
import subprocess
import tempfile
import time
import uuid
from urllib.parse import quote

from contract import Contract

CONTRACT = Contract()
ADMIN = 'admin-token'
USERS = {'users': [
    {'user_uid': 'u-ada', 'name': 'ada', 'display_name': 'Ada Lovelace', 'cards': ['04:a2:b3:c4'],
     'pins': ['471100'], 'password': 'correct horse', 'rights': ['print', 'color', 'copy', 'scan']},
    {'user_uid': 'u-bob', 'name': 'bob', 'cards': ['04FFEE01'], 'pins': ['123456'],
     'password': 'battery staple'},
    {'user_uid': 'u-off', 'name': 'off', 'cards': ['0400'], 'disabled': True},
]}
BINARY = None
TRACE_LIBRARY = None


class Broken(AssertionError):
    pass


def check(condition, *what):
    if not condition:
        raise Broken(' '.join(str(part) for part in what) or 'a condition does not hold')


def same(got, wanted, what=''):
    check(got == wanted, f'{what}: got {got!r}, wanted {wanted!r}')


def wait_until(condition, what, most_s=5.0):
    end = time.monotonic() + most_s
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise Broken(f'not within {most_s} s: {what}')


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body
        media = headers.get('Content-Type', '').split(';')[0]
        self.json = json.loads(body) if media in (
            'application/json', 'application/problem+json') else None

    @property
    def problem(self):
        return (self.json or {}).get('type', '').replace('urn:holdfast:problem:', '')


class Server:
    def __init__(self, folder, *options, cluster='home', users=USERS, tls=None, start=True):
        self.folder = folder
        self.tls = tls
        self.users_file = folder + '-users.json'
        with open(self.users_file, 'w', encoding='utf-8') as file:
            json.dump(users, file)
        self.arguments = [BINARY, '--data', folder, '--cluster-id', cluster, '--device-token',
                          'mfp1:token-mfp1', '--device-token', 'mfp2:token-mfp2',
                          '--import-users', self.users_file, '--admin-token', ADMIN,
                          '--kdf-iterations', '100', *options]
        self.process = None
        self.port = 0
        if start:
            self.start()

    def start(self, *more, environment=None):
        self.process = subprocess.Popen(
            [*self.arguments, *more], stdout=subprocess.PIPE, text=True,
            env={**os.environ, **(environment or {})})
        line = self.process.stdout.readline()
        check(line, 'the server ended at its start with', self.process.poll())
        self.ready = json.loads(line)
        same(self.ready['event'], 'listening')
        self.port = self.ready['port']
        return self

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return None
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=15)
        self.process.stdout.close()
        return self.process.returncode

    def connect(self, timeout=10):
        if self.tls:
            return http.client.HTTPSConnection('localhost', self.port, timeout=timeout,
                                               context=self.tls)
        return http.client.HTTPConnection('127.0.0.1', self.port, timeout=timeout)

    def raw(self, method, path, headers=None, body=None, timeout=10, connection=None):
        own = connection is None
        connection = connection or self.connect(timeout)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return Answer(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            if own:
                connection.close()

    def admin(self, method, path, value=None):
        body = None if value is None else json.dumps(value)
        answer = self.raw(method, '/admin' + path, {'Authorization': 'Bearer ' + ADMIN}, body)
        check(answer.status < 300, 'admin', path, answer.status, answer.body)
        return answer.json

    def role(self, role, **more):
        return self.admin('POST', '/role', {'role': role, **more})

    def fault(self, mode, **more):
        self.admin('POST', '/faults', {'mode': mode, **more})


class Device:
    """Speaks the protocol; each request and each answer must be in the document."""

    def __init__(self, server, name='mfp1', token=None):
        self.server = server
        self.name = name
        self.headers = {'Authorization': 'Bearer ' + (token or 'token-' + name),
                        'Holdfast-Device': name, 'Holdfast-Protocol': '1'}

    def call(self, method, path, value=None, body=None, wrong=False, connection=None, **headers):
        """value is sent as JSON, body as it is. wrong: the request breaks the document on purpose."""
        target = '/holdfast' + path
        sent = dict(self.headers)
        sent.update({'-'.join(p.capitalize() for p in name.split('_')): str(text)
                     for name, text in headers.items() if text is not None})
        if value is not None:
            body = json.dumps(value).encode()
            sent.setdefault('Content-Type', 'application/json')
        found = CONTRACT.check_request(method, target, sent, value, len(body or b''))
        check(bool(found) == wrong, 'the request', 'should' if wrong else 'should not',
              'break the document:', method, target, found)
        answer = self.server.raw(method, target, sent, body, connection=connection)
        found = CONTRACT.check_response(method, target.split('?')[0], answer.status,
                                        answer.headers, answer.json)
        check(not found, 'the answer breaks the document:', method, target, found, answer.body[:500])
        return answer

    def expect(self, status, *arguments, problem=None, **more):
        answer = self.call(*arguments, **more)
        same(answer.status, status, f'{arguments[0]} {arguments[1]} {answer.body[:300]}')
        if problem:
            same(answer.problem, problem, f'{arguments[0]} {arguments[1]}')
        return answer

    def health(self):
        return self.expect(200, 'GET', '/v1/health').json

    def login(self, kind='card', secret='04A2B3C4', user=None, attempt=None):
        value = {'attempt_id': attempt or str(uuid.uuid4()), 'kind': kind, 'secret': secret}
        if user:
            value['user'] = user
        return self.expect(200, 'POST', '/v1/login', value).json

    def receipt(self, **more):
        verdict = self.login(**more)
        same(verdict['verdict'], 'granted')
        return verdict['receipt']

    def submit(self, receipt, document, job=None, key=None, name='report', status=201, **headers):
        job = job or str(uuid.uuid4())
        answer = self.expect(status, 'PUT', f'/v1/jobs/{job}', body=document,
                             holdfast_receipt=receipt, idempotency_key=key or str(uuid.uuid4()),
                             holdfast_job_name=quote(name, safe=''),
                             content_type='application/pdf', **headers)
        return job if status in (200, 201) and 'state' in answer.json else answer

    def jobs(self, receipt):
        return self.expect(200, 'GET', '/v1/jobs', holdfast_receipt=receipt).json['jobs']

    def claim(self, receipt, job, digest, status=200, key=None, user='u-ada', **more):
        return self.expect(status, 'POST', f'/v1/jobs/{job}/claim',
                           {'user_uid': user, 'sha256': digest}, holdfast_receipt=receipt,
                           idempotency_key=key or str(uuid.uuid4()), **more).json

    def report(self, job, digest, state='completed', user='u-ada', report=None, **more):
        value = {'report_id': report or str(uuid.uuid4()), 'job_uuid': job, 'user_uid': user,
                 'sha256': digest, 'state': state, 'impressions': 1,
                 'at': '2026-01-02T03:04:05Z', **more}
        return self.expect(200, 'POST', '/v1/job-status', {'reports': [value]}).json

    def account(self, epoch, sequences, home='home', **more):
        entries = [{'journal_epoch': epoch, 'sequence': s, 'home_cluster_id': home,
                    'user_uid': 'u-ada', 'kind': 'print', 'impressions': 2,
                    'color_impressions': 1, 'sheets': 1, 'at': '2026-01-02T03:04:05Z', **more}
                   for s in sequences]
        return self.expect(200, 'POST', '/v1/accounting', {'entries': entries}).json


def digest_of(document):
    return hashlib.sha256(document).hexdigest()


def set_hash(epoch, sequences):
    value = 0
    for sequence in sequences:
        value ^= int(hashlib.sha256(f'{epoch}:{sequence}'.encode()).hexdigest(), 16)
    return f'{value:064x}'


class Scratch:
    """A folder for a test and the servers that it starts; none outlives it."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix='holdfast-contract-')
        self.servers = []

    def path(self, name):
        return os.path.join(self.folder, name)

    def server(self, name, *options, **more):
        server = Server(self.path(name), *options, **more)
        self.servers.append(server)
        return server

    def close(self):
        for server in self.servers:
            if server.process and server.process.poll() is None:
                server.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def trusting(certificate, client=None):
    context = ssl.create_default_context(cafile=certificate)
    if client:
        context.load_cert_chain(*client)
    return context
