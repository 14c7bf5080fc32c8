"""Which trials are given up, at which round: the same ones however fast each of them runs."""

from __future__ import annotations

import random

import pytest

from local.sagemaker.giving_up import Curve, Halving, Median, Never, Rule, rule


def printed(values: list[float]) -> list[tuple[int, float]]:
    return list(enumerate(values))


def one_after_the_other(judge: Rule, curves: list[list[float]], known: int = 0) -> dict[int, Curve]:
    """Whole trials, each judged when it has ended; `known` trials had ended when any later one was begun."""
    found: dict[int, Curve] = {}
    for number, values in enumerate(curves, 1):
        found[number] = Curve(number, min(known, number - 1), printed(values), over=True)
        judge.judge(found[number], found)
    return found


def in_any_order(judge: Rule, curves: list[list[float]], chance: random.Random) -> dict[int, Curve]:
    """All at once, each at a pace of its own; what is given up goes on for a while, as a process does."""
    found = {number: Curve(number, 0) for number in range(1, len(curves) + 1)}
    left = {number: printed(values) for number, values in enumerate(curves, 1)}
    late = {number: chance.randrange(6) for number in found}
    while left:
        number = chance.choice(list(left))
        curve = found[number]
        some = chance.randrange(1, 9)
        curve.points += left[number][:some]
        left[number] = left[number][some:]
        late[number] -= curve.given_up is not None
        if not left[number] or late[number] < 0:
            del left[number]
            curve.over = True
        for each in found.values():
            judge.judge(each, found)
    return found


def ends(found: dict[int, Curve]) -> dict[int, int | None]:
    assert all(curve.settled for curve in found.values())
    return {number: curve.given_up for number, curve in found.items()}


def test_a_trial_below_the_median_of_those_known_when_it_began_is_given_up() -> None:
    curves = [[0.5] * 8, [0.6] * 8, [0.7] * 8, [0.8] * 8, [0.66] * 8, [0.64] * 8]
    assert ends(one_after_the_other(Median(), curves, known=4)) == {
        1: None, 2: None, 3: None, 4: None, 5: None, 6: 2,
    }  # fmt: skip


def test_three_known_trials_are_too_few_for_a_median() -> None:
    curves = [[0.9] * 8, [0.9] * 8, [0.9] * 8, [0.1] * 8]
    assert set(ends(one_after_the_other(Median(), curves, known=3)).values()) == {None}


def test_what_a_trial_printed_after_it_was_given_up_counts_for_nothing() -> None:
    curves = [[0.9] * 9] * 3 + [[0.1] * 4 + [2.0] * 5]
    found = one_after_the_other(Median(), curves, known=3)
    found[4].given_up = 2
    assert found[4].kept == {0: 0.1, 1: 0.1, 2: 0.1}
    last = Curve(5, 4, printed([0.1, 0.1, 0.1, 0.95, 0.95]), over=True)
    Median().judge(last, found | {5: last})
    assert last.given_up == 2


def test_a_rung_is_passed_by_the_best_third() -> None:
    best, worse = [0.9] * 9, [0.1] * 9
    found = ends(one_after_the_other(Halving(1, 1), [best, worse, [0.5] * 9, [0.95] * 9]))
    assert found == {1: None, 2: 0, 3: 0, 4: None}


@pytest.mark.parametrize("seed", range(25))
def test_halving_does_not_depend_on_who_is_faster(seed: int) -> None:
    chance = random.Random(seed)
    curves = [
        [chance.random() * 0.1 + step * chance.random() * 0.01 for step in range(chance.randrange(5, 40))]
        for _ in range(14)
    ]
    expected = ends(one_after_the_other(Halving(1, 27), curves))
    assert any(at is not None for at in expected.values())
    assert ends(in_any_order(Halving(1, 27), curves, chance)) == expected


def test_the_judgement_of_a_trial_waits_for_the_earlier_ones_at_the_same_rung() -> None:
    slow, fast = Curve(1, 0), Curve(2, 0, printed([0.1] * 5))
    both = {1: slow, 2: fast}
    Halving(1, 1).judge(fast, both)
    assert (fast.given_up, fast.judged) == (None, 0)
    slow.points += [(0, 0.9)]
    for curve in both.values():
        Halving(1, 1).judge(curve, both)
    assert (slow.given_up, fast.given_up) == (None, 0)


def test_the_rule_is_the_configurations() -> None:
    assert isinstance(rule({"Strategy": "Bayesian"}), Never)
    assert isinstance(rule({"Strategy": "Random", "TrainingJobEarlyStoppingType": "Auto"}), Median)
    limits = {"HyperbandStrategyConfig": {"MinResource": 2, "MaxResource": 54}}
    assert rule({"Strategy": "Hyperband", "StrategyConfig": limits}) == Halving(2, 54)
