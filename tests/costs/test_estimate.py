"""What a run will cost, and a month of its model: arithmetic on plain values, and the goal of a dollar a month."""

from __future__ import annotations

import numpy as np
import pytest

from chalicelib.costs import estimate, month
from chalicelib.costs.crossing import SECONDS
from chalicelib.costs.estimate import Size
from chalicelib.costs.month import Checked, Served
from chalicelib.costs.prices import Prices
from chalicelib.mails import bills
from chalicelib.names import Step
from chalicelib.records.run import Stage
from chalicelib.serving_mode import Mode
from chalicelib.settings.defaults import DEFAULTS
from jobs.ensemble.folds import folds, of_a_trial
from jobs.ensemble.forms import FIXED, Family, members
from ops.deployment.package import ROOT
from tests.relay.builders import job, run, settings

KNOWN = Prices("us-east-1")
SIZE = Size(10_000, 20, 20)
JOBS = (job(Step.PREPARE, seconds=100), job(Step.TUNE, seconds=400), job(Step.TRAIN, seconds=200), job(Step.EVALUATE))


def test_a_first_run_is_told_from_its_size_low_to_high() -> None:
    parts = estimate.of_run(SIZE, run(mode=Mode.SERVERLESS), KNOWN)
    assert [one.what for one in parts] == ["prepare", "tune", "train", "pack", "evaluate"]
    assert all(3 * one.low < one.high for one in parts)
    larger = estimate.of_run(Size(100_000, 20, 20), run(mode=Mode.SERVERLESS), KNOWN)
    assert sum(one.low for one in larger) > 2 * sum(one.low for one in parts)  # each of 20 trials has to start, too


def test_a_run_after_another_is_told_from_what_that_took() -> None:
    before = run(Stage.LIVE, jobs=JOBS)
    same = {one.what: (one.low, one.high) for one in estimate.of_run(SIZE, run(), KNOWN, [(before, SIZE)])}
    assert same["prepare"] == pytest.approx((75.0, 125.0))
    assert same["tune"] == pytest.approx((300.0, 500.0))
    twice = estimate.of_run(Size(10_000, 20, 40), run(), KNOWN, [(before, SIZE)])
    assert next(one for one in twice if one.what == "tune").high == pytest.approx(1000)
    candidate = next(one for one in twice if one.what == "candidate")
    assert candidate.high == same["evaluate"][1] + estimate.CREATING


def test_runs_that_differed_are_told_from_the_shortest_to_the_longest() -> None:
    long = (job(Step.TRAIN, seconds=600),)
    past = [(run(Stage.LIVE, jobs=jobs), SIZE) for jobs in (JOBS, JOBS, long)]
    train = next(one for one in estimate.of_run(SIZE, run(), KNOWN, past) if one.what == "train")
    assert [train.low, train.high] == pytest.approx([150.0, 600.0])
    prepare = next(one for one in estimate.of_run(SIZE, run(), KNOWN, past) if one.what == "prepare")
    assert [prepare.low, prepare.high] == pytest.approx([75.0, 125.0])


def test_an_untuned_run_has_no_tuning_and_an_unknown_price_no_sum() -> None:
    parts = estimate.of_run(Size(100, 5, 0), run(), Prices("eu-west-3"))
    assert [one.what for one in parts] == ["prepare", "train", "pack", "candidate", "evaluate"]
    assert estimate.total(parts) is None
    written = settings(
        prices={
            f"{use} ml.m5.{size}": 1 for use in ("training", "processing", "hosting") for size in ("large", "xlarge")
        }
    )
    assert estimate.total(estimate.of_run(Size(100, 5, 0), run(settings=written), Prices("eu-west-3")))


def served(mode: Mode, requests: float = 1000) -> Served:
    return Served(mode, requests, SECONDS, 2, DEFAULTS["endpoint"]["capture_percentage"], "ml.m5.large", 1)


def checked(**monitoring: object) -> Checked:
    chosen = {**DEFAULTS["monitoring"], **monitoring}
    return Checked(bills.checks_a_month("daily"), 2, "ml.m5.large", bills.metrics(chosen))


def beside_jobs(found: list[month.Line]) -> float:
    amount = month.total([one for one in found if not one.is_a_job])
    assert amount is not None
    return amount


def test_a_watched_model_at_1000_requests_a_day_costs_less_than_a_dollar_a_month() -> None:
    """The goal: serverless, captured, checked daily, with the defaults; and what would break it."""
    assert 0.7 < beside_jobs(month.lines(served(Mode.SERVERLESS), checked(), KNOWN)) < 1.0
    assert beside_jobs(month.lines(served(Mode.SERVERLESS), checked(feature_metrics=True), KNOWN)) > 1.0


def test_the_page_has_the_sum_line_by_line() -> None:
    page = (ROOT / "docs" / "costs.md").read_text(encoding="utf-8")
    found = month.lines(served(Mode.SERVERLESS), checked(), KNOWN)
    for line in found:
        assert line.price is not None
        assert line.usd is not None
        assert f"| {line.what} | {line.quantity} | {line.price.read} | {line.usd:.3f} |" in page
    assert f"**{beside_jobs(found):.2f} USD a month**" in page


def test_in_real_time_it_is_the_endpoint_and_in_batch_nothing_is_served() -> None:
    whole = month.total(month.lines(served(Mode.REALTIME), checked(), KNOWN))
    assert whole == pytest.approx(0.115 * 730, rel=0.02)
    assert {one.what for one in month.lines(served(Mode.BATCH), checked(), KNOWN)} == {
        "checks",
        "figures of the checks",
    }
    assert month.total(month.lines(served(Mode.SERVERLESS), checked(), Prices("eu-west-3"))) is None


def test_a_step_trains_as_many_models_as_the_jobs_do() -> None:
    for rows in (500, 1_999, 2_000, 5_000, 5_001, 20_000, 20_001, 100_000, 100_001):
        parts = folds(np.arange(rows) % 2.0, rows, classes=2, how="random", seed=1)
        size = Size(rows, 5, 20, test=0.0)
        assert estimate.fits(Step.TUNE, size) == len(of_a_trial(parts).parts)
        several = members([{}] * 20, FIXED, rows, frozenset({Family.BOOSTED, Family.RANDOM}))
        counted = [one for one in several if one.family is Family.BOOSTED]
        assert estimate.fits(Step.TRAIN, size) == (len(parts.parts) + parts.refitted) * len(counted)


def test_a_table_that_outgrows_a_limit_takes_less() -> None:
    few, many = Size(5_000, 20, 20), Size(6_500, 20, 20)
    assert estimate.middle(Step.TRAIN, many) < estimate.middle(Step.TRAIN, few)
    assert estimate.middle(Step.TUNE, many) < estimate.middle(Step.TUNE, few)
    closed = [Size(one.rows, one.columns, one.trials, folded=False) for one in (few, many)]
    assert estimate.middle(Step.TRAIN, closed[1]) > estimate.middle(Step.TRAIN, closed[0])
