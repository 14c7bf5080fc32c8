"""The algorithms of a run over several, as a mail says it: which won, how far ahead, and what came of the others."""

from __future__ import annotations

from typing import Any

from chalicelib.contract.metrics import ABSENT, METRICS, deciding
from chalicelib.deployment import DeploymentSettings
from chalicelib.mails.parts import cut, one_line, table, without_code
from chalicelib.records.legs import Leg
from chalicelib.records.run import Run

REASON_LIMIT = 300


def compared(run: Run, deployment: DeploymentSettings) -> str:
    """Every algorithm with its value on the same rows, and why one has none; nothing of a run over one."""
    if not run.legs or run.problem is None:
        return ""
    metric = METRICS[run.problem.task][deciding(run.settings["gate"]["metric"], run.problem.task)]
    won, title = _winner(run), deployment.algorithms.title_of
    rows = [["", metric.title, "trials"]]
    rows += [
        [title(leg.algorithm), metric.number(leg.value), f"{leg.trials:,}" if leg.trials else ABSENT]
        for leg in sorted(run.legs, key=lambda leg: leg is not won)
    ]
    failed = [
        f"{title(leg.algorithm)} came to nothing: {cut(without_code(one_line(leg.failure)), REASON_LIMIT)}"
        for leg in run.legs
        if leg.failure
    ]
    told = "Algorithms on the same held-out rows" + (f"; {title(won.algorithm)} is the best" if won else "")
    return "\n\n".join([f"{told}:\n\n{table(rows)}", *failed])


def as_document(run: Run) -> dict[str, Any]:
    """For programs; nothing of a run over one."""
    won, told = _winner(run), ("algorithm", "value", "trials", "failure")
    entries = [{"won": leg is won, **{name: getattr(leg, name) for name in told}} for leg in run.legs]
    return {"algorithms": entries} if entries else {}


def _winner(run: Run) -> Leg | None:
    """The one that the run went on with, where it came so far."""
    return run.leg if run.leg and run.leg.value is not None else None
