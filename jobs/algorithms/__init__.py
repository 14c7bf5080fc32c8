"""What the jobs have to know of an algorithm: which form its rows are written in, and what its trained model used.

Each is a module here (or a folder, where it is long) with a class that has what `Algorithm` asks for; no other package
names one. A job finds that of its run by a registry, which it is handed; `BUILT_IN` is that of this release. What
Lambda has to know of the same algorithm stands in `chalicelib.algorithms`, under the same name. `xgboost` and
`linear_learner` are trained on numbers that prepare encodes; `auto` on typed columns, which its training encodes by
itself; `script` is code of the user's own, on encoded rows. What shares those has it from `rows`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypedDict

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from xgboost import Booster

from jobs.schema import Schema
from jobs.settings import Settings

DEFAULT = "xgboost"
"""The algorithm of settings and models of which nothing else is said: earlier releases had no other."""


class ImportanceError(Exception):
    """The archive holds no model that can be read here; the message is a sentence."""


@dataclass(frozen=True)
class Trained:
    """A model as it answers in this process."""

    scores: Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float64]]
    """Encoded rows (rows, features) to probabilities (rows, classes), or to numbers (rows, 1)."""
    nodes: int
    """About how many nodes of trees an answer walks through."""
    booster: "Booster | None" = None
    """All of it, where it is one booster of XGBoost's."""


class Part(Protocol):
    """Rows of a run, as prepare has typed them."""

    @property
    def labels(self) -> npt.NDArray[Any]:
        """A class's place as an integer, or the number: one a row."""

    def frame(self, start: int = 0, stop: int | None = None) -> Any:
        """The used columns of these rows, or of some of them, as `jobs.encoding.Encoder` takes them."""


class Features(TypedDict, total=False):
    """What schema.json says of encoded rows; nothing where they are encoded in training."""

    features: list[str]
    feature_columns: list[str]


@dataclass(frozen=True)
class Written:
    """What follows from the rows that were written: entries of schema.json, and what is written beside it."""

    features: Features = field(default_factory=Features)
    finish: Callable[[Schema], None] = lambda schema: None  # noqa: ARG005
    """Called once with the complete schema."""


class Algorithm(Protocol):
    """One algorithm."""

    @property
    def content_type(self) -> str:
        """Of the rows it is trained on."""

    def write_rows(self, prepared: Path, train: Part, validation: Part, schema: Schema) -> Written:
        """The rows that a training reads, as files in `train/` and `validation/` of `prepared` and nothing else there,
        because all of it is read. Learns from the training part alone. `schema` lacks what is written last.
        """

    def gain_by_feature(self, archive: Path) -> dict[str, float]:
        """What `archive` (model.tar.gz) gained from each encoded feature it used: by `f` and its place (f0, f1, …) in
        the schema's `features`; not asked where it has none. Raises ImportanceError.
        """

    def trained(self, archive: Path) -> Trained:
        """The model of `archive`, to be asked about rows that its encoder has encoded.

        Raises ImportanceError, also for one that answers no probabilities where there are classes.
        """


@dataclass(frozen=True)
class Registry:
    """Algorithms by the name that relay.yaml gives them, each loaded when it is asked for."""

    loaders: Mapping[str, Callable[[], Algorithm]]

    def of(self, document: Settings | Schema) -> Algorithm:
        """The algorithm that settings or a schema.json name.

        Raises LookupError: it is none of these.
        """
        name = form(document.get("algorithm", DEFAULT))
        loader = self.loaders.get(name) if isinstance(name, str) else None
        if loader is None:
            raise LookupError(f"The algorithm {name!r} is none of {', '.join(self.loaders)}.")
        return loader()


def form(algorithm: object) -> object:
    """The name; of a mapping, which describes code of the user's own, what kind it is of: `script` or `image`."""
    if not isinstance(algorithm, Mapping):
        return algorithm
    return "script" if "script" in algorithm else "image"


def _xgboost() -> Algorithm:
    from jobs.algorithms.xgboost import XGBoost  # xgboost itself takes a second to import, and prepare needs none

    return XGBoost()


def _auto() -> Algorithm:
    from jobs.algorithms.auto import Auto

    return Auto()


def _linear_learner() -> Algorithm:
    from jobs.algorithms.linear_learner import LinearLearner

    return LinearLearner()


def _script() -> Algorithm:
    from jobs.algorithms.script import Script

    return Script()


BUILT_IN = Registry({"xgboost": _xgboost, "auto": _auto, "linear-learner": _linear_learner, "script": _script})
