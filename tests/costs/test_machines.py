"""`instances: auto`: the smallest machines that hold the data, small or large; and what a person writes counts."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.instances import LADDER, larger, smallest
from chalicelib.names import Step
from chalicelib.records.dataset import Dataset, decide, run_of
from chalicelib.records.inputs import InputObject, InputsSeen
from chalicelib.relay import documents
from chalicelib.settings import instance_types, machines
from chalicelib.settings.relay_yaml import SettingsError, read_settings
from tests.relay.builders import NOW
from tests.relay.world import World, drop

JOBS = ("prepare", "train", "evaluate")
MB, GB = 10**6, 10**9


def chosen(text: str, size: float, name: str = "jan.csv") -> dict[str, Any]:
    """The machines of a run on one file of this size."""
    entry = InputObject(f"datasets/churn/train/{name}", int(size), "aaaa", "1")
    seen = InputsSeen((entry,), read_settings(text).as_stored())
    run = run_of(decide(Dataset("churn"), seen).dataset, seen, NOW)
    return {work: run.settings["instances"][work] for work in JOBS}  # type: ignore[literal-required]


def test_a_small_file_gets_the_smallest_and_a_large_one_what_holds_it() -> None:
    assert set(chosen("", 5 * MB).values()) == {"ml.t3.medium"}
    assert chosen("", 300 * MB)["prepare"] == "ml.m5.large"
    assert chosen("", 30 * GB)["prepare"] == "ml.r5.16xlarge"
    assert chosen("", GB)["train"] == "ml.m5.2xlarge"
    assert chosen("algorithm: xgboost", GB)["train"] == "ml.m5.large"
    assert chosen("", 9_000 * GB)["prepare"] == LADDER[-1].instance


@pytest.mark.parametrize(
    ("algorithm", "needs"),
    [
        ("linear-learner", machines.BUILT_IN),
        ("auto", machines.NEEDS["train"]),
        ({"script": "train.py"}, machines.NEEDS["train"]),
        (["auto", "xgboost"], machines.NEEDS["train"]),
    ],
)
def test_whatever_form_an_algorithm_is_written_in_has_its_needs(algorithm: Any, needs: machines.Needs) -> None:
    assert machines.of_algorithm(algorithm)["train"] == needs


@pytest.mark.parametrize("size", [MB, 100 * MB, 700 * MB, 4 * GB, 15 * GB])
def test_what_is_chosen_holds_the_data_and_the_next_smaller_does_not(size: int) -> None:
    memory = dict(LADDER)
    found = chosen("", size)
    for work, instance in found.items():
        needs = machines.NEEDS[work].of(size / GB)
        assert memory[instance] > needs
        smaller = [one for one in LADDER if one.memory_gb < memory[instance]]
        assert not smaller or 0.9 * smaller[-1].memory_gb - 0.6 < needs


def test_more_data_never_gets_a_smaller_machine() -> None:
    memory = dict(LADDER)
    for work in JOBS:
        grown = [memory[chosen("", size * 10 * MB)[work]] for size in range(0, 400, 7)]
        assert grown == sorted(grown)


def test_a_compressed_file_counts_for_what_is_in_it() -> None:
    assert chosen("", 80 * MB, "jan.csv.gz") == chosen("", 640 * MB) != chosen("", 80 * MB)


@pytest.mark.parametrize("size", [MB, 30 * GB])
def test_what_a_person_writes_counts(size: int) -> None:
    found = chosen("instances: {train: ml.c5.xlarge, volume_gb: 50}", size)
    assert found["train"] == "ml.c5.xlarge"
    assert found["prepare"] == chosen("", size)["prepare"]


def test_it_may_be_written_for_all_or_for_one_and_is_what_nothing_written_means() -> None:
    for text in ("instances: auto", "instances: {prepare: auto, train: auto, evaluate: auto}", "instances: {}"):
        assert chosen(text, GB) == chosen("", GB)
    with pytest.raises(SettingsError, match=r"instances.train: 'big' is not allowed; allowed: auto, or a SageMaker"):
        read_settings("instances: {train: big}")
    for text in ("endpoint: {instance: auto}", "endpoint: {instance: ml.t3.medium}", "monitoring: {instance: auto}"):
        with pytest.raises(SettingsError):
            read_settings(text)


def test_every_rung_is_a_machine_for_jobs_and_the_next_one_is_advised() -> None:
    for place, one in enumerate(LADDER):
        for table in (instance_types.TRAINING, instance_types.PROCESSING):
            assert instance_types.fault(one.instance, table, "jobs") is None
        assert larger(one.instance) == (LADDER[place + 1].instance if place + 1 < len(LADDER) else None)
        assert smallest(one.memory_gb / 2) in {LADDER[place].instance, LADDER[max(0, place - 1)].instance}
    assert sorted(LADDER, key=lambda one: one.memory_gb) == list(LADDER)


def test_requests_and_documents_name_a_machine_and_never_auto() -> None:
    here = World()
    drop(here, "relay.yaml", b"instances: auto\nalgorithm: xgboost\ntuning: {enabled: false}\n")
    run_id = drop(here)
    for step in (Step.PREPARE, Step.TRAIN):
        here.runtime.receive(here.end(run_id, step))
    prepared = here.sagemaker.requests[f"{run_id}-prepare-1"]["ProcessingResources"]["ClusterConfig"]
    trained = here.sagemaker.requests[f"{run_id}-train-1"]["ResourceConfig"]
    assert prepared["InstanceType"] == trained["InstanceType"] == "ml.t3.medium"
    pinned = documents.read_inputs(here.runtime.executor.objects.read(f"runs/{run_id}/inputs.json") or b"")[1]
    assert "auto" not in pinned["instances"].values()
    record = here.runtime.executor.store.run(run_id)
    assert record is not None
    assert pinned["instances"] == record.settings["instances"]
