"""What the simulation is worth: runtimes that are broken on purpose are found, and a found history is shrunk."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.simulation import deeds
from tests.simulation.history import Result, live
from tests.simulation.mutants import MUTANTS
from tests.simulation.shrink import fewest, shrink
from tests.simulation.test_going_back import with_labels

AT_ONCE, ENOUGH = 24, 3000
"""Seeds within which a mutant has to be found: the plain ones, and those that need a rare meeting."""
RARE = {
    "drift told once",
    "a store without versions",
    "no sweep over datasets",
    "no sweep over mails",
    "waits without end",
    "alarms not heard",
    "nothing conceded",
    "trainings not heard",
    "what is lost asked for",
    "the best forgotten",
    "the way back retired",
    "drift over at once",
}

BEGIN = {
    "a claim that lasts no time": 23,
    "answered files not told": 9,
    "asked again at once": 4,
    "changes tripped over": 3,
    "commands at most once": 4,
    "data during a run forgotten": 3,
    "drift over at once": 71,
    "drift told once": 97,
    "every failure is the end": 2,
    "every refusal is the end": 5,
    "jobs under another name": 1,
    "mails noted before they are sent": 3,
    "no other mode": 1,
    "no sweep over looks": 3,
    "no sweep over monitors": 4,
    "no sweep over runs": 1,
    "nothing removed": 1,
    "orphans left alone": 14,
    "orphans removed in haste": 12,
    "refusals not told": 1,
    "refused modes forgotten": 1,
    "rejected models promoted": 1,
    "rollbacks not told": 5,
    "the monitor says nothing": 2,
    "waits not told": 6,
    "where it came from forgotten": 4,
    "wishes for checks forgotten": 7,
}
"""By mutant: the seed that its search begins with, which found it when this was written. An old one costs time only."""

PEOPLE = {"where it came from forgotten": with_labels}
"""By mutant: what people do in its histories, where few others would show it."""

BREAKS = {
    "rollbacks not told": "a rollback is told",
    "alarms not heard": "a model that is taken back is told with its alarm",
    "answered files not told": "a file of rows is answered",
    "a claim that lasts no time": "no mail is sent twice",
    "a store without versions": "a dataset has one run at a time",
    "changes tripped over": "every run has ended",
    "asked again at once": "what was refused is not asked for at once",
    "commands at most once": "no upload is forgotten",
    "data during a run forgotten": "no upload is forgotten",
    "drift over at once": "an episode goes on while it does",
    "drift told once": "a change is told",
    "every failure is the end": "a run fails only for what befell it",
    "every refusal is the end": "a run fails only for what befell it",
    "jobs under another name": "no job is started twice",
    "mails not claimed": "no mail is sent twice",
    "mails noted before they are sent": "no mail is sent twice",
    "no sweep over datasets": "no dataset waits",
    "no sweep over looks": "everything comes to rest",
    "no sweep over mails": "no mail is lost",
    "no sweep over runs": "every run has ended",
    "no sweep over monitors": "the monitor has nothing left to do",
    "nothing conceded": "a run fails only for what befell it",
    "no other mode": "a refused mode ends no run",
    "nothing removed": "nothing is orphaned",
    "orphans left alone": "nothing is orphaned",
    "orphans removed in haste": "nothing in use is deleted",
    "trainings not heard": "a training is told in its own words",
    "waits without end": "no wait is for ever",
    "refusals not told": "a refusal is told",
    "refused modes forgotten": "a refused mode is remembered",
    "rejected models promoted": "no rejected model goes live",
    "the best forgotten": "the best model is not forgotten",
    "the monitor says nothing": "a change is told",
    "the way back retired": "what serves, and what one can go back to, is kept",
    "waits not told": "a long wait is told",
    "what is lost asked for": "what a job reads is there",
    "where it came from forgotten": "what came back is not left by itself",
    "wishes for checks forgotten": "a test file is answered",
}
"""By mutant: the rule that finds it. Any other would find a mutant, too, that has grown old and does not even run."""


def found(mutant: str, within: int) -> Result | None:
    """The first history in which the mutant breaks its rule; all of them are tried, from where it was found last."""
    seeds = ((BEGIN.get(mutant, 0) + later) % within for later in range(within))
    begin = PEOPLE.get(mutant, deeds.begin)
    histories = (live(seed, assemble=MUTANTS[mutant], begin=begin) for seed in seeds)
    return next((history for history in histories if BREAKS[mutant] in broken(history)), None)


def broken(history: Result) -> set[str]:
    return {rule for rule, _ in history.problems}


def test_every_mutant_has_its_rule() -> None:
    assert set(BREAKS) == set(MUTANTS)


@pytest.mark.parametrize("mutant", sorted(set(MUTANTS) - RARE))
def test_a_broken_runtime_is_found(mutant: str) -> None:
    history = found(mutant, AT_ONCE)
    assert history, f"{mutant}: not found in {AT_ONCE} histories"
    assert "no mistake of our own ends a function" not in broken(history)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("mutant", sorted(RARE))
def test_a_runtime_that_rarely_breaks_is_found(mutant: str) -> None:
    history = found(mutant, ENOUGH)
    assert history, f"{mutant}: not found in {ENOUGH} histories"
    assert "no mistake of our own ends a function" not in broken(history)


def test_a_found_history_is_shrunk_to_what_it_needs() -> None:
    whole = found("data during a run forgotten", AT_ONCE)
    assert whole
    short = shrink(whole, MUTANTS["data during a run forgotten"])
    assert short.problems[0][0] == whole.problems[0][0]
    # Two uploads, the second during the first one's run; nothing else is needed.
    assert len(short.deviations) <= 4 < len(whole.deviations)
    assert sum(deviation.startswith("user: ") for deviation in short.deviations) >= 2
    assert len(short.protocol) < len(whole.protocol) / 2
    for one in short.deviations:
        fewer = live(short.seed, frozenset(short.deviations) - {one}, MUTANTS["data during a run forgotten"])
        assert short.problems[0][0] not in broken(fewer), f"not needed: {one}"


def test_a_history_in_order_cannot_be_shrunk() -> None:
    with pytest.raises(ValueError, match="breaks no rule"):
        shrink(live(3))


def test_of_what_is_left_nothing_can_be_left_out() -> None:
    needed = {"3", "17", "18", "40"}
    tried: list[Sequence[str]] = []

    def breaks(kept: Sequence[str]) -> bool:
        tried.append(kept)
        return needed <= set(kept)

    assert fewest([str(number) for number in range(60)], breaks) == ["3", "17", "18", "40"]
    assert len(tried) < 120
