# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""The process: https, the drop folder, metrics, faults, recording, stopping, bad input."""

import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import uuid

import print_server
from print_server import ADMIN, Broken, Device, check, digest_of, same, trusting, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))


def certificate(scratch, name, common_name, authority=None):
    key, request, out = (scratch.path(name + end) for end in ('.key', '.csr', '.pem'))
    new_key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key]
    subject = ['-subj', f'/CN={common_name}', '-addext', f'subjectAltName=DNS:{common_name}']
    if authority is None:
        subprocess.run(['openssl', 'req', '-x509', *new_key, *subject, '-days', '2', '-out', out],
                       check=True, capture_output=True)
    else:
        subprocess.run(['openssl', 'req', *new_key, *subject, '-out', request], check=True,
                       capture_output=True)
        subprocess.run(['openssl', 'x509', '-req', '-in', request, '-CA', authority[0], '-CAkey',
                        authority[1], '-CAcreateserial', '-days', '2', '-copy_extensions', 'copy',
                        '-out', out], check=True, capture_output=True)
    return out, key


def test_https_and_client_certificates(scratch):
    cert, key = certificate(scratch, 'server', 'localhost')
    server = scratch.server('a', '--tls-cert', cert, '--tls-key', key, tls=trusting(cert))
    same(server.ready['scheme'], 'https')
    device = Device(server)
    receipt = device.receipt()
    body = os.urandom(400000)
    job = device.submit(receipt, body)
    token = device.claim(receipt, job, digest_of(body))['fencing_token']
    same(device.expect(200, 'GET', f'/v1/jobs/{job}/document', holdfast_fencing_token=token).body,
         body)
    old = trusting(cert)
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    server.tls = old
    try:
        server.raw('GET', '/holdfast/versions')
        raise Broken('TLS 1.1 was accepted')
    except ssl.SSLError:
        pass
    mine = certificate(scratch, 'mfp1', 'mfp1', (cert, key))
    options = ('--tls-cert', cert, '--tls-key', key, '--tls-client-ca', cert)
    server = scratch.server('b', *options, tls=trusting(cert, mine))
    Device(server).health()
    without_token = Device(server)
    del without_token.headers['Authorization']
    without_token.expect(200, 'GET', '/v1/health', wrong=True)
    Device(server, 'mfp2').expect(403, 'GET', '/v1/health', problem='device-refused')
    server.tls = trusting(cert)
    try:
        server.raw('GET', '/holdfast/versions')
        raise Broken('no client certificate was needed')
    except (ssl.SSLError, ConnectionError):
        pass


def test_drop_folder(scratch):
    server = scratch.server('a')
    device = Device(server)
    receipt = device.receipt()
    folder = server.folder + '/drop/ada'
    known = str(uuid.uuid4())
    for name, body in ((known + '.pdf', b'%PDF known'), ('b.txt', b'text'), ('c.part', b'no')):
        with open(os.path.join(folder, name), 'wb') as file:
            file.write(body)
    jobs = wait_until(lambda: len(device.jobs(receipt)) == 2 and device.jobs(receipt), 'dropped jobs')
    by_name = {job['name']: job for job in jobs}
    same(by_name[known + '.pdf']['uuid'], known)
    same(by_name[known + '.pdf']['sha256'], digest_of(b'%PDF known'))
    same((by_name['b.txt']['mime'], by_name['b.txt']['bytes']), ('text/plain', 4))
    wait_until(lambda: os.listdir(folder) == ['c.part'], 'taken files are removed')
    # A file that still grows is left alone, and is not cut.
    with open(os.path.join(folder, 'slow.txt'), 'wb') as file:
        for _ in range(10):
            file.write(b'part ')
            file.flush()
            time.sleep(0.1)
            check(len(device.jobs(receipt)) == 2, 'a growing file was taken')
    wait_until(lambda: len(device.jobs(receipt)) == 3, 'the grown file')
    check(digest_of(b'part ' * 10) in {job['sha256'] for job in device.jobs(receipt)})
    # Another document under a UUID that is taken is refused and kept aside.
    with open(os.path.join(folder, known + '.pdf'), 'wb') as file:
        file.write(b'%PDF other')
    wait_until(lambda: f'.{known}.pdf.refused' in os.listdir(folder), 'the refused file')
    same(len(device.jobs(receipt)), 3)


def test_metrics(scratch):
    server = scratch.server('a')
    device = Device(server)
    device.login()
    device.login(secret='FFFF')
    device.submit(device.receipt(), b'x')
    device.account('d' * 32, [1, 2])
    text = server.raw('GET', '/metrics').body.decode()
    values = {}
    for line in text.splitlines():
        if line.startswith('#'):
            check(line.startswith('# TYPE holdfast_server_'), line)
        else:
            name, value = line.rsplit(' ', 1)
            check(name not in values, 'twice:', name)
            values[name] = int(value)
    for name, value in (('logins_total{verdict="granted"}', 2),
                        ('logins_total{verdict="unknown-credential"}', 1),
                        ('requests_total{operation="login",status="200"}', 3),
                        ('jobs{state="pending"}', 1), ('ledger_entries', 2),
                        ('ledger_charged_impressions', 4), ('active', 1), ('epoch', 1)):
        same(values.get('holdfast_server_' + name), value, name)


def test_faults(scratch):
    closed = scratch.server('b')
    same(closed.raw('POST', '/admin/faults', {'Authorization': 'Bearer ' + ADMIN},
                    '{"mode":"hang"}').status, 403)
    same(closed.raw('GET', '/admin/state').status, 401)
    server = scratch.server('a', '--allow-faults')
    device = Device(server)
    server.fault('status', status=503, retry_after_s=9)
    answer = device.expect(503, 'GET', '/v1/health', problem='overloaded')
    same(answer.headers['Retry-After'], '9')
    server.fault('html', count=1)
    answer = server.raw('GET', '/holdfast/v1/health', device.headers)
    same((answer.status, answer.headers['Content-Type']), (200, 'text/html'))
    device.health()
    server.fault('truncate', except_paths=['/holdfast/v1/health'])
    device.health()
    try:
        device.account('e' * 32, [1])
        raise Broken('the answer was whole')
    except http.client.IncompleteRead:
        pass
    same(device.health()['journal'][0]['count'], 1, 'the work was done, its answer lost')
    server.fault('none', delay_ms=300, paths=['/holdfast/v1/health'])
    begun = time.monotonic()
    device.health()
    check(time.monotonic() - begun >= 0.3)
    server.fault('hang')
    try:
        server.raw('GET', '/holdfast/v1/health', device.headers, timeout=0.5)
        raise Broken('the server did not hang')
    except TimeoutError:
        pass
    late = []
    thread = threading.Thread(target=lambda: late.append(device.health()))
    thread.start()
    time.sleep(0.2)
    same(late, [])
    server.fault('none')
    thread.join()
    same(len(late), 1, 'a hung request goes on when the fault is lifted')


def test_idle_connections_block_nobody(scratch):
    server = scratch.server('a')
    device = Device(server)
    idle = [socket.create_connection(('127.0.0.1', server.port)) for _ in range(200)]
    kept = [server.connect() for _ in range(50)]
    for connection in kept:
        device.expect(200, 'GET', '/v1/health', connection=connection)
    begun = time.monotonic()
    for _ in range(20):
        device.health()
    check(time.monotonic() - begun < 4, 'slow beside idle connections')
    waits = []
    for _ in range(40):
        begun = time.monotonic()
        device.expect(200, 'GET', '/v1/health', connection=kept[0])
        waits.append(time.monotonic() - begun)
    check(sorted(waits)[20] < 0.03, 'delayed acknowledgements:', sorted(waits)[20])
    begun = time.monotonic()
    same(server.stop(), 0)
    check(time.monotonic() - begun < 3, 'a stop waits for idle connections')
    for connection in idle + kept:
        connection.close()


def test_graceful_stop_finishes_answers(scratch):
    server = scratch.server('a', '--allow-faults')
    device = Device(server)
    server.fault('none', delay_ms=400, paths=['/holdfast/v1/accounting'])
    answers = []
    thread = threading.Thread(target=lambda: answers.append(device.account('f' * 32, [1])))
    thread.start()
    time.sleep(0.15)
    same(server.stop(), 0)
    thread.join()
    same(len(answers), 1, 'an answer under way')
    check(not os.path.exists(server.folder + '/server.db-wal'), 'the database was not closed')
    server.start()
    same(device.health()['journal'][0]['count'], 1)


def test_record_validates(scratch):
    record = scratch.path('record.ndjson')
    server = scratch.server('a', '--record', record)
    device = Device(server)
    receipt = device.receipt(kind='password', user='ada', secret='correct horse')
    job = device.submit(receipt, b'%PDF x')
    token = device.claim(receipt, job, digest_of(b'%PDF x'))['fencing_token']
    device.expect(206, 'GET', f'/v1/jobs/{job}/document', holdfast_fencing_token=token,
                  range='bytes=1-')
    device.report(job, digest_of(b'%PDF x'))
    device.account('1' * 32, [1])
    device.expect(404, 'GET', '/v1/servers')
    device.expect(204, 'POST', '/v1/logout', holdfast_receipt=receipt)
    wait_until(lambda: open(record, encoding='utf-8').read().count('\n') == 8, 'eight lines', 2)
    text = open(record, encoding='utf-8').read()
    for secret in ('correct horse', 'token-mfp1', receipt):
        check(secret not in text, 'a secret is in the record')
    done = subprocess.run([sys.executable, os.path.join(HERE, 'validate_record.py'), record],
                          capture_output=True, text=True, check=False)
    same(done.returncode, 0, done.stdout + done.stderr)
    check('8 requests, 0 break the document' in done.stdout, done.stdout)


def refused(scratch, *words, options=(), folder='bad', without=()):
    base = {'--data': scratch.path(folder), '--cluster-id': 'home',
            '--device-token': 'mfp1:token-mfp1'}
    arguments = [print_server.BINARY]
    for name, value in base.items():
        if name not in without:
            arguments += [name, value]
    done = subprocess.run([*arguments, *options], capture_output=True, text=True, timeout=20,
                          check=False)
    same((done.returncode, done.stdout), (2, ''), (options, done.stderr))
    for word in words:
        check(word in done.stderr, f'{word!r} is not in {done.stderr!r}')
    same(done.stderr.count('\n'), 1, done.stderr)


def test_bad_input(scratch):
    refused(scratch, '--nonsense', options=['--nonsense'])
    refused(scratch, '--data', without=['--data'])
    refused(scratch, '--cluster-id', without=['--cluster-id'])
    refused(scratch, '--device-token', without=['--device-token'])
    refused(scratch, '--role', 'boss', options=['--role', 'boss'])
    refused(scratch, '--spread-s', options=['--spread-s', '-3'])
    refused(scratch, 'cluster-id', options=['--cluster-id', 'a b'], without=['--cluster-id'])
    refused(scratch, '--listen', options=['--listen', 'localhost'])
    refused(scratch, '--listen', options=['--listen', '127.0.0.1:99999'])
    refused(scratch, "'short'", 'ID:TOKEN', options=['--device-token', 'short:x'])
    refused(scratch, 'twice', options=['--device-token', 'mfp1:token-again'])
    refused(scratch, '/no/such', options=['--device-token', '@/no/such'])
    refused(scratch, '--allow-faults', '--admin-token', options=['--allow-faults'])
    refused(scratch, 'together', options=['--tls-cert', '/x'])
    refused(scratch, 'together', options=['--server-list', '/x'])
    refused(scratch, '/no/cert', options=['--tls-cert', '/no/cert', '--tls-key', '/no/key'])
    refused(scratch, '/no/key', options=['--server-list', '/x', '--list-key', '/no/key'])
    refused(scratch, '/no/dir/record', options=['--record', '/no/dir/record'])
    refused(scratch, 'cannot listen', '203.0.113.1', options=['--listen', '203.0.113.1:0'])
    with open(scratch.path('file'), 'w', encoding='utf-8') as file:
        file.write('not a folder')
    refused(scratch, 'cannot write', folder='file')
    refused(scratch, 'cannot create', folder='file/below')
    shutil.copy(scratch.path('file'), scratch.path('cert'))
    refused(scratch, '--tls-cert', 'PEM', options=['--tls-cert', scratch.path('cert'), '--tls-key',
                                                   scratch.path('cert')])


def test_bad_users_files(scratch):
    def users(content, *words):
        path = scratch.path('users.json')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(content if isinstance(content, str) else json.dumps({'users': content}))
        refused(scratch, path, *words, options=['--import-users', path])
    refused(scratch, '/no/users', options=['--import-users', '/no/users'])
    users('{"users": [', 'not JSON')
    users('[]', "'users'")
    users([{'name': 'a'}], 'users[0]', 'user_uid')
    users([{'user_uid': 'a', 'name': 'a', 'pin': '1'}], "'pin'")
    users([{'user_uid': 'a b', 'name': 'a'}], 'user_uid')
    users([{'user_uid': 'a', 'name': 'a', 'cards': '04'}], 'cards')
    for pages in (-1, 1000000001, 1.5, '5', None, True):
        users([{'user_uid': 'a', 'name': 'a', 'offline_pages': pages}], 'offline_pages')
    users([{'user_uid': 'a', 'name': 'a', 'rights': ['fly']}], "'fly'")
    users([{'user_uid': 'a', 'name': 'a', 'disabled': 'no'}], 'disabled')
    users([{'user_uid': 'a', 'name': 'a', 'pins': ['1']}, {'user_uid': 'b', 'name': 'b',
                                                           'pins': ['1']}], 'pin', "'a'", "'b'")
    users([{'user_uid': 'a', 'name': 'x'}, {'user_uid': 'b', 'name': 'x'}], 'name')


def test_port_and_data_in_use(scratch):
    server = scratch.server('a')
    refused(scratch, f'127.0.0.1:{server.port}', 'in use',
            options=['--listen', f'127.0.0.1:{server.port}'])
    refused(scratch, 'in use', server.folder, folder='a')
    refused(scratch, 'in use', folder='a', options=['--role', 'passive'])
    Device(server).health()
    server.stop()
    refused(scratch, "'home'", "'other'", folder='a', without=['--cluster-id'],
            options=['--cluster-id', 'other'])
    with open(server.folder + '/server.db', 'r+b') as file:
        file.write(b'this is no database, it says something else')
    refused(scratch, 'server.db', 'not a database', folder='a')
