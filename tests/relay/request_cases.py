"""Every kind of request the relay makes of SageMaker, made from plain records. `golden/` holds each as it was reviewed.

Some stand for what the relays of tests/requests come to (a small tuning, a second training, a model that waits): what
is sent there is compared with the same files (tests/requests/reviewed.py).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chalicelib import requests
from chalicelib.algorithms.objectives import Objective
from chalicelib.algorithms.xgboost.objectives import objective
from chalicelib.contract.metrics import Task
from chalicelib.deployment import DeploymentSettings
from chalicelib.names import CheckKeys, Kind, Step
from chalicelib.records.events import JobRecord
from chalicelib.records.run import BestModel, Problem, Run, Scaling, Stage, Verdict
from chalicelib.requests import Call, processing, registry, transforming
from chalicelib.requests.processing import CheckRequest
from chalicelib.requests.training import past_tuning
from chalicelib.serving_mode import Mode
from chalicelib.settings.own_code import completed
from chalicelib.transform_names import Part
from tests.relay.builders import ARTIFACT, AUTO, DEPLOYMENT, LEGS, LIVE, NOW, PACKED, XGBOOST, run, settings
from tests.relay.linear_runs import LINEARLY, LINEARLY_MULTICLASS, LINEARLY_NUMBERS

MULTICLASS = Problem(Task.MULTICLASS, ("a", "b", "c"), "application/x-parquet", {"read": 100})
SPOT = settings(
    tuning={
        "strategy": "Random",
        "ranges": {
            "eta": {"min": 0.01, "max": 0.3, "scaling": "Logarithmic"},
            "max_depth": {"min": 2, "max": 8},
        },
    },
    spot={"enabled": True},
)
FIXED = settings(hyperparameters={"max_depth": 4, "booster": "dart"})
GRID = settings(tuning={"strategy": "Grid", "ranges": {"max_depth": {"values": [2, 4, 6]}}})
HYPERBAND = settings(tuning={"strategy": "Hyperband"})
SMALL = settings(tuning={"trials": 2, "parallel": 2, "ranges": {"max_depth": {"min": 2, "max": 4}}})
UNTUNED: dict[str, Any] = {"settings": settings(tuning={"enabled": False}), "hyperparameters": {}, "trials": 0}
UNTUNED_ON_SPOT = UNTUNED | {"settings": settings(tuning={"enabled": False}, spot={"enabled": True})}
AUTOMATIC: dict[str, Any] = {
    "settings": settings(algorithm="auto"),
    "objective": AUTO.objective("auto", Task.BINARY),
}
AUTOMATIC_MULTICLASS = AUTOMATIC | {"problem": MULTICLASS, "objective": AUTO.objective("f1", Task.MULTICLASS)}
SMALL_AUTOMATIC: dict[str, Any] = {
    "settings": settings(
        algorithm="auto",
        tuning={"objective": "auc", "trials": 2, "parallel": 2, "ranges": {"max_depth": {"min": 2, "max": 4}}},
    ),
    "objective": AUTO.objective("auc", Task.BINARY),
}
SERVERLESS = AUTOMATIC | {"mode": Mode.SERVERLESS, "artifact_bytes": 60_000}
AS_ASKED = SERVERLESS | {
    "settings": settings(algorithm="auto", endpoint={"memory_mb": 3072, "max_concurrency": 1, "capture_percentage": 0})
}
BY_HYPERBAND = AUTOMATIC | {"settings": settings(algorithm="auto", tuning={"strategy": "Hyperband"})}
UNTUNED_AUTOMATIC = AUTOMATIC | {
    "settings": settings(
        algorithm="auto", tuning={"enabled": False}, spot={"enabled": True}, hyperparameters={"max_depth": 4}
    ),
    "hyperparameters": {},
    "trials": 0,
}
UNDER_WAY = (LEGS[0], replace(LEGS[1], artifact=None, attempts=0))
"""Two algorithms, the first of which has its model."""
_OWN = {"script": "train.py", "metrics": {"validation:auc": "validation-auc=([0-9.]+)"}}
_FOREST = {
    "n_estimators": {"min": 50, "max": 400},
    "min_samples_leaf": {"values": [1, 5]},
    "ccp": {"min": 0.0, "max": 0.1},
}
SCRIPT: dict[str, Any] = {
    "settings": settings(
        algorithm=completed(_OWN),
        hyperparameters={"criterion": "gini"},
        tuning={"strategy": "Random", "ranges": _FOREST},
    ),
    "objective": Objective("validation:auc", maximize=True),
    "hyperparameters": {"n_estimators": "120", "min_samples_leaf": "5", "ccp": "0.01"},
}
IN_XGBOOST: dict[str, Any] = {
    "settings": settings(
        algorithm=completed({"script": "train.py", "image": "xgboost"}),
        tuning={"ranges": {"eta": {"min": 0.1, "max": 0.3}}},
    ),
    "objective": Objective("validation:auc", maximize=True),
}
AGAIN: dict[str, Any] = {"trials": 0, "artifact": ARTIFACT.replace("-train-1", "-train-2")}
"""A run whose first training has failed."""
BEST = BestModel(
    "churn-0badcafe",
    DEPLOYMENT.uri("runs/churn-0badcafe/training/churn-0badcafe-train-1/output/model.tar.gz"),
    "2026-10-01T00:00:00Z",
)
SCALED = settings(endpoint={"scaling": {"max": 2, "invocations_per_minute": 60}})
LIVE_SCALED = replace(LIVE, scaling=Scaling(1, 2, 60, 300, 300))
LIVE_IN_BATCH = replace(LIVE, mode=Mode.BATCH)
PAST = past_tuning(run(Stage.LIVE), XGBOOST)
SMALL_PAST = past_tuning(
    run(Stage.LIVE, settings=SMALL, trials=2, jobs=(JobRecord(Step.TUNE, "churn-0f9e8d7c-tune-1", NOW, NOW),)),
    XGBOOST,
)
PRIVATE = replace(
    DEPLOYMENT,
    kms_key="arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d-0000-4000-8000-000000000000",
    subnets=("subnet-0a1b2c3d", "subnet-4e5f6a7b"),
    security_groups=("sg-0a1b2c3d",),
)
MEETS = Verdict(
    promote=True,
    reason="ROC AUC is 0.9123 (95 % interval 0.8712 to 0.9345), which meets the minimum of 0.7. There is no live model "
    "to compare with.",
)
FAILS = Verdict(
    promote=False,
    reason="ROC AUC is 0.5123 (95 % interval 0.4712 to 0.5345), which does not meet the minimum of 0.7.",
)

RUNS: dict[str, tuple[Step, Run]] = {
    "prepare": (Step.PREPARE, run()),
    "prepare-with-live-model": (Step.PREPARE, run(live=LIVE)),
    "tune": (Step.TUNE, run(Stage.TUNING)),
    "tune-warm": (Step.TUNE, run(Stage.TUNING, warm_start=PAST)),
    "tune-spot-random": (Step.TUNE, run(Stage.TUNING, settings=SPOT)),
    "tune-with-given-hyperparameters": (Step.TUNE, run(Stage.TUNING, settings=FIXED)),
    "tune-grid": (Step.TUNE, run(Stage.TUNING, settings=GRID)),
    "tune-grid-without-lists": (Step.TUNE, run(Stage.TUNING, settings=GRID, lists_refused=True)),
    "tune-hyperband": (Step.TUNE, run(Stage.TUNING, settings=HYPERBAND)),
    "tune-small": (Step.TUNE, run(Stage.TUNING, settings=SMALL)),
    "tune-small-warm": (Step.TUNE, run(Stage.TUNING, settings=SMALL, warm_start=SMALL_PAST)),
    "tune-auto": (Step.TUNE, run(Stage.TUNING, **AUTOMATIC)),
    "tune-auto-multiclass": (Step.TUNE, run(Stage.TUNING, **AUTOMATIC_MULTICLASS)),
    "tune-auto-hyperband": (Step.TUNE, run(Stage.TUNING, **BY_HYPERBAND)),
    "tune-small-auto": (Step.TUNE, run(Stage.TUNING, **SMALL_AUTOMATIC)),
    "train-small-auto": (Step.TRAIN, run(Stage.TRAINING, **SMALL_AUTOMATIC, hyperparameters={"max_depth": "2"})),
    "tune-script": (Step.TUNE, run(Stage.TUNING, **SCRIPT)),
    "tune-script-in-xgboost": (Step.TUNE, run(Stage.TUNING, **IN_XGBOOST)),
    "train-script": (Step.TRAIN, run(Stage.TRAINING, **SCRIPT)),
    "deploy-script": (Step.CANDIDATE, run(Stage.DEPLOYING, **SCRIPT)),
    "train-auto": (Step.TRAIN, run(Stage.TRAINING, **AUTOMATIC)),
    "train-auto-untuned-spot": (Step.TRAIN, run(Stage.TRAINING, **UNTUNED_AUTOMATIC)),
    "deploy-auto": (Step.CANDIDATE, run(Stage.DEPLOYING, **AUTOMATIC)),
    "deploy-serverless": (Step.CANDIDATE, run(Stage.DEPLOYING, **SERVERLESS)),
    "deploy-serverless-as-asked": (Step.CANDIDATE, run(Stage.DEPLOYING, **AS_ASKED)),
    "evaluate-auto": (Step.EVALUATE, run(Stage.EVALUATING, **AUTOMATIC)),
    "tune-linear-learner": (Step.TUNE, run(Stage.TUNING, **LINEARLY)),
    "tune-linear-learner-multiclass": (Step.TUNE, run(Stage.TUNING, **LINEARLY_MULTICLASS)),
    "train-linear-learner": (Step.TRAIN, run(Stage.TRAINING, **LINEARLY)),
    "train-linear-learner-regression": (Step.TRAIN, run(Stage.TRAINING, **LINEARLY_NUMBERS)),
    "deploy-linear-learner": (Step.CANDIDATE, run(Stage.DEPLOYING, **LINEARLY)),
    "evaluate-linear-learner": (Step.EVALUATE, run(Stage.EVALUATING, **LINEARLY)),
    "train": (Step.TRAIN, run(Stage.TRAINING)),
    "train-small": (
        Step.TRAIN,
        run(Stage.TRAINING, settings=SMALL, hyperparameters={"eta": "0.2", "max_depth": "2"}),
    ),
    "train-untuned": (Step.TRAIN, run(Stage.TRAINING, **UNTUNED)),
    "train-untuned-spot": (Step.TRAIN, run(Stage.TRAINING, **UNTUNED_ON_SPOT)),
    "train-spot-multiclass": (
        Step.TRAIN,
        run(Stage.TRAINING, settings=SPOT, problem=MULTICLASS, objective=objective("auto", Task.MULTICLASS)),
    ),
    "pack": (Step.PACK, run(Stage.PACKING)),
    "pack-after-a-second-training": (Step.PACK, run(Stage.PACKING, **AGAIN)),
    "deploy": (Step.CANDIDATE, run(Stage.DEPLOYING)),
    "deploy-pipeline": (Step.CANDIDATE, run(Stage.DEPLOYING, packed=False)),
    "deploy-packed-serverless": (Step.CANDIDATE, run(Stage.DEPLOYING, mode=Mode.SERVERLESS, artifact_bytes=60_000)),
    "tune-second-of-several": (Step.TUNE, run(Stage.TUNING, legs=UNDER_WAY)),
    "train-second-of-several-on-spot": (Step.TRAIN, run(Stage.TRAINING, settings=SPOT, legs=UNDER_WAY)),
    "train-auto-of-several": (Step.TRAIN, run(Stage.TRAINING, **AUTOMATIC, legs=UNDER_WAY)),
    "compare": (Step.COMPARE, run(Stage.COMPARING)),
    "evaluate-the-best-of-several": (Step.EVALUATE, run(Stage.EVALUATING, legs=LEGS)),
    "evaluate": (Step.EVALUATE, run(Stage.EVALUATING)),
    "evaluate-pipeline": (Step.EVALUATE, run(Stage.EVALUATING, packed=False)),
    "evaluate-with-live-model": (Step.EVALUATE, run(Stage.EVALUATING, live=LIVE)),
    "evaluate-with-best-earlier-model": (Step.EVALUATE, run(Stage.EVALUATING, live=LIVE, best=BEST)),
    "evaluate-auto-with-best-earlier-model": (
        Step.EVALUATE,
        run(Stage.EVALUATING, **AUTOMATIC, live=LIVE, best=BEST),
    ),
    "evaluate-without-tuning": (Step.EVALUATE, run(Stage.EVALUATING, trials=0)),
    "evaluate-with-live-model-without-tuning": (Step.EVALUATE, run(Stage.EVALUATING, live=LIVE, trials=0)),
    "promote-first": (Step.LIVE, run(Stage.PROMOTING)),
    "promote-update": (Step.LIVE, run(Stage.PROMOTING, live=LIVE)),
    "promote-update-scaled": (Step.LIVE, run(Stage.PROMOTING, live=LIVE_SCALED, settings=SCALED)),
    "promote-first-serverless": (Step.LIVE, run(Stage.PROMOTING, **SERVERLESS)),
    "promote-refused-serverless": (
        Step.LIVE,
        run(Stage.PROMOTING, **AUTOMATIC, serverless_refused="ValidationException: not in this region"),
    ),
    "prepare-batch-first": (Step.PREPARE, run(mode=Mode.BATCH)),
    "prepare-batch": (Step.PREPARE, run(mode=Mode.BATCH, live=LIVE_IN_BATCH)),
    "deploy-batch": (Step.CANDIDATE, run(Stage.DEPLOYING, mode=Mode.BATCH, **AUTOMATIC)),
    "deploy-batch-again": (Step.CANDIDATE, run(Stage.DEPLOYING, mode=Mode.BATCH, live=LIVE_IN_BATCH)),
    "deploy-beside-a-live-model-in-batch": (Step.CANDIDATE, run(Stage.DEPLOYING, live=LIVE_IN_BATCH)),
    "evaluate-batch-first": (Step.EVALUATE, run(Stage.EVALUATING, mode=Mode.BATCH)),
    "evaluate-batch-again": (Step.EVALUATE, run(Stage.EVALUATING, mode=Mode.BATCH, live=LIVE_IN_BATCH)),
    "evaluate-batch": (Step.EVALUATE, run(Stage.EVALUATING, mode=Mode.BATCH, live=LIVE_IN_BATCH, **AUTOMATIC)),
}
PRIVATE_RUNS = (
    *("prepare", "prepare-with-live-model", "tune", "tune-small", "tune-small-warm", "train", "train-small", "pack"),
    *("compare", "deploy", "evaluate", "evaluate-with-live-model", "promote-first", "promote-update"),
    *("tune-auto", "train-auto", "deploy-auto", "deploy-batch"),
    *("prepare-batch-first", "prepare-batch", "deploy-batch-again", "evaluate-batch-first", "evaluate-batch-again"),
)


CHECKED_TWICE = "check-drift-tried-twice"


def check(kind: Kind, previous: str | None = None) -> CheckRequest:
    before = CheckKeys("churn", kind, 11, NOW)
    return CheckRequest(
        CheckKeys("churn", kind, 12, NOW),
        model="churn-1a2b3c4d",
        artifact=PACKED,
        previous=f"{before.root}/{previous}" if previous else None,
        instance="ml.m5.large",
        volume_gb=30,
        answers="runs/churn-1a2b3c4d/evaluation/answers.json" if kind is Kind.QUALITY else None,
        result="predictions/churn/0a1b2c3d4e5f",
        capture="capture/sagerelay-churn/AllTraffic",
    )


def beside_another() -> CheckRequest:
    """A quality check while a model is kept that one could go back to."""
    earlier = "churn-0badcafe"
    artifact = f"s3://{DEPLOYMENT.bucket}/runs/{earlier}/packed/model.tar.gz"
    return replace(check(Kind.QUALITY), before=(earlier, artifact))


def checks(deployment: DeploymentSettings) -> dict[str, list[Call]]:
    """Every kind of check."""
    made = {
        "check-drift": processing.drift(check(Kind.DRIFT), deployment, 1),
        "check-drift-again": processing.drift(check(Kind.DRIFT, "drift.json"), deployment, 1),
        CHECKED_TWICE: processing.drift(check(Kind.DRIFT, "drift.json"), deployment, 2),
        "check-drift-shared": processing.several("churn-drift-12-0a1b2c-1", "ml.m5.large", 30, deployment),
        "check-drill": processing.drift(check(Kind.DRILL), deployment, 1),
        "check-quality": processing.quality(check(Kind.QUALITY, "quality.json"), deployment, 1),
        "check-quality-first": processing.quality(check(Kind.QUALITY), deployment, 1),
        "check-quality-beside-another": processing.quality(beside_another(), deployment, 1),
        "check-test": processing.test(check(Kind.TEST), deployment, 1),
        "check-score": processing.score(check(Kind.SCORE), deployment, 1),
        "check-score-ask": processing.score(check(Kind.SCORE), deployment, 1, Part.ASK),
        "check-score-join": processing.score(check(Kind.SCORE), deployment, 3, Part.JOIN),
    }
    transform = Call(requests.TRANSFORM, transforming.of_file(check(Kind.SCORE), deployment, 2))
    jobs = {name: [Call("create_processing_job", request)] for name, request in made.items()}
    return {**jobs, "check-score-transform": [transform]}


def registration(deployment: DeploymentSettings, status: str, verdict: Verdict = MEETS, **changes: Any) -> list[Call]:
    """A run's package, and the group it is put into."""
    judged = run(Stage.LIVE, verdict=verdict, **changes)
    return [
        Call("create_model_package_group", registry.group(judged, deployment)),
        Call("create_model_package", registry.package(judged, deployment, status)),
    ]


PRIVATELY = {name: requests.start(RUNS[name][0], 1, RUNS[name][1], PRIVATE) for name in PRIVATE_RUNS}
PRIVATELY |= {name: calls for name, calls in checks(PRIVATE).items() if name not in {"check-quality", CHECKED_TWICE}}
PRIVATELY["register"] = registration(PRIVATE, "Approved")
CALLS = {
    **{name: requests.start(step, 1, record, DEPLOYMENT) for name, (step, record) in RUNS.items()},
    **checks(DEPLOYMENT),
    "train-untuned-spot-again": requests.start(Step.TRAIN, 2, RUNS["train-untuned-spot"][1], DEPLOYMENT),
    "register": registration(DEPLOYMENT, "Approved"),
    "register-waiting": registration(DEPLOYMENT, "PendingManualApproval"),
    "register-rejected": registration(DEPLOYMENT, "Rejected", FAILS),
    "go-back": [requests.go_back(LIVE)],
    "register-linear-learner": registration(DEPLOYMENT, "Approved", **LINEARLY),
    "register-auto": registration(DEPLOYMENT, "Approved", **AUTOMATIC),
    "register-pipeline": registration(DEPLOYMENT, "Approved", packed=False),
    **{f"{name}-in-a-vpc-with-a-key": calls for name, calls in PRIVATELY.items()},
}
