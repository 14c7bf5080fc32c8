"""Relays that send every request there is: the real runtime in this process, over AWS on the loopback address.

The scenarios follow each other in one deployment, and each is told by what a user does. Between them the clock is
moved, events are lost, and AWS refuses what it may refuse.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import pytest

import chalicelib.runtime
from chalicelib import aws
from chalicelib.aws.store import Store
from chalicelib.records.envelopes import from_envelope
from chalicelib.records.events import Ignored
from chalicelib.records.run import Run, Stage
from chalicelib.runtime import Runtime
from chalicelib.runtime.outbox import UnsentError
from jobs.capture.fetch import fetched
from jobs.capture.recent import recent
from jobs.drift.several import bring
from jobs.evaluate.asking import runtime_client
from jobs.evaluate.endpoint import ask
from jobs.ground_truth.objects import label_files, traffic
from jobs.own_code import launch
from jobs.serving import capture
from jobs.settings import PinnedObject
from jobs.tables.bodies import Body
from jobs.tables.fetch import fetch
from jobs.train import failure
from local import stack
from tests.permissions.relays import FIRST, SECOND, THIRD
from tests.requests.cleaned import cleaned
from tests.requests.in_batch import in_batch
from tests.requests.jobs import Jobs
from tests.requests.rolled_back import gone_back, taken_back
from tests.requests.settings import BY_SCRIPT, BY_THE_HOUR, MONITORED, UNTUNED
from tests.requests.stopped import cancelled, stopped_half_way
from tests.requests.surroundings import Surroundings
from tests.requests.together import checked_together
from tests.scale.figures import Figures

DATASETS = ("many", "hand", "poor", "spot", "broken", "stray", "ensemble", "nightly", "ended")
CAPTURED = "capture/sagerelay-many/AllTraffic/{:%Y/%m/%d/%H}/{}.jsonl"


class Relay:
    """The functions' code and its owner. `until` is EventBridge with Lambda, `waits` the schedule."""

    def __init__(self, around: Surroundings, jobs: Jobs) -> None:
        self.around, self.jobs = around, jobs
        self.ahead = timedelta()
        """How far the relay's clock is ahead of everybody else's."""
        self.runtime = Runtime(chalicelib.runtime.runtime().executor, lambda: datetime.now(UTC) + self.ahead)
        self.store = Store(around.client("dynamodb"), stack.TABLE)

    def drops(self, dataset: str, figures: Figures, settings: str | None = None) -> None:
        if settings is not None:
            self.around.put(f"datasets/{dataset}/relay.yaml", settings.encode())
        self.around.put(f"datasets/{dataset}/train/data.csv", figures.text())

    def run(self, dataset: str) -> Run | None:
        last = self.store.dataset(dataset).last
        return self.store.run(last.run) if last else None

    def newest(self, dataset: str) -> Run:
        """The dataset's newest run, which there is."""
        run = self.run(dataset)
        assert run is not None, dataset
        return run

    def stage(self, run: Run) -> Stage:
        """How far a run has come by now."""
        stored = self.store.run(run.id)
        assert stored is not None, run.id
        return stored.stage

    def comes_to(self, dataset: str, stage: Stage) -> None:
        """Delivers events until the dataset's newest run is there, with nothing left to do."""
        self.until(lambda: (run := self.run(dataset)) and run.stage is stage and not run.pending)

    def until(self, is_so: Callable[[], object]) -> None:
        while not is_so():
            self.runtime.receive(self._next())

    def _next(self) -> dict[str, Any]:
        """The next event that means something; the rules let hardly any other come to a function."""
        own = self.runtime.executor.deployment
        while True:
            envelope = self.around.envelopes.get(timeout=120)
            if not isinstance(from_envelope(envelope, bucket=own.bucket, prefix=own.prefix), Ignored):
                return envelope

    def rests(self) -> None:
        """Delivers events until nothing waits for one any more."""
        self.until(lambda: {kind for kind, _ in self.store.open_records()} <= {"watch"})
        self.until(lambda: not any(self.store.monitor(dataset).checks for dataset in DATASETS))
        self.around.delivered_nowhere()

    def waits(self, **time: float) -> None:
        """Time passes, and the sweep comes."""
        self.ahead += timedelta(**time)
        self.runtime.sweep()

    def decides(self, dataset: str, status: str) -> None:
        sagemaker = self.around.client("sagemaker")
        listed = sagemaker.list_model_packages(ModelPackageGroupName=f"sagerelay-{dataset}")["ModelPackageSummaryList"]
        newest = max(listed, key=lambda one: one["ModelPackageVersion"])
        sagemaker.update_model_package(ModelPackageArn=newest["ModelPackageArn"], ModelApprovalStatus=status)

    def captures(self, file: str) -> None:
        key = CAPTURED.format(datetime.now(UTC) + self.ahead, file)
        self.around.client("s3").put_object(Bucket=stack.BUCKET, Key=key, Body=b"{}\n")

    def asks(self, what: str = "Check Requested", **detail: str) -> None:
        entry = {"Source": "sagerelay", "DetailType": what, "Detail": json.dumps({"dataset": "many", **detail})}
        self.around.client("events").put_events(Entries=[entry])


def happen(relay: Relay) -> None:
    """Everything, once."""
    promoted_and_replaced(relay)
    trained_by_a_script(relay)
    in_batch(relay)
    decided_by_hand(relay)
    stopped_half_way(relay)
    taken_back(relay)
    monitored(relay)
    checked_together(relay)
    gone_back(relay)
    cancelled(relay)
    cleaned(relay)
    refused(relay)


def promoted_and_replaced(relay: Relay) -> None:
    """Tuned, trained and promoted three times; from the second time on a tuning has a parent, the third retires one."""
    for figures in (FIRST, SECOND, THIRD):
        relay.drops("many", figures, MONITORED if figures is FIRST else None)
        relay.until(partial(is_live, relay, "many", figures))
        relay.rests()


def trained_by_a_script(relay: Relay) -> None:
    """Tuned and trained by our own script, and served by one container."""
    relay.drops("ensemble", FIRST, BY_SCRIPT)
    relay.comes_to("ensemble", Stage.LIVE)
    relay.rests()


def is_live(relay: Relay, dataset: str, figures: Figures) -> bool:
    run = relay.run(dataset)
    if run is None or run.stage is not Stage.LIVE or run.evaluation is None:
        return False
    return run.evaluation["rows"] == figures.rows


def decided_by_hand(relay: Relay) -> None:
    """A model that waits gives way to newer data; the next is approved, and the one after that rejected."""
    relay.drops("hand", FIRST, UNTUNED.replace("0.7}", "0.7, approval: manual}") + BY_THE_HOUR)
    relay.comes_to("hand", Stage.AWAITING_APPROVAL)
    first = relay.newest("hand")
    relay.drops("hand", SECOND)
    relay.until(lambda: relay.run("hand") != first and relay.stage(first) is Stage.SUPERSEDED)
    relay.comes_to("hand", Stage.AWAITING_APPROVAL)
    relay.decides("hand", "Approved")
    relay.comes_to("hand", Stage.LIVE)
    relay.rests()
    relay.drops("hand", THIRD)
    relay.comes_to("hand", Stage.AWAITING_APPROVAL)
    relay.runtime.sweep()  # nothing was decided yet
    relay.decides("hand", "Rejected")
    relay.comes_to("hand", Stage.REJECTED)
    relay.rests()


def monitored(relay: Relay) -> None:
    """Every kind of check, and a scheduled one that knows of one before it."""
    relay.captures("a")
    relay.asks(kind="drift")
    relay.asks(kind="drill", drill="shift")
    relay.around.put("datasets/many/labels/june.csv", b"inference_id,label\n1/1,yes\n")
    relay.around.put("datasets/many/test/june.csv", FIRST.text())
    relay.around.put("datasets/many/score/june.csv", FIRST.text())
    relay.until(lambda: len(results(relay)) == 5)
    relay.rests()
    relay.captures("b")
    relay.waits(minutes=70)
    relay.until(lambda: len(results(relay)) == 6)
    relay.rests()


def results(relay: Relay) -> list[str]:
    listed = relay.around.client("s3").list_objects_v2(Bucket=stack.BUCKET, Prefix="monitoring/many/")
    ends = ("/drift.json", "/quality.json", "/evaluation.json", "/scored.json")
    return [entry["Key"] for entry in listed.get("Contents", []) if entry["Key"].endswith(ends)]


def refused(relay: Relay) -> None:
    """Settings that cannot be used, a file where none belongs, and a mail that cannot be sent: no topic is left."""
    relay.drops("stray", FIRST, "split: {test: 0.9}\n")
    relay.around.put("datasets/stray.csv", b"a,b\n")
    relay.until(lambda: len(relay.around.published) >= 2 and "stray.csv" in relay.around.published[-1].message)
    relay.around.client("sns").delete_topic(TopicArn=stack.topic_arn())
    relay.around.put("datasets/stray2.csv", b"a,b\n")
    with pytest.raises(UnsentError, match="NotFound"):
        relay.until(lambda: False)


def work_as_jobs(around: Surroundings, folder: Path) -> None:
    """What the jobs' own code asks for, over clients as the jobs make them."""
    s3, user = boto3.client("s3"), around.client("s3")
    upload = "datasets/many/train/data.csv"
    version = user.head_object(Bucket=stack.BUCKET, Key=upload)["VersionId"]
    etag = user.head_object(Bucket=stack.BUCKET, Key=upload)["ETag"].strip('"')
    pins: list[PinnedObject] = [{"key": upload, "version_id": version}, {"key": upload, "etag": etag}]
    for pinned in pins:
        assert len(list(fetch(s3, stack.BUCKET, [pinned], folder))) == 1
        assert [key for key, _ in label_files(s3, stack.BUCKET, [pinned], folder)] == [upload]
    shared = user.list_objects_v2(Bucket=stack.BUCKET, Prefix="monitoring/_shared/")["Contents"][0]["Key"]
    bring(s3, stack.BUCKET, shared, folder / "checks.json")
    now, prefix = datetime.now(UTC), "capture/sagerelay-many/AllTraffic/"
    hours = now - timedelta(hours=1), now + timedelta(hours=3)  # a relay has a clock of its own
    captured = recent(s3, stack.BUCKET, prefix, *hours)
    assert recent(s3, stack.BUCKET, prefix, *hours, page=1) == captured
    assert len(list(fetched(s3, stack.BUCKET, captured))) == len(list(traffic(s3, stack.BUCKET, captured))) == 3
    (answer,) = ask(runtime_client(), "sagerelay-many", [Body(2, 1, "age\n31\n")])
    assert answer.text == "no"
    plan = {"failures": f"s3://{stack.BUCKET}/runs/many-1a2b3c4d/failures/"}
    (folder / "plan.json").write_text(json.dumps(plan))
    job = {"SM_CHANNEL_PLAN": str(folder), "TRAINING_JOB_NAME": "many-1a2b3c4d-train-1"}
    failure.leave(failure.Failure("out-of-memory", "memory ran out."), job)
    launch.leave(("script-failed", "train.py failed in line 3."), job, plan)
    target = f"s3://{stack.BUCKET}/capture/sagerelay-many/AllTraffic"
    captures = capture.of_environment({"SAGERELAY_CAPTURE": target, "SAGERELAY_CAPTURE_PERCENTAGE": "100"})
    assert captures
    assert captures.add(capture.Observation("31\n", "text/csv", "no\n", "text/csv", {}), wait=30)


@contextmanager
def started(directory: Path, settings: Mapping[str, str] | None = None) -> Iterator[Callable[[], Relay]]:
    """Lambda's environment in this process, and AWS on the loopback address; gives what makes the relay's clients."""
    jobs = Jobs()
    with Surroundings(directory, jobs) as around, pytest.MonkeyPatch.context() as patch:
        own = {"AWS_CONFIG_FILE": "/dev/null", **(settings or {})}
        region = {"AWS_REGION": stack.REGION, "AWS_DEFAULT_REGION": stack.REGION}
        for name, value in {**around.environment, **region, **own}.items():
            patch.setenv(name, value)
        aws.client.cache_clear()
        chalicelib.runtime.runtime.cache_clear()
        yield lambda: Relay(around, jobs)
        aws.client.cache_clear()
        chalicelib.runtime.runtime.cache_clear()
