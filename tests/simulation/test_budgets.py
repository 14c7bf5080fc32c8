"""Histories of datasets under budgets, over the real runtime: nothing passes what is bounded, whatever happens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from chalicelib.costs import budget
from chalicelib.costs.budget import Allowed, Limits
from chalicelib.records.ledger import Ledger, Serving
from chalicelib.requests import Call
from chalicelib.runtime import budgets
from tests.simulation import money_rules
from tests.simulation.history import live

CONCERNED = {
    *("no run passes its budget", "no dataset passes its budget", "everything comes to rest"),
    *("every run has ended", "no dataset waits", "no mail is lost", "nothing is orphaned"),
}
"""What a budget could bring about. All other rules are for the histories of `test_histories.py`."""


IN_REAL_TIME = 13
"""A history in which a model would go live in real time under a month's budget that has no room for that."""


def broken(seeds: Sequence[int]) -> list[tuple[int, Any]]:
    lived = [live(seed, begin=money_rules.begin) for seed in seeds]
    assert any("budget is asked for" in line for one in lived for _, line in one.protocol)
    found = [(one.seed, [told for told in one.problems if told[0] in CONCERNED]) for one in lived]
    return [(seed, problems) for seed, problems in found if problems]


def test_no_budget_is_passed_in_a_sample_of_histories() -> None:
    assert broken(range(3)) == []


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_no_budget_is_passed_in_hundreds_of_histories() -> None:
    assert broken(range(400)) == []


def test_a_request_whose_limit_was_not_lowered_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def as_asked(call: Call, _seconds: int, _many: int = 1) -> Call:
        return call

    monkeypatch.setattr(budgets, "_limited", as_asked)
    told = live(IN_REAL_TIME, begin=money_rules.begin)
    assert "no run passes its budget" in {rule for rule, _ in told.problems}


def test_a_live_endpoint_whose_hours_were_not_counted_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def unbounded(ledger: Ledger, _serving: Serving, _limits: Limits) -> Allowed:
        return Allowed(ledger, 0)

    monkeypatch.setattr(budget, "serve", unbounded)
    told = live(IN_REAL_TIME, begin=money_rules.begin)
    assert "no dataset passes its budget" in {rule for rule, _ in told.problems}
