#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""Runs a real IPP printer (CUPS' ippeveprinter) on loopback, with a private D-Bus and a journal of
the pages that really came out.

usage: ippeveprinter.py start DIR [PORT] [--page-ms N] [--formats LIST]
       ippeveprinter.py stop DIR [--kill]

start: prints the printer's URI when it answers. PORT 0 (the default): a free one; the port is kept
       in DIR/port, so that a printer started again in the same DIR has the same address.
       DIR/journal says what was really printed (see ippeve_engine.sh), DIR/spool keeps the
       documents, DIR/keys its certificate (ipps answers on the same port), DIR/pids what runs.
stop:  ends what start began; --kill without a chance to say goodbye, the marking engine included:
       a power cut.
"""
import argparse
import http.client
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time

DBUS_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={socket}</listen>
  <policy context="default">
    <allow user="*"/><allow own="*"/>
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
  </policy>
</busconfig>
"""


def fail(text):
    sys.exit(f"ippeveprinter.py: {text}")


def free_port():
    # Both loopbacks: the printer listens on IPv4 and IPv6.
    for _ in range(50):
        with socket.socket(socket.AF_INET) as four, socket.socket(socket.AF_INET6) as six:
            four.bind(("127.0.0.1", 0))
            port = four.getsockname()[1]
            try:
                six.bind(("::1", port))
                return port
            except OSError:
                continue
    fail("no free port on both loopbacks; is IPv6 on lo missing?")


def attribute(tag, name, value):
    return struct.pack(">BH", tag, len(name)) + name + struct.pack(">H", len(value)) + value


def answers(port):
    """True when Get-Printer-Attributes succeeds."""
    uri = f"ipp://localhost:{port}/ipp/print".encode()
    body = struct.pack(">BBHIB", 2, 0, 0x000B, 1, 1)
    body += attribute(0x47, b"attributes-charset", b"utf-8")
    body += attribute(0x48, b"attributes-natural-language", b"en")
    body += attribute(0x45, b"printer-uri", uri) + b"\x03"
    connection = http.client.HTTPConnection("localhost", port, timeout=2)
    try:
        connection.request("POST", "/ipp/print", body, {"Content-Type": "application/ipp"})
        answer = connection.getresponse().read()
        return len(answer) >= 8 and struct.unpack(">H", answer[2:4])[0] < 0x100
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def started(directory):
    """(pid, start time) of what runs there; a pid that means another process by now is left out."""
    try:
        lines = (directory / "pids").read_text().split("\n")
    except FileNotFoundError:
        return []
    found = []
    for line in filter(None, lines):
        pid, since = line.split()
        if start_time(int(pid)) == since:
            found.append(int(pid))
    return found


def start_time(pid):
    """Clock ticks since boot, which with the pid names a process for good; None when it ended."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]


def launch(directory, command, environment):
    with open(directory / "log", "ab") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                   env=environment, start_new_session=True, cwd="/")
    with open(directory / "pids", "a") as pids:
        pids.write(f"{process.pid} {start_time(process.pid)}\n")
    return process


def tail(directory):
    try:
        return (directory / "log").read_text(errors="replace")[-1500:]
    except OSError:
        return ""


def wait_for(condition, seconds, processes, directory, what):
    end = time.monotonic() + seconds
    while not condition():
        dead = [process for process in processes if process.poll() is not None]
        if dead or time.monotonic() > end:
            stop(directory, kill=True)
            fail(f"{what} did not come up in {directory}; its log ends:\n{tail(directory)}")
        time.sleep(0.02)


def start(directory, port, page_ms, formats):
    for program in ("ippeveprinter", "dbus-daemon"):
        if not shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin"):
            fail(f"{program} is missing; toolchains/bootstrap.sh installs it")
    if started(directory):
        fail(f"already running in {directory}")
    for folder in ("spool", "out", "keys"):
        (directory / folder).mkdir(parents=True, exist_ok=True)
    (directory / "pids").write_text("")
    (directory / "page_ms").write_text(f"{page_ms}\n")
    (directory / "journal").touch()
    kept = directory / "port"
    if not port:
        port = int(kept.read_text()) if kept.exists() else free_port()
    kept.write_text(f"{port}\n")

    # A socket's path is short by nature (108 bytes); a build directory's needn't be.
    bus = f"/tmp/holdfast-dbus-{os.getuid()}-{port}"
    pathlib.Path(bus).unlink(missing_ok=True)
    (directory / "bus").write_text(bus)
    (directory / "dbus.conf").write_text(DBUS_CONFIG.format(socket=bus))
    environment = dict(os.environ, HOLDFAST_PRINTER_DIR=str(directory),
                       DBUS_SYSTEM_BUS_ADDRESS=f"unix:path={bus}")
    environment["PATH"] = environment.get("PATH", "") + ":/usr/sbin:/usr/bin"
    dbus = launch(directory, ["dbus-daemon", f"--config-file={directory}/dbus.conf", "--nofork",
                              "--nopidfile"], environment)
    wait_for(lambda: os.path.exists(bus), 10, [dbus], directory, "the private dbus-daemon")
    engine = pathlib.Path(__file__).resolve().parent / "ippeve_engine.sh"
    printer = launch(directory, [
        "ippeveprinter", "-r", "off", "-n", "localhost", "-p", str(port), "-d",
        f"{directory}/spool", "-k", "-K", f"{directory}/keys", "-f", formats, "-c", str(engine),
        "-D", f"file://{directory}/out", "Holdfast printer"], environment)
    wait_for(lambda: answers(port), 20, [dbus, printer], directory, "ippeveprinter")
    print(f"ipp://localhost:{port}/ipp/print")


def stop(directory, kill=False):
    # Each was started in a session of its own: the group takes the marking engine along.
    pids = started(directory)
    for pid in reversed(pids):
        try:
            os.killpg(pid, signal.SIGKILL if kill else signal.SIGTERM)
        except ProcessLookupError:
            pass
    end = time.monotonic() + 5
    while started(directory):
        if time.monotonic() > end:
            stop(directory, kill=True)
        time.sleep(0.01)
    (directory / "pids").unlink(missing_ok=True)
    if (directory / "bus").exists():
        pathlib.Path((directory / "bus").read_text()).unlink(missing_ok=True)


def main():
    parser = argparse.ArgumentParser(description="A real IPP printer on loopback.")
    commands = parser.add_subparsers(dest="command", required=True)
    begin = commands.add_parser("start")
    begin.add_argument("dir", type=pathlib.Path)
    begin.add_argument("port", type=int, nargs="?", default=0)
    begin.add_argument("--page-ms", type=int, default=1000)
    begin.add_argument("--formats", default="application/pdf,image/pwg-raster")
    end = commands.add_parser("stop")
    end.add_argument("dir", type=pathlib.Path)
    end.add_argument("--kill", action="store_true")
    args = parser.parse_args()
    directory = args.dir.resolve()
    if args.command == "start":
        start(directory, args.port, args.page_ms, args.formats)
    else:
        stop(directory, args.kill)


if __name__ == "__main__":
    main()
