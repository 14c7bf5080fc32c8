"""Columns of text that fit a terminal of 80 characters and cut no word."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

WIDTH = 80


def columns(headings: Sequence[str], rows: Sequence[Sequence[str]], width: int = WIDTH) -> list[str]:
    """The lines of a table. The last column takes what is left of the width, and goes on below itself.

    >>> columns(["Run", "Stage"], [["churn-1a2b3c4d", "live"], ["b", "awaiting approval"]])
    ['Run             Stage', 'churn-1a2b3c4d  live', 'b               awaiting approval']
    >>> columns(["A", "Words"], [["1", "one two three four five"]], width=24)
    ['A  Words', '1  one two three four', '   five']
    """
    table = [list(headings), *(list(row) for row in rows)]
    widths = [max(len(row[place]) for row in table) for place in range(len(headings) - 1)]
    indent = sum(widths) + 2 * len(widths)
    lines = []
    for row in table:
        begin = "".join(f"{cell.ljust(size)}  " for cell, size in zip(row, widths, strict=False))
        rest = textwrap.wrap(row[-1], max(width - indent, 20), break_long_words=False, break_on_hyphens=False) or [""]
        lines.append(f"{begin}{rest[0]}".rstrip())
        lines += [" " * indent + more for more in rest[1:]]
    return lines


def fitting(headings: Sequence[str], rows: Sequence[Sequence[str]], width: int = WIDTH) -> list[str]:
    """The same with as many columns, from the left, as fit beside each other.

    >>> fitting(["A", "B", "C"], [["123456", "123456", "1"]], width=14)
    ['A       B', '123456  123456']
    """
    count = len(headings)
    while count > 1:
        shown = [headings[:count], *(row[:count] for row in rows)]
        if sum(max(len(row[place]) for row in shown) for place in range(count)) + 2 * (count - 1) <= width:
            break
        count -= 1
    return columns(headings[:count], [row[:count] for row in rows], width)


def minute(moment: str | None) -> str:
    """An ISO time in UTC, to the minute.

    >>> minute("2026-11-22T10:00:00Z")
    '2026-11-22 10:00'
    """
    return moment[:16].replace("T", " ") if moment else ""
