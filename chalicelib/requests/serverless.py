"""What a serverless endpoint is asked for: memory by the model's size, how many requests at a time, and own capture.

SageMaker captures no data of a serverless endpoint. There the serving code does it (`jobs/serving/capture.py`), as its
environment says, under the keys and in the form that the watch reads in every mode.
"""

from __future__ import annotations

from typing import Any

from chalicelib import names
from chalicelib.deployment import DeploymentSettings
from chalicelib.names import Step
from chalicelib.records.run import Run
from chalicelib.settings.defaults import SERVERLESS_MEMORY_MB

CANDIDATE_CONCURRENCY = 4
"""Requests at a time that an evaluation asks of a candidate: what it takes counts against the account's total, too."""
_LEAST_MEMORY_MB = 2048
"""Memory brings computing power with it: with 1,024 MB a first request would wait for its container twice as long."""
_BESIDE_THE_MODEL_MB = 700
"""What the container's server and its libraries take before any model."""
_IN_MEMORY = 12
"""Bytes of memory for a byte of model.tar.gz, which is compressed text for the most part."""


def memory_mb(chosen: Any, artifact_bytes: int | None) -> int | None:
    """The memory for a model: relay.yaml's, or the least step that holds it; None where no step does.

    >>> memory_mb("auto", 60_000), memory_mb("auto", 300_000_000), memory_mb(3072, 300_000_000)
    (2048, 5120, 3072)
    >>> memory_mb("auto", 600_000_000) is None
    True
    """
    if chosen != "auto":
        return int(chosen)
    needed = _BESIDE_THE_MODEL_MB + _IN_MEMORY * (artifact_bytes or 0) // 1_000_000
    return next((step for step in SERVERLESS_MEMORY_MB if step >= max(needed, _LEAST_MEMORY_MB)), None)


def config(run: Run, step: Step) -> dict[str, int]:
    """The ServerlessConfig of an endpoint's one variant."""
    chosen = run.settings["endpoint"]
    most = chosen["max_concurrency"]
    return {
        "MemorySizeInMB": memory_mb(chosen["memory_mb"], run.artifact_bytes) or SERVERLESS_MEMORY_MB[-1],
        "MaxConcurrency": most if step is Step.LIVE else min(most, CANDIDATE_CONCURRENCY),
    }


def environment(run: Run, variant: str, deployment: DeploymentSettings) -> dict[str, str]:
    """What its container is told beside what every container is: one worker, and what to capture where."""
    endpoint = names.live_endpoint(deployment.prefix, run.dataset)
    capture = {
        "SAGERELAY_CAPTURE": deployment.uri(f"capture/{endpoint}/{variant}"),
        "SAGERELAY_CAPTURE_PERCENTAGE": str(run.settings["endpoint"]["capture_percentage"]),
    }
    return {
        "SAGEMAKER_MODEL_SERVER_WORKERS": "1",
        **(capture if run.settings["endpoint"]["capture_percentage"] else {}),
    }
