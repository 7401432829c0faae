# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""The virtual printer on a real IPP printer. usage: ipp_test.py HOLDFAST_PRINT_SERVER HOLDFAST_MFP

The truth is the journal of the marking engine: what came out, page by page.
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "examples/main_job"))

import office  # noqa: E402
from processes import Broken, Mfp, Server  # noqa: E402

IPPEVE = [sys.executable, "-B", str(ROOT / "tests/support/ippeveprinter.py")]


class Scene:
    def __init__(self, work, server_binary, mfp_binary):
        self.work = work
        self.printer = work / "printer"
        self.printer.mkdir()
        self.people = office.users()
        self.ada = self.people[0]
        write = office.make_pdf()
        self.ada.documents = [
            office.Document(self.ada, f"Print {n}.pdf", write(4, f"Print {n}"), 4) for n in (1, 2)]
        users = work / "users.json"
        office.write_users(users, self.people)
        self.server = Server("primary", server_binary, str(work), "head-office",
                             *office.server_options(users, asserted=False))
        self.mfp_binary = mfp_binary
        self.running = [self.server]

    def start(self):
        started = subprocess.run([*IPPEVE, "start", str(self.printer), "--page-ms", "300"],
                                 check=True, text=True, stdout=subprocess.PIPE)
        self.uri = started.stdout.strip()
        self.server.start()
        office.submit(self.server, self.ada, self.ada.documents)
        config = office.printer_config(self.server, self.server)
        config["servers"] = config["servers"][:1]
        self.config = self.work / "mfp.json"
        self.config.write_text(json.dumps(config))

    def mfp(self):
        mfp = Mfp(self.mfp_binary, str(self.config), str(self.work))
        mfp.arguments[mfp.arguments.index("folder:" + mfp.paper)] = self.uri
        self.running.append(mfp)
        mfp.start()
        return mfp

    def release(self, mfp, document):
        mfp.ask(self.ada.login_line("card"), "login", 15)
        mfp.ask("jobs", "jobs", 15)
        mfp.send("release " + document.uuid)

    def journal(self, document):
        """The marking engine's lines about the document with that hash: begin, page ..., end."""
        lines = [line.split() for line in (self.printer / "journal").read_text().splitlines()]
        names = {line[1] for line in lines if line[0] == "begin" and line[2] == document.sha256}
        return [line[0] for line in lines if line[1] in names]

    def expect_whole_once(self, document):
        got = self.journal(document)
        if got != ["begin"] + ["page"] * 4 + ["end"]:
            raise Broken(f"{document.name}: the engine's journal says {got}")

    def expect_told(self, document):
        end = time.monotonic() + 30
        while self.server.job_states().get(document.uuid) != "completed":
            if time.monotonic() > end:
                raise Broken(f"{document.name} is {self.server.job_states()} at the server")
            time.sleep(0.1)

    def plain(self):
        document = self.ada.documents[0]
        mfp = self.mfp()
        self.release(mfp, document)
        event = mfp.expect("released", 60, where=lambda e: e["uuid"] == document.uuid)
        if (event["step"], event.get("state"), event["impressions"]) != ("done", "completed", 4):
            raise Broken(f"{document.name} ended as {event}")
        self.expect_whole_once(document)
        self.expect_told(document)
        return mfp

    def power_cut(self, mfp):
        """The device dies while the paper moves. After the restart it asks, and doesn't print again."""
        document = self.ada.documents[1]
        mfp.ask("logout", "session_end", 15)
        self.release(mfp, document)
        end = time.monotonic() + 30
        while "page" not in self.journal(document):
            if time.monotonic() > end:
                raise Broken("no page came out")
            time.sleep(0.02)
        mfp.kill()
        mfp = self.mfp()
        self.expect_told(document)
        mfp.ask(self.ada.login_line("card"), "login", 15)
        if mfp.ask("jobs", "jobs", 15)["jobs"]:
            raise Broken("what was printed is offered again")
        if mfp.finish() != 0:
            raise Broken("the printer's exit code")
        self.expect_whole_once(document)

    def end(self):
        for process in self.running:
            process.end()
        subprocess.run([*IPPEVE, "stop", str(self.printer)], check=False)


def main():
    work = pathlib.Path(tempfile.mkdtemp(prefix="holdfast-ipp-"))
    scene = Scene(work, *sys.argv[1:])
    try:
        scene.start()
        scene.power_cut(scene.plain())
    except Broken as error:
        print(f"{error}\nlogs: {work}", file=sys.stderr)
        return 1
    finally:
        scene.end()
    shutil.rmtree(work)
    print("two documents, each printed once and whole; one of them through a power cut")
    return 0


if __name__ == "__main__":
    sys.exit(main())
