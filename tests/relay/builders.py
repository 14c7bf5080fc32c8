"""Runs, datasets and events with sensible defaults, so that a test names only what it is about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

from chalicelib import algorithms
from chalicelib.algorithms.objectives import Objective
from chalicelib.algorithms.xgboost.objectives import objective
from chalicelib.contract.evaluation import Estimate, Evaluation
from chalicelib.contract.metrics import Task
from chalicelib.deployment import DeploymentSettings
from chalicelib.names import Step, StepName
from chalicelib.records.commands import Mail
from chalicelib.records.events import (
    ApprovalGiven,
    ComparisonRead,
    EvaluationRead,
    JobRecord,
    SchemaRead,
    StepCompleted,
    StepFailed,
    TrialsCollected,
)
from chalicelib.records.inputs import InputObject, InputsSeen
from chalicelib.records.legs import Leg
from chalicelib.records.run import STEP_OF, Cancelled, Failure, LiveModel, Problem, Run, Stage, Verdict
from chalicelib.serving_mode import Mode
from chalicelib.settings.dataset import DatasetSettings
from chalicelib.settings.defaults import INSTANCES_UNSAID
from chalicelib.settings.section import Choice
from chalicelib.settings.stored import Settings

XGBOOST = algorithms.BUILT_IN.of({"algorithm": "xgboost"})
AUTO = algorithms.BUILT_IN.of({"algorithm": "auto"})
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
RUN_ID = "churn-1a2b3c4d"
DEPLOYMENT = DeploymentSettings(
    bucket="sagerelay-example",
    table="sagerelay-example",
    topic_arn="arn:aws:sns:eu-west-1:123456789012:sagerelay-alerts",
    role_arn="arn:aws:iam::123456789012:role/sagerelay-sagemaker",
    code="code/0123456789ab",
    region="eu-west-1",
    own_code=("churn",),
)
ARTIFACT = f"s3://sagerelay-example/runs/{RUN_ID}/training/{RUN_ID}-train-1/output/model.tar.gz"
PACKED = f"s3://sagerelay-example/runs/{RUN_ID}/packed/model.tar.gz"
LEGS = (
    Leg(
        "auto",
        "application/x-parquet",
        attempts=1,
        artifact=ARTIFACT,
        objective=Objective("validation:logloss", maximize=False),
    ),
    Leg(
        *("xgboost", "application/x-parquet"),
        attempts=2,
        artifact=ARTIFACT.replace("train-1", "train-2"),
        objective=objective("auto", Task.BINARY),
    ),
)
COMPARED = ComparisonRead({"auto": 0.8, "xgboost": 0.9}, {}, "xgboost", Mode.REALTIME, "relay.yaml asks for it")
LIVE = LiveModel("churn-00000000", "sagerelay-churn", 1, "2026-11-01T00:00:00Z")
MACHINES: dict[str, str] = {
    "prepare": INSTANCES_UNSAID["prepare"],
    "train": INSTANCES_UNSAID["train"],
    "evaluate": INSTANCES_UNSAID["evaluate"],
}
MAIL_STAGES = {
    Mail.PROMOTED: Stage.LIVE,
    Mail.REJECTED: Stage.REJECTED,
    Mail.FAILED: Stage.FAILED,
    Mail.APPROVAL_NEEDED: Stage.AWAITING_APPROVAL,
    Mail.WAITING: Stage.TRAINING,
    Mail.GAP: Stage.PROMOTING,
    Mail.CANCELLED: Stage.CANCELLED,
}
"""A stage in which each mail about a run is written."""


def settings(**changes: Any) -> Settings:
    """A run's settings: every default filled in, and these sections changed; of the built-in, unless they say another,
    and on the machines of releases that chose none."""
    chosen = {"algorithm": "xgboost", **changes}
    chosen["instances"] = {**MACHINES, **changes.get("instances", {})}
    return DatasetSettings.model_validate(chosen, context=Choice(name=chosen["algorithm"])).as_stored()


def job(step: Step, attempt: int = 1, seconds: int = 60) -> JobRecord:
    ended = NOW.replace(minute=seconds // 60, second=seconds % 60)
    return JobRecord(step, str(StepName(RUN_ID, step, attempt)), NOW, ended, seconds)


def completed(step: Step, attempt: int = 1) -> StepCompleted:
    artifact = {Step.TRAIN: ARTIFACT, Step.PACK: PACKED}.get(step)
    return StepCompleted(step, attempt, job(step, attempt), artifact)


def failed(step: Step, reason: str, attempt: int = 1) -> StepFailed:
    return StepFailed(step, attempt, reason, job(step, attempt))


def schema_read(task: str = "binary") -> SchemaRead:
    classes = {"binary": ("no", "yes"), "multiclass": ("a", "b", "c"), "regression": None}[task]
    return SchemaRead(task, classes, "application/x-parquet", {"read": 100, "train": 70, "validation": 15, "test": 15})


def trials_collected() -> TrialsCollected:
    return TrialsCollected({"eta": "0.21", "max_depth": "6"}, 0.93, 20, 600)


def evaluation(value: float | None = 0.9, **changes: Any) -> Evaluation:
    """Our block of evaluation.json for a binary problem."""
    estimate: Estimate = {
        "value": value,
        "low": 0.87,
        "high": 0.93,
        "undefined": None if value is not None else "There is one class.",
    }
    block: Evaluation = {
        "version": 1,
        "task": "binary",
        "target": "churned",
        "classes": ["no", "yes"],
        "rows": 1488,
        "metrics": dict.fromkeys(("accuracy", "precision", "recall", "f1", "auc"), estimate),
        "confusion_matrix": [[1000, 88], [120, 280]],
        "naive": {"auc": 0.5, "accuracy": 0.73},
        "live": None,
        "comparison": None,
        "warnings": [],
    }
    return cast("Evaluation", {**block, **changes})


def against_live(difference: float, low: float, high: float) -> dict[str, Any]:
    """The parts of an evaluation that compare the candidate with a live model."""
    live = {"endpoint": LIVE.endpoint, "run": LIVE.run, "metrics": {"auc": {"value": 0.88}}, "unavailable": None}
    return {"live": live, "comparison": {"auc": {"difference": difference, "low": low, "high": high}}}


def evaluation_read(value: float | None = 0.9, **changes: Any) -> EvaluationRead:
    return EvaluationRead(evaluation(value, **changes))


def approval(*, approved: bool, because: str | None = None) -> ApprovalGiven:
    return ApprovalGiven(RUN_ID, approved=approved, because=because)


def run(stage: Stage = Stage.PREPARING, **changes: Any) -> Run:
    """A run that has come as far as this stage in the ordinary way; `packed` False: as releases before packing did."""
    chosen = changes.get("settings") or settings()
    packed = changes.pop("packed", chosen["algorithm"] == "xgboost")
    stages = [one for one in STEP_OF if stage is Stage.COMPARING or one is not Stage.COMPARING]
    past = stages[: stages.index(stage)] if stage in stages else stages
    past = [one for one in past if one is not Stage.PACKING or packed]
    values: dict[str, Any] = {
        "id": RUN_ID,
        "dataset": "churn",
        "settings": chosen,
        "started": NOW,
        "updated": NOW,
        "inputs": 1,
        "stage": stage,
        "jobs": tuple(job(STEP_OF[earlier]) for earlier in past),
    }
    if stage not in {Stage.PREPARING, Stage.FAILED}:
        values["problem"] = Problem(Task.BINARY, ("no", "yes"), "application/x-parquet", {"read": 100})
        values["objective"] = objective("auto", Task.BINARY)
    if stage not in {Stage.PREPARING, Stage.TUNING, Stage.FAILED}:
        values |= {"hyperparameters": {"eta": "0.21", "max_depth": "6"}, "trials": 20, "best_value": 0.93}
    if stage not in {Stage.PREPARING, Stage.TUNING, Stage.TRAINING, Stage.COMPARING, Stage.FAILED}:
        values["artifact"] = PACKED if packed and stage is not Stage.PACKING else ARTIFACT
    if stage is Stage.COMPARING:
        values["legs"] = LEGS
    if stage in {Stage.AWAITING_APPROVAL, Stage.PROMOTING, Stage.LIVE, Stage.REJECTED, Stage.SUPERSEDED}:
        values["evaluation"] = evaluation()
        values["verdict"] = Verdict(promote=stage is not Stage.REJECTED, reason="ROC AUC is 0.9.")
    if stage is Stage.CANCELLED:
        values["cancelled"] = Cancelled(Stage.EVALUATING, "no longer wanted")
    if stage is Stage.FAILED:
        values["failure"] = Failure(Stage.TRAINING, f"{RUN_ID}-train-1", "AlgorithmError: exit code 1", "See the log.")
    return Run(**(values | changes))


def data(name: str = "jan.csv", etag: str = "aaaa", version: str | None = "v1") -> InputObject:
    return InputObject(f"datasets/churn/train/{name}", 1234, etag, version)


def inputs_seen(*objects: InputObject, **chosen: Any) -> InputsSeen:
    return InputsSeen(objects or (data(),), settings(**chosen))
