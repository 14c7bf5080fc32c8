"""Baseline and current distribution of a column, drawn over each other as markup that needs no script.

Not by matplotlib: the labels are the user's words, which belong into HTML, where they are escaped in one place and
every script has its glyphs. So numbers become two outlines that are stretched under a line of HTML labels, categories
become bars in a list. Either holds a table of all its bins, for those who cannot see a picture.
"""

from collections.abc import Sequence
from typing import Any

from jobs.documents.drift import Bins
from jobs.report.monitoring import share

Plain = dict[str, Any]
MOST_BARS = 10
MOST_LABELS = 5
_LABEL_ROOM = 46
_TALL = 100


def distribution(kind: str, bins: Bins | None) -> Plain | None:
    """What the template draws of a column's bins: an `outline` of numbers or `bars` of words; None without bins."""
    if not bins or not bins.get("labels"):
        return None
    labels = [str(label) for label in bins["labels"]]
    baseline, current = ([float(part or 0.0) for part in side] for side in (bins["baseline"], bins["current"]))
    rows = [
        {"label": label, "baseline": share(before), "current": share(now)}
        for label, before, now in zip(labels, baseline, current, strict=True)
    ]
    if kind == "numeric" and len(labels) > 2:
        return {"rows": rows, "bars": None, "outline": _outline(labels, baseline, current)}
    return {"rows": rows, "outline": None, "bars": bars(labels, baseline, current)}


def _outline(labels: list[str], baseline: list[float], current: list[float]) -> Plain:
    """Two step outlines in a box of one unit a bin and 100 upwards, and the labels that fit below it."""
    top = max(*baseline, *current) or 1.0
    return {
        "width": len(labels),
        "baseline": _steps(baseline, top),
        "current": _steps(current, top),
        "top": share(top),
        "labels": _spread(labels),
    }


def _steps(shares: Sequence[float], top: float) -> str:
    corners = [f"M0 {_TALL}"]
    for place, one in enumerate(shares):
        corners.append(f"V{_TALL - _TALL * one / top:.1f}H{place + 1}")
    return "".join([*corners, f"V{_TALL}"])


def _spread(labels: list[str]) -> list[Plain]:
    """Some of the labels, evenly, with the middle of their bins in per cent of the width: as many as have room."""
    longest = max(len(label) for label in labels)
    most = max(2, min(MOST_LABELS, _LABEL_ROOM // (longest + 2), len(labels)))
    places = sorted({round(step * (len(labels) - 1) / (most - 1)) for step in range(most)})
    return [{"text": labels[place], "at": 100 * (place + 0.5) / len(labels)} for place in places]


def bars(labels: list[str], baseline: list[float], current: list[float], full: float = 0.0) -> Plain:
    """The bars that changed most, in their order, and how many more there are.

    Lengths are in per cent of the longest bar, or of a bar of the share `full` where none is as long.
    """
    top = max(*baseline, *current, full) or 1.0
    changed = sorted(range(len(labels)), key=lambda place: -abs(baseline[place] - current[place]))
    shown = sorted(changed[:MOST_BARS])
    return {
        "shown": [
            {
                "label": labels[place],
                "baseline": share(baseline[place]),
                "current": share(current[place]),
                "before": 100 * baseline[place] / top,
                "now": 100 * current[place] / top,
            }
            for place in shown
        ],
        "more": len(labels) - len(shown),
    }
