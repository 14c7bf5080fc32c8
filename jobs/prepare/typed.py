"""One column, read: its kind, its values, and what schema.json says about it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from jobs.schema import OfKind
from jobs.tables.words import Words


@dataclass(frozen=True)
class Typed:
    """One column, read. `numbers` for numeric and boolean, `moments` for dates (one a row), `words` for the others.

    `facts` are the further entries of schema.json for its kind.
    """

    name: str
    kind: str
    missing: int
    distinct: int
    numbers: npt.NDArray[np.float64] | None = None
    moments: npt.NDArray[np.datetime64] | None = None
    words: Words | None = None
    used: bool = True
    why_unused: str | None = None
    facts: OfKind = field(default_factory=OfKind)

    def unused(self, kind: str, why: str) -> Typed:
        return replace(self, kind=kind, used=False, why_unused=why)
