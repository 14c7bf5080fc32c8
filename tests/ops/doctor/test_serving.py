"""How new datasets will be served, as far as it can be known before any is."""

from __future__ import annotations

import pytest

from chalicelib.settings.relay_yaml import read_settings
from ops.account import serving
from ops.account.finding import State
from ops.account.quotas import demands, judge
from tests.ops.doctor.test_quotas import ENDPOINT, Aws


def told(*, in_a_vpc: bool = False, own_key: bool = False, limit: float | None = 1000.0) -> tuple[State, str]:
    own = [] if limit is None else [(serving.QUOTA, limit)]
    [found] = serving.findings(Aws(own=own).client, in_a_vpc=in_a_vpc, own_key=own_key)
    return found.state, found.what


def test_without_a_server_where_the_account_has_room() -> None:
    assert told()[0] is State.OK
    assert told(limit=9.0)[0] is State.OK
    assert "without a server: a run takes 9 requests at a time, and 1000 are the account's" in told()[1]
    assert told(limit=None)[0] is State.NOTE


@pytest.mark.parametrize(
    ("private", "because"),
    [
        (serving.private({"SubnetIds": "subnet-1"}), "private network"),
        (serving.private({"KmsKeyArn": "arn:aws:kms:x"}), "own key"),
        ({"limit": 8.0, **serving.private({})}, "8 serverless requests at a time, and a run takes 9"),
    ],
)
def test_in_real_time_where_it_is_known_beforehand(private: dict[str, bool], because: str) -> None:
    state, what = told(**private)
    assert state is State.NOTE  # it is no reason against a deployment
    assert "in real time, billed by the hour" in what
    assert because in what


def test_what_aws_has_refused_is_told_as_long_as_it_is_remembered() -> None:
    assert list(serving.remembered("")) == []
    [found] = serving.remembered("Image size 12 is greater than supported size 10")
    assert found.what.endswith("AWS refused this account a serverless endpoint: Image size 12 is greater than "
                               "supported size 10")  # fmt: skip


@pytest.mark.parametrize(
    ("text", "state"),
    [("", State.NOTE), ("endpoint: {mode: realtime}", State.PROBLEM), ("algorithm: linear-learner", State.PROBLEM)],
)
def test_a_quota_of_machines_that_may_not_be_needed_is_no_problem(text: str, state: State) -> None:
    [demand] = [one for one in demands("x", read_settings(text)) if one.quota == ENDPOINT]
    assert judge(demand, 0.0, "eu-west-1").state is state
    assert judge(demand, 3.0, "eu-west-1").state is State.OK
