# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""Roles, two nodes on shared data, and what kill -9 leaves."""

import http.client
import json
import os
import signal
import threading
import time
import uuid

import print_server
from print_server import ADMIN, Device, check, digest_of, same, set_hash, wait_until

DOCUMENT = b'%PDF-1.4 a small one\n' * 50
DIGEST = digest_of(DOCUMENT)
EPOCH = 'c' * 32


def refused_calls(device, receipt):
    job = f'/v1/jobs/{uuid.uuid4()}'
    return [
        ('POST', '/v1/login', {'value': {'attempt_id': str(uuid.uuid4()), 'kind': 'card',
                                         'secret': '04A2B3C4'}}),
        ('GET', '/v1/users', {}), ('GET', '/v1/servers', {}),
        ('GET', '/v1/jobs', {'holdfast_receipt': receipt}),
        ('PUT', job, {'body': b'x', 'holdfast_receipt': receipt, 'idempotency_key': 'k',
                      'holdfast_job_name': 'n', 'content_type': 'text/plain'}),
        ('POST', job + '/claim', {'value': {'user_uid': 'u-ada', 'sha256': DIGEST},
                                  'holdfast_receipt': receipt, 'idempotency_key': 'k'}),
    ]


def test_roles_at_run_time(scratch):
    server = scratch.server('a')
    device = Device(server)
    receipt = device.receipt()
    job = device.submit(receipt, DOCUMENT)
    token = device.claim(receipt, job, DIGEST)['fencing_token']
    device.account(EPOCH, [1])
    epoch = device.health()['server_epoch']
    server.role('draining', retry_after_s=7)
    health = device.health()
    same((health['role'], health['accepting']), ('draining', False))
    same(health['journal'][0]['count'], 1)
    for method, path, more in refused_calls(device, receipt):
        answer = device.expect(503, method, path, problem='not-active', **more)
        same((answer.headers['Retry-After'], answer.json['retry_after_s']), ('7', 7), path)
    same(device.expect(200, 'GET', f'/v1/jobs/{job}/document',
                       holdfast_fencing_token=token).body, DOCUMENT)
    device.report(job, DIGEST)
    device.account(EPOCH, [2])
    device.expect(404, 'DELETE', f'/v1/jobs/{job}/claim', holdfast_fencing_token=token)
    server.role('passive')
    health = device.health()
    same((health['role'], health['accepting'], health['journal']), ('passive', False, []))
    for method, path, more in refused_calls(device, receipt) + [
            ('POST', '/v1/accounting', {'value': {'entries': []}}),
            ('POST', '/v1/job-status', {'value': {'reports': []}}),
            ('POST', '/v1/logout', {'holdfast_receipt': receipt}),
            ('GET', f'/v1/jobs/{job}/document', {'holdfast_fencing_token': token})]:
        answer = device.expect(503, method, path, problem='not-active', **more)
        check('Retry-After' not in answer.headers, path)
    server.role('active')
    health = device.health()
    same((health['role'], health['accepting']), ('active', True))
    same(health['server_epoch'], epoch + 1, 'a new term')
    device.expect(204, 'POST', '/v1/logout', holdfast_receipt=receipt)


def test_each_start_is_a_new_term(scratch):
    server = scratch.server('a')
    before = Device(server).health()
    same(server.stop(), 0)
    server.start()
    after = Device(server).health()
    same(after['server_epoch'], before['server_epoch'] + 1)
    check(after['instance_id'] != before['instance_id'])
    same(after['incarnation_id'], before['incarnation_id'])


def pair(scratch):
    one = scratch.server('shared', '--role', 'auto')
    two = scratch.server('shared', '--role', 'auto')
    same([one.ready['role'], two.ready['role']], ['active', 'passive'])
    return one, two


def test_auto_takes_over_after_kill(scratch):
    active, passive = pair(scratch)
    device, other = Device(active), Device(passive)
    receipt = device.receipt()
    job = device.submit(receipt, DOCUMENT)
    claim = device.claim(receipt, job, DIGEST, key='c')
    for _ in range(3):
        before, waiting = device.health(), other.health()
        same((waiting['role'], waiting['server_epoch'], waiting['incarnation_id']),
             ('passive', before['server_epoch'], before['incarnation_id']))
        active.kill()
        begun = time.monotonic()
        health = wait_until(lambda: (lambda h: h['role'] == 'active' and h)(other.health()),
                            'the passive node takes over', 3)
        check(time.monotonic() - begun < 2, 'took', time.monotonic() - begun)
        check(health['server_epoch'] > before['server_epoch'])
        same(other.jobs(receipt)[0]['claimed_by'], 'mfp1', 'receipt and claim of the other node')
        same(other.claim(receipt, job, DIGEST, key='c'), claim)
        active.start()
        same(active.ready['role'], 'passive')
        active, passive, device, other = passive, active, other, device


def test_auto_stopped_node_keeps_the_lock(scratch):
    active, passive = pair(scratch)
    os.kill(active.process.pid, signal.SIGSTOP)
    time.sleep(1)
    same(Device(passive).health()['role'], 'passive', 'two must never be active')
    os.kill(active.process.pid, signal.SIGCONT)
    same(Device(active).health()['role'], 'active')


def test_auto_hands_over_on_request(scratch):
    active, passive = pair(scratch)
    active.role('passive')
    wait_until(lambda: Device(passive).health()['role'] == 'active', 'the other takes over')
    answer = active.raw('POST', '/admin/role', {'Authorization': 'Bearer ' + ADMIN},
                        json.dumps({'role': 'active'}))
    same(answer.status, 409, 'the data is taken')
    active.role('auto')
    time.sleep(0.5)
    same(Device(active).health()['role'], 'passive')
    same(passive.stop(), 0)
    wait_until(lambda: Device(active).health()['role'] == 'active', 'after a graceful stop')


def test_at_most_one_active_under_kills(scratch):
    nodes = list(pair(scratch))
    epochs, stop, double = {}, threading.Event(), []

    def watch():
        while not stop.is_set():
            seen = []
            for node in list(nodes):
                try:
                    health = Device(node).health()
                except (OSError, http.client.HTTPException):
                    continue
                if health['role'] == 'active':
                    seen.append(health)
                    epochs.setdefault(health['server_epoch'], health['instance_id'])
                    if epochs[health['server_epoch']] != health['instance_id']:
                        double.append(health)
            time.sleep(0.02)
    watcher = threading.Thread(target=watch)
    watcher.start()
    for round_number in range(6):
        victim = nodes[round_number % 2]
        victim.kill()
        wait_until(lambda: any(Device(n).health()['role'] == 'active' for n in nodes
                               if n is not victim), 'a take-over', 3)
        victim.start()
    stop.set()
    watcher.join()
    same(double, [], 'an epoch belongs to one node')
    check(len(epochs) >= 4, 'too few terms were seen:', epochs)


class Worker:
    """Does everything that is acknowledged, and remembers what was."""

    def __init__(self, device, receipt, number):
        self.device, self.receipt = device, receipt
        self.epoch = f'{number:032x}'
        self.number = number
        self.sequence = 0
        self.attempts, self.jobs, self.ended, self.claims, self.entries = {}, {}, {}, {}, set()
        self.doubt = set()

    def step(self):
        document = uuid.uuid4().bytes * 200
        digest, job = digest_of(document), str(uuid.uuid4())
        attempt = str(uuid.uuid4())
        self.attempts[attempt] = self.device.login('pin', '471100', attempt=attempt)
        self.device.submit(self.receipt, document, job=job)
        self.jobs[job] = digest
        key = str(uuid.uuid4())
        self.claims[job] = (key, self.device.claim(self.receipt, job, digest, key=key))
        self.sequence += 1
        self.device.account(self.epoch, [self.sequence])
        self.entries.add(self.sequence)
        if self.sequence % 2:
            self.doubt.add(job)
            self.device.report(job, digest)
            self.ended[job] = self.jobs.pop(job)

    def run(self, stop):
        while not stop.is_set():
            try:
                self.step()
            except (OSError, http.client.HTTPException):
                return


def verify(server, worker):
    device = Device(server)
    listed = {job['uuid']: job['sha256'] for job in device.jobs(worker.receipt)}
    for job, digest in worker.jobs.items():
        check(job in worker.doubt or listed.get(job) == digest, 'a job is lost', job)
    for job, digest in worker.ended.items():
        check(job not in listed, 'an ended job is back', job)
    for job in list(worker.jobs)[-3:]:
        key, claim = worker.claims.get(job, (None, None))
        if key and job not in worker.doubt:
            same(device.claim(worker.receipt, job, worker.jobs[job], key=key), claim)
            body = device.expect(200, 'GET', f'/v1/jobs/{job}/document',
                                 holdfast_fencing_token=claim['fencing_token']).body
            same(digest_of(body), worker.jobs[job], 'the document')
    for attempt, verdict in list(worker.attempts.items())[-3:]:
        same(device.login('pin', '471100', attempt=attempt), verdict, 'a login answer')
    # What was under way may be there or not; what was acknowledged must be.
    top = worker.sequence
    held = {e['journal_epoch']: e for e in device.health()['journal']}.get(worker.epoch)
    allowed = [sorted(worker.entries), sorted(worker.entries | {top})]
    if any(allowed):
        check((held or {'set_hash': '0' * 64})['set_hash'] in [set_hash(worker.epoch, s) for s in allowed],
              'the ledger differs', held, allowed)


def test_synced_before_answered(scratch):
    check(print_server.TRACE_LIBRARY, 'give --trace-library: the order of syncs is not tested')
    log = scratch.path('trace')
    server = scratch.server('a', start=False)
    # A sanitizer's runtime wants to be first; what it says about that is not ours.
    server.start(environment={'LD_PRELOAD': print_server.TRACE_LIBRARY, 'TRACE_SYNC_LOG': log,
                              'ASAN_OPTIONS': 'verify_asan_link_order=0'})
    device = Device(server)

    def traced(action):
        with open(log, encoding='utf-8') as file:
            file.seek(0, os.SEEK_END)
            result = action()
            lines = [line.split(' ', 1) for line in file.read().splitlines()]
        return result, [f'{what} {os.path.splitext(path)[1] or os.path.basename(path)}'.strip()
                        for what, path in lines if not path.endswith('/identity')]
    receipt, steps = traced(device.receipt)
    same(steps, ['fsync .db-wal', 'answer'], 'login')
    job, steps = traced(lambda: device.submit(receipt, DOCUMENT))
    same(steps, ['fsync .part', 'rename .doc', 'fsync jobs', 'fsync .db-wal', 'answer'], 'submit')
    claim, steps = traced(lambda: device.claim(receipt, job, DIGEST))
    same(steps, ['fsync .db-wal', 'answer'], 'claim')
    for action in (lambda: device.report(job, DIGEST, fencing_token=claim['fencing_token']),
                   lambda: device.account(EPOCH, [1]),
                   lambda: device.expect(204, 'POST', '/v1/logout', holdfast_receipt=receipt)):
        same(traced(action)[1], ['fsync .db-wal', 'answer'])
    same(traced(lambda: device.account(EPOCH, [1]))[1], ['answer'], 'nothing new, nothing to sync')


def test_kill_loses_nothing_acknowledged(scratch):
    server = scratch.server('a')
    done = 0
    for kill in range(20):
        receipt = Device(server).receipt()
        workers = [Worker(Device(server), receipt, kill * 10 + n) for n in range(3)]
        stop = threading.Event()
        threads = [threading.Thread(target=worker.run, args=(stop,)) for worker in workers]
        for thread in threads:
            thread.start()
        wait_until(lambda: sum(w.sequence for w in workers) >= 4 + kill % 5, 'work is done', 20)
        time.sleep(0.003 * (kill % 7))
        server.kill()
        stop.set()
        for thread in threads:
            thread.join()
        server.start()
        for worker in workers:
            verify(server, worker)
            done += len(worker.entries)
        files = {name for name in os.listdir(server.folder + '/jobs')}
        listed = {job['uuid'] + '.doc' for job in Device(server).jobs(receipt)}
        same(files, listed, 'documents without job, or jobs without document')
        for worker in workers:  # keep the list short
            for job, digest in worker.jobs.items():
                Device(server).report(job, digest, 'canceled')
    check(done > 60, 'too little was done to prove anything:', done)
