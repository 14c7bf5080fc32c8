"""EventBridge and Lambda's asynchronous queue: from an envelope to the functions whose rules want it.

Delivery is as on AWS: asynchronous, at least once, unordered, a failing function is tried three times, and what cannot
be delivered ends in one of two dead-letter queues: the rule's (the function could not be called at all) or the
function's (it was called and failed each time). Only the waiting is shortened. It must not know what an event means,
and never calls a function in the thread that put the event: a handler must not be able to wait for its own effect.
"""

import heapq
import itertools
import json
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal, cast

from moto.events.models import EventPattern
from moto.events.utils import EventMessageType

from chalicelib.settings import schedules
from local.events import envelopes
from local.events.delivery import DeadLetter, Delivery, InvocationFailed, Invoke, Pace, Rule
from local.events.envelopes import Envelope
from local.events.faults import Copy, Fate, Faults, Misfortune

LARGEST_EVENT = 1024 * 1024  # bytes Lambda takes asynchronously
_REMEMBERED = 2000  # envelopes kept for whoever looks on, and for saving the state


class Bus:
    """Takes envelopes at any time, delivers between `start` and `stop`; thread-safe.

    `bury(dead letter)` is called for each event given up.
    """

    def __init__(
        self,
        *,
        region: str,
        account: str,
        bury: Callable[[DeadLetter], None],
        faults: Faults | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._region, self._account = region, account
        self._bury = bury
        self._misfortune = Misfortune(faults or Faults())
        self.pace = pace or Pace()
        self.rules: tuple[Rule, ...] = ()
        self.dead_letters: list[DeadLetter] = []
        self._patterns: list[tuple[Rule, EventPattern]] = []
        self._invoke: Invoke | None = None
        self._observers: list[Callable[[Envelope], None]] = []
        self._early: list[Envelope] = []  # put before the rules were known
        self._queue: list[Delivery] = []
        self._in_flight: dict[int, Delivery] = {}
        self._numbers = itertools.count()
        self._recent: deque[tuple[int, Envelope]] = deque(maxlen=_REMEMBERED)
        self._count = 0
        self._changed = threading.Condition()
        self._stopping = False
        self._threads: list[threading.Thread] = []

    # Putting events

    def put(self, event: Envelope) -> None:
        """Takes an envelope and returns at once."""
        event = json.loads(json.dumps(event))  # what a function gets has gone through JSON, and nobody can change it
        with self._changed:
            self._count += 1
            self._recent.append((self._count, event))
            if self._invoke is None:
                self._early.append(event)
            else:
                self._enqueue(event)
            self._changed.notify_all()
        for observer in tuple(self._observers):
            observer(event)

    def fire(self, function: str) -> None:
        """Delivers a scheduled event to a function now. Raises KeyError if it has no schedule."""
        rule = next((rule for rule in self.rules if rule.function == function and rule.schedule), None)
        if rule is None:
            raise KeyError(f"{function} has no schedule; scheduled: {[r.function for r in self.rules if r.schedule]}")
        self._fire(rule)

    def observe(self, observer: Callable[[Envelope], None]) -> None:
        """Calls `observer` with every envelope put from now on, before it is delivered. It must be quick."""
        self._observers.append(observer)

    def _fire(self, rule: Rule) -> None:
        event = envelopes.scheduled(rule.name, account=self._account, region=self._region)
        with self._changed:
            self._add(rule.function, event, Copy(Fate.ON_TIME))
            self._changed.notify_all()

    def _enqueue(self, event: Envelope) -> None:
        wanted = [rule for rule, pattern in self._patterns if pattern.matches_event(cast("EventMessageType", event))]
        self._queue = [
            replace(waiting, due=time.monotonic() + 0.05, awaits_another=False) if waiting.awaits_another else waiting
            for waiting in self._queue
        ]
        heapq.heapify(self._queue)
        for copy in self._misfortune.copies(event):
            for rule in wanted:
                self._add(rule.function, event, copy)

    def _add(self, function: str, event: Envelope, copy: Copy) -> None:
        due = time.monotonic() + copy.after
        is_held = copy.fate is Fate.OVERTAKEN
        heapq.heappush(self._queue, Delivery(due, next(self._numbers), function, event, awaits_another=is_held))

    # Delivering

    def start(self, rules: Iterable[Rule], invoke: Invoke) -> None:
        """From now on events are delivered, those that came before first. Raises ValueError for a wrong schedule."""
        self.rules = tuple(rules)
        timetable = [(rule, schedules.parse(rule.schedule)) for rule in self.rules if rule.schedule]
        with self._changed:
            self._patterns = [
                (rule, EventPattern.load(json.dumps(rule.pattern))) for rule in self.rules if rule.pattern is not None
            ]
            self._invoke = invoke
            for event in self._early:
                self._enqueue(event)
            self._early.clear()
        self._threads = [
            threading.Thread(target=self._deliver_all, name="bus", daemon=True),
            threading.Thread(target=self._keep_schedules, args=(timetable,), name="schedules", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def hold(self) -> None:
        """Delivers nothing more from now on; what is queued, or fails from now on, stays `pending`."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def stop(self) -> None:
        """Holds, and waits for what is in flight."""
        self.hold()
        for thread in self._threads:
            thread.join()

    def _deliver_all(self) -> None:
        with ThreadPoolExecutor(self.pace.functions_at_once, thread_name_prefix="invoke") as pool:
            while (delivery := self._next()) is not None:
                pool.submit(self._deliver, delivery)

    def _next(self) -> Delivery | None:
        with self._changed:
            while not self._stopping:
                is_free = len(self._in_flight) < self.pace.functions_at_once
                wait = self._queue[0].due - time.monotonic() if self._queue and is_free else None
                if wait is not None and wait <= 0:
                    delivery = self._take()
                    self._in_flight[delivery.number] = delivery
                    return delivery
                self._changed.wait(wait)
            return None

    def _take(self) -> Delivery:
        """The event that is due longest, but first one of a function that is not at work.

        Each function has a queue of its own on AWS: a folder of uploads does not keep a job's end waiting.
        """
        at_work = {delivery.function for delivery in self._in_flight.values()}
        first, now = self._queue[0], time.monotonic()
        if first.function in at_work:
            others = (one for one in self._queue if one.function not in at_work and one.due <= now)
            first = min(others, default=first)
        if first is self._queue[0]:
            return heapq.heappop(self._queue)
        self._queue.remove(first)
        heapq.heapify(self._queue)
        return first

    def _deliver(self, delivery: Delivery) -> None:
        again: Delivery | None = None
        try:
            again = self._attempt(delivery)
        except Exception as error:  # noqa: BLE001 - whatever it is, this event could not be handed over
            traceback.print_exc()
            self._give_up("target", delivery, repr(error), attempts=0)
        finally:
            with self._changed:
                if again is not None:
                    heapq.heappush(self._queue, again)
                del self._in_flight[delivery.number]
                self._changed.notify_all()

    def _attempt(self, delivery: Delivery) -> Delivery | None:
        """Calls the function once; gives the next attempt if there is to be one."""
        if self._invoke is None or len(json.dumps(delivery.event).encode()) > LARGEST_EVENT:
            self._give_up("target", delivery, f"larger than the {LARGEST_EVENT} bytes Lambda takes", attempts=0)
            return None
        try:
            self._invoke(delivery.function, delivery.event)
        except InvocationFailed as error:
            if self._stopping:
                return delivery  # ended by the stop, not by the event: it stays pending
            if delivery.attempt <= len(self.pace.retry_delays):
                due = time.monotonic() + self.pace.retry_delays[delivery.attempt - 1]
                return replace(delivery, due=due, attempt=delivery.attempt + 1)
            self._give_up("function", delivery, str(error), delivery.attempt)
        return None

    def _give_up(self, queue: Literal["target", "function"], delivery: Delivery, error: str, attempts: int) -> None:
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        letter = DeadLetter(queue, delivery.function, delivery.event, attempts, error, at)
        self.dead_letters.append(letter)
        self._bury(letter)

    # Schedules

    def _keep_schedules(self, timetable: list[tuple[Rule, schedules.Schedule]]) -> None:
        """Fires what is due on a clock of its own that runs `schedule_speed` times as fast, until the bus stops."""
        start, origin = datetime.now(UTC), time.monotonic()
        after = start
        while not self._stopping:
            with self._changed:
                self._changed.wait_for(lambda: self._stopping, 0.1)
            now = start + timedelta(seconds=(time.monotonic() - origin) * self.pace.schedule_speed)
            for rule, schedule in timetable:
                is_due = any(schedules.firings(schedule, start=start, after=after, until=now))
                if is_due and not self._stopping and not self._awaits(rule.function):
                    self._fire(rule)
            after = now

    def _awaits(self, function: str) -> bool:
        """A function still busy with its last scheduled event gets no second one: time is faster here than machines."""
        with self._changed:
            waiting = [*self._queue, *self._in_flight.values()]
        return any(d.function == function and d.event["source"] == "aws.events" for d in waiting)

    # Looking on

    def idle(self) -> bool:
        """Nothing queued, delayed or in flight."""
        with self._changed:
            return not (self._queue or self._in_flight or self._early)

    def wait_idle(self, timeout: float) -> None:
        """Raises TimeoutError if the bus is still busy after `timeout` seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: not (self._queue or self._in_flight or self._early), timeout):
                raise TimeoutError(
                    f"after {timeout} s still {len(self._queue)} queued, {len(self._in_flight)} in flight"
                )

    @property
    def mark(self) -> int:
        """How many envelopes there have been, for `pending`."""
        return self._count

    def pending(self, since: int | None = None) -> list[Envelope]:
        """Events not dealt with yet, and those put after the mark `since`; not the scheduled ones, they come again.

        To be put once more after a restart: twice is allowed, never is not.
        """
        with self._changed:
            waiting = [*self._early, *(d.event for d in (*self._queue, *self._in_flight.values()))]
            later = [event for number, event in self._recent if since is not None and number > since]
        events = {event["id"]: event for event in (*waiting, *later) if event["source"] != "aws.events"}
        return list(events.values())
