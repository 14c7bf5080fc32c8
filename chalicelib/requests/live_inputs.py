"""What a job is given of the model in service, or of the best earlier one, which somebody may have deleted since.

SageMaker fails a job for which there is nothing at one of its inputs. So what its script can go without is left out;
the argument that names it stays, and tells the script that there was such a thing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.transform_names import FIRST_ANSWER

_IS_NEEDED: Mapping[str, Mapping[str, bool]] = {
    "jobs.prepare": {"live": False},
    "jobs.evaluate": {"live": False, "best": False, "best-encoder": False, "answered-live": False},
    "jobs.drift": {"schema": True, "baseline": True, "constraints": True, "answers": False, "evaluation": False},
    "jobs.ground_truth": {"schema": True, "evaluation": True, "before": False, "before-encoder": False},
    "jobs.evaluate.uploaded": {"prepared": True, "model": True, "evaluation": True},
    "jobs.score": {"prepared": True, "model": True},
}
"""By script: the inputs that are an earlier run's, and whether it cannot do without."""


@dataclass(frozen=True, slots=True)
class LiveInput:
    """One of them."""

    name: str
    uri: str
    is_needed: bool

    @property
    def proof(self) -> str:
        """The object that shows that it is there: of a folder, the first answer that a batch transform leaves."""
        return f"{self.uri}{FIRST_ANSWER}" if self.uri.endswith("/") else self.uri


def of_the_live_model(request: Mapping[str, Any]) -> list[LiveInput]:
    """What a CreateProcessingJob gives of the model in service."""
    needed = _IS_NEEDED.get(request["AppSpecification"]["ContainerEntrypoint"][-1], {})
    given = ((entry["InputName"], entry["S3Input"]["S3Uri"]) for entry in request["ProcessingInputs"])
    return [LiveInput(name, uri, needed[name]) for name, uri in given if name in needed]


def without(request: Mapping[str, Any], lost: Collection[str]) -> dict[str, Any]:
    """The request without these inputs."""
    kept = [entry for entry in request["ProcessingInputs"] if entry["InputName"] not in lost]
    return {**request, "ProcessingInputs": kept}
