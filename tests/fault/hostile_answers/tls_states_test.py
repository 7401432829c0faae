# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""What becomes of a server whose TLS is wrong, and of a device whose own is: the rows of
docs/transport.md, each with a real server. usage: tls_states_test.py HOLDFAST_MFP MAKE_CERTIFICATES
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

from device import HostileServer, Mfp, check, run_all

binary = None
folder = None


def certificate(name):
    return str(folder / "certificates" / f"{name}.pem")


def key(name):
    return str(folder / "certificates" / f"{name}.key")


def pin(name):
    return (folder / "certificates" / f"{name}.pin").read_text().strip()


def tls_server(name, answer="good", **options):
    return HostileServer(answer, tls_cert=certificate(name), tls_key=key(name), **options)


def trust(client=None, **more):
    tls = {"ca_file": certificate("ca"), **more}
    if client:
        tls.update(client_certificate_file=certificate(client), client_key_file=key(client))
    return tls


UNTRUSTED = ("quarantined", "its certificate, name or pin don't hold")
# case: (the server, what the device is configured with, the state, a part of the cause)
SERVERS = {
    "as it should be": (lambda: tls_server("server"), {}, "up", ""),
    "expired": (lambda: tls_server("expired"), {}, *UNTRUSTED),
    "not yet valid": (lambda: tls_server("future"), {}, "quarantined", "isn't valid yet"),
    "wrong host": (lambda: tls_server("wrong-host"), {}, *UNTRUSTED),
    "IP without alternative name": (lambda: tls_server("127.0.0.1"), {}, *UNTRUSTED),
    "unknown authority": (lambda: tls_server("stranger"), {}, *UNTRUSTED),
    "wrong pin": (lambda: tls_server("server"), {"pin_sha256": "device"}, *UNTRUSTED),
    "next pin": (lambda: tls_server("server"),
                 {"pin_sha256": "device", "pin_next_sha256": "server"}, "up", ""),
    "TLS 1.0 only": (lambda: tls_server("server", tls_version="1.0"), {}, *UNTRUSTED),
    "plain HTTP": (lambda: HostileServer("good"), {}, "down", "refused"),
    "handshake hangs": (lambda: HostileServer("handshake_hangs"), {}, "down", "silent"),
    "handshake cut": (lambda: HostileServer("handshake_cut"), {}, "down", "refused"),
    "closes at once": (lambda: HostileServer("closes_at_once"), {}, "down", "refused"),
}


def one_server(case):
    make, more, state, cause = SERVERS[case]
    more = {name: pin(value) for name, value in more.items()}
    first, good = make(), HostileServer("good")
    entry = {**first.entry("first", tls=trust(**more)), "url": f"https://127.0.0.1:{first.port}"}
    mfp = Mfp(binary, folder / case, [entry, good.entry("good")])
    try:
        login = mfp.ask("login card 04A2B3C4", "login")
        check(login["verdict"] == "granted", login)
        check(login["server"] == ("first" if state == "up" else "good"), login)
        found = mfp.wait_state("first", (state,))
        check(cause in found["cause"], found["cause"])
        mfp.quit()
        first.close()  # its last words are read
        if case != "plain HTTP":
            check(state == "up" or not first.requests, "a request reached it", first.requests)
        return f"{found['state']}: {found['cause']}"
    finally:
        for process in (mfp, first, good):
            process.close()


def local_health(case, servers, wanted, verdict):
    """All servers at once: it is about the device."""
    mfp = Mfp(binary, folder / case, servers, request={"deadline_ms": 4000})
    try:
        login = mfp.ask("login card 04A2B3C4", "login")
        check(login["verdict"] == verdict, login)
        end = [event for event in mfp.events if event["event"] == "local_health"]
        if not end and wanted != "ok":
            end = [mfp.next("local_health", 8)]
        status = mfp.ask("status")
        check(status["local"] == wanted, status["local"])
        states = [each["state"] for each in mfp.ask("servers")["servers"]]
        mfp.quit()
        return f"{wanted}, the servers are {' and '.join(states)}", states
    finally:
        mfp.close()


def clock_unset(case):
    """Two servers, both certificates from the future: the clock is wrong."""
    first, second = tls_server("future"), tls_server("future")
    try:
        return local_health(case, [first.entry("first", tls=trust()),
                                   second.entry("second", tls=trust())],
                            "clock_untrusted", "unknown")[0]
    finally:
        first.close()
        second.close()


def own_certificate(client, version="1.3"):
    def run(case):
        server = tls_server("server", client_ca=certificate("ca"), tls_version=version)
        try:
            fine = client == "device"
            said, states = local_health(
                case, [server.entry("first", tls=trust(client))],
                "ok" if fine else "device_refused", "granted" if fine else "unknown")
            check(states == ["up"], "our own fault was blamed on the server", states)
            return said
        finally:
            server.close()
    return run


def rotation(case):
    """A new certificate in a new file, taken by reload: the next request comes with it, on a new
    connection; one that the server refuses doesn't hide behind the old connection."""
    server = tls_server("server", client_ca=certificate("ca"))
    work = folder / "rotation"
    mfp = Mfp(binary, work, [server.entry("first", tls=trust("device"))])
    try:
        check(mfp.ask("login card 04A2B3C4", "login")["verdict"] == "granted", "the old one")
        check({each["client"] for each in server.asked_for("login")} == {"device"}, "another's name")
        before = {each["connection"] for each in server.requests}
        mfp.configure([server.entry("first", tls=trust("renewed"))])
        mfp.ask("reload", "done")
        begin = len(server.requests)
        check(mfp.ask("jobs")["status"]["code"] == "ok", "the new one")
        listed = server.asked_for("jobs", begin)
        check(all(each["client"] == "renewed" and each["connection"] not in before
                  for each in listed), listed)
        mfp.configure([server.entry("first", tls=trust("stranger"))], request={"deadline_ms": 2000})
        mfp.ask("reload", "done")
        check(mfp.ask("jobs")["status"]["code"] != "ok", "a stranger's was good enough")
        mfp.quit()
        return "renewed on a new connection, a stranger's refused"
    finally:
        mfp.close()
        server.close()


CASES = {
    **{name: one_server for name in SERVERS},
    "clock unset": clock_unset,
    "own certificate good": own_certificate("device"),
    "own certificate refused": own_certificate("stranger"),
    "own certificate refused, TLS 1.2": own_certificate("stranger", "1.2"),
    "own certificate expired": own_certificate("lapsed"),
    "own certificate expired, TLS 1.2": own_certificate("lapsed", "1.2"),
    "own certificate missing": own_certificate(None),
    "own certificate rotated": rotation,
}


def main():
    global binary, folder
    binary, make, wanted = sys.argv[1], sys.argv[2], sys.argv[3:]
    folder = pathlib.Path(tempfile.mkdtemp(prefix="holdfast-tls-"))
    try:
        (folder / "certificates").mkdir()
        subprocess.run(["sh", make, folder / "certificates"], check=True)
        chosen = [case for case in CASES if not wanted or case in wanted]
        failed = run_all(chosen, lambda case: CASES[case](case), 6)
        print(f"{len(chosen)} cases, {failed} failed")
        return 1 if failed or not chosen else 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
