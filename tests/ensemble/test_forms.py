"""Which members are tried: fewer where there is more to learn from, and of classes fewer than of numbers."""

import pytest

from jobs.ensemble.forms import FIXED, Family, members

TRIALS = [{"eta": str(place / 10)} for place in range(1, 6)]
CLASSES, NUMBERS = frozenset({Family.BOOSTED}), frozenset(Family)


@pytest.mark.parametrize(
    ("size", "families", "trials", "forms"),
    [
        (5_000, CLASSES, 5, {"xgboost", "deep", "leafwise", "shallow", "stumps"}),
        (5_001, CLASSES, 2, {"xgboost"}),
        (5_000, NUMBERS, 5, {one.name for one in FIXED}),
        (20_000, NUMBERS, 2, {"xgboost", "deep", "random", "logarithm"}),
        (20_001, NUMBERS, 2, {"xgboost"}),
    ],
)
def test_the_more_there_is_to_learn_from_the_fewer_are_tried(
    size: int, families: frozenset[Family], trials: int, forms: set[str]
) -> None:
    found = members(TRIALS, FIXED, size, families)
    tuned = [one for one in found if one.name.startswith("trial-")]
    assert [one.name for one in tuned] == [f"trial-{place}" for place in range(1, trials + 1)]
    assert [one.compared for one in tuned] == [True, *[False] * (trials - 1)]
    assert {one.name for one in found[trials:]} == forms


def test_who_gives_rounds_and_patience_gets_them_as_numbers_and_others_ours() -> None:
    given, plain = members([{"num_round": "40.0", "eta": "0.1"}, {}], FIXED, 100, CLASSES)[:2]
    assert given.form == {"num_round": 40, "early_stopping_rounds": 60, "eta": "0.1"}
    assert plain.form == {"num_round": 3000, "early_stopping_rounds": 60}
