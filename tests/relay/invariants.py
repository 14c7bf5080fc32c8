"""What holds of every run's record."""

from __future__ import annotations

from chalicelib import codec
from chalicelib.records import commands
from chalicelib.records.run import Run, Stage


def problems_with(run: Run) -> list[str]:
    """The invariants this record breaks: empty for every record that `relay.decide` can reach."""
    needs_problem = run.stage not in {Stage.PREPARING, Stage.FAILED, Stage.SUPERSEDED, Stage.CANCELLED}
    needs_model = needs_problem and run.stage not in {Stage.TUNING, Stage.TRAINING, Stage.COMPARING}
    judged = run.stage in {Stage.AWAITING_APPROVAL, Stage.PROMOTING, Stage.LIVE, Stage.REJECTED}
    rules = {
        "a run past preparing knows its task": not needs_problem or run.problem is not None,
        "a run past training has a model": not needs_model or run.artifact is not None,
        "only models of several algorithms are compared": run.stage is not Stage.COMPARING
        or any(leg.artifact for leg in run.legs),
        "a run past evaluating has a verdict": not judged or run.verdict is not None,
        "only a promoted candidate goes live": run.stage is not Stage.LIVE or bool(run.verdict and run.verdict.promote),
        "a failed run says why": (run.stage is Stage.FAILED) == (run.failure is not None),
        "a cancelled run says where it was": (run.stage is Stage.CANCELLED) == (run.cancelled is not None),
        "at most one job is started at a time": sum(isinstance(c, commands.Start) for c in run.pending) <= 1,
        "attempts count from one": run.attempt >= 1,
        "the record survives being stored": codec.is_stable(run),
    }
    return [rule for rule, holds in rules.items() if not holds]
