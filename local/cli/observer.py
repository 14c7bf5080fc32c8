"""Look at the relay from outside, as a user of AWS could: DynamoDB for the records, SageMaker for what is in flight.

It only reads, remembers what has ended (so that each look asks for little), and keeps no clock. A thing that is not
there yet, or not any more, is no error: the relay is at work while we look.
"""

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from chalicelib import names
from chalicelib.aws.store import Store
from chalicelib.contract import metrics
from chalicelib.monitoring.record import Monitor
from chalicelib.names import Step, StepName
from chalicelib.records.events import JobRecord
from chalicelib.records.run import STEP_OF, Run
from local.cli.progress import Figure, Progress, Search, Trial, Work

Described = tuple[str, datetime, datetime | None, str | None]
"""Status, start, end and reason of failure."""


class Observer:
    """Sees one deployment through its clients.

    `client` gives a boto3 client by service name; `prefix` begins the names of the live endpoints.
    """

    def __init__(self, client: Callable[[str], Any], *, bucket: str, table: str, prefix: str = "sagerelay") -> None:
        self._s3, self._sagemaker = client("s3"), client("sagemaker")
        self._store = Store(client("dynamodb"), table)
        self._bucket, self._prefix = bucket, prefix
        self._seen: dict[str, dict[str, Work]] = {}
        self._over = set[str]()  # runs seen to be over, whatever becomes of the dataset later, as in a rollback
        self._searches: dict[str, Search] = {}  # of tunings that have ended: they change no more

    def datasets(self) -> list[str]:
        """The names of all datasets in the bucket."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix="datasets/", Delimiter="/"
        )
        return [entry["Prefix"].split("/")[1] for page in pages for entry in page.get("CommonPrefixes", [])]

    def look(self, dataset: str) -> Progress:
        """What can be seen of the dataset's newest run; an empty progress before there is one."""
        record = self._store.dataset(dataset)
        identity = record.active or (record.last.run if record.last else None)
        run = self._store.run(identity) if identity else None
        if run is None:
            return Progress()
        works = self._works(run)
        if run.stage.ended and record.active is None and not record.pending:
            self._over.add(run.id)
        tuning = next((work for work in reversed(works) if work.step is Step.TUNE), None)
        return Progress(
            run=run.id,
            stage=run.stage.value,
            reason=_reason(run),
            over=run.id in self._over,
            works=works,
            search=self._search_of(tuning) if tuning else None,
            figures=_figures(run),
        )

    def monitor(self, dataset: str) -> Monitor:
        """How the dataset's live model is monitored; a blank record before there is one."""
        return self._store.monitor(dataset)

    def _works(self, run: Run) -> tuple[Work, ...]:
        """Every job and endpoint of the run seen so far, oldest first; attempts that failed stay in the picture."""
        seen = self._seen.setdefault(run.id, {})
        for job in run.jobs:
            if job.started is not None and not (job.name in seen and seen[job.name].finished):
                seen[job.name] = Work(job.step, job.name, self._status(job), job.started, job.ended)
        in_flight = STEP_OF.get(run.stage)
        if in_flight is not None:
            name = str(StepName(run.id, in_flight, run.attempt))
            before = seen.get(name)
            if before is None or not before.finished:
                described = self._live(run, name) if in_flight is Step.LIVE else self._describe(name, in_flight)
                if described is not None:
                    status, start, end, why = described
                    seen[name] = Work(in_flight, name, status, before.started if before else start, end, why)
        return tuple(seen.values())

    def _status(self, job: JobRecord) -> str:
        described = None if job.step is Step.LIVE else self._describe(job.name, job.step)
        return described[0] if described else "InService"  # a candidate that is gone has done its work

    def _describe(self, name: str, step: Step) -> Described | None:
        try:
            return _DESCRIBE[step](self._sagemaker, name)
        except ClientError as error:
            if error.response["Error"]["Code"] in {"ValidationException", "ResourceNotFound"}:
                return None
            raise

    def _live(self, run: Run, configuration: str) -> Described | None:
        """The dataset's endpoint on its way to this run's configuration; before that it serves the predecessor."""
        endpoint = names.live_endpoint(self._prefix, run.dataset)
        described = self._describe(endpoint, Step.LIVE)
        if described is None:
            return None
        current = self._sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"]
        return described if current == configuration else ("Updating", run.updated, None, None)

    def _search_of(self, tuning: Work) -> Search:
        if tuning.name not in self._searches:
            search = self._search(tuning.name)
            if not tuning.finished:
                return search
            self._searches[tuning.name] = search
        return self._searches[tuning.name]

    def _search(self, name: str) -> Search:
        job = self._sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
        config = job["HyperParameterTuningJobConfig"]
        objective = config["HyperParameterTuningJobObjective"]
        ranges = frozenset(entry["Name"] for group in config["ParameterRanges"].values() for entry in group)
        pages = self._sagemaker.get_paginator("list_training_jobs_for_hyper_parameter_tuning_job").paginate(
            HyperParameterTuningJobName=name, SortBy="CreationTime", SortOrder="Ascending"
        )
        trials = tuple(_trial(entry, ranges) for page in pages for entry in page["TrainingJobSummaries"])
        return Search(
            metric=objective["MetricName"].removeprefix("validation:"),
            maximize=objective["Type"] == "Maximize",
            most=config["ResourceLimits"].get("MaxNumberOfTrainingJobs") or _grid(config["ParameterRanges"]),
            trials=trials,
        )


def _grid(ranges: Mapping[str, list[dict[str, Any]]]) -> int:
    """How many trials a grid has, which is tried whole: the product of its choices."""
    return math.prod(len(choice["Values"]) for choice in ranges.get("CategoricalParameterRanges", ()))


def _processing(sagemaker: Any, name: str) -> Described:
    job = sagemaker.describe_processing_job(ProcessingJobName=name)
    why = job.get("ExitMessage") or job.get("FailureReason")
    return job["ProcessingJobStatus"], job["CreationTime"], job.get("ProcessingEndTime"), why


def _tuning(sagemaker: Any, name: str) -> Described:
    job = sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    end = job.get("HyperParameterTuningEndTime")
    return job["HyperParameterTuningJobStatus"], job["CreationTime"], end, job.get("FailureReason")


def _training(sagemaker: Any, name: str) -> Described:
    job = sagemaker.describe_training_job(TrainingJobName=name)
    return job["TrainingJobStatus"], job["CreationTime"], job.get("TrainingEndTime"), job.get("FailureReason")


def _endpoint(sagemaker: Any, name: str) -> Described:
    endpoint = sagemaker.describe_endpoint(EndpointName=name)
    status, changed = endpoint["EndpointStatus"], endpoint["LastModifiedTime"]
    settled = status in {"InService", "Failed"}
    start = changed if status in {"Updating", "SystemUpdating"} else endpoint["CreationTime"]
    return status, start, changed if settled else None, endpoint.get("FailureReason")


_DESCRIBE: Mapping[Step, Callable[[Any, str], Described]] = {
    Step.PREPARE: _processing,
    Step.TUNE: _tuning,
    Step.TRAIN: _training,
    Step.PACK: _processing,
    Step.CANDIDATE: _endpoint,
    Step.COMPARE: _processing,
    Step.EVALUATE: _processing,
    Step.LIVE: _endpoint,
}


def _trial(summary: Mapping[str, Any], tuned: frozenset[str]) -> Trial:
    objective = summary.get("FinalHyperParameterTuningJobObjectiveMetric") or {}
    start, end = summary.get("TrainingStartTime"), summary.get("TrainingEndTime")
    return Trial(
        name=summary["TrainingJobName"],
        status=summary["TrainingJobStatus"],
        objective=objective.get("Value"),
        seconds=(end - start).total_seconds() if start and end else None,
        hyperparameters={k: v for k, v in summary.get("TunedHyperParameters", {}).items() if k in tuned},
    )


def _reason(run: Run) -> str | None:
    if run.failure is not None:
        return f"{run.failure.reason} {run.failure.advice}".strip()
    return run.verdict.reason if run.verdict is not None else run.waiting_for


def _figures(run: Run) -> tuple[Figure, ...]:
    if run.evaluation is None or run.problem is None:
        return ()
    measured, known = run.evaluation.get("metrics") or {}, metrics.told(run.evaluation, run.problem.task)
    live = (run.evaluation.get("live") or {}).get("metrics") or {}
    naive = run.evaluation.get("naive") or {}
    return tuple(
        Figure(
            name=known[name].title,
            format=known[name].format,
            value=measured[name].get("value"),
            reach=known[name].reach(measured[name]),
            naive=naive.get(name),
            live=(live.get(name) or {}).get("value"),
        )
        for name in known.headlines
        if name in measured
    )
