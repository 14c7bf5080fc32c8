"""The best earlier model: many steps that are each "not worse than the last" lead nowhere below it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest

from chalicelib.contract.evaluation import BestEarlier, Estimate
from chalicelib.contract.metrics import Task
from chalicelib.records.dataset import Dataset, RunEnded, decide, run_of
from chalicelib.records.run import BestModel, LiveModel, Problem, Run, Stage, Verdict
from chalicelib.relay import best
from chalicelib.relay.verdicts import judge
from chalicelib.settings.max_loss import Meant
from tests.relay.builders import LIVE, NOW, against_live, data, evaluation, inputs_seen, run, settings

BEFORE = BestModel(
    "churn-0badcafe", "s3://b/runs/churn-0badcafe/training/t/output/model.tar.gz", "2026-10-01T00:00:00Z"
)
LEVEL = against_live(-0.005, -0.015, 0.01)
BETTER = against_live(0.01, 0.005, 0.02)


def below(difference: float, low: float, high: float, /, **changes: Any) -> BestEarlier:
    told = {"difference": difference, "low": low, "high": high, "undefined": None}
    known: Any = {"run": BEFORE.run, "metric": "auc", "rows": 900, "value": 0.9, "difference": told}
    return cast("BestEarlier", {"unavailable": None, **known, **changes})


GONE = below(0, 0, 0, value=None, difference=None, unavailable="Its model.tar.gz is gone.")


def verdict(earlier: BestEarlier, **of: Any) -> Verdict:
    return judge(evaluation(0.9, best_earlier=earlier, **of), settings()["gate"], Task.BINARY)


def test_a_model_too_far_below_the_best_is_rejected_although_it_is_not_worse_than_the_live_one() -> None:
    result = verdict(below(-0.021, -0.04, 0.01), **LEVEL)

    assert not result.promote
    assert "not worse than the live model within the 0.02" in result.reason
    assert "But it is worse than the best earlier model (run churn-0badcafe) by 0.0210" in result.reason


@pytest.mark.parametrize(
    ("earlier", "says"),
    [
        (below(-0.019, -0.04, 0.01), "not further below the best earlier model (run churn-0badcafe) than the 0.02"),
        (below(-0.019, -0.03, -0.01), "behind it by 0.0190"),
        (below(0.02, 0.01, 0.03), "It is better than the best earlier model (run churn-0badcafe) by 0.0200"),
        (below(0.0, 0.0, 0.0), "exactly as good as the best earlier model"),
        (GONE, "could not be held against the best earlier model (run churn-0badcafe). Its model.tar.gz is gone."),
        (below(0, 0, 0, metric="f1"), "ROC AUC was not computed."),
    ],
)
def test_what_came_of_it_is_told(earlier: BestEarlier, says: str) -> None:
    result = verdict(earlier, **LEVEL)

    assert (result.promote, result.ask) == (True, False)
    assert says in result.reason


def test_a_model_that_is_better_than_the_live_one_leads_upwards() -> None:
    result = verdict(below(-0.05, -0.06, -0.04), **BETTER)

    assert (result.promote, result.ask) == (True, False)
    assert "It is promoted all the same, because the live model is worse still." in result.reason


def test_where_nothing_serves_a_person_decides() -> None:
    far, near = verdict(below(-0.05, -0.06, -0.04)), verdict(below(-0.01, -0.03, 0.01))

    assert (far.promote, far.ask, near.promote, near.ask) == (True, True, True, False)
    assert "There is no live model to compare with. It is worse than the best earlier model" in far.reason
    assert "so a person has to decide" in far.reason


def test_a_share_is_one_of_the_best_models_own_value() -> None:
    live = {"endpoint": "e", "run": "r"}
    block = evaluation(live=live, comparison={"rmse": {"difference": 1.0, "low": -3.0, "high": 4.0}}, naive={})
    block["metrics"] = {"rmse": {"value": 103.0, "low": 90.0, "high": 110.0}}
    gate = settings(gate={"metric": "rmse"})["gate"]
    for value, promote in ((101.0, True), (100.9, False)):
        difference: Estimate = {"difference": 103.0 - value, "low": -1.0, "high": 6.0}
        block["best_earlier"] = below(0, 0, 0, metric="rmse", value=value, difference=difference)

        assert judge(block, gate, Task.REGRESSION, Meant.SHARE).promote is promote


# --- which it is afterwards


def went_live(best_one: BestModel | None, served: LiveModel | None = LIVE, /, **of: Any) -> Run:
    return run(Stage.LIVE, best=best_one, live=served, evaluation=evaluation(0.9, **of))


@pytest.mark.parametrize(
    ("judged", "stays"),
    [
        (went_live(None, None), False),
        (went_live(BEFORE, **LEVEL), True),  # nobody looked
        (went_live(BEFORE, best_earlier=below(-0.01, -0.03, 0.01), **LEVEL), True),
        (went_live(BEFORE, best_earlier=below(0.01, -0.01, 0.03), **LEVEL), True),  # ahead, and not shown to be better
        (went_live(BEFORE, best_earlier=below(0.01, 0.001, 0.03), **LEVEL), False),
        (went_live(BEFORE, best_earlier=below(-0.05, -0.06, -0.04), **BETTER), True),
        (went_live(BEFORE, best_earlier=GONE, **LEVEL), False),
        (went_live(BEFORE, None, best_earlier=below(0.0, -0.01, 0.01)), True),
        (went_live(replace(BEFORE, run=LIVE.run), **LEVEL), True),
        (went_live(replace(BEFORE, run=LIVE.run), **BETTER), False),
        (went_live(replace(BEFORE, run=LIVE.run), live={"unavailable": "It needs the column plan."}), False),
    ],
)
def test_only_a_model_that_is_shown_to_be_better_takes_its_place(judged: Run, *, stays: bool) -> None:
    now = replace(LIVE, run=judged.id)

    after = best.after(judged, now)

    assert after
    assert after == (judged.best if stays else BestModel(judged.id, str(judged.artifact), now.promoted))


def test_by_an_error_smaller_is_better() -> None:
    smaller: Estimate = {"difference": -5.0, "low": -8.0, "high": -2.0}
    problem = Problem(Task.REGRESSION, None, "x", {"read": 1})
    judged = run(
        Stage.LIVE,
        best=BEFORE,
        live=LIVE,
        problem=problem,
        settings=settings(gate={"metric": "rmse"}),
        evaluation=evaluation(best_earlier=below(0, 0, 0, metric="rmse", value=90.0, difference=smaller)),
    )
    after = best.after(judged, LIVE)
    assert after
    assert after.run == judged.id


def test_the_dataset_keeps_it_through_whatever_is_not_a_promotion() -> None:
    dataset = Dataset("churn", live=LIVE, best=BEFORE)
    for stage in (Stage.REJECTED, Stage.FAILED, Stage.SUPERSEDED):
        seen = inputs_seen(data(etag=stage))
        begun = decide(dataset, seen).dataset
        assert run_of(begun, seen, NOW).best == BEFORE
        dataset = replace(decide(begun, RunEnded(str(begun.active), stage, None, None)).dataset, pending=())
        assert dataset.best == BEFORE


# --- the property


class World:
    """Models with a true quality that is only measured; each candidate is a step from the live one."""

    def __init__(self, seed: int, error: float) -> None:
        self.random = np.random.default_rng(seed)
        self.error = error
        self.dataset = Dataset("churn")
        self.truth: dict[str, float] = {}
        self.measured: dict[str, float] = {}
        """By run that went live: the candidate's measured gain over the best earlier model."""

    def difference(self, run_id: str, other: str) -> Estimate:
        found = self.truth[run_id] - self.truth[other] + float(self.random.normal(0, self.error))
        return {"difference": found, "low": found - 1.96 * self.error, "high": found + 1.96 * self.error}

    def step(self, by: float, number: int) -> Verdict:
        seen = inputs_seen(data(etag=str(number)))
        begun = decide(self.dataset, seen).dataset
        made = run_of(begun, seen, NOW)
        live = made.live
        self.truth[made.id] = (self.truth[live.run] if live else 0.8) + by
        found = self._evaluated(made)
        judged = judge(found, made.settings["gate"], Task.BINARY)
        stage = Stage.LIVE if judged.promote else Stage.REJECTED
        template = run(stage, evaluation=found, verdict=judged)
        ended = replace(template, id=made.id, live=live, best=made.best, artifact=f"s3://b/{made.id}/model.tar.gz")
        now = LiveModel(made.id, "sagerelay-churn", 1, "2026-11-22T12:00:00Z") if judged.promote else None
        over = RunEnded(made.id, stage, now, None, best.after(ended, now) if now else None)
        self.dataset = replace(decide(begun, over).dataset, pending=())
        return judged

    def _evaluated(self, made: Run) -> Any:
        block: dict[str, Any] = {"naive": {}}
        if made.live:
            difference = self.difference(made.id, made.live.run)
            block |= {"live": {"endpoint": "e", "run": made.live.run}, "comparison": {"auc": difference}}
        if made.best_before:
            other = made.best_before.run
            value = self.truth[other]
            block["best_earlier"] = below(0, 0, 0, run=other, value=value, difference=self.difference(made.id, other))
        return evaluation(0.9, **block)

    @property
    def live(self) -> float:
        assert self.dataset.live
        return self.truth[self.dataset.live.run]


@pytest.mark.parametrize("step", [-0.019, -0.01, -0.004])
def test_a_walk_downhill_in_steps_that_are_each_allowed_is_stopped(step: float) -> None:
    world = World(seed=1, error=1e-9)
    assert world.step(0.0, 0).promote
    world.error = 0.01  # so that no single step is certainly worse
    walked = [world.step(step, number).promote for number in range(1, 60)]

    assert any(walked)
    assert walked.count(True) < 25
    assert world.live > 0.8 - 0.02 - 3 * 0.01
    assert world.dataset.best


@pytest.mark.parametrize("seed", range(4))
def test_wherever_a_walk_leads_what_serves_is_near_the_best_there_was(seed: int) -> None:
    """Steps of any size and direction: measured exactly, the live model is never beyond max_loss of the best one."""
    world = World(seed, error=1e-4)
    steps = np.random.default_rng(seed).normal(-0.004, 0.008, 150)
    highest = 0.0
    for number, step in enumerate(steps):
        world.step(float(step), number)
        highest = max(highest, world.live)
        assert world.live > highest - 0.02 - 5 * world.error


@pytest.mark.parametrize("seed", range(3))
def test_without_it_the_same_walk_leads_down(seed: int) -> None:
    """What the tests above would not see, they would not prove."""
    world = World(seed, error=0.01)
    for number in range(60):
        world.step(-0.004, number)
        world.dataset = replace(world.dataset, best=None)
    assert world.live < 0.8 - 0.05


def test_it_is_stored_with_the_records() -> None:
    from chalicelib import codec

    dataset = Dataset("churn", live=LIVE, best=BEFORE)
    assert codec.is_stable(dataset)
    assert "best" not in codec.to_document(replace(dataset, best=None))
    assert codec.is_stable(run(Stage.EVALUATING, best=BEFORE, max_loss=Meant.SHARE))
    assert run(Stage.EVALUATING, best=BEFORE, live=LIVE).best_before == BEFORE
    assert run(Stage.EVALUATING, best=replace(BEFORE, run=LIVE.run), live=LIVE).best_before is None
