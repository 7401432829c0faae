# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""A device whose certificate is refused knows that it is its own, also where a server of TLS 1.3 hangs
up at once and resets what the device is still sending. usage:
own_certificate_test.py ASKER MAKE_CERTIFICATES
"""
import pathlib
import sys
import tempfile

from asking import HostileServer, ask, check, make_certificates

COUNT = 150


def main():
    binary, make = sys.argv[1:3]
    with tempfile.TemporaryDirectory(prefix="holdfast-own-") as name:
        folder = pathlib.Path(name)
        make_certificates(make, folder)
        failed = 0

        def case(who, outcome, least=COUNT, **options):
            nonlocal failed
            server = HostileServer("good", tls_cert=folder / "server.pem",
                                   tls_key=folder / "server.key", tls_version="1.3", **options)
            own = {} if who is None else {"certificate": folder / f"{who}.pem",
                                          "key": folder / f"{who}.key"}
            try:
                said = ask(binary, f"https://127.0.0.1:{server.port}", COUNT,
                           ca=folder / "ca.pem", **own)
            finally:
                server.close()
            bad = said["outcomes"].get(outcome, 0) < least or said["grown_descriptors"] != 0
            failed += bad
            print("FAILED" if bad else "ok    ", who, options, said, flush=True)

        ca = folder / "ca.pem"
        for refusal in ("at_once", "lingering"):
            for who in ("stranger", "lapsed"):
                case(who, "own_certificate", client_ca=ca, refusal=refusal)
        # mbedTLS doesn't say that a certificate was asked for: where the reset is faster than the
        # alert, a device that has none takes it for a server that breaks.
        case(None, "own_certificate", COUNT // 5, client_ca=ca, refusal="at_once")
        case(None, "own_certificate", client_ca=ca, refusal="lingering")
        case("device", "login", client_ca=ca, refusal="at_once")
        # Nobody was asked for a certificate: whoever hangs up has a reason of its own.
        case(None, "refused", refusal="close_notify")
        check(not failed, failed, "cases")


if __name__ == "__main__":
    main()
