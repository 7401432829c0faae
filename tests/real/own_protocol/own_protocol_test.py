# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""The host's own protocol against servers that know nothing of Holdfast: real processes of Python's http.server, one of
which dies, hangs and comes back while requests go on."""

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

SERVER = """
import http.server, sys
class Shop(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    orders = 0
    def answer(self, text):
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        self.answer('{"status":"fine"}' if self.path == "/health" else '{"price":7}')
    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        Shop.orders += 1
        self.answer('{"order":%d}' % Shop.orders)
    def log_message(self, *words):
        pass
class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    def handle_error(self, request, client):
        pass  # a client that left: hedges and probes may
server = Server(("127.0.0.1", int(sys.argv[1])), Shop)
print(server.server_address[1], flush=True)
server.serve_forever()
"""


class Shop:
    def __init__(self, port=0):
        self.process = subprocess.Popen([sys.executable, "-c", SERVER, str(port)], stdout=subprocess.PIPE, text=True,
                                        start_new_session=True)
        self.port = int(self.process.stdout.readline())

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Till:
    """The example program, spoken to line by line."""

    def __init__(self, folder, ports):
        config = {
            "device_id": "till-1",
            "servers": [{"name": name, "url": f"http://127.0.0.1:{port}", "cluster_id": "shop",
                         "probe": {"kind": "http", "path": "/health", "expect_status": 200,
                                   "json_pointer": "/status", "json_value": '"fine"'}}
                        for name, port in zip("ab", ports)],
            "failback": {"hold_down_s": 1, "spread_s": 0, "grace_spread_s": 0, "good_probe_spacing_ms": 500},
        }
        path = os.path.join(folder, "config.json")
        with open(path, "w") as file:
            json.dump(config, file)
        state = os.path.join(folder, "state")
        os.mkdir(state)
        self.process = subprocess.Popen([sys.argv_program, path, state], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.lines = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line.strip())

    def ask(self, line):
        begin = time.monotonic()
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.lines.get(timeout=20), time.monotonic() - begin

    def end(self):
        if self.process.poll() is None:
            self.process.stdin.write("quit\n")
            self.process.stdin.close()
        code = self.process.wait(timeout=20)
        self.process.stdout.close()
        return code


class OwnProtocol(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.shops = [Shop(), Shop()]
        self.till = Till(self.folder.name, [shop.port for shop in self.shops])

    def tearDown(self):
        self.assertEqual(self.till.end(), 0)
        for shop in self.shops:
            shop.end()
        self.folder.cleanup()

    def wait_for(self, server, seconds=30):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            answer, _ = self.till.ask("safe GET /price/7")
            if answer.startswith(server + " "):
                return
            time.sleep(0.2)
        self.fail(f"{server} didn't answer within {seconds} s")

    def test_dies_and_returns(self):
        self.wait_for("a")
        self.shops[0].process.kill()
        self.shops[0].process.wait()
        answer, took = self.till.ask("safe GET /price/7")
        self.assertEqual(answer, 'b 200 {"price":7}')
        self.assertLess(took, 5)
        answer, took = self.till.ask("never POST /order 1 pencil")
        self.assertEqual(answer, 'b 200 {"order":1}')
        self.assertLess(took, 8)
        port = self.shops[0].port
        self.shops[0].end()
        self.shops[0] = Shop(port)
        self.wait_for("a")

    def test_hangs(self):
        self.wait_for("a")
        self.shops[0].process.send_signal(signal.SIGSTOP)
        answer, took = self.till.ask("safe GET /price/7")
        self.assertEqual(answer, 'b 200 {"price":7}')
        self.assertLess(took, 5)
        answer, _ = self.till.ask("never POST /order 1 pencil")
        self.assertIn(answer, ('b 200 {"order":1}', "- timed_out (perhaps carried out)"))

    def test_nobody_there(self):
        self.wait_for("a")
        for shop in self.shops:
            shop.process.kill()
            shop.process.wait()
        answer, took = self.till.ask("safe GET /price/7")
        self.assertTrue(answer.startswith("- "), answer)
        self.assertLess(took, 12)


if __name__ == "__main__":
    sys.argv_program = sys.argv.pop(1)
    unittest.main(verbosity=2)
