"""An endpoint that is deleted and created anew for another mode: the gap is told, and measured as a caller has it.

And where AWS refuses the new one after the old one has gone, the old one comes back with the configuration it had.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from local.cloud import EmbeddedCloud
from local.events.delivery import Pace
from local.mailbox import Mail
from local.sagemaker.serverless import Offer
from tests.end_to_end import tables
from tests.end_to_end.conftest import User

pytestmark = [pytest.mark.xdist_group("recreated"), pytest.mark.slow, pytest.mark.timeout(900)]

DATASET = "gap"
ENDPOINT = f"sagerelay-{DATASET}"
SETTINGS = "tuning: {{enabled: false}}\ntarget: churned\ngate: {{max_loss: 0.5}}\nendpoint: {{{}}}\n"
ANEW = "mode: serverless, recreate: true"


@pytest.fixture(scope="module")
def user(alone: None) -> Iterator[User]:
    # Room for a candidate (4 requests at a time) and a live endpoint (5), and for nothing else.
    with EmbeddedCloud(pace=Pace(deployment_speed=2000), serverless=Offer(total_concurrency=10)) as cloud:
        yield User(cloud)


class Caller:
    """Asks the live endpoint ten times a second, and knows when it got no answer."""

    def __init__(self, user: User) -> None:
        self._user, self._over = user, threading.Event()
        self._thread = threading.Thread(target=self._ask)
        self.unanswered: list[float] = []

    def __enter__(self) -> Caller:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def gap(self) -> float:
        return self.unanswered[-1] - self.unanswered[0]

    def _ask(self) -> None:
        while not self._over.wait(0.1):
            began = time.monotonic()
            try:
                self._user.asks(DATASET, "Bonn,60,1900\n")
            except ClientError:
                self.unanswered.append(began)


def promoted(user: User, endpoint: str, number: int) -> list[Mail]:
    """The mails about a model on one file more, the last of them of its promotion."""
    before = len(user.mails(DATASET))
    user.puts(f"datasets/{DATASET}/relay.yaml", SETTINGS.format(endpoint).encode())
    user.puts(f"datasets/{DATASET}/train/{number}.csv", tables.text(tables.rows(number * tables.ROWS)).encode())

    def is_live() -> bool:
        user.cloud.bus.fire("sweep")
        time.sleep(0.5)
        return any(mail.attributes["kind"] == "promoted" for mail in user.mails(DATASET)[before:])

    user.waits_until(is_live, f"a model with {endpoint}")
    user.waits_until(lambda: not user.stands(DATASET).active, "a rest")
    return user.mails(DATASET)[before:]


def test_the_gap_is_told_before_and_measured_after_and_a_refusal_brings_the_old_one_back(user: User) -> None:
    promoted(user, "mode: realtime", 0)
    with Caller(user) as caller:
        gap, told = promoted(user, ANEW, 1)
    assert (gap.attributes["kind"], told.attributes["kind"]) == ("gap", "promoted")
    assert f'{ENDPOINT} of "{DATASET}" is deleted now' in gap.body
    measured = re.search(r"Callers got no answer for ([\d,]+) seconds, from", told.body)
    assert measured, told.body
    assert caller.gap <= float(measured[1]) + 2 <= caller.gap + 6

    [kept] = promoted(user, "mode: realtime", 2)
    sagemaker, live = user.cloud.client("sagemaker"), user.stands(DATASET).live
    assert live is not None
    config = f"{live.run}-live-{live.attempt}"
    [variant] = sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]
    taken = {"MemorySizeInMB": 2048, "MaxConcurrency": 2}
    variants = [{"VariantName": "AllTraffic", "ModelName": variant["ModelName"], "ServerlessConfig": taken}]
    sagemaker.create_endpoint_config(EndpointConfigName="others", ProductionVariants=variants)
    sagemaker.create_endpoint(EndpointName="others", EndpointConfigName="others")

    with Caller(user) as caller:
        gap, told = promoted(user, ANEW, 3)
    assert gap.attributes["kind"] == "gap"
    assert "AWS refused a serverless endpoint: ResourceLimitExceeded" in told.body
    measured = re.search(r"Callers got no answer for ([\d,]+) seconds at most, from", told.body)
    assert measured, told.body
    assert caller.gap <= float(measured[1]) + 2
    after = user.stands(DATASET).live
    assert after is not None
    assert (after.mode, user.status_of(ENDPOINT)) == ("realtime", "InService")
    history = user.cloud.client("sagemaker").list_endpoint_configs(NameContains=config)["EndpointConfigs"]
    assert [one["EndpointConfigName"] for one in history] == [config]
    assert kept.attributes["run"] == live.run
