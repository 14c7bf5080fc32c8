"""The relay where events come twice, late, in another order, and SageMaker's sometimes not at all."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from chalicelib.names import Step, StepName
from chalicelib.records.envelopes import from_envelope
from chalicelib.records.events import Hint, Ignored
from local import stack
from local.cloud import EmbeddedCloud
from local.events.delivery import Pace
from local.events.envelopes import Envelope
from local.events.faults import Faults, Misfortune
from tests.end_to_end import tables
from tests.end_to_end.conftest import User

pytestmark = [pytest.mark.xdist_group("end_to_end"), pytest.mark.slow]

# The sweep, every five minutes on AWS, comes every two seconds.
FASTER = Pace(schedule_speed=150, deployment_speed=2000)


class Weather:
    """What became of the events that mean something to the relay: the same seed and events have the same fate."""

    def __init__(self, faults: Faults) -> None:
        self._misfortune, self._lock = Misfortune(faults), threading.Lock()
        self.lost: list[Hint] = []
        self.doubled: list[Hint] = []

    def observe(self, event: Envelope) -> None:
        hint = from_envelope(event, bucket=stack.BUCKET, prefix="sagerelay")
        with self._lock:
            copies = len(self._misfortune.copies(event))
            if not isinstance(hint, Ignored) and copies != 1:
                (self.doubled if copies else self.lost).append(hint)


@pytest.fixture(scope="module", params=[1, 2, 3, 4, 5, 6], ids=lambda seed: f"seed {seed}")
def faults(request: pytest.FixtureRequest) -> Faults:
    return Faults(request.param, duplicate=0.4, reorder=0.2, delay=0.4, lose=0.35, longest_delay=1.0)


@pytest.fixture(scope="module")
def weather(faults: Faults) -> Weather:
    return Weather(faults)


@pytest.fixture(scope="module")
def cloud(alone: None, faults: Faults, weather: Weather) -> Iterator[EmbeddedCloud]:
    with EmbeddedCloud(faults=faults, pace=FASTER) as started:
        started.bus.observe(weather.observe)
        yield started


def test_a_run_goes_live_whatever_happens_to_its_events(user: User, weather: Weather) -> None:
    user.settles("storm", "churned")
    user.puts("datasets/storm/train/jan.csv", tables.text().encode())
    user.waits_until(lambda: any("-tune-" in name for name in user.jobs("storm")), "a tuning of the first run")
    for name in ("feb", "mar", "apr"):  # while the first run is under way
        user.puts(f"datasets/storm/train/{name}.csv", tables.text(tables.rows()[::3]).encode())

    mails = [user.waits_for_mail("storm", after=number) for number in range(2)]
    user.waits_until(lambda: user.stands("storm").active is None, "an end of the second run")
    user.sees_no_endpoint("storm-")
    user.cloud.bus.wait_idle(120)

    assert mails[0].attributes["kind"] == "promoted"
    assert mails[1].attributes["kind"] in {"promoted", "rejected"}
    assert mails[1].body.rstrip().endswith("dataset storm, 4 files.")  # three uploads became one run
    assert [mail.attributes["run"] for mail in user.mails("storm")] == [mail.attributes["run"] for mail in mails]
    assert sorted(user.run_ids("storm")) == sorted(mail.attributes["run"] for mail in mails)
    jobs = user.jobs("storm")
    steps = (Step.PREPARE, Step.TUNE, Step.TRAIN, Step.EVALUATE)
    assert set(jobs) == {str(StepName(mail.attributes["run"], step, 1)) for mail in mails for step in steps}
    assert set(jobs.values()) == {"Completed"}
    assert len(user.asks("storm", "Bonn,60,1900\n")) == 1
    assert user.cloud.bus.dead_letters == []
    assert weather.lost, "this seed tests nothing: choose another"
    assert weather.doubled
