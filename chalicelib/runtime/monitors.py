"""What happens to a monitor's record: a fact takes its effect, then what is pending is executed, as far as may be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial
from typing import TYPE_CHECKING

from chalicelib import predictions
from chalicelib.aws.errors import UNUSABLE, BusyError, DeniedError, RefusedError
from chalicelib.aws.store import ConflictError
from chalicelib.monitoring import deciding, sharing
from chalicelib.monitoring.commands import (
    AskRollback,
    BeginCheck,
    MonitorCommand,
    PublishMetrics,
    ReadResult,
    Retrain,
    Tell,
)
from chalicelib.monitoring.facts import (
    CheckAsked,
    CheckFailed,
    CheckMustWait,
    CheckShared,
    Fact,
    JobSeen,
    ResultMissing,
    RetrainingBegan,
    RetrainingRefused,
    RunFollowed,
    SettingsRead,
    Ticked,
)
from chalicelib.monitoring.record import Monitor, Shared
from chalicelib.monitoring.sharing import Due
from chalicelib.names import CheckKeys, CheckName, Kind
from chalicelib.records.going_back import RollbackAsked
from chalicelib.records.run import LiveModel, Run
from chalicelib.runtime import telemetry
from chalicelib.runtime.asked import Asked, asked_for
from chalicelib.runtime.checks import Checks
from chalicelib.runtime.runs import MAX_RACES, MAX_STEPS
from chalicelib.runtime.sharing import Sharing, settled
from chalicelib.runtime.telemetry import count, log
from chalicelib.settings import max_loss
from chalicelib.settings.stored import Monitored
from chalicelib.transform_names import Part

if TYPE_CHECKING:
    from chalicelib.contract.checks import CheckResult


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Monitors:
    """The monitors of this deployment."""

    checks: Checks
    now: Callable[[], datetime]
    retrain: Callable[[Monitor, int, str], RetrainingBegan | RetrainingRefused | None]
    """Begins the run that a monitor asks for, by its number and because of this; None while it has to wait."""
    roll_back: Callable[[str, RollbackAsked], None]
    """Writes down that the model before the live one of a dataset is wanted back; the sweep does it."""

    def follow(self, run: Run, live: LiveModel | None, retraining: int | None) -> None:
        """A run has ended, and this model serves now. Only noted: what follows from it must not delay the relay."""
        self._note(run.dataset, RunFollowed(run.id, run.stage, live, retraining))

    def settings(self, name: str, asked: Asked) -> Monitor:
        """relay.yaml was read. Only noted, as above."""
        monitored: Monitored = {
            "monitoring": asked.settings["monitoring"],
            "retraining": asked.settings["retraining"],
        }
        return self._note(
            name,
            SettingsRead(monitored, asked.writes_monitors_loss, asked.writes_feature_metrics),
        )

    @property
    def sharing(self) -> Sharing:
        """The jobs that several datasets' checks have together."""
        return Sharing(self.checks)

    def sweep(self, name: str, due: list[Due]) -> None:
        """See what is due, what has ended unnoticed, and what a crash left undone.

        `due` takes the checks that are to be begun and whose jobs may be shared.
        """
        monitor = self._known(self._note(name, Ticked()))
        if monitor.pending:
            self._work(monitor, due)
            monitor = self.checks.executor.store.monitor(name)
        begins = {command.ordinal for command in monitor.pending if isinstance(command, BeginCheck)}
        for check in monitor.checks:
            if check.ordinal not in begins:
                job = monitor.job(check)
                self._observe(name, job, partial(self.checks.executor.sagemaker.check, job))

    def _known(self, monitor: Monitor) -> Monitor:
        """The monitor, once after an upgrade with whether a person wrote its max_loss, where that matters."""
        if monitor.max_loss is not None or not monitor.settings or max_loss.unit_of(monitor.monitoring) is None:
            return monitor
        asked = asked_for(self.checks.executor, monitor.dataset, self.now())
        return monitor if asked is None else self.settings(monitor.dataset, asked)

    def ask_about(self, name: str, subject: str, version: str) -> None:
        """A file of test/ or score/ was uploaded; one that the record has no room for, or no time, waits for the
        sweep."""
        try:
            if not self.checks.executor.store.monitor(name).is_full:
                self.advance(name, CheckAsked(_kind_of(name, subject), subject, version))
                return
        except ConflictError:
            log.info("too many at once", extra={"dataset": name})
        self.checks.executor.store.wait(name, subject, version)

    def sweep_waiting(self, name: str) -> None:
        """Hand a file that waits to its monitor, if that has room by now."""
        store, dataset = self.checks.executor.store, name.partition("#")[0]
        if store.monitor(dataset).is_full:
            return
        waiting = store.waiting(name)
        if waiting is not None:
            self.advance(dataset, CheckAsked(_kind_of(dataset, waiting[0]), *waiting))
            store.waits_no_longer(name)

    def work(self, name: str) -> None:
        """Do what is pending and can be done now."""
        self._work(self.checks.executor.store.monitor(name))

    def observe(self, name: CheckName) -> None:
        """Ask SageMaker how the job of a check, or of several datasets' checks, stands, and go on from there."""
        problems: list[Exception] = []
        ended = cache(partial(self.checks.executor.sagemaker.check, name))  # one answer for all whose job it is
        for dataset in self.sharing.datasets(name) or [name.dataset]:
            try:
                self._observe(dataset, name, ended)
            except Exception as problem:  # noqa: BLE001 (collected, and raised below)
                log.exception("could not be observed", extra={"dataset": dataset, "check": str(name)})
                problems.append(problem)
        if problems:
            raise ExceptionGroup(f"what could not be done at the end of {name}", problems)

    def _observe(self, dataset: str, job: CheckName, ended: Callable[..., JobSeen | None]) -> None:
        """Go on from how the job of a dataset's check `ended`, which is asked only where the check waits for it."""
        monitor = self.checks.executor.store.monitor(dataset)
        check = next((check for check in monitor.checks if monitor.job(check) == job), None)
        if check is None:
            log.info("ignored", extra={"check": str(job), "dataset": dataset, "reason": "not in flight"})
            return
        fact = ended(by_transform=check.part is Part.TRANSFORM)
        if fact is not None:
            self.advance(dataset, sharing.of_member(fact, check))

    def share(self, keys: CheckKeys, shared: Shared) -> bool:
        """Note that a check has a place in a job of several; whether that is so now."""
        monitor = self._note(keys.dataset, settled(keys, shared))
        check = monitor.check(keys.kind, keys.ordinal)
        return check is not None and check.shared == shared

    def advance(self, name: str, fact: Fact) -> None:
        """Let a fact take its effect on a monitor, and do what follows from it."""
        self._work(self._note(name, fact))

    def _note(self, name: str, fact: Fact) -> Monitor:
        for _ in range(MAX_RACES):
            monitor = self.checks.executor.store.monitor(name)
            decided = self._decide(monitor, fact)
            if decided == monitor:
                return monitor
            try:
                return self.checks.executor.store.save_monitor(decided)
            except ConflictError:
                continue
        raise ConflictError(f"the monitor of {name} changes faster than it can be read")

    def _decide(self, monitor: Monitor, fact: Fact) -> Monitor:
        decision = deciding.decide(monitor, fact, self.now())
        if not (decision.ignored and isinstance(fact, Ticked)):
            noted = {"dataset": monitor.dataset, "ignored": decision.ignored, "drift": decision.monitor.drift.state}
            log.info(type(fact).__name__, extra=noted)
        return decision.monitor

    def _work(self, monitor: Monitor, due: list[Due] | None = None) -> None:
        """Execute what is pending and can be executed now.

        A command that has to wait, or fails, does not keep the others waiting; errors are raised at the end.
        """
        waiting: set[MonitorCommand] = set()
        problems: list[Exception] = []
        for _ in range(MAX_STEPS):
            command = next((c for c in monitor.pending if c not in waiting and self._is_due(monitor, c, due)), None)
            if command is None:
                break
            try:
                fact = self._execute(command, monitor, due)
            except Exception as problem:  # noqa: BLE001 (collected, and raised below)
                log.exception(
                    "could not be done", extra={"dataset": monitor.dataset, "command": type(command).__name__}
                )
                problems.append(problem)
                waiting.add(command)
                continue
            if isinstance(fact, Due):
                waiting.add(command)
                continue
            if isinstance(fact, CheckShared):
                done = monitor
            elif isinstance(fact, CheckMustWait) or (fact is None and isinstance(command, Retrain)):
                waiting.add(command)
                done = monitor
            else:
                done = replace(monitor, pending=tuple(c for c in monitor.pending if c != command))
            after = done if fact is None else self._decide(done, fact)
            if after == monitor:
                continue
            try:
                monitor = self.checks.executor.store.save_monitor(after)
            except ConflictError:
                break  # whoever wrote it goes on with its list
        else:
            problems.append(RuntimeError(f"the monitor of {monitor.dataset} still has work: {monitor.pending}"))
        if problems:
            raise ExceptionGroup(f"what the monitor of {monitor.dataset} could not do", problems)

    def _is_due(self, monitor: Monitor, command: MonitorCommand, due: list[Due] | None) -> bool:
        check = monitor.check(command.kind, command.ordinal) if isinstance(command, BeginCheck) else None
        if check is None:
            return True
        if check.is_unsettled and due is None:
            return False  # the sweep settles it
        return check.not_before is None or self.now() >= check.not_before

    def _execute(self, command: MonitorCommand, monitor: Monitor, due: list[Due] | None) -> Fact | Due | None:
        """Do what a command says. What it reads and cannot use ends what depends on it, with a word to the owner."""
        try:
            return self._executed(command, monitor, due)
        except (*UNUSABLE, RefusedError, DeniedError) as problem:
            log.exception("unusable", extra={"dataset": monitor.dataset, "command": type(command).__name__})
            count("ResultUnusable")
            why = str(problem) if isinstance(problem, RefusedError | DeniedError) else type(problem).__name__
            match command:
                case BeginCheck(kind, ordinal, attempt):
                    return CheckFailed(kind, ordinal, attempt, why)
                case ReadResult(check):
                    return ResultMissing(check.kind, check.ordinal, f"its result cannot be used: {why}")
                case PublishMetrics():
                    return None
                case Retrain(number):
                    return RetrainingRefused(number, f"what it would be made of cannot be used: {why}")
            raise

    def _executed(self, command: MonitorCommand, monitor: Monitor, due: list[Due] | None) -> Fact | Due | None:
        match command:
            case BeginCheck():
                return self._begin(command, monitor, due)
            case ReadResult(check):
                return self._read(check, monitor)
            case PublishMetrics(check):
                self._publish(monitor, self.checks.result(check) or {})
            case Tell():
                self.checks.tell(command, monitor, self.now())
            case Retrain(number, because):
                live = monitor.live
                if live and not self.checks.executor.still_there(live):
                    if self.checks.executor.store.dataset(monitor.dataset).asleep:
                        return None  # it waits until the endpoint is back
                    # Perhaps to save money: by itself the relay brings back nothing that bills.
                    gone = f"its endpoint {live.endpoint} was deleted, and a new model would bring it back"
                    return RetrainingRefused(number, gone)
                return self.retrain(monitor, number, because)
            case AskRollback(request, leave, because):
                self.roll_back(monitor.dataset, RollbackAsked(request, leave, because))
        return None

    def _begin(self, command: BeginCheck, monitor: Monitor, due: list[Due] | None) -> Fact | Due | None:
        try:
            return self.sharing.begin(command, monitor, due)
        except BusyError as busy:
            return CheckMustWait(command.kind, command.ordinal, str(busy))

    def _read(self, keys: CheckKeys, monitor: Monitor) -> Fact:
        check = monitor.check(keys.kind, keys.ordinal)
        why = self.sharing.failure(check, keys)
        if why is None or check is None:
            return self.checks.read(keys, monitor.live)
        return CheckFailed(check.kind, check.ordinal, check.attempt, why)

    def _publish(self, monitor: Monitor, result: CheckResult) -> None:
        count("DriftChecked")
        telemetry.drift(monitor.dataset, result, features=monitor.monitoring["feature_metrics"])


def _kind_of(dataset: str, subject: str) -> Kind:
    """What is wanted of a file, which its folder says."""
    return Kind.SCORE if subject.startswith(predictions.folder(dataset)) else Kind.TEST
