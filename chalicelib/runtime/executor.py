"""Commands executed: each one against AWS, each one harmless to repeat.

Knows how, never whether: what is to be done was decided in `relay/` and written down before it came here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib import failures, form_names, names, requests
from chalicelib.aws.alarms import Alarms
from chalicelib.aws.autoscaling import AutoScaling
from chalicelib.aws.errors import UNUSABLE, RefusedError
from chalicelib.aws.figures import Figures
from chalicelib.aws.logs import Logs
from chalicelib.aws.objects import Objects
from chalicelib.aws.sagemaker import SageMaker
from chalicelib.aws.store import Store
from chalicelib.aws.tagged import Tags
from chalicelib.deployment import DeploymentSettings
from chalicelib.mails import messages, plain
from chalicelib.mails.messages import Message
from chalicelib.names import RunKeys, Step, StepName
from chalicelib.records.commands import (
    Adopt,
    CollectTrials,
    Command,
    Mail,
    Notify,
    ReadComparison,
    ReadEvaluation,
    Reading,
    ReadSchema,
    Register,
    RememberRefusal,
    Remove,
    RemoveModel,
    Retire,
    SetAlarms,
    SetScaling,
    StampReport,
    Start,
    Stop,
)
from chalicelib.records.events import GapBegins, GapEnded, RunEvent, StepFailed
from chalicelib.records.inputs import InputsSeen
from chalicelib.records.orphans import Resource
from chalicelib.records.run import LiveModel, Run
from chalicelib.requests import Call, registry
from chalicelib.runtime import serving, without_endpoint
from chalicelib.runtime.fleets import Fleets
from chalicelib.runtime.outbox import Outbox, id_of
from chalicelib.runtime.rolling_out import RollingOut
from chalicelib.runtime.stamp import verdict_html
from chalicelib.serving_mode import Mode

_ABOUT_MONEY = frozenset({Mail.PROMOTED, Mail.REJECTED, Mail.FAILED, Mail.CANCELLED, Mail.APPROVAL_NEEDED})


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Executor:
    """Executes the commands of runs and datasets."""

    deployment: DeploymentSettings
    store: Store
    objects: Objects
    sagemaker: SageMaker
    outbox: Outbox
    alarms: Alarms
    tags: Tags
    logs: Logs
    figures: Figures
    autoscaling: AutoScaling

    @property
    def rollouts(self) -> RollingOut:
        """The watch over models that take over from others."""
        return RollingOut(self.deployment, self.alarms)

    @property
    def fleets(self) -> Fleets:
        """How many instances live endpoints have."""
        return Fleets(self.autoscaling, self.sagemaker, self.outbox)

    def execute(self, command: Command, run: Run, now: datetime) -> RunEvent | None:
        """Do what a run's command says; gives the event it answers with, if any.

        Raises:
            RefusedError, DeniedError, BusyError: see `aws.errors`; the runtime turns them into a failure or a wait.
            UnsentError: a mail is kept, and the sweep will try to send it again.
        """
        match command:
            case Start(step, attempt):
                return self._start(step, attempt, run, now)
            case Stop() | ReadSchema() | CollectTrials() | ReadComparison() | ReadEvaluation() | Adopt():
                return self._answered(command, run, now)
            case StampReport():
                if run.verdict:
                    self.objects.stamp(RunKeys(run.id).report, verdict_html(run.verdict, run.stage))
            case Register(status):
                group = registry.group(run, self.deployment)
                self.sagemaker.register(group, registry.package(run, self.deployment, status))
            case SetAlarms() | SetScaling():
                self._look_after(command, run, now)
            case RememberRefusal():
                self.store.remember_refusal(run.serverless_refused or "", now)
            case Remove() | RemoveModel():
                self._remove(command, run, now)
            case Notify(mail):
                self.outbox.send(id_of(mail, run), self._message(mail, run), now)
            case _:
                raise TypeError(f"{type(command).__name__} is not a run's command")
        return None

    def _look_after(self, command: SetAlarms | SetScaling, run: Run, now: datetime) -> None:
        """The endpoint of a model that has come to serve."""
        live = serving.live_model(self.deployment, run)
        if isinstance(command, SetScaling):
            self.fleets.settle(live, now)
            return
        if serving.instead_of(self.store, run) is None:
            serving.set_alarms(self.alarms, run, self.deployment)
        if later := serving.instead_of(self.store, run):  # or by now: whoever is frozen may be late with its alarms
            serving.set_alarms(self.alarms, later, self.deployment)
        self.rollouts.end(live.config)
        self.logs.expire(live.endpoint)

    def _answered(self, command: Stop | Reading, run: Run, now: datetime) -> RunEvent | None:
        if isinstance(command, Stop):
            from chalicelib.runtime import cancelling  # hardly any event needs it

            return cancelling.stop(self.sagemaker, command, run, now)
        from chalicelib.runtime import reading

        return reading.read(self, command, run, now)

    def _message(self, mail: Mail, run: Run) -> Message:
        from chalicelib.runtime.pricing import priced  # no other event needs prices

        deployment = priced(self.deployment, self.objects) if mail in _ABOUT_MONEY else self.deployment
        try:
            traffic = self.store.traffic(run.dataset) if mail is Mail.PROMOTED else None  # no other mail tells of it
            return messages.about_run(mail, run, deployment, traffic)
        except UNUSABLE:  # figures that nobody foresaw: the mail must come, if with less in it
            return plain.without_figures(mail, run)

    def retire(self, command: Retire) -> None:
        """Delete the model and endpoint configuration of a run that is two promotions old."""
        self.remove(Resource.CONFIG, str(StepName(command.run, Step.LIVE, command.attempt)))
        for second in (False, True):
            self.sagemaker.remove(Resource.MODEL, names.model(command.run, second=second))

    def remove(self, kind: Resource, name: str) -> None:
        """Delete something in SageMaker, and with a live endpoint's configuration the alarms on its fleet."""
        self.sagemaker.remove(kind, name)
        if kind is Resource.CONFIG:
            self.rollouts.end(name)

    def _start(self, step: Step, attempt: int, run: Run, now: datetime) -> RunEvent | None:
        with self.fleets.paused(run.live if step is Step.LIVE else None, now):
            return self._begun(step, attempt, run, now)

    def _begun(self, step: Step, attempt: int, run: Run, now: datetime) -> RunEvent | None:
        if step is Step.EVALUATE:
            self._write_context(run, now)
        if step is Step.COMPARE:
            from chalicelib.relay import comparing

            self.objects.write(form_names.contestants(run.id), comparing.contestants(run, self.deployment))
        if step in {Step.TUNE, Step.TRAIN}:
            self._write_plan(step, run)
        if step is Step.LIVE and run.mode is Mode.BATCH:
            return without_endpoint.goes_live(self.sagemaker, run, attempt, now)
        if step is Step.LIVE:
            live = self.on_its_endpoint(run.live)
            if serving.must_be_told(self.sagemaker, run, live):
                return GapBegins(attempt)
            run = replace(run, live=serving.in_place(self.sagemaker, run, live))
        calls = requests.start(step, attempt, run, self.deployment)
        if any(run.settings["budget"].values()):
            from chalicelib.runtime.budgets import Budgets  # and all prices: who has no budget needs none

            calls = Budgets(self, now).bounded(step, attempt, run, calls)
        for call in calls:
            with self.rollouts.watching(call, run, self.sagemaker), without_endpoint.spared(call):
                self.begin(call)
        came_back = step is Step.LIVE and run.live and run.gap_began and not run.gap_ended
        return GapEnded() if came_back else None

    def begin(self, call: Call) -> None:
        """Have SageMaker do it, without what is lost of the model in service where that can be done without.

        Raises:
            RefusedError: it cannot. No job is started that would only fail.
        """
        if call.operation == "create_processing_job":
            from chalicelib.requests import live_inputs  # no other call has any

            given = live_inputs.of_the_live_model(call.arguments)
            lost = [one for one in given if self.objects.find(one.proof.removeprefix(self.deployment.uri(""))) is None]
            for one in lost:
                if one.is_needed:
                    raise RefusedError(failures.changed(one.uri.removeprefix(self.deployment.uri(""))))
            call = replace(call, arguments=live_inputs.without(call.arguments, {one.name for one in lost}))
        self.sagemaker.ensure(call)

    def still_there(self, live: LiveModel | None) -> LiveModel | None:
        """The live model; None where somebody deleted its endpoint, as whoever saves money is told to: then nothing
        serves, there is nothing to compare with, and a promotion creates the endpoint anew."""
        return live if live and live.mode is Mode.BATCH else self.on_its_endpoint(live)

    def on_its_endpoint(self, live: LiveModel | None) -> LiveModel | None:
        """The live model; None where no endpoint serves it."""
        gone = live is None or live.mode is Mode.BATCH or self.sagemaker.is_deleted(live.endpoint)
        return None if gone else live

    def inputs(self, run_id: str) -> InputsSeen:
        """What a run was begun with: the objects that are pinned in its inputs.json, and the settings.

        Raises:
            RefusedError: somebody has deleted or changed it.
        """
        from chalicelib.relay import documents  # pydantic's models cost a cold start; few events need them

        key = RunKeys(run_id).inputs
        try:
            return InputsSeen(*documents.read_inputs(self.objects.read(key) or b""))
        except UNUSABLE as problem:
            raise RefusedError(
                f"{key} was deleted or changed, and runs/ is SageRelay's own. Upload a file to train/ again."
            ) from problem

    def _write_context(self, run: Run, now: datetime) -> None:
        from chalicelib.relay import documents

        document = documents.context(run, self.deployment, self.inputs(run.id).objects, now)
        self.objects.write(RunKeys(run.id).context, document)

    def _write_plan(self, step: Step, run: Run) -> None:
        algorithm = self.deployment.algorithms.of(run.settings)
        if algorithm.script:
            from chalicelib.relay import plans

            folder = self.deployment.uri(f"{plans.failures(run.id)}/")
            self.objects.write(RunKeys(run.id).plan(step), plans.plan(run, algorithm, step, folder))

    def explained(self, failed: StepFailed, run: Run) -> StepFailed:
        """A training or tuning that failed, in its script's own words where it left any; a model that was taken back,
        with the alarm that rang; else as it is."""
        if failed.step is Step.LIVE:
            return replace(failed, reason=self.rollouts.why(failed.attempt, failed.reason, run))
        may_have_said = failed.step in {Step.TUNE, Step.TRAIN} and not failures.passes(failed.reason)
        algorithm = self.deployment.algorithms.if_offered(run.settings) if may_have_said else None
        if algorithm is None or algorithm.script is None:
            return failed
        from chalicelib.runtime import failed_trainings  # hardly any event needs it

        job = str(StepName(run.id, failed.step, failed.attempt))
        return failed_trainings.explained(failed, failed_trainings.said(self.objects, run.id, failed.step, job))

    def _remove(self, command: Remove | RemoveModel, run: Run, now: datetime) -> None:
        if isinstance(command, RemoveModel):
            for second in (False, True) if run.serverless_refused else (False,):
                self.sagemaker.remove(Resource.MODEL, names.model(run.id, second=second))
            return
        config = str(StepName(run.id, command.step, command.attempt))
        if command.step is Step.CANDIDATE:
            self.sagemaker.remove(Resource.ENDPOINT, config)
            self.logs.expire(config)
        else:
            serving.withdraw(self.sagemaker, self.deployment, config, run)
        self.remove(Resource.CONFIG, config)
        if command.step is Step.LIVE and run.live and run.live.scaling:
            self.fleets.settle(run.live, now)
