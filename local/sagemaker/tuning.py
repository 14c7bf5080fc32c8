"""Hyperparameter tuning jobs: real training jobs, a few at a time, chosen by a search and judged by their logs.

Each tuning has one thread, which starts children, reads what their logs print, stops the hopeless ones, and counts. A
child is an ordinary training job that carries the tuning's ARN; its objective is the last value its log printed, as on
AWS, or the one at the round it was given up at. The search itself (optuna) and the rules for ending early stand in
search.py, those for giving up a trial in giving_up.py.

The same request over the same data gives the same trials, results and best trial, whatever else the machine does:
results are told in the order of the trials, each suggestion goes by as many of them as its number says, and a tuning
that is complete by its criteria begins no further trial but lets those under way end. Only what goes by a clock does
not: a tuning that is stopped, by somebody or at the end of its time, and how far a trial got before its own time was
over.
"""

import itertools
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from local.sagemaker import giving_up, training, warm_start
from local.sagemaker.giving_up import Curve, Rule
from local.sagemaker.machine import CORES, Machine, Threads
from local.sagemaker.metrics import Tail
from local.sagemaker.resource_registry import Kind, Record, now
from local.sagemaker.search import Search, Suggestion, completion, lag, ranges, since_best
from local.sagemaker.trials import all_failed, best_child, check, child_request, counters, ended, summary
from local.wire.errors import ApiError

_PARENTS = 5
_LOOK_SECONDS = 0.25


@dataclass
class Child:
    """A trial; `suggestion` is its number to the search."""

    suggestion: int
    record: Record
    tail: Tail
    curve: Curve
    ended: bool = False
    value: float | None = None


@dataclass
class Course:
    """How far one tuning has come."""

    search: Search
    rule: Rule
    lag: int | None
    metric: str
    maximize: bool
    exhausted: bool = False
    over: str | None = None
    children: list[Child] = field(default_factory=list)
    told: int = 0
    begun: float = field(default_factory=time.monotonic)

    @property
    def running(self) -> list[Child]:
        return [child for child in self.children if not child.ended]

    @property
    def settled(self) -> list[Child]:
        """The trials whose results are final, up to the first whose is not."""
        return list(itertools.takewhile(lambda child: child.ended and child.curve.settled, self.children))

    def values(self, of_first: int | None = None) -> list[float]:
        """The results of those trials, or of the first few of them, that have any."""
        return [child.value for child in self.settled[:of_first] if child.value is not None]

    def tell(self, count: int) -> None:
        """Let the search know the results of the first so many trials."""
        for child in self.children[self.told : count]:
            self.search.tell(child.suggestion, child.value)
        self.told = max(self.told, count)


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
        earlier = [
            (child.hidden["tuned"], child.hidden["objective"])
            for name in record.hidden["parents"]
            for child in self.children(self.find(name))
            if "objective" in child.hidden
        ]
        search = Search(record.name, config, ranges(config["ParameterRanges"]), len(earlier))
        maximize = objective["Type"] == "Maximize"
        course = Course(search, giving_up.rule(config), lag(config), objective["MetricName"], maximize)
        for tuned, value in earlier:
            search.learn(tuned, value)
        while not self._registry.closed:
            self._settle(record, course)
            if reason := self._interrupted(record, course, stop):
                course.over = reason
                for child in course.running:
                    self._jobs.halt(child.record)
            elif not course.over:
                self._fill(record, course)
            if not course.running:
                break
            with self._registry.moved:
                if not any(ended(child.record) for child in course.running):
                    self._registry.moved.wait(_LOOK_SECONDS)
        self._finish(record, course, stopped=stop.is_set())

    def _interrupted(self, record: Record, course: Course, stop: threading.Event) -> str | None:
        """Why what is under way has to end, as the completion reason."""
        if stop.is_set():
            return "Stopped"
        seconds = record.detail["HyperParameterTuningJobConfig"]["ResourceLimits"].get("MaxRuntimeInSeconds")
        late = seconds is not None and time.monotonic() - course.begun > seconds
        return "MaxRuntimeInSeconds" if late else None

    def _fill(self, record: Record, course: Course) -> None:
        """Start trials until as many run as may, each by the results that its number goes by."""
        config = record.detail["HyperParameterTuningJobConfig"]
        limits, criteria = config["ResourceLimits"], config.get("TuningJobCompletionCriteria", {})
        most = limits.get("MaxNumberOfTrainingJobs", 750)
        while len(course.running) < limits["MaxParallelTrainingJobs"] and len(course.children) < most:
            due = max(0, len(course.children) + 1 - course.lag) if course.lag else 0
            if len(course.settled) < due:
                return
            course.tell(due)
            course.over = completion(course.values(due), criteria, maximize=course.maximize)
            suggestion = None if course.over or course.exhausted else course.search.ask()
            if suggestion is None:
                course.exhausted = True
                return
            self._begin(record, course, suggestion)

    def _begin(self, record: Record, course: Course, suggestion: Suggestion) -> None:
        limits = record.detail["HyperParameterTuningJobConfig"]["ResourceLimits"]
        number = len(course.children) + 1
        parallel = min(limits["MaxParallelTrainingJobs"], limits.get("MaxNumberOfTrainingJobs", 750))
        child = self._jobs.start(
            child_request(record, suggestion, number),
            threads=max(1, CORES // parallel),
            tuning_arn=record.arn,
            tuned=suggestion.hyperparameters,
        )
        child.hidden["settled"] = False
        course.children.append(Child(suggestion.number, child, self._jobs.tail(child), Curve(number, course.told)))

    def _settle(self, record: Record, course: Course) -> None:
        """Take in what the trials have printed, give up the hopeless, and note the results that are final."""
        curves = {child.curve.number: child.curve for child in course.children}
        changed = False
        for child in course.children:
            if child.ended and child.curve.settled:
                continue
            self._read(child, course)
            course.rule.judge(child.curve, curves)
            if child.curve.given_up is not None and not child.ended:
                self._jobs.halt(child.record)
            if child.ended and child.curve.settled:
                changed = True
                child.value = self._result(child, course)
                child.record.hidden["settled"] = True
                if child.value is not None:
                    child.record.hidden["objective"] = child.value
        if changed:
            self._count(record, course)

    def _read(self, child: Child, course: Course) -> None:
        """What is new of a trial: its points, and whether these were the last."""
        last = ended(child.record)
        sign = 1.0 if course.maximize else -1.0
        child.curve.points += [
            (point.step, sign * point.value) for point in child.tail.read() if point.metric == course.metric
        ]
        child.ended = child.curve.over = last
        child.curve.failed = last and child.record.detail["TrainingJobStatus"] == "Failed"

    def _result(self, child: Child, course: Course) -> float | None:
        """The objective of a trial that has ended: what it printed last, unless it had been given up by then."""
        if child.curve.given_up is not None:
            value = child.curve.kept[child.curve.given_up]
            return value if course.maximize else -value
        final = {item["MetricName"]: item["Value"] for item in child.record.detail.get("FinalMetricDataList", [])}
        return None if child.curve.failed else final.get(course.metric)

    def _count(self, record: Record, course: Course, **fields: Any) -> None:
        children = self.children(record)
        best = best_child(children, maximize=course.maximize)
        if best is not None:
            fields["BestTrainingJob"] = summary(best, course.metric)
        details: dict[str, Any] = {
            "NumberOfTrainingJobsObjectiveNotImproving": since_best(course.values(), maximize=course.maximize)
        }
        if course.over == "ConvergenceDetected":
            details["ConvergenceDetectedTime"] = now()
        fields |= {**counters(children), "TuningJobCompletionDetails": details}
        self._registry.change(record, **fields)

    def _finish(self, record: Record, course: Course, *, stopped: bool) -> None:
        fields: dict[str, Any] = {"HyperParameterTuningEndTime": now()}
        if stopped:
            fields["HyperParameterTuningJobStatus"] = "Stopped"
        elif course.values():
            fields["HyperParameterTuningJobStatus"] = "Completed"
        else:
            fields |= {
                "HyperParameterTuningJobStatus": "Failed",
                "FailureReason": all_failed(self.children(record), course.metric),
            }
        seconds = sum(child.detail.get("TrainingTimeInSeconds", 0) for child in self.children(record))
        self._count(record, course, ConsumedResources={"RuntimeInSeconds": seconds}, **fields)
