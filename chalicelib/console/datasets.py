"""What the page shows of a dataset: its live model, its versions, what its monitor sees, its traffic, what comes next.

Pure. What earlier writings of the console knew is kept: records forget runs, the page remembers so many of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib import json_files
from chalicelib.console import health
from chalicelib.costs import estimate
from chalicelib.mails import bills
from chalicelib.monitoring.record import Condition, Monitor
from chalicelib.records.dataset import Dataset
from chalicelib.records.run import Run, Stage
from chalicelib.records.traffic import WINDOW, Traffic

MOST_VERSIONS = 30
MOST_CHECKS = 60
MOST_FEATURES = 8


@dataclass(frozen=True, slots=True)
class Seen:
    """A dataset's records, and the runs that they name, as far as they can be read."""

    dataset: Dataset
    monitor: Monitor
    traffic: Traffic
    runs: tuple[Run, ...]
    drift: Mapping[str, Any] | None = None
    """The newest drift.json; None where it is the one that is known already, or there is none."""


def named_runs(dataset: Dataset) -> tuple[str, ...]:
    """The runs that a dataset's record names, the newest first."""
    models = [dataset.live, dataset.previous, dataset.best]
    named = [dataset.active, dataset.last and dataset.last.run, *(one and one.run for one in models)]
    return tuple(dict.fromkeys(name for name in named if name))


def row(seen: Seen, before: Mapping[str, Any], runs: Mapping[str, Mapping[str, Any]], now: datetime) -> dict[str, Any]:
    """A dataset for the page.

    Args:
        before: its row of the writing before; empty of none.
        runs: every run of it that is shown, by its id, in the page's form.
    """
    dataset, monitor = seen.dataset, seen.monitor
    state = health.of(dataset, monitor, seen.runs, seen.traffic, now)
    live, asleep = dataset.live, dataset.asleep
    newest = sorted(runs, key=lambda run: (str(runs[run]["started"]), run), reverse=True)
    return {
        "name": dataset.name,
        "health": {"word": str(state.word), "because": list(state.because), "commands": list(state.commands)},
        "live": live
        and {
            "run": live.run,
            "endpoint": live.endpoint,
            "promoted": live.promoted,
            "since": live.since,
            "mode": str(live.mode),
        },
        "previous": dataset.previous.run if dataset.previous else None,
        "asleep": asleep and json_files.moment(asleep.since),
        "active": dataset.active,
        "versions": newest,
        "drift": _condition(monitor.drift) if live and monitor.enabled else None,
        "quality": _condition(monitor.quality) if live and monitor.enabled else None,
        "monitored": monitor.enabled,
        "traffic": _traffic(seen.traffic),
        "next": list(_next(seen, runs)),
        **_checked(seen.drift, before),
    }


def _condition(condition: Condition) -> dict[str, Any]:
    return {"state": condition.state, "since": condition.since}


def _traffic(traffic: Traffic) -> dict[str, Any] | None:
    if traffic.counted is None:
        return None
    return {
        "counted": json_files.moment(traffic.counted),
        "requests": traffic.requests,
        "days": WINDOW.days,
        "lately": traffic.lately,
    }


def _checked(document: Mapping[str, Any] | None, before: Mapping[str, Any]) -> dict[str, Any]:
    """The course of the checks and the features that drift most, of the newest drift.json, or as they were."""
    if document is None:
        return {"checks": before.get("checks", []), "features": before.get("features", [])}
    return {
        "checks": [_check(one) for one in _entries(document, "history")][-MOST_CHECKS:],
        "features": [_feature(one) for one in _drifting(document)][:MOST_FEATURES],
    }


def _check(one: Mapping[str, Any]) -> dict[str, Any]:
    return {name: one.get(name) for name in ("check", "at", "state", "rows", "share_drifted", "drifted")}


def _drifting(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Columns and answers with a score, those that drift first, then by it."""
    found = [one for name in ("predictions", "features") for one in _entries(document, name) if _is_scored(one)]
    return sorted(found, key=lambda one: (one.get("verdict") != "drifted", -float(one["score"])))


def _is_scored(one: Mapping[str, Any]) -> bool:
    return isinstance(one.get("score"), int | float)


def _feature(one: Mapping[str, Any]) -> dict[str, Any]:
    """A column and its two distributions; the words on the bins are the report's, which is not for everybody."""
    bins = one.get("bins")
    shares = {name: bins.get(name) for name in ("baseline", "current")} if isinstance(bins, Mapping) else None
    return {**{name: one.get(name) for name in ("name", "verdict", "score", "threshold", "sentence")}, "bins": shares}


def _entries(document: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    listed = document.get(name)
    return [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []


def _next(seen: Seen, runs: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What happens next, and what it will cost, as sentences."""
    dataset, settings = seen.dataset, seen.monitor.settings
    told: list[str] = []
    active = next((run for run in seen.runs if run.id == dataset.active), None)
    if active:
        waits = active.stage is Stage.AWAITING_APPROVAL
        told.append(
            f"{active.id} is {active.stage}{'' if waits or not active.waiting_for else f': {active.waiting_for}'}."
        )
    if dataset.queued:
        told.append("What was uploaded since becomes the run after it.")
    if dataset.live and seen.monitor.enabled and settings:
        told.append(f"A check for drift comes {_every(seen.monitor.monitoring['schedule'])}, where there is traffic.")
    if dataset.live and seen.monitor.enabled and seen.monitor.policy["policy"] != "never":
        told.append(f"It is trained anew by the policy {seen.monitor.policy['policy']}.")
    last = runs.get(dataset.last.run) if dataset.last else None
    if last and last["verdict"] and last["usd"] is not None:
        low, high = (bills.usd(share * last["usd"]) for share in estimate.AGAIN)
        told.append(f"A next run on the same data costs {low} to {high} on AWS.")
    return told


def _every(schedule: str) -> str:
    """
    >>> _every("hourly"), _every("rate(6 hours)"), _every("cron(0 6 * * ? *)")
    ('hourly', 'every 6 hours', 'at cron(0 6 * * ? *)')
    """
    if schedule.startswith("rate("):
        count, _, unit = schedule[5:-1].partition(" ")
        return f"every {unit}" if count == "1" else f"every {count} {unit}"
    return f"at {schedule}" if schedule.startswith("cron(") else schedule


def shown(named: Sequence[str], before: Sequence[str]) -> list[str]:
    """Which runs are shown: those that are named now and those of before, so many of them.

    >>> shown(["b", "a"], ["a", "z"])
    ['b', 'a', 'z']
    """
    return list(dict.fromkeys([*named, *before]))[:MOST_VERSIONS]
