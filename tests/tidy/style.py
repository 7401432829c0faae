# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""Licence headers, lengths of files, functions and lines, paths of somebody's machine, and options of
libcurl whose result nobody looks at."""
import fnmatch
import pathlib
import re

import cpp

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 70
MAX_COLUMNS = 100

FOLDERS = (".ci", "docs", "examples", "include", "lib", "tests", "toolchains")
CODE = (".h", ".cc", ".py", ".sh", ".cmake")
NO_HEADER = ("LICENSE", "LICENSES/*")
# Written in pieces, so that this file passes its own rule.
MACHINE_PATH = re.compile(r"(?<![\w$}>.)*-])/(?:ho" r"me|ro" r"ot|wo" r"rk|Us" r"ers)/\w"
                          r"|/tmp/(?:bu" r"ild-|br" r"ief)")
# An option that wasn't set is a protection that isn't there: somebody has to look at the result, so the
# call can't begin a statement, nor be cast to nothing.
UNSEEN_OPTION = re.compile(r"(?:[;{})]|\belse|\bdo)\s*(curl_(?:easy|multi|share|url)_set\w*)\s*\(")


def files(root):
    """The repository's files: of the fixed folders and of the root, whether or not there is git."""
    for entry in sorted(root.iterdir()):
        if entry.is_file():
            yield entry
        elif entry.name in FOLDERS:
            for file in sorted(entry.rglob("*")):
                if file.is_file() and "__pycache__" not in file.parts:
                    yield file


def annotated_paths(root):
    """The globs that REUSE.toml gives a licence."""
    text = (root / "REUSE.toml").read_text()
    return re.findall(r'"([^"\n]+)",\n', "".join(re.findall(r"path = \[(.*?)\]", text, re.S)))


def exceptions(root):
    """Lines "kind path[:function] limit reason" of exceptions.txt, as {(kind, name): limit}."""
    known = {}
    file = root / "tests/tidy/exceptions.txt"
    for line in file.read_text().splitlines() if file.exists() else ():
        if line.strip() and not line.startswith("#"):
            kind, name, limit, _reason = line.split(maxsplit=3)
            known[kind, name] = int(limit)
    return known


class Lengths:
    """Compares lengths with their limits, and notes which exceptions are still needed."""

    def __init__(self, known):
        self.known = known
        self.used = set()

    def judge(self, kind, name, length, limit):
        if length <= limit:
            return []
        allowed = self.known.get((kind, name))
        if allowed is None:
            return [f"{name}: {kind} of {length} lines, at most {limit}"]
        self.used.add((kind, name))
        if length > allowed:
            return [f"{name}: {kind} of {length} lines, its exception allows {allowed}"]
        return []

    def stale(self):
        return [f"exceptions.txt: {kind} {name} needs no exception any more"
                for kind, name in self.known if (kind, name) not in self.used]


def breaches_of(path, text, lengths, annotated):
    found = []
    suffix = pathlib.PurePosixPath(path).suffix
    lines = text.splitlines()
    if not any(fnmatch.fnmatch(path, glob) for glob in (*annotated, *NO_HEADER)):
        head = "\n".join(lines[:5])
        for tag in ("SPDX-FileCopyrightText: 2026 The Holdfast authors",
                    "SPDX-License-" + "Identifier: Apache-2.0"):
            if tag not in head:
                found.append(f"{path}:1: no '{tag}'")
    for number, line in enumerate(lines, 1):
        if MACHINE_PATH.search(line):
            found.append(f"{path}:{number}: a path of somebody's machine")
        if suffix in (".h", ".cc") and len(line) > MAX_COLUMNS:
            found.append(f"{path}:{number}: {len(line)} columns, at most {MAX_COLUMNS}")
    if suffix in CODE or path.endswith("CMakeLists.txt"):
        found += lengths.judge("file", path, len(lines), MAX_FILE_LINES)
    if suffix in (".h", ".cc") and path.startswith("lib/"):
        code = re.sub(r"//.*", "", text)
        for call in UNSEEN_OPTION.finditer(code):
            number = code.count("\n", 0, call.start(1)) + 1
            found.append(f"{path}:{number}: nobody looks at the result of {call.group(1)}()")
    if suffix in (".h", ".cc"):
        for name, line, length in cpp.functions(text):
            found += lengths.judge("function", f"{path}:{name}", length, MAX_FUNCTION_LINES)
    return found


def check(root):
    lengths = Lengths(exceptions(root))
    annotated = annotated_paths(root)
    breaches = []
    for file in files(root):
        try:
            text = file.read_text()
        except UnicodeDecodeError:
            continue  # Binary: its licence is REUSE.toml's affair.
        breaches += breaches_of(file.relative_to(root).as_posix(), text, lengths, annotated)
    return breaches + lengths.stale()
