"""What happens to a run's record: an event takes its effect, then the pending commands are executed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib import failures, names
from chalicelib.algorithms import UnknownAlgorithmError
from chalicelib.aws.answers import Fact, Missing
from chalicelib.aws.errors import UNUSABLE, BusyError, DeniedError, RefusedError
from chalicelib.aws.store import ConflictError
from chalicelib.codec import is_foreign
from chalicelib.failures import LONGEST_WAIT, LONGEST_WAIT_FOR_MONEY, SHOWN_WITHIN, is_rollback, pause
from chalicelib.names import Step, StepName
from chalicelib.records.commands import Command, Mail, Notify, Register, Release, Start
from chalicelib.records.events import (
    ApprovalGiven,
    NewerDataArrived,
    ResultUnusable,
    RollbackBegan,
    RunEvent,
    StepCompleted,
    StepFailed,
)
from chalicelib.records.run import STEP_OF, Run, Stage
from chalicelib.relay import deciding, giving_way, in_real_time, stranded, unneeded
from chalicelib.requests import transforming
from chalicelib.runtime import serving
from chalicelib.runtime.allowing import ensure_allowed
from chalicelib.runtime.executor import Executor
from chalicelib.runtime.outbox import UnsentError
from chalicelib.runtime.telemetry import count, log

MAX_STEPS = 50
"""Commands executed for one event. No path through the table needs a dozen; a loop must not bill for ever."""
MAX_RACES = 20


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Runs:
    """The runs of this deployment."""

    executor: Executor
    now: Callable[[], datetime]
    released: Callable[[Run], None]
    """Called when a run has ended, so that its dataset can go on."""

    def observe(self, run_id: str, step: Step, attempt: int) -> None:
        """Ask SageMaker what is true of a step, and go on from there."""
        run = self.executor.store.run(run_id)
        if run is None:
            log.info("ignored", extra={"run": run_id, "reason": "no such run"})
            return
        fact = self._fact(run, step, attempt)
        if isinstance(fact, Missing):  # the sweep looks again, when AWS has had time to show it
            log.info("ignored", extra={"run": run_id, "reason": fact.failed.reason})
        elif fact is not None:
            self.advance(run.id, fact, run)

    def _fact(self, run: Run, step: Step, attempt: int) -> Fact | Missing | None:
        fact = self.executor.sagemaker.observe(run.id, run.dataset, step, attempt, run.mode)
        if isinstance(fact, RollbackBegan):
            return replace(fact, reason=self.executor.rollouts.why(attempt, fact.reason, run))
        if isinstance(fact, Missing):
            told = self.executor.explained(fact.failed, run)
            # One look is proof where SageMaker was seen to take it back, or an alarm of this attempt's own rings.
            return told if run.taken_back or is_rollback(told.reason) else Missing(told)
        if step is Step.CANDIDATE and isinstance(fact, StepCompleted) and transforming.asked_live(run):
            return self._with_the_live_one(fact, run)
        if isinstance(fact, StepFailed):
            return self.executor.explained(fact, run)
        return serving.weighed(self.executor, fact, run) if isinstance(fact, StepCompleted) else fact

    def _with_the_live_one(self, fact: StepCompleted, run: Run) -> StepCompleted | None:
        """A candidate's end, which the comparison takes for one when the model in service has been asked, too."""
        beside = self.executor.sagemaker.live_asked(StepName(run.id, Step.CANDIDATE, fact.attempt))
        if beside is None:
            return None
        ends = [one for one in (fact.job.ended, beside.ended) if one]
        return replace(fact, job=replace(fact.job, ended=max(ends, default=None)))

    def advance(self, run_id: str, event: RunEvent, found: Run | None = None) -> None:
        """Let an event take its effect on a run.

        `found`: the run as it was read before the event was learned. It need not be read again: whatever was started
        was written down before, and if anybody has written since, the save fails and the decision is taken anew.
        """
        for _ in range(MAX_RACES):
            run, found = found or self.executor.store.run(run_id), None
            if run is None:
                log.info("ignored", extra={"run": run_id, "reason": "no such run"})
                return
            decided = self._decide(run, event)
            if decided is run:
                self.work(run)
                return
            try:
                self.work(self.executor.store.save_run(decided))
            except ConflictError:
                continue
            return
        raise ConflictError(f"run {run_id} changes faster than it can be read")

    def _decide(self, run: Run, event: RunEvent) -> Run:
        decision = deciding.decide(run, event, self.now(), self.executor.deployment.algorithms)
        after = decision.run
        log.info(
            decision.ignored or after.history[-1],
            extra={"run": run.id, "dataset": run.dataset, "before": run.stage, "after": after.stage},
        )
        if after.stage.ended and not run.stage.ended:
            count(f"Run{after.stage.capitalize()}")
        return after

    def work(self, run: Run) -> None:
        """Execute a saved run's pending commands, one after the other, as far as they may be executed now."""
        for _ in range(MAX_STEPS):
            if not run.pending or is_foreign(run.stage) or not _is_due(run, self.now()):
                return
            try:
                after = self._execute_next(run)
                if after is None:
                    return  # the next sweep tries again
                run = self.executor.store.save_run(after)
            except ConflictError:
                return  # whoever wrote it goes on with its list
        raise RuntimeError(f"run {run.id} still has work after {MAX_STEPS} steps: {run.history[-5:]}")

    def _execute_next(self, run: Run) -> Run | None:
        """The run after its next command; None when that cannot be executed at the moment."""
        command, rest = run.pending[0], replace(run, pending=run.pending[1:])
        if isinstance(command, Release):
            self.released(run)
            return rest
        if isinstance(command, Start | Register):
            rest = replace(rest, waiting_for=None)  # if it gets that far, it waits no longer
        try:
            if isinstance(command, Start):
                ensure_allowed(self.executor, command.step, run)
            event = self.executor.execute(command, run, self.now())
        except BusyError as busy:
            if not in_real_time.is_refusal(command, run, str(busy)):
                return self._busy(command, run, str(busy))
            event = self._refused(command, run, RefusedError(str(busy)))
        except UnsentError as unsent:
            log.error("a mail could not be sent", extra={"run": run.id, "reason": str(unsent)})
            return rest
        except (RefusedError, DeniedError) as refused:
            event = self._refused(command, run, refused)
        except UNUSABLE as problem:
            event = self._unusable(command, run, problem)
        try:
            return rest if event is None else self._decide(rest, event)
        except UNUSABLE as problem:
            event = self._unusable(command, run, problem)
            return rest if event is None else self._decide(rest, event)

    def _busy(self, command: Command, run: Run, why: str) -> Run | None:
        if isinstance(command, Start) or (isinstance(command, Register) and not run.stage.ended):
            return self._wait(run, why)
        log.warning("must wait", extra={"run": run.id, "command": type(command).__name__, "reason": why})
        return None

    def _refused(self, command: Command, run: Run, refusal: RefusedError | DeniedError) -> RunEvent | None:
        why = str(refusal)
        if isinstance(command, Start):
            return StepFailed(command.step, command.attempt, why, refused=isinstance(refusal, RefusedError))
        if not run.stage.ended:
            return ResultUnusable(why)
        # Nothing of the run depends on it any more, and trying for ever would not mend it: the registry may lack a
        # model; what could not be deleted is left to the sweep, which finds it by its tags.
        log.error("refused", extra={"run": run.id, "command": type(command).__name__, "reason": why})
        return None

    def _unusable(self, command: Command, run: Run, problem: Exception) -> RunEvent | None:
        """What was read makes no sense, and would not the next time either."""
        log.exception("unusable", extra={"run": run.id, "command": type(command).__name__})
        count("ResultUnusable")
        what = (
            f"what {type(command).__name__} found cannot be used ({type(problem).__name__}); it may have been changed"
        )
        if isinstance(problem, UnknownAlgorithmError):  # of a run that a newer release began
            what = str(problem)
        return self._refused(command, run, DeniedError(what))  # for no other request would do

    def _wait(self, run: Run, why: str) -> Run:
        waited, asks = self.now() - run.updated, failures.is_over_budget(why)
        if waited > (LONGEST_WAIT_FOR_MONEY if asks else LONGEST_WAIT):
            return self._decide(run, ResultUnusable(why))
        expected = giving_way.is_expected(run, why)
        until = self.now() + (giving_way.SHORT if expected else pause(waited))
        note: tuple[Command, ...] = () if expected or run.waiting_for == why else (Notify(Mail.WAITING),)
        if asks and run.stage is Stage.PROMOTING and not failures.is_over_budget(run.waiting_for or ""):
            # The candidate's endpoint has shown what it can: it must not be billed while a person makes up their mind.
            note = (*note, *unneeded.of_candidate(run))
        return replace(run, pending=(*note, *run.pending), not_before=until, waiting_for=why)

    def ask_again(self, run_id: str) -> None:
        """relay.yaml has come: a run that waits for a higher budget need not wait any longer to ask."""
        run = self.executor.store.run(run_id)
        if run is None or run.not_before is None or not failures.is_over_budget(run.waiting_for or ""):
            return
        with suppress(ConflictError):  # whoever wrote it knows more
            self.work(self.executor.store.save_run(replace(run, not_before=None)))

    def sweep(self, run_id: str) -> None:
        """See what has ended unnoticed, and what a crash left undone."""
        run = self.executor.store.run(run_id)
        if run is not None:
            self.look_after(run)

    def look_after(self, run: Run) -> None:
        """The same for a run that was read just now."""
        if is_foreign(run.stage):
            self._sweep_stranded(run)
        elif run.pending:
            self.work(run)
        elif run.stage is Stage.AWAITING_APPROVAL:
            self._sweep_approval(run)
        elif step := STEP_OF.get(run.stage):
            self._sweep_step(run, step)

    def _sweep_step(self, run: Run, step: Step) -> None:
        fact = self._fact(run, step, run.attempt)
        if isinstance(fact, Missing):
            self._sweep_missing(run, fact)
        elif fact is not None:
            self.advance(run.id, fact, run)
        elif run.unseen:
            self._save(replace(run, unseen=None))

    def _sweep_missing(self, run: Run, missing: Missing) -> None:
        """Twice with some time between them is proof that what the run waits for will not come."""
        if run.unseen is None:
            self._save(replace(run, unseen=self.now()))
        elif self.now() - run.unseen >= SHOWN_WITHIN:
            self.advance(run.id, missing.failed, run)

    def _save(self, run: Run) -> None:
        with suppress(ConflictError):  # whoever wrote it knows more
            self.executor.store.save_run(run)

    def _sweep_stranded(self, run: Run) -> None:
        ended = stranded.ended(run, self.now())
        if ended is None:
            log.warning("left to a newer release", extra={"run": run.id, "stage": run.stage})
            return
        count("RunFailed")
        with suppress(ConflictError):
            self.work(self.executor.store.save_run(ended))

    def _sweep_approval(self, run: Run) -> None:
        group = names.package_group(self.executor.deployment.prefix, run.dataset)
        approved = self.executor.sagemaker.approval(group, run.id)
        if approved is not None:
            self.advance(run.id, ApprovalGiven(run.id, approved=approved), run)
        elif self.executor.store.dataset(run.dataset).queued:
            self.advance(run.id, NewerDataArrived())


def _is_due(run: Run, now: datetime) -> bool:
    waits = run.not_before is not None and now < run.not_before
    return not (waits and isinstance(run.pending[0], Start | Register))
