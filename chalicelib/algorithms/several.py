"""Several algorithms at once, as far as relay.yaml and a plan have to know of them before each has a leg of its own.

A run over several tunes and trains one after the other (`chalicelib.relay.legs`), and asks each by itself for whatever
goes to SageMaker. Here is what holds of all of them together: what may be written beside a list.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from chalicelib.algorithms.hyperparameters import Kind
    from chalicelib.algorithms.objectives import Objective
    from chalicelib.algorithms.protocol import Algorithm, Script
    from chalicelib.contract.metrics import Task


class Several:
    """See `chalicelib.algorithms.protocol.Algorithm`."""

    default_ranges: Mapping[str, Mapping[str, Any]] = {}
    """Each has its own."""
    early_stopping = True
    """Of those that it suits: see `chalicelib.settings.several`."""
    metrics: Mapping[str, str] = {}
    stops_by: frozenset[str] = frozenset()
    serving_environment: Mapping[str, str] = {}

    def __init__(self, each: tuple[Algorithm, ...]) -> None:
        """`each`: two or more."""
        self.each = each

    @property
    def title(self) -> str:
        return " and ".join(one.title for one in self.each)

    @property
    def set_by_sagerelay(self) -> frozenset[str]:
        return frozenset().union(*(one.set_by_sagerelay for one in self.each))

    @property
    def content_types(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for one in self.each for name in one.content_types))

    @property
    def script(self) -> Script | None:
        """Only where each has one, because a decision that some would not follow is none."""
        return self.each[0].script if all(one.script for one in self.each) else None

    @property
    def one_container(self) -> bool:
        return all(one.one_container for one in self.each)

    @property
    def packed(self) -> bool:
        return any(one.packed for one in self.each)

    @property
    def closed(self) -> bool:
        return any(one.closed for one in self.each)

    def kinds(self) -> Mapping[str, Kind]:
        return {}

    def objective_names(self) -> frozenset[str]:
        """Those that all of them have."""
        return frozenset.intersection(*(one.objective_names() for one in self.each))

    def contradictions(self, chosen: Mapping[str, str]) -> list[str]:  # noqa: ARG002
        return []

    def image(self, region: str) -> NoReturn:  # noqa: ARG002
        _one_at_a_time()

    def objective(self, name: str, task: Task) -> NoReturn:  # noqa: ARG002
        _one_at_a_time()

    def listed_instead(self, objective: Objective) -> NoReturn:  # noqa: ARG002
        _one_at_a_time()

    def static_hyperparameters(
        self,
        task: Task,  # noqa: ARG002
        classes: int | None,  # noqa: ARG002
        objective: Objective,  # noqa: ARG002
        chosen: Mapping[str, Any],  # noqa: ARG002
        rows: int | None = None,  # noqa: ARG002
    ) -> NoReturn:
        _one_at_a_time()


def _one_at_a_time() -> NoReturn:
    raise TypeError("several algorithms are asked one at a time")
