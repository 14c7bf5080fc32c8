"""quality.json of docs/formats.md. Pure: what was found in, the document out."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from jobs.documents.quality import Check, Coverage, Quality
from jobs.documents.window import Window
from jobs.ground_truth.joining import Floats, Joined
from jobs.ground_truth.labels import Labels
from jobs.ground_truth.measuring import Measured, Rule
from jobs.ground_truth.problems import Problems
from jobs.schema import Schema

MOST_CHECKS = 200
_UNUSABLE = ("no-id", "empty-label", "unknown-class", "not-a-number", "ragged-label", "broken-line", "foreign-line")


def document(
    window: Window,
    schema: Schema,
    rule: Rule,
    labels: Labels,
    joined: Joined,
    measured: Measured,
    problems: Problems,
    previous: Quality | None,
) -> Quality:
    """quality.json. `previous` is the document of the check before, for its history."""
    live = joined.by_live_model(seconds_of(window["live"]["promoted"]))
    begun, ended = period(joined.seconds[live])
    found: Quality = {
        "version": 1,
        "check": window["check"],
        "at": window["started"],
        "dataset": window["dataset"],
        "run": window["live"]["run"],
        "endpoint": window["endpoint"],
        "state": measured.state,
        "window": {"from": begun, "to": ended},
        "coverage": coverage(labels, joined, problems, int(live.sum())),
        "problems": problems.to_json(),
        "task": schema["task"],
        "classes": schema["classes"],
        "metric": rule.metric,
        "max_loss": rule.max_loss,
        "max_loss_meant": rule.meant,
        "catalogue": rule.catalogue.told(schema["task"]),
        "metrics": measured.metrics,
        "sentence": measured.sentence,
        "confusion_matrix": measured.matrix,
        "labelled": {"file": "labelled.csv", "rows": joined.rows},
        "history": history(window, measured, joined.rows, previous),
    }
    if measured.lost is not None:
        found["lost"] = measured.lost
    return found


def coverage(labels: Labels, joined: Joined, problems: Problems, of_live_model: int) -> Coverage:
    """Where every label went: labels = matched + unknown + duplicates + conflicting + unusable + ambiguous."""
    captured = joined.tally.rows
    return {
        "labels": labels.read + problems.of("ragged-label"),
        "matched": joined.rows,
        "unknown": problems.of("unknown-id"),
        "duplicates": problems.of("duplicate-label"),
        "conflicting": problems.of("conflicting-labels"),
        "unusable": problems.of(*_UNUSABLE),
        "ambiguous": problems.of("ambiguous-id"),
        "captured": captured,
        "share_of_traffic": joined.rows / captured if captured else None,
        "of_live_model": of_live_model,
    }


def history(window: Window, measured: Measured, matched: int, previous: Quality | None) -> list[Check]:
    """The checks before and this one, oldest first; a check that is made again replaces its first try."""
    known = previous.get("history") if previous else None
    before = [entry for entry in known or () if entry.get("check") != window["check"]]
    this: Check = {
        "check": window["check"],
        "at": window["started"],
        "state": measured.state,
        "matched": matched,
        "metrics": {name: block["value"] for name, block in measured.metrics.items() if block["value"] is not None},
    }
    return [*before, this][-MOST_CHECKS:]


def period(seconds: Floats) -> tuple[str | None, str | None]:
    """The first and the last of moments in seconds since 1970, as text; None where none is known."""
    known = seconds[~np.isnan(seconds)]
    if not len(known):
        return None, None
    return _moment(float(known.min())), _moment(float(known.max()))


def seconds_of(moment: str | None) -> float:
    """Seconds since 1970 of a time as our documents write it; no time is before all times.

    >>> seconds_of("1970-01-01T00:01:00Z")
    60.0
    """
    if moment is None:
        return float("-inf")
    read = datetime.fromisoformat(moment)
    return (read.replace(tzinfo=UTC) if read.tzinfo is None else read).timestamp()


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
