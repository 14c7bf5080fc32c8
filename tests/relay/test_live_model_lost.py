"""What was deleted below runs/ of the model in service: the next run goes on without it, and a mail says so once."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from chalicelib.names import Kind, RunKeys, Step
from chalicelib.records.run import BestModel
from tests.monitoring.living import asked, drift, kinds, live
from tests.relay.builders import DEPLOYMENT
from tests.relay.world import World, drop


def delete(here: World, *keys: str) -> None:
    for key in keys:
        here.s3.delete(key)


def given(here: World, job: str) -> tuple[set[str], list[str]]:
    """The names of a processing job's inputs, and its arguments."""
    request = here.sagemaker.requests[job]
    names = {entry["InputName"] for entry in request["ProcessingInputs"]}
    return names, request["AppSpecification"]["ContainerArguments"]


def test_a_new_run_is_not_given_a_schema_that_is_not_there_and_knows_that_there_was_one(here: World) -> None:
    first = live(here)
    delete(here, RunKeys(first).schema)

    second = drop(here, "train/feb.csv", b"a,b\n3,4\n")
    names, arguments = given(here, f"{second}-prepare-1")
    assert "live" not in names
    assert "--live-schema" in arguments
    for step in (Step.PREPARE, Step.TUNE, Step.TRAIN, Step.CANDIDATE):
        here.runtime.receive(here.end(second, step))
    names, arguments = given(here, f"{second}-evaluate-1")
    assert "live" not in names
    assert "--live-schema" in arguments
    here.runtime.receive(here.end(second, Step.EVALUATE))
    assert here.stage(second) == "promoting"


def test_a_new_run_is_given_the_schema_that_is_there(here: World) -> None:
    live(here)
    second = drop(here, "train/feb.csv", b"a,b\n3,4\n")
    assert "live" in given(here, f"{second}-prepare-1")[0]


def evaluated_with(here: World, *there: str) -> tuple[set[str], list[str]]:
    """What the evaluation of a third run is given, whose best earlier model is neither live nor itself."""
    first = live(here)
    store = here.runtime.executor.store
    for key in there:
        here.s3.put(key, b"archive")
    artifact = DEPLOYMENT.uri("runs/churn-0badcafe/training/t/output/model.tar.gz")
    best = BestModel("churn-0badcafe", artifact, "2026-10-01T00:00:00Z")
    store.save_dataset(replace(store.dataset("churn"), best=best))
    second = drop(here, "train/feb.csv", b"a,b\n3,4\n")
    assert second != first
    for step in (Step.PREPARE, Step.TUNE, Step.TRAIN, Step.CANDIDATE):
        here.runtime.receive(here.end(second, step))
    context = json.loads(here.s3.body(RunKeys(second).context) or b"")
    assert context["best"] == {"run": best.run, "promoted": best.promoted}
    return given(here, f"{second}-evaluate-1")


def test_the_best_earlier_model_is_given_as_far_as_it_is_there(here: World) -> None:
    ensemble = "runs/churn-0badcafe/training/t/output/model.tar.gz"
    names, arguments = evaluated_with(here, ensemble)
    assert {"best", "best-encoder"} & names == {"best"}
    assert {"--best", "--best-encoder"} <= {*arguments}


def test_a_best_earlier_model_that_is_gone_is_no_failure_of_the_job(here: World) -> None:
    names, arguments = evaluated_with(here)
    assert not {"best", "best-encoder"} & names
    assert "--best" in arguments


def test_the_encoder_of_a_pipeline_is_given_too(here: World) -> None:
    keys = ("runs/churn-0badcafe/training/t/output/model.tar.gz", RunKeys("churn-0badcafe").encoder)
    assert {"best", "best-encoder"} <= evaluated_with(here, *keys)[0]


@pytest.mark.parametrize("name", ["schema", "baseline", "constraints"])
def test_a_drift_check_without_what_it_compares_with_starts_no_job_and_is_told_once(here: World, name: str) -> None:
    run = live(here)
    here.mails()
    delete(here, f"{RunKeys(run).prepared}/{name}.json")
    for hour in (12, 13, 14):
        here.capture(f"2026/11/22/{hour}/a.jsonl")
        here.runtime.receive(asked())
    told = here.mails()
    assert [mail["kind"] for mail in told] == ["check-failed"]
    assert f"{RunKeys(run).prepared}/{name}.json" in str(told)
    assert not [job for job in here.sagemaker.requests if "drift" in job]
    assert here.monitor().checks == ()


def test_a_check_goes_on_without_what_only_adds_to_it(here: World) -> None:
    run = live(here)
    here.mails()
    delete(here, RunKeys(run).answers, RunKeys(run).evaluation_json)
    here.capture("2026/11/22/12/a.jsonl")
    here.runtime.receive(asked())
    here.runtime.receive(here.end_check(Kind.DRIFT, drift("drifted", "age")))
    assert kinds(here) == ["drift-found"]


@pytest.mark.parametrize("name", ["prepared/schema", "evaluation/evaluation"])
def test_labels_without_what_they_are_compared_with_start_no_job(here: World, name: str) -> None:
    run = live(here)
    here.mails()
    delete(here, f"{RunKeys(run).root}/{name}.json")
    here.capture("2026/11/22/12/a.jsonl")
    for file in ("jan", "feb"):
        here.put(f"labels/{file}.csv")
        here.runtime.receive(here.uploaded(f"labels/{file}.csv"))
        here.time = here.time.replace(hour=(here.time.hour + 1) % 24)
    told = here.mails()
    assert [mail["kind"] for mail in told] == ["check-failed"]
    assert f"{name}.json" in str(told)
