"""SageMaker on one laptop: the control plane answers as AWS does, and jobs and endpoints really run, as processes.

`SageMaker.call` takes one API operation with its request and gives its answer, or raises the ApiError AWS would answer
with. What an operation does stands in a module of its own (training, processing, tuning, endpoints, model_registry);
this one only checks the request, finds the operation, and starts and ends the whole. It knows neither HTTP nor
EventBridge: the front door calls in, envelopes go out through `emit`.

    operations.py  the table of contents: which operation is whose
    training.py, training_requests.py    metrics.py: what the log says; built_in.py: what is known before it runs
    tuning.py, trials.py, search.py      which values are tried next; warm_start.py: from which parents
    giving_up.py                         which trials end before their last round
    processing.py, models.py, model_registry.py
    transforming.py, transform_records.py      files through a model without an endpoint
    endpoint_details.py                  what is told of an endpoint
    endpoints.py, hosting.py             one configuration after another; the server of one
    watching.py, rolling_out.py          a new one beside it; alarms.py, traffic.py: whether it does well
    serverless.py                        what is otherwise without an instance
    autoscaling.py, target_tracking.py   how many instances; scalable_targets.py, scaling_alarms.py: of what, and why
    resource_registry.py                 everything there is; listing.py, tagged.py: found again
    machine.py, processes.py, fork_server.py   where jobs lie and run
    objects.py, logs.py, images.py       S3 as a job sees it; its log; whose image it is
    assumed.py, platform.py              in whose name, and what SageMaker does in it
    envelopes.py                         a state -> what EventBridge is told
"""

import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache, partial
from pathlib import Path
from typing import Any

from local.containers import BUILT_IN, Registry
from local.sagemaker import models
from local.sagemaker.assumed import AnyRole, Assuming, Roles
from local.sagemaker.autoscaling import AutoScaling
from local.sagemaker.logs import Logs
from local.sagemaker.machine import Machine, Threads
from local.sagemaker.objects import client
from local.sagemaker.operations import Operations
from local.sagemaker.platform import Platform
from local.sagemaker.processes import Executor, ForkServer
from local.sagemaker.resource_registry import ResourceRegistry
from local.sagemaker.serverless import USUAL, Offer
from local.sagemaker.tagged import Entry, Index
from local.wire.errors import ApiError
from local.wire.shapes import service_model, validated

_VERSION = 2
"""Of snapshots. In those of version 1 no container had installed its code."""
_WARM = (
    "numpy",
    "pandas",
    "scipy.sparse",
    "sklearn.metrics",
    "sklearn.preprocessing",
    "pyarrow.parquet",
    "xgboost",
    "boto3",
    "uvicorn",
    "uvicorn.protocols.http.httptools_impl",
)
_LATER = (
    *("sklearn.linear_model", "sklearn.feature_extraction.text", "sklearn.decomposition"),
    *("jinja2", "matplotlib.font_manager", "matplotlib.figure", "matplotlib.backends.backend_svg"),
)
"""What trials of a script want, too, and what draws the reports: half a second, for which no first job waits, and which
every evaluation and every check spent for itself, since to a job's own home the fonts of its machine are always new."""


_SCALER = {"AWS_ACCESS_KEY_ID": "SAGERELAYAUTOSCALING", "AWS_SECRET_ACCESS_KEY": "local"}
"""In its own role's name, which AWS makes and which may do what that needs."""


class SageMaker:
    """The control plane. Thread-safe; `close` ends every child process."""

    OPERATIONS = Operations.NAMES

    def __init__(
        self,
        *,
        directory: Path,
        endpoint_url: str,
        region: str,
        account: str,
        emit: Callable[[dict[str, Any]], None],
        environment: dict[str, str] | None = None,
        executor: Executor | None = None,
        roles: Roles | None = None,
        tag_lag: float = 0.0,
        refused_objectives: frozenset[str] = frozenset(),
        refuses_lists: bool = False,
        offered: Registry = BUILT_IN,
        speed: float = 60.0,
        serverless: Offer = USUAL,
    ) -> None:
        """`environment` is SageMaker's own credentials, and those of a job whose role has none of its own in `roles`.

        `executor` runs their commands; None forks them from a warm process. `roles` knows the roles that requests
        name; for None every role exists and may do everything. `tag_lag`: seconds by which the index of tags follows.
        `refused_objectives`: metrics that no tuning may have for its objective, though the algorithm prints them.
        `refuses_lists`: whether no tuning may try a list of values for a number. `offered`: what stands in for images.
        `speed`: by how much what endpoints wait for passes faster than on AWS.
        `serverless`: what serverless endpoints the account may have.
        """
        given = {
            "AWS_ENDPOINT_URL": endpoint_url,
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            **(environment or {}),
        }
        for cut_off in ("jobs", "inputs"):  # of a cloud that was killed; what matters of a job is in S3
            shutil.rmtree(directory / cut_off, ignore_errors=True)
        service_model("sagemaker")  # now, and not while the first request waits
        self._registry = ResourceRegistry(region=region, account=account, emit=emit, index=Index(tag_lag))
        self._forks = executor or ForkServer(_WARM, _LATER, directory / "warm")
        self._logs = Logs(client("logs", endpoint_url=endpoint_url, environment=given))
        roles = roles or AnyRole()
        assumed = Assuming(roles, given, partial(_s3, endpoint_url), directory / "inputs")
        platform = Platform(region, account, roles.objection)
        doubts = (offered, refused_objectives, refuses_lists, serverless)
        machine = Machine(directory, self._registry, assumed, self._logs, self._forks, platform, *doubts, speed=speed)
        self._threads = Threads(self._registry)
        self._operations = Operations(machine, self._threads)
        cloudwatch = cache(
            partial(client, "cloudwatch", endpoint_url=endpoint_url, environment={**_SCALER, "AWS_REGION": region})
        )
        self._autoscaling = AutoScaling(self, region, account, speed, cloudwatch)

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Answer one API call; times are aware datetimes. Raises ApiError."""
        if operation not in self.OPERATIONS:
            raise ApiError("UnknownOperationException", f"SageMaker.{operation} is not part of the embedded cloud.")
        if operation in {"CreateTrainingJob", "CreateHyperParameterTuningJob", "CreateProcessingJob"}:
            self._forks.warm()
        return self._operations.answer(operation, validated("sagemaker", operation, request))

    def scaling(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Answer one call of Application Auto Scaling's API. Raises ApiError."""
        return self._autoscaling.call(operation, request)

    def asked(self, endpoint: str, since: float) -> int:
        """How many requests an endpoint has answered since a moment of the monotonic clock."""
        return self._operations.endpoints.asked(endpoint, since)

    def endpoint_address(self, name: str) -> tuple[str, int]:
        """Host and port of an endpoint that is in service. Raises ApiError ValidationException."""
        return self._operations.endpoints.address(name)

    def calling(self, endpoint: str, size: int = 0) -> AbstractContextManager[tuple[str, int]]:
        """The same for one request of so many bytes, until whose end nothing is switched off beneath it."""
        return self._operations.endpoints.calling(endpoint, size)

    def answered(self, endpoint: str, port: int, status: int, seconds: float) -> None:
        """A request was answered by whoever listens on this port, with this status (0: not at all), after so long."""
        self._operations.endpoints.answered(endpoint, port, status, seconds)

    def tagged(self) -> list[Entry]:
        """What the index of tags holds."""
        return self._registry.index.entries()

    def tags_of(self, arn: str) -> dict[str, str]:
        """The tags a thing has now; none when there is no such thing."""
        record = self._registry.by_arn(arn)
        return record.tags if record else {}

    def snapshot(self) -> dict[str, Any]:
        """Everything that must survive a restart, as JSON can hold it."""
        return {"version": _VERSION, "records": self._registry.snapshot(), "scaling": self._autoscaling.snapshot()}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Take up a snapshot: what was in flight has failed, endpoints start again."""
        records = snapshot.get("records", [])
        if snapshot.get("version", 1) < _VERSION:
            records = [models.from_before_installation(record) for record in records]
        self._registry.restore(records)
        self._operations.resume()
        self._autoscaling.restore(snapshot.get("scaling", []))

    def close(self) -> None:
        """End every job and endpoint. Records stay as they are, so that the next start finds what was in flight."""
        self._autoscaling.close()
        self._registry.close()
        self._operations.endpoints.close()
        self._threads.close()
        self._forks.close()
        self._logs.close()


def _s3(endpoint_url: str, environment: dict[str, str]) -> Any:
    return client("s3", endpoint_url=endpoint_url, environment=environment)
