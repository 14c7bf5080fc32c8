"""The same tuning gives the same trials and the same best one, however long each of them takes."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.sagemaker.processes import ForkServer, Process
from tests.sagemaker import requests
from tests.sagemaker.conftest import Cloud
from tests.warm import Warm

pytestmark = pytest.mark.xdist_group("sagemaker-same-tuning")
MOST_SECONDS = 0.3
BOTH = {
    "IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "1", "MaxValue": "9"}],
    "ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.001", "MaxValue": "0.9"}],
}
BAND = {"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 9}}
IMPATIENT = {"BestObjectiveNotImproving": {"MaxNumberOfTrainingJobsNotImproving": 3}}
KINDS: dict[str, dict[str, Any]] = {
    "bayesian": {"Strategy": "Bayesian"},
    "criteria": {"TuningJobCompletionCriteria": IMPATIENT},
    "median": {"TrainingJobEarlyStoppingType": "Auto"},
    "halving": {"Strategy": "Hyperband", "StrategyConfig": BAND},
}


class Delaying(Warm):
    """Starts a command some time after it was asked to."""

    def __init__(self, server: ForkServer) -> None:
        super().__init__(server)
        self.chance = random.Random(0)

    def run(self, argv: list[str], *, environment: dict[str, str], directory: Path, log: Path) -> Process:
        time.sleep(self.chance.random() * MOST_SECONDS)
        return super().run(argv, environment=environment, directory=directory, log=log)


@pytest.fixture(scope="module")
def delays(fork_server: ForkServer) -> Delaying:
    return Delaying(fork_server)


@pytest.fixture(scope="module")
def cloud(
    moto_url: str, table: tuple[bytes, bytes], delays: Delaying, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cloud]:
    cloud = Cloud(moto_url, tmp_path_factory.mktemp("sagemaker"), delays)
    cloud.s3.create_bucket(Bucket=requests.BUCKET)
    cloud.put("data/train/part.csv", table[0])
    cloud.put("data/validation/part.csv", table[1])
    yield cloud
    cloud.sagemaker.close()


def outcome(cloud: Cloud, name: str, config: dict[str, Any]) -> dict[str, Any]:
    request = requests.tuning(name, ranges=BOTH, trials=6, **config)
    request["HyperParameterTuningJobConfig"].pop("RandomSeed")
    request["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxParallelTrainingJobs"] = 3
    cloud.sagemaker.call("CreateHyperParameterTuningJob", request)
    job = cloud.tuned(name)
    assert job["HyperParameterTuningJobStatus"] == "Completed", job.get("FailureReason")
    listed = {"HyperParameterTuningJobName": name, "MaxResults": 100}
    trials = cloud.sagemaker.call("ListTrainingJobsForHyperParameterTuningJob", listed)["TrainingJobSummaries"]
    return {"trials": [told(trial) for trial in trials], "best": told(job["BestTrainingJob"])}


def told(trial: dict[str, Any]) -> Any:
    return trial["TunedHyperParameters"], trial["FinalHyperParameterTuningJobObjectiveMetric"]["Value"]


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=[pytest.mark.slow] if kind in {"median", "criteria"} else []) for kind in KINDS]
)
def test_delays_change_neither_trials_nor_results(cloud: Cloud, delays: Delaying, kind: str) -> None:
    delays.chance = random.Random(1)
    first = outcome(cloud, f"{kind}-a", KINDS[kind])
    delays.chance = random.Random(2)
    assert outcome(cloud, f"{kind}-b", KINDS[kind]) == first
