"""Who is measured: by name, which process trains it, in which environment, and whether it gets the seconds of ours."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import peers

_ENVIRONMENTS = Path(__file__).parent / "environments"
OURS = "ours"


@dataclass(frozen=True)
class Entrant:
    """`limited`: it is told to end after as many seconds as ours took on the same rows."""

    runner: str
    environment: str | None = "trees"
    limited: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)

    def python(self) -> Path:
        """Its Python; the environment is made when it is not there. Ours is the project's own."""
        if self.environment is None:
            return Path(sys.executable)
        return peers.environment(f"models-{self.environment}", _ENVIRONMENTS / f"{self.environment}.txt")


ENTRANTS: dict[str, Entrant] = {
    OURS: Entrant("ours", None),
    "lightgbm": Entrant("light_gbm"),
    "catboost": Entrant("cat_boost"),
    "histgb": Entrant("hist_gb"),
    "flaml": Entrant("flaml_automl", limited=True),
    "autogluon_medium": Entrant("auto_gluon", "autogluon", limited=True, options={"preset": "medium_quality"}),
    "autogluon_good": Entrant("auto_gluon", "autogluon", limited=True, options={"preset": "good_quality"}),
    "linear": Entrant("linear"),
    "platt": Entrant("platt"),
}
TREES = ("lightgbm", "catboost", "histgb")
"""Whose best ours is to beat."""
AUTOML = ("flaml", "autogluon_medium", "autogluon_good")
