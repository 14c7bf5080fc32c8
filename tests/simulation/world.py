"""A history's world: clock, cloud, events on their way, functions, and a protocol of what happened."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from chalicelib.names import StepName
from chalicelib.runtime import Runtime
from tests.memory_cloud.cloud import Fate, MemoryCloud
from tests.memory_cloud.endpoints import Change
from tests.memory_cloud.serverless import REFUSALS
from tests.relay.builders import DEPLOYMENT, NOW
from tests.simulation import reasons, scaling_rules, weather
from tests.simulation.chance import Chance
from tests.simulation.functions import Functions, Invocation
from tests.simulation.mail_rules import Sent
from tests.simulation.monitoring_rules import Changes
from tests.simulation.outcomes import Outcomes
from tests.simulation.scheduler import Scheduler
from tests.simulation.wait_rules import Waits

_SHUT_FOR = (3 * weather.HOUR, 12 * weather.HOUR, 44 * weather.HOUR)
"""The last is longer than a run has patience, and so for the run after it no longer."""
Assemble = Callable[["World", Invocation], Runtime]


class World:
    """Everything around the runtime, in one seed's weather."""

    def __init__(self, chance: Chance, assemble: Assemble) -> None:
        self.chance, self.weather = chance, weather.drawn(chance)
        self.scheduler = Scheduler()
        self.protocol: list[tuple[float, str]] = []
        self.problems: list[tuple[str, str]] = []
        self.seen: set[tuple[str, str]] = set()
        """What has befallen which operation."""
        self.begun: dict[str, str] = {}
        """Every run in the order in which their records were first written, and its dataset."""
        self.under_way: dict[str, str] = {}
        """The runs that have not ended, and their datasets."""
        self.mails: Sent
        self.waits = Waits(self)
        self.changes = Changes(self)
        self.approved: set[str] = set()
        """The runs whose models a person approved."""
        self.meddled: dict[str, float] = {}
        """What a person deleted or changed below runs/, run by run and key by key, and when."""
        self.withdrawn: dict[str, float] = {}
        """By dataset: when a person last deleted one of its own files, of which no event tells."""
        self.uploaded: dict[str, float] = {}
        """By dataset: when a person last uploaded data or settings, which is looked at."""
        self.best: dict[str, tuple[str, str]] = {}
        """By dataset: the model in service, and the best one there has been, as far as anybody could know."""
        self.rollbacks: dict[str, str] = {}
        """By request to go back: the dataset."""
        self.came_back: dict[str, str] = {}
        """By dataset: the run whose model serves because callers were taken back to it."""
        self.left: set[str] = set()
        """The runs whose models the relay wanted to leave by itself."""
        self.served: dict[str, set[str]] = {}
        """By dataset: the runs whose models have been in service."""
        self.taken_away: set[str] = set()
        """Endpoints that a person deleted, until they are created anew."""
        self.scalings = 0
        """How often an endpoint was registered to be scaled."""
        self.calls = 0
        """How many calls were made so far, by all functions."""
        self.planned: Mapping[int, str] = {}
        """Mishaps that are no matter of chance: what befalls a call, by its number."""
        self.caller: Invocation | None = None
        """Whose call is being served."""
        self.outcomes = Outcomes(self)
        fate = Fate(self.outcomes.decide, self.outcomes.leave, self._change, self._is_unfit, self._lag)
        self.cloud = MemoryCloud(DEPLOYMENT, self, fate)
        self.table, self.bucket, self.topic = self.cloud.table, self.cloud.bucket, self.cloud.topic
        self.endpoints, self.jobs, self.registry = self.cloud.endpoints, self.cloud.jobs, self.cloud.registry
        self.alarms, self.tags = self.cloud.alarms, self.cloud.tags
        scaling_rules.watch(self)
        if self.chance.happens("no serverless endpoints", self.weather.unserved):
            self.endpoints.serverless.how = self.chance.pick(tuple(REFUSALS), "how they are refused")
        self.table.page_items = 8  # a page is a call, and much may happen between two
        self.bucket.put(f"{DEPLOYMENT.code}/jobs.zip", b"code")
        self.functions = Functions(self, lambda invocation: assemble(self, invocation))
        self.on_their_way = 0

    @property
    def now(self) -> float:
        return self.scheduler.now

    @property
    def stormy(self) -> bool:
        """Whether misfortunes may still strike."""
        return self.scheduler.now < self.weather.storm

    def clock(self) -> datetime:
        return self.at(self.now)

    def at(self, moment: float) -> datetime:
        return NOW + timedelta(seconds=moment)

    def later(self, seconds: float, do: Callable[[], None]) -> None:
        self.scheduler.at(self.now + seconds, do)

    def tell(self, line: str) -> None:
        """Note what happened, for the scenario of this history."""
        self.protocol.append((self.now, line))

    def wrong(self, rule: str, what: str) -> None:
        """Note that a rule was broken."""
        self.protocol.append((self.now, f"BROKEN: {rule}: {what}"))
        self.problems.append((rule, what))

    def gone(self, endpoint: str, what: str) -> None:
        """What an endpoint needs was deleted before it served.

        That may happen to the candidate of a run that has ended: who was late in creating it found all cleaned up. It
        is an orphan then, and looked for as such.
        """
        name = StepName.parse(endpoint)
        if name is None or name.run in self.under_way:
            self.wrong("nothing in use is deleted", f"{what}, while {endpoint} begins to serve it")

    def emit(self, kind: str, name: str, status: str, detail: dict[str, Any]) -> None:
        """SageMaker sends an event, best effort: it may be lost."""
        key = f"event {name} {status}"
        if self.stormy and self.chance.happens(f"lost: {key}", self.weather.lost):
            self.tell(f"lost: {key}")
            return
        self._send(key, {"id": key, "source": "aws.sagemaker", "detail-type": kind, "detail": detail})

    def upload(self, key: str, body: bytes) -> None:
        """A user puts a file; S3 tells of it at least once."""
        version = self.bucket.put(key, body)
        if key.split("/")[2] in {"train", "relay.yaml"}:
            self.uploaded[key.split("/")[1]] = self.now
        about = {"key": key, "etag": version.etag, "version-id": version.id, "size": len(body)}
        detail = {"bucket": {"name": DEPLOYMENT.bucket}, "object": about}
        name = f"upload {key} {version.id}"
        self._send(name, {"id": name, "source": "aws.s3", "detail-type": "Object Created", "detail": detail})

    def ask(self, dataset: str, number: int, drill: str | None = None) -> None:
        """A person asks for a check, or for a drill's, by an event of their own."""
        self.request(
            f"{dataset} {number}", "Check Requested", **({"dataset": dataset} | ({"drill": drill} if drill else {}))
        )

    def has_previous(self, dataset: str) -> bool:
        """Whether a model is kept that one could go back to."""
        item = self.table.items.get(f"dataset#{dataset}")
        return item is not None and json.loads(item["document"]["S"])["previous"] is not None

    def roll_back(self, dataset: str, number: int) -> None:
        """A person wants the model before the live one back, by an event of their own."""
        item = self.table.items.get(f"dataset#{dataset}")
        live = json.loads(item["document"]["S"])["live"] if item else None
        name = self.request(
            f"rollback {dataset} {number}",
            "Rollback Requested",
            dataset=dataset,
            leave=live["run"] if live else "nobody-00000000",
        )
        self.rollbacks[name] = dataset

    def promote(self, dataset: str, number: int) -> None:
        """A person wants an earlier model back: any that has served."""
        item = self.table.items.get(f"dataset#{dataset}")
        live = json.loads(item["document"]["S"])["live"] if item else None
        served = sorted(self.served.get(dataset, set()))
        if live and served:
            to = self.chance.pick(served, f"which is promoted {number}")
            name = self.request(
                f"promote {dataset} {number}", "Rollback Requested", dataset=dataset, leave=live["run"], to=to
            )
            self.rollbacks[name] = dataset

    def retrain(self, dataset: str, number: int) -> None:
        """A person wants another model of what lies there."""
        self.request(f"retrain {dataset} {number}", "Retraining Requested", dataset=dataset, because="new prices")

    def cancel(self, dataset: str, number: int) -> None:
        """A person wants the run under way to end, by an event of their own."""
        item = self.table.items.get(f"dataset#{dataset}")
        active = json.loads(item["document"]["S"])["active"] if item else None
        if active:
            self.request(f"cancel {dataset} {number}", "Cancel Requested", run=active, because="no longer wanted")

    def request(self, name: str, what: str, **detail: str) -> str:
        """A person wants something of the relay, by an event of their own; gives the event's id."""
        name = f"request {name}"
        self._send(name, {"id": name, "source": "sagerelay", "detail-type": what, "detail": detail})
        return name

    def _send(self, key: str, envelope: dict[str, Any]) -> None:
        copies = 1 + (self.stormy and self.chance.happens(f"twice: {key}", self.weather.twice))
        for copy in range(copies):
            late = self.stormy and self.chance.happens(f"late: {key} {copy}", self.weather.late)
            delay = self.chance.between(0.0, 3600.0 if late else 3.0, f"delay {key} {copy}")
            self.on_their_way += 1
            self.later(delay, partial(self._arrive, f"{key} #{copy}", envelope))

    def _arrive(self, key: str, envelope: dict[str, Any]) -> None:
        self.on_their_way -= 1
        self.functions.invoke(key, lambda runtime: runtime.receive(envelope))

    def sweep(self, number: int) -> None:
        """The schedule fires."""
        self.functions.invoke(f"sweep {number}", lambda runtime: runtime.sweep())

    def replay(self) -> None:
        """The operator puts back the dead letters that nobody else can make good: what users did."""
        letters, self.functions.dead_letters = self.functions.dead_letters, []
        for key, work in letters:
            if key.startswith(("upload", "request")):
                self.tell(f"replayed: {key}")
                self.functions.invoke(f"replayed {key}", work)

    def is_shut(self, operation: str) -> bool:
        """Whether the quota for this operation is used up for long: for hours, which begin in the storm."""
        begins = self.chance.between(0.0, self.weather.storm, f"when {operation} is shut")
        length = self.chance.pick(_SHUT_FOR, f"for how long {operation} is shut")
        return begins <= self.now < begins + length and self.chance.happens(f"shut: {operation}", self.weather.shut)

    def _lag(self, name: str) -> float:
        return self.weather.lag * self.chance.share(f"lag of {name}") if self.stormy else 0.5

    def _is_unfit(self, tuning: str) -> bool:
        return self.chance.happens(f"unfit: {tuning}", self.weather.unfit)

    def _change(self, name: str) -> Change:
        """What becomes of an endpoint's change."""
        seconds = self.chance.between(60.0, 600.0, f"length of {name}")
        self.taken_away.discard(name.partition(" to ")[0])
        change = Change(seconds, stale=self.stale(name))
        if not self.stormy:
            return change
        if self.chance.happens(f"failure of {name}", self.weather.failing):
            says_why = self.chance.share(f"whether {name} says why") < 0.5
            reason = self.chance.pick(reasons.OF_ENDPOINTS, f"reason of {name}")
            return replace(change, reason=reason, says_why=says_why)
        if self.chance.happens(f"alarm: {name}", self.weather.alarming):
            says_why = self.chance.share(f"whether {name} says why") < 0.5
            late = self.chance.share(f"whether the alarm of {name} is late") < 0.2
            return replace(change, rings=len(name), says_why=says_why, rings_late=late)
        if self.chance.happens(f"serviced: {name}", self.weather.serviced):
            return replace(change, serviced=self.chance.between(10.0, 3600.0, f"when serviced: {name}"))
        return change

    def stale(self, name: str) -> float:
        """For how many seconds SageMaker shows nothing of what was just made or changed."""
        if self.stormy and self.chance.happens(f"stale: {name}", self.weather.stale):
            return self.chance.between(1.0, 20.0, f"how long stale: {name}")
        return 0.0
