"""A script of the user's own in the XGBoost image, trained, tuned and served by the laptop's SageMaker."""

from __future__ import annotations

import io
import json
import tarfile
from typing import Any

import pytest

from local.wire.errors import ApiError
from tests.sagemaker import requests
from tests.sagemaker.conftest import Cloud
from tests.train import parent

pytestmark = pytest.mark.xdist_group("sagemaker-script-mode")
OFFLINE = {"PIP_NO_BUILD_ISOLATION": "0"}
SCRIPT = {
    "sagemaker_program": "jobs.train",
    "sagemaker_submit_directory": "/opt/ml/input/data/code",
    "num_round": "5",
    "objective": "binary:logistic",
}
DEFINITIONS = [{"Name": "mine", "Regex": "mine:(.*)"}]
TRAIN = """
import argparse, json, os, pathlib
import numpy as np
import xgboost
import jobs

parser = argparse.ArgumentParser()
for name in ("num_round", "max_depth"):
    parser.add_argument(f"--{name}", type=int, default=3)
parser.add_argument("--eta", type=float, default=0.3)
parser.add_argument("--objective")
given = parser.parse_args()
read = {}
for channel in ("train", "validation"):
    files = sorted(pathlib.Path(os.environ[f"SM_CHANNEL_{channel.upper()}"]).glob("*.csv"))
    rows = np.concatenate([np.loadtxt(file, delimiter=",") for file in files])
    read[channel] = xgboost.DMatrix(rows[:, 1:], label=rows[:, 0])
settings = {"objective": given.objective, "max_depth": given.max_depth, "eta": given.eta, "eval_metric": "auc",
            "nthread": int(os.environ["SM_NUM_CPUS"])}
booster = xgboost.train(settings, read["train"], given.num_round, evals=[(read["validation"], "validation")],
                        verbose_eval=True)
model = pathlib.Path(os.environ["SM_MODEL_DIR"])
booster.save_model(model / "model.ubj")
(model / "whose.json").write_text(json.dumps({"whose": jobs.WHOSE, "job": os.environ["TRAINING_JOB_NAME"]}))
"""


@pytest.fixture(scope="module", autouse=True)
def code(cloud: Cloud) -> None:
    for name, text in {"jobs/__init__.py": "WHOSE = 'the channel'", "jobs/train/__init__.py": "",
                       "jobs/train/__main__.py": TRAIN}.items():  # fmt: skip
        cloud.put(f"code/0123/{name}", text.encode())


def definition() -> dict[str, Any]:
    code = requests.channel("code", f"s3://{requests.BUCKET}/code/0123/")
    del code["ContentType"]
    given = requests.definition(Environment=OFFLINE)
    return given | {"InputDataConfig": [*given["InputDataConfig"], code]}


def training(name: str, **more: str) -> dict[str, Any]:
    return definition() | {"TrainingJobName": name, "HyperParameters": SCRIPT | more}


def tuning(name: str, **config: Any) -> dict[str, Any]:
    asked = requests.tuning(name, **config)
    return asked | {"TrainingJobDefinition": definition() | {"StaticHyperParameters": SCRIPT}}


def members(cloud: Cloud, uri: str) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(cloud.get(uri))) as archive:
        return {one.name: archive.extractfile(one).read() for one in archive if one.isfile()}  # type: ignore[union-attr]


def test_the_channels_code_trains(cloud: Cloud) -> None:
    cloud.sagemaker.call("CreateTrainingJob", training("scripted", max_depth="4"))
    job = cloud.trained("scripted")
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    made = members(cloud, job["ModelArtifacts"]["S3ModelArtifacts"])
    assert json.loads(made["whose.json"]) == {"whose": "the channel", "job": "scripted"}
    metrics = {one["MetricName"]: one["Value"] for one in job["FinalMetricDataList"]}
    assert 0.85 < metrics["validation:auc"] < 1


def test_a_tuning_finds_the_scripts_metric_by_the_built_ins_expressions(cloud: Cloud) -> None:
    cloud.sagemaker.call("CreateHyperParameterTuningJob", tuning("scripts", trials=3))
    job = cloud.tuned("scripts")
    assert job["HyperParameterTuningJobStatus"] == "Completed", job.get("FailureReason")
    assert job["ObjectiveStatusCounters"] == {"Succeeded": 3, "Pending": 0, "Failed": 0}
    assert set(job["BestTrainingJob"]["TunedHyperParameters"]) == {"max_depth", "eta"}


def test_a_script_that_fails_is_told_in_the_containers_words(cloud: Cloud) -> None:
    cloud.sagemaker.call("CreateTrainingJob", training("failing", max_depth="deep"))
    job = cloud.trained("failing")
    assert job["FailureReason"] == (
        'AlgorithmError: ExecuteUserScriptError:\nCommand "/opt/venv/bin/python -m jobs.train --max_depth deep '
        '--num_round 5 --objective binary:logistic", exit code: 1'
    )


@pytest.mark.parametrize("operation", ["CreateTrainingJob", "CreateHyperParameterTuningJob"])
def test_metric_definitions_are_refused(cloud: Cloud, operation: str) -> None:
    request = training("never") if operation == "CreateTrainingJob" else tuning("never")
    where = request.get("TrainingJobDefinition", request)
    where["AlgorithmSpecification"] = {**where["AlgorithmSpecification"], "MetricDefinitions": DEFINITIONS}
    with pytest.raises(ApiError, match="You can't override the metric definitions for Amazon SageMaker algorithms"):
        cloud.sagemaker.call(operation, request)


def test_a_hyperparameter_that_is_not_registered_is_refused_in_script_mode_too(cloud: Cloud) -> None:
    request = tuning("never")
    request["TrainingJobDefinition"]["StaticHyperParameters"] = SCRIPT | {"members": "5"}
    with pytest.raises(ApiError, match=r"\[members\] is not supported"):
        cloud.sagemaker.call("CreateHyperParameterTuningJob", request)


CHECKPOINTED = """
import json, os, pathlib
place = pathlib.Path(json.load(open(os.environ["SM_CHECKPOINT_CONFIG_FILE"]))["LocalPath"])
before = sorted(path.name for path in place.iterdir())
(place / f"fold-{len(before)}").write_text("done")
(pathlib.Path(os.environ["SM_MODEL_DIR"]) / "before.json").write_text(json.dumps(before))
"""


def test_a_script_finds_its_earlier_checkpoints_where_the_images_variable_says(cloud: Cloud) -> None:
    cloud.put("checkpointed/script.py", CHECKPOINTED)
    found = []
    for name in ("interrupted", "resumed"):
        request = training(name, sagemaker_program="script.py")
        request["InputDataConfig"][-1]["DataSource"]["S3DataSource"]["S3Uri"] = f"s3://{requests.BUCKET}/checkpointed/"
        request["CheckpointConfig"] = {"S3Uri": f"s3://{requests.BUCKET}/folds/"}
        cloud.sagemaker.call("CreateTrainingJob", request)
        job = cloud.trained(name)
        assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
        found.append(json.loads(members(cloud, job["ModelArtifacts"]["S3ModelArtifacts"])["before.json"]))
    assert found == [[], ["fold-0"]]


def test_code_may_be_an_archive_in_s3(cloud: Cloud) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        source = b"import os\nopen(os.path.join(os.environ['SM_MODEL_DIR'], 'made'), 'w').write('by the archive')\n"
        info = tarfile.TarInfo("script.py")
        info.size = len(source)
        archive.addfile(info, io.BytesIO(source))
    place = cloud.put("packed/code.tar.gz", packed.getvalue())
    cloud.sagemaker.call(
        "CreateTrainingJob", training("packed", sagemaker_program="script.py", sagemaker_submit_directory=place)
    )
    job = cloud.trained("packed")
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    assert members(cloud, job["ModelArtifacts"]["S3ModelArtifacts"]) == {"made": b"by the archive"}


KILLED = """
import os, signal

def main(environment, told):
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("operation", ["CreateTrainingJob", "CreateHyperParameterTuningJob"])
def test_our_own_script_outlives_a_training_that_is_killed_and_leaves_the_reason(cloud: Cloud, operation: str) -> None:
    for name in parent.FILES:
        cloud.put(f"code/ours/jobs/{name}", (parent.JOBS / name).read_bytes())
    cloud.put(f"code/ours/jobs/{parent.PROGRAM}", KILLED)
    cloud.put("plan/plan.json", json.dumps({"failures": f"s3://{requests.BUCKET}/failures/"}))
    request = training("killed") if operation == "CreateTrainingJob" else tuning("killed", trials=1)
    channels = request.get("TrainingJobDefinition", request)["InputDataConfig"]
    channels[-1] = requests.channel("code", f"s3://{requests.BUCKET}/code/ours/")
    channels.append(requests.channel("plan", f"s3://{requests.BUCKET}/plan/"))
    for channel in channels[-2:]:
        del channel["ContentType"]
    cloud.sagemaker.call(operation, request)
    job = cloud.trained("killed") if operation == "CreateTrainingJob" else cloud.tuned("killed")

    name = "killed"
    if operation != "CreateTrainingJob":
        listed = {"HyperParameterTuningJobName": "killed"}
        (one,) = cloud.sagemaker.call("ListTrainingJobsForHyperParameterTuningJob", listed)["TrainingJobSummaries"]
        job, name = one, one["TrainingJobName"]
    assert job["FailureReason"].startswith("AlgorithmError: ExecuteUserScriptError:\nCommand")
    document = json.loads(cloud.get(f"s3://{requests.BUCKET}/failures/{name}.json"))
    assert document["code"] == "out-of-memory"
    assert document["sentence"].startswith(
        "the system killed the training, as it does when memory runs out: it had grown to "
    )
