"""What a trial is judged by: what its name says, under a name that SageMaker's tuner reads."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from sklearn import metrics

from chalicelib.algorithms.auto.objectives import OBJECTIVES
from chalicelib.contract.metrics import Task
from jobs.ensemble.losses import scores, width
from jobs.train.figures import Target, figures, printed
from local.containers.xgboost.objectives import OBJECTIVES as REGISTERED

Array = npt.NDArray[Any]

CLASSES = {Task.BINARY: 2, Task.MULTICLASS: 4, Task.REGRESSION: 0}
SPREAD = 25.0


def target(task: Task, positive: int = 1) -> Target:
    return Target(CLASSES[task], positive if task is Task.BINARY else None, SPREAD)


def drawn(classes: int, rows: int = 300) -> tuple[Array, Array]:
    draw = np.random.default_rng(classes)
    if not classes:
        actual = draw.normal(size=rows)
        return actual[:, None] + draw.normal(0, 0.5, (rows, 1)), actual
    labels: Array = draw.choice(classes, rows, p=draw.dirichlet(np.full(classes, 3)))
    told = np.eye(max(classes, 2))[labels]
    margins = told + draw.normal(0, 0.8, told.shape) if width(classes) > 1 else (labels - 0.5 + draw.normal(0, 1, rows))
    return margins.reshape(rows, -1), labels.astype(float)


def by_scikit_learn(margins: Array, labels: Array, task: Task) -> dict[str, float]:
    """By the name that a person gives in relay.yaml."""
    if task is Task.REGRESSION:
        actual, said = labels * SPREAD, margins[:, 0] * SPREAD
        return {
            "rmse": metrics.root_mean_squared_error(actual, said),
            "mae": metrics.mean_absolute_error(actual, said),
            "mse": metrics.mean_squared_error(actual, said),
            "r2": metrics.r2_score(actual, said),
        }
    probability = scores(margins, CLASSES[task])
    chosen = (probability[:, 1] > 0.5).astype(int) if task is Task.BINARY else probability.argmax(axis=1)
    found: dict[str, float] = {
        "accuracy": metrics.accuracy_score(labels, chosen),
        "error": 1 - metrics.accuracy_score(labels, chosen),
        "balanced_accuracy": metrics.balanced_accuracy_score(labels, chosen),
        "logloss": metrics.log_loss(labels, probability),
        "f1": metrics.f1_score(labels, chosen, average="binary" if task is Task.BINARY else "macro"),
        "f1_macro": metrics.f1_score(labels, chosen, average="macro"),
    }
    for kind, function in (("precision", metrics.precision_score), ("recall", metrics.recall_score)):
        found |= {f"{kind}_{average}": function(labels, chosen, average=average) for average in ("macro", "micro")}
    if task is Task.BINARY:
        found |= {
            "auc": metrics.roc_auc_score(labels, probability[:, 1]),
            "aucpr": metrics.average_precision_score(labels, probability[:, 1]),
            "f1_binary": metrics.f1_score(labels, chosen),
            "precision": metrics.precision_score(labels, chosen),
            "recall": metrics.recall_score(labels, chosen),
        }
    return found | {"merror": found["error"], "mlogloss": found["logloss"]}


@pytest.mark.parametrize("task", list(Task))
def test_every_figure_is_scikit_learns(task: Task) -> None:
    margins, labels = drawn(CLASSES[task])
    found, known = figures(margins, labels, target(task)), by_scikit_learn(margins, labels, task)
    assert found == pytest.approx({name: known[name] for name in found})


@pytest.mark.parametrize(("task", "name"), [(task, name) for task, named in OBJECTIVES.items() for name in named])
def test_an_objective_is_computed_as_what_it_is_called(task: Task, name: str) -> None:
    margins, labels = drawn(CLASSES[task])
    metric = OBJECTIVES[task][name].metric.removeprefix("validation:")
    found, known = figures(margins, labels, target(task))[metric], by_scikit_learn(margins, labels, task)
    if name in known:
        assert found == pytest.approx(known[name])
    assert found == pytest.approx(known[metric])


def test_a_positive_class_that_comes_first_is_the_one_that_is_looked_for() -> None:
    margins, labels = drawn(2)
    found = figures(margins, labels, target(Task.BINARY, 0))
    assert found == pytest.approx(figures(-margins, (1 - labels).astype(float), target(Task.BINARY)))
    assert found["recall"] != pytest.approx(figures(margins, labels, target(Task.BINARY))["recall"])


@pytest.mark.parametrize("task", list(Task))
def test_all_that_is_printed_is_registered(task: Task) -> None:
    found = figures(*drawn(CLASSES[task]), target(task))
    assert {f"validation:{name}" for name in found} <= REGISTERED.keys()


@pytest.mark.parametrize("value", [0.5, 0.0, 0.0123, 1.2345e-4, 1e-9, 123456.789, 1.5e12, 2e300])
def test_a_value_is_read_as_the_container_s_own(value: float) -> None:
    line = printed({"rmse": value, "mae": 1.0}, 20).replace("\t", "#011")
    read = re.fullmatch(r".*\[[0-9]+\].*#011validation-rmse:(\S+)#011.*", line)
    assert read
    assert float(read[1]) == pytest.approx(value, rel=1e-3)


@pytest.mark.parametrize("label", [0.0, 1.0])
@pytest.mark.parametrize("classes", [2, 3])
def test_of_one_class_there_are_figures_all_the_same(label: float, classes: int) -> None:
    found: dict[str, Any] = figures(np.zeros((5, width(classes))), np.full(5, label), Target(classes, None, 1.0))
    assert all(np.isfinite(value) for value in found.values())
