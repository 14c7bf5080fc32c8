"""What Lambda has to know of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.algorithms.hyperparameters import Choice, Kind, Number, as_text, whole
from chalicelib.algorithms.objectives import Objective, UnsuitableObjectiveError
from chalicelib.algorithms.protocol import Script
from chalicelib.contract.metrics import Task

ACCURACY = Objective("validation:accuracy", maximize=True)
MARGIN = Objective("validation:margin", maximize=True)


class Nearest:
    """See `chalicelib.algorithms.protocol.Algorithm`."""

    title = "Nearest"
    default_ranges: Mapping[str, Mapping[str, Any]] = {
        "shrink": {"min": 0.01, "max": 0.9, "scaling": "Logarithmic"},
        "power": {"min": 1, "max": 3, "scaling": "Linear"},
    }
    early_stopping = True
    script: Script | None = None
    one_container = False
    closed = False
    packed = False
    set_by_sagerelay = frozenset({"classes", "learn", "judge_by"})
    content_types = ("text/csv",)
    metrics: Mapping[str, str] = {
        "validation:margin": r"validation-margin=([0-9.]+)",
        "validation:accuracy": r"validation-accuracy=([0-9.]+)",
    }
    stops_by = frozenset({"patience"})
    serving_environment: Mapping[str, str] = {"ANSWER_AS": "text/csv"}

    def kinds(self) -> Mapping[str, Kind]:
        return {
            "shrink": Number(0, 1, tunable=True),
            "power": whole(1, 4, tunable=True),
            "patience": whole(1),
            "scale": Choice(("none", "unit")),
            "classes": whole(2),
        }

    def objective_names(self) -> frozenset[str]:
        return frozenset({"accuracy", "margin"})

    def contradictions(self, chosen: Mapping[str, str]) -> list[str]:
        both = chosen.get("power") == "1" and chosen.get("scale") == "unit"
        return ['"scale: unit" needs "power" of 2 or more'] if both else []

    def image(self, region: str) -> str:
        return f"123456789012.dkr.ecr.{region}.amazonaws.com/nearest:1"

    def objective(self, name: str, task: Task) -> Objective:
        if task is Task.REGRESSION:
            raise UnsuitableObjectiveError('"algorithm: nearest" learns classes, not numbers')
        return MARGIN if name == "margin" else ACCURACY

    def listed_instead(self, objective: Objective) -> Objective | None:
        return ACCURACY if objective == MARGIN else None

    def static_hyperparameters(
        self,
        task: Task,
        classes: int | None,
        objective: Objective,
        chosen: Mapping[str, Any],
        rows: int | None = None,  # noqa: ARG002
    ) -> dict[str, str]:
        values = {"shrink": 0.1, "power": 2, "patience": 5, **chosen}
        values |= {"classes": classes, "learn": task, "judge_by": objective.metric}
        return {name: as_text(value) for name, value in sorted(values.items())}
