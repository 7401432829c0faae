# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""What happened and how long users waited, as it happens and as a table at the end."""
import threading
import time


class Wait:
    def __init__(self, scene, user, action, ms, server):
        self.scene, self.user, self.action, self.ms, self.server = scene, user, action, ms, server


class Scene:
    def __init__(self, name):
        self.name = name
        self.fault_at = None
        self.left_at = None     # when the fallback took over
        self.lifted_at = None
        self.back_at = None     # when the primary was in charge again
        self.returned_as = self.left_as = "-"


class Timeline:
    def __init__(self):
        self.started = time.monotonic()
        self.waits = []
        self.scenes = []
        self.switches = []
        self.lock = threading.Lock()

    def say(self, text, at=None):
        with self.lock:
            print(f"{(at or time.monotonic()) - self.started:7.2f} s  {text}", flush=True)

    def scene(self, name):
        self.scenes.append(Scene(name))
        self.say(f"--- {name}")
        return self.scenes[-1]

    def waited(self, user, action, ms, server, note=""):
        self.waits.append(Wait(self.scenes[-1].name, user, action, ms, server))
        self.say(f"    {user:14} {action:9} {ms:6} ms  {server or '-':9} {note}")

    def on_event(self, event):
        """Called on the reader's thread."""
        if event["event"] == "switch":
            self.switches.append(event)
            self.say(f"  > switch: {event['from']} -> {event['to']} ({event['reason']})", event["at"])
        elif event["event"] == "server_state":
            self.say(f"  . {event['server']}: {event['from']} -> {event['to']}, {event['cause']}",
                     event["at"])
        elif event["event"] in ("alarm", "local_health"):
            what = event.get("what") or event.get("local")
            self.say(f"  ! {event.get('alarm', 'device')}: {what}", event["at"])

    def longest(self, scene, action):
        times = [w.ms for w in self.waits if w.scene == scene and w.action == action]
        return f"{max(times):6} ms" if times else "        -"

    def print_table(self):
        def span(begin, end):
            return f"{end - begin:6.2f} s" if begin and end else "       -"
        print(f"\n{'failure of the primary':34} {'left':>9} {'login':>9} {'list':>9} {'release':>9}"
              f" {'back':>9}")
        for scene in self.scenes:
            print(f"{scene.name[:34]:34} {span(scene.fault_at, scene.left_at):>9}"
                  f" {self.longest(scene.name, 'login'):>9} {self.longest(scene.name, 'list'):>9}"
                  f" {self.longest(scene.name, 'release'):>9}"
                  f" {span(scene.lifted_at, scene.back_at):>9}")
        print("left: from the failure to the switch; login, list, release: the longest that a user\n"
              "waited; back: from the repair to the switch back\n")
        print("switches:")
        for event in self.switches:
            print(f"{event['at'] - self.started:7.2f} s  {event['from']} -> {event['to']}"
                  f" ({event['reason']})")
