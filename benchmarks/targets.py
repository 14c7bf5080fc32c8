"""What the measured figures must reach, in one place.

A figure without a target is there to be read beside the others.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """A bound, the value itself allowed."""

    at_most: float | None = None
    at_least: float | None = None


TARGETS: dict[str, Target] = {
    "startup.ratio": Target(at_most=1.25),
    "prepare.ratio": Target(at_most=3.0),
    "prepare.peak_gb": Target(at_most=2.5),
    "score.ratio": Target(at_most=3.0),
    "score.peak_gb": Target(at_most=1.5),
    "evaluate.ratio": Target(at_most=1 / 3),
    "evaluate.largest_difference": Target(at_most=1e-9),
    "serving.ratio.single_row": Target(at_least=1.5),
    "serving.ratio.thousand_rows": Target(at_least=2.5),
    "run_cost.first_inside": Target(at_least=0.8),
    "run_cost.second_within_a_quarter": Target(at_least=0.9),
    "tuning.ratio": Target(at_most=1.5),
    "overhead.share_outside_jobs": Target(at_most=0.10),
    "events.rate_of_1000_to_one": Target(at_least=0.8),
    "events.calls_that_differ": Target(at_most=0),
    "events.sweep.calls_per_run.1000": Target(at_most=2.05),
    "events.sweep.seconds": Target(at_most=200),
    "acs.all_rows.auc.ratio": Target(at_most=1.05),
    "acs.all_rows.f1.ratio": Target(at_most=1.05),
    "acs.few_rows.auc.ratio": Target(at_most=1.05),
    "acs.all_rows.auc.covered": Target(at_least=0.85),
    "acs.few_rows.auc.covered": Target(at_least=0.9),
    "acs.losses_called_certain": Target(at_least=2),
    "error_estimates.mean_ratio_all_rows_mae": Target(at_most=1.0),
    "error_estimates.mean_ratio_all_rows_rmse": Target(at_most=1.0),
    "error_estimates.mean_ratio_few_rows_mae": Target(at_most=1.0),
    "error_estimates.mean_ratio_few_rows_rmse": Target(at_most=1.0),
    "error_estimates.stable.share": Target(at_most=0.05),
    "capture.single_row.ratio": Target(at_most=2),
    "capture.hundred_rows.ratio": Target(at_most=2),
    "capture.single_row.peak_mb.ten_million": Target(at_most=500),
    "capture.hundred_rows.peak_mb.ten_million": Target(at_most=500),
    "intervals.least_share_held": Target(at_least=0.92),
    "intervals.least_share_held_of_differences": Target(at_least=0.92),
    "intervals.heavy_rmse_held": Target(at_least=0.80),
    "dependent_checks.highest_bound_of_false_alarms": Target(at_most=0.05),
    "dependent_checks.lowest_share_found": Target(at_least=0.8),
    "dependent_estimates.lowest_share_held": Target(at_least=0.9),
    "dependent_estimates.highest_share_wrongly_certain": Target(at_most=0.05),
    "real_series.share_raised": Target(at_most=0.05),
    "real_series.share_found": Target(at_least=2 / 3),
    "real_series.acs.share_raised": Target(at_most=0.05),
    "real_series.acs.share_found": Target(at_least=2 / 3),
    "drift_speed.times_faster_than.evidently": Target(at_least=420),
    "drift_speed.times_faster_than.scipy": Target(at_least=25),
    "drift_speed.ours.peak_mb": Target(at_most=500),
    "drift_checks.share_of_false_alarms": Target(at_most=0.05),
    "drift_checks.share_found": Target(at_least=0.95),
    "changed_relation.calm.upper_bound": Target(at_most=0.015),
    "drift_checks.squares_that_break_the_promise": Target(at_most=0),
}
