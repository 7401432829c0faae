#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""Starts real print servers and checks them against docs/protocol.

usage: contract_test.py BINARY [--trace-library FILE] [WORD...]

Runs the tests whose name contains a word, or all. The library is trace_sync.cc, compiled; without it
the order of syncs is not tested, and the run says so and fails.
"""

import argparse
import sys
import time
import traceback

import cases_accounting
import cases_jobs
import cases_process
import cases_roles
import cases_session
import print_server


def main():
    parser = argparse.ArgumentParser(description='Checks print servers against docs/protocol.')
    parser.add_argument('binary')
    parser.add_argument('--trace-library', help='trace_sync.cc, compiled')
    parser.add_argument('words', nargs='*', help='run only tests whose name contains one')
    arguments = parser.parse_intermixed_args()
    print_server.BINARY = arguments.binary
    print_server.TRACE_LIBRARY = arguments.trace_library
    words = arguments.words
    failed = []
    count = 0
    for module in (cases_session, cases_jobs, cases_accounting, cases_roles, cases_process):
        for name, test in list(vars(module).items()):
            if not name.startswith('test_') or (words and not any(w in name for w in words)):
                continue
            count += 1
            begun = time.monotonic()
            scratch = print_server.Scratch()
            try:
                test(scratch)
                verdict = 'ok'
            except Exception:  # each failure is reported, and the rest still runs
                verdict = 'FAILED'
                failed.append(name)
                traceback.print_exc()
            finally:
                scratch.close()
            print(f'{verdict:6} {time.monotonic() - begun:5.2f} s  {name[5:]}', flush=True)
    print(f'{count - len(failed)} of {count} passed' + ''.join(f'\n  failed: {n}' for n in failed))
    return 1 if failed or not count else 0


if __name__ == '__main__':
    sys.exit(main())
