"""A simulated clock, and processes that take turns by it: threads, of which exactly one runs at any time.

Whoever is due next by the clock runs; nothing depends on the machine's own scheduling. A process that waits while
nobody else is due sooner goes on at once without a change of threads, which is what makes many histories affordable.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable


class Scheduler:
    """What is due when. `now` is in seconds since the history's beginning."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._until = 0.0
        self.back = threading.Lock()
        self.back.acquire()

    def at(self, when: float, do: Callable[[], None]) -> None:
        """Do something at this time, or now if that is past."""
        heapq.heappush(self._due, (max(when, self.now), next(self._order), do))

    def is_next(self, when: float) -> bool:
        """Whether nothing else is due up to this time."""
        return when <= self._until and not (self._due and self._due[0][0] <= when)

    def run(self, until: float) -> None:
        """Let everything happen that is due up to this time."""
        self._until = until
        while self._due and self._due[0][0] <= until:
            self.now, _, do = heapq.heappop(self._due)
            do()
        self.now = max(self.now, until)


class Process:
    """A piece of work that may wait, in a thread of its own that is lent to it."""

    def __init__(self, scheduler: Scheduler, body: Callable[[Process], None]) -> None:
        self._scheduler = scheduler
        self._body = body
        self._worker: _Worker | None = None

    def resume(self) -> None:
        """Begin or go on, until it waits or ends. Called by the scheduler."""
        if self._worker is None:
            self._worker = _Worker.idle.pop() if _Worker.idle else _Worker()
            self._worker.job = self._run
        self._worker.go.release()
        self._scheduler.back.acquire()

    def wait(self, until: float) -> None:
        """Let the others go on until then. Called in the process."""
        if self._scheduler.is_next(until):
            self._scheduler.now = max(until, self._scheduler.now)
            return
        worker = self._worker
        assert worker is not None
        self._scheduler.at(until, self.resume)
        self._scheduler.back.release()
        worker.go.acquire()

    def _run(self) -> None:
        worker = self._worker
        assert worker is not None
        self._body(self)
        _Worker.idle.append(worker)
        self._scheduler.back.release()


class _Worker:
    """A thread that is used again and again: starting one takes longer than most of what is done in it."""

    idle: list[_Worker] = []  # noqa: RUF012 (shared on purpose)

    def __init__(self) -> None:
        self.go = threading.Lock()
        self.go.acquire()
        self.job: Callable[[], None] = lambda: None
        threading.Thread(target=self._forever, daemon=True).start()

    def _forever(self) -> None:
        while True:
            self.go.acquire()
            self.job()
