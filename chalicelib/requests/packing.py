"""The processing job that makes one archive of a model and its encoder, so that one container can serve them."""

from __future__ import annotations

from typing import Any

from chalicelib import one_container
from chalicelib.deployment import DeploymentSettings
from chalicelib.names import RunKeys, Step, StepName
from chalicelib.records.run import Run
from chalicelib.requests.processing import INPUT, OUTPUT, Script, job_of_run


def pack(run: Run, deployment: DeploymentSettings, attempt: int) -> dict[str, Any]:
    """CreateProcessingJob for packing: what was trained and its encoder in, one archive out."""
    inputs = {"model": str(run.artifact).removeprefix(deployment.uri("")), "encoder": RunKeys(run.id).encoder}
    arguments = ["--model", f"{INPUT}/model", "--encoder", f"{INPUT}/encoder/model.tar.gz"]
    arguments += ["--output", f"{OUTPUT}/packed"]
    script = Script("jobs.pack", arguments, inputs, {"packed": one_container.folder(run.id)})
    return job_of_run(run, deployment, StepName(run.id, Step.PACK, attempt), script)
