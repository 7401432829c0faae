# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""Hundreds of hostile answers of each kind leave nothing behind: no memory, no descriptor. usage:
memory_bounds_test.py ASKER MAKE_CERTIFICATES [ANSWER...]
HOLDFAST_TEST_ANSWERS=2000 asks more of each than a test run has time for.
"""
import os
import sys

from asking import HostileServer, ask, check, is_sanitized

COUNT = int(os.environ.get("HOLDFAST_TEST_ANSWERS", 400))
MOST_BYTES = max(4096, 8 * COUNT)
# What each must be called: (answer, outcome, time-out of each request in ms).
ANSWERS = (
    ("endless", "too_large", 5000), ("endless_chunks", "too_large", 5000),
    ("gzip_bomb", "garbage", 5000), ("header_flood", "too_large", 5000),
    ("header_line", "too_large", 5000), ("interim_flood", "too_large", 5000),
    ("trailer_flood", "too_large", 5000), ("drip", "timed_out", 20),
    ("drip_headers", "timed_out", 20), ("levels", "garbage", 5000), ("arrays", "garbage", 5000),
    ("many_values", "garbage", 5000), ("two_lengths", "refused", 5000),
    ("lengths_listed", "refused", 5000), ("truncated", "refused", 5000), ("good", "login", 5000),
    ("same_lengths", "login", 5000),
)


def main():
    binary, wanted = sys.argv[1], sys.argv[3:]
    sanitized = is_sanitized(binary)  # slow, with a heap of its own, and it finds leaks itself
    count = COUNT // 20 if sanitized else COUNT
    failed = 0
    for name, outcome, timeout_ms in ANSWERS:
        if wanted and name not in wanted:
            continue
        server = HostileServer(name)
        try:
            said = ask(binary, f"http://127.0.0.1:{server.port}", count, timeout_ms)
        finally:
            server.close()
        bad = said["grown_descriptors"] != 0 or said["outcomes"] != {outcome: count}
        bad = bad or (said["grown_bytes"] > MOST_BYTES and not sanitized)
        failed += bad
        print("FAILED" if bad else "ok    ", name, said, flush=True)
    check(not failed, failed, "kinds of answers")


if __name__ == "__main__":
    main()
