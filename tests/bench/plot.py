# SPDX-FileCopyrightText: 2026 The Holdfast authors
# SPDX-License-Identifier: Apache-2.0
"""A plot of the waits: one group for each fault, one column for each system, logarithmic."""
import math

import report
import systems

COLORS = {"holdfast": "#0b6e4f", "curl": "#8d6a9f", "nginx": "#c8553d", "haproxy": "#33658a"}
LEFT, TOP, HEIGHT = 64, 56, 380
COLUMN, GAP = 30, 26
LOW_MS, HIGH_MS = 0.3, 10000
# In pieces, or a tool would take these words for this file's.
LICENCE = ("<!-- SPDX-FileCopyright" "Text: 2026 The Holdfast authors -->",
           "<!-- SPDX-License-" "Identifier: Apache-2.0 -->")


def y_of(wait_us):
    value = min(max(wait_us / 1000, LOW_MS), HIGH_MS)
    part = math.log(value / LOW_MS) / math.log(HIGH_MS / LOW_MS)
    return TOP + HEIGHT * (1 - part)


def text(x, y, words, size=12, anchor="middle", color="#222"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
            f'fill="{color}">{words}</text>')


def column(x, waits_us, color):
    """Dots, side by side by turns, a bar at the median, a tick at p99; the number is the maximum."""
    # A few hundred dots show all that thousands would.
    shown = sorted(waits_us)[::max(1, len(waits_us) // 200)]
    dots = "".join(f"M{x + (i * 7 % 15) - 7:.0f} {y_of(wait):.1f}h0" for i, wait in enumerate(shown))
    parts = [f'<path d="{dots}" stroke="{color}" stroke-width="3" stroke-linecap="round" '
             'stroke-opacity="0.5"/>']
    for part, width in ((50, 3), (99, 1.2)):
        y = y_of(report.percentile(waits_us, part))
        parts.append(f'<line x1="{x - 11}" x2="{x + 11}" y1="{y:.1f}" y2="{y:.1f}" stroke="{color}" '
                     f'stroke-width="{width}"/>')
    most = max(waits_us)
    parts.append(text(x, y_of(most) - 6, report.ms(most / 1000), 9, color=color))
    return parts


def grid(width):
    parts = []
    for value in (1, 3, 10, 30, 100, 300, 1000, 3000, 10000):
        y = y_of(value * 1000)
        parts.append(f'<line x1="{LEFT}" x2="{width - 16}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(text(LEFT - 6, y + 4, f"{value} ms" if value < 1000 else f"{value // 1000} s", 11,
                          "end"))
    return parts


def legend():
    parts, x = [], LEFT
    for system in systems.SYSTEMS:
        parts.append(f'<rect x="{x}" y="32" width="10" height="10" fill="{COLORS[system]}"/>')
        parts.append(text(x + 15, 41, systems.TITLES[system], 12, "start"))
        x += 130
    parts.append(text(x + 15, 41, "thick: median, thin: p99, number: maximum, ms", 11, "start", "#666"))
    return parts


def svg(first, healthy):
    groups = [("healthy", healthy)]
    groups += [(report.FAULT_TITLES[fault], {s: [one["wait_us"] for one in tries if not one["noticed"]]
                                             for s, tries in columns.items()})
               for fault, columns in first.items()]
    group = COLUMN * len(systems.SYSTEMS) + GAP
    width = LEFT + group * len(groups) + 16
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {TOP + HEIGHT + 36}" '
             'font-family="sans-serif">', *LICENCE, f'<rect width="{width}" height="100%" fill="#fff"/>',
             text(LEFT, 18, "Wait of the first login after a fault of the first server", 15, "start"),
             *legend(), *grid(width)]
    for place, (title, columns) in enumerate(groups):
        start = LEFT + place * group
        for number, system in enumerate(systems.SYSTEMS):
            x = start + GAP / 2 + COLUMN * (number + 0.5)
            if columns[system]:
                parts += column(x, columns[system], COLORS[system])
        parts.append(text(start + group / 2, TOP + HEIGHT + 22, title))
    return "\n".join(parts + ["</svg>"]) + "\n"
