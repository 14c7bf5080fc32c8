"""Hyperparameter tuning jobs: real training jobs, a few at a time, chosen by a search and judged by their logs.

Each tuning has one thread, which starts children, reads what their logs print, stops the hopeless ones, and counts. A
child is an ordinary training job that carries the tuning's ARN; its objective is the last value its log printed, as on
AWS. The search itself (optuna) and the rules for ending early stand in search.py.
"""

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from local.sagemaker import training, warm_start
from local.sagemaker.machine import CORES, Machine, Threads
from local.sagemaker.metrics import Tail
from local.sagemaker.resource_registry import Kind, Record, now
from local.sagemaker.search import Search, completion, ranges, since_best
from local.sagemaker.trials import all_failed, best_child, check, child_request, counters, ended, summary
from local.wire.errors import ApiError

_PARENTS = 5
_LOOK_SECONDS = 0.25


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
        self._registry = machine.registry
        self._threads = threads
        self._jobs = jobs
        self._refused_objectives, self._refuses_lists = machine.refused_objectives, machine.refuses_lists
        self._assumed = machine.assumed
        self._offered = machine.offered

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreateHyperParameterTuningJob."""
        doubts, lists = self._refused_objectives, self._refuses_lists
        check(request, self._registry.region, doubts, self._offered, refuses_lists=lists)
        self._assumed(request["TrainingJobDefinition"]["RoleArn"])
        parents = self._parents(request)
        name = request["HyperParameterTuningJobName"]
        arn = self._registry.arn(Kind.TUNING, name)
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
            "Tuning job names must be unique within an AWS account and region, and a tuning job with this name "
            f"already exists ({arn})",
        )
        record = self._registry.add(
            Kind.TUNING, name, detail, taken=taken, tags=request.get("Tags"), hidden={"parents": parents}
        )
        self._threads.begin(record, self._run)
        return {"HyperParameterTuningJobArn": arn}

    def stop(self, request: dict[str, Any]) -> dict[str, Any]:
        """StopHyperParameterTuningJob."""
        record = self.find(request["HyperParameterTuningJobName"])
        if record.detail["HyperParameterTuningJobStatus"] == "InProgress":
            self._registry.change(record, HyperParameterTuningJobStatus="Stopping")
            self._threads.stop(record)
        return {}

    def find(self, name: str) -> Record:
        """The record of a tuning job; raises ApiError ResourceNotFound."""
        record = self._registry.find(Kind.TUNING, name)
        if record is None:
            raise ApiError("ResourceNotFound", f"Amazon SageMaker can't find a tuning job with the name {name}.")
        return record

    def children(self, record: Record) -> list[Record]:
        """The training jobs of a tuning, in the order they were started."""
        return [child for child in self._registry.all(Kind.TRAINING) if child.detail.get("TuningJobArn") == record.arn]

    def _parents(self, request: dict[str, Any]) -> list[str]:
        """The names of the tunings to learn from, each checked."""
        given = request.get("WarmStartConfig", {}).get("ParentHyperParameterTuningJobs", [])
        names = [item["HyperParameterTuningJobName"] for item in given]
        if len(names) > _PARENTS:
            raise ApiError("ValidationException", f"A warm start can have at most {_PARENTS} parent tuning jobs.")
        if names and request["HyperParameterTuningJobConfig"]["Strategy"] not in warm_start.STRATEGIES:
            raise ApiError("ValidationException", "Warm start is for the strategies Bayesian and Random.")
        image = request["TrainingJobDefinition"]["AlgorithmSpecification"]["TrainingImage"]
        known = self._offered.of(image).metadata()
        for name in names:
            parent = self.find(name)
            warm_start.check(name, parent.detail, request, known.kinds if known else {})
        warm_start.check_trials(sum(len(self.children(self.find(name))) for name in names), request)
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
        while not self._registry.closed:
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
            with self._registry.moved:
                if not any(ended(child.record) for child in course.running):
                    self._registry.moved.wait(_LOOK_SECONDS)
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
            course.running.append(Child(suggestion.number, child, self._jobs.tail(child)))

    def _settle(self, record: Record, course: Course) -> None:
        """Take in the trials that have ended."""
        over = [child for child in course.running if ended(child.record)]
        for child in over:
            course.running.remove(child)
            final = {item["MetricName"]: item["Value"] for item in child.record.detail.get("FinalMetricDataList", [])}
            value = final.get(course.metric) if child.record.detail["TrainingJobStatus"] != "Failed" else None
            course.search.tell(child.number, value)
            if value is not None:
                child.record.hidden["objective"] = value
                course.values.append(value)
        if over:
            self._count(record, course)

    def _judge(self, course: Course) -> None:
        """Stop the trials that the search gives up on."""
        for child in course.running:
            if ended(child.record):
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
        self._registry.change(record, **fields)

    def _finish(self, record: Record, course: Course, *, stopped: bool) -> None:
        fields: dict[str, Any] = {"HyperParameterTuningEndTime": now()}
        if stopped:
            fields["HyperParameterTuningJobStatus"] = "Stopped"
        elif course.values:
            fields["HyperParameterTuningJobStatus"] = "Completed"
        else:
            fields |= {
                "HyperParameterTuningJobStatus": "Failed",
                "FailureReason": all_failed(self.children(record), course.metric),
            }
        seconds = sum(child.detail.get("TrainingTimeInSeconds", 0) for child in self.children(record))
        self._count(record, course, ConsumedResources={"RuntimeInSeconds": seconds}, **fields)
