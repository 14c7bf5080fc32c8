"""Both distributions of a column, small enough for a cell of a table: what it learned from filled, this traffic a line.

Shapes only, without words: the figures and the labels stand in the column's details. What changed in how many rows have
no value, or one never seen, is no matter of the values: it is a bar of its own, set apart at the right.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from jobs.documents.drift import Finding
from jobs.report.monitoring import share

Plain = dict[str, Any]
TALL = 24
MOST_WORDS = 12
_FULL_ASIDE = 0.2
_GAP = 0.12


def miniature(one: Finding) -> Plain | None:
    """The paths of both, the width of their box (it is TALL high), and what it shows in words; None without figures."""
    before, now, is_line = _shares(one)
    aside = _aside(one)
    if not before and aside is None:
        return None
    top = max([*before, *now], default=0.0) or 1.0
    draw = _steps if is_line else _bars
    baseline, current = draw(before, top), draw(now, top)
    width, told = float(len(before)), [_told(before, now)] if before else []
    if aside is not None:
        name, was, is_now = aside
        room, full = max(1.0, width / 6), max(was, is_now, _FULL_ASIDE)
        at = (width if before else 5 * room) + room
        baseline += _bar(at, room, was / full)
        current += _bar(at, room, is_now / full)
        width, told = at + room, [*told, f"{name}: {share(was)}, then {share(is_now)} of the rows"]
    return {"width": f"{width:g}", "baseline": baseline, "current": current, "told": "; ".join(told)}


def _shares(one: Finding) -> tuple[list[float], list[float], bool]:
    """Of both samples by bin, and whether the bins are ranges of numbers. Many words end in one bar of the others."""
    bins = one.get("bins")
    if not bins or not bins.get("labels"):
        return [], [], False
    before, now = ([float(part or 0.0) for part in side] for side in (bins["baseline"], bins["current"]))
    is_line = one["kind"] == "numeric" and len(before) > 2
    if is_line or len(before) <= MOST_WORDS:
        return before, now, is_line
    largest = sorted(range(len(before)), key=lambda place: -max(before[place], now[place]))[: MOST_WORDS - 1]
    return _joined(before, set(largest)), _joined(now, set(largest)), False


def _joined(shares: Sequence[float], kept: set[int]) -> list[float]:
    others = sum(one for place, one in enumerate(shares) if place not in kept)
    return [*(one for place, one in enumerate(shares) if place in kept), others]


def _aside(one: Finding) -> tuple[str, float, float] | None:
    """Name and both shares of what the values' own distribution does not show. New words are among its bars."""
    given = one.get("measures")
    measures: Mapping[str, Any] = {} if given is None else given
    aspect = one.get("aspect")
    found = measures.get(aspect or "")
    if aspect == "missing" and found:
        return "missing", found.get("baseline") or 0.0, found.get("current") or 0.0
    if aspect == "unseen" and found and one["kind"] == "numeric":
        return "never seen", 0.0, found.get("share") or 0.0
    return None


def _told(before: Sequence[float], now: Sequence[float]) -> str:
    common = sum(min(pair) for pair in zip(before, now, strict=True))
    return f"the values of training and of this traffic overlap by {share(min(1.0, common))}"


def _steps(shares: Sequence[float], top: float) -> str:
    """An outline; neighbours of the same height are one step."""
    if not shares:
        return ""
    heights = [_height(one / top) for one in shares]
    corners = [f"M0 {TALL}"]
    for place, height in enumerate(heights):
        if place == 0 or height != heights[place - 1]:
            corners.append(f"V{height}")
        if place + 1 == len(heights) or heights[place + 1] != height:
            corners.append(f"H{place + 1}")
    return "".join([*corners, f"V{TALL}"])


def _bars(shares: Sequence[float], top: float) -> str:
    return "".join(_bar(place + _GAP, 1 - 2 * _GAP, one / top) for place, one in enumerate(shares))


def _bar(left: float, width: float, part: float) -> str:
    return f"M{left:g} {TALL}V{_height(part)}H{left + width:g}V{TALL}" if part > 0 else ""


def _height(part: float) -> str:
    return f"{TALL - TALL * part:.1f}".removesuffix(".0")
