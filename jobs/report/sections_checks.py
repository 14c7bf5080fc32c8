"""The history on the pages of monitoring: pictures over the checks so far, and the latest of them in a table."""

from collections.abc import Mapping, Sequence
from typing import Any

from jobs.documents.drift import Drift, Estimate, Finding
from jobs.documents.metrics import AgainstPromotion
from jobs.documents.quality import Quality
from jobs.refusals import counted
from jobs.report import plots_monitoring, words
from jobs.report.figures import Figures
from jobs.report.monitoring import MOST_CHECKS, STATES, moment
from jobs.report.sections import capped
from jobs.report.shell import picture

Plain = dict[str, Any]
_Values = dict[str, float] | None
"""A metric or a score by name, as one check found them."""
MOST_LINES = 5
FEWEST_POINTS = 2


def drift_history(document: Drift, worst: Sequence[Finding]) -> Plain:
    """Share drifted, scores of the `worst` features and the estimated metric over time. Pictures need two checks."""
    checks = list(document.get("history") or ())
    moments = [check["at"] for check in checks]
    enough = len(checks) >= FEWEST_POINTS
    shares = [check.get("share_drifted") for check in checks]
    states = [check["state"] for check in checks]
    scores = [check.get("scores") for check in checks]
    followed = [one for one in worst if _points(_series(scores, one["name"]))][:MOST_LINES] if enough else []
    lines = [_series(scores, one["name"]) for one in followed]
    limit = common_limit(followed)
    rows = [
        {"at": moment(check["at"]), "check": check["check"], "state": check["state"],
         "told": STATES.get(check["state"], check["state"]), "rows": f"{check.get('rows') or 0:,}",
         "drifted": _named(check.get("drifted") or ())}
        for check in reversed(checks)
    ]  # fmt: skip
    estimate, values = document.get("estimate"), [check.get("estimated") for check in checks]
    return {
        "count": len(checks),
        "share": picture(plots_monitoring.drifted_share(moments, shares, states)) if enough else None,
        "limit": limit,
        "scores": picture(plots_monitoring.scores(moments, lines, limit)) if lines else None,
        "legend": [{"name": one["name"], "color": place % 8 + 1} for place, one in enumerate(followed)],
        "metric": _metric(moments, values, estimate) if enough and estimate else None,
        "checks": capped(rows, MOST_CHECKS),
    }


def common_limit(followed: Sequence[Finding]) -> float | None:
    """The limit that one line can stand for; None where columns have limits of their own, or there is none."""
    limits = {one.get("threshold") for one in followed}
    return limits.pop() if len(limits) == 1 else None


def quality_history(document: Quality) -> Plain:
    """The deciding metric on real traffic over time, and the checks in a table."""
    checks, name = list(document.get("history") or ()), document.get("metric") or ""
    figures, values = Figures(document), [check.get("metrics") for check in checks]
    rows = [
        {"at": moment(check["at"]), "check": check["check"], "state": check["state"],
         "told": STATES.get(check["state"], check["state"]), "matched": f"{check.get('matched') or 0:,}",
         "value": figures.number(name, (check.get("metrics") or {}).get(name))}
        for check in reversed(checks)
    ]  # fmt: skip
    enough = len(checks) >= FEWEST_POINTS
    return {
        "count": len(checks),
        "metric": _metric([check["at"] for check in checks], values, document) if enough else None,
        "checks": capped(rows, MOST_CHECKS),
    }


def _metric(moments: list[str], found: Sequence[_Values], current: Quality | Estimate) -> Plain | None:
    """The deciding metric of `current`, which holds "metric", "metrics" and their "catalogue"."""
    name, figures = current.get("metric"), Figures(current)
    values = _series(found, name or "")
    if name is None or not _points(values):
        return None
    metrics: Mapping[str, AgainstPromotion] = current.get("metrics") or {}
    block = metrics.get(name)
    before = block.get("at_promotion") if block else None
    drawn = plots_monitoring.metric(moments, values, before, "The deciding metric, check by check")
    return {"svg": picture(drawn), "title": figures.title(name), "before": figures.number(name, before)}


def _series(found: Sequence[_Values], name: str) -> list[float | None]:
    return [(values or {}).get(name) for values in found]


def _points(series: Sequence[float | None]) -> int:
    return sum(value is not None for value in series)


def _named(names: Sequence[str]) -> str:
    if not names:
        return words.ABSENT
    shown = ", ".join(words.cut(name, 40) for name in names[:MOST_LINES])
    return shown if len(names) <= MOST_LINES else f"{shown} and {counted(len(names) - MOST_LINES, 'more', 'more')}"
