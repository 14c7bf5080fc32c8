"""The gate."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.contract.evaluation import Evaluation
from chalicelib.contract.metrics import Task
from chalicelib.records.run import Verdict
from chalicelib.relay.gate_metric import gate_metric
from chalicelib.relay.verdicts import judge
from tests.relay.builders import against_live, evaluation, settings


def verdict(block: Evaluation, task: Task = Task.BINARY, **gate: Any) -> Verdict:
    return judge(block, settings(gate=gate)["gate"], task)


@pytest.mark.parametrize(
    ("block", "gate", "promote", "says"),
    [
        (evaluation(0.9), {}, True, "better than the 0.5000 of always giving the same answer. There is no live model"),
        (evaluation(0.5), {}, False, "no better than the 0.5000"),
        (evaluation(0.9), {"minimum": 0.95}, False, "does not meet the minimum of 0.95"),
        (evaluation(0.9), {"minimum": 0.9}, True, "meets the minimum of 0.9"),
        (
            evaluation(metrics={"auc": {"value": 0.53, "low": 0.48, "high": 0.58}}),
            {},
            False,
            "which may be chance and no better than the 0.5000",
        ),
        (evaluation(0.9, **against_live(0.0, 0.0, 0.0)), {}, True, "exactly as good as the live model"),
        (evaluation(None), {}, False, "ROC AUC could not be measured. There is one class."),
        (evaluation(0.9, **against_live(0.02, 0.01, 0.03)), {}, True, "better than the live model by 0.0200"),
        (evaluation(0.9, **against_live(-0.005, -0.02, 0.01)), {}, True, "behind it by 0.0050"),
        (evaluation(0.9, **against_live(-0.005, -0.008, -0.002)), {}, False, "worse than the live model by 0.0050"),
        (
            evaluation(0.9, **against_live(-0.03, -0.08, 0.02)),
            {},
            False,
            "more than the 0.02 that gate.max_loss allows",
        ),
        (evaluation(0.9, **against_live(-0.03, -0.08, 0.02)), {"max_loss": 0.05}, True, "chance explains"),
    ],
)
def test_the_verdict_and_its_reason(block: Evaluation, gate: dict[str, Any], *, promote: bool, says: str) -> None:
    result = verdict(block, **gate)

    assert result.promote is promote
    assert says in result.reason


def too_few(low: float, **values: float) -> Any:
    few = {"rows": 4, "of": "yes", "low": low, "high": 1.0}
    said = 'Too few to tell: 4 rows are of the class "yes".'
    return {**values, "low": None, "high": None, "undefined": said, "few": few}


@pytest.mark.parametrize(
    ("low", "promote", "says"),
    [
        (0.61, True, 'ROC AUC is 0.9000 (too few to tell: 4 rows are of the class "yes"), better than the 0.5000'),
        (0.45, False, "which may be chance and no better than the 0.5000"),
    ],
)
def test_few_rows_are_no_easier_than_many(low: float, *, promote: bool, says: str) -> None:
    result = verdict(evaluation(metrics={"auc": too_few(low, value=0.9)}))
    assert result.promote is promote
    assert says in result.reason


@pytest.mark.parametrize(
    ("difference", "promote", "says"),
    [
        (0.1, True, "It is ahead of the live model by 0.1000 on the same rows (too few to tell: 4 rows are of the"),
        (-0.01, True, "It is behind the live model by 0.0100 on the same rows (too few to tell: 4 rows are of the"),
        (-0.1, False, "more than the 0.02 that gate.max_loss allows"),
    ],
)
def test_few_rows_show_no_difference(difference: float, *, promote: bool, says: str) -> None:
    block = evaluation(0.9, **against_live(0.0, 0.0, 0.0))
    block["comparison"] = {"auc": too_few(0.0, difference=difference)}
    result = verdict(block)
    assert result.promote is promote
    assert says in result.reason
    assert "better than the live" not in result.reason


def test_other_metrics_that_surely_fell_are_told() -> None:
    block = evaluation(0.9, **against_live(-0.005, -0.02, 0.01))
    block["comparison"] = {
        **(block["comparison"] or {}),
        "recall": {"difference": -0.18, "low": -0.2, "high": -0.1},
        "f1": {"difference": -0.01, "low": -0.05, "high": 0.03},
    }

    result = verdict(block)

    assert result.promote
    assert result.reason.endswith("But it is worse than the live model in Recall (-0.1800).")


def test_a_live_model_that_cannot_be_asked_leaves_it_to_a_person() -> None:
    live = {"endpoint": "e", "run": "r", "metrics": None, "unavailable": "It needs the column plan."}

    result = verdict(evaluation(0.9, live=live))

    assert (result.promote, result.ask) == (True, True)
    assert "so a person has to decide. It needs the column plan." in result.reason


def test_a_smaller_error_is_a_gain() -> None:
    block = evaluation(
        live={"endpoint": "e", "run": "r"}, comparison={"rmse": {"difference": -2.0, "low": -3.0, "high": -1.0}}
    )
    block["metrics"] = {"rmse": {"value": 10.0, "low": 9.0, "high": 11.0}}
    block["naive"] = {"rmse": 20.0}

    assert verdict(block, Task.REGRESSION, metric="rmse").promote
    assert not verdict(block, Task.REGRESSION, metric="rmse", minimum=9.5).promote
    block["comparison"] = {"rmse": {"difference": 2.0, "low": 1.0, "high": 3.0}}
    assert not verdict(block, Task.REGRESSION, metric="rmse").promote


def test_a_metric_of_another_task_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r'gate.metric "auc" does not exist for a regression target'):
        gate_metric("auc", Task.REGRESSION)


@pytest.mark.parametrize(
    ("block", "promote"),
    [
        (evaluation(0.9, only_answer="no"), True),
        (evaluation(0.9, confusion_matrix=[[1000, 0], [25, 0]]), True),  # of a release that did not say it
        (evaluation(0.5, only_answer="no"), False),
        (evaluation(0.9, only_answer="no", **against_live(0.02, 0.01, 0.03)), True),
    ],
)
def test_a_model_that_always_answers_the_same_is_judged_with_that_sentence(block: Evaluation, *, promote: bool) -> None:
    result = verdict(block)

    assert result.promote is promote
    assert result.reason.endswith('But its answer is always "no": at the threshold of 0.5 it never says "yes".')


def test_of_many_classes_and_of_numbers_the_answer_alone_is_told() -> None:
    many = verdict(evaluation(0.9, classes=["a", "b\n", "c"], confusion_matrix=None, only_answer="b\n"))
    numbers = evaluation(classes=None, confusion_matrix=None, only_answer="7.25", naive={"r2": 0.0})
    numbers["metrics"] = {"r2": {"value": 0.1, "low": 0.05, "high": 0.2}}

    assert many.reason.endswith('But its answer is always "b".')
    assert verdict(numbers, Task.REGRESSION).reason.endswith('But its answer is always "7.25".')
    assert "its answer" not in verdict(evaluation(0.9)).reason
