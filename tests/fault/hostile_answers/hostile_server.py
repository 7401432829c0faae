# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""A print server of one's worst suspicions, over plain HTTP or TLS.

usage: hostile_server.py ANSWER [--at PATH]... [--cluster ID] [--tls-cert PEM --tls-key PEM]
                         [--tls-version 1.0|1.2|1.3] [--client-ca PEM]
                         [--refusal lingering|at_once|close_notify]

ANSWER is a name of answers.py. It is given to the paths named by --at (health, login, jobs; default
all of them), the other paths are answered as they should be. The first line on standard output is the
port; after it one line of JSON for each request. It ends when its standard input does.
"""
import argparse
import json
import os
import socket
import ssl
import sys
import threading
import warnings

import answers

PATHS = {"/holdfast/v1/health": "health", "/holdfast/v1/login": "login",
         "/holdfast/v1/jobs": "jobs", "/holdfast/v1/logout": "logout"}


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("answer")
    parser.add_argument("--at", action="append", choices=["health", "login", "jobs"])
    parser.add_argument("--cluster", default="office")
    parser.add_argument("--tls-cert")
    parser.add_argument("--tls-key")
    parser.add_argument("--tls-version", choices=["1.0", "1.2", "1.3"])
    parser.add_argument("--client-ca")
    parser.add_argument("--refusal", default="lingering",
                        choices=["lingering", "at_once", "close_notify"])
    return parser.parse_args()


def tls_context(given):
    if not given.tls_cert:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if given.tls_version:
        warnings.simplefilter("ignore", DeprecationWarning)
        version = {"1.0": ssl.TLSVersion.TLSv1, "1.2": ssl.TLSVersion.TLSv1_2,
                   "1.3": ssl.TLSVersion.TLSv1_3}[given.tls_version]
        context.minimum_version = context.maximum_version = version
        if given.tls_version == "1.0":
            context.set_ciphers("ALL:@SECLEVEL=0")
    context.load_cert_chain(given.tls_cert, given.tls_key)
    if given.refusal == "close_notify":
        context.num_tickets = 0
    if given.client_ca:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(given.client_ca)
    return context


class Peer:
    """One connection: reads requests, answers them until somebody has had enough."""

    def __init__(self, given, connection, number):
        self.given = given
        self.connection = connection
        self.number = number
        self.received = b""

    def read_request(self):
        while b"\r\n\r\n" not in self.received:
            more = self.connection.recv(65536)
            if not more:
                return None
            self.received += more
            if self.received[0] == 0x16:  # a TLS handshake
                self.connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
                return None
        head, _, rest = self.received.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ", 2)
        headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
        length = int(headers.get("content-length", "0"))
        while len(rest) < length:
            more = self.connection.recv(65536)
            if not more:
                return None
            rest += more
        self.received = rest[length:]
        return method, target, rest[:length]

    def serve(self):
        while request := self.read_request():
            method, target, body = request
            kind = PATHS.get(target.split("?")[0], "other")
            names = {}
            if isinstance(self.connection, ssl.SSLSocket):
                subject = (self.connection.getpeercert() or {}).get("subject", ())
                names = {"client": name[0][1] for name in subject}
            say({"path": target, "method": method, "kind": kind, "connection": self.number,
                 **names})
            hostile = kind in (self.given.at or ["health", "login", "jobs", "logout", "other"])
            answer = answers.ANSWERS[self.given.answer] if hostile else answers.good
            if answer(self.connection, kind, answers.good_value(kind, self.given.cluster)):
                return


said = threading.Lock()


def say(value):
    with said:
        print(json.dumps(value), flush=True)


def accept(given, listener, context):
    number = 0
    while True:
        connection, _ = listener.accept()
        number += 1
        threading.Thread(target=serve, args=(given, connection, context, number),
                         daemon=True).start()


def handshake(connection, refusal):
    """By default with a lingering close, as web servers do: a client of TLS 1.3 has sent its request
    before it is refused, and closing over unread bytes is a reset. close_notify refuses everybody,
    politely."""
    try:
        connection.do_handshake()
    except ssl.SSLError:
        if refusal == "at_once":
            raise
        socket.socket.shutdown(connection, socket.SHUT_WR)
        connection.settimeout(0.5)
        while socket.socket.recv(connection, 65536):
            pass
        raise
    if refusal == "close_notify":
        connection.settimeout(0)
        connection.unwrap()


def serve(given, connection, context, number):
    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        before = answers.BEFORE_TLS.get(given.answer)
        if before:
            return before(connection)
        if context:
            connection = context.wrap_socket(connection, server_side=True,
                                             do_handshake_on_connect=False)
            handshake(connection, given.refusal)
        Peer(given, connection, number).serve()
    except (OSError, ValueError):
        pass  # the peer had enough, or is as hostile as we are
    finally:
        try:
            connection.close()
        except OSError:
            pass


def main():
    given = arguments()
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    say(listener.getsockname()[1])
    threading.Thread(target=accept, args=(given, listener, tls_context(given)), daemon=True).start()
    while os.read(0, 4096):
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
