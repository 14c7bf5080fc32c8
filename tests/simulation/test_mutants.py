"""What the simulation is worth: runtimes that are broken on purpose are found, and a found history is shrunk."""

from __future__ import annotations

import pytest

from tests.simulation.history import Result, live
from tests.simulation.mutants import MUTANTS
from tests.simulation.shrink import fewest, shrink

AT_ONCE, ENOUGH = 12, 150
"""Seeds within which a mutant has to be found: the plain ones, and those that need a rare meeting."""
RARE = {
    "a store without versions",
    "no sweep over mails",
    "orphans left alone",
    "the way back retired",
}


def found(mutant: str, within: int) -> Result | None:
    histories = (live(seed, assemble=MUTANTS[mutant]) for seed in range(within))
    return next((history for history in histories if history.problems), None)


@pytest.mark.parametrize("mutant", sorted(set(MUTANTS) - RARE))
def test_a_broken_runtime_is_found(mutant):
    assert found(mutant, AT_ONCE), f"{mutant}: not found in {AT_ONCE} histories"


@pytest.mark.slow
@pytest.mark.parametrize("mutant", sorted(RARE))
def test_a_runtime_that_rarely_breaks_is_found(mutant):
    assert found(mutant, ENOUGH), f"{mutant}: not found in {ENOUGH} histories"


def test_a_found_history_is_shrunk_to_what_it_needs():
    whole = found("data during a run forgotten", AT_ONCE)
    assert whole
    short = shrink(whole, MUTANTS["data during a run forgotten"])
    assert short.problems[0][0] == whole.problems[0][0]
    # Two uploads, the second during the first one's run; nothing else is needed.
    assert len(short.deviations) <= 4 < len(whole.deviations)
    assert sum(deviation.startswith("user: ") for deviation in short.deviations) >= 2
    assert len(short.protocol) < len(whole.protocol) / 2


def test_a_history_in_order_cannot_be_shrunk():
    with pytest.raises(ValueError, match="breaks no rule"):
        shrink(live(3))


def test_of_what_is_left_nothing_can_be_left_out():
    needed = {"3", "17", "18", "40"}
    tried = []

    def breaks(kept):
        tried.append(kept)
        return needed <= set(kept)

    assert fewest([str(number) for number in range(60)], breaks) == ["3", "17", "18", "40"]
    assert len(tried) < 120
