"""Budgets held: what is committed is written down before anything is created, and the request's limit lowered to it.

Whose run began without a budget has none, and pays no call for it. What the budget is *now*, relay.yaml says: raising
it is how a person approves. Where a price is not known the budget cannot hold, so nothing is started until it is.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib import requests
from chalicelib.aws.errors import BusyError, RefusedError
from chalicelib.aws.store import ConflictError
from chalicelib.costs import budget, commitments
from chalicelib.costs.budget import Allowed, Bound, Denied, Limits
from chalicelib.costs.commitments import UnknownPriceError
from chalicelib.costs.prices import Prices
from chalicelib.names import Step
from chalicelib.records.ledger import Ledger
from chalicelib.records.run import LiveModel, Run, Stage
from chalicelib.requests import Call, transforming
from chalicelib.runtime import pricing
from chalicelib.runtime.executor import Executor
from chalicelib.settings.stored import Settings

MAX_RACES = 20
_DOING = {
    Step.PREPARE: "preparing the data",
    Step.TUNE: "tuning",
    Step.TRAIN: "training",
    Step.COMPARE: "comparing the models of several algorithms",
    Step.PACK: "packing the model",
    Step.CANDIDATE: "trying the model on an endpoint",
    Step.EVALUATE: "evaluating it once more",
    Step.LIVE: "going live in real time",
}
Decide = Callable[[Ledger], Allowed | Denied]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Budgets:
    """The budgets of this deployment's datasets."""

    executor: Executor
    now: datetime
    """The moment that something is committed for; of a check, when it began."""

    def bounded(self, step: Step, attempt: int, run: Run, calls: Sequence[Call]) -> list[Call]:
        """The calls that start a step, within what is left.

        Raises:
            BusyError: it would pass the budget; the run waits for a higher one.
            RefusedError: the same, while a candidate bills for the wait: the run is to end.
        """
        settings = self._asked(run.dataset, run.settings)
        known = self._prices(settings)
        limits = _limits(settings)
        try:
            many = self._requests(calls)
            decide = self._of_step(step, attempt, run, known, limits, many)
            seconds = self._commit(run.dataset, run, run.live, known, limits, decide, _DOING[step])
        except UnknownPriceError as unknown:
            if not limits:  # a budget that has been taken away: what can be counted is, for it may come back
                return list(calls)
            raise BusyError(_unknown(str(unknown), known.region, _DOING[step])) from None
        except BusyError as over:
            if step is Step.EVALUATE:
                raise RefusedError(str(over)) from None
            raise
        return [_limited(call, seconds, many) for call in calls]

    def bounded_wake(self, dataset: str, run: Run) -> None:
        """Commit the hours of an endpoint that was taken away because nobody asked it, and is to be made again.

        Raises:
            RefusedError: they would pass the budget of the month.
        """
        settings = self._asked(dataset, run.settings)
        limits, known, doing = _limits(settings), self._prices(settings), "waking its endpoint"
        if limits.month is None or not self.executor.store.ledger(dataset).version:
            return
        try:
            serving = commitments.serving(run, self.now, known)
            self._commit(dataset, run, None, known, limits, lambda ledger: budget.wake(ledger, serving, limits), doing)
        except UnknownPriceError as unknown:
            raise RefusedError(_unknown(str(unknown), known.region, doing)) from None
        except BusyError as over:
            raise RefusedError(str(over)) from None

    def bounded_check(self, dataset: str, live: LiveModel, call: Call) -> Call:
        """The call that starts a check of a live model, within what is left of the month.

        Raises:
            RefusedError: it would pass the budget.
        """
        run = self.executor.store.run(live.run)
        settings = self._asked(dataset, run.settings) if run else None
        if run is None or settings is None:
            return call
        limits, known = _limits(settings), self._prices(settings)
        try:
            name, bound, many = self._of_check(call, known)
        except UnknownPriceError as unknown:
            if not limits:
                return call
            raise RefusedError(_unknown(str(unknown), known.region, "a check of the live model")) from None

        def decide(ledger: Ledger) -> Allowed | Denied:
            return budget.commit(ledger, name, "", [bound], limits, self.now)

        try:
            seconds = self._commit(dataset, run, live, known, limits, decide, "a check of the live model")
            return _limited(call, seconds, many)
        except BusyError as over:
            raise RefusedError(str(over)) from None

    def _of_check(self, call: Call, known: Prices) -> tuple[str, Bound, int]:
        """The name of a check's job, its bound, and how many requests it makes where it is a transform."""
        if call.operation == requests.TRANSFORM:
            many, instance = self._requests([call]), call.arguments["TransformResources"]["InstanceType"]
            return call.arguments["TransformJobName"], commitments.of_file(instance, waves(many), known), many
        cluster = call.arguments["ProcessingResources"]["ClusterConfig"]
        most = call.arguments["StoppingCondition"]["MaxRuntimeInSeconds"]
        return call.arguments["ProcessingJobName"], commitments.check(cluster["InstanceType"], most, known), 1

    def _asked(self, dataset: str, then: Settings) -> Settings:
        """relay.yaml as it is now; where it cannot be used, as it was."""
        from chalicelib.runtime.asked import asked_for

        asked = asked_for(self.executor, dataset, self.now)
        return asked.settings if asked else then

    def _prices(self, settings: Settings) -> Prices:
        return pricing.known(self.executor.deployment, self.executor.objects).with_written(settings["prices"])

    def _requests(self, calls: Sequence[Call]) -> int:
        """How many requests the largest of these transforms makes; 1 where there is none."""
        asked = [
            call.arguments["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"]
            for call in calls
            if call.operation == requests.TRANSFORM
        ]
        prefixes = [uri.removeprefix(self.executor.deployment.uri("")) for uri in asked]
        return max((len(self.executor.objects.current(prefix)) for prefix in prefixes), default=1) or 1

    def _of_step(self, step: Step, attempt: int, run: Run, known: Prices, limits: Limits, many: int) -> Decide:
        if step is Step.LIVE:
            serving = commitments.serving(run, self.now, known)
            return lambda ledger: budget.serve(ledger, serving, limits)
        bounds = commitments.of_step(run, step, known, self.executor.deployment.algorithms, attempt, waves(many))
        waits = commitments.waiting(run, known, self.now) if step is Step.EVALUATE else []

        def decide(ledger: Ledger) -> Allowed | Denied:
            name = commitments.entry(run, step, attempt)
            decided = budget.commit(ledger, name, run.id, bounds, limits, self.now)
            for more, bound in waits:
                if isinstance(decided, Denied):
                    return decided
                seconds = decided.seconds
                decided = budget.commit(decided.ledger, more, run.id, [bound], limits, self.now)
                decided = replace(decided, seconds=seconds) if isinstance(decided, Allowed) else decided
            return decided

        return decide

    def _commit(
        self, dataset: str, run: Run, live: LiveModel | None, known: Prices, limits: Limits, decide: Decide, doing: str
    ) -> int:
        store = self.executor.store
        for _ in range(MAX_RACES):
            before = store.ledger(dataset)
            decided = decide(self._brought_up(before, run, live, known, limits))
            if isinstance(decided, Denied):
                raise BusyError(_over(decided, doing))
            if decided.ledger == before and before.version:
                return decided.seconds
            try:
                store.save_ledger(decided.ledger)
            except ConflictError:
                continue
            return decided.seconds
        raise ConflictError(f"the budget of {dataset} changes faster than it can be read")

    def _brought_up(self, ledger: Ledger, run: Run, live: LiveModel | None, known: Prices, limits: Limits) -> Ledger:
        """The ledger with what has ended since: runs at what they cost, checks by what their jobs took.

        `live`: the model in service, as far as this run or check knows.
        """
        for name in commitments.names_of(ledger):
            other = run if name == run.id else self.executor.store.run(name)
            if other is None:
                continue
            ledger = budget.settle(ledger, commitments.costs_of(other, ledger, known))
            if other.stage.ended:
                ledger = budget.decided(ledger, name, live=other.stage is Stage.LIVE)
        if limits.month is not None and live is not None:
            ledger = self._with_what_serves(ledger, live, known)
        ledger = budget.settle(self._without_what_sleeps(ledger), self._of_checks(ledger))
        return budget.forgotten(ledger, run.id, self.now)

    def _with_what_serves(self, ledger: Ledger, live: LiveModel, known: Prices) -> Ledger:
        """The ledger with a model that serves and of which it does not know: one of before there was a budget, or the
        one before the last, which callers have gone back to. A rollback is not held up by a budget; it counts."""
        back = datetime.fromisoformat(live.back) if live.back else None
        for last in ledger.serving[-1:]:
            if not last.sure or last.run == live.run or back is None or back <= last.since:
                return ledger
        run = self.executor.store.run(live.run)
        if run is None:
            return ledger
        serves = replace(commitments.serving(run, back or run.updated, known), sure=True)
        return replace(ledger, serving=(*(one for one in ledger.serving if one.run != live.run), serves))

    def _without_what_sleeps(self, ledger: Ledger) -> Ledger:
        """The ledger, where the endpoint of the model that serves has been taken away, without its hours since."""
        if not any(one.usd_an_hour for one in ledger.serving[-1:]):
            return ledger
        record = self.executor.store.dataset(ledger.dataset)
        gone = record.asleep.gone if record.asleep else None
        return budget.slept(ledger, record.live.run, gone) if record.live and gone else ledger

    def _of_checks(self, ledger: Ledger) -> dict[str, float]:
        open_ones = [one for one in ledger.commitments if not one.run and not one.settled and one.seconds]
        took = {one.name: self.executor.sagemaker.check_seconds(one.name) for one in open_ones}
        return {
            one.name: one.usd * seconds / one.seconds for one in open_ones if (seconds := took[one.name]) is not None
        }


def begin_check(executor: Executor, call: Call, dataset: str, live: LiveModel, since: datetime) -> None:
    """Have SageMaker start a check of a live model, within the budget where the dataset has had one.

    Raises:
        RefusedError: as `Executor.begin`, and where the month's budget is used up.
    """
    if executor.store.ledger(dataset).version:
        call = Budgets(executor, since).bounded_check(dataset, live, call)
    executor.begin(call)


def _limits(settings: Settings) -> Limits:
    return Limits(settings["budget"]["run"], settings["budget"]["month"])


def _over(denied: Denied, doing: str) -> str:
    return (
        f"budget: {doing} is not started, because {denied.why}. To let it go on, write at least "
        f"`budget: {{{denied.limit}: {denied.enough:g}}}` into relay.yaml and upload it."
    )


def _unknown(price: str, region: str, doing: str) -> str:
    return (
        f"budget: {doing} is not started, because the budget cannot hold: what `{price}` costs in {region} is not "
        "known. Run `python -m ops prices`, or give it under `prices` in relay.yaml; or write no `budget`."
    )


_LIMITED = {
    "create_processing_job": "StoppingCondition",
    "create_training_job": "StoppingCondition",
    "create_hyper_parameter_tuning_job": ("HyperParameterTuningJobConfig", "ResourceLimits"),
}


def waves(many: int) -> int:
    """How many of so many requests a transform makes one after the other."""
    return math.ceil(many / transforming.AT_A_TIME)


def _limited(call: Call, seconds: int, many: int = 1) -> Call:
    """The call with no more time than it may have; endpoints have none. `many`: a transform's requests."""
    if call.operation == requests.TRANSFORM and seconds:
        return _within(call, seconds // waves(many))
    path = _LIMITED.get(call.operation)
    if path is None or not seconds:
        return call
    arguments: dict[str, Any] = copy.deepcopy(call.arguments)
    place = arguments
    for part in (path,) if isinstance(path, str) else path:
        place = place[part]
    place["MaxRuntimeInSeconds"] = min(place["MaxRuntimeInSeconds"], seconds)
    return replace(call, arguments=arguments)


def _within(call: Call, each: int) -> Call:
    """A transform whose requests get so many seconds each, their tries among them: fewer tries, where these would be
    too short."""
    config = call.arguments["ModelClientConfig"]
    retries = config["InvocationsMaxRetries"] if each >= commitments.A_REQUEST else 0
    most = max(1, min(config["InvocationsTimeoutInSeconds"], each // (retries + 1)))
    bounded = {"InvocationsTimeoutInSeconds": most, "InvocationsMaxRetries": retries}
    return replace(call, arguments={**call.arguments, "ModelClientConfig": bounded})
