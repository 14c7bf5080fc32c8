"""Calls that are made again: whoever died between a call and the record of it leaves them to the next function.

What stands there already is described and its tags are read, which no relay does as long as nobody dies. The requests
are made of what SageMaker says of the things, and sent by the functions' own adapter with the functions' own key.
"""

from __future__ import annotations

import time
from typing import Any

from chalicelib.aws.errors import BusyError
from chalicelib.aws.sagemaker import SageMaker
from chalicelib.records.orphans import Resource
from chalicelib.requests import Call
from local import stack
from local.cloud import EmbeddedCloud
from local.wire.shapes import service_model

TIMEOUT = 30.0
_JOBS = {
    "ProcessingJob": "ProcessingJobSummaries",
    "HyperParameterTuningJob": "HyperParameterTuningJobSummaries",
    "TrainingJob": "TrainingJobSummaries",
}
_WORDS = {
    "ProcessingJob": "processing_job",
    "HyperParameterTuningJob": "hyper_parameter_tuning_job",
    "TrainingJob": "training_job",
    "TransformJob": "transform_job",
    "Model": "model",
    "EndpointConfig": "endpoint_config",
    "Endpoint": "endpoint",
}


def again(cloud: EmbeddedCloud, dataset: str, in_batch: str) -> None:
    """Every job there was for a dataset, and what serves its model, is made once more; a candidate's things twice. And
    what asked the models of a dataset without an endpoint."""
    user = cloud.client("sagemaker")
    client = stack.client("sagemaker", endpoint_url=cloud.endpoint_url, identity=stack.LAMBDA)
    adapter = SageMaker(client, stack.STACK)
    for kind, summaries in _JOBS.items():
        pages = user.get_paginator(f"list_{_WORDS[kind]}s").paginate(NameContains=f"{dataset}-")
        names = [summary[f"{kind}Name"] for page in pages for summary in page[summaries]]
        for name in names:
            if "-tune-" not in name or kind != "TrainingJob":  # a tuning's children are SageMaker's own doing
                adapter.ensure(_made(user, kind, name))
    for asked in user.list_transform_jobs(NameContains=f"{in_batch}-")["TransformJobSummaries"]:
        adapter.ensure(_made(user, "TransformJob", asked["TransformJobName"]))
    live = _made(user, "Endpoint", f"{stack.STACK}-{dataset}")
    config = _made(user, "EndpointConfig", live.arguments["EndpointConfigName"])
    model = _made(user, "Model", config.arguments["ProductionVariants"][0]["ModelName"])
    for call in (model, config, live):
        adapter.ensure(call)
    _candidate(adapter, config, live)
    client.close()


def _candidate(adapter: SageMaker, config: Call, live: Call) -> None:
    """Made, made again, and removed: it is gone as soon as its model was compared."""
    name = f"{config.arguments['EndpointConfigName'].rpartition('-live-')[0]}-candidate-9"
    calls = [
        Call("create_endpoint_config", {**config.arguments, "EndpointConfigName": name}),
        Call("create_endpoint", {**live.arguments, "EndpointName": name, "EndpointConfigName": name}),
    ]
    for call in [*calls, *calls]:
        adapter.ensure(call)
    deadline = time.monotonic() + TIMEOUT
    while True:
        try:
            adapter.remove(Resource.ENDPOINT, name)
            break
        except BusyError:  # it is still being created
            assert time.monotonic() < deadline
            time.sleep(0.05)
    adapter.remove(Resource.CONFIG, name)


def _made(user: Any, kind: str, name: str) -> Call:
    """The request that would make a thing as it is, its tags included."""
    word = _WORDS[kind]
    described = getattr(user, f"describe_{word}")(**{f"{kind}Name": name})
    members = service_model("sagemaker").operation_model(f"Create{kind}").input_shape.members
    tags = user.list_tags(ResourceArn=described[f"{kind}Arn"])["Tags"]
    return Call(f"create_{word}", {key: described[key] for key in described if key in members} | {"Tags": tags})
