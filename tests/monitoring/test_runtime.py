"""The monitor's shell over a real table and bucket: what is pinned, what is counted once, and what a crash leaves."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.aws.errors import BusyError
from chalicelib.names import Kind, Step
from chalicelib.requests import Call
from tests.monitoring.living import CONTEXT, asked, drift, kinds, live
from tests.relay.builders import DEPLOYMENT
from tests.relay.world import World, drop


def test_a_check_looks_at_the_files_since_the_last_one_each_once(here: World) -> None:
    live(here)
    here.capture("2026/11/22/11/before-the-model.jsonl")
    here.capture("2026/11/22/12/a.jsonl")
    here.capture("2026/11/22/13/b.jsonl")
    here.runtime.receive(asked())
    assert here.window() == ["2026/11/22/12/a.jsonl", "2026/11/22/13/b.jsonl"]
    here.runtime.receive(here.end_check(Kind.DRIFT, drift("stable")))

    here.capture("2026/11/22/12/late.jsonl")
    here.capture("2026/11/22/14/c.jsonl")
    here.runtime.receive(asked())
    assert here.window() == ["2026/11/22/12/late.jsonl", "2026/11/22/14/c.jsonl"]
    here.runtime.receive(here.end_check(Kind.DRIFT, drift("stable")))

    here.capture("2026/11/22/14/d.jsonl")
    here.runtime.receive(asked())
    assert here.window() == ["2026/11/22/14/d.jsonl"]


@pytest.mark.parametrize("result", [drift("not-enough-traffic"), "AlgorithmError: , exit code: 1", {"version": 1}])
def test_traffic_that_was_not_judged_waits_for_the_next_check(here: World, result: dict[str, Any] | str) -> None:
    live(here)
    here.capture("2026/11/22/12/a.jsonl")
    here.runtime.receive(asked())
    here.runtime.receive(here.end_check(Kind.DRIFT, result))

    here.capture("2026/11/22/12/b.jsonl")
    here.runtime.receive(asked())
    assert here.window() == ["2026/11/22/12/a.jsonl", "2026/11/22/12/b.jsonl"]


def test_without_new_traffic_no_job_is_started(here: World) -> None:
    live(here)
    before = list(here.sagemaker.calls)
    here.runtime.receive(asked())
    assert here.sagemaker.calls == before
    assert here.monitor().checks == ()


@pytest.mark.parametrize("kind", ["drift", "test"])
def test_nobody_asks_an_endpoint_that_somebody_deleted_and_the_mail_says_so(here: World, kind: str) -> None:
    live(here)
    here.mails()
    here.sagemaker.endpoints.clear()
    before = list(here.sagemaker.calls)
    here.capture("2026/11/22/12/a.jsonl")
    if kind == "drift":
        here.runtime.receive(asked())
    else:
        drop(here, "test/t.csv")
    [mail] = here.mails()
    assert mail["kind"] == "endpoint-gone"
    assert here.sagemaker.calls == before
    assert here.monitor().checks == ()


def test_labels_are_measured_also_when_the_endpoint_was_deleted(here: World) -> None:
    live(here)
    here.sagemaker.endpoints.clear()
    here.capture("2026/11/22/12/a.jsonl")
    drop(here, "labels/l.csv")
    assert any("-quality-" in call for call in here.sagemaker.calls)


def test_a_retraining_brings_back_no_endpoint_that_somebody_deleted(here: World) -> None:
    live(here, "retraining: {policy: schedule, schedule: daily}")
    here.mails()
    here.sagemaker.endpoints.clear()
    here.time += timedelta(days=1, hours=1)
    before = here.active()
    here.runtime.sweep()
    assert here.active() == before
    assert "retraining-stopped" in kinds(here)
    drop(here, "train/feb.csv")
    assert here.active() != before, "a person's data do"


def test_an_event_that_is_lost_is_made_good_by_the_sweep(here: World) -> None:
    live(here)
    here.mails()
    here.capture("2026/11/22/12/a.jsonl")
    here.time += timedelta(days=1)
    here.runtime.sweep()
    here.end_check(Kind.DRIFT, drift("drifted", "age"))
    here.runtime.sweep()
    assert kinds(here) == ["drift-found"]


def test_an_event_that_comes_twice_tells_once(here: World) -> None:
    live(here)
    here.mails()
    here.capture("2026/11/22/12/a.jsonl")
    here.runtime.receive(asked())
    ended = here.end_check(Kind.DRIFT, drift("drifted", "age"))
    for _ in range(3):
        here.runtime.receive(ended)
    assert kinds(here) == ["drift-found"]


def test_a_quota_delays_a_check_and_nothing_else(here: World) -> None:
    live(here)
    here.capture("2026/11/22/12/a.jsonl")
    ensure = here.sagemaker.ensure

    def busy(call: Call) -> None:
        raise BusyError("ResourceLimitExceeded: no instance is free")

    here.sagemaker.ensure = busy
    here.runtime.receive(asked())
    here.sagemaker.ensure = ensure
    here.runtime.sweep()
    assert not any("drift" in call for call in here.sagemaker.calls), "not before its time"
    here.time += timedelta(minutes=10)
    here.runtime.sweep()
    assert "create_processing_job churn-drift-1-" in here.sagemaker.calls[-1]


def test_labels_are_joined_once_for_each_upload(here: World) -> None:
    live(here)
    here.capture("2026/11/22/12/a.jsonl")
    here.put("labels/a.csv", b"inference_id,label\n1,yes\n")
    for _ in range(2):
        here.runtime.receive(here.uploaded("labels/a.csv"))
    quality = {
        "version": 1,
        "state": "kept",
        "coverage": {"labels": 1, "matched": 1, "unknown": 0},
        "problems": [],
        "labelled": {"file": "labelled.csv", "rows": 1},
        "metrics": {},
    }
    here.mails()
    here.runtime.receive(here.end_check(Kind.QUALITY, quality))
    assert kinds(here) == ["quality"]
    assert here.monitor().checks == (), "the same labels need no second look"


def test_a_test_file_is_evaluated_on_the_live_model_each_upload_once(here: World) -> None:
    run = live(here)
    here.s3.put(f"runs/{run}/context.json", json.dumps(CONTEXT).encode())
    here.s3.put("model.tar.gz", b"model")
    here.put("test/feb.csv")
    here.mails()
    for _ in range(2):
        here.runtime.receive(here.uploaded("test/feb.csv"))
    here.runtime.receive(
        here.end_check(Kind.TEST, {"sagerelay": {"metrics": {"auc": {"value": 0.9}}, "rows": 10, "task": "binary"}})
    )
    assert kinds(here) == ["tested"]
    assert here.monitor().checks == ()


def test_drift_begins_one_training_on_everything_in_train(here: World) -> None:
    first = live(here, "retraining: {policy: on_drift}")
    here.capture("2026/11/22/12/a.jsonl")
    here.runtime.receive(asked())
    ended = here.end_check(Kind.DRIFT, drift("drifted", "age"))
    for _ in range(2):
        here.runtime.receive(ended)
    second = here.active()
    assert second not in {None, first}
    assert here.monitor().retraining.run == second
    assert [call for call in here.sagemaker.calls if call.endswith(f"{second}-prepare-1")]


def test_a_training_waits_for_the_run_under_way(here: World) -> None:
    live(here, "retraining: {policy: on_drift}")
    other = drop(here, "train/feb.csv")
    here.capture("2026/11/22/12/a.jsonl")
    here.runtime.receive(asked())
    here.runtime.receive(here.end_check(Kind.DRIFT, drift("drifted", "age")))
    assert here.active() == other

    here.runtime.receive(here.end(other, Step.PREPARE, "AlgorithmError: , exit code: 1"))
    here.time += timedelta(minutes=5)
    here.runtime.sweep()
    assert here.active() not in {None, other}


def test_settings_of_the_monitor_count_at_once_and_begin_no_run(here: World) -> None:
    live(here)
    here.put("relay.yaml", b"monitoring: {schedule: hourly}\nretraining: {policy: on_drift}\n")
    here.runtime.receive(here.uploaded("relay.yaml"))
    assert here.active() is None
    assert here.monitor().monitoring["schedule"] == "hourly"
    assert here.monitor().policy["policy"] == "on_drift"


def test_a_mail_that_cannot_be_sent_does_not_keep_data_from_being_trained(here: World) -> None:
    live(here)
    here.capture("2026/11/22/12/a.jsonl")
    here.runtime.receive(asked())
    ended = here.end_check(Kind.DRIFT, drift("drifted", "age"))
    publish = here.runtime.executor.outbox.topic.client

    class Broken:
        def publish(self, **_request: Any) -> None:
            raise OSError("SNS is not there")

    object.__setattr__(here.runtime.executor.outbox.topic, "client", Broken())
    with pytest.raises(ExceptionGroup):
        here.runtime.receive(ended)
    assert drop(here, "train/feb.csv")

    object.__setattr__(here.runtime.executor.outbox.topic, "client", publish)
    here.time += timedelta(minutes=5)
    here.runtime.sweep()
    assert "drift-found" in kinds(here)


def test_a_deployment_made_anew_does_not_take_old_jobs_for_its_own(here: World) -> None:
    live(here)
    here.capture("2026/11/22/12/a.jsonl")
    here.runtime.receive(asked())
    old = here.end_check(Kind.DRIFT, drift("drifted", "age"))
    here.time += timedelta(days=1)
    item = here.dynamodb.items["watch#churn"]
    document = json.loads(item["document"]["S"])
    document["checks"] = []
    document["ordinal"] = 0
    item["document"]["S"] = json.dumps(document)
    here.dynamodb.put_item(TableName=DEPLOYMENT.table, Item=item)
    here.mails()

    here.runtime.receive(asked())
    here.runtime.receive(old)
    here.runtime.sweep()
    assert kinds(here) == []
    assert len(here.monitor().checks) == 1


def test_an_empty_train_folder_is_told_and_not_waited_for(here: World) -> None:
    live(here, "retraining: {policy: on_drift}")
    for key in here.s3.under("datasets/churn/train/"):
        here.s3.delete(key)
    here.mails()
    here.capture("2026/11/22/12/a.jsonl")
    here.runtime.receive(asked())
    here.runtime.receive(here.end_check(Kind.DRIFT, drift("drifted", "age")))
    assert kinds(here) == ["drift-found", "retraining-stopped"]
    assert here.monitor().pending == ()


def test_a_promotion_s_mail_tells_the_metrics_that_the_monitor_keeps(here: World) -> None:
    live(here, "monitoring: {feature_metrics: true}")
    here.put("relay.yaml", b"")
    here.relay(drop(here, "train/feb.csv"), here.runtime.receive)
    assert "and keep up to 112 custom metrics" in here.sns.mails[-1].text
    here.put("relay.yaml", b"monitoring: {feature_metrics: false}")
    here.relay(drop(here, "train/mar.csv"), here.runtime.receive)
    assert "and keep up to 12 custom metrics" in here.sns.mails[-1].text
