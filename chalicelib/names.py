"""Every name SageRelay gives to a thing in AWS: made here, and parsed back here.

Names are derived from run, step and attempt and never from a clock or a random number: SageMaker refuses a second job
of the same name. A tuning job's may have 32 characters (its children add a suffix), and so a run's id at most 23.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

# No hyphen at the end: it would end the live endpoint's name, which SageMaker refuses.
DATASET_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,28}[a-z0-9])?")
RUN_ID = r"[a-z0-9][a-z0-9-]{0,13}-[0-9a-f]{8}"


class Step(StrEnum):
    """One piece of work in SageMaker that a run waits for."""

    PREPARE = "prepare"
    TUNE = "tune"
    TRAIN = "train"
    COMPARE = "compare"
    PACK = "package"
    CANDIDATE = "candidate"
    EVALUATE = "evaluate"
    LIVE = "live"


_STEP_NAME = re.compile(rf"(?P<run>{RUN_ID})-(?P<step>{'|'.join(Step)})-(?P<attempt>[1-9]\d?)")


@dataclass(frozen=True, slots=True)
class StepName:
    """The name of a job, endpoint or endpoint configuration: `<run>-<step>-<attempt>`.

    >>> str(StepName("churn-1a2b3c4d", Step.TUNE, 1))
    'churn-1a2b3c4d-tune-1'
    >>> StepName.parse("churn-1a2b3c4d-tune-1").step
    <Step.TUNE: 'tune'>
    >>> StepName.parse("churn-1a2b3c4d-tune-1-003-0a1b2c3d") is None  # a child of the tuning job
    True
    """

    run: str
    step: Step
    attempt: int

    def __str__(self) -> str:
        return f"{self.run}-{self.step}-{self.attempt}"

    @classmethod
    def parse(cls, name: str) -> StepName | None:
        """The parts of a name made here, or None for anybody else's."""
        match = _STEP_NAME.fullmatch(name)
        return cls(match["run"], Step(match["step"]), int(match["attempt"])) if match else None


class Kind(StrEnum):
    """What a check of the monitor looks at: live traffic, late labels, a file in test/ or score/, a drill's traffic."""

    DRIFT = "drift"
    QUALITY = "quality"
    TEST = "test"
    DRILL = "drill"
    SCORE = "score"


_CHECK_NAME = re.compile(
    rf"(?P<dataset>{DATASET_NAME.pattern})-(?P<kind>{'|'.join(Kind)})-(?P<ordinal>[1-9]\d{{0,7}})"
    r"-(?P<mark>[0-9a-f]{6})-(?P<attempt>[1-9]\d?)"
)


@dataclass(frozen=True, slots=True)
class CheckName:
    """The name of a check's job: `<dataset>-<kind>-<ordinal>-<mark>-<attempt>`. Ordinals count a dataset's checks.

    The mark stands for the time it began: SageMaker never frees a job's name, and a deployment that is made anew
    counts from one again.

    >>> str(CheckName("churn", Kind.DRIFT, 12, "1f3a9c", 1))
    'churn-drift-12-1f3a9c-1'
    >>> CheckName.parse("churn-drift-12-1f3a9c-1").kind
    <Kind.DRIFT: 'drift'>
    >>> CheckName.parse("churn-1a2b3c4d-tune-1") is None
    True
    """

    dataset: str
    kind: Kind
    ordinal: int
    mark: str
    attempt: int

    def __str__(self) -> str:
        return f"{self.dataset}-{self.kind}-{self.ordinal}-{self.mark}-{self.attempt}"

    @classmethod
    def parse(cls, name: str) -> CheckName | None:
        """The parts of a name made here, or None for anybody else's."""
        match = _CHECK_NAME.fullmatch(name)
        if match is None:
            return None
        return cls(match["dataset"], Kind(match["kind"]), int(match["ordinal"]), match["mark"], int(match["attempt"]))


def fingerprint(
    objects: Sequence[Mapping[str, Any]], settings: Mapping[str, Any], generation: int, deployment: str = ""
) -> str:
    """Sixteen hex digits that stand for these contents under these settings.

    Contents are compared by key and etag, not by version: uploading the same file again changes nothing. `generation`
    counts the dataset's runs, so that data and settings that come back later do not get an old run's id; `deployment`
    is the deployment's own id, so that the same data in another one does not, either.
    """
    contents = sorted((entry["key"], entry["etag"]) for entry in objects)
    made_of = [contents, settings, generation, *([deployment] if deployment else [])]
    text = json.dumps(made_of, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def run_id(dataset: str, print_of_inputs: str) -> str:
    """At most 23 characters: the dataset's name, cut, and eight digits of the fingerprint (of "": what all begin with).

    >>> run_id("customer-churn-emea", "1a2b3c4d5e6f7a8b")
    'customer-churn-1a2b3c4d'
    """
    return f"{dataset[:14].rstrip('-')}-{print_of_inputs[:8]}"


def model(run: str, *, second: bool = False) -> str:
    """The SageMaker model of a run, whatever its attempts; it has a second where a serverless endpoint was refused."""
    return f"{run}-2-model" if second else f"{run}-model"


def live_endpoint(prefix: str, dataset: str) -> str:
    """The endpoint that callers use, the same for every model that serves this dataset."""
    return f"{prefix}-{dataset}"


def dataset_of_endpoint(prefix: str, endpoint: str) -> str | None:
    """The dataset whose live endpoint this is, or None."""
    name = endpoint.removeprefix(f"{prefix}-")
    return name if name != endpoint and DATASET_NAME.fullmatch(name) else None


def package_group(prefix: str, dataset: str) -> str:
    """The model registry's group that holds every version for a dataset."""
    return f"{prefix}-{dataset}"


@dataclass(frozen=True, slots=True)
class RunKeys:
    """Where the files of one run lie in the bucket (docs/formats.md)."""

    run: str

    @property
    def root(self) -> str:
        return f"runs/{self.run}"

    @property
    def inputs(self) -> str:
        return f"{self.root}/inputs.json"

    @property
    def context(self) -> str:
        return f"{self.root}/context.json"

    @property
    def prepared(self) -> str:
        return f"{self.root}/prepared"

    @property
    def schema(self) -> str:
        return f"{self.prepared}/schema.json"

    @property
    def encoder(self) -> str:
        return f"{self.prepared}/encoder/model.tar.gz"

    @property
    def tuning(self) -> str:
        return f"{self.root}/tuning"

    def plan(self, step: Step) -> str:
        """What a script that trains is told: the trials of the tuning, or the training after it."""
        return f"{self.tuning if step is Step.TUNE else self.training}/plan.json"

    @property
    def trials(self) -> str:
        return f"{self.tuning}/trials.json"

    @property
    def training(self) -> str:
        return f"{self.root}/training"

    @property
    def checkpoints(self) -> str:
        return f"{self.root}/checkpoints"

    @property
    def evaluation(self) -> str:
        return f"{self.root}/evaluation"

    @property
    def evaluation_json(self) -> str:
        return f"{self.evaluation}/evaluation.json"

    @property
    def answers(self) -> str:
        return f"{self.evaluation}/answers.json"

    @property
    def report(self) -> str:
        return f"{self.evaluation}/report.html"


@dataclass(frozen=True, slots=True)
class CheckKeys:
    """Where the files of one check lie in the bucket (docs/formats.md)."""

    dataset: str
    kind: Kind
    ordinal: int
    began: datetime

    @property
    def name(self) -> str:
        return f"{self.dataset}-{self.kind}-{self.ordinal}"

    def job(self, attempt: int) -> CheckName:
        """The name of its job."""
        mark = hashlib.sha256(self.began.isoformat().encode()).hexdigest()[:6]
        return CheckName(self.dataset, self.kind, self.ordinal, mark, attempt)

    @property
    def root(self) -> str:
        return f"monitoring/{self.dataset}/{self.began:%Y-%m-%dT%H-%M-%SZ}-{self.kind}-{self.ordinal}"

    @property
    def window(self) -> str:
        return f"{self.root}/window.json"

    @property
    def context(self) -> str:
        return f"{self.root}/context.json"

    @property
    def report(self) -> str:
        return f"{self.root}/report.html"

    @property
    def result(self) -> str:
        files = {Kind.QUALITY: "quality.json", Kind.TEST: "evaluation.json", Kind.SCORE: "scored.json"}
        return f"{self.root}/{files.get(self.kind, 'drift.json')}"


def captured(endpoint: str, variant: str, since: datetime | None = None) -> str:
    """The prefix of an endpoint's capture files; with `since`, the key before the first of that hour's.

    >>> captured("sagerelay-churn", "AllTraffic", datetime(2026, 11, 22, 9, 30))
    'capture/sagerelay-churn/AllTraffic/2026/11/22/09/'
    """
    root = f"capture/{endpoint}/{variant}/"
    return f"{root}{since:%Y/%m/%d/%H}/" if since else root


@dataclass(frozen=True, slots=True)
class DatasetKeys:
    """Where a user puts the files of one dataset."""

    dataset: str

    @property
    def root(self) -> str:
        return f"datasets/{self.dataset}"

    @property
    def settings(self) -> str:
        return f"{self.root}/relay.yaml"

    @property
    def train(self) -> str:
        return f"{self.root}/train/"

    @property
    def test(self) -> str:
        return f"{self.root}/test/"

    @property
    def labels(self) -> str:
        return f"{self.root}/labels/"
