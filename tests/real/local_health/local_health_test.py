# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""Is it us? A device and its servers in network namespaces, a cable between them, and all that can
happen to a device's own network and to its own process: the panel says which, no server is blamed.

    local_health_test.py HOST cable|interface_down|address|route|stalled|blind
"""
import ctypes
import json
import os
import pathlib
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
INSIDE = "--inside"  # we are in the device's namespace
PORTS = (8001, 8002)  # the namespace is ours alone
NOTICED_S = 3.0
RECOVERED_S = 8.0
OUTAGE_S = 8.0  # long enough for a silent server to be judged dead twice over


def fail(text):
    print(f"local_health_test: {text}", file=sys.stderr, flush=True)
    sys.exit(1)


def enter_namespace(script=__file__):
    """Runs a script again in a network namespace of its own: as root, by a user namespace, or by sudo."""
    for tool in ("unshare", "nsenter", "ip"):
        if shutil.which(tool) is None:
            fail(f"'{tool}' is missing: install util-linux and iproute2 (toolchains/bootstrap.sh test)")
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
    fail("needs network namespaces, that is root, sudo without a password or user namespaces "
         "(sysctl kernel.unprivileged_userns_clone=1). Tried:\n  " + "\n  ".join(reasons))


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")


class Office:
    """The servers' namespace, and the cable to it."""

    def __init__(self):
        self.process = subprocess.Popen(
            ["unshare", "--net", sys.executable, "-B", str(HERE / "servers.py"), *map(str, PORTS)],
            stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent)
        if self.process.stdout.readline() != "ready\n":
            raise RuntimeError("the servers did not start")
        run("ip", "link", "set", "lo", "up")
        run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "office0", "netns",
            str(self.process.pid))
        self.there("ip", "link", "set", "lo", "up")
        self.there("ip", "address", "add", "192.0.2.1/24", "dev", "office0")
        self.there("ip", "address", "add", "198.51.100.1/32", "dev", "lo")
        self.there("ip", "link", "set", "office0", "up")
        # A second interface that is always well, as container hosts have: no consolation.
        run("ip", "link", "add", "bystander", "type", "veth", "peer", "name", "well")
        run("ip", "address", "add", "203.0.113.1/24", "dev", "bystander")
        run("ip", "link", "set", "well", "up")
        run("ip", "link", "set", "bystander", "up")
        run("ip", "link", "set", "eth0", "up")
        self.give_address()
        self.give_route()

    def there(self, *command):
        run("nsenter", "--target", str(self.process.pid), "--net", *command)

    @staticmethod
    def give_address():
        run("ip", "address", "add", "192.0.2.7/24", "dev", "eth0")

    @staticmethod
    def give_route():
        run("ip", "route", "replace", "default", "via", "192.0.2.1")

    def close(self):
        self.process.kill()
        self.process.wait()


class Device:
    """The host program, and what its panel says."""

    def __init__(self, host, folder, blind):
        config = folder / "config.json"
        config.write_text(json.dumps({
            "device_id": "mfp-1", "allow_http": True,
            "probe": {"user_present_probe_ms": 500},
            "login": {"accept_login_from": "any"},
            "servers": [
                {"name": name, "url": f"http://198.51.100.1:{port}", "token": "t",
                 "cluster_id": f"cluster-{number}"}
                for number, (name, port) in enumerate(zip(("main", "branch"), PORTS), 1)]}))
        state = folder / "state"
        state.mkdir()
        self.process = subprocess.Popen(
            [host, str(config), str(state)] + (["--blind"] if blind else []),
            stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent)
        self.events = queue.Queue()
        self.seen = []
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            print("  " + line, end="", flush=True)
            self.events.put(json.loads(line))
        self.events.put(None)

    def expect(self, limit_s, **members):
        """The next event with these members; what comes before it is kept in `seen`."""
        end = time.monotonic() + limit_s
        while True:
            try:
                event = self.events.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"nothing like {members} within {limit_s} s") from None
            if event is None:
                raise AssertionError("the host program ended")
            self.seen.append(event)
            if all(event.get(name) == value for name, value in members.items()):
                return event

    def settle(self, seconds):
        time.sleep(seconds)
        while not self.events.empty():
            self.seen.append(self.events.get())
        if None in self.seen:
            raise AssertionError("the host program ended")

    def blamed(self, since_ms=0):
        """Servers that left `up`, but for a doubt from before the kernel spoke: of a lost carrier it
        does so at most once a second."""
        return [event for event in self.seen if event["event"] == "state" and event["to"] != "up"
                and (event["to"] != "suspect" or event["t_ms"] > since_ms)]

    def close(self):
        self.process.kill()
        self.process.wait()


def now_ms():
    return time.clock_gettime(time.CLOCK_BOOTTIME) * 1000


def check_outage(office, device, word, begin, end):
    """begin() takes the network away, end() brings it back."""
    start = now_ms()
    begin()
    link = device.expect(NOTICED_S, event="link")
    assert link["link"] == word, f"the panel says {link['link']}, not {word}"
    local = device.expect(NOTICED_S, event="local", local="network_down")
    assert local["link"] == word, local
    print(f"noticed after {link['t_ms'] - start:.0f} ms")
    device.settle(OUTAGE_S)
    assert not [e for e in device.seen if e["event"] == "link" and e["link"] != word], "it wavered"
    assert not [e for e in device.seen if e["event"] == "local" and e["local"] == "ok"], "it wavered"
    start = now_ms()
    end()
    device.expect(RECOVERED_S, event="local", local="ok")
    # A hedge may have been quicker than a connection that TCP still repeats its first packet for.
    login = device.expect(RECOVERED_S, event="login")
    assert login["verdict"] == "granted", login
    print(f"recovered after {login['t_ms'] - start:.0f} ms")
    device.settle(3)
    # An answer may have been quicker than the kernel's word.
    assert [e for e in device.seen if e["event"] == "link"][-1]["link"] == "usable", device.seen
    assert [e for e in device.seen if e["event"] == "local"][-1]["local"] == "ok", device.seen
    assert not device.blamed(link["t_ms"]), f"blamed: {device.blamed(link['t_ms'])}"


def cable(office, device):
    check_outage(office, device, "no_link",
                 lambda: office.there("ip", "link", "set", "office0", "down"),
                 lambda: office.there("ip", "link", "set", "office0", "up"))


def interface_down(office, device):
    def up():
        run("ip", "link", "set", "eth0", "up")
        office.give_route()
    check_outage(office, device, "no_link", lambda: run("ip", "link", "set", "eth0", "down"), up)


def address(office, device):
    def back():
        office.give_address()
        office.give_route()
    check_outage(office, device, "no_address",
                 lambda: run("ip", "address", "delete", "192.0.2.7/24", "dev", "eth0"), back)


def route(office, device):
    check_outage(office, device, "no_route", lambda: run("ip", "route", "delete", "default"),
                 office.give_route)


def stalled(_office, device):
    for _ in range(3):
        device.seen.clear()
        os.kill(device.process.pid, signal.SIGSTOP)
        time.sleep(3)
        os.kill(device.process.pid, signal.SIGCONT)
        device.expect(NOTICED_S, event="local", local="local_stall")
        device.expect(RECOVERED_S, event="local", local="ok")
        login = device.expect(RECOVERED_S, event="login")
        assert login["verdict"] == "granted", login
        device.settle(2)
        assert not device.blamed(), f"blamed: {device.blamed()}"
        assert not [e for e in device.seen if e["event"] == "link"], device.seen


def blind(office, device):
    """Without a monitor the same pulled cable is the servers' fault: that the other cases can fail."""
    office.there("ip", "link", "set", "office0", "down")
    device.expect(30, event="state", server="main", to="down")


CASES = {case.__name__: case for case in (cable, interface_down, address, route, stalled, blind)}


def main():
    if len(sys.argv) > 1 and sys.argv[1] == INSIDE:
        del sys.argv[1]
    else:
        enter_namespace()
    host, name = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        parts = []
        try:
            parts.append(Office())
            parts.append(Device(host, pathlib.Path(folder), blind=name == "blind"))
            office, device = parts
            login = device.expect(10, event="login")
            assert login["verdict"] == "granted", login
            device.settle(4)
            device.seen.clear()
            CASES[name](office, device)
            assert device.process.poll() is None, "the host program ended"
        except (AssertionError, RuntimeError) as problem:
            fail(f"{name}: {problem}")
        finally:
            for part in reversed(parts):
                part.close()
    print(f"{name}: passed")


if __name__ == "__main__":
    main()
