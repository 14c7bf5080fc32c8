"""The processing job that compares the models of several algorithms before one of them is deployed."""

from __future__ import annotations

from typing import Any

from chalicelib import form_names
from chalicelib.deployment import DeploymentSettings
from chalicelib.names import RunKeys, Step, StepName
from chalicelib.one_container import serves_alone
from chalicelib.records.run import Run
from chalicelib.requests.processing import INPUT, OUTPUT, Script, job_of_run


def compare(run: Run, deployment: DeploymentSettings, attempt: int) -> dict[str, Any]:
    """CreateProcessingJob for comparing the models of several algorithms: each from its archive, on held-out rows."""
    keys = RunKeys(run.id)
    inputs = {
        "contestants": form_names.contestants(run.id),
        "prepared": keys.schema,
        "test": f"{keys.prepared}/test/test.csv",
    }
    arguments = ["--contestants", f"{INPUT}/contestants/contestants.json", "--prepared", f"{INPUT}/prepared"]
    arguments += ["--test", f"{INPUT}/test/test.csv"]
    for number, leg in enumerate([leg for leg in run.legs if leg.artifact], 1):  # a job takes ten inputs, and no more
        inputs[f"model-{number}"] = str(leg.artifact).removeprefix(deployment.uri(""))
        if not serves_alone(deployment.algorithms.of({"algorithm": leg.algorithm}), leg.artifact, run.id):
            inputs[f"encoder-{number}"] = f"{form_names.form(run.id, leg.algorithm)}/encoder/model.tar.gz"
    arguments += ["--models", INPUT, "--output", f"{OUTPUT}/comparison"]
    script = Script("jobs.evaluate.comparison", arguments, inputs, {"comparison": form_names.comparison(run.id)})
    return job_of_run(run, deployment, StepName(run.id, Step.COMPARE, attempt), script)
