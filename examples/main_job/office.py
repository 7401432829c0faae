# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""The office: its users, their documents, and the configuration of printer and servers."""
import base64
import hashlib
import importlib.util
import json
import os
import pathlib
import urllib.parse
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEVICE, DEVICE_TOKEN = "mfp-1", "token-of-mfp-1"
DESKTOP, DESKTOP_TOKEN = "desktop-1", "token-of-desktop-1"  # what submits the users' documents

# PDFs that Debian packages bring, of other makers than ours. Used where they are installed.
PACKAGED = [
    "/usr/share/cups/data/default-testpage.pdf",
    "/usr/share/doc/shared-mime-info/shared-mime-info-spec.pdf",
    "/usr/share/doc/libtasn1-doc/libtasn1.pdf",
]


class User:
    def __init__(self, name, display_name, card, pin, password):
        self.name, self.uid, self.display_name = name, "u-" + name, display_name
        self.card, self.pin, self.password = card, pin, password
        self.documents = []

    def login_line(self, kind):
        if kind == "password":
            return f"login password {self.name} {self.password}"
        return f"login {kind} {getattr(self, kind)}"

    def next_document(self):
        return next((d for d in self.documents if not d.printed_at), None)


class Document:
    """One of a user's documents: submitted to both servers under one UUID."""

    def __init__(self, user, name, content, pages):
        self.user, self.name, self.content, self.pages = user, name, content, pages
        self.uuid = str(uuid.uuid4())
        self.sha256 = hashlib.sha256(content).hexdigest()
        self.printed_at = None  # wall time at which the printer said so


def users():
    return [User("ada", "Ada Lovelace", "04A2B3C4", "471100", "correct horse"),
            User("bob", "Bob Frankston", "04FFEE01", "123456", "battery staple"),
            User("eve", "Eve Curie", "048811AA", "654321", "two words more")]


def make_pdf():
    """The test support's PDF writer, which is a program and no package."""
    spec = importlib.util.spec_from_file_location("make_pdf", ROOT / "tests/support/make_pdf.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.make_pdf


def give_documents(people, each):
    """`each` documents for each user: small ones, a large one, and what Debian has."""
    write = make_pdf()
    for user in people:
        for number in range(1, each + 1):
            pages = 1 + number % 3
            title = f"{user.display_name}, report {number}"
            # The second one takes a while to send.
            pad = 3 * 1024 * 1024 if number == 2 else 0
            user.documents.append(Document(user, f"{title}.pdf", write(pages, title, pad), pages))
    packaged = [path for path in PACKAGED if os.path.exists(path)][:2]
    for user, path in zip(people, packaged):
        content = pathlib.Path(path).read_bytes()
        # Its place among the others: not the last, so that it is printed in a scene.
        user.documents[2] = Document(user, os.path.basename(path), content, 1)
    return packaged


def write_users(path, people):
    listed = [{"user_uid": user.uid, "name": user.name, "display_name": user.display_name,
               "cards": [user.card], "pins": [user.pin], "password": user.password}
              for user in people]
    path.write_text(json.dumps({"users": listed}, indent=1))


def server_options(users_file, asserted):
    options = ["--device-token", f"{DEVICE}:{DEVICE_TOKEN}",
               "--device-token", f"{DESKTOP}:{DESKTOP_TOKEN}",
               "--import-users", str(users_file), "--allow-faults",
               "--spread-s", "0", "--probe-s", "5"]
    return options + (["--accept-asserted-users"] if asserted else [])


def printer_config(primary, fallback):
    """Short times where an office has minutes: a return takes seconds here."""
    def server(process, cluster):
        return {"name": process.name, "url": process.url, "cluster_id": cluster,
                "token": DEVICE_TOKEN, "cluster_grace_ms": 0}
    return {
        "device_id": DEVICE,
        "servers": [server(primary, "head-office"), server(fallback, "branch-office")],
        "login": {"accept_login_from": "any"},
        "probe": {"probe_s": 5},
        "down": {"backoff_min_ms": 500, "backoff_max_ms": 1000, "preferred_backoff_max_ms": 1000},
        "failback": {"good_probes": 3, "good_probe_spacing_ms": 500, "hold_down_s": 1,
                     "hold_down_max_s": 1, "spread_s": 0, "grace_spread_s": 0, "relapse_s": 0,
                     "stable_s": 0, "max_switches_per_hour": 60},
    }


def submit(server, user, documents):
    """As a desktop does: logs the user in and puts the documents, by the device protocol."""
    device = {"Authorization": "Bearer " + DESKTOP_TOKEN, "Holdfast-Device": DESKTOP,
              "Holdfast-Protocol": "1"}
    login = {"attempt_id": str(uuid.uuid4()), "kind": "password", "user": user.name,
             "secret": user.password}
    verdict = server.call("POST", "/holdfast/v1/login",
                          {**device, "Content-Type": "application/json"}, json.dumps(login))
    for document in documents:
        digest = base64.b64encode(bytes.fromhex(document.sha256)).decode()
        server.call("PUT", f"/holdfast/v1/jobs/{document.uuid}",
                    {**device, "Holdfast-Receipt": verdict["receipt"],
                     "Idempotency-Key": str(uuid.uuid4()), "Content-Type": "application/pdf",
                     "Holdfast-Job-Name": urllib.parse.quote(document.name, safe=""),
                     "Holdfast-Pages": str(document.pages),
                     "Repr-Digest": f"sha-256=:{digest}:"}, document.content)
