"""What happens to a run's record: an event takes its effect, then the pending commands are performed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib import names, relay
from chalicelib.aws.errors import BusyError, RefusedError
from chalicelib.aws.performer import Performer
from chalicelib.aws.store import ConflictError
from chalicelib.commands import Command, Mail, Notify, Register, Release, Start
from chalicelib.events import ApprovalGiven, NewerDataArrived, ResultUnusable, RunEvent, StepFailed
from chalicelib.failures import PATIENCE, pause
from chalicelib.names import Step
from chalicelib.run import STEP_OF, Run, Stage
from chalicelib.runtime.telemetry import count, log

MAX_STEPS = 50
"""Commands performed for one event. No path through the table needs a dozen; a loop must not bill for ever."""
MAX_RACES = 20


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs of this deployment."""

    performer: Performer
    now: Callable[[], datetime]
    released: Callable[[Run], None]
    """Called when a run has ended, so that its dataset can go on."""

    def observe(self, run_id: str, step: Step, attempt: int) -> None:
        """Ask SageMaker what is true of a step, and go on from there."""
        run = self.performer.store.run(run_id)
        if run is None:
            log.info("ignored", extra={"run": run_id, "reason": "no such run"})
            return
        self._observe(run, step, attempt)

    def _observe(self, run: Run, step: Step, attempt: int) -> None:
        fact = self.performer.sagemaker.observe(run.id, run.dataset, step, attempt)
        if fact is not None:
            self.advance(run.id, fact)

    def advance(self, run_id: str, event: RunEvent) -> None:
        """Let an event take its effect on a run."""
        for _ in range(MAX_RACES):
            run = self.performer.store.run(run_id)
            if run is None:
                log.info("ignored", extra={"run": run_id, "reason": "no such run"})
                return
            decided = self._decide(run, event)
            if decided is run:
                self.work(run)
                return
            try:
                self.work(self.performer.store.save_run(decided))
            except ConflictError:
                continue
            return
        raise ConflictError(f"run {run_id} changes faster than it can be read")

    def _decide(self, run: Run, event: RunEvent) -> Run:
        decision = relay.decide(run, event, self.now())
        after = decision.run
        log.info(
            decision.ignored or after.history[-1],
            extra={"run": run.id, "dataset": run.dataset, "before": run.stage, "after": after.stage},
        )
        if after.stage.ended and not run.stage.ended:
            count(f"Run{after.stage.capitalize()}")
        return after

    def work(self, run: Run) -> None:
        """Perform a saved run's pending commands, one after the other, as far as they may be performed now."""
        for _ in range(MAX_STEPS):
            if not run.pending or not _is_due(run, self.now()):
                return
            try:
                after = self._perform_next(run)
                if after is None:
                    return  # the next sweep tries again
                run = self.performer.store.save_run(after)
            except ConflictError:
                return  # whoever wrote it goes on with its list
        raise RuntimeError(f"run {run.id} still has work after {MAX_STEPS} steps: {run.history[-5:]}")

    def _perform_next(self, run: Run) -> Run | None:
        """The run after its next command; None when that cannot be performed at the moment."""
        command, rest = run.pending[0], replace(run, pending=run.pending[1:])
        if isinstance(command, Release):
            self.released(run)
            return rest
        try:
            event = self.performer.perform(command, run, self.now())
        except BusyError as busy:
            if isinstance(command, Start):
                return self._wait(run, str(busy))
            log.warning("must wait", extra={"run": run.id, "command": type(command).__name__, "reason": str(busy)})
            return None
        except RefusedError as refused:
            event = self._refused(command, run, refused)
        return rest if event is None else self._decide(rest, event)

    def _refused(self, command: Command, run: Run, refused: RefusedError) -> RunEvent | None:
        if isinstance(command, Start):
            return StepFailed(command.step, command.attempt, str(refused))
        if isinstance(command, Register) and run.stage.ended:
            # Its model serves or is gone: only the registry lacks it, which trying for ever would not mend.
            log.error("the registry refused the model", extra={"run": run.id, "reason": str(refused)})
            return None
        raise refused

    def _wait(self, run: Run, why: str) -> Run:
        waited = self.now() - run.updated
        if waited > PATIENCE:
            return self._decide(run, ResultUnusable(why))
        until = self.now() + pause(waited)
        note = () if run.waiting_for else (Notify(Mail.WAITING),)
        return replace(run, pending=(*note, *run.pending), not_before=until, waiting_for=why)

    def sweep(self, run_id: str) -> None:
        run = self.performer.store.run(run_id)
        if run is None:
            return
        if run.pending:
            self.work(run)
        elif run.stage is Stage.AWAITING_APPROVAL:
            self._sweep_approval(run)
        elif step := STEP_OF.get(run.stage):
            self._observe(run, step, run.attempt)

    def _sweep_approval(self, run: Run) -> None:
        group = names.package_group(self.performer.deployment.prefix, run.dataset)
        approved = self.performer.sagemaker.approval(group, run.id)
        if approved is not None:
            self.advance(run.id, ApprovalGiven(run.id, approved=approved))
        elif self.performer.store.dataset(run.dataset).queued:
            self.advance(run.id, NewerDataArrived())


def _is_due(run: Run, now: datetime) -> bool:
    waits = run.not_before is not None and now < run.not_before
    return not (waits and isinstance(run.pending[0], Start))
