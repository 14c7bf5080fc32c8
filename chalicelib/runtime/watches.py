"""What happens to a watch's record: a fact takes its effect, then what is pending is executed, as far as it can be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.aws.errors import UNUSABLE, BusyError, DeniedError, RefusedError
from chalicelib.aws.store import ConflictError
from chalicelib.names import CheckName, Kind
from chalicelib.run import LiveModel, Run
from chalicelib.runtime import telemetry
from chalicelib.runtime.checks import Checks
from chalicelib.runtime.runs import MAX_RACES, MAX_STEPS
from chalicelib.runtime.telemetry import count, log
from chalicelib.watch import deciding
from chalicelib.watch.commands import BeginCheck, PublishMetrics, ReadResult, Retrain, Tell, WatchCommand
from chalicelib.watch.facts import (
    CheckAsked,
    CheckFailed,
    CheckMustWait,
    Fact,
    ResultMissing,
    RetrainingBegan,
    RetrainingRefused,
    RunFollowed,
    SettingsRead,
    Ticked,
)
from chalicelib.watch.record import Watch


@dataclass(frozen=True, slots=True)
class Watches:
    """The watches of this deployment."""

    checks: Checks
    now: Callable[[], datetime]
    retrain: Callable[[Watch, int, str], RetrainingBegan | RetrainingRefused | None]
    """Begins the run that a watch asks for, by its number and because of this; None while it has to wait."""

    def follow(self, run: Run, live: LiveModel | None, retraining: int | None) -> None:
        """A run has ended, and this model serves now. Only noted: what the watch does then must not delay the relay."""
        self._note(run.dataset, RunFollowed(run.id, run.stage, live, retraining))

    def settings(self, name: str, settings: Mapping[str, Any]) -> None:
        """relay.yaml was read. Only noted, as above."""
        watched = {part: settings[part] for part in ("monitoring", "retraining")}
        self._note(name, SettingsRead(watched))

    def sweep(self, name: str) -> None:
        """See what is due, what has ended unnoticed, and what a crash left undone."""
        watch = self._note(name, Ticked())
        if watch.pending:
            self._work(watch)
            watch = self.checks.executor.store.watch(name)
        begins = {command.ordinal for command in watch.pending if isinstance(command, BeginCheck)}
        for check in watch.checks:
            if check.ordinal not in begins:
                self.observe(watch.keys(check).job(check.attempt))

    def ask_about(self, name: str, subject: str, version: str) -> None:
        """A test file was uploaded; one that the record has no room for, or no time, waits for the sweep."""
        try:
            if not self.checks.executor.store.watch(name).is_full:
                self.advance(name, CheckAsked(Kind.TEST, subject, version))
                return
        except ConflictError:
            log.info("too many at once", extra={"dataset": name})
        self.checks.executor.store.wait(name, subject, version)

    def sweep_waiting(self, name: str) -> None:
        """Hand a file that waits to its watch, if that has room by now."""
        store, dataset = self.checks.executor.store, name.partition("#")[0]
        if store.watch(dataset).is_full:
            return
        waiting = store.waiting(name)
        if waiting is not None:
            self.advance(dataset, CheckAsked(Kind.TEST, *waiting))
            store.waits_no_longer(name)

    def work(self, name: str) -> None:
        """Do what is pending and can be done now."""
        self._work(self.checks.executor.store.watch(name))

    def observe(self, name: CheckName) -> None:
        """Ask SageMaker how a check's job stands, and go on from there."""
        watch = self.checks.executor.store.watch(name.dataset)
        check = watch.check(name.kind, name.ordinal)
        if check is None or watch.keys(check).job(name.attempt) != name:
            log.info("ignored", extra={"check": str(name), "reason": "not in flight"})
            return
        fact = self.checks.executor.sagemaker.check(name)
        if fact is not None:
            self.advance(name.dataset, fact)

    def advance(self, name: str, fact: Fact) -> None:
        """Let a fact take its effect on a watch, and do what follows from it."""
        self._work(self._note(name, fact))

    def _note(self, name: str, fact: Fact) -> Watch:
        for _ in range(MAX_RACES):
            watch = self.checks.executor.store.watch(name)
            decided = self._decide(watch, fact)
            if decided == watch:
                return watch
            try:
                return self.checks.executor.store.save_watch(decided)
            except ConflictError:
                continue
        raise ConflictError(f"the watch of {name} changes faster than it can be read")

    def _decide(self, watch: Watch, fact: Fact) -> Watch:
        decision = deciding.decide(watch, fact, self.now())
        if not (decision.ignored and isinstance(fact, Ticked)):
            noted = {"dataset": watch.dataset, "ignored": decision.ignored, "drift": decision.watch.drift.state}
            log.info(type(fact).__name__, extra=noted)
        return decision.watch

    def _work(self, watch: Watch) -> None:
        """Execute what is pending and can be executed now.

        A command that has to wait, or fails, does not keep the others waiting; errors are raised at the end.
        """
        waiting: set[WatchCommand] = set()
        problems: list[Exception] = []
        for _ in range(MAX_STEPS):
            command = next((c for c in watch.pending if c not in waiting and self._is_due(watch, c)), None)
            if command is None:
                break
            try:
                fact = self._execute(command, watch)
            except Exception as problem:  # noqa: BLE001 (collected, and raised below)
                log.exception("could not be done", extra={"dataset": watch.dataset, "command": type(command).__name__})
                problems.append(problem)
                waiting.add(command)
                continue
            if isinstance(fact, CheckMustWait) or (fact is None and isinstance(command, Retrain)):
                waiting.add(command)
                done = watch
            else:
                done = replace(watch, pending=tuple(c for c in watch.pending if c != command))
            after = done if fact is None else self._decide(done, fact)
            if after == watch:
                continue
            try:
                watch = self.checks.executor.store.save_watch(after)
            except ConflictError:
                break  # whoever wrote it goes on with its list
        else:
            problems.append(RuntimeError(f"the watch of {watch.dataset} still has work: {watch.pending}"))
        if problems:
            raise ExceptionGroup(f"what the watch of {watch.dataset} could not do", problems)

    def _is_due(self, watch: Watch, command: WatchCommand) -> bool:
        if not isinstance(command, BeginCheck):
            return True
        check = watch.check(command.kind, command.ordinal)
        return check is None or check.not_before is None or self.now() >= check.not_before

    def _execute(self, command: WatchCommand, watch: Watch) -> Fact | None:
        """Do what a command says. What it reads and cannot use ends what depends on it, with a word to the owner."""
        try:
            return self._executed(command, watch)
        except (*UNUSABLE, RefusedError, DeniedError) as problem:
            log.exception("unusable", extra={"dataset": watch.dataset, "command": type(command).__name__})
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

    def _executed(self, command: WatchCommand, watch: Watch) -> Fact | None:
        match command:
            case BeginCheck(kind, ordinal):
                return self._begin(command, watch, kind, ordinal)
            case ReadResult(check):
                return self.checks.read(check)
            case PublishMetrics(check):
                self._publish(watch, self.checks.result(check) or {})
            case Tell():
                self.checks.tell(command, watch, self.now())
            case Retrain(number, because):
                if watch.live and self.checks.executor.sagemaker.is_deleted(watch.live.endpoint):
                    # Perhaps to save money: by itself the relay brings back nothing that bills.
                    gone = f"its endpoint {watch.live.endpoint} was deleted, and a new model would bring it back"
                    return RetrainingRefused(number, gone)
                return self.retrain(watch, number, because)
        return None

    def _begin(self, command: BeginCheck, watch: Watch, kind: Kind, ordinal: int) -> Fact | None:
        try:
            return self.checks.begin(command, watch)
        except BusyError as busy:
            return CheckMustWait(kind, ordinal, str(busy))

    def _publish(self, watch: Watch, result: dict[str, Any]) -> None:
        count("DriftChecked")
        telemetry.drift(watch.dataset, result, features=bool(watch.monitoring.get("feature_metrics", True)))
