"""The promise in small, seeded: checks without drift stay silent, and what changed is found and rightly named.

`python -m benchmarks drift_checks` draws the same tables in thousands and prints the shares with their intervals; here
every family, the small baselines and the large windows are each seen once, in seconds.
"""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.made_up.families import EVERYDAY, MIXED, Change, Feature, table
from benchmarks.made_up.ours import judge

BY_NAME = {feature.name: feature for feature in MIXED}
NUMBERS = tuple(feature for feature in MIXED if not feature.categorical)
WORDS = tuple(feature for feature in MIXED if feature.categorical)
CLIPPED = {"zero_inflated", "few_numbers"}  # a scale changes little of a count of zeros, or of a grade from 1 to 5


def flagged(features: tuple[Feature, ...], before: int, now: int, seed: int, change: Change | None = None) -> set[str]:
    """The features of one check that are called drifted, when all of them changed."""
    generator = np.random.default_rng([seed, before, now])
    changes = dict.fromkeys((feature.name for feature in features), change) if change else None
    baseline = table(features, generator, before)
    return judge(features, baseline, table(features, generator, now, changes))


@pytest.mark.parametrize(
    ("before", "now", "checks"),
    [(200, 100, 20), (200, 1_000, 20), (200, 10_000, 10), (5_000, 100, 20), (10_000, 1_000, 20), (10_000, 10_000, 10)],
)
def test_checks_without_drift_stay_silent(before: int, now: int, checks: int) -> None:
    raised = [found for seed in range(checks) if (found := flagged(MIXED, before, now, seed))]
    assert len(raised) <= 1, raised


def test_amounts_that_are_nearly_always_zero_stay_silent_in_small_windows() -> None:
    """Two such rows where none was expected are five standard deviations, and no surprise among twenty columns."""

    def amount(share: float) -> Feature:
        return Feature(f"{share:.4f}", lambda g, rows, *_: np.where(g.random(rows) < share, g.lognormal(3, 1, rows), 0))

    features = tuple(map(amount, np.geomspace(0.0005, 0.02, 20)))
    assert not [found for seed in range(60) if (found := flagged(features, 5_000, 100, seed))]


@pytest.mark.parametrize("before", [5_000, 10_000])
@pytest.mark.parametrize(
    ("change", "features"),
    [
        (Change(shift=0.5), NUMBERS),
        (Change(scale=1.3), tuple(feature for feature in NUMBERS if feature.name not in CLIPPED)),
        (Change(times=1.2840254), (BY_NAME["log_normal"],)),
        (Change(share=0.1), WORDS),
        (Change(new=0.02), WORDS),
        (Change(missing=0.05), MIXED),
    ],
    ids=["+0.5 sd", "scale x 1.3", "x e^0.25", "share +10 points", "new category 2 %", "missing +5 points"],
)
def test_a_change_is_found_in_1000_rows(before: int, change: Change, features: tuple[Feature, ...]) -> None:
    beside = (*features, *EVERYDAY[: 20 - len(features)])  # as many tests as a check of 20 features has
    wanted = {feature.name for feature in features}
    checks = 3 if len(features) > 1 else 20
    found = 0
    for seed in range(checks):
        generator = np.random.default_rng([7, before, seed])
        baseline = table(beside, generator, before)
        found += len(judge(beside, baseline, table(beside, generator, 1_000, dict.fromkeys(wanted, change))) & wanted)
    assert found >= 0.95 * checks * len(wanted)


def test_a_quarter_of_a_standard_deviation_is_found_in_10000_rows() -> None:
    assert flagged(NUMBERS, 10_000, 10_000, 1, Change(shift=0.25)) == {feature.name for feature in NUMBERS}


def test_a_fiftieth_is_certain_in_a_million_rows_and_still_too_small_to_matter() -> None:
    features = tuple(BY_NAME[name] for name in ("normal", "gamma", "whole_numbers"))
    assert flagged(features, 100_000, 1_000_000, 1, Change(shift=0.02)) == set()
    assert flagged(features, 100_000, 1_000_000, 1, Change(shift=0.2)) == {feature.name for feature in features}
