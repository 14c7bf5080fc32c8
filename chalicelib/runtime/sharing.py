"""Jobs that several datasets' checks share: what is known of each when the sweep finds it due, and the job begun.

First every record says in which job its check is, then checks.json which checks the job has, then the job is created: a
crash leaves checks that are still to be begun, and whoever comes next begins the same job or, where they are in none,
each alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.aws.errors import BusyError, DeniedError, RefusedError
from chalicelib.monitoring import sharing
from chalicelib.monitoring.commands import BeginCheck
from chalicelib.monitoring.facts import CheckBegun, CheckFailed, CheckMustWait, CheckShared, Fact
from chalicelib.monitoring.record import Check, Monitor, Shared
from chalicelib.monitoring.sharing import Due
from chalicelib.names import CheckKeys, CheckName, Kind
from chalicelib.requests import Call
from chalicelib.runtime.side_by_side import each
from chalicelib.runtime.telemetry import log

if TYPE_CHECKING:
    from chalicelib.runtime.checks import Checks
    from chalicelib.runtime.monitors import Monitors

Problem = tuple[tuple[str, str], Exception]
"""Kind and name of the record it is about, and what went wrong."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sharing:
    """Begins the jobs that are shared, and knows whose they are."""

    checks: Checks

    def begin(self, command: BeginCheck, monitor: Monitor, due: list[Due] | None) -> Fact | Due | None:
        """Begin a check, alone or with others; one for which the sweep may find others yet is added to `due`.

        Raises:
            RefusedError, BusyError: see `aws.errors`.
        """
        check = monitor.check(command.kind, command.ordinal)
        if check is not None and check.shared is not None and check.is_shared:
            return self._resume(check, check.shared, monitor)
        if check is None or due is None or not check.is_unsettled:
            return self.checks.begin(command, monitor)
        found = self._due(check, monitor)
        if isinstance(found, Due):
            due.append(found)
        return found

    def _due(self, check: Check, monitor: Monitor) -> Fact | Due | None:
        """A check whose job may be shared, its window pinned; or that it goes alone, or why there is none to begin."""
        keys, machine = monitor.keys(check), monitor.monitoring
        if monitor.live is None:
            return None
        if self.checks.executor.store.ledger(monitor.dataset).version:  # which bounds a dataset's own jobs
            return alone(keys)
        if fact := self.checks.pin(check, monitor, monitor.live, None):
            return fact
        pinned = self.checks.window(keys)
        if pinned is None:
            return alone(keys)
        size = sum(entry["size"] for entry in pinned["objects"])
        previous = self.checks.previous(check, monitor)
        return Due(keys, monitor.live.run, previous, machine["instance"], machine["volume_gb"], size)

    def members(self, shared: Shared, group: Sequence[Due]) -> dict[str, str]:
        """Which checks are in a job, by dataset: of those, and of nobody's where it stood there already.

        Whoever writes it down first has decided. So a crash between the records and this leaves nobody in a job that
        is not begun, and who is not in it goes alone.
        """
        objects, key = self.checks.executor.objects, sharing.checks_key(shared.job)
        objects.create(key, sharing.document(tuple(group), self.checks.executor.deployment.bucket))
        return sharing.members(objects.read(key))

    def start(self, shared: Shared, instance: str, volume_gb: int) -> None:
        """Have SageMaker begin a job that is shared; nothing happens where somebody has.

        Raises:
            RefusedError, BusyError: see `aws.errors`.
        """
        from chalicelib.requests import processing  # no start needs it

        executor = self.checks.executor
        arguments = processing.several(shared.job, instance, volume_gb, executor.deployment)
        executor.begin(Call("create_processing_job", arguments))

    def _resume(self, check: Check, shared: Shared, monitor: Monitor) -> Fact:
        """Begin the job that a check was to share, where whoever had settled that went no further."""
        members = self.members(shared, ())
        if monitor.keys(check).name not in members:
            return _left_out(check.kind, check.ordinal)
        self.start(shared, monitor.monitoring["instance"], monitor.monitoring["volume_gb"])
        return CheckBegun(check.kind, check.ordinal, 1, len(members))

    def datasets(self, job: CheckName) -> list[str]:
        """Whose checks a job has, where it is shared."""
        if job.kind is not Kind.DRIFT:
            return []
        return list(sharing.members(self.checks.executor.objects.read(sharing.checks_key(str(job)))).values())

    def failure(self, check: Check | None, keys: CheckKeys) -> str | None:
        """Why a check failed whose job ended well, because that was others' too."""
        if check is None or check.shared is None or not check.is_shared:
            return None
        job = check.shared.job
        why = sharing.failure(self.checks.executor.objects.read(sharing.outcomes_key(job)), keys)
        return None if why is None else f"{why} (It was one of {check.shared.checks} checks in the job {job}.)"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Grouping:
    """One sweep's checks: first those that are due are collected, then they are begun, several in a job."""

    monitors: Monitors
    at_once: int
    due: list[Due]
    """Of the sweep that goes on; filled from several threads."""

    def sweep(self, name: str) -> None:
        """Look after a monitor, but leave to `begin` the checks whose jobs may be shared."""
        self.monitors.sweep(name, self.due)

    def begin(self) -> list[Problem]:
        """Begin what was collected; gives what could not be done."""
        due = list(self.due)
        self.due.clear()
        groups = sharing.grouped(due)
        together = {one.keys for group in groups for one in group}
        left = {one.keys.dataset: one.keys for one in due if one.keys not in together}
        problems = [problem for group in groups for problem in self._begin(group)]
        return problems + self._each(list(left), lambda name: self.monitors.advance(name, alone(left[name])))

    def _begin(self, group: tuple[Due, ...]) -> list[Problem]:
        shared = Shared(str(sharing.job_of(group)), len(group))
        taken: list[Due] = []

        def share(name: str) -> None:
            due = next(one for one in group if one.keys.dataset == name)
            if self.monitors.share(due.keys, shared):
                taken.append(due)

        problems = self._each([one.keys.dataset for one in group], share)
        if not taken:
            return problems
        try:
            said = self._started(shared, sorted(taken, key=lambda one: one.keys.name))
        except Exception as problem:  # noqa: BLE001 (told and raised by the caller; each check begins it anew)
            log.exception("a shared job could not be begun", extra={"check": shared.job})
            return [*problems, (("watch", group[0].keys.dataset), problem)]
        return problems + self._each(list(said), lambda name: self.monitors.advance(name, said[name]))

    def _started(self, shared: Shared, taken: Sequence[Due]) -> dict[str, Fact]:
        """What the check of each dataset is told of the job."""
        members = self.monitors.sharing.members(shared, taken)
        there = {one.keys.dataset: one.keys for one in taken if one.keys.name in members}
        facts: dict[str, Fact] = {
            one.keys.dataset: _left_out(one.keys.kind, one.keys.ordinal)
            for one in taken
            if one.keys.dataset not in there
        }
        try:
            if there:
                self.monitors.sharing.start(shared, taken[0].instance, taken[0].volume_gb)
        except BusyError as busy:
            return facts | {name: CheckMustWait(keys.kind, keys.ordinal, str(busy)) for name, keys in there.items()}
        except (RefusedError, DeniedError) as refused:
            return facts | {name: CheckFailed(keys.kind, keys.ordinal, 1, str(refused)) for name, keys in there.items()}
        return facts | {name: CheckBegun(keys.kind, keys.ordinal, 1, len(members)) for name, keys in there.items()}

    def _each(self, names: Sequence[str], do: Callable[[str], object]) -> list[Problem]:
        problems: list[Problem] = []

        def one(name: str) -> None:
            try:
                do(name)
            except Exception as problem:  # noqa: BLE001 (as above)
                log.exception("a check could not be begun", extra={"dataset": name})
                problems.append((("watch", name), problem))

        each(one, names, self.at_once)
        return problems


def _left_out(kind: Kind, ordinal: int) -> CheckFailed:
    return CheckFailed(kind, ordinal, 1, "InternalServerError: its place in a shared job was lost")


def settled(keys: CheckKeys, shared: Shared) -> CheckShared:
    """That a check, at its first attempt, has this job."""
    return CheckShared(keys.kind, keys.ordinal, 1, shared.job, shared.checks)


def alone(keys: CheckKeys) -> CheckShared:
    """That it has one of its own."""
    return settled(keys, Shared(str(keys.job(1)), 0))
