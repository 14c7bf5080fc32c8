"""Hundreds of datasets dropped at once: every one of them ends with its own mail, and with nothing left over.

The app, its handlers in their processes, the bus, moto and the local SageMaker are the real ones; only what the jobs'
commands compute is canned (canned.py), because three hundred trainings would take a laptop an hour and prove nothing
more. A user drops all files from several threads, and the sweep comes in between, every five seconds.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from chalicelib.aws.store import Store
from local import stack
from local.cloud import EmbeddedCloud
from local.events.delivery import Pace
from local.mailbox import Mail
from tests.scale.canned import CannedWork
from tests.scale.figures import Figures

pytestmark = pytest.mark.timeout(1_200)

ROOT = Path(__file__).resolve().parents[2]
UPLOADERS = 8
LONGEST = 900.0
"""Seconds that all of them may take together on a busy machine; nothing is measured by it."""


@dataclass(frozen=True)
class Dropped:
    """What there is after everything has come to rest."""

    cloud: EmbeddedCloud
    work: CannedWork
    datasets: list[Figures]
    runs: dict[str, str]
    """The run of each dataset that has one."""

    def of_kind(self, *kinds: str) -> list[Figures]:
        return [one for one in self.datasets if one.kind in kinds]

    def mails_of(self, one: Figures) -> list[Mail]:
        return [mail for mail in self.cloud.mailbox.mails if mail.attributes.get("dataset") == one.dataset]


@pytest.fixture(
    scope="module",
    params=[pytest.param(10, id="10"), pytest.param(300, id="300", marks=pytest.mark.slow)],
)
def dropped(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dropped]:
    datasets = [Figures(number) for number in range(1, request.param + 1)]
    work = CannedWork()
    app = app_without_jobs(tmp_path_factory.mktemp("app"))
    with EmbeddedCloud(app_directory=app, executor=work, pace=Pace(deployment_speed=2000)) as cloud:
        drop(cloud, datasets)
        wait_until(lambda: len(cloud.mailbox.mails) >= len(datasets) and is_at_rest(cloud), "a mail for each")
        table = Store(cloud.client("dynamodb"), cloud.table)
        last = {one.dataset: table.dataset(one.dataset).last for one in datasets}
        yield Dropped(cloud, work, datasets, {name: run.run for name, run in last.items() if run})


def app_without_jobs(directory: Path) -> Path:
    """The app as it is, with one small job script: a hundred of them would be brought to every canned job."""
    for name in ("app.py", "chalicelib", ".chalice"):
        (directory / name).symlink_to(ROOT / name)
    (directory / "jobs").mkdir()
    (directory / "jobs" / "__init__.py").touch()
    return directory


def drop(cloud: EmbeddedCloud, datasets: list[Figures]) -> None:
    def put(key: str, body: bytes) -> None:
        cloud.client("s3").put_object(Bucket=cloud.bucket, Key=key, Body=body)

    files = [(f"datasets/{one.dataset}/relay.yaml", one.settings) for one in datasets]
    files += [(f"datasets/{one.dataset}/train/data.csv", one.text()) for one in datasets]
    cloud.client("s3")
    with ThreadPoolExecutor(UPLOADERS) as several:
        list(several.map(lambda file: put(*file), files))


def is_at_rest(cloud: EmbeddedCloud) -> bool:
    """No event is under way, and no record but the monitors of what is live waits for one."""
    if not cloud.bus.idle():
        return False
    return {kind for kind, _ in Store(cloud.client("dynamodb"), cloud.table).open_records()} <= {"watch"}


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + LONGEST
    while not is_so():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.2)


def test_every_dataset_ends_with_one_mail_of_its_own_kind(dropped: Dropped) -> None:
    mails = dropped.cloud.mailbox.mails

    assert Counter(mail.attributes["dataset"] for mail in mails) == Counter(one.dataset for one in dropped.datasets)
    found = {mail.attributes["dataset"]: mail.attributes["kind"] for mail in mails}
    assert found == {one.dataset: one.kind for one in dropped.datasets}
    assert len(mails) == len(dropped.datasets)
    assert set(found.values()) == {"promoted", "rejected", "failed", "refused"}


def test_every_mail_names_its_own_run_and_figures(dropped: Dropped) -> None:
    wrong = {}
    for one in dropped.datasets:
        (mail,) = dropped.mails_of(one)
        run = dropped.runs.get(one.dataset, "")
        missing = [part for part in one.told(run) if part not in mail.body]
        if missing or mail.attributes.get("run", "") != run:
            wrong[one.dataset] = (mail.attributes, missing, mail.body)
    assert wrong == {}


def test_no_two_mails_say_the_same(dropped: Dropped) -> None:
    assert len({mail.body for mail in dropped.cloud.mailbox.mails}) == len(dropped.datasets)


def test_every_piece_of_work_was_begun_once(dropped: Dropped) -> None:
    started = dropped.work.started
    expected: Counter[str] = Counter()
    for one in dropped.datasets:
        if one.has_wrong_settings:
            assert one.dataset not in dropped.runs
            continue
        run = dropped.runs[one.dataset]
        expected[f"prepare {run}"] += 1
        if one.is_refused:
            continue
        expected[f"train {run}-train-1"] += 1
        if one.fails_in_training:
            continue
        expected[f"evaluate {run}"] += 1
        expected[f"serve {run}-candidate-1"] += 1
        if one.kind == "promoted":
            expected[f"serve sagerelay-{one.dataset}"] += 1
    trials = {name: count for name, count in started.items() if "-tune-1-" in name}
    assert {name: count for name, count in started.items() if name not in trials} == dict(expected)
    tuned = [one for one in dropped.datasets if one.is_tuned]
    assert len(trials) == 2 * len(tuned)
    assert set(trials.values()) == {1}


def test_no_run_is_left_open(dropped: Dropped) -> None:
    table = Store(dropped.cloud.client("dynamodb"), dropped.cloud.table)
    stages = {one.dataset: table.run(dropped.runs[one.dataset]) for one in dropped.datasets if one.kind != "refused"}
    ended = {"promoted": "live", "rejected": "rejected", "failed": "failed"}

    assert {name: str(run.stage) if run else None for name, run in stages.items()} == {
        one.dataset: ended[one.kind] for one in dropped.datasets if one.kind != "refused"
    }
    assert {kind for kind, _ in table.open_records()} == {"watch"}


def test_nothing_is_left_in_sagemaker_but_the_live_models(dropped: Dropped) -> None:
    live = dropped.of_kind("promoted")
    expected = {
        "endpoints": {f"sagerelay-{one.dataset}" for one in live},
        "endpoint_configs": {f"{dropped.runs[one.dataset]}-live-1" for one in live},
        "models": {f"{dropped.runs[one.dataset]}-model" for one in live},
    }
    wait_until(lambda: names(dropped.cloud, "endpoints") == expected["endpoints"], "only the live endpoints")

    assert {what: names(dropped.cloud, what) for what in expected} == expected


def names(cloud: EmbeddedCloud, what: str) -> set[str]:
    """The names of all endpoints, endpoint configurations or models."""
    member = "".join(word.capitalize() for word in what.split("_"))
    pages = cloud.client("sagemaker").get_paginator(f"list_{what}").paginate()
    return {entry[f"{member.removesuffix('s')}Name"] for page in pages for entry in page[member]}


def test_no_event_was_given_up(dropped: Dropped) -> None:
    sqs = dropped.cloud.client("sqs")
    letters = [json.dumps(letter.event)[:300] + letter.error for letter in dropped.cloud.bus.dead_letters]
    queues = [
        sqs.get_queue_url(QueueName=name)["QueueUrl"] for name in (stack.TARGET_FAILURES, stack.FUNCTION_FAILURES)
    ]
    waiting = [
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
        for url in queues
    ]

    assert letters == []
    assert waiting == [{"ApproximateNumberOfMessages": "0"}] * 2
