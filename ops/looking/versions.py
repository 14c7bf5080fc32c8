"""All models of a dataset that came to a verdict, with their metrics, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chalicelib import json_files
from chalicelib.contract.metrics import told
from chalicelib.records.dataset import Dataset
from chalicelib.records.run import Run, Stage
from ops.looking.layout import fitting, minute


def judged(found: Sequence[Run]) -> list[Run]:
    """The runs that have a model and metrics of it."""
    return [run for run in found if run.evaluation is not None and run.problem is not None]


def as_document(record: Dataset, found: Sequence[Run]) -> dict[str, Any]:
    """`metrics --json`: every metric of every version."""
    versions = [
        {
            "run": run.id,
            "state": state(record, run),
            "judged": json_files.moment(run.updated),
            "rows": run.evaluation["rows"],
            "metrics": {
                name: {key: (score or {}).get(key) for key in ("value", "low", "high")}
                for name, score in run.evaluation["metrics"].items()
            },
            "reason": run.verdict.reason if run.verdict else None,
        }
        for run in judged(found)
        if run.evaluation is not None
    ]
    return {"version": 1, "kind": "metrics", "dataset": record.name, "versions": versions}


def lines(record: Dataset, found: Sequence[Run]) -> list[str]:
    """One line a version: the metrics that one wants to see first, as many as fit."""
    runs = judged(found)
    newest = runs[0]
    assert newest.evaluation  # noqa: S101 (as `judged` has it)
    assert newest.problem  # noqa: S101
    known = told(newest.evaluation, newest.problem.task)
    rows = []
    for run in runs:
        metrics = run.evaluation["metrics"] if run.evaluation else {}
        values = [known[name].number((metrics.get(name) or {}).get("value")) for name in known.headlines]
        rows.append((run.id, state(record, run), minute(json_files.moment(run.updated)), *values))
    headings = ("Run", "State", "Judged (UTC)", *(known[name].title for name in known.headlines))
    return fitting(headings, rows)


def state(record: Dataset, run: Run) -> str:
    """What has become of a run's model."""
    if record.live and record.live.run == run.id:
        return "in service"
    if record.previous and record.previous.run == run.id:
        return "kept"
    return "was in service" if run.stage is Stage.LIVE else str(run.stage)
