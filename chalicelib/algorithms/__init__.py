"""Which algorithms there are, by the name that relay.yaml's `algorithm` gives them.

An algorithm is a folder here with one class that has what `protocol.Algorithm` asks for, a folder of the same name in
`jobs.algorithms` (how its rows are written, how its importance is read) and one in `local.containers` (what stands in
for its container on a laptop). Nothing else names it: who needs to know something of the algorithm of a run is handed
it, and finds it by a registry. `BUILT_IN` is the registry of this release.

`objectives`, `ranges` and `hyperparameters` are what several share; `images` says where SageMaker's image lies,
`image_metrics` which metrics SageMaker knows of it. `xgboost` is SageMaker's built-in, `auto` our own training script
in its image.

Every start of a Lambda imports this; an algorithm's own package must be as quick, and imports what it knows of
hyperparameters and objectives with the first question.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chalicelib.algorithms.protocol import Algorithm

DEFAULT = "auto"
"""What a relay.yaml means that names no algorithm. A dataset that lives with another one is not trained anew for it."""
FORMER = "xgboost"
"""What is meant where stored settings name none, because their release had no other; and by a relay.yaml that sets
hyperparameters or ranges and no algorithm: they were written for this one."""


class UnknownAlgorithmError(ValueError):
    """No algorithm of that name is offered. The text says which are."""


@dataclass(frozen=True, slots=True)
class Registry:
    """Algorithms by name, each loaded when it is asked for."""

    loaders: Mapping[str, Callable[[], Algorithm]]
    default: str = DEFAULT
    """What a relay.yaml means that names none."""

    def meant_by(self, written: Mapping[str, Any]) -> Any:
        """The algorithm's name that a relay.yaml means, whatever stands there.

        >>> Registry({}, default="auto").meant_by({}), BUILT_IN.meant_by({"hyperparameters": {"eta": 0.1}})
        ('auto', 'xgboost')
        """
        if "algorithm" in written:
            return written["algorithm"]
        tuning = written.get("tuning")
        ranged = isinstance(tuning, dict) and tuning.get("ranges")
        return FORMER if written.get("hyperparameters") or ranged else self.default

    def of(self, settings: Mapping[str, Any]) -> Algorithm:
        """The algorithm that these stored settings choose.

        Raises:
            UnknownAlgorithmError: it is none of these.
        """
        if found := self.if_offered(settings):
            return found
        name = settings.get("algorithm", FORMER)
        raise UnknownAlgorithmError(f"algorithm {name!r:.60} is not offered here; there are: {', '.join(self.loaders)}")

    def if_offered(self, settings: Mapping[str, Any]) -> Algorithm | None:
        """The same; None for one that only another release has."""
        name = settings.get("algorithm", FORMER)
        loader = self.loaders.get(name) if isinstance(name, str) else None
        return loader() if loader else None

    def load(self) -> None:
        """Load every algorithm, with the tables that it would load at the first question."""
        for loader in self.loaders.values():
            algorithm = loader()
            algorithm.kinds()
            algorithm.objective_names()


def _xgboost() -> Algorithm:
    from chalicelib.algorithms.xgboost import XGBoost

    return XGBoost()


def _auto() -> Algorithm:
    from chalicelib.algorithms.auto import Auto

    return Auto()


BUILT_IN = Registry({"xgboost": _xgboost, "auto": _auto})
