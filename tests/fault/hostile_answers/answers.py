# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""What a hostile server answers. Each function writes to the connection and returns true when it is
to be closed; `kind` is what was asked for, `value` what a good server would say."""
import functools
import gzip
import json
import socket
import struct
import time

UUID = "6f1c2a90-0000-4000-8000-0000000000%02x"
DIGEST = "ab" * 32


def job(number, **changed):
    return {"uuid": UUID % number, "user_uid": "u-ada", "sha256": DIGEST, "name": "Report.pdf",
            "mime": "application/pdf", "bytes": 1000, "pages": 3, "state": "pending",
            "submitted_at": "2026-01-02T03:04:05Z", **changed}


def good_value(kind, cluster="office"):
    if kind == "health":
        return {"protocol_versions": [1], "cluster_id": cluster, "instance_id": "i-1",
                "incarnation_id": "inc-1", "server_epoch": 1, "role": "active", "accepting": True,
                "users_version": 1, "servers_version": 0, "spread_s": 0, "probe_s": 5,
                "server_time": "2026-01-02T03:04:05Z", "journal": []}
    if kind == "login":
        return {"verdict": "granted", "receipt": "receipt-canary-Pw83hQz61Lnx", "receipt_expires": "2030-01-01T00:00:00Z",
                "user": {"user_uid": "u-ada", "name": "ada", "display_name": "Ada Lovelace",
                         "rights": ["print", "color"]}}
    if kind == "jobs":
        return {"jobs": [job(1), job(2)]}
    return {}


def send(connection, body, status="200 OK", headers="Content-Type: application/json\r\n",
         length=None):
    if isinstance(body, str):
        body = body.encode()
    size = len(body) if length is None else length
    connection.sendall(
        f"HTTP/1.1 {status}\r\n{headers}Content-Length: {size}\r\n\r\n".encode("latin-1") + body)


def good(connection, kind, value):
    if kind == "logout":
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
    else:
        send(connection, json.dumps(value))
    return False


# ---- not what was asked for

def html(connection, kind, value):
    send(connection, "<html><title>Welcome to our guest network</title></html>",
         headers="Content-Type: text/html\r\n")


def empty(connection, kind, value):
    send(connection, "")


def no_content(connection, kind, value):
    connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")


def wrong_type(connection, kind, value):
    """The words are right and only their label isn't."""
    send(connection, json.dumps(value), headers="Content-Type: image/png\r\n")


def redirect_to(where):
    def answer(connection, kind, value):
        send(connection, "", "302 Found", f"Location: {where}\r\n")
    return answer


def not_http(connection, kind, value):
    connection.sendall(b"220 mail.example ESMTP\r\n")
    return True


# ---- framing

def truncated(connection, kind, value):
    whole = json.dumps(value)
    send(connection, whole[:len(whole) // 2], length=len(whole))
    return True


def longer_than_said(connection, kind, value):
    whole = json.dumps(value)
    send(connection, whole, length=len(whole) // 2)
    return True


def shorter_than_said(connection, kind, value):
    """And the connection stays open."""
    send(connection, json.dumps(value), length=10 ** 9)
    time.sleep(30)
    return True


def negative_length(connection, kind, value):
    send(connection, json.dumps(value), length=-1)
    return True


def two_lengths(connection, kind, value):
    send(connection, json.dumps(value), headers="Content-Length: 5\r\n")
    return True


def lengths_listed(connection, kind, value):
    """Two in one line."""
    whole = json.dumps(value)
    send(connection, whole, length=f"{len(whole)}, {len(whole) + 1}")
    return True


def same_lengths(connection, kind, value):
    """Twice the same: harmless, and older proxies do it."""
    whole = json.dumps(value)
    send(connection, whole, headers=f"Content-Length: {len(whole)}\r\n")


def endless(connection, kind, value):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")
    while True:
        connection.sendall(b"0," * 8192)


def endless_chunks(connection, kind, value):
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"1000\r\n" + b" " * 4096 + b"\r\n")


def drip(connection, kind, value):
    whole = json.dumps(value).encode()
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(whole))
    for byte in whole:
        connection.sendall(bytes([byte]))
        time.sleep(1)


def drip_headers(connection, kind, value):
    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 1000:
        connection.sendall(bytes([byte]))
        time.sleep(1)


def gzip_bomb(connection, kind, value):
    """A little that would become 200 MB."""
    send(connection, bomb(), headers="Content-Type: application/json\r\nContent-Encoding: gzip\r\n")


@functools.lru_cache(None)
def bomb():
    return gzip.compress(b"\0" * 10 ** 7) * 20  # members of one stream


def interim_flood(connection, kind, value):
    while True:
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 100)


def header_flood(connection, kind, value):
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X-More: of the same\r\n" * 100)


def header_line(connection, kind, value):
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:
        connection.sendall(b"x" * 65536)


def trailer_flood(connection, kind, value):
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
    while True:
        connection.sendall(b"X-More: of the same\r\n" * 100)


def reset(connection, kind, value):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return True


def close(connection, kind, value):
    return True


def silent(connection, kind, value):
    time.sleep(60)
    return True


# ---- JSON

def text(make):
    """The answer is what `make` makes of a good one."""
    def answer(connection, kind, value):
        send(connection, make(kind, value))
    return answer


def changed(**by_kind):
    """Members of the good answer that are replaced; of each job for jobs, of the user for user."""
    def make(kind, value):
        value = dict(value)
        value.update(by_kind.get(kind, {}))
        if kind == "login":
            value["user"] = {**value["user"], **by_kind.get("user", {})}
        if kind == "jobs" and "job" in by_kind:
            value["jobs"] = [{**each, **by_kind["job"]} for each in value["jobs"]]
        return json.dumps(value)
    return text(make)


def raw_text(old, new):
    """Bytes of the JSON text replaced, for what no JSON library would write."""
    return text(lambda kind, value: json.dumps(value).encode().replace(old, new))


NUMBERS = (b'"pages": 3', b'"server_epoch": 1')


def number(literal):
    def make(kind, value):
        whole = json.dumps(value).encode()
        for name in NUMBERS:
            whole = whole.replace(name, name.split(b":")[0] + b": " + literal)
        if kind == "login":  # there is none in a grant
            whole = b'{"verdict":"denied","reason":"locked","retry_after_s":' + literal + b"}"
        return whole
    return text(make)


def levels(kind, value):
    return '{"a":' * 100000 + "1" + "}" * 100000


def arrays(kind, value):
    return "[" * 100000 + "]" * 100000


def doubled(kind, value):
    whole = json.dumps(value)
    first = {"health": '"cluster_id": "other", ', "login": '"verdict": "denied", ',
             "jobs": '"jobs": [], '}.get(kind, "")
    return "{" + first + whole[1:]


def many_values(kind, value):
    return "[" + "0," * 400000 + "0]"


def many_jobs(kind, value):
    if kind != "jobs":
        return json.dumps(value)
    return json.dumps({"jobs": [dict(job(1), uuid=f"6f1c2a90-0000-4000-8000-{i:012x}")
                                for i in range(3000)]})


def twins(kind, value):
    return json.dumps({"jobs": [job(1), job(1, name="Another.pdf")]} if kind == "jobs" else value)


def other_types(kind, value):
    return json.dumps({name: {"is": "an object"} for name in value})


def null(kind, value):
    return "null"


EVIL = "Ada\r\nX-Injected: yes\x1b[2J\x07"

ANSWERS = {
    "good": good, "html": html, "empty": empty, "no_content": no_content,
    "wrong_type": wrong_type, "not_http": not_http,
    "redirect_file": redirect_to("file:///etc/passwd"),
    "redirect_host": redirect_to("http://127.0.0.1:1/holdfast/v1/health"),
    "truncated": truncated, "longer_than_said": longer_than_said,
    "shorter_than_said": shorter_than_said, "negative_length": negative_length,
    "two_lengths": two_lengths, "lengths_listed": lengths_listed, "same_lengths": same_lengths,
    "endless": endless, "endless_chunks": endless_chunks, "drip": drip,
    "drip_headers": drip_headers, "gzip_bomb": gzip_bomb, "interim_flood": interim_flood,
    "header_flood": header_flood, "header_line": header_line, "trailer_flood": trailer_flood,
    "reset": reset, "close": close, "silent": silent,
    "levels": text(levels), "arrays": text(arrays), "doubled": text(doubled),
    "many_values": text(many_values), "many_jobs": text(many_jobs), "twins": text(twins),
    "other_types": text(other_types), "null": text(null),
    "not_utf8": raw_text(b'"', b'"\xff\xc0\x80'),
    "lone_surrogate": text(lambda kind, value: json.dumps(value).replace('": "', '": "\\ud800')),
    "nul": raw_text(b": \"", b": \"\\u0000"),
    "control_characters": changed(
        health={"instance_id": EVIL}, user={"name": EVIL, "display_name": EVIL},
        job={"name": EVIL}),
    "negative_count": number(b"-1"), "huge_count": number(b"18446744073709551616"),
    "fraction": number(b"1.5"), "exponent": number(b"1e400"),
    "receipt_injection": changed(login={"receipt": "r\r\nX-Injected: yes"}),
    "path_as_uuid": changed(job={"uuid": "../../admin/role"}),
    "other_users_jobs": changed(job={"user_uid": "u-bob"}),
    "other_cluster": changed(health={"cluster_id": "elsewhere"}),
}

# What happens on the bare connection, where a handshake or a request was expected.


def hang(connection):
    time.sleep(60)


def cut(connection):
    connection.recv(1)
    connection.sendall(b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03")


def close_at_once(connection):
    pass


BEFORE_TLS = {"handshake_hangs": hang, "handshake_cut": cut, "closes_at_once": close_at_once}
