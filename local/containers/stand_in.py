"""What this cloud asks of a stand-in for an algorithm's container."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from local.containers.kinds import Kind
from local.containers.reply import Container


@dataclass(frozen=True)
class Metadata:
    """What SageMaker knows of an algorithm of its own, before the container runs."""

    kinds: Mapping[str, Kind]
    tunable: frozenset[str]
    required: frozenset[str]
    objectives: Mapping[str, str]
    """What it can be tuned for, and which way: Maximize or Minimize."""
    printed: str = ""
    """A regular expression for what it prints of its metrics, with the groups channel, metric and value."""
    expressions: Mapping[str, str] = field(default_factory=dict)
    """The same by the metric's name, as a request's MetricDefinitions have it, where SageMaker has one for each."""


class StandIn(Protocol):
    """One algorithm's container."""

    @property
    def image(self) -> str:
        """Repository and tag."""

    @property
    def module(self) -> str:
        """Its own, by which another process finds it."""

    @property
    def training(self) -> str:
        """The module that trains, as a command with `--root` for /opt/ml."""

    def metadata(self) -> Metadata | None:
        """What SageMaker knows of it; None of somebody's own, whose requests say how its metrics are found."""

    def install(self, model_dir: Path, environment: Mapping[str, str]) -> None:
        """What a serving container does before anything else, once for all workers; what it has to import among it.
        Raises UserError."""

    def serve(self, model_dir: Path, environment: Mapping[str, str]) -> Container:
        """The service, its model loaded. Raises UserError."""
