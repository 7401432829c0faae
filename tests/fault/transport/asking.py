# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""The program that asks, the certificates, and the servers of the hostile answers."""
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "hostile_answers"))

from device import HostileServer, check, is_sanitized  # noqa: E402, F401


def make_certificates(make, folder):
    subprocess.run(["sh", make, folder], check=True)


def ask(binary, url, count, timeout_ms=5000, **files):
    """What came of `count` requests: see asker.cc. `files`: ca, certificate, key."""
    options = [part for name, path in files.items() for part in ("--" + name, str(path))]
    done = subprocess.run([binary, url, str(count), str(timeout_ms), *options],
                          stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=200, check=True)
    return json.loads(done.stdout)
