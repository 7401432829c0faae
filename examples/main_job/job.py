# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""The main job: visits of users at the printer while the primary fails in turn, and what must hold."""
import hashlib
import json
import os
import signal
import time

from processes import Broken

DEADLINE_MS = 10000     # no action of a user may take so long
SETTLED_MS = 1500       # nor so long once the fallback is in charge
REFUSED_S = 3           # by then a server that says no was left; the library means 1 s,
SILENT_S = 8            # and one that says nothing; the library means 5 s. This machine may be busy
RETURN_S = 25           # by then the primary is in charge again, with the short settings


class Job:
    def __init__(self, primary, fallback, mfp, people, timeline):
        self.primary, self.fallback, self.mfp = primary, fallback, mfp
        self.people, self.timeline = people, timeline
        self.turn = 0
        self.problems = []

    def next_user(self):
        self.turn += 1
        return self.people[self.turn % len(self.people)]

    # ---- what a user does

    def login(self, user, kind):
        event = self.mfp.ask(user.login_line(kind), "login", 30)
        note = f"by {kind}" + (", provisional" if event.get("provisional") else "")
        self.timeline.waited(user.display_name, "login", event["took_ms"], event["server"], note)
        if event["verdict"] != "granted" or event["user"]["user_uid"] != user.uid:
            raise Broken(f"{user.name} was not logged in: {event}")

    def list(self, user):
        event = self.mfp.ask("jobs", "jobs", 30)
        offered = {job["uuid"] for job in event["jobs"]}
        self.timeline.waited(user.display_name, "list", event["took_ms"], event["server"],
                             f"{len(offered)} documents")
        if event["status"]["code"] != "ok":
            raise Broken(f"no list for {user.name}: {event['status']}")
        for document in user.documents:
            if document.printed_at and document.uuid in offered:
                self.problems.append(f"{document.name} is offered again after it was printed")
            if not document.printed_at and document.uuid not in offered:
                self.problems.append(f"{document.name} is missing from the list")

    def release(self, user):
        document = user.next_document()
        event = self.mfp.ask("release " + document.uuid, "released", 60,
                             lambda e: e["uuid"] == document.uuid)
        self.timeline.waited(user.display_name, "release", event["took_ms"], event["server"],
                             document.name)
        if event["step"] != "done" or event["state"] != "completed":
            raise Broken(f"{document.name} was not printed: {event}")
        document.printed_at = event["wall"]

    def logout(self):
        self.mfp.ask("logout", "session_end", 10)

    def visit(self, kind, user=None):
        user = user or self.next_user()
        self.login(user, kind)
        self.list(user)
        self.release(user)
        self.logout()

    # ---- scenes

    def all_well(self):
        self.timeline.scene("none: all is well")
        for kind in ("card", "pin", "password"):
            self.visit(kind)

    def fail(self, name, fault, repair, session_before, kinds, left_s):
        """One failure: users go on, the primary is repaired, and the printer returns to it.

        session_before: a user is logged in already, with the list on the panel. kinds: how the three
        visitors log in. left_s: by then the fallback has to be in charge.
        """
        scene = self.timeline.scene(name)
        self.turn += 1  # or each scene would give each user the same part
        since = self.mfp.mark()
        if session_before:
            user = self.next_user()
            self.login(user, kinds[0])
            self.list(user)
        self.timeline.say(f"  * {name}")
        scene.fault_at = time.monotonic()
        fault()
        self.mfp.ask("present on", "done", 5)  # the next user stands there already
        if session_before:
            self.release(user)
            self.list(user)
            self.logout()
        else:
            self.visit(kinds[0])
        left = self.mfp.expect("switch", 30, since, lambda e: e["to"] == self.fallback.name)
        scene.left_at, scene.left_as = left["at"], left["reason"]
        if scene.left_at - scene.fault_at > left_s:
            self.problems.append(f"{name}: the fallback took over after"
                                 f" {scene.left_at - scene.fault_at:.1f} s, not within {left_s} s")

        settled = len(self.timeline.waits)
        self.visit(kinds[1])
        for wait in self.timeline.waits[settled:]:
            if wait.ms > SETTLED_MS:
                self.problems.append(f"{name}: {wait.action} took {wait.ms} ms though the fallback"
                                     " was in charge")
            if wait.server not in (self.fallback.name, ""):
                self.problems.append(f"{name}: {wait.action} was answered by {wait.server}")

        self.mfp.ask("present off", "done", 5)
        self.timeline.say("  * repaired")
        scene.lifted_at = time.monotonic()
        since = self.mfp.mark()
        repair()
        back = self.mfp.expect("switch", RETURN_S, since, lambda e: e["to"] == self.primary.name)
        scene.back_at, scene.returned_as = back["at"], back["reason"]
        first = len(self.timeline.waits)
        self.visit(kinds[2])
        if any(wait.server != self.primary.name for wait in self.timeline.waits[first:]):
            self.problems.append(f"{name}: the primary is back, but another server answered")

    def failures(self):
        primary = self.primary
        healthy = {"mode": "none"}
        self.fail("killed (kill -9)", primary.kill, primary.start,
                  True, ("card", "pin", "card"), REFUSED_S)
        self.fail("stopped (SIGSTOP)", lambda: primary.signal(signal.SIGSTOP),
                  lambda: primary.signal(signal.SIGCONT),
                  False, ("card", "password", "pin"), SILENT_S)
        self.fail("hangs (accepts, never answers)", lambda: primary.fault({"mode": "hang"}),
                  lambda: primary.fault(healthy), True, ("pin", "card", "password"), SILENT_S)
        self.fail("answers 503", lambda: primary.fault({"mode": "status", "status": 503}),
                  lambda: primary.fault(healthy), False, ("card", "pin", "card"), SILENT_S)
        self.fail("draining", lambda: primary.role("draining"), lambda: primary.role("active"),
                  False, ("password", "card", "pin"), REFUSED_S)

    def the_rest(self):
        """What is still waiting is printed: then nothing may be left anywhere."""
        self.timeline.scene("none: the rest is printed")
        for user in self.people:
            self.login(user, "card")
            self.list(user)
            while user.next_document():
                self.release(user)
            self.list(user)
            self.logout()

    # ---- what must hold

    def documents(self):
        return [document for user in self.people for document in user.documents]

    def check_waits(self):
        worst = max(self.timeline.waits, key=lambda wait: wait.ms)
        if worst.ms >= DEADLINE_MS:
            self.problems.append(f"{worst.user} waited {worst.ms} ms for {worst.action}")
        return f"longest wait of a user {worst.ms} ms ({worst.action}, {worst.scene})"

    def check_paper(self):
        """What lies in the tray, by its bytes: once each, as it was submitted, and nothing else."""
        folder = self.mfp.paper
        with open(os.path.join(folder, "printed.ndjson"), encoding="utf-8") as file:
            printed = [json.loads(line) for line in file]
        files = [name for name in os.listdir(folder) if name.endswith(".pdf")]
        documents = {document.uuid: document for document in self.documents()}
        for document in documents.values():
            sheets = [line for line in printed if line["job"] == document.uuid]
            if len(sheets) != 1 or sheets[0]["outcome"] != "completed":
                self.problems.append(f"{document.name} was printed {len(sheets)} times: {sheets}")
                continue
            with open(os.path.join(folder, sheets[0]["file"]), "rb") as file:
                content = file.read()
            if hashlib.sha256(content).hexdigest() != document.sha256 or content != document.content:
                self.problems.append(f"{document.name} on paper differs from what was submitted")
        if len(files) != len(documents) or len(printed) != len(documents):
            self.problems.append(f"{len(files)} files in the tray and {len(printed)} attempts for"
                                 f" {len(documents)} documents")
        return f"{len(files)} of {len(documents)} documents printed, byte-identical, once each"

    def check_servers(self, timeout_s=10):
        """Both servers have heard of each print."""
        end = time.monotonic() + timeout_s
        while True:
            missing = [f"{document.name} is {states.get(document.uuid, 'unknown')} at {server.name}"
                       for server in (self.primary, self.fallback)
                       for states in [server.job_states()]
                       for document in self.documents()
                       if states.get(document.uuid) != "completed"]
            if not missing or time.monotonic() > end:
                break
            time.sleep(0.1)
        self.problems += missing
        return f"both servers have all {len(self.documents())} jobs as completed"

    def check_lists(self):
        """The servers' own answers: none lists a job that had been printed when it answered."""
        printed = {d.uuid: d for d in self.documents() if d.printed_at}
        lists = 0
        for server in (self.primary, self.fallback):
            for line in server.recorded("listJobs"):
                lists += 1
                for job in ((line["response"]["body"] or {}).get("jobs") or []):
                    document = printed.get(job["uuid"])
                    if document and line["t_ms"] > document.printed_at * 1000:
                        self.problems.append(f"{server.name} offered {document.name}"
                                             f" {line['t_ms'] - document.printed_at * 1000:.0f} ms"
                                             " after it was printed: the report came late")
        if lists == 0:
            self.problems.append("no server recorded a list")
        return f"none of {lists} lists given by the servers had a printed document"

    def check_switches(self):
        for scene in self.timeline.scenes:
            if scene.fault_at and scene.left_as == "started":
                self.problems.append(f"{scene.name}: no switch away from the primary")
            if scene.fault_at and scene.returned_as != "returned":
                self.problems.append(f"{scene.name}: came back as {scene.returned_as}")
        return f"{len(self.timeline.switches)} switches"
