"""What the page shows of a run: its stages, what it cost, how good its model is and what became of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib import json_files
from chalicelib.algorithms import called
from chalicelib.contract.evaluation import Contestant, Estimate, Evaluation
from chalicelib.contract.metrics import Metric, Metrics, told
from chalicelib.costs import spent
from chalicelib.costs.prices import Prices
from chalicelib.deployment import DeploymentSettings
from chalicelib.mails import bills, console, parts, so_far
from chalicelib.names import RunKeys
from chalicelib.records.events import JobRecord
from chalicelib.records.run import Run

MOST_TRIALS = 200
MOST_COLUMNS = 20
_PARTS = ("train", "validation", "test")
LONGEST = 1_000
"""Characters of a sentence: a page is no log."""


def entry(run: Run, trials: Sequence[float | None], known: Prices, deployment: DeploymentSettings) -> dict[str, Any]:
    """A run for the page. `trials`: what each trial of its tuning came to, in their order, as far as is known."""
    cost = spent.as_document(spent.of_run(run, known))
    return {
        "dataset": run.dataset,
        "stage": str(run.stage),
        "ended": run.stage.ended,
        "started": json_files.moment(run.started),
        "updated": json_files.moment(run.updated),
        "took": parts.duration(run.seconds),
        "because": _short(run.because),
        "algorithm": called(run.settings["algorithm"]),
        "mode": str(run.mode),
        "rows": sum(run.problem.rows.get(part, 0) for part in _PARTS) if run.problem else None,
        "task": str(run.problem.task) if run.problem else None,
        "waiting": _short(run.waiting_for),
        "verdict": run.verdict and {"promote": run.verdict.promote, "reason": _short(run.verdict.reason)},
        "failure": run.failure
        and {
            "stage": str(run.failure.stage),
            "reason": _short(run.failure.reason),
            "advice": _short(run.failure.advice),
        },
        "jobs": [_job(job, cost["parts"], run, deployment) for job in run.jobs],
        "usd": cost["usd"],
        "cost": so_far.told(cost["usd"]),
        "objective": run.objective and {"metric": run.objective.metric, "maximize": run.objective.maximize},
        "trials": list(trials[:MOST_TRIALS]),
        "history": list(run.history),
        "report": RunKeys(run.id).report if run.evaluation else None,
        **(_quality(run.evaluation) if run.evaluation else {"metrics": [], "leaderboard": [], "importance": []}),
    }


def _job(
    job: JobRecord, priced: Sequence[Mapping[str, Any]], run: Run, deployment: DeploymentSettings
) -> dict[str, Any]:
    what = spent.WORDS.get(job.step)
    usd = [part["usd"] for part in priced if part["what"] == what]
    return {
        "step": str(job.step),
        "name": job.name,
        "took": parts.duration(job.seconds),
        "cost": bills.usd(usd[0]) if len(usd) == 1 and usd[0] is not None else "-",
        "log": console.step_log_link(deployment, job.step, job.name, run.dataset),
    }


def _quality(evaluation: Evaluation) -> dict[str, Any]:
    known = told(evaluation, evaluation["task"])
    board = evaluation.get("leaderboard")
    permuted = evaluation.get("permutation_importance")
    return {
        "metrics": [_metric(known[name], evaluation["metrics"].get(name, {})) for name in known.headlines],
        "measured_on": evaluation["rows"],
        "positive_class": evaluation.get("positive_class"),
        "leaderboard": [_contestant(one, known, board["metric"]) for one in board["entries"]] if board else [],
        "importance": [dict(one) for one in permuted["columns"][:MOST_COLUMNS]] if permuted else [],
    }


def _metric(metric: Metric, score: Estimate) -> dict[str, Any]:
    """A metric, as number and in the words of the mails."""
    return {
        "name": metric.name,
        "title": metric.title,
        "larger": metric.larger_is_better,
        "value": score.get("value"),
        "low": score.get("low"),
        "high": score.get("high"),
        "told": metric.number(score.get("value")),
        "reach": parts.interval(metric, score),
    }


def _contestant(one: Contestant, known: Metrics, name: str) -> dict[str, Any]:
    metric, score = known[name], one["metrics"].get(name, {})
    return {"model": one["title"], "seconds": one["seconds"], **_metric(metric, score)}


def trial_values(document: Mapping[str, Any] | None) -> list[float | None]:
    """What each trial of a trials.json came to; none of one that nobody can read.

    >>> trial_values({"trials": [{"objective": 0.5}, {"objective": None}, {}]}), trial_values(None)
    ([0.5, None, None], [])
    """
    listed = (document or {}).get("trials")
    found = [one.get("objective") for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    return [float(value) if isinstance(value, int | float) else None for value in found]


def _short(sentence: str | None) -> str | None:
    return None if sentence is None else parts.cut(parts.one_line(sentence), LONGEST)
