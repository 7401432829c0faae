# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""A stock CUPS server on loopback, with its own configuration and one queue that prints nowhere."""
import grp
import http.client
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

CONFIGURATION = """Listen 127.0.0.1:{port}
Browsing Off
DefaultAuthType None
WebInterface No
<Location />
  Order allow,deny
  Allow 127.0.0.1
</Location>
<Policy default>
  JobPrivateAccess default
  JobPrivateValues none
  SubscriptionPrivateAccess default
  SubscriptionPrivateValues none
  <Limit All>
    Order allow,deny
  </Limit>
</Policy>
"""
FILES = """User {user}
Group {group}
SystemGroup {group}
FileDevice Yes
ServerRoot {folder}/root
ServerKeychain {folder}/root
RequestRoot {folder}/spool
CacheDir {folder}/cache
StateDir {folder}/state
TempDir {folder}/tmp
AccessLog {folder}/access_log
ErrorLog {folder}/error_log
PageLog {folder}/page_log
"""
QUEUE = """<Printer office>
DeviceURI file:///dev/null
State Idle
Accepting Yes
Shared Yes
JobSheets none none
OpPolicy default
ErrorPolicy stop-printer
</Printer>
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Cupsd:
    """It runs as lp when the tests are root's, because it gives up root's rights only in part."""

    def __init__(self):
        program = shutil.which("cupsd", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
        if not program:
            raise RuntimeError("cupsd is missing; toolchains/bootstrap.sh installs it")
        as_root = os.geteuid() == 0
        account = pwd.getpwnam("lp") if as_root else pwd.getpwuid(os.geteuid())
        group = grp.getgrgid(account.pw_gid).gr_name
        self.port = free_port()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="holdfast-cups-"))
        for name in ("root", "spool", "cache", "state", "tmp"):
            (self.folder / name).mkdir()
        words = {"port": self.port, "user": account.pw_name, "group": group, "folder": self.folder}
        (self.folder / "cupsd.conf").write_text(CONFIGURATION.format(**words))
        (self.folder / "cups-files.conf").write_text(FILES.format(**words))
        (self.folder / "root/printers.conf").write_text(QUEUE)
        command = [program, "-f", "-c", f"{self.folder}/cupsd.conf", "-s",
                   f"{self.folder}/cups-files.conf"]
        if as_root:
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, account.pw_uid, account.pw_gid)
            command = ["setpriv", f"--reuid={account.pw_name}", f"--regid={group}",
                       "--clear-groups", *command]
        self.log = open(self.folder / "log", "wb")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=self.log, start_new_session=True)
        self.wait_until_it_answers()

    def answers(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("OPTIONS", "/")
            return connection.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def wait_until_it_answers(self):
        end = time.monotonic() + 20
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > end:
                words = "".join(path.read_text(errors="replace")[-1000:]
                                for path in (self.folder / "log", self.folder / "error_log")
                                if path.exists())
                self.end()
                raise RuntimeError(f"cupsd did not come up; it says:\n{words}")
            time.sleep(0.05)

    def freeze(self):
        """Connections are still accepted, by the kernel; nothing is answered."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)
