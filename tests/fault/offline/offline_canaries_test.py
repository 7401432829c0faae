# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""Secrets of offline logins, looked for where they must not be. usage:
offline_canaries_test.py HOLDFAST_OFFLINE_DEVICE HOLDFAST_PRINT_SERVER MAKE_CERTIFICATES

A device takes in its server's users with their verifiers, learns three logins, loses the server,
lets the three in from its cache and refuses a fourth. Then its core file, its files, its log and its
events are searched for what was typed, for what the server had handed out (T, in bytes and as text)
and for the root under which the cache is sealed. Another device is aborted while it derives: its
core does hold the card, so that the search is known to find one.
"""
import hashlib
import json
import pathlib
import shutil
import sqlite3
import ssl
import struct
import sys
import tempfile
import time
import urllib.request

from offline_device import (Device, PrintServer, base64_of, check, is_sanitized,
                            make_certificates, unwrapped)
from core_canaries_test import dump, near  # found by offline_device's path

CARD, WRONG = "CA4D0BADCAFE5717", "CA4D0BADCAFE9999"
PIN = "8305719264407716"
PASSWORD = "canary-pass-Zq81vTr5mXw0"
TOKEN = "canary-token-Hk27bNs9dLe4"
USERS = [{"user_uid": "u-ada", "name": "ada", "cards": [CARD], "pins": [PIN], "password": PASSWORD}]
CORES = ["sh", "-c", 'cd "$0"; ulimit -S -c "$(ulimit -H -c)"; exec "$@"']


def verifiers(server):
    """What the server hands out, as the device gets it."""
    context = ssl.create_default_context(cafile=server.certificates / "ca.pem")
    context.load_cert_chain(server.certificates / "device.pem", server.certificates / "device.key")

    def get(path):
        request = urllib.request.Request(
            f"https://127.0.0.1:{server.port}/holdfast/v1{path}",
            headers={"Authorization": f"Bearer {TOKEN}", "Holdfast-Device": "mfp-1",
                     "Holdfast-Protocol": "1"})
        return urllib.request.urlopen(request, context=context).read()

    found = {}
    for chunk in json.loads(get("/users?since=0"))["chunks"]:
        for line in get("/users/chunks/" + chunk["id"]).splitlines():
            for one in json.loads(line).get("verifiers", []):
                found[one["kind"]] = one
    return found


def stored_keys(path):
    """(anchor, root) as drawn; only this device could unwrap them."""
    copy = path.parent.parent / "copy.db"
    shutil.copy(path, copy)
    shutil.copy(str(path) + "-wal", str(copy) + "-wal")
    database = sqlite3.connect(copy)
    stored, = database.execute("SELECT value FROM entries WHERE key=?", (b"keys",)).fetchone()
    database.close()

    def text(at):
        size, = struct.unpack_from("<H", stored, at)
        return stored[at + 2:at + 2 + size], at + 2 + size

    anchor, at = text(17)
    root, _ = text(at + 1 + 4)
    return unwrapped(anchor), unwrapped(root)


def while_deriving(binary, folder, server):
    device = Device(binary, folder, [server.entry("home")], wrapper=[*CORES, folder],
                    offline={"kdf_iterations": 1000000, "sync": "none"})
    try:
        check(device.login(f"card {CARD}")["source"] == "home", "the card")
        device.until("it is learnt", lambda: device.status()["users"] == 1)
        return device
    except BaseException:
        device.kill()
        raise


def search_files(device, secrets):
    found = []
    files = [device.folder / "stderr", *device.folder.glob("state/*")]
    for path in files:
        content = path.read_bytes()
        found += [f"{what} in {path.name}" for what, secret in secrets.items() if secret in content]
    found += [f"{what} on standard output" for what, secret in secrets.items()
              if secret in device.output]
    check(any(path.name == "cred.db-wal" for path in files), "cred.db's log is not among", files)
    return found


def play(binary, folder, server):
    deriving = while_deriving(binary, folder / "deriving", server)
    device = Device(binary, folder / "device", [server.entry("home")],
                    wrapper=[*CORES, folder / "device"])
    try:
        device.until("users are synchronised", lambda: device.status()["users_version"] > 0)
        secrets = {"card": CARD.encode(), "PIN": PIN.encode(), "password": PASSWORD.encode(),
                   "wrong card": WRONG.encode()}
        handed = verifiers(server)
        check(set(handed) == {"card", "pin", "password"}, "the feed has", set(handed))
        for kind, one in handed.items():
            derived = bytes.fromhex(one["verifier"])
            typed = {"card": CARD, "pin": PIN, "password": PASSWORD}[kind].encode()
            check(derived == hashlib.pbkdf2_hmac("sha256", typed, bytes.fromhex(one["salt"]),
                                                 one["iterations"]), "T of the", kind)
            secrets[f"T of the {kind}"] = derived
            secrets[f"T of the {kind} in hex"] = one["verifier"].encode()
            secrets[f"T of the {kind} in base64"] = base64_of(derived)
        ways = (f"card {CARD}", f"pin {PIN}", f"password ada {PASSWORD}")
        for how in ways:
            check(device.login(how)["source"] == "home", "online by", how.split()[0])
        server.kill()
        device.lost("home")
        for how in ways:
            login = device.login(how)
            check((login["verdict"], login["source"], login["user_uid"]) ==
                  ("granted", "cache", "u-ada"), login)
        check(device.login(f"card {WRONG}")["verdict"] == "denied", "a card that nobody has")
        time.sleep(1)
        anchor, root = stored_keys(device.state / "cred.db")
        secrets["root"] = root
        secrets["anchor"] = anchor
        found = search_files(device, {**secrets, "token": TOKEN.encode()})
        if is_sanitized(binary):
            print("a sanitizer keeps what was freed: no core file is looked at")
            return found
        core = dump(device, device.folder)
        check(near(core, TOKEN), "the search doesn't find what must be there")
        for what, secret in secrets.items():
            at = core.find(secret)
            if at >= 0:
                found.append(f"{what} in the core file: {core[max(0, at - 40):at + 60]!r}")
        print(f"a core file of {len(core)} bytes; {len(secrets)} secrets looked for")
        deriving.lost("home")
        deriving.send(f"login card {CARD}")
        time.sleep(0.15)
        check(near(dump(deriving, deriving.folder), CARD), "a card in use is not found")
        return found
    finally:
        deriving.kill()
        device.kill()


def main():
    binary, print_server, make = sys.argv[1:4]
    folder = pathlib.Path(tempfile.mkdtemp(prefix="holdfast-offline-"))
    folder.chmod(0o700)
    try:
        certificates = make_certificates(make, folder / "certificates")
        server = PrintServer(print_server, folder / "server", USERS, certificates, TOKEN)
        try:
            found = play(binary, folder, server)
        finally:
            server.kill()
        for line in found:
            print("  there is the", line)
        return 1 if found else 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
