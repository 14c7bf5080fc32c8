"""Histories in which anything may happen at any call, over the real runtime: no rule is ever broken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.simulation import functions
from tests.simulation.__main__ import told
from tests.simulation.history import live
from tests.simulation.many import Summary, summary
from tests.simulation.weather import drawn

ROOT = Path(__file__).resolve().parents[2]
SAMPLE, ALL = range(60), range(10_000)
EVERY_DAY = (
    *("crash before", "crash after", "throttle", "quota", "freeze before", "freeze after", "repeat", "no answer"),
    *("lost", "twice", "late", "failure", "user", "several at once", "overtaken at a run"),
)
"""What a sample has to contain again and again, or it would prove little."""


def assert_in_order(total: Summary) -> None:
    assert total.broken == [], f"python -m tests.simulation --seed {total.broken[0][0]} --shrink"


def test_no_rule_is_broken_in_a_sample_of_histories() -> None:
    total = summary(SAMPLE, processes=1)
    assert_in_order(total)
    print(total)  # noqa: T201
    assert total.runs > 2 * len(SAMPLE)
    assert total.mishaps > 10 * len(SAMPLE)
    assert total.mails > 3 * len(SAMPLE)
    assert {kind: total.befallen[kind] for kind in EVERY_DAY if total.befallen[kind] < len(SAMPLE) / 10} == {}


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_no_rule_is_broken_in_ten_thousand_histories() -> None:
    total = summary(ALL)
    print(total)  # noqa: T201
    assert_in_order(total)
    assert total.histories == len(ALL)
    called = {operation for operation, what in total.seen if what == "call"}
    befallen = {
        (operation, mishap) for operation in called for mishap in ("crash before", "crash after", "throttle")
    } - set(total.seen)
    assert not befallen, "operations at which nobody ever died, or was never throttled"
    assert {kind: total.befallen[kind] for kind in EVERY_DAY if total.befallen[kind] < len(ALL) / 10} == {}


def test_a_seed_is_one_history() -> None:
    one, again = live(3), live(3)
    assert told(one) == told(again)
    assert told(one) != told(live(4))


def test_a_history_with_all_its_deviations_is_itself_and_without_any_is_calm() -> None:
    whole = live(3)
    assert len(whole.deviations) > 20
    assert live(3, frozenset(whole.deviations)).protocol == whole.protocol
    calm = live(3, frozenset())
    assert (calm.deviations, calm.mails, calm.runs) == ((), 0, 0)


def test_functions_live_as_long_as_ours() -> None:
    deployed = json.loads((ROOT / ".chalice" / "config.json").read_text())
    assert deployed["lambda_timeout"] == functions.TIMEOUT


def test_there_is_calm_weather_and_wild() -> None:
    from tests.simulation.chance import Chance

    days = [drawn(Chance(seed)) for seed in range(60)]
    for misfortune in ("crash", "throttle", "lost", "twice", "failing", "freeze", "quota", "repeat", "silence"):
        assert {getattr(day, misfortune) > 0 for day in days} == {True, False}, misfortune
