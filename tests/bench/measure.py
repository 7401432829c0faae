# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""What is measured: first logins after a fault, the time after them, load, and idleness."""
import contextlib
import json
import pathlib
import subprocess
import tempfile
import time

import network
import systems

HERE = pathlib.Path(__file__).resolve().parent
FAULTS = ("refused", "black_hole", "hang", "stopped", "unavailable", "handshake_hangs")
WARM_LOGINS = 24  # from 20 answers on the hedge's delay is what was observed
SLOT_US = 8000
LEAD_US = 4000  # from the order to the first slot
HEALTHY_LOGINS = 4  # at the end of the warm-up, that count as a healthy server's
# Until nginx gives the first server another chance (fail_timeout), and HAProxy's checks (rise).
PEERS_RECOVER_S = 1.3


def now_us():
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000


class Arena:
    """Servers, proxies and devices."""

    def __init__(self, device_binary, server_binary, lanes):
        with contextlib.ExitStack() as parts:
            folder = pathlib.Path(parts.enter_context(tempfile.TemporaryDirectory()))
            subprocess.run([str(HERE / "certificates.sh"), str(folder)], check=True)
            devices = systems.write_devices(folder, lanes)
            self.folder, self.device_binary = folder, device_binary
            self.network = network.Network(HERE / "office.py", server_binary, folder, devices)
            parts.callback(self.network.close)
            parts.callback(network.run, "ip", "link", "delete", "bench0")
            self.proxies = systems.Proxies(folder, lanes)
            parts.callback(self.proxies.close)
            self.lanes = []
            for system in systems.SYSTEMS:
                for lane in range(lanes):
                    self.lanes.append(systems.Lane(device_binary, folder, system, lane))
                    parts.callback(self.lanes[-1].close)
            self.parts = parts.pop_all()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.parts.close()

    def of(self, system):
        return [lane for lane in self.lanes if lane.system == system]

    def warm_up(self):
        """Each lane, one after another so that none disturbs another: until the first server answers
        it. Returns the waits at a healthy server, by system."""
        healthy = {system: [] for system in systems.SYSTEMS}
        for lane in self.lanes:
            lane.reset()
            logins = lane.logins(WARM_LOGINS)
            end = time.monotonic() + 15
            while not all(good(lane, login) for login in logins[-HEALTHY_LOGINS:]):
                if time.monotonic() > end:
                    raise RuntimeError(f"{lane.name} doesn't return to the first server: {logins[-1]}")
                time.sleep(0.1)
                logins = lane.logins(HEALTHY_LOGINS)
            healthy[lane.system] += [login["wait_us"] for login in logins[-HEALTHY_LOGINS:]]
        return healthy


def good(lane, login):
    return login["granted"] and lane.by_first(login) and not login["noticed"]


def slots(arena, number):
    """The order of the lanes' first logins, another one in each round."""
    names = systems.SYSTEMS
    count = len(arena.of(names[0]))
    return [arena.of(names[(place + lane + number) % len(names)])[(lane + number) % count]
            for lane in range(count) for place in range(len(names))]


def first_logins(arena, fault, number):
    """One round: every lane's first login after the same fault, one after another in short slots."""
    begun = now_us()
    arena.network.inject(fault)
    start = now_us() + LEAD_US
    order = slots(arena, number)
    for slot, lane in enumerate(order):
        lane.tell(f"at {start + slot * SLOT_US}")
    tries = []
    for lane in order:
        login = lane.hear()
        login["system"] = lane.system
        login["after_fault_us"] = login["begun_us"] - begun
        tries.append(login)
    arena.network.heal(fault)
    return tries


def rounds(arena, fault, numbers, found):
    """Adds to found["first"][fault][system] the tries, to found["healthy"][system] the waits before."""
    tries = found["first"][fault] = {system: [] for system in systems.SYSTEMS}
    for number in numbers:
        for system, waits in arena.warm_up().items():
            found["healthy"].setdefault(system, []).extend(waits)
        for login in first_logins(arena, fault, number):
            tries[login["system"]].append(login)
        time.sleep(PEERS_RECOVER_S)


def afterwards(arena, fault, seconds):
    """Logins each 200 ms from the fault on, while the dead server is looked at: a device of each
    system, and beside them one of the library that knows the healthy server only."""
    every_us = 200000
    arena.warm_up()
    control = systems.Lane(arena.device_binary, arena.folder, "holdfast", 0, ("fallback",))
    try:
        control.logins(WARM_LOGINS)
        arena.network.inject(fault)
        lanes = {system: arena.of(system)[0] for system in systems.SYSTEMS}
        lanes["healthy"] = control
        for lane in lanes.values():
            lane.begin_logins(seconds * 1000000 // every_us, every_us)
            time.sleep(every_us / 1e6 / len(lanes))
        found = {name: lane.end_logins() for name, lane in lanes.items()}
    finally:
        control.close()
    arena.network.heal(fault)
    time.sleep(PEERS_RECOVER_S)
    return found


def usage(arena, system):
    lane = arena.of(system)[0]
    device = lane.stats()
    pids = arena.proxies.pids(system)
    return {
        "cpu_us": device["cpu_us"] + sum(map(systems.cpu_us_of, pids)),
        "device_rss_kb": device["rss_kb"],
        "device_peak_kb": device["peak_rss_kb"],
        "device_heap_bytes": device["heap_bytes"],
        "proxy_peak_kb": sum(systems.memory_kb_of(pid, "VmHWM") for pid in pids),
        "threads": device["threads"],
    }


def asked(arena):
    """Requests in the servers' records, by device."""
    counts = {}
    for record in arena.folder.glob("record-*"):
        for line in record.read_text().splitlines():
            headers = {name.lower(): value for name, value in json.loads(line)["headers"].items()}
            device = headers.get("holdfast-device", "")
            counts[device] = counts.get(device, 0) + 1
    return counts


def idle_and_load(arena, idle_s, logins, say):
    """One device of each system: idle for a while, then the same number of logins each."""
    arena.network.ask("record")
    time.sleep(PEERS_RECOVER_S)
    arena.warm_up()
    time.sleep(1)
    before = asked(arena)
    at_rest = {system: usage(arena, system) for system in systems.SYSTEMS}
    time.sleep(idle_s)
    found = {}
    after = asked(arena)
    for system in systems.SYSTEMS:
        now = usage(arena, system)
        name = "haproxy" if system == "haproxy" else systems.device_id(system, 0)
        found[system] = {
            "idle_requests_per_minute": (after.get(name, 0) - before.get(name, 0)) * 60 / idle_s,
            "idle_cpu_ms_per_minute":
                (now["cpu_us"] - at_rest[system]["cpu_us"]) / 1000 * 60 / idle_s,
        }
    say(f"idle: {idle_s} s")
    for system in systems.SYSTEMS:
        begin = usage(arena, system)
        (lane,) = arena.of(system)
        failed = sum(not login["granted"] for login in lane.logins(logins))
        end = usage(arena, system)
        found[system].update(end, load_logins=logins, load_failed=failed,
                             load_cpu_us_per_login=(end["cpu_us"] - begin["cpu_us"]) / logins)
    say(f"load: {logins} logins each")
    return found


def polls(arena, found):
    """Adds what poll() took, of all lanes of the library."""
    for lane in arena.of("holdfast"):
        stats = lane.stats()
        for name in ("plain_us", "handshake_us", "beside_us", "slow"):
            found.setdefault(name, []).extend(stats[name])
