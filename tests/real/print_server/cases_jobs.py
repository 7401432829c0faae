# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""Submission, listing, claims, documents and status."""

import base64
import hashlib
import os
import time
import uuid

from print_server import Device, check, digest_of, same, wait_until

PDF = b'%PDF-1.4\n' + bytes(range(256)) * 800 + b'\n%%EOF\n'
PDF_HASH = digest_of(PDF)


def test_submit_and_list(scratch):
    device = Device(scratch.server('a'))
    receipt = device.receipt()
    job = device.submit(receipt, PDF, name='Jahresbericht für Ö/2026.pdf', holdfast_pages=3)
    listed, = device.jobs(receipt)
    del listed['submitted_at']
    same(listed, {'uuid': job, 'user_uid': 'u-ada', 'name': 'Jahresbericht für Ö/2026.pdf',
                  'mime': 'application/pdf', 'bytes': len(PDF), 'sha256': PDF_HASH, 'pages': 3,
                  'state': 'pending'})
    same(device.jobs(device.receipt(secret='04FFEE01')), [], "another user's list")
    device.expect(201, 'PUT', f'/v1/jobs/{uuid.uuid4()}', body=b'x', holdfast_receipt=receipt,
                  idempotency_key='k', holdfast_job_name='n', content_type='text/plain; charset=utf-8')
    check('text/plain' in {job['mime'] for job in device.jobs(receipt)}, 'parameters are dropped')


def test_submit_idempotency(scratch):
    device = Device(scratch.server('a'))
    receipt, bob = device.receipt(), device.receipt(secret='04FFEE01')
    job = device.submit(receipt, PDF, key='k1')
    device.submit(receipt, PDF, job=job, key='k1', status=201)
    device.submit(receipt, PDF, job=job, key='k2', status=200)
    same(len(device.jobs(receipt)), 1)
    same(device.submit(receipt, PDF + b'x', job=job, key='k1', status=409).problem,
         'idempotency-conflict')
    same(device.submit(receipt, PDF + b'x', job=job, status=409).problem, 'job-identity-conflict')
    same(device.submit(bob, PDF, job=job, status=409).problem, 'job-identity-conflict')
    same(len(os.listdir(device.server.folder + '/jobs')), 1, 'files left by refusals')


def test_submit_refusals(scratch):
    server = scratch.server('a', '--max-document-bytes', '300000')
    device = Device(server)
    receipt = device.receipt()
    good = base64.b64encode(hashlib.sha256(PDF).digest()).decode()
    bad = base64.b64encode(hashlib.sha256(b'').digest()).decode()
    device.submit(receipt, PDF, repr_digest=f'sha-256=:{good}:')
    same(device.submit(receipt, PDF, repr_digest=f'sha-256=:{bad}:', status=400).problem,
         'digest-mismatch')
    path = f'/v1/jobs/{uuid.uuid4()}'
    whole = {'holdfast_receipt': receipt, 'idempotency_key': 'k', 'holdfast_job_name': 'n',
             'content_type': 'text/plain'}
    for missing in ('idempotency_key', 'holdfast_job_name', 'content_type'):
        device.expect(400, 'PUT', path, body=b'x', wrong=True, problem='invalid-request',
                      **{**whole, missing: None})
    for wrong in ({'holdfast_job_name': '%zz'}, {'holdfast_job_name': 'a%0Ab'},
                  {'holdfast_job_name': '%ff'}, {'idempotency_key': 'a b'},
                  {'holdfast_pages': 'many'}, {'repr_digest': 'sha-256=:AAAA:'}):
        breaks = next(iter(wrong.values())) not in ('a%0Ab', '%ff')
        device.expect(400, 'PUT', path, body=b'x', wrong=breaks, problem='invalid-request',
                      **{**whole, **wrong})
    device.expect(400, 'PUT', path.upper().replace('/V1/JOBS', '/v1/jobs'), body=b'x', wrong=True,
                  problem='invalid-request', **whole)
    device.expect(400, 'PUT', path, body=b'', wrong=True, problem='invalid-request', **whole)
    for wrong in ('pdf', 'text/', 'te xt/plain', 'text/plain/x'):
        device.expect(400, 'PUT', path, body=b'x', problem='invalid-request',
                      **{**whole, 'content_type': wrong})
    device.expect(413, 'PUT', path, body=b'x' * 300001, problem='too-large', **whole)
    same(len(device.jobs(receipt)), 1)
    same(len(os.listdir(server.folder + '/jobs')), 1, 'files left by refusals')


def test_cut_upload_is_no_job(scratch):
    server = scratch.server('a')
    device = Device(server)
    receipt = device.receipt()
    job = str(uuid.uuid4())
    connection = server.connect()
    connection.putrequest('PUT', f'/holdfast/v1/jobs/{job}')
    for name, value in {**device.headers, 'Holdfast-Receipt': receipt, 'Idempotency-Key': 'k',
                        'Holdfast-Job-Name': 'n', 'Content-Type': 'text/plain',
                        'Content-Length': str(len(PDF))}.items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(PDF[:1000])
    wait_until(lambda: os.listdir(server.folder + '/jobs'), 'the upload begins')
    connection.sock.close()
    connection.close()
    wait_until(lambda: not os.listdir(server.folder + '/jobs'), 'the part is removed')
    same(device.jobs(receipt), [])
    # Chunked, without a length: taken whole.
    connection = server.connect()
    connection.request('PUT', f'/holdfast/v1/jobs/{job}', body=iter([PDF[:1000], PDF[1000:]]),
                       headers={**device.headers, 'Holdfast-Receipt': receipt,
                                'Idempotency-Key': 'k', 'Holdfast-Job-Name': 'n',
                                'Content-Type': 'text/plain'}, encode_chunked=True)
    same(connection.getresponse().status, 201)
    connection.close()
    same(device.jobs(receipt)[0]['sha256'], PDF_HASH)


def test_claim_and_fencing(scratch):
    server = scratch.server('a', '--lease-s', '2')
    first, second = Device(server), Device(server, 'mfp2')
    receipt, other = first.receipt(), second.receipt()
    job = first.submit(receipt, PDF)
    claim = first.claim(receipt, job, PDF_HASH, key='c1')
    same(claim['lease_s'], 2)
    same(first.claim(receipt, job, PDF_HASH, key='c1'), claim, 'the same key')
    refusal = second.claim(other, job, PDF_HASH, status=409, problem='job-claimed')
    same((refusal['claimed_by'], refusal['retry_after_s']), ('mfp1', 2))
    listed, = second.jobs(other)
    same((listed['state'], listed['claimed_by']), ('processing', 'mfp1'))
    again = first.claim(receipt, job, PDF_HASH, key='c2')
    check(again['fencing_token'] > claim['fencing_token'], 'a new key, a higher token')
    document = f'/v1/jobs/{job}/document'
    first.expect(409, 'GET', document, holdfast_fencing_token=claim['fencing_token'],
                 problem='fencing-token-stale')
    token = again['fencing_token']
    # Reading renews: still held after more than a lease.
    for _ in range(3):
        time.sleep(1)
        same(first.expect(200, 'GET', document, holdfast_fencing_token=token).body, PDF)
    second.claim(other, job, PDF_HASH, status=409)
    first.report(job, PDF_HASH, 'processing', fencing_token=token)
    second.expect(409, 'GET', document, holdfast_fencing_token=token, problem='fencing-token-stale')
    time.sleep(2.1)
    same(second.jobs(other)[0]['state'], 'pending', 'the lease has run out')
    first.expect(200, 'GET', document, holdfast_fencing_token=token)  # nobody took it: still good
    time.sleep(2.1)
    taken = second.claim(other, job, PDF_HASH)
    check(taken['fencing_token'] > token)
    first.expect(409, 'GET', document, holdfast_fencing_token=token, problem='fencing-token-stale')
    first.expect(409, 'DELETE', f'/v1/jobs/{job}/claim', holdfast_fencing_token=token,
                 problem='fencing-token-stale')
    for _ in range(2):
        second.expect(204, 'DELETE', f'/v1/jobs/{job}/claim',
                      holdfast_fencing_token=taken['fencing_token'])
    same(first.jobs(receipt)[0]['state'], 'pending')
    first.expect(400, 'GET', document, wrong=True, problem='invalid-request')


def test_claim_needs_the_identity(scratch):
    device = Device(scratch.server('a'))
    receipt, bob = device.receipt(), device.receipt(secret='04FFEE01')
    job = device.submit(receipt, PDF)
    device.claim(receipt, job, digest_of(b'other'), status=404, problem='job-unknown')
    device.claim(receipt, str(uuid.uuid4()), PDF_HASH, status=404, problem='job-unknown')
    device.claim(bob, job, PDF_HASH, user='u-bob', status=404, problem='job-unknown')
    device.claim(bob, job, PDF_HASH, user='u-ada', status=400, problem='invalid-request')
    device.report(job, PDF_HASH, 'canceled')
    same(device.claim(receipt, job, PDF_HASH, status=410, problem='job-ended')['state'], 'canceled')


def test_document_ranges(scratch):
    device = Device(scratch.server('a'))
    receipt = device.receipt()
    job = device.submit(receipt, PDF)
    token = device.claim(receipt, job, PDF_HASH)['fencing_token']
    etag = f'"{PDF_HASH}"'

    def get(status, **headers):
        answer = device.expect(status, 'GET', f'/v1/jobs/{job}/document',
                               holdfast_fencing_token=token, **headers)
        if status < 300:
            same((answer.headers['ETag'], answer.headers['Content-Type']), (etag, 'application/pdf'))
        return answer
    size = len(PDF)
    same(get(200).body, PDF)
    for text, first, end in (('0-0', 0, 1), ('5-9', 5, 10), (f'{size - 1}-', size - 1, size),
                             ('1000-', 1000, size), ('-7', size - 7, size), ('0-', 0, size),
                             (f'10-{size * 9}', 10, size), (f'-{size * 9}', 0, size)):
        answer = get(206, range='bytes=' + text)
        same(answer.body, PDF[first:end], text)
        same(answer.headers['Content-Range'], f'bytes {first}-{end - 1}/{size}')
        same(get(206, range='bytes=' + text, if_range=etag).body, PDF[first:end])
    for text in (f'{size}-', f'{size}-{size + 5}', '-0'):
        answer = get(416, range='bytes=' + text)
        same(answer.headers['Content-Range'], f'bytes */{size}')
    same(get(200, range='bytes=5-', if_range=f'"{digest_of(b"other")}"').body, PDF)
    for text in ('bytes=0-1,5-6',):
        answer = device.expect(200, 'GET', f'/v1/jobs/{job}/document', wrong=True, range=text,
                               holdfast_fencing_token=token)
        same(answer.body, PDF)


def test_status_ends_jobs_and_leaves_tombstones(scratch):
    server = scratch.server('a')
    device = Device(server)
    receipt, bob = device.receipt(), device.receipt(secret='04FFEE01')
    job, report = device.submit(receipt, PDF), str(uuid.uuid4())
    # Neither another user's nor another document's report touches the job.
    device.report(job, PDF_HASH, user='u-bob')
    device.report(job, digest_of(b'other'))
    same(device.jobs(receipt)[0]['state'], 'pending')
    same(device.report(job, PDF_HASH, 'processing', report=report)['accepted'], [report])
    same(device.report(job, PDF_HASH, 'completed', report=report)['accepted'], [report])
    same(len(device.jobs(receipt)), 1, 'the same report id has no second effect')
    device.report(job, PDF_HASH, 'aborted', fencing_token=77)
    same(device.jobs(receipt), [])
    same(os.listdir(server.folder + '/jobs'), [], 'the document is gone')
    answer = device.expect(404, 'GET', f'/v1/jobs/{job}/document', holdfast_fencing_token=1)
    same(answer.problem, 'job-unknown')

    def state_of(job_uuid, session=receipt):
        return device.expect(200, 'PUT', f'/v1/jobs/{job_uuid}', body=PDF, holdfast_receipt=session,
                             idempotency_key=str(uuid.uuid4()), holdfast_job_name='n',
                             content_type='application/pdf').json['state']
    same(state_of(job), 'aborted')
    device.report(job, PDF_HASH, 'completed')
    same(state_of(job), 'completed', 'paper that came out is a fact')
    device.report(job, PDF_HASH, 'canceled')
    same(state_of(job), 'completed', 'the final word stays')
    same(state_of(job, bob), 'completed', "bob's tombstone from above is his own")
    early = str(uuid.uuid4())
    device.report(early, PDF_HASH)
    server.kill()
    server.start()
    same(state_of(early), 'completed', 'a tombstone outlives kill -9')
    same(device.jobs(receipt), [])
    device.submit(bob, PDF, job=early)
    same([j['uuid'] for j in device.jobs(bob)], [early], "another user's job of that UUID")


def test_status_refusals(scratch):
    device = Device(scratch.server('a'))
    good = {'report_id': str(uuid.uuid4()), 'job_uuid': str(uuid.uuid4()), 'user_uid': 'u-ada',
            'sha256': PDF_HASH, 'state': 'completed', 'impressions': 1, 'at': '2026-01-02T03:04:05Z'}
    for wrong in ({'sha256': 'x'}, {'state': 'lost'}, {'impressions': -1}, {'at': 'yesterday'},
                  {'job_uuid': 'x'}, {'report_id': None}, {'impressions': 1.5}):
        answer = device.expect(400, 'POST', '/v1/job-status', {'reports': [good, {**good, **wrong}]},
                               wrong=True, problem='invalid-request')
        check('reports[1]' in answer.json['detail'], answer.json)
    device.expect(400, 'POST', '/v1/job-status', {'reports': [good] * 51}, wrong=True)
    same(len(device.expect(200, 'POST', '/v1/job-status', {'reports': []}).json['accepted']), 0)
