# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""The library's requests, as servers recorded them in the main job, against the protocol's document.

usage: record_test.py PRIMARY.ndjson FALLBACK.ndjson
"""
import json
import pathlib
import subprocess
import sys

VALIDATOR = pathlib.Path(__file__).resolve().parents[1] / "print_server/validate_record.py"
DEVICE = "mfp-1"
# A validator that saw none of a kind has checked nothing of it.
AT_LEAST = {"getHealth": 20, "login": 10, "listJobs": 10, "claimJob": 10, "getDocument": 10,
            "reportJobStatus": 10, "logout": 10}


def main():
    seen, asserted, kept = {}, 0, []
    for path in map(pathlib.Path, sys.argv[1:]):
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        # The 503 of a fault is given before the body was read, so none is recorded.
        ours = [line for line in lines if line["headers"].get("Holdfast-Device") == DEVICE
                and not (line["response"]["status"] == 503 and line["body_bytes"] == 0)]
        for line in ours:
            seen[line["operation"]] = seen.get(line["operation"], 0) + 1
            asserted += "Holdfast-User" in line["headers"]
        kept.append(path.with_suffix(".mfp.ndjson"))
        kept[-1].write_text("".join(json.dumps(line) + "\n" for line in ours))
    wrong = [f"{operation}: {seen.get(operation, 0)} requests, at least {least} were to be seen"
             for operation, least in AT_LEAST.items() if seen.get(operation, 0) < least]
    if asserted == 0:
        wrong.append("no request was made for a user who had logged in elsewhere")
    # The answers were broken on purpose at times; the server's own tests are about those.
    code = subprocess.run([sys.executable, "-B", str(VALIDATOR), "--requests-only",
                           *map(str, kept)], check=False).returncode
    for text in wrong:
        print(text)
    return 1 if wrong or code else 0


if __name__ == "__main__":
    sys.exit(main())
