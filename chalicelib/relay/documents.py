"""The JSON documents that pass between Lambda and the jobs (docs/formats.md): written and parsed here.

Parsed strictly where a decision hangs on a value, and leniently elsewhere: a newer job may say more than this Lambda
knows. Imported by the shell only when a document is at hand, because pydantic's models cost a cold start 30 ms.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from pydantic import Field, ValidationError

from chalicelib import json_files, names
from chalicelib.algorithms.protocol import Algorithm
from chalicelib.contract import evaluation as stored
from chalicelib.deployment import DeploymentSettings
from chalicelib.names import Step, StepName
from chalicelib.records.events import EvaluationRead, JobRecord, ResultUnusable, SchemaRead, TrialsCollected
from chalicelib.records.failed_trials import FailedTrials
from chalicelib.records.handed_over import Context, Inputs, Job, LiveEndpoint, Objective, Traffic, Trial, Trials, pinned
from chalicelib.records.inputs import InputObject
from chalicelib.records.run import STEP_OF, LiveModel, Run
from chalicelib.relay import plans
from chalicelib.relay.worth import Document, Estimate, beside, not_understood
from chalicelib.requests import concessions, search, training
from chalicelib.requests.endpoints import VARIANT
from chalicelib.serving_mode import Mode
from chalicelib.settings.defaults import filled
from chalicelib.settings.stored import Settings

CLASSES_KEPT = 12
"""A run's record keeps the confusion matrix of up to this many classes; the report shows all."""
CLASSES_LIMIT = 64_000
EVALUATION_LIMIT = 100_000
"""Bytes as JSON. DynamoDB takes no item above 400 KB: a record that outgrew it could never be written again."""
SENTENCE_LIMIT = 1_000
EXAM = timedelta(days=7)
"""How much of the live model's traffic a candidate is tried on."""
_INPUT = {member.name for member in fields(InputObject)}


class Schema(Document):
    """What the relay needs of prepared/schema.json."""

    version: Literal[1]
    task: Literal["binary", "multiclass", "regression"]
    classes: tuple[str, ...] | None
    content_type: str
    rows: dict[str, int]
    forms: dict[str, str] = Field(default_factory=dict)
    """Content types by algorithm, where the rows were prepared for several."""


class Shown(Document):
    """How people read a metric (chalicelib/contract/metrics.py)."""

    name: str
    title: str
    direction: Literal["larger", "smaller"]
    format: str
    headline: int | None = None


class LiveResult(Document):
    """The live model on the same rows."""

    endpoint: str
    run: str
    metrics: dict[str, Estimate] | None = None
    unavailable: str | None = None


class BestEarlier(Document):
    """The best earlier model on the same rows."""

    run: str
    metric: str
    rows: int | None = None
    value: float | None = None
    difference: Estimate | None = None
    unavailable: str | None = None


class Notice(Document):
    """A warning that a job gives to the owner of the data."""

    code: str
    sentence: str
    first: bool = False
    """Among the mail's first lines, because it may make all figures worthless."""


class Evaluation(Document):
    """What the relay needs of our block in evaluation.json."""

    version: Literal[1]
    task: Literal["binary", "multiclass", "regression"]
    target: str
    classes: tuple[str, ...] | None = None
    rows: int
    catalogue: tuple[Shown, ...] | None = None
    """None in evaluations of releases that told none."""
    metrics: dict[str, Estimate]
    confusion_matrix: list[list[int]] | None = None
    naive: dict[str, float | None] | None = None
    only_answer: str | None = None
    """What the model says of every test row, where it says one thing."""
    live: LiveResult | None = None
    comparison: dict[str, Estimate] | None = None
    best_earlier: BestEarlier | None = None
    warnings: tuple[Notice, ...] = ()


def read_schema(text: bytes) -> SchemaRead | ResultUnusable:
    """The event that prepared/schema.json amounts to."""
    try:
        schema = Schema.model_validate_json(text)
    except ValidationError as error:
        return not_understood("schema.json", error)
    if _size(schema.classes) > CLASSES_LIMIT:
        return ResultUnusable(f"schema.json names classes of more than {CLASSES_LIMIT:,} bytes, too much for a record")
    return SchemaRead(schema.task, schema.classes, schema.content_type, schema.rows, schema.forms)


def read_evaluation(text: bytes) -> EvaluationRead | ResultUnusable:
    """The event that evaluation.json amounts to. What is too large for a run's record is left out."""
    try:
        ours = json_files.parsed(text)["sagerelay"]
        evaluation = Evaluation.model_validate(ours)
    except (ValidationError, ValueError, KeyError, TypeError) as error:
        return not_understood("evaluation.json", error)
    absent = {name for name in ("catalogue", "best_earlier") if not getattr(evaluation, name)}
    block = evaluation.model_dump(mode="json", exclude=absent)
    if len(evaluation.classes or ()) > CLASSES_KEPT:
        block["confusion_matrix"] = None
    block["warnings"] = [
        {**notice, "sentence": notice["sentence"][:SENTENCE_LIMIT]} for notice in block["warnings"][:20]
    ]
    worth = beside(ours)
    if _size({**block, **worth}) <= EVALUATION_LIMIT:
        block |= worth
    if _size(block) > EVALUATION_LIMIT:
        return ResultUnusable(
            f"evaluation.json holds more than {EVALUATION_LIMIT:,} bytes, too much for a run's record"
        )
    return EvaluationRead(cast("stored.Evaluation", block))


def inputs(run: str, dataset: str, bucket: str, objects: Sequence[InputObject], settings: Settings) -> bytes:
    """inputs.json: the exact objects of a run and the settings they are read with."""
    document: Inputs = {
        "version": 1,
        "run": run,
        "dataset": dataset,
        "bucket": bucket,
        "objects": [pinned(entry) for entry in objects],
        "settings": settings,
    }
    return _text(document)


def read_inputs(text: bytes) -> tuple[tuple[InputObject, ...], Settings]:
    """The objects and settings that `inputs` wrote, in this release or another."""
    document = json_files.parsed(text)
    known = [{name: entry[name] for name in _INPUT & entry.keys()} for entry in document["objects"]]
    return tuple(InputObject(**entry) for entry in known), filled(document["settings"])


def dataset_of(text: bytes) -> str | None:
    """The dataset whose inputs these are; None when that cannot be told."""
    try:
        return str(json_files.parsed(text)["dataset"])
    except (ValueError, KeyError, TypeError):
        return None


def context(run: Run, deployment: DeploymentSettings, objects: Sequence[InputObject], now: datetime) -> bytes:
    """context.json: what the report says about the run."""
    algorithm = deployment.algorithms.of(run.settings)
    candidate = max((job.name for job in run.jobs if job.step is Step.CANDIDATE), key=_attempt)
    live = run.live
    document: Context = {
        "version": 1,
        "run": run.id,
        "dataset": run.dataset,
        "endpoint": candidate,
        "best": None if run.best_before is None else {"run": run.best_before.run, "promoted": run.best_before.promoted},
        "live": _live(live),
        "settings": run.settings,
        "inputs": [pinned(entry) for entry in objects],
        "hyperparameters": {**training.static(run, algorithm), **run.hyperparameters},
        "objective": _objective(run),
        "image": deployment.image,
        "model_artifact": run.artifact,
        "jobs": [_job(job) for job in run.jobs],
    }
    if run.mode is not Mode.REALTIME:
        document["mode"] = run.mode
    if live:
        document["traffic"] = _traffic(live, deployment, now)
    return _text(document)


def _traffic(live: LiveModel, deployment: DeploymentSettings, now: datetime) -> Traffic:
    since = max(datetime.fromisoformat(live.since), now - EXAM)
    return {
        "bucket": deployment.bucket,
        "prefix": names.captured(live.endpoint, VARIANT),
        "since": json_files.moment(since),
        "until": json_files.moment(now),
    }


def _live(live: LiveModel | None) -> LiveEndpoint | None:
    if live is None:
        return None
    return {"endpoint": live.endpoint, "run": live.run, "promoted": live.promoted, "mode": live.mode}


def trials(
    run: Run, algorithm: Algorithm, tuning_job: str, best: str | None, collected: Sequence[Trial]
) -> tuple[bytes, TrialsCollected | ResultUnusable]:
    """trials.json and the event it amounts to."""
    assert run.objective is not None  # noqa: S101 (an invariant of the stage)
    document: Trials = {
        "version": 1,
        "tuning_job": tuning_job,
        "strategy": search.of(run, algorithm).strategy,
        "objective": _objective(run),
        "instead_of": asked.metric if (asked := concessions.objective_asked_for(run, algorithm)) else None,
        "instead_of_lists": concessions.lists_given_up(run, algorithm),
        "instead_of_strategy": concessions.strategy_asked_for(run, algorithm),
        "best": best,
        "warm_start_parents": [parent] if (parent := training.warm_start(run, algorithm)) else [],
        "trials": list(collected),
    }
    text = _text(document)
    winner = next((trial for trial in collected if trial["name"] == best), None)
    if winner is None:
        reasons = sorted({str(trial["failure_reason"]) for trial in collected if trial["failure_reason"]})
        return text, ResultUnusable(f"No trial of {tuning_job} ended well. {' '.join(reasons)[:600]}".strip())
    billed = [trial["billable_seconds"] for trial in collected if trial["billable_seconds"] is not None]
    return text, TrialsCollected(
        winner["hyperparameters"],
        winner["objective"],
        len(collected),
        sum(billed) if billed else None,
        plans.best(collected, run.objective) if algorithm.script else (),
        _failed(collected),
    )


def _failed(collected: Sequence[Trial]) -> FailedTrials | None:
    reasons = [trial["failure_reason"] for trial in collected if trial["status"] == "Failed"]
    why = next((reason for reason in reasons if reason), "SageMaker gave no reason")
    return FailedTrials(len(reasons), why[:SENTENCE_LIMIT]) if reasons else None


def _objective(run: Run) -> Objective:
    assert run.objective is not None  # noqa: S101 (an invariant of the stage)
    return {"metric": run.objective.metric, "type": run.objective.direction}


def _job(job: JobRecord) -> Job:
    stage = next(stage for stage, step in STEP_OF.items() if step is job.step)
    return {
        "stage": stage,
        "name": job.name,
        "started": json_files.moment(job.started) if job.started else None,
        "ended": json_files.moment(job.ended) if job.ended else None,
        "seconds": job.seconds,
        "billable_seconds": job.billable_seconds,
    }


def _attempt(name: str) -> int:
    parsed = StepName.parse(name)
    return parsed.attempt if parsed else 0


def _text(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _size(values: Any) -> int:
    return len(json.dumps(values))
