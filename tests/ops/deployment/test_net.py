"""The AWS Budget of a deployment: made once, changed in place where something differs, else left alone."""

from __future__ import annotations

from typing import Any

import pytest

from ops.deployment import net
from tests.ops.deployment.small_cloud import Budgets

STACK, MINE, ANOTHER = "sagerelay-dev", "you@example.com", "boss@example.com"


@pytest.fixture
def budgets() -> Budgets:
    return Budgets()


def keep(budgets: Budgets, usd: str = "60", email: str = MINE) -> tuple[str, list[str]]:
    """What it says, and what of a budget it changed."""
    before = len(budgets.asked)
    told = net.keep(lambda _: budgets, "123456789012", STACK, usd, email)
    return told, [one for one in budgets.asked[before:] if not one.startswith("describe_")]


def addresses(budgets: Budgets) -> list[list[str]]:
    told: list[dict[str, Any]] = budgets.made[STACK]["NotificationsWithSubscribers"]
    return [[one["Address"] for one in each["Subscribers"]] for each in told]


def test_it_is_made_once_and_left_alone_where_nothing_differs(budgets: Budgets) -> None:
    assert keep(budgets)[1] == ["create_budget"]
    assert addresses(budgets) == [[MINE], [MINE]]
    told, changed = keep(budgets)
    assert (told.endswith(", as before"), changed) == (True, [])


def test_another_amount_and_another_address_are_changed_in_place(budgets: Budgets) -> None:
    keep(budgets)
    told, changed = keep(budgets, "75.5")
    assert changed == ["update_budget"]
    assert "75.5 USD" in told
    assert "as before" not in told
    assert budgets.made[STACK]["Budget"]["BudgetLimit"] == {"Amount": "75.5", "Unit": "USD"}
    assert keep(budgets, "75.5", ANOTHER)[1] == ["update_subscriber"] * 2
    assert addresses(budgets) == [[ANOTHER], [ANOTHER]]


def test_what_somebody_added_by_hand_stays_and_what_they_took_away_comes_back(budgets: Budgets) -> None:
    keep(budgets)
    for each in budgets.made[STACK]["NotificationsWithSubscribers"]:
        each["Subscribers"].append({"SubscriptionType": "EMAIL", "Address": ANOTHER})
    assert keep(budgets)[1] == []
    assert keep(budgets, email="new@example.com")[1] == ["create_subscriber"] * 2
    assert addresses(budgets) == [[MINE, ANOTHER, "new@example.com"]] * 2
    budgets.made[STACK]["NotificationsWithSubscribers"].pop()
    budgets.made[STACK]["Budget"]["CostFilters"] = {}
    assert keep(budgets)[1] == ["create_notification", "update_budget"]


def test_without_an_amount_it_is_removed(budgets: Budgets) -> None:
    assert keep(budgets, "") == (f"AWS Budget {STACK}: there was none", ["delete_budget"])
    keep(budgets)
    assert keep(budgets, "")[0] == f"AWS Budget {STACK}: removed"
    assert budgets.made == {}
