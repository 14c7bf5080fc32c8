"""The sweep: everything that is open is looked at, within the time a Lambda has, however much there is.

A thousand open runs and a thousand live models are three thousand calls: one after the other they take minutes. So
several records are looked at side by side, which is safe because every write is conditional, and only a few, because
SageMaker throttles and nobody publishes from where on. What there is no time for comes first in the next sweep: no
record waits for ever behind the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.aws.errors import denials
from chalicelib.codec import UnreadableError
from chalicelib.records.orphans import LOOK_EVERY
from chalicelib.records.sweep import Sweep
from chalicelib.runtime.accounts import Accounts
from chalicelib.runtime.console import Console
from chalicelib.runtime.executor import Executor
from chalicelib.runtime.garbage_collection import GarbageCollection
from chalicelib.runtime.sharing import Grouping
from chalicelib.runtime.side_by_side import each
from chalicelib.runtime.telemetry import count, log

LONGEST = timedelta(seconds=150)
"""After this no record is begun any more. It is half of what the Lambda has: orphans are still to be looked for."""

Record = tuple[str, str]
"""Kind and name."""


@dataclass(frozen=True, slots=True)
class _Looked:
    """What became of a record."""

    begun: bool
    problem: Exception | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sweeping:
    """What the schedule sets off."""

    executor: Executor
    now: Callable[[], datetime]
    sweepers: Mapping[str, Callable[[str], None]]
    """What looks after a record, by its kind."""
    grouping: Grouping
    """The checks that they find due and leave to be begun together."""
    garbage: GarbageCollection
    accounts: Accounts
    console: Console
    at_once: int
    """How many records are looked at side by side."""

    def sweep(self) -> None:
        """Look after everything that is open: lost events, work left by a crash, waits that are over, orphans.

        One record that cannot be handled does not keep the others waiting; its error is raised at the end.
        """
        until, last = self.now() + LONGEST, self.executor.store.last_sweep()
        records = in_turn(list(self.executor.store.open_records()), last.reached if last else None)
        looked = each(lambda record: self._look(record, until), records, self.at_once)
        problems = [one.problem for one in looked if one.problem]
        for about, failure in self.grouping.begin():
            self._tell(*about, failure)
            problems.append(failure)
        before = last or Sweep(self.now(), 0, None)
        seen = replace(before, at=self.now(), open=len(records), reached=_reached(records, looked))
        self.executor.store.save_sweep(seen)  # before the garbage collection, which may outlast the Lambda
        try:
            after = replace(seen, collected=self._collect(last))
        except Exception as problem:  # noqa: BLE001 (collected, and raised below)
            after = replace(seen, collected=None)
            problems.append(problem)
        after, failed = self.accounts.keep(after, [name for kind, name in records if kind == "watch"])
        for about, failure in failed:
            self._tell(*about, failure)
            problems.append(failure)
        if after != seen:
            self.executor.store.save_sweep(replace(after, at=self.now()))
        problems += self._show()
        count("SweepCompleted")
        if problems:
            raise ExceptionGroup("what the sweep could not handle", problems)

    def _show(self) -> list[Exception]:
        """Write the console anew if it is out of date; what went wrong, if anything did."""
        try:
            self.console.write()
        except Exception as problem:  # noqa: BLE001 (told, and raised by the caller)
            log.exception("the console could not be written")
            self._tell("console", "page", problem)
            return [problem]
        return []

    def _look(self, record: Record, until: datetime) -> _Looked:
        if self.now() > until:
            return _Looked(begun=False)
        kind, name = record
        sweep = self.sweepers.get(kind)
        if sweep is None:
            log.warning("left to a newer release", extra={"record": f"{kind}#{name}"})
            return _Looked(begun=True)
        try:
            sweep(name)
        except Exception as problem:  # noqa: BLE001 (collected, and raised by the caller)
            log.exception("the sweep could not handle a record", extra={"record": f"{kind}#{name}"})
            count("RecordFailed")
            self._tell(kind, name, problem)
            return _Looked(begun=True, problem=problem)
        return _Looked(begun=True)

    def _tell(self, kind: str, name: str, problem: Exception) -> None:
        """Write once about what only a person can mend. Which record is unreadable, the error knows best."""
        if isinstance(problem, UnreadableError):
            self.executor.outbox.send_unreadable(kind, name, problem, self.now())
        for why in dict.fromkeys(denials(problem)):
            self.executor.outbox.send_denied(kind, name, why, self.now())

    def _collect(self, last: Sweep | None) -> datetime | None:
        """When orphans were last looked for: now, if it is time again."""
        if last and last.collected and self.now() - last.collected < LOOK_EVERY:
            return last.collected
        self.garbage.collect()
        return self.now()


def in_turn(records: Sequence[Record], reached: Record | None) -> list[Record]:
    """The records, which come sorted, from behind the last one that the sweep before had time for.

    >>> in_turn([("run", "a"), ("run", "b"), ("watch", "a")], ("run", "a"))
    [('run', 'b'), ('watch', 'a'), ('run', 'a')]
    """
    if reached is None:
        return list(records)
    return [record for record in records if record > reached] + [record for record in records if record <= reached]


def _reached(records: Sequence[Record], looked: Sequence[_Looked]) -> Record | None:
    """The last record before the first one there was no time for; None when there was time for all."""
    begun = [one.begun for one in looked]
    if all(begun):
        return None
    reached = records[begun.index(False) - 1]
    log.warning("the sweep had no time for all", extra={"records": len(records), "reached": "#".join(reached)})
    return reached
