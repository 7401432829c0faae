# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""Who may include what. Dependencies point one way:
base <- core <- vault <- client -> ports <- adapters."""
import re

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')

# Too large for firmware, or a hidden global (locale), in all of the library.
NEVER = set("iostream istream ostream sstream fstream iomanip streambuf locale codecvt regex".split())
# A pure layer is told the time and the randomness, and runs on one thread.
IMPURE = set("""thread mutex shared_mutex condition_variable future atomic chrono ctime random
    filesystem csignal cstdio""".split())

# For each layer: our own folders it may include, foreign prefixes it may include, and whether it may
# include system headers such as <sys/socket.h>. The first match counts, so longer paths come first.
LAYERS = [
    # prefix, own folders, foreign prefixes, system headers, banned standard headers
    ("include/", ["holdfast"], ["tl/expected.hpp"], False, NEVER | IMPURE - {"chrono"}),
    ("lib/base/", ["holdfast", "base"], [], False, NEVER | IMPURE),
    ("lib/core/", ["holdfast", "base", "core"], [], False, NEVER | IMPURE),
    ("lib/vault/", ["holdfast", "base", "core", "codec", "vault"], [], False, NEVER | IMPURE),
    ("lib/codec/", ["holdfast", "base", "codec"], ["nlohmann/"], False, NEVER | IMPURE),
    # wake() may be called from any thread: the client needs an atomic flag, and only that.
    ("lib/client/", ["holdfast", "base", "core", "codec", "vault", "client"], [], False,
     NEVER | IMPURE - {"atomic"}),
    ("lib/adapters/curl/", ["holdfast", "base", "codec", "adapters/curl"],
     ["curl/", "openssl/", "mbedtls/"], True, NEVER),
    ("lib/adapters/cares/", ["holdfast", "base", "adapters/cares"], ["ares"], True, NEVER),
    ("lib/adapters/sqlite/", ["holdfast", "base", "codec", "adapters/sqlite"], ["sqlite3.h"], True,
     NEVER),
    ("lib/adapters/mbedtls/", ["holdfast", "base", "adapters/mbedtls"], ["mbedtls/", "psa/"], True,
     NEVER),
    ("lib/adapters/netlink/", ["holdfast", "base", "adapters/netlink"], [], True, NEVER),
    # The measure of a derivation is the vault's; its clock is here.
    ("lib/adapters/posix/calibrate.cc", ["holdfast", "vault"], [], False, NEVER),
    ("lib/adapters/posix/", ["holdfast", "base", "adapters/posix"], [], True, NEVER),
    ("lib/adapters/", ["holdfast", "base", "codec", "adapters/ipp", "adapters/raw", "adapters/folder",
                       "adapters/posix"], [], True, NEVER),
]
# Headers of the dependencies, which only the layers above that name them may include.
FOREIGN = re.compile(r"^(curl/|mbedtls/|psa/|nlohmann/|sqlite3|ares|openssl/|httplib|CLI/|doctest/|tl/)")


def breaches_of(path, text, neighbours=()):
    """Breaches of one file: path relative to the root, neighbours the names in its folder."""
    rule = next((layer for layer in LAYERS if path.startswith(layer[0])), None)
    if rule is None:
        return []
    prefix, own, foreign, system, banned = rule
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            complaint = judge(match[1] == '"', match[2], own, foreign, system, banned, neighbours)
            if complaint:
                found.append(f"{path}:{number}: {prefix} must not include {match[2]}: {complaint}")
    return found


def judge(quoted, name, own, foreign, system, banned, neighbours):
    if FOREIGN.match(name):
        return None if any(name.startswith(f) for f in foreign) else "another layer's dependency"
    if quoted or name.startswith("holdfast/"):
        if "/" not in name:
            return None if name in neighbours else "no such file beside it"
        folder = name.rsplit("/", 1)[0]
        if any(folder == o or folder.startswith(o + "/") for o in own):
            return None
        return "dependencies point the other way"
    if name in banned:
        return "banned in this layer"
    if name.endswith(".h") and not system:
        return "a system header"
    return None


def check(root):
    breaches = []
    for folder in ("include", "lib"):
        for file in sorted((root / folder).rglob("*")):
            if file.suffix in (".h", ".cc"):
                names = {other.name for other in file.parent.iterdir()}
                path = file.relative_to(root).as_posix()
                breaches += breaches_of(path, file.read_text(), names)
    return breaches
