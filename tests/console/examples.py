"""A document of the console with something of everything, made of records by the code that makes the real one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from chalicelib.console import costs, document, runs
from chalicelib.console.datasets import Seen
from chalicelib.costs.prices import Prices
from chalicelib.mails.so_far import Spent
from chalicelib.monitoring.record import Condition, Monitor
from chalicelib.records.dataset import Dataset, LastRun
from chalicelib.records.run import Failure, LiveModel, Run, Stage
from chalicelib.records.traffic import Traffic
from chalicelib.runtime.console import page
from chalicelib.serving_mode import Mode
from tests.relay.builders import DEPLOYMENT, NOW, run
from tests.report.pages import EVIL

TRIALS = [0.91, 0.95, None, 0.93]
DRIFT: dict[str, Any] = {
    "features": [
        {
            "name": EVIL,
            "verdict": "drifted",
            "score": 0.2,
            "threshold": 0.05,
            "sentence": f"median 34 -> 41 {EVIL}",
            "bins": {"labels": ["a", "b", "c"], "baseline": [0.5, 0.3, 0.2], "current": [0.1, 0.3, 0.6]},
        },
        {"name": "fee", "verdict": "stable", "score": 0.01, "threshold": 0.05, "sentence": "as before"},
    ],
    "history": [
        {
            "check": f"orders-drift-{number}",
            "at": f"2026-11-{number + 1:02d}T10:00:00Z",
            "state": "drifted" if number > 8 else "stable",
            "rows": 1000,
            "share_drifted": number / 20,
            "drifted": ["age"] if number > 8 else [],
        }
        for number in range(12)
    ],
}


def example() -> dict[str, Any]:
    """Datasets that are all right, drifted, failed and waiting, with several versions and a text that would be code."""
    found = [
        _dataset("orders", Stage.LIVE),
        _dataset("churn", Stage.AWAITING_APPROVAL),
        _dataset("flats", Stage.FAILED),
    ]
    found.append(_dataset("visits", Stage.LIVE, drifts=False))
    entries = {one.id: runs.entry(one, TRIALS, Prices("eu-west-1"), DEPLOYMENT) for seen in found for one in seen.runs}
    spent = [
        Spent("sagerelay-orders (1 x ml.m5.large)", 12.0, 84.0, "Nobody asks it.", idle=True, dataset="orders"),
        Spent("3 runs of churn", None, None, dataset="churn"),
    ]
    month = costs.entry(spent, [seen.dataset.name for seen in found], NOW)
    rows = [document.row(seen, {}, entries, NOW) for seen in found]
    return document.of(rows, entries, ["odd"], month, DEPLOYMENT, page(), NOW)


def many(count: int) -> dict[str, Any]:
    """So many datasets, each with the runs and checks of the first."""
    whole = example()
    first, of_run = whole["datasets"][0], whole["runs"][whole["datasets"][0]["versions"][0]]
    rows: list[dict[str, Any]] = []
    entries: dict[str, Any] = {}
    for number in range(count):
        name = f"set-{number:04d}"
        versions = [f"{name}-{place:08d}" for place in range(3)]
        entries |= {version: {**of_run, "dataset": name} for version in versions}
        live = {**first["live"], "run": versions[0], "endpoint": f"sagerelay-{name}"}
        rows.append({**first, "name": name, "versions": versions, "live": live})
    return {**whole, "datasets": rows, "runs": entries, "sentence": [[f"{count} models", None]], "unread": []}


def _dataset(name: str, stage: Stage, *, drifts: bool = True) -> Seen:
    earlier = _run(name, 1, Stage.LIVE)
    newest = _run(name, 2, stage)
    if newest.failure:
        newest = replace(newest, failure=Failure(Stage.TRAINING, f"{newest.id}-train-1", EVIL, "Correct it."))
    serving = newest if stage is Stage.LIVE else earlier
    live = LiveModel(serving.id, f"sagerelay-{name}", 1, "2026-11-20T00:00:00Z", Mode.REALTIME)
    record = Dataset(name, live=live, last=LastRun(newest.id, 2, "f", "v", stage if stage.ended else None))
    record = replace(record, active=None if stage.ended else newest.id, previous=replace(live, run=earlier.id))
    drift = Condition("drifted", "2026-11-10T10:00:00Z") if drifts and stage is Stage.LIVE else Condition("stable")
    watch = Monitor(name, live=live, drift=drift)
    traffic = Traffic(name, Mode.REALTIME, NOW - timedelta(days=40), NOW, 1200.0, 10.0, 20.0)
    return Seen(record, watch, traffic, (newest, earlier), DRIFT)


def _run(name: str, number: int, stage: Stage) -> Run:
    began = NOW - timedelta(days=10 - number)
    made = run(stage, id=f"{name}-{number:08d}", dataset=name, started=began, updated=began + timedelta(minutes=20))
    return replace(made, history=(f"preparing -> tuning {EVIL}",))
