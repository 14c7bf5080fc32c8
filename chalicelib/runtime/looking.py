"""Who looks when: many files arrive at once, and the folder is listed once a second for all of them.

Why a look that finds nothing new need not write anything. S3's listings show whatever was uploaded before they began,
so of two looks the later one is right; what must not happen is that the earlier one acts on what it saw afterwards.
Looks take turns (`aws/looks.py`), so that it has acted before the later one begins; or it was so slow that its turn was
taken from it. Then the record was written anew between the two (the fence), and the slow one, which had read it before
its own turn began, finds it changed and loses. In every other case a look without news leaves the record as it was.

And why no upload is lost: its event either begins a look itself or is counted by one that is under way, which then
looks again; a question that nobody answers stays open for the sweep.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.aws.looks import Looks, Turn
from chalicelib.aws.store import ConflictError, Store
from chalicelib.records.dataset import Dataset
from chalicelib.runtime.telemetry import log

LONGEST = timedelta(seconds=60)
"""After this a function leaves what is still asked to whoever comes next: it may have been called for other things."""
TRIES = 5


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Looking:
    """The turns of this deployment."""

    store: Store
    now: Callable[[], datetime]
    pause: Callable[[float], None]
    """Waits for so many seconds."""

    def each(self, name: str, look: Callable[[Dataset], bool], *, asks: bool) -> None:
        """Look at a dataset until all questions are answered, this one's and those that come meanwhile.

        Nothing happens when somebody else is looking, to whom the question is left if the caller `asks` one.

        `look` gets the record as it is before anything is looked at, and says whether it has answered what others may
        have asked. It may raise `ConflictError` when somebody has written the record since: what it saw is looked at
        once more. After any other error the questions stay open.
        """
        holder, until = os.urandom(16).hex(), self.now() + LONGEST
        turn: Turn | None = None
        while found := self._take(name, holder, asks=asks, again=turn is not None):
            record, turn = found
            try:
                answered = look(record)
                if (answered or not turn.waiting) and self._looks.done(turn):
                    return
            except ConflictError:
                log.info("overtaken", extra={"dataset": name})
            except Exception:
                with suppress(Exception):  # else it runs out by itself
                    self._looks.leave(turn)
                raise
            if self.now() > until:
                self._looks.leave(turn)
                return
        if turn:  # lost to somebody, who may have looked before what was read of relay.yaml here was noted
            self._looks.leave(turn)

    @property
    def _looks(self) -> Looks:
        return Looks(self.store)

    def _take(self, name: str, holder: str, *, asks: bool, again: bool) -> tuple[Dataset, Turn] | None:
        """A turn, and the record as it was just before that; None when somebody else has it."""
        fences = False
        for _ in range(TRIES):
            record = self.store.dataset(name)
            turn = self._take_in_time(name, holder, again=again)
            if turn is None:
                if again or not asks or self._looks.ask(name, self.now()):
                    return None
                continue  # it was given back in between
            fences, again = fences or turn.fences, True
            if not fences:
                return record, turn
            with suppress(ConflictError):
                return self.store.save_dataset(record), turn
        log.info("left to the sweep", extra={"dataset": name})
        return None

    def _take_in_time(self, name: str, holder: str, *, again: bool) -> Turn | None:
        """A turn that begins now, and not too soon after the last one."""
        first = self._looks.take(name, holder, self.now(), again=again)
        wait = first.wait(self.now()).total_seconds() if first else 0.0
        if first is None or not wait:
            return first
        self.pause(wait)
        now = self._looks.take(name, holder, self.now(), again=True)  # with what was asked meanwhile
        if now is None:
            return None
        return replace(now, fences=first.fences or now.fences, waiting=first.waiting or now.asked > first.asked)
