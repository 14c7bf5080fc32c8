"""A whole drill: all traffic first, then check after check, and the silence of what is no news judged last.

The traffic of all scenarios is sent before anything is checked, because on AWS capture files come minutes later and
one wait is enough; each scenario's records carry its own id, so they do not meet. The scenarios that must stay silent
are checked first and judged last: by then the alarms of the others have come, and one of theirs would have too.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.names import Kind
from chalicelib.records.commands import Mail as MailKind
from ops import live
from ops.checks import Checks, Timeouts, ask
from ops.drill import traffic
from ops.drill.mails import Mails, subscribed
from ops.drill.scenarios import Plan, Scenario, Skipped, plan
from ops.drill.verdict import Evidence, Outcome, Result, judge, skipped
from ops.live import LiveModel
from ops.target import OpsError, Target


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: at most so many rows a scenario, drawn by this seed."""

    dataset: str
    scenarios: Sequence[Scenario]
    rows: int
    seed: int


@dataclass(frozen=True, slots=True)
class Drill:
    """A drill that was held."""

    dataset: str
    model: LiveModel
    results: tuple[Result, ...]

    @property
    def passed(self) -> bool:
        """Whether something was shown, and nothing failed."""
        outcomes = {result.outcome for result in self.results}
        return Outcome.PASSED in outcomes and Outcome.FAILED not in outcomes


@dataclass(frozen=True, slots=True)
class Clock:
    """Time, as a drill sees it: a clock in seconds, and how to let it pass."""

    seconds: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep


def hold(
    target: Target,
    order: Order,
    timeouts: Timeouts,
    *,
    now: datetime,
    say: Callable[[str], None],
    clock: Clock | None = None,
) -> Drill:
    """Hold a drill. `say` gets a line whenever something happens.

    Raises:
        OpsError: it cannot be held.
    """
    clock = clock or Clock()
    model = live.read(target, order.dataset)
    fewest = math.ceil(model.min_rows * 100 / model.capture.percentage)  # of a sample, that many are captured
    planned = [plan(one, model.held_out, rows=order.rows, fewest=fewest, seed=order.seed) for one in order.scenarios]
    plans = {drill_id(now, number): one for number, one in enumerate(planned) if isinstance(one, Plan)}
    for one in planned:
        if isinstance(one, Skipped):
            say(f"{one.scenario}: skipped, {one.reason}")
    found: Mapping[str, Result] = {}
    if plans:
        with _subscribed(target, order.dataset, plans) as mails:
            found = _Rehearsal(target, order.dataset, model, timeouts, clock, say, now, plans, mails).play()
    by_scenario = {result.scenario: result for result in found.values()}
    results = tuple(skipped(one) if isinstance(one, Skipped) else by_scenario[one.scenario] for one in planned)
    return Drill(order.dataset, model, results)


def drill_id(now: datetime, number: int) -> str:
    """A short id, of its own for every drill: the time in milliseconds, and which scenario.

    >>> from datetime import UTC
    >>> drill_id(datetime(2026, 11, 22, tzinfo=UTC), 2)
    '1a2008d7400c'
    """
    return f"{int(now.timestamp() * 1000):x}{chr(ord('a') + number)}"


def _subscribed(target: Target, dataset: str, plans: Mapping[str, Plan]) -> AbstractContextManager[Mails]:
    return subscribed(target.client("sns"), target.client("sqs"), target.topic_arn, dataset=dataset, drills=list(plans))


@dataclass
class _Rehearsal:
    target: Target
    dataset: str
    model: LiveModel
    timeouts: Timeouts
    clock: Clock
    say: Callable[[str], None]
    now: datetime
    plans: Mapping[str, Plan]
    mails: Mails

    def play(self) -> dict[str, Result]:
        self._send()
        checks = Checks(self.target, self.dataset, Kind.DRILL, self.now)
        for drill, one in self.plans.items():
            self._check(checks, drill, one)
        if any(not one.is_drift for one in self.plans.values()):
            self.clock.pause(self.timeouts.grace)
        self.mails.look(seconds=1)
        return {drill: judge(one, self._evidence(checks, drill)) for drill, one in self.plans.items()}

    def _send(self) -> None:
        captured = traffic.Captured(self.target.client("s3"), self.target.bucket, self.model.capture, self.now)
        sent: dict[str, int] = {}
        for drill, one in self.plans.items():
            requests = list(traffic.bodies(one.header, one.rows, drill))
            self.say(f"{one.scenario}: {len(one.rows):,} rows to {self.model.endpoint}: {one.done}")
            try:
                traffic.send(self.target.client("sagemaker-runtime"), self.model.endpoint, requests, drill)
            except (BotoCoreError, ClientError) as error:
                raise OpsError(f"{self.model.endpoint} did not answer the drill's requests: {error}") from error
            sent[drill] = len(requests)
        self.say("waiting until the capture files hold them")
        traffic.wait_until_captured(
            captured,
            sent,
            timeout=self.timeouts.capture,
            quiet=self.timeouts.quiet,
            pause=lambda: self.clock.pause(self.timeouts.look_every),
            clock=self.clock.seconds,
        )

    def _check(self, checks: Checks, drill: str, one: Plan) -> None:
        self.say(f"{one.scenario}: asking for the check")
        ask(self.target, self.dataset, Kind.DRILL, drill)
        self._wait(lambda: self._looked(checks, drill) or self._failed(drill), self.timeouts.check)
        result = checks.of_drill(drill)
        if result is None:
            self.say(f"{one.scenario}: no result")
            return
        self.say(f"{one.scenario}: {result['state']}{_names(result)}")
        if result["state"] == "drifted":
            self._wait(lambda: any(mail.drill == drill for mail in self.mails.look()), self.timeouts.mail)

    def _looked(self, checks: Checks, drill: str) -> bool:
        checks.look()
        return checks.of_drill(drill) is not None

    def _failed(self, drill: str) -> bool:
        self.mails.look()
        return any(mail.kind == MailKind.CHECK_FAILED for mail in self.mails.of(drill))

    def _wait(self, is_so: Callable[[], bool], seconds: float) -> None:
        """Until it is so, or the time is over; what is missing then is the verdict's to say."""
        end = self.clock.seconds() + seconds
        while not is_so() and self.clock.seconds() < end:
            self.clock.pause(self.timeouts.look_every)

    def _evidence(self, checks: Checks, drill: str) -> Evidence:
        return Evidence(
            drill=drill,
            run=self.model.run,
            captured_all=self.model.capture.percentage >= 100,
            check=checks.of_drill(drill),
            mails=self.mails.of(drill),
        )


def _names(result: Mapping[str, Any]) -> str:
    named = result.get("drifted") or []
    return f": {', '.join(named)}" if named else ""
