"""What the pages of monitoring share: moments, verdicts, metrics against promotion, problems.

It only words what the check decided: nothing here compares a score with a threshold a second time, so that the page,
the mail and the file can never disagree.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

from jobs.documents.metrics import AgainstPromotion, Interval
from jobs.documents.window import Past, Period, Problem
from jobs.report import words
from jobs.report.figures import Figures
from jobs.report.sections import capped

Plain = dict[str, Any]
MOST_PROBLEMS = 40
MOST_CHECKS = 30
STATES = {
    "drifted": "drifted",
    "stable": "stable",
    "not-enough-traffic": "not enough traffic",
    "fell": "fell",
    "kept": "kept",
    "not-enough-labels": "not enough labels",
}
SILENT = frozenset({"not-enough-traffic", "not-enough-labels"})
"""States of checks that say nothing."""


def moment(text: str | None) -> str:
    """`2026-11-22 10:00`, of a time in UTC; a dash for None.

    >>> moment("2026-11-22T10:00:30Z"), moment(None)
    ('2026-11-22 10:00', '–')
    """
    return words.ABSENT if not text else text[:16].replace("T", " ")


def period(window: Period) -> str | None:
    """`2026-11-21 10:00 to 2026-11-22 10:00 UTC`, or the one minute of both; None where nothing was recorded.

    >>> period({"from": "2026-11-21T10:00:00Z", "to": "2026-11-21T10:00:40Z"})
    '2026-11-21 10:00 UTC'
    """
    begun, ended = window.get("from"), window.get("to")
    if not begun or not ended:
        return None
    return " to ".join(dict.fromkeys([moment(begun), moment(ended)])) + " UTC"


def chance(p_value: float | None) -> str:
    """A p-value; one too small for a float is not written as 0, for no p-value is.

    >>> chance(0.0), chance(1.03e-34), chance(3.2e-9), chance(0.04), chance(None)
    ('< 1e-300', '1e-34', '3.2e-09', '0.0400', '–')
    """
    if p_value is None or p_value >= 1e-9:
        return words.number(p_value)
    return "< 1e-300" if p_value < 1e-300 else f"{p_value:.0e}"


def share(part: float | None) -> str:
    """A share in per cent with the digits that small shares need.

    >>> share(0.123), share(0.0004), share(0.0), share(0.00001), share(None)
    ('12.3 %', '0.04 %', '0 %', '< 0.01 %', '–')
    """
    if part is None or part >= 0.01:
        return words.percent(part)
    if part == 0:
        return "0 %"
    return f"{100 * part:.2f} %" if part >= 0.0001 else "< 0.01 %"


def since(history: Sequence[Past]) -> Plain | None:
    """When the state of the last check began, and how many checks have found it; None where it just began.

    Checks without enough traffic or labels neither end nor prolong a state: they say nothing.
    """
    if not history or history[-1]["state"] in SILENT:
        return None
    same: list[Past] = []
    for check in reversed(history):
        if check["state"] == history[-1]["state"]:
            same.append(check)
        elif check["state"] not in SILENT:
            break
    return {"at": moment(same[-1]["at"]), "checks": len(same)} if len(same) > 1 else None


def metrics(found: Mapping[str, AgainstPromotion] | None, key: str, figures: Figures) -> list[Plain]:
    """A row a metric: at promotion, now (under `key`), its interval, the difference, and what that means."""
    rows = []
    for name, one in (found or {}).items():
        now = cast("Mapping[str, Any]", one).get(key)
        few, then = (cast("Mapping[str, Any]", one).get(key) for key in ("few", "few_at_promotion"))
        reach: Interval = {"low": one.get("low"), "high": one.get("high")}
        difference: Interval = {"low": one.get("difference_low"), "high": one.get("difference_high")}
        if few:
            reach["few"] = few
        if either := few or then:
            difference["few"] = either
        rows.append(
            {
                "name": name,
                "title": figures.title(name),
                "before": figures.number(name, one.get("at_promotion")),
                "now": figures.number(name, now),
                "interval": figures.interval(name, reach),
                "difference": figures.signed(name, one.get("difference")),
                "difference_interval": figures.signed_interval(name, difference),
                "few": either is not None,
                "meaning": figures.meaning(name, difference),
                "undefined": (one.get("undefined") or "It is not defined.") if now is None else None,
            }
        )
    return rows


def problems(found: Sequence[Problem] | None, unit: Literal["records", "labels"]) -> Plain:
    """What could not be read or joined, most frequent first. `unit`: `records` or `labels`, which were counted."""
    rows = [
        {"code": one["code"], "count": f"{one.get(unit) or 0:,}", "sentence": one["sentence"], "of": one.get(unit) or 0}
        for one in found or ()
    ]
    return capped(sorted(rows, key=lambda row: -row["of"]), MOST_PROBLEMS)
