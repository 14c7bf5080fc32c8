"""Which algorithms there are, by the name that relay.yaml's `algorithm` gives them.

An algorithm is a folder here with one class that has what `protocol.Algorithm` asks for, a folder of the same name in
`jobs.algorithms` (how its rows are written, how its importance is read) and one in `local.containers` (what stands in
for its container on a laptop). Nothing else names it: who needs to know something of the algorithm of a run is handed
it, and finds it by a registry. `BUILT_IN` is the registry of this release.

`objectives`, `ranges` and `hyperparameters` are what several share; `images` says where SageMaker's image lies,
`image_metrics` which metrics SageMaker knows of it, `directions` whether more or less of a user's own is better,
`several` what holds of a list of them. `xgboost` and `linear_learner` are SageMaker's built-ins, `auto` is our own
training script in XGBoost's image, `script` one of the user's own.

Every start of a Lambda imports this; an algorithm's own package must be as quick, and imports what it knows of
hyperparameters and objectives with the first question.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
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
    own: Mapping[str, Callable[[Mapping[str, Any]], Algorithm]] = field(default_factory=dict)
    """What is made of a mapping, which describes code of the user's own, by its form: `script` or `image`."""

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
        raise UnknownAlgorithmError(self.not_offered(settings.get("algorithm", FORMER)))

    def if_offered(self, settings: Mapping[str, Any]) -> Algorithm | None:
        """The same; None for one that only another release has."""
        chosen = settings.get("algorithm", FORMER)
        if isinstance(chosen, Mapping):
            of_own = self.own.get(form(chosen))
            return of_own(chosen) if of_own else None
        if isinstance(chosen, list):
            return self._several(chosen)
        loader = self.loaders.get(chosen) if isinstance(chosen, str) else None
        return loader() if loader else None

    def _several(self, names: list[str]) -> Algorithm | None:
        found = [one for name in names if (one := self.if_offered({"algorithm": name}))]
        if len(found) < 2 or len(found) < len(names):
            return None
        from chalicelib.algorithms.several import Several

        return Several(tuple(found))

    def title_of(self, name: Any) -> str:
        """What people call the algorithm of this name; the name itself, where only another release has it.

        >>> BUILT_IN.title_of("xgboost"), BUILT_IN.title_of("of-tomorrow")
        ('XGBoost', 'of-tomorrow')
        """
        found = self.if_offered({"algorithm": name})
        return found.title if found else str(name)

    def not_offered(self, chosen: Any) -> str:
        """The sentence about what `if_offered` finds none for."""
        there_are = ", ".join(self.loaders)
        if isinstance(chosen, str):
            return f"algorithm {chosen!r:.60} is not offered here; there are: {there_are}"
        if isinstance(chosen, list):
            lacking = [name for name in chosen if not self.if_offered({"algorithm": name})]
            return self.not_offered(str(lacking[0])) if lacking else "a list of algorithms names at least two"
        return f"an algorithm by its {form(chosen)} is not offered yet; there are: {there_are}"

    def load(self) -> None:
        """Load every algorithm, with the tables that it would load at the first question."""
        for loader in self.loaders.values():
            algorithm = loader()
            algorithm.kinds()
            algorithm.objective_names()


def form(chosen: Any) -> str:
    """Of what kind a mapping's code is: `script` or `image`."""
    return "script" if "script" in chosen else "image"


def called(chosen: Any) -> str:
    """What relay.yaml's `algorithm` is called in sentences and records: what a person wrote of it, in short.

    >>> called("auto"), called({"script": "train.py", "columns": "raw"}), called(["auto", "xgboost"])
    ('auto', '{script: train.py}', '[auto, xgboost]')
    """
    if isinstance(chosen, Mapping):
        return f"{{{form(chosen)}: {chosen.get(form(chosen))}}}"
    return f"[{', '.join(map(str, chosen))}]" if isinstance(chosen, list) else str(chosen)


def _xgboost() -> Algorithm:
    from chalicelib.algorithms.xgboost import XGBoost

    return XGBoost()


def _auto() -> Algorithm:
    from chalicelib.algorithms.auto import Auto

    return Auto()


def _linear_learner() -> Algorithm:
    from chalicelib.algorithms.linear_learner import LinearLearner

    return LinearLearner()


def _script(chosen: Mapping[str, Any]) -> Algorithm:
    from chalicelib.algorithms.script import OwnScript

    return OwnScript(chosen)


BUILT_IN = Registry({"xgboost": _xgboost, "auto": _auto, "linear-learner": _linear_learner}, own={"script": _script})
