"""Records that do not grow with the files of a dataset, and many files that come at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib import codec
from chalicelib.aws.objects import DOCUMENT_LIMIT
from chalicelib.monitoring import deciding
from chalicelib.monitoring.facts import CheckAsked
from chalicelib.monitoring.record import Monitor
from chalicelib.names import Kind
from chalicelib.records import dataset
from chalicelib.records.dataset import Dataset
from chalicelib.records.inputs import InputObject, InputsSeen
from chalicelib.records.run import Stage
from chalicelib.relay import documents
from tests.relay.builders import NOW, settings
from tests.simulation.history import live
from tests.simulation.weather import HOUR
from tests.simulation.world import World

MANY = pytest.param(100_000, marks=pytest.mark.slow)


def files(number: int, version: str = "v") -> tuple[InputObject, ...]:
    return tuple(
        InputObject(f"datasets/churn/train/part-{n:08}-of-a-table.parquet", n, f"{n:032x}", f"{version}{n:031}")
        for n in range(number)
    )


@pytest.fixture(scope="module", params=[6_000, MANY])
def many(request: pytest.FixtureRequest) -> InputsSeen:
    return InputsSeen(files(request.param), settings())


def test_a_record_is_as_small_with_a_hundred_thousand_files(many: InputsSeen) -> None:
    begun = dataset.decide(Dataset("churn"), many).dataset
    assert begun.active
    assert len(codec.to_document(begun)) < 5_000
    assert dataset.decide(begun, many).ignored
    failed = replace(begun, active=None, last=replace(begun.last, stage=Stage.FAILED))  # type: ignore[type-var]
    assert dataset.decide(failed, many).ignored
    again = replace(many, objects=files(len(many.objects), "w"))
    assert dataset.decide(failed, again).dataset.active


def test_the_inputs_of_a_hundred_thousand_files_are_a_document_that_can_be_read(many: InputsSeen) -> None:
    text = documents.inputs("churn-1a2b3c4d", "churn", "bucket", many.objects, many.settings)
    assert len(text) < DOCUMENT_LIMIT / 1.5
    assert documents.read_inputs(text)[0] == many.objects


@pytest.mark.parametrize("number", [1, 3, 1000])
def test_what_release_0_1_0_stored_of_versions_is_understood(number: int) -> None:
    seen = InputsSeen(files(number), settings())
    begun = dataset.decide(Dataset("churn"), seen).dataset
    assert begun.last
    every = ",".join(sorted(f"{entry.key}@{entry.version_id}" for entry in seen.objects))
    old = replace(begun, active=None, last=replace(begun.last, stage=Stage.FAILED, versions=every))
    assert dataset.decide(old, seen).ignored


def test_labels_that_come_by_the_thousand_change_a_record_once_or_twice() -> None:
    monitor, changes = Monitor("churn"), 0
    for number in range(1000):
        after = deciding.decide(monitor, CheckAsked(Kind.QUALITY, None, f"{number} v"), NOW).monitor
        changes, monitor = changes + (after != monitor), after
    assert changes <= 2
    assert len(codec.to_document(monitor)) < 5_000


@pytest.mark.parametrize("number", [30, pytest.param(300, marks=pytest.mark.slow)])
def test_test_files_by_the_hundred_wait_outside_of_the_record_and_each_is_answered(number: int) -> None:
    sizes: list[int] = []

    def begin(world: World) -> None:
        world.weather = replace(world.weather, storm=6 * HOUR, latency=0.05, skew=0.0)
        usual = world.table.on_write

        def note(key: str, before: object, after: object) -> None:
            if key.startswith("watch#"):
                sizes.append(len(str(after)))
            usual(key, before, after)  # type: ignore[arg-type]

        world.table.on_write = note
        world.scheduler.at(0, lambda: world.upload("datasets/churn/relay.yaml", b"monitoring: {enabled: false}\n"))
        world.scheduler.at(10, lambda: world.upload("datasets/churn/train/jan.csv", b"jan"))
        for one in range(number):
            key = f"datasets/churn/test/{one}.csv"
            world.scheduler.at(9_000, lambda key=key: world.upload(key, key.encode()))  # type: ignore[misc]

    result = live(48, frozenset(), begin=begin)
    assert result.problems == ()
    assert not [line for _, line in result.protocol if line.startswith("dead letter")]
    assert max(sizes) < 30_000
    assert sum("MAIL" in line and "tested" in line for _, line in result.protocol) == number
