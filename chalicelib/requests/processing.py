"""Processing jobs: preparing, evaluating, and the monitor's checks.

How a job is called stands in docs/formats.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib import form_names, transform_names
from chalicelib.deployment import DeploymentSettings
from chalicelib.names import CheckKeys, Kind, RunKeys, Step, StepName
from chalicelib.one_container import serves_alone
from chalicelib.records.run import Run
from chalicelib.requests import protection, transforming
from chalicelib.requests.tags import of_run, of_several, tags
from chalicelib.serving_mode import Mode
from chalicelib.transform_names import Part

INPUT = "/opt/ml/processing/input"
OUTPUT = "/opt/ml/processing/output"


def prepare(run: Run, deployment: DeploymentSettings, attempt: int) -> dict[str, Any]:
    """CreateProcessingJob for preparing: the pinned objects in, prepared/ out."""
    keys = RunKeys(run.id)
    arguments = ["--inputs", f"{INPUT}/inputs/inputs.json", "--output", f"{OUTPUT}/prepared"]
    inputs = {"inputs": keys.inputs}
    if run.live:
        arguments += ["--live-schema", f"{INPUT}/live/schema.json"]
        inputs["live"] = RunKeys(run.live.run).schema
    if asked := _transformed(run):
        arguments += ["--ask", ",".join(asked)]
    script = Script("jobs.prepare", arguments, inputs, {"prepared": keys.prepared})
    return job_of_run(run, deployment, StepName(run.id, Step.PREPARE, attempt), script)


def evaluate(run: Run, deployment: DeploymentSettings, attempt: int) -> dict[str, Any]:
    """CreateProcessingJob for evaluating: held-out rows through the candidate's endpoint, metrics and report out."""
    keys = RunKeys(run.id)
    inputs = {
        "context": keys.context,
        "prepared": keys.schema,
        "test": f"{keys.prepared}/test/test.csv",
        "model": str(run.artifact).removeprefix(deployment.uri("")),
    }
    arguments = ["--context", f"{INPUT}/context/context.json", "--prepared", f"{INPUT}/prepared"]
    arguments += ["--test", f"{INPUT}/test", "--model", f"{INPUT}/model", "--output", f"{OUTPUT}/evaluation"]
    if not serves_alone(deployment.algorithms.of(run.settings), run.artifact, run.id):  # whose model holds its own
        inputs["encoder"] = keys.encoder
        arguments += ["--encoder", f"{INPUT}/encoder/model.tar.gz"]
    if run.trials:
        inputs["tuning"] = keys.trials
        arguments += ["--trials", f"{INPUT}/tuning/trials.json"]
    if run.legs:
        inputs["comparison"] = form_names.comparison_json(run.id)
        arguments += ["--comparison", f"{INPUT}/comparison/comparison.json"]
    if run.live:
        inputs["live"] = RunKeys(run.live.run).schema
        arguments += ["--live-schema", f"{INPUT}/live/schema.json"]
    if best := run.best_before:  # its encoder's archive is there only where the model does not hold its own
        inputs |= {"best": best.artifact.removeprefix(deployment.uri("")), "best-encoder": RunKeys(best.run).encoder}
        arguments += ["--best", f"{INPUT}/best/model.tar.gz", "--best-encoder", f"{INPUT}/best-encoder/model.tar.gz"]
    for who in _transformed(run):
        name = "answered" if who == transform_names.CANDIDATE else "answered-live"
        inputs[name] = transform_names.answered(run.id, who, _candidates_attempt(run))
        arguments += [f"--{name}", f"{INPUT}/{name}"]
    script = Script("jobs.evaluate", arguments, inputs, {"evaluation": keys.evaluation})
    return job_of_run(run, deployment, StepName(run.id, Step.EVALUATE, attempt), script)


def _transformed(run: Run) -> list[str]:
    """Whom a batch transform has asked."""
    own = [transform_names.CANDIDATE] if run.mode is Mode.BATCH else []
    return [*own, transform_names.LIVE] if transforming.asked_live(run) else own


def _candidates_attempt(run: Run) -> int:
    """The attempt of the candidate's step that ended well."""
    parsed = (StepName.parse(job.name) for job in run.jobs if job.step is Step.CANDIDATE)
    return max((name.attempt for name in parsed if name), default=1)


def drift(check: CheckRequest, deployment: DeploymentSettings, attempt: int) -> dict[str, Any]:
    """CreateProcessingJob for a drift check or a drill: the window's traffic against the baseline."""
    model = RunKeys(check.model)
    inputs = {"window": check.keys.window, "answers": model.answers, "evaluation": model.evaluation_json}
    inputs |= {
        name: f"{model.prepared}/{name}.json" for name in ("schema", "baseline", "constraints")
    }  # one folder each, as every input has
    arguments = ["--window", f"{INPUT}/window/window.json", "--answers", f"{INPUT}/answers/answers.json"]
    arguments += ["--evaluation", f"{INPUT}/evaluation/evaluation.json"]
    for name in ("schema", "baseline", "constraints"):
        arguments += [f"--{name}", f"{INPUT}/{name}/{name}.json"]
    return _check(check, deployment, attempt, "jobs.drift", arguments, inputs)


def several(job: str, instance: str, volume_gb: int, deployment: DeploymentSettings) -> dict[str, Any]:
    """CreateProcessingJob for the drift checks of several datasets, which it finds in its checks.json. Each leaves its
    documents where its own job would."""
    arguments = ["--checks", f"{INPUT}/checks/checks.json", "--seconds", str(_CHECK_MINUTES * 60)]
    arguments += ["--output", f"{OUTPUT}/monitoring", "--outcomes", f"{OUTPUT}/outcomes"]
    folder = f"monitoring/_shared/{job}"
    places = {"monitoring": "monitoring", "outcomes": folder}
    script = Script("jobs.drift.several", arguments, {"checks": f"{folder}/checks.json"}, places)
    machine = Machine(instance, volume_gb, _CHECK_MINUTES)
    return _job(deployment, job, script, machine, of_several(Kind.DRIFT, deployment))


def quality(check: CheckRequest, deployment: DeploymentSettings, attempt: int) -> dict[str, Any]:
    """CreateProcessingJob for labels that came late: joined with the traffic they belong to."""
    model = RunKeys(check.model)
    inputs = {"window": check.keys.window, "schema": model.schema, "evaluation": model.evaluation_json}
    arguments = ["--window", f"{INPUT}/window/window.json", "--schema", f"{INPUT}/schema/schema.json"]
    arguments += ["--evaluation", f"{INPUT}/evaluation/evaluation.json"]
    if check.answers:
        inputs["answers"] = check.answers
        arguments += ["--answers", f"{INPUT}/answers/answers.json"]
    if check.before:  # its encoder's archive is there only where the model does not hold its own
        run, artifact = check.before
        inputs |= {"before": artifact.removeprefix(deployment.uri("")), "before-encoder": RunKeys(run).encoder}
        arguments += ["--before", f"{INPUT}/before/model.tar.gz"]
        arguments += ["--before-encoder", f"{INPUT}/before-encoder/model.tar.gz"]
    return _check(check, deployment, attempt, "jobs.ground_truth", arguments, inputs)


def test(check: CheckRequest, deployment: DeploymentSettings, attempt: int) -> dict[str, Any]:
    """CreateProcessingJob for a file in test/: its rows through the live endpoint."""
    model = RunKeys(check.model)
    inputs = {
        "context": check.keys.context,
        "prepared": model.schema,
        "model": check.artifact.removeprefix(deployment.uri("")),
        "evaluation": model.evaluation_json,
    }
    arguments = ["--context", f"{INPUT}/context/context.json", "--prepared", f"{INPUT}/prepared"]
    arguments += ["--model", f"{INPUT}/model", "--evaluation", f"{INPUT}/evaluation/evaluation.json"]
    return _check(check, deployment, attempt, "jobs.evaluate.uploaded", arguments, inputs)


def score(check: CheckRequest, deployment: DeploymentSettings, attempt: int, part: Part = Part.WHOLE) -> dict[str, Any]:
    """CreateProcessingJob for a file in score/: its rows with what the live model says of them; or, where a batch
    transform has to ask it, what it is to be asked, and the rows with what it answered."""
    inputs = {"context": check.keys.context, "prepared": RunKeys(check.model).schema}
    arguments = ["--context", f"{INPUT}/context/context.json", "--prepared", f"{INPUT}/prepared"]
    if part is Part.ASK:
        arguments += ["--ask", f"{OUTPUT}/asked"]
        more = {"asked": transform_names.asked_of_file(check.keys)}
        return _check(check, deployment, attempt, "jobs.score", arguments, inputs, more)
    if part is Part.JOIN:
        inputs["answered"] = transform_names.answered_of_file(check.keys)
        arguments += ["--answered", f"{INPUT}/answered"]
    else:
        inputs["model"] = check.artifact.removeprefix(deployment.uri(""))
        arguments += ["--model", f"{INPUT}/model"]
    arguments += ["--result", f"{OUTPUT}/result", "--capture", f"{OUTPUT}/capture"]
    more = {"result": check.result, "capture": check.capture}
    return _check(check, deployment, attempt, "jobs.score", arguments, inputs, more)


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """What the request of a check's job is made of."""

    keys: CheckKeys
    model: str
    """The run whose model is looked at."""
    artifact: str
    """The S3 URI of its model.tar.gz."""
    previous: str | None
    """The key of the result of the check of this kind before, for the history."""
    instance: str
    volume_gb: int
    answers: str | None = None
    """The key of the model's answers.json, for a quality check, which does without where there is none."""
    before: tuple[str, str] | None = None
    """The run of the model before it and the S3 URI of its model.tar.gz, for a quality check."""
    result: str = ""
    """Where the answers to a file go."""
    capture: str = ""
    """Where the live model's traffic is captured, to which the rows of such a file belong."""


@dataclass(frozen=True, slots=True)
class Script:
    """A job script, what it is given and what it leaves."""

    module: str
    arguments: list[str]
    inputs: Mapping[str, str]
    """Keys by the name of the input, which is the name of its folder."""
    outputs: Mapping[str, str]
    """Keys by the name of the output, which is the name of its folder."""


def _check(
    check: CheckRequest,
    deployment: DeploymentSettings,
    attempt: int,
    module: str,
    arguments: list[str],
    inputs: dict[str, str],
    more: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """`more`: outputs beside the check's own."""
    keys = check.keys
    if check.previous:
        inputs["previous"] = check.previous
        arguments += ["--previous", f"{INPUT}/previous/{check.previous.rpartition('/')[2]}"]
    arguments += ["--output", f"{OUTPUT}/monitoring"]
    script = Script(module, arguments, inputs, {"monitoring": keys.root, **(more or {})})
    machine = Machine(check.instance, check.volume_gb, _CHECK_MINUTES)
    return _job(
        deployment, str(keys.job(attempt)), script, machine, of_run(keys.dataset, check.model, keys.kind, deployment)
    )


def job_of_run(run: Run, deployment: DeploymentSettings, name: StepName, script: Script) -> dict[str, Any]:
    """CreateProcessingJob of a run's step."""
    chosen = run.settings["instances"]
    instance = chosen["prepare" if name.step is Step.PREPARE else "evaluate"]
    machine = Machine(instance, chosen["volume_gb"], chosen["max_runtime_minutes"])
    return _job(deployment, str(name), script, machine, tags(run, name.step, deployment))


@dataclass(frozen=True, slots=True)
class Machine:
    """What a job runs on, and for how long at most."""

    instance: str
    volume_gb: int
    minutes: int


_CHECK_MINUTES = 120


def _job(
    deployment: DeploymentSettings, name: str, script: Script, machine: Machine, tagged: list[dict[str, str]]
) -> dict[str, Any]:
    return {
        "ProcessingJobName": name,
        "AppSpecification": {
            "ImageUri": deployment.image,
            "ContainerEntrypoint": ["python3", "-m", script.module],
            "ContainerArguments": script.arguments,
        },
        "RoleArn": deployment.role_arn,
        "ProcessingInputs": [
            _input("code", deployment.uri(f"{deployment.code}/")),
            *(_input(input_name, deployment.uri(input_key)) for input_name, input_key in script.inputs.items()),
        ],
        "ProcessingOutputConfig": {
            "Outputs": [
                {
                    "OutputName": output,
                    "S3Output": {
                        "S3Uri": deployment.uri(key),
                        "LocalPath": f"{OUTPUT}/{output}",
                        "S3UploadMode": "EndOfJob",
                    },
                }
                for output, key in script.outputs.items()
            ],
            **protection.key("KmsKeyId", deployment),
        },
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceCount": 1,
                "InstanceType": machine.instance,
                "VolumeSizeInGB": machine.volume_gb,
                **protection.key("VolumeKmsKeyId", deployment),
            }
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": machine.minutes * 60},
        "Environment": {"PYTHONPATH": f"{INPUT}/code", "AWS_DEFAULT_REGION": deployment.region},
        **protection.network(deployment),
        "Tags": tagged,
    }


def _input(name: str, uri: str) -> dict[str, Any]:
    return {
        "InputName": name,
        "S3Input": {
            "S3Uri": uri,
            "LocalPath": f"{INPUT}/{name}",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            "S3DataDistributionType": "FullyReplicated",
        },
    }
