"""Runtimes that are broken on purpose, each in a way that somebody might break the real one.

The simulation proves something only as long as it finds every one of them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, ClassVar

from chalicelib.aws.errors import AlreadyThereError, translated
from chalicelib.aws.performer import Performer
from chalicelib.aws.sagemaker import SageMaker
from chalicelib.aws.store import ConflictError, Store
from chalicelib.commands import Mail, Retire
from chalicelib.dataset import Dataset
from chalicelib.events import EvaluationRead, ResultUnusable, RunEvent, StepFailed
from chalicelib.messages import Message
from chalicelib.orphans import Tagged
from chalicelib.requests import Call
from chalicelib.run import STEP_OF, Run
from chalicelib.runtime import Runtime
from chalicelib.runtime.runs import Runs
from chalicelib.runtime.tidying import Tidying
from chalicelib.watch.record import Watch
from tests.relay.builders import evaluation
from tests.simulation.functions import Invocation
from tests.simulation.history import performer
from tests.simulation.world import Assemble, World

# --- stores


class _WithoutVersions(Store):
    """The last one to write a record wins."""

    def _put(self, key: str, document: str, version: int, *, is_open: bool, stage: str) -> None:
        there = self._get(key)
        found = int(there["version"]["N"]) if there else 0
        Store._put(self, key, document, max(version, found), is_open=is_open, stage=stage)


class _Impatient(Store):
    """A mail that was claimed and not noted is claimed again at once: its sender must be dead."""

    def claim_mail(self, mail_id: str, document: str, now: datetime) -> bool:
        claimed = Store.claim_mail(self, mail_id, document, now)
        if claimed:
            self.release_mail(mail_id)
        return claimed


class _ForgetsData(Store):
    """That data came during a run is not kept."""

    def save_dataset(self, dataset: Dataset) -> Dataset:
        return Store.save_dataset(self, replace(dataset, queued=False))


class _ForgetsWishes(Store):
    """A check that has to wait for another is not kept."""

    def save_watch(self, watch: Watch) -> Watch:
        return Store.save_watch(self, replace(watch, wanted=()))


# --- hands


class _Chatty(Performer):
    """Mails are sent without asking whether they were sent before."""

    def mail(self, mail_id: str, message: Any, now: datetime) -> None:
        with contextlib.suppress(ConflictError):
            self.store.claim_mail(mail_id, "{}", now)
        self._publish(mail_id, message, now)


class _Silent(Performer):
    """A mail is noted as sent before it is."""

    def _publish(self, mail_id: str, message: Any, now: datetime) -> None:
        self.store.mail_sent(mail_id, now, "none")
        self.store.mail_sent(mail_id, now, self.topic.publish(message))


class _Untidy(Performer):
    """What a candidate needed is left behind."""

    def _remove(self, *_of_an_attempt: Any) -> None:
        return


class _KeepsBack(Performer):
    """Mails of some kinds are never sent."""

    kinds: ClassVar[frozenset[Mail]] = frozenset()

    def mail(self, mail_id: str, message: Message, now: datetime) -> None:
        if message.attributes["kind"] not in self.kinds:
            Performer.mail(self, mail_id, message, now)


class _SaysNothingOfWaits(_KeepsBack):
    kinds = frozenset({Mail.WAITING})


class _SaysNothingOfRefusals(_KeepsBack):
    kinds = frozenset({Mail.REFUSED})


class _SaysNothingOfTheWatch(_KeepsBack):
    kinds = frozenset(
        {
            *(Mail.DRIFT_FOUND, Mail.DRIFT_OVER, Mail.QUALITY, Mail.QUALITY_FELL, Mail.QUALITY_RECOVERED),
            *(Mail.CHECK_FAILED, Mail.NO_TRAFFIC, Mail.RETRAINING_STOPPED),
        }
    )


class _Lenient(Performer):
    """Every candidate passes."""

    def _read_evaluation(self, run: Run) -> RunEvent:
        read = Performer._read_evaluation(self, run)
        return EvaluationRead(evaluation()) if isinstance(read, EvaluationRead) else read


class _RetiresTooMuch(Performer):
    """With what is two promotions old goes what is one."""

    def retire(self, command: Retire) -> None:
        Performer.retire(self, command)
        previous = self.store.dataset(self.store.run(command.run).dataset).previous  # type: ignore[union-attr]
        if previous:
            Performer.retire(self, Retire(previous.run, previous.attempt))


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
    """A command is struck off before it is performed: a crash in between loses it."""

    def _perform_next(self, run: Run) -> Run | None:
        struck = self.performer.store.save_run(replace(run, pending=run.pending[1:]))
        return Runs._perform_next(self, replace(run, version=struck.version))


class _GivesUp(Runs):
    """Whatever goes wrong with a job ends the run."""

    def _decide(self, run: Run, event: RunEvent) -> Run:
        is_ours = isinstance(event, StepFailed) and (event.step, event.attempt) == (STEP_OF.get(run.stage), run.attempt)
        return Runs._decide(self, run, ResultUnusable(event.reason) if is_ours else event)  # type: ignore[union-attr]


class _FailsAtOnce(Runs):
    """What SageMaker refuses for the moment is taken for refused for ever."""

    def _wait(self, run: Run, why: str) -> Run:
        return self._decide(replace(run, pending=run.pending[1:]), ResultUnusable(why))


class _ConcedesNothing(Runs):
    """A tuning that SageMaker refuses is the end, whatever could have been left out."""

    def _decide(self, run: Run, event: RunEvent) -> Run:
        return Runs._decide(self, run, replace(event, refused=False) if isinstance(event, StepFailed) else event)


class _DoesNotPause(Runs):
    """What was refused is asked for again at once."""

    def _wait(self, run: Run, why: str) -> Run:
        return replace(Runs._wait(self, run, why), not_before=self.now())


class _WaitsForEver(Runs):
    """Patience without an end."""

    def _wait(self, run: Run, why: str) -> Run:
        return replace(Runs._wait(self, replace(run, updated=self.now()), why), updated=run.updated)


class _NeverTidies(Tidying):
    """Nobody looks for orphans."""

    def tidy(self) -> None:
        return


class _TidiesInHaste(Tidying):
    """What no dataset's record names is an orphan, however young, whatever is under way."""

    def _orphans(self, _problems: list[Exception]) -> list[Tagged]:
        return [thing for thing in self.performer.tags.things() if thing.run and not self._serves(thing)]

    def _serves(self, thing: Tagged) -> bool:
        dataset = self.performer.store.dataset(thing.dataset)
        return thing.run in {model.run for model in (dataset.live, dataset.previous) if model}

    def _remove(self, thing: Tagged) -> None:
        self.performer.sagemaker.remove(thing.kind, thing.name)


def _made(
    hands: Callable[[Performer], Performer] = lambda hands: hands,
    change: Callable[[Runtime], None] = lambda _made: None,
) -> Assemble:
    def assemble(world: World, invocation: Invocation) -> Runtime:
        runtime = Runtime(hands(performer(world, invocation)), invocation.clock, pause=invocation.pause)
        change(runtime)
        return runtime

    return assemble


def _as(kind: type[Any]) -> Callable[[Any], Any]:
    """The same parts, put together as another kind."""
    return lambda part: kind(*(getattr(part, member.name) for member in fields(part)))


def _stored(kind: type[Store]) -> Assemble:
    return _made(lambda hands: replace(hands, store=_as(kind)(hands.store)))


def _tidied(kind: type[Tidying]) -> Callable[[Runtime], None]:
    def change(runtime: Runtime) -> None:
        runtime.sweeping = replace(runtime.sweeping, tidying=_as(kind)(runtime.sweeping.tidying))

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
    "a store without versions": _stored(_WithoutVersions),
    "a claim that lasts no time": _stored(_Impatient),
    "data during a run forgotten": _stored(_ForgetsData),
    "wishes for checks forgotten": _stored(_ForgetsWishes),
    "mails not claimed": _made(_as(_Chatty)),
    "mails noted before they are sent": _made(_as(_Silent)),
    "nothing removed": _made(_as(_Untidy), _tidied(_NeverTidies)),
    "orphans left alone": _made(change=_tidied(_NeverTidies)),
    "orphans removed in haste": _made(change=_tidied(_TidiesInHaste)),
    "rejected models promoted": _made(_as(_Lenient)),
    "the way back retired": _made(_as(_RetiresTooMuch)),
    "jobs under another name": _made(lambda hands: replace(hands, sagemaker=_as(_TriesAnotherName)(hands.sagemaker))),
    "commands at most once": _with_runs(_AtMostOnce),
    "every failure is the end": _with_runs(_GivesUp),
    "every refusal is the end": _with_runs(_FailsAtOnce),
    "nothing conceded": _with_runs(_ConcedesNothing),
    "asked again at once": _with_runs(_DoesNotPause),
    "patience without end": _with_runs(_WaitsForEver),
    "waits not told": _made(_as(_SaysNothingOfWaits)),
    "refusals not told": _made(_as(_SaysNothingOfRefusals)),
    "the watch says nothing": _made(_as(_SaysNothingOfTheWatch)),
    "no sweep over looks": _unswept("look"),
    "no sweep over runs": _unswept("run"),
    "no sweep over datasets": _unswept("dataset", "look"),  # a look does what is left, too
    "no sweep over watches": _unswept("watch"),
    "no sweep over mails": _unswept("mail"),
}
