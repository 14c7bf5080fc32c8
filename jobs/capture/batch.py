"""Rows of captured traffic, typed column by column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from jobs.capture.tally import Tally

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Identified:
    """Which rows these are, on demand: `ids` a pyarrow string array, None where the record has none; `seconds` as the
    batch's."""

    ids: Any
    seconds: Floats


@dataclass(frozen=True)
class Batch:
    """`rows` rows whose records are all answered or all not, and the account of everything read for it.

    `columns`: by name; numbers (rows,) float64 with NaN for missing, everything else a pyarrow dictionary array of
    strings (of a raw shape: string array) with nulls for missing. `predicted`: for classes a pyarrow dictionary array
    whose dictionary is the schema's classes in order, for regression (rows,) float64; None where the answers are not
    known. `probabilities`: (rows, classes) or None. `seconds`: since 1970 of each row's inference, NaN where unknown.
    A batch without rows carries a tally only.
    """

    rows: int
    columns: Mapping[str, Any] = field(default_factory=dict)
    predicted: Any = None
    probabilities: Floats | None = None
    identified: Identified | None = None
    tally: Tally = field(default_factory=Tally)
    seconds: Floats | None = None
