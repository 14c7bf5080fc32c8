"""How columns move the answers: the curves of evaluation.json as pictures of numbers, and tables of words.

The pictures are written by hand: six of matplotlib's would take as long as all others of the page. They hold numbers
of the data's and no word of the user's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from jobs.documents.evaluation import Curve, Effect, Evaluation
from jobs.report import words

Plain = dict[str, Any]
WIDE, TALL = 320.0, 160.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 312.0, 8.0, 112.0
_BARS, _FLOOR = 120.0, 140.0
"""The rows' density stands below the curve, between these."""


def effects(ours: Evaluation) -> Plain | None:
    """The drawn columns, the costliest first; None where the document has none: earlier releases, and models that
    cannot be looked into."""
    found = ours.get("effects")
    if not found:
        return None
    points = ours["classes"] is not None
    return {
        "explained": found["explained"],
        "columns": [_shown(one, points=points) for one in found["columns"]],
        "numbers": any(_is_of_numbers(one) for one in found["columns"]),
        "words": any(not _is_of_numbers(one) for one in found["columns"]),
    }


def _is_of_numbers(one: Effect) -> bool:
    return one["method"] == "accumulated"


def _shown(one: Effect, *, points: bool) -> Plain:
    told = {"column": one["column"], "sentence": one["sentence"], "rows": f"{one['rows']:,}"}
    names = [curve["name"] for curve in one["curves"]]
    if not _is_of_numbers(one):
        return told | {"picture": None, "words": _bars(one, points=points)}
    legend = [{"name": name, "color": color} for color, name in enumerate(names, 1)] if len(names) > 1 else []
    at = [float(place) for place in one["at"] if place is not None]
    return told | {"picture": picture(at, one["shares"], one["curves"], points=points), "legend": legend}


def amount(value: float, *, points: bool) -> str:
    """A difference of answers with its sign: points of a probability, or the target's unit.

    >>> amount(0.123, points=True), amount(-1234.5, points=False), amount(0.0, points=True)
    ('+12.3', '−1,234', '0')
    """
    if not value:
        return "0"
    text = f"{100 * abs(value):.3g}" if points else words.amount(abs(value))
    return ("−" if value < 0 else "+") + text


def ticks(low: float, high: float, most: int = 4) -> list[float]:
    """Round numbers between two others, both included where they are round.

    >>> ticks(2, 86), ticks(-0.41, 0.17), ticks(3, 3)
    ([25.0, 50.0, 75.0], [-0.4, -0.2, 0.0], [])
    """
    if not high > low:
        return []
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(times * power for times in (1.0, 2.0, 2.5, 5.0, 10.0) if times * power >= rough)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(f"{place * step:.9g}") + 0.0 for place in range(first, last + 1)]


def picture(at: Sequence[float], shares: Sequence[float], curves: Sequence[Curve], *, points: bool) -> Plain:
    """Paths and labels within WIDE times TALL: a line a curve, and what share of the rows lies where."""
    ends = [value for curve in curves for value in curve["values"]]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    span = (at[-1] - at[0]) or 1.0

    def across(value: float) -> float:
        return round(_LEFT + (_RIGHT - _LEFT) * (value - at[0]) / span, 1)

    def up(value: float) -> float:
        return round(_BOTTOM - (_BOTTOM - _TOP) * (value - low) / ((high - low) or 1.0), 1)

    dense = [share / (end - start) for share, start, end in zip(shares, at, at[1:], strict=False)]
    bars = [
        f"M{across(start):g} {_FLOOR:g}V{_FLOOR - (_FLOOR - _BARS) * one / max(dense):.1f}H{across(end):g}V{_FLOOR:g}"
        for one, start, end in zip(dense, at, at[1:], strict=False)
    ]
    return {
        "zero": up(0.0),
        "lines": [
            "M" + "L".join(f"{across(x):g} {up(y):g}" for x, y in zip(at, curve["values"], strict=True))
            for curve in curves
        ],
        "bars": "".join(bars),
        "x": [{"at": across(one), "text": number(one)} for one in ticks(at[0], at[-1])],
        "y": [{"at": up(one), "text": amount(one, points=points)} for one in ticks(low, high)],
    }


def number(value: float) -> str:
    """A place of a column, as a tick says it: without commas where it may be a year.

    >>> number(2014.0), number(250000.0), number(-0.5)
    ('2014', '250,000', '−0.5')
    """
    return words.typeset(f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.6g}")


def _bars(one: Effect, *, points: bool) -> Plain:
    """The words, the one of the largest answer first, of the outcome that the column moves most."""
    curve = max(one["curves"], key=lambda curve: curve["range"])
    low, high = min([0.0, *curve["values"]]), max([0.0, *curve["values"]])
    scale = (high - low) or 1.0

    def place(value: float) -> float:
        return 100 * (value - low) / scale

    rows = sorted(zip(one["at"], curve["values"], one["shares"], strict=True), key=lambda row: -row[1])
    return {
        "outcome": curve["name"],
        "zero": place(0.0),
        "rows": [
            {
                "word": word,
                "moves": amount(value, points=points),
                "share": words.percent(share),
                "left": place(min(0.0, value)),
                "width": place(max(0.0, value)) - place(min(0.0, value)),
            }
            for word, value, share in rows
        ],
    }
