"""plan.json of docs/formats.md: what Lambda wants of a training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal, TypedDict, cast

from jobs.ensemble.decision import Decision

VERSION = 1


class UnusablePlanError(ValueError):
    """A plan that cannot be followed, in a sentence that quotes no value of it."""


class Plan(TypedDict):
    """See docs/formats.md."""

    version: int
    mode: Literal["trial", "ensemble"]
    task: str
    metric: str
    """The objective's, as the container registers it, without "validation:"."""
    intermediate: bool
    """Whether the tuner may end the trial early, and so wants to hear of it while it trains."""
    seed: int
    members: list[dict[str, str]]
    """Hyperparameters of the best trials, best first."""
    decision: Decision
    max_seconds: int
    answer_nodes: int
    failures: str
    """The folder for failure.json, as an s3:// address; empty: nobody reads it."""


def read_plan(path: Path) -> Plan:
    """Raises `UnusablePlanError` where it is no JSON, of another version, or lacks something."""
    try:
        plan = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise UnusablePlanError("plan.json is not JSON") from None
    lacking = Plan.__annotations__.keys() - (plan.keys() if isinstance(plan, dict) else ())
    if lacking:
        raise UnusablePlanError(f"plan.json lacks {', '.join(sorted(lacking))}")
    if plan["version"] != VERSION:
        raise UnusablePlanError(f"plan.json is not of version {VERSION}, which this code reads")
    return cast("Plan", plan)
