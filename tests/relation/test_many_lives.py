"""Whole lives: chance rings in hardly any, however often it is looked at, and whatever is asked about."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.relation.made_up import Made, classes, life, numbers, promise

LIVES, CHECKS, ROWS = 60, 120, 60


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("made", [classes, numbers])
def test_an_unchanged_relation_is_not_called_changed_in_a_whole_life(made: Callable[..., Made]) -> None:
    rang = []
    for seed in range(LIVES):
        random = np.random.default_rng(seed)
        promised, bet = promise(made(int(random.choice([150, 600, 2500])), random))  # also a small test set
        far = float(random.choice([0.0, 1.0]))
        checks = (made(ROWS, random, moved=far * number / CHECKS) for number in range(CHECKS))
        rang += [seed for state in life(promised, bet, checks) if state.evidence.changed is not None][:1]
    # At most one in a hundred is promised: 3 of 60 would come once in fifty such proofs.
    assert len(rang) <= 2, rang
