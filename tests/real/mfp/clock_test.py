# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""A printer that wakes up in 1970 logs its users in over TLS all the same, and believes no
certificate that has expired. usage: clock_test.py HOLDFAST_MFP MAKE_CERTIFICATES
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/fault/hostile_answers"))

from device import Broken, HostileServer, Mfp, check  # noqa: E402

YEAR_S = 365 * 24 * 3600
AT_1970 = ("--device-wall-unix-ms", "5000")


def certificate_until(folder, name, unix_s):
    """A certificate like the server's, good until then."""
    subprocess.run(
        ["openssl", "ca", "-batch", "-notext", "-config", "server.conf", "-cert", "ca.pem",
         "-keyfile", "ca.key", "-in", "server.csr", "-out", f"{name}.pem", "-rand_serial",
         "-startdate", "20200101000000Z",
         "-enddate", time.strftime("%Y%m%d%H%M%SZ", time.gmtime(unix_s))],
        cwd=folder, check=True, capture_output=True)
    shutil.copy(folder / "server.key", folder / f"{name}.key")


class Scene:
    def __init__(self, binary, make_certificates, folder):
        self.binary, self.folder = binary, folder
        self.certificates = folder / "certificates"
        self.certificates.mkdir()
        subprocess.run([make_certificates, self.certificates], check=True)
        self.running = []

    def server(self, name):
        made = HostileServer("good", tls_cert=self.certificates / f"{name}.pem",
                             tls_key=self.certificates / f"{name}.key")
        self.running.append(made)
        return made.entry(name, tls={"ca_file": str(self.certificates / "ca.pem")})

    def printer(self, state, servers, *options):
        """With the state folder of that name, so that a second one is the first, switched on again."""
        made = Mfp(self.binary, self.folder / state, servers, *options,
                   request={"deadline_ms": 4000})
        self.running.append(made)
        return made, made.events[0]["clock_floor_unix_ms"]

    def close(self):
        for process in reversed(self.running):
            process.close()


def login(printer):
    return printer.ask("login card 04A2B3C4", "login")


def refused(printer, name, cause):
    check(login(printer)["verdict"] == "unknown", "an untrusted server let somebody in")
    found = printer.wait_state(name, ("quarantined",))
    check(cause in found["cause"], found)


def first_day(scene):
    """Nothing was kept yet: the program's build time is the floor."""
    printer, floor = scene.printer("first", [scene.server("server")], *AT_1970)
    check(0 < time.time() - floor / 1000 < 10 * YEAR_S, "the build time is", floor)
    granted = login(printer)
    check(granted["verdict"] == "granted" and granted["source"] == "home", granted)
    printer.quit()
    # Nobody believed the clock of 1970, so it was not kept; what is expired stays so.
    printer, again = scene.printer("first", [scene.server("expired")], *AT_1970)
    check(again == floor, again, floor)
    refused(printer, "expired", "don't hold")
    printer.quit()


def later(scene):
    """The latest time that was believed and proved is the floor after the power has been away."""
    now_s = int(time.time())
    kept_ms = (now_s + 4 * YEAR_S) * 1000
    certificate_until(scene.certificates, "two-years", now_s + 2 * YEAR_S)
    server, two_years = scene.server("server"), scene.server("two-years")
    printer, built = scene.printer("later", [two_years], *AT_1970)
    check(login(printer)["verdict"] == "granted", "the certificate is good for two years more")
    printer.quit()

    printer, floor = scene.printer("later", [server], "--device-wall-unix-ms", str(kept_ms))
    check(floor == built, "a time that nobody believed was kept", floor)
    check(login(printer)["verdict"] == "granted", printer.events[-1])
    wait_kept(scene, "later")
    printer.process.kill()  # the power again: what is kept is durable
    printer.process.wait()

    printer, floor = scene.printer("later", [server], *AT_1970)
    check(kept_ms <= floor < kept_ms + 60000, floor, "is not", kept_ms)
    check(login(printer)["verdict"] == "granted", printer.events[-1])
    printer.quit()
    printer, _ = scene.printer("later", [two_years], *AT_1970)
    refused(printer, "two-years", "don't hold")
    printer.quit()


def wait_kept(scene, state):
    end = time.monotonic() + 15
    folder = scene.folder / state / "state"
    while not [path for path in folder.glob("host-clock*") if path.suffix != ".tmp"]:
        check(time.monotonic() < end, "the time was not kept", list(folder.iterdir()))
        time.sleep(0.1)


def ahead(scene):
    """A clock that runs ahead of every certificate proves nothing and is not kept."""
    certificate_until(scene.certificates, "a-year", int(time.time()) + YEAR_S)
    server = scene.server("a-year")
    wrong = str(int(time.time() + 20 * YEAR_S) * 1000)
    printer, built = scene.printer("ahead", [server], "--device-wall-unix-ms", wrong)
    refused(printer, "a-year", "don't hold")
    time.sleep(2)
    printer.quit()
    printer, floor = scene.printer("ahead", [server])
    check(floor == built, floor, built)
    check(login(printer)["verdict"] == "granted", printer.events[-1])
    printer.quit()


def main():
    binary, make_certificates = sys.argv[1:]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="holdfast-clock-") as folder:
        for case in (first_day, later, ahead):
            own = pathlib.Path(folder) / case.__name__
            own.mkdir()
            scene = Scene(binary, make_certificates, own)
            try:
                case(scene)
                print(f"ok      {case.__name__}")
            except Broken as problem:
                failed += 1
                print(f"FAILED  {case.__name__}: {problem}")
            finally:
                scene.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
