"""A run as its record tells of it: a document for programs, and lines for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib import json_files
from chalicelib.contract.metrics import DEFAULT_GATE, Metric, told
from chalicelib.mails.parts import duration
from chalicelib.records.run import Run
from ops.looking.layout import columns, minute


def as_document(run: Run) -> dict[str, Any]:
    """A run for programs."""
    return {
        "run": run.id,
        "dataset": run.dataset,
        "stage": str(run.stage),
        "is_over": run.stage.ended,
        "started": json_files.moment(run.started),
        "updated": json_files.moment(run.updated),
        "seconds": run.seconds,
        "algorithm": str(run.settings["algorithm"]),
        "mode": str(run.mode),
        "files": run.inputs,
        "metric": headline(run),
        "verdict": run.verdict and {"promote": run.verdict.promote, "reason": run.verdict.reason},
        "failure": run.failure
        and {"stage": str(run.failure.stage), "reason": run.failure.reason, "advice": run.failure.advice},
        "waiting_for": run.waiting_for,
        "trials": run.trials,
        "jobs": [{"step": str(job.step), "name": job.name, "seconds": job.seconds} for job in run.jobs],
    }


def listed(found: Sequence[Run]) -> dict[str, Any]:
    """`runs --json`."""
    return {"version": 1, "kind": "runs", "runs": [as_document(run) for run in found]}


def lines(found: Sequence[Run]) -> list[str]:
    """One line a run, newest first."""
    rows = [
        (run.id, str(run.stage), minute(json_files.moment(run.started)), duration(run.seconds), _shown(run))
        for run in found
    ]
    return columns(("Run", "Stage", "Started (UTC)", "Took", "Metric"), rows)


def metric_of(run: Run) -> Metric | None:
    """The metric that its gate decides by; None before that is known."""
    if run.problem is None or run.evaluation is None:
        return None
    asked = run.settings["gate"]["metric"]
    name = DEFAULT_GATE[run.problem.task] if asked == "auto" else asked
    return told(run.evaluation, run.problem.task)[name]


def headline(run: Run) -> dict[str, Any] | None:
    """That metric with its interval."""
    metric = metric_of(run)
    if metric is None or run.evaluation is None:
        return None
    score: Mapping[str, Any] = run.evaluation["metrics"].get(metric.name) or {}
    return {"name": metric.name, "title": metric.title, **{key: score.get(key) for key in ("value", "low", "high")}}


def _shown(run: Run) -> str:
    metric, found = metric_of(run), headline(run)
    return f"{metric.title} {metric.number(found['value'])}" if metric and found else ""
