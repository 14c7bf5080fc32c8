"""How far a candidate may fall behind: a share for metrics with a unit, an amount for the others and for old numbers;
and better, not worse and not known are told apart."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.contract.evaluation import Evaluation
from chalicelib.contract.metrics import Task
from chalicelib.names import Step
from chalicelib.records.run import Stage, Verdict
from chalicelib.relay.deciding import decide
from chalicelib.relay.gate_metric import suits
from chalicelib.relay.verdicts import judge
from chalicelib.settings.max_loss import Meant
from tests.relay.builders import NOW, against_live, completed, evaluation, run, schema_read, settings


def errors(difference: float, low: float | None, high: float | None, name: str = "rmse") -> Evaluation:
    """Of a candidate whose error differs so much from the live model's of 20,000."""
    block = evaluation(
        live={"endpoint": "e", "run": "r"},
        comparison={name: {"difference": difference, "low": low, "high": high}},
        naive={name: 50_000.0},
        classes=None,
        confusion_matrix=None,
    )
    block["metrics"] = {name: {"value": 20_000.0 + difference, "low": 19_000.0, "high": 21_000.0}}
    return block


def verdict(block: Evaluation, meant: Meant = Meant.SHARE, metric: str = "rmse", **gate: Any) -> Verdict:
    return judge(block, settings(gate={"metric": metric, **gate})["gate"], Task.REGRESSION, meant)


def test_half_a_unit_of_twenty_thousand_is_no_reason_to_reject() -> None:
    result = verdict(errors(0.5, -300.0, 301.0))

    assert result.promote
    assert "not worse than the live model within the 2 % of that model's RMSE (400.0)" in result.reason
    assert "not shown to be better: behind it by 0.5000" in result.reason


@pytest.mark.parametrize("metric", ["rmse", "mae", "median_absolute_error"])
def test_more_than_the_share_is_refused(metric: str) -> None:
    within, beyond = (verdict(errors(worse, -500.0, 1500.0, metric), metric=metric) for worse in (399.0, 401.0))

    assert (within.promote, beyond.promote) == (True, False)
    assert "(400.0) that gate.max_loss allows" in beyond.reason


def test_an_old_number_goes_on_meaning_an_amount() -> None:
    assert not verdict(errors(0.5, -300.0, 301.0), Meant.AMOUNT).promote
    kept = verdict(errors(400.0, -300.0, 1_100.0), Meant.AMOUNT, max_loss=500)
    assert kept.promote
    assert "within the 500 in the unit of RMSE that gate.max_loss allows" in kept.reason


@pytest.mark.parametrize("meant", Meant)
def test_a_metric_without_a_unit_has_one_meaning(meant: Meant) -> None:
    gate = settings()["gate"]
    near, far = (evaluation(0.5, **against_live(loss, -0.05, 0.02), naive={}) for loss in (-0.019, -0.021))

    assert judge(near, gate, Task.BINARY, meant).promote
    assert not judge(far, gate, Task.BINARY, meant).promote
    assert judge(near, gate, Task.BINARY, Meant.SHARE) == judge(near, gate, Task.BINARY, Meant.AMOUNT)


@pytest.mark.parametrize(
    ("low", "high", "difference", "says"),
    [
        (0.005, 0.03, 0.01, "It is better than the live model by 0.0100"),
        (
            -0.015,
            0.01,
            -0.005,
            "It is not worse than the live model within the 0.02 that gate.max_loss allows, and not",
        ),
        (-0.015, 0.03, 0.01, "and not shown to be better: ahead of it by 0.0100"),
        (-0.05, 0.04, -0.005, "It is not shown to be worse than the live model, nor to be better: behind it by 0.0050"),
        (-0.05, 0.04, -0.005, "within the 0.02 that gate.max_loss allows, but the interval reaches beyond that."),
    ],
)
def test_better_not_worse_and_not_known_are_told_apart(low: float, high: float, difference: float, says: str) -> None:
    result = judge(evaluation(0.9, **against_live(difference, low, high)), settings()["gate"], Task.BINARY)

    assert result.promote
    assert says in result.reason
    assert sum(words in result.reason for words in ("is better than", "is not worse than", "is not shown to be")) == 1


def test_of_a_metric_that_is_not_resampled_the_amount_alone_decides() -> None:
    within, ahead, beyond = (verdict(errors(by, None, None)) for by in (300.0, -300.0, 500.0))

    assert (within.promote, ahead.promote, beyond.promote) == (True, True, False)
    assert "worse than the live model by 300.0 on the same rows, within the 2 %" in within.reason
    assert "better than the live model by 300.0 on the same rows" in ahead.reason


def test_a_share_of_more_than_all_of_it_is_a_mistake_that_is_told_before_anything_is_trained() -> None:
    gate = {"metric": "rmse", "max_loss": 500}
    new = run(Stage.PREPARING, settings=settings(gate=gate), max_loss=Meant.SHARE)
    read = decide(new, completed(Step.PREPARE), NOW).run

    failed = decide(read, schema_read("regression"), NOW).run

    assert failed.stage is Stage.FAILED
    assert failed.failure
    assert "500 would allow 50000 %, and at most 100 % can be given. Write 0.02 for 2 %." in failed.failure.reason
    suits(settings(gate=gate)["gate"], Meant.AMOUNT, Task.REGRESSION)
    suits(settings(gate={"max_loss": 500})["gate"], Meant.SHARE, Task.REGRESSION)  # of R2
