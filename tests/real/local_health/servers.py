# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""Two print servers that know one card, on the ports given; each is a cluster of its own."""
import http.server
import json
import sys
import threading


def handler_of(cluster):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def answer(self, status, body=None):
            text = json.dumps(body).encode() if body is not None else b""
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def do_GET(self):
            self.answer(200, {
                "protocol_versions": [1], "cluster_id": cluster, "instance_id": cluster + "-1",
                "incarnation_id": "1", "server_epoch": 1, "role": "active", "accepting": True,
                "users_version": 1, "servers_version": 0, "spread_s": 0, "probe_s": 10,
                "server_time": "2026-01-01T00:00:00Z", "journal": []})

        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if not self.path.endswith("/login"):
                return self.answer(204)
            return self.answer(200, {
                "verdict": "granted", "receipt": "r-" + cluster,
                "receipt_expires": "2036-01-01T00:00:00Z",
                "user": {"user_uid": "u1", "name": "ann", "display_name": "Ann", "rights": []}})

        def log_message(self, *_):
            pass

    return Handler


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """A cable was pulled, what else."""


def main():
    threads = []
    for number, port in enumerate(sys.argv[1:], 1):
        server = Server(("0.0.0.0", int(port)), handler_of(f"cluster-{number}"))
        threads.append(threading.Thread(target=server.serve_forever))
        threads[-1].start()
    print("ready", flush=True)


if __name__ == "__main__":
    main()
