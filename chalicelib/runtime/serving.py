"""How a run's model is to be served, as far as that is known from the table and the bucket; and the way back."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib import json_files, names, requests
from chalicelib.aws.errors import BusyError
from chalicelib.codec import UnreadableError
from chalicelib.records.events import StepCompleted
from chalicelib.records.orphans import Resource
from chalicelib.records.run import BestModel, LiveModel, Run
from chalicelib.requests import alarms
from chalicelib.serving_mode import Circumstances, Mode, resolve
from chalicelib.settings.max_loss import Limit

if TYPE_CHECKING:
    from chalicelib.aws.alarms import Alarms
    from chalicelib.aws.sagemaker import SageMaker
    from chalicelib.aws.store import Store
    from chalicelib.deployment import DeploymentSettings
    from chalicelib.runtime.executor import Executor


def with_mode(executor: Executor, run: Run, now: datetime) -> Run:
    """A run that begins, with the mode it gets and the reason."""
    chosen, here = run.settings["endpoint"], circumstances(executor, run)
    mode, because = resolve(chosen["mode"], here)
    if mode is Mode.SERVERLESS and chosen["mode"] == "auto":  # only then does it matter, and cost a look
        mode, because = resolve("auto", replace(here, refused=executor.store.refusal(now)))
    return replace(run, mode=mode, mode_because=because)


def circumstances(executor: Executor, run: Run) -> Circumstances:
    """What decides beside relay.yaml, as far as it costs no look."""
    deployment = executor.deployment
    algorithm = deployment.algorithms.if_offered(run.settings)
    return Circumstances(
        one_container=algorithm is not None and algorithm.one_container,
        in_a_vpc=bool(deployment.subnets),
        own_key=bool(deployment.kms_key),
        live=run.live.mode if run.live else None,
        recreate=run.settings["endpoint"]["recreate"],
    )


def live_model(deployment: DeploymentSettings, run: Run) -> LiveModel:
    """The model of a run that has gone live."""
    endpoint = names.live_endpoint(deployment.prefix, run.dataset)
    return LiveModel(run.id, endpoint, run.live_attempt, json_files.moment(run.updated), run.mode, scaling=run.scaling)


def as_best(store: Store, live: LiveModel | None) -> BestModel | None:
    """The model in service as the best one there is, for datasets whose record an earlier release wrote."""
    with suppress(UnreadableError):
        run = store.run(live.run) if live else None
        return BestModel(run.id, run.artifact, live.promoted) if live and run and run.artifact else None
    return None


def gate_of(store: Store, live: LiveModel | None) -> Limit | None:
    """What the gate that a model in service has passed allows of a loss; None where its run is not known."""
    run = store.run(live.run) if live else None
    return None if run is None else Limit(run.settings["gate"]["max_loss"], run.max_loss)


def weighed(executor: Executor, completed: StepCompleted, run: Run) -> StepCompleted:
    """A training that ended, with its model's size where its memory hangs on that; else as it is."""
    if completed.artifact is None or (run.mode is not Mode.SERVERLESS and not run.legs):
        return completed
    found = executor.objects.find(completed.artifact.removeprefix(executor.deployment.uri("")))
    return replace(completed, artifact_bytes=found.size if found else None)


def must_be_told(sagemaker: SageMaker, run: Run, live: LiveModel | None) -> bool:
    """Whether a promotion is about to leave callers without an answer, and nobody has been told."""
    if run.gap_began is not None or not _gives_way(run, live):
        return False
    seen = sagemaker.seen(live.endpoint) if live else None
    return seen is not None and seen.status == "InService"  # else it is busy, or answers nobody as it is


def in_place(sagemaker: SageMaker, run: Run, live: LiveModel | None) -> LiveModel | None:
    """What a promotion updates; None where it creates. A real-time endpoint goes for a serverless one, which SageMaker
    does not make of it: relay.yaml has allowed the gap (`endpoint.recreate`), or the run would be in real time."""
    if live and _gives_way(run, live):
        sagemaker.remove(Resource.ENDPOINT, live.endpoint)
        return None
    return live


def withdraw(sagemaker: SageMaker, deployment: DeploymentSettings, config: str, run: Run) -> None:
    """See to it that callers are not served by a model that came to nothing, but by the one before, if there was one.

    An update may be under way of which nobody knows: who had asked for it died before writing it down.

    Raises:
        BusyError: the endpoint is on its way back, or away.
    """
    endpoint = names.live_endpoint(deployment.prefix, run.dataset)
    is_ours = config in sagemaker.used_configs(endpoint)
    before = run.live if run.live and run.live.mode is not Mode.BATCH else None
    if is_ours and (before is None or sagemaker.has_failed(endpoint)):
        sagemaker.remove(Resource.ENDPOINT, endpoint)  # it never came to serve, and takes no update
        is_ours = False
    if before and _gave_way(run) and sagemaker.is_deleted(endpoint):
        sagemaker.ensure(requests.come_back(before, run.dataset, deployment))
    if before and is_ours:
        sagemaker.ensure(requests.go_back(before, run.scaling))
        raise BusyError(f"the endpoint {endpoint} goes back to the model of {before.run}")


def instead_of(store: Store, run: Run) -> Run | None:
    """The run whose model has come to serve after this one's had; None where this one's still does.

    What a run has to do once it is live may have to wait, for a quota, until another is.
    """
    standing = store.dataset(run.dataset)
    if standing.active == run.id or standing.live is None or standing.live.run == run.id:
        return None
    return store.run(standing.live.run)


def set_alarms(there: Alarms, run: Run, deployment: DeploymentSettings) -> None:
    """The alarms that suit how a model is served, and no others of its endpoint: each bills as long as it is there."""
    wanted = [] if run.mode is Mode.BATCH else alarms.of_live_endpoint(run, deployment)
    there.put(wanted)
    made = {one["AlarmName"] for one in wanted}
    over = [name for name in alarms.names_of_live_endpoint(run.dataset, deployment) if name not in made]
    was = run.live.mode if run.live else None
    if over and (run.mode is not Mode.REALTIME or was not in {None, Mode.REALTIME}):
        there.drop(over)


def _gives_way(run: Run, live: LiveModel | None) -> bool:
    return live is not None and (live.mode, run.mode) == (Mode.REALTIME, Mode.SERVERLESS)


def _gave_way(run: Run) -> bool:
    """Whether the live model's endpoint had to go for this run's, which is no longer to come."""
    was = run.live is not None and run.live.mode is Mode.REALTIME and run.settings["endpoint"]["recreate"]
    return was and (run.mode is Mode.SERVERLESS or run.serverless_refused is not None)
