"""What one side writes and the other reads has the same keys on both: neither imports the other's types."""

from __future__ import annotations

import pytest

from chalicelib.contract import checks
from chalicelib.contract import evaluation as kept
from chalicelib.contract import scored as told
from chalicelib.records import handed_over
from chalicelib.relay import plans
from chalicelib.settings import stored
from jobs import refusals, settings
from jobs.documents import comparison, context, drift, evaluation, metrics, quality, scored, trials, window
from jobs.ensemble import decision
from jobs.train import plan


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (handed_over.Inputs, settings.Inputs),
        (handed_over.PinnedObject, settings.PinnedObject),
        (handed_over.Context, context.Context),
        (handed_over.UploadedContext, context.UploadedContext),
        (handed_over.UploadedFiles, context.UploadedFiles),
        (handed_over.ScoringContext, context.ScoringContext),
        (handed_over.Scoring, context.Scoring),
        (handed_over.LiveEndpoint, context.LiveEndpoint),
        (handed_over.Job, context.Job),
        (handed_over.Contestants, comparison.Contestants),
        (handed_over.ToCompare, comparison.ToCompare),
        (handed_over.OfGate, comparison.OfGate),
        (handed_over.Trials, trials.Trials),
        (handed_over.Trial, trials.Trial),
        (handed_over.Objective, trials.Objective),
        (handed_over.Window, window.Window),
        (handed_over.Live, window.Live),
        (plans.Plan, plan.Plan),
        (stored.Decision, decision.Decision),
        (stored.Costs, decision.Costs),
    ],
)
def test_the_jobs_know_all_that_lambda_writes_and_nothing_else(written: type, read: type) -> None:
    assert written.__annotations__.keys() == read.__annotations__.keys()


def test_captured_files_are_named_as_others_are() -> None:
    assert handed_over.CapturedObject.__annotations__.keys() <= settings.PinnedObject.__annotations__.keys()


@pytest.mark.parametrize(
    ("read", "written"),
    [
        (kept.Evaluation, evaluation.Evaluation),
        (kept.UploadedTest, evaluation.Evaluation),
        (kept.Uploaded, evaluation.UploadedTest),
        (kept.AtPromotion, evaluation.AtPromotion),
        (kept.LiveResult, evaluation.LiveResult),
        (kept.Notice, refusals.Notice),
        (kept.Permutation, evaluation.Permutation),
        (kept.PermutedColumn, evaluation.PermutedColumn),
        (kept.Leaderboard, evaluation.Leaderboard),
        (kept.Contestant, evaluation.Contestant),
        (kept.Share, evaluation.Share),
        (kept.Decision, evaluation.Decision),
        (kept.Shown, metrics.Shown),
        (checks.Judged, drift.Finding),
        (checks.PerformanceEstimate, drift.Estimate),
        (checks.Window, drift.Traffic),
        (checks.Problem, window.Problem),
        (checks.Coverage, quality.Coverage),
        (told.Scored, scored.Scored),
        (told.Rows, scored.Rows),
        (told.ClassCount, scored.ClassCount),
        (told.NumberRange, scored.NumberRange),
        (told.Flagged, scored.Flagged),
        (told.Evaluated, scored.Evaluated),
    ],
)
def test_lambda_reads_nothing_that_no_job_writes(read: type, written: type) -> None:
    assert read.__annotations__.keys() <= written.__annotations__.keys()


def test_nor_does_it_of_a_metric() -> None:
    """It has one type for a value and for a difference."""
    values = metrics.Score.__annotations__.keys() | metrics.Difference.__annotations__.keys()
    assert kept.Estimate.__annotations__.keys() == values
    assert kept.Compared.__annotations__.keys() <= metrics.Compared.__annotations__.keys() | values
    assert checks.Estimated.__annotations__.keys() <= metrics.Estimated.__annotations__.keys() | values


def test_nor_of_a_check_s_result() -> None:
    results = (drift.Drift, quality.Quality, evaluation.EvaluationFile)
    assert checks.CheckResult.__annotations__.keys() <= {name for one in results for name in one.__annotations__}
