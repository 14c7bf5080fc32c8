"""SageRelay's Lambda functions: one for each source of events. All they do is hand the event to the relay.

The whole relay can be read in two files: this one says what wakes it up, `chalicelib/relay/deciding.py` what happens
then.
"""

import os

from chalice.app import Chalice, CloudWatchEvent, ConvertToMiddleware, Rate

from chalicelib.names import Kind, Step
from chalicelib.runtime import initialize, runtime
from chalicelib.runtime.telemetry import log, metrics
from chalicelib.statuses import spellings

app = Chalice(app_name="sagerelay")
app.register_middleware(ConvertToMiddleware(log.inject_lambda_context(clear_state=True)))
app.register_middleware(ConvertToMiddleware(metrics.log_metrics))

if os.environ.get("AWS_LAMBDA_INITIALIZATION_TYPE") == "provisioned-concurrency":
    initialize()

ENDED = spellings("Completed", "Failed", "Stopped")
PREFIX = os.environ.get("SAGERELAY_PREFIX") or "sagerelay"


def named(*steps: Step | Kind) -> list[dict[str, str]]:
    """What the names of our jobs look like (names.py): others in the account must not wake us."""
    return [{"wildcard": f"*-{step}-*"} for step in steps]


# A pattern is evaluated at import and when the app is packaged, where the environment may name no bucket: any bucket
# of a SageRelay may wake us then, and `records/envelopes.py` ignores all but ours. On AWS the template narrows the
# patterns to its own stack (infra/functions.yaml).
UPLOADS = {
    "source": ["aws.s3"],
    "detail-type": ["Object Created"],
    "detail": {
        "bucket": {"name": [os.environ.get("SAGERELAY_BUCKET") or {"prefix": "sagerelay-"}]},
        "object": {"key": [{"prefix": "datasets/"}]},
    },
}
# And the transform jobs that ask models without an endpoint: a function of their own would make the template too large
# for a request. Each kind of event has its own two fields, and none of the other's.
OTHER: dict[str, bool] = {"exists": False}
BEFORE_IT_IS_TRIED = {"wildcard": "*-*pa*e-*"}
"""Jobs that prepare, compare and package: in one, because the template has no room for three."""
PROCESSING_JOBS = {
    "source": ["aws.sagemaker"],
    "detail-type": ["SageMaker Processing Job State Change", "SageMaker Transform Job State Change"],
    "detail": {
        "ProcessingJobStatus": [*ENDED, OTHER],
        "ProcessingJobName": [BEFORE_IT_IS_TRIED, *named(Step.EVALUATE, *Kind), OTHER],
        "TransformJobStatus": [*ENDED, OTHER],
        "TransformJobName": [*named(Step.CANDIDATE, Kind.SCORE), OTHER],
    },
}
TUNING_JOBS = {
    "source": ["aws.sagemaker"],
    "detail-type": ["SageMaker HyperParameter Tuning Job State Change"],
    "detail": {"HyperParameterTuningJobStatus": ENDED, "HyperParameterTuningJobName": named(Step.TUNE)},
}
# A tuning job's children send training events too. Most have no such name, and `records/envelopes.py` ignores the rest.
# That a field is absent or null cannot be asked here: an event may hold a null, and CloudFormation takes no template
# with one.
TRAINING_JOBS = {
    "source": ["aws.sagemaker"],
    "detail-type": ["SageMaker Training Job State Change"],
    "detail": {
        "TrainingJobStatus": ENDED,
        "TrainingJobName": named(Step.TRAIN),
    },
}
ENDPOINTS = {
    "source": ["aws.sagemaker"],
    "detail-type": ["SageMaker Endpoint State Change", "SageMaker Endpoint Deployment State Change"],
    "detail": {
        "EndpointStatus": spellings("InService", "Failed", "OutOfService", "RollingBack", "UpdateRollbackFailed"),
        "EndpointName": [*named(Step.CANDIDATE), {"prefix": f"{PREFIX}-"}],
    },
}
APPROVALS = {
    "source": ["aws.sagemaker"],
    "detail-type": ["SageMaker Model Package State Change"],
    "detail": {
        "ModelApprovalStatus": spellings("Approved", "Rejected"),
        "ModelPackageGroupName": [{"prefix": f"{PREFIX}-"}],
    },
}
# A person's own event, by `events:PutEvents`: a check now, a model approved. What people may want of the relay stands
# in `records/envelopes.py`. No other event has this source.
REQUESTS = {"source": ["sagerelay"]}


@app.on_cw_event(UPLOADS)
def on_upload(event: CloudWatchEvent) -> None:
    runtime().receive(event.to_dict())


@app.on_cw_event(PROCESSING_JOBS)
def on_processing_job(event: CloudWatchEvent) -> None:
    runtime().receive(event.to_dict())


@app.on_cw_event(TUNING_JOBS)
def on_tuning_job(event: CloudWatchEvent) -> None:
    runtime().receive(event.to_dict())


@app.on_cw_event(TRAINING_JOBS)
def on_training_job(event: CloudWatchEvent) -> None:
    runtime().receive(event.to_dict())


@app.on_cw_event(ENDPOINTS)
def on_endpoint(event: CloudWatchEvent) -> None:
    runtime().receive(event.to_dict())


@app.on_cw_event(APPROVALS)
def on_approval(event: CloudWatchEvent) -> None:
    runtime().receive(event.to_dict())


@app.on_cw_event(REQUESTS)
def on_check_requested(event: CloudWatchEvent) -> None:
    runtime().receive(event.to_dict())


@app.schedule(Rate(5, unit=Rate.MINUTES))
def sweep(_event: CloudWatchEvent) -> None:
    runtime().sweep()
