"""What the relay asks of an algorithm: all that it needs to know to check settings and to make requests.

Facts are properties, cheap to read; what takes a table to answer is a method.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from chalicelib.algorithms.hyperparameters import Kind
from chalicelib.algorithms.objectives import Objective
from chalicelib.contract.metrics import Task


@dataclass(frozen=True, slots=True)
class Script:
    """A program of ours that an image runs in place of the algorithm that is in it (script mode).

    Beside the rows it is given the deployment's code, the schema of the rows, and plan.json, which says what to do
    (docs/formats.md), as channels of the names `code`, `schema` and `plan`.
    """

    hyperparameters: Mapping[str, str]
    """What tells the image which program it is, and where it lies."""
    environment: Mapping[str, str]
    is_the_users: bool = False
    """Whether it is the user's own, as it was pinned for the run, and decides nothing that relay.yaml's `decision`
    says."""


class Algorithm(Protocol):
    """One algorithm."""

    # --- settings

    @property
    def title(self) -> str:
        """What people call it, in sentences."""

    @property
    def default_ranges(self) -> Mapping[str, Mapping[str, Any]]:
        """What is tuned where relay.yaml gives no ranges: `min`, `max`, `scaling` (or `values`) by hyperparameter."""

    @property
    def early_stopping(self) -> bool:
        """Whether the tuner may stop trials early where relay.yaml does not say."""

    @property
    def set_by_sagerelay(self) -> frozenset[str]:
        """Hyperparameters that follow from the task and the tuning objective."""

    def kinds(self) -> Mapping[str, Kind]:
        """Every hyperparameter whose values are known, and what it may be; those that SageRelay sets among them."""

    def objective_names(self) -> frozenset[str]:
        """Every objective a person may ask for; whether it suits the task is known only when the data is."""

    def contradictions(self, chosen: Mapping[str, str]) -> list[str]:
        """A sentence for each hyperparameter that is right by itself and wrong beside the others."""

    # --- requests

    @property
    def content_types(self) -> tuple[str, ...]:
        """The forms of encoded rows that its training reads; `jobs.algorithms` writes one of them."""

    @property
    def metrics(self) -> Mapping[str, str]:
        """The regular expressions by which SageMaker finds the metrics in its log, by the metric's name; none of an
        algorithm of SageMaker's own, which has them."""

    @property
    def stops_by(self) -> frozenset[str]:
        """Hyperparameters with which a training ends itself early: not for trials that the tuner itself stops."""

    @property
    def serving_environment(self) -> Mapping[str, str]:
        """The environment of its container, as far as it is its own. In a pipeline: CSV in, scores out."""

    @property
    def script(self) -> Script | None:
        """The program of ours that trains, and decides between two classes as relay.yaml's `decision` says; None for an
        algorithm that is its image's own."""

    @property
    def one_container(self) -> bool:
        """Whether one container serves what it trained: raw rows in, labels out. Otherwise it stands between encoder
        and decoder."""

    @property
    def packed(self) -> bool:
        """Whether that container takes an archive which a step after the training makes, of what was trained and of its
        encoder (`jobs.pack`)."""

    @property
    def closed(self) -> bool:
        """Whether nothing but its own image can ask what it trained, so that no job of ours can."""

    def image(self, region: str) -> str:
        """The image that trains and serves, by its URI. Raises LookupError where it is not offered."""

    def objective(self, name: str, task: Task) -> Objective:
        """The objective of this name for this task; "auto" takes the task's default. Raises UnsuitableObjectiveError
        with a sentence for whoever asked for it."""

    def listed_instead(self, objective: Objective) -> Objective | None:
        """The nearest objective that AWS documents; None for one that it documents itself."""

    def static_hyperparameters(
        self,
        task: Task,
        classes: int | None,
        objective: Objective,
        chosen: Mapping[str, Any],
        rows: int | None = None,
    ) -> dict[str, str]:
        """All hyperparameters of a training but the tuned ones, as the strings SageMaker wants. `rows`: of the training
        part, where that is known. Raises UnsuitableObjectiveError for what is chosen and does not suit the task."""
