"""AWS's own policies are there for those who ask for them, and for nobody after them."""

import pytest

from local.permissions.account import backend, offer_managed_policies
from tests.local.front_door import Door

pytestmark = pytest.mark.xdist_group("moto")  # moto's state belongs to the whole process

ACCOUNT = "123456789012"


def test_they_are_known_in_one_partition_until_the_next_reset(door: Door) -> None:
    from moto.iam.models import iam_backends

    offer_managed_policies(ACCOUNT)
    door.client("sts").get_caller_identity()  # looks for the key in all partitions
    known = {partition: len(iam.managed_policies) for partition, iam in iam_backends[ACCOUNT].items()}
    assert known.pop("aws") > 1_000
    assert len(known) > 2
    assert set(known.values()) == {0}

    door.front.reset()
    assert backend(ACCOUNT).managed_policies == {}
