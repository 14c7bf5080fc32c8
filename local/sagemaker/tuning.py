"""Hyperparameter tuning jobs: real training jobs, a few at a time, chosen by a search and judged by their logs.

Each tuning has one thread, which starts children, reads what their logs print, stops the hopeless ones, and counts. A
child is an ordinary training job that carries the tuning's ARN; its objective is the last value its log printed, as on
AWS. The search itself (optuna) and the rules for ending early stand in search.py.
"""

import hashlib
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from local.errors import ApiError
from local.sagemaker import training
from local.sagemaker.ledger import Kind, Record, now, tag_list
from local.sagemaker.machine import CORES, Machine, Threads
from local.sagemaker.metrics import Tail
from local.sagemaker.search import Search, Suggestion, check_strategy, completion, ranges, since_best

_MAXIMIZE = (
    "accuracy auc aucpr balanced_accuracy f1 f1_binary f1_macro map ndcg precision precision_macro precision_micro r2 "
    "recall recall_macro recall_micro"
).split()
_MINIMIZE = (
    "aft-nloglik cox-nloglik error gamma-deviance gamma-nloglik interval-regression-accuracy logloss mae mape merror "
    "mlogloss mphe mse poisson-nloglik rmse rmsle tweedie-nloglik"
).split()
OBJECTIVES = {f"validation:{m}": "Maximize" for m in _MAXIMIZE} | {f"validation:{m}": "Minimize" for m in _MINIMIZE}
_TERMINAL = {"Completed", "Failed", "Stopped"}
_PARENTS = 5
_PULSE_SECONDS = 0.25


@dataclass
class Child:
    """A trial in flight."""

    number: int
    record: Record
    tail: Tail


@dataclass
class Course:
    """How far one tuning has come."""

    search: Search
    metric: str
    maximize: bool
    started: int = 0
    exhausted: bool = False
    over: str | None = None
    running: list[Child] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)


class TuningJobs:
    """Creates, runs, stops and deletes tuning jobs."""

    def __init__(self, machine: Machine, threads: Threads, jobs: training.TrainingJobs) -> None:
        self._ledger = machine.ledger
        self._threads = threads
        self._jobs = jobs

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreateHyperParameterTuningJob."""
        _check(request, self._ledger.region)
        parents = self._parents(request)
        name = request["HyperParameterTuningJobName"]
        arn = self._ledger.arn(Kind.TUNING, name)
        begun = now()
        detail = {key: value for key, value in request.items() if key != "Tags"} | {
            "HyperParameterTuningJobArn": arn,
            "HyperParameterTuningJobStatus": "InProgress",
            "CreationTime": begun,
            "LastModifiedTime": begun,
            **counters([]),
        }
        taken = ApiError(
            "ResourceInUse",
            f"Tuning job names must be unique within an AWS account and region, and a tuning job with this name already exists ({arn})",
        )
        record = self._ledger.add(
            Kind.TUNING, name, detail, taken=taken, tags=request.get("Tags"), hidden={"parents": parents}
        )
        self._threads.begin(record, self._run)
        return {"HyperParameterTuningJobArn": arn}

    def stop(self, request: dict[str, Any]) -> dict[str, Any]:
        """StopHyperParameterTuningJob."""
        record = self.find(request["HyperParameterTuningJobName"])
        if record.detail["HyperParameterTuningJobStatus"] == "InProgress":
            self._ledger.change(record, HyperParameterTuningJobStatus="Stopping")
            self._threads.stop(record)
        return {}

    def find(self, name: str) -> Record:
        """The record of a tuning job; raises ApiError ResourceNotFound."""
        record = self._ledger.find(Kind.TUNING, name)
        if record is None:
            raise ApiError("ResourceNotFound", f"Amazon SageMaker can't find a tuning job with the name {name}.")
        return record

    def children(self, record: Record) -> list[Record]:
        """The training jobs of a tuning, in the order they were started."""
        return [child for child in self._ledger.all(Kind.TRAINING) if child.detail.get("TuningJobArn") == record.arn]

    def _parents(self, request: dict[str, Any]) -> list[str]:
        """The names of the tunings to learn from, each checked."""
        given = request.get("WarmStartConfig", {}).get("ParentHyperParameterTuningJobs", [])
        names = [item["HyperParameterTuningJobName"] for item in given]
        if len(names) > _PARENTS:
            raise ApiError("ValidationException", f"A warm start can have at most {_PARENTS} parent tuning jobs.")
        objective = request["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]
        for name in names:
            parent = self.find(name).detail
            if parent["HyperParameterTuningJobStatus"] not in _TERMINAL:
                raise ApiError("ValidationException", f"The parent tuning job {name} has not ended.")
            if parent["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"] != objective:
                raise ApiError("ValidationException", f"The parent tuning job {name} has another objective.")
        return names

    def _run(self, record: Record, stop: threading.Event) -> None:
        """The whole life of one tuning, in its own thread."""
        config = record.detail["HyperParameterTuningJobConfig"]
        objective = config["HyperParameterTuningJobObjective"]
        search = Search(record.name, config, ranges(config["ParameterRanges"]))
        course = Course(search, objective["MetricName"], objective["Type"] == "Maximize")
        for name in record.hidden["parents"]:
            for earlier in self.children(self.find(name)):
                if "objective" in earlier.hidden:
                    search.learn(earlier.hidden["tuned"], earlier.hidden["objective"])
        while True:
            self._settle(record, course)
            course.over = course.over or self._ending(record, course, stop)
            if course.over:
                for child in course.running:
                    self._jobs.halt(child.record)
            else:
                self._fill(record, course)
            if not course.running:
                break
            self._judge(course)
            with self._ledger.moved:
                if not any(_ended(child.record) for child in course.running):
                    self._ledger.moved.wait(_PULSE_SECONDS)
        self._finish(record, course, stopped=stop.is_set())

    def _ending(self, record: Record, course: Course, stop: threading.Event) -> str | None:
        """Why no further trial should start, as the completion reason."""
        config = record.detail["HyperParameterTuningJobConfig"]
        if stop.is_set():
            return "Stopped"
        seconds = config["ResourceLimits"].get("MaxRuntimeInSeconds")
        if seconds is not None and time.monotonic() - course.begun > seconds:
            return "MaxRuntimeInSeconds"
        return completion(course.values, config.get("TuningJobCompletionCriteria", {}), maximize=course.maximize)

    def _fill(self, record: Record, course: Course) -> None:
        """Start trials until as many run as may."""
        limits = record.detail["HyperParameterTuningJobConfig"]["ResourceLimits"]
        most = limits.get("MaxNumberOfTrainingJobs", 750)
        while (
            len(course.running) < limits["MaxParallelTrainingJobs"] and course.started < most and not course.exhausted
        ):
            suggestion = course.search.ask()
            if suggestion is None:
                course.exhausted = True
                return
            request = child_request(record, suggestion, course.started + 1)
            parallel = min(limits["MaxParallelTrainingJobs"], most)
            child = self._jobs.start(
                request, threads=max(1, CORES // parallel), tuning_arn=record.arn, tuned=suggestion.hyperparameters
            )
            course.started += 1
            course.running.append(Child(suggestion.number, child, Tail(self._jobs.log_file(child))))

    def _settle(self, record: Record, course: Course) -> None:
        """Take in the trials that have ended."""
        ended = [child for child in course.running if _ended(child.record)]
        for child in ended:
            course.running.remove(child)
            final = {item["MetricName"]: item["Value"] for item in child.record.detail.get("FinalMetricDataList", [])}
            value = final.get(course.metric) if child.record.detail["TrainingJobStatus"] != "Failed" else None
            course.search.tell(child.number, value)
            if value is not None:
                child.record.hidden["objective"] = value
                course.values.append(value)
        if ended:
            self._count(record, course)

    def _judge(self, course: Course) -> None:
        """Stop the trials that the search gives up on."""
        for child in course.running:
            if _ended(child.record):
                continue
            new = [(point.step, point.value) for point in child.tail.read() if point.metric == course.metric]
            if course.search.hopeless(child.number, new):
                self._jobs.halt(child.record)

    def _count(self, record: Record, course: Course, **fields: Any) -> None:
        children = self.children(record)
        best = best_child(children, maximize=course.maximize)
        if best is not None:
            fields["BestTrainingJob"] = summary(best, course.metric)
        details: dict[str, Any] = {
            "NumberOfTrainingJobsObjectiveNotImproving": since_best(course.values, maximize=course.maximize)
        }
        if course.over == "ConvergenceDetected":
            details["ConvergenceDetectedTime"] = now()
        fields |= {**counters(children), "TuningJobCompletionDetails": details}
        self._ledger.change(record, **fields)

    def _finish(self, record: Record, course: Course, *, stopped: bool) -> None:
        fields: dict[str, Any] = {"HyperParameterTuningEndTime": now()}
        if stopped:
            fields["HyperParameterTuningJobStatus"] = "Stopped"
        elif course.values:
            fields["HyperParameterTuningJobStatus"] = "Completed"
        else:
            fields |= {
                "HyperParameterTuningJobStatus": "Failed",
                "FailureReason": _all_failed(self.children(record), course.metric),
            }
        seconds = sum(child.detail.get("TrainingTimeInSeconds", 0) for child in self.children(record))
        self._count(record, course, ConsumedResources={"RuntimeInSeconds": seconds}, **fields)


def child_request(record: Record, suggestion: Suggestion, number: int) -> dict[str, Any]:
    """The training job of one trial."""
    definition = record.detail["TrainingJobDefinition"]
    objective = record.detail["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]["MetricName"]
    mark = hashlib.sha256(f"{record.arn}/{number}/{record.detail['CreationTime']}".encode()).hexdigest()[:8]
    own = {
        "StaticHyperParameters",
        "HyperParameterRanges",
        "TuningObjective",
        "DefinitionName",
        "HyperParameterTuningResourceConfig",
    }
    return {key: value for key, value in definition.items() if key not in own} | {
        "TrainingJobName": f"{record.name}-{number:03d}-{mark}",
        "ResourceConfig": _resources(definition),
        "HyperParameters": {
            **definition.get("StaticHyperParameters", {}),
            **suggestion.hyperparameters,
            "_tuning_objective_metric": objective,
        },
        "Tags": tag_list(record.tags),
    }


def summary(child: Record, metric: str) -> dict[str, Any]:
    """HyperParameterTrainingJobSummary of a trial."""
    fields = (
        "TrainingJobName",
        "TrainingJobArn",
        "CreationTime",
        "TrainingStartTime",
        "TrainingEndTime",
        "TrainingJobStatus",
        "FailureReason",
    )
    answer = {name: child.detail[name] for name in fields if name in child.detail}
    answer["TunedHyperParameters"] = dict(child.hidden.get("tuned", {}))
    if "objective" in child.hidden:
        answer["FinalHyperParameterTuningJobObjectiveMetric"] = {
            "MetricName": metric,
            "Value": child.hidden["objective"],
        }
    answer["ObjectiveStatus"] = objective_status(child)
    return answer


def objective_status(child: Record) -> str:
    """Succeeded, Pending or Failed."""
    if not _ended(child):
        return "Pending"
    return "Succeeded" if "objective" in child.hidden else "Failed"


def best_child(children: list[Record], *, maximize: bool) -> Record | None:
    """The trial with the best objective; the earlier one of equals. A trial stopped early can be the best."""
    judged = [child for child in children if "objective" in child.hidden]
    sign = 1.0 if maximize else -1.0
    return max(judged, key=lambda child: sign * child.hidden["objective"], default=None)


def counters(children: list[Record]) -> dict[str, Any]:
    """TrainingJobStatusCounters and ObjectiveStatusCounters."""
    states = [child.detail["TrainingJobStatus"] for child in children]
    objectives = [objective_status(child) for child in children]
    return {
        "TrainingJobStatusCounters": {
            "Completed": states.count("Completed"),
            "InProgress": states.count("InProgress") + states.count("Stopping"),
            "RetryableError": 0,
            "NonRetryableError": states.count("Failed"),
            "Stopped": states.count("Stopped"),
        },
        "ObjectiveStatusCounters": {status: objectives.count(status) for status in ("Succeeded", "Pending", "Failed")},
    }


def _ended(child: Record) -> bool:
    return child.detail["TrainingJobStatus"] in _TERMINAL


def _resources(definition: dict[str, Any]) -> dict[str, Any]:
    wanted = definition.get("ResourceConfig") or definition.get("HyperParameterTuningResourceConfig", {})
    return {
        key: wanted[key]
        for key in ("InstanceType", "InstanceCount", "VolumeSizeInGB", "VolumeKmsKeyId")
        if key in wanted
    }


def _all_failed(children: list[Record], metric: str) -> str:
    failed = [child for child in children if child.detail["TrainingJobStatus"] == "Failed"]
    if failed:
        return f"All training jobs failed. The first: {failed[0].detail.get('FailureReason', '')}"[:1024]
    return f"No objective metrics found after running {len(children)} training jobs: none printed {metric}. Please ensure that the custom algorithm is emitting the objective metric as defined by the regular expression provided."


def _check(request: dict[str, Any], region: str) -> None:
    """Refuse what the service model cannot."""
    config = request["HyperParameterTuningJobConfig"]
    for place, member in (
        (request, "TrainingJobDefinition"),
        (config, "HyperParameterTuningJobObjective"),
        (config, "ParameterRanges"),
    ):
        if member not in place:
            raise ApiError(
                "ValidationException",
                f"{member} is required (several TrainingJobDefinitions and Autotune are not part of the embedded cloud).",
            )
    space = ranges(config["ParameterRanges"])
    check_strategy(config, space)
    objective = config["HyperParameterTuningJobObjective"]
    if OBJECTIVES.get(objective["MetricName"]) != objective["Type"]:
        raise ApiError(
            "ValidationException",
            f"The objective {objective['Type']} {objective['MetricName']} is not one of the algorithm's: {', '.join(f'{way} {name}' for name, way in OBJECTIVES.items())}",
        )
    definition = request["TrainingJobDefinition"]
    both = {item.name for item in space} & set(definition.get("StaticHyperParameters", {}))
    if both:
        raise ApiError(
            "ValidationException", f"Hyperparameters cannot be both static and tuned: {', '.join(sorted(both))}"
        )
    if "validation" not in {channel["ChannelName"] for channel in definition.get("InputDataConfig", [])}:
        raise ApiError("ValidationException", f"The objective {objective['MetricName']} needs a validation channel.")
    training.check({**definition, "ResourceConfig": _resources(definition)}, region)
