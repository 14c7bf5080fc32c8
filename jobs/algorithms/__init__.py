"""What the jobs have to know of an algorithm: which form its rows are written in, and what its trained model used.

Each is a module here (or a folder, where it is long) with a class that has what `Algorithm` asks for; no other package
names one. A job finds that of its run by a registry, which it is handed; `BUILT_IN` is that of this release. What
Lambda has to know of the same algorithm stands in `chalicelib.algorithms`, under the same name. `xgboost` is the one of
this release.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

DEFAULT = "xgboost"
"""The algorithm of settings and models of which nothing else is said: earlier releases had no other."""


class ImportanceError(Exception):
    """The archive holds no model whose gains can be read; the message is a sentence."""


class Algorithm(Protocol):
    """One algorithm."""

    @property
    def content_type(self) -> str:
        """Of the rows it is trained on."""

    def write_rows(self, folder: Path, labels: npt.NDArray[np.float64], matrix: npt.NDArray[np.float32]) -> None:
        """The encoded rows of a channel, as files in `folder` and nothing else, because all of it is read."""

    def gain_by_feature(self, archive: Path) -> dict[str, float]:
        """What `archive` (model.tar.gz) gained from each encoded feature it used: by `f` and its place (f0, f1, …).

        Raises ImportanceError.
        """


@dataclass(frozen=True)
class Registry:
    """Algorithms by the name that relay.yaml gives them, each loaded when it is asked for."""

    loaders: Mapping[str, Callable[[], Algorithm]]

    def of(self, document: Mapping[str, Any]) -> Algorithm:
        """The algorithm that settings or a schema.json name.

        Raises LookupError: it is none of these.
        """
        name = document.get("algorithm", DEFAULT)
        loader = self.loaders.get(name) if isinstance(name, str) else None
        if loader is None:
            raise LookupError(f"The algorithm {name!r} is none of {', '.join(self.loaders)}.")
        return loader()


def _xgboost() -> Algorithm:
    from jobs.algorithms.xgboost import XGBoost  # xgboost itself takes a second to import, and prepare needs none

    return XGBoost()


BUILT_IN = Registry({DEFAULT: _xgboost})
