# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""The four systems under measurement. A lane is one device with all that is its own: a process, and
for a proxy its part of the proxy with a state of its own."""
import ctypes
import json
import pathlib
import shutil
import subprocess
import time

import network

HERE = pathlib.Path(__file__).resolve().parent
SYSTEMS = ("holdfast", "curl", "nginx", "haproxy")
TITLES = {"holdfast": "Holdfast", "curl": "libcurl loop", "nginx": "nginx, tuned",
          "haproxy": "HAProxy, tuned"}
URLS = ("https://192.0.2.1:8001", "https://192.0.2.2:8002")
CURL_MS = (2000, 5000)  # connecting, and a whole try
PROXY_CLIENT_MS = (2000, 10000)
FIRST_PORT = {"nginx": 9100, "haproxy": 9200}
TOKEN = "token-of-a-lane"


def device_id(system, lane):
    return f"{system}-{lane}"


def write_devices(folder, lanes):
    names = [device_id(system, lane) for system in SYSTEMS for lane in range(lanes)] + ["haproxy"]
    path = folder / "devices"
    path.write_text("".join(f"{name}:{TOKEN}\n" for name in names))
    return path


class Lane:
    """One device's process."""

    def __init__(self, binary, folder, system, lane, servers=("primary", "fallback")):
        self.system = system
        self.servers = servers
        self.name = device_id(system, lane)
        self.process = subprocess.Popen(
            [binary, *self.arguments(folder, lane)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, bufsize=1, preexec_fn=network.die_with_parent)

    def arguments(self, folder, lane):
        if self.system == "holdfast":
            name = "-".join((*self.servers, str(lane)))
            state = folder / f"state-{name}"
            state.mkdir()
            config = folder / f"holdfast-{name}.json"
            config.write_text(json.dumps({
                "device_id": self.name,
                "servers": [{"name": name, "url": url, "cluster_id": "home", "token": TOKEN,
                             "tls": {"ca_file": f"{folder}/ca.pem"}}
                            for name, url in zip(("primary", "fallback"), URLS)
                            if name in self.servers]}, indent=1))
            return ["holdfast", str(config), str(state)]
        times, urls = CURL_MS, URLS
        if self.system != "curl":
            times, urls = PROXY_CLIENT_MS, [f"http://127.0.0.1:{FIRST_PORT[self.system] + lane}"]
        return ["curl", self.name, TOKEN, f"{folder}/ca.pem", *map(str, times), *urls]

    def tell(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def hear(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} ended")
        return json.loads(line)

    def reset(self):
        self.tell("reset")
        self.hear()

    def begin_logins(self, count, every_us=0):
        self.tell(f"login {count} {every_us}")

    def end_logins(self):
        done = []
        while "done" not in (answer := self.hear()):
            done.append(answer)
        return done

    def logins(self, count, every_us=0):
        self.begin_logins(count, every_us)
        return self.end_logins()

    def stats(self):
        self.tell("stats")
        return self.hear()

    def by_first(self, login):
        """Whether the first server answered. nginx names all that it asked."""
        answered = login["server"].split(",")[-1].strip()
        return answered in ("primary", "0", URLS[0].split("//")[1])

    def close(self):
        self.process.kill()
        self.process.wait()


class Proxies:
    """nginx and HAProxy, one process each, with a part for each lane."""

    def __init__(self, folder, lanes):
        self.processes = {}
        for name in ("nginx", "haproxy"):
            if shutil.which(name) is None:
                raise network.Missing(f"'{name}' is missing: toolchains/bootstrap.sh bench")
        self.fill(folder, "nginx.conf")
        self.fill(folder, "haproxy.cfg")
        parts = []
        for lane in range(lanes):
            self.fill(folder, "nginx-lane.conf", lane, FIRST_PORT["nginx"])
            parts += ["-f", self.fill(folder, "haproxy-lane.cfg", lane, FIRST_PORT["haproxy"])]
        self.start("nginx", [*not_as_root(), "nginx", "-e", f"{folder}/nginx-error.log", "-c", f"{folder}/nginx.conf"])
        self.start("haproxy", ["haproxy", "-db", "-q", "-f", f"{folder}/haproxy.cfg", *parts])

    @staticmethod
    def fill(folder, name, lane=None, first_port=0):
        text = (HERE / "peers" / name).read_text().replace("@FOLDER@", str(folder))
        if lane is not None:
            text = text.replace("@LANE@", str(lane)).replace("@PORT@", str(first_port + lane))
            text = text.replace("@TOKEN@", TOKEN)
            name = name.replace("-lane", f"-lane-{lane}")
        (folder / name).write_text(text)
        return str(folder / name)

    def start(self, name, command):
        self.processes[name] = subprocess.Popen(command, preexec_fn=network.die_with_parent)
        time.sleep(0.3)
        if self.processes[name].poll() is not None:
            raise RuntimeError(f"{name} ended at its start")

    def pids(self, system):
        """The proxy's processes: nginx has a master and a worker."""
        if system not in self.processes:
            return []
        pid = self.processes[system].pid
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [pid, *map(int, children)]

    def close(self):
        for process in self.processes.values():
            process.terminate()
            process.wait()


def not_as_root():
    """In a user namespace nginx can't change its user as it does when it is root."""
    all_users = "4294967295"
    if all_users in pathlib.Path("/proc/self/uid_map").read_text().split():
        return []
    return ["unshare", "--user", "--map-user=1000"]


def cpu_us_of(pid):
    """CPU time of a process, by its clock (clock_getcpuclockid)."""
    return time.clock_gettime_ns(ctypes.c_int(((~pid) << 3) | 2).value) / 1000


def memory_kb_of(pid, field):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])
    raise RuntimeError(f"no {field}")
