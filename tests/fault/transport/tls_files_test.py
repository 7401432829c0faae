# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""The device's own files when they can't be used: named, no connection made, nothing lost in 1,000
tries, and a file that is put right is taken. usage: tls_files_test.py ASKER MAKE_CERTIFICATES
"""
import os
import pathlib
import subprocess
import sys
import tempfile

from asking import HostileServer, ask, check, is_sanitized, make_certificates

COUNT = 1000
MOST_BYTES = 8 * 1024


def bad_files(folder):
    garbage = folder / "garbage"
    garbage.write_text("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n")
    empty = folder / "empty"
    empty.write_text("")
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    locked = folder / "locked.key"
    subprocess.run(["openssl", "pkcs8", "-topk8", "-v2", "aes-256-cbc", "-passout", "pass:x", "-in",
                    folder / "device.key", "-out", locked], check=True)
    old_locked = folder / "old-locked.key"
    subprocess.run(["openssl", "ec", "-aes128", "-passout", "pass:x", "-in", folder / "device.key",
                    "-out", old_locked], check=True, stderr=subprocess.DEVNULL)
    for bad in (folder / "missing", empty, folder, pipe, garbage):
        yield "ca", bad
    for bad in (folder / "missing", garbage, empty):
        yield "certificate", bad
    for bad in (folder / "missing", garbage, empty, pipe, locked, old_locked):
        yield "key", bad


def main():
    binary, make = sys.argv[1:3]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="holdfast-files-") as name:
        folder = pathlib.Path(name)
        make_certificates(make, folder)
        server = HostileServer("good", tls_cert=folder / "server.pem", tls_key=folder / "server.key")
        good = {"ca": folder / "ca.pem", "certificate": folder / "device.pem",
                "key": folder / "device.key"}
        url = f"https://127.0.0.1:{server.port}"
        try:
            for which, path in [*bad_files(folder), (None, None)]:
                count = COUNT if which else COUNT // 10
                said = ask(binary, url, count, **{**good, **({which: path} if which else {})})
                bad = said["outcomes"] != {"misconfigured" if which else "login": count}
                bad = bad or said["grown_descriptors"] != 0
                bad = bad or (said["grown_bytes"] > MOST_BYTES and not is_sanitized(binary))
                bad = bad or said["culprit"] != str(path or "")
                failed += bad
                print("FAILED" if bad else "ok    ", which, said, flush=True)
        finally:
            server.close()
    check(not failed, failed, "files")


if __name__ == "__main__":
    main()
