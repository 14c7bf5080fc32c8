"""A whole relay with real jobs and real traffic under the policies: what the jobs' own code needs, and nothing more.

Beside test_nothing_to_spare.py, whose jobs are canned: only what really trains, serves, asks and compares shows what
the jobs' role is used for.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local import laptop_roles
from local.cloud import EmbeddedCloud
from local.events.delivery import Pace
from local.permissions import roles
from local.permissions.roles import JOBS_ROLE
from tests.end_to_end.conftest import User
from tests.end_to_end.test_monitoring import DATASET, RETRAINS, Shop, csv, is_at_rest, kinds, orders
from tests.permissions.recording import Recording, spare_conditions, spare_pairs

pytestmark = pytest.mark.slow

LINEAR = "lines"
"""Of an algorithm with an image of its own, which the jobs' role pulls, too."""
SPOT = "spot: {enabled: true}"
ENDPOINTS = ("*-candidate-*", "sagerelay-*")
SILENT = {
    silent
    for group in (f"log-group:/aws/sagemaker/Endpoints/{name}" for name in ENDPOINTS)
    for silent in (
        ("LogGroups", "logs:CreateLogGroup", group),
        ("Logs", "logs:CreateLogStream", f"{group}:log-stream:*"),
        ("Logs", "logs:PutLogEvents", f"{group}:log-stream:*"),
    )
}
"""A server on a laptop says nothing as long as all is well; the image's own writes a line for each request."""


@pytest.fixture(scope="module")
def recorded() -> Iterator[Recording]:
    recording = Recording()
    with EmbeddedCloud(witness=recording, pace=Pace(deployment_speed=2000)) as cloud:
        live(User(cloud))
        yield Recording.of(recording)


def live(user: User) -> None:
    """A tuned model of the default algorithm, traffic that moves, labels, another model, a file of each kind."""
    shop = Shop(user)
    # In real time, where the second model is rolled out under alarms that the jobs' role reads.
    settings = f"target: returned\ntuning: {{trials: 2}}\nendpoint: {{mode: realtime}}\n{SPOT}\n{RETRAINS}"
    user.puts(f"datasets/{DATASET}/relay.yaml", settings.encode())
    user.puts(f"datasets/{DATASET}/train/spring.csv", csv(orders(3_000, 1)))
    user.waits_for_mail(DATASET)
    user.waits_until(lambda: is_at_rest(user), "the first run at its end")

    moved = orders(2_400, 3, moved=True)
    shop.calls(moved, "moved")
    shop.labels(moved, "moved")
    user.waits_until(lambda: "quality-fell" in kinds(user), "the mail about quality")
    shop.asks_for_a_check()
    user.waits_until(lambda: kinds(user).count("promoted") == 2, "the retrained model live")
    user.waits_until(lambda: is_at_rest(user), "the second run at its end")

    user.puts(f"datasets/{DATASET}/test/june.csv", csv(orders(300, 5, moved=True)))
    user.waits_until(lambda: "tested" in kinds(user), "the mail about the test file")
    user.puts(f"datasets/{DATASET}/score/june.csv", csv(orders(30, 6).drop(columns="returned")))
    user.waits_until(lambda: "scored" in kinds(user), "the mail about the file of rows")
    linear = "target: returned\nalgorithm: linear-learner\ntuning: {enabled: false}\nmonitoring: {enabled: false}\n"
    user.puts(f"datasets/{LINEAR}/relay.yaml", linear.encode())
    user.puts(f"datasets/{LINEAR}/train/spring.csv", csv(orders(600, 7)))
    user.waits_for_mail(LINEAR)
    user.cloud.bus.wait_idle(120)


def test_nothing_is_denied_to_functions_or_jobs(recorded: Recording) -> None:
    assert recorded.denied == set()


def test_jobs_need_every_permission_every_resource_and_every_condition(recorded: Recording) -> None:
    policies, asked = roles.policies(laptop_roles.names())[JOBS_ROLE], recorded.asked[JOBS_ROLE]

    assert spare_pairs(policies, asked) <= SILENT
    assert spare_conditions(policies, asked) == set()
