"""Whether a drill's scenario passed: what the check found and which mails came, against what must be.

Pure. Every difference is a sentence of its own, because who reads them has an alert to mend.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from chalicelib.records.commands import Mail as MailKind
from ops.drill.mails import Mail
from ops.drill.scenarios import Answers, Plan, Scenario, Skipped

SUBJECT = "[drill]"


class Outcome(StrEnum):
    """How a scenario ended."""

    PASSED = "passed"
    FAILED = "FAILED"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a drill left: its check's result and the mails of it."""

    drill: str
    run: str
    """The run of the model that the drill was made for."""
    captured_all: bool
    """Whether every request is captured, so that the check must have seen every row."""
    check: Mapping[str, Any] | None
    """drift.json, or None when there is none."""
    mails: Sequence[Mail]


@dataclass(frozen=True, slots=True)
class Result:
    """A scenario's result, to be shown."""

    scenario: Scenario
    outcome: Outcome
    done: str
    """What was done to the rows, or why it was skipped."""
    problems: tuple[str, ...] = ()
    drill: str | None = None
    check: str | None = None
    rows: int = 0
    drifted: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    scores: Mapping[str, float] | None = None
    mails: tuple[str, ...] = ()


def skipped(scenario: Skipped) -> Result:
    """The result of a scenario that the dataset cannot show."""
    return Result(scenario.scenario, Outcome.SKIPPED, scenario.reason)


def judge(plan: Plan, evidence: Evidence) -> Result:
    """The scenario's result."""
    check = evidence.check or {}
    named = tuple(check.get("drifted", ()))
    moved = tuple(one["name"] for one in check.get("predictions", ()) if one["verdict"] == "drifted")
    problems = [*_of_check(plan, evidence, named, moved), *_of_mails(plan, evidence)]
    unseen = plan.doubt if check.get("state") == "stable" else None
    return Result(
        scenario=plan.scenario,
        outcome=Outcome.FAILED if problems else Outcome.SKIPPED if unseen else Outcome.PASSED,
        done=f"{plan.done}, and not seen: {unseen}" if unseen else plan.done,
        problems=tuple(problems),
        drill=evidence.drill,
        check=check.get("check"),
        rows=check.get("window", {}).get("rows", 0),
        drifted=named,
        answers=moved,
        scores={one["name"]: one["score"] for one in check.get("features", ()) if one["name"] in named},
        mails=tuple(mail.subject for mail in evidence.mails),
    )


def _of_check(plan: Plan, evidence: Evidence, named: Sequence[str], moved: Sequence[str]) -> list[str]:
    check = evidence.check
    if check is None:
        return ["the check left no drift.json"]
    problems = []
    if check["run"] != evidence.run:
        problems.append(f"another model became live meanwhile: the check is about {check['run']}. Drill again")
    rows = check["window"]["rows"]
    if evidence.captured_all and rows != len(plan.rows):
        problems.append(f"{len(plan.rows):,} rows were sent and captured, and the check counted {rows:,}")
    if check["state"] == "not-enough-traffic":
        least = check.get("thresholds", {}).get("min_rows")
        return [*problems, f"not enough traffic: {rows:,} rows, and a check needs {least} (monitoring.min_rows)"]
    expected = "drifted" if plan.is_drift else "stable"
    if check["state"] != expected and not (plan.doubt and check["state"] == "stable"):
        problems.append(f"the check says {check['state']}, and the traffic is {expected}")
    if plan.doubt and check["state"] == "stable":
        return problems
    return problems + _of_names(plan, named, moved)


def _of_names(plan: Plan, named: Sequence[str], moved: Sequence[str]) -> list[str]:
    problems = []
    if unnamed := sorted(plan.named - set(named)):
        problems.append(f"not named: {', '.join(unnamed)}")
    if not plan.others and (too_many := [name for name in named if name not in plan.named]):
        problems.append(f"named without reason: {', '.join(too_many)}")
    if plan.answers is Answers.MUST_MOVE and not moved:
        problems.append("the answers were not found to have moved")
    if plan.answers is Answers.STAY and moved:
        problems.append(f"the answers were found to have moved: {', '.join(moved)}")
    return problems


def _of_mails(plan: Plan, evidence: Evidence) -> list[str]:
    alarms = [mail for mail in evidence.mails if mail.kind == MailKind.DRIFT_FOUND]
    problems = [f'mailed: "{mail.subject}" ({mail.kind})' for mail in evidence.mails if mail not in alarms]
    if not plan.is_drift or (plan.doubt and evidence.check is not None and evidence.check["state"] == "stable"):
        return problems + [f'an alarm was mailed: "{mail.subject}"' for mail in alarms]
    if evidence.check is not None and evidence.check["state"] == "drifted" and len(alarms) != 1:
        problems.append(f"{len(alarms)} mails of the drift came, and one is right")
    for mail in alarms:
        if not mail.subject.startswith(SUBJECT):
            problems.append(f'the mail\'s subject does not begin with {SUBJECT}: "{mail.subject}"')
        if unsaid := sorted(name for name in plan.named if not mentions(mail.document, name)):
            problems.append(f"the mail does not name {', '.join(unsaid)}")
    return problems


def mentions(document: Any, name: str) -> bool:
    """Whether a name stands anywhere in a mail's document, by itself or in a text.

    >>> mentions({"drifted": [{"name": "age"}]}, "age"), mentions({"a": 1}, "age")
    (True, False)
    """
    if isinstance(document, Mapping):
        return any(mentions(key, name) or mentions(value, name) for key, value in document.items())
    if isinstance(document, (list, tuple)):
        return any(mentions(one, name) for one in document)
    return isinstance(document, str) and name in document
