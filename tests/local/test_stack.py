"""What the functions of a laptop are given."""

from __future__ import annotations

import pytest

from chalicelib import deployment
from chalicelib.mails import so_far
from chalicelib.mails.so_far import Spent
from local import stack
from ops.deployment.code import Code


@pytest.mark.parametrize("forecast", [84.0, 8_400.0])
def test_nobody_is_told_what_a_laptop_costs(forecast: float) -> None:
    """Its endpoints bill nothing; on AWS they would come to this by the end of a month that has just begun."""
    environment = stack.function_environment(Code({}), "http://127.0.0.1:1")
    above = deployment.from_environment(environment | {"AWS_REGION": stack.REGION}).mails_costs_above
    assert not so_far.is_worth_a_mail([Spent("sagerelay-churn", 0.0, forecast)], above)
