# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""The ledger as a set."""

import os
import random
import shutil

from print_server import Device, check, same, set_hash

EPOCH = '0' * 31 + '1'
OTHER = 'ab' * 16


def journal(answer):
    return {e['journal_epoch']: (e['count'], e['set_hash']) for e in answer['journal']}


def test_union_and_set_hash(scratch):
    server = scratch.server('a')
    device = Device(server)
    answer = device.account(EPOCH, [1, 2])
    same(answer['accepted'], [{'journal_epoch': EPOCH, 'sequence': s} for s in (1, 2)])
    same(answer['stable_through'], [{'journal_epoch': EPOCH, 'sequence': 2}])
    same(journal(answer), {EPOCH: (2, set_hash(EPOCH, [1, 2]))})
    sequences = list(range(1, 120))
    batches = [random.Random(seed).sample(sequences, 40) for seed in range(12)]
    for batch in batches:  # doubled, overlapping, out of order
        device.account(EPOCH, batch)
    held = sorted({1, 2}.union(*batches))
    device.account(OTHER, [7])
    wanted = {EPOCH: (len(held), set_hash(EPOCH, held)), OTHER: (1, set_hash(OTHER, [7]))}
    same(journal(device.health()), wanted)
    same(journal(Device(server, 'mfp2').health()), {}, "another device's journal")
    same(server.admin('GET', '/ledger')['entries'], len(held) + 1)
    same(server.admin('GET', '/ledger')['impressions'], 2 * (len(held) + 1))
    same(device.account(EPOCH, [])['accepted'], [])
    server.kill()
    server.start()
    same(journal(device.health()), wanted, 'after kill -9')


def test_only_home_charges(scratch):
    server = scratch.server('a')
    device = Device(server)
    device.account(EPOCH, [1])
    device.account(EPOCH, [2], home='elsewhere')
    device.account(EPOCH, [2], home='home')  # the id is taken: the first word stays
    device.account(EPOCH, [3], user_uid='u-unknown', job_uuid='0' * 8 + '-0000-4000-8000-' + '0' * 12)
    Device(server, 'mfp2').account(EPOCH, [1])  # another device, another entry
    ledger = server.admin('GET', '/ledger')
    same((ledger['entries'], ledger['charged'], ledger['impressions']), (4, 3, 6))


def test_accounting_refusals(scratch):
    device = Device(scratch.server('a'))
    good = {'journal_epoch': EPOCH, 'sequence': 1, 'home_cluster_id': 'home', 'user_uid': 'u-ada',
            'kind': 'print', 'impressions': 1, 'color_impressions': 0, 'sheets': 1,
            'at': '2026-01-02T03:04:05Z'}
    for wrong in ({'sequence': 0}, {'sequence': 2**64 - 1}, {'sequence': '1'}, {'kind': 'fold'},
                  {'journal_epoch': 'x'}, {'impressions': -1}, {'home_cluster_id': ''},
                  {'sheets': 2**63}):
        answer = device.expect(400, 'POST', '/v1/accounting', {'entries': [good, {**good, **wrong}]},
                               wrong=True, problem='invalid-request')
        check('entries[1]' in answer.json['detail'], answer.json)
    device.expect(400, 'POST', '/v1/accounting', {'entries': [good] * 51}, wrong=True)
    same(device.health()['journal'], [], 'nothing of a refused batch is kept')


def test_backup_and_restore(scratch):
    server = scratch.server('a', '--stable-after', 'backup')
    device = Device(server)
    same(device.account(EPOCH, [1, 2])['stable_through'], [{'journal_epoch': EPOCH, 'sequence': 0}])
    backup = server.admin('POST', '/backup')['file']
    answer = device.account(EPOCH, [5, 4])
    same(answer['stable_through'], [{'journal_epoch': EPOCH, 'sequence': 3}])
    incarnation = answer['incarnation_id']
    server.stop()
    for name in ('server.db', 'server.db-wal'):
        if os.path.exists(os.path.join(server.folder, name)):
            os.remove(os.path.join(server.folder, name))
    shutil.copy(backup, os.path.join(server.folder, 'server.db'))
    server.start()
    health = device.health()
    same(journal(health), {EPOCH: (2, set_hash(EPOCH, [1, 2]))}, 'the restored set is smaller')
    same(health['incarnation_id'], incarnation, 'a snapshot does not know itself')
    server.stop()
    server.start('--new-incarnation')
    check(device.health()['incarnation_id'] != incarnation)
    answer = device.account(EPOCH, [1, 2, 4, 5])
    same(journal(answer), {EPOCH: (4, set_hash(EPOCH, [1, 2, 4, 5]))})
    same(server.admin('GET', '/ledger')['impressions'], 8, 'charged once')


def test_journal_lists_the_newest_epochs(scratch):
    device = Device(scratch.server('a'))
    for n in range(70):
        device.account(f'{n:032x}', [1])
    listed = [e['journal_epoch'] for e in device.health()['journal']]
    same(listed, [f'{n:032x}' for n in range(69, 5, -1)])


def test_audit_is_a_set(scratch):
    server = scratch.server('a')
    device = Device(server)
    event = {'sequence': 1, 'kind': 'login_refused', 'at': '2026-01-02T03:04:05Z', 'credential': 'card',
             'what': 'not cached'}
    other = {**event, 'sequence': 2, 'kind': 'login_granted', 'user_uid': 'u-ada'}
    batch = {'epoch': EPOCH, 'events': [event, other]}
    for _ in range(2):  # repeated, it changes nothing
        same(device.expect(200, 'POST', '/v1/audit', batch).json, {'stable_through': 2})
    changed = {**event, 'what': 'something else'}
    device.expect(200, 'POST', '/v1/audit', {'epoch': EPOCH, 'events': [changed]})
    device.expect(200, 'POST', '/v1/audit', {'epoch': OTHER, 'events': [event]})
    held = [(e['epoch'], e['sequence'], e['what']) for e in server.admin('GET', '/audit')['events']]
    same(sorted(held), sorted([(EPOCH, 1, 'not cached'), (EPOCH, 2, 'not cached'),
                               (OTHER, 1, 'not cached')]))
    server.kill()
    server.start()
    same(len(server.admin('GET', '/audit')['events']), 3, 'after kill -9')
