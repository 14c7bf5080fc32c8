"""Runtimes that are broken on purpose, each in a way that somebody might break the real one.

The simulation proves something only as long as it finds every one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any

from chalicelib.aws.alarms import Alarms
from chalicelib.aws.errors import AlreadyThereError, translated
from chalicelib.aws.sagemaker import SageMaker
from chalicelib.aws.store import Store
from chalicelib.records.events import ResultUnusable, RunEvent, StepFailed
from chalicelib.records.orphans import Tagged
from chalicelib.records.run import STEP_OF, Run
from chalicelib.relay import in_real_time
from chalicelib.requests import Call
from chalicelib.runtime import Runtime
from chalicelib.runtime.executor import Executor
from chalicelib.runtime.garbage_collection import GarbageCollection
from chalicelib.runtime.outbox import Outbox
from chalicelib.runtime.runs import Runs
from chalicelib.serving_mode import Mode
from tests.simulation import broken
from tests.simulation.functions import Invocation
from tests.simulation.history import executor
from tests.simulation.world import Assemble, World


class _TriesAnotherName(SageMaker):
    """A name that is taken is no answer: the job is started under the next one."""

    def ensure(self, call: Call) -> None:
        key = next((key for key in call.arguments if key.endswith("JobName")), None)
        if key is None:
            return SageMaker.ensure(self, call)
        try:
            with translated():
                getattr(self.client, call.operation)(**call.arguments)
        except AlreadyThereError:
            stem, _, attempt = call.arguments[key].rpartition("-")
            self.ensure(Call(call.operation, {**call.arguments, key: f"{stem}-{int(attempt) + 1}"}))


# --- what is done when


class _AtMostOnce(Runs):
    """A command is struck off before it is executed: a crash in between loses it."""

    def _execute_next(self, run: Run) -> Run | None:
        struck = self.executor.store.save_run(replace(run, pending=run.pending[1:]))
        return Runs._execute_next(self, replace(run, version=struck.version))


class _GivesUp(Runs):
    """Whatever goes wrong with a job ends the run."""

    def _decide(self, run: Run, event: RunEvent) -> Run:
        is_ours = isinstance(event, StepFailed) and (event.step, event.attempt) == (STEP_OF.get(run.stage), run.attempt)
        return Runs._decide(self, run, ResultUnusable(event.reason) if is_ours else event)  # type: ignore[union-attr]


class _HearsSageMakerAlone(Executor):
    """What a training said of its failure is not read."""

    def explained(self, failed: StepFailed, run: Run) -> StepFailed:  # noqa: ARG002
        return failed


class _DeafToAlarms(Alarms):
    """Nobody asks which alarm rang."""

    def ringing(self, names: Sequence[str]) -> list[dict[str, Any]]:  # noqa: ARG002
        return []


class _FailsAtOnce(Runs):
    """What SageMaker refuses for the moment is taken for refused for ever."""

    def _wait(self, run: Run, why: str) -> Run:
        return self._decide(replace(run, pending=run.pending[1:]), ResultUnusable(why))


class _ConcedesNothing(Runs):
    """A tuning that SageMaker refuses is the end, whatever could have been left out."""

    def _decide(self, run: Run, event: RunEvent) -> Run:
        return Runs._decide(self, run, replace(event, refused=False) if isinstance(event, StepFailed) else event)


class _InsistsOnItsMode(Runs):
    """A serverless endpoint that AWS does not take fails as any other would."""

    def _decide(self, run: Run, event: RunEvent) -> Run:
        insists = isinstance(event, StepFailed) and in_real_time.instead_of(run, event)
        return Runs._decide(self, replace(run, mode=Mode.REALTIME) if insists else run, event)


class _DoesNotPause(Runs):
    """What was refused is asked for again at once."""

    def _wait(self, run: Run, why: str) -> Run:
        return replace(Runs._wait(self, run, why), not_before=self.now())


class _WaitsForEver(Runs):
    """Waits without an end."""

    def _wait(self, run: Run, why: str) -> Run:
        return replace(Runs._wait(self, replace(run, updated=self.now()), why), updated=run.updated)


class _NeverCollects(GarbageCollection):
    """Nobody looks for orphans."""

    def collect(self) -> None:
        return


class _CollectsInHaste(GarbageCollection):
    """What no dataset's record names is an orphan, however young, whatever is under way."""

    def _orphans(self, _problems: list[Exception]) -> list[Tagged]:
        return [thing for thing in self.executor.tags.things() if thing.run and not self._serves(thing)]

    def _serves(self, thing: Tagged) -> bool:
        dataset = self.executor.store.dataset(thing.dataset)
        return thing.run in {model.run for model in (dataset.live, dataset.previous) if model}

    def _remove(self, thing: Tagged) -> None:
        self.executor.sagemaker.remove(thing.kind, thing.name)


def _made(
    swap: Callable[[Executor], Executor] = lambda executor: executor,
    change: Callable[[Runtime], None] = lambda _made: None,
) -> Assemble:
    def assemble(world: World, invocation: Invocation) -> Runtime:
        runtime = Runtime(swap(executor(world, invocation)), invocation.clock, pause=invocation.pause)
        change(runtime)
        return runtime

    return assemble


def _as(kind: type[Any]) -> Callable[[Any], Any]:
    """The same parts, put together as another kind."""
    return lambda part: kind(*(getattr(part, member.name) for member in fields(part)))


def _stored(kind: type[Store]) -> Assemble:
    def change(executor: Executor) -> Executor:
        store = _as(kind)(executor.store)
        return replace(executor, store=store, outbox=replace(executor.outbox, store=store))

    return _made(change)


def _mailed(kind: type[Outbox]) -> Assemble:
    return _made(lambda executor: replace(executor, outbox=_as(kind)(executor.outbox)))


def _collected(kind: type[GarbageCollection]) -> Callable[[Runtime], None]:
    def change(runtime: Runtime) -> None:
        runtime.sweeping = replace(runtime.sweeping, garbage=_as(kind)(runtime.sweeping.garbage))

    return change


def _with_runs(kind: type[Runs]) -> Assemble:
    def change(runtime: Runtime) -> None:
        runtime.runs = _as(kind)(runtime.runs)
        runtime.datasets = replace(runtime.datasets, runs=runtime.runs)
        sweepers = {"run": runtime.runs.sweep, "dataset": runtime.datasets.sweep}
        runtime.sweeping = replace(runtime.sweeping, sweepers={**runtime.sweeping.sweepers, **sweepers})

    return _made(change=change)


def _unswept(*kinds: str) -> Assemble:
    def change(runtime: Runtime) -> None:
        sweepers = {**runtime.sweeping.sweepers, **dict.fromkeys(kinds, lambda _name: None)}
        runtime.sweeping = replace(runtime.sweeping, sweepers=sweepers)

    return _made(change=change)


MUTANTS: dict[str, Assemble] = {
    "a store without versions": _stored(broken.WithoutVersions),
    "a claim that lasts no time": _stored(broken.Impatient),
    "data during a run forgotten": _stored(broken.ForgetsData),
    "refused modes forgotten": _stored(broken.ForgetsRefusals),
    "the best forgotten": _stored(broken.ForgetsTheBest),
    "where it came from forgotten": _stored(broken.ForgetsThatItCameBack),
    "wishes for checks forgotten": _stored(broken.ForgetsWishes),
    "drift told once": _stored(broken.TellsOnce),
    "drift over at once": _stored(broken.ForgivesAtOnce),
    "answered files not told": _stored(broken.KeepsAnswersToItself),
    "mails not claimed": _mailed(broken.Chatty),
    "mails noted before they are sent": _mailed(broken.Silent),
    "nothing removed": _made(_as(broken.LeavesBehind), _collected(_NeverCollects)),
    "orphans left alone": _made(change=_collected(_NeverCollects)),
    "orphans removed in haste": _made(change=_collected(_CollectsInHaste)),
    "rejected models promoted": _made(_as(broken.Lenient)),
    "what is lost asked for": _made(_as(broken.AsksForWhatIsLost)),
    "changes tripped over": _made(_as(broken.TripsOverChanges)),
    "the way back retired": _made(_as(broken.RetiresTooMuch)),
    "jobs under another name": _made(
        lambda executor: replace(executor, sagemaker=_as(_TriesAnotherName)(executor.sagemaker))
    ),
    "commands at most once": _with_runs(_AtMostOnce),
    "every failure is the end": _with_runs(_GivesUp),
    "trainings not heard": _made(_as(_HearsSageMakerAlone)),
    "alarms not heard": _made(lambda executor: replace(executor, alarms=_as(_DeafToAlarms)(executor.alarms))),
    "every refusal is the end": _with_runs(_FailsAtOnce),
    "nothing conceded": _with_runs(_ConcedesNothing),
    "no other mode": _with_runs(_InsistsOnItsMode),
    "asked again at once": _with_runs(_DoesNotPause),
    "waits without end": _with_runs(_WaitsForEver),
    "waits not told": _mailed(broken.SaysNothingOfWaits),
    "refusals not told": _mailed(broken.SaysNothingOfRefusals),
    "rollbacks not told": _mailed(broken.SaysNothingOfRollbacks),
    "the monitor says nothing": _mailed(broken.SaysNothingOfMonitoring),
    "no sweep over looks": _unswept("look"),
    "no sweep over runs": _unswept("run"),
    "no sweep over datasets": _unswept("dataset", "look"),  # a look does what is left, too
    "no sweep over monitors": _unswept("watch"),
    "no sweep over mails": _unswept("mail"),
}
