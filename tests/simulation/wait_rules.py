"""Failures and waits: what passes is waited for, with patience and a word to the owner, and fails no run at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from chalicelib import failures, names
from chalicelib.names import Step, StepName
from chalicelib.records import own_code
from chalicelib.records.commands import Start
from chalicelib.records.run import STEP_OF, Run, Stage
from tests.memory_cloud.jobs import Ending
from tests.relay.builders import DEPLOYMENT
from tests.simulation import reasons
from tests.simulation.weather import HOUR

if TYPE_CHECKING:
    from tests.simulation.functions import Invocation
    from tests.simulation.world import World

_LONGEST = 27 * HOUR
"""For this long a run may be in a stage in which it waits for no person: its patience, and what jobs may take."""
_PAST_A_SWEEP = 900.0
"""A wait this long has met two sweeps, and whoever could send its mail has ended."""


@dataclass(frozen=True)
class _Note:
    """In a run's record: do not go on before this time."""

    until: datetime
    at: float
    """When it was decided."""
    written: float
    """Who began before this may have read the record as it was (seed 9195)."""
    writer: Invocation | None


class Waits:
    """Every wait of a history's runs for something to come free."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._entered: dict[tuple[str, Stage], float] = {}
        """When a run came to a stage."""
        self._stages: dict[str, Stage] = {}
        self._legs: dict[str, str] = {}
        """The algorithm under way, of runs over several."""
        self._waiting: dict[str, tuple[Stage, float]] = {}
        """The runs that wait, where, and since when."""
        self._noted: dict[str, _Note] = {}
        """That a run has to wait, as it was noted last."""
        self.long: set[tuple[str, Stage]] = set()
        """Runs and stages that have waited so long that their owners have to know."""

    def written(self, run: Run) -> None:
        """A run's record was written."""
        now = self._world.now
        if run.leg and self._legs.get(run.id) != run.leg.algorithm:  # each of several algorithms has stages of its own
            self._legs[run.id] = run.leg.algorithm
            for stage in (Stage.TUNING, Stage.TRAINING):
                self._entered.pop((run.id, stage), None)
            self._stages.pop(run.id, None)
        self._entered.setdefault((run.id, run.stage), now)
        before = self._stages.get(run.id, run.stage)
        self._stages[run.id] = run.stage
        if before in STEP_OF and now - self._entered[run.id, before] > _LONGEST:
            self._world.wrong("no wait is for ever", f"{run.id} has been {before} for a day and more")
        stage, since = self._waiting.pop(run.id, (run.stage, now))
        if now - since > _PAST_A_SWEEP:
            self.long.add((run.id, stage))
        noted = self._noted.pop(run.id, None)
        # For the endpoint that it has itself deleted a run waits shortly, and its owner knows (`serving_rules`).
        own = run.gap_began and not run.gap_ended and (run.waiting_for or "").endswith(("is Deleting", "is Creating"))
        if run.not_before and not own and any(isinstance(command, Start) for command in run.pending):
            self._waiting[run.id] = (run.stage, since if stage is run.stage else now)
            # Whoever strikes the mail of a wait off its list writes the record again, and notes nothing new.
            if noted is None or noted.until != run.not_before:
                writer = self._world.caller
                noted = _Note(run.not_before, writer.decided if writer else now, now, writer)
            self._noted[run.id] = noted

    def asked(self, caller: Invocation, operation: str, request: dict[str, Any]) -> None:
        """A function asks for something to be made: not sooner after a refusal than it was to wait."""
        if not operation.startswith("create_"):
            return
        soon = self._world.now - reasons.SHORTEST_WAIT.total_seconds() + 2 * self._world.weather.skew + 1
        for run, note in self._noted.items():
            knows = caller is note.writer or caller.began > note.written
            if knows and note.at > soon and _is_for(request, run):
                self._world.wrong("what was refused is not asked for at once", f"{operation} for {run}")

    def stayed(self, run: str, stage: Stage, since: datetime) -> float:
        """For how many seconds from then on a run was in a stage that it has left."""
        later = [at for (other, _), at in self._entered.items() if other == run and at > self._entered[run, stage]]
        return (self._world.at(min(later)) - since).total_seconds() if later else 0.0

    def check(self, runs: dict[str, Run], told: set[str]) -> None:
        """Look at a history that has come to rest, and at what its mails were about."""
        for name, stage in sorted(self.long):
            if not any(about.startswith(f"waiting {name} {stage} ") for about in told):
                self._world.wrong("a long wait is told", f"{name} while {stage}")
        for run in runs.values():
            if run.failure and not self._is_brought_about(run):
                self._world.wrong("a run fails only for what befell it", f"{run.id}: {run.failure}")
            words = self._world.outcomes.words.get(run.failure.job, "") if run.failure else ""
            if run.failure and words not in run.failure.reason and run.id not in self._world.meddled:
                self._world.wrong("a training is told in its own words", f"{run.id}: {run.failure}, but {words}")

    def _is_brought_about(self, run: Run) -> bool:
        """Whether a run's failure is that of its job, and none that would have passed."""
        assert run.failure is not None
        if run.id in self._world.meddled or failures.is_over_budget(run.failure.reason):
            return True
        if own_code.is_own(run.settings) and not any(
            job.name.startswith(run.id) for job in self._world.jobs.jobs.values()
        ):
            # Not allowed, or without its script: it ends before anything is started.
            beginning = "[script-missing]" if run.dataset in DEPLOYMENT.own_code else "[own-code]"
            return run.failure.reason.startswith(beginning)
        waited = timedelta(seconds=self._world.now)
        entered = self._entered.get((run.id, run.failure.stage))
        if entered is not None:
            waited = run.updated - self._world.at(entered)
        if waited > reasons.LONGEST_WAIT - timedelta(minutes=5):
            return True
        name = StepName.parse(run.failure.job)
        if name is None:
            return False
        ends = list(self._ends(name))
        if not ends or ends[-1] is None:
            return False
        return ends[-1] not in reasons.PASSING or ends.count(ends[-1]) >= reasons.TRIES

    def _ends(self, last: StepName) -> Iterator[str | None]:
        """Why each attempt of a step up to this one failed; None for one that did not."""
        for attempt in range(1, last.attempt + 1):
            name = str(StepName(last.run, last.step, attempt))
            job = self._world.jobs.jobs.get(name)
            if job is None and last.step in {Step.CANDIDATE, Step.LIVE}:
                yield self._world.endpoints.failures.get(name)
            else:
                yield None if job is None or job.status == "Completed" else _reason(job.ending)


def _reason(ending: Ending) -> str:
    """Why a job failed: a tuning, of what its trials failed."""
    return ending.trials if ending.reason == reasons.NO_TRIAL else ending.reason or ending.status


def _is_for(request: dict[str, Any], run: str) -> bool:
    """Whether this asks for a step of the run."""
    asked = [value for value in request.values() if isinstance(value, str)]
    models = {names.model(run, second=second) for second in (False, True)}
    return not models.isdisjoint(asked) or any(name.run == run for name in map(StepName.parse, asked) if name)
