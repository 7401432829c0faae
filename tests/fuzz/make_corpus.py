#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""Writes the first inputs of each fuzz target into corpus/ and the names in them into json.dict.

usage: make_corpus.py

What is written is committed; run it again after a format has changed. Files that it didn't write,
such as inputs that have once been a finding, stay as they are.
"""
import base64
import json
import pathlib
import re
import struct

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MEMBER = re.compile(rb'"([a-z][a-z_0-9]{1,40})" *:')
UUID = "f47ac10b-58cc-4372-a567-0e02b2c3d479"
UUID2 = "f47ac10b-58cc-4372-a567-0e02b2c3d470"
SHA = "a" * 64
POINT = base64.b64encode(b"\x04" + bytes(64)).decode()
PIN = base64.b64encode(bytes(32)).decode()

HEALTH = {"protocol_versions": [1, 2], "cluster_id": "hq", "instance_id": "i-1",
          "incarnation_id": "n:1", "server_epoch": 3, "role": "active", "accepting": True,
          "users_version": 7, "servers_version": 0, "spread_s": 300, "probe_s": 10,
          "server_time": "2026-03-01T08:00:00Z", "journal": [], "later": {"x": [1, None]}}
GRANTED = {"verdict": "granted", "user": {"user_uid": "u1", "name": "ada", "display_name": "Ada \u2028 L.",
                                          "rights": ["print", "color"]},
           "receipt": "eyJ2IjoxfQ.c2ln", "receipt_expires": "2026-03-01T20:00:00.5Z"}
JOB = {"uuid": UUID, "user_uid": "u1", "name": "Report\u0007.pdf", "mime": "application/pdf",
       "bytes": 4711, "sha256": SHA, "pages": 3, "state": "pending-held",
       "submitted_at": "2026-03-01T08:00:00Z"}
SERVER = {"name": "hq", "url": "https://print.example:8443/pull", "cluster_id": "hq"}
LIST = {"version": 4, "device": "*", "not_after": "2027-01-01T00:00:00Z",
        "servers": [SERVER, {**SERVER, "name": "branch", "url": "http://[::1]:80"}]}
FULL_SERVER = {
    **SERVER, "token": "t", "cluster_grace_ms": 0,
    "probe": {"kind": "http", "path": "/health?a=1", "expect_status": 204, "json_pointer": "/a~1b/0",
              "json_value": '"up"'},
    "tls": {"ca_file": "/etc/ca.pem", "pin_sha256": PIN, "pin_next_sha256": PIN,
            "client_certificate_file": "c", "client_key_file": "k"}}
SECTIONS = {
    "probe": {"probe_s": 5, "fresh_every": 1},
    "down": {"suspect_silence_ms": 200, "down_silence_ms": 201, "gray_percent": 100},
    "failback": {"mode": "window", "window_start_min": 1320, "window_end_min": 300,
                 "utc_offset_min": -60},
    "request": {"deadline_ms": 500, "hedge_min_ms": 0, "hedge_max_ms": 0},
    "login": {"accept_login_from": "any", "hedge_passwords_across_clusters": True},
    "session": {"max_sessions": 1},
    "job": {"direct_printing": True, "max_document_bytes": 1},
    "limit": {"max_requests": 4, "history": 4}}


def text(value):
    return json.dumps(value, separators=(",", ":")).encode()


def configs():
    tcp = {**SERVER, "name": "b", "url": "http://127.0.0.1:9100", "probe": {"kind": "tcp"}}
    ipp = {**SERVER, "name": "c", "url": "http://localhost:631",
           "probe": {"kind": "ipp", "path": "/printers/q"}}
    whole = {"device_id": "mfp-1", "servers": [FULL_SERVER, tcp, ipp], "server_list_key": POINT,
             **SECTIONS, "allow_http": False}
    # Small ones: a change of a byte is then more often another valid configuration.
    def one(**members):
        return text({"device_id": "a", "servers": [{"name": "b", "url": "https://c", "cluster_id": "d",
                                                    **members}]})
    return {
        "least": text({"device_id": "a", "servers": []}),
        "http": one(probe={"kind": "http", "path": "/h"}),
        "http_value": one(probe={"kind": "http", "json_pointer": "/a", "json_value": "1"}),
        "ipp": one(probe={"kind": "ipp", "path": "/q"}, token="t"),
        "hostile": one(token="t\r\nX: 1", probe={"kind": "http", "path": "/h HTTP/1.1\r\nX: 1\r\n"}),
        "whole": text(whole),
        "wrong": text({**whole, "device_id": "two words", "colour": "blue", "probe": {"probe_s": 1},
                       "servers": [{**FULL_SERVER, "token": "sec ret", "url": "http://a@b"}, 1]}),
        "twice": b'{"device_id":"a","device_id":"b","servers":[{"name":1e1}],"down":{"\\u0000":1}}',
        "form": b'[\n{"device_id"\n:}]'}


def jsons():
    return {
        "kinds": b' {"a":[null,true,false,-0,1e1,10.0,-1.5,9007199254740993,1e400,""],"":{"~/":{}}}\n',
        "numbers": b"[18446744073709551615,-9223372036854775808,-9223372036854775807,1e15,1E+3,0.1,"
                   b"123456789012345678901234567890,-0.0,1e-400,9007199254740993.0]",
        "texts": '["\u00e9\\u00e9\U0001f5a8\\ud83d\\udda8\\n\\"\\\\\x7f"]'.encode(),
        "twice": b'{"a":1,"a":{"b":1,"b":2}}',
        "lone": b'["\\ud83d"]', "nul": b'{"a\\u0000":1}', "bad_utf8": b'["\xc0\xaf"]',
        "deep": b"[" * 33 + b"]" * 33}


def probes():
    def probe(kind, retry, pointer, expected, body):
        return b"\n".join([kind, retry, pointer, expected, body])
    return {
        "http_fits": probe(b"h0", b"", b"/status", b'"fine"', b'{"status":"fine"}'),
        "http_other": probe(b"h0", b"", b"/a~1b/1", b'{"x":[1,2.50]}', b'{"a/b":[0,{"x":[1,2.5]}]}'),
        "http_any": probe(b"h1", b"", b"", b"", b"<html>"),
        "busy": probe(b"h9", b"120", b"", b"", b""),
        "tcp": probe(b"t0", b"", b"", b"", b""),
        "ipp": probe(b"i0", b"", b"", b"", ipps()["printer"]),
        "ipp_page": probe(b"i0", b"", b"", b"", b"<html>Not an IPP server</html>"),
        "protocol": probe(b"p0", b"", b"", b"", text(HEALTH)),
        "draining": probe(b"p9", b"30", b"", b"", text({"type": "urn:holdfast:problem:not-active"}))}


def answers():
    denied = {"verdict": "denied", "reason": "locked", "retry_after_s": 30}
    signed = {"payload": base64.b64encode(text(LIST)).decode(), "key_id": "k1",
              "signature": base64.b64encode(bytes(64)).decode()}
    user = {**GRANTED["user"], "name": "a\r\nb\u0085", "user_uid": "u\r\n"}
    return {
        "hostile_receipt": b"l" + text({**GRANTED, "receipt": "a\r\nX: 1"}),
        "hostile_user": b"l" + text({**GRANTED, "user": user}),
        "hostile_job": b"j" + text({"jobs": [{**JOB, "mime": "a/b\r\nc", "uuid": "../../x"}]}),
        "hostile_reason": b"l" + text({**denied, "reason": "a\r\nb"}),
        "health": b"h" + text(HEALTH), "granted": b"l" + text(GRANTED), "denied": b"l" + text(denied),
        "jobs": b"j" + text({"jobs": [JOB, {**JOB, "uuid": UUID2, "mime": "image/pwg-raster"}]}),
        "no_jobs": b"j" + text({"jobs": []}),
        "claim": b"c" + text({"lease_id": "l1", "fencing_token": 9, "lease_s": 60}),
        "report": b"r" + text({"accepted": [UUID, UUID2]}),
        "list": b"s" + text(signed),
        "problem": b"p" + bytes([9]) + text({"type": "urn:holdfast:problem:job-claimed"}),
        "page": b"h<html>"}


def lists():
    twins = {**LIST, "servers": [SERVER, SERVER]}
    return {"two": text(LIST), "none": text({**LIST, "servers": []}), "twins": text(twins),
            "strange": text({**LIST, "device": "mfp-1",
                             "servers": [{**SERVER, "url": "https://2130706433/"}]})}


def crc_sealed(kind, payload):
    import zlib
    head = b"HFST" + kind + struct.pack("<HI", 1, len(payload)) + payload
    return head + struct.pack("<I", zlib.crc32(head))


def short(value):
    return struct.pack("<H", len(value)) + value


def records():
    server = short(b"hq") + short(b"192.0.2.1") + struct.pack("<QQ", 3, 4)
    switch = short(b"hq") + short(b"none") + struct.pack("<Bq", 0, 1767600000000)
    failover = struct.pack("<HqI", 1, 1767600000000, 7) + struct.pack("<III", 300, 0, 10)
    failover += b"\x01" + server + struct.pack("<H", 1) + switch
    uuid = b"\x01" + bytes(range(16))
    job = uuid + short(b"u1") + bytes(32) + struct.pack("<BI", 2, 1) + uuid + short(b"ipp:7")
    job += b"\x01" + b"\x00" + struct.pack("<qQ", 1767600000000, 9) + b"\x01\x00" + struct.pack("<Q", 1)
    jobs = b"\x02" + short(b"hq") + short(b"branch") + struct.pack("<H", 2) + job + job
    empty = bytes(2 + 12 + 1 + 2)
    return {"failover": b"F" + failover, "failover_empty": b"F" + empty, "jobs": b"J" + jobs,
            "jobs_empty": b"J" + bytes(3), "failover_whole": b"f" + crc_sealed(b"F", failover),
            "jobs_whole": b"j" + crc_sealed(b"J", jobs),
            "later_version": b"f" + crc_sealed(b"F", failover).replace(b"HFSTF\x01", b"HFSTF\x02")}


def ipps():
    def attribute(tag, name, value):
        return struct.pack(">BH", tag, len(name)) + name + struct.pack(">H", len(value)) + value
    head = struct.pack(">HHI", 0x0200, 0, 1) + b"\x01"
    head += attribute(0x47, b"attributes-charset", b"utf-8")
    head += attribute(0x48, b"attributes-natural-language", b"en")
    printer = head + b"\x04" + attribute(0x45, b"printer-uuid", b"urn:uuid:" + UUID.encode())
    printer += attribute(0x21, b"printer-up-time", struct.pack(">i", 77))
    printer += attribute(0x22, b"printer-is-accepting-jobs", b"\x01")
    printer += attribute(0x49, b"document-format-supported", b"application/pdf")
    printer += attribute(0x49, b"", b"image/pwg-raster")
    printer += attribute(0x44, b"printer-state-reasons", b"media-jam-error")
    media = attribute(0x34, b"media-col", b"") + attribute(0x4A, b"", b"x-dimension")
    media += attribute(0x21, b"", struct.pack(">i", 21000)) + attribute(0x37, b"", b"")
    job = head + b"\x02" + attribute(0x21, b"job-id", struct.pack(">i", 1))
    job += attribute(0x36, b"job-name", b"\x00\x02en\x00\x07attempt")
    job += attribute(0x23, b"job-state", struct.pack(">i", 5))
    job += attribute(0x21, b"job-impressions-completed", struct.pack(">i", 2))
    job += attribute(0x13, b"time-at-processing", b"")
    return {"printer": printer + b"\x03", "collection": printer + media + b"\x03",
            "job": job + b"\x03", "two_jobs": job + job[len(head):] + b"\x03document",
            "busy": struct.pack(">HHI", 0x0200, 0x0507, 1) + b"\x03"}


def texts():
    return {
        "url": b"uhttps://print.example:8443/a/b", "url_ipv6": b"uhttp://[0:0::1]:80",
        "url_ipv4": b"uhttp://127.0.0.1/", "url_bare": b"uhttp://localhost",
        "url_longest": b"uhttp://a" + b"/b" * 507 + b"b", "url_dots": b"uhttp://a/../b//c",
        "time": b"t2026-02-28T23:59:60.2505Z", "time_leap": b"t2000-02-29T00:00:00Z",
        "uuid": b"i" + UUID.encode(), "base64": b"bAAECAw==", "base64_bits": b"bAAECAx==",
        "printable": "pcaf\u00e9\u2028\x85\x00\ud7ff\U0010ffff/?#".encode() + b"\xf0\x9f\x96"}


def case_files():
    one = {"name": "a", "about": "b", "seed": 2, "clock": {"utc": "2026-03-01 01:30", "trusted": False},
           "servers": {"a": {"probes": "silent", "probe_latency_ms": 5}},
           "steps": [{"at_s": 1, "server": "a", "requests": "503"},
                     {"at_s": 2, "every_s": 5, "until_s": 30, "request": {"id": "r"}},
                     {"at_ms": 3000, "expect": {"states": {"a": "up"}, "route": "a"}}],
           "actions": [{"action": "probe", "server": "a", "between_s": [1, 2]}],
           "never": [{"action": "switched"}],
           "counts": [{"of": {"action": "probe"}, "times": [1, 2]}],
           "ends": {"r*": {"end": "answered", "by": "a"}}, "run_s": 60}
    return {"one": text({"about": "x", "cases": [one]}),
            "least": text({"about": "x", "cases": [{"name": "a", "about": "b"}]}),
            "wrong": text({"about": "", "cases": [{}, 1, {"steps": {"reconfigure": 1}, "when": 2}]})}


def users():
    salt, derived = "5" * 32, "b" * 64
    card = {"kind": "card", "salt": salt, "iterations": 10000, "verifier": derived}
    put = {"op": "put", "user_uid": "u1", "name": "ada", "display_name": "Ada L.",
           "rights": ["print", "color"], "disabled": False,
           "verifiers": [card, {**card, "kind": "pin"}, {**card, "kind": "password"}]}
    gone = text({"op": "delete", "user_uid": "u2"}) + b"\n"
    manifest = {"version": 6, "base_version": 5, "full": False, "chunks": [
        {"id": "c1", "sha256": SHA, "bytes": 100, "entries": 2},
        {"id": "c2", "sha256": SHA, "bytes": 65536, "entries": 4096}]}
    signed = {**manifest, "version": 2**63 - 1, "base_version": 0, "full": True, "key_id": "k1",
              "signature": base64.b64encode(bytes(64)).decode()}
    hostile = {**put, "name": "a\r\nb\u2028", "rights": ["two words", "ok"]}
    return {
        "delta": b"m" + text(manifest), "full_signed": b"m" + text(signed),
        "hostile_id": b"m" + text({**manifest, "chunks": [
            {"id": "../x\r\ny", "sha256": SHA, "bytes": 1, "entries": 1}]}),
        "lines": b"c" + gone + text(put) + b"\n", "delete": b"c" + gone,
        "without": b"c" + text({**put, "verifiers": []}) + b"\n",
        "hostile_user": b"c" + text(hostile) + b"\n",
        "kinds": b"c" + text({**put, "verifiers": [{**card, "kind": "iris"}]}) + b"\n",
        "iterations": b"c" + text({**put, "verifiers": [{**card, "iterations": 2**32 - 1}]}) + b"\n",
        "taken": b"a" + text({"stable_through": 7})}


def vault_rows():
    right, name = short(b"print"), short(b"ada")
    card = b"\x00\x01\x00" + bytes(range(16)) + struct.pack("<q", 1767600000000)
    pin = b"\x01\x00\x06" + bytes(16) + struct.pack("<q", -1)
    password = b"\x02\x01\x00" + bytes(16) + struct.pack("<q", 9) + short(b"s" * 16)
    password += struct.pack("<I", 10000)
    row = b"\x01\x01" + struct.pack("<q", 0) + short(b"u1") + name + short(b"Ada") + short(b"")
    user = row + b"\x01" + right + b"\x03" + card + pin + password
    revoked = b"\x01\x04" + struct.pack("<q", 5) + short(b"u1") + 3 * short(b"") + b"\x00\x00"
    tally = struct.pack("<4Q", 1, 2, 0, 0) + bytes(4 * 13)
    position = struct.pack("<Q", 7) + short(b"inc")
    family = b"\x00\x01" + short(b"s" * 16) + struct.pack("<IQQ", 10000, 0, 0)
    meta = b"\x01" + bytes(32) + b"\x01" + struct.pack("<QQQQ", 3, 2, 1, 0) + b"\x00"
    meta += b"\x01" + struct.pack("<Q", 1) + position + position + struct.pack("<q", 5)
    meta += tally + tally + b"\x00" + struct.pack("<I", 10000) + b"\x01" + family
    meta += struct.pack("<II", 10000, 0) + 3 * struct.pack("<Iq", 1, 2)
    meta += b"\x01" + struct.pack("<q", 4) + struct.pack("<qq", 8, 9) + bytes(16)
    meta += struct.pack("<QQQ", 1, 3, 0)
    event = b"\x01\x01" + struct.pack("<q", 7) + short(b"u1") + short(b"card") + short(b"why")
    return {"user": b"u" + user, "revoked": b"u" + revoked,
            "state": b"s\x01" + struct.pack("<IqI", 3, 1767600000000, 20000),
            "credential": b"c\x01\x02" + short(b"u1"), "event": b"e" + event, "meta": b"m" + meta}


TARGETS = {"config": configs, "json": jsons, "probe": probes, "protocol": answers,
           "server_list": lists, "records": records, "ipp": ipps, "texts": texts,
           "cases": case_files, "users": users, "vault_rows": vault_rows}


def main():
    samples = [ROOT / "docs/config.schema.json", *sorted((ROOT / "tests/cases").glob("*.json"))]
    names = {name for file in samples for name in MEMBER.findall(file.read_bytes())}
    for target, make in TARGETS.items():
        folder = HERE / "corpus" / target
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in make().items():
            (folder / name).write_bytes(content)
            names.update(re.findall(rb'"([a-z_0-9-]{2,40})"', content))
    words = "".join(f'"\\"{name.decode()}\\""\n' for name in sorted(names))
    (HERE / "json.dict").write_text(
        "# SPDX-FileCopyrightText: 2026 The Holdfast authors\n"
        "# SPDX-License-Identifier: Apache-2.0\n"
        "#\n# Names and words that the parsers know; written by make_corpus.py.\n" + words)


if __name__ == "__main__":
    main()
