"""The threshold, against counting every one of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.special import expit, logit
from sklearn import metrics

from jobs.ensemble.decision import Costs, Decision, choose, counts, figures

Array = npt.NDArray[Any]

COSTS: Costs = {"false_positive": 1.0, "false_negative": 6.0}
WANTED = ("accuracy", "balanced_accuracy", "f1", "cost")


def drawn(rows: int, seed: int = 0, middle: float = -1.0) -> tuple[Array, Array]:
    """Calibrated probabilities, and what happened."""
    draw = np.random.default_rng(seed)
    probability = expit(draw.normal(middle, 1.5, rows))
    return probability, draw.random(rows) < probability


def asked(wanted: str, threshold: float | str = "auto", costs: Costs = COSTS) -> Decision:
    return {"optimize": wanted, "costs": costs if wanted == "cost" else None, "threshold": threshold}


def gained(wanted: str, probability: Array, positive: Array, threshold: float, costs: Costs = COSTS) -> float:
    """By counting, the larger the better."""
    said = probability >= threshold
    match wanted:
        case "accuracy":
            return float(np.mean(said == positive))
        case "balanced_accuracy":
            return float(np.mean([said[positive].mean(), (~said[~positive]).mean()]))
        case "f1":
            return 2 * float((said & positive).sum()) / float(said.sum() + positive.sum())
        case _:
            wrong = costs["false_positive"] * (said & ~positive) + costs["false_negative"] * (~said & positive)
            return -float(wrong.mean())


@pytest.mark.parametrize("threshold", [0.0, 0.2, 0.5, 1.0])
def test_the_figures_are_those_of_scikit_learn(threshold: float) -> None:
    probability, positive = drawn(500)
    said = probability >= threshold
    found = {
        name: value[0] for name, value in figures(counts(probability, positive, np.array([threshold])), COSTS).items()
    }
    zero = {"zero_division": 0}
    assert found == pytest.approx(
        {
            "accuracy": metrics.accuracy_score(positive, said),
            "precision": metrics.precision_score(positive, said, **zero),
            "recall": metrics.recall_score(positive, said, **zero),
            "f1": metrics.f1_score(positive, said, **zero),
            "balanced_accuracy": metrics.balanced_accuracy_score(positive, said),
            "cost": -gained("cost", probability, positive, threshold),
        }
    )


def test_a_row_that_counts_twice_is_there_twice() -> None:
    probability, positive = drawn(50)
    weights = np.random.default_rng(1).integers(0, 4, 50)
    at = np.array([0.1, 0.5])
    twice = counts(np.repeat(probability, weights), np.repeat(positive, weights), at)
    weighted = counts(probability, positive, at, weights.astype(float))
    for name in ("true_positive", "false_positive", "false_negative", "true_negative"):
        assert getattr(weighted, name) == pytest.approx(getattr(twice, name))


def test_of_calibrated_probabilities_it_is_where_theory_has_it() -> None:
    probability, positive = drawn(20_000)
    assert choose(probability, positive, asked("accuracy"), 0).threshold == 0.5
    assert choose(probability, positive, asked("balanced_accuracy"), 0).threshold == pytest.approx(
        positive.mean(), abs=0.02
    )
    assert choose(probability, positive, asked("cost"), 0).threshold == pytest.approx(1 / 7)
    best = max(gained("f1", probability, positive, one) for one in np.linspace(0.01, 0.99, 99))
    assert choose(probability, positive, asked("f1"), 0).threshold == pytest.approx(best / 2, abs=0.01)


@pytest.mark.parametrize("wanted", WANTED)
def test_of_wrong_probabilities_it_is_as_good_as_the_best_of_all(wanted: str) -> None:
    probability, positive = drawn(5_000)
    wrong = expit(logit(probability) * 2 + 2)
    best = max(gained(wanted, wrong, positive, one) for one in np.unique(wrong)[::10])
    chosen = choose(wrong, positive, asked(wanted), 0)
    assert gained(wanted, wrong, positive, chosen.threshold) >= best - 0.02 * abs(best)
    assert chosen.at[wanted] * (-1 if wanted == "cost" else 1) == pytest.approx(
        gained(wanted, wrong, positive, chosen.threshold)
    )
    assert gained(wanted, wrong, positive, chosen.threshold) > gained(wanted, wrong, positive, 0.5)


@pytest.mark.parametrize("wanted", ["balanced_accuracy", "f1", "cost"])
def test_it_holds_for_rows_to_come(wanted: str) -> None:
    chosen = choose(*drawn(300, 1), asked(wanted), 0).threshold
    fresh = drawn(50_000, 2)
    best = max(gained(wanted, *fresh, one) for one in np.linspace(0.01, 0.99, 99))
    assert gained(wanted, *fresh, chosen) >= best - 0.03 * abs(best)


@pytest.mark.parametrize(
    ("wanted", "costs"), [("balanced_accuracy", COSTS), ("cost", {**COSTS, "false_negative": 999})]
)
def test_a_rare_class_and_a_dear_mistake_are_below_every_even_step(wanted: str, costs: Costs) -> None:
    probability, positive = drawn(50_000, 0, middle=-8)
    chosen = choose(probability, positive, asked(wanted, costs=costs), 0).threshold
    assert chosen == pytest.approx(0.001 if wanted == "cost" else positive.mean(), rel=0.5)
    best = max(gained(wanted, probability, positive, one, costs) for one in np.geomspace(1e-4, 0.5, 200))
    assert gained(wanted, probability, positive, chosen, costs) >= best - 0.1 * abs(best)


@pytest.mark.parametrize("wanted", WANTED)
def test_one_that_is_given_is_taken(wanted: str) -> None:
    chosen = choose(*drawn(100), asked(wanted, 0.3), 0)
    assert (chosen.optimize, chosen.threshold) == (None, 0.3), "it was chosen for nothing"
    assert chosen.at != chosen.at_half
    assert chosen.at_half == choose(*drawn(100), asked(wanted, 0.5), 0).at


def test_a_probability_of_just_the_threshold_is_a_yes() -> None:
    found = counts(np.array([0.3, 0.3, 0.2]), np.array([True, False, True]), np.array([0.3]))
    assert (found.true_positive[0], found.false_positive[0], found.false_negative[0]) == (1, 1, 1)


def test_apart_but_at_the_wrong_place_the_nearest_to_where_it_should_be_is_taken() -> None:
    chosen = choose(np.repeat([0.1, 0.2], 50), np.repeat([False, True], 50), asked("accuracy"), 0)
    assert chosen.threshold == pytest.approx(0.2, abs=1e-9)
    assert chosen.at["accuracy"] == 1


@pytest.mark.parametrize("wanted", WANTED)
@pytest.mark.parametrize("share", [0.0, 1.0])
@pytest.mark.parametrize("rows", [1, 2, 30])
def test_where_all_are_of_one_class_there_is_nothing_to_choose(wanted: str, share: float, rows: int) -> None:
    chosen = choose(np.full(rows, share), np.full(rows, share == 1), asked(wanted), 0)
    assert chosen.threshold == pytest.approx(1 / 7 if wanted == "cost" else 0.5)
    assert all(np.isfinite(value) for value in chosen.at.values())


def test_ties_and_the_seed_change_nothing_by_accident() -> None:
    probability, positive = np.round(drawn(400)[0], 1).astype(np.float64), drawn(400)[1]
    again = np.random.default_rng(0).permutation(400)
    one, other = (choose(probability[rows], positive[rows], asked("accuracy"), 3) for rows in (np.arange(400), again))
    assert one.at == other.at
    assert choose(probability, positive, asked("f1"), 3) == choose(probability, positive, asked("f1"), 3)
