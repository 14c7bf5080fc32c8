"""Who answers with whom: what is known to be right, found by greed."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from jobs.ensemble.losses import loss
from jobs.ensemble.selection import LEAST, mixed, muffled, select

Array = npt.NDArray[Any]


def numbers(rows: int = 400) -> tuple[Array, Array, np.random.Generator]:
    """Labels, and labels with an error."""
    draw = np.random.default_rng(3)
    labels = draw.normal(size=rows)
    return labels, (labels + draw.normal(0, 0.3, rows))[:, None], draw


def test_a_member_alone_has_all_the_weight() -> None:
    labels, good, _ = numbers()
    assert select([good], labels, 0).tolist() == [1.0]


def test_a_useless_member_has_none() -> None:
    labels, good, draw = numbers()
    weights = select([draw.normal(0, 3, (len(labels), 1)), good], labels, 0)
    assert weights.tolist() == [0.0, 1.0]


def test_two_that_err_as_much_and_apart_share_alike() -> None:
    labels, good, draw = numbers(4000)
    other = (labels + draw.normal(0, 0.3, len(labels)))[:, None]
    assert select([good, other], labels, 0) == pytest.approx([0.5, 0.5], abs=0.05)


def test_the_weights_of_two_are_the_least_squares_ones() -> None:
    labels, good, draw = numbers(4000)
    other = (labels + draw.normal(0, 0.6, len(labels)))[:, None]
    error, further = good[:, 0] - labels, other[:, 0] - labels
    best = (further @ further - error @ further) / ((error - further) @ (error - further))
    assert select([good, other], labels, 0)[0] == pytest.approx(best, abs=0.03)


def test_a_weight_that_changes_nothing_is_left_out_and_the_rest_is_one() -> None:
    labels, good, draw = numbers()
    members = [(labels + draw.normal(0, 0.3 + place, len(labels)))[:, None] for place in range(6)]
    weights = select([good, *members], labels, 0)
    assert weights.sum() == pytest.approx(1)
    assert all(weight == 0 or weight >= LEAST for weight in weights)


@pytest.mark.parametrize("classes", [0, 2, 3])
def test_together_they_are_no_worse_than_the_best_of_them(classes: int) -> None:
    draw = np.random.default_rng(classes)
    labels = draw.integers(0, classes, 300).astype(float) if classes else draw.normal(size=300)
    wide = 3 if classes == 3 else 1
    told = np.eye(3)[labels.astype(int)] if wide == 3 else (labels * 2 - 1 if classes else labels)[:, None]
    members = [told + draw.normal(0, spread, (300, wide)) for spread in (0.5, 1, 2, 4)]
    together = mixed(members, select(members, labels, classes))
    assert loss(together, labels, classes) <= min(loss(one, labels, classes) for one in members) + 1e-12


def test_few_rows_begin_with_the_prior_and_many_without() -> None:
    draw = np.random.default_rng(2)
    for rows, doubt in ((200, 0.8), (800, 0.5), (40_000, 0.0)):
        labels = draw.integers(0, 2, rows).astype(float)
        sure, wrong = (((labels * 2 - 1) * size)[:, None] for size in (3.0, -0.1))
        prior = np.array([1.0, 0.0])
        assert select([wrong, sure], labels, 2, prior) == pytest.approx([doubt, 1 - doubt])
        assert select([wrong, sure], labels, 2).tolist() == [0.0, 1.0]
        assert select([wrong, sure], labels, 2, np.array([0.0, 1.0])).tolist() == [0.0, 1.0]


def test_a_prior_outlives_what_few_rows_say_against_it_and_not_what_many_do() -> None:
    prior, losses = np.array([0.5, 0.25, 0.25, 0.0]), [0.52, 0.50, 0.50, 0.40]
    assert muffled(prior[:3], losses[:3], 200) == pytest.approx([0.47, 0.265, 0.265], abs=0.01)
    assert muffled(prior[:3], losses[:3], 20_000) == pytest.approx([0, 0.5, 0.5], abs=0.001)
    assert muffled(prior, losses, 200)[3] == 0
    assert muffled(prior, [0.5] * 4, 200) == pytest.approx(prior)


def test_the_search_goes_on_from_the_prior() -> None:
    """What the prior has too little of gets all further steps: 40 steps of 200 rows, of which it has 32."""
    draw = np.random.default_rng(3)
    labels = draw.integers(0, 2, 200).astype(float)
    first, second = (((labels * 2 - 1) * 0.5 + draw.normal(0, 1, 200))[:, None] for _ in range(2))
    even = select([first, second], labels, 2)
    begun = select([first, second], labels, 2, np.array([1.0, 0.0]))
    assert begun[0] == pytest.approx(max(even[0], 0.8), abs=0.03)
