# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""Writes the first C++ block of a Markdown file to a file: readme_example.py README.md OUTPUT"""
import pathlib
import re
import sys

readme, output = map(pathlib.Path, sys.argv[1:])
block = re.search(r"^```cpp\n(.*?)^```$", readme.read_text(), re.S | re.M)
if not block:
    sys.exit(f"{readme}: no C++ block")
output.write_text(block[1])
print(f"{output}: {block[1].count(chr(10))} lines")
