"""One whole calm scenario, and a misfortune at every single call of it, one after the other: nothing is left to chance.

The scenario holds what a relay can do: a tuning, a first model, its successor that a person approves, checks of every
kind, drift and the retraining that it brings, a refusal.
"""

from __future__ import annotations

from functools import partial

import pytest

from tests.simulation.history import Result, live
from tests.simulation.world import World

SEED = 143
"""In its scenario the first model is good and its traffic drifts; the model that is trained for it is good, too,
and its first check is quiet."""
DRIFT = frozenset({"bad news: churn-drift-1-1"})
"""All that is not as on a calm day: what the first check of the traffic finds."""
MISHAPS = ("crash before", "crash after")
_TUNED = b"monitoring: {schedule: rate(30 minutes)}\nretraining: {policy: on_drift, cool_down_hours: 0, max_tries: 1}\n"
_BY_HAND = b"tuning: {enabled: false}\ngate: {approval: manual}\n"
_DEEDS = (
    (0, "relay.yaml", _TUNED),
    (10, "train/jan.csv", b"jan"),
    (20, "trian/jan.csv", b"in the wrong place"),
    (6_000, "test/jan.csv", b"a test file"),
    (6_010, "score/jan.csv", b"rows"),
    (7_500, "score/jan.csv", b"rows"),
    (6_060, "labels/jan.csv", b"labels"),
    (10_000, "relay.yaml", _BY_HAND),
    (10_060, "train/feb.csv", b"feb"),
)


def scenario(world: World) -> None:
    """Put the scenario on the clock."""
    for when, name, body in _DEEDS:
        world.scheduler.at(when, partial(world.upload, f"datasets/churn/{name}", body))
    for when in range(5_000, 10_000, 600):
        world.scheduler.at(when, lambda: _called(world))


def _called(world: World) -> None:
    """Callers ask the live endpoint, which captures it."""
    hour = f"{world.clock():%Y/%m/%d/%H}"
    world.bucket.put(f"capture/sagerelay-churn/AllTraffic/{hour}/{world.now:.0f}.jsonl", b"{}")


def lived(number: int = 0, mishap: str = "") -> Result:
    """The scenario with this misfortune at the call of this number, and none otherwise."""

    def begin(world: World) -> None:
        world.planned = {number: mishap}
        scenario(world)

    return live(SEED, DRIFT, begin=begin)


def test_the_story_is_whole() -> None:
    result = lived()
    assert result.problems == ()
    told = [line.split(" ")[2] for _, line in result.protocol if line.startswith("MAIL")]
    assert set(told) >= {"approval-needed", "refused", "tested", "quality", "drift-found", "drift-over"}
    assert set(told) >= {"scored", "scored-before"}
    assert told.count("promoted") == 3
    jobs = {line.split("-")[-2] for _, line in result.protocol if line.endswith("-1 begins")}
    assert jobs >= {"prepare", "tune", "train", "evaluate"}


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("mishap", MISHAPS)
def test_a_misfortune_at_any_call_is_made_good(mishap: str) -> None:
    calls = lived().calls
    broken = {number: result for number in range(1, calls + 1) if (result := lived(number, mishap).problems)}
    assert broken == {}, f"{mishap} at one of {calls} calls"
