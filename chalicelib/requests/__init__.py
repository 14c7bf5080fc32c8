"""Commands as the exact keyword arguments of boto3's calls: the riskiest text we write, and so only data.

`start(step, attempt, run, deployment)` gives the calls that start a step, in order. Golden files hold each of them, and
each is validated against botocore's own model of the service, patterns and enums included.

What only some steps need is imported with the first of them: no Lambda needs all of it to start.

    processing.py   prepare, evaluate and the checks     training.py     train and tune, by the algorithm
    comparing.py    several algorithms' models, compared    packing.py   a model and its encoder
    search.py       what a tuning searches               warm_start.py   from which earlier tuning
    concessions.py  what is asked for where SageMaker refuses that
    endpoints.py    models, configurations, endpoints    serverless.py   and what of them is serverless
    live_inputs.py  what a job is given of the model in service
    registry.py     packages of the model registry       alarms.py       on a live endpoint
    rollouts.py     how a new model takes over           protection.py   key and private network
    scaling.py      how many instances it has            tags.py         what everything carries
    transforming.py models without an endpoint           stopping.py     a job that nobody wants any more
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chalicelib.deployment import DeploymentSettings
from chalicelib.names import Step
from chalicelib.records.run import LiveModel, Run, Scaling
from chalicelib.requests import endpoints, rollouts, scaling
from chalicelib.requests.tags import of_dataset
from chalicelib.serving_mode import Mode

TRANSFORM = "create_transform_job"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a SageMaker operation."""

    operation: str
    """boto3's method name, for example `create_training_job`."""
    arguments: dict[str, Any]


def start(step: Step, attempt: int, run: Run, deployment: DeploymentSettings) -> list[Call]:
    """What starts this attempt of a step. Creating models and configurations comes before what needs them."""
    match step:
        case Step.PACK:
            from chalicelib.requests import packing

            return [Call("create_processing_job", packing.pack(run, deployment, attempt))]
        case Step.COMPARE:
            from chalicelib.requests import comparing

            return [Call("create_processing_job", comparing.compare(run, deployment, attempt))]
        case Step.PREPARE | Step.EVALUATE:
            from chalicelib.requests import processing

            arguments = processing.prepare if step is Step.PREPARE else processing.evaluate
            return [Call("create_processing_job", arguments(run, deployment, attempt))]
        case Step.TUNE:
            from chalicelib.requests import training  # and with it every hyperparameter there is

            return [Call("create_hyper_parameter_tuning_job", training.tune(run, deployment, attempt))]
        case Step.TRAIN:
            from chalicelib.requests import training

            return [Call("create_training_job", training.train(run, deployment, attempt))]
        case Step.CANDIDATE:
            return [Call("create_model", endpoints.model(run, deployment)), *_asked(run, deployment, attempt)]
        case Step.LIVE:
            # The candidate's serves, unless a serverless endpoint was refused, which may have been this one.
            model = [Call("create_model", endpoints.model(run, deployment))] if run.serverless_refused else []
            return [
                *model,
                Call("create_endpoint_config", endpoints.live_config(run, deployment, attempt)),
                _create_or_update_live(run, deployment, attempt),
            ]


def _asked(run: Run, deployment: DeploymentSettings, attempt: int) -> list[Call]:
    """What lets the candidate be asked: its endpoint, or a batch transform; and the live model, where it has none."""
    from chalicelib.requests import transforming

    live = transforming.asked_live(run)
    beside = [Call(TRANSFORM, transforming.of_live(run, live, deployment, attempt))] if live else []
    if run.mode is Mode.BATCH:
        return [*beside, Call(TRANSFORM, transforming.of_candidate(run, deployment, attempt))]
    return [
        *beside,
        Call("create_endpoint_config", endpoints.candidate_config(run, deployment, attempt)),
        Call("create_endpoint", endpoints.candidate(run, deployment, attempt)),
    ]


def go_back(live: LiveModel, now: Scaling | None = None) -> Call:
    """What puts the live model's endpoint back to its own configuration. `now`: how it has been scaled meanwhile."""
    named = {"EndpointName": live.endpoint, "EndpointConfigName": live.config}
    return Call("update_endpoint", named | scaling.kept(now, live.scaling))


def made_again(run: Run, attempt: int, deployment: DeploymentSettings) -> list[Call]:
    """What makes again what a model of long ago was served by, and what was deleted since: of its own artifact."""
    model = Call("create_model", endpoints.model(run, deployment))
    if run.mode is Mode.BATCH:
        return [model]
    return [model, Call("create_endpoint_config", endpoints.live_config(run, deployment, attempt))]


def come_back(live: LiveModel, dataset: str, deployment: DeploymentSettings) -> Call:
    """What creates the live model's endpoint anew, after it had to go for a mode that then was not to be had."""
    named = {"EndpointName": live.endpoint, "EndpointConfigName": live.config}
    return Call("create_endpoint", {**named, "Tags": of_dataset(dataset, deployment)})


def _create_or_update_live(run: Run, deployment: DeploymentSettings, attempt: int) -> Call:
    arguments = endpoints.live(run, deployment, attempt)
    if run.live is None:
        return Call("create_endpoint", arguments)
    # An update takes no tags: the endpoint keeps those it was created with.
    own = {name: value for name, value in arguments.items() if name != "Tags"}
    own |= scaling.kept(run.live.scaling, run.scaling)
    return Call("update_endpoint", own | rollouts.deployment_config(run, deployment, attempt))
