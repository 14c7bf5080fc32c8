"""How far blocks have moved up or down, what later traffic must exceed, and the least score of such a move."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from jobs.drift.distances import jensen_shannon
from jobs.drift.significance import rank_sum
from jobs.profiles.moves import Moves, least_score, moves, written

CHANCE = np.random.default_rng(4)


def test_the_move_of_a_block_is_what_the_rank_sum_of_a_check_says() -> None:
    one, other = CHANCE.integers(0, 30, (2, 5, 20))
    found = moves(one.astype(float), other.astype(float))
    assert found + 0.5 == pytest.approx([rank_sum(b, a).statistic for a, b in zip(one, other, strict=True)])
    assert moves(np.zeros((1, 3)), np.ones((1, 3))).tolist() == [0.0]


def test_limits_lie_beyond_the_furthest_block_of_their_side() -> None:
    found = np.array([-0.3, -0.1, 0.0, 0.05] * 10)
    limits = Moves.limits(len(found), written(found), 1.1, 0.5)
    assert limits.down == pytest.approx(-0.33)
    assert limits.up >= 0.055
    assert limits.exceeded_by(-0.34) == limits.down
    assert limits.exceeded_by(0.45) == limits.up
    assert limits.exceeded_by(0.0) is None


def test_a_move_of_blocks_that_vary_is_exceeded_as_often_as_is_allowed() -> None:
    drawn = CHANCE.beta(8, 8, 4_000) - 0.5
    limits = Moves.limits(64, written(drawn[:64]), 1.0, 0.05)
    wider = Moves.limits(64, written(drawn[:64]), 1.0, 0.001)
    beyond = [np.mean([one.exceeded_by(move) is not None for move in drawn.tolist()]) for one in (limits, wider)]
    assert beyond[0] < 0.06
    assert beyond[1] < 0.004
    assert wider.down <= limits.down < 0 < limits.up < wider.up


@pytest.mark.parametrize("blocks", [np.zeros(4), np.full(4, 0.5), np.array([-0.5, 0.5] * 8)])
def test_blocks_without_a_spread_or_with_nothing_but_ends_have_limits_too(blocks: npt.NDArray[np.float64]) -> None:
    limits = Moves.limits(len(blocks), written(blocks), 1.1, 0.01)
    assert -0.5 <= limits.down <= 0 <= limits.up <= 0.5


def test_no_two_samples_that_have_moved_so_far_score_less() -> None:
    for _ in range(50):
        one, other = (CHANCE.multinomial(100_000, CHANCE.dirichlet(np.full(5, 0.5))) for _ in range(2))
        assert (jensen_shannon(one, other) or 0.0) >= least_score(rank_sum(one, other).statistic - 0.5) - 0.01
