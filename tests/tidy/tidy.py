# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""Checks the repository's own rules and prints one line for each breach.

  tidy.py layers ROOT              who may include what
  tidy.py style ROOT               licence headers, lengths, paths of somebody's machine
  tidy.py symbols LIST [--nm NM]   undefined symbols; LIST has lines "module object-file"
"""
import argparse
import pathlib
import sys

import layers
import style
import symbols


def main():
    parser = argparse.ArgumentParser(description="Checks the repository's own rules.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("layers", "style"):
        commands.add_parser(name).add_argument("root", type=pathlib.Path)
    command = commands.add_parser("symbols")
    command.add_argument("list", type=pathlib.Path)
    command.add_argument("--nm", default="nm")
    arguments = parser.parse_args()

    if arguments.command == "layers":
        breaches = layers.check(arguments.root)
    elif arguments.command == "style":
        breaches = style.check(arguments.root)
    else:
        breaches = symbols.check(arguments.list, arguments.nm)
    for breach in breaches:
        print(breach)
    print(f"tidy {arguments.command}: {len(breaches)} breaches")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
