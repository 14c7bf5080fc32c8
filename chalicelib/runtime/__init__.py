"""The shell: load, decide, write down, execute. The only package here, beside `aws/`, with a clock and with effects.

A decision is saved with its commands still pending, and each command is struck off after it was executed. So a crash
at any point leaves either nothing done or work that a retry or the sweep finishes. A write that loses a race is
repeated on what the winner wrote: the decision is taken again, and is usually `ignored` then.

    datasets.py, runs.py, monitors.py  what happens to a record of each kind
    sharing.py                         jobs that several datasets' checks share
    executor.py, checks.py             the commands of a run, and of a monitor, executed; scoring.py: files of rows
    rolling_out.py                     the watch over a model that takes over; without_endpoint.py: where none serves it
    going_back.py                      to the model before the live one; sleeping.py: to none, and back
    reading.py                         what jobs have left
    several.py                         a comparison of algorithms, and what its winner needs
    serving.py                         how a run's model is to be served; fleets.py: by how many instances
    stamp.py                           the verdict on a report
    allowing.py                        whether a user's own code may be started
    cancelling.py                      the job of a run that a person has ended; training_again.py: a run they want
    failed_trainings.py                what trainings said of their failure
    outbox.py                          every mail, kept before it is sent
    accounts.py, spending.py           what is counted and told of costs by itself; hours.py: of endpoints
    counting.py                        how often live models are asked, and in which mode they would cost less
    console.py                         the page that says how every dataset stands, written anew
    sweeping.py                        everything open, looked at; side_by_side.py: several at a time
    garbage_collection.py              orphans, deleted
    asked.py                           what relay.yaml asks for
    looking.py                         a folder, listed once for all who ask
    pricing.py, budgets.py             what the bucket knows of prices; what may still be spent
    telemetry.py                       log and metrics

What acts here and in `aws/` is no value: nobody compares or prints it, and a start is spared the code that would.
"""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from chalicelib import aws, deployment, predictions
from chalicelib.algorithms import BUILT_IN
from chalicelib.aws.alarms import Alarms
from chalicelib.aws.autoscaling import AutoScaling
from chalicelib.aws.figures import Figures
from chalicelib.aws.logs import Logs
from chalicelib.aws.objects import Objects
from chalicelib.aws.sagemaker import SageMaker
from chalicelib.aws.store import Store
from chalicelib.aws.tagged import Tags
from chalicelib.aws.topic import Topic
from chalicelib.mails.messages import Refusal
from chalicelib.monitoring.facts import CheckAsked, RetrainingBegan, RetrainingRefused
from chalicelib.monitoring.record import Monitor
from chalicelib.names import DatasetKeys, Kind
from chalicelib.records import envelopes, own_code
from chalicelib.records.events import (
    ApprovalGiven,
    CancelAsked,
    CheckChanged,
    CheckRequested,
    Ignored,
    LiveEndpointChanged,
    Misplaced,
    RetrainingRequested,
    RollbackRequested,
    StepChanged,
    Uploaded,
    WakeRequested,
)
from chalicelib.records.going_back import RollbackAsked
from chalicelib.records.run import Run, Stage
from chalicelib.records.sleeping import WakeAsked
from chalicelib.records.training_again import TrainingAsked
from chalicelib.runtime.asked import uses_code
from chalicelib.runtime.checks import Checks
from chalicelib.runtime.datasets import Datasets
from chalicelib.runtime.executor import Executor
from chalicelib.runtime.looking import Looking
from chalicelib.runtime.monitors import Monitors
from chalicelib.runtime.outbox import Outbox
from chalicelib.runtime.runs import Runs
from chalicelib.runtime.telemetry import log

if TYPE_CHECKING:
    from chalicelib.runtime.sweeping import Sweeping

__all__ = ["Runtime", "initialize", "runtime"]

_LATER = (
    *(
        "costs.prices",
        "costs.price_list",
        "costs.spent",
        "costs.estimate",
        "costs.month",
        "costs.budget",
        "costs.crossing",
        "costs.commitments",
        "mails.bills",
        "mails.cancelled",
        "mails.cheaper",
        "mails.so_far",
        "mails.idle",
        "mails.monthly",
        "mails.rollback",
        "mails.serving",
        "requests.concessions",
        "relay.documents",
        "settings.schedules",
        "settings.relay_yaml",
        "monitoring.documents",
        "monitoring.mails",
    ),
    *(
        "requests.comparing",
        "requests.live_inputs",
        "requests.packing",
        "requests.processing",
        "requests.stopping",
        "requests.training",
        "runtime.scoring",
        "runtime.pricing",
        "runtime.budgets",
        "runtime.counting",
        "runtime.accounts",
        "runtime.console",
        "runtime.spending",
        "runtime.sweeping",
    ),
    *("algorithms.script", "runtime.cancelling", "runtime.failed_trainings"),
    *("runtime.reading", "runtime.several", "runtime.training_again"),
)
"""What is imported inside functions, because few events need it."""
SWEPT_AT_ONCE = 4
"""A thousand open runs and a thousand live models in about a minute, at some fifty calls a second to SageMaker."""


class Runtime:
    """Everything an event needs: the executor, a clock, and what is done with runs, datasets and monitors."""

    def __init__(
        self,
        executor: Executor,
        now: Callable[[], datetime],
        at_once: int = 1,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """`at_once`: how many records the sweep looks at side by side. `pause` waits for so many seconds."""
        self.executor = executor
        self.now = now
        self.runs = Runs(executor, now, self._released)
        self.monitors = Monitors(Checks(executor), now, self._retrain, self._roll_back)
        self.datasets = Datasets(executor, now, self.runs, self.monitors, Looking(executor.store, now, pause))
        self._at_once = at_once

    @cached_property
    def sweeping(self) -> Sweeping:
        """What the schedule sets off."""
        from chalicelib.runtime.accounts import Accounts
        from chalicelib.runtime.console import Console
        from chalicelib.runtime.garbage_collection import GarbageCollection
        from chalicelib.runtime.sharing import Grouping
        from chalicelib.runtime.sweeping import Sweeping  # no other function than the sweep's has to pay for it

        grouping = Grouping(self.monitors, self._at_once, [])
        sweepers = {
            "run": self.runs.sweep,
            "dataset": self.datasets.sweep,
            "watch": grouping.sweep,
            "look": self.datasets.look_after,
            "waiting": self.monitors.sweep_waiting,
            "mail": lambda mail_id: self.executor.outbox.sweep(mail_id, self.now()),
        }
        garbage = GarbageCollection(self.executor, self.now, self._at_once)
        accounts = Accounts(self.executor, self.now, self.datasets.wish, self._at_once)
        console = Console(self.executor, self.now, self._at_once)
        return Sweeping(self.executor, self.now, sweepers, grouping, garbage, accounts, console, self._at_once)

    def receive(self, envelope: Mapping[str, Any]) -> None:
        """Do whatever an EventBridge envelope asks for."""
        own = self.executor.deployment
        hint = envelopes.from_envelope(envelope, bucket=own.bucket, prefix=own.prefix)
        match hint:
            case Ignored(reason):
                log.info("ignored", extra={"reason": reason})
            case Misplaced(key, etag, problem):
                self.executor.outbox.send_refusal("", Refusal(key, (problem,)), etag, self.now())
            case Uploaded():
                self._uploaded(hint)
            case StepChanged(run, step, attempt):
                self.runs.observe(run, step, attempt)
            case CheckChanged(name):
                self.monitors.observe(name)
            case CheckRequested(dataset, drill, request):
                self.monitors.advance(dataset, CheckAsked(Kind.DRILL if drill else Kind.DRIFT, drill, request))
            case RollbackRequested() | WakeRequested() | RetrainingRequested():
                self.datasets.wish(hint.dataset, self._wished(hint))
            case LiveEndpointChanged(dataset):
                self._live_endpoint_changed(dataset)
            case ApprovalGiven(run) | CancelAsked(run):
                self.runs.advance(run, hint)

    def sweep(self) -> None:
        """Look after everything that is open."""
        self.sweeping.sweep()

    def _uploaded(self, upload: Uploaded) -> None:
        keys = DatasetKeys(upload.dataset)
        if upload.key.startswith((keys.test, predictions.folder(upload.dataset))):
            self.monitors.ask_about(upload.dataset, upload.key, upload.version)
        elif upload.key.startswith(keys.labels):
            self.monitors.advance(upload.dataset, CheckAsked(Kind.QUALITY, None, f"{upload.key} {upload.version}"))
        elif upload.key.startswith(own_code.uploaded(upload.dataset)) and not uses_code(
            self.executor, upload.dataset, self.now()
        ):
            self._unused_code(upload.dataset, keys)
        else:
            self.datasets.look(upload.dataset)
            if upload.key.startswith(keys.train):
                self.datasets.wake_for(upload.dataset, f"{upload.key} {upload.version}")

    def _unused_code(self, dataset: str, keys: DatasetKeys) -> None:
        """Say once a day that code lies there for nothing: of many files that come together, too."""
        unused = (
            f"Nothing uses it, and nothing was started: {keys.settings} names no script. To train with it, write "
            "`algorithm: {script: train.py}` there (docs/algorithms.md)."
        )
        now = self.now()
        self.executor.outbox.send_refusal(
            dataset, Refusal(own_code.uploaded(dataset), (unused,)), f"unused {now:%Y-%m-%d}", now
        )

    def _wished(
        self, hint: RollbackRequested | WakeRequested | RetrainingRequested
    ) -> RollbackAsked | WakeAsked | TrainingAsked:
        if isinstance(hint, WakeRequested):
            return WakeAsked(hint.request)
        if isinstance(hint, RetrainingRequested):
            return TrainingAsked(hint.request, hint.because)
        return self.datasets.rollbacks.wished(hint)

    def _live_endpoint_changed(self, dataset: str) -> None:
        run = self.datasets.active_run(dataset)
        if run and run.stage is Stage.PROMOTING:
            self.runs.look_after(run)  # not observed at once: a pending update is to be made before
        if run is None:
            self.datasets.sweep(dataset)  # a rollback may have waited for it

    def _released(self, run: Run) -> None:
        self.datasets.release(run)

    def _retrain(self, monitor: Monitor, number: int, because: str) -> RetrainingBegan | RetrainingRefused | None:
        from chalicelib.runtime import training_again  # hardly any event needs it

        return training_again.for_monitor(self.datasets, monitor, number, because)

    def _roll_back(self, dataset: str, asked: RollbackAsked) -> None:
        self.datasets.rollbacks.ask(dataset, asked)


def initialize() -> None:
    """Pay before the first event what it would pay: the clients, and the modules that only some events need.

    For functions with provisioned concurrency, which AWS imports long before an event comes. Any other import makes no
    client.
    """
    for name in _LATER:
        importlib.import_module(f"chalicelib.{name}")
    BUILT_IN.load()
    runtime()


@cache
def runtime() -> Runtime:
    """The runtime of this Lambda, made on its first event from the environment."""
    settings = deployment.from_environment(os.environ)
    store = Store(aws.client("dynamodb"), settings.table)
    executor = Executor(
        settings,
        store,
        Objects(aws.client("s3"), settings.bucket),
        SageMaker(aws.client("sagemaker"), settings.prefix),
        Outbox(store, Topic(aws.client("sns"), settings.topic_arn)),
        Alarms(aws.client("cloudwatch")),
        Tags(aws.client("resourcegroupstaggingapi"), settings.prefix),
        Logs(lambda: aws.client("logs")),
        Figures(aws.client("cloudwatch")),
        AutoScaling(lambda: aws.client("application-autoscaling")),
    )
    return Runtime(executor, lambda: datetime.now(UTC), SWEPT_AT_ONCE)
