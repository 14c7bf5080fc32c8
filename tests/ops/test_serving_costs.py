"""What serving costs: docs/serving.md says what the shipped prices come to."""

from __future__ import annotations

import pytest

from chalicelib.costs.prices import Prices
from chalicelib.requests.serverless import memory_mb
from chalicelib.serving_mode import Mode
from ops import serving_costs
from ops.serving_costs import month, total

VIRGINIA = Prices("us-east-1")


def test_the_page_has_the_table_of_today() -> None:
    text = serving_costs.PAGE.read_text(encoding="utf-8")
    assert serving_costs.in_page(text) == serving_costs.block(), "run `python -m ops.serving_costs`"
    assert f"`memory_mb: auto`): {memory_mb('auto', 0):,} MB" in text


def test_a_thousand_requests_a_day_cost_less_than_a_dollar_a_month() -> None:
    parts = {one.what: one.usd for one in month(Mode.SERVERLESS, 1000, VIRGINIA)}
    assert parts == pytest.approx({"requests": 0.24, "capture": 0.15, "alarms": 0.3})
    assert sum(one or 0 for one in parts.values()) < 1


@pytest.mark.parametrize("mode", Mode)
def test_what_has_no_price_is_never_nothing(mode: Mode) -> None:
    assert total(month(mode, 100, Prices("eu-north-1"))) is None


def test_many_requests_need_several_instances() -> None:
    one, several = (month(Mode.REALTIME, count, VIRGINIA)[0].usd for count in (100, 1_000_000))
    assert one is not None
    assert several == pytest.approx(2 * one)
