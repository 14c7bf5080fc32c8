"""The shell between its calls: duplicates, losses, waits, refusals. Crashes are in test_crashes.py."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Never

from chalicelib.aws.errors import BusyError, RefusedError
from chalicelib.aws.store import Store
from chalicelib.names import Step
from chalicelib.requests import Call
from tests.relay.builders import DEPLOYMENT
from tests.relay.world import STARTED, World, drop


def test_one_upload_is_the_whole_relay_with_one_mail(here: World) -> None:
    run = drop(here)
    here.relay(run, here.runtime.receive)

    assert here.stage(run) == "live"
    assert here.sagemaker.calls == [call.format(run=run) for call in STARTED]
    assert here.sagemaker.endpoints == {"sagerelay-churn": f"{run}-live-1"}
    assert here.sagemaker.packages == {run: "Approved"}
    assert [mail["kind"] for mail in here.mails()] == ["promoted"]
    assert here.active() is None


def test_every_event_may_come_three_times(here: World) -> None:
    def thrice(envelope: dict[str, Any]) -> None:
        for _ in range(3):
            here.runtime.receive(envelope)

    here.put("train/jan.csv")
    thrice(here.uploaded())
    run = here.active() or ""
    here.relay(run, thrice)

    assert here.stage(run) == "live"
    assert here.sagemaker.calls == [call.format(run=run) for call in STARTED]
    assert len(here.mails()) == 1


def test_lost_events_are_made_good_by_the_sweep(here: World) -> None:
    run = drop(here)
    for step in Step:
        here.end(run, step)
        here.runtime.sweep()

    assert here.stage(run) == "live"
    assert len(here.mails()) == 1


def test_nothing_but_the_monitor_is_left_for_the_sweep_after_a_run(here: World) -> None:
    here.relay(drop(here), here.runtime.receive)

    assert list(here.runtime.executor.store.open_records()) == [("watch", "churn")]


def test_uploads_during_a_run_become_one_run_after_it(here: World) -> None:
    first = drop(here)
    for name in ("train/feb.csv", "train/mar.csv"):
        assert drop(here, name) == first

    here.relay(first, here.runtime.receive)

    second = here.active()
    assert second not in {None, first}
    objects = here.runtime.executor.objects.read(f"runs/{second}/inputs.json")
    assert objects is not None
    assert objects.count(b'"key"') == 3


def test_settings_changed_and_changed_back_do_not_wait_for_a_run_that_has_ended(here: World) -> None:
    runs = [drop(here)]
    for body in (b"target: b", b""):
        here.relay(runs[-1], here.runtime.receive)
        runs.append(drop(here, "relay.yaml", body))

    assert len(set(runs)) == 3
    assert here.stage(runs[-1]) == "preparing"


def test_a_broken_relay_yaml_is_told_once_and_starts_nothing(here: World) -> None:
    here.put("train/jan.csv")
    here.put("relay.yaml", b"tuning: {trials: 0}")
    for _ in range(2):
        here.runtime.receive(here.uploaded("relay.yaml"))
    here.runtime.receive(here.uploaded())

    (mail,) = here.mails()
    assert mail["problems"] == ["tuning.trials: 0 is not allowed; allowed: 1 or more"]
    assert here.sagemaker.calls == []


def test_a_misplaced_file_is_told_once(here: World) -> None:
    for _ in range(2):
        here.runtime.receive(here.uploaded("jan.csv"))

    (mail,) = here.mails()
    assert "datasets/churn/train/" in mail["problems"][0]


def test_a_refused_file_fails_the_run_and_frees_the_dataset(here: World) -> None:
    run = drop(here)
    here.runtime.receive(here.end(run, Step.PREPARE, failure="[no-target] jan.csv: there is no column y"))

    (mail,) = here.mails()
    assert here.stage(run) == "failed"
    assert mail["failure"]["reason"].startswith("[no-target]")
    assert here.active() is None
    assert here.sagemaker.calls == [f"create_processing_job {run}-prepare-1"]


def test_after_a_failure_the_same_file_uploaded_again_is_tried_again(here: World) -> None:
    first = drop(here)
    here.runtime.receive(here.end(first, Step.PREPARE, failure="AlgorithmError: out of memory"))
    here.runtime.receive(here.uploaded())  # the old event once more
    assert here.active() is None

    second = drop(here)

    assert second not in {"", first}


def test_a_quota_makes_the_run_wait_and_say_so_once(here: World) -> None:
    busy = [True]
    ensure = here.sagemaker.ensure

    def limited(call: Call) -> None:
        if busy[0]:
            raise BusyError("ResourceLimitExceeded: the account-level limit is 0 instances")
        ensure(call)

    here.sagemaker.ensure = limited
    run = drop(here)
    for _ in range(3):
        here.time += timedelta(minutes=6)
        here.runtime.sweep()
    busy[0] = False
    here.time += timedelta(minutes=30)
    here.runtime.sweep()

    assert here.stage(run) == "preparing"
    assert here.sagemaker.calls == [f"create_processing_job {run}-prepare-1"]
    assert [mail["kind"] for mail in here.mails()] == ["waiting"]


def without_quota(here: World) -> None:
    def limited(call: Call) -> Never:
        raise BusyError("ResourceLimitExceeded: the account-level limit is 0 instances")

    here.sagemaker.ensure = limited


def test_a_run_does_not_wait_for_ever(here: World) -> None:
    without_quota(here)
    run = drop(here)
    for _ in range(26):
        here.time += timedelta(hours=1)
        here.runtime.sweep()

    assert here.stage(run) == "failed"
    assert here.active() is None
    assert [mail["kind"] for mail in here.mails()] == ["waiting", "failed"]


def test_another_instance_type_frees_a_run_that_waits_for_a_quota(here: World) -> None:
    ensure = here.sagemaker.ensure
    without_quota(here)
    first = drop(here)
    here.sagemaker.ensure = ensure

    second = drop(here, "relay.yaml", b"instances: {prepare: ml.t3.large}")

    assert here.stage(first) == "superseded"
    assert here.sagemaker.calls == [f"create_processing_job {second}-prepare-1"]


def test_a_live_endpoint_that_somebody_deleted_is_created_anew(here: World) -> None:
    here.relay(drop(here), here.runtime.receive)
    here.sagemaker.endpoints.clear()

    second = drop(here, "train/feb.csv")
    here.relay(second, here.runtime.receive)

    assert here.stage(second) == "live"
    assert here.sagemaker.calls[-1] == "create_endpoint_config " + f"{second}-live-1"
    assert here.sagemaker.endpoints == {"sagerelay-churn": f"{second}-live-1"}


def test_with_what_somebody_deleted_no_run_is_compared_or_kept_waiting(here: World) -> None:
    here.relay(drop(here), here.runtime.receive)
    here.sagemaker.endpoints.clear()

    second = Store(here.dynamodb, DEPLOYMENT.table).run(drop(here, "train/feb.csv"))

    assert second is not None
    assert second.live is None


def test_a_wait_is_kept_to(here: World) -> None:
    def limited(call: Call) -> Never:
        asked.append(call)
        raise BusyError("ResourceLimitExceeded")

    asked: list[Call] = []
    here.sagemaker.ensure = limited
    drop(here)
    here.runtime.sweep()

    assert len(asked) == 1


def test_a_request_that_sagemaker_refuses_fails_the_run_with_its_words(here: World) -> None:
    def refuse(call: Call) -> Never:
        raise RefusedError("ValidationException: 1 validation error detected: instance type")

    here.sagemaker.ensure = refuse
    assert drop(here) == ""

    (mail,) = here.mails()
    assert here.stage(mail["run"]) == "failed"
    assert list(here.runtime.executor.store.open_records()) == []
    assert "1 validation error detected" in mail["failure"]["reason"]


def test_a_registry_that_refuses_the_model_keeps_no_run_open_for_ever(here: World) -> None:
    def refuse(_group: dict[str, Any], package: dict[str, Any]) -> Never:
        raise RefusedError("ValidationException: no such image")

    here.sagemaker.register = refuse
    run = drop(here)
    here.relay(run, here.runtime.receive)

    assert here.stage(run) == "live"
    assert [mail["kind"] for mail in here.mails()] == ["promoted"]
    assert list(here.runtime.executor.store.open_records()) == [("watch", "churn")]


def test_a_tuning_that_cannot_be_a_parent_is_not_remembered_as_one(here: World) -> None:
    here.put("relay.yaml", b"tuning: {strategy: Hyperband}")
    here.relay(drop(here), here.runtime.receive)

    assert here.runtime.executor.store.dataset("churn").tuning is None


def test_two_datasets_do_not_know_of_each_other(here: World) -> None:
    first = drop(here)
    here.put("train/a.csv", dataset="fraud")
    here.runtime.receive(here.uploaded("train/a.csv", dataset="fraud"))
    second = here.active("fraud") or ""
    here.relay(first, here.runtime.receive)

    assert second.startswith("fraud-")
    assert here.stage(second) == "preparing"
