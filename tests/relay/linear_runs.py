"""What runs with `algorithm: linear-learner` differ by, for requests of them."""

from __future__ import annotations

from typing import Any

from chalicelib.algorithms.linear_learner import LinearLearner
from chalicelib.contract.metrics import Task
from chalicelib.records.run import Problem
from tests.relay.builders import settings

LINEAR = LinearLearner()
LINEARLY: dict[str, Any] = {
    "settings": settings(algorithm="linear-learner"),
    "objective": LINEAR.objective("auto", Task.BINARY),
    "problem": Problem(Task.BINARY, ("no", "yes"), "text/csv", {"read": 1000, "train": 600}),
    "hyperparameters": {"l1": "0.001", "learning_rate": "0.05", "wd": "0.0001"},
}
LINEARLY_MULTICLASS = LINEARLY | {
    "settings": settings(
        algorithm="linear-learner",
        hyperparameters={"balance_multiclass_weights": True, "epochs": 30},
        tuning={"ranges": {"use_bias": {"values": [True, False]}, "mini_batch_size": {"min": 50, "max": 500}}},
    ),
    "objective": LINEAR.objective("f1_macro", Task.MULTICLASS),
    "problem": Problem(Task.MULTICLASS, ("a", "b", "c"), "text/csv", {"read": 100}),
}
LINEARLY_NUMBERS = LINEARLY | {
    "settings": settings(
        algorithm="linear-learner",
        tuning={"enabled": False},
        hyperparameters={"loss": "huber_loss", "huber_delta": 2, "wd": "auto"},
    ),
    "objective": LINEAR.objective("auto", Task.REGRESSION),
    "problem": Problem(Task.REGRESSION, None, "text/csv", {"read": 50_000, "train": 30_000}),
    "hyperparameters": {},
    "trials": 0,
}
