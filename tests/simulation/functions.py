"""Lambda: events that are tried three times, functions that are ended at their timeout, and every call they make.

Each call of a client is a place where anything may happen: others go on while it lasts, it is throttled, its answer is
lost, the function stands still, or dies before or after it.

Two things are not simulated. A pool of threads inside a function (it describes a tuning's trials) makes its calls in
place, with nothing in between: which of its threads is first is the machine's to decide and not the seed's, and a
history would no longer be the same twice. And for the same reason a sweep looks at one record after the other here
(`at_once=1`), in production at four. What that adds, two writers of one record, is there all the same, and more of it:
functions overlap at every call. That pools work at all is the matter of tests/relay/test_sweeping.py.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ReadTimeoutError

from chalicelib.runtime import Runtime
from chalicelib.runtime.telemetry import metrics
from tests.memory_cloud.refusals import ConditionalCheckFailedException, refused
from tests.simulation.scheduler import Process

if TYPE_CHECKING:
    from tests.simulation.world import World

TIMEOUT = 300.0
"""Of our functions (.chalice/config.json; a test compares)."""
_ATTEMPTS = 3
_OURS = (TypeError, AttributeError, LookupError, AssertionError, NameError, ArithmeticError)
_WRITES = ("create_", "update_", "delete_", "put_", "publish", "register_", "deregister_")
_BUSY = {
    "dynamodb": ("ThrottlingException", "ProvisionedThroughputExceededException", "InternalServerError"),
    "s3": ("SlowDown", "InternalError"),
    "sns": ("Throttling", "InternalError"),
    "application-autoscaling": ("ConcurrentUpdateException", "InternalServiceException"),
    "sagemaker": ("ThrottlingException", "ServiceUnavailable", "InternalFailure"),
}
_BUSY_ELSEWHERE = ("ThrottlingException", "InternalFailure")


class Death(BaseException):
    """The function dies here. No Exception, so that nothing catches it by accident."""


Work = Callable[[Runtime], None]


class Functions:
    """The deployment's functions."""

    def __init__(self, world: World, assemble: Callable[[Invocation], Runtime]) -> None:
        self._world, self._assemble = world, assemble
        self.running = 0
        self.at_once = 0
        """The most that have been running at the same time."""
        self.waiting = 0
        self.dead_letters: list[tuple[str, Work]] = []

    def invoke(self, key: str, work: Work) -> None:
        """Invoke a function asynchronously with an event."""
        self._attempt(key, work, 1)

    def _attempt(self, key: str, work: Work, number: int) -> None:
        invocation = Invocation(self._world, f"{key}/{number}")
        self.running += 1
        self.at_once = max(self.at_once, self.running)

        def body(process: Process) -> None:
            invocation.begin(process)
            ended = self._run(work, invocation)
            self.running -= 1
            if ended and number < _ATTEMPTS:
                self.waiting += 1
                self._world.later(60.0 * number, lambda: self._again(key, work, number + 1))
            elif ended:
                self._world.tell(f"dead letter: {key}")
                self.dead_letters.append((key, work))

        Process(self._world.scheduler, body).resume()

    def _again(self, key: str, work: Work, number: int) -> None:
        self.waiting -= 1
        self._attempt(key, work, number)

    def _run(self, work: Work, invocation: Invocation) -> str:
        """Run a function; gives how it went wrong, if it did."""
        try:
            work(self._assemble(invocation))
        except Death as death:
            self._world.tell(f"{invocation.key} dies: {death}")
            return "died"
        except Exception as problem:  # noqa: BLE001 (as Lambda does)
            for one in _each(problem):
                if isinstance(one, _OURS):
                    self._world.wrong("no mistake of our own ends a function", f"{invocation.key}: {one!r}")
            self._world.tell(f"{invocation.key} fails: {problem!r}")
            return "failed"
        finally:
            metrics.clear_metrics()
        return ""


class Invocation:
    """One run of a function: its clock, its deadline, and what befalls its calls."""

    def __init__(self, world: World, key: str) -> None:
        self._world, self.key = world, key
        self._thread = 0
        self._deadline = 0.0
        self.began = 0.0
        self.decided = 0.0
        """When it last had its say: its newest call was decided upon then, however long that takes."""
        self._process: Process | None = None
        self.calls = 0
        self.mishaps: set[int] = set()
        """The numbers of calls at which something went wrong."""
        self._skew = world.weather.skew * (2 * world.chance.share(f"clock of {key}") - 1)

    def begin(self, process: Process) -> None:
        self._process, self._thread = process, threading.get_ident()
        self.began = self._world.now
        self._deadline = self.began + TIMEOUT

    def clock(self) -> datetime:
        """The time, as this function has it."""
        return self._world.clock() + timedelta(seconds=self._skew)

    def pause(self, seconds: float) -> None:
        """Wait, as this function does when it chooses to."""
        self._wait(self._world.now + seconds)

    def wire(self, service: str, client: Any) -> Any:
        """A client whose calls go through here."""
        return _Wire(service, client, self)

    def call(self, operation: str, do: Callable[[], Any], request: dict[str, Any] | None = None) -> Any:
        """Make a call, with whatever befalls it."""
        if threading.get_ident() != self._thread:
            return do()  # see the module's docstring
        world, weather = self._world, self._world.weather
        self.calls += 1
        self.decided = world.now
        name = f"{self.key} call {self.calls} {operation}"
        what, size, length = world.chance.shares(name)
        self._wait(world.now + (weather.latency if world.stormy else 0.05) * (0.2 + 1.6 * length))
        world.caller = self
        world.calls += 1
        world.seen.add((operation, "call"))
        world.waits.asked(self, operation.partition(".")[2], request or {})
        mishap = world.planned.get(world.calls) or self._mishap(name, what, size)
        if mishap is None:
            return self._undisturbed(operation, do)
        world.seen.add((operation, mishap))
        self.mishaps.add(self.calls)
        return self._befall(mishap, name, size, do)

    def _undisturbed(self, operation: str, do: Callable[[], Any]) -> Any:
        """Make a call that nothing befalls. When its condition does not hold, somebody else has written before."""
        try:
            return do()
        except ConditionalCheckFailedException as lost:
            self._world.seen.add((operation, f"overtaken at a {lost.key.partition('#')[0]}"))
            raise

    def _mishap(self, name: str, what: float, size: float) -> str | None:
        """What befalls this call, if anything."""
        world, weather = self._world, self._world.weather
        operation = name.rpartition(" ")[2]
        service, _, method = operation.partition(".")
        is_made = service == "sagemaker" and method.startswith("create_")
        if is_made and world.is_shut(method):
            return "quota"
        if not world.stormy:
            return None
        if is_made:
            period = f"quota of {method} {int(world.now // 1800)}"
            if world.chance.happens(period, weather.quota):
                return "quota"
        limits = (
            ("crash before" if size < 0.5 else "crash after", weather.crash),
            ("throttle", weather.throttle),
            ("freeze before" if size < 0.5 else "freeze after", weather.freeze),
            ("repeat", weather.repeat if method.startswith(_WRITES) else 0.0),
            ("no answer", weather.silence if method.startswith(_WRITES) else 0.0),
        )
        passed = 0.0
        for mishap, likely in limits:
            passed += likely
            if what < passed:
                return mishap if world.chance.allows(f"{mishap}: {name}") else None
        return None

    def _befall(self, mishap: str, name: str, size: float, do: Callable[[], Any]) -> Any:
        self._world.tell(f"{mishap}: {name}")
        service = name.rpartition(" ")[2].partition(".")[0]
        standstill = 5.0 + 400.0 * (2 * size % 1) ** 2
        if mishap == "throttle":
            raise refused(self._world.chance.pick(_BUSY.get(service, _BUSY_ELSEWHERE), f"code {name}"), "Rate exceeded")
        if mishap == "quota":
            raise refused("ResourceLimitExceeded", "The account-level service limit is 0 Instances")
        if mishap == "crash before":
            raise Death(mishap)
        if mishap == "freeze before":
            self._wait(self._world.now + standstill)
            self._world.caller = self
        if mishap == "repeat":
            do()
        answer = do()
        if mishap == "crash after":
            raise Death(mishap)
        if mishap == "no answer":
            raise ReadTimeoutError(endpoint_url=name)
        if mishap == "freeze after":
            self._wait(self._world.now + standstill)
        return answer

    def _wait(self, until: float) -> None:
        assert self._process is not None
        self._process.wait(min(until, self._deadline))
        if until > self._deadline:
            self.mishaps.add(self.calls)
            raise Death("its time is over")


class _Wire:
    def __init__(self, service: str, client: Any, invocation: Invocation) -> None:
        self._service, self._client, self._invocation = service, client, invocation

    @property
    def exceptions(self) -> Any:
        return self._client.exceptions

    def get_paginator(self, operation: str) -> _Pages:
        return _Pages(f"{self._service}.{operation}", self._client.get_paginator(operation), self._invocation)

    def __getattr__(self, operation: str) -> Any:
        inner = getattr(self._client, operation)
        name = f"{self._service}.{operation}"
        return lambda **request: self._invocation.call(name, lambda: inner(**request), request)


class _Pages:
    def __init__(self, name: str, paginator: Any, invocation: Invocation) -> None:
        self._name, self._paginator, self._invocation = name, paginator, invocation

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        pages = self._invocation.call(self._name, lambda: list(self._paginator.paginate(**request)))
        yield pages[0]
        for page in pages[1:]:
            yield self._invocation.call(self._name, partial(dict, page))


def _each(problem: BaseException) -> Iterator[BaseException]:
    if isinstance(problem, BaseExceptionGroup):
        for one in problem.exceptions:
            yield from _each(one)
    else:
        yield problem
