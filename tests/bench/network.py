# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""Two network namespaces with a cable between them: ours, where the devices and the proxies are, and
the office's, where the servers are."""
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys

INSIDE = "--inside"  # we are in the devices' namespace
OUR_ADDRESS = "192.0.2.100"
ADDRESSES = ("192.0.2.1", "192.0.2.2")
NOBODY = "02:00:00:00:00:99"


class Missing(RuntimeError):
    pass


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def enter_namespace(script):
    """Runs the script again in a network namespace of its own: as root, by a user namespace, or by sudo."""
    for tool in ("unshare", "nsenter", "ip"):
        if shutil.which(tool) is None:
            raise Missing(f"'{tool}' is missing: toolchains/bootstrap.sh bench")
    ways = [["unshare", "--net"], ["unshare", "--user", "--map-root-user", "--net"],
            ["sudo", "-n", "unshare", "--net"]]
    reasons = []
    for way in ways if os.geteuid() == 0 else ways[1:]:
        if shutil.which(way[0]) is None:
            continue
        tried = subprocess.run(way + ["ip", "link", "set", "lo", "up"], capture_output=True, text=True)
        if tried.returncode == 0:
            command = way + [sys.executable, "-B", script, INSIDE] + sys.argv[1:]
            os.execvp(command[0], command)
        reasons.append(f"{' '.join(way)}: {tried.stderr.strip()}")
    raise Missing("needs network namespaces, that is root, sudo without a password or user "
                  "namespaces. Tried:\n  " + "\n  ".join(reasons))


class Network:
    """The office's process in its namespace, and the way to it."""

    def __init__(self, office_script, *arguments):
        self.office = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", 'read -r _ && exec "$0" "$@"', sys.executable, "-B",
             str(office_script), *map(str, arguments)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # ends when its input does
        self.wait_for_namespace()
        run("ip", "link", "set", "lo", "up")
        run("ip", "link", "add", "bench0", "type", "veth", "peer", "name", "office0", "netns",
            str(self.office.pid))
        run("ip", "address", "add", f"{OUR_ADDRESS}/24", "dev", "bench0")
        self.there("ip", "link", "set", "lo", "up")
        for address in ADDRESSES:
            self.there("ip", "address", "add", f"{address}/24", "dev", "office0")
        self.there("ip", "link", "set", "office0", "up")
        run("ip", "link", "set", "bench0", "up")
        (link,) = json.loads(self.there("ip", "-json", "link", "show", "office0"))
        self.office_mac = link["address"]
        for address in ADDRESSES:
            self.neighbour(address, self.office_mac)
        self.office.stdin.write("go\n")
        self.office.stdin.flush()
        line = self.office.stdout.readline()
        if not line:
            raise RuntimeError("the servers did not start")
        self.server_pids = json.loads(line)["pids"]

    def wait_for_namespace(self):
        ours = os.readlink("/proc/self/ns/net")
        while os.readlink(f"/proc/{self.office.pid}/ns/net") == ours:
            if self.office.poll() is not None:
                raise RuntimeError("the servers' namespace can't be made")

    def there(self, *command):
        return run("nsenter", "--target", str(self.office.pid), "--net", *command)

    @staticmethod
    def neighbour(address, mac):
        run("ip", "neigh", "replace", address, "lladdr", mac, "dev", "bench0", "nud", "permanent")

    def ask(self, what):
        self.office.stdin.write(json.dumps({"do": what}) + "\n")
        self.office.stdin.flush()
        if not self.office.stdout.readline():
            raise RuntimeError(f"the servers' process ended at '{what}'")

    def inject(self, fault):
        if fault == "black_hole":  # what is sent to the first server reaches nobody
            self.neighbour(ADDRESSES[0], NOBODY)
        else:
            self.ask(fault)

    def heal(self, fault):
        if fault == "black_hole":
            self.neighbour(ADDRESSES[0], self.office_mac)
        else:
            self.ask("heal")

    def close(self):
        self.office.stdin.close()
        try:
            self.office.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.office.kill()
            self.office.wait()
