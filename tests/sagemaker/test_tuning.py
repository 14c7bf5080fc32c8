"""Tuning jobs whose trials really train."""

import re
import time
from typing import Any

import pytest

from local.wire.errors import ApiError
from tests.sagemaker import requests
from tests.sagemaker.conftest import Cloud

# One after the other in one process: they share a control plane, and later ones look back at earlier jobs.
pytestmark = pytest.mark.xdist_group("sagemaker-tuning")


TWO = {"MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 2}
BOOSTERS = {"CategoricalParameterRanges": [{"Name": "booster", "Values": ["gbtree", "dart"]}]}


def run(cloud: Cloud, request: dict[str, Any], seconds: float = 60) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The tuning's last description and all its trials."""
    name = request["HyperParameterTuningJobName"]
    cloud.sagemaker.call("CreateHyperParameterTuningJob", request)
    job = cloud.tuned(name, seconds=seconds)
    return job, trials(cloud, name)


def trials(cloud: Cloud, name: str, **more: Any) -> list[dict[str, Any]]:
    request = {"HyperParameterTuningJobName": name, "MaxResults": 100, **more}
    found: list[dict[str, Any]] = cloud.sagemaker.call("ListTrainingJobsForHyperParameterTuningJob", request)[
        "TrainingJobSummaries"
    ]
    return found


def objective(trial: dict[str, Any]) -> float:
    return float(trial["FinalHyperParameterTuningJobObjectiveMetric"]["Value"])


def test_a_tuning_tries_as_often_as_asked_and_names_the_best(cloud: Cloud) -> None:
    request = requests.tuning("whole", trials=5) | {"Tags": [{"Key": "k", "Value": "v"}]}
    job, found = run(cloud, request)
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert job["TrainingJobStatusCounters"] | {"Completed": 5} == job["TrainingJobStatusCounters"]
    assert job["ObjectiveStatusCounters"] == {"Succeeded": 5, "Pending": 0, "Failed": 0}
    assert [re.fullmatch(r"whole-(\d{3})-[0-9a-f]{8}", trial["TrainingJobName"]).group(1) for trial in found] == [  # type: ignore[union-attr]
        "001", "002", "003", "004", "005",
    ]  # fmt: skip
    best = job["BestTrainingJob"]
    assert objective(best) == max(map(objective, found))
    assert set(best["TunedHyperParameters"]) == {"max_depth", "eta"}
    by_value = trials(cloud, "whole", SortBy="FinalObjectiveMetricValue", SortOrder="Descending")
    assert [objective(trial) for trial in by_value] == sorted(map(objective, found), reverse=True)


def test_a_trial_is_an_ordinary_training_job_with_a_parent(cloud: Cloud) -> None:
    name = trials(cloud, "whole")[0]["TrainingJobName"]
    job = cloud.sagemaker.call("DescribeTrainingJob", {"TrainingJobName": name})
    parent = cloud.tuned("whole")["HyperParameterTuningJobArn"]
    assert job["TuningJobArn"] == parent
    assert job["HyperParameters"]["_tuning_objective_metric"] == "validation:auc"
    assert job["HyperParameters"]["num_round"] == "5"
    metrics = {item["MetricName"]: item["Value"] for item in job["FinalMetricDataList"]}
    assert metrics["ObjectiveMetric"] == metrics["validation:auc"]
    told = [e["detail"] for e in cloud.events if e["detail"].get("TrainingJobName") == name]
    assert told
    assert all(event["TuningJobArn"] == parent and event["Tags"] == {"k": "v"} for event in told)


def test_the_events_of_a_tuning_say_running_until_it_is_over(cloud: Cloud) -> None:
    told = [e["detail"] for e in cloud.events if e["detail"].get("HyperParameterTuningJobName") == "whole"]
    assert {event["HyperParameterTuningJobStatus"] for event in told[:-1]} == {"Running"}
    assert told[-1]["HyperParameterTuningJobStatus"] == "Completed"


def test_inputs_of_all_trials_are_downloaded_once(cloud: Cloud) -> None:
    kept = [path for path in (cloud.directory / "inputs").rglob("*") if path.is_file()]
    assert len(kept) == 2


def test_the_same_seed_tries_the_same_values(cloud: Cloud) -> None:
    _, again = run(cloud, requests.tuning("again", trials=5))
    assert [t["TunedHyperParameters"] for t in again] == [t["TunedHyperParameters"] for t in trials(cloud, "whole")]


def test_a_grid_tries_every_combination(cloud: Cloud) -> None:
    values = {"CategoricalParameterRanges": [{"Name": "max_depth", "Values": ["1", "2", "5"]}]}
    job, found = run(cloud, requests.tuning("grid", ranges=values, trials=3, Strategy="Grid"))
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert sorted(trial["TunedHyperParameters"]["max_depth"] for trial in found) == ["1", "2", "5"]


def test_a_failed_trial_is_counted_and_does_not_win(cloud: Cloud) -> None:
    """XGBoost keeps numbers in 32 bits, which hold half of this range; the registered range has 64."""
    values = {"ContinuousParameterRanges": [{"Name": "max_delta_step", "MinValue": "1e37", "MaxValue": "6.8e38"}]}
    job, found = run(cloud, requests.tuning("mixed", ranges=values, trials=4), seconds=120)
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    failed = [trial for trial in found if trial["TrainingJobStatus"] == "Failed"]
    assert 1 <= len(failed) <= 3
    assert job["TrainingJobStatusCounters"]["NonRetryableError"] == len(failed)
    assert job["ObjectiveStatusCounters"] == {"Succeeded": 4 - len(failed), "Pending": 0, "Failed": len(failed)}
    assert float(job["BestTrainingJob"]["TunedHyperParameters"]["max_delta_step"]) < 3.5e38
    assert all(trial["FailureReason"] for trial in failed)


def test_when_all_trials_fail_the_tuning_fails_and_says_why(cloud: Cloud) -> None:
    request = requests.tuning("hopeless", trials=2)
    request["TrainingJobDefinition"]["StaticHyperParameters"]["tree_method"] = "gpu_hist"
    job, _ = run(cloud, request)
    assert job["HyperParameterTuningJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("All training jobs failed.")
    assert "gpu_hist" in job["FailureReason"]


def test_a_target_ends_a_tuning_early(cloud: Cloud) -> None:
    criteria = {"TargetObjectiveMetricValue": 0.6}
    job, found = run(cloud, requests.tuning("target", trials=40, TuningJobCompletionCriteria=criteria))
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert len(found) < 10


def test_hyperband_stops_weak_trials_before_their_last_round(cloud: Cloud) -> None:
    band = {"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 27}}
    wide = {
        "ContinuousParameterRanges": [
            {"Name": "eta", "MinValue": "0.0001", "MaxValue": "0.5", "ScalingType": "Logarithmic"}
        ]
    }
    request = requests.tuning("band", ranges=wide, trials=8, Strategy="Hyperband", StrategyConfig=band)
    request["TrainingJobDefinition"]["StaticHyperParameters"] |= {"num_round": "4000", "max_depth": "2"}
    job, found = run(cloud, request, seconds=120)
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert job["TrainingJobStatusCounters"]["Stopped"] >= 1
    stopped = [trial for trial in found if trial["TrainingJobStatus"] == "Stopped"]
    assert all(trial["ObjectiveStatus"] == "Succeeded" for trial in stopped)


def test_stopping_a_tuning_stops_its_trials(cloud: Cloud) -> None:
    request = requests.tuning("stopped", trials=9)
    request["TrainingJobDefinition"]["StaticHyperParameters"]["num_round"] = "1000000"
    cloud.sagemaker.call("CreateHyperParameterTuningJob", request)
    while not trials(cloud, "stopped"):
        time.sleep(0.02)
    cloud.sagemaker.call("StopHyperParameterTuningJob", {"HyperParameterTuningJobName": "stopped"})
    job = cloud.tuned("stopped", seconds=120)
    assert job["HyperParameterTuningJobStatus"] == "Stopped"
    assert job["TrainingJobStatusCounters"]["InProgress"] == 0
    assert {trial["TrainingJobStatus"] for trial in trials(cloud, "stopped")} == {"Stopped"}


def warm(name: str, parent: str, *, trials: int = 2, **config: Any) -> dict[str, Any]:
    start = {
        "ParentHyperParameterTuningJobs": [{"HyperParameterTuningJobName": parent}],
        "WarmStartType": "IdenticalDataAndAlgorithm",
    }
    return requests.tuning(name, trials=trials, **{"Strategy": "Bayesian"} | config) | {"WarmStartConfig": start}


def test_a_warm_start_from_a_finished_tuning(cloud: Cloud) -> None:
    job, _ = run(cloud, warm("warm", "whole"))
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    with pytest.raises(ApiError, match="ResourceNotFound"):
        cloud.sagemaker.call("CreateHyperParameterTuningJob", warm("orphan", "nobody"))


LOGLOSS = {"Type": "Minimize", "MetricName": "validation:logloss"}
WITH_GAMMA = {
    "ContinuousParameterRanges": [{"Name": name, "MinValue": "0.1", "MaxValue": "0.5"} for name in ("eta", "gamma")]
}
OTHERS = {"verbosity": "1", "nthread": "2", "max_bin": "99", "seed": "9", "max_leaves": "5", "refresh_leaf": "0"}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"HyperParameterTuningJobObjective": LOGLOSS}, "another objective"),
        ({"ParameterRanges": WITH_GAMMA}, "are not those of the new one"),
        ({"trials": 496}, "501 training jobs with those of the parents"),
        ({"Strategy": "Hyperband"}, "for the strategies Bayesian and Random"),
    ],
)
def test_a_parent_that_aws_would_not_take_is_refused(cloud: Cloud, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ApiError, match=words):
        cloud.sagemaker.call("CreateHyperParameterTuningJob", warm("never", "whole", **changes))


@pytest.mark.parametrize(
    ("config", "static", "words"),
    [
        (
            {"HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "validation:logloss"}},
            {},
            "not one of the algorithm's",
        ),
        (
            {"HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "auc"}},
            {},
            "not one of the algorithm's",
        ),
        ({}, {"eta": "0.1"}, "both static and tuned: eta"),
        ({"Strategy": "Grid"}, {}, "categorical"),
        ({"ParameterRanges": BOOSTERS}, {}, r"\[booster\] is not tunable"),
        ({"ParameterRanges": BOOSTERS, "Strategy": "Grid", "ResourceLimits": TWO}, {}, r"\[booster\] is not tunable"),
        ({}, {"colour": "red"}, r"\[colour\] is not supported"),
    ],
)
def test_contradictions_are_refused(cloud: Cloud, config: dict[str, Any], static: dict[str, str], words: str) -> None:
    request = requests.tuning("never", **config)
    request["TrainingJobDefinition"]["StaticHyperParameters"] |= static
    with pytest.raises(ApiError, match=words):
        cloud.sagemaker.call("CreateHyperParameterTuningJob", request)


def test_names_and_deletion(cloud: Cloud) -> None:
    with pytest.raises(ApiError, match="ResourceInUse"):
        cloud.sagemaker.call("CreateHyperParameterTuningJob", requests.tuning("whole"))
    cloud.sagemaker.call("DeleteHyperParameterTuningJob", {"HyperParameterTuningJobName": "mixed"})
    with pytest.raises(ApiError, match="ResourceNotFound"):
        cloud.sagemaker.call("DescribeHyperParameterTuningJob", {"HyperParameterTuningJobName": "mixed"})
