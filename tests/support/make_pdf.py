#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""Writes a small real PDF: N pages of A4 with text, the same bytes for the same arguments.

usage: make_pdf.py OUT [--pages N] [--title TEXT] [--kib SIZE]

--kib pads the file with comments after the first page, to have documents that take a while to send
and that show a page when they are cut.
"""
import argparse
import hashlib
import sys


def literal(text):
    """A PDF string literal; what Latin-1 can't say becomes '?'."""
    data = text.encode("latin-1", "replace")
    for char in (b"\\", b"(", b")"):
        data = data.replace(char, b"\\" + char)
    return b"(" + data + b")"


def page_content(title, number, pages):
    lines = [title, f"Page {number} of {pages}", ""]
    lines += [f"{row:2d}  The quick brown fox jumps over the lazy dog." for row in range(1, 31)]
    out = [b"BT /F1 12 Tf 72 770 Td 18 TL"]
    out += [literal(line) + b" '" for line in lines]
    out.append(b"ET")
    return b"\n".join(out)


def padding(title, size):
    """Comment lines of hash text; a reader skips them."""
    lines, total, seed = [], 0, title.encode("utf-8", "replace")
    while total < size:
        seed = hashlib.sha256(seed).digest()
        line = b"%" + seed.hex().encode() + b"\n"
        lines.append(line)
        total += len(line)
    return b"".join(lines)


def make_pdf(pages, title, pad_bytes=0):
    font, first = 3, 4
    kids = b" ".join(b"%d 0 R" % (first + 2 * i) for i in range(pages))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [" + kids + b"] /Count %d >>" % pages,
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for i in range(pages):
        content = page_content(title, i + 1, pages)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R"
            b" /Resources << /Font << /F1 %d 0 R >> >> >>" % (first + 2 * i + 1, font))
        objects.append(b"<< /Length %d >>\nstream\n" % len(content) + content + b"\nendstream")
    objects.append(b"null")  # what the padding stands before, in a document of one page

    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        if number == first + 2:
            out += padding(title, pad_bytes)
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    xref = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for offset in offsets:
        out += b"%010d 00000 n \n" % offset
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1)
    out += b"startxref\n%d\n%%%%EOF\n" % xref
    return bytes(out)


def main():
    parser = argparse.ArgumentParser(description="Writes a small real PDF.")
    parser.add_argument("out")
    parser.add_argument("--pages", type=int, default=1)
    parser.add_argument("--title", default="Holdfast test page")
    parser.add_argument("--kib", type=int, default=0)
    args = parser.parse_args()
    if not 1 <= args.pages <= 10000 or not 0 <= args.kib <= 1 << 20:
        parser.error("--pages is 1..10000, --kib 0..1048576")
    try:
        with open(args.out, "wb") as file:
            file.write(make_pdf(args.pages, args.title, args.kib * 1024))
    except OSError as error:
        sys.exit(f"make_pdf.py: {args.out}: {error.strerror}")


if __name__ == "__main__":
    main()
