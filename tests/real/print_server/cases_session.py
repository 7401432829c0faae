# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""Versions, devices, logins, receipts, the user feed and the server list."""

import base64
import hashlib
import json
import os
import subprocess
import threading
import time
import uuid

from print_server import CONTRACT, USERS, Device, check, same, wait_until


def test_versions_and_headers(scratch):
    server = scratch.server('a')
    device = Device(server)
    same(server.raw('GET', '/holdfast/versions').json['versions'], [1])
    device.headers['Holdfast-Protocol'] = '2'
    answer = device.expect(400, 'GET', '/v1/health', wrong=True, problem='unsupported-version')
    same(answer.json['versions'], [1])
    del device.headers['Holdfast-Protocol']
    device.expect(400, 'GET', '/v1/health', wrong=True, problem='unsupported-version')
    for method in ('GET', 'POST', 'PUT', 'DELETE'):
        begun = time.monotonic()
        answer = server.raw(method, '/holdfast/v1/nothing', body=b'' if method == 'POST' else None)
        same((answer.status, answer.problem), (404, 'not-found'))
        check(time.monotonic() - begun < 1, 'an unknown path is answered late')


def test_device_is_proven_first(scratch):
    server = scratch.server('a')
    device = Device(server)
    body = {'attempt_id': str(uuid.uuid4()), 'kind': 'card', 'secret': '04A2B3C4'}
    for name, token in (('mfp1', 'wrong-token'), ('mfp2', 'token-mfp1'), ('mfp9', 'token-mfp1')):
        stranger = Device(server, name, token)
        stranger.expect(401, 'GET', '/v1/health', problem='device-unknown')
        stranger.expect(401, 'POST', '/v1/login', body, problem='device-unknown')
    server.role('passive')
    Device(server, 'mfp1', 'wrong-token').expect(401, 'GET', '/v1/jobs', holdfast_user='u-ada',
                                                 problem='device-unknown')
    server.role('active')
    server.admin('POST', '/devices/mfp1', {'refused': True})
    device.expect(403, 'GET', '/v1/health', problem='device-refused')
    server.admin('POST', '/devices/mfp1', {'refused': False})
    same(device.login()['verdict'], 'granted')


def test_a_refused_body_leaves_the_connection_usable(scratch):
    server = scratch.server('a')
    connection = server.connect()
    stranger = Device(server, 'mfp1', 'wrong-token')
    stranger.expect(401, 'PUT', f'/v1/jobs/{uuid.uuid4()}', body=b'x' * 300000, holdfast_user='u-ada',
                    idempotency_key='k', holdfast_job_name='n', content_type='text/plain',
                    connection=connection)
    Device(server).expect(200, 'GET', '/v1/health', connection=connection)


def test_login_kinds_and_reasons(scratch):
    device = Device(scratch.server('a'))
    for more in ({'kind': 'card', 'secret': '04A2B3C4'}, {'kind': 'pin', 'secret': '471100'},
                 {'kind': 'password', 'user': 'ada', 'secret': 'correct horse'}):
        verdict = device.login(**more)
        same(verdict['verdict'], 'granted', more)
        same(verdict['user']['user_uid'], 'u-ada')
        same(verdict['user']['rights'], ['print', 'color', 'copy', 'scan'])
    for more, reason in (
            ({'kind': 'card', 'secret': 'FFFF'}, 'unknown-credential'),
            ({'kind': 'pin', 'secret': '04A2B3C4'}, 'unknown-credential'),
            ({'kind': 'password', 'user': 'nobody', 'secret': 'x'}, 'unknown-credential'),
            ({'kind': 'password', 'user': 'ada', 'secret': 'x'}, 'wrong-secret'),
            ({'kind': 'card', 'secret': '0400'}, 'disabled')):
        same(device.login(**more), {'verdict': 'denied', 'reason': reason}, more)
    for wrong in ({'kind': 'card'}, {'kind': 'eye', 'secret': 'x'}, {'kind': 'password', 'secret': 'x'},
                  {'kind': 'card', 'secret': 7}, {'kind': 'card', 'secret': ''}):
        device.expect(400, 'POST', '/v1/login', {'attempt_id': str(uuid.uuid4()), **wrong},
                      wrong=True, problem='invalid-request')
    device.expect(400, 'POST', '/v1/login', body=b'{"attempt_id":', content_type='application/json',
                  wrong=True, problem='invalid-request')
    device.expect(413, 'POST', '/v1/login', body=b'[' + b'1,' * 700000 + b'1]',
                  content_type='application/json', wrong=True, problem='too-large')


def test_attempt_counts_once(scratch):
    server = scratch.server('a', '--lock-after', '3', '--lock-s', '2')
    device = Device(server)
    wrong = {'kind': 'password', 'user': 'ada', 'secret': 'guess'}
    attempt = str(uuid.uuid4())
    first = device.login(attempt=attempt, **wrong)
    same(first, {'verdict': 'denied', 'reason': 'wrong-secret'})
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(device.login(attempt=attempt, **wrong)))
               for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    same(answers, [first] * 8, 'a repeated attempt')
    server.kill()
    server.start()
    same(device.login(attempt=attempt, **wrong), first, 'after kill -9')
    device.expect(409, 'POST', '/v1/login',
                  {'attempt_id': attempt, 'kind': 'password', 'user': 'ada',
                   'secret': 'correct horse'}, problem='attempt-conflict')
    same(device.login(**wrong)['reason'], 'wrong-secret')
    third = device.login(**wrong)
    same((third['reason'], third['retry_after_s']), ('wrong-secret', 2))
    right = {'kind': 'password', 'user': 'ada', 'secret': 'correct horse'}
    locked = device.login(**right)
    same((locked['reason'], locked['retry_after_s']), ('locked', 2))
    same(device.login()['verdict'], 'granted', 'a card is not locked by passwords')
    time.sleep(2.1)
    same(device.login(**right)['verdict'], 'granted')
    granted = str(uuid.uuid4())
    same(device.login(attempt=granted, **right), device.login(attempt=granted, **right))


def test_guesses_are_counted_for_the_device(scratch):
    server = scratch.server('a')
    for n in range(32):
        same(Device(server).login('pin', f'{n:06}')['reason'], 'unknown-credential')
    server.kill()
    server.start()
    same(Device(server).login('pin', '471100')['reason'], 'locked')
    same(Device(server, 'mfp2').login('pin', '471100')['verdict'], 'granted')


def test_receipts(scratch):
    server = scratch.server('a', '--receipt-s', '3')
    device = Device(server)
    receipt = device.receipt()
    same(device.jobs(receipt), [])
    for bad in (receipt[:-2] + ('AA' if receipt[-2:] != 'AA' else 'BB'), 'x.y', receipt.split('.')[0]):
        device.expect(403, 'GET', '/v1/jobs', holdfast_receipt=bad, problem='receipt-invalid')
    Device(server, 'mfp2').expect(403, 'GET', '/v1/jobs', holdfast_receipt=receipt,
                                  problem='receipt-invalid')
    device.expect(403, 'GET', '/v1/jobs', wrong=True, problem='receipt-invalid')
    other = device.receipt()
    device.expect(204, 'POST', '/v1/logout', holdfast_receipt=receipt)
    device.expect(204, 'POST', '/v1/logout', holdfast_receipt=receipt)
    device.expect(403, 'GET', '/v1/jobs', holdfast_receipt=receipt, problem='receipt-invalid')
    same(device.jobs(other), [], 'the other login of the same user')
    time.sleep(3.1)
    device.expect(403, 'GET', '/v1/jobs', holdfast_receipt=other, problem='receipt-invalid')


def test_revocation_ends_sessions(scratch):
    server = scratch.server('a', '--accept-asserted-users')
    device = Device(server)
    receipt = device.receipt()
    before = device.health()['users_version']
    server.admin('POST', '/users/u-ada', {'revoked': True})
    check(device.health()['users_version'] > before)
    same(device.login()['reason'], 'revoked')
    device.expect(403, 'GET', '/v1/jobs', holdfast_receipt=receipt, problem='receipt-invalid')
    device.expect(403, 'GET', '/v1/jobs', holdfast_user='u-ada', problem='user-not-asserted')
    manifest = device.expect(200, 'GET', f'/v1/users?since={before}').json
    same(lines_of(device, manifest), [{'op': 'delete', 'user_uid': 'u-ada'}])
    server.kill()
    server.start()
    same(device.login()['reason'], 'revoked', 'after kill -9')


def test_asserted_users(scratch):
    closed = Device(scratch.server('a'))
    closed.expect(403, 'GET', '/v1/jobs', holdfast_user='u-ada', problem='user-not-asserted')
    server = scratch.server('b', '--accept-asserted-users')
    device = Device(server)
    same(device.expect(200, 'GET', '/v1/jobs', holdfast_user='u-ada').json['jobs'], [])
    for name in ('u-nobody', 'u-off'):
        device.expect(403, 'GET', '/v1/jobs', holdfast_user=name, problem='user-not-asserted')
    device.expect(403, 'GET', '/v1/jobs', holdfast_user='u-ada', holdfast_receipt='x.y',
                  problem='receipt-invalid')


def lines_of(device, manifest):
    lines = []
    for chunk in manifest['chunks']:
        answer = device.expect(200, 'GET', '/v1/users/chunks/' + chunk['id'])
        same(hashlib.sha256(answer.body).hexdigest(), chunk['sha256'])
        same(len(answer.body), chunk['bytes'])
        found = [json.loads(line) for line in answer.body.decode().splitlines()]
        same(len(found), chunk['entries'])
        lines += found
    for line in lines:
        same(CONTRACT.check_schema(CONTRACT.schemas['UserLine'], line, 'line'), [])
    return lines


def test_users_feed(scratch):
    server = scratch.server('a', '--sync-verifiers', 'all')
    device = Device(server)
    manifest = device.expect(200, 'GET', '/v1/users').json
    check(manifest['full'] and manifest['base_version'] == 0)
    same(manifest['version'], device.health()['users_version'])
    lines = {line['user_uid']: line for line in lines_of(device, manifest)}
    same(sorted(lines), ['u-ada', 'u-bob', 'u-off'])
    same(lines['u-off']['disabled'], True)
    for verifier in lines['u-ada']['verifiers']:
        secret = {'card': b'04A2B3C4', 'pin': b'471100', 'password': b'correct horse'}
        derived = hashlib.pbkdf2_hmac('sha256', secret[verifier['kind']],
                                      bytes.fromhex(verifier['salt']), verifier['iterations'])
        same(derived.hex(), verifier['verifier'], verifier['kind'])
    same(len(lines['u-ada']['verifiers']), 3)
    device.expect(404, 'GET', '/v1/users/chunks/none', problem='chunk-unknown')
    device.expect(400, 'GET', '/v1/users?since=x', wrong=True, problem='invalid-request')
    since = manifest['version']
    same(device.expect(200, 'GET', f'/v1/users?since={since}').json['chunks'], [])
    same(device.expect(200, 'GET', f'/v1/users?since={since + 7}').json['full'], True)
    # A changed file: one deleted, one changed, one new, whose card was another's.
    server.stop()
    changed = json.loads(json.dumps(USERS))
    ada, bob, _ = changed['users']
    bob['rights'] = ['copy']
    changed['users'] = [{'user_uid': 'u-new', 'name': 'new', 'cards': ada['cards']},
                        {**ada, 'cards': []}, bob]
    with open(server.users_file, 'w', encoding='utf-8') as file:
        json.dump(changed, file)
    server.start()
    delta = device.expect(200, 'GET', f'/v1/users?since={since}').json
    same((delta['full'], delta['base_version']), (False, since))
    lines = lines_of(device, delta)
    same([(line['op'], line['user_uid']) for line in lines],
         [('delete', 'u-off'), ('put', 'u-ada'), ('put', 'u-bob'), ('put', 'u-new')])
    same(device.login()['user']['user_uid'], 'u-new', 'the card has a new owner')


def test_page_leases(scratch):
    users = json.loads(json.dumps(USERS))
    ada, bob, _ = users['users']
    ada['offline_pages'], bob['offline_pages'] = 50, 0
    server = scratch.server('a', users=users)
    device = Device(server)
    same(device.login()['user']['offline_pages'], 50)
    manifest = device.expect(200, 'GET', '/v1/users').json
    lines = {line['user_uid']: line for line in lines_of(device, manifest)}
    same([lines[uid].get('offline_pages') for uid in ('u-ada', 'u-bob', 'u-off')], [50, 0, None])
    # Another lease is a change of its user and of nobody else.
    server.stop()
    del ada['offline_pages']
    with open(server.users_file, 'w', encoding='utf-8') as file:
        json.dump(users, file)
    server.start()
    delta = device.expect(200, 'GET', f'/v1/users?since={manifest["version"]}').json
    lines = lines_of(device, delta)
    same([(line['user_uid'], 'offline_pages' in line) for line in lines], [('u-ada', False)])
    same('offline_pages' in device.login()['user'], False)


def test_many_users_in_chunks(scratch):
    many = {'users': [{'user_uid': f'u-{n}', 'name': f'user {n}', 'display_name': 'x' * 250}
                      for n in range(700)]}
    device = Device(scratch.server('a', users=many))
    manifest = device.expect(200, 'GET', '/v1/users?since=0').json
    check(len(manifest['chunks']) > 3)
    same(len({line['user_uid'] for line in lines_of(device, manifest)}), 700)


def verify(public_key, folder, data, signature):
    r, s = (int.from_bytes(signature[i:i + 32], 'big') for i in (0, 32))

    def integer(value):
        raw = value.to_bytes((value.bit_length() + 8) // 8, 'big')
        return b'\x02' + bytes([len(raw)]) + raw
    der = integer(r) + integer(s)
    for name, content in (('data', data), ('sig', b'\x30' + bytes([len(der)]) + der)):
        with open(os.path.join(folder, name), 'wb') as file:
            file.write(content)
    done = subprocess.run(['openssl', 'dgst', '-sha256', '-verify', public_key, '-signature',
                           os.path.join(folder, 'sig'), os.path.join(folder, 'data')],
                          capture_output=True, check=False)
    return done.returncode == 0


def test_signed_lists(scratch):
    Device(scratch.server('none')).expect(404, 'GET', '/v1/servers', problem='no-server-list')
    key, public = scratch.path('key.pem'), scratch.path('public.pem')
    subprocess.run(['openssl', 'ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', key],
                   check=True, capture_output=True)
    subprocess.run(['openssl', 'ec', '-in', key, '-pubout', '-out', public], check=True,
                   capture_output=True)
    servers = {'version': 3, 'not_after': '2099-01-01T00:00:00Z', 'servers': [
        {'name': 'b', 'url': 'https://b.example', 'cluster_id': 'b'}]}
    with open(scratch.path('list.json'), 'w', encoding='utf-8') as file:
        json.dump(servers, file)
    device = Device(scratch.server('a', '--server-list', scratch.path('list.json'), '--list-key', key))
    same(device.health()['servers_version'], 3)
    answer = device.expect(200, 'GET', '/v1/servers').json
    payload = base64.b64decode(answer['payload'])
    same(CONTRACT.check_schema(CONTRACT.schemas['ServerList'], json.loads(payload), 'list'), [])
    same(json.loads(payload), {**servers, 'device': '*'})
    signature = base64.b64decode(answer['signature'])
    check(verify(public, scratch.folder, payload, signature), 'the signature of the list')
    check(not verify(public, scratch.folder, payload + b' ', signature), 'a changed list verifies')
    manifest = device.expect(200, 'GET', '/v1/users').json
    text = f'holdfast-users-v1\nhome\nmfp1\n0\n{manifest["version"]}\nfull\n' + ''.join(
        f'{c["id"]} {c["sha256"]} {c["bytes"]} {c["entries"]}\n' for c in manifest['chunks'])
    check(verify(public, scratch.folder, text.encode(), base64.b64decode(manifest['signature'])),
          'the signature of the manifest')
    same(manifest['key_id'], answer['key_id'])
