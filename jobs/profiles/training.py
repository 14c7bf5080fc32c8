"""What the training rows have to do with each other: the `dependence` of baseline.json.

Two things can be known without any id: whether rows came again, and, where the order of time is known, how far its
consecutive blocks lie apart. Made once, by prepare, from the rows that the baseline counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from jobs.documents.baseline import Dependence
from jobs.profiles.clock import Seconds, clock
from jobs.profiles.dependence import MANY_VALUED, is_many_valued, of_repeats
from jobs.profiles.profile import Reference
from jobs.profiles.reach import reaches
from jobs.profiles.row_sample import RowSample

VERSION = 1
_LOOKED_AT = 10_000


def dependence(
    references: Sequence[Reference],
    values: Mapping[str, Any],
    order: Sequence[str] | None = None,
    seconds: Seconds | None = None,
) -> Dependence:
    """Of the rows that the references count; `values` by name, in order of the time of the columns `order`, if any.

    `seconds`: since 1970 of each row, where the order is that of a column of dates.
    """
    rows = max((len(values[one.name]) for one in references), default=0)
    many_valued = _many_valued(references, values)
    effects = of_repeats(RowSample.none(references, many_valued).add(rows, values))
    repeats = {
        one.name: [round(effect.values, 3), round(effect.missing, 3)]
        for one, effect in zip(references, effects, strict=True)
        if max(effect.values, effect.missing) > 1
    }
    return {
        "version": VERSION,
        "many_valued": many_valued,
        "repeats": repeats,
        "order": list(order) if order else None,
        "reach": reaches(references, values) if order else [],
        "clock": clock(references, values, order[0], seconds) if order and seconds is not None else None,
    }


def _many_valued(references: Sequence[Reference], values: Mapping[str, Any]) -> list[str]:
    """At most so many columns, spread over all there are."""
    found = []
    for one in references:
        if one.is_numeric:
            cells = np.asarray(values[one.name], dtype=np.float64)
            if is_many_valued(cells[:: max(1, len(cells) // _LOOKED_AT)]):
                found.append(one.name)
    step = max(1.0, len(found) / MANY_VALUED)
    return [found[int(place * step)] for place in range(min(len(found), MANY_VALUED))]
