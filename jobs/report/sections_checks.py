"""The history on the pages of monitoring: pictures over the checks so far, and the latest of them in a table."""

from collections.abc import Mapping, Sequence
from typing import Any

from jobs.refusals import counted
from jobs.report import plots_monitoring, words
from jobs.report.figures import Figures
from jobs.report.monitoring import MOST_CHECKS, STATES, moment
from jobs.report.sections import capped
from jobs.report.shell import picture

Plain = dict[str, Any]
MOST_LINES = 5
FEWEST_POINTS = 2


def drift_history(document: Mapping[str, Any], worst: Sequence[Plain]) -> Plain:
    """Share drifted, scores of the `worst` features and the estimated metric over time. Pictures need two checks."""
    checks = list(document.get("history") or ())
    moments = [check["at"] for check in checks]
    enough = len(checks) >= FEWEST_POINTS
    shares = [check.get("share_drifted") for check in checks]
    states = [check["state"] for check in checks]
    followed = [one for one in worst if _points(checks, "scores", one["name"])][:MOST_LINES] if enough else []
    lines = [_series(checks, "scores", one["name"]) for one in followed]
    limit = next((one.get("threshold") for one in followed), None)
    rows = [
        {"at": moment(check["at"]), "check": check["check"], "state": check["state"],
         "told": STATES.get(check["state"], check["state"]), "rows": f"{check.get('rows') or 0:,}",
         "drifted": _named(check.get("drifted") or ())}
        for check in reversed(checks)
    ]  # fmt: skip
    estimate = document.get("estimate") or {}
    return {
        "count": len(checks),
        "share": picture(plots_monitoring.drifted_share(moments, shares, states)) if enough else None,
        "scores": picture(plots_monitoring.scores(moments, lines, limit)) if lines else None,
        "legend": [{"name": one["name"], "color": place % 8 + 1} for place, one in enumerate(followed)],
        "metric": _metric(checks, "estimated", estimate) if enough else None,
        "checks": capped(rows, MOST_CHECKS),
    }


def quality_history(document: Mapping[str, Any]) -> Plain:
    """The deciding metric on real traffic over time, and the checks in a table."""
    checks, name = list(document.get("history") or ()), document.get("metric")
    figures = Figures(document)
    rows = [
        {"at": moment(check["at"]), "check": check["check"], "state": check["state"],
         "told": STATES.get(check["state"], check["state"]), "matched": f"{check.get('matched') or 0:,}",
         "value": figures.number(name or "", (check.get("metrics") or {}).get(name))}
        for check in reversed(checks)
    ]  # fmt: skip
    enough = len(checks) >= FEWEST_POINTS
    return {
        "count": len(checks),
        "metric": _metric(checks, "metrics", document) if enough else None,
        "checks": capped(rows, MOST_CHECKS),
    }


def _metric(checks: list[Plain], key: str, current: Mapping[str, Any]) -> Plain | None:
    """The deciding metric of `current`, which holds "metric", "metrics" and their "catalogue"."""
    name, figures = current.get("metric"), Figures(current)
    if name is None or not _points(checks, key, name):
        return None
    before = ((current.get("metrics") or {}).get(name) or {}).get("at_promotion")
    moments, values = [check["at"] for check in checks], _series(checks, key, name)
    drawn = plots_monitoring.metric(moments, values, before, "The deciding metric, check by check")
    return {"svg": picture(drawn), "title": figures.title(name), "before": figures.number(name, before)}


def _series(checks: list[Plain], key: str, name: str) -> list[float | None]:
    return [(check.get(key) or {}).get(name) for check in checks]


def _points(checks: list[Plain], key: str, name: str) -> int:
    return sum(value is not None for value in _series(checks, key, name))


def _named(names: Sequence[str]) -> str:
    if not names:
        return words.ABSENT
    shown = ", ".join(words.cut(name, 40) for name in names[:MOST_LINES])
    return shown if len(names) <= MOST_LINES else f"{shown} and {counted(len(names) - MOST_LINES, 'more', 'more')}"
