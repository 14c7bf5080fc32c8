"""Pictures of many checks: how much had drifted, how far, and what it did to the metric.

Names of features and metrics are the user's words or stand in HTML beside the picture: here are only lines.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from matplotlib import dates
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from jobs.report.canvas import INK, MUTED, SERIES, drawing

Value = float | None
_WIDE, _TALL = 4.6, 2.2


def drifted_share(moments: Sequence[str], shares: Sequence[Value], states: Sequence[str]) -> str:
    """Share of the features that had drifted: filled dots with drift, hollow ones without, crosses without traffic."""
    with drawing("drifted-share", "Share of drifted features, check by check", width=_WIDE, height=_TALL) as picture:
        axes = picture.axes
        at = _times(axes, moments)
        known = [place for place, state in enumerate(states) if state != "not-enough-traffic"]
        drawn = [at[place] for place in known], [_plain(shares[place]) for place in known]
        axes.plot(*drawn, color=SERIES[0], linewidth=1.0)
        for state, style in _DOTS.items():
            chosen = [place for place, one in enumerate(states) if one == state]
            axes.plot(
                [at[place] for place in chosen],
                [0.0 if state == "not-enough-traffic" else _plain(shares[place]) for place in chosen],
                linestyle="none",
                zorder=3,
                **style,
            )
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
        axes.set_ylim(-0.04, max(0.2, 1.1 * max((_plain(share) for share in shares), default=0.0)))
        axes.set_ylabel("Features drifted")
    return picture.svg


_DOTS: dict[str, dict[str, Any]] = {
    "drifted": {"marker": "o", "color": SERIES[1], "markersize": 5},
    "stable": {"marker": "o", "color": SERIES[0], "markersize": 4, "markerfacecolor": "none"},
    "not-enough-traffic": {"marker": "x", "color": MUTED, "markersize": 4},
}


def scores(moments: Sequence[str], lines: Sequence[Sequence[Value]], threshold: float | None) -> str:
    """Score of a few features over time, a line each, and the threshold dashed. A missing score is a gap."""
    with drawing("scores", "Scores of the worst features, check by check", width=_WIDE, height=_TALL) as picture:
        at = _times(picture.axes, moments)
        for place, line in enumerate(lines):
            _line(picture.axes, at, line, SERIES[place % len(SERIES)])
        if threshold is not None:
            picture.axes.axhline(threshold, color=INK, linewidth=0.9, linestyle=(0, (4, 3)))
        picture.axes.set_ylim(bottom=0.0)
        picture.axes.set_ylabel("Score")
    return picture.svg


def metric(moments: Sequence[str], values: Sequence[Value], at_promotion: Value, description: str) -> str:
    """A metric check by check, and its value at promotion dashed. `description`: our words, not the user's."""
    with drawing("metric", description, width=_WIDE, height=_TALL) as picture:
        _line(picture.axes, _times(picture.axes, moments), values, SERIES[0])
        if at_promotion is not None:
            picture.axes.axhline(at_promotion, color=INK, linewidth=0.9, linestyle=(0, (4, 3)))
        known = [value for value in (*values, at_promotion) if value is not None]
        margin = 0.15 * (max(known) - min(known)) or 0.01 * abs(known[0]) or 0.01
        picture.axes.set_ylim(min(known) - margin, max(known) + margin)
        picture.axes.yaxis.set_major_locator(MaxNLocator(5))
        picture.axes.set_ylabel("Metric")
    return picture.svg


def _line(axes: Axes, at: Sequence[float], values: Sequence[Value], color: str) -> None:
    plain = [_plain(value) for value in values]
    axes.plot(at, plain, color=color, linewidth=1.3, marker="o", markersize=2.6)


def _plain(value: Value) -> float:
    return float("nan") if value is None else float(value)


def _times(axes: Axes, moments: Sequence[str]) -> list[float]:
    """The moments as matplotlib counts days, with the axis of time made ready for them."""
    when = [datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None) for text in moments]
    margin = max(timedelta(minutes=5), 0.03 * (max(when) - min(when)))
    days: Any = dates
    axes.set_xlim(days.date2num(min(when) - margin), days.date2num(max(when) + margin))
    locator = days.AutoDateLocator(minticks=2, maxticks=6)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(days.ConciseDateFormatter(locator))
    return [float(days.date2num(one)) for one in when]
