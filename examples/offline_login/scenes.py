# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""Who logs in with and without servers, and what must come of it."""
import hashlib
import json
import os
import pathlib
import time

import office
from processes import Broken

CODE = "seven sealed envelopes"  # of the emergency login; on paper only
PAUSE_AFTER, PAUSE_S = 3, 60
DOWN_S = 15                      # by then the printer knows that no server is left
HEARD_S = 15                     # and home of what happened meanwhile
CACHE_MS = 2000                  # a login from the cache with the servers known to be down


def offline_policy():
    return {"cache": "automatic", "sync": "verifiers", "pause_after": PAUSE_AFTER,
            "pause_s": PAUSE_S}


def break_glass():
    salt = os.urandom(16)
    verifier = hashlib.pbkdf2_hmac("sha256", CODE.encode(), salt, 100000)
    return {"salt": salt.hex(), "iterations": 100000, "verifier": verifier.hex(),
            "rights": ["print"]}


class Table:
    """What was tried and what came of it."""

    def __init__(self):
        self.rows = []
        self.problems = []

    def add(self, scene, what, came, ms, right):
        self.rows.append((scene, what, came, f"{ms} ms" if ms is not None else "", right))
        if not right:
            self.problems.append(f"{scene}: {what}: {came}")

    def print(self):
        print(f"\n{'servers':17} {'who, and what is tried':47} {'what came of it':39} {'waited':>8}")
        for scene, what, came, ms, right in self.rows:
            print(f"{scene:17} {what:47} {came:39} {ms:>8}{'' if right else '  WRONG'}")
        print()


class Scenes:
    def __init__(self, primary, fallback, mfp, people, users_file, timeline, table):
        self.primary, self.fallback, self.mfp = primary, fallback, mfp
        self.people, self.users_file = people, users_file
        self.ada, self.bob, self.eve, self.gil = people
        self.timeline, self.table = timeline, table
        self.scene = ""

    def begin(self, scene, words):
        self.scene = scene
        self.timeline.say(f"--- {scene}: {words}")

    def note(self, what, came, right, ms=None):
        self.timeline.say(f"    {what}: {came}")
        self.table.add(self.scene, what, came, ms, right)

    # ---- what is tried

    def login(self, what, line, verdict, source, user=None, denial=None, stay=False):
        """Notes whether it came as expected; returns the event."""
        event = self.mfp.ask(line, "login", 30)
        granted = event["verdict"] == "granted"
        came = f"{event['verdict']} by {event['source']}"
        if not granted:
            came += f" ({event['denial'] or event['status']['code']})"
        right = (event["verdict"], event["source"]) == (verdict, source)
        if user is not None:
            right = right and event["user"]["user_uid"] == user.uid
        if denial is not None:
            right = right and event["denial"] == denial
        if source == "cache" and event["took_ms"] > CACHE_MS:
            right, came = False, came + f", not within {CACHE_MS} ms"
        self.note(what, came, right, event["took_ms"])
        self.timeline.say(f"      \"{event['text']}\"")
        if granted and not stay:
            self.mfp.ask("logout", "session_end", 10)
        return event

    def release(self, user):
        """Prints the user's next document, in the session that is open."""
        event = self.mfp.ask("jobs", "jobs", 30)
        document = user.next_document()
        if document.uuid not in {job["uuid"] for job in event["jobs"]}:
            return self.note(f"{user.display_name} lists documents", event["status"]["code"], False)
        event = self.mfp.ask("release " + document.uuid, "released", 60,
                             lambda e: e["uuid"] == document.uuid)
        document.printed_at = event["wall"]
        right = event["step"] == "done" and event["state"] == "completed"
        return self.note(f"{user.display_name} prints {document.name.split(', ')[1]}",
                         f"{event.get('state', 'failed')}, from {event['server']}", right,
                         event["took_ms"])

    def offline(self):
        return self.mfp.ask("status", "status", 10)["snapshot"]["offline"]

    def until(self, what, timeout_s, condition):
        end = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > end:
                raise Broken(f"{what}: not within {timeout_s} s")
            time.sleep(0.1)

    def route(self):
        return self.mfp.ask("status", "status", 10)["route"]

    def kill_servers(self):
        self.timeline.say("  * kill -9 both servers")
        self.primary.kill()
        self.fallback.kill()
        self.mfp.ask("present on", "done", 5)  # somebody stands there: servers are watched closely
        self.until("both servers known to be down", DOWN_S, lambda: self.route() == "none")

    # ---- scenes

    def all_well(self):
        self.begin("both up", "home's users are synchronised, a PIN is learnt, a user is revoked")
        self.mfp.expect("audit", 20, 0, lambda e: e["kind"] == "users_synchronised")
        held = self.offline()
        self.note("the printer fetches home's users",
                  f"{held['users']} users, {held['credentials']} credentials",
                  held["users"] == len(self.people) and held["credentials"] == 2 * len(self.people))
        self.login("Ada by PIN", self.ada.login_line("pin"), "granted", "home", self.ada, stay=True)
        self.release(self.ada)
        self.mfp.ask("logout", "session_end", 10)
        self.until("Ada's PIN is learnt", 5,
                   lambda: self.offline()["credentials"] > held["credentials"])
        self.mfp.ask("present on", "done", 5)
        since = self.mfp.mark()
        self.timeline.say("  * Eve is revoked at home")
        self.primary.admin("POST", f"/users/{self.eve.uid}", {"revoked": True})
        began = time.monotonic()
        event = self.mfp.expect("audit", 20, since, lambda e: e["kind"] == "revoked")
        self.note("the printer hears that Eve is revoked", event["kind"],
                  event["user_uid"] == self.eve.uid, int((event["at"] - began) * 1000))

    def outage(self):
        self.begin("both dead", "who gets in")
        self.kill_servers()
        self.login("Gil by card, never here before", self.gil.login_line("card"), "granted",
                   "cache", self.gil)
        self.login("Ada by PIN, learnt before", self.ada.login_line("pin"), "granted", "cache",
                   self.ada)
        self.login("Bob by password", self.bob.login_line("password"), "granted", "cache", self.bob)
        self.login("Eve by card, revoked just before", self.eve.login_line("card"), "denied",
                   "cache", denial="revoked")
        self.login("an unknown card", "login card 0BADCAFE", "denied", "cache",
                   denial="unknown-credential")
        self.lock_out()
        code = self.login("the code from the sealed envelope", "break-glass " + CODE, "granted",
                          "cache")
        self.note("  and what it allows", ", ".join(code.get("user", {}).get("rights", [])),
                  code.get("break_glass") is True and code["user"]["rights"] == ["print"])

    def lock_out(self):
        stranger = self.login("nobody's name by password", "login password mallory guess", "denied",
                              "cache")
        wrong = [self.login(f"Bob's name, wrong password {number + 1}",
                            f"login password {self.bob.name} guess {number}", "denied", "cache",
                            denial="wrong-secret") for number in range(PAUSE_AFTER)]
        self.note("  and the panel's words", "the same for both"
                  if wrong[0]["text"] == stranger["text"] else "differ",
                  wrong[0]["text"] == stranger["text"])
        line = self.bob.login_line("password")
        self.login("Bob, right password, too late", line, "unknown", "cache", denial="locked")
        self.timeline.say("  * kill -9 the printer; start it with an emergency code configured")
        self.mfp.kill()
        # Not from the beginning: where there is such a code, a new cache has all attempts used up.
        path = pathlib.Path(self.mfp.config)
        config = json.loads(path.read_text())
        config["offline"]["break_glass"] = break_glass()
        path.write_text(json.dumps(config, indent=1))
        self.mfp.start()
        self.mfp.ask("present on", "done", 5)
        self.until("the printer knows that no server is there", DOWN_S,
                   lambda: self.route() == "none")
        event = self.login("Bob again, after kill -9 of the printer", line, "unknown", "cache",
                           denial="locked")
        self.note("  and how long he must still wait", f"{event['retry_after_s']} s",
                  0 < event["retry_after_s"] <= PAUSE_S)

    def back_again(self):
        self.login("Ada by card, and she stays", self.ada.login_line("card"), "granted", "cache",
                   self.ada, stay=True)
        event = self.mfp.ask("jobs", "jobs", 30)
        self.note("Ada lists documents", event["status"]["code"], event["status"]["code"] != "ok",
                  event["took_ms"])
        self.begin("back again", "normal service, and home hears what happened")
        since = self.mfp.mark()
        self.primary.start()
        self.fallback.start()
        self.mfp.expect("switch", 25, since, lambda e: e["to"] == self.primary.name)
        self.release(self.ada)  # by the session that the cache opened
        self.mfp.ask("logout", "session_end", 10)
        self.check_audit()
        self.login("Bob by password: home lets him in", self.bob.login_line("password"), "granted",
                   "home", self.bob)

    def check_audit(self):
        expected = {"login_granted": 4, "login_refused": 2 + 1 + PAUSE_AFTER, "user_paused": 1,
                    "break_glass": 1, "revoked": 1}
        counts = {}

        def heard():
            counts.clear()
            for event in self.primary.admin("GET", "/audit")["events"]:
                counts[event["kind"]] = counts.get(event["kind"], 0) + 1
            return all(counts.get(kind, 0) >= count for kind, count in expected.items())

        try:
            self.until("home hears", HEARD_S, heard)
        except Broken:
            pass
        for kind, count in expected.items():
            self.note(f"home has heard of {kind}", f"{counts.get(kind, 0)} of {count}",
                      counts.get(kind, 0) == count)

    def dismissed(self):
        """Home no longer knows the user to whom the cache opened a session."""
        self.begin("dead, then back", "Gil was dismissed meanwhile")
        self.kill_servers()
        self.login("Gil by card", self.gil.login_line("card"), "granted", "cache", self.gil,
                   stay=True)
        office.write_users(pathlib.Path(self.users_file),
                           [user for user in self.people if user is not self.gil])
        since = self.mfp.mark()
        self.primary.start()
        self.fallback.start()
        back = time.monotonic()
        event = self.mfp.expect("session_end", 30, since)
        self.note("Gil's session", event["reason"], event["reason"] == "revoked",
                  int((event["at"] - back) * 1000))
        self.timeline.say(f"      \"{event['text']}\"")
        self.login("Gil by card", self.gil.login_line("card"), "denied", "home",
                   denial="unknown-credential")

    def check_secrets(self, work):
        """What was typed lies nowhere: not in the printer's files, nor in what it said."""
        secrets = [CODE] + [word for user in self.people
                            for word in (user.card, user.pin, user.password)]
        texts = {path.name: path.read_bytes() for path in pathlib.Path(self.mfp.state).iterdir()
                 if path.is_file()}
        texts["its events"] = json.dumps(self.mfp.events).encode()
        texts["its log"] = (work / "mfp.log").read_bytes()
        found = [f"{secret!r} in {name}" for name, text in texts.items() for secret in secrets
                 if secret.encode() in text]
        self.note("secrets in the printer's files and words", ", ".join(found) or "none", not found)
